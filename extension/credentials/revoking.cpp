// Credentials are revoked with their awards, one by one, or all that a key has signed.
//
// Lock order: awards or the key, then credentials.

#include "access/caller.h"
#include "access/organization.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"

namespace laurel::credentials {

namespace {

constexpr TriggerSpec kRevoke = {"revoke_credentials", TriggerSpec::After, TriggerSpec::EachStatement,
                                 TriggerSpec::Delete | TriggerSpec::Update};
constexpr int kMostReason = 500;

// Credentials `c` of awards `a` that are gone, where $1 says so, or end at another time than they say.
constexpr SqlText kNotSo =
    R"(c.organization_id = a.organization_id AND c.award_id = a.id AND c.revoked_at IS NULL
        AND ($1 OR c.valid_until IS DISTINCT FROM a.valid_until))";

SizedStatement
    revoke_of_awards(Sql<R"(UPDATE ONLY laurel.credentials c SET revoked_at = pg_catalog.clock_timestamp(),
            reason = CASE WHEN $1 THEN 'the award was taken away' ELSE 'the award ends at another time' END
        FROM changed a WHERE {1})",
                         kNotSo>,
                     BOOLOID);

SizedStatement find_left =
    SizedStatement(Sql<"SELECT c.id FROM changed a JOIN ONLY laurel.credentials c ON {1} LIMIT 1", kNotSo>,
                   BOOLOID)
        .Returns(UUIDOID);

Statement find_credential =
    Statement("SELECT organization_id FROM ONLY laurel.credentials WHERE id = $1", UUIDOID).Returns(UUIDOID);

Statement revoke_one(R"(UPDATE ONLY laurel.credentials
        SET revoked_at = pg_catalog.clock_timestamp(), reason = $2 WHERE id = $1 AND revoked_at IS NULL)",
                     UUIDOID, TEXTOID);

Statement give_up_key(R"(UPDATE ONLY laurel.credential_keys
        SET revoked_at = coalesce(revoked_at, pg_catalog.clock_timestamp()), reason = coalesce(reason, $3)
        WHERE organization_id = $1 AND key_id = $2)",
                      UUIDOID, TEXTOID, TEXTOID);

Statement revoke_of_key(R"(UPDATE ONLY laurel.credentials
        SET revoked_at = pg_catalog.clock_timestamp(), reason = $3
        WHERE organization_id = $1 AND key_id = $2 AND revoked_at IS NULL)",
                        UUIDOID, TEXTOID, TEXTOID);

Statement find_left_of_key = Statement(R"(SELECT id FROM ONLY laurel.credentials
        WHERE organization_id = $1 AND key_id = $2 AND revoked_at IS NULL LIMIT 1)",
                                       UUIDOID, TEXTOID)
                                 .Returns(UUIDOID);

// In a transaction that sees what was committed when it began, the newest is out of sight.
[[noreturn]] void
RefuseIssuedMeanwhile() {
    Refuse({.sqlstate = ERRCODE_T_R_SERIALIZATION_FAILURE,
            .message = "a credential was issued meanwhile",
            .hint = "Do it again in a new transaction.",
            .table = "credentials"});
}

void
RequireNoneLeft(TriggerData *trigger, Oid owner, int64 rows, Datum is_gone) {
    const FreshRead fresh(owner);
    ShareTransitionTables(trigger);
    if (find_left.For(rows).Run(Access::Read, is_gone) > 0)
        RefuseIssuedMeanwhile();
}

void
RequireNoneLeft(Oid owner, const Uuid &organization, Datum key) {
    const FreshRead fresh(owner);
    if (find_left_of_key.Run(Access::Read, {FromUuid(organization), key}) > 0)
        RefuseIssuedMeanwhile();
}

Datum
RequiredReason(FunctionCallInfo fcinfo, int index) {
    const Datum reason = Required(fcinfo, index, "reason");
    const std::string_view text = ToText(reason);
    const int length = pg_mbstrlen_with_len(text.data(), static_cast<int>(text.size()));
    if (length < 1 || length > kMostReason)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "the reason must have 1 to 500 characters",
                .detail = psprintf("It has %d.", length)});
    return reason;
}

