// Who reads a document by a share, and that nobody shares more than he or she has.
//
// Lock order: the share that is passed on, then the one that comes of it.

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/results.h"
#include "postgres/spi.h"

namespace laurel::documents {

namespace {

constexpr TriggerSpec kCheck = {"check_share", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Insert | TriggerSpec::Update};
constexpr TriggerSpec kNarrow = {"narrow_shares", TriggerSpec::After, TriggerSpec::EachRow,
                                 TriggerSpec::Update};

constexpr TriggerSpec kPublish = {"check_publication", TriggerSpec::After, TriggerSpec::EachRow,
                                  TriggerSpec::Update};

Statement shared_with =
    Statement(
        R"(SELECT s.document_id FROM ONLY laurel.document_shares s WHERE s.organization_id = $1 AND s.shared_with = $2
        AND (s.expires_at > $3) IS NOT FALSE AND ($4 OR s.permission = 'edit') ORDER BY 1)",
        UUIDOID, UUIDOID, TIMESTAMPTZOID, BOOLOID)
        .Returns(UUIDOID);

// Whether a document may be shared without a share: by who owns it, and by administrators.
Statement owns_document =
    Statement(
        R"(SELECT EXISTS (SELECT FROM ONLY laurel.documents d WHERE d.organization_id = $1 AND d.id = $2 AND d.uploaded_by = $3)
        OR EXISTS (SELECT FROM ONLY laurel.user_roles r WHERE r.organization_id = $1 AND r.user_id = $3 AND r.role IN ('org_admin', 'platform_admin')))",
        UUIDOID, UUIDOID, UUIDOID)
        .Returns(BOOLOID);

Statement own_share =
    Statement(R"(SELECT s.id, s.permission = 'edit', s.expires_at FROM ONLY laurel.document_shares s
        WHERE s.organization_id = $1 AND s.document_id = $2 AND s.shared_with = $3 AND (s.expires_at > pg_catalog.clock_timestamp()) IS NOT FALSE FOR SHARE)",
              UUIDOID, UUIDOID, UUIDOID)
        .Returns(UUIDOID, BOOLOID, TIMESTAMPTZOID);

Statement narrow_what_hangs(R"(UPDATE ONLY laurel.document_shares s
        SET permission = CASE WHEN $3 THEN s.permission ELSE 'view' END, expires_at = least(s.expires_at, $4)
        WHERE s.organization_id = $1 AND s.reshared_from = $2
        AND (NOT $3 AND s.permission = 'edit' OR s.expires_at IS NULL AND $4 IS NOT NULL OR s.expires_at > $4))",
                            UUIDOID, UUIDOID, BOOLOID, TIMESTAMPTZOID);

// Documents that are shared with the caller, read once an execution.
struct Shared {
    TimestampTz read_at;
    uint64 count;
    Uuid *documents;
};

Shared *
ReadShared(const access::Caller &caller, bool for_reading, MemoryContext memory) {
    auto *shared = static_cast<Shared *>(MemoryContextAllocZero(memory, sizeof(Shared)));
    shared->read_at = GetCurrentStatementStartTimestamp();
    if (!caller.known || !caller.has_organization)
        return shared;
    const FreshRead fresh(OwnerOf(TableOid("document_shares")));
    const Datum values[] = {FromUuid(caller.organization), FromUuid(caller.user),
                            TimestampTzGetDatum(shared->read_at), BoolGetDatum(for_reading)};
    shared->count = shared_with.Run(Access::Read, values);
    shared->documents = NewList<Uuid>(shared->count, memory);
    for (uint64 row = 0; row < shared->count; row++)
        shared->documents[row] = ToUuid(Field(row, 1));
    return shared;
}

[[noreturn]] void
RefuseShare(const char *what, const char *hint, const char *constraint) {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = what,
            .hint = hint,
            .table = "document_shares",
            .constraint = constraint});
}

