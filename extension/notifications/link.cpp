#include "notifications/link.h"

#include "kernel/characters.h"
#include "postgres/bridge.h"
#include "postgres/datum.h"

namespace laurel::notifications {

namespace {

constexpr int kLongest = 2000; // characters
constexpr std::string_view kScripts[] = {"javascript:", "vbscript:", "data:"};

bool
HasControl(std::string_view text) {
    for (size_t position = 0; position < text.size();)
        if (kernel::IsControl(kernel::NextCharacter(text, &position)))
            return true;
    return false;
}

} // namespace

bool
IsLink(std::string_view link) {
    return pg_mbstrlen_with_len(link.data(), static_cast<int>(link.size())) <= kLongest &&
           kernel::Trimmed(link).size() == link.size() && !HasControl(link) &&
           std::none_of(std::begin(kScripts), std::end(kScripts), [link](std::string_view script) {
               return link.size() >= script.size() &&
                      pg_strncasecmp(link.data(), script.data(), script.size()) == 0;
           });
}

// laurel_internal.check_link(link): the CHECK of links of notifications.
LAUREL_FUNCTION(laurel_check_link) {
    PG_RETURN_BOOL(IsLink(ToText(PG_GETARG_DATUM(0))));
}

} // namespace laurel::notifications
