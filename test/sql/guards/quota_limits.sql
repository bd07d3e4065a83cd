-- What a quota allows whom, what is said where it does not, by whatever clock, and that nobody else writes what was used.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL check_function_bodies = off;
SELECT no_plan();

\set give 'INSERT INTO kit.gifts (organization_id, user_id, points) SELECT tests.org(''a''), tests.one(''a'', u), p FROM (VALUES '
\set as ') v (u, p)'

SELECT tests.make_gifts(false);
INSERT INTO kit.gifts (organization_id, user_id, points, note, crew_id) VALUES (tests.org('a'), tests.one('a', 1), 0, NULL, NULL),
    (tests.org('a'), tests.one('a', 2), 15, 'x', NULL), (tests.org('a'), tests.one('a', 2), 5, NULL, tests.crew('a', 3)), (tests.org('a'), tests.one('a', 6), 20, 'yy', NULL);

-- What is said to whom.
\set over 'INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org(''a''), tests.one(''a'', 2), 3)'
CREATE FUNCTION pg_temp.next_month() RETURNS text LANGUAGE sql AS $$ SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;
SELECT is(tests.told(:'over'), format('PT429 | the quota "giving" of "gifts" does not allow as much | For user_id %s: allowed 20 a month, used 20, asked for 3; next at %s. | Try again when the next month begins, or ask for less. | gifts_giving_quota',
    tests.one('a', 2), pg_temp.next_month()), 'all of it to the owner of the tables');
SELECT is(tests.told(replace(:'over', ', 3)', ', 21)')), format('23514 | the quota "giving" of "gifts" does not allow as much | For user_id %s: allowed 20 a month, used 20, asked for 21. | Ask for less; waiting does not help. | gifts_giving_quota',
    tests.one('a', 2)), 'what no month allows');
SELECT is(tests.told($$ INSERT INTO kit.gifts (organization_id, note) VALUES (tests.org('a'), repeat('x', 999)) $$), format('23514 | the quota "notes" of "gifts" does not allow as much | For organization_id %s: allowed 1000, used %s, asked for 999. | Ask for less; waiting does not help. | gifts_notes_quota',
    tests.org('a'), (SELECT used FROM laurel.quota_usage WHERE kind = 'notes')), 'and what is for ever');
SELECT tests.act_as(tests.one('a', 2));
SELECT alike(tests.told(:'over'), '%For user_id % used 20, asked for 3; next at %', 'a member is told what is his own');
SELECT tests.act_as(tests.one('a', 1));
SELECT alike(tests.told(:'over'), '% does not allow as much | Asked for 3; next at %', 'and not what is another''s');
SELECT alike(tests.told($$ INSERT INTO kit.gifts (organization_id, note) VALUES (tests.org('a'), repeat('x', 999)) $$), '% does not allow as much | Asked for 999. |%', 'nor what is nobody''s');
SELECT results_eq($$ SELECT DISTINCT user_id FROM laurel.quota_usage $$, $$ SELECT tests.one('a', 1) $$, 'he reads his own usage');
SELECT is(tests.error_of('UPDATE laurel.quota_usage SET used = 0'), '42501', 'and writes none');
SELECT is(tests.error_of('DELETE FROM laurel.quota_usage'), '42501', 'nor takes it away');
SELECT tests.act_as_owner();
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.one('a', 1), 'org_admin');
SELECT tests.act_as(tests.one('a', 1));
SELECT alike(tests.told(:'over'), '%For user_id % used 20, asked for 3; next at %', 'administrators are told');
SELECT set_eq('SELECT DISTINCT kind FROM laurel.quota_usage WHERE organization_id = laurel.org_id()', '{giving,gifts,crew_gifts,notes}'::text[], 'and read all of it');
SELECT is((SELECT count(*) FROM laurel.quota_usage WHERE organization_id <> laurel.org_id()), 0::bigint, 'of their organization');
SELECT tests.act_as_service();
SELECT alike(tests.told(:'over'), '%For user_id % used 20, asked for 3; next at %', 'the back end is told');
SELECT isnt_empty($$ SELECT FROM laurel.quota_usage WHERE kind = 'notes' $$, 'and reads all');
SELECT is(tests.error_of('UPDATE laurel.quota_usage SET used = 0'), '42501', 'it writes none either');
SELECT tests.act_as_owner();

