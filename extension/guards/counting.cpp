// Lock order: rows of the child, then of its parents, by (organization_id, key). Whoever holds a parent's
// lock sees every committed row that it counts.

#include "guards/counting.h"

#include "guards/derived_write.h"
#include "postgres/array.h"
#include "postgres/column.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/row_update.h"

namespace laurel::guards {

namespace {

Statement
LockParents(const Counting &c) {
    return Statement(psprintf(R"(
        SELECT %s, %s FROM %s WHERE organization_id = $1 AND %s = ANY ($2) ORDER BY 1 FOR NO KEY UPDATE)",
                              Named(c.key), Named(c.counter), OnlyName(c.parent), Named(c.key)),
                     UUIDOID, UUIDARRAYOID)
        .Returns(UUIDOID, INT8OID)
        .Generic();
}

Statement
AddToOne(const Counting &c) {
    return Statement(psprintf(R"(
        UPDATE %s SET %s = %s + $3 WHERE organization_id = $1 AND %s = $2)",
                              OnlyName(c.parent), Named(c.counter), Named(c.counter), Named(c.key)),
                     UUIDOID, UUIDOID, INT8OID)
        .Generic();
}

Statement
AddToMany(const Counting &c) {
    return Statement(psprintf(R"(
        UPDATE %s p SET %s = p.%s + n.difference FROM unnest($2, $3) n (key, difference)
        WHERE p.organization_id = $1 AND p.%s = n.key)",
                              OnlyName(c.parent), Named(c.counter), Named(c.counter), Named(c.key)),
                     UUIDOID, UUIDARRAYOID, INT8ARRAYOID)
        .Generic();
}

Statement
CallPending(const Counting &c) {
    return Statement(psprintf("UPDATE %s SET %s = %s WHERE false", OnlyName(c.parent), Named(c.counter),
                              Named(c.counter)))
        .Generic();
}

// What retention has taken of the rows that count at a parent.
Statement find_retained =
    Statement(R"(SELECT pg_catalog.array_agg(organization_id), pg_catalog.array_agg(key),
        pg_catalog.array_agg(retained) FROM ONLY laurel_internal.retained_counts WHERE parent = $1 AND counter = $2)",
              TEXTOID, TEXTOID)
        .Returns(UUIDARRAYOID, UUIDARRAYOID, INT8ARRAYOID);

Statement retain = Statement(
    R"(INSERT INTO laurel_internal.retained_counts AS r (organization_id, parent, counter, key, retained)
        SELECT $1, $2, $3, n.key, n.retained FROM unnest($4, $5) n (key, retained)
        ON CONFLICT (organization_id, parent, counter, key) DO UPDATE SET retained = r.retained + EXCLUDED.retained)",
    UUIDOID, TEXTOID, TEXTOID, UUIDARRAYOID, INT8ARRAYOID);

// Retained counts as arrays: their organizations, keys and sums.
constexpr int kRetainedColumns = 3;

Statement
FindWrong(const Counting &c) {
    return Statement(psprintf(R"(
        SELECT p.organization_id, p.%s, p.%s, coalesce(c.many, 0) + coalesce(r.many, 0) FROM %s p LEFT JOIN (
            SELECT organization_id, %s AS link, sum%s::pg_catalog.int8 AS many FROM %s WHERE %s GROUP BY 1, 2
        ) c ON c.organization_id = p.organization_id AND c.link = p.%s
        LEFT JOIN unnest($1, $2, $3) r (organization_id, key, many) ON r.organization_id = p.organization_id AND r.key = p.%s
        WHERE p.%s <> coalesce(c.many, 0) + coalesce(r.many, 0) ORDER BY 1, 2)",
                              Named(c.key), Named(c.counter), OnlyName(c.parent), Named(c.link),
                              c.amount.sql(), OnlyName(c.child), c.condition.sql(), Named(c.key),
                              Named(c.key), Named(c.counter)),
                     UUIDARRAYOID, UUIDARRAYOID, INT8ARRAYOID)
        .Returns(UUIDOID, UUIDOID, INT8OID, INT8OID)
        .Custom();
}

