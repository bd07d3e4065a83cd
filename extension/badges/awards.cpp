// Awards: given and taken back by functions, and through the view user_achievements. What follows from an
// award, and that retired badges are awarded to nobody, stands in the guards of badge_awards.
//
// Lock order: the points accounts by (organization_id, user_id), then the awards, then their badges by
// (organization_id, id). A plain INSERT or DELETE of awards cannot know the accounts before: it comes to the
// badges first, and to the accounts by what it pays. So two transactions can wait for each other (40P01)
// where one inserts an award and the other earns the same badge by the points of the same member; or where
// both give one member one badge and one of them has awarded that badge before: it would have been refused as
// a duplicate.

#include "access/caller.h"
#include "access/organization.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/canonical.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::badges {

namespace {

constexpr TriggerSpec kAchieve = {"award_achievement", TriggerSpec::InsteadOf, TriggerSpec::EachRow,
                                  TriggerSpec::Insert};

Statement find_organization =
    Statement("SELECT organization_id FROM ONLY laurel.badges WHERE id = $1", UUIDOID).Returns(UUIDOID);

Statement find_named =
    Statement("SELECT id FROM ONLY laurel.badges WHERE organization_id = $1 AND slug = $2", UUIDOID, TEXTOID)
        .Returns(UUIDOID);

Statement give_badge =
    Statement(R"(INSERT INTO laurel.badge_awards (organization_id, user_id, badge_id, awarded_by, note)
        VALUES ($1, $2, $3, coalesce($4, 'system'), $5) RETURNING id, points_awarded)",
              UUIDOID, UUIDOID, UUIDOID, TEXTOID, TEXTOID)
        .Returns(UUIDOID, INT8OID);

Statement give_achievement =
    Statement(R"(INSERT INTO laurel.badge_awards (id, organization_id, user_id, badge_id, awarded_date)
        VALUES (coalesce($1, laurel.uuidv7()), $2, $3, $4, coalesce($5, pg_catalog.now()))
        RETURNING id, awarded_date)",
              UUIDOID, UUIDOID, UUIDOID, UUIDOID, TIMESTAMPTZOID)
        .Returns(UUIDOID, TIMESTAMPTZOID);

Statement lock_account(R"(SELECT FROM ONLY laurel.user_points
        WHERE organization_id = $1 AND user_id = $2 FOR NO KEY UPDATE)",
                       UUIDOID, UUIDOID);

Statement take_badge = Statement(R"(DELETE FROM ONLY laurel.badge_awards
        WHERE organization_id = $1 AND user_id = $2 AND badge_id = $3 RETURNING id)",
                                 UUIDOID, UUIDOID, UUIDOID)
                           .Returns(UUIDOID);

Statement note_revocation =
    Statement(R"(INSERT INTO laurel.badge_revocations (organization_id, user_id, badge_id, reason)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (organization_id, badge_id, user_id) DO UPDATE
        SET reason = excluded.reason, revoked_by = excluded.revoked_by, revoked_at = excluded.revoked_at)",
              UUIDOID, UUIDOID, UUIDOID, TEXTOID);

Statement end_revocation = Statement(R"(DELETE FROM ONLY laurel.badge_revocations
        WHERE organization_id = $1 AND user_id = $2 AND badge_id = $3)",
                                     UUIDOID, UUIDOID, UUIDOID);

// The entry that paid an award, unless it was taken back already.
Statement find_payment = Statement(R"(SELECT e.id, e.amount FROM laurel.points_history e
        WHERE e.organization_id = $1 AND e.user_id = $2 AND e.idempotency_key =
        'badge_award:' || $3::pg_catalog.text
        AND NOT EXISTS (SELECT FROM laurel.points_history r
            WHERE r.organization_id = $1 AND r.reverses_id = e.id))",
                                   UUIDOID, UUIDOID, UUIDOID)
                             .Returns(UUIDOID, INT8OID);

// The same once its key was erased with the member's words.
Statement find_erased_payment = Statement(R"(SELECT e.id, e.amount FROM laurel.points_history e
        WHERE e.organization_id = $1 AND e.user_id = $2 AND e.reference_type = 'Badge'
        AND e.reference_id = $3 AND e.transaction_type = 'badge_earned'
        AND e.erased_words IS NOT NULL
        AND NOT EXISTS (SELECT FROM laurel.points_history r
            WHERE r.organization_id = $1 AND r.reverses_id = e.id)
        ORDER BY e.created_at DESC LIMIT 1)",
                                          UUIDOID, UUIDOID, UUIDOID)
                                    .Returns(UUIDOID, INT8OID);

Statement reverse_payment("SELECT FROM laurel.reverse_points_transaction($1, $2)", UUIDOID, TEXTOID);

Statement read_balance = Statement(R"(SELECT total_points FROM ONLY laurel.user_points
        WHERE organization_id = $1 AND user_id = $2)",
                                   UUIDOID, UUIDOID)
                             .Returns(INT8OID);

