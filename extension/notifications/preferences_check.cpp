// The shape of notification preferences, so that nobody's wish is lost to a typing error.

#include "kernel/wall_clock.h"
#include "kernel/web_address.h"
#include "notifications/channels.h"
#include "postgres/bridge.h"
#include "postgres/datum.h"
#include "postgres/error.h"
#include "postgres/json_elements.h"

namespace laurel::notifications {

namespace {

constexpr size_t kMaxTypes = 200;
constexpr int kLongestType = 50;

// With the user's id and a type filled in it still fits in the line of a message.
constexpr size_t kLongestUnsubscribeLink = 250;

// Where the reader is: whose preferences, and the place in them.
struct Place {
    bool of_organization;
    const char *path;
};

[[noreturn]] void
Wrong(const Place &place, const char *detail, const char *hint = nullptr) {
    Refuse({.message = "these are no notification preferences",
            .detail = psprintf("%s: %s", place.path, detail),
            .hint = hint,
            .table = place.of_organization ? "organizations" : "user_preferences",
            .constraint = place.of_organization ? "organizations_settings_notifications_check"
                                                : "user_preferences_notification_preferences_shape_check"});
}

Place
Inside(const Place &place, std::string_view key) {
    return {place.of_organization, psprintf("%s.%s", place.path, ShortText(key))};
}

// `names` are those that there are, which the hint lists.
[[noreturn]] void
UnknownKey(const Place &place, std::string_view key, std::initializer_list<std::string_view> names,
           const char *hint) {
    kernel::Nearest nearest(key);
    for (const std::string_view name : names)
        nearest.Look(name);
    Wrong(Inside(place, key), "there is no such setting.", psprintf("%s%s", hint, MeantName(nearest)));
}

[[noreturn]] void
WrongValue(const Place &place, const char *must_be, const JsonbValue &value) {
    Wrong(place, psprintf("must be %s, not %s.", must_be, ShortValue(value)));
}

// Calls check(key, value) for each member of an object.
template <typename Check>
void
EachMember(const Place &place, const JsonbValue &value, Check check) {
    if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
        WrongValue(place, "an object", value);
    JsonbIterator *iterator = JsonbIteratorInit(value.val.binary.data);
    JsonbValue key, member;
    JsonbIteratorNext(&iterator, &key, true);
    while (JsonbIteratorNext(&iterator, &key, true) == WJB_KEY) {
        JsonbIteratorNext(&iterator, &member, true);
        check(std::string_view(key.val.string.val, static_cast<size_t>(key.val.string.len)), member);
    }
}

void
CheckFlag(const Place &place, const JsonbValue &value) {
    if (value.type != jbvBool)
        WrongValue(place, "true or false", value);
}

std::string_view
CheckText(const Place &place, const JsonbValue &value) {
    if (value.type != jbvString)
        WrongValue(place, "a text", value);
    return {value.val.string.val, static_cast<size_t>(value.val.string.len)};
}

int
CheckClock(const Place &place, const JsonbValue &value) {
    const std::optional<int> minute = kernel::ParseClock(CheckText(place, value));
    if (!minute)
        WrongValue(place, "a time of day such as 07:30", value);
    return *minute;
}

bool
IsChannel(std::string_view key) {
    return ChannelNamed(key) < kChannels || key == "in_app";
}

void
CheckChannels(const Place &place, const JsonbValue &value) {
    EachMember(place, value, [&](std::string_view key, const JsonbValue &member) {
        if (!IsChannel(key))
            UnknownKey(place, key, {"email", "push", "webhook", "in_app"},
                       "Channels are email, push, webhook and in_app.");
        CheckFlag(Inside(place, key), member);
    });
}

void
CheckType(const Place &place, const JsonbValue &value) {
    EachMember(place, value, [&](std::string_view key, const JsonbValue &member) {
        if (!IsChannel(key) && key != "digest")
            UnknownKey(place, key, {"email", "push", "webhook", "in_app", "digest"},
                       "A type has email, push, webhook, in_app and digest.");
        CheckFlag(Inside(place, key), member);
    });
}

void
CheckTypes(const Place &place, const JsonbValue &value) {
    size_t count = 0;
    EachMember(place, value, [&](std::string_view key, const JsonbValue &member) {
        if (++count > kMaxTypes)
            Wrong(place, "has more than 200 types.");
        if (key.empty() || pg_mbstrlen_with_len(key.data(), static_cast<int>(key.size())) > kLongestType)
            Wrong(place, "the name of a type has 1 to 50 characters.");
        CheckType(Inside(place, key), member);
    });
}

bool
IsFalse(const JsonbValue &value) {
    return value.type == jbvBool && !value.val.boolean;
}

void
CheckQuietHours(const Place &place, const JsonbValue &value) {
    std::optional<int> start, end;
    if (IsFalse(value))
        return;
    EachMember(place, value, [&](std::string_view key, const JsonbValue &member) {
        if (key != "start" && key != "end")
            UnknownKey(place, key, {"start", "end"}, "Quiet hours have start and end.");
        (key == "start" ? start : end) = CheckClock(Inside(place, key), member);
    });
    if (!start || !end)
        Wrong(place, "needs start and end.");
    if (*start == *end)
        Wrong(place, "start and end are the same.", "Leave quiet_hours out, or set it to false.");
}

void
CheckWindow(const Place &place, const JsonbValue &value) {
    if (!kernel::ParseWindow(CheckText(place, value)))
        Wrong(place, "must be 15 or more minutes or hours that divide a day, 1 day or 1 week.",
              "For example \"30 minutes\", \"4 hours\" or \"1 day\".");
}

void
CheckDigest(const Place &place, const JsonbValue &value) {
    bool has_window = false;
    if (IsFalse(value))
        return;
    EachMember(place, value, [&](std::string_view key, const JsonbValue &member) {
        const Place here = Inside(place, key);
        if (key == "window") {
            CheckWindow(here, member);
            has_window = true;
        } else if (key == "at") {
            CheckClock(here, member);
        } else if (key == "day") {
            if (!kernel::ParseWeekday(CheckText(here, member)))
                WrongValue(here, "the name of a day in lower case, such as monday", member);
        } else {
            UnknownKey(place, key, {"window", "at", "day"}, "A digest has window, at and day.");
        }
    });
    if (!has_window)
        Wrong(place, "needs a window.", "For example \"1 day\".");
}

void
CheckDigests(const Place &place, const JsonbValue &value) {
    EachMember(place, value, [&](std::string_view key, const JsonbValue &member) {
        if (key != "email" && key != "push")
            UnknownKey(place, key, {"email", "push"}, "Digests are for email and push.");
        CheckDigest(Inside(place, key), member);
    });
}

// A link to put into messages.
void
CheckLinkOf(const Place &place, const JsonbValue &value, size_t longest) {
    const std::string_view link = CheckText(place, value);
    for (const char c : link)
        if (c <= ' ' || c >= '\x7f' || c == '<' || c == '>' || c == '"')
            Wrong(place, "has blanks or characters that must be percent-encoded.");
    if (!link.starts_with("https://") && !link.starts_with("http://") && !link.starts_with("mailto:"))
        Wrong(place, "must begin with https:// (or http:// or mailto:).");
    if (link.size() > longest)
        Wrong(place, psprintf("is longer than %d characters.", static_cast<int>(longest)));
}

// What the links of notifications are joined with.
void
CheckBase(const Place &place, const JsonbValue &value) {
    CheckLinkOf(place, value, kernel::kMaxWebAddress);
    const std::string_view base = CheckText(place, value);
    if (!base.starts_with("http") || base.find_first_of("?#") != std::string_view::npos)
        Wrong(place, "must be the address of a site, without a question mark or a fragment (#).",
              "For example https://learn.example.com.");
}

bool
HasTwice(std::string_view text, std::string_view part) {
    return text.find(part) != text.rfind(part);
}

// {{user_id}} and {{type}} in it, or {{token}}, are filled in, each once: so much has room in a line.
void
CheckUnsubscribeLink(const Place &place, const JsonbValue &value) {
    CheckLinkOf(place, value, kLongestUnsubscribeLink);
    const std::string_view link = CheckText(place, value);
    const bool has_token = link.find("{{token}}") != std::string_view::npos;
    if (has_token && (link.find("{{type}}") != std::string_view::npos || !link.starts_with("https://")))
        Wrong(place, "has {{token}} and {{type}}, or does not begin with https://.",
              "A token says who and which type: leave {{type}} out.");
    for (const std::string_view field : {"{{token}}", "{{user_id}}", "{{type}}"})
        if (HasTwice(link, field))
            Wrong(place, psprintf("has %s more than once.", CString(field)), "Leave one of them.");
}

void
CheckSuppressAfter(const Place &place, const JsonbValue &value) {
    constexpr int most = 10;
    const double number = value.type == jbvNumeric
                              ? DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
                                                                   NumericGetDatum(value.val.numeric)))
                              : 0;
    if (number < 1 || number > most || number != static_cast<int>(number))
        Wrong(place, "must be a whole number from 1 to 10.");
}

