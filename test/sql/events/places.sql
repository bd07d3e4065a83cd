-- Places at events: who gets one, who waits, and who comes next.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
SELECT tests.crowd('a', 11, 50);
CREATE FUNCTION pg_temp.one(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT tests.one('a', n + 10) $$;
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('yoga'), tests.acme(), 'Yoga');
CREATE FUNCTION pg_temp.event(name text, places bigint, waitlist boolean DEFAULT true, guests integer DEFAULT 3) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.events (id, organization_id, activity_id, title, scheduled_date, ends_at, max_participants, has_waitlist, max_guests)
    VALUES (tests.person(name), tests.acme(), tests.person('yoga'), name, now() + interval '1 day', now() + interval '25 hours', places, waitlist, guests)
$$;
-- What comes of an answer: its status, or the error.
CREATE FUNCTION pg_temp.answer(event text, n integer, status text DEFAULT 'going', guests integer DEFAULT 0) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
    state text;
    name text;
BEGIN
    INSERT INTO laurel.participations (event_id, user_id, rsvp_status, guests) VALUES (tests.person(event), pg_temp.one(n), status, guests)
    ON CONFLICT (organization_id, event_id, user_id) DO UPDATE SET rsvp_status = EXCLUDED.rsvp_status, guests = EXCLUDED.guests RETURNING rsvp_status INTO said;
    RETURN said;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, name = CONSTRAINT_NAME;
    RETURN state || ' ' || name;
END
$$;
-- Who is where: those who go, then those who wait, in order.
CREATE FUNCTION pg_temp.seats(event text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' | ', coalesce(string_agg(n || coalesce('+' || nullif(guests, 0), ''), ' ' ORDER BY n) FILTER (WHERE rsvp_status = 'going'), '-'),
        string_agg(n || coalesce('+' || nullif(guests, 0), ''), ' ' ORDER BY waitlisted_at, p.id) FILTER (WHERE rsvp_status = 'waitlisted'))
        || ' (' || max(e.places_taken) || '/' || coalesce(max(e.max_participants)::text, 'any') || ')'
    FROM laurel.participations p JOIN laurel.events e ON e.id = p.event_id JOIN generate_series(1, 40) n ON pg_temp.one(n) = p.user_id WHERE e.id = tests.person(event)
$$;

-- The last places go to whoever has a row already, too: an upsert asks for them once.
SELECT pg_temp.event('upserts', 2), pg_temp.event('upserted', 1);
SELECT laurel.invite_to_event(tests.person('upserts'), ARRAY[pg_temp.one(1)]);
SELECT is(pg_temp.answer('upserts', 1, guests => 1), 'going', 'who was invited has the last two places');
SELECT is(pg_temp.answer('upserts', 2, 'maybe'), 'maybe', 'another thinks of it');
SELECT is(pg_temp.answer('upserts', 2), 'waitlisted', 'and waits when there is no place');
SELECT is(pg_temp.answer('upserts', 1), 'going', 'a guest less');
SELECT is(pg_temp.seats('upserts'), '1 2 (2/2)', 'makes room for who waits');
SELECT is(pg_temp.answer('upserted', 1, 'declined'), 'declined', 'who has declined');
SELECT is(pg_temp.answer('upserted', 1), 'going', 'has the only place later');
SELECT is(pg_temp.seats('upserted'), '1 (1/1)', 'once');
UPDATE laurel.events SET max_participants = 2 WHERE id = tests.person('upserted');
SELECT is(pg_temp.answer('upserted', 1, guests => 1), 'going', 'and brings a guest when there is room for exactly one');

