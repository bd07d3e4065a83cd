#include "mail/header.h"

#include <sstream>

#include <gtest/gtest.h>

#include "base64.h"
#include "deliveries/channel.h"

using namespace laurel::worker;

namespace {

// What a reader makes of a field: lines unfolded, encoded words decoded.
std::string
Decode(std::string field) {
    for (size_t at; (at = field.find("\r\n ")) != std::string::npos;)
        field.erase(at, 2);
    std::string text;
    for (size_t at = 0; at < field.size();) {
        const size_t open = field.find("=?UTF-8?B?", at);
        text += field.substr(at, open - at);
        if (open == std::string::npos)
            break;
        const size_t close = field.find("?=", open + 10);
        text += FromBase64(field.substr(open + 10, close - open - 10)).value();
        at = close + 2;
        if (field.substr(at).starts_with(" =?UTF-8?B?"))
            at++; // a blank between encoded words is none
    }
    return text;
}

std::vector<std::string>
LinesOf(const std::string &field) {
    std::vector<std::string> lines;
    std::istringstream stream(field);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line.substr(0, line.find('\r')));
    return lines;
}

} // namespace

TEST(Header, plain_subject_stays_readable) {
    EXPECT_EQ(TextField("Subject", "You earned a badge"), "Subject: You earned a badge\r\n");
}

TEST(Header, unicode_subject_comes_back_whole) {
    for (const std::string subject :
         {"Grüße 🎉", "日本語の件名をここに書きます、とても長いので何行にもなります、本当に長いです。",
          "=?UTF-8?B?injected?=", "a =? b"})
        EXPECT_EQ(Decode(TextField("Subject", subject)), "Subject: " + subject + "\r\n");
}

TEST(Header, encoded_words_never_split_a_character) {
    std::string subject;
    for (int i = 0; i < 60; i++)
        subject += "🎉";
    const std::string field = TextField("Subject", subject);
    for (size_t at = field.find("=?UTF-8?B?"); at != std::string::npos;
         at = field.find("=?UTF-8?B?", at + 1)) {
        const size_t close = field.find("?=", at + 10);
        EXPECT_LE(close + 2 - at, 75U);
        EXPECT_EQ(FromBase64(field.substr(at + 10, close - at - 10)).value().size() % 4, 0U);
    }
}

TEST(Header, no_line_is_longer_than_78_or_blank) {
    const std::string long_text = "word " + std::string(60, 'x') + " " + std::string(60, 'y') + "      and " +
                                  std::string(70, 'z') + std::string(100, ' ') + "end";
    for (const auto &field :
         {TextField("Subject", long_text), TextField("Subject", std::string(500, 'q') + " ü"),
          MailboxField("To", "Ümläut " + std::string(90, 'n'), "a@example.org")}) {
        for (const auto &line : LinesOf(field))
            EXPECT_NE(line.find_first_not_of(' '), std::string::npos) << field;
    }
    for (const auto &line : LinesOf(TextField("Subject", std::string(500, 'q') + " ü")))
        EXPECT_LE(line.size(), 78U);
}

