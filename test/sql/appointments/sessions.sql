-- Group sessions: places, who waits for one, and how they follow.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
SELECT no_plan();

SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'second', 'third', 'bolt_learner', 'bolt_trainer');
INSERT INTO laurel.beneficiaries (id, organization_id, user_id, trainer_id)
SELECT tests.person('as ' || who), tests.acme(), tests.person(who), tests.person('trainer') FROM unnest(ARRAY['learner', 'other', 'second', 'third']) who;
INSERT INTO laurel.beneficiaries (id, organization_id, user_id, trainer_id) VALUES (tests.person('as bolt'), tests.bolt(), tests.person('bolt_learner'), tests.person('bolt_trainer'));
INSERT INTO laurel.rooms (id, organization_id, name) VALUES (tests.person('room'), tests.acme(), 'Room 1');
CREATE FUNCTION pg_temp.at(hour numeric) RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT date_trunc('day', now()) + interval '2 days' + hour * interval '1 hour' $$;
CREATE FUNCTION pg_temp.join(who text) RETURNS text LANGUAGE sql AS $$ SELECT status FROM laurel.join_session(tests.person('session'), tests.person('as ' || who)) $$;
CREATE FUNCTION pg_temp.places() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT concat_ws(' ', s.places_taken, s.waiting_count, (SELECT string_agg(split_part(u.email, '@', 1) || ' ' || p.status || ' ' || to_char(p.start_time, 'HH24'), ', ' ORDER BY u.email)
        FROM laurel.appointments p JOIN laurel.users u ON u.id = p.user_id WHERE p.session_id = s.id)) FROM laurel.appointments s WHERE s.id = tests.person('session') $$;
CREATE FUNCTION pg_temp.of(who text) RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$ SELECT id FROM laurel.appointments WHERE session_id = tests.person('session') AND user_id = tests.person(who) ORDER BY created_at DESC, id DESC LIMIT 1 $$;

SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ INSERT INTO laurel.appointments (title, trainer_id, start_time, end_time, max_participants) VALUES ('Group', tests.person('learner'), pg_temp.at(9), pg_temp.at(10), 2) $$), '42501', 'sessions are made by trainers');
SELECT tests.act_as_trainer();
SELECT lives_ok($$ INSERT INTO laurel.appointments (id, title, trainer_id, start_time, end_time, max_participants, room_id, location) VALUES (tests.person('session'), 'Group', tests.person('trainer'), pg_temp.at(9), pg_temp.at(10), 2, tests.person('room'), 'Hall') $$, 'who make one');
SELECT is(tests.error_of($$ INSERT INTO laurel.appointments (title, beneficiary_id, start_time, end_time) VALUES ('x', tests.person('as other'), pg_temp.at(9), pg_temp.at(10)) $$), '23P01 appointments_trainer_id_excl', 'and are there alone');

-- Places.
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.appointments), 1::bigint, 'members see it');
SELECT is(pg_temp.join('learner'), 'scheduled', 'a place');
SELECT is((SELECT (title, location, trainer_id = tests.person('trainer'), room_id = tests.person('room'), start_time = pg_temp.at(9))::text FROM laurel.appointments WHERE session_id IS NOT NULL), '(Group,Hall,t,t,t)', 'is where its session is');
SELECT is((SELECT is_new FROM laurel.join_session(tests.person('session'), tests.person('as learner'))), false, 'once');
SELECT is(tests.error_of($$ SELECT pg_temp.join('other') $$), '23503 appointments_beneficiary_id_fkey', 'not for others');
SELECT is(tests.error_of($$ INSERT INTO laurel.appointments (title, session_id, beneficiary_id) VALUES ('x', tests.person('session'), tests.person('as learner')) $$), '23P01 appointments_beneficiary_id_excl', 'nor twice');
SELECT is(tests.error_of($$ SELECT laurel.reschedule_appointment(pg_temp.of('learner'), pg_temp.at(12), pg_temp.at(13)) $$), '23514 appointments_movable', 'it does not move alone');
SELECT is(tests.error_of($$ SELECT laurel.join_session(tests.person('nothing'), tests.person('as learner')) $$), '23503 appointments_session_id_fkey', 'a session that is not there');
SELECT is(tests.error_of($$ SELECT laurel.join_session(pg_temp.of('learner'), tests.person('as learner')) $$), '23503 appointments_session_id_fkey', 'or is none');
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is(tests.error_of($$ SELECT laurel.join_session(tests.person('session'), tests.person('as bolt')) $$), '23503 appointments_session_id_fkey', 'or is another organization''s');
SELECT tests.act_as(tests.person('other'));
SELECT is(pg_temp.join('other'), 'scheduled', 'the last place');
SELECT tests.act_as(tests.person('second'));
SELECT is(pg_temp.join('second'), 'waitlisted', 'who comes late waits');
SELECT is((SELECT is_new FROM laurel.join_session(tests.person('session'), tests.person('as second'))), false, 'once');
SELECT is((SELECT count(*) FROM laurel.appointments WHERE session_id IS NOT NULL), 1::bigint, 'and sees the own place alone');
SELECT tests.act_as_trainer();
SELECT is(pg_temp.join('third'), 'waitlisted', 'whoever asks');
SELECT is(tests.error_of($$ INSERT INTO laurel.appointments (title, beneficiary_id, trainer_id, start_time, end_time) VALUES ('x', tests.person('as third'), tests.person('trainer'), pg_temp.at(9.5), pg_temp.at(11)) $$) LIKE '23P01%', true, 'who waits keeps the time free');
SELECT is(pg_temp.places(), '2 2 learner scheduled 09, other scheduled 09, second waitlisted 09, third waitlisted 09', 'counted');
SELECT is(tests.error_of($$ UPDATE laurel.appointments SET max_participants = 1 WHERE id = tests.person('session') $$), '23514 appointments_places_taken_check', 'never fewer places than are taken');

