#include "log.h"

#include <chrono>
#include <ctime>

#include <nlohmann/json.hpp>
#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "settings/words.h"

namespace laurel::worker {

namespace {

// One JSON object a line: the message is escaped, which a pattern cannot do.
class JsonFormatter : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg &message, spdlog::memory_buf_t &out) override {
        const auto level = spdlog::level::to_string_view(message.level);
        const nlohmann::ordered_json line{
            {"time", Time(message.time)},
            {"level", std::string(level.data(), level.size())},
            {"message", Redacted({message.payload.data(), message.payload.size()})},
        };
        const std::string text =
            line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
        out.append(text.data(), text.data() + text.size());
    }

    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }

private:
    static std::string Time(spdlog::log_clock::time_point time) {
        const auto since = time.time_since_epoch();
        const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
        const std::time_t seconds = static_cast<std::time_t>(milliseconds / 1000);
        std::tm parts{};
        gmtime_r(&seconds, &parts);
        char day[32];
        std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
        char text[48];
        std::snprintf(text, sizeof text, "%s.%03dZ", day, static_cast<int>(milliseconds % 1000));
        return text;
    }
};

// The message of a line of text.
class RedactedMessage : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg &message, const std::tm &,
                spdlog::memory_buf_t &out) override {
        const std::string text = Redacted({message.payload.data(), message.payload.size()});
        out.append(text.data(), text.data() + text.size());
    }

    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<RedactedMessage>();
    }
};

std::unique_ptr<spdlog::formatter>
TextFormatter() {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<RedactedMessage>('*').set_pattern("%Y-%m-%d %H:%M:%S.%e %l: %*");
    return formatter;
}

} // namespace

void
StartLog(const std::string &form, const std::string &level) {
    auto logger =
        std::make_shared<spdlog::logger>("laurel", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    if (form == "json")
        logger->set_formatter(std::make_unique<JsonFormatter>());
    else
        logger->set_formatter(TextFormatter());
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(logger);
    SetLogLevel(level);
}

void
SetLogLevel(const std::string &level) {
    spdlog::set_level(spdlog::level::from_str(level));
}

} // namespace laurel::worker
