#include "guards/condition.h"

extern "C" {
#include "access/sysattr.h"
#include "nodes/bitmapset.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
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
    ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("\"%s\" is no expression", text)));
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

Node *
Coerced(ParseState *state, Node *node, Oid type) {
    if (type == BOOLOID)
        return coerce_to_boolean(state, node, "WHEN");
    Node *coerced = coerce_to_target_type(state, node, exprType(node), type, -1, COERCION_IMPLICIT,
                                          COERCE_IMPLICIT_CAST, -1);
    if (coerced == nullptr)
        ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                        errmsg("\"%s\" is of type %s, not %s", state->p_sourcetext,
                               format_type_be(exprType(node)), format_type_be(type))));
    return coerced;
}

// `items` is what the expression depends on besides tables.
Expr *
Understood(const char *text, Relation table, Alias *name, Oid type, List **items) {
    ParseState *state = make_parsestate(nullptr);
    state->p_sourcetext = text;
    ParseNamespaceItem *columns =
        addRangeTableEntryForRelation(state, table, AccessShareLock, name, false, false);
    addNSItemToQuery(state, columns, true, true, true);
    Node *node = transformExpr(state, Written(text), EXPR_KIND_TRIGGER_WHEN);
    node = Coerced(state, node, type);
    assign_expr_collations(state, node);
    free_parsestate(state);
    List *tables;
    return expression_planner_with_deps(reinterpret_cast<Expr *>(node), &tables, items);
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

RowExpression::RowExpression(Arguments &arguments, int index, Oid table, Oid type, Purity purity, Oid named)
    : expression_(nullptr), sql_(nullptr) {
    const char *text = arguments.Text(index);
    Expr *expression = nullptr;
    List *items = nullptr;
    Alias *name = OidIsValid(named) && named != table ? makeAlias(get_rel_name(named), NIL) : nullptr;
    arguments.Read([&expression, &items, text, table, name, type] {
        Relation rows = table_open(table, AccessShareLock);
        expression = Understood(text, rows, name, type, &items);
        table_close(rows, NoLock);
    });
    arguments.WatchFunctions(items);
    const bool is_pure = purity == ForNow || !contain_mutable_functions(reinterpret_cast<Node *>(expression));
    if (!is_pure || ReadsMore(expression))
        arguments.Refuse(psprintf("has the %s \"%s\", which the columns of a row do not decide alone",
                                  type == BOOLOID ? "condition" : "expression", text));
    sql_ = psprintf("(%s)", text);
    expression_ = expression;
}

Condition::Condition(Arguments &arguments, int index, Oid table, Purity purity, Oid named)
    : RowExpression(arguments, index, table, BOOLOID, purity, named) {
    if (IsTrue(expression_))
        expression_ = nullptr;
}

} // namespace laurel::guards
