#include "spi.h"

#include "refused_row.h"

extern "C" {
#include "parser/parsetree.h"
}

namespace laurel {

namespace {

// The statement as analyzed and rewritten last; null where something has made that invalid meanwhile.
const Query *
QueryOf(SPIPlanPtr plan) {
    if (plan == nullptr || SPI_plan_get_plan_sources(plan) == NIL)
        return nullptr;
    const auto *source = static_cast<const CachedPlanSource *>(linitial(SPI_plan_get_plan_sources(plan)));
    return source->query_list == NIL ? nullptr : linitial_node(Query, source->query_list);
}

} // namespace

SpiConnection::SpiConnection() {
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "SPI_connect failed");
}

void
Statement::Prepare() {
    const CatalogPath path(CatalogPath::Force);
    SPIPlanPtr plan = SPI_prepare_cursor(sql_, count_, types_.data(), options_);
    if (plan == nullptr)
        elog(ERROR, "could not prepare \"%s\": %s", sql_, SPI_result_code_string(SPI_result));
    SPI_keepplan(plan);
    plan_ = plan;
}

void
Statement::Forget() {
    if (plan_ != nullptr)
        SPI_freeplan(plan_);
    plan_ = nullptr;
}

Statement
Statement::ReturnsTypes(const Oid *types, int count) const {
    if (count > kMaxColumns)
        elog(ERROR, "a statement gives at most %d columns", kMaxColumns);
    Statement copy = *this;
    std::copy(types, types + count, copy.columns_.begin());
    copy.column_count_ = count;
    return copy;
}

uint64
Statement::Run(Access access, const Parameters &parameters, long limit) {
    CheckParameters(parameters);
    const CatalogPath path;
    if (plan_ == nullptr)
        Prepare();
    const int result = WithoutRefusedRow([&] {
        return SPI_execute_plan(plan_, parameters.values(), parameters.nulls(), access == Access::Read,
                                limit);
    });
    if (result < 0)
        elog(ERROR, "could not execute \"%s\": %s", sql_, SPI_result_code_string(result));
    CheckColumns();
    NoteResult(this);
    return SPI_processed;
}

void
Statement::Write(const Parameters &parameters) {
    if (Run(Access::Write, parameters) != 1)
        RefuseDropped(Table(), psprintf("a trigger dropped the row that was to be written to %s",
                                        QualifiedName(Table())));
}

// As foreign keys run their cascades.
void
Statement::RunLater(const Parameters &parameters) {
    CheckParameters(parameters);
    const CatalogPath path;
    if (plan_ == nullptr)
        Prepare();
    const int result = WithoutRefusedRow([&] {
        return SPI_execute_snapshot(plan_, parameters.values(), parameters.nulls(), InvalidSnapshot,
                                    InvalidSnapshot, false, false, 0);
    });
    if (result < 0)
        elog(ERROR, "could not execute \"%s\": %s", sql_, SPI_result_code_string(result));
    NoteResult(this);
}

void
Statement::RunInto(DestReceiver *receiver, const Parameters &parameters, Access access) {
    CheckParameters(parameters);
    const CatalogPath path;
    if (plan_ == nullptr)
        Prepare();
    SPIExecuteOptions options = {};
    options.params = makeParamList(count_);
    for (int i = 0; i < count_; i++)
        options.params->params[i] = {parameters.values()[i], parameters.IsNull(i), PARAM_FLAG_CONST,
                                     types_[static_cast<size_t>(i)]};
    options.read_only = access == Access::Read;
    options.dest = receiver;
    const int result = SPI_execute_plan_extended(plan_, &options);
    if (result < 0)
        elog(ERROR, "could not execute \"%s\": %s", sql_, SPI_result_code_string(result));
    ForgetResult();
}

uint64
Statement::RunOnce(Access access, const Parameters &parameters) const {
    CheckParameters(parameters);
    const CatalogPath path;
    const int result = WithoutRefusedRow([&] {
        return SPI_execute_with_args(sql_, count_, const_cast<Oid *>(types_.data()), parameters.values(),
                                     parameters.nulls(), access == Access::Read, 0);
    });
    if (result < 0)
        elog(ERROR, "could not execute \"%s\": %s", sql_, SPI_result_code_string(result));
    CheckColumns();
    NoteResult(nullptr);
    return SPI_processed;
}

