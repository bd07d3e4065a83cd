// What people ask for about their data: who may, and how it is answered.

#include "access/caller.h"
#include "access/organization.h"
#include "identity/users.h"
#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "postgres/arguments.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::privacy {

namespace {

constexpr char kAlertsJob[] = "privacy_alerts";

// A request that waits already is the same one: of the same extent, and the person's own or not.
Statement ask = Statement(R"(INSERT INTO laurel.privacy_requests AS r
        (organization_id, user_id, kind, everywhere, reason, requested_by, due_at, erase_after)
        SELECT $1, $2, $3, $4, $5, $6, pg_catalog.now() + pg_catalog.make_interval(months => coalesce(s.answer_months, 1)),
            CASE $3 WHEN 'erasure' THEN pg_catalog.now() + pg_catalog.make_interval(days => coalesce(s.erasure_grace_days, 30)) END
        FROM (SELECT) one LEFT JOIN ONLY laurel.privacy_settings s ON s.organization_id = $1
        ON CONFLICT (organization_id, user_id, kind, everywhere, ((requested_by = user_id) IS TRUE))
        WHERE status = 'open' AND kind <> 'correction' DO UPDATE SET everywhere = r.everywhere
        RETURNING r.id, (r.organization_id, r.user_id, r.kind, r.status) = ($1, $2, $3, 'open'))",
                          UUIDOID, UUIDOID, TEXTOID, BOOLOID, TEXTOID, UUIDOID)
                    .Returns(UUIDOID, BOOLOID);

Statement find_member(R"(SELECT FROM ONLY laurel.user_organizations
        WHERE organization_id = $1 AND user_id = $2 FOR KEY SHARE)",
                      UUIDOID, UUIDOID);

Statement list_waiting =
    Statement(R"(SELECT id, organization_id, everywhere, requested_by FROM ONLY laurel.privacy_requests
        WHERE user_id = $1 AND kind = 'erasure' AND status = 'open' ORDER BY id)",
              UUIDOID)
        .Returns(UUIDOID, UUIDOID, BOOLOID, UUIDOID);

Statement cancel(
    "UPDATE ONLY laurel.privacy_requests SET status = 'cancelled' WHERE id = ANY ($1) AND status = 'open'",
    UUIDARRAYOID);

Statement find_request = Statement("SELECT organization_id, kind, user_id, everywhere, requested_by FROM "
                                   "ONLY laurel.privacy_requests WHERE id = $1",
                                   UUIDOID)
                             .Returns(UUIDOID, TEXTOID, UUIDOID, BOOLOID, UUIDOID);

Statement close_as = Statement(R"(UPDATE ONLY laurel.privacy_requests SET status = $2, answer = $3
        WHERE id = $1 AND status = 'open' RETURNING status = $2)",
                               UUIDOID, TEXTOID, TEXTOID)
                         .Returns(BOOLOID);

Statement extend =
    Statement(
        R"(UPDATE ONLY laurel.privacy_requests r SET extended_at = pg_catalog.now(), extension_reason = $2,
        due_at = due_at + pg_catalog.make_interval(months => coalesce((SELECT s.extension_months
            FROM ONLY laurel.privacy_settings s WHERE s.organization_id = r.organization_id), 2))
        WHERE id = $1 AND status = 'open' AND extended_at IS NULL AND due_at > pg_catalog.now() RETURNING due_at)",
        UUIDOID, TEXTOID)
        .Returns(TIMESTAMPTZOID);

constexpr SqlText kLateSoon = R"(r.status = 'open' AND r.alerted_at IS NULL AND r.due_at <= pg_catalog.now()
    + pg_catalog.make_interval(days => coalesce((SELECT s.alert_days FROM ONLY laurel.privacy_settings s
        WHERE s.organization_id = r.organization_id), 7)))";

Statement organizations_late =
    Statement(
        Sql<"SELECT DISTINCT r.organization_id FROM ONLY laurel.privacy_requests r WHERE {1} ORDER BY 1",
            kLateSoon>)
        .Returns(UUIDOID);

