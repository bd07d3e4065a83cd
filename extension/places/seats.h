// Places that are asked for. Who asks for one locks what has them, whose counters say how many are taken, so
// that of two who ask for the last one the second sees what the first has left. Who finds none waits.
//
// Lock order: a row, then its parent.
//
// A Kind says of its tables: kRows and kParents, kTable (of the rows), kLink, kStatus, kNeeds (SQL: the
// places that a row asks for), kEnds (when a parent is over), kGoing (the state of who gets a place), kOpen
// and kPlaces (constraints), kNoun; ReadAnswer(row); MaxGuests(parent); HeldBy(row, key) and IsAnswered(row,
// key): what the member of a row that is inserted has already.
#pragma once

#include "guards/derived_write.h"
#include "guards/indexed_row.h"
#include "guards/net.h"
#include "guards/of_statement.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/sql.h"
#include "postgres/stored_row.h"
#include "postgres/trigger.h"

namespace laurel::places {

// What a row says, or said.
struct Answer {
    std::string_view status;
    int64 places; // that it asks for: oneself and guests
    bool is_going;

    // Who asks to wait asks for a place.
    bool asks() const { return is_going || status == "waitlisted"; }
};

// What has places, locked, and what this statement has given of them.
struct Parent {
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

template <typename Kind>
inline constinit Statement last_waiting = Statement(Sql<R"(SELECT pg_catalog.max(waitlisted_at) FROM ONLY {1}
        WHERE organization_id = $1 AND {2} = $2 AND {3} = 'waitlisted')",
                                                        Kind::kRows, Kind::kLink, Kind::kStatus>,
                                                    UUIDOID, UUIDOID)
                                              .Returns(TIMESTAMPTZOID);

// Somebody who waits for no more than $3 places.
template <typename Kind>
inline constinit Statement
    find_waiting = Statement(Sql<R"(SELECT FROM ONLY {1} WHERE organization_id = $1
        AND {2} = $2 AND {3} = 'waitlisted' AND {4} <= $3 LIMIT 1)",
                                 Kind::kRows, Kind::kLink, Kind::kStatus, Kind::kNeeds>,
                             UUIDOID, UUIDOID, INT8OID);

// The parents that a statement asks for places at.
template <typename Kind> class Parents {
public:
    explicit Parents(MemoryContext memory) {
        HASHCTL options = {};
        options.keysize = sizeof(guards::Counted);
        options.entrysize = sizeof(Parent);
        options.hcxt = memory;
        table_ = hash_create("laurel places", 16, &options, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    }

    // Locks it; null where there is none.
    Parent *Find(const guards::Counted &key) {
        bool found;
        auto *parent = static_cast<Parent *>(hash_search(table_, &key, HASH_FIND, &found));
        return found ? parent : Lock(key);
    }

private:
    Parent *Lock(const guards::Counted &key) {
        const Oid table = TableOid(Kind::kParentTable);
        guards::IndexedRow row(table, IndexOf(table), key.key, key.organization);
        if (!row.Lock())
            return nullptr;
        auto *parent = static_cast<Parent *>(hash_search(table_, &key, HASH_ENTER, nullptr));
        Read(row.slot(), parent);
        return parent;
    }

    const guards::UniqueIndex &IndexOf(Oid table) {
        if (!OidIsValid(index_.oid))
            index_ = guards::RequireUniqueIndex(table, "id");
        return index_;
    }

    static void Read(TupleTableSlot *row, Parent *parent) {
        const StoredRow stored(row);
        bool is_null;
        parent->open = ToText(stored.Get("status", TEXTOID)) == "scheduled";
        parent->ends_at = DatumGetTimestampTz(stored.Get(Kind::kEnds, TIMESTAMPTZOID));
        parent->places = DatumGetInt64(stored.Get("max_participants", INT8OID, &is_null));
        parent->limited = !is_null;
        parent->max_guests = Kind::MaxGuests(stored);
        parent->has_waitlist = DatumGetBool(stored.Get("has_waitlist", BOOLOID));
        parent->taken = DatumGetInt64(stored.Get("places_taken", INT8OID));
        parent->awaited = DatumGetInt64(stored.Get("waiting_count", INT8OID)) > 0;
        parent->awaited_in_vain = parent->queue_known = false;
        parent->last_waiting = DT_NOBEGIN;
    }

    guards::UniqueIndex index_ = {};
    HTAB *table_;
};

template <typename Kind> inline constinit guards::OfStatement<Parents<Kind>> asked;

template <typename Kind>
[[noreturn]] void
RefuseAnswer(const char *constraint, const char *message, const char *detail, const char *hint) {
    Refuse({.message = message,
            .detail = detail,
            .hint = hint,
            .table = Kind::kTable,
            .constraint = constraint});
}

template <typename Kind>
void
RequireOpen(const Parent &parent) {
    if (parent.open && parent.ends_at > GetCurrentTimestamp())
        return;
    RefuseAnswer<Kind>(Kind::kOpen, psprintf("the %s takes no answers any more", Kind::kNoun),
                       parent.open ? psprintf("It ended at %s.", timestamptz_to_str(parent.ends_at))
                                   : "It is completed or cancelled.",
                       psprintf("Ask who looks after the %s.", Kind::kNoun));
}

template <typename Kind>
[[noreturn]] void
RefusePlaces(const Parent &parent, const Answer &answer, const char *hint) {
    RefuseAnswer<Kind>(Kind::kPlaces, psprintf("the %s has no places left for that", Kind::kNoun),
                       psprintf("It has %lld places, %lld are taken, %lld were asked for.",
                                static_cast<long long>(parent.places), static_cast<long long>(parent.taken),
                                static_cast<long long>(answer.places)),
                       hint);
}

// Whether somebody waits for whom there are places at all; since capacity was lowered, some may not.
template <typename Kind>
bool
IsAwaited(Parent *parent) {
    if (parent->awaited && parent->limited && !parent->queue_known) {
        const Datum places = Int64GetDatum(parent->places);
        parent->awaited_in_vain =
            find_waiting<Kind>.Run(
                Access::Write, {FromUuid(parent->key.organization), FromUuid(parent->key.key), places}) == 0;
        parent->queue_known = true;
    }
    return parent->awaited && !parent->awaited_in_vain;
}

// The time that puts a row behind all who wait, also where the clock was set back.
template <typename Kind>
TimestampTz
EndOfQueue(Parent *parent) {
    if (parent->awaited && parent->last_waiting == DT_NOBEGIN) {
        bool is_null;
        last_waiting<Kind>.Run(Access::Write,
                               {FromUuid(parent->key.organization), FromUuid(parent->key.key)});
        const Datum last = Field(0, 1, &is_null);
        if (!is_null)
            parent->last_waiting = DatumGetTimestampTz(last);
    }
    parent->last_waiting = std::max(GetCurrentTimestamp(), parent->last_waiting + 1);
    return parent->last_waiting;
}

template <typename Kind>
void
Wait(DraftRow *row, Parent *parent, bool waits_already) {
    row->Set(Kind::kStatus, TEXTOID, FromText("waitlisted"));
    if (!waits_already)
        row->Set("waitlisted_at", TIMESTAMPTZOID, TimestampTzGetDatum(EndOfQueue<Kind>(parent)));
    parent->awaited = parent->queue_known = true;
    parent->awaited_in_vain = false;
}

template <typename Kind>
void
Go(DraftRow *row) {
    if (!Kind::ReadAnswer(*row).is_going)
        row->Set(Kind::kStatus, TEXTOID, FromText(Kind::kGoing.View()));
    row->Set("waitlisted_at", TIMESTAMPTZOID, 0, true);
}

// The places that the row's member holds: by the row as it was, or by the one there is where another is
// inserted.
template <typename Kind>
int64
PlacesHeld(const TriggerData *trigger, const DraftRow &row, const guards::Counted &parent) {
    if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
        return Kind::HeldBy(row, parent);
    const Answer before = Kind::ReadAnswer({trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation)});
    return before.is_going ? before.places : 0;
}

