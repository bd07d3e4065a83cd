-- Series: their rules, the occurrences that are made, what follows a change and what does not.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('yoga'), tests.acme(), 'Yoga'), (tests.person('pilates'), tests.acme(), 'Pilates'), (tests.person('bolt yoga'), tests.bolt(), 'Yoga');
-- Next Monday, at 18:00.
CREATE FUNCTION pg_temp.monday(hour integer DEFAULT 18) RETURNS timestamp LANGUAGE sql STABLE AS $$ SELECT date_trunc('week', timezone('UTC', now())) + interval '7 days' + hour * interval '1 hour' $$;
CREATE FUNCTION pg_temp.new_series(name text, rule text, places bigint DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.event_series (id, activity_id, title, location, facilitator_id, starts_on, time_zone, duration, rrule, max_participants)
    VALUES (tests.person(name), tests.person('yoga'), name, 'Hall 1', tests.person('trainer'), pg_temp.monday(), 'UTC', '1 hour', rule, places)
$$;
-- Its occurrences by the day after that Monday and the hour, with a mark: x cancelled, ! an exception.
CREATE FUNCTION pg_temp.made(name text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(recurrence_date - pg_temp.monday()::date || to_char(timezone('UTC', scheduled_date), '@HH24') || CASE status WHEN 'cancelled' THEN 'x' ELSE '' END
        || CASE WHEN is_exception THEN '!' ELSE '' END, ' ' ORDER BY recurrence_date)
    FROM laurel.events WHERE series_id = tests.person(name)
$$;
CREATE FUNCTION pg_temp.occurrence(name text, day integer) RETURNS uuid LANGUAGE sql STABLE AS
    $$ SELECT id FROM laurel.events WHERE series_id = tests.person(name) AND recurrence_date = pg_temp.monday()::date + day $$;

-- When it takes place, by the clock of a zone that is turned.
SELECT tests.act_as_learner();
SELECT results_eq($$ SELECT * FROM laurel.preview_series('FREQ=DAILY', '2027-03-27 02:30', 'Europe/Zurich', 3) $$,
    $$ VALUES ('2027-03-27'::date, '2027-03-27 01:30+00'::timestamptz), ('2027-03-28', '2027-03-28 01:30+00'), ('2027-03-29', '2027-03-29 00:30+00') $$, 'a time that is skipped');
SELECT results_eq($$ SELECT starts_at FROM laurel.preview_series('FREQ=DAILY', '2027-10-30 02:30', 'Europe/Zurich', 3) $$,
    $$ VALUES ('2027-10-30 00:30+00'::timestamptz), ('2027-10-31 00:30+00'), ('2027-11-01 01:30+00') $$, 'a time that comes twice');
SELECT results_eq($$ SELECT starts_at FROM laurel.preview_series('FREQ=WEEKLY;UNTIL=20270401T003000Z', '2027-03-25 02:30', 'Europe/Zurich') $$,
    $$ VALUES ('2027-03-25 01:30+00'::timestamptz), ('2027-04-01 00:30+00') $$, 'until a time of UTC');
SELECT is((SELECT count(*) FROM laurel.preview_series('FREQ=WEEKLY;UNTIL=20270401T002959Z', '2027-03-25 02:30', 'Europe/Zurich')), 1::bigint, 'a second less');
SELECT results_eq($$ SELECT day FROM laurel.preview_series('FREQ=YEARLY', '2024-02-29 12:00', 'Pacific/Apia', 2) $$, $$ VALUES ('2024-02-29'::date), ('2028-02-29') $$, 'leap years');
SELECT results_eq($$ SELECT starts_at FROM laurel.preview_series('FREQ=DAILY', '2011-12-29 12:00', 'Pacific/Apia', 3) $$,
    $$ VALUES ('2011-12-29 22:00+00'::timestamptz), ('2011-12-30 22:00+00'), ('2011-12-30 22:00+00') $$, 'a day that a zone leaves out');
SELECT is((SELECT count(*) FROM laurel.preview_series('FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30', '2027-01-01', 'UTC')), 0::bigint, 'a day that there never is');
SELECT is(tests.told(format('SELECT laurel.preview_series(%L, %L, %L, %s)', r, s, z, n)), said, r || ' ' || z || ' ' || n) FROM (VALUES
    ('FREQ=HOURLY', '2027-01-01', 'UTC', '1', '22023 | the rule of a series is not in order | FREQ is DAILY, WEEKLY, MONTHLY or YEARLY: nothing recurs within a day. It says "FREQ=HOURLY". | FREQ=WEEKLY;BYDAY=MO,WE is every Monday and Wednesday; RFC 5545, section 3.3.10, has the rest.'),
    ('FREQ=DAILY', '2027-01-01', 'Europe/Zurick', '1', '22023 | there is no time zone "Europe/Zurick" | There is no such zone. | Did you mean Europe/Zurich? pg_timezone_names lists all names.'),
    ('FREQ=DAILY', '2027-01-01', 'UTC', '0', '22023 | there is no such preview | "count" is 0, and may be 1 to 1000.'),
    ('FREQ=DAILY', '2027-01-01', 'UTC', '1001', '22023 | there is no such preview | "count" is 1001, and may be 1 to 1000.'),
    ('FREQ=DAILY', 'infinity', 'UTC', '1', '22023 | there is no such preview | "starts_on" is a time in whole seconds, from 1970-01-01 to 2199-12-31.'),
    ('FREQ=YEARLY', '1969-12-31', 'UTC', '1', '22023 | there is no such preview | "starts_on" is a time in whole seconds, from 1970-01-01 to 2199-12-31.'),
    ('FREQ=YEARLY', '2199-12-31 00:00:01', 'UTC', '1', '22023 | there is no such preview | "starts_on" is a time in whole seconds, from 1970-01-01 to 2199-12-31.'),
    ('FREQ=WEEKLY;BYDAY=' || repeat('MO,', 660) || 'MO', '2199-12-31', 'UTC', '1', 'none'),
    ('FREQ=WEEKLY;BYDAY=' || repeat('MO,', 660) || 'MO,', '2027-01-01', 'UTC', '1', '22023 | there is no such preview | "rrule" has more than 2000 bytes.'),
    ('FREQ=DAILY', '2027-01-01 00:00:00.5', 'UTC', '1', '22023 | there is no such preview | "starts_on" is a time in whole seconds, from 1970-01-01 to 2199-12-31.')) v (r, s, z, n, said);
SELECT is(tests.error_of('SELECT laurel.preview_series(NULL, ''2027-01-01'', ''UTC'')'), '22004', 'no rule');

-- Who makes one: its occurrences are there at once.
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ SELECT pg_temp.new_series('mine', 'FREQ=WEEKLY') $$), '42501', 'members make no series');
SELECT tests.act_as_admin();
SELECT pg_temp.new_series('four', 'FREQ=WEEKLY;COUNT=4', 2);
SELECT is(pg_temp.made('four'), '0@18 7@18 14@18 21@18', 'four Mondays');
SELECT results_eq($$ SELECT DISTINCT title, location, facilitator_id, ends_at - scheduled_date, max_participants, series_version FROM laurel.events WHERE series_id = tests.person('four') $$,
    $$ VALUES ('four', 'Hall 1', tests.person('trainer'), interval '1 hour', 2::bigint, 1::bigint) $$, 'as the series says');
