#include "points/posting.h"

#include "access/caller.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/kept_columns.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::points {

namespace {

constexpr struct {
    const char *name;
    Oid type;
} kColumnsOfEntry[kLedgerColumns] = {
    {"id", UUIDOID},
    {"organization_id", UUIDOID},
    {"user_id", UUIDOID},
    {"entry_no", INT8OID},
    {"amount", INT8OID},
    {"balance_after", INT8OID},
    {"occurred_at", TIMESTAMPTZOID},
    {"created_at", TIMESTAMPTZOID},
    {"transaction_type", TEXTOID},
    {"entry_hash", BYTEAOID},
    {"metadata", JSONBOID},
    {"reference_type", TEXTOID},
    {"reference_id", UUIDOID},
    {"reverses_id", UUIDOID},
    {"created_by", UUIDOID},
    {"reason", TEXTOID},
    {"idempotency_key", TEXTOID},
    {"word_salt", BYTEAOID},
    {"erased_words", BYTEAARRAYOID},
};

constinit KeptColumns<kLedgerColumns> entry_columns;

constinit PostingStatement *current = nullptr;

HTAB *
CreateTable(const char *name, Size key, Size entry, MemoryContext memory) {
    HASHCTL control = {};
    control.keysize = key;
    control.entrysize = entry;
    control.hcxt = memory;
    return hash_create(name, 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

// Locks the account's row and reads it. The settings are looked at under the lock: whoever changes them locks
// every account of the organization, so that either he sees this entry or it sees his change.
void
LockAccount(PostingStatement *statement, OpenAccount *open) {
    LockAccountRow(statement, open);
    open->generation = statement->generation;
    open->dirty = false;
    AcceptInvalidationMessages();
    open->settings = &SettingsOf(open->key.organization);
}

// Makes room to remember `count` more accounts that are written ahead.
void
MakeRoom(PostingStatement *statement, int count) {
    if (statement->written_count + count <= statement->written_room)
        return;
    statement->written_room = std::max(statement->written_count + count, statement->written_room * 2);
    const Size size = sizeof(Written) * static_cast<Size>(statement->written_room);
    statement->written =
        static_cast<Written *>(statement->written == nullptr ? MemoryContextAlloc(statement->memory, size)
                                                             : repalloc(statement->written, size));
}

// Another statement begins inside this one: what is in memory goes to the table, where that statement looks.
void
WriteAhead(PostingStatement *statement) {
    const int nest_level = GetCurrentTransactionNestLevel();
    MakeRoom(statement, statement->dirty_count);
    for (int i = 0; i < statement->dirty_count; i++) {
        OpenAccount *account = statement->dirty[i];
        statement->written[statement->written_count++] = {account, account->held_tier, account->level,
                                                          nest_level};
    }
    WriteAccounts(statement);
}

// What was written in the aborted subtransaction is unwritten again.
void
Unwrite(PostingStatement *statement, int nest_level) {
    int kept = 0;
    for (int i = 0; i < statement->written_count; i++) {
        const Written written = statement->written[i];
        if (written.nest_level < nest_level) {
            statement->written[kept++] = written;
            continue;
        }
        written.account->generation = statement->generation;
        written.account->held_tier = written.held_tier;
        written.account->level = written.level;
        // MarkDirty has room: the account stood in the list before.
        MarkDirty(statement, written.account);
    }
    statement->written_count = kept;
}

void
EndTransaction(XactEvent event, void *) {
    if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PARALLEL_PRE_COMMIT ||
        event == XACT_EVENT_PRE_PREPARE)
        return;
    current = nullptr;
}

void
EndSubtransaction(SubXactEvent event, SubTransactionId, SubTransactionId, void *) {
    const int nest_level = GetCurrentTransactionNestLevel();
    if (event == SUBXACT_EVENT_ABORT_SUB) {
        while (current != nullptr && current->nest_level >= nest_level)
            current = current->outer;
        for (PostingStatement *statement = current; statement != nullptr; statement = statement->outer)
            Unwrite(statement, nest_level);
    } else if (event == SUBXACT_EVENT_COMMIT_SUB) {
        for (PostingStatement *statement = current; statement != nullptr; statement = statement->outer)
            for (int i = 0; i < statement->written_count; i++)
                statement->written[i].nest_level = std::min(statement->written[i].nest_level, nest_level - 1);
    }
}

} // namespace

PostingStatement *
BeginPosting(Relation ledger) {
    if (current != nullptr)
        WriteAhead(current);
    MemoryContext memory =
        AllocSetContextCreate(CurTransactionContext, "laurel posting", ALLOCSET_DEFAULT_SIZES);
    auto *statement =
        static_cast<PostingStatement *>(MemoryContextAllocZero(memory, sizeof(PostingStatement)));
    statement->outer = current;
    statement->memory = memory;
    statement->nest_level = GetCurrentTransactionNestLevel();
    std::copy_n(entry_columns.Find(RelationGetDescr(ledger), kColumnsOfEntry), kLedgerColumns,
                statement->attributes);
    statement->trusted = IsTrusted(RelationGetRelid(ledger));
    if (!statement->trusted)
        access::NoticeChanges();
    statement->has_caller = access::ClaimedUser(&statement->caller);
    statement->counted_before = CountedRows(ledger);
    statement->accounts = CreateTable("laurel accounts", sizeof(AccountKey), sizeof(OpenAccount), memory);
    current = statement;
    return statement;
}

PostingStatement *
CurrentPosting() {
    if (current == nullptr)
        ereport(
            ERROR,
            (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
             errmsg("an entry reached the ledger outside of a statement that began to post"),
             errhint("The triggers a_begin_posting, z_post_entry and a_finish_posting belong together.")));
    return current;
}

int64
RowBeingPosted() {
    return current == nullptr || current->finishing ? 0 : current->rows;
}

OpenAccount *
OpenAccountOf(PostingStatement *statement, const AccountKey &key) {
    bool found;
    auto *open = static_cast<OpenAccount *>(hash_search(statement->accounts, &key, HASH_ENTER, &found));
    if (!found) {
        open->account = kernel::Account();
        open->first_no = 0;
        open->generation = statement->generation + 1;
        open->dirty = false;
    }
    if (open->generation != statement->generation) {
        // Between rows no subtransaction is open inside the statement, so what it wrote ahead is there to
        // stay.
        statement->written_count = 0;
        LockAccount(statement, open);
    }
    return open;
}

void
MarkDirty(PostingStatement *statement, OpenAccount *account) {
    if (account->dirty)
        return;
    account->dirty = true;
    if (statement->dirty_count == statement->dirty_room) {
        statement->dirty_room = std::max(8, statement->dirty_room * 2);
        const Size size = sizeof(OpenAccount *) * static_cast<Size>(statement->dirty_room);
        statement->dirty = static_cast<OpenAccount **>(statement->dirty == nullptr
                                                           ? MemoryContextAlloc(statement->memory, size)
                                                           : repalloc(statement->dirty, size));
    }
    statement->dirty[statement->dirty_count++] = account;
}

void
Refer(PostingStatement *statement, const Uuid &organization, std::string_view type, const Uuid &id) {
    if (type.size() > kMaxReferenceType)
        RefuseReferenceType(type);
    if (statement->references == nullptr)
        statement->references =
            CreateTable("laurel references", sizeof(Reference), sizeof(Reference), statement->memory);
    Reference reference = {organization, id, ""};
    std::memcpy(reference.type, type.data(), type.size());
    hash_search(statement->references, &reference, HASH_ENTER, nullptr);
}

int64
CountedRows(Relation relation) {
    if (relation->pgstat_info == nullptr && relation->pgstat_enabled)
        pgstat_assoc_relation(relation);
    if (relation->pgstat_info == nullptr)
        return 0;
    int64 rows = 0;
    for (const PgStat_TableXactStatus *level = relation->pgstat_info->trans; level != nullptr;
         level = level->upper)
        rows += level->tuples_inserted - level->tuples_deleted;
    return rows;
}

void
LeavePosting(PostingStatement *statement) {
    current = statement->outer;
    if (current != nullptr)
        current->generation++;
    MemoryContextDelete(statement->memory);
}

void
InitPosting() {
    RegisterXactCallback(
        [](XactEvent event, void *argument) { boundary([=] { EndTransaction(event, argument); }); }, nullptr);
    RegisterSubXactCallback(
        [](SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *argument) {
            boundary([=] { EndSubtransaction(event, mine, parent, argument); });
        },
        nullptr);
}

} // namespace laurel::points
