// Awards: they count, pay, notify and tell in the statement that inserts them.
//
// Lock order: the awards, then their badges by (organization_id, id), then the points accounts by
// (organization_id, user_id). Revoking and deleting follow it too. Badges come before accounts because awards
// of one badge meet on its counter: the second transaction waits there while it holds no account that the
// first one still wants. For the same reason a transaction that both records points and awards badges should
// award first. Two transactions can still wait for each other (40P01) where both give one member one badge
// and one of them has awarded that badge before: either would have been refused as a duplicate.

#include "badges/badges.h"

#include "access/caller.h"
#include "guards/derived_write.h"
#include "guards/facts.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::badges {

namespace {

constexpr TriggerSpec kComplete = {"complete_award", TriggerSpec::Before, TriggerSpec::EachRow,
                                   TriggerSpec::Insert};
constexpr TriggerSpec kBook = {"book_awards", TriggerSpec::After, TriggerSpec::EachStatement,
                               TriggerSpec::Insert};
constexpr TriggerSpec kRecount = {"recount_awards", TriggerSpec::After, TriggerSpec::EachStatement,
                                  TriggerSpec::Delete | TriggerSpec::Truncate};
constexpr TriggerSpec kKeep = {"keep_award", TriggerSpec::Before, TriggerSpec::EachRow, TriggerSpec::Update};

#define LOCK_BADGES_OF(rows)                                                                                 \
    "SELECT FROM ONLY laurel.badges b JOIN (SELECT DISTINCT organization_id, badge_id FROM " rows ") n"      \
    " ON b.organization_id = n.organization_id AND b.id = n.badge_id"                                        \
    " ORDER BY b.organization_id, b.id FOR NO KEY UPDATE OF b"

SizedStatement lock_awarded(LOCK_BADGES_OF("new_rows"));
SizedStatement lock_revoked(LOCK_BADGES_OF("old_rows"));

SizedStatement count_awards =
    SizedStatement("UPDATE ONLY laurel.badges b SET times_awarded = b.times_awarded + n.awards"
                   " FROM (SELECT organization_id, badge_id, pg_catalog.count(*) AS awards"
                   "  FROM new_rows GROUP BY organization_id, badge_id) n"
                   " WHERE b.organization_id = n.organization_id AND b.id = n.badge_id"
                   " RETURNING b.is_active, b.badge_name")
        .Returns(BOOLOID, TEXTOID);

SizedStatement
    uncount_awards("UPDATE ONLY laurel.badges b SET times_awarded = b.times_awarded - n.awards"
                   " FROM (SELECT organization_id, badge_id, pg_catalog.count(*) AS awards FROM old_rows"
                   "  GROUP BY organization_id, badge_id) n"
                   " WHERE b.organization_id = n.organization_id AND b.id = n.badge_id");

Statement uncount_all("UPDATE ONLY laurel.badges SET times_awarded = 0 WHERE times_awarded <> 0");

// A badge of those rows whose count is not that of its awards. Whoever holds its lock sees every award that
// it counts.
#define WRONG_COUNT(of)                                                                                      \
    "SELECT b.id, a.awards, b.times_awarded FROM ONLY laurel.badges b, LATERAL (SELECT pg_catalog.count(*)"  \
    " AS awards FROM ONLY laurel.badge_awards a WHERE a.organization_id = b.organization_id"                 \
    " AND a.badge_id = b.id) a WHERE b.times_awarded <> a.awards" of " LIMIT 1"

#define BADGE_OF(rows) " AND (b.organization_id, b.id) IN (SELECT organization_id, badge_id FROM " rows ")"

SizedStatement awarded_wrong =
    SizedStatement(WRONG_COUNT(BADGE_OF("new_rows"))).Returns(UUIDOID, INT8OID, INT8OID);
SizedStatement revoked_wrong =
    SizedStatement(WRONG_COUNT(BADGE_OF("old_rows"))).Returns(UUIDOID, INT8OID, INT8OID);
SizedStatement any_wrong = SizedStatement(WRONG_COUNT("")).Returns(UUIDOID, INT8OID, INT8OID);

// What awards tell, as guards::kFactColumns says. A title has room for a name of 187 characters.
SizedStatement award_facts(R"(
    SELECT n.organization_id, n.user_id, 'badge_earned',
        pg_catalog.jsonb_build_object('badge_id', b.id, 'slug', b.slug, 'points', n.points_awarded), n.awarded_date,
        'You earned: ' || CASE WHEN pg_catalog.char_length(b.badge_name) <= 187 THEN b.badge_name
            ELSE pg_catalog.left(b.badge_name, 184) || '...' END || '!',
        b.description, '/badges/' || b.slug, NULL::smallint, n.points_awarded, b.badge_name, 'Badge', n.badge_id,
        'badge_award:' || n.id::pg_catalog.text, NULL::pg_catalog.text
    FROM new_rows n
    JOIN ONLY laurel.badges b ON b.organization_id = n.organization_id AND b.id = n.badge_id
    ORDER BY n.organization_id, n.user_id, n.awarded_date, n.id)");

// A badge as the rows of one INSERT have found it.
struct KnownBadge {
    Uuid id;
    Uuid organization;
    int64 points;
    bool exists;
};

// Runs the one statement that writes times_awarded.
template <typename Run>
uint64
WriteCounts(Run run) {
    const guards::DerivedWrite writing({TableOid("badges")});
    return run();
}

// Refuses a count that a row trigger of the application has changed or kept from being written.
void
CheckCounts(SizedStatement &find_wrong, int64 rows) {
    if (!RowsMayChange("badges", TriggerSpec::Update) || find_wrong.Run(rows) == 0)
        return;
    Refuse(
        {.sqlstate = ERRCODE_RESTRICT_VIOLATION,
         .message = "a badge does not count its awards",
         .detail = psprintf("Badge %s has %lld awards, times_awarded says %lld.",
                            UuidText(ToUuid(Field(0, 1))), static_cast<long long>(DatumGetInt64(Field(0, 2))),
                            static_cast<long long>(DatumGetInt64(Field(0, 3)))),
         .hint = "A row trigger on laurel.badges changes times_awarded or suppresses updates; remove it.",
         .table = "badges",
         .constraint = "badges_times_awarded_follows_awards"});
}

// Counts the statement's awards under the locks of their badges, which settle whether these may still be
// awarded.
void
CountAwards(int64 rows) {
    if (rows > 1)
        lock_awarded.Run(rows);
    const uint64 badges = WriteCounts([rows] { return count_awards.Run(rows); });
    for (uint64 row = 0; row < badges; row++) {
        Row badge(row);
        const bool is_active = DatumGetBool(badge.Next());
        if (!is_active)
            Refuse({.message = psprintf("badge \"%s\" is not active", CString(ToText(badge.Next()))),
                    .hint = "Set is_active on the badge before awarding it.",
                    .table = "badge_awards",
                    .constraint = "badge_awards_badge_active_check"});
    }
    CheckCounts(awarded_wrong, rows);
}

HTAB *
CreateKnownBadges(MemoryContext memory) {
    HASHCTL control = {};
    control.keysize = sizeof(Uuid);
    control.entrysize = sizeof(KnownBadge);
    control.hcxt = memory;
    return hash_create("laurel badges", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

// The badge, looked up once per INSERT: what the trigger's FmgrInfo holds lives as long as the statement. One
// of another organization is none for whom row security binds: it looks at the row only after the trigger.
const KnownBadge &
LookUp(FmgrInfo *trigger_function, const Uuid &id, Relation awards) {
    if (trigger_function->fn_extra == nullptr)
        trigger_function->fn_extra = CreateKnownBadges(trigger_function->fn_mcxt);
    bool found;
    auto *badge = static_cast<KnownBadge *>(
        hash_search(static_cast<HTAB *>(trigger_function->fn_extra), &id, HASH_ENTER, &found));
    if (found)
        return *badge;
    *badge = {id, {}, 0, false};
    const bool trusted = IsTrusted(RelationGetRelid(awards));
    if (!trusted)
        access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const AsOwner owner(awards->rd_rel->relowner);
    const SpiConnection spi;
    BadgeTerms terms;
    if (FindBadge(id, &terms) &&
        (trusted || (caller.has_organization && caller.organization == terms.organization)))
        *badge = {id, terms.organization, terms.points, true};
    return *badge;
}

// Points that come with an award must be those of the badge.
void
CheckPoints(HeapTuple row, TupleDesc tuple_desc, int column, int64 right) {
    bool is_null;
    const Datum given = heap_getattr(row, column, tuple_desc, &is_null);
    if (is_null || DatumGetInt64(given) == right)
        return;
    Refuse({.message = "points_awarded does not follow from the badge",
            .detail = psprintf("The row says %lld.", static_cast<long long>(DatumGetInt64(given))),
            .hint = "Leave points_awarded out: the database takes it from badges.points_value.",
            .table = "badge_awards",
            .constraint = "badge_awards_points_awarded_check"});
}

// The award with what follows from its badge.
HeapTuple
Complete(HeapTuple row, TupleDesc tuple_desc, const KnownBadge &badge) {
    int columns[] = {Attribute(tuple_desc, "created_at", TIMESTAMPTZOID),
                     Attribute(tuple_desc, "points_awarded", INT8OID),
                     Attribute(tuple_desc, "organization_id", UUIDOID)};
    CheckPoints(row, tuple_desc, columns[1], badge.points);
    Datum values[] = {TimestampTzGetDatum(GetCurrentTimestamp()), Int64GetDatum(badge.points),
                      FromUuid(badge.organization)};
    bool nulls[] = {false, false, false};
    const bool no_organization = heap_attisnull(row, columns[2], tuple_desc);
    return heap_modify_tuple_by_cols(row, tuple_desc, no_organization && badge.exists ? 3 : 2, columns,
                                     values, nulls);
}

// Counts down for the awards that are gone. A badge that is gone with them has nothing to count.
void
UncountAwards(int64 rows) {
    if (rows > 1)
        lock_revoked.Run(rows);
    WriteCounts([rows] { return uncount_awards.Run(rows); });
    CheckCounts(revoked_wrong, rows);
}

} // namespace

// Fills in what follows from the badge: its organization, its points, the time.
// A restore copies rows before the trigger is there, so they come back as they were.
LAUREL_FUNCTION(laurel_complete_award) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kComplete);
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    bool no_badge;
    const Datum badge = AttributeValue(trigger->tg_trigtuple, tuple_desc, "badge_id", UUIDOID, &no_badge);
    if (no_badge)
        return PointerGetDatum(trigger->tg_trigtuple);
    const Uuid id = ToUuid(badge);
    const KnownBadge &known = LookUp(fcinfo->flinfo, id, trigger->tg_relation);
    return PointerGetDatum(Complete(trigger->tg_trigtuple, tuple_desc, known));
}

