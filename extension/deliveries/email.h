// E-mails and what they are made of.
#pragma once

#include "deliveries/messages.h"

namespace laurel::deliveries {

constexpr const char *kTooLong =
    "a part of the message would be longer than 256 kB: shorten its template or its text";

// The text in one line, whatever was filled in.
std::string_view OneLine(std::string_view text);

// A subject with its fields filled in.
std::string_view Subject(std::string_view source, const notifications::TemplateFields &fields);

enum class EmailKind { Notification, Digest, Letter };

// An e-mail by the template that fits best, else by one that is built in. A letter by a template is plain
// text: nothing in it is fetched when it is opened, from which whoever wrote the template would know that it
// was.
Message EmailFor(const notifications::TemplateKey &key, std::string_view to,
                 const notifications::TemplateFields &fields, EmailKind kind,
                 notifications::Templates *templates, Jsonb *attachments = nullptr);

} // namespace laurel::deliveries
