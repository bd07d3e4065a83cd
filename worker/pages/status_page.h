#pragma once

#include <map>
#include <string>

#include "pages/overview.h"

namespace laurel::worker {

// What the answering worker knows of itself.
struct SelfPortrait {
    std::string version;
    std::string host;
    std::string channels;
    std::map<std::string, std::string> switched_off; // channels with what keeps them off here
    std::string trouble; // why it has no database, or empty
    size_t in_flight = 0;
    bool is_listening = false;
    bool is_stopping = false;
    double up_seconds = 0;
    double overview_age_seconds = 0;
};

// The page: plain HTML with inline SVG, light or dark as the reader's system is, all text escaped.
std::string StatusPage(const SelfPortrait &self, const Overview &overview);

} // namespace laurel::worker
