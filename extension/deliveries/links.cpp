#include "deliveries/links.h"

namespace laurel::deliveries {

namespace {

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

std::string_view
AbsoluteLink(std::string_view link, const Jsonb *settings) {
    if (link.starts_with("https://") || link.starts_with("http://") || link.starts_with("mailto:"))
        return link;
    std::string_view base = Setting(settings, "base_url");
    if (!link.starts_with("/") || base.empty())
        return {};
    while (base.ends_with("/"))
        base.remove_suffix(1);
    return Joined(base, link);
}

std::string_view
UnsubscribeLink(const Leased &delivery) {
    const std::string_view link = Setting(delivery.Object(Leased::Settings), "unsubscribe_url");
    if (link.empty())
        return {};
    const std::string_view type = delivery.Flag(Leased::IsDigest) ? "digest" : delivery.Text(Leased::Type);
    return Replaced(Replaced(link, "{{user_id}}", UuidText(ToUuid(delivery.values[Leased::User]))),
                    "{{type}}", Encoded(type));
}

} // namespace laurel::deliveries
