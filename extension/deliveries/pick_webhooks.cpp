#include "deliveries/pick_webhooks.h"

#include "deliveries/endpoint_rates.h"
#include "deliveries/turns.h"
#include "postgres/array.h"
#include "postgres/column.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

// How many webhooks are looked at, at least: of all, and of an organization.
constexpr int kLeastLook = 64;
constexpr int kLeastLookOfEach = 8;

Statement oldest_due =
    Statement(
        R"(SELECT d.due_at, d.id, d.endpoint_id, d.organization_id FROM ONLY laurel.notification_deliveries d
        WHERE d.state = 'ready' AND d.channel = 'webhook' AND d.priority = $1 AND d.due_at <= $2
        AND (d.due_at, d.id) > ($3, $4) ORDER BY d.due_at, d.id LIMIT $5)",
        INT2OID, TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID, INT4OID)
        .Returns(TIMESTAMPTZOID, UUIDOID, UUIDOID, UUIDOID)
        .Generic();

Statement lock_rows = Statement(R"(SELECT d.ctid FROM pg_catalog.unnest($1) r (id) CROSS JOIN LATERAL
        (SELECT p.ctid FROM ONLY laurel.notification_deliveries p WHERE p.id = r.id AND
        (p.state = 'ready') IS TRUE
            LIMIT 1 FOR UPDATE SKIP LOCKED) d)",
                                UUIDARRAYOID)
                          .Returns(TIDOID)
                          .Generic();

// The oldest of each organization, from a place and up to a number of its own.
Statement oldest_of_each =
    Statement(R"(SELECT p.due_at, p.id, p.endpoint_id, w.organization_id
        FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6))
            w (organization_id, due_at, id, most)
        CROSS JOIN LATERAL (SELECT d.due_at, d.id, d.endpoint_id FROM ONLY laurel.notification_deliveries d
            WHERE (d.state = 'ready') IS TRUE AND d.channel = 'webhook' AND d.priority = $1
            AND d.organization_id = w.organization_id AND d.due_at <= $2 AND (d.due_at, d.id) > (w.due_at, w.id)
            ORDER BY d.due_at, d.id LIMIT w.most) p)",
              INT2OID, TIMESTAMPTZOID, UUIDARRAYOID, TIMESTAMPTZARRAYOID, UUIDARRAYOID, INT4ARRAYOID)
        .Returns(TIMESTAMPTZOID, UUIDOID, UUIDOID, UUIDOID)
        .Generic();

// Endpoints that have as many under way as they take, this claim's included, whose lease is not written yet.
constexpr SqlText kFull = Sql<
    R"(SELECT e.id FROM (SELECT token FROM ONLY laurel.delivery_leases UNION ALL SELECT $5) l
            JOIN ONLY laurel.notification_deliveries d ON d.state = 'leased' AND d.lease_token = l.token
            JOIN ONLY laurel.webhook_endpoints e ON e.id = d.endpoint_id
            JOIN ONLY laurel.organizations o ON o.id = e.organization_id
            GROUP BY e.id, o.id HAVING pg_catalog.count(*) >= {1})",
    kConcurrency>;

// The oldest that endpoints of an organization have room for, up to a number for each organization.
Statement oldest_with_room = Statement(Sql<R"(SELECT p.due_at, p.id, p.endpoint_id, w.organization_id
        FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4)) w (organization_id, most)
        CROSS JOIN LATERAL (SELECT o.due_at, o.id, e.id AS endpoint_id FROM ONLY laurel.webhook_endpoints e
            CROSS JOIN LATERAL (SELECT d.due_at, d.id FROM ONLY laurel.notification_deliveries d
                WHERE d.state = 'ready' AND d.endpoint_id = e.id AND d.priority = $1 AND d.due_at <= $2
                ORDER BY d.due_at, d.id LIMIT least(w.most, e.max_concurrency)) o
            WHERE e.organization_id = w.organization_id AND (e.rate_per_second IS NULL OR {1} >= 1)
            AND e.id <> ALL (ARRAY({2})) ORDER BY o.due_at, o.id LIMIT w.most) p)",
                                           kTokens, kFull>,
                                       INT2OID, TIMESTAMPTZOID, UUIDARRAYOID, INT4ARRAYOID, UUIDOID)
                                 .Returns(TIMESTAMPTZOID, UUIDOID, UUIDOID, UUIDOID)
                                 .Generic();

// A webhook that could be taken.
struct Candidate {
    Place place;
    Uuid endpoint;
    Uuid organization;
    bool is_taken = false;
};

struct Candidates {
    Candidate *list;
    int count;
};

// Which organization has the first turn.
constinit uint32 first_turn = 0;

Candidates
ReadCandidates(uint64 count) {
    Candidates found = {NewList<Candidate>(count), static_cast<int>(count)};
    for (uint64 row = 0; row < count; row++)
        found.list[row] = {{DatumGetTimestampTz(Field(row, 1)), ToUuid(Field(row, 2))},
                           ToUuid(Field(row, 3)),
                           ToUuid(Field(row, 4))};
    return found;
}

