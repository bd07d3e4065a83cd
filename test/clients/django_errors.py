"""Django: each wrong thing once, and the class that its error has."""
import django
from django.conf import settings
from people import FIRST, PEOPLE, RAISE, WRONG, check, check_error, classes

settings.configure(USE_TZ=True, DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "laurel_clients", "USER": "laurel_app"}})
django.setup()
from django.db import Error, IntegrityError, InternalError, ProgrammingError, connection, transaction

CLASSES = {"23505": IntegrityError, "23514": IntegrityError, "23503": IntegrityError, "23502": IntegrityError}


def run(statement):
    with transaction.atomic(), connection.cursor() as c:
        c.execute("SET LOCAL ROLE service_role")
        c.execute(statement)
        return c.fetchall()


people = dict(run(PEOPLE))
for statement in FIRST:
    run(statement.format(**people))
for name, (statement, *_) in WRONG.items():
    try:
        run(statement.format(**people))
        check(name, "no error", "an error")
    except Error as e:
        cause = e.__cause__
        state = getattr(cause, "sqlstate", None) or cause.pgcode
        own = ProgrammingError if hasattr(cause, "sqlstate") else InternalError  # of psycopg 3, of psycopg2
        check(f"{name}: class", type(e), CLASSES.get(state, own))
        check_error(name, state, cause.diag)
for state, name in classes("SQLAlchemy, Django").items():
    try:
        run(RAISE.format(state))
    except Error as e:
        # psycopg 3 has classes of its own for what is nobody else's.
        own = {"PT": "ProgrammingError", "39": "OperationalError"} if hasattr(e.__cause__, "sqlstate") else {}
        check(f"docs/clients.md: class of {state}", own.get(state[:2], name), type(e).__name__)
