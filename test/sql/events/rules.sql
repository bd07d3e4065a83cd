-- Each rule of events and who comes to them, broken by INSERT, by UPDATE and by the functions: by who is signed in, where rights do
-- not already refuse it, and by a back end, which nothing refuses but the rule.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('yoga'), tests.acme(), 'Yoga');
-- Led by the trainer: now on, tomorrow, over; learner and other go to each, the learner was there.
INSERT INTO laurel.events (id, organization_id, activity_id, title, facilitator_id, created_at, scheduled_date, ends_at, max_participants)
SELECT tests.person(name), tests.acme(), tests.person('yoga'), name, tests.person('trainer'), now() - interval '9 days', now() + start, now() + start + interval '1 hour', 3
FROM (VALUES ('now', interval '-10 minutes'), ('next', interval '1 day'), ('over', interval '-2 days')) v (name, start);
INSERT INTO laurel.participations (event_id, user_id) SELECT tests.person(event), tests.person(who) FROM unnest('{now, next, over}'::text[]) event, unnest('{learner, other}'::text[]) who;
SELECT laurel.check_in(tests.person('now'), tests.person('learner'));

CREATE TEMP TABLE broken (place integer GENERATED ALWAYS AS IDENTITY, rule text, caller text, statement text, error text);
INSERT INTO broken (rule, caller, statement, error) VALUES
    ('an event lies in the future when it is made', 'admin', $$ INSERT INTO laurel.events (activity_id, title, scheduled_date, ends_at) VALUES (tests.person('yoga'), 'x', now() - interval '1 hour', now() + interval '1 hour') $$, '23514 events_scheduled_date_check'),
    ('an event lies in the future when it is made', 'admin', $$ INSERT INTO laurel.events (activity_id, title, created_at, scheduled_date, ends_at) VALUES (tests.person('yoga'), 'x', now() - interval '2 days', now() - interval '1 day', now()) $$, '42501'),
    ('an event lies in the future when it is made', 'service', $$ INSERT INTO laurel.events (organization_id, activity_id, title, scheduled_date, ends_at) VALUES (tests.acme(), tests.person('yoga'), 'x', now(), now() + interval '1 hour') $$, '23514 events_scheduled_date_check'),
    ('a year has four digits', 'admin', $$ UPDATE laurel.events SET scheduled_date = '9999-12-01 00:00+00', ends_at = '9999-12-01 01:00+00' WHERE title = 'next' $$, '23514 events_scheduled_date_check'),
    ('nor is it moved before it was made', 'trainer', $$ UPDATE laurel.events SET scheduled_date = now() - interval '10 days', ends_at = now() - interval '239 hours' WHERE title = 'next' $$, '23514 events_scheduled_date_check'),
    ('nor is it moved before it was made', 'service', $$ UPDATE laurel.events SET scheduled_date = '-infinity' WHERE title = 'next' $$, '23514 events_ends_at_check'),
    ('an event has as many places as are taken', 'trainer', $$ UPDATE laurel.events SET max_participants = 1 WHERE title = 'next' $$, '23514 events_places_taken_check'),
    ('an event has as many places as are taken', 'admin', $$ UPDATE laurel.events SET max_participants = 0 WHERE title = 'next' $$, '23514 events_max_participants_check'),
    ('an event has as many places as are taken', 'service', $$ UPDATE laurel.events SET max_participants = 1 $$, '23514 events_places_taken_check'),
    ('an event has as many places as are taken', 'admin', $$ INSERT INTO laurel.events (activity_id, title, scheduled_date, ends_at, max_participants) VALUES (tests.person('yoga'), 'x', now() + interval '1 hour', now() + interval '2 hours', 0) $$, '23514 events_max_participants_check'),
    ('an event has as many places as are taken', 'service', $$ INSERT INTO laurel.events (organization_id, activity_id, title, scheduled_date, ends_at, max_participants, places_taken) VALUES (tests.acme(), tests.person('yoga'), 'x', now() + interval '1 hour', now() + interval '2 hours', 1, 2) $$, '23514 events_places_taken_check'),
    ('an event is completed once it has begun', 'trainer', $$ UPDATE laurel.events SET status = 'completed' WHERE title = 'next' $$, '23514 events_completed_at_check'),
    ('an event is completed once it has begun', 'admin', $$ INSERT INTO laurel.events (activity_id, title, scheduled_date, ends_at, status) VALUES (tests.person('yoga'), 'x', now() + interval '1 hour', now() + interval '2 hours', 'completed') $$, '42501'),
    ('an event is completed once it has begun', 'service', $$ INSERT INTO laurel.events (organization_id, activity_id, title, scheduled_date, ends_at, status) VALUES (tests.acme(), tests.person('yoga'), 'x', now() + interval '1 hour', now() + interval '2 hours', 'completed') $$, '23514 events_completed_at_check'),
    ('an event is completed once it has begun', 'service', $$ UPDATE laurel.events SET status = 'completed', completed_at = now() WHERE title = 'next' $$, '23514 events_completed_at_check'),
    ('one answer to an event', 'learner', $$ INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('next'), laurel.uid()) $$, '23505 participations_event_id_user_id_key'),
    ('one answer to an event', 'learner', $$ UPDATE laurel.participations SET event_id = tests.person('next') $$, '42501'),
    ('one answer to an event', 'admin', $$ INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('next'), tests.person('learner')) $$, '23505 participations_event_id_user_id_key'),
    ('one answer to an event', 'service', $$ UPDATE laurel.participations SET user_id = tests.person('learner') WHERE user_id = tests.person('other') $$, '23505 participations_event_id_user_id_key'),
    ('one is checked in while the event lasts', 'trainer', $$ SELECT laurel.check_in(tests.person('next'), tests.person('learner')) $$, '23514 participations_check_in_time_allowed'),
    ('one is checked in while the event lasts', 'trainer', $$ SELECT laurel.check_in(tests.person('over'), tests.person('learner')) $$, '23514 participations_check_in_time_allowed'),
    ('one is checked in while the event lasts', 'trainer', $$ SELECT laurel.check_in(tests.person('over'), tests.person('learner'), now() - interval '3 days') $$, '23514 participations_check_in_time_allowed'),
    ('one is checked in while the event lasts', 'admin', $$ SELECT laurel.check_in(tests.person('now'), tests.person('other'), now() + interval '1 minute') $$, '22023'),
    ('one is checked in while the event lasts', 'learner', $$ INSERT INTO laurel.participations (event_id, user_id, check_in_time) VALUES (tests.person('next'), laurel.uid(), now()) $$, '42501'),
    ('one is checked in while the event lasts', 'learner', $$ UPDATE laurel.participations SET check_in_time = now() $$, '42501'),
    ('one is checked in while the event lasts', 'service', $$ INSERT INTO laurel.participations (organization_id, event_id, user_id, attendance_status, check_in_time) VALUES (tests.acme(), tests.person('over'), tests.person('manager'), 'attended', now()) $$, '23514 participations_check_in_time_allowed'),
    ('one is checked in while the event lasts', 'service', $$ UPDATE laurel.participations SET attendance_status = 'attended', check_in_time = now() WHERE event_id = tests.person('over') $$, '23514 participations_check_in_time_allowed'),
    ('one is checked in while the event lasts', 'service', $$ UPDATE laurel.participations SET check_in_time = now() + interval '1 day' WHERE attendance_status = 'attended' $$, '23514 participations_check_in_time_allowed'),
    ('who attended came at a time', 'service', $$ UPDATE laurel.participations SET check_in_time = NULL WHERE attendance_status = 'attended' $$, '23514 participations_check_in_time_check'),
    ('who attended came at a time', 'service', $$ UPDATE laurel.participations SET check_in_time = now() WHERE event_id = tests.person('now') AND user_id = tests.person('other') $$, '23514 participations_check_in_time_check'),
    ('who attended came at a time', 'learner', $$ UPDATE laurel.participations SET attendance_status = 'attended' $$, '42501'),
    ('who attended came at a time', 'learner', $$ INSERT INTO laurel.participations (event_id, user_id, attendance_status) VALUES (tests.person('next'), laurel.uid(), 'attended') $$, '42501'),
    ('who attended came at a time', 'other', $$ SELECT laurel.check_in(tests.person('now')) $$, '42501');
