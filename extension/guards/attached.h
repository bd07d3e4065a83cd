// The triggers of guards in the database.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

struct Attached {
    Oid table;
    Oid trigger;
    const char *table_name; // qualified
    const char *name;
    int16 type;     // TRIGGER_FOR_INSERT() and the like say what it fires for
    bool is_clone;  // of the table's, on a partition
    bool is_apiece; // a statement trigger that partitions need too, as one of TRUNCATE or with transition
                    // tables
    bool is_enabled;
    const GuardKind *kind;
};

// All of them, by table and name.
class AttachedGuards {
public:
    AttachedGuards();

    const Attached *begin() const { return items_; }
    const Attached *end() const { return items_ + count_; }

    // Whether the table has an enabled trigger of that function and event with the same arguments as this
    // one. `event` is of TRIGGER_TYPE_INSERT and so on.
    bool Has(Oid table, const GuardKind &kind, int16 event, const Trigger &arguments_of) const;

private:
    Attached *items_;
    int count_ = 0;
};

} // namespace laurel::guards
