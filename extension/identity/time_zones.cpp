#include "postgres/bridge.h"
#include "postgres/local_time.h"

namespace laurel::identity {

// laurel_internal.is_time_zone(name)
LAUREL_FUNCTION(laurel_is_time_zone) {
    PG_RETURN_BOOL(IsZoneName(ToText(PG_GETARG_DATUM(0))));
}

} // namespace laurel::identity
