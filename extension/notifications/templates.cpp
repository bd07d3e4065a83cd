#include "notifications/templates.h"

#include "kernel/given_name.h"
#include "kernel/html.h"
#include "kernel/language_tag.h"
#include "kernel/template.h"
#include "postgres/bridge.h"
#include "postgres/canonical.h"
#include "postgres/column.h"
#include "postgres/error.h"
#include "postgres/local_time.h"
#include "postgres/spi.h"

namespace laurel::notifications {

namespace {

constexpr std::string_view kDigestType = "digest", kDataPrefix = "data.";

Statement any_template("SELECT FROM ONLY laurel.notification_templates LIMIT 1");

// A digest has templates of its own only; $4 are the locales that fit, the best first.
Statement find_template =
    Statement(R"(SELECT subject, body_text, body_html FROM ONLY laurel.notification_templates
        WHERE channel = $1 AND (type = $2 OR type = '*' AND $2 <> 'digest')
        AND (organization_id = $3 OR organization_id IS NULL) AND locale = ANY ($4)
        ORDER BY organization_id IS NULL, type = '*', pg_catalog.array_position($4, locale) LIMIT 1)",
              TEXTOID, TEXTOID, UUIDOID, TEXTARRAYOID)
        .Returns(TEXTOID, TEXTOID, TEXTOID);

// What stands before the @ of an address: what to call somebody who has given no name.
std::string_view
Mailbox(const TemplateFields &fields) {
    return fields.email.substr(0, fields.email.find('@'));
}

std::string_view
UserName(const TemplateFields &fields) {
    return fields.full_name.empty() ? Mailbox(fields) : fields.full_name;
}

std::string_view
FirstName(const TemplateFields &fields) {
    for (const std::string_view given : {fields.first_name, fields.full_name})
        if (const std::string_view name = kernel::GivenName(given); !name.empty())
            return given == fields.first_name ? given : name;
    return Mailbox(fields);
}

std::string_view
CreatedAt(const TemplateFields &fields) {
    return LocalText(fields.created_at.at, fields.created_at.zone, fields.created_at.language);
}

template <std::string_view TemplateFields::*member>
std::string_view
Plain(const TemplateFields &fields) {
    return fields.*member;
}

// A field that is the same for every notification.
struct FieldName {
    std::string_view name;
    std::string_view (*value)(const TemplateFields &fields);
    enum Where { Single, Digest, Both } where;
};

constexpr FieldName kFields[] = {{"title", Plain<&TemplateFields::title>, FieldName::Single},
                                 {"message", Plain<&TemplateFields::message>, FieldName::Single},
                                 {"link", Plain<&TemplateFields::link>, FieldName::Single},
                                 {"type", Plain<&TemplateFields::type>, FieldName::Both},
                                 {"created_at", CreatedAt, FieldName::Single},
                                 {"user_name", UserName, FieldName::Both},
                                 {"first_name", FirstName, FieldName::Both},
                                 {"email", Plain<&TemplateFields::email>, FieldName::Both},
                                 {"organization", Plain<&TemplateFields::organization>, FieldName::Both},
                                 {"unsubscribe", Plain<&TemplateFields::unsubscribe>, FieldName::Both},
                                 {"count", Plain<&TemplateFields::count>, FieldName::Digest},
                                 {"items", Plain<&TemplateFields::items>, FieldName::Digest}};

bool
IsField(std::string_view name, bool of_digest) {
    if (!of_digest && name.starts_with(kDataPrefix) && name.size() > kDataPrefix.size())
        return true;
    return std::any_of(std::begin(kFields), std::end(kFields), [&](const FieldName &field) {
        return field.name == name && field.where != (of_digest ? FieldName::Single : FieldName::Digest);
    });
}

// A value as ->> shows it.
std::string_view
ValueText(const JsonbValue &value) {
    switch (value.type) {
    case jbvString:
        return {value.val.string.val, static_cast<size_t>(value.val.string.len)};
    case jbvNumeric:
        return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric)));
    case jbvBool:
        return value.val.boolean ? "true" : "false";
    case jbvBinary:
        return JsonbToCString(nullptr, value.val.binary.data, value.val.binary.len);
    default:
        return {};
    }
}

// A member of the notification's data as text; empty where there is none.
std::string_view
DataField(const Jsonb *data, std::string_view key) {
    if (data == nullptr || !JB_ROOT_IS_OBJECT(data))
        return {};
    JsonbValue value;
    if (getKeyJsonValueFromContainer(const_cast<JsonbContainer *>(&data->root), key.data(),
                                     static_cast<int>(key.size()), &value) == nullptr)
        return {};
    return ValueText(value);
}

std::string_view
FieldValue(std::string_view name, const TemplateFields &fields) {
    if (name.starts_with(kDataPrefix))
        return DataField(fields.data, name.substr(kDataPrefix.size()));
    for (const FieldName &field : kFields)
        if (field.name == name)
            return field.value(fields);
    return {};
}

