#include <cmath>

#include "answers.h"

#include "grading/items.h"
#include "grading/telling.h"
#include "postgres/datum.h"
#include "postgres/list.h"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

namespace laurel::grading {

using kernel::grading::Answer;
using kernel::grading::Key;
using kernel::grading::Kind;
using kernel::grading::Pair;
using kernel::grading::Pattern;
using kernel::grading::Texts;
using kernel::grading::Unit;

namespace {

constexpr size_t kMostText = 1000; // bytes of a short text
constexpr size_t kMostId = 100;
constexpr int kMostQuestions = 200;
constexpr double kMostPoints = 1000;

constexpr std::pair<std::string_view, Kind> kKinds[] = {
    {"single", Kind::Single},   {"multiple", Kind::Multiple}, {"true_false", Kind::TrueFalse},
    {"numeric", Kind::Numeric}, {"text", Kind::Text},         {"order", Kind::Order},
    {"match", Kind::Match}};
constexpr const char *kNoKind =
    "its kind is none of single, multiple, true_false, numeric, text, order and match";

// The text in UTF-8, and where the database has that too in the form that Unicode calls NFKC.
std::string_view
Compatible(std::string_view text) {
    if (GetDatabaseEncoding() != PG_UTF8)
        return pg_server_to_any(CString(text), static_cast<int>(text.size()), PG_UTF8);
    return ToText(DirectFunctionCall2(unicode_normalize_func, FromText(text), FromText("nfkc")));
}

// In compatible characters, small letters and single blanks; empty where it is too long.
std::string_view
ShortText(std::string_view text) {
    if (text.size() > kMostText)
        return {};
    if (std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; }))
        text = Compatible(text);
    auto *out = NewList<char>(text.size());
    return {out, kernel::grading::WriteShortText(text, out)};
}

// The strings of an array; false where something else is in it.
bool
ReadTexts(const JsonbValue &array, bool as_short_texts, Texts *texts) {
    if (!IsArray(array))
        return false;
    auto *list = NewList<std::string_view>(JsonContainerSize(array.val.binary.data));
    Items items(array.val.binary.data);
    JsonbValue element;
    size_t count = 0;
    while (items.Next(&element)) {
        if (element.type != jbvString)
            return false;
        const std::string_view text = StringOf(element);
        list[count++] = as_short_texts ? ShortText(text) : text;
    }
    *texts = {list, count};
    return true;
}

// The strings of an object with their names.
bool
ReadPairs(const JsonbValue &object, std::span<const Pair> *pairs) {
    if (!IsObject(object))
        return false;
    auto *list = NewList<Pair>(JsonContainerSize(object.val.binary.data));
    Items items(object.val.binary.data);
    JsonbValue value;
    std::string_view name;
    size_t count = 0;
    while (items.Next(&name, &value)) {
        if (value.type != jbvString)
            return false;
        list[count++] = {name, StringOf(value)};
    }
    *pairs = {list, count};
    return true;
}

bool
ReadUnits(const JsonbValue &object, std::span<const Unit> *units) {
    if (!IsObject(object))
        return false;
    auto *list = NewList<Unit>(JsonContainerSize(object.val.binary.data));
    Items items(object.val.binary.data);
    JsonbValue value;
    std::string_view name;
    size_t count = 0;
    while (items.Next(&name, &value)) {
        if (value.type != jbvNumeric || name.empty())
            return false;
        list[count++] = {name, NumberOf(value)};
    }
    *units = {list, count};
    return std::all_of(list, list + count,
                       [](const Unit &unit) { return unit.factor > 0 && !std::isinf(unit.factor); });
}

bool
ReadKind(JsonbContainer *object, Kind *kind) {
    JsonbValue value;
    if (!Member(object, "kind", &value) || value.type != jbvString)
        return false;
    const auto *known = std::find_if(std::begin(kKinds), std::end(kKinds),
                                     [&value](const auto &named) { return named.first == StringOf(value); });
    if (known == std::end(kKinds))
        return false;
    *kind = known->second;
    return true;
}

// Reads one key of answers, and says what is wrong with it.
class KeyReader {
public:
    explicit KeyReader(JsonbContainer *source) : source_(source) {}

