"""SQLAlchemy: classes mapped from the catalogue, and each wrong thing once with the class that its error has."""
import os
import warnings

import sqlalchemy as sa
from people import FIRST, PEOPLE, RAISE, WRONG, check, check_error, classes
from sqlalchemy import exc
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session

CLASSES = {"23505": exc.IntegrityError, "23514": exc.IntegrityError, "23503": exc.IntegrityError, "23502": exc.IntegrityError, "PT409": exc.InternalError}
TABLES = ["users", "user_organizations", "organizations", "points_ledger", "badges", "badge_awards"]

engine = sa.create_engine(os.environ["DATABASE_URL"])


@sa.event.listens_for(engine, "begin")
def act_as_back_end(connection):
    connection.exec_driver_sql("SET LOCAL ROLE service_role")


with engine.begin() as c:
    people = {name: uuid for name, uuid in c.execute(sa.text(PEOPLE))}
    for statement in FIRST:
        c.execute(sa.text(statement.format(**people)))
    tables = sa.MetaData()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tables.reflect(c, schema="laurel", only=TABLES)
for name, (statement, *_) in WRONG.items():
    try:
        with engine.begin() as c:
            c.exec_driver_sql(statement.format(**people))
        check(name, "no error", "an error")
    except exc.DBAPIError as e:
        check(f"{name}: class", type(e), CLASSES[e.orig.pgcode])
        check_error(name, e.orig.pgcode, e.orig.diag)
for state, name in classes("SQLAlchemy, Django").items():
    try:
        with engine.begin() as c:
            c.exec_driver_sql(RAISE.format(state))
    except exc.DBAPIError as e:
        check(f"docs/clients.md: class of {state}", name, type(e).__name__)

mapped = automap_base(metadata=tables)
mapped.prepare()
Entry, Award, User = mapped.classes.points_ledger, mapped.classes.badge_awards, mapped.classes.users
with Session(engine) as session:
    session.begin()
    entries = [Entry(user_id=people["tomas"], amount=n, transaction_type="t", reason="r") for n in (1, 2)]
    for entry in entries:
        session.add(entry)
        session.flush()
    check("what the database filled is read", [(e.entry_no, e.balance_after) for e in entries], [(1, 1), (2, 3)])
    user = User(email="new@x.example")
    session.add(user)
    session.flush()
    check("a user has a home", user.organization_id is not None, True)
    award = session.execute(sa.select(Award).where(Award.user_id == people["ana"])).scalars().one()
    check("an award leads to its badge", award.badges.slug, "first-course")
    session.commit()