Statement
FindWrongOf(const Counting &c) {
    const char *child = quote_identifier(get_rel_name(c.child));
    return Statement(psprintf(R"(
        SELECT p.organization_id, p.%s, p.%s, c.many FROM %s p, LATERAL (
            SELECT coalesce(sum%s, 0)::pg_catalog.int8 + coalesce((SELECT r.many FROM unnest($3, $4, $5) r (organization_id, key, many)
                WHERE r.organization_id = p.organization_id AND r.key = p.%s), 0) AS many
            FROM %s WHERE %s.organization_id = p.organization_id AND %s.%s = p.%s AND %s
        ) c WHERE p.%s <> c.many AND p.organization_id = $1 AND p.%s = ANY ($2))",
                              Named(c.key), Named(c.counter), OnlyName(c.parent), c.amount.sql(),
                              Named(c.key), OnlyName(c.child), child, child, Named(c.link), Named(c.key),
                              c.condition.sql(), Named(c.counter), Named(c.key)),
                     UUIDOID, UUIDARRAYOID, UUIDARRAYOID, UUIDARRAYOID, INT8ARRAYOID)
        .Returns(UUIDOID, UUIDOID, INT8OID, INT8OID)
        .Custom();
}

// Counters of locked parents, in the order of their keys.
struct Locked {
    int count;
    Difference *rows; // `by` is the counter
};

// Differences of one organization.
struct Share {
    const Difference *begin;
    const Difference *end;

    int count() const { return static_cast<int>(end - begin); }
    Datum organization() const { return FromUuid(begin->row.organization); }
};

Datum
KeysOf(const Share &share) {
    Column keys(UUIDOID, share.count());
    for (int i = 0; i < share.count(); i++)
        keys.Add(FromUuid(share.begin[i].row.key));
    return keys.Array();
}

Datum
Amounts(const Share &share) {
    Column amounts(INT8OID, share.count());
    for (int i = 0; i < share.count(); i++)
        amounts.Add(Int64GetDatum(share.begin[i].by));
    return amounts.Array();
}

Locked
Lock(Counting &counting, const Share &share) {
    const Datum values[] = {share.organization(), KeysOf(share)};
    const auto count = static_cast<int>(counting.lock.Run(Access::Write, values));
    Locked locked = {count, NewList<Difference>(count)};
    for (int i = 0; i < count; i++)
        locked.rows[i] = {{share.begin->row.organization, ToUuid(Field(static_cast<uint64>(i), 1))},
                          DatumGetInt64(Field(static_cast<uint64>(i), 2))};
    // A row whose key another transaction has changed while this one waited comes where it was.
    std::sort(locked.rows, locked.rows + count, [](const Difference &a, const Difference &b) {
        return std::memcmp(&a.row, &b.row, sizeof(Counted)) < 0;
    });
    return locked;
}

// A parent that is locked, and where it lies.
struct Place {
    ItemPointerData place;
    int64 by;
};

// Locks the parents one by one, in order; those that are gone are left out.
int
LockPlaces(const Counting &counting, const Share &share, Place *places) {
    int count = 0;
    for (const Difference *difference = share.begin; difference < share.end; difference++) {
        IndexedRow row(counting.parent, counting.by_key, difference->row.key, difference->row.organization);
        if (row.Lock())
            places[count++] = {row.slot()->tts_tid, difference->by};
    }
    return count;
}

// A parent whose trigger suppresses the update is told by who counts its rows.
void
AddTo(const Counting &counting, RowUpdate *update, Place *place) {
    if (update->Fetch(&place->place) == nullptr)
        elog(ERROR, "a row of %s has moved while it was locked", QualifiedName(counting.parent));
    TupleTableSlot *row = update->Copy();
    const int column = counting.counter.number - 1;
    row->tts_values[column] = Int64GetDatum(Sum(DatumGetInt64(row->tts_values[column]), place->by));
    update->Write();
}

// Without a statement: nothing else happens at an UPDATE of the parents than what RowUpdate does.
void
WriteDirectly(const Counting &counting, Relation parents, const Share &share) {
    auto *places = NewList<Place>(share.count());
    const int count = LockPlaces(counting, share, places);
    if (count == 0)
        return;
    const DerivedWrite writing({counting.parent});
    RowUpdate update(parents, &counting.counter.number, 1);
    for (int i = 0; i < count; i++)
        AddTo(counting, &update, &places[i]);
    update.Finish();
}

