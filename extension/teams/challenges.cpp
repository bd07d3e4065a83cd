// Challenges progress by what comes, and are counted from history when they begin or are changed.
//
// Lock order: the members' points accounts by (organization_id, user_id), then personal challenges, then
// those of teams, each by (organization_id, id). Who begins a challenge, or changes what it counts or when,
// locks the accounts of all whose points it counts, so that what others are booking is counted once: by them
// or by history. Changing one that is under way has its row before the accounts: who gains for it at the same
// moment can meet that as a deadlock (40P01).

#include "teams/challenges.h"

#include "guards/derived_write.h"
#include "guards/transition_rows.h"
#include "points/posting.h"
#include "postgres/bridge.h"
#include "postgres/column.h"
#include "postgres/datum.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/row_set.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"
#include "teams/challenge_listening.h"
#include "teams/changed_challenges.h"

namespace laurel::teams {

namespace {

constexpr TriggerSpec kCountEventsSpec = {"count_challenge_events", TriggerSpec::After,
                                          TriggerSpec::EachStatement, TriggerSpec::Insert};
constexpr TriggerSpec kFollowSpec = {"follow_challenges", TriggerSpec::After, TriggerSpec::EachStatement,
                                     TriggerSpec::Insert | TriggerSpec::Update};
constexpr TriggerSpec kGuardSpec = {"guard_progress", TriggerSpec::After, TriggerSpec::EachRow,
                                    TriggerSpec::Update};

// What an entry of the ledger, l, adds to what was earned: as in kernel/account.h.
constexpr SqlText kEarnedBy =
    "CASE WHEN l.reverses_id IS NULL THEN greatest(l.amount, 0) ELSE least(l.amount, 0) END";

// What members have gained; an event type where it is an event, a challenge where it is given to that one.
constexpr RowSetColumn kGainColumns[] = {{"organization_id", UUIDOID}, {"user_id", UUIDOID},
                                         {"event_type", TEXTOID},      {"at", TIMESTAMPTZOID},
                                         {"amount", INT8OID},          {"challenge_id", UUIDOID}};
constexpr bool kGainNulls[] = {false, false, false, false, false, true};
static_assert(std::size(kGainNulls) == std::size(kGainColumns));

constexpr RowSetColumn kBookedColumns[] = {
    {"organization_id", UUIDOID}, {"user_id", UUIDOID}, {"first_no", INT8OID}};

// What comes from another account of the same person was gained there.
SizedStatement gains_by_points(Sql<R"(
    SELECT l.organization_id, l.user_id, NULL::text, l.occurred_at, {1}, NULL::uuid FROM booked b
    JOIN ONLY laurel.points_ledger l ON l.organization_id = b.organization_id AND l.user_id = b.user_id
        AND l.entry_no >= b.first_no
    WHERE {1} <> 0 AND l.transaction_type <> 'account_merged')",
                                   kEarnedBy>);

SizedStatement lock_gainers(R"(
    SELECT FROM ONLY laurel.user_points p JOIN (SELECT DISTINCT organization_id, user_id FROM gains) g
        ON p.organization_id = g.organization_id AND p.user_id = g.user_id
    ORDER BY p.organization_id, p.user_id FOR NO KEY UPDATE OF p)");

// A challenge c counts a gain g.
constexpr SqlText kCounts =
    R"(c.organization_id = g.organization_id AND c.status = 'active'
        AND c.kind = CASE WHEN g.event_type IS NULL THEN 'points' ELSE 'events' END
        AND (g.event_type IS NULL OR c.event_type = g.event_type)
        AND g.at >= c.starts_at AND (c.ends_at IS NULL OR g.at < c.ends_at))";

// A gain g was given to a challenge c.
constexpr SqlText kIsGiven =
    R"(c.organization_id = g.organization_id AND c.id = g.challenge_id AND c.status = 'active'
        AND g.at >= c.starts_at AND (c.ends_at IS NULL OR g.at < c.ends_at))";

// Which challenge counts which gain: {1} is the condition above. A team counts what its members gain from
// when they have joined.
constexpr SqlText kOfMembers =
    R"(gains g JOIN ONLY laurel.personal_challenges c ON c.user_id = g.user_id AND {1})";
constexpr SqlText kOfTeams =
    R"(gains g JOIN ONLY laurel.team_memberships m ON m.organization_id = g.organization_id AND m.user_id = g.user_id
        AND g.at >= m.joined_at
    JOIN ONLY laurel.team_challenges c ON c.team_id = m.team_id AND {1})";

