#!/usr/bin/env bash
# Calls laurel.run_retention() as a scheduler does: each step committed, one run at a time, killed, cancelled, locked out;
# and puts the jobs into pg_cron where this server has it.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

find_server
scripts/cluster.sh start >/dev/null # pg_cron lives in database laurel
scripts/cluster.sh createdb laurel_retention >/dev/null
use_database laurel_retention
export PGOPTIONS='-c client_min_messages=warning'

# What the last run of a policy says of itself.
report() {
    sql -c "SELECT concat_ws(' ', outcome, rows, held) FROM laurel.retention_runs WHERE policy = '$1' ORDER BY started_at DESC LIMIT 1"
}

# Old notifications of one member, so many; what is there goes first.
tell() {
    sql -c "DELETE FROM laurel.notifications" -c "INSERT INTO laurel.notifications (user_id, type, title, is_read, read_at)
        SELECT u.id, 'test', 'told', true, now() - interval '91 days' FROM laurel.users u, generate_series(1, $1) WHERE u.email = 'ann@retention.test'"
}

left() {
    sql -c 'SELECT count(*) FROM laurel.notifications'
}

run() {
    sql -c "CALL laurel.run_retention($1)"
}

dry_equals_real() {
    tell 25000
    run "true, 'notifications_read'" && is "$(report notifications_read)" 'done 25000 0' && is "$(left)" 25000 || return 1
    run "false, 'notifications_read'" && is "$(report notifications_read)" 'done 25000 0' && is "$(left)" 0
}

steps_commit() {
    tell 10000
    sql -c "UPDATE laurel.retention_policies SET batch_rows = 500 WHERE name = 'notifications_read'"
    run "false, 'notifications_read', max_rows => 1000" || return 1
    is "$(report notifications_read)" "stopped $((10000 - $(left))) 0" || return 1
    run "false, 'notifications_read'" && is "$(left)" 0
}

refuses_transaction() {
    local error
    tell 10
    error=$(psql -X -q -v VERBOSITY=sqlstate -c 'BEGIN' -c "CALL laurel.run_retention()" 2>&1) || true
    is "$error" 'ERROR:  2D000' && is "$(left)" 10
}

serves_service_role() {
    tell 10
    PGOPTIONS="$PGOPTIONS -c role=service_role" run '' && is "$(left)" 0
}

failure_stops_no_other() {
    tell 10
    sql -c "INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, condition, source)
            VALUES ('broken', 'sessions', '0', 'delete', 'created_at', 'colour = 1', 'a test')" \
        -c "INSERT INTO laurel.sessions (user_id, token_hash, expires_at) SELECT id, sha256('x'), now() + interval '1 day' FROM laurel.users LIMIT 1"
    run '' && is "$(left)" 0 && is "$(report broken)" 'failed 0 0' || return 1
    is "$(sql -c "SELECT error FROM laurel.retention_runs WHERE policy = 'broken'")" '42703 column "colour" does not exist' || return 1
    sql -c "DELETE FROM laurel.retention_policies WHERE name = 'broken'"
}

# Triggers of an application on the runs' own rows: the policy they hinder is told, the others run.
record_refused_stops_no_other() {
    local error
    tell 10
    sql -c "CREATE FUNCTION public.app_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no'' USING ERRCODE = ''P0099''; END'" \
        -c "CREATE TRIGGER app BEFORE INSERT ON laurel.retention_runs FOR EACH ROW WHEN (NEW.policy = 'deliveries_dead') EXECUTE FUNCTION public.app_refuse()"
    error=$(psql -X -q -v VERBOSITY=sqlstate -c "CALL laurel.run_retention(only_policy => 'deliveries_dead,notifications_read')" 2>&1) || true
    like "$error" 'ERROR:  P0099' && is "$(left)" 0 && is "$(report notifications_read)" 'done 10 0' || return 1
    tell 10
    sql -c "DROP TRIGGER app ON laurel.retention_runs" \
        -c "CREATE TRIGGER app BEFORE UPDATE ON laurel.retention_runs FOR EACH ROW WHEN (NEW.policy = 'notifications_read' AND NEW.outcome <> 'running') EXECUTE FUNCTION public.app_refuse()"
    error=$(psql -X -q -v VERBOSITY=sqlstate -c "CALL laurel.run_retention(only_policy => 'notifications_read')" 2>&1) || true
    like "$error" 'ERROR:  P0099' && is "$(left)" 0 && is "$(report notifications_read)" 'running 10 0' || return 1
    sql -c "DROP TRIGGER app ON laurel.retention_runs" -c "DROP FUNCTION public.app_refuse()"
    run "false, 'notifications_read'" && is "$(report notifications_read)" 'done 0 0'
}