bool
CanWriteDirectly(const Counting &counting, Relation parents) {
    return OidIsValid(counting.by_key.oid) && CanUpdateRows(parents) &&
           !HasOtherTriggers(parents, TriggerSpec::Update);
}

// Whether row triggers of the application may change what is written to the parents; partitions may have
// triggers of their own.
bool
ParentsMayChange(Relation parents) {
    return parents->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ||
           MayChangeRows(parents, TriggerSpec::Update);
}

void
WriteOne(Counting &counting, const Difference &difference) {
    const Datum values[] = {FromUuid(difference.row.organization), FromUuid(difference.row.key),
                            Int64GetDatum(difference.by)};
    const DerivedWrite writing({counting.parent});
    counting.write_one.Run(Access::Write, values);
}

void
WriteMany(Counting &counting, const Share &share) {
    const Datum values[] = {share.organization(), KeysOf(share), Amounts(share)};
    const DerivedWrite writing({counting.parent});
    counting.write_many.Run(Access::Write, values);
}

[[noreturn]] void
RefuseWrong(const Counting &counting, const Difference &is, int64 should) {
    const char *table = counting.parent_name.name, *counter = counting.counter.name;
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = psprintf("%s of a row of \"%s\" was not written as it follows from \"%s\"", counter,
                                table, get_rel_name(counting.child)),
            .detail = psprintf("Row %s says %lld instead of %lld.", UuidText(is.row.key),
                               static_cast<long long>(is.by), static_cast<long long>(should)),
            .hint = psprintf("A row trigger on \"%s\" changes %s or suppresses updates; remove it.", table,
                             counter),
            .schema = counting.parent_name.schema,
            .table = table,
            .constraint = psprintf("%s_%s_follows", table, counter)});
}

// Refuses what row triggers have made of the counters.
void
CheckWritten(Counting &counting, const Share &share, const Locked &before) {
    const Locked after = Lock(counting, share);
    const Difference *difference = share.begin;
    for (int i = 0; i < before.count; i++) {
        while (difference < share.end && !(difference->row == before.rows[i].row))
            difference++;
        const int64 should = before.rows[i].by + (difference < share.end ? difference->by : 0);
        if (i >= after.count || !(after.rows[i].row == before.rows[i].row) || after.rows[i].by != should)
            RefuseWrong(counting, i < after.count ? after.rows[i] : before.rows[i], should);
    }
}

void
WriteByStatement(Counting &counting, Relation parents, const Share &share) {
    const bool may_change = ParentsMayChange(parents);
    if (share.count() == 1 && !may_change)
        return WriteOne(counting, *share.begin);
    const Locked before = Lock(counting, share);
    if (before.count == 0)
        return;
    WriteMany(counting, share);
    if (may_change)
        CheckWritten(counting, share, before);
}

void
WriteShare(Counting &counting, const Share &share) {
    Relation parents = table_open(counting.parent, RowExclusiveLock);
    if (CanWriteDirectly(counting, parents))
        WriteDirectly(counting, parents, share);
    else
        WriteByStatement(counting, parents, share);
    table_close(parents, NoLock);
}

// Calls run(share) for each organization, in order.
template <typename Run>
void
EachOrganization(const Net &net, Run run) {
    for (const Difference *begin = net.begin(); begin < net.end();) {
        const Difference *end = std::find_if(begin, net.end(), [begin](const Difference &other) {
            return !(other.row.organization == begin->row.organization);
        });
        run(Share{begin, end});
        begin = end;
    }
}

// As retained counts name it.
Datum
ParentName(const Counting &counting) {
    return FromText(QualifiedName(counting.parent));
}

Oid
RetainedCounts() {
    return TableOid("retained_counts", "laurel_internal");
}

// Copied, since the next statement forgets what this one gave.
Parameters
FindRetained(const Counting &counting, Access access, Parameters parameters) {
    const AsOwner owner(OwnerOf(RetainedCounts()));
    find_retained.Run(access, {ParentName(counting), FromText(counting.counter.name)});
    Row row;
    for (int i = 0; i < kRetainedColumns; i++) {
        Nullable column;
        column.value = row.Next(&column.is_null);
        if (!column.is_null)
            column.value = PointerGetDatum(DatumGetArrayTypePCopy(column.value));
        parameters.Add(column);
    }
    return parameters;
}

