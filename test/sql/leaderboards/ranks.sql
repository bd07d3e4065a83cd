-- Ranks of a large leaderboard: marks stand where members are counted ahead of time, whatever changes accounts afterwards. (Waiting for
-- others, and the procedure as a whole, are in the isolation specs.)
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast('admin');

CREATE FUNCTION pg_temp.member(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT ('ad000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.give(condition text, amount text, at text DEFAULT 'now()') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    given bigint;
BEGIN
    EXECUTE format('INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, occurred_at)
        SELECT organization_id, user_id, %s, ''t'', ''r'', %s FROM laurel.user_points WHERE organization_id = %L AND %s', amount, at, tests.acme(), condition);
    GET DIAGNOSTICS given = ROW_COUNT;
    RETURN given;
END
$$;
CREATE FUNCTION pg_temp.marks() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s/%s', period, counted, placed), ', ' ORDER BY period)
    FROM (SELECT period, count(*) AS placed, count(ahead) AS counted FROM laurel_internal.rank_marks WHERE organization_id = tests.acme() GROUP BY 1) m
$$;
-- Sampled members whose rank is not what counting says, as the administrator or as a member sees it.
CREATE FUNCTION pg_temp.wrong_ranks(viewer uuid) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    asked record;
    told bigint;
BEGIN
    FOR asked IN SELECT * FROM (
            SELECT p.user_id, rank() OVER (ORDER BY p.total_points DESC) AS all_time,
                CASE WHEN p.week_start = date_trunc('week', now() AT TIME ZONE 'UTC')::date
                    THEN rank() OVER (PARTITION BY p.week_start ORDER BY p.points_this_week DESC) END AS weekly,
                row_number() OVER (ORDER BY p.total_points) AS place, f.leaderboard_privacy = 'anonymous' AND viewer <> tests.person('admin') AS unknown
            FROM laurel.user_points p LEFT JOIN laurel.user_preferences f ON f.user_id = p.user_id
            WHERE p.organization_id = tests.acme() AND p.reached_at IS NOT NULL
                AND (viewer = tests.person('admin') OR p.user_id = viewer OR f.leaderboard_privacy IS DISTINCT FROM 'hidden')) r
        WHERE place % 501 = 0 AND unknown IS NOT TRUE OR user_id = viewer LOOP
        PERFORM tests.act_as(viewer);
        told := laurel.rank_of(asked.user_id, 'all_time');
        IF told IS DISTINCT FROM asked.all_time THEN
            RETURN NEXT format('all time: %s, not %s', told, asked.all_time);
        END IF;
        told := laurel.rank_of(asked.user_id, 'weekly');
        IF told IS DISTINCT FROM asked.weekly THEN
            RETURN NEXT format('weekly: %s, not %s', told, asked.weekly);
        END IF;
        PERFORM tests.act_as_owner();
    END LOOP;
END
$$;
CREATE FUNCTION pg_temp.sound(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT is_empty('SELECT * FROM laurel_internal.wrong_rank_marks()', what || ': marks say how many are ahead');
    RETURN NEXT is_empty(format('SELECT pg_temp.wrong_ranks(%L)', tests.person('admin')), what || ': an administrator reads what counting says');
    RETURN NEXT is_empty(format('SELECT pg_temp.wrong_ranks(%L)', pg_temp.member(7)), what || ': a member too');
END
$$;

INSERT INTO laurel.users (id, organization_id, email) SELECT pg_temp.member(n), tests.acme(), format('m%s@acme.test', n) FROM generate_series(1, 12000) n;
UPDATE laurel.user_preferences SET leaderboard_privacy = CASE WHEN right(user_id::text, 1) = '3' THEN 'hidden' ELSE 'anonymous' END
WHERE organization_id = tests.acme() AND right(user_id::text, 1) IN ('3', '4');
SELECT is(pg_temp.give('user_id <> tests.person(''admin'')', '1 + (hashtext(user_id::text)::bigint & 1023)'), 12000::bigint, 'twelve thousand members have points');
ANALYZE laurel.user_points, laurel.users, laurel.user_organizations, laurel.profiles, laurel.user_preferences;
SELECT is(pg_temp.marks(), NULL, 'nobody has placed marks');
SELECT pg_temp.sound('without marks');
SELECT ok(laurel_internal.place_rank_marks(), 'marks are placed');
SELECT is(pg_temp.marks(), 'all_time 0/3, monthly 0/3, weekly 0/3', 'three on each leaderboard');
SELECT pg_temp.sound('before they are counted');
SELECT is(pg_temp.give('user_id BETWEEN pg_temp.member(1) AND pg_temp.member(1999)', '300'), 1999::bigint, 'meanwhile some earn');
SELECT isnt_empty('SELECT FROM laurel_internal.rank_moves', 'which is told already');
SELECT laurel_internal.count_rank_marks();
SELECT is(pg_temp.marks(), 'all_time 3/3, monthly 3/3, weekly 3/3', 'then they are counted');
SELECT is_empty('SELECT FROM laurel_internal.rank_moves', 'what was told is in it');
SELECT pg_temp.sound('counted');

-- A trigger of the application asks before the statement has told of anybody.
CREATE TABLE public.asked (told bigint, counted bigint);
GRANT ALL ON public.asked TO PUBLIC;
GRANT USAGE ON SCHEMA public TO PUBLIC;
CREATE FUNCTION public.ask() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.asked SELECT laurel.rank_of(p.user_id, 'all_time', p.organization_id),
        (SELECT count(*) + 1 FROM laurel.user_points o WHERE o.organization_id = p.organization_id AND o.total_points > p.total_points)
    FROM laurel.user_points p WHERE p.user_id = 'ad000000-0000-0000-0000-000000005000';
    RETURN NULL;
END
$$;
SAVEPOINT before;
CREATE TRIGGER a_ask_of_row AFTER UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION public.ask();
CREATE TRIGGER a_ask AFTER UPDATE ON laurel.user_points FOR EACH STATEMENT EXECUTE FUNCTION public.ask();
SELECT pg_temp.give('user_id BETWEEN pg_temp.member(11001) AND pg_temp.member(11003)', '30000');
SELECT results_eq('SELECT count(*), count(*) FILTER (WHERE told = counted) FROM public.asked', 'VALUES (4::bigint, 4::bigint)',
    'a trigger on accounts reads what counting says');
ROLLBACK TO before;

-- The highest number of points there is.
SELECT pg_temp.give('user_id = pg_temp.member(12)', '9223372036854775807 - total_points');
SELECT is(laurel.rank_of((SELECT user_id FROM laurel.user_points WHERE organization_id = tests.acme() ORDER BY total_points DESC OFFSET 1 LIMIT 1),
    'all_time', tests.acme()), 2::bigint, 'who has as many points as there may be is counted, too');
SELECT pg_temp.sound('as many points as there may be');
ROLLBACK TO before;

-- An index that moves cannot be written to.
CREATE INDEX odd ON laurel_internal.rank_moves ((abs(points)));
SELECT is(tests.error_of($$ SELECT pg_temp.give('user_id = pg_temp.member(13)', '30000') $$), '39P01', 'an index of an expression on moves is refused');
ROLLBACK TO before;

-- Whatever changes accounts.
SELECT pg_temp.give('user_id BETWEEN pg_temp.member(100) AND pg_temp.member(900)', '-least(total_points, 200)');
SELECT pg_temp.sound('points spent');
SELECT pg_temp.give('user_id BETWEEN pg_temp.member(3000) AND pg_temp.member(3500)', '5000', 'now() - interval ''40 days''');
SELECT pg_temp.sound('points of the past');
DELETE FROM laurel.users WHERE id BETWEEN pg_temp.member(500) AND pg_temp.member(620);
SELECT pg_temp.sound('members who left');
INSERT INTO laurel.users (id, organization_id, email) SELECT pg_temp.member(n), tests.acme(), format('n%s@acme.test', n) FROM generate_series(500, 520) n;
SELECT pg_temp.sound('and came back');
SELECT count(laurel.reverse_points_transaction(id)) FROM laurel.points_ledger WHERE user_id IN (pg_temp.member(9), pg_temp.member(10), pg_temp.member(11)) AND amount > 0;
SELECT pg_temp.sound('entries reversed');
UPDATE laurel.user_preferences SET leaderboard_privacy = 'hidden' WHERE user_id BETWEEN pg_temp.member(4000) AND pg_temp.member(4400);
SELECT pg_temp.sound('members who hide');
UPDATE laurel.organizations SET time_zone = 'Pacific/Kiritimati' WHERE id = tests.acme();
UPDATE laurel.organizations SET time_zone = 'UTC' WHERE id = tests.acme();
SELECT pg_temp.sound('another time zone and back');
SAVEPOINT before;
SELECT pg_temp.give('true', '700');
ROLLBACK TO before;
SELECT pg_temp.sound('what was rolled back');
SELECT laurel_internal.fold_rank_moves();
SELECT is_empty('SELECT FROM laurel_internal.rank_moves', 'moves are folded');
SELECT pg_temp.sound('folded');

-- At random.
DO $$
DECLARE
    n integer;
BEGIN
    PERFORM setseed(0.42);
    FOR step IN 1 .. 400 LOOP
        n := 1 + (random() * 11990)::integer;
        PERFORM CASE (random() * 5)::integer
            WHEN 0 THEN pg_temp.give(format('user_id = pg_temp.member(%s)', n), 'total_points + 1')
            WHEN 1 THEN pg_temp.give(format('user_id = pg_temp.member(%s) AND total_points > 1', n), '-(total_points / 2) - 1')
            WHEN 2 THEN pg_temp.give(format('user_id BETWEEN pg_temp.member(%s) AND pg_temp.member(%s)', n, n + 20), '1 + (random() * 900)::integer')
            ELSE pg_temp.give(format('user_id = pg_temp.member(%s)', n), '1 + (random() * 300)::integer',
                CASE WHEN step % 3 = 0 THEN 'now() - random() * interval ''60 days''' ELSE 'now()' END) END;
        IF step % 100 = 50 THEN
            PERFORM laurel_internal.fold_rank_moves();
        END IF;
    END LOOP;
END
$$;
SELECT pg_temp.sound('four hundred random operations');

-- Marks stand elsewhere where members are, and go with their week.
SELECT pg_temp.give('user_id > pg_temp.member(2500)', '20000');
SELECT laurel_internal.fold_rank_moves();
SELECT ok(laurel_internal.place_rank_marks(), 'where too many have come between two, marks are placed anew');
SELECT laurel_internal.count_rank_marks();
SELECT ok((SELECT max(points) > 20000 FROM laurel_internal.rank_marks), 'at higher points');
SELECT pg_temp.sound('placed anew');
SELECT is(laurel_internal.place_rank_marks(), false, 'once');
UPDATE laurel_internal.rank_marks SET period_start = period_start - 7 WHERE period = 'weekly';
SELECT laurel_internal.place_rank_marks();
SELECT is_empty('SELECT FROM laurel_internal.rank_marks WHERE period = ''weekly'' AND period_start < date_trunc(''week'', now() AT TIME ZONE ''UTC'')', 'those of a week that is over go');
SELECT laurel_internal.count_rank_marks();
SELECT pg_temp.sound('a new week');

-- Others do not tell of marks that they do not see.
UPDATE laurel_internal.rank_marks SET ahead = NULL WHERE period = 'weekly';
SET LOCAL ROLE laurel_jobs;
SELECT is(tests.error_of('SELECT laurel_internal.count_rank_marks()'), 'PT409', 'who does not own the tables counts no marks that are not committed');
RESET ROLE;
SELECT laurel_internal.count_rank_marks();
SELECT pg_temp.sound('counted by the owner');

-- A mark that says otherwise is found.
UPDATE laurel_internal.rank_marks SET ahead = ahead + 1 WHERE period = 'monthly';
SELECT is((SELECT count(DISTINCT period) FROM laurel_internal.wrong_rank_marks()), 1::bigint, 'a wrong mark is found');
SELECT is(tests.error_of('CALL laurel.refresh_ranks()'), '2D000', 'not inside a transaction');
DELETE FROM laurel.users WHERE organization_id = tests.acme();
DELETE FROM laurel.organizations WHERE id = tests.acme();
SELECT is_empty('SELECT FROM laurel_internal.rank_marks', 'marks go with their organization');
SELECT laurel_internal.fold_rank_moves();
SELECT is_empty('SELECT FROM laurel_internal.rank_moves', 'and so does what they have not taken in');
SELECT * FROM finish();
ROLLBACK;
