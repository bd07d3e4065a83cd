// Reading: pages with names and counts, what was read, and what is deleted on one's own side. Statements run
// as the owner and say themselves what the policies say.

#include "access/caller.h"
#include "access/organization.h"
#include "identity/shown_name.h"
#include "messaging/blocks.h"
#include "personal/readings.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::messaging {

namespace {

// What member $2 of organization $1 was sent and sees; what he has sent and sees; either.
constexpr SqlText kReceived = R"(m.recipient_id = $2 AND m.recipient_deleted_at IS NULL
        AND NOT laurel_internal.withholds(m.sender_id, m.created_at))";
constexpr SqlText kSent = "m.sender_id = $2 AND m.sender_deleted_at IS NULL";
constexpr SqlText kSeen = Sql<"m.organization_id = $1 AND ({1} OR {2})", kSent, kReceived>;
// What is unread of member $2 of organization $1; {1}: of whom, for members who have blocked anybody.
constexpr SqlText kUnread =
    R"(FROM ONLY laurel.messages m WHERE m.recipient_id = $2 AND m.organization_id = $1
        AND NOT m.is_read AND m.recipient_deleted_at IS NULL {1})";
constexpr SqlText kUnblocked = "AND NOT laurel_internal.withholds(m.sender_id, m.created_at)";
constexpr SqlText kCountAll = "SELECT pg_catalog.count(*) {1}";
constexpr SqlText kCountSome = "SELECT pg_catalog.count(*) FROM (SELECT {1} LIMIT $3) u";

Statement count_all =
    Statement(Sql<kCountAll, Sql<kUnread, "">>, UUIDOID, UUIDOID).Returns(INT8OID).Generic();
Statement count_all_unblocked =
    Statement(Sql<kCountAll, Sql<kUnread, kUnblocked>>, UUIDOID, UUIDOID).Returns(INT8OID).Generic();
Statement count_some =
    Statement(Sql<kCountSome, Sql<kUnread, "">>, UUIDOID, UUIDOID, INT8OID).Returns(INT8OID).Generic();
Statement count_some_unblocked =
    Statement(Sql<kCountSome, Sql<kUnread, kUnblocked>>, UUIDOID, UUIDOID, INT8OID)
        .Returns(INT8OID)
        .Generic();

// What somebody is called in the organization.
constexpr SqlText kName = R"(coalesce((SELECT coalesce({2}, 'Anonymous') FROM ONLY laurel.users u
        LEFT JOIN ONLY laurel.profiles f ON f.user_id = u.id
        LEFT JOIN ONLY laurel.user_organizations m ON m.organization_id = r.organization_id AND m.user_id = u.id
        WHERE u.id = {1}), '[Deleted User]'))";
constexpr SqlText kRowName = Sql<identity::kShownName, "r">;

// Everybody to whom a message went, the first row's recipient first.
constexpr SqlText kRecipients =
    R"(SELECT o.recipient_id FROM ONLY laurel.messages o WHERE o.organization_id = r.organization_id
            AND (o.id = coalesce(r.copy_of, r.id) OR o.copy_of = coalesce(r.copy_of, r.id)) ORDER BY o.copy_of IS NOT NULL, o.created_at, o.id)";

constexpr Oid kThreadTypes[] = {UUIDOID,      UUIDOID, TIMESTAMPTZOID, UUIDOID,  TEXTOID, UUIDARRAYOID,
                                TEXTARRAYOID, TEXTOID, TEXTOID,        JSONBOID, BOOLOID, TIMESTAMPTZOID};

// The first $4 of thread $3; of what went to several its sender sees the first row. {1}: which come into
// question.
constexpr SqlText kThread = Sql<R"(SELECT r.id, r.parent_id, r.created_at, r.sender_id, {3}, ARRAY({5}),
            ARRAY(SELECT {4} FROM ({5}) n), r.subject, r.content, r.attachments, r.is_read, r.read_at
        FROM (SELECT * FROM ONLY laurel.messages m WHERE m.thread_id = $3 AND {2}
                AND (m.copy_of IS NULL OR m.recipient_id = $2) AND {1}
            ORDER BY m.created_at DESC, m.id DESC LIMIT 100) r
        ORDER BY r.created_at DESC, r.id DESC LIMIT $4)",
                                "{1}", kSeen, Sql<kName, "r.sender_id", kRowName>,
                                Sql<kName, "n.recipient_id", kRowName>, kRecipients>;

Statement thread =
    Statement(Sql<kThread, "true">, UUIDOID, UUIDOID, UUIDOID, INT8OID).Returns(kThreadTypes).Generic();

