// laurel.export_user and laurel.export_user_rows: all that is there about a person.

#include "access/caller.h"
#include "access/organization.h"
#include "personal/announcements.h"
#include "personal/readings.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/catalog_path.h"
#include "postgres/error.h"
#include "postgres/jsonb_container.h"
#include "postgres/jsonb_object.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "privacy/accounts.h"
#include "privacy/export_parts.h"

extern "C" {
#include "utils/json.h"
}

namespace laurel::privacy {

namespace {

constexpr int kVersion = 1;
constexpr int kMostBytes =
    200 * 1000 * 1000;          // of a document: as text it becomes up to twice as long, and 1 GB is the most
constexpr long kFetched = 1000; // rows at a time

Statement find_exported =
    Statement(R"(SELECT u.organization_id, u.email, EXISTS (SELECT FROM ONLY laurel.user_organizations m
            WHERE m.user_id = u.id AND m.organization_id = $2) FROM ONLY laurel.users u WHERE u.id = $1)",
              UUIDOID, UUIDOID)
        .Returns(UUIDOID, TEXTOID, BOOLOID);

Statement find_merged =
    Statement("SELECT into_id FROM ONLY laurel.user_merges WHERE from_id = $1", UUIDOID).Returns(UUIDOID);

Statement log_export(
    R"(INSERT INTO laurel.user_exports (organization_id, user_id, exported_by, is_whole, way, row_count)
        VALUES ($1, $2, $3, $4, $5, $6))",
    UUIDOID, UUIDOID, UUIDOID, BOOLOID, TEXTOID, INT8OID);

// Who has asked for his data has it.
Statement answer_request(
    R"(UPDATE ONLY laurel.privacy_requests SET status = 'done' WHERE user_id = $1 AND kind = 'export' AND status = 'open'
        AND ($2 IS NULL OR organization_id = $2))",
    UUIDOID, UUIDOID);

// Who asks for whose data, and how much of it he gets.
struct Asked {
    Exported exported;
    Uuid organization; // where it is written down
    bool is_self;
    const char *purpose; // what an administrator has said to be reading for, or null
};

[[noreturn]] void
RefuseExport() {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to export this user's data",
            .hint = access::HintOr("People export their own; org_admins what their organization has of a "
                                   "member, service_role all."),
            .table = "users"});
}

// Who calls, whom the function names.
struct Caller {
    access::Caller access;
    bool trusted;
    Uuid user;
};

Caller
ReadCaller(FunctionCallInfo fcinfo) {
    access::NoticeChanges();
    Caller caller = {access::CurrentCaller(), IsTrusted(TableOid("users")), {}};
    const bool names_itself = PG_ARGISNULL(0) && caller.access.known;
    caller.user = names_itself ? caller.access.user : ToUuid(Required(fcinfo, 0, "user_id", kNameTheMember));
    return caller;
}

// There is no such user, who may have become part of another one.
[[noreturn]] void
RefuseUnknown(const Uuid &user) {
    if (find_merged.Run(Access::Read, FromUuid(user)) == 0)
        access::UnknownUser(user, "users", "users_pkey");
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "the user was merged with another one",
            .detail = psprintf("User %s is part of user %s.", UuidText(user), UuidText(ToUuid(Field(0, 1)))),
            .hint = "Export that user: what the first one had goes along.",
            .table = "users",
            .constraint = "users_pkey"});
}

// What the caller may have: all, what the active organization has, or nothing.
void
AskFor(const Caller &caller, Asked *asked) {
    const bool acts = caller.access.has_organization;
    asked->exported.user = caller.user;
    const bool exists =
        find_exported.Run(Access::Read, {FromUuid(caller.user),
                                         UuidOrNull(acts ? &caller.access.organization : nullptr)}) > 0;
    if (!exists && caller.trusted)
        RefuseUnknown(caller.user);
    const bool is_self =
        caller.access.known && caller.access.membership_count > 0 && caller.access.user == caller.user;
    if (!exists || (!caller.trusted && !is_self &&
                    !(acts && access::Administers(caller.access, caller.access.organization) &&
                      DatumGetBool(Field(0, 3)))))
        RefuseExport();
    const bool is_whole = caller.trusted || is_self;
    asked->organization = is_whole ? ToUuid(Field(0, 1)) : caller.access.organization;
    asked->exported.organization = is_whole ? nullptr : &asked->organization;
    asked->exported.email = CString(ToText(Field(0, 2)));
    asked->is_self = is_self;
    bool is_open;
    asked->purpose =
        is_whole ? nullptr : personal::AnnouncedPurpose(asked->organization, caller.user, &is_open);
    asked->exported.reveals = is_whole || asked->purpose != nullptr;
    asked->exported.accounts = AccountsOf(caller.user, Access::Read).Array();
}

