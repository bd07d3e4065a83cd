#!/usr/bin/env bash
# Runs every ```sql block of README.md in one session on an empty database. Where a ```text block follows, the output
# must be that; elsewhere there must be no error. Then runs the ```sh blocks that dump and restore.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

out=build/docs/tour
readme=${1:-README.md}

# Writes the blocks as NNN.sql, NNN.expected and NNN.sh, numbered in order; a ```text block belongs to the ```sql before.
extract() {
    awk -v out="$out" '
        /^```/ && inside { close(file); inside = 0; after = kind; next }
        /^```/ {
            kind = substr($0, 4)
            inside = 1
            file = "/dev/null"
            if (kind == "sql" || kind == "sh") file = sprintf("%s/%03d.%s", out, ++number, kind)
            else if (kind == "text" && after == "sql") file = sprintf("%s/%03d.expected", out, number)
            printf "" > file
            next
        }
        inside { print > file; next }
        NF { after = "" }' "$readme"
}

# All SQL blocks as one script, each after a line that names it.
script() {
    local block
    for block in "$out"/*.sql; do
        printf '\\echo @@ %s\n' "$(basename "$block" .sql)"
        cat "$block"
    done
}

# Ids and times differ from run to run, and so do the widths of their columns.
normalise() {
    sed -E -e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/g' \
        -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9:.]+\+[0-9]{2})?/TIME/g' \
        -e 's/-{2,}/--/g' -e 's/ +/ /g' -e 's/^ //' -e 's/ $//' "$1" | sed -e '/^$/d'
}

as_shown() {
    diff <(normalise "$1.expected") <(normalise "$1.out")
}

no_error() {
    ! grep -E '^(ERROR|FATAL|invalid|unrecognized)' "$1.out"
}

# Runs a block that dumps and restores, with the databases of this test for old and new.
restore() {
    sed -E -e 's/\bold\b/laurel_tour/g' -e 's/\bnew\b/laurel_tour_copy/g' "$1" | (cd "$out" && bash -eu -o pipefail)
}

contents() {
    sql -d "$1" -c 'SELECT count(*), sum(amount) FROM laurel.points_ledger' \
        -c 'SELECT count(*), sum(total_points) FROM laurel.user_points' -c 'SELECT count(*) FROM laurel.verify_ledger()'
}

same_contents() {
    diff <(contents laurel_tour) <(contents laurel_tour_copy)
}

find_server
rm -rf "$out"
mkdir -p "$out"
extract
scripts/cluster.sh createdb --empty laurel_tour >/dev/null
use_database laurel_tour
export PGOPTIONS='-c client_min_messages=warning -c timezone=UTC'
sql -c 'DROP ROLE IF EXISTS laurel_app, laurel_worker, authenticator'

script | stdbuf -oL psql -X -q -v SHOW_CONTEXT=never 2>&1 | awk -v out="$out" '/^@@ / { file = out "/" $2 ".out"; printf "" > file; next }
    { print > file }'
for block in "$out"/*.sql; do
    name=${block%.sql}
    first=$(head -n 1 "$block")
    if [ -f "$name.expected" ]; then
        check "$(basename "$name") shows what it says: $first" as_shown "$name"
    else
        check "$(basename "$name") runs: $first" no_error "$name"
    fi
done

for block in "$out"/*.sh; do
    grep -q pg_dump "$block" || continue
    scripts/cluster.sh createdb --empty laurel_tour_copy >/dev/null
    check "$(basename "$block" .sh) restores: $(head -n 1 "$block")" restore "$block"
    check "$(basename "$block" .sh) restores the same" same_contents
done
sql -d postgres -c 'DROP DATABASE laurel_tour WITH (FORCE)' -c 'DROP DATABASE IF EXISTS laurel_tour_copy WITH (FORCE)' \
    -c 'DROP ROLE IF EXISTS laurel_app, laurel_worker, authenticator'
tally "$passed" "$failed"
