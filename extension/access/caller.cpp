#include "access/caller.h"

#include "access/caller_memory.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

extern "C" {
#include "executor/executor.h"
}

namespace laurel::access {

namespace {

constexpr int kNoPlans = -1;
constexpr int kEveryone = 255;

constexpr const char *kNameAnother =
    "Name one of your own in the header x-organization-id or the claim org_id, or none "
    "for the home organization.";

constexpr const char *kNoAccess = "The user is not there, not active, or in no organization that is active.";

// The server's own variables of the two settings: only it may write them, or it forgets to free what they
// held.
constinit char *claims_variable = nullptr;
constinit char *headers_variable = nullptr;

constinit ExecutorFinish_hook_type earlier_finish_hook = nullptr;
constinit const char *claims_setting = nullptr;
constinit const char *headers_setting = nullptr;
constinit CallerEntry *claims_entry = nullptr; // of the claims in force, once this session has met them
constinit uint64 stamp = 1;                    // moves whenever the caller may have changed
constinit uint64 resolved_stamp = 0;           // of `current`
constinit Caller current;
constinit bool provisional = false; // resolved inside a parallel query, from a snapshot that may be old
constinit TimestampTz noticed_at = 0;
constinit int planned_kind = kNoPlans;
constinit bool unsettled = false; // whether those plans fit the caller is found out when the statement ends
constinit Oid can_see_function = InvalidOid; // stands in those plans

const char *
Claims() {
    return claims_setting != nullptr ? claims_setting : "";
}

// The organization that the header x-organization-id names, as the headers in force say, once it was read.
constinit NamedOrganization header = {};
constinit bool header_read = false;

// The header comes before the claim.
const NamedOrganization &
NamedBy(const CallerEntry &entry) {
    if (!header_read)
        header = ReadNamed(headers_setting, "x-organization-id");
    header_read = true;
    return header.present ? header : entry.named;
}

const Membership *
FindMembership(const Membership *memberships, int count, const Uuid &organization) {
    const Membership *end = memberships + count;
    const Membership *found =
        std::lower_bound(memberships, end, organization,
                         [](const Membership &m, const Uuid &wanted) { return m.organization < wanted; });
    return found != end && found->organization == organization ? found : nullptr;
}

const Membership *
HomeOf(const CallerEntry &entry) {
    for (int i = 0; i < entry.membership_count; i++)
        if (entry.memberships[i].is_home)
            return &entry.memberships[i];
    return nullptr;
}

// The active organization: the one that header or claim name, else the home organization.
void
ChooseOrganization(const CallerEntry &entry, const NamedOrganization &named, Caller *caller) {
    const Membership *membership =
        named.present ? FindMembership(entry.memberships, entry.membership_count, named.organization)
                      : HomeOf(entry);
    caller->has_organization = membership != nullptr || (named.present && entry.platform_admin);
    caller->organization = membership != nullptr ? membership->organization : named.organization;
    caller->roles = membership != nullptr ? membership->roles : 0;
}

bool
NamesForeign(const CallerEntry &entry, const NamedOrganization &named) {
    if (!entry.known || !named.present)
        return false;
    if (!named.is_uuid)
        return true;
    return !entry.platform_admin &&
           FindMembership(entry.memberships, entry.membership_count, named.organization) == nullptr;
}

// Who names an organization of others is nobody: what the request says cannot be done anywhere else.
Caller
Describe(const CallerEntry &entry) {
    Caller caller;
    caller.known = entry.known;
    caller.user = entry.user;
    caller.has_access = entry.platform_admin || entry.membership_count > 0;
    const NamedOrganization &named = NamedBy(entry);
    caller.names_foreign = NamesForeign(entry, named);
    if (caller.names_foreign)
        return caller;
    caller.platform_admin = entry.platform_admin;
    caller.memberships = entry.memberships;
    caller.membership_count = entry.membership_count;
    ChooseOrganization(entry, named, &caller);
    if (entry.platform_admin)
        caller.roles |= kPlatformAdmin;
    caller.sees_everyone = caller.has_organization && (caller.roles & (kOrgAdmin | kPlatformAdmin)) != 0;
    return caller;
}

void
Resolve() {
    const uint64 resolving = stamp;
    current = Caller();
    if (*Claims() != '\0') {
        CallerEntry *entry = LoadedEntry(claims_entry, Claims());
        claims_entry = entry;
        Caller caller = Describe(*entry);
        if (caller.has_organization && !caller.sees_everyone) {
            LoadVisible(entry, caller.organization, caller.roles);
            caller.visible = entry->visible;
            caller.trained = entry->trained;
            caller.visible_count = entry->visible_count;
            caller.visible_slots = entry->visible_slots;
            caller.visible_mask = entry->visible_mask;
        }
        current = caller;
        provisional = IsInParallelMode();
    }
    resolved_stamp = resolving;
}

// The plan kind of the caller that the settings name, as far as memory knows; kNoPlans where it does not.
int
RememberedKind() {
    const CallerEntry *entry = claims_entry;
    if (entry == nullptr || !IsFresh(*entry))
        return kNoPlans;
    Caller caller = Describe(*entry);
    if (caller.has_organization && !caller.sees_everyone) {
        if (!entry->has_visible || !(entry->visible_organization == caller.organization))
            return kNoPlans;
        caller.visible_count = entry->visible_count;
    }
    return PlanKind(caller);
}

// Marks the cached plans of this session that call `function` as to be made anew.
void
DropPlansOf(Oid function) {
    if (OidIsValid(function))
        CallSyscacheCallbacks(PROCOID, GetSysCacheHashValue1(PROCOID, ObjectIdGetDatum(function)));
}

void
DropPlans() {
    planned_kind = kNoPlans;
    DropPlansOf(can_see_function);
}

// Whoever calls now is found out when somebody asks. Plans made for another kind of caller are dropped at
// once; where the kind is not known, a setting that a statement has changed is looked into when that
// statement ends.
void
CallerMayHaveChanged(bool within_statement) {
    stamp++;
    unsettled = false;
    if (planned_kind == kNoPlans || *Claims() == '\0')
        return;
    const int kind = RememberedKind();
    if (kind == kNoPlans && within_statement)
        unsettled = true;
    else if (kind != planned_kind)
        DropPlans();
}

void
SettleCaller() {
    unsettled = false;
    NoticeChanges();
    if (planned_kind != kNoPlans && PlanKind(CurrentCaller()) != planned_kind)
        DropPlans();
}

void
FinishExecutor(QueryDesc *query) {
    if (earlier_finish_hook != nullptr)
        earlier_finish_hook(query);
    else
        standard_ExecutorFinish(query);
    if (unsettled)
        boundary([] { SettleCaller(); });
}

void
AssignClaims(const char *value, void *) {
    claims_setting = value;
    claims_entry = *Claims() == '\0' ? nullptr : FindEntry(Claims());
    CallerMayHaveChanged(ActiveSnapshotSet());
}

void
AssignHeaders(const char *value, void *) {
    headers_setting = value;
    header_read = false;
    CallerMayHaveChanged(ActiveSnapshotSet());
}

// Where the user stands in the list of visible ones; below zero where not.
int
PlaceOf(const Caller &caller, const Uuid &user) {
    if (caller.visible_count == 0)
        return -1;
    for (uint32 slot = VisibleSlot(user, caller.visible_mask);; slot = (slot + 1) & caller.visible_mask) {
        const int place = caller.visible_slots[slot];
        if (place < 0 || caller.visible[place] == user)
            return place;
    }
}

// True at the first call of an execution, and at the first of a statement where the execution outlives one.
bool
FirstInStatement(FunctionCallInfo fcinfo) {
    if (fcinfo->flinfo->fn_extra != nullptr && noticed_at == GetCurrentStatementStartTimestamp())
        return false;
    fcinfo->flinfo->fn_extra = &current;
    return true;
}

} // namespace

const Caller &
CurrentCaller() {
    if (resolved_stamp != stamp)
        Resolve();
    return current;
}

const char *
RequestHeaders() {
    return headers_setting == nullptr ? "" : headers_setting;
}

void
NoticeChanges() {
    AcceptInvalidationMessages();
    noticed_at = GetCurrentStatementStartTimestamp();
    if (provisional && !IsInParallelMode()) {
        provisional = false;
        CallerMayHaveChanged(false);
    }
}

bool
CanSee(const Caller &caller, const Uuid &user) {
    return caller.sees_everyone || PlaceOf(caller, user) >= 0;
}

bool
Trains(const Caller &caller, const Uuid &user) {
    if (caller.sees_everyone)
        return true;
    const int place = PlaceOf(caller, user);
    return place >= 0 && caller.trained[place];
}

bool
BelongsTo(const Caller &caller, const Uuid &organization) {
    return caller.platform_admin ||
           FindMembership(caller.memberships, caller.membership_count, organization) != nullptr;
}

bool
Administers(const Caller &caller, const Uuid &organization) {
    if (caller.platform_admin)
        return true;
    const Membership *membership = FindMembership(caller.memberships, caller.membership_count, organization);
    return membership != nullptr && (membership->roles & kOrgAdmin) != 0;
}

void
RequireAdministrator(Oid table, const Uuid &organization, const char *action) {
    NoticeChanges();
    if (IsTrusted(table) || Administers(CurrentCaller(), organization))
        return;
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = psprintf("not allowed to %s", action),
            .hint = HintOr("Ask an org_admin of the organization, or call as service_role.")});
}