template <typename Kind>
bool
Waited(const TriggerData *trigger) {
    if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
        return false;
    return DraftRow(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation)).Text(Kind::kStatus) ==
           "waitlisted";
}

// Gives the row what it asks for, or lets it wait. Whoever has a place keeps it.
template <typename Kind>
void
Seat(const TriggerData *trigger, DraftRow *row, Parent *parent, const Answer &answer) {
    const auto fits = [parent](int64 more) {
        return !parent->limited || parent->taken + more <= parent->places;
    };
    if (fits(answer.places) && !IsAwaited<Kind>(parent)) {
        parent->taken += answer.places;
        return Go<Kind>(row);
    }
    const int64 held = PlacesHeld<Kind>(trigger, *row, parent->key);
    if (held > 0 && (answer.places <= held || fits(answer.places - held))) {
        parent->taken += answer.places - held;
        return Go<Kind>(row);
    }
    if (held > 0)
        RefusePlaces<Kind>(*parent, answer, "You keep the places that you have: bring fewer guests.");
    if (!parent->has_waitlist)
        RefusePlaces<Kind>(*parent, answer,
                           psprintf("Ask again later: the %s has no waitlist.", Kind::kNoun));
    if (parent->limited && answer.places > parent->places)
        RefusePlaces<Kind>(*parent, answer,
                           psprintf("Bring fewer guests: the %s never has as many places.", Kind::kNoun));
    Wait<Kind>(row, parent, Waited<Kind>(trigger));
}

// Seats a row; what is not going to be inserted leaves the parent as it was for those that follow, and for
// the update that takes its place.
template <typename Kind>
void
SeatAmongOthers(const TriggerData *trigger, DraftRow *row, Parent *parent, const Answer &answer) {
    const Parent before = *parent;
    Seat<Kind>(trigger, row, parent, answer);
    if (parent->limited && TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && Kind::IsAnswered(*row, parent->key))
        *parent = before;
}

// The trigger of rows that ask for places; where a statement of places gives them, the row goes.
template <typename Kind>
Datum
TakePlace(FunctionCallInfo fcinfo, const TriggerData *trigger) {
    DraftRow row(trigger);
    if (guards::DerivedWrite::Admits(fcinfo)) {
        Go<Kind>(&row);
        return row.Done();
    }
    const Answer answer = Kind::ReadAnswer(row);
    if (!answer.asks())
        row.Set("waitlisted_at", TIMESTAMPTZOID, 0, true);
    const Oid table = RelationGetRelid(trigger->tg_relation);
    const bool trusted = IsTrusted(table);
    if (row.IsNull("organization_id") || row.IsNull(Kind::kLink) || row.IsNull(Kind::kMember))
        return row.Done();
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    Parent *parent = asked<Kind>.Get(fcinfo)->Find({row.Id("organization_id"), row.Id(Kind::kLink)});
    if (parent == nullptr)
        return row.Done();
    if (!trusted || answer.status == "invited")
        RequireOpen<Kind>(*parent);
    if (answer.asks()) {
        Kind::RequireAllowed(*parent, answer);
        SeatAmongOthers<Kind>(trigger, &row, parent, answer);
    }
    return row.Done();
}

} // namespace laurel::places