// A share that is passed on: no longer, and no more, than the one it comes from.
void
KeepWithin(DraftRow *row) {
    const Nullable until = row->Get("expires_at", TIMESTAMPTZOID);
    Row own;
    const Datum share = CopyUuid(ToUuid(own.Next()));
    const bool may_edit = DatumGetBool(own.Next());
    bool forever;
    const Datum end = own.Next(&forever);
    if (!may_edit && row->Text("permission") != "view")
        RefuseShare("nobody shares more than was shared with him or her", "Share it to view.",
                    "document_shares_permission_within");
    if (!forever && (until.is_null || DatumGetTimestampTz(until.value) > DatumGetTimestampTz(end)))
        RefuseShare("nobody shares for longer than was shared with him or her",
                    "Set expires_at to the end of the own share at most.",
                    "document_shares_expires_at_within");
    row->Set("reshared_from", UUIDOID, share);
}

} // namespace

// laurel_internal.shares_document(document, permission): whether it is shared with the caller, now.
LAUREL_FUNCTION(laurel_shares_document) {
    const Uuid document = ToUuid(PG_GETARG_DATUM(0));
    auto *shared = static_cast<Shared *>(fcinfo->flinfo->fn_extra);
    if (shared == nullptr || shared->read_at != GetCurrentStatementStartTimestamp()) {
        access::NoticeChanges();
        const access::Caller caller = access::CurrentCaller();
        shared = ReadShared(caller, ToText(PG_GETARG_DATUM(1)) != "edit", fcinfo->flinfo->fn_mcxt);
        fcinfo->flinfo->fn_extra = shared;
    }
    PG_RETURN_BOOL(std::binary_search(shared->documents, shared->documents + shared->count, document));
}

// laurel_internal.check_share()
LAUREL_FUNCTION(laurel_check_share) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kCheck);
    DraftRow row(trigger);
    if (row.IsNull("shared_by")) {
        if (!IsTrusted(RelationGetRelid(trigger->tg_relation)))
            RefuseShare("a share says who shares", "Leave shared_by out, or name yourself.",
                        "document_shares_shared_by_check");
        return row.Done();
    }
    const Datum organization = CopyUuid(row.Id("organization_id")),
                document = CopyUuid(row.Id("document_id")), sharer = CopyUuid(row.Id("shared_by"));
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    owns_document.Run(Access::Write, {organization, document, sharer});
    if (DatumGetBool(Field(0, 1)))
        return row.Done();
    if (own_share.Run(Access::Write, {organization, document, sharer}) == 0)
        RefuseShare("a document is shared by its owner, by administrators and by whom it is shared with",
                    nullptr, "document_shares_shared_by_within");
    KeepWithin(&row);
    return row.Done();
}

// laurel_internal.check_publication(): everybody reads it because its owner or an administrator says so.
LAUREL_FUNCTION(laurel_check_publication) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kPublish);
    const DraftRow row(trigger);
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    const Nullable owner = row.Get("uploaded_by", UUIDOID);
    const bool owns = !owner.is_null && caller.known && ToUuid(owner.value) == caller.user;
    if (!owns && !IsTrusted(RelationGetRelid(trigger->tg_relation)) &&
        !access::Administers(caller, row.Id("organization_id")))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "a document is shown to everybody by its owner and by administrators",
                .hint = "Leave is_public as it is.",
                .table = "documents",
                .constraint = "documents_is_public_owner"});
    return PointerGetDatum(nullptr);
}

// laurel_internal.narrow_shares(): what was passed on shrinks with the share that it comes from.
LAUREL_FUNCTION(laurel_narrow_shares) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kNarrow);
    const DraftRow row(trigger);
    const Datum organization = CopyUuid(row.Id("organization_id")), share = CopyUuid(row.Id("id"));
    const bool may_edit = row.Text("permission") == "edit";
    const Nullable until = row.Get("expires_at", TIMESTAMPTZOID);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    narrow_what_hangs.Run(Access::Write, {organization, share, BoolGetDatum(may_edit), until});
    return PointerGetDatum(nullptr);
}

} // namespace laurel::documents
