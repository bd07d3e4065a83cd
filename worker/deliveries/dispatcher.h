#pragma once

#include <map>
#include <string>
#include <vector>

#include "database/reconnect.h"
#include "database/session.h"
#include "deliveries/outbox.h"
#include "deliveries/transfers.h"
#include "pages/metrics.h"
#include "settings/settings.h"

namespace laurel::worker {

// Carries deliveries from the outbox to the transfers, and outcomes back: in batches, as long as there is
// room, and never past a lease.
class Dispatcher {
public:
    Dispatcher(Loop &loop, const Settings &settings, Session &session, Outbox &outbox, Metrics &metrics);

    // The work connection is open, for the first time or again; throws DatabaseError.
    void OnOpened();

    // What to do after every round of the loop.
    void Turn();

    // There may be deliveries.
    void Wake();

    // Whether inserts wake the worker.
    void SetListening(bool is_listening);

    // Claims nothing more and gives back what has not begun.
    void Stop();

    // Ends what is under way, says what is known, and takes leave.
    void Finish();

    // Whether nothing is held and no outcome is untold.
    bool IsDrained() const {
        return transfers_.InFlight() == 0 && outcomes_.empty() && !transfers_.HasFinished();
    }

    // Whether, besides, the last claim found nothing.
    bool IsExhausted() const { return IsDrained() && has_claimed_ && !IsWanted(); }

    // Whether something is due all the same, as for an endpoint whose rate lets nothing more through for now,
    // or because another worker is claiming it; then it is not exhausted before the next claim, which comes
    // soon.
    bool AwaitsDue();

    // Whether the database has refused an exchange.
    bool IsRefused() const { return hold_.IsSet() || claim_hold_.IsSet(); }

    size_t InFlight() const { return transfers_.InFlight(); }

private:
    bool IsWanted() const;
    void CollectFinished();
    Wanted WhatHasRoom() const;
    std::vector<Portion> PortionsOf(const std::vector<std::string> &channels) const;
    bool IsTimeToTell() const;
    void ExchangeWhatIsDue();
    void Exchange(const Wanted &wanted);
    void Take(std::vector<Delivery> deliveries, const Wanted &wanted);
    void OnRefused(size_t told, bool has_claimed);
    void BecomeIdle(bool is_idle);
    void Beat();
    void OnBeat(int64_t held);
    void Guard();

    Loop &loop_;
    const Settings &settings_;
    Session &session_;
    Outbox &outbox_;
    Metrics &metrics_;
    Transfers transfers_;
    std::vector<Outcome> outcomes_;
    std::map<std::string, bool> wanted_; // the channels in which there may be something to claim
    Timer poll_;
    Timer tell_;
    Timer beat_;
    Timer guard_;
    Timer hold_;       // while it is set, the database is left alone
    Timer claim_hold_; // while it is set, nothing is claimed
    Timer patience_;   // while it is set, nothing is claimed for little room
    Backoff claim_backoff_;
    bool is_telling_due_ = false;
    bool is_careful_ = false; // an outcome was refused: tell them one by one
    bool is_in_doubt_ = false;
    bool was_in_doubt_ = false; // outcomes may have been told before
    bool is_idle_ = false;
    bool is_listening_ = false;
    bool is_stopping_ = false;
    bool has_claimed_ = false;
};

} // namespace laurel::worker
