"""A mail server's side of SMTP (RFC 5321), as little as it takes to be sent mail."""
import asyncio
import re


class SmtpDialogue:
    """One connection. It takes whatever comes; a subclass says what becomes of a message, and may refuse."""

    greeting = "220 peer ready"

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.recipient = ""

    @classmethod
    async def serve(cls, reader, writer):
        """What asyncio.start_server() calls for each connection."""
        try:
            await cls(reader, writer).run()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def say(self, *lines):
        for number, line in enumerate(lines):
            separator = "-" if number + 1 < len(lines) else " "
            self.writer.write((line[:3] + separator + line[4:] + "\r\n").encode())
        await self.writer.drain()

    async def line(self):
        data = await self.reader.readline()
        if not data:
            raise ConnectionError
        return data.decode("utf-8", "replace").rstrip("\r\n")

    async def run(self):
        await self.say(self.greeting)
        while True:
            line = await self.line()
            verb = line.split(" ")[0].upper()
            if verb == "QUIT":
                await self.say("221 bye")
                return
            await getattr(self, "on_" + verb.lower(), self.on_other)(line)

    async def on_other(self, _):
        await self.say("250 as you like")

    async def on_ehlo(self, _):
        await self.say("250 peer", *self.offers())

    def offers(self):
        return ["250 8BITMIME", "250 SMTPUTF8"]

    async def on_rcpt(self, line):
        self.recipient = re.search("<(.*)>", line).group(1)
        await self.say("250 ok")

    async def on_data(self, _):
        await self.say("354 go on")
        content = bytearray()
        while (data := await self.reader.readline()) != b".\r\n":
            if not data:
                raise ConnectionError
            content += data[1:] if data.startswith(b".") else data
        await self.take(bytes(content))

    async def take(self, content):
        """Answers to a message that is there in full."""
        await self.say("250 2.0.0 taken")