constexpr SqlText kLock = R"(SELECT FROM ONLY {1} l WHERE (l.organization_id, l.id) IN (
        SELECT c.organization_id, c.id FROM {2})
    ORDER BY l.organization_id, l.id FOR NO KEY UPDATE)";

// Never below none: what is taken back may have come before the challenge was there.
constexpr SqlText kAddGains = R"(UPDATE ONLY {1} t
    SET progress = least(greatest(t.progress + d.amount, 0), 9223372036854775807)::bigint{3}
    FROM (SELECT c.organization_id, c.id, pg_catalog.sum(g.amount) AS amount FROM {2} GROUP BY 1, 2) d
    WHERE t.organization_id = d.organization_id AND t.id = d.id AND t.status = 'active'
    RETURNING t.organization_id, t.id, t.progress >= t.goal)";

// What is given is in no history.
constexpr SqlText kGive = ", given = least(t.given + d.amount, 9223372036854775807)::bigint";

// Progress of the challenges that are named, from history.
constexpr SqlText kCountAnew = R"(UPDATE ONLY {1} c
    SET progress = least(greatest(CASE c.kind WHEN 'points' THEN (
            SELECT coalesce(pg_catalog.sum({2}), 0) FROM {3} laurel.points_history l
            WHERE l.organization_id = c.organization_id AND l.user_id = {4}.user_id AND l.occurred_at >= c.starts_at
                AND l.created_at >= c.starts_at AND (c.ends_at IS NULL OR l.occurred_at < c.ends_at) {5})
        ELSE (
            SELECT pg_catalog.count(*) FROM {3} ONLY laurel.domain_events l
            WHERE l.organization_id = c.organization_id AND l.user_id = {4}.user_id AND l.type = c.event_type
                AND l.occurred_at >= c.starts_at AND (c.ends_at IS NULL OR l.occurred_at < c.ends_at) {5}) END,
        0) + c.given, 9223372036854775807)::bigint
    FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) n (organization_id, id)
    WHERE c.organization_id = n.organization_id AND c.id = n.id AND c.status = 'active'
    RETURNING c.organization_id, c.id, c.progress >= c.goal)";

constexpr SqlText kTeamMembers =
    R"((SELECT m.user_id, m.joined_at FROM ONLY laurel.team_memberships m
                WHERE m.organization_id = c.organization_id AND m.team_id = c.team_id) m CROSS JOIN)";

constexpr SqlText kComplete = R"(UPDATE ONLY {1} c SET status = 'completed'
    FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) n (organization_id, id)
    WHERE c.organization_id = n.organization_id AND c.id = n.id AND c.status = 'active' AND c.progress >= c.goal)";

// Locks the accounts of those whose gains the named challenges count.
constexpr SqlText kLockAccounts =
    R"(SELECT FROM ONLY laurel.user_points p WHERE (p.organization_id, p.user_id) IN (
        SELECT c.organization_id, {2}.user_id
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) n (organization_id, id)
        JOIN ONLY {1} c ON c.organization_id = n.organization_id AND c.id = n.id {3})
    ORDER BY p.organization_id, p.user_id FOR NO KEY UPDATE)";

constexpr SqlText kMembersOfTeam =
    "JOIN ONLY laurel.team_memberships m ON m.organization_id = c.organization_id AND m.team_id = c.team_id";

// The challenges of a table and what is done with them.
struct Challenges {
    const char *table;
    SizedStatement lock;
    SizedStatement add;
    SizedStatement lock_given;
    SizedStatement give;
    Statement count_anew;
    Statement complete;
    Statement lock_accounts;
};

constexpr SqlText kPersonal = "laurel.personal_challenges";
constexpr SqlText kTeam = "laurel.team_challenges";
constexpr auto kGainsOfMembers = PutTogether<kOfMembers, kCounts>();
constexpr auto kGainsOfTeams = PutTogether<kOfTeams, kCounts>();
constexpr auto kGivenToMembers = PutTogether<kOfMembers, kIsGiven>();
constexpr auto kGivenToTeams = PutTogether<kOfTeams, kIsGiven>();

