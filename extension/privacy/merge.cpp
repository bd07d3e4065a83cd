// laurel.merge_users: two accounts of one person become one.
//
// Lock order: both users by id, their memberships by organization and user, accounts of points, then rows as
// MoveRows takes them.

#include "access/caller.h"
#include "access/organization.h"
#include "guards/derived_write.h"
#include "identity/users.h"
#include "points/handover.h"
#include "postgres/arguments.h"
#include "postgres/bounded_json.h"
#include "postgres/bridge.h"
#include "postgres/column.h"
#include "postgres/error.h"
#include "postgres/jsonb_object.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"
#include "privacy/erased.h"
#include "privacy/merge_enrolments.h"
#include "privacy/merge_rows.h"
#include "retention/legal_holds.h"

namespace laurel::privacy {

namespace {

constexpr int kMostReason = 2000; // characters, as the ledger takes

Statement find_merge =
    Statement(
        R"(SELECT id, organization_id, into_id, points, moved FROM ONLY laurel.user_merges WHERE from_id = $1)",
        UUIDOID)
        .Returns(UUIDOID, UUIDOID, UUIDOID, INT8OID, JSONBOID);

Statement lock_users(R"(SELECT FROM ONLY laurel.users WHERE id IN ($1, $2) ORDER BY id FOR UPDATE)", UUIDOID,
                     UUIDOID);

Statement find_user = Statement("SELECT organization_id, email FROM ONLY laurel.users WHERE id = $1", UUIDOID)
                          .Returns(UUIDOID, TEXTOID);

// What the other account belongs to becomes this one's too; since when, where both do.
Statement join(
    R"(INSERT INTO laurel.user_organizations (organization_id, user_id, joined_at, display_name, avatar_url, leaderboard_privacy)
        SELECT m.organization_id, $2, m.joined_at, m.display_name, m.avatar_url, m.leaderboard_privacy
        FROM ONLY laurel.user_organizations m WHERE m.user_id = $1 AND NOT EXISTS (SELECT FROM ONLY laurel.user_organizations i
            WHERE i.organization_id = m.organization_id AND i.user_id = $2) ORDER BY m.organization_id)",
    UUIDOID, UUIDOID);
Statement lock_both_memberships(R"(SELECT FROM ONLY laurel.user_organizations WHERE user_id IN ($1, $2)
        ORDER BY organization_id, user_id FOR UPDATE)",
                                UUIDOID, UUIDOID);
// A key that both have used is nobody's then, so that what was asked for under it stays.
Statement forget_keys(
    R"(UPDATE ONLY laurel.redemptions r SET idempotency_key = NULL WHERE r.user_id = $1 AND r.idempotency_key IS NOT NULL
        AND EXISTS (SELECT FROM ONLY laurel.redemptions i WHERE i.organization_id = r.organization_id AND i.user_id = $2
            AND i.idempotency_key = r.idempotency_key))",
    UUIDOID, UUIDOID);
Statement join_earlier(
    R"(UPDATE ONLY laurel.user_organizations i SET joined_at = f.joined_at FROM ONLY laurel.user_organizations f
        WHERE f.user_id = $1 AND i.user_id = $2 AND i.organization_id = f.organization_id AND f.joined_at < i.joined_at)",
    UUIDOID, UUIDOID);

// A member's team is one that he is in: it is named again once he is.
Statement leave_team =
    Statement(R"(UPDATE ONLY laurel.user_points p SET team_id = NULL FROM ONLY laurel.user_points o
        WHERE p.user_id = $1 AND p.team_id IS NOT NULL AND o.organization_id = p.organization_id AND o.user_id = p.user_id
        RETURNING o.organization_id, o.team_id)",
              UUIDOID)
        .Returns(UUIDOID, UUIDOID);
Statement take_team(
    R"(UPDATE ONLY laurel.user_points p SET team_id = t.team_id FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) t (organization_id, team_id)
        WHERE p.user_id = $1 AND p.organization_id = t.organization_id AND p.team_id IS NULL)",
    UUIDOID, UUIDARRAYOID, UUIDARRAYOID);

