#include "deliveries/turns.h"

#include "postgres/column.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

constexpr TimestampTz kLookEvery = 100 * 1000; // microseconds

constexpr Uuid kLastUuid = {
    {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}};

// Up to $5 organizations that have something due at $6, within the gaps from $3 to before $4.
Statement between =
    Statement(
        R"(SELECT w.organization_id FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4)) g (low, high)
        CROSS JOIN LATERAL (WITH RECURSIVE waiting AS (
            (SELECT d.organization_id, d.due_at FROM ONLY laurel.notification_deliveries d
                WHERE (d.state = 'ready') IS TRUE AND d.channel = $1 AND d.priority = $2 AND d.organization_id >= g.low
                AND d.organization_id < g.high ORDER BY d.organization_id, d.due_at LIMIT 1)
            UNION ALL SELECT n.organization_id, n.due_at FROM waiting w CROSS JOIN LATERAL
                (SELECT d.organization_id, d.due_at FROM ONLY laurel.notification_deliveries d
                WHERE (d.state = 'ready') IS TRUE AND d.channel = $1 AND d.priority = $2
                AND d.organization_id > w.organization_id AND d.organization_id < g.high
                ORDER BY d.organization_id, d.due_at LIMIT 1) n)
            SELECT organization_id FROM waiting WHERE due_at <= $6) w LIMIT $5)",
        TEXTOID, INT2OID, UUIDARRAYOID, UUIDARRAYOID, INT4OID, TIMESTAMPTZOID)
        .Returns(UUIDOID)
        .Generic();

// Whether one of these organizations has something due after its place.
Statement is_any_due =
    Statement(R"(SELECT FROM ROWS FROM (pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6))
            w (organization_id, due_at, id)
        CROSS JOIN LATERAL (SELECT FROM ONLY laurel.notification_deliveries d
            WHERE (d.state = 'ready') IS TRUE AND d.channel = $1 AND d.priority = $2
            AND d.organization_id = w.organization_id AND d.due_at <= $3 AND (d.due_at, d.id) > (w.due_at, w.id)
            LIMIT 1) due LIMIT 1)",
              TEXTOID, INT2OID, TIMESTAMPTZOID, UUIDARRAYOID, TIMESTAMPTZARRAYOID, UUIDARRAYOID)
        .Generic();

constinit Turns turns[kClasses] = {};

// The uuid after it; after the last one comes the first.
Uuid
After(Uuid uuid) {
    for (int i = UUID_LEN - 1; i >= 0 && ++uuid.bytes[i] == 0; i--)
        ;
    return uuid;
}

bool
IsBefore(const Waiting &waiting, const Uuid &organization) {
    return waiting.organization < organization;
}

} // namespace

Turns &
TurnsOf(Class of) {
    return turns[of.number];
}

void
RestartTurns(TimestampTz now, bool at_once) {
    for (Turns &each : turns)
        if (each.is_on())
            each.Restart(now, at_once);
}

Waiting *
Turns::Find(const Uuid &organization) {
    return std::lower_bound(begin(), end(), organization, IsBefore);
}

void
Turns::Restart(TimestampTz now, bool at_once) {
    const bool turned_back = restart_at_ > now + USECS_PER_MINUTE;
    if (!at_once && !turned_back && now < restart_at_)
        return;
    count_ = 0;
    look_at_ = 0;
    is_tour_whole_ = false;
}

void
Turns::Refresh(const Claim &claim, Class of) {
    const bool turned_back = look_at_ > claim.now + USECS_PER_MINUTE;
    KeepPlace(of);
    for (Waiting &waiting : *this)
        waiting.is_done = false;
    if (count_ > 0 && claim.now < look_at_ && !turned_back)
        return;
    const bool is_from_start = count_ == 0;
    const TimestampTz began = GetCurrentTimestamp();
    Look(claim, of);
    const TimestampTz end = GetCurrentTimestamp();
    const TimestampTz pause = PauseAfter(end - began);
    look_at_ = end + std::max(pause, kLookEvery);
    if (is_from_start)
        restart_at_ = end + pause;
}

uint64
Turns::FindNew(const Claim &claim, Class of) const {
    Column lows(UUIDOID, count_ + 1), highs(UUIDOID, count_ + 1);
    lows.Add(CopyUuid(from_));
    for (const Waiting &known : *this) {
        highs.Add(FromUuid(known.organization));
        lows.Add(CopyUuid(After(known.organization)));
    }
    highs.Add(FromUuid(kLastUuid));
    const Datum values[] = {CStringGetTextDatum(of.channel_name()),
                            Int16GetDatum(of.priority_number()),
                            lows.Array(),
                            highs.Array(),
                            Int32GetDatum(kMost - count_),
                            TimestampTzGetDatum(claim.now)};
    return between.Run(Access::Write, values);
}

