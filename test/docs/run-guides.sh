#!/usr/bin/env bash
# Runs every block of every page of docs/guide, each page by itself on an empty database; what a page shows must come out.
# Pages may be named: run-guides.sh points badges.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/docs/blocks.sh
. "$root/test/docs/blocks.sh"

# A page begins with its name and with a paragraph that says what the domain is for: prose, and not one line of it.
says_what_it_is_for() {
    awk 'NR == 1 { good = /^# / } NR == 2 { good = good && /^$/ }
        NR > 2 && /^$/ { exit }
        NR > 2 { good = good && /^[A-Za-z]/ || lines && good; lines++ }
        END { exit !(good && lines > 1) }' "$1"
}

is_listed() {
    grep -qF "($1.md)" docs/guide/README.md && grep -qF "(docs/guide/$1.md)" README.md
}

find_server
pages=("$@")
[ $# -gt 0 ] || mapfile -t pages < <(find docs/guide -name '*.md' ! -name README.md -printf '%f\n' | sed 's/\.md$//' | LC_ALL=C sort)
for page in "${pages[@]}"; do
    check "docs/guide/$page.md says what it is for" says_what_it_is_for "docs/guide/$page.md"
    check "docs/guide/$page.md is listed" is_listed "$page"
    run_page "docs/guide/$page.md" "laurel_guide_$page"
done
tally "$passed" "$failed"
