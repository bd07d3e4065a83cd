#include "guards/rules.h"

#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/relation_changes.h"

namespace laurel::guards {

namespace {

// A trigger's rule. `memory` holds the rule, what it points to and the plans of its statements.
struct Entry {
    Oid trigger;
    bool valid;
    MakeRule make;
    MemoryContext memory;
    void *rule;
    List *watched;   // tables
    List *functions; // hash values of the system cache
};

constinit HTAB *entries = nullptr;
constinit uint64 changes = 0; // of any table or function, as far as this session has noticed

HTAB *
Entries() {
    if (entries == nullptr) {
        HASHCTL control = {};
        control.keysize = sizeof(Oid);
        control.entrysize = sizeof(Entry);
        control.hcxt = TopMemoryContext;
        entries = hash_create("laurel rules", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    }
    return entries;
}

Entry *
EntryOf(Oid trigger, HASHACTION action) {
    bool found;
    auto *entry = static_cast<Entry *>(hash_search(Entries(), &trigger, action, &found));
    if (entry != nullptr && !found)
        *entry = {trigger, false, nullptr, nullptr, nullptr, nullptr, nullptr};
    return entry;
}

// Marks what no longer holds. Nothing is freed here: somebody may be using it.
template <typename Concerns>
void
Forget(Concerns concerns) {
    changes++;
    if (entries == nullptr)
        return;
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, entries);
    while (auto *entry = static_cast<Entry *>(hash_seq_search(&scan)))
        if (concerns(*entry))
            entry->valid = false;
}

void
ForgetTable(Oid table) {
    Forget(
        [table](const Entry &entry) { return !OidIsValid(table) || list_member_oid(entry.watched, table); });
}

void
ForgetFunction(uint32 hash) {
    Forget([hash](const Entry &entry) {
        return entry.functions != nullptr &&
               (hash == 0 || list_member_int(entry.functions, static_cast<int>(hash)));
    });
}

// Gives what an entry held to the transaction: whoever still uses it ends before that does.
void
Retire(Entry *entry) {
    if (entry->memory != nullptr)
        MemoryContextSetParent(entry->memory, TopTransactionContext);
    *entry = {entry->trigger, false, nullptr, nullptr, nullptr, nullptr, nullptr};
}

void
Make(Entry *entry, Relation relation, const Trigger &trigger, MakeRule make) {
    const uint64 made_after = changes;
    MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "laurel rule", ALLOCSET_SMALL_SIZES);
    const MemoryContext old = MemoryContextSwitchTo(memory);
    Arguments arguments(relation, trigger);
    void *rule;
    {
        const AsOwner owner(arguments.owner());
        const CatalogPath path(CatalogPath::Force);
        rule = make(arguments);
    }
    MemoryContextSwitchTo(old);
    MemoryContextSetParent(memory, CacheMemoryContext);
    *entry = {trigger.tgoid,       made_after == changes, make, memory, rule,
              arguments.watched(), arguments.functions()};
}

void
PrepareNamed(const TriggerData *trigger, Statement *statement) {
    ReadNames(trigger->tg_relation, *trigger->tg_trigger, [statement] { statement->Prepare(); });
    Entry *entry = EntryOf(trigger->tg_trigger->tgoid, HASH_FIND);
    if (entry == nullptr || entry->memory == nullptr)
        return;
    const MemoryContext old = MemoryContextSwitchTo(entry->memory);
    entry->watched = list_concat_unique_oid(entry->watched, statement->Tables());
    MemoryContextSwitchTo(old);
}

} // namespace

void *
FindRule(Relation relation, const Trigger &trigger, MakeRule make) {
    Entry *entry = EntryOf(trigger.tgoid, HASH_ENTER);
    if (unlikely(!entry->valid || entry->make != make)) {
        Retire(entry);
        Make(entry, relation, trigger, make);
    }
    return entry->rule;
}

uint64
RunNamed(const TriggerData *trigger, Statement *statement, Access access, const Parameters &parameters) {
    const CatalogPath path(CatalogPath::Force);
    if (!statement->is_prepared())
        PrepareNamed(trigger, statement);
    return statement->Run(access, parameters);
}

void
InitRules() {
    WhenRelationChanges(ForgetTable);
    CacheRegisterSyscacheCallback(
        NAMESPACEOID, [](Datum, int, uint32) { boundary([] { ForgetTable(InvalidOid); }); }, 0);
    CacheRegisterSyscacheCallback(
        PROCOID, [](Datum, int, uint32 hash) { boundary([=] { ForgetFunction(hash); }); }, 0);
}

} // namespace laurel::guards
