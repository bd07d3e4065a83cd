// What a row takes from its parent: the organization, copies of columns, and whether it may be there at all.
#pragma once

#include "guards/condition.h"
#include "indexed_row.h"
#include "guards/rules.h"

namespace laurel::guards {

// The arguments link, parent, key, condition ('' for none) and copied columns.
struct Belonging {
    static constexpr int kFirstCopy = 4;

    explicit Belonging(Arguments &arguments);

    Oid owner;
    TableName table;
    Oid parent;
    GuardedColumn organization;
    GuardedColumn link;
    GuardedColumn parent_organization;
    GuardedColumn key; // of the parent
    Condition condition;
    bool is_counted;        // the parent counts its rows, and so is locked when they have arrived
    const char *constraint; // the foreign key's name
    int copy_count;
    GuardedColumn *copies;        // of the row
    GuardedColumn *parent_copies; // of the same names
    UniqueIndex by_key;
    UniqueIndex by_both;    // organization and key
    mutable Statement seen; // finds a key as the caller does, under his rights and row security
};

// A parent as the rows of one statement have found it.
struct Parent {
    struct Key {
        Uuid organization; // zeros where the row names none
        Uuid key;
    } key;
    bool found;
    bool admits; // rows, by the condition
    Uuid organization;
    const Datum *copies;
    const bool *nulls;
};

// Parents looked up once a statement. Callers whom row security binds find those that they may
// see; others are missing, so that no error tells of them.
class Parents {
public:
    // Those of the statement that fires this trigger.
    static Parents &Of(FunctionCallInfo fcinfo, const Belonging &belonging);

    // The row's parent; `organization` is null where the row names none.
    const Parent &Find(const Uuid *organization, const Uuid &key);

    // Whether a trigger of the application may change a row after the one named.
    bool RowsMayChange(const TriggerData *trigger, const char *after);

private:
    Parents(FunctionCallInfo fcinfo, const Belonging &belonging);

    void Forget();
    const Uuid *SeenOrganization(const Uuid *organization) const;
    bool CallerSees(const Uuid &key) const;
    void Read(Parent *parent, const Uuid *organization);
    void Keep(Parent *parent, const IndexedRow &row);
    bool Admits(const IndexedRow &row);

    const Belonging &belonging_;
    MemoryContext statement_;
    MemoryContext memory_ = nullptr;
    HTAB *parents_ = nullptr;
    ConditionTest *test_ = nullptr;
    bool trusted_;
    bool knows_changes_ = false;
    bool may_change_ = false;
};

} // namespace laurel::guards
