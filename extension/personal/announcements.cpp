// An announcement is a line of processing_log that was committed before anything is read, so that who rolls
// back what he reads has left it all the same, and who reads where nothing can be written too.

#include "personal/announcements.h"

#include "access/caller.h"
#include "personal/processing.h"
#include "postgres/arguments.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::personal {

namespace {

constexpr int64 kLongest = USECS_PER_HOUR;
constexpr size_t kShortestPurpose = 3, kLongestPurpose = 500;

// Those of this transaction are not committed yet.
Statement find_announcement = Statement(
                                  R"(SELECT l.purpose, l.valid_until, l.user_id IS NULL,
            l.transaction_id IS NOT DISTINCT FROM pg_catalog.pg_current_xact_id_if_assigned()
        FROM laurel.processing_log l
        WHERE l.activity = 'announce' AND l.created_at > $1 - interval '1 hour' AND l.valid_until > $1
            AND l.actor_id IS NOT DISTINCT FROM $2 AND l.role = $3
            AND (l.organization_id IS NULL OR l.organization_id = $4) AND (l.user_id IS NULL OR l.user_id = $5)
        ORDER BY 4, l.user_id IS NULL DESC, l.valid_until DESC LIMIT 1)",
                                  TIMESTAMPTZOID, UUIDOID, TEXTOID, UUIDOID, UUIDOID)
                                  .Returns(TEXTOID, TIMESTAMPTZOID, BOOLOID, BOOLOID);

Statement is_member =
    Statement("SELECT FROM ONLY laurel.user_organizations m WHERE m.organization_id = $1 AND m.user_id = $2",
              UUIDOID, UUIDOID);

Statement is_here = Statement(R"(SELECT FROM ONLY laurel.user_organizations m
        WHERE m.organization_id = $1 AND m.user_id = $2
            AND NOT EXISTS (SELECT FROM ONLY laurel.erasures e WHERE e.user_id = $2 AND e.everywhere))",
                              UUIDOID, UUIDOID);

// What was found last, for as long as the transaction lasts.
struct Announced {
    const char *purpose; // null where nothing is known
    TimestampTz until;
    Oid role;
    bool known;
    Uuid actor;
    Uuid organization;
    bool of_everybody;
    Uuid person;
};

constinit Announced announced = {};

bool
Covers(const Actor &actor, Oid role, const Uuid &organization, const Uuid &person) {
    return announced.purpose != nullptr && announced.role == role && announced.known == actor.known &&
           announced.actor == actor.user && announced.organization == organization &&
           (announced.of_everybody || announced.person == person) && announced.until > GetCurrentTimestamp();
}

// Whether there is one; it may be open.
bool
Look(const Actor &actor, Oid role, const Uuid &organization, const Uuid &person, bool *is_open) {
    const AsOwner owner(OwnerOf(TableOid("processing_log")));
    const SpiConnection spi;
    const uint64 count =
        find_announcement.Run(Access::Read, {TimestampTzGetDatum(GetCurrentTimestamp()),
                                             actor.known ? Nullable(FromUuid(actor.user)) : Nullable(),
                                             CStringGetTextDatum(GetUserNameFromId(role, false)),
                                             FromUuid(organization), FromUuid(person)});
    if (count == 0)
        return false;
    *is_open = DatumGetBool(Field(0, 4));
    if (*is_open)
        return false;
    announced = {MemoryContextStrdup(TopTransactionContext, TextField(0, 1)),
                 DatumGetTimestampTz(Field(0, 2)),
                 role,
                 actor.known,
                 actor.user,
                 organization,
                 DatumGetBool(Field(0, 3)),
                 person};
    return true;
}

