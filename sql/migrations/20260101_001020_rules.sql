-- Up Migration
-- Rules: what members get for what happens, and what came of it.

CREATE TABLE laurel.gamification_rules (
    id uuid CONSTRAINT gamification_rules_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT gamification_rules_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT gamification_rules_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    description text CONSTRAINT gamification_rules_description_check CHECK (char_length(description) <= 20000),
    event_type text NOT NULL CONSTRAINT gamification_rules_event_type_check CHECK (char_length(event_type) BETWEEN 1 AND 100),
    condition text CONSTRAINT gamification_rules_condition_check CHECK (char_length(condition) BETWEEN 1 AND 4000),
    actions jsonb NOT NULL CONSTRAINT gamification_rules_actions_check CHECK (laurel_internal.check_json(actions, 'gamification_rules', 'actions', true)),
    runs text NOT NULL DEFAULT 'at_once' CONSTRAINT gamification_rules_runs_check CHECK (runs IN ('at_once', 'after_commit')),
    user_cap bigint CONSTRAINT gamification_rules_user_cap_check CHECK (user_cap > 0),
    user_cap_period text NOT NULL DEFAULT 'forever' CONSTRAINT gamification_rules_user_cap_period_check CHECK (user_cap_period IN ('day', 'week', 'month', 'year', 'forever')),
    organization_cap bigint CONSTRAINT gamification_rules_organization_cap_check CHECK (organization_cap > 0),
    organization_cap_period text NOT NULL DEFAULT 'forever' CONSTRAINT gamification_rules_organization_cap_period_check CHECK (organization_cap_period IN ('day', 'week', 'month', 'year', 'forever')),
    cooldown interval CONSTRAINT gamification_rules_cooldown_check CHECK (extract(year FROM cooldown) = 0 AND extract(month FROM cooldown) = 0 AND cooldown BETWEEN '1 second' AND '3650 days'),
    active_from timestamptz,
    active_until timestamptz,
    status text NOT NULL DEFAULT 'active',
    version integer NOT NULL DEFAULT laurel_internal.assigned()::integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT gamification_rules_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT gamification_rules_active_until_check CHECK (active_until > active_from)
);
-- What an organization's events are looked at for.
CREATE INDEX gamification_rules_event_type_idx ON laurel.gamification_rules (organization_id, event_type) WHERE status = 'active';

