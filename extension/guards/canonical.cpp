// Text that identifies, brought to its one form on its way into a table, whoever writes it.

#include "guards/canonical.h"

#include "guards/check.h"
#include "postgres/canonical.h"
#include "postgres/draft_row.h"

namespace laurel::guards {

namespace {

constexpr TriggerSpec kBringToFormSpec = {"bring_to_form", TriggerSpec::Before, TriggerSpec::EachRow,
                                          TriggerSpec::Insert | TriggerSpec::Update, 2};

// The arguments column and kind.
struct FormedColumn {
    explicit FormedColumn(Arguments &arguments)
        : table(arguments.root_name()), column(arguments.Column(0, arguments.table(), TEXTOID)),
          kind(TextKindNamed(arguments.Text(1))) {
        if (kind == nullptr)
            arguments.Refuse(psprintf("names a kind of text that there is not: %s", arguments.Text(1)),
                             nullptr, kTextKinds);
    }

    TableName table;
    GuardedColumn column;
    const TextKind *kind;
};

} // namespace

constinit const GuardKind kBringToForm = {"bring_to_form", ReadRule<FormedColumn>};

LAUREL_FUNCTION(laurel_bring_to_form) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kBringToFormSpec);
    const FormedColumn &formed = RuleOf<FormedColumn>(trigger);
    const char *column = formed.column.name;
    DraftRow row(trigger);
    if (row.IsNull(column))
        return row.Done();
    const std::string_view given = row.Text(column);
    const Datum form = RequireCanonical(*formed.kind, given, formed.table.name, column, formed.table.schema);
    if (ToText(form) != given)
        row.Set(column, TEXTOID, form);
    return row.Done();
}

} // namespace laurel::guards