Statement alert(Sql<"UPDATE ONLY laurel.privacy_requests r SET alerted_at = pg_catalog.now() "
                    "WHERE r.organization_id = $1 AND {1}",
                    kLateSoon>,
                UUIDOID);

// Who asks, and what for.
struct Request {
    Uuid organization;
    Uuid user;
    bool everywhere;
    Nullable reason;
    bool is_erasable = true;
};

Oid
Requests() {
    return TableOid("privacy_requests");
}

constexpr const char *kAskForWhom =
    "Ask for yourself, as an org_admin of the organization for its members, or call as service_role.";
constexpr const char *kWhoTakesBack =
    "Who has asked takes it back, org_admins what one of them has asked. A person's own request they refuse "
    "instead: laurel.answer_request(id, 'why', refused => true).";

[[noreturn]] void
RefuseAsking(const char *what, const char *hint = kAskForWhom) {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = psprintf("not allowed to %s", what),
            .hint = access::HintOr(hint)});
}

[[noreturn]] void
RefuseAnswered(const char *message, const char *hint) {
    Refuse({.sqlstate = kConflict, .message = message, .hint = hint, .table = "privacy_requests"});
}

bool
IsTrustedOrPlatform(const access::Caller &caller) {
    return IsTrusted(Requests()) || (caller.known && caller.platform_admin);
}

// Where the request is made: in the organization named, else the active one for who administers it, else at
// home.
Request
RequestFor(const Uuid &user, const char *what, Nullable named, Nullable reason) {
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const bool is_above = IsTrustedOrPlatform(caller), is_self = identity::IsCaller(user);
    Request request = {{}, user, named.is_null && (is_above || is_self), reason};
    if (!named.is_null)
        request.organization = ToUuid(named.value);
    else if (request.everywhere) {
        if (!access::HomeOrganization(user, &request.organization))
            access::UnknownUser(user, "privacy_requests", "privacy_requests_user_id_fkey");
    } else if (caller.known && caller.has_organization)
        request.organization = caller.organization;
    else
        RefuseAsking(what);
    if (!is_above && !is_self && !access::Administers(caller, request.organization))
        RefuseAsking(what);
    return request;
}

// Whom nobody of the organization knows is not asked about; as the owner, with SPI open.
void
RequireMember(const Request &request, bool is_bound, const char *what) {
    if (find_member.Run(Access::Write, {FromUuid(request.organization), FromUuid(request.user)}) > 0)
        return;
    if (is_bound)
        RefuseAsking(what);
    access::UnknownUser(request.user, "privacy_requests", "privacy_requests_user_id_fkey");
}

// A platform administrator is erased by the like, or by nobody who could gain by it. As the caller.
bool
IsErasable(const Uuid &user) {
    return identity::MayTouchPlatformAdministrators(TableOid("users")) ||
           !identity::IsPlatformAdministrator(user);
}

[[noreturn]] void
RefuseErasing() {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to erase a platform administrator",
            .hint = "Ask a platform_admin, or call as service_role.",
            .table = "users"});
}

// Notes the request and returns its id, copied to the caller's memory.
Datum
Ask(const Request &request, const char *kind, const char *what) {
    const access::Caller caller = access::CurrentCaller();
    const bool is_bound = !IsTrusted(Requests());
    const MemoryContext memory = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(Requests()));
    const SpiConnection spi;
    RequireMember(request, is_bound, what);
    // Not before: who is no member is nobody to the caller.
    if (!request.is_erasable)
        RefuseErasing();
    ask.Run(Access::Write, {FromUuid(request.organization), FromUuid(request.user), CStringGetTextDatum(kind),
                            BoolGetDatum(request.everywhere), request.reason,
                            Nullable(FromUuid(caller.user), !caller.known)});
    if (RowCount() != 1 || !DatumGetBool(Field(0, 2)))
        RefuseDropped(Requests(), "a trigger dropped or changed a request");
    const Uuid id = ToUuid(Field(0, 1));
    const MemoryContext inner = MemoryContextSwitchTo(memory);
    const Datum copy = CopyUuid(id);
    MemoryContextSwitchTo(inner);
    return copy;
}

