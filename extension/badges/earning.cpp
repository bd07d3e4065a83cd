// Lock order: the points accounts by (organization_id, user_id), then the badges by (organization_id, id),
// then what an award locks. An account is locked before it is looked whether its member has reached a
// badge's criteria: of two sessions that each add a part, the second sees both.

#include "badges/earning.h"

#include "badges/listening.h"
#include "guards/transition_rows.h"
#include "points/posting.h"
#include "postgres/bridge.h"
#include "postgres/fresh.h"
#include "postgres/halving.h"
#include "postgres/list.h"
#include "postgres/row_set.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"
#include "streaks/streaks.h"

namespace laurel::badges {

namespace {

constexpr TriggerSpec kEarnSpec = {"earn_badges", TriggerSpec::After, TriggerSpec::EachStatement,
                                   TriggerSpec::Insert};

constexpr RowSetColumn kCandidateColumns[] = {
    {"organization_id", UUIDOID}, {"user_id", UUIDOID}, {"badge_id", UUIDOID}, {"at", TIMESTAMPTZOID}};

// Of a candidate c: what was revoked is awarded by hand alone.
constexpr SqlText kNotRevoked =
    R"(NOT EXISTS (SELECT FROM ONLY laurel.badge_revocations r
        WHERE r.organization_id = c.organization_id AND r.badge_id = c.badge_id AND r.user_id = c.user_id))";

SizedStatement not_held = SizedStatement(Sql<R"(
    SELECT c.organization_id, c.user_id, c.badge_id, c.at FROM candidates c
    WHERE NOT EXISTS (SELECT FROM ONLY laurel.badge_awards w WHERE w.organization_id = c.organization_id
        AND w.user_id = c.user_id AND w.badge_id = c.badge_id) AND {1})",
                                             kNotRevoked>)
                              .Returns(UUIDOID, UUIDOID, UUIDOID, TIMESTAMPTZOID);

SizedStatement lock_earners(R"(
    SELECT FROM ONLY laurel.user_points p JOIN (SELECT DISTINCT organization_id, user_id FROM candidates) c
        ON p.organization_id = c.organization_id AND p.user_id = c.user_id
    ORDER BY p.organization_id, p.user_id FOR NO KEY UPDATE OF p)");

SizedStatement read_criteria = SizedStatement(R"(
    SELECT b.id, b.criteria FROM (SELECT DISTINCT organization_id, badge_id FROM candidates) c
    JOIN ONLY laurel.badges b ON b.organization_id = c.organization_id AND b.id = c.badge_id
    WHERE b.is_active ORDER BY b.id)")
                                   .Returns(UUIDOID, JSONBOID);

SizedStatement lock_earned(R"(
    SELECT FROM ONLY laurel.badges b JOIN (SELECT DISTINCT organization_id, badge_id FROM candidates) c
        ON b.organization_id = c.organization_id AND b.id = c.badge_id
    ORDER BY b.organization_id, b.id FOR NO KEY UPDATE OF b)");

SizedStatement award_earned(Sql<R"(
    INSERT INTO laurel.badge_awards (organization_id, user_id, badge_id, awarded_by, awarded_date)
    SELECT c.organization_id, c.user_id, c.badge_id, 'criteria',
        CASE WHEN isfinite(c.at) THEN least(c.at, pg_catalog.clock_timestamp()) ELSE pg_catalog.now() END
    FROM candidates c JOIN ONLY laurel.badges b ON b.organization_id = c.organization_id AND b.id = c.badge_id
    WHERE b.is_active AND {1} ORDER BY c.organization_id, c.user_id, c.badge_id
    ON CONFLICT (organization_id, user_id, badge_id) DO NOTHING)",
                                kNotRevoked>);

bool
IsBefore(const Candidate &a, const Candidate &b) {
    const int order = std::memcmp(&a, &b, sizeof(Uuid) * 3);
    return order != 0 ? order < 0 : a.at > b.at;
}

