// The ledger between the triggers of one INSERT statement: accounts locked, entries numbered, balances in
// memory.
#pragma once

#include "kernel/account.h"
#include "kernel/tier.h"
#include "points/settings.h"
#include "postgres/datum.h"
#include "postgres/spi.h"

namespace laurel::points {

// Of which account an entry is.
struct AccountKey {
    Uuid organization;
    Uuid user;

    friend bool operator<(const AccountKey &a, const AccountKey &b) {
        return std::memcmp(&a, &b, sizeof(a)) < 0;
    }
};

// An account as this statement has made it so far.
struct OpenAccount {
    AccountKey key;
    kernel::Account account;
    unsigned char hash[32];       // of the last entry
    int64 first_no;               // the first entry this statement numbered
    unsigned char first_hash[32]; // of the entry before it
    kernel::HeldTier held_tier;   // as stored
    int level;                    // as stored
    int64 held;                   // as stored: points that no entry takes
    Settings *settings;
    ItemPointerData place; // of the row that was locked; invalid where a statement has found it
    uint64 generation;     // of the statement when the values were read
    bool dirty;            // differs from its row
};

constexpr size_t kMaxReferenceType = 100; // bytes of a reference type's name

// What one row refers to.
struct Reference {
    Uuid organization;
    Uuid id;
    char type[kMaxReferenceType + 1];
};

// What is refused because it is not there: rows are looked for once all entries have come, and who gave them
// may say which entry it was.
struct RefusedReference {
    bool is_known;
    bool has_id; // else the type itself is not known
    Uuid id;
    char type[kMaxReferenceType + 1];
};

// Columns of points_ledger, by their meaning.
enum LedgerColumn {
    kId,
    kOrganization,
    kUser,
    kEntryNo,
    kAmount,
    kBalanceAfter,
    kOccurredAt,
    kCreatedAt,
    kTransactionType,
    kEntryHash,
    kMetadata,
    kReferenceType,
    kReferenceId,
    kReversesId,
    kCreatedBy,
    kReason,
    kIdempotencyKey,
    kWordSalt,
    kErasedWords,
    kLedgerColumns,
};

constexpr int kAccountColumns = 18; // of user_points, that an account is made of
constexpr int kWrittenColumns = 18; // these but the first, which holds keep, and when they were written
constexpr int kKnownColumns = kWrittenColumns + 1;

// An account whose row was written while another statement ran inside this one.
struct Written {
    OpenAccount *account;
    kernel::HeldTier held_tier; // as it was stored before
    int level;
    int nest_level;
};

// One INSERT into the ledger, from its first trigger to its last. Ends with its (sub)transaction if that
// aborts.
struct PostingStatement {
    PostingStatement *outer;
    MemoryContext memory;
    int nest_level;
    int attributes[kLedgerColumns]; // 1-based
    const int *account_attributes;  // 1-based; as the account read last has them
    bool trusted;                   // row security does not bind who inserts
    bool has_caller;
    bool has_keys; // a row came with an idempotency key
    Uuid caller;
    int64 rows;              // rows that came
    int64 posted;            // rows numbered
    bool may_change;         // a trigger may change rows that are numbered
    bool finishing;          // all rows came
    int64 counted_before;    // rows the table had counted when the statement began
    uint64 generation;       // moves when another statement may have changed the accounts
    TimestampTz followed_at; // when accounts were made to follow changed rules or days; none comes before
    HTAB *accounts;
    HTAB *references; // null until a row refers to something
    HTAB *homes;      // null until a row comes without organization
    OpenAccount **dirty;
    int dirty_count;
    int dirty_room;
    Written *written;
    int written_count;
    int written_room;
};

// Opens the state of a statement; closes accounts of the statement around it first.
PostingStatement *BeginPosting(Relation ledger);

// The statement that is being posted, or error 39P01.
PostingStatement *CurrentPosting();

// Which row of the innermost INSERT into the ledger is being posted, from 1; 0 where none is.
int64 RowBeingPosted();

// What was refused last, once.
RefusedReference TakeRefusedReference();

// Whether this statement, or one around it, has numbered entries of the account: then not all it has can be
// found in the ledger yet.
bool HasNumbered(const PostingStatement *statement, const AccountKey &key);

// The account, locked and as of now, or error 23503.
OpenAccount *OpenAccountOf(PostingStatement *statement, const AccountKey &key);

// The account as a row `p` of user_points says it.
constexpr SqlText kAccountFields =
    R"(p.points_held, p.total_points, p.lifetime_points, p.points_this_week, p.points_this_month, p.last_entry_no,
        p.current_level, p.tier, p.last_entry_hash, p.week_start, p.month_start, p.reached_at,
        p.week_reached_at, p.month_reached_at, p.last_entry_at, p.rolling_points, p.rolling_from, p.tier_kept_until)";

// The types of kAccountFields.
constexpr Oid kAccountTypes[] = {INT8OID, INT8OID,        INT8OID,        INT8OID,        INT8OID,
                                 INT8OID, INT4OID,        TEXTOID,        BYTEAOID,       DATEOID,
                                 DATEOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID,
                                 INT8OID, DATEOID,        DATEOID};

// Reads the next columns of a result, which are kAccountFields.
void ReadAccount(Row *row, OpenAccount *open);

// An account as its row is to say it.
struct BookedAccount {
    const OpenAccount *open;
    kernel::HeldTier held_tier;
    int level;
    int64 updated_at;
};

// What follows from an account's points and rules, today.
BookedAccount Book(const PostingStatement *statement, const OpenAccount *open);

// Writes locked accounts without planning a statement; false, and nothing is done, where only a statement
// does all that happens at an UPDATE of user_points.
bool WriteAccountRows(PostingStatement *statement, const BookedAccount *accounts, int count);

[[noreturn]] void RefuseWritten(const char *detail);

// Locks the account's row and reads it, or error 23503.
void LockAccountRow(PostingStatement *statement, OpenAccount *open);

void MarkDirty(PostingStatement *statement, OpenAccount *account);

// Remembers a reference to be checked when the statement ends. A name that no type can have is refused at
// once (23503).
void Refer(PostingStatement *statement, const Uuid &organization, std::string_view type, const Uuid &id);

// Ends the state; accounts of the statement around it are read anew.
void LeavePosting(PostingStatement *statement);

// Rows this transaction has put into the table so far, as statistics count them; 0 where they are not
// counted.
int64 CountedRows(Relation relation);

// Writes what has changed to user_points.
void WriteAccounts(PostingStatement *statement);

[[noreturn]] void RefuseReferenceType(std::string_view type);

// Checks that every reference of the statement exists (23503).
void CheckReferences(const PostingStatement *statement);

// Refuses (23001) when a numbered row has not arrived in the table.
void CheckArrivals(const PostingStatement *statement, Relation ledger);

// Refuses (23001) when a row has arrived with another content than it was numbered with.
void CheckContents(const PostingStatement *statement);

// An account into which an INSERT has put entries.
struct Booked {
    AccountKey key;
    int64 first_no; // the first of them
};

// Who is told, once the INSERT is booked. For the library's start.
using BookedListener = void (*)(const Booked *booked, int count);
void ListenToBookings(BookedListener listener);

// Tells them. The statement has ended.
void TellBooked(const Booked *booked, int count);

// What the statement has booked, in the current memory context.
Booked *BookedBy(const PostingStatement *statement, int *count);

void InitPosting();

} // namespace laurel::points
