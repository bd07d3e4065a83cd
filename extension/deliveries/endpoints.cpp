#include "deliveries/endpoints.h"

#include "access/caller.h"
#include "access/organization.h"
#include "kernel/base64.h"
#include "kernel/web_address.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

constexpr TriggerSpec kCheckCeilings = {"check_ceilings", TriggerSpec::After, TriggerSpec::EachRow,
                                        TriggerSpec::Update};

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr size_t kSecretBytes = 32, kLeastSecretBytes = 24, kMostSecretBytes = 64;

Statement insert_endpoint =
    Statement(R"(INSERT INTO laurel.webhook_endpoints (organization_id, url, event_types, user_id,
        description, allow_insecure, secret)
        VALUES ($1, $2, coalesce($3, '{}'), $4, $5, $6, $7) RETURNING id)",
              UUIDOID, TEXTOID, TEXTARRAYOID, UUIDOID, TEXTOID, BOOLOID, TEXTOID)
        .Returns(UUIDOID);

Statement organization_of =
    Statement("SELECT organization_id FROM ONLY laurel.webhook_endpoints WHERE id = $1", UUIDOID)
        .Returns(UUIDOID);

Statement
    rotate(R"(UPDATE ONLY laurel.webhook_endpoints SET previous_secret = CASE WHEN $3 > now THEN secret END,
        previous_until = CASE WHEN $3 > now THEN $3 END, secret = $2
        FROM (SELECT pg_catalog.clock_timestamp() AS now) clock WHERE id = $1)",
           UUIDOID, TEXTOID, TIMESTAMPTZOID);

Statement enable(
    R"(UPDATE ONLY laurel.webhook_endpoints SET is_enabled = true, disabled_at = NULL, disabled_reason = NULL,
        failures = 0, failing_since = NULL WHERE id = $1)",
    UUIDOID);

Statement disable(R"(UPDATE ONLY laurel.webhook_endpoints SET is_enabled = false,
        disabled_at = pg_catalog.clock_timestamp(), disabled_reason = $2 WHERE id = $1 AND is_enabled)",
                  UUIDOID, TEXTOID);

Statement bury(
    R"(UPDATE ONLY laurel.notification_deliveries SET state = 'dead', last_error = 'the endpoint is disabled: ' || $2
        WHERE state = 'ready' AND endpoint_id = $1)",
    UUIDOID, TEXTOID);

Statement find_ceilings =
    Statement(R"(SELECT webhook_concurrency_limit, webhook_timeout_limit_ms FROM ONLY laurel.organizations
        WHERE id = $1)",
              UUIDOID)
        .Returns(INT4OID, INT4OID);

// whsec_ and the base64 of 32 random bytes.
Datum
NewSecret() {
    unsigned char random[kSecretBytes];
    char text[kSecretPrefix.size() + kernel::Base64Length(kSecretBytes)];
    if (!pg_strong_random(random, sizeof(random)))
        ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
    std::memcpy(text, kSecretPrefix.data(), kSecretPrefix.size());
    kernel::EncodeBase64(random, sizeof(random), text + kSecretPrefix.size());
    return FromText({text, sizeof(text)});
}

Oid
Endpoints() {
    return TableOid("webhook_endpoints");
}

// Finds the endpoint and refuses who does not administer its organization. One of another organization is as
// good as none.
void
RequireEndpoint(const Uuid &endpoint, const char *action) {
    bool found;
    Uuid organization = {};
    {
        const AsOwner owner(OwnerOf(Endpoints()));
        const SpiConnection spi;
        found = organization_of.Run(Access::Write, {FromUuid(endpoint)}) > 0;
        if (found)
            organization = ToUuid(Field(0, 1));
    }
    access::NoticeChanges();
    if (found && (IsTrusted(Endpoints()) || access::Administers(access::CurrentCaller(), organization)))
        return;
    if (!IsTrusted(Endpoints()))
        access::RequireAdministrator(Endpoints(), Uuid{}, action);
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "there is no such webhook endpoint",
            .detail = psprintf("No endpoint has the id %s.", UuidText(endpoint)),
            .table = "webhook_endpoints",
            .constraint = "webhook_endpoints_pkey"});
}

// Where an endpoint belongs that names no organization.
Uuid
OrganizationOfEndpoint(FunctionCallInfo fcinfo) {
    if (!PG_ARGISNULL(2))
        return ToUuid(PG_GETARG_DATUM(2));
    if (!PG_ARGISNULL(3))
        return access::ActingOrganization(Endpoints(), ToUuid(PG_GETARG_DATUM(3)),
                                          "webhook_endpoints_membership_fkey");
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    return caller.has_organization || !IsTrusted(Endpoints()) ? caller.organization
                                                              : access::DefaultOrganization();
}

// Until when the secret before this one signs too.
TimestampTz
EndOfGrace(Datum grace) {
    const TimestampTz now = GetCurrentTimestamp();
    const TimestampTz end =
        DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(now), grace));
    if (end < now || end > now + 30 * USECS_PER_DAY)
        Refuse(
            {.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE, .message = "grace must be between 0 and 30 days"});
    return end;
}

// Refuses an endpoint whose column rises above what its organization may have.
void
CheckCeiling(const DraftRow &before, const DraftRow &after, const char *column, const char *limit,
             int ceiling) {
    const int32 old = DatumGetInt32(before.Get(column, INT4OID).value);
    const int32 asked = DatumGetInt32(after.Get(column, INT4OID).value);
    if (asked <= ceiling || asked <= old)
        return;
    Refuse({.message = psprintf("%s is more than the organization may have", column),
            .detail = psprintf("Asked for %d, allowed %d.", asked, ceiling),
            .hint = psprintf("Ask for less, or let service_role raise %s of the organization.", limit),
            .table = "webhook_endpoints",
            .constraint = psprintf("webhook_endpoints_%s_ceiling", column)});
}

} // namespace