bool
IsSameAward(const Candidate &a, const Candidate &b) {
    return std::memcmp(&a, &b, sizeof(Uuid) * 3) == 0;
}

static_assert(offsetof(Candidate, at) == sizeof(Uuid) * 3);

// Candidates as rows for statements of the SPI connection that is open.
class CandidateRows {
public:
    explicit CandidateRows(const Candidates &candidates) : rows_("candidates", kCandidateColumns) {
        const bool nulls[std::size(kCandidateColumns)] = {};
        for (const Candidate &c : candidates) {
            const Datum values[] = {FromUuid(c.organization), FromUuid(c.user), FromUuid(c.badge),
                                    TimestampTzGetDatum(c.at)};
            rows_.Add(values, nulls);
        }
    }

    uint64 Run(SizedStatement *statement, Access access) const {
        const SharedRows shared(rows_);
        Statement &sized = statement->For(rows_.count());
        return rows_.count() < kVeryMany ? sized.Run(access) : sized.RunOnce(access);
    }

private:
    static constexpr int64 kVeryMany = 5000;
    RowSet rows_;
};

// Those who do not hold the badge yet, as it is committed now.
void
KeepNotHeld(Candidates *candidates, Oid owner) {
    CommandCounterIncrement();
    const FreshRead fresh(owner);
    const uint64 count = CandidateRows(*candidates).Run(&not_held, Access::Read);
    candidates->Clear();
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        const Uuid organization = ToUuid(row.Next()), user = ToUuid(row.Next()), badge = ToUuid(row.Next());
        candidates->Add({organization, user, badge, DatumGetTimestampTz(row.Next())});
    }
    candidates->Sort();
}

// What the badges of the candidates ask for, by id.
struct Asking {
    EarnedBadge *badges;
    int64 count;
    rules::Wanted wanted;

    const EarnedBadge *Find(const Uuid &badge) const {
        const EarnedBadge *end = badges + count;
        const EarnedBadge *found = std::lower_bound(
            badges, badges + count, badge, [](const EarnedBadge &b, const Uuid &id) { return b.id < id; });
        return found != end && found->id == badge ? found : nullptr;
    }
};

// A badge may have been edited since somebody listened for it, be it by this very statement.
Asking
ReadAsking(const Candidates &candidates, Oid owner) {
    const MemoryContext memory = CurrentMemoryContext;
    const FreshRead fresh(owner);
    const uint64 rows = CandidateRows(candidates).Run(&read_criteria, Access::Read);
    const MemoryContext inner = MemoryContextSwitchTo(memory);
    Asking asking = {NewList<EarnedBadge>(rows), 0, {}};
    for (uint64 row = 0; row < rows; row++) {
        const CriteriaRead read = ReadCriteria(DatumGetJsonbPCopy(Field(row, 2)));
        if (read.fault != nullptr)
            continue;
        asking.badges[asking.count++] = {ToUuid(Field(row, 1)), read.criteria};
        AddWanted(read.criteria, &asking.wanted);
    }
    MemoryContextSwitchTo(inner);
    return asking;
}

bool
IsSameMember(const Candidate &a, const Candidate &b) {
    return a.organization == b.organization && a.user == b.user;
}

// Those of the candidates, which are sorted, who have reached the criteria as far as they ask for what is
// wanted.
Candidates
EarnedOf(const Candidates &candidates, const Asking &asking, const rules::Wanted &wanted) {
    auto *asked = NewList<rules::Asked>(candidates.count());
    int members = 0;
    const TimestampTz now = GetCurrentTimestamp();
    for (const Candidate *c = candidates.begin(); c != candidates.end(); c++)
        if (c == candidates.begin() || !IsSameMember(c[0], c[-1]))
            asked[members++] = {c->organization, c->user, now};
    const rules::MemberStats *stats = rules::ReadStats(wanted, asked, members);
    Candidates earned;
    int member = -1;
    for (const Candidate *c = candidates.begin(); c != candidates.end(); c++) {
        if (c == candidates.begin() || !IsSameMember(c[0], c[-1]))
            member++;
        const EarnedBadge *badge = asking.Find(c->badge);
        if (badge != nullptr && IsReached(badge->criteria, wanted, stats[member]))
            earned.Add(*c);
    }
    return earned;
}

