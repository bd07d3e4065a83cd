// A credential is issued when it is first asked for, and then stays what it is.
//
// Lock order: the holder, whose erasure or merge waits; the award, which makes those who ask for it at once
// wait for one another and for who takes it away; then the key, for which whoever gives it up waits; then the
// status list, and the credential.

#include "access/caller.h"
#include "credentials/document.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"

namespace laurel::credentials {

namespace {

constexpr int32 kPlaces = 131072, kTaken = 65536;
constexpr int kMostTries = 128;

struct Award {
    Uuid id, organization, user;
};

// A credential that stands; document and JWT are in the memory of the SPI connection.
struct Standing {
    Uuid id;
    Datum document, jwt;
};

Statement find_award =
    Statement("SELECT organization_id, user_id FROM ONLY laurel.badge_awards WHERE id = $1", UUIDOID)
        .Returns(UUIDOID, UUIDOID);

// A credential refers to nobody, so that it stays when its person goes: without this it could be written
// behind an erasure.
Statement lock_holder("SELECT FROM ONLY laurel.users WHERE id = $1 FOR KEY SHARE", UUIDOID);

Statement lock_award =
    Statement("SELECT user_id FROM ONLY laurel.badge_awards WHERE id = $1 FOR NO KEY UPDATE", UUIDOID)
        .Returns(UUIDOID);

Statement find_standing = Statement(R"(SELECT id, document, jwt FROM ONLY laurel.credentials
        WHERE organization_id = $1 AND award_id = $2 AND revoked_at IS NULL)",
                                    UUIDOID, UUIDOID)
                              .Returns(UUIDOID, JSONBOID, TEXTOID);

// What an award had that is not there any more.
Statement find_revoked = Statement(R"(SELECT organization_id, user_id, revoked_at, reason
        FROM ONLY laurel.credentials WHERE award_id = $1 AND revoked_at IS NOT NULL
        ORDER BY revoked_at DESC LIMIT 1)",
                                   UUIDOID)
                             .Returns(UUIDOID, UUIDOID, TIMESTAMPTZOID, TEXTOID);

Statement note_key(R"(INSERT INTO laurel.credential_keys (organization_id, key_id) VALUES ($1, $2)
        ON CONFLICT ON CONSTRAINT credential_keys_pkey DO NOTHING)",
                   UUIDOID, TEXTOID);

Statement find_newest_list = Statement(R"(SELECT coalesce(pg_catalog.max(list_no), 1)
        FROM ONLY laurel_internal.credential_lists WHERE organization_id = $1)",
                                       UUIDOID)
                                 .Returns(INT4OID);

// A list that is not full and says who issues as credentials say it now.
Statement take_from_list = Statement(R"(INSERT INTO laurel_internal.credential_lists AS l
        (organization_id, list_no, issued_count, issuer_id, base_url) VALUES ($1, $2, 1, $4, $5)
        ON CONFLICT ON CONSTRAINT credential_lists_pkey DO UPDATE SET issued_count = l.issued_count + 1
        WHERE l.issued_count < $3 AND l.issuer_id = $4 AND l.base_url = $5 RETURNING list_no)",
                                     UUIDOID, INT4OID, INT4OID, TEXTOID, TEXTOID)
                               .Returns(INT4OID);

Statement find_taken(R"(SELECT FROM ONLY laurel.credentials
        WHERE organization_id = $1 AND list_no = $2 AND status_index = $3)",
                     UUIDOID, INT4OID, INT4OID);

Statement write_credential(R"(INSERT INTO laurel.credentials (id, organization_id, user_id, award_id, key_id,
        list_no, status_index, issued_at, valid_until, document, jwt)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11))",
                           UUIDOID, UUIDOID, UUIDOID, UUIDOID, TEXTOID, INT4OID, INT4OID, TIMESTAMPTZOID,
                           TIMESTAMPTZOID, JSONBOID, TEXTOID);

Statement read_holder = Statement(R"(SELECT u.full_name,
        (a.awarded_date AT TIME ZONE o.time_zone)::pg_catalog.date,
        (c.valid_until AT TIME ZONE o.time_zone)::pg_catalog.date
        FROM ONLY laurel.badge_awards a JOIN ONLY laurel.users u ON u.id = a.user_id
        JOIN ONLY laurel.organizations o ON o.id = a.organization_id
        JOIN ONLY laurel.credentials c ON c.organization_id = a.organization_id AND c.id = $2
        WHERE a.id = $1)",
                                  UUIDOID, UUIDOID)
                            .Returns(TEXTOID, DATEOID, DATEOID);

