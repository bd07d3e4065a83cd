-- Events and who came to them: times, states, what participants are told, what they get.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('yoga'), tests.acme(), 'Yoga');
CREATE FUNCTION pg_temp.event(name text, start interval, points bigint DEFAULT 0) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.events (id, organization_id, activity_id, title, facilitator_id, created_at, scheduled_date, ends_at, points_reward)
    VALUES (tests.person(name), tests.acme(), tests.person('yoga'), name, tests.person('trainer'), now() - interval '30 days', now() + start, now() + start + interval '1 hour', points)
$$;
CREATE FUNCTION pg_temp.presence(event text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', u.email, attendance_status), ', ' ORDER BY u.email) FROM laurel.participations p JOIN laurel.users u ON u.id = p.user_id WHERE event_id = tests.person(event)
$$;
SELECT pg_temp.event('off', '-10 minutes', 30);
SELECT pg_temp.event('now', '-10 minutes', 25), pg_temp.event('soon', '2 hours'), pg_temp.event('tomorrow', '1 day');

-- What an event may be.
SELECT tests.act_as_admin();
CREATE FUNCTION pg_temp.made(columns jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.events (activity_id, title, scheduled_date, ends_at%s) VALUES (%L, %L, %L, %L%s)',
        (SELECT string_agg(', ' || key, '') FROM jsonb_each(columns) WHERE key NOT IN ('title', 'scheduled_date', 'ends_at', 'activity_id')),
        coalesce(columns ->> 'activity_id', tests.person('yoga')::text), coalesce(columns ->> 'title', 'Made'), coalesce(columns ->> 'scheduled_date', (now() + interval '5 days')::text),
        coalesce(columns ->> 'ends_at', (now() + interval '6 days')::text),
        (SELECT string_agg(', ' || quote_nullable(value #>> '{}'), '') FROM jsonb_each(columns) WHERE key NOT IN ('title', 'scheduled_date', 'ends_at', 'activity_id'))))
$$;
SELECT is(pg_temp.made(columns::jsonb), error, columns) FROM (VALUES
    ('{}', 'none'), ('{"title": ""}', '23514 events_title_check'), ('{"scheduled_date": "2020-01-01", "ends_at": "2020-01-02"}', '23514 events_scheduled_date_check'),
    ('{"scheduled_date": "infinity", "ends_at": "infinity"}', '23514 events_ends_at_check'), ('{"ends_at": "2020-01-01"}', '23514 events_ends_at_check'),
    ('{"ends_at": "2999-01-01"}', '23514 events_ends_at_check'), ('{"max_participants": 0}', '23514 events_max_participants_check'),
    ('{"max_participants": null}', 'none'), ('{"max_guests": 21}', '23514 events_max_guests_check'), ('{"check_in_grace": "-1 minute"}', '23514 events_check_in_grace_check'),
    ('{"check_in_grace": "25 hours"}', '23514 events_check_in_grace_check'), ('{"points_reward": -1}', '23514 events_points_reward_check'),
    ('{"facilitator_id": "b0000000-0000-0000-0000-000000000003"}', '23503 events_facilitator_id_fkey'),
    ('{"activity_id": "b0000000-0000-0000-0000-000000000003"}', '23503 events_activity_id_fkey'), ('{"status": "completed"}', '42501'), ('{"places_taken": 3}', '42501'),
    ('{"created_at": "2020-01-01"}', '42501')) v (columns, error);
DELETE FROM laurel.activities;
SELECT is((SELECT string_agg(name || ' ' || status, ', ') FROM laurel.activities), 'Yoga archived', 'an activity that is deleted is archived');
SELECT is(pg_temp.made('{}'), '23514 events_activity_id_required', 'and becomes no events any more');
UPDATE laurel.activities SET status = 'active';
SELECT is(tests.error_of($$ UPDATE laurel.events SET status = 'completed' WHERE title = 'soon' $$), '23514 events_completed_at_check', 'nothing is completed before it began');
SELECT is(tests.error_of($$ UPDATE laurel.events SET activity_id = gen_random_uuid() $$), '42501', 'an event stays an instance of what it is');

-- Who looks after an event.
SELECT tests.act_as_learner();
UPDATE laurel.events SET title = 'mine';
DELETE FROM laurel.events;
SELECT is((SELECT count(*) FROM laurel.events WHERE title = 'mine' OR status = 'cancelled'), 0::bigint, 'members change no events');
SELECT tests.act_as_trainer();
UPDATE laurel.events SET location = 'Hall 1' WHERE title = 'tomorrow';
SELECT is((SELECT location FROM laurel.events WHERE title = 'tomorrow'), 'Hall 1', 'the facilitator does');

SELECT is(tests.error_of($$ UPDATE laurel.events SET points_reward = 1000000 WHERE title = 'now' $$), '42501', 'but not what attending is worth');
SELECT is(tests.error_of($$ UPDATE laurel.events SET points_reward = points_reward, max_guests = 2 WHERE title = 'now' $$), 'none', 'which may be said again');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ UPDATE laurel.events SET points_reward = 26 WHERE title = 'now' $$), 'none', 'administrators say it');
UPDATE laurel.events SET points_reward = 25 WHERE title = 'now';

-- What calendars and participants hear.
SELECT tests.act_as_owner();
INSERT INTO laurel.participations (event_id, user_id, rsvp_status) SELECT tests.person(e), tests.person(u), s
FROM (VALUES ('tomorrow', 'learner', 'going'), ('tomorrow', 'other', 'maybe'), ('tomorrow', 'manager', 'declined'), ('now', 'learner', 'going'), ('now', 'other', 'going'),
    ('now', 'manager', 'maybe'), ('soon', 'learner', 'going'), ('off', 'learner', 'going')) v (e, u, s);
DELETE FROM laurel.notifications;
SELECT is((SELECT sequence FROM laurel.events WHERE title = 'tomorrow'), 1, 'what calendars show has changed once');
UPDATE laurel.events SET points_reward = 7, max_guests = 1 WHERE title = 'tomorrow';
SELECT is((SELECT sequence FROM laurel.events WHERE title = 'tomorrow'), 1, 'nothing that they show');
UPDATE laurel.events SET sequence = 99 WHERE title = 'tomorrow';
SELECT is((SELECT sequence FROM laurel.events WHERE title = 'tomorrow'), 2, 'it counts itself');
SELECT is((SELECT count(*) FROM laurel.notifications), 0::bigint, 'nobody is bothered');
UPDATE laurel.events SET scheduled_date = scheduled_date + interval '1 hour', ends_at = ends_at + interval '1 hour' WHERE title = 'tomorrow';
UPDATE laurel.events SET location = 'Hall 2' WHERE title = 'tomorrow';
SELECT is((SELECT string_agg(concat_ws(' ', u.email, n.type, n.title), ', ' ORDER BY n.id, u.email) FROM laurel.notifications n JOIN laurel.users u ON u.id = n.user_id WHERE u.email LIKE 'l%'),
    (SELECT concat_ws(', ', e || ' event_moved New time or place: tomorrow', e || ' event_moved New time or place: tomorrow') FROM (SELECT email AS e FROM laurel.users WHERE id = tests.person('learner')) u),
    'a new time and a new place are told, each');
SELECT is((SELECT count(DISTINCT user_id) FROM laurel.notifications), 2::bigint, 'to those who may come');
DELETE FROM laurel.notifications;
DELETE FROM laurel.events WHERE title = 'tomorrow';
SELECT is((SELECT string_agg(DISTINCT n.title, ', ') || ' ' || count(*) FROM laurel.notifications n), 'Cancelled: tomorrow 2', 'so is that it does not take place');
SELECT is((SELECT status || ' ' || (cancelled_at IS NOT NULL) || ' ' || places_taken FROM laurel.events WHERE title = 'tomorrow'), 'cancelled true 1', 'its participants are kept');
SELECT is(tests.error_of($$ UPDATE laurel.events SET status = 'scheduled' WHERE title = 'tomorrow' $$), '23514 events_status_steps', 'what is cancelled stays so');

-- Who came.
CREATE FUNCTION pg_temp.checked(event text, name text, at timestamptz DEFAULT now()) RETURNS text LANGUAGE sql AS
    $$ SELECT tests.error_of(format('SELECT laurel.check_in(%L, %L, %L)', tests.person(event), tests.person(name), at)) $$;
SELECT tests.act_as_learner();
SELECT is(pg_temp.checked('now', 'learner'), '42501', 'nobody checks himself in');
SELECT is(tests.error_of($$ UPDATE laurel.participations SET feedback_rating = 5 $$), '23514 participations_attended_feedback_check', 'nor says how it was without having been there');
SELECT tests.act_as_bolt_admin();
SELECT is(pg_temp.checked('now', 'learner'), '42501', 'nor does another organization');
SELECT tests.act_as_trainer();
SELECT is(pg_temp.checked('now', 'learner'), 'none', 'the facilitator does');
SELECT is(pg_temp.checked('now', 'learner'), 'none', 'a second time changes nothing');
SELECT is(pg_temp.checked('now', 'manager'), '23514 participations_attendance_status_allowed', 'who was not going is not checked in');
SELECT is(pg_temp.checked('now', 'boss'), '23514 participations_attendance_status_allowed', 'nor who does not exist');
SELECT is(tests.error_of($$ SELECT laurel.check_in(gen_random_uuid(), tests.person('learner')) $$), '42501', 'of events that are not there a facilitator learns nothing');
SELECT is(pg_temp.checked('now', 'other', now() + interval '1 minute'), '22023', 'nobody comes ahead of time');
SELECT is(pg_temp.checked('now', 'other', now() - interval '26 minutes'), '23514 participations_check_in_time_allowed', 'nor before the doors open');
SELECT is(pg_temp.checked('soon', 'learner'), '23514 participations_check_in_time_allowed', 'nor to what has not begun');
SELECT is(tests.error_of($$ SELECT laurel.check_in(NULL) $$), '22004', 'of no event');
SELECT is((SELECT string_agg(concat_ws(' ', rsvp_status, attendance_status, feedback), ', ') FROM laurel.attendees(tests.person('now'))), 'going attended, going pending, maybe pending', 'sees who comes');
SELECT is(tests.error_of(format('SELECT * FROM laurel.attendees(%L)', event)), error, 'attendees: ' || error) FROM (VALUES (NULL, '22004'), (tests.person('nothing'), '42501')) v (event, error);
UPDATE laurel.events SET status = 'cancelled' WHERE title = 'off';
SELECT is(pg_temp.checked('off', 'learner'), '23514 participations_attendance_status_allowed', 'nobody comes to what was cancelled');
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ SELECT * FROM laurel.attendees(tests.person('now')) $$), '42501', 'members do not see who else comes');
SELECT is((SELECT total_points FROM laurel.user_points), 25::bigint, 'who came has the points, once');
SELECT is(tests.error_of($$ DELETE FROM laurel.participations WHERE event_id = tests.person('now') $$), '23001 participations_attendance_kept', 'and does not take back that he came');
SELECT is(tests.error_of($$ DELETE FROM laurel.participations WHERE event_id = tests.person('soon') $$), 'none', 'as he does with what has not begun');
SELECT tests.act_as_owner();
INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('soon'), tests.person('learner'));
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ DELETE FROM laurel.participations WHERE event_id = tests.person('now') AND user_id = tests.person('learner') $$), 'none', 'an administrator does');
INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('now'), tests.person('learner'));
SELECT is(pg_temp.checked('now', 'learner'), 'none', 'checks in again');
SELECT is((SELECT string_agg(rsvp_status, ' ') FROM laurel.attendees(tests.person('now'))), 'going going maybe', 'and sees who comes');
SELECT tests.act_as_bolt_admin();
SELECT is(tests.error_of($$ SELECT * FROM laurel.attendees(tests.person('now')) $$), '42501', 'not in another organization');
SELECT tests.act_as_learner();
SELECT is((SELECT total_points FROM laurel.user_points), 25::bigint, 'which is worth nothing more');
SELECT is((SELECT concat_ws(' ', reference_type, reference_id = tests.person('now'), transaction_type, reason) FROM laurel.points_ledger), 'Event t event_attended Attended: now', 'for the event');
SELECT lives_ok($$ UPDATE laurel.participations SET feedback_rating = 5, feedback = 'Good' WHERE attendance_status = 'attended' $$, 'and says how it was');
SELECT is(tests.error_of($$ UPDATE laurel.participations SET feedback_rating = 6 WHERE attendance_status = 'attended' $$), '23514 participations_feedback_rating_check', 'on a scale of five');
SELECT is(tests.error_of($$ UPDATE laurel.participations SET rsvp_status = 'declined' WHERE attendance_status = 'attended' $$), '23514 participations_attendance_status_allowed', 'who was there was going');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ UPDATE laurel.participations SET attendance_status = 'no_show' WHERE event_id = tests.person('soon') $$), '23514 participations_attendance_status_allowed', 'nobody misses what has not begun');
SELECT is(tests.error_of($$ UPDATE laurel.participations SET attendance_status = 'pending' WHERE attendance_status = 'attended' $$), '23514 participations_attendance_status_steps', 'who was there was there');
UPDATE laurel.events SET status = 'completed' WHERE title = 'now';
SELECT is(pg_temp.presence('now'), (SELECT string_agg(email || ' ' || s, ', ' ORDER BY email) FROM (VALUES ('learner', 'attended'), ('other', 'no_show'), ('manager', 'pending')) v (n, s)
    JOIN laurel.users u ON u.id = tests.person(n)), 'when it is completed who was going and did not come is a no-show');
