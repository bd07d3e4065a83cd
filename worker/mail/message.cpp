#include "mail/message.h"

#include <algorithm>

#include "base64.h"
#include "deliveries/channel.h"
#include "mail/header.h"
#include "url.h"

namespace laurel::worker {

namespace {

constexpr size_t kLongestUrl = 900; // a line of a message has at most 998 characters

// Quoted-printable takes three characters for a byte that base64 keeps in 1.33.
bool
IsMostlyAscii(std::string_view text) {
    const auto others = std::ranges::count_if(text, [](char letter) { return (letter & 0x80) != 0; });
    return static_cast<size_t>(others) * 6 <= text.size();
}

std::string
WithLineEnds(std::string_view text) {
    std::string lines;
    for (size_t at = 0; at < text.size(); at++) {
        if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n')
            continue;
        if (text[at] == '\n' || text[at] == '\r')
            lines += "\r\n";
        else
            lines += text[at];
    }
    return lines;
}

std::string
Base64Lines(std::string_view text) {
    const std::string encoded = Base64(WithLineEnds(text));
    std::string lines;
    for (size_t at = 0; at < encoded.size(); at += kLineLength)
        lines.append(encoded, at, kLineLength).append("\r\n");
    return lines;
}

// One part's own header and its content.
std::string
Part(std::string_view type, std::string_view content) {
    std::string part = "Content-Type: " + std::string(type) + "; charset=utf-8\r\n";
    if (IsMostlyAscii(content))
        return part + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + QuotedPrintable(content) +
               "\r\n";
    return part + "Content-Transfer-Encoding: base64\r\n\r\n" + Base64Lines(content);
}

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

bool
IsPrintable(char letter) {
    return letter >= ' ' && letter <= '~' && letter != '=';
}

void
AppendEscaped(std::string &line, char letter) {
    constexpr char digits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(letter);
    line += '=';
    line += digits[byte >> 4];
    line += digits[byte & 15];
}

// One line of text, broken softly where it is too long; a blank at its end is escaped.
std::string
QuotedPrintableLine(std::string_view text) {
    std::string encoded;
    size_t column = 0;
    for (size_t at = 0; at < text.size(); at++) {
        const bool is_last = at + 1 == text.size();
        const bool is_plain = (IsPrintable(text[at]) || text[at] == '\t') &&
                              !(is_last && (text[at] == ' ' || text[at] == '\t'));
        const size_t width = is_plain ? 1 : 3;
        if (column + width > kLineLength - 1) {
            encoded += "=\r\n";
            column = 0;
        }
        if (is_plain)
            encoded += text[at];
        else
            AppendEscaped(encoded, text[at]);
        column += width;
    }
    return encoded;
}

} // namespace

std::string
QuotedPrintable(std::string_view text) {
    const std::string lines = WithLineEnds(text);
    std::string encoded;
    for (size_t at = 0; at <= lines.size();) {
        const size_t end = std::min(lines.find("\r\n", at), lines.size());
        if (at > 0)
            encoded += "\r\n";
        encoded += QuotedPrintableLine(std::string_view(lines).substr(at, end - at));
        at = end + 2;
    }
    return encoded;
}

std::string
Compose(const Message &message) {
    if (message.html.empty())
        return Fields(message) + Part("text/plain", message.text);
    // "=_" occurs in no encoded content, so the boundary cannot either.
    const std::string boundary = "=_" + message.id;
    const std::string separator = "--" + boundary + "\r\n";
    return Fields(message) + "Content-Type: multipart/alternative;\r\n boundary=\"" + boundary +
           "\"\r\n\r\n" + separator + Part("text/plain", message.text) + "\r\n" + separator +
           Part("text/html", message.html) + "\r\n--" + boundary + "--\r\n";
}

} // namespace laurel::worker
