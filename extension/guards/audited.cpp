// Row triggers gather what has changed, the statement's trigger writes it down; a statement of very many rows
// writes some of them early. A restore makes the triggers after the rows, so nothing is written twice.

#include "guards/audited.h"

#include "guards/audit_lines.h"
#include "guards/check.h"
#include "guards/of_statement.h"
#include "postgres/json_value.h"

extern "C" {
#include "utils/datum.h"
}

namespace laurel::guards {

namespace {

constexpr int kAnyChange = TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete;

constexpr TriggerSpec kAuditRowsSpec = {"audit_rows", TriggerSpec::After, TriggerSpec::EachRow, kAnyChange,
                                        TriggerSpec::kSomeArguments};
constexpr TriggerSpec kAuditWrittenSpec = {"audit_written", TriggerSpec::After, TriggerSpec::EachStatement,
                                           kAnyChange, TriggerSpec::kSomeArguments};
constexpr TriggerSpec kAuditTruncatedSpec = {"audit_truncated", TriggerSpec::After,
                                             TriggerSpec::EachStatement, TriggerSpec::Truncate,
                                             TriggerSpec::kSomeArguments};

// Lines of each statement that is running.
constinit OfStatement<AuditLines> lines_of_statement;

// A column of type uuid that says whose or which row it is; 0 where there is none.
int
UuidNumber(Oid table, const char *name) {
    const AttrNumber number = get_attnum(table, name);
    return number > 0 && get_atttype(table, number) == UUIDOID ? number : 0;
}

// What is written down of a table's rows: the arguments of its triggers are how many columns are shown,
// these, and those of which only the names are.
struct Audited {
    explicit Audited(Arguments &arguments);

    const char *table; // schema.name
    int shown;
    int count;
    GuardedColumn *columns; // the first ones are shown
    int organization;
    int row;
    int user;
};

Audited::Audited(Arguments &arguments) : count(arguments.count() - 1) {
    arguments.RequireOwnerOf("audit_log");
    const TableName name = arguments.root_name();
    table = psprintf("%s.%s", name.schema, name.name);
    shown = pg_strtoint32(arguments.Text(0));
    if (shown < 0 || shown > count)
        arguments.Refuse("shows more columns than it names");
    columns = NewList<GuardedColumn>(count);
    for (int i = 0; i < count; i++)
        columns[i] = arguments.Column(i + 1, arguments.table(), InvalidOid);
    const bool is_users = arguments.root() == get_relname_relid("users", get_namespace_oid("laurel", false));
    const bool is_organizations =
        arguments.root() == get_relname_relid("organizations", get_namespace_oid("laurel", false));
    row = UuidNumber(arguments.table(), "id");
    organization = is_organizations ? row : UuidNumber(arguments.table(), "organization_id");
    user = is_users ? row : UuidNumber(arguments.table(), "user_id");
}

// A row as it was or has become.
class Version {
public:
    Version(HeapTuple row, TupleDesc tuple_desc) : row_(row), tuple_desc_(tuple_desc) {}

    Datum Value(int column, bool *is_null) const { return heap_getattr(row_, column, tuple_desc_, is_null); }

    bool IsNull(int column) const { return heap_attisnull(row_, column, tuple_desc_); }

    Nullable Uuid(int column) const {
        if (column == 0)
            return {};
        bool is_null;
        const Datum value = Value(column, &is_null);
        return {is_null ? 0 : CopyUuid(ToUuid(value)), is_null};
    }

    bool Equals(const Version &other, const GuardedColumn &column) const {
        bool here_null, there_null;
        const Datum here = Value(column.number, &here_null), there = other.Value(column.number, &there_null);
        if (here_null || there_null)
            return here_null && there_null;
        return datum_image_eq(here, there, column.by_value, column.length);
    }

private:
    HeapTuple row_;
    TupleDesc tuple_desc_;
};

// The columns of one line.
class Change {
public:
    // One of them is null where the row is new, or is gone.
    Change(const Audited &audited, const Version *before, const Version *after)
        : audited_(audited), before_(before), after_(after) {}

    bool Differs(int index) const {
        if (before_ != nullptr && after_ != nullptr)
            return !before_->Equals(*after_, audited_.columns[index]);
        const Version &only = before_ != nullptr ? *before_ : *after_;
        return index < audited_.shown || !only.IsNull(audited_.columns[index].number);
    }

