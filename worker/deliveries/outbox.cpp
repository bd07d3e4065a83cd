#include "deliveries/outbox.h"

#include <map>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "version.h"

namespace laurel::worker {

namespace {

using Json = nlohmann::json;

// An outcome without its id; durations are whole milliseconds, so that many outcomes are alike.
Json
Verdict(const Outcome &outcome) {
    Json verdict{{"outcome", Word(outcome.kind)},
                 {"duration_ms", static_cast<int64_t>(outcome.duration_ms + 0.5)}};
    if (outcome.status != 0)
        verdict["status"] = outcome.status;
    if (!outcome.error.empty())
        verdict["error"] = outcome.error;
    if (!outcome.recipient.empty())
        verdict["recipient"] = outcome.recipient;
    if (outcome.retry_after)
        verdict["retry_after"] = *outcome.retry_after;
    if (outcome.disable_endpoint)
        verdict["disable_endpoint"] = true;
    return verdict;
}

std::string
Dump(const Json &json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The outcomes of each lease token as one JSON array, those that are alike together.
void
Group(const std::vector<Outcome> &outcomes, std::vector<std::string> *tokens,
      std::vector<std::string> *results) {
    std::map<std::string, std::map<std::string, std::vector<std::string>>> groups;
    for (const auto &outcome : outcomes)
        groups[outcome.lease_token][Dump(Verdict(outcome))].push_back(outcome.id);
    for (const auto &[token, verdicts] : groups) {
        std::string array;
        for (const auto &[verdict, ids] : verdicts) {
            array += array.empty() ? "[" : ",";
            array += verdict.substr(0, verdict.size() - 1) + ",\"ids\":" + Dump(Json(ids)) + "}";
        }
        tokens->push_back(token);
        results->push_back(array + "]");
    }
}

constexpr const char *kComplete =
    "SELECT pg_catalog.sum(laurel_internal.complete_deliveries(b.token, b.results))"
    " FROM ROWS FROM (pg_catalog.unnest($1::uuid[]), pg_catalog.unnest($2::jsonb[])) AS b(token, results)";

constexpr const char *kClaim =
    "SELECT delivery_id, lease_token, channel, attempt, organization_id, endpoint_id,"
    " pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - enqueued_at), message"
    " FROM laurel_internal.claim_deliveries($1::uuid, $2::integer, $3::interval, $4::text[],"
    " $5::text[], $6::uuid[], $7::integer[])";

// What is leased to the worker under tokens it does not know.
constexpr const char *kReleaseUnknown =
    "SELECT laurel_internal.release_deliveries($1::uuid, ARRAY("
    "SELECT d.id FROM laurel.notification_deliveries d"
    " JOIN laurel.delivery_leases l ON l.token OPERATOR(pg_catalog.=) d.lease_token"
    " WHERE l.worker_id OPERATOR(pg_catalog.=) $1::uuid AND d.state OPERATOR(pg_catalog.=) 'leased'"
    " AND d.lease_token OPERATOR(pg_catalog.<>) ALL ($2::uuid[])))";

std::vector<Delivery>
DeliveriesOf(const Rows &rows) {
    std::vector<Delivery> deliveries(static_cast<size_t>(rows.Size()));
    const auto now = Clock::now();
    for (int row = 0; row < rows.Size(); row++) {
        Delivery &delivery = deliveries[static_cast<size_t>(row)];
        delivery.id = rows.Text(row, 0);
        delivery.lease_token = rows.Text(row, 1);
        delivery.channel = rows.Text(row, 2);
        delivery.attempt = static_cast<int>(rows.Integer(row, 3));
        delivery.organization_id = rows.Text(row, 4);
        delivery.endpoint_id = rows.Text(row, 5);
        delivery.waited_seconds = rows.Real(row, 6);
        delivery.message = rows.Text(row, 7);
        delivery.claimed_at = now;
    }
    return deliveries;
}

std::string
HostName() {
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    return name;
}

} // namespace

Outbox::Outbox(Database &database, std::string worker, const Settings &settings)
    : database_(database), worker_(std::move(worker)),
      lease_(std::to_string(settings.lease.count()) + " milliseconds"), mail_from_(settings.mail_from) {}

void
Outbox::Register() {
    database_.Query("SELECT laurel_internal.register_worker($1::uuid, $2, $3::integer, $4, nullif($5, ''))",
                    {worker_, HostName(), std::to_string(getpid()), kVersion, mail_from_});
}

// The parameters of a claim. An organization that is left open is a null in the array.
Parameters
Outbox::ClaimOf(const Wanted &wanted) const {
    std::vector<std::string> channels, rows;
    std::string organizations = "{";
    for (const auto &portion : wanted.portions) {
        channels.push_back(portion.channel);
        rows.push_back(std::to_string(portion.rows));
        organizations += organizations.size() > 1 ? "," : "";
        organizations += portion.organization_id.empty() ? "NULL" : portion.organization_id;
    }
    return {worker_,
            std::to_string(wanted.rows),
            lease_,
            ArrayText(wanted.channels),
            ArrayText(channels),
            organizations + "}",
            ArrayText(rows)};
}

std::vector<Delivery>
Outbox::Exchange(const std::vector<Outcome> &outcomes, const Wanted &wanted, int64_t *taken) {
    const Parameters claim = ClaimOf(wanted);
    *taken = 0;
    // A claim that a crash undoes is only made again, so nobody waits for the disk before sending.
    if (outcomes.empty())
        return DeliveriesOf(database_.Query(kClaim, claim, Database::Durability::Soon));
    std::vector<Delivery> deliveries;
    std::vector<std::string> tokens;
    std::vector<std::string> results;
    Group(outcomes, &tokens, &results);
    Database::Transaction transaction(database_);
    *taken = transaction.Query(kComplete, {ArrayText(tokens), ArrayText(results)}).Integer(0, 0);
    if (wanted.rows > 0)
        deliveries = DeliveriesOf(transaction.Query(kClaim, claim));
    transaction.Commit();
    return deliveries;
}

bool
Outbox::IsAnyDue(const std::vector<std::string> &channels) {
    return database_
               .Query("SELECT coalesce(pg_catalog.sum(due), 0) FROM laurel.delivery_status()"
                      " WHERE channel OPERATOR(pg_catalog.=) ANY ($1::text[])",
                      {ArrayText(channels)})
               .Integer(0, 0) > 0;
}

int64_t
Outbox::Beat(bool is_idle) {
    const std::string idle = is_idle ? "true" : "false";
    Database::Transaction transaction(database_);
    const Rows known =
        transaction.Query("SELECT laurel_internal.worker_beat($1::uuid, $2::boolean)", {worker_, idle});
    const Rows held =
        transaction.Query("SELECT laurel_internal.extend_leases($1::uuid, $2::interval)", {worker_, lease_});
    transaction.Commit();
    if (known.Text(0, 0) != "t")
        Register();
    return held.Integer(0, 0);
}

void
Outbox::SetIdle(bool is_idle) {
    database_.Query("SELECT laurel_internal.worker_beat($1::uuid, $2::boolean)",
                    {worker_, is_idle ? "true" : "false"});
}

int64_t
Outbox::Release(const std::vector<std::string> &ids) {
    return database_
        .Query("SELECT laurel_internal.release_deliveries($1::uuid, $2::uuid[])", {worker_, ArrayText(ids)})
        .Integer(0, 0);
}

int64_t
Outbox::ReleaseUnknown(const std::vector<std::string> &known_tokens) {
    return database_.Query(kReleaseUnknown, {worker_, ArrayText(known_tokens)}).Integer(0, 0);
}

int64_t
Outbox::Unregister() {
    return database_.Query("SELECT laurel_internal.unregister_worker($1::uuid)", {worker_}).Integer(0, 0);
}

} // namespace laurel::worker
