#pragma once

#include <string>

namespace laurel::worker {

// What a certificate says, as laurel.certificate() gives it.
struct Certificate {
    std::string holder;
    std::string badge;
    std::string description;
    std::string criteria;
    std::string issuer;
    std::string color; // #rrggbb
    std::string awarded;
    std::string until; // empty: it does not end
    std::string address;
};

// A page of HTML that prints as one sheet of A4, whatever it says.
std::string CertificatePage(const Certificate &certificate);

} // namespace laurel::worker