// An offer to be a buddy is what matches hang from; there are as many places as both have given.
Statement take_offer(
    R"(INSERT INTO laurel.buddy_profiles AS b (organization_id, user_id, capacity, skills, languages, status, paused_until)
        SELECT f.organization_id, $2, f.capacity, f.skills, f.languages, f.status, f.paused_until
        FROM ONLY laurel.buddy_profiles f WHERE f.user_id = $1
        ON CONFLICT (organization_id, user_id) DO UPDATE SET status = 'active', paused_until = NULL
        WHERE b.status <> 'active' AND EXCLUDED.status = 'active')",
    UUIDOID, UUIDOID);
Statement widen_offer(
    R"(UPDATE ONLY laurel.buddy_profiles i SET capacity = greatest(i.capacity, i.open_matches + f.open_matches)
        FROM ONLY laurel.buddy_profiles f WHERE f.user_id = $1 AND i.user_id = $2 AND i.organization_id = f.organization_id
        AND i.capacity < i.open_matches + f.open_matches)",
    UUIDOID, UUIDOID);

// Whom somebody manages he does not look after as a buddy.
Statement end_managed(R"(UPDATE ONLY laurel.buddy_matches b SET status = 'ended' FROM ONLY laurel.users u
        WHERE $1 IN (b.user_id, b.buddy_id) AND b.status IN ('suggested', 'proposed', 'accepted') AND u.id = b.user_id AND u.manager_id = b.buddy_id)",
                      UUIDOID);

// What both of them set each other is own then; what began before it was made cannot be.
Statement take_challenges(R"(UPDATE ONLY laurel.personal_challenges SET set_by = $2
        WHERE set_by = $1 AND (user_id <> $2 OR starts_at >= created_at))",
                          UUIDOID, UUIDOID);

// What other tables still count stays counted.
Statement end_usage("DELETE FROM ONLY laurel.quota_usage WHERE user_id = $1 AND used = 0", UUIDOID);
Statement delete_user =
    Statement("DELETE FROM ONLY laurel.users WHERE id = $1 RETURNING true", UUIDOID).Returns(BOOLOID);

Statement write_down =
    Statement(
        R"(INSERT INTO laurel.user_merges (from_id, into_id, organization_id, reason, merged_by, points, moved)
        VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id)",
        UUIDOID, UUIDOID, UUIDOID, TEXTOID, UUIDOID, INT8OID, JSONBOID)
        .Returns(UUIDOID);

// An account that takes part.
struct Account {
    Uuid id;
    bool exists;
    Uuid organization;
    const char *email;
};

// Who asks for which accounts.
struct Asking {
    Account from;
    Account into;
    bool trusted;
    access::Caller caller;
};

// The same whatever it is that is not so, and whether there are such users.
[[noreturn]] void
RefuseCaller() {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to merge these users",
            .hint = access::HintOr(
                "An org_admin merges accounts that are at home in the organization and belong to no other; "
                "service_role merges any."),
            .table = "users"});
}

Account
FindAccount(const Uuid &id) {
    Account account = {id, find_user.Run(Access::Write, FromUuid(id)) > 0, {}, nullptr};
    if (!account.exists)
        return account;
    account.organization = ToUuid(Field(0, 1));
    account.email = CString(ToText(Field(0, 2)));
    return account;
}

void
FindAccounts(Asking *asking) {
    asking->from = FindAccount(asking->from.id);
    asking->into = FindAccount(asking->into.id);
}

bool
MayMerge(const Asking &asking, const Account &account) {
    if (!access::Administers(asking.caller, account.organization) ||
        !(asking.caller.organization == account.organization))
        return false;
    return asking.caller.platform_admin ||
           (!identity::BelongsElsewhere(account.id) && !identity::IsPlatformAdministrator(account.id));
}

