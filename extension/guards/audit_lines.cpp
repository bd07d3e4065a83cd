// Writing changes no row that others wait for: the log has no counter, and no line knows of the one before
// it.

#include "guards/audit_lines.h"

#include "access/caller.h"
#include "guards/month_partitions.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/row_set.h"
#include "postgres/sql.h"

extern "C" {
#include "access/table.h"
}

namespace laurel::guards {

namespace {

constexpr RowSetColumn kLineColumns[] = {
    {"table_name", TEXTOID}, {"operation", TEXTOID}, {"organization_id", UUIDOID}, {"row_id", UUIDOID},
    {"user_id", UUIDOID},    {"before", JSONBOID},   {"after", JSONBOID},          {"hidden", JSONBOID}};

// The table's lock is held before the clock is read: see seals/horizon.h.
constexpr SqlText kInsertLines =
    R"(INSERT INTO laurel.audit_log (created_at, table_name, operation, organization_id, row_id, user_id,
            before, after, hidden, actor_id, role, login, request_id, application_name, transaction_id)
        SELECT pg_catalog.clock_timestamp(), l.table_name, l.operation, l.organization_id, l.row_id, l.user_id,
            l.before, l.after, l.hidden, $1, $2, $3, $4, $5, pg_catalog.pg_current_xact_id() FROM audit_lines l)";
constexpr Oid kActorTypes[] = {UUIDOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID};

Statement insert_lines = Statement(Sql<kInsertLines>, kActorTypes).Generic();

// The same where triggers of an application look at lines before they are written: gives those that have
// become what they were to be.
Statement insert_looked_at = Statement(Sql<R"(WITH written AS ({1} RETURNING *)
        SELECT FROM (SELECT w.table_name, w.operation, w.organization_id, w.row_id, w.user_id, w.before, w.after, w.hidden,
                w.actor_id, w.role, w.login, w.request_id, w.application_name, w.transaction_id FROM written w
            WHERE w.created_at BETWEEN pg_catalog.statement_timestamp() AND pg_catalog.clock_timestamp()
            INTERSECT ALL SELECT l.*, $1, $2, $3, $4, $5, pg_catalog.pg_current_xact_id() FROM audit_lines l) same)",
                                           kInsertLines>,
                                       kActorTypes)
                                 .Generic();

bool
IsLookedAt(Oid table) {
    const Relation relation = table_open(table, RowExclusiveLock);
    const bool is_looked_at = relation->trigdesc != nullptr && relation->trigdesc->trig_insert_before_row;
    table_close(relation, NoLock);
    return is_looked_at;
}

// The month that this session has seen a partition of.
constinit SeenMonth seen_month;

Datum
NameOf(Oid role) {
    return CStringGetTextDatum(GetUserNameFromId(role, false));
}

// A text of a request or a session, or null where there is none.
Nullable
TextOrNull(const char *text) {
    if (text == nullptr || *text == '\0')
        return {};
    return CStringGetTextDatum(text);
}

// Who is at work: the user whom the claims name, the role, the login, the request and the application.
Parameters
Actor() {
    static Uuid user;
    return {access::ClaimedUser(&user) ? Nullable(FromUuid(user)) : Nullable(), NameOf(GetOuterUserId()),
            NameOf(GetSessionUserId()), TextOrNull(access::RequestId()), TextOrNull(application_name)};
}

void
Put(const AuditLine &line, RowSet *rows) {
    const Nullable fields[] = {CStringGetTextDatum(line.table),
                               CStringGetTextDatum(line.operation),
                               line.organization,
                               line.row,
                               line.user,
                               line.before,
                               line.after,
                               line.hidden};
    Datum values[std::size(fields)];
    bool nulls[std::size(fields)];
    for (size_t i = 0; i < std::size(fields); i++) {
        values[i] = fields[i].value;
        nulls[i] = fields[i].is_null;
    }
    rows->Add(values, nulls);
}

void
WriteLines(const AuditLine *lines, int count) {
    const Oid table = TableOid("audit_log");
    const Parameters actor = Actor();
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    EnsureMonth(table, GetCurrentTimestamp(), &seen_month);
    RowSet rows("audit_lines", kLineColumns);
    for (int i = 0; i < count; i++)
        Put(lines[i], &rows);
    Statement *insert = IsLookedAt(table) ? &insert_looked_at : &insert_lines;
    if (rows.Run(insert, actor) != static_cast<uint64>(count))
        RefuseDropped(table, "a line of the audit log did not arrive as it was");
}

} // namespace

void
AuditLines::Add(const AuditLine &line) {
    if (count_ == room_) {
        const int room = std::min(std::max(2 * room_, kFirst), kMost);
        auto *lines = NewList<AuditLine>(room, memory_);
        std::copy_n(lines_, count_, lines);
        lines_ = lines;
        room_ = room;
    }
    lines_[count_++] = line;
}

void
AuditLines::Write() {
    if (count_ == 0)
        return;
    WriteLines(lines_, std::exchange(count_, 0));
    MemoryContextReset(memory_);
    lines_ = nullptr;
    room_ = 0;
}

} // namespace laurel::guards