struct Setting {
    std::string_view key;
    void (*check)(const Place &place, const JsonbValue &value);
    bool organizations_only;
};

constexpr Setting kSettings[] = {{"channels", CheckChannels, false},
                                 {"types", CheckTypes, false},
                                 {"quiet_hours", CheckQuietHours, false},
                                 {"digest", CheckDigests, false},
                                 {"verified_only", CheckFlag, true},
                                 {"base_url", CheckBase, true},
                                 {"unsubscribe_url", CheckUnsubscribeLink, true},
                                 {"suppress_after", CheckSuppressAfter, true}};

void
CheckSetting(const Place &place, std::string_view key, const JsonbValue &value) {
    for (const Setting &setting : kSettings)
        if (setting.key == key && (place.of_organization || !setting.organizations_only))
            return setting.check(Inside(place, key), value);
    if (!place.of_organization)
        UnknownKey(place, key, {"channels", "types", "quiet_hours", "digest"},
                   "There are channels, types, quiet_hours and digest.");
    UnknownKey(place, key,
               {"channels", "types", "quiet_hours", "digest", "verified_only", "base_url", "unsubscribe_url",
                "suppress_after"},
               "There are channels, types, quiet_hours, digest, verified_only, base_url, unsubscribe_url and "
               "suppress_after.");
}

} // namespace

// laurel_internal.check_notification_preferences(preferences, of_organization)
LAUREL_FUNCTION(laurel_check_notification_preferences) {
    if (PG_ARGISNULL(0))
        PG_RETURN_BOOL(true);
    const bool of_organization = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);
    const Place place = {of_organization,
                         of_organization ? "settings.notifications" : "notification_preferences"};
    JsonbValue root;
    Jsonb *preferences = PG_GETARG_JSONB_P(0);
    if (JB_ROOT_IS_SCALAR(preferences) || !JB_ROOT_IS_OBJECT(preferences))
        Wrong(place, "must be an object.");
    root.type = jbvBinary;
    root.val.binary.data = &preferences->root;
    root.val.binary.len = VARSIZE(preferences);
    EachMember(place, root,
               [&](std::string_view key, const JsonbValue &value) { CheckSetting(place, key, value); });
    PG_RETURN_BOOL(true);
}

} // namespace laurel::notifications
