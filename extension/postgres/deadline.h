// An end for what is only calculated, such as a pattern that somebody else has written.
#pragma once

namespace laurel {

// While it lives the server cancels what this session calculates after so many milliseconds, as a client
// would (57014); has_passed() tells it from a client's own. One at a time, and around nothing that touches
// tables.
class Deadline {
public:
    explicit Deadline(int milliseconds);
    Deadline(const Deadline &) = delete;
    Deadline &operator=(const Deadline &) = delete;
    ~Deadline();

    bool has_passed() const;

private:
    bool is_set_;
};

} // namespace laurel
