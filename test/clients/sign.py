"""Prints a token: sign.py CLAIMS, signed with JWT_SECRET."""
import base64
import hashlib
import hmac
import os
import sys


def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


signed = part(b'{"alg": "HS256", "typ": "JWT"}') + "." + part(sys.argv[1].encode())
print(signed + "." + part(hmac.new(os.environ["JWT_SECRET"].encode(), signed.encode(), hashlib.sha256).digest()))
