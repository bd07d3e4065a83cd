#include "rules/deeds.h"

#include "postgres/owner.h"
#include "postgres/row_set.h"
#include "postgres/sized_statement.h"
#include "teams/challenges.h"

namespace laurel::rules {

namespace {

constexpr RowSetColumn kOutcomeColumns[] = {
    {"organization_id", UUIDOID}, {"rule_id", UUIDOID},    {"event_id", UUIDOID},
    {"user_id", UUIDOID},         {"version", INT4OID},    {"status", TEXTOID},
    {"points", INT8OID},          {"depth", INT4OID},      {"reason", TEXTOID},
    {"next_at", TIMESTAMPTZOID},  {"error_code", TEXTOID}, {"error_message", TEXTOID}};

constexpr SqlText kWriteOutcomes = R"(
    INSERT INTO laurel.rule_executions (organization_id, rule_id, event_id, user_id, version, status, points, depth, reason,
        next_eligible_at, error_code, error_message)
    SELECT o.organization_id, o.rule_id, o.event_id, o.user_id, o.version, o.status, o.points, o.depth, o.reason,
        o.next_at, o.error_code, o.error_message FROM rule_outcomes o{1})";

SizedStatement write_outcomes{Sql<kWriteOutcomes, "">};
Statement note_failed{
    Sql<kWriteOutcomes, " ON CONFLICT (organization_id, rule_id, event_id, user_id) DO NOTHING">};

constexpr RowSetColumn kPaymentColumns[] = {
    {"organization_id", UUIDOID}, {"user_id", UUIDOID},   {"amount", INT8OID},    {"rule_id", UUIDOID},
    {"reason", TEXTOID},          {"metadata", JSONBOID}, {"at", TIMESTAMPTZOID}, {"key", TEXTOID}};

SizedStatement pay(R"(
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reference_type, reference_id,
        reason, metadata, occurred_at, idempotency_key)
    SELECT p.organization_id, p.user_id, p.amount, 'rule_fired', 'Rule', p.rule_id, p.reason, p.metadata,
        LEAST(p.at, pg_catalog.clock_timestamp()), p.key FROM rule_payments p)");

constexpr RowSetColumn kAwardColumns[] = {{"organization_id", UUIDOID},
                                          {"user_id", UUIDOID},
                                          {"badge_id", UUIDOID},
                                          {"note", TEXTOID},
                                          {"at", TIMESTAMPTZOID}};

// Who has a badge already keeps the award that was; from whom it was revoked it stays so.
SizedStatement award(R"(
    INSERT INTO laurel.badge_awards (organization_id, user_id, badge_id, awarded_by, awarded_date, note)
    SELECT DISTINCT ON (a.organization_id, a.badge_id, a.user_id) a.organization_id, a.user_id, a.badge_id, 'rule',
        LEAST(a.at, pg_catalog.clock_timestamp()), a.note
    FROM rule_awards a
    WHERE NOT EXISTS (SELECT FROM ONLY laurel.badge_awards w
        WHERE w.organization_id = a.organization_id AND w.user_id = a.user_id AND w.badge_id = a.badge_id)
        AND NOT EXISTS (SELECT FROM ONLY laurel.badge_revocations r
            WHERE r.organization_id = a.organization_id AND r.user_id = a.user_id AND r.badge_id = a.badge_id)
    ORDER BY a.organization_id, a.badge_id, a.user_id, a.at
    ON CONFLICT (organization_id, user_id, badge_id) DO NOTHING)");

constexpr RowSetColumn kMessageColumns[] = {
    {"organization_id", UUIDOID}, {"user_id", UUIDOID}, {"type", TEXTOID},     {"title", TEXTOID},
    {"message", TEXTOID},         {"link", TEXTOID},    {"priority", INT2OID}, {"data", JSONBOID},
    {"at", TIMESTAMPTZOID},       {"key", TEXTOID}};

