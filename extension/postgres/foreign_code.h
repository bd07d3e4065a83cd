// Laurel's rights run Laurel's code. While a statement acts as the owner of Laurel's tables, every function
// that it would call is looked at: of triggers, views, policies, defaults, cascades.
#pragma once

#include "pg.h"

namespace laurel {

// What the security context carries while Laurel acts as an owner; Postgres hands it on and restores it.
constexpr int kActsForLaurel = 1 << 28;

// The role in whose name foreign code is refused from now on, where the context says kActsForLaurel. For
// laurel_owner it always is, and for another owner of Laurel's tables in what foreign keys do.
void GuardRole(Oid role);

// The role in whose name Laurel acts at this moment; invalid where it is an ordinary user's own doing.
Oid ActingRole();

// From here on a function whose owner is neither a superuser nor the guarded role nor a member of it is
// refused (42501) where it would run in that role's name.
void InitForeignCode();

} // namespace laurel
