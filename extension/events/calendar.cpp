// Events as calendars take them over: iCalendar text, and a feed that a calendar fetches by an address of its
// own.

#include "access/caller.h"
#include "access/organization.h"
#include "identity/shown_name.h"
#include "kernel/icalendar.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/token.h"

namespace laurel::events {

namespace {

constexpr const char *kFeedConstraint = "calendar_feeds_membership_fkey";

constexpr SqlText kTime =
    R"(pg_catalog.to_char(pg_catalog.timezone('UTC', e.{1}), 'YYYYMMDD"T"HH24MISS"Z"'))";

// What is written of an event, in the order of kColumns.
constexpr SqlText kEvent = Sql<R"(e.id::pg_catalog.text, e.sequence::pg_catalog.text, {1}, {2}, {3}, {4},
        CASE e.status WHEN 'cancelled' THEN 'CANCELLED' ELSE 'CONFIRMED' END, e.title, e.description, e.location)",
                               Sql<kTime, "updated_at">, Sql<kTime, "created_at">,
                               Sql<kTime, "scheduled_date">, Sql<kTime, "ends_at">>;
constexpr int kColumns = 10;
constexpr Oid kEventTypes[kColumns] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID,
                                       TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID};

// As the caller, whom policies bind.
Statement shown_event =
    Statement(Sql<"SELECT {1} FROM ONLY laurel.events e WHERE e.id = $1", kEvent>, UUIDOID)
        .Returns(kEventTypes);

// An event, who looks after it, and one who was asked to it, with his answer.
constexpr SqlText kInvitation =
    Sql<R"(SELECT {1}, coalesce({2}, o.name), coalesce(i.full_name, i.email), i.email,
        CASE p.rsvp_status WHEN 'going' THEN 'ACCEPTED' WHEN 'declined' THEN 'DECLINED'
            WHEN 'invited' THEN 'NEEDS-ACTION' ELSE 'TENTATIVE' END
        FROM ONLY laurel.participations p
        JOIN ONLY laurel.events e ON e.organization_id = p.organization_id AND e.id = p.event_id
        JOIN ONLY laurel.organizations o ON o.id = p.organization_id JOIN ONLY laurel.users i ON i.id = p.user_id
        LEFT JOIN ONLY laurel.users u ON u.id = e.facilitator_id
        LEFT JOIN ONLY laurel.profiles f ON f.user_id = e.facilitator_id
        LEFT JOIN ONLY laurel.user_organizations m ON m.organization_id = e.organization_id AND m.user_id = e.facilitator_id
        WHERE p.organization_id = $1 AND p.user_id = $2 AND p.event_id = $3)",
        kEvent, Sql<identity::kShownName, "e">>;

Statement invitation = Statement(kInvitation, UUIDOID, UUIDOID, UUIDOID)
                           .Returns(TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID,
                                    TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID);

// The events of whom a feed belongs to, while he is a member who may sign in.
Statement feed_events = Statement(Sql<R"(SELECT {1} FROM (SELECT e.* FROM ONLY laurel.participations p
        JOIN ONLY laurel.events e ON e.organization_id = p.organization_id AND e.id = p.event_id
        WHERE p.organization_id = $1 AND p.user_id = $2 AND p.rsvp_status NOT IN ('declined', 'invited')
            AND e.ends_at > pg_catalog.now() - interval '30 days'
        ORDER BY e.scheduled_date, e.id LIMIT 500) e)",
                                      kEvent>,
                                  UUIDOID, UUIDOID)
                            .Returns(kEventTypes);

Statement find_feed = Statement(R"(SELECT f.organization_id, f.user_id FROM ONLY laurel.calendar_feeds f
        JOIN ONLY laurel.users u ON u.id = f.user_id AND u.is_active
        JOIN ONLY laurel.organizations o ON o.id = f.organization_id AND o.is_active WHERE f.token_hash = $1)",
                                BYTEAOID)
                          .Returns(UUIDOID, UUIDOID);

Statement open_feed =
    Statement(R"(INSERT INTO laurel.calendar_feeds AS f (organization_id, user_id, token_hash)
        VALUES ($1, $2, $3) ON CONFLICT (organization_id, user_id) DO UPDATE SET token_hash = EXCLUDED.token_hash,
        created_at = EXCLUDED.created_at RETURNING f.token_hash = $3)",
              UUIDOID, UUIDOID, BYTEAOID)
        .Returns(BOOLOID);

