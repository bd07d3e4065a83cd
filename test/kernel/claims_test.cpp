#include "kernel/claims.h"

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace laurel::kernel;

namespace {

struct Claim {
    ClaimState state;
    std::string text;
};

constexpr size_t kCapacity = 36;

// Reads a claim from an exact copy of the document, so that a read past its end is seen.
Claim
Read(std::string_view json, std::string_view key, size_t capacity = kCapacity) {
    const std::vector<char> copy(json.begin(), json.end());
    std::vector<char> out(capacity);
    size_t length = 0;
    const ClaimState state = ReadClaim({copy.data(), copy.size()}, key, out.data(), capacity, &length);
    return {state, std::string(out.data(), length)};
}

void
ExpectText(std::string_view json, std::string_view key, std::string_view text) {
    const Claim claim = Read(json, key);
    EXPECT_EQ(claim.state, ClaimState::Valid) << json;
    EXPECT_EQ(claim.text, text) << json;
}

void
ExpectState(std::string_view json, std::string_view key, ClaimState state) {
    EXPECT_EQ(Read(json, key).state, state) << json;
}

// The same claim by way of a whole document in memory.
Claim
ReadFromTree(std::string_view json, const std::string &key) {
    if (json.empty())
        return {ClaimState::Missing, ""};
    const auto tree = nlohmann::json::parse(json.begin(), json.end(), nullptr, false);
    if (!tree.is_object() || json.find('\0') != json.npos || json.starts_with("\xEF\xBB\xBF"))
        return {ClaimState::Malformed, ""};
    if (!tree.contains(key) || tree[key].is_null())
        return {ClaimState::Missing, ""};
    if (!tree[key].is_string())
        return {ClaimState::Malformed, ""};
    const std::string text = tree[key];
    if (text.size() > kCapacity || text.find('\0') != text.npos)
        return {ClaimState::Malformed, ""};
    return {ClaimState::Valid, text};
}

void
ExpectSameAsTree(const std::string &json) {
    for (const char *key : {"sub", "role", ""}) {
        const Claim claim = Read(json, key);
        const Claim tree = ReadFromTree(json, key);
        ASSERT_EQ(claim.state, tree.state) << json;
        ASSERT_EQ(claim.text, tree.text) << json;
    }
}

const std::string kToken =
    R"({"aud":"authenticated","exp":1735689600,"sub":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",)"
    R"("app_metadata":{"sub":"inner","roles":["a",{"sub":1}]},"role":"learner","x":[null,true]})";

} // namespace

TEST(Claims, claim_of_a_token_not_found) {
    ExpectText(kToken, "sub", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    ExpectText(kToken, "role", "learner");
    ExpectText(R"({"x-organization-id":"42"})", "x-organization-id", "42");
    ExpectText(" {\n\"sub\" :\t\"x\" } ", "sub", "x");
}

TEST(Claims, inner_member_taken_for_an_outer_one) {
    ExpectState(R"({"a":{"sub":"x"}})", "sub", ClaimState::Missing);
    ExpectState(R"({"a":[{"sub":"x"}]})", "sub", ClaimState::Missing);
    ExpectText(R"({"a":{"sub":"x"},"sub":"y"})", "sub", "y");
    ExpectText(R"({"sub":"y","a":{"sub":"x"}})", "sub", "y");
}

TEST(Claims, value_taken_for_a_name) {
    ExpectText(R"({"a":"sub","sub":"x"})", "sub", "x");
    ExpectState(R"({"a":"sub","b":"x"})", "sub", ClaimState::Missing);
    ExpectState(R"({"a":["sub","x"]})", "sub", ClaimState::Missing);
}

TEST(Claims, first_of_two_members_wins) {
    ExpectText(R"({"sub":"first","sub":"last"})", "sub", "last");
    ExpectState(R"({"sub":"first","sub":1})", "sub", ClaimState::Malformed);
    ExpectState(R"({"sub":"first","sub":{"a":"b"}})", "sub", ClaimState::Malformed);
    ExpectState(R"({"sub":"first","sub":null})", "sub", ClaimState::Missing);
    ExpectText(R"({"sub":["x"],"sub":"last"})", "sub", "last");
}

TEST(Claims, absent_claim_called_malformed) {
    ExpectState("", "sub", ClaimState::Missing);
    ExpectState("{}", "sub", ClaimState::Missing);
    ExpectState(R"({"Sub":"x","su":"x","subs":"x"})", "sub", ClaimState::Missing);
    ExpectState(R"({"sub":null})", "sub", ClaimState::Missing);
}

TEST(Claims, value_that_is_no_text_accepted) {
    for (const char *value : {"1", "-1", "1.5", "true", "false", "{}", "[]", "[\"x\"]", "{\"sub\":\"x\"}"})
        ExpectState(std::string("{\"sub\":") + value + "}", "sub", ClaimState::Malformed);
}

TEST(Claims, document_that_is_no_object_accepted) {
    for (const char *json : {"null", "\"sub\"", "1", "true", "[]", "[{\"sub\":\"x\"}]", " "})
        ExpectState(json, "sub", ClaimState::Malformed);
}

TEST(Claims, broken_document_accepted) {
    for (const char *json : {
             "{",
             "}",
             "{\"sub\":\"x\"",
             "{\"sub\":\"x\"}}",
             "{\"sub\":\"x\",}",
             "{\"sub\":\"x\"} x",
             "{\"sub\":\"x\"}/**/",
             "{sub:\"x\"}",
             "{'sub':'x'}",
             "{\"sub\":\"x\" \"a\":1}",
             "{\"sub\":\"\\x\"}",
             "{\"sub\":\"\\ud800\"}",
             "{\"sub\":\"tab\there\"}",
             "{\"sub\":\"\xff\"}",
             "{\"sub\":\"x\",\"a\":01}",
             "{\"sub\":\"x\",\"a\":NaN}",
             "{\"sub\":\"x\",\"a\":1e999}",
             "\xEF\xBB\xBF{\"sub\":\"x\"}",
         })
        ExpectState(json, "sub", ClaimState::Malformed);
}

TEST(Claims, zero_byte_ends_the_document) {
    using namespace std::string_view_literals;
    ExpectState("{\"sub\":\"x\"}\0{\"sub\":\"y\"}"sv, "sub", ClaimState::Malformed);
    ExpectState("{\"sub\":\"x\"}\0"sv, "sub", ClaimState::Malformed);
    ExpectState(R"({"sub":"x\u0000y"})", "sub", ClaimState::Malformed);
}

TEST(Claims, escape_left_encoded) {
    ExpectText(R"({"sub":"a\"\\\/\n\u00e9\ud83c\udfc5"})", "sub", "a\"\\/\n\xC3\xA9\xF0\x9F\x8F\x85");
    ExpectText(R"({"\u0073ub":"x"})", "sub", "x");
    ExpectText(R"({"sub":""})", "sub", "");
}

