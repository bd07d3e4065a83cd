\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(106);

SELECT tests.cast('admin', 'learner', 'other', 'bolt_admin', 'bolt_learner');

CREATE FUNCTION pg_temp.tier(member uuid DEFAULT tests.person('learner')) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT format('%s %s', tier, current_level) FROM laurel.user_points WHERE user_id = member
$$;
-- Books points for the learner and says tier and level afterwards.
CREATE FUNCTION pg_temp.book(points bigint) RETURNS text LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
    VALUES (tests.person('learner'), points, 't', 'r');
    SELECT pg_temp.tier()
$$;
-- The events told since the last look.
CREATE FUNCTION pg_temp.told() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    WITH gone AS (DELETE FROM laurel.domain_events RETURNING *)
    SELECT string_agg(concat_ws(' ', type, left(user_id::text, 1) || right(user_id::text, 1), data ->> 'from', data ->> 'to'), ', ' ORDER BY id) FROM gone
$$;
GRANT EXECUTE ON FUNCTION pg_temp.tier(uuid), pg_temp.told() TO PUBLIC;

-- What a new organization has.
SELECT results_eq($$ SELECT tier, min_points FROM laurel.tiers WHERE organization_id = tests.acme() ORDER BY 2 $$,
    $$ VALUES ('bronze', 0::bigint), ('silver', 500), ('gold', 1500), ('platinum', 3000) $$, 'four tiers');
SELECT results_eq($$ SELECT count(*), min(level), max(level), count(*) FILTER (WHERE min_points = 100 * (level - 1) * level / 2)
    FROM laurel.levels WHERE organization_id = tests.acme() $$,
    $$ VALUES (50::bigint, 1, 50, 50::bigint) $$, 'fifty levels, each a hundred points longer than the one before');
SELECT is((SELECT count(*) FROM laurel.organizations o WHERE is_default AND 4 = (SELECT count(*) FROM laurel.tiers t WHERE t.organization_id = o.id)),
    1::bigint, 'the default organization has them too');

-- Where tiers begin.
SELECT is(laurel.tier_for(points, tests.acme()), tier, format('%s points are %s', points, tier))
FROM (VALUES (-5::bigint, 'bronze'), (0, 'bronze'), (499, 'bronze'), (500, 'silver'), (1499, 'silver'), (1500, 'gold'), (2999, 'gold'),
    (3000, 'platinum'), (9223372036854775807, 'platinum')) AS known (points, tier);
SELECT is(laurel.level_for(points, tests.acme()), level, format('%s points are level %s', points, level))
FROM (VALUES (-5::bigint, 1), (0, 1), (99, 1), (100, 2), (299, 2), (300, 3), (599, 3), (600, 4), (122499, 49), (122500, 50),
    (9223372036854775807, 50)) AS known (points, level);
SELECT is(tests.error_of($$ SELECT laurel.tier_for(1, 'f0000000-0000-0000-0000-000000000000') $$), '23503', 'a tier is some organization''s');
SELECT is(tests.error_of($$ SELECT laurel.level_for(1, 'f0000000-0000-0000-0000-000000000000') $$), '23503', 'a level too');
SELECT is(laurel.tier_for(NULL, tests.acme()), NULL, 'no points, no tier');

-- Points make tiers and levels.
SELECT is(pg_temp.tier(), 'bronze 1', 'everybody begins');
SELECT is(pg_temp.book(points), tier, format('%s more', points)) FROM (VALUES (1, 499, 'bronze 3'), (2, 1, 'silver 3'), (3, 999, 'silver 5'),
    (4, 1, 'gold 6'), (5, 1499, 'gold 8'), (6, 1, 'platinum 8'), (7, -1, 'gold 8'), (8, -2999, 'bronze 8'), (9, 500, 'silver 8'),
    (10, 100, 'silver 9')) AS booked (n, points, tier);
SELECT is(pg_temp.told(), 'tier_changed a3 bronze silver, tier_changed a3 silver gold, tier_changed a3 gold platinum, '
    'tier_changed a3 platinum gold, tier_changed a3 gold bronze, tier_changed a3 bronze silver', 'each change of tier is told, once');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES
    (tests.person('learner'), 3000, 't', 'r'), (tests.person('other'), 600, 't', 'r'),
    (tests.person('learner'), -3000, 't', 'r'), (tests.person('bolt_learner'), 600, 't', 'r');
