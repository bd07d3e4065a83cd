// What an entry becomes on its way into the ledger.

#include "access/caller.h"
#include "access/organization.h"
#include "guards/derived_write.h"
#include "points/archived_keys.h"
#include "points/entry_words.h"
#include "points/following.h"
#include "points/posting.h"
#include "postgres/bounded_json.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"
#include "uuidv7.h"

namespace laurel::points {

namespace {

constexpr int kMostReason = 2000; // characters

constexpr TriggerSpec kBegin = {"begin_posting", TriggerSpec::Before, TriggerSpec::EachStatement,
                                TriggerSpec::Insert};
constexpr TriggerSpec kPost = {"post_entry", TriggerSpec::Before, TriggerSpec::EachRow, TriggerSpec::Insert};
constexpr TriggerSpec kFinish = {"finish_posting", TriggerSpec::After, TriggerSpec::EachStatement,
                                 TriggerSpec::Insert};
constexpr TriggerSpec kKeep = {"keep_history", TriggerSpec::Before, TriggerSpec::EachStatement,
                               TriggerSpec::Update | TriggerSpec::Delete | TriggerSpec::Truncate};

// An entry of an account, whether it is a reversal, and whether it was reversed. A reversal is archived after
// its entry.
constexpr SqlText kReversedIn = R"(SELECT e.amount, e.reverses_id IS NOT NULL, e.occurred_at,
        EXISTS (SELECT FROM {1} r WHERE r.organization_id = $1 AND r.reverses_id = $3) FROM {1} e
        WHERE e.organization_id = $1 AND e.user_id = $2 AND e.id = $3)";

Statement find_reversed = Statement(Sql<kReversedIn, "ONLY laurel.points_ledger">, UUIDOID, UUIDOID, UUIDOID)
                              .Returns(INT8OID, BOOLOID, TIMESTAMPTZOID, BOOLOID);
Statement find_reversed_archived =
    Statement(Sql<kReversedIn, "laurel.points_ledger_archive">, UUIDOID, UUIDOID, UUIDOID)
        .Returns(INT8OID, BOOLOID, TIMESTAMPTZOID, BOOLOID);

// A row on its way into the ledger: its values, by column.
class Entry {
public:
    Entry(const PostingStatement *statement, TupleDesc tuple_desc, HeapTuple row)
        : statement_(statement), tuple_desc_(tuple_desc), values_(NewList<Datum>(tuple_desc->natts)),
          nulls_(NewList<bool>(tuple_desc->natts)) {
        heap_deform_tuple(row, tuple_desc, values_, nulls_);
    }

    bool Has(LedgerColumn column) const { return !nulls_[At(column)]; }
    Datum Get(LedgerColumn column) const { return values_[At(column)]; }
    void Set(LedgerColumn column, Datum value) {
        values_[At(column)] = value;
        nulls_[At(column)] = false;
    }
    void Clear(LedgerColumn column) { nulls_[At(column)] = true; }
    HeapTuple Form() const { return heap_form_tuple(tuple_desc_, values_, nulls_); }

    const unsigned char *UuidBytes(LedgerColumn column) const {
        return Has(column) ? DatumGetUUIDP(Get(column))->data : nullptr;
    }
    std::optional<std::string_view> Text(LedgerColumn column) const {
        return Has(column) ? std::optional(ToText(Get(column))) : std::nullopt;
    }

private:
    int At(LedgerColumn column) const { return statement_->attributes[column] - 1; }

    const PostingStatement *statement_;
    TupleDesc tuple_desc_;
    Datum *values_;
    bool *nulls_;
};

[[noreturn]] void
RefuseNull(const char *column) {
    ereport(ERROR,
            (errcode(ERRCODE_NOT_NULL_VIOLATION),
             errmsg("null value in column \"%s\" of relation \"points_ledger\" violates not-null constraint",
                    column),
             err_generic_string(PG_DIAG_SCHEMA_NAME, "laurel"),
             err_generic_string(PG_DIAG_TABLE_NAME, "points_ledger"),
             err_generic_string(PG_DIAG_COLUMN_NAME, column)));
    pg_unreachable();
}

void
RequireColumns(const Entry &entry) {
    if (!entry.Has(kUser))
        RefuseNull("user_id");
    if (!entry.Has(kAmount))
        RefuseNull("amount");
    if (!entry.Has(kTransactionType))
        RefuseNull("transaction_type");
}

// The home organization of an entry's user, looked up once per user and statement.
Uuid
HomeOf(PostingStatement *statement, const Uuid &user) {
    struct Home {
        Uuid user;
        Uuid organization;
    };
    if (statement->homes == nullptr) {
        HASHCTL control = {};
        control.keysize = sizeof(Uuid);
        control.entrysize = sizeof(Home);
        control.hcxt = statement->memory;
        statement->homes = hash_create("laurel homes", 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    }
    bool found;
    auto *home = static_cast<Home *>(hash_search(statement->homes, &user, HASH_ENTER, &found));
    if (!found && !access::HomeOrganization(user, &home->organization))
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = psprintf("user %s does not exist", UuidText(user)),
                .hint = "Points go to members: create the user first.",
                .table = "points_ledger",
                .constraint = "points_ledger_account_fkey"});
    return home->organization;
}

