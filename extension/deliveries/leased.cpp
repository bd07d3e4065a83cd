#include "deliveries/leased.h"

#include "postgres/column.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

Statement leased_rows =
    Statement(
        R"(SELECT d.id, d.organization_id, d.user_id, n.id, d.endpoint_id, d.channel, d.attempts, d.due_at,
        d.digest_key IS NOT NULL, n.type, n.title, n.message, n.link, n.data, n.created_at,
        u.email, u.full_name, u.first_name, u.is_active, p.language, NULL, NULL,
        e.url, e.secret, CASE WHEN e.previous_until > $2 THEN e.previous_secret END, e.is_enabled,
        e.timeout_ms,
        e.max_concurrency, e.rate_per_second, d.priority, p.notification_preferences,
        p.time_zone, d.created_at, e.user_id IS NOT NULL, NULL, d.letter_id,
        n.is_read AND n.read_at <> n.created_at, n.channels IS NOT NULL,
        CASE WHEN n.id IS NULL AND d.user_id IS NOT NULL THEN NOT EXISTS (SELECT FROM ONLY laurel.user_organizations m
            WHERE m.organization_id = d.organization_id AND m.user_id = d.user_id) END,
        u.email_verified, u.email_changed_at, s.suppressed_at IS NOT NULL, NULL,
        a.type IS NOT NULL, pg_catalog.to_regprocedure(a.source)
        FROM ONLY laurel.notification_deliveries d
        LEFT JOIN ONLY laurel.notifications n ON n.id = d.notification_id
        LEFT JOIN ONLY laurel.users u ON u.id = d.user_id
        LEFT JOIN ONLY laurel.user_preferences p ON p.user_id = d.user_id
        LEFT JOIN ONLY laurel.webhook_endpoints e ON e.id = d.endpoint_id
        LEFT JOIN ONLY laurel.suppressed_addresses s ON s.organization_id = d.organization_id AND s.email = u.email
            AND d.channel = 'email'
        LEFT JOIN ONLY laurel_internal.mail_attachments a ON a.type = n.type AND d.channel = 'email'
        WHERE d.state = 'leased' AND d.lease_token = $1)",
        UUIDOID, TIMESTAMPTZOID)
        .Returns(UUIDOID, UUIDOID, UUIDOID, UUIDOID, UUIDOID, TEXTOID, INT2OID, TIMESTAMPTZOID, BOOLOID,
                 TEXTOID, TEXTOID, TEXTOID, TEXTOID, JSONBOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID,
                 BOOLOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, BOOLOID, INT4OID, INT4OID,
                 NUMERICOID, INT2OID, JSONBOID, TEXTOID, TIMESTAMPTZOID, BOOLOID, TEXTOID, UUIDOID, BOOLOID,
                 BOOLOID, BOOLOID, BOOLOID, TIMESTAMPTZOID, BOOLOID, TEXTOID, BOOLOID, REGPROCEDUREOID)
        .Generic();

// Many rows have few organizations, so these are read apart.
Statement organizations_of =
    Statement(R"(SELECT o.id, o.name, o.settings -> 'notifications', o.time_zone, o.is_active,
        (SELECT k.key FROM ONLY laurel_internal.unsubscribe_key k LIMIT 1), o.webhook_concurrency_limit,
        o.webhook_timeout_limit_ms FROM ONLY laurel.organizations o WHERE o.id = ANY ($1) ORDER BY o.id)",
              UUIDARRAYOID)
        .Returns(UUIDOID, TEXTOID, JSONBOID, TEXTOID, BOOLOID, BYTEAOID, INT4OID, INT4OID)
        .Generic();

// The organizations of the rows, each once, in order.
Datum
OrganizationIds(const Leased *rows, int count) {
    auto *ids = NewList<Uuid>(count);
    for (int i = 0; i < count; i++)
        ids[i] = ToUuid(rows[i].values[Leased::Organization]);
    std::sort(ids, ids + count);
    const int distinct = static_cast<int>(std::unique(ids, ids + count) - ids);
    Column column(UUIDOID, distinct);
    for (int i = 0; i < distinct; i++)
        column.Add(FromUuid(ids[i]));
    return column.Array();
}

// What an endpoint says for itself holds up to its organization's ceiling.
void
HeedCeiling(Leased *row, Leased::Column column, Datum ceiling) {
    if (!row->nulls[column])
        row->values[column] =
            Int32GetDatum(std::min(DatumGetInt32(row->values[column]), DatumGetInt32(ceiling)));
}

// Fills in what the rows' organizations are called and have set, and their time zone for members without one.
void
ReadOrganizations(Leased *rows, int count) {
    const Datum ids = OrganizationIds(rows, count);
    const int found = static_cast<int>(organizations_of.Run(Access::Write, ids));
    auto *names = NewList<Uuid>(found);
    for (int i = 0; i < found; i++)
        names[i] = ToUuid(Field(static_cast<uint64>(i), 1));
    for (int i = 0; i < count; i++) {
        const Uuid id = ToUuid(rows[i].values[Leased::Organization]);
        const Uuid *at = std::lower_bound(names, names + found, id);
        if (at == names + found || !(*at == id))
            continue;
        const auto row = static_cast<uint64>(at - names);
        for (const auto &[column, from] : {std::pair(Leased::OrganizationName, 2),
                                           {Leased::Settings, 3},
                                           {Leased::OrganizationIsActive, 5},
                                           {Leased::UnsubscribeKey, 6}})
            rows[i].values[column] = Field(row, from, &rows[i].nulls[column]);
        if (rows[i].nulls[Leased::TimeZone])
            rows[i].values[Leased::TimeZone] = Field(row, 4, &rows[i].nulls[Leased::TimeZone]);
        HeedCeiling(&rows[i], Leased::MaxConcurrency, Field(row, 7));
        HeedCeiling(&rows[i], Leased::TimeoutMs, Field(row, 8));
    }
}

} // namespace

int
ReadLeased(const Uuid &token, TimestampTz now, Leased **rows) {
    const Datum arguments[] = {FromUuid(token), TimestampTzGetDatum(now)};
    const uint64 count = leased_rows.Run(Access::Write, arguments);
    *rows = NewList<Leased>(count);
    for (uint64 row = 0; row < count; row++)
        Fields(row, std::size((*rows)[row].values), (*rows)[row].values, (*rows)[row].nulls);
    ReadOrganizations(*rows, static_cast<int>(count));
    return static_cast<int>(count);
}

} // namespace laurel::deliveries
