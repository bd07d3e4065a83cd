"""A receiver of webhooks that hands out rewards: it says so to the database, and its first answer to each message is lost.

usage: warehouse.py PORT LOG     (0 chooses a port; the first line printed is the port; psql's variables say where the database is)

The log has a line per message: time, webhook-id, redemption, and what fulfil_redemption came to. A message of /closed is refused.
"""
import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from observer import Observer

answered = set()


def hand_out(data):
    if data["fulfilment"] != "manual":
        return "not ours"
    told = subprocess.run(
        ["psql", "-XAtq", "-v", "VERBOSITY=sqlstate", "-v", f"redemption={data['redemption_id']}"],
        input="SELECT laurel.fulfil_redemption(:'redemption', 'Parcel ' || left(:'redemption', 8));",
        capture_output=True, text=True, check=False)
    return told.stderr.strip() or "fulfilled"


class Warehouse(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["data"]["data"]
        identity = self.headers["webhook-id"]
        closed = self.path == "/closed"
        observer.saw(identity, f"{data['redemption_id']} {'closed' if closed else hand_out(data)}")
        lost = closed or identity not in answered
        answered.add(identity)
        self.send_response(503 if lost else 204)
        self.end_headers()


observer = Observer(sys.argv[2])
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Warehouse)
print(server.server_address[1], flush=True)
server.serve_forever()
