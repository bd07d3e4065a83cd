// Sending: who may write to whom, and that answers stay among those of the thread.

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::messaging {

namespace {

constexpr TriggerSpec kAdmit = {"admit_message", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Insert};
constexpr TriggerSpec kKeep = {"keep_read", TriggerSpec::Before, TriggerSpec::EachRow, TriggerSpec::Update};

constexpr SqlText kStaff =
    R"(EXISTS (SELECT FROM ONLY laurel.user_roles r WHERE r.organization_id = $1 AND r.user_id = {1}
            AND r.role IN ('trainer', 'manager', 'org_admin', 'platform_admin')))";

// May $2 write to $3 in organization $1, and does not block whom he writes to?
Statement may_write =
    Statement(Sql<R"(SELECT {1} OR {2} OR EXISTS (SELECT FROM ONLY laurel.messaging_settings s
            WHERE s.organization_id = $1 AND s.learners_write_each_other),
        EXISTS (SELECT FROM ONLY laurel.message_blocks b WHERE b.organization_id = $1 AND b.user_id = $2
            AND b.blocked_id = $3 AND b.ended_at IS NULL))",
                  Sql<kStaff, "$2">, Sql<kStaff, "$3">>,
              UUIDOID, UUIDOID, UUIDOID)
        .Returns(BOOLOID, BOOLOID);

// Is $2 one of the two of parent $4, and $3 one of them or of those whom thread $5 was begun with?
Statement answers = Statement(R"(SELECT
        EXISTS (SELECT FROM ONLY laurel.messages p WHERE p.organization_id = $1 AND p.id = $4 AND $2 IN (p.sender_id, p.recipient_id)),
        EXISTS (SELECT FROM ONLY laurel.messages p WHERE p.organization_id = $1 AND p.id IN ($4, $5) AND $3 IN (p.sender_id, p.recipient_id))
            OR EXISTS (SELECT FROM ONLY laurel.messages p WHERE p.organization_id = $1 AND p.copy_of = $5 AND p.recipient_id = $3))",
                              UUIDOID, UUIDOID, UUIDOID, UUIDOID, UUIDOID)
                        .Returns(BOOLOID, BOOLOID);

// Does $2 say the same as message $3, to another than $4?
Statement is_copy = Statement(R"(SELECT FROM ONLY laurel.messages c WHERE c.organization_id = $1 AND c.id = $2
        AND c.recipient_id IS DISTINCT FROM $3 AND c.content = $4 AND c.subject IS NOT DISTINCT FROM $5 AND c.attachments = $6)",
                              UUIDOID, UUIDOID, UUIDOID, TEXTOID, TEXTOID, JSONBOID);

// As the caller, whom policies bind: the first row, then what hangs on it.
Statement send_first =
    Statement(
        R"(INSERT INTO laurel.messages (organization_id, parent_id, sender_id, recipient_id, subject, content, attachments)
        VALUES ($1, $2, $3, ($4)[1], $5, $6, coalesce($7, '[]')) RETURNING id)",
        UUIDOID, UUIDOID, UUIDOID, UUIDARRAYOID, TEXTOID, TEXTOID, JSONBOID)
        .Returns(UUIDOID);

Statement send_copies = Statement(
    R"(INSERT INTO laurel.messages (organization_id, parent_id, sender_id, recipient_id, subject, content, attachments, copy_of)
        SELECT $1, $2, $3, r, $5, $6, coalesce($7, '[]'), $8 FROM pg_catalog.unnest(($4)[2:]) r)",
    UUIDOID, UUIDOID, UUIDOID, UUIDARRAYOID, TEXTOID, TEXTOID, JSONBOID, UUIDOID);

Statement sent = Statement(R"(SELECT id, thread_id, recipient_id FROM ONLY laurel.messages
        WHERE id = $1 OR organization_id = $2 AND copy_of = $1 ORDER BY created_at, id)",
                           UUIDOID, UUIDOID)
                     .Returns(UUIDOID, UUIDOID, UUIDOID);

// Whom an answer of $2 to message $1 goes to.
Statement other_side = Statement("SELECT ARRAY[CASE sender_id WHEN $2 THEN recipient_id ELSE sender_id END] "
                                 "FROM ONLY laurel.messages WHERE id = $1",
                                 UUIDOID, UUIDOID)
                           .Returns(UUIDARRAYOID);

Statement count_recipients =
    Statement("SELECT pg_catalog.count(r), pg_catalog.count(DISTINCT r), pg_catalog.count(*)"
              " FROM pg_catalog.unnest($1) r",
              UUIDARRAYOID)
        .Returns(INT8OID, INT8OID, INT8OID);

constexpr int64 kMostRecipients = 50;

bool
Answer(int column) {
    return DatumGetBool(Field(0, column));
}

[[noreturn]] void
RefuseRecipient(const char *constraint, const char *message, const char *hint) {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = message,
            .hint = hint,
            .table = "messages",
            .constraint = constraint});
}

// A message on its way, and what is asked of it.
struct Draft {
    Uuid organization, sender, recipient;
    Nullable parent, copy_of, thread;
};

void
RequireAllowed(const Draft &draft) {
    may_write.Run(Access::Write,
                  {FromUuid(draft.organization), FromUuid(draft.sender), FromUuid(draft.recipient)});
    const bool allowed = Answer(1), blocks = Answer(2);
    if (!allowed)
        RefuseRecipient("messages_recipient_id_allowed", "learners do not write to each other here",
                        "Write to a trainer, a manager or an administrator; messaging_settings."
                        "learners_write_each_other lets learners write to learners.");
    if (blocks)
        RefuseRecipient("messages_recipient_id_blocked", "the sender blocks the recipient",
                        "Call laurel.unblock_member() first: an answer would not be seen.");
}

