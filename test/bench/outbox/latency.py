"""Inserts notifications one by one into an idle database and receives their webhooks; prints the milliseconds from just
before the INSERT was sent to when its webhook had been read, one a line.

usage: latency.py CONNECTION COUNT [flood|hang MANY]       (a worker must serve webhooks to 127.0.0.1)

With flood, another organization has as many webhooks waiting, to an endpoint that answers at once; with hang, to one that
never answers.
"""
import ctypes
import ctypes.util
import random
import socket
import sys
import threading
import time

connection, count = sys.argv[1], int(sys.argv[2])
trouble, many = (sys.argv[3], int(sys.argv[4])) if len(sys.argv) > 3 else (None, 0)
warm_up = 0 if trouble else 20
libpq = ctypes.CDLL(ctypes.util.find_library("pq"))
for name in ("PQconnectdb", "PQexec"):
    getattr(libpq, name).restype = ctypes.c_void_p
libpq.PQgetvalue.restype = libpq.PQerrorMessage.restype = ctypes.c_char_p
database = ctypes.c_void_p(libpq.PQconnectdb(connection.encode()))
received_at = None
received = threading.Event()


def execute(statement):
    result = ctypes.c_void_p(libpq.PQexec(database, statement.encode()))
    if libpq.PQresultStatus(result) not in (1, 2):  # PGRES_COMMAND_OK, PGRES_TUPLES_OK
        sys.exit(libpq.PQerrorMessage(database).decode())
    libpq.PQclear(result)


def content_length(head):
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def serve(client, is_measured):
    """Answers the requests of a connection that is kept open; those that are not measured as the trouble wants."""
    global received_at
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            more = client.recv(65536)
            if not more:
                return
            data += more
        head, data = data.split(b"\r\n\r\n", 1)
        while len(data) < content_length(head):
            data += client.recv(65536)
        data = data[content_length(head):]
        if is_measured:
            received_at = time.perf_counter()
            received.set()
        elif trouble == "hang":
            continue
        client.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def accept(listener, is_measured):
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0], is_measured), daemon=True).start()


def listen(is_measured=True):
    """Returns the address of a new receiver."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    threading.Thread(target=accept, args=(listener, is_measured), daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


def make_trouble():
    execute("INSERT INTO laurel.organizations (id, name, slug) VALUES ('0190f000-0000-7000-8000-000000000000', 'Flood', 'flood')"
            " ON CONFLICT DO NOTHING")
    execute("INSERT INTO laurel.users (id, organization_id, email) VALUES ('0190f000-0000-7000-8000-000000000001',"
            " '0190f000-0000-7000-8000-000000000000', 'flood@example.com') ON CONFLICT DO NOTHING")
    execute(f"SELECT laurel.create_webhook_endpoint('{listen(False)}', ARRAY['flood'], allow_insecure => true,"
            " organization_id => '0190f000-0000-7000-8000-000000000000')")
    execute("UPDATE laurel.organizations SET webhook_concurrency_limit = 1000, webhook_timeout_limit_ms = 60000,"
            " webhooks_under_way_limit = 1000 WHERE slug = 'flood'")
    execute("UPDATE laurel.webhook_endpoints SET max_concurrency = 1000, timeout_ms = 60000 WHERE event_types = '{flood}'")
    execute("INSERT INTO laurel.notifications (organization_id, user_id, type, title, channels)"
            " SELECT '0190f000-0000-7000-8000-000000000000', '0190f000-0000-7000-8000-000000000001', 'flood', 'Flood', '{webhook}'"
            f" FROM generate_series(1, {many})")
    time.sleep(1)


def deliver(number):
    received.clear()
    began = time.perf_counter()
    member = f"0190a000-0000-7000-8000-{number:012}"
    execute(f"INSERT INTO laurel.notifications (user_id, type, title) VALUES ('{member}', 'latency', 'Hello')")
    if not received.wait(20):
        sys.exit("a webhook did not arrive within 20 s")
    return (received_at - began) * 1000


execute("DELETE FROM laurel.webhook_endpoints")
execute("SELECT laurel.create_webhook_endpoint("
        f"'{listen()}', ARRAY['latency'], allow_insecure => true,"
        " organization_id => (SELECT organization_id FROM laurel.users WHERE id = bench.member(1)))")
if trouble:
    make_trouble()
for number in range(1, warm_up + count + 1):
    # Time for the worker to fall idle, never in step with anything.
    time.sleep(random.uniform(0.05, 0.5) if trouble else random.uniform(0.005, 0.015))
    milliseconds = deliver(number)
    if number > warm_up:
        print(f"{milliseconds:.3f}")
