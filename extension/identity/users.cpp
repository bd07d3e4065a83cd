#include "identity/users.h"

#include "access/caller.h"
#include "access/organization.h"
#include "access/roles.h"
#include "kernel/characters.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::identity {

namespace {

constexpr TriggerSpec kNormalize = {"normalize_user", TriggerSpec::Before, TriggerSpec::EachRow,
                                    TriggerSpec::Insert | TriggerSpec::Update};
constexpr TriggerSpec kOpen = {"open_user", TriggerSpec::After, TriggerSpec::EachStatement,
                               TriggerSpec::Insert};
constexpr TriggerSpec kKeepHome = {"keep_home_membership", TriggerSpec::After, TriggerSpec::EachStatement,
                                   TriggerSpec::Update | TriggerSpec::Delete | TriggerSpec::Truncate};
constexpr TriggerSpec kGuardAdmin = {"guard_platform_admin", TriggerSpec::Before, TriggerSpec::EachRow,
                                     TriggerSpec::Delete};
constexpr TriggerSpec kGuardRole = {"guard_role", TriggerSpec::Before, TriggerSpec::EachRow,
                                    TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete};

Statement open_memberships(R"(INSERT INTO laurel.user_organizations (organization_id, user_id)
        SELECT organization_id, id FROM new_users)");

Statement open_profiles(R"(INSERT INTO laurel.profiles (organization_id, user_id)
        SELECT organization_id, id FROM new_users)");

Statement open_preferences(R"(INSERT INTO laurel.user_preferences (organization_id, user_id)
        SELECT organization_id, id FROM new_users)");

// A user's home membership that the statement took away; a deleted user has no home any more.
Statement lost_home = Statement(R"(SELECT u.id FROM old_members o
        JOIN ONLY laurel.users u ON u.organization_id = o.organization_id AND u.id = o.user_id
        WHERE NOT EXISTS (SELECT FROM ONLY laurel.user_organizations m
        WHERE m.organization_id = u.organization_id AND m.user_id = u.id) LIMIT 1)")
                          .Returns(UUIDOID);

Statement any_user = Statement("SELECT id FROM ONLY laurel.users LIMIT 1").Returns(UUIDOID);

Statement platform_administrator(
    R"(SELECT FROM ONLY laurel.user_roles WHERE user_id = $1 AND role = 'platform_admin'
        AND ($2 IS NULL OR organization_id = $2) LIMIT 1)",
    UUIDOID, UUIDOID);

Statement log_in("UPDATE ONLY laurel.users SET last_login_at = pg_catalog.clock_timestamp() WHERE id = $1",
                 UUIDOID);

Statement membership("SELECT FROM ONLY laurel.user_organizations WHERE organization_id = $1 AND user_id = $2",
                     UUIDOID, UUIDOID);

Statement elsewhere = Statement(R"(SELECT FROM ONLY laurel.user_organizations m
        JOIN ONLY laurel.users u ON u.id = m.user_id AND u.organization_id <> m.organization_id
        WHERE m.user_id = $1 LIMIT 1)",
                                UUIDOID);

// Keeps what could end a platform administrator's rights, or let somebody else take them over, to their like.
void
RequireTouchable(Oid table, const Uuid &user, const Uuid *organization, const char *action) {
    if (MayTouchPlatformAdministrators(table) || !IsPlatformAdministrator(user, organization))
        return;
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = psprintf("not allowed to %s a platform administrator", action),
            .hint = "Ask a platform_admin, or call as service_role.",
            .table = get_rel_name(table)});
}

// What identifies a person is an administrator's as long as the person belongs to nobody else.
void
RequireOnlyHere(const Uuid &user, const char *action) {
    if (IsCaller(user) || !BelongsElsewhere(user))
        return;
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = psprintf("not allowed to %s a person who belongs to another organization too", action),
            .hint =
                "End the membership in yours, in laurel.user_organizations. The rest is for the person or "
                "service_role.",
            .table = "users"});
}

// Whether an address is somebody's already is told to who reads the mail that goes there.
[[noreturn]] void
RefuseAddress() {
    Refuse(
        {.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
         .message = "not allowed to write an e-mail address",
         .hint =
             "Call laurel.change_email(): it holds when the mail that goes to the new address is answered.",
         .table = "users"});
}

