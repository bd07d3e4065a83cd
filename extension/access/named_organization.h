// The organization that a claim or a header names.
#pragma once

#include "kernel/claims.h"
#include "kernel/uuid7.h"
#include "postgres/datum.h"

namespace laurel::access {

// What a claim or a header says of an organization.
struct NamedOrganization {
    bool present = false; // it names one, be it in words that no organization has
    bool is_uuid = false;
    Uuid organization{};
};

// Reads a member of a JSON object, which names none where it is missing, null or empty.
inline NamedOrganization
ReadNamed(const char *json, const char *key) {
    NamedOrganization named;
    if (json == nullptr || strstr(json, key) == nullptr)
        return named;
    char text[64];
    size_t length = 0;
    const kernel::ClaimState state = kernel::ReadClaim(json, key, text, sizeof(text), &length);
    if (state == kernel::ClaimState::Missing || (state == kernel::ClaimState::Valid && length == 0))
        return named;
    named.present = true;
    named.is_uuid =
        state == kernel::ClaimState::Valid && kernel::ParseUuid({text, length}, named.organization.bytes);
    return named;
}

} // namespace laurel::access
