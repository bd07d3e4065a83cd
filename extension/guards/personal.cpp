// What is written into such a column goes into the envelope beside it, and the column itself stays empty. A
// restore makes the trigger after the rows; what is restored into a table that has it must be of its place.

#include "guards/personal.h"

#include "guards/check.h"
#include "guards/rivals.h"
#include "postgres/list.h"
#include "secrets/keys.h"

extern "C" {
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
}

namespace laurel::guards {

namespace {

constexpr TriggerSpec kSealSpec = {"seal_personal", TriggerSpec::Before, TriggerSpec::EachRow,
                                   TriggerSpec::Insert | TriggerSpec::Update, TriggerSpec::kSomeArguments};

constexpr int kNameAt = 0, kOwnerAt = 1, kRowAt = 2, kSearchableAt = 3, kColumnsAt = 4;

PersonalColumns::One
ReadColumn(const Arguments &arguments, int index) {
    const char *name = arguments.Text(index);
    const PersonalColumns::One one = {
        arguments.ColumnNamed(name, arguments.table(), InvalidOid),
        arguments.ColumnNamed(psprintf("%s_sealed", name), arguments.table(), BYTEAOID)};
    if (one.door.type != TEXTOID && one.door.type != VARCHAROID && one.door.type != DATEOID)
        arguments.Refuse(psprintf("names column \"%s\", which is not text, varchar or date", name));
    return one;
}

constexpr int
BitOf(int column) {
    return column - FirstLowInvalidHeapAttributeNumber;
}

bool
SeesDoor(const Bitmapset *seen, const PersonalColumns &personal) {
    if (bms_is_member(BitOf(0), seen)) // the whole row
        return true;
    return std::any_of(personal.columns, personal.columns + personal.count,
                       [seen](const auto &column) { return bms_is_member(BitOf(column.door.number), seen); });
}

// Whether it is the check that the columns are empty, which is known by what it says: whoever owns the table
// may give it another name, and that name to another check.
bool
SaysEmpty(const Node *expression) {
    if (!is_andclause(expression))
        return false;
    const Node *first = static_cast<const Node *>(linitial(castNode(BoolExpr, expression)->args));
    if (!is_opclause(first))
        return false;
    const Node *counted = get_leftop(first);
    return counted != nullptr && IsA(counted, FuncExpr) &&
           castNode(FuncExpr, counted)->funcid == F_NUM_NONNULLS;
}

// Checks of the table look at its rows when the columns are empty already, so that here they are asked
// before.
void
TakeChecks(Oid table, PersonalColumns *personal) {
    const Relation relation = table_open(table, NoLock);
    const TupleConstr *constraints = RelationGetDescr(relation)->constr;
    for (int i = 0; constraints != nullptr && i < constraints->num_check; i++) {
        const ConstrCheck &check = constraints->check[i];
        auto *expression = static_cast<Node *>(stringToNode(check.ccbin));
        Bitmapset *seen = nullptr;
        pull_varattnos(expression, 1, &seen);
        if (!SeesDoor(seen, *personal) || SaysEmpty(expression))
            continue;
        personal->checks = lappend(personal->checks, expression);
        personal->check_names = lappend(personal->check_names, pstrdup(check.ccname));
        if (bms_membership(seen) == BMS_MULTIPLE || bms_is_member(BitOf(0), seen))
            personal->seen_together = bms_add_members(personal->seen_together, seen);
    }
    table_close(relation, NoLock);
}

[[noreturn]] void
RefuseCheck(const PersonalColumns &personal, const char *constraint) {
    Refuse({.message = psprintf("new row for relation \"%s\" violates check constraint \"%s\"",
                                personal.table.name, constraint),
            .schema = personal.table.schema,
            .table = personal.table.name,
            .constraint = constraint});
}

void
RequireChecks(const PersonalColumns &personal, HeapTuple row, TupleDesc tuple_desc) {
    if (personal.checks == NIL)
        return;
    EState *state = CreateExecutorState();
    ExprContext *context = GetPerTupleExprContext(state);
    TupleTableSlot *slot = MakeSingleTupleTableSlot(tuple_desc, &TTSOpsHeapTuple);
    ExecStoreHeapTuple(row, slot, false);
    context->ecxt_scantuple = slot;
    ListCell *check, *name;
    forboth(check, personal.checks, name, personal.check_names) {
        auto *expression = static_cast<Expr *>(copyObjectImpl(lfirst(check)));
        if (!ExecCheck(ExecPrepareExpr(expression, state), context))
            RefuseCheck(personal, static_cast<const char *>(lfirst(name)));
    }
    ExecDropSingleTupleTableSlot(slot);
    FreeExecutorState(state);
}

// A row that a statement wanted to insert, while it is not known whether it updates another one instead.
struct Wanted {
    HeapTuple row;
};

// One row on its way into the table.
class Sealing {
public:
    Sealing(const PersonalColumns &personal, const TriggerData *trigger, HeapTuple values)
        : personal_(personal), trigger_(trigger), tuple_desc_(RelationGetDescr(trigger->tg_relation)),
          before_(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_trigtuple : nullptr),
          after_(TriggerRow(trigger)), values_(values) {
        here_ = personal.PlaceOf(after_, tuple_desc_);
        if (before_ != nullptr)
            there_ = personal.PlaceOf(before_, tuple_desc_);
    }

