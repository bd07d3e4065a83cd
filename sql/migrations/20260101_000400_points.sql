-- Up Migration
-- Points: the ledger, the accounts it adds up to, tiers, levels, streaks and frozen leaderboards.

CREATE TABLE laurel.reference_types (
    name text CONSTRAINT reference_types_pkey PRIMARY KEY,
    table_name text NOT NULL,
    CONSTRAINT reference_types_name_check CHECK (octet_length(name) BETWEEN 1 AND 100)
);
CREATE TRIGGER register_reference_type BEFORE INSERT OR UPDATE ON laurel.reference_types
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.register_reference_type();
SELECT laurel_internal.explain('laurel.reference_types', 'What a ledger entry may refer to, and the table in which it must exist.', '{
    "name": "The word in reference_type, such as Badge.",
    "table_name": "The table with its schema, as quote_ident writes them; it has organization_id and id of type uuid. No view, no foreign or temporary table. Looked up as it is written, never by a search path."}');

INSERT INTO laurel.reference_types (name, table_name) VALUES ('Course', 'laurel.courses');

CREATE TABLE laurel.tiers (
    organization_id uuid NOT NULL,
    tier text NOT NULL,
    min_points bigint NOT NULL,
    CONSTRAINT tiers_pkey PRIMARY KEY (organization_id, tier),
    CONSTRAINT tiers_organization_id_fkey FOREIGN KEY (organization_id)
        REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    CONSTRAINT tiers_tier_check CHECK (tier IN ('bronze', 'silver', 'gold', 'platinum')),
    CONSTRAINT tiers_min_points_check CHECK (min_points >= 0 AND (tier <> 'bronze' OR min_points = 0))
);
SELECT laurel_internal.explain('laurel.tiers', 'Where each tier begins in an organization. Four rows, ascending; changing them re-tiers every account at once.', '{
    "tier": "bronze, silver, gold or platinum.",
    "min_points": "Points from which the tier applies; 0 for bronze. The basis is organizations.tier_basis."}');

CREATE TABLE laurel.levels (
    organization_id uuid NOT NULL,
    level integer NOT NULL,
    min_points bigint NOT NULL,
    CONSTRAINT levels_pkey PRIMARY KEY (organization_id, level),
    CONSTRAINT levels_organization_id_fkey FOREIGN KEY (organization_id)
        REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    CONSTRAINT levels_level_check CHECK (level BETWEEN 1 AND 1000),
    CONSTRAINT levels_min_points_check CHECK (min_points >= 0 AND (level <> 1 OR min_points = 0))
);
SELECT laurel_internal.explain('laurel.levels', 'Where each level begins in an organization, by lifetime points, so that spending never lowers a level.', '{
    "level": "1, 2, 3 ... without gaps.",
    "min_points": "Lifetime points from which the level applies; 0 for level 1, then ascending."}');

CREATE TABLE laurel.user_points (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    total_points bigint NOT NULL DEFAULT 0,
    lifetime_points bigint NOT NULL DEFAULT 0,
    points_this_week bigint NOT NULL DEFAULT 0,
    points_this_month bigint NOT NULL DEFAULT 0,
    points_held bigint NOT NULL DEFAULT 0,
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
    rolling_points bigint,
    rolling_from date,
    tier_kept_until date,
    -- Begins with the user, so that one index serves who asks for a user alone, too: every award writes to all of them.
    CONSTRAINT user_points_pkey PRIMARY KEY (user_id, organization_id),
    -- In the order of the primary key: generators see one account for a membership, and so does PostgREST.
    CONSTRAINT user_points_membership_fkey FOREIGN KEY (user_id, organization_id)
        REFERENCES laurel.user_organizations (user_id, organization_id) ON DELETE CASCADE,
    -- All ranges, each refused under a name of its own.
    CONSTRAINT user_points_ranges_check CHECK (laurel_internal.check_account(total_points, lifetime_points, points_held, tier, current_level,
        current_streak, longest_streak, last_entry_hash))
) WITH (fillfactor = 80);
-- Leaderboards: all time, week and month, each in the order of its ranks.
CREATE INDEX user_points_total_idx ON laurel.user_points (organization_id, total_points DESC, reached_at, user_id);
CREATE INDEX user_points_week_idx ON laurel.user_points (organization_id, week_start, points_this_week DESC, week_reached_at, user_id);
CREATE INDEX user_points_month_idx ON laurel.user_points (organization_id, month_start, points_this_month DESC, month_reached_at, user_id);
-- Members of a tier, but the one in which all begin; members of a team.
CREATE INDEX user_points_tier_idx ON laurel.user_points (organization_id, tier) WHERE tier <> 'bronze';
CREATE INDEX user_points_team_idx ON laurel.user_points (organization_id, team_id, user_id) WHERE team_id IS NOT NULL;

