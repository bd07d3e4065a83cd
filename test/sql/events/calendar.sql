-- Events as calendars take them over, and the feed of a member.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('yoga'), tests.acme(), 'Yoga');
INSERT INTO laurel.events (id, organization_id, activity_id, title, description, location, created_at, scheduled_date, ends_at)
SELECT tests.person(name), tests.acme(), tests.person('yoga'), title, E'Line one\nline two; a, b \\ c', 'Hall 1, ground floor', '2026-01-01 00:00+00', start, start + interval '90 minutes'
FROM (VALUES ('a', 'Yoga; for all, ' || repeat('für alle ', 20), '2126-07-01 12:00+02'::timestamptz), ('b', 'Second', now() + interval '2 days'), ('old', 'Old', now() - interval '40 days'),
    ('recent', 'Recent', now() - interval '20 days')) v (name, title, start);
INSERT INTO laurel.participations (event_id, user_id, rsvp_status) SELECT tests.person(e), tests.person('learner'), s
FROM (VALUES ('a', 'going'), ('b', 'declined'), ('old', 'going'), ('recent', 'maybe')) v (e, s);
CREATE FUNCTION pg_temp.unfolded(ics text) RETURNS SETOF text LANGUAGE sql AS $$ SELECT regexp_split_to_table(rtrim(replace(ics, E'\r\n ', ''), E'\r\n'), E'\r\n') $$;

SELECT tests.act_as_learner();
SELECT results_eq($$ SELECT * FROM pg_temp.unfolded(laurel.event_ics(tests.person('a'))) WITH ORDINALITY l (line, no) WHERE line !~ '^(DTSTAMP|LAST-MODIFIED|UID)' ORDER BY no $$,
    $$ SELECT * FROM unnest(ARRAY['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Laurel//Events//EN', 'METHOD:PUBLISH', 'BEGIN:VEVENT', NULL, 'SEQUENCE:0', NULL, NULL, 'CREATED:20260101T000000Z',
        'DTSTART:21260701T100000Z', 'DTEND:21260701T113000Z', 'STATUS:CONFIRMED', 'SUMMARY:Yoga\; for all\, ' || repeat('für alle ', 20), 'DESCRIPTION:Line one\nline two\; a\, b \\ c',
        'LOCATION:Hall 1\, ground floor', 'BEGIN:VALARM', 'ACTION:DISPLAY', 'TRIGGER:-PT15M', 'DESCRIPTION:Yoga\; for all\, ' || repeat('für alle ', 20), 'END:VALARM', 'END:VEVENT', 'END:VCALENDAR'])
        WITH ORDINALITY l (line, no) WHERE line IS NOT NULL ORDER BY no $$, 'what a calendar reads');
SELECT is((SELECT line FROM pg_temp.unfolded(laurel.event_ics(tests.person('a'))) line WHERE line LIKE 'UID%'), 'UID:' || tests.person('a') || '@laurel', 'by an id that stays');
SELECT is((SELECT max(octet_length(line)) FROM regexp_split_to_table(laurel.event_ics(tests.person('a')), E'\r\n') line), 75, 'no line is too long');
SELECT is(laurel.event_ics(gen_random_uuid()), NULL, 'what is not there');
SELECT tests.act_as_bolt_admin();
SELECT is(laurel.event_ics(tests.person('a')), NULL, 'as what another organization has');

-- The feed.
SELECT tests.act_as_learner();
SELECT set_config('tests.token', laurel.create_calendar_feed(), true);
SELECT tests.act_as_anon();
CREATE FUNCTION pg_temp.fed() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(left(substr(line, 9), 6), ', ' ORDER BY line) FROM pg_temp.unfolded(laurel.calendar_feed(current_setting('tests.token'))) line WHERE line LIKE 'SUMMARY:%'
$$;
SELECT is(pg_temp.fed(), 'Recent, Yoga\;', 'whoever has the token sees what its owner goes to');
SELECT is(laurel.calendar_feed('none'), NULL, 'whoever has none sees nothing');
SELECT is(tests.error_of('SELECT laurel.create_calendar_feed()'), '42501', 'who has not signed in has no feed');
SELECT is(tests.error_of('SELECT laurel.event_ics(tests.person(''a''))'), '42501', 'nor any event');
SELECT tests.act_as_learner();
SELECT is(tests.error_of('SELECT * FROM laurel.calendar_feeds'), '42501', 'tokens are nobody''s to read');
SELECT is(tests.error_of(format('SELECT laurel.create_calendar_feed(%L)', tests.bolt())), '42501', 'of an organization one is in');
SELECT set_config('tests.old', current_setting('tests.token'), true), set_config('tests.token', laurel.create_calendar_feed(), true);
SELECT is(laurel.calendar_feed(current_setting('tests.old')), NULL, 'a new token replaces the one before');
SELECT is(pg_temp.fed(), 'Recent, Yoga\;', 'and works');
SELECT is(laurel.revoke_calendar_feed(), true, 'it is taken back');
SELECT is(laurel.revoke_calendar_feed(), false, 'once');
SELECT is(pg_temp.fed(), NULL, 'for good');
SELECT set_config('tests.token', laurel.create_calendar_feed(), true);
SELECT tests.act_as_owner();
UPDATE laurel.users SET is_active = false WHERE id = tests.person('learner');
SELECT is(pg_temp.fed(), NULL, 'who may not sign in has no feed');
UPDATE laurel.users SET is_active = true WHERE id = tests.person('learner');
DELETE FROM laurel.events WHERE id = tests.person('a');
SELECT is((SELECT string_agg(line, ' ' ORDER BY line) FROM pg_temp.unfolded(laurel.calendar_feed(current_setting('tests.token'))) line WHERE line ~ '^(STATUS|SEQUENCE)'),
    'SEQUENCE:0 SEQUENCE:1 STATUS:CANCELLED STATUS:CONFIRMED', 'what is cancelled says so, with a higher number');
SELECT is((SELECT line FROM pg_temp.unfolded(laurel.event_ics(tests.person('a'))) line WHERE line ~ '^METHOD'), 'METHOD:CANCEL', 'in a file of its own too');
DELETE FROM laurel.users WHERE id = tests.person('learner');
SELECT is((SELECT count(*) FROM laurel.calendar_feeds), 0::bigint, 'tokens go with their owner');

SELECT * FROM finish();
ROLLBACK;