-- Who waits comes next.
SELECT tests.act_as_learner();
SELECT is((SELECT status FROM laurel.cancel_appointment(pg_temp.of('learner'))), 'cancelled', 'a place is given up');
SELECT is(pg_temp.places(), '2 1 learner cancelled 09, other scheduled 09, second scheduled 09, third waitlisted 09', 'and given on');
SELECT tests.act_as_owner();
SELECT is((SELECT title FROM laurel.notifications WHERE user_id = tests.person('second')), 'Appointment: Group', 'who is told');
SELECT tests.act_as_trainer();
SELECT lives_ok($$ UPDATE laurel.appointments SET max_participants = 3 WHERE id = tests.person('session') $$, 'more places');
SELECT is(pg_temp.places(), '3 0 learner cancelled 09, other scheduled 09, second scheduled 09, third scheduled 09', 'are given too');
SELECT tests.act_as_learner();
SELECT is(pg_temp.join('learner'), 'waitlisted', 'who comes again waits');
SELECT is(tests.error_of($$ UPDATE laurel.appointments SET status = 'scheduled' WHERE id = pg_temp.of('learner') $$), 'none', 'asking again');
SELECT is(pg_temp.places(), '3 1 learner cancelled 09, learner waitlisted 09, other scheduled 09, second scheduled 09, third scheduled 09', 'goes on waiting');

-- Places follow.
SELECT tests.act_as_trainer();
SELECT is((SELECT start_time = pg_temp.at(14) FROM laurel.reschedule_appointment(tests.person('session'), pg_temp.at(14), pg_temp.at(15))), true, 'a session moves');
SELECT is(pg_temp.places(), '3 1 learner cancelled 09, learner waitlisted 14, other scheduled 14, second scheduled 14, third scheduled 14', 'with its places');
SELECT lives_ok($$ INSERT INTO laurel.appointments (title, beneficiary_id, start_time, end_time) VALUES ('x', tests.person('as other'), pg_temp.at(17), pg_temp.at(18)) $$, 'somebody has another appointment');
SELECT is(tests.error_of($$ SELECT laurel.reschedule_appointment(tests.person('session'), pg_temp.at(16.5), pg_temp.at(18)) $$), '23P01 appointments_trainer_id_excl', 'whom it does not overlap');
SELECT lives_ok($$ UPDATE laurel.appointments SET location = 'Garden' WHERE id = tests.person('session') $$, 'a place elsewhere');
SELECT is((SELECT string_agg(DISTINCT location, ',') FROM laurel.appointments WHERE session_id IS NOT NULL AND status <> 'cancelled'), 'Garden', 'is that of all');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(type, ' ' ORDER BY id) FROM laurel.notifications WHERE user_id = tests.person('second')), 'appointment_scheduled appointment_moved appointment_moved', 'who are told');
SELECT is((SELECT laurel_internal.appointment_invitation_ics(tests.acme(), tests.person('second'), pg_temp.of('second'), 'm@acme.test') ~ 'LOCATION:Room 1\\, Garden'), true, 'their calendars too');
SELECT is(tests.error_of($$ UPDATE laurel.appointments SET start_time = pg_temp.at(20), end_time = pg_temp.at(21) WHERE id = pg_temp.of('second') $$), '23514 appointments_movable', 'nobody else moves a place');

