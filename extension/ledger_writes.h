// Who may write the balances of user_points: only code inside this scope.
#pragma once

namespace laurel {

// Lets the statements of a scope write the balance columns of user_points and the counters of badges. An
// error ends it with its (sub)transaction.
class LedgerWrites {
public:
    LedgerWrites();
    LedgerWrites(const LedgerWrites &) = delete;
    LedgerWrites &operator=(const LedgerWrites &) = delete;
    ~LedgerWrites();

    static bool Allowed();

    // Ends the scopes that were opened at this nesting of subtransactions or deeper.
    static void ForgetFrom(int nest_level);

private:
    int outer_depth_;
};

} // namespace laurel
