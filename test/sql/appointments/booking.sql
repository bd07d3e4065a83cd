-- Appointments: nobody is in two places, who may do what until when, and what is told.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
SELECT no_plan();

SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'second', 'bolt_admin', 'bolt_trainer', 'bolt_learner');
SELECT tests.join(tests.acme(), 'coach');
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('coach'), 'trainer');
INSERT INTO laurel.beneficiaries (id, organization_id, user_id, trainer_id) VALUES
    (tests.person('ben'), tests.acme(), tests.person('learner'), tests.person('trainer')),
    (tests.person('eve'), tests.acme(), tests.person('other'), tests.person('trainer')),
    (tests.person('ida'), tests.acme(), tests.person('second'), tests.person('coach')),
    (tests.person('bolt'), tests.bolt(), tests.person('bolt_learner'), tests.person('bolt_trainer'));
INSERT INTO laurel.rooms (id, organization_id, name) VALUES (tests.person('room'), tests.acme(), 'Room 1');
INSERT INTO laurel.rooms (id, organization_id, name) VALUES (tests.person('bolt room'), tests.bolt(), 'Room 1');
-- All day, every day.
INSERT INTO laurel.availability_rules (organization_id, user_id, weekday, starts_at, ends_at, time_zone)
SELECT tests.acme(), tests.person(who), day, '00:00', '24:00', 'Etc/UTC' FROM unnest(ARRAY['trainer', 'coach']) who, generate_series(1, 7) day;

-- The day after tomorrow at that hour.
CREATE FUNCTION pg_temp.at(hour numeric) RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT date_trunc('day', now()) + interval '2 days' + hour * interval '1 hour' $$;
CREATE FUNCTION pg_temp.book(who text, hour numeric, hours numeric DEFAULT 1, trainer text DEFAULT NULL, room text DEFAULT NULL) RETURNS laurel.booking LANGUAGE sql AS $$
    SELECT laurel.book_appointment(tests.person(who), pg_temp.at(hour), pg_temp.at(hour + hours), who || ' at ' || hour, trainer_id => tests.person(trainer), room_id => tests.person(room)) $$;
CREATE FUNCTION pg_temp.id(name text) RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$ SELECT id FROM laurel.appointments WHERE title = name AND session_id IS NULL ORDER BY created_at DESC, id DESC LIMIT 1 $$;
CREATE FUNCTION pg_temp.now_is(name text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT concat_ws(' ', status, to_char(start_time, 'HH24:MI'), 'moved ' || times_moved, 'sequence ' || sequence) FROM laurel.appointments WHERE id = pg_temp.id(name) $$;

-- Booked.
SELECT tests.act_as_learner();
SELECT is((SELECT (status, start_time = pg_temp.at(9), end_time = pg_temp.at(10), is_new)::text FROM pg_temp.book('ben', 9)), '(scheduled,t,t,t)', 'a beneficiary books with the own trainer');
SELECT is((SELECT is_new FROM pg_temp.book('ben', 9)), false, 'a retry finds it');
SELECT is((SELECT (trainer_id = tests.person('trainer'), user_id = tests.person('learner'), blocked = tstzrange(pg_temp.at(9), pg_temp.at(10)), cancel_until = pg_temp.at(9) - interval '1 day')::text
    FROM laurel.appointments), '(t,t,t,t)', 'what follows is filled in');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT count(*) FROM laurel.appointments), 0::bigint, 'others do not see it');
SELECT is(tests.told($$ SELECT pg_temp.book('eve', 9.5) $$), format('23P01 | the trainer is not free at that time | Something else takes part of ["%s","%s"). | SELECT * FROM laurel.free_slots(trainer_id, from_time, until_time, duration) says when the trainer can be met. | appointments_trainer_id_excl',
    pg_temp.at(9.5), pg_temp.at(10.5)), 'the trainer is met by one at a time');
SELECT is(tests.error_of($$ INSERT INTO laurel.appointments (title, beneficiary_id, start_time, end_time) VALUES ('x', tests.person('eve'), pg_temp.at(9), pg_temp.at(10)) $$),
    '23P01 appointments_trainer_id_excl', 'whoever writes');