-- Nobody else writes the counters.
SELECT is(tests.error_of('UPDATE laurel.quota_usage SET used = 0'), '23001 quota_usage_used_follows', 'the owner of the tables is refused');
SELECT is(tests.error_of($$ INSERT INTO laurel.quota_usage VALUES (tests.org('a'), 'giving', ARRAY[tests.one('a', 1)], tests.one('a', 1), '2020-01-01', '2020-02-01', 0) $$), '23001 quota_usage_used_follows', 'with a new one too');
DELETE FROM laurel.quota_usage WHERE kind = 'giving';
SELECT isnt_empty($$ SELECT FROM laurel.check() WHERE guard = 'quota' AND problem LIKE 'giving of %01 is 0, and its rows come to 20' OR problem LIKE 'giving of %' $$, 'check misses counters that are not there');
SELECT is(tests.error_of($$ DELETE FROM kit.gifts WHERE user_id = tests.one('a', 2) AND points = 5 $$), 'none', 'nothing is taken from them');
SELECT laurel_internal.recount_quota('kit.gifts', 'giving');
SELECT is(tests.wrong_usage(), 0::bigint, 'all are counted by recount_quota');
SELECT is(tests.error_of($$ SELECT laurel_internal.recount_quota('kit.gifts', 'nothing') $$), '42704', 'which knows its quotas');

-- Limits.
TRUNCATE kit.gifts;
SELECT is((SELECT sum(used) FROM laurel.quota_usage), NULL, 'TRUNCATE gives all back');
INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 1), 20), (tests.org('a'), tests.one('a', 2), 10);
INSERT INTO kit.allowances VALUES (tests.org('a'), 15);
SELECT is(tests.error_of('UPDATE kit.gifts SET points = points - 1'), 'none', 'a lower limit makes nothing wrong that is there');
SELECT is(tests.error_of($$ UPDATE kit.gifts SET points = points WHERE user_id = tests.one('a', 1) $$), 'none', 'nor what adds nothing');
SELECT is(tests.error_of($$ INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 1), 1) $$), 'PT429 gifts_giving_quota', 'but allows no more');
SELECT is(tests.error_of($$ INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 2), 6) $$), 'none', 'than it says');
UPDATE kit.allowances SET monthly = 0;
SELECT is(tests.error_of($$ INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 3), 1) $$), '23514 gifts_giving_quota', 'nothing is allowed');
UPDATE kit.allowances SET monthly = -5;
SELECT is(tests.error_of($$ INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 3), 0) $$), 'none', 'where less than that is, what comes to nothing passes');
SELECT is(tests.error_of($$ INSERT INTO kit.gifts (organization_id, user_id, crew_id) VALUES (tests.org('a'), tests.one('a', 3), tests.crew('a', 9)) $$), '23503 gifts_crew_id_fkey', 'a limit of a row that is not there does not come into it');
SELECT is(tests.error_of($$ DELETE FROM kit.gifts $$), 'none', 'and giving back is always allowed');
DELETE FROM kit.allowances;

-- A member whose rows stay.
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.votes (organization_id uuid NOT NULL, user_id uuid NOT NULL);
SELECT laurel_internal.quota('kit.votes', 'votes', '{user_id}', '1', 'forever', '2');
RESET ROLE;
INSERT INTO kit.votes SELECT tests.org('a'), tests.one('a', 7);
DELETE FROM laurel.users WHERE id = tests.one('a', 7);
INSERT INTO laurel.users (id, organization_id, email) VALUES (tests.one('a', 7), tests.org('a'), 'a7@kit.test');
SELECT is(tests.error_of('INSERT INTO kit.votes SELECT tests.org(''a''), tests.one(''a'', 7)'), 'none', 'has what is left');
SELECT is(tests.error_of('INSERT INTO kit.votes SELECT tests.org(''a''), tests.one(''a'', 7)'), '23514 votes_votes_quota', 'and no more when he comes back');
DELETE FROM laurel.users WHERE organization_id = tests.org('b'); DELETE FROM laurel.organizations WHERE id = tests.org('b');
SELECT is_empty('SELECT FROM laurel.quota_usage WHERE organization_id = tests.org(''b'')', 'counters go with their organization');
INSERT INTO laurel.organizations (id, name) VALUES (tests.org('b'), 'Bolt');
INSERT INTO laurel.users (id, organization_id, email) VALUES (tests.one('b', 1), tests.org('b'), 'b1@kit.test');

