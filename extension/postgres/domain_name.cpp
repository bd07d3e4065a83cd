#include "domain_name.h"

#include "datum.h"
#include "kernel/ascii.h"
#include "kernel/characters.h"

#ifdef LAUREL_ICU
#include <unicode/uidna.h>
#endif

namespace laurel {

namespace {

// Of the longest name, before it is brought to its form.
constexpr size_t kLongestHost = 1000;

DomainName
InLowerCase(std::string_view name) {
    char *lower = pnstrdup(name.data(), name.size());
    std::transform(name.begin(), name.end(), lower, kernel::Lower);
    return {{lower, name.size()}};
}

// UTS 46 takes what nobody sees away in silence. Joiners are letters of some scripts, and it knows where.
char32_t
UnseenIn(std::string_view name) {
    constexpr char32_t non_joiner = 0x200C, joiner = 0x200D;
    for (size_t position = 0; position < name.size();) {
        const char32_t character = kernel::NextCharacter(name, &position);
        if (kernel::IsUnseen(character) && character != non_joiner && character != joiner)
            return character;
    }
    return 0;
}

#ifdef LAUREL_ICU

// What ICU has found, the first that applies.
constexpr struct {
    uint32_t errors;
    const char *fault;
} kErrors[] = {
    {UIDNA_ERROR_EMPTY_LABEL, "begins or ends with a dot, or has two in a row."},
    {UIDNA_ERROR_LABEL_TOO_LONG, "has a part of more than 63 bytes."},
    {UIDNA_ERROR_DOMAIN_NAME_TOO_LONG, "is longer than 253 bytes."},
    {UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4,
     "has a part with a hyphen where none may be."},
    {UIDNA_ERROR_PUNYCODE | UIDNA_ERROR_INVALID_ACE_LABEL, "has a part with xn-- that stands for no name."},
    {UIDNA_ERROR_BIDI | UIDNA_ERROR_CONTEXTJ, "mixes letters that may not stand together."}};

const char *
FaultOf(uint32_t errors) {
    for (const auto &known : kErrors)
        if ((errors & known.errors) != 0)
            return known.fault;
    return "has a character that no domain may have.";
}

// Opened once and kept.
const UIDNA *
Idna() {
    static constinit UIDNA *idna = nullptr;
    UErrorCode status = U_ZERO_ERROR;
    if (idna == nullptr)
        idna = uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                   UIDNA_NONTRANSITIONAL_TO_ASCII,
                               &status);
    if (U_FAILURE(status))
        ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
                        errmsg("ICU could not read its data of domain names: %s", u_errorName(status))));
    return idna;
}

DomainName
Encoded(std::string_view name) {
    constexpr int32 room = 4 * kLongestHost;
    auto *out = static_cast<char *>(palloc(room));
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode status = U_ZERO_ERROR;
    const int32 length = uidna_nameToASCII_UTF8(Idna(), name.data(), static_cast<int32>(name.size()), out,
                                                room, &info, &status);
    if (U_FAILURE(status) || info.errors != 0)
        return {{}, FaultOf(info.errors)};
    return {{out, static_cast<size_t>(length)}};
}

#else

DomainName
Encoded(std::string_view name) {
    if (kernel::IsAscii(name))
        return InLowerCase(name);
    return {{},
            "has letters beyond ASCII, and this server is built without ICU, which knows them.",
            "Write it as DNS has it, with xn--, or use a server that is built with ICU."};
}

#endif

} // namespace

DomainName
ToDomainName(std::string_view name, const kernel::HostNameRules &rules) {
    if (name.size() > kLongestHost)
        return {{}, "is longer than 253 bytes."};
    if (const char32_t unseen = UnseenIn(name))
        return {{},
                psprintf("has a blank, an invisible or a control character inside: U+%04X.",
                         static_cast<unsigned>(unseen)),
                "Write it without that."};
    const bool is_plain = kernel::IsAscii(name) && !kernel::HasEncodedLabel(name);
    DomainName domain = is_plain ? InLowerCase(name) : Encoded(name);
    if (domain.fault == nullptr)
        domain.fault = kernel::HostNameFault(domain.name, rules);
    return domain;
}

} // namespace laurel
