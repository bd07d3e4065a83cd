// What takes place at a time, as calendar programs take it over.
#pragma once

#include "postgres/datum.h"
#include "postgres/sql.h"

namespace laurel::calendars {

template <SqlText time>
constexpr auto kUtc =
    Sql<R"(pg_catalog.to_char(pg_catalog.timezone('UTC', {1}), 'YYYYMMDD"T"HH24MISS"Z"'))", time>;

// What is written of a row e with id, sequence, created_at and updated_at.
template <SqlText status, SqlText starts, SqlText ends, SqlText title, SqlText description, SqlText location>
constexpr auto kEntry = Sql<R"(e.id::pg_catalog.text, e.sequence::pg_catalog.text, {1}, {2}, {3}, {4},
        CASE {5} WHEN 'cancelled' THEN 'CANCELLED' ELSE 'CONFIRMED' END, {6}, {7}, {8})",
                            kUtc<"e.updated_at">, kUtc<"e.created_at">, kUtc<starts>, kUtc<ends>, status,
                            title, description, location>;
constexpr int kEntryColumns = 10;
constexpr Oid kEntryTypes[kEntryColumns] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID,
                                            TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID};

// Behind it, of an invitation: the organizer's name; name, address and PARTSTAT of whom it is for.
constexpr Oid kPeopleTypes[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID};

// iCalendar text.
class Calendar {
public:
    explicit Calendar(const char *method);

    // A row of the last result, in the columns of kEntry; with a sender of mail it is an invitation.
    void AddEntry(uint64 row, std::string_view mail_from = {});

    // Its text, in that memory.
    Datum Finish(MemoryContext context);

private:
    void Add(const char *name, const char *value);
    void AddText(const char *name, const char *value);
    void AddMailbox(const char *property, const char *details, const char *name, std::string_view address);
    void AddAlarm(const char *title);
    void AddPeople(std::string_view mail_from);
    static void Append(StringInfo to, std::string_view piece);
    void End();

    StringInfoData text_;
    StringInfoData line_;
};

// The one row of the last result as a calendar: by that method, or CANCEL once it is cancelled.
Datum Single(const char *method, std::string_view mail_from, MemoryContext context);

} // namespace laurel::calendars
