// Takes what is a person's out of the database.
#pragma once

#include "postgres/datum.h"

namespace laurel::privacy {

// Erases a person: what one organization has, or everything where it is null, and notes it in
// laurel.erasures; `late`: what has been written since about somebody who is there already. Run as the owner,
// with SPI open. Errors: 23001 a legal hold keeps it; 39P01 a trigger of the application keeps something;
// PT409 outside READ COMMITTED.
void Erase(const Uuid &user, const Uuid *organization, bool late = false);

} // namespace laurel::privacy
