// Templates of e-mails and pushes: which one fits, and what it says about a notification.
#pragma once

#include "postgres/datum.h"

namespace laurel::notifications {

// A template; the texts live as long as the SPI connection it was found in.
struct Template {
    bool found = false;
    std::string_view subject;
    std::string_view text;
    std::string_view html; // empty for text alone
};

// What templates are looked up by.
struct TemplateKey {
    Uuid organization;
    std::string_view channel;
    std::string_view type;
    std::string_view language;
};

// The templates one claim needs, each looked up once. Use it within one SPI connection, as the tables' owner.
class Templates {
public:
    const Template &Find(const TemplateKey &key);

private:
    static constexpr int kKept = 32;

    struct Entry {
        TemplateKey key;
        Template found;
    };

    Entry kept_[kKept] = {};
    int count_ = 0;
    int next_ = 0;
    bool known_ = false;
    bool any_ = false;
};

// A moment as its reader's clock and language tell it.
struct ReadersTime {
    TimestampTz at = DT_NOBEGIN; // none
    std::string_view zone;
    std::string_view language;
};

// The values of fields. Those without one are empty.
struct TemplateFields {
    std::string_view title, message, link, type, full_name, first_name, email, organization, unsubscribe;
    std::string_view count, items, items_html; // of digests
    ReadersTime created_at;
    const Jsonb *data = nullptr;
};

enum class TemplatePart { Plain, Html };

// More than this a part of a message never holds, so that no template and no text fills the memory of the
// server or of a worker.
constexpr size_t kMostRendered = 256 * 1024;

// A part of a template with its fields filled in, and whether something had to be cut off its end. Palloc'd.
struct Rendered {
    std::string_view text;
    bool is_cut = false;
};

// Fills in the fields; in HTML they are escaped.
Rendered Render(std::string_view source, const TemplateFields &fields, TemplatePart part,
                size_t most = kMostRendered);

} // namespace laurel::notifications
