// Legal holds: who placed and released them is written by the database, and what they cover is not removed
// together with its member.

#include "retention/legal_holds.h"

#include "access/caller.h"
#include "guards/derived_write.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/own_lock.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

extern "C" {
#include "utils/datum.h"
}

namespace laurel::retention {

namespace {

constexpr TriggerSpec kKeepHeld = {"keep_held", TriggerSpec::Before, TriggerSpec::EachRow,
                                   TriggerSpec::Delete};
constexpr TriggerSpec kSignHold = {"sign_hold", TriggerSpec::Before, TriggerSpec::EachRow,
                                   TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete};

// A hold in force that covers rows which go along. Null: any organization's, or of no member in particular.
Statement find_hold = Statement(R"(SELECT h.id FROM ONLY laurel.legal_holds h WHERE h.released_at IS NULL
        AND (h.organization_id IS NULL OR h.organization_id = $1)
        AND (h.user_id IS NULL OR h.user_id = $2) LIMIT 1)",
                                UUIDOID, UUIDOID)
                          .Returns(UUIDOID);

Statement find_missing =
    Statement(
        R"(SELECT 'user' WHERE $2 IS NOT NULL AND NOT EXISTS (SELECT FROM ONLY laurel.users WHERE id = $2)
    UNION ALL SELECT 'organization'
    WHERE $1 IS NOT NULL AND NOT EXISTS (SELECT FROM ONLY laurel.organizations WHERE id = $1))",
        UUIDOID, UUIDOID)
        .Returns(TEXTOID);

// What is removed: a membership, a user or an organization.
struct Removed {
    const char *what;
    const char *organization_column; // null where rows of any organization go along
    const char *user_column;         // null where rows of any user go along
};

Removed
KindOf(const TriggerData *trigger) {
    const std::string_view table = RelationGetRelationName(trigger->tg_relation);
    if (table == "organizations")
        return {"organization", "id", nullptr};
    if (table == "users")
        return {"user", nullptr, "id"};
    return {"member", "organization_id", "user_id"};
}

// The caller of this moment: whom the claims name, as which role, and through which login.
const char *
Signature() {
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    const char *role = GetUserNameFromId(GetUserId(), false);
    const char *login = GetUserNameFromId(GetSessionUserId(), false);
    const char *signature = caller.known ? psprintf("%s as %s", UuidText(caller.user), role) : role;
    return strcmp(role, login) == 0 ? signature : psprintf("%s through %s", signature, login);
}

[[noreturn]] void
RefuseHistory(const char *message) {
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = message,
            .hint = "A hold is placed, and released once by setting released_at; another one is a new row.",
            .table = "legal_holds",
            .constraint = "legal_holds_history"});
}

// Whether an update changes anything but the release.
bool
ChangesHold(const TriggerData *trigger) {
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    const int at = Attribute(tuple_desc, "released_at", TIMESTAMPTZOID);
    const int by = Attribute(tuple_desc, "released_by", TEXTOID);
    for (int column = 1; column <= tuple_desc->natts; column++) {
        const FormData_pg_attribute *attribute = TupleDescAttr(tuple_desc, column - 1);
        if (column == at || column == by || attribute->attisdropped)
            continue;
        bool old_null, new_null;
        const Datum before = SPI_getbinval(trigger->tg_trigtuple, tuple_desc, column, &old_null);
        const Datum after = SPI_getbinval(trigger->tg_newtuple, tuple_desc, column, &new_null);
        if (old_null != new_null ||
            (!old_null && !datum_image_eq(before, after, attribute->attbyval, attribute->attlen)))
            return true;
    }
    return false;
}

// What a hold or a removal reaches; either may be null.
struct Reach {
    Nullable organization;
    Nullable user;

    explicit Reach(const Removal &removal) : organization(removal.organization), user(removal.user) {}
    Reach(const DraftRow &row, const char *organization_column, const char *user_column)
        : organization(Get(row, organization_column)), user(Get(row, user_column)) {}

private:
    static Nullable Get(const DraftRow &row, const char *column) {
        return column == nullptr ? Nullable() : row.Get(column, UUIDOID);
    }
};

// Holds wait for the step of retention under way and for the removals that they reach, not for each other.
void
WaitForRemovals(const Reach &hold) {
    LockUntilEnd(OwnLock::AnyHold, RowExclusiveLock);
    if (!hold.organization.is_null)
        LockOrganizationUntilEnd(OwnLock::HoldsOfOrganization, DatumGetUUIDP(hold.organization.value),
                                 RowExclusiveLock);
    else if (!hold.user.is_null)
        LockUserUntilEnd(OwnLock::HoldsOfUser, DatumGetUUIDP(hold.user.value), RowExclusiveLock);
    else
        LockUntilEnd(OwnLock::Holds, RowExclusiveLock);
}

