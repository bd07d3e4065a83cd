#include "database/side_connection.h"

#include <chrono>

namespace laurel::worker {

namespace {

constexpr std::chrono::seconds kConnectionPatience(10);

std::string
FirstLine(const char *text) {
    std::string line = text == nullptr ? "" : text;
    line = line.substr(0, line.find('\n'));
    return line.starts_with("ERROR:  ") ? line.substr(8) : line;
}

} // namespace

SideConnection::SideConnection(Loop &loop, std::string conninfo, Events events)
    : loop_(loop), conninfo_(std::move(conninfo)), events_(std::move(events)),
      patience_(loop, [this] { Lose("no answer"); }) {}

SideConnection::~SideConnection() {
    Close();
}

void
SideConnection::Open() {
    Close();
    connection_ = PQconnectStart(conninfo_.c_str());
    if (connection_ == nullptr || PQstatus(connection_) == CONNECTION_BAD) {
        // The caller hears of it from the loop, never from inside its own call.
        patience_.In(Clock::duration::zero());
        return;
    }
    PQsetnonblocking(connection_, 1);
    PQsetNoticeProcessor(
        connection_, [](void *, const char *) {}, nullptr);
    patience_.In(kConnectionPatience);
    Watch(EPOLLOUT);
}

void
SideConnection::Close() {
    patience_.Stop();
    Unwatch();
    PQfinish(connection_);
    connection_ = nullptr;
    is_open_ = is_busy_ = false;
}

// Reports the loss after closing, so that the owner may open it anew or let it go.
void
SideConnection::Lose(const std::string &reason) {
    const std::string said = FirstLine(PQerrorMessage(connection_));
    Close();
    const auto lost = events_.lost;
    lost(said.empty() ? reason : said);
}

void
SideConnection::Watch(uint32_t events) {
    const int descriptor = PQsocket(connection_);
    if (descriptor != socket_)
        Unwatch();
    socket_ = descriptor;
    loop_.Watch(socket_, events, [this](uint32_t) { OnSocket(); });
}

void
SideConnection::Unwatch() {
    if (socket_ >= 0)
        loop_.Unwatch(socket_);
    socket_ = -1;
}

void
SideConnection::OnSocket() {
    if (is_open_)
        Read();
    else
        Proceed();
}

// The next step of opening. libpq may go on with another socket, which may have the same number.
void
SideConnection::Proceed() {
    const auto state = PQconnectPoll(connection_);
    if (state == PGRES_POLLING_FAILED) {
        Lose("the connection failed");
        return;
    }
    if (state != PGRES_POLLING_OK) {
        Watch(state == PGRES_POLLING_READING ? EPOLLIN : EPOLLOUT);
        return;
    }
    patience_.Stop();
    is_open_ = true;
    Watch(EPOLLIN);
    const auto ready = events_.ready;
    ready();
}

void
SideConnection::Send(const std::string &statement) {
    error_.clear();
    if (connection_ == nullptr || PQsendQuery(connection_, statement.c_str()) == 0) {
        patience_.In(Clock::duration::zero());
        return;
    }
    is_busy_ = true;
    if (PQflush(connection_) > 0)
        Watch(EPOLLIN | EPOLLOUT);
}

void
SideConnection::Read() {
    if (PQconsumeInput(connection_) == 0) {
        Lose("the connection was lost");
        return;
    }
    if (PQflush(connection_) == 0)
        Watch(EPOLLIN);
    bool has_ended = false;
    while (is_busy_ && PQisBusy(connection_) == 0) {
        PGresult *result = PQgetResult(connection_);
        if (result == nullptr) {
            is_busy_ = false;
            has_ended = true;
        } else if (PQresultStatus(result) == PGRES_FATAL_ERROR) {
            error_ = FirstLine(PQresultErrorMessage(result));
        }
        PQclear(result);
    }
    while (PGnotify *notification = PQnotifies(connection_)) {
        if (events_.notification)
            events_.notification(notification->relname);
        PQfreemem(notification);
    }
    if (PQstatus(connection_) == CONNECTION_BAD) {
        Lose(error_.empty() ? "the connection was lost" : error_);
        return;
    }
    if (has_ended) {
        const auto done = events_.done;
        done(error_);
    }
}

void
SideConnection::Cancel() {
    if (!is_busy_)
        return;
    PGcancel *cancel = PQgetCancel(connection_);
    char message[256];
    if (cancel != nullptr)
        PQcancel(cancel, message, sizeof message);
    PQfreeCancel(cancel);
}

} // namespace laurel::worker