// Who answers is of the thread, and so is who gets the answer.
void
RequireThread(const Draft &draft) {
    answers.Run(Access::Write, {FromUuid(draft.organization), FromUuid(draft.sender),
                                FromUuid(draft.recipient), draft.parent, draft.thread});
    const bool sender = Answer(1), recipient = Answer(2);
    if (sender && recipient)
        return;
    RefuseRecipient(sender ? "messages_recipient_id_thread" : "messages_sender_id_thread",
                    "answers stay among those of the thread",
                    sender ? "Begin a thread of your own to bring others in."
                           : "Answer what you have sent or received.");
}

void
RequireSameWords(const DraftRow &row, const Draft &draft) {
    const Nullable organization = FromUuid(draft.organization), recipient = FromUuid(draft.recipient);
    if (is_copy.Run(Access::Write, {organization, draft.copy_of, recipient, row.Get("content", TEXTOID),
                                    row.Get("subject", TEXTOID), row.Get("attachments", JSONBOID)}) == 0)
        Refuse({.message = "a copy says the same as its first row, to somebody else",
                .hint = "laurel.send_message() writes to several.",
                .table = "messages",
                .constraint = "messages_copy_of_same"});
}

// A thread is called by the message that begins it.
void
BeginThread(DraftRow *row) {
    const Datum id = row->Get("id", UUIDOID).value;
    if (row->IsNull("thread_id"))
        row->Set("thread_id", UUIDOID, id);
    else if (!(ToUuid(row->Get("thread_id", UUIDOID).value) == ToUuid(id)))
        Refuse({.message = "thread_id is not what the message says",
                .hint = "Leave it out: the database takes it from the parent.",
                .table = "messages",
                .constraint = "messages_thread_id_copied"});
}

[[noreturn]] void
RefuseParent() {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "there is no such message to answer",
            .hint = "Answer what you have sent or received, and have not deleted.",
            .table = "messages",
            .constraint = "messages_parent_id_fkey"});
}

// Whom the caller writes to: those named, or who is at the other side of the parent.
Nullable
RecipientsOf(FunctionCallInfo fcinfo, const access::Caller &caller) {
    Nullable recipients = Argument(fcinfo, 0);
    if (recipients.is_null && !PG_ARGISNULL(3)) {
        if (other_side.Run(Access::Read, {PG_GETARG_DATUM(3), FromUuid(caller.user)}) == 0)
            RefuseParent();
        recipients = Nullable(Field(0, 1));
    }
    count_recipients.Run(Access::Read, {recipients});
    Row row;
    const int64 named = DatumGetInt64(row.Next()), different = DatumGetInt64(row.Next());
    if (named > 0 && named == different && named == DatumGetInt64(row.Next()) && named <= kMostRecipients)
        return recipients;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "recipients must name members, each once",
            .detail = psprintf("It names %lld, %lld of them different; at most %lld get a message.",
                               static_cast<long long>(named), static_cast<long long>(different),
                               static_cast<long long>(kMostRecipients)),
            .hint = "Give an array of ids, or leave it out and answer a message by parent_id."});
}

} // namespace

LAUREL_FUNCTION(laurel_admit_message) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kAdmit);
    DraftRow row(trigger);
    Draft draft = {};
    draft.sender = row.Id("sender_id");
    draft.recipient = row.Id("recipient_id");
    draft.organization = row.Id("organization_id");
    row.Id("id");
    draft.parent = row.Get("parent_id", UUIDOID);
    draft.copy_of = row.Get("copy_of", UUIDOID);
    if (draft.parent.is_null && draft.copy_of.is_null)
        BeginThread(&row);
    draft.thread = row.Get("thread_id", UUIDOID);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    RequireAllowed(draft);
    if (!draft.parent.is_null)
        RequireThread(draft);
    if (!draft.copy_of.is_null)
        RequireSameWords(row, draft);
    return row.Done();
}

// Fires where somebody would take back that a message was read.
LAUREL_FUNCTION(laurel_keep_read) {
    CheckTrigger(fcinfo, kKeep);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "a message that was read stays read",
            .hint = "Its sender has seen that it was read, and when.",
            .table = "messages",
            .constraint = "messages_read_at_kept"});
}

// laurel.send_message(recipients, content, subject, parent, attachments)
LAUREL_FUNCTION(laurel_send_message) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (!caller.known || !caller.has_organization)
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "only members write messages",
                .hint = access::HintOr("Sign in, and act in an organization.")});
    const SpiConnection spi;
    Parameters message = {FromUuid(caller.organization),
                          Argument(fcinfo, 3),
                          FromUuid(caller.user),
                          RecipientsOf(fcinfo, caller),
                          Argument(fcinfo, 2),
                          Argument(fcinfo, 1),
                          Argument(fcinfo, 4)};
    send_first.Write(message);
    const Uuid first = ToUuid(Field(0, 1));
    message.Add(FromUuid(first));
    send_copies.Run(Access::Write, message);
    ReturnRows(fcinfo, sent.Run(Access::Write, {FromUuid(first), FromUuid(caller.organization)}));
    PG_RETURN_NULL();
}

} // namespace laurel::messaging
