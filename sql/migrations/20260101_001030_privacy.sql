-- Up Migration
-- Privacy: what becomes of people's data when they are exported, erased or merged, and who has asked for it.

CREATE TABLE laurel_internal.person_columns (
    table_name text NOT NULL,
    column_name name NOT NULL,
    export text,
    erase text NOT NULL CONSTRAINT person_columns_erase_check CHECK (erase IN ('delete', 'keep', 'null', 'own', 'redact')),
    merge text NOT NULL CONSTRAINT person_columns_merge_check CHECK (merge IN ('move', 'best', 'keep', 'drop', 'own')),
    clears text NOT NULL DEFAULT '{}' CONSTRAINT person_columns_clears_check CHECK (jsonb_typeof(clears::jsonb) = 'object'),
    harmless name[] NOT NULL DEFAULT '{}',
    secret name[] NOT NULL DEFAULT '{}',
    better text,
    gone text CONSTRAINT person_columns_gone_check CHECK (gone IS NULL OR erase = 'keep'),
    CONSTRAINT person_columns_pkey PRIMARY KEY (table_name, column_name),
    CONSTRAINT person_columns_better_check CHECK ((merge = 'best') = (better IS NOT NULL))
);

-- What was said, and what follows from foreign keys where nothing was.
CREATE VIEW laurel_internal.person_rules WITH (security_invoker = true) AS
    SELECT c.oid::regclass AS table_name, p.column_name,
        CASE WHEN p.erase = 'redact' THEN 'mention' WHEN a.atttypid = 'uuid'::regtype THEN 'id' WHEN a.atttypid = 'uuid[]'::regtype THEN 'ids' ELSE 'address' END AS kind,
        p.export, p.erase, p.merge, p.clears::jsonb AS clears, p.harmless, p.secret, p.better, p.gone, true AS declared
    FROM ONLY laurel_internal.person_columns p
    JOIN pg_namespace n ON n.nspname = split_part(p.table_name, '.', 1)
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = split_part(p.table_name, '.', 2) AND c.relkind IN ('r', 'p')
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = p.column_name AND NOT a.attisdropped
    UNION ALL
    SELECT k.conrelid::regclass, a.attname, 'id', CASE WHEN bool_or(k.confdeltype = 'c') THEN n.nspname || '.' || c.relname END,
        CASE WHEN bool_or(k.confdeltype = 'c') THEN 'delete' WHEN a.attnotnull THEN 'keep' ELSE 'null' END, 'move', '{}'::jsonb, '{}'::name[], '{}'::name[], NULL, NULL, false
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid AND NOT c.relispartition
    JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL ROWS FROM (unnest(k.conkey), unnest(k.confkey)) u (child, parent)
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.child
    JOIN pg_attribute o ON o.attrelid = k.confrelid AND o.attnum = u.parent AND o.attname = CASE k.confrelid WHEN 'laurel.users'::regclass THEN 'id' ELSE 'user_id' END
    WHERE k.contype = 'f' AND k.confrelid IN ('laurel.users'::regclass, 'laurel.user_organizations'::regclass)
      AND NOT EXISTS (SELECT FROM ONLY laurel_internal.person_columns p WHERE p.table_name = n.nspname || '.' || c.relname AND p.column_name = a.attname)
    GROUP BY k.conrelid, n.nspname, c.relname, a.attname, a.attnotnull;

SELECT laurel_internal.protect('laurel_internal.person_columns', 'internal');
SELECT laurel_internal.explain('laurel_internal.person_columns', 'Columns that refer to people, and what becomes of their rows when somebody is exported, erased or merged with another. Written by laurel_internal.person(), which says what each word means.', '{
    "table_name": "The table, with its schema.",
    "column_name": "The column: an id, several ids, an address, or text in which people may be named.",
    "export": "The part of an exported document; null: none.",
    "erase": "delete, keep, null, own or redact.",
    "merge": "move, best, keep, drop or own.",
    "clears": "Columns of rows that stay, and the SQL over t that they become: an object of JSON.",
    "harmless": "Columns of text that hold nothing of a person; * for all.",
    "secret": "Columns that no export shows.",
    "better": "Which of two rows is better: ORDER BY over t.",
    "gone": "SQL over t: rows that go although others stay."}');