[[noreturn]] void
RefuseHeld(const OpenAccount &open, int64 amount) {
    Refuse({.message = "the points are held for something else",
            .detail = psprintf("User %s has %lld points, of which %lld are held and %lld are available; the "
                               "entry's amount is %lld.",
                               UuidText(open.key.user), static_cast<long long>(open.account.total),
                               static_cast<long long>(open.held),
                               static_cast<long long>(open.account.total - open.held),
                               static_cast<long long>(amount)),
            .hint = "Take at most what is available, or release a hold.",
            .table = "user_points",
            .constraint = "user_points_points_held_check"});
}

// Who inserts may be told the account's numbers: he has been found to see the member.
[[noreturn]] void
RefusePosting(const OpenAccount &open, kernel::Refusal refusal, int64 amount) {
    const bool overdraft = refusal == kernel::Refusal::Overdraft;
    if (refusal == kernel::Refusal::Held)
        RefuseHeld(open, amount);
    if (refusal == kernel::Refusal::ZeroAmount)
        Refuse({.message = "an entry must add or take points",
                .detail = "The amount is 0.",
                .table = "points_ledger",
                .constraint = "points_ledger_amount_check"});
    const char *detail =
        psprintf("User %s has %lld points, the entry's amount is %lld.", UuidText(open.key.user),
                 static_cast<long long>(open.account.total), static_cast<long long>(amount));
    Refuse(
        {.sqlstate = overdraft ? ERRCODE_CHECK_VIOLATION : ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
         .message = overdraft ? "the balance would fall below zero" : "the points exceed the range of bigint",
         .detail = detail,
         .hint = overdraft ? "Take at most what the account has." : nullptr,
         .table = "user_points",
         .constraint = overdraft ? "user_points_total_points_check" : nullptr});
}

// A reversal takes back exactly one earlier entry of the same account, and counts for that entry's time.
void
CheckReversal(Entry *entry, const OpenAccount &open, int64 amount) {
    const AsOwner owner(OwnerOf(TableOid("points_ledger")));
    const SpiConnection spi;
    const Datum values[] = {FromUuid(open.key.organization), FromUuid(open.key.user),
                            entry->Get(kReversesId)};
    const char *problem = nullptr;
    if (find_reversed.Run(Access::Write, values) == 0 &&
        find_reversed_archived.Run(Access::Write, values) == 0)
        problem = "the reversed entry does not exist in this account";
    else if (DatumGetBool(Field(0, 2)))
        problem = "a reversal cannot be reversed";
    else if (DatumGetInt64(Field(0, 1)) != -amount)
        problem = "a reversal takes back the whole amount";
    else if (DatumGetBool(Field(0, 4)))
        Refuse({.sqlstate = ERRCODE_UNIQUE_VIOLATION,
                .message = "the entry was reversed already",
                .hint = "An entry is taken back once.",
                .table = "points_ledger",
                .constraint = "points_ledger_reverses_key"});
    if (problem == nullptr) {
        if (!entry->Has(kOccurredAt))
            entry->Set(kOccurredAt, Field(0, 3));
        return;
    }
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = problem,
            .hint = "Use laurel.reverse_points_transaction(entry).",
            .table = "points_ledger",
            .constraint = "points_ledger_reverses_id_fkey"});
}

