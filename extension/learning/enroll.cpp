// Enrolment, and the paths that are made of templates.

#include "learning/learners.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"

namespace laurel::learning {

namespace {

Statement find_path_organization =
    Statement("SELECT organization_id FROM ONLY laurel.learning_paths WHERE id = $1", UUIDOID)
        .Returns(UUIDOID);

Statement find_kind =
    Statement("SELECT is_template, status = 'published' FROM ONLY laurel.learning_paths WHERE id = $1",
              UUIDOID)
        .Returns(BOOLOID, BOOLOID);

// One path for each template: who comes second waits, and makes none.
Statement copy_path = Statement(R"(INSERT INTO laurel.learning_paths (organization_id, title, description,
        difficulty_level, pays_again, status, template_id)
        SELECT organization_id, title, description, difficulty_level, pays_again, 'published', id FROM ONLY laurel.learning_paths WHERE id = $1
        ON CONFLICT (organization_id, template_id) DO NOTHING RETURNING id)",
                                UUIDOID)
                          .Returns(UUIDOID);

Statement find_copy = Statement(R"(SELECT id FROM ONLY laurel.learning_paths
        WHERE organization_id = $1 AND template_id = $2)",
                                UUIDOID, UUIDOID)
                          .Returns(UUIDOID);

// What a template ($2) has goes to its path ($3). Modules are known by their places.
Statement
    copy_modules(R"(INSERT INTO laurel.learning_modules (organization_id, learning_path_id, position, title,
        description, content, quiz_questions, passing_score, max_attempts, attempt_cooldown, points_reward)
        SELECT organization_id, $3, position, title, description, content, quiz_questions, passing_score, max_attempts,
            attempt_cooldown, points_reward FROM ONLY laurel.learning_modules
        WHERE organization_id = $1 AND learning_path_id = $2 AND status = 'active' ORDER BY position)",
                 UUIDOID, UUIDOID, UUIDOID);

constexpr SqlText kPairs =
    R"(WITH pairs AS (SELECT o.id AS old, n.id AS new FROM ONLY laurel.learning_modules o
        JOIN ONLY laurel.learning_modules n ON n.organization_id = o.organization_id AND n.learning_path_id = $3
            AND n.position = o.position
        WHERE o.organization_id = $1 AND o.learning_path_id = $2 AND o.status = 'active') )";

Statement copy_keys(Sql<R"({1}INSERT INTO laurel.answer_keys (organization_id, module_id, keys)
        SELECT $1, p.new, k.keys FROM ONLY laurel.answer_keys k JOIN pairs p ON p.old = k.module_id
        WHERE k.organization_id = $1)",
                        kPairs>,
                    UUIDOID, UUIDOID, UUIDOID);

// A module of another path is asked for as it is.
Statement copy_prerequisites(
    Sql<R"({1}INSERT INTO laurel.module_prerequisites (organization_id, module_id, requires_id)
        SELECT $1, m.new, coalesce(r.new, q.requires_id) FROM ONLY laurel.module_prerequisites q
        JOIN pairs m ON m.old = q.module_id LEFT JOIN pairs r ON r.old = q.requires_id WHERE q.organization_id = $1)",
        kPairs>,
    UUIDOID, UUIDOID, UUIDOID);

Statement copy_milestones(
    Sql<R"({1}INSERT INTO laurel.learning_milestones (organization_id, learning_path_id, title,
        description, module_id)
        SELECT $1, $3, s.title, s.description, p.new FROM ONLY laurel.learning_milestones s
        LEFT JOIN pairs p ON p.old = s.module_id WHERE s.organization_id = $1 AND s.learning_path_id = $2)",
        kPairs>,
    UUIDOID, UUIDOID, UUIDOID);

Statement enroll =
    Statement(R"(INSERT INTO laurel.learning_path_progress (organization_id, user_id, learning_path_id)
        VALUES ($1, $2, $3) ON CONFLICT (organization_id, user_id, learning_path_id) DO NOTHING)",
              UUIDOID, UUIDOID, UUIDOID);

// The path that is made of a template, made now where nobody has been here before.
Uuid
PathOfTemplate(const Uuid &organization, const Uuid &source) {
    if (copy_path.Run(Access::Write, FromUuid(source)) == 0) {
        if (find_copy.Run(Access::Write, {FromUuid(organization), FromUuid(source)}) == 0)
            RefuseDropped(TableOid("learning_paths"), "a trigger dropped the path of the template");
        return ToUuid(Field(0, 1));
    }
    const Uuid path = ToUuid(Field(0, 1));
    const Datum values[] = {FromUuid(organization), FromUuid(source), FromUuid(path)};
    for (Statement *copy : {&copy_modules, &copy_keys, &copy_prerequisites, &copy_milestones})
        copy->Run(Access::Write, values);
    return path;
}

[[noreturn]] void
RefuseTemplate() {
    Refuse({.message = "the template takes nobody now",
            .detail = "It is a draft or archived.",
            .hint = "Publish it first.",
            .table = "learning_path_progress",
            .constraint = "learning_path_progress_learning_path_id_required"});
}

// The path in which somebody enrolls, who named this one.
Uuid
PathToTake(const Uuid &organization, const Uuid &named) {
    find_kind.Run(Access::Write, FromUuid(named));
    Row row;
    if (!DatumGetBool(row.Next()))
        return named;
    if (!DatumGetBool(row.Next()))
        RefuseTemplate();
    return PathOfTemplate(organization, named);
}

} // namespace

// laurel.enroll(path, user)
LAUREL_FUNCTION(laurel_enroll) {
    const Learner learner = LearnerOf(fcinfo, &find_path_organization, "learning_path_id",
                                      "learning_path_progress_learning_path_id_fkey", false);
    const Oid table = TableOid("learning_path_progress");
    const MemoryContext memory = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Uuid path = PathToTake(learner.organization, ToUuid(PG_GETARG_DATUM(0)));
    const Datum values[] = {FromUuid(learner.organization), FromUuid(learner.user), FromUuid(path)};
    if (!IsEnrolled(learner, path) && enroll.Run(Access::Write, values) == 0 && !IsEnrolled(learner, path))
        RefuseDropped(table, "a trigger dropped the enrolment");
    MemoryContextSwitchTo(memory);
    return CopyUuid(path);
}

} // namespace laurel::learning
