#pragma once

#include <functional>

#include "loop.h"

namespace laurel::worker {

// Blocks the signals the worker takes (TERM, INT, HUP) and ignores PIPE; call it before any thread begins.
void BlockSignals();

// Takes the blocked signals from the loop, one call each.
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
    int descriptor_;
};

} // namespace laurel::worker