SELECT is((SELECT status FROM pg_temp.book('eve', 10)), 'scheduled', 'one after the other');
SELECT is(tests.error_of($$ UPDATE laurel.appointments SET start_time = pg_temp.at(9.5), end_time = pg_temp.at(11) WHERE id = pg_temp.id('eve at 10') $$), '23P01 appointments_trainer_id_excl', 'nor is one moved into another');
SELECT is(tests.error_of($$ SELECT pg_temp.book('eve', 20, trainer => 'coach') $$), '42501', 'beneficiaries book with their trainer');
SELECT is(tests.error_of($$ SELECT pg_temp.book('ben', 20) $$), '23503 appointments_beneficiary_id_fkey', 'not for others');
SELECT is(tests.error_of($$ SELECT pg_temp.book('bolt', 20) $$), '23503 appointments_beneficiary_id_fkey', 'nor those of another organization');
SELECT is(tests.error_of($$ INSERT INTO laurel.appointments (title, beneficiary_id, start_time, end_time, buffer_minutes) VALUES ('x', tests.person('eve'), pg_temp.at(12), pg_temp.at(13), 5) $$), '42501', 'the buffer is the trainer''s');
SELECT is(tests.error_of($$ INSERT INTO laurel.appointments (title, beneficiary_id, start_time, end_time, status) VALUES ('x', tests.person('eve'), pg_temp.at(12), pg_temp.at(13), 'completed') $$), '23514 appointments_status_first', 'nothing begins at its end');
SELECT is(tests.error_of($$ INSERT INTO laurel.appointments (title, beneficiary_id, start_time, end_time, room_id) VALUES ('x', tests.person('eve'), pg_temp.at(12), pg_temp.at(13), tests.person('bolt room')) $$), '23503 appointments_room_id_fkey', 'nor elsewhere');

SELECT tests.act_as_trainer();
SELECT is((SELECT count(*) FROM laurel.appointments), 2::bigint, 'the trainer sees both');
SELECT is((SELECT status FROM pg_temp.book('eve', 13, room => 'room')), 'scheduled', 'the trainer books with beneficiaries');
SELECT is(tests.error_of($$ SELECT pg_temp.book('ida', 15) $$), '23503 appointments_beneficiary_id_fkey', 'not with those of others');
SELECT is(tests.error_of($$ SELECT pg_temp.book('eve', 15, trainer => 'coach') $$), '42501', 'nor for other trainers');
SELECT tests.act_as(tests.person('coach'));
SELECT is((SELECT count(*) FROM laurel.appointments), 0::bigint, 'another trainer does not see them');
SELECT is(tests.error_of($$ SELECT pg_temp.book('ida', 13.5, room => 'room') $$), '23P01 appointments_room_id_excl', 'a room holds one');
SELECT is((SELECT status FROM pg_temp.book('ida', 14, room => 'room')), 'scheduled', 'after the other');
SELECT is(tests.error_of($$ SELECT laurel.cancel_appointment(pg_temp.id('eve at 13')) $$), '42501', 'another trainer cancels nothing');
SELECT is(tests.error_of($$ UPDATE laurel.appointments SET trainer_id = tests.person('trainer') WHERE id = pg_temp.id('ida at 14') $$), '42501', 'nor gives it away');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ SELECT pg_temp.book('eve', 12.5, trainer => 'coach') $$), '23P01 appointments_beneficiary_id_excl', 'a beneficiary is met by one at a time');
SELECT is((SELECT status FROM pg_temp.book('eve', 16, trainer => 'coach')), 'scheduled', 'administrators book anybody');
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT count(*) FROM laurel.appointments), 0::bigint, 'another organization sees nothing');
SELECT is(tests.error_of($$ SELECT laurel.cancel_appointment(pg_temp.id('eve at 16')) $$), '42501', 'and changes nothing');
SELECT tests.act_as_anon();
SELECT is(tests.error_of($$ SELECT pg_temp.book('eve', 18) $$), '42501', 'nor does anybody who has not signed in');
SELECT is(tests.error_of($$ SELECT FROM laurel.free_slots(tests.person('trainer'), pg_temp.at(0), pg_temp.at(24)) $$), '42501', 'who is offered nothing either');
SELECT is(tests.error_of($$ SELECT FROM laurel.appointments $$), '42501', 'nor sees any');

