"""psycopg 3: each wrong thing once, and which class its error has; the pipeline, a server-side cursor, and null for what is filled."""
import os

import psycopg
from people import FIRST, PEOPLE, RAISE, WRONG, check, check_error, classes
from psycopg import errors

CLASSES = {"23505": errors.UniqueViolation, "23514": errors.CheckViolation, "23503": errors.ForeignKeyViolation,
           "23502": errors.NotNullViolation, "PT409": psycopg.ProgrammingError}

db = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
with db.transaction():
    db.execute("SET LOCAL ROLE service_role")
    people = dict(db.execute(PEOPLE).fetchall())
    for statement in FIRST:
        db.execute(statement.format(**people))
for name, (statement, *_) in WRONG.items():
    try:
        with db.transaction():
            db.execute("SET LOCAL ROLE service_role")
            db.execute(statement.format(**people))
        check(name, "no error", "an error")
    except psycopg.Error as e:
        check(f"{name}: class", type(e), CLASSES[e.sqlstate])
        check_error(name, e.sqlstate, e.diag)
        check(f"{name}: nothing is left", db.execute("SELECT current_user::text, current_setting('request.jwt.claims', true)").fetchone(), ("laurel_app", ""))
for state, name in classes("psycopg 3").items():
    try:
        db.execute(RAISE.format(state))
    except psycopg.Error as e:
        check(f"docs/clients.md: class of {state}", name, type(e).__name__)

entry = "INSERT INTO laurel.points_ledger (id, user_id, amount, transaction_type, reason) VALUES (NULL, %s, %s, 't', 'r') RETURNING balance_after - %s"
with db.transaction():
    db.execute("SET LOCAL ROLE service_role")
    with db.pipeline():
        found = [db.execute(entry, [people["tomas"], n, n]) for n in (1, 2, 3)]
        check("pipeline", [cursor.fetchone()[0] for cursor in found], [0, 1, 3])
    with db.cursor() as many:
        many.executemany(entry, [(people["tomas"], n, n) for n in (4, 5)], returning=True)
        check("executemany", many.fetchone()[0], 6)
    with db.cursor("entries") as entries:
        entries.execute("SELECT amount FROM laurel.points_ledger WHERE user_id = %s ORDER BY entry_no", [people["tomas"]])
        check("server-side cursor", [amount for amount, in entries], [1, 2, 3, 4, 5])
