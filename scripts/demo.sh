#!/usr/bin/env bash
# Shows the main job in a fresh database, laurel_demo unless named: on sql/seeds/development.sql, or on the OULAD files
# of DATA=folder; then the worker, which delivers to a mail server and a receiver of webhooks that are gone afterwards, and
# runs retention. The server and the database stay, to look around in.
data=${DATA:+$(realpath -m -- "$DATA")}
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

database=${1:-laurel_demo}
out=$root/build/demo/$database
program=$root/build/worker/worker/laurel-worker
export PYTHONDONTWRITEBYTECODE=1
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

# Indents text under its headings and drops the blanks that lines end with.
indent() {
    sed -u -e 's/ *$//' -e 's/^\([^=]\)/  \1/'
}

# Runs an SQL script: tell SCRIPT [OPTION ...]
tell() {
    psql -X -q -v ON_ERROR_STOP=1 "${@:2}" -f "$1" | indent
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

# Starts the mail server and the receiver, and points the worker to them.
start_peers() {
    local mail_port
    rm -rf "$out"
    mkdir -p "$out"
    exec {ports}< <(exec /usr/bin/python3 scripts/demo_peers.py "$out")
    peers=$!
    trap 'kill "$peers" 2>/dev/null || true' EXIT
    read -r -u "$ports" mail_port hook_port || fail "the mail server and the receiver of webhooks did not start"
    export LAUREL_SMTP_URL=smtp://127.0.0.1:$mail_port
    export LAUREL_MAIL_FROM=no-reply@laurel.example LAUREL_MAIL_FROM_NAME=Laurel
    export LAUREL_WEBHOOK_ALLOW=127.0.0.0/8 LAUREL_WEBHOOK_ALLOW_HTTP=true
}

# Runs the worker; its log is shown only if it fails.
worker() {
    "$program" "$@" 2>"$out/worker.log" || {
        cat "$out/worker.log" >&2
        fail "laurel-worker $* failed"
    }
}

# Prints what the peers kept of something that should have arrived.
show_arrived() {
    [ -s "$out/$1" ] || fail "there is no $out/$1: what should have arrived did not, see $out/worker.log"
    indent <"$out/$1"
    echo
}

show_deliveries() {
    start_peers
    tell scripts/demo-outbox.sql -v out="$out" -v hook="http://127.0.0.1:$hook_port/badges"
    worker run --once
    echo "== laurel-worker run --once: the e-mail as it arrived"
    show_arrived "mail-$(cat "$out/recipient")"
    echo "== The webhook as it arrived, and what the receiver says of it"
    show_arrived webhook
    grep -qx 'the signature is valid' "$out/webhook" || fail "the webhook was not signed with the endpoint's secret"
}

# Runs retention and leaves out the policies that find nothing.
retention() {
    worker retention "$@" | awk 'NR == 1 || $4 + $5 > 0' | indent
    echo "  the other policies find nothing"
    echo
}

show_retention() {
    tell scripts/demo-expired.sql
    echo "== laurel-worker retention --dry-run: what is past its time, and what a legal hold keeps"
    retention --dry-run
    echo "== laurel-worker retention: the same, for good"
    retention
    tell scripts/demo-retention.sql
}

# A day in one company, and the invitation that its new member gets.
show_day() {
    local sent
    tell scripts/demo-day.sql -v out="$out"
    worker run --once
    sent=$(sql -c "SELECT count(*) FROM laurel.delivery_attempts a JOIN laurel.users u ON u.id = a.user_id WHERE a.channel = 'email'
        AND a.outcome = 'delivered' AND u.email = '$(cat "$out/guest")'")
    echo "== laurel-worker run --once: of $sent e-mails to Nina the last about lunch, and what her calendar makes of it"
    show_arrived "invitation-$(cat "$out/guest")"
}

[ -z "$data" ] || check_folder
find_server
forget_worker_settings
scripts/build-worker.sh
address=$(scripts/cluster.sh createdb "$database")
use_database "$database"
echo
if [ -z "$data" ]; then
    show_sample
else
    show_files
fi
show_deliveries
show_retention
[ -n "$data" ] || show_day
echo "== The server keeps running with this database"
echo "  to look around   scripts/cluster.sh psql -d $database"
echo "  from elsewhere   psql '$address'"
echo "  its worker       DATABASE_URL='$address' build/worker/worker/laurel-worker run"
echo "  and its page     http://127.0.0.1:9464/ while that runs"
echo "  to stop it       make cluster-stop"
