#include "buddies/organization.h"

#include "access/caller.h"
#include "postgres/arguments.h"

namespace laurel::buddies {

Uuid
ActiveOrganization(FunctionCallInfo fcinfo, int index) {
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    if (PG_ARGISNULL(index) && caller.names_foreign)
        access::RefuseForeign();
    if (PG_ARGISNULL(index) && caller.has_organization)
        return caller.organization;
    return ToUuid(
        Required(fcinfo, index, "organization_id", "Name the organization, or call on behalf of a member."));
}

} // namespace laurel::buddies
