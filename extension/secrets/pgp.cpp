// pgcrypto's own C functions, taken out of its library: no name is looked up that anybody could have made,
// and no statement is there in whose text, parameters or plan the password could be seen.

#include "secrets/pgp.h"

namespace laurel::secrets {

namespace {

constexpr const char *kLibrary = "$libdir/pgcrypto";
constexpr const char *kOptions = "cipher-algo=aes256, compress-algo=0, s2k-mode=1, s2k-digest-algo=sha256";

PGFunction
Function(const char *name, PGFunction *known) {
    if (*known == nullptr)
        *known = reinterpret_cast<PGFunction>(load_external_function(kLibrary, name, true, nullptr));
    return *known;
}

constinit PGFunction encrypt = nullptr;
constinit PGFunction decrypt = nullptr;

// The password does not stay where memory is used again.
void
Forget(Datum password) {
    explicit_bzero(VARDATA_ANY(DatumGetPointer(password)), VARSIZE_ANY_EXHDR(DatumGetPointer(password)));
}

} // namespace

Datum
PgpEncrypt(std::string_view plain, const char *password) {
    const Datum key = CStringGetTextDatum(password);
    const Datum message =
        DirectFunctionCall3(Function("pgp_sym_encrypt_bytea", &encrypt),
                            FromBytes(plain.data(), plain.size()), key, CStringGetTextDatum(kOptions));
    Forget(key);
    return message;
}

std::string_view
PgpDecrypt(std::string_view message, const char *password) {
    const Datum key = CStringGetTextDatum(password);
    const Datum plain = DirectFunctionCall2(Function("pgp_sym_decrypt_bytea", &decrypt),
                                            FromBytes(message.data(), message.size()), key);
    Forget(key);
    return ToText(plain);
}

} // namespace laurel::secrets
