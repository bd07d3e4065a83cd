// Rows that tell members something: a query over the rows of a statement gives facts. A restore makes the
// triggers after the rows, so nothing is told twice.

#include "guards/tell.h"

#include "guards/facts.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"

namespace laurel::guards {

namespace {

constexpr TriggerSpec kTellSpec = {"tell_rows", TriggerSpec::After, TriggerSpec::EachStatement,
                                   TriggerSpec::Insert | TriggerSpec::Update, 2};

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

constexpr int64 kMany = 100; // rows

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

// A query over a statement's rows; the arguments operation and query of its trigger.
struct Telling {
    explicit Telling(Arguments &arguments);

    Oid owner;
    Keys keys;
    // Planned when they run first: for some rows, and for very many.
    Statement few;
    Statement many;
};

Telling::Telling(Arguments &arguments) : owner(arguments.owner()), keys(Keys::OfRows), few(""), many("") {
    arguments.RequireOwnerOf("points_ledger");
    const MemoryContext memory = CurrentMemoryContext; // SPI leaves its own behind
    const SpiConnection spi;
    arguments.ShareNoRows();
    const Query query(arguments, arguments.Text(1));
    MemoryContextSwitchTo(memory);
    const char *facts = FactsOf(query, strcmp(arguments.Text(0), "UPDATE") == 0);
    keys = query.Has("key") ? Keys::Anybodys : Keys::OfRows;
    few = many = Statement(facts);
    for (Statement *statement : {&few, &many}) {
        arguments.Read([statement] { statement->Prepare(); });
        MemoryContextSwitchTo(memory);
        arguments.Keep(statement);
    }
    ListCell *cell;
    foreach (cell, few.Tables())
        arguments.Watch(lfirst_oid(cell));
    arguments.WatchFunctions(few.Items());
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
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const CatalogPath path(CatalogPath::Force);
    TellFacts(rows < kMany ? &telling.few : &telling.many, telling.keys);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::guards