-- Who comes first goes; who comes later waits.
SELECT pg_temp.event('small', 2);
SELECT is(pg_temp.answer('small', n), said, format('number %s', n)) FROM (VALUES (1, 'going'), (2, 'going'), (3, 'waitlisted'), (4, 'waitlisted')) v (n, said);
SELECT is(pg_temp.seats('small'), '1 2 | 3 4 (2/2)', 'two go, two wait');
SELECT is(pg_temp.answer('small', 1), 'going', 'who goes and says so again goes');
SELECT is(pg_temp.answer('small', 3), 'waitlisted', 'who waits and asks again waits');
SELECT is(pg_temp.seats('small'), '1 2 | 3 4 (2/2)', 'where they did');
SELECT is(pg_temp.answer('small', 1, 'maybe'), 'maybe', 'who is not sure gives the place back');
SELECT is(pg_temp.seats('small'), '2 3 | 4 (2/2)', 'to who has waited longest');
SELECT is(pg_temp.answer('small', 1), 'waitlisted', 'and waits behind the others when sure');
DELETE FROM laurel.participations WHERE event_id = tests.person('small') AND user_id = pg_temp.one(2);
SELECT is(pg_temp.seats('small'), '3 4 | 1 (2/2)', 'who goes away makes room');
DELETE FROM laurel.users WHERE id = pg_temp.one(3);
SELECT is(pg_temp.seats('small'), '1 4 (2/2)', 'also for good');
SELECT is(pg_temp.answer('small', 5, 'waitlisted'), 'waitlisted', 'one may ask to wait');
UPDATE laurel.events SET max_participants = 5 WHERE id = tests.person('small');
SELECT is(pg_temp.seats('small'), '1 4 5 (3/5)', 'more places');
SELECT is(tests.error_of($$ UPDATE laurel.events SET max_participants = 2 WHERE id = tests.person('small') $$), '23514 events_places_taken_check', 'never fewer than are taken');
SELECT is(pg_temp.answer('small', 6, 'waitlisted'), 'going', 'nobody waits where there are places');
SELECT is((SELECT count(*) FROM laurel.participations WHERE (waitlisted_at IS NULL) = (rsvp_status = 'waitlisted')), 0::bigint, 'who waits has a place in the queue, nobody else');

-- Each with guests takes several places, and nobody passes by.
SELECT pg_temp.event('party', 4);
SELECT is(pg_temp.answer('party', n, 'going', guests), said, format('number %s with %s', n, guests))
FROM (VALUES (1, 2, 'going'), (2, 1, 'waitlisted'), (9, 0, 'waitlisted'), (4, 3, 'waitlisted')) v (n, guests, said);
SELECT is(pg_temp.seats('party'), '1+2 | 2+1 9 4+3 (3/4)', 'one place is free, and the next in the queue needs two');
SELECT is(pg_temp.answer('party', 1, 'going', 1), 'going', 'a guest stays at home');
SELECT is(pg_temp.seats('party'), '1+1 2+1 | 9 4+3 (4/4)', 'which is enough for two');
SELECT is(pg_temp.answer('party', 1, 'going', 2), '23514 participations_places', 'who has a place does not lose it to a guest');
SELECT is(pg_temp.answer('party', 2, 'going', 0), 'going', 'another guest stays away');
SELECT is(pg_temp.answer('party', 9, 'declined'), 'declined', 'so does who came instead');
SELECT is(pg_temp.seats('party'), '1+1 2 | 4+3 (3/4)', 'and four do not fit');
SELECT is(pg_temp.answer('party', 4, 'going', 0), 'waitlisted', 'who waits with fewer');
SELECT is(pg_temp.seats('party'), '1+1 2 4 (4/4)', 'fits');
SELECT is(pg_temp.answer('party', 5, 'going', 4), '23514 participations_guests_allowed', 'guests are limited');
SELECT is(pg_temp.answer('small', 5, 'going', -1), '23514 participations_guests_check', 'and not negative');
SELECT pg_temp.event('room', 2);
SELECT is(pg_temp.answer('room', 5, 'going', 2), '23514 participations_places', 'nobody waits for what never comes');

-- Who needs more than there are any more keeps nobody waiting, as long as that is so.
SELECT pg_temp.event('shrunk', 3);
SELECT is(pg_temp.answer('shrunk', n, 'going', guests), said, format('before it shrinks: number %s with %s', n, guests))
FROM (VALUES (1, 0, 'going'), (2, 1, 'going'), (4, 2, 'waitlisted'), (5, 0, 'waitlisted')) v (n, guests, said);
SELECT is(pg_temp.answer('shrunk', 1, 'declined'), 'declined', 'a place is free, and the next in the queue needs three');
UPDATE laurel.events SET max_participants = 2 WHERE id = tests.person('shrunk');
SELECT is(pg_temp.seats('shrunk'), '2+1 | 4+2 5 (2/2)', 'of two there never are');
SELECT is(pg_temp.answer('shrunk', 2, 'declined'), 'declined', 'all places are free');
SELECT is(pg_temp.seats('shrunk'), '5 | 4+2 (1/2)', 'who comes after goes');
SELECT is(pg_temp.answer('shrunk', 6), 'going', 'so does who comes now');
SELECT is(pg_temp.answer('shrunk', 7), 'waitlisted', 'until it is full');
SELECT is(pg_temp.answer('shrunk', 8, 'going', 2), '23514 participations_places', 'nobody else waits in vain');
UPDATE laurel.events SET max_participants = 4 WHERE id = tests.person('shrunk');
SELECT is(pg_temp.seats('shrunk'), '5 6 | 4+2 7 (2/4)', 'once there are enough, it is their turn again');
UPDATE laurel.events SET max_participants = NULL, max_guests = 0 WHERE id = tests.person('shrunk');
SELECT is(pg_temp.seats('shrunk'), '4+2 5 6 7 (6/any)', 'with the guests they asked for when they might');
INSERT INTO laurel.participations (event_id, user_id, guests) VALUES (tests.person('party'), pg_temp.one(11), 0), (tests.person('party'), pg_temp.one(12), 0);
SELECT is(pg_temp.seats('party'), '1+1 2 4 | 11 12 (4/4)', 'others wait in the order in which they came');

