"""Notifications whose mail has odd headers, and whether they come back whole.

usage: odd_headers.py write              prints the SQL that makes them
       odd_headers.py read FOLDER        reads the messages as a mail program would, and measures their lines
"""
import email
import email.policy
import pathlib
import re
import sys

# Subjects are cut after 1,000 bytes, so these are shorter; those of 10,000 characters are the worker's own tests.
SUBJECTS = [
    "plain", "a  b", "a" + " " * 180 + "b", "x" * 200, ("word " * 39).strip(), "=?UTF-8?Q?no?=", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 24,
    "\U0001f1e8\U0001f1ed" * 60, "e\u0301" * 90, "\u65e5\u672c\u8a9e" * 60, "\U0001f44d\U0001f3fd" * 80, "tab\tand\u2028separator",
]
NAMES = ["Mira Lund", "Lund, Mira \"M\"", "\u5c71\u7530\u592a\u90ce" * 20, "M" * 120, "a" + " " * 60 + "b", "Mira (Lund) <x>"]
LINK = "https://example.org/leave?" + "x" * 200


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def write():
    print(f"UPDATE laurel.organizations SET settings = jsonb_build_object('notifications', jsonb_build_object('unsubscribe_url', {quoted(LINK)}));")
    for n, name in enumerate(NAMES):
        local = "n" * (60 if n % 2 else 5)
        print(f"INSERT INTO laurel.users (email, full_name) VALUES ('{local}{n}@{'m' * 50}.example.org', {quoted(name)});")
    for n, subject in enumerate(SUBJECTS):
        user = f"(SELECT id FROM laurel.users WHERE full_name = {quoted(NAMES[n % len(NAMES)])})"
        print(f"SELECT laurel.notify({user}, 'odd{n}', {quoted(subject)}, 'Text', channels => '{{email}}');")


def words(header):
    """The texts of the encoded words of a raw header."""
    import base64
    return [base64.b64decode(word).decode() for word in re.findall(rb"=\?UTF-8\?B\?([^?]*)\?=", header)]


def read(folder):
    found = 0
    for path in pathlib.Path(folder).iterdir():
        raw = path.read_bytes()
        if b"Subject:" not in raw or LINK.encode()[:40] not in raw.replace(b"\r\n ", b""):
            continue
        message = email.message_from_bytes(raw, policy=email.policy.default)
        header = raw.partition(b"\r\n\r\n")[0]
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998, path
        assert raw.isascii() and b"\n" not in raw.replace(b"\r\n", b""), path
        for line in header.split(b"\r\n"):
            assert line.strip(), ("a blank line in a header", path)
            assert len(line) <= 78 or b" " not in line.strip(), ("could be folded", line)
        subject = message["Subject"]
        wanted = [s for s in SUBJECTS if s.replace("\t", " ").replace("\u2028", " ") == subject]
        assert wanted, subject
        # Python leaves the blanks between encoded words in a name, which other readers drop.
        assert message["To"].addresses[0].display_name.replace(" ", "") in [name.replace(" ", "") for name in NAMES], message["To"]
        assert message["List-Unsubscribe"].replace(" ", "") == f"<{LINK}>" and message["List-Unsubscribe-Post"], message["List-Unsubscribe"]
        assert not [defect for part in message.walk() for defect in part.defects], path
        for word in words(header):
            assert word[0] not in "\u0301\u200d\U0001f3fd" and word[-1] != "\u200d", ("an encoded word splits", word)
            assert word.count("\U0001f1e8") == word.count("\U0001f1ed"), ("a flag is split", word)
        found += 1
    assert found == len(SUBJECTS), found


write() if sys.argv[1] == "write" else read(sys.argv[2])
