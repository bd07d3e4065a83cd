// Who may write the balances of user_points and the counters of badges: only code inside this scope.
#pragma once

namespace laurel {

// Lets the statements of a scope write what follows from the ledger and from awards. An error ends it with
// its (sub)transaction.
class LedgerWrites {
public:
    LedgerWrites();
    LedgerWrites(const LedgerWrites &) = delete;
    LedgerWrites &operator=(const LedgerWrites &) = delete;
    ~LedgerWrites();

    static bool Allowed();

    // Lets one statement write balances, the first of the innermost scope: those that follow are of triggers
    // which it has fired.
    static bool TakeBalances();

    // Ends the scopes that were opened at this nesting of subtransactions or deeper.
    static void ForgetFrom(int nest_level);

private:
    int outer_depth_;
};

} // namespace laurel
