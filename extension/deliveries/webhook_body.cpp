#include "deliveries/webhook_body.h"

#include "postgres/jsonb_object.h"
#include "postgres/local_time.h"

namespace laurel::deliveries {

namespace {

constexpr size_t kMaxBody = 20000;
constexpr int kMaxMessage = 1500;

// What may be left out of a body that is too long.
enum class Extent { Whole, WithoutData };

std::string_view
ShortText(std::string_view text) {
    if (text.size() <= kMaxMessage)
        return text;
    return text.substr(
        0, static_cast<size_t>(pg_mbcliplen(text.data(), static_cast<int>(text.size()), kMaxMessage)));
}

Jsonb *
DataOf(const Leased &delivery, Extent extent) {
    const std::string_view message = delivery.Text(Leased::Body), link = delivery.Text(Leased::Link);
    const bool is_whole = extent == Extent::Whole;
    JsonbObject data;
    data.Text("notification_id", UuidText(ToUuid(delivery.values[Leased::Notification])))
        .Text("organization_id", UuidText(ToUuid(delivery.values[Leased::Organization])))
        .Text("user_id", UuidText(ToUuid(delivery.values[Leased::User])))
        .Text("title", delivery.Text(Leased::Title))
        .TextOrNull("message", is_whole ? message : ShortText(message))
        .TextOrNull("link", is_whole ? link : ShortText(link));
    if (!is_whole)
        return data.Bool("truncated", true).Finish();
    return data.Nested("data", delivery.Object(Leased::Data)).Finish();
}

std::string_view
BodyOf(const Leased &delivery, Extent extent) {
    Jsonb *body = JsonbObject()
                      .Text("type", delivery.Text(Leased::Type))
                      .Text("timestamp", IsoTime(DatumGetTimestampTz(delivery.values[Leased::CreatedAt])))
                      .Nested("data", DataOf(delivery, extent))
                      .Finish();
    return JsonbToCString(nullptr, &body->root, VARSIZE(body));
}

} // namespace

std::string_view
WebhookBody(const Leased &delivery) {
    if (delivery.Text(Leased::Body).size() >= kMaxBody)
        return BodyOf(delivery, Extent::WithoutData);
    const std::string_view whole = BodyOf(delivery, Extent::Whole);
    return whole.size() < kMaxBody ? whole : BodyOf(delivery, Extent::WithoutData);
}

} // namespace laurel::deliveries
