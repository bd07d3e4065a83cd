// The words that criteria of badges are written in, and that conditions of rules find under `stats`.
#pragma once

#include <cstddef>
#include <iterator>
#include <string_view>

namespace laurel::rules {

// In the order of kWords.
enum class Word : int {
    PointsTotal,
    PointsLifetime,
    PointsThisWeek,
    PointsThisMonth,
    Level,
    Tier,
    StreakDays,
    LongestStreak,
    BadgesEarned,
    Badges,
    CoursesCompleted,
    ModulesCompleted,
    PathsCompleted,
    EventsAttended,
    RecognitionsGiven,
    RecognitionsReceived,
    OnboardingCompleted,
    TeamsJoined,
    ChallengesCompleted,
    Events,
};

// What stands behind a word.
enum class WordKind {
    Number,
    Tier,   // the name of one
    Flag,   // true or false
    Slugs,  // of badges
    Counts, // of domain events, by type
};

// What moves it.
enum class WordSource { Points, Streak, Event };

struct WordInfo {
    std::string_view name;
    WordKind kind;
    WordSource source;
    std::string_view event; // the type of the domain event after which it is another
};

constexpr WordInfo kWords[] = {
    {"pointsTotal", WordKind::Number, WordSource::Points, {}},
    {"pointsLifetime", WordKind::Number, WordSource::Points, {}},
    {"pointsThisWeek", WordKind::Number, WordSource::Points, {}},
    {"pointsThisMonth", WordKind::Number, WordSource::Points, {}},
    {"level", WordKind::Number, WordSource::Points, {}},
    {"tier", WordKind::Tier, WordSource::Event, "tier_changed"},
    {"streakDays", WordKind::Number, WordSource::Streak, {}},
    {"longestStreak", WordKind::Number, WordSource::Streak, {}},
    {"badgesEarned", WordKind::Number, WordSource::Event, "badge_earned"},
    {"badges", WordKind::Slugs, WordSource::Event, "badge_earned"},
    {"coursesCompleted", WordKind::Number, WordSource::Event, "course_completed"},
    {"modulesCompleted", WordKind::Number, WordSource::Event, "module_completed"},
    {"pathsCompleted", WordKind::Number, WordSource::Event, "path_completed"},
    {"eventsAttended", WordKind::Number, WordSource::Event, "event_attended"},
    {"recognitionsGiven", WordKind::Number, WordSource::Event, "recognition_given"},
    {"recognitionsReceived", WordKind::Number, WordSource::Event, "recognition_received"},
    {"onboardingCompleted", WordKind::Flag, WordSource::Event, "onboarding_completed"},
    {"teamsJoined", WordKind::Number, WordSource::Event, "team_joined"},
    {"challengesCompleted", WordKind::Number, WordSource::Event, "challenge_completed"},
    {"events", WordKind::Counts, WordSource::Event, {}},
};

constexpr int kWordCount = static_cast<int>(std::size(kWords));
static_assert(kWordCount == static_cast<int>(Word::Events) + 1);

constexpr const WordInfo &
InfoOf(Word word) {
    return kWords[static_cast<int>(word)];
}

// Whether it stands in a column of the points account, so that it need not be counted.
constexpr bool
IsOfAccount(Word word) {
    return word == Word::Tier || InfoOf(word).source != WordSource::Event;
}

// What a hint says where a word is not known.
constexpr const char *kWordsThereAre =
    "There are pointsTotal, pointsLifetime, pointsThisWeek, pointsThisMonth, level, tier, streakDays, "
    "longestStreak, badgesEarned, badges, coursesCompleted, modulesCompleted, pathsCompleted, "
    "eventsAttended, "
    "recognitionsGiven, recognitionsReceived, onboardingCompleted, teamsJoined, challengesCompleted and "
    "events.";

// The word of that name; false where there is none.
bool FindWord(std::string_view name, Word *word);

// " Did you mean ...?" where a word is near, else nothing. Palloc'd.
const char *MeantWord(std::string_view name);

} // namespace laurel::rules