// Which badge goes to or from whom.
struct Holding {
    Uuid organization;
    Uuid user;
    Uuid badge;
};

[[noreturn]] void
UnknownBadge(const char *key, const char *value) {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "there is no such badge",
            .detail = psprintf("Key (%s)=(%s) is not present in table \"badges\".", key, value),
            .hint = "laurel.badges has each organization's badges, with id and slug.",
            .table = "badge_awards",
            .constraint = "badge_awards_badge_id_fkey"});
}

// The organization argument, or else the caller's active one, or else, for a trusted caller, the badge's own.
Uuid
OrganizationOfBadge(FunctionCallInfo fcinfo, int argument, Oid table, const Uuid &badge) {
    if (!PG_ARGISNULL(argument))
        return ToUuid(PG_GETARG_DATUM(argument));
    if (!IsTrusted(table)) {
        access::NoticeChanges();
        return access::CurrentCaller().organization;
    }
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Datum values[] = {FromUuid(badge)};
    if (find_organization.Run(Access::Write, values) == 0)
        UnknownBadge("id", UuidText(badge));
    return ToUuid(Field(0, 1));
}

Uuid
BadgeNamed(const Uuid &organization, Datum slug) {
    const SpiConnection spi;
    const Canonical form = kSlug.Of(ToText(slug));
    const Datum values[] = {FromUuid(organization), form.fault == nullptr ? FromText(form.text) : slug};
    if (find_named.Run(Access::Write, values) == 0)
        UnknownBadge("organization_id, slug",
                     psprintf("%s, %s", UuidText(organization), CString(ToText(slug))));
    return ToUuid(Field(0, 1));
}

// Before the badge, as whoever earns one by points: he has the account already.
void
LockAccount(const Holding &holding) {
    lock_account.Run(Access::Write, {FromUuid(holding.organization), FromUuid(holding.user)});
}

int64
BalanceOf(const Holding &holding) {
    const Datum values[] = {FromUuid(holding.organization), FromUuid(holding.user)};
    return read_balance.Run(Access::Write, values) > 0 ? DatumGetInt64(Field(0, 1)) : 0;
}

// The row (award, points, balance) that awarding and revoking return.
Datum
Outcome(FunctionCallInfo fcinfo, const Uuid &award, int64 points, int64 balance) {
    return ResultRow(fcinfo, {FromUuid(award), Int64GetDatum(points), Int64GetDatum(balance)});
}

// Inserts the award as the tables' owner; the arguments awarded_by and note stand at 2 and 4.
Datum
Award(FunctionCallInfo fcinfo, Oid table, const Holding &holding) {
    Uuid award;
    int64 points, balance;
    {
        const AsOwner owner(OwnerOf(table));
        const SpiConnection spi;
        LockAccount(holding);
        end_revocation.Run(Access::Write,
                           {FromUuid(holding.organization), FromUuid(holding.user), FromUuid(holding.badge)});
        give_badge.Write({FromUuid(holding.organization), FromUuid(holding.user), FromUuid(holding.badge),
                          Argument(fcinfo, 2), Argument(fcinfo, 4)});
        award = ToUuid(Field(0, 1));
        points = DatumGetInt64(Field(0, 2));
        balance = BalanceOf(holding);
    }
    return Outcome(fcinfo, award, points, balance);
}

// Deletes the award and returns its id, or refuses where there is none.
Uuid
TakeBadge(const Holding &holding) {
    const Datum values[] = {FromUuid(holding.organization), FromUuid(holding.user), FromUuid(holding.badge)};
    if (take_badge.Run(Access::Write, values) == 0)
        Refuse({.sqlstate = kConflict,
                .message = "the user does not hold this badge",
                .detail = psprintf("User %s, badge %s.", UuidText(holding.user), UuidText(holding.badge)),
                .table = "badge_awards"});
    return ToUuid(Field(0, 1));
}

// Reverses what the award paid and returns how much that was.
int64
TakePayment(const Holding &holding, const Uuid &award, Nullable reason) {
    const Datum values[] = {FromUuid(holding.organization), FromUuid(holding.user), FromUuid(award)};
    const Datum badge[] = {values[0], values[1], FromUuid(holding.badge)};
    if (find_payment.Run(Access::Write, values) == 0 && find_erased_payment.Run(Access::Write, badge) == 0)
        return 0;
    const Uuid entry = ToUuid(Field(0, 1));
    const int64 points = DatumGetInt64(Field(0, 2));
    reverse_payment.Run(Access::Write, {FromUuid(entry), reason});
    return points;
}

