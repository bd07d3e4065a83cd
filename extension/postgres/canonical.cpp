#include "canonical.h"

#include "bridge.h"
#include "domain_name.h"
#include "error.h"
#include "kernel/ascii.h"
#include "kernel/characters.h"
#include "kernel/language_tag.h"
#include "kernel/mail_address.h"
#include "kernel/slug.h"
#include "unicode.h"
#include "zone_names.h"

namespace laurel {

namespace {

// More than this is no name of anything, in whatever form.
constexpr size_t kLongestGiven = 4096;

constexpr const char *kOneAddress = "Give one address alone, such as ann@example.com.";
constexpr const char *kHostHint =
    "Write the host as DNS has it; other scripts may be written as they are or with xn--.";

std::string_view
Lowered(std::string_view text) {
    char *lower = pnstrdup(text.data(), text.size());
    std::transform(text.begin(), text.end(), lower, kernel::Lower);
    return {lower, text.size()};
}

std::string_view
Joined(std::string_view before, std::string_view between, std::string_view after) {
    StringInfoData out;
    initStringInfo(&out);
    for (const std::string_view piece : {before, between, after})
        appendBinaryStringInfo(&out, piece.data(), static_cast<int>(piece.size()));
    return {out.data, static_cast<size_t>(out.len)};
}

const char *
MailDetail(const kernel::MailFault &fault) {
    if (fault.unseen == 0)
        return fault.detail;
    return psprintf("%.*s: U+%04X.", static_cast<int>(strlen(fault.detail)) - 1, fault.detail,
                    static_cast<unsigned>(fault.unseen));
}

Canonical
MailAddress(std::string_view text) {
    // Twice, because a mark may be one with a small letter alone.
    const std::string_view address = NormalizedApart(Lowered(NormalizedApart(text)));
    const kernel::MailFault fault = kernel::MailAddressFault(address);
    if (fault.detail != nullptr)
        return {{}, MailDetail(fault), fault.hint};
    const size_t at = address.find('@');
    const DomainName domain = ToDomainName(address.substr(at + 1));
    if (domain.fault != nullptr)
        return {{}, psprintf("Its domain %s", domain.fault), domain.hint ? domain.hint : kOneAddress};
    const std::string_view whole = Joined(address.substr(0, at), "@", domain.name);
    if (whole.size() > kernel::kMaxMailAddress)
        return {{}, "It has more than 254 bytes.", "No mail server has to take that; use a shorter one."};
    return {whole};
}

Canonical
Domain(std::string_view text) {
    const DomainName domain = ToDomainName(text, {.numbers = true, .long_labels = true});
    if (domain.fault == nullptr)
        return {domain.name};
    return {{}, psprintf("It %s", domain.fault), domain.hint ? domain.hint : "For example example.com."};
}

bool
IsSlug(std::string_view text) {
    const auto word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (text.empty() || text.size() > kernel::kMaxSlug || text.front() == '-' || text.back() == '-' ||
        text.find("--") != std::string_view::npos)
        return false;
    return std::all_of(text.begin(), text.end(), [word](char c) { return word(c) || c == '-'; });
}

Canonical
Slug(std::string_view text) {
    const std::string_view slug = Lowered(text);
    if (IsSlug(slug))
        return {slug};
    char like[kernel::kMaxSlug];
    const size_t length = kernel::MakeSlug(Normalized(text), like);
    return {{},
            "It is not words of letters a to z and digits joined by hyphens, at most 100 characters.",
            length == 0 ? "For example first-steps."
                        : psprintf("For example %.*s.", static_cast<int>(length), like)};
}

Canonical
TimeZone(std::string_view text) {
    const ZoneName zone = ToZoneName(text);
    return {zone.name, zone.fault, zone.hint};
}

Canonical
Locale(std::string_view text) {
    if (text == "*")
        return {text};
    auto *tag = static_cast<char *>(palloc(kernel::kMaxLanguageTag));
    if (kernel::CanonicalLanguageTag(text, tag))
        return {{tag, text.size()}};
    return {{},
            "It is not made as BCP 47 says.",
            "Write the language, then script and region where they matter: en, pt-BR, zh-Hant-TW."};
}

// A host in which percents stand for bytes; empty where they stand for none, or for what is no UTF-8.
std::string_view
Decoded(std::string_view host) {
    const auto digit = [](char c) -> int {
        return c >= '0' && c <= '9'                                 ? c - '0'
               : kernel::Lower(c) >= 'a' && kernel::Lower(c) <= 'f' ? kernel::Lower(c) - 'a' + 10
                                                                    : -1;
    };
    auto *out = static_cast<char *>(palloc(host.size() + 1));
    size_t length = 0;
    for (size_t i = 0; i < host.size(); i++) {
        out[length++] = host[i];
        if (host[i] != '%')
            continue;
        const int high = i + 2 < host.size() ? digit(host[i + 1]) : -1,
                  low = i + 2 < host.size() ? digit(host[i + 2]) : -1;
        if (high < 0 || low < 0)
            return {};
        out[length - 1] = static_cast<char>(high * 16 + low);
        i += 2;
    }
    return pg_verify_mbstr(PG_UTF8, out, static_cast<int>(length), true) ? std::string_view(out, length)
                                                                         : std::string_view();
}

DomainName
Host(std::string_view host) {
    const bool is_rooted = !host.empty() && host.back() == '.';
    const std::string_view name = is_rooted ? host.substr(0, host.size() - 1) : host;
    DomainName domain = ToDomainName(name, {.underscores = true, .numbers = true});
    if (domain.fault == nullptr && is_rooted)
        domain.name = Joined(domain.name, ".", {});
    return domain;
}

// Only what is before path, query and fragment is changed. What is not of this shape is left as it is.
Canonical
WebAddress(std::string_view text) {
    const size_t colon = text.find("://");
    if (colon == std::string_view::npos)
        return {text};
    const size_t begin = colon + 3, end = std::min(text.find_first_of("/?#", begin), text.size());
    const std::string_view authority = text.substr(begin, end - begin);
    const std::string_view start = Lowered(text.substr(0, begin)), rest = text.substr(end);
    if (authority.find_first_of("@[") != std::string_view::npos)
        return {Joined(start, Lowered(authority), rest)};
    const size_t port = std::min(authority.find(':'), authority.size());
    const std::string_view given = authority.substr(0, port);
    const std::string_view written = given.find('%') == std::string_view::npos ? given : Decoded(given);
    if (written.empty() && !given.empty())
        return {{}, "Its host has percents that stand for no text in UTF-8.", kHostHint};
    const DomainName host = Host(written);
    if (host.fault != nullptr)
        return {{}, psprintf("Its host %s", host.fault), host.hint ? host.hint : kHostHint};
    return {Joined(start, host.name, Joined(authority.substr(port), rest, {}))};
}

constexpr const TextKind *kKinds[] = {&kMailAddress, &kDomain, &kSlug, &kTimeZone, &kLocale, &kWebAddress};

} // namespace

constinit const TextKind kMailAddress = {"mail_address", "an e-mail address", MailAddress};
constinit const TextKind kDomain = {"domain", "a domain", Domain};
constinit const TextKind kSlug = {"slug", "a name in addresses", Slug};
constinit const TextKind kTimeZone = {"time_zone", "the name of a time zone", TimeZone};
constinit const TextKind kLocale = {"locale", "a language tag", Locale};
constinit const TextKind kWebAddress = {"web_address", "a web address", WebAddress};

Canonical
TextKind::Of(std::string_view text) const {
    if (text.size() > kLongestGiven)
        return {{}, psprintf("It has %zu bytes.", text.size()), "Give a shorter one."};
    return form(kernel::Trimmed(text));
}

const TextKind *
TextKindNamed(std::string_view name) {
    for (const TextKind *kind : kKinds)
        if (kind->name == name)
            return kind;
    return nullptr;
}

Datum
RequireCanonical(const TextKind &kind, std::string_view text, const char *table, const char *column,
                 const char *schema) {
    const Canonical canonical = kind.Of(text);
    if (canonical.fault == nullptr)
        return FromText(canonical.text);
    Refuse({.message = psprintf("%s of %s must be %s", column, table, kind.words),
            .detail = canonical.fault,
            .hint = canonical.hint,
            .schema = schema,
            .table = table,
            .constraint = psprintf("%s_%s_check", table, column)});
}

// laurel_internal.is_canonical(text, kind): for CHECKs, whatever came by which way.
LAUREL_FUNCTION(laurel_is_canonical) {
    const std::string_view text = ToText(PG_GETARG_DATUM(0)), name = ToText(PG_GETARG_DATUM(1));
    const TextKind *kind = TextKindNamed(name);
    if (kind == nullptr)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = psprintf("there is no kind of text \"%s\"", CString(name)),
                .hint = kTextKinds});
    const Canonical canonical = kind->Of(text);
    PG_RETURN_BOOL(canonical.fault == nullptr && canonical.text == text);
}

// laurel.mail_address(text)
LAUREL_FUNCTION(laurel_mail_address) {
    return RequireCanonical(kMailAddress, ToText(PG_GETARG_DATUM(0)), "users", "email");
}

} // namespace laurel
