#include "rules/actions.h"

#include "notifications/link.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/json_elements.h"

namespace laurel::rules {

namespace {

constexpr int64 kMostPoints = 1000000;

// What each is of, the reader of its kind says.
constexpr JsonKey kKeys[] = {{"kind", &kJsonAny},     {"amount", &kJsonAny},       {"reason", &kJsonAny},
                             {"badge_id", &kJsonAny}, {"title", &kJsonAny},        {"message", &kJsonAny},
                             {"link", &kJsonAny},     {"priority", &kJsonAny},     {"type", &kJsonAny},
                             {"data", &kJsonAny},     {"challenge_id", &kJsonAny}, {"progress", &kJsonAny}};
constexpr JsonElements kElements("actions", kKeys);

[[noreturn]] void
RefuseActions(const char *detail) {
    Refuse(
        {.message = "the actions of the rule cannot be done",
         .detail = detail,
         .hint =
             "Give one to ten objects such as {\"kind\": \"points\", \"amount\": 10}, {\"kind\": \"badge\", "
             "\"badge_id\": \"...\"}, {\"kind\": \"notification\", \"title\": \"...\"}, {\"kind\": "
             "\"event\", \"type\": \"...\"} or {\"kind\": \"challenge\", \"challenge_id\": \"...\", "
             "\"progress\": 1}.",
         .table = "gamification_rules",
         .constraint = "gamification_rules_actions_check"});
}

// One element of the list.
class Element {
public:
    Element(JsonbValue *value, int position) : position_(position) {
        if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
            RefuseActions(psprintf("Element %d is no object.", position));
        container_ = value->val.binary.data;
    }

    // A text; null where it is not there.
    const char *Text(const char *key, int most = 20000) const {
        JsonbValue value;
        if (!Find(key, &value))
            return nullptr;
        if (value.type != jbvString)
            Wrong(key, "a text");
        const char *text = pnstrdup(value.val.string.val, static_cast<Size>(value.val.string.len));
        const int length = pg_mbstrlen(text);
        if (length == 0 || length > most)
            Wrong(key, psprintf("1 to %d characters", most));
        return text;
    }

    const char *RequiredText(const char *key, int most = 20000) const {
        const char *text = Text(key, most);
        return text != nullptr ? text : Missing(key);
    }

    int64 Integer(const char *key, int64 least, int64 most, int64 otherwise) const {
        JsonbValue value;
        if (!Find(key, &value)) {
            if (otherwise < least)
                Missing(key);
            return otherwise;
        }
        bool fits = value.type == jbvNumeric;
        int64 number = 0;
        if (fits) {
            const Datum given = NumericGetDatum(value.val.numeric);
            const Datum whole = DirectFunctionCall2(numeric_trunc, given, Int32GetDatum(0));
            fits =
                DatumGetBool(DirectFunctionCall2(numeric_eq, given, whole)) && IsBetween(whole, least, most);
            number = fits ? DatumGetInt64(DirectFunctionCall1(numeric_int8, whole)) : 0;
        }
        if (!fits)
            Wrong(key, psprintf("a whole number from %lld to %lld", static_cast<long long>(least),
                                static_cast<long long>(most)));
        return number;
    }

    Uuid Id(const char *key) const {
        const char *text = RequiredText(key, 100);
        Uuid id;
        if (!ReadId(text, &id))
            Wrong(key, "an id (uuid)");
        return id;
    }

    // Refuses what actions of that kind do not take: it would be lost in silence.
    void RequireOnly(const char *kind, std::initializer_list<std::string_view> taken) const {
        for (const JsonKey &key : kKeys) {
            JsonbValue value;
            if (key.name != "kind" && std::find(taken.begin(), taken.end(), key.name) == taken.end() &&
                Find(key.name.data(), &value))
                RefuseActions(psprintf("Element %d: %s takes no %s.", position_, kind, key.name.data()));
        }
    }

    // An object; empty where it is not there.
    Jsonb *Object(const char *key) const {
        JsonbValue value;
        if (!Find(key, &value)) {
            JsonbParseState *state = nullptr;
            pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
            return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr));
        }
        if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
            Wrong(key, "an object");
        return JsonbValueToJsonb(&value);
    }

    [[noreturn]] void Wrong(const char *key, const char *wanted) const {
        RefuseActions(psprintf("Element %d: %s must be %s.", position_, key, wanted));
    }

    [[noreturn]] void Twice(const char *kind) const {
        RefuseActions(psprintf("Element %d: the rule has a %s already.", position_, kind));
    }

private:
    bool Find(const char *key, JsonbValue *value) const {
        return getKeyJsonValueFromContainer(container_, key, static_cast<int>(strlen(key)), value) !=
                   nullptr &&
               value->type != jbvNull;
    }

    [[noreturn]] const char *Missing(const char *key) const {
        RefuseActions(psprintf("Element %d has no %s.", position_, key));
    }

