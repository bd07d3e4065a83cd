#include "guards/condition.h"

extern "C" {
#include "access/sysattr.h"
#include "nodes/bitmapset.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_clause.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
}

namespace laurel::guards {

namespace {

[[noreturn]] void
RefuseSyntax(const char *text) {
    ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("\"%s\" is no condition", text)));
    pg_unreachable();
}

// The expression as written; whatever else a SELECT may have is refused.
Node *
Written(const char *text) {
    const auto *statement =
        castNode(SelectStmt, linitial_node(RawStmt, raw_parser(text, RAW_PARSE_PLPGSQL_EXPR))->stmt);
    if (list_length(statement->targetList) != 1 || statement->fromClause != NIL ||
        statement->whereClause != nullptr || statement->groupClause != NIL || statement->sortClause != NIL ||
        statement->limitCount != nullptr || statement->withClause != nullptr || statement->op != SETOP_NONE)
        RefuseSyntax(text);
    Node *value = linitial_node(ResTarget, statement->targetList)->val;
    // A bare * is a list of columns, which the server would take for a name.
    if (IsA(value, ColumnRef) && IsA(llast(castNode(ColumnRef, value)->fields), A_Star))
        RefuseSyntax(text);
    return value;
}

Expr *
Understood(const char *text, Relation table, Alias *name) {
    ParseState *state = make_parsestate(nullptr);
    state->p_sourcetext = text;
    ParseNamespaceItem *columns =
        addRangeTableEntryForRelation(state, table, AccessShareLock, name, false, false);
    addNSItemToQuery(state, columns, true, true, true);
    Node *node = transformExpr(state, Written(text), EXPR_KIND_TRIGGER_WHEN);
    node = coerce_to_boolean(state, node, "WHEN");
    assign_expr_collations(state, node);
    free_parsestate(state);
    return expression_planner(reinterpret_cast<Expr *>(node));
}

// Whether it reads something that is not a column of the row: its place, its table, all of it as one value.
bool
ReadsMore(Expr *expression) {
    Bitmapset *columns = nullptr;
    pull_varattnos(reinterpret_cast<Node *>(expression), 1, &columns);
    const int first = bms_next_member(columns, -1);
    return first >= 0 && first + FirstLowInvalidHeapAttributeNumber <= 0;
}

bool
IsTrue(const Expr *expression) {
    const auto *constant = IsA(expression, Const) ? reinterpret_cast<const Const *>(expression) : nullptr;
    return constant != nullptr && !constant->constisnull && DatumGetBool(constant->constvalue);
}

} // namespace

Condition::Condition(const Arguments &arguments, int index, Oid table, Purity purity, Oid named) {
    const char *text = arguments.Text(index);
    Expr *expression = nullptr;
    Alias *name = OidIsValid(named) && named != table ? makeAlias(get_rel_name(named), NIL) : nullptr;
    arguments.Read([&expression, text, table, name] {
        Relation rows = table_open(table, AccessShareLock);
        expression = Understood(text, rows, name);
        table_close(rows, NoLock);
    });
    const bool is_pure = purity == ForNow || !contain_mutable_functions(reinterpret_cast<Node *>(expression));
    if (!is_pure || ReadsMore(expression))
        arguments.Refuse(
            psprintf("has the condition \"%s\", which the columns of a row do not decide alone", text));
    sql_ = psprintf("(%s)", text);
    expression_ = IsTrue(expression) ? nullptr : expression;
}

} // namespace laurel::guards