SELECT pg_temp.new_series('endless', 'FREQ=DAILY');
SELECT ok((SELECT count(*) BETWEEN 80 AND 90 AND max(scheduled_date) BETWEEN now() + interval '88 days' AND now() + interval '90 days' FROM laurel.events WHERE series_id = tests.person('endless')), 'the window of an endless one');
INSERT INTO laurel.event_series (id, activity_id, title, starts_on, time_zone, duration, rrule, exdates)
VALUES (tests.person('old'), tests.person('yoga'), 'old', pg_temp.monday() - interval '70 days', 'utc', '30 minutes', 'FREQ=WEEKLY;COUNT=13', ARRAY[pg_temp.monday()::date - 7, pg_temp.monday()::date + 7]);
SELECT is(pg_temp.made('old'), '0@18 14@18', 'of one that began before what is to come, but for days that are left out');
SELECT is((SELECT time_zone FROM laurel.event_series WHERE title = 'old'), 'UTC', 'zones have one name');
SELECT is(laurel.end_series(tests.person('endless'), true) > 80, true, 'cancelled by wish');

-- Each rule, by INSERT, UPDATE and the back end.
CREATE TEMP TABLE broken (columns text, value text, error text);
INSERT INTO broken VALUES ('rrule', 'FREQ=HOURLY', '23514 event_series_rrule_check'), ('rrule', '', '23514 event_series_rrule_length_check'), ('rrule', repeat('x', 2001), '23514 event_series_rrule_length_check'),
    ('rrule', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', '23514 event_series_rrule_check'), ('rrule', 'FREQ=DAILY;UNTIL=20200101', '23514 event_series_rrule_check'),
    ('title', '', '23514 event_series_title_check'), ('title', repeat('x', 201), '23514 event_series_title_check'), ('description', repeat('x', 20001), '23514 event_series_description_check'),
    ('location', '', '23514 event_series_location_check'), ('starts_on', '1969-12-31', '23514 event_series_starts_on_check'), ('starts_on', 'infinity', '23514 event_series_starts_on_check'), ('starts_on', '2027-01-01 00:00:00.5', '23514 event_series_starts_on_check'),
    ('time_zone', 'Europe/Zurick', '23514 event_series_time_zone_check'), ('duration', '0', '23514 event_series_duration_check'), ('duration', '32 days', '23514 event_series_duration_check'), ('duration', '1 month', '23514 event_series_duration_check'),
    ('exdates', '{{2027-01-01}}', '23514 event_series_exdates_check'), ('exdates', '{NULL}', '23514 event_series_exdates_check'), ('exdates', array_fill('2027-01-01'::date, ARRAY[1001])::text, '23514 event_series_exdates_check'),
    ('horizon_days', '0', '23514 event_series_horizon_days_check'), ('horizon_days', '367', '23514 event_series_horizon_days_check'), ('max_participants', '0', '23514 event_series_max_participants_check'),
    ('max_guests', '21', '23514 event_series_max_guests_check'), ('check_in_grace', '2 days', '23514 event_series_check_in_grace_check'), ('points_reward', '1000001', '23514 event_series_points_reward_check'),
    ('facilitator_id', tests.person('bolt_admin')::text, '23503 event_series_facilitator_id_fkey');
GRANT SELECT ON broken TO authenticated, service_role;
CREATE FUNCTION pg_temp.refusals() RETURNS TABLE (what text, got text, want text) LANGUAGE sql AS $$
    SELECT format('%s %s by UPDATE', columns, left(value, 40)), tests.error_of(format('UPDATE laurel.event_series SET %I = %L WHERE id = tests.person(''four'')', columns, value)), error
    FROM pg_temp.broken
$$;
SELECT is(got, want, what) FROM pg_temp.refusals();
CREATE FUNCTION pg_temp.insertions() RETURNS TABLE (what text, got text, want text) LANGUAGE sql AS $$
    SELECT format('%s %s by INSERT', columns, left(value, 40)), tests.error_of(format(
        'INSERT INTO laurel.event_series (activity_id, title, description, location, facilitator_id, starts_on, time_zone, duration, rrule, exdates, horizon_days, max_participants, max_guests, check_in_grace, points_reward)'
        ' SELECT tests.person(''yoga''), r.title, r.description, r.location, r.facilitator_id, r.starts_on, r.time_zone, r.duration, r.rrule, r.exdates, r.horizon_days, r.max_participants, r.max_guests, r.check_in_grace, r.points_reward'
        ' FROM jsonb_populate_record(NULL::laurel.event_series, %L) r', jsonb_build_object('title', 't', 'starts_on', pg_temp.monday(), 'time_zone', 'UTC', 'duration', '1 hour', 'rrule', 'FREQ=WEEKLY', 'exdates', '[]'::jsonb,
            'horizon_days', 90, 'max_guests', 0, 'check_in_grace', '0', 'points_reward', 0) || jsonb_build_object(columns, CASE WHEN columns = 'exdates' THEN to_jsonb(value::date[]) ELSE to_jsonb(value) END))), error
    FROM pg_temp.broken
$$;
SELECT is(got, want, what) FROM pg_temp.insertions();
SELECT tests.act_as_service();
SELECT is(got, want, 'the back end: ' || what) FROM pg_temp.refusals();
SELECT is(tests.error_of($$ INSERT INTO laurel.event_series (organization_id, activity_id, title, starts_on, time_zone, duration, rrule) VALUES (tests.acme(), tests.person('yoga'), 't', pg_temp.monday(), 'UTC', '1 hour', 'FREQ=WEEKLY;BYDAY=MO,XX') $$), '23514 event_series_rrule_check', 'the back end by INSERT');
SELECT tests.act_as_admin();
SELECT is(tests.told($$ UPDATE laurel.event_series SET rrule = 'FREQ=WEEKLY;BYDAY=XX' WHERE title = 'four' $$),
    '23514 | the rule of a series is not in order | BYDAY lists weekdays, SU to SA, with an ordinal from 1 to 53 or -1 to -53 or without. It says "BYDAY=XX". | FREQ=WEEKLY;BYDAY=MO,WE is every Monday and Wednesday; RFC 5545, section 3.3.10, has the rest. | event_series_rrule_check', 'what is wrong, and what would be right');
SELECT is(tests.error_of($$ INSERT INTO laurel.event_series (activity_id, title, starts_on, time_zone, duration, rrule) VALUES (tests.person('yoga'), 't', '1971-01-01', 'UTC', '1 hour', 'FREQ=DAILY;BYMONTH=1;BYMONTHDAY=1;COUNT=300') $$), '23514 event_series_rrule_check', 'what takes too many steps');
SELECT is(tests.error_of($$ UPDATE laurel.event_series SET activity_id = gen_random_uuid() WHERE title = 'four' $$), '42501', 'its activity is nobody''s to change');
SELECT is(tests.error_of($$ UPDATE laurel.event_series SET status = 'gone' WHERE title = 'four' $$), '23514 event_series_status_steps', 'states are known');
SELECT is(tests.error_of($$ INSERT INTO laurel.event_series (activity_id, title, starts_on, time_zone, duration, rrule) VALUES (tests.person('bolt yoga'), 't', pg_temp.monday(), 'UTC', '1 hour', 'FREQ=WEEKLY') $$), '23503 event_series_activity_id_fkey', 'of activities of the organization');
SELECT is(pg_temp.made('four'), '0@18 7@18 14@18 21@18', 'nothing of that left a trace');

-- Occurrences are events like others: who comes, and what is altered by itself.
SELECT tests.act_as_owner();
INSERT INTO laurel.participations (event_id, user_id) SELECT e.id, tests.person(u) FROM laurel.events e, unnest('{learner, other}'::text[]) u WHERE e.series_id = tests.person('four') ORDER BY e.id, u;
DELETE FROM laurel.notifications;
SELECT tests.act_as_trainer();
UPDATE laurel.events SET location = 'Garden' WHERE id = pg_temp.occurrence('four', 14);
SELECT is(pg_temp.made('four'), '0@18 7@18 14@18! 21@18', 'one is altered: an exception');
SELECT is(tests.error_of($$ UPDATE laurel.events SET is_exception = false $$), '42501', 'which is noted by Laurel alone');
UPDATE laurel.event_series SET starts_on = pg_temp.monday(19), title = 'Later' WHERE id = tests.person('four');
SELECT is(pg_temp.made('four'), '0@19 7@19 14@18! 21@19', 'the series moves, and the exception stays');
SELECT is((SELECT string_agg(title || ' ' || location, ', ' ORDER BY recurrence_date) FROM laurel.events WHERE series_id = tests.person('four')), 'Later Hall 1, Later Hall 1, four Garden, Later Hall 1', 'in each respect');
SELECT tests.act_as_owner();
SELECT results_eq($$ SELECT u.email, n.type, n.title, n.data ->> 'occurrences', n.data ->> 'event_id' = pg_temp.occurrence('four', 0)::text FROM laurel.notifications n JOIN laurel.users u ON u.id = n.user_id WHERE n.data ? 'series_id' ORDER BY 1 $$,
    $$ VALUES ('learner@acme.test', 'event_moved', 'New time or place: Later', '3', true), ('other@acme.test', 'event_moved', 'New time or place: Later', '3', true) $$, 'each is told once, not for each Monday');
SELECT is((SELECT count(*) FROM laurel.notifications), 4::bigint, 'besides the garden');
SELECT is((SELECT string_agg(sequence::text, ' ' ORDER BY recurrence_date) FROM laurel.events WHERE series_id = tests.person('four')), '1 1 1 1', 'calendars take over what has changed, once');
SELECT is((SELECT count(*) FROM laurel.participations p JOIN laurel.events e ON e.id = p.event_id AND e.series_id = tests.person('four') WHERE p.rsvp_status = 'going'), 8::bigint, 'answers are kept');
DELETE FROM laurel.notifications;

-- Another day, without losing who comes.
SELECT tests.act_as_admin();
UPDATE laurel.event_series SET starts_on = starts_on + interval '1 day' WHERE id = tests.person('four');
SELECT is(pg_temp.made('four'), '1@19 8@19 14@18! 15@19 22@19', 'Mondays become Tuesdays; the exception remains, and its Tuesday is made');
SELECT is((SELECT string_agg(places_taken::text, ' ' ORDER BY recurrence_date) FROM laurel.events WHERE series_id = tests.person('four')), '2 2 2 0 2', 'with those who come');
UPDATE laurel.event_series SET rrule = 'FREQ=WEEKLY;COUNT=3' WHERE id = tests.person('four');
SELECT is(pg_temp.made('four'), '1@19 8@19 14@18! 15@19 22@19x', 'what the rule does not name any more is cancelled');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE type = 'event_cancelled'), 0::bigint, 'nobody reads what others are told');
UPDATE laurel.event_series SET exdates = ARRAY[pg_temp.monday()::date + 8, pg_temp.monday()::date + 14] WHERE id = tests.person('four');
SELECT is(pg_temp.made('four'), '1@19 8@19x 14@18x! 15@19 22@19x', 'so are days that are left out, exceptions too');
UPDATE laurel.event_series SET exdates = '{}', rrule = 'FREQ=WEEKLY;COUNT=5' WHERE id = tests.person('four');
SELECT is(pg_temp.made('four'), '1@19 8@19x 14@18x! 15@19 22@19x 29@19', 'what is cancelled stays so');
SELECT is(tests.error_of($$ DELETE FROM laurel.events WHERE id = pg_temp.occurrence('four', 29) $$), 'none', 'one is cancelled by itself');
UPDATE laurel.event_series SET description = 'x' WHERE id = tests.person('four');
SELECT is(pg_temp.made('four'), '1@19 8@19x 14@18x! 15@19 22@19x 29@19x', 'and is not made again');
SELECT is(tests.error_of($$ UPDATE laurel.event_series SET title = 'Stale', version = 1 WHERE id = tests.person('four') $$), 'PT409 event_series_version', 'nobody overwrites what he has not read');

