#!/usr/bin/env bash
# Runs every test and goes on after a failure; the last line is the total. A cluster it had to start, it stops.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

out=build/check
total_passed=0
total_failed=0
summary=()

# Runs one part and adds its closing line; a part without one counts once, by its exit status.
run() {
    local name=$1 log=$out/${1//\//-}.log status=0 passed=0 failed=0 began=$SECONDS line
    shift
    echo
    echo "== $name"
    "$@" </dev/null 2>&1 | tee "$log" || status=$?
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1) || true
    if [ -n "$line" ]; then
        passed=${line%% passed*}
        failed=${line#* passed, }
        failed=${failed%% failed}
    elif [ "$status" -eq 0 ]; then
        passed=1
    fi
    [ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
    summary+=("$(printf '%-24s %6d passed %6d failed %6d s' "$name" "$passed" "$failed" $((SECONDS - began)))")
}

find_server
if ! is_running; then
    trap 'scripts/cluster.sh stop' EXIT
fi
rm -rf "$out"
mkdir -p "$out"

run kernel scripts/test-kernel.sh
run symbols scripts/check-symbols.sh
run sql scripts/test-sql.sh
run isolation scripts/test-isolation.sh
run dump scripts/test-dump.sh
run migrations scripts/test-migrations.sh
shopt -s nullglob
for script in test/*/run-*.sh; do
    [ -x "$script" ] || continue
    name=${script#test/}
    name=${name/run-/}
    run "${name%.sh}" "$script"
done

echo
echo "== summary of PostgreSQL $major"
printf '%s\n' "${summary[@]}"
echo
tally "$total_passed" "$total_failed"