SizedStatement notify(R"(
    INSERT INTO laurel.notifications (organization_id, user_id, type, title, message, link, priority, data, dedupe_key, created_at)
    SELECT m.organization_id, m.user_id, m.type, m.title, m.message, m.link, m.priority, m.data, m.key, m.at
    FROM rule_messages m
    ON CONFLICT (organization_id, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING)");

constexpr RowSetColumn kEventColumns[] = {
    {"organization_id", UUIDOID}, {"user_id", UUIDOID}, {"type", TEXTOID}, {"data", JSONBOID}};

SizedStatement tell(R"(
    INSERT INTO laurel.domain_events (organization_id, user_id, type, data)
    SELECT e.organization_id, e.user_id, e.type, e.data FROM rule_events e)");

constexpr std::string_view kOutcomes[] = {"fired", "capped", "failed", "cut"};

Datum
TextOrNull(const char *text, bool *is_null) {
    *is_null = text == nullptr;
    return text == nullptr ? 0 : CStringGetTextDatum(text);
}

// The message of an error as a row has room for it; details may hold what the member may not read.
const char *
Shortened(const char *message) {
    if (message == nullptr)
        return "";
    return pnstrdup(message,
                    static_cast<Size>(pg_mbcliplen(message, static_cast<int>(strlen(message)), 500)));
}

void
PutOutcome(const Firing &firing, int depth, RowSet *rows) {
    const Rule &rule = *firing.rule;
    bool nulls[std::size(kOutcomeColumns)] = {};
    const ErrorData *error = firing.error;
    const Datum values[] = {
        FromUuid(rule.organization),
        FromUuid(rule.id),
        FromUuid(firing.event),
        FromUuid(firing.user),
        Int32GetDatum(rule.version),
        FromText(kOutcomes[static_cast<int>(firing.outcome)]),
        Int64GetDatum(firing.is_fired() ? rule.actions.points : 0),
        Int32GetDatum(depth),
        TextOrNull(firing.reason, &nulls[8]),
        TimestampTzGetDatum(firing.next),
        TextOrNull(error == nullptr ? nullptr : unpack_sql_state(error->sqlerrcode), &nulls[10]),
        TextOrNull(error == nullptr ? nullptr : Shortened(error->message), &nulls[11])};
    nulls[9] = firing.next == DT_NOBEGIN;
    rows->Add(values, nulls);
}

// What keeps an action from being done twice.
Datum
KeyOf(const Firing &firing) {
    return CStringGetTextDatum(
        psprintf("rule:%s:%s:%s", UuidText(firing.rule->id), UuidText(firing.event), UuidText(firing.user)));
}

// Puts a row for each firing that has fired; what is made on the way does not last.
template <typename Put>
void
EachFired(const Firing *firings, int64 count, Put put) {
    MemoryContext row_memory =
        AllocSetContextCreate(CurrentMemoryContext, "laurel deed", ALLOCSET_DEFAULT_SIZES);
    const MemoryContext before = MemoryContextSwitchTo(row_memory);
    for (int64 i = 0; i < count; i++) {
        if (firings[i].is_fired())
            put(firings[i], firings[i].rule->actions);
        MemoryContextReset(row_memory);
    }
    MemoryContextSwitchTo(before);
    MemoryContextDelete(row_memory);
}

void
RunAll(const RowSet &rows, SizedStatement *statement) {
    if (rows.count() > 0)
        rows.Run(&statement->For(rows.count()));
}

// Of one that must write all of its rows.
void
WriteAll(const RowSet &rows, SizedStatement *statement, const char *table) {
    if (rows.count() > 0 && rows.Run(&statement->For(rows.count())) != static_cast<uint64>(rows.count()))
        RefuseDropped(TableOid(table), "a trigger dropped what a rule has written");
}

void
Pay(const Firing *firings, int64 count) {
    RowSet rows("rule_payments", kPaymentColumns);
    const bool nulls[std::size(kPaymentColumns)] = {};
    EachFired(firings, count, [&](const Firing &firing, const Actions &actions) {
        const Rule &rule = *firing.rule;
        if (actions.points == 0)
            return;
        const Datum values[] = {FromUuid(rule.organization),
                                FromUuid(firing.user),
                                Int64GetDatum(actions.points),
                                FromUuid(rule.id),
                                CStringGetTextDatum(actions.reason != nullptr ? actions.reason : rule.name),
                                JsonbPGetDatum(rule.metadata),
                                TimestampTzGetDatum(firing.at),
                                KeyOf(firing)};
        rows.Add(values, nulls);
    });
    WriteAll(rows, &pay, "points_ledger");
}

void
Award(const Firing *firings, int64 count) {
    RowSet rows("rule_awards", kAwardColumns);
    const bool nulls[std::size(kAwardColumns)] = {};
    EachFired(firings, count, [&](const Firing &firing, const Actions &actions) {
        for (int i = 0; i < actions.badge_count; i++) {
            const Datum values[] = {FromUuid(firing.rule->organization), FromUuid(firing.user),
                                    FromUuid(actions.badges[i]), CStringGetTextDatum(firing.rule->note),
                                    TimestampTzGetDatum(firing.at)};
            rows.Add(values, nulls);
        }
    });
    RunAll(rows, &award);
}

void
Progress(const Firing *firings, int64 count) {
    Growing<teams::Given> given;
    for (const Firing *firing = firings; firing != firings + count; firing++) {
        const Actions &actions = firing->rule->actions;
        if (firing->is_fired() && actions.progress > 0)
            given.Add(
                {firing->rule->organization, firing->user, actions.challenge, firing->at, actions.progress});
    }
    if (given.count() > 0)
        teams::GiveProgress(given.begin(), given.count());
}

void
Notify(const Firing *firings, int64 count) {
    RowSet rows("rule_messages", kMessageColumns);
    bool nulls[std::size(kMessageColumns)] = {};
    EachFired(firings, count, [&](const Firing &firing, const Actions &actions) {
        if (actions.title == nullptr)
            return;
        const Datum values[] = {FromUuid(firing.rule->organization),
                                FromUuid(firing.user),
                                CStringGetTextDatum(actions.notification_type),
                                CStringGetTextDatum(actions.title),
                                TextOrNull(actions.message, &nulls[4]),
                                TextOrNull(actions.link, &nulls[5]),
                                Int16GetDatum(actions.priority),
                                JsonbPGetDatum(firing.rule->metadata),
                                TimestampTzGetDatum(firing.at),
                                KeyOf(firing)};
        rows.Add(values, nulls);
    });
    RunAll(rows, &notify);
}

void
Tell(const Firing *firings, int64 count) {
    RowSet rows("rule_events", kEventColumns);
    const bool nulls[std::size(kEventColumns)] = {};
    EachFired(firings, count, [&](const Firing &firing, const Actions &actions) {
        if (actions.event_type == nullptr)
            return;
        const Datum values[] = {FromUuid(firing.rule->organization), FromUuid(firing.user),
                                CStringGetTextDatum(actions.event_type), JsonbPGetDatum(actions.event_data)};
        rows.Add(values, nulls);
    });
    WriteAll(rows, &tell, "domain_events");
}

} // namespace

void
WriteDown(const Firing *firings, int64 count, int depth) {
    RowSet rows("rule_outcomes", kOutcomeColumns);
    MemoryContext row_memory =
        AllocSetContextCreate(CurrentMemoryContext, "laurel outcome", ALLOCSET_DEFAULT_SIZES);
    const MemoryContext before = MemoryContextSwitchTo(row_memory);
    for (int64 i = 0; i < count; i++) {
        PutOutcome(firings[i], depth, &rows);
        MemoryContextReset(row_memory);
    }
    MemoryContextSwitchTo(before);
    MemoryContextDelete(row_memory);
    WriteAll(rows, &write_outcomes, "rule_executions");
}

void
NoteFailed(const Firing &firing, int depth) {
    RowSet rows("rule_outcomes", kOutcomeColumns);
    PutOutcome(firing, depth, &rows);
    rows.Run(&note_failed);
}

void
DoActions(const Firing *firings, int64 count) {
    Award(firings, count);
    Pay(firings, count);
    Progress(firings, count);
    Notify(firings, count);
    Tell(firings, count);
}

} // namespace laurel::rules
