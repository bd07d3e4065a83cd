#include "retention/archiver.h"

namespace laurel::retention {

namespace {

constexpr int kMostArchivers = 16;

constinit const Archiver *archivers[kMostArchivers] = {};
constinit int archiver_count = 0;

} // namespace

void
RegisterArchiver(const Archiver *archiver) {
    Assert(archiver_count < kMostArchivers);
    archivers[archiver_count++] = archiver;
}

const Archiver &
ArchiverOf(const Policy &policy) {
    for (int i = 0; i < archiver_count; i++)
        if (strcmp(archivers[i]->table, policy.table_name) == 0)
            return *archivers[i];
    // retention_policies_archive_check keeps it from happening.
    elog(ERROR, "nothing archives table \"%s\"", policy.table_name);
}

} // namespace laurel::retention
