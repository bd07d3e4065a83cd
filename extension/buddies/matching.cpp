// Proposes buddies: of two at once for an organization the second waits, and sees what the first has done.

#include "access/caller.h"
#include "access/organization.h"
#include "buddies/pairs.h"
#include "kernel/matching.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/column.h"
#include "postgres/owner.h"
#include "postgres/own_lock.h"
#include "postgres/spi.h"

namespace laurel::buddies {

namespace {

constexpr uint64 kMaxPairs = 20'000'000;

// Whoever answers right now is not passed by.
Statement end_unanswered = Statement(R"(WITH late AS (
            SELECT m.id FROM ONLY laurel.buddy_matches m WHERE m.organization_id = $1 AND m.status = 'proposed'
            AND m.proposed_at < pg_catalog.now() - coalesce((SELECT s.answer_within FROM ONLY laurel.buddy_settings s
                WHERE s.organization_id = $1), interval '14 days') ORDER BY m.id FOR NO KEY UPDATE SKIP LOCKED
        ) UPDATE ONLY laurel.buddy_matches m SET status = 'ended' FROM late WHERE m.id = late.id)",
                                     UUIDOID);

Statement read_meetings = Statement(R"(SELECT user_id, buddy_id, times FROM ONLY laurel.buddy_matches
        WHERE organization_id = $1 AND user_id = ANY ($2) ORDER BY user_id, buddy_id)",
                                    UUIDOID, UUIDARRAYOID)
                              .Returns(UUIDOID, UUIDOID, INT4OID)
                              .Custom();

Statement propose =
    Statement(
        R"(INSERT INTO laurel.buddy_matches AS m (organization_id, user_id, buddy_id, status, score, explanation)
        SELECT $1, p.user_id, p.buddy_id, $2, p.score, p.explanation
        FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6))
            WITH ORDINALITY p (user_id, buddy_id, score, explanation, place) ORDER BY p.place
        ON CONFLICT (organization_id, user_id, buddy_id) DO UPDATE SET status = excluded.status, score = excluded.score,
            explanation = excluded.explanation, times = m.times + 1, proposed_at = excluded.proposed_at,
            user_accepted_at = NULL, buddy_accepted_at = NULL, accepted_at = NULL, declined_at = NULL, ended_at = NULL
        RETURNING id, user_id, buddy_id, status = $2)",
        UUIDOID, TEXTOID, UUIDARRAYOID, UUIDARRAYOID, INT4ARRAYOID, JSONBARRAYOID)
        .Returns(UUIDOID, UUIDOID, UUIDOID, BOOLOID)
        .Custom();

// A run for an organization, and what comes of it for each newcomer.
struct Outcome {
    People newcomers, buddies;
    uint32 *match; // the number of a buddy, or kUnmatched
    Reason *reason;
    int16 *scores;
    Jsonb **explanations; // of the matches
    Uuid *ids;            // the same

    const int16 *ScoresOf(uint32 newcomer) const {
        return scores + static_cast<size_t>(newcomer) * buddies.count;
    }
};

void
RequireFeasible(const Outcome &outcome) {
    const uint64 newcomers = outcome.newcomers.count, buddies = outcome.buddies.count;
    if (newcomers <= kernel::kMaxMatched && buddies <= kernel::kMaxMatched &&
        newcomers * buddies <= kMaxPairs)
        return;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "too many people to be matched at once",
            .detail = psprintf("%llu want a buddy, %llu offer to be one.",
                               static_cast<unsigned long long>(newcomers),
                               static_cast<unsigned long long>(buddies)),
            .hint = psprintf("Up to %u on each side and %llu pairs are matched at once: lower newcomer_days.",
                             kernel::kMaxMatched, static_cast<unsigned long long>(kMaxPairs))});
}

// Meetings of the newcomers with buddies who are there, sorted by both.
Meeting *
ReadMeetings(const Uuid &organization, const Outcome &outcome, uint64 *meeting_count) {
    auto *ids = NewList<Datum>(outcome.newcomers.count);
    for (uint32 i = 0; i < outcome.newcomers.count; i++)
        ids[i] = FromUuid(outcome.newcomers[i].id);
    const Datum of = ArrayOf(ids, static_cast<int>(outcome.newcomers.count), UUIDOID);
    const uint64 count = read_meetings.Run(Access::Write, {FromUuid(organization), of});
    auto *meetings = NewList<Meeting>(count);
    *meeting_count = 0;
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        const uint32 newcomer = outcome.newcomers.Find(ToUuid(row.Next()));
        const uint32 buddy = outcome.buddies.Find(ToUuid(row.Next()));
        if (buddy < outcome.buddies.count)
            meetings[(*meeting_count)++] = {newcomer, buddy, DatumGetInt32(row.Next())};
    }
    return meetings;
}

void
ScoreAll(const Uuid &organization, Pairs *pairs, Outcome *outcome) {
    uint64 count;
    const Meeting *met = ReadMeetings(organization, *outcome, &count);
    const Meeting *const end = met + count;
    for (uint32 i = 0; i < outcome->newcomers.count; i++) {
        CHECK_FOR_INTERRUPTS();
        const Meeting *next =
            std::find_if(met, end, [i](const Meeting &meeting) { return meeting.newcomer != i; });
        outcome->reason[i] = pairs->Score(i, met, static_cast<uint32>(next - met),
                                          outcome->scores + static_cast<size_t>(i) * outcome->buddies.count);
        met = next;
    }
}