-- Moved.
SELECT tests.act_as_learner();
SELECT is((SELECT (status, is_new)::text FROM laurel.reschedule_appointment(pg_temp.id('ben at 9'), pg_temp.at(11), pg_temp.at(12))), '(scheduled,t)', 'it is moved');
SELECT is((SELECT is_new FROM laurel.reschedule_appointment(pg_temp.id('ben at 9'), pg_temp.at(11), pg_temp.at(12))), false, 'once');
SELECT is(pg_temp.now_is('ben at 9'), 'scheduled 11:00 moved 1 sequence 1', 'and calendars are told');
SELECT is(tests.error_of($$ SELECT laurel.reschedule_appointment(pg_temp.id('ben at 9'), pg_temp.at(13), pg_temp.at(14)) $$), '23P01 appointments_trainer_id_excl', 'only where there is time');
SELECT is(tests.error_of($$ SELECT laurel.reschedule_appointment(pg_temp.id('ben at 9'), now() - interval '2 hours', now() - interval '1 hour') $$), '23514 appointments_start_time_check', 'not into the past');
SELECT is((SELECT start_time = pg_temp.at(11.25) FROM laurel.reschedule_appointment(pg_temp.id('ben at 9'), pg_temp.at(11.25), pg_temp.at(12.25))), true, 'its own time is in nobody''s way');
SELECT is((SELECT status FROM pg_temp.book('ben', 9)), 'scheduled', 'what was left is free');

-- What only the trainer says.
SELECT is(tests.error_of($$ UPDATE laurel.appointments SET notes = 'mine' WHERE id = pg_temp.id('ben at 9') $$), '42501', 'a beneficiary changes no words');
SELECT is(tests.error_of($$ UPDATE laurel.appointments SET buffer_minutes = 5 WHERE id = pg_temp.id('ben at 9') $$), '42501', 'nor the buffer');
SELECT is(tests.error_of($$ SELECT laurel.complete_appointment(pg_temp.id('ben at 9')) $$), '42501', 'nor whether it took place');
SELECT is(tests.error_of($$ UPDATE laurel.appointments SET trainer_id = tests.person('coach') WHERE id = pg_temp.id('ben at 9') $$), '42501', 'nor with whom');
SELECT is(tests.error_of($$ UPDATE laurel.appointments SET blocked = 'empty' $$), '42501', 'nor what it takes');
SELECT is((SELECT status FROM laurel.confirm_appointment(pg_temp.id('ben at 9'))), 'confirmed', 'but that it stands');
SELECT is((SELECT is_new FROM laurel.confirm_appointment(pg_temp.id('ben at 9'))), false, 'once');
SELECT tests.act_as_trainer();
SELECT lives_ok($$ UPDATE laurel.appointments SET notes = 'Bring the plan' WHERE id = pg_temp.id('ben at 9') $$, 'the trainer does');
SELECT is(tests.told($$ SELECT laurel.complete_appointment(pg_temp.id('ben at 9')) $$), format('23514 | what has not begun is neither completed nor missed | It begins at %s. | Wait until it has, or cancel it. | appointments_status_early', pg_temp.at(9)), 'what has not begun did not take place');
SELECT is(tests.error_of($$ SELECT laurel.mark_no_show(pg_temp.id('ben at 9')) $$), '23514 appointments_status_early', 'nor was it missed');

