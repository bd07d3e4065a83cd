"""What goes wrong once with each client, and what of the error must arrive; run by itself, it prints that as JSON."""
import json
import re
import sys

PEOPLE = "SELECT split_part(email, '@', 1), id::text FROM laurel.users UNION ALL SELECT slug, id::text FROM laurel.badges"

# A statement, and of its error the SQLSTATE, the constraint, how the detail begins, and the hint.
WRONG = {
    "duplicate": ("INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES ('{ana}', '{first-course}')",
                  "23505", "badge_awards_user_badge_key", "Key (organization_id, user_id, badge_id)=", None),
    "overdraft": ("INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('{ana}', -999, 't', 'r')",
                  "23514", "user_points_total_points_check", "User ", "Take at most what the account has."),
    "foreign tenant": ("INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES ('{sam}', '{first-course}')",
                       "23503", "badge_awards_membership_fkey", "Key (organization_id, user_id)=", None),
    "foreign tenant's points": ("INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)"
                                " SELECT organization_id, '{ana}', 5, 't', 'r' FROM laurel.users WHERE id = '{sam}'",
                                "23503", "points_ledger_account_fkey", "User ", "Points go to members: invite the user first, by laurel.invite_member()."),
    "stale state": ("SELECT laurel.revoke_badge_named('{ben}', 'first-course', 'a mistake')", "PT409", None, "User ", None),
    "key of another entry": ("SELECT laurel.record_points_transaction('{ana}', 6, 't', reason => 'r', idempotency_key => 'k')",
                             "PT409", "points_ledger_idempotency_key", 'Key "k" belongs to entry ', "Use a new key for a new transaction; send a retry unchanged."),
    "null": ("INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('{ana}', NULL, 't', 'r')", "23502", None, None, None),
    "nothing said": ("INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('{ana}', 5, 't', NULL)",
                     "23514", "points_ledger_reason_check", None, "Give a reason, or reference_type and reference_id of a row."),
}
FIRST = ["SELECT laurel.award_badge_named('{ana}', 'first-course')", "SELECT laurel.record_points_transaction('{ana}', 5, 't', reason => 'r', idempotency_key => 'k')"]

# Raises an error of any SQLSTATE.
RAISE = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{}'; END $$"


def classes(column):
    """The class that docs/clients.md says an error of each SQLSTATE has, in a column of its table; after three dots it says no more."""
    with open("docs/clients.md", encoding="utf-8") as page:
        rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in page if line.startswith("|")]
    place = next(row.index(column) for row in rows if row[0] == "SQLSTATE")
    said = {}
    for row in rows:
        if re.fullmatch(r"[0-9A-Z]{5}(, [0-9A-Z]{5})*", row[0]):
            states, names = row[0].split(", "), row[place].split(", ")
            said |= zip(states, names[:names.index("...")] if "..." in names else names * len(states) if len(names) == 1 else names)
    check("docs/clients.md: a table of errors", len(said) > 20, True)
    return said


def check(name, have, want):
    if have != want:
        sys.exit(f"{name}\n  have: {have}\n  want: {want}")


def check_error(name, sqlstate, diag):
    """The fields of a driver's error are those that the database sent."""
    _, state, constraint, detail, hint = WRONG[name]
    check(name, (sqlstate, diag.constraint_name or None, diag.message_hint or None), (state, constraint, hint))
    check(f"{name}: detail", (diag.message_detail or "")[:len(detail or "")], detail or "")
    check(f"{name}: table", bool(diag.table_name), True)


if __name__ == "__main__":
    print(json.dumps({"people": PEOPLE, "first": FIRST, "wrong": WRONG, "raise": RAISE, "classes": classes("ActiveRecord")}))
