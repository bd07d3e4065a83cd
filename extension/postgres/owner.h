// Who runs a statement: triggers write tables their caller may not, as the RI triggers do.
#pragma once

#include "pg.h"

namespace laurel {

// Acts as `owner` until the end of the scope; an error restores the caller with its (sub)transaction. What
// others have written is not run with the owner's rights: see foreign_code.h.
class AsOwner {
public:
    explicit AsOwner(Oid owner, int restrictions = 0);
    AsOwner(const AsOwner &) = delete;
    AsOwner &operator=(const AsOwner &) = delete;
    ~AsOwner() { SetUserIdAndSecContext(user_, context_); }

private:
    Oid user_;
    int context_;
};

// The table `laurel.name`, or an error that says how to create it.
Oid TableOid(const char *name, const char *schema = "laurel");

// The owner of Laurel's tables, who has migrated them; invalid where there are none.
Oid TablesOwner();

// The owner of a table.
Oid OwnerOf(Oid table);

// True where row security does not bind the caller: service_role, the owner, a superuser.
bool IsTrusted(Oid table);

} // namespace laurel
