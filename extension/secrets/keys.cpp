#include "secrets/keys.h"

#include "kernel/hmac.h"
#include "postgres/error.h"
#include "secrets/key_file.h"

namespace laurel::secrets {

namespace {

constinit Key keys[kernel::kMostKeys] = {};
constinit int key_count = 0;

bool
Derive(const unsigned char key[kernel::kKeySize], std::string_view purpose, kernel::Digest *derived) {
    return kernel::HmacSha256({reinterpret_cast<const char *>(key), kernel::kKeySize}, purpose, derived);
}

bool
MakeKey(const unsigned char bytes[kernel::kKeySize], Key *key) {
    kernel::Digest name, password;
    if (!Derive(bytes, "laurel personal 1 name", &name) ||
        !Derive(bytes, "laurel personal 1 encryption", &password) ||
        !Derive(bytes, "laurel personal 1 binding", &key->binding) ||
        !Derive(bytes, "laurel personal 1 digest", &key->digest))
        return false;
    key->id = static_cast<uint32>(name.bytes[0]) << 24 | static_cast<uint32>(name.bytes[1]) << 16 |
              static_cast<uint32>(name.bytes[2]) << 8 | name.bytes[3];
    for (size_t i = 0; i < sizeof(password.bytes); i++)
        snprintf(key->password + 2 * i, 3, "%02x", password.bytes[i]);
    explicit_bzero(&password, sizeof(password));
    return true;
}

bool
TakeKeys(const kernel::KeyLines &lines) {
    key_count = 0;
    for (int i = 0; i < lines.count; i++)
        if (!MakeKey(lines.keys[i], &keys[i]))
            return false;
    key_count = lines.count;
    return true;
}

constinit KeyFile key_file("laurel.personal_key_file", "personal values",
                           "It is a file of the server's user alone (0600), no link, with a key of 64 "
                           "hexadecimal digits a line: the "
                           "first encrypts, others are for reading. scripts/personal-key.sh makes one.",
                           TakeKeys);

void
AssignFile(const char *, void *) {
    key_file.Forget();
}

} // namespace

const Key *
Keys::Find(uint32 id) const {
    const Key *found = std::find_if(begin(), end(), [id](const Key &key) { return key.id == id; });
    return found == end() ? nullptr : found;
}

Keys
CurrentKeys() {
    return {keys, key_file.Refresh() ? key_count : 0};
}

const Key &
ActiveKey() {
    const Keys current = CurrentKeys();
    if (current.count == 0)
        Refuse({.sqlstate = ERRCODE_CONFIG_FILE_ERROR,
                .message = "there is no key to encrypt personal values with",
                .hint = "Make one with scripts/personal-key.sh and name it in postgresql.conf: "
                        "laurel.personal_key_file = '/path/to/it'."});
    return *current.first;
}

const char *
KeyName(uint32 id) {
    return psprintf("%08x", id);
}

void
InitKeys() {
    key_file.Define(
        "The file with the keys of personal values.",
        "A key of 64 hexadecimal digits a line; the first encrypts. Readable for the server's user alone.",
        AssignFile);
}

} // namespace laurel::secrets
