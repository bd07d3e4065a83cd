// What values that can be searched are found by lies in a table that nobody reads: who sees rows and writes
// one of his own could try values there until two digests agree.

#include "guards/check.h"
#include "guards/personal.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "secrets/keys.h"

extern "C" {
#include "utils/datum.h"
}

namespace laurel::guards {

namespace {

constexpr TriggerSpec kDigestSpec = {"digest_personal", TriggerSpec::After, TriggerSpec::EachRow,
                                     TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete,
                                     TriggerSpec::kSomeArguments};
constexpr TriggerSpec kForgetSpec = {"forget_digests", TriggerSpec::After, TriggerSpec::EachStatement,
                                     TriggerSpec::Truncate, TriggerSpec::kSomeArguments};

Statement change_digest(R"(UPDATE ONLY laurel_internal.personal_digests SET digest = $5
        WHERE organization_id = $1 AND table_name = $2 AND column_name = $3 AND row_id = $4)",
                        UUIDOID, TEXTOID, TEXTOID, UUIDOID, BYTEAOID);

Statement add_digest(
    R"(INSERT INTO laurel_internal.personal_digests (organization_id, table_name, column_name, row_id, digest)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING)",
    UUIDOID, TEXTOID, TEXTOID, UUIDOID, BYTEAOID);

Statement take_digest(R"(DELETE FROM ONLY laurel_internal.personal_digests
        WHERE organization_id = $1 AND table_name = $2 AND column_name = $3 AND row_id = $4)",
                      UUIDOID, TEXTOID, TEXTOID, UUIDOID);

Statement take_digests("DELETE FROM ONLY laurel_internal.personal_digests WHERE table_name = $1", TEXTOID);

// A value where it is, or was.
struct Found {
    secrets::Place place;
    Datum sealed;
    bool is_null = true; // also where there is no such row
};

Found
FindIn(HeapTuple row, const PersonalColumns &personal, int index, TupleDesc tuple_desc) {
    Found found = {};
    if (row == nullptr)
        return found;
    const PersonalColumns::One &column = personal.columns[index];
    found.place = personal.PlaceOf(row, tuple_desc);
    found.place.column = column.door.name;
    found.sealed = heap_getattr(row, column.sealed.number, tuple_desc, &found.is_null);
    return found;
}

void
Take(const secrets::Place &place) {
    take_digest.Run(Access::Write, {FromUuid(place.organization), FromText(place.table),
                                    FromText(place.column), FromUuid(place.row)});
}

void
Put(Oid table, const Found &found) {
    const secrets::Place &place = found.place;
    const Datum digest = secrets::DigestOf(place.table, place.column, secrets::Open(place, found.sealed),
                                           secrets::ActiveKey().digest);
    const Parameters values = {FromUuid(place.organization), FromText(place.table), FromText(place.column),
                               FromUuid(place.row), digest};
    if (change_digest.Run(Access::Write, values) == 0 && add_digest.Run(Access::Write, values) == 0)
        RefuseDropped(table, "what a personal value is found by did not arrive");
}

void
Follow(const Found &before, const Found &after) {
    const bool is_there = !before.is_null && !after.is_null && before.place == after.place;
    if (is_there && datum_image_eq(before.sealed, after.sealed, false, -1))
        return;
    const Oid table = TableOid("personal_digests", "laurel_internal");
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    if (!before.is_null && !is_there)
        Take(before.place);
    if (!after.is_null)
        Put(table, after);
}

} // namespace

constinit const GuardKind kDigestPersonal = {"digest_personal", ReadRule<PersonalColumns>};
constinit const GuardKind kForgetDigests = {"forget_digests", ReadRule<PersonalColumns>};

LAUREL_FUNCTION(laurel_digest_personal) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kDigestSpec);
    const PersonalColumns &personal = RuleOf<PersonalColumns>(trigger);
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    HeapTuple before = TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ? nullptr : trigger->tg_trigtuple;
    HeapTuple after = TRIGGER_FIRED_BY_DELETE(trigger->tg_event) ? nullptr : TriggerRow(trigger);
    for (int i = 0; i < personal.searchable; i++)
        Follow(FindIn(before, personal, i, tuple_desc), FindIn(after, personal, i, tuple_desc));
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_forget_digests) {
    const PersonalColumns &personal = RuleOf<PersonalColumns>(CheckTrigger(fcinfo, kForgetSpec));
    const AsOwner owner(OwnerOf(TableOid("personal_digests", "laurel_internal")));
    const SpiConnection spi;
    take_digests.Run(Access::Write, {FromText(personal.bound_name)});
    return PointerGetDatum(nullptr);
}

} // namespace laurel::guards
