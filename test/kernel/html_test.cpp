#include "kernel/html.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

std::string
Html(std::string_view text) {
    std::string escaped;
    AppendHtml(text, [&](std::string_view piece) { escaped += piece; });
    return escaped;
}

} // namespace

TEST(HtmlEscaping, escapes_what_has_a_meaning) {
    EXPECT_EQ(Html("<b>\"Tom\" & 'Jerry'</b>"), "&lt;b&gt;&quot;Tom&quot; &amp; &#39;Jerry&#39;&lt;/b&gt;");
    EXPECT_EQ(Html("&amp;"), "&amp;amp;");
}

TEST(HtmlEscaping, leaves_everything_else_alone) {
    EXPECT_EQ(Html(""), "");
    EXPECT_EQ(Html("plain"), "plain");
    EXPECT_EQ(Html("Zürich 学習 🎓"), "Zürich 学習 🎓");
}
