#include "badges/criteria.h"

#include "kernel/tier.h"
#include "postgres/bounded_json.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/json_elements.h"
#include "postgres/list.h"

namespace laurel::badges {

namespace {

constexpr int64 kMostToReach = INT64CONST(1000000000000);
constexpr int kMostGoals = 50;       // each is a number for each member who is looked at
constexpr size_t kLongestType = 100; // characters, as domain_events.type

const char *
QuotedName(std::string_view name) {
    return psprintf("\"%s\"", ShortText(name));
}

// A whole number from 1; false where it is none.
bool
ReadNumber(const JsonbValue &value, int64 *number) {
    if (value.type != jbvNumeric || numeric_is_nan(value.val.numeric) || numeric_is_inf(value.val.numeric))
        return false;
    const Datum given = NumericGetDatum(value.val.numeric);
    const Datum least = NumericGetDatum(int64_to_numeric(1)),
                most = NumericGetDatum(int64_to_numeric(kMostToReach));
    if (DatumGetBool(DirectFunctionCall2(numeric_lt, given, least)) ||
        DatumGetBool(DirectFunctionCall2(numeric_gt, given, most)))
        return false;
    *number = DatumGetInt64(DirectFunctionCall1(numeric_int8, given));
    return DatumGetBool(DirectFunctionCall2(numeric_eq, given, NumericGetDatum(int64_to_numeric(*number))));
}

std::string_view
CopiedText(std::string_view text) {
    return {CString(text), text.size()};
}

// Reads criteria member by member, up to the first fault.
class CriteriaReader {
public:
    explicit CriteriaReader(Jsonb *json) {
        read_.criteria = {NewList<Goal>(kMostGoals), 0};
        EachMember(json, [this](std::string_view name, const JsonbValue &value) { ReadWord(name, value); });
    }

    const CriteriaRead &read() const { return read_; }

private:
    template <typename See> void EachMember(Jsonb *json, See &&see) {
        JsonbIterator *iterator = JsonbIteratorInit(&json->root);
        JsonbValue key, value;
        JsonbIteratorToken token;
        while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE && read_.fault == nullptr) {
            if (token != WJB_KEY)
                continue;
            const std::string_view name(key.val.string.val, static_cast<size_t>(key.val.string.len));
            JsonbIteratorNext(&iterator, &value, true);
            see(name, value);
        }
    }

    void ReadWord(std::string_view name, const JsonbValue &value) {
        rules::Word word;
        if (!rules::FindWord(name, &word))
            return Fail(psprintf("There is no word %s.", QuotedName(name)),
                        psprintf("%s%s Count own events as {\"events\": {\"type\": 3}}.",
                                 rules::kWordsThereAre, rules::MeantWord(name)));
        switch (rules::InfoOf(word).kind) {
        case rules::WordKind::Number:
            return ReadCount(word, name, {}, value);
        case rules::WordKind::Flag:
            return ReadFlag(word, name, value);
        case rules::WordKind::Tier:
            return ReadTier(word, value);
        case rules::WordKind::Slugs:
            return ReadSlugs(word, value);
        case rules::WordKind::Counts:
            return ReadEvents(word, value);
        }
    }

    void ReadCount(rules::Word word, std::string_view name, std::string_view type, const JsonbValue &value) {
        int64 number;
        if (!ReadNumber(value, &number))
            return Fail(psprintf("%s is %s.", QuotedName(name), ShortValue(value)),
                        "Give a whole number from 1 to 1000000000000: so many earn it.");
        Add({word, number, type});
    }

    void ReadFlag(rules::Word word, std::string_view name, const JsonbValue &value) {
        if (value.type != jbvBool || !value.val.boolean)
            return Fail(psprintf("%s is %s.", QuotedName(name), ShortValue(value)),
                        "Give true, or leave it out.");
        Add({word, 1, {}});
    }

    void ReadTier(rules::Word word, const JsonbValue &value) {
        kernel::Tier tier;
        if (value.type != jbvString ||
            !kernel::ParseTier({value.val.string.val, static_cast<size_t>(value.val.string.len)}, &tier))
            return Fail(psprintf("\"tier\" is %s.", ShortValue(value)),
                        "Give bronze, silver, gold or platinum: that one or a higher one earns it.");
        Add({word, static_cast<int64>(tier), {}});
    }

