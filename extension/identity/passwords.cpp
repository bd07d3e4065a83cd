#include "access/caller.h"
#include "access/organization.h"
#include "identity/users.h"
#include "kernel/characters.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/canonical.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/unicode.h"

namespace laurel::identity {

namespace {

constexpr int kCost = 10; // bcrypt: 2^10 rounds, about 60 ms
constexpr size_t kShortest = 8;
constexpr size_t kLongest = 72; // bcrypt ignores what comes after
constexpr size_t kPrefix = 4;   // of a bcrypt hash: $2a$

// Hashed instead of a password that is not there, so that an unknown address takes as long as a known one.
constexpr std::string_view kNobody = "$2a$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

// A function of the extension pgcrypto, in whatever schema it lives.
Statement pgcrypto_function = Statement(R"(SELECT p.oid FROM pg_catalog.pg_extension e
        JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
        AND d.refobjid = e.oid AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND
        d.deptype = 'e'
        JOIN pg_catalog.pg_proc p ON p.oid = d.objid
        WHERE e.extname = 'pgcrypto' AND p.proname = $1 AND p.pronargs = 2)",
                                        TEXTOID)
                                  .Returns(OIDOID);

Statement stored_hash =
    Statement("SELECT password_hash FROM ONLY laurel.users WHERE id = $1", UUIDOID).Returns(TEXTOID);

Statement user_by_email =
    Statement(
        Sql<"SELECT u.id, {1}, u.password_hash FROM ONLY laurel.users u WHERE u.email = $1", kMaySignIn>,
        TEXTOID)
        .Returns(UUIDOID, BOOLOID, TEXTOID);

Statement store_hash("UPDATE ONLY laurel.users SET password_hash = $2 WHERE id = $1", UUIDOID, TEXTOID);

// A password as it is hashed and compared; `fault` where none can be made of it.
struct Password {
    std::string_view text;
    const char *fault = nullptr;
};

// Joiners that a script is written with are seen in the letters beside them.
bool
IsSeen(char32_t character, std::string_view text, size_t position) {
    constexpr char32_t non_joiner = 0x200C, joiner = 0x200D;
    if (character == non_joiner || character == joiner)
        return MayJoin(text, position);
    return !kernel::IsControl(character) && !kernel::IsIgnorable(character);
}

// As RFC 8265 has it (OpaqueString): blanks of all kinds are one kind, then normal form C. What keyboards
// make in several ways is one password; letters keep their case.
Password
Prepared(std::string_view given) {
    constexpr size_t longest = 100 * kLongest; // in whatever form
    Password password = {given};
    if (given.size() > longest)
        return password;
    StringInfoData out;
    initStringInfo(&out);
    for (size_t position = 0; position < given.size();) {
        const size_t begin = position;
        const char32_t character = kernel::NextCharacter(given, &position);
        const std::string_view piece = given.substr(begin, position - begin);
        if (!IsSeen(character, given, begin))
            password.fault = psprintf("It holds U+%04X.", static_cast<unsigned>(character));
        if (kernel::IsBlank(character))
            appendStringInfoChar(&out, ' ');
        else
            appendBinaryStringInfo(&out, piece.data(), static_cast<int>(piece.size()));
    }
    password.text = Normalized({out.data, static_cast<size_t>(out.len)});
    return password;
}

Oid
PgcryptoFunction(const char *name) {
    if (pgcrypto_function.Run(Access::Write, {CStringGetTextDatum(name)}) == 0)
        Refuse({.sqlstate = ERRCODE_UNDEFINED_FUNCTION,
                .message = psprintf("function %s of the extension pgcrypto does not exist", name),
                .hint = "Run CREATE EXTENSION pgcrypto."});
    return DatumGetObjectId(Field(0, 1));
}

Datum
Crypt(std::string_view password, Datum salt) {
    return OidFunctionCall2Coll(PgcryptoFunction("crypt"), DEFAULT_COLLATION_OID, FromText(password), salt);
}

Datum
Hashed(std::string_view password) {
    const Datum salt = OidFunctionCall2Coll(PgcryptoFunction("gen_salt"), DEFAULT_COLLATION_OID,
                                            CStringGetTextDatum("bf"), Int32GetDatum(kCost));
    return Crypt(password, salt);
}

bool
EqualInConstantTime(std::string_view a, std::string_view b) {
    unsigned char difference = a.size() == b.size() ? 0 : 1;
    for (size_t i = 0; i < a.size() && i < b.size(); i++)
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    return difference == 0;
}

// Other libraries write $2b$ or $2y$ for what pgcrypto calls $2a$.
Datum
InPgcryptoWords(std::string_view hash) {
    char *copy = pnstrdup(hash.data(), hash.size());
    if (hash.size() > kPrefix && (copy[2] == 'b' || copy[2] == 'y'))
        copy[2] = 'a';
    return CStringGetTextDatum(copy);
}

// Whether the password has that hash. Always does the work of hashing.
bool
Matches(const Password &password, std::string_view hash) {
    const Datum expected = InPgcryptoWords(hash);
    return EqualInConstantTime(ToText(Crypt(password.text, expected)), ToText(expected)) &&
           password.text.size() <= kLongest && password.fault == nullptr;
}

// Longer ones are refused, not shortened by a hash of ours: hashes that other libraries have made stay good,
// and those made here are good elsewhere.
void
RequireGoodPassword(const Password &password) {
    const size_t size = password.text.size();
    if (password.fault != nullptr)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "a password must not hold what cannot be seen",
                .detail = password.fault,
                .hint = "Letters, digits, signs and blanks of any script will do."});
    if (size < kShortest || size > kLongest)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = psprintf("a password must have %zu to %zu bytes", kShortest, kLongest),
                .detail = psprintf("It has %zu bytes.", size),
                .hint = size < kShortest
                            ? "Choose a longer one."
                            : "Choose a shorter one; bcrypt would not look at what comes after."});
}

