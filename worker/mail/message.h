#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace laurel::worker {

// A message as it is to be sent. Addresses were checked by CheckAddress.
struct Message {
    std::string id; // stable over attempts: the Message-ID and the boundary come from it
    std::string id_host;
    std::string from;
    std::string from_name;
    std::string to;
    std::string to_name;
    std::string subject;
    std::string text;
    std::string html;        // empty for text alone
    std::string unsubscribe; // a URL, or empty
    std::time_t date = 0;
};

// The message in the form of RFC 5322 and MIME, lines ended by CR LF: text alone, or multipart/alternative.
std::string Compose(const Message &message);

// Text in quoted-printable (RFC 2045, 6.7), line ends of any kind becoming CR LF.
std::string QuotedPrintable(std::string_view text);

} // namespace laurel::worker
