#include "credentials/pages.h"

#include "pages/html.h"

namespace laurel::worker {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration kPageAge = 10s;
constexpr size_t kMostPages = 256;
constexpr size_t kUuidLength = 36;
constexpr const char *kPlain = "text/plain; charset=utf-8";
constexpr std::string_view kStatus = "/credentials/status/";
constexpr std::string_view kIssuers = "/credentials/issuers/";
constexpr std::string_view kCredential = "/credentials/";
constexpr std::string_view kDidJson = "/did.json";

constexpr const char *kStatusHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>Credential</title><style>
body { margin: 12vh auto; max-width: 34rem; padding: 0 1.5rem; font: 1.05rem/1.55 system-ui, sans-serif;
    color: #23261f; background: #fbfaf7 }
h1 { font-size: 1.7rem; line-height: 1.25; overflow-wrap: anywhere }
b { display: inline-block; padding: .1rem .7rem; border-radius: 1rem; color: #fff; background: #a33 }
b.valid { background: #276749 } .soft { color: #5c6056 }
@media (prefers-color-scheme: dark) { body { color: #e6e8e3; background: #15181a } .soft { color: #a3a89e } }
</style></head><body>
)";

bool
IsUuid(std::string_view text) {
    if (text.size() != kUuidLength)
        return false;
    for (size_t i = 0; i < text.size(); i++) {
        const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_hyphen ? text[i] != '-'
                      : std::string_view("0123456789abcdef").find(text[i]) == std::string_view::npos)
            return false;
    }
    return true;
}

bool
IsListNumber(std::string_view text) {
    return !text.empty() && text.size() <= 9 &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

HttpServer::Reply
NotFound() {
    return {404, kPlain, "there is no such page\n"};
}

std::string
Line(const std::string &label, std::string_view text) {
    return text.empty()
               ? ""
               : "<p dir=\"auto\"><span class=\"soft\">" + label + "</span> " + Escape(text) + "</p>\n";
}

// Says whether it is good, and never whose it is.
std::string
StatusHtml(const Rows &row) {
    const std::string status(row.Text(0, 0));
    std::string html = kStatusHead;
    html += "<p><b class=\"" + Escape(status) + "\">" + Escape(status) + "</b></p>\n<h1 dir=\"auto\">" +
            Escape(row.IsNull(0, 3) ? "A credential" : row.Text(0, 3)) + "</h1>\n";
    html += Line("issued by", row.Text(0, 2)) + Line("since", row.Text(0, 4)) +
            Line("until", row.Text(0, 5)) + Line("", row.Text(0, 1));
    return html + "</body></html>\n";
}

} // namespace

HttpServer::Reply
CredentialPages::Serve(const std::string &path) {
    const auto now = Clock::now();
    const auto found = kept_.find(path);
    if (found != kept_.end() && found->second.until > now)
        return found->second.reply;
    HttpServer::Reply reply = Make(path);
    if (reply.status != 200)
        return reply;
    if (kept_.size() >= kMostPages)
        kept_.clear();
    kept_[path] = {reply, now + kPageAge};
    return reply;
}

HttpServer::Reply
CredentialPages::Make(const std::string &path) {
    const std::string_view view(path);
    if (view.starts_with(kStatus) && view.size() > kStatus.size() + kUuidLength) {
        const std::string organization(view.substr(kStatus.size(), kUuidLength));
        const std::string_view rest = view.substr(kStatus.size() + kUuidLength);
        if (IsUuid(organization) && rest[0] == '/' && IsListNumber(rest.substr(1)))
            return AsJson("SELECT laurel.status_list($1::uuid, $2::int4)",
                          {organization, std::string(rest.substr(1))}, "application/vc");
        return NotFound();
    }
    if (view.starts_with(kIssuers) && view.ends_with(kDidJson)) {
        const std::string organization(
            view.substr(kIssuers.size(), view.size() - kIssuers.size() - kDidJson.size()));
        return IsUuid(organization)
                   ? AsJson("SELECT laurel.issuer_document($1::uuid)", {organization}, "application/json")
                   : NotFound();
    }
    const std::string id(view.substr(kCredential.size()));
    return IsUuid(id) ? Status(id) : NotFound();
}

// What is not there is told apart from what cannot be told now.
HttpServer::Reply
CredentialPages::Ask(const std::string &statement, const Parameters &parameters,
                     const std::function<HttpServer::Reply(const Rows &)> &show) {
    HttpServer::Reply reply = {503, kPlain, "not now\n"};
    if (!session_.IsReady())
        return reply;
    const auto result = session_.Do("reading a credential", [&] {
        try {
            reply = show(database_.Query(statement, parameters));
        } catch (const Disconnected &) {
            throw;
        } catch (const DatabaseError &error) {
            if (error.sqlstate != "23503")
                throw;
            reply = NotFound();
        }
    });
    return result == Session::Result::Done ? reply : HttpServer::Reply{503, kPlain, "not now\n"};
}

HttpServer::Reply
CredentialPages::AsJson(const std::string &statement, const Parameters &parameters, const char *type) {
    return Ask(statement, parameters, [type](const Rows &rows) {
        return HttpServer::Reply{200, type, std::string(rows.Text(0, 0)), 300};
    });
}

HttpServer::Reply
CredentialPages::Status(const std::string &id) {
    return Ask("SELECT status, reason, issuer_name, badge_name,"
               " pg_catalog.to_char(valid_from AT TIME ZONE 'UTC', 'YYYY-MM-DD'),"
               " pg_catalog.to_char(valid_until AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
               " FROM laurel.credential_status($1::uuid)",
               {id}, [](const Rows &rows) {
                   return rows.Text(0, 0) == "unknown"
                              ? NotFound()
                              : HttpServer::Reply{200, "text/html; charset=utf-8", StatusHtml(rows)};
               });
}

} // namespace laurel::worker
