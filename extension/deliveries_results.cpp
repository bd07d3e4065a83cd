#include "deliveries_results.h"

#include <cmath>

#include "kernel/uuid7.h"
#include "postgres/error.h"

namespace laurel {

namespace {

constexpr struct {
    std::string_view name;
    Outcome outcome;
} kOutcomes[] = {{"delivered", Outcome::Delivered}, {"retry", Outcome::Retry}, {"dead", Outcome::Dead}};

// The result being read: the how-manieth, and its object.
struct Reader {
    int number;
    JsonbContainer *object;
};

[[noreturn]] void
Wrong(int number, const char *detail) {
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "results must be an array of objects with id, outcome and what comes with it",
            .detail = psprintf("Result %d: %s", number, detail)});
}

std::optional<JsonbValue>
Member(const Reader &reader, std::string_view key) {
    JsonbValue value;
    if (getKeyJsonValueFromContainer(reader.object, key.data(), static_cast<int>(key.size()), &value) ==
            nullptr ||
        value.type == jbvNull)
        return {};
    return value;
}

std::string_view
TextMember(const Reader &reader, std::string_view key) {
    const std::optional<JsonbValue> value = Member(reader, key);
    if (!value)
        return {};
    if (value->type != jbvString)
        Wrong(reader.number, psprintf("\"%s\" must be a text.", CString(key)));
    return {value->val.string.val, static_cast<size_t>(value->val.string.len)};
}

std::optional<double>
NumberMember(const Reader &reader, std::string_view key) {
    const std::optional<JsonbValue> value = Member(reader, key);
    if (!value)
        return {};
    if (value->type != jbvNumeric)
        Wrong(reader.number, psprintf("\"%s\" must be a number.", CString(key)));
    return DatumGetFloat8(
        DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
}

bool
FlagMember(const Reader &reader, std::string_view key) {
    const std::optional<JsonbValue> value = Member(reader, key);
    if (value && value->type != jbvBool)
        Wrong(reader.number, psprintf("\"%s\" must be true or false.", CString(key)));
    return value && value->val.boolean;
}

Outcome
OutcomeMember(const Reader &reader) {
    const std::string_view name = TextMember(reader, "outcome");
    for (const auto &known : kOutcomes)
        if (known.name == name)
            return known.outcome;
    Wrong(reader.number, "\"outcome\" must be delivered, retry or dead.");
}

Uuid
ReadId(const Reader &reader, const JsonbValue &value) {
    Uuid id;
    if (value.type != jbvString ||
        !kernel::ParseUuid({value.val.string.val, static_cast<size_t>(value.val.string.len)}, id.bytes))
        Wrong(reader.number, "\"id\" must be the id of a delivery.");
    return id;
}

// A growing list of results.
class Builder {
public:
    void Add(const Result &result) {
        if (results_.count == capacity_)
            Grow();
        results_.list[results_.count++] = result;
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

// The one id, or all the ids, of a result.
void
AddAll(const Reader &reader, Result result, Builder *builder) {
    if (const std::optional<JsonbValue> id = Member(reader, "id")) {
        result.delivery = ReadId(reader, *id);
        return builder->Add(result);
    }
    const std::optional<JsonbValue> ids = Member(reader, "ids");
    if (!ids || ids->type != jbvBinary || !JsonContainerIsArray(ids->val.binary.data))
        Wrong(reader.number, "needs \"id\" or an array \"ids\".");
    JsonbIterator *iterator = JsonbIteratorInit(ids->val.binary.data);
    JsonbValue value;
    JsonbIteratorNext(&iterator, &value, true);
    while (JsonbIteratorNext(&iterator, &value, true) == WJB_ELEM) {
        result.delivery = ReadId(reader, value);
        builder->Add(result);
    }
}

void
ReadResult(const Reader &reader, Builder *builder) {
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
    AddAll(reader, result, builder);
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

Results
ReadResults(Jsonb *results) {
    Builder builder;
    if (JB_ROOT_IS_SCALAR(results) || !JB_ROOT_IS_ARRAY(results))
        Wrong(0, "there is no array.");
    JsonbIterator *iterator = JsonbIteratorInit(&results->root);
    JsonbValue value;
    JsonbIteratorNext(&iterator, &value, true);
    for (int number = 1; JsonbIteratorNext(&iterator, &value, true) == WJB_ELEM; number++) {
        if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
            Wrong(number, "is no object.");
        ReadResult({number, value.val.binary.data}, &builder);
    }
    return builder.Finish();
}

} // namespace laurel
