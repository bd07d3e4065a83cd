// Takes what is a person's out of the database.
#pragma once

#include "postgres/datum.h"

namespace laurel::privacy {

// Who is to be erased: what one organization has, or everything where it is null.
struct Person {
    Uuid user;
    const Uuid *organization;
};

// Erases people, all or none, and notes them in laurel.erasures; texts of an organization are looked through
// once for all of them. `late`: what has been written since about people who are there already. Run as the
// owner, with SPI open. Errors: 23001 a legal hold keeps something; 39P01 a trigger of the application does;
// PT409 outside READ COMMITTED.
void Erase(const Person *people, uint64 count, bool late = false);

} // namespace laurel::privacy