void
WriteDown(const Asked &asked, const char *way, int64 rows) {
    Uuid caller;
    const bool has_caller = access::ClaimedUser(&caller);
    log_export.Write({FromUuid(asked.organization),
                      FromUuid(asked.exported.user),
                      {FromUuid(caller), !has_caller},
                      BoolGetDatum(asked.exported.organization == nullptr),
                      CStringGetTextDatum(way),
                      Int64GetDatum(rows)});
    answer_request.Run(Access::Write,
                       {FromUuid(asked.exported.user), UuidOrNull(asked.exported.organization)});
    if (!asked.is_self)
        personal::NoteExport(asked.organization, asked.exported.user, asked.purpose, rows);
}

// Calls see(object) for each row of a step, all as the statement that asked sees them.
template <typename See>
void
EachRow(const ExportStep &step, const Exported &exported, See see) {
    const AsOwner owner(OwnerOf(step.table));
    const Statement rows = step.Rows();
    Cursor cursor(rows, Access::Read, ExportStep::Values(exported));
    while (const uint64 count = cursor.Fetch(kFetched))
        for (uint64 i = 0; i < count; i++)
            see(Field(i, 1));
}

[[noreturn]] void
RefuseSize() {
    Refuse({.sqlstate = ERRCODE_PROGRAM_LIMIT_EXCEEDED,
            .message = "the export is too large for one document",
            .detail = psprintf("It has more than %d MB.", kMostBytes / 1000 / 1000),
            .hint = "Read it row by row: SELECT * FROM laurel.export_user_rows(user)."});
}

// The document's parts, as they come.
class Document {
public:
    explicit Document(int steps) : members_(NewList<JsonbMember>(steps + 1)) {}

    void Add(const ExportPlan &plan, const Exported &exported) {
        for (int i = 0; i < plan.count;) {
            const char *part = plan.steps[i].part;
            JsonbArrayOf array;
            for (; i < plan.count && strcmp(plan.steps[i].part, part) == 0; i++)
                EachRow(plan.steps[i], exported, [&array, this](Datum row) { AddRow(&array, row); });
            bytes_ += array.bytes();
            members_[count_++] = {part, array.Finish()};
        }
    }

    // With what says what it is.
    Jsonb *Finish(const Exported &exported) {
        JsonbObject format;
        format.Text("name", "laurel.export").Number("version", static_cast<int64>(kVersion));
        format.Text("user_id", UuidText(exported.user)).Text("exported_at", Now());
        if (exported.organization != nullptr)
            format.Text("organization_id", UuidText(*exported.organization));
        members_[count_++] = {"format", format.Finish()};
        return JsonbObjectOf::Of(members_, count_);
    }

    int64 rows() const { return rows_; }

private:
    void AddRow(JsonbArrayOf *array, Datum row) {
        Jsonb *json = DatumGetJsonbP(row);
        if (bytes_ + array->bytes() + static_cast<int64>(VARSIZE(json)) > kMostBytes)
            RefuseSize();
        array->Add(json);
        rows_++;
    }

    static const char *Now() {
        constexpr int kUtc = 0;
        return JsonEncodeDateTime(static_cast<char *>(palloc(MAXDATELEN + 1)),
                                  TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()), TIMESTAMPTZOID,
                                  &kUtc);
    }

    JsonbMember *members_;
    int count_ = 0;
    int64 bytes_ = 0;
    int64 rows_ = 0;
};

Datum
CopyOut(const Jsonb *json, MemoryContext memory) {
    void *copy = MemoryContextAlloc(memory, VARSIZE(json));
    std::memcpy(copy, json, VARSIZE(json));
    return PointerGetDatum(copy);
}

int64
ReturnExported(FunctionCallInfo fcinfo, const ExportPlan &plan, const Exported &exported) {
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    int64 rows = 0;
    for (int i = 0; i < plan.count; i++) {
        const Datum part = CStringGetTextDatum(plan.steps[i].part);
        EachRow(plan.steps[i], exported, [&](Datum row) {
            Datum values[] = {part, row};
            bool nulls[] = {false, false};
            tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
            rows++;
        });
    }
    return rows;
}

} // namespace

// laurel.export_user(user)
LAUREL_FUNCTION(laurel_export_user) {
    const MemoryContext memory = CurrentMemoryContext;
    const Caller caller = ReadCaller(fcinfo);
    const AsOwner owner(OwnerOf(TableOid("users")));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    Asked asked;
    AskFor(caller, &asked);
    const ExportPlan plan = PlanExport();
    Document document(plan.count);
    document.Add(plan, asked.exported);
    const Datum result = CopyOut(document.Finish(asked.exported), memory);
    WriteDown(asked, "document", document.rows());
    return result;
}

// laurel.export_user_rows(user)
LAUREL_FUNCTION(laurel_export_user_rows) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Caller caller = ReadCaller(fcinfo);
    const AsOwner owner(OwnerOf(TableOid("users")));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    Asked asked;
    AskFor(caller, &asked);
    WriteDown(asked, "rows", ReturnExported(fcinfo, PlanExport(), asked.exported));
    PG_RETURN_NULL();
}

} // namespace laurel::privacy