// The same whoever has the address already.
void
RequireInvitation(Oid table) {
    if (MayTouchPlatformAdministrators(table))
        return;
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to make a user",
            .hint = "Call laurel.invite_member(): an account is made when the invitation is accepted.",
            .table = "users"});
}

// A new address is not a proven one, and whoever reads a platform administrator's mail could become one.
void
CheckChanges(Oid table, const DraftRow &old_row, DraftRow *row) {
    const bool moved = old_row.Text("email") != row->Text("email");
    if (!moved && old_row.Flag("is_active") == row->Flag("is_active"))
        return;
    const Uuid user = old_row.Id("id");
    RequireTouchable(table, user, nullptr, moved ? "change the e-mail address of" : "activate or deactivate");
    if (!MayTouchPlatformAdministrators(table)) {
        if (moved)
            RefuseAddress();
        RequireOnlyHere(user, "activate or deactivate");
    }
    if (moved)
        row->Set("email_changed_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTimestamp()));
    if (moved && old_row.Flag("email_verified") && row->Flag("email_verified"))
        row->Set("email_verified", BOOLOID, BoolGetDatum(false));
}

// Makes the full name where only its parts are given.
void
CompleteName(DraftRow *row) {
    if (!row->IsNull("full_name"))
        return;
    const std::string_view first = kernel::Trimmed(row->Text("first_name"));
    const std::string_view last = kernel::Trimmed(row->Text("last_name"));
    if (first.empty() && last.empty())
        return;
    const char *between = first.empty() || last.empty() ? "" : " ";
    row->Set("full_name", TEXTOID,
             CStringGetTextDatum(psprintf("%s%s%s", CString(first), between, CString(last))));
}

// The membership at home is what every personal row hangs from.
[[noreturn]] void
HomeMembershipKept() {
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "a user cannot leave the only organization he or she belongs to",
            .hint = "An org_admin deletes the user instead, or sets users.is_active to false.",
            .table = "user_organizations",
            .constraint = "user_organizations_home_kept"});
}

void
RequireRoleGrantable(Oid table, std::string_view old_role, std::string_view new_role) {
    constexpr std::string_view guarded = "platform_admin";
    if ((old_role != guarded && new_role != guarded) || MayTouchPlatformAdministrators(table))
        return;
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to grant or revoke the role platform_admin",
            .hint = "Ask a platform_admin, or call as service_role.",
            .table = "user_roles"});
}

// Writes down who granted the role, whatever a bound caller says.
void
SignGrant(Oid table, DraftRow *row) {
    if (IsTrusted(table))
        return;
    const access::Caller &caller = access::CurrentCaller();
    row->Set("granted_by", UUIDOID, CopyUuid(caller.user), !caller.known);
    row->Set("granted_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
}

void
SetLocally(const char *setting, const char *value) {
    set_config_option(setting, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
}

bool
IsMember(const Uuid &organization, const Uuid &user) {
    const AsOwner owner(OwnerOf(TableOid("user_organizations")));
    const SpiConnection spi;
    return membership.Run(Access::Write, {FromUuid(organization), FromUuid(user)}) > 0;
}

} // namespace

bool
IsCaller(const Uuid &user) {
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    return caller.known && caller.membership_count > 0 && caller.user == user;
}

void
RequireSelf(const Uuid &user, const char *action) {
    if (IsTrusted(TableOid("users")) || IsCaller(user))
        return;
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = psprintf("not allowed to %s", action),
            .hint = access::HintOr("Sign in as that user, or call as service_role.")});
}

bool
BelongsElsewhere(const Uuid &user) {
    const AsOwner owner(OwnerOf(TableOid("user_organizations")));
    const SpiConnection spi;
    return elsewhere.Run(Access::Write, {FromUuid(user)}) > 0;
}

bool
IsPlatformAdministrator(const Uuid &user, const Uuid *organization) {
    const AsOwner owner(OwnerOf(TableOid("user_roles")));
    const SpiConnection spi;
    return platform_administrator.Run(Access::Write, {FromUuid(user), UuidOrNull(organization)}) > 0;
}

