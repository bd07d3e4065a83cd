// Rows that tell members something: a query over the rows of a statement gives facts. A restore makes the
// triggers after the rows, so nothing is told twice.

#include "guards/tell.h"

#include "guards/condition.h"
#include "guards/facts.h"
#include "guards/transition_rows.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"

extern "C" {
#include "utils/datum.h"
}

namespace laurel::guards {

namespace {

constexpr TriggerSpec kTellSpec = {"tell_rows", TriggerSpec::After, TriggerSpec::EachStatement,
                                   TriggerSpec::Insert | TriggerSpec::Update, TriggerSpec::kSomeArguments};

// The columns that a query may have; the first three it must have.
constexpr RowSetColumn kQueryColumns[] = {{"organization_id", UUIDOID},
                                          {"user_id", UUIDOID},
                                          {"type", TEXTOID},
                                          {"data", JSONBOID},
                                          {"title", TEXTOID},
                                          {"message", TEXTOID},
                                          {"link", TEXTOID},
                                          {"priority", INT2OID},
                                          {"points", INT8OID},
                                          {"reason", TEXTOID},
                                          {"key", TEXTOID},
                                          {"id", UUIDOID},
                                          {"reference_type", TEXTOID},
                                          {"reference_id", UUIDOID},
                                          {"occurred_at", TIMESTAMPTZOID}};
constexpr size_t kRequired = 3;

constexpr int64 kMany = 100, kVeryMany = 1000; // rows

// The columns that a query has.
class Query {
public:
    Query(const Arguments &arguments, const char *text) : arguments_(arguments), text_(text) {
        Statement all(psprintf("SELECT * FROM (%s\n) q", text));
        arguments.Read([&all] { all.Prepare(); });
        columns_ = all.Columns();
        if (columns_ == nullptr)
            arguments.Refuse("has more than one query");
        columns_ = CreateTupleDescCopy(columns_);
        all.Forget();
        Check();
    }

    bool Has(const char *name) const {
        for (int i = 0; i < columns_->natts; i++)
            if (strcmp(NameStr(TupleDescAttr(columns_, i)->attname), name) == 0)
                return true;
        return false;
    }

    // It gives all columns that there may be, with their types.
    const char *Whole() const {
        StringInfoData sql;
        initStringInfo(&sql);
        for (const RowSetColumn &column : kQueryColumns)
            appendStringInfo(&sql, "%s%s%s::%s AS %s", sql.len == 0 ? "SELECT " : ", ",
                             Has(column.name) ? "q." : "NULL", Has(column.name) ? column.name : "",
                             format_type_be(column.type), column.name);
        appendStringInfo(&sql, " FROM (%s\n) q", text_);
        return sql.data;
    }

private:
    void Check() const {
        for (int i = 0; i < columns_->natts; i++)
            CheckColumn(*TupleDescAttr(columns_, i));
        for (size_t i = 0; i < kRequired; i++)
            if (!Has(kQueryColumns[i].name))
                arguments_.Refuse(psprintf("has a query without %s", kQueryColumns[i].name));
        if (Has("points") && !Has("key") && !Has("id"))
            arguments_.Refuse("has a query that pays points without saying what for",
                              "Give the row's id, so that it pays once, or a key.");
    }

    void CheckColumn(const FormData_pg_attribute &found) const {
        const char *name = NameStr(found.attname);
        const RowSetColumn *column =
            std::find_if(std::begin(kQueryColumns), std::end(kQueryColumns),
                         [name](const RowSetColumn &known) { return strcmp(known.name, name) == 0; });
        if (column == std::end(kQueryColumns))
            arguments_.Refuse(psprintf("has a query with a column \"%s\", which says nothing", name),
                              psprintf("It may have %s.", Known()));
        if (!Fits(found.atttypid, column->type))
            arguments_.Refuse(psprintf("has a query that gives %s as %s, not %s", name,
                                       format_type_be(found.atttypid), format_type_be(column->type)));
    }

    static bool IsInteger(Oid type) { return type == INT2OID || type == INT4OID || type == INT8OID; }
    static bool Fits(Oid found, Oid wanted) {
        return IsType(found, wanted) || (IsInteger(found) && IsInteger(wanted));
    }

    static const char *Known() {
        StringInfoData names;
        initStringInfo(&names);
        for (const RowSetColumn &column : kQueryColumns)
            appendStringInfo(&names, "%s%s", names.len == 0 ? "" : ", ", column.name);
        return names.data;
    }

