#!/usr/bin/env bash
# Lets pg_cron run every job once, as laurel_jobs: by background workers, and by connections, for which a line of pg_hba.conf
# is needed. Two servers of their own wait for the same full minute.
# shellcheck disable=SC2154
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/support/servers.sh
. test/support/servers.sh

out=$root/build/test-jobs

# prepare NAME SETTING... makes a server with pg_cron and Laurel. Without a line of its own nobody but the superuser gets in.
prepare() {
    own_server "$1" 54397 postgres "shared_preload_libraries = 'pg_cron'" "cron.database_name = 'laurel'" "cron.host = '@'" \
        'max_worker_processes = 16' 'cron.max_running_jobs = 10' "${@:2}"
    at "${!1}" -d postgres -c 'CREATE DATABASE laurel'
    at "${!1}" -o /dev/null -c 'CREATE EXTENSION pg_cron' -c 'CREATE EXTENSION laurel CASCADE' -c 'SELECT laurel.migrate()' 2>/dev/null
}

# at HOME ... runs SQL there, in database laurel.
at() {
    PGHOST=$1 PGPORT=54397 PGUSER=postgres PGDATABASE=laurel PGOPTIONS='-c client_min_messages=warning' sql "${@:2}"
}

# What the first call says, SQLSTATE and hint.
refused() {
    at "$1" -c "DO \$\$ DECLARE hint text; BEGIN PERFORM laurel.schedule(); RAISE 'scheduled';
        EXCEPTION WHEN insufficient_privilege THEN GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT; PERFORM set_config('test.hint', hint, false); END \$\$" \
        -c "SELECT current_setting('test.hint')"
}

without_role() {
    at "$1" -c 'BEGIN' -c 'ALTER ROLE laurel_jobs RENAME TO laurel_jobs_once' \
        -c "DO \$\$ BEGIN PERFORM laurel.schedule(); EXCEPTION WHEN undefined_object THEN PERFORM set_config('test.said', SQLERRM, false); END \$\$" \
        -c "SELECT current_setting('test.said')" -c 'SELECT count(*) FROM laurel.job_status()' -c 'ROLLBACK'
}

# The back end schedules; a view, which its own table lacks so far, is there to be refreshed.
schedule() {
    at "$1" -c 'GRANT USAGE ON SCHEMA cron TO laurel_jobs' \
        -c 'CREATE MATERIALIZED VIEW laurel_internal.peer_comparison_aggregates AS SELECT 1 AS id, clock_timestamp() AS at' \
        -c 'CREATE UNIQUE INDEX ON laurel_internal.peer_comparison_aggregates (id)' \
        -c 'ALTER MATERIALIZED VIEW laurel_internal.peer_comparison_aggregates OWNER TO laurel_owner' \
        -c "SET ROLE service_role" -c "SELECT DISTINCT regexp_replace(detail, '[0-9]+', 'N') FROM laurel.schedule() WHERE runner = 'pg_cron'"
}

# From now on every minute.
hurry() {
    at "$1" -c "UPDATE laurel.jobs SET schedule = '* * * * *'" -c 'SELECT FROM laurel.schedule()' \
        -c "SELECT FROM cron.job j, cron.alter_job(j.jobid, schedule => '* * * * *') WHERE jobname = 'laurel: job log'"
}

# What a superuser is told, who may look.
missing() {
    at "$1" -c "SELECT DISTINCT substring(detail FROM 'such as: (.*)') FROM laurel.schedule() WHERE runner = 'pg_cron'"
}

# A database whose jobs that pg_cron runs from its own: what schedule() says is run there, every minute.
instruct() {
    at "$1" -d postgres -c "CREATE DATABASE \"it's far\""
    at "$1" -d "it's far" -o /dev/null -c 'CREATE EXTENSION laurel CASCADE' -c 'SELECT laurel.migrate()' 2>/dev/null
    at "$1" -d "it's far" -c "UPDATE laurel.jobs SET schedule = '* * * * *', is_enabled = name <> 'retention'" \
        -c "SELECT substr(detail, length('run in database laurel: ') + 1) FROM laurel.schedule()" >"$out/instructions.sql"
    at "$1" -o /dev/null -f "$out/instructions.sql" \
        -c "SELECT FROM cron.job j, cron.alter_job(j.jobid, schedule => '* * * * *') WHERE jobname LIKE 'laurel: confirmation (%'"
}

# Each job that pg_cron says it has, and that it really runs.
confirmed() {
    is "$(at "$1" -d "it's far" -c 'SET ROLE service_role' \
        -c "SELECT string_agg(job, ' ' ORDER BY job), bool_and(note LIKE 'run by pg_cron of database laurel since %'), count(last_started_at)
            FROM laurel.job_status() WHERE runner = 'pg_cron'")" 'expired leaderboards learning partitions ranks seals waitlists|t|0' &&
        is "$(at "$1" -c "SELECT count(DISTINCT jobid) FROM cron.job_run_details WHERE database = 'it''s far' AND status = 'succeeded'")" 7
}

