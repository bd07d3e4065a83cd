-- When trainers can be met: rules on a clock, what differs, what is taken.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'Europe/Berlin';
SELECT no_plan();

SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'bolt_learner', 'bolt_admin');
INSERT INTO laurel.beneficiaries (id, organization_id, user_id, trainer_id) VALUES (tests.person('ben'), tests.acme(), tests.person('learner'), tests.person('trainer'));
UPDATE laurel.user_preferences SET time_zone = 'Europe/Berlin' WHERE user_id = tests.person('trainer');
-- The slots of a stretch, on Berlin's clock.
CREATE FUNCTION pg_temp.slots(since timestamptz, until timestamptz, length interval DEFAULT '1 hour') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(to_char(start_time AT TIME ZONE 'Europe/Berlin', 'HH24:MI') || '-' || to_char(end_time AT TIME ZONE 'Europe/Berlin', 'HH24:MI'), ' ' ORDER BY start_time), 'none')
    FROM laurel.free_slots(tests.person('trainer'), since, until, length) $$;
-- A Monday in a year in which the clock is turned on 28 March and 31 October.
CREATE FUNCTION pg_temp.day(day date) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.slots(day::timestamptz, (day + 1)::timestamptz) $$;

SELECT tests.act_as_learner();
SELECT is(pg_temp.day('2027-03-22'), 'none', 'without rules there is no time');
SELECT tests.act_as_trainer();
SELECT lives_ok($$ INSERT INTO laurel.availability_rules (user_id, weekday, starts_at, ends_at) VALUES (laurel.uid(), 1, '09:00', '12:00'), (laurel.uid(), 7, '01:00', '05:00') $$, 'a trainer says when there is time');
SELECT tests.act_as_learner();
SELECT is(pg_temp.day('2027-03-22'), '09:00-10:00 10:00-11:00 11:00-12:00', 'on the clock of the person, in winter');
SELECT is(pg_temp.day('2027-03-29'), '09:00-10:00 10:00-11:00 11:00-12:00', 'and in summer');
SELECT is(pg_temp.day('2027-03-23'), 'none', 'on that weekday');
SELECT is(pg_temp.day('2027-03-28'), '01:00-03:00 03:00-04:00 04:00-05:00', 'an hour is skipped: three are left');
SELECT is(pg_temp.day('2027-10-31'), '01:00-02:00 02:00-02:00 02:00-03:00 03:00-04:00 04:00-05:00', 'an hour comes twice: five');
SELECT is(pg_temp.slots('2027-03-22 10:30', '2027-03-22 12:00'), '11:00-12:00', 'within what is asked for');
SELECT is(pg_temp.slots('2027-03-22', '2027-03-23', '90 minutes'), '09:00-10:30 10:30-12:00', 'of that length');
SELECT is(pg_temp.slots('2027-03-22', '2027-03-23', '4 hours'), 'none', 'that fits');
SELECT is((SELECT count(*) FROM laurel.free_slots(tests.person('trainer'), now() - interval '300 days', now())), 0::bigint, 'never in the past');

