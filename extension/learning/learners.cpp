#include "learners.h"

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/owner.h"

namespace laurel::learning {

namespace {

Statement is_enrolled = Statement(R"(SELECT FROM ONLY laurel.learning_path_progress WHERE organization_id = $1
        AND user_id = $2 AND learning_path_id = $3)",
                                  UUIDOID, UUIDOID, UUIDOID);

bool
IsEntitled(Oid table, const Learner &learner, bool may_look) {
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    if (IsTrusted(table) || access::Administers(caller, learner.organization))
        return true;
    const bool is_here =
        caller.known && caller.has_organization && caller.organization == learner.organization;
    return is_here && (caller.user == learner.user || (may_look && access::CanSee(caller, learner.user)));
}

} // namespace

Learner
LearnerOf(FunctionCallInfo fcinfo, Statement *find, const char *id, const char *constraint, bool may_look) {
    const Uuid what = ToUuid(Required(fcinfo, 0, id));
    Learner learner = {{}, ToUuid(Required(fcinfo, 1, "user_id", kNameTheMember))};
    const Oid table = TableOid("learning_paths");
    bool found;
    {
        const AsOwner owner(OwnerOf(table));
        const SpiConnection spi;
        found = find->Run(Access::Write, {FromUuid(what)}) > 0;
        if (found)
            learner.organization = ToUuid(Field(0, 1));
    }
    if (!IsEntitled(table, learner, may_look))
        Refuse(
            {.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
             .message = "not allowed to learn for this member here",
             .hint = access::HintOr(
                 "Members learn for themselves in the active organization, org_admins write for others.")});
    if (!found)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = psprintf("there is no such %s", strcmp(id, "module_id") == 0 ? "module" : "path"),
                .detail = psprintf("Its id would be %s.", UuidText(what)),
                .table = "learning_paths",
                .constraint = constraint});
    return learner;
}

bool
IsEnrolled(const Learner &learner, const Uuid &path) {
    return is_enrolled.Run(Access::Write,
                           {FromUuid(learner.organization), FromUuid(learner.user), FromUuid(path)}) > 0;
}

} // namespace laurel::learning