const char *
HintOr(const char *hint) {
    const Caller &caller = CurrentCaller();
    if (caller.known && !caller.has_access)
        return kNoAccess;
    return caller.names_foreign ? kNameAnother : hint;
}

void
RefuseForeign() {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = CurrentCaller().has_access
                           ? "the request names an organization that its user does not belong to"
                           : "the request is made by a user who has no access",
            .hint = HintOr(nullptr)});
}

bool
ClaimedUser(Uuid *user) {
    char text[64];
    size_t length = 0;
    const kernel::ClaimState state = kernel::ReadClaim(Claims(), "sub", text, sizeof(text), &length);
    if (state == kernel::ClaimState::Missing)
        return false;
    if (state == kernel::ClaimState::Valid && kernel::ParseUuid({text, length}, user->bytes))
        return true;
    NoticeChanges();
    *user = CurrentCaller().user;
    return CurrentCaller().known;
}

int
PlanKind(const Caller &caller) {
    return caller.sees_everyone ? kEveryone : std::bit_width(static_cast<unsigned>(caller.visible_count)) / 3;
}

void
RememberPlans(int kind, Oid function) {
    planned_kind = kind;
    can_see_function = function;
}

void
InitCaller() {
    InitCallerMemory([] { CallerMayHaveChanged(false); });
    earlier_finish_hook = ExecutorFinish_hook;
    ExecutorFinish_hook = FinishExecutor;
    DefineCustomStringVariable("request.jwt.claims", "Claims of the request, as JSON.",
                               "Set by PostgREST and its like; laurel.uid() and laurel.org_id() read it.",
                               &claims_variable, "", PGC_USERSET, GUC_NOT_IN_SAMPLE, nullptr, AssignClaims,
                               nullptr);
    DefineCustomStringVariable("request.headers", "Headers of the request, as JSON.",
                               "laurel.org_id() reads x-organization-id.", &headers_variable, "", PGC_USERSET,
                               GUC_NOT_IN_SAMPLE, nullptr, AssignHeaders, nullptr);
}