SELECT laurel_internal.explain('laurel.user_points', 'The points account of a member: what points_ledger adds up to. Nobody but the ledger writes its balances.', '{
    "total_points": "The balance: sum of all entries. Never negative.",
    "lifetime_points": "All that was ever earned, even if spent since; less what was taken back by reversal.",
    "points_this_week": "Sum of the entries that occurred in the week of week_start. Belongs to a past week until the first entry of a new one: compare week_start.",
    "points_this_month": "Sum of the entries that occurred in the month of month_start. Belongs to a past month until the first entry of a new one.",
    "points_held": "Points of the balance that are kept for something: what point_holds add up to. total_points - points_held are available.",
    "last_entry_no": "Number of the account''s last entry.",
    "created_at": "When the account was opened.",
    "updated_at": "When the account last changed.",
    "current_level": "The highest row of laurel.levels that lifetime_points reach.",
    "current_streak": "Consecutive days of activity up to last_activity_date.",
    "longest_streak": "The longest run of days so far.",
    "tier": "The highest row of laurel.tiers that the points of organizations.tier_basis reach; or a higher one until tier_kept_until.",
    "week_start": "Monday of the week of points_this_week, in the organization''s time zone.",
    "month_start": "First day of the month of points_this_month, in the organization''s time zone.",
    "last_activity_date": "The last day of activity, in the user''s time zone.",
    "reached_at": "When total_points became what it is; breaks ties.",
    "week_reached_at": "When points_this_week became what it is; breaks ties.",
    "month_reached_at": "When points_this_month became what it is; breaks ties.",
    "last_entry_at": "created_at of the last entry.",
    "last_entry_hash": "entry_hash of the last entry, from which the chain goes on.",
    "team_id": "The member''s team, where teams are used.",
    "rolling_points": "What was earned since rolling_from, even if spent since; less what was taken back by reversal. Null where organizations.tier_basis is not rolling.",
    "rolling_from": "The first day of the window of rolling_points, in the organization''s time zone. Moves on each day, by the first entry or by the job tiers.",
    "tier_kept_until": "The last day on which the tier is kept although its points are lost; null: the points are there."}');

CREATE TABLE laurel_internal.departed_accounts (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    last_entry_no bigint NOT NULL,
    total_points bigint NOT NULL,
    last_entry_hash bytea NOT NULL,
    CONSTRAINT departed_accounts_pkey PRIMARY KEY (organization_id, user_id)
);
SELECT laurel_internal.explain('laurel_internal.departed_accounts', 'Where the accounts of members who left have ended, so that the end of a history that outlives its account cannot go unnoticed. A row goes when its member comes back.', '{
    "user_id": "The member who left.",
    "last_entry_no": "Number of the account''s last entry.",
    "total_points": "The balance after it.",
    "last_entry_hash": "Its hash."}');

