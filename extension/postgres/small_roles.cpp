#include "small_roles.h"

#include "error.h"

namespace laurel {

Oid
SmallRole(const char *name) {
    const Oid role = get_role_oid(name, true);
    if (!OidIsValid(role))
        Refuse({.sqlstate = ERRCODE_UNDEFINED_OBJECT,
                .message = psprintf("role \"%s\" does not exist", name),
                .detail = "CREATE EXTENSION laurel has made it; somebody dropped it since.",
                .hint = "CREATE ROLE makes it anew; then grant it what the script of the extension does."});
    return role;
}

} // namespace laurel