SELECT laurel_internal.explain('laurel_internal.person_rules', 'The rule of each column that refers to people: as laurel_internal.person_columns has it, else by its foreign key. ON DELETE CASCADE: exported under the table''s name, deleted, moved; otherwise not exported, moved, and taken out where it may be null, else kept.', '{
    "table_name": "The table.",
    "clears": "The same, as an object.",
    "kind": "id, ids (several), address (e-mail), or mention (text in which people may be named).",
    "declared": "Whether somebody said so."}');

-- The address of who was erased is nobody else's.
ALTER TABLE laurel.users ADD CONSTRAINT users_email_erased_check CHECK (email NOT LIKE 'deleted-%@erased.invalid' OR email = 'deleted-' || id || '@erased.invalid');

-- Identity. Whoever is erased stays as somebody without a name, so that what others have done with him still adds up.
SELECT laurel_internal.person('laurel.users', 'id', 'user', 'keep', 'own', clears => '{
           "email": "''deleted-'' || t.id || ''@erased.invalid''", "password_hash": "NULL", "full_name": "''[Deleted User]''", "first_name": "NULL", "last_name": "NULL", "avatar_url": "NULL",
           "job_title": "NULL", "department": "NULL", "permissions": "''{}''", "manager_id": "NULL", "is_active": "false", "email_verified": "false", "last_login_at": "NULL"}', secret => '{password_hash}'),
       laurel_internal.person('laurel.organizations', 'admin_id', NULL, 'null', 'move', harmless => '{*}'),
       laurel_internal.person('laurel.user_organizations', 'user_id', '', 'keep', 'own', clears => '{"display_name": "NULL", "avatar_url": "NULL", "leaderboard_privacy": "''hidden''"}'),
       laurel_internal.person('laurel.user_roles', 'granted_by', NULL, 'keep', 'keep', harmless => '{role}'),
       laurel_internal.person('laurel.user_preferences', 'user_id', '', 'keep', 'own', clears => '{"leaderboard_privacy": "''hidden''", "predictive_analytics_enabled": "''{}''", "notification_preferences": "''{}''",
           "theme": "''auto''", "language": "''en''", "time_zone": "NULL", "widgets": "''{}''", "dashboard": "''{}''"}'),
       laurel_internal.person('laurel.profiles', 'user_id', merge => 'own'),
       laurel_internal.person('laurel.user_identities', 'user_id'),
       laurel_internal.person('laurel.sessions', 'user_id', secret => '{token_hash}', merge => 'drop'),
       laurel_internal.person('laurel.one_time_tokens', 'user_id', secret => '{token_hash}', merge => 'drop'),
       laurel_internal.person('laurel.one_time_tokens', 'email', NULL, 'delete', 'keep'),
       laurel_internal.person('laurel.one_time_tokens', 'requested_by', NULL, 'keep', 'keep', harmless => '{purpose, token_hash}'),
       laurel_internal.person('laurel.invitations', 'user_id', secret => '{token_hash}'),
       laurel_internal.person('laurel.invitations', 'email', NULL, 'delete', 'keep'),
       laurel_internal.person('laurel.invitations', 'invited_by', NULL, 'keep', 'keep', harmless => '{roles, status, token_hash}'),
       laurel_internal.person('laurel.quota_usage', 'user_id', '', 'keep', 'own', harmless => '{kind}'),
       laurel_internal.person('laurel.quota_usage', 'owner', NULL, 'keep', 'own');

