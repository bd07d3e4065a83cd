-- What the demo shows of the runs of retention.
\set ON_ERROR_STOP 1
\pset footer off
\pset border 0

\echo '== laurel.retention_runs keeps what each run found'
SELECT to_char(started_at, 'HH24:MI:SS.MS') AS started, dry_run AS dry, policy,
    to_char(cut_off, 'YYYY-MM-DD') AS before, rows, held, batches, outcome
FROM laurel.retention_runs WHERE rows + held > 0 ORDER BY started_at;
