// A job that goes through organizations.
#pragma once

#include "postgres/halving.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::jobs {

// Calls sweep(organization) for each that the statement finds, with SPI open, and adds up what it says; calls
// tell(organization, error) for one that fails alone, of which nothing is kept, and goes on with the others.
// The statement gives one column of type uuid.
template <typename Fn>
int64
SweepOrganizations(Statement &find, Fn &&sweep, void (*tell)(const Uuid &, const ErrorData &)) {
    const uint64 count = find.Run(Access::Write);
    auto *organizations = NewList<Uuid>(count);
    for (uint64 i = 0; i < count; i++)
        organizations[i] = ToUuid(Field(i, 1));
    int64 total = 0;
    const auto sweep_some = [&](int64 first, int64 some) {
        int64 swept = 0;
        for (int64 i = first; i < first + some; i++)
            swept += static_cast<int64>(sweep(organizations[i]));
        total += swept;
    };
    RunHalving(0, static_cast<int64>(count), sweep_some,
               [&](int64 failed, ErrorData *error) { tell(organizations[failed], *error); });
    return total;
}

// The organizations that the statement finds of one, or of all where that is null, as an array in the current
// memory; null for none. The statement gives one array.
inline Datum
FindOrganizations(Oid table, Statement &find, const Nullable &organization, FunctionCallInfo fcinfo) {
    const MemoryContext memory = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    find.Run(Access::Write, organization);
    bool is_null;
    const Datum found = Field(0, 1, &is_null);
    if (is_null)
        PG_RETURN_NULL();
    const MemoryContext before = MemoryContextSwitchTo(memory);
    const Datum result = PointerGetDatum(DatumGetArrayTypePCopy(found));
    MemoryContextSwitchTo(before);
    return result;
}

} // namespace laurel::jobs