    const char *Read(Key *key) {
        if (!ReadKind(source_, &key->kind))
            return kNoKind;
        if (const char *problem = ReadCommon(key))
            return problem;
        JsonbValue right;
        const bool has_right = Member(source_, "right", &right);
        if (!has_right && key->kind != Kind::Text)
            return "it does not say what is right";
        return ReadRight(key, has_right ? &right : nullptr);
    }

private:
    const char *ReadCommon(Key *key) {
        JsonbValue value;
        if (Member(source_, "points", &value)) {
            key->points = value.type == jbvNumeric ? NumberOf(value) : -1;
            if (!(key->points > 0 && key->points <= kMostPoints))
                return "its points are not a number above 0, up to 1,000";
        }
        if (Member(source_, "partial", &value)) {
            if (value.type != jbvBool)
                return "\"partial\" is neither true nor false";
            key->is_partial = value.val.boolean;
        }
        return nullptr;
    }

    const char *ReadRight(Key *key, const JsonbValue *right) {
        switch (key->kind) {
        case Kind::Single:
            return ReadChoice(key, *right);
        case Kind::Multiple:
        case Kind::Order:
            return ReadChoices(key, *right);
        case Kind::TrueFalse:
            key->truth = right->type == jbvBool && right->val.boolean;
            return right->type == jbvBool ? nullptr : "what is right is neither true nor false";
        case Kind::Numeric:
            return ReadNumber(key, *right);
        case Kind::Text:
            return ReadWords(key, right);
        case Kind::Match:
            return ReadPairs(*right, &key->pairs) && !key->pairs.empty()
                       ? nullptr
                       : "what is right is no object of texts";
        }
        return kNoKind;
    }

    static const char *ReadChoice(Key *key, const JsonbValue &right) {
        if (right.type != jbvString)
            return "what is right is no text";
        auto *list = NewList<std::string_view>(1);
        list[0] = StringOf(right);
        key->right = {list, 1};
        return nullptr;
    }

    // Nobody can choose one thing twice.
    static const char *ReadChoices(Key *key, const JsonbValue &right) {
        if (!ReadTexts(right, false, &key->right))
            return "what is right is no list of texts";
        auto *sorted = NewList<std::string_view>(key->right.size());
        std::string_view *end = std::copy(key->right.begin(), key->right.end(), sorted);
        std::sort(sorted, end);
        return std::adjacent_find(sorted, end) == end ? nullptr : "what is right has a text twice";
    }

    const char *ReadNumber(Key *key, const JsonbValue &right) {
        JsonbValue value;
        if (right.type != jbvNumeric || std::isinf(key->number = NumberOf(right)))
            return "what is right is no number";
        if (Member(source_, "tolerance", &value)) {
            key->tolerance = value.type == jbvNumeric ? NumberOf(value) : -1;
            if (!(key->tolerance >= 0) || std::isinf(key->tolerance))
                return "its tolerance is not a number, 0 or more";
        }
        if (Member(source_, "units", &value) && !ReadUnits(value, &key->units))
            return "its units are not an object of names with factors above 0";
        return nullptr;
    }

    const char *ReadWords(Key *key, const JsonbValue *right) {
        if (right != nullptr && !ReadTexts(*right, true, &key->right))
            return "what is right is no list of texts";
        if (std::any_of(key->right.begin(), key->right.end(), [](auto text) { return text.empty(); }))
            return "a variant is empty, or longer than 1,000 bytes";
        JsonbValue value;
        if (!Member(source_, "pattern", &value))
            return key->right.empty() ? "it does not say what is right" : nullptr;
        if (value.type != jbvString)
            return "its pattern is no text";
        auto *pattern = new (palloc(sizeof(Pattern))) Pattern();
        key->pattern = pattern;
        const char *problem = pattern->Read(StringOf(value));
        return problem == nullptr ? nullptr : psprintf("its pattern is not in order: %s", problem);
    }

    JsonbContainer *source_;
};

