#include "kernel/base64.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

std::string
Encoded(const std::string &bytes) {
    std::string out(Base64Length(bytes.size()), '\0');
    EncodeBase64(reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size(), out.data());
    return out;
}

std::string
Decoded(const std::string &text) {
    std::string out(Base64Size(text).value(), '\0');
    DecodeBase64(text, reinterpret_cast<unsigned char *>(out.data()));
    return out;
}

} // namespace

// RFC 4648, section 10.
TEST(Base64, encodes_the_test_vectors) {
    EXPECT_EQ(Encoded(""), "");
    EXPECT_EQ(Encoded("f"), "Zg==");
    EXPECT_EQ(Encoded("fo"), "Zm8=");
    EXPECT_EQ(Encoded("foo"), "Zm9v");
    EXPECT_EQ(Encoded("foob"), "Zm9vYg==");
    EXPECT_EQ(Encoded("fooba"), "Zm9vYmE=");
    EXPECT_EQ(Encoded("foobar"), "Zm9vYmFy");
    EXPECT_EQ(Encoded("\xff\xfe\xfd"), "//79");
}

TEST(Base64, knows_the_size_of_what_it_encoded) {
    for (size_t size = 0; size < 70; size++)
        EXPECT_EQ(Base64Size(Encoded(std::string(size, '\xab'))), size);
}

TEST(Base64, decodes_what_it_encoded) {
    std::string bytes;
    for (int i = 0; i < 300; i++) {
        EXPECT_EQ(Decoded(Encoded(bytes)), bytes);
        bytes += static_cast<char>(i * 37);
    }
}

TEST(Base64, refuses_what_is_not_canonical) {
    for (const char *wrong :
         {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm 9", "Zm-v", "Zm_v", "Zm9v\n"})
        EXPECT_EQ(Base64Size(wrong), std::nullopt) << wrong;
}

TEST(Base64, knows_the_alphabet_of_addresses) {
    const auto encoded = [](const std::string &bytes) {
        std::string out(Base64UrlLength(bytes.size()), '\0');
        EncodeBase64Url(reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size(), out.data());
        return out;
    };
    const auto reads = [](const std::string &text) {
        std::string out(text.size(), '\0');
        return DecodeBase64Url(text, reinterpret_cast<unsigned char *>(out.data()))
                   ? std::optional(out.substr(0, text.size() * 3 / 4))
                   : std::nullopt;
    };
    EXPECT_EQ(encoded(""), "");
    EXPECT_EQ(encoded("f"), "Zg");
    EXPECT_EQ(encoded("fo"), "Zm8");
    EXPECT_EQ(encoded("\xff\xfe\xfd"), "__79");
    for (const std::string bytes : {"", "f", "fo", "foo", "foob", "\xff\xfe\xfd\xfc"})
        EXPECT_EQ(reads(encoded(bytes)), bytes);
    for (const std::string text : {"Z", "Zh", "Zg==", "Zm9", "+/79", "Zg ", "Zm9vY"})
        EXPECT_FALSE(reads(text)) << text;
}
