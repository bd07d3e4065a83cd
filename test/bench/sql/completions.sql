-- A path of :modules modules that :members members have begun, and the same tables as a transaction writes them that trusts itself.
\set ON_ERROR_STOP on
INSERT INTO laurel.learning_paths (organization_id, title, status) VALUES (:'organization', 'Path', 'published');
INSERT INTO laurel.learning_modules (id, organization_id, learning_path_id, position, title, points_reward)
SELECT bench.member(n), organization_id, id, n, 'Module ' || n, 10 FROM laurel.learning_paths, generate_series(1, :modules) n;

SET session_replication_role = replica;
INSERT INTO laurel.learning_path_progress (organization_id, user_id, learning_path_id)
SELECT organization_id, bench.member(n), id FROM laurel.learning_paths, generate_series(1, :members) n;
INSERT INTO laurel.module_completions (organization_id, user_id, module_id, learning_path_id)
SELECT organization_id, bench.member(n), id, learning_path_id FROM laurel.learning_modules, generate_series(1, :members) n;
SET session_replication_role = origin;

CREATE SCHEMA trusting;
GRANT USAGE ON SCHEMA trusting TO service_role;
SELECT format('CREATE TABLE trusting.%I (LIKE laurel.%1$I INCLUDING ALL)', name), format('ALTER TABLE trusting.%I SET (fillfactor = 80)', name),
    format('INSERT INTO trusting.%I SELECT * FROM laurel.%1$I', name), format('GRANT ALL ON trusting.%I TO service_role', name)
FROM unnest('{learning_paths, learning_modules, learning_path_progress, module_completions, points_ledger, user_points, notifications}'::text[]) name \gexec

-- The award as cte.points_ledger has it.
CREATE FUNCTION trusting.award(member uuid, amount bigint, module uuid, why text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    here constant uuid := '0190b000-0000-7000-8000-000000000001';
    week constant date := date_trunc('week', now() AT TIME ZONE 'UTC')::date;
    month constant date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
BEGIN
    WITH account AS (
        UPDATE trusting.user_points p SET
            total_points = total_points + award.amount,
            lifetime_points = lifetime_points + award.amount,
            points_this_week = CASE WHEN week_start = week THEN points_this_week ELSE 0 END + award.amount,
            points_this_month = CASE WHEN month_start = month THEN points_this_month ELSE 0 END + award.amount,
            week_start = week,
            month_start = month,
            tier = CASE WHEN total_points + award.amount < 500 THEN 'bronze' WHEN total_points + award.amount < 1500 THEN 'silver'
                        WHEN total_points + award.amount < 3000 THEN 'gold' ELSE 'platinum' END,
            current_level = least(50, floor((1 + sqrt(1 + 0.08::float8 * (lifetime_points + award.amount))) / 2)),
            reached_at = clock_timestamp(),
            week_reached_at = clock_timestamp(),
            month_reached_at = clock_timestamp(),
            last_entry_no = last_entry_no + 1,
            last_entry_at = clock_timestamp(),
            last_entry_hash = '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
            updated_at = clock_timestamp()
        WHERE organization_id = here AND user_id = member
        RETURNING last_entry_no, total_points, last_entry_at, last_entry_hash
    )
    INSERT INTO trusting.points_ledger (organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at, transaction_type, entry_hash, reason,
        reference_type, reference_id)
    SELECT here, member, last_entry_no, award.amount, total_points, last_entry_at, last_entry_at, 'module_completed', last_entry_hash, why, 'Module', module
    FROM account;
END
$$;

-- The seed's transaction in one call: the completion, the award, progress, a notification.
CREATE FUNCTION trusting.complete_module(module uuid, member uuid) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    here constant uuid := '0190b000-0000-7000-8000-000000000001';
    path uuid;
    reward bigint;
    name text;
    percentage numeric;
BEGIN
    SELECT m.learning_path_id, m.points_reward, m.title INTO path, reward, name FROM trusting.learning_modules m WHERE m.organization_id = here AND m.id = module;
    UPDATE trusting.module_completions SET status = 'completed', completed_date = now(), points_earned = reward, updated_at = now()
    WHERE organization_id = here AND user_id = member AND module_id = module;
    PERFORM trusting.award(member, reward, module, 'Completed: ' || name);
    percentage := 100.0 * (SELECT count(*) FROM trusting.module_completions c
        WHERE c.user_id = member AND c.organization_id = here AND c.learning_path_id = path AND c.status = 'completed')
        / (SELECT total_modules FROM trusting.learning_paths p WHERE p.organization_id = here AND p.id = path);
    UPDATE trusting.learning_path_progress SET progress_percentage = percentage, last_activity_date = now(), modules_completed = modules_completed || module,
        status = CASE WHEN percentage = 100 THEN 'completed' ELSE 'in_progress' END, completed_date = CASE WHEN percentage = 100 THEN now() END
    WHERE organization_id = here AND user_id = member AND learning_path_id = path;
    INSERT INTO trusting.notifications (organization_id, user_id, type, title, link, data)
    VALUES (here, member, 'module_completed', 'You completed: ' || name, '/learning/' || path, jsonb_build_object('module_id', module, 'learning_path_id', path));
    RETURN percentage;
END
$$;
-- Autovacuum would meet one contender and not the next.
SELECT format('ALTER TABLE %s SET (autovacuum_enabled = off)', c.oid::regclass) FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace, 'trusting'::regnamespace) \gexec
VACUUM ANALYZE;
