#!/usr/bin/env bash
# Runs the isolation specs named, else all of test/isolation/specs: races, with every interleaving written down.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# Prints where the server's development package keeps pg_isolation_regress.
find_runner() {
    local runner
    runner=$(dirname "$("$pg_config" --pgxs)")/../test/isolation/pg_isolation_regress
    [ -x "$runner" ] || fail "$runner is missing: install the server's development package (make deps)"
    echo "$runner"
}

shopt -s nullglob
specs=("$@")
if [ $# -eq 0 ]; then
    for file in test/isolation/specs/*.spec; do
        specs+=("$(basename "$file" .spec)")
    done
fi
if [ "${#specs[@]}" -eq 0 ]; then
    say "there is no spec in test/isolation/specs"
    tally 0 1
fi

find_server
runner=$(find_runner)
scripts/cluster.sh createdb laurel_isolation >/dev/null
use_database laurel_isolation

output=build/isolation
rm -rf "$output"
mkdir -p "$output"
status=0
"$runner" --use-existing --bindir="$bindir" --dbname=laurel_isolation --host="$PGHOST" --port="$PGPORT" --user=postgres \
    --inputdir=test/isolation --outputdir="$output" "${specs[@]}" 2>&1 | tee "$output/log" || status=$?

total=${#specs[@]}
failed=0
if [ "$status" -ne 0 ]; then
    [ ! -f "$output/regression.diffs" ] || cat "$output/regression.diffs"
    failed=$(sed -nE 's/^[ #]*([0-9]+) of [0-9]+ tests failed.*/\1/p' "$output/log" | tail -n 1)
    failed=${failed:-$total}
fi
tally $((total - failed)) "$failed"
