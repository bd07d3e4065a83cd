#!/usr/bin/env bash
# Builds what CMake builds outside Postgres and runs its tests.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

build=build/kernel

if [ ! -f CMakeLists.txt ]; then
    say "CMakeLists.txt is missing"
    tally 0 1
fi
mkdir -p "$build"
if ! { cmake -S . -B "$build" -DLAUREL_WERROR="${LAUREL_WERROR:-0}" && cmake --build "$build" -j"$(nproc)"; } >"$build/log" 2>&1; then
    tail -n 60 "$build/log"
    say "the kernel tests do not build: $build/log"
    tally 0 1
fi

status=0
ctest --test-dir "$build" --output-on-failure --no-tests=error 2>&1 | tee "$build/tests" || status=$?
read -r failed total < <(sed -nE 's/.* ([0-9]+) tests? failed out of ([0-9]+).*/\1 \2/p' "$build/tests") || true
failed=${failed:-0}
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
passed=$((${total:-0} - failed))
tally $((passed > 0 ? passed : 0)) "$failed"
