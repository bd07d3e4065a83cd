#!/usr/bin/env bash
# Installs the built extension into the server that PG_CONFIG names, with sudo where the folder asks for it.
set -euo pipefail
cd "$(dirname "$0")/.."

make=(make --no-print-directory -s -f extension/pgxs.mk install)
pg_config=${PG_CONFIG:-$(scripts/pg-config.sh)}
if [ -w "$("$pg_config" --pkglibdir)" ]; then
    "${make[@]}"
elif command -v sudo >/dev/null; then
    sudo PG_CONFIG="$pg_config" "${make[@]}"
else
    echo "$("$pg_config" --pkglibdir) is not writable and sudo is missing: run make install as root" >&2
    exit 1
fi
