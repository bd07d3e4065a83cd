#include "deliveries/channel.h"

namespace laurel::worker {

namespace {

bool
IsControl(char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
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
    for (const char letter : text.substr(0, most)) {
        if (!IsControl(letter))
            line += letter;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    while (!line.empty() && line.back() == ' ')
        line.pop_back();
    return line;
}

std::string
TextOf(const nlohmann::json &message, const char *key) {
    const auto place = message.find(key);
    return place != message.end() && place->is_string() ? place->get<std::string>() : std::string();
}

} // namespace laurel::worker
