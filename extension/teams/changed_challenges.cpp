#include "teams/changed_challenges.h"

#include "postgres/datum.h"

extern "C" {
#include "utils/datum.h"
}

namespace laurel::teams {

namespace {

// What of a challenge decides which gains it counts.
constexpr struct {
    const char *name;
    Oid type;
} kDeciding[] = {{"status", TEXTOID},
                 {"kind", TEXTOID},
                 {"event_type", TEXTOID},
                 {"starts_at", TIMESTAMPTZOID},
                 {"ends_at", TIMESTAMPTZOID}};

bool
IsSameField(TupleTableSlot *a, TupleTableSlot *b, int column) {
    bool a_is_null, b_is_null;
    const Datum x = slot_getattr(a, column, &a_is_null), y = slot_getattr(b, column, &b_is_null);
    const FormData_pg_attribute &type = *TupleDescAttr(a->tts_tupleDescriptor, column - 1);
    return a_is_null == b_is_null && (a_is_null || datum_image_eq(x, y, type.attbyval, type.attlen));
}

} // namespace

Changed::Changed(const TriggerData *trigger, int64 rows)
    : columns_(RelationGetDescr(trigger->tg_relation)), named_(kNamedTypes, rows) {
    guards::TransitionReader now(columns_, trigger->tg_newtable);
    if (trigger->tg_oldtable == nullptr) {
        while (TupleTableSlot *row = now.Next())
            Look(row, nullptr);
        return;
    }
    guards::TransitionReader before(columns_, trigger->tg_oldtable);
    while (TupleTableSlot *row = now.Next())
        Look(row, before.Next());
}

void
Changed::Look(TupleTableSlot *row, TupleTableSlot *was) {
    if (!IsActive(row))
        return;
    if (was != nullptr && !IsSameField(row, was, Attribute(columns_, "id", UUIDOID)))
        was = nullptr;
    const bool counts_same =
        was != nullptr && std::all_of(std::begin(kDeciding), std::end(kDeciding), [&](const auto &deciding) {
            return IsSameField(row, was, Attribute(columns_, deciding.name, deciding.type));
        });
    if (counts_same && IsSameField(row, was, Attribute(columns_, "goal", INT8OID)))
        return;
    counts_others_ |= !counts_same;
    named_.Add({Copied(row, "organization_id"), Copied(row, "id")});
}

bool
Changed::IsActive(TupleTableSlot *row) const {
    bool is_null;
    const Datum status = slot_getattr(row, Attribute(columns_, "status", TEXTOID), &is_null);
    return !is_null && ToText(status) == "active";
}

Datum
Changed::Copied(TupleTableSlot *row, const char *column) const {
    bool is_null;
    return CopyUuid(ToUuid(slot_getattr(row, Attribute(columns_, column, UUIDOID), &is_null)));
}

} // namespace laurel::teams
