"""Reads a message as a mail program would and compares it with what test/worker/run-channels.sh sent."""
import email
import email.policy
import sys
from email.utils import parsedate_to_datetime

path, identity = sys.argv[1:]
raw = open(path, "rb").read()
message = email.message_from_bytes(raw, policy=email.policy.default)
text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
html = message.get_body(("html",)).get_content()

wanted = {
    "subject": "Glückwunsch 🎉 日本語の件名はとても長いので、何行にも折り返されるはずです",
    "to": ("Grête \"die\" Größte, Dr.", "grete@example.org"),
    "from": ("Laurel, Größe", "laurel@example.org"),
    "id": f"<{identity}@example.org>",
    "unsubscribe": True,
    "defects": [],
}
have = {
    "subject": message["Subject"],
    "to": (message["To"].addresses[0].display_name, message["To"].addresses[0].addr_spec),
    "from": (message["From"].addresses[0].display_name, message["From"].addresses[0].addr_spec),
    "id": message["Message-ID"],
    "unsubscribe": message["List-Unsubscribe"].startswith("<https://example.org/leave")
    and message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click",
    "defects": [str(defect) for part in message.walk() for defect in part.defects],
}
assert have == wanted, f"\nhave {have}\nwant {wanted}"
assert ".dot first\nFrom here\n..\nÜber 100 €" in text, text
assert "Über 100 €" in html, html
assert abs(parsedate_to_datetime(message["Date"]).timestamp() - __import__("time").time()) < 120
assert b"\n" not in raw.replace(b"\r\n", b""), "bare line feeds"
assert max(len(line) for line in raw.split(b"\r\n")) <= 78
