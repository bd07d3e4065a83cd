// laurel.verify_ledger: what accounts say, and what can be said beside them.

#include "points/verify.h"

#include "access/caller.h"
#include "points/verify_since.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "seals/chain.h"

extern "C" {
#include "optimizer/paths.h"
}

namespace laurel::points {

namespace {

// Whether a row `l` is of the member and of the organization that are asked for.
constexpr SqlText kChosen = R"(($1::pg_catalog.uuid IS NULL OR l.user_id = $1)
        AND ($2::pg_catalog.uuid IS NULL OR l.organization_id = $2))";

// What can be said without reading histories: idempotency keys, and members without an account.
Statement find_others =
    Statement(
        Sql<R"(SELECT l.organization_id, l.user_id, l.entry_no, 'idempotency_key of the archive is not kept'
        FROM laurel.points_ledger_archive l LEFT JOIN ONLY laurel_internal.archived_keys k
        ON k.organization_id = l.organization_id AND k.idempotency_key = l.idempotency_key
        WHERE {1} AND l.idempotency_key IS NOT NULL AND (k.user_id IS NULL OR (k.user_id, k.entry_no,
        k.created_at) <> (l.user_id, l.entry_no, l.created_at))
        UNION ALL
        SELECT l.organization_id, l.user_id, l.entry_no, 'a kept idempotency_key has no archived entry'
        FROM ONLY laurel_internal.archived_keys l LEFT JOIN laurel.points_ledger_archive e
        ON e.organization_id = l.organization_id AND e.user_id = l.user_id
        AND e.created_at = l.created_at AND e.entry_no = l.entry_no
        AND e.idempotency_key = l.idempotency_key WHERE {1} AND e.id IS NULL
        UNION ALL
        SELECT l.organization_id, l.user_id, l.entry_no, 'idempotency_key is an archived entry''s too'
        FROM ONLY laurel.points_ledger l JOIN ONLY laurel_internal.archived_keys k
        ON k.organization_id = l.organization_id AND k.idempotency_key = l.idempotency_key
        WHERE {1} UNION ALL
        SELECT l.organization_id, l.user_id, 0, 'a member has no points account'
        FROM ONLY laurel.user_organizations l LEFT JOIN ONLY laurel.user_points p
        ON p.organization_id = l.organization_id AND p.user_id = l.user_id WHERE {1} AND p.user_id IS NULL)",
            kChosen>,
        UUIDOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, INT8OID, TEXTOID)
        .Custom();

// Memory that an account takes while its entries are checked.
constexpr int64 kBytesOfAccount = 320;

// Settings for the length of a scope, which parallel workers take over: as much memory for sorting as for
// building an index, and the ledger read from its beginning. An error gives them back with its transaction.
class VerifySettings {
public:
    VerifySettings() : level_(NewGUCNestLevel()) {
        Set("work_mem", psprintf("%dkB", std::max(work_mem, maintenance_work_mem)));
        Set("synchronize_seqscans", "off");
    }
    VerifySettings(const VerifySettings &) = delete;
    VerifySettings &operator=(const VerifySettings &) = delete;
    ~VerifySettings() { AtEOXact_GUC(true, level_); }

private:
    static void Set(const char *name, const char *value) {
        set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    }

    int level_;
};

bool
VerifyAccounts(const Uuid *user, const Verification &verification, bool alone) {
    if (user != nullptr) {
        Slice one = {*user, *user};
        return VerifySlices({&one, 1}, verification, true);
    }
    const int64 memory = maintenance_work_mem * INT64CONST(1024);
    const int processes = alone ? 1 : 1 + max_parallel_workers_per_gather;
    int64 slices = processes;
    if (verification.sealed)
        slices += seals::CountUnderSeals(verification.organization) * seals::kBytesOfSealed / memory;
    return VerifySlices(CutLedger(verification.organization, memory / kBytesOfAccount,
                                  static_cast<int>(std::min<int64>(slices, 10000))),
                        verification, alone);
}

// Tells what is wrong beside accounts; false where nothing is.
bool
VerifyOthers(const Uuid *user, const Verification &verification) {
    const uint64 count =
        find_others.Run(Access::Read, {UuidOrNull(user), UuidOrNull(verification.organization)});
    const KeptResult others;
    for (uint64 number = 0; number < count; number++) {
        others.Restore();
        Row row(number);
        LedgerProblem problem = {ToUuid(row.Next()), ToUuid(row.Next()), DatumGetInt64(row.Next()), nullptr};
        problem.problem = CString(ToText(row.Next()));
        verification.tell(verification.listener, problem);
    }
    return count > 0;
}

