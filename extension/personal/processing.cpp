#include "personal/processing.h"

#include "access/caller.h"
#include "access/origin.h"
#include "guards/month_partitions.h"
#include "postgres/arguments.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::personal {

namespace {

Statement insert_lines = Statement(
    R"(INSERT INTO laurel.processing_log (created_at, activity, purpose, organization_id, user_id, table_name,
            columns, row_count, valid_until, actor_id, role, login, request_id, application_name, transaction_id)
        SELECT pg_catalog.clock_timestamp(), $1, $2, $3, l.user_id, $5, $6, l.row_count, $8, $9, $10, $11, $12, $13,
            pg_catalog.pg_current_xact_id()
        FROM ROWS FROM (pg_catalog.unnest($4), pg_catalog.unnest($7)) AS l (user_id, row_count))",
    TEXTOID, TEXTOID, UUIDOID, UUIDARRAYOID, TEXTOID, TEXTARRAYOID, INT8ARRAYOID, TIMESTAMPTZOID, UUIDOID,
    TEXTOID, TEXTOID, TEXTOID, TEXTOID);

// The month that this session has seen a partition of.
constinit guards::SeenMonth seen_log_month;

Nullable
LogText(const char *text) {
    return text == nullptr ? Nullable() : Nullable(CStringGetTextDatum(text));
}

} // namespace

Actor
CurrentActor() {
    Actor actor = {};
    actor.known = access::ClaimedUser(&actor.user);
    actor.role = GetUserNameFromId(GetOuterUserId(), false);
    actor.login = GetUserNameFromId(GetSessionUserId(), false);
    actor.request = access::RequestId();
    actor.application = access::ApplicationName();
    return actor;
}

void
LogProcessing(const Actor &actor, const Processing &processing) {
    const Oid table = TableOid("processing_log");
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    guards::EnsureMonth(table, GetCurrentTimestamp(), &seen_log_month);
    insert_lines.Run(Access::Write,
                     {CStringGetTextDatum(processing.activity), processing.purpose, processing.organization,
                      processing.users, processing.table, processing.columns, processing.row_counts,
                      processing.valid_until, actor.known ? Nullable(FromUuid(actor.user)) : Nullable(),
                      LogText(actor.role), LogText(actor.login), LogText(actor.request),
                      LogText(actor.application)});
}

// laurel_internal.log_processing(activity, purpose, organization_id, user_id, table_name, columns, row_count)
LAUREL_FUNCTION(laurel_log_processing) {
    Processing processing = {.activity = CString(ToText(Required(fcinfo, 0, "activity"))),
                             .purpose = Argument(fcinfo, 1),
                             .organization = Argument(fcinfo, 2),
                             .table = Argument(fcinfo, 4),
                             .columns = Argument(fcinfo, 5)};
    Nullable user = Argument(fcinfo, 3), count = Argument(fcinfo, 6);
    processing.users = ArrayOf(&user.value, &user.is_null, 1, UUIDOID);
    processing.row_counts = ArrayOf(&count.value, &count.is_null, 1, INT8OID);
    LogProcessing(CurrentActor(), processing);
    PG_RETURN_VOID();
}

} // namespace laurel::personal
