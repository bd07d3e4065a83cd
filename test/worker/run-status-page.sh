#!/usr/bin/env bash
# Opens the worker's status page in a headless Chromium, wide and as a phone would, light and dark.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

name=status-page
# shellcheck source=test/worker/support/harness.sh
. "$root/test/worker/support/harness.sh"

# browse WIDTH SCHEME URL prints the document as the browser has it; SCHEME 0 is dark, 1 is light.
browse() {
    timeout 60 "$browser" --no-sandbox --disable-gpu --user-data-dir="$out/profile" --window-size="$1,2000" \
        --blink-settings=preferredColorScheme="$2" --virtual-time-budget=2000 --dump-dom "$3" 2>"$out/browser.log"
}

# measure WIDTH SCHEME: the page's own styles at that width, written into its title by a script that is added to a copy.
measure() {
    python3 - "$url" "$out/copy.html" <<'PYTHON'
import sys, urllib.request
page = urllib.request.urlopen(sys.argv[1]).read().decode()
script = """<script>
const box = document.documentElement, style = getComputedStyle(document.body);
document.title = [box.scrollWidth <= innerWidth, style.backgroundColor, style.color,
    getComputedStyle(document.querySelector("thead")).display, document.querySelectorAll("svg rect.well").length > 0,
    Math.max(...[...document.querySelectorAll("section")].map(s => s.scrollWidth - s.clientWidth))].join(" | ");
</script></body>"""
open(sys.argv[2], "w").write(page.replace('<meta http-equiv="refresh" content="15">', "").replace("</body>", script))
PYTHON
    browse "$1" "$2" "file://$out/copy.html" | sed -nE 's/.*<title>(.*)<\/title>.*/\1/p' | head -n 1
}

page_has() {
    grep -qF -- "$1" "$out/page.html" || {
        echo "the page lacks: $1"
        return 1
    }
}

browser_shows_everything() {
    local part
    browse 1100 1 "$url" >"$out/page.html" || return 1
    for part in 'Attempts a minute' 'Latency, from due to done' 'Queue' 'Dead letters' 'Retention' 'Jobs' 'Workers' \
        'redrive --id' 'suppressed addresses' 'notifications_read' 'delivery_attempts' 'division by zero' 'failed' '<svg' 'dead letters' '17 * * * *'; do
        page_has "$part" || return 1
    done
}

# The browser has read it as text: an element would be written without entities.
reasons_are_text() {
    page_has 'HTTP 500: &lt;img src=x onerror=alert(1)&gt;' && ! grep -q '<img' "$out/page.html"
}

fits_and_is_light() {
    like "$(measure 1100 1)" '^true \| rgb\(251, 250, 247\) \| rgb\(34, 38, 31\) \| table-header-group \| true \| 0$'
}

fits_a_phone_and_is_dark() {
    like "$(measure 390 0)" '^true \| rgb\(21, 24, 26\) \| rgb\(230, 232, 227\) \| none \| true \| 0$'
}

told() {
    curl -fsS "${plain}$1" >"$out/told" && shift && for part in "$@"; do
        grep -qF -- "$part" "$out/told" || {
            echo "this is not told: $part"
            return 1
        }
    done
}

# Nobody has told this worker of a mail server, and mail has been due for a quarter of an hour.
switched_off_is_told() {
    told metrics 'laurel_channel_enabled{channel="email"} 0' 'laurel_channel_enabled{channel="webhook"} 1' \
        'laurel_outbox_ready{channel="email"} 3' 'laurel_outbox_oldest_due_seconds{channel="email"} 0' \
        'laurel_claimed_total{channel="webhook"} 0' 'laurel_jobs_total{job="expired",outcome="failed"} 0' &&
        told '' 'switched off here: LAUREL_SMTP_URL is not set' '<b>none</b>' &&
        ! grep -qE '[0-9]+ min</' "$out/told"
}

no_time_is_0() {
    told metrics 'laurel_purge_last_success_timestamp_seconds 1' &&
        sql -c 'DELETE FROM laurel.retention_runs' && within 20 never_ended_well
}

never_ended_well() {
    told metrics && ! grep -q '^laurel_purge_last_success_timestamp_seconds' "$out/told"
}

find_server
browser=$(command -v chromium-headless-shell || command -v chromium) || {
    say "there is no Chromium: run make deps"
    tally 0 1
}
prepare
http_port=$((20000 + RANDOM % 10000))
url=http://127.0.0.1:$http_port/
settings=()
sql -c "INSERT INTO laurel.users (email) SELECT 'u' || n || '@example.org' FROM generate_series(1, 20) n" \
    -c "INSERT INTO laurel.notifications (user_id, type, title, is_read, read_at) SELECT id, 'old', 'x', true, now() - interval '91 days' FROM laurel.users"
notify email email 20
once LAUREL_NOOP=true
notify dead email 3
sql -c "UPDATE laurel.notification_deliveries SET state = 'dead', attempts = 10,
        last_error = 'HTTP 500: <img src=x onerror=alert(1)> ' || repeat('a very long reason ', 10)"
sql -o /dev/null -c "SELECT laurel_internal.create_month_partitions('laurel.delivery_attempts', 1, (now() - interval '7 months')::date)"
sql -c "CALL laurel.run_retention()" 2>/dev/null
sql -c "UPDATE laurel.jobs SET last_status = 'failed', last_error = 'division by zero', last_started_at = now(), last_finished_at = now() WHERE name = 'expired'"
worker shown "LAUREL_HTTP_PORT=$http_port" LAUREL_JOBS=false
within 10 grep -q connected "$out/shown.log"

check "a browser shows everything there is to see" browser_shows_everything
check "what peers say is text" reasons_are_text
check "the page fits a window and is light" fits_and_is_light
check "the page fits a phone and is dark" fits_a_phone_and_is_dark
stop shown
notify late email 3
sql -c "UPDATE laurel.notification_deliveries SET due_at = now() - interval '15 minutes' WHERE state = 'ready'"
plain=http://127.0.0.1:$((http_port + 1))/
worker plain "LAUREL_HTTP_PORT=$((http_port + 1))" LAUREL_JOBS=false
within 10 grep -q connected "$out/plain.log"
check "a channel that is switched off says so, and nothing in it is overdue" switched_off_is_told
check "what never happened has no time" no_time_is_0
stop plain
tally "$passed" "$failed"
