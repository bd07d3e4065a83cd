// Who has said beforehand what for personal values are to be read.
#pragma once

#include "postgres/datum.h"

namespace laurel::personal {

// The purpose for which the caller reads of that person now, as a transaction that is committed says; null
// where none does. `is_open` says whether this transaction says so itself.
const char *AnnouncedPurpose(const Uuid &organization, const Uuid &person, bool *is_open);

// Whether somebody is a member and not erased, whose values those who administer may read. Asked once a
// statement of the same person.
bool IsHere(const Uuid &organization, const Uuid &person);

void InitAnnouncements();

} // namespace laurel::personal
