#include "access.h"
#include "guards/rules.h"
#include "points.h"
#include "postgres/bridge.h"
#include "postgres/foreign_code.h"
#include "postgres/foreign_conditions.h"
#include "table_sizes.h"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

void
_PG_init(void) {
    laurel::boundary([] {
        laurel::InitAccess();
        laurel::InitPoints();
        laurel::guards::InitRules();
        laurel::InitTableSizes();
        laurel::InitForeignCode();
        laurel::InitForeignConditions();
    });
}