Candidates
OldestDue(const Claim &claim, Class of, int count) {
    const Place &place = PlaceOf(of);
    const Datum values[] = {Int16GetDatum(of.priority_number()), TimestampTzGetDatum(claim.now),
                            TimestampTzGetDatum(place.due_at), FromUuid(place.id), Int32GetDatum(count)};
    return ReadCandidates(oldest_due.Run(Access::Write, values));
}

// How many of an organization's webhooks are looked at, of which some may go to endpoints that are busy.
int
LookedAt(const Waiting &waiting) {
    return std::max(2 * waiting.quota, kLeastLookOfEach);
}

Candidates
OldestOfEach(const Claim &claim, Class of, const Turns &turns) {
    Column organizations(UUIDOID, turns.count()), dues(TIMESTAMPTZOID, turns.count()),
        ids(UUIDOID, turns.count()), most(INT4OID, turns.count());
    for (const Waiting &waiting : turns) {
        if (waiting.quota == 0)
            continue;
        organizations.Add(FromUuid(waiting.organization));
        dues.Add(TimestampTzGetDatum(waiting.place.due_at));
        ids.Add(FromUuid(waiting.place.id));
        most.Add(Int32GetDatum(LookedAt(waiting)));
    }
    const Datum values[] = {Int16GetDatum(of.priority_number()),
                            TimestampTzGetDatum(claim.now),
                            organizations.Array(),
                            dues.Array(),
                            ids.Array(),
                            most.Array()};
    return ReadCandidates(oldest_of_each.Run(Access::Write, values));
}

// The endpoints of the candidates, each once, with no room yet.
Rooms
EndpointsOf(const Candidates &candidates) {
    Rooms rooms = {NewList<Room>(candidates.count), 0};
    for (int i = 0; i < candidates.count; i++)
        rooms.list[rooms.count++] = {.endpoint = candidates.list[i].endpoint};
    std::sort(rooms.list, rooms.list + rooms.count,
              [](const Room &a, const Room &b) { return a.endpoint < b.endpoint; });
    rooms.count =
        static_cast<int>(std::unique(rooms.list, rooms.list + rooms.count,
                                     [](const Room &a, const Room &b) { return a.endpoint == b.endpoint; }) -
                         rooms.list);
    return rooms;
}

// The candidates of one organization, in their order, as indexes from `next` to before `end`, and how many of
// them it may have.
struct Line {
    int next;
    int end;
    int quota;
};

// What an organization may have of a round; any number where there are no turns.
int
QuotaOf(const Uuid &organization, Turns *turns) {
    if (turns == nullptr)
        return PG_INT32_MAX;
    const Waiting *waiting = turns->Find(organization);
    return waiting->quota - waiting->got;
}

// The candidates organization by organization; *order are their indexes.
Line *
LinesOf(const Candidates &candidates, Turns *turns, int *order, int *count) {
    const auto is_before = [&](int a, int b) {
        const Candidate &one = candidates.list[a], &other = candidates.list[b];
        return one.organization == other.organization ? a < b : one.organization < other.organization;
    };
    auto *lines = NewList<Line>(candidates.count);
    for (int i = 0; i < candidates.count; i++)
        order[i] = i;
    std::sort(order, order + candidates.count, is_before);
    *count = 0;
    for (int i = 0; i < candidates.count; i++) {
        const bool is_new =
            i == 0 || !(candidates.list[order[i]].organization == candidates.list[order[i - 1]].organization);
        if (is_new)
            lines[(*count)++] = {i, i, QuotaOf(candidates.list[order[i]].organization, turns)};
        lines[*count - 1].end = i + 1;
    }
    return lines;
}

// Takes the next candidate of the line whose endpoint has room, while the organization may have more; false
// where there is none.
bool
TakeNext(const Claim &claim, const Candidates &candidates, const Rooms &rooms, const int *order, Line *line) {
    for (; line->next < line->end && line->quota > 0; line->next++) {
        Candidate &candidate = candidates.list[order[line->next]];
        Room *room = rooms.Find(candidate.endpoint);
        if (claim.portions->Left(notifications::kWebhook, candidate.organization) <= 0)
            return false;
        if (room->left <= 0)
            continue;
        room->left--;
        room->taken++;
        candidate.is_taken = true;
        claim.portions->Take(notifications::kWebhook, candidate.organization);
        line->next++;
        line->quota--;
        return true;
    }
    return false;
}

// Chooses up to `room` candidates: one of each organization in turn, its oldest that its endpoint has room
// for.
int
Choose(const Claim &claim, const Candidates &candidates, const Rooms &rooms, int room, Turns *turns) {
    int count;
    auto *order = NewList<int>(candidates.count);
    Line *lines = LinesOf(candidates, turns, order, &count);
    const uint32 first = first_turn++;
    int taken = 0, before;
    do {
        before = taken;
        for (int i = 0; i < count && taken < room; i++)
            taken += TakeNext(claim, candidates, rooms, order,
                              &lines[(first + static_cast<uint32>(i)) % static_cast<uint32>(count)]);
    } while (taken < room && taken > before);
    return taken;
}