// Whoever changes the own password must know it.
void
RequireCurrentPassword(FunctionCallInfo fcinfo, std::string_view hash) {
    if (!PG_ARGISNULL(2) && Matches(Prepared(ToText(PG_GETARG_DATUM(2))), hash))
        return;
    Refuse({.sqlstate = ERRCODE_INVALID_PASSWORD,
            .message = "current password does not match",
            .hint = "Give the current password as third argument."});
}

} // namespace

// laurel.set_password(user, password, current)
LAUREL_FUNCTION(laurel_set_password) {
    const Uuid user = ToUuid(Required(fcinfo, 0, "user_id"));
    const Password password = Prepared(ToText(Required(fcinfo, 1, "password")));
    RequireSelf(user, "set the password of another user");
    RequireGoodPassword(password);
    const Oid table = TableOid("users");
    const bool trusted = IsTrusted(table);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    if (stored_hash.Run(Access::Write, {FromUuid(user)}) == 0)
        access::UnknownUser(user, "users", "users_pkey");
    bool has_none;
    const Datum hash = Field(0, 1, &has_none);
    if (!trusted && !has_none)
        RequireCurrentPassword(fcinfo, ToText(hash));
    store_hash.Write({FromUuid(user), Hashed(password.text)});
    PG_RETURN_VOID();
}

// laurel.verify_password(email, password): the same work whoever is named.
LAUREL_FUNCTION(laurel_verify_password) {
    const Password password = Prepared(ToText(PG_GETARG_DATUM(1)));
    const Canonical email = kMailAddress.Of(ToText(PG_GETARG_DATUM(0)));
    Uuid user{};
    bool verified = false;
    {
        const AsOwner owner(OwnerOf(TableOid("users")));
        const SpiConnection spi;
        bool may_sign_in = user_by_email.Run(Access::Write, FromText(email.text)) > 0;
        std::string_view hash = kNobody;
        if (may_sign_in) {
            Row row;
            user = ToUuid(row.Next());
            const bool active = DatumGetBool(row.Next());
            bool has_none;
            const Datum stored = row.Next(&has_none);
            may_sign_in = active && !has_none;
            hash = has_none ? kNobody : ToText(stored);
        }
        verified = Matches(password, hash) && may_sign_in;
    }
    if (!verified)
        PG_RETURN_NULL();
    return CopyUuid(user);
}

} // namespace laurel::identity
