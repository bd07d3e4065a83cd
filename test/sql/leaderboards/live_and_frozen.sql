-- Leaderboards: ranks, ties, periods, and what a viewer may know about the others; live and frozen.
\ir ../support/load.sql
BEGIN;
SELECT plan(84);

-- Gives points as the back end does; `at` is when they were earned.
CREATE FUNCTION pg_temp.give(name text, amount bigint, at timestamptz DEFAULT now(), org uuid DEFAULT tests.acme())
RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, occurred_at)
    VALUES (org, tests.person(name), amount, 'test', 'a test', at)
$$;
-- A leaderboard in one line: rank, name and points of each place.
CREATE FUNCTION pg_temp.board(period text DEFAULT 'weekly', rows integer DEFAULT 100, around text DEFAULT NULL,
                              org uuid DEFAULT NULL)
RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s.%s%s %s', rank, coalesce(display_name, '?'), CASE WHEN is_me THEN '!' ELSE '' END, points), ', ')
    FROM laurel.leaderboard(period, rows, tests.person(around), org)
$$;
CREATE FUNCTION pg_temp.frozen(period text, start date, rows integer DEFAULT 100, org uuid DEFAULT NULL)
RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s.%s%s %s', rank, coalesce(display_name, '?'), CASE WHEN is_me THEN '!' ELSE '' END, points), ', ')
    FROM laurel.frozen_leaderboard(period, start, rows, org)
$$;

SELECT tests.cast('ann', 'bob', 'cid', 'dee', 'eve', 'fay', 'hal', 'ivy', 'joe');
SELECT tests.join(tests.bolt(), 'gus', 'kai', 'root');
UPDATE laurel.organizations SET time_zone = 'Pacific/Auckland' WHERE id = tests.bolt();
UPDATE laurel.users SET full_name = split_part(email, '@', 1), avatar_url = 'https://acme.test/' || split_part(email, '@', 1)
WHERE organization_id IN (tests.acme(), tests.bolt());
INSERT INTO laurel.user_organizations (organization_id, user_id, display_name) VALUES (tests.bolt(), tests.person('ann'), 'ann');
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES
    (tests.acme(), tests.person('fay'), 'org_admin'), (tests.bolt(), tests.person('root'), 'platform_admin');
UPDATE laurel.user_preferences SET leaderboard_privacy = 'hidden' WHERE user_id = tests.person('cid');
UPDATE laurel.user_preferences SET leaderboard_privacy = 'anonymous' WHERE user_id = tests.person('dee');
UPDATE laurel.profiles SET display_name = 'Eve the Great', avatar_url = 'https://acme.test/great'
    WHERE user_id = tests.person('eve');

SELECT pg_temp.give('ann', 80), pg_temp.give('cid', 90), pg_temp.give('dee', 60), pg_temp.give('bob', 50),
       pg_temp.give('eve', 50), pg_temp.give('fay', 10), pg_temp.give('joe', 10), pg_temp.give('joe', -10),
       pg_temp.give('hal', 500, now() - interval '40 days');
-- Monday in Auckland is still Sunday elsewhere.
SELECT pg_temp.give('gus', 7, date_trunc('week', now() AT TIME ZONE 'Pacific/Auckland') AT TIME ZONE 'Pacific/Auckland',
                    tests.bolt()),
       pg_temp.give('kai', 9, date_trunc('week', now() AT TIME ZONE 'Pacific/Auckland') AT TIME ZONE 'Pacific/Auckland'
                    - interval '1 second', tests.bolt());

-- A member.
SELECT tests.act_as(tests.person('ann'));
SELECT results_eq($$ SELECT user_id, points, rank FROM laurel.standings('weekly') $$,
    $$ VALUES (tests.person('ann'), 80::bigint, 1::bigint), (NULL, 60, 2), (tests.person('bob'), 50, 3),
              (tests.person('eve'), 50, 3), (tests.person('fay'), 10, 5), (tests.person('joe'), 0, 6) $$,
    'equal points share a rank and the first to reach them stands first; hidden members take no rank');
SELECT results_eq('SELECT user_id, weekly_points, rank FROM laurel.leaderboard_weekly',
    $$ SELECT * FROM laurel.standings('weekly') $$, 'the weekly view is the weekly standings');
SELECT results_eq('SELECT user_id, monthly_points, rank FROM laurel.leaderboard_monthly',
    $$ SELECT * FROM laurel.standings('monthly') $$, 'the monthly view is the monthly standings');
