// Which jobs run.
#pragma once

// SQL over alias j: the job is enabled and what it needs is there.
#define JOB_RUNS                                                                                             \
    "(j.is_enabled AND (j.requires IS NULL"                                                                  \
    " OR pg_catalog.to_regclass(pg_catalog.format('laurel.%I', j.requires)) IS NOT NULL))"
