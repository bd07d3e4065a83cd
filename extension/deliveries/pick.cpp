#include "deliveries/pick.h"

#include "deliveries/pick_webhooks.h"
#include "deliveries/turns.h"
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
    Statement(R"(SELECT ctid, due_at, id, organization_id FROM ONLY laurel.notification_deliveries
        WHERE state = 'ready'
        AND channel = $1 AND priority = $2 AND due_at <= $3 AND (due_at, id) > ($4, $5)
        ORDER BY due_at, id LIMIT $6 FOR UPDATE SKIP LOCKED)",
              TEXTOID, INT2OID, TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID, INT4OID)
        .Returns(TIDOID, TIMESTAMPTZOID, UUIDOID, UUIDOID)
        .Generic();

// The same for each of several organizations, from a place and up to a number of its own.
Statement lock_oldest_of_each =
    Statement(R"(SELECT p.ctid, p.due_at, p.id, w.organization_id
        FROM ROWS FROM (pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7))
            w (organization_id, due_at, id, quota)
        CROSS JOIN LATERAL (SELECT d.ctid, d.due_at, d.id FROM ONLY laurel.notification_deliveries d
            WHERE (d.state = 'ready') IS TRUE AND d.channel = $1 AND d.priority = $2 AND d.organization_id = w.organization_id
            AND d.due_at <= $3 AND (d.due_at, d.id) > (w.due_at, w.id)
            ORDER BY d.due_at, d.id LIMIT w.quota FOR UPDATE SKIP LOCKED) p)",
              TEXTOID, INT2OID, TIMESTAMPTZOID, UUIDARRAYOID, TIMESTAMPTZARRAYOID, UUIDARRAYOID, INT4ARRAYOID)
        .Returns(TIDOID, TIMESTAMPTZOID, UUIDOID, UUIDOID)
        .Generic();

// Whether the class, which organizations have in turn, has something due.
bool
IsAnyInTurnDue(const Claim &claim, Class of) {
    Turns &turns = TurnsOf(of);
    turns.Refresh(claim, of);
    const bool is_any = turns.IsAnyDue(claim, of);
    if (!is_any)
        turns.End(of, false);
    return is_any;
}

// Marks the classes that are wanted and have something due.
void
FindHungry(const Claim &claim, kernel::Share *shares) {
    Datum columns[5][kClasses];
    int count = 0;
    for (int number = 0; number < kClasses; number++) {
        const Class of{number};
        if (!claim.wanted[of.channel()])
            continue;
        if (TurnsOf(of).is_on()) {
            shares[number].hungry = IsAnyInTurnDue(claim, of);
            continue;
        }
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
    if (count == 0)
        return;
    const uint64 found = classes_with_work.Run(Access::Write, values);
    for (uint64 row = 0; row < found; row++)
        shares[DatumGetInt32(Field(row, 1))].hungry = true;
}

Place
FoundPlace(uint64 row) {
    return {DatumGetTimestampTz(Field(row, 2)), ToUuid(Field(row, 3))};
}

// Leases to each organization what is its in this round, its oldest first.
int
LeaseRound(const Claim &claim, Class of, Turns *turns) {
    Column organizations(UUIDOID, turns->count()), dues(TIMESTAMPTZOID, turns->count()),
        ids(UUIDOID, turns->count()), quotas(INT4OID, turns->count());
    for (const Waiting &waiting : *turns) {
        if (waiting.quota == 0)
            continue;
        organizations.Add(FromUuid(waiting.organization));
        dues.Add(TimestampTzGetDatum(waiting.place.due_at));
        ids.Add(FromUuid(waiting.place.id));
        quotas.Add(Int32GetDatum(waiting.quota));
    }
    const Datum values[] = {CStringGetTextDatum(of.channel_name()),
                            Int16GetDatum(of.priority_number()),
                            TimestampTzGetDatum(claim.now),
                            organizations.Array(),
                            dues.Array(),
                            ids.Array(),
                            quotas.Array()};
    const uint64 locked = lock_oldest_of_each.Run(Access::Write, values);
    for (uint64 row = 0; row < locked; row++) {
        Waiting *waiting = turns->Find(ToUuid(Field(row, 4)));
        waiting->last_row = row;
        waiting->got++;
    }
    for (Waiting &waiting : *turns) {
        waiting.is_fed = waiting.is_fed || waiting.got < waiting.quota;
        if (waiting.got == 0)
            continue;
        waiting.place = FoundPlace(waiting.last_row);
        claim.portions->Take(of.channel(), waiting.organization, waiting.got);
    }
    return locked == 0 ? 0 : LeaseLocked(claim, locked);
}

int
LeaseInTurn(const Claim &claim, Class of, int quota) {
    Turns &turns = TurnsOf(of);
    int leased = 0, before;
    do {
        CHECK_FOR_INTERRUPTS();
        before = leased;
        turns.Refresh(claim, of);
        while (leased < quota && turns.Divide(claim, of, quota - leased))
            leased += LeaseRound(claim, of, &turns);
    } while (leased < quota && turns.NextWindow(leased > before));
    turns.End(of, leased >= quota);
    return leased;
}

// Leases what the last statement has locked, as far as its organizations may have more.
int
LeaseOldest(const Claim &claim, Class of, uint64 locked) {
    Column rows(TIDOID, locked);
    for (uint64 row = 0; row < locked; row++) {
        const Uuid organization = ToUuid(Field(row, 4));
        if (claim.portions->Left(of.channel(), organization) <= 0)
            continue;
        claim.portions->Take(of.channel(), organization);
        rows.Add(Field(row, 1));
    }
    if (static_cast<uint64>(rows.count()) == locked)
        MovePlace(of, FoundPlace(locked - 1));
    return rows.count() == 0 ? 0 : LeaseRows(claim, rows);
}

// The oldest first where the quota holds all that is due, else by turns.
int
LeaseMails(const Claim &claim, Class of, int quota) {
    if (TurnsOf(of).is_on() || claim.portions->AnySpent(of.channel())) {
        TurnsOf(of).Begin();
        return LeaseInTurn(claim, of, quota);
    }
    const Place &from = PlaceOf(of);
    const Datum values[] = {CStringGetTextDatum(of.channel_name()),
                            Int16GetDatum(of.priority_number()),
                            TimestampTzGetDatum(claim.now),
                            TimestampTzGetDatum(from.due_at),
                            FromUuid(from.id),
                            Int32GetDatum(quota + 1)};
    const uint64 locked = lock_oldest.Run(Access::Write, values);
    if (locked <= static_cast<uint64>(quota))
        return locked == 0 ? 0 : LeaseOldest(claim, of, locked);
    TurnsOf(of).Begin();
    return LeaseInTurn(claim, of, quota);
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
                                : LeaseMails(claim, of, shares[i].quota);
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
    if (reading.from_start())
        RestartTurns(claim.now, reading.is_forced());
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
