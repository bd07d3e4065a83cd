#include "guards/check.h"

#include "guards/kinds.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"

namespace laurel::guards {

namespace {

// Rows of which reading takes so long that one wants to hear of it.
constexpr float4 kManyRows = 100000;

// The trigger of that name of an open relation; null where there is none.
const Trigger *
TriggerNamed(Relation relation, const char *name) {
    const TriggerDesc *triggers = relation->trigdesc;
    for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++)
        if (strcmp(triggers->triggers[i].tgname, name) == 0)
            return &triggers->triggers[i];
    return nullptr;
}

} // namespace

void
Findings::Add(const Finding &finding) {
    Datum values[5] = {};
    bool nulls[5] = {false, false, finding.organization == nullptr, finding.row == nullptr, false};
    values[0] = FromText(QualifiedName(finding.table));
    values[1] = FromText(finding.guard);
    if (finding.organization != nullptr)
        values[2] = FromUuid(*finding.organization);
    if (finding.row != nullptr)
        values[3] = FromUuid(*finding.row);
    values[4] = FromText(finding.problem);
    tuplestore_putvalues(result_->setResult, result_->setDesc, values, nulls);
}

void
TellProgress(Oid table, const char *what) {
    Relation relation = table_open(table, AccessShareLock);
    const float4 rows = relation->rd_rel->reltuples;
    table_close(relation, NoLock);
    ereport(rows < kManyRows ? DEBUG1 : NOTICE,
            (errmsg("checking %s: about %.0f rows of %s", what, std::max(rows, 0.0F), QualifiedName(table))));
}

} // namespace laurel::guards

using namespace laurel;
using namespace laurel::guards;

// laurel_internal.read_guard(table, trigger)
LAUREL_FUNCTION(laurel_read_guard) {
    Relation relation = relation_open(PG_GETARG_OID(0), AccessShareLock);
    const char *name = NameStr(*PG_GETARG_NAME(1));
    const Trigger *trigger = TriggerNamed(relation, name);
    const GuardKind *kind = trigger == nullptr ? nullptr : KindOf(*trigger);
    if (kind == nullptr)
        Refuse({.sqlstate = ERRCODE_UNDEFINED_OBJECT,
                .message = psprintf("table \"%s\" has no guard's trigger \"%s\"",
                                    RelationGetRelationName(relation), name)});
    kind->read(relation, *trigger);
    relation_close(relation, NoLock);
    PG_RETURN_VOID();
}
