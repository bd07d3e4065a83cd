#include "spi.h"

namespace laurel {

CatalogPath::CatalogPath(Strength strength) {
    Oid first = InvalidOid;
    if (strength == IfNeeded && fetch_search_path_array(&first, 1) > 0 && first == PG_CATALOG_NAMESPACE)
        return;
    guc_level_ = NewGUCNestLevel();
    set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
                      0, false);
}

CatalogPath::~CatalogPath() {
    if (guc_level_ > 0)
        AtEOXact_GUC(true, guc_level_);
}

SpiConnection::SpiConnection() {
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "SPI_connect failed");
}

void
Statement::Prepare() {
    SPIPlanPtr plan = SPI_prepare_cursor(sql_, count_, types_.data(), options_);
    if (plan == nullptr)
        elog(ERROR, "could not prepare \"%s\": %s", sql_, SPI_result_code_string(SPI_result));
    SPI_keepplan(plan);
    plan_ = plan;
}

uint64
Statement::Run(Access access, const Datum *values, const char *nulls, long limit) {
    const CatalogPath path;
    if (plan_ == nullptr)
        Prepare();
    const int result =
        SPI_execute_plan(plan_, const_cast<Datum *>(values), nulls, access == Access::Read, limit);
    if (result < 0)
        elog(ERROR, "could not execute \"%s\": %s", sql_, SPI_result_code_string(result));
    return SPI_processed;
}

Datum
Field(uint64 row, int column, bool *is_null) {
    return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, is_null);
}

Datum
Field(uint64 row, int column) {
    bool is_null;
    const Datum value = Field(row, column, &is_null);
    if (is_null)
        elog(ERROR, "unexpected null in column %d", column);
    return value;
}

} // namespace laurel
