-- Up Migration
-- Retention: how long each table keeps its rows, what must be kept all the same, and what was done.

CREATE TABLE laurel.retention_policies (
    name text CONSTRAINT retention_policies_pkey PRIMARY KEY,
    table_name text NOT NULL,
    keep interval,
    action text NOT NULL,
    time_column text,
    condition text,
    assignments text,
    user_columns text[] NOT NULL DEFAULT '{user_id}',
    batch_rows integer NOT NULL DEFAULT 10000,
    is_enabled boolean NOT NULL DEFAULT true,
    source text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT retention_policies_name_check CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT retention_policies_keep_check CHECK (least(extract(year FROM keep), extract(month FROM keep), extract(day FROM keep),
        extract(hour FROM keep), extract(minute FROM keep), extract(second FROM keep)) >= 0 AND keep BETWEEN interval '0' AND interval '1000 years'),
    CONSTRAINT retention_policies_action_check CHECK (action IN ('delete', 'drop_partition', 'archive', 'anonymise', 'none')),
    CONSTRAINT retention_policies_time_column_check CHECK (action = 'none' OR time_column IS NOT NULL),
    CONSTRAINT retention_policies_assignments_check CHECK ((action = 'anonymise') = (assignments IS NOT NULL)),
    CONSTRAINT retention_policies_archive_check CHECK (action <> 'archive' OR table_name = 'points_ledger'),
    CONSTRAINT retention_policies_condition_check CHECK (condition IS NULL OR action IN ('delete', 'anonymise')),
    CONSTRAINT retention_policies_batch_rows_check CHECK (batch_rows BETWEEN 1 AND 100000)
);
SELECT laurel_internal.explain('laurel.retention_policies', 'How long rows are kept and what becomes of them then. Run by laurel.run_retention(). Its SQL texts run as the tables'' owner, so that only the owner writes them; the service role changes keep and is_enabled.', '{
    "name": "The policy, as laurel.run_retention(only_policy => ...) calls it.",
    "table_name": "The table in schema laurel; it need not exist yet.",
    "keep": "How long after time_column a row is kept; null = for ever, 0 = it goes at the next run.",
    "action": "delete, drop_partition (whole months, once all of them is past), archive (the points ledger), anonymise (assignments), none.",
    "time_column": "The column from which keep counts; rows where it is null stay.",
    "condition": "SQL over the row that must hold besides; null = nothing more.",
    "assignments": "For anonymise: the SET list. The condition must leave out rows that are anonymous already.",
    "user_columns": "Columns that say whose row it is, for legal holds.",
    "batch_rows": "About how many rows one transaction takes.",
    "is_enabled": "Whether the policy is run.",
    "source": "Why the period is what it is.",
    "updated_at": "When the policy last changed."}');

CREATE TABLE laurel.legal_holds (
    id uuid DEFAULT laurel.uuidv7() CONSTRAINT legal_holds_pkey PRIMARY KEY,
    organization_id uuid,
    user_id uuid,
    table_name text,
    held_from timestamptz,
    held_until timestamptz,
    reason text NOT NULL,
    placed_by text NOT NULL DEFAULT laurel_internal.assigned(),
    placed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    released_by text,
    released_at timestamptz,
    CONSTRAINT legal_holds_range_check CHECK (held_from < held_until),
    CONSTRAINT legal_holds_reason_check CHECK (btrim(reason, E' \t\n\r') <> ''),
    CONSTRAINT legal_holds_released_at_check CHECK (released_at >= placed_at),
    CONSTRAINT legal_holds_released_by_check CHECK ((released_at IS NULL) = (released_by IS NULL))
);
-- The holds in force.
CREATE INDEX legal_holds_active_idx ON laurel.legal_holds (organization_id, user_id) WHERE released_at IS NULL;
SELECT laurel_internal.explain('laurel.legal_holds', 'What must be kept whatever the policies say: rows that match every scope given. Placing one waits for the batch that is running; from then on nothing it covers is deleted, dropped or anonymised by retention, no entry it covers is archived, and no member or organization is removed whose rows would go along. Released once, by setting released_at; otherwise never changed, never deleted. The database itself writes who placed and released it and when, over whatever a statement says.', '{
    "id": "The hold.",
    "organization_id": "Only rows of this organization; null = of any.",
    "user_id": "Only rows about this user; null = about any. Does not reach tables without a user. Of a user who is gone a hold names the table.",
    "table_name": "Only rows of this table in schema laurel; null = of every table.",
    "held_from": "Only rows created at this moment or later: by created_at, or the policy''s time_column where a table has none.",
    "held_until": "Only rows created before this moment.",
    "reason": "The case or order it serves.",
    "placed_by": "Who placed it: the user whom the request''s claims name, the role and the login.",
    "placed_at": "When it was placed.",
    "released_by": "Who released it; null while in force.",
    "released_at": "When it ended; null while in force."}');

