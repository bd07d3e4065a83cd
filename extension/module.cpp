#include "access/caller.h"
#include "access/table_sizes.h"
#include "points/post_entry.h"
#include "postgres/bridge.h"
#include "postgres/foreign_code.h"
#include "postgres/foreign_conditions.h"
#include "postgres/table_locks.h"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

void
_PG_init(void) {
    laurel::boundary([] {
        laurel::InitAccess();
        laurel::InitPoints();
        laurel::InitTableSizes();
        laurel::InitForeignCode();
        laurel::InitForeignConditions();
        laurel::InitTableLocks();
    });
}
