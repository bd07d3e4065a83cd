-- Invitations, and what e-mails about an event carry for the calendar.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
UPDATE laurel.users SET full_name = 'Lea "Lea" Größe^' WHERE id = tests.person('learner');
UPDATE laurel.users SET full_name = 'Tom; Trainer' WHERE id = tests.person('trainer');
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('yoga'), tests.acme(), 'Yoga');
INSERT INTO laurel.events (id, organization_id, activity_id, title, facilitator_id, created_at, scheduled_date, ends_at, max_participants)
SELECT tests.person(name), tests.acme(), tests.person('yoga'), name, tests.person('trainer'), now() - interval '30 days', now() + start, now() + start + interval '1 hour', 1
FROM (VALUES ('yoga', '1 day'::interval), ('full', '2 days'), ('over', '-1 day'), ('off', '3 days')) v (name, start);
UPDATE laurel.events SET status = 'cancelled' WHERE title = 'off';
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '0.1.0', 'laurel+mail@acme.test');
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000002', 'here', 2, '0.1.0');
CREATE FUNCTION pg_temp.invited(event text, VARIADIC people text[]) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('SELECT laurel.invite_to_event(%L, %L)', tests.person(event), (SELECT array_agg(tests.person(p)) FROM unnest(people) p)))
$$;
CREATE FUNCTION pg_temp.states() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', e.title, split_part(u.email, '@', 1), p.rsvp_status), ', ' ORDER BY e.title, u.email)
    FROM laurel.participations p JOIN laurel.events e ON e.id = p.event_id JOIN laurel.users u ON u.id = p.user_id
$$;
-- The e-mails that are due, claimed one by one.
CREATE FUNCTION pg_temp.mails(worker int DEFAULT 1) RETURNS SETOF jsonb LANGUAGE sql AS $$
    SELECT message FROM laurel_internal.claim_deliveries(format('f0000000-0000-0000-0000-00000000000%s', worker)::uuid, 100, channels => '{email}') ORDER BY message ->> 'to'