SELECT is((SELECT count(*) FROM laurel.standings('monthly')), 6::bigint, 'the month has who earned in the month');
SELECT is(pg_temp.board(), '1.ann! 80, 2.Anonymous 60, 3.bob 50, 3.Eve the Great 50, 5.fay 10, 6.joe 0',
    'the leaderboard says the same with names');
SELECT is(pg_temp.board('monthly'), pg_temp.board(), 'so does that of the month');
SELECT is(pg_temp.board('all_time'),
    '1.hal 500, 2.ann! 80, 3.Anonymous 60, 4.bob 50, 4.Eve the Great 50, 6.fay 10, 7.joe 0',
    'all time knows older points; who never had an entry is on no leaderboard');
SELECT results_eq($$ SELECT user_id, avatar_url, tier, current_level, reached_at FROM laurel.leaderboard() WHERE rank = 2 $$,
    $$ VALUES (NULL::uuid, NULL, 'bronze', 1, NULL::timestamptz) $$, 'an anonymous member shows points, tier and level');
SELECT results_eq($$ SELECT user_id, avatar_url FROM laurel.leaderboard() WHERE points = 50 $$,
    $$ VALUES (tests.person('bob'), 'https://acme.test/bob'), (tests.person('eve'), 'https://acme.test/great') $$,
    'a profile comes before the account');
SELECT is((SELECT reached_at FROM laurel.leaderboard() WHERE is_me),
    (SELECT week_reached_at FROM laurel.user_points WHERE user_id = laurel.uid() AND organization_id = laurel.org_id()),
    'reached_at says when the points were reached');
SELECT is(pg_temp.board('weekly', 3), '1.ann! 80, 2.Anonymous 60, 3.bob 50', 'a page ends inside a tie');
SELECT is(pg_temp.board('weekly', 1), '1.ann! 80', 'one line');
SELECT is(pg_temp.board('weekly', 3, 'eve'), '3.bob 50, 3.Eve the Great 50, 5.fay 10', 'around a member: in the middle');
SELECT is(pg_temp.board('weekly', 2, 'eve'), '3.Eve the Great 50, 5.fay 10', 'a page that begins inside a tie knows the rank');
SELECT is(pg_temp.board('weekly', 1, 'joe'), '6.joe 0', 'the last');
SELECT is(pg_temp.board('weekly', 4, 'joe'), '3.bob 50, 3.Eve the Great 50, 5.fay 10, 6.joe 0', 'the end fills the page');
SELECT is(pg_temp.board('weekly', 4, 'ann'), '1.ann! 80, 2.Anonymous 60, 3.bob 50, 3.Eve the Great 50',
    'the beginning fills the page');
SELECT is(pg_temp.board('weekly', 100, 'bob'), pg_temp.board(), 'a page larger than the leaderboard is the leaderboard');
SELECT is(pg_temp.board('weekly', 3, 'cid'), NULL, 'nothing around a hidden member');
SELECT is(pg_temp.board('weekly', 3, 'dee'), NULL, 'nothing around an anonymous one: it would give the name away');
SELECT is(pg_temp.board('weekly', 3, 'hal'), NULL, 'nothing around a member without points in the period');
SELECT is(pg_temp.board('weekly', 3, 'gus'), NULL, 'nothing around a stranger');
SELECT results_eq(
    $$ SELECT n, laurel.rank_of(tests.person(n)) FROM unnest(ARRAY['ann', 'cid', 'dee', 'bob', 'eve', 'fay', 'hal', 'ivy', 'gus']) n $$,
    $$ VALUES ('ann', 1::bigint), ('cid', NULL), ('dee', NULL), ('bob', 3), ('eve', 3), ('fay', 5), ('hal', NULL),
              ('ivy', NULL), ('gus', NULL) $$, 'rank_of answers what the leaderboard shows');
SELECT is(laurel.rank_of(tests.person('hal'), 'all_time'), 1::bigint, 'rank of all time');
SELECT is(laurel.rank_of(NULL), NULL, 'nobody has no rank');

-- Periods and sizes that do not exist.
SELECT is(tests.error_of($$ SELECT * FROM laurel.standings('daily') $$), '22023', 'an unknown period');
SELECT is(tests.error_of('SELECT * FROM laurel.standings(NULL)'), '22023', 'no period');
SELECT is(tests.error_of($$ SELECT laurel.rank_of(laurel.uid(), 'Weekly') $$), '22023', 'periods are lower case');
SELECT is(tests.error_of($$ SELECT * FROM laurel.leaderboard('weekly', 0) $$), '22023', 'at least one row');
SELECT is(tests.error_of($$ SELECT * FROM laurel.leaderboard('weekly', 1001) $$), '22023', 'at most 1000 rows');
SELECT is(tests.error_of($$ SELECT * FROM laurel.leaderboard('weekly', NULL) $$), '22023', 'some number of rows');