// Removals wait for the holds under way that reach them, and not for each other.
void
WaitForHolds(const Reach &removal) {
    LockUntilEnd(OwnLock::Holds, ShareLock);
    if (!removal.organization.is_null)
        LockOrganizationUntilEnd(OwnLock::HoldsOfOrganization, DatumGetUUIDP(removal.organization.value),
                                 ShareLock);
    if (!removal.user.is_null)
        LockUserUntilEnd(OwnLock::HoldsOfUser, DatumGetUUIDP(removal.user.value), ShareLock);
}

// A hold on a table that is not there would hold nothing.
void
RequireHeldTable(const DraftRow &row) {
    if (row.IsNull("table_name"))
        return;
    const char *name = CString(row.Text("table_name"));
    const Oid table = get_relname_relid(name, get_namespace_oid("laurel", false));
    const char kind = OidIsValid(table) ? get_rel_relkind(table) : '\0';
    if ((kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE) || get_rel_relispartition(table))
        Refuse({.message = psprintf("there is no table \"laurel.%s\" to hold", name),
                .hint = "table_name is the name of a table of schema laurel without the schema.",
                .table = "legal_holds",
                .constraint = "legal_holds_table_name_check"});
}

// Whoever places a hold on everything of a person who is gone, perhaps since a moment ago, is told that
// nothing is left to hold.
void
RequireHeldPerson(const DraftRow &row, const Reach &hold) {
    if (!row.IsNull("table_name"))
        return;
    const FreshRead fresh(OwnerOf(TableOid("users")));
    if (find_missing.Run(Access::Read, {hold.organization, hold.user}) == 0)
        return;
    const char *what = CString(ToText(Field(0, 1)));
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = psprintf("there is no such %s to hold anything of", what),
            .hint = "What is left of one that is gone is held by naming its table in table_name.",
            .table = "legal_holds",
            .constraint = psprintf("legal_holds_%s_id_fkey", what)});
}

// What is signed here must be what is stored.
void
RequireLastWord(const TriggerData *trigger) {
    const auto event = TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ? TriggerSpec::Insert : TriggerSpec::Update;
    if (!MayChangeRows(trigger->tg_relation, event, trigger->tg_trigger->tgname))
        return;
    Refuse({.sqlstate = ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED,
            .message = psprintf("a row trigger of the application could change a hold after trigger \"%s\"",
                                trigger->tg_trigger->tgname),
            .hint = "Drop that trigger, or let it fire AFTER the statement.",
            .table = "legal_holds",
            .constraint = "legal_holds_history"});
}

Datum
SignPlacing(const TriggerData *trigger) {
    DraftRow row(trigger);
    const Reach hold(row, "organization_id", "user_id");
    WaitForRemovals(hold);
    RequireHeldTable(row);
    RequireHeldPerson(row, hold);
    row.Set("placed_by", TEXTOID, CStringGetTextDatum(Signature()));
    row.Set("placed_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTimestamp()));
    row.Set("released_by", TEXTOID, 0, true);
    row.Set("released_at", TIMESTAMPTZOID, 0, true);
    return row.Done();
}

Datum
SignRelease(const TriggerData *trigger) {
    const DraftRow before(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
    DraftRow row(trigger);
    if (!before.IsNull("released_at"))
        RefuseHistory("a hold that was released stays released and as it is");
    if (ChangesHold(trigger) || row.IsNull("released_at"))
        RefuseHistory("of a hold nothing changes but its release");
    WaitForRemovals(Reach(before, "organization_id", "user_id"));
    row.Set("released_by", TEXTOID, CStringGetTextDatum(Signature()));
    row.Set("released_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTimestamp()));
    return row.Done();
}

} // namespace

void
LockHolds() {
    LockUntilEnd(OwnLock::AnyHold, ShareLock);
}

void
RequireNotHeld(const Removal &removal) {
    WaitForHolds(Reach(removal));
    const FreshRead fresh(OwnerOf(TableOid("legal_holds")));
    if (find_hold.Run(Access::Read, {removal.organization, removal.user}) == 0)
        return;
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = psprintf("the %s is under a legal hold", removal.what),
            .detail = psprintf("Hold %s keeps rows that would go along.", UuidText(ToUuid(Field(0, 1)))),
            .hint = "Release the hold first: set its released_at.",
            .table = removal.table,
            .constraint = "legal_holds_keep"});
}

// laurel_internal.sign_hold(): on legal_holds.
LAUREL_FUNCTION(laurel_sign_hold) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kSignHold);
    if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
        RefuseHistory("a hold is never deleted");
    // Of whom a hold told who is erased, its reason may name.
    if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) && guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(trigger->tg_newtuple);
    RequireLastWord(trigger);
    return TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ? SignPlacing(trigger) : SignRelease(trigger);
}

// laurel_internal.keep_held(): on user_organizations, users and organizations.
LAUREL_FUNCTION(laurel_keep_held) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepHeld);
    const Removed removed = KindOf(trigger);
    const DraftRow row(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
    const Reach reach(row, removed.organization_column, removed.user_column);
    RequireNotHeld({.what = removed.what,
                    .table = RelationGetRelationName(trigger->tg_relation),
                    .organization = reach.organization,
                    .user = reach.user});
    return PointerGetDatum(trigger->tg_trigtuple);
}

} // namespace laurel::retention
