// laurel.ledger_seal: the newest seal, to be kept elsewhere.

#include "access/caller.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "seals/seal.h"

namespace laurel::seals {

namespace {

Statement newest_seals =
    Statement(Sql<R"(SELECT {1}, coalesce(b.seal_hash, pg_catalog.decode(pg_catalog.repeat('00', 32), 'hex'))
        FROM (SELECT DISTINCT ON (organization_id) organization_id, seal_no FROM ONLY laurel_internal.ledger_seals
            WHERE $1::pg_catalog.uuid IS NULL OR organization_id = $1 ORDER BY organization_id, seal_no DESC) n
        JOIN ONLY laurel_internal.ledger_seals s ON s.organization_id = n.organization_id AND s.seal_no = n.seal_no
        LEFT JOIN ONLY laurel_internal.ledger_seals b
        ON b.organization_id = s.organization_id AND b.seal_no = s.seal_no - 1 ORDER BY 1)",
                  kSealColumns>,
              UUIDOID)
        .Returns(kSealTypes, BYTEAOID)
        .Custom();

// Puts the rows of the last result, in which the hash of the seal before stands last.
void
PutSealRows(ReturnSetInfo *result, uint64 count) {
    constexpr int kColumns = 9;
    for (uint64 number = 0; number < count; number++) {
        Datum values[kColumns];
        bool nulls[kColumns];
        Fields(number, kColumns, values, nulls);
        std::swap(values[kColumns - 2], values[kColumns - 1]);
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
}

} // namespace

// laurel.ledger_seal(organization)
LAUREL_FUNCTION(laurel_ledger_seal) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Oid table = TableOid("points_ledger");
    access::NoticeChanges();
    const bool trusted = IsTrusted(table);
    const access::Caller &caller = access::CurrentCaller();
    const bool of_all = trusted && PG_ARGISNULL(0);
    const Uuid organization = PG_ARGISNULL(0) ? caller.organization : ToUuid(PG_GETARG_DATUM(0));
    if (!of_all && !trusted && !(caller.has_organization && access::Administers(caller, organization)))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to see the seals of that organization",
                .hint = "Administrators see their organization's, service_role everybody's."});
    const AsOwner owner(OwnerOf(TableOid("ledger_seals", "laurel_internal")));
    const SpiConnection spi;
    const uint64 count = newest_seals.Run(Access::Read, UuidOrNull(of_all ? nullptr : &organization));
    PutSealRows(reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo), count);
    PG_RETURN_NULL();
}

} // namespace laurel::seals
