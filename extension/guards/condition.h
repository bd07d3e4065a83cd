// Conditions on the rows of one table, written as SQL in a trigger's argument.
#pragma once

#include "guards/arguments.h"

namespace laurel::guards {

// A condition that a row's own columns decide, without sub-selects.
class Condition {
public:
    // Where something is to follow from it for good, it says nothing that changes by itself, such as now().
    enum Purity { ForGood, ForNow };

    // Holds for every row.
    Condition() = default;

    // The argument's condition on rows of that table, or error 39P01. The rows of a partition go by the name
    // of the table that the condition was written for, where that is `named`.
    Condition(const Arguments &arguments, int index, Oid table, Purity purity = ForGood,
              Oid named = InvalidOid);

    bool is_always() const { return expression_ == nullptr; }

    // As SQL, in parentheses, for a statement that reads the table under its own name.
    const char *sql() const { return sql_; }

    const Expr *expression() const { return expression_; }

private:
    const Expr *expression_ = nullptr;
    const char *sql_ = "(true)";
};

// Asks a condition of rows, one by one; made for one statement, as the owner of the table.
class ConditionTest {
public:
    explicit ConditionTest(const Condition &condition)
        : state_(condition.is_always() ? nullptr
                                       : ExecInitExpr(const_cast<Expr *>(condition.expression()), nullptr)),
          context_(condition.is_always() ? nullptr : CreateStandaloneExprContext()) {}
    ConditionTest(const ConditionTest &) = delete;
    ConditionTest &operator=(const ConditionTest &) = delete;
    ~ConditionTest() {
        if (context_ != nullptr)
            FreeExprContext(context_, true);
    }

    bool Holds(TupleTableSlot *row) {
        if (state_ == nullptr)
            return true;
        ResetExprContext(context_);
        context_->ecxt_scantuple = row;
        bool is_null;
        const Datum value = ExecEvalExprSwitchContext(state_, context_, &is_null);
        return !is_null && DatumGetBool(value);
    }

private:
    ExprState *state_;
    ExprContext *context_;
};

} // namespace laurel::guards