// Whether it is the platform, or the back end, that has asked for an erasure.
bool
IsOfPlatform(const Uuid &user, bool everywhere, const Nullable &by) {
    return by.is_null || (!(ToUuid(by.value) == user) &&
                          (everywhere || identity::IsPlatformAdministrator(ToUuid(by.value))));
}

// The ids of those requests that the caller may take back, of `count` that were listed.
Datum
MayCancel(uint64 count, const access::Caller &caller, bool is_above, const Uuid &user, int *may) {
    struct Waiting {
        Uuid id, organization;
        bool everywhere;
        Nullable by;
    };
    auto *waiting = NewList<Waiting>(count);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        waiting[i].id = ToUuid(row.Next());
        waiting[i].organization = ToUuid(row.Next());
        waiting[i].everywhere = DatumGetBool(row.Next());
        waiting[i].by.value = row.Next(&waiting[i].by.is_null);
    }
    auto *ids = NewList<Datum>(count);
    for (Waiting *one = waiting; one != waiting + count; one++) {
        const bool by_person = !one->by.is_null && ToUuid(one->by.value) == user;
        const bool own =
            !one->by.is_null && caller.known && caller.has_access && ToUuid(one->by.value) == caller.user;
        if (is_above || own ||
            (!by_person && access::Administers(caller, one->organization) &&
             !IsOfPlatform(user, one->everywhere, one->by)))
            ids[(*may)++] = FromUuid(one->id);
    }
    return ArrayOf(ids, *may, UUIDOID);
}

[[noreturn]] void
RefuseAnswering() {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to answer this request",
            .hint = access::HintOr(
                "org_admins answer requests of their organization, but for erasures that the platform "
                "has asked for.")});
}

// The request, of which the caller administers the organization; its kind. What the platform has asked for
// it answers itself.
std::string_view
RequireAnswerable(const Uuid &request, const access::Caller &caller, bool is_above) {
    if (find_request.Run(Access::Write, FromUuid(request)) == 0)
        RefuseAnswering();
    Row row(0);
    const Uuid organization = ToUuid(row.Next());
    const std::string_view kind = CString(ToText(row.Next()));
    const Uuid user = ToUuid(row.Next());
    const bool everywhere = DatumGetBool(row.Next());
    Nullable by;
    by.value = row.Next(&by.is_null);
    if (!is_above && (!access::Administers(caller, organization) ||
                      (kind == "erasure" && IsOfPlatform(user, everywhere, by))))
        RefuseAnswering();
    return kind;
}

void
TellAlertFailure(const Uuid &organization, const ErrorData &error) {
    jobs::NoteFailure(kAlertsJob, organization, error);
    ereport(WARNING, (errcode(error.sqlerrcode), errmsg("nobody of organization %s was told of requests: %s",
                                                        UuidText(organization), error.message)));
}

} // namespace

// laurel.erase_user(user, reason, organization)
LAUREL_FUNCTION(laurel_erase_user) {
    constexpr const char *kWhat = "ask that this person be erased";
    const Uuid user = ToUuid(Required(fcinfo, 0, "user_id", kNameTheMember));
    Request request = RequestFor(user, kWhat, Argument(fcinfo, 2), Argument(fcinfo, 1));
    request.is_erasable = IsErasable(user);
    return Ask(request, "erasure", kWhat);
}

