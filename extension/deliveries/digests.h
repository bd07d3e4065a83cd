// Digests: one message for what a user is told on a channel in a window of time.
#pragma once

#include "postgres/datum.h"

namespace laurel::deliveries {

// A notification on its way into a digest, and the window it belongs to.
struct DigestEntry {
    Uuid notification;
    Uuid organization;
    Uuid user;
    const char *channel;
    TimestampTz end;    // of the window
    TimestampTz due_at; // not before the end; later for quiet hours
};

// Puts each notification into the digest of its window, or of a later one where that is on its way already. A
// digest takes nothing any more once it was claimed, and nothing is sent before who puts something in has
// committed: each notification is in exactly one. Runs in the SPI connection that is open, as the tables'
// owner.
void JoinDigests(DigestEntry *entries, int count);

} // namespace laurel::deliveries
