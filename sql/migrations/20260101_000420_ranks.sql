-- Up Migration
-- Marks of large leaderboards: with the members ahead of each counted already, a rank takes counting no further than the next mark.

CREATE TABLE laurel_internal.rank_marks (
    organization_id uuid NOT NULL CONSTRAINT rank_marks_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    period text NOT NULL CONSTRAINT rank_marks_period_check CHECK (period IN ('weekly', 'monthly', 'all_time')),
    period_start date NOT NULL,
    points bigint NOT NULL,
    ahead bigint,
    CONSTRAINT rank_marks_pkey PRIMARY KEY (organization_id, period, period_start, points)
);
SELECT laurel_internal.explain('laurel_internal.rank_marks', 'Points at which the members of a leaderboard are counted ahead of time. Placed by laurel.refresh_ranks() where a leaderboard is large. At any time ahead and the rank_moves of the mark add up to the members with as many points or more.', '{
    "period": "weekly, monthly or all_time.",
    "period_start": "Its first day in the organization''s time zone; 2000-01-01 for all time.",
    "points": "The mark.",
    "ahead": "Members with as many points or more, but for the mark''s moves; null until they are counted."}');

CREATE TABLE laurel_internal.rank_moves (
    id uuid DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    period text NOT NULL,
    period_start date NOT NULL,
    points bigint NOT NULL,
    by bigint NOT NULL,
    CONSTRAINT rank_moves_pkey PRIMARY KEY (organization_id, period, period_start, points, id) INCLUDE (by)
);
SELECT laurel_internal.explain('laurel_internal.rank_moves', 'Members that have passed a mark of a leaderboard since it was counted: added by the statement that moves them, so that nobody waits for another, and folded into the mark by laurel.refresh_ranks().', '{
    "period": "Of the mark.",
    "period_start": "Of the mark.",
    "points": "The mark.",
    "by": "How many more members are at it or above; negative where fewer."}');

CREATE TABLE laurel_internal.rank_mark_changes (nothing boolean);
SELECT laurel_internal.explain('laurel_internal.rank_mark_changes', 'Stores nothing: its relation-cache invalidation tells every session that marks came or went.', '{
    "nothing": "Never filled."}');

-- Whoever changes an account's points. The statement trigger writes what the rows have added up to.
CREATE TRIGGER note_rank AFTER UPDATE OR DELETE ON laurel.user_points
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.note_rank();
CREATE TRIGGER write_rank_moves AFTER UPDATE OR DELETE ON laurel.user_points
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.write_rank_moves();
SELECT laurel_internal.add_signal('laurel_internal.rank_marks', 'rank_mark_changes', 'INSERT', 'DELETE', 'TRUNCATE'),
       laurel_internal.set_replica_identity('laurel_internal.rank_marks'), laurel_internal.set_replica_identity('laurel_internal.rank_moves'),
       laurel_internal.protect('laurel_internal.rank_marks', 'internal'), laurel_internal.protect('laurel_internal.rank_moves', 'internal'),
       laurel_internal.protect('laurel_internal.rank_mark_changes', 'internal');

-- Down Migration
DROP TRIGGER note_rank ON laurel.user_points;
DROP TRIGGER write_rank_moves ON laurel.user_points;
DROP TABLE laurel_internal.rank_marks, laurel_internal.rank_moves, laurel_internal.rank_mark_changes;
