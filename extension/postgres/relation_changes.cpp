#include "relation_changes.h"

#include "bridge.h"

extern "C" {
#include "utils/inval.h"
}

namespace laurel {

namespace {

using Notice = void (*)(Oid relation);

constexpr int kMost = 32;
Notice notices[kMost];
int count;

void
TellAll(Datum, Oid relation) {
    boundary([=] {
        for (int i = 0; i < count; i++)
            notices[i](relation);
    });
}

} // namespace

void
WhenRelationChanges(Notice notice) {
    if (count == 0)
        CacheRegisterRelcacheCallback(TellAll, 0);
    Assert(count < kMost);
    notices[count++] = notice;
}

} // namespace laurel
