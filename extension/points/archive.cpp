// Moves the ledger's old entries to its archive. created_at ascends with entry_no, so what lies before a
// cut-off is always the beginning of an account's history: ledger and archive each stay without a gap.
// Writers of the ledger append behind and readers look into the ledger first, so nobody waits for the
// archiver.

#include "points/archive.h"

#include "guards/derived_write.h"
#include "guards/month_partitions.h"
#include "points/verify.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/halving.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"
#include "retention/archiver.h"

namespace laurel::points {

namespace {

constexpr TriggerSpec kKeepArchive = {"keep_archive", TriggerSpec::Before, TriggerSpec::EachStatement,
                                      TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete |
                                          TriggerSpec::Truncate};

constexpr int kOrganizationsPerBatch = 100;

constexpr SqlText kMovedColumns =
    R"(id, organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at, transaction_type,
        entry_hash, metadata, reference_type, reference_id, reverses_id, created_by, reason, idempotency_key,
        word_salt, erased_words)";

// The oldest entries of an organization that may go. A hold keeps its entries and all that follow them in the
// account.
constexpr SqlText kMovable =
    R"(FROM ONLY laurel.points_ledger l WHERE l.organization_id = $1 AND l.created_at < $2
        AND NOT EXISTS (SELECT FROM ONLY laurel.legal_holds h WHERE h.released_at IS NULL
            AND (h.table_name IS NULL OR h.table_name = 'points_ledger')
            AND (h.organization_id IS NULL OR h.organization_id = l.organization_id)
            AND (h.user_id IS NULL OR h.user_id = l.user_id)
            AND (h.held_from IS NULL OR l.created_at >= h.held_from))
        ORDER BY l.created_at, l.user_id, l.entry_no LIMIT $3)";

Statement next_organization =
    Statement(R"(SELECT organization_id FROM ONLY laurel.points_ledger WHERE organization_id >= $1
        ORDER BY organization_id LIMIT 1)",
              UUIDOID)
        .Returns(UUIDOID);

Statement months_of_entries =
    Statement(
        Sql<R"(SELECT pg_catalog.array_agg(DISTINCT pg_catalog.date_trunc('month', pg_catalog.timezone('UTC',
        e.created_at))::pg_catalog.date), pg_catalog.count(*) FROM (SELECT l.created_at {1}) e)",
            kMovable>,
        UUIDOID, TIMESTAMPTZOID, INT8OID)
        .Returns(DATEARRAYOID, INT8OID)
        .Custom();

Statement move = Statement(Sql<R"(WITH gone AS (
        DELETE FROM ONLY laurel.points_ledger WHERE ctid = ANY (ARRAY(SELECT l.ctid {1}))
        RETURNING {2}), keys AS (
        INSERT INTO laurel_internal.archived_keys
        (organization_id, idempotency_key, user_id, entry_no, created_at)
        SELECT organization_id, idempotency_key, user_id, entry_no, created_at FROM gone
        WHERE idempotency_key IS NOT NULL
        ), accounts AS (
        INSERT INTO laurel_internal.archived_accounts (organization_id, user_id, entries)
        SELECT organization_id, user_id, pg_catalog.max(entry_no) FROM gone GROUP BY
        organization_id, user_id
        ON CONFLICT (organization_id, user_id) DO UPDATE SET entries = EXCLUDED.entries
        ) INSERT INTO laurel.points_ledger_archive ({2}) SELECT {2} FROM gone)",
                               kMovable, kMovedColumns>,
                           UUIDOID, TIMESTAMPTZOID, INT8OID)
                     .Custom();

Statement count_archivable =
    Statement(R"(SELECT pg_catalog.count(*), coalesce(pg_catalog.sum(held::int4), 0)::int8 FROM (
    SELECT EXISTS (SELECT FROM ONLY laurel.legal_holds h WHERE h.released_at IS NULL
            AND (h.table_name IS NULL OR h.table_name = 'points_ledger')
            AND (h.organization_id IS NULL OR h.organization_id = l.organization_id)
            AND (h.user_id IS NULL OR h.user_id = l.user_id)
            AND (h.held_from IS NULL OR l.created_at >= h.held_from)) AS held
    FROM ONLY laurel.points_ledger l WHERE l.created_at < $1) due)",
              TIMESTAMPTZOID)
        .Returns(INT8OID, INT8OID);

