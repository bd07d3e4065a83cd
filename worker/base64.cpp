#include "base64.h"

#include "kernel/base64.h"

namespace laurel::worker {

std::string
Base64(std::string_view bytes) {
    std::string text(kernel::Base64Length(bytes.size()), '\0');
    kernel::EncodeBase64(reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size(), text.data());
    return text;
}

std::optional<std::string>
FromBase64(std::string_view text) {
    const auto size = kernel::Base64Size(text);
    if (!size)
        return std::nullopt;
    std::string bytes(*size, '\0');
    kernel::DecodeBase64(text, reinterpret_cast<unsigned char *>(bytes.data()));
    return bytes;
}

} // namespace laurel::worker
