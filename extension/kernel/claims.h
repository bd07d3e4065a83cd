#pragma once

#include <cstddef>
#include <string_view>

namespace laurel::kernel {

// What a set of claims says about one of them.
enum class ClaimState {
    Missing,  // no claims at all (an empty text), no such claim, or it is null
    Valid,    // a text that fits
    Malformed // the claims are not a JSON object, or the claim is no text or is longer than there is room
};

// Reads a text member of the outermost object of a JSON document (RFC 8259), such as "sub" in the claims of
// a token or a header, whose names come in lower case. Escapes are decoded; the result is UTF-8, not
// terminated, *length bytes. As in jsonb, the last of several members of the same name counts.
//
// Stricter than jsonb where it costs nothing to be: the document must be valid UTF-8 without a byte order
// mark and its numbers must fit a double; a claim that holds U+0000 is malformed. `out` and *length are set
// only when Valid, though bytes of `out` may have been written over. Never throws; memory it takes is freed
// before it returns, and running out of it counts as malformed.
ClaimState ReadClaim(std::string_view json, std::string_view key, char *out, size_t capacity,
                     size_t *length) noexcept;

// ReadClaim for callers to whom a missing and a malformed claim are one: true only when the claim is valid.
bool ClaimText(std::string_view json, std::string_view key, char *out, size_t capacity,
               size_t *length) noexcept;

} // namespace laurel::kernel