// Without blanks around it.
std::string_view
Purpose(FunctionCallInfo fcinfo) {
    std::string_view purpose = ToText(Required(fcinfo, 0, "purpose"));
    while (!purpose.empty() && purpose.front() == ' ')
        purpose.remove_prefix(1);
    while (!purpose.empty() && purpose.back() == ' ')
        purpose.remove_suffix(1);
    const auto length =
        static_cast<size_t>(pg_mbstrlen_with_len(purpose.data(), static_cast<int>(purpose.size())));
    if (length < kShortestPurpose || length > kLongestPurpose)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "a purpose has 3 to 500 characters",
                .hint = "Say what the values are needed for, such as: asked by telephone, ticket 4711."});
    return purpose;
}

TimestampTz
ValidUntil(FunctionCallInfo fcinfo) {
    const Datum span = Required(fcinfo, 2, "valid_for");
    const TimestampTz now = GetCurrentTimestamp();
    const TimestampTz until =
        DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(now), span));
    if (until <= now || until > now + kLongest)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "valid_for is more than nothing, and an hour at most"});
    return until;
}

// Of an administrator the organization in which the request acts, unless he names another of his; of the back
// end the one that it names, or all.
Nullable
Organization(FunctionCallInfo fcinfo, Oid table) {
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    static Uuid organization;
    if (IsTrusted(table))
        return Argument(fcinfo, 3);
    organization = PG_ARGISNULL(3) ? caller.organization : ToUuid(PG_GETARG_DATUM(3));
    if (PG_ARGISNULL(3) && !caller.has_organization)
        organization = Uuid{};
    access::RequireAdministrator(table, organization, "read personal values");
    return FromUuid(organization);
}

void
RequireMember(const Nullable &organization, const Nullable &user, Oid table) {
    if (user.is_null || organization.is_null)
        return;
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    if (is_member.Run(Access::Write, {organization, user}) == 0)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = "the person is no member of the organization",
                .hint = "Name a member, or nobody for all of them.",
                .table = "processing_log",
                .constraint = "processing_log_user_id_member"});
}

} // namespace

bool
IsHere(const Uuid &organization, const Uuid &person) {
    static TimestampTz asked = 0;
    static Uuid last_organization, last_person;
    static bool last;
    const TimestampTz now = GetCurrentStatementStartTimestamp();
    if (asked == now && last_organization == organization && last_person == person)
        return last;
    const AsOwner owner(OwnerOf(TableOid("processing_log")));
    const SpiConnection spi;
    last = is_here.Run(Access::Read, {FromUuid(organization), FromUuid(person)}) > 0;
    last_organization = organization;
    last_person = person;
    asked = now;
    return last;
}

const char *
AnnouncedPurpose(const Uuid &organization, const Uuid &person, bool *is_open) {
    Actor actor = {};
    actor.known = access::ClaimedUser(&actor.user);
    const Oid role = GetOuterUserId();
    *is_open = false;
    if (!Covers(actor, role, organization, person) && !Look(actor, role, organization, person, is_open))
        return nullptr;
    return announced.purpose;
}

void
InitAnnouncements() {
    RegisterXactCallback(
        [](XactEvent event, void *) {
            if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PRE_PREPARE)
                announced.purpose = nullptr;
        },
        nullptr);
}

// laurel.reading_for(purpose, user_id, valid_for, organization_id)
LAUREL_FUNCTION(laurel_reading_for) {
    const std::string_view purpose = Purpose(fcinfo);
    const TimestampTz until = ValidUntil(fcinfo);
    const Oid table = TableOid("processing_log");
    const Nullable organization = Organization(fcinfo, table);
    Nullable user = Argument(fcinfo, 1);
    RequireMember(organization, user, table);
    Nullable nothing;
    LogProcessing(CurrentActor(), {.activity = "announce",
                                   .purpose = FromText(purpose),
                                   .organization = organization,
                                   .users = ArrayOf(&user.value, &user.is_null, 1, UUIDOID),
                                   .row_counts = ArrayOf(&nothing.value, &nothing.is_null, 1, INT8OID),
                                   .valid_until = TimestampTzGetDatum(until)});
    PG_RETURN_TIMESTAMPTZ(until);
}

} // namespace laurel::personal
