#!/usr/bin/env bash
# Erases people as a scheduler does: a transaction each, one who cannot be erased alone, killed in the middle; then looks for them in a dump of
# everything, and brings them back with an older dump.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

find_server
scripts/cluster.sh createdb --empty laurel_erasure >/dev/null
use_database laurel_erasure
export PGOPTIONS='-c client_min_messages=error'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
marks='zyxwvut|qanary|0199777'

# So many people of one organization, with all that a name can stand in; their month is over.
make_people() {
    sql -c "INSERT INTO laurel.users (organization_id, email, full_name, first_name, last_name)
        SELECT o.id, 'zyxwvut' || n || '@qanary.test', 'Zyxwvut Qanary' || n, 'Zyxwvut', 'Qanary' || n FROM laurel.organizations o, generate_series(1, $1) n WHERE o.slug = 'erasure'" \
        -c "UPDATE laurel.profiles SET bio = 'I am Zyxwvut', city = 'Qanary' WHERE user_id IN (SELECT id FROM laurel.users WHERE email LIKE 'zyxwvut%')" \
        -c "INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, created_at, occurred_at)
            SELECT organization_id, id, 5, 'bonus', 'for ' || full_name, now(), now() FROM laurel.users WHERE email LIKE 'zyxwvut%'" \
        -c "INSERT INTO laurel.notifications (organization_id, user_id, type, title, message) SELECT u.organization_id, w.id, 'x', u.full_name || ' has joined', 'write to ' || u.email
            FROM laurel.users u, laurel.users w WHERE u.email LIKE 'zyxwvut%' AND w.email = 'witness@erasure.test'" \
        -c "INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message) SELECT u.organization_id, w.id, u.id, 'Thanks, ' || u.full_name
            FROM laurel.users u, laurel.users w WHERE u.email LIKE 'zyxwvut%' AND w.email = 'witness@erasure.test'" \
        -c "SELECT laurel.erase_user(id, 'my name is ' || full_name) FROM laurel.users WHERE email LIKE 'zyxwvut%'" >/dev/null
}

erase() {
    sql -c 'CALL laurel.run_erasures()'
}

left() {
    sql -c "SELECT count(*) FROM laurel.users WHERE email LIKE 'zyxwvut%'"
}

# Lines of a dump of everything in which somebody is.
in_dump() {
    pg_dump -d "${1:-laurel_erasure}" | grep -aicE "$marks" || true
}

sound() {
    is "$(sql -d "${1:-laurel_erasure}" -c 'SELECT (SELECT count(*) FROM laurel.verify_ledger()) + (SELECT count(*) FROM laurel.check()) + (SELECT count(*) FROM laurel.verify_audit())')" 0
}

goes_on_after_kill() {
    make_people 40
    # Entries of the first are archived.
    sql -c "UPDATE laurel.retention_policies SET keep = '0' WHERE name = 'points_ledger_archive'" -c "CALL laurel.run_retention(only_policy => 'points_ledger_archive')"
    is "$(sql -c 'SELECT count(*) > 0 FROM laurel.points_ledger_archive')" t || return 1
    pg_dump -Fc -f "$work/before.dump"
    sql -c "CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.05); RETURN OLD; END'" \
        -c 'CREATE TRIGGER slow BEFORE DELETE ON laurel.profiles FOR EACH ROW EXECUTE FUNCTION public.slow()'
    erase >/dev/null 2>&1 &
    local caller=$!
    until [ "$(left)" -lt 40 ] || ! kill -0 "$caller" 2>/dev/null; do sleep 0.1; done
    sql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CALL laurel.run_erasures%' AND datname = current_database()" >/dev/null
    wait "$caller" || true
    sql -c 'DROP FUNCTION public.slow() CASCADE'
    local rest
    rest=$(left)
    if [ "$rest" -eq 0 ] || [ "$rest" -eq 40 ]; then
        echo "$rest of 40 were left"
        return 1
    fi
    is "$(sql -c "SELECT count(*) FROM laurel.privacy_requests WHERE status = 'open'")" "$rest" && erase && is "$(left)" 0
}

