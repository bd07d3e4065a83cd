#include "deliveries/messages.h"

#include "deliveries/digest_text.h"
#include "deliveries/put_back.h"
#include "notifications/quiet_hours.h"
#include "postgres/column.h"
#include "postgres/jsonb_object.h"
#include "postgres/spi.h"

namespace laurel {

namespace {

constexpr size_t kMostSubject = 1000;
constexpr TimestampTz kLookAgain = 15 * USECS_PER_MINUTE;
constexpr TimestampTz kLongestWait = 7 * USECS_PER_DAY;
constexpr const char *kInactiveUser = "the user is not active";
constexpr const char *kTooLong =
    "a part of the message would be longer than 256 kB: shorten its template or its text";

Statement leased_rows =
    Statement(
        "SELECT d.id, d.organization_id, d.user_id, n.id, d.endpoint_id, d.channel, d.attempts, d.due_at,"
        " d.digest_key IS NOT NULL, n.type, n.title, n.message, n.link, n.data, n.created_at,"
        " u.email, u.full_name, u.first_name, u.is_active, p.language, NULL, NULL,"
        " e.url, e.secret, CASE WHEN e.previous_until > $2 THEN e.previous_secret END, e.is_enabled, "
        "e.timeout_ms,"
        " e.max_concurrency, e.rate_per_second, d.priority, p.notification_preferences,"
        " p.time_zone, d.created_at, e.user_id IS NOT NULL, NULL"
        " FROM ONLY laurel.notification_deliveries d"
        " LEFT JOIN ONLY laurel.notifications n ON n.id = d.notification_id"
        " LEFT JOIN ONLY laurel.users u ON u.id = d.user_id"
        " LEFT JOIN ONLY laurel.user_preferences p ON p.user_id = d.user_id"
        " LEFT JOIN ONLY laurel.webhook_endpoints e ON e.id = d.endpoint_id"
        " WHERE d.state = 'leased' AND d.lease_token = $1",
        UUIDOID, TIMESTAMPTZOID)
        .Returns(UUIDOID, UUIDOID, UUIDOID, UUIDOID, UUIDOID, TEXTOID, INT2OID, TIMESTAMPTZOID, BOOLOID,
                 TEXTOID, TEXTOID, TEXTOID, TEXTOID, JSONBOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID,
                 BOOLOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, BOOLOID, INT4OID, INT4OID,
                 NUMERICOID, INT2OID, JSONBOID, TEXTOID, TIMESTAMPTZOID, BOOLOID, TEXTOID)
        .Generic();

// Many rows have few organizations, so these are read apart.
Statement organizations_of =
    Statement("SELECT o.id, o.name, o.settings -> 'notifications', o.time_zone, o.is_active"
              " FROM ONLY laurel.organizations o WHERE o.id = ANY ($1) ORDER BY o.id",
              UUIDARRAYOID)
        .Returns(UUIDOID, TEXTOID, JSONBOID, TEXTOID, BOOLOID)
        .Generic();

std::string_view
Setting(const Jsonb *settings, std::string_view key) {
    JsonbValue value;
    if (settings == nullptr || !JB_ROOT_IS_OBJECT(settings) ||
        getKeyJsonValueFromContainer(const_cast<JsonbContainer *>(&settings->root), key.data(),
                                     static_cast<int>(key.size()), &value) == nullptr ||
        value.type != jbvString)
        return {};
    return {value.val.string.val, static_cast<size_t>(value.val.string.len)};
}

std::string_view
Joined(std::string_view first, std::string_view second) {
    auto *text = static_cast<char *>(palloc(first.size() + second.size() + 1));
    std::copy(second.begin(), second.end(), std::copy(first.begin(), first.end(), text));
    return {text, first.size() + second.size()};
}

// The text with bytes that mean something in an address percent-encoded.
std::string_view
Encoded(std::string_view text) {
    StringInfoData out;
    initStringInfo(&out);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 128 && isalnum(byte)) || c == '-' || c == '_' || c == '.' || c == '~')
            appendStringInfoChar(&out, c);
        else
            appendStringInfo(&out, "%%%02X", byte);
    }
    return {out.data, static_cast<size_t>(out.len)};
}

std::string_view
Replaced(std::string_view text, std::string_view field, std::string_view value) {
    const size_t at = text.find(field);
    if (at == std::string_view::npos)
        return text;
    return Joined(Joined(text.substr(0, at), value), text.substr(at + field.size()));
}

