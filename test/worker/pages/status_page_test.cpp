#include "pages/status_page.h"

#include <gtest/gtest.h>

#include "pages/metrics.h"

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

TEST(Metrics, are_in_the_text_form_of_prometheus) {
    Metrics metrics;
    Outcome outcome;
    outcome.channel = "email";
    outcome.kind = Outcome::Kind::Delivered;
    outcome.duration_ms = 3;
    outcome.latency_seconds = 0.02;
    metrics.CountClaimed("email", 2);
    metrics.CountOutcome(outcome);
    metrics.CountJob("odd \"name\"\n", false);
    metrics.Set("laurel_in_flight", "", 5);
    const std::string text = metrics.Text();
    for (const char *line :
         {"laurel_claimed_total{channel=\"email\"} 2\n",
          "laurel_delivered_total{channel=\"email\",outcome=\"delivered\"} 1\n",
          "laurel_delivery_duration_seconds_bucket{channel=\"email\",le=\"0.0025\"} 0\n",
          "laurel_delivery_duration_seconds_bucket{channel=\"email\",le=\"0.005\"} 1\n",
          "laurel_delivery_duration_seconds_bucket{channel=\"email\",le=\"+Inf\"} 1\n",
          "laurel_jobs_total{job=\"odd \\\"name\\\" \",outcome=\"failed\"} 1\n",
          "# TYPE laurel_in_flight gauge\n", "laurel_in_flight 5\n", "laurel_retries_total 0\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line;
}