-- More places, fewer places.
SELECT tests.act_as_learner();
INSERT INTO laurel.participations (event_id, user_id) SELECT id, laurel.uid() FROM laurel.events WHERE series_id = tests.person('four') AND status = 'scheduled' ORDER BY id ON CONFLICT DO NOTHING;
SELECT tests.act_as_owner();
INSERT INTO laurel.participations (event_id, user_id) SELECT pg_temp.occurrence('four', 1), tests.person(u) FROM unnest('{manager, admin}'::text[]) u;
SELECT tests.act_as_admin();
SELECT is((SELECT places_taken || ' ' || waiting_count FROM laurel.events WHERE id = pg_temp.occurrence('four', 1)), '2 2', 'two wait');
UPDATE laurel.event_series SET max_participants = 3 WHERE id = tests.person('four');
SELECT is((SELECT places_taken || ' ' || waiting_count FROM laurel.events WHERE id = pg_temp.occurrence('four', 1)), '3 1', 'a place more at each');
SELECT is(tests.error_of($$ UPDATE laurel.event_series SET max_participants = 2 WHERE id = tests.person('four') $$), '23514 events_places_taken_check', 'never fewer than one has taken');

-- One that somebody puts off for years takes nothing else with it.
SELECT pg_temp.new_series('far', 'FREQ=WEEKLY');
CREATE TEMP TABLE before AS SELECT count(*) FROM laurel.events WHERE series_id = tests.person('far');
UPDATE laurel.events SET scheduled_date = scheduled_date + interval '3 years', ends_at = ends_at + interval '3 years' WHERE id = pg_temp.occurrence('far', 7);
UPDATE laurel.event_series SET title = 'Far' WHERE id = tests.person('far');
SELECT is((SELECT count(*) FROM laurel.events WHERE series_id = tests.person('far')), (SELECT count FROM before), 'no more are made than the window has');