// Where the reader can say that this was enough.
std::string_view
UnsubscribeLink(const Leased &delivery) {
    const std::string_view link = Setting(delivery.Object(Leased::Settings), "unsubscribe_url");
    if (link.empty())
        return {};
    const std::string_view type = delivery.Flag(Leased::IsDigest) ? "digest" : delivery.Text(Leased::Type);
    return Replaced(Replaced(link, "{{user_id}}", UuidText(ToUuid(delivery.values[Leased::User]))),
                    "{{type}}", Encoded(type));
}

// Lines that have something to say, a blank line between them.
class Paragraphs {
public:
    Paragraphs() { initStringInfo(&out_); }

    Paragraphs &Add(std::string_view before, std::string_view text, std::string_view after = {}) {
        if (text.empty())
            return *this;
        if (out_.len > 0)
            appendStringInfoString(&out_, "\n\n");
        for (const std::string_view piece : {before, text, after})
            appendBinaryStringInfo(&out_, piece.data(), static_cast<int>(piece.size()));
        return *this;
    }

    std::string_view View() const { return {out_.data, static_cast<size_t>(out_.len)}; }

private:
    StringInfoData out_;
};

// What is sent where no template fits.
Template
BuiltIn(const TemplateFields &fields, bool is_digest) {
    const bool has_link = !fields.link.empty(), has_unsubscribe = !fields.unsubscribe.empty();
    Paragraphs text, html;
    text.Add("", is_digest ? "{{items}}" : "{{title}}")
        .Add("", fields.message.empty() ? "" : "{{message}}")
        .Add("", has_link ? "{{link}}" : "")
        .Add("-- \n", fields.organization.empty() ? "" : "{{organization}}",
             has_unsubscribe ? "\n{{unsubscribe}}" : "");
    html.Add("", is_digest ? "{{items}}" : "<h1 style=\"font-size:1.2em\">{{title}}</h1>")
        .Add("<p style=\"white-space:pre-line\">", fields.message.empty() ? "" : "{{message}}", "</p>")
        .Add("<p><a href=\"", has_link ? "{{link}}" : "", "\">{{link}}</a></p>")
        .Add("<p style=\"color:#666;font-size:.9em\">", fields.organization.empty() ? "" : "{{organization}}",
             has_unsubscribe ? "<br><a href=\"{{unsubscribe}}\">{{unsubscribe}}</a></p>" : "</p>");
    return {true, is_digest ? "{{count}} new: {{organization}}" : "{{title}}", text.View(), html.View()};
}

TemplateFields
FieldsOf(const Leased &delivery) {
    TemplateFields fields;
    fields.title = delivery.Text(Leased::Title);
    fields.message = delivery.Text(Leased::Body);
    fields.link = AbsoluteLink(delivery.Text(Leased::Link), delivery.Object(Leased::Settings));
    fields.type = delivery.Flag(Leased::IsDigest) ? "digest" : delivery.Text(Leased::Type);
    fields.user_name = delivery.Text(Leased::FullName);
    fields.first_name = delivery.Text(Leased::FirstName);
    fields.email = delivery.Text(Leased::Email);
    fields.organization = delivery.Text(Leased::OrganizationName);
    fields.unsubscribe = UnsubscribeLink(delivery);
    fields.data = delivery.Object(Leased::Data);
    if (!delivery.nulls[Leased::CreatedAt])
        fields.created_at = IsoTime(DatumGetTimestampTz(delivery.values[Leased::CreatedAt]));
    return fields;
}

Template
TemplateFor(const Leased &delivery, const TemplateFields &fields, Templates *templates) {
    const Template found =
        templates->Find({ToUuid(delivery.values[Leased::Organization]), delivery.Text(Leased::Channel),
                         fields.type, delivery.Text(Leased::Language)});
    return found.found ? found : BuiltIn(fields, delivery.Flag(Leased::IsDigest));
}

// A subject of one line, whatever was filled in.
std::string_view
OneLine(std::string_view text) {
    char *line = pnstrdup(text.data(), text.size());
    for (char *c = line; *c != '\0'; c++)
        if (static_cast<unsigned char>(*c) < ' ')
            *c = ' ';
    return {line, text.size()};
}

std::string_view
Subject(std::string_view source, const TemplateFields &fields) {
    return OneLine(Render(source, fields, TemplatePart::Plain, kMostSubject).text);
}