void
MatchAll(Outcome *outcome) {
    const uint32 newcomers = outcome->newcomers.count, buddies = outcome->buddies.count;
    auto *places = NewList<int32>(buddies);
    for (uint32 i = 0; i < buddies; i++)
        places[i] = outcome->buddies[i].places;
    auto *space = NewList<int32>(kernel::MatchingSpace(newcomers, buddies));
    kernel::Match({newcomers, buddies, outcome->scores, places, [] { CHECK_FOR_INTERRUPTS(); }}, space,
                  outcome->match);
    for (uint32 i = 0; i < newcomers; i++)
        if (outcome->match[i] == kernel::kUnmatched && outcome->reason[i] == Reason::None)
            outcome->reason[i] = Reason::Outnumbered;
}

void
ExplainAll(const Pairs &pairs, Outcome *outcome) {
    for (uint32 i = 0; i < outcome->newcomers.count; i++)
        if (outcome->match[i] != kernel::kUnmatched)
            outcome->explanations[i] = pairs.Explain(i, outcome->match[i]);
}

// Writes what was found, and takes note of the ids.
void
Propose(const Uuid &organization, const char *status, Outcome *outcome) {
    constexpr Oid types[] = {UUIDOID, UUIDOID, INT4OID, JSONBOID};
    Columns<4> rows(types, outcome->newcomers.count);
    for (uint32 i = 0; i < outcome->newcomers.count; i++)
        if (const uint32 buddy = outcome->match[i]; buddy != kernel::kUnmatched)
            rows.Add({FromUuid(outcome->newcomers[i].id), FromUuid(outcome->buddies[buddy].id),
                      Int32GetDatum(outcome->ScoresOf(i)[buddy]), JsonbPGetDatum(outcome->explanations[i])});
    if (rows.count() == 0)
        return;
    Parameters parameters = {FromUuid(organization), CStringGetTextDatum(status)};
    const Parameters arrays = rows.Arrays();
    for (int i = 0; i < arrays.count(); i++)
        parameters.Add(arrays.values()[i]);
    const uint64 written = propose.Run(Access::Write, parameters);
    const auto changed = [] {
        RefuseDropped(TableOid("buddy_matches"), "a trigger changed or dropped a match that was proposed");
    };
    if (written != static_cast<uint64>(rows.count()))
        changed();
    for (uint64 i = 0; i < written; i++) {
        Row row(i);
        const Uuid id = ToUuid(row.Next());
        const uint32 newcomer = outcome->newcomers.Find(ToUuid(row.Next()));
        const uint32 buddy = outcome->buddies.Find(ToUuid(row.Next()));
        if (newcomer == outcome->newcomers.count || outcome->match[newcomer] != buddy ||
            !DatumGetBool(row.Next()))
            changed();
        outcome->ids[newcomer] = id;
    }
    ForgetResult();
}

void
Return(FunctionCallInfo fcinfo, const Outcome &outcome, const char *status) {
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    for (uint32 i = 0; i < outcome.newcomers.count; i++) {
        const uint32 buddy = outcome.match[i];
        const bool is_matched = buddy != kernel::kUnmatched;
        bool nulls[] = {!is_matched, false, !is_matched, !is_matched, !is_matched, !is_matched, is_matched};
        Datum values[7] = {};
        values[1] = FromUuid(outcome.newcomers[i].id);
        if (is_matched) {
            values[0] = FromUuid(outcome.ids[i]);
            values[2] = FromUuid(outcome.buddies[buddy].id);
            values[3] = CStringGetTextDatum(status);
            values[4] = Int32GetDatum(outcome.ScoresOf(i)[buddy]);
            values[5] = JsonbPGetDatum(outcome.explanations[i]);
        } else {
            values[6] = CStringGetTextDatum(ReasonName(outcome.reason[i]));
        }
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
}

// As the tables' owner, with SPI open.
void
MatchOrganization(FunctionCallInfo fcinfo, const Uuid &organization) {
    LockOrganizationUntilEnd(OwnLock::BuddiesOfOrganization,
                             reinterpret_cast<const pg_uuid_t *>(&organization), ExclusiveLock);
    end_unanswered.Run(Access::Write, FromUuid(organization));
    const Settings settings = ReadSettings(organization);
    Outcome outcome = {};
    ReadPeople(organization, settings, &outcome.newcomers, &outcome.buddies);
    RequireFeasible(outcome);
    const size_t newcomers = outcome.newcomers.count;
    outcome.match = NewList<uint32>(newcomers);
    outcome.reason = NewList<Reason>(newcomers);
    outcome.ids = NewList<Uuid>(newcomers);
    outcome.explanations = NewList<Jsonb *>(newcomers);
    outcome.scores = NewList<int16>(newcomers * outcome.buddies.count);
    Pairs pairs(settings, outcome.newcomers, outcome.buddies);
    const char *status = settings.review ? "suggested" : "proposed";
    ScoreAll(organization, &pairs, &outcome);
    MatchAll(&outcome);
    ExplainAll(pairs, &outcome);
    Propose(organization, status, &outcome);
    Return(fcinfo, outcome, status);
}

} // namespace

// laurel.match_buddies(organization)
LAUREL_FUNCTION(laurel_match_buddies) {
    const Oid table = TableOid("buddy_matches");
    const Uuid organization = access::ActiveOrganization(fcinfo, 0);
    access::RequireAdministrator(table, organization, "match buddies in this organization");
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    MatchOrganization(fcinfo, organization);
    PG_RETURN_NULL();
}

} // namespace laurel::buddies
