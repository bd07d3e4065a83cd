#!/usr/bin/env bash
# Runs every block of README.md on an empty database; what it shows must come out.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/docs/blocks.sh
. "$root/test/docs/blocks.sh"

# A first look must not take longer than that.
is_short() {
    [ "$(wc -l <README.md)" -lt 400 ]
}

find_server
check "README.md has fewer than 400 lines" is_short
run_page README.md laurel_tour
tally "$passed" "$failed"