    // Whether a column that is audited differs; a row that is new or gone does in any case.
    bool Any() const {
        if (before_ == nullptr || after_ == nullptr)
            return true;
        for (int i = 0; i < audited_.count; i++)
            if (Differs(i))
                return true;
        return false;
    }

    // The values that are shown, where they differ.
    Nullable Shown(const Version *version) const {
        if (version == nullptr)
            return {};
        JsonbObject object;
        for (int i = 0; i < audited_.shown; i++)
            if (Differs(i))
                Put(&object, *version, audited_.columns[i]);
        return JsonbPGetDatum(object.Finish());
    }

    // The names of the others that differ.
    Nullable Hidden() const {
        auto *names = NewList<std::string_view>(audited_.count - audited_.shown);
        int count = 0;
        for (int i = audited_.shown; i < audited_.count; i++)
            if (Differs(i))
                names[count++] = audited_.columns[i].name;
        if (count == 0)
            return {};
        return JsonbPGetDatum(JsonbTexts(names, count));
    }

private:
    static void Put(JsonbObject *object, const Version &version, const GuardedColumn &column) {
        bool is_null;
        const Datum value = version.Value(column.number, &is_null);
        PutValue(object, column.name, is_null ? Nullable() : Nullable(value), column.type);
    }

    const Audited &audited_;
    const Version *before_;
    const Version *after_;
};

void
AddLine(const Audited &audited, const char *operation, const Version *before, const Version *after,
        AuditLines *lines) {
    const Change change(audited, before, after);
    if (!change.Any())
        return;
    const Version &row = after != nullptr ? *after : *before;
    lines->Add({.table = audited.table,
                .operation = operation,
                .organization = row.Uuid(audited.organization),
                .row = row.Uuid(audited.row),
                .user = row.Uuid(audited.user),
                .before = change.Shown(before),
                .after = change.Shown(after),
                .hidden = change.Hidden()});
}

void
AddRow(const TriggerData &trigger, const Audited &audited, AuditLines *lines) {
    const TupleDesc tuple_desc = RelationGetDescr(trigger.tg_relation);
    const Version row(trigger.tg_trigtuple, tuple_desc);
    if (TRIGGER_FIRED_BY_INSERT(trigger.tg_event))
        return AddLine(audited, "INSERT", nullptr, &row, lines);
    if (TRIGGER_FIRED_BY_DELETE(trigger.tg_event))
        return AddLine(audited, "DELETE", &row, nullptr, lines);
    const Version after(trigger.tg_newtuple, tuple_desc);
    AddLine(audited, "UPDATE", &row, &after, lines);
}

// What was changed by rows is written by the statement.
void
ExpectWritten(const Guarded &guarded, Findings *findings) {
    for (const int16 event : {TRIGGER_TYPE_INSERT, TRIGGER_TYPE_UPDATE, TRIGGER_TYPE_DELETE})
        if (guarded.trigger.tgtype & event)
            findings->Expect(guarded, RelationGetRelid(guarded.relation), kAuditWritten, event);
}

} // namespace

constinit const GuardKind kAuditRows = {"audit_rows", ReadRule<Audited>, ExpectWritten};
constinit const GuardKind kAuditWritten = {"audit_written", ReadRule<Audited>};
constinit const GuardKind kAuditTruncated = {"audit_truncated", ReadRule<Audited>};

LAUREL_FUNCTION(laurel_audit_rows) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kAuditRowsSpec);
    const Audited &audited = RuleOf<Audited>(trigger);
    AuditLines *lines = lines_of_statement.Get(fcinfo);
    const MemoryContext outer = MemoryContextSwitchTo(lines->memory());
    AddRow(*trigger, audited, lines);
    MemoryContextSwitchTo(outer);
    if (lines->is_full())
        lines->Write();
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_audit_written) {
    RuleOf<Audited>(CheckTrigger(fcinfo, kAuditWrittenSpec));
    if (AuditLines *lines = lines_of_statement.Take(fcinfo))
        lines->Write();
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_audit_truncated) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kAuditTruncatedSpec);
    AuditLines lines(CurrentMemoryContext);
    lines.Add({.table = RuleOf<Audited>(trigger).table, .operation = "TRUNCATE"});
    lines.Write();
    return PointerGetDatum(nullptr);
}

} // namespace laurel::guards
