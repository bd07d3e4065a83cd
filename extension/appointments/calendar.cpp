// Appointments as calendars take them over.

#include "appointments/calendar.h"

#include "calendars/calendar.h"
#include "identity/shown_name.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::appointments {

namespace {

// Where it is: in the web, in a room, or where its location says.
constexpr SqlText kPlace = R"(nullif(pg_catalog.concat_ws(', ', r.name, e.location, e.meeting_url), ''))";
constexpr SqlText kAppointment =
    calendars::kEntry<"e.status", "e.start_time", "e.end_time", "e.title", "e.description", kPlace>;
constexpr SqlText kFrom = R"(FROM ONLY laurel.appointments e
        LEFT JOIN ONLY laurel.rooms r ON r.organization_id = e.organization_id AND r.id = e.room_id)";

// As the caller, whom policies bind.
Statement shown_appointment = Statement(Sql<"SELECT {1} {2} WHERE e.id = $1", kAppointment, kFrom>, UUIDOID)
                                  .Returns(calendars::kEntryTypes);

// An appointment, its trainer, and the beneficiary or trainer whom it is for.
Statement invitation =
    Statement(Sql<R"(SELECT {1}, coalesce({2}, o.name), coalesce(i.full_name, i.email), i.email,
            CASE WHEN e.status IN ('confirmed', 'completed') THEN 'ACCEPTED' WHEN i.id = e.trainer_id THEN 'ACCEPTED'
                WHEN e.status = 'cancelled' THEN 'DECLINED' ELSE 'TENTATIVE' END
        {3} JOIN ONLY laurel.organizations o ON o.id = e.organization_id JOIN ONLY laurel.users i ON i.id = $2
        LEFT JOIN ONLY laurel.users u ON u.id = e.trainer_id LEFT JOIN ONLY laurel.profiles f ON f.user_id = e.trainer_id
        LEFT JOIN ONLY laurel.user_organizations m ON m.organization_id = e.organization_id AND m.user_id = e.trainer_id
        WHERE e.organization_id = $1 AND e.id = $3 AND $2 IN (e.user_id, e.trainer_id))",
                  kAppointment, Sql<identity::kShownName, "e">, kFrom>,
              UUIDOID, UUIDOID, UUIDOID)
        .Returns(calendars::kEntryTypes, calendars::kPeopleTypes);

// Those of a member that stand, also as their trainer; of a group the trainer has the session, not its
// places.
Statement stand = Statement(Sql<R"(SELECT {1} FROM (SELECT a.* FROM ONLY laurel.appointments a
            WHERE a.organization_id = $1 AND (a.user_id = $2 OR a.trainer_id = $2 AND a.session_id IS NULL)
                AND a.status IN ('scheduled', 'confirmed', 'completed') AND a.start_time > pg_catalog.now() - interval '30 days'
            ORDER BY a.start_time, a.id LIMIT 500) e
        LEFT JOIN ONLY laurel.rooms r ON r.organization_id = e.organization_id AND r.id = e.room_id)",
                                kAppointment>,
                            UUIDOID, UUIDOID)
                      .Returns(calendars::kEntryTypes);

} // namespace

uint64
ReadForFeed(const Uuid &organization, const Uuid &user) {
    return stand.Run(Access::Read, {FromUuid(organization), FromUuid(user)});
}

// laurel.appointment_ics(appointment)
LAUREL_FUNCTION(laurel_appointment_ics) {
    const MemoryContext context = CurrentMemoryContext;
    const SpiConnection spi;
    if (shown_appointment.Run(Access::Read, PG_GETARG_DATUM(0)) == 0)
        PG_RETURN_NULL();
    return calendars::Single("PUBLISH", {}, context);
}

// laurel_internal.appointment_invitation_ics(organization, user, appointment, mail_from)
LAUREL_FUNCTION(laurel_appointment_invitation_ics) {
    const MemoryContext context = CurrentMemoryContext;
    const std::string_view mail_from = ToText(PG_GETARG_DATUM(3));
    const AsOwner owner(OwnerOf(TableOid("appointments")));
    const SpiConnection spi;
    if (invitation.Run(Access::Read, {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)}) == 0)
        PG_RETURN_NULL();
    return calendars::Single("REQUEST", mail_from, context);
}

} // namespace laurel::appointments
