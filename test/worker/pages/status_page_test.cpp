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

TEST(StatusPage, nothing_is_overdue_where_a_channel_is_off) {
    Overview overview;
    overview.channels.push_back({.name = "email", .due = 7, .oldest_due_seconds = 900});
    SelfPortrait self;
    EXPECT_NE(StatusPage(self, overview).find("<b class=\"bad\">15 min</b>"), std::string::npos);
    self.switched_off["email"] = "LAUREL_SMTP_URL is not <set>";
    const std::string page = StatusPage(self, overview);
    EXPECT_NE(page.find("switched off here: LAUREL_SMTP_URL is not &lt;set&gt;"), std::string::npos);
    EXPECT_NE(page.find("<b>none</b>"), std::string::npos);
    EXPECT_EQ(page.find("15 min"), std::string::npos);
}

TEST(StatusPage, schedules_and_results_stay_on_one_line) {
    Overview overview;
    overview.jobs.push_back({"expired", "*/5 * * * *", "", "not yet", "", "", "worker", false});
    const std::string page = StatusPage({}, overview);
    EXPECT_NE(page.find("<td class=\"t\" data-name=\"result\">not yet</td>"), std::string::npos);
    EXPECT_NE(page.find("<td class=\"t\" data-name=\"schedule\"><code>*/5 * * * *</code>"),
              std::string::npos);
    EXPECT_NE(page.find(".t, .t code { white-space: nowrap }"), std::string::npos);
}
