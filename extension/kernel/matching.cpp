#include "kernel/matching.h"

#include <algorithm>

namespace laurel::kernel {

namespace {

// What stands for never; sums of it and of lengths that occur fit into 32 bits.
constexpr int32_t kNever = 1'000'000'000;
constexpr int32_t kNobody = -1;

// The state of a run. The last column is for those who are left without: it has places for all and costs
// more than anything that the others could gain by it.
class Run {
public:
    Run(const Matching &matching, int32_t *space, uint32_t *match)
        : matching_(matching), columns_(matching.buddies + 1), match_(match),
          without_((kMaxMatchScore + 1) * (static_cast<int32_t>(matching.newcomers) + 1)) {
        for (int32_t **list : {&free_, &first_, &potential_, &length_, &before_, &full_, &waiting_}) {
            *list = space;
            space += columns_;
        }
        next_ = space;
        passes_ = space + matching.newcomers;
        std::fill_n(first_, columns_, kNobody);
        std::fill_n(potential_, columns_, 0);
        std::fill_n(full_, columns_, kNobody);
        std::copy_n(matching.places, matching.buddies, free_);
        free_[matching.buddies] = static_cast<int32_t>(matching.newcomers) + 1; // never full
    }

    void Take(uint32_t newcomer) {
        const uint32_t end = FindWay(newcomer);
        RaisePotentials(length_[end]);
        Move(newcomer, end);
    }

private:
    int32_t Cost(uint32_t newcomer, uint32_t column) const {
        if (column == matching_.buddies)
            return without_;
        const int16_t score = matching_.scores[static_cast<size_t>(newcomer) * matching_.buddies + column];
        return score == kNoMatch ? kNever : kMaxMatchScore - score;
    }

    int32_t *Passes(uint32_t column) const { return passes_ + static_cast<size_t>(full_[column]) * columns_; }

    // A buddy who never had a place passes nobody on.
    bool IsOpen(uint32_t column) const { return free_[column] > 0 || first_[column] != kNobody; }

    // Begins at the newcomer and looks at one column after the other, the nearest first, until one has a
    // place.
    uint32_t FindWay(uint32_t newcomer) {
        waiting_count_ = seen_ = 0;
        for (uint32_t column = 0; column < columns_; column++) {
            length_[column] = Cost(newcomer, column) - potential_[column];
            before_[column] = kNobody;
            if (IsOpen(column))
                waiting_[waiting_count_++] = static_cast<int32_t>(column);
        }
        for (;;) {
            const uint32_t nearest = TakeNearest();
            if (free_[nearest] > 0)
                return nearest;
            PassOn(nearest);
        }
    }

    // The nearest column that waits; of several one with a place, and of those the first.
    uint32_t TakeNearest() {
        uint32_t place = seen_;
        int32_t nearest = length_[waiting_[place]];
        for (uint32_t i = seen_ + 1; i < waiting_count_; i++) {
            const int32_t column = waiting_[i], length = length_[column];
            if (length < nearest || (length == nearest && IsBetter(column, waiting_[place]))) {
                place = i;
                nearest = length;
            }
        }
        std::swap(waiting_[place], waiting_[seen_]);
        return static_cast<uint32_t>(waiting_[seen_++]);
    }

    bool IsBetter(int32_t column, int32_t other) const {
        const bool has_place = free_[column] > 0, other_has = free_[other] > 0;
        return has_place != other_has ? has_place : column < other;
    }

    void PassOn(uint32_t column) {
        const int32_t *passes = Passes(column);
        const int32_t length = length_[column] + potential_[column];
        for (uint32_t i = seen_; i < waiting_count_; i++) {
            const int32_t to = waiting_[i], way = length + passes[to] - potential_[to];
            if (way < length_[to]) {
                length_[to] = way;
                before_[to] = static_cast<int32_t>(column);
            }
        }
    }

    // What was nearer than the end of the way comes as near as that.
    void RaisePotentials(int32_t length) {
        for (uint32_t i = 0; i < seen_; i++)
            potential_[waiting_[i]] += length_[waiting_[i]] - length;
    }

    // Each column on the way passes on one of its own to the next, and the newcomer comes to the first.
    void Move(uint32_t newcomer, uint32_t end) {
        free_[end]--;
        for (uint32_t to = end;;) {
            const int32_t from = before_[to];
            const uint32_t moved = from == kNobody ? newcomer : TakeOut(static_cast<uint32_t>(from), to);
            PutIn(moved, to);
            if (from == kNobody)
                break;
            to = static_cast<uint32_t>(from);
        }
        for (uint32_t column = end;; column = static_cast<uint32_t>(before_[column])) {
            if (free_[column] == 0)
                MeasurePasses(column);
            if (before_[column] == kNobody)
                break;
        }
    }

    // The first whom it costs the least to go on to the other column.
    uint32_t TakeOut(uint32_t from, uint32_t to) {
        const int32_t cost = Passes(from)[to];
        int32_t *link = &first_[from];
        while (Cost(static_cast<uint32_t>(*link), to) - Cost(static_cast<uint32_t>(*link), from) != cost)
            link = &next_[*link];
        const int32_t taken = *link;
        *link = next_[taken];
        return static_cast<uint32_t>(taken);
    }

    // Lists are in ascending order.
    void PutIn(uint32_t newcomer, uint32_t column) {
        const auto number = static_cast<int32_t>(newcomer);
        int32_t *link = &first_[column];
        while (*link != kNobody && *link < number && column != matching_.buddies)
            link = &next_[*link];
        next_[number] = *link;
        *link = number;
        match_[newcomer] = column == matching_.buddies ? kUnmatched : column;
    }

    // What it costs a column to pass on one of those it has to each other.
    void MeasurePasses(uint32_t column) {
        if (full_[column] == kNobody)
            full_[column] = full_count_++;
        int32_t *passes = Passes(column);
        std::fill_n(passes, columns_, kNever);
        for (int32_t one = first_[column]; one != kNobody; one = next_[one]) {
            const auto newcomer = static_cast<uint32_t>(one);
            const int32_t here = Cost(newcomer, column);
            const int16_t *scores = matching_.scores + static_cast<size_t>(newcomer) * matching_.buddies;
            for (uint32_t to = 0; to < matching_.buddies; to++)
                if (scores[to] != kNoMatch)
                    passes[to] = std::min(passes[to], kMaxMatchScore - scores[to] - here);
            passes[matching_.buddies] = std::min(passes[matching_.buddies], without_ - here);
        }
    }

    const Matching &matching_;
    const uint32_t columns_;
    uint32_t *match_;
    const int32_t without_;
    // By column: how many places are free, the first who is there, the potential, the length of the way to
    // it, the column before it on that way, and where its passes are once it is full.
    int32_t *free_, *first_, *potential_, *length_, *before_, *full_;
    int32_t *waiting_; // columns: those that were looked at, then those that wait
    int32_t *next_;    // by newcomer: who else is there
    int32_t *passes_;
    int32_t full_count_ = 0;
    uint32_t seen_ = 0, waiting_count_ = 0;
};

} // namespace

void
Match(const Matching &matching, int32_t *space, uint32_t *match) {
    Run run(matching, space, match);
    for (uint32_t newcomer = 0; newcomer < matching.newcomers; newcomer++) {
        matching.pause();
        run.Take(newcomer);
    }
}

} // namespace laurel::kernel
