// What values that can be searched are found by lies in a table that nobody reads: who sees rows and writes
// one of his own could try values there until two digests agree.

#include "guards/check.h"
#include "guards/personal.h"
#include "postgres/catalog_path.h"
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

// Values of a column and what they are found by, side by side, where there is one of both.
Statement
SideBySide(Oid table, const PersonalColumns &personal, const PersonalColumns::One &column) {
    return Statement(
               psprintf(
                   R"(SELECT coalesce(t.organization, d.organization_id), coalesce(t.id, d.row_id), t.owner, t.sealed, d.digest
        FROM (SELECT organization_id AS organization, %s AS owner, %s AS id, %s AS sealed FROM %s WHERE %s IS NOT NULL) t
        FULL JOIN (SELECT * FROM ONLY laurel_internal.personal_digests WHERE table_name = $1 AND column_name = $2) d
            ON d.organization_id = t.organization AND d.row_id = t.id)",
                   quote_identifier(personal.owner.name), quote_identifier(personal.row.name),
                   quote_identifier(column.sealed.name), QualifiedName(table),
                   quote_identifier(column.sealed.name)),
               TEXTOID, TEXTOID)
        .Returns(UUIDOID, UUIDOID, UUIDOID, BYTEAOID, BYTEAOID);
}

bool
IsFoundBy(const secrets::Place &place, Datum sealed, Datum digest) {
    const std::string_view plain = secrets::Open(place, sealed);
    for (const secrets::Key &key : secrets::CurrentKeys())
        if (datum_image_eq(secrets::DigestOf(place.table, place.column, plain, key.digest), digest, false,
                           -1))
            return true;
    return false;
}

// What is wrong with one row of that; null where nothing is, or the key of its value is not there.
const char *
ProblemOf(const secrets::Place &place, const Nullable &sealed, const Nullable &digest) {
    if (sealed.is_null)
        return "is found by a value, and has none";
    if (digest.is_null)
        return "has a value that laurel.find_personal() does not find";
    uint32 key;
    if (!secrets::KeyOf(sealed.value, &key) || secrets::CurrentKeys().Find(key) == nullptr)
        return nullptr;
    if (!secrets::IsOfPlace(place, sealed.value))
        return "has a value that is not of its row";
    return IsFoundBy(place, sealed.value, digest.value) ? nullptr : "is found by another value than it has";
}

Nullable
NextOf(Row *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return {value, is_null};
}

void
AddWrongDigest(Oid table, const PersonalColumns &personal, const char *column, uint64 index,
               Findings *findings) {
    Row row(index);
    secrets::Place place = {personal.bound_name, column};
    place.organization = ToUuid(row.Next());
    place.row = ToUuid(row.Next());
    const Nullable owner = NextOf(&row), sealed = NextOf(&row), digest = NextOf(&row);
    if (!owner.is_null)
        place.owner = ToUuid(owner.value);
    if (const char *problem = ProblemOf(place, sealed, digest))
        findings->Add(
            {table, "personal", &place.organization, &place.row, psprintf("%s %s", column, problem)});
}

void
AddWrongDigests(Oid table, const PersonalColumns &personal, const PersonalColumns::One &column,
                Findings *findings) {
    constexpr long kRowsAtOnce = 1000;
    const Statement statement = SideBySide(table, personal, column);
    const MemoryContext outer = CurrentMemoryContext;
    MemoryContext memory = AllocSetContextCreate(outer, "laurel personal digests", ALLOCSET_DEFAULT_SIZES);
    Cursor rows(statement, Access::Read,
                {CStringGetTextDatum(personal.bound_name), CStringGetTextDatum(column.door.name)});
    while (const uint64 count = rows.Fetch(kRowsAtOnce)) {
        CHECK_FOR_INTERRUPTS();
        MemoryContextSwitchTo(memory);
        for (uint64 i = 0; i < count; i++)
            AddWrongDigest(table, personal, column.door.name, i, findings);
        MemoryContextSwitchTo(outer);
        MemoryContextReset(memory);
    }
    MemoryContextDelete(memory);
}

void
CheckDigests(const Guarded &guarded, Findings *findings) {
    const PersonalColumns &personal = RuleOf<PersonalColumns>(guarded.relation, guarded.trigger);
    const Oid table = RelationGetRelid(guarded.relation);
    TellProgress(table, "what personal values are found by");
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    for (int i = 0; i < personal.searchable; i++)
        AddWrongDigests(table, personal, personal.columns[i], findings);
}

} // namespace

constinit const GuardKind kDigestPersonal = {"digest_personal", ReadRule<PersonalColumns>, CheckDigests};
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
