// Moves the ledger's old entries to its archive. created_at ascends with entry_no, so what lies before a
// cut-off is always the beginning of an account's history: ledger and archive each stay without a gap.
// Writers of the ledger append behind and readers look into the ledger first, so nobody waits for the
// archiver.

#include "points/archive.h"

#include "guards/derived_write.h"
#include "guards/month_partitions.h"
#include "points/posting.h"
#include "points/verify.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/halving.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"
#include "retention/runs.h"

extern "C" {
#include "storage/bufmgr.h"
}

namespace laurel {

namespace {

constexpr TriggerSpec kKeepArchive = {"keep_archive", TriggerSpec::Before, TriggerSpec::EachStatement,
                                      TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete |
                                          TriggerSpec::Truncate};

constexpr int kOrganizationsPerBatch = 100;

#define ENTRY_COLUMNS                                                                                        \
    "id, organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at, "               \
    "transaction_type,"                                                                                      \
    " entry_hash, metadata, reference_type, reference_id, reverses_id, created_by, reason, idempotency_key," \
    " word_salt, erased_words"

// The oldest entries of an organization that may go. A hold keeps its entries and all that follow them in the
// account.
#define CHOSEN                                                                                               \
    " FROM ONLY laurel.points_ledger l WHERE l.organization_id = $1 AND l.created_at < $2"                   \
    " AND NOT EXISTS (SELECT FROM ONLY laurel.legal_holds h WHERE h.released_at IS NULL"                     \
    "  AND (h.table_name IS NULL OR h.table_name = 'points_ledger')"                                         \
    "  AND (h.organization_id IS NULL OR h.organization_id = l.organization_id)"                             \
    "  AND (h.user_id IS NULL OR h.user_id = l.user_id)"                                                     \
    "  AND (h.held_from IS NULL OR l.created_at >= h.held_from))"                                            \
    " ORDER BY l.created_at, l.user_id, l.entry_no LIMIT $3"

Statement next_organization =
    Statement("SELECT organization_id FROM ONLY laurel.points_ledger WHERE organization_id >= $1"
              " ORDER BY organization_id LIMIT 1",
              UUIDOID)
        .Returns(UUIDOID);

Statement months_of_entries =
    Statement("SELECT pg_catalog.array_agg(DISTINCT pg_catalog.date_trunc('month', pg_catalog.timezone('UTC',"
              " e.created_at))::pg_catalog.date) FROM (SELECT l.created_at" CHOSEN ") e",
              UUIDOID, TIMESTAMPTZOID, INT8OID)
        .Returns(DATEARRAYOID)
        .Custom();

Statement move =
    Statement("WITH gone AS ("
              " DELETE FROM ONLY laurel.points_ledger WHERE ctid = ANY (ARRAY(SELECT l.ctid" CHOSEN "))"
              " RETURNING " ENTRY_COLUMNS "), keys AS ("
              " INSERT INTO laurel_internal.archived_keys"
              "  (organization_id, idempotency_key, user_id, entry_no, created_at)"
              " SELECT organization_id, idempotency_key, user_id, entry_no, created_at FROM gone"
              " WHERE idempotency_key IS NOT NULL"
              "), accounts AS ("
              " INSERT INTO laurel_internal.archived_accounts (organization_id, user_id, entries)"
              " SELECT organization_id, user_id, pg_catalog.max(entry_no) FROM gone GROUP BY "
              "organization_id, user_id"
              " ON CONFLICT (organization_id, user_id) DO UPDATE SET entries = EXCLUDED.entries"
              ") INSERT INTO laurel.points_ledger_archive (" ENTRY_COLUMNS ") SELECT " ENTRY_COLUMNS
              " FROM gone",
              UUIDOID, TIMESTAMPTZOID, INT8OID)
        .Custom();

Statement find_archived_key =
    Statement(
        "SELECT k.idempotency_key FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2),"
        " pg_catalog.unnest($3)) a (organization_id, user_id, first_no)"
        " JOIN ONLY laurel.points_ledger l ON l.organization_id = a.organization_id AND l.user_id = a.user_id"
        "  AND l.entry_no >= a.first_no"
        " JOIN ONLY laurel_internal.archived_keys k ON k.organization_id = l.organization_id"
        "  AND k.idempotency_key = l.idempotency_key LIMIT 1",
        UUIDARRAYOID, UUIDARRAYOID, INT8ARRAYOID)
        .Returns(TEXTOID)
        .Custom();

// Whether a trigger of the application may change or keep rows that are moved.
bool
MoveMayChange() {
    return RowsMayChange("points_ledger", TriggerSpec::Delete) ||
           RowsMayChange("points_ledger_archive", TriggerSpec::Insert) ||
           RowsMayChange("archived_keys", TriggerSpec::Insert, "laurel_internal") ||
           RowsMayChange("archived_accounts", TriggerSpec::Insert, "laurel_internal") ||
           RowsMayChange("archived_accounts", TriggerSpec::Update, "laurel_internal");
}

// Moves entries through the guards of ledger and archive.
int64
MoveThroughGuards(const Datum *values) {
    uint64 moved;
    {
        const DerivedWrite writing({TableOid("points_ledger"), TableOid("points_ledger_archive"),
                                    TableOid("archived_keys", "laurel_internal"),
                                    TableOid("archived_accounts", "laurel_internal")});
        moved = move.Run(Access::Write, values);
    }
    if (MoveMayChange())
        RequireSound(
            ToUuid(values[0]), nullptr,
            "A row trigger on laurel.points_ledger or its archive changes or keeps rows; remove it.");
    return static_cast<int64>(moved);
}

// Moves up to `most` entries of one organization.
int64
ArchiveOrganization(const Uuid &organization, TimestampTz cut_off, int64 most) {
    const Datum values[] = {FromUuid(organization), TimestampTzGetDatum(cut_off), Int64GetDatum(most)};
    months_of_entries.Run(Access::Write, values);
    bool none;
    const Datum months = Field(0, 1, &none);
    if (none)
        return 0;
    CreateMonths(TableOid("points_ledger_archive"), months);
    return MoveThroughGuards(values);
}

// The uuid after this one; false after the last.
bool
Increment(Uuid *uuid) {
    for (int byte = UUID_LEN - 1; byte >= 0; byte--)
        if (++uuid->bytes[byte] != 0)
            return true;
    return false;
}

// The organizations that have entries, from that one on.
struct Organizations {
    Uuid items[kOrganizationsPerBatch];
    int count = 0;
};

Organizations
OrganizationsFrom(Uuid from) {
    Organizations found;
    while (found.count < kOrganizationsPerBatch &&
           next_organization.Run(Access::Write, std::array{FromUuid(from)}.data()) > 0) {
        from = ToUuid(Field(0, 1));
        found.items[found.count++] = from;
        if (!Increment(&from))
            break;
    }
    return found;
}

} // namespace

bool
HasArchive() {
    return OidIsValid(get_relname_relid("archived_keys", get_namespace_oid("laurel_internal", false)));
}

bool
HasArchivedKeys() {
    if (!HasArchive())
        return false;
    Relation keys = table_open(TableOid("archived_keys", "laurel_internal"), AccessShareLock);
    const bool any = RelationGetNumberOfBlocks(keys) > 0;
    table_close(keys, AccessShareLock);
    return any;
}

void
RefuseArchivedKeys(const PostingStatement *statement) {
    if (!statement->has_keys || !HasArchivedKeys())
        return;
    CommandCounterIncrement();
    const FreshRead fresh(OwnerOf(TableOid("points_ledger")));
    const Size room = static_cast<Size>(hash_get_num_entries(statement->accounts)) + 1;
    Datum *columns[3];
    for (Datum *&column : columns)
        column = static_cast<Datum *>(palloc(sizeof(Datum) * room));
    int count = 0;
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, statement->accounts);
    while (auto *open = static_cast<OpenAccount *>(hash_seq_search(&scan))) {
        if (open->first_no == 0)
            continue;
        columns[0][count] = FromUuid(open->key.organization);
        columns[1][count] = FromUuid(open->key.user);
        columns[2][count++] = Int64GetDatum(open->first_no);
    }
    const Datum values[] = {ArrayOf(columns[0], count, UUIDOID), ArrayOf(columns[1], count, UUIDOID),
                            ArrayOf(columns[2], count, INT8OID)};
    if (find_archived_key.Run(Access::Read, values) == 0)
        return;
    Refuse({.sqlstate = ERRCODE_UNIQUE_VIOLATION,
            .message = "an archived entry has this idempotency key",
            .detail = psprintf("Key \"%s\".", CString(ToText(Field(0, 1)))),
            .hint = "laurel.record_points_transaction() returns the entry that a key has made.",
            .table = "points_ledger",
            .constraint = "points_ledger_idempotency_key"});
}

