// A line a person, table and transaction, written in one statement; of very many people one line for all of
// them. The memory is the transaction's, and what is noted outlives the subtransaction that has read it.

#include "personal/readings.h"

#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/list.h"
#include "access/caller.h"

namespace laurel::personal {

namespace {

constexpr int64 kMostPeople = 1000; // that have a line each

// How many values of a person were given.
struct Person {
    Uuid user;
    int64 values;
};

// What one actor has read of one table, for one purpose.
struct Reading {
    Oid role;
    Actor actor;
    const char *table;
    Uuid organization;
    const char *purpose; // or null
    bool must_be_seen;
    List *columns; // of char *
    HTAB *people;
    int64 values;
};

constinit List *readings = nullptr; // of Reading *, in the transaction's memory

bool
AreSame(const char *a, const char *b) {
    return a == b || (a != nullptr && b != nullptr && strcmp(a, b) == 0);
}

HTAB *
NewPeople() {
    HASHCTL control = {};
    control.keysize = sizeof(Uuid);
    control.entrysize = sizeof(Person);
    control.hcxt = TopTransactionContext;
    return hash_create("laurel readings", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

Reading *
Find(const Actor &actor, Oid role, const char *table, const Uuid &organization, const char *purpose) {
    ListCell *cell;
    foreach (cell, readings) {
        auto *reading = static_cast<Reading *>(lfirst(cell));
        if (reading->role == role && reading->actor.known == actor.known &&
            reading->actor.user == actor.user && reading->organization == organization &&
            AreSame(reading->table, table) && AreSame(reading->purpose, purpose))
            return reading;
    }
    return nullptr;
}

Reading *
Add(const Actor &actor, Oid role, const char *table, const Uuid &organization, const char *purpose) {
    auto *reading = static_cast<Reading *>(palloc0(sizeof(Reading)));
    *reading = {role,
                actor,
                pstrdup(table),
                organization,
                purpose == nullptr ? nullptr : pstrdup(purpose),
                false,
                NIL,
                NewPeople(),
                0};
    readings = lappend(readings, reading);
    return reading;
}

void
AddColumn(Reading *reading, std::string_view column) {
    ListCell *cell;
    foreach (cell, reading->columns)
        if (column == static_cast<const char *>(lfirst(cell)))
            return;
    reading->columns = lappend(reading->columns, pnstrdup(column.data(), column.size()));
}

Datum
ColumnsOf(const Reading &reading) {
    const int count = list_length(reading.columns);
    auto *names = NewList<Datum>(count);
    for (int i = 0; i < count; i++)
        names[i] = CStringGetTextDatum(static_cast<const char *>(list_nth(reading.columns, i)));
    return ArrayOf(names, count, TEXTOID);
}

void
PutPeople(const Reading &reading, Processing *processing) {
    const auto count = static_cast<int>(hash_get_num_entries(reading.people));
    auto *users = NewList<Datum>(count), *values = NewList<Datum>(count);
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, reading.people);
    int i = 0;
    while (const auto *person = static_cast<const Person *>(hash_seq_search(&scan))) {
        users[i] = CopyUuid(person->user);
        values[i++] = Int64GetDatum(person->values);
    }
    processing->users = ArrayOf(users, count, UUIDOID);
    processing->row_counts = ArrayOf(values, count, INT8OID);
}

void
PutEverybody(const Reading &reading, Processing *processing) {
    Datum nobody = 0, values = Int64GetDatum(reading.values);
    bool is_null = true;
    processing->users = ArrayOf(&nobody, &is_null, 1, UUIDOID);
    processing->row_counts = ArrayOf(&values, 1, INT8OID);
}

void
Write(const Reading &reading) {
    Processing processing = {
        .activity = "read",
        .purpose = reading.purpose == nullptr ? Nullable() : Nullable(CStringGetTextDatum(reading.purpose)),
        .organization = FromUuid(reading.organization),
        .table = CStringGetTextDatum(reading.table),
        .columns = ColumnsOf(reading)};
    if (hash_get_num_entries(reading.people) <= kMostPeople)
        PutPeople(reading, &processing);
    else
        PutEverybody(reading, &processing);
    LogProcessing(reading.actor, processing);
}

void
WriteReadings() {
    PushActiveSnapshot(GetTransactionSnapshot());
    ListCell *cell;
    foreach (cell, readings)
        Write(*static_cast<const Reading *>(lfirst(cell)));
    PopActiveSnapshot();
    readings = nullptr;
}

// The one place that no reader can take back.
void
TellServer(const char *what) {
    ListCell *cell;
    foreach (cell, std::exchange(readings, nullptr)) {
        const auto *reading = static_cast<const Reading *>(lfirst(cell));
        if (reading->must_be_seen)
            ereport(LOG,
                    (errmsg("%lld personal values of %ld people were read from %s in a transaction that %s",
                            static_cast<long long>(reading->values), hash_get_num_entries(reading->people),
                            reading->table, what),
                     errdetail("By %s, logged in as %s%s%s.", reading->actor.role, reading->actor.login,
                               reading->purpose == nullptr ? "" : ", for: ",
                               reading->purpose == nullptr ? "" : reading->purpose),
                     errhidestmt(true), errhidecontext(true)));
    }
}

void
EndTransaction(XactEvent event) {
    if (readings == nullptr)
        return;
    if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE) {
        if (XactReadOnly || RecoveryInProgress())
            TellServer("could not write");
        else
            WriteReadings();
    } else if (event == XACT_EVENT_ABORT) {
        TellServer("was rolled back");
    } else {
        readings = nullptr;
    }
}

} // namespace

void
NoteReading(const char *table, std::string_view column, const Uuid &organization, const Uuid &person,
            const char *purpose, bool must_be_seen) {
    const MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
    Actor actor = {};
    actor.known = access::ClaimedUser(&actor.user);
    const Oid role = GetOuterUserId();
    Reading *reading = Find(actor, role, table, organization, purpose);
    if (reading == nullptr)
        reading = Add(CurrentActor(), role, table, organization, purpose);
    reading->must_be_seen |= must_be_seen;
    AddColumn(reading, column);
    bool found;
    auto *entry = static_cast<Person *>(hash_search(reading->people, &person, HASH_ENTER, &found));
    entry->values = found ? entry->values + 1 : 1;
    reading->values++;
    MemoryContextSwitchTo(old);
}

void
InitReadings() {
    RegisterXactCallback([](XactEvent event, void *) { boundary([=] { EndTransaction(event); }); }, nullptr);
}

} // namespace laurel::personal
