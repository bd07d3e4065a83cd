#include "settings/settings.h"

#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>

using namespace laurel::worker;
using namespace std::chrono_literals;

namespace {

// What is wrong with these settings; empty: nothing.
std::string
Complaint(const Variables &environment, const Variables &file = {}) {
    try {
        ReadSettings(environment, file);
    } catch (const SettingsError &error) {
        return error.what();
    }
    return {};
}

Variables
ReadText(const std::string &text) {
    const std::string path = testing::TempDir() + "laurel_settings_test.env";
    std::ofstream(path) << text;
    const Variables variables = ReadEnvironmentFile(path);
    std::remove(path.c_str());
    return variables;
}

} // namespace

TEST(Settings, have_defaults) {
    const Settings settings = ReadSettings({}, {});
    EXPECT_EQ(settings.lease, 20s);
    EXPECT_EQ(settings.batch, 200);
    EXPECT_EQ(settings.http_port, 9464);
    EXPECT_FALSE(settings.poll_only);
    EXPECT_EQ(settings.EnabledChannels(), std::vector<std::string>{"webhook"});
}

TEST(Settings, the_environment_goes_before_the_file) {
    const Variables file{{"LAUREL_LEASE", "45s"}, {"LAUREL_POLL", "500ms"}};
    const Settings settings = ReadSettings({{"LAUREL_LEASE", "1m"}}, file);
    EXPECT_EQ(settings.lease, 60s);
    EXPECT_EQ(settings.poll, 500ms);
}

TEST(Settings, a_typing_error_is_told_with_the_name_that_was_meant) {
    EXPECT_EQ(Complaint({{"LAUREL_SMPT_URL", "smtp://x"}}),
              "there is no setting LAUREL_SMPT_URL: did you mean LAUREL_SMTP_URL?");
    EXPECT_NE(Complaint({}, {{"DATABSE_URL", "x"}}).find("did you mean DATABASE_URL"), std::string::npos);
    EXPECT_EQ(Complaint({{"LAUREL_PORT", "54329"}, {"LAUREL_WERROR", "1"}, {"PATH", "/bin"}}), "");
}

TEST(Settings, values_out_of_range_name_the_setting_and_the_range) {
    EXPECT_EQ(Complaint({{"LAUREL_BATCH", "0"}}), "LAUREL_BATCH=0: must be a whole number from 1 to 10000");
    for (const Variables &bad : std::initializer_list<Variables>{{{"LAUREL_LEASE", "soon"}},
                                                                 {{"LAUREL_LEASE", "30 s"}},
                                                                 {{"LAUREL_SHUTDOWN_GRACE", "10s"}},
                                                                 {{"LAUREL_POLL_ONLY", "perhaps"}},
                                                                 {{"LAUREL_LOG", "xml"}},
                                                                 {{"LAUREL_HTTP_PORT", "70000"}},
                                                                 {{"LAUREL_WEBHOOK_ALLOW", "10.0.0.0/99"}},
                                                                 {{"LAUREL_SMTP_URL", "http://mail"}},
                                                                 {{"LAUREL_SMTP_URL", "smtp://"}},
                                                                 {{"LAUREL_PUSH_URL", "ftp://x"}},
                                                                 {{"LAUREL_MAIL_FROM", "nobody"}},
                                                                 {{"LAUREL_CHANNELS", "pigeon"}},
                                                                 {{"LAUREL_BATCH", "-1"}},
                                                                 {{"LAUREL_POLL", "nan"}}})
        EXPECT_EQ(Complaint(bad).rfind(bad.begin()->first, 0), 0U)
            << bad.begin()->first << ": " << Complaint(bad);
}

TEST(Settings, secrets_are_not_repeated) {
    EXPECT_EQ(Complaint({{"LAUREL_SMTP_URL", "smpt://user:hidden@mail"}}).find("hidden"), std::string::npos);
}

TEST(Settings, a_channel_needs_its_way_out) {
    EXPECT_NE(Complaint({{"LAUREL_CHANNELS", "email"}}).find("LAUREL_SMTP_URL"), std::string::npos);
    EXPECT_NE(Complaint({{"LAUREL_SMTP_URL", "smtp://mail"}}).find("LAUREL_MAIL_FROM"), std::string::npos);
    const Settings settings =
        ReadSettings({{"LAUREL_SMTP_URL", "smtp://mail"}, {"LAUREL_MAIL_FROM", "a@example.org"}}, {});
    EXPECT_EQ(settings.EnabledChannels(), (std::vector<std::string>{"email", "webhook"}));
    EXPECT_EQ(settings.message_id_host, "example.org");
    EXPECT_EQ(ReadSettings({{"LAUREL_NOOP", "true"}}, {}).EnabledChannels().size(), 3U);
}

TEST(Settings, a_channel_that_is_off_says_why) {
    using Reasons = std::map<std::string, std::string>;
    EXPECT_EQ(ReadSettings({}, {}).DisabledChannels(),
              (Reasons{{"email", "LAUREL_SMTP_URL is not set"}, {"push", "LAUREL_PUSH_URL is not set"}}));
    EXPECT_EQ(
        ReadSettings({{"LAUREL_NOOP", "true"}, {"LAUREL_CHANNELS", "email,push"}}, {}).DisabledChannels(),
        (Reasons{{"webhook", "LAUREL_CHANNELS names others"}}));
    EXPECT_TRUE(ReadSettings({{"LAUREL_NOOP", "true"}}, {}).DisabledChannels().empty());
}

TEST(Settings, durations_have_units) {
    EXPECT_EQ(ReadSettings({{"LAUREL_LEASE", "90"}}, {}).lease, 90s);
    EXPECT_EQ(ReadSettings({{"LAUREL_LEASE", "2m"}}, {}).lease, 120s);
    EXPECT_EQ(ReadSettings({{"LAUREL_POLL", "0.25s"}}, {}).poll, 250ms);
}

TEST(Settings, the_example_file_can_be_read_and_changes_nothing) {
    std::string example = ExampleFile();
    for (size_t at = 0; (at = example.find("\n#LAUREL_", at)) != std::string::npos;)
        example.erase(at + 1, 1);
    const Variables variables = ReadText(example);
    EXPECT_GT(variables.size(), 25U);
    EXPECT_EQ(Complaint({}, variables), "");
    EXPECT_EQ(ReadSettings({}, variables).lease, ReadSettings({}, {}).lease);
}

TEST(EnvironmentFile, is_read_as_a_shell_would) {
    const Variables variables = ReadText("# a comment\n\nLAUREL_POLL=2s # and another\nexport A='b c'\n"
                                         "B=\"say \\\"hi\\\" # no comment\"  \nC=\nD=x#y\r\n");
    EXPECT_EQ(variables.at("LAUREL_POLL"), "2s");
    EXPECT_EQ(variables.at("A"), "b c");
    EXPECT_EQ(variables.at("B"), "say \"hi\" # no comment");
    EXPECT_EQ(variables.at("C"), "");
    EXPECT_EQ(variables.at("D"), "x#y");
}

TEST(EnvironmentFile, a_line_that_is_none_is_named) {
    for (const char *bad :
         {"A=1\nnonsense\n", "A=1\n1A=2\n", "A=1\nA='open\n", "A=1\nA=\"x\" y\n", "A=1\n=x\n"}) {
        try {
            ReadText(bad);
            ADD_FAILURE() << bad;
        } catch (const SettingsError &error) {
            EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
        }
    }
    EXPECT_THROW(ReadEnvironmentFile("/nonexistent/file"), SettingsError);
}