-- Cancelled, by the beneficiary in time.
SELECT tests.act_as_learner();
SELECT is((SELECT (status, is_new)::text FROM laurel.cancel_appointment(pg_temp.id('ben at 9'), 'ill')), '(cancelled,t)', 'it is cancelled');
SELECT is((SELECT is_new FROM laurel.cancel_appointment(pg_temp.id('ben at 9'))), false, 'once');
SELECT is((SELECT cancellation_reason FROM laurel.appointments WHERE id = pg_temp.id('ben at 9')), 'ill', 'and says why');
SELECT is(tests.error_of($$ SELECT laurel.confirm_appointment(pg_temp.id('ben at 9')) $$), '23514 appointments_status_steps', 'for ever');
SELECT is(tests.error_of($$ SELECT laurel.reschedule_appointment(pg_temp.id('ben at 9'), pg_temp.at(18), pg_temp.at(19)) $$), '23514 appointments_movable', 'and is not moved');
SELECT tests.act_as_owner();
INSERT INTO laurel.trainer_calendars (organization_id, user_id, cancel_notice_minutes, buffer_minutes) VALUES (tests.acme(), tests.person('trainer'), 4 * 1440, 30);
SELECT tests.act_as_learner();
SELECT is((SELECT status FROM pg_temp.book('ben', 18)), 'scheduled', 'booked late');
SELECT is(tests.told($$ SELECT laurel.cancel_appointment(pg_temp.id('ben at 18')) $$), format('23514 | it is too late to cancel or move this appointment | That was possible until %s. | Ask the trainer. | appointments_cancel_until', pg_temp.at(18) - interval '4 days'), 'it is too late to cancel');
SELECT is(tests.error_of($$ SELECT laurel.reschedule_appointment(pg_temp.id('ben at 18'), pg_temp.at(20), pg_temp.at(21)) $$), '23514 appointments_cancel_until', 'and to move');
DELETE FROM laurel.appointments WHERE id = pg_temp.id('ben at 18');
SELECT is(pg_temp.now_is('ben at 18'), 'scheduled 18:00 moved 0 sequence 0', 'also by deleting');
SELECT is(tests.error_of($$ SELECT pg_temp.book('ben', 19.25) $$), '23P01 appointments_trainer_id_excl', 'the buffer is not free');
SELECT is(tests.error_of($$ SELECT pg_temp.book('ben', 17.25, 0.5) $$), '23P01 appointments_trainer_id_excl', 'nor is a buffer before it');
SELECT is((SELECT status FROM pg_temp.book('ben', 19.5)), 'scheduled', 'after it there is time');
SELECT tests.act_as_trainer();
SELECT lives_ok($$ DELETE FROM laurel.appointments WHERE id = pg_temp.id('ben at 18') $$, 'the trainer deletes');
SELECT is(pg_temp.now_is('ben at 18'), 'cancelled 18:00 moved 0 sequence 1', 'which cancels');

-- Held.
SELECT tests.act_as_learner();
SELECT is((SELECT (status, is_new)::text FROM laurel.hold_appointment(tests.person('ben'), pg_temp.at(22), pg_temp.at(23), '1 hour', 'kept')), '(held,t)', 'a time is held');
SELECT is((SELECT is_new FROM laurel.hold_appointment(tests.person('ben'), pg_temp.at(22), pg_temp.at(23), '1 hour', 'kept')), false, 'once');
SELECT tests.act_as(tests.person('other'));
SELECT is(tests.error_of($$ SELECT pg_temp.book('eve', 22) $$), '23P01 appointments_trainer_id_excl', 'and keeps others out');
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ SELECT laurel.reschedule_appointment(pg_temp.id('kept'), pg_temp.at(6), pg_temp.at(7)) $$), '23514 appointments_movable', 'it is not moved');
SELECT is((SELECT status FROM laurel.confirm_appointment(pg_temp.id('kept'))), 'confirmed', 'but taken');
SELECT is((SELECT held_until FROM laurel.appointments WHERE id = pg_temp.id('kept')), NULL, 'for good');
SELECT is((SELECT status FROM laurel.hold_appointment(tests.person('ben'), pg_temp.at(2), pg_temp.at(3), '1 second', 'short')), 'held', 'a short hold');
SELECT pg_sleep(1.1);
SELECT is((SELECT count(*) FROM laurel.appointments WHERE title = 'short'), 0::bigint, 'that has expired is not seen');
SELECT is(tests.error_of($$ SELECT laurel.confirm_appointment(pg_temp.id('short')) $$), '42501', 'and cannot be taken');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ UPDATE laurel.appointments SET status = 'scheduled' WHERE id = pg_temp.id('short') $$), '23514 appointments_held_until', 'by anybody');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT status FROM pg_temp.book('eve', 2)), 'scheduled', 'it keeps nobody out, at once');
SELECT is(pg_temp.now_is('short'), 'expired 02:00 moved 0 sequence 1', 'and has ended');
SELECT is(tests.error_of(format($$ SELECT laurel.hold_appointment(tests.person('eve'), pg_temp.at(4), pg_temp.at(5), %L) $$, hold)), '22023', 'no hold lasts ' || hold) FROM unnest(ARRAY['0 seconds', '25 hours', '1 month', '-1 hour', '100000000 days']::interval[]) hold;

