#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "deliveries/channel.h"
#include "loop/loop.h"

namespace laurel::worker {

// Threads that send an e-mail each. libcurl waits for a mail server's answer to a message without returning
// to its caller, so that in the loop one slow server would hold up everything else. They do nothing but send:
// what is under way, and what becomes of it, is the loop's.
class Mailers {
public:
    // Called from the loop when an e-mail has ended, with what `email` judged of it.
    using Done = std::function<void(const Transfer &transfer, const Outcome &judged)>;

    Mailers(Loop &loop, const Channel &email, Done done);
    ~Mailers();
    Mailers(const Mailers &) = delete;
    Mailers &operator=(const Mailers &) = delete;

    // As many at once as are sent: there is a thread for each.
    void Send(std::unique_ptr<Transfer> transfer);

    size_t Count() const { return under_way_.size(); }

    // The lease tokens of what is under way.
    std::vector<std::string> Tokens() const;

    // Breaks off everything, within a second; nothing is told of it any more.
    void AbortAll();

private:
    struct Mail {
        std::unique_ptr<Transfer> transfer;
        Outcome judged;
        std::atomic<bool> is_aborted = false;
    };
    using MailPointer = std::shared_ptr<Mail>;

    static int OnProgress(void *mail, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

    void Work();
    MailPointer Next();
    void Deliver(Mail &mail, CURL *easy) const;
    void Report(MailPointer mail);
    void Collect();

    Loop &loop_;
    const Channel &email_;
    const Done done_;
    int event_;
    std::unordered_map<const Mail *, MailPointer> under_way_; // the loop's

    std::mutex mutex_; // of all that follows
    std::condition_variable arrival_;
    std::deque<MailPointer> waiting_;
    std::vector<MailPointer> ended_;
    std::vector<std::thread> threads_;
    size_t idle_ = 0;
    bool is_ending_ = false;
};

} // namespace laurel::worker