# A lock on the table is waited for twice a second, then the policy is left for the next run.
locked_out() {
    local holder
    tell 10
    psql -X -q -c 'BEGIN' -c 'LOCK laurel.notifications' -c '\! touch build/retention.locked' -c 'SELECT pg_sleep(60)' >/dev/null 2>&1 &
    holder=$!
    until [ -f build/retention.locked ]; do sleep 0.05; done
    run "false, 'notifications_read'"
    is "$(report notifications_read)" 'locked 0 0'
    local status=$?
    sql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND datname = current_database()" >/dev/null
    wait "$holder" || true
    rm -f build/retention.locked
    [ "$status" -eq 0 ] && run "false, 'notifications_read'" && is "$(report notifications_read)" 'done 10 0'
}

# Makes each step slow enough to be met in the middle.
slow() {
    sql -c "UPDATE laurel.retention_policies SET batch_rows = 10, condition = 'pg_catalog.pg_sleep(0.01) IS NOT NULL' WHERE name = 'notifications_read'"
}

fast() {
    sql -c "UPDATE laurel.retention_policies SET batch_rows = 10000, condition = NULL WHERE name = 'notifications_read'"
}

goes_on_after_kill() {
    local caller taken
    tell 500
    slow
    run "false, 'notifications_read'" >/dev/null 2>&1 &
    caller=$!
    until [ "$(left)" -lt 500 ] || ! kill -0 "$caller" 2>/dev/null; do sleep 0.1; done
    sql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CALL laurel.run_retention%' AND datname = current_database()" >/dev/null
    wait "$caller" || true
    fast
    taken=$((500 - $(left)))
    [ "$taken" -gt 0 ] && [ "$taken" -lt 500 ] || { echo "$taken of 500 had gone"; return 1; }
    run "false, 'notifications_read'" && is "$(left)" 0 || return 1
    is "$(sql -c "SELECT string_agg(outcome || ' ' || rows, ', ' ORDER BY started_at) FROM (SELECT * FROM laurel.retention_runs
        WHERE policy = 'notifications_read' ORDER BY started_at DESC LIMIT 2) r")" "interrupted $taken, done $((500 - taken))"
}

# A cancelled call gives the lock back though its session lives on.
cancel_gives_back() {
    tell 500
    slow
    local locks
    locks=$(psql -X -q -A -t -c "SET statement_timeout = '500ms'" -c "CALL laurel.run_retention(false, 'notifications_read')" \
        -c 'RESET statement_timeout' -c "SELECT count(*) FROM pg_locks WHERE classid = 'pg_extension'::regclass AND objsubid = 1 AND pid = pg_backend_pid()" 2>/dev/null)
    fast
    is "$locks" 0 && run "false, 'notifications_read'" && is "$(left)" 0
}

# Also one that ends without an error and outside a transaction.
end_gives_back() {
    is "$(sql -c 'SELECT laurel_internal.enter_retention()')" t || return 1
    is "$(sql -c "SELECT count(*) FROM pg_locks WHERE classid = 'pg_extension'::regclass AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())" \
        -c 'SELECT laurel_internal.enter_retention()')" '0
t'
}

second_caller_returns() {
    local caller said
    tell 500
    slow
    run "false, 'notifications_read'" &
    caller=$!
    sleep 0.5
    said=$(PGOPTIONS='-c client_min_messages=notice' run '' 2>&1)
    fast
    wait "$caller"
    is "$said" 'NOTICE:  another retention run is under way: nothing done' && is "$(left)" 0
}

snapshot_refused() {
    tell 10
    PGOPTIONS="$PGOPTIONS -c default_transaction_isolation=serializable" run "false, 'notifications_read'" &&
        is "$(report notifications_read)" 'failed 0 0' && is "$(left)" 10
}

# Entries of thirty months: their dates are set back behind the ledger's guards, so that hashes do not fit and are not asked.
archive_by_month() {
    sql -c "INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, idempotency_key)
            SELECT u.id, 1, 'test', 'a test', 'k' || u.email || i FROM laurel.users u, generate_series(1, 30) i WHERE u.email LIKE '%@retention.test'" \
        -c 'ALTER TABLE laurel.points_ledger DISABLE TRIGGER USER' \
        -c "UPDATE laurel.points_ledger SET created_at = created_at - (30 - entry_no) * interval '1 month', occurred_at = occurred_at - (30 - entry_no) * interval '1 month'" \
        -c 'ALTER TABLE laurel.points_ledger ENABLE TRIGGER USER' \
        -c 'CREATE TABLE history AS SELECT * FROM laurel.points_history' || return 1
    run "true, 'points_ledger_archive'" && is "$(report points_ledger_archive)" 'done 36 0' || return 1
    run "false, 'points_ledger_archive'" && is "$(report points_ledger_archive)" 'done 36 0' || return 1
    is "$(sql -c "SELECT count(*) || ' ' || count(DISTINCT tableoid) FROM laurel.points_ledger_archive")" '36 18' || return 1
    is "$(sql -c 'SELECT count(*) FROM (SELECT * FROM history EXCEPT SELECT * FROM laurel.points_history) missing')" 0
}

