// Reads "rule<TAB>start in seconds<TAB>how many" line by line, and prints that many times of the rule in a
// line.

#include "kernel/recurrence/days.h"

#include <cstdlib>
#include <iostream>
#include <string>

namespace recurrence = laurel::kernel::recurrence;

int
main() {
    std::string text, start, most;
    while (std::getline(std::cin, text, '\t') && std::getline(std::cin, start, '\t') &&
           std::getline(std::cin, most)) {
        recurrence::Rule rule;
        const recurrence::Fault fault = recurrence::ParseRule(text, &rule);
        if (fault.detail != nullptr) {
            std::cout << fault.detail << "\n";
            continue;
        }
        int left = std::atoi(most.c_str());
        const auto visit = [&left](int64_t time) {
            std::cout << time << " ";
            return --left > 0;
        };
        recurrence::EachTime(rule, std::atoll(start.c_str()), INT32_MIN, visit, [] {});
        std::cout << "\n";
    }
}