-- Without waitlist, without limit.
SELECT pg_temp.event('strict', 1, false), pg_temp.event('open', NULL);
SELECT is(pg_temp.answer('strict', n), said, format('without waitlist: number %s', n)) FROM (VALUES (1, 'going'), (2, '23514 participations_places')) v (n, said);
SELECT is(pg_temp.answer('open', n, 'going', 3), 'going', 'any number') FROM generate_series(1, 2) n;
SELECT is(pg_temp.seats('open'), '1+3 2+3 (8/any)', 'is counted too');

-- Many at once.
SELECT pg_temp.event('bulk', 10), pg_temp.event('bulk 2', 3);
INSERT INTO laurel.participations (event_id, user_id) SELECT tests.person(e), pg_temp.one(n) FROM generate_series(4, 33) n, unnest('{bulk, bulk 2}'::text[]) e ORDER BY n;
SELECT is(pg_temp.seats('bulk'), '4 5 6 7 8 9 10 11 12 13 | 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 (10/10)', 'one statement fills it and queues the rest');
SELECT is((SELECT waiting_count FROM laurel.events WHERE id = tests.person('bulk 2')), 27::bigint, 'each event by itself');
UPDATE laurel.participations SET rsvp_status = 'declined' WHERE event_id = tests.person('bulk') AND rsvp_status = 'going' AND user_id <> pg_temp.one(4);
SELECT is(pg_temp.seats('bulk'), '4 14 15 16 17 18 19 20 21 22 | 23 24 25 26 27 28 29 30 31 32 33 (10/10)', 'one statement frees nine');
DELETE FROM laurel.participations WHERE event_id = tests.person('bulk') AND rsvp_status IN ('going', 'waitlisted') AND user_id <> pg_temp.one(33);
SELECT is(pg_temp.seats('bulk'), '33 (1/10)', 'or all, of those who wait too');
UPDATE laurel.events SET max_participants = NULL WHERE id = tests.person('bulk 2');
SELECT is((SELECT waiting_count FROM laurel.events WHERE id = tests.person('bulk 2')), 0::bigint, 'no limit, no queue');
INSERT INTO laurel.participations (event_id, user_id) SELECT tests.person('small'), pg_temp.one(n) FROM generate_series(4, 8) n ON CONFLICT DO NOTHING;
SELECT is((SELECT places_taken FROM laurel.events WHERE id = tests.person('small')), (SELECT sum(1 + guests)::bigint FROM laurel.participations WHERE event_id = tests.person('small') AND rsvp_status = 'going'), 'counts are right');
SELECT laurel.promote_waiting();
SELECT is(pg_temp.seats('small'), '1 4 5 6 7 | 8 (5/5)', 'rows that do not come take no place for long');

-- A row that gives way by ON CONFLICT takes no place: what becomes of the one that is there does.
SELECT pg_temp.event('way strict', 1, false), pg_temp.event('way last', 1), pg_temp.event('way three', 3), pg_temp.event('way few', 2);
SELECT is(pg_temp.answer(event, 1, status), status, format('%s: %s at first', event, status)) FROM (VALUES ('way strict', 'declined'), ('way last', 'maybe'), ('way three', 'going'), ('way few', 'declined')) v (event, status);
SELECT is(pg_temp.answer(event, 1, 'going', guests), 'going', format('%s: then the last place', event)) FROM (VALUES ('way strict', 0), ('way last', 0), ('way three', 2)) v (event, guests);
SELECT is(pg_temp.seats('way three'), '1+2 (3/3)', 'each guest counts once');
SELECT is(pg_temp.answer('way strict', 2), '23514 participations_places', 'and it was the last');
INSERT INTO laurel.participations (event_id, user_id) SELECT tests.person('way few'), pg_temp.one(n) FROM unnest('{1, 20, 21, 22}'::integer[]) n ON CONFLICT DO NOTHING;
SELECT is(pg_temp.seats('way few'), '20 21 | 22 (2/2)', 'who has declined keeps no place from others');

