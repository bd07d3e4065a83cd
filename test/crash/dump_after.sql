-- In a restored database: what was true still is, and life goes on. Any error fails the test.
SET client_min_messages = warning;

-- The restore has sent nothing. What had arrived does not come again; all else comes once, what was on its way when its
-- lease ends, what waited for a digest in that digest.
CREATE TEMP TABLE due AS SELECT d.id, d.state, d.channel = 'email' AND EXISTS (SELECT FROM laurel.users u JOIN laurel.suppressed_addresses s USING (email)
    WHERE u.id = d.user_id AND s.suppressed_at IS NOT NULL) AS bounces FROM laurel.notification_deliveries d;
CREATE TEMP TABLE noted AS SELECT i.delivery_id, count(*) AS items FROM laurel.digest_items i GROUP BY 1;
UPDATE laurel.notification_deliveries SET due_at = now() WHERE state = 'ready';
UPDATE laurel.delivery_leases SET lease_until = now();
UPDATE laurel.job_leases SET lease_until = now();
-- Others may be due by the clock.
UPDATE laurel.jobs SET is_enabled = name = 'partitions';
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000002', 'restored', 2, '0.1.0');
CREATE TEMP TABLE came AS SELECT * FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000002', 1000);
DO $$
BEGIN
    ASSERT (SELECT array_agg(DISTINCT state ORDER BY state) FROM due) = '{dead,leased,ready}', 'deliveries in every state were dumped';
    ASSERT (SELECT count(*) FROM laurel.notifications n WHERE n.created_at > (SELECT max(finished_at) FROM laurel.delivery_attempts)) = 0, 'nothing was told anew';
    ASSERT (SELECT array_agg(delivery_id ORDER BY delivery_id) FROM came) = (SELECT array_agg(id ORDER BY id) FROM due WHERE state <> 'dead' AND NOT bounces),
        'everything that waits comes';
    ASSERT (SELECT count(*) FROM due WHERE bounces) > 0, 'but what would bounce';
    ASSERT (SELECT count(*) FROM came JOIN laurel.delivery_attempts a USING (delivery_id) WHERE a.outcome = 'delivered') = 0, 'nothing that had arrived';
    ASSERT (SELECT count(*) > 1 AND bool_and(message ->> 'subject' LIKE items || ' new: %') FROM came JOIN noted USING (delivery_id)), 'digests tell what they noted';
    ASSERT (SELECT count(*) > 0 AND bool_and(message #>> '{secrets,0}' = (SELECT secret FROM laurel.webhook_endpoints)) FROM came WHERE channel = 'webhook'), 'webhooks are signed as before';
    ASSERT (SELECT sum(n) = (SELECT count(*) FROM came) FROM (SELECT laurel_internal.complete_deliveries(lease_token, jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', 'delivered'))) AS n
        FROM came GROUP BY lease_token) c), 'and are done';
    ASSERT (SELECT count(*) FROM laurel.notification_deliveries WHERE state <> 'dead') + (SELECT count(*) FROM laurel.digest_items) = 0, 'nothing is left but the dead';
    ASSERT laurel.redrive_deliveries() = (SELECT count(*) FROM due WHERE state = 'dead'), 'which can be tried again';
    ASSERT (SELECT name FROM laurel_internal.claim_due_job('f0000000-0000-0000-0000-000000000002')) = 'partitions', 'a job that was running is run again';
    ASSERT (SELECT count(*) FROM laurel.maintain_partitions() WHERE problem IS NOT NULL) = 0, 'partitions are made ahead';
END
$$;
UPDATE laurel.jobs SET is_enabled = true;

DO $$
DECLARE
    before laurel.user_points;
    after laurel.user_points;
    answer record;
    entry uuid;
    state text;
BEGIN
    SELECT * INTO before FROM laurel.user_points WHERE user_id = 'a0000000-0000-0000-0000-000000000004';

    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (before.user_id, 7, 'after', 'r'), (before.user_id, -2, 'after', 'r');
    SELECT * INTO after FROM laurel.user_points WHERE user_id = before.user_id;
    ASSERT (after.total_points, after.lifetime_points, after.last_entry_no) = (before.total_points + 5, before.lifetime_points + 7, before.last_entry_no + 2),
        'awards go on where they stopped';

    SELECT * INTO answer FROM laurel.record_points_transaction(before.user_id, 33, 'bonus', reason => 'keyed', idempotency_key => 'key of u4@a.test');
    ASSERT NOT answer.is_new AND answer.entry_no <= before.last_entry_no, 'a retry finds the entry made before the dump';
    BEGIN
        PERFORM laurel.record_points_transaction(before.user_id, 34, 'bonus', reason => 'keyed', idempotency_key => 'key of u4@a.test');
        state := 'none';
    EXCEPTION WHEN OTHERS THEN state := SQLSTATE;
    END;
    ASSERT state = 'PT409', 'and a changed one a conflict';

    SELECT id INTO entry FROM laurel.points_history WHERE idempotency_key = 'key of u4@a.test';
    SELECT * INTO answer FROM laurel.reverse_points_transaction(entry);
    ASSERT answer.balance_after = after.total_points - 33, 'an entry made before the dump is reversed';
    SELECT id INTO entry FROM laurel.points_history WHERE idempotency_key = 'key of u8@a.test';
    BEGIN
        PERFORM laurel.reverse_points_transaction(entry);
        state := 'none';
    EXCEPTION WHEN OTHERS THEN state := SQLSTATE;
    END;
    ASSERT state = '23505', 'but not twice';

    ASSERT laurel.balance_at(before.user_id, before.last_entry_at, before.organization_id) = before.total_points, 'the past is as it was';
    SELECT * INTO answer FROM laurel.record_points_transactions('[{"user_id": "b0000000-0000-0000-0000-000000000004", "amount": 1, "transaction_type": "t", "reason": "r"}]');
    ASSERT answer.is_new, 'batches go on';
END
$$;

DO $$
DECLARE
    statement text;
    state text;
BEGIN
    FOREACH statement IN ARRAY ARRAY['UPDATE laurel.points_ledger SET amount = 1', 'DELETE FROM laurel.points_ledger', 'TRUNCATE laurel.points_ledger',
        'UPDATE laurel.user_points SET total_points = 1', 'UPDATE laurel.badges SET times_awarded = 99',
        $q$ UPDATE laurel.users SET organization_id = 'b0000000-0000-0000-0000-000000000000' $q$] LOOP
        BEGIN
            EXECUTE statement;
            state := 'none';
        EXCEPTION WHEN OTHERS THEN state := SQLSTATE;
        END;
        ASSERT state = '23001', statement || ': ' || state;
    END LOOP;
END
$$;

-- Members come, come back, earn badges, are active; thresholds move.
INSERT INTO laurel.users (id, organization_id, email) VALUES ('a0000000-0000-0000-0000-000000000099', 'a0000000-0000-0000-0000-000000000000', 'new@a.test');
INSERT INTO laurel.user_organizations VALUES ('b0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000007');
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES
    ('b0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000007', 1, 't', 'r'),
    ('a0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000099', 1, 't', 'r');
INSERT INTO laurel.users (email) VALUES ('another@nowhere.test');
SELECT laurel.award_badge('a0000000-0000-0000-0000-000000000099', 'ab000000-0000-0000-0000-000000000001');
SELECT laurel.award_badge('a0000000-0000-0000-0000-000000000001', 'ab000000-0000-0000-0000-000000000001');
SELECT laurel.record_activity(user_id, now(), organization_id) FROM laurel.user_organizations;
UPDATE laurel.tiers SET min_points = min_points + 1 WHERE tier = 'silver';
UPDATE laurel.organizations SET time_zone = 'UTC', tier_basis = 'total', tier_window_months = NULL;

DO $$
BEGIN
    ASSERT (SELECT count(DISTINCT organization_id) >= 2 AND count(*) >= 4 FROM laurel_internal.ledger_seals), 'seals come along';
    ASSERT (SELECT count(*) FROM laurel.verify_ledger()) = 0, 'the ledger is sound, and all that was sealed is there';
    ASSERT (SELECT count(*) > 0 FROM laurel_internal.audit_seals), 'seals of the audit log come along';
    ASSERT (SELECT count(*) FROM laurel.verify_audit()) = 0, 'and what was sealed is as it was';
    ASSERT laurel.seal_audit() > 0, 'what was done since the restore is sealed';
    ASSERT (SELECT count(*) FROM laurel.verify_audit()) = 0, 'behind the seals that were restored';
    ASSERT laurel.seal_ledger() >= 2, 'what has come since the restore is sealed';
    ASSERT laurel.seal_ledger(true) = 0, 'and nothing else is missed';
    ASSERT (SELECT count(*) FROM laurel.verify_ledger()) = 0, 'behind the seals that were restored';
    ASSERT (SELECT bool_and(times_awarded = (SELECT count(*) FROM laurel.badge_awards a WHERE a.badge_id = b.id)) FROM laurel.badges b WHERE slug <> 'for-nothing'), 'awards are counted';
    ASSERT (SELECT times_awarded FROM laurel.badges WHERE slug = 'for-nothing') = 2, 'also those that retention has taken';
    ASSERT (SELECT last_entry_no > 20 FROM laurel.user_points WHERE organization_id = 'b0000000-0000-0000-0000-000000000000'
        AND user_id = 'a0000000-0000-0000-0000-000000000007'), 'who comes back finds the old points';
    ASSERT (SELECT count(*) FROM laurel.users u JOIN laurel.organizations o ON o.id = u.organization_id WHERE o.is_default) = 2, 'the default organization takes the others';
    ASSERT (SELECT count(*) FROM laurel.migration_status() WHERE state <> 'applied') = 0, 'migrations are known to be applied';
END
$$;

-- Row security is in force.
BEGIN;
SET LOCAL ROLE authenticated;
SET LOCAL request.jwt.claims = '{"sub": "a0000000-0000-0000-0000-000000000004"}';
DO $$
BEGIN
    ASSERT (SELECT count(DISTINCT user_id) FROM laurel.points_ledger) = 1, 'a learner sees the own points';
    ASSERT (SELECT count(*) FROM laurel.organizations) = 1, 'and the own organization';
END
$$;
SET LOCAL request.jwt.claims = '{"sub": "a0000000-0000-0000-0000-000000000003"}';
DO $$ BEGIN ASSERT (SELECT count(*) FROM laurel.user_points) = 3, 'a manager sees two reports'; END $$;
COMMIT;

-- Guards hold what they held, and go on.
DO $$
BEGIN
    ASSERT (SELECT count(*) FROM laurel.check()) = 0, 'what guards hold is sound';
    ASSERT (SELECT bool_and(used = 3) FROM laurel.quota_usage WHERE kind = 'plans'), 'what was used of a quota came with the dump, once';
    INSERT INTO laurel.app_plans (organization_id, user_id, title) SELECT organization_id, user_id, 'Plan 1' FROM laurel.app_plans WHERE title = 'Plan 3';
    ASSERT (SELECT bool_and(used = 4) FROM laurel.quota_usage WHERE kind = 'plans'), 'and goes on';
    ASSERT (SELECT max_concurrency = 40 FROM laurel.webhook_endpoints), 'an endpoint above a ceiling that was lowered came as it was';
    BEGIN
        PERFORM laurel.create_webhook_endpoint('https://hooks.example.test/more', organization_id => 'a0000000-0000-0000-0000-000000000000');
        RAISE assert_failure USING MESSAGE = 'there are more endpoints than the organization may have';
    EXCEPTION WHEN check_violation THEN NULL;
    END;
    ASSERT (SELECT count(*) FROM laurel.app_plans WHERE title = 'Plan 2' AND status = 'archived' AND version = 3) > 0, 'archived rows came as they were';
END
$$;
