#include "deliveries/results.h"

#include <cmath>

#include "kernel/uuid7.h"
#include "postgres/bounded_json.h"
#include "postgres/error.h"
#include "postgres/json_elements.h"

namespace laurel::deliveries {

namespace {

constexpr struct {
    std::string_view name;
    Outcome outcome;
} kOutcomes[] = {{"delivered", Outcome::Delivered}, {"retry", Outcome::Retry}, {"dead", Outcome::Dead}};

constexpr std::string_view kMembers[] = {
    "id", "ids", "outcome", "status", "duration_ms", "retry_after", "disable_endpoint", "error", "recipient"};

constexpr int kMostResults = 10000; // deliveries, as many as a claim takes
constexpr JsonBounds kBounds = {.levels = 4, .bytes = 16 * 1024 * 1024, .takes_arrays = true};

// The result being read: its number, its object, and what was found wrong with it.
struct Reader {
    int number;
    JsonbContainer *object;
    const char *wrong = nullptr;
    int members = 0; // that have been read

    void Wrong(const char *detail) {
        if (wrong == nullptr)
            wrong = psprintf("Result %d: %s", number, detail);
    }

    void Wrong(std::string_view key, const char *must_be, const JsonbValue &value) {
        Wrong(psprintf("\"%s\" must be %s, not %s.", CString(key), must_be, ShortValue(value)));
    }
};

[[noreturn]] void
RefuseAll(const char *detail) {
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "results must be an array of objects with id, outcome and what comes with it",
            .detail = detail});
}

std::optional<JsonbValue>
Member(Reader *reader, std::string_view key) {
    JsonbValue value;
    if (getKeyJsonValueFromContainer(reader->object, key.data(), static_cast<int>(key.size()), &value) ==
        nullptr)
        return {};
    reader->members++;
    return value.type == jbvNull ? std::nullopt : std::optional(value);
}

std::string_view
TextMember(Reader *reader, std::string_view key) {
    const std::optional<JsonbValue> value = Member(reader, key);
    if (!value)
        return {};
    if (value->type == jbvString)
        return {value->val.string.val, static_cast<size_t>(value->val.string.len)};
    reader->Wrong(key, "a text", *value);
    return {};
}