// laurel.make_privacy_request(kind, reason, user)
LAUREL_FUNCTION(laurel_make_privacy_request) {
    constexpr const char *kWhat = "ask for this person";
    const char *kind = CString(ToText(Required(fcinfo, 0, "kind")));
    if (std::string_view(kind) != "export" && std::string_view(kind) != "correction")
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = psprintf("\"%s\" is no kind of request", kind),
                .hint = "Ask for export or correction; laurel.erase_user() asks for erasure."});
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (PG_ARGISNULL(2) && !caller.known)
        Required(fcinfo, 2, "user_id", kNameTheMember);
    const Uuid user = PG_ARGISNULL(2) ? caller.user : ToUuid(PG_GETARG_DATUM(2));
    Request request = RequestFor(user, kWhat, {}, Argument(fcinfo, 1));
    request.everywhere = false;
    return Ask(request, kind, kWhat);
}

// laurel.cancel_erasure(user)
LAUREL_FUNCTION(laurel_cancel_erasure) {
    const Uuid user = ToUuid(Required(fcinfo, 0, "user_id", kNameTheMember));
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const bool is_above = IsTrustedOrPlatform(caller), knows = is_above || identity::IsCaller(user);
    const AsOwner owner(OwnerOf(Requests()));
    const SpiConnection spi;
    const uint64 waiting = list_waiting.Run(Access::Write, FromUuid(user));
    int may = 0;
    const Datum ids = MayCancel(waiting, caller, is_above, user, &may);
    if (may == 0 && (waiting > 0 || !knows))
        RefuseAsking("take this back", kWhoTakesBack);
    const uint64 cancelled = may == 0 ? 0 : cancel.Run(Access::Write, ids);
    if (cancelled == 0)
        RefuseAnswered("there is no erasure of this person to take back",
                       "It was done or refused, or nobody has asked for it.");
    PG_RETURN_INT64(static_cast<int64>(cancelled));
}

// laurel.answer_request(request, answer, refused)
LAUREL_FUNCTION(laurel_answer_request) {
    const Uuid request = ToUuid(Required(fcinfo, 0, "request_id"));
    const bool refused = DatumGetBool(Required(fcinfo, 2, "refused"));
    if (refused)
        Required(fcinfo, 1, "answer", "A refusal says why.");
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const bool is_above = IsTrustedOrPlatform(caller);
    const AsOwner owner(OwnerOf(Requests()));
    const SpiConnection spi;
    if (RequireAnswerable(request, caller, is_above) == "erasure" && !refused)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "an erasure is not done by saying so",
                .hint = "laurel.run_erasures() does it when its time has come; refuse it, or wait."});
    const Datum status = CStringGetTextDatum(refused ? "refused" : "done");
    if (close_as.Run(Access::Write, {FromUuid(request), status, Argument(fcinfo, 1)}) == 0)
        RefuseAnswered("the request is closed",
                       "Read it again: somebody has answered it, or it was taken back.");
    if (!DatumGetBool(Field(0, 1)))
        RefuseDropped(Requests(), "a trigger changed the answer");
    PG_RETURN_VOID();
}

// laurel.extend_request(request, reason)
LAUREL_FUNCTION(laurel_extend_request) {
    const Uuid request = ToUuid(Required(fcinfo, 0, "request_id"));
    const Datum reason = Required(fcinfo, 1, "reason", "The person must be told why.");
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const bool is_above = IsTrustedOrPlatform(caller);
    const AsOwner owner(OwnerOf(Requests()));
    const SpiConnection spi;
    RequireAnswerable(request, caller, is_above);
    if (extend.Run(Access::Write, {FromUuid(request), reason}) == 0)
        RefuseAnswered("the request cannot be given more time",
                       "That is done once, before the deadline, and while nobody has answered it.");
    return Field(0, 1);
}

// laurel.alert_requests()
LAUREL_FUNCTION(laurel_alert_requests) {
    const AsOwner owner(OwnerOf(Requests()));
    const SpiConnection spi;
    const int64 told = jobs::SweepOrganizations(
        organizations_late,
        [](const Uuid &organization) { return alert.Run(Access::Write, FromUuid(organization)); },
        TellAlertFailure);
    jobs::ForgetFailures(kAlertsJob, GetCurrentTransactionStartTimestamp());
    PG_RETURN_INT64(told);
}

} // namespace laurel::privacy
