// What no seal of an organization covers yet.
#pragma once

#include "seals/seal.h"

namespace laurel::seals {

// The last entry of an account, where it is not sealed.
struct Head {
    Uuid user;
    int64 entry_no;
    unsigned char hash[32];
    TimestampTz created_at;
    int64 entries; // of the account that no seal covers
};

// Accounts of an organization that have moved since its newest seal, as they are committed now. Run in a
// FreshRead of the tables' owner.
class Unsealed {
public:
    // `newest` is null where there is no seal. `thorough`: looks at every account, not only at entries that
    // were made since, for which the clock is asked.
    Unsealed(const Uuid &organization, const Seal *newest, bool thorough);
    Unsealed(const Unsealed &) = delete;
    Unsealed &operator=(const Unsealed &) = delete;

    // Calls act(head) for each, in the order of users.
    template <typename Act> void Each(Act &&act) {
        Head head;
        while (Next(&head))
            act(head);
    }

    // What all seals cover, where every account was looked at; else what the newest one says.
    int64 sealed_entries() const { return sealed_entries_; }

private:
    bool Next(Head *head);
    void ReadSealed();
    bool IsSealed(const Head &head, int64 first_no, int64 *entries);

    Uuid organization_;
    const Seal *newest_;
    bool thorough_;
    bool looked_ = false;
    int64 sealed_entries_;
    HTAB *sealed_ = nullptr; // the last sealed entry of accounts, as far as that is needed
    TimestampTz from_;
    Parameters since_;
    Cursor moved_;
    uint64 count_ = 0, at_ = 0;
};

} // namespace laurel::seals
