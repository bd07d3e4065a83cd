// Roles, and who holds them in an organization.
#pragma once

#include "postgres/datum.h"

namespace laurel::access {

enum Role : uint32 {
    kLearner = 1,
    kTrainer = 2,
    kManager = 4,
    kOrgAdmin = 8,
    kPlatformAdmin = 16,
};

// The role of that name, aliases included (student, user, admin, super_admin); 0 for any other word.
uint32 RoleNamed(std::string_view name);

// The name under which the role of that name is stored; null for a word that is none.
const char *StoredRole(std::string_view name);

// One organization the caller belongs to, and the roles held there.
struct Membership {
    Uuid organization;
    uint32 roles;
    bool is_home;
    bool is_active; // the organization
};

} // namespace laurel::access
