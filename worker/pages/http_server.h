#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "loop/loop.h"

namespace laurel::worker {

// Answers GET on 127.0.0.1, one request a connection, from the loop.
class HttpServer {
public:
    struct Reply {
        int status = 200;
        std::string type = "text/plain; charset=utf-8";
        std::string body;
        int max_age = 0; // seconds; a reply that others may keep has a tag, by which they ask for a newer one
    };

    using Handler = std::function<Reply(const std::string &path)>;

    // Throws SettingsError where the port is taken.
    HttpServer(Loop &loop, int port, Handler handler);
    ~HttpServer();
    HttpServer(const HttpServer &) = delete;
    HttpServer &operator=(const HttpServer &) = delete;

private:
    struct Client {
        Client(Loop &loop, std::function<void()> give_up) : patience(loop, std::move(give_up)) {}

        std::string request;
        std::string reply;
        size_t sent = 0;
        Timer patience;
    };

    void Accept();
    void Serve(int descriptor);
    void Read(int descriptor, Client &client);
    void Write(int descriptor, Client &client);
    void Answer(int descriptor, Client &client);
    void Drop(int descriptor);

    Loop &loop_;
    Handler handler_;
    int listener_;
    std::unordered_map<int, std::unique_ptr<Client>> clients_;
};

} // namespace laurel::worker
