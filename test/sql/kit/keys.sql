-- Keys as notes on moving an organization ask for them: each leads with the organization, foreign keys pair columns of one
-- name, a changed row is known by its organization, and who applies changes from elsewhere hears of rights.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(22);

CREATE TEMP VIEW tables AS SELECT c.oid, c.oid::regclass::text AS name, c.relispartition, c.relreplident,
        (SELECT a.attnotnull FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id') AS of_organization
    FROM pg_class c WHERE c.relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND c.relkind IN ('r', 'p');
CREATE TEMP VIEW indexes AS SELECT t.name AS relation, c.relname AS name, i.*,
        (SELECT array_agg(coalesce((SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = k), '(expression)') ORDER BY n)
         FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u (k, n)) AS columns
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN tables t ON t.oid = i.indrelid WHERE t.of_organization IS NOT NULL;

-- Unique keys. id stays the primary key for the sake of clients, and can be swapped for the one beside it.
CREATE TEMP TABLE global_keys AS SELECT * FROM (VALUES
    ('users_email_key', 'one address to sign in with, wherever one is at home'),
    ('user_identities_provider_subject_key', 'an account elsewhere is one person''s'),
    ('sessions_token_hash_key', 'a token is all that is shown'),
    ('one_time_tokens_token_hash_key', 'a token is all that is shown'),
    ('invitations_token_hash_key', 'a token is all that is shown'),
    ('calendar_feeds_token_hash_key', 'a token is all that is shown'),
    ('profiles_pkey', 'one profile, at home'),
    ('user_preferences_pkey', 'one set of preferences, at home'),
    ('audit_log_pkey', 'the order in which lines are sealed; some are the platform''s'),
    ('processing_log_pkey', 'by time; some lines are the platform''s'),
    ('error_logs_pkey', 'some are nobody''s'),
    ('notification_templates_key', 'shared ones have no organization')) AS v (name, reason);
-- Where a row is written so often that an index more is felt, one key serves both the organization's and who asks by user alone.
CREATE TEMP TABLE by_user_first AS SELECT unnest('{user_points_pkey, points_ledger_entry_no_key}'::text[]) AS name;
SELECT is_empty($$ SELECT relation, name, columns FROM indexes i WHERE indisunique AND columns[1] <> 'organization_id' AND columns <> '{id}'
    AND NOT (columns[1:2] = '{user_id,organization_id}' AND name IN (SELECT name FROM by_user_first))
    AND NOT EXISTS (SELECT FROM tables t WHERE t.oid = i.indrelid AND t.relispartition) AND NOT EXISTS (SELECT FROM global_keys g WHERE g.name = i.name) $$, 'what is unique, is so in an organization');
SELECT is_empty($$ SELECT name FROM global_keys g WHERE NOT EXISTS (SELECT FROM indexes i WHERE i.name = g.name) $$, 'each exception is one');
CREATE TEMP TABLE keyless AS SELECT * FROM (VALUES
    ('laurel.notification_deliveries', 'in flight: another index would cost each delivery'),
    ('laurel.points_ledger', 'numbered by account in the organization: another index would cost a tenth of every bulk'),
    ('laurel.notification_templates', 'shared ones have no organization'),
    ('laurel.settings', 'some are the platform''s'),
    ('laurel.legal_holds', 'some hold everywhere')) AS v (name, reason);
SELECT is_empty($$ SELECT relation FROM indexes p WHERE indisprimary AND columns = '{id}' AND NOT EXISTS (SELECT FROM indexes i
    WHERE i.indrelid = p.indrelid AND i.indisunique AND i.indpred IS NULL AND i.columns = '{organization_id,id}') AND relation NOT IN (SELECT name FROM keyless) $$,
    'beside id there is the key with the organization');

-- Plain indexes of personal rows serve who asks by user alone, and a policy that adds the organization.
SELECT is_empty($$ SELECT relation, name, columns FROM indexes WHERE NOT indisunique AND columns[1:2] = '{organization_id,user_id}'
    AND indrelid IN (SELECT attrelid FROM pg_attribute WHERE attname = 'user_id' AND attnotnull) $$, 'no index of personal rows begins with the organization');
SELECT is_empty($$ SELECT relation, name, columns FROM indexes WHERE NOT indisunique AND columns[1] = 'user_id' AND columns[2] IS DISTINCT FROM 'organization_id' $$,
    'nor leaves it out');

-- Foreign keys.
CREATE TEMP VIEW pairs AS SELECT c.conname, c.conrelid::regclass::text AS relation, c.confrelid::regclass::text AS parent, here.attname AS here, there.attname AS there
    FROM pg_constraint c, unnest(c.conkey, c.confkey) k (here, there), pg_attribute here, pg_attribute there
    WHERE c.contype = 'f' AND c.conparentid = 0 AND c.conrelid IN (SELECT oid FROM tables)
    AND here.attrelid = c.conrelid AND here.attnum = k.here AND there.attrelid = c.confrelid AND there.attnum = k.there;
CREATE TEMP TABLE named_otherwise AS SELECT * FROM (VALUES
    ('laurel.users', 'admin_id', 'id', 'a user by what he or she is there'),
    ('laurel.users', 'manager_id', 'id', 'a user by what he or she is'),
    ('laurel.users', 'granted_by', 'id', 'a user by what he or she did'),
    ('laurel.users', 'assigned_by', 'id', 'a user by what he or she did'),
    ('laurel.learning_assignments', 'assignment_id', 'id', 'an assignment'),
    ('laurel.assessment_attempts', 'attempt_id', 'id', 'an attempt at an assessment'),
    ('laurel.user_organizations', 'marked_by', 'user_id', 'a member by what he or she did'),
    ('laurel.user_organizations', 'trainer_id', 'user_id', 'a member by what he or she is'),
    ('laurel.user_organizations', 'uploaded_by', 'user_id', 'a member by what he or she did'),
    ('laurel.user_organizations', 'shared_by', 'user_id', 'a member by what he or she did'),
    ('laurel.user_organizations', 'shared_with', 'user_id', 'a member to whom something was done'),
    ('laurel.user_organizations', 'facilitator_id', 'user_id', 'a member by what he or she does'),
    ('laurel.user_organizations', 'sender_id', 'user_id', 'a member by what he or she did'),
    ('laurel.user_organizations', 'recipient_id', 'user_id', 'a member to whom something was done'),
    ('laurel.user_organizations', 'decided_by', 'user_id', 'a member by what he or she did'),
    ('laurel.user_organizations', 'buddy_id', 'user_id', 'a member by what he or she is to another'),
    ('laurel.buddy_profiles', 'buddy_id', 'user_id', 'what the buddy offers'),
    ('laurel.recognitions', 'adds_to', 'id', 'the recognition to which another adds'),
    ('laurel.messages', 'parent_id', 'id', 'the message that is answered'),
    ('laurel.messages', 'copy_of', 'id', 'the message that went to others too'),
    ('laurel.user_organizations', 'blocked_id', 'user_id', 'a member by what was done to him or her'),
    ('laurel.activities', 'activity_id', 'id', 'an activity'),
    ('laurel.event_series', 'series_id', 'id', 'a series of events'),
    ('laurel.learning_modules', 'module_id', 'id', 'a module'),
    ('laurel.learning_modules', 'requires_id', 'id', 'a module by what it is there'),
    ('laurel.learning_paths', 'template_id', 'id', 'a path by what it is'),
    ('laurel.user_organizations', 'it_member_id', 'user_id', 'a member by what he or she does'),
    ('laurel.user_organizations', 'assigned_buddy_id', 'user_id', 'a member by what he or she does'),
    ('laurel.user_organizations', 'manager_id', 'user_id', 'a member by what he or she is'),
    ('laurel.user_organizations', 'assignee_id', 'user_id', 'a member by what he or she does'),
    ('laurel.user_organizations', 'completed_by', 'user_id', 'a member by what he or she did'),
    ('laurel.onboarding_templates', 'template_id', 'id', 'a template'),
    ('laurel.onboarding_template_tasks', 'task_id', 'id', 'a task of a template'),
    ('laurel.onboarding_template_tasks', 'template_task_id', 'id', 'a task of a template'),
    ('laurel.onboarding_template_tasks', 'requires_id', 'id', 'a task of a template by what it is there'),
    ('laurel.user_onboardings', 'onboarding_id', 'id', 'the onboarding'),
    ('laurel.document_shares', 'reshared_from', 'id', 'the share it comes from'),
    ('laurel.beneficiaries', 'beneficiary_id', 'id', 'the beneficiary'),
    ('laurel.appointments', 'session_id', 'id', 'the group session in which an appointment is a place'),
    ('laurel.gamification_rules', 'rule_id', 'id', 'the rule'),
    ('laurel.domain_events', 'event_id', 'id', 'what has happened'),
    ('laurel.roles', 'role', 'name', 'the role by its name'),
    ('laurel.reference_types', 'reference_type', 'name', 'the type by its name'),
    ('laurel.retention_runs', 'run', 'id', 'the run')) AS v (parent, here, there, reason);
SELECT is_empty($$ SELECT * FROM pairs p WHERE here <> there AND NOT (there = 'id' AND parent = 'laurel.' || left(here, -3) || 's')
    AND NOT EXISTS (SELECT FROM named_otherwise n WHERE (n.parent, n.here, n.there) = (p.parent, p.here, p.there)) $$,
    'foreign keys pair columns of one name, team_id and teams.id, or names that say what is meant');
SELECT is_empty($$ SELECT name, line FROM laurel_internal.embedded_migrations(), regexp_split_to_table(script, '\n') line WHERE line ~ '\mREFERENCES laurel[a-z_.]+(?![a-z_.]| \()' $$,
    'and list both sides');
SELECT is_empty($$ SELECT c.conname FROM pg_constraint c WHERE c.contype = 'f' AND c.conparentid = 0 AND cardinality(c.conkey) > 1 AND c.conrelid IN (SELECT oid FROM tables)
    AND (SELECT attname FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = c.conkey[1]) <> 'organization_id'
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.conrelid AND k.contype = 'p' AND k.conkey = c.conkey) $$, 'the organization first, unless they are the primary key in its order');