// What is to be counted is counted for those who have reached the rest.
Candidates
Earned(const Candidates &candidates, const Asking &asking) {
    const rules::Wanted at_hand = asking.wanted.OfAccounts();
    if (at_hand.is_nothing())
        return EarnedOf(candidates, asking, asking.wanted);
    const Candidates likely = EarnedOf(candidates, asking, at_hand);
    return likely.count() == 0 ? likely : EarnedOf(likely, asking, asking.wanted);
}

// Awards so that what cannot be awarded breaks nothing else, least of all the write that has earned it.
class Awarding {
public:
    explicit Awarding(Candidates *earned) : earned_(earned) {}

    void All() {
        earned_->SortByBadge();
        RunHalving(
            0, earned_->count(), [this](int64 first, int64 count) { Award(first, count); },
            [this](int64 item, const ErrorData *error) { Note(earned_->begin()[item], *error); });
    }

private:
    // A badge that fails this often in one statement is tried no more there.
    static constexpr int kMostFailures = 20;

    void Award(int64 first, int64 count) const {
        Candidates some;
        for (const Candidate *c = earned_->begin() + first; c != earned_->begin() + first + count; c++)
            if (failures_ < kMostFailures || !(c->badge == failed_))
                some.Add(*c);
        if (some.count() > 0)
            AwardTo(some);
    }

    void Note(const Candidate &candidate, const ErrorData &error) {
        failures_ = candidate.badge == failed_ ? failures_ + 1 : 1;
        failed_ = candidate.badge;
        ereport(WARNING, (errcode(error.sqlerrcode),
                          errmsg("badge %s was earned by user %s, but could not be awarded: %s",
                                 UuidText(candidate.badge), UuidText(candidate.user), error.message),
                          errhint("Once nothing is in the way, SELECT laurel.award_earned_badges('%s').",
                                  UuidText(candidate.badge))));
    }

    Candidates *earned_;
    Uuid failed_{};
    int failures_ = 0;
};

// Awards what the candidates have earned so far.
void
EarnOnce(Candidates *candidates, Oid owner) {
    candidates->Sort();
    KeepNotHeld(candidates, owner);
    if (candidates->count() == 0)
        return;
    {
        const AsOwner as_owner(owner);
        const SpiConnection spi;
        CandidateRows(*candidates).Run(&lock_earners, Access::Write);
    }
    const Asking asking = ReadAsking(*candidates, owner);
    Candidates earned = Earned(*candidates, asking);
    if (earned.count() > 0)
        Awarding(&earned).All();
}

// Badges that are being awarded. What an award brings about comes here, not deeper and deeper.
struct Earning {
    int nest_level;
    Candidates *later;
};

constinit Earning earning = {0, nullptr};

void
EndEarning(XactEvent event, void *) {
    if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PARALLEL_PRE_COMMIT &&
        event != XACT_EVENT_PRE_PREPARE)
        earning.later = nullptr;
}

void
EndSubEarning(SubXactEvent event, SubTransactionId, SubTransactionId, void *) {
    if (event == SUBXACT_EVENT_ABORT_SUB && earning.nest_level >= GetCurrentTransactionNestLevel())
        earning.later = nullptr;
}

void
AddListening(const Uuid &organization, const Uuid &user, std::string_view type, TimestampTz at,
             Candidates *candidates) {
    const Listening listening = ListeningTo(organization, type);
    for (int i = 0; i < listening.count; i++)
        candidates->Add({organization, user, listening.badges[i]->id, at});
}

