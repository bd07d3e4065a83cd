#include "credentials/issuer.h"

#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/growing.h"
#include "postgres/jsonb_container.h"
#include "postgres/jsonb_object.h"
#include "postgres/owner.h"

namespace laurel::credentials {

namespace {

Statement read_issuer =
    Statement(R"(SELECT issuer_id, base_url, color, name, description, url, contact, image,
        recipient FROM ONLY laurel.credential_issuers WHERE organization_id = $1)",
              UUIDOID)
        .Returns(TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID);

Statement find_given_up = Statement(R"(SELECT revoked_at FROM ONLY laurel.credential_keys
        WHERE organization_id = $1 AND key_id = $2 AND revoked_at IS NOT NULL)",
                                    UUIDOID, TEXTOID)
                              .Returns(TIMESTAMPTZOID);

// The same, and until the transaction ends nobody gives it up.
Statement hold_given_up = Statement(R"(SELECT revoked_at FROM ONLY laurel.credential_keys
        WHERE organization_id = $1 AND key_id = $2 FOR SHARE)",
                                    UUIDOID, TEXTOID)
                              .Returns(TIMESTAMPTZOID);

Statement list_keys = Statement(R"(SELECT key_id, revoked_at IS NULL FROM ONLY laurel.credential_keys
        WHERE organization_id = $1 ORDER BY created_at, key_id)",
                                UUIDOID)
                          .Returns(TEXTOID, BOOLOID);

// Whether a key was given up; one that is about to sign is held.
bool
IsGivenUp(const Signer &signer, Access access) {
    const Nullable values[] = {FromUuid(signer.organization), FromText(signer.key.View())};
    if (access == Access::Read)
        return find_given_up.Run(access, values) > 0;
    bool is_null = true;
    if (hold_given_up.Run(access, values) > 0)
        Field(0, 1, &is_null);
    return !is_null;
}

[[noreturn]] void
RefuseUnknownIssuer(const Uuid &organization) {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "the organization issues no credentials",
            .detail = psprintf("Key (organization_id)=(%s) is not present in table \"credential_issuers\".",
                               UuidText(organization)),
            .hint = "An administrator says in laurel.credential_issuers who issues them.",
            .table = "credential_issuers",
            .constraint = "credential_issuers_pkey"});
}

std::string_view
NextText(Row *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return is_null ? std::string_view() : CString(ToText(value));
}

Recipient
RecipientNamed(std::string_view name) {
    return name == "email" ? Recipient::Email : name == "did" ? Recipient::Did : Recipient::Urn;
}

// The keys that are good, and the one that signs now even where it has not signed yet.
Growing<KeyId>
GoodKeys(const Uuid &organization) {
    Growing<KeyId> keys;
    const uint64 count = list_keys.Run(Access::Read, FromUuid(organization));
    bool is_active_there = !HasKeys();
    const KeyId active = is_active_there ? KeyId{} : ActiveKey(organization);
    for (uint64 i = 0; i < count; i++) {
        const std::string_view text = ToText(Field(i, 1));
        is_active_there = is_active_there || text == active.View();
        if (!DatumGetBool(Field(i, 2)) || text.size() >= sizeof(KeyId::text))
            continue;
        KeyId key = {};
        key.length = static_cast<int>(text.copy(key.text, sizeof(key.text)));
        keys.Add(key);
    }
    if (!is_active_there)
        keys.Add(active);
    return keys;
}

Jsonb *
MethodOf(const Signer &signer) {
    return JsonbObject()
        .Text("id", VerificationMethod(signer))
        .Text("type", "Multikey")
        .Text("controller", signer.issuer_id)
        .Text("publicKeyMultibase", signer.key.View())
        .Finish();
}