-- What identifies a changed row.
CREATE TEMP VIEW identities AS SELECT t.name, t.relispartition, t.relreplident, t.of_organization, i.columns FROM tables t
    LEFT JOIN indexes i ON i.indrelid = t.oid AND CASE t.relreplident WHEN 'i' THEN i.indisreplident WHEN 'd' THEN i.indisprimary END;
SELECT is_empty($$ SELECT name, relreplident, columns FROM identities WHERE of_organization AND relreplident <> 'f' AND ('organization_id' = ANY (columns)) IS NOT TRUE $$,
    'a row is known by its organization, partitions too');
SELECT results_eq($$ SELECT name FROM identities WHERE relreplident = 'f' ORDER BY 1 $$, $$ SELECT name FROM keyless WHERE name <> 'laurel.points_ledger' ORDER BY 1 $$, 'or by all it holds');
SELECT is_empty($$ SELECT relation, c.columns FROM indexes k JOIN identities c ON c.name = k.relation WHERE k.columns = '{organization_id,id}' AND c.columns <> '{organization_id,id}' $$,
    'by the key on organization and id, where there is one');
SELECT laurel_internal.create_month_partitions('laurel.delivery_attempts', 6), laurel_internal.create_month_partitions('laurel.points_ledger_archive', 0);
SELECT is((SELECT array_agg(DISTINCT columns::text) FROM identities WHERE name ~ '^laurel(_internal)?\.delivery_attempts_2'), '{"{organization_id,notification_id,delivery_id,attempt,finished_at}"}', 'a later month too');
SELECT is((SELECT array_agg(DISTINCT columns::text) FROM identities WHERE name ~ '^laurel(_internal)?\.points_ledger_archive_2'), '{"{organization_id,user_id,created_at,entry_no}"}', 'and of the archive');
CREATE TABLE laurel.logs (organization_id uuid, at timestamptz NOT NULL) PARTITION BY RANGE (at);
SELECT laurel_internal.set_replica_identity('laurel.logs'), laurel_internal.create_month_partitions('laurel.logs', 0);
SELECT is((SELECT array_agg(relreplident::text ORDER BY name) FROM identities WHERE name ~ '\.logs'), '{f,f}', 'rows that may have none are known by all they hold, in each month');
DROP TABLE laurel.logs;