SELECT is(pg_temp.told(), 'tier_changed a4 bronze silver, tier_changed b3 bronze silver', 'what a statement takes back itself is not told');
SELECT is(pg_temp.tier(), 'silver 12', 'but was earned');
SAVEPOINT undone;
SELECT pg_temp.book(3000);
ROLLBACK TO undone;
SELECT is(pg_temp.told(), NULL, 'and what is undone is not told');

-- By lifetime points instead of the balance.
UPDATE laurel.organizations SET tier_basis = 'lifetime' WHERE slug = 'acme';
SELECT is(pg_temp.tier(), 'platinum 12', 'a new basis re-tiers');
SELECT is(pg_temp.told(), 'tier_changed a3 silver platinum', 'those it concerns');
SELECT is(pg_temp.book(-599), 'platinum 12', 'and spending leaves the tier');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger knows the basis');
UPDATE laurel.organizations SET tier_basis = 'total' WHERE slug = 'acme';
SELECT is(pg_temp.tier(), 'bronze 12', 'back again');
SELECT is(tests.error_of($$ UPDATE laurel.organizations SET tier_basis = 'luck' WHERE slug = 'acme' $$), '23514 organizations_tier_basis_check',
    'there is no other basis');
SELECT pg_temp.told();

-- New thresholds.
SELECT tests.act_as_admin();
UPDATE laurel.tiers SET min_points = CASE tier WHEN 'silver' THEN 2 WHEN 'gold' THEN 600 ELSE 601 END WHERE tier <> 'bronze';
SELECT is(pg_temp.tier() || ', ' || pg_temp.tier(tests.person('other')), 'bronze 12, gold 4', 'an administrator moves the tiers, and the members with them');
SELECT is(pg_temp.told(), 'tier_changed a4 silver gold', 'which is told');
SELECT is(pg_temp.tier(tests.person('bolt_learner')), 'silver 4', 'other organizations keep theirs');
SELECT results_eq($$ UPDATE laurel.tiers SET min_points = min_points + 1 WHERE organization_id = tests.bolt() RETURNING 1 $$,
    'SELECT 1 WHERE false', 'whoever tries');
UPDATE laurel.levels SET min_points = min_points * 2;
SELECT is(pg_temp.tier() || ', ' || pg_temp.tier(tests.person('other')), 'bronze 8, gold 3', 'levels likewise');
SELECT is(pg_temp.told(), NULL, 'without an event, since the tier is the same');
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.tiers), 4::bigint, 'a learner reads the tiers');
SELECT is(laurel.tier_for(600, tests.acme()), 'gold', 'asks which one points are');
SELECT is(tests.error_of(format('SELECT laurel.%s(600, %L)', function, organization)), '42501', 'not elsewhere: ' || function)
FROM unnest('{tier_for, level_for}'::text[]) function, unnest('{b0000000-0000-0000-0000-000000000000, f0000000-0000-0000-0000-000000000000}'::uuid[]) organization;
SELECT results_eq('UPDATE laurel.tiers SET min_points = 0 RETURNING 1', 'SELECT 1 WHERE false', 'and moves none');
SELECT is(tests.error_of('DELETE FROM laurel.levels'), 'none', 'nor takes levels away:');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.levels WHERE organization_id = tests.acme()), 50::bigint, 'they are all there');
SELECT is(pg_temp.tier(), 'bronze 8', 'one point is bronze');
SELECT is(pg_temp.book(1), 'silver 8', 'entries follow the new thresholds: two are silver');
SAVEPOINT moved;
UPDATE laurel.tiers SET min_points = 3 WHERE tier = 'silver' AND organization_id = tests.acme();
SELECT is(pg_temp.tier(), 'bronze 8', 'not when silver begins at three');
ROLLBACK TO moved;
SELECT is(pg_temp.book(1), 'silver 8', 'nor when that is undone');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger knows the thresholds');

