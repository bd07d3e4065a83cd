#include "retention/tally.h"

#include "postgres/halving.h"

namespace laurel::retention {

namespace {

constexpr double kRowsPerBlockUnknown = 50;

} // namespace

double
RowsPerBlock(Relation relation) {
    const Form_pg_class statistics = relation->rd_rel;
    if (statistics->reltuples <= 0 || statistics->relpages <= 0)
        return kRowsPerBlockUnknown;
    return std::max(1.0, static_cast<double>(statistics->reltuples) / statistics->relpages);
}

void
Fail(Tally *tally, const ErrorData &error) {
    tally->failed++;
    if (tally->error == nullptr)
        tally->error = psprintf("%s %s", unpack_sql_state(error.sqlerrcode), error.message);
}

void
Keep(Tally *tally, int64 rows, Oid table) {
    tally->failed += rows;
    if (rows > 0 && tally->error == nullptr)
        tally->error =
            psprintf("%s a trigger or rule of the application keeps or puts back rows of table \"%s\""
                     " that are due",
                     unpack_sql_state(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), get_rel_name(table));
}

bool
EndsStep(int sqlstate) {
    return sqlstate == ERRCODE_LOCK_NOT_AVAILABLE || StopsBatch(sqlstate);
}

int64
BytesOf(Oid table, int64 rows) {
    Relation relation = table_open(table, AccessShareLock);
    const auto bytes = static_cast<int64>(static_cast<double>(rows) * BLCKSZ / RowsPerBlock(relation));
    table_close(relation, NoLock);
    return bytes;
}

} // namespace laurel::retention
