#include "notifications/preferences.h"

#include "postgres/bridge.h"

namespace laurel::notifications {

namespace {

// A member of an object; a view into it. Nothing where there is no object or no such member.
std::optional<JsonbValue>
Member(const JsonbContainer *object, std::string_view key) {
    JsonbValue value;
    if (object == nullptr || !JsonContainerIsObject(object) ||
        getKeyJsonValueFromContainer(const_cast<JsonbContainer *>(object), key.data(),
                                     static_cast<int>(key.size()), &value) == nullptr)
        return {};
    return value;
}

const JsonbContainer *
ObjectMember(const JsonbContainer *object, std::string_view key) {
    const std::optional<JsonbValue> value = Member(object, key);
    return value && value->type == jbvBinary ? value->val.binary.data : nullptr;
}

std::optional<bool>
Flag(const JsonbContainer *object, std::string_view key) {
    const std::optional<JsonbValue> value = Member(object, key);
    return value && value->type == jbvBool ? std::optional(value->val.boolean) : std::nullopt;
}

std::string_view
TextMember(const JsonbContainer *object, std::string_view key) {
    const std::optional<JsonbValue> value = Member(object, key);
    if (!value || value->type != jbvString)
        return {};
    return {value->val.string.val, static_cast<size_t>(value->val.string.len)};
}

const JsonbContainer *
Root(const Jsonb *jsonb) {
    return jsonb == nullptr ? nullptr : &jsonb->root;
}

std::optional<bool>
TypeFlag(const Jsonb *preferences, std::string_view type, std::string_view key) {
    return Flag(ObjectMember(ObjectMember(Root(preferences), "types"), type), key);
}

// What the first of the two that mentions `key` says there: an object, or nothing where it says false.
const JsonbContainer *
FirstObject(const JsonbContainer *first, const JsonbContainer *second, std::string_view key) {
    return Member(first, key) ? ObjectMember(first, key) : ObjectMember(second, key);
}

} // namespace

bool
Wants(const Preferences &preferences, std::string_view channel, std::string_view type) {
    for (const Jsonb *said : {preferences.user, preferences.organization}) {
        if (said == nullptr || JB_ROOT_COUNT(said) == 0)
            continue;
        if (const std::optional<bool> wanted = TypeFlag(said, type, channel))
            return *wanted;
        if (const std::optional<bool> wanted = Flag(ObjectMember(Root(said), "channels"), channel))
            return *wanted;
    }
    return channel != "push";
}

bool
WantsVerified(const Jsonb *organization) {
    return Flag(Root(organization), "verified_only").value_or(false);
}

std::optional<kernel::QuietHours>
QuietHoursOf(const Preferences &preferences) {
    const JsonbContainer *quiet =
        FirstObject(Root(preferences.user), Root(preferences.organization), "quiet_hours");
    const std::optional<int> start = kernel::ParseClock(TextMember(quiet, "start")),
                             end = kernel::ParseClock(TextMember(quiet, "end"));
    if (!start || !end)
        return {};
    return kernel::QuietHours{*start, *end};
}

std::optional<kernel::DigestWindow>
DigestOf(const Preferences &preferences, std::string_view channel, std::string_view type) {
    const JsonbContainer *digest =
        FirstObject(ObjectMember(Root(preferences.user), "digest"),
                    ObjectMember(Root(preferences.organization), "digest"), channel);
    const std::optional<int> minutes = kernel::ParseWindow(TextMember(digest, "window"));
    if (!minutes)
        return {};
    const std::optional<bool> joins = TypeFlag(preferences.user, type, "digest");
    if (!joins.value_or(TypeFlag(preferences.organization, type, "digest").value_or(true)))
        return {};
    kernel::DigestWindow window = {.minutes = *minutes};
    window.at = kernel::ParseClock(TextMember(digest, "at")).value_or(window.at);
    window.weekday = kernel::ParseWeekday(TextMember(digest, "day")).value_or(window.weekday);
    return window;
}

} // namespace laurel::notifications
