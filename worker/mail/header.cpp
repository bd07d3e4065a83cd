#include "mail/header.h"

#include <algorithm>
#include <vector>

#include "base64.h"
#include "deliveries/channel.h"
#include "kernel/grapheme.h"

namespace laurel::worker {

namespace {

constexpr size_t kLongestAddress = 254;
constexpr std::string_view kOpen = "=?UTF-8?B?";
constexpr std::string_view kClose = "?=";

bool
IsControl(char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
}

// How many bytes the control character, or the end of a line, at that place has; 0 where there is none.
// Beyond ASCII these are U+0080 to U+009F, U+2028 and U+2029.
size_t
ControlAt(std::string_view text) {
    if (IsControl(text[0]))
        return 1;
    if (text.size() > 1 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0)
        return 2;
    return text.starts_with("\xE2\x80\xA8") || text.starts_with("\xE2\x80\xA9") ? 3 : 0;
}

// One line: every run of control characters becomes a blank.
std::string
OneLine(std::string_view text) {
    std::string line;
    while (!text.empty()) {
        const size_t control = ControlAt(text);
        if (control == 0)
            line += text[0];
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
        text.remove_prefix(std::max<size_t>(control, 1));
    }
    while (!line.empty() && line.back() == ' ')
        line.pop_back();
    return line;
}

// How long the longest word is, with the blanks before it but for the one that separates words.
size_t
LongestWord(std::string_view text) {
    size_t length = 0;
    size_t longest = 0;
    bool is_blank = false;
    for (const char letter : text) {
        length = letter == ' ' && !is_blank ? 0 : length + 1;
        is_blank = letter == ' ';
        longest = std::max(longest, length);
    }
    return longest;
}

// Not ASCII, or what a reader would take for an encoded word, or a word that no line has room for, or a blank
// at the beginning, which readers drop.
bool
NeedsEncoding(std::string_view text) {
    return !IsAscii(text) || text.find("=?") != std::string_view::npos ||
           LongestWord(text) > kLineLength / 2 || text.starts_with(' ');
}

// How many bytes fit in an encoded word that begins behind that column.
size_t
RoomBehind(size_t column) {
    return (kLineLength - column - 1 - kOpen.size() - kClose.size()) / 4 * 3;
}

// The text in encoded words, none of which splits what is read as one character; the first one follows the
// field's name.
std::vector<std::string>
EncodedWords(std::string_view field, std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const size_t room = RoomBehind(words.empty() ? field.size() + 1 : 0);
        const size_t length = kernel::WholeGraphemes(text, room);
        words.push_back(std::string(kOpen) + Base64(text.substr(0, length)) + std::string(kClose));
        text.remove_prefix(length);
    }
    return words;
}

// The words of a text, separated by one blank; where there are more, the next word begins with the rest, so
// that no line ends with them or has nothing else.
std::vector<std::string>
PlainWords(std::string_view text) {
    std::vector<std::string> words;
    for (size_t at = 0; at <= text.size();) {
        const size_t begin = std::min(text.find_first_not_of(' ', at), text.size());
        const size_t end = std::min(text.find(' ', begin), text.size());
        words.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

// The words behind the field's name, on as many lines as they need. One that has no room behind the name
// begins a line too, where that makes the line shorter.
std::string
Fold(std::string_view name, const std::vector<std::string> &words) {
    std::string field = std::string(name) + ":";
    size_t column = field.size();
    for (const auto &word : words) {
        if (!word.empty() && column + 1 + word.size() > kLineLength) {
            field += "\r\n";
            column = 0;
        }
        field += ' ';
        field += word;
        column += 1 + word.size();
    }
    return field + "\r\n";
}

bool
IsAtomText(char letter) {
    constexpr std::string_view special = "()<>[]:;@\\,.\"";
    return special.find(letter) == std::string_view::npos;
}

std::string
Quoted(std::string_view text) {
    std::string quoted = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\')
            quoted += '\\';
        quoted += letter;
    }
    return quoted + "\"";
}

// A name as a phrase (RFC 5322, 3.2.5). Quoting makes words longer.
std::vector<std::string>
Phrase(std::string_view field, const std::string &name) {
    if (NeedsEncoding(name) || name.find("  ") != std::string::npos)
        return EncodedWords(field, name);
    if (std::ranges::all_of(name, IsAtomText))
        return PlainWords(name);
    const std::string quoted = Quoted(name);
    return NeedsEncoding(quoted) ? EncodedWords(field, name) : PlainWords(quoted);
}

} // namespace

bool
IsAscii(std::string_view text) {
    return std::ranges::all_of(text, [](char letter) { return static_cast<unsigned char>(letter) < 0x80; });
}

std::string
TextField(std::string_view name, std::string_view text) {
    const std::string line = OneLine(text);
    return Fold(name, NeedsEncoding(line) ? EncodedWords(name, line) : PlainWords(line));
}

std::string
MailboxField(std::string_view field, std::string_view name, std::string_view address) {
    const std::string line = OneLine(name);
    if (line.empty())
        return Fold(field, {OneLine(address)});
    auto words = Phrase(field, line);
    words.push_back("<" + OneLine(address) + ">");
    return Fold(field, words);
}

std::string
PlainField(std::string_view name, std::string_view text) {
    return Fold(name, {OneLine(text)});
}

std::string
MessageDate(std::time_t time) {
    constexpr const char *days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char *months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[64];
    std::snprintf(text, sizeof text, "%s, %d %s %d %02d:%02d:%02d +0000", days[parts.tm_wday], parts.tm_mday,
                  months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return text;
}

void
CheckAddress(std::string_view address) {
    const auto refuse = [&](const char *why) {
        throw Refusal("the address \"" + OneLine(address.substr(0, kLongestAddress)) + "\" " + why);
    };
    if (address.empty())
        refuse("is empty");
    if (address.size() > kLongestAddress)
        refuse("is longer than 254 bytes");
    if (std::ranges::any_of(address, [](char letter) {
            return IsControl(letter) ||
                   std::string_view(" <>()[]:;,\\\"").find(letter) != std::string_view::npos;
        }))
        refuse("holds a character that no address may hold");
    const size_t at = address.find('@');
    if (at == std::string_view::npos || at != address.rfind('@'))
        refuse("does not hold exactly one @");
    if (at == 0 || at + 1 == address.size() || address[at + 1] == '.' || address.back() == '.')
        refuse("lacks its name or its domain");
}

} // namespace laurel::worker
