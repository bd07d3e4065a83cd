#include "deliveries/bounces.h"

#include "access/caller.h"
#include "deliveries/errors.h"
#include "kernel/bounce.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/canonical.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::deliveries {

namespace {

constexpr TriggerSpec kForgetSuppressions = {"forget_suppressions", TriggerSpec::After, TriggerSpec::EachRow,
                                             TriggerSpec::Update};

// After how many hard bounces an organization sends no more.
constexpr SqlText kNeeded = "SELECT coalesce((o.settings #>> '{notifications,suppress_after}')::int, 1) FROM "
                            "ONLY laurel.organizations o WHERE o.id";

// $1 organization, $2 user, $3 recipient, $4 code, $5 reason, $6 report, $7 when. What bounced before the
// member had the address was another's. Of the reports the last 50 are known.
Statement note_bounce = Statement(Sql<R"(INSERT INTO laurel.suppressed_addresses AS s
        (organization_id, email, user_id, bounces, code, reason, reports, bounced_at, suppressed_at)
        SELECT $1, a.email, $2, 1, $4, $5, pg_catalog.array_remove(ARRAY[$6], NULL), $7, CASE WHEN ({1} = $1) <= 1 THEN $7 END
        FROM (SELECT u.email FROM ONLY laurel.users u WHERE u.id = $2 AND u.email = coalesce($3, u.email)
            AND (u.email_changed_at > $7) IS NOT TRUE
            AND EXISTS (SELECT FROM ONLY laurel.user_organizations m WHERE m.organization_id = $1 AND m.user_id = $2)
            UNION ALL SELECT $3 WHERE $2 IS NULL AND $3 IS NOT NULL) a
        ON CONFLICT (organization_id, email) DO UPDATE SET bounces = s.bounces + 1, code = EXCLUDED.code,
            reason = EXCLUDED.reason, user_id = coalesce(EXCLUDED.user_id, s.user_id),
            reports = (s.reports || EXCLUDED.reports)[greatest(pg_catalog.cardinality(s.reports) - 48, 1):],
            bounced_at = greatest(s.bounced_at, EXCLUDED.bounced_at),
            suppressed_at = coalesce(s.suppressed_at,
                CASE WHEN s.bounces + 1 >= ({1} = s.organization_id) THEN EXCLUDED.bounced_at END)
        WHERE (EXCLUDED.bounced_at <= s.cleared_at OR s.reports @> EXCLUDED.reports AND EXCLUDED.reports <> '{}') IS NOT TRUE)",
                                      kNeeded>,
                                  UUIDOID, UUIDOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID);

Statement find_suppressed("SELECT FROM ONLY laurel.suppressed_addresses WHERE organization_id = $1 AND email "
                          "= $2 AND suppressed_at IS NOT NULL",
                          UUIDOID, TEXTOID);

// The organizations that have somebody of that address, or wait for the answer to an invitation, in the order
// in which their lines are locked.
Statement organizations_of_address = Statement(R"(SELECT m.organization_id, u.id FROM ONLY laurel.users u
        JOIN ONLY laurel.user_organizations m ON m.user_id = u.id
        WHERE u.email = $1 AND ($2 IS NULL OR m.organization_id = $2)
        UNION SELECT i.organization_id, NULL FROM ONLY laurel.invitations i
        WHERE i.email = $1 AND i.status = 'pending' AND ($2 IS NULL OR i.organization_id = $2)
        AND NOT EXISTS (SELECT FROM ONLY laurel.users u JOIN ONLY laurel.user_organizations m ON m.user_id = u.id
            WHERE u.email = $1 AND m.organization_id = i.organization_id) ORDER BY 1)",
                                               TEXTOID, UUIDOID)
                                         .Returns(UUIDOID, UUIDOID);

Statement clear_suppressed(R"(UPDATE ONLY laurel.suppressed_addresses SET bounces = 0, suppressed_at = NULL,
        cleared_at = pg_catalog.clock_timestamp()
        WHERE email = $1 AND ($2 IS NULL OR organization_id = $2) AND bounces > 0)",
                           TEXTOID, UUIDOID);

// Whose bounces the address that a member takes had, those of an invitation or of somebody who was moving at
// the time, they are not the member's.
Statement forget_suppressed(R"(DELETE FROM ONLY laurel.suppressed_addresses s WHERE s.user_id = $1
        OR (s.organization_id, s.email) IN (SELECT m.organization_id, $2 FROM ONLY laurel.user_organizations m
            WHERE m.user_id = $1))",
                            UUIDOID, TEXTOID);

Oid
Suppressions() {
    return TableOid("suppressed_addresses");
}

Nullable
TextOrNull(std::string_view text) {
    return {FromText(text), text.empty()};
}

std::string_view
TextArgument(FunctionCallInfo fcinfo, int index) {
    return PG_ARGISNULL(index) ? std::string_view() : ToText(PG_GETARG_DATUM(index));
}

// In the form in which addresses are stored, or error 23514.
Datum
AddressArgument(FunctionCallInfo fcinfo) {
    return RequireCanonical(kMailAddress, ToText(Required(fcinfo, 0, "address")), "suppressed_addresses",
                            "email");
}

std::string_view
CodeArgument(FunctionCallInfo fcinfo) {
    const std::string_view code = ToText(Required(fcinfo, 1, "code"));
    if (!kernel::IsEnhancedStatus(code))
        Refuse(
            {.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
             .message = psprintf("\"%s\" is no enhanced status code", CString(code)),
             .hint =
                 "It has three parts, such as 5.1.1 (no such mailbox). What your provider calls a permanent "
                 "or hard bounce without a code is 5.1.1; what it calls temporary need not be reported."});
    return code;
}

