#!/usr/bin/env bash
# Runs the pgTAP files named, else all of test/sql and its folders, in a database of their own; each file rolls back what it does.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# Prints how many tests pg_prove's summary holds for failed; a file that broke off counts once at least.
count_failed() {
    sed -nE 's/.*\(Wstat: .* Failed: ([0-9]+)\)$/\1/p' "$1" | awk '{ sum += $1 > 0 ? $1 : 1 } END { print sum + 0 }'
}

count_run() {
    sed -nE 's/^Files=[0-9]+, Tests=([0-9]+),.*/\1/p' "$1" | tail -n 1
}

shopt -s nullglob
files=("$@")
[ $# -gt 0 ] || mapfile -t files < <(find test/sql -name '*.sql' -not -path '*/support/*' | sort)
if [ "${#files[@]}" -eq 0 ]; then
    say "there is no test in test/sql"
    tally 0 1
fi

find_server
scripts/cluster.sh createdb laurel_test >/dev/null
use_database laurel_test
for file in test/sql/support/*.sql; do
    sql -f "$file" >/dev/null || fail "$file could not be loaded"
done

mkdir -p build/sql-tests
log=build/sql-tests/log
status=0
pg_prove --norc -j1 --nocolor --ext .sql --failures --comments "${files[@]}" 2>&1 | tee "$log" || status=$?

total=$(count_run "$log")
failed=$(count_failed "$log")
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
passed=$((${total:-0} - failed))
tally $((passed > 0 ? passed : 0)) "$failed"
