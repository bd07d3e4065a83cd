#include "module.h"

#include "grading/answers.h"
#include "postgres/spi.h"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

namespace laurel::learning {

namespace {

Statement find_module = Statement(R"(SELECT m.status = 'active', l.status = 'published', m.passing_score,
        m.max_attempts, m.attempt_cooldown, m.points_reward, m.quiz_questions <> '[]', k.id IS NOT NULL, l.id,
        EXISTS (SELECT FROM ONLY laurel.module_prerequisites r WHERE r.organization_id = $1 AND r.module_id = $2)
        FROM ONLY laurel.learning_modules m
        JOIN ONLY laurel.learning_paths l ON l.organization_id = m.organization_id AND l.id = m.learning_path_id
        LEFT JOIN ONLY laurel.answer_keys k ON k.organization_id = m.organization_id AND k.module_id = m.id
        WHERE m.organization_id = $1 AND m.id = $2)",
                                  UUIDOID, UUIDOID)
                            .Returns(BOOLOID, BOOLOID, NUMERICOID, INT4OID, INTERVALOID, INT8OID, BOOLOID,
                                     BOOLOID, UUIDOID, BOOLOID)
                            .Generic();

Statement find_keys =
    Statement("SELECT keys FROM ONLY laurel.answer_keys WHERE organization_id = $1 AND module_id = $2",
              UUIDOID, UUIDOID)
        .Returns(JSONBOID);

} // namespace

bool
FindModule(const Uuid &organization, const Uuid &id, Module *module) {
    if (find_module.Run(Access::Write, {FromUuid(organization), FromUuid(id)}) == 0)
        return false;
    Row row;
    bool is_null;
    module->is_active = DatumGetBool(row.Next());
    module->path_takes_members = DatumGetBool(row.Next());
    module->passing_score = row.Next();
    const Datum most = row.Next(&is_null);
    module->max_attempts = is_null ? 0 : DatumGetInt32(most);
    module->cooldown = *DatumGetIntervalP(row.Next());
    module->points = DatumGetInt64(row.Next());
    const bool has_questions = DatumGetBool(row.Next());
    module->has_keys = DatumGetBool(row.Next());
    module->has_quiz = has_questions || module->has_keys;
    module->path = ToUuid(row.Next());
    module->has_prerequisites = DatumGetBool(row.Next());
    return true;
}

Datum
GradeAnswers(const Uuid &organization, const Uuid &module, Datum answers) {
    if (find_keys.Run(Access::Write, {FromUuid(organization), FromUuid(module)}) == 0)
        return NumericGetDatum(int64_to_numeric(0));
    const int hundredths = grading::Grade(DatumGetJsonbP(Field(0, 1)), DatumGetJsonbP(answers));
    return NumericGetDatum(int64_div_fast_to_numeric(hundredths, 2));
}

TimestampTz
NextAttempt(const Module &module, TimestampTz last) {
    const Interval &wait = module.cooldown;
    return last + (static_cast<int64>(wait.month) * DAYS_PER_MONTH + wait.day) * USECS_PER_DAY + wait.time;
}

} // namespace laurel::learning
