// Lock order: whatever the statement that tells has locked, then the points accounts by (organization_id,
// user_id), then what notifications lock.

#include "guards/facts.h"

#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/row_insert.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"
#include "uuidv7.h"

extern "C" {
#include "utils/datum.h"
}

namespace laurel::guards {

namespace {

constexpr const char *kName = "facts";

Statement lock_accounts(R"(
    SELECT FROM ONLY laurel.user_points p JOIN (
        SELECT DISTINCT organization_id, user_id FROM facts WHERE points <> 0 AND key IS NOT NULL
    ) f ON p.organization_id = f.organization_id AND p.user_id = f.user_id
    ORDER BY p.organization_id, p.user_id FOR NO KEY UPDATE OF p)");

// Of facts with one key the first. What has none is told in any case.
Statement first_facts(R"(
    (SELECT DISTINCT ON (f.organization_id, f.key COLLATE "C") f.* FROM facts f WHERE f.key IS NOT NULL
    ORDER BY f.organization_id, f.key COLLATE "C", f.occurred_at)
    UNION ALL SELECT f.* FROM facts f WHERE f.key IS NULL)");

SizedStatement new_facts(R"(
    SELECT f.* FROM facts f
    WHERE NOT EXISTS (SELECT FROM ONLY laurel.points_ledger l
            WHERE f.points <> 0 AND l.organization_id = f.organization_id AND l.idempotency_key = f.key)
        AND NOT EXISTS (SELECT FROM ONLY laurel_internal.archived_keys k
            WHERE f.points <> 0 AND k.organization_id = f.organization_id AND k.idempotency_key = f.key)
        AND NOT EXISTS (SELECT FROM ONLY laurel.notifications n
            WHERE n.organization_id = f.organization_id AND n.dedupe_key = f.said_key))");

// The same two for one fact: where it pays, its account is locked first.
Statement lock_account(R"(
    SELECT FROM ONLY laurel.user_points WHERE organization_id = $1 AND user_id = $2 FOR NO KEY UPDATE)",
                       UUIDOID, UUIDOID);

// $2 is the key of a fact that pays, $3 the key by which it is said.
Statement was_told = Statement(R"(
    SELECT EXISTS (SELECT FROM ONLY laurel.points_ledger WHERE organization_id = $1 AND idempotency_key = $2)
        OR EXISTS (SELECT FROM ONLY laurel_internal.archived_keys WHERE organization_id = $1 AND idempotency_key = $2)
        OR EXISTS (SELECT FROM ONLY laurel.notifications WHERE organization_id = $1 AND dedupe_key = $3))",
                               UUIDOID, TEXTOID, TEXTOID)
                         .Returns(BOOLOID)
                         .Generic();

Statement book_points(R"(
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reference_type, reference_id,
        reason, occurred_at, idempotency_key)
    SELECT f.organization_id, f.user_id, f.points, f.type, f.reference_type, f.reference_id,
        pg_catalog.left(f.reason, 2000), f.occurred_at, f.key
    FROM facts f WHERE f.points <> 0
    ORDER BY f.organization_id, f.user_id, f.occurred_at, f.key COLLATE "C")");

