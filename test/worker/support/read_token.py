"""Prints the token in a message of test/worker/run-channels.sh, once it is sure to whom it went."""
import email
import email.policy
import re
import sys

path, address = sys.argv[1:]
message = email.message_from_bytes(open(path, "rb").read(), policy=email.policy.default)
assert message["To"].addresses[0].addr_spec == address, message["To"]
print(re.search(r"[A-Za-z0-9_-]{43}", message.get_body(("plain",)).get_content()).group())
