// Lock order: tables as they were made, parents before what hangs from them.

#include "privacy/merge_rows.h"

#include "guards/derived_write.h"
#include "postgres/catalog_path.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/trigger.h"
#include "privacy/merge_plan.h"

namespace laurel::privacy {

namespace {

// Runs statements of a step as its table's owner, each of which may write what is kept otherwise.
class Mover {
public:
    Mover(const Merging &merging, const MoveStep &step)
        : merging_(merging), step_(step), type_(step.by_address ? TEXTOID : UUIDOID) {}

    uint64 Write(const char *sql) const {
        const auto &[a, b, c, d] = step_.tables;
        const AsOwner owner(OwnerOf(a));
        const guards::DerivedWrite writing({a, b, c, d});
        return Statement(sql, type_, type_).RunOnce(Access::Write, Both());
    }

    uint64 CountLeft() const {
        const AsOwner owner(OwnerOf(step_.tables[0]));
        Statement(step_.count, type_).Returns(INT8OID).RunOnce(Access::Write, From());
        return static_cast<uint64>(DatumGetInt64(Field(0, 1)));
    }

    // Rows that a trigger of the application keeps would go along with the account.
    void RequireMoved() const {
        const Oid table = step_.tables[0];
        const AsOwner owner(OwnerOf(table));
        if (RowsMayChange(get_rel_name(table), TriggerSpec::Update,
                          get_namespace_name(get_rel_namespace(table))) &&
            Statement(step_.still, type_, type_).RunOnce(Access::Write, Both()) > 0)
            RefuseDropped(table, psprintf("a trigger kept what was to move of %s", QualifiedName(table)));
    }

private:
    Datum From() const {
        return step_.by_address ? CStringGetTextDatum(merging_.from_email) : FromUuid(merging_.from);
    }
    Parameters Both() const {
        return {From(),
                step_.by_address ? CStringGetTextDatum(merging_.into_email) : FromUuid(merging_.into)};
    }

    const Merging &merging_;
    const MoveStep &step_;
    Oid type_;
};

// A row that hangs from another one of its table moves after that one.
MovedRows
Move(const Merging &merging, const MoveStep &step) {
    const Mover mover(merging, step);
    for (int i = 0; i < step.first_count; i++)
        mover.Write(step.first[i]);
    MovedRows rows = {step.table, 0, mover.CountLeft()};
    for (uint64 before = rows.left + 1; step.move != nullptr && rows.left > 0 && rows.left < before;) {
        before = rows.left;
        mover.Write(step.move);
        rows.left = mover.CountLeft();
        rows.moved += before - std::min(before, rows.left);
    }
    if (step.move != nullptr && rows.left > 0)
        mover.RequireMoved();
    return rows;
}

} // namespace

MovedTables
MoveRows(const Merging &merging) {
    const CatalogPath path(CatalogPath::Force);
    const MovePlan plan = PlanMoves();
    MovedTables moved = {NewList<MovedRows>(plan.count), plan.count};
    for (int i = 0; i < plan.count; i++)
        moved.tables[i] = Move(merging, plan.steps[i]);
    return moved;
}

} // namespace laurel::privacy