-- Rights that are changed by replication: there only triggers that are always fired are, and but for TRUNCATE only those for rows.
SELECT is_empty($$ SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND p.proname IN ('signal_change', 'signal_applied_change') AND tgenabled <> CASE proname WHEN 'signal_change' THEN 'A' ELSE 'R' END $$, 'signals are always sent');
SELECT is_empty($$ SELECT s.tgrelid::regclass, s.tgname FROM pg_trigger s JOIN pg_proc p ON p.oid = s.tgfoid AND p.proname = 'signal_change' WHERE NOT EXISTS (
    SELECT FROM pg_trigger r JOIN pg_proc f ON f.oid = r.tgfoid AND f.proname = 'signal_applied_change'
    WHERE r.tgrelid = s.tgrelid AND r.tgargs = s.tgargs AND r.tgattr = s.tgattr AND r.tgtype | 1 | 32 = s.tgtype | 1 | 32) $$, 'also for rows that are applied');
SELECT results_eq($$ SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'signal_change'
        AND encode(t.tgargs, 'escape') ~ '^(access|following)_changes' ORDER BY 1 $$,
    $$ VALUES ('laurel.beneficiaries'), ('laurel.courses'), ('laurel.enrollments'), ('laurel.organizations'), ('laurel.user_identities'), ('laurel.user_organizations'), ('laurel.user_roles'), ('laurel.users') $$, 'by all tables that rights come from');