// What the provider calls the event; nobody's names are longer.
std::string_view
ReportArgument(FunctionCallInfo fcinfo) {
    constexpr size_t most = 1000;
    const std::string_view report = TextArgument(fcinfo, 4);
    if (report.size() > most)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "report is longer than 1000 bytes",
                .hint = "Give the id that the provider has for the event."});
    return report;
}

// When it bounced; what lies ahead is now.
TimestampTz
BouncedAt(FunctionCallInfo fcinfo) {
    const TimestampTz now = GetCurrentTimestamp();
    if (PG_ARGISNULL(5))
        return now;
    const TimestampTz at = PG_GETARG_TIMESTAMPTZ(5);
    if (TIMESTAMP_NOT_FINITE(at))
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE, .message = "bounced_at must be a finite time"});
    return std::min(at, now);
}

struct Holder {
    Uuid organization;
    Uuid user;
    bool has_user;
};

// Who has the address, where; returns how many there are.
int
FindHolders(Datum email, Nullable organization, Holder **holders) {
    const uint64 count = organizations_of_address.Run(Access::Write, {email, organization});
    *holders = NewList<Holder>(count);
    for (uint64 i = 0; i < count; i++) {
        bool no_user;
        const Datum user = Field(i, 2, &no_user);
        (*holders)[i] = {ToUuid(Field(i, 1)), no_user ? Uuid{} : ToUuid(user), !no_user};
    }
    return static_cast<int>(count);
}

// Whose suppressions are cleared: the organization named, the active one, or for a trusted caller all of
// them.
Nullable
ClearedOrganization(FunctionCallInfo fcinfo) {
    if (!PG_ARGISNULL(1))
        return PG_GETARG_DATUM(1);
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    if (!caller.has_organization && IsTrusted(Suppressions()))
        return {};
    return CopyUuid(caller.organization);
}

} // namespace

bool
NoteBounce(const Bounce &bounce) {
    if (!kernel::IsHardBounce(bounce.code))
        return false;
    return note_bounce.Run(Access::Write,
                           {FromUuid(bounce.organization), bounce.user, TextOrNull(bounce.recipient),
                            FromText(bounce.code), TextOrNull(LoggedError(bounce.reason)),
                            TextOrNull(bounce.report), TimestampTzGetDatum(bounce.at)}) > 0;
}

bool
IsSuppressed(const Uuid &organization, std::string_view email) {
    return find_suppressed.Run(Access::Write, {FromUuid(organization), FromText(email)}) > 0;
}

// laurel_internal.is_hard_bounce(code)
LAUREL_FUNCTION(laurel_is_hard_bounce) {
    PG_RETURN_BOOL(kernel::IsHardBounce(ToText(PG_GETARG_DATUM(0))));
}

// laurel.report_bounce(address, code, reason, organization, report, bounced_at)
LAUREL_FUNCTION(laurel_report_bounce) {
    const Datum email = AddressArgument(fcinfo);
    Bounce bounce = {.organization = {},
                     .user = {},
                     .recipient = ToText(email),
                     .code = CodeArgument(fcinfo),
                     .reason = TextArgument(fcinfo, 2),
                     .report = ReportArgument(fcinfo),
                     .at = BouncedAt(fcinfo)};
    const AsOwner owner(OwnerOf(Suppressions()));
    const SpiConnection spi;
    Holder *holders;
    const int count = FindHolders(email, Argument(fcinfo, 3), &holders);
    bool is_suppressed = false;
    for (int i = 0; i < count; i++) {
        bounce.organization = holders[i].organization;
        bounce.user = {FromUuid(holders[i].user), !holders[i].has_user};
        NoteBounce(bounce);
        is_suppressed = IsSuppressed(holders[i].organization, bounce.recipient) || is_suppressed;
    }
    PG_RETURN_BOOL(is_suppressed);
}

// laurel.clear_suppression(address, organization)
LAUREL_FUNCTION(laurel_clear_suppression) {
    const Datum email = AddressArgument(fcinfo);
    const Nullable organization = ClearedOrganization(fcinfo);
    if (!organization.is_null)
        access::RequireAdministrator(Suppressions(), ToUuid(organization.value),
                                     "clear suppressed addresses");
    const AsOwner owner(OwnerOf(Suppressions()));
    const SpiConnection spi;
    PG_RETURN_INT64(static_cast<int64>(clear_suppressed.Run(Access::Write, {email, organization})));
}

// A new address bounces by itself, whatever became of it before, and the old one is nobody's any more.
LAUREL_FUNCTION(laurel_forget_suppressions) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kForgetSuppressions);
    const TupleDesc columns = RelationGetDescr(trigger->tg_relation);
    bool is_null;
    const Uuid user = ToUuid(AttributeValue(trigger->tg_newtuple, columns, "id", UUIDOID, &is_null));
    const Datum email = AttributeValue(trigger->tg_newtuple, columns, "email", TEXTOID, &is_null);
    const AsOwner owner(OwnerOf(Suppressions()));
    const SpiConnection spi;
    forget_suppressed.Run(Access::Write, {FromUuid(user), email});
    return PointerGetDatum(nullptr);
}

} // namespace laurel::deliveries
