#pragma once

#include <ctime>
#include <string>
#include <vector>

namespace laurel::worker {

// A file that a message carries.
struct Attachment {
    std::string filename;
    std::string content_type;
    std::string alternative; // a content type under which readers may show the text as the message; or empty
    std::string text;        // UTF-8
};

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
    std::vector<Attachment> attachments;
    std::time_t date = 0;
};

// The message in the form of RFC 5322 and MIME, lines ended by CR LF.
std::string Compose(const Message &message);

} // namespace laurel::worker
