// Places at events. Who asks for one locks the event, whose counters say how many are taken, so that of two
// who ask for the last one the second sees what the first has left. Who finds none waits.
//
// Lock order: a participation, then its event.

#include "guards/derived_write.h"
#include "guards/indexed_row.h"
#include "guards/net.h"
#include "guards/of_statement.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/stored_row.h"
#include "postgres/trigger.h"

namespace laurel::events {

namespace {

constexpr TriggerSpec kTakePlace = {"take_place", TriggerSpec::Before, TriggerSpec::EachRow,
                                    TriggerSpec::Insert | TriggerSpec::Update};

Statement last_waiting = Statement(R"(SELECT pg_catalog.max(waitlisted_at) FROM ONLY laurel.participations
        WHERE organization_id = $1 AND event_id = $2 AND rsvp_status = 'waitlisted')",
                                   UUIDOID, UUIDOID)
                             .Returns(TIMESTAMPTZOID);

// Somebody who waits for no more than $3 places.
Statement find_waiting = Statement(R"(SELECT FROM ONLY laurel.participations WHERE organization_id = $1
        AND event_id = $2 AND rsvp_status = 'waitlisted' AND 1 + guests <= $3 LIMIT 1)",
                                   UUIDOID, UUIDOID, INT8OID);

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

// An event that is locked, and what this statement has given of it.
struct Event {
    guards::Counted key;
    bool open;
    TimestampTz ends_at;
    bool limited;
    int64 places;
    int32 max_guests;
    bool has_waitlist;
    int64 taken; // by rows of this statement too, which are not counted yet
    bool awaited;
    bool awaited_in_vain; // by those alone who need more places than there are, once that is known
    bool queue_known;
    TimestampTz last_waiting;
};

// The events that a statement asks for places at.
class Events {
public:
    explicit Events(MemoryContext memory) {
        HASHCTL options = {};
        options.keysize = sizeof(guards::Counted);
        options.entrysize = sizeof(Event);
        options.hcxt = memory;
        table_ = hash_create("laurel events", 16, &options, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    }

    // Locks it; null where there is none.
    Event *Find(const guards::Counted &key) {
        bool found;
        auto *event = static_cast<Event *>(hash_search(table_, &key, HASH_FIND, &found));
        return found ? event : Lock(key);
    }

private:
    Event *Lock(const guards::Counted &key) {
        const Oid table = TableOid("events");
        guards::IndexedRow row(table, IndexOf(table), key.key, key.organization);
        if (!row.Lock())
            return nullptr;
        auto *event = static_cast<Event *>(hash_search(table_, &key, HASH_ENTER, nullptr));
        Read(row.slot(), event);
        return event;
    }

    const guards::UniqueIndex &IndexOf(Oid table) {
        if (!OidIsValid(index_.oid))
            index_ = guards::RequireUniqueIndex(table, "id");
        return index_;
    }

    static void Read(TupleTableSlot *row, Event *event) {
        const StoredRow stored(row);
        bool is_null;
        event->open = ToText(stored.Get("status", TEXTOID)) == "scheduled";
        event->ends_at = DatumGetTimestampTz(stored.Get("ends_at", TIMESTAMPTZOID));
        event->places = DatumGetInt64(stored.Get("max_participants", INT8OID, &is_null));
        event->limited = !is_null;
        event->max_guests = DatumGetInt32(stored.Get("max_guests", INT4OID));
        event->has_waitlist = DatumGetBool(stored.Get("has_waitlist", BOOLOID));
        event->taken = DatumGetInt64(stored.Get("places_taken", INT8OID));
        event->awaited = DatumGetInt64(stored.Get("waiting_count", INT8OID)) > 0;
        event->awaited_in_vain = event->queue_known = false;
        event->last_waiting = DT_NOBEGIN;
    }

    guards::UniqueIndex index_ = {};
    HTAB *table_;
};

constinit guards::OfStatement<Events> asked;

// What a row says, or said.
struct Answer {
    std::string_view status;
    int64 places; // that it asks for: oneself and guests