bool
MayTouchPlatformAdministrators(Oid table) {
    if (IsTrusted(table))
        return true;
    access::NoticeChanges();
    return access::CurrentCaller().platform_admin;
}

LAUREL_FUNCTION(laurel_normalize_user) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kNormalize);
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    DraftRow row(trigger);
    CompleteName(&row);
    const Oid table = RelationGetRelid(trigger->tg_relation);
    if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
        CheckChanges(table, {trigger->tg_trigtuple, tuple_desc}, &row);
    else
        RequireInvitation(table);
    return row.Done();
}

// What every user has, made for all new users at once.
LAUREL_FUNCTION(laurel_open_user) {
    TriggerData *trigger = CheckTrigger(fcinfo, kOpen);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    open_memberships.Run(Access::Write);
    open_profiles.Run(Access::Write);
    open_preferences.Run(Access::Write);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_keep_home_membership) {
    TriggerData *trigger = CheckTrigger(fcinfo, kKeepHome);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const bool truncated = TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event);
    if ((truncated ? any_user : lost_home).Run(Access::Write) > 0)
        HomeMembershipKept();
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_guard_role) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kGuardRole);
    const Oid table = RelationGetRelid(trigger->tg_relation);
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    const bool inserted = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
    const DraftRow old_row(trigger->tg_trigtuple, tuple_desc);
    const std::string_view old_role = inserted ? std::string_view() : old_row.Text("role");
    if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event)) {
        RequireRoleGrantable(table, old_role, {});
        return old_row.Done();
    }
    DraftRow row(TriggerRow(trigger), tuple_desc);
    const char *stored = access::StoredRole(row.Text("role"));
    if (stored != nullptr && row.Text("role") != stored)
        row.Set("role", TEXTOID, CStringGetTextDatum(stored));
    RequireRoleGrantable(table, old_role, row.Text("role"));
    SignGrant(table, &row);
    return row.Done();
}

// Users and memberships take the roles with them that hang from them.
LAUREL_FUNCTION(laurel_guard_platform_admin) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kGuardAdmin);
    const Oid table = RelationGetRelid(trigger->tg_relation);
    const DraftRow row(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
    const bool is_user = table == TableOid("users");
    const Uuid user = row.Id(is_user ? "id" : "user_id");
    const Uuid organization = row.Id("organization_id");
    RequireTouchable(table, user, is_user ? nullptr : &organization, is_user ? "delete" : "dismiss");
    if (is_user && !MayTouchPlatformAdministrators(table))
        RequireOnlyHere(user, "delete");
    return row.Done();
}

// laurel.record_login(user)
LAUREL_FUNCTION(laurel_record_login) {
    const Uuid user = ToUuid(PG_GETARG_DATUM(0));
    const AsOwner owner(OwnerOf(TableOid("users")));
    const SpiConnection spi;
    if (log_in.Run(Access::Write, {FromUuid(user)}) == 0)
        access::UnknownUser(user, "users", "users_pkey");
    PG_RETURN_VOID();
}

// laurel.set_context(user, organization): claims for the rest of the transaction.
LAUREL_FUNCTION(laurel_set_context) {
    const Uuid user = ToUuid(Required(fcinfo, 0, "user_id"));
    if (!IsTrusted(TableOid("users")))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to act as another user",
                .hint = "Call as service_role or as the owner of the tables."});
    Uuid home;
    if (!access::HomeOrganization(user, &home))
        access::UnknownUser(user, "users", "users_pkey");
    const Uuid organization = PG_ARGISNULL(1) ? home : ToUuid(PG_GETARG_DATUM(1));
    if (!IsMember(organization, user) && !IsPlatformAdministrator(user))
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = "the user is not a member of that organization",
                .detail = psprintf("Key (organization_id, user_id)=(%s, %s) is not present in table "
                                   "\"user_organizations\".",
                                   UuidText(organization), UuidText(user)),
                .table = "user_organizations",
                .constraint = "user_organizations_pkey"});
    SetLocally("request.jwt.claims", psprintf("{\"sub\":\"%s\",\"org_id\":\"%s\",\"role\":\"authenticated\"}",
                                              UuidText(user), UuidText(organization)));
    PG_RETURN_VOID();
}

} // namespace laurel::identity
