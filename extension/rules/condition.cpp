#include "rules/condition.h"

#include "postgres/bridge.h"
#include "postgres/catalog_path.h"
#include "postgres/deadline.h"
#include "postgres/error.h"
#include "postgres/halving.h"
#include "postgres/jsonb_object.h"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace laurel::rules {

namespace {

[[noreturn]] void
RefuseCondition(const char *detail, const char *hint = nullptr) {
    Refuse({.message = "the condition is no SQL/JSON path over event, user and stats",
            .detail = detail,
            .hint = hint != nullptr
                        ? hint
                        : "Write one such as $.event.data.score >= 90 && $.user.tier == \"gold\".",
            .table = "gamification_rules",
            .constraint = "gamification_rules_condition_check"});
}

// Understands the text, or says what the server does not understand of it.
JsonPath *
Understand(const char *text) {
    ErrorData *error;
    try {
        return guard(
            [text] { return DatumGetJsonPathP(DirectFunctionCall1(jsonpath_in, CStringGetDatum(text))); });
    } catch (const PostgresError &caught) {
        error = caught.data();
    }
    if (ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION)
        ReThrowError(error);
    RefuseCondition(psprintf("%s.", error->message));
}

// Puts what paths name, by keys alone, under the text of each.
class Seen {
public:
    explicit Seen(Jsonb *document) : document_(document) {}

    void Look(JsonPathItem root) {
        StringInfoData text;
        initStringInfo(&text);
        appendStringInfoChar(&text, '$');
        JsonbValue value;
        value.type = jbvBinary;
        value.val.binary.data = &document_->root;
        value.val.binary.len = static_cast<int>(VARSIZE(document_) - VARHDRSZ);
        JsonPathItem key;
        for (JsonPathItem here = root; jspGetNext(&here, &key) && key.type == jpiKey; here = key) {
            int32 length;
            const char *name = jspGetString(&key, &length);
            appendStringInfo(&text, ".%s", PathKey({name, static_cast<size_t>(length)}));
            Enter(name, length, &value);
        }
        object_.Json(text.data, value);
    }

    Jsonb *Finish() { return object_.Finish(); }

private:
    static void Enter(const char *name, int32 length, JsonbValue *value) {
        const bool is_object = value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
        if (!is_object ||
            getKeyJsonValueFromContainer(value->val.binary.data, name, length, value) == nullptr)
            value->type = jbvNull;
    }

    Jsonb *document_;
    JsonbObject object_;
};

// Walks through all that a path is made of; what it names under $.stats is read elsewhere.
class Walk {
public:
    explicit Walk(Condition *condition, Seen *seen = nullptr) : condition_(condition), seen_(seen) {}

    void All(JsonPathItem *item) {
        check_stack_depth();
        if (seen_ != nullptr && item->type == jpiRoot)
            seen_->Look(*item);
        One(item);
        JsonPathItem next;
        if (!jspGetNext(item, &next)) {
            if (item->type == jpiRoot)
                Names("");
            return;
        }
        if (item->type == jpiRoot)
            Member(&next);
        All(&next);
    }

private:
    // What stands behind $, by its name; all of it where it has none.
    void Member(JsonPathItem *item) {
        if (item->type != jpiKey)
            return Names("");
        int32 length;
        const char *key = jspGetString(item, &length);
        Names({key, static_cast<size_t>(length)});
    }

    void Names(std::string_view member) { condition_->names_user |= member.empty() || member == "user"; }

    // What compares with a literal, and looks through nothing, takes no longer than to read the document.
    static bool MayTakeLong(JsonPathItem *item) {
        JsonPathItem left, right;
        switch (item->type) {
        case jpiEqual:
        case jpiNotEqual:
        case jpiLess:
        case jpiGreater:
        case jpiLessOrEqual:
        case jpiGreaterOrEqual:
            jspGetLeftArg(item, &left);
            jspGetRightArg(item, &right);
            return !IsLiteral(left) && !IsLiteral(right);
        default:
            return item->type == jpiFilter || item->type == jpiLikeRegex || item->type == jpiIndexArray ||
                   item->type == jpiAny || item->type == jpiAnyArray || item->type == jpiAnyKey;
        }
    }

    static bool IsLiteral(const JsonPathItem &item) {
        return item.type == jpiNull || item.type == jpiString || item.type == jpiNumeric ||
               item.type == jpiBool;
    }

    void One(JsonPathItem *item) {
        condition_->may_take_long |= MayTakeLong(item);
        switch (item->type) {
        case jpiLikeRegex:
            return Regex(item);
        case jpiIndexArray:
            return Subscripts(item);
        case jpiVariable:
            RefuseCondition("It names a variable, and there are none.");
        case jpiAny:
        case jpiAnyArray:
        case jpiAnyKey:
            return Wildcard(item->type == jpiAny);
        default:
            condition_->has_times |= ReadsTime(item->type);
            Operands(item);
        }
    }

    void Operands(JsonPathItem *item) {
        JsonPathItem part;
        if (HasOne(item->type)) {
            jspGetArg(item, &part);
            All(&part);
        } else if (HasTwo(item->type)) {
            jspGetLeftArg(item, &part);
            All(&part);
            jspGetRightArg(item, &part);
            All(&part);
        }
    }

    void Regex(JsonPathItem *item) {
        JsonPathItem part;
        jspInitByBuffer(&part, item->base, item->content.like_regex.expr);
        All(&part);
    }

    static bool HasOne(JsonPathItemType type) {
        constexpr JsonPathItemType kTypes[] = {jpiNot, jpiIsUnknown, jpiPlus, jpiMinus, jpiExists, jpiFilter};
        return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
    }