Message
EmailOf(const Leased &delivery, const TemplateFields &fields, Templates *templates) {
    const Template found = TemplateFor(delivery, fields, templates);
    const Rendered text = Render(found.text, fields, TemplatePart::Plain),
                   html = Render(found.html, fields, TemplatePart::Html);
    if (text.is_cut || html.is_cut)
        return {.dead = kTooLong};
    return {.json = JsonbObject()
                        .Text("to", fields.email)
                        .Text("to_name", OneLine(fields.user_name))
                        .Text("subject", Subject(found.subject, fields))
                        .Text("text", text.text)
                        .TextOrNull("html", html.text)
                        .TextOrNull("unsubscribe", fields.unsubscribe)
                        .Finish()};
}

Message
PushOf(const Leased &delivery, const TemplateFields &fields, Templates *templates) {
    const Template found = templates->Find({ToUuid(delivery.values[Leased::Organization]), "push",
                                            fields.type, delivery.Text(Leased::Language)});
    const bool is_digest = delivery.Flag(Leased::IsDigest);
    const std::string_view title = found.found ? found.subject
                                   : is_digest ? "{{count}} new: {{organization}}"
                                               : "{{title}}";
    const Rendered body = Render(found.found ? found.text
                                 : is_digest ? "{{items}}"
                                             : "{{message}}",
                                 fields, TemplatePart::Plain);
    if (body.is_cut)
        return {.dead = kTooLong};
    JsonbObject message;
    message.Text("user_id", UuidText(ToUuid(delivery.values[Leased::User])))
        .Text("title", Subject(title, fields))
        .Text("body", body.text)
        .TextOrNull("link", fields.link.empty() ? delivery.Text(Leased::Link) : fields.link);
    if (fields.data != nullptr)
        message.Nested("data", const_cast<Jsonb *>(fields.data));
    return {.json = message.Finish()};
}

Jsonb *
WebhookOf(const Leased &delivery) {
    const std::string_view secrets[] = {delivery.Text(Leased::Secret), delivery.Text(Leased::PreviousSecret)};
    JsonbObject message;
    message.Text("url", delivery.Text(Leased::Url))
        .Texts("secrets", secrets, secrets[1].empty() ? 1 : 2)
        .Text("body", WebhookBody(delivery))
        .Number("timeout_ms", DatumGetInt32(delivery.values[Leased::TimeoutMs]))
        .Number("max_concurrency", DatumGetInt32(delivery.values[Leased::MaxConcurrency]));
    if (delivery.nulls[Leased::RatePerSecond])
        return message.Null("rate_per_second").Finish();
    return message.Number("rate_per_second", DatumGetNumeric(delivery.values[Leased::RatePerSecond]))
        .Finish();
}

// What an organization that is not active would send waits, critical or not, but not for ever: nobody wants
// to be told everything months later.
Message
Postponed(const Leased &delivery, TimestampTz now) {
    const TimestampTz end = DatumGetTimestampTz(delivery.values[Leased::WaitsSince]) + kLongestWait;
    if (end <= now)
        return {.cancelled = kInactiveOrganization};
    return {.waits_until = std::min(now + kLookAgain, end), .waits = kInactiveOrganization};
}

Message
WebhookMessage(const Leased &delivery) {
    if (delivery.nulls[Leased::Url])
        return {.cancelled = "the endpoint is gone"};
    if (!delivery.Flag(Leased::IsEnabled))
        return {.cancelled = "the endpoint is disabled"};
    if (delivery.Flag(Leased::IsPersonal) && !delivery.Flag(Leased::IsActive))
        return {.cancelled = kInactiveUser};
    return {.json = WebhookOf(delivery)};
}

// What was due before the reader's quiet hours, or fails and comes again, does not disturb them either.
TimestampTz
SendableAt(const Leased &delivery, TimestampTz now) {
    if (DatumGetInt16(delivery.values[Leased::Priority]) == 0)
        return now;
    return QuietUntil(now, {delivery.Object(Leased::Preferences), delivery.Object(Leased::Settings)},
                      delivery.Text(Leased::TimeZone));
}

Message
PersonalMessage(const Leased &delivery, Templates *templates) {
    TemplateFields fields = FieldsOf(delivery);
    if (delivery.Flag(Leased::IsDigest)) {
        const DigestText digest = TextOfDigest(delivery);
        if (digest.count == 0)
            return {.cancelled = "the notifications are gone"};
        fields.count = psprintf("%lld", static_cast<long long>(digest.count));
        fields.items = digest.text;
        fields.items_html = digest.html;
    }
    return delivery.Text(Leased::Channel) == "email" ? EmailOf(delivery, fields, templates)
                                                     : PushOf(delivery, fields, templates);
}

