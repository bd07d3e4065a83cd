#include "guards/kinds.h"

#include "guards/acyclic.h"
#include "guards/archived.h"
#include "guards/audited.h"
#include "guards/belongs.h"
#include "guards/canonical.h"
#include "guards/counts.h"
#include "guards/keep.h"
#include "guards/personal.h"
#include "guards/quota.h"
#include "guards/slugs.h"
#include "guards/states.h"
#include "guards/tell.h"
#include "guards/versions.h"

namespace laurel::guards {

namespace {

constexpr const GuardKind *kKinds[] = {
    &kKeepColumns,    &kKeepRows,     &kKeepTable,  &kCountRows,    &kCountRow,       &kCountPending,
    &kCountTable,     &kGuardCount,   &kStepState,  &kCheckStep,    &kBelong,         &kCheckBelonging,
    &kTellRows,       &kCountGone,    &kFillSlug,   &kRaiseVersion, &kCheckVersion,   &kArchiveRow,
    &kArchiveTable,   &kQuotaRows,    &kQuotaTable, &kQuotaZone,    &kGuardUsage,     &kCheckCircles,
    &kKeepMoving,     &kBringToForm,  &kAuditRows,  &kAuditWritten, &kAuditTruncated, &kSealPersonal,
    &kDigestPersonal, &kForgetDigests};

} // namespace

const GuardKind *
KindOf(Oid function) {
    if (get_func_namespace(function) != get_namespace_oid("laurel_internal", true))
        return nullptr;
    const char *name = get_func_name(function);
    for (const GuardKind *kind : kKinds)
        if (name != nullptr && strcmp(kind->function, name) == 0)
            return kind;
    return nullptr;
}

} // namespace laurel::guards