-- A limit that says nothing, or too much.
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.bookings (organization_id uuid NOT NULL, crew_id uuid, user_id uuid, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE kit.limits (crew_id uuid, seats smallint);
SELECT laurel_internal.quota('kit.bookings', 'seats', '{crew_id}', '1', 'forever', 'SELECT l.seats FROM kit.limits l WHERE l.crew_id = bookings.crew_id');
RESET ROLE;
INSERT INTO kit.limits VALUES (tests.crew('a', 1), 1), (tests.crew('a', 2), NULL), (tests.crew('a', 3), 1), (tests.crew('a', 3), 2);
\set book 'INSERT INTO kit.bookings (organization_id, crew_id, user_id) SELECT tests.org(''a''), tests.crew(''a'', n), tests.one(''a'', 1) FROM '
SELECT is(tests.error_of(:'book' || 'unnest(ARRAY[1, 2, 2, 4, 4, 4]) n'), 'none', 'one where there is one, any where there is none, or no limit');
SELECT is(tests.error_of(:'book' || 'unnest(ARRAY[2, 1]) n'), '23514 bookings_seats_quota', 'and no more');
SELECT is(tests.error_of(:'book' || 'unnest(ARRAY[3]) n'), '21000', 'two limits are none');
SELECT is(tests.error_of(:'book' || 'unnest(ARRAY[2, 3]) n'), '21000', 'for many either');
SELECT is((SELECT count(*) FROM laurel.quota_usage WHERE kind = 'seats' AND user_id IS NOT NULL), 0::bigint, 'a crew is no member');
SELECT is(tests.error_of(replace(:'book', 'tests.org(''a'')', 'tests.org(''b'')') || 'unnest(ARRAY[1]) n'), 'none', 'counters are of one organization');

-- By whose clock: days, weeks, months and years, where clocks are turned.
SELECT results_eq($$ SELECT zone, period, laurel_internal.period_start(at::timestamptz, zone, period), laurel_internal.period_end(laurel_internal.period_start(at::timestamptz, zone, period), zone, period) FROM (VALUES
        ('Europe/Zurich', 'day', '2026-03-29 00:30+00'), ('Europe/Zurich', 'day', '2026-10-24 22:00+00'), ('Europe/Zurich', 'day', '2026-10-25 22:59+00'), ('Pacific/Auckland', 'month', '2026-05-31 12:00+00'),
        ('America/Los_Angeles', 'year', '2027-01-01 07:59+00'), ('Asia/Kathmandu', 'week', '2026-11-29 18:14+00'), ('Asia/Kathmandu', 'week', '2026-11-29 18:15+00'),
        ('America/Sao_Paulo', 'day', '2018-11-04 02:59+00'), ('America/Sao_Paulo', 'day', '2018-11-04 03:00+00'), ('America/Havana', 'day', '2025-11-02 04:30+00'), ('UTC', 'forever', '2026-01-01')) v (zone, period, at) $$,
    $$ VALUES ('Europe/Zurich', 'day', '2026-03-29'::date, '2026-03-29 22:00+00'::timestamptz), ('Europe/Zurich', 'day', '2026-10-25', '2026-10-25 23:00+00'), ('Europe/Zurich', 'day', '2026-10-25', '2026-10-25 23:00+00'),
        ('Pacific/Auckland', 'month', '2026-06-01', '2026-06-30 12:00+00'), ('America/Los_Angeles', 'year', '2026-01-01', '2027-01-01 08:00+00'), ('Asia/Kathmandu', 'week', '2026-11-23', '2026-11-29 18:15+00'),
        ('Asia/Kathmandu', 'week', '2026-11-30', '2026-12-06 18:15+00'), ('America/Sao_Paulo', 'day', '2018-11-03', '2018-11-04 03:00+00'), ('America/Sao_Paulo', 'day', '2018-11-04', '2018-11-05 02:00+00'),
        ('America/Havana', 'day', '2025-11-02', '2025-11-03 05:00+00'), ('UTC', 'forever', '-infinity', 'infinity') $$, 'periods begin and end by the clock of a zone');
SELECT is(tests.told(format('SELECT laurel_internal.period_start(now(), %L, ''day'')', zone)), said, zone || ' has no days') FROM (VALUES
    ('+03', '22023 | there is no time zone "+03" | It is an offset or a rule, whose sign is read in two ways. | Did you mean Etc/GMT-3? pg_timezone_names lists all names.'),
    ('Vienna', '22023 | there is no time zone "Vienna" | There is no such zone. | Did you mean Europe/Vienna? pg_timezone_names lists all names.')) v (zone, said);
SELECT is(tests.error_of($$ SELECT laurel_internal.period_start(now(), 'UTC', 'hour') $$), '22023', 'an hour is no period');
SELECT is(tests.error_of($$ SELECT laurel_internal.period_start(now(), 'Nowhere/Land', 'day') $$), '22023', 'nor is anywhere a zone');
SELECT is(tests.error_of($$ SELECT laurel_internal.period_start('infinity', 'UTC', 'day') $$), '22008', 'what never comes lies in none');
SELECT is(tests.error_of($$ SELECT laurel_internal.period_end('-infinity', 'UTC', 'day') $$), '22008', 'and no day ends');
SELECT is(tests.error_of($$ INSERT INTO kit.gifts (organization_id, user_id, created_at) VALUES (tests.org('a'), tests.one('a', 1), 'infinity') $$), '22008', 'a row of never is refused');
UPDATE laurel.organizations SET time_zone = 'America/Havana' WHERE id = tests.org('a');
UPDATE laurel.organizations SET time_zone = 'Pacific/Auckland' WHERE id = tests.org('b');
TRUNCATE kit.gifts;
INSERT INTO kit.gifts (organization_id, user_id, points, created_at) SELECT tests.org(l), tests.one(l, 1), 0, t::timestamptz
FROM unnest('{a, b}'::text[]) l, unnest('{2035-11-04 03:59+00, 2035-11-04 04:00+00, 2035-11-04 04:59+00, 2035-11-04 05:00+00, 2035-11-05 04:59+00, 2035-11-05 05:00+00, 2035-11-30 10:59+00, 2035-11-30 11:00+00, 2036-11-30 11:00+00}'::text[]) t;
SELECT is(tests.wrong_usage(), 0::bigint, 'two zones in one statement, a midnight that comes twice');
SELECT results_eq($$ SELECT period_start, used FROM laurel.quota_usage WHERE kind = 'gifts' AND organization_id = tests.org('a') AND period_start < '2035-11-10' ORDER BY 1 $$,
    $$ VALUES ('2035-11-03'::date, 1::bigint), ('2035-11-04', 4), ('2035-11-05', 1) $$, 'which is one day');
INSERT INTO kit.gifts (organization_id, user_id, points, created_at) SELECT tests.org('a'), tests.one('a', 1), 0, t FROM unnest('{2035-11-04 04:00+00, 2035-11-05 04:59+00}'::timestamptz[]) t;
SELECT is(tests.error_of($$ INSERT INTO kit.gifts (organization_id, user_id, points, created_at) VALUES (tests.org('a'), tests.one('a', 1), 0, '2035-11-04 05:00+00') $$), 'PT429 gifts_gifts_quota', 'and is full as one');
UPDATE laurel.organizations SET time_zone = 'Europe/Zurich' WHERE id = tests.org('a');
SELECT is_empty('SELECT * FROM laurel.check()', 'another clock counts anew');
SELECT is(tests.error_of($$ INSERT INTO kit.gifts (organization_id, user_id, points, created_at) SELECT tests.org('a'), tests.one('a', 1), 0, now() FROM generate_series(1, 6) $$), 'none', 'the day of today');
UPDATE laurel.organizations SET time_zone = 'Asia/Tokyo' WHERE id = tests.org('a');
SELECT is((SELECT array_agg(used) FROM laurel.quota_usage WHERE kind = 'gifts' AND user_id = tests.one('a', 1) AND ends_at > now() AND ends_at < now() + interval '1 day'), '{6}', 'is counted by it');
SELECT is(tests.error_of(:'give' || '(1, 0)' || :'as'), 'PT429 gifts_gifts_quota', 'and full');
SELECT is_empty('SELECT * FROM laurel.check()', 'check finds nothing');
UPDATE laurel.organizations SET time_zone = 'UTC';

-- In bulk.
TRUNCATE kit.gifts;
INSERT INTO laurel.users (id, organization_id, email) SELECT tests.person('bulk' || n), tests.org('a'), 'bulk' || n || '@kit.test' FROM generate_series(1, 100) n;
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.likes (id bigint PRIMARY KEY, organization_id uuid NOT NULL, user_id uuid NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
SELECT laurel_internal.quota('kit.likes', 'likes', '{user_id}', '1', 'day', '120');
RESET ROLE;
INSERT INTO kit.likes SELECT n, tests.org('a'), tests.person('bulk' || 1 + n % 100) FROM generate_series(1, 10000) n;
SELECT results_eq($$ SELECT count(*), min(used), max(used) FROM laurel.quota_usage WHERE kind = 'likes' $$, 'VALUES (100::bigint, 100::bigint, 100::bigint)', '10,000 rows of 100 owners');
UPDATE kit.likes SET user_id = tests.person('bulk' || 1 + (id + 1) % 100), created_at = created_at + interval '2 days' WHERE id % 2 = 0;
SELECT results_eq($$ SELECT count(*), sum(used) FROM laurel.quota_usage WHERE kind = 'likes' AND used > 0 $$, 'VALUES (100::bigint, 10000::numeric)', 'half of them elsewhere');
DELETE FROM kit.likes WHERE id > 5000;
SELECT results_eq($$ SELECT count(*), sum(used) FROM laurel.quota_usage WHERE kind = 'likes' AND used > 0 $$, 'VALUES (100::bigint, 5000::numeric)', 'half of them gone');
SELECT is_empty('SELECT * FROM laurel.check()', 'each is counted');
SELECT is(tests.error_of($$ INSERT INTO kit.likes SELECT 20000 + n, tests.org('a'), tests.person('bulk1') FROM generate_series(1, 200) n $$), '23514 likes_likes_quota', 'too many at once');

-- History is neither counted nor refused; what ended less than a day ago is.
SELECT is(tests.error_of($$ INSERT INTO kit.likes SELECT 30000 + n, tests.org('a'), tests.person('bulk2'), now() - interval '3 days' FROM generate_series(1, 200) n $$), 'none', 'rows of three days ago');
SELECT is_empty($$ SELECT FROM laurel.quota_usage WHERE kind = 'likes' AND ends_at < now() - interval '1 day' $$, 'have no counter');
SELECT is_empty('SELECT * FROM laurel.check()', 'and none is missing');
SELECT is(tests.error_of($$ UPDATE kit.likes SET created_at = now() WHERE id > 30000 $$), '23514 likes_likes_quota', 'they do not come back as news');
SELECT is(tests.error_of($$ INSERT INTO kit.likes SELECT 40000 + n, tests.org('a'), tests.person('bulk2'), date_trunc('day', now()) - interval '1 second' FROM generate_series(1, 120) n $$), 'none', 'a day that has just ended');
SELECT is(tests.error_of($$ INSERT INTO kit.likes SELECT 50000, tests.org('a'), tests.person('bulk2'), date_trunc('day', now()) - interval '1 second' $$), '23514 likes_likes_quota', 'is counted, and waiting does not help');
SELECT is(tests.error_of($$ DELETE FROM kit.likes WHERE created_at < now() - interval '1 day' $$), 'none', 'history may go');
SELECT is_empty('SELECT * FROM laurel.check()', 'as anything may');

-- An application's own triggers.
CREATE FUNCTION public.app_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_ARGV[0] WHEN 'drop' THEN RETURN NULL; WHEN 'change' THEN NEW.used := 0; WHEN 'whom' THEN NEW.user_id := tests.one('a', 2); WHEN 'points' THEN NEW.points := NEW.points * 2;
        WHEN 'when' THEN NEW.created_at := NEW.created_at + interval '70 days';
        WHEN 'update' THEN UPDATE laurel.quota_usage SET used = 0;
        WHEN 'more' THEN IF pg_trigger_depth() = 1 THEN INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (NEW.organization_id, NEW.user_id, NEW.points); END IF; END CASE;
    RETURN NEW;
END $$;
CREATE FUNCTION pg_temp.under(definition text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE 'CREATE TRIGGER app ' || definition;
    answer := concat_ws(', ', tests.error_of(command), nullif(tests.wrong_usage(), 0) || ' wrong', tests.given());
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = answer;
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN SQLERRM;
END $$;
INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 1), 4);
\set two :give ' (1, 6), (3, 6) ' :as
\set one :give ' (1, 6) ' :as
SELECT is(pg_temp.under($$ BEFORE INSERT ON kit.gifts FOR EACH ROW EXECUTE FUNCTION public.app_row('drop') $$, :'two'), 'none, 1 4', 'one that drops the rows');
SELECT is(pg_temp.under($$ BEFORE INSERT ON kit.gifts FOR EACH ROW EXECUTE FUNCTION public.app_row('whom') $$, :'two'), 'none, 1 4, 2 12', 'one that changes whose they are');
SELECT is(pg_temp.under($$ BEFORE INSERT ON kit.gifts FOR EACH ROW EXECUTE FUNCTION public.app_row('points') $$, :'two'), 'none, 1 16, 3 12', 'what they come to');
SELECT is(pg_temp.under($$ BEFORE INSERT ON kit.gifts FOR EACH ROW EXECUTE FUNCTION public.app_row('points') $$, :'give' || '(1, 9)' || :'as'), 'PT429 gifts_giving_quota, 1 4', 'which may be too much');
SELECT is(pg_temp.under($$ BEFORE INSERT ON kit.gifts FOR EACH ROW EXECUTE FUNCTION public.app_row('when') $$, :'two'), 'none, 1 6, 1 4, 3 6', 'or when they are');
SELECT is(pg_temp.under($$ BEFORE INSERT ON kit.gifts FOR EACH ROW EXECUTE FUNCTION public.app_row('more') $$, :'two'), 'none, 1 16, 3 12', 'one that adds rows before');
SELECT is(pg_temp.under($$ AFTER INSERT ON kit.gifts FOR EACH ROW EXECUTE FUNCTION public.app_row('more') $$, :'two'), 'none, 1 16, 3 12', 'or after');
SELECT is(pg_temp.under($$ BEFORE INSERT OR UPDATE ON laurel.quota_usage FOR EACH ROW EXECUTE FUNCTION public.app_row('change') $$, :'two'), '23001 quota_usage_used_follows, 1 4', 'one that changes counters');
SELECT is(pg_temp.under($$ BEFORE UPDATE ON laurel.quota_usage FOR EACH ROW EXECUTE FUNCTION public.app_row('change') $$, :'one'), '23001 quota_usage_used_follows, 1 4', 'even one alone');
SELECT is(pg_temp.under($$ BEFORE UPDATE ON laurel.quota_usage FOR EACH ROW EXECUTE FUNCTION public.app_row('drop') $$, :'one'), '23001 quota_usage_used_follows, 1 4', 'that drops what is written');
SELECT is(pg_temp.under($$ BEFORE INSERT ON laurel.quota_usage FOR EACH ROW EXECUTE FUNCTION public.app_row('drop') $$, :'two'), '23001 quota_usage_used_follows, 1 4', 'or what is new');
SELECT is(pg_temp.under($$ AFTER UPDATE ON laurel.quota_usage FOR EACH ROW WHEN (pg_trigger_depth() < 3) EXECUTE FUNCTION public.app_row('update') $$, :'one'), '23001 quota_usage_used_follows, 1 4',
    'one that writes by itself: the permission is for one statement');

-- Callers whom row security binds: they may write rows, and no counter.
ALTER TABLE kit.gifts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON kit.gifts TO authenticated USING (user_id = laurel.uid()) WITH CHECK (user_id = laurel.uid());
SELECT tests.act_as(tests.one('a', 3));
SET LOCAL search_path = pg_temp, public;
CREATE TEMP TABLE quota_usage (organization_id uuid, kind text, owner uuid[], user_id uuid, period_start date, ends_at timestamptz, used bigint);
CREATE TEMP TABLE allowances (organization_id uuid, monthly bigint);
SELECT public.is(tests.error_of($$ INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 3), 11) $$), 'none', 'a member''s own rows count, under any path');
SELECT public.is(tests.error_of($$ INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 3), 10) $$), 'PT429 gifts_giving_quota', 'exactly');
SELECT public.is(tests.error_of($$ INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 2), 10) $$), '42501', 'one that he may not write counts for nobody');
RESET search_path;
SELECT tests.act_as_owner();
SELECT is(tests.given(), '1 4, 3 11', 'as it should');

