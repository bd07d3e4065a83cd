// Which statistics of a member are read: only those that somebody names.
#pragma once

#include "postgres/pg.h"
#include "rules/words.h"

extern "C" {
#include "utils/jsonpath.h"
}

namespace laurel::rules {

// How far back events count, up to a moment: from the beginning of its day, week or month on the
// organization's calendar, all, or so many times 24 hours.
enum class Window : int { Day, Week, Month, Total, Last7Days, Last30Days };

constexpr std::string_view kWindows[] = {"day", "week", "month", "total", "last7Days", "last30Days"};
constexpr int kWindowCount = static_cast<int>(std::size(kWindows));

// Events of one type in one window.
struct EventCount {
    std::string_view type;
    Window window;

    friend bool operator==(const EventCount &, const EventCount &) = default;
};

// What is wrong with a condition, as a sentence, and what to do; null where nothing is. Palloc'd.
struct WantedFault {
    const char *detail = nullptr;
    const char *hint = nullptr;
};

// A key as a path names it, quoted where need be. Palloc'd.
const char *PathKey(std::string_view name);

// Some statistics. What it adds is kept in the memory context in which it is added first.
class Wanted {
public:
    void Add(Word word) { words_ |= 1U << static_cast<int>(word); }
    void Add(const EventCount &count);
    void Add(const Wanted &other);

    bool Has(Word word) const { return (words_ & (1U << static_cast<int>(word))) != 0; }
    bool is_nothing() const { return words_ == 0; }

    // Those of them that are columns of the points account, where all of them are looked up at once.
    Wanted OfAccounts() const {
        Wanted some;
        for (int word = 0; word < kWordCount; word++)
            if (Has(static_cast<Word>(word)) && IsOfAccount(static_cast<Word>(word)))
                some.Add(static_cast<Word>(word));
        return some;
    }
    int count() const { return count_; }
    const EventCount &operator[](int index) const { return counts_[index]; }

    // Where a count stands; -1 where it is not wanted.
    int Find(const EventCount &count) const;

private:
    uint32 words_ = 0;
    EventCount *counts_ = nullptr;
    int count_ = 0;
    int room_ = 0;
};

static_assert(kWordCount <= 32);

// Adds what a condition names under $.stats: a word, or events.<type>.<window>. A condition that names none
// adds nothing. At fault is one that reads all of them, or a key that is nowhere under $, $.event, $.user or
// $.stats: it would never hold, and nobody would be told.
WantedFault AddNamed(JsonPath *condition, Wanted *wanted);

} // namespace laurel::rules
