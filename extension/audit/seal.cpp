#include "audit/seal.h"

#include "kernel/merkle.h"
#include "postgres/error.h"

namespace laurel::audit {

namespace {

constexpr long kLinesAtOnce = 1000;

Statement newest_seal =
    Statement(Sql<"SELECT {1} FROM ONLY laurel_internal.audit_seals s ORDER BY s.seal_no DESC LIMIT 1",
                  kSealColumns>)
        .Returns(kSealTypes);

// Each line as it is hashed: a list in jsonb's own spelling, with times in microseconds since 1970.
constinit const Statement lines_between = Statement(R"(SELECT pg_catalog.jsonb_build_array(l.id,
            (extract(epoch FROM l.created_at) * 1000000)::pg_catalog.int8, l.organization_id, l.table_name, l.row_id,
            l.user_id, l.operation, l.before, l.after, l.hidden, l.actor_id, l.role, l.login, l.request_id,
            l.application_name, l.transaction_id::pg_catalog.text)::pg_catalog.text
        FROM laurel.audit_log l WHERE l.created_at >= $1 AND l.created_at < $2 ORDER BY l.created_at, l.id)",
                                                    TIMESTAMPTZOID, TIMESTAMPTZOID)
                                              .Returns(TEXTOID);

kernel::Digest
ToDigest(Datum bytes) {
    kernel::Digest digest = {};
    if (!CopyBytes(bytes, digest.bytes, sizeof(digest)))
        digest = {};
    return digest;
}

[[noreturn]] void
RefuseHash() {
    Refuse({.sqlstate = ERRCODE_INTERNAL_ERROR, .message = "OpenSSL computes no SHA-256"});
}

} // namespace

Seal
ReadSeal(Row *row) {
    Seal seal;
    seal.seal_no = DatumGetInt64(row->Next());
    seal.sealed_at = DatumGetTimestampTz(row->Next());
    seal.open_from = DatumGetTimestampTz(row->Next());
    seal.lines = DatumGetInt64(row->Next());
    seal.total = DatumGetInt64(row->Next());
    seal.root = ToDigest(row->Next());
    seal.hash = ToDigest(row->Next());
    return seal;
}

Seal
NewestSeal() {
    if (newest_seal.Run(Access::Read) == 0)
        return {};
    Row row;
    return ReadSeal(&row);
}

kernel::Digest
HashOf(const Seal &seal, const kernel::Digest &before) {
    constexpr unsigned char kNoOrganization[UUID_LEN] = {};
    const kernel::SealContent content = {.organization_id = kNoOrganization,
                                         .seal_no = seal.seal_no,
                                         .sealed_at = seal.sealed_at,
                                         .open_from = seal.open_from,
                                         .accounts = seal.lines,
                                         .entries = seal.total,
                                         .root = seal.root};
    kernel::Digest hash;
    if (!kernel::HashSeal(before.bytes, content, &hash))
        RefuseHash();
    return hash;
}

Content
ReadContent(TimestampTz from, TimestampTz until) {
    kernel::MerkleTree tree;
    const MemoryContext outer = CurrentMemoryContext;
    MemoryContext memory = AllocSetContextCreate(outer, "laurel audit lines", ALLOCSET_DEFAULT_SIZES);
    Cursor lines(lines_between, Access::Read, {TimestampTzGetDatum(from), TimestampTzGetDatum(until)});
    while (const uint64 count = lines.Fetch(kLinesAtOnce)) {
        CHECK_FOR_INTERRUPTS();
        MemoryContextSwitchTo(memory);
        for (uint64 row = 0; row < count; row++) {
            const std::string_view line = ToText(Field(row, 1));
            tree.Add(line.data(), line.size());
        }
        MemoryContextSwitchTo(outer);
        MemoryContextReset(memory);
    }
    MemoryContextDelete(memory);
    Content content = {.lines = static_cast<int64>(tree.count())};
    if (!tree.Root(&content.root))
        RefuseHash();
    return content;
}

} // namespace laurel::audit
