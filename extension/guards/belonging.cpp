#include "guards/belonging.h"

#include "access/caller.h"
#include "guards/counts.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

extern "C" {
#include "utils/acl.h"
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
    foreach (cell, static_cast<List *>(copyObjectImpl(RelationGetFKeyList(relation)))) {
        const auto *key = static_cast<const ForeignKeyCacheInfo *>(lfirst(cell));
        const AttrNumber *end = key->conkey + key->nkeys;
        if (key->confrelid == parent && std::find(key->conkey, end, number) != end)
            name = get_constraint_name(key->conoid);
    }
    table_close(relation, NoLock);
    return name != nullptr ? name : psprintf("%s_%s_fkey", get_rel_name(arguments.root()), link);
}

int
CopyCount(const Arguments &arguments) {
    if (arguments.count() < Belonging::kFirstCopy)
        arguments.Refuse("has too few arguments");
    return arguments.count() - Belonging::kFirstCopy;
}

// Which side of a copy a column is on.
enum class Side { Row, Parent };

// A copy is written "column" or, where the parent calls it otherwise, "column=parent's column".
const char *
CopyName(const char *text, Side side) {
    const char *separator = strchr(text, '=');
    if (separator == nullptr)
        return text;
    return side == Side::Parent ? separator + 1 : pnstrdup(text, static_cast<Size>(separator - text));
}

GuardedColumn *
ReadCopies(Arguments &arguments, Oid table, Side side) {
    const int count = CopyCount(arguments);
    auto *copies = NewList<GuardedColumn>(count);
    for (int i = 0; i < count; i++)
        copies[i] = arguments.ColumnNamed(CopyName(arguments.Text(Belonging::kFirstCopy + i), side), table,
                                          InvalidOid);
    return copies;
}

Condition
ReadCondition(Arguments &arguments, Oid parent) {
    return *arguments.Text(3) == '\0' ? Condition() : Condition(arguments, 3, parent, Condition::ForNow);
}

// Whether the parent has a counter of the rows that refer to it by this link.
bool
IsCounted(const Arguments &arguments) {
    const TriggerDesc &siblings = arguments.siblings();
    return std::any_of(siblings.triggers, siblings.triggers + siblings.numtriggers,
                       [&arguments](const Trigger &trigger) {
                           const GuardKind *kind = KindOf(trigger.tgfoid);
                           return (kind == &kCountRows || kind == &kCountRow) && trigger.tgnargs > 4 &&
                                  strcmp(trigger.tgargs[0], arguments.Text(1)) == 0 &&
                                  strcmp(trigger.tgargs[4], arguments.Text(0)) == 0;
                       });
}

// A copy in the current memory context, free of the row's toasted parts.
Datum
Kept(Datum value, const GuardedColumn &column) {
    if (column.length == -1)
        return PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
    return datumCopy(value, column.by_value, column.length);
}

// The types must still be the same, bit by bit.
void
CheckCopies(const Arguments &arguments, const Belonging &belonging) {
    for (int i = 0; i < belonging.copy_count; i++)
        arguments.ColumnNamed(belonging.parent_copies[i].name, belonging.parent, belonging.copies[i].type);
}

} // namespace

Belonging::Belonging(Arguments &arguments)
    : owner(arguments.owner()), table(arguments.root_name()), parent(arguments.Table(1)),
      organization(arguments.ColumnNamed("organization_id", arguments.table(), UUIDOID)),
      link(arguments.Column(0, arguments.table(), UUIDOID)),
      parent_organization(arguments.ColumnNamed("organization_id", parent, UUIDOID)),
      key(arguments.Column(2, parent, UUIDOID)), condition(ReadCondition(arguments, parent)),
      is_counted(IsCounted(arguments)), constraint(ForeignKeyName(arguments, link.name, parent)),
      copy_count(CopyCount(arguments)), copies(ReadCopies(arguments, arguments.table(), Side::Row)),
      parent_copies(ReadCopies(arguments, parent, Side::Parent)),
      by_key(FindUniqueIndex(parent, key.number, 0)),
      by_both(FindUniqueIndex(parent, key.number, parent_organization.number)),
      seen(psprintf("SELECT FROM ONLY %s WHERE %s OPERATOR(pg_catalog.=) $1", QualifiedName(parent),
                    Named(key)),
           UUIDOID) {
    arguments.Keep(&seen);
    CheckCopies(arguments, *this);
    if (get_rel_relkind(parent) != RELKIND_RELATION)
        arguments.Refuse(psprintf("names %s, whose rows lie in partitions", QualifiedName(parent)),
                         "A parent is found by an index, and no index reaches the rows of all partitions.");
    if (!OidIsValid(by_key.oid))
        arguments.Refuse(psprintf("names column \"%s\" of %s, which has no unique index of its own", key.name,
                                  QualifiedName(parent)));
    if (!OidIsValid(by_both.oid))
        by_both = by_key;
}

