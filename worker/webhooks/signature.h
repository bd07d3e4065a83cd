#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace laurel::worker {

// The value of the header webhook-signature after the Standard Webhooks specification: for each secret
// "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body", separated by spaces. A secret is base64 of
// 24 to 64 bytes behind "whsec_". Throws Refusal for any other and where there is none.
std::string WebhookSignature(const std::vector<std::string> &secrets, std::string_view id,
                             std::string_view timestamp, std::string_view body);

} // namespace laurel::worker
