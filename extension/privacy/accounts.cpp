#include "privacy/accounts.h"

#include "postgres/array.h"
#include "postgres/list.h"

namespace laurel::privacy {

namespace {

Statement list_merged = Statement(R"(WITH RECURSIVE merged (id) AS (
            SELECT from_id FROM ONLY laurel.user_merges WHERE into_id = $1
            UNION SELECT m.from_id FROM merged a JOIN ONLY laurel.user_merges m ON m.into_id = a.id)
        SELECT a.id FROM merged a WHERE NOT EXISTS (SELECT FROM ONLY laurel.users u WHERE u.id = a.id))",
                                  UUIDOID)
                            .Returns(UUIDOID);

} // namespace

Datum
Accounts::Array() const {
    auto *values = NewList<Datum>(count);
    for (uint64 i = 0; i < count; i++)
        values[i] = FromUuid(ids[i]);
    return ArrayOf(values, static_cast<int>(count), UUIDOID);
}

Accounts
AccountsOf(const Uuid &user, Access access) {
    const uint64 merged = list_merged.Run(access, FromUuid(user));
    const Accounts accounts = {NewList<Uuid>(merged + 1), merged + 1};
    accounts.ids[0] = user;
    for (uint64 i = 0; i < merged; i++)
        accounts.ids[i + 1] = ToUuid(Field(i, 1));
    return accounts;
}

} // namespace laurel::privacy