Answer
ReadAnswer(const JsonbValue &value, Kind kind) {
    Answer answer;
    if (value.type == jbvString) {
        answer.text = StringOf(value);
        answer.form = Answer::Form::Text;
        if (kind == Kind::Text && answer.text.size() > kMostText)
            answer.form = Answer::Form::None;
        else if (kind == Kind::Text)
            answer.text = ShortText(answer.text);
    } else if (value.type == jbvBool) {
        answer.form = Answer::Form::Truth;
        answer.truth = value.val.boolean;
    } else if (value.type == jbvNumeric) {
        answer.form = Answer::Form::Number;
        answer.number = NumberOf(value);
    } else if (kind == Kind::Match && ReadPairs(value, &answer.pairs)) {
        answer.form = Answer::Form::Pairs;
    } else if ((kind == Kind::Multiple || kind == Kind::Order) && ReadTexts(value, false, &answer.list)) {
        answer.form = Answer::Form::List;
    }
    return answer;
}

const char *
WrongQuestion(const JsonbValue &question, std::string_view *id) {
    JsonbValue value;
    Kind kind;
    if (!IsObject(question))
        return "it is no object";
    JsonbContainer *object = question.val.binary.data;
    if (!Member(object, "id", &value) || value.type != jbvString || value.val.string.len == 0 ||
        StringOf(value).size() > kMostId)
        return "its id is no text of 1 to 100 bytes";
    *id = StringOf(value);
    if (!ReadKind(object, &kind))
        return kNoKind;
    if (!Member(object, "text", &value) || value.type != jbvString || value.val.string.len == 0)
        return "it has no text";
    const std::string_view telling = TellingMember(object);
    return telling.empty() ? nullptr
                           : psprintf("its \"%s\" would tell learners what is right", CString(telling));
}

} // namespace

const char *
WrongKeys(Jsonb *keys) {
    if (!JB_ROOT_IS_OBJECT(keys) || JB_ROOT_COUNT(keys) == 0 || JB_ROOT_COUNT(keys) > kMostQuestions)
        return "It is no object of 1 to 200 keys.";
    Items items(&keys->root);
    std::string_view name;
    JsonbValue value;
    while (items.Next(&name, &value)) {
        Key key;
        const char *problem =
            IsObject(value) ? KeyReader(value.val.binary.data).Read(&key) : "it is no object";
        if (problem != nullptr)
            return psprintf("Of question \"%s\", %s.", CString(name), problem);
    }
    return nullptr;
}

const char *
WrongQuestions(Jsonb *questions) {
    if (!JB_ROOT_IS_ARRAY(questions) || JB_ROOT_IS_SCALAR(questions) ||
        JB_ROOT_COUNT(questions) > kMostQuestions)
        return "It is no array of at most 200 questions.";
    auto *ids = NewList<std::string_view>(JB_ROOT_COUNT(questions));
    Items items(&questions->root);
    JsonbValue question;
    for (int count = 0; items.Next(&question); count++) {
        if (const char *problem = WrongQuestion(question, &ids[count]))
            return psprintf("Of question %d, %s.", count + 1, problem);
        if (std::find(ids, ids + count, ids[count]) != ids + count)
            return psprintf("Two questions have the id \"%s\".", CString(ids[count]));
    }
    return nullptr;
}

double
CreditOf(Jsonb *source, const JsonbValue &answer) {
    Key key;
    if (KeyReader(&source->root).Read(&key) != nullptr)
        return 0;
    return kernel::grading::Credit(key, ReadAnswer(answer, key.kind));
}

const char *
WrongKey(Jsonb *source) {
    Key key;
    return KeyReader(&source->root).Read(&key);
}

int
Grade(Jsonb *keys, Jsonb *answers) {
    kernel::grading::Score score;
    Items items(&keys->root);
    std::string_view name;
    JsonbValue value;
    while (items.Next(&name, &value)) {
        Key key;
        if (!IsObject(value) || KeyReader(value.val.binary.data).Read(&key) != nullptr)
            continue;
        JsonbValue given;
        const bool answered = JB_ROOT_IS_OBJECT(answers) && Member(&answers->root, name, &given);
        score.Add(key.points, answered ? kernel::grading::Credit(key, ReadAnswer(given, key.kind)) : 0);
    }
    return score.Hundredths();
}

} // namespace laurel::grading