bool
ArchiveEntries(Uuid *organization, TimestampTz cut_off, RetentionStep *step, int64 most) {
    const AsOwner owner(OwnerOf(TableOid("points_ledger")));
    const SpiConnection spi;
    const Organizations found = OrganizationsFrom(*organization);
    int unfinished = found.count; // the organization in which there were enough entries
    const auto move_some = [&](int64 first, int64 count) {
        int64 left = most - step->rows;
        auto at = static_cast<int>(first);
        for (; at < first + count && left > 0; at++)
            left -= ArchiveOrganization(found.items[at], cut_off, left);
        step->rows = most - left;
        if (left == 0)
            unfinished = std::min(unfinished, at - 1);
    };
    RunHalving(
        0, found.count, move_some, [&](int64, ErrorData *error) { Fail(step, *error); }, EndsStep);
    if (unfinished < found.count) {
        *organization = found.items[unfinished];
        return true;
    }
    if (found.count < kOrganizationsPerBatch)
        return false;
    *organization = found.items[found.count - 1];
    return Increment(organization);
}

} // namespace laurel

using namespace laurel;

LAUREL_FUNCTION(laurel_keep_archive) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepArchive);
    if (!TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) && DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "the archive of the points ledger is filled by retention alone and never changed",
            .hint = "New entries belong into laurel.points_ledger.",
            .table = RelationGetRelationName(trigger->tg_relation),
            .constraint = "points_ledger_archive_append_only"});
}