CREATE TABLE laurel.retention_runs (
    id uuid DEFAULT laurel.uuidv7() CONSTRAINT retention_runs_pkey PRIMARY KEY,
    policy text NOT NULL,
    table_name text NOT NULL,
    action text NOT NULL,
    dry_run boolean NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    outcome text NOT NULL DEFAULT 'running',
    cut_off timestamptz,
    rows bigint NOT NULL DEFAULT 0,
    batches integer NOT NULL DEFAULT 0,
    partitions integer NOT NULL DEFAULT 0,
    held bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    error text,
    started_by text NOT NULL,
    CONSTRAINT retention_runs_outcome_check CHECK (outcome IN ('running', 'done', 'kept', 'table absent', 'stopped', 'locked', 'failed', 'interrupted')),
    CONSTRAINT retention_runs_finished_at_check CHECK ((finished_at IS NULL) = (outcome = 'running'))
);
-- The latest runs; the latest of a policy.
CREATE INDEX retention_runs_started_idx ON laurel.retention_runs (started_at);
CREATE INDEX retention_runs_policy_idx ON laurel.retention_runs (policy, started_at);
SELECT laurel_internal.explain('laurel.retention_runs', 'What each run of a policy did, or would do.', '{
    "id": "The run of one policy.",
    "policy": "The policy.",
    "table_name": "Its table.",
    "action": "Its action.",
    "dry_run": "Whether it only counted.",
    "started_at": "When it began.",
    "finished_at": "When it ended; null while it runs.",
    "outcome": "running; done; kept (nothing to do, for ever); table absent; stopped (max_rows or max_time reached); locked (somebody else held a lock: next time); failed (see error; the rest is done where failed counts what is not); interrupted (the session ended).",
    "cut_off": "Rows with an earlier time were due.",
    "rows": "Rows deleted, archived or anonymised; of dropped partitions as the statistics estimate them.",
    "batches": "Transactions that took rows.",
    "partitions": "Partitions dropped.",
    "held": "Rows that were due and stay under a legal hold.",
    "bytes": "Disk space: given back by dropped partitions, for later rows after deleting (estimated by the average row).",
    "failed": "What could not go and stayed alone: rows, those that triggers or rules of the application keep or put back, partitions, or organizations whose entries could not be archived.",
    "error": "What went wrong, first, with its SQLSTATE.",
    "started_by": "The database user who ran it."}');

CREATE TABLE laurel_internal.retention_progress (
    run uuid CONSTRAINT retention_progress_pkey PRIMARY KEY,
    leaf oid NOT NULL,
    block bigint NOT NULL,
    end_block bigint NOT NULL,
    span bigint NOT NULL,
    most bigint NOT NULL,
    next_organization uuid NOT NULL,
    CONSTRAINT retention_progress_run_fkey FOREIGN KEY (run) REFERENCES laurel.retention_runs (id) ON DELETE CASCADE
);
SELECT laurel_internal.explain('laurel_internal.retention_progress', 'How far the run under way has come. What it names is checked again at each step.', '{
    "run": "The run.",
    "leaf": "The table or partition whose blocks are passed, or that was dropped or passed last; 0 before the first.",
    "block": "The block of it that comes next.",
    "end_block": "The block at which the pass ends.",
    "span": "How many blocks the next step takes.",
    "most": "To how many that may grow.",
    "next_organization": "For archiving: from which organization on the next step looks."}');

INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, condition, user_columns, source) VALUES
    ('users', 'users', NULL, 'none', NULL, NULL, '{id}', 'Kept for ever; the e-mail address is made anonymous when the user asks for deletion.'),
    ('points_ledger', 'points_ledger', NULL, 'none', NULL, NULL, '{user_id}', 'Kept for ever: the trail of every point.'),
    ('points_ledger_archive', 'points_ledger', '1 year', 'archive', 'created_at', NULL, '{user_id}', 'Point transactions are kept indefinitely and archived after a year.'),
    ('audit_log', 'audit_log', NULL, 'none', NULL, NULL, '{user_id}', 'Kept for ever: compliance.'),
    ('processing_log', 'processing_log', '7 years', 'drop_partition', 'created_at', NULL, '{user_id}', 'Who has read whose personal data: 7 years.'),
    ('participations', 'participations', '2 years', 'delete', 'created_at', 'NOT EXISTS (SELECT FROM ONLY laurel.events e WHERE e.organization_id = t.organization_id AND e.id = t.event_id AND e.status = ''scheduled'' AND e.ends_at > pg_catalog.now())', '{user_id}', 'Historical analytics: 2 years, of events that are over.'),
    ('recognitions', 'recognitions', '2 years', 'delete', 'created_at', 'NOT EXISTS (SELECT FROM ONLY laurel.recognitions a WHERE a.organization_id = t.organization_id AND a.adds_to = t.id)', '{sender_id,recipient_id}', 'Culture archive: 2 years; what others have added to goes after that.'),
    ('module_completions', 'module_completions', '2 years', 'delete', 'created_at', NULL, '{user_id}', 'Learning analytics: 2 years.'),
    ('notifications_read', 'notifications', '90 days', 'delete', 'read_at', NULL, '{user_id}', 'Notifications: 90 days after they were read.'),
    ('sessions_expired', 'sessions', '90 days', 'delete', 'expires_at', NULL, '{user_id}', 'Session logs: 90 days after their end, without token.'),
    ('sessions_idle', 'sessions', '90 days', 'delete', 'last_activity', 'expires_at > pg_catalog.now()', '{user_id}', 'Session logs: 90 days, also of sessions that never expire.'),
    ('tokens_expired', 'one_time_tokens', '0', 'delete', 'expires_at', 'used_at IS NULL', '{user_id}', 'Password reset and verification codes: at once when they expire.'),
    ('tokens_used', 'one_time_tokens', '0', 'delete', 'used_at', NULL, '{user_id}', 'Password reset and verification codes: at once when they were used.'),
    ('activity_logs', 'activity_logs', '90 days', 'drop_partition', 'created_at', NULL, '{user_id}', 'User activity logs: 90 days.'),
    ('analytics_events', 'analytics_events', '90 days', 'drop_partition', 'created_at', NULL, '{user_id}', 'Activity events: 90 days.'),
    ('error_logs', 'error_logs', '90 days', 'drop_partition', 'created_at', NULL, '{user_id}', 'Old error logs are deleted; as activity: 90 days.'),
    ('delivery_attempts', 'delivery_attempts', '90 days', 'drop_partition', 'finished_at', NULL, '{user_id}', 'The log of deliveries, as activity: 90 days.'),
    ('deliveries_dead', 'notification_deliveries', '90 days', 'delete', 'created_at', 'state = ''dead''', '{user_id}', 'Deliveries that failed for good and nobody redrove: 90 days.'),
    ('digest_items_left', 'digest_items', '1 day', 'delete', 'created_at', 'NOT EXISTS (SELECT FROM ONLY laurel.notification_deliveries d WHERE d.id = delivery_id)', '{}', 'What was noted for digests that are gone with their member or as dead: a day.'),
    ('suppressed_addresses', 'suppressed_addresses', '1 year', 'delete', 'bounced_at', NULL, '{user_id}', 'Addresses that bounced: a year after the last time, then mail is tried again.'),
    ('delivery_batches', 'delivery_batches', '7 days', 'delete', 'finished_at', NULL, '{}', 'Sums of deliveries, of which the last hour is shown: 7 days.'),
    ('workers_gone', 'workers', '7 days', 'delete', 'seen_at', NULL, '{}', 'Workers that have not been seen for a week.'),
    ('app_data_expired', 'app_data', '0', 'delete', 'expires_at', NULL, '{user_id}', 'Application data goes when it expires.'),
    ('document_shares_expired', 'document_shares', '0', 'delete', 'expires_at', NULL, '{shared_with,shared_by}', 'A share ends when it expires.'),
    ('documents', 'documents', NULL, 'none', NULL, NULL, '{user_id,uploaded_by}', 'Documents are kept until somebody deletes them.'),
    ('predictive_cache', 'predictive_analytics_cache', '48 hours', 'delete', 'calculated_at', NULL, '{user_id}', 'Predictive cache: 48 hours.'),
    ('learner_velocity', 'learner_velocity_analytics', '7 years', 'drop_partition', 'calculated_at', NULL, '{user_id}', 'Personal analytics: 7 years, by month.'),
    ('skill_gap', 'skill_gap_analytics', '7 years', 'drop_partition', 'calculated_at', NULL, '{user_id}', 'Personal analytics: 7 years, by month.'),
    ('engagement', 'engagement_analytics', '7 years', 'drop_partition', 'calculated_at', NULL, '{user_id}', 'Personal analytics: 7 years, by month.'),
    ('mastery', 'mastery_analytics', '7 years', 'drop_partition', 'calculated_at', NULL, '{user_id}', 'Personal analytics: 7 years, by month.'),
    ('performance', 'performance_analytics', '7 years', 'drop_partition', 'calculated_at', NULL, '{user_id}', 'Personal analytics: 7 years, by month.'),
    ('content_effectiveness', 'content_effectiveness_analytics', '7 years', 'drop_partition', 'calculated_at', NULL, '{user_id}', 'Personal analytics: 7 years, by month.'),
    ('learner_velocity_hot', 'learner_velocity_analytics', '7 days', 'none', 'calculated_at', NULL, '{user_id}', 'Personal analytics are read hot for 7 days, then rest in their month.'),
    ('skill_gap_hot', 'skill_gap_analytics', '7 days', 'none', 'calculated_at', NULL, '{user_id}', 'Personal analytics are read hot for 7 days, then rest in their month.'),
    ('engagement_hot', 'engagement_analytics', '7 days', 'none', 'calculated_at', NULL, '{user_id}', 'Personal analytics are read hot for 7 days, then rest in their month.'),
    ('mastery_hot', 'mastery_analytics', '7 days', 'none', 'calculated_at', NULL, '{user_id}', 'Personal analytics are read hot for 7 days, then rest in their month.'),
    ('performance_hot', 'performance_analytics', '7 days', 'none', 'calculated_at', NULL, '{user_id}', 'Personal analytics are read hot for 7 days, then rest in their month.'),
    ('content_effectiveness_hot', 'content_effectiveness_analytics', '7 days', 'none', 'calculated_at', NULL, '{user_id}', 'Personal analytics are read hot for 7 days, then rest in their month.'),
    ('peer_comparison', 'peer_comparison_aggregates', '7 years', 'none', NULL, NULL, '{}', 'Aggregated analytics: 7 years; they follow their base tables at each refresh.'),
    ('skill_demand', 'skill_demand_aggregates', '7 years', 'none', 'month', NULL, '{}', 'Aggregated analytics: 7 years; they follow their base tables at each refresh.'),
    ('quota_usage', 'quota_usage', '90 days', 'delete', 'ends_at', 'kind <> ''recognition_allowance'' AND ends_at < pg_catalog.now() - ''2 days''::pg_catalog.interval', '{user_id}', 'What was used of quotas, as activity: 90 days after the period.'),
    ('recognition_allowances_used', 'quota_usage', '1 year', 'delete', 'ends_at', 'kind = ''recognition_allowance'' AND ends_at < pg_catalog.now() - ''2 days''::pg_catalog.interval', '{user_id}', 'What members might give and gave each month: a year, shorter than what they gave is kept.'),
    ('assessments', 'assessments', NULL, 'none', 'completed_at', NULL, '{user_id}', 'Completed assessments are kept until a period is set.'),
    ('assessment_results', 'assessment_results', NULL, 'none', NULL, NULL, '{user_id}', 'Results of assessments, as the assessments: kept until a period is set.'),
    ('retention_runs', 'retention_runs', '2 years', 'delete', 'started_at', NULL, '{}', 'What retention did, as long as what it thins longest: 2 years.');

INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, condition, assignments, user_columns, source) VALUES
    ('sessions_tokens', 'sessions', '1 hour', 'anonymise', 'expires_at', 'token_hash IS NOT NULL', 'token_hash = NULL', '{user_id}', 'Temporary tokens: when they expire; the session stays without.');

-- Whoever is under a hold is not removed together with the rows it keeps.
CREATE TRIGGER keep_held BEFORE DELETE ON laurel.user_organizations
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.keep_held();
CREATE TRIGGER keep_held BEFORE DELETE ON laurel.users
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.keep_held();
CREATE TRIGGER keep_held BEFORE DELETE ON laurel.organizations
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.keep_held();
CREATE TRIGGER sign_hold BEFORE INSERT OR UPDATE OR DELETE ON laurel.legal_holds
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.sign_hold();
SELECT laurel_internal.set_replica_identity('laurel.legal_holds');
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON laurel.retention_policies
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.touch_updated_at();

SELECT laurel_internal.protect('laurel.retention_policies', 'service', commands => '{"service_role": "SELECT, UPDATE"}',
           writes => '{"UPDATE": "keep, is_enabled"}'),
       laurel_internal.protect('laurel.legal_holds', 'service', commands => '{"service_role": "SELECT, INSERT, UPDATE"}',
           writes => '{"UPDATE": "released_at"}'),
       laurel_internal.protect('laurel.retention_runs', 'service', commands => '{"service_role": "SELECT"}'),
       laurel_internal.protect('laurel_internal.retention_progress', 'internal');

SELECT laurel_internal.member('laurel.legal_holds');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.retention_policies', '{name, table_name, keep, action, time_column, condition, assignments, user_columns, batch_rows, is_enabled}'),
       laurel_internal.audited('laurel.legal_holds', '{user_id, table_name, held_from, held_until, placed_by, released_by, released_at}', '{reason}');

-- Down Migration
DROP FUNCTION laurel.member(laurel.legal_holds);
DROP TRIGGER keep_held ON laurel.organizations;
DROP TRIGGER keep_held ON laurel.users;
DROP TRIGGER keep_held ON laurel.user_organizations;
DROP TABLE laurel_internal.retention_progress, laurel.retention_runs, laurel.legal_holds, laurel.retention_policies;
