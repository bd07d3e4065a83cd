#!/usr/bin/env bash
# Tests the bridges between Postgres' errors and C++ exceptions with a module of their own, which is never installed.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

here=$root/test/frontier
out=$root/build/frontier
module=$out/laurel_frontier_test.so
allowed=2048 # kilobytes by which 100,000 failures may make a backend grow

build() {
    mkdir -p "$out"
    nice make -s -C "$out" -f "$here/Makefile" PG_CONFIG="$(command -v "$pg_config")" with_llvm=no
}

# One session over a file of statements: everything it prints, also errors, with all their fields.
session() {
    psql -X -q -A -t -v VERBOSITY=verbose -f - 2>&1
}

is() {
    local found
    found=$(session <<<"$1")
    [ "$found" = "$2" ] || {
        printf 'found:    %s\nexpected: %s\n' "$found" "$2"
        return 1
    }
}

# What two statements raise differs in nothing, neither for SQL nor for a client, source file and line included.
same_error() {
    diff <(session <<<"$1" | sed 's|pg_temp_[0-9]*|pg_temp|') <(session <<<"$2" | sed 's|pg_temp_[0-9]*|pg_temp|') &&
        diff <(sql -c "SELECT error_of(\$q\$$1\$q\$)") <(sql -c "SELECT error_of(\$q\$$2\$q\$)")
}

# The session goes on in the same backend, and everything it made is destroyed.
survives() {
    session >"$out/survives" <<SQL
SELECT pg_backend_pid() AS pid \gset
SET statement_timeout = '${2:-0}';
$1;
$1;
SET statement_timeout = 0;
SELECT CASE WHEN pg_backend_pid() = :pid THEN 'same backend' END, alive(), (frontier_counts())[1] > 0, frontier_succeed(21);
SQL
    if ! grep -qxF 'same backend|0|t|42' "$out/survives" || [ "$(grep -c 'ERROR:' "$out/survives")" != 2 ]; then
        cat "$out/survives"
        return 1
    fi
}

stays_small() {
    local grown
    grown=$(sql -c "SELECT growth(\$q\$$1\$q\$)")
    [ "$grown" -le "$allowed" ] || {
        echo "grew by $grown kB"
        return 1
    }
}

find_server
check "the module builds" build
[ "$failed" -eq 0 ] || tally "$passed" "$failed"
scripts/cluster.sh createdb --empty laurel_frontier >/dev/null
use_database laurel_frontier
if ! as_server_user test -r "$module"; then
    as_server_user tee "$(cluster_home)/laurel_frontier_test.so" <"$module" >/dev/null
    module=$(cluster_home)/laurel_frontier_test.so
fi
sql -v module="$module" -f "$here/frontier.sql" >/dev/null

check "a C++ exception says what" is "SELECT error_of(\$\$SELECT frontier_throw('so it is, 100 %s')\$\$)" \
    "XX000|so it is, 100 %s||||||||SQL statement \"the statement\"
PL/pgSQL function error_of(text) line 6 at EXECUTE"
check "a thrown int is an unknown exception" is "SELECT split_part(error_of('SELECT frontier_throw_int()'), '|', 2)" "unknown C++ exception"
check "bad_alloc is out of memory" is "SELECT left(error_of('SELECT frontier_throw_bad_alloc()'), 20)" "53200|out of memory|"
check "a vector too large is out of memory or an error" is \
    "SELECT left(error_of('SELECT frontier_exhaust(100000000000000000)'), 5) IN ('53200', 'XX000')" t
check "a message of any length is brought home, cut" is \
    "SELECT length(split_part(error_of(format('SELECT frontier_throw(%L)', repeat('x', 100000))), '|', 2))" 511
check "an error through guard is the error itself" same_error "SELECT frontier_raise_native()" \
    "SELECT frontier_raise_guarded()"
check "through five guards too" same_error "SELECT frontier_raise_native()" "SELECT frontier_raise_nested(5)"
check "and caught and thrown again" same_error "SELECT frontier_raise_native()" "SELECT frontier_raise_again()"
check "an error of a statement keeps its position" same_error "SELECT frontier_execute_native('SELECT 1 + nothing')" \
    "SELECT frontier_execute_guarded('SELECT 1 + nothing')"
check "one of a constraint its names" same_error \
    "SELECT frontier_execute_native('CREATE TABLE t (a int CONSTRAINT t_a_check CHECK (a > 0)); INSERT INTO t VALUES (0)')" \
    "SELECT frontier_execute_guarded('CREATE TABLE t (a int CONSTRAINT t_a_check CHECK (a > 0)); INSERT INTO t VALUES (0)')"
check "a refusal has all it was given" is "SELECT left(error_of('SELECT frontier_refuse()'), 58)" \
    "PT409|no|A detail.|A hint.|laurel|a_table|||a_constraint|S"
check "a guarded success gives its value" is "SELECT frontier_succeed(4)" 8
check "errors that are caught leave nothing on Postgres' error stack" is "SELECT frontier_swallow(100)" 100

for statement in "SELECT frontier_throw('x')" "SELECT frontier_throw_int()" "SELECT frontier_throw_bad_alloc()" \
    "SELECT frontier_raise_guarded()" "SELECT frontier_raise_nested(20)" "SELECT frontier_raise_again()" \
    "SELECT frontier_execute_guarded('SELECT 1/0')" \
    "SELECT frontier_execute_guarded('SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)')"; do
    check "the backend survives $statement" survives "$statement"
done
check "the backend survives statement_timeout in a guarded statement" survives \
    "SELECT frontier_execute_guarded('SELECT pg_sleep(5)')" 50ms

for statement in "SELECT frontier_raise_native()" "SELECT frontier_throw('x')" "SELECT frontier_throw_int()" \
    "SELECT frontier_throw_bad_alloc()" "SELECT frontier_raise_guarded()" "SELECT frontier_raise_nested(3)" \
    "SELECT frontier_raise_again()" "SELECT frontier_execute_guarded('SELECT 1/0')"; do
    check "100,000 times $statement in $((allowed / 1024)) MB" stays_small "$statement"
done
tally "$passed" "$failed"