-- Bad input.
SELECT tests.act_as_admin();
SELECT is(tests.error_of(format($$ INSERT INTO laurel.appointments (title, beneficiary_id, start_time, end_time, %s) VALUES ('x', tests.person('ida'), %s) $$, coalesce(col, 'type'), vals)), err, name) FROM (VALUES
    ('an end before the start', NULL, 'pg_temp.at(10), pg_temp.at(9), NULL', '23514 appointments_end_time_check'),
    ('no length', NULL, 'pg_temp.at(10), pg_temp.at(10), NULL', '23514 appointments_end_time_check'),
    ('an infinite end', NULL, 'pg_temp.at(10), ''infinity'', NULL', '23514 appointments_end_time_check'),
    ('an infinite start', NULL, '''-infinity'', pg_temp.at(10), NULL', '23514 appointments_end_time_check'),
    ('ten years', NULL, 'pg_temp.at(10), pg_temp.at(10) + interval ''10 years'', NULL', '23514 appointments_end_time_check'),
    ('the past', NULL, 'now() - interval ''2 hours'', now() - interval ''1 hour'', NULL', '23514 appointments_start_time_check'),
    ('a negative buffer', 'buffer_minutes', 'pg_temp.at(10), pg_temp.at(11), -1', '23514 appointments_buffer_minutes_check'),
    ('a long buffer', 'buffer_minutes', 'pg_temp.at(10), pg_temp.at(11), 1441', '23514 appointments_buffer_minutes_check'),
    ('a script', 'meeting_url', 'pg_temp.at(10), pg_temp.at(11), ''javascript:alert(1)''', '23514 appointments_meeting_url_check'),
    ('no address', 'meeting_url', 'pg_temp.at(10), pg_temp.at(11), ''meet me''', '23514 appointments_meeting_url_check'),
    ('places and a beneficiary', 'max_participants', 'pg_temp.at(10), pg_temp.at(11), 3', '23514 appointments_parties_check'),
    ('no such status', 'status', 'pg_temp.at(10), pg_temp.at(11), ''maybe''', '23514 appointments_status_first'),
    ('waiting for nothing', 'status', 'pg_temp.at(10), pg_temp.at(11), ''waitlisted''', '23514 appointments_status_form_check'),
    ('a hold without end', 'status', 'pg_temp.at(10), pg_temp.at(11), ''held''', '23514 appointments_held_until_check'),
    ('a hold of days', 'status, held_until', 'pg_temp.at(10), pg_temp.at(11), ''held'', now() + interval ''2 days''', '23514 appointments_held_until_check')) v (name, col, vals, err);
SELECT is(tests.error_of($$ INSERT INTO laurel.appointments (title, start_time, end_time, trainer_id, max_participants) VALUES ('x', pg_temp.at(10), pg_temp.at(11), tests.person('coach'), 0) $$), '23514 appointments_max_participants_check', 'no places');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.appointments (beneficiary_id, start_time, end_time, title, %s) VALUES (tests.person('ida'), pg_temp.at(10), pg_temp.at(11), 'x', %L) $$, col, val)), format('23514 appointments_%s_check', col), 'no such ' || col)
FROM (VALUES ('description', repeat('x', 20001)), ('location', ''), ('location', repeat('x', 201)), ('type', ''), ('type', repeat('x', 51)), ('notes', repeat('x', 20001)), ('google_event_id', ''), ('google_event_id', repeat('x', 101))) v (col, val);
SELECT is(tests.error_of(format($$ INSERT INTO laurel.appointments (beneficiary_id, start_time, end_time, title) VALUES (tests.person('ida'), pg_temp.at(10), pg_temp.at(11), %L) $$, val)), '23514 appointments_title_check', 'no title')
FROM unnest(ARRAY['', repeat('x', 201)]) val;
SELECT is(tests.error_of(format($$ SELECT laurel.cancel_appointment(pg_temp.id('eve at 16'), %L) $$, val)), '23514 appointments_cancellation_reason_check', 'no reason') FROM unnest(ARRAY['', repeat('x', 2001)]) val;
SELECT is(tests.error_of($$ SELECT pg_temp.book('eve', 7, trainer => 'other') $$), '23514 appointments_trainer_id_check', 'nobody meets himself');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.rooms (name, description) VALUES (%L, %L) $$, n, d)), err, 'no such room') FROM (VALUES ('', NULL, '23514 rooms_name_check'), (repeat('x', 201), NULL, '23514 rooms_name_check'),
    ('x', repeat('x', 2001), '23514 rooms_description_check'), ('Room 1', NULL, '23505 rooms_name_key')) v (n, d, err);
