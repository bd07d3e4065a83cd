#include "claims.h"

#include <cstring>
#include <string>

#define JSON_NO_IO
#include <nlohmann/json.hpp>

namespace laurel::kernel {

namespace {

using Json = nlohmann::json;

// Listens to the parser and keeps one member of the outermost object; nothing of the document is built.
class ClaimReader {
public:
    ClaimReader(std::string_view key, char *out, size_t capacity) noexcept
        : key_(key), out_(out), capacity_(capacity) {}

    ClaimState State() const noexcept { return state_; }

    size_t Length() const noexcept { return length_; }

    bool null() { return Value(ClaimState::Missing); }

    bool boolean(bool) { return Value(ClaimState::Malformed); }

    bool number_integer(Json::number_integer_t) { return Value(ClaimState::Malformed); }

    bool number_unsigned(Json::number_unsigned_t) { return Value(ClaimState::Malformed); }

    bool number_float(Json::number_float_t, const std::string &) { return Value(ClaimState::Malformed); }

    bool string(std::string &text) { return Value(wanted_ ? Keep(text) : ClaimState::Malformed); }

    bool binary(Json::binary_t &) { return false; }

    bool key(std::string &name) {
        wanted_ = depth_ == 1 && name == key_;
        return true;
    }

    bool start_object(size_t) {
        const bool sound = depth_ == 0 || Value(ClaimState::Malformed);
        depth_++;
        return sound;
    }

    bool end_object() {
        depth_--;
        return true;
    }

    bool start_array(size_t) {
        const bool sound = Value(ClaimState::Malformed);
        depth_++;
        return sound;
    }

    bool end_array() {
        depth_--;
        return true;
    }

    bool parse_error(size_t, const std::string &, const nlohmann::detail::exception &) { return false; }

private:
    // Notes what was found if it belongs to the claim; a value outside any object ends the parse.
    bool Value(ClaimState state) noexcept {
        if (wanted_)
            state_ = state;
        wanted_ = false;
        return depth_ > 0;
    }

    // Copies a text out if Postgres can hold it and there is room.
    ClaimState Keep(std::string_view text) noexcept {
        if (text.size() > capacity_ || text.find('\0') != std::string_view::npos)
            return ClaimState::Malformed;
        if (!text.empty())
            memcpy(out_, text.data(), text.size());
        length_ = text.size();
        return ClaimState::Valid;
    }

    std::string_view key_;
    char *out_;
    size_t capacity_;
    size_t length_ = 0;
    size_t depth_ = 0;
    bool wanted_ = false;
    ClaimState state_ = ClaimState::Missing;
};

// Whether the text holds what the parser overlooks and Postgres does not: a byte order mark or a zero byte.
bool
HasStrayBytes(std::string_view json) noexcept {
    return json.starts_with("\xEF\xBB\xBF") || json.find('\0') != std::string_view::npos;
}

} // namespace

ClaimState
ReadClaim(std::string_view json, std::string_view key, char *out, size_t capacity, size_t *length) noexcept {
    if (json.empty())
        return ClaimState::Missing;
    if (HasStrayBytes(json))
        return ClaimState::Malformed;
    try {
        ClaimReader reader(key, out, capacity);
        if (!Json::sax_parse(json.begin(), json.end(), &reader))
            return ClaimState::Malformed;
        if (reader.State() == ClaimState::Valid)
            *length = reader.Length();
        return reader.State();
    } catch (...) {
        return ClaimState::Malformed;
    }
}

bool
ClaimText(std::string_view json, std::string_view key, char *out, size_t capacity, size_t *length) noexcept {
    return ReadClaim(json, key, out, capacity, length) == ClaimState::Valid;
}

} // namespace laurel::kernel
