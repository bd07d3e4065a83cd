// Badges for what members have reached before: criteria are looked at for everybody at once.

#include "access/caller.h"
#include "badges/earning.h"
#include "badges/listening.h"
#include "postgres/arguments.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/list.h"

namespace laurel::badges {

namespace {

Statement find_badge =
    Statement("SELECT organization_id, criteria, is_active, slug FROM ONLY laurel.badges WHERE id = $1",
              UUIDOID)
        .Returns(UUIDOID, JSONBOID, BOOLOID, TEXTOID);

Statement members_without = Statement(R"(SELECT m.user_id FROM ONLY laurel.user_organizations m
        WHERE m.organization_id = $1 AND NOT EXISTS (SELECT FROM ONLY laurel.badge_awards w
            WHERE w.organization_id = $1 AND w.user_id = m.user_id AND w.badge_id = $2)
        AND NOT EXISTS (SELECT FROM ONLY laurel.badge_revocations r
            WHERE r.organization_id = $1 AND r.user_id = m.user_id AND r.badge_id = $2)
        ORDER BY m.user_id)",
                                      UUIDOID, UUIDOID)
                                .Returns(UUIDOID);

Statement lock_members(R"(SELECT FROM ONLY laurel.user_points
        WHERE organization_id = $1 AND user_id = ANY ($2) ORDER BY organization_id, user_id FOR NO KEY UPDATE)",
                       UUIDOID, UUIDARRAYOID);

struct BadgeToEarn {
    Uuid id;
    Uuid organization;
    Criteria criteria;
    bool is_active;
    const char *slug;
};

[[noreturn]] void
RefuseNoBadge(const Uuid &badge) {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "there is no such badge",
            .detail = psprintf("Key (id)=(%s) is not present in table \"badges\".", UuidText(badge)),
            .hint = "laurel.badges has each organization's badges, with id and slug.",
            .table = "badge_awards",
            .constraint = "badge_awards_badge_id_fkey"});
}

BadgeToEarn
FindBadge(const Uuid &id, Oid owner) {
    const MemoryContext memory = CurrentMemoryContext;
    const FreshRead fresh(owner);
    if (find_badge.Run(Access::Read, FromUuid(id)) == 0)
        RefuseNoBadge(id);
    const MemoryContext inner = MemoryContextSwitchTo(memory);
    Row row;
    BadgeToEarn badge = {};
    badge.id = id;
    badge.organization = ToUuid(row.Next());
    badge.criteria = ReadCriteria(DatumGetJsonbPCopy(row.Next())).criteria;
    badge.is_active = DatumGetBool(row.Next());
    badge.slug = CString(ToText(row.Next()));
    MemoryContextSwitchTo(inner);
    return badge;
}

// What other organizations have is as what is not there.
void
RequireOwnBadge(Oid table, const BadgeToEarn &badge) {
    access::NoticeChanges();
    if (!IsTrusted(table) && !(access::CurrentCaller().organization == badge.organization))
        RefuseNoBadge(badge.id);
    access::RequireAdministrator(table, badge.organization, "award badges");
}

void
RequireCriteria(const BadgeToEarn &badge) {
    if (!badge.is_active)
        Refuse({.message = psprintf("badge \"%s\" is retired, and awarded to nobody", badge.slug),
                .hint = "Set is_active of laurel.badges to true first.",
                .table = "badge_awards",
                .constraint = "badge_awards_badge_id_fkey"});
    if (badge.criteria.count == 0)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message =
                    psprintf("badge \"%s\" has no criteria, so that nobody earns it by itself", badge.slug),
                .hint =
                    "Write criteria of laurel.badges, such as {\"coursesCompleted\": 1}, or award it with "
                    "laurel.award_badge."});
}

// The members of the organization who do not hold the badge.
rules::Asked *
MembersWithout(const BadgeToEarn &badge, Oid owner, int *count) {
    const MemoryContext memory = CurrentMemoryContext;
    const FreshRead fresh(owner);
    const uint64 rows = members_without.Run(Access::Read, {FromUuid(badge.organization), FromUuid(badge.id)});
    auto *asked = NewList<rules::Asked>(rows, memory);
    const TimestampTz now = GetCurrentTimestamp();
    for (uint64 row = 0; row < rows; row++)
        asked[row] = {badge.organization, ToUuid(Field(row, 1)), now};
    *count = static_cast<int>(rows);
    return asked;
}

void
LockMembers(const Candidates &earned) {
    auto *users = NewList<Datum>(earned.count());
    int count = 0;
    for (const Candidate &candidate : earned)
        users[count++] = FromUuid(candidate.user);
    const SpiConnection spi;
    lock_members.RunOnce(Access::Write,
                         {FromUuid(earned.begin()->organization), ArrayOf(users, count, UUIDOID)});
}

} // namespace

// laurel.award_earned_badges(badge)
LAUREL_FUNCTION(laurel_award_earned_badges) {
    const Oid table = TableOid("badge_awards"), owner = OwnerOf(table);
    const BadgeToEarn badge = FindBadge(ToUuid(Required(fcinfo, 0, "badge")), owner);
    RequireOwnBadge(table, badge);
    RequireCriteria(badge);
    CommandCounterIncrement();
    int count;
    const rules::Asked *asked = MembersWithout(badge, owner, &count);
    rules::Wanted wanted;
    AddWanted(badge.criteria, &wanted);
    const rules::MemberStats *stats = rules::ReadStats(wanted, asked, count);
    Candidates earned;
    for (int i = 0; i < count; i++)
        if (IsReached(badge.criteria, wanted, stats[i]))
            earned.Add({badge.organization, asked[i].user, badge.id, asked[i].at});
    if (earned.count() == 0)
        PG_RETURN_INT64(0);
    const AsOwner as_owner(owner);
    LockMembers(earned);
    PG_RETURN_INT64(AwardTo(earned));
}

} // namespace laurel::badges
