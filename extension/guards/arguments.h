// What a guard's trigger says in its arguments: tables, columns and conditions by name.
#pragma once

#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::guards {

// A column of a table that a guard reads or writes.
struct GuardedColumn {
    const char *name;
    int number;
    Oid type;
    bool by_value;
    int16 length;
};

// As SQL.
inline const char *
Named(const GuardedColumn &column) {
    return quote_identifier(column.name);
}

// Whether there are tables that inherit from it, which are none of its partitions.
bool HasHeirs(Oid table);

// Refuses (39P01) what a trigger says in its arguments, and says how that is mended; `what` completes
// "trigger x of table y ...".
[[noreturn]] void RefuseArguments(Relation relation, const Trigger &trigger, const char *what,
                                  const char *detail = nullptr, const char *hint = nullptr);

// "ONLY schema.table", since tables that inherit from one never join in; without ONLY where it has
// partitions.
const char *OnlyName(Oid table);

// Whether an error says that SQL cannot be understood: a name that is gone, a wrong type or value, bad
// syntax.
bool IsOfText(int sqlstate);

// Runs what reads SQL out of a trigger's arguments: an error that is of its text becomes 39P01 that says
// which trigger it is. The code must own nothing.
template <typename Fn>
void
ReadNames(Relation relation, const Trigger &trigger, Fn &&read) {
    ErrorData *error = nullptr;
    try {
        guard([&read] { read(); });
    } catch (const PostgresError &raised) {
        error = raised.data();
    }
    if (error == nullptr)
        return;
    if (!IsOfText(error->sqlerrcode))
        ReThrowError(error);
    RefuseArguments(relation, trigger, psprintf("cannot be understood: %s", error->message), error->detail);
}

// A table as errors name it.
struct TableName {
    const char *schema;
    const char *name;
};

// The arguments of one trigger, read while its rule is made. Names are qualified and never meet a
// search_path; what does not resolve is refused (39P01) in words that say which. What is returned lives as
// long as the rule.
class Arguments {
public:
    Arguments(Relation relation, const Trigger &trigger);

    int count() const { return trigger_.tgnargs; }
    const char *Text(int index) const;

    bool is_for_update() const { return TRIGGER_FOR_UPDATE(trigger_.tgtype); }

    // The other triggers of the table that the trigger is on.
    const TriggerDesc &siblings() const { return *CopyTriggerDesc(relation_->trigdesc); }

    // The table that the trigger is on: the partition where one is written directly.
    Oid table() const { return RelationGetRelid(relation_); }
    // The table that the guard was attached to, which its constraints are named after.
    Oid root() const { return root_; }
    TableName root_name() const {
        return {get_namespace_name(get_rel_namespace(root_)), get_rel_name(root_)};
    }
    // The table whose rows the trigger sees where that is the one it was attached to: a partition of it, or
    // itself.
    Oid SeenAs(Oid table) const { return root_ == table ? this->table() : table; }
    // As whom the guard acts.
    Oid owner() const { return owner_; }

    // The table "schema.name" of the same owner; from now on the rule is made anew when it changes.
    Oid Table(int index);

    // A column of that type, or of any where the type is InvalidOid.
    GuardedColumn Column(int index, Oid table, Oid type) { return ColumnNamed(Text(index), table, type); }
    GuardedColumn ColumnNamed(const char *name, Oid table, Oid type) const;

    // The rule is made anew when this table changes.
    void Watch(Oid table);
    List *watched() const { return watched_; }

    // And when one of these functions does, of the items that a plan depends on.
    void WatchFunctions(const List *items);
    List *functions() const { return functions_; }

    // Frees the statement's plan when the rule goes. The statement must be part of the rule.
    void Keep(Statement *statement) const;

    // Refuses a table of another owner than this one of Laurel's, which the guard writes.
    void RequireOwnerOf(const char *laurels_table) const;

    [[noreturn]] void Refuse(const char *what, const char *detail = nullptr,
                             const char *hint = nullptr) const {
        RefuseArguments(relation_, trigger_, what, detail, hint);
    }

    // Lets the SPI connection that is open understand statements over the trigger's transition tables, which
    // hold no row yet; those that are planned meanwhile are for so many.
    void ShareNoRows(double planned) const;

    template <typename Fn> void Read(Fn &&read) const { ReadNames(relation_, trigger_, read); }

private:
    Relation relation_;
    const Trigger &trigger_;
    Oid root_;
    Oid owner_;
    List *watched_ = nullptr;
    List *functions_ = nullptr; // hash values of the system cache
};

// The topmost table of a partition; of another table, itself.
Oid RootOf(Oid table);

} // namespace laurel::guards
