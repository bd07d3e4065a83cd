-- Retention: month partitions, the archive of the ledger, legal holds, and the procedure that runs the policies.

CREATE FUNCTION laurel_internal.create_month_partitions(
    parent regclass, months_ahead integer DEFAULT 3, first date DEFAULT NULL
) RETURNS integer
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_create_month_partitions';
COMMENT ON FUNCTION laurel_internal.create_month_partitions(regclass, integer, date) IS
'Makes the partitions laurel_internal.parent_YYYY_MM that are missing, from the month of first (this month where null) to months_ahead months from now, in UTC, and returns how many. For tables of schema laurel partitioned by range of one timestamptz or date. Each has row security, no grants and the parent''s statement triggers, so create those first. Readers and writers of the table do not wait. Errors: 42809 not partitioned by a time; 42501 not in schema laurel; 22023 months_ahead not from 0 to 120.';

CREATE FUNCTION laurel.maintain_partitions(months_ahead integer DEFAULT 3)
RETURNS TABLE (table_name text, partitions integer, problem text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    parent regclass;
BEGIN
    FOR parent IN
        SELECT c.oid::regclass
        FROM pg_partitioned_table p
        JOIN pg_class c ON c.oid = p.partrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
        WHERE c.relnamespace = 'laurel'::regnamespace AND p.partstrat = 'r' AND p.partnatts = 1
          AND a.atttypid IN ('timestamptz'::regtype, 'date'::regtype)
          AND c.relname <> 'points_ledger_archive'
        ORDER BY c.relname
    LOOP
        problem := NULL;
        BEGIN
            partitions := laurel_internal.create_month_partitions(parent, coalesce(months_ahead, 3));
        EXCEPTION WHEN OTHERS THEN
            partitions := 0;
            problem := SQLSTATE || ' ' || SQLERRM;
            RAISE WARNING 'partitions of % could not be made: %', parent, problem;
        END;
        SELECT relname INTO table_name FROM pg_class WHERE oid = parent;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION laurel.maintain_partitions(integer) IS
'Makes the month partitions of every table of schema laurel that is partitioned by a time, up to months_ahead months from now, and says how many each got. A table that fails (problem) does not stop the others. Never makes a default partition. The ledger''s archive makes its own as it needs them.';

CREATE FUNCTION laurel_internal.keep_archive() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_archive';
COMMENT ON FUNCTION laurel_internal.keep_archive() IS
'BEFORE INSERT, UPDATE, DELETE, TRUNCATE statement trigger of the ledger''s archive: only laurel.run_retention() adds to it (23001).';

CREATE FUNCTION laurel_internal.keep_held() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_held';
COMMENT ON FUNCTION laurel_internal.keep_held() IS
'BEFORE DELETE row trigger of user_organizations, users and organizations: what a legal hold covers does not go along with its member, user or organization (23001 legal_holds_keep). Waits for holds that are being placed or released.';

CREATE FUNCTION laurel_internal.sign_hold() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_sign_hold';
COMMENT ON FUNCTION laurel_internal.sign_hold() IS
'BEFORE INSERT, UPDATE or DELETE row trigger of legal_holds: writes who placed and released a hold and when, whatever the statement says. A hold is released once and changes in no other way (23001 legal_holds_history); its table must be there (23514 legal_holds_table_name_check), its user and organization too unless it names a table (23503).';

CREATE FUNCTION laurel_internal.require_no_block() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_require_no_block';
COMMENT ON FUNCTION laurel_internal.require_no_block() IS
'Error 2D000 inside a transaction block, where a procedure could not end its transactions.';

CREATE FUNCTION laurel_internal.enter_retention() RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_enter_retention';
COMMENT ON FUNCTION laurel_internal.enter_retention() IS
'Takes the lock of retention runs for this session, until leave_retention() or an error that ends the transaction; false where another session has it. Whatever run is open counts as interrupted. Entering twice is entering once.';

CREATE FUNCTION laurel_internal.leave_retention() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_leave_retention';
COMMENT ON FUNCTION laurel_internal.leave_retention() IS 'Gives back the lock of retention runs.';

CREATE FUNCTION laurel_internal.due_policies(only_policy text) RETURNS text[]
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_due_policies';
COMMENT ON FUNCTION laurel_internal.due_policies(text) IS
'Enabled policies, or those named (separated by commas), the longest not run first. Error 22023: unknown policy.';

CREATE FUNCTION laurel_internal.start_retention(policy text, dry_run boolean, OUT run uuid, OUT outcome text)
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_start_retention';
COMMENT ON FUNCTION laurel_internal.start_retention(text, boolean) IS
'Opens a run of a policy with its cut-off; outcome is not null where there is nothing to do. A run that this session left open counts as interrupted. Errors: PT409 the session has not entered; 22023 unknown policy.';

CREATE FUNCTION laurel_internal.retention_batch(
    run uuid, patient boolean DEFAULT true, OUT taken bigint, OUT more boolean
)
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_retention_batch';
COMMENT ON FUNCTION laurel_internal.retention_batch(uuid, boolean) IS
'One step of a run: takes about batch_rows rows as the table''s owner, notes them and how far the run has come, and says whether there may be more. What cannot go (a row, a partition, an organization''s entries) stays alone and is counted in failed, and so is what triggers or rules of the application keep or put back without a word. Legal holds are evaluated in the statement that takes the rows, and none is placed while it runs. Waits a second for a lock (55P03); not patient: passes over rows that are locked. Errors: PT409 outside READ COMMITTED, or the session has not entered; 22023 no such run under way; 42P01, 42809 its table is gone or no table; 39P01 a trigger of the application makes the run''s rows otherwise.';

CREATE FUNCTION laurel_internal.count_retention(run uuid) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_count_retention';
COMMENT ON FUNCTION laurel_internal.count_retention(uuid) IS
'Notes in a dry run what a real one would take and what holds keep. Errors: PT409 the session has not entered; 22023 no such dry run under way.';

CREATE FUNCTION laurel_internal.finish_retention(run uuid, outcome text, error text DEFAULT NULL) RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_finish_retention';
COMMENT ON FUNCTION laurel_internal.finish_retention(uuid, text, text) IS
'Closes a run unless it is closed, and sums it up in a line. Done becomes failed where something failed alone. Error PT409: the session has not entered.';

-- One transaction a step: a procedure, since functions cannot commit; PL/pgSQL, since C cannot be called that way.
CREATE PROCEDURE laurel.run_retention(
    dry_run boolean DEFAULT false, only_policy text DEFAULT NULL, max_rows bigint DEFAULT NULL,
    max_time interval DEFAULT NULL
)
LANGUAGE plpgsql AS $$
DECLARE
    deadline constant timestamptz := pg_catalog.clock_timestamp() + max_time;
    policy text;
    run uuid;
    outcome text;
    problem text;
    patient boolean;
    taken bigint;
    more boolean;
    total bigint := 0;
    steps integer;
    unrecorded text[]; -- SQLSTATE and message of the first run that could not be opened or closed
BEGIN
    PERFORM laurel_internal.require_no_block();
    COMMIT;
    IF NOT laurel_internal.enter_retention() THEN
        RAISE NOTICE 'another retention run is under way: nothing done';
        RETURN;
    END IF;
    FOREACH policy IN ARRAY laurel_internal.due_policies(only_policy) LOOP
        BEGIN
            SELECT s.run, s.outcome INTO run, outcome FROM laurel_internal.start_retention(policy, dry_run) s;
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING '%: the run could not be opened: % %', policy, SQLSTATE, SQLERRM;
            unrecorded := coalesce(unrecorded, ARRAY[SQLSTATE, SQLERRM]);
            CONTINUE;
        END;
        problem := NULL;
        patient := true;
        steps := 0;
        COMMIT;
        WHILE outcome IS NULL LOOP
            BEGIN
                IF dry_run THEN
                    PERFORM laurel_internal.count_retention(run);
                    outcome := 'done';
                ELSE
                    SELECT b.taken, b.more INTO taken, more FROM laurel_internal.retention_batch(run, patient) b;
                    total := total + taken;
                    steps := steps + 1;
                    patient := true;
                    outcome := CASE WHEN NOT more THEN 'done'
                        WHEN total >= max_rows OR pg_catalog.clock_timestamp() >= deadline THEN 'stopped' END;
                END IF;
            EXCEPTION
                WHEN lock_not_available OR deadlock_detected THEN
                    outcome := CASE WHEN NOT patient THEN 'locked' END;
                    patient := false;
                WHEN OTHERS THEN
                    outcome := 'failed';
                    problem := SQLSTATE || ' ' || SQLERRM;
            END;
            COMMIT;
            IF outcome IS NULL AND steps > 0 AND steps % 100 = 0 THEN
                RAISE NOTICE '%: % rows so far', policy, total;
            END IF;
        END LOOP;
        BEGIN
            problem := laurel_internal.finish_retention(run, outcome, problem);
            IF outcome NOT IN ('kept', 'table absent') THEN
                RAISE NOTICE '%', problem;
            END IF;
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING '%: the run could not be closed: % %', policy, SQLSTATE, SQLERRM;
            unrecorded := coalesce(unrecorded, ARRAY[SQLSTATE, SQLERRM]);
        END;
        COMMIT;
        EXIT WHEN outcome = 'stopped' OR total >= max_rows OR pg_catalog.clock_timestamp() >= deadline;
    END LOOP;
    PERFORM laurel_internal.leave_retention();
    IF unrecorded IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = unrecorded[1], MESSAGE = unrecorded[2],
            DETAIL = 'A run could not be opened or closed; all that could be done was done.';
    END IF;
END
$$;
COMMENT ON PROCEDURE laurel.run_retention(boolean, text, bigint, interval) IS
'Runs the enabled policies of laurel.retention_policies, or those named in only_policy (separated by commas), the longest not run first, and writes a row for each into laurel.retention_runs; dry_run only counts. Each step is a transaction of its own, so call it outside a transaction block: inside one it fails with 2D000 before it has done anything. One run at a time: a second caller is told so and returns. Locks are waited for a second; locked rows then stay for the next run. A row, a partition or an organization''s entries that cannot go stay alone, and a policy that fails does not stop the others: the run''s line says failed, with the first error; so do rows that triggers or rules of the application keep or put back. Where such triggers do not let a run be opened or closed, the call fails with their error after the other policies. Stops after max_rows rows or max_time, between two steps; the next run goes on with what has waited longest. For service_role. Errors: 22023 unknown policy.';