// Leases those candidates that are chosen, in turns where there are any.
int
LeaseChosen(const Claim &claim, const Candidates &candidates, int room, Turns *turns = nullptr) {
    if (candidates.count == 0)
        return 0;
    const Rooms rooms = EndpointsOf(candidates);
    Measure(claim, rooms);
    Column ids(UUIDOID, candidates.count);
    if (Choose(claim, candidates, rooms, room, turns) == 0)
        return 0;
    for (int i = 0; i < candidates.count; i++) {
        const Candidate &candidate = candidates.list[i];
        if (!candidate.is_taken)
            continue;
        ids.Add(FromUuid(candidate.place.id));
        if (turns != nullptr)
            turns->Find(candidate.organization)->got++;
    }
    Spend(claim, rooms);
    const uint64 locked = lock_rows.Run(Access::Write, ids.Array());
    claim.has_webhooks = claim.has_webhooks || locked > 0;
    return locked == 0 ? 0 : LeaseLocked(claim, locked);
}

// Where reading goes on: after those that were taken one after the other.
Place
PlaceAfter(const Candidate *first, const Candidate *last, Place place) {
    for (; first < last && first->is_taken; first++)
        place = first->place;
    return place;
}

// Moves the organizations' places on, and notes of which all that is due was seen. Candidates stand together
// by organization.
void
NoteSeen(const Candidates &candidates, Turns *turns) {
    const Candidate *end = candidates.list + candidates.count;
    for (Waiting &waiting : *turns)
        waiting.is_fed = waiting.is_fed || waiting.quota > 0;
    for (const Candidate *first = candidates.list; first < end;) {
        Waiting *waiting = turns->Find(first->organization);
        const Candidate *last = std::find_if(
            first, end, [&](const Candidate &c) { return !(c.organization == waiting->organization); });
        waiting->place = PlaceAfter(first, last, waiting->place);
        waiting->is_fed = last - first < LookedAt(*waiting) &&
                          std::all_of(first, last, [](const Candidate &c) { return c.is_taken; });
        first = last;
    }
}

// What endpoints with room have for those organizations whose oldest are for busy ones.
Candidates
OldestWithRoom(const Claim &claim, Class of, const Turns &turns) {
    Column organizations(UUIDOID, turns.count()), most(INT4OID, turns.count());
    for (const Waiting &waiting : turns) {
        if (waiting.is_fed || waiting.got == waiting.quota ||
            claim.portions->Left(notifications::kWebhook, waiting.organization) <= 0)
            continue;
        organizations.Add(FromUuid(waiting.organization));
        most.Add(Int32GetDatum(waiting.quota - waiting.got));
    }
    if (organizations.count() == 0)
        return {nullptr, 0};
    const Datum values[] = {Int16GetDatum(of.priority_number()), TimestampTzGetDatum(claim.now),
                            organizations.Array(), most.Array(), FromUuid(claim.token)};
    return ReadCandidates(oldest_with_room.Run(Access::Write, values));
}

// Leases to each organization what is its in this round. One that cannot take all of it leaves the rest of
// the pass to others.
int
LeaseRound(const Claim &claim, Class of, int room, Turns *turns) {
    const Candidates oldest = OldestOfEach(claim, of, *turns);
    int leased = LeaseChosen(claim, oldest, room, turns);
    NoteSeen(oldest, turns);
    leased += LeaseChosen(claim, OldestWithRoom(claim, of, *turns), room - leased, turns);
    for (Waiting &waiting : *turns)
        waiting.is_done = waiting.is_done || waiting.got < waiting.quota;
    return leased;
}

int
LeaseWebhooksInTurn(const Claim &claim, Class of, int quota) {
    Turns &turns = TurnsOf(of);
    int leased = 0, before;
    do {
        CHECK_FOR_INTERRUPTS();
        before = leased;
        turns.Refresh(claim, of);
        while (leased < quota && turns.Divide(claim, of, quota - leased))
            leased += LeaseRound(claim, of, quota - leased, &turns);
    } while (leased < quota && turns.NextWindow(leased > before));
    turns.End(of, leased >= quota);
    return leased;
}

} // namespace

int
LeaseWebhooks(const Claim &claim, Class of, int quota) {
    const int wanted = std::max(2 * quota, kLeastLook);
    if (TurnsOf(of).is_on())
        return LeaseWebhooksInTurn(claim, of, quota);
    const Candidates candidates = OldestDue(claim, of, wanted);
    if (candidates.count == wanted) {
        TurnsOf(of).Begin();
        return LeaseWebhooksInTurn(claim, of, quota);
    }
    if (candidates.count == 0)
        return 0;
    const int leased = LeaseChosen(claim, candidates, quota);
    MovePlace(of, PlaceAfter(candidates.list, candidates.list + candidates.count, PlaceOf(of)));
    return leased;
}

} // namespace laurel::deliveries
