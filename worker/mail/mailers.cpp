#include "mail/mailers.h"

#include <cerrno>
#include <system_error>

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace laurel::worker {

namespace {

// A connection on which something failed may still bring the answer to that; nobody must take it for the
// answer to the next message.
void
HangUp(CURL *easy) {
    curl_socket_t descriptor = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &descriptor) == CURLE_OK &&
        descriptor != CURL_SOCKET_BAD)
        shutdown(descriptor, SHUT_RDWR);
}

} // namespace

Mailers::Mailers(Loop &loop, const Channel &email, Done done)
    : loop_(loop), email_(email), done_(std::move(done)), event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (event_ < 0)
        throw std::system_error(errno, std::generic_category(), "eventfd");
    loop_.Watch(event_, EPOLLIN, [this](uint32_t) { Collect(); });
}

Mailers::~Mailers() {
    AbortAll();
    {
        const std::lock_guard lock(mutex_);
        is_ending_ = true;
    }
    arrival_.notify_all();
    for (auto &thread : threads_)
        thread.join();
    loop_.Unwatch(event_);
    close(event_);
}

void
Mailers::Send(std::unique_ptr<Transfer> transfer) {
    auto mail = std::make_shared<Mail>();
    mail->transfer = std::move(transfer);
    under_way_[mail.get()] = mail;
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(mail));
    if (waiting_.size() > idle_)
        threads_.emplace_back([this] { Work(); });
    arrival_.notify_one();
}

std::vector<std::string>
Mailers::Tokens() const {
    std::vector<std::string> tokens;
    for (const auto &[mail, pointer] : under_way_)
        tokens.push_back(mail->transfer->delivery.lease_token);
    return tokens;
}

void
Mailers::AbortAll() {
    for (const auto &[mail, pointer] : under_way_)
        pointer->is_aborted = true;
    under_way_.clear();
    const std::lock_guard lock(mutex_);
    waiting_.clear();
}

// A thread keeps its handle, and with it the connection to the mail server, for the next message.
void
Mailers::Work() {
    CURL *easy = curl_easy_init();
    while (MailPointer mail = Next()) {
        Deliver(*mail, easy);
        Report(std::move(mail));
    }
    HangUp(easy);
    curl_easy_cleanup(easy);
}

// The next one to send; nothing at the end.
Mailers::MailPointer
Mailers::Next() {
    std::unique_lock lock(mutex_);
    idle_++;
    arrival_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
    idle_--;
    if (is_ending_)
        return nullptr;
    MailPointer mail = std::move(waiting_.front());
    waiting_.pop_front();
    return mail;
}

int
Mailers::OnProgress(void *mail, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const Mail *>(mail)->is_aborted ? 1 : 0;
}

void
Mailers::Deliver(Mail &mail, CURL *easy) const {
    Transfer &transfer = *mail.transfer;
    transfer.easy = easy;
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, OnProgress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &mail);
    try {
        email_.Prepare(transfer);
    } catch (const std::exception &wrong) {
        mail.judged.kind = Outcome::Kind::Dead;
        mail.judged.error = Printable(wrong.what());
        return;
    }
    const CURLcode result = curl_easy_perform(easy);
    email_.Judge(transfer, result, mail.judged);
    if (result != CURLE_OK)
        HangUp(easy);
}

void
Mailers::Report(MailPointer mail) {
    {
        const std::lock_guard lock(mutex_);
        ended_.push_back(std::move(mail));
    }
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(event_, &one, sizeof one);
}

// Hands on what has ended, except what was broken off before.
void
Mailers::Collect() {
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t length = read(event_, &count, sizeof count);
    std::vector<MailPointer> ended;
    {
        const std::lock_guard lock(mutex_);
        ended.swap(ended_);
    }
    for (const auto &mail : ended) {
        if (under_way_.erase(mail.get()) > 0)
            done_(*mail->transfer, mail->judged);
    }
}

} // namespace laurel::worker
