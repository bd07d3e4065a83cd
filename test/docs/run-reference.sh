#!/usr/bin/env bash
# The reference is what the database says, and the guides' table names every function that is there to be called, and no other.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

out=build/docs

# Functions of schema laurel, but those that only triggers call.
functions() {
    sql -c "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'laurel'::regnamespace
        AND prorettype <> 'trigger'::regtype ORDER BY 1" | LC_ALL=C sort
}

# The names in the first column of the table of functions.
named() {
    awk -F '|' '/^\| function \|/ { inside = 1; next } inside && !/^\|/ { exit } inside && $2 !~ /[*-]/ { print $2 }' docs/guide/README.md |
        grep -oE '[a-z0-9_]+' | LC_ALL=C sort
}

# The guards of the reference, and those in the table of the guide to tables of one's own.
guards() {
    sed -nE 's/^### laurel_internal\.//p' docs/reference.md | LC_ALL=C sort -u
}

guards_named() {
    awk -F '|' '/^\| call \|/ { inside = 1; next } inside && !/^\|/ { exit } inside { print $2 }' docs/guide/tables.md |
        grep -oE '[a-z_]+' | LC_ALL=C sort
}

guards_as_named() {
    diff <(guards) <(guards_named)
}

as_generated() {
    diff docs/reference.md "$out/reference.md"
}

as_named() {
    diff <(functions) <(named)
}

# Functions, tables, views and columns without a comment would leave holes in the reference.
without_comment() {
    sql -c "SELECT 'function ' || oid::regprocedure FROM pg_proc
            WHERE pronamespace = 'laurel'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL
            UNION ALL
            SELECT 'relation ' || oid::regclass FROM pg_class
            WHERE relnamespace = 'laurel'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition
                AND obj_description(oid, 'pg_class') IS NULL
            UNION ALL
            SELECT 'column ' || attrelid::regclass || '.' || attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
            WHERE relnamespace = 'laurel'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition AND attnum > 0
                AND NOT attisdropped AND col_description(attrelid, attnum) IS NULL"
}

everything_is_commented() {
    ! without_comment | grep .
}

# Wherever the source lies, which need be no clone.
pages() {
    find . -name '*.md' ! -path './build/*' ! -path './.git/*' ! -path '*/node_modules/*'
}

# Links between the pages; README.md of a folder is what a link to the folder shows.
links_lead_somewhere() {
    local file target lost=0
    while IFS=: read -r file target; do
        target=${target#*(}
        [ -e "$(dirname "$file")/${target%%#*}" ] || {
            echo "$file: $target"
            lost=1
        }
    done < <(pages | xargs grep -oHE '\]\([A-Za-z0-9_./-]+[^):]*' | grep -vE '\((https?|mailto)')
    return "$lost"
}

# Where a link names a heading, the page has it. A grep that stops reading at the first hit would fail whoever writes to it.
anchors_are_headings() {
    local file target page anchor lost=0
    while IFS=: read -r file target; do
        target=${target#*(}
        page=$file
        [ "${target%%#*}" = "" ] || page=$(dirname "$file")/${target%%#*}
        anchor=${target#*#}
        sed -nE 's/^#+ +//p' "$page" | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9 _-]//g; s/ /-/g' | grep -xF "$anchor" >/dev/null || {
            echo "$file: $target"
            lost=1
        }
    done < <(pages | xargs grep -oHE '\]\([A-Za-z0-9_./-]*#[^):]+')
    return "$lost"
}

find_server
is_running || scripts/cluster.sh start >/dev/null
check "make docs runs" scripts/docs.sh "$out/reference.md"
use_database laurel_docs
check "docs/reference.md is what make docs writes" as_generated
check "nothing lacks a comment" everything_is_commented
check "docs/guide/README.md names every function" as_named
check "docs/guide/tables.md names every guard" guards_as_named
check "links lead to files" links_lead_somewhere
check "and to their headings" anchors_are_headings
tally "$passed" "$failed"
