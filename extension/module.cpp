#include "access/caller.h"
#include "access/table_sizes.h"
#include "deliveries/places.h"
#include "guards/derived_write.h"
#include "guards/rules.h"
#include "leaderboards/marks.h"
#include "points/archive.h"
#include "points/posting.h"
#include "points/settings.h"
#include "postgres/bridge.h"
#include "postgres/foreign_code.h"
#include "postgres/foreign_conditions.h"
#include "postgres/kept_conditions.h"
#include "postgres/table_locks.h"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

void
_PG_init(void) {
    laurel::boundary([] {
        laurel::access::InitCaller();
        laurel::access::InitTableSizes();
        laurel::guards::InitDerivedWrites();
        laurel::guards::InitRules();
        laurel::deliveries::InitPlaces();
        laurel::leaderboards::InitMarks();
        laurel::points::InitSettings();
        laurel::points::InitPosting();
        laurel::points::InitArchive();
        laurel::InitForeignCode();
        laurel::InitKeptConditions();
        laurel::InitForeignConditions();
        laurel::InitTableLocks();
    });
}
