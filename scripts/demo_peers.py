"""The mail server and the receiver of webhooks that the demo's worker delivers to, on free ports of 127.0.0.1.

usage: demo_peers.py FOLDER      (the first line printed has both ports)

FOLDER gets a file per member, mail-ADDRESS, and one called webhook: what arrived, as it is shown. An invitation is kept as
invitation-ADDRESS, with what a calendar reads in the file that is attached. FOLDER/secret holds
the secret of the endpoint, with which the receiver tells the worker from anybody else.
"""
import asyncio
import email
import email.policy
import pathlib
import sys
import textwrap
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from icalendar import Calendar
from smtp_dialogue import SmtpDialogue
from webhook_signature import count_valid

MAIL_FIELDS = ("From", "To", "Subject", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post")
WEBHOOK_FIELDS = ("webhook-id", "webhook-timestamp", "webhook-signature")
WIDTH = 110
folder = pathlib.Path(sys.argv[1])


def read_calendar(text):
    """What a calendar program takes out of the text of an .ics file, line by line."""
    calendar = Calendar.from_ical(text)
    event = calendar.walk("VEVENT")[0]
    answer = event["ATTENDEE"].params["PARTSTAT"]
    return [f"{calendar['METHOD']}: {event['SUMMARY']}", f"when: {event.decoded('DTSTART')} to {event.decoded('DTEND')}",
            f"where: {event['LOCATION']}", f"who: {event['ATTENDEE']}, {answer}", f"number of changes: {event['SEQUENCE']}"]


class MailServer(SmtpDialogue):
    newest = {}

    def keep_invitation(self, message):
        """Keeps that of the newest notification of a member: mails arrive in any order, and their ids grow with time."""
        files = [part for part in message.iter_attachments() if part.get_filename() == "invite.ics"]
        if files and message["Message-ID"] > MailServer.newest.get(self.recipient, ""):
            MailServer.newest[self.recipient] = message["Message-ID"]
            content = files[0].get_content()
            text = content if isinstance(content, str) else content.decode()
            lines = [f"Subject: {message['Subject'].strip()}", f"attached: {files[0].get_filename()}, in which python3-icalendar reads", *read_calendar(text)]
            (folder / f"invitation-{self.recipient}").write_text("\n".join(lines) + "\n")

    async def take(self, content):
        message = email.message_from_bytes(content, policy=email.policy.default)
        self.keep_invitation(message)
        text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
        fields = [f"{name}: {message[name].strip()}" for name in MAIL_FIELDS]
        (folder / f"mail-{self.recipient}").write_text("\n".join(fields) + "\n\n" + text.strip() + "\n")
        await super().take(content)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        secret = (folder / "secret").read_text().strip()
        is_valid = count_valid(self.headers, body, [secret]) == 1
        fields = [f"{name}: {self.headers[name]}" for name in WEBHOOK_FIELDS]
        lines = [self.requestline, *fields, "", *textwrap.wrap(body.decode(), WIDTH, break_on_hyphens=False), ""]
        lines.append("the signature is valid" if is_valid else "the signature is NOT valid")
        (folder / "webhook").write_text("\n".join(lines) + "\n")
        self.send_response(204 if is_valid else 401)
        self.end_headers()

    def log_message(self, *_):
        pass


async def main():
    receiver = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    mail_server = await asyncio.start_server(MailServer.serve, "127.0.0.1", 0)
    print(mail_server.sockets[0].getsockname()[1], receiver.server_address[1], flush=True)
    await mail_server.serve_forever()


asyncio.run(main())