Parents::Parents(FunctionCallInfo fcinfo, const Belonging &belonging)
    : belonging_(belonging), statement_(fcinfo->flinfo->fn_mcxt) {
    const auto *trigger = reinterpret_cast<const TriggerData *>(fcinfo->context);
    trusted_ = IsTrusted(RelationGetRelid(trigger->tg_relation));
    if (!trusted_)
        access::NoticeChanges();
}

Parents &
Parents::Of(FunctionCallInfo fcinfo, const Belonging &belonging) {
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
                .hint = access::HintOr(nullptr),
                .schema = belonging_.table.schema,
                .table = belonging_.table.name});
    return &caller.organization;
}

// Whether rights and row security let the caller read the parent.
bool
Parents::CallerSees(const Uuid &key) const {
    const Oid caller = GetUserId(), parent = belonging_.parent;
    if (pg_class_aclcheck(parent, caller, ACL_SELECT) != ACLCHECK_OK &&
        pg_attribute_aclcheck(parent, belonging_.key.number, caller, ACL_SELECT) != ACLCHECK_OK)
        return false;
    const SpiConnection spi;
    return belonging_.seen.Run(Access::Write, FromUuid(key), 1) > 0;
}

void
Parents::Read(Parent *parent, const Uuid *organization) {
    const Uuid *seen = SeenOrganization(organization);
    if (seen == nullptr && !(trusted_ && organization == nullptr))
        return;
    const UniqueIndex &index = seen == nullptr ? belonging_.by_key : belonging_.by_both;
    const IndexedRow row(belonging_.parent, index, parent->key.key, seen == nullptr ? Uuid{} : *seen);
    if (!row.found())
        return;
    bool no_organization;
    const Datum in = row.Get(belonging_.parent_organization, &no_organization);
    if (no_organization || (seen != nullptr && !(ToUuid(in) == *seen)))
        return;
    if (!trusted_ && !CallerSees(parent->key.key))
        return;
    parent->found = true;
    parent->organization = ToUuid(in);
    parent->admits = Admits(row);
    Keep(parent, row);
}

// Whether the condition holds, asked as the owner.
bool
Parents::Admits(const IndexedRow &row) {
    if (belonging_.condition.is_always())
        return true;
    const PlainLiterals literals;
    const AsOwner owner(belonging_.owner);
    if (test_ == nullptr) {
        const MemoryContext old = MemoryContextSwitchTo(statement_);
        test_ = new (palloc(sizeof(ConditionTest))) ConditionTest(belonging_.condition);
        MemoryContextSwitchTo(old);
    }
    return test_->Holds(row.slot());
}

// Keeps what the row says for as long as the statement may ask.
void
Parents::Keep(Parent *parent, const IndexedRow &row) {
    if (belonging_.copy_count == 0)
        return;
    const MemoryContext old = MemoryContextSwitchTo(memory_);
    const auto count = static_cast<size_t>(belonging_.copy_count);
    auto *values = NewList<Datum>(count);
    auto *nulls = NewList<bool>(count);
    for (size_t i = 0; i < count; i++) {
        const GuardedColumn &copy = belonging_.parent_copies[i];
        values[i] = row.Get(copy, &nulls[i]);
        if (!nulls[i])
            values[i] = Kept(values[i], copy);
    }
    parent->copies = values;
    parent->nulls = nulls;
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