-- Full, without waitlist; over.
SELECT tests.act_as_trainer();
SELECT lives_ok($$ UPDATE laurel.appointments SET has_waitlist = false, max_participants = 3 WHERE id = tests.person('session') $$, 'no waitlist');
SELECT lives_ok($$ SELECT laurel.cancel_appointment(pg_temp.of('learner')) $$, 'who waited goes');
SELECT is(tests.told($$ SELECT pg_temp.join('learner') $$), '23514 | the session has no places left for that | It has 3 places, 3 are taken, 1 were asked for. | Ask again later: the session has no waitlist. | appointments_places', 'then who is late is refused');
SELECT is(tests.error_of($$ SELECT laurel.confirm_appointment(tests.person('session')) $$) <> 'none', true, 'a session is not confirmed');
SELECT is((SELECT status FROM laurel.cancel_appointment(tests.person('session'), 'snow')), 'cancelled', 'a session is cancelled');
SELECT is(pg_temp.places() ~ 'other cancelled 14, second cancelled 14, third cancelled 14$', true, 'with all places');
SELECT is((SELECT string_agg(DISTINCT cancellation_reason, ',') FROM laurel.appointments WHERE session_id IS NOT NULL), 'snow', 'and says why');
SELECT is(tests.error_of($$ SELECT pg_temp.join('learner') $$), '23514 appointments_session_open', 'it takes nobody any more');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ SELECT pg_temp.join('learner') $$), '23514 appointments_session_open', 'whoever asks');

-- What took place.
SELECT tests.act_as_owner();
INSERT INTO laurel.appointments (id, organization_id, title, trainer_id, start_time, end_time, max_participants, created_at) VALUES (tests.person('held'), tests.acme(), 'Held', tests.person('trainer'), now() - interval '1 hour', now() + interval '10 minutes', 5, now() - interval '3 days');
INSERT INTO laurel.appointments (session_id, beneficiary_id, organization_id, created_at) SELECT tests.person('held'), tests.person('as ' || who), tests.acme(), now() - interval '2 days' FROM unnest(ARRAY['learner', 'other']) who;
SELECT tests.act_as_trainer();
SELECT lives_ok($$ SELECT laurel.mark_no_show(id) FROM laurel.appointments WHERE session_id = tests.person('held') AND user_id = tests.person('other') $$, 'one did not come');
SELECT is((SELECT status FROM laurel.complete_appointment(tests.person('held'))), 'completed', 'a session took place');
SELECT is((SELECT string_agg(status, ' ' ORDER BY status) FROM laurel.appointments WHERE session_id = tests.person('held')), 'completed no_show', 'for those who came');
SELECT tests.act_as_owner();
SELECT is((SELECT places_taken FROM laurel.appointments WHERE id = tests.person('held')), 2::bigint, 'whose places stay');
SELECT tests.act_as_trainer();
SELECT set_config('tests.token', laurel.create_calendar_feed(), true) IS NULL AS none \g /dev/null
SELECT is((SELECT string_agg(m[1], ', ' ORDER BY m[1]) FROM regexp_matches(laurel.calendar_feed(current_setting('tests.token')), 'SUMMARY:([^\r]*)', 'g') m), 'Held, x', 'a trainer''s calendar has sessions, not their places');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.check('laurel.appointments')), 0::bigint, 'all is sound');
INSERT INTO laurel.appointments (id, organization_id, title, trainer_id, start_time, end_time, max_participants) VALUES (tests.person('next'), tests.acme(), 'Next', tests.person('trainer'), pg_temp.at(40), pg_temp.at(41), 1);
SELECT laurel.join_session(tests.person('next'), tests.person('as learner')), laurel.join_session(tests.person('next'), tests.person('as other')) \g /dev/null
DELETE FROM laurel.users WHERE id = tests.person('learner');
SELECT is((SELECT string_agg(status, ' ') FROM laurel.appointments WHERE session_id = tests.person('next')), 'scheduled', 'a place whose owner is gone is given on');
SELECT is(laurel.expire_appointments(), 0::bigint, 'nothing is left to do');
SELECT * FROM finish();
ROLLBACK;
