// Unicode as the server knows it. Databases of Laurel are in UTF-8; installing refuses others.
#pragma once

#include "pg.h"

namespace laurel {

// The text in normal form C. Palloc'd, or the text itself where that is normal.
std::string_view Normalized(std::string_view text);

// The same, but that what is not ASCII never becomes ASCII: the Kelvin sign stays, which normal form C makes
// a K.
std::string_view NormalizedApart(std::string_view text);

// Whether the joiner (U+200C or U+200D) at `position` may stand there (RFC 5892, appendix A.1 and A.2): after
// a virama, and the one that keeps letters apart between letters that would join. Never on a server without
// ICU, which knows them.
bool MayJoin(std::string_view text, size_t position);

} // namespace laurel
