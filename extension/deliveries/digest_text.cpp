#include "deliveries/digest_text.h"

#include "deliveries/links.h"
#include "kernel/html.h"
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
    if (!link.empty()) {
        appendStringInfoString(html, "<a href=\"");
        AppendEscaped(html, link);
        appendStringInfoString(html, "\">");
    }
    AppendEscaped(html, title);
    appendStringInfoString(html, link.empty() ? "" : "</a>");
    if (!message.empty()) {
        appendStringInfoString(html, "<br>");
        AppendEscaped(html, message);
    }
    appendStringInfoString(html, "</li>\n");
}

} // namespace

DigestText
TextOfDigest(const Leased &delivery) {
    const uint64 rows = items_of.Run(Access::Write, delivery.values[Leased::Id]);
    StringInfoData text, html;
    initStringInfo(&text);
    initStringInfo(&html);
    appendStringInfoString(&html, "<ul>\n");
    DigestText digest;
    uint64 number = 0;
    for (; number < rows && text.len < kLongText && html.len < kLongText; number++) {
        Row row(number);
        const std::string_view title = TextOrEmpty(&row), message = Shortened(TextOrEmpty(&row)),
                               link = AbsoluteLink(TextOrEmpty(&row), delivery.Object(Leased::Settings));
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
