// Blocks: from when to when somebody sees nothing of whom. Policies ask for each row, so that a session keeps
// what it has read until somebody blocks or unblocks.

#include "messaging/blocks.h"

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/fresh.h"
#include "postgres/relation_changes.h"
#include "postgres/session_cache.h"

namespace laurel::messaging {

namespace {

constexpr TriggerSpec kAdmitBlock = {"admit_block", TriggerSpec::Before, TriggerSpec::EachRow,
                                     TriggerSpec::Insert};

Statement blocks_of = Statement(R"(SELECT blocked_id, created_at, coalesce(ended_at, 'infinity')
        FROM ONLY laurel.message_blocks WHERE user_id = $2 AND organization_id = $1)",
                                UUIDOID, UUIDOID)
                          .Returns(UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID);

Statement is_administrator = Statement(R"(SELECT FROM ONLY laurel.user_roles
        WHERE organization_id = $1 AND user_id = $2 AND role = 'org_admin')",
                                       UUIDOID, UUIDOID);

// As the caller, whom policies bind.
Statement block = Statement(R"(INSERT INTO laurel.message_blocks (organization_id, user_id, blocked_id)
        VALUES ($1, $2, $3) ON CONFLICT (organization_id, user_id, blocked_id) WHERE ended_at IS NULL DO NOTHING)",
                            UUIDOID, UUIDOID, UUIDOID);

Statement unblock = Statement(R"(UPDATE ONLY laurel.message_blocks SET ended_at = pg_catalog.clock_timestamp()
        WHERE organization_id = $1 AND user_id = $2 AND blocked_id = $3 AND ended_at IS NULL)",
                              UUIDOID, UUIDOID, UUIDOID);

struct Block {
    Uuid blocked;
    TimestampTz from, until;
};

struct Member {
    Uuid organization, user;
};

// What a member blocks, as it was read in that epoch.
struct Blocks {
    Member member;
    uint64 epoch;
    Block *blocks;
    int count;
};

constinit uint64 epoch = 1;
constinit Oid signal_table = InvalidOid;
constinit HTAB *cache = nullptr;
constinit Blocks *last_asked = nullptr;
constinit MemoryContext memory = nullptr;

void
NoticeRelation(Oid relation) {
    if (relation == InvalidOid || relation == signal_table)
        epoch++;
}

void
Read(Blocks *entry) {
    signal_table = TableOid("blocking_changes", "laurel_internal");
    const uint64 reading = epoch;
    const FreshRead fresh(OwnerOf(TableOid("message_blocks")));
    const uint64 rows =
        blocks_of.Run(Access::Read, {FromUuid(entry->member.organization), FromUuid(entry->member.user)});
    if (entry->blocks != nullptr)
        pfree(entry->blocks);
    entry->blocks = nullptr;
    entry->count = 0;
    entry->blocks = static_cast<Block *>(MemoryContextAlloc(memory, sizeof(Block) * (rows + 1)));
    for (uint64 i = 0; i < rows; i++) {
        Row row(i);
        Block &read = entry->blocks[entry->count++];
        read.blocked = ToUuid(row.Next());
        read.from = DatumGetTimestampTz(row.Next());
        read.until = DatumGetTimestampTz(row.Next());
    }
    // In a parallel query the snapshot may be old: good for this once only.
    entry->epoch = IsInParallelMode() && !IsParallelWorker() ? 0 : reading;
}

const Blocks &
BlocksOf(const access::Caller &caller) {
    const Member member = {caller.organization, caller.user};
    if (last_asked != nullptr && last_asked->epoch == epoch && last_asked->member.user == member.user &&
        last_asked->member.organization == member.organization)
        return *last_asked;
    last_asked = nullptr;
    HTAB *remembered = SessionCache(&cache, "laurel blocks", sizeof(Member), sizeof(Blocks), memory);
    bool found;
    auto *entry = static_cast<Blocks *>(hash_search(remembered, &member, HASH_ENTER, &found));
    if (!found) {
        entry->epoch = 0;
        entry->blocks = nullptr;
        entry->count = 0;
    }
    if (entry->epoch != epoch)
        Read(entry);
    last_asked = entry;
    return *entry;
}

bool
Withholds(const Blocks &blocks, const Uuid &sender, TimestampTz at) {
    return std::any_of(blocks.blocks, blocks.blocks + blocks.count, [&](const Block &block) {
        return block.blocked == sender && block.from <= at && at < block.until;
    });
}

// The caller, who is somebody and acts in an organization.
access::Caller
RequireMember() {
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (!caller.known || !caller.has_organization)
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "only members block members",
                .hint = access::HintOr("Sign in, and act in an organization.")});
    return caller;
}

} // namespace

bool
HasBlocked(const access::Caller &caller) {
    return BlocksOf(caller).count > 0;
}

void
InitBlocks() {
    memory = AllocSetContextCreate(TopMemoryContext, "laurel blocks", ALLOCSET_SMALL_SIZES);
    WhenRelationChanges(NoticeRelation);
}

// laurel_internal.withholds(sender, at): whether the caller has blocked the sender then.
LAUREL_FUNCTION(laurel_withholds) {
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_BOOL(false);
    const access::Caller &caller = access::CurrentCaller();
    if (!caller.known || !caller.has_organization)
        PG_RETURN_BOOL(false);
    const Blocks &blocks = BlocksOf(caller);
    PG_RETURN_BOOL(blocks.count > 0 &&
                   Withholds(blocks, ToUuid(PG_GETARG_DATUM(0)), PG_GETARG_TIMESTAMPTZ(1)));
}

// The organization speaks to everybody, through those who administer it.
LAUREL_FUNCTION(laurel_admit_block) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kAdmitBlock);
    DraftRow row(trigger);
    const Uuid organization = row.Id("organization_id"), blocked = row.Id("blocked_id");
    row.Id("user_id");
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    if (is_administrator.Run(Access::Write, {FromUuid(organization), FromUuid(blocked)}) > 0)
        Refuse({.message = "nobody blocks who administers the organization",
                .hint = "Delete what you do not want to keep.",
                .table = "message_blocks",
                .constraint = "message_blocks_blocked_id_allowed"});
    return row.Done();
}

// laurel.block_member(user): as the caller.
LAUREL_FUNCTION(laurel_block_member) {
    const Uuid blocked = ToUuid(Required(fcinfo, 0, "user_id"));
    const access::Caller caller = RequireMember();
    const SpiConnection spi;
    const uint64 rows =
        block.Run(Access::Write, {FromUuid(caller.organization), FromUuid(caller.user), FromUuid(blocked)});
    PG_RETURN_BOOL(rows > 0);
}

// laurel.unblock_member(user)
LAUREL_FUNCTION(laurel_unblock_member) {
    const Uuid blocked = ToUuid(Required(fcinfo, 0, "user_id"));
    const access::Caller caller = RequireMember();
    const AsOwner owner(OwnerOf(TableOid("message_blocks")));
    const SpiConnection spi;
    const uint64 rows =
        unblock.Run(Access::Write, {FromUuid(caller.organization), FromUuid(caller.user), FromUuid(blocked)});
    PG_RETURN_BOOL(rows > 0);
}

} // namespace laurel::messaging