TEST(Header, blanks_in_a_row_come_back_as_they_were) {
    for (const std::string &subject :
         {std::string("a  b"), std::string("  a"), "a" + std::string(10'000, ' ') + "b"})
        EXPECT_EQ(Decode(TextField("Subject", subject)), "Subject: " + subject + "\r\n");
}

TEST(Header, subjects_of_ten_thousand_characters_are_folded) {
    std::string families, words;
    for (int i = 0; i < 10'000; i++) {
        families += i % 2 == 0 ? "👩‍👩‍👧‍👦" : "🇨🇭";
        words += "word" + std::to_string(i) + " ";
    }
    words.pop_back();
    for (const std::string &subject :
         {std::string(10'000, 'x'), families, words, std::string(9'999, '?') + "ü"}) {
        const std::string field = TextField("Subject", subject);
        for (const auto &line : LinesOf(field))
            ASSERT_LE(line.size(), 76U);
        EXPECT_EQ(Decode(field), "Subject: " + subject + "\r\n");
    }
}

TEST(Header, encoded_words_never_split_what_is_read_as_one) {
    std::string subject;
    for (int i = 0; i < 40; i++)
        subject += "👩‍👩‍👧‍👦";
    const std::string field = TextField("Subject", subject);
    for (size_t at = field.find("=?UTF-8?B?"); at != std::string::npos;
         at = field.find("=?UTF-8?B?", at + 1)) {
        const std::string word =
            FromBase64(field.substr(at + 10, field.find("?=", at + 10) - at - 10)).value();
        EXPECT_EQ(word.size() % std::string("👩‍👩‍👧‍👦").size(), 0U);
    }
}

TEST(Header, what_has_no_room_behind_the_name_begins_a_line) {
    const std::string address = std::string(62, 'a') + "@example.org",
                      url = "<https://example.org/" + std::string(500, 'x') + ">";
    EXPECT_EQ(MailboxField("To", "", address), "To:\r\n " + address + "\r\n");
    EXPECT_EQ(PlainField("List-Unsubscribe", url), "List-Unsubscribe:\r\n " + url + "\r\n");
    EXPECT_EQ(PlainField("Date", "today"), "Date: today\r\n");
}

TEST(Header, ends_of_lines_beyond_ascii_are_blanks_too) {
    EXPECT_EQ(TextField("Subject", "a\u2028b\u2029c\u0085d"), "Subject: a b c d\r\n");
}

TEST(Header, line_ends_cannot_begin_another_field) {
    for (const std::string bad : {"Hi\r\nBcc: x@example.org", "Hi\nBcc: x@example.org",
                                  "Hi\rBcc: x@example.org", "Hi\r\n\r\nbody", "Hi\vBcc:\fx"}) {
        EXPECT_EQ(LinesOf(TextField("Subject", bad)).size(), 1U);
        EXPECT_EQ(LinesOf(MailboxField("To", bad, "a@example.org")).size(), 1U);
        EXPECT_EQ(TextField("Subject", bad + "ü").find("\nBcc"), std::string::npos);
        EXPECT_EQ(Decode(TextField("Subject", bad + "ü")).find('\n'),
                  Decode(TextField("Subject", bad + "ü")).size() - 1);
    }
}

TEST(Header, names_that_quoting_makes_too_long_are_encoded) {
    for (size_t length = 1; length < 80; length++) {
        for (const char letter : {'"', '\\', ','}) {
            const std::string name = "Ann " + std::string(length, letter);
            for (const auto &line : LinesOf(MailboxField("To", name, "a@example.org")))
                EXPECT_LE(line.size(), 78U) << name;
        }
    }
    const std::string name(38, '"');
    EXPECT_EQ(Decode(MailboxField("To", name, "a@example.org")), "To: " + name + " <a@example.org>\r\n");
}

TEST(Header, names_with_specials_are_quoted) {
    EXPECT_EQ(MailboxField("From", "Laurel, Inc.", "a@example.org"),
              "From: \"Laurel, Inc.\" <a@example.org>\r\n");
    EXPECT_EQ(MailboxField("From", "A \"B\" \\C", "a@example.org"),
              "From: \"A \\\"B\\\" \\\\C\" <a@example.org>\r\n");
    EXPECT_EQ(MailboxField("From", "", "a@example.org"), "From: a@example.org\r\n");
    EXPECT_EQ(MailboxField("To", "<evil@example.org>", "a@example.org"),
              "To: \"<evil@example.org>\" <a@example.org>\r\n");
}

TEST(Header, dates_are_those_of_rfc_5322) {
    EXPECT_EQ(MessageDate(0), "Thu, 1 Jan 1970 00:00:00 +0000");
    EXPECT_EQ(MessageDate(1614265330), "Thu, 25 Feb 2021 15:02:10 +0000");
}

TEST(Header, addresses_that_cannot_be_one_are_refused) {
    for (const std::string good : {"a@b", "zoé@exämple.org", "first.last+tag@mail.example.org"})
        EXPECT_NO_THROW(CheckAddress(good)) << good;
    for (const std::string bad : {"", "a", "@b", "a@", "a@@b", "a@b@c", "a b@c", "<a@b>", "a@b>",
                                  "a@b\r\nRCPT TO:<x@y>", "a@b,c@d", "a@.b", "a@b.", "\"a\"@b", "a@b\n"})
        EXPECT_THROW(CheckAddress(bad), Refusal) << bad;
    EXPECT_THROW(CheckAddress(std::string(250, 'a') + "@b.cc"), Refusal);
}
