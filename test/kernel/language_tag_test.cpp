#include "kernel/language_tag.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

std::string
Canonical(const std::string &tag) {
    char out[kMaxLanguageTag];
    return CanonicalLanguageTag(tag, out) ? std::string(out, tag.size()) : "";
}

} // namespace

TEST(LanguageTag, gives_the_usual_case) {
    const std::string pairs[][2] = {{"EN", "en"},
                                    {"pt_br", "pt-BR"},
                                    {"zh-hant-tw", "zh-Hant-TW"},
                                    {"ES-419", "es-419"},
                                    {"SL-NEDIS", "sl-nedis"},
                                    {"de-ch-1901", "de-CH-1901"},
                                    {"zh-cmn-HANS-cn", "zh-cmn-Hans-CN"},
                                    {"EN-us-U-Islamcal", "en-US-u-islamcal"},
                                    {"en-A-MYEXT-b-ANOTHER", "en-a-myext-b-another"},
                                    {"en-X-US", "en-x-us"},
                                    {"X-Whatever", "x-whatever"},
                                    {"SGN-be-FR", "sgn-BE-FR"},
                                    {"en-gb-OED", "en-GB-oed"}};
    for (const auto &[given, wanted] : pairs)
        EXPECT_EQ(Canonical(given), wanted);
}

TEST(LanguageTag, refuses_what_is_none) {
    for (const std::string &bad : {std::string(""),
                                   std::string("e"),
                                   std::string("english"),
                                   std::string("en-"),
                                   std::string("-en"),
                                   std::string("en--us"),
                                   std::string("en-us-gb"),
                                   std::string("en-latn-cyrl"),
                                   std::string("a-de"),
                                   std::string("de-419-DE"),
                                   std::string("de-1901-1901"),
                                   std::string("ar-a-aaa-b-bbb-a-ccc"),
                                   std::string("en-u"),
                                   std::string("en-u-"),
                                   std::string("en-x"),
                                   std::string("x"),
                                   std::string("x-"),
                                   std::string("en-123456789"),
                                   std::string("en.us"),
                                   std::string("b\xc3\xbc"),
                                   std::string("*"),
                                   std::string("en-*"),
                                   std::string(101, 'x')})
        EXPECT_EQ(Canonical(bad), "") << bad;
}

TEST(LanguageTag, widens_part_by_part) {
    const std::string_view steps[] = {
        "zh-Hant-CN-x-private1-private2", "zh-Hant-CN-x-private1", "zh-Hant-CN", "zh-Hant", "zh", ""};
    for (size_t i = 0; i + 1 < std::size(steps); i++)
        EXPECT_EQ(WiderRange(steps[i]), steps[i + 1]);
    EXPECT_EQ(WiderRange("x-a"), "");
    EXPECT_EQ(WiderRange("en-u-ca-gregory"), "en-u-ca");
    EXPECT_EQ(WiderRange("en-u-ca"), "en");
}
