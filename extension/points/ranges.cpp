// What the columns of entries and accounts take: a CHECK of each table calls this with their values. One call
// instead of a condition for each range, because the server parses a table's conditions anew in every
// statement, which took a ninth of an award.

#include "postgres/bridge.h"
#include "postgres/error.h"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace laurel::points {

namespace {

// The arguments of a call, by place.
class Values {
public:
    explicit Values(FunctionCallInfo fcinfo) : fcinfo_(fcinfo) {}

    // Whether none of the first arguments is null, as in a row that NOT NULL has let through.
    bool HasFirst(int count) const {
        return std::none_of(fcinfo_->args, fcinfo_->args + count,
                            [](const NullableDatum &value) { return value.isnull; });
    }
    bool Has(int place) const { return !fcinfo_->args[place].isnull; }
    Datum Get(int place) const { return fcinfo_->args[place].value; }
    int64 Integer(int place) const { return DatumGetInt64(Get(place)); }
    std::string_view Text(int place) const { return ToText(Get(place)); }
    Size Bytes(int place) const { return VARSIZE_ANY_EXHDR(PG_DETOAST_DATUM_PACKED(Get(place))); }

private:
    FunctionCallInfo fcinfo_;
};

bool
HasCharacters(std::string_view text, int at_most) {
    return !text.empty() && pg_mbstrlen_with_len(text.data(), static_cast<int>(text.size())) <= at_most;
}

bool
IsBlank(std::string_view text) {
    return text.find_first_not_of(" \t\n\r") == std::string_view::npos;
}

// Refuses, with the name of what a CHECK of its own would be.
void
Require(bool holds, const char *table, const char *name, const char *message, const char *hint = nullptr) {
    if (!holds)
        Refuse({.message = message,
                .hint = hint,
                .table = table,
                .constraint = psprintf("%s_%s_check", table, name)});
}

void
RequireOfEntry(bool holds, const char *name, const char *message, const char *hint = nullptr) {
    Require(holds, "points_ledger", name, message, hint);
}

void
RequireOfAccount(bool holds, const char *name, const char *message) {
    Require(holds, "user_points", name, message);
}

void
RequireHeld(int64 total, int64 held) {
    if (held >= 0 && held <= total)
        return;
    Refuse({.message = "no more points are held than the account has",
            .detail = psprintf("It has %lld points, of which %lld would be held.",
                               static_cast<long long>(total), static_cast<long long>(held)),
            .hint = "Hold at most what is available: total_points - points_held.",
            .table = "user_points",
            .constraint = "user_points_points_held_check"});
}

bool
IsTier(std::string_view tier) {
    return tier == "bronze" || tier == "silver" || tier == "gold" || tier == "platinum";
}

} // namespace

// laurel_internal.check_entry(amount, balance_after, ...)
LAUREL_FUNCTION(laurel_check_entry) {
    enum {
        Amount,
        Balance,
        OccurredAt,
        CreatedAt,
        Type,
        Hash,
        Metadata,
        kRequired,
        ReferenceType = kRequired,
        ReferenceId,
        Reverses,
        Erased,
        Reason,
        Key
    };
    const Values entry(fcinfo);
    if (!entry.HasFirst(kRequired))
        PG_RETURN_NULL();
    RequireOfEntry(entry.Integer(Amount) != 0, "amount", "an entry must add or take points");
    RequireOfEntry(entry.Integer(Balance) >= 0, "balance_after", "a balance is never negative");
    RequireOfEntry(entry.Bytes(Hash) == 32, "entry_hash", "an entry's hash has 32 bytes");
    RequireOfEntry(!entry.Has(Key) || HasCharacters(entry.Text(Key), 255), "idempotency_key",
                   "an idempotency key has 1 to 255 characters");
    RequireOfEntry(JB_ROOT_IS_OBJECT(DatumGetJsonbP(entry.Get(Metadata))), "metadata",
                   "metadata is an object", "{\"source\": \"quiz 7\"}");
    const TimestampTz occurred_at = DatumGetTimestampTz(entry.Get(OccurredAt));
    RequireOfEntry(!TIMESTAMP_NOT_FINITE(occurred_at) &&
                       occurred_at <= DatumGetTimestampTz(entry.Get(CreatedAt)),
                   "occurred_at", "an entry cannot be of the future, or of no time",
                   "Leave occurred_at out, or say when it happened.");
    RequireOfEntry(entry.Has(ReferenceType) || entry.Has(Reverses) || entry.Has(Erased) ||
                       (entry.Has(Reason) && !IsBlank(entry.Text(Reason))),
                   "reason", "an entry must say what it is for",
                   "Give a reason, or reference_type and reference_id of a row.");
    RequireOfEntry(entry.Has(ReferenceType) == entry.Has(ReferenceId), "reference",
                   "reference_type and reference_id go together", "Give both, or give neither and a reason.");
    RequireOfEntry(HasCharacters(entry.Text(Type), 100), "transaction_type",
                   "a transaction type has 1 to 100 characters");
    PG_RETURN_BOOL(true);
}

// laurel_internal.check_account(total_points, lifetime_points, ...)
LAUREL_FUNCTION(laurel_check_account) {
    enum { Total, Lifetime, Held, Tier, Level, CurrentStreak, LongestStreak, kRequired, Hash = kRequired };
    const Values account(fcinfo);
    if (!account.HasFirst(kRequired))
        PG_RETURN_NULL();
    const int32 current = DatumGetInt32(account.Get(CurrentStreak));
    RequireOfAccount(DatumGetInt32(account.Get(Level)) >= 1, "current_level", "levels begin with 1");
    RequireOfAccount(current >= 0, "current_streak", "a streak is never negative");
    RequireOfAccount(!account.Has(Hash) || account.Bytes(Hash) == 32, "last_entry_hash",
                     "an entry's hash has 32 bytes");
    RequireOfAccount(account.Integer(Lifetime) >= 0, "lifetime_points", "lifetime points are never negative");
    RequireOfAccount(DatumGetInt32(account.Get(LongestStreak)) >= current, "longest_streak",
                     "the longest streak is no shorter than the current one");
    RequireOfAccount(IsTier(account.Text(Tier)), "tier", "a tier is bronze, silver, gold or platinum");
    RequireOfAccount(account.Integer(Total) >= 0, "total_points", "a balance is never negative");
    RequireHeld(account.Integer(Total), account.Integer(Held));
    PG_RETURN_BOOL(true);
}

} // namespace laurel::points
