// What an answer is worth by its key.
#pragma once

#include <span>
#include <string_view>

#include "pattern.h"

namespace laurel::kernel::grading {

enum class Kind { Single, Multiple, TrueFalse, Numeric, Text, Order, Match };

using Texts = std::span<const std::string_view>;

// What goes together: two items of a match.
struct Pair {
    std::string_view left, right;
};

// A unit, and how many of the key's it is.
struct Unit {
    std::string_view name;
    double factor;
};

// What is right. Members that its kind does not read say nothing.
struct Key {
    Kind kind = Kind::Single;
    double points = 1;
    bool is_partial = false;          // multiple, order, match: part of the points for what is right
    Texts right;                      // single (one), multiple, order; text: variants, as short texts
    const Pattern *pattern = nullptr; // text: one, besides the variants
    bool truth = false;               // true or false
    double number = 0;                // numeric
    double tolerance = 0;             // how far off an answer may be
    std::span<const Unit> units;      // that are understood; where there are any, one must be given
    std::span<const Pair> pairs;      // match
};

// What was answered: whichever of these the answer has.
struct Answer {
    enum class Form { None, Text, Truth, Number, List, Pairs };

    Form form = Form::None;
    std::string_view text; // for a question in words, as a short text
    bool truth = false;
    double number = 0;
    Texts list;
    std::span<const Pair> pairs;
};

// The part of its points that an answer earns, 0 to 1. What is of another form than the key earns nothing.
//   multiple: all right and nothing wrong; in part (right - wrong) / all that are right, 0 at least.
//   order and match: all in place; in part those in place / all.
double Credit(const Key &key, const Answer &answer) noexcept;

// Points that were earned, of those there are.
class Score {
public:
    void Add(double points, double credit) noexcept {
        all_ += points;
        earned_ += points * credit;
    }

    // In hundredths of a per cent, rounded down, so that nobody passes by rounding; 0 where there was nothing
    // to earn.
    int Hundredths() const noexcept;

private:
    double all_ = 0;
    double earned_ = 0;
};

} // namespace laurel::kernel::grading
