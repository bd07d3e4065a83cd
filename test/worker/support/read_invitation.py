"""Reads an invitation's mail as a mail program and a calendar would, and leaves what it carries for another reader.

usage: read_invitation.py MESSAGE CALENDAR METHOD SEQUENCE PARTSTAT       writes the attached calendar to that file
"""
import email
import email.policy
import sys

from icalendar import Calendar

path, kept, method, sequence, answer = sys.argv[1:]
raw = open(path, "rb").read()
message = email.message_from_bytes(raw, policy=email.policy.default)
assert not [defect for part in message.walk() for defect in part.defects], path
body = raw.partition(b"\r\n\r\n")[2]
assert body.isascii() and b"\n" not in raw.replace(b"\r\n", b""), "bare line feeds"
assert max(len(line) for line in body.split(b"\r\n")) <= 78
assert b"\r\nBcc:" not in raw and message["Bcc"] is None

parts = [part.get_content_type() for part in message.walk()]
assert parts == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics"], parts
shown = [part for part in message.walk() if part.get_content_type() == "text/calendar"][0]
assert shown.get_param("method") == method and shown.get_content_charset() == "utf-8", shown["Content-Type"]
(attached,) = message.iter_attachments()
assert attached.get_filename() == "invite.ics" and attached.is_attachment(), attached["Content-Disposition"]
calendar = attached.get_payload(decode=True)
assert shown.get_payload(decode=True).replace(b"\r\n", b"\n") == calendar.replace(b"\r\n", b"\n"), "the two differ"
assert max(map(len, calendar.split(b"\r\n"))) <= 75
open(kept, "wb").write(calendar)

read = Calendar.from_ical(calendar)
(event,) = read.walk("VEVENT")
assert not read.errors and not event.errors, (read.errors, event.errors)
attendee, organizer = event["ATTENDEE"], event["ORGANIZER"]
have = (str(read["METHOD"]), int(event["SEQUENCE"]), attendee.params["PARTSTAT"], str(attendee), str(organizer), str(event["SUMMARY"]))
want = (method, int(sequence), answer, "mailto:m%C3%ADra@example.org", "mailto:laurel@example.org", "Yoga; für alle, \"draußen\"")
assert have == want, f"\nhave {have}\nwant {want}"
assert "<míra@example.org>\r\n".encode() in raw, message["To"]
