// Events as calendars take them over: iCalendar text, and a feed, with appointments, that a calendar fetches
// by an address of its own.

#include "access/caller.h"
#include "access/organization.h"
#include "appointments/calendar.h"
#include "calendars/calendar.h"
#include "identity/shown_name.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/token.h"

namespace laurel::events {

namespace {

constexpr const char *kFeedConstraint = "calendar_feeds_membership_fkey";

// What is written of an event.
constexpr SqlText kEvent =
    calendars::kEntry<"e.status", "e.scheduled_date", "e.ends_at", "e.title", "e.description", "e.location">;

// As the caller, whom policies bind.
Statement shown_event =
    Statement(Sql<"SELECT {1} FROM ONLY laurel.events e WHERE e.id = $1", kEvent>, UUIDOID)
        .Returns(calendars::kEntryTypes);

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
                           .Returns(calendars::kEntryTypes, calendars::kPeopleTypes);

// The events of whom a feed belongs to, while he is a member who may sign in.
Statement feed_events = Statement(Sql<R"(SELECT {1} FROM (SELECT e.* FROM ONLY laurel.participations p
        JOIN ONLY laurel.events e ON e.organization_id = p.organization_id AND e.id = p.event_id
        WHERE p.organization_id = $1 AND p.user_id = $2 AND p.rsvp_status NOT IN ('declined', 'invited')
            AND e.ends_at > pg_catalog.now() - interval '30 days'
        ORDER BY e.scheduled_date, e.id LIMIT 500) e)",
                                      kEvent>,
                                  UUIDOID, UUIDOID)
                            .Returns(calendars::kEntryTypes);

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

void
AddEntries(calendars::Calendar *calendar, uint64 count) {
    for (uint64 row = 0; row < count; row++)
        calendar->AddEntry(row);
}

} // namespace

// laurel.event_ics(event)
LAUREL_FUNCTION(laurel_event_ics) {
    const MemoryContext context = CurrentMemoryContext;
    const SpiConnection spi;
    if (shown_event.Run(Access::Read, PG_GETARG_DATUM(0)) == 0)
        PG_RETURN_NULL();
    return calendars::Single("PUBLISH", {}, context);
}

// laurel_internal.invitation_ics(organization, user, event, mail_from)
LAUREL_FUNCTION(laurel_invitation_ics) {
    const MemoryContext context = CurrentMemoryContext;
    const std::string_view mail_from = ToText(PG_GETARG_DATUM(3));
    const AsOwner owner(OwnerOf(TableOid("participations")));
    const SpiConnection spi;
    if (invitation.Run(Access::Read, {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)}) == 0)
        PG_RETURN_NULL();
    return calendars::Single("REQUEST", mail_from, context);
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
    calendars::Calendar calendar("PUBLISH");
    AddEntries(&calendar, feed_events.Run(Access::Read, {FromUuid(organization), FromUuid(user)}));
    AddEntries(&calendar, appointments::ReadForFeed(organization, user));
    return calendar.Finish(context);
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
