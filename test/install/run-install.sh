#!/usr/bin/env bash
# Installs where it must be refused, in two databases of one server, and by restoring into a server that knows none of Laurel's
# roles. Servers of its own: roles belong to all databases of one.
# shellcheck disable=SC2154
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/support/servers.sh
. test/support/servers.sh

out=$root/build/test-install
use() {
    export PGHOST=$1 PGPORT=54396 PGUSER=postgres PGDATABASE=postgres PGOPTIONS='-c client_min_messages=warning'
}

fresh() {
    sql -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" -c "CREATE DATABASE $1 TEMPLATE template0 ${2:-}"
}

# What CREATE EXTENSION says, without line numbers.
said() {
    local answer
    if answer=$(sql -d one -v VERBOSITY=verbose -c 'CREATE EXTENSION laurel CASCADE' 2>&1); then
        echo installed
    else
        grep -E '^(ERROR|DETAIL|HINT)' <<<"$answer"
    fi
}

install() {
    sql -d "$1" -o /dev/null -c 'CREATE EXTENSION laurel CASCADE' -c 'SELECT laurel.migrate()'
}

refuses_encoding() {
    fresh one "ENCODING '$1' LC_COLLATE 'C' LC_CTYPE 'C'"
    is "$(said)" "ERROR:  0A000: laurel needs a database in UTF-8
DETAIL:  Database one is in $1.
HINT:  Make one with CREATE DATABASE laurel ENCODING 'UTF8' TEMPLATE template0."
}

# The script is read in the database's encoding before it can say what is wrong.
script_is_ascii() {
    ! LC_ALL=C grep -nP '[^\x00-\x7F]' "$("$pg_config" --sharedir)"/extension/laurel--*.sql
}

# refuses_schema STATEMENTS DETAIL [NAME]: what somebody did before.
refuses_schema() {
    fresh one
    sql -d one -c 'ALTER DATABASE one OWNER TO dev' -c "$1"
    like "$(said)" "^ERROR:  42P06: schema \"${3:-laurel}\" is there already.*DETAIL:  $2.*HINT:  Look what is in it, then drop or rename it.$"
}

takes_empty_schema() {
    fresh one
    sql -d one -c 'CREATE SCHEMA laurel'
    is "$(said)" installed
}