    bool is_going() const { return status == "going"; }
    // Who asks to wait asks for a place.
    bool asks() const { return is_going() || status == "waitlisted"; }
};

Answer
ReadAnswer(const DraftRow &row) {
    bool is_null;
    const Datum guests = row.Get("guests", INT4OID, &is_null);
    return {row.Text("rsvp_status"), 1 + static_cast<int64>(is_null ? 0 : DatumGetInt32(guests))};
}

[[noreturn]] void
RefuseAnswer(const char *constraint, const char *message, const char *detail, const char *hint) {
    Refuse({.message = message,
            .detail = detail,
            .hint = hint,
            .table = "participations",
            .constraint = constraint});
}

void
RequireOpen(const Event &event) {
    if (event.open && event.ends_at > GetCurrentTimestamp())
        return;
    RefuseAnswer("participations_event_open", "the event takes no answers any more",
                 event.open ? psprintf("It ended at %s.", timestamptz_to_str(event.ends_at))
                            : "It is completed or cancelled.",
                 "Ask who looks after the event.");
}

void
RequireGuestsAllowed(const Event &event, const Answer &answer) {
    if (answer.places - 1 <= event.max_guests)
        return;
    RefuseAnswer("participations_guests_allowed", "the event does not allow as many guests",
                 psprintf("It allows %d each, %lld were asked for.", event.max_guests,
                          static_cast<long long>(answer.places - 1)),
                 "Bring fewer.");
}

[[noreturn]] void
RefusePlaces(const Event &event, const Answer &answer, const char *hint) {
    RefuseAnswer("participations_places", "the event has no places left for that",
                 psprintf("It has %lld places, %lld are taken, %lld were asked for.",
                          static_cast<long long>(event.places), static_cast<long long>(event.taken),
                          static_cast<long long>(answer.places)),
                 hint);
}

// Whether somebody waits for whom the event has places at all; since capacity was lowered, some may not.
bool
IsAwaited(Event *event) {
    if (event->awaited && event->limited && !event->queue_known) {
        const Datum places = Int64GetDatum(event->places);
        event->awaited_in_vain = find_waiting.Run(Access::Write, {FromUuid(event->key.organization),
                                                                  FromUuid(event->key.key), places}) == 0;
        event->queue_known = true;
    }
    return event->awaited && !event->awaited_in_vain;
}

// The time that puts a row behind all who wait, also where the clock was set back.
TimestampTz
EndOfQueue(Event *event) {
    if (event->awaited && event->last_waiting == DT_NOBEGIN) {
        bool is_null;
        last_waiting.Run(Access::Write, {FromUuid(event->key.organization), FromUuid(event->key.key)});
        const Datum last = Field(0, 1, &is_null);
        if (!is_null)
            event->last_waiting = DatumGetTimestampTz(last);
    }
    event->last_waiting = std::max(GetCurrentTimestamp(), event->last_waiting + 1);
    return event->last_waiting;
}

void
Wait(DraftRow *row, Event *event, bool waits_already) {
    row->Set("rsvp_status", TEXTOID, FromText("waitlisted"));
    if (!waits_already)
        row->Set("waitlisted_at", TIMESTAMPTZOID, TimestampTzGetDatum(EndOfQueue(event)));
    event->awaited = event->queue_known = true;
    event->awaited_in_vain = false;
}

void
Go(DraftRow *row) {
    row->Set("rsvp_status", TEXTOID, FromText("going"));
    row->Set("waitlisted_at", TIMESTAMPTZOID, 0, true);
}

// The places that the row's member holds: by the row as it was, or by the one there is where another is
// inserted.
int64
PlacesHeld(const TriggerData *trigger, const DraftRow &row, const guards::Counted &event) {
    if (!TRIGGER_FIRED_BY_INSERT(trigger->tg_event)) {
        const Answer before = ReadAnswer({trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation)});
        return before.is_going() ? before.places : 0;
    }
    const Uuid user = row.Id("user_id");
    const Datum values[] = {FromUuid(event.organization), FromUuid(event.key), FromUuid(user)};
    return places_held.Run(Access::Write, values) > 0 ? DatumGetInt32(Field(0, 1)) : 0;
}

bool
Waited(const TriggerData *trigger) {
    if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
        return false;
    return DraftRow(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation)).Text("rsvp_status") ==
           "waitlisted";
}

// Gives the row what it asks for, or lets it wait. Whoever has a place keeps it.
void
Seat(const TriggerData *trigger, DraftRow *row, Event *event, const Answer &answer) {
    const auto fits = [event](int64 more) { return !event->limited || event->taken + more <= event->places; };
    if (fits(answer.places) && !IsAwaited(event)) {
        event->taken += answer.places;
        return Go(row);
    }
    const int64 held = PlacesHeld(trigger, *row, event->key);
    if (held > 0 && (answer.places <= held || fits(answer.places - held))) {
        event->taken += answer.places - held;
        return Go(row);
    }
    if (held > 0)
        RefusePlaces(*event, answer, "You keep the places that you have: bring fewer guests.");
    if (!event->has_waitlist)
        RefusePlaces(*event, answer, "Ask again later: the event has no waitlist.");
    if (event->limited && answer.places > event->places)
        RefusePlaces(*event, answer, "Bring fewer guests: the event never has as many places.");
    Wait(row, event, Waited(trigger));
}

bool
GivesWay(const TriggerData *trigger, const DraftRow &row, const guards::Counted &event) {
    return TRIGGER_FIRED_BY_INSERT(trigger->tg_event) &&
           find_answer.Run(Access::Write, {FromUuid(event.organization), FromUuid(event.key),
                                           FromUuid(row.Id("user_id"))}) > 0;
}

// Seats a row; what is not going to be inserted leaves the event as it was for those that follow, and for the
// update that takes its place.
void
SeatAmongOthers(const TriggerData *trigger, DraftRow *row, Event *event, const Answer &answer) {
    const Event before = *event;
    Seat(trigger, row, event, answer);
    if (event->limited && GivesWay(trigger, *row, event->key))
        *event = before;
}

} // namespace

LAUREL_FUNCTION(laurel_take_place) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kTakePlace);
    DraftRow row(trigger);
    if (guards::DerivedWrite::Admits(fcinfo)) {
        Go(&row);
        return row.Done();
    }
    const Answer answer = ReadAnswer(row);
    if (!answer.asks())
        row.Set("waitlisted_at", TIMESTAMPTZOID, 0, true);
    const Oid table = RelationGetRelid(trigger->tg_relation);
    const bool trusted = IsTrusted(table);
    if (row.IsNull("organization_id") || row.IsNull("event_id") || row.IsNull("user_id"))
        return row.Done();
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    Event *event = asked.Get(fcinfo)->Find({row.Id("organization_id"), row.Id("event_id")});
    if (event == nullptr)
        return row.Done();
    if (!trusted || answer.status == "invited")
        RequireOpen(*event);
    if (answer.asks()) {
        RequireGuestsAllowed(*event, answer);
        SeatAmongOthers(trigger, &row, event, answer);
    }
    return row.Done();
}

} // namespace laurel::events