nowhere_in_dump() {
    is "$(in_dump)" 0 && sound && is "$(sql -c 'SELECT sum(amount) FROM laurel.points_history')" 200
}

# Statistics too, once they are made anew.
nowhere_in_statistics() {
    sql -c 'VACUUM ANALYZE'
    is "$(sql -c "SELECT count(*) FROM pg_stats WHERE concat(most_common_vals::text, histogram_bounds::text) ~* '$marks'")" 0
}

bad_one_fails_alone() {
    make_people 3
    sql -c "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF OLD.last_name = ''Qanary2'' THEN RAISE ''not this one''; END IF; RETURN NEW; END'" \
        -c 'CREATE TRIGGER refuse BEFORE UPDATE ON laurel.users FOR EACH ROW EXECUTE FUNCTION public.refuse()'
    erase
    is "$(sql -c "SELECT string_agg(last_name, ',') FROM laurel.users WHERE last_name IS NOT NULL")" Qanary2 || return 1
    is "$(sql -c "SELECT attempts || ' ' || problem FROM laurel.privacy_requests WHERE status = 'open'")" '1 P0001 not this one' || return 1
    sql -c 'DROP FUNCTION public.refuse() CASCADE'
    erase && is "$(left)" 0 && is "$(in_dump)" 0
}

# A trigger that keeps something without a word is found out.
silent_one_is_told() {
    make_people 1
    sql -c "CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'" \
        -c 'CREATE TRIGGER keep BEFORE DELETE ON laurel.profiles FOR EACH ROW EXECUTE FUNCTION public.keep()'
    erase
    like "$(sql -c "SELECT problem FROM laurel.privacy_requests WHERE status = 'open'")" '^39P01 ' || return 1
    sql -c 'DROP FUNCTION public.keep() CASCADE'
    erase && is "$(in_dump)" 0
}

serves_the_job() {
    make_people 1
    sql -c 'SET ROLE laurel_jobs' -c 'CALL laurel.run_erasures()' && is "$(left)" 0 || return 1
    make_people 1
    PGOPTIONS="$PGOPTIONS -c role=service_role" erase && is "$(left)" 0
}

# The register that is kept elsewhere knows whom a backup brings back.
restore_forgets_again() {
    pg_dump --data-only --table=laurel.erasures --inserts --on-conflict-do-nothing -f "$work/erasures.sql"
    sql -d postgres -c 'DROP DATABASE IF EXISTS laurel_erasure_back' -c 'CREATE DATABASE laurel_erasure_back'
    pg_restore -d laurel_erasure_back "$work/before.dump"
    [ "$(in_dump laurel_erasure_back)" -gt 40 ] || { echo 'nobody came back'; return 1; }
    sql -d laurel_erasure_back -f "$work/erasures.sql" >/dev/null
    is "$(sql -d laurel_erasure_back -c "SELECT count(*), min(outcome), max(outcome) FROM laurel.reapply_erasures()")" '40|erased|erased' || return 1
    is "$(in_dump laurel_erasure_back)" 0 && sound laurel_erasure_back
}

sql -c 'CREATE EXTENSION laurel CASCADE' -c 'SELECT FROM laurel.migrate()' -c "INSERT INTO laurel.organizations (name, slug) VALUES ('Erasure', 'erasure')" \
    -c "INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days) SELECT id, 0 FROM laurel.organizations" \
    -c "INSERT INTO laurel.users (organization_id, email) SELECT id, 'witness@erasure.test' FROM laurel.organizations WHERE slug = 'erasure'" >/dev/null
check 'a run that was killed has erased some, the next one the rest' goes_on_after_kill
check 'a dump of everything holds nobody who was erased' nowhere_in_dump
check 'nor do statistics once they are made anew' nowhere_in_statistics
check 'who cannot be erased is noted and keeps nobody else' bad_one_fails_alone
check 'what a trigger keeps without a word is found out' silent_one_is_told
check 'laurel_jobs and the service role may call it' serves_the_job
check 'whom a restored dump brings back is erased by the register' restore_forgets_again
sql -d postgres -c 'DROP DATABASE IF EXISTS laurel_erasure_back'
tally "$passed" "$failed"
