-- Leaderboards, live and frozen, and streaks.

CREATE FUNCTION laurel.standings(period text)
RETURNS TABLE (user_id uuid, points bigint, rank bigint)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1000 COST 1000 AS 'MODULE_PATHNAME', 'laurel_standings';
COMMENT ON FUNCTION laurel.standings(text) IS
'The whole live leaderboard of the caller''s active organization, best first: every member with an entry in the current period. period: weekly (ISO week), monthly or all_time, in the organization''s time zone. Equal points share a rank, as RANK() gives it, and stand in the order in which they were reached. Hidden members are left out and anonymous ones have no user_id, except to themselves, administrators and trusted callers; a trusted caller without an active organization gets every organization, ranked apart. Error 22023: unknown period.';

CREATE FUNCTION laurel.leaderboard(
    period text DEFAULT 'weekly', max_rows integer DEFAULT 10, around_user uuid DEFAULT NULL,
    organization_id uuid DEFAULT NULL
)
RETURNS TABLE (rank bigint, user_id uuid, display_name text, avatar_url text, points bigint, tier text,
               current_level integer, reached_at timestamptz, is_me boolean)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 10 COST 500 AS 'MODULE_PATHNAME', 'laurel_leaderboard';
COMMENT ON FUNCTION laurel.leaderboard(text, integer, uuid, uuid) IS
'A page of laurel.standings with names: the first max_rows lines, or the max_rows lines around around_user, who stands in the middle unless the leaderboard begins or ends before. No line where around_user has no points in the period, or is hidden from the caller or anonymous to the caller. Anonymous members are called Anonymous and show points, tier and level only. organization_id: the active one where null. Cost: index scans of what is shown; with around_user a count of the members ahead. Errors: 22023 unknown period, or max_rows not from 1 to 1000; 42501 an organization the caller does not belong to.';

CREATE FUNCTION laurel.rank_of(
    user_id uuid, period text DEFAULT 'weekly', organization_id uuid DEFAULT NULL
) RETURNS bigint
LANGUAGE c STABLE PARALLEL RESTRICTED COST 500 AS 'MODULE_PATHNAME', 'laurel_rank_of';
COMMENT ON FUNCTION laurel.rank_of(uuid, text, uuid) IS
'The user''s rank in laurel.standings: 1 + the members with more points whom the caller may see. Null where the user has no points in the period, or is hidden from the caller or anonymous to the caller. Cost: a count of the members up to the next mark that laurel.refresh_ranks() has placed, and of the hidden ones who are ahead. Errors: 22023 unknown period; 42501 an organization the caller does not belong to.';

CREATE FUNCTION laurel.freeze_leaderboard(
    period text, period_start date, organization_id uuid DEFAULT NULL
) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_freeze_leaderboard';
COMMENT ON FUNCTION laurel.freeze_leaderboard(text, date, uuid) IS
'Keeps the leaderboard of a finished week or month in laurel.leaderboard_standings, computed from the ledger by occurred_at in the organization''s time zone; members who have left are not in it. Returns the number of rows; 0 where it was frozen before: what is frozen stays, also when later entries reach back. For administrators, in the active organization where organization_id is null, and for trusted callers, then in every organization where the period is over. Errors: 22023 not weekly or monthly, or period_start not a Monday or the first of a month; PT409 the period is not over; 42501 not allowed.';

CREATE FUNCTION laurel.freeze_finished_leaderboards() RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE SET lock_timeout = '1s' AS 'MODULE_PATHNAME', 'laurel_freeze_finished_leaderboards';
COMMENT ON FUNCTION laurel.freeze_finished_leaderboards() IS
'Freezes the last finished week and month of every organization that has not frozen them yet, and returns the number of rows. An organization that fails, or that somebody keeps locked for more than a second, is passed over with a warning and noted in laurel.job_failures; the others go on. For a scheduler, as often as it likes.';

CREATE FUNCTION laurel.frozen_leaderboard(
    period text, period_start date, max_rows integer DEFAULT 10, organization_id uuid DEFAULT NULL
)
RETURNS TABLE (rank bigint, user_id uuid, display_name text, avatar_url text, points bigint, is_me boolean)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 10 COST 500 AS 'MODULE_PATHNAME', 'laurel_frozen_leaderboard';
COMMENT ON FUNCTION laurel.frozen_leaderboard(text, date, integer, uuid) IS
'The first max_rows lines of a frozen leaderboard, ranked among the members the caller may see, with today''s names and privacy. Empty where it is not frozen. Errors: 22023 not weekly or monthly, period_start not the first day of one, or max_rows not from 1 to 1000; 42501 an organization the caller does not belong to.';

CREATE FUNCTION laurel_internal.fill_activity_date() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_fill_activity_date';
COMMENT ON FUNCTION laurel_internal.fill_activity_date() IS
'BEFORE INSERT OR UPDATE row trigger on daily_activity: a row without date gets the day of last_activity_at in the member''s time zone, else the organization''s; the account is locked before the row; a day after the member''s today is refused (23514 daily_activity_date_check). first_activity_at and time_zone are filled where they are null.';

CREATE FUNCTION laurel_internal.follow_streaks() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_follow_streaks';
COMMENT ON FUNCTION laurel_internal.follow_streaks() IS
'AFTER INSERT, UPDATE, DELETE or TRUNCATE statement trigger on daily_activity: brings the streaks in user_points up to date. A day continues the streak of the day before it, and also that of an earlier day where the member''s time zone has changed in between and no more than 36 hours have passed. Transition tables: changed, and old_rows for UPDATE.';

