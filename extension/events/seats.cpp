// Places at events, as participations ask for them: what is not the same wherever there are places.

#include "events/participations.h"

namespace laurel::events {

namespace {

constexpr TriggerSpec kTakePlace = {"take_place", TriggerSpec::Before, TriggerSpec::EachRow,
                                    TriggerSpec::Insert | TriggerSpec::Update};

// Whether a member has answered already, of whom another row is being inserted: it is there to give way by ON
// CONFLICT, and takes no place.
Statement find_answer = Statement(R"(SELECT FROM ONLY laurel.participations
        WHERE organization_id = $1 AND event_id = $2 AND user_id = $3)",
                                  UUIDOID, UUIDOID, UUIDOID);

// The places that such a member has.
Statement places_held = Statement(R"(SELECT 1 + guests FROM ONLY laurel.participations
        WHERE organization_id = $1 AND event_id = $2 AND user_id = $3 AND rsvp_status = 'going')",
                                  UUIDOID, UUIDOID, UUIDOID)
                            .Returns(INT4OID);

} // namespace

places::Answer
Participations::ReadAnswer(const DraftRow &row) {
    bool is_null;
    const Datum guests = row.Get("guests", INT4OID, &is_null);
    const std::string_view status = row.Text("rsvp_status");
    return {status, 1 + static_cast<int64>(is_null ? 0 : DatumGetInt32(guests)), status == "going"};
}

void
Participations::RequireAllowed(const places::Parent &event, const places::Answer &answer) {
    if (answer.places - 1 <= event.max_guests)
        return;
    places::RefuseAnswer<Participations>("participations_guests_allowed",
                                         "the event does not allow as many guests",
                                         psprintf("It allows %d each, %lld were asked for.", event.max_guests,
                                                  static_cast<long long>(answer.places - 1)),
                                         "Bring fewer.");
}

int64
Participations::HeldBy(const DraftRow &row, const guards::Counted &event) {
    const Uuid user = row.Id("user_id");
    const Datum values[] = {FromUuid(event.organization), FromUuid(event.key), FromUuid(user)};
    return places_held.Run(Access::Write, values) > 0 ? DatumGetInt32(Field(0, 1)) : 0;
}

bool
Participations::IsAnswered(const DraftRow &row, const guards::Counted &event) {
    const Uuid user = row.Id("user_id");
    return find_answer.Run(Access::Write,
                           {FromUuid(event.organization), FromUuid(event.key), FromUuid(user)}) > 0;
}

LAUREL_FUNCTION(laurel_take_place) {
    return places::TakePlace<Participations>(fcinfo, CheckTrigger(fcinfo, kTakePlace));
}

} // namespace laurel::events
