#include "deliveries/digest_text.h"

#include "deliveries/links.h"
#include "kernel/html.h"
#include "notifications/channels.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

// Of each message so many bytes are told, and no further item once the text has grown so long.
constexpr int kMostMessage = 1000;
constexpr int kLongText = 100'000;

// The oldest ones are told; how many more there are is said.
Statement items_of = Statement(R"(SELECT n.title, n.message, n.link, pg_catalog.count(*) OVER ()
        FROM ONLY laurel.digest_items i JOIN ONLY laurel.notifications n ON n.id = i.notification_id
        WHERE i.delivery_id = $1 ORDER BY n.created_at, n.id LIMIT 100)",
                               UUIDOID)
                         .Returns(TEXTOID, TEXTOID, TEXTOID, INT8OID);

// What was read, or switched off, or was to go to another address, since it was put into the digest. $2 is
// the channel, $3 the preferences and $4 those of the organization, $5 when the address was changed.
Statement leave_out = Statement(R"(WITH items AS (SELECT i.organization_id, i.delivery_id, i.notification_id,
            CASE WHEN n.is_read AND n.read_at <> n.created_at THEN 'read meanwhile'
            WHEN NOT laurel_internal.is_wanted($2, n.type, n.channels, $3, $4) THEN 'switched off in the preferences'
            WHEN i.created_at <= $5 THEN 'the address has changed meanwhile' END AS why
        FROM ONLY laurel.digest_items i JOIN ONLY laurel.notifications n ON n.id = i.notification_id
        WHERE i.delivery_id = $1 AND n.channels IS NULL)
        DELETE FROM ONLY laurel.digest_items d USING items i WHERE i.why IS NOT NULL
        AND d.organization_id = i.organization_id AND d.delivery_id = i.delivery_id AND d.notification_id = i.notification_id
        RETURNING i.why)",
                                UUIDOID, TEXTOID, JSONBOID, JSONBOID, TIMESTAMPTZOID)
                          .Returns(TEXTOID);

const char *
LeaveOut(const Leased &delivery) {
    const auto value = [&](Leased::Column column) {
        return Nullable(delivery.values[column], delivery.nulls[column]);
    };
    const bool is_mail =
        delivery.Text(Leased::Channel) == notifications::kChannelNames[notifications::kEmail];
    if (leave_out.Run(Access::Write,
                      {value(Leased::Id), value(Leased::Channel), value(Leased::Preferences),
                       value(Leased::Settings), is_mail ? value(Leased::AddressSince) : Nullable()}) == 0)
        return nullptr;
    return CString(ToText(Field(0, 1)));
}

std::string_view
TextOrEmpty(Row *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return is_null ? std::string_view() : ToText(value);
}

// The beginning of a message that is too long to be told as a whole.
std::string_view
Shortened(std::string_view text) {
    if (text.size() <= kMostMessage)
        return text;
    const int length = pg_mbcliplen(text.data(), static_cast<int>(text.size()), kMostMessage);
    return psprintf("%.*s...", length, text.data());
}

void
Append(StringInfo out, std::string_view text) {
    appendBinaryStringInfo(out, text.data(), static_cast<int>(text.size()));
}

void
AppendEscaped(StringInfo out, std::string_view text) {
    kernel::AppendHtml(text, [out](std::string_view piece) { Append(out, piece); });
}

void
AppendLine(StringInfo out, const char *before, std::string_view text) {
    if (text.empty())
        return;
    appendStringInfoString(out, before);
    Append(out, text);
    appendStringInfoChar(out, '\n');
}

void
AppendItem(StringInfo html, std::string_view title, std::string_view message, std::string_view link) {
    appendStringInfoString(html, "<li>");
    const bool leads = IsAbsolute(link);
    if (leads) {
        appendStringInfoString(html, "<a href=\"");
        AppendEscaped(html, link);
        appendStringInfoString(html, "\">");
    }
    AppendEscaped(html, title);
    appendStringInfoString(html, leads ? "</a>" : "");
    for (const std::string_view more : {message, leads ? std::string_view() : link}) {
        if (more.empty())
            continue;
        appendStringInfoString(html, "<br>");
        AppendEscaped(html, more);
    }
    appendStringInfoString(html, "</li>\n");
}

} // namespace

DigestText
TextOfDigest(const Leased &delivery) {
    DigestText digest;
    digest.left_out = LeaveOut(delivery);
    const uint64 rows = items_of.Run(Access::Write, delivery.values[Leased::Id]);
    StringInfoData text, html;
    initStringInfo(&text);
    initStringInfo(&html);
    appendStringInfoString(&html, "<ul>\n");
    uint64 number = 0;
    for (; number < rows && text.len < kLongText && html.len < kLongText; number++) {
        Row row(number);
        const std::string_view title = TextOrEmpty(&row), message = Shortened(TextOrEmpty(&row)),
                               link = OutsideLink(TextOrEmpty(&row), delivery.Object(Leased::Settings));
        digest.count = DatumGetInt64(row.Next());
        AppendLine(&text, "* ", title);
        AppendLine(&text, "  ", message);
        AppendLine(&text, "  ", link);
        AppendItem(&html, title, message, link);
    }
    const int64 more = digest.count - static_cast<int64>(number);
    appendStringInfoString(&html, "</ul>\n");
    if (more > 0) {
        appendStringInfo(&text, "... and %lld more\n", static_cast<long long>(more));
        appendStringInfo(&html, "<p>... and %lld more</p>\n", static_cast<long long>(more));
    }
    digest.text = {text.data, static_cast<size_t>(text.len)};
    digest.html = {html.data, static_cast<size_t>(html.len)};
    return digest;
}

} // namespace laurel::deliveries