-- What differs.
SELECT tests.act_as_trainer();
INSERT INTO laurel.availability_exceptions (user_id, kind, starts_at, ends_at) VALUES (laurel.uid(), 'away', '2027-03-22 09:30', '2027-03-22 10:00'), (laurel.uid(), 'available', '2027-03-22 12:00', '2027-03-22 13:00');
INSERT INTO laurel.trainer_calendars (user_id, buffer_minutes, slot_minutes) VALUES (laurel.uid(), 15, 30);
SELECT is(pg_temp.day('2027-03-22'), '10:00-11:00 10:30-11:30 11:00-12:00 11:30-12:30 12:00-13:00', 'away, more time, half hours');
SELECT lives_ok($$ SELECT laurel.book_appointment(tests.person('ben'), '2027-03-22 11:00', '2027-03-22 11:30') $$, 'an appointment');
SELECT is(pg_temp.day('2027-03-22'), '12:00-13:00', 'and its buffer take time, also before it');
SELECT is(pg_temp.slots('2027-03-22', '2027-03-23', '30 minutes'), '09:00-09:30 10:00-10:30 12:00-12:30 12:30-13:00', 'whatever fits between');
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ SELECT laurel.book_appointment(tests.person('ben'), '2027-03-22 09:15', '2027-03-22 09:45') $$), '23514 appointments_available', 'a beneficiary does not book who is away');
SELECT is(tests.error_of($$ SELECT laurel.book_appointment(tests.person('ben'), '2027-03-23 09:00', '2027-03-23 10:00') $$), '23514 appointments_available', 'nor has no time');
SELECT is((SELECT status FROM laurel.book_appointment(tests.person('ben'), '2027-03-22 12:00', '2027-03-22 13:00')), 'scheduled', 'what is offered is had');
SELECT is(tests.error_of($$ SELECT laurel.reschedule_appointment((SELECT id FROM laurel.appointments ORDER BY start_time DESC LIMIT 1), '2027-03-24 12:00', '2027-03-24 13:00') $$), '23514 appointments_available', 'also when it is moved');
SELECT is(pg_temp.day('2027-03-22'), 'none', 'once');
SELECT tests.act_as_trainer();
SELECT is((SELECT status FROM laurel.book_appointment(tests.person('ben'), '2027-03-23 09:00', '2027-03-23 10:00')), 'scheduled', 'trainers book when they like');
SELECT is(pg_temp.day('2027-03-29'), '09:00-10:00 09:30-10:30 10:00-11:00 10:30-11:30 11:00-12:00', 'another Monday');
UPDATE laurel.availability_rules SET valid_until = '2027-03-28' WHERE weekday = 1;
SELECT is(pg_temp.day('2027-03-29'), 'none', 'is no Monday of the rule any more');
UPDATE laurel.availability_rules SET valid_until = NULL, time_zone = 'Asia/Kolkata' WHERE weekday = 1;
SELECT is(pg_temp.day('2027-03-29'), '05:30-06:30 06:00-07:00 06:30-07:30 07:00-08:00 07:30-08:30', 'a rule has a clock of its own');
SELECT tests.act_as_owner();
DELETE FROM laurel.availability_rules; DELETE FROM laurel.trainer_calendars;
INSERT INTO laurel.availability_rules (organization_id, user_id, weekday, starts_at, ends_at, time_zone) SELECT tests.acme(), tests.person('trainer'), d, '22:00', '24:00', 'Etc/UTC' FROM generate_series(1, 7) d;
INSERT INTO laurel.availability_rules (organization_id, user_id, weekday, starts_at, ends_at, time_zone) SELECT tests.acme(), tests.person('trainer'), d, '00:00', '02:00', 'Etc/UTC' FROM generate_series(1, 7) d;
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.free_slots(tests.person('trainer'), '2027-05-01 12:00+00', '2027-05-02 12:00+00', '4 hours')), 1::bigint, 'what meets at midnight is one');

-- Who asks, for what.
SELECT tests.act_as_owner();
INSERT INTO laurel.rooms (organization_id, name) VALUES (tests.acme(), 'Room 1');
SELECT tests.act_as_learner();
SELECT is(tests.error_of(format($$ SELECT FROM laurel.free_slots(%s) $$, arguments)), '22023', 'refused: ' || arguments) FROM unnest(ARRAY[
    $$tests.person('trainer'), now(), now()$$, $$tests.person('trainer'), now(), now() - interval '1 day'$$, $$tests.person('trainer'), '-infinity', now()$$, $$tests.person('trainer'), now(), 'infinity'$$,
    $$tests.person('trainer'), now(), now() + interval '367 days'$$, $$tests.person('trainer'), now(), now() + interval '1 day', '0'$$, $$tests.person('trainer'), now(), now() + interval '1 day', '-1 hour'$$,
    $$tests.person('trainer'), now(), now() + interval '1 day', '25 hours'$$, $$tests.person('trainer'), now(), now() + interval '1 day', '1 month'$$]) arguments;
