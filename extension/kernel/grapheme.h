// Cutting texts where people see no cut: a flag, a family, a letter with its accents stays whole (Unicode
// Standard Annex 29, extended grapheme clusters, without the conjuncts of Indic scripts).
#pragma once

#include <cstddef>
#include <string_view>

namespace laurel::kernel {

// How many bytes of the text in UTF-8, at most so many, make whole graphemes. Where not even one has room, as
// many as make whole characters; one character at least.
size_t WholeGraphemes(std::string_view text, size_t most) noexcept;

} // namespace laurel::kernel
