// What an external service says of a result: of the one it was asked about, once.

#include "guards/derived_write.h"
#include "postgres/arguments.h"
#include "postgres/bounded_json.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::assessments {

namespace {

Statement lock_result =
    Statement(R"(SELECT organization_id, analysis_id IS NOT DISTINCT FROM $2, analysed_at IS NOT NULL,
            ai_analysis IS NOT DISTINCT FROM $3 AND recommendations IS NOT DISTINCT FROM $4
        FROM ONLY laurel.assessment_results WHERE id = $1 FOR NO KEY UPDATE)",
              UUIDOID, UUIDOID, JSONBOID, JSONBOID)
        .Returns(UUIDOID, BOOLOID, BOOLOID, BOOLOID);

Statement write_analysis =
    Statement(R"(UPDATE ONLY laurel.assessment_results SET ai_analysis = $3, recommendations = $4,
            analysed_at = pg_catalog.clock_timestamp() WHERE organization_id = $1 AND id = $2)",
              UUIDOID, UUIDOID, JSONBOID, JSONBOID);

[[noreturn]] void
RefuseAnalysis(int sqlstate, const char *constraint, const char *message, const char *hint) {
    Refuse({.sqlstate = sqlstate,
            .message = message,
            .hint = hint,
            .table = "assessment_results",
            .constraint = constraint});
}

} // namespace

// laurel.store_analysis(result, analysis, ai_analysis, recommendations)
LAUREL_FUNCTION(laurel_store_analysis) {
    const Datum id = Required(fcinfo, 0, "result_id"), asked = Required(fcinfo, 1, "analysis_id");
    const Datum said = Required(fcinfo, 2, "ai_analysis");
    const Nullable advice = Argument(fcinfo, 3);
    RequireBoundedJson(said, "assessment_results", "ai_analysis");
    if (!advice.is_null)
        RequireBoundedJson(advice.value, "assessment_results", "recommendations");
    const Oid table = TableOid("assessment_results");
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    if (lock_result.Run(Access::Write, {id, asked, said, advice}) == 0)
        RefuseAnalysis(ERRCODE_FOREIGN_KEY_VIOLATION, "assessment_results_pkey", "there is no such result",
                       nullptr);
    if (!DatumGetBool(Field(0, 2)))
        RefuseAnalysis(kConflict, "assessment_results_analysis_id",
                       "the analysis was not asked for, or the result is another by now",
                       "Answer with the analysis_id of the last event assessment_analysis_requested.");
    if (DatumGetBool(Field(0, 3))) {
        if (!DatumGetBool(Field(0, 4)))
            RefuseAnalysis(kConflict, "assessment_results_analysed_at", "the result was analysed already",
                           "Each request is answered once; a retry says the same.");
        PG_RETURN_BOOL(false);
    }
    const guards::DerivedWrite writing({table});
    write_analysis.Run(Access::Write, {Field(0, 1), id, said, advice});
    PG_RETURN_BOOL(true);
}

} // namespace laurel::assessments