struct Soundness {
    const char *problem;
    Uuid user;
};

} // namespace

bool
VerifyLedger(const Uuid *user, const Verification &verification, bool alone) {
    const VerifySettings settings;
    const bool any = VerifyAccounts(user, verification, alone);
    return VerifyOthers(user, verification) || any;
}

void
RequireSound(const Uuid &organization, const Uuid *user, const char *cause) {
    Soundness found = {};
    CommandCounterIncrement();
    PushActiveSnapshot(GetTransactionSnapshot());
    UpdateActiveSnapshotCommandId();
    const auto note = [](void *listener, const LedgerProblem &problem) {
        auto *first = static_cast<Soundness *>(listener);
        if (first->problem == nullptr)
            *first = {problem.problem, problem.user};
    };
    VerifyLedger(user, {&organization, note, &found}, true);
    PopActiveSnapshot();
    if (found.problem == nullptr)
        return;
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "an account's history would not be sound any more",
            .detail = psprintf("Account of user %s: %s.", UuidText(found.user), found.problem),
            .hint = cause,
            .table = "points_ledger",
            .constraint = "points_ledger_append_only"});
}

namespace {

// Whom a call is about.
struct Asked {
    const Uuid *user; // null for all
    const Uuid *organization;
    bool has_since;
    Datum since;
};

// Verifies all or one user's, and seals where it is not one user's; whether there was any account.
bool
VerifyAsked(const Asked &asked, const Verification &verification) {
    const bool any = VerifyLedger(asked.user, verification, false);
    if (verification.sealed) {
        seals::CheckChains(asked.organization, verification.tell, verification.listener);
        seals::TellUnsealed(asked.organization);
    }
    return any;
}

// Verifies what has come since a seal, of the organization that the caller may see.
void
VerifyAfter(const Asked &asked, Verification verification) {
    const seals::Seal seal = seals::SealNamed(asked.since, asked.organization);
    verification.organization = &seal.organization;
    VerifySince(seal, verification);
    seals::CheckSince(seal, verification.tell, verification.listener);
    seals::TellUnsealedSince(seal.organization);
}

void
PutProblem(void *listener, const LedgerProblem &problem) {
    auto *result = static_cast<ReturnSetInfo *>(listener);
    Datum values[] = {FromUuid(problem.organization), FromUuid(problem.user), Int64GetDatum(problem.entry_no),
                      CStringGetTextDatum(problem.problem)};
    bool nulls[] = {false, problem.of_seal, problem.entry_no == 0, false};
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

[[noreturn]] void
RefuseBoth() {
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "member and since do not go together",
            .hint = "Verify one member's whole history, or all that has come since a seal."});
}

} // namespace

// laurel.verify_ledger(member, since)
LAUREL_FUNCTION(laurel_verify_ledger) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Oid table = TableOid("points_ledger");
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const bool trusted = IsTrusted(table);
    if (!trusted && !caller.sees_everyone)
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to verify the ledger",
                .hint =
                    access::HintOr("Administrators verify their organization's, service_role everybody's.")});
    if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1))
        RefuseBoth();
    const Uuid user = PG_ARGISNULL(0) ? Uuid{} : ToUuid(PG_GETARG_DATUM(0));
    const Asked asked = {PG_ARGISNULL(0) ? nullptr : &user, trusted ? nullptr : &caller.organization,
                         !PG_ARGISNULL(1), PG_GETARG_DATUM(1)};
    const Verification verification = {asked.organization, PutProblem, fcinfo->resultinfo,
                                       asked.user == nullptr && seals::HasSeals()};
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    if (asked.has_since) {
        VerifyAfter(asked, verification);
        PG_RETURN_NULL();
    }
    if (!VerifyAsked(asked, verification) && asked.user != nullptr)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = "there is no such member, and was none",
                .detail = psprintf("No account has user_id %s.", UuidText(user)),
                .hint = "Leave member out to verify all accounts.",
                .table = "points_ledger",
                .constraint = "points_ledger_account_fkey"});
    PG_RETURN_NULL();
}

} // namespace laurel::points
