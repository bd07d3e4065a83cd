#!/usr/bin/env bash
# Writes docs/reference.md, or the file named, from the comments and signatures in a fresh database.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

target=${1:-docs/reference.md}

find_server
if ! is_running; then
    trap 'scripts/cluster.sh stop' EXIT
fi
scripts/cluster.sh createdb laurel_docs >/dev/null
use_database laurel_docs
mkdir -p "$(dirname "$target")"
sql -f scripts/reference.sql >"$target.new"
mv "$target.new" "$target"
say "wrote $target"
