#include "guards/attached.h"

#include "postgres/list.h"

extern "C" {
#include "access/genam.h"
}

namespace laurel::guards {

namespace {

int
Compare(const Attached &a, const Attached &b) {
    const int tables = strcmp(a.table_name, b.table_name);
    return tables != 0 ? tables : strcmp(a.name, b.name);
}

bool
SameArguments(const Trigger &a, const Trigger &b) {
    for (int i = 0; i < a.tgnargs && a.tgnargs == b.tgnargs; i++)
        if (strcmp(a.tgargs[i], b.tgargs[i]) != 0)
            return false;
    return a.tgnargs == b.tgnargs;
}

// Looks at a trigger of a table that may be open already.
bool
HasArguments(const Attached &attached, const Trigger &as) {
    Relation relation = try_relation_open(attached.table, AccessShareLock);
    if (relation == nullptr)
        return false;
    const TriggerDesc *triggers = relation->trigdesc;
    bool same = false;
    for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++)
        same |= triggers->triggers[i].tgoid == attached.trigger && SameArguments(triggers->triggers[i], as);
    relation_close(relation, NoLock);
    return same;
}

bool
IsApiece(Relation triggers, HeapTuple tuple) {
    const TupleDesc tuple_desc = RelationGetDescr(triggers);
    const int16 type = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(tuple))->tgtype;
    return !TRIGGER_FOR_ROW(type) &&
           (TRIGGER_FOR_TRUNCATE(type) || !heap_attisnull(tuple, Anum_pg_trigger_tgoldtable, tuple_desc) ||
            !heap_attisnull(tuple, Anum_pg_trigger_tgnewtable, tuple_desc));
}

} // namespace

AttachedGuards::AttachedGuards() {
    int capacity = 64;
    items_ = NewList<Attached>(capacity);
    Relation triggers = table_open(TriggerRelationId, AccessShareLock);
    SysScanDesc scan = systable_beginscan(triggers, InvalidOid, false, nullptr, 0, nullptr);
    while (HeapTuple tuple = systable_getnext(scan)) {
        const auto *trigger = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(tuple));
        const GuardKind *kind = trigger->tgisinternal ? nullptr : KindOf(trigger->tgfoid);
        if (kind == nullptr)
            continue;
        if (count_ == capacity)
            items_ = static_cast<Attached *>(
                repalloc(items_, sizeof(Attached) * static_cast<size_t>(capacity *= 2)));
        const bool is_enabled =
            trigger->tgenabled == TRIGGER_FIRES_ON_ORIGIN || trigger->tgenabled == TRIGGER_FIRES_ALWAYS;
        items_[count_++] = {trigger->tgrelid,
                            trigger->oid,
                            QualifiedName(trigger->tgrelid),
                            pstrdup(NameStr(trigger->tgname)),
                            trigger->tgtype,
                            OidIsValid(trigger->tgparentid),
                            IsApiece(triggers, tuple),
                            is_enabled,
                            kind};
    }
    systable_endscan(scan);
    table_close(triggers, AccessShareLock);
    std::sort(items_, items_ + count_,
              [](const Attached &a, const Attached &b) { return Compare(a, b) < 0; });
}

bool
AttachedGuards::Has(Oid table, const GuardKind &kind, int16 event, const Trigger &arguments_of) const {
    return std::any_of(begin(), end(), [&](const Attached &other) {
        return other.table == table && other.kind == &kind && other.is_enabled && (other.type & event) != 0 &&
               HasArguments(other, arguments_of);
    });
}

} // namespace laurel::guards
