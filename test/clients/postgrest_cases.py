"""Requests to the replay of PostgREST, and what each is answered with: status, and what of the body counts."""
import json
import os
import re
import urllib.error
import urllib.request

from people import check
from postgrest_statuses import status_of

API, ANA, OLGA, SERVICE, CLERK, ANA_ID = (os.environ[name] for name in ("API", "ANA", "OLGA", "SERVICE", "CLERK", "ANA_ID"))


def ask(token, path, body=None, method=None, **headers):
    """Status, body and range of an answer."""
    request = urllib.request.Request(f"{API}/{path}", None if body is None else json.dumps(body).encode(), method=method)
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as refused:
        answer = refused
    text = answer.read()
    return answer.status, json.loads(text) if text else None, answer.headers.get("Content-Range")


def expect(name, status, body, *request, **more):
    """The body in whole, or, of an error, code and hint."""
    found = ask(*request, **more)
    shown = found[1]
    if isinstance(shown, dict) and "code" in shown and isinstance(body, tuple):
        shown = (shown["code"], shown["hint"])[:len(body)]
    check(name, (found[0], shown if body is not ... else ...), (status, body))
    return found


FULL = "return=representation"
entry = {"user_id": ANA_ID, "amount": 5, "transaction_type": "t", "reason": "r"}
birch = ask(SERVICE, "organizations?slug=eq.birch&select=id")[1][0]["id"]
alder = ask(SERVICE, "organizations?slug=eq.alder&select=id")[1][0]["id"]
people = {person["email"].split("@")[0]: person["id"] for person in ask(SERVICE, "users?select=id,email")[1]}
badge = ask(SERVICE, "badges?select=id")[1][0]["id"]

# Reading: one's own rows, counted, one row as an object, embedded.
expect("one's own", 200, [{"full_name": "Ana Costa"}], ANA, "users?select=full_name")
expect("nobody's", 401, ("42501",), None, "points_ledger")
expect("a token that nobody has signed", 401, ("PGRST301",), ANA[:-4] + "xxxx", "users")
expect("one object", 200, {"slug": "alder"}, OLGA, "organizations?select=slug", Accept="application/vnd.pgrst.object+json")
expect("no such table", 404, ("PGRST205",), ANA, "nothing")
expect("no such column", 400, ("42703",), ANA, "users?nothing=eq.1")
expect("what only the back end reads", 403, ("42501",), OLGA, "sessions")
expect("Clerk's id before anybody has it", 200, [], CLERK, "users?select=full_name")
ask(SERVICE, "user_identities", {"user_id": ANA_ID, "provider": "https://clerk.alder.example", "subject": "user_2ab"})
expect("and after", 200, [{"full_name": "Ana Costa"}], CLERK, "users?select=full_name")
expect("identities are written by the back end", 403, ("42501",), OLGA, "user_identities", {"user_id": people["olga"], "provider": "x", "subject": "y"})

# Writing: bulk, what was written, upserts.
status, body, _ = ask(SERVICE, "points_ledger?select=entry_no,balance_after,member(full_name)", [entry, entry | {"amount": 6}], Prefer=FULL)
check("bulk insert", (status, body), (201, [{"entry_no": 1, "balance_after": 5, "member": {"full_name": "Ana Costa"}},
                                            {"entry_no": 2, "balance_after": 11, "member": {"full_name": "Ana Costa"}}]))
expect("rows of unlike keys", 400, ("PGRST102",), SERVICE, "points_ledger", [entry, {"user_id": ANA_ID}])
expect("with the columns named, null is sent for what is left out", 201, [{"balance_after": 16}], SERVICE,
       "points_ledger?columns=user_id,amount,transaction_type,reason,id,entry_no,balance_after&select=balance_after", [entry], Prefer=FULL)
