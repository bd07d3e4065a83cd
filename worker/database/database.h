#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "settings/settings.h"

namespace laurel::worker {

// What the server says is wrong with a statement.
struct DatabaseError : std::runtime_error {
    DatabaseError(const std::string &message, std::string sqlstate)
        : std::runtime_error(message), sqlstate(std::move(sqlstate)) {}

    std::string sqlstate;
};

// The connection is gone, and with it the transaction; nothing was committed.
struct Disconnected : DatabaseError {
    explicit Disconnected(const std::string &message) : DatabaseError(message, "08006") {}
};

// The connection went while a commit was under way: it may have been done or not.
struct InDoubt : Disconnected {
    using Disconnected::Disconnected;
};

// The rows of an answer, in text form.
class Rows {
public:
    explicit Rows(std::shared_ptr<const void> result);

    int Size() const { return size_; }
    bool IsNull(int row, int column) const;
    // Empty for null.
    std::string_view Text(int row, int column) const;
    int64_t Integer(int row, int column) const;
    double Real(int row, int column) const;

private:
    std::shared_ptr<const void> result_;
    int size_ = 0;
};

using Parameters = std::vector<std::optional<std::string>>;

// The values as the text of an array, for a parameter that is cast to one.
std::string ArrayText(const std::vector<std::string> &values);

// The connection to work with. It has no session state, so it may lead through a transaction pooler. The only
// code that knows libpqxx, of which 6.4 and 7.10 differ. Where a connection is lost it is never used again,
// not even where libpqxx would quietly open another: Connect makes a new one.
class Database {
public:
    Database(std::string conninfo, Settings::Duration statement_timeout);
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    // Opens a connection; throws Disconnected with the reason where that fails.
    void Connect();
    void Close();
    bool IsConnected() const { return connection_ != nullptr; }

    // Whether a crash of the server right after the commit may undo it.
    enum class Durability { AtOnce, Soon };

    // One statement in a transaction of its own, in one message: each answer that is waited for costs an idle
    // system a tenth of a millisecond. A connection lost on the way leaves it open whether it was done.
    Rows Query(const std::string &statement, const Parameters &parameters = {},
               Durability durability = Durability::AtOnce);

    // One statement outside of any transaction block, such as CALL; without a time limit.
    void Execute(const std::string &statement);

    // Several statements in one transaction, which ends when `Commit` returns or the object goes.
    class Transaction {
    public:
        explicit Transaction(Database &database);
        ~Transaction();
        Rows Query(const std::string &statement, const Parameters &parameters = {});
        void Commit();

    private:
        struct State;
        Database &database_;
        std::unique_ptr<State> state_;
    };

    void SetStatementTimeout(Settings::Duration span) { statement_timeout_ = span; }

private:
    struct Connection;

    Connection &Usable();
    std::string Limits() const;

    std::string conninfo_;
    Settings::Duration statement_timeout_;
    std::unique_ptr<Connection> connection_;
};

} // namespace laurel::worker
