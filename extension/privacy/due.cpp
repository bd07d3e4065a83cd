// The job: whose time has come is erased, and who was erased before, when a backup has brought the person
// back.

#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/list.h"
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
    Statement(R"(SELECT id, organization_id, user_id, everywhere FROM ONLY laurel.privacy_requests
        WHERE id = ANY ($1) AND kind = 'erasure' AND status = 'open' AND erase_after <= pg_catalog.now() ORDER BY id FOR NO KEY UPDATE)",
              UUIDARRAYOID)
        .Returns(UUIDOID, UUIDOID, UUIDOID, BOOLOID);

struct Taken {
    Uuid request;
    Uuid organization;
};

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
        AND m.joined_at <= coalesce((SELECT pg_catalog.max(e.erased_at) FROM ONLY laurel.erasures e
            WHERE e.organization_id = $2 AND e.user_id = $1 AND NOT e.everywhere), 'infinity'))",
                  UUIDOID, UUIDOID);

constexpr SqlText kLately = "erased_at > pg_catalog.now() - interval '7 days'";

Statement list_lately =
    Statement(
        Sql<"SELECT pg_catalog.array_agg(DISTINCT user_id) FROM ONLY laurel.erasures WHERE {1}", kLately>)
        .Returns(UUIDARRAYOID);

// Where somebody was erased and is not there again: whoever has come back by himself is somebody else.
Statement erased_where =
    Statement(
        Sql<R"(SELECT DISTINCT e.organization_id, e.everywhere FROM ONLY laurel.erasures e WHERE e.user_id = $1 AND e.{1}
        AND CASE WHEN e.everywhere THEN EXISTS (SELECT FROM ONLY laurel.users u
                WHERE u.id = $1 AND u.email = 'deleted-' || u.id || '@erased.invalid')
            ELSE NOT EXISTS (SELECT FROM ONLY laurel.user_organizations m
                WHERE m.organization_id = e.organization_id AND m.user_id = $1) END ORDER BY 1, 2)",
            kLately>,
        UUIDOID)
        .Returns(UUIDOID, BOOLOID);

// An array that a statement gives, in the memory of whoever asked; null where there is none.
Datum
GiveArray(FunctionCallInfo fcinfo, Statement *statement, const Parameters &parameters) {
    const MemoryContext caller = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("privacy_requests")));
    const SpiConnection spi;
    statement->Run(Access::Write, parameters);
    const Datum found = Field(0, 1, &fcinfo->isnull);
    if (fcinfo->isnull)
        return 0;
    const MemoryContext inner = MemoryContextSwitchTo(caller);
    const Datum copy = datumCopy(found, false, -1);
    MemoryContextSwitchTo(inner);
    return copy;
}

} // namespace

// laurel_internal.due_erasures(most)
LAUREL_FUNCTION(laurel_due_erasures) {
    const Datum most = Int32GetDatum(std::max(PG_GETARG_INT32(0), 0));
    return GiveArray(fcinfo, &list_due, most);
}

// laurel_internal.erased_lately()
LAUREL_FUNCTION(laurel_erased_lately) {
    return GiveArray(fcinfo, &list_lately, {});
}

// laurel_internal.erase_late_rows(user)
LAUREL_FUNCTION(laurel_erase_late_rows) {
    const Uuid user = ToUuid(PG_GETARG_DATUM(0));
    const AsOwner owner(OwnerOf(TableOid("erasures")));
    const SpiConnection spi;
    const uint64 count = erased_where.Run(Access::Write, FromUuid(user));
    auto *places = NewList<std::pair<Uuid, bool>>(count);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        const Uuid organization = ToUuid(row.Next());
        places[i] = {organization, DatumGetBool(row.Next())};
    }
    for (uint64 i = 0; i < count; i++) {
        const Person person = {user, places[i].second ? nullptr : &places[i].first};
        Erase(&person, 1, true);
    }
    PG_RETURN_BOOL(count > 0);
}

// laurel_internal.erase_requests(requests)
LAUREL_FUNCTION(laurel_erase_requests) {
    const Datum requests = PG_GETARG_DATUM(0);
    const AsOwner owner(OwnerOf(TableOid("privacy_requests")));
    const SpiConnection spi;
    const uint64 count = take_due.Run(Access::Write, requests);
    auto *taken = NewList<Taken>(count);
    auto *people = NewList<Person>(count);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        taken[i].request = ToUuid(row.Next());
        taken[i].organization = ToUuid(row.Next());
        people[i].user = ToUuid(row.Next());
        people[i].organization = DatumGetBool(row.Next()) ? nullptr : &taken[i].organization;
    }
    Erase(people, count);
    for (uint64 i = 0; i < count; i++)
        close_request.Write(FromUuid(taken[i].request));
    PG_RETURN_INT64(static_cast<int64>(count));
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
    const Person person = {user, everywhere ? nullptr : &organization};
    Erase(&person, 1);
    PG_RETURN_BOOL(true);
}

} // namespace laurel::privacy