# refuses_role CHANGE UNDO DETAIL
refuses_role() {
    local answer
    fresh one
    sql -c "$1"
    answer=$(said)
    sql -c "$2"
    is "$answer" "ERROR:  42710: role \"${3%% *}\" is there already and more than Laurel's may be
DETAIL:  It ${3#* }.
HINT:  Take that away from it, or rename it (ALTER ROLE ${3%% *} RENAME TO ...), then try again."
}

takes_small_roles() {
    fresh one
    is "$(said)" installed
}

award() {
    is "$(sql -d "$1" -c "INSERT INTO laurel.users (email) VALUES ('$2@install.test')" -c 'SET ROLE service_role' \
        -c "SELECT balance_after FROM laurel.record_points_transaction((SELECT id FROM laurel.users WHERE email = '$2@install.test'), 7, 't', reason => 'r')" \
        -c 'CALL laurel.run_retention()' -c 'SELECT count(*) FROM laurel.verify_ledger()')" '7
0'
}

# The worker's login, a member of service_role, runs the jobs where pg_cron does not.
jobs_run() {
    sql -d one -c 'SET ROLE service_role' -c "SELECT command || ';' FROM laurel.jobs WHERE requires IS NULL" |
        PGUSER=clerk sql -d one -o /dev/null -f - &&
        is "$(sql -d one -c "SELECT count(*) > 0 FROM laurel.retention_runs WHERE started_by = 'clerk' AND outcome <> 'failed'")" t
}

two_databases() {
    fresh one && fresh two && install one && install two && award one ann && award two bea
}

one_goes() {
    sql -d one -o /dev/null -c "SELECT laurel.migrate('0')" -c 'DROP EXTENSION laurel' && award two cid &&
        is "$(sql -c "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname LIKE 'laurel%'")" 'laurel_jobs laurel_owner'
}

# What is done is not said again.
nothing_to_say() {
    is "$(PGOPTIONS='' sql -d one -c 'SELECT laurel.migrate()' 2>&1)" ''
}

one_returns() {
    install one && award one ann && fresh one && award two dan
}

# What README says of roles that are not needed any more.
roles_go() {
    sql -d two -o /dev/null -c "SELECT laurel.migrate('0')" -c 'DROP EXTENSION laurel' -c 'DROP OWNED BY laurel_owner, laurel_jobs' \
        -c 'DROP ROLE laurel_owner, laurel_jobs'
}

# Somebody else's schema auth, which must not be asked.
squatted_auth() {
    fresh one
    sql -d one -o /dev/null -c 'ALTER DATABASE one OWNER TO dev' -c 'SET ROLE dev' -c 'CREATE SCHEMA auth' -c 'GRANT USAGE ON SCHEMA auth TO PUBLIC' \
        -c "CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE plpgsql AS 'BEGIN RAISE ''asked auth.uid''; END'" \
        -c "CREATE FUNCTION auth.role() RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE ''asked auth.role''; END'" \
        -c "CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE plpgsql AS 'BEGIN RAISE ''asked auth.jwt''; END'" || return 1
    install one && award one ann && is "$(sql -d one -c "SELECT set_config('request.jwt.claims', format('{\"sub\": \"%s\"}', id), false) IS NOT NULL FROM laurel.users" \
        -c 'SET ROLE authenticated' -c 'SELECT count(*) FROM laurel.users WHERE id = laurel.uid()' \
        -c 'SELECT current_streak FROM laurel.record_activity()')" 't
1
1' && is "$(sql -d one -c "SELECT count(*) FROM pg_depend d JOIN pg_proc p ON p.oid = d.refobjid WHERE d.refclassid = 'pg_proc'::regclass
        AND p.pronamespace = 'auth'::regnamespace")" 0
}

# What a session of a client hears that has called nothing of Laurel's yet.
first_lock() {
    local answer
    answer=$(PGUSER=client sql -d one -c 'BEGIN; LOCK TABLE laurel.badges' 2>&1) && echo locked || grep -o 'only its owner locks laurel.badges' <<<"$answer"
}

loaded_from_start() {
    sql -c 'CREATE ROLE client LOGIN IN ROLE authenticated' && is "$(first_lock)" locked && sql -c "ALTER DATABASE one SET session_preload_libraries = 'laurel'" &&
        is "$(first_lock)" 'only its owner locks laurel.badges' && award one eve
}

# Where another role owns the tables, foreign keys act as that role: what a developer has attached does not run then.
foreign_keys_of_another_owner() {
    fresh one && install one && is "$(sql -d one -f test/install/other_owner.sql 2>&1 | sed 's/.*ERROR:  //' | grep -E 'must not run|landlord$')" \
        'function app.hook() of role dev must not run with the rights of landlord
landlord'
}

describe() {
    sql -d "$1" -f scripts/describe-database.sql | LC_ALL=C sort
}

# restore HOW: into a server without Laurel's roles.
restore() {
    fresh restored
    is "$(sql -c "SELECT count(*) FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres'")" 0 || return 1
    if [ "$1" = plain ]; then
        sql -d restored -o /dev/null -f "$out/plain.sql"
    else
        pg_restore --exit-on-error "${@:2}" -d restored "$out/archive"
    fi
}

forget_restored() {
    sql -c 'DROP DATABASE restored WITH (FORCE)' -c 'DROP ROLE anon, authenticated, service_role, laurel_owner, laurel_jobs'
}

same_as_source() {
    describe restored >"$out/$1.txt"
    diff "$out/source.txt" "$out/$1.txt" && is "$(sql -d restored -c 'SELECT count(*) FROM laurel.verify_ledger()')" 0 &&
        sql -d restored -o /dev/null -f test/crash/dump_after.sql
}

# A restore without owners leaves the tables to the superuser; migrating gives them back.
owners_come_back() {
    is "$(sql -d restored -c "SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'laurel'::regnamespace AND relkind <> 'c'")" postgres &&
        sql -d restored -o /dev/null -c 'SELECT laurel.migrate()' && describe restored >"$out/no-owner.txt" &&
        diff <(grep -E '^(tables|schemas|functions)' "$out/source.txt") <(grep -E '^(tables|schemas|functions)' "$out/no-owner.txt")
}

# As the guide says: who is no superuser makes neither the extension nor its schemas, and gets what owning its tables takes.
restore_as_app() {
    fresh restored
    sql -c 'CREATE ROLE app LOGIN' -c 'ALTER DATABASE restored OWNER TO app'
    sql -d restored -c 'CREATE EXTENSION laurel CASCADE' -c 'GRANT USAGE, CREATE ON SCHEMA laurel, laurel_internal TO app' \
        -c 'GRANT EXECUTE ON ALL ROUTINES IN SCHEMA laurel, laurel_internal TO app'
    pg_restore -l "$out/archive" | grep -vE ' (SCHEMA - laurel|EXTENSION - |COMMENT - (SCHEMA laurel|EXTENSION ))' >"$out/list"
    pg_restore --exit-on-error --no-owner -L "$out/list" -U app -d restored "$out/archive"
}

app_goes_on() {
    is "$(sql -d restored -c "SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'laurel'::regnamespace AND relkind <> 'c'")" app &&
        is "$(sql -U app -d restored -c 'SELECT count(*) FROM laurel.verify_ledger()' -c 'SELECT count(*) FROM laurel.check()' -c 'SELECT laurel.migrate()')" '0
0' && sql -d restored -o /dev/null -f test/crash/dump_after.sql
}

find_server
installed_extension laurel || fail "the server in $bindir lacks the extension: run make install"
rm -rf "$out"
mkdir -p "$out"
own_server source 54396 all 'fsync = off'
own_server target 54396 all 'fsync = off'
use "$source"
sql -c 'CREATE ROLE dev LOGIN' -c 'CREATE ROLE friend'

for encoding in SQL_ASCII LATIN1 EUC_JP; do
    check "a database in $encoding is refused" refuses_encoding "$encoding"
done
check 'in words that every encoding has' script_is_ascii

check 'a schema laurel of somebody else is refused' refuses_schema 'CREATE SCHEMA laurel AUTHORIZATION dev' 'It belongs to dev, who is no superuser.'
check 'so is one with a table' refuses_schema 'CREATE SCHEMA laurel CREATE TABLE users (id uuid)' 'It holds .*table laurel.users'
check 'with a function' refuses_schema "CREATE SCHEMA laurel; CREATE FUNCTION laurel.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'" 'It holds function laurel.uid'
check 'with default privileges' refuses_schema 'CREATE SCHEMA laurel; ALTER DEFAULT PRIVILEGES IN SCHEMA laurel GRANT ALL ON TABLES TO dev' 'It holds default privileges'
check 'a schema laurel_internal of somebody else is refused' refuses_schema 'CREATE SCHEMA laurel_internal AUTHORIZATION dev' 'It belongs to dev; Laurel makes its own.' laurel_internal
check 'an empty schema laurel of a superuser is taken' takes_empty_schema

for attribute in SUPERUSER CREATEROLE CREATEDB REPLICATION BYPASSRLS; do
    check "a laurel_owner that is $attribute is refused" refuses_role "ALTER ROLE laurel_owner $attribute" "ALTER ROLE laurel_owner NO$attribute" "laurel_owner is $attribute"
    check "so is such a laurel_jobs" refuses_role "ALTER ROLE laurel_jobs $attribute" "ALTER ROLE laurel_jobs NO$attribute" "laurel_jobs is $attribute"
done
check 'a laurel_owner that may log in is refused' refuses_role 'ALTER ROLE laurel_owner LOGIN' 'ALTER ROLE laurel_owner NOLOGIN' 'laurel_owner may log in'
check 'one that is a member' refuses_role 'GRANT pg_read_all_data TO laurel_owner' 'REVOKE pg_read_all_data FROM laurel_owner' 'laurel_owner is a member of pg_read_all_data'
check 'one that has members' refuses_role 'GRANT laurel_owner TO dev, friend' 'REVOKE laurel_owner FROM dev, friend' 'laurel_owner has as members dev, friend'
check 'a laurel_jobs that has members' refuses_role 'GRANT laurel_jobs TO dev' 'REVOKE laurel_jobs FROM dev' 'laurel_jobs has as members dev'
check 'roles that are there and small are taken' takes_small_roles

check 'two databases of a server have Laurel' two_databases
sql -c 'CREATE ROLE clerk LOGIN IN ROLE service_role'
check 'the worker runs jobs under a login of its own' jobs_run
check 'migrating again says nothing' nothing_to_say
check 'one drops it, the other goes on' one_goes
check 'it comes back where it was' one_returns
check 'a schema auth that somebody made is not asked' squatted_auth
check 'a library loaded from the start keeps clients from locking tables' loaded_from_start
sql -c 'CREATE ROLE landlord'
check 'foreign keys of another owner run nobody else'\''s code' foreign_keys_of_another_owner

fresh one
install one
sql -d one -o /dev/null -f test/crash/dump_fixture.sql
describe one >"$out/source.txt"
pg_dump -d one -f "$out/plain.sql"
pg_dump -d one -Fc -f "$out/archive"
use "$target"
check 'a plain dump is restored where there are no roles' restore plain
check 'as it was, and goes on' same_as_source plain
forget_restored
check 'so is an archive' restore archive -j 2
check 'as it was, and goes on' same_as_source archive
forget_restored
check 'a restore without owners' restore archive --no-owner
check 'gets them back by migrating' owners_come_back
forget_restored
check 'who is no superuser restores without owners' restore_as_app
check 'has the tables, and they go on' app_goes_on

use "$source"
fresh one
check 'roles that nothing needs any more can be dropped' roles_go
tally "$passed" "$failed"