void
Turns::Look(const Claim &claim, Class of) {
    for (Waiting &waiting : *this)
        waiting.is_fed = false;
    const uint64 found = count_ < kMost ? FindNew(claim, of) : 0;
    is_last_ = count_ + static_cast<int>(found) < kMost;
    begins_at_start_ = from_ == Uuid{};
    for (uint64 row = 0; row < found; row++)
        list_[count_++] = {.organization = ToUuid(Field(row, 1)),
                           .place = kStart,
                           .is_fed = false,
                           .is_done = false,
                           .quota = 0,
                           .got = 0,
                           .last_row = 0};
    std::sort(begin(), end(),
              [](const Waiting &a, const Waiting &b) { return a.organization < b.organization; });
}

bool
Turns::IsAnyDue(const Claim &claim, Class of) {
    if (!IsWhole())
        return true;
    const auto may_have_more = [&](const Waiting &waiting) {
        return !waiting.is_fed && claim.portions->Left(of.channel(), waiting.organization) > 0;
    };
    Column organizations(UUIDOID, count_), dues(TIMESTAMPTZOID, count_), ids(UUIDOID, count_);
    for (const Waiting &waiting : *this) {
        if (!may_have_more(waiting))
            continue;
        organizations.Add(FromUuid(waiting.organization));
        dues.Add(TimestampTzGetDatum(waiting.place.due_at));
        ids.Add(FromUuid(waiting.place.id));
    }
    const Datum values[] = {CStringGetTextDatum(of.channel_name()),
                            Int16GetDatum(of.priority_number()),
                            TimestampTzGetDatum(claim.now),
                            organizations.Array(),
                            dues.Array(),
                            ids.Array()};
    if (organizations.count() > 0 && is_any_due.Run(Access::Write, values) > 0)
        return true;
    for (Waiting &waiting : *this)
        waiting.is_fed = waiting.is_fed || may_have_more(waiting);
    return false;
}

bool
Turns::Divide(const Claim &claim, Class of, int room) {
    const auto portion = [&](const Waiting &waiting) {
        return waiting.is_fed || waiting.is_done ? 0
                                                 : claim.portions->Left(of.channel(), waiting.organization);
    };
    const auto hungry =
        static_cast<int>(std::count_if(begin(), end(), [&](const Waiting &w) { return portion(w) > 0; }));
    is_turn_left_ = hungry > room;
    if (hungry == 0)
        return false;
    const int to_divide = IsWhole() ? room : std::min(room, hungry);
    const int each = to_divide / hungry;
    int left_over = to_divide % hungry;
    const auto first = IsWhole() ? Find(After(last_)) - begin() : 0;
    for (int i = 0; i < count_; i++) {
        Waiting &waiting = list_[(first + i) % count_];
        const int most = portion(waiting);
        waiting.quota = waiting.got = 0;
        if (most <= 0)
            continue;
        const int share = each + (left_over > 0 ? 1 : 0);
        if (left_over-- > 0)
            last_ = waiting.organization;
        waiting.is_done = share > 0 && !IsWhole();
        waiting.quota = std::min(share, most);
    }
    return true;
}

bool
Turns::IsAnybodyHungry() const {
    return std::any_of(begin(), end(), [](const Waiting &waiting) { return !waiting.is_fed; });
}

// What the tour knows with this window.
void
Turns::NoteWindow(bool is_served) {
    if (begins_at_start_) {
        is_tour_whole_ = true;
        is_tour_hungry_ = is_tour_served_ = false;
        furthest_ = kStart;
    }
    is_tour_hungry_ = is_tour_hungry_ || IsAnybodyHungry();
    is_tour_served_ = is_tour_served_ || is_served;
    for (const Waiting &waiting : *this)
        furthest_ = std::max(furthest_, waiting.place);
}

// Where the next window begins.
Uuid
Turns::AfterWindow() const {
    if (is_turn_left_)
        return After(last_);
    return is_last_ || count_ == 0 ? Uuid{} : After(list_[count_ - 1].organization);
}

bool
Turns::NextWindow(bool is_served) {
    if (IsWhole())
        return false;
    NoteWindow(is_served);
    from_ = AfterWindow();
    count_ = 0;
    const bool has_toured = from_ == Uuid{} && is_tour_whole_;
    return !has_toured || is_tour_served_;
}

void
Turns::End(Class of, bool is_full) {
    const bool has_toured = IsWhole() || (count_ == 0 && from_ == Uuid{});
    if (IsWhole())
        NoteWindow(is_full);
    is_on_ = is_full || !has_toured || !is_tour_whole_ || is_tour_hungry_;
    if (!is_on_) {
        MovePlace(of, std::max(furthest_, PlaceOf(of)));
        count_ = 0;
        return;
    }
    KeepPlace(of);
    if (!IsWhole() && count_ > 0)
        NextWindow(is_full);
}

} // namespace laurel::deliveries
