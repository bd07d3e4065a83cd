// Doing a path again: what was completed becomes history, and the member begins anew.
//
// Lock order: the member's own lock, the completions, the progress.

#include "learning/certifications.h"

#include "access/caller.h"
#include "postgres/bridge.h"
#include "postgres/own_lock.h"
#include "postgres/owner.h"

namespace laurel::learning {

namespace {

Statement find_renewed_organization =
    Statement("SELECT organization_id FROM ONLY laurel.learning_paths WHERE id = $1", UUIDOID)
        .Returns(UUIDOID);

Statement find_standing = Statement(R"(SELECT p.status = 'completed',
            (SELECT pg_catalog.count(*)::integer FROM ONLY laurel.path_certifications c WHERE c.organization_id = $1
             AND c.user_id = $2 AND c.learning_path_id = $3)
        FROM (VALUES (1)) v LEFT JOIN ONLY laurel.learning_path_progress p ON p.organization_id = $1
            AND p.user_id = $2 AND p.learning_path_id = $3)",
                                    UUIDOID, UUIDOID, UUIDOID)
                              .Returns(BOOLOID, INT4OID);

// When the first of what is assigned may be begun; no row where nothing is.
Statement find_opening =
    Statement(R"(SELECT coalesce(g.opens_at, '-infinity') FROM ONLY laurel.assigned_learning g
        WHERE g.organization_id = $1 AND g.user_id = $2 AND g.learning_path_id = $3 AND g.status = 'assigned'
        ORDER BY 1 LIMIT 1)",
              UUIDOID, UUIDOID, UUIDOID)
        .Returns(TIMESTAMPTZOID);

// What was done, with as much of it as retention has left and fits.
Statement
    keep_facts(R"(INSERT INTO laurel.path_certifications (organization_id, user_id, learning_path_id, cycle,
            started_at, completed_at, modules_completed, milestones_completed, details)
        SELECT p.organization_id, p.user_id, p.learning_path_id, $4, p.started_date, p.completed_date,
            p.modules_completed, p.milestones_completed, coalesce((SELECT pg_catalog.jsonb_object_agg(d.module_id,
                pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('quiz_score', d.quiz_score, 'attempts', d.attempts,
                    'points_earned', d.points_earned, 'completed_date', d.completed_date)))
             FROM (SELECT c.* FROM ONLY laurel.module_completions c JOIN ONLY laurel.learning_modules m
                    ON m.organization_id = c.organization_id AND m.id = c.module_id
                WHERE c.organization_id = p.organization_id AND c.user_id = p.user_id
                    AND c.learning_path_id = p.learning_path_id AND c.status = 'completed'
                ORDER BY m.status, m.position, m.id LIMIT 200) d), '{}')
        FROM ONLY laurel.learning_path_progress p
        WHERE p.organization_id = $1 AND p.user_id = $2 AND p.learning_path_id = $3)",
               UUIDOID, UUIDOID, UUIDOID, INT4OID);

Statement clear_completions(R"(DELETE FROM ONLY laurel.module_completions
        WHERE organization_id = $1 AND user_id = $2 AND learning_path_id = $3)",
                            UUIDOID, UUIDOID, UUIDOID);
Statement clear_progress(R"(DELETE FROM ONLY laurel.learning_path_progress
        WHERE organization_id = $1 AND user_id = $2 AND learning_path_id = $3)",
                         UUIDOID, UUIDOID, UUIDOID);
Statement begin_anew(R"(INSERT INTO laurel.learning_path_progress (organization_id, user_id, learning_path_id)
        VALUES ($1, $2, $3))",
                     UUIDOID, UUIDOID, UUIDOID);

Statement is_unpaid =
    Statement(R"(SELECT FROM ONLY laurel.learning_paths p WHERE p.organization_id = $1 AND p.id = $3
        AND NOT p.pays_again AND EXISTS (SELECT FROM ONLY laurel.path_certifications c
            WHERE c.organization_id = $1 AND c.user_id = $2 AND c.learning_path_id = $3))",
              UUIDOID, UUIDOID, UUIDOID);

[[noreturn]] void
RefuseIncomplete() {
    Refuse({.message = "the path was not completed yet",
            .hint = "Complete it: it is done again only afterwards.",
            .table = "path_certifications",
            .constraint = "path_certifications_completed"});
}

[[noreturn]] void
RefuseUnopened(const char *detail) {
    Refuse({.message = "the path is not to be done again now",
            .detail = detail,
            .hint = "Wait until then, or ask an org_admin, who may let you begin at any time.",
            .table = "path_certifications",
            .constraint = "path_certifications_open"});
}

// Members do a path again when it is assigned, from when on it opens.
void
RequireOpen(const Parameters &key) {
    if (find_opening.Run(Access::Write, key) == 0)
        RefuseUnopened("It is not assigned.");
    const TimestampTz opens = DatumGetTimestampTz(Field(0, 1));
    if (opens > GetCurrentTimestamp())
        RefuseUnopened(psprintf("It may be begun at %s.", timestamptz_to_str(opens)));
}

// Makes history of what was completed. Returns which time the member does the path now.
int32
BeginAnew(const Learner &learner, const Parameters &key, bool may_always) {
    pg_uuid_t user;
    std::memcpy(user.data, learner.user.bytes, UUID_LEN);
    LockUserUntilEnd(OwnLock::AssignedLearning, &user, ExclusiveLock);
    find_standing.Run(Access::Write, key);
    Row row;
    bool is_null;
    const bool is_completed = DatumGetBool(row.Next(&is_null)) && !is_null;
    const int32 before = DatumGetInt32(row.Next());
    if (!is_completed && before == 0)
        RefuseIncomplete();
    if (!is_completed)
        return before + 1; // it is under way again already
    if (!may_always)
        RequireOpen(key);
    Parameters facts = key;
    facts.Add(Int32GetDatum(before + 1));
    if (keep_facts.Run(Access::Write, facts) == 0)
        RefuseDropped(TableOid("path_certifications"), "a trigger dropped what was completed");
    clear_completions.Run(Access::Write, key);
    for (Statement *step : {&clear_progress, &begin_anew})
        if (step->Run(Access::Write, key) == 0)
            RefuseDropped(TableOid("learning_path_progress"),
                          "a trigger kept the path from being begun anew");
    return before + 2;
}

} // namespace

bool
IsUnpaidRenewal(const Learner &learner, const Uuid &path) {
    return is_unpaid.Run(Access::Write,
                         {FromUuid(learner.organization), FromUuid(learner.user), FromUuid(path)}) > 0;
}

// laurel.recertify(path, user)
LAUREL_FUNCTION(laurel_recertify) {
    const Learner learner = LearnerOf(fcinfo, &find_renewed_organization, "learning_path_id",
                                      "path_certifications_learning_path_id_fkey", false);
    const Oid table = TableOid("learning_path_progress");
    const bool may_always =
        IsTrusted(table) || access::Administers(access::CurrentCaller(), learner.organization);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Parameters key = {FromUuid(learner.organization), FromUuid(learner.user), PG_GETARG_DATUM(0)};
    PG_RETURN_INT32(BeginAnew(learner, key, may_always));
}

} // namespace laurel::learning
