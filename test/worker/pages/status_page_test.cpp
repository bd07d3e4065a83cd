#include "pages/status_page.h"

#include <gtest/gtest.h>

using namespace laurel::worker;

TEST(StatusPage, what_peers_say_is_escaped) {
    Overview overview;
    overview.minutes.resize(60);
    overview.dead_letters.push_back(
        {"id", "webhook", "<script>alert(\"1\")</script>", "2026-01-01 00:00", 3});
    overview.jobs.push_back({"a<b", "* * * * *", "", "failed", "x' onload='y", "", "worker", true});
    SelfPortrait self;
    self.trouble = "<img src=x>";
    const std::string page = StatusPage(self, overview);
    EXPECT_EQ(page.find("<script>"), std::string::npos);
    EXPECT_EQ(page.find("<img"), std::string::npos);
    EXPECT_EQ(page.find("a<b"), std::string::npos);
    EXPECT_EQ(page.find("' onload"), std::string::npos);
    EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
}

TEST(StatusPage, is_whole_without_any_data) {
    const std::string page = StatusPage({}, {});
    EXPECT_TRUE(page.ends_with("</body></html>\n"));
    EXPECT_NE(page.find("Nothing has ever been queued"), std::string::npos);
}
