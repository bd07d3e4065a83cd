#include "teams/challenge_listening.h"

#include "postgres/bridge.h"
#include "postgres/fresh.h"
#include "postgres/list.h"
#include "postgres/session_cache.h"
#include "postgres/relation_changes.h"

namespace laurel::teams {

namespace {

// The types that are counted, each found from the one before it: null for points.
constexpr SqlText kCountedIn = R"(SELECT EXISTS (SELECT FROM {1}
            WHERE organization_id = $1 AND status = 'active' AND kind = 'points'), ARRAY(
        WITH RECURSIVE t AS (
            (SELECT event_type FROM {1} WHERE organization_id = $1 AND status = 'active' AND kind = 'events'
             ORDER BY event_type LIMIT 1)
            UNION ALL
            SELECT (SELECT c.event_type FROM {1} c WHERE c.organization_id = $1 AND c.status = 'active'
                    AND c.kind = 'events' AND c.event_type > t.event_type ORDER BY c.event_type LIMIT 1)
            FROM t WHERE t.event_type IS NOT NULL)
        SELECT event_type FROM t WHERE event_type IS NOT NULL))";

Statement counted_of_teams =
    Statement(Sql<kCountedIn, "ONLY laurel.team_challenges">, UUIDOID).Returns(BOOLOID, TEXTARRAYOID);
Statement counted_of_members =
    Statement(Sql<kCountedIn, "ONLY laurel.personal_challenges">, UUIDOID).Returns(BOOLOID, TEXTARRAYOID);

// What challenges of an organization count.
struct Counted {
    Uuid organization;
    uint64 epoch; // of the challenges when they were read
    MemoryContext memory;
    bool points;
    std::string_view *types;
    int type_count;
};

constinit uint64 challenge_epoch = 1;
constinit Oid challenge_signal = InvalidOid;
constinit HTAB *counted_cache = nullptr;
constinit MemoryContext counted_memory = nullptr;

void
NoticeChallenges(Oid relation) {
    if (relation == InvalidOid || relation == challenge_signal)
        challenge_epoch++;
}

// Adds what the only row of a result says.
void
TakeCounted(Counted *counted) {
    Datum *types;
    int count;
    counted->points |= DatumGetBool(Field(0, 1));
    deconstruct_array(DatumGetArrayTypeP(Field(0, 2)), TEXTOID, -1, false, TYPALIGN_INT, &types, nullptr,
                      &count);
    auto *all = NewList<std::string_view>(counted->type_count + count, counted->memory);
    std::copy(counted->types, counted->types + counted->type_count, all);
    for (int i = 0; i < count; i++) {
        const std::string_view type = ToText(types[i]);
        char *kept = static_cast<char *>(MemoryContextAlloc(counted->memory, type.size() + 1));
        std::copy(type.begin(), type.end(), kept);
        all[counted->type_count++] = {kept, type.size()};
    }
    counted->types = all;
}

void
ReadCounted(Counted *counted) {
    counted->epoch = 0;
    counted->points = false;
    counted->type_count = 0;
    // Nothing is counted before there are challenges, nor after a migration has taken them.
    challenge_signal = get_relname_relid("challenge_changes", get_namespace_oid("laurel_internal", true));
    if (challenge_signal == InvalidOid)
        return;
    const uint64 reading = challenge_epoch;
    if (counted->memory == nullptr)
        counted->memory = AllocSetContextCreate(counted_memory, "laurel challenges of an organization",
                                                ALLOCSET_SMALL_SIZES);
    MemoryContextReset(counted->memory);
    counted->types = nullptr;
    const FreshRead fresh(OwnerOf(TableOid("team_challenges")));
    for (Statement *statement : {&counted_of_teams, &counted_of_members}) {
        statement->Run(Access::Read, FromUuid(counted->organization));
        TakeCounted(counted);
    }
    std::sort(counted->types, counted->types + counted->type_count);
    counted->epoch = reading;
}

const Counted &
CountedIn(const Uuid &organization) {
    HTAB *cache =
        SessionCache(&counted_cache, "laurel challenges", sizeof(Uuid), sizeof(Counted), counted_memory);
    bool found;
    auto *counted = static_cast<Counted *>(hash_search(cache, &organization, HASH_ENTER, &found));
    if (!found) {
        *counted = {};
        counted->organization = organization;
    }
    if (counted->epoch != challenge_epoch)
        ReadCounted(counted);
    return *counted;
}

} // namespace

bool
PointsAreCounted(const Uuid &organization) {
    return CountedIn(organization).points;
}

bool
EventsAreCounted(const Uuid &organization, std::string_view type) {
    const Counted &counted = CountedIn(organization);
    return counted.type_count > 0 &&
           std::binary_search(counted.types, counted.types + counted.type_count, type);
}

void
InitChallengeListening() {
    counted_memory = AllocSetContextCreate(TopMemoryContext, "laurel challenges", ALLOCSET_DEFAULT_SIZES);
    WhenRelationChanges(NoticeChallenges);
}

} // namespace laurel::teams
