#include "streaks/freezes.h"

#include "postgres/column.h"

namespace laurel::streaks {

namespace {

// Days of a gap for which freezes were used already, because the day after it was there before, need no
// others.
Statement use_freezes = Statement(R"(WITH gap AS (
            SELECT d.date AS before, $3 - d.date - 1 AS missed
            FROM ONLY laurel.streak_settings s CROSS JOIN LATERAL (
                SELECT a.date, a.time_zone, a.last_activity_at FROM ONLY laurel.daily_activity a
                WHERE a.organization_id = $1 AND a.user_id = $2 ORDER BY a.date DESC LIMIT 1) d
            WHERE s.organization_id = $1 AND $3 - d.date > 1
                AND NOT coalesce(d.time_zone <> $5 AND $4 <= d.last_activity_at + '36 hours'::pg_catalog.interval, false)
        ), enough AS (
            SELECT g.before, g.missed FROM gap g JOIN ONLY laurel.streak_freezes f ON f.organization_id = $1 AND f.user_id = $2
                AND (f.used_for IS NULL OR (f.used_for > g.before AND f.used_for < $3))
            GROUP BY g.before, g.missed HAVING pg_catalog.count(*) >= g.missed
        ), bare AS (
            SELECT d.day, pg_catalog.row_number() OVER (ORDER BY d.day) AS nth
            FROM enough e CROSS JOIN LATERAL (SELECT e.before + n AS day FROM pg_catalog.generate_series(1, e.missed) n) d
            WHERE NOT EXISTS (SELECT FROM ONLY laurel.streak_freezes f
                WHERE f.organization_id = $1 AND f.user_id = $2 AND f.used_for = d.day)
        ), held AS (
            SELECT f.id, pg_catalog.row_number() OVER (ORDER BY f.earned_on, f.id) AS nth FROM ONLY laurel.streak_freezes f
            WHERE f.organization_id = $1 AND f.user_id = $2 AND f.used_for IS NULL
        ), used AS (
            UPDATE ONLY laurel.streak_freezes f SET used_for = b.day, used_at = pg_catalog.clock_timestamp()
            FROM held h JOIN bare b USING (nth) WHERE f.id = h.id
        ) SELECT e.missed FROM enough e)",
                                  UUIDOID, UUIDOID, DATEOID, TIMESTAMPTZOID, TEXTOID)
                            .Returns(INT4OID);

Statement has_freezes = Statement(R"(SELECT pg_catalog.count(*) >= $3 FROM ONLY laurel.streak_freezes f
        JOIN ONLY laurel.streak_settings s ON s.organization_id = f.organization_id
        WHERE f.organization_id = $1 AND f.user_id = $2 AND f.used_for IS NULL)",
                                  UUIDOID, UUIDOID, INT8OID)
                            .Returns(BOOLOID);

// A day brings one at most, however often its streak is counted.
Statement earn_freezes(R"(INSERT INTO laurel.streak_freezes (organization_id, user_id, earned_on)
        SELECT m.organization_id, m.user_id, p.last_activity_date
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4))
            m (organization_id, user_id, before, days)
        JOIN ONLY laurel.streak_settings s ON s.organization_id = m.organization_id
        JOIN ONLY laurel.user_points p ON p.organization_id = m.organization_id AND p.user_id = m.user_id
        WHERE m.days / s.days_per_freeze > m.before / s.days_per_freeze AND (
            SELECT pg_catalog.count(*) FROM ONLY laurel.streak_freezes f WHERE f.organization_id = m.organization_id
            AND f.user_id = m.user_id AND f.used_for IS NULL) < s.most_held
        ORDER BY m.organization_id, m.user_id
        ON CONFLICT (organization_id, user_id, earned_on) DO NOTHING)",
                       UUIDARRAYOID, UUIDARRAYOID, INT4ARRAYOID, INT4ARRAYOID);

constexpr Oid kGrownTypes[] = {UUIDOID, UUIDOID, INT4OID, INT4OID};

} // namespace

int
UseFreezes(const NewDay &day) {
    const uint64 found =
        use_freezes.Run(Access::Write, {FromUuid(day.member.organization), FromUuid(day.member.user),
                                        DateADTGetDatum(day.day), day.first_activity_at, day.time_zone});
    return found == 0 ? 0 : DatumGetInt32(Field(0, 1));
}

bool
HasFreezes(const Member &member, int64 days) {
    has_freezes.Run(Access::Read,
                    {FromUuid(member.organization), FromUuid(member.user), Int64GetDatum(days)});
    return DatumGetBool(Field(0, 1));
}

void
EarnFreezes(const Moved *moved, int count) {
    Columns grown(kGrownTypes, count);
    for (int i = 0; i < count; i++)
        if (moved[i].days > moved[i].days_before)
            grown.Add({FromUuid(moved[i].member.organization), FromUuid(moved[i].member.user),
                       Int32GetDatum(moved[i].days_before), Int32GetDatum(moved[i].days)});
    if (grown.count() > 0)
        earn_freezes.Run(Access::Write, grown.Arrays());
}

} // namespace laurel::streaks