void
Statement::CheckParameters(const Parameters &parameters) const {
    if (unlikely(parameters.count() != count_))
        elog(ERROR, "statement takes %d parameters and was given %d: %s", count_, parameters.count(), sql_);
}

// What came must be what was declared: whoever reads it sees addresses otherwise.
void
Statement::CheckColumns(TupleDesc columns) const {
    const int count = columns == nullptr ? 0 : columns->natts;
    bool fits = count == column_count_;
    for (int column = 0; fits && column < count; column++)
        fits = IsType(TupleDescAttr(columns, column)->atttypid, columns_[static_cast<size_t>(column)]);
    if (unlikely(!fits))
        RefuseColumns(columns);
}

void
Statement::RefuseColumns(TupleDesc columns) const {
    const int count = columns == nullptr ? 0 : columns->natts;
    if (count != column_count_)
        elog(ERROR, "statement gives %d columns and declares %d: %s", count, column_count_, sql_);
    int column = 0;
    while (IsType(SPI_gettypeid(columns, column + 1), columns_[static_cast<size_t>(column)]))
        column++;
    const Oid found = SPI_gettypeid(columns, column + 1);
    const Oid expected = columns_[static_cast<size_t>(column)];
    const TargetEntry *target = Target(column);
    if (target != nullptr && OidIsValid(target->resorigtbl))
        RefuseType(target->resorigtbl, get_attname(target->resorigtbl, target->resorigcol, false), found,
                   expected);
    RefuseType(Table(), SPI_fname(columns, column + 1), found, expected);
}

const TargetEntry *
Statement::Target(int column) const {
    const Query *query = QueryOf(plan_);
    if (query == nullptr)
        return nullptr;
    const List *targets = query->commandType == CMD_SELECT ? query->targetList : query->returningList;
    ListCell *cell;
    foreach (cell, targets) {
        const auto *target = static_cast<const TargetEntry *>(lfirst(cell));
        if (!target->resjunk && column-- == 0)
            return target;
    }
    return nullptr;
}

Oid
Statement::Table() const {
    const Query *query = QueryOf(plan_);
    if (query == nullptr)
        return InvalidOid;
    if (query->resultRelation > 0)
        return rt_fetch(query->resultRelation, query->rtable)->relid;
    ListCell *cell;
    foreach (cell, query->rtable) {
        const auto *entry = static_cast<const RangeTblEntry *>(lfirst(cell));
        if (entry->rtekind == RTE_RELATION)
            return entry->relid;
    }
    return InvalidOid;
}

TupleDesc
Statement::Columns() const {
    const List *sources = plan_ == nullptr ? NIL : SPI_plan_get_plan_sources(plan_);
    return list_length(sources) == 1 ? static_cast<const CachedPlanSource *>(linitial(sources))->resultDesc
                                     : nullptr;
}

List *
Statement::Tables() const {
    List *tables = NIL;
    const List *sources = plan_ == nullptr ? NIL : SPI_plan_get_plan_sources(plan_);
    if (sources != NIL)
        tables = list_copy(static_cast<const CachedPlanSource *>(linitial(sources))->relationOids);
    return tables;
}

List *
Statement::Items() const {
    const List *sources = plan_ == nullptr ? NIL : SPI_plan_get_plan_sources(plan_);
    return sources == NIL ? NIL : static_cast<const CachedPlanSource *>(linitial(sources))->invalItems;
}

uint64
RunScript(const char *sql) {
    const CatalogPath path;
    const int result = SPI_execute(sql, false, 0);
    if (result < 0)
        elog(ERROR, "could not execute \"%s\": %s", sql, SPI_result_code_string(result));
    ForgetResult();
    return SPI_processed;
}

Cursor::Cursor(const Statement &statement, Access access, const Parameters &parameters)
    : statement_(statement) {
    statement.CheckParameters(parameters);
    const CatalogPath path;
    portal_ = SPI_cursor_open_with_args(nullptr, statement.sql_, statement.count_,
                                        const_cast<Oid *>(statement.types_.data()), parameters.values(),
                                        parameters.nulls(), access == Access::Read, 0);
    ForgetResult();
    rows_ = KeptResult();
}

uint64
Cursor::Fetch(long count) {
    rows_.Forget();
    SPI_cursor_fetch(portal_, true, count);
    statement_.CheckColumns();
    NoteResult(nullptr);
    rows_ = KeptResult();
    return RowCount();
}

} // namespace laurel