std::optional<double>
NumberMember(Reader *reader, std::string_view key) {
    const std::optional<JsonbValue> value = Member(reader, key);
    if (!value)
        return {};
    if (value->type == jbvNumeric)
        return DatumGetFloat8(
            DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
    reader->Wrong(key, "a number", *value);
    return {};
}

bool
FlagMember(Reader *reader, std::string_view key) {
    const std::optional<JsonbValue> value = Member(reader, key);
    if (value && value->type != jbvBool)
        reader->Wrong(key, "true or false", *value);
    return value && value->type == jbvBool && value->val.boolean;
}

Outcome
OutcomeMember(Reader *reader) {
    const std::string_view name = TextMember(reader, "outcome");
    for (const auto &known : kOutcomes)
        if (known.name == name)
            return known.outcome;
    reader->Wrong(
        psprintf("\"outcome\" must be delivered, retry or dead, not \"%s\".", CString(name.substr(0, 60))));
    return Outcome::Retry;
}

Uuid
ReadId(Reader *reader, const JsonbValue &value) {
    Uuid id = {};
    if (value.type != jbvString ||
        !kernel::ParseUuid({value.val.string.val, static_cast<size_t>(value.val.string.len)}, id.bytes))
        reader->Wrong("id", "the id of a delivery", value);
    return id;
}

// A growing list of results.
class Builder {
public:
    int count() const { return results_.count; }

    void Add(const Result &result) {
        if (results_.count == kMostResults)
            RefuseAll(psprintf("There are more than %d deliveries.", kMostResults));
        if (results_.count == capacity_)
            Grow();
        results_.list[results_.count++] = result;
    }

    // Takes back what was added since there were so many.
    void Reject(int count, const char *why) {
        results_.count = count;
        deliveries::Reject(&results_, why);
    }

    Results Finish() {
        const auto before = [](const Result &a, const Result &b) { return a.delivery < b.delivery; };
        const auto same = [](const Result &a, const Result &b) { return a.delivery == b.delivery; };
        Result *const end = results_.list + results_.count;
        if (!std::is_sorted(results_.list, end, before))
            std::stable_sort(results_.list, end, before);
        results_.count = static_cast<int>(std::unique(results_.list, end, same) - results_.list);
        return results_;
    }

private:
    void Grow() {
        capacity_ = std::max(64, capacity_ * 2);
        const size_t size = sizeof(Result) * static_cast<size_t>(capacity_);
        results_.list =
            static_cast<Result *>(results_.list == nullptr ? palloc(size) : repalloc(results_.list, size));
    }

    Results results_;
    int capacity_ = 0;
};

// The one id, or all the ids, of a result. One that is no id spoils the result.
void
AddAll(Reader *reader, Result result, Builder *builder) {
    if (const std::optional<JsonbValue> id = Member(reader, "id")) {
        result.delivery = ReadId(reader, *id);
        return builder->Add(result);
    }
    const std::optional<JsonbValue> ids = Member(reader, "ids");
    if (!ids || ids->type != jbvBinary || !JsonContainerIsArray(ids->val.binary.data))
        return reader->Wrong("needs \"id\" or an array \"ids\".");
    JsonbIterator *iterator = JsonbIteratorInit(ids->val.binary.data);
    JsonbValue value;
    JsonbIteratorNext(&iterator, &value, true);
    while (JsonbIteratorNext(&iterator, &value, true) == WJB_ELEM) {
        result.delivery = ReadId(reader, value);
        builder->Add(result);
    }
}

// What nobody would read is misspelt. Looked for only where there is more than was read.
void
RequireKnownMembers(Reader *reader) {
    if (reader->members == static_cast<int>(JsonContainerSize(reader->object)))
        return;
    JsonbIterator *iterator = JsonbIteratorInit(reader->object);
    JsonbValue key, value;
    JsonbIteratorNext(&iterator, &key, true);
    while (JsonbIteratorNext(&iterator, &key, true) == WJB_KEY) {
        JsonbIteratorNext(&iterator, &value, true);
        const std::string_view name = {key.val.string.val, static_cast<size_t>(key.val.string.len)};
        if (std::find(std::begin(kMembers), std::end(kMembers), name) != std::end(kMembers))
            continue;
        kernel::Nearest nearest(name);
        for (const std::string_view member : kMembers)
            nearest.Look(member);
        reader->Wrong(psprintf("there is no %s.%s", ShortValue(key), MeantName(nearest)));
    }
}

void
ReadResult(Reader *reader, Builder *builder) {
    Result result = {};
    const std::optional<double> status = NumberMember(reader, "status"),
                                duration = NumberMember(reader, "duration_ms");
    result.outcome = OutcomeMember(reader);
    if (status && std::abs(*status) < 1e9)
        result.status = static_cast<int>(*status);
    if (duration)
        result.duration_ms = static_cast<float>(std::clamp(*duration, 0.0, 1e12));
    result.retry_after = std::max(NumberMember(reader, "retry_after").value_or(0), 0.0);
    result.disable_endpoint = FlagMember(reader, "disable_endpoint");
    result.error = TextMember(reader, "error");
    result.recipient = TextMember(reader, "recipient");
    const int before = builder->count();
    AddAll(reader, result, builder);
    RequireKnownMembers(reader);
    if (reader->wrong != nullptr)
        builder->Reject(before, reader->wrong);
}

} // namespace

const Result *
Results::Find(const Uuid &delivery) const {
    const Result *const end = list + count;
    const Result *found =
        std::lower_bound(static_cast<const Result *>(list), end, delivery,
                         [](const Result &result, const Uuid &id) { return result.delivery < id; });
    return found != end && found->delivery == delivery ? found : nullptr;
}

void
Reject(Results *results, const char *why) {
    if (results->rejected++ == 0)
        results->rejection = why;
}

void
TellRejected(const Results &results) {
    if (results.rejected > 0)
        ereport(WARNING, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                          errmsg("passed over %d results that cannot be kept", results.rejected),
                          errdetail("%s", results.rejection)));
}

Results
ReadResults(Datum argument) {
    if (const char *detail = BeyondBounds(argument, kBounds))
        RefuseAll(detail);
    Builder builder;
    Jsonb *results = DatumGetJsonbP(argument);
    if (!JB_ROOT_IS_ARRAY(results))
        RefuseAll("There is no array.");
    JsonbIterator *iterator = JsonbIteratorInit(&results->root);
    JsonbValue value;
    JsonbIteratorNext(&iterator, &value, true);
    for (int number = 1; JsonbIteratorNext(&iterator, &value, true) == WJB_ELEM; number++) {
        const bool is_object = value.type == jbvBinary && JsonContainerIsObject(value.val.binary.data);
        Reader reader = {number, is_object ? value.val.binary.data : nullptr};
        if (is_object)
            ReadResult(&reader, &builder);
        else
            builder.Reject(builder.count(), psprintf("Result %d: is no object.", number));
    }
    return builder.Finish();
}

} // namespace laurel::deliveries
