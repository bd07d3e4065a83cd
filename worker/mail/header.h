#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace laurel::worker {

// Header fields of Internet messages. Nothing that goes in can end a field: control characters, line ends
// among them, become blanks, and what is not ASCII becomes encoded words (RFC 2047). Lines are folded.

// The longest a line is.
constexpr size_t kLineLength = 76;

// A field of free text, such as Subject, with its line end.
std::string TextField(std::string_view name, std::string_view text);

// A field that names one mailbox, such as To; `name` may be empty, `address` was checked by CheckAddress.
std::string MailboxField(std::string_view field, std::string_view name, std::string_view address);

// A field whose text is ASCII and ours; control characters are dropped all the same.
std::string PlainField(std::string_view name, std::string_view text);

// A time in UTC as RFC 5322 writes it.
std::string MessageDate(std::time_t time);

// Throws Refusal unless the text can be one mailbox: a local part, an @, a domain, no blanks, no brackets.
void CheckAddress(std::string_view address);

// Whether there are bytes beyond ASCII.
bool IsAscii(std::string_view text);

} // namespace laurel::worker
