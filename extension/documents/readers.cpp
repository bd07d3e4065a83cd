// Who can see a document, and why.

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/results.h"
#include "postgres/spi.h"

namespace laurel::documents {

namespace {

Statement find_document = Statement("SELECT organization_id, uploaded_by IS NOT DISTINCT FROM $2 FROM ONLY "
                                    "laurel.documents WHERE id = $1",
                                    UUIDOID, UUIDOID)
                              .Returns(UUIDOID, BOOLOID);

// The policies of documents, person by person.
Statement readers_of =
    Statement(
        R"(SELECT r.user_id, r.reason, r.permission, r.shared_by, r.until FROM ONLY laurel.documents d CROSS JOIN LATERAL (
            SELECT d.uploaded_by, 1, 'owner', 'edit', NULL::uuid, NULL::timestamptz WHERE d.uploaded_by IS NOT NULL UNION ALL
            SELECT d.user_id, 2, 'beneficiary', 'view', NULL, NULL WHERE d.user_id IS NOT NULL UNION ALL
            SELECT b.trainer_id, 3, 'trainer', 'view', NULL, NULL FROM ONLY laurel.beneficiaries b
                JOIN ONLY laurel.user_roles t ON t.organization_id = b.organization_id AND t.user_id = b.trainer_id AND t.role = 'trainer'
                WHERE b.organization_id = d.organization_id AND b.user_id = d.user_id AND b.status = 'active' UNION ALL
            SELECT a.user_id, 4, 'administrator', 'edit', NULL, NULL FROM ONLY laurel.user_roles a
                WHERE a.organization_id = d.organization_id AND a.role IN ('org_admin', 'platform_admin') UNION ALL
            SELECT s.shared_with, 5, 'share', s.permission, s.shared_by, s.expires_at FROM ONLY laurel.document_shares s
                WHERE s.organization_id = d.organization_id AND s.document_id = d.id AND (s.expires_at > pg_catalog.statement_timestamp()) IS NOT FALSE UNION ALL
            SELECT m.user_id, 6, 'public', 'view', NULL, NULL FROM ONLY laurel.user_organizations m
                WHERE d.is_public AND m.organization_id = d.organization_id) r (user_id, place, reason, permission, shared_by, until)
        JOIN ONLY laurel.users u ON u.id = r.user_id AND u.is_active
        WHERE d.organization_id = $1 AND d.id = $2 ORDER BY r.place, r.user_id)",
        UUIDOID, UUIDOID)
        .Returns(UUIDOID, TEXTOID, TEXTOID, UUIDOID, TIMESTAMPTZOID);

// The document's organization, for who may ask: who owns it, and who administers.
Uuid
RequireAsker(const Uuid &document) {
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    const bool trusted = IsTrusted(TableOid("documents"));
    const AsOwner owner(OwnerOf(TableOid("documents")));
    const SpiConnection spi;
    const bool found =
        find_document.Run(Access::Read, {FromUuid(document), {FromUuid(caller.user), !caller.known}}) > 0;
    const Uuid organization = found ? ToUuid(Field(0, 1)) : Uuid{};
    const bool owns = found && caller.known && caller.has_organization &&
                      caller.organization == organization &&
                      (DatumGetBool(Field(0, 2)) || access::Administers(caller, organization));
    if (!found && trusted)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "there is no such document",
                .table = "documents"});
    if (!trusted && !owns)
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to see who can see this document",
                .hint = access::HintOr("Its owner and administrators may.")});
    return organization;
}

} // namespace

// laurel.who_can_see(document)
LAUREL_FUNCTION(laurel_who_can_see) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Uuid document = ToUuid(PG_GETARG_DATUM(0));
    const Uuid organization = RequireAsker(document);
    const AsOwner owner(OwnerOf(TableOid("documents")));
    const SpiConnection spi;
    ReturnRows(fcinfo, readers_of.Run(Access::Read, {FromUuid(organization), FromUuid(document)}));
    PG_RETURN_NULL();
}

} // namespace laurel::documents
