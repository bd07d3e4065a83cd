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

constexpr int kMostOfDomains = 8;
constinit const GuardKind *of_domains[kMostOfDomains] = {};
constinit int of_domain_count = 0;

} // namespace

void
AddKind(const GuardKind *kind) {
    Assert(of_domain_count < kMostOfDomains);
    of_domains[of_domain_count++] = kind;
}

const GuardKind *
KindOf(Oid function) {
    if (get_func_namespace(function) != get_namespace_oid("laurel_internal", true))
        return nullptr;
    const char *name = get_func_name(function);
    const auto is_named = [name](const GuardKind *kind) {
        return name != nullptr && strcmp(kind->function, name) == 0;
    };
    const GuardKind *const *kind = std::find_if(std::begin(kKinds), std::end(kKinds), is_named);
    if (kind != std::end(kKinds))
        return *kind;
    const GuardKind *const *end = of_domains + of_domain_count;
    const GuardKind *const *other =
        std::find_if(static_cast<const GuardKind *const *>(of_domains), end, is_named);
    return other != end ? *other : nullptr;
}

} // namespace laurel::guards
