#include "deliveries/messages.h"

#include "deliveries/attachments.h"
#include "deliveries/bounces.h"
#include "deliveries/digest_text.h"
#include "deliveries/email.h"
#include "deliveries/letters.h"
#include "deliveries/links.h"
#include "deliveries/put_back.h"
#include "deliveries/webhook_body.h"
#include "notifications/channels.h"
#include "notifications/preferences.h"
#include "notifications/quiet_hours.h"
#include "postgres/jsonb_object.h"
#include "postgres/local_time.h"

namespace laurel::deliveries {

using notifications::kChannelNames;
using notifications::kEmail;
using notifications::kPush;
using notifications::kWebhook;
using notifications::Render;
using notifications::Rendered;
using notifications::Template;
using notifications::TemplateFields;
using notifications::TemplatePart;
using notifications::Templates;

namespace {

constexpr TimestampTz kLookAgain = 15 * USECS_PER_MINUTE;
constexpr TimestampTz kLongestWait = 7 * USECS_PER_DAY;
constexpr const char *kInactiveUser = "the user is not active";
constexpr const char *kHasLeft = "the member has left the organization";
constexpr const char *kGone = "the notification is gone";
constexpr const char *kSwitchedOff = "switched off in the preferences";
constexpr const char *kRead = "read meanwhile";
constexpr const char *kMoved = "the address has changed meanwhile";
constexpr const char *kUnverified = "the address is not verified";

TemplateFields
FieldsOf(const Leased &delivery) {
    TemplateFields fields;
    fields.title = delivery.Text(Leased::Title);
    fields.message = delivery.Text(Leased::Body);
    fields.link = OutsideLink(delivery.Text(Leased::Link), delivery.Object(Leased::Settings));
    fields.type = delivery.Flag(Leased::IsDigest) ? "digest" : delivery.Text(Leased::Type);
    fields.full_name = delivery.Text(Leased::FullName);
    fields.first_name = delivery.Text(Leased::FirstName);
    fields.email = delivery.Text(Leased::Email);
    fields.organization = delivery.Text(Leased::OrganizationName);
    fields.unsubscribe = UnsubscribeLink(delivery);
    fields.data = delivery.Object(Leased::Data);
    if (!delivery.nulls[Leased::CreatedAt])
        fields.created_at = {DatumGetTimestampTz(delivery.values[Leased::CreatedAt]),
                             delivery.Text(Leased::TimeZone), delivery.Text(Leased::Language)};
    return fields;
}

Message
PushOf(const Leased &delivery, const TemplateFields &fields, Templates *templates) {
    const Template found =
        templates->Find({ToUuid(delivery.values[Leased::Organization]), kChannelNames[kPush], fields.type,
                         delivery.Text(Leased::Language)});
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
        .TextOrNull("link", fields.link);
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

bool
IsCritical(const Leased &delivery) {
    return DatumGetInt16(delivery.values[Leased::Priority]) == 0;
}

// Whether it goes whatever its reader has done or said meanwhile.
bool
IsForced(const Leased &delivery) {
    return IsCritical(delivery) || delivery.Flag(Leased::IsNamed);
}

bool
IsSwitchedOff(const Leased &delivery) {
    return !IsForced(delivery) &&
           !notifications::Wants({delivery.Object(Leased::Preferences), delivery.Object(Leased::Settings)},
                                 delivery.Text(Leased::Channel), delivery.Text(Leased::Type));
}

bool
HasMoved(const Leased &delivery) {
    return !delivery.nulls[Leased::AddressSince] &&
           DatumGetTimestampTz(delivery.values[Leased::AddressSince]) >
               DatumGetTimestampTz(delivery.values[Leased::WaitsSince]);
}

// Why an e-mail cannot or need not go to the address that its reader has now.
const char *
WhyNotToAddress(const Leased &delivery) {
    if (delivery.Flag(Leased::IsSuppressed) && !IsCritical(delivery))
        return kSuppressed;
    if (!HasMoved(delivery))
        return nullptr;
    if (!delivery.Flag(Leased::IsVerified) && notifications::WantsVerified(delivery.Object(Leased::Settings)))
        return kUnverified;
    return delivery.Flag(Leased::IsDigest) || IsForced(delivery) ? nullptr : kMoved;
}

// Why its reader is not told any more what waited, if so. A digest is looked at item by item.
const char *
WhyNot(const Leased &delivery) {
    if (!delivery.Flag(Leased::IsActive))
        return kInactiveUser;
    if (delivery.Text(Leased::Channel) == kChannelNames[kEmail])
        if (const char *why = WhyNotToAddress(delivery))
            return why;
    if (delivery.Flag(Leased::IsDigest))
        return nullptr;
    if (delivery.Flag(Leased::IsRead) && !IsForced(delivery))
        return kRead;
    return IsSwitchedOff(delivery) ? kSwitchedOff : nullptr;
}

Message
WebhookMessage(const Leased &delivery) {
    if (delivery.nulls[Leased::Url])
        return {.cancelled = "the endpoint is gone"};
    if (!delivery.Flag(Leased::IsEnabled))
        return {.cancelled = "the endpoint is disabled"};
    if (delivery.Flag(Leased::IsPersonal) && !delivery.Flag(Leased::IsActive))
        return {.cancelled = kInactiveUser};
    if (delivery.Flag(Leased::IsPersonal) && IsSwitchedOff(delivery))
        return {.cancelled = kSwitchedOff};
    return {.json = WebhookOf(delivery)};
}

// What was due before the reader's quiet hours, or fails and comes again, does not disturb them either.
TimestampTz
SendableAt(const Leased &delivery, TimestampTz now) {
    if (IsCritical(delivery))
        return now;
    return notifications::QuietUntil(
        now, {delivery.Object(Leased::Preferences), delivery.Object(Leased::Settings)},
        delivery.Text(Leased::TimeZone));
}

Message
PersonalMessage(const Leased &delivery, const TemplateFields &fields, Templates *templates,
                Jsonb *attachments = nullptr) {
    if (delivery.Text(Leased::Channel) == kChannelNames[kPush])
        return PushOf(delivery, fields, templates);
    return EmailFor({ToUuid(delivery.values[Leased::Organization]), kChannelNames[kEmail], fields.type,
                     delivery.Text(Leased::Language)},
                    fields.email, fields,
                    delivery.Flag(Leased::IsDigest) ? EmailKind::Digest : EmailKind::Notification, templates,
                    attachments);
}

Message
SingleMessage(const Leased &delivery, std::string_view mail_from, Templates *templates) {
    const Attachments carried = AttachmentsOf(delivery, mail_from);
    if (carried.wrong != nullptr)
        return {.dead = carried.wrong};
    return PersonalMessage(delivery, FieldsOf(delivery), templates, carried.json);
}

Message
DigestMessage(const Leased &delivery, Templates *templates) {
    const DigestText digest = TextOfDigest(delivery);
    const bool has_written = digest.left_out != nullptr;
    if (digest.count == 0)
        return {.cancelled = has_written ? digest.left_out : "the notifications are gone",
                .has_written = has_written};
    TemplateFields fields = FieldsOf(delivery);
    fields.count = psprintf("%lld", static_cast<long long>(digest.count));
    fields.items = digest.text;
    fields.items_html = digest.html;
    Message message = PersonalMessage(delivery, fields, templates);
    message.has_written = has_written;
    return message;
}

} // namespace

Message
MessageOf(const Leased &delivery, const Claim &claim, Templates *templates) {
    const TimestampTz now = claim.now;
    const bool is_letter = delivery.IsLetter(), is_digest = delivery.Flag(Leased::IsDigest);
    if (delivery.Flag(Leased::HasLeft))
        return {.cancelled = kHasLeft};
    if (!is_letter && !is_digest && delivery.nulls[Leased::Notification])
        return {.cancelled = kGone};
    if (!delivery.nulls[Leased::OrganizationIsActive] && !delivery.Flag(Leased::OrganizationIsActive))
        return Postponed(delivery, now);
    if (is_letter)
        return LetterMessage(delivery, now, templates);
    if (delivery.Text(Leased::Channel) == kChannelNames[kWebhook])
        return WebhookMessage(delivery);
    if (const char *why = WhyNot(delivery))
        return {.cancelled = why};
    if (const TimestampTz at = SendableAt(delivery, now); at > now)
        return {.waits_until = at};
    return is_digest ? DigestMessage(delivery, templates)
                     : SingleMessage(delivery, claim.mail_from, templates);
}

} // namespace laurel::deliveries
