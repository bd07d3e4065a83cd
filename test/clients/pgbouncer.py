"""Two people by turns through a pool of two connections: each sees what is his own, and nobody finds what another left."""
import os
import sys
import threading

import psycopg
from people import PEOPLE, check

URL, PREPARES = os.environ["DATABASE_URL"], sys.argv[1] == "prepares"
TURNS = 50
OWN = "SELECT pg_backend_pid(), laurel.uid()::text, (SELECT string_agg(DISTINCT reason, ',') FROM laurel.points_ledger)"
LEFT = "SELECT current_user::text, coalesce(current_setting('request.jwt.claims', true), ''), coalesce(current_setting('request.headers', true), '')"
NOBODY = "SELECT laurel.uid(), laurel.org_id()"


def connect():
    return psycopg.connect(URL, autocommit=True, prepare_threshold=0 if PREPARES else None)


seen, wrong = {}, []


def come_and_go(name, user):
    with connect() as db:
        for turn in range(TURNS):
            with db.transaction():
                db.execute("SET LOCAL ROLE service_role")
                db.execute("SELECT laurel.set_context(%s)", [user])
                db.execute("SET LOCAL ROLE authenticated")
                backend, *found = db.execute(OWN).fetchone()
            seen.setdefault(backend, set()).add(name)
            left = db.execute(LEFT).fetchone()
            with db.transaction():
                db.execute("SET LOCAL ROLE service_role")
                nobody = db.execute(NOBODY).fetchone()
            if (found, left, nobody) != ([user, name], ("laurel_app", "", ""), (None, None)):
                wrong.append((name, turn, found, left, nobody))


with connect() as db, db.transaction():
    db.execute("SET LOCAL ROLE service_role")
    people = dict(db.execute(PEOPLE).fetchall())
    for name in ("ana", "ben"):
        db.execute("INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (%s, 5, 't', %s)", [people[name], name])
threads = [threading.Thread(target=come_and_go, args=(name, people[name])) for name in ("ana", "ben", "ana", "ben")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
check("what was found where it should not be", wrong[:3], [])
check("so many connections of the server", len(seen) <= 2, True)
check("each served both", all(names == {"ana", "ben"} for names in seen.values()), True)

# A session's own setting would be found: what is looked for above can be seen.
with connect() as careless, connect() as other:
    careless.execute("SELECT set_config('request.jwt.claims', '{}', false)")
    found = {other.execute(LEFT).fetchone()[1] for _ in range(20)}
    check("a setting that is not local reaches the next one", "{}" in found, True)