-- Tables that inherit from the table are none of it.
CREATE SCHEMA heirs;
CREATE TABLE heirs.gifts () INHERITS (kit.gifts);
INSERT INTO heirs.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 3), 50), (tests.org('a'), tests.one('a', 4), 50);
UPDATE kit.gifts SET points = points + 1 WHERE user_id IN (tests.one('a', 3), tests.one('a', 4));
SELECT is(tests.given() || tests.wrong_usage(), '1 4, 3 120', 'rows of a table that inherits do not count, nor when they are written through the table');
DELETE FROM kit.gifts WHERE user_id IN (tests.one('a', 3), tests.one('a', 4));
SELECT is(tests.given() || tests.wrong_usage(), '1 40', 'or deleted');
DROP SCHEMA heirs CASCADE;

-- What check finds.
SET LOCAL session_replication_role = replica;
UPDATE laurel.quota_usage SET used = 7 WHERE kind = 'giving' AND user_id = tests.one('a', 1);
SET LOCAL session_replication_role = origin;
SELECT results_eq('SELECT table_name, guard, organization_id, row_id, problem FROM laurel.check()', $$ SELECT 'kit.gifts', 'quota', tests.org('a'), tests.one('a', 1),
    format('giving of {%s} from %s is 7, and its rows come to 4', tests.one('a', 1), date_trunc('month', now())::date) $$, 'a counter that is wrong');