-- Another organization.
SELECT is(pg_temp.board(org => tests.bolt()), '1.gus 7', 'a member of two sees the other one by its id, in its own week');
SELECT is(laurel.rank_of(tests.person('gus'), organization_id => tests.bolt()), 1::bigint, 'and ranks there');
SELECT tests.act_as(tests.person('ann'), tests.bolt());
SELECT is(pg_temp.board(), '1.gus 7', 'the active organization is the one that counts');
SELECT is((SELECT count(*) FROM laurel.leaderboard_weekly), 1::bigint, 'for the views too');
SELECT tests.act_as(tests.person('gus'));
SELECT is(pg_temp.board('all_time'), '1.kai 9, 2.gus! 7', 'a member sees the own organization');
SELECT is(tests.error_of('SELECT * FROM laurel.leaderboard(organization_id => tests.acme())'), '42501',
    'and no other leaderboard');
SELECT is(tests.error_of($$ SELECT laurel.rank_of(tests.person('ann'), 'weekly', tests.acme()) $$), '42501',
    'and no rank there');
SELECT is(tests.error_of($$ SELECT * FROM laurel.frozen_leaderboard('weekly', '2024-06-03', 10, tests.acme()) $$), '42501',
    'and nothing frozen');
SELECT is(tests.error_of($$ SELECT laurel.freeze_leaderboard('weekly', '2024-06-03', tests.acme()) $$), '42501',
    'and freezes nothing there');

-- Themselves, administrators, the back end, and nobody.
SELECT tests.act_as(tests.person('cid'));
SELECT is(pg_temp.board('weekly', 3), '1.cid! 90, 2.ann 80, 3.Anonymous 60', 'a hidden member sees the own place');
SELECT is(laurel.rank_of(laurel.uid()), 1::bigint, 'and rank');
SELECT is(pg_temp.board('weekly', 3, 'cid'), pg_temp.board('weekly', 3), 'and surroundings');
SELECT tests.act_as(tests.person('dee'));
SELECT is(pg_temp.board('weekly', 3, 'dee'), '1.ann 80, 2.dee! 60, 3.bob 50', 'an anonymous member knows the own name');
SELECT is((SELECT user_id FROM laurel.standings('weekly') WHERE rank = 2), tests.person('dee'), 'in the standings too');
SELECT tests.act_as(tests.person('fay'));
SELECT is(pg_temp.board(), '1.cid 90, 2.ann 80, 3.dee 60, 4.bob 50, 4.Eve the Great 50, 6.fay! 10, 7.joe 0',
    'an administrator sees everybody');
SELECT is(laurel.rank_of(tests.person('joe')), 7::bigint, 'and everybody counts');
SELECT is(pg_temp.board('weekly', 3, 'cid'), '1.cid 90, 2.ann 80, 3.dee 60', 'and looks around anybody');
SELECT tests.act_as(tests.person('root'));
SELECT is(pg_temp.board('weekly', 1, org => tests.acme()), '1.cid 90', 'a platform administrator sees every organization');
SELECT tests.act_as_service();
SELECT results_eq($$ SELECT user_id, points, rank FROM laurel.standings('weekly')
        WHERE user_id IN (tests.person('cid'), tests.person('ann'), tests.person('gus')) $$,
    $$ VALUES (tests.person('cid'), 90::bigint, 1::bigint), (tests.person('ann'), 80, 2), (tests.person('gus'), 7, 1) $$,
    'the back end gets every organization, ranked apart');
SELECT is(pg_temp.board('weekly', 1, org => tests.acme()), '1.cid 90', 'or the one it names');
SELECT is(laurel.rank_of(tests.person('gus')), 1::bigint, 'a user is asked about at home');
SELECT is(pg_temp.board('weekly', 2, 'ann'), '2.ann 80, 3.dee 60', 'around a user, too');
SELECT is(tests.error_of($$ SELECT * FROM laurel.leaderboard(organization_id => tests.person('nobody')) $$), '23503',
    'an organization must exist');
