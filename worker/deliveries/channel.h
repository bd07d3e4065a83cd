#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include "deliveries/throttle.h"
#include "loop/clock.h"
#include "webhooks/network.h"

namespace laurel::worker {

// One message to one recipient, claimed from the outbox; `id` is the same in every attempt.
struct Delivery {
    std::string id;
    std::string lease_token;
    std::string channel;
    std::string organization_id;
    std::string endpoint_id;
    int attempt = 0;
    double waited_seconds = 0; // from when it was due to when it was claimed
    std::string message;       // a JSON object, see the channels
    Clock::time_point claimed_at;
};

// How an attempt ended.
struct Outcome {
    enum class Kind { Delivered, Retry, Dead };

    std::string id;
    std::string lease_token;
    std::string channel;
    Kind kind = Kind::Retry;
    int status = 0; // of SMTP or HTTP; 0 where there was no answer
    std::string error;
    std::string recipient;             // whose address a mail server has refused for good; empty otherwise
    std::optional<double> retry_after; // seconds
    bool disable_endpoint = false;
    double duration_ms = 0;
    double latency_seconds = 0; // from when it was due to its end
};

// The kind as the database and the metrics know it.
const char *Word(Outcome::Kind kind);

// Why a delivery can never be sent as it is; its text becomes the reason of the dead letter.
struct Refusal : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A delivery on its way: what libcurl reads from and writes to while it runs.
struct Transfer {
    Delivery delivery;
    nlohmann::json message;
    size_t weight = 0; // the message's length as it came
    Clock::time_point began;

    CURL *easy = nullptr;
    curl_slist *headers = nullptr;
    curl_slist *recipients = nullptr;
    std::string payload;
    size_t payload_sent = 0;

    std::string reply;         // HTTP: the start of the body; SMTP: the last line of the server
    std::string reply_type;    // HTTP: what the body is, as its header says
    bool reply_capped = false; // the body was longer than is kept
    size_t header_size = 0;    // of HTTP
    std::optional<double> retry_after;
    const std::vector<Network> *networks =
        nullptr;                 // it may go to these and to public addresses; null: anywhere
    std::string refused_address; // one it would have gone to against that
    char error[CURL_ERROR_SIZE] = {};

    ~Transfer() {
        curl_slist_free_all(headers);
        curl_slist_free_all(recipients);
    }
};

// What a peer said, fit for a log and a table: one line of printable text, shortened. Bytes that are not
// UTF-8 are read as Latin-1.
std::string Printable(std::string_view text, size_t most = 300);

// Whether the bytes can be read as a text at all.
bool IsText(std::string_view bytes);

// A member of the message that is text; empty where there is none.
std::string TextOf(const nlohmann::json &message, const char *key);

// A way out of the database.
class Channel {
public:
    virtual ~Channel() = default;

    // Which lane the delivery takes, and how wide that lane is.
    virtual Lane LaneOf(const Transfer &transfer) const = 0;

    // Sets up transfer.easy; throws Refusal.
    virtual void Prepare(Transfer &transfer) const = 0;

    // Reads what became of it; fills kind, status, error, recipient, retry_after, disable_endpoint.
    virtual void Judge(const Transfer &transfer, CURLcode result, Outcome &outcome) const = 0;
};

} // namespace laurel::worker