    HeapTuple Run() {
        bool any = false;
        for (int i = 0; i < personal_.count; i++)
            any |= !heap_attisnull(values_, personal_.columns[i].door.number, tuple_desc_);
        if (personal_.seen_together != nullptr)
            RequireTogether();
        else if (any)
            RequireChecks(personal_, values_, tuple_desc_);
        for (int i = 0; i < personal_.count; i++)
            SealColumn(personal_.columns[i]);
        if (changed_ == 0)
            return after_;
        return heap_modify_tuple_by_cols(after_, tuple_desc_, changed_, numbers_, new_values_, new_nulls_);
    }

private:
    // Checks over several columns see those too that stay as they are.
    void RequireTogether() {
        if (before_ != nullptr && !AnyDiffers())
            return;
        HeapTuple row = values_;
        for (int i = 0; i < personal_.count; i++)
            row = WithKept(row, personal_.columns[i]);
        RequireChecks(personal_, row, tuple_desc_);
    }

    bool AnyDiffers() const {
        int bit = -1;
        while ((bit = bms_next_member(personal_.seen_together, bit)) >= 0) {
            const int column = bit + FirstLowInvalidHeapAttributeNumber;
            if (column <= 0)
                return true;
            bool is_null, was_null;
            const Datum value = heap_getattr(values_, column, tuple_desc_, &is_null);
            const Datum was = heap_getattr(before_, column, tuple_desc_, &was_null);
            const FormData_pg_attribute *attribute = TupleDescAttr(tuple_desc_, column - 1);
            if (is_null != was_null ||
                (!is_null && !datum_image_eq(value, was, attribute->attbyval, attribute->attlen)))
                return true;
        }
        return std::any_of(personal_.columns, personal_.columns + personal_.count,
                           [this](const auto &column) { return IsNamed(column.door); });
    }

    HeapTuple WithKept(HeapTuple row, const PersonalColumns::One &column) {
        bool is_null;
        const Datum sealed = heap_getattr(after_, column.sealed.number, tuple_desc_, &is_null);
        if (is_null || !heap_attisnull(values_, column.door.number, tuple_desc_) || IsCleared(column))
            return row;
        here_.column = there_.column = column.door.name;
        int number = column.door.number;
        Datum value =
            PlainValue(secrets::Open(before_ == nullptr ? here_ : there_, sealed), column.door.type);
        return heap_modify_tuple_by_cols(row, tuple_desc_, 1, &number, &value, &is_null);
    }

    // Whether an UPDATE has set the column to null, and not as a client that writes all columns of a row as
    // it has read them, which writes the envelope too.
    bool IsCleared(const PersonalColumns::One &column) const {
        return before_ != nullptr && IsNamed(column.door) &&
               !(IsNamed(column.sealed) && !heap_attisnull(after_, column.sealed.number, tuple_desc_));
    }

    void SealColumn(const PersonalColumns::One &column) {
        here_.column = there_.column = column.door.name;
        bool is_null;
        const Datum given = heap_getattr(values_, column.door.number, tuple_desc_, &is_null);
        if (!is_null)
            return Put(column, PlainText(given, column.door.type));
        if (IsCleared(column))
            return Set(column.sealed, 0, true);
        Keep(column);
    }

    // Whether an UPDATE sets the column.
    bool IsNamed(const GuardedColumn &column) const {
        return bms_is_member(BitOf(column.number), trigger_->tg_updatedcols);
    }

    // What nobody has written into the column stays, is moved with its row, or is put back as it was.
    void Keep(const PersonalColumns::One &column) {
        bool is_null, was_null = true;
        const Datum sealed = heap_getattr(after_, column.sealed.number, tuple_desc_, &is_null);
        const Datum was =
            before_ == nullptr ? 0 : heap_getattr(before_, column.sealed.number, tuple_desc_, &was_null);
        if (is_null && was_null)
            return;
        if (is_null)
            RefuseWritten(column.sealed.name);
        const bool is_same = !was_null && datum_image_eq(sealed, was, false, -1);
        if (is_same && here_ == there_)
            return;
        if (is_same)
            return Put(column, secrets::Open(there_, was));
        if (!secrets::IsOfPlace(here_, sealed))
            RefuseWritten(column.sealed.name);
    }

    [[noreturn]] void RefuseWritten(const char *column) const {
        Refuse({.message =
                    psprintf("%s of a row of \"%s\" is not written directly", column, personal_.table.name),
                .hint = "Write the column that it belongs to: what is written there is encrypted.",
                .schema = personal_.table.schema,
                .table = personal_.table.name,
                .constraint = psprintf("%s_%s", personal_.table.name, column)});
    }

    void Put(const PersonalColumns::One &column, std::string_view plain) {
        Set(column.sealed, secrets::Seal(here_, plain));
        Set(column.door, 0, true);
    }

    void Set(const GuardedColumn &column, Datum value, bool is_null = false) {
        numbers_[changed_] = column.number;
        new_values_[changed_] = value;
        new_nulls_[changed_++] = is_null;
    }

