// What a delivery says.
#pragma once

#include "notifications/templates.h"

namespace laurel {

// A leased delivery with everything its message is made of.
struct Leased {
    enum Column {
        Id,
        Organization,
        User,
        Notification,
        Endpoint,
        Channel,
        Attempts,
        DueAt,
        IsDigest,
        Type,
        Title,
        Body,
        Link,
        Data,
        CreatedAt,
        Email,
        FullName,
        FirstName,
        IsActive,
        Language,
        OrganizationName,
        Settings,
        Url,
        Secret,
        PreviousSecret,
        IsEnabled,
        TimeoutMs,
        MaxConcurrency,
        RatePerSecond,
        Priority,
        Preferences,
        TimeZone,
        WaitsSince,
        IsPersonal,
        OrganizationIsActive,
        kColumns
    };

    Datum values[kColumns];
    bool nulls[kColumns];

    std::string_view Text(Column column) const {
        return nulls[column] ? std::string_view() : ToText(values[column]);
    }
    bool Flag(Column column) const { return !nulls[column] && DatumGetBool(values[column]); }
    Jsonb *Object(Column column) const { return nulls[column] ? nullptr : DatumGetJsonbP(values[column]); }
};

// All functions run in the SPI connection that is open, as the tables' owner; what they return lives as long
// as it.

// The deliveries leased under the token; returns how many.
int ReadLeased(const Uuid &token, TimestampTz now, Leased **rows);

// What the worker gets; or why nobody can get it, why it can never be sent, or when it may be and why not
// now.
struct Message {
    Jsonb *json = nullptr;
    const char *cancelled = nullptr;
    const char *dead = nullptr;
    TimestampTz waits_until = 0;
    const char *waits = nullptr;
};

Message MessageOf(const Leased &delivery, TimestampTz now, Templates *templates);

// The body of a webhook.
std::string_view WebhookBody(const Leased &delivery);

// The link as an address that leads somewhere from outside the application; empty where it cannot be one.
std::string_view AbsoluteLink(std::string_view link, const Jsonb *settings);

// A moment as ISO 8601 in UTC.
std::string_view IsoTime(TimestampTz at);

} // namespace laurel
