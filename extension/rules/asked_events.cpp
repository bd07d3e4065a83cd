#include "rules/asked_events.h"

#include "badges/listening.h"
#include "rules/rule.h"
#include "teams/challenge_listening.h"

namespace laurel::rules {

namespace {

// Whether there are rules: their migration comes after the ledger's.
bool
HasRules() {
    return OidIsValid(get_relname_relid("rule_changes", get_namespace_oid("laurel_internal", false)));
}

bool
HasRulesFor(const Uuid &organization, std::string_view type) {
    if (!HasRules())
        return false;
    RememberRules(&organization, 1);
    return RulesOf(organization, type).count > 0;
}

} // namespace

bool
IsAskedFor(const Uuid &organization, std::string_view type) {
    return HasRulesFor(organization, type) || badges::ListeningTo(organization, type).count > 0 ||
           teams::EventsAreCounted(organization, type);
}

} // namespace laurel::rules