down_brings_back() {
    sql -o /dev/null -c "SELECT laurel.migrate('20260101_000400')" || return 1
    is "$(sql -c 'SELECT count(*) FROM (SELECT * FROM history EXCEPT SELECT id, organization_id, user_id, entry_no, amount,
        balance_after, occurred_at, created_at, transaction_type, entry_hash, metadata, reference_type, reference_id, reverses_id,
        created_by, reason, idempotency_key, erased_words FROM laurel.points_ledger) missing')" 0 || return 1
    sql -o /dev/null -c 'SELECT laurel.migrate()'
}

# How many jobs of pg_cron's own database need no table of later.
always() {
    sql -d "$cron_database" -c 'SELECT count(*) FROM laurel.jobs WHERE requires IS NULL'
}

# In pg_cron's own database, and taken back: nobody else's jobs are touched.
pg_cron_keeps_names() {
    local lines
    lines=$(sql -d "$cron_database" -c 'BEGIN' -c 'CREATE EXTENSION IF NOT EXISTS pg_cron' \
        -c 'GRANT USAGE ON SCHEMA cron TO laurel_jobs' -c 'SELECT count(*) FROM laurel.schedule()' -c 'SELECT count(*) FROM laurel.schedule()' \
        -c "SELECT string_agg(jobname, ', ' ORDER BY jobname) FROM cron.job WHERE jobname LIKE 'laurel: %'" \
        -c 'SELECT count(*) FROM laurel_internal.claim_due_job(gen_random_uuid())' \
        -c "SELECT count(*) FROM laurel.job_status() WHERE runner = 'pg_cron' AND next_run_at > now()" \
        -c "SELECT count(cron.alter_job(jobid, active => false)) FROM cron.job WHERE jobname = 'laurel: partitions'" \
        -c "SELECT string_agg(runner, ' ' ORDER BY job) FROM laurel.schedule() WHERE job IN ('partitions', 'skill_demand')" \
        -c "SELECT count(*) FROM cron.job WHERE jobname = 'laurel: partitions' AND active" \
        -c "INSERT INTO cron.job_run_details (jobid, runid, database, username, command, status, return_message, start_time, end_time)
            SELECT jobid, -1, database, username, command, 'failed', 'ERROR: no space left', now(), now() FROM cron.job WHERE jobname = 'laurel: retention'" \
        -c "SELECT concat_ws(' ', job, last_status, last_error) FROM laurel.job_status() WHERE last_error IS NOT NULL" \
        -c "UPDATE laurel.jobs SET is_enabled = false WHERE name = 'expired'" \
        -c "SELECT string_agg(job, ' ') FROM laurel.schedule() WHERE detail = 'taken out of pg_cron'" \
        -c 'SELECT count(*) FROM laurel.unschedule()' \
        -c "SELECT count(*) FROM cron.job WHERE jobname LIKE 'laurel: %'" -c 'ROLLBACK') || return 1
    is "$lines" "$(sql -d "$cron_database" -c 'SELECT count(*) FROM laurel.jobs' -c 'SELECT count(*) FROM laurel.jobs')
$(sql -d "$cron_database" -c "SELECT string_agg('laurel: ' || name, ', ' ORDER BY name COLLATE \"C\") FROM (SELECT name FROM laurel.jobs WHERE requires IS NULL UNION VALUES ('job log')) j")
0
$(always)
1
pg_cron nobody
1
retention failed ERROR: no space left
expired
$(($(always) - 1))
0"
}

# Whoever has the tables: it is laurel_jobs that schedules, and no more than to use pg_cron is needed.
plain_owner_schedules() {
    is "$(sql -d "$cron_database" -c BEGIN -c 'CREATE EXTENSION IF NOT EXISTS pg_cron' -c 'CREATE ROLE laurel_plain_owner IN ROLE service_role' \
        -c 'GRANT USAGE ON SCHEMA laurel, laurel_internal TO laurel_plain_owner' -c 'GRANT USAGE ON SCHEMA cron TO laurel_jobs' \
        -c 'ALTER TABLE laurel.jobs OWNER TO laurel_plain_owner' -c 'ALTER TABLE laurel.audit_log OWNER TO laurel_plain_owner' -c 'SET LOCAL ROLE laurel_plain_owner' \
        -c "SELECT count(*) FROM laurel.schedule() WHERE runner = 'pg_cron'" -c 'SELECT count(*) FROM laurel.unschedule()' -c ROLLBACK)" "$(always)
$(always)"
}

# What schedule() and unschedule() say is to be run in pg_cron's database, is run there.
run_elsewhere() {
    sql -c "SELECT substr(detail, strpos(detail, ': ') + 2) FROM laurel.$1() WHERE detail LIKE 'run in database %'" |
        sql -d "$cron_database" -o /dev/null -f -
}

scheduled_elsewhere() {
    sql -d "$cron_database" -c "SELECT count(*) FROM cron.job WHERE jobname LIKE 'laurel: % (laurel_retention)' AND active"
}

# How often pg_cron has run a job of this database, by how that ended.
runs_elsewhere() {
    sql -d "$cron_database" -c "SELECT count(*) FROM cron.job_run_details WHERE database = 'laurel_retention' AND status = '$1' AND command !~ 'confirm_jobs'"
}

# A job a minute for each of three, one of which fails; they begin at the next full minute. The fourth says every five minutes
# which there are.
pg_cron_runs_jobs() {
    local status=0 end=$((SECONDS + 90))
    tell 10
    sql -c "UPDATE laurel.jobs SET schedule = '* * * * *', is_enabled = name IN ('retention', 'partitions')" \
        -c "INSERT INTO laurel.jobs (name, description, schedule, command) VALUES ('broken', '-', '* * * * *', 'SELECT 1/0')"
    run_elsewhere schedule && run_elsewhere schedule && is "$(scheduled_elsewhere)" 4 || status=1
    is "$(sql -c 'SELECT count(*) FROM laurel_internal.claim_due_job(gen_random_uuid())')" 0 || status=1
    until [ "$SECONDS" -gt "$end" ] || { [ "$(runs_elsewhere failed)" -ge 1 ] && [ "$(runs_elsewhere succeeded)" -ge 2 ]; }; do sleep 1; done
    is "$(left)" 0 || status=1
    is "$(sql -d "$cron_database" -c "SELECT DISTINCT concat_ws(' ', status, command, CASE WHEN status = 'failed' THEN return_message END) FROM cron.job_run_details
        WHERE database = 'laurel_retention' AND status IN ('failed', 'succeeded') AND command !~ 'confirm_jobs' ORDER BY 1")" 'failed SELECT 1/0 ERROR: division by zero
succeeded CALL laurel.run_retention()
succeeded SELECT laurel.maintain_partitions()' || status=1
    run_elsewhere unschedule && is "$(scheduled_elsewhere)" 0 || status=1
    sql -d "$cron_database" -c "DELETE FROM cron.job_run_details WHERE database = 'laurel_retention'"
    return "$status"
}

sql -c "INSERT INTO laurel.users (email) VALUES ('ann@retention.test'), ('bob@retention.test')"
check 'a dry run counts what a real one takes' dry_equals_real
check 'steps commit one by one, max_rows stops between two' steps_commit
check 'refused inside a transaction block, nothing done' refuses_transaction
check 'the service role may call it' serves_service_role
check 'a policy that fails is noted and stops no other' failure_stops_no_other
check 'triggers on the runs stop no other policy either' record_refused_stops_no_other
check 'a table that is locked is left for the next run' locked_out
check 'a run that was killed is noted, the next one goes on' goes_on_after_kill
check 'a cancelled call gives its lock back' cancel_gives_back
check 'so does a session that ends' end_gives_back
check 'a second caller is told so and returns' second_caller_returns
check 'snapshots that could overlook a hold are refused' snapshot_refused
check 'entries are archived by month, history stays the same' archive_by_month
check 'migrating down brings archived entries back' down_brings_back
cron_database=$(sql -c "SELECT current_setting('cron.database_name', true)")
if [ -n "$cron_database" ]; then
    check 'pg_cron has the jobs once, under stable names' pg_cron_keeps_names
    check 'an owner who is no superuser schedules' plain_owner_schedules
    check 'pg_cron runs the jobs, also of another database; one that fails is seen and stops no other' pg_cron_runs_jobs
else
    say 'this server has no pg_cron: its part is left out'
fi
tally "$passed" "$failed"
