#!/usr/bin/env bash
# The reference is what the database says, and README.md names every function that is there to be called, and no other.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

out=build/docs

# Functions of schema laurel, but those that only triggers call.
functions() {
    sql -c "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'laurel'::regnamespace
        AND prorettype <> 'trigger'::regtype ORDER BY 1" | LC_ALL=C sort
}

# The names in the first column of README.md's table of functions.
named() {
    awk -F '|' '/^\| function \|/ { inside = 1; next } inside && !/^\|/ { exit } inside && $2 !~ /[*-]/ { print $2 }' README.md |
        grep -oE '[a-z0-9_]+' | LC_ALL=C sort
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

links_lead_somewhere() {
    local file target lost=0
    while IFS=: read -r file target; do
        [ -e "$(dirname "$file")/${target#*(}" ] || {
            echo "$file: ${target#*(}"
            lost=1
        }
    done < <(grep -oHE '\]\((docs|sql|scripts|[A-Za-z_-]+\.md)[^)#]*' README.md CHANGELOG.md docs/*.md)
    return "$lost"
}

find_server
is_running || scripts/cluster.sh start >/dev/null
check "make docs runs" scripts/docs.sh "$out/reference.md"
use_database laurel_docs
check "docs/reference.md is what make docs writes" as_generated
check "nothing lacks a comment" everything_is_commented
check "README.md names every function" as_named
check "links lead to files" links_lead_somewhere
tally "$passed" "$failed"