// Whether a trigger of the application may change or keep rows that are moved.
bool
MoveMayChange() {
    return RowsMayChange("points_ledger", TriggerSpec::Delete) ||
           RowsMayChange("points_ledger_archive", TriggerSpec::Insert) ||
           RowsMayChange("archived_keys", TriggerSpec::Insert, "laurel_internal") ||
           RowsMayChange("archived_accounts", TriggerSpec::Insert, "laurel_internal") ||
           RowsMayChange("archived_accounts", TriggerSpec::Update, "laurel_internal");
}

// Moves entries, at least so many, through the guards of ledger and archive.
int64
MoveThroughGuards(const Parameters &parameters, int64 count) {
    int64 moved;
    {
        const guards::DerivedWrite writing({TableOid("points_ledger"), TableOid("points_ledger_archive"),
                                            TableOid("archived_keys", "laurel_internal"),
                                            TableOid("archived_accounts", "laurel_internal")});
        moved = static_cast<int64>(move.Run(Access::Write, parameters));
    }
    if (moved < count)
        RefuseDropped(TableOid("points_ledger"), "a trigger keeps entries from the archive");
    if (MoveMayChange())
        RequireSound(
            ToUuid(parameters.values()[0]), nullptr,
            "A row trigger on laurel.points_ledger or its archive changes or keeps rows; remove it.");
    return moved;
}

// Moves up to `most` entries of one organization.
int64
ArchiveOrganization(const Uuid &organization, TimestampTz cut_off, int64 most) {
    const Parameters parameters = {FromUuid(organization), TimestampTzGetDatum(cut_off), Int64GetDatum(most)};
    months_of_entries.Run(Access::Write, parameters);
    bool none;
    const Datum months = Field(0, 1, &none);
    if (none)
        return 0;
    const int64 count = DatumGetInt64(Field(0, 2));
    guards::CreateMonths(TableOid("points_ledger_archive"), months);
    return MoveThroughGuards(parameters, count);
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
           next_organization.Run(Access::Write, {FromUuid(from)}) > 0) {
        from = ToUuid(Field(0, 1));
        found.items[found.count++] = from;
        if (!NextUuid(&from))
            break;
    }
    return found;
}

// Moves due entries from the organization on, which becomes the one to go on with; true where more may be
// left. An organization whose entries cannot be moved keeps them all and is counted.
bool
ArchiveEntries(const retention::Policy &policy, Uuid *organization, retention::Tally *tally) {
    const AsOwner owner(OwnerOf(TableOid("points_ledger")));
    const SpiConnection spi;
    const Organizations found = OrganizationsFrom(*organization);
    int unfinished = found.count; // the organization in which there were enough entries
    const auto move_some = [&](int64 first, int64 count) {
        int64 left = policy.batch_rows - tally->rows;
        auto at = static_cast<int>(first);
        for (; at < first + count && left > 0; at++)
            left -= ArchiveOrganization(found.items[at], policy.cut_off, left);
        tally->rows = policy.batch_rows - left;
        if (left == 0)
            unfinished = std::min(unfinished, at - 1);
    };
    RunHalving(
        0, found.count, move_some, [&](int64, ErrorData *error) { retention::Fail(tally, *error); },
        retention::EndsStep);
    if (unfinished < found.count) {
        *organization = found.items[unfinished];
        return true;
    }
    if (found.count < kOrganizationsPerBatch)
        return false;
    *organization = found.items[found.count - 1];
    return NextUuid(organization);
}

retention::Tally
Take(const retention::Policy &policy, Uuid *organization) {
    retention::Tally tally;
    tally.more = ArchiveEntries(policy, organization, &tally);
    tally.bytes = retention::BytesOf(policy.table, tally.rows);
    return tally;
}

retention::Tally
Count(const retention::Policy &policy) {
    const Datum cut_off = TimestampTzGetDatum(policy.cut_off);
    count_archivable.Run(Access::Write, cut_off);
    const int64 held = DatumGetInt64(Field(0, 2));
    const int64 rows = DatumGetInt64(Field(0, 1)) - held;
    return {.rows = rows, .held = held, .bytes = retention::BytesOf(policy.table, rows)};
}

constexpr retention::Archiver kArchiver = {"points_ledger", Take, Count};

} // namespace

void
InitArchive() {
    retention::RegisterArchiver(&kArchiver);
}

LAUREL_FUNCTION(laurel_keep_archive) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepArchive);
    if (!TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) && guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "the archive of the points ledger is filled by retention alone and never changed",
            .hint = "New entries belong into laurel.points_ledger.",
            .table = RelationGetRelationName(trigger->tg_relation),
            .constraint = "points_ledger_archive_append_only"});
}

} // namespace laurel::points
