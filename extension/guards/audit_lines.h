// Lines on their way into the audit log.
#pragma once

#include "postgres/parameters.h"

namespace laurel::guards {

// What was done to a row, or to a table as a whole.
struct AuditLine {
    const char *table; // schema.name
    const char *operation;
    Nullable organization = {};
    Nullable row = {};
    Nullable user = {};
    Nullable before = {}; // jsonb, as the two that follow
    Nullable after = {};
    Nullable hidden = {};
};

// Lines of one statement, with what they point to in memory of their own. Goes with the memory it was made
// in.
class AuditLines {
public:
    explicit AuditLines(MemoryContext parent)
        : memory_(AllocSetContextCreate(parent, "laurel audit", ALLOCSET_SMALL_SIZES)) {}

    // Where a line's values are made.
    MemoryContext memory() const { return memory_; }

    void Add(const AuditLine &line);
    bool is_full() const { return count_ == kMost; }

    // Writes what was added, with who does it and when, and begins anew. Opens SPI.
    void Write();

private:
    static constexpr int kFirst = 4, kMost = 1000;

    MemoryContext memory_;
    AuditLine *lines_ = nullptr;
    int room_ = 0;
    int count_ = 0;
};

} // namespace laurel::guards
