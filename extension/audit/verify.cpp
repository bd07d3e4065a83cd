// laurel.verify_audit: whether the log is as it was sealed; laurel.audit_seal: what an auditor keeps.

#include "audit/seal.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/list.h"
#include "postgres/result_row.h"

namespace laurel::audit {

namespace {

// Those that cover a moment of the time, and the one before them.
Statement seals_of = Statement(Sql<R"(SELECT {1} FROM ONLY laurel_internal.audit_seals s
        WHERE s.seal_no >= coalesce((SELECT pg_catalog.max(b.seal_no) FROM ONLY laurel_internal.audit_seals b
                WHERE b.open_from <= $1), 0)
            AND s.seal_no <= coalesce((SELECT pg_catalog.min(a.seal_no) FROM ONLY laurel_internal.audit_seals a
                WHERE a.open_from >= $2), 9223372036854775807)
        ORDER BY s.seal_no)",
                                   kSealColumns>,
                               TIMESTAMPTZOID, TIMESTAMPTZOID)
                         .Returns(kSealTypes);

Statement has_seal =
    Statement("SELECT FROM ONLY laurel_internal.audit_seals s WHERE s.seal_hash = $1", BYTEAOID);

// Where problems go: the rows that the function returns.
class Problems {
public:
    explicit Problems(FunctionCallInfo fcinfo)
        : result_(reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo)) {}

    void Add(const Seal &seal, TimestampTz from, const char *problem) const {
        const Datum values[] = {Int64GetDatum(seal.seal_no), TimestampTzGetDatum(from),
                                TimestampTzGetDatum(seal.open_from), CStringGetTextDatum(problem)};
        const bool nulls[] = {false, false, false, false};
        tuplestore_putvalues(result_->setResult, result_->setDesc, const_cast<Datum *>(values),
                             const_cast<bool *>(nulls));
    }

    void Add(const char *problem) const {
        const Datum values[] = {0, 0, 0, CStringGetTextDatum(problem)};
        const bool nulls[] = {true, true, true, false};
        tuplestore_putvalues(result_->setResult, result_->setDesc, const_cast<Datum *>(values),
                             const_cast<bool *>(nulls));
    }

private:
    ReturnSetInfo *result_;
};

bool
IsSame(const kernel::Digest &a, const kernel::Digest &b) {
    return std::memcmp(a.bytes, b.bytes, sizeof(a)) == 0;
}

// What is wrong with the lines that a seal covers; null where nothing is.
const char *
ProblemOf(const Seal &seal, const Content &content) {
    const int64 missing = seal.lines - content.lines;
    if (missing > 0)
        return psprintf(INT64_FORMAT " of " INT64_FORMAT " lines %s missing", missing, seal.lines,
                        missing == 1 ? "is" : "are");
    if (missing < 0)
        return psprintf(INT64_FORMAT " %s added to " INT64_FORMAT, -missing,
                        missing == -1 ? "line was" : "lines were", seal.lines);
    return IsSame(content.root, seal.root) ? nullptr : "lines are not as they were sealed";
}

void
Check(const Seal &before, const Seal &seal, const Problems &problems) {
    if (seal.seal_no != before.seal_no + 1) {
        problems.Add(seal, before.open_from,
                     psprintf("seal " INT64_FORMAT " is missing", before.seal_no + 1));
        return;
    }
    if (!IsSame(HashOf(seal, before.hash), seal.hash) || seal.total != before.total + seal.lines)
        problems.Add(seal, before.open_from, "the seal is not as it was made behind the seal before it");
    if (const char *problem = ProblemOf(seal, ReadContent(before.open_from, seal.open_from)))
        problems.Add(seal, before.open_from, problem);
}

void
CheckSeals(TimestampTz from, TimestampTz until, const Problems &problems) {
    const uint64 count = seals_of.Run(Access::Read, {TimestampTzGetDatum(from), TimestampTzGetDatum(until)});
    auto *seals = NewList<Seal>(count);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        seals[i] = ReadSeal(&row);
    }
    // Else it is the one before.
    if (count > 0 && seals[0].open_from > from)
        Check({}, seals[0], problems);
    for (uint64 i = 1; i < count; i++)
        Check(seals[i - 1], seals[i], problems);
}

void
RequireTrusted(Oid table) {
    if (!IsTrusted(table))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to verify the audit log",
                .hint = "It holds lines of every organization: service_role verifies it."});
}

// What is no hash is a mistake of the caller, and says nothing about the log.
void
RequireHash(std::string_view kept) {
    if (kept.size() != sizeof(kernel::Digest::bytes))
        Refuse(
            {.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
             .message = "kept is no hash of a seal",
             .detail = psprintf("It has %zu bytes, not 32.", kept.size()),
             .hint =
                 "Give seal_hash of laurel.audit_seal(), or decode(text, 'hex') of what was kept as text."});
}

} // namespace

// laurel.audit_seal()
LAUREL_FUNCTION(laurel_audit_seal) {
    RequireTrusted(TableOid("audit_log"));
    const AsOwner owner(OwnerOf(TableOid("audit_seals", "laurel_internal")));
    const SpiConnection spi;
    const Seal seal = NewestSeal();
    if (seal.seal_no == 0)
        PG_RETURN_NULL();
    return ResultRow(fcinfo, {Int64GetDatum(seal.seal_no), TimestampTzGetDatum(seal.sealed_at),
                              TimestampTzGetDatum(seal.open_from), Int64GetDatum(seal.lines),
                              Int64GetDatum(seal.total), FromBytes(seal.root.bytes, sizeof(seal.root)),
                              FromBytes(seal.hash.bytes, sizeof(seal.hash))});
}

// laurel.verify_audit(from, until, kept)
LAUREL_FUNCTION(laurel_verify_audit) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Oid table = TableOid("audit_log");
    RequireTrusted(table);
    if (!PG_ARGISNULL(2))
        RequireHash(ToText(PG_GETARG_DATUM(2)));
    const Problems problems(fcinfo);
    const FreshRead fresh(OwnerOf(table));
    CheckSeals(PG_ARGISNULL(0) ? DT_NOBEGIN : PG_GETARG_TIMESTAMPTZ(0),
               PG_ARGISNULL(1) ? DT_NOEND : PG_GETARG_TIMESTAMPTZ(1), problems);
    if (!PG_ARGISNULL(2) && has_seal.Run(Access::Read, PG_GETARG_DATUM(2)) == 0)
        problems.Add("there is no seal of the hash that was kept");
    PG_RETURN_NULL();
}

} // namespace laurel::audit