int64
DisableEndpoint(const Uuid &endpoint, std::string_view reason) {
    const Datum values[] = {FromUuid(endpoint), FromText(reason)};
    disable.Run(Access::Write, values);
    return static_cast<int64>(bury.Run(Access::Write, values));
}

// laurel_internal.check_webhook_url(url, allow_insecure)
LAUREL_FUNCTION(laurel_check_webhook_url) {
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    const std::string_view url = ToText(PG_GETARG_DATUM(0));
    const char *fault = kernel::WebAddressFault(url, !PG_ARGISNULL(1) && PG_GETARG_BOOL(1));
    if (fault == nullptr && kWebAddress.Of(url).text != url)
        fault = "Its host is not as DNS has it: in lower case, with xn-- for other scripts.";
    if (fault == nullptr)
        PG_RETURN_BOOL(true);
    Refuse({.message = "this is no address for a webhook",
            .detail = fault,
            .hint = "For example https://example.com/hooks/laurel.",
            .table = "webhook_endpoints",
            .constraint = "webhook_endpoints_url_check"});
}

// laurel_internal.is_webhook_secret(secret)
LAUREL_FUNCTION(laurel_is_webhook_secret) {
    const std::string_view secret = ToText(PG_GETARG_DATUM(0));
    if (!secret.starts_with(kSecretPrefix))
        PG_RETURN_BOOL(false);
    const std::optional<size_t> bytes = kernel::Base64Size(secret.substr(kSecretPrefix.size()));
    PG_RETURN_BOOL(bytes && *bytes >= kLeastSecretBytes && *bytes <= kMostSecretBytes);
}

LAUREL_FUNCTION(laurel_check_ceilings) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kCheckCeilings);
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    const DraftRow before(trigger->tg_trigtuple, tuple_desc), after(trigger->tg_newtuple, tuple_desc);
    const AsOwner owner(OwnerOf(Endpoints()));
    const SpiConnection spi;
    if (find_ceilings.Run(Access::Write, {FromUuid(after.Id("organization_id"))}) == 0)
        return PointerGetDatum(nullptr);
    const int concurrency = DatumGetInt32(Field(0, 1)), timeout_ms = DatumGetInt32(Field(0, 2));
    CheckCeiling(before, after, "max_concurrency", "webhook_concurrency_limit", concurrency);
    CheckCeiling(before, after, "timeout_ms", "webhook_timeout_limit_ms", timeout_ms);
    return PointerGetDatum(nullptr);
}

// laurel.create_webhook_endpoint(url, event_types, organization, user, description, allow_insecure)
LAUREL_FUNCTION(laurel_create_webhook_endpoint) {
    Required(fcinfo, 0, "url");
    const Uuid organization = OrganizationOfEndpoint(fcinfo);
    access::RequireAdministrator(Endpoints(), organization, "make webhook endpoints");
    const bool insecure = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5);
    if (insecure && !IsTrusted(Endpoints()))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "only service_role may allow an endpoint without encryption",
                .hint = "Leave allow_insecure out and use https."});
    const Datum secret = NewSecret();
    Uuid id;
    {
        const AsOwner owner(OwnerOf(Endpoints()));
        const SpiConnection spi;
        insert_endpoint.Write({FromUuid(organization), PG_GETARG_DATUM(0), Argument(fcinfo, 1),
                               Argument(fcinfo, 3), Argument(fcinfo, 4), BoolGetDatum(insecure), secret});
        id = ToUuid(Field(0, 1));
    }
    return ResultRow(fcinfo, {FromUuid(id), secret});
}

// laurel.rotate_webhook_secret(endpoint, grace)
LAUREL_FUNCTION(laurel_rotate_webhook_secret) {
    const Uuid endpoint = ToUuid(Required(fcinfo, 0, "endpoint"));
    const TimestampTz end = EndOfGrace(Required(fcinfo, 1, "grace"));
    RequireEndpoint(endpoint, "rotate secrets of webhook endpoints");
    const Datum secret = NewSecret();
    const Datum values[] = {FromUuid(endpoint), secret, TimestampTzGetDatum(end)};
    const AsOwner owner(OwnerOf(Endpoints()));
    const SpiConnection spi;
    rotate.Run(Access::Write, values);
    return secret;
}

// laurel.enable_webhook_endpoint(endpoint)
LAUREL_FUNCTION(laurel_enable_webhook_endpoint) {
    const Uuid endpoint = ToUuid(Required(fcinfo, 0, "endpoint"));
    RequireEndpoint(endpoint, "enable webhook endpoints");
    const AsOwner owner(OwnerOf(Endpoints()));
    const SpiConnection spi;
    enable.Run(Access::Write, {FromUuid(endpoint)});
    PG_RETURN_VOID();
}

// laurel.disable_webhook_endpoint(endpoint, reason)
LAUREL_FUNCTION(laurel_disable_webhook_endpoint) {
    const Uuid endpoint = ToUuid(Required(fcinfo, 0, "endpoint"));
    const std::string_view reason = ToText(Required(fcinfo, 1, "reason"));
    RequireEndpoint(endpoint, "disable webhook endpoints");
    const AsOwner owner(OwnerOf(Endpoints()));
    const SpiConnection spi;
    PG_RETURN_INT64(DisableEndpoint(endpoint, reason));
}

} // namespace laurel::deliveries
