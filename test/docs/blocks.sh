# shellcheck shell=bash disable=SC2154
# Sourced by the tests of README.md and of the guides: runs a page's blocks as a reader would who pastes one after the other.

# Writes a page's blocks as NNN.sql, NNN.expected, NNN.py and NNN.sh, numbered in order; a ```text block belongs to the ```sql
# before.
extract() {
    awk -v out="$2" '
        /^```/ && inside { close(file); inside = 0; after = kind; next }
        /^```/ {
            kind = substr($0, 4)
            inside = 1
            file = "/dev/null"
            if (kind == "sql" || kind == "sh") file = sprintf("%s/%03d.%s", out, ++number, kind)
            else if (kind == "python") file = sprintf("%s/%03d.py", out, ++number)
            else if (kind == "text" && after == "sql") file = sprintf("%s/%03d.expected", out, number)
            printf "" > file
            next
        }
        inside { print > file; next }
        NF { after = "" }' "$1"
}

# All SQL blocks of a folder as one script, each after a line that names it.
script() {
    local block
    for block in "$1"/*.sql; do
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

# A block in Python is the file that its first line names, which the page runs.
is_its_file() {
    diff "$1" "$(sed -nE '1s/^# ([^:]+):.*/\1/p' "$1")"
}

no_error() {
    ! grep -E '^(psql:.*)?(ERROR|FATAL|invalid|unrecognized)' "$1.out"
}

# Runs a block that dumps and restores, with the databases of this test for old and new.
restore() {
    sed -E -e "s/\bold\b/$2/g" -e "s/\bnew\b/$2_copy/g" "$1" | (cd "$(dirname "$1")" && bash -eu -o pipefail)
}

contents() {
    sql -d "$1" -c 'SELECT count(*), sum(amount) FROM laurel.points_ledger' \
        -c 'SELECT count(*), sum(total_points) FROM laurel.user_points' -c 'SELECT count(*) FROM laurel.verify_ledger()'
}

same_contents() {
    diff <(contents "$1") <(contents "$1_copy")
}

# Drops the roles that a page's blocks make: they belong to the whole server.
forget_roles() {
    local role
    for role in $(cat "$1"/*.sql | grep -oE '^CREATE ROLE [a-z_]+' | cut -d ' ' -f 3); do
        sql -d postgres -c 'SET client_min_messages = warning' -c "DROP ROLE IF EXISTS $role"
    done
}

# run_page FILE DATABASE: every ```sql block in one session on an empty database. Where a ```text block follows, the output
# must be that; elsewhere there must be no error. Then the ```sh blocks that dump and restore.
run_page() {
    local page=$1 database=$2 out=build/docs/pages/$2 block name first
    rm -rf "$out"
    mkdir -p "$out"
    extract "$page" "$out"
    scripts/cluster.sh createdb --empty "$database" >/dev/null
    use_database "$database"
    forget_roles "$out"
    script "$out" | PGOPTIONS='-c client_min_messages=warning -c timezone=UTC' stdbuf -oL psql -X -q -v SHOW_CONTEXT=never 2>&1 |
        awk -v out="$out" '/^@@ / { file = out "/" $2 ".out"; printf "" > file; next } { print > file }'
    for block in "$out"/*.sql; do
        name=${block%.sql}
        first=$(head -n 1 "$block")
        if [ -f "$name.expected" ]; then
            check "$page: block $(basename "$name") shows what it says: $first" as_shown "$name"
        else
            check "$page: block $(basename "$name") runs: $first" no_error "$name"
        fi
    done
    for block in $(find "$out" -name '*.py'); do
        check "$page: block $(basename "$block" .py) is the file that it names" is_its_file "$block"
    done
    for block in $(grep -l pg_dump "$out"/*.sh); do
        scripts/cluster.sh createdb --empty "${database}_copy" >/dev/null
        check "$page: block $(basename "$block" .sh) restores: $(head -n 1 "$block")" restore "$block" "$database"
        check "$page: block $(basename "$block" .sh) restores the same" same_contents "$database"
        sql -d postgres -c "DROP DATABASE ${database}_copy WITH (FORCE)"
    done
    sql -d postgres -c "DROP DATABASE $database WITH (FORCE)"
    forget_roles "$out"
}