forgotten() {
    at "$1" -d "it's far" -c "SELECT substr(detail, length('run in database laurel: ') + 1) FROM laurel.unschedule()" >"$out/instructions.sql"
    at "$1" -o /dev/null -f "$out/instructions.sql"
    is "$(at "$1" -c "SELECT count(*) FROM cron.job WHERE database = 'it''s far'")" 0 &&
        is "$(at "$1" -d "it's far" -c 'SET ROLE service_role' -c "SELECT DISTINCT runner FROM laurel.job_status()")" worker
}

wait_for_runs() {
    local end=$((SECONDS + 100))
    until [ "$(at "$1" -c "SELECT count(DISTINCT jobid) FROM cron.job_run_details WHERE status IN ('succeeded', 'failed')")" -ge "$2" ]; do
        [ "$SECONDS" -le "$end" ] || break
        sleep 1
    done
}

runs() {
    at "$1" -c "SELECT concat_ws(' ', substr(jobname, 9), d.status, d.username, CASE WHEN d.status <> 'succeeded' THEN d.return_message END)
        FROM cron.job j JOIN LATERAL (SELECT * FROM cron.job_run_details d WHERE d.jobid = j.jobid ORDER BY d.runid LIMIT 1) d ON true
        WHERE j.database = 'laurel' ORDER BY 1"
}

all_succeed() {
    wait_for_runs "$1" "$2"
    is "$(runs "$1")" "$(printf '%s succeeded laurel_jobs\n' expired 'job log' leaderboards learning partitions peer_comparison ranks retention seals waitlists)"
}

seen() {
    is "$(at "$1" -c 'SET ROLE service_role' -c "SELECT string_agg(concat_ws(' ', job, last_status, last_finished_at >= last_started_at), ', ' ORDER BY job)
        FROM laurel.job_status() WHERE runner = 'pg_cron'")" \
        'expired succeeded t, leaderboards succeeded t, learning succeeded t, partitions succeeded t, peer_comparison succeeded t, ranks succeeded t, retention succeeded t, seals succeeded t, waitlists succeeded t' &&
        is "$(at "$1" -c "SELECT count(*) > 0 FROM laurel.retention_runs WHERE started_by = 'laurel_jobs' AND outcome <> 'failed'")" t &&
        is "$(at "$1" -c "SELECT at < (SELECT created_at FROM laurel.jobs LIMIT 1) FROM laurel_internal.peer_comparison_aggregates")" f
}

taken_back() {
    is "$(at "$1" -c 'SET ROLE service_role' -c "SELECT count(*) FROM laurel.unschedule() WHERE runner = 'worker'" -c 'RESET ROLE' \
        -c "SELECT count(*) FROM cron.job WHERE database = 'laurel'")" '8
0'
}

find_server
if [ ! -f "$("$pg_config" --pkglibdir)/pg_cron.so" ]; then
    say 'this server has no pg_cron: nothing to test'
    exit
fi
installed_extension laurel || fail "the server in $bindir lacks the extension: run make install"
mkdir -p "$out"
prepare workers 'cron.use_background_workers = on'
prepare connections 'cron.use_background_workers = off'

check 'a role that is gone is missed' is "$(without_role "$workers")" 'role "laurel_jobs" does not exist
10'
at "$workers" -c 'REVOKE CONNECT ON DATABASE laurel FROM PUBLIC' -c 'ALTER ROLE laurel_jobs NOLOGIN'
check 'what laurel_jobs lacks is named' is "$(refused "$workers")" \
    'GRANT USAGE ON SCHEMA cron TO laurel_jobs; GRANT CONNECT ON DATABASE laurel TO laurel_jobs; ALTER ROLE laurel_jobs LOGIN; then call again.'
at "$workers" -c 'GRANT CONNECT ON DATABASE laurel TO laurel_jobs' -c 'ALTER ROLE laurel_jobs LOGIN'
check 'all of it, until nothing is' is "$(refused "$workers")" 'GRANT USAGE ON SCHEMA cron TO laurel_jobs; then call again.'
check 'background workers need nothing more' is "$(schedule "$workers")" 'job N of pg_cron'
line='local laurel laurel_jobs trust'
check 'connections need a line of pg_hba.conf, which is named' is "$(schedule "$connections")" \
    "job N of pg_cron, which cannot run it before cron.use_background_workers is on or pg_hba.conf has a line such as: $line"
check 'also to a superuser, who may look' is "$(missing "$connections")" "$line"
echo "$line" | as_server_user tee -a "$connections/data/pg_hba.conf" >/dev/null
as_server_user pg_ctl reload -D "$connections/data" >/dev/null
check 'who sees when it is there' is "$(missing "$connections")" ''
instruct "$workers"
hurry "$workers"
hurry "$connections"
declare -A jobs=([workers]=16 [connections]=9)
for way in workers connections; do
    check "$way: every job runs as laurel_jobs and succeeds" all_succeed "${!way}" "${jobs[$way]}"
    check "$way: which is seen, and has done something" seen "${!way}"
    check "$way: they are taken back" taken_back "${!way}"
done
check 'from a database of its own pg_cron runs those of another one, and says so' confirmed "$workers"
check 'until it is told to stop' forgotten "$workers"
tally "$passed" "$failed"
