// Thompson's construction: each part of a pattern becomes steps with one way in and one way out, and a text
// is walked with the set of all steps at which it may be (K. Thompson, "Regular expression search algorithm",
// 1968).

#include "pattern.h"

#include <algorithm>
#include <bitset>

#include "kernel/characters.h"
#include "short_text.h"

namespace laurel::kernel::grading {

namespace {

// The character at the start of the text, which loses it.
char32_t
TakeCharacter(std::string_view *text) {
    size_t length = 0;
    const char32_t character = NextCharacter(*text, &length);
    text->remove_prefix(length);
    return character;
}

} // namespace

class PatternReader {
public:
    PatternReader(std::string_view text, Pattern *pattern) : rest_(text), pattern_(*pattern) {}

    const char *Read() {
        pattern_.count_ = pattern_.range_count_ = 0;
        const Part whole = ReadAlternatives();
        if (problem_ == nullptr && !rest_.empty())
            problem_ = "a parenthesis is closed that was not opened";
        const int end = Add(Pattern::Kind::End);
        Connect(whole.end, end);
        pattern_.start_ = whole.begin;
        return problem_;
    }

private:
    // Steps with one way in and one way out, which is a step that passes.
    struct Part {
        int begin, end;
    };
    static constexpr int kMostDepth = 20;
    static constexpr int kMostTimes = 100;

    void Fail(const char *problem) {
        if (problem_ == nullptr)
            problem_ = problem;
    }

    int Add(Pattern::Kind kind, uint32_t letter = 0) {
        if (pattern_.count_ == Pattern::kMostSteps) {
            Fail("it repeats too much");
            return 0;
        }
        pattern_.steps_[pattern_.count_] = {kind, false, -1, -1, letter, 0};
        return pattern_.count_++;
    }

    void Connect(int from, int to) { pattern_.steps_[from].next = static_cast<int16_t>(to); }
    void Fork(int from, int to) { pattern_.steps_[from].other = static_cast<int16_t>(to); }

    char32_t Next() { return TakeCharacter(&rest_); }
    bool Is(char c) const { return !rest_.empty() && rest_.front() == c; }
    bool Take(char c) {
        if (!Is(c))
            return false;
        rest_.remove_prefix(1);
        return true;
    }

    Part Empty() {
        const int pass = Add(Pattern::Kind::Pass);
        return {pass, pass};
    }

    Part Then(const Part &first, const Part &second) {
        Connect(first.end, second.begin);
        return {first.begin, second.end};
    }

    Part Either(const Part &first, const Part &second) {
        const int fork = Add(Pattern::Kind::Fork), end = Add(Pattern::Kind::Pass);
        Connect(fork, first.begin);
        Fork(fork, second.begin);
        Connect(first.end, end);
        Connect(second.end, end);
        return {fork, end};
    }

    Part Optional(const Part &part) { return Either(part, Empty()); }

    Part Repeated(const Part &part) {
        const int fork = Add(Pattern::Kind::Fork), end = Add(Pattern::Kind::Pass);
        Connect(fork, part.begin);
        Fork(fork, end);
        Connect(part.end, fork);
        return {fork, end};
    }

    Part Single(int step) {
        const int end = Add(Pattern::Kind::Pass);
        Connect(step, end);
        return {step, end};
    }

    Part ReadAlternatives() {
        if (++depth_ > kMostDepth)
            Fail("it has too many groups in each other");
        Part whole = ReadSequence();
        while (problem_ == nullptr && Take('|'))
            whole = Either(whole, ReadSequence());
        depth_--;
        return whole;
    }

    Part ReadSequence() {
        Part whole = Empty();
        while (problem_ == nullptr && !rest_.empty() && !Is('|') && !Is(')'))
            whole = Then(whole, ReadRepeated());
        return whole;
    }

    // A part and how often; it is read anew for each time.
    Part ReadRepeated() {
        const std::string_view source = rest_;
        Part part = ReadOne();
        if (Take('?'))
            return Optional(part);
        if (Take('*'))
            return Repeated(part);
        if (Take('+'))
            return Then(part, Repeated(Again(source)));
        if (!Take('{'))
            return part;
        int least = 0, most = 0;
        ReadTimes(&least, &most);
        const std::string_view after = rest_;
        Part whole = least > 0 ? part : Optional(part);
        for (int i = 1; i < least && problem_ == nullptr; i++)
            whole = Then(whole, Again(source));
        if (most < 0)
            whole = Then(whole, Repeated(Again(source)));
        for (int i = std::max(least, 1); i < most && problem_ == nullptr; i++)
            whole = Then(whole, Optional(Again(source)));
        rest_ = after;
        return most == 0 ? Empty() : whole;
    }

    Part Again(std::string_view source) {
        const std::string_view after = rest_;
        rest_ = source;
        const Part part = ReadOne();
        rest_ = after;
        return part;
    }

    void ReadTimes(int *least, int *most) {
        *least = ReadCount();
        *most = *least;
        if (Take(','))
            *most = Is('}') ? -1 : ReadCount();
        if (!Take('}') || (*most >= 0 && *most < *least))
            Fail("{m,n} is not in order");
    }

    int ReadCount() {
        int count = 0;
        if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9')
            Fail("{m,n} is not in order");
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9' && count <= kMostTimes) {
            count = count * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        if (count > kMostTimes)
            Fail("it repeats too much");
        return count;
    }

