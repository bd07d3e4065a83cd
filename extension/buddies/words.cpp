#include "buddies/words.h"

#include "kernel/ascii.h"
#include "kernel/characters.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/canonical.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/unicode.h"

namespace laurel::buddies {

namespace {

constexpr TriggerSpec kBring = {"bring_buddy_words", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Insert | TriggerSpec::Update};
constexpr int kLongestSkill = 100;

std::string_view
SkillForm(std::string_view word, const char **fault) {
    const std::string_view normal = Normalized(kernel::Trimmed(word));
    auto *lowered = static_cast<char *>(palloc(normal.size() + 1));
    std::transform(normal.begin(), normal.end(), lowered, kernel::Lower);
    const int length = pg_mbstrlen_with_len(normal.data(), static_cast<int>(normal.size()));
    if (length < 1 || length > kLongestSkill)
        *fault = psprintf("One has %d characters; it must have 1 to %d.", length, kLongestSkill);
    return {lowered, normal.size()};
}

std::string_view
LanguageForm(std::string_view tag, const char **fault) {
    const Canonical canonical = kLocale.Of(tag);
    if (canonical.fault != nullptr || canonical.text == "*")
        *fault = psprintf("\"%s\" is no language tag of BCP 47.", CString(tag));
    return canonical.text;
}

void
BringWords(DraftRow *row, const WordKind &kind, const char *table) {
    const Nullable array = row->Get(kind.column, TEXTARRAYOID);
    if (array.is_null)
        return;
    const Words words = WordsOf(kind, array.value, false);
    if (words.fault != nullptr)
        Refuse({.message = psprintf("%s of %s have no form in which they can be kept", kind.column, table),
                .detail = words.fault,
                .hint = psprintf("Give up to %d such as %s, none of them null.", kind.most, kind.example),
                .table = table,
                .constraint = psprintf("%s_%s_check", table, kind.column)});
    auto *values = NewList<Datum>(words.count);
    std::transform(words.list, words.list + words.count, values, FromText);
    row->Set(kind.column, TEXTARRAYOID, ArrayOf(values, words.count, TEXTOID));
}

// Whether an array is its own form.
bool
AreFormed(const WordKind &kind, Datum array) {
    const Words words = WordsOf(kind, array, false);
    if (words.fault != nullptr)
        return false;
    Datum *given;
    int count;
    deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &given, nullptr, &count);
    return count == words.count && std::equal(words.list, words.list + count, given,
                                              [](std::string_view a, Datum b) { return a == ToText(b); });
}

} // namespace

constinit const WordKind kSkills = {"skills", 50, "sql or public speaking", SkillForm};
constinit const WordKind kLanguages = {"languages", 20, "en or de-CH", LanguageForm};

Words
WordsOf(const WordKind &kind, Datum array, bool skip) {
    Datum *given;
    bool *nulls;
    int count;
    deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &given, &nulls, &count);
    Words words = {.list = NewList<std::string_view>(count)};
    for (int i = 0; i < count; i++) {
        const char *fault = nulls[i] ? "One is null." : nullptr;
        const std::string_view word = nulls[i] ? std::string_view() : kind.form(ToText(given[i]), &fault);
        if (fault == nullptr)
            words.list[words.count++] = word;
        else if (!skip)
            return {.fault = fault};
    }
    std::sort(words.list, words.list + words.count);
    words.count = static_cast<int>(std::unique(words.list, words.list + words.count) - words.list);
    if (words.count > kind.most) {
        if (!skip)
            return {.fault = psprintf("There are %d.", words.count)};
        words.count = kind.most;
    }
    return words;
}

LAUREL_FUNCTION(laurel_bring_buddy_words) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kBring);
    DraftRow row(trigger);
    for (const WordKind *kind : {&kSkills, &kLanguages})
        BringWords(&row, *kind, RelationGetRelationName(trigger->tg_relation));
    return row.Done();
}

// laurel_internal.are_skills(words)
LAUREL_FUNCTION(laurel_are_skills) {
    PG_RETURN_BOOL(AreFormed(kSkills, PG_GETARG_DATUM(0)));
}

// laurel_internal.are_languages(tags)
LAUREL_FUNCTION(laurel_are_languages) {
    PG_RETURN_BOOL(AreFormed(kLanguages, PG_GETARG_DATUM(0)));
}

} // namespace laurel::buddies
