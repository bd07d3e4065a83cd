#include "deliveries/push.h"

#include "deliveries/post.h"

namespace laurel::worker {

namespace {

// Final for one message: it is malformed or too large, or nobody is there to get it.
bool
IsFinal(int status) {
    return status == 400 || status == 404 || status == 410 || status == 413 || status == 422;
}

} // namespace

Lane
Push::LaneOf(const Transfer &) const {
    return {"push", settings_.push_connections, 0};
}

void
Push::Prepare(Transfer &transfer) const {
    nlohmann::json body = transfer.message;
    body["id"] = transfer.delivery.id;
    transfer.payload = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const std::string key = "Idempotency-Key: " + transfer.delivery.id;
    transfer.headers = curl_slist_append(transfer.headers, key.c_str());
    if (!settings_.push_token.empty()) {
        const std::string authorization = "Authorization: Bearer " + settings_.push_token;
        transfer.headers = curl_slist_append(transfer.headers, authorization.c_str());
    }
    PreparePost(transfer, settings_.push_url, "http,https", settings_.webhook_timeout.count(),
                settings_.ca_file);
}

void
Push::Judge(const Transfer &transfer, CURLcode result, Outcome &outcome) const {
    JudgePost(transfer, result, outcome);
    if (IsFinal(outcome.status))
        outcome.kind = Outcome::Kind::Dead;
}

} // namespace laurel::worker
