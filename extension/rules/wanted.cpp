#include "rules/wanted.h"

#include "kernel/nearest.h"
#include "postgres/datum.h"
#include "postgres/json_elements.h"
#include "postgres/list.h"

extern "C" {
#include "utils/json.h"
}

namespace laurel::rules {

namespace {

// Where a path stands in {"event", "user", "stats"}.
enum class Place { Elsewhere, Root, Event, User, Stats, Events, Type };

constexpr std::string_view kEventKeys[] = {"id", "user_id", "type", "occurred_at", "data"};
constexpr std::string_view kUserKeys[] = {"id", "joined_at", "tier", "level", "team_id", "teams", "roles"};

constexpr const char *kEventKeysThereAre =
    "There are id, user_id, type, occurred_at and data; what an event says itself is in $.event.data.";
constexpr const char *kUserKeysThereAre = "There are id, joined_at, tier, level, team_id, teams and roles.";
constexpr const char *kRootKeysThereAre =
    "There are $.event, $.user and $.stats; what an event says itself is in $.event.data.";
constexpr const char *kWindowsThereAre = "there are day, week, month, total, last7Days and last30Days";

template <typename Names>
bool
IsOneOf(const Names &names, std::string_view name) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

struct Position {
    Place place = Place::Elsewhere;
    std::string_view type = {}; // of events, at Place::Type
    bool is_filtered = false;   // by what stands in ? (), which names windows itself
};

// Of events, in one condition: each is a number for each member who is looked at.
constexpr int kMostCounts = 20;

// Walks through a condition and notes what it names.
class ConditionReader {
public:
    explicit ConditionReader(Wanted *wanted) : wanted_(wanted) {}

    // Reads an expression in which @ stands there.
    void Read(JsonPathItem *item, const Position &current) {
        Position at;
        if (item->type == jpiRoot)
            at.place = Place::Root;
        else if (item->type == jpiCurrent)
            at = current;
        else
            ReadOperands(item, current);
        JsonPathItem next;
        for (JsonPathItem here = *item; jspGetNext(&here, &next); here = next)
            Step(&next, &at);
        if (at.place == Place::Type && !at.is_filtered)
            NoWindow(at.type);
    }

    const WantedFault &fault() const { return fault_; }

private:
    void ReadOperands(JsonPathItem *item, const Position &current) {
        JsonPathItem operand;
        switch (item->type) {
        case jpiAnd:
        case jpiOr:
        case jpiEqual:
        case jpiNotEqual:
        case jpiLess:
        case jpiGreater:
        case jpiLessOrEqual:
        case jpiGreaterOrEqual:
        case jpiAdd:
        case jpiSub:
        case jpiMul:
        case jpiDiv:
        case jpiMod:
        case jpiStartsWith:
            jspGetLeftArg(item, &operand);
            Read(&operand, current);
            jspGetRightArg(item, &operand);
            return Read(&operand, current);
        case jpiNot:
        case jpiIsUnknown:
        case jpiPlus:
        case jpiMinus:
        case jpiExists:
            jspGetArg(item, &operand);
            return Read(&operand, current);
        case jpiLikeRegex:
            jspInitByBuffer(&operand, item->base, item->content.like_regex.expr);
            return Read(&operand, current);
        default:
            return;
        }
    }

    void Step(JsonPathItem *item, Position *at) {
        JsonPathItem part;
        switch (item->type) {
        case jpiKey: {
            int32 length;
            const char *name = jspGetString(item, &length);
            return Enter({name, static_cast<size_t>(length)}, at);
        }
        case jpiFilter:
            jspGetArg(item, &part);
            Read(&part, *at);
            at->is_filtered = true;
            return;
        case jpiIndexArray:
            return ReadSubscripts(item, *at);
        case jpiAnyKey:
        case jpiAny:
        case jpiKeyValue:
            if (at->place == Place::Root || at->place >= Place::Stats)
                Fail("It reads all statistics at once.",
                     "Name each: $.stats.pointsTotal, or $.stats.events.module_completed.week.");
            at->place = Place::Elsewhere;
            return;
        case jpiAnyArray:
            return; // of an object, the object itself
        default:
            if (at->place == Place::Type)
                NoWindow(at->type);
            at->place = Place::Elsewhere;
        }
    }

    void ReadSubscripts(JsonPathItem *item, const Position &at) {
        for (int i = 0; i < item->content.array.nelems; i++) {
            JsonPathItem from, to;
            const bool is_range = jspGetArraySubscript(item, &from, &to, i);
            Read(&from, at);
            if (is_range)
                Read(&to, at);
        }
    }

