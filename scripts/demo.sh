#!/usr/bin/env bash
# Shows the main job in a fresh database, laurel_demo unless named: on sql/seeds/development.sql, or on the OULAD files
# of DATA=folder. The server and the database stay, to look around in.
data=${DATA:+$(realpath -m -- "$DATA")}
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

database=${1:-laurel_demo}
files=(courses.csv assessments.csv studentInfo.csv studentRegistration.csv studentAssessment.csv)

# Refuses a folder that lacks a file, before anything is started.
check_folder() {
    local file missing=()
    [ -d "$data" ] || fail "DATA names $data, which is no folder"
    for file in "${files[@]}"; do
        [ -r "$data/$file" ] || missing+=("$file")
    done
    [ "${#missing[@]}" -eq 0 ] ||
        fail "$data is no folder of OULAD files: it lacks ${missing[*]}"
}

# Runs an SQL script, indents its output under its headings and drops the blanks that psql ends lines with.
tell() {
    psql -X -q -v ON_ERROR_STOP=1 -f "$1" | sed -u -e 's/ *$//' -e 's/^\([^=]\)/  \1/'
}

show_sample() {
    tell sql/seeds/development.sql
    tell scripts/demo.sql
}

count_rows() {
    sql -c 'SELECT (SELECT count(*) FROM laurel.points_ledger) + (SELECT count(*) FROM laurel.badge_awards)'
}

# Imports the files, and once more to see that nothing is added.
show_files() {
    local before began=$SECONDS
    echo "== Importing $data"
    (cd "$data" && tell "$root/sql/seeds/oulad.sql")
    before=$(count_rows)
    began=$SECONDS
    (cd "$data" && tell "$root/sql/seeds/oulad.sql" >/dev/null)
    echo "  importing it again: $(($(count_rows) - before)) new entries and awards, $((SECONDS - began)) s"
    echo
    tell scripts/demo-oulad.sql
}

[ -z "$data" ] || check_folder
find_server
address=$(scripts/cluster.sh createdb "$database")
use_database "$database"
echo
if [ -z "$data" ]; then
    show_sample
else
    show_files
fi
echo "== The server keeps running with this database"
echo "  to look around   scripts/cluster.sh psql -d $database"
echo "  from elsewhere   psql '$address'"
echo "  to stop it       make cluster-stop"
