#!/usr/bin/env bash
# Reads the calendars of Laurel with a parser of somebody else's: python3-icalendar, over odd texts and 500 events, and
# over a series that moves.
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

# A member who goes to each of twelve months of a series; his feed before and after it moves by an hour, but for one that was moved by
# itself and one that does not take place.
write_series() {
    sql -o /dev/null -f - <<'SQL'
INSERT INTO laurel.users (organization_id, email) SELECT id, 'ben@acme.test' FROM laurel.organizations WHERE slug = 'acme';
INSERT INTO laurel.event_series (organization_id, activity_id, title, starts_on, time_zone, duration, rrule, horizon_days)
SELECT a.organization_id, a.id, 'Monthly', date_trunc('day', now()) + interval '2 days 18 hours', 'Europe/Zurich', '90 minutes', 'FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=11', 366 FROM laurel.activities a;
INSERT INTO laurel.participations (event_id, user_id) SELECT e.id, u.id FROM laurel.events e, laurel.users u WHERE u.email = 'ben@acme.test' AND e.series_id IS NOT NULL ORDER BY e.id;
SQL
    feed_of_ben >"$out/before.ics"
    sql -o /dev/null -f - <<'SQL'
UPDATE laurel.events SET scheduled_date = scheduled_date - interval '2 hours', ends_at = ends_at - interval '2 hours' WHERE recurrence_date = (SELECT min(recurrence_date) FROM laurel.events);
UPDATE laurel.event_series SET starts_on = starts_on + interval '1 hour', exdates = ARRAY[(SELECT max(recurrence_date) FROM laurel.events)];
SQL
    feed_of_ben >"$out/after.ics"
    sql -c "SELECT json_build_object('starts_on', starts_on - interval '1 hour', 'rrule', rrule, 'zone', time_zone) FROM laurel.event_series" >"$out/series.json"
}

feed_of_ben() {
    sql -f - <<'SQL'
BEGIN;
SELECT laurel.set_context(id) FROM laurel.users WHERE email = 'ben@acme.test' \g /dev/null
SELECT laurel.create_calendar_feed() AS token \gset
COMMIT;
SELECT laurel.calendar_feed(:'token');
SQL
}

series_in_a_parser() {
    "$python" - "$out/before.ics" "$out/after.ics" "$out/series.json" <<'PYTHON'
import json, sys
from datetime import datetime, timedelta
from dateutil import rrule, tz
from icalendar import Calendar

def events(path):
    found = {}
    for event in Calendar.from_ical(open(path, 'rb').read()).walk('VEVENT'):
        assert not event.errors and 'RRULE' not in event and 'RECURRENCE-ID' not in event
        assert str(event['UID']) not in found, 'two events of one UID'
        found[str(event['UID'])] = event
    return found

series = json.load(open(sys.argv[3]))
zone = tz.gettz(series['zone'])
days = list(rrule.rrulestr(series['rrule'], dtstart=datetime.fromisoformat(series['starts_on'])))
before, after = events(sys.argv[1]), events(sys.argv[2])
assert before.keys() == after.keys(), 'an event has changed its UID'
local = lambda event: event['DTSTART'].dt.astimezone(zone).replace(tzinfo=None)
order = sorted(before, key=lambda uid: local(before[uid]))
assert [local(before[uid]) for uid in order] == days, 'dateutil names other times'
assert len({local(e).hour - e['DTSTART'].dt.hour for e in before.values()}) == 2, 'no clock was turned'
moved = [local(after[uid]) - local(before[uid]) for uid in order]
assert moved == [timedelta(hours=-2)] + [timedelta(hours=1)] * 9 + [timedelta(0)], moved
assert [str(after[uid]['STATUS']) for uid in order] == ['CONFIRMED'] * 10 + ['CANCELLED']
assert all(int(before[uid]['SEQUENCE']) == 0 and int(after[uid]['SEQUENCE']) == 1 for uid in order)
assert all(e['DTEND'].dt - e['DTSTART'].dt == timedelta(minutes=90) for e in after.values())
PYTHON
}

find_server
mkdir -p "$out"
scripts/cluster.sh createdb laurel_calendar >/dev/null
use_database laurel_calendar
check 'a feed of 500 events is written' write_calendars
check 'and read by another parser as it was meant' same_in_a_parser
check 'a series is written' write_series
check 'and read as dateutil expands it, under one UID for each occurrence, before and after it moves' series_in_a_parser
tally "$passed" "$failed"
