// What others call a member.
#pragma once

#include "postgres/sql.h"

namespace laurel::identity {

// What a member has said for the organization of row {1}, at home else what the profile and the user say;
// null where there is nothing to say: what a guest is called at home is not told elsewhere. Over rows of
// users u, profiles f and user_organizations m.
constexpr SqlText kShownName = R"(coalesce(m.display_name, CASE WHEN u.organization_id = {1}.organization_id
            THEN coalesce(f.display_name, u.full_name) END))";

} // namespace laurel::identity
