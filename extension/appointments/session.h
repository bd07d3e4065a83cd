// Places in group sessions, each an appointment of its own, as rows that ask for them.
#pragma once

#include "places/seats.h"

namespace laurel::appointments {

struct Sessions {
    static constexpr SqlText kRows = "laurel.appointments";
    static constexpr SqlText kParents = "laurel.appointments";
    static constexpr SqlText kLink = "session_id";
    static constexpr SqlText kStatus = "status";
    static constexpr SqlText kNeeds = "1";
    static constexpr SqlText kEnds = "end_time";
    static constexpr SqlText kGoing = "scheduled";
    static constexpr SqlText kAsks =
        "session_id IS NOT NULL AND status IN ('scheduled', 'confirmed', 'waitlisted')";
    static constexpr const char *kTable = "appointments";
    static constexpr const char *kParentTable = "appointments";
    static constexpr const char *kMember = "beneficiary_id";
    static constexpr const char *kNoun = "session";
    static constexpr const char *kOpen = "appointments_session_open";
    static constexpr const char *kPlaces = "appointments_places";

    static places::Answer ReadAnswer(const DraftRow &row) {
        const std::string_view status = row.Text("status");
        return {status, 1, status == "scheduled" || status == "confirmed"};
    }
    static int32 MaxGuests(const StoredRow &) { return 0; }
    static void RequireAllowed(const places::Parent &, const places::Answer &) {}
    static int64 HeldBy(const DraftRow &, const guards::Counted &) { return 0; }
    static bool IsAnswered(const DraftRow &, const guards::Counted &) { return false; }
};

} // namespace laurel::appointments