status, body, found = ask(ANA, "points_ledger?select=amount&order=entry_no.desc&limit=2", Prefer="count=exact")
check("count", (status, body, found), (206, [{"amount": 5}, {"amount": 6}], "0-1/3"))
expect("filters", 200, [{"amount": 6}], ANA, f"points_ledger?select=amount&amount=in.(6,7)&user_id=eq.{ANA_ID}&reverses_id=is.null")
expect("upsert of a user", 201, [{"full_name": "Ana C"}], SERVICE, "users?on_conflict=email&select=full_name", {"email": "ana@alder.example", "full_name": "Ana C"},
       Prefer=f"{FULL},resolution=merge-duplicates")
expect("upsert of one's own preferences", 201, [{"theme": "dark"}], ANA, "user_preferences?on_conflict=organization_id,user_id&select=theme",
       {"user_id": ANA_ID, "theme": "dark"}, Prefer=f"{FULL},resolution=merge-duplicates")
expect("by the primary key", 201, [{"bio": "hi"}], ANA, "profiles?select=bio", {"user_id": ANA_ID, "bio": "hi"}, Prefer=f"{FULL},resolution=merge-duplicates")
expect("an award", 201, [{"points_awarded": 100}], OLGA, "badge_awards?select=points_awarded", {"user_id": ANA_ID, "badge_id": badge}, Prefer=FULL)
expect("which is there is left alone", 201, [], OLGA, "badge_awards?on_conflict=organization_id,user_id,badge_id", {"user_id": ANA_ID, "badge_id": badge},
       Prefer=f"{FULL},resolution=ignore-duplicates")
expect("an idempotency key is in no key to name", 400, ("42P10",), SERVICE, "points_ledger?on_conflict=organization_id,idempotency_key",
       entry | {"idempotency_key": "k"}, Prefer="resolution=merge-duplicates")
expect("one's own row is changed", 200, [{"theme": "light"}], ANA, f"user_preferences?user_id=eq.{ANA_ID}&select=theme", {"theme": "light"}, "PATCH", Prefer=FULL)
expect("nobody else's is found", 200, [], ANA, f"user_preferences?user_id=eq.{people['ben']}", {"theme": "light"}, "PATCH", Prefer=FULL)

# Embedding, as docs/clients.md has it.
expect("the person of a row", 200, [{"amount": 6, "member": {"full_name": "Ana C"}}], ANA, "points_ledger?select=amount,member(full_name)&amount=eq.6")
expect("more than one way", 300, ("PGRST201",), OLGA, "users?select=organizations(name)")
expect("no way", 400, ("PGRST200",), OLGA, "points_ledger?select=users(full_name)")
named = {"name": "Alder Academy"}
ask(SERVICE, f"organizations?id=eq.{alder}", {"admin_id": people["olga"]}, "PATCH")
ask(SERVICE, f"users?id=eq.{people['ben']}", {"manager_id": people["tomas"]}, "PATCH")
expect("home", 200, [{"home": named}], ANA, "users?select=home:organizations!users_organization_id_fkey(name)")
expect("memberships", 200, [{"organizations": [named]}], ANA, "users?select=organizations!user_organizations(name)")
expect("what one administers", 200, [{"organizations": [named]}], OLGA, f"users?id=eq.{people['olga']}&select=organizations!organizations_admin_id_fkey(name)")
expect("whose home", 200, [{"users": [{"full_name": "Ana C"}]}], ANA, "organizations?slug=eq.alder&select=users!users_organization_id_fkey(full_name)")
expect("its members", 200, [{"users": [{"full_name": "Ana C"}]}], ANA, "organizations?slug=eq.alder&select=users!user_organizations(full_name)")
expect("its administrator", 200, [{"users": {"full_name": "Olga Meier"}}], OLGA, "organizations?slug=eq.alder&select=users!organizations_admin_id_fkey(full_name)")
expect("reports", 200, [{"reports": [{"full_name": "Ben Okafor"}]}], OLGA, f"users?id=eq.{people['tomas']}&select=reports:users(full_name)")
expect("the person of an endpoint, over the membership", 200, [], OLGA, "webhook_endpoints?select=url,user_organizations(users(full_name))")

