#include "mail/message.h"

#include <tuple>

#include <gtest/gtest.h>

#include "deliveries/channel.h"

using namespace laurel::worker;

namespace {

Message
Example() {
    Message message;
    message.id = "0190a1b2-0000-7000-8000-000000000001";
    message.id_host = "example.org";
    message.from = "laurel@example.org";
    message.to = "zoe@example.org";
    message.subject = "Hello";
    message.text = "Line one\nLine two";
    return message;
}

bool
Has(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST(Message, text_alone_is_one_part) {
    const std::string text = Compose(Example());
    EXPECT_TRUE(Has(text, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    EXPECT_FALSE(Has(text, "multipart"));
    EXPECT_TRUE(text.ends_with("\r\n\r\nLine one\r\nLine two\r\n"));
}

TEST(Message, html_makes_it_an_alternative_with_text_first) {
    Message message = Example();
    message.html = "<p>Hello</p>";
    const std::string text = Compose(message);
    EXPECT_TRUE(
        Has(text, "Content-Type: multipart/alternative;\r\n\tboundary=\"=_" + message.id + "\"\r\n\r\n--=_"));
    EXPECT_LT(text.find("text/plain"), text.find("text/html"));
    EXPECT_TRUE(text.ends_with("\r\n--=_" + message.id + "--\r\n"));
}

TEST(Message, identity_is_the_deliverys) {
    EXPECT_TRUE(
        Has(Compose(Example()), "\r\nMessage-ID: <0190a1b2-0000-7000-8000-000000000001@example.org>\r\n"));
}

TEST(Message, content_cannot_end_its_part) {
    Message message = Example();
    message.html = "<p>x</p>";
    message.text = "--=_" + message.id + "--\r\nContent-Type: text/html\r\n\r\n<script>";
    const std::string text = Compose(message);
    const std::string end = "--=_" + message.id + "--";
    EXPECT_EQ(text.find(end), text.rfind(end));
}

TEST(Message, unsubscribing_takes_one_click_only_over_https) {
    Message message = Example();
    EXPECT_FALSE(Has(Compose(message), "List-Unsubscribe"));
    message.unsubscribe = "https://example.org/u?t=1";
    EXPECT_TRUE(Has(Compose(message), "\r\nList-Unsubscribe: <https://example.org/u?t=1>\r\n"
                                      "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
    message.unsubscribe = "mailto:leave@example.org";
    EXPECT_FALSE(Has(Compose(message), "One-Click"));
    for (const std::string bad : {"https://x/>\r\nBcc: a@b", "https://x/ y", "https://x/>", "https://ü/"}) {
        message.unsubscribe = bad;
        EXPECT_THROW(Compose(message), Refusal) << bad;
    }
}

TEST(Message, every_line_is_short_and_ends_in_cr_lf) {
    Message message = Example();
    message.text = std::string(5000, 'x') + "\n.\n..\nFrom here\r\rlast\n" + std::string(3000, ' ');
    message.html = "日本語" + std::string(2000, 'y');
    for (int i = 0; i < 8; i++)
        message.html += message.html;
    const std::string text = Compose(message);
    for (size_t at = 0; at < text.size();) {
        const size_t end = text.find('\n', at);
        ASSERT_NE(end, std::string::npos);
        ASSERT_GT(end, 0U);
        EXPECT_EQ(text[end - 1], '\r');
        EXPECT_LE(end - at, 79U);
        at = end + 1;
    }
    for (const char letter : text)
        EXPECT_LT(static_cast<unsigned char>(letter), 0x80);
}

TEST(Message, quoted_printable_escapes_what_mail_may_change) {
    const auto body = [](const std::string &said) {
        Message message = Example();
        message.text = said;
        const std::string text = Compose(message);
        return text.substr(text.find("\r\n\r\n") + 4);
    };
    EXPECT_EQ(body("a=b"), "a=3Db\r\n");
    EXPECT_EQ(body("blanks and é"), "blanks and =C3=A9\r\n");
    EXPECT_EQ(body("blank \ntab\t\nend"), "blank=20\r\ntab=09\r\nend\r\n");
    EXPECT_EQ(body("a\r\nb\rc\nd"), "a\r\nb\r\nc\r\nd\r\n");
    EXPECT_EQ(body(""), "");
    EXPECT_EQ(body(std::string(80, 'x')), std::string(75, 'x') + "=\r\n" + std::string(5, 'x') + "\r\n");
}

TEST(Message, attachment_is_shown_and_kept) {
    Message message = Example();
    message.html = "<p>Hello</p>";
    message.attachments = {{"invite.ics", "application/ics", "text/calendar; method=REQUEST",
                            "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"}};
    const std::string text = Compose(message);
    EXPECT_TRUE(Has(text, "\r\nContent-Type: multipart/mixed;"));
    EXPECT_LT(text.find("multipart/mixed"), text.find("multipart/alternative"));
    EXPECT_LT(text.find("text/plain"), text.find("text/html"));
    EXPECT_LT(text.find("text/html"),
              text.find("Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n"));
    EXPECT_LT(text.find("text/calendar"),
              text.find("Content-Disposition: attachment; filename=invite.ics\r\n"));
    EXPECT_TRUE(Has(text, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"));
    EXPECT_TRUE(text.ends_with("\r\n--=_mixed_" + message.id + "--\r\n"));
}

TEST(Message, attachment_alone_is_no_alternative) {
    Message message = Example();
    message.attachments = {{"a.txt", "text/plain", "", "kept"}};
    const std::string text = Compose(message);
    EXPECT_TRUE(Has(text, "multipart/mixed"));
    EXPECT_FALSE(Has(text, "multipart/alternative"));
}

TEST(Message, nothing_to_say_is_still_a_part) {
    Message message = Example();
    message.text = "";
    EXPECT_TRUE(Compose(message).ends_with("Content-Transfer-Encoding: quoted-printable\r\n\r\n"));
    message.attachments = {{"a.txt", "text/plain", "", ""}};
    const std::string text = Compose(message), boundary = "--=_mixed_" + message.id;
    EXPECT_TRUE(Has(text, "Content-Type: multipart/mixed;\r\n\tboundary=\"=_mixed_" + message.id + "\"\r\n"));
    EXPECT_TRUE(Has(text, "\r\n\r\n\r\n" + boundary + "\r\n"));
    EXPECT_TRUE(text.ends_with("\r\n\r\n\r\n" + boundary + "--\r\n"));
}

TEST(Message, attachment_cannot_begin_a_field) {
    for (const auto &[filename, type, alternative] : {std::tuple("a\r\nBcc: x@example.org", "text/plain", ""),
                                                      {"", "text/plain", ""},
                                                      {"a/b", "text/plain", ""},
                                                      {"a", "", ""},
                                                      {"a", "text", ""},
                                                      {"a", "multipart/mixed", ""},
                                                      {"a", "message/rfc822", ""},
                                                      {"a", "text/plain\r\nBcc: x@example.org", ""},
                                                      {"a", "tëxt/plain", ""},
                                                      {"a", "text/plain", "text/html; x=1\nBcc: x"}}) {
        Message message = Example();
        message.attachments = {{filename, type, alternative, "x"}};
        EXPECT_THROW(Compose(message), Refusal) << filename << " " << type << " " << alternative;
    }
}

TEST(Message, attachment_keeps_its_lines_and_its_name) {
    Message message = Example();
    message.attachments = {
        {"Einladung für \"Zoé\" 日本語.ics", "application/ics", "", std::string(300'000, 'x')}};
    const std::string text = Compose(message);
    for (size_t at = 0; at < text.size();) {
        const size_t end = text.find("\r\n", at);
        ASSERT_LE(end - at, 998U);
        at = end + 2;
    }
    for (const char letter : text)
        EXPECT_LT(static_cast<unsigned char>(letter), 0x80);
}
