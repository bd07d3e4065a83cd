#include "deliveries_digest_text.h"

#include "kernel/template.h"
#include "postgres/spi.h"

namespace laurel {

namespace {

// The oldest ones are told; how many more there are is said.
Statement items_of("SELECT n.title, n.message, n.link, pg_catalog.count(*) OVER ()"
                   " FROM laurel.digest_items i JOIN laurel.notifications n ON n.id = i.notification_id"
                   " WHERE i.delivery_id = $1 ORDER BY n.created_at, n.id LIMIT 100",
                   UUIDOID);

std::string_view
TextOrEmpty(Row *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return is_null ? std::string_view() : ToText(value);
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
    const uint64 rows = items_of.Run(Access::Write, &delivery.values[Leased::Id]);
    StringInfoData text, html;
    initStringInfo(&text);
    initStringInfo(&html);
    appendStringInfoString(&html, "<ul>\n");
    DigestText digest;
    for (uint64 number = 0; number < rows; number++) {
        Row row(number);
        const std::string_view title = TextOrEmpty(&row), message = TextOrEmpty(&row),
                               link = AbsoluteLink(TextOrEmpty(&row), delivery.Object(Leased::Settings));
        digest.count = DatumGetInt64(row.Next());
        AppendLine(&text, "* ", title);
        AppendLine(&text, "  ", message);
        AppendLine(&text, "  ", link);
        AppendItem(&html, title, message, link);
    }
    const int64 more = digest.count - static_cast<int64>(rows);
    appendStringInfoString(&html, "</ul>\n");
    if (more > 0) {
        appendStringInfo(&text, "... and %lld more\n", static_cast<long long>(more));
        appendStringInfo(&html, "<p>... and %lld more</p>\n", static_cast<long long>(more));
    }
    digest.text = {text.data, static_cast<size_t>(text.len)};
    digest.html = {html.data, static_cast<size_t>(html.len)};
    return digest;
}

} // namespace laurel
