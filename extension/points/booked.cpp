// Whoever looks at points is told of them once they are booked.

#include "points/posting.h"
#include "postgres/list.h"

namespace laurel::points {

namespace {

constexpr int kMostListeners = 4;
constinit BookedListener booked_listeners[kMostListeners] = {};
constinit int booked_listener_count = 0;

// Whether the statement around this one has put entries into the account before: it tells of these too, from
// its own first one on.
bool
IsWithinOuter(const PostingStatement *statement, const OpenAccount &open) {
    return statement->outer != nullptr && HasNumbered(statement->outer, open.key);
}

} // namespace

bool
HasNumbered(const PostingStatement *statement, const AccountKey &key) {
    for (; statement != nullptr; statement = statement->outer) {
        const auto *found =
            static_cast<const OpenAccount *>(hash_search(statement->accounts, &key, HASH_FIND, nullptr));
        if (found != nullptr && found->first_no != 0)
            return true;
    }
    return false;
}

void
ListenToBookings(BookedListener listener) {
    Assert(booked_listener_count < kMostListeners);
    booked_listeners[booked_listener_count++] = listener;
}

Booked *
BookedBy(const PostingStatement *statement, int *count) {
    auto *booked = NewList<Booked>(hash_get_num_entries(statement->accounts));
    *count = 0;
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, statement->accounts);
    while (const auto *open = static_cast<const OpenAccount *>(hash_seq_search(&scan)))
        if (open->first_no != 0 && !IsWithinOuter(statement, *open))
            booked[(*count)++] = {open->key, open->first_no};
    return booked;
}

void
TellBooked(const Booked *booked, int count) {
    for (int i = 0; i < booked_listener_count && count > 0; i++)
        booked_listeners[i](booked, count);
}

} // namespace laurel::points
