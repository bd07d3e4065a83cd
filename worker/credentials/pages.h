#pragma once

#include <string>
#include <unordered_map>

#include "database/session.h"
#include "pages/http_server.h"

namespace laurel::worker {

// Answers below /credentials/: what the database signs and knows, kept for some seconds, so that those who
// ask load the worker more than the database.
class CredentialPages {
public:
    CredentialPages(Database &database, Session &session) : database_(database), session_(session) {}

    // Whether a path is one of these pages'.
    static bool Answers(const std::string &path) { return path.starts_with("/credentials/"); }

    HttpServer::Reply Serve(const std::string &path);

private:
    struct Kept {
        HttpServer::Reply reply;
        Clock::time_point until;
    };

    HttpServer::Reply Make(const std::string &path);
    HttpServer::Reply AsJson(const std::string &statement, const Parameters &parameters, const char *type);
    HttpServer::Reply Status(const std::string &id);
    HttpServer::Reply Ask(const std::string &statement, const Parameters &parameters,
                          const std::function<HttpServer::Reply(const Rows &)> &show);

    Database &database_;
    Session &session_;
    std::unordered_map<std::string, Kept> kept_;
};

} // namespace laurel::worker
