#include "kernel/template.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

// The pieces in one text: fields in angle brackets, a ! at the end of what is broken.
std::string
Pieces(std::string_view source) {
    TemplateReader reader(source);
    TemplatePiece piece;
    std::string text;
    while (reader.Next(&piece))
        text += piece.is_field ? "<" + std::string(piece.text) + ">" : std::string(piece.text) + "|";
    return reader.broken() ? text + "!" : text;
}

} // namespace

TEST(Template, parts_text_and_fields) {
    EXPECT_EQ(Pieces("Hello {{first_name}}, {{title}}!"), "Hello |<first_name>, |<title>!|");
    EXPECT_EQ(Pieces("{{title}}"), "<title>");
    EXPECT_EQ(Pieces("{{a}}{{b}}"), "<a><b>");
    EXPECT_EQ(Pieces("no fields"), "no fields|");
    EXPECT_EQ(Pieces(""), "");
}

TEST(Template, drops_blanks_around_names) {
    EXPECT_EQ(Pieces("{{  title }}"), "<title>");
    EXPECT_EQ(Pieces("{{}}"), "<>");
    EXPECT_EQ(Pieces("{{ data.course name }}"), "<data.course name>");
}

TEST(Template, leaves_single_braces_alone) {
    EXPECT_EQ(Pieces("body { color: red }"), "body { color: red }|");
    EXPECT_EQ(Pieces("a } b }} c"), "a } b }} c|");
}

TEST(Template, reports_a_field_that_is_not_closed) {
    EXPECT_EQ(Pieces("Hello {{name"), "Hello |!");
    EXPECT_EQ(Pieces("Hello {{name}"), "Hello |!");
    EXPECT_EQ(Pieces("{{"), "!");
    EXPECT_EQ(Pieces("{{na\nme}} x"), "!");
}

TEST(Template, stays_broken) {
    TemplateReader reader("{{x");
    TemplatePiece piece;
    EXPECT_FALSE(reader.Next(&piece));
    EXPECT_FALSE(reader.Next(&piece));
    EXPECT_TRUE(reader.broken());
}

TEST(Template, takes_inner_braces_for_a_name) {
    EXPECT_EQ(Pieces("{{{title}}}"), "<{title>}|");
}
