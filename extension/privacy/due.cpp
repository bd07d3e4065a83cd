// The job: whose time has come is erased, and who was erased before, when a backup has brought the person
// back.

#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "privacy/erasure.h"

extern "C" {
#include "utils/datum.h"
}

namespace laurel::privacy {

namespace {

Statement list_due =
    Statement(R"(SELECT pg_catalog.array_agg(d.id) FROM (SELECT id FROM ONLY laurel.privacy_requests
        WHERE kind = 'erasure' AND status = 'open' AND erase_after <= pg_catalog.now()
        ORDER BY attempts, erase_after, id LIMIT $1) d)",
              INT4OID)
        .Returns(UUIDARRAYOID);

// Whoever takes the request back meanwhile is waited for, and waits for this.
Statement take_due =
    Statement(R"(SELECT organization_id, user_id, everywhere FROM ONLY laurel.privacy_requests
        WHERE id = $1 AND kind = 'erasure' AND status = 'open' AND erase_after <= pg_catalog.now() FOR NO KEY UPDATE)",
              UUIDOID)
        .Returns(UUIDOID, UUIDOID, BOOLOID);

Statement
    close_request("UPDATE ONLY laurel.privacy_requests SET status = 'done', reason = NULL, answer = NULL, "
                  "extension_reason = NULL, problem = NULL WHERE id = $1",
                  UUIDOID);

Statement note_failure(R"(UPDATE ONLY laurel.privacy_requests SET attempts = attempts + 1, problem = $2
        WHERE id = $1 AND status = 'open')",
                       UUIDOID, TEXTOID);

// Whether the person is there as before: with a name, or as a member who was erased in that organization.
Statement is_back(R"(SELECT FROM ONLY laurel.users u WHERE u.id = $1 AND $2 IS NULL
        AND u.email <> 'deleted-' || u.id || '@erased.invalid'
        UNION ALL SELECT FROM ONLY laurel.user_organizations m WHERE m.user_id = $1 AND m.organization_id = $2
        AND m.joined_at <= coalesce((SELECT e.erased_at FROM ONLY laurel.erasures e
            WHERE e.organization_id = $2 AND e.user_id = $1 AND NOT e.everywhere), 'infinity'))",
                  UUIDOID, UUIDOID);

} // namespace

// laurel_internal.due_erasures(most)
LAUREL_FUNCTION(laurel_due_erasures) {
    const Datum most = PG_GETARG_DATUM(0);
    const MemoryContext caller = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("privacy_requests")));
    const SpiConnection spi;
    list_due.Run(Access::Write, Int32GetDatum(std::max(DatumGetInt32(most), 0)));
    bool none;
    const Datum found = Field(0, 1, &none);
    if (none)
        PG_RETURN_NULL();
    const MemoryContext inner = MemoryContextSwitchTo(caller);
    const Datum due = datumCopy(found, false, -1);
    MemoryContextSwitchTo(inner);
    return due;
}

// laurel_internal.erase_request(request)
LAUREL_FUNCTION(laurel_erase_request) {
    const Uuid request = ToUuid(PG_GETARG_DATUM(0));
    const AsOwner owner(OwnerOf(TableOid("privacy_requests")));
    const SpiConnection spi;
    if (take_due.Run(Access::Write, FromUuid(request)) == 0)
        PG_RETURN_BOOL(false);
    Row row;
    const Uuid organization = ToUuid(row.Next()), user = ToUuid(row.Next());
    Erase(user, DatumGetBool(row.Next()) ? nullptr : &organization);
    close_request.Write(FromUuid(request));
    PG_RETURN_BOOL(true);
}

// laurel_internal.note_erasure_failure(request, problem)
LAUREL_FUNCTION(laurel_note_erasure_failure) {
    const AsOwner owner(OwnerOf(TableOid("privacy_requests")));
    const SpiConnection spi;
    note_failure.Run(Access::Write, {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)});
    PG_RETURN_VOID();
}

// laurel_internal.erase_again(user, organization)
LAUREL_FUNCTION(laurel_erase_again) {
    const Uuid user = ToUuid(Required(fcinfo, 0, "user_id"));
    const bool everywhere = PG_ARGISNULL(1);
    const Uuid organization = everywhere ? user : ToUuid(PG_GETARG_DATUM(1));
    const AsOwner owner(OwnerOf(TableOid("erasures")));
    const SpiConnection spi;
    if (is_back.Run(Access::Write, {FromUuid(user), UuidOrNull(everywhere ? nullptr : &organization)}) == 0)
        PG_RETURN_BOOL(false);
    Erase(user, everywhere ? nullptr : &organization);
    PG_RETURN_BOOL(true);
}

} // namespace laurel::privacy
