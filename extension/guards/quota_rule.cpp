#include "guards/quota_rule.h"

#include "guards/quota_sql.h"
#include "guards/transition_rows.h"
#include "postgres/owner.h"

namespace laurel::guards {

namespace {

// Positions of the arguments.
enum : int { kTable, kKind, kOwner, kAmount, kPeriod, kAllowed, kCounted, kAt, kMember };

Statement find_zone =
    Statement(R"(SELECT time_zone FROM ONLY laurel.organizations WHERE id = $1)", UUIDOID).Returns(TEXTOID);

Period
ReadPeriod(const Arguments &arguments) {
    const std::optional<Period> period = PeriodNamed(arguments.Text(kPeriod));
    if (!period)
        arguments.Refuse(psprintf("names the period \"%s\", which is none", arguments.Text(kPeriod)));
    return *period;
}

// "{a,b}" as a list of names.
List *
OwnerNames(const Arguments &arguments) {
    List *names = NIL;
    char *text = pstrdup(arguments.Text(kOwner));
    const size_t length = strlen(text);
    if (length < 2 || text[0] != '{' || text[length - 1] != '}')
        arguments.Refuse("names its owner in another way than {column, ...}");
    text[length - 1] = '\0';
    char *next = text + 1;
    while (char *name = strsep(&next, ","))
        if (*name != '\0')
            names = lappend(names, name);
    if (list_length(names) > QuotaKey::kMostOwners)
        arguments.Refuse("has more than four columns for its owner");
    return names;
}

int
ReadOwners(const Arguments &arguments, Oid table, GuardedColumn *owners) {
    int count = 0;
    ListCell *cell;
    foreach (cell, OwnerNames(arguments))
        owners[count++] =
            arguments.ColumnNamed(static_cast<const char *>(lfirst(cell)), arguments.SeenAs(table), UUIDOID);
    return count;
}

int
ReadMember(const Arguments &arguments, const GuardedColumn *owners, int count) {
    const char *name = arguments.Text(kMember);
    if (*name == '\0')
        return -1;
    for (int i = 0; i < count; i++)
        if (strcmp(owners[i].name, name) == 0)
            return i;
    arguments.Refuse(psprintf("names the member \"%s\", who is no part of the owner", name));
}

GuardedColumn
ReadAt(const Arguments &arguments, Oid table, Period period) {
    if (period == Period::Forever)
        return {};
    return arguments.ColumnNamed(arguments.Text(kAt), arguments.SeenAs(table), TIMESTAMPTZOID);
}

// The SQL that says what is allowed, once it is understood.
const char *
ReadAllowed(Arguments &arguments, const Quota &q) {
    const MemoryContext memory = CurrentMemoryContext; // SPI leaves its own behind
    const SpiConnection spi;
    const char *text = arguments.Text(kAllowed);
    StringInfoData columns;
    initStringInfo(&columns);
    for (int i = 0; i < q.owner_count; i++)
        appendStringInfo(&columns, ", NULL::pg_catalog.uuid AS %s", Named(q.owners[i]));
    Statement all(psprintf("SELECT (%s\n) FROM (SELECT NULL::pg_catalog.uuid AS organization_id%s) AS %s",
                           text, columns.data, quote_identifier(q.table_name.name)));
    arguments.Read([&all] { all.Prepare(); });
    const TupleDesc found = all.Columns();
    if (found == nullptr || found->natts != 1)
        arguments.Refuse("says what is allowed in more than one value");
    const Oid type = TupleDescAttr(found, 0)->atttypid;
    if (type != INT2OID && type != INT4OID && type != INT8OID)
        arguments.Refuse(psprintf("says what is allowed as %s, not bigint", format_type_be(type)));
    MemoryContextSwitchTo(memory);
    ListCell *cell;
    foreach (cell, all.Tables())
        arguments.Watch(lfirst_oid(cell));
    arguments.WatchFunctions(all.Items());
    all.Forget();
    return MemoryContextStrdup(memory, text);
}

} // namespace

Quota::Quota(Arguments &arguments)
    : role(arguments.owner()), table(arguments.Table(kTable)),
      has_heirs(HasHeirs(table)), table_name{get_namespace_name(get_rel_namespace(table)),
                                             get_rel_name(table)},
      kind(arguments.Text(kKind)),
      organization(arguments.ColumnNamed("organization_id", arguments.SeenAs(table), UUIDOID)),
      owner_count(ReadOwners(arguments, table, owners)), member(ReadMember(arguments, owners, owner_count)),
      amount(arguments, kAmount, arguments.SeenAs(table), table), period(ReadPeriod(arguments)),
      at(ReadAt(arguments, table, period)),
      counted(arguments, kCounted, arguments.SeenAs(table), Condition::ForGood, table), gain_one(""),
      lose_one(""), lock(""), open(""), count(""), find_limits(""), write(""), close_all(""), open_all(""),
      find_wrong("") {
    arguments.RequireOwnerOf("quota_usage");
    const char *allowed = ReadAllowed(arguments, *this);
    WriteStatements(this, allowed);
    for (Statement *statement : {&gain_one, &lose_one, &lock, &open, &count, &find_limits, &write, &close_all,
                                 &open_all, &find_wrong})
        arguments.Keep(statement);
}

namespace {

// The organization and the owner of a row; false where it has none.
bool
ReadKey(const Quota &quota, TupleTableSlot *row, QuotaKey *key) {
    bool is_null;
    Datum value = slot_getattr(row, quota.organization.number, &is_null);
    if (is_null)
        return false;
    key->organization = ToUuid(value);
    for (int i = 0; i < quota.owner_count; i++) {
        value = slot_getattr(row, quota.owners[i].number, &is_null);
        if (is_null)
            return false;
        key->owners[i] = ToUuid(value);
    }
    return true;
}

// What a new row comes to, or an old one takes back.
int64
Signed(const Quota &quota, int64 amount, int64 by) {
    if (amount < 0 && by > 0)
        Refuse({.message = psprintf("a row of \"%s\" comes to less than nothing", quota.table_name.name),
                .detail = psprintf("%s says %lld.", quota.amount.sql(), static_cast<long long>(amount)),
                .schema = quota.table_name.schema,
                .table = quota.table_name.name,
                .constraint = psprintf("%s_%s_amount", quota.table_name.name, quota.kind)});
    return by > 0 ? amount : -std::max(amount, -PG_INT64_MAX);
}

// The period in which a row lies; false for an old one that lies in none.
bool
ReadPeriodOf(const Quota &quota, Zones *zones, TupleTableSlot *row, int64 by, QuotaKey *key) {
    key->start = DATEVAL_NOBEGIN;
    if (!quota.is_periodic())
        return true;
    bool is_null;
    const TimestampTz at = DatumGetTimestampTz(slot_getattr(row, quota.at.number, &is_null));
    if (is_null || (TIMESTAMP_NOT_FINITE(at) && by < 0))
        return false;
    key->start = PeriodStart(quota.period, at, zones->Of(key->organization));
    return true;
}

} // namespace

void
AddRows(QuotaNet *net, const Quota &quota, Zones *zones, TupleDesc tuple_desc, Tuplestorestate *rows,
        int64 by) {
    ConditionTest test(quota.counted);
    AmountReader reader(quota.amount);
    EachRow(tuple_desc, rows, [&](TupleTableSlot *row) {
        QuotaKey key = {};
        if (!ReadKey(quota, row, &key) || !test.Holds(row))
            return;
        const int64 amount = Signed(quota, reader.Of(row), by);
        if (amount != 0 && ReadPeriodOf(quota, zones, row, by, &key))
            net->Add(key, amount);
    });
}

pg_tz *
Zones::Of(const Uuid &organization) {
    if (zone_ != nullptr && organization == organization_)
        return zone_;
    pg_uuid_t id;
    std::memcpy(id.data, organization.bytes, UUID_LEN);
    LockOrganizationUntilEnd(OwnLock::PeriodsOfOrganization, &id, ShareLock);
    const Datum value = FromUuid(organization);
    find_zone.Run(Access::Write, value);
    zone_ = ZoneNamed(RowCount() == 0 ? "UTC" : ToText(Field(0, 1)));
    organization_ = organization;
    return zone_;
}

} // namespace laurel::guards