    const Arguments &arguments_;
    const char *text_;
    TupleDesc columns_ = nullptr;
};

// Whose key a fact has: the query's, else one made of the row that it is about.
const char *
KeyOf(const Query &query) {
    return query.Has("id") ? "coalesce(f.key, f.type || ':' || f.id || ':' || f.user_id)" : "f.key";
}

// The facts that a query gives, in the order in which accounts are locked, which is also the fastest to write
// them in; those of one moment in that of their keys, which follow the order of time-ordered ids. A row is
// inserted once, but may be updated to the same more often.
const char *
FactsOf(const Query &query, bool is_update) {
    const bool is_said_once = query.Has("title") && (is_update || query.Has("key"));
    return psprintf(R"(
        SELECT f.organization_id, f.user_id, f.type, coalesce(f.data, '{}'), coalesce(f.occurred_at, clock_timestamp()), f.title,
            f.message, f.link, f.priority, f.points, coalesce(f.reason, nullif(btrim(f.title), ''), f.type),
            f.reference_type, f.reference_id, %s, %s
        FROM (%s) f WHERE f.user_id IS NOT NULL ORDER BY f.organization_id, f.user_id, f.occurred_at, %s COLLATE "C")",
                    query.Has("points") || is_said_once ? KeyOf(query) : "NULL::text",
                    is_said_once ? KeyOf(query) : "NULL::text", query.Whole(), KeyOf(query));
}

// A query over a statement's rows; the arguments operation, query, telling and changed... of its trigger.
struct Telling {
    static constexpr int kOperation = 0, kQuery = 1, kTelling = 2, kChanged = 3; // the first column of any

    explicit Telling(Arguments &arguments);

    Oid owner;
    Condition telling;      // without a row that meets it, the query gives nothing
    GuardedColumn key;      // of a row, where there are columns to compare
    GuardedColumn *changed; // nor without one in which one of these has changed
    int changed_count;
    Keys keys;
    // Planned for some rows, and for very many.
    Statement few;
    Statement many;
};

Telling::Telling(Arguments &arguments)
    : owner(arguments.owner()),
      telling(arguments, kTelling, arguments.table(), Condition::ForGood, arguments.root()), key(),
      changed(NewList<GuardedColumn>(arguments.count())), changed_count(arguments.count() - kChanged),
      keys(Keys::OfRows), few(""), many("") {
    for (int i = 0; i < changed_count; i++)
        changed[i] = arguments.Column(kChanged + i, arguments.table(), InvalidOid);
    if (changed_count > 0)
        key = arguments.ColumnNamed("id", arguments.table(), UUIDOID);
    arguments.RequireOwnerOf("points_ledger");
    const MemoryContext memory = CurrentMemoryContext; // SPI leaves its own behind
    const SpiConnection spi;
    const MemoryContext short_lived = CurrentMemoryContext;
    arguments.ShareNoRows(1);
    const Query query(arguments, arguments.Text(kQuery));
    MemoryContextSwitchTo(memory);
    const char *facts = FactsOf(query, strcmp(arguments.Text(kOperation), "UPDATE") == 0);
    keys = query.Has("key") ? Keys::Anybodys : Keys::OfRows;
    few = many = Statement(facts);
    for (Statement *statement : {&few, &many}) {
        MemoryContextSwitchTo(short_lived);
        arguments.ShareNoRows(statement == &few ? 1 : kVeryMany);
        arguments.Read([statement] { statement->Prepare(); });
        MemoryContextSwitchTo(memory);
        arguments.Keep(statement);
    }
    ListCell *cell;
    foreach (cell, few.Tables())
        arguments.Watch(lfirst_oid(cell));
    arguments.WatchFunctions(few.Items());
}

bool
IsSame(const GuardedColumn &column, TupleTableSlot *a, TupleTableSlot *b) {
    bool a_is_null, b_is_null;
    const Datum value = slot_getattr(a, column.number, &a_is_null),
                other = slot_getattr(b, column.number, &b_is_null);
    return a_is_null == b_is_null &&
           (a_is_null || datum_image_eq(value, other, column.by_value, column.length));
}

// Whether one of the columns differs between a row and the one it was; both tables have them in one order, or
// it counts as changed.
bool
HasChanged(const Telling &telling, TupleTableSlot *row, TransitionReader *before) {
    TupleTableSlot *was = before->Next();
    if (was == nullptr || !IsSame(telling.key, row, was))
        return true;
    return std::any_of(telling.changed, telling.changed + telling.changed_count,
                       [=](const GuardedColumn &column) { return !IsSame(column, row, was); });
}

// Whether a row of the statement may have something to tell. Run as the owner.
bool
MayTell(const TriggerData *trigger, const Telling &telling) {
    const bool compares = telling.changed_count > 0;
    if (telling.telling.is_always() && !compares)
        return true;
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    TransitionReader rows(tuple_desc, trigger->tg_newtable);
    TransitionReader before(tuple_desc, compares ? trigger->tg_oldtable : trigger->tg_newtable);
    ConditionTest test(telling.telling);
    while (TupleTableSlot *row = rows.Next()) {
        const bool changed = !compares || HasChanged(telling, row, &before);
        if (changed && test.Holds(row))
            return true;
    }
    return false;
}

} // namespace

constinit const GuardKind kTellRows = {"tell_rows", ReadRule<Telling>};

LAUREL_FUNCTION(laurel_tell_rows) {
    TriggerData *trigger = CheckTrigger(fcinfo, kTellSpec);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    Telling &telling = RuleOf<Telling>(trigger);
    const AsOwner owner(telling.owner);
    if (!MayTell(trigger, telling))
        return PointerGetDatum(nullptr);
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const CatalogPath path(CatalogPath::Force);
    TellFacts(rows < kMany ? &telling.few : &telling.many, telling.keys);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::guards