    static bool HasTwo(JsonPathItemType type) {
        constexpr JsonPathItemType kTypes[] = {
            jpiAnd, jpiOr,  jpiEqual, jpiNotEqual, jpiLess, jpiGreater,   jpiLessOrEqual, jpiGreaterOrEqual,
            jpiAdd, jpiSub, jpiMul,   jpiDiv,      jpiMod,  jpiStartsWith};
        return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
    }

    // Each looks at all that the one before it has found: a few suffice to keep a writer waiting for ever.
    void Wildcard(bool is_deep) {
        deep_wildcards_ += is_deep;
        if (++wildcards_ > kMostWildcards || deep_wildcards_ > 1)
            RefuseCondition(
                "It looks at everything inside of everything.",
                "Name what is to be looked at: at most four times .* or [*], and once .** instead.");
    }

    void Subscripts(JsonPathItem *item) {
        for (int i = 0; i < item->content.array.nelems; i++) {
            JsonPathItem from, to;
            const bool is_range = jspGetArraySubscript(item, &from, &to, i);
            All(&from);
            if (is_range)
                All(&to);
        }
    }

    static bool ReadsTime(JsonPathItemType type) {
#if PG_VERSION_NUM >= 170000
        if (type == jpiDate || type == jpiTime || type == jpiTimeTz || type == jpiTimestamp ||
            type == jpiTimestampTz)
            return true;
#endif
        return type == jpiDatetime;
    }

    static constexpr int kMostWildcards = 4;

    Condition *condition_;
    Seen *seen_;
    int wildcards_ = 0;
    int deep_wildcards_ = 0;
};

bool
IsPredicate(JsonPathItem *item) {
    JsonPathItem next;
    if (jspGetNext(item, &next))
        return false;
    switch (item->type) {
    case jpiAnd:
    case jpiOr:
    case jpiNot:
    case jpiIsUnknown:
    case jpiEqual:
    case jpiNotEqual:
    case jpiLess:
    case jpiGreater:
    case jpiLessOrEqual:
    case jpiGreaterOrEqual:
    case jpiExists:
    case jpiStartsWith:
    case jpiLikeRegex:
        return true;
    default:
        return false;
    }
}

constexpr int kPatience = 1000; // milliseconds

Verdict
Call(PGFunction function, const Condition &condition, Jsonb *document, bool silent) {
    // The empty object of variables that such functions take.
    struct {
        int32 length;
        uint32 header;
    } nothing = {0, JB_FOBJECT};
    SET_VARSIZE(&nothing, sizeof(nothing));
    LOCAL_FCINFO(call, 4);
    InitFunctionCallInfoData(*call, nullptr, 4, InvalidOid, nullptr, nullptr);
    call->args[0] = {PointerGetDatum(document), false};
    call->args[1] = {PointerGetDatum(condition.path), false};
    call->args[2] = {PointerGetDatum(&nothing), false};
    call->args[3] = {BoolGetDatum(silent), false};
    const Datum holds = function(call);
    if (call->isnull)
        return Verdict::Unknown;
    return DatumGetBool(holds) ? Verdict::Holds : Verdict::DoesNot;
}

// Paths ignore most of what does not fit, but not a template of dates that is none. They touch no tables, so
// that nothing is to be undone where they raise.
Verdict
Try(PGFunction function, const Condition &condition, Jsonb *document, bool silent, const char **why) {
    ErrorData *error;
    bool takes_too_long;
    {
        const Deadline deadline(condition.may_take_long ? kPatience : 0);
        try {
            return guard([&] { return Call(function, condition, document, silent); });
        } catch (const PostgresError &raised) {
            error = raised.data();
            takes_too_long = deadline.has_passed() && error->sqlerrcode == ERRCODE_QUERY_CANCELED;
        }
    }
    if (!takes_too_long && StopsBatch(error->sqlerrcode))
        ReThrowError(error);
    *why = takes_too_long ? "it takes longer than a second" : pstrdup(error->message);
    FreeErrorData(error);
    return takes_too_long ? Verdict::TakesTooLong : Verdict::Unknown;
}

Verdict
Ask(const Condition &condition, Jsonb *document, bool silent, const char **why) {
    if (!condition.has_times)
        return Try(condition.is_predicate ? jsonb_path_match : jsonb_path_exists, condition, document, silent,
                   why);
    const PlainLiterals utc;
    return Try(condition.is_predicate ? jsonb_path_match_tz : jsonb_path_exists_tz, condition, document,
               silent, why);
}

} // namespace

Condition
ReadCondition(std::string_view text) {
    Condition condition;
    condition.path = Understand(CString(text));
    JsonPathItem first;
    jspInit(&first, condition.path);
    condition.is_predicate = IsPredicate(&first);
    Walk(&condition).All(&first);
    const WantedFault fault = AddNamed(condition.path, &condition.stats);
    if (fault.detail != nullptr)
        RefuseCondition(fault.detail, fault.hint);
    return condition;
}

Verdict
Judge(const Condition &condition, Jsonb *document, const char **error) {
    if (condition.path == nullptr)
        return Verdict::Holds;
    return Ask(condition, document, true, error);
}

const char *
WhyUnknown(const Condition &condition, Jsonb *document) {
    const char *error = nullptr;
    Ask(condition, document, false, &error);
    return error != nullptr ? error : "a value is missing, or of another type";
}

Jsonb *
SeenBy(const Condition &condition, Jsonb *document) {
    Seen seen(document);
    if (condition.path != nullptr) {
        JsonPathItem first;
        jspInit(&first, condition.path);
        Condition unused;
        Walk(&unused, &seen).All(&first);
    }
    return seen.Finish();
}

} // namespace laurel::rules
