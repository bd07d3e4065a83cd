#pragma once

#include <string>
#include <vector>

#include "database/database.h"
#include "deliveries/channel.h"
#include "deliveries/places.h"

namespace laurel::worker {

// What a worker has room for.
struct Wanted {
    std::vector<std::string> channels;
    std::vector<Portion> portions; // of organizations
    int rows = 0;                  // 0: none
};

// The functions of the database that hand out deliveries and take back what became of them, as one worker
// calls them. Everything is fenced by lease tokens there, so that saying something twice does no harm.
class Outbox {
public:
    // `worker` is new at every start: an identity that outlived its process would keep dead leases alive.
    // The settings must outlive it.
    Outbox(Database &database, std::string worker, const Settings &settings);

    // Ends the outcomes, then claims what is wanted, all in one transaction. *taken tells how many outcomes
    // still held their lease.
    std::vector<Delivery> Exchange(const std::vector<Outcome> &outcomes, const Wanted &wanted,
                                   int64_t *taken);

    // Whether deliveries of these channels are due that nobody has leased.
    bool IsAnyDue(const std::vector<std::string> &channels);

    // Extends the leases and says that the worker lives; returns how many deliveries it still holds. Makes a
    // worker known that is not.
    int64_t Beat(bool is_idle);

    // Says whether an insert should wake this worker.
    void SetIdle(bool is_idle);

    // Gives back deliveries unsent, their attempt not counted.
    int64_t Release(const std::vector<std::string> &ids);

    // Gives back what this worker has leased under other tokens than these: claims whose answer was lost.
    int64_t ReleaseUnknown(const std::vector<std::string> &known_tokens);

    // Gives back all that is leased and takes leave.
    int64_t Unregister();

private:
    void Register();
    Parameters ClaimOf(const Wanted &wanted) const;

    Database &database_;
    std::string worker_;
    std::string lease_;
    const std::string &mail_from_; // known by its plain domain once there is a database
};

} // namespace laurel::worker
