// Seals of the audit log, as they are kept and checked.
#pragma once

#include "kernel/seal.h"
#include "postgres/spi.h"

namespace laurel::audit {

// One of laurel_internal.audit_seals. seal_no is 0 before the first one.
struct Seal {
    int64 seal_no = 0;
    TimestampTz sealed_at = DT_NOBEGIN;
    TimestampTz open_from = DT_NOBEGIN; // lines made from then on are not covered
    int64 lines = 0;                    // since the seal before
    int64 total = 0;                    // of this seal and those before
    kernel::Digest root = {};
    kernel::Digest hash = {};
};

constexpr SqlText kSealColumns = "s.seal_no, s.sealed_at, s.open_from, s.lines, s.total, s.root, s.seal_hash";
constexpr Oid kSealTypes[] = {INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, INT8OID, BYTEAOID, BYTEAOID};

Seal ReadSeal(Row *row);

// Reads the newest seal; one of number 0 where there is none.
Seal NewestSeal();

// The hash of a seal behind the one before it. It is the seal of a ledger (kernel/seal.h) of no organization,
// whose accounts are lines.
kernel::Digest HashOf(const Seal &seal, const kernel::Digest &before);

// What stands in the log from one moment until before another: the Merkle tree of its lines.
struct Content {
    int64 lines = 0;
    kernel::Digest root = {};
};

// Reads the lines in memory of its own, cancellable. With SPI open, as the log's owner.
Content ReadContent(TimestampTz from, TimestampTz until);

} // namespace laurel::audit
