#!/usr/bin/env bash
# Reads the calendars of Laurel with a parser of somebody else's: python3-icalendar, over odd texts and 500 events.
# shellcheck disable=SC2154
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

# shellcheck source=test/clients/pages.sh
. "$root/test/clients/pages.sh"

out=$root/build/test-calendar

# A member who goes to 500 events, whose titles are of every kind; the feed and one event in files.
write_calendars() {
    sql -o /dev/null -f - <<'SQL'
INSERT INTO laurel.organizations (name, slug) VALUES ('Acme', 'acme');
INSERT INTO laurel.users (organization_id, email) SELECT id, 'ann@acme.test' FROM laurel.organizations WHERE slug = 'acme';
INSERT INTO laurel.activities (organization_id, name) SELECT id, 'Yoga' FROM laurel.organizations WHERE slug = 'acme';
CREATE TABLE public.titles AS SELECT n, left((ARRAY['plain', E'a;b,c\\d "e"', E'two\nlines', 'Ünï' || repeat('日本語', 20), repeat('😀', 60), 'tab' || chr(9) || 'stop', ' blanks  '])[1 + n % 7] || n, 200) AS title
FROM generate_series(1, 500) n;
INSERT INTO laurel.events (organization_id, activity_id, title, description, scheduled_date, ends_at)
SELECT a.organization_id, a.id, t.title, repeat(t.title, 30), date_trunc('second', now()) + t.n * interval '1 hour', date_trunc('second', now()) + (t.n + 1) * interval '1 hour' FROM laurel.activities a, public.titles t;
INSERT INTO laurel.participations (event_id, user_id) SELECT e.id, u.id FROM laurel.events e, laurel.users u WHERE u.email = 'ann@acme.test';
SQL
    sql -f - >"$out/feed.ics" <<'SQL'
BEGIN;
SELECT laurel.set_context(id) FROM laurel.users WHERE email = 'ann@acme.test' \g /dev/null
SELECT laurel.create_calendar_feed() AS token \gset
COMMIT;
SELECT laurel.calendar_feed(:'token');
SQL
    sql -c "SELECT json_agg(json_build_object('uid', e.id || '@laurel', 'title', e.title, 'description', e.description, 'start', extract(epoch FROM scheduled_date))) FROM laurel.events e" >"$out/events.json"
}

same_in_a_parser() {
    "$python" - "$out/feed.ics" "$out/events.json" <<'PYTHON'
import json, sys
from icalendar import Calendar

raw = open(sys.argv[1], 'rb').read()
raw = raw[:-1] if raw.endswith(b'\r\n\n') else raw
lines = raw.split(b'\r\n')
assert max(map(len, lines)) <= 75, max(map(len, lines))
for line in lines:
    line.decode('utf-8')  # no character is cut
calendar = Calendar.from_ical(raw)
assert not calendar.errors, calendar.errors
have = {}
for event in calendar.walk('VEVENT'):
    assert not event.errors, event.errors
    assert event['STATUS'] == 'CONFIRMED' and int(event['SEQUENCE']) == 0
    assert len(event.walk('VALARM')) == 1
    have[str(event['UID'])] = (str(event['SUMMARY']), str(event['DESCRIPTION']), event['DTSTART'].dt.timestamp())
want = {e['uid']: (e['title'], e['description'], float(e['start'])) for e in json.load(open(sys.argv[2]))}
assert have == want, [(have.get(k), v) for k, v in want.items() if have.get(k) != v][:3]
assert len(have) == 500
PYTHON
}

find_server
mkdir -p "$out"
scripts/cluster.sh createdb laurel_calendar >/dev/null
use_database laurel_calendar
check 'a feed of 500 events is written' write_calendars
check 'and read by another parser as it was meant' same_in_a_parser
tally "$passed" "$failed"