SELECT laurel_internal.recount_quota('kit.gifts', 'giving');
SELECT is_empty('SELECT * FROM laurel.check()', 'is right once it is counted anew');
CREATE FUNCTION pg_temp.changed(change text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
    found text;
BEGIN
    EXECUTE command;
    EXECUTE change;
    found := (SELECT string_agg(DISTINCT guard || ': ' || regexp_replace(problem, '"quota_seats_\w+"', '"quota_seats_inserted"'), ', ') FROM laurel.check());
    said := tests.told(command);
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = CASE WHEN found IS NOT DISTINCT FROM 'arguments: ' || split_part(said, ' | ', 2) THEN split_part(said, ' | ', 2) ELSE coalesce(found, 'sound') || ' | ' || said END;
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN replace(SQLERRM, 'trigger "quota_seats_inserted" of table "bookings" ', '');
END $$;
\set booking :book 'unnest(ARRAY[2]) n'
SELECT is(pg_temp.changed('SELECT 1', :'booking'), 'sound | none', 'as long as all is there');
SELECT is(pg_temp.changed('ALTER TABLE kit.limits RENAME TO caps', :'booking'), 'cannot be understood: relation "kit.limits" does not exist', 'a table of the limit renamed is found and refused');
SELECT is(pg_temp.changed('ALTER TABLE kit.limits RENAME seats TO places', :'booking'), 'cannot be understood: column l.seats does not exist', 'a column of it');
SELECT is(pg_temp.changed('ALTER TABLE kit.limits ALTER seats TYPE numeric', :'booking'), 'says what is allowed as numeric, not bigint', 'or of another type');
SELECT alike(pg_temp.changed('ALTER TABLE kit.bookings RENAME crew_id TO gang_id', :'booking'), 'arguments: names column "crew_id" of kit.bookings, which does not exist%', 'a column of the owner renamed is found');
SELECT is(pg_temp.changed('ALTER TABLE kit.bookings OWNER TO postgres', :'booking'), 'is on a table of another owner than Laurel''s', 'a table that goes to another owner');
SELECT alike(pg_temp.changed('ALTER TABLE kit.bookings DISABLE TRIGGER quota_seats_inserted', 'SELECT 1'), 'triggers: trigger "quota_seats_inserted" is disabled, triggers: trigger quota_rows() for INSERT%', 'one disabled');
SELECT is(pg_temp.changed('DROP TRIGGER quota_seats_deleted ON kit.bookings', 'SELECT 1'), 'triggers: trigger quota_rows() for DELETE, which trigger "quota_seats_inserted" of kit.bookings needs, is missing | none', 'one dropped');
SELECT is(pg_temp.changed('DROP TRIGGER quota_seats_truncated ON kit.bookings', 'SELECT 1'), 'triggers: trigger quota_table() for TRUNCATE, which trigger "quota_seats_inserted" of kit.bookings needs, is missing | none', 'that of TRUNCATE');
SELECT is(pg_temp.changed('DROP TRIGGER quota_seats_inserted ON kit.bookings', 'SELECT 1'), 'triggers: trigger quota_rows() for INSERT, which trigger "quota_seats_inserted" of kit.bookings needs, is missing | none', 'or the first');
SELECT is(pg_temp.changed('ALTER TABLE kit.bookings RENAME TO orders', 'SELECT 1'), 'arguments: trigger "quota_seats_inserted" of table "orders" names table "kit.bookings", which does not exist | none', 'the table renamed');
CREATE TRIGGER blind AFTER INSERT ON kit.bookings FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.quota_rows('kit.bookings', 'seats', '{crew_id}', '1', 'forever', '1', 'true', 'created_at', '');
SELECT is(tests.error_of(:'booking'), '39P01', 'a trigger that does not see what it counts');
DROP TRIGGER blind ON kit.bookings;

-- What is refused when it is attached, and what was there before.
CREATE TABLE public.foreign_gifts (organization_id uuid NOT NULL, user_id uuid, points bigint, created_at timestamptz NOT NULL);
CREATE FUNCTION pg_temp.refused(kind text, owner text, amount text, period text, allowed text, counted text DEFAULT 'true', at text DEFAULT 'created_at', member text DEFAULT NULL, table_name text DEFAULT 'kit.gifts') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT laurel_internal.quota(%L, %L, %L, %L, %L, %L, %L, %L, %L)', table_name, kind, owner, amount, period, allowed, counted, at, member);
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = 'none';
EXCEPTION WHEN OTHERS THEN RETURN regexp_replace(replace(concat_ws(' ', nullif(SQLSTATE, 'P9999'), SQLERRM), 'trigger "quota_x_inserted" of table "gifts" ', ''), '^(\w+) trigger "\w+" of table "\w+"', '\1 trigger');
END $$;
SELECT is(pg_temp.refused('x', '{user_id}', 'points', 'day', '1'), 'none', 'what is in order');
SELECT is(pg_temp.refused('x', '{user_id, crew_id, id, organization_id}', '1', 'week', 'NULL::bigint', member => 'user_id'), 'none', 'four columns, no limit');
SELECT is(pg_temp.refused('x', '{}', 'coalesce(octet_length(note), 0)', 'forever', '1 -- one', at => 'nothing'), 'none', 'for ever there is no time, and a comment is none of it');
SELECT is(pg_temp.refused('giving', '{user_id}', '1', 'day', '1'), '42710 there is a quota "giving" already', 'a name that is taken');
SELECT is(pg_temp.refused('giving', '{user_id}', '1', 'day', '1', table_name => 'kit.likes'), '42710 there is a quota "giving" already', 'by any table');
SELECT is(pg_temp.refused('X y', '{user_id}', '1', 'day', '1'), '22023 "X y" is no name for a quota', 'a name that is none');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'hour', '1'), '22023 there is no period "hour"', 'a period that is none');
SELECT is(pg_temp.refused('x', '{user_id}', NULL, 'day', '1'), '22023 a quota needs a kind, owner, amount, period, what is allowed, and nothing that is null', 'a null');
SELECT is(pg_temp.refused('x', '{user_id, NULL}', '1', 'day', '1'), '22023 a quota needs a kind, owner, amount, period, what is allowed, and nothing that is null', 'or one in the owner');
SELECT is(pg_temp.refused('x', '{user_id, crew_id, id, organization_id, nothing}', '1', 'day', '1'), '22023 an owner has four columns at most', 'five columns');
SELECT is(pg_temp.refused('x', '{nothing}', '1', 'day', '1'), '42703 there is no column nothing in kit.gifts', 'no such owner');
SELECT is(pg_temp.refused('x', '{kind}', '1', 'day', '1'), '22023 column kind of kit.gifts has type text, not uuid', 'one that is no uuid');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', '1', member => 'crew_id'), '22023 the member "crew_id" is no part of the owner', 'a member who owns nothing');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', '1', at => 'nothing'), '42703 there is no column nothing in kit.gifts', 'no such time');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', '1', at => 'note'), '22023 column note of kit.gifts has type text, not timestamp with time zone', 'one that is none');
SELECT is(pg_temp.refused('x', '{user_id}', 'nothing', 'day', '1'), '39P01 cannot be understood: column "nothing" does not exist', 'an amount of no column');
SELECT is(pg_temp.refused('x', '{user_id}', 'points * 1.5', 'day', '1'), '39P01 cannot be understood: "points * 1.5" is of type numeric, not bigint', 'one that is no integer');
SELECT is(pg_temp.refused('x', '{user_id}', '(SELECT 1)', 'day', '1'), '39P01 cannot be understood: cannot use subquery in trigger WHEN condition', 'one of other rows');
SELECT is(pg_temp.refused('x', '{user_id}', 'extract(epoch FROM now())::bigint', 'day', '1'), '39P01 has the expression "extract(epoch FROM now())::bigint", which the columns of a row do not decide alone', 'one that changes by itself');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', '1', counted => 'points'), '39P01 cannot be understood: argument of WHEN must be type boolean, not type bigint', 'a condition that is none');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', '1.5'), '39P01 says what is allowed as numeric, not bigint', 'a limit that is no integer');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', '''5'''), '39P01 says what is allowed as text, not bigint', 'or no number');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', 'points'), '39P01 cannot be understood: column "points" does not exist', 'a limit that the row says');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', '1), (2'), '39P01 says what is allowed in more than one value', 'two limits');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', '1); DELETE FROM kit.gifts; SELECT (1'), '39P01 says what is allowed in more than one value', 'more than one query');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', ''), '39P01 cannot be understood: syntax error at or near ")"', 'none');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', 'SELECT 1 FROM gifts'), '39P01 cannot be understood: relation "gifts" does not exist', 'a table without its schema');
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', '1', table_name => 'public.foreign_gifts'), '39P01 trigger is on a table of another owner than Laurel''s', 'a table of another owner');
ALTER TABLE kit.gifts ALTER created_at DROP NOT NULL;
SELECT is(pg_temp.refused('x', '{user_id}', '1', 'day', '1'), '22023 column created_at of kit.gifts must be NOT NULL', 'a time that may be missing');
ALTER TABLE kit.gifts ALTER created_at SET NOT NULL;
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.old_gifts (organization_id uuid NOT NULL, user_id uuid, created_at timestamptz NOT NULL);
INSERT INTO kit.old_gifts SELECT tests.org('a'), tests.one('a', n), now() - interval '40 days' * (n - 1) FROM generate_series(1, 2) n, generate_series(1, 5);
INSERT INTO kit.old_gifts VALUES (tests.org('a'), gen_random_uuid(), now()), (tests.org('a'), tests.one('a', 3), 'infinity');
SELECT laurel_internal.quota('kit.old_gifts', 'old', '{user_id}', '1', 'day', '3');
RESET ROLE;
SELECT results_eq($$ SELECT used FROM laurel.quota_usage WHERE kind = 'old' ORDER BY used $$, $$ VALUES (1::bigint), (5) $$, 'rows that are there are counted, of periods that are not over');
SELECT is(tests.error_of($$ INSERT INTO kit.old_gifts VALUES (tests.org('a'), tests.one('a', 1), now()) $$), 'PT429 old_gifts_old_quota', 'whatever they come to');
SELECT is(tests.error_of($$ DELETE FROM kit.old_gifts WHERE created_at = 'infinity' OR user_id NOT IN (SELECT id FROM laurel.users) $$), 'none', 'rows of never and of nobody may go');
SELECT is(tests.error_of($$ INSERT INTO kit.old_gifts VALUES (tests.org('a'), gen_random_uuid(), now()) $$), 'none', 'nor need an owner be there');
SELECT is_empty('SELECT * FROM laurel.check()', 'which is in order');
CREATE TABLE kit.debts (organization_id uuid NOT NULL, user_id uuid, owed integer);
ALTER TABLE kit.debts OWNER TO laurel_owner;
INSERT INTO kit.debts VALUES (tests.org('a'), tests.one('a', 1), -5);
SELECT is(pg_temp.refused('debts', '{user_id}', 'owed', 'forever', '3', table_name => 'kit.debts') ~ '^23514 .*quota_usage_used_check', true, 'rows that come to less than nothing');

SELECT * FROM finish();
ROLLBACK;