Statement close_feed = Statement(
    "DELETE FROM ONLY laurel.calendar_feeds WHERE organization_id = $1 AND user_id = $2", UUIDOID, UUIDOID);

// iCalendar text, line by line.
class Calendar {
public:
    Calendar() {
        initStringInfo(&text_);
        initStringInfo(&line_);
    }

    void Add(const char *name, const char *value) {
        resetStringInfo(&line_);
        appendStringInfo(&line_, "%s:%s", name, value);
        End();
    }

    void AddText(const char *name, const char *value) {
        if (value == nullptr)
            return;
        resetStringInfo(&line_);
        appendStringInfo(&line_, "%s:", name);
        kernel::AppendIcsText(value, [this](std::string_view piece) { Append(&line_, piece); });
        End();
    }

    // Somebody, by name and address; `details` are parameters.
    void AddMailbox(const char *property, const char *details, const char *name, std::string_view address) {
        const auto append = [this](std::string_view piece) { Append(&line_, piece); };
        resetStringInfo(&line_);
        appendStringInfo(&line_, "%s%s;CN=", property, details);
        kernel::AppendIcsParameter(name, append);
        append(":");
        kernel::AppendMailto(address, append);
        End();
    }

    Datum Text() const { return FromText({text_.data, static_cast<size_t>(text_.len)}); }

private:
    static void Append(StringInfo to, std::string_view piece) {
        appendBinaryStringInfo(to, piece.data(), static_cast<int>(piece.size()));
    }
    void End() {
        kernel::AppendIcsLine({line_.data, static_cast<size_t>(line_.len)},
                              [this](std::string_view piece) { Append(&text_, piece); });
    }

    StringInfoData text_;
    StringInfoData line_;
};

void
Begin(Calendar *calendar, const char *method) {
    calendar->Add("BEGIN", "VCALENDAR");
    calendar->Add("VERSION", "2.0");
    calendar->Add("PRODID", "-//Laurel//Events//EN");
    calendar->Add("METHOD", method);
}

// A quarter of an hour ahead.
void
AddAlarm(Calendar *calendar, const char *title) {
    calendar->Add("BEGIN", "VALARM");
    calendar->Add("ACTION", "DISPLAY");
    calendar->Add("TRIGGER", "-PT15M");
    calendar->AddText("DESCRIPTION", title);
    calendar->Add("END", "VALARM");
}

// What the last result has behind kColumns. Answers are given in the application: no calendar is to mail one.
void
AddPeople(Calendar *calendar, std::string_view mail_from) {
    calendar->AddMailbox("ORGANIZER", "", TextField(0, kColumns + 1), mail_from);
    calendar->AddMailbox("ATTENDEE",
                         psprintf(";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=%s;RSVP=FALSE",
                                  TextField(0, kColumns + 4)),
                         TextField(0, kColumns + 2), TextField(0, kColumns + 3));
}

// Row `row` of the last result. With a sender of mail it is an invitation.
void
AddEvent(Calendar *calendar, uint64 row, std::string_view mail_from = {}) {
    const char *fields[kColumns];
    for (int i = 0; i < kColumns; i++)
        fields[i] = TextField(row, i + 1);
    calendar->Add("BEGIN", "VEVENT");
    calendar->Add("UID", psprintf("%s@laurel", fields[0]));
    calendar->Add("SEQUENCE", fields[1]);
    calendar->Add("DTSTAMP", fields[2]);
    calendar->Add("LAST-MODIFIED", fields[2]);
    calendar->Add("CREATED", fields[3]);
    calendar->Add("DTSTART", fields[4]);
    calendar->Add("DTEND", fields[5]);
    calendar->Add("STATUS", fields[6]);
    calendar->AddText("SUMMARY", fields[7]);
    calendar->AddText("DESCRIPTION", fields[8]);
    calendar->AddText("LOCATION", fields[9]);
    if (!mail_from.empty())
        AddPeople(calendar, mail_from);
    if (strcmp(fields[6], "CONFIRMED") == 0)
        AddAlarm(calendar, fields[7]);
    calendar->Add("END", "VEVENT");
}

bool
IsCancelled() {
    return strcmp(TextField(0, 7), "CANCELLED") == 0;
}

