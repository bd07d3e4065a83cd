-- Reminders: once for each appointment and time before it, and again after it was moved.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'bolt_trainer', 'bolt_learner');
INSERT INTO laurel.beneficiaries (id, organization_id, user_id, trainer_id) VALUES (tests.person('ben'), tests.acme(), tests.person('learner'), tests.person('trainer')),
    (tests.person('bolt'), tests.bolt(), tests.person('bolt_learner'), tests.person('bolt_trainer'));
INSERT INTO laurel.trainer_calendars (organization_id, user_id, reminder_minutes) VALUES (tests.acme(), tests.person('trainer'), '{2880, 60, 1440}'), (tests.bolt(), tests.person('bolt_trainer'), '{}');
CREATE FUNCTION pg_temp.make(name text, who text, ahead interval, status text DEFAULT 'scheduled') RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.appointments (id, organization_id, title, beneficiary_id, start_time, end_time, status) SELECT tests.person(name), organization_id, name, id, now() + ahead, now() + ahead + interval '20 minutes', make.status FROM laurel.beneficiaries WHERE id = tests.person(who) $$;
CREATE FUNCTION pg_temp.said() RETURNS text LANGUAGE sql AS $$ SELECT coalesce(string_agg(CASE user_id WHEN tests.person('learner') THEN 'learner' WHEN tests.person('trainer') THEN 'trainer' ELSE 'other' END
    || ' ' || type || ' ' || (data ->> 'minutes_before') || ' ' || title, '; ' ORDER BY title, type, id), 'nothing') FROM laurel.notifications WHERE type LIKE '%appointment_reminder' $$;
CREATE FUNCTION pg_temp.forget() RETURNS void LANGUAGE sql AS $$ DELETE FROM laurel.notifications $$;
SELECT pg_temp.make('far', 'ben', '5 days'), pg_temp.make('near', 'ben', '20 hours'), pg_temp.make('bolt one', 'bolt', '20 hours');
INSERT INTO laurel.appointments (id, organization_id, title, beneficiary_id, start_time, end_time, status, held_until) VALUES (tests.person('held'), tests.acme(), 'held', tests.person('ben'), now() + interval '15 hours', now() + interval '16 hours', 'held', now() + interval '10 hours');

SELECT is(laurel.send_reminders(), 1::bigint, 'who has an appointment soon');
SELECT is(pg_temp.said(), 'learner appointment_reminder 1440 Reminder: near; trainer trainer_appointment_reminder 1440 Reminder: near', 'is reminded, by the nearest of the times that have come');
SELECT is((SELECT reminder_sent FROM laurel.appointments WHERE title = 'near'), true, 'and noted');
SELECT is((SELECT reminder_sent FROM laurel.appointments WHERE title = 'far'), false, 'nobody else');
SELECT is(laurel.send_reminders(), 0::bigint, 'once');
SELECT pg_temp.forget();
SELECT is(laurel.send_reminders(), 0::bigint, 'also when it was read and is gone');
SELECT lives_ok(format($$ SELECT laurel.reschedule_appointment(%L, now() + interval '22 hours', now() + interval '23 hours') $$, tests.person('near')), 'it is moved');
SELECT is((SELECT reminder_sent FROM laurel.appointments WHERE title = 'near'), false, 'then nobody is reminded of that');
SELECT is(laurel.send_reminders(), 1::bigint, 'until it is time');
SELECT is(laurel.send_reminders(), 0::bigint, 'once');
SELECT lives_ok(format($$ SELECT laurel.reschedule_appointment(%L, now() + interval '20 hours', now() + interval '20 hours 20 minutes') $$, tests.person('near')), 'back again');
SELECT is(laurel.send_reminders(), 1::bigint, 'is another time');
SELECT lives_ok(format($$ UPDATE laurel.appointments SET title = 'near and new' WHERE id = %L $$, tests.person('near')), 'other words');
SELECT is(laurel.send_reminders(), 0::bigint, 'are not');
SELECT lives_ok(format($$ SELECT laurel.reschedule_appointment(%L, now() + interval '40 minutes', now() + interval '50 minutes') $$, tests.person('near')), 'very near');
SELECT pg_temp.forget();
SELECT is(laurel.send_reminders(), 1::bigint, 'two times have come');
SELECT is(pg_temp.said(), 'learner appointment_reminder 60 Reminder: near and new; trainer trainer_appointment_reminder 60 Reminder: near and new', 'one is said');
SELECT pg_temp.make('off', 'ben', '10 hours');
SELECT lives_ok(format($$ SELECT laurel.cancel_appointment(%L) $$, tests.person('off')), 'what is cancelled');
SELECT is(laurel.send_reminders(), 0::bigint, 'is not said, nor what is held, nor where the trainer wants none');

-- Of a group: the trainer once, everybody who has a place.
INSERT INTO laurel.beneficiaries (id, organization_id, user_id, trainer_id) VALUES (tests.person('eve'), tests.acme(), tests.person('other'), tests.person('trainer'));
INSERT INTO laurel.appointments (id, organization_id, title, trainer_id, start_time, end_time, max_participants) VALUES (tests.person('group'), tests.acme(), 'group', tests.person('trainer'), now() + interval '23 hours', now() + interval '24 hours', 1);
SELECT laurel.join_session(tests.person('group'), tests.person('ben')), laurel.join_session(tests.person('group'), tests.person('eve'));
SELECT pg_temp.forget();
SELECT is(laurel.send_reminders(), 2::bigint, 'a session and its place');
SELECT is(pg_temp.said(), 'learner appointment_reminder 1440 Reminder: group; trainer trainer_appointment_reminder 1440 Reminder: group', 'who waits is not reminded');
SELECT is((SELECT count(*) FROM laurel.appointment_reminders), (SELECT count(DISTINCT (appointment_id, minutes_before, times_moved)) FROM laurel.appointment_reminders), 'each once');

SELECT is(laurel.expire_appointments(), 0::bigint, 'a hold that is not over stays');
UPDATE laurel.appointments SET held_until = clock_timestamp() WHERE title = 'held';
SELECT is(laurel.expire_appointments(), 1::bigint, 'one that is over ends');
SELECT tests.act_as_trainer();
SELECT is(tests.error_of($$ SELECT laurel.send_reminders() $$), '42501', 'clients do not run the jobs');
SELECT is(tests.error_of($$ SELECT laurel.expire_appointments() $$), '42501', 'neither');
SELECT is(tests.error_of($$ SELECT FROM laurel.appointment_reminders $$), '42501', 'nor see what has gone');
SELECT * FROM finish();
ROLLBACK;
