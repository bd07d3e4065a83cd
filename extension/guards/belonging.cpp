#include "guards/belonging.h"

#include "access/caller.h"
#include "guards/condition.h"
#include "postgres/owner.h"

extern "C" {
#include "utils/datum.h"
}

namespace laurel::guards {

namespace {

// Of how many parents a statement remembers what they say.
constexpr long kMostParents = 4096;

// The name of the foreign key from the link to the parent, which errors name.
const char *
ForeignKeyName(const Arguments &arguments, const char *link, Oid parent) {
    Relation relation = table_open(arguments.root(), AccessShareLock);
    const AttrNumber number = get_attnum(arguments.root(), link);
    const char *name = nullptr;
    ListCell *cell;
    foreach (cell, RelationGetFKeyList(relation)) {
        const auto *key = static_cast<const ForeignKeyCacheInfo *>(lfirst(cell));
        const AttrNumber *end = key->conkey + key->nkeys;
        if (key->confrelid == parent && std::find(key->conkey, end, number) != end)
            name = get_constraint_name(key->conoid);
    }
    table_close(relation, NoLock);
    return name != nullptr ? name : psprintf("%s_%s_fkey", get_rel_name(arguments.root()), link);
}

// "SELECT organization, admits, copies FROM parent WHERE ...".
const char *
Select(const Belonging &b, const char *where) {
    StringInfoData text;
    initStringInfo(&text);
    appendStringInfo(&text, "SELECT organization_id, %s",
                     b.condition == nullptr ? "true" : psprintf("%s IS TRUE", b.condition));
    for (int i = 0; i < b.copy_count; i++)
        appendStringInfo(&text, ", %s", quote_identifier(b.sources[i].name));
    appendStringInfo(&text, " FROM %s%s WHERE %s%s = $1",
                     get_rel_relkind(b.parent) == RELKIND_RELATION ? "ONLY " : "", QualifiedName(b.parent),
                     where, quote_identifier(b.key.name));
    return text.data;
}

Statement
Returning(const Belonging &b, Statement statement) {
    auto *types = static_cast<Oid *>(palloc(sizeof(Oid) * static_cast<size_t>(b.copy_count + 2)));
    types[0] = UUIDOID;
    types[1] = BOOLOID;
    for (int i = 0; i < b.copy_count; i++)
        types[i + 2] = b.copies[i].type;
    return statement.ReturnsTypes(types, b.copy_count + 2).Generic();
}

int
CopyCount(const Arguments &arguments) {
    const int count = arguments.count() - Belonging::kFirstCopy;
    if (count < 0 || count + 2 > Statement::kMaxColumns)
        arguments.Refuse("has too few arguments, or too many");
    return count;
}

// Copies are written "column" or, where the parent calls it otherwise, "column=parent's column".
void
ReadCopies(Arguments &arguments, Belonging *b) {
    const size_t size = sizeof(GuardedColumn) * static_cast<size_t>(b->copy_count + 1);
    b->copies = static_cast<GuardedColumn *>(palloc(size));
    b->sources = static_cast<GuardedColumn *>(palloc(size));
    for (int i = 0; i < b->copy_count; i++) {
        const char *text = arguments.Text(Belonging::kFirstCopy + i);
        const char *separator = strchr(text, '=');
        const char *name = separator == nullptr ? text : pnstrdup(text, static_cast<Size>(separator - text));
        b->copies[i] = arguments.ColumnNamed(name, arguments.table(), InvalidOid);
        b->sources[i] = arguments.ColumnNamed(separator == nullptr ? name : separator + 1, b->parent,
                                              b->copies[i].type);
    }
}

const char *
ReadCondition(Arguments &arguments, Oid parent) {
    return *arguments.Text(3) == '\0' ? nullptr : Condition(arguments, 3, parent, Condition::ForNow).sql();
}

} // namespace

Belonging::Belonging(Arguments &arguments)
    : owner(arguments.owner()), table(arguments.root_name()), parent(arguments.Table(1)),
      organization(arguments.ColumnNamed("organization_id", arguments.table(), UUIDOID)),
      link(arguments.Column(0, arguments.table(), UUIDOID)), key(arguments.Column(2, parent, UUIDOID)),
      condition(ReadCondition(arguments, parent)), constraint(ForeignKeyName(arguments, link.name, parent)),
      copy_count(CopyCount(arguments)), find("", UUIDOID), find_in("", UUIDOID, UUIDOID) {
    arguments.ColumnNamed("organization_id", parent, UUIDOID);
    ReadCopies(arguments, this);
    find = Returning(*this, Statement(Select(*this, ""), UUIDOID));
    find_in = Returning(*this, Statement(Select(*this, "organization_id = $2 AND "), UUIDOID, UUIDOID));
    arguments.Keep(&find);
    arguments.Keep(&find_in);
}

Parents::Parents(FunctionCallInfo fcinfo, Belonging &belonging)
    : belonging_(belonging), statement_(fcinfo->flinfo->fn_mcxt) {
    const auto *trigger = reinterpret_cast<const TriggerData *>(fcinfo->context);
    trusted_ = IsTrusted(RelationGetRelid(trigger->tg_relation));
    if (!trusted_)
        access::NoticeChanges();
}

Parents &
Parents::Of(FunctionCallInfo fcinfo, Belonging &belonging) {
    FmgrInfo *function = fcinfo->flinfo;
    auto *parents = static_cast<Parents *>(function->fn_extra);
    if (parents == nullptr || &parents->belonging_ != &belonging) {
        void *memory = MemoryContextAlloc(function->fn_mcxt, sizeof(Parents));
        function->fn_extra = parents = new (memory) Parents(fcinfo, belonging);
    }
    return *parents;
}

void
Parents::Forget() {
    if (memory_ != nullptr)
        MemoryContextDelete(memory_);
    memory_ = AllocSetContextCreate(statement_, "laurel parents", ALLOCSET_DEFAULT_SIZES);
    HASHCTL control = {};
    control.keysize = sizeof(Parent::Key);
    control.entrysize = sizeof(Parent);
    control.hcxt = memory_;
    parents_ = hash_create("laurel parents", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

const Parent &
Parents::Find(const Uuid *organization, const Uuid &key) {
    if (parents_ == nullptr || hash_get_num_entries(parents_) >= kMostParents)
        Forget();
    const Parent::Key wanted = {organization == nullptr ? Uuid{} : *organization, key};
    bool known;
    auto *parent = static_cast<Parent *>(hash_search(parents_, &wanted, HASH_ENTER, &known));
    if (!known) {
        parent->found = false;
        Read(parent, organization);
    }
    return *parent;
}

// In which organization the caller may find the parent of a row; null where in none. A caller who is not
// bound and names none finds it anywhere, which Read knows.
const Uuid *
Parents::SeenOrganization(const Uuid *organization) const {
    if (trusted_)
        return organization;
    const access::Caller &caller = access::CurrentCaller();
    if (organization != nullptr)
        return BelongsTo(caller, *organization) ? organization : nullptr;
    if (!caller.has_organization)
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = psprintf("not allowed to insert into \"%s\" without an active organization",
                                    belonging_.table.name),
                .schema = belonging_.table.schema,
                .table = belonging_.table.name});
    return &caller.organization;
}

void
Parents::Read(Parent *parent, const Uuid *organization) {
    const Uuid *seen = SeenOrganization(organization);
    if (seen == nullptr && !(trusted_ && organization == nullptr))
        return;
    const Uuid in = seen == nullptr ? Uuid{} : *seen;
    const Datum values[] = {FromUuid(parent->key.key), FromUuid(in)};
    const AsOwner owner(belonging_.owner);
    const SpiConnection spi;
    Statement &statement = seen == nullptr ? belonging_.find : belonging_.find_in;
    if (statement.Run(Access::Write, values) > 0)
        Keep(parent);
}

// Keeps what the statement gave beyond its connection.
void
Parents::Keep(Parent *parent) const {
    const auto count = static_cast<size_t>(belonging_.copy_count);
    auto *values = static_cast<Datum *>(MemoryContextAlloc(memory_, sizeof(Datum) * (count + 2)));
    auto *nulls = static_cast<bool *>(MemoryContextAlloc(memory_, sizeof(bool) * (count + 2)));
    Fields(0, belonging_.copy_count + 2, values, nulls);
    *parent = {parent->key, true, DatumGetBool(values[1]), ToUuid(values[0]), values + 2, nulls + 2};
    const MemoryContext old = MemoryContextSwitchTo(memory_);
    for (size_t i = 0; i < count; i++) {
        const GuardedColumn &copy = belonging_.copies[i];
        if (!nulls[i + 2])
            values[i + 2] = datumCopy(values[i + 2], copy.by_value, copy.length);
    }
    MemoryContextSwitchTo(old);
}

bool
Parents::RowsMayChange(const TriggerData *trigger, const char *after) {
    if (!knows_changes_) {
        const auto event =
            TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ? TriggerSpec::Insert : TriggerSpec::Update;
        may_change_ = MayChangeRows(trigger->tg_relation, event, after);
        knows_changes_ = true;
    }
    return may_change_;
}

} // namespace laurel::guards
