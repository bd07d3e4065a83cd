#include "deliveries/channel.h"

#include <algorithm>

#include "kernel/grapheme.h"

namespace laurel::worker {

namespace {

// How many bytes the character of UTF-8 has that begins the text; 0 where none does, or not all of it is
// there.
size_t
LengthOfCharacter(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    const size_t length = first < 0x80                    ? 1
                          : first >= 0xC2 && first < 0xE0 ? 2
                          : (first & 0xF0) == 0xE0        ? 3
                          : first >= 0xF0 && first < 0xF5 ? 4
                                                          : 0;
    if (text.size() < length)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

// A control character begins the text; beyond ASCII these are U+0080 to U+009F, or their byte alone.
bool
IsControl(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80)
        return first < 0x20 || first == 0x7f;
    if (first == 0xC2 && LengthOfCharacter(text) == 2)
        return static_cast<unsigned char>(text[1]) < 0xA0;
    return first < 0xA0;
}

} // namespace

const char *
Word(Outcome::Kind kind) {
    switch (kind) {
    case Outcome::Kind::Delivered:
        return "delivered";
    case Outcome::Kind::Dead:
        return "dead";
    default:
        return "retry";
    }
}

std::string
Printable(std::string_view text, size_t most) {
    std::string line;
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    while (!text.empty() && line.size() < most) {
        const size_t length = LengthOfCharacter(text);
        const auto byte = static_cast<unsigned char>(text[0]);
        if (IsControl(text))
            line += line.empty() || line.back() == ' ' ? "" : " ";
        else if (length > 0)
            line += text.substr(0, length);
        else if (byte >= 0xA0)
            line.append({static_cast<char>(0xC0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3F))});
        text.remove_prefix(std::max<size_t>(length, 1));
    }
    while (!line.empty() && line.back() == ' ')
        line.pop_back();
    return line.substr(0, kernel::WholeGraphemes(line, most));
}

bool
IsText(std::string_view bytes) {
    const auto controls = std::ranges::count_if(bytes, [](char byte) {
        return (static_cast<unsigned char>(byte) < 0x20 && byte != '\t' && byte != '\r' && byte != '\n') ||
               byte == 0x7f;
    });
    size_t strange = 0;
    for (size_t at = 0; at < bytes.size();) {
        const size_t length = LengthOfCharacter(bytes.substr(at));
        strange += length == 0 ? 1 : 0;
        at += std::max<size_t>(length, 1);
    }
    return controls == 0 && strange * 4 <= bytes.size();
}

std::string
TextOf(const nlohmann::json &message, const char *key) {
    const auto place = message.find(key);
    return place != message.end() && place->is_string() ? place->get<std::string>() : std::string();
}

} // namespace laurel::worker
