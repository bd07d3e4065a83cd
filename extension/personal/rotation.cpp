// New keys take over from older ones, and who asks which are in use. The statements name tables, which
// triggers in the catalogue say; they run as the owner of Laurel's tables.

#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::personal {

namespace {

Statement rotate_places = Statement("SELECT laurel_internal.rotate_places($1)", INT4OID).Returns(INT8OID);

Statement count_values =
    Statement("SELECT key, is_active, is_there, value_count FROM laurel_internal.count_personal_values()")
        .Returns(TEXTOID, BOOLOID, BOOLOID, INT8OID);

} // namespace

// laurel.rotate_pii_key(most_rows)
LAUREL_FUNCTION(laurel_rotate_pii_key) {
    const int32 most = DatumGetInt32(Required(fcinfo, 0, "most_rows"));
    if (most < 1)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE, .message = "most_rows is a number from 1 on"});
    const AsOwner owner(OwnerOf(TableOid("processing_log")));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    rotate_places.Run(Access::Write, {Int32GetDatum(most)});
    return Field(0, 1);
}

// laurel.pii_keys()
LAUREL_FUNCTION(laurel_pii_keys) {
    InitMaterializedSRF(fcinfo, 0);
    const AsOwner owner(OwnerOf(TableOid("processing_log")));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    ReturnRows(fcinfo, count_values.Run(Access::Write));
    return 0;
}

} // namespace laurel::personal
