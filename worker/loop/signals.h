#pragma once

#include <functional>

#include "loop/loop.h"

namespace laurel::worker {

// Blocks the signals the worker takes (TERM, INT, HUP) and ignores PIPE; call it before any thread begins.
void BlockSignals();

// Takes the blocked signals from the loop, one call each. After TERM or INT the process ends within ten
// seconds even where the loop does not turn, because it waits for a server that has stopped to answer: what
// it holds is then due again when its lease ends.
class Signals {
public:
    Signals(Loop &loop, std::function<void(int signal)> callback);
    ~Signals();
    Signals(const Signals &) = delete;
    Signals &operator=(const Signals &) = delete;

private:
    void Read();

    Loop &loop_;
    std::function<void(int)> callback_;
    int taken_[2]; // a pipe: what the thread that waits for signals has taken
};

} // namespace laurel::worker