-- A clock that was set back.
SELECT pg_temp.event('clock', 1);
SELECT pg_temp.answer('clock', 4), pg_temp.answer('clock', 5);
UPDATE laurel.participations SET waitlisted_at = now() + interval '1 hour' WHERE event_id = tests.person('clock') AND user_id = pg_temp.one(5);
SELECT pg_temp.answer('clock', 6);
SELECT is(pg_temp.seats('clock'), '4 | 5 6 (1/1)', 'puts nobody first');

-- Places that somebody may not take.
INSERT INTO laurel.events (id, organization_id, activity_id, title, created_at, scheduled_date, ends_at) VALUES
    (tests.person('past'), tests.acme(), tests.person('yoga'), 'past', now() - interval '3 days', now() - interval '2 days', now() - interval '1 day');
SELECT pg_temp.event('acme', 1);
SELECT pg_temp.event('gone', 1);
DELETE FROM laurel.events WHERE id = tests.person('gone');
SELECT is((SELECT status FROM laurel.events WHERE id = tests.person('gone')), 'cancelled', 'an event that is deleted is cancelled');
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('past'), laurel.uid()) $$), '23514 participations_event_open', 'what is over');
SELECT is(tests.error_of($$ INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('gone'), laurel.uid()) $$), '23514 participations_event_id_required', 'what is cancelled');
SELECT is(tests.error_of($$ INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('acme'), tests.person('other')) $$), '42501', 'for somebody else');
SELECT lives_ok($$ INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('acme'), laurel.uid()) $$, 'one''s own place');
SELECT tests.act_as_owner();
INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('past'), tests.person('learner'));
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ DELETE FROM laurel.participations WHERE event_id = tests.person('past') $$), '23514 participations_event_open', 'once it is over nobody takes an answer back');
SELECT is(tests.error_of($$ UPDATE laurel.participations SET rsvp_status = 'declined' WHERE event_id = tests.person('past') $$), '23514 participations_event_open', 'nor changes it');
SELECT is(tests.error_of($$ UPDATE laurel.participations SET waitlisted_at = now() $$), '42501', 'but not one''s place in the queue');
SELECT is(tests.error_of($$ UPDATE laurel.participations SET attendance_status = 'attended' $$), '42501', 'nor that one was there');
SELECT is(tests.error_of($$ UPDATE laurel.events SET places_taken = 0 $$), '42501', 'nor how many are taken');
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT count(*) FROM laurel.events) + (SELECT count(*) FROM laurel.participations), 0::bigint, 'another organization sees none of it');
SELECT is(tests.error_of($$ INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('acme'), laurel.uid()) $$), '23503 participations_event_id_fkey', 'and takes no place there');
SELECT tests.act_as(tests.person('other'));
INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('acme'), laurel.uid());
SELECT is((SELECT string_agg(rsvp_status, ' ') FROM laurel.participations), 'waitlisted', 'a member sees his own answer');
SELECT tests.act_as_learner();
DELETE FROM laurel.participations WHERE event_id = tests.person('acme');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT rsvp_status FROM laurel.participations), 'going', 'whoever leaves promotes rows that he does not see');
SELECT is((SELECT string_agg(title, ', ') FROM laurel.notifications), 'There is a place for you: acme', 'which its owner is told, once');
SELECT is(tests.error_of($$ SELECT laurel.promote_waiting() $$), '42501', 'clients do not run the job');
SELECT tests.act_as_owner();
SELECT is_empty('SELECT * FROM laurel.check()', 'all counters agree');

-- Triggers of the application get nobody past the limit.
CREATE FUNCTION public.app_goes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.rsvp_status := 'going'; NEW.waitlisted_at := NULL; RETURN NEW; END $$;
CREATE TRIGGER d_app_goes BEFORE INSERT ON laurel.participations FOR EACH ROW EXECUTE FUNCTION public.app_goes();
SELECT is(pg_temp.answer('clock', 20), '23514 events_places_taken_check', 'a trigger that lets everybody in');

SELECT * FROM finish();
ROLLBACK;
