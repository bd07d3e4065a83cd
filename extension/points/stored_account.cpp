#include "points/stored_account.h"

namespace laurel::points {

StoredAccount
ReadStored(Row row) {
    StoredAccount stored = {};
    row.Next();
    row.Next();
    stored.archived = DatumGetInt64(row.Next());
    stored.departed = DatumGetBool(row.Next());
    bool is_null;
    stored.departed_no = DatumGetInt64(row.Next(&is_null));
    stored.departed_total = DatumGetInt64(row.Next(&is_null));
    const Datum hash = row.Next(&is_null);
    stored.departed_hash = HashOrNull(hash, is_null);
    stored.kept = DatumGetInt64(row.Next());
    stored.exists = DatumGetBool(row.Next());
    if (!stored.exists)
        return stored;
    stored.streak.current = DatumGetInt32(row.Next());
    stored.streak.longest = DatumGetInt32(row.Next());
    const Datum last_day = row.Next(&is_null);
    stored.streak.started = !is_null;
    stored.streak.last_day = is_null ? 0 : DatumGetDateADT(last_day);
    ReadAccount(&row, &stored.row);
    return stored;
}

} // namespace laurel::points
