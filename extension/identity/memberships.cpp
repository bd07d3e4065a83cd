// Memberships: begun by whom they concern, and what happens to an account whose home they were.

#include "access/caller.h"
#include "guards/derived_write.h"
#include "identity/users.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/sql.h"
#include "postgres/trigger.h"

namespace laurel::identity {

namespace {

constexpr TriggerSpec kGuard = {"guard_membership", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Insert};
constexpr TriggerSpec kMove = {"move_home", TriggerSpec::After, TriggerSpec::EachRow, TriggerSpec::Delete};

// Where the user goes who loses the home: of the organizations that are active, else of all, the one he or
// she has belonged to for longest. Whoever ends that membership at the same time is waited for.
Statement next_home = Statement(R"(SELECT m.organization_id FROM ONLY laurel.user_organizations m
        JOIN ONLY laurel.users u ON u.id = m.user_id AND u.organization_id = $1
        JOIN ONLY laurel.organizations o ON o.id = m.organization_id
        WHERE m.user_id = $2 AND m.organization_id <> $1
        ORDER BY o.is_active DESC, m.joined_at, m.organization_id LIMIT 1 FOR KEY SHARE OF m)",
                                UUIDOID, UUIDOID)
                          .Returns(UUIDOID);

// Managers and those they manage are at home in one organization.
Statement part_from_reports(
    "UPDATE ONLY laurel.users SET manager_id = NULL WHERE organization_id = $1 AND manager_id = $2", UUIDOID,
    UUIDOID);

Statement move_user("UPDATE ONLY laurel.users SET organization_id = $3, manager_id = NULL WHERE "
                    "organization_id = $1 AND id = $2",
                    UUIDOID, UUIDOID, UUIDOID);

constexpr SqlText kMoveRows =
    "UPDATE ONLY laurel.{1} o SET organization_id = $3 WHERE organization_id = $1 AND user_id = $2{2}";

// An open token of a purpose that has one in the new home stays behind.
constexpr SqlText kNotThere =
    R"( AND (o.used_at IS NOT NULL OR NOT EXISTS (SELECT FROM ONLY laurel.one_time_tokens n
    WHERE n.organization_id = $3 AND n.user_id = $2 AND n.purpose = o.purpose AND n.used_at IS NULL)))";

// What is there once for each user, and lies at home.
struct Moved {
    const char *table;
    Statement move;
};

template <SqlText table, SqlText condition = "">
constexpr Moved
AllOf() {
    return {table, Statement(Sql<kMoveRows, table, condition>, UUIDOID, UUIDOID, UUIDOID)};
}

Moved moved[] = {AllOf<"profiles">(), AllOf<"user_preferences">(), AllOf<"user_identities">(),
                 AllOf<"sessions">(), AllOf<"one_time_tokens", kNotThere>()};

// The user is there; what a trigger of the application keeps back of the rest goes with the membership.
void
Move(const char *table, Statement *statement, const Parameters &values, bool must) {
    const guards::DerivedWrite writing({TableOid(table)});
    if (must)
        return statement->Write(values);
    statement->Run(Access::Write, values);
}

void
MoveHome(const Uuid &from, const Uuid &user) {
    const Datum here[] = {FromUuid(from), FromUuid(user)};
    if (next_home.Run(Access::Write, here) == 0)
        return;
    const Uuid home = ToUuid(Field(0, 1));
    const Datum values[] = {FromUuid(from), FromUuid(user), FromUuid(home)};
    part_from_reports.Run(Access::Write, here);
    Move("users", &move_user, values, true);
    for (Moved &rows : moved)
        Move(rows.table, &rows.move, values, false);
}

Statement set_active("UPDATE ONLY laurel.users SET is_active = false WHERE id = $1", UUIDOID);
Statement delete_user("DELETE FROM ONLY laurel.users WHERE id = $1", UUIDOID);

// The account of the caller, who belongs to more than one organization: where there is one, its
// administrators decide.
Uuid
OwnAccount(const char *action) {
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    if (caller.known && caller.membership_count > 0 && BelongsElsewhere(caller.user))
        return caller.user;
    const bool signed_in = caller.known && caller.membership_count > 0;
    Refuse(
        {.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
         .message = psprintf("not allowed to %s an account", action),
         .hint = access::HintOr(
             signed_in ? "Ask an org_admin of your organization: the account is yours alone once you belong "
                         "to another one too."
                       : "Sign in as the user whose account it is."),
         .table = "users"});
}

} // namespace

// Whether there is such a user is not looked at.
LAUREL_FUNCTION(laurel_guard_membership) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kGuard);
    if (!MayTouchPlatformAdministrators(RelationGetRelid(trigger->tg_relation)))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to make somebody a member",
                .hint = "Call laurel.invite_member(): who accepts the invitation becomes one.",
                .table = "user_organizations"});
    return PointerGetDatum(trigger->tg_trigtuple);
}

// Takes an account along whose home this membership was; keep_home_membership() refuses where there is no
// other one. Once all rows are deleted: whoever ends the own membership acts for this organization until
// then.
LAUREL_FUNCTION(laurel_move_home) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kMove);
    const DraftRow row(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
    const Uuid organization = row.Id("organization_id"), user = row.Id("user_id");
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    MoveHome(organization, user);
    return PointerGetDatum(nullptr);
}

// laurel.deactivate_account()
LAUREL_FUNCTION(laurel_deactivate_account) {
    const Uuid user = OwnAccount("deactivate");
    const AsOwner owner(OwnerOf(TableOid("users")));
    const SpiConnection spi;
    set_active.Write({FromUuid(user)});
    PG_RETURN_VOID();
}

// laurel.delete_account()
LAUREL_FUNCTION(laurel_delete_account) {
    const Uuid user = OwnAccount("delete");
    const AsOwner owner(OwnerOf(TableOid("users")));
    const SpiConnection spi;
    delete_user.Write({FromUuid(user)});
    PG_RETURN_VOID();
}

} // namespace laurel::identity
