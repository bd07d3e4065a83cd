-- Up Migration
-- What was used of quotas: allowances, caps and sizes of whatever table has one. And what counters keep of rows that are gone.

CREATE TABLE laurel.quota_usage (
    organization_id uuid NOT NULL
        CONSTRAINT quota_usage_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    kind text NOT NULL,
    owner uuid[] NOT NULL,
    user_id uuid,
    period_start date NOT NULL,
    ends_at timestamptz,
    used bigint NOT NULL,
    allowed bigint,
    -- One counter; all of an organization.
    CONSTRAINT quota_usage_pkey PRIMARY KEY (organization_id, kind, owner, period_start),
    CONSTRAINT quota_usage_used_check CHECK (used >= 0)
) WITH (fillfactor = 80);
-- A member's own.
CREATE INDEX quota_usage_user_id_idx ON laurel.quota_usage (user_id, organization_id);
-- Periods that ended long enough ago to go.
CREATE INDEX quota_usage_ends_at_idx ON laurel.quota_usage (ends_at) WHERE ends_at IS NOT NULL;

CREATE TABLE laurel_internal.retained_counts (
    organization_id uuid NOT NULL
        CONSTRAINT retained_counts_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    parent text NOT NULL,
    counter text NOT NULL,
    key uuid NOT NULL,
    retained bigint NOT NULL,
    -- A counter's, in an organization; one row's.
    CONSTRAINT retained_counts_pkey PRIMARY KEY (organization_id, parent, counter, key)
) WITH (fillfactor = 80);

CREATE TRIGGER guard_usage AFTER INSERT OR UPDATE ON laurel.quota_usage
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.guard_usage();
CREATE TRIGGER quota_zone AFTER UPDATE ON laurel.organizations
    FOR EACH ROW WHEN (OLD.time_zone <> NEW.time_zone) EXECUTE FUNCTION laurel_internal.quota_zone();

SELECT laurel_internal.set_replica_identity('laurel.quota_usage'), laurel_internal.set_replica_identity('laurel_internal.retained_counts'),
       laurel_internal.protect('laurel_internal.retained_counts', 'internal'),
       laurel_internal.protect('laurel.quota_usage', 'personal', commands => '{"service_role": "SELECT"}'),
       laurel_internal.member('laurel.quota_usage');

SELECT laurel_internal.explain('laurel.quota_usage', 'What was used of each quota (laurel_internal.quota), written by the rows that it counts and by nobody else. It stays as long as rows that outlive their member do. Where there is no counter nothing was used; of a period that ended long ago it is gone.', '{
    "kind": "The quota.",
    "owner": "Whose it is: the values of the columns that the quota names, in their order; {} where it is the organization''s.",
    "user_id": "The member among them, who may be gone; null where there is none.",
    "period_start": "The first day of the period by the organization''s clock; -infinity where it is for ever.",
    "ends_at": "When the next period begins; null where it is for ever.",
    "used": "What the rows of the owner come to in that period; 0 or more.",
    "allowed": "What was allowed when something was last taken of it, or it was counted anew; null for any number."}');
SELECT laurel_internal.explain('laurel_internal.retained_counts', 'What counters (laurel_internal.counts) keep of rows that retention has taken: a counter is what its rows and this come to. Written by retention alone.', '{
    "parent": "The table with the counter, with its schema.",
    "counter": "The column that counts.",
    "key": "The row of it.",
    "retained": "What the rows that are gone have counted."}');

-- Down Migration

DROP TRIGGER quota_zone ON laurel.organizations;
DROP FUNCTION laurel.member(laurel.quota_usage);
DROP TABLE laurel_internal.retained_counts, laurel.quota_usage;
