#include "access/caller.h"
#include "access/organization.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::notifications {

namespace {

constexpr TriggerSpec kStamp = {"stamp_read", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Insert | TriggerSpec::Update};

Statement
    mark_all(R"(UPDATE ONLY laurel.notifications SET is_read = true, read_at = pg_catalog.clock_timestamp()
        WHERE organization_id = $1 AND user_id = $2 AND NOT is_read)",
             UUIDOID, UUIDOID);

Statement
    mark_some(R"(UPDATE ONLY laurel.notifications SET is_read = true, read_at = pg_catalog.clock_timestamp()
        WHERE organization_id = $1 AND user_id = $2 AND NOT is_read AND id = ANY ($3))",
              UUIDOID, UUIDOID, UUIDARRAYOID);

Statement count_unread = Statement(R"(SELECT pg_catalog.count(*) FROM (SELECT FROM ONLY laurel.notifications
        WHERE organization_id = $1 AND user_id = $2 AND NOT is_read LIMIT $3) unread)",
                                   UUIDOID, UUIDOID, INT8OID)
                             .Returns(INT8OID)
                             .Generic();

Statement insert_notification =
    Statement(
        R"(INSERT INTO laurel.notifications
        (organization_id, user_id, type, title, message, link, data, priority, dedupe_key, channels)
        VALUES ($1, $2, $3, $4, $5, $6, coalesce($7, '{}'), coalesce($8, 5), $9, $10)
        ON CONFLICT (organization_id, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING RETURNING id)",
        UUIDOID, UUIDOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, JSONBOID, INT4OID, TEXTOID, TEXTARRAYOID)
        .Returns(UUIDOID);

Statement first_said = Statement(R"(SELECT id, user_id = $3 AND type = $4 FROM ONLY laurel.notifications
        WHERE organization_id = $1 AND dedupe_key = $2)",
                                 UUIDOID, TEXTOID, UUIDOID, TEXTOID)
                           .Returns(UUIDOID, BOOLOID);

// The notification that has the key already, if it says the same to the same member.
Uuid
FirstSaid(const Uuid &organization, Datum key, const Uuid &user, Nullable type) {
    if (first_said.Run(Access::Write, {FromUuid(organization), key, FromUuid(user), type}) == 0)
        ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                        errmsg("a notification with that dedupe_key came and went"), errhint("Call again.")));
    if (DatumGetBool(Field(0, 2)))
        return ToUuid(Field(0, 1));
    Refuse({.sqlstate = kConflict,
            .message = "dedupe_key was used for another notification",
            .detail = psprintf("Key \"%s\" names a notification to another user or of another type.",
                               CString(ToText(key))),
            .hint = "Make the key of what is said and to whom.",
            .table = "notifications",
            .constraint = "notifications_dedupe_key"});
}

// Whether it is the time that decides whether the row is read: it alone was given, or it alone was changed.
bool
TimeDecides(const TriggerData *trigger, bool is_read) {
    if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
        return !is_read;
    const DraftRow before(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
    return is_read == before.Flag("is_read");
}

} // namespace

// Fires where is_read and read_at disagree and makes the one that was not written follow the other.
// A restore copies rows before the trigger is there, so they come back as they were.
LAUREL_FUNCTION(laurel_stamp_read) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kStamp);
    DraftRow row(trigger);
    const bool is_read = row.Flag("is_read");
    if (TimeDecides(trigger, is_read))
        row.Set("is_read", BOOLOID, BoolGetDatum(!is_read));
    else
        row.Set("read_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTimestamp()), !is_read);
    return row.Done();
}

// laurel.mark_notifications_read(ids): runs as the caller, whom row security keeps to the own rows.
LAUREL_FUNCTION(laurel_mark_notifications_read) {
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (!caller.known || !caller.has_organization)
        PG_RETURN_INT64(0);
    const SpiConnection spi;
    Parameters parameters = {FromUuid(caller.organization), FromUuid(caller.user)};
    if (PG_ARGISNULL(0))
        PG_RETURN_INT64(static_cast<int64>(mark_all.Run(Access::Write, parameters)));
    parameters.Add(PG_GETARG_DATUM(0));
    PG_RETURN_INT64(static_cast<int64>(mark_some.Run(Access::Write, parameters)));
}

// laurel.unread_notifications(at_most): runs as the caller.
LAUREL_FUNCTION(laurel_unread_notifications) {
    if (!PG_ARGISNULL(0) && PG_GETARG_INT32(0) < 1)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE, .message = "at_most must be 1 or more"});
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (!caller.known || !caller.has_organization)
        PG_RETURN_INT64(0);
    const SpiConnection spi;
    const Nullable at_most(Int64GetDatum(PG_GETARG_INT32(0)), PG_ARGISNULL(0));
    count_unread.Run(Access::Read, {FromUuid(caller.organization), FromUuid(caller.user), at_most});
    PG_RETURN_INT64(DatumGetInt64(Field(0, 1)));
}

// laurel.notify(user, type, title, message, link, data, organization, priority, dedupe_key, channels)
LAUREL_FUNCTION(laurel_notify) {
    const Oid table = TableOid("notifications");
    const Uuid user = ToUuid(Required(fcinfo, 0, "user_id"));
    const Uuid organization =
        access::OrganizationArgument(fcinfo, 6, table, user, "notifications_membership_fkey");
    access::RequireAdministrator(table, organization, "notify members");
    const Nullable type = Argument(fcinfo, 1), key = Argument(fcinfo, 8);
    Parameters parameters = {FromUuid(organization), FromUuid(user), type};
    for (const int argument : {2, 3, 4, 5, 7})
        parameters.Add(Argument(fcinfo, argument));
    parameters.Add(key);
    parameters.Add(Argument(fcinfo, 9));
    Uuid id;
    {
        const AsOwner owner(OwnerOf(table));
        const SpiConnection spi;
        const bool is_new = insert_notification.Run(Access::Write, parameters) > 0;
        id = is_new || key.is_null ? ToUuid(Field(0, 1)) : FirstSaid(organization, key.value, user, type);
    }
    return CopyUuid(id);
}

} // namespace laurel::notifications
