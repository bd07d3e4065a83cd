#include "mail/parts.h"

#include <algorithm>
#include <memory>
#include <new>

#include <gmime/gmime.h>

#include "deliveries/channel.h"
#include "mail/header.h"

namespace laurel::worker {

namespace {

// GMime counts references: whoever adds a part to another keeps its own.
template <typename Object> struct Unref {
    void operator()(Object *object) const { g_object_unref(object); }
};
template <typename Object> using Owned = std::unique_ptr<Object, Unref<Object>>;
using ObjectPointer = Owned<GMimeObject>;

template <typename Object>
Owned<Object>
Own(Object *object) {
    if (object == nullptr)
        throw std::bad_alloc();
    return Owned<Object>(object);
}

// Set up once, by whoever writes a message first; other threads wait for that. Messages share nothing else,
// and nothing changes afterwards.
struct Library {
    Library() {
        g_mime_init();
        format = g_mime_format_options_new();
        g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
    }
    GMimeFormatOptions *format; // as long as the program runs
};

const Library &
TheLibrary() {
    static const Library library;
    return library;
}

// Quoted-printable takes three characters for a byte that base64 keeps in 1.33.
bool
IsMostlyAscii(std::string_view text) {
    const auto others = std::ranges::count_if(text, [](char letter) { return (letter & 0x80) != 0; });
    return static_cast<size_t>(others) * 6 <= text.size();
}

// Line ends of any kind as one.
std::string
WithLineEnds(std::string_view text, std::string_view end) {
    std::string lines;
    lines.reserve(text.size() + 2);
    for (size_t at = 0; at < text.size(); at++) {
        if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n')
            continue;
        if (text[at] == '\n' || text[at] == '\r')
            lines += end;
        else
            lines += text[at];
    }
    return lines;
}

Owned<GMimeContentType>
TypeNamed(const std::string &name) {
    const auto printable = [](char letter) { return letter >= ' ' && letter <= '~'; };
    auto type = Own(g_mime_content_type_parse(nullptr, name.c_str()));
    const std::string media = std::string(g_mime_content_type_get_media_type(type.get())) + "/" +
                              g_mime_content_type_get_media_subtype(type.get());
    if (!std::ranges::all_of(name, printable) || !name.starts_with(media) ||
        g_mime_content_type_is_type(type.get(), "multipart", "*") ||
        g_mime_content_type_is_type(type.get(), "message", "*"))
        throw Refusal("\"" + Printable(name) + "\" is no type that an attachment may have");
    return type;
}

// A part of that type and those bytes.
Owned<GMimePart>
PartOf(const std::string &type, std::string_view bytes, GMimeContentEncoding encoding) {
    const auto stream = Own(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
    const auto content =
        Own(g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
    auto part = Own(g_mime_part_new());
    const auto content_type = TypeNamed(type);
    if (g_mime_content_type_is_type(content_type.get(), "text", "*"))
        g_mime_content_type_set_parameter(content_type.get(), "charset", "utf-8");
    g_mime_object_set_content_type(GMIME_OBJECT(part.get()), content_type.get());
    g_mime_part_set_content(part.get(), content.get());
    g_mime_part_set_content_encoding(part.get(), encoding);
    return part;
}

ObjectPointer
AsObject(Owned<GMimePart> part) {
    return ObjectPointer(GMIME_OBJECT(part.release()));
}

// A part that is shown. What base64 holds has its line ends already.
ObjectPointer
TextPart(const std::string &type, std::string_view text) {
    if (IsMostlyAscii(text))
        return AsObject(PartOf(type, WithLineEnds(text, "\n"), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE));
    return AsObject(PartOf(type, WithLineEnds(text, "\r\n"), GMIME_CONTENT_ENCODING_BASE64));
}

// A part that is kept as a file.
ObjectPointer
FilePart(const Attachment &attachment) {
    if (attachment.filename.empty() || std::ranges::any_of(attachment.filename, [](char letter) {
            return static_cast<unsigned char>(letter) < ' ' || letter == 0x7f || letter == '/';
        }))
        throw Refusal("\"" + Printable(attachment.filename) + "\" is no name that an attachment may have");
    auto part = PartOf(attachment.content_type, attachment.text, GMIME_CONTENT_ENCODING_BASE64);
    g_mime_object_set_disposition(GMIME_OBJECT(part.get()), GMIME_DISPOSITION_ATTACHMENT);
    g_mime_part_set_filename(part.get(), attachment.filename.c_str());
    return AsObject(std::move(part));
}

// Several parts in one. "=_" occurs in no encoded content, so the boundary cannot either.
class Multipart {
public:
    Multipart(const char *subtype, const std::string &boundary)
        : multipart_(Own(g_mime_multipart_new_with_subtype(subtype))) {
        g_mime_multipart_set_boundary(multipart_.get(), boundary.c_str());
    }
    void Add(const ObjectPointer &part) { g_mime_multipart_add(multipart_.get(), part.get()); }
    ObjectPointer Finish() { return ObjectPointer(GMIME_OBJECT(multipart_.release())); }

private:
    Owned<GMimeMultipart> multipart_;
};

// What the message says, in as many forms as it has; readers show the last one that they understand.
ObjectPointer
Said(const Message &message) {
    const auto is_shown = [](const Attachment &attachment) { return !attachment.alternative.empty(); };
    if (message.html.empty() && std::ranges::none_of(message.attachments, is_shown))
        return TextPart("text/plain", message.text);
    Multipart forms("alternative", "=_" + message.id);
    forms.Add(TextPart("text/plain", message.text));
    if (!message.html.empty())
        forms.Add(TextPart("text/html", message.html));
    for (const Attachment &attachment : message.attachments)
        if (is_shown(attachment))
            forms.Add(TextPart(attachment.alternative, attachment.text));
    return forms.Finish();
}

ObjectPointer
Root(const Message &message) {
    if (message.attachments.empty())
        return Said(message);
    Multipart mixed("mixed", "=_mixed_" + message.id);
    mixed.Add(Said(message));
    for (const Attachment &attachment : message.attachments)
        mixed.Add(FilePart(attachment));
    return mixed.Finish();
}

} // namespace

std::string
Parts(const Message &message) {
    const Library &library = TheLibrary();
    const ObjectPointer root = Root(message);
    const auto stream = Own(g_mime_stream_mem_new());
    if (g_mime_object_write_to_stream(root.get(), library.format, stream.get()) < 0)
        throw std::bad_alloc();
    const GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
    std::string text(reinterpret_cast<const char *>(bytes->data), bytes->len);
    return text.ends_with("\r\n") ? text : text + "\r\n";
}

} // namespace laurel::worker