// The same of those before $5.
Statement thread_before =
    Statement(Sql<kThread, R"((m.created_at, m.id) < ((SELECT b.created_at FROM ONLY laurel.messages b
                  WHERE b.organization_id = $1 AND b.id = $5), $5))">,
              UUIDOID, UUIDOID, UUIDOID, INT8OID, UUIDOID)
        .Returns(kThreadTypes)
        .Generic();

// The $3 threads with the newest messages of those before $4, and what is unread in each.
Statement threads =
    Statement(
        Sql<R"(SELECT r.thread_id, r.last_at, r.messages, r.unread, l.id, l.sender_id, {2}, l.subject, pg_catalog.left(l.content, 200)
        FROM (SELECT m.organization_id, m.thread_id, pg_catalog.max(m.created_at) AS last_at, pg_catalog.count(*) AS messages,
                pg_catalog.count(*) FILTER (WHERE m.recipient_id = $2 AND NOT m.is_read) AS unread
            FROM ONLY laurel.messages m WHERE {1} AND (m.copy_of IS NULL OR m.recipient_id = $2) GROUP BY 1, 2
            HAVING $4 IS NULL OR pg_catalog.max(m.created_at) < $4 ORDER BY 3 DESC, 2 DESC LIMIT $3) r
        CROSS JOIN LATERAL (SELECT m.* FROM ONLY laurel.messages m WHERE m.thread_id = r.thread_id AND {1}
            AND (m.copy_of IS NULL OR m.recipient_id = $2) ORDER BY m.created_at DESC, m.id DESC LIMIT 1) l
        ORDER BY r.last_at DESC, r.thread_id DESC)",
            kSeen, Sql<kName, "l.sender_id", kRowName>>,
        UUIDOID, UUIDOID, INT8OID, TIMESTAMPTZOID)
        .Returns(UUIDOID, TIMESTAMPTZOID, INT8OID, INT8OID, UUIDOID, UUIDOID, TEXTOID, TEXTOID, TEXTOID)
        .Generic();

// As the caller, whom policies keep to what he has received.
Statement mark =
    Statement(R"(UPDATE ONLY laurel.messages SET is_read = true WHERE organization_id = $1 AND recipient_id = $2
        AND NOT is_read AND ($3 IS NULL OR id = ANY ($3)) AND ($4 IS NULL OR thread_id = $4))",
              UUIDOID, UUIDOID, UUIDARRAYOID, UUIDOID);

// On the side of the caller; of what he has sent to several, all of it.
Statement remove = Statement(Sql<R"(UPDATE ONLY laurel.messages m SET
            sender_deleted_at = CASE WHEN m.sender_id = $2 THEN coalesce(m.sender_deleted_at, pg_catalog.clock_timestamp()) ELSE m.sender_deleted_at END,
            recipient_deleted_at = CASE WHEN m.recipient_id = $2 THEN coalesce(m.recipient_deleted_at, pg_catalog.clock_timestamp()) ELSE m.recipient_deleted_at END
        WHERE (m.id = ANY ($3) OR m.copy_of = ANY ($3) AND m.sender_id = $2) AND {1})",
                                 kSeen>,
                             UUIDOID, UUIDOID, UUIDARRAYOID);

// What member $2 of organization $1 has sent and received, for the back end.
Statement of_member =
    Statement(
        R"(SELECT m.id, m.thread_id, m.created_at, m.sender_id, m.recipient_id, m.subject, m.content, m.attachments
        FROM ONLY laurel.messages m WHERE m.organization_id = $1 AND (m.sender_id = $2 OR m.recipient_id = $2)
        ORDER BY m.created_at DESC, m.id DESC)",
        UUIDOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, TIMESTAMPTZOID, UUIDOID, UUIDOID, TEXTOID, TEXTOID, JSONBOID);

constexpr int kMaxRows = 100; // as the statements say

// Argument 1, a number of rows.
int64
MaxRows(FunctionCallInfo fcinfo, int index) {
    const int32 rows = PG_ARGISNULL(index) ? 0 : PG_GETARG_INT32(index);
    if (rows < 1 || rows > kMaxRows)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "max_rows is out of range",
                .detail = psprintf("It must be from 1 to %d.", kMaxRows)});
    return rows;
}

// The caller; false where nobody calls, or acts nowhere.
bool
FindCaller(access::Caller *caller) {
    access::NoticeChanges();
    *caller = access::CurrentCaller();
    return caller->known && caller->has_organization;
}

} // namespace

