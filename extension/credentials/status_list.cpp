// What was revoked, as a Bitstring Status List 1.0: a bit for each place, compressed.

#include "credentials/issuer.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/jsonb_object.h"
#include "postgres/list.h"
#include "postgres/owner.h"

#include <zlib.h>

namespace laurel::credentials {

namespace {

constexpr size_t kListBytes = 131072 / 8;
constexpr int64 kTimeToLive = 5 * 60 * 1000; // milliseconds that who has read it may go by it

// A list is of when a credential in it was revoked last, and says who issues and where it is as they do.
Statement find_list =
    Statement(R"(SELECT l.issuer_id, l.base_url, coalesce((SELECT pg_catalog.max(c.revoked_at)
            FROM ONLY laurel.credentials c WHERE c.organization_id = l.organization_id
            AND c.list_no = l.list_no AND c.revoked_at IS NOT NULL), l.created_at)
        FROM ONLY laurel_internal.credential_lists l WHERE l.organization_id = $1 AND l.list_no = $2)",
              UUIDOID, INT4OID)
        .Returns(TEXTOID, TEXTOID, TIMESTAMPTZOID);

Statement list_revoked = Statement(R"(SELECT status_index FROM ONLY laurel.credentials
        WHERE organization_id = $1 AND list_no = $2 AND revoked_at IS NOT NULL)",
                                   UUIDOID, INT4OID)
                             .Returns(INT4OID);

// The first place is the highest bit of the first byte.
unsigned char *
RevokedBits(const Uuid &organization, int32 list_no) {
    auto *bits = NewList<unsigned char>(kListBytes);
    std::fill_n(bits, kListBytes, 0);
    const uint64 count = list_revoked.Run(Access::Read, {FromUuid(organization), Int32GetDatum(list_no)});
    for (uint64 i = 0; i < count; i++) {
        const auto index = static_cast<uint32>(DatumGetInt32(Field(i, 1)));
        bits[index / 8] = static_cast<unsigned char>(bits[index / 8] | (0x80u >> index % 8));
    }
    return bits;
}

// Memory that zlib asks for is the server's, so that nothing is left over whatever happens.
void *
ZlibAllocate(void *, unsigned count, unsigned size) {
    return palloc_extended(static_cast<Size>(count) * size, MCXT_ALLOC_NO_OOM);
}

void
ZlibFree(void *, void *address) {
    pfree(address);
}

// Gzip without a time or name, so that the same bits give the same bytes.
std::string_view
Compressed(unsigned char *bits) {
    constexpr int kGzip = 15 + 16, kMemory = 8;
    z_stream stream = {};
    stream.zalloc = ZlibAllocate;
    stream.zfree = ZlibFree;
    stream.next_in = bits;
    stream.avail_in = kListBytes;
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) != Z_OK)
        elog(ERROR, "zlib compresses nothing");
    const size_t room = deflateBound(&stream, kListBytes);
    auto *out = NewList<unsigned char>(room);
    stream.next_out = out;
    stream.avail_out = static_cast<unsigned>(room);
    const int result = deflate(&stream, Z_FINISH);
    deflateEnd(&stream);
    if (result != Z_STREAM_END)
        elog(ERROR, "zlib stopped with %d", result);
    return {reinterpret_cast<const char *>(out), room - stream.avail_out};
}

Jsonb *
StatusListDocument(const Issuer &issuer, int32 list_no, TimestampTz changed) {
    constexpr std::string_view contexts[] = {"https://www.w3.org/ns/credentials/v2"};
    constexpr std::string_view types[] = {"VerifiableCredential", "BitstringStatusListCredential"};
    const char *address = StatusListAddress(issuer, list_no);
    const std::string_view list = Compressed(RevokedBits(issuer.organization, list_no));
    Jsonb *subject = JsonbObject()
                         .Text("id", psprintf("%s#list", address))
                         .Text("type", "BitstringStatusList")
                         .Text("statusPurpose", "revocation")
                         .Text("encodedList", Base64UrlText(list.data(), list.size(), 'u'))
                         .Number("ttl", kTimeToLive)
                         .Finish();
    return JsonbObject()
        .Texts("@context", contexts, 1)
        .Text("id", address)
        .Texts("type", types, 2)
        .Text("issuer", issuer.id)
        .Text("validFrom", SecondsText(changed))
        .Nested("credentialSubject", subject)
        .Finish();
}

} // namespace

// laurel.status_list(organization_id, list_no)
LAUREL_FUNCTION(laurel_status_list) {
    const Uuid organization = ToUuid(Required(fcinfo, 0, "organization_id"));
    const int32 list_no = DatumGetInt32(Required(fcinfo, 1, "list_no"));
    const AsOwner owner(OwnerOf(TableOid("credentials")));
    const SpiConnection spi;
    Issuer issuer = ReadIssuer(organization, Access::Read);
    if (find_list.Run(Access::Read, {FromUuid(organization), Int32GetDatum(list_no)}) == 0)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = "there is no such status list",
                .detail = psprintf(
                    "Key (organization_id, list_no)=(%s, %d) is not present in table \"credential_lists\".",
                    UuidText(organization), list_no),
                .hint = "Lists begin with 1; the first one comes with the first credential.",
                .schema = "laurel_internal",
                .table = "credential_lists",
                .constraint = "credential_lists_pkey"});
    issuer.id = CString(ToText(Field(0, 1)));
    issuer.base_url = CString(ToText(Field(0, 2)));
    const TimestampTz changed = DatumGetTimestampTz(Field(0, 3));
    Jsonb *document = StatusListDocument(issuer, list_no, changed);
    const Signer signer = SignerOf(issuer, Access::Read);
    return SPI_datumTransfer(JsonbPGetDatum(WithProof(document, signer, SecondsText(changed))), false, -1);
}

} // namespace laurel::credentials
