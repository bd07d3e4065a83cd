#include "grade.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quantity.h"

namespace laurel::kernel::grading {

namespace {

// Of a number: what its binary form, and that of a unit's factor, are off.
constexpr double kSlack = 4 * std::numeric_limits<double>::epsilon();

bool
Contains(Texts texts, std::string_view text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

double
InPart(const Key &key, size_t right, size_t all) {
    if (right == all)
        return 1;
    return key.is_partial && all > 0 ? static_cast<double>(right) / static_cast<double>(all) : 0;
}

// Choosing one thing twice is choosing it once.
double
CreditChosen(const Key &key, Texts chosen) {
    size_t right = 0, wrong = 0;
    for (size_t i = 0; i < chosen.size(); i++)
        if (!Contains(chosen.first(i), chosen[i]))
            (Contains(key.right, chosen[i]) ? right : wrong)++;
    if (wrong > 0 && !key.is_partial)
        return 0;
    if (wrong >= right)
        return right == key.right.size() && wrong == 0 ? 1 : 0;
    return InPart(key, right - wrong, key.right.size());
}

double
CreditOrder(const Key &key, Texts order) {
    if (order.size() != key.right.size())
        return 0;
    size_t right = 0;
    for (size_t i = 0; i < order.size(); i++)
        right += order[i] == key.right[i] && !Contains(order.first(i), order[i]);
    return InPart(key, right, key.right.size());
}

double
CreditPairs(const Key &key, std::span<const Pair> pairs) {
    size_t right = 0;
    for (const Pair &wanted : key.pairs)
        right += std::any_of(pairs.begin(), pairs.end(), [&wanted](const Pair &given) {
            return given.left == wanted.left && given.right == wanted.right;
        });
    return pairs.size() > key.pairs.size() ? 0 : InPart(key, right, key.pairs.size());
}

// The number that was answered, in the key's unit.
bool
ReadNumber(const Key &key, const Answer &answer, double *number) {
    *number = answer.number;
    if (answer.form == Answer::Form::Number)
        return key.units.empty();
    Quantity quantity;
    if (answer.form != Answer::Form::Text || !ReadQuantity(answer.text, &quantity))
        return false;
    *number = quantity.value;
    if (key.units.empty())
        return quantity.unit.empty();
    const auto unit = std::find_if(key.units.begin(), key.units.end(),
                                   [&quantity](const Unit &known) { return known.name == quantity.unit; });
    if (unit == key.units.end())
        return false;
    *number *= unit->factor;
    return true;
}

double
CreditNumber(const Key &key, const Answer &answer) {
    double number;
    if (!ReadNumber(key, answer, &number))
        return 0;
    const double slack = kSlack * (std::abs(key.number) + key.tolerance);
    return std::abs(number - key.number) <= key.tolerance + slack ? 1 : 0;
}

double
CreditWords(const Key &key, std::string_view text) {
    return Contains(key.right, text) || (key.pattern != nullptr && key.pattern->Matches(text)) ? 1 : 0;
}

} // namespace

double
Credit(const Key &key, const Answer &answer) noexcept {
    using Form = Answer::Form;
    switch (key.kind) {
    case Kind::Single:
        return answer.form == Form::Text && Contains(key.right, answer.text) ? 1 : 0;
    case Kind::Multiple:
        return answer.form == Form::List ? CreditChosen(key, answer.list) : 0;
    case Kind::TrueFalse:
        return answer.form == Form::Truth && answer.truth == key.truth ? 1 : 0;
    case Kind::Numeric:
        return CreditNumber(key, answer);
    case Kind::Text:
        return answer.form == Form::Text ? CreditWords(key, answer.text) : 0;
    case Kind::Order:
        return answer.form == Form::List ? CreditOrder(key, answer.list) : 0;
    case Kind::Match:
        return answer.form == Form::Pairs ? CreditPairs(key, answer.pairs) : 0;
    }
    return 0;
}

int
Score::Hundredths() const noexcept {
    constexpr int kAll = 10000;
    if (all_ <= 0)
        return 0;
    return std::clamp(static_cast<int>(std::floor(earned_ * kAll / all_ + 1e-6)), 0, kAll);
}

} // namespace laurel::kernel::grading
