// laurel.prove_entry: the way from an entry to a seal, for somebody who has nothing but the seal.

#include "access/caller.h"
#include "kernel/merkle.h"
#include "points/stored_entry.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "seals/seal.h"

namespace laurel::seals {

namespace {

constexpr SqlText kPlace = "l.organization_id, l.user_id, l.entry_no, l.created_at";

Statement find_entry = Statement(Sql<R"(SELECT {1} FROM ONLY laurel.points_ledger l WHERE l.id = $1
        UNION ALL SELECT {1} FROM laurel.points_ledger_archive l WHERE l.id = $1)",
                                     kPlace>,
                                 UUIDOID)
                           .Returns(UUIDOID, UUIDOID, INT8OID, TIMESTAMPTZOID);

constinit const Statement seals_since =
    Statement(Sql<R"(SELECT {1}, s.leaves FROM ONLY laurel_internal.ledger_seals s
        WHERE s.organization_id = $1 AND s.sealed_at >= $2 ORDER BY s.seal_no)",
                  kSealColumns>,
              UUIDOID, TIMESTAMPTZOID)
        .Returns(kSealTypes, BYTEAOID);

// A seal with the hash of the one before it, and those that follow.
constinit const Statement seals_from =
    Statement(Sql<R"(SELECT {1}, coalesce(b.seal_hash, pg_catalog.decode(pg_catalog.repeat('00', 32), 'hex'))
        FROM ONLY laurel_internal.ledger_seals s LEFT JOIN ONLY laurel_internal.ledger_seals b
        ON b.organization_id = s.organization_id AND b.seal_no = s.seal_no - 1
        WHERE s.organization_id = $1 AND s.seal_no BETWEEN $2 AND $3 ORDER BY s.seal_no)",
                  kSealColumns>,
              UUIDOID, INT8OID, INT8OID)
        .Returns(kSealTypes, BYTEAOID);

constexpr SqlText kOfAccount = "l.organization_id = $1 AND l.user_id = $2 AND l.entry_no BETWEEN $3 AND $4";

constinit const Statement entries_from =
    Statement(Sql<R"(SELECT {1} FROM ONLY laurel.points_ledger l WHERE {2}
        UNION ALL SELECT {1} FROM laurel.points_ledger_archive l WHERE {2} ORDER BY 3)",
                  points::kEntryColumns, kOfAccount>,
              UUIDOID, UUIDOID, INT8OID, INT8OID)
        .Returns(points::kEntryTypes);

constexpr long kRowsOfProof = 1000;

// Where an entry stands.
struct EntryPlace {
    Uuid organization;
    Uuid user;
    int64 entry_no;
    TimestampTz created_at;
};

// A seal in whose tree an entry's account stands.
struct Covering {
    Seal seal;
    int64 index;
    int64 head_no; // of the entry that was sealed
};

// What the entry has where it may be shown; the answer to others is that of an entry that is not there.
EntryPlace
PlaceOf(Datum entry, const access::Caller &caller, bool trusted) {
    if (find_entry.Run(Access::Read, entry) > 0) {
        Row row;
        EntryPlace place = {ToUuid(row.Next()), ToUuid(row.Next()), DatumGetInt64(row.Next()), 0};
        place.created_at = DatumGetTimestampTz(row.Next());
        if (trusted || (caller.has_organization && caller.organization == place.organization &&
                        access::CanSee(caller, place.user)))
            return place;
    }
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "there is no such entry",
            .detail = psprintf("No entry that the caller may see has id %s.", UuidText(ToUuid(entry))),
            .table = "points_ledger",
            .constraint = "points_ledger_pkey"});
}

void
PutHex(StringInfo json, const void *bytes, size_t size) {
    enlargeStringInfo(json, static_cast<int>(2 * size));
    json->len += static_cast<int>(hex_encode(static_cast<const char *>(bytes), size, json->data + json->len));
    json->data[json->len] = '\0';
}

void
PutPath(StringInfo json, const Leaves &leaves, int64 index) {
    auto *digests = static_cast<kernel::Digest *>(MemoryContextAllocHuge(
        CurrentMemoryContext, sizeof(kernel::Digest) * static_cast<Size>(leaves.count())));
    bool sound = true;
    for (int64 at = 0; at < leaves.count(); at++)
        sound = sound && kernel::HashLeaf(leaves.At(at), kernel::kSealedSize, &digests[at]);
    kernel::MerkleStep steps[kernel::kMaxMerkleSteps];
    const int count =
        kernel::MerklePath(digests, static_cast<size_t>(leaves.count()), static_cast<size_t>(index), steps);
    if (!sound || count < 0)
        Refuse({.sqlstate = ERRCODE_INTERNAL_ERROR, .message = "OpenSSL computes no SHA-256"});
    for (int step = 0; step < count; step++) {
        appendStringInfo(json, "%s[\"%s\", \"", step == 0 ? "" : ", ",
                         steps[step].is_left ? "left" : "right");
        PutHex(json, steps[step].digest.bytes, sizeof(kernel::Digest));
        appendStringInfoString(json, "\"]");
    }
}

[[noreturn]] void
RefuseUnsealed(const EntryPlace &place) {
    Refuse({.sqlstate = kConflict,
            .message = "the entry is not sealed yet",
            .detail = psprintf("No seal of the organization covers entry " INT64_FORMAT " of user %s.",
                               place.entry_no, UuidText(place.user)),
            .hint = "The job seals makes a seal every five minutes; laurel.seal_ledger() makes it now.",
            .table = "points_ledger"});
}

