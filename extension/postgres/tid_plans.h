// Statements that find rows by where they are (ctid).
#pragma once

#include "pg.h"

namespace laurel {

// For the length of a scope, the planner uses a row's place even where it takes the table for almost empty,
// as it does while a queue fills up after it was drained: then it would rather read all of an index. Where
// the scope lies inside one that has no sequential and bitmap scans, hash and merge joins, nothing else is
// left.
class TidPlans {
public:
    TidPlans() : guc_level_(NewGUCNestLevel()) {
        for (const char *scan : {"enable_indexscan", "enable_indexonlyscan"})
            set_config_option(scan, "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    }
    TidPlans(const TidPlans &) = delete;
    TidPlans &operator=(const TidPlans &) = delete;
    ~TidPlans() { AtEOXact_GUC(true, guc_level_); }

private:
    int guc_level_;
};

} // namespace laurel
