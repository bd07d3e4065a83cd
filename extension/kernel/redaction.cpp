#include "redaction.h"

#include "ascii.h"

#include <algorithm>
#include <optional>

namespace laurel::kernel {

namespace {

// A part of a text that is not printed, and what stands for it.
struct Hidden {
    size_t begin;
    size_t end;
    std::string_view instead;
};

constexpr size_t kLongestRun = 320; // no local part is longer
constexpr std::string_view kAddress = "[address]", kHidden = "[hidden]";
constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kSeparators = " \t\r\n<>()[]{},;:\"'=";
constexpr std::string_view kEndsUrl = " \t\r\n<>\"'`{}|\\^";
constexpr std::string_view kEndsAuthority = "/?#";

// The at sign, and the characters that are read as one.
constexpr std::string_view kAtSigns[] = {"@", "\xef\xbc\xa0", "\xef\xb9\xab"};

constexpr std::string_view kInIds = "-_.:;=/+";

constexpr std::string_view kSecrets[] = {"password=", "passwd=", "secret=", "token=", "whsec_", "bearer "};

bool
StartsWith(std::string_view text, std::string_view lower) {
    return text.size() >= lower.size() &&
           std::equal(lower.begin(), lower.end(), text.begin(), [](char a, char b) { return a == Lower(b); });
}

size_t
EndOr(size_t found, std::string_view text) {
    return std::min(found, text.size());
}

// Where the run of characters that are no separators, from `begin` on, ends.
size_t
EndOfRun(std::string_view text, size_t begin) {
    const std::string_view near = text.substr(begin, kLongestRun);
    return begin + EndOr(near.find_first_of(kSeparators), near);
}

// Where the run of characters that are none of these, and end before `end`, begins.
size_t
BeginOfRun(std::string_view text, size_t end, std::string_view stops, size_t least) {
    size_t begin = end;
    while (begin > least && end - begin < kLongestRun &&
           stops.find(text[begin - 1]) == std::string_view::npos)
        begin--;
    return begin;
}

std::optional<Hidden>
HiddenSecret(std::string_view text, size_t at) {
    for (const std::string_view secret : kSecrets) {
        if (!StartsWith(text.substr(at), secret))
            continue;
        const size_t value = at + secret.size();
        const bool is_quoted = value < text.size() && (text[value] == '\'' || text[value] == '"');
        const size_t end = is_quoted ? EndOr(text.find(text[value], value + 1), text)
                                     : EndOr(text.find_first_of(" \t\r\n&\"',;", value), text);
        if (end > value)
            return Hidden{value, is_quoted ? EndOr(end + 1, text) : end, kHidden};
    }
    return std::nullopt;
}

// Where the local part before `sign` begins, quoted or not; `sign` where there is none.
size_t
BeginOfLocal(std::string_view text, size_t sign, size_t from) {
    if (sign > from && text[sign - 1] == '"') {
        const size_t open = sign >= 2 ? text.rfind('"', sign - 2) : std::string_view::npos;
        return open != std::string_view::npos && open >= from ? open : sign;
    }
    return BeginOfRun(text, sign, kSeparators, from);
}

// Where the domain from `begin` on ends, be it a name or an address in brackets; `begin` where there is none.
size_t
EndOfDomain(std::string_view text, size_t begin) {
    if (begin < text.size() && text[begin] == '[') {
        const size_t close = text.substr(0, begin + kLongestRun).find(']', begin);
        return close == std::string_view::npos ? begin : close + 1;
    }
    return EndOfRun(text, begin);
}

// Whether the at sign stands in a quoted local part, whose own sign comes after the quote.
bool
IsQuoted(std::string_view text, size_t sign, size_t from) {
    const size_t close = text.substr(0, std::min(text.size(), sign + kLongestRun)).find("\"@", sign);
    return close != std::string_view::npos &&
           text.substr(std::max(from, sign - std::min(sign, kLongestRun)), std::min(sign - from, kLongestRun))
                   .find('"') != std::string_view::npos &&
           text.substr(sign, close - sign).find_first_of(kSpaces) == std::string_view::npos;
}

// The address around an at sign, which may stand between blanks.
std::optional<Hidden>
HiddenAround(std::string_view text, size_t sign, size_t length, size_t from) {
    if (IsQuoted(text, sign, from))
        return std::nullopt;
    size_t left = sign, right = sign + length;
    const size_t after = text.find_first_not_of(kSpaces, right);
    const size_t before = sign == 0 ? std::string_view::npos : text.find_last_not_of(kSpaces, sign - 1);
    if (before != std::string_view::npos && before + 1 < sign && after != std::string_view::npos &&
        after > right) {
        left = before + 1;
        right = after;
    }
    const size_t begin = BeginOfLocal(text, std::max(left, from), from), end = EndOfDomain(text, right);
    if (begin >= left || end <= right ||
        text.substr(begin, left - begin).find_first_not_of('@') == std::string_view::npos)
        return std::nullopt;
    return Hidden{begin, end, kAddress};
}

// An address whose at sign is written otherwise: sam%example.org, example.org!sam.
std::optional<Hidden>
HiddenRouted(std::string_view text, size_t mark, size_t from) {
    const size_t begin = BeginOfRun(text, mark, kSeparators, from), end = EndOfRun(text, mark);
    const std::string_view left = text.substr(begin, mark - begin),
                           right = text.substr(mark + 1, end - mark - 1);
    const std::string_view domain = text[mark] == '%' ? right : left;
    const size_t dot = domain.find('.');
    const bool is_domain = dot != std::string_view::npos && dot > 0 && dot + 1 < domain.size() &&
                           IsLetterOrDigit(domain[dot - 1]) && IsLetterOrDigit(domain[dot + 1]);
    if (left.empty() || right.empty() || !is_domain || !IsLetterOrDigit(right.front()))
        return std::nullopt;
    return Hidden{begin, end, kAddress};
}

std::optional<Hidden>
HiddenAt(std::string_view text, size_t at, size_t from) {
    for (const std::string_view sign : kAtSigns)
        if (text.substr(at).starts_with(sign))
            return HiddenAround(text, at, sign.size(), from);
    if (text[at] == '%' || text[at] == '!')
        return HiddenRouted(text, at, from);
    return HiddenSecret(text, at);
}

// A text on its way out, printed as far as `from`.
class Redaction {
public:
    Redaction(std::string_view text, Append append, void *context)
        : text_(text), append_(append), context_(context) {}

