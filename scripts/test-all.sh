#!/usr/bin/env bash
# Runs every part of the tests, two at a time, and goes on after a failure; the last line is the total. What a part prints
# comes when it has ended. A part that failed beside another runs once more alone, and the end says what failed in which of
# the two. A cluster it had to start, it stops. LAUREL_CHECKS=1 runs one part after the other, each once.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

out=build/check
lanes=${LAUREL_CHECKS:-2}

# The parts, those that take longest first, so that the last ones to run are short.
slow=(kernel worker/worker sql worker/limits memory/backend jobs/pgcron clients/javascript isolation frontier/frontier memory/outbox worker/memory install/install)

parts() {
    local script name
    printf '%s\n' kernel symbols only errors sql isolation dump migrations
    for script in test/*/run-*.sh; do
        [ -x "$script" ] || continue
        name=${script#test/}
        name=${name/run-/}
        echo "${name%.sh}"
    done
}

in_order() {
    local name
    printf '%s\n' "${slow[@]}" | grep -xFf <(parts)
    while read -r name; do
        printf '%s\n' "${slow[@]}" | grep -qxF "$name" || echo "$name"
    done < <(parts)
}

command_of() {
    case $1 in
        symbols | only | errors) echo "scripts/check-$1.sh" ;;
        */*) echo "test/${1%/*}/run-${1##*/}.sh" ;;
        *) echo "scripts/test-$1.sh" ;;
    esac
}

# Runs one part into files of its own: what it printed, its exit status and its seconds.
run_part() {
    local stem=$out/${1//\//-} status=0 began=$SECONDS
    "$(command_of "$1")" </dev/null >"$stem.log" 2>&1 || status=$?
    echo "$status $((SECONDS - began))" >"$stem.status"
}

# Keeps what a part said of its failures for the end.
remember_failures() {
    failures+=("$1 $2:" "$(grep -E -A 12 '^not ok|^ *# Failed|^FAILED|\[  FAILED  \]|^error|^ERROR' "$3" | head -n 40 || tail -n 20 "$3")")
}

# Shows what a part printed and adds its closing line; a part without one counts once, by its exit status. A part that
# failed beside another waits for its second run.
report() {
    local stem=$out/${1//\//-} status seconds part_passed=0 part_failed=0 line
    read -r status seconds <"$stem.status"
    printf '\n== %s\n' "$1"
    cat "$stem.log"
    if [ "$status" -ne 0 ] && [ "$lanes" -gt 1 ] && [ -z "${alone:-}" ]; then
        remember_failures "$1" "failed beside another part" "$stem.log"
        again+=("$1")
        return
    fi
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$stem.log" | tail -n 1) || true
    if [ -n "$line" ]; then
        part_passed=${line%% passed*}
        part_failed=${line#* passed, }
        part_failed=${part_failed%% failed}
    elif [ "$status" -eq 0 ]; then
        part_passed=1
    fi
    [ "$status" -eq 0 ] || [ "$part_failed" -gt 0 ] || part_failed=1
    [ "$status" -eq 0 ] || remember_failures "$1" "failed alone" "$stem.log"
    total_passed=$((total_passed + part_passed))
    total_failed=$((total_failed + part_failed))
    summary+=("$(printf '%6d s %-24s %6d passed %6d failed' "$seconds" "$1" "$part_passed" "$part_failed")")
}

total_passed=0
total_failed=0
summary=()
failures=()
again=()
find_server
if ! is_running; then
    trap 'scripts/cluster.sh stop' EXIT
fi
scripts/cluster.sh start >/dev/null
rm -rf "$out"
mkdir -p "$out"
shopt -s nullglob

# A part that ends lets the next one begin.
declare -A running=()
reap() {
    local pid
    wait -n -p pid "${!running[@]}" || true
    report "${running[$pid]}"
    unset "running[$pid]"
}
while read -r name; do
    [ "${#running[@]}" -lt "$lanes" ] || reap
    run_part "$name" &
    running[$!]=$name
done < <(in_order)
while [ "${#running[@]}" -gt 0 ]; do
    reap
done

alone=yes
for name in "${again[@]}"; do
    cp "$out/${name//\//-}.log" "$out/${name//\//-}.first.log"
    run_part "$name"
    report "$name"
done

printf '\n== summary of PostgreSQL %s, what took longest first\n' "$major"
printf '%s\n' "${summary[@]}" | sort -rn
grep -h SKIPPED "$out"/*.log || true
[ "${#failures[@]}" -eq 0 ] || printf '%s\n' '' '== what failed' "${failures[@]}"
printf '\n'
tally "$total_passed" "$total_failed"
