// Whether a credential that somebody shows is what was issued. It is compared with that word for word, so
// that nothing in it is read by other eyes than those that signed it.

#include "credentials/proof.h"
#include "postgres/arguments.h"
#include "postgres/bounded_json.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"
#include "postgres/spi.h"

namespace laurel::credentials {

namespace {

constexpr std::string_view kUrn = "urn:uuid:", kHexDigits = "0123456789abcdef";
constexpr size_t kUuidText = 36;
constexpr JsonBounds kShown = {.levels = 32, .bytes = 256 * 1024, .takes_arrays = true};

// Why that is more than anybody should have to look through; null where it is not.
const char *
TooMuch(Datum shown) {
    if (toast_raw_datum_size(shown) > kShown.bytes)
        return "It is larger than 256 kB.";
    return JB_ROOT_IS_SCALAR(DatumGetJsonbP(shown)) ? nullptr : BeyondBounds(shown, kShown);
}

Statement read_issued = Statement(R"(SELECT key_id, revoked_at, reason, document, jwt
        FROM ONLY laurel.credentials WHERE id = $1)",
                                  UUIDOID)
                            .Returns(TEXTOID, TIMESTAMPTZOID, TEXTOID, JSONBOID, TEXTOID);

// A credential as it was issued, with what became of it.
struct Issued {
    Uuid id;
    std::string_view key_id, reason;
    bool is_revoked, is_there; // is_there: what it says is not blanked
    TimestampTz revoked;
    Jsonb *document;
    std::string_view jwt;
};

// What was found; nothing is told of a document that is another than the one that was issued.
struct Finding {
    const char *status, *reason;
    const Issued *issued = nullptr;
    bool is_genuine = false;
};

// The uuid after urn:uuid:, in its one form.
bool
ReadUrn(std::string_view text, Uuid *id) {
    if (!text.starts_with(kUrn) || text.size() != kUrn.size() + kUuidText)
        return false;
    text.remove_prefix(kUrn.size());
    for (size_t i = 0; i < kUuidText; i++) {
        const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_hyphen ? text[i] != '-' : kHexDigits.find(text[i]) == std::string_view::npos)
            return false;
    }
    *id = ToUuid(DirectFunctionCall1(uuid_in, CStringGetDatum(CString(text))));
    return true;
}

const JsonbValue *
ValueAt(JsonbContainer *object, std::string_view key) {
    return getKeyJsonValueFromContainer(object, key.data(), static_cast<int>(key.size()), nullptr);
}

std::string_view
TextOf(const JsonbValue *value) {
    return value != nullptr && value->type == jbvString
               ? std::string_view(value->val.string.val, static_cast<size_t>(value->val.string.len))
               : std::string_view();
}

// The id that a JWT of Laurel's names where it says jti; what it says is compared later.
bool
IdOfJwt(std::string_view jwt, Uuid *id) {
    constexpr std::string_view kClaim = "\"jti\": \"";
    const std::string_view payload = JwtPayload(jwt);
    const size_t at = payload.find(kClaim);
    return at != std::string_view::npos &&
           ReadUrn(payload.substr(at + kClaim.size()).substr(0, kUrn.size() + kUuidText), id);
}

bool
ReadIssued(const Uuid &id, Issued *issued) {
    if (read_issued.Run(Access::Read, FromUuid(id)) == 0)
        return false;
    Row row;
    bool is_null;
    issued->id = id;
    issued->key_id = ToText(row.Next());
    issued->revoked = DatumGetTimestampTz(row.Next(&is_null));
    issued->is_revoked = !is_null;
    const Datum reason = row.Next(&is_null);
    issued->reason = is_null ? std::string_view() : ToText(reason);
    const Datum document = row.Next(&is_null);
    issued->is_there = !is_null;
    issued->document = is_null ? nullptr : DatumGetJsonbP(document);
    const Datum jwt = row.Next(&is_null);
    issued->jwt = is_null ? std::string_view() : ToText(jwt);
    return true;
}