-- One that takes place within the hour is not moved into what is past.
INSERT INTO laurel.event_series (id, activity_id, title, starts_on, time_zone, duration, rrule)
VALUES (tests.person('soon'), tests.person('yoga'), 'soon', date_trunc('second', timezone('UTC', now())) + interval '1 hour', 'UTC', '1 hour', 'FREQ=DAILY');
SELECT is(tests.error_of($$ UPDATE laurel.event_series SET starts_on = starts_on - interval '2 hours' WHERE id = tests.person('soon') $$), 'none', 'it stays where it is');

-- A rule of several days.
SELECT pg_temp.new_series('two', 'FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4');
SELECT is(pg_temp.made('two'), '0@18 2@18 7@18 9@18', 'Mondays and Wednesdays');
UPDATE laurel.event_series SET rrule = 'FREQ=WEEKLY;BYDAY=WE,FR;COUNT=4' WHERE id = tests.person('two');
SELECT is(pg_temp.made('two'), '0@18x 2@18 4@18 7@18x 9@18 11@18', 'those that remain stay where they are');
UPDATE laurel.event_series SET time_zone = 'Asia/Tokyo' WHERE id = tests.person('two');
SELECT is(pg_temp.made('two'), '0@18x 2@09 4@09 7@18x 9@09 11@09', 'by the clock of another zone');

