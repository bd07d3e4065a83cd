// Participations as rows that ask for places at events.
#pragma once

#include "places/seats.h"

namespace laurel::events {

struct Participations {
    static constexpr SqlText kRows = "laurel.participations";
    static constexpr SqlText kParents = "laurel.events";
    static constexpr SqlText kLink = "event_id";
    static constexpr SqlText kStatus = "rsvp_status";
    static constexpr SqlText kNeeds = "1 + guests";
    static constexpr SqlText kEnds = "ends_at";
    static constexpr SqlText kGoing = "going";
    static constexpr SqlText kAsks = "rsvp_status IN ('going', 'waitlisted')";
    static constexpr const char *kTable = "participations";
    static constexpr const char *kParentTable = "events";
    static constexpr const char *kMember = "user_id";
    static constexpr const char *kNoun = "event";
    static constexpr const char *kOpen = "participations_event_open";
    static constexpr const char *kPlaces = "participations_places";

    static places::Answer ReadAnswer(const DraftRow &row);
    static int32 MaxGuests(const StoredRow &event) { return DatumGetInt32(event.Get("max_guests", INT4OID)); }
    static void RequireAllowed(const places::Parent &event, const places::Answer &answer);
    static int64 HeldBy(const DraftRow &row, const guards::Counted &event);
    static bool IsAnswered(const DraftRow &row, const guards::Counted &event);
};

} // namespace laurel::events
