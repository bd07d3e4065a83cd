#include "language_tag.h"

#include "ascii.h"

#include <algorithm>
#include <iterator>

namespace laurel::kernel {

namespace {

bool
AreLetters(std::string_view part) noexcept {
    return std::all_of(part.begin(), part.end(), IsLowerLetter);
}

bool
AreDigits(std::string_view part) noexcept {
    return std::all_of(part.begin(), part.end(), IsDigit);
}

constexpr bool
HasLength(std::string_view part, size_t least, size_t most) noexcept {
    return part.size() >= least && part.size() <= most;
}

// Tags of before RFC 4646 that its grammar does not make.
constexpr std::string_view kGrandfathered[] = {
    "en-gb-oed", "i-ami", "i-bnn", "i-default", "i-enochian", "i-hak",     "i-klingon", "i-lux",    "i-mingo",
    "i-navajo",  "i-pwn", "i-tao", "i-tay",     "i-tsu",      "sgn-be-fr", "sgn-be-nl", "sgn-ch-de"};

// The parts of a tag in lower case, one after the other.
class Parts {
public:
    explicit Parts(std::string_view tag) : tag_(tag), rest_(tag) { Next(); }

    std::string_view part() const { return part_; }
    bool done() const { return done_; }

    void Next() {
        done_ = at_end_;
        const size_t hyphen = rest_.find('-');
        part_ = done_ ? std::string_view() : rest_.substr(0, hyphen);
        at_end_ = hyphen == std::string_view::npos;
        rest_ = at_end_ ? std::string_view() : rest_.substr(hyphen + 1);
    }

    // Moves past the part where it is so.
    template <typename Condition> bool Take(Condition condition) {
        if (done_ || !condition(part_))
            return false;
        Next();
        return true;
    }

    // Whether the part has stood before it in the tag.
    bool IsRepeated() const {
        Parts before(tag_);
        for (; before.part_.data() != part_.data(); before.Next())
            if (before.part_ == part_)
                return true;
        return false;
    }

private:
    std::string_view tag_, rest_, part_;
    bool at_end_ = false, done_ = false;
};

bool
TakeLanguage(Parts *parts) noexcept {
    const std::string_view language = parts->part();
    if (!AreLetters(language) || !HasLength(language, 2, 3))
        return false;
    parts->Next();
    for (int extended = 0; extended < 3; extended++)
        if (!parts->Take([](std::string_view part) { return part.size() == 3 && AreLetters(part); }))
            break;
    return true;
}

bool
IsVariant(std::string_view part) noexcept {
    return HasLength(part, 5, 8) || (part.size() == 4 && IsDigit(part.front()));
}

// Extensions, each a letter or digit of its own and what follows it; false where one is empty or stands
// twice.
bool
TakeExtensions(Parts *parts) noexcept {
    const auto follows = [](std::string_view part) { return HasLength(part, 2, 8); };
    while (!parts->done() && parts->part().size() == 1 && parts->part() != "x") {
        if (parts->IsRepeated())
            return false;
        parts->Next();
        if (!parts->Take(follows))
            return false;
        while (parts->Take(follows)) {
        }
    }
    return true;
}

// What two sides agree on, after an x; true where there is none.
bool
TakePrivate(Parts *parts) noexcept {
    if (!parts->Take([](std::string_view part) { return part == "x"; }))
        return true;
    const auto follows = [](std::string_view part) { return HasLength(part, 1, 8); };
    if (!parts->Take(follows))
        return false;
    while (parts->Take(follows)) {
    }
    return true;
}

// Whether the tag, in lower case, is made as RFC 5646, section 2.1, says.
bool
IsWellFormed(std::string_view tag) noexcept {
    const auto *end = std::end(kGrandfathered);
    if (std::find(std::begin(kGrandfathered), end, tag) != end)
        return true;
    Parts parts(tag);
    if (parts.part() == "x")
        return TakePrivate(&parts) && parts.done();
    if (!TakeLanguage(&parts))
        return false;
    parts.Take([](std::string_view part) { return part.size() == 4 && AreLetters(part); });
    parts.Take([](std::string_view part) {
        return (part.size() == 2 && AreLetters(part)) || (part.size() == 3 && AreDigits(part));
    });
    while (!parts.done() && IsVariant(parts.part())) {
        if (parts.IsRepeated())
            return false;
        parts.Next();
    }
    return TakeExtensions(&parts) && TakePrivate(&parts) && parts.done();
}

constexpr char
Upper(char c) noexcept {
    return IsLowerLetter(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

// As section 2.1.1 has it: regions in capitals, scripts with one, up to the first single letter.
void
GiveUsualCase(char *tag, size_t length) noexcept {
    for (size_t begin = 0; begin < length;) {
        const size_t end = static_cast<size_t>(std::find(tag + begin, tag + length, '-') - tag);
        if (end - begin == 1)
            return;
        if (begin > 0 && end - begin == 2)
            std::transform(tag + begin, tag + end, tag + begin, Upper);
        else if (begin > 0 && end - begin == 4)
            tag[begin] = Upper(tag[begin]);
        begin = end + 1;
    }
}

} // namespace

bool
CanonicalLanguageTag(std::string_view tag, char *out) noexcept {
    if (tag.empty() || tag.size() > kMaxLanguageTag)
        return false;
    std::transform(tag.begin(), tag.end(), out, [](char c) { return c == '_' ? '-' : Lower(c); });
    const std::string_view lower = {out, tag.size()};
    const auto known = [](char c) { return IsLowerLetter(c) || IsDigit(c) || c == '-'; };
    if (!std::all_of(lower.begin(), lower.end(), known) || !IsWellFormed(lower))
        return false;
    GiveUsualCase(out, tag.size());
    return true;
}

std::string_view
WiderRange(std::string_view tag) noexcept {
    const size_t hyphen = tag.rfind('-');
    if (hyphen == std::string_view::npos)
        return {};
    tag = tag.substr(0, hyphen);
    const size_t before = tag.rfind('-');
    if (tag.size() == 1)
        return {};
    return before != std::string_view::npos && tag.size() - before == 2 ? tag.substr(0, before) : tag;
}

} // namespace laurel::kernel
