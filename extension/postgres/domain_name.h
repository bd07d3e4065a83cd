// Names of hosts and mail domains in any script: UTS 46, by the ICU that the server is built with.
#pragma once

#include "kernel/host_name.h"
#include "pg.h"

namespace laurel {

// A name as DNS has it, in lower case and with xn-- for other scripts; or what is wrong with it, as a
// sentence that begins with what `Its` names, and a hint.
struct DomainName {
    std::string_view name;
    const char *fault = nullptr;
    const char *hint = nullptr;
};

// One form for all ways to write it. Where the server has no ICU, only names in ASCII are taken.
DomainName ToDomainName(std::string_view name, const kernel::HostNameRules &rules = {});

} // namespace laurel
