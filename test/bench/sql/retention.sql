-- A million rows of which half are due, the same for Laurel and for the peer, and the peer: the batched delete that
-- measured best, by ctid, rows locked first, a commit each.
SET client_min_messages = warning;
DROP TABLE IF EXISTS laurel.bench_rows, laurel.bench_peer, laurel.bench_months, laurel.bench_month_peer;

CREATE TABLE laurel.bench_rows (
    id uuid PRIMARY KEY DEFAULT laurel.uuidv7(), organization_id uuid, user_id uuid, body text, read_at timestamptz
);
INSERT INTO laurel.bench_rows (organization_id, user_id, body, read_at)
    SELECT md5((i % 10)::text)::uuid, md5((i % 1000)::text)::uuid, repeat('x', 100), now() - (i::bigint * 7919 % 180000) * interval '86.4 seconds'
    FROM generate_series(1, :rows) i;
CREATE INDEX ON laurel.bench_rows (read_at);
CREATE TABLE laurel.bench_peer (LIKE laurel.bench_rows INCLUDING ALL);
INSERT INTO laurel.bench_peer SELECT * FROM laurel.bench_rows;

CREATE OR REPLACE PROCEDURE laurel.bench_by_ctid(batch integer) LANGUAGE plpgsql AS $$
DECLARE
    taken bigint;
BEGIN
    LOOP
        DELETE FROM laurel.bench_peer WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM laurel.bench_peer WHERE read_at < now() - interval '90 days' LIMIT batch FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS taken = ROW_COUNT;
        COMMIT;
        EXIT WHEN taken < batch;
    END LOOP;
END
$$;

-- One month with a single row and one with all of them; months that are past are dropped one after the other.
CREATE TABLE laurel.bench_months (id bigint, body text, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE INDEX ON laurel.bench_months (at);
SELECT laurel_internal.create_month_partitions('laurel.bench_months', 0, (now() - interval '12 months')::date) \g /dev/null
INSERT INTO laurel.bench_months SELECT 1, 'x', now() - interval '12 months';
INSERT INTO laurel.bench_months SELECT i, repeat('x', 100), now() - interval '10 months' FROM generate_series(1, :rows) i;
-- The same rows for a plain DROP TABLE of a partition.
CREATE TABLE laurel.bench_month_peer (LIKE laurel.bench_months) PARTITION BY RANGE (at);
CREATE INDEX ON laurel.bench_month_peer (at);
CREATE TABLE laurel.bench_month_peer_all PARTITION OF laurel.bench_month_peer DEFAULT;
INSERT INTO laurel.bench_month_peer SELECT * FROM laurel.bench_months WHERE at < now() - interval '9 months' AND id > 1;

INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, source)
    VALUES ('bench_rows', 'bench_rows', '90 days', 'delete', 'read_at', 'a measurement'),
           ('bench_months', 'bench_months', '11 months', 'drop_partition', 'at', 'a measurement')
    ON CONFLICT (name) DO UPDATE SET keep = EXCLUDED.keep;
VACUUM ANALYZE laurel.bench_rows;
VACUUM ANALYZE laurel.bench_peer;
VACUUM ANALYZE laurel.bench_months;
VACUUM ANALYZE laurel.bench_month_peer;
CHECKPOINT;