    void Run() {
        for (size_t at = 0; at < text_.size(); at = std::max(at + 1, from_)) {
            if (text_.substr(at).starts_with("://"))
                at = Url(at + 3) - 1;
            else if (const std::optional<Hidden> hidden = HiddenAt(text_, at, from_))
                Hide(*hidden);
        }
        append_(context_, text_.substr(from_));
    }

private:
    void Hide(const Hidden &hidden) {
        append_(context_, text_.substr(from_, hidden.begin - from_));
        append_(context_, hidden.instead);
        from_ = hidden.end;
    }

    // Hides all of a URL but scheme and host; the host too, where it is not plain which part that is. Returns
    // where the URL ends.
    size_t Url(size_t begin) {
        const size_t end = EndOr(text_.find_first_of(kEndsUrl, begin), text_);
        const size_t authority = std::min(EndOr(text_.find_first_of(kEndsAuthority, begin), text_), end);
        const size_t sign = text_.substr(begin, end - begin).rfind('@');
        if (sign != std::string_view::npos && begin + sign >= authority) {
            Hide({begin, end, kHidden});
            return end;
        }
        if (sign != std::string_view::npos)
            Hide({begin, begin + sign + 1, ""});
        if (authority + 1 < end)
            Hide({authority + 1, end, kHidden});
        return end;
    }

    std::string_view text_;
    Append append_;
    void *context_;
    size_t from_ = 0;
};

} // namespace

void
Redact(std::string_view text, Append append, void *context) {
    Redaction(text, append, context).Run();
}

bool
IsRequestId(std::string_view text) {
    return !text.empty() && text.size() <= kLongestRequestId && IsLetterOrDigit(text.front()) &&
           std::any_of(text.begin(), text.end(), IsDigit) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return IsLetterOrDigit(c) || kInIds.find(c) != std::string_view::npos; });
}

} // namespace laurel::kernel
