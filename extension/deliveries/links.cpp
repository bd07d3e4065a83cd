#include "deliveries/links.h"

#include "deliveries/unsubscribe.h"

namespace laurel::deliveries {

namespace {

constexpr std::string_view kToken = "{{token}}";
constexpr std::string_view kNever = "\"<>\\^`{|}"; // in an address as they are

std::string_view
Setting(const Jsonb *settings, std::string_view key) {
    JsonbValue value;
    if (settings == nullptr || !JB_ROOT_IS_OBJECT(settings) ||
        getKeyJsonValueFromContainer(const_cast<JsonbContainer *>(&settings->root), key.data(),
                                     static_cast<int>(key.size()), &value) == nullptr ||
        value.type != jbvString)
        return {};
    return {value.val.string.val, static_cast<size_t>(value.val.string.len)};
}

std::string_view
Joined(std::string_view first, std::string_view second) {
    auto *text = static_cast<char *>(palloc(first.size() + second.size() + 1));
    std::copy(second.begin(), second.end(), std::copy(first.begin(), first.end(), text));
    return {text, first.size() + second.size()};
}

bool
IsLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The address with what no address may have percent-encoded (RFC 3986): whatever was written, readers can
// follow it. The name of a host stays in its script, as they know it.
std::string_view
Escaped(std::string_view address) {
    const size_t slashes = address.find("://");
    const size_t path = slashes == std::string_view::npos ? 0 : address.find_first_of("/?#", slashes + 3);
    const auto is_plain = [&](size_t i) {
        const auto byte = static_cast<unsigned char>(address[i]);
        return byte < 128 ? byte > ' ' && byte != 0x7f && kNever.find(address[i]) == std::string_view::npos
                          : i < path;
    };
    StringInfoData out;
    initStringInfo(&out);
    for (size_t i = 0; i < address.size(); i++) {
        if (is_plain(i))
            appendStringInfoChar(&out, address[i]);
        else
            appendStringInfo(&out, "%%%02X", static_cast<unsigned char>(address[i]));
    }
    return {out.data, static_cast<size_t>(out.len)};
}

// The text with bytes that mean something in an address percent-encoded.
std::string_view
Encoded(std::string_view text) {
    StringInfoData out;
    initStringInfo(&out);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 128 && isalnum(byte)) || c == '-' || c == '_' || c == '.' || c == '~')
            appendStringInfoChar(&out, c);
        else
            appendStringInfo(&out, "%%%02X", byte);
    }
    return {out.data, static_cast<size_t>(out.len)};
}

std::string_view
Replaced(std::string_view text, std::string_view field, std::string_view value) {
    const size_t at = text.find(field);
    if (at == std::string_view::npos)
        return text;
    return Joined(Joined(text.substr(0, at), value), text.substr(at + field.size()));
}

} // namespace

bool
IsAbsolute(std::string_view link) {
    const size_t colon = link.find_first_of(":/?#");
    if (colon == std::string_view::npos || link[colon] != ':' || colon == 0 || !IsLetter(link[0]))
        return false;
    return std::all_of(link.begin(), link.begin() + static_cast<ptrdiff_t>(colon), [](char c) {
        return IsLetter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    });
}

std::string_view
OutsideLink(std::string_view link, const Jsonb *settings) {
    if (link.empty() || IsAbsolute(link))
        return Escaped(link);
    std::string_view base = Setting(settings, "base_url");
    if (base.empty())
        return link;
    if (link.starts_with("//"))
        return Escaped(Joined(base.substr(0, base.find(':') + 1), link));
    while (base.ends_with("/"))
        base.remove_suffix(1);
    const bool needs_slash = !link.starts_with("/") && !link.starts_with("?") && !link.starts_with("#");
    return Escaped(Joined(needs_slash ? Joined(base, "/") : base, link));
}

std::string_view
UnsubscribeLink(const Leased &delivery) {
    std::string_view link = Setting(delivery.Object(Leased::Settings), "unsubscribe_url");
    if (link.empty())
        return {};
    const bool is_digest = delivery.Flag(Leased::IsDigest);
    const Uuid user = ToUuid(delivery.values[Leased::User]);
    const std::string_view type = is_digest ? "digest" : delivery.Text(Leased::Type);
    if (link.find(kToken) != std::string_view::npos && !delivery.nulls[Leased::UnsubscribeKey])
        link = Replaced(link, kToken,
                        UnsubscribeToken(delivery.Text(Leased::UnsubscribeKey), user, is_digest ? "" : type));
    return Replaced(Replaced(link, "{{user_id}}", UuidText(user)), "{{type}}", Encoded(type));
}

} // namespace laurel::deliveries