// Who may have earned what by the events of the statement.
void
FindCandidates(const TriggerData *trigger, Candidates *candidates) {
    const TupleDesc columns = RelationGetDescr(trigger->tg_relation);
    const int organization = Attribute(columns, "organization_id", UUIDOID),
              user = Attribute(columns, "user_id", UUIDOID), type = Attribute(columns, "type", TEXTOID),
              at = Attribute(columns, "occurred_at", TIMESTAMPTZOID);
    guards::EachRow(columns, guards::RowsOfStatement(trigger), [=](TupleTableSlot *row) {
        slot_getallattrs(row);
        const Uuid owner = ToUuid(row->tts_values[organization - 1]);
        AddListening(owner, ToUuid(row->tts_values[user - 1]), ToText(row->tts_values[type - 1]),
                     DatumGetTimestampTz(row->tts_values[at - 1]), candidates);
    });
}

void
EarnByPoints(const points::Booked *booked, int count) {
    Candidates candidates;
    const TimestampTz now = GetCurrentTimestamp();
    for (int i = 0; i < count; i++)
        AddListening(booked[i].key.organization, booked[i].key.user, kPointsMoved, now, &candidates);
    EarnBadges(&candidates);
}

void
EarnByStreak(const streaks::Moved *moved, int count) {
    Candidates candidates;
    const TimestampTz now = GetCurrentTimestamp();
    for (int i = 0; i < count; i++)
        AddListening(moved[i].member.organization, moved[i].member.user, kStreakMoved, now, &candidates);
    EarnBadges(&candidates);
}

} // namespace

void
Candidates::Add(const Candidate &candidate) {
    if (count_ == room_) {
        room_ = std::max<int64>(8, room_ * 2);
        const Size size = sizeof(Candidate) * static_cast<Size>(room_);
        list_ = static_cast<Candidate *>(list_ == nullptr ? MemoryContextAllocHuge(memory_, size)
                                                          : repalloc_huge(list_, size));
    }
    list_[count_++] = candidate;
}

void
Candidates::Sort() {
    std::sort(list_, list_ + count_, IsBefore);
    count_ = std::unique(list_, list_ + count_, IsSameAward) - list_;
}

void
Candidates::SortByBadge() {
    std::sort(list_, list_ + count_, [](const Candidate &a, const Candidate &b) {
        return a.badge == b.badge ? IsBefore(a, b) : a.badge < b.badge;
    });
}

int64
AwardTo(const Candidates &earned) {
    const SpiConnection spi;
    const CandidateRows rows(earned);
    rows.Run(&lock_earned, Access::Write);
    return static_cast<int64>(rows.Run(&award_earned, Access::Write));
}

void
EarnBadges(Candidates *candidates) {
    if (candidates->count() == 0)
        return;
    if (earning.later != nullptr) {
        for (const Candidate &candidate : *candidates)
            earning.later->Add(candidate);
        return;
    }
    const Oid owner = OwnerOf(TableOid("badge_awards"));
    Candidates later;
    earning = {GetCurrentTransactionNestLevel(), &later};
    while (candidates->count() > 0) {
        {
            const AsOwner as_owner(owner);
            EarnOnce(candidates, owner);
        }
        std::swap(*candidates, later);
        later.Clear();
    }
    earning.later = nullptr;
}

void
InitEarning() {
    RegisterXactCallback(EndEarning, nullptr);
    RegisterSubXactCallback(EndSubEarning, nullptr);
    points::ListenToBookings(EarnByPoints);
    streaks::ListenToStreaks(EarnByStreak);
}

// Awards badges whose criteria look at the events that come. A restore makes the trigger after the rows, so
// that nobody earns a badge by it.
LAUREL_FUNCTION(laurel_earn_badges) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kEarnSpec);
    Candidates candidates;
    FindCandidates(trigger, &candidates);
    EarnBadges(&candidates);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::badges