$$;
CREATE FUNCTION pg_temp.lines(ics text, pattern text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(line, ' ' ORDER BY no) FROM regexp_split_to_table(replace(ics, E'\r\n ', ''), E'\r\n') WITH ORDINALITY l (line, no) WHERE line ~ pattern
$$;

-- Who invites whom.
SELECT tests.act_as_learner();
SELECT is(pg_temp.invited('yoga', 'learner'), '42501', 'members invite nobody');
SELECT tests.act_as_bolt_admin();
SELECT is(pg_temp.invited('yoga', 'learner'), '42501', 'nor do those of another organization');
SELECT tests.act_as_trainer();
SELECT is(laurel.invite_to_event(tests.person('yoga'), ARRAY[tests.person('learner'), NULL, tests.person('learner')]), 1, 'the facilitator does, each once');
SELECT is(laurel.invite_to_event(tests.person('yoga'), ARRAY[tests.person('learner')]), 0, 'and again changes nothing');
SELECT is(laurel.invite_to_event(tests.person('yoga'), '{}'), 0, 'nobody is nobody');
SELECT is(pg_temp.invited('over', 'learner'), '23514 participations_event_open', 'to what is over nobody is invited');
SELECT is(pg_temp.invited('off', 'learner'), '23514 participations_event_id_required', 'nor to what is cancelled');
SELECT is(tests.error_of(format('SELECT laurel.invite_to_event(%L, NULL)', tests.person('yoga'))), '22004', 'no users');
SELECT is(tests.error_of(format('SELECT laurel.invite_to_event(NULL, %L)', '{}')), '22004', 'no event');
SELECT is(tests.error_of(format('SELECT laurel.invite_to_event(%L, array_fill(laurel.uid(), ARRAY[1001]))', tests.person('yoga'))), '22023', 'too many at once');
SELECT tests.act_as_admin();
SELECT is(laurel.invite_to_event(tests.person('full'), ARRAY[tests.person('learner'), tests.person('trainer')]), 2, 'administrators do');
SELECT is(tests.error_of(format('SELECT laurel.invite_to_event(%L, ARRAY[%L::uuid])', tests.person('full'), tests.person('bolt_admin'))), '23503 participations_membership_fkey', 'members alone are invited');
SELECT is(tests.error_of('SELECT laurel.invite_to_event(gen_random_uuid(), ''{}'')'), '42501', 'what is not there is nobody''s');
SELECT tests.act_as_owner();
SELECT is(tests.error_of('SELECT laurel.invite_to_event(gen_random_uuid(), ''{}'')'), '23503 participations_event_id_fkey', 'and is told those who may know');
SELECT is((SELECT string_agg(title || places_taken || waiting_count, ' ' ORDER BY title) FROM laurel.events WHERE title IN ('full', 'yoga')), 'full00 yoga00', 'an invitation takes no place');
SELECT tests.invite('trainer', tests.bolt());
SELECT tests.act_as(tests.person('trainer'), tests.bolt());
SELECT is(pg_temp.invited('yoga', 'other'), '42501', 'who looks after it does nothing there while another organization is the active one');
SELECT tests.act_as_learner();
SELECT set_config('tests.feed', laurel.create_calendar_feed(), true) IS NULL AS none \g /dev/null
SELECT unalike(laurel.calendar_feed(current_setting('tests.feed')), '%BEGIN:VEVENT%', 'who has not answered has it in no calendar that is fetched');
SELECT tests.act_as_owner();

-- The e-mails.
CREATE TEMP TABLE mails AS SELECT * FROM pg_temp.mails() WITH ORDINALITY m (mail, no);
SELECT is((SELECT string_agg(concat_ws(' ', split_part(mail ->> 'to', '@', 1), mail ->> 'subject'), ', ' ORDER BY mail ->> 'subject', mail ->> 'to') FROM mails),
    'learner Invitation: full, trainer Invitation: full, learner Invitation: yoga', 'one e-mail each');
CREATE FUNCTION pg_temp.carried(recipient text, subject text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT mail -> 'attachments' -> 0 FROM mails WHERE mail ->> 'to' LIKE recipient || '@%' AND mail ->> 'subject' = carried.subject
$$;
SELECT is(pg_temp.carried('learner', 'Invitation: yoga') - 'text', '{"filename": "invite.ics", "content_type": "application/ics", "alternative": "text/calendar; method=REQUEST"}', 'carries the event');
SELECT is(pg_temp.lines(pg_temp.carried('learner', 'Invitation: yoga') ->> 'text', '^(METHOD|UID|SEQUENCE|STATUS|SUMMARY|ORGANIZER|ATTENDEE)'),
    'METHOD:REQUEST UID:' || tests.person('yoga') || '@laurel SEQUENCE:0 STATUS:CONFIRMED SUMMARY:yoga ORGANIZER;CN="Tom; Trainer":mailto:laurel+mail@acme.test'
    || ' ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE;CN="Lea ^''Lea^'' Größe^^":mailto:' || (SELECT email FROM laurel.users WHERE id = tests.person('learner')),
    'for its recipient alone, with the sender of mail');
SELECT unalike(pg_temp.carried('learner', 'Invitation: full')::text, '%' || (SELECT email FROM laurel.users WHERE id = tests.person('trainer')) || '%', 'nobody else''s address is in it');

-- Invited again after the invitation was thrown away: nobody is told twice.
DELETE FROM laurel.participations WHERE user_id = tests.person('learner') AND event_id = tests.person('yoga');
SELECT is(laurel.invite_to_event(tests.person('yoga'), ARRAY[tests.person('learner')]), 1, 'an invitation that is gone is made anew');
SELECT is((SELECT count(*) FROM pg_temp.mails()), 0::bigint, 'and told once');

-- Answers.
SELECT tests.act_as_learner();
UPDATE laurel.participations SET rsvp_status = 'going';
SELECT is(tests.error_of('UPDATE laurel.participations SET rsvp_status = ''invited'''), '23514 participations_rsvp_status_steps', 'who has answered is invited no more');
SELECT tests.act_as_owner();
UPDATE laurel.participations SET rsvp_status = 'going' WHERE user_id = tests.person('trainer');
SELECT is(pg_temp.states(), 'full learner going, full trainer waitlisted, yoga learner going', 'an answer takes a place, or waits');

-- The state is that of the claim: moved twice, then answered otherwise.
UPDATE laurel.events SET scheduled_date = scheduled_date + interval '1 hour', ends_at = ends_at + interval '1 hour' WHERE title = 'yoga';
UPDATE laurel.events SET location = 'Hall; 2' WHERE title = 'yoga';
UPDATE laurel.participations SET rsvp_status = 'maybe' WHERE event_id = tests.person('yoga');
SELECT is((SELECT array_agg(pg_temp.lines(m -> 'attachments' -> 0 ->> 'text', '^(METHOD|SEQUENCE|LOCATION)') || substring(m::text FROM 'PARTSTAT=([A-Z]+)')) FROM pg_temp.mails() m),
    array_fill('METHOD:REQUEST SEQUENCE:2 LOCATION:Hall\; 2TENTATIVE'::text, ARRAY[2]), 'both e-mails say how it is when they are claimed');
DELETE FROM laurel.participations WHERE event_id = tests.person('full') AND user_id = tests.person('learner');
SELECT is((SELECT array_agg(m ->> 'subject' || substring(m::text FROM 'PARTSTAT=([A-Z]+)')) FROM pg_temp.mails() m), '{"There is a place for you: fullACCEPTED"}', 'who gets a place has accepted');
UPDATE laurel.events SET scheduled_date = scheduled_date + interval '1 hour', ends_at = ends_at + interval '1 hour' WHERE title = 'full';
UPDATE laurel.events SET status = 'cancelled' WHERE title = 'full';
SELECT is((SELECT array_agg(m #>> '{attachments,0,alternative}' || ' ' || pg_temp.lines(m -> 'attachments' -> 0 ->> 'text', '^(METHOD|STATUS|SEQUENCE)') ORDER BY m ->> 'subject') FROM pg_temp.mails() m),
    array_fill('text/calendar; method=CANCEL METHOD:CANCEL SEQUENCE:2 STATUS:CANCELLED'::text, ARRAY[2]), 'one that is cancelled takes it out of the calendar, whatever was to be told');

-- Who is not asked gets nothing, whatever a notification says.
CREATE FUNCTION pg_temp.told(data jsonb, worker int DEFAULT 1, recipient text DEFAULT 'learner') RETURNS jsonb LANGUAGE sql AS $$
    SELECT laurel.notify(tests.person(recipient), 'event_moved', 'x', data => data, channels => '{email}');
    SELECT coalesce(m -> 'attachments', '"none"') FROM pg_temp.mails(worker) m
$$;
SELECT is(pg_temp.told(jsonb_build_object('event_id', tests.person('full'))), '"none"', 'an event one is not asked to');
SELECT is(pg_temp.told(data::jsonb), '"none"', data) FROM (VALUES ('{}'), ('{"event_id": "x"}'), ('{"event_id": null}'), ('{"event_id": 5}')) v (data);
SELECT isnt(pg_temp.told(jsonb_build_object('event_id', tests.person('yoga'))), '"none"', 'one is asked to');
SELECT is(pg_temp.told(jsonb_build_object('event_id', tests.person('yoga')), 2), '"none"', 'a worker that has not said where its mail comes from hands out none');
SELECT is(pg_temp.told(jsonb_build_object('event_id', tests.person('yoga')), recipient => 'bolt_admin'), '"none"', 'nor does another organization''s member get it');
SELECT is(laurel_internal.invitation_ics(tests.bolt(), tests.person('learner'), tests.person('yoga'), 'x@y.z'), NULL, 'an event is of its organization');
SELECT tests.act_as_service();
SELECT is(tests.error_of(format('SELECT laurel_internal.invitation_ics(%L, %L, %L, ''x@y.z'')', tests.acme(), tests.person('learner'), tests.person('yoga'))), '42501', 'nobody asks for another''s invitation');
SELECT is(tests.error_of('SELECT laurel_internal.event_attachment(NULL, NULL, NULL, NULL)'), '42501', 'nor for what it is carried in');
SELECT is(tests.error_of('INSERT INTO laurel_internal.mail_attachments VALUES (''x'', ''y'')'), '42501', 'what mail carries is the owner''s to say');
SELECT is(tests.error_of('SELECT laurel_internal.attaches(''x'', ''laurel_internal.event_attachment(uuid, uuid, jsonb, text)'')'), '42501', 'by a function too');
SELECT tests.act_as_owner();

-- What others attach.
CREATE FUNCTION pg_temp.none(text) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
SELECT is(tests.error_of('SELECT laurel_internal.attaches(''x'', ''pg_temp.none(text)'')'), '22023', 'a function of other arguments');
CREATE FUNCTION public.raised(state text) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'own' USING ERRCODE = state; END $$;
CREATE FUNCTION public.carried(organization_id uuid, user_id uuid, data jsonb, mail_from text) RETURNS jsonb LANGUAGE sql AS $$ SELECT CASE WHEN data ? 'broken' THEN query_to_xml('SELECT FROM nothing', true, true, '')::text::jsonb WHEN data ? 'fail' THEN to_jsonb(1 / (data ->> 'fail')::int)
    WHEN data ? 'raise' THEN public.raised(data ->> 'raise')
    WHEN data ? 'length' THEN jsonb_build_array(jsonb_build_object('filename', 'a', 'content_type', 'b', 'text', repeat('x', (data ->> 'length')::int)))
    ELSE nullif(data -> 'carry', 'null') END $$;
SELECT laurel_internal.attaches('event_moved', 'public.carried(uuid, uuid, jsonb, text)');
CREATE FUNCTION pg_temp.ended(data jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found jsonb;
BEGIN
    DELETE FROM laurel.notification_deliveries;
    PERFORM laurel.notify(tests.person('learner'), 'event_moved', 'x', data => data, channels => '{email}');
    SELECT coalesce(m -> 'attachments', '"none"') INTO found FROM pg_temp.mails() m;
    RETURN coalesce(found::text, (SELECT last_error FROM laurel.notification_deliveries WHERE state = 'dead'));
END
$$;
SELECT is(pg_temp.ended('{"carry": [{"filename": "a.txt", "content_type": "text/plain", "text": "x"}]}'), '[{"text": "x", "filename": "a.txt", "content_type": "text/plain"}]', 'goes as it is');
SELECT is(pg_temp.ended('{"carry": null}'), '"none"', 'nothing is nothing');
SELECT alike(pg_temp.ended(data::jsonb), wanted, data) FROM (VALUES ('{"carry": {}}', 'what the type attaches is no array%'), ('{"carry": "x"}', 'what the type attaches is no array%'),
    ('{"carry": ["x"]}', 'what the type attaches is no array%'), ('{"carry": [{"filename": "a", "text": "x"}]}', 'what the type attaches is no array%'),
    ('{"carry": [{"filename": "a", "content_type": "b", "text": "x", "alternative": 5}]}', 'what the type attaches is no array%'), ('{"length": 262144}', 'the attachments of the message would be longer than 256 kB%'), ('{"length": 262000}', '[{%'), ('{"broken": 0}', 'no message: relation "nothing" does not exist%'), ('{"fail": 0}', 'no message: division by zero (22012)'),
    ('{"raise": "21000"}', 'no message: own (XX000)'), ('{"raise": "PT409"}', 'no message: own (XX000)'), ('{"raise": "0A000"}', 'no message: own (XX000)')) v (data, wanted);
ALTER FUNCTION public.carried RENAME TO carries;
SELECT alike(pg_temp.ended('{"carry": null}'), 'the function that says what the type attaches is gone%', 'a function that is gone leaves its mail undone, with the reason');
SELECT * FROM finish();
ROLLBACK;
