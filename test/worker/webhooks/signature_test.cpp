#include "webhooks/signature.h"

#include <gtest/gtest.h>

#include "base64.h"
#include "deliveries/channel.h"

using namespace laurel::worker;

namespace {

// The example of the Standard Webhooks reference libraries.
const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const std::string kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const std::string kTimestamp = "1614265330";
const std::string kBody = "{\"test\": 2432232314}";
const std::string kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

} // namespace

TEST(Signature, is_that_of_the_specification) {
    EXPECT_EQ(WebhookSignature({kSecret}, kId, kTimestamp, kBody), kSignature);
}

TEST(Signature, has_one_for_each_secret_while_one_is_replaced) {
    const std::string other = "whsec_" + Base64(std::string(24, 'k'));
    const std::string both = WebhookSignature({other, kSecret}, kId, kTimestamp, kBody);
    EXPECT_TRUE(both.starts_with("v1,"));
    EXPECT_TRUE(both.ends_with(" " + kSignature));
}

TEST(Signature, depends_on_all_that_is_signed) {
    EXPECT_NE(WebhookSignature({kSecret}, kId + "x", kTimestamp, kBody), kSignature);
    EXPECT_NE(WebhookSignature({kSecret}, kId, "1614265331", kBody), kSignature);
    EXPECT_NE(WebhookSignature({kSecret}, kId, kTimestamp, kBody + " "), kSignature);
}

TEST(Signature, secrets_of_another_kind_are_refused) {
    const std::vector<std::string> none;
    EXPECT_THROW(WebhookSignature(none, kId, kTimestamp, kBody), Refusal);
    for (const std::string bad :
         {"", "secret", "whsec_", "whsec_%%%%", "whsec_AAA", "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
        EXPECT_THROW(WebhookSignature({bad}, kId, kTimestamp, kBody), Refusal) << bad;
    EXPECT_THROW(WebhookSignature({"whsec_" + Base64(std::string(23, 'k'))}, kId, kTimestamp, kBody),
                 Refusal);
    EXPECT_THROW(WebhookSignature({"whsec_" + Base64(std::string(65, 'k'))}, kId, kTimestamp, kBody),
                 Refusal);
    EXPECT_NO_THROW(WebhookSignature({"whsec_" + Base64(std::string(64, 'k'))}, kId, kTimestamp, kBody));
}

TEST(Base64, goes_there_and_back) {
    for (const std::string bytes : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
        EXPECT_EQ(FromBase64(Base64(bytes)).value(), bytes);
    EXPECT_EQ(Base64("foobar"), "Zm9vYmFy");
    for (const std::string bad : {"A", "AA", "AAA", "A===", "====", "AA=A", "A A=", "AA\n="})
        EXPECT_FALSE(FromBase64(bad)) << bad;
}
