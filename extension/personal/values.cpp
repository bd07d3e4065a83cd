// Personal values as views show them. The views run as their caller, who calls these functions with whatever
// he likes: a value is opened only for the place that it was made for, and whose it is decides who reads it.

#include "access/caller.h"
#include "guards/personal.h"
#include "personal/announcements.h"
#include "personal/readings.h"
#include "postgres/arguments.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "secrets/envelope.h"
#include "secrets/keys.h"

namespace laurel::personal {

namespace {

constexpr int kFirstOfPlace = 1;

Statement find_searched = Statement(R"(SELECT p.bound_name FROM laurel_internal.personal_places() p
        WHERE p.place = $1 AND $2 = ANY (p.columns[:p.searchable]))",
                                    REGCLASSOID, TEXTOID)
                              .Returns(TEXTOID);

Statement find_rows = Statement(R"(SELECT d.row_id FROM ONLY laurel_internal.personal_digests d
        WHERE d.digest = ANY ($1) AND d.table_name = $2 AND d.column_name = $3)",
                                BYTEAARRAYOID, TEXTOID, TEXTOID)
                          .Returns(UUIDOID);
Statement list_searched = Statement(R"(
    SELECT pg_catalog.string_agg(c, ', ' ORDER BY c) FROM laurel_internal.personal_places() p, pg_catalog.unnest(p.columns[:p.searchable]) c WHERE p.place = $1)",
                                    REGCLASSOID)
                              .Returns(TEXTOID);

enum class Reader { Nobody, Self, Administrator, BackEnd };

secrets::Place
PlaceArguments(FunctionCallInfo fcinfo) {
    const int first = kFirstOfPlace;
    return {ToText(PG_GETARG_DATUM(first)), ToText(PG_GETARG_DATUM(first + 1)),
            ToUuid(PG_GETARG_DATUM(first + 2)), ToUuid(PG_GETARG_DATUM(first + 3)),
            ToUuid(PG_GETARG_DATUM(first + 4))};
}

// What other sessions have changed is looked at once a statement.
void
NoticeOnce() {
    static TimestampTz noticed = 0;
    if (std::exchange(noticed, GetCurrentStatementStartTimestamp()) != noticed)
        access::NoticeChanges();
}

Reader
ReaderOf(const secrets::Place &place) {
    if (IsTrusted(TableOid("processing_log")))
        return Reader::BackEnd;
    NoticeOnce();
    const access::Caller &caller = access::CurrentCaller();
    if (caller.known && caller.membership_count > 0 && caller.user == place.owner)
        return Reader::Self;
    // Whoever has kept an envelope of somebody who is gone opens it no more.
    return access::Administers(caller, place.organization) && IsHere(place.organization, place.owner)
               ? Reader::Administrator
               : Reader::Nobody;
}

bool
CanWrite() {
    return !XactReadOnly && !RecoveryInProgress();
}

[[noreturn]] void
RefuseUnannounced(bool is_open) {
    Refuse(
        {.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
         .message = "personal values of others are read for a purpose that was said before",
         .detail =
             is_open ? "What laurel.reading_for() says holds when its transaction is committed." : nullptr,
         .hint = is_open
                     ? "Commit, and read in another transaction."
                     : "Call laurel.reading_for('the purpose') in a transaction of its own first, or leave "
                       "the columns out."});
}

[[noreturn]] void
RefuseReadOnly() {
    Refuse(
        {.sqlstate = ERRCODE_READ_ONLY_SQL_TRANSACTION,
         .message = "reading personal values is written down, which a read-only transaction cannot do",
         .hint = "Read in a transaction that can write, or call laurel.reading_for('the purpose') before."});
}

// The purpose, where one was said. Refuses who must say one.
const char *
RequirePurpose(Reader reader, const secrets::Place &place) {
    if (reader == Reader::Self)
        return nullptr;
    if (reader == Reader::BackEnd && CanWrite())
        return nullptr;
    bool is_open;
    const char *purpose = AnnouncedPurpose(place.organization, place.owner, &is_open);
    if (purpose == nullptr && reader == Reader::BackEnd)
        RefuseReadOnly();
    if (purpose == nullptr)
        RefuseUnannounced(is_open);
    return purpose;
}

// The value for whoever calls; null where it is nobody's to read.
Datum
ReadValue(FunctionCallInfo fcinfo, Oid type) {
    const secrets::Place place = PlaceArguments(fcinfo);
    const Reader reader = ReaderOf(place);
    if (reader == Reader::Nobody)
        PG_RETURN_NULL();
    const char *purpose = RequirePurpose(reader, place);
    const std::string_view plain = secrets::Open(place, PG_GETARG_DATUM(0));
    if (reader != Reader::Self || CanWrite())
        NoteReading(CString(place.table), place.column, place.organization, place.owner, purpose,
                    reader == Reader::BackEnd);
    return guards::PlainValue(plain, type);
}

