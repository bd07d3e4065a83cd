// What the row triggers of a statement gather for its statement trigger.
#pragma once

#include "postgres/pg.h"

namespace laurel::guards {

// The key of what there is once.
struct NoKey {
    friend bool operator==(const NoKey &, const NoKey &) = default;
};

// One State for each statement that is running, and key, in the statement's memory: a trigger's FmgrInfo
// lives there, and nobody shares it. Goes with the statement, be it by an error. Made with the memory it may
// use.
template <typename State, typename Key = NoKey> class OfStatement {
public:
    constexpr OfStatement() = default;

    // That of the statement that fires this trigger; made where it is the first that asks, which `is_first`
    // says.
    State *Get(FunctionCallInfo fcinfo, const Key &key = {}, bool *is_first = nullptr) {
        Item *item = Find(fcinfo, key);
        if (is_first != nullptr)
            *is_first = item == nullptr;
        return &(item != nullptr ? item : Make(fcinfo->flinfo->fn_mcxt, key))->state;
    }

    // The same, taken out: null where nobody has asked.
    State *Take(FunctionCallInfo fcinfo, const Key &key = {}) {
        Item *item = Find(fcinfo, key);
        if (item == nullptr)
            return nullptr;
        Unlink(item);
        return &item->state;
    }

private:
    struct Item {
        OfStatement *list;
        MemoryContext statement;
        Key key;
        State state;
        Item *next;
    };

    Item *Find(FunctionCallInfo fcinfo, const Key &key) const {
        for (Item *item = first_; item != nullptr; item = item->next)
            if (item->statement == fcinfo->flinfo->fn_mcxt && item->key == key)
                return item;
        return nullptr;
    }

    Item *Make(MemoryContext statement, const Key &key) {
        auto *item = new (MemoryContextAlloc(statement, sizeof(Item)))
            Item{this, statement, key, State(statement), first_};
        auto *callback = static_cast<MemoryContextCallback *>(
            MemoryContextAlloc(statement, sizeof(MemoryContextCallback)));
        callback->func = [](void *gone) {
            static_cast<Item *>(gone)->list->Unlink(static_cast<Item *>(gone));
        };
        callback->arg = item;
        MemoryContextRegisterResetCallback(statement, callback);
        first_ = item;
        return item;
    }

    void Unlink(const Item *item) {
        for (Item **at = &first_; *at != nullptr; at = &(*at)->next)
            if (*at == item) {
                *at = item->next;
                return;
            }
    }

    Item *first_ = nullptr;
};

} // namespace laurel::guards
