#include <cstdio>
#include <cstdlib>
#include <sstream>

#include <CLI/CLI.hpp>
#include <curl/curl.h>

#include "commands.h"
#include "exit_code.h"
#include "log.h"
#include "loop/signals.h"
#include "settings/settings.h"
#include "settings/words.h"
#include "version.h"
#include "worker.h"

using namespace laurel::worker;

namespace {

constexpr const char *kFooter =
    "Settings come from the environment, then from --config, then from defaults; .env.example lists them "
    "all.\n"
    "Signals: TERM or INT stops (a second one at once), HUP reads the log level anew.\n"
    "Exit status: 0 done, 1 it failed, 2 wrong command line or configuration, 3 no database,\n"
    "4 the database has no Laurel, lacks migrations, or the role may not work there.";

// What the command line says.
struct Arguments {
    std::string config;
    std::string channel;
    std::string organization;
    std::vector<std::string> ids;
    std::string award;
    std::string out;
    bool is_once = false;
    bool is_dry = false;
};

Settings
Load(const Arguments &arguments) {
    const Variables file = arguments.config.empty() ? Variables() : ReadEnvironmentFile(arguments.config);
    Settings settings = ReadSettings(Environment(), file);
    ExportConnectionVariables(file);
    return settings;
}

int
RunWorker(Settings &settings, const Arguments &arguments) {
    BlockSignals(); // before libcurl makes the first thread
    curl_global_init(CURL_GLOBAL_DEFAULT);
    StartLog(settings.log, settings.log_level);
    Worker worker(
        settings, [&arguments] { return Load(arguments); }, arguments.is_once);
    const int code = worker.Run();
    // Everything is said and given back. What a mail or name server still owes an answer is not waited for.
    std::fflush(nullptr);
    std::_Exit(code);
}

int
RunVerb(const CLI::App &app, const Arguments &arguments) {
    if (app.got_subcommand("settings")) {
        std::fputs(ExampleFile().c_str(), stdout);
        return kDone;
    }
    Settings settings = Load(arguments);
    if (app.got_subcommand("run"))
        return RunWorker(settings, arguments);
    if (app.got_subcommand("check"))
        return Check(settings);
    if (app.got_subcommand("retention"))
        return RunRetention(settings, arguments.is_dry);
    if (app.got_subcommand("redrive"))
        return Redrive(settings, arguments.channel, arguments.organization, arguments.ids);
    if (app.got_subcommand("certificate"))
        return WriteCertificate(settings, arguments.award, arguments.out);
    return PrintStatus(settings);
}

void
Describe(CLI::App &app, Arguments &arguments) {
    app.set_version_flag("--version", std::string("laurel-worker ") + kVersion);
    app.add_option("--config", arguments.config, "a file of NAME=value lines")->type_name("FILE");
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(kFooter);
    auto *run = app.add_subcommand("run", "delivers notifications and runs due jobs until it is stopped");
    run->add_flag("--once", arguments.is_once, "ends when nothing is due any more");
    app.add_subcommand("check",
                       "looks whether run would work: configuration, database, migrations, mail server");
    auto *retention = app.add_subcommand("retention", "removes what retention policies say is due");
    retention->add_flag("--dry-run", arguments.is_dry, "only counts it");
    auto *redrive =
        app.add_subcommand("redrive", "makes dead letters due again, all of them unless told otherwise");
    redrive->add_option("--channel", arguments.channel, "only those of this channel")
        ->check(CLI::IsMember({"email", "webhook", "push"}));
    redrive->add_option("--organization", arguments.organization, "only those of this organization")
        ->type_name("UUID");
    redrive->add_option("--id", arguments.ids, "only these")->type_name("UUID");
    auto *certificate =
        app.add_subcommand("certificate", "writes the certificate of a badge award, a page to print");
    certificate->add_option("award", arguments.award, "the award, of laurel.badge_awards")
        ->type_name("UUID")
        ->required();
    certificate->add_option("--out", arguments.out, "a file of HTML; else it is printed here")
        ->type_name("FILE");
    app.add_subcommand("status", "prints the queue, dead letters and jobs");
    app.add_subcommand("settings", "prints every setting with its default, as in .env.example");
}

void
Complain(const std::exception &error) {
    std::fprintf(stderr, "laurel-worker: %s\n", Redacted(error.what()).c_str());
}

} // namespace

int
main(int argc, char **argv) {
    Arguments arguments;
    CLI::App app("Carries Laurel's notifications out of the database: e-mail, webhooks, push.",
                 "laurel-worker");
    Describe(app, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        std::ostringstream out, complaint;
        const int code = app.exit(error, out, complaint);
        std::fputs(out.str().c_str(), stdout);
        std::fputs(Redacted(complaint.str()).c_str(), stderr);
        return code == 0 ? kDone : kUsage;
    }
    try {
        return RunVerb(app, arguments);
    } catch (const SettingsError &error) {
        Complain(error);
        return kUsage;
    } catch (const std::exception &error) {
        Complain(error);
        return kFailed;
    }
}
