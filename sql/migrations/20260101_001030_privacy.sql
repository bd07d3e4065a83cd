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
    FROM laurel_internal.person_columns p
    JOIN pg_namespace n ON n.nspname = split_part(p.table_name, '.', 1)
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = split_part(p.table_name, '.', 2) AND c.relkind IN ('r', 'p')
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = p.column_name AND NOT a.attisdropped
    UNION ALL
    SELECT k.conrelid::regclass, a.attname, 'id', CASE WHEN bool_or(k.confdeltype = 'c') THEN n.nspname || '.' || c.relname END,
        CASE WHEN bool_or(k.confdeltype = 'c') THEN 'delete' ELSE 'null' END, 'move', '{}'::jsonb, '{}'::name[], '{}'::name[], NULL, NULL, false
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid AND NOT c.relispartition
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attname <> 'organization_id'
    WHERE k.contype = 'f' AND k.confrelid IN ('laurel.users'::regclass, 'laurel.user_organizations'::regclass)
      AND NOT EXISTS (SELECT FROM laurel_internal.person_columns p WHERE p.table_name = n.nspname || '.' || c.relname AND p.column_name = a.attname)
    GROUP BY k.conrelid, n.nspname, c.relname, a.attname;

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
SELECT laurel_internal.explain('laurel_internal.person_rules', 'The rule of each column that refers to people: as laurel_internal.person_columns has it, else by its foreign key. ON DELETE CASCADE: exported under the table''s name, deleted, moved; SET NULL: not exported, taken out, moved.', '{
    "table_name": "The table.",
    "clears": "The same, as an object.",
    "kind": "id, ids (several), address (e-mail), or mention (text in which people may be named).",
    "declared": "Whether somebody said so."}');

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
       laurel_internal.person('laurel.quota_usage', 'owner', NULL, 'keep', 'keep');

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
       laurel_internal.person('laurel.leaderboard_standings', 'user_id', '', 'keep', 'keep', harmless => '{period}'),
       laurel_internal.person('laurel.badge_awards', 'user_id', '', 'keep', 'best', clears => '{"note": "NULL"}', better => 'awarded_date, id'),
       laurel_internal.person('laurel.badge_awards', 'awarded_by', NULL, 'redact', 'keep');

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
       laurel_internal.person('laurel.onboarding_templates', 'it_member_id', NULL, 'null', 'move', harmless => '{*}'),
       laurel_internal.person('laurel.user_onboardings', 'assigned_buddy_id', NULL, 'null', 'move', harmless => '{status}'),
       laurel_internal.person('laurel.onboarding_tasks', 'title', NULL, 'redact', 'keep', harmless => '{owner_role, status}'),
       laurel_internal.person('laurel.onboarding_tasks', 'description', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.onboarding_tasks', 'note', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.onboarding_check_ins', 'new_hire_notes', NULL, 'redact', 'keep', harmless => '{status}'),
       laurel_internal.person('laurel.onboarding_check_ins', 'manager_notes', NULL, 'redact', 'keep');

-- What proves what was done says by ids who did it.
SELECT laurel_internal.person('laurel.audit_log', 'user_id', '', 'keep', 'keep', harmless => '{*}'),
       laurel_internal.person('laurel.audit_log', 'actor_id', NULL, 'keep', 'keep'),
       laurel_internal.person('laurel.legal_holds', 'user_id', '', 'keep', 'keep', harmless => '{table_name, placed_by, released_by}'),
       laurel_internal.person('laurel.legal_holds', 'reason', NULL, 'redact', 'keep');

-- Down Migration
DROP VIEW laurel_internal.person_rules;
DROP TABLE laurel_internal.person_columns;