TEST(Claims, text_beyond_the_room_written) {
    const std::string json = R"({"sub":"12345"})";
    EXPECT_EQ(Read(json, "sub", 5).text, "12345");
    EXPECT_EQ(Read(json, "sub", 4).state, ClaimState::Malformed);
    EXPECT_EQ(Read(json, "sub", 0).state, ClaimState::Malformed);
    EXPECT_EQ(Read(R"({"sub":""})", "sub", 0).state, ClaimState::Valid);
}

TEST(Claims, length_set_without_a_claim) {
    char out[8];
    size_t length = 99;
    EXPECT_FALSE(ClaimText(R"({"sub":"x","sub":1})", "sub", out, sizeof out, &length));
    EXPECT_FALSE(ClaimText(R"({"sub":"x"} x)", "sub", out, sizeof out, &length));
    EXPECT_FALSE(ClaimText("", "sub", out, sizeof out, &length));
    EXPECT_EQ(length, 99U);
    EXPECT_TRUE(ClaimText(R"({"sub":"x"})", "sub", out, sizeof out, &length));
    EXPECT_EQ(length, 1U);
}

TEST(Claims, deep_document_exhausts_the_stack) {
    const std::string open(1000000, '[');
    const std::string close(1000000, ']');
    ExpectText("{\"a\":" + open + close + ",\"sub\":\"x\"}", "sub", "x");
    ExpectState("{\"a\":" + open, "sub", ClaimState::Malformed);
}

TEST(Claims, random_bytes_crash_the_reader) {
    std::mt19937 random(8259);
    const std::string alphabet = "{}[]\",:\\u0019eE+-. \nsubrolenutf\xC3\xA9\xFF";
    for (int round = 0; round < 20000; round++) {
        std::string json(random() % 40, ' ');
        for (char &byte : json)
            byte = random() % 4 ? alphabet[random() % alphabet.size()] : static_cast<char>(random());
        ASSERT_NO_FATAL_FAILURE(ExpectSameAsTree(json));
    }
}

TEST(Claims, damaged_token_read_otherwise_than_its_tree) {
    std::mt19937 random(7519);
    for (int round = 0; round < 10000; round++) {
        std::string json = kToken;
        for (uint32_t damage = 0; damage <= random() % 3; damage++) {
            const size_t at = random() % json.size();
            const size_t from = random() % kToken.size();
            switch (random() % 4) {
            case 0:
                json[at] = static_cast<char>(random());
                break;
            case 1:
                json.erase(at, 1 + random() % 5);
                break;
            case 2:
                json.insert(at, kToken, from, random() % 60);
                break;
            default:
                json.resize(at + 1);
            }
            if (json.empty())
                break;
        }
        ASSERT_NO_FATAL_FAILURE(ExpectSameAsTree(json));
    }
}