void
RetainShare(const Counting &counting, const Share &share) {
    Column amounts(INT8OID, share.count());
    for (int i = 0; i < share.count(); i++)
        amounts.Add(Int64GetDatum(-share.begin[i].by));
    const AsOwner owner(OwnerOf(RetainedCounts()));
    retain.Run(Access::Write, {share.organization(), ParentName(counting), FromText(counting.counter.name),
                               KeysOf(share), amounts.Array()});
}

// What find_wrong and find_wrong_of gave, as differences.
void
AddWrong(Net *net, uint64 count) {
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        const Uuid organization = ToUuid(row.Next()), key = ToUuid(row.Next());
        const int64 is = DatumGetInt64(row.Next()), should = DatumGetInt64(row.Next());
        net->Add({organization, key}, should - is);
    }
}

// The value of a column that may be null.
bool
UuidOf(TupleTableSlot *row, const GuardedColumn &column, Uuid *value) {
    bool is_null;
    const Datum datum = slot_getattr(row, column.number, &is_null);
    if (!is_null)
        *value = ToUuid(datum);
    return !is_null;
}

} // namespace

Counting::Counting(Arguments &arguments)
    : owner(arguments.owner()),
      parent(arguments.Table(0)), parent_name{get_namespace_name(get_rel_namespace(parent)),
                                              get_rel_name(parent)},
      counter(arguments.Column(1, parent, INT8OID)), key(arguments.Column(2, parent, UUIDOID)),
      by_key(FindUniqueIndex(parent, key.number,
                             arguments.ColumnNamed("organization_id", parent, UUIDOID).number)),
      child(arguments.Table(3)), child_has_heirs(HasHeirs(child)),
      organization(arguments.ColumnNamed("organization_id", arguments.SeenAs(child), UUIDOID)),
      link(arguments.Column(4, arguments.SeenAs(child), UUIDOID)),
      condition(arguments, 5, arguments.SeenAs(child), Condition::ForGood, child),
      amount(arguments, 6, arguments.SeenAs(child), child), lock(LockParents(*this)),
      write_one(AddToOne(*this)), write_many(AddToMany(*this)), call_pending(CallPending(*this)),
      find_wrong(FindWrong(*this)), find_wrong_of(FindWrongOf(*this)) {
    for (Statement *statement : {&lock, &write_one, &write_many, &call_pending, &find_wrong, &find_wrong_of})
        arguments.Keep(statement);
}

void
RowCounter::Add(TupleTableSlot *row, int64 sign) {
    Counted parent;
    if (UuidOf(row, counting_.link, &parent.key) &&
        UuidOf(row, counting_.organization, &parent.organization) && test_.Holds(row))
        net_->Add(parent, sign * std::max(amount_.Of(row), -PG_INT64_MAX));
}

void
WriteCounts(Counting &counting, Net *net) {
    net->Settle();
    EachOrganization(*net, [&counting](const Share &share) { WriteShare(counting, share); });
}

void
RetainCounts(Counting &counting, Net *net) {
    net->Settle();
    EachOrganization(*net, [&counting](const Share &share) { RetainShare(counting, share); });
}

uint64
FindWrongCounts(Counting &counting, Access access) {
    return counting.find_wrong.Run(access, FindRetained(counting, access, {}));
}

void
RecountOf(Counting &counting, Net *net) {
    net->Settle(true);
    Net wrong;
    EachOrganization(*net, [&counting, &wrong](const Share &share) {
        if (Lock(counting, share).count == 0)
            return;
        const CatalogPath path(CatalogPath::Force);
        const Parameters parameters =
            FindRetained(counting, Access::Write, {share.organization(), KeysOf(share)});
        AddWrong(&wrong, counting.find_wrong_of.Run(Access::Write, parameters));
    });
    WriteCounts(counting, &wrong);
}

void
RecountAll(Counting &counting) {
    const CatalogPath path(CatalogPath::Force);
    Net wrong;
    AddWrong(&wrong, FindWrongCounts(counting, Access::Write));
    WriteCounts(counting, &wrong);
}

} // namespace laurel::guards
