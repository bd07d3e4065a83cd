// A line a person, table and transaction, written in one statement; of very many people one line for all of
// them. The memory is the transaction's, and what is noted outlives the subtransaction that has read it. An
// export has its line at once; should that go with a subtransaction, it is written again.

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

enum class Activity { Read, Search, Export };

// What one actor has read of one table, for one purpose, or has looked for there, or has exported.
struct Reading {
    Activity activity;
    Oid role;
    Actor actor;
    const char *table; // null for an export
    Uuid organization;
    const char *purpose; // or null
    bool must_be_seen;
    List *columns; // of char *
    HTAB *people;
    int64 values;
    SubTransactionId written_in; // where its line is; 0 where there is none yet
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
Find(Activity activity, const Actor &actor, Oid role, const char *table, const Uuid &organization,
     const char *purpose) {
    ListCell *cell;
    foreach (cell, readings) {
        auto *reading = static_cast<Reading *>(lfirst(cell));
        if (reading->activity == activity && reading->role == role && reading->actor.known == actor.known &&
            reading->actor.user == actor.user && reading->organization == organization &&
            AreSame(reading->table, table) && AreSame(reading->purpose, purpose))
            return reading;
    }
    return nullptr;
}

Reading *
Add(Activity activity, Oid role, const char *table, const Uuid &organization, const char *purpose) {
    auto *reading = static_cast<Reading *>(palloc0(sizeof(Reading)));
    reading->activity = activity;
    reading->role = role;
    reading->actor = CurrentActor();
    reading->table = table == nullptr ? nullptr : pstrdup(table);
    reading->organization = organization;
    reading->purpose = purpose == nullptr ? nullptr : pstrdup(purpose);
    reading->people = NewPeople();
    readings = lappend(readings, reading);
    return reading;
}

void
AddValues(Reading *reading, const Uuid &person, int64 values) {
    bool found;
    auto *entry = static_cast<Person *>(hash_search(reading->people, &person, HASH_ENTER, &found));
    entry->values = (found ? entry->values : 0) + values;
    reading->values += values;
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

const char *
NameOf(Activity activity) {
    return activity == Activity::Read ? "read" : activity == Activity::Search ? "search" : "export";
}

void
Write(const Reading &reading) {
    Processing processing = {.activity = NameOf(reading.activity)};
    if (reading.activity != Activity::Search)
        processing.organization = FromUuid(reading.organization);
    if (reading.purpose != nullptr)
        processing.purpose = CStringGetTextDatum(reading.purpose);
    if (reading.table != nullptr) {
        processing.table = CStringGetTextDatum(reading.table);
        processing.columns = ColumnsOf(reading);
    }
    if (reading.activity != Activity::Search && hash_get_num_entries(reading.people) <= kMostPeople)
        PutPeople(reading, &processing);
    else
        PutEverybody(reading, &processing);
    LogProcessing(reading.actor, processing);
}

void
WriteReadings() {
    PushActiveSnapshot(GetTransactionSnapshot());
    ListCell *cell;
    foreach (cell, readings) {
        const auto *reading = static_cast<const Reading *>(lfirst(cell));
        if (reading->written_in == InvalidSubTransactionId)
            Write(*reading);
    }
    PopActiveSnapshot();
}

// What the message begins with.
const char *
WhatWasRead(const Reading &reading) {
    const auto values = static_cast<long long>(reading.values);
    const long people = hash_get_num_entries(reading.people);
    if (reading.activity == Activity::Search)
        return psprintf("personal values of %s were looked for, and %lld found,", reading.table, values);
    if (reading.table == nullptr)
        return psprintf("%lld rows about %ld people were exported", values, people);
    return psprintf("%lld personal values of %ld people were read from %s", values, people, reading.table);
}

// The one place that no reader can take back.
void
TellServer(const Reading &reading, const char *what) {
    ereport(LOG, (errmsg("%s in a transaction that %s", WhatWasRead(reading), what),
                  errdetail("By %s, logged in as %s%s%s.", reading.actor.role, reading.actor.login,
                            reading.purpose == nullptr ? "" : ", for: ",
                            reading.purpose == nullptr ? "" : reading.purpose),
                  errhidestmt(true), errhidecontext(true)));
}

// Of all that must be seen, or of that which has no line.
void
TellServer(bool of_all, const char *what) {
    ListCell *cell;
    foreach (cell, readings) {
        const auto *reading = static_cast<const Reading *>(lfirst(cell));
        if (reading->must_be_seen && (of_all || reading->written_in == InvalidSubTransactionId))
            TellServer(*reading, what);
    }
}

// What is written down when a transaction is about to commit may still go with it.
void
EndTransaction(XactEvent event) {
    if (readings == nullptr)
        return;
    switch (event) {
    case XACT_EVENT_PRE_PREPARE:
        TellServer(true, "is prepared, and can be rolled back");
        [[fallthrough]];
    case XACT_EVENT_PRE_COMMIT:
        if (XactReadOnly || RecoveryInProgress())
            return TellServer(false, "could not write");
        return WriteReadings();
    case XACT_EVENT_ABORT:
        TellServer(true, "was rolled back");
        [[fallthrough]];
    default:
        readings = nullptr;
    }
}

// Lines that were written in a subtransaction go with it.
void
EndSubtransaction(SubXactEvent event, SubTransactionId ended, SubTransactionId parent) {
    if (event != SUBXACT_EVENT_ABORT_SUB && event != SUBXACT_EVENT_COMMIT_SUB)
        return;
    ListCell *cell;
    foreach (cell, readings) {
        auto *reading = static_cast<Reading *>(lfirst(cell));
        if (reading->written_in == ended)
            reading->written_in = event == SUBXACT_EVENT_COMMIT_SUB ? parent : InvalidSubTransactionId;
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
    Reading *reading = Find(Activity::Read, actor, role, table, organization, purpose);
    if (reading == nullptr)
        reading = Add(Activity::Read, role, table, organization, purpose);
    reading->must_be_seen |= must_be_seen;
    AddColumn(reading, column);
    AddValues(reading, person, 1);
    MemoryContextSwitchTo(old);
}

void
NoteExport(const Uuid &organization, const Uuid &person, const char *purpose, int64 rows) {
    const MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
    Reading *reading = Add(Activity::Export, GetOuterUserId(), nullptr, organization, purpose);
    reading->must_be_seen = true;
    AddValues(reading, person, rows);
    MemoryContextSwitchTo(old);
    Write(*reading);
    reading->written_in = GetCurrentSubTransactionId();
}

void
NoteSearch(const char *table, std::string_view column, int64 found) {
    const MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
    Actor actor = {};
    actor.known = access::ClaimedUser(&actor.user);
    const Oid role = GetOuterUserId();
    Reading *reading = Find(Activity::Search, actor, role, table, {}, nullptr);
    if (reading == nullptr)
        reading = Add(Activity::Search, role, table, {}, nullptr);
    reading->must_be_seen = true;
    reading->values += found;
    AddColumn(reading, column);
    MemoryContextSwitchTo(old);
}

void
InitReadings() {
    RegisterXactCallback([](XactEvent event, void *) { boundary([=] { EndTransaction(event); }); }, nullptr);
    RegisterSubXactCallback([](SubXactEvent event, SubTransactionId ended, SubTransactionId parent,
                               void *) { boundary([=] { EndSubtransaction(event, ended, parent); }); },
                            nullptr);
}

} // namespace laurel::personal