SELECT tests.act_as(tests.person('nobody'));
SELECT is(pg_temp.board(), NULL, 'claims of an unknown user see nothing');
SELECT is((SELECT count(*) FROM laurel.leaderboard_weekly), 0::bigint, 'in the views neither');
SELECT tests.act_as_anon();
SELECT is(tests.error_of($$ SELECT * FROM laurel.standings('weekly') $$), '42501', 'anon has no standings');
SELECT is(tests.error_of('SELECT * FROM laurel.leaderboard()'), '42501', 'no leaderboard');
SELECT is(tests.error_of($$ SELECT laurel.rank_of(tests.person('ann')) $$), '42501', 'no rank');
SELECT is(tests.error_of('SELECT * FROM laurel.leaderboard_weekly'), '42501', 'no view');

-- Counters are reset lazily: an account that has not moved since last week still carries last week's points.
SELECT tests.act_as_owner();
SET LOCAL session_replication_role = replica;
UPDATE laurel.user_points SET week_start = week_start - 7 WHERE user_id = tests.person('bob');
SET LOCAL session_replication_role = origin;
SELECT tests.act_as(tests.person('ann'));
SELECT is(pg_temp.board(), '1.ann! 80, 2.Anonymous 60, 3.Eve the Great 50, 4.fay 10, 5.joe 0',
    'last week''s points are not this week''s');
SELECT is(laurel.rank_of(tests.person('bob')), NULL, 'nor its rank');
SELECT tests.act_as_owner();
SELECT pg_temp.give('bob', 55);
SELECT tests.act_as(tests.person('ann'));
SELECT is(pg_temp.board('weekly', 3), '1.ann! 80, 2.Anonymous 60, 3.bob 55', 'the next entry begins the week anew');

-- Every page agrees with a window over the accounts.
SELECT tests.act_as_owner();
INSERT INTO laurel.users (id, organization_id, email)
    SELECT tests.person('many' || i), tests.bolt(), 'many' || i || '@zoo.test' FROM generate_series(1, 60) i;
UPDATE laurel.user_preferences SET leaderboard_privacy = CASE get_byte(uuid_send(user_id), 3) % 5
        WHEN 0 THEN 'hidden' WHEN 1 THEN 'anonymous' ELSE 'public' END WHERE organization_id = tests.bolt();
SELECT pg_temp.give('many' || i, 1 + i % 7, now(), tests.bolt()) FROM generate_series(1, 60) i;
CREATE TEMP TABLE expected AS
    SELECT row_number() OVER best AS place, rank() OVER (ORDER BY points_this_week DESC) AS rank, user_id,
        points_this_week AS points, leaderboard_privacy AS privacy
    FROM laurel.user_points a JOIN laurel.user_preferences USING (user_id)
    WHERE a.organization_id = tests.bolt() AND leaderboard_privacy <> 'hidden' AND week_reached_at IS NOT NULL
    WINDOW best AS (ORDER BY points_this_week DESC, week_reached_at, user_id);
GRANT SELECT ON expected TO authenticated;
SELECT tests.act_as(tests.person('ann'), tests.bolt());
SELECT results_eq($$ SELECT user_id, points, rank FROM laurel.standings('weekly') $$,
    $$ SELECT CASE WHEN privacy = 'public' THEN user_id END, points, rank FROM expected ORDER BY place $$,
    'the standings are RANK() over the visible members');
SELECT is_empty($$
    SELECT e.user_id, rows, l.* FROM expected e
    CROSS JOIN generate_series(1, 9) rows
    CROSS JOIN LATERAL (
        SELECT greatest(1, least(e.place - (rows - 1) / 2, (SELECT count(*) FROM expected) - rows + 1)) AS first) f
    CROSS JOIN LATERAL (
        SELECT rank, user_id, points FROM laurel.leaderboard('weekly', rows, e.user_id)
        EXCEPT SELECT rank, CASE WHEN privacy = 'public' THEN user_id END, points FROM expected x
        WHERE x.place BETWEEN f.first AND f.first + rows - 1) l
    WHERE e.privacy = 'public' $$, 'every page around every member is cut out of the standings');
SELECT is_empty($$ SELECT user_id FROM expected
    WHERE laurel.rank_of(user_id) IS DISTINCT FROM CASE WHEN privacy = 'public' THEN rank END $$, 'so is every rank');

