// That nobody is in two places is held by the EXCLUDE constraints of appointments. Inserting into them side
// by side ends in deadlocks, and what they say is of no help: so whoever takes time takes a lock of each
// one's own first, and looks whether it is free.
//
// Lock order: trainer, room, beneficiary; each is held until the transaction ends.

#include "appointments/claim.h"

#include "postgres/array.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/own_lock.h"
#include "postgres/spi.h"

namespace laurel::appointments {

namespace {

constexpr SqlText kOverlaps = R"(FROM ONLY laurel.appointments WHERE organization_id = $1 AND blocked && $5
            AND status IN ('held', 'scheduled', 'confirmed'{1}) AND id IS DISTINCT FROM $6)";

// What is in the way, of whom, and whether it is a hold that has expired.
Statement find_taken =
    Statement(Sql<R"(SELECT 1, id, coalesce(held_until <= pg_catalog.clock_timestamp(), false)
            {1} AND trainer_id = $2 AND session_id IS NULL
        UNION ALL SELECT 2, id, coalesce(held_until <= pg_catalog.clock_timestamp(), false)
            {1} AND room_id = $3 AND session_id IS NULL AND room_id IS NOT NULL
        UNION ALL SELECT 3, id, coalesce(held_until <= pg_catalog.clock_timestamp(), false)
            {2} AND beneficiary_id = $4 AND beneficiary_id IS NOT NULL)",
                  Sql<kOverlaps, "">, Sql<kOverlaps, ", 'waitlisted'">>,
              UUIDOID, UUIDOID, UUIDOID, UUIDOID, TSTZRANGEOID, UUIDOID)
        .Returns(INT4OID, UUIDOID, BOOLOID)
        .Generic();

Statement expire = Statement(R"(UPDATE ONLY laurel.appointments SET status = 'expired'
        WHERE organization_id = $1 AND id = ANY ($2) AND status = 'held' AND held_until <= pg_catalog.clock_timestamp())",
                             UUIDOID, UUIDARRAYOID);

struct Who {
    const char *constraint;
    const char *message;
    const char *hint;
};

constexpr const char *kAskSlots = "SELECT * FROM laurel.free_slots(trainer_id, from_time, until_time, "
                                  "duration) says when the trainer can be met.";
constexpr Who kWho[] = {
    {"appointments_trainer_id_excl", "the trainer is not free at that time", kAskSlots},
    {"appointments_room_id_excl", "the room is not free at that time",
     "Take another room, or a time of laurel.free_slots(trainer_id, from_time, until_time, duration)."},
    {"appointments_beneficiary_id_excl", "the beneficiary is not free at that time",
     "Cancel the other appointment first, or take another time of laurel.free_slots(trainer_id, from_time, "
     "until_time, duration)."}};

[[noreturn]] void
RefuseTaken(int32 who, Datum blocked) {
    Refuse(
        {.sqlstate = ERRCODE_EXCLUSION_VIOLATION,
         .message = kWho[who - 1].message,
         .detail = psprintf("Something else takes part of %s.", OidOutputFunctionCall(F_RANGE_OUT, blocked)),
         .hint = kWho[who - 1].hint,
         .table = "appointments",
         .constraint = kWho[who - 1].constraint});
}

void
Lock(OwnLock lock, const Nullable &whose) {
    if (!whose.is_null)
        LockUserUntilEnd(lock, DatumGetUUIDP(whose.value), ExclusiveLock);
}

} // namespace

Datum
Blocked(TimestampTz from, TimestampTz until) {
    TypeCacheEntry *type = lookup_type_cache(TSTZRANGEOID, TYPECACHE_RANGE_INFO);
    RangeBound lower = {TimestampTzGetDatum(from), false, true, true};
    RangeBound upper = {TimestampTzGetDatum(until), false, false, false};
    const bool is_none = from >= until || TIMESTAMP_NOT_FINITE(from) || TIMESTAMP_NOT_FINITE(until);
    return RangeTypePGetDatum(is_none ? make_empty_range(type) : make_range(type, &lower, &upper, false));
}

void
Take(const Claim &claim) {
    Lock(OwnLock::TrainersTime, claim.trainer);
    Lock(OwnLock::RoomsTime, claim.room);
    Lock(OwnLock::BeneficiariesTime, claim.beneficiary);
    const Nullable values[] = {claim.organization, claim.trainer, claim.room,
                               claim.beneficiary,  claim.blocked, claim.self};
    while (const uint64 count = find_taken.Run(Access::Write, values)) {
        auto *expired = NewList<Datum>(count);
        for (uint64 i = 0; i < count; i++) {
            if (!DatumGetBool(Field(i, 3)))
                RefuseTaken(DatumGetInt32(Field(i, 1)), claim.blocked);
            expired[i] = CopyUuid(ToUuid(Field(i, 2)));
        }
        if (expire.Run(Access::Write,
                       {claim.organization, ArrayOf(expired, static_cast<int>(count), UUIDOID)}) == 0)
            return; // an older snapshot shows what is gone; the constraints see what is there
        CHECK_FOR_INTERRUPTS();
    }
}

} // namespace laurel::appointments
