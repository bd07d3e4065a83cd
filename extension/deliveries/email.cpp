#include "deliveries/email.h"

#include "deliveries/links.h"
#include "kernel/grapheme.h"
#include "postgres/jsonb_object.h"

namespace laurel::deliveries {

using notifications::Render;
using notifications::Rendered;
using notifications::Template;
using notifications::TemplateFields;
using notifications::TemplatePart;
using notifications::Templates;

namespace {

constexpr size_t kMostSubject = 1000;
constexpr size_t kLongestGrapheme = 100; // so far beyond that is looked for its end

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
        .Add("<p>",
             !has_link                 ? ""
             : IsAbsolute(fields.link) ? "<a href=\"{{link}}\">{{link}}</a>"
                                       : "{{link}}",
             "</p>")
        .Add("<p style=\"color:#666;font-size:.9em\">", fields.organization.empty() ? "" : "{{organization}}",
             has_unsubscribe ? "<br><a href=\"{{unsubscribe}}\">{{unsubscribe}}</a></p>" : "</p>");
    return {true, is_digest ? "{{count}} new: {{organization}}" : "{{title}}", text.View(), html.View()};
}

} // namespace

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
    const Rendered subject = Render(source, fields, TemplatePart::Plain, kMostSubject + kLongestGrapheme);
    return OneLine(subject.text.substr(0, kernel::WholeGraphemes(subject.text, kMostSubject)));
}

Message
EmailFor(const notifications::TemplateKey &key, std::string_view to, const TemplateFields &fields,
         EmailKind kind, Templates *templates, Jsonb *attachments) {
    const Template found = templates->Find(key);
    const Template used = found.found ? found : BuiltIn(fields, kind == EmailKind::Digest);
    const bool is_plain = found.found && kind == EmailKind::Letter;
    const Rendered text = Render(used.text, fields, TemplatePart::Plain),
                   html = Render(is_plain ? std::string_view() : used.html, fields, TemplatePart::Html);
    if (text.is_cut || html.is_cut)
        return {.dead = kTooLong};
    JsonbObject email;
    email.Text("to", to)
        .Text("to_name", OneLine(fields.full_name))
        .Text("subject", Subject(used.subject, fields))
        .Text("text", text.text)
        .TextOrNull("html", html.text)
        .TextOrNull("unsubscribe", fields.unsubscribe);
    if (attachments != nullptr)
        email.Nested("attachments", attachments);
    return {.json = email.Finish()};
}

} // namespace laurel::deliveries