// The calendar's text, where the function's caller finds it.
Datum
Finish(Calendar *calendar, MemoryContext context) {
    calendar->Add("END", "VCALENDAR");
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum text = calendar->Text();
    MemoryContextSwitchTo(old);
    return text;
}

// Whose feed is opened or closed: the caller's own.
struct Owner {
    Uuid organization;
    Uuid user;
};

Owner
OwnerArgument(FunctionCallInfo fcinfo, int index) {
    access::NoticeChanges();
    const Oid table = TableOid("calendar_feeds");
    if (!access::CurrentCaller().known)
        Refuse({.sqlstate = ERRCODE_NULL_VALUE_NOT_ALLOWED,
                .message = "a calendar belongs to somebody",
                .hint = kNameTheMember});
    const Uuid user = access::CurrentCaller().user;
    const Uuid organization = access::OrganizationArgument(fcinfo, index, table, user, kFeedConstraint);
    if (!access::BelongsTo(access::CurrentCaller(), organization))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to have a calendar of that organization",
                .hint = access::HintOr("Name one you are a member of, or none for the active one.")});
    return {organization, user};
}

} // namespace

// laurel.event_ics(event)
LAUREL_FUNCTION(laurel_event_ics) {
    const MemoryContext context = CurrentMemoryContext;
    const SpiConnection spi;
    if (shown_event.Run(Access::Read, PG_GETARG_DATUM(0)) == 0)
        PG_RETURN_NULL();
    Calendar calendar;
    Begin(&calendar, IsCancelled() ? "CANCEL" : "PUBLISH");
    AddEvent(&calendar, 0);
    return Finish(&calendar, context);
}

// laurel_internal.invitation_ics(organization, user, event, mail_from)
LAUREL_FUNCTION(laurel_invitation_ics) {
    const MemoryContext context = CurrentMemoryContext;
    const std::string_view mail_from = ToText(PG_GETARG_DATUM(3));
    const AsOwner owner(OwnerOf(TableOid("participations")));
    const SpiConnection spi;
    if (invitation.Run(Access::Read, {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)}) == 0)
        PG_RETURN_NULL();
    Calendar calendar;
    Begin(&calendar, IsCancelled() ? "CANCEL" : "REQUEST");
    AddEvent(&calendar, 0, mail_from);
    return Finish(&calendar, context);
}

// laurel.calendar_feed(token)
LAUREL_FUNCTION(laurel_calendar_feed) {
    const MemoryContext context = CurrentMemoryContext;
    const Datum hash = TokenHash(ToText(PG_GETARG_DATUM(0)));
    const AsOwner owner(OwnerOf(TableOid("calendar_feeds")));
    const SpiConnection spi;
    if (find_feed.Run(Access::Read, hash) == 0)
        PG_RETURN_NULL();
    const Uuid organization = ToUuid(Field(0, 1)), user = ToUuid(Field(0, 2));
    const uint64 count = feed_events.Run(Access::Read, {FromUuid(organization), FromUuid(user)});
    Calendar calendar;
    Begin(&calendar, "PUBLISH");
    for (uint64 row = 0; row < count; row++)
        AddEvent(&calendar, row);
    return Finish(&calendar, context);
}

// laurel.create_calendar_feed(organization)
LAUREL_FUNCTION(laurel_create_calendar_feed) {
    const Owner whose = OwnerArgument(fcinfo, 0);
    const Token token = MakeToken();
    {
        const Oid table = TableOid("calendar_feeds");
        const AsOwner owner(OwnerOf(table));
        const SpiConnection spi;
        open_feed.Write({FromUuid(whose.organization), FromUuid(whose.user), TokenHash(token.View())});
        if (!DatumGetBool(Field(0, 1)))
            RefuseDropped(table, "a trigger changed the token of a calendar");
    }
    return FromText(token.View());
}

// laurel.revoke_calendar_feed(organization)
LAUREL_FUNCTION(laurel_revoke_calendar_feed) {
    const Owner whose = OwnerArgument(fcinfo, 0);
    const AsOwner owner(OwnerOf(TableOid("calendar_feeds")));
    const SpiConnection spi;
    PG_RETURN_BOOL(close_feed.Run(Access::Write, {FromUuid(whose.organization), FromUuid(whose.user)}) > 0);
}

} // namespace laurel::events