-- Points: the ledger keeps what was earned, and loses the words.
SELECT laurel_internal.person('laurel.points_ledger', 'user_id', '', 'own', 'own', harmless => '{*}', secret => '{word_salt}'),
       laurel_internal.person('laurel.points_ledger', 'created_by', NULL, 'keep', 'keep'),
       laurel_internal.person('laurel.points_ledger_archive', 'user_id', '', 'own', 'own', harmless => '{*}', secret => '{word_salt}'),
       laurel_internal.person('laurel.points_ledger_archive', 'created_by', NULL, 'keep', 'keep'),
       laurel_internal.person('laurel.user_points', 'user_id', '', 'keep', 'own', harmless => '{tier, last_entry_hash}'),
       laurel_internal.person('laurel_internal.departed_accounts', 'user_id', NULL, 'keep', 'own', harmless => '{last_entry_hash}'),
       laurel_internal.person('laurel_internal.archived_keys', 'user_id', NULL, 'own', 'own', harmless => '{idempotency_key}'),
       laurel_internal.person('laurel_internal.archived_accounts', 'user_id', NULL, 'keep', 'own'),
       laurel_internal.person('laurel.daily_activity', 'user_id', '', 'keep', 'best', clears => '{"time_zone": "''UTC''"}', better => 'first_activity_at'),
       laurel_internal.person('laurel.streak_freezes', 'user_id', '', 'keep', 'best', better => 'used_for NULLS LAST, earned_on'),
       laurel_internal.person('laurel.leaderboard_standings', 'user_id', '', 'keep', 'move', harmless => '{period}'),
       laurel_internal.person('laurel.badge_awards', 'user_id', '', 'keep', 'best', clears => '{"note": "NULL", "evidence": "NULL", "evidence_url": "NULL"}', better => 'awarded_date, id'),
       laurel_internal.person('laurel.badge_awards', 'awarded_by', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.badge_awards', 'note', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.badge_revocations', 'user_id', '', 'keep', 'move', clears => '{"reason": "NULL"}'),
       laurel_internal.person('laurel.badge_revocations', 'revoked_by', NULL, 'keep', 'keep'),
       laurel_internal.person('laurel.badge_revocations', 'reason', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.badge_awards', 'evidence', NULL, 'redact', 'keep');

-- What people were told. What others were told may name them.
SELECT laurel_internal.person('laurel.notifications', 'title', NULL, 'redact', 'keep', harmless => '{type, link, channels, dedupe_key}'),
       laurel_internal.person('laurel.notifications', 'message', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.notifications', 'data', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.notification_deliveries', 'user_id', NULL, 'delete', 'move'),
       laurel_internal.person('laurel.notification_deliveries', 'last_error', NULL, 'redact', 'keep', harmless => '{channel, state, digest_key}'),
       laurel_internal.person('laurel.delivery_attempts', 'user_id', '', 'keep', 'keep', clears => '{"error": "NULL"}', harmless => '{channel, outcome}'),
       laurel_internal.person('laurel.suppressed_addresses', 'user_id', merge => 'drop'),
       laurel_internal.person('laurel.suppressed_addresses', 'email', NULL, 'delete', 'keep'),
       laurel_internal.person('laurel.webhook_endpoints', 'user_id', secret => '{secret, previous_secret}'),
       laurel_internal.person('laurel.domain_events', 'data', NULL, 'redact', 'keep', harmless => '{type}');

-- Learning, courses and events keep what was done, not what was said.
SELECT laurel_internal.person('laurel.courses', 'trainer_id', NULL, 'null', 'move', harmless => '{*}'),
       laurel_internal.person('laurel.enrollments', 'user_id', '', 'keep', 'best', better => 'completed_at NULLS LAST, progress_percent DESC NULLS LAST'),
       laurel_internal.person('laurel.learning_path_progress', 'user_id', '', 'keep', 'best', harmless => '{status}', better => 'progress_percentage DESC NULLS LAST, completed_date'),
       laurel_internal.person('laurel.module_completions', 'user_id', '', 'keep', 'best', clears => '{"answers": "NULL"}', harmless => '{status}', gone => 't.status <> ''completed''',
           better => '(status = ''completed'') DESC, quiz_score DESC NULLS LAST, completed_date'),
       laurel_internal.person('laurel.path_certifications', 'user_id', '', 'keep', 'best', harmless => '{details}', better => 'completed_at'),
       laurel_internal.person('laurel.assigned_learning', 'user_id', '', 'keep', 'best', harmless => '{status}', gone => 't.status = ''assigned''', better => 'completed_at NULLS LAST, due_at'),
       laurel_internal.person('laurel.learning_assignments', 'user_id', '', 'delete', 'move'),
       laurel_internal.person('laurel.learning_assignments', 'assigned_by', NULL, 'keep', 'keep', harmless => '{audience, status}'),
       laurel_internal.person('laurel.events', 'facilitator_id', NULL, 'null', 'move', harmless => '{*}'),
       laurel_internal.person('laurel.event_series', 'facilitator_id', NULL, 'null', 'move', harmless => '{*}'),
       laurel_internal.person('laurel.participations', 'user_id', '', 'keep', 'best', clears => '{"feedback": "NULL"}', harmless => '{rsvp_status, attendance_status}',
           gone => 't.attendance_status = ''pending''', better => '(attendance_status = ''attended'') DESC, check_in_time'),
       laurel_internal.person('laurel.participations', 'feedback', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.calendar_feeds', 'user_id', secret => '{token_hash}', merge => 'drop');

-- Recognition stays, by and for [Deleted User].
SELECT laurel_internal.person('laurel.recognitions', 'sender_id', 'laurel.recognitions given', 'keep', 'move', harmless => '{visibility, status}'),
       laurel_internal.person('laurel.recognitions', 'recipient_id', 'laurel.recognitions received', 'keep', 'move'),
       laurel_internal.person('laurel.recognitions', 'decided_by', NULL, 'keep', 'keep'),
       laurel_internal.person('laurel.recognitions', 'message', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.recognitions', 'decision_note', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.recognition_comments', 'user_id', '', 'keep', 'move'),
       laurel_internal.person('laurel.recognition_comments', 'comment', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.recognition_reactions', 'user_id', '', 'keep', 'move', harmless => '{reaction}');

-- Teams and newcomers: who is gone is in none, and looks after nobody.
SELECT laurel_internal.person('laurel.buddy_profiles', 'user_id', merge => 'own'),
       laurel_internal.person('laurel.personal_challenges', 'set_by', NULL, 'keep', 'own', harmless => '{*}'),
       laurel_internal.person('laurel.onboarding_templates', 'it_member_id', NULL, 'null', 'move', harmless => '{*}'),
       laurel_internal.person('laurel.user_onboardings', 'assigned_buddy_id', NULL, 'null', 'move', harmless => '{status}'),
       laurel_internal.person('laurel.onboarding_tasks', 'title', NULL, 'redact', 'keep', harmless => '{owner_role, status}'),
       laurel_internal.person('laurel.onboarding_tasks', 'description', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.onboarding_tasks', 'note', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.onboarding_check_ins', 'new_hire_notes', NULL, 'redact', 'keep', harmless => '{status}'),
       laurel_internal.person('laurel.onboarding_check_ins', 'manager_notes', NULL, 'redact', 'keep');

-- Rules.
SELECT laurel_internal.person('laurel.rule_executions', 'user_id', '', 'keep', 'move', clears => '{"error_message": "NULL"}', harmless => '{status, reason, error_code}'),
       laurel_internal.person('laurel.rule_versions', 'created_by', NULL, 'keep', 'keep', harmless => '{*}'),
       laurel_internal.person('laurel_internal.rule_usage', 'user_id', NULL, 'delete', 'drop'),
       laurel_internal.person('laurel_internal.rule_usage', 'owner', NULL, 'keep', 'keep');

-- What proves what was done says by ids who did it.
SELECT laurel_internal.person('laurel.processing_log', 'user_id', '', 'keep', 'keep', harmless => '{*}'),
       laurel_internal.person('laurel.processing_log', 'actor_id', NULL, 'keep', 'keep'),
       laurel_internal.person('laurel.processing_log', 'purpose', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.audit_log', 'user_id', '', 'keep', 'keep', harmless => '{*}'),
       laurel_internal.person('laurel.audit_log', 'actor_id', NULL, 'keep', 'keep'),
       laurel_internal.person('laurel.legal_holds', 'user_id', '', 'keep', 'keep', harmless => '{table_name, placed_by, released_by}'),
       laurel_internal.person('laurel.legal_holds', 'reason', NULL, 'redact', 'keep');

-- What people have asked for, and by when it is to be answered.
CREATE TABLE laurel.privacy_settings (
    organization_id uuid CONSTRAINT privacy_settings_pkey PRIMARY KEY CONSTRAINT privacy_settings_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    erasure_grace_days integer NOT NULL DEFAULT 30 CONSTRAINT privacy_settings_erasure_grace_days_check CHECK (erasure_grace_days BETWEEN 0 AND 365),
    answer_months integer NOT NULL DEFAULT 1 CONSTRAINT privacy_settings_answer_months_check CHECK (answer_months BETWEEN 1 AND 3),
    extension_months integer NOT NULL DEFAULT 2 CONSTRAINT privacy_settings_extension_months_check CHECK (extension_months BETWEEN 0 AND 2),
    alert_days integer NOT NULL DEFAULT 7 CONSTRAINT privacy_settings_alert_days_check CHECK (alert_days BETWEEN 1 AND 28),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- A request outlives its person, whom only an id tells of then.
CREATE TABLE laurel.privacy_requests (
    id uuid CONSTRAINT privacy_requests_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT privacy_requests_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT privacy_requests_kind_check CHECK (kind IN ('export', 'erasure', 'correction')),
    everywhere boolean NOT NULL DEFAULT false CONSTRAINT privacy_requests_everywhere_check CHECK (NOT everywhere OR kind = 'erasure'),
    status text NOT NULL DEFAULT 'open',
    reason text CONSTRAINT privacy_requests_reason_check CHECK (char_length(reason) <= 2000),
    answer text CONSTRAINT privacy_requests_answer_check CHECK (char_length(answer) <= 2000),
    requested_by uuid,
    requested_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz NOT NULL,
    extended_at timestamptz,
    extension_reason text CONSTRAINT privacy_requests_extension_reason_check CHECK (char_length(extension_reason) BETWEEN 1 AND 2000),
    erase_after timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    problem text,
    alerted_at timestamptz,
    closed_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT privacy_requests_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT privacy_requests_erase_after_check CHECK ((kind = 'erasure') = (erase_after IS NOT NULL)),
    CONSTRAINT privacy_requests_closed_at_check CHECK ((status = 'open') = (closed_at IS NULL)),
    CONSTRAINT privacy_requests_extended_at_check CHECK ((extended_at IS NULL) OR due_at > requested_at)
);
-- One that waits for each, who asks for oneself apart from others, so that each takes back one's own; a person's; whose time has come; what is late soon; what is old enough to go.
CREATE UNIQUE INDEX privacy_requests_open_key ON laurel.privacy_requests (organization_id, user_id, kind, everywhere, ((requested_by = user_id) IS TRUE)) WHERE status = 'open' AND kind <> 'correction';
CREATE INDEX privacy_requests_user_id_idx ON laurel.privacy_requests (user_id, organization_id);
CREATE INDEX privacy_requests_erase_after_idx ON laurel.privacy_requests (erase_after) WHERE status = 'open' AND kind = 'erasure';
CREATE INDEX privacy_requests_due_at_idx ON laurel.privacy_requests (due_at) WHERE status = 'open';
CREATE INDEX privacy_requests_closed_at_idx ON laurel.privacy_requests (closed_at) WHERE closed_at IS NOT NULL;

-- Who was erased, for whoever restores a backup: it outlives people and organizations, and is copied elsewhere. Who comes
-- back and is erased again has two lines.
CREATE TABLE laurel.erasures (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    everywhere boolean NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT erasures_pkey PRIMARY KEY (organization_id, user_id, everywhere, erased_at)
);
-- Whether somebody was erased.
CREATE INDEX erasures_user_id_idx ON laurel.erasures (user_id, organization_id);

SELECT laurel_internal.add_tenant_triggers('laurel.privacy_settings'), laurel_internal.add_tenant_triggers('laurel.privacy_requests'),
       laurel_internal.set_replica_identity('laurel.erasures'),
       laurel_internal.keep('laurel.privacy_requests', 'user_id', 'kind', 'requested_at', 'erase_after'),
       laurel_internal.states('laurel.privacy_requests', 'status', '{"open": ["done", "refused", "cancelled"], "done": [], "refused": [], "cancelled": []}',
           '{"done": "closed_at", "refused": "closed_at", "cancelled": "closed_at"}'),
       laurel_internal.quota('laurel.privacy_requests', 'open_corrections', '{user_id}', '1', 'forever', '10', counted => $$ kind = 'correction' AND status = 'open' $$),
       laurel_internal.append_only('laurel.erasures', 'Who was erased stays so.'),
       -- Who is to be erased hears of it, and who has asked for anything what becomes of it; administrators hear of what is late soon.
       laurel_internal.tell('laurel.privacy_requests', $$
           SELECT n.organization_id, n.user_id, 'erasure_requested' AS type, n.id, pg_catalog.jsonb_build_object('request_id', n.id, 'erase_after', n.erase_after) AS data,
                  'Your data will be erased' AS title, '/privacy/' || n.id AS link
           FROM new_rows n JOIN ONLY laurel.user_organizations m ON m.organization_id = n.organization_id AND m.user_id = n.user_id WHERE n.kind = 'erasure' $$),
       laurel_internal.tell('laurel.privacy_requests', $$
           SELECT n.organization_id, n.user_id, 'privacy_request_' || CASE n.status WHEN 'open' THEN 'extended' ELSE n.status END AS type, pg_catalog.jsonb_build_object('request_id', n.id, 'due_at', n.due_at) AS data,
                  CASE n.status WHEN 'open' THEN 'Your request takes longer' WHEN 'done' THEN 'Your request was answered' WHEN 'refused' THEN 'Your request was refused' ELSE 'Your data will not be erased' END AS title,
                  CASE n.status WHEN 'open' THEN n.extension_reason ELSE n.answer END AS message, '/privacy/' || n.id AS link, pg_catalog.concat_ws(':', 'privacy_request', n.id, n.status) AS key
           FROM new_rows n JOIN old_rows o ON o.id = n.id
           JOIN ONLY laurel.user_organizations m ON m.organization_id = n.organization_id AND m.user_id = n.user_id
           WHERE (n.status <> o.status AND NOT (n.status = 'done' AND n.kind = 'erasure')) OR n.due_at <> o.due_at
           UNION ALL
           SELECT n.organization_id, r.user_id, 'privacy_request_due', pg_catalog.jsonb_build_object('request_id', n.id, 'kind', n.kind, 'due_at', n.due_at),
                  'A request of a member must be answered soon', NULL, '/privacy/' || n.id, pg_catalog.concat_ws(':', 'privacy_request_due', n.id, n.due_at, r.user_id)
           FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN ONLY laurel.user_roles r ON r.organization_id = n.organization_id AND r.role = 'org_admin'
           WHERE n.alerted_at IS DISTINCT FROM o.alerted_at AND n.alerted_at IS NOT NULL $$, 'UPDATE', changed => '{status, due_at, alerted_at}'),
       laurel_internal.protect('laurel.privacy_settings', 'catalogue'),
       laurel_internal.protect('laurel.privacy_requests', 'administrative', others => '{"own": "user_id = laurel_internal.me()"}',
           commands => '{"own": "SELECT", "service_role": "SELECT"}'),
       laurel_internal.protect('laurel.erasures', 'service', commands => '{"service_role": "SELECT, INSERT"}'),
       laurel_internal.member('laurel.privacy_requests'), laurel_internal.member('laurel.erasures'),
       laurel_internal.audited('laurel.privacy_settings', '{erasure_grace_days, answer_months, extension_months, alert_days}'),
       laurel_internal.audited('laurel.privacy_requests', '{user_id, kind, everywhere, status, requested_by, due_at, erase_after}', '{reason, answer, extension_reason}'),
       laurel_internal.audited('laurel.erasures', '{user_id, everywhere}'),
       laurel_internal.person('laurel.privacy_requests', 'user_id', '', 'keep', 'keep', clears => '{"reason": "NULL", "answer": "NULL", "extension_reason": "NULL", "problem": "NULL"}', harmless => '{kind, status}'),
       laurel_internal.person('laurel.privacy_requests', 'requested_by', NULL, 'keep', 'keep'),
       laurel_internal.person('laurel.privacy_requests', 'reason', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.privacy_requests', 'answer', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.privacy_requests', 'extension_reason', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.erasures', 'user_id', NULL, 'keep', 'keep');

INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, condition, user_columns, source) VALUES
    ('privacy_requests', 'privacy_requests', '3 years', 'delete', 'closed_at', NULL, '{user_id}', 'What people asked for: 3 years after it was answered, to prove that it was.'),
    ('erasures', 'erasures', NULL, 'none', NULL, NULL, '{user_id}', 'Who was erased: kept for ever, since backups may come back.');
INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES
    ('erasures', 'Erases who has asked for it, once the time to take it back is over.', '40 2 * * *', 'CALL laurel.run_erasures()', '6 hours'),
    ('privacy_alerts', 'Tells administrators of requests that must be answered soon.', '20 6 * * *', 'SELECT laurel.alert_requests()', '10 minutes');

SELECT laurel_internal.explain('laurel.privacy_settings', 'How an organization answers people who ask for their data: without a row by the defaults.', '{
    "erasure_grace_days": "How long a request to erase can be taken back, 0 to 365 days.",
    "answer_months": "By when a request is answered, 1 to 3 months.",
    "extension_months": "By how much laurel.extend_request() puts that off, 0 to 2 months.",
    "alert_days": "How long before that administrators are told, 1 to 28 days."}');
SELECT laurel_internal.explain('laurel.privacy_requests', 'What people have asked for about their data, and what became of it. Written by laurel.erase_user(), laurel.make_privacy_request() and what answers them. Members see their own.', '{
    "user_id": "Whom it is about; never changed, and nobody any more once erased.",
    "kind": "export, erasure or correction.",
    "everywhere": "For erasure: the whole person; false: what the organization has of the person.",
    "status": "open, done, refused or cancelled; all but the first are final.",
    "reason": "Why, in the words of who asks, up to 2,000 characters; gone once the person is erased.",
    "answer": "What the person was answered, up to 2,000 characters; gone once the person is erased.",
    "requested_by": "Who asked; null for the back end.",
    "requested_at": "When.",
    "due_at": "By when it must be answered.",
    "extended_at": "When that was put off.",
    "extension_reason": "Why.",
    "erase_after": "For erasure: from when on it is done; until then it can be taken back.",
    "attempts": "How often the job has tried in vain.",
    "problem": "Why, the last time.",
    "alerted_at": "When administrators were told that it is due soon.",
    "closed_at": "When it was done, refused or cancelled."}');
SELECT laurel_internal.explain('laurel.erasures', 'Who was erased, where and when: what laurel.reapply_erasures() goes by after a restore. Keep a copy elsewhere. Append-only.', '{
    "user_id": "Who; nobody any more.",
    "organization_id": "Where; of whoever was erased everywhere the home.",
    "everywhere": "Whether the whole person was.",
    "erased_at": "When."}');

-- Down Migration
ALTER TABLE laurel.users DROP CONSTRAINT users_email_erased_check;
DELETE FROM ONLY laurel.jobs WHERE name IN ('erasures', 'privacy_alerts');
DELETE FROM ONLY laurel.retention_policies WHERE table_name IN ('privacy_requests', 'erasures');
DROP FUNCTION laurel.member(laurel.privacy_requests), laurel.member(laurel.erasures);
DROP TABLE laurel.erasures, laurel.privacy_requests, laurel.privacy_settings;
DROP VIEW laurel_internal.person_rules;
DROP TABLE laurel_internal.person_columns;