CREATE FUNCTION pg_temp.error_of(caller text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    error text;
BEGIN
    PERFORM CASE caller WHEN 'service' THEN tests.act_as_service() ELSE tests.act_as(tests.person(caller)) END;
    error := tests.error_of(statement);
    PERFORM tests.act_as_owner();
    RETURN error;
END
$$;
SELECT is(pg_temp.error_of(caller, statement), error, format('%s (%s):%s', rule, caller, left(statement, 60))) FROM broken ORDER BY place;

-- Who says that somebody was there and gives no time means now.
SELECT is(pg_temp.error_of('service', $$ UPDATE laurel.participations SET attendance_status = 'attended' WHERE event_id = tests.person('now') AND user_id = tests.person('other') $$), 'none', 'a back end checks somebody in');
SELECT is((SELECT check_in_time BETWEEN now() AND clock_timestamp() FROM laurel.participations WHERE event_id = tests.person('now') AND user_id = tests.person('other')), true, 'at this moment');
SELECT is((SELECT string_agg(title || places_taken || status, ' ' ORDER BY title) FROM laurel.events), 'next2scheduled now2scheduled over2scheduled', 'nothing else has changed');
SELECT is_empty('SELECT * FROM laurel.check()', 'all counters agree');

SELECT * FROM finish();
ROLLBACK;
