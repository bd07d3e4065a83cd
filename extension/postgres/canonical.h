// The one door for text that identifies: each kind has one form in which it is stored, compared and sent,
// however it was written.
#pragma once

#include "datum.h"

namespace laurel {

// The one form; or what is wrong with the text, as a sentence, and what to do.
struct Canonical {
    std::string_view text;
    const char *fault = nullptr;
    const char *hint = nullptr;
};

struct TextKind {
    const char *name;
    const char *words; // "an e-mail address"
    // Of a text without what nobody sees at its ends.
    Canonical (*form)(std::string_view text);

    Canonical Of(std::string_view text) const;
};

// Normal form C, ASCII letters in lower case and no others, the domain as DNS has it. What is before the @
// may have letters of any script; a mail server that takes it offers SMTPUTF8.
extern const TextKind kMailAddress;
// A domain as DNS has it.
extern const TextKind kDomain;
// Words of lower-case ASCII letters and digits joined by hyphens.
extern const TextKind kSlug;
// The IANA name of a zone.
extern const TextKind kTimeZone;
// A language tag (BCP 47) in its usual case, or * for any.
extern const TextKind kLocale;
// A web address whose scheme and host are as DNS has them. The rest is left to who looks at the address.
extern const TextKind kWebAddress;

// What a hint says where there is no such kind.
constexpr const char *kTextKinds = "There are mail_address, domain, slug, time_zone, locale and web_address.";

// The kind of that name; null where there is none.
const TextKind *TextKindNamed(std::string_view name);

// The one form, or error 23514 of the constraint <table>_<column>_check.
Datum RequireCanonical(const TextKind &kind, std::string_view text, const char *table, const char *column,
                       const char *schema = "laurel");

} // namespace laurel