    void ReadSlugs(rules::Word word, const JsonbValue &value) {
        constexpr const char *kHint = "Give a list of slugs of badges: [\"first-course\"].";
        if (value.type != jbvBinary || !JsonContainerIsArray(value.val.binary.data) ||
            JsonContainerSize(value.val.binary.data) == 0)
            return Fail(psprintf("\"badges\" is %s.", ShortValue(value)), kHint);
        for (uint32 i = 0; i < JsonContainerSize(value.val.binary.data); i++) {
            const JsonbValue *slug = getIthJsonbValueFromContainer(value.val.binary.data, i);
            if (slug->type != jbvString)
                return Fail(psprintf("\"badges\" has %s.", ShortValue(*slug)), kHint);
            Add({word, 1, CopiedText({slug->val.string.val, static_cast<size_t>(slug->val.string.len)})});
        }
    }

    void ReadEvents(rules::Word word, const JsonbValue &value) {
        constexpr const char *kHint = "Give how many of each type: {\"events\": {\"mentoring_held\": 3}}.";
        if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data) ||
            JsonContainerSize(value.val.binary.data) == 0)
            return Fail(psprintf("\"events\" is %s.", ShortValue(value)), kHint);
        EachMember(JsonbValueToJsonb(const_cast<JsonbValue *>(&value)),
                   [&](std::string_view type, const JsonbValue &number) {
                       const int length = pg_mbstrlen_with_len(type.data(), static_cast<int>(type.size()));
                       if (length == 0 || static_cast<size_t>(length) > kLongestType)
                           return Fail("A type of events has 1 to 100 characters.", kHint);
                       ReadCount(word, type, CopiedText(type), number);
                   });
    }

    void Add(const Goal &goal) {
        if (read_.criteria.count == kMostGoals)
            return Fail(psprintf("There are more than %d goals.", kMostGoals),
                        "Let some of them earn a badge of their own, and ask for that one.");
        read_.criteria.goals[read_.criteria.count++] = goal;
    }

    void Fail(const char *fault, const char *hint) {
        if (read_.fault == nullptr) {
            read_.fault = fault;
            read_.hint = hint;
        }
    }

    CriteriaRead read_;
};

int64
Reached(const Goal &goal, const rules::Wanted &wanted, const rules::MemberStats &stats) {
    if (goal.word == rules::Word::Events)
        return stats.counts[wanted.Find({goal.text, rules::Window::Total})];
    if (goal.word == rules::Word::Badges)
        return std::count(stats.slugs, stats.slugs + stats.slug_count, goal.text);
    return stats.numbers[static_cast<int>(goal.word)];
}

} // namespace

CriteriaRead
ReadCriteria(Jsonb *json) {
    return CriteriaReader(json).read();
}

void
AddWanted(const Criteria &criteria, rules::Wanted *wanted) {
    for (int i = 0; i < criteria.count; i++) {
        const Goal &goal = criteria.goals[i];
        if (goal.word == rules::Word::Events)
            wanted->Add(rules::EventCount{goal.text, rules::Window::Total});
        else
            wanted->Add(goal.word);
    }
}

bool
IsReached(const Criteria &criteria, const rules::Wanted &wanted, const rules::MemberStats &stats) {
    return criteria.count > 0 &&
           std::all_of(criteria.goals, criteria.goals + criteria.count, [&](const Goal &goal) {
               return !wanted.Has(goal.word) || Reached(goal, wanted, stats) >= goal.number;
           });
}

// laurel_internal.check_criteria(criteria): the CHECK of badges.
LAUREL_FUNCTION(laurel_check_criteria) {
    const Datum value = PG_GETARG_DATUM(0);
    RequireBoundedJson(value, "badges", "criteria");
    const CriteriaRead read = ReadCriteria(DatumGetJsonbP(value));
    if (read.fault != nullptr)
        Refuse({.message = "criteria of a badge that cannot be evaluated",
                .detail = read.fault,
                .hint = read.hint,
                .table = "badges",
                .constraint = "badges_criteria_check"});
    PG_RETURN_BOOL(true);
}

} // namespace laurel::badges