// The answer to a merge that was done already, in SPI's result; false where it was not. An account that is
// there again, as after a restore, is not the one that was merged.
bool
FindEarlier(const Asking &asking) {
    if (find_merge.Run(Access::Write, FromUuid(asking.from.id)) == 0)
        return false;
    if (!asking.trusted && !access::Administers(asking.caller, ToUuid(Field(0, 2))))
        RefuseCaller();
    if (asking.from.exists)
        Refuse({.sqlstate = kConflict,
                .message = "the user was merged already, and is there again",
                .detail = psprintf("User %s became part of user %s.", UuidText(asking.from.id),
                                   UuidText(ToUuid(Field(0, 3)))),
                .hint = "Give the account another id, or delete it.",
                .table = "user_merges",
                .constraint = "user_merges_from_id_key"});
    if (ToUuid(Field(0, 3)) == asking.into.id)
        return true;
    Refuse({.sqlstate = kConflict,
            .message = "the user was merged with another one already",
            .detail = psprintf("User %s is part of user %s.", UuidText(asking.from.id),
                               UuidText(ToUuid(Field(0, 3)))),
            .hint = "Merge that user instead.",
            .table = "user_merges",
            .constraint = "user_merges_from_id_key"});
}

// What is to be erased is not to be found again as somebody else's.
void
RequireNotErased(const Uuid &user) {
    const bool is_erased = IsErased(user);
    if (!is_erased && !ErasureIsOpen(user))
        return;
    Refuse({.sqlstate = kConflict,
            .message = is_erased ? "a user who was erased is not merged"
                                 : "a user who is to be erased is not merged",
            .detail = psprintf("It is user %s.", UuidText(user)),
            .hint = is_erased
                        ? nullptr
                        : "Take the request back first: laurel.cancel_erasure(), or wait until it is done.",
            .table = "user_merges",
            .constraint = "user_merges_erasure"});
}

void
RequireMergeable(const Asking &asking) {
    for (const Account *account : {&asking.from, &asking.into}) {
        if (!account->exists && asking.trusted)
            access::UnknownUser(account->id, "user_merges",
                                account == &asking.from ? "user_merges_from_id_fkey"
                                                        : "user_merges_into_id_fkey");
        if (!account->exists || (!asking.trusted && !MayMerge(asking, *account)))
            RefuseCaller();
        RequireNotErased(account->id);
    }
    if (!(asking.from.organization == asking.into.organization))
        Refuse({.message = "users of different organizations are not merged",
                .detail = psprintf("User %s is at home in organization %s, user %s in %s.",
                                   UuidText(asking.from.id), UuidText(asking.from.organization),
                                   UuidText(asking.into.id), UuidText(asking.into.organization)),
                .hint =
                    "A person who belongs to several organizations has one account with several memberships.",
                .table = "user_merges",
                .constraint = "user_merges_organization_check"});
}

void
RequireNotHeld(const Account &account) {
    retention::RequireNotHeld(
        {.what = "user", .table = "users", .organization = {}, .user = FromUuid(account.id)});
    retention::RequireNotHeld({.what = "user",
                               .table = "users",
                               .organization = FromUuid(account.organization),
                               .user = FromUuid(account.id)});
}

Jsonb *
Told(const MovedTables &moved) {
    JsonbObject told;
    for (int i = 0; i < moved.count;) {
        const char *table = moved.tables[i].table;
        uint64 rows = 0, left = 0;
        for (; i < moved.count && strcmp(moved.tables[i].table, table) == 0; i++) {
            rows += moved.tables[i].moved;
            left += moved.tables[i].left;
        }
        if (rows + left > 0)
            told.Nested(table, JsonbObject()
                                   .Number("moved", static_cast<int64>(rows))
                                   .Number("left", static_cast<int64>(left))
                                   .Finish());
    }
    return told.Finish();
}

// Teams of which `from` was counted a member, by organization.
struct Teams {
    Datum organizations;
    Datum teams;
};

Teams
LeaveTeams(const Uuid &from) {
    const uint64 count = leave_team.Run(Access::Write, FromUuid(from));
    Column organizations(UUIDOID, count), teams(UUIDOID, count);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        organizations.Add(CopyUuid(ToUuid(row.Next())));
        teams.Add(CopyUuid(ToUuid(row.Next())));
    }
    return {organizations.Array(), teams.Array()};
}

void
JoinOrganizations(const Parameters &both) {
    join.Run(Access::Write, both);
    join_earlier.Run(Access::Write, both);
}

struct Merged {
    int64 points;
    Jsonb *moved;
};