// A number that came with the row must be the one the database gives.
void
CheckGiven(const Entry &entry, LedgerColumn column, const char *name, int64 right) {
    if (!entry.Has(column) || DatumGetInt64(entry.Get(column)) == right)
        return;
    Refuse(
        {.message = psprintf("%s does not follow from the ledger", name),
         .detail = psprintf("The row says %lld.", static_cast<long long>(DatumGetInt64(entry.Get(column)))),
         .hint = psprintf("Leave %s out: the database gives it.", name),
         .table = "points_ledger",
         .constraint = psprintf("points_ledger_%s_check", name)});
}

void
FillCreator(const PostingStatement &statement, Entry *entry) {
    if (!statement.trusted || (!entry->Has(kCreatedBy) && statement.has_caller)) {
        if (statement.has_caller)
            entry->Set(kCreatedBy, FromUuid(statement.caller));
        else
            entry->Clear(kCreatedBy);
    }
}

// The metadata as text; none for an empty object.
std::optional<std::string_view>
MetadataText(Datum metadata) {
    Jsonb *value = DatumGetJsonbP(metadata);
    if (JB_ROOT_IS_OBJECT(value) && JB_ROOT_COUNT(value) == 0)
        return std::nullopt;
    RequireBoundedJson(metadata, "points_ledger", "metadata");
    return JsonbToCString(nullptr, &value->root, VARSIZE(value));
}

// What the database itself gives to an entry, beside its numbers; lives until the row is formed.
struct Seal {
    alignas(bytea) char hash[VARHDRSZ + sizeof(kernel::Digest)];
    alignas(bytea) char salt[VARHDRSZ + kernel::kSaltSize];
};

// Salts the entry's words into its content.
void
HashWordsInto(Entry *entry, kernel::EntryContent *content, EntryWords *words, Seal *seal) {
    entry->Clear(kErasedWords);
    entry->Clear(kWordSalt);
    words->texts[0] = entry->Text(kReason);
    RequireShortText(words->texts[0].value_or(""), kMostReason, "points_ledger", "reason");
    words->texts[1] = MetadataText(entry->Get(kMetadata));
    words->texts[2] = entry->Text(kIdempotencyKey);
    if (!words->Any())
        return;
    auto *salt = reinterpret_cast<bytea *>(seal->salt);
    SET_VARSIZE(salt, sizeof(seal->salt));
    auto *bytes = reinterpret_cast<unsigned char *>(VARDATA(salt));
    DrawSalt(bytes);
    words->Hash(bytes, content);
    entry->Set(kWordSalt, PointerGetDatum(salt));
}

void
HashInto(Entry *entry, OpenAccount *open, Seal *seal) {
    kernel::EntryContent content;
    EntryWords words;
    HashWordsInto(entry, &content, &words, seal);
    content.id = entry->UuidBytes(kId);
    content.organization_id = open->key.organization.bytes;
    content.user_id = open->key.user.bytes;
    content.entry_no = open->account.entry_no;
    content.amount = DatumGetInt64(entry->Get(kAmount));
    content.balance_after = open->account.total;
    content.occurred_at = DatumGetTimestampTz(entry->Get(kOccurredAt));
    content.created_at = open->account.last_entry_at;
    content.transaction_type = ToText(entry->Get(kTransactionType));
    content.reference_type = entry->Text(kReferenceType);
    content.reference_id = entry->UuidBytes(kReferenceId);
    content.reverses_id = entry->UuidBytes(kReversesId);
    content.created_by = entry->UuidBytes(kCreatedBy);
    kernel::Digest digest;
    if (!kernel::HashEntry(open->hash, content, &digest))
        ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute the entry's hash")));
    std::memcpy(open->hash, digest.bytes, sizeof(digest));
    auto *hash = reinterpret_cast<bytea *>(seal->hash);
    SET_VARSIZE(hash, sizeof(seal->hash));
    std::memcpy(VARDATA(hash), digest.bytes, sizeof(digest));
    entry->Set(kEntryHash, PointerGetDatum(hash));
}

// Books the entry into its account in memory.
void
PostInto(const PostingStatement *statement, Entry *entry, OpenAccount *open) {
    const TimestampTz now = GetCurrentTimestamp();
    const int32 today = Today(*open->settings, now);
    FollowWindow(statement, open);
    const int64 amount = DatumGetInt64(entry->Get(kAmount));
    if (entry->Has(kReversesId))
        CheckReversal(entry, *open, amount);
    if (!entry->Has(kOccurredAt))
        entry->Set(kOccurredAt, TimestampTzGetDatum(std::max(now, open->account.last_entry_at)));
    const int32 day = DayOf(*open->settings, DatumGetTimestampTz(entry->Get(kOccurredAt)));
    const kernel::Refusal refusal = kernel::Post(open->account, {.amount = amount,
                                                                 .reversal = entry->Has(kReversesId),
                                                                 .day = day,
                                                                 .today = today,
                                                                 .now = now,
                                                                 .held = open->held});
    if (refusal != kernel::Refusal::None)
        RefusePosting(*open, refusal, amount);
    if (open->first_no == 0) {
        open->first_no = open->account.entry_no;
        std::memcpy(open->first_hash, open->hash, sizeof(open->hash));
    }
}

