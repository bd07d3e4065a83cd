// Lock order: enrolments by organization, after the memberships of both.

#include "privacy/merge_enrolments.h"

#include "postgres/column.h"
#include "postgres/error.h"
#include "postgres/owner.h"

namespace laurel::privacy {

namespace {

Statement find_worse =
    Statement(
        R"(SELECT w.id FROM ONLY laurel.beneficiaries w JOIN ONLY laurel.beneficiaries o ON o.organization_id = w.organization_id
        WHERE w.user_id IN ($1, $2) AND o.user_id IN ($1, $2) AND o.user_id <> w.user_id AND w.status <> 'completed' AND o.status <> 'completed'
            AND (o.status = 'active', w.enrollment_date, o.user_id = $2) > (w.status = 'active', o.enrollment_date, w.user_id = $2)
        ORDER BY w.organization_id FOR UPDATE)",
        UUIDOID, UUIDOID)
        .Returns(UUIDOID);

Statement complete =
    Statement(
        R"(UPDATE ONLY laurel.beneficiaries SET status = 'completed' WHERE id = $1 RETURNING status = 'completed')",
        UUIDOID)
        .Returns(BOOLOID);

Column
FindWorse(const Uuid &from, const Uuid &into) {
    const uint64 count = find_worse.Run(Access::Write, {FromUuid(from), FromUuid(into)});
    Column worse(UUIDOID, count);
    for (uint64 i = 0; i < count; i++)
        worse.Add(CopyUuid(ToUuid(Field(i, 1))));
    return worse;
}

} // namespace

void
CompleteWorseEnrolments(const Uuid &from, const Uuid &into) {
    const Column worse = FindWorse(from, into);
    for (int i = 0; i < worse.count(); i++) {
        complete.Write(worse.At(i));
        if (!DatumGetBool(Field(0, 1)))
            RefuseDropped(TableOid("beneficiaries"), "a trigger kept an enrolment from being completed");
    }
}

} // namespace laurel::privacy