    static bool ReadId(const char *text, Uuid *id) {
        try {
            guard([text, id] { *id = ToUuid(DirectFunctionCall1(uuid_in, CStringGetDatum(text))); });
            return true;
        } catch (const PostgresError &error) {
            if (error.data()->sqlerrcode != ERRCODE_INVALID_TEXT_REPRESENTATION)
                ReThrowError(error.data());
            FreeErrorData(error.data());
            return false;
        }
    }

    static bool IsBetween(Datum number, int64 least, int64 most) {
        const auto compare = [number](PGFunction how, int64 with) {
            return DatumGetBool(DirectFunctionCall2(how, number, NumericGetDatum(int64_to_numeric(with))));
        };
        return compare(numeric_ge, least) && compare(numeric_le, most);
    }

    JsonbContainer *container_;
    int position_;
};

void
ReadPoints(const Element &element, Actions *actions) {
    element.RequireOnly("points", {"amount", "reason"});
    if (actions->points != 0)
        element.Twice("payment of points");
    actions->points = element.Integer("amount", 1, kMostPoints, 0);
    actions->reason = element.Text("reason", 2000);
}

void
ReadBadge(const Element &element, Actions *actions) {
    element.RequireOnly("badge", {"badge_id"});
    const Uuid badge = element.Id("badge_id");
    const Uuid *end = actions->badges + actions->badge_count;
    if (std::find(static_cast<const Uuid *>(actions->badges), end, badge) != end)
        element.Twice("award of this badge");
    actions->badges[actions->badge_count++] = badge;
}

void
ReadNotification(const Element &element, Actions *actions) {
    element.RequireOnly("notification", {"title", "type", "message", "link", "priority"});
    if (actions->title != nullptr)
        element.Twice("notification");
    actions->title = element.RequiredText("title", 200);
    const char *type = element.Text("type", 50);
    actions->notification_type = type != nullptr ? type : "rule_fired";
    actions->message = element.Text("message");
    actions->link = element.Text("link", 2000);
    if (actions->link != nullptr && !notifications::IsLink(actions->link))
        element.Wrong("link",
                      "a place in the application or an address, without blanks at its ends or a script");
    actions->priority = static_cast<int16>(element.Integer("priority", 0, 9, 5));
    constexpr int16 kPriorities[] = {0, 1, 5, 9};
    if (std::find(std::begin(kPriorities), std::end(kPriorities), actions->priority) == std::end(kPriorities))
        element.Wrong("priority", "0, 1, 5 or 9");
}

void
ReadEvent(const Element &element, Actions *actions) {
    element.RequireOnly("event", {"type", "data"});
    if (actions->event_type != nullptr)
        element.Twice("event");
    actions->event_type = element.RequiredText("type", 100);
    actions->event_data = element.Object("data");
}

void
ReadChallenge(const Element &element, Actions *actions) {
    element.RequireOnly("challenge", {"challenge_id", "progress"});
    if (actions->progress != 0)
        element.Twice("progress of a challenge");
    actions->challenge = element.Id("challenge_id");
    actions->progress = element.Integer("progress", 1, kMostPoints, 0);
}

struct Kind {
    std::string_view name;
    void (*read)(const Element &, Actions *);
};
constexpr Kind kKinds[] = {{"points", ReadPoints},
                           {"badge", ReadBadge},
                           {"notification", ReadNotification},
                           {"event", ReadEvent},
                           {"challenge", ReadChallenge}};

void
ReadOne(const Element &element, Actions *actions) {
    const std::string_view name = element.RequiredText("kind", 100);
    const Kind *kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                    [name](const Kind &known) { return known.name == name; });
    if (kind == std::end(kKinds))
        element.Wrong("kind", "points, badge, notification, event or challenge");
    kind->read(element, actions);
}

// What a rule's actions bring about, as a type of event.
const char *
Causes(const Actions &actions, std::string_view event_type) {
    if (actions.points != 0 && event_type == "points_earned")
        return "It pays points when points are paid.";
    if (actions.badge_count > 0 && event_type == "badge_earned")
        return "It awards a badge when a badge is awarded.";
    if (actions.event_type != nullptr && event_type == actions.event_type)
        return "It makes an event of the type that it listens to.";
    return nullptr;
}

} // namespace

Actions
ReadActions(Datum datum) {
    Jsonb *list = DatumGetJsonbP(datum);
    const auto count = JB_ROOT_IS_ARRAY(list) && !JB_ROOT_IS_SCALAR(list) ? JB_ROOT_COUNT(list) : 0;
    if (count < 1 || count > Actions::kMost)
        RefuseActions("It is no list of one to ten objects.");
    RequireKnownKeys(kElements, datum);
    Actions actions;
    for (uint32 i = 0; i < count; i++)
        ReadOne(Element(getIthJsonbValueFromContainer(&list->root, i), static_cast<int>(i) + 1), &actions);
    return actions;
}

void
RefuseLoop(const Actions &actions, std::string_view event_type) {
    const char *cause = Causes(actions, event_type);
    if (cause != nullptr)
        Refuse({.message = "the rule would fire itself",
                .detail = cause,
                .hint = "Let it listen to another type of event, or do something else.",
                .table = "gamification_rules",
                .constraint = "gamification_rules_actions_loop"});
}

} // namespace laurel::rules