Jsonb *
IssuerDocument(const Issuer &issuer) {
    const Growing<KeyId> keys = GoodKeys(issuer.organization);
    JsonbArrayOf methods;
    Growing<std::string_view> names;
    for (const KeyId &key : keys) {
        const Signer signer = {issuer.organization, issuer.id, key};
        methods.Add(MethodOf(signer));
        names.Add(VerificationMethod(signer));
    }
    constexpr std::string_view contexts[] = {"https://www.w3.org/ns/did/v1",
                                             "https://w3id.org/security/multikey/v1"};
    return JsonbObject()
        .Texts("@context", contexts, 2)
        .Text("id", issuer.id)
        .Nested("verificationMethod", methods.Finish())
        .Texts("assertionMethod", names.begin(), static_cast<int>(names.count()))
        .Finish();
}

} // namespace

Issuer
ReadIssuer(const Uuid &organization, Access access) {
    if (read_issuer.Run(access, FromUuid(organization)) == 0)
        RefuseUnknownIssuer(organization);
    Row row;
    Issuer issuer = {};
    issuer.organization = organization;
    issuer.id = NextText(&row).data();
    issuer.base_url = NextText(&row).data();
    issuer.color = NextText(&row).data();
    for (std::string_view *text :
         {&issuer.name, &issuer.description, &issuer.url, &issuer.contact, &issuer.image})
        *text = PlainText(NextText(&row));
    issuer.recipient = RecipientNamed(NextText(&row));
    return issuer;
}

Signer
SignerOf(const Issuer &issuer, Access access) {
    const Signer signer = {issuer.organization, issuer.id, ActiveKey(issuer.organization)};
    if (IsGivenUp(signer, access))
        Refuse({.sqlstate = kConflict,
                .message = "the key that would sign was given up",
                .detail = psprintf("Key %s.", CString(signer.key.View())),
                .hint = "Put a new key first into the file that laurel.credential_key_file names: "
                        "scripts/personal-key.sh --add FILE.",
                .table = "credential_keys"});
    return signer;
}

Jsonb *
ProfileOf(const Issuer &issuer) {
    constexpr std::string_view types[] = {"Profile"};
    JsonbObject profile;
    profile.Text("id", issuer.id).Texts("type", types, 1).Text("name", issuer.name);
    if (!issuer.description.empty())
        profile.Text("description", issuer.description);
    if (!issuer.url.empty())
        profile.Text("url", issuer.url);
    if (!issuer.contact.empty())
        profile.Text("email", issuer.contact);
    if (!issuer.image.empty())
        profile.Nested("image", JsonbObject().Text("id", issuer.image).Text("type", "Image").Finish());
    return profile.Finish();
}

const char *
StatusListAddress(const Issuer &issuer, int32 list_no) {
    return psprintf("%s/credentials/status/%s/%d", issuer.base_url, UuidText(issuer.organization), list_no);
}

// Line feeds stay; other control characters are blanks, and what no text should hold goes.
std::string_view
PlainText(std::string_view text) {
    StringInfoData out;
    initStringInfo(&out);
    for (size_t i = 0; i < text.size(); i++) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == '\r')
            continue;
        if (c == 0xef && (text.substr(i, 3) == "\xef\xbf\xbe" || text.substr(i, 3) == "\xef\xbf\xbf")) {
            i += 2;
            continue;
        }
        appendStringInfoChar(&out, (c < ' ' && c != '\n') || c == 0x7f ? ' ' : text[i]);
    }
    return {out.data, static_cast<size_t>(out.len)};
}

bool
IsPlainIri(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7f && std::string_view("<>\"{}|\\^`").find(c) == std::string_view::npos;
    });
}

// laurel.issuer_document(organization_id)
LAUREL_FUNCTION(laurel_issuer_document) {
    const Uuid organization = ToUuid(Required(fcinfo, 0, "organization_id"));
    const AsOwner owner(OwnerOf(TableOid("credential_issuers")));
    const SpiConnection spi;
    Jsonb *document = IssuerDocument(ReadIssuer(organization, Access::Read));
    return SPI_datumTransfer(JsonbPGetDatum(document), false, -1);
}

} // namespace laurel::credentials
