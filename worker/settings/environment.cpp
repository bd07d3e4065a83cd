#include "settings/environment.h"

#include <cctype>
#include <cstdlib>
#include <fstream>

#include <unistd.h>

#include "settings/settings.h"

namespace laurel::worker {

namespace {

std::string
Trim(const std::string &text) {
    const size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool
IsName(const std::string &name) {
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0)
        return false;
    for (const char letter : name) {
        if (std::isalnum(static_cast<unsigned char>(letter)) == 0 && letter != '_')
            return false;
    }
    return true;
}

// A value without its quotes; inside double ones a backslash keeps the next character as it is. Without
// quotes a comment may follow a blank.
bool
Unquote(const std::string &text, std::string *value) {
    if (text.empty() || (text[0] != '"' && text[0] != '\'')) {
        *value = Trim(text.substr(0, std::min(text.find(" #"), text.size())));
        return true;
    }
    const char quote = text[0];
    value->clear();
    for (size_t at = 1; at < text.size(); at++) {
        if (text[at] == quote) {
            const std::string rest = Trim(text.substr(at + 1));
            return rest.empty() || rest[0] == '#';
        }
        if (quote == '"' && text[at] == '\\' && at + 1 < text.size())
            at++;
        *value += text[at];
    }
    return false;
}

} // namespace

Variables
Environment() {
    Variables variables;
    for (char **entry = environ; *entry != nullptr; entry++) {
        const std::string text = *entry;
        const size_t equals = text.find('=');
        if (equals != std::string::npos)
            variables[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return variables;
}

Variables
ReadEnvironmentFile(const std::string &path) {
    std::ifstream file(path);
    if (!file)
        throw SettingsError("the file " + path + " cannot be read: name one that can be with --config");
    Variables variables;
    std::string line;
    for (int number = 1; std::getline(file, line); number++) {
        std::string text = Trim(line);
        if (text.empty() || text[0] == '#')
            continue;
        if (text.starts_with("export "))
            text = Trim(text.substr(7));
        const size_t equals = text.find('=');
        const std::string name = Trim(text.substr(0, equals));
        std::string value;
        if (equals == std::string::npos || !IsName(name) || !Unquote(Trim(text.substr(equals + 1)), &value))
            throw SettingsError(path + ", line " + std::to_string(number) + ": this is not NAME=value");
        variables[name] = value;
    }
    return variables;
}

void
ExportConnectionVariables(const Variables &file) {
    for (const auto &[name, value] : file) {
        if (name.starts_with("PG"))
            setenv(name.c_str(), value.c_str(), 0);
    }
}

} // namespace laurel::worker
