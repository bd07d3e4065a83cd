// Invitations as they are stored; shared by the files that make and answer them.
#pragma once

#include "postgres/datum.h"

namespace laurel::identity {

struct Invitation {
    Uuid id;
    Uuid organization;
    bool by_address; // else by id, or the person whose address it was is gone
    bool has_user;
    Uuid user;
    bool is_pending;
    const char *status;
    bool is_over; // its time
    bool by_back_end;
    Uuid invited_by;
    bool makes_platform_admin;
    bool organization_is_active;
};

// An invitation by its token or else its id; null for the other. Locks it where `lock`. Runs in the SPI
// connection that is open, as the tables' owner. False where there is none.
bool FindInvitation(const Datum *token_hash, const Uuid *id, bool lock, Invitation *invitation);

// Refuses one that is not there (23503), or that was answered or is over (PT409), with a hint for who asks.
[[noreturn]] void RefuseUnknownInvitation(const char *hint);
void RequireOpen(const Invitation &invitation, const char *hint);

} // namespace laurel::identity
