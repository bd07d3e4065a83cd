#include "mail_address.h"

#include "ascii.h"
#include "characters.h"

namespace laurel::kernel {

namespace {

constexpr const char *kOneAlone = "Give one address alone, such as ann@example.com.";
constexpr char32_t kNonJoiner = 0x200C, kJoiner = 0x200D;

// Signs that stand in headers and lists, but in no address as it is sent.
constexpr struct {
    std::string_view signs;
    const char *detail, *hint;
} kSigns[] = {
    {"<>", "It has angle brackets.", "Give what stands between < and > alone, such as ann@example.com."},
    {",;", "It has a comma or a semicolon, as lists have.", kOneAlone},
    {"()", "It has parentheses, as comments have.", kOneAlone},
    {"\"", "It has quotation marks.", "Addresses with a quoted part are not taken."},
    {"[]", "It has brackets.", "Give the name of the domain instead of its address."},
    {":\\", "It has a colon or a backslash.", kOneAlone}};

// Joiners belong to domains of some scripts; whether they may stand there is decided with the domain.
MailFault
UnseenFault(std::string_view address, size_t at) noexcept {
    for (size_t position = 0; position < address.size();) {
        const char32_t character = NextCharacter(address, &position);
        const bool joins = character == kJoiner || character == kNonJoiner;
        if (IsUnseen(character) && !(joins && position > at))
            return {"It has a blank, an invisible or a control character inside.", "Write it without that.",
                    character};
    }
    return {};
}

MailFault
MailboxFault(std::string_view mailbox) noexcept {
    if (mailbox.empty())
        return {"There is nothing before its @.", kOneAlone};
    if (mailbox.size() > kMaxMailbox)
        return {"It has more than 64 bytes before its @.",
                "No mail server has to take that; use a shorter one."};
    if (mailbox.front() == '.' || mailbox.back() == '.' || mailbox.find("..") != std::string_view::npos)
        return {"The part before its @ begins or ends with a dot, or has two in a row.", kOneAlone};
    return {};
}

// Keyboards for scripts of East Asia write it.
bool
HasWideAt(std::string_view address) noexcept {
    for (const std::string_view wide : {"\uFF20", "\uFE6B"})
        if (address.find(wide) != std::string_view::npos)
            return true;
    return false;
}

} // namespace

MailFault
MailAddressFault(std::string_view address) noexcept {
    if (address.empty())
        return {"It is empty.", kOneAlone};
    if (BeginsWith(address, "mailto:"))
        return {"It begins with mailto:.", "Leave mailto: out."};
    const size_t at = address.find('@');
    for (const auto &sign : kSigns)
        if (address.find_first_of(sign.signs) != std::string_view::npos)
            return {sign.detail, sign.hint};
    if (const MailFault unseen = UnseenFault(address, at); unseen.detail != nullptr)
        return unseen;
    if (at == std::string_view::npos && HasWideAt(address))
        return {"Its @ is a wide or a small one, not the one of ASCII.",
                "Write it with a plain @, such as ann@example.com."};
    if (at == std::string_view::npos)
        return {"It has no @.", kOneAlone};
    if (at != address.rfind('@'))
        return {"It has more than one @.", kOneAlone};
    return MailboxFault(address.substr(0, at));
}

} // namespace laurel::kernel