    Part ReadOne() {
        if (rest_.empty())
            return Empty();
        if (Take('('))
            return ReadGroup();
        if (Take('['))
            return Single(ReadClass());
        if (Take('.'))
            return Single(Add(Pattern::Kind::Any));
        if (Take('\\'))
            return Single(ReadEscape());
        if (std::string_view("?*+{}]^$").find(rest_.front()) != std::string_view::npos) {
            Fail("a sign that means something must be escaped with \\");
            return Empty();
        }
        return Single(Add(Pattern::Kind::Letter, SmallLetter(Next())));
    }

    Part ReadGroup() {
        if (Is('?')) {
            Fail("groups begin without ?");
            return Empty();
        }
        const Part part = ReadAlternatives();
        if (!Take(')'))
            Fail("a parenthesis is not closed");
        return part;
    }

    int ReadEscape() {
        const int step = Add(Pattern::Kind::Class);
        BeginRanges(step);
        if (!AddNamed(step)) {
            if (rest_.empty() || IsLetterOrDigit(rest_.front()))
                Fail("there is no such escape: \\d, \\w and \\s, or a sign");
            else
                AddRange(step, Next());
        }
        return step;
    }

    static bool IsLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    void BeginRanges(int step) {
        pattern_.steps_[step].letter = static_cast<uint32_t>(pattern_.range_count_);
        pattern_.steps_[step].ranges = 0;
    }

    void AddRange(int step, uint32_t first, uint32_t last) {
        if (pattern_.range_count_ == Pattern::kMostRanges)
            return Fail("it has too many classes");
        pattern_.ranges_[pattern_.range_count_++] = {first, last};
        pattern_.steps_[step].ranges++;
    }
    void AddRange(int step, uint32_t letter) { AddRange(step, SmallLetter(letter), SmallLetter(letter)); }

    // Digits, letters and digits, blanks.
    bool AddNamed(int step) {
        if (Take('d')) {
            AddRange(step, '0', '9');
        } else if (Take('w')) {
            AddRange(step, '0', '9');
            AddRange(step, 'a', 'z');
            AddRange(step, '_', '_');
            AddRange(step, 0xAA, 0x2AF);
            AddRange(step, 0x370, 0x1FFF);
        } else if (Take('s')) {
            AddRange(step, '\t', '\r');
            AddRange(step, ' ', ' ');
        } else {
            return false;
        }
        return true;
    }

    int ReadClass() {
        const int step = Add(Pattern::Kind::Class);
        BeginRanges(step);
        pattern_.steps_[step].is_negated = Take('^');
        while (problem_ == nullptr && !rest_.empty() && !Is(']'))
            ReadRange(step);
        if (!Take(']'))
            Fail("a bracket is not closed");
        return step;
    }

    void ReadRange(int step) {
        if (Is('\\')) {
            rest_.remove_prefix(1);
            if (AddNamed(step))
                return;
            if (rest_.empty() || IsLetterOrDigit(rest_.front()))
                return Fail("there is no such escape: \\d, \\w and \\s, or a sign");
        }
        const uint32_t first = Next();
        if (!Is('-') || rest_.size() < 2 || rest_[1] == ']')
            return AddRange(step, first);
        rest_.remove_prefix(1);
        const uint32_t last = Next();
        if (last < first)
            return Fail("a range ends before it begins");
        AddRange(step, first, last);
        AddRange(step, SmallLetter(first), SmallLetter(last));
    }

    std::string_view rest_;
    Pattern &pattern_;
    const char *problem_ = nullptr;
    int depth_ = 0;
};

namespace {

// Steps at which a text may be, each once.
template <int most> class StepSet {
public:
    void Add(int step) {
        if (step < 0 || seen_[static_cast<size_t>(step)])
            return;
        seen_[static_cast<size_t>(step)] = true;
        steps_[count_++] = static_cast<int16_t>(step);
    }
    int count() const { return count_; }
    int operator[](int index) const { return steps_[index]; }
    bool Has(int step) const { return seen_[static_cast<size_t>(step)]; }

private:
    std::bitset<most> seen_;
    int count_ = 0;
    int16_t steps_[most];
};

} // namespace

const char *
Pattern::Read(std::string_view text) noexcept {
    if (text.empty())
        return "it is empty";
    if (text.size() > kMostBytes)
        return "it is longer than 200 bytes";
    return PatternReader(text, this).Read();
}

bool
Pattern::Admits(const Step &step, uint32_t letter) const noexcept {
    if (step.kind == Kind::Any)
        return true;
    if (step.kind == Kind::Letter)
        return step.letter == letter;
    bool is_in = false;
    for (uint32_t i = 0; i < step.ranges; i++) {
        const Range &range = ranges_[step.letter + i];
        is_in = is_in || (range.first <= letter && letter <= range.last);
    }
    return is_in != step.is_negated;
}

bool
Pattern::Matches(std::string_view text) const noexcept {
    if (text.size() > kMostText)
        return false;
    StepSet<kMostSteps> now;
    now.Add(start_);
    for (;;) {
        // The set grows while it is walked: steps that take no letter lead to others at once.
        for (int i = 0; i < now.count(); i++) {
            const Step &step = steps_[now[i]];
            if (step.kind == Kind::Fork)
                now.Add(step.other);
            if (step.kind == Kind::Fork || step.kind == Kind::Pass)
                now.Add(step.next);
        }
        if (text.empty())
            return now.Has(count_ - 1);
        const uint32_t letter = SmallLetter(TakeCharacter(&text));
        StepSet<kMostSteps> next;
        for (int i = 0; i < now.count(); i++) {
            const Step &step = steps_[now[i]];
            if ((step.kind == Kind::Letter || step.kind == Kind::Any || step.kind == Kind::Class) &&
                Admits(step, letter))
                next.Add(step.next);
        }
        now = next;
    }
}

} // namespace laurel::kernel::grading
