#include "uuidv7.h"

#include "kernel/uuid7.h"
#include "postgres/bridge.h"

namespace laurel {

namespace {

constinit kernel::Uuid7State uuid_state = {};

// Random bytes fetched ahead: asking for many at once costs about as much as asking for eight.
constexpr size_t kRandomPerUuid = 8;
constinit unsigned char random_pool[kRandomPerUuid * 256] = {};
constinit size_t random_left = 0;

// Eight random bytes that nobody was given before.
const unsigned char *
NextRandom() {
    if (random_left == 0) {
        if (!pg_strong_random(random_pool, sizeof(random_pool)))
            ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
        random_left = sizeof(random_pool);
    }
    random_left -= kRandomPerUuid;
    return random_pool + random_left;
}

} // namespace

Datum
NewUuid7() {
    constexpr int64 unix_epoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
    auto *uuid = static_cast<pg_uuid_t *>(palloc(sizeof(pg_uuid_t)));
    kernel::NextUuid7(uuid_state, static_cast<uint64_t>(GetCurrentTimestamp() + unix_epoch), NextRandom(),
                      uuid->data);
    return UUIDPGetDatum(uuid);
}

// laurel.uuidv7()
LAUREL_FUNCTION(laurel_uuidv7) {
    return NewUuid7();
}

} // namespace laurel
