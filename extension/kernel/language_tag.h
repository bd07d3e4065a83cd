// Language tags (BCP 47): RFC 5646 says how they are written, RFC 4647 how they are looked up.
#pragma once

#include <cstddef>
#include <string_view>

namespace laurel::kernel {

// The longest tag that is taken.
constexpr size_t kMaxLanguageTag = 100;

// Writes a well-formed tag in its usual case, such as zh-Hant-TW, into `out`, which has room for as many
// bytes; true where it is one. Underscores, as in pt_BR, count as hyphens. Languages of four letters and
// more, which the grammar has room for and nobody has registered, are none: "english".
bool CanonicalLanguageTag(std::string_view tag, char *out) noexcept;

// The next wider range of RFC 4647, section 3.4: the tag without its last part, and without a single letter
// that would be left at its end. Empty after the last.
std::string_view WiderRange(std::string_view tag) noexcept;

} // namespace laurel::kernel
