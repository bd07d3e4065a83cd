-- Up Migration
-- Points: the ledger, the accounts it adds up to, tiers, levels, streaks and frozen leaderboards.

CREATE TABLE laurel.reference_types (
    name text CONSTRAINT reference_types_pkey PRIMARY KEY,
    table_name text NOT NULL,
    CONSTRAINT reference_types_name_check CHECK (octet_length(name) BETWEEN 1 AND 100)
);
CREATE TRIGGER register_reference_type BEFORE INSERT OR UPDATE ON laurel.reference_types
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.register_reference_type();
COMMENT ON TABLE laurel.reference_types IS 'What a ledger entry may refer to, and the table in which it must exist.';
COMMENT ON COLUMN laurel.reference_types.name IS 'The word in reference_type, such as Badge.';
COMMENT ON COLUMN laurel.reference_types.table_name IS 'The table with its schema, as quote_ident writes them; it has organization_id and id of type uuid. No view, no foreign or temporary table. Looked up as it is written, never by a search path.';

INSERT INTO laurel.reference_types (name, table_name) VALUES ('Course', 'laurel.courses');

CREATE TABLE laurel.tiers (
    organization_id uuid NOT NULL,
    tier text NOT NULL,
    min_points bigint NOT NULL,
    CONSTRAINT tiers_pkey PRIMARY KEY (organization_id, tier),
    CONSTRAINT tiers_organization_id_fkey FOREIGN KEY (organization_id)
        REFERENCES laurel.organizations ON DELETE CASCADE,
    CONSTRAINT tiers_tier_check CHECK (tier IN ('bronze', 'silver', 'gold', 'platinum')),
    CONSTRAINT tiers_min_points_check CHECK (min_points >= 0 AND (tier <> 'bronze' OR min_points = 0))
);
COMMENT ON TABLE laurel.tiers IS 'Where each tier begins in an organization. Four rows, ascending; changing them re-tiers every account at once.';
COMMENT ON COLUMN laurel.tiers.organization_id IS 'The organization.';
COMMENT ON COLUMN laurel.tiers.tier IS 'bronze, silver, gold or platinum.';
COMMENT ON COLUMN laurel.tiers.min_points IS 'Points from which the tier applies; 0 for bronze. The basis is organizations.tier_basis.';

CREATE TABLE laurel.levels (
    organization_id uuid NOT NULL,
    level integer NOT NULL,
    min_points bigint NOT NULL,
    CONSTRAINT levels_pkey PRIMARY KEY (organization_id, level),
    CONSTRAINT levels_organization_id_fkey FOREIGN KEY (organization_id)
        REFERENCES laurel.organizations ON DELETE CASCADE,
    CONSTRAINT levels_level_check CHECK (level BETWEEN 1 AND 1000),
    CONSTRAINT levels_min_points_check CHECK (min_points >= 0 AND (level <> 1 OR min_points = 0))
);
COMMENT ON TABLE laurel.levels IS 'Where each level begins in an organization, by lifetime points, so that spending never lowers a level.';
COMMENT ON COLUMN laurel.levels.organization_id IS 'The organization.';
COMMENT ON COLUMN laurel.levels.level IS '1, 2, 3 ... without gaps.';
COMMENT ON COLUMN laurel.levels.min_points IS 'Lifetime points from which the level applies; 0 for level 1, then ascending.';