-- Who changes it.
SELECT tests.act_as_trainer();
UPDATE laurel.event_series SET location = 'Hall 2' WHERE id = tests.person('two');
SELECT is((SELECT count(*) FROM laurel.events WHERE location = 'Hall 2' AND series_id = tests.person('two')), 4::bigint, 'its facilitator');
SELECT is(tests.error_of($$ UPDATE laurel.event_series SET points_reward = 9 WHERE id = tests.person('two') $$), '42501', 'but for what it is worth');
SELECT tests.act_as_admin();
UPDATE laurel.event_series SET points_reward = 9 WHERE id = tests.person('two');
SELECT is((SELECT sum(points_reward) FROM laurel.events WHERE series_id = tests.person('two') AND status = 'scheduled'), 36::numeric, 'which an administrator says');
SELECT tests.act_as_learner();
UPDATE laurel.event_series SET title = 'Mine';
SELECT is(tests.error_of($$ SELECT laurel.end_series(tests.person('two')) $$), '42501', 'nobody else ends it');
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT count(*) FROM laurel.event_series), 0::bigint, 'nor sees it');
SELECT is(tests.error_of($$ SELECT laurel.end_series(tests.person('two'), true) $$), '42501', 'nor ends it');
SELECT is(tests.error_of($$ SELECT laurel.end_series(NULL) $$), '22004', 'nor nothing');

