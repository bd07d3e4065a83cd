-- A table that inherits from one of Laurel's is none of its rows: what it says is not counted, ranked, paid or verified.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('ann', 'ben');
INSERT INTO laurel.badges (id, organization_id, slug, badge_name, points_value) VALUES (tests.person('badge'), tests.acme(), 'kind', 'Kind', 5);
SELECT laurel.record_points_transaction(tests.person('ann'), 10, 't', reason => 'r', idempotency_key => 'k') IS NOT NULL;
SELECT laurel.record_activity(tests.person('ann')) IS NOT NULL;
SELECT laurel.award_badge(tests.person('ann'), tests.person('badge')) IS NOT NULL;

-- A child of every ordinary table, with a copy of every row, and lies beside.
CREATE SCHEMA children;
DO $$
DECLARE
    parent regclass;
BEGIN
    FOR parent IN SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND NOT relispartition
        AND oid = ANY ('{laurel.points_ledger, laurel.user_points, laurel.tiers, laurel.levels, laurel.daily_activity, laurel.badges, laurel.badge_awards,
            laurel.users, laurel.user_organizations, laurel.organizations, laurel.user_preferences, laurel.user_roles, laurel.reference_types,
            laurel_internal.departed_accounts, laurel_internal.archived_keys, laurel_internal.archived_accounts}'::regclass[]) LOOP
        EXECUTE format('CREATE TABLE children.%I () INHERITS (%s)', (SELECT relname FROM pg_class WHERE oid = parent), parent);
        EXECUTE format('INSERT INTO children.%I SELECT * FROM ONLY %s', (SELECT relname FROM pg_class WHERE oid = parent), parent);
    END LOOP;
END
$$;
UPDATE children.points_ledger SET amount = 1000000, balance_after = 1000000, entry_no = entry_no + 10;
INSERT INTO children.points_ledger SELECT gen_random_uuid(), organization_id, tests.person('ben'), 1, 99, 99, occurred_at, created_at, 'lie', entry_hash, '{}',
    NULL, NULL, NULL, NULL, 'lie', 'lie' FROM ONLY laurel.points_ledger LIMIT 1;
UPDATE children.user_points SET total_points = 1000000, points_this_week = 1000000, week_start = date_trunc('week', now())::date, week_reached_at = now(), reached_at = now();
UPDATE children.tiers SET min_points = min_points * 2;
INSERT INTO children.daily_activity (id, organization_id, user_id, date, first_activity_at) SELECT gen_random_uuid(), organization_id, user_id, date - 1, now() FROM ONLY laurel.daily_activity;
INSERT INTO children.badge_awards SELECT gen_random_uuid(), organization_id, tests.person('ben'), badge_id, 'x', awarded_date, 5, NULL, created_at FROM ONLY laurel.badge_awards;
INSERT INTO children.archived_keys VALUES (tests.acme(), 'new key', tests.person('ann'), 1, now());

SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'verify_ledger does not look at children');
SELECT results_eq($$SELECT display_name, points FROM laurel.leaderboard('all_time', organization_id => tests.acme()) WHERE points > 0$$,
    $$SELECT display_name, 15::bigint FROM laurel.leaderboard('all_time', organization_id => tests.acme()) LIMIT 1$$, 'nor does the leaderboard');
SELECT is(laurel.balance_at(tests.person('ben'), 'infinity', tests.acme()), 0::bigint, 'nor a balance in the past');
SELECT is((SELECT count(*) FROM laurel.points_history), 2::bigint, 'nor the view of all entries');
SELECT results_eq($$SELECT entry_no, balance_after, is_new FROM laurel.record_points_transaction(tests.person('ben'), 3, 't', reason => 'r', idempotency_key => 'lie')$$,
    $$VALUES (1::bigint, 3::bigint, true)$$, 'an entry follows the account, not its child, and its key is free');
SELECT results_eq($$SELECT entry_no, balance_after, is_new FROM laurel.record_points_transaction(tests.person('ann'), 10, 't', reason => 'r', idempotency_key => 'k')$$,
    $$VALUES (1::bigint, 10::bigint, false)$$, 'a retry finds the entry');
SELECT is((SELECT max(balance_after) FROM laurel.record_points_transactions(jsonb_build_array(jsonb_build_object('user_id', tests.person('ann'), 'amount', 1,
    'transaction_type', 't', 'reason', 'r', 'idempotency_key', 'new key')))), 16::bigint, 'many at once too');
SELECT is(laurel.reverse_points_transaction((SELECT id FROM ONLY laurel.points_ledger WHERE idempotency_key = 'k')) IS NOT NULL, true, 'it is reversed once');
SELECT is((SELECT current_streak FROM laurel.record_activity(tests.person('ann'))), 1, 'a streak is made of one''s own days');
SELECT lives_ok($$INSERT INTO laurel.daily_activity (organization_id, user_id, date) SELECT tests.acme(), tests.person('ann'), current_date - 9$$, 'counted anew');
SELECT is((SELECT current_streak FROM ONLY laurel.user_points WHERE user_id = tests.person('ann')), 1, 'without the child''s days');
SELECT lives_ok($$SELECT laurel.award_badge(tests.person('ben'), tests.person('badge'))$$, 'a badge is awarded that a child says is held');
SELECT is((SELECT times_awarded FROM ONLY laurel.badges), 2::bigint, 'and counted');
SELECT is((SELECT times_awarded FROM children.badges), 1::bigint, 'not in the child');
SELECT lives_ok($$UPDATE ONLY laurel.tiers SET min_points = 12 WHERE tier = 'silver'$$, 'tiers are four');
SELECT lives_ok($$UPDATE ONLY laurel.organizations SET time_zone = 'Asia/Tokyo'$$, 'a calendar moves');
SELECT is((SELECT min(total_points) FROM children.user_points), 1000000::bigint, 'no child is written');
SELECT lives_ok(format('DELETE FROM ONLY laurel.users WHERE id = %L', tests.person('ben')), 'a member leaves');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'all is sound');

SELECT * FROM finish();
ROLLBACK;