// Before anything is said about an account: row security looks at the row only after the trigger.
void
RequireVisible(const PostingStatement &statement, const Uuid &user, const Uuid *organization) {
    if (statement.trusted)
        return;
    const access::Caller &caller = access::CurrentCaller();
    if (caller.has_organization && access::CanSee(caller, user) &&
        (organization == nullptr || caller.organization == *organization))
        return;
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to record points for this user",
            .hint = access::HintOr("Administrators record points in their active organization."),
            .table = "points_ledger"});
}

// Who is bound is not told where others are at home, nor whether there is such a user.
Uuid
OrganizationFor(PostingStatement *statement, const Uuid &user) {
    return statement->trusted ? HomeOf(statement, user) : access::CurrentCaller().organization;
}

HeapTuple
Post(PostingStatement *statement, const TriggerData *trigger) {
    if (statement->rows++ == 0)
        statement->may_change =
            MayChangeRows(trigger->tg_relation, TriggerSpec::Insert, trigger->tg_trigger->tgname);
    Entry entry(statement, RelationGetDescr(trigger->tg_relation), trigger->tg_trigtuple);
    RequireColumns(entry);
    if (!entry.Has(kId))
        entry.Set(kId, NewUuid7());
    AccountKey key;
    key.user = ToUuid(entry.Get(kUser));
    RequireVisible(*statement, key.user, nullptr);
    key.organization =
        entry.Has(kOrganization) ? ToUuid(entry.Get(kOrganization)) : OrganizationFor(statement, key.user);
    RequireVisible(*statement, key.user, &key.organization);
    if (!entry.Has(kMetadata))
        entry.Set(kMetadata, DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")));
    OpenAccount *open = OpenAccountOf(statement, key);
    PostInto(statement, &entry, open);
    CheckGiven(entry, kEntryNo, "entry_no", open->account.entry_no);
    CheckGiven(entry, kBalanceAfter, "balance_after", open->account.total);
    FillCreator(*statement, &entry);
    if (entry.Has(kReferenceType) && entry.Has(kReferenceId))
        Refer(statement, key.organization, ToText(entry.Get(kReferenceType)),
              ToUuid(entry.Get(kReferenceId)));
    statement->has_keys |= entry.Has(kIdempotencyKey);
    Seal seal;
    HashInto(&entry, open, &seal);
    entry.Set(kOrganization, FromUuid(key.organization));
    entry.Set(kEntryNo, Int64GetDatum(open->account.entry_no));
    entry.Set(kBalanceAfter, Int64GetDatum(open->account.total));
    entry.Set(kCreatedAt, TimestampTzGetDatum(open->account.last_entry_at));
    MarkDirty(statement, open);
    statement->posted++;
    return entry.Form();
}

} // namespace

LAUREL_FUNCTION(laurel_begin_posting) {
    BeginPosting(CheckTrigger(fcinfo, kBegin)->tg_relation);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_post_entry) {
    return PointerGetDatum(Post(CurrentPosting(), CheckTrigger(fcinfo, kPost)));
}

LAUREL_FUNCTION(laurel_finish_posting) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kFinish);
    PostingStatement *statement = CurrentPosting();
    statement->finishing = true;
    CheckReferences(statement);
    WriteAccounts(statement);
    CheckArrivals(statement, trigger->tg_relation);
    if (statement->may_change)
        CheckContents(statement);
    RefuseArchivedKeys(statement);
    int count;
    const Booked *booked = BookedBy(statement, &count);
    LeavePosting(statement);
    TellBooked(booked, count);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_keep_history) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeep);
    if (!TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) && guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "the points ledger is append-only",
            .hint = "Correct an entry with laurel.reverse_points_transaction(entry).",
            .table = RelationGetRelationName(trigger->tg_relation),
            .constraint = "points_ledger_append_only"});
}

} // namespace laurel::points
