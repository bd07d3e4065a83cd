// Accounts made anew from their history.
#pragma once

#include "points/posting.h"

namespace laurel::points {

struct AccountList {
    AccountKey *keys;
    uint64 count;
};

// The accounts in the rows of the last result, whose columns are organization and user. Palloc'd.
AccountList AccountsOf(uint64 rows);

// Makes accounts, which come ordered by organization and user, say what their ledger says. `reopened`: their
// members are back, so the history must end where the account was closed. In an SPI connection of the tables'
// owner.
void Replay(const AccountList &accounts, bool reopened);

} // namespace laurel::points
