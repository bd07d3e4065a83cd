#include "database/database.h"

#include <algorithm>
#include <cstdlib>

#include <pqxx/pqxx>

namespace laurel::worker {

namespace {

#if PQXX_VERSION_MAJOR >= 7
constexpr bool kReopensQuietly = false;
#else
// 6.4 opens another connection in the third call after the first was lost, unless it is told not to.
constexpr bool kReopensQuietly = true;
#endif

void
ForbidReopening(pqxx::connection &connection) {
#if PQXX_VERSION_MAJOR < 7
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
#else
    (void)connection;
#endif
}

pqxx::result
Run(pqxx::transaction_base &transaction, const std::string &statement, const Parameters &parameters) {
    // Several statements in one text go without parameters only.
    if (parameters.empty())
        return transaction.exec(statement);
#if PQXX_VERSION_MAJOR >= 7
    pqxx::params values;
    for (const auto &parameter : parameters) {
        if (parameter)
            values.append(*parameter);
        else
            values.append(); // a null
    }
    return transaction.exec(statement, values);
#else
    return transaction.exec_params(statement, pqxx::prepare::make_dynamic_params(parameters));
#endif
}

// The statement with its parameters in it: $1 and so on, which stand nowhere else in our statements.
std::string
Filled(pqxx::connection &connection, const std::string &statement, const Parameters &parameters) {
    std::string text;
    size_t from = 0;
    for (size_t at = statement.find('$'); at != std::string::npos; at = statement.find('$', from)) {
        size_t length = 0;
        const auto number = static_cast<size_t>(std::stoi(statement.substr(at + 1, 3), &length));
        const auto &parameter = parameters.at(number - 1);
        text += statement.substr(from, at - from) + (parameter ? connection.quote(*parameter) : "NULL");
        from = at + 1 + length;
    }
    return text + statement.substr(from);
}

// Whether the server says that it ends the connection: shut down, crashed, terminated.
bool
EndsConnection(const std::string &sqlstate) {
    return sqlstate.starts_with("57P0") || sqlstate.starts_with("08");
}

// The server's message with its detail and hint, in one line; not the statement.
std::string
OneLine(const std::string &text) {
    std::string line;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        std::string part = text.substr(at, end - at);
        const bool is_message = at == 0;
        at = end + 1;
        if (!is_message && !part.starts_with("DETAIL:") && !part.starts_with("HINT:"))
            continue;
        const size_t colon = part.find(":  ");
        if (is_message)
            line = part.starts_with("ERROR:") || part.starts_with("FATAL:") ? part.substr(colon + 3) : part;
        else
            line += "; " + part.substr(std::min(colon + 3, part.size()));
    }
    return line;
}

} // namespace

struct Database::Connection {
    explicit Connection(const std::string &conninfo) : pqxx(conninfo), process(pqxx.backendpid()) {
        ForbidReopening(pqxx);
    }

    pqxx::connection pqxx;
    int process;
};

Rows::Rows(std::shared_ptr<const void> result) : result_(std::move(result)) {
    size_ = static_cast<int>(static_cast<const pqxx::result *>(result_.get())->size());
}

bool
Rows::IsNull(int row, int column) const {
    return (*static_cast<const pqxx::result *>(result_.get()))[row][column].is_null();
}

std::string_view
Rows::Text(int row, int column) const {
    const auto field = (*static_cast<const pqxx::result *>(result_.get()))[row][column];
    return field.is_null() ? std::string_view() : std::string_view(field.c_str(), field.size());
}

int64_t
Rows::Integer(int row, int column) const {
    return std::strtoll(std::string(Text(row, column)).c_str(), nullptr, 10);
}

double
Rows::Real(int row, int column) const {
    return std::strtod(std::string(Text(row, column)).c_str(), nullptr);
}

std::string
ArrayText(const std::vector<std::string> &values) {
    std::string text = "{";
    for (const auto &value : values) {
        if (text.size() > 1)
            text += ',';
        text += '"';
        for (const char letter : value) {
            if (letter == '"' || letter == '\\')
                text += '\\';
            text += letter;
        }
        text += '"';
    }
    return text + "}";
}