-- It ends: what people have answered to takes place, unless somebody wishes otherwise.
SELECT tests.act_as_trainer();
SELECT is((SELECT count(*) FROM laurel.event_series WHERE title = 'Mine'), 0::bigint, 'a stranger has changed nothing');
DELETE FROM laurel.event_series WHERE id = tests.person('two');
SELECT is((SELECT status FROM laurel.event_series WHERE id = tests.person('two')), 'ended', 'deleting ends it');
SELECT is(pg_temp.made('two'), '0@18x 2@09 4@09 7@18x 9@09 11@09', 'and leaves what is there');
UPDATE laurel.event_series SET rrule = 'FREQ=WEEKLY;BYDAY=WE,FR;COUNT=6' WHERE id = tests.person('two');
SELECT is(pg_temp.made('two'), '0@18x 2@09 4@09 7@18x 9@09 11@09', 'also when it is changed: it makes no more');
UPDATE laurel.events SET title = 'Special' WHERE id = pg_temp.occurrence('two', 9);
SELECT tests.act_as_owner();
INSERT INTO laurel.participations (event_id, user_id) SELECT id, tests.person('learner') FROM laurel.events WHERE series_id = tests.person('two') AND status = 'scheduled';
DELETE FROM laurel.notifications;
SELECT tests.act_as_trainer();
SELECT is(laurel.end_series(tests.person('two'), true), 3::bigint, 'by wish all are cancelled');
SELECT is(pg_temp.made('two'), '0@18x 2@09x 4@09x 7@18x 9@09! 11@09x', 'that nobody has altered');
SELECT is(laurel.end_series(tests.person('two'), true), 0::bigint, 'once');
SELECT tests.act_as_owner();
SELECT results_eq($$ SELECT n.type, n.data ->> 'occurrences', count(*) FROM laurel.notifications n GROUP BY 1, 2 $$, $$ VALUES ('event_cancelled', '3', 1::bigint) $$, 'and told once');
SELECT tests.act_as_admin();
UPDATE laurel.event_series SET status = 'active', rrule = 'FREQ=WEEKLY;BYDAY=WE;COUNT=4' WHERE id = tests.person('two');
SELECT is(pg_temp.made('two'), '0@18x 2@09x 4@09x 7@18x 9@09! 11@09x 16@09 23@09', 'it may begin again');
SELECT is(tests.error_of('TRUNCATE laurel.event_series'), '42501', 'nobody empties it');