// Takes the award and its points back as the tables' owner; the argument reason stands at 2.
Datum
Revoke(FunctionCallInfo fcinfo, Oid table, const Holding &holding) {
    Uuid award;
    int64 points, balance;
    {
        const AsOwner owner(OwnerOf(table));
        const SpiConnection spi;
        LockAccount(holding);
        award = TakeBadge(holding);
        note_revocation.Write({FromUuid(holding.organization), FromUuid(holding.user),
                               FromUuid(holding.badge), Argument(fcinfo, 2)});
        points = TakePayment(holding, award, Argument(fcinfo, 2));
        balance = BalanceOf(holding);
    }
    return Outcome(fcinfo, award, points, balance);
}

// The arguments user, slug and, at 3, organization, whose administrator the caller must be.
Holding
HoldingNamed(FunctionCallInfo fcinfo, Oid table, const char *action) {
    Holding holding;
    holding.user = ToUuid(Required(fcinfo, 0, "user_id"));
    const Datum slug = Required(fcinfo, 1, "slug");
    holding.organization =
        access::OrganizationArgument(fcinfo, 3, table, holding.user, "badge_awards_membership_fkey");
    access::RequireAdministrator(table, holding.organization, action);
    const AsOwner owner(OwnerOf(table));
    holding.badge = BadgeNamed(holding.organization, slug);
    return holding;
}

// The value of a column, or refusal of a null one.
Datum
RequiredColumn(HeapTuple row, TupleDesc tuple_desc, const char *name, Oid type) {
    bool is_null;
    const Datum value = AttributeValue(row, tuple_desc, name, type, &is_null);
    if (is_null)
        Refuse({.sqlstate = ERRCODE_NOT_NULL_VIOLATION,
                .message = psprintf("%s must not be null", name),
                .table = "badge_awards"});
    return value;
}

// Inserts the award that a row of the view user_achievements stands for, as the caller, and returns the whole
// row.
HeapTuple
Achieve(HeapTuple row, TupleDesc tuple_desc) {
    int columns[] = {Attribute(tuple_desc, "id", UUIDOID), Attribute(tuple_desc, "organization_id", UUIDOID),
                     Attribute(tuple_desc, "earned_at", TIMESTAMPTZOID)};
    Nullable given[3];
    for (int i = 0; i < 3; i++)
        given[i].value = heap_getattr(row, columns[i], tuple_desc, &given[i].is_null);
    const Uuid user = ToUuid(RequiredColumn(row, tuple_desc, "user_id", UUIDOID));
    const Datum slug = RequiredColumn(row, tuple_desc, "achievement_id", TEXTOID);
    const Uuid organization = given[1].is_null ? access::ActingOrganization(TableOid("badge_awards"), user,
                                                                            "badge_awards_membership_fkey")
                                               : ToUuid(given[1].value);
    const Uuid badge = BadgeNamed(organization, slug);
    const SpiConnection spi;
    give_achievement.Write({given[0], FromUuid(organization), FromUuid(user), FromUuid(badge), given[2]});
    Datum written[] = {Field(0, 1), FromUuid(organization), Field(0, 2)};
    bool none[] = {false, false, false};
    return SPI_copytuple(heap_modify_tuple_by_cols(row, tuple_desc, 3, columns, written, none));
}

} // namespace

// Inserts an award through the view user_achievements; row security sees the caller. Views take no part in a
// restore.
LAUREL_FUNCTION(laurel_award_achievement) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kAchieve);
    return PointerGetDatum(Achieve(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation)));
}

// laurel.award_badge(user, badge, awarded_by, organization, note)
LAUREL_FUNCTION(laurel_award_badge) {
    const Oid table = TableOid("badge_awards");
    Holding holding;
    holding.user = ToUuid(Required(fcinfo, 0, "user_id"));
    holding.badge = ToUuid(Required(fcinfo, 1, "badge"));
    holding.organization = OrganizationOfBadge(fcinfo, 3, table, holding.badge);
    access::RequireAdministrator(table, holding.organization, "award badges");
    return Award(fcinfo, table, holding);
}

// laurel.award_badge_named(user, slug, awarded_by, organization, note)
LAUREL_FUNCTION(laurel_award_badge_named) {
    const Oid table = TableOid("badge_awards");
    return Award(fcinfo, table, HoldingNamed(fcinfo, table, "award badges"));
}

// laurel.revoke_badge(user, badge, reason, organization)
LAUREL_FUNCTION(laurel_revoke_badge) {
    const Oid table = TableOid("badge_awards");
    Holding holding;
    holding.user = ToUuid(Required(fcinfo, 0, "user_id"));
    holding.badge = ToUuid(Required(fcinfo, 1, "badge"));
    holding.organization = OrganizationOfBadge(fcinfo, 3, table, holding.badge);
    access::RequireAdministrator(table, holding.organization, "revoke badges");
    return Revoke(fcinfo, table, holding);
}

// laurel.revoke_badge_named(user, slug, reason, organization)
LAUREL_FUNCTION(laurel_revoke_badge_named) {
    const Oid table = TableOid("badge_awards");
    return Revoke(fcinfo, table, HoldingNamed(fcinfo, table, "revoke badges"));
}

} // namespace laurel::badges