TimestampTz
MomentAt(Jsonb *document, std::string_view key, bool *is_there) {
    const std::string_view text = TextOf(ValueAt(&document->root, key));
    *is_there = !text.empty();
    if (text.empty())
        return 0;
    return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(CString(text)),
                                                   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

// Of a credential that is what was issued.
Finding
Judge(const Issued &issued) {
    Finding finding = {"valid", nullptr, &issued, issued.is_there};
    if (issued.is_revoked) {
        finding.status = "revoked";
        finding.reason = psprintf("It was revoked: %s.", CString(issued.reason));
        return finding;
    }
    bool ends;
    const TimestampTz until = MomentAt(issued.document, "validUntil", &ends);
    if (ends && until <= GetCurrentTimestamp()) {
        finding.status = "expired";
        finding.reason = psprintf("It ended on %s.", SecondsText(until));
    }
    return finding;
}

Finding
Tampered(const Issued &issued, const char *reason) {
    return {"tampered", reason, &issued};
}

// The first member of either object that is not the same in the other; empty where they are equal.
std::string_view
FirstDifference(Jsonb *shown, Jsonb *issued) {
    for (Jsonb *one : {issued, shown}) {
        Jsonb *other = one == issued ? shown : issued;
        JsonbIterator *iterator = JsonbIteratorInit(&one->root);
        JsonbValue key, value;
        for (JsonbIteratorToken token; (token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE;) {
            if (token != WJB_KEY)
                continue;
            JsonbIteratorNext(&iterator, &value, true);
            JsonbValue *same =
                getKeyJsonValueFromContainer(&other->root, key.val.string.val, key.val.string.len, nullptr);
            if (same == nullptr ||
                compareJsonbContainers(&JsonbValueToJsonb(same)->root, &JsonbValueToJsonb(&value)->root) != 0)
                return TextOf(&key);
        }
    }
    return {};
}

Finding
VerifyDocument(Jsonb *shown, const Issued &issued) {
    if (!issued.is_there)
        return Judge(issued);
    const std::string_view other = FirstDifference(shown, issued.document);
    if (!other.empty())
        return Tampered(issued, psprintf("It does not say what was issued: %s.", CString(other)));
    if (!ProofHolds(issued.document, issued.key_id))
        return Tampered(issued, "Its signature is not by the key that it names.");
    return Judge(issued);
}

Finding
VerifyJwt(std::string_view shown, const Issued &issued) {
    if (!issued.is_there)
        return Judge(issued);
    if (shown != issued.jwt)
        return Tampered(issued, "It does not say what was issued.");
    if (!JwtHolds(issued.jwt, issued.key_id))
        return Tampered(issued, "Its signature is not by the key that it names.");
    return Judge(issued);
}

Finding
Verify(Jsonb *shown, Issued *issued) {
    constexpr Finding kUnknown = {"unknown", "It is no credential of this database."};
    Uuid id;
    if (JB_ROOT_IS_OBJECT(shown))
        return ReadUrn(TextOf(ValueAt(&shown->root, "id")), &id) && ReadIssued(id, issued)
                   ? VerifyDocument(shown, *issued)
                   : kUnknown;
    JsonbValue jwt;
    return JsonbExtractScalar(&shown->root, &jwt) && IdOfJwt(TextOf(&jwt), &id) && ReadIssued(id, issued)
               ? VerifyJwt(TextOf(&jwt), *issued)
               : kUnknown;
}

// A text of the result, or null where it is not told.
class VerificationRow {
public:
    void Text(const char *text) {
        Add({text == nullptr ? Datum(0) : CStringGetTextDatum(text), text == nullptr});
    }
    void Text(std::string_view text) { Add({text.empty() ? Datum(0) : FromText(text), text.empty()}); }
    void Add(Nullable value) {
        values_[count_] = value.value;
        nulls_[count_++] = value.is_null;
    }

    Datum Result(FunctionCallInfo fcinfo) const {
        return SPI_datumTransfer(ResultRow(fcinfo, values_, nulls_), false, -1);
    }

private:
    Datum values_[9] = {};
    bool nulls_[9] = {};
    int count_ = 0;
};

Datum
RowOf(FunctionCallInfo fcinfo, const Finding &finding) {
    VerificationRow row;
    row.Text(finding.status);
    row.Text(finding.reason);
    row.Add(UuidOrNull(finding.issued == nullptr ? nullptr : &finding.issued->id));
    if (!finding.is_genuine) {
        for (int i = 0; i < 5; i++)
            row.Add({});
    } else {
        Jsonb *document = finding.issued->document;
        const JsonbValue *issuer = ValueAt(&document->root, "issuer");
        const bool has_issuer = issuer != nullptr && issuer->type == jbvBinary;
        row.Text(has_issuer ? TextOf(ValueAt(issuer->val.binary.data, "id")) : std::string_view());
        row.Text(has_issuer ? TextOf(ValueAt(issuer->val.binary.data, "name")) : std::string_view());
        row.Text(TextOf(ValueAt(&document->root, "name")));
        for (const std::string_view key : {"validFrom", "validUntil"}) {
            bool is_there;
            const TimestampTz moment = MomentAt(document, key, &is_there);
            row.Add({TimestampTzGetDatum(moment), !is_there});
        }
    }
    const bool is_revoked =
        finding.issued != nullptr && finding.issued->is_revoked && finding.status[0] == 'r';
    row.Add({is_revoked ? TimestampTzGetDatum(finding.issued->revoked) : Datum(0), !is_revoked});
    return row.Result(fcinfo);
}

} // namespace

// laurel.verify_credential(credential)
LAUREL_FUNCTION(laurel_verify_credential) {
    const Datum shown = Required(fcinfo, 0, "credential");
    if (const char *fault = TooMuch(shown))
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "that is too much for a credential",
                .detail = fault});
    const AsOwner owner(OwnerOf(TableOid("credentials")));
    const SpiConnection spi;
    Issued issued = {};
    return RowOf(fcinfo, Verify(DatumGetJsonbP(shown), &issued));
}

// laurel.credential_status(credential_id)
LAUREL_FUNCTION(laurel_credential_status) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "credential_id"));
    const AsOwner owner(OwnerOf(TableOid("credentials")));
    const SpiConnection spi;
    Issued issued = {};
    if (!ReadIssued(id, &issued))
        return RowOf(fcinfo, {"unknown", "It is no credential of this database."});
    return RowOf(fcinfo, issued.is_there ? VerifyDocument(issued.document, issued) : Judge(issued));
}

} // namespace laurel::credentials