CREATE TABLE laurel.rule_versions (
    organization_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    version integer NOT NULL CONSTRAINT rule_versions_version_check CHECK (version >= 1),
    name text NOT NULL,
    event_type text NOT NULL,
    condition text,
    actions jsonb NOT NULL,
    runs text NOT NULL,
    user_cap bigint,
    user_cap_period text NOT NULL,
    organization_cap bigint,
    organization_cap_period text NOT NULL,
    cooldown interval,
    active_from timestamptz,
    active_until timestamptz,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT rule_versions_pkey PRIMARY KEY (organization_id, rule_id, version),
    CONSTRAINT rule_versions_rule_id_fkey FOREIGN KEY (organization_id, rule_id) REFERENCES laurel.gamification_rules (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE laurel.rule_executions (
    organization_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    event_id uuid NOT NULL,
    user_id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL CONSTRAINT rule_executions_status_check CHECK (status IN ('fired', 'capped', 'failed', 'cut')),
    points bigint NOT NULL DEFAULT 0,
    depth integer NOT NULL DEFAULT 0,
    reason text,
    next_eligible_at timestamptz,
    error_code text,
    error_message text,
    executed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Once for a rule, an event and a member.
    CONSTRAINT rule_executions_pkey PRIMARY KEY (organization_id, rule_id, event_id, user_id),
    CONSTRAINT rule_executions_error_check CHECK ((status = 'failed') = (error_code IS NOT NULL)),
    CONSTRAINT rule_executions_rule_id_fkey FOREIGN KEY (organization_id, rule_id) REFERENCES laurel.gamification_rules (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT rule_executions_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- What rules have done for a member, newest first.
CREATE INDEX rule_executions_user_id_idx ON laurel.rule_executions (user_id, organization_id, executed_at DESC);
-- What went wrong.
CREATE INDEX rule_executions_failed_idx ON laurel.rule_executions (organization_id, executed_at DESC) WHERE status = 'failed';

CREATE TABLE laurel_internal.rule_usage (
    organization_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    owner uuid NOT NULL,
    user_id uuid,
    period_start date NOT NULL DEFAULT '-infinity',
    used bigint NOT NULL DEFAULT 0 CONSTRAINT rule_usage_used_check CHECK (used >= 0),
    last_fired_at timestamptz,
    CONSTRAINT rule_usage_pkey PRIMARY KEY (organization_id, rule_id, owner),
    CONSTRAINT rule_usage_rule_id_fkey FOREIGN KEY (organization_id, rule_id) REFERENCES laurel.gamification_rules (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT rule_usage_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
) WITH (fillfactor = 80);
-- What goes with a member.
CREATE INDEX rule_usage_user_id_idx ON laurel_internal.rule_usage (user_id, organization_id) WHERE user_id IS NOT NULL;

CREATE TABLE laurel_internal.rule_queue (
    organization_id uuid NOT NULL,
    event_id uuid NOT NULL,
    rule_ids uuid[] NOT NULL,
    depth integer NOT NULL,
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT rule_queue_pkey PRIMARY KEY (organization_id, event_id),
    CONSTRAINT rule_queue_event_id_fkey FOREIGN KEY (organization_id, event_id) REFERENCES laurel.domain_events (organization_id, id) ON DELETE CASCADE
);
-- What has waited longest.
CREATE INDEX rule_queue_queued_at_idx ON laurel_internal.rule_queue (organization_id, queued_at);

CREATE TABLE laurel_internal.rule_changes (nothing boolean);

INSERT INTO laurel.reference_types (name, table_name) VALUES ('Rule', 'laurel.gamification_rules');

SELECT laurel_internal.add_tenant_triggers('laurel.gamification_rules'),
       laurel_internal.set_replica_identity('laurel.rule_versions'), laurel_internal.set_replica_identity('laurel.rule_executions'),
       laurel_internal.set_replica_identity('laurel_internal.rule_usage'), laurel_internal.set_replica_identity('laurel_internal.rule_queue'),
       laurel_internal.hold_organization('laurel.rule_versions'), laurel_internal.hold_organization('laurel.rule_executions'),
       laurel_internal.keep('laurel.gamification_rules', 'created_at'),
       laurel_internal.keep('laurel.rule_versions', 'rule_id', 'version', 'name', 'event_type', 'condition', 'actions', 'runs', 'user_cap', 'user_cap_period',
           'organization_cap', 'organization_cap_period', 'cooldown', 'active_from', 'active_until', 'created_by', 'created_at'),
       laurel_internal.keep('laurel.rule_executions', 'rule_id', 'event_id', 'user_id', 'version', 'status', 'points', 'depth', 'executed_at'),
       laurel_internal.states('laurel.gamification_rules', 'status', '{"draft": ["active", "archived"], "active": ["paused", "archived"], "paused": ["active", "archived"], "archived": ["paused"]}'),
       laurel_internal.archive_instead('laurel.gamification_rules', 'status', 'archived'),
       laurel_internal.add_signal('laurel.gamification_rules', 'rule_changes', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE');

-- What a rule says has a number, and is kept.
CREATE TRIGGER z_number_rule BEFORE INSERT OR UPDATE ON laurel.gamification_rules
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.number_rule();
CREATE TRIGGER keep_rule AFTER INSERT ON laurel.gamification_rules
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.keep_rule();
CREATE TRIGGER keep_changed_rule AFTER UPDATE ON laurel.gamification_rules
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.keep_rule();
-- A restore makes it after the rows, so nothing is done twice.
CREATE TRIGGER run_rules AFTER INSERT ON laurel.domain_events REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.run_rules();

-- What rules say is for administrators: who knows the conditions plays for them.
SELECT laurel_internal.protect('laurel.gamification_rules', 'administrative', writes => '{
               "INSERT": "id, organization_id, name, description, event_type, condition, actions, runs, user_cap, user_cap_period, organization_cap, organization_cap_period, cooldown, active_from, active_until, status",
               "UPDATE": "name, description, event_type, condition, actions, runs, user_cap, user_cap_period, organization_cap, organization_cap_period, cooldown, active_from, active_until, status"}'),
       laurel_internal.protect('laurel.rule_versions', 'administrative', commands => '{"service_role": "SELECT"}'),
       laurel_internal.protect('laurel.rule_executions', 'personal', commands => '{"service_role": "SELECT"}'),
       laurel_internal.protect('laurel_internal.rule_usage', 'internal'), laurel_internal.protect('laurel_internal.rule_queue', 'internal'),
       laurel_internal.member('laurel.rule_executions');

INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES
    ('rules', 'Runs rules of what has happened, those that wait for the commit.', '* * * * *', 'SELECT laurel.run_waiting_rules()', '10 minutes');

-- Where the event is gone its execution alone keeps a repeat from firing again.
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, condition, user_columns, source) VALUES
    ('rule_executions', 'rule_executions', '2 years', 'delete', 'executed_at', 'EXISTS (SELECT FROM ONLY laurel.domain_events e WHERE e.organization_id = t.organization_id AND e.id = t.event_id)', '{user_id}',
        'What rules have done, as learning analytics: 2 years, of events that are there still.');

SELECT laurel_internal.explain('laurel.gamification_rules', 'What members get for what happens: a type of event, a condition and actions. Editing one makes a new version; deleting archives it.', '{
    "name": "Its name; 1 to 200 characters. The reason of points that it pays.",
    "description": "What it is for.",
    "event_type": "The type of the events it listens to, as in domain_events.",
    "condition": "SQL/JSON path over {\"event\": {id, type, occurred_at, user_id, data}, \"user\": {...}, \"stats\": {...}}, such as $.event.data.score >= 90: holds where it is true, or, where it is no predicate, where it finds something. Null: always. What cannot be decided does not hold; laurel.explain_rules() says why, and an error, such as a format of dates that is none, is in the server''s log, once for a rule and a session. $.user has id, joined_at, tier, level, team_id, teams and roles; $.stats the words of criteria of badges, and $.stats.events.<type>.<window>, this event included: day, week and month of the organization''s calendar, last7Days, last30Days, total. At most 20 types and windows, and four wildcards, one of them .**. What takes longer than a second does not hold; after three of them nothing that may be slow is tried in that statement.",
    "actions": "A list of one to ten objects, each with its kind: {\"kind\": \"points\", \"amount\": 10}, {\"kind\": \"badge\", \"badge_id\": ...}, {\"kind\": \"notification\", \"title\": ..., \"type\": rule_fired unless given, \"message\", \"link\", \"priority\"}, {\"kind\": \"event\", \"type\": ..., \"data\": {}}, {\"kind\": \"challenge\", \"challenge_id\": ..., \"progress\": 25}, which adds to what was given in a challenge of a team for each of its members, in one of a member for that member, while it is under way. All are done or none; an entry of the ledger is never paid twice.",
    "runs": "at_once: in the transaction of the event; after_commit: by the job, within a minute or so. What has come before it is changed runs as it was to: an event that waits is done once, by the version of when the job comes; not where the rule is paused then.",
    "user_cap": "How often it fires for a member in a period at most; more than 0, null for any number. By the clock when it fires, not by the time of the event.",
    "user_cap_period": "day, week, month or year by the organization''s clock, or forever.",
    "organization_cap": "How often it fires for all members together in a period at most.",
    "organization_cap_period": "As user_cap_period.",
    "cooldown": "How long it rests for a member after it has fired; a second to 3,650 days. By the clock, as caps are.",
    "active_from": "Events before do not count, by their own time; null for no beginning.",
    "active_until": "Events from then on do not count; null for no end.",
    "status": "draft, active, paused or archived: only an active one fires, for what is written while it is. Deleting a rule archives it.",
    "version": "1, 2, 3 ...: counts up with every change of what it does; given by the database."}');
SELECT laurel_internal.explain('laurel.rule_versions', 'What rules said: a row for each version, which never changes.', '{
    "rule_id": "The rule.",
    "version": "1, 2, 3 ... within the rule.",
    "name": "As of the rule then.",
    "event_type": "As of the rule then.",
    "condition": "As of the rule then.",
    "actions": "As of the rule then.",
    "runs": "As of the rule then.",
    "user_cap": "As of the rule then.",
    "user_cap_period": "As of the rule then.",
    "organization_cap": "As of the rule then.",
    "organization_cap_period": "As of the rule then.",
    "cooldown": "As of the rule then.",
    "active_from": "As of the rule then.",
    "active_until": "As of the rule then.",
    "created_by": "Who made it: the caller, null for a service."}');
SELECT laurel_internal.explain('laurel.rule_executions', 'What rules have done: a row for each rule, event and member whose condition held, once. Written by the rules alone.', '{
    "rule_id": "The rule.",
    "event_id": "The event, of domain_events; it may be gone by now.",
    "user_id": "The member of the event.",
    "version": "Which version of the rule it was.",
    "status": "fired; capped: a cap or the cooldown was in the way; failed: an action failed, and none of its actions was done; cut: the chain of rules that led to the event was 8 deep, or as wide as a thousand events and ten for each rule that began it.",
    "points": "Points it has paid.",
    "depth": "How many rules led to the event: 0 where none did.",
    "reason": "Why it did not fire.",
    "next_eligible_at": "From when on it may fire again; null where waiting does not help, or nothing was in the way.",
    "error_code": "SQLSTATE of what failed.",
    "error_message": "What failed, in the words of the error.",
    "executed_at": "When, by the clock."}');
SELECT laurel_internal.explain('laurel_internal.rule_usage', 'How often rules with caps or a cooldown have fired: a row for each member, and one for the organization. They are kept when retention deletes executions.', '{
    "rule_id": "The rule.",
    "owner": "Whose it is: the member, or the rule itself for the organization''s.",
    "user_id": "The member; null for the organization''s.",
    "period_start": "The first day of the period that it counts; -infinity where it is for ever.",
    "used": "How often in that period.",
    "last_fired_at": "When last."}');
SELECT laurel_internal.explain('laurel_internal.rule_queue', 'Events that rules wait for which ran after the commit when they came.', '{
    "event_id": "The event.",
    "rule_ids": "The rules that wait for it.",
    "depth": "How many rules led to it.",
    "queued_at": "Since when it waits."}');
SELECT laurel_internal.explain('laurel_internal.rule_changes', 'Stores nothing: its relation-cache invalidation tells every session that rules have changed.', '{
    "nothing": "Never filled."}');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.gamification_rules', '{name, event_type, condition, actions, runs, user_cap, user_cap_period, organization_cap, organization_cap_period, cooldown, active_from, active_until, status}');

-- Down Migration

DROP TRIGGER run_rules ON laurel.domain_events;
DELETE FROM ONLY laurel.jobs WHERE name = 'rules';
DROP FUNCTION laurel.member(laurel.rule_executions);
DROP TABLE laurel_internal.rule_changes, laurel_internal.rule_queue, laurel_internal.rule_usage, laurel.rule_executions, laurel.rule_versions, laurel.gamification_rules;
DELETE FROM ONLY laurel.retention_policies WHERE table_name = 'rule_executions';
DELETE FROM ONLY laurel.reference_types WHERE name = 'Rule';