CREATE TABLE laurel.user_points (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    total_points bigint NOT NULL DEFAULT 0,
    lifetime_points bigint NOT NULL DEFAULT 0,
    points_this_week bigint NOT NULL DEFAULT 0,
    points_this_month bigint NOT NULL DEFAULT 0,
    last_entry_no bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    current_level integer NOT NULL DEFAULT 1,
    current_streak integer NOT NULL DEFAULT 0,
    longest_streak integer NOT NULL DEFAULT 0,
    tier text NOT NULL DEFAULT 'bronze',
    week_start date,
    month_start date,
    last_activity_date date,
    reached_at timestamptz,
    week_reached_at timestamptz,
    month_reached_at timestamptz,
    last_entry_at timestamptz,
    last_entry_hash bytea,
    team_id uuid,
    CONSTRAINT user_points_pkey PRIMARY KEY (organization_id, user_id),
    CONSTRAINT user_points_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations ON DELETE CASCADE,
    CONSTRAINT user_points_total_points_check CHECK (total_points >= 0),
    CONSTRAINT user_points_lifetime_points_check CHECK (lifetime_points >= 0),
    CONSTRAINT user_points_tier_check CHECK (tier IN ('bronze', 'silver', 'gold', 'platinum')),
    CONSTRAINT user_points_current_level_check CHECK (current_level >= 1),
    CONSTRAINT user_points_last_entry_hash_check CHECK (octet_length(last_entry_hash) = 32),
    CONSTRAINT user_points_current_streak_check CHECK (current_streak >= 0),
    CONSTRAINT user_points_longest_streak_check CHECK (longest_streak >= current_streak)
) WITH (fillfactor = 80);
-- Leaderboards: all time, week and month, each in the order of its ranks.
CREATE INDEX user_points_total_idx ON laurel.user_points (organization_id, total_points DESC, reached_at, user_id);
CREATE INDEX user_points_week_idx ON laurel.user_points (organization_id, week_start, points_this_week DESC, week_reached_at, user_id);
CREATE INDEX user_points_month_idx ON laurel.user_points (organization_id, month_start, points_this_month DESC, month_reached_at, user_id);
-- Members of a tier; members of a team.
CREATE INDEX user_points_tier_idx ON laurel.user_points (organization_id, tier);
CREATE INDEX user_points_team_idx ON laurel.user_points (organization_id, team_id) WHERE team_id IS NOT NULL;

COMMENT ON TABLE laurel.user_points IS 'The points account of a member: what points_ledger adds up to. Nobody but the ledger writes its balances.';
COMMENT ON COLUMN laurel.user_points.organization_id IS 'The organization.';
COMMENT ON COLUMN laurel.user_points.user_id IS 'The member.';
COMMENT ON COLUMN laurel.user_points.total_points IS 'The balance: sum of all entries. Never negative.';
COMMENT ON COLUMN laurel.user_points.lifetime_points IS 'All that was ever earned, even if spent since; less what was taken back by reversal.';
COMMENT ON COLUMN laurel.user_points.points_this_week IS 'Sum of the entries that occurred in the week of week_start. Belongs to a past week until the first entry of a new one: compare week_start.';
COMMENT ON COLUMN laurel.user_points.points_this_month IS 'Sum of the entries that occurred in the month of month_start. Belongs to a past month until the first entry of a new one.';
COMMENT ON COLUMN laurel.user_points.last_entry_no IS 'Number of the account''s last entry.';
COMMENT ON COLUMN laurel.user_points.created_at IS 'When the account was opened.';
COMMENT ON COLUMN laurel.user_points.updated_at IS 'When the account last changed.';
COMMENT ON COLUMN laurel.user_points.current_level IS 'The highest row of laurel.levels that lifetime_points reach.';
COMMENT ON COLUMN laurel.user_points.current_streak IS 'Consecutive days of activity up to last_activity_date.';
COMMENT ON COLUMN laurel.user_points.longest_streak IS 'The longest run of days so far.';
COMMENT ON COLUMN laurel.user_points.tier IS 'The highest row of laurel.tiers that total or lifetime points reach.';
COMMENT ON COLUMN laurel.user_points.week_start IS 'Monday of the week of points_this_week, in the organization''s time zone.';
COMMENT ON COLUMN laurel.user_points.month_start IS 'First day of the month of points_this_month, in the organization''s time zone.';
COMMENT ON COLUMN laurel.user_points.last_activity_date IS 'The last day of activity, in the user''s time zone.';
COMMENT ON COLUMN laurel.user_points.reached_at IS 'When total_points became what it is; breaks ties.';
COMMENT ON COLUMN laurel.user_points.week_reached_at IS 'When points_this_week became what it is; breaks ties.';
COMMENT ON COLUMN laurel.user_points.month_reached_at IS 'When points_this_month became what it is; breaks ties.';
COMMENT ON COLUMN laurel.user_points.last_entry_at IS 'created_at of the last entry.';
COMMENT ON COLUMN laurel.user_points.last_entry_hash IS 'entry_hash of the last entry, from which the chain goes on.';
COMMENT ON COLUMN laurel.user_points.team_id IS 'The member''s team, where teams are used.';

