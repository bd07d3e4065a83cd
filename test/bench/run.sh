#!/usr/bin/env bash
# Measures Laurel against hand-written peers, side by side in one run, and prints a row for each comparison; fails when a
# target is missed. README.md says what each peer is.
#   BENCH_ONLY=REGEX    only the rows whose names match
#   BENCH_SCALE=0.01    a smoke run on less data, which judges nothing
#   BENCH_KEEP=1        the databases stay, to look at plans in; the requests are in build/bench/requests
#   BENCH_FULL=1        the PL/pgSQL peer also gets the whole million over 1,000 accounts (several minutes)
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
bench=$root/test/bench
out=$root/build/bench
for part in measure requests audit awards guards leaderboards ranks policies outbox retention guards_tell notifications engagement rewards ledger bulk buddies badges rules export expiry tiers personal messages; do
    # shellcheck source=/dev/null
    . "$bench/$part.sh"
done

forget_worker_settings
find_server
if ! is_running; then
    trap 'scripts/cluster.sh stop' EXIT
fi
rm -rf "$out"
mkdir -p "$out/requests"
began=$SECONDS

# What writes most comes last: a disk that had to take a gigabyte is slow for a while.
for part in audit awards badges buddies rules export personal messages guards leaderboards ranks policies outbox retention guards_tell notifications engagement rewards ledger bulk expiry tiers; do
    measure_"$part"
done
[ "${BENCH_KEEP:-0}" = 1 ] || drop_databases

say "took $((SECONDS - began)) s"
conclude
