#include "deliveries/places.h"

namespace laurel::deliveries {

namespace {

constexpr int kCostFactor = 20;
constexpr TimestampTz kCheap = 2000; // microseconds

struct Places {
    Place of[kClasses];
    bool kept[kClasses]; // read from the places of organizations
    bool known;
    bool moved;                // by a claim that may still be undone
    TimestampTz from_start_at; // when reading from the start is due
    TimestampTz in_hurry_at;   // and when it may be done earlier
};

constinit Places places = {};

bool
IsStart(const Place &place) {
    return place.due_at == kStart.due_at;
}

// What a claim has seen is due again when it is undone.
void
EndClaim(bool is_undone) {
    if (places.moved && is_undone)
        places.known = false;
}

} // namespace

const Place &
PlaceOf(Class of) {
    return places.known ? places.of[of.number] : kStart;
}

void
MovePlace(Class of, const Place &place) {
    places.of[of.number] = place;
    places.kept[of.number] = false;
    places.moved = true;
}

void
KeepPlace(Class of) {
    places.kept[of.number] = true;
    places.moved = true;
}

void
ForgetPlaces() {
    places.known = false;
}

void
InitPlaces() {
    RegisterXactCallback(
        [](XactEvent event, void *) {
            EndClaim(event == XACT_EVENT_ABORT);
            if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT)
                places.moved = false;
        },
        nullptr);
    RegisterSubXactCallback([](SubXactEvent event, SubTransactionId, SubTransactionId,
                               void *) { EndClaim(event == SUBXACT_EVENT_ABORT_SUB); },
                            nullptr);
}

TimestampTz
PauseAfter(TimestampTz cost) {
    return cost < kCheap ? 0 : std::min<TimestampTz>(cost * kCostFactor, 30 * USECS_PER_SEC);
}

Reading::Reading(TimestampTz now, bool hurry) : began_(GetCurrentTimestamp()) {
    // A clock set back must not keep the start from being read.
    const bool turned_back = places.from_start_at > now + USECS_PER_MINUTE;
    is_forced_ = !places.known;
    from_start_ = is_forced_ || turned_back || now >= (hurry ? places.in_hurry_at : places.from_start_at);
    if (!from_start_) {
        // What begins at the start anyway need not be read a second time.
        from_start_ = std::all_of(std::begin(places.of), std::end(places.of), IsStart) &&
                      std::none_of(std::begin(places.kept), std::end(places.kept),
                                   [](bool is_kept) { return is_kept; });
        return;
    }
    for (Place &place : places.of)
        place = kStart;
    places.known = true;
}

void
Reading::Done() const {
    if (!from_start_)
        return;
    const TimestampTz end = GetCurrentTimestamp();
    const TimestampTz pause = PauseAfter(end - began_);
    places.in_hurry_at = end + pause;
    places.from_start_at = end + std::max<TimestampTz>(pause, USECS_PER_SEC);
}

} // namespace laurel::deliveries
