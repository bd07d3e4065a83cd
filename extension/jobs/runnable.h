// Which jobs run.
#pragma once

#include "postgres/sql.h"

namespace laurel::jobs {

// SQL over alias j: the job is enabled and what it needs is there.
constexpr SqlText kRunnable = R"((j.is_enabled AND (j.requires IS NULL
        OR coalesce(pg_catalog.to_regclass(pg_catalog.format('laurel.%I', j.requires)),
        pg_catalog.to_regclass(pg_catalog.format('laurel_internal.%I', j.requires))) IS NOT NULL)))";

} // namespace laurel::jobs
