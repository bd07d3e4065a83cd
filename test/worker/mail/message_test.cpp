#include "mail/message.h"

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
        Has(text, "Content-Type: multipart/alternative;\r\n boundary=\"=_" + message.id + "\"\r\n\r\n--=_"));
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

TEST(QuotedPrintable, escapes_what_mail_may_change) {
    EXPECT_EQ(QuotedPrintable("a=b"), "a=3Db");
    EXPECT_EQ(QuotedPrintable("é"), "=C3=A9");
    EXPECT_EQ(QuotedPrintable("blank \ntab\t\nend"), "blank=20\r\ntab=09\r\nend");
    EXPECT_EQ(QuotedPrintable("a\r\nb\rc\nd"), "a\r\nb\r\nc\r\nd");
    EXPECT_EQ(QuotedPrintable(""), "");
    EXPECT_EQ(QuotedPrintable(std::string(80, 'x')), std::string(75, 'x') + "=\r\n" + std::string(5, 'x'));
    EXPECT_EQ(QuotedPrintable(std::string("a\0b", 3)), "a=00b");
}