-- The job makes what comes into the window; an organization that fails fails alone.
SELECT tests.act_as_owner();
INSERT INTO laurel.event_series (id, organization_id, activity_id, title, starts_on, time_zone, duration, rrule, horizon_days)
SELECT tests.person('job ' || o), o, tests.person(CASE o WHEN tests.bolt() THEN 'bolt yoga' ELSE 'yoga' END), 'job', pg_temp.monday(), 'UTC', '1 hour', 'FREQ=WEEKLY;COUNT=4', 1 FROM unnest(ARRAY[tests.acme(), tests.bolt()]) o;
SET session_replication_role = replica;
DELETE FROM laurel.events WHERE title = 'job';
UPDATE laurel.event_series SET horizon_days = 90 WHERE title = 'job';
SET session_replication_role = origin;
CREATE FUNCTION public.app_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.organization_id = tests.acme() THEN RAISE EXCEPTION 'no' USING ERRCODE = 'P0099'; END IF; RETURN NEW; END $$;
CREATE TRIGGER app_refuses BEFORE INSERT ON laurel.events FOR EACH ROW EXECUTE FUNCTION public.app_refuses();
SELECT tests.act_as_service();
SELECT is(laurel.extend_series(), 4::bigint, 'four where they can be made');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(organization_id || ' ' || error, ', ') FROM laurel.job_failures WHERE job = 'series'), tests.acme() || ' P0099 no', 'the other is noted');
DROP TRIGGER app_refuses ON laurel.events;
UPDATE laurel.job_failures SET failed_at = now() - interval '5 minutes';
SELECT is(laurel.extend_series(), 4::bigint, 'and done when it can be');
SELECT is((SELECT count(*) FROM laurel.job_failures WHERE job = 'series'), 0::bigint, 'what works again is not noted any more');
SELECT is(laurel.extend_series(), 0::bigint, 'nothing is made twice');
UPDATE laurel.activities SET status = 'archived' WHERE id = tests.person('bolt yoga');
SET session_replication_role = replica;
DELETE FROM laurel.events WHERE title = 'job' AND organization_id = tests.bolt() AND recurrence_date > pg_temp.monday()::date;
SET session_replication_role = origin;
SELECT is(laurel.extend_series(), 0::bigint, 'of an archived activity no more are made');
UPDATE laurel.event_series SET location = 'Attic' WHERE id = tests.person('job ' || tests.bolt());
SELECT is((SELECT string_agg(location, ', ') FROM laurel.events WHERE title = 'job' AND organization_id = tests.bolt()), 'Attic', 'what is there follows all the same');

