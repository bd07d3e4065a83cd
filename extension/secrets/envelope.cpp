#include "secrets/envelope.h"

#include "kernel/hmac.h"
#include "postgres/error.h"
#include "secrets/keys.h"
#include "secrets/pgp.h"

namespace laurel::secrets {

namespace {

constexpr char kVersion = 1;
constexpr size_t kIdSize = 4, kTagSize = sizeof(kernel::Digest);
constexpr size_t kHeadSize = 1 + kIdSize, kMessageAt = kHeadSize + kTagSize;

void
AppendId(StringInfo out, uint32 id) {
    for (int shift = 24; shift >= 0; shift -= 8)
        appendStringInfoCharMacro(out, static_cast<char>(id >> shift));
}

// With its length, so that no two lists of texts look the same.
void
AppendText(StringInfo out, std::string_view text) {
    AppendId(out, static_cast<uint32>(text.size()));
    appendBinaryStringInfo(out, text.data(), static_cast<int>(text.size()));
}

void
AppendUuid(StringInfo out, const Uuid &uuid) {
    appendBinaryStringInfo(out, reinterpret_cast<const char *>(uuid.bytes), UUID_LEN);
}

std::string_view
View(const StringInfoData &text) {
    return {text.data, static_cast<size_t>(text.len)};
}

std::string_view
View(const kernel::Digest &digest) {
    return {reinterpret_cast<const char *>(digest.bytes), sizeof(digest.bytes)};
}

kernel::Digest
Hmac(const kernel::Digest &key, const StringInfoData &text) {
    kernel::Digest code;
    if (!kernel::HmacSha256(View(key), View(text), &code))
        elog(ERROR, "OpenSSL makes no HMAC");
    return code;
}

kernel::Digest
TagOf(const Place &place, uint32 id, std::string_view message, const kernel::Digest &key) {
    StringInfoData text;
    initStringInfo(&text);
    appendStringInfoCharMacro(&text, kVersion);
    AppendId(&text, id);
    AppendText(&text, place.table);
    AppendText(&text, place.column);
    AppendUuid(&text, place.organization);
    AppendUuid(&text, place.owner);
    AppendUuid(&text, place.row);
    appendBinaryStringInfo(&text, message.data(), static_cast<int>(message.size()));
    const kernel::Digest tag = Hmac(key, text);
    pfree(text.data);
    return tag;
}

const Key &
RequireKey(uint32 id) {
    const Key *key = CurrentKeys().Find(id);
    if (key == nullptr)
        Refuse(
            {.sqlstate = ERRCODE_CONFIG_FILE_ERROR,
             .message = "the key of a personal value is not there",
             .detail = psprintf("It was encrypted with key %s.", KeyName(id)),
             .hint = psprintf("Put key %s back into the file that laurel.personal_key_file names: nothing is "
                              "lost, it cannot be read without.",
                              KeyName(id))});
    return *key;
}

// The key of an envelope of that place; null where it is none.
const Key *
KeyAt(const Place &place, std::string_view sealed, Datum datum) {
    uint32 id;
    if (!KeyOf(datum, &id))
        return nullptr;
    const Key &key = RequireKey(id);
    const kernel::Digest tag = TagOf(place, id, sealed.substr(kMessageAt), key.binding);
    return kernel::AreEqual(View(tag), sealed.substr(kHeadSize, kTagSize)) ? &key : nullptr;
}

} // namespace

Datum
Seal(const Place &place, std::string_view plain) {
    const Key &key = ActiveKey();
    const std::string_view message = ToText(PgpEncrypt(plain, key.password));
    const kernel::Digest tag = TagOf(place, key.id, message, key.binding);
    StringInfoData out;
    initStringInfo(&out);
    appendStringInfoCharMacro(&out, kVersion);
    AppendId(&out, key.id);
    appendBinaryStringInfo(&out, View(tag).data(), kTagSize);
    appendBinaryStringInfo(&out, message.data(), static_cast<int>(message.size()));
    return FromBytes(out.data, static_cast<size_t>(out.len));
}

std::string_view
Open(const Place &place, Datum sealed) {
    const std::string_view bytes = ToText(sealed);
    const Key *key = KeyAt(place, bytes, sealed);
    if (key == nullptr)
        Refuse(
            {.sqlstate = ERRCODE_DATA_CORRUPTED,
             .message = "a personal value is not of this place, or was changed",
             .detail = psprintf("Column %s of %s, row %s.", CString(place.column), CString(place.table),
                                UuidText(place.row)),
             .hint =
                 "It was not written by Laurel here: take the row from a backup, or write the value anew."});
    return PgpDecrypt(bytes.substr(kMessageAt), key->password);
}

bool
IsOfPlace(const Place &place, Datum sealed) {
    return KeyAt(place, ToText(sealed), sealed) != nullptr;
}

bool
KeyOf(Datum sealed, uint32 *id) {
    const std::string_view bytes = ToText(sealed);
    if (bytes.size() <= kMessageAt || bytes[0] != kVersion)
        return false;
    *id = 0;
    for (size_t i = 1; i <= kIdSize; i++)
        *id = *id << 8 | static_cast<unsigned char>(bytes[i]);
    return true;
}

Datum
DigestOf(std::string_view table, std::string_view column, std::string_view plain, const kernel::Digest &key) {
    StringInfoData text;
    initStringInfo(&text);
    AppendText(&text, table);
    AppendText(&text, column);
    AppendText(&text, plain);
    const kernel::Digest digest = Hmac(key, text);
    explicit_bzero(text.data, static_cast<size_t>(text.len));
    pfree(text.data);
    return FromBytes(digest.bytes, sizeof(digest.bytes));
}

} // namespace laurel::secrets