CREATE TYPE laurel.activity_streaks AS (current_streak integer, longest_streak integer);
ALTER TYPE laurel.activity_streaks OWNER TO laurel_owner;
COMMENT ON TYPE laurel.activity_streaks IS 'What laurel.record_activity returns: one object, none of whose fields is null.';
COMMENT ON COLUMN laurel.activity_streaks.current_streak IS 'Days in a row that end on the last day of activity.';
COMMENT ON COLUMN laurel.activity_streaks.longest_streak IS 'The most days in a row that the member ever had.';

CREATE FUNCTION laurel.record_activity(
    user_id uuid DEFAULT laurel.uid(), at timestamptz DEFAULT now(), organization_id uuid DEFAULT NULL
)
RETURNS laurel.activity_streaks
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_record_activity';
COMMENT ON FUNCTION laurel.record_activity(uuid, timestamptz, uuid) IS
'Records that the user was active: one row per day in the user''s time zone, however often and from however many sessions. Returns the account''s streaks in days: current_streak ends on the last day of activity. For oneself; administrators and trusted callers also for others. Who is not trusted records days back to organizations.activity_tolerance ago. organization_id: the active one where null. Errors: 22023 at lies in the future; 23514 at lies too long ago; 22004 no user; 23503 not a member; 42501 not allowed.';

CREATE FUNCTION laurel.streak_of(user_id uuid DEFAULT laurel.uid(), organization_id uuid DEFAULT NULL) RETURNS integer
LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_streak_of';
COMMENT ON FUNCTION laurel.streak_of(uuid, uuid) IS
'Consecutive days of activity up to today or yesterday in the user''s time zone; 0 once a day was missed. Where the time zone has changed since, within 36 hours of the last activity. Null where the caller may not see the user''s account. Error 23503: no such user.';

-- Ranks of large leaderboards.

CREATE FUNCTION laurel_internal.note_rank() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_note_rank';
COMMENT ON FUNCTION laurel_internal.note_rank() IS
'AFTER UPDATE or DELETE row trigger of user_points: notes which marks of leaderboards the member passes.';

CREATE FUNCTION laurel_internal.write_rank_moves() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_write_rank_moves';
COMMENT ON FUNCTION laurel_internal.write_rank_moves() IS
'AFTER UPDATE or DELETE statement trigger of user_points: writes what note_rank has noted, one row of rank_moves for each mark.';

CREATE FUNCTION laurel_internal.fold_rank_moves() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_fold_rank_moves';
COMMENT ON FUNCTION laurel_internal.fold_rank_moves() IS 'Adds rank_moves to the marks they belong to; those of marks that are gone, go.';

CREATE FUNCTION laurel_internal.place_rank_marks() RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_place_rank_marks';
COMMENT ON FUNCTION laurel_internal.place_rank_marks() IS
'Places marks on leaderboards of 10,000 members and more, at each 4,000th member and 256 at most, and anew where more than twice as many have come between two; forgets those of weeks and months that are over. Says whether there are marks to be counted, once this is committed.';

CREATE FUNCTION laurel_internal.count_rank_marks() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_count_rank_marks';
COMMENT ON FUNCTION laurel_internal.count_rank_marks() IS 'Counts the members ahead of marks that were placed, once those transactions have ended that have changed accounts; keeps nobody waiting. Error PT409 in the transaction that has placed them, or where the transaction is not READ COMMITTED.';

CREATE PROCEDURE laurel.refresh_ranks()
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM laurel_internal.require_no_block();
    COMMIT;
    PERFORM laurel_internal.fold_rank_moves();
    COMMIT;
    IF laurel_internal.place_rank_marks() THEN
        COMMIT;
        SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
        PERFORM pg_catalog.set_config('lock_timeout', '1min', true);
        BEGIN
            PERFORM laurel_internal.count_rank_marks();
        EXCEPTION WHEN lock_not_available THEN
            RAISE NOTICE 'a transaction that has changed accounts is still open: marks are counted by the next run';
        END;
    END IF;
    COMMIT;
END
$$;
COMMENT ON PROCEDURE laurel.refresh_ranks() IS
'Keeps ranks of large leaderboards fast: places marks and counts the members ahead of them, so that laurel.rank_of counts no further than the next mark. Ranks are exact whether it runs or not, and whenever it stops. Each step is a transaction of its own, so call it outside a transaction block (2D000). For a scheduler, every few minutes; not on a logical subscriber, which takes rank_marks and rank_moves along with user_points.';

CREATE FUNCTION laurel_internal.wrong_rank_marks()
RETURNS TABLE (organization_id uuid, period text, period_start date, points bigint, said bigint, counted bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT * FROM (
        SELECT m.organization_id, m.period, m.period_start, m.points,
            m.ahead + coalesce((SELECT sum(v.by) FROM ONLY laurel_internal.rank_moves v WHERE (v.organization_id, v.period, v.period_start, v.points)
                = (m.organization_id, m.period, m.period_start, m.points)), 0)::bigint AS said,
            (SELECT count(*) FROM ONLY laurel.user_points p WHERE p.organization_id = m.organization_id AND CASE m.period
                WHEN 'weekly' THEN p.week_reached_at IS NOT NULL AND p.week_start = m.period_start AND p.points_this_week >= m.points
                WHEN 'monthly' THEN p.month_reached_at IS NOT NULL AND p.month_start = m.period_start AND p.points_this_month >= m.points
                ELSE p.reached_at IS NOT NULL AND p.total_points >= m.points END) AS counted
        FROM ONLY laurel_internal.rank_marks m WHERE m.ahead IS NOT NULL) every_mark
    WHERE said <> counted
$$;
COMMENT ON FUNCTION laurel_internal.wrong_rank_marks() IS
'Marks of leaderboards that do not say how many members are at them or above; none where all is sound. Counts every leaderboard once for each of its marks. A mark goes wrong where accounts are written while triggers are off; deleting it as the owner and CALL laurel.refresh_ranks() mends it.';
