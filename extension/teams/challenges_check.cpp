#include "teams/challenges_check.h"

#include "guards/check.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::teams {

namespace {

// What an entry of the ledger, l, adds to what was earned, but what another account of the same person
// brought.
constexpr SqlText kEarned =
    R"(CASE WHEN l.transaction_type = 'account_merged' THEN 0
        WHEN l.reverses_id IS NULL THEN greatest(l.amount, 0) ELSE least(l.amount, 0) END)";

// Progress between what all counts together and what was earned and never taken back: it is never below none,
// so that it depends on the order. Of who was merged with somebody else, both have counted.
Statement find_of_members = Statement(Sql<R"(
    SELECT c.organization_id, c.id, c.progress, h.least + c.given, h.most + c.given
    FROM ONLY laurel.personal_challenges c CROSS JOIN LATERAL (
        SELECT greatest(coalesce(pg_catalog.sum({1}), 0), 0) AS least, CASE WHEN coalesce(pg_catalog.bool_or(l.transaction_type = 'account_merged'), false)
            THEN 'infinity' ELSE coalesce(pg_catalog.sum(greatest({1}, 0)), 0) END AS most
        FROM laurel.points_history l
        WHERE c.kind = 'points' AND l.organization_id = c.organization_id AND l.user_id = c.user_id
            AND l.occurred_at >= c.starts_at AND (c.ends_at IS NULL OR l.occurred_at < c.ends_at)
        HAVING c.kind = 'points'
        UNION ALL
        SELECT pg_catalog.count(*)::numeric, pg_catalog.count(*)::numeric FROM ONLY laurel.domain_events l
        WHERE c.kind = 'events' AND l.organization_id = c.organization_id AND l.user_id = c.user_id AND l.type = c.event_type
            AND l.occurred_at >= c.starts_at AND (c.ends_at IS NULL OR l.occurred_at < c.ends_at)
        HAVING c.kind = 'events') h
    WHERE c.status = 'active' AND NOT c.progress BETWEEN least(h.least + c.given, 9223372036854775807) AND h.most + c.given
    ORDER BY 1, 2)",
                                          kEarned>)
                                .Returns(UUIDOID, UUIDOID, INT8OID, NUMERICOID, NUMERICOID);

// Those who have left have earned too, and nobody knows what.
Statement find_of_teams = Statement(Sql<R"(
    SELECT c.organization_id, c.id, c.progress, h.least + c.given, NULL::numeric
    FROM ONLY laurel.team_challenges c CROSS JOIN LATERAL (
        SELECT greatest(coalesce(pg_catalog.sum(m.earned), 0), 0) AS least FROM (
            SELECT (SELECT coalesce(pg_catalog.sum({1}), 0) FROM laurel.points_history l
                WHERE c.kind = 'points' AND l.organization_id = c.organization_id AND l.user_id = m.user_id AND l.occurred_at >= m.joined_at
                    AND l.occurred_at >= c.starts_at AND l.occurred_at < c.ends_at
                HAVING NOT coalesce(pg_catalog.bool_or(l.transaction_type = 'account_merged'), false)) AS earned
            FROM ONLY laurel.team_memberships m WHERE c.kind = 'points' AND m.organization_id = c.organization_id AND m.team_id = c.team_id
            UNION ALL
            SELECT (SELECT pg_catalog.count(*)::numeric FROM ONLY laurel.domain_events l
                WHERE l.organization_id = c.organization_id AND l.user_id = m.user_id AND l.type = c.event_type AND l.occurred_at >= m.joined_at
                    AND l.occurred_at >= c.starts_at AND l.occurred_at < c.ends_at)
            FROM ONLY laurel.team_memberships m WHERE c.kind = 'events' AND m.organization_id = c.organization_id AND m.team_id = c.team_id) m) h
    WHERE c.status = 'active' AND c.progress < least(h.least + c.given, 9223372036854775807)
    ORDER BY 1, 2)",
                                        kEarned>)
                              .Returns(UUIDOID, UUIDOID, INT8OID, NUMERICOID, NUMERICOID);

const char *
Problem(uint64 row) {
    bool is_open;
    const Datum most = Field(row, 5, &is_open);
    const auto text = [](Datum number) { return DatumGetCString(DirectFunctionCall1(numeric_out, number)); };
    const auto progress = static_cast<long long>(DatumGetInt64(Field(row, 3)));
    const char *least = text(Field(row, 4));
    if (is_open)
        return psprintf("progress is %lld, and %s at least by what has happened", progress, least);
    if (strcmp(least, text(most)) == 0)
        return psprintf("progress is %lld, and %s by what has happened", progress, least);
    return psprintf("progress is %lld, and %s to %s by what has happened", progress, least, text(most));
}

void
CheckProgress(const guards::Guarded &guarded, guards::Findings *findings) {
    const Oid table = RelationGetRelid(guarded.relation);
    guards::TellProgress(table, "progress");
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    Statement &find = table == TableOid("team_challenges") ? find_of_teams : find_of_members;
    const uint64 count = find.Run(Access::Write);
    for (uint64 i = 0; i < count; i++) {
        const Uuid organization = ToUuid(Field(i, 1)), challenge = ToUuid(Field(i, 2));
        findings->Add({table, "progress", &organization, &challenge, Problem(i)});
    }
}

constexpr guards::GuardKind kGuardProgress = {"guard_progress", guards::ReadNothing, CheckProgress};

} // namespace

void
InitChallengesCheck() {
    guards::AddKind(&kGuardProgress);
}

} // namespace laurel::teams
