#include "deliveries/unsubscribe.h"

#include "kernel/base64.h"
#include "kernel/hmac.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

// Of the code that signs a token so many bytes: nobody guesses 128 bits.
constexpr size_t kCodeBytes = 16;
constexpr size_t kMostToken = 1000;
constexpr std::string_view kPurpose = "unsubscribe";

Statement read_key =
    Statement("SELECT key FROM ONLY laurel_internal.unsubscribe_key LIMIT 1").Returns(BYTEAOID);

// A type joins the user's types, as long as these have room for it.
Statement stop_type(
    R"(UPDATE ONLY laurel.user_preferences p SET notification_preferences = p.notification_preferences
        || pg_catalog.jsonb_build_object('types', t.types
        || pg_catalog.jsonb_build_object($2, coalesce(t.types -> $2, '{}') || '{"email": false}'))
        FROM (SELECT q.user_id, coalesce(q.notification_preferences -> 'types', '{}') AS types
            FROM ONLY laurel.user_preferences q WHERE q.user_id = $1 FOR NO KEY UPDATE) t
        WHERE p.user_id = t.user_id AND (t.types ? $2
            OR (SELECT pg_catalog.count(*) FROM pg_catalog.jsonb_object_keys(t.types)) < 200))",
    UUIDOID, TEXTOID);

// No e-mail at all: no type says otherwise.
Statement stop_all(
    R"(UPDATE ONLY laurel.user_preferences p SET notification_preferences = p.notification_preferences
        || pg_catalog.jsonb_build_object('channels',
            coalesce(p.notification_preferences -> 'channels', '{}') || '{"email": false}')
        || coalesce((SELECT pg_catalog.jsonb_build_object('types', pg_catalog.jsonb_object_agg(t.key, t.value - 'email'))
            FROM pg_catalog.jsonb_each(p.notification_preferences -> 'types') t), '{}') WHERE p.user_id = $1)",
    UUIDOID);

// What a token says.
struct Said {
    Uuid user;
    std::string_view type;
};

std::string_view
CodeOf(std::string_view key, std::string_view said) {
    auto *code = NewList<kernel::Digest>(1);
    const size_t size = kPurpose.size() + said.size();
    auto *text = NewList<char>(size);
    std::copy(said.begin(), said.end(), std::copy(kPurpose.begin(), kPurpose.end(), text));
    if (!kernel::HmacSha256(key, {text, size}, code))
        ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute HMAC-SHA256")));
    return {reinterpret_cast<const char *>(code->bytes), kCodeBytes};
}

// The bytes of a token; empty where it is none.
std::string_view
BytesOf(std::string_view token) {
    if (token.empty() || token.size() > kMostToken)
        return {};
    const size_t size = token.size() * 3 / 4;
    auto *bytes = NewList<unsigned char>(size);
    if (!kernel::DecodeBase64Url(token, bytes))
        return {};
    return {reinterpret_cast<const char *>(bytes), size};
}

std::optional<Said>
Read(std::string_view key, std::string_view token) {
    const std::string_view bytes = BytesOf(token);
    if (bytes.size() < UUID_LEN + kCodeBytes)
        return {};
    const std::string_view said = bytes.substr(0, bytes.size() - kCodeBytes);
    if (!kernel::AreEqual(CodeOf(key, said), bytes.substr(said.size())))
        return {};
    Said found = {.user = {}, .type = said.substr(UUID_LEN)};
    std::memcpy(found.user.bytes, said.data(), UUID_LEN);
    return found;
}

bool
Stop(const Said &said) {
    const Datum user = FromUuid(said.user);
    if (!said.type.empty() && stop_type.Run(Access::Write, {user, FromText(said.type)}) > 0)
        return true;
    return stop_all.Run(Access::Write, {user}) > 0;
}

} // namespace

std::string_view
UnsubscribeToken(std::string_view key, const Uuid &user, std::string_view type) {
    const size_t said = UUID_LEN + type.size(), size = said + kCodeBytes;
    auto *bytes = NewList<char>(size);
    std::memcpy(bytes, user.bytes, UUID_LEN);
    std::copy(type.begin(), type.end(), bytes + UUID_LEN);
    const std::string_view code = CodeOf(key, {bytes, said});
    std::copy(code.begin(), code.end(), bytes + said);
    const size_t length = kernel::Base64UrlLength(size);
    auto *text = NewList<char>(length);
    kernel::EncodeBase64Url(reinterpret_cast<const unsigned char *>(bytes), size, text);
    return {text, length};
}

// laurel.unsubscribe(token)
LAUREL_FUNCTION(laurel_unsubscribe) {
    const std::string_view token = ToText(Required(fcinfo, 0, "token"));
    const AsOwner owner(OwnerOf(TableOid("user_preferences")));
    const SpiConnection spi;
    if (read_key.Run(Access::Write) == 0)
        PG_RETURN_BOOL(false);
    const bytea *key = DatumGetByteaPP(Field(0, 1));
    const std::optional<Said> said =
        Read({VARDATA_ANY(key), static_cast<size_t>(VARSIZE_ANY_EXHDR(key))}, token);
    PG_RETURN_BOOL(said && Stop(*said));
}

} // namespace laurel::deliveries