    const PersonalColumns &personal_;
    const TriggerData *trigger_;
    TupleDesc tuple_desc_;
    HeapTuple before_, after_;
    HeapTuple values_; // where the doors' values are
    secrets::Place here_, there_;
    int changed_ = 0;
    int *numbers_ = NewList<int>(2 * personal_.count);
    Datum *new_values_ = NewList<Datum>(2 * personal_.count);
    bool *new_nulls_ = NewList<bool>(2 * personal_.count);
};

// ON CONFLICT DO UPDATE SET phone = EXCLUDED.phone finds the column empty in EXCLUDED, as BEFORE INSERT left
// it: what the row was to have is remembered until the next one. Both are of one trigger of one part of the
// statement, whose FmgrInfo they share.
Wanted *
WantedOf(FunctionCallInfo fcinfo) {
    if (fcinfo->flinfo->fn_extra == nullptr)
        fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Wanted));
    return static_cast<Wanted *>(fcinfo->flinfo->fn_extra);
}

void
Remember(FunctionCallInfo fcinfo, HeapTuple row) {
    Wanted *wanted = WantedOf(fcinfo);
    if (wanted->row != nullptr)
        heap_freetuple(wanted->row);
    const MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
    wanted->row = heap_copytuple(row);
    MemoryContextSwitchTo(old);
}

// The row from which the doors' values come.
HeapTuple
ValuesFor(FunctionCallInfo fcinfo, const TriggerData *trigger, const PersonalColumns &personal) {
    if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event)) {
        Remember(fcinfo, trigger->tg_trigtuple);
        return trigger->tg_trigtuple;
    }
    HeapTuple wanted = WantedOf(fcinfo)->row, row = trigger->tg_newtuple;
    if (wanted == nullptr || !ShareKey(trigger->tg_relation, wanted, trigger->tg_trigtuple))
        return row;
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    for (int i = 0; i < personal.count; i++) {
        int number = personal.columns[i].door.number;
        const bool is_set = bms_is_member(BitOf(number), trigger->tg_updatedcols);
        if (!is_set || !heap_attisnull(row, number, tuple_desc))
            continue;
        bool is_null;
        Datum value = heap_getattr(wanted, number, tuple_desc, &is_null);
        row = heap_modify_tuple_by_cols(row, tuple_desc, 1, &number, &value, &is_null);
    }
    return row;
}

} // namespace

PersonalColumns::PersonalColumns(Arguments &arguments)
    : table(arguments.root_name()), bound_name(arguments.Text(kNameAt)),
      organization(arguments.ColumnNamed("organization_id", arguments.table(), UUIDOID)),
      owner(arguments.Column(kOwnerAt, arguments.table(), UUIDOID)),
      row(arguments.Column(kRowAt, arguments.table(), UUIDOID)), count(arguments.count() - kColumnsAt),
      columns(NewList<One>(count)), checks(NIL), check_names(NIL), seen_together(nullptr),
      searchable(pg_strtoint32(arguments.Text(kSearchableAt))) {
    arguments.RequireOwnerOf("processing_log");
    for (int i = 0; i < count; i++)
        columns[i] = ReadColumn(arguments, i + kColumnsAt);
    TakeChecks(arguments.table(), this);
}

// Nil where there is none yet: such a row does not arrive.
secrets::Place
PersonalColumns::PlaceOf(HeapTuple tuple, TupleDesc tuple_desc) const {
    const auto uuid_in = [&](const GuardedColumn &column) {
        bool is_null;
        const Datum value = heap_getattr(tuple, column.number, tuple_desc, &is_null);
        return is_null ? Uuid{} : ToUuid(value);
    };
    return {bound_name, {}, uuid_in(organization), uuid_in(owner), uuid_in(row)};
}

// Dates as ISO has them, whatever the session's style.
std::string_view
PlainText(Datum value, Oid type) {
    if (type != DATEOID)
        return ToText(value);
    const DateADT date = DatumGetDateADT(value);
    char *text = static_cast<char *>(palloc(MAXDATELEN + 1));
    if (DATE_NOT_FINITE(date)) {
        EncodeSpecialDate(date, text);
    } else {
        pg_tm parts;
        j2date(date + POSTGRES_EPOCH_JDATE, &parts.tm_year, &parts.tm_mon, &parts.tm_mday);
        EncodeDateOnly(&parts, USE_ISO_DATES, text);
    }
    return text;
}

Datum
PlainValue(std::string_view text, Oid type) {
    if (type != DATEOID)
        return FromText(text);
    return DirectFunctionCall1(date_in, CStringGetDatum(CString(text)));
}

constinit const GuardKind kSealPersonal = {"seal_personal", ReadRule<PersonalColumns>};

LAUREL_FUNCTION(laurel_seal_personal) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kSealSpec);
    const PersonalColumns &personal = RuleOf<PersonalColumns>(trigger);
    HeapTuple values = ValuesFor(fcinfo, trigger, personal);
    return PointerGetDatum(Sealing(personal, trigger, values).Run());
}

} // namespace laurel::guards
