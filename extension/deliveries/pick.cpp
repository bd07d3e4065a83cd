#include "deliveries/pick.h"

#include "deliveries/pick_webhooks.h"
#include "kernel/shares.h"
#include "postgres/array.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

// Critical ones go first; the others share what room is left, so that none of them waits for ever.
constexpr int kWeights[kPriorities] = {1, 6, 3, 1};

// The number of each class that has something due after its place.
Statement classes_with_work =
    Statement(
        R"(SELECT c.number FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),
            pg_catalog.unnest($5), pg_catalog.unnest($6)) c (number, channel, priority, due_at, id)
        CROSS JOIN LATERAL (SELECT FROM ONLY laurel.notification_deliveries d WHERE d.state = 'ready'
            AND d.channel = c.channel AND d.priority = c.priority AND d.due_at <= $1 AND (d.due_at, d.id) >
        (c.due_at, c.id)
            LIMIT 1) due)",
        TIMESTAMPTZOID, INT4ARRAYOID, TEXTARRAYOID, INT2ARRAYOID, TIMESTAMPTZARRAYOID, UUIDARRAYOID)
        .Returns(INT4OID)
        .Generic();

// The lock for update keeps off digests that somebody is putting something into.
Statement lock_oldest =
    Statement(R"(SELECT ctid, due_at, id FROM ONLY laurel.notification_deliveries WHERE state = 'ready'
        AND channel = $1 AND priority = $2 AND due_at <= $3 AND (due_at, id) > ($4, $5)
        ORDER BY due_at, id LIMIT $6 FOR UPDATE SKIP LOCKED)",
              TEXTOID, INT2OID, TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID, INT4OID)
        .Returns(TIDOID, TIMESTAMPTZOID, UUIDOID)
        .Generic();

// Marks the classes that are wanted and have something due.
void
FindHungry(const Claim &claim, kernel::Share *shares) {
    Datum columns[5][kClasses];
    int count = 0;
    for (int number = 0; number < kClasses; number++) {
        const Class of{number};
        if (!claim.wanted[of.channel()])
            continue;
        const Place &place = PlaceOf(of);
        const Datum row[] = {Int32GetDatum(number), CStringGetTextDatum(of.channel_name()),
                             Int16GetDatum(of.priority_number()), TimestampTzGetDatum(place.due_at),
                             FromUuid(place.id)};
        for (int column = 0; column < 5; column++)
            columns[column][count] = row[column];
        count++;
    }
    const Datum values[] = {TimestampTzGetDatum(claim.now),
                            ArrayOf(columns[0], count, INT4OID),
                            ArrayOf(columns[1], count, TEXTOID),
                            ArrayOf(columns[2], count, INT2OID),
                            ArrayOf(columns[3], count, TIMESTAMPTZOID),
                            ArrayOf(columns[4], count, UUIDOID)};
    const uint64 found = classes_with_work.Run(Access::Write, values);
    for (uint64 row = 0; row < found; row++)
        shares[DatumGetInt32(Field(row, 1))].hungry = true;
}

int
LeaseOldest(const Claim &claim, Class of, int quota) {
    const Place &from = PlaceOf(of);
    const Datum values[] = {CStringGetTextDatum(of.channel_name()),
                            Int16GetDatum(of.priority_number()),
                            TimestampTzGetDatum(claim.now),
                            TimestampTzGetDatum(from.due_at),
                            FromUuid(from.id),
                            Int32GetDatum(quota)};
    const uint64 locked = lock_oldest.Run(Access::Write, values);
    if (locked == 0)
        return 0;
    MovePlace(of, {DatumGetTimestampTz(Field(locked - 1, 2)), ToUuid(Field(locked - 1, 3))});
    return LeaseLocked(claim, locked);
}

// Divides the room among the hungry classes until it is full or they are fed.
int
ShareOut(const Claim &claim, int first, kernel::Share *shares, int count, int room) {
    int leased = 0;
    const auto is_hungry = [](const kernel::Share &share) { return share.hungry; };
    while (leased < room && std::any_of(shares, shares + count, is_hungry)) {
        kernel::Divide(shares, static_cast<size_t>(count), room - leased);
        for (int i = 0; i < count; i++) {
            if (shares[i].quota == 0)
                continue;
            const Class of{first + i};
            const int got = of.channel() == notifications::kWebhook
                                ? LeaseWebhooks(claim, of, shares[i].quota)
                                : LeaseOldest(claim, of, shares[i].quota);
            shares[i].hungry = got == shares[i].quota;
            leased += got;
        }
    }
    return leased;
}

int
LeaseFromPlaces(const Claim &claim, const Reading &reading, int room) {
    kernel::Share shares[kClasses];
    for (int number = 0; number < kClasses; number++)
        shares[number] = {kWeights[Class{number}.priority()], false, 0};
    FindHungry(claim, shares);
    reading.Done();
    const int critical = ShareOut(claim, 0, shares, notifications::kChannels, room);
    return critical + ShareOut(claim, notifications::kChannels, shares + notifications::kChannels,
                               kClasses - notifications::kChannels, room - critical);
}

} // namespace

int
LeaseDue(const Claim &claim, int room) {
    const Reading reading(claim.now, false);
    const int leased = LeaseFromPlaces(claim, reading, room);
    if (leased == room || reading.from_start())
        return leased;
    const Reading again(claim.now, true);
    return again.from_start() ? leased + LeaseFromPlaces(claim, again, room - leased) : leased;
}

} // namespace laurel::deliveries