SELECT is(tests.error_of($$ SELECT laurel.book_appointment(NULL, pg_temp.at(1), pg_temp.at(2)) $$), '22004', 'nobody');
SELECT is(tests.error_of($$ SELECT laurel.book_appointment(tests.person('ida'), NULL, pg_temp.at(2)) $$), '22004', 'no time');
SELECT is(tests.error_of($$ SELECT laurel.cancel_appointment(NULL) $$), '22004', 'nothing to cancel');
SELECT is(tests.error_of($$ SELECT laurel.cancel_appointment(tests.person('nothing')) $$), '42501', 'nothing of that id');

-- What constraints hold whoever inserts: without the trigger too.
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ UPDATE laurel.appointments SET beneficiary_id = tests.person('ida') WHERE id = pg_temp.id('eve at 16') $$), '23001 appointments_beneficiary_id_immutable', 'the beneficiary stays');
SELECT is(tests.error_of($$ UPDATE laurel.appointments SET places_taken = 1 WHERE id = pg_temp.id('eve at 16') $$) <> 'none', true, 'nothing is counted by hand');
ALTER TABLE laurel.appointments DISABLE TRIGGER c_book;
SELECT is(tests.error_of(format($$ INSERT INTO laurel.appointments (organization_id, title, beneficiary_id, trainer_id, room_id, start_time, end_time, buffer_minutes, blocked, cancel_until)
    VALUES (tests.acme(), 'x', %L, %L, %L, pg_temp.at(13), pg_temp.at(14), 0, tstzrange(pg_temp.at(13), pg_temp.at(14)), now()) $$, tests.person(b), tests.person(t), tests.person(r))), '23P01 ' || c, 'held by ' || c)
FROM (VALUES ('ida', 'trainer', NULL, 'appointments_trainer_id_excl'), ('eve', 'coach', NULL, 'appointments_beneficiary_id_excl'), ('ben', 'coach', 'room', 'appointments_room_id_excl')) v (b, t, r, c);
SELECT is(tests.error_of(format($$ INSERT INTO laurel.appointments (organization_id, title, beneficiary_id, trainer_id, start_time, end_time, buffer_minutes, blocked, cancel_until)
    VALUES (tests.acme(), 'x', tests.person('ida'), tests.person('coach'), pg_temp.at(20), pg_temp.at(21), 5, tstzrange(pg_temp.at(20), pg_temp.at(21)), now()) $$)), '23514 appointments_times_blocked_check', 'what it takes is what it says');
ALTER TABLE laurel.appointments ENABLE TRIGGER c_book;
SELECT is(tests.error_of(format($$ UPDATE laurel.appointments SET %I = now() WHERE id = pg_temp.id('eve at 16') $$, col)), format('23514 appointments_%s_check', col), col || ' goes with the status')
FROM unnest(ARRAY['completed_at', 'cancelled_at', 'waitlisted_at']) col;

-- What took place.
INSERT INTO laurel.appointments (organization_id, title, beneficiary_id, start_time, end_time, created_at)
VALUES (tests.acme(), 'past', tests.person('ben'), now() - interval '1 hour', now() + interval '1 minute', now() - interval '2 days'), (tests.acme(), 'missed', tests.person('eve'), now() - interval '3 hours', now() - interval '2 hours', now() - interval '2 days');
SELECT tests.act_as_trainer();
SELECT is((SELECT (status, is_new)::text FROM laurel.complete_appointment(pg_temp.id('past'))), '(completed,t)', 'it took place');
SELECT is((SELECT is_new FROM laurel.complete_appointment(pg_temp.id('past'))), false, 'once');
SELECT is((SELECT status FROM laurel.mark_no_show(pg_temp.id('missed'))), 'no_show', 'it was missed');
SELECT is((SELECT status FROM laurel.complete_appointment(pg_temp.id('missed'))), 'completed', 'or was it');
SELECT is(tests.error_of($$ SELECT laurel.cancel_appointment(pg_temp.id('past')) $$), '23514 appointments_status_steps', 'what took place is not cancelled');

