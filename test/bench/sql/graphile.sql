-- The same number of jobs for graphile-worker, queued as its own measurements do.
TRUNCATE graphile_worker._private_jobs;
SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
    SELECT json_populate_record(NULL::graphile_worker.job_spec,
        json_build_object('identifier', 'noop', 'payload', json_build_object('title', 'Title ' || n, 'message', 'Message ' || n)))
    FROM generate_series(1, :size) n));
VACUUM ANALYZE graphile_worker._private_jobs;
CHECKPOINT;