-- Freezing a week and a month that are long over. In Auckland Monday the 3rd began at 12:00 UTC on Sunday.
SELECT tests.act_as_owner();
SELECT pg_temp.give('kai', 30, '2024-06-05 00:00:00+00', tests.bolt()),
       pg_temp.give('gus', 5, '2024-06-02 11:59:59+00', tests.bolt()),
       pg_temp.give('gus', 20, '2024-06-02 12:00:00+00', tests.bolt()),
       pg_temp.give('gus', 10, '2024-06-09 11:59:59+00', tests.bolt()),
       pg_temp.give('ann', 40, '2024-06-05 00:00:00+00', tests.bolt()),
       pg_temp.give('root', 1, '2024-06-05 00:00:00+00', tests.bolt()),
       pg_temp.give('kai', 99, '2024-06-09 12:00:00+00', tests.bolt()),
       pg_temp.give('bob', 3, '2024-06-05 00:00:00+00');
UPDATE laurel.user_preferences SET leaderboard_privacy = 'public' WHERE organization_id = tests.bolt();
UPDATE laurel.user_preferences SET leaderboard_privacy = 'hidden' WHERE user_id = tests.person('ann');
SELECT tests.act_as(tests.person('gus'));
SELECT is(tests.error_of($$ SELECT laurel.freeze_leaderboard('weekly', '2024-06-03') $$), '42501', 'a member freezes nothing');
SELECT is(tests.error_of('SELECT laurel.freeze_finished_leaderboards()'), '42501', 'and not everything');
SELECT tests.act_as(tests.person('root'));
SELECT is(laurel.freeze_leaderboard('weekly', '2024-06-03'), 4::bigint, 'an administrator freezes the active organization''s');
SELECT is(laurel.freeze_leaderboard('weekly', '2024-06-03'), 0::bigint, 'once');
SELECT is(tests.error_of($$ SELECT laurel.freeze_leaderboard('weekly', '2024-06-04') $$), '22023', 'a week begins on Monday');
SELECT is(tests.error_of($$ SELECT laurel.freeze_leaderboard('monthly', '2024-06-03') $$), '22023', 'a month on its first');
SELECT is(tests.error_of($$ SELECT laurel.freeze_leaderboard('all_time', '2024-06-03') $$), '22023', 'all time never ends');
SELECT is(tests.error_of($$ SELECT laurel.freeze_leaderboard('weekly', NULL) $$), '22004', 'a period has a beginning');
SELECT is(tests.error_of($$ SELECT laurel.freeze_leaderboard('weekly', date_trunc('week', now() AT TIME ZONE 'Pacific/Auckland')::date) $$),
    'PT409', 'the current week is not over');
SELECT is(tests.error_of('SELECT laurel.freeze_finished_leaderboards()'), '42501', 'the scheduler''s function is not for administrators');
SELECT tests.act_as_owner();
SELECT results_eq(
    $$ SELECT user_id, points, rank FROM laurel.leaderboard_standings WHERE organization_id = tests.bolt()
       AND period = 'weekly' AND period_start = '2024-06-03' ORDER BY rank, points, user_id $$,
    $$ SELECT tests.person(n), p::bigint, r::bigint FROM (VALUES ('ann', 40, 1), ('gus', 30, 2), ('kai', 30, 2), ('root', 1, 4)) v (n, p, r)
       ORDER BY r, p, tests.person(n) $$, 'the week is counted in the organization''s time zone');
SELECT tests.act_as(tests.person('gus'));
SELECT is(pg_temp.frozen('weekly', '2024-06-03'), '1.kai 30, 1.gus! 30, 3.root 1',
    'hidden members take no rank in what is frozen either, and ties stand in the order in which they were reached');
SELECT tests.act_as_service();
SELECT is(laurel.freeze_leaderboard('weekly', '2024-06-03'), 1::bigint, 'the back end freezes what is left everywhere');
SELECT is(pg_temp.frozen('weekly', '2024-06-03', 1, tests.bolt()), '1.ann 40', 'and sees who is hidden');
SELECT is(pg_temp.frozen('weekly', '2024-05-27', 1, tests.bolt()), NULL, 'a week that was not frozen has no lines');
SELECT cmp_ok(laurel.freeze_finished_leaderboards(), '>=', 0::bigint, 'the scheduler freezes the last week and month');
SELECT is(laurel.freeze_finished_leaderboards(), 0::bigint, 'once');
SELECT tests.act_as_owner();
DELETE FROM laurel.users WHERE id = tests.person('kai');
SELECT is(laurel.freeze_leaderboard('monthly', '2024-06-01', tests.bolt()), 3::bigint, 'who has left is not frozen');

SELECT * FROM finish();
ROLLBACK;
