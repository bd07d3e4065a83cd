// Who may write columns that follow from other rows: balances, streaks, counts, and history itself.
#pragma once

#include "postgres/pg.h"

namespace laurel::guards {

// Permission for one statement, run directly in the scope, to write what nobody else may write in these
// relations. The statement's own guard triggers take it; triggers and functions that it fires run other
// statements and are refused. An error ends the scope with its (sub)transaction.
class DerivedWrite {
public:
    static constexpr int kMaxRelations = 4;

    // What the statement may do: write what follows from others, or take rows that go on counting.
    enum Right { Derived, Retention };

    explicit DerivedWrite(std::initializer_list<Oid> relations, Right right = Derived);
    DerivedWrite(const DerivedWrite &) = delete;
    DerivedWrite &operator=(const DerivedWrite &) = delete;
    ~DerivedWrite();

    // Whether the statement that fires this trigger has the permission. The first that asks spends it.
    static bool Admits(FunctionCallInfo fcinfo, Right right = Derived);

private:
    int outer_depth_;
};

void InitDerivedWrites();

} // namespace laurel::guards
