// Hashes, or an error of the server's.
#pragma once

#include "kernel/sha256.h"
#include "pg.h"

namespace laurel {

// SHA-256 over texts, one after the other.
inline kernel::Digest
Sha256Of(std::initializer_list<std::string_view> texts) {
    kernel::Digest digest;
    bool is_made = kernel::Sha256::Begin();
    for (const std::string_view text : texts)
        is_made = is_made && kernel::Sha256::Update(text.data(), text.size());
    if (!is_made || !kernel::Sha256::End(&digest))
        ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute SHA-256")));
    return digest;
}

} // namespace laurel
