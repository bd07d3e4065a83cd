// People and how they are recognised; shared by the files of the identity domain.
#pragma once

#include "postgres/datum.h"
#include "postgres/sql.h"

namespace laurel::identity {

// Whether laurel.users u may sign in, for SQL: active, and a member of an organization that is.
constexpr SqlText kMaySignIn = R"((u.is_active AND EXISTS (SELECT FROM ONLY laurel.user_organizations m
        JOIN ONLY laurel.organizations o ON o.id = m.organization_id WHERE m.user_id = u.id AND (o.is_active
        OR EXISTS (SELECT FROM ONLY laurel.user_roles p WHERE p.user_id = u.id AND p.role = 'platform_admin')))))";

// True where the claims name this user and the user may do something somewhere.
bool IsCaller(const Uuid &user);

// Refuses (42501) unless the caller is trusted or is that very user. `action` completes "not allowed to".
void RequireSelf(const Uuid &user, const char *action);

// Whether the user is a member of another organization than the one at home.
bool BelongsElsewhere(const Uuid &user);

// Whether the user holds the role platform_admin: in that organization, or in any where it is null.
bool IsPlatformAdministrator(const Uuid &user, const Uuid *organization = nullptr);

// True where the caller may do to platform administrators, and to people of several organizations, what only
// platform administrators may.
bool MayTouchPlatformAdministrators(Oid table);

} // namespace laurel::identity