SELECT is(tests.error_of($$ SELECT FROM laurel.free_slots(NULL, now(), now() + interval '1 day') $$), '22004', 'nobody');
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is((SELECT count(*) FROM laurel.free_slots(tests.person('trainer'), now(), now() + interval '9 days')), 0::bigint, 'another organization is offered nothing');
SELECT tests.act_as_service();
SELECT is((SELECT count(*) > 0 FROM laurel.free_slots(tests.person('trainer'), now(), now() + interval '9 days')), true, 'the service asks where the trainer is at home');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT count(*) FROM laurel.availability_rules), 0::bigint, 'rules are not shown to all');
SELECT is(tests.error_of($$ INSERT INTO laurel.availability_rules (user_id, weekday, starts_at, ends_at) VALUES (tests.person('trainer'), 1, '09:00', '12:00') $$), '42501', 'nor written for others');
SELECT is((SELECT count(*) FROM laurel.availability_exceptions), 0::bigint, 'what differs is not shown either');
SELECT is(tests.error_of($$ INSERT INTO laurel.availability_exceptions (user_id, starts_at, ends_at) VALUES (tests.person('trainer'), now(), now() + interval '1 hour') $$), '42501', 'nor written');
SELECT is(tests.error_of($$ INSERT INTO laurel.trainer_calendars (user_id) VALUES (tests.person('trainer')) $$), '42501', 'nor how a trainer likes it');
DELETE FROM laurel.availability_rules; DELETE FROM laurel.availability_exceptions; UPDATE laurel.availability_rules SET ends_at = '23:59'; UPDATE laurel.availability_exceptions SET kind = 'away';
UPDATE laurel.rooms SET description = 'mine'; DELETE FROM laurel.rooms;
SELECT tests.act_as_owner();
SELECT is((SELECT (count(*), count(*) FILTER (WHERE ends_at = '23:59'))::text FROM laurel.availability_rules), '(14,0)', 'nor changed or deleted');
SELECT is((SELECT string_agg(kind, ' ' ORDER BY kind) FROM laurel.availability_exceptions), 'available away', 'nor is what differs');
SELECT is((SELECT count(*) FROM laurel.rooms WHERE description IS NULL), 1::bigint, 'nor are rooms');
SELECT tests.act_as(tests.person('other'));
SELECT lives_ok($$ INSERT INTO laurel.availability_rules (user_id, weekday, starts_at, ends_at, time_zone) VALUES (laurel.uid(), 1, '09:00', '10:00', 'europe/berlin') $$, 'a zone by another spelling');
SELECT is((SELECT time_zone FROM laurel.availability_rules), 'Europe/Berlin', 'is that zone');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.availability_rules (user_id, weekday, starts_at, ends_at, time_zone) VALUES (laurel.uid(), %s) $$, vals)), '23514 availability_rules_' || c, 'refused: ' || vals) FROM (VALUES
    ($$0, '09:00', '10:00', NULL$$, 'weekday_check'), ($$8, '09:00', '10:00', NULL$$, 'weekday_check'), ($$1, '10:00', '09:00', NULL$$, 'ends_at_check'), ($$1, '09:00', '09:00', NULL$$, 'ends_at_check'),
    ($$1, '09:00:30', '10:00', NULL$$, 'starts_at_check'), ($$1, '09:00', '10:00', 'Mars/Olympus'$$, 'time_zone_check'), ($$1, '09:00', '10:00', '+02:00'$$, 'time_zone_check')) v (vals, c);
SELECT is(tests.error_of(format($$ INSERT INTO laurel.availability_exceptions (user_id, starts_at, ends_at) VALUES (laurel.uid(), %s) $$, vals)), '23514 availability_exceptions_' || c, 'refused: ' || vals) FROM (VALUES
    ($$now(), now()$$, 'ends_at_check'), ($$now(), 'infinity'$$, 'ends_at_check'), ($$now(), now() + interval '2 years'$$, 'ends_at_check'), ($$'-infinity', now()$$, 'ends_at_check')) v (vals, c);
SELECT is(tests.error_of(format($$ INSERT INTO laurel.availability_rules (user_id, weekday, starts_at, ends_at, valid_from, valid_until) VALUES (laurel.uid(), 1, '09:00', '10:00', %L, %L) $$, f, u)), '23514 availability_rules_' || c, 'refused: ' || c)
FROM (VALUES ('-infinity', NULL, 'valid_from_check'), (NULL, 'infinity', 'valid_until_check'), ('2027-01-02', '2027-01-01', 'valid_until_check')) v (f, u, c);
SELECT is(tests.error_of(format($$ INSERT INTO laurel.availability_exceptions (user_id, starts_at, ends_at, kind, reason) VALUES (laurel.uid(), %L, %L::timestamptz + interval '1 hour', %L, %L) $$, s, s, k, r)), '23514 availability_exceptions_' || c, 'refused: ' || c)
FROM (VALUES ('1969-12-31', 'away', NULL, 'starts_at_check'), ('9999-12-02', 'away', NULL, 'starts_at_check'), ('2027-01-01', 'never', NULL, 'kind_check'), ('2027-01-01', 'away', '', 'reason_check'), ('2027-01-01', 'away', repeat('x', 501), 'reason_check')) v (s, k, r, c);
SELECT is(tests.error_of(format($$ INSERT INTO laurel.trainer_calendars (user_id, %s) VALUES (laurel.uid(), %s) $$, c, v)), format('23514 trainer_calendars_%s_check', c), format('refused: %s %s', c, v)) FROM (VALUES
    ('buffer_minutes', '-1'), ('buffer_minutes', '1441'), ('slot_minutes', '0'), ('cancel_notice_minutes', '-1'), ('reminder_minutes', $$'{0}'$$), ('reminder_minutes', $$'{NULL}'$$), ('reminder_minutes', $$'{{1},{2}}'$$), ('reminder_minutes', $$'{43201}'$$)) x (c, v);
SELECT * FROM finish();
ROLLBACK;