[[noreturn]] void
RefuseUnknown(const char *what, const char *key, const char *value, const char *table, const char *hint) {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = psprintf("there is no such %s", what),
            .detail = psprintf("Key (%s)=(%s) is not present in table \"%s\".", key, value, table),
            .hint = hint,
            .table = table,
            .constraint = psprintf("%s_pkey", table)});
}

// Refuses where there is no such credential, or none that the caller may revoke.
void
RequireCredential(Oid table, const Uuid &id) {
    Uuid organization = {};
    bool is_there;
    {
        const AsOwner owner(OwnerOf(table));
        const SpiConnection spi;
        is_there = find_credential.Run(Access::Write, FromUuid(id)) > 0;
        if (is_there)
            organization = ToUuid(Field(0, 1));
    }
    access::NoticeChanges();
    if (!is_there || (!IsTrusted(table) && !access::BelongsTo(access::CurrentCaller(), organization)))
        RefuseUnknown("credential", "id", UuidText(id), "credentials",
                      "laurel.credentials has them by id; award_id is that of the award.");
    access::RequireAdministrator(table, organization, "revoke credentials");
}

Uuid
OrganizationOfKey(FunctionCallInfo fcinfo, Oid table) {
    access::NoticeChanges();
    const Uuid organization =
        PG_ARGISNULL(2) ? access::CurrentCaller().organization : ToUuid(PG_GETARG_DATUM(2));
    access::RequireAdministrator(table, organization, "give up keys of credentials");
    return organization;
}

} // namespace

LAUREL_FUNCTION(laurel_revoke_credentials) {
    TriggerData *trigger = CheckTrigger(fcinfo, kRevoke);
    const bool is_gone = TRIGGER_FIRED_BY_DELETE(trigger->tg_event);
    const int64 rows = RowsOf(is_gone ? trigger->tg_oldtable : trigger->tg_newtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const Oid table_owner = OwnerOf(RelationGetRelid(trigger->tg_relation));
    {
        const AsOwner owner(table_owner);
        const SpiConnection spi;
        ShareTransitionTables(trigger);
        revoke_of_awards.Run(rows, BoolGetDatum(is_gone));
    }
    if (IsolationUsesXactSnapshot())
        RequireNoneLeft(trigger, table_owner, rows, BoolGetDatum(is_gone));
    return PointerGetDatum(nullptr);
}

// laurel.revoke_credential(credential_id, reason)
LAUREL_FUNCTION(laurel_revoke_credential) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "credential_id"));
    const Datum reason = RequiredReason(fcinfo, 1);
    const Oid table = TableOid("credentials");
    RequireCredential(table, id);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    revoke_one.Run(Access::Write, {FromUuid(id), reason});
    PG_RETURN_VOID();
}

// laurel.revoke_credential_key(key_id, reason, organization_id)
LAUREL_FUNCTION(laurel_revoke_credential_key) {
    const Datum key = Required(fcinfo, 0, "key_id");
    const Datum reason = RequiredReason(fcinfo, 1);
    const Oid table = TableOid("credential_keys");
    const Uuid organization = OrganizationOfKey(fcinfo, table);
    const Oid table_owner = OwnerOf(table);
    uint64 revoked;
    {
        const AsOwner owner(table_owner);
        const SpiConnection spi;
        if (give_up_key.Run(Access::Write, {FromUuid(organization), key, reason}) == 0)
            RefuseUnknown("key", "organization_id, key_id",
                          psprintf("%s, %s", UuidText(organization), CString(ToText(key))), "credential_keys",
                          "laurel.credential_keys has them.");
        revoked = revoke_of_key.Run(Access::Write, {FromUuid(organization), key, reason});
    }
    if (IsolationUsesXactSnapshot())
        RequireNoneLeft(table_owner, organization, key);
    PG_RETURN_INT64(static_cast<int64>(revoked));
}

} // namespace laurel::credentials