SELECT tests.cast('admin');
CREATE FUNCTION pg_temp.administers() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    answer boolean;
BEGIN
    PERFORM tests.act_as_admin();
    answer := laurel.has_role('org_admin');
    PERFORM tests.act_as_owner();
    RETURN answer;
END
$$;
-- What is changed as a subscription changes it, without the triggers named.
CREATE FUNCTION pg_temp.apply(without text, change text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE laurel.user_roles DISABLE TRIGGER %I', without);
    PERFORM set_config('session_replication_role', 'replica', true);
    EXECUTE change;
    PERFORM set_config('session_replication_role', 'origin', true);
    RETURN pg_temp.administers();
END
$$;
SELECT ok(pg_temp.administers(), 'an administrator');
SELECT ok(NOT pg_temp.apply('signal_access', $$ DELETE FROM laurel.user_roles WHERE role = 'org_admin' $$), 'is none any more when a subscription has taken the role away');
SELECT ok(pg_temp.apply('signal_access', $$ INSERT INTO laurel.user_roles (organization_id, user_id, role)
    SELECT organization_id, id, 'org_admin' FROM laurel.users WHERE id = tests.person('admin') $$), 'is one again when it has brought the role');
ALTER TABLE laurel.user_roles ENABLE ALWAYS TRIGGER signal_access;
SELECT ok(NOT pg_temp.apply('signal_access_applied', $$ DELETE FROM laurel.user_roles WHERE role = 'org_admin' $$), 'and none when somebody copied that in');
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('admin'), 'org_admin');
SELECT ok(pg_temp.administers() AND NOT pg_temp.apply('signal_access_applied', 'TRUNCATE laurel.user_roles'), 'nor when all roles were taken away');

SELECT * FROM finish();
ROLLBACK;