// Counts, pays, notifies and tells for all awards of the statement at once.
// A restore copies awards, counts, ledger and notifications before the trigger is there, so nothing is booked
// twice.
LAUREL_FUNCTION(laurel_book_awards) {
    TriggerData *trigger = CheckTrigger(fcinfo, kBook);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const AsOwner owner(trigger->tg_relation->rd_rel->relowner);
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    CountAwards(rows);
    guards::TellFacts(&award_facts.For(rows), guards::Keys::OfRows);
    return PointerGetDatum(nullptr);
}

// Keeps times_awarded exact when awards go, by themselves or with their user. What they paid stays.
// A restore deletes nothing.
LAUREL_FUNCTION(laurel_recount_awards) {
    TriggerData *trigger = CheckTrigger(fcinfo, kRecount);
    const bool truncated = TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event);
    const int64 rows = truncated ? 0 : RowsOf(trigger->tg_oldtable);
    const AsOwner owner(trigger->tg_relation->rd_rel->relowner);
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    if (truncated) {
        WriteCounts([] { return uncount_all.Run(Access::Write); });
        CheckCounts(any_wrong, 1);
    } else if (rows > 0) {
        UncountAwards(rows);
    }
    return PointerGetDatum(nullptr);
}

// Fires where something would change that the ledger and the notification already say. A restore updates
// nothing.
LAUREL_FUNCTION(laurel_keep_award) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeep);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "an award does not change once it is made",
            .detail = "Only awarded_by and note may be written.",
            .hint = "Take it back with laurel.revoke_badge() and award anew.",
            .table = RelationGetRelationName(trigger->tg_relation),
            .constraint = "badge_awards_award_immutable"});
}

} // namespace laurel::badges
