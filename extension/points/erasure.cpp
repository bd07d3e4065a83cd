// Takes a person's words out of the ledger. The chain stays sound: entries keep what stands for their words
// in the hash, and lose the salt with which a guess at them could be tried.

#include "guards/derived_write.h"
#include "points/verify.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::points {

namespace {

constexpr SqlText kEraseIn = R"(UPDATE {1}
        SET reason = NULL, metadata = '{}', idempotency_key = NULL, word_salt = NULL, erased_words = ARRAY[
            pg_catalog.sha256(word_salt || pg_catalog.convert_to(reason, pg_catalog.getdatabaseencoding())),
            CASE WHEN metadata <> '{}' THEN pg_catalog.sha256(word_salt || pg_catalog.convert_to(
                metadata::pg_catalog.text, pg_catalog.getdatabaseencoding())) END,
            pg_catalog.sha256(word_salt || pg_catalog.convert_to(
                idempotency_key, pg_catalog.getdatabaseencoding()))]
        WHERE organization_id = $1 AND user_id = $2 AND word_salt IS NOT NULL)";

Statement lock_erased_account(R"(SELECT FROM ONLY laurel.user_points
        WHERE organization_id = $1 AND user_id = $2 FOR NO KEY UPDATE)",
                              UUIDOID, UUIDOID);

Statement erase_entries(Sql<kEraseIn, "ONLY laurel.points_ledger">, UUIDOID, UUIDOID);
Statement erase_archived(Sql<kEraseIn, "laurel.points_ledger_archive">, UUIDOID, UUIDOID);

Statement
    erase_keys("DELETE FROM ONLY laurel_internal.archived_keys WHERE organization_id = $1 AND user_id = $2",
               UUIDOID, UUIDOID);

Statement find_words(R"(SELECT FROM ONLY laurel.points_ledger
        WHERE organization_id = $1 AND user_id = $2 AND word_salt IS NOT NULL
        UNION ALL SELECT FROM laurel.points_ledger_archive
        WHERE organization_id = $1 AND user_id = $2 AND word_salt IS NOT NULL
        UNION ALL SELECT FROM ONLY laurel_internal.archived_keys
        WHERE organization_id = $1 AND user_id = $2 LIMIT 1)",
                     UUIDOID, UUIDOID);

uint64
EraseIn(Statement &statement, Oid table, const Parameters &account) {
    const guards::DerivedWrite writing({table});
    return statement.Run(Access::Write, account);
}

constexpr const char *kCause = "A row trigger on laurel.points_ledger or its archive changes or keeps rows; "
                               "remove it.";

// Refuses what triggers of the application have made of an erasure.
void
CheckErased(const Parameters &account) {
    if (!RowsMayChange("points_ledger", TriggerSpec::Update) &&
        !RowsMayChange("points_ledger_archive", TriggerSpec::Update) &&
        !RowsMayChange("archived_keys", TriggerSpec::Delete, "laurel_internal"))
        return;
    if (find_words.Run(Access::Write, account) > 0)
        Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
                .message = "an entry's words were not erased",
                .hint = kCause,
                .table = "points_ledger",
                .constraint = "points_ledger_append_only"});
    const Uuid user = ToUuid(account.values()[1]);
    RequireSound(ToUuid(account.values()[0]), &user, kCause);
}

} // namespace

// laurel_internal.erase_entry_words(organization, member). Entries on their way to the archive are met in the
// one or the other: the second statement sees what the first has waited for.
LAUREL_FUNCTION(laurel_erase_entry_words) {
    const Parameters account = {Required(fcinfo, 0, "organization_id"), Required(fcinfo, 1, "member")};
    const Oid table = TableOid("points_ledger");
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    lock_erased_account.Run(Access::Write, account);
    const uint64 recent = EraseIn(erase_entries, table, account);
    const uint64 archived = EraseIn(erase_archived, TableOid("points_ledger_archive"), account);
    EraseIn(erase_keys, TableOid("archived_keys", "laurel_internal"), account);
    CheckErased(account);
    PG_RETURN_INT64(static_cast<int64>(recent + archived));
}

} // namespace laurel::points