// laurel.uid()
LAUREL_FUNCTION(laurel_uid) {
    Uuid user;
    if (!ClaimedUser(&user))
        PG_RETURN_NULL();
    return CopyUuid(user);
}

// laurel_internal.me(): laurel.uid() for policies, which must not raise and know active members only.
LAUREL_FUNCTION(laurel_me) {
    if (FirstInStatement(fcinfo))
        NoticeChanges();
    const Caller &caller = CurrentCaller();
    if (!caller.known || caller.membership_count == 0)
        PG_RETURN_NULL();
    return CopyUuid(caller.user);
}

// laurel.org_id(): evaluated per row in full scans, so it looks at other sessions' changes once per
// statement, and copies its answer once per execution. Whoever holds an earlier answer keeps it.
LAUREL_FUNCTION(laurel_org_id) {
    auto *answer = static_cast<Uuid *>(fcinfo->flinfo->fn_extra);
    if (answer == nullptr || noticed_at != GetCurrentStatementStartTimestamp())
        NoticeChanges();
    const Caller &caller = CurrentCaller();
    if (!caller.has_organization)
        PG_RETURN_NULL();
    if (answer == nullptr || !(*answer == caller.organization)) {
        answer = static_cast<Uuid *>(MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(Uuid)));
        *answer = caller.organization;
        fcinfo->flinfo->fn_extra = answer;
    }
    PG_RETURN_POINTER(answer);
}

// laurel_internal.can_see(user): the row-visibility function of the policies.
LAUREL_FUNCTION(laurel_can_see) {
    if (FirstInStatement(fcinfo))
        NoticeChanges();
    const Caller &caller = CurrentCaller();
    if (PG_ARGISNULL(0))
        PG_RETURN_BOOL(caller.sees_everyone);
    PG_RETURN_BOOL(CanSee(caller, *reinterpret_cast<const Uuid *>(PG_GETARG_UUID_P(0))));
}

// laurel_internal.trains(user): which of those a trainer sees are the own beneficiaries.
LAUREL_FUNCTION(laurel_trains) {
    if (FirstInStatement(fcinfo))
        NoticeChanges();
    PG_RETURN_BOOL(Trains(CurrentCaller(), *reinterpret_cast<const Uuid *>(PG_GETARG_UUID_P(0))));
}

// laurel.member_of(organization)
LAUREL_FUNCTION(laurel_member_of) {
    NoticeChanges();
    PG_RETURN_BOOL(BelongsTo(CurrentCaller(), ToUuid(PG_GETARG_DATUM(0))));
}

// laurel.administers(organization)
LAUREL_FUNCTION(laurel_administers) {
    if (FirstInStatement(fcinfo))
        NoticeChanges();
    PG_RETURN_BOOL(Administers(CurrentCaller(), ToUuid(PG_GETARG_DATUM(0))));
}

// laurel.has_role(role): in the active organization.
LAUREL_FUNCTION(laurel_has_role) {
    NoticeChanges();
    PG_RETURN_BOOL((CurrentCaller().roles & RoleNamed(ToText(PG_GETARG_DATUM(0)))) != 0);
}

} // namespace laurel::access
