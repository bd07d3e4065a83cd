"""A session of the subscriber, signed in as an administrator, whose role ends on the publisher: it sees less, without signing in anew."""
import time

import psycopg
from people import check

ADMIN = "a0000000-0000-0000-0000-000000000001"

publisher = psycopg.connect("dbname=publisher", autocommit=True)
subscriber = psycopg.connect("dbname=subscriber", autocommit=True)
subscriber.execute("SELECT set_config('request.jwt.claims', json_build_object('sub', %s::text)::text, false)", [ADMIN])
subscriber.execute("SET ROLE authenticated")
seen = "SELECT laurel.has_role('org_admin'), count(*) > 1 FROM laurel.user_points"
check("as an administrator", subscriber.execute(seen).fetchone(), (True, True))
publisher.execute("DELETE FROM laurel.user_roles WHERE user_id = %s", [ADMIN])
end = time.monotonic() + 30
while subscriber.execute(seen).fetchone() != (False, False) and time.monotonic() < end:
    time.sleep(0.1)
check("as none", subscriber.execute(seen).fetchone(), (False, False))