// It is of the fact's time, so that facts of the past, as an import brings them, send nothing.
Statement notify(R"(
    INSERT INTO laurel.notifications (organization_id, user_id, type, title, message, link, data, priority, dedupe_key,
        created_at)
    SELECT f.organization_id, f.user_id, f.type,
        CASE WHEN pg_catalog.char_length(f.title) <= 200 THEN f.title ELSE pg_catalog.left(f.title, 197) || '...' END,
        pg_catalog.left(f.message, 20000), f.link, f.data, coalesce(f.priority, 5), f.said_key, f.occurred_at
    FROM facts f WHERE f.title IS NOT NULL
    ON CONFLICT (organization_id, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING
    RETURNING organization_id, dedupe_key)");

constexpr const char *kSaid = "said";
constexpr RowSetColumn kSaidColumns[] = {{"organization_id", UUIDOID}, {"key", TEXTOID}};

// Facts that nobody else has said while this statement waited.
Statement facts_said(R"(
    SELECT f.* FROM facts f
    WHERE NOT EXISTS (SELECT FROM ONLY laurel.notifications n
        WHERE n.organization_id = f.organization_id AND n.dedupe_key = f.said_key
            AND NOT EXISTS (SELECT FROM said s WHERE s.organization_id = n.organization_id AND s.key = n.dedupe_key)))");

Statement tell_events(R"(
    INSERT INTO laurel.domain_events (organization_id, user_id, type, data, occurred_at)
    SELECT f.organization_id, f.user_id, f.type, f.data, f.occurred_at FROM facts f)");

// The columns of an event that are a fact's, of the same names and types; all that there are but its id.
constexpr const char *kEventColumns[] = {"organization_id", "user_id", "type", "data", "occurred_at"};
constexpr int kEventWidth = static_cast<int>(std::size(kEventColumns)) + 1;

// What facts ask for.
struct Wishes {
    bool points = false;
    bool titles = false;
    bool once = false;

    bool all() const { return points && titles && once; }
};

int
Number(const char *name) {
    const RowSetColumn *column =
        std::find_if(std::begin(kFactColumns), std::end(kFactColumns),
                     [name](const RowSetColumn &candidate) { return strcmp(candidate.name, name) == 0; });
    return static_cast<int>(column - kFactColumns) + 1;
}

void
Look(TupleTableSlot *row, Wishes *wishes) {
    bool no_points;
    const Datum points = slot_getattr(row, Number("points"), &no_points);
    const bool has_points = !no_points && DatumGetInt64(points) != 0;
    wishes->points |= has_points;
    wishes->titles |= !slot_attisnull(row, Number("title"));
    wishes->once |=
        (has_points && !slot_attisnull(row, Number("key"))) || !slot_attisnull(row, Number("said_key"));
}

Wishes
WishesOf(const RowSet &facts) {
    Wishes wishes;
    facts.Each([&wishes](TupleTableSlot *row) {
        Look(row, &wishes);
        return !wishes.all();
    });
    return wishes;
}

// Facts whose keys others may use too, each key once, where nobody else pays the same members meanwhile.
void
KeepFirst(const RowSet &facts, const Wishes &wishes, RowSet *kept) {
    const SharedRows shared(facts);
    if (wishes.points)
        lock_accounts.Run(Access::Write);
    kept->Fill(&first_facts);
}

// Facts that were not told before.
void
KeepNew(const RowSet &facts, RowSet *kept) {
    const SharedRows shared(facts);
    kept->Fill(&new_facts.For(facts.count()));
}

void
Say(const RowSet &facts, RowSet *said) {
    const SharedRows shared(facts);
    said->Fill(&notify);
}

// Whether nothing else happens when events are inserted, and they have no columns of an application's.
bool
CanInsertEvents(Relation events) {
    return RelationGetDescr(events)->natts == kEventWidth && CanInsertRows(events) &&
           !HasOtherTriggers(events, TriggerSpec::Insert);
}

void
InsertEvents(Relation events, const RowSet &facts) {
    const TupleDesc columns = RelationGetDescr(events);
    int numbers[kEventWidth], of_fact[kEventWidth];
    for (int i = 0; i < kEventWidth - 1; i++) {
        of_fact[i] = Number(kEventColumns[i]);
        numbers[i] = Attribute(columns, kEventColumns[i], kFactColumns[of_fact[i] - 1].type);
    }
    numbers[kEventWidth - 1] = Attribute(columns, "id", UUIDOID);
    RowInsert insert(events, numbers, kEventWidth);
    facts.Each([&](TupleTableSlot *fact) {
        Nullable values[kEventWidth];
        for (int i = 0; i < kEventWidth - 1; i++)
            values[i].value = slot_getattr(fact, of_fact[i], &values[i].is_null);
        values[kEventWidth - 1] = NewUuid7();
        insert.Write(values);
        return true;
    });
    insert.Finish();
}

void
TellEvents(const RowSet &facts) {
    Relation events = table_open(TableOid("domain_events"), RowExclusiveLock);
    if (CanInsertEvents(events))
        InsertEvents(events, facts);
    else
        facts.Run(&tell_events);
    table_close(events, NoLock);
}

void
Tell(const RowSet &facts, const Wishes &wishes) {
    if (facts.count() == 0)
        return;
    if (wishes.points)
        facts.Run(&book_points);
    RowSet said(kSaid, kSaidColumns);
    if (wishes.titles)
        Say(facts, &said);
    TellEvents(facts);
}

int64
CountTitled(const RowSet &facts) {
    int64 count = 0;
    facts.Each([&count](TupleTableSlot *row) {
        count += slot_attisnull(row, Number("title")) ? 0 : 1;
        return true;
    });
    return count;
}

// The same, where others may be telling the same keys to other members: what they have said first is not
// told.
void
TellUnsaid(const RowSet &facts, Wishes wishes) {
    if (facts.count() == 0 || !wishes.titles)
        return Tell(facts, wishes);
    RowSet said(kSaid, kSaidColumns);
    Say(facts, &said);
    wishes.titles = false;
    if (said.count() == CountTitled(facts))
        return Tell(facts, wishes);
    RowSet unsaid(kName, kFactColumns);
    {
        const SharedRows shared(facts), others(said);
        unsaid.Fill(&facts_said);
    }
    Tell(unsaid, wishes);
}

// What a single fact is known by.
struct Fact {
    Nullable organization;
    Nullable user;
    Nullable paid_key;
    Nullable said_key;
};

// Copied, since the row does not last.
Nullable
ColumnOf(TupleTableSlot *row, const char *name) {
    bool is_null;
    const int number = Number(name);
    const Datum value = slot_getattr(row, number, &is_null);
    const FormData_pg_attribute &type = *TupleDescAttr(row->tts_tupleDescriptor, number - 1);
    return is_null ? Nullable() : Nullable(datumCopy(value, type.attbyval, type.attlen));
}

Fact
OnlyFact(const RowSet &facts, const Wishes &wishes) {
    Fact fact;
    facts.Each([&fact, &wishes](TupleTableSlot *row) {
        fact.organization = ColumnOf(row, "organization_id");
        fact.user = ColumnOf(row, "user_id");
        fact.paid_key = wishes.points ? ColumnOf(row, "key") : Nullable();
        fact.said_key = ColumnOf(row, "said_key");
        return false;
    });
    return fact;
}

int64
CountDebits(const RowSet &facts) {
    int64 count = 0;
    facts.Each([&count](TupleTableSlot *row) {
        bool is_null;
        const Datum points = slot_getattr(row, Number("points"), &is_null);
        count += !is_null && DatumGetInt64(points) < 0 ? 1 : 0;
        return true;
    });
    return count;
}

// What takes points and is told of a row is told once: another entry has its key, and nothing would be paid.
void
RequireDebits(const RowSet &facts, int64 told) {
    if (CountDebits(facts) == told)
        return;
    Refuse(
        {.sqlstate = kConflict,
         .message = "another entry has the idempotency key of what is to be paid",
         .hint =
             "Entries that Laurel books have the key type:row:member; do not book others under such a key.",
         .table = "points_ledger",
         .constraint = "points_ledger_idempotency_key"});
}

// Whether the only fact was told before. Most statements tell one, for which joins cost more than all else.
bool
WasTold(const RowSet &facts, const Wishes &wishes, Keys keys) {
    const Fact fact = OnlyFact(facts, wishes);
    if (keys == Keys::Anybodys && !fact.paid_key.is_null)
        lock_account.Run(Access::Write, {fact.organization, fact.user});
    was_told.Run(Access::Write, {fact.organization, fact.paid_key, fact.said_key});
    return DatumGetBool(Field(0, 1));
}

} // namespace

void
TellFacts(Statement *query, Keys keys) {
    RowSet facts(kName, kFactColumns);
    facts.Fill(query);
    const Wishes wishes = WishesOf(facts);
    if (!wishes.once)
        return Tell(facts, wishes);
    if (facts.count() == 1) {
        if (WasTold(facts, wishes, keys))
            return RequireDebits(facts, 0);
        return keys == Keys::OfRows ? Tell(facts, wishes) : TellUnsaid(facts, wishes);
    }
    RowSet once(kName, kFactColumns), kept(kName, kFactColumns);
    if (keys == Keys::OfRows) {
        KeepNew(facts, &kept);
        RequireDebits(facts, CountDebits(kept));
        return Tell(kept, wishes);
    }
    KeepFirst(facts, wishes, &once);
    KeepNew(once, &kept);
    TellUnsaid(kept, wishes);
}

} // namespace laurel::guards