-- Thresholds that are none.
SELECT is(tests.error_of(statement), expected, statement) FROM (VALUES
    ('UPDATE laurel.tiers SET min_points = 700 WHERE tier = ''gold''', '23514 tiers_ascending_check'),
    ('UPDATE laurel.tiers SET min_points = 1500 WHERE tier = ''silver'' AND min_points = 500', '23514 tiers_ascending_check'),
    ('UPDATE laurel.tiers SET min_points = 0 WHERE tier = ''silver''', '23514 tiers_ascending_check'),
    ('UPDATE laurel.tiers SET min_points = 1 WHERE tier = ''bronze''', '23514 tiers_min_points_check'),
    ('UPDATE laurel.tiers SET min_points = -1 WHERE tier = ''silver''', '23514 tiers_min_points_check'),
    ('UPDATE laurel.tiers SET min_points = NULL WHERE tier = ''silver''', '23502'),
    ('UPDATE laurel.tiers SET tier = ''wood'' WHERE tier = ''bronze''', '23514 tiers_tier_check'),
    ('DELETE FROM laurel.tiers WHERE tier = ''platinum''', '23514 tiers_complete_check'),
    ('DELETE FROM laurel.tiers', '23514 tiers_complete_check'),
    ('UPDATE laurel.tiers SET organization_id = ''b0000000-0000-0000-0000-000000000000'' WHERE organization_id = ''a0000000-0000-0000-0000-000000000000''',
        '23001 tiers_organization_id_immutable'),
    ('UPDATE laurel.levels SET organization_id = ''b0000000-0000-0000-0000-000000000000'' WHERE organization_id = ''a0000000-0000-0000-0000-000000000000''',
        '23001 levels_organization_id_immutable'),
    ('UPDATE laurel.levels SET min_points = 0 WHERE level = 2', '23514 levels_ascending_check'),
    ('UPDATE laurel.levels SET min_points = 1 WHERE level = 1', '23514 levels_min_points_check'),
    ('DELETE FROM laurel.levels WHERE level = 20', '23514 levels_complete_check'),
    ('DELETE FROM laurel.levels', '23514 levels_complete_check'),
    ('INSERT INTO laurel.levels SELECT organization_id, 52, 99999999 FROM laurel.levels WHERE level = 1', '23514 levels_complete_check'),
    ('INSERT INTO laurel.levels SELECT organization_id, 51, 5 FROM laurel.levels WHERE level = 1', '23514 levels_ascending_check'),
    ('INSERT INTO laurel.levels SELECT organization_id, 51, 99999999 FROM laurel.levels WHERE level = 1', 'none'),
    ('DELETE FROM laurel.levels WHERE level > 5', 'none')
) AS tried (statement, expected);
SELECT is(pg_temp.tier(), 'silver 5', 'fewer levels are fewer');
INSERT INTO laurel.organizations (id, name) VALUES ('c0000000-0000-0000-0000-000000000000', 'Short-lived');
SELECT lives_ok($$ DELETE FROM laurel.organizations WHERE id = 'c0000000-0000-0000-0000-000000000000' $$, 'an organization goes with its tiers');
SELECT is((SELECT count(*) FROM laurel.tiers WHERE organization_id = 'c0000000-0000-0000-0000-000000000000'), 0::bigint, 'all of them');

-- Weeks and months. What every account should count, asked of the ledger.
CREATE FUNCTION pg_temp.periods(description text) RETURNS text LANGUAGE sql AS $$
    SELECT is_empty($q$
        SELECT p.user_id, o.time_zone, p.points_this_week, p.points_this_month, l.week, l.month
        FROM laurel.user_points p JOIN laurel.organizations o ON o.id = p.organization_id
        CROSS JOIN LATERAL (SELECT now() AT TIME ZONE o.time_zone AS here) n
        CROSS JOIN LATERAL (SELECT
            coalesce(sum(amount) FILTER (WHERE date_trunc('week', occurred_at AT TIME ZONE o.time_zone) = date_trunc('week', here)), 0) AS week,
            coalesce(sum(amount) FILTER (WHERE date_trunc('month', occurred_at AT TIME ZONE o.time_zone) = date_trunc('month', here)), 0) AS month
            FROM laurel.points_ledger e WHERE e.organization_id = p.organization_id AND e.user_id = p.user_id) l
        WHERE p.last_entry_no > 0 AND (p.points_this_week, p.points_this_month, p.week_start, p.month_start)
            IS DISTINCT FROM (l.week, l.month, date_trunc('week', here)::date, date_trunc('month', here)::date)
    $q$, description)