CREATE TABLE laurel_internal.departed_accounts (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    last_entry_no bigint NOT NULL,
    total_points bigint NOT NULL,
    last_entry_hash bytea NOT NULL,
    CONSTRAINT departed_accounts_pkey PRIMARY KEY (organization_id, user_id)
);
COMMENT ON TABLE laurel_internal.departed_accounts IS 'Where the accounts of members who left have ended, so that the end of a history that outlives its account cannot go unnoticed. A row goes when its member comes back.';
COMMENT ON COLUMN laurel_internal.departed_accounts.organization_id IS 'The organization.';
COMMENT ON COLUMN laurel_internal.departed_accounts.user_id IS 'The member who left.';
COMMENT ON COLUMN laurel_internal.departed_accounts.last_entry_no IS 'Number of the account''s last entry.';
COMMENT ON COLUMN laurel_internal.departed_accounts.total_points IS 'The balance after it.';
COMMENT ON COLUMN laurel_internal.departed_accounts.last_entry_hash IS 'Its hash.';

CREATE TABLE laurel.points_ledger (
    id uuid DEFAULT laurel.uuidv7() CONSTRAINT points_ledger_pkey PRIMARY KEY,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    entry_no bigint NOT NULL,
    amount bigint NOT NULL,
    balance_after bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    transaction_type text NOT NULL,
    entry_hash bytea NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    reference_type text,
    reference_id uuid,
    reverses_id uuid,
    created_by uuid,
    reason text,
    idempotency_key text,
    word_salt bytea,
    erased_words bytea[],
    CONSTRAINT points_ledger_entry_no_key UNIQUE (organization_id, user_id, entry_no),
    CONSTRAINT points_ledger_amount_check CHECK (amount <> 0),
    CONSTRAINT points_ledger_balance_after_check CHECK (balance_after >= 0),
    CONSTRAINT points_ledger_occurred_at_check CHECK (occurred_at <= created_at AND isfinite(occurred_at)),
    CONSTRAINT points_ledger_transaction_type_check CHECK (char_length(transaction_type) BETWEEN 1 AND 100),
    CONSTRAINT points_ledger_entry_hash_check CHECK (octet_length(entry_hash) = 32),
    CONSTRAINT points_ledger_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    CONSTRAINT points_ledger_reference_check CHECK ((reference_type IS NULL) = (reference_id IS NULL)),
    CONSTRAINT points_ledger_reason_check CHECK (reference_type IS NOT NULL OR reverses_id IS NOT NULL
        OR erased_words IS NOT NULL OR reason IS NOT NULL AND btrim(reason, E' \t\n\r') <> ''),
    CONSTRAINT points_ledger_idempotency_key_check CHECK (char_length(idempotency_key) BETWEEN 1 AND 255)
);
-- Newest entries of an organization, and of a member by business time; entry_no serves history by record time. Read
-- backwards and kept ascending, so that new entries append.
CREATE INDEX points_ledger_created_idx ON laurel.points_ledger (organization_id, created_at);
CREATE INDEX points_ledger_occurred_idx ON laurel.points_ledger (organization_id, user_id, occurred_at);
-- A retry finds the entry it made; an entry is reversed once; all entries of one event, badge, course.
CREATE UNIQUE INDEX points_ledger_idempotency_key ON laurel.points_ledger (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX points_ledger_reverses_key ON laurel.points_ledger (organization_id, reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX points_ledger_reference_idx ON laurel.points_ledger (organization_id, reference_type, reference_id) WHERE reference_id IS NOT NULL;

COMMENT ON TABLE laurel.points_ledger IS 'Every change of points, for ever: append-only, numbered and hash-chained per account. Outlives its user.';
COMMENT ON COLUMN laurel.points_ledger.id IS 'The entry.';
COMMENT ON COLUMN laurel.points_ledger.organization_id IS 'The organization; the user''s home organization where none is given.';
COMMENT ON COLUMN laurel.points_ledger.user_id IS 'The member, also after the user is deleted.';
COMMENT ON COLUMN laurel.points_ledger.entry_no IS '1, 2, 3 ... within the account; given by the database.';
COMMENT ON COLUMN laurel.points_ledger.amount IS 'Points: positive earned, negative spent or taken; never 0.';
COMMENT ON COLUMN laurel.points_ledger.balance_after IS 'The account''s total after this entry; a value that comes with the row is checked.';
COMMENT ON COLUMN laurel.points_ledger.occurred_at IS 'Business time: decides the week and month the points count for; never in the future. Now where none is given.';
COMMENT ON COLUMN laurel.points_ledger.created_at IS 'When the entry was recorded, by the clock under the account''s lock; ascends with entry_no.';
COMMENT ON COLUMN laurel.points_ledger.transaction_type IS 'What happened, such as badge_earned or module_completed.';
COMMENT ON COLUMN laurel.points_ledger.entry_hash IS 'SHA-256 over the previous entry''s hash and this entry; laurel.verify_ledger() recomputes it.';
COMMENT ON COLUMN laurel.points_ledger.metadata IS 'Open data, an object of at most 64 kB and 32 levels.';
COMMENT ON COLUMN laurel.points_ledger.reference_type IS 'What the points are for, a name of laurel.reference_types; null for a manual adjustment.';
COMMENT ON COLUMN laurel.points_ledger.reference_id IS 'The row of that type in the same organization; it existed when the entry was made.';
COMMENT ON COLUMN laurel.points_ledger.reverses_id IS 'The entry of the same account that this one takes back.';
COMMENT ON COLUMN laurel.points_ledger.created_by IS 'Who recorded it: the caller, null for a service.';
COMMENT ON COLUMN laurel.points_ledger.reason IS 'Why; required for a manual adjustment; at most 2,000 characters.';
COMMENT ON COLUMN laurel.points_ledger.idempotency_key IS 'The caller''s own key: a retry with the same key changes nothing.';
COMMENT ON COLUMN laurel.points_ledger.word_salt IS 'With it reason, metadata and idempotency_key enter entry_hash, each as SHA-256 over salt and text; given by the database where the entry has such words. Tells nothing to whom the words are visible anyway.';
COMMENT ON COLUMN laurel.points_ledger.erased_words IS 'Null while the entry has its words. Once they are erased, the digests of reason, metadata and idempotency_key that entry_hash was made of.';

CREATE TABLE laurel.domain_events (
    id uuid DEFAULT laurel.uuidv7() CONSTRAINT domain_events_pkey PRIMARY KEY,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT domain_events_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations ON DELETE CASCADE,
    CONSTRAINT domain_events_type_check CHECK (char_length(type) BETWEEN 1 AND 100),
    CONSTRAINT domain_events_data_check CHECK (laurel_internal.check_json(data, 'domain_events', 'data'))
);
-- A member's events, newest first; an organization's by type.
CREATE INDEX domain_events_user_idx ON laurel.domain_events (organization_id, user_id, occurred_at DESC);
CREATE INDEX domain_events_type_idx ON laurel.domain_events (organization_id, type, occurred_at DESC);
COMMENT ON TABLE laurel.domain_events IS 'What happened to a member, for rules and feeds: tier_changed {"from", "to"}, badge_earned {"badge_id", "slug", "points"}.';
COMMENT ON COLUMN laurel.domain_events.id IS 'The event.';
COMMENT ON COLUMN laurel.domain_events.organization_id IS 'The organization.';
COMMENT ON COLUMN laurel.domain_events.user_id IS 'The member.';
COMMENT ON COLUMN laurel.domain_events.type IS 'The kind of event.';
COMMENT ON COLUMN laurel.domain_events.data IS 'What there is to know, an object of at most 64 kB and 32 levels.';
COMMENT ON COLUMN laurel.domain_events.occurred_at IS 'When.';

CREATE TABLE laurel.daily_activity (
    id uuid DEFAULT laurel.uuidv7() CONSTRAINT daily_activity_pkey PRIMARY KEY,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    date date NOT NULL,
    last_activity_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT daily_activity_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations ON DELETE CASCADE,
    CONSTRAINT daily_activity_date_key UNIQUE (organization_id, user_id, date)
);
COMMENT ON TABLE laurel.daily_activity IS 'One row per member and local day with activity; streaks follow from it.';
COMMENT ON COLUMN laurel.daily_activity.id IS 'The row.';
COMMENT ON COLUMN laurel.daily_activity.organization_id IS 'The organization.';
COMMENT ON COLUMN laurel.daily_activity.user_id IS 'The member.';
COMMENT ON COLUMN laurel.daily_activity.date IS 'The day in the user''s time zone; that of last_activity_at where none is given. Never in the future.';
COMMENT ON COLUMN laurel.daily_activity.last_activity_at IS 'The last activity of that day.';

CREATE TABLE laurel.leaderboard_standings (
    organization_id uuid NOT NULL,
    period text NOT NULL,
    period_start date NOT NULL,
    user_id uuid NOT NULL,
    points bigint NOT NULL,
    rank bigint NOT NULL,
    reached_at timestamptz NOT NULL,
    frozen_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT leaderboard_standings_pkey PRIMARY KEY (organization_id, period, period_start, user_id),
    CONSTRAINT leaderboard_standings_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations ON DELETE CASCADE,
    CONSTRAINT leaderboard_standings_period_check CHECK (period IN ('weekly', 'monthly')),
    CONSTRAINT leaderboard_standings_rank_check CHECK (rank >= 1)
);
-- A finished period in the order of its ranks; a member's past ranks.
CREATE INDEX leaderboard_standings_rank_idx ON laurel.leaderboard_standings (organization_id, period, period_start, rank, reached_at, user_id);
CREATE INDEX leaderboard_standings_user_idx ON laurel.leaderboard_standings (organization_id, user_id);
COMMENT ON TABLE laurel.leaderboard_standings IS 'Finished weeks and months, frozen by laurel.freeze_leaderboard.';
COMMENT ON COLUMN laurel.leaderboard_standings.organization_id IS 'The organization.';
COMMENT ON COLUMN laurel.leaderboard_standings.period IS 'weekly or monthly.';
COMMENT ON COLUMN laurel.leaderboard_standings.period_start IS 'First day of the period in the organization''s time zone.';
COMMENT ON COLUMN laurel.leaderboard_standings.user_id IS 'The member.';
COMMENT ON COLUMN laurel.leaderboard_standings.points IS 'Points of the period.';
COMMENT ON COLUMN laurel.leaderboard_standings.rank IS 'Rank in the period; ties share one.';
COMMENT ON COLUMN laurel.leaderboard_standings.reached_at IS 'When the points of the period became what they are; orders ties.';
COMMENT ON COLUMN laurel.leaderboard_standings.frozen_at IS 'When the period was frozen.';

CREATE TABLE laurel_internal.points_settings_changes (nothing boolean);
COMMENT ON TABLE laurel_internal.points_settings_changes IS 'Stores nothing: its relation-cache invalidation tells every session that tiers, levels or time zones have changed.';
COMMENT ON COLUMN laurel_internal.points_settings_changes.nothing IS 'Never filled.';

-- The ledger: numbered row by row, booked when the statement ends, never changed.
CREATE TRIGGER a_begin_posting BEFORE INSERT ON laurel.points_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.begin_posting();
CREATE TRIGGER z_post_entry BEFORE INSERT ON laurel.points_ledger
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.post_entry();
CREATE TRIGGER a_finish_posting AFTER INSERT ON laurel.points_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.finish_posting();
CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE OR TRUNCATE ON laurel.points_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_history();

-- The accounts: opened with the membership, resumed from what the ledger already says, written by the ledger alone.
CREATE TRIGGER open_accounts AFTER INSERT ON laurel.user_organizations
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.open_accounts();
CREATE TRIGGER resume_accounts AFTER INSERT ON laurel.user_points
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.resume_accounts();
CREATE TRIGGER guard_balances BEFORE UPDATE OF organization_id, user_id, total_points, lifetime_points, points_this_week,
    points_this_month, last_entry_no, current_level, current_streak, longest_streak, tier, week_start, month_start,
    last_activity_date, reached_at, week_reached_at, month_reached_at, last_entry_at, last_entry_hash
    OR TRUNCATE ON laurel.user_points
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.guard_balances();
CREATE TRIGGER close_account AFTER DELETE ON laurel.user_points
    FOR EACH ROW WHEN (OLD.last_entry_no > 0) EXECUTE FUNCTION laurel_internal.close_account();
CREATE TRIGGER guard_departed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON laurel_internal.departed_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.guard_departed();
CREATE TRIGGER check_balances AFTER UPDATE ON laurel.user_points
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.check_balances();

-- Tiers and levels: every organization has its own; a change reaches every account and every session.
CREATE TRIGGER open_organizations AFTER INSERT ON laurel.organizations
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.open_organizations();
CREATE TRIGGER retier_inserted AFTER INSERT ON laurel.tiers
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.retier_accounts();
CREATE TRIGGER retier_updated AFTER UPDATE ON laurel.tiers
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.retier_accounts();
CREATE TRIGGER retier_deleted AFTER DELETE ON laurel.tiers
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.retier_accounts();
CREATE TRIGGER relevel_inserted AFTER INSERT ON laurel.levels
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.retier_accounts();
CREATE TRIGGER relevel_updated AFTER UPDATE ON laurel.levels
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.retier_accounts();
CREATE TRIGGER relevel_deleted AFTER DELETE ON laurel.levels
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.retier_accounts();
CREATE TRIGGER keep_organization BEFORE UPDATE OF organization_id ON laurel.tiers
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.keep_organization();
CREATE TRIGGER keep_organization BEFORE UPDATE OF organization_id ON laurel.levels
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.keep_organization();
CREATE TRIGGER retier_organizations AFTER UPDATE ON laurel.organizations
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.retier_organizations();

-- Streaks.
CREATE TRIGGER b_fill_activity_date BEFORE INSERT OR UPDATE ON laurel.daily_activity
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.fill_activity_date();
CREATE TRIGGER follow_streaks AFTER INSERT ON laurel.daily_activity
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_streaks();
CREATE TRIGGER follow_streaks_updated AFTER UPDATE ON laurel.daily_activity
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_streaks();
CREATE TRIGGER follow_streaks_deleted AFTER DELETE ON laurel.daily_activity
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_streaks();
CREATE TRIGGER follow_streaks_truncated AFTER TRUNCATE ON laurel.daily_activity
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_streaks();

SELECT laurel_internal.add_tenant_triggers('laurel.domain_events');
SELECT laurel_internal.add_tenant_triggers('laurel.daily_activity');
SELECT laurel_internal.add_tenant_triggers('laurel.leaderboard_standings');
SELECT laurel_internal.add_tenant_triggers('laurel.user_points');

ALTER TABLE laurel_internal.departed_accounts ENABLE ROW LEVEL SECURITY;
SELECT laurel_internal.protect('laurel.user_points', 'personal', writer => 'nobody');
-- An account comes and goes with its membership.
REVOKE INSERT, DELETE ON laurel.user_points FROM service_role;
SELECT laurel_internal.protect('laurel.points_ledger', 'personal', writer => 'nobody');
SELECT laurel_internal.allow('laurel.points_ledger', 'INSERT', 'authenticated', 'administrators insert', NULL,
    'organization_id = laurel.org_id() AND laurel.administers(organization_id)');
SELECT laurel_internal.protect('laurel.domain_events', 'personal', writer => 'nobody');
SELECT laurel_internal.protect('laurel.daily_activity', 'personal', writer => 'nobody');
SELECT laurel_internal.protect('laurel.leaderboard_standings', 'administrative', writer => 'nobody');
SELECT laurel_internal.protect('laurel.tiers', 'catalogue');
-- An organization has all tiers, so that none is deleted.
DROP POLICY "administrators delete" ON laurel.tiers;
REVOKE DELETE ON laurel.tiers FROM authenticated;
SELECT laurel_internal.protect('laurel.levels', 'catalogue');
ALTER TABLE laurel.reference_types ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON laurel.reference_types TO service_role;
SELECT laurel_internal.allow('laurel.reference_types', 'SELECT', 'authenticated', 'everybody reads', 'true');

-- Organizations and members that were there before.
INSERT INTO laurel.tiers (organization_id, tier, min_points)
    SELECT o.id, d.tier, d.min_points FROM ONLY laurel.organizations o CROSS JOIN laurel_internal.default_tiers() d;
INSERT INTO laurel.levels (organization_id, level, min_points)
    SELECT o.id, d.level, d.min_points FROM ONLY laurel.organizations o CROSS JOIN laurel_internal.default_levels() d;
INSERT INTO laurel.user_points (organization_id, user_id)
    SELECT organization_id, user_id FROM ONLY laurel.user_organizations;

CREATE VIEW laurel.point_transactions WITH (security_invoker = true) AS
    SELECT id, user_id, amount AS points, transaction_type AS activity_type, metadata,
           occurred_at AS "timestamp", reason, organization_id
    FROM ONLY laurel.points_ledger;
ALTER VIEW laurel.point_transactions ALTER COLUMN reason SET DEFAULT 'recorded as a point transaction';
GRANT SELECT, INSERT ON laurel.point_transactions TO authenticated, service_role;
COMMENT ON VIEW laurel.point_transactions IS 'points_ledger under other names: points, activity_type, timestamp. Takes SELECT and INSERT. Entries that are archived stand in points_history.';
COMMENT ON COLUMN laurel.point_transactions.id IS 'The entry.';
COMMENT ON COLUMN laurel.point_transactions.user_id IS 'The member.';
COMMENT ON COLUMN laurel.point_transactions.points IS 'points_ledger.amount.';
COMMENT ON COLUMN laurel.point_transactions.activity_type IS 'points_ledger.transaction_type.';
COMMENT ON COLUMN laurel.point_transactions.metadata IS 'points_ledger.metadata.';
COMMENT ON COLUMN laurel.point_transactions."timestamp" IS 'points_ledger.occurred_at.';
COMMENT ON COLUMN laurel.point_transactions.reason IS 'points_ledger.reason; filled in where none is given.';
COMMENT ON COLUMN laurel.point_transactions.organization_id IS 'The organization; the user''s home organization where none is given.';

CREATE VIEW laurel.leaderboard_weekly WITH (security_invoker = true) AS
    SELECT user_id, points AS weekly_points, rank FROM laurel.standings('weekly');
CREATE VIEW laurel.leaderboard_monthly WITH (security_invoker = true) AS
    SELECT user_id, points AS monthly_points, rank FROM laurel.standings('monthly');
GRANT SELECT ON laurel.leaderboard_weekly, laurel.leaderboard_monthly TO authenticated, service_role;
COMMENT ON VIEW laurel.leaderboard_weekly IS 'This week''s points and ranks in the active organization, live; members who are hidden are left out, anonymous ones have no user_id.';
COMMENT ON COLUMN laurel.leaderboard_weekly.user_id IS 'The member; null for one who is anonymous.';
COMMENT ON COLUMN laurel.leaderboard_weekly.weekly_points IS 'Points of this week.';
COMMENT ON COLUMN laurel.leaderboard_weekly.rank IS 'Rank; ties share one.';
COMMENT ON VIEW laurel.leaderboard_monthly IS 'This month''s points and ranks in the active organization, live; members who are hidden are left out, anonymous ones have no user_id.';
COMMENT ON COLUMN laurel.leaderboard_monthly.user_id IS 'The member; null for one who is anonymous.';
COMMENT ON COLUMN laurel.leaderboard_monthly.monthly_points IS 'Points of this month.';
COMMENT ON COLUMN laurel.leaderboard_monthly.rank IS 'Rank; ties share one.';

-- Down Migration
DROP TRIGGER retier_organizations ON laurel.organizations;
DROP TRIGGER open_organizations ON laurel.organizations;
DROP TRIGGER open_accounts ON laurel.user_organizations;
DROP VIEW laurel.leaderboard_monthly;
DROP VIEW laurel.leaderboard_weekly;
DROP VIEW laurel.point_transactions;
DROP TABLE laurel_internal.points_settings_changes;
DROP TABLE laurel.leaderboard_standings;
DROP TABLE laurel.daily_activity;
DROP TABLE laurel.domain_events;
DROP TABLE laurel.points_ledger;
DROP TABLE laurel_internal.departed_accounts;
DROP TABLE laurel.user_points;
DROP TABLE laurel.levels;
DROP TABLE laurel.tiers;
DROP TABLE laurel.reference_types;
