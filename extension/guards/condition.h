// Conditions on the rows of one table, and amounts that they say, written as SQL in a trigger's argument.
#pragma once

#include "guards/arguments.h"

namespace laurel::guards {

// A value that a row's own columns decide, without sub-selects.
class RowExpression {
public:
    // Where something is to follow from it for good, it says nothing that changes by itself, such as now().
    enum Purity { ForGood, ForNow };

    // The argument's expression on rows of that table, of that type, or error 39P01. The rows of a partition
    // go by the name of the table that it was written for, where that is `named`.
    RowExpression(Arguments &arguments, int index, Oid table, Oid type, Purity purity,
                  Oid named = InvalidOid);

    // As SQL, in parentheses, for a statement that reads the table under its own name.
    const char *sql() const { return sql_; }

    const Expr *expression() const { return expression_; }

protected:
    RowExpression(const Expr *expression, const char *sql) : expression_(expression), sql_(sql) {}

    const Expr *expression_;
    const char *sql_;
};

class Condition : public RowExpression {
public:
    // Holds for every row.
    Condition() : RowExpression(nullptr, "(true)") {}
    Condition(Arguments &arguments, int index, Oid table, Purity purity = ForGood, Oid named = InvalidOid);

    bool is_always() const { return expression_ == nullptr; }
};

// An integer.
class Amount : public RowExpression {
public:
    Amount(Arguments &arguments, int index, Oid table, Oid named)
        : RowExpression(arguments, index, table, INT8OID, ForGood, named) {}
};

// Asks rows for a value, one by one; made for one statement, as the owner of the table.
class RowReader {
public:
    explicit RowReader(const RowExpression &expression)
        : state_(expression.expression() == nullptr
                     ? nullptr
                     : ExecInitExpr(const_cast<Expr *>(expression.expression()), nullptr)),
          context_(state_ == nullptr ? nullptr : CreateStandaloneExprContext()) {}
    RowReader(const RowReader &) = delete;
    RowReader &operator=(const RowReader &) = delete;
    ~RowReader() {
        if (context_ != nullptr)
            FreeExprContext(context_, true);
    }

protected:
    bool has_expression() const { return state_ != nullptr; }

    Datum Value(TupleTableSlot *row, bool *is_null) {
        ResetExprContext(context_);
        context_->ecxt_scantuple = row;
        return ExecEvalExprSwitchContext(state_, context_, is_null);
    }

private:
    ExprState *state_;
    ExprContext *context_;
};

class ConditionTest : public RowReader {
public:
    explicit ConditionTest(const Condition &condition) : RowReader(condition) {}

    bool Holds(TupleTableSlot *row) {
        if (!has_expression())
            return true;
        bool is_null;
        const Datum value = Value(row, &is_null);
        return !is_null && DatumGetBool(value);
    }
};

class AmountReader : public RowReader {
public:
    explicit AmountReader(const Amount &amount) : RowReader(amount) {}

    // 0 where it is null.
    int64 Of(TupleTableSlot *row) {
        bool is_null;
        const Datum value = Value(row, &is_null);
        return is_null ? 0 : DatumGetInt64(value);
    }
};

} // namespace laurel::guards
