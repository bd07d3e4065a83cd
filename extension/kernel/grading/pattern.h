// Patterns that whole answers are held against.
#pragma once

#include <cstdint>
#include <string_view>

namespace laurel::kernel::grading {

// A pattern of letters, . [classes] (groups) | ? * + {m,n} \d \w \s and escaped signs, without
// back-references: an automaton that is walked once along a text, so that no text takes long. Letters match
// in whatever case.
class Pattern {
public:
    static constexpr size_t kMostBytes = 200; // of a pattern
    static constexpr int kMostSteps = 1000;   // of its automaton, repetitions written out
    static constexpr size_t kMostText = 1000; // bytes of a text that matches

    // Why the text is no pattern, in words; null where it is one.
    const char *Read(std::string_view text) noexcept;

    // Whether the whole text matches.
    bool Matches(std::string_view text) const noexcept;

private:
    friend class PatternReader;

    enum class Kind : uint8_t { Letter, Any, Class, Fork, Pass, End };
    struct Step {
        Kind kind;
        bool is_negated; // of a class
        int16_t next;    // step that comes after
        int16_t other;   // of a fork
        uint32_t letter; // or the first range of a class
        uint16_t ranges; // how many there are
    };
    struct Range {
        uint32_t first, last;
    };
    static constexpr int kMostRanges = 200;

    bool Admits(const Step &step, uint32_t letter) const noexcept;

    int count_ = 0;
    int start_ = 0;
    int range_count_ = 0;
    Step steps_[kMostSteps];
    Range ranges_[kMostRanges];
};

} // namespace laurel::kernel::grading