Database::Database(std::string conninfo, Settings::Duration statement_timeout)
    : conninfo_(std::move(conninfo)), statement_timeout_(statement_timeout) {}

Database::~Database() = default;

void
Database::Connect() {
    connection_.reset();
    try {
        connection_ = std::make_unique<Connection>(conninfo_);
    } catch (const pqxx::failure &failure) {
        throw Disconnected(OneLine(failure.what()));
    }
}

void
Database::Close() {
    connection_.reset();
}

namespace {

// Runs a step and turns what libpqxx throws into our errors; `is_lost` is called where the connection is
// gone.
template <typename Step, typename Lost>
auto
Translate(Step step, Lost is_lost) {
    try {
        return step();
    } catch (const pqxx::in_doubt_error &) {
        is_lost();
        throw InDoubt("the connection was lost while a commit was under way");
    } catch (const pqxx::broken_connection &error) {
        is_lost();
        throw Disconnected(OneLine(error.what()));
    } catch (const pqxx::sql_error &error) {
        if (EndsConnection(error.sqlstate())) {
            is_lost();
            throw Disconnected(OneLine(error.what()));
        }
        // 6.4 keeps this one's state to itself.
        const bool is_denied = dynamic_cast<const pqxx::insufficient_privilege *>(&error) != nullptr;
        throw DatabaseError(OneLine(error.what()), is_denied ? "42501" : error.sqlstate());
    } catch (const std::exception &error) {
        is_lost();
        throw Disconnected(OneLine(error.what()));
    }
}

} // namespace

struct Database::Transaction::State {
    explicit State(pqxx::connection &connection) : work(connection) {}

    pqxx::work work;
};

Database::Transaction::Transaction(Database &database) : database_(database) {
    auto &connection = database_.Usable();
    Translate([&] { state_ = std::make_unique<State>(connection.pqxx); }, [&] { database_.Close(); });
    Query(database_.Limits());
}

Database::Transaction::~Transaction() = default;

Rows
Database::Transaction::Query(const std::string &statement, const Parameters &parameters) {
    return Translate(
        [&] {
            auto result = Run(state_->work, statement, parameters);
            return Rows(std::make_shared<const pqxx::result>(std::move(result)));
        },
        [&] {
            state_.reset();
            database_.Close();
        });
}

// Whatever ends the connection here leaves it open whether the server has committed.
void
Database::Transaction::Commit() {
    try {
        Translate([&] { state_->work.commit(); },
                  [&] {
                      state_.reset();
                      database_.Close();
                  });
    } catch (const Disconnected &error) {
        throw InDoubt(error.what());
    }
}

// The connection, unless it is not the one that was opened; see ForbidReopening.
Database::Connection &
Database::Usable() {
    if (!connection_)
        throw Disconnected("there is no connection");
    if (!connection_->pqxx.is_open() ||
        (kReopensQuietly && connection_->pqxx.backendpid() != connection_->process)) {
        Close();
        throw Disconnected("the connection was lost");
    }
    return *connection_;
}

// For the transaction that begins. The second one frees what is locked where this process is stopped or cut
// off in the middle.
std::string
Database::Limits() const {
    const std::string limit = std::to_string(statement_timeout_.count());
    return "SET LOCAL statement_timeout = " + limit +
           "; SET LOCAL idle_in_transaction_session_timeout = " + limit;
}

Rows
Database::Query(const std::string &statement, const Parameters &parameters, Durability durability) {
    auto &connection = Usable();
    std::string text = Limits() + "; ";
    if (durability == Durability::Soon)
        text += "SET LOCAL synchronous_commit = off; ";
    text += Filled(connection.pqxx, statement, parameters);
    try {
        return Translate(
            [&] {
                pqxx::nontransaction session(connection.pqxx);
                return Rows(std::make_shared<const pqxx::result>(session.exec(text)));
            },
            [&] { Close(); });
    } catch (const Disconnected &error) {
        throw InDoubt(error.what());
    }
}

void
Database::Execute(const std::string &statement) {
    if (!connection_)
        throw Disconnected("there is no connection");
    Translate(
        [&] {
            pqxx::nontransaction session(connection_->pqxx);
            session.exec(statement);
        },
        [&] { connection_.reset(); });
}

} // namespace laurel::worker