[[noreturn]] void
UnknownAward(const Uuid &award) {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "there is no such award",
            .detail = psprintf("Key (id)=(%s) is not present in table \"badge_awards\".", UuidText(award)),
            .hint = "laurel.badge_awards has who holds which badge. One sees one's own, administrators those "
                    "of their organization.",
            .table = "badge_awards",
            .constraint = "badge_awards_pkey"});
}

[[noreturn]] void
RefuseRevoked(TimestampTz when, std::string_view reason) {
    Refuse({.sqlstate = kConflict,
            .message = "the award was revoked, and its credential with it",
            .detail = psprintf("On %s: %s.", SecondsText(when), CString(reason)),
            .hint = "An administrator may award the badge again.",
            .table = "badge_awards"});
}

// The holder himself, and who administers the organization.
bool
MayHave(Oid table, const Uuid &organization, const Uuid &user) {
    if (IsTrusted(table))
        return true;
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    return caller.known && ((caller.user == user && access::BelongsTo(caller, organization)) ||
                            access::Administers(caller, organization));
}

// Who asks for an award that is not there, or no longer, hears which only if it was his to ask for.
[[noreturn]] void
RefuseGone(Oid table, const Uuid &award) {
    Uuid organization, user;
    TimestampTz when;
    const char *reason;
    {
        const AsOwner owner(OwnerOf(table));
        if (find_revoked.Run(Access::Write, FromUuid(award)) == 0)
            UnknownAward(award);
        Row row;
        organization = ToUuid(row.Next());
        user = ToUuid(row.Next());
        when = DatumGetTimestampTz(row.Next());
        reason = CString(ToText(row.Next()));
    }
    if (!MayHave(table, organization, user))
        UnknownAward(award);
    RefuseRevoked(when, reason);
}

Award
RequireAward(Oid table, const Uuid &id) {
    Award award = {id, {}, {}};
    bool is_there;
    {
        const AsOwner owner(OwnerOf(table));
        is_there = find_award.Run(Access::Write, FromUuid(id)) > 0;
        if (is_there) {
            award.organization = ToUuid(Field(0, 1));
            award.user = ToUuid(Field(0, 2));
        }
    }
    if (!is_there)
        RefuseGone(table, id);
    if (!MayHave(table, award.organization, award.user))
        UnknownAward(id);
    return award;
}

bool
FindStanding(const Award &award, Standing *standing) {
    if (find_standing.Run(Access::Write, {FromUuid(award.organization), FromUuid(award.id)}) == 0)
        return false;
    standing->id = ToUuid(Field(0, 1));
    standing->document = Field(0, 2);
    standing->jwt = Field(0, 3);
    return true;
}

// Locks the status list until the end of the transaction: places are given away one after the other.
int32
TakeList(const Issuer &issuer) {
    find_newest_list.Run(Access::Write, FromUuid(issuer.organization));
    int32 list_no = DatumGetInt32(Field(0, 1));
    while (take_from_list.Run(Access::Write,
                              {FromUuid(issuer.organization), Int32GetDatum(list_no), Int32GetDatum(kTaken),
                               CStringGetTextDatum(issuer.id), CStringGetTextDatum(issuer.base_url)}) == 0)
        list_no++;
    return list_no;
}

StatusPlace
TakePlace(const Issuer &issuer) {
    const int32 list_no = TakeList(issuer);
    for (int i = 0; i < kMostTries; i++) {
        uint32 random;
        if (!pg_strong_random(&random, sizeof(random)))
            break;
        const StatusPlace place = {list_no, static_cast<int32>(random % kPlaces)};
        if (find_taken.Run(Access::Write, {FromUuid(issuer.organization), Int32GetDatum(list_no),
                                           Int32GetDatum(place.index)}) == 0)
            return place;
    }
    elog(ERROR, "could not find a place in status list %d", list_no);
}

Uuid
NewId() {
    return ToUuid(DirectFunctionCall1(gen_random_uuid, 0));
}

Standing
Write(const Award &award, const AwardFacts &facts, const Issuer &issuer, const Signer &signer) {
    const StatusPlace place = TakePlace(issuer);
    const Uuid id = NewId();
    const char *urn = psprintf("urn:uuid:%s", UuidText(id));
    const TimestampTz now = GetCurrentTimestamp();
    Jsonb *document =
        WithProof(CredentialDocument(urn, award.user, facts, issuer, place), signer, SecondsText(now));
    const JwtClaims claims = {urn, SubjectId(award.user, facts, issuer.recipient), facts.awarded,
                              facts.until};
    const Standing standing = {id, JsonbPGetDatum(document),
                               CStringGetTextDatum(AsJwt(document, signer, claims))};
    write_credential.Run(Access::Write,
                         {FromUuid(id), FromUuid(award.organization), FromUuid(award.user),
                          FromUuid(award.id), FromText(signer.key.View()), Int32GetDatum(place.list_no),
                          Int32GetDatum(place.index), TimestampTzGetDatum(now),
                          Nullable(TimestampTzGetDatum(facts.until), TIMESTAMP_NOT_FINITE(facts.until)),
                          standing.document, standing.jwt});
    return standing;
}

