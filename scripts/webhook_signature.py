"""What a receiver of webhooks checks, by Standard Webhooks: who sent it, and that it is no old one sent again."""
import base64
import hashlib
import hmac
import re
import time

TOLERANCE = 300  # seconds


def signature(secret, identity, timestamp, body):
    """HMAC-SHA256 of `id.timestamp.body`; the key is what follows whsec_ in the endpoint's secret, in base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def count_valid(headers, body, secrets):
    """How many of the request's signatures one of the secrets makes; refuse it where that is 0."""
    timestamp = headers.get("webhook-timestamp", "")
    if not re.fullmatch("[0-9]{1,12}", timestamp) or abs(time.time() - int(timestamp)) > TOLERANCE:
        return 0
    wanted = [signature(secret, headers.get("webhook-id", ""), timestamp, body).encode() for secret in secrets]
    given = headers.get("webhook-signature", "").encode().split()
    return sum(any(hmac.compare_digest(one, other) for other in wanted) for one in given)