-- Written by hand.
SELECT is(tests.error_of($$ UPDATE laurel.events SET recurrence_date = NULL WHERE id = pg_temp.occurrence('four', 1) $$), '23514 events_series_id_check', 'an occurrence has a day');
SELECT is(tests.error_of($$ UPDATE laurel.events SET recurrence_date = 'infinity' WHERE id = pg_temp.occurrence('four', 1) $$), '23514 events_recurrence_date_check', 'that there is');
SELECT is(tests.error_of($$ UPDATE laurel.events SET recurrence_date = pg_temp.monday()::date + 15 WHERE id = pg_temp.occurrence('four', 1) $$), '23505 events_series_id_recurrence_date_key', 'of its own');
SELECT is(tests.error_of($$ UPDATE laurel.events SET series_id = tests.person('job ' || tests.acme()) WHERE id = pg_temp.occurrence('four', 1) $$), '23001 events_series_id_immutable', 'and stays in its series');
SELECT is(tests.error_of($$ UPDATE laurel.event_series SET activity_id = tests.person('pilates') WHERE title = 'old' $$), '23001 event_series_activity_id_immutable', 'as the series under its activity');

-- What goes when somebody goes.
DELETE FROM laurel.users WHERE id = tests.person('trainer');
SELECT is((SELECT count(*) FROM laurel.event_series WHERE facilitator_id IS NOT NULL), 0::bigint, 'series stay without their facilitator');
SELECT is(pg_temp.made('four'), '1@19 8@19x 14@18x! 15@19 22@19x 29@19x', 'and that is no exception');
SELECT is_empty('SELECT * FROM laurel.check()', 'all counters agree');
DELETE FROM laurel.users WHERE organization_id = tests.acme();
DELETE FROM laurel.organizations WHERE id = tests.acme();
SELECT is((SELECT count(*) FROM laurel.event_series WHERE organization_id = tests.acme()) + (SELECT count(*) FROM laurel.events WHERE organization_id = tests.acme()), 0::bigint, 'all goes with the organization');

SELECT * FROM finish();
ROLLBACK;