// With both accounts locked.
Merged
Merge(const Asking &asking, const char *reason) {
    const Uuid &from = asking.from.id, &into = asking.into.id;
    const Datum both[] = {FromUuid(from), FromUuid(into)};
    JoinOrganizations(both);
    forget_keys.Run(Access::Write, both);
    const points::HandedOver handed =
        points::HandOverPoints({from, into, psprintf("user_merge:%s", UuidText(from)), reason});
    const Teams teams = LeaveTeams(from);
    take_offer.Run(Access::Write, both);
    widen_offer.Run(Access::Write, both);
    CompleteWorseEnrolments(from, into);
    const MovedTables moved = MoveRows({from, into, asking.from.email, asking.into.email});
    {
        const guards::DerivedWrite writing({TableOid("personal_challenges")});
        take_challenges.Run(Access::Write, both);
    }
    end_managed.Run(Access::Write, FromUuid(into));
    take_team.Run(Access::Write, {FromUuid(into), teams.organizations, teams.teams});
    delete_user.Write(FromUuid(from));
    end_usage.Run(Access::Write, FromUuid(from));
    return {handed.total, Told(moved)};
}

Uuid
WriteDown(const Asking &asking, const Nullable &reason, const Merged &merged) {
    Uuid caller;
    const bool has_caller = access::ClaimedUser(&caller);
    write_down.Write({FromUuid(asking.from.id),
                      FromUuid(asking.into.id),
                      FromUuid(asking.into.organization),
                      reason,
                      {FromUuid(caller), !has_caller},
                      Int64GetDatum(merged.points),
                      JsonbPGetDatum(merged.moved)});
    return ToUuid(Field(0, 1));
}

Datum
Result(FunctionCallInfo fcinfo, MemoryContext memory, const Uuid &id, const Asking &asking,
       const Merged &merged, bool is_new) {
    const MemoryContext before = MemoryContextSwitchTo(memory);
    const Datum result =
        ResultRow(fcinfo, {FromUuid(id), FromUuid(asking.from.id), FromUuid(asking.into.id),
                           Int64GetDatum(merged.points), JsonbPGetDatum(merged.moved), BoolGetDatum(is_new)});
    MemoryContextSwitchTo(before);
    return result;
}

const char *
ReasonOf(const Nullable &reason) {
    if (reason.is_null)
        return "Two accounts of one person were merged";
    RequireShortText(ToText(reason.value), kMostReason, "user_merges", "reason");
    return CString(ToText(reason.value));
}

Asking
AskFor(FunctionCallInfo fcinfo) {
    Asking asking = {};
    asking.from.id = ToUuid(Required(fcinfo, 0, "from"));
    asking.into.id = ToUuid(Required(fcinfo, 1, "into"));
    if (asking.from.id == asking.into.id)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "a user is not merged with himself",
                .hint = "Name two accounts: what the first has becomes the second's."});
    access::NoticeChanges();
    asking.caller = access::CurrentCaller();
    asking.trusted = IsTrusted(TableOid("users"));
    return asking;
}

} // namespace

// laurel.merge_users("from", into, reason). Whether he may is asked before anybody waits for a lock, and of
// what is there once it is held.
LAUREL_FUNCTION(laurel_merge_users) {
    const MemoryContext memory = CurrentMemoryContext;
    Asking asking = AskFor(fcinfo);
    const Nullable reason = Argument(fcinfo, 2);
    const char *words = ReasonOf(reason);
    const AsOwner owner(OwnerOf(TableOid("users")));
    const SpiConnection spi;
    FindAccounts(&asking);
    const Datum both[] = {FromUuid(asking.from.id), FromUuid(asking.into.id)};
    // Who is not there any more is waited for by nobody.
    if (asking.from.exists) {
        RequireMergeable(asking);
        lock_users.Run(Access::Write, both);
        lock_both_memberships.Run(Access::Write, both);
        FindAccounts(&asking);
    }
    if (FindEarlier(asking))
        return Result(fcinfo, memory, ToUuid(Field(0, 1)), asking,
                      {DatumGetInt64(Field(0, 4)), DatumGetJsonbP(Field(0, 5))}, false);
    RequireMergeable(asking);
    RequireNotHeld(asking.from);
    RequireNotHeld(asking.into);
    const Merged merged = Merge(asking, words);
    const Uuid id = WriteDown(asking, reason, merged);
    return Result(fcinfo, memory, id, asking, merged, true);
}

} // namespace laurel::privacy
