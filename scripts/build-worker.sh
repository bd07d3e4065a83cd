#!/usr/bin/env bash
# Builds the worker, build/worker/worker/laurel-worker; names each file it compiles.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

build=build/worker

mkdir -p "$build"
# One build at a time: parts of the tests that run side by side all ask for it.
exec 9>"$build/lock"
flock 9
progress='s/^\[ *[0-9]*%\] Building CXX object .*\.dir\/\(.*\)\.o$/compiling worker\/\1/p'
if ! { cmake -S . -B "$build" -DBUILD_TESTING=OFF -DCMAKE_BUILD_TYPE=Release -DLAUREL_WERROR="${LAUREL_WERROR:-0}" &&
    cmake --build "$build" --target laurel-worker -j"$(nproc)"; } 2>&1 | tee "$build/log" | sed -u -n "$progress" >&2; then
    tail -n 60 "$build/log"
    fail "the worker does not build: $build/log"
fi