    void Enter(std::string_view name, Position *at) {
        switch (at->place) {
        case Place::Root:
            return EnterRoot(name, at);
        case Place::Event:
            at->place = Place::Elsewhere;
            return RequireKey(kEventKeys, name, ".event", kEventKeysThereAre);
        case Place::User:
            at->place = Place::Elsewhere;
            return RequireKey(kUserKeys, name, ".user", kUserKeysThereAre);
        case Place::Stats:
            return EnterWord(name, at);
        case Place::Events:
            *at = {Place::Type, name};
            return;
        case Place::Type:
            EnterWindow(name, at->type);
            at->place = Place::Elsewhere;
            return;
        case Place::Elsewhere:
            return;
        }
    }

    void EnterRoot(std::string_view name, Position *at) {
        at->place = name == "stats"   ? Place::Stats
                    : name == "event" ? Place::Event
                    : name == "user"  ? Place::User
                                      : Place::Elsewhere;
        if (at->place == Place::Elsewhere)
            Unknown("", name, kRootKeysThereAre, "");
    }

    template <typename Names>
    void RequireKey(const Names &names, std::string_view name, const char *within, const char *there_are) {
        if (IsOneOf(names, name))
            return;
        kernel::Nearest nearest(name);
        for (const std::string_view known : names)
            nearest.Look(known);
        Unknown(within, name, there_are, MeantName(nearest));
    }

    void Unknown(const char *within, std::string_view name, const char *there_are, const char *meant) {
        Fail(psprintf("There is no $%s.%s.", within, PathKey(name)), psprintf("%s%s", there_are, meant));
    }

    void EnterWord(std::string_view name, Position *at) {
        Word word;
        at->place = Place::Elsewhere;
        if (!FindWord(name, &word))
            return Unknown(".stats", name, kWordsThereAre, MeantWord(name));
        if (word == Word::Events)
            at->place = Place::Events;
        else
            wanted_->Add(word);
    }

    void EnterWindow(std::string_view name, std::string_view type) {
        const auto *found = std::find(std::begin(kWindows), std::end(kWindows), name);
        if (found == std::end(kWindows))
            return NoWindow(type);
        wanted_->Add(EventCount{type, static_cast<Window>(found - std::begin(kWindows))});
    }

    void NoWindow(std::string_view type) {
        if (IsOneOf(kWindows, type))
            return Fail("It does not say events of which type it counts.",
                        psprintf("Write $.stats.events.module_completed.%s.", CString(type)));
        Fail(psprintf("It does not say in which window it counts events of type \"%s\".", CString(type)),
             psprintf("Write $.stats.events.%s.week; %s.", PathKey(type), kWindowsThereAre));
    }

    // The first fault is the one that is told.
    void Fail(const char *detail, const char *hint) {
        if (fault_.detail == nullptr)
            fault_ = {detail, hint};
    }

    Wanted *wanted_;
    WantedFault fault_;
};

} // namespace

const char *
PathKey(std::string_view name) {
    const bool is_plain =
        !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
            std::string_view::npos;
    if (is_plain)
        return CString(name);
    StringInfoData text;
    initStringInfo(&text);
    escape_json(&text, CString(name));
    return text.data;
}

int
Wanted::Find(const EventCount &count) const {
    for (int i = 0; i < count_; i++)
        if (counts_[i] == count)
            return i;
    return -1;
}

void
Wanted::Add(const EventCount &count) {
    Add(Word::Events);
    if (Find(count) >= 0)
        return;
    if (count_ == room_) {
        room_ = std::max(4, room_ * 2);
        const Size size = sizeof(EventCount) * static_cast<Size>(room_);
        counts_ = static_cast<EventCount *>(counts_ == nullptr ? palloc(size) : repalloc(counts_, size));
    }
    char *type =
        static_cast<char *>(MemoryContextAlloc(GetMemoryChunkContext(counts_), count.type.size() + 1));
    std::copy(count.type.begin(), count.type.end(), type);
    counts_[count_++] = {{type, count.type.size()}, count.window};
}

void
Wanted::Add(const Wanted &other) {
    words_ |= other.words_;
    for (int i = 0; i < other.count_; i++)
        Add(other.counts_[i]);
}

WantedFault
AddNamed(JsonPath *condition, Wanted *wanted) {
    JsonPathItem item;
    jspInit(&item, condition);
    ConditionReader reader(wanted);
    reader.Read(&item, {});
    if (reader.fault().detail == nullptr && wanted->count() > kMostCounts)
        return {psprintf("It counts events of more than %d types and windows.", kMostCounts),
                "Let several rules look at them."};
    return reader.fault();
}

} // namespace laurel::rules