# Functions.
expect("a value", 200, 1, ANA, "rpc/unread_notifications")
expect("one object", 200, ..., ANA, "rpc/record_activity", {})
expect("which writes, and so is not got", 405, ("25006",), ANA, "rpc/record_activity")
expect("a list", 200, ..., ANA, "rpc/leaderboard?period=weekly")
expect("of nobody's organization", 200, [], SERVICE, "rpc/leaderboard?period=weekly")
expect("no such function", 404, ("PGRST202",), ANA, "rpc/leaderboard?when=weekly")
expect("of an empty ledger nothing is wrong", 200, [], SERVICE, "rpc/verify_ledger", {})

# Errors: what was wrong, the status, and the hint.
expect("duplicate", 409, ("23505",), OLGA, "rpc/award_badge_named", {"user_id": ANA_ID, "slug": "first-course"})
expect("overdraft", 400, ("23514", "Take at most what the account has."), SERVICE, "points_ledger", entry | {"amount": -999})
expect("foreign tenant", 409, ("23503",), SERVICE, "badge_awards", {"user_id": people["sam"], "badge_id": badge})
expect("a header that names an organization of others", 403,
       ("42501", "Name one of your own in the header x-organization-id or the claim org_id, or none for the home organization."),
       ANA, "rpc/record_activity", {}, x_organization_id=birch)
expect("in which there is nothing", 200, [], ANA, "points_ledger", x_organization_id=birch)
expect("its own is there", 200, [{"amount": 6}], ANA, "points_ledger?select=amount&amount=eq.6", x_organization_id=alder)
expect("stale state", 409, ("PT409",), OLGA, "rpc/revoke_badge_named", {"user_id": people["ben"], "slug": "first-course", "reason": "x"})
once = {"user_id": ANA_ID, "amount": 5, "transaction_type": "t", "reason": "r", "idempotency_key": "k"}
expect("a key", 200, ..., SERVICE, "rpc/record_points_transaction", once)
expect("again", 200, ..., SERVICE, "rpc/record_points_transaction", once)
expect("for another entry", 409, ("PT409", "Use a new key for a new transaction; send a retry unchanged."), SERVICE, "rpc/record_points_transaction", once | {"amount": 6})
expect("null", 400, ("23502",), SERVICE, "points_ledger", entry | {"amount": None})
expect("no uuid", 400, ("22P02",), SERVICE, "points_ledger", entry | {"user_id": "ana"})
expect("no such period", 400, ("22023",), ANA, "rpc/leaderboard?period=daily")
expect("a learner awards", 403, ("42501", "Ask an org_admin of the organization, or call as service_role."), ANA, "rpc/award_badge_named", {"user_id": ANA_ID, "slug": "first-course"})
expect("nobody awards", 401, ("42501",), None, "rpc/award_badge_named", {"user_id": ANA_ID, "slug": "first-course"})
expect("history is rewritten", 400, ("23001", "Correct an entry with laurel.reverse_points_transaction(entry)."), SERVICE, f"points_ledger?user_id=eq.{ANA_ID}", {"amount": 1}, "PATCH")
expect("and deleted", 400, ("23001",), SERVICE, f"points_ledger?user_id=eq.{ANA_ID}", None, "DELETE")
expect("a learner writes the ledger", 403, ("42501",), ANA, "points_ledger", entry)
expect("a week that is not over", 409, ("PT409",), OLGA, "rpc/freeze_leaderboard", {"period": "weekly", "period_start": "2099-01-05"})

# docs/clients.md says the same of every SQLSTATE that it lists.
with open("docs/clients.md", encoding="utf-8") as page:
    said = re.findall(r"^\| ([0-9A-Z]{5}(?:, [0-9A-Z]{5})*) \|[^|]*\| (\d+)(?:; (\d+) for `anon`)? \|", page.read(), re.M)
check("the table of errors", len(said) > 15, True)
for states, signed_in, anonymous in said:
    for state in states.split(", "):
        check(f"the status of {state}", (status_of(state, True), status_of(state, False)), (int(signed_in), int(anonymous or signed_in)))
