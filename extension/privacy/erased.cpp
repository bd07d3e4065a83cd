#include "privacy/erased.h"

#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::privacy {

namespace {

Statement find_erased("SELECT FROM ONLY laurel.erasures WHERE user_id = $1 AND everywhere LIMIT 1", UUIDOID);

Statement find_open_erasure(R"(SELECT FROM ONLY laurel.privacy_requests
        WHERE user_id = $1 AND kind = 'erasure' AND status = 'open' LIMIT 1)",
                            UUIDOID);

} // namespace

bool
IsErased(const Uuid &user) {
    const AsOwner owner(OwnerOf(TableOid("erasures")));
    const SpiConnection spi;
    return find_erased.Run(Access::Write, FromUuid(user)) > 0;
}

bool
ErasureIsOpen(const Uuid &user) {
    const AsOwner owner(OwnerOf(TableOid("privacy_requests")));
    const SpiConnection spi;
    return find_open_erasure.Run(Access::Write, FromUuid(user)) > 0;
}

} // namespace laurel::privacy