$$;
SELECT pg_temp.periods('week and month are sums of what happened in them');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, occurred_at)
SELECT tests.person('other'), 1 + extract(hour FROM at)::int, 't', 'r', at
FROM generate_series(now() - interval '45 days', now(), interval '1 hour') at ORDER BY md5(at::text);
SELECT pg_temp.periods('whatever the order in which entries of a month come');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, occurred_at)
SELECT tests.person('learner'), 1, 't', 'r', start + step FROM (VALUES
    (date_trunc('week', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'), (date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')) AS s (start),
    unnest(ARRAY[interval '0', '-1 microsecond', '-1 day']) AS step;
SELECT pg_temp.periods('to the microsecond');
SELECT lives_ok($$ UPDATE laurel.organizations SET time_zone = 'Pacific/Kiritimati' WHERE slug = 'acme' $$, 'an organization moves');
SELECT pg_temp.periods('and its weeks are counted anew');
UPDATE laurel.organizations SET time_zone = 'Pacific/Pago_Pago' WHERE slug = 'acme';
SELECT pg_temp.periods('at the other end of the world');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
VALUES (tests.person('learner'), 5, 't', 'r'), (tests.person('other'), -5, 't', 'r');
SELECT pg_temp.periods('where life goes on');
UPDATE laurel.organizations SET time_zone = 'America/St_Johns', tier_basis = 'lifetime' WHERE slug = 'acme';
SELECT pg_temp.periods('and where clocks are half an hour off');
SELECT is(pg_temp.tier(tests.person('other')), 'platinum 5', 'with a new basis in the same breath');
SAVEPOINT zone;
UPDATE laurel.organizations SET time_zone = 'Asia/Kathmandu';
SELECT pg_temp.periods('all organizations move');
ROLLBACK TO zone;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('learner'), 5, 't', 'r');
SELECT pg_temp.periods('and do not');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger knows the zone');

-- A new week begins with its first entry.
SET LOCAL session_replication_role = replica;
UPDATE laurel.user_points SET week_start = week_start - 7, points_this_week = 77, month_start = (month_start - interval '1 month')::date, points_this_month = 777
WHERE user_id IN (tests.person('learner'), tests.person('other'));
SET LOCAL session_replication_role = origin;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, occurred_at) VALUES
    (tests.person('learner'), 4, 't', 'r', now()), (tests.person('other'), 4, 't', 'r', now() - interval '50 days');
SELECT results_eq($$ SELECT points_this_week, points_this_month, week_reached_at IS NULL, month_reached_at IS NULL FROM laurel.user_points
    WHERE organization_id = tests.acme() AND last_entry_no > 0 ORDER BY user_id $$,
    $$ VALUES (4::bigint, 4::bigint, false, false), (0, 0, true, true) $$, 'what counted for last week and month counts no more');
SELECT results_eq($$ SELECT DISTINCT week_start, month_start FROM laurel.user_points WHERE organization_id = tests.acme() AND last_entry_no > 0 $$,
    $$ SELECT date_trunc('week', now() AT TIME ZONE 'America/St_Johns')::date, date_trunc('month', now() AT TIME ZONE 'America/St_Johns')::date $$,
    'and the new ones have begun');

-- Who got there first.
SELECT ok((SELECT bool_and(reached_at = last_entry_at AND reached_at >= created_at) FROM laurel.user_points WHERE last_entry_no > 0),
    'a balance is reached when it is booked, not when it was earned');

-- One statement over several organizations is one change.
SELECT tests.act_as_owner();
UPDATE laurel.tiers SET min_points = 400 WHERE tier = 'silver';
SELECT is(tests.error_of($$ UPDATE laurel.tiers SET min_points = CASE WHEN organization_id = (SELECT max(organization_id::text)::uuid FROM laurel.tiers) THEN 99999999 ELSE 450 END
    WHERE tier = 'silver' $$), '23514 tiers_ascending_check', 'thresholds that fit one organization and not another are refused');
SELECT is((SELECT array_agg(DISTINCT min_points) FROM laurel.tiers WHERE tier = 'silver'), '{400}', 'and change in none');

SELECT * FROM finish();
ROLLBACK;
