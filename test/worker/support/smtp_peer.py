"""A mail server that behaves as the recipient's name says.

usage: smtp_peer.py PORT LOG FOLDER [CERTIFICATE KEY]      (0 chooses a port; the first line printed is the port)

The recipient's name begins with: temp-rcpt, no-rcpt, temp-data, no-data, drop (hangs up the first time, after the
message and before the answer), slow, hang; anything else is taken. With SMTP_GREETING it greets with that line, with
SMTP_UTF8=0 it does not offer SMTPUTF8, with SMTP_TLS=implicit it speaks TLS from the start, with SMTP_AUTH=name:password it
wants that. Messages are kept in FOLDER under their Message-ID; the log has a line per message taken.
"""
import asyncio
import base64
import os
import re
import ssl
import sys
from collections import Counter

from observer import Observer
from smtp_dialogue import SmtpDialogue

OFFERS_UTF8 = os.environ.get("SMTP_UTF8", "1") == "1"
IS_IMPLICIT = os.environ.get("SMTP_TLS", "") == "implicit"
AUTH = os.environ.get("SMTP_AUTH", "")
dropped = Counter()


class Dialogue(SmtpDialogue):
    greeting = os.environ.get("SMTP_GREETING", SmtpDialogue.greeting)

    def __init__(self, reader, writer):
        super().__init__(reader, writer)
        self.is_utf8, self.is_signed_in, self.is_secure = False, not AUTH, IS_IMPLICIT

    def offers(self):
        offers = ["250 8BITMIME"]
        if OFFERS_UTF8:
            offers.append("250 SMTPUTF8")
        if context and not self.is_secure:
            offers.append("250 STARTTLS")
        if AUTH:
            offers.append("250 AUTH PLAIN")
        return offers

    async def on_starttls(self, _):
        await self.say("220 go ahead")
        await self.writer.start_tls(context)
        self.is_secure = True

    async def on_auth(self, line):
        given = line.split(" ")[2:]
        if not given:
            await self.say("334 ")
            given = [await self.line()]
        name, password = base64.b64decode(given[0]).decode().split("\0")[1:]
        self.is_signed_in = f"{name}:{password}" == AUTH
        await self.say("235 welcome" if self.is_signed_in else "535 5.7.8 who are you")

    async def on_mail(self, line):
        self.is_utf8 = "SMTPUTF8" in line
        await self.say("250 ok" if self.is_signed_in else "530 5.7.0 authentication required")

    async def on_rcpt(self, line):
        recipient = re.search("<(.*)>", line).group(1)
        if not recipient.isascii() and not self.is_utf8:
            await self.say("553 5.6.7 address needs SMTPUTF8")
        elif recipient.startswith("temp-rcpt"):
            await self.say("450 4.2.1 try later")
        elif recipient.startswith("no-rcpt"):
            await self.say("550 5.1.1 no such user")
        else:
            await super().on_rcpt(line)

    async def take(self, content):
        identity = re.search(rb"^Message-ID: <([^@]*)@", content, re.M).group(1).decode()
        name = self.recipient.split("@")[0]
        if name.startswith("temp-data"):
            return await self.say("451 4.3.0 not now")
        if name.startswith("no-data"):
            return await self.say("554 5.7.1 not this")
        if name.startswith("hang"):
            await asyncio.sleep(60)
        if name.startswith("slow"):
            await asyncio.sleep(0.5)
        with open(os.path.join(folder, identity), "wb") as file:
            file.write(content)
        observer.saw(identity, self.recipient + (" tls" if self.is_secure else ""))
        if name.startswith("drop") and dropped[identity] == 0:
            dropped[identity] += 1
            raise ConnectionError
        await super().take(content)


async def main(port):
    server = await asyncio.start_server(Dialogue.serve, "127.0.0.1", port, ssl=context if IS_IMPLICIT else None, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


context = None
if len(sys.argv) > 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4], sys.argv[5])
observer, folder = Observer(sys.argv[2]), sys.argv[3]
os.makedirs(folder, exist_ok=True)
asyncio.run(main(int(sys.argv[1])))
