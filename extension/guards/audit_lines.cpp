// Writing changes no row that others wait for: the log has no counter, and no line knows of the one before
// it.

#include "guards/audit_lines.h"

#include "access/caller.h"
#include "access/origin.h"
#include "guards/month_partitions.h"
#include "postgres/kept_columns.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/row_insert.h"
#include "postgres/row_set.h"
#include "postgres/sql.h"
#include "postgres/trigger.h"
#include "uuidv7.h"

extern "C" {
#include "access/table.h"
#include "utils/xid8.h"
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
constexpr int kActorColumns = static_cast<int>(std::size(kActorTypes));

Statement insert_lines = Statement(Sql<kInsertLines>, kActorTypes).Generic();

// The columns of the log, as a row is inserted without a statement: the line's, who has acted, and the rest.
constexpr RowSetColumn kLogColumns[] = {{"table_name", TEXTOID},
                                        {"operation", TEXTOID},
                                        {"organization_id", UUIDOID},
                                        {"row_id", UUIDOID},
                                        {"user_id", UUIDOID},
                                        {"before", JSONBOID},
                                        {"after", JSONBOID},
                                        {"hidden", JSONBOID},
                                        {"actor_id", UUIDOID},
                                        {"role", TEXTOID},
                                        {"login", TEXTOID},
                                        {"request_id", TEXTOID},
                                        {"application_name", TEXTOID},
                                        {"created_at", TIMESTAMPTZOID},
                                        {"transaction_id", XID8OID},
                                        {"id", UUIDOID}};
constexpr int kLogWidth = static_cast<int>(std::size(kLogColumns));
constexpr int kLineWidth = static_cast<int>(std::size(kLineColumns));
static_assert(kLogWidth == kLineWidth + kActorColumns + 3);

constinit KeptColumns<kLogWidth> log_columns;

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
IsLookedAt(Relation log) {
    return log->trigdesc != nullptr && log->trigdesc->trig_insert_before_row;
}

// Whether nothing else happens when lines are inserted, and the log has no columns of an application's.
bool
CanWriteDirectly(Relation log) {
    return RelationGetDescr(log)->natts == kLogWidth && CanInsertRows(log) &&
           !HasOtherTriggers(log, TriggerSpec::Insert);
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
    if (text == nullptr)
        return {};
    return CStringGetTextDatum(text);
}

// Who is at work: the user whom the claims name, the role, the login, the request and the application.
Parameters
Actor() {
    static Uuid user;
    return {access::ClaimedUser(&user) ? Nullable(FromUuid(user)) : Nullable(), NameOf(GetOuterUserId()),
            NameOf(GetSessionUserId()), TextOrNull(access::RequestId()), TextOrNull(access::ApplicationName())};
}

// The values of kLineColumns.
void
Put(const AuditLine &line, Nullable *values) {
    values[0] = CStringGetTextDatum(line.table);
    values[1] = CStringGetTextDatum(line.operation);
    values[2] = line.organization;
    values[3] = line.row;
    values[4] = line.user;
    values[5] = line.before;
    values[6] = line.after;
    values[7] = line.hidden;
}

void
Put(const AuditLine &line, RowSet *rows) {
    Nullable fields[kLineWidth];
    Put(line, fields);
    Datum values[kLineWidth];
    bool nulls[kLineWidth];
    for (int i = 0; i < kLineWidth; i++) {
        values[i] = fields[i].value;
        nulls[i] = fields[i].is_null;
    }
    rows->Add(values, nulls);
}

void
WriteByStatement(Relation log, const AuditLine *lines, int count, const Parameters &actor) {
    RowSet rows("audit_lines", kLineColumns);
    for (int i = 0; i < count; i++)
        Put(lines[i], &rows);
    Statement *insert = IsLookedAt(log) ? &insert_looked_at : &insert_lines;
    if (rows.Run(insert, actor) != static_cast<uint64>(count))
        RefuseDropped(RelationGetRelid(log), "a line of the audit log did not arrive as it was");
}

void
WriteDirectly(Relation log, const AuditLine *lines, int count, const Parameters &actor) {
    const int *columns = log_columns.Find(RelationGetDescr(log), kLogColumns);
    Nullable values[kLogWidth];
    for (int i = 0; i < kActorColumns; i++)
        values[kLineWidth + i] = {actor.values()[i], actor.IsNull(i)};
    constexpr int kCreatedAt = kLineWidth + kActorColumns;
    values[kCreatedAt + 1] = FullTransactionIdGetDatum(GetTopFullTransactionId());
    RowInsert insert(log, columns, kLogWidth);
    for (int i = 0; i < count; i++) {
        Put(lines[i], values);
        values[kCreatedAt] = TimestampTzGetDatum(GetCurrentTimestamp());
        values[kCreatedAt + 2] = NewUuid7();
        insert.Write(values);
    }
    insert.Finish();
}

void
WriteLines(const AuditLine *lines, int count) {
    const Oid table = TableOid("audit_log");
    const Parameters actor = Actor();
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    EnsureMonth(table, GetCurrentTimestamp(), &seen_month);
    const Relation log = table_open(table, RowExclusiveLock);
    if (CanWriteDirectly(log))
        WriteDirectly(log, lines, count, actor);
    else
        WriteByStatement(log, lines, count, actor);
    table_close(log, NoLock);
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
