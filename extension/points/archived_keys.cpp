#include "points/archived_keys.h"

#include "points/posting.h"
#include "postgres/array.h"
#include "postgres/column.h"
#include "postgres/error.h"
#include "postgres/fresh.h"

extern "C" {
#include "storage/bufmgr.h"
}

namespace laurel::points {

namespace {

Statement find_archived_key =
    Statement(
        R"(SELECT k.idempotency_key FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2),
        pg_catalog.unnest($3)) a (organization_id, user_id, first_no)
        JOIN ONLY laurel.points_ledger l ON l.organization_id = a.organization_id AND l.user_id = a.user_id
            AND l.entry_no >= a.first_no
        JOIN ONLY laurel_internal.archived_keys k ON k.organization_id = l.organization_id
            AND k.idempotency_key = l.idempotency_key LIMIT 1)",
        UUIDARRAYOID, UUIDARRAYOID, INT8ARRAYOID)
        .Returns(TEXTOID)
        .Custom();

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
    constexpr Oid types[] = {UUIDOID, UUIDOID, INT8OID};
    Columns firsts(types, hash_get_num_entries(statement->accounts));
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, statement->accounts);
    while (auto *open = static_cast<OpenAccount *>(hash_seq_search(&scan)))
        if (open->first_no != 0)
            firsts.Add(
                {FromUuid(open->key.organization), FromUuid(open->key.user), Int64GetDatum(open->first_no)});
    if (find_archived_key.Run(Access::Read, firsts.Arrays()) == 0)
        return;
    Refuse({.sqlstate = ERRCODE_UNIQUE_VIOLATION,
            .message = "an archived entry has this idempotency key",
            .detail = psprintf("Key \"%s\".", CString(ToText(Field(0, 1)))),
            .hint = "laurel.record_points_transaction() returns the entry that a key has made.",
            .table = "points_ledger",
            .constraint = "points_ledger_idempotency_key"});
}

} // namespace laurel::points
