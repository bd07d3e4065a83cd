// Rows that are archived where others are deleted. What goes because its parent has gone, and what Laurel
// removes itself, such as retention, is deleted all the same.

#include "guards/archived.h"

#include "guards/check.h"
#include "postgres/owner.h"

namespace laurel::guards {

namespace {

constexpr TriggerSpec kArchiveRowSpec = {"archive_row", TriggerSpec::Before, TriggerSpec::EachRow,
                                         TriggerSpec::Delete, 2};
constexpr TriggerSpec kArchiveTableSpec = {"archive_table", TriggerSpec::Before, TriggerSpec::EachStatement,
                                           TriggerSpec::Truncate, 2};

// The arguments column and value.
struct Archive {
    explicit Archive(Arguments &arguments)
        : owner(arguments.owner()), name(arguments.root_name()), table(arguments.table()),
          column(arguments.Column(0, table, TEXTOID)), value(arguments.Text(1)),
          archive(Statement(psprintf("UPDATE ONLY %s SET %s = $1 WHERE ctid = $2 RETURNING %s = $1",
                                     QualifiedName(table), quote_identifier(column.name),
                                     quote_identifier(column.name)),
                            TEXTOID, TIDOID)
                      .Returns(BOOLOID)) {
        arguments.Keep(&archive);
    }

    Oid owner;
    TableName name;
    Oid table;
    GuardedColumn column;
    const char *value;
    Statement archive;
};

// Foreign keys and Laurel's own code act past policies, as the owner of the table; nobody else's does.
bool
IsRemoval() {
    Oid user;
    int context;
    GetUserIdAndSecContext(&user, &context);
    return (context & SECURITY_NOFORCE_RLS) != 0;
}

bool
IsArchived(const TriggerData *trigger, const Archive &archive) {
    bool is_null;
    const Datum state = heap_getattr(trigger->tg_trigtuple, archive.column.number,
                                     RelationGetDescr(trigger->tg_relation), &is_null);
    return !is_null && ToText(state) == archive.value;
}

void
ArchiveRow(const TriggerData *trigger, Archive *archive) {
    const AsOwner owner(archive->owner);
    const SpiConnection spi;
    const Datum values[] = {CStringGetTextDatum(archive->value),
                            PointerGetDatum(&trigger->tg_trigtuple->t_self)};
    const bool has_row = archive->archive.Run(Access::Write, values) == 1;
    bool is_null;
    if (!has_row || !DatumGetBool(Field(0, 1, &is_null)) || is_null)
        RefuseDropped(archive->table,
                      psprintf("a trigger %s the row of %s that was to be archived",
                               has_row ? "changed" : "dropped", QualifiedName(archive->table)));
}

} // namespace

constinit const GuardKind kArchiveRow = {
    "archive_row", ReadRule<Archive>, [](const Guarded &guarded, Findings *findings) {
        findings->Expect(guarded, RelationGetRelid(guarded.relation), kArchiveTable, TRIGGER_TYPE_TRUNCATE);
    }};
constinit const GuardKind kArchiveTable = {
    "archive_table", ReadRule<Archive>, [](const Guarded &guarded, Findings *findings) {
        findings->Expect(guarded, RelationGetRelid(guarded.relation), kArchiveRow, TRIGGER_TYPE_DELETE);
    }};

LAUREL_FUNCTION(laurel_archive_row) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kArchiveRowSpec);
    Archive &archive = RuleOf<Archive>(trigger);
    if (IsRemoval())
        return PointerGetDatum(trigger->tg_trigtuple);
    if (!IsArchived(trigger, archive))
        ArchiveRow(trigger, &archive);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_archive_table) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kArchiveTableSpec);
    const Archive &archive = RuleOf<Archive>(trigger);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = psprintf("rows of \"%s\" are archived, not deleted", archive.name.name),
            .hint = psprintf("DELETE sets %s to '%s'.", archive.column.name, archive.value),
            .schema = archive.name.schema,
            .table = archive.name.name,
            .constraint = psprintf("%s_archived", archive.name.name)});
}

} // namespace laurel::guards
