#include "mail/message.h"

#include <algorithm>

#include "deliveries/channel.h"
#include "mail/header.h"
#include "mail/parts.h"
#include "url.h"

namespace laurel::worker {

namespace {

constexpr size_t kLongestUrl = 900; // a line of a message has at most 998 characters

// Only a URL whose every character may stand between angle brackets becomes a field.
std::string
UnsubscribeFields(const std::string &url) {
    if (url.empty())
        return {};
    const bool is_clean = std::ranges::all_of(
        url, [](char letter) { return letter > ' ' && letter < 0x7f && letter != '<' && letter != '>'; });
    if (!is_clean || url.size() > kLongestUrl)
        throw Refusal("the unsubscribe link is too long or holds a character that no URL may hold");
    const std::string field = PlainField("List-Unsubscribe", "<" + url + ">");
    if (!HasScheme(url, "https"))
        return field;
    return field + PlainField("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
}

std::string
Fields(const Message &message) {
    return PlainField("Date", MessageDate(message.date)) +
           MailboxField("From", message.from_name, message.from) +
           MailboxField("To", message.to_name, message.to) + TextField("Subject", message.subject) +
           PlainField("Message-ID", "<" + message.id + "@" + message.id_host + ">") +
           UnsubscribeFields(message.unsubscribe) + PlainField("Auto-Submitted", "auto-generated") +
           PlainField("MIME-Version", "1.0");
}

} // namespace

std::string
Compose(const Message &message) {
    return Fields(message) + Parts(message);
}

} // namespace laurel::worker