Challenges personal = {
    "personal_challenges",
    SizedStatement(Sql<kLock, kPersonal, kGainsOfMembers>),
    SizedStatement(Sql<kAddGains, kPersonal, kGainsOfMembers, "">).Returns(UUIDOID, UUIDOID, BOOLOID),
    SizedStatement(Sql<kLock, kPersonal, kGivenToMembers>),
    SizedStatement(Sql<kAddGains, kPersonal, kGivenToMembers, kGive>).Returns(UUIDOID, UUIDOID, BOOLOID),
    Statement(Sql<kCountAnew, kPersonal, kEarnedBy, "", "c", "">, UUIDARRAYOID, UUIDARRAYOID)
        .Returns(UUIDOID, UUIDOID, BOOLOID),
    Statement(Sql<kComplete, kPersonal>, UUIDARRAYOID, UUIDARRAYOID),
    Statement(Sql<kLockAccounts, kPersonal, "c", "">, UUIDARRAYOID, UUIDARRAYOID)};

Challenges of_teams = {
    "team_challenges",
    SizedStatement(Sql<kLock, kTeam, kGainsOfTeams>),
    SizedStatement(Sql<kAddGains, kTeam, kGainsOfTeams, "">).Returns(UUIDOID, UUIDOID, BOOLOID),
    SizedStatement(Sql<kLock, kTeam, kGivenToTeams>),
    SizedStatement(Sql<kAddGains, kTeam, kGivenToTeams, kGive>).Returns(UUIDOID, UUIDOID, BOOLOID),
    Statement(Sql<kCountAnew, kTeam, kEarnedBy, kTeamMembers, "m", "AND l.occurred_at >= m.joined_at">,
              UUIDARRAYOID, UUIDARRAYOID)
        .Returns(UUIDOID, UUIDOID, BOOLOID),
    Statement(Sql<kComplete, kTeam>, UUIDARRAYOID, UUIDARRAYOID),
    Statement(Sql<kLockAccounts, kTeam, "m", kMembersOfTeam>, UUIDARRAYOID, UUIDARRAYOID)};

// Completes those of the last result that have reached their goal.
void
CompleteReached(Challenges *challenges, uint64 rows) {
    Columns reached(kNamedTypes, rows);
    for (uint64 row = 0; row < rows; row++)
        if (DatumGetBool(Field(row, 3)))
            reached.Add({CopyUuid(ToUuid(Field(row, 1))), CopyUuid(ToUuid(Field(row, 2)))});
    ForgetResult();
    if (reached.count() > 0)
        challenges->complete.Run(Access::Write, reached.Arrays());
}

// Adds gains to the challenges that one statement locks, where the other one looks at them again.
void
AddGains(const RowSet &gains, Challenges *challenges, SizedStatement *lock, SizedStatement *add) {
    uint64 rows;
    {
        const SharedRows shared(gains);
        if (lock->For(gains.count()).Run(Access::Write) == 0)
            return;
        const guards::DerivedWrite writing({TableOid(challenges->table)});
        rows = add->For(gains.count()).Run(Access::Write);
    }
    CompleteReached(challenges, rows);
}

// Adds the gains to the challenges that count them.
void
AddGains(const RowSet &gains) {
    if (gains.count() == 0)
        return;
    for (Challenges *challenges : {&personal, &of_teams})
        AddGains(gains, challenges, &challenges->lock, &challenges->add);
}

void
LockGainers(const RowSet &gains) {
    const SharedRows shared(gains);
    lock_gainers.For(gains.count()).Run(Access::Write);
}

// Adds what was booked; the accounts are locked.
void
CountPoints(const points::Booked *booked, int count) {
    if (!std::any_of(booked, booked + count, [](const points::Booked &account) {
            return PointsAreCounted(account.key.organization);
        }))
        return;
    const AsOwner owner(OwnerOf(TableOid("team_challenges")));
    const SpiConnection spi;
    RowSet accounts("booked", kBookedColumns), gains("gains", kGainColumns);
    const bool nulls[std::size(kBookedColumns)] = {};
    for (int i = 0; i < count; i++) {
        const Datum values[] = {FromUuid(booked[i].key.organization), FromUuid(booked[i].key.user),
                                Int64GetDatum(booked[i].first_no)};
        if (PointsAreCounted(booked[i].key.organization))
            accounts.Add(values, nulls);
    }
    {
        const SharedRows shared(accounts);
        gains.Fill(&gains_by_points.For(accounts.count()));
    }
    AddGains(gains);
}

// Where the columns of a row of domain_events stand.
struct EventColumns {
    int organization, user, type, at;