SELECT tests.act_as_trainer();
SELECT is(pg_temp.checked('now', 'other', now() - interval '5 minutes'), 'none', 'unless it turns out that he was there');
SELECT tests.act_as_owner();
SELECT is((SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('other')), 25::bigint, 'which is worth as much');

SELECT is(laurel_internal.note_missing(), 0::bigint, 'nobody is left over');
INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('now'), tests.person('admin'));
SELECT is(laurel_internal.note_missing(), 1::bigint, 'who was left over');
SELECT is((SELECT attendance_status FROM laurel.participations WHERE event_id = tests.person('now') AND user_id = tests.person('admin')), 'no_show', 'is a no-show too');

-- A guest is called as he says for this organization.
UPDATE laurel.users SET full_name = 'Name at home' WHERE id = tests.person('bolt_learner');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.acme(), tests.person('bolt_learner'));
INSERT INTO laurel.participations (organization_id, event_id, user_id) VALUES (tests.acme(), tests.person('soon'), tests.person('bolt_learner'));
SELECT is((SELECT name FROM laurel.attendees(tests.person('soon')) WHERE user_id = tests.person('bolt_learner')), 'Anonymous', 'not as he is called at home');

-- The job goes through the organizations: one that fails is noted, and the others go on.
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('bolt yoga'), tests.bolt(), 'Yoga');
INSERT INTO laurel.events (id, organization_id, activity_id, title, scheduled_date, ends_at, max_participants)
SELECT tests.person('job ' || o), o, tests.person(CASE o WHEN tests.bolt() THEN 'bolt yoga' ELSE 'yoga' END), 'job', now() + interval '1 day', now() + interval '2 days', 1 FROM unnest(ARRAY[tests.acme(), tests.bolt()]) o;
INSERT INTO laurel.participations (organization_id, event_id, user_id) SELECT o, tests.person('job ' || o), u
FROM (VALUES (tests.acme(), tests.person('learner')), (tests.acme(), tests.person('other')), (tests.bolt(), tests.person('bolt_admin')), (tests.bolt(), tests.person('bolt_learner'))) v (o, u);
SET session_replication_role = replica;
UPDATE laurel.events SET max_participants = 2 WHERE title = 'job';
SET session_replication_role = origin;
CREATE FUNCTION public.app_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.organization_id = tests.acme() THEN RAISE EXCEPTION 'no' USING ERRCODE = 'P0099'; END IF; RETURN NEW; END $$;
CREATE TRIGGER app_refuses BEFORE UPDATE ON laurel.participations FOR EACH ROW EXECUTE FUNCTION public.app_refuses();
SELECT is(laurel.promote_waiting(), 1::bigint, 'a place is given where it can be');
SELECT is((SELECT string_agg(e.organization_id || ' ' || waiting_count, ', ' ORDER BY e.organization_id) FROM laurel.events e WHERE title = 'job'), tests.acme() || ' 1, ' || tests.bolt() || ' 0', 'and only there');
SELECT is((SELECT string_agg(organization_id || ' ' || error, ', ') FROM laurel.job_failures WHERE job = 'waitlists'), tests.acme() || ' P0099 no', 'the other is noted');
DROP TRIGGER app_refuses ON laurel.participations;
SELECT is(laurel.promote_waiting(), 1::bigint, 'and done when it can be');
UPDATE laurel.job_failures SET failed_at = now() - interval '5 minutes';
SELECT laurel_internal.note_missing();
SELECT is((SELECT count(*) FROM laurel.job_failures WHERE job = 'waitlists'), 0::bigint, 'what works again is not noted any more');

-- What goes when somebody goes.
DELETE FROM laurel.users WHERE id = tests.person('trainer');
SELECT is((SELECT count(*) FROM laurel.events WHERE facilitator_id IS NOT NULL), 0::bigint, 'events stay without their facilitator');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT is_empty('SELECT * FROM laurel.check()', 'all counters agree');

SELECT * FROM finish();
ROLLBACK;