[[noreturn]] void
RefuseSearch(Datum table, const char *column) {
    list_searched.Run(Access::Read, {table});
    bool has_none;
    const Datum there_are = Field(0, 1, &has_none);
    Refuse({.sqlstate = ERRCODE_UNDEFINED_OBJECT,
            .message = psprintf("values of column \"%s\" cannot be searched", column),
            .hint = psprintf("%s laurel_internal.personal() has searchable => '{...}' for it.",
                             has_none ? "No column of the table can."
                                      : psprintf("Those of %s can.", CString(ToText(there_are))))});
}

// The name that values of a column are bound to, which can be searched.
const char *
SearchedAs(Datum table, const char *column) {
    if (find_searched.Run(Access::Read, {table, CStringGetTextDatum(column)}) == 0)
        RefuseSearch(table, column);
    return TextField(0, 1);
}

// By each key, as there may be values that older ones have made.
Datum
DigestsOf(const char *bound_name, const char *column, std::string_view value) {
    const secrets::Keys keys = secrets::CurrentKeys();
    auto *digests = NewList<Datum>(keys.count);
    for (int i = 0; i < keys.count; i++)
        digests[i] = secrets::DigestOf(bound_name, column, value, keys.first[i].digest);
    return ArrayOf(digests, keys.count, BYTEAOID);
}

} // namespace

// laurel_internal.personal_text(sealed, table_name, column_name, organization_id, owner_id, row_id)
LAUREL_FUNCTION(laurel_personal_text) {
    return ReadValue(fcinfo, TEXTOID);
}

// laurel_internal.personal_date(sealed, table_name, column_name, organization_id, owner_id, row_id)
LAUREL_FUNCTION(laurel_personal_date) {
    return ReadValue(fcinfo, DATEOID);
}

// laurel_internal.reveal(sealed, table_name, column_name, organization_id, owner_id, row_id)
LAUREL_FUNCTION(laurel_reveal) {
    return FromText(secrets::Open(PlaceArguments(fcinfo), PG_GETARG_DATUM(0)));
}

// laurel_internal.seal_again(sealed, table_name, column_name, organization_id, owner_id, row_id)
LAUREL_FUNCTION(laurel_seal_again) {
    const secrets::Place place = PlaceArguments(fcinfo);
    return secrets::Seal(place, secrets::Open(place, PG_GETARG_DATUM(0)));
}

// laurel_internal.is_personal(sealed, table_name, column_name, organization_id, owner_id, row_id, keys)
LAUREL_FUNCTION(laurel_is_personal) {
    uint32 id;
    if (!secrets::KeyOf(PG_GETARG_DATUM(0), &id))
        PG_RETURN_BOOL(false);
    const Datum name = CStringGetTextDatum(secrets::KeyName(id));
    Datum *keys;
    int count;
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(6), TEXTOID, -1, false, TYPALIGN_INT, &keys, nullptr, &count);
    const bool is_listed =
        std::any_of(keys, keys + count, [name](Datum key) { return ToText(key) == ToText(name); });
    return BoolGetDatum(is_listed && secrets::IsOfPlace(PlaceArguments(fcinfo), PG_GETARG_DATUM(0)));
}

// laurel_internal.personal_key_of(sealed)
LAUREL_FUNCTION(laurel_personal_key_of) {
    uint32 id;
    if (!secrets::KeyOf(PG_GETARG_DATUM(0), &id))
        PG_RETURN_NULL();
    return CStringGetTextDatum(secrets::KeyName(id));
}

// laurel_internal.personal_keys(): names of those in the file, the active one first.
LAUREL_FUNCTION(laurel_personal_keys) {
    const secrets::Keys keys = secrets::CurrentKeys();
    auto *names = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<size_t>(keys.count + 1)));
    for (int i = 0; i < keys.count; i++)
        names[i] = CStringGetTextDatum(secrets::KeyName(keys.first[i].id));
    return ArrayOf(names, keys.count, TEXTOID);
}

// laurel_internal.personal_digest(bound_name, column_name, value), by the active key.
LAUREL_FUNCTION(laurel_personal_digest) {
    return secrets::DigestOf(ToText(PG_GETARG_DATUM(0)), ToText(PG_GETARG_DATUM(1)),
                             ToText(PG_GETARG_DATUM(2)), secrets::ActiveKey().digest);
}

// laurel.find_personal(table_name, column_name, value)
LAUREL_FUNCTION(laurel_find_personal) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Datum table = Required(fcinfo, 0, "table_name"), value = Required(fcinfo, 2, "value");
    const char *column = NameStr(*DatumGetName(Required(fcinfo, 1, "column_name")));
    secrets::ActiveKey();
    const AsOwner owner(OwnerOf(TableOid("processing_log")));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    const char *bound_name = SearchedAs(table, column);
    const Datum digests = DigestsOf(bound_name, column, ToText(value));
    const uint64 found =
        find_rows.Run(Access::Read, {digests, CStringGetTextDatum(bound_name), CStringGetTextDatum(column)});
    ReturnRows(fcinfo, found);
    NoteSearch(bound_name, column, static_cast<int64>(found));
    PG_RETURN_NULL();
}

} // namespace laurel::personal
