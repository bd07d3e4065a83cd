#include "pages/metrics.h"

#include <gtest/gtest.h>

using namespace laurel::worker;

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
    metrics.Set("laurel_in_flight", {}, 5);
    metrics.Set("laurel_job_failing", {{"job", "odd \"name\"\n"}}, 1);
    const std::string text = metrics.Text();
    for (const char *line :
         {"laurel_claimed_total{channel=\"email\"} 2\n",
          "laurel_delivered_total{channel=\"email\",outcome=\"delivered\"} 1\n",
          "laurel_delivery_duration_seconds_bucket{channel=\"email\",le=\"0.0025\"} 0\n",
          "laurel_delivery_duration_seconds_bucket{channel=\"email\",le=\"0.005\"} 1\n",
          "laurel_delivery_duration_seconds_bucket{channel=\"email\",le=\"+Inf\"} 1\n",
          "laurel_job_failing{job=\"odd \\\"name\\\" \"} 1\n",
          "laurel_jobs_total{job=\"odd \\\"name\\\" \",outcome=\"failed\"} 1\n",
          "# TYPE laurel_in_flight gauge\n", "laurel_in_flight 5\n", "laurel_retries_total 0\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line;
}

TEST(Metrics, begin_at_0) {
    Metrics metrics;
    metrics.BeginChannel("webhook");
    metrics.BeginJob("expired");
    metrics.CountJob("expired", true);
    metrics.BeginJob("expired");
    const std::string text = metrics.Text();
    for (const char *line : {"laurel_claimed_total{channel=\"webhook\"} 0\n",
                             "laurel_delivered_total{channel=\"webhook\",outcome=\"delivered\"} 0\n",
                             "laurel_delivered_total{channel=\"webhook\",outcome=\"retry\"} 0\n",
                             "laurel_delivered_total{channel=\"webhook\",outcome=\"dead\"} 0\n",
                             "laurel_delivery_duration_seconds_count{channel=\"webhook\"} 0\n",
                             "laurel_enqueue_to_delivery_seconds_count{channel=\"webhook\"} 0\n",
                             "laurel_jobs_total{job=\"expired\",outcome=\"failed\"} 0\n",
                             "laurel_jobs_total{job=\"expired\",outcome=\"succeeded\"} 1\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line;
}
