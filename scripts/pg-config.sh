#!/usr/bin/env bash
# Prints the pg_config to use: PG_CONFIG, else that of the newest server with headers, else the one in PATH.
set -euo pipefail

if [ -n "${PG_CONFIG:-}" ]; then
    echo "$PG_CONFIG"
    exit
fi
for version in 17 16 15; do
    candidate=/usr/lib/postgresql/$version/bin/pg_config
    if [ -x "$candidate" ] && [ -d "$("$candidate" --includedir-server)" ]; then
        echo "$candidate"
        exit
    fi
done
command -v pg_config || {
    echo "no pg_config found: run make deps, or set PG_CONFIG" >&2
    exit 1
}
