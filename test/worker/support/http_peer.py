"""A receiver of webhooks that behaves as the path says, and checks signatures as the specification wants.

usage: http_peer.py PORT LOG [CERTIFICATE KEY]      (0 chooses a port; the first line printed is the port)

paths: /ok /slow/SECONDS /status/CODE /retry-after/SECONDS /retry-date /hang /reset /redirect/TO /endless
       /trickle /headers (without end) /then-ok/N (500 for the first N times of an id)
       /busy/SECONDS (the log tells how many are under way at once)
       /short/CODE (fewer bytes than announced) /chunks/CODE (cut short) /garbled/CODE (not the encoding it claims)
       /zipped/ENCODING (500, for a reason in that encoding) /binary /latin (500, in bytes that are no UTF-8)
The log has a line per request that was read whole: time, webhook-id, path and, for a webhook, "signed" with the number
of signatures that one of WEBHOOK_SECRETS makes.
"""
import email.utils
import gzip
import os
import socket
import ssl
import struct
import sys
import threading
import time
import zlib
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from observer import Observer
from webhook_signature import count_valid

SECRETS = os.environ.get("WEBHOOK_SECRETS", "").split()
attempts = Counter()
attempts_lock = threading.Lock()
under_way = Counter()


class Peer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Answers go out in one piece: otherwise Nagle's algorithm and delayed ACKs add 40 ms to each.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        identity = self.headers.get("webhook-id") or self.headers.get("idempotency-key") or "-"
        path = self.path.strip("/").split("/")
        note = f"signed{count_valid(self.headers, body, SECRETS)}" if "webhook-id" in self.headers else "plain"
        observer.saw(identity, self.path + " " + note)
        getattr(self, "on_" + path[0].replace("-", "_"))(identity, *path[1:])

    def do_GET(self):
        observer.saw("GET", self.path)
        self.answer(200)

    def on_ok(self, *_):
        self.answer(200, body=b"fine")

    def on_slow(self, _, seconds):
        time.sleep(float(seconds))
        self.answer(200)

    def on_busy(self, identity, seconds):
        with attempts_lock:
            under_way["busy"] += 1
            observer.saw(identity, f"at-once {under_way['busy']}")
        time.sleep(float(seconds))
        with attempts_lock:
            under_way["busy"] -= 1
        self.answer(200)

    def on_headers(self, *_):
        self.send_response(200)
        self.flush_headers()
        try:
            while True:
                self.wfile.write(b"X-More: " + b"x" * 8000 + b"\r\n")
        except OSError:
            observer.saw("-", "headers were cut")

    def on_status(self, _, code):
        self.answer(int(code), body=b"<b>no</b>")

    def on_then_ok(self, identity, times):
        with attempts_lock:
            attempts[identity] += 1
            count = attempts[identity]
        self.answer(500 if count <= int(times) else 200)

    def on_retry_after(self, _, seconds):
        self.answer(429, [("Retry-After", seconds)])

    def on_retry_date(self, _):
        self.answer(503, [("retry-after", email.utils.formatdate(time.time() + 3600, usegmt=True))])

    def on_redirect(self, _, *to):
        self.answer(302, [("Location", "/" + "/".join(to))])

    def on_hang(self, *_):
        time.sleep(60)

    def on_reset(self, *_):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def cut(self, status, header, part):
        self.send_response(int(status))
        self.send_header(*header)
        self.end_headers()
        self.wfile.write(part)
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def on_short(self, _, status):
        self.cut(status, ("Content-Length", "100"), b"thanks, but")

    def on_chunks(self, _, status):
        self.cut(status, ("Transfer-Encoding", "chunked"), b"40\r\nthanks, but")

    def on_garbled(self, _, status):
        self.answer(int(status), [("Content-Encoding", "gzip")], b"this is no gzip")

    def on_zipped(self, _, encoding):
        reason = b"the ledger of the receiver is full"
        zipped = {"gzip": gzip.compress, "deflate": zlib.compress}.get(encoding, bytes)
        self.answer(500, [("Content-Encoding", encoding)], zipped(reason))

    def on_binary(self, *_):
        self.answer(500, [("Content-Type", "image/png")], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")

    def on_latin(self, *_):
        self.answer(500, [("Content-Type", "text/plain; charset=iso-8859-1")], "Empfänger nicht gefunden".encode("latin-1"))

    def on_endless(self, *_):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            observer.saw("-", "endless was cut")

    def on_trickle(self, *_):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            for _ in range(1000):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.2)
        except OSError:
            pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, *_):
        pass


port, log = int(sys.argv[1]), sys.argv[2]
observer = Observer(log)
server = Server(("127.0.0.1", port), Peer)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_address[1], flush=True)
server.serve_forever()