// A text that grows up to so many bytes.
class Bounded {
public:
    explicit Bounded(size_t most) : room_(most) { initStringInfo(&out_); }

    void Append(std::string_view text) {
        if (is_cut_)
            return;
        is_cut_ = text.size() > room_;
        if (is_cut_)
            text = text.substr(0, static_cast<size_t>(pg_mbcliplen(text.data(), static_cast<int>(room_ + 1),
                                                                   static_cast<int>(room_))));
        appendBinaryStringInfo(&out_, text.data(), static_cast<int>(text.size()));
        room_ -= text.size();
    }

    bool is_cut() const { return is_cut_; }
    Rendered Finish() const { return {{out_.data, static_cast<size_t>(out_.len)}, is_cut_}; }

private:
    StringInfoData out_;
    size_t room_;
    bool is_cut_ = false;
};

[[noreturn]] void
Wrong(const char *part, const char *detail, const char *hint) {
    Refuse({.message = psprintf("%s of the template cannot be filled in", part),
            .detail = detail,
            .hint = hint,
            .table = "notification_templates",
            .constraint = "notification_templates_fields_check"});
}

void
CheckPart(const char *part, std::string_view source, bool of_digest) {
    kernel::TemplateReader reader(source);
    kernel::TemplatePiece piece;
    while (reader.Next(&piece))
        if (piece.is_field && !IsField(piece.text, of_digest))
            Wrong(part, psprintf("There is no field {{%s}}.", CString(piece.text)),
                  of_digest
                      ? "A digest has count, items, type, user_name, first_name, email, organization and"
                        " unsubscribe."
                      : "There are title, message, link, type, created_at, user_name, first_name, email,"
                        " organization, unsubscribe and data.x.");
    if (reader.broken())
        Wrong(part, "A field that begins with {{ does not end with }} on the same line.",
              "Write {{title}}; two braces always begin a field.");
}

// The tag and all that is wider, as RFC 4647 looks them up: zh-Hant-TW, zh-Hant, zh, then * for any.
Datum
LocalesFor(std::string_view language) {
    Column locales(TEXTOID, kernel::kMaxLanguageTag);
    const Canonical tag = kLocale.Of(language);
    for (std::string_view range = tag.text; !range.empty() && range != "*"; range = kernel::WiderRange(range))
        locales.Add(FromText(range));
    locales.Add(CStringGetTextDatum("*"));
    return locales.Array();
}

Template
LookUp(const TemplateKey &key) {
    const Datum values[] = {FromText(key.channel), FromText(key.type), FromUuid(key.organization),
                            LocalesFor(key.language)};
    if (find_template.Run(Access::Write, values) == 0)
        return {};
    bool no_html;
    const Datum html = Field(0, 3, &no_html);
    return {true, ToText(Field(0, 1)), ToText(Field(0, 2)), no_html ? std::string_view() : ToText(html)};
}

bool
AreSame(const TemplateKey &a, const TemplateKey &b) {
    return a.organization == b.organization && a.channel == b.channel && a.type == b.type &&
           a.language == b.language;
}

} // namespace

const Template &
Templates::Find(const TemplateKey &key) {
    static constexpr Template none = {};
    if (!known_)
        any_ = any_template.Run(Access::Write) > 0;
    known_ = true;
    if (!any_)
        return none;
    for (int i = 0; i < count_; i++)
        if (AreSame(kept_[i].key, key))
            return kept_[i].found;
    Entry &entry = kept_[next_];
    entry = {key, LookUp(key)};
    next_ = (next_ + 1) % kKept;
    count_ = std::min(count_ + 1, kKept);
    return entry.found;
}

Rendered
Render(std::string_view source, const TemplateFields &fields, TemplatePart part, size_t most) {
    Bounded out(most);
    kernel::TemplateReader reader(source);
    kernel::TemplatePiece piece;
    while (!out.is_cut() && reader.Next(&piece)) {
        if (!piece.is_field)
            out.Append(piece.text);
        else if (part == TemplatePart::Plain)
            out.Append(FieldValue(piece.text, fields));
        else if (piece.text == "items")
            out.Append(fields.items_html);
        else
            kernel::AppendHtml(FieldValue(piece.text, fields),
                               [&](std::string_view text) { out.Append(text); });
    }
    return out.Finish();
}

// laurel_internal.check_template(type, channel, subject, body_text, body_html)
LAUREL_FUNCTION(laurel_check_template) {
    constexpr const char *parts[] = {"subject", "body_text", "body_html"};
    const bool of_digest = !PG_ARGISNULL(0) && ToText(PG_GETARG_DATUM(0)) == kDigestType;
    for (int part = 0; part < 3; part++)
        if (!PG_ARGISNULL(part + 2))
            CheckPart(parts[part], ToText(PG_GETARG_DATUM(part + 2)), of_digest);
    PG_RETURN_BOOL(true);
}

} // namespace laurel::notifications
