#include "credentials/keys.h"

#include "kernel/base58.h"
#include "kernel/hmac.h"
#include "postgres/error.h"
#include "secrets/key_file.h"

namespace laurel::credentials {

namespace {

constexpr std::string_view kSigning = "laurel credentials 1 signing";
constexpr unsigned char kMulticodec[] = {0xed, 0x01};
constexpr size_t kMultikeySize = sizeof(kMulticodec) + kernel::kEd25519KeySize;

constinit unsigned char master[kernel::kKeySize] = {};
constinit bool has_master = false;

bool
TakeMaster(const kernel::KeyLines &lines) {
    has_master = lines.count > 0;
    std::memcpy(master, lines.keys[0], sizeof(master));
    return true;
}

constinit secrets::KeyFile key_file(
    "laurel.credential_key_file", "credentials",
    "It is a file of the server's user alone (0600), no link, with a key of 64 hexadecimal digits a line, of "
    "which the first signs. scripts/personal-key.sh makes one.",
    TakeMaster);

void
AssignCredentialFile(const char *, void *) {
    key_file.Forget();
}

[[noreturn]] void
RefuseKey() {
    ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("OpenSSL makes no signature of Ed25519")));
    pg_unreachable();
}

// The private key of an organization, which is forgotten with its scope; errors may pass it by.
class Secret {
public:
    explicit Secret(const Uuid &organization) {
        unsigned char text[kSigning.size() + UUID_LEN];
        std::memcpy(text, kSigning.data(), kSigning.size());
        std::memcpy(text + kSigning.size(), organization.bytes, UUID_LEN);
        if (!kernel::HmacSha256({reinterpret_cast<const char *>(master), sizeof(master)},
                                {reinterpret_cast<const char *>(text), sizeof(text)}, &seed_))
            RefuseKey();
    }
    Secret(const Secret &) = delete;
    Secret &operator=(const Secret &) = delete;
    ~Secret() { explicit_bzero(&seed_, sizeof(seed_)); }

    const unsigned char *bytes() const { return seed_.bytes; }

private:
    static_assert(sizeof(kernel::Digest) == kernel::kEd25519KeySize);
    kernel::Digest seed_;
};

void
RequireMaster() {
    if (!HasKeys())
        Refuse({.sqlstate = ERRCODE_CONFIG_FILE_ERROR,
                .message = "there is no key to sign credentials with",
                .hint = "Make one with scripts/personal-key.sh and name it in postgresql.conf: "
                        "laurel.credential_key_file = '/path/to/it'."});
}

} // namespace

bool
HasKeys() {
    return key_file.Refresh() && has_master;
}

KeyId
ActiveKey(const Uuid &organization) {
    RequireMaster();
    unsigned char multikey[kMultikeySize];
    std::memcpy(multikey, kMulticodec, sizeof(kMulticodec));
    const Secret secret(organization);
    if (!kernel::Ed25519PublicKey(secret.bytes(), multikey + sizeof(kMulticodec)))
        RefuseKey();
    KeyId id = {};
    static_assert(kernel::Base58Room(kMultikeySize) < sizeof(id.text) - 1);
    id.text[0] = 'z';
    id.length = 1 + static_cast<int>(kernel::EncodeBase58(multikey, sizeof(multikey), id.text + 1));
    return id;
}

Signature
Sign(const Uuid &organization, std::string_view message) {
    RequireMaster();
    const Secret secret(organization);
    Signature signature;
    if (!kernel::Ed25519Sign(secret.bytes(), message, signature.bytes))
        RefuseKey();
    return signature;
}

bool
PublicKeyOf(std::string_view key_id, unsigned char key[kernel::kEd25519KeySize]) {
    unsigned char multikey[kMultikeySize];
    if (!key_id.starts_with('z') || !kernel::DecodeBase58(key_id.substr(1), multikey, sizeof(multikey)) ||
        std::memcmp(multikey, kMulticodec, sizeof(kMulticodec)) != 0)
        return false;
    std::memcpy(key, multikey + sizeof(kMulticodec), kernel::kEd25519KeySize);
    return true;
}

bool
IsSigned(std::string_view key_id, std::string_view message, const Signature &signature) {
    unsigned char key[kernel::kEd25519KeySize];
    return PublicKeyOf(key_id, key) && kernel::Ed25519Verify(key, message, signature.bytes);
}

void
InitCredentialKeys() {
    key_file.Define("The file with the key that signs credentials.",
                    "A key of 64 hexadecimal digits a line, of which the first signs. Readable for the "
                    "server's user alone.",
                    AssignCredentialFile);
}

} // namespace laurel::credentials