    explicit EventColumns(TupleDesc columns)
        : organization(Attribute(columns, "organization_id", UUIDOID) - 1),
          user(Attribute(columns, "user_id", UUIDOID) - 1), type(Attribute(columns, "type", TEXTOID) - 1),
          at(Attribute(columns, "occurred_at", TIMESTAMPTZOID) - 1) {}
};

bool
IsCounted(const EventColumns &columns, TupleTableSlot *row) {
    slot_getallattrs(row);
    const Uuid organization = ToUuid(row->tts_values[columns.organization]);
    return EventsAreCounted(organization, ToText(row->tts_values[columns.type]));
}

// Calls see(row) for each event that some challenge counts.
template <typename See>
void
EachCounted(const TriggerData *trigger, See &&see) {
    const TupleDesc columns = RelationGetDescr(trigger->tg_relation);
    const EventColumns places(columns);
    guards::EachRow(columns, guards::RowsOfStatement(trigger), [&](TupleTableSlot *row) {
        if (IsCounted(places, row))
            see(places, row);
    });
}

void
CountEvents(const TriggerData *trigger) {
    const AsOwner owner(OwnerOf(TableOid("team_challenges")));
    const SpiConnection spi;
    RowSet gains("gains", kGainColumns);
    EachCounted(trigger, [&](const EventColumns &places, TupleTableSlot *row) {
        const Datum values[] = {row->tts_values[places.organization],
                                row->tts_values[places.user],
                                row->tts_values[places.type],
                                row->tts_values[places.at],
                                Int64GetDatum(1),
                                0};
        gains.Add(values, kGainNulls);
    });
    LockGainers(gains);
    AddGains(gains);
}

void
CountAnew(const Changed &changed, Challenges *challenges) {
    const AsOwner owner(OwnerOf(TableOid(challenges->table)));
    const SpiConnection spi;
    if (changed.counts_others())
        challenges->lock_accounts.Run(Access::Write, changed.Arrays());
    uint64 rows;
    {
        const guards::DerivedWrite writing({TableOid(challenges->table)});
        rows = challenges->count_anew.Run(Access::Write, changed.Arrays());
    }
    CompleteReached(challenges, rows);
}

} // namespace

void
InitChallenges() {
    points::ListenToBookings(CountPoints);
}

void
GiveProgress(const Given *given, int64 count) {
    RowSet gains("gains", kGainColumns);
    const bool nulls[std::size(kGainColumns)] = {false, false, true, false, false, false};
    for (const Given *one = given; one != given + count; one++) {
        const Datum values[] = {
            FromUuid(one->organization),  FromUuid(one->user),        0,
            TimestampTzGetDatum(one->at), Int64GetDatum(one->amount), FromUuid(one->challenge)};
        gains.Add(values, nulls);
    }
    LockGainers(gains);
    for (Challenges *challenges : {&personal, &of_teams})
        AddGains(gains, challenges, &challenges->lock_given, &challenges->give);
}

// Adds events to the challenges that count them. A restore makes the trigger after the rows.
LAUREL_FUNCTION(laurel_count_challenge_events) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kCountEventsSpec);
    bool is_counted = false;
    EachCounted(trigger, [&is_counted](const EventColumns &, TupleTableSlot *) { is_counted = true; });
    if (is_counted)
        CountEvents(trigger);
    return PointerGetDatum(nullptr);
}

// Counts challenges from history that begin, or whose goal or time is another.
LAUREL_FUNCTION(laurel_follow_challenges) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kFollowSpec);
    const Changed changed(trigger, RowsOf(guards::RowsOfStatement(trigger)));
    const bool is_team = RelationGetRelid(trigger->tg_relation) == TableOid(of_teams.table);
    if (changed.count() > 0)
        CountAnew(changed, is_team ? &of_teams : &personal);
    return PointerGetDatum(nullptr);
}

// Fires where a row has arrived with another progress.
LAUREL_FUNCTION(laurel_guard_progress) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kGuardSpec);
    if (guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    const char *table = RelationGetRelationName(trigger->tg_relation);
    Refuse(
        {.sqlstate = ERRCODE_RESTRICT_VIOLATION,
         .message = psprintf("progress of a row of \"%s\" follows from points and events", table),
         .hint = "Leave it out: entries of laurel.points_ledger and rows of laurel.domain_events change it.",
         .table = table,
         .constraint = psprintf("%s_progress_follows", table)});
}

} // namespace laurel::teams