// laurel.unread_messages(at_most)
LAUREL_FUNCTION(laurel_unread_messages) {
    if (!PG_ARGISNULL(0) && PG_GETARG_INT32(0) < 1)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE, .message = "at_most must be 1 or more"});
    access::Caller caller;
    if (!FindCaller(&caller))
        PG_RETURN_INT64(0);
    const bool blocks = HasBlocked(caller);
    const AsOwner owner(OwnerOf(TableOid("messages")));
    const SpiConnection spi;
    Parameters parameters = {FromUuid(caller.organization), FromUuid(caller.user)};
    if (PG_ARGISNULL(0)) {
        (blocks ? count_all_unblocked : count_all).Run(Access::Read, parameters);
        PG_RETURN_INT64(DatumGetInt64(Field(0, 1)));
    }
    parameters.Add(Int64GetDatum(PG_GETARG_INT32(0)));
    (blocks ? count_some_unblocked : count_some).Run(Access::Read, parameters);
    PG_RETURN_INT64(DatumGetInt64(Field(0, 1)));
}

// laurel.message_thread(thread, max_rows, before)
LAUREL_FUNCTION(laurel_message_thread) {
    const Datum named = Required(fcinfo, 0, "thread_id");
    const int64 rows = MaxRows(fcinfo, 1);
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    access::Caller caller;
    if (!FindCaller(&caller))
        PG_RETURN_NULL();
    const AsOwner owner(OwnerOf(TableOid("messages")));
    const SpiConnection spi;
    Parameters parameters = {FromUuid(caller.organization), FromUuid(caller.user), named,
                             Int64GetDatum(rows)};
    if (!PG_ARGISNULL(2))
        parameters.Add(PG_GETARG_DATUM(2));
    ReturnRows(fcinfo, (PG_ARGISNULL(2) ? thread : thread_before).Run(Access::Read, parameters));
    PG_RETURN_NULL();
}

// laurel.message_threads(max_rows, before)
LAUREL_FUNCTION(laurel_message_threads) {
    const int64 rows = MaxRows(fcinfo, 0);
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    access::Caller caller;
    if (!FindCaller(&caller))
        PG_RETURN_NULL();
    const AsOwner owner(OwnerOf(TableOid("messages")));
    const SpiConnection spi;
    ReturnRows(fcinfo, threads.Run(Access::Read, {FromUuid(caller.organization), FromUuid(caller.user),
                                                  Int64GetDatum(rows), Argument(fcinfo, 1)}));
    PG_RETURN_NULL();
}

// laurel.mark_messages_read(thread, ids): as the caller.
LAUREL_FUNCTION(laurel_mark_messages_read) {
    access::Caller caller;
    if (!FindCaller(&caller))
        PG_RETURN_INT64(0);
    const SpiConnection spi;
    PG_RETURN_INT64(
        static_cast<int64>(mark.Run(Access::Write, {FromUuid(caller.organization), FromUuid(caller.user),
                                                    Argument(fcinfo, 1), Argument(fcinfo, 0)})));
}

// laurel.delete_messages(ids)
LAUREL_FUNCTION(laurel_delete_messages) {
    const Datum ids = Required(fcinfo, 0, "ids");
    access::Caller caller;
    if (!FindCaller(&caller))
        PG_RETURN_INT64(0);
    const AsOwner owner(OwnerOf(TableOid("messages")));
    const SpiConnection spi;
    PG_RETURN_INT64(static_cast<int64>(
        remove.Run(Access::Write, {FromUuid(caller.organization), FromUuid(caller.user), ids})));
}

// laurel.messages_of(user, purpose, organization): for the back end; who reads leaves a line.
LAUREL_FUNCTION(laurel_messages_of) {
    const Uuid user = ToUuid(Required(fcinfo, 0, "user_id"));
    const std::string_view purpose = ToText(Required(fcinfo, 1, "purpose"));
    if (purpose.size() < 3 || purpose.size() > 500)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "a purpose has 3 to 500 bytes",
                .hint = "Say what the messages are read for: the person may ask."});
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Oid table = TableOid("messages");
    const Uuid organization =
        access::OrganizationArgument(fcinfo, 2, table, user, "messages_recipient_id_fkey");
    uint64 rows;
    {
        const AsOwner owner(OwnerOf(table));
        const SpiConnection spi;
        rows = of_member.Run(Access::Read, {FromUuid(organization), FromUuid(user)});
        ReturnRows(fcinfo, rows);
    }
    personal::NoteExport(organization, user, CString(purpose), static_cast<int64>(rows));
    PG_RETURN_NULL();
}

} // namespace laurel::messaging
