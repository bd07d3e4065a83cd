// What a rule does when its condition holds.
#pragma once

#include "postgres/datum.h"

namespace laurel::rules {

// The actions of a rule, one of each kind but badges, of which there may be several.
struct Actions {
    static constexpr int kMost = 10;

    int64 points = 0; // 0 where it pays none
    const char *reason = nullptr;
    int badge_count = 0;
    Uuid badges[kMost];
    const char *title = nullptr; // of a notification; null where there is none
    const char *notification_type = nullptr;
    const char *message = nullptr;
    const char *link = nullptr;
    int16 priority = 5;
    const char *event_type = nullptr; // of an event; null where there is none
    Jsonb *event_data = nullptr;
    Uuid challenge{};
    int64 progress = 0; // of that challenge; 0 where there is none
};

// Understands a list of actions, into the current memory context. Refuses (23514, constraint
// gamification_rules_actions_check) what is none.
Actions ReadActions(Datum actions);

// Refuses (23514, constraint gamification_rules_actions_loop) what a rule of events of that type would do to
// fire itself.
void RefuseLoop(const Actions &actions, std::string_view event_type);

} // namespace laurel::rules