// The organizations of the rows, each once, in order.
Datum
OrganizationIds(const Leased *rows, int count) {
    auto *ids = static_cast<Uuid *>(palloc(sizeof(Uuid) * static_cast<size_t>(count + 1)));
    for (int i = 0; i < count; i++)
        ids[i] = ToUuid(rows[i].values[Leased::Organization]);
    std::sort(ids, ids + count);
    const int distinct = static_cast<int>(std::unique(ids, ids + count) - ids);
    Column column(UUIDOID, distinct);
    for (int i = 0; i < distinct; i++)
        column.Add(FromUuid(ids[i]));
    return column.Array();
}

// Fills in what the rows' organizations are called and have set, and their time zone for members without one.
void
ReadOrganizations(Leased *rows, int count) {
    const Datum ids = OrganizationIds(rows, count);
    const int found = static_cast<int>(organizations_of.Run(Access::Write, &ids));
    auto *names = static_cast<Uuid *>(palloc(sizeof(Uuid) * static_cast<size_t>(found + 1)));
    for (int i = 0; i < found; i++)
        names[i] = ToUuid(Field(static_cast<uint64>(i), 1));
    for (int i = 0; i < count; i++) {
        const Uuid id = ToUuid(rows[i].values[Leased::Organization]);
        const Uuid *at = std::lower_bound(names, names + found, id);
        if (at == names + found || !(*at == id))
            continue;
        const auto row = static_cast<uint64>(at - names);
        for (const auto &[column, from] : {std::pair(Leased::OrganizationName, 2),
                                           {Leased::Settings, 3},
                                           {Leased::OrganizationIsActive, 5}})
            rows[i].values[column] = Field(row, from, &rows[i].nulls[column]);
        if (rows[i].nulls[Leased::TimeZone])
            rows[i].values[Leased::TimeZone] = Field(row, 4, &rows[i].nulls[Leased::TimeZone]);
    }
}

} // namespace

std::string_view
AbsoluteLink(std::string_view link, const Jsonb *settings) {
    if (link.starts_with("https://") || link.starts_with("http://") || link.starts_with("mailto:"))
        return link;
    std::string_view base = Setting(settings, "base_url");
    if (!link.starts_with("/") || base.empty())
        return {};
    while (base.ends_with("/"))
        base.remove_suffix(1);
    return Joined(base, link);
}

std::string_view
IsoTime(TimestampTz at) {
    pg_tm parts;
    fsec_t fraction;
    if (timestamp2tm(at, nullptr, &parts, &fraction, nullptr, nullptr) != 0)
        return {};
    return psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year, parts.tm_mon, parts.tm_mday,
                    parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(fraction / 1000));
}

int
ReadLeased(const Uuid &token, TimestampTz now, Leased **rows) {
    const Datum arguments[] = {FromUuid(token), TimestampTzGetDatum(now)};
    const uint64 count = leased_rows.Run(Access::Write, arguments);
    *rows = static_cast<Leased *>(palloc_extended(sizeof(Leased) * (count + 1), MCXT_ALLOC_HUGE));
    for (uint64 row = 0; row < count; row++)
        Fields(row, std::size((*rows)[row].values), (*rows)[row].values, (*rows)[row].nulls);
    ReadOrganizations(*rows, static_cast<int>(count));
    return static_cast<int>(count);
}

Message
MessageOf(const Leased &delivery, TimestampTz now, Templates *templates) {
    if (!delivery.Flag(Leased::IsDigest) && delivery.nulls[Leased::Notification])
        return {.cancelled = "the notification is gone"};
    if (!delivery.nulls[Leased::OrganizationIsActive] && !delivery.Flag(Leased::OrganizationIsActive))
        return Postponed(delivery, now);
    if (delivery.Text(Leased::Channel) == "webhook")
        return WebhookMessage(delivery);
    if (!delivery.Flag(Leased::IsActive))
        return {.cancelled = kInactiveUser};
    if (const TimestampTz at = SendableAt(delivery, now); at > now)
        return {.waits_until = at};
    return PersonalMessage(delivery, templates);
}

} // namespace laurel
