// Who is calling, and whom they may see.
#pragma once

#include "access/roles.h"

namespace laurel::access {

// The caller of this moment. Pointers live until the next call of CurrentCaller().
struct Caller {
    bool known = false;            // the claims name a user
    bool has_access = false;       // who is active and belongs to an active organization
    bool has_organization = false; // there is an active organization
    bool names_foreign = false;    // none, since header or claim name one that the user does not belong to
    bool platform_admin = false;
    bool sees_everyone = false; // in the active organization
    Uuid user{};
    Uuid organization{}; // the active one
    uint32 roles = 0;    // in the active organization
    const Membership *memberships = nullptr;
    int membership_count = 0;
    const Uuid *visible = nullptr; // ascending; whom a caller who does not see everyone may see
    const bool *trained = nullptr; // of each of them, whether an active beneficiary of this trainer
    int visible_count = 0;
    const int *visible_slots = nullptr; // a hash table of them: positions in `visible`, -1 where a chain ends
    uint32 visible_mask = 0;
};

// The caller by the claims and headers in force and the memberships as they are committed now (plus this
// transaction's own). Costs a comparison while nothing has changed. Never raises because of bad claims.
const Caller &CurrentCaller();

// Takes in what other sessions have changed; CurrentCaller() then knows. Call once per statement.
void NoticeChanges();

bool CanSee(const Caller &caller, const Uuid &user);

// Whether the user is an active beneficiary of this trainer; everybody is of who sees everyone.
bool Trains(const Caller &caller, const Uuid &user);
bool BelongsTo(const Caller &caller, const Uuid &organization);
bool Administers(const Caller &caller, const Uuid &organization);

// Refuses (42501) unless the caller is trusted or administers the organization.
void RequireAdministrator(Oid table, const Uuid &organization, const char *action);

// The hint of a refusal: another one where the user of the request has no access anywhere, or not to the
// organization that it names.
const char *HintOr(const char *hint);

// Raises 42501: the request names an organization to which its user has no access.
[[noreturn]] void RefuseForeign();

// Whom the claims name: the claim `sub` where it is a uuid, else the user of (iss, sub) in user_identities.
// False where there is none. Costs no look into tables for a uuid. Never raises because of bad claims.
bool ClaimedUser(Uuid *user);

// The headers of the request, as JSON, or an empty text.
const char *RequestHeaders();

// How plans depend on the caller: a number that is equal for callers whom one plan serves well.
int PlanKind(const Caller &caller);

// Remembers that plans of this session in which `function` looks at the caller were made for such a one; they
// are made anew when another kind comes.
void RememberPlans(int kind, Oid function);

void InitCaller();

} // namespace laurel::access
