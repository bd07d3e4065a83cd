#!/usr/bin/env bash
# Runs the pgTAP files named, else all of test/sql, in a database of their own; each file rolls back what it does. A name is
# a domain (points), a topic (tiers) or both (points/tiers), or a file.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# Prints how many tests pg_prove's summary holds for failed; a file that broke off counts once at least.
count_failed() {
    sed -nE 's/.*\(Wstat: .* Failed: ([0-9]+)\)$/\1/p' "$1" | awk '{ sum += $1 > 0 ? $1 : 1 } END { print sum + 0 }'
}

count_run() {
    sed -nE 's/^Files=[0-9]+, Tests=([0-9]+),.*/\1/p' "$1" | tail -n 1
}

# Prints the files that a name stands for.
files_of() {
    local found=() name=${1%.sql}
    name=${name#test/sql/}
    if [ -d "test/sql/$name" ]; then
        found=("test/sql/$name"/*.sql)
    elif [ -f "test/sql/$name.sql" ]; then
        found=("test/sql/$name.sql")
    elif [ -f "$1" ]; then
        found=("$1")
    else
        found=(test/sql/*/"$name.sql")
    fi
    [ "${#found[@]}" -gt 0 ] || fail "no test in test/sql is called $1"
    printf '%s\n' "${found[@]}"
}

# Prints all files of tests; test/sql/support holds none.
all_files() {
    find test/sql -name '*.sql' ! -path '*/support/*' | LC_ALL=C sort
}

shopt -s nullglob
named=$(if [ $# -gt 0 ]; then for name in "$@"; do files_of "$name"; done; else all_files; fi)
mapfile -t files <<<"$named"
if [ -z "$named" ]; then
    say "there is no test in test/sql"
    tally 0 1
fi

without=$(grep -L '^\\ir \.\./support/load\.sql$' "${files[@]}" || true)
[ -z "$without" ] || fail "a test begins with \\ir ../support/load.sql, so that pg_prove alone runs it, but not"$'\n'"$without"

find_server
scripts/cluster.sh createdb laurel_test >/dev/null
use_database laurel_test

mkdir -p build/sql-tests
log=build/sql-tests/log
status=0
pg_prove --norc -j1 --timer --nocolor --ext .sql --failures --comments "${files[@]}" 2>&1 | tee "$log" || status=$?

total=$(count_run "$log")
failed=$(count_failed "$log")
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
passed=$((${total:-0} - failed))
tally $((passed > 0 ? passed : 0)) "$failed"