-- Told.
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(CASE user_id WHEN tests.person('learner') THEN 'learner' ELSE 'trainer' END || ': ' || type || ': ' || title, '; ' ORDER BY user_id, id) FROM laurel.notifications
    WHERE data ->> 'appointment_id' = pg_temp.id('kept')::text),
    'trainer: trainer_appointment_scheduled: Appointment: kept; learner: appointment_scheduled: Appointment: kept', 'both are told, of a hold when it is taken');
SELECT is((SELECT string_agg(type, ' ' ORDER BY id) FROM laurel.notifications WHERE user_id = tests.person('learner') AND data ->> 'appointment_id' = (SELECT id::text FROM laurel.appointments WHERE cancellation_reason = 'ill')),
    'appointment_scheduled appointment_confirmed appointment_cancelled', 'of all that becomes of it');
SELECT is((SELECT string_agg(type, ' ' ORDER BY type) FROM laurel.domain_events WHERE data ->> 'appointment_id' = pg_temp.id('past')::text), 'appointment_completed appointment_scheduled trainer_appointment_completed trainer_appointment_scheduled', 'rules hear of it');
SELECT is((SELECT string_agg(line, ' ') FROM regexp_split_to_table(laurel.appointment_ics(pg_temp.id('ben at 18')), E'\r\n') line WHERE line ~ '^(UID|SEQUENCE|METHOD|STATUS|SUMMARY)'),
    format('METHOD:CANCEL UID:%s@laurel SEQUENCE:1 STATUS:CANCELLED SUMMARY:ben at 18', pg_temp.id('ben at 18')), 'calendars take it over');
SELECT ok(laurel_internal.appointment_attachment(tests.acme(), tests.person('learner'), jsonb_build_object('appointment_id', pg_temp.id('kept')), 'mail@acme.test') #>> '{0,text}' ~ 'METHOD:REQUEST.*ATTENDEE.*learner@acme.test', 'mails carry it');
SELECT is(laurel_internal.appointment_attachment(tests.acme(), tests.person('other'), jsonb_build_object('appointment_id', pg_temp.id('kept')), 'mail@acme.test'), NULL, 'to nobody else');


-- Fetched by calendars.
INSERT INTO laurel.appointments (organization_id, title, beneficiary_id, start_time, end_time, created_at)
VALUES (tests.acme(), 'long ago', tests.person('ben'), now() - interval '31 days', now() - interval '31 days' + interval '1 hour', now() - interval '40 days');
CREATE FUNCTION pg_temp.fed(who text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE token text; BEGIN
    PERFORM tests.act_as(tests.person(who));
    token := laurel.create_calendar_feed();
    PERFORM tests.act_as_anon();
    RETURN (SELECT string_agg(m[1], ', ' ORDER BY m[1]) FROM regexp_matches(laurel.calendar_feed(token), 'SUMMARY:([^\r]*)', 'g') m);
END $$;
SELECT is(pg_temp.fed('learner'), 'ben at 19.5, ben at 9, kept, past', 'a beneficiary''s calendar has what stands');
SELECT is(pg_temp.fed('coach'), 'eve at 16, ida at 14', 'so has a trainer''s');
SELECT is(pg_temp.fed('second'), 'ida at 14', 'nobody has another''s');
SELECT tests.act_as_owner();

-- A trainer who leaves, and a beneficiary.
SELECT lives_ok($$ DELETE FROM laurel.users WHERE id = tests.person('coach') $$, 'a trainer leaves');
SELECT is((SELECT string_agg(title || ' ' || (trainer_id IS NULL), ', ' ORDER BY title) FROM laurel.appointments WHERE title LIKE 'ida%' OR title = 'eve at 16'), 'eve at 16 true, ida at 14 true', 'appointments stay');
SELECT lives_ok($$ DELETE FROM laurel.users WHERE id = tests.person('learner') $$, 'a beneficiary leaves');
SELECT is((SELECT count(*) FROM laurel.appointments WHERE title LIKE 'ben%'), 0::bigint, 'with what was about him');
SELECT is((SELECT count(*) FROM laurel.check('laurel.appointments')), 0::bigint, 'all is sound');

SELECT * FROM finish();
ROLLBACK;
