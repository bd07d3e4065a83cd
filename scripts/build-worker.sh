#!/usr/bin/env bash
# Builds the worker, build/worker/worker/laurel-worker.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

build=build/worker

mkdir -p "$build"
if ! { cmake -S . -B "$build" -DBUILD_TESTING=OFF -DCMAKE_BUILD_TYPE=Release -DLAUREL_WERROR="${LAUREL_WERROR:-0}" &&
    cmake --build "$build" --target laurel-worker -j"$(nproc)"; } >"$build/log" 2>&1; then
    tail -n 60 "$build/log"
    fail "the worker does not build: $build/log"
fi
