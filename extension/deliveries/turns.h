// Organizations in turn: where more is due than a claim takes, each that waits gets as much as the others.
//
// As long as everything that is due fits into a claim, the oldest go first, whoever they are for, and nobody
// asks about organizations. Once it does not, the session finds those that have something due in the class
// (by an index that jumps from one to the next) and remembers for each how far its queue has been read, for
// the reason that places have. New ones are found ten times a second; that reads what lies between those that
// are known, not past them. Of very many it keeps a window: there each has one delivery a turn, and the next
// window, or claim, goes on after the last one that had a turn, round and round.
#pragma once

#include "deliveries/lease_rows.h"

namespace laurel::deliveries {

// An organization that waits for its turn.
struct Waiting {
    Uuid organization;
    Place place;     // where reading its queue goes on
    bool is_fed;     // nothing more was due
    bool is_done;    // has had its part since the last Refresh
    int quota;       // of this round
    int got;         // in this round
    uint64 last_row; // of the round's result, that is its own
};

// The organizations that wait in a class, in the order of their ids.
class Turns {
public:
    bool is_on() const { return is_on_; }
    void Begin() { is_on_ = true; }

    // Looks for organizations where it is time for that; all may have a part again.
    void Refresh(const Claim &claim, Class of);

    // Whether something of those that may have more is due; true where there are too many to ask.
    bool IsAnyDue(const Claim &claim, Class of);

    // Divides the room among those that are hungry and may have more; false where none is.
    bool Divide(const Claim &claim, Class of, int room);

    Waiting *begin() { return list_; }
    Waiting *end() { return list_ + count_; }
    const Waiting *begin() const { return list_; }
    const Waiting *end() const { return list_ + count_; }
    int count() const { return count_; }
    Waiting *Find(const Uuid &organization);

    // Goes on to the next organizations where there are too many for one window, of whom somebody got
    // something or not; false where all of them were asked in vain.
    bool NextWindow(bool is_served);

    // The claim has got this much of the quota: goes back to the oldest first where all are fed.
    void End(Class of, bool is_full);

    // Begins to read from the start again, as soon as that is cheap; `at_once` all the same.
    void Restart(TimestampTz now, bool at_once);

private:
    static constexpr int kMost = 128;

    bool IsWhole() const { return is_last_ && begins_at_start_; }
    bool IsAnybodyHungry() const;
    void NoteWindow(bool is_served);
    Uuid AfterWindow() const;
    void Look(const Claim &claim, Class of);
    uint64 FindNew(const Claim &claim, Class of) const;

    bool is_on_;
    bool is_last_;         // nobody comes after this window
    bool begins_at_start_; // nor before it
    bool is_tour_hungry_;  // somebody in the windows since the first one has something due left
    bool is_tour_whole_;   // those windows were all of them
    bool is_tour_served_;  // somebody in them got something
    bool is_turn_left_;    // somebody in this window waits for a turn
    int count_;
    Uuid from_; // where the window begins
    Uuid last_; // who had the last turn
    TimestampTz look_at_;
    TimestampTz restart_at_;
    Place furthest_; // that was read in the windows since the first one
    Waiting list_[kMost];
};

Turns &TurnsOf(Class of);

// Reading begins at the start again.
void RestartTurns(TimestampTz now, bool at_once);

} // namespace laurel::deliveries
