#include "access/roles.h"

namespace laurel::access {

namespace {

// The name under which a role is stored comes before its other names.
constexpr struct {
    const char *name;
    Role role;
} kRoles[] = {
    {"learner", kLearner},
    {"student", kLearner},
    {"user", kLearner},
    {"trainer", kTrainer},
    {"manager", kManager},
    {"org_admin", kOrgAdmin},
    {"admin", kOrgAdmin},
    {"platform_admin", kPlatformAdmin},
    {"super_admin", kPlatformAdmin},
};

} // namespace

uint32
RoleNamed(std::string_view name) {
    for (const auto &entry : kRoles)
        if (name == entry.name)
            return entry.role;
    return 0;
}

const char *
StoredRole(std::string_view name) {
    const uint32 role = RoleNamed(name);
    for (const auto &entry : kRoles)
        if (entry.role == role)
            return entry.name;
    return nullptr;
}

} // namespace laurel::access
