// Marks of a leaderboard: points at which its members are counted ahead of time.
#pragma once

#include "leaderboards/leaderboards.h"

namespace laurel::leaderboards {

// The marks of one leaderboard, ascending.
struct BoardMarks {
    Period period;
    int32 start; // of the period
    int count;
    const int64 *points;
};

// Those of all leaderboards of an organization, as they are committed now. Valid until the next statement.
struct MarkedBoards {
    int count;
    const BoardMarks *boards;
};

MarkedBoards MarksOf(const Uuid &organization);

void InitMarks();

} // namespace laurel::leaderboards
