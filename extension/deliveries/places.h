// Where in the queue to begin reading.
//
// A claim leaves dead index entries behind, which stay as long as any old snapshot may want to see them;
// reading past them again and again is what makes queues slow down. So each session remembers, for each class
// of deliveries, how far it has come and goes on from there. Deliveries that come to lie before that place
// (given back, redriven, committed late) are found by reading from the start: when nothing else is due, or a
// second later; where those dead entries have made that slow, after twenty times as long as it took.
#pragma once

#include "notifications/channels.h"
#include "postgres/datum.h"

namespace laurel::deliveries {

constexpr int kPriorities = 4;
constexpr int16 kPriorityNumbers[kPriorities] = {0, 1, 5, 9};

constexpr int kClasses = notifications::kChannels * kPriorities;

// A place in the queue of a class: after that delivery.
struct Place {
    TimestampTz due_at;
    Uuid id;

    friend bool operator<(const Place &a, const Place &b) {
        return a.due_at < b.due_at || (a.due_at == b.due_at && a.id < b.id);
    }
};

// Before everything.
constexpr Place kStart = {DT_NOBEGIN, {}};

// Deliveries of one channel and priority. The most urgent classes come first.
struct Class {
    int number;

    int channel() const { return number % notifications::kChannels; }
    int priority() const { return number / notifications::kChannels; }
    const char *channel_name() const { return notifications::kChannelNames[channel()]; }
    int16 priority_number() const { return kPriorityNumbers[priority()]; }
};

// Where reading begins for the class.
const Place &PlaceOf(Class of);

// Everything up to there was seen.
void MovePlace(Class of, const Place &place);

// The class is read from other places than its own, which are those of each organization (turns.h).
void KeepPlace(Class of);

// This session has put something before the places: it reads from the start next time.
void ForgetPlaces();

// Has places forgotten that a transaction has moved and not kept.
void InitPlaces();

// How long not to read from the start again when that took so long: it takes at most a twentieth of the time.
TimestampTz PauseAfter(TimestampTz cost);

// Decides where to begin reading; where that is the start, measures how long it takes.
class Reading {
public:
    // From the start where it is time for that, else from the places. `hurry`: from the places there was too
    // little.
    Reading(TimestampTz now, bool hurry);
    Reading(const Reading &) = delete;
    Reading &operator=(const Reading &) = delete;

    bool from_start() const { return from_start_; }

    // Whether places were forgotten or undone.
    bool is_forced() const { return is_forced_; }

    // It is known what is due.
    void Done() const;

private:
    TimestampTz began_;
    bool from_start_;
    bool is_forced_;
};

} // namespace laurel::deliveries