// Finds the first seal that covers the entry and puts the leaf and its path.
Covering
PutLeaf(StringInfo json, const EntryPlace &place) {
    const Datum values[] = {FromUuid(place.organization), TimestampTzGetDatum(place.created_at)};
    Cursor seals(seals_since, Access::Read, values);
    while (seals.Fetch(1) > 0) {
        CHECK_FOR_INTERRUPTS();
        Row row;
        const Seal seal = ReadSeal(&row);
        const Leaves leaves(row.Next());
        const int64 index = leaves.Find(place.user);
        if (index < 0 || leaves.EntryNoAt(index) < place.entry_no)
            continue;
        appendStringInfoString(json, "\"leaf\": \"");
        PutHex(json, leaves.At(index), kernel::kSealedSize);
        appendStringInfoString(json, "\", \"path\": [");
        PutPath(json, leaves, index);
        appendStringInfoString(json, "]");
        return {seal, index, leaves.EntryNoAt(index)};
    }
    RefuseUnsealed(place);
}

bool
TakeHex(void *json, const void *bytes, size_t size) {
    PutHex(static_cast<StringInfo>(json), bytes, size);
    return true;
}

// Puts the entries from one to another, each with the hash of the one before it.
void
PutEntries(StringInfo json, const EntryPlace &place, int64 last_no) {
    const Datum values[] = {FromUuid(place.organization), FromUuid(place.user),
                            Int64GetDatum(place.entry_no - 1), Int64GetDatum(last_no)};
    unsigned char previous[sizeof(kernel::Digest)] = {};
    const char *separator = "";
    Cursor entries(entries_from, Access::Read, values);
    while (const uint64 count = entries.Fetch(kRowsOfProof))
        for (uint64 number = 0; number < count; number++) {
            WideRow row(number);
            points::StoredEntry entry = {};
            points::ReadEntry(&row, &entry);
            if (entry.content.entry_no >= place.entry_no) {
                appendStringInfo(json, "%s\"", std::exchange(separator, ", "));
                kernel::EncodeEntry(previous, entry.content, TakeHex, json);
                appendStringInfoChar(json, '"');
            }
            if (entry.hash != nullptr)
                std::memcpy(previous, entry.hash, sizeof(previous));
        }
}

// Puts seals from one to another.
void
PutSeals(StringInfo json, const Seal &first, int64 last_no) {
    const Datum values[] = {FromUuid(first.organization), Int64GetDatum(first.seal_no),
                            Int64GetDatum(last_no)};
    const char *separator = "";
    Cursor seals(seals_from, Access::Read, values);
    while (const uint64 count = seals.Fetch(kRowsOfProof))
        for (uint64 number = 0; number < count; number++) {
            Row row(number);
            const Seal seal = ReadSeal(&row);
            unsigned char previous[sizeof(kernel::Digest)] = {}, bytes[kernel::kSealSize];
            CopyBytes(row.Next(), previous, sizeof(previous));
            kernel::EncodeSeal(previous, seal.Content(), bytes);
            appendStringInfo(json, "%s\"", std::exchange(separator, ", "));
            PutHex(json, bytes, sizeof(bytes));
            appendStringInfoChar(json, '"');
        }
}

// The seal up to which the proof goes.
int64
LastSeal(FunctionCallInfo fcinfo, const Covering &covering) {
    if (PG_ARGISNULL(1))
        return covering.seal.seal_no;
    const int64 wanted = PG_GETARG_INT64(1);
    Seal newest;
    if (wanted < 1 || !NewestSeal(covering.seal.organization, Access::Read, &newest) ||
        wanted > newest.seal_no)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = psprintf("there is no seal " INT64_FORMAT, wanted),
                .hint = "laurel.ledger_seal() shows the newest one.",
                .table = "points_ledger",
                .constraint = "ledger_seals_pkey"});
    if (wanted < covering.seal.seal_no)
        Refuse({.sqlstate = kConflict,
                .message = psprintf("seal " INT64_FORMAT " does not cover the entry", wanted),
                .detail = psprintf("It was sealed first by seal " INT64_FORMAT ".", covering.seal.seal_no),
                .hint = "Keep that seal, or a later one.",
                .table = "points_ledger"});
    return wanted;
}

void
PutProof(FunctionCallInfo fcinfo, StringInfo json) {
    const Datum entry = Required(fcinfo, 0, "entry_id");
    const Oid table = TableOid("points_ledger");
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    const bool trusted = IsTrusted(table);
    const AsOwner owner(OwnerOf(TableOid("ledger_seals", "laurel_internal")));
    const SpiConnection spi;
    const EntryPlace place = PlaceOf(entry, caller, trusted);
    appendStringInfoChar(json, '{');
    const Covering covering = PutLeaf(json, place);
    const int64 last_seal = LastSeal(fcinfo, covering);
    appendStringInfoString(json, ", \"entries\": [");
    PutEntries(json, place, covering.head_no);
    appendStringInfoString(json, "], \"seals\": [");
    PutSeals(json, covering.seal, last_seal);
    appendStringInfoString(json, "]}");
}

} // namespace

// laurel.prove_entry(entry, seal_no)
LAUREL_FUNCTION(laurel_prove_entry) {
    StringInfoData json;
    initStringInfo(&json);
    PutProof(fcinfo, &json);
    return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

} // namespace laurel::seals
