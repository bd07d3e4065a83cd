#include "badges/listening.h"

#include "postgres/bridge.h"
#include "postgres/fresh.h"
#include "postgres/list.h"
#include "postgres/session_cache.h"
#include "postgres/relation_changes.h"

namespace laurel::badges {

namespace {

Statement read_earned = Statement(R"(SELECT id, criteria FROM ONLY laurel.badges
        WHERE organization_id = $1 AND is_active AND criteria <> '{}' ORDER BY id)",
                                  UUIDOID)
                            .Returns(UUIDOID, JSONBOID);

// The badges that look at one type, one after the other in the list.
struct ListenedType {
    std::string_view type;
    int first;
    int count;
};

// The badges of an organization, and what they look at in the order of types.
struct OrganizationBadges {
    Uuid organization;
    uint64 epoch; // of the badges when they were read
    MemoryContext memory;
    ListenedType *types;
    int type_count;
    const EarnedBadge **listeners;
};

constinit uint64 listening_epoch = 1;
constinit Oid listening_signal = InvalidOid;
constinit HTAB *listening_cache = nullptr;
constinit MemoryContext listening_memory = nullptr;

void
NoticeBadges(Oid relation) {
    if (relation == InvalidOid || relation == listening_signal)
        listening_epoch++;
}

struct Listener {
    std::string_view type;
    const EarnedBadge *badge;
};

std::string_view
TypeOf(const Goal &goal) {
    const rules::WordInfo &info = rules::InfoOf(goal.word);
    switch (info.source) {
    case rules::WordSource::Points:
        return kPointsMoved;
    case rules::WordSource::Streak:
        return kStreakMoved;
    case rules::WordSource::Event:
        return goal.word == rules::Word::Events ? goal.text : info.event;
    }
    return {};
}

// The badges of the last result; those whose criteria say nothing are left out.
EarnedBadge *
TakeBadges(uint64 *count, MemoryContext memory) {
    const uint64 rows = *count;
    const MemoryContext old = MemoryContextSwitchTo(memory);
    auto *badges = NewList<EarnedBadge>(rows);
    *count = 0;
    for (uint64 row = 0; row < rows; row++) {
        const CriteriaRead read = ReadCriteria(DatumGetJsonbP(Field(row, 2)));
        if (read.fault == nullptr)
            badges[(*count)++] = {ToUuid(Field(row, 1)), read.criteria};
    }
    MemoryContextSwitchTo(old);
    return badges;
}

// Who looks at what, by type, each badge once for a type.
Listener *
ListenersOf(const EarnedBadge *badges, uint64 badge_count, int *count) {
    int room = 0;
    for (uint64 i = 0; i < badge_count; i++)
        room += badges[i].criteria.count;
    auto *listeners = NewList<Listener>(room);
    Listener *end = listeners;
    for (uint64 i = 0; i < badge_count; i++)
        for (int goal = 0; goal < badges[i].criteria.count; goal++)
            *end++ = {TypeOf(badges[i].criteria.goals[goal]), badges + i};
    std::sort(listeners, end, [](const Listener &a, const Listener &b) {
        return a.type != b.type ? a.type < b.type : a.badge < b.badge;
    });
    end = std::unique(listeners, end, [](const Listener &a, const Listener &b) {
        return a.type == b.type && a.badge == b.badge;
    });
    *count = static_cast<int>(end - listeners);
    return listeners;
}

void
Index(const Listener *listeners, int count, OrganizationBadges *badges) {
    badges->types = NewList<ListenedType>(count, badges->memory);
    badges->listeners = NewList<const EarnedBadge *>(count, badges->memory);
    badges->type_count = 0;
    for (int i = 0; i < count; i++) {
        if (i == 0 || listeners[i].type != listeners[i - 1].type)
            badges->types[badges->type_count++] = {listeners[i].type, i, 0};
        badges->types[badges->type_count - 1].count++;
        badges->listeners[i] = listeners[i].badge;
    }
}

void
ReadBadges(OrganizationBadges *badges) {
    badges->epoch = 0;
    badges->type_count = 0;
    // Nobody listens before there are badges, nor after a migration has taken them.
    listening_signal = get_relname_relid("badge_changes", get_namespace_oid("laurel_internal", true));
    if (listening_signal == InvalidOid)
        return;
    const uint64 reading = listening_epoch;
    if (badges->memory == nullptr)
        badges->memory =
            AllocSetContextCreate(listening_memory, "laurel badges of an organization", ALLOCSET_SMALL_SIZES);
    MemoryContextReset(badges->memory);
    const FreshRead fresh(OwnerOf(TableOid("badges")));
    uint64 count = read_earned.Run(Access::Read, FromUuid(badges->organization));
    const EarnedBadge *earned = TakeBadges(&count, badges->memory);
    int listener_count;
    const Listener *listeners = ListenersOf(earned, count, &listener_count);
    Index(listeners, listener_count, badges);
    badges->epoch = reading;
}

const OrganizationBadges &
BadgesOf(const Uuid &organization) {
    HTAB *cache = SessionCache(&listening_cache, "laurel badges by criteria", sizeof(Uuid),
                               sizeof(OrganizationBadges), listening_memory);
    bool found;
    auto *badges = static_cast<OrganizationBadges *>(hash_search(cache, &organization, HASH_ENTER, &found));
    if (!found) {
        badges->epoch = 0;
        badges->memory = nullptr;
        badges->type_count = 0;
    }
    if (badges->epoch != listening_epoch)
        ReadBadges(badges);
    return *badges;
}

} // namespace

Listening
ListeningTo(const Uuid &organization, std::string_view type) {
    const OrganizationBadges &badges = BadgesOf(organization);
    const ListenedType *begin = badges.types, *end = begin + badges.type_count;
    const ListenedType *found =
        badges.type_count == 0
            ? end
            : std::lower_bound(begin, end, type, [](const ListenedType &t, std::string_view wanted) {
                  return t.type < wanted;
              });
    if (found == end || found->type != type)
        return {};
    return {badges.listeners + found->first, found->count};
}

void
InitListening() {
    listening_memory =
        AllocSetContextCreate(TopMemoryContext, "laurel badges by criteria", ALLOCSET_DEFAULT_SIZES);
    WhenRelationChanges(NoticeBadges);
}

} // namespace laurel::badges