CREATE TABLE laurel.points_ledger (
    id uuid DEFAULT laurel.uuidv7() CONSTRAINT points_ledger_pkey PRIMARY KEY,
    organization_id uuid NOT NULL DEFAULT laurel_internal.assigned()::uuid,
    user_id uuid NOT NULL,
    entry_no bigint NOT NULL DEFAULT laurel_internal.assigned()::bigint,
    amount bigint NOT NULL,
    balance_after bigint NOT NULL DEFAULT laurel_internal.assigned()::bigint,
    occurred_at timestamptz NOT NULL DEFAULT laurel_internal.assigned()::timestamptz,
    created_at timestamptz NOT NULL DEFAULT laurel_internal.assigned()::timestamptz,
    transaction_type text NOT NULL,
    entry_hash bytea NOT NULL DEFAULT laurel_internal.assigned()::bytea,
    metadata jsonb NOT NULL DEFAULT '{}',
    reference_type text,
    reference_id uuid,
    reverses_id uuid,
    created_by uuid,
    reason text,
    idempotency_key text,
    word_salt bytea,
    erased_words bytea[],
    -- The organization's key of an entry, and its replica identity: nothing refers to (organization_id, id), which would cost a
    -- tenth of every bulk. Begins with the user, so that it also serves who asks for a user alone.
    CONSTRAINT points_ledger_entry_no_key UNIQUE (user_id, organization_id, entry_no),
    -- All ranges, each refused under a name of its own.
    CONSTRAINT points_ledger_ranges_check CHECK (laurel_internal.check_entry(amount, balance_after, occurred_at, created_at, transaction_type,
        entry_hash, metadata, reference_type, reference_id, reverses_id, erased_words, reason, idempotency_key))
);
-- Newest entries of an organization; entry_no serves a member's history. Read backwards and kept ascending, so that new
-- entries append.
CREATE INDEX points_ledger_created_idx ON laurel.points_ledger (organization_id, created_at);
-- A retry finds the entry it made; an entry is reversed once; all entries of one event, badge, course.
CREATE UNIQUE INDEX points_ledger_idempotency_key ON laurel.points_ledger (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX points_ledger_reverses_key ON laurel.points_ledger (organization_id, reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX points_ledger_reference_idx ON laurel.points_ledger (organization_id, reference_type, reference_id) WHERE reference_id IS NOT NULL;

SELECT laurel_internal.explain('laurel.points_ledger', 'Every change of points, for ever: append-only, numbered and hash-chained per account. Outlives its user.', '{
    "id": "The entry.",
    "organization_id": "The organization; where none is given the one in which a client acts, else the user''s home.",
    "user_id": "The member, also after the user is deleted.",
    "entry_no": "1, 2, 3 ... within the account; given by the database.",
    "amount": "Points: positive earned, negative spent or taken; never 0.",
    "balance_after": "The account''s total after this entry; a value that comes with the row is checked.",
    "occurred_at": "Business time: decides the week and month the points count for; never in the future. Now where none is given.",
    "created_at": "When the entry was recorded, by the clock under the account''s lock; ascends with entry_no.",
    "transaction_type": "What happened, such as badge_earned or module_completed.",
    "entry_hash": "SHA-256 over the previous entry''s hash and this entry; laurel.verify_ledger() recomputes it.",
    "metadata": "Open data, an object of at most 64 kB and 32 levels.",
    "reference_type": "What the points are for, a name of laurel.reference_types; null for a manual adjustment.",
    "reference_id": "The row of that type in the same organization; it existed when the entry was made.",
    "reverses_id": "The entry of the same account that this one takes back.",
    "created_by": "Who recorded it: the caller, null for a service.",
    "reason": "Why; required for a manual adjustment; at most 2,000 characters.",
    "idempotency_key": "The caller''s own key: a retry with the same key changes nothing.",
    "word_salt": "With it reason, metadata and idempotency_key enter entry_hash, each as SHA-256 over salt and text; given by the database where the entry has such words. Tells nothing to whom the words are visible anyway.",
    "erased_words": "Null while the entry has its words. Once they are erased, the digests of reason, metadata and idempotency_key that entry_hash was made of."}');

CREATE TABLE laurel.domain_events (
    id uuid DEFAULT laurel.uuidv7() CONSTRAINT domain_events_pkey PRIMARY KEY,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT domain_events_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT domain_events_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT domain_events_type_check CHECK (char_length(type) BETWEEN 1 AND 100),
    CONSTRAINT domain_events_data_check CHECK (laurel_internal.check_json(data, 'domain_events', 'data'))
);
-- A member's events, newest first; how many there are of a type, in some time; an organization's by type.
CREATE INDEX domain_events_user_idx ON laurel.domain_events (user_id, organization_id, occurred_at DESC);
CREATE INDEX domain_events_counted_idx ON laurel.domain_events (user_id, organization_id, type, occurred_at);
CREATE INDEX domain_events_type_idx ON laurel.domain_events (organization_id, type, occurred_at DESC);
SELECT laurel_internal.explain('laurel.domain_events', 'What happened to a member, for rules and feeds: tier_changed {"from", "to"}, badge_earned {"badge_id", "slug", "points"}, course_completed {"course_id"}, team_joined {"team_id", "role"}.', '{
    "id": "The event.",
    "type": "The kind of event.",
    "data": "What there is to know, an object of at most 64 kB and 32 levels.",
    "occurred_at": "When."}');

CREATE TABLE laurel.daily_activity (
    id uuid DEFAULT laurel.uuidv7() CONSTRAINT daily_activity_pkey PRIMARY KEY,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    date date NOT NULL DEFAULT laurel_internal.assigned()::date,
    first_activity_at timestamptz NOT NULL DEFAULT laurel_internal.assigned()::timestamptz,
    last_activity_at timestamptz NOT NULL DEFAULT now(),
    time_zone text,
    freezes_used integer NOT NULL DEFAULT 0,
    CONSTRAINT daily_activity_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT daily_activity_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT daily_activity_date_key UNIQUE (organization_id, user_id, date)
);
-- A user's days.
CREATE INDEX daily_activity_user_id_idx ON laurel.daily_activity (user_id, organization_id);
SELECT laurel_internal.explain('laurel.daily_activity', 'One row per member and local day with activity; streaks follow from it.', '{
    "id": "The row.",
    "date": "The day in the user''s time zone; that of last_activity_at where none is given. Never in the future.",
    "first_activity_at": "The first activity of that day.",
    "last_activity_at": "The last activity of that day.",
    "time_zone": "Where the member was then; null where the day was given and is not that of last_activity_at there.",
    "freezes_used": "How many days before it were missed and stand in streak_freezes, so that the streak goes on; given by the database."}');

CREATE TABLE laurel.streak_settings (
    organization_id uuid CONSTRAINT streak_settings_pkey PRIMARY KEY CONSTRAINT streak_settings_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    days_per_freeze integer NOT NULL DEFAULT 7 CONSTRAINT streak_settings_days_per_freeze_check CHECK (days_per_freeze BETWEEN 1 AND 1000),
    most_held integer NOT NULL DEFAULT 2 CONSTRAINT streak_settings_most_held_check CHECK (most_held BETWEEN 1 AND 30),
    updated_at timestamptz NOT NULL DEFAULT now()
);
SELECT laurel_internal.explain('laurel.streak_settings', 'Freezes of streaks in an organization: without a row there are none.', '{
    "days_per_freeze": "After how many days of a streak, and after as many again, its member gets a freeze; 1 to 1000.",
    "most_held": "How many freezes a member has at most; 1 to 30. Who has as many gets none."}');

CREATE TABLE laurel.streak_freezes (
    id uuid DEFAULT laurel.uuidv7() CONSTRAINT streak_freezes_pkey PRIMARY KEY,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    earned_on date NOT NULL DEFAULT CURRENT_DATE,
    used_for date,
    used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT streak_freezes_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT streak_freezes_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT streak_freezes_earned_on_key UNIQUE (organization_id, user_id, earned_on),
    CONSTRAINT streak_freezes_used_for_key UNIQUE (organization_id, user_id, used_for),
    CONSTRAINT streak_freezes_used_at_check CHECK ((used_for IS NULL) = (used_at IS NULL))
);
-- A member's freezes.
CREATE INDEX streak_freezes_user_id_idx ON laurel.streak_freezes (user_id, organization_id);
SELECT laurel_internal.explain('laurel.streak_freezes', 'Freezes that members have earned, a row each. The next activity after days that were missed uses one for each of them, the oldest first, where there are enough: the streak goes on, without those days.', '{
    "id": "The freeze.",
    "earned_on": "The day of activity that brought it.",
    "used_for": "The day that was missed; null: it is there still.",
    "used_at": "When it was used."}');

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
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT leaderboard_standings_period_check CHECK (period IN ('weekly', 'monthly')),
    CONSTRAINT leaderboard_standings_rank_check CHECK (rank >= 1)
);
-- A finished period in the order of its ranks; a member's past ranks.
CREATE INDEX leaderboard_standings_rank_idx ON laurel.leaderboard_standings (organization_id, period, period_start, rank, reached_at, user_id);
CREATE INDEX leaderboard_standings_user_idx ON laurel.leaderboard_standings (user_id, organization_id);
SELECT laurel_internal.explain('laurel.leaderboard_standings', 'Finished weeks and months, frozen by laurel.freeze_leaderboard.', '{
    "period": "weekly or monthly.",
    "period_start": "First day of the period in the organization''s time zone.",
    "points": "Points of the period.",
    "rank": "Rank in the period; ties share one.",
    "reached_at": "When the points of the period became what they are; orders ties.",
    "frozen_at": "When the period was frozen."}');

CREATE TABLE laurel_internal.points_settings_changes (nothing boolean);
SELECT laurel_internal.explain('laurel_internal.points_settings_changes', 'Stores nothing: its relation-cache invalidation tells every session that tiers, levels or time zones have changed.', '{
    "nothing": "Never filled."}');

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
    last_activity_date, reached_at, week_reached_at, month_reached_at, last_entry_at, last_entry_hash, rolling_points, rolling_from, tier_kept_until
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
SELECT laurel_internal.hold_organization('laurel.tiers'), laurel_internal.hold_organization('laurel.levels');
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

SELECT laurel_internal.add_tenant_triggers('laurel.domain_events'), laurel_internal.add_tenant_triggers('laurel.daily_activity'),
       laurel_internal.add_tenant_triggers('laurel.streak_settings'), laurel_internal.add_tenant_triggers('laurel.streak_freezes'),
       laurel_internal.keep('laurel.daily_activity', 'freezes_used'),
       laurel_internal.add_tenant_triggers('laurel.leaderboard_standings'), laurel_internal.add_tenant_triggers('laurel.user_points', looked_at => true),
       laurel_internal.set_replica_identity('laurel.points_ledger'), laurel_internal.set_replica_identity('laurel_internal.departed_accounts'),
       laurel_internal.set_replica_identity('laurel.tiers'), laurel_internal.set_replica_identity('laurel.levels');

-- An account comes and goes with its membership. An organization has all tiers, so that none is deleted.
SELECT laurel_internal.protect('laurel.user_points', 'personal', commands => '{"service_role": "SELECT, UPDATE"}'),
       laurel_internal.protect('laurel_internal.departed_accounts', 'internal'),
       laurel_internal.protect('laurel.points_ledger', 'personal', commands => '{"administrators": "INSERT"}'),
       laurel_internal.protect('laurel.domain_events', 'personal', commands => '{}'),
       laurel_internal.protect('laurel.daily_activity', 'personal', commands => '{}'),
       laurel_internal.protect('laurel.streak_settings', 'catalogue'),
       laurel_internal.protect('laurel.streak_freezes', 'personal', commands => '{"service_role": "SELECT, INSERT"}', writes => '{"INSERT": "id, organization_id, user_id, earned_on"}'),
       laurel_internal.protect('laurel.leaderboard_standings', 'administrative', commands => '{}'),
       laurel_internal.protect('laurel.tiers', 'catalogue', commands => '{"administrators": "INSERT, UPDATE"}'),
       laurel_internal.protect('laurel.levels', 'catalogue'),
       laurel_internal.protect('laurel.reference_types', 'common', commands => '{"service_role": "SELECT"}');

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
SELECT laurel_internal.protect('laurel.point_transactions', 'view', commands => '{"authenticated": "SELECT, INSERT"}');
SELECT laurel_internal.explain('laurel.point_transactions', 'points_ledger under other names: points, activity_type, timestamp. Takes SELECT and INSERT. Entries that are archived stand in points_history.', '{
    "user_id": "The member.",
    "points": "points_ledger.amount.",
    "activity_type": "points_ledger.transaction_type.",
    "metadata": "points_ledger.metadata.",
    "timestamp": "points_ledger.occurred_at.",
    "reason": "points_ledger.reason; filled in where none is given."}');

CREATE VIEW laurel.leaderboard_weekly WITH (security_invoker = true) AS
    SELECT user_id, points AS weekly_points, rank FROM laurel.standings('weekly');
CREATE VIEW laurel.leaderboard_monthly WITH (security_invoker = true) AS
    SELECT user_id, points AS monthly_points, rank FROM laurel.standings('monthly');
SELECT laurel_internal.protect('laurel.leaderboard_weekly', 'view'), laurel_internal.protect('laurel.leaderboard_monthly', 'view');
SELECT laurel_internal.explain('laurel.leaderboard_weekly', 'This week''s points and ranks in the active organization, live; members who are hidden are left out, anonymous ones have no user_id.', '{
    "user_id": "The member; null for one who is anonymous.",
    "weekly_points": "Points of this week.",
    "rank": "Rank; ties share one."}');
SELECT laurel_internal.explain('laurel.leaderboard_monthly', 'This month''s points and ranks in the active organization, live; members who are hidden are left out, anonymous ones have no user_id.', '{
    "user_id": "The member; null for one who is anonymous.",
    "monthly_points": "Points of this month.",
    "rank": "Rank; ties share one."}');

SELECT laurel_internal.member('laurel.user_points'),
       laurel_internal.member('laurel.points_ledger'),
       laurel_internal.member('laurel.domain_events'),
       laurel_internal.member('laurel.daily_activity'),
       laurel_internal.member('laurel.streak_freezes'),
       laurel_internal.member('laurel.leaderboard_standings'),
       laurel_internal.member('laurel.point_transactions'),
       laurel_internal.member('laurel.leaderboard_weekly'),
       laurel_internal.member('laurel.leaderboard_monthly');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.tiers', '{tier, min_points}'),
       laurel_internal.audited('laurel.streak_settings', '{days_per_freeze, most_held}'),
       laurel_internal.audited('laurel.points_ledger', '{entry_no, amount, transaction_type, created_by, reverses_id}', '{reason}', commands => 'INSERT', condition => $$ NEW.reference_type IS NULL OR NEW.created_by IS NOT NULL $$);

-- Down Migration
DROP FUNCTION laurel.member(laurel.user_points), laurel.member(laurel.points_ledger),
    laurel.member(laurel.domain_events), laurel.member(laurel.daily_activity), laurel.member(laurel.streak_freezes),
    laurel.member(laurel.leaderboard_standings), laurel.member(laurel.point_transactions),
    laurel.member(laurel.leaderboard_weekly), laurel.member(laurel.leaderboard_monthly);
DROP TRIGGER retier_organizations ON laurel.organizations;
DROP TRIGGER open_organizations ON laurel.organizations;
DROP TRIGGER open_accounts ON laurel.user_organizations;
DROP VIEW laurel.leaderboard_monthly;
DROP VIEW laurel.leaderboard_weekly;
DROP VIEW laurel.point_transactions;
DROP TABLE laurel_internal.points_settings_changes;
DROP TABLE laurel.leaderboard_standings;
DROP TABLE laurel.streak_freezes, laurel.streak_settings, laurel.daily_activity;
DROP TABLE laurel.domain_events;
DROP TABLE laurel.points_ledger;
DROP TABLE laurel_internal.departed_accounts;
DROP TABLE laurel.user_points;
DROP TABLE laurel.levels;
DROP TABLE laurel.tiers;
DROP TABLE laurel.reference_types;
