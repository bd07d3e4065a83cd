// Which challenges of a statement are counted anew.
#pragma once

#include "guards/transition_rows.h"
#include "postgres/column.h"

namespace laurel::teams {

// Challenges by organization and id.
constexpr Oid kNamedTypes[] = {UUIDOID, UUIDOID};

// The active ones that a statement has made, or whose goal or time is another, and whether one of them counts
// other gains than before.
class Changed {
public:
    Changed(const TriggerData *trigger, int64 rows);

    int count() const { return named_.count(); }
    bool counts_others() const { return counts_others_; }
    Parameters Arrays() const { return named_.Arrays(); }

private:
    void Look(TupleTableSlot *row, TupleTableSlot *was);
    bool IsActive(TupleTableSlot *row) const;
    Datum Copied(TupleTableSlot *row, const char *column) const;

    TupleDesc columns_;
    Columns<2> named_;
    bool counts_others_ = false;
};

} // namespace laurel::teams
