// Deliveries that a claim has leased.
#pragma once

#include "postgres/datum.h"

namespace laurel::deliveries {

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
        Letter,
        IsRead,       // by its reader, since it was written
        IsNamed,      // it goes to this channel whatever preferences say
        HasLeft,      // nobody of the organization is told any more
        IsVerified,   // the address
        AddressSince, // when the address was last changed
        IsSuppressed, // the address
        UnsubscribeKey,
        HasAttachments,   // e-mails of the type carry something
        AttachmentSource, // the function that says what, null where it is gone
        kColumns
    };

    Datum values[kColumns];
    bool nulls[kColumns];

    std::string_view Text(Column column) const {
        return nulls[column] ? std::string_view() : ToText(values[column]);
    }
    bool Flag(Column column) const { return !nulls[column] && DatumGetBool(values[column]); }
    bool IsLetter() const { return !nulls[Letter]; }
    Jsonb *Object(Column column) const { return nulls[column] ? nullptr : DatumGetJsonbP(values[column]); }
};

// The deliveries leased under the token; returns how many. Runs in the SPI connection that is open, as the
// tables' owner; what it reads lives as long as it.
int ReadLeased(const Uuid &token, TimestampTz now, Leased **rows);

} // namespace laurel::deliveries