// The award's credential, issued where it was not.
Standing
Issue(Oid table, const Award &award) {
    Standing standing;
    if (FindStanding(award, &standing))
        return standing;
    Award locked = award;
    AwardFacts facts;
    lock_holder.Run(Access::Write, FromUuid(award.user));
    const bool is_there = lock_award.Run(Access::Write, FromUuid(award.id)) > 0;
    if (is_there)
        locked.user = ToUuid(Field(0, 1));
    if (!(locked.user == award.user)) // merged meanwhile
        lock_holder.Run(Access::Write, FromUuid(locked.user));
    if (!is_there || !ReadAward(award.id, &facts))
        RefuseGone(table, award.id);
    if (FindStanding(award, &standing))
        return standing;
    const Issuer issuer = ReadIssuer(award.organization, Access::Write);
    RequireCredible(facts, issuer);
    note_key.Run(Access::Write,
                 {FromUuid(award.organization), FromText(ActiveKey(award.organization).View())});
    return Write(locked, facts, issuer, SignerOf(issuer, Access::Write));
}

std::string_view
TextAt(Jsonb *document, std::initializer_list<std::string_view> path) {
    JsonbContainer *object = &document->root;
    JsonbValue value = {};
    for (const std::string_view key : path) {
        if (object == nullptr ||
            getKeyJsonValueFromContainer(object, key.data(), static_cast<int>(key.size()), &value) == nullptr)
            return {};
        object = value.type == jbvBinary ? value.val.binary.data : nullptr;
    }
    return value.type == jbvString
               ? std::string_view(value.val.string.val, static_cast<size_t>(value.val.string.len))
               : std::string_view();
}

Datum
CertificateRow(FunctionCallInfo fcinfo, const Award &award, const Standing &standing) {
    const Issuer issuer = ReadIssuer(award.organization, Access::Write);
    read_holder.Run(Access::Write, {FromUuid(award.id), FromUuid(standing.id)});
    Row row;
    bool nulls[10] = {};
    Datum values[10] = {FromUuid(standing.id), row.Next(&nulls[1])};
    Jsonb *document = DatumGetJsonbP(standing.document);
    values[2] = FromText(TextAt(document, {"name"}));
    values[3] = FromText(TextAt(document, {"credentialSubject", "achievement", "description"}));
    values[4] = FromText(TextAt(document, {"credentialSubject", "achievement", "criteria", "narrative"}));
    values[5] = FromText(TextAt(document, {"issuer", "name"}));
    values[6] = CStringGetTextDatum(issuer.color);
    values[7] = row.Next();
    values[8] = row.Next(&nulls[8]);
    values[9] = CStringGetTextDatum(psprintf("%s/credentials/%s", issuer.base_url, UuidText(standing.id)));
    return SPI_datumTransfer(ResultRow(fcinfo, values, nulls), false, -1);
}

// Calls make(award, credential) for the award that is asked for, as the tables' owner.
template <typename Make>
Datum
ForAward(FunctionCallInfo fcinfo, Make make) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "award"));
    const Oid table = TableOid("badge_awards");
    const SpiConnection spi;
    const Award award = RequireAward(table, id);
    const AsOwner owner(OwnerOf(table));
    return make(award, Issue(table, award));
}

} // namespace

// laurel.credential(award)
LAUREL_FUNCTION(laurel_credential) {
    return ForAward(fcinfo, [](const Award &, const Standing &standing) {
        return SPI_datumTransfer(standing.document, false, -1);
    });
}

// laurel.credential_jwt(award)
LAUREL_FUNCTION(laurel_credential_jwt) {
    return ForAward(fcinfo, [](const Award &, const Standing &standing) {
        return SPI_datumTransfer(standing.jwt, false, -1);
    });
}

// laurel.certificate(award)
LAUREL_FUNCTION(laurel_certificate) {
    return ForAward(fcinfo, [fcinfo](const Award &award, const Standing &standing) {
        return CertificateRow(fcinfo, award, standing);
    });
}

} // namespace laurel::credentials
