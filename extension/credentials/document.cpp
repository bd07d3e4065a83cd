#include "credentials/document.h"

#include "postgres/error.h"
#include "postgres/hash.h"
#include "postgres/jsonb_object.h"
#include "postgres/token.h"

namespace laurel::credentials {

namespace {

// An identity that was linked to another person since is the other's.
Statement read_award = Statement(R"(SELECT b.id, a.awarded_date, coalesce(a.valid_until, 'infinity'),
        EXISTS (SELECT FROM ONLY laurel.erasures e WHERE e.user_id = a.user_id AND e.erased_at >= a.created_at
            AND (e.organization_id = a.organization_id OR e.everywhere)),
        b.badge_name, coalesce(b.description, b.badge_name), b.criteria_narrative, b.icon, a.evidence,
        a.evidence_url, u.email, (SELECT i.subject FROM ONLY laurel.user_identities i
            WHERE i.user_id = a.user_id AND i.organization_id = a.organization_id
            AND i.subject ~ '^did:[a-z0-9]+:[A-Za-z0-9._:%-]+$' ORDER BY i.created_at, i.id LIMIT 1)
        FROM ONLY laurel.badge_awards a
        JOIN ONLY laurel.badges b ON b.organization_id = a.organization_id AND b.id = a.badge_id
        JOIN ONLY laurel.users u ON u.id = a.user_id WHERE a.id = $1)",
                                 UUIDOID)
                           .Returns(UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID, TEXTOID, TEXTOID,
                                    TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID);

[[noreturn]] void
RefuseFacts(const char *message, const char *hint, const char *table, const char *constraint) {
    Refuse({.message = message, .hint = hint, .table = table, .constraint = constraint});
}

bool
IsAddress(std::string_view text) {
    return text.starts_with("https://") && IsPlainIri(text);
}

Jsonb *
ImageOf(std::string_view address) {
    return JsonbObject().Text("id", address).Text("type", "Image").Finish();
}

// Who knows the address of the holder finds him by it; others do not learn it.
Jsonb *
HashedAddress(std::string_view email) {
    const Token salt = MakeToken();
    const kernel::Digest digest = Sha256Of({email, salt.View()});
    StringInfoData hash;
    initStringInfo(&hash);
    appendStringInfoString(&hash, "sha256$");
    for (const unsigned char byte : digest.bytes)
        appendStringInfo(&hash, "%02x", byte);
    return JsonbObject()
        .Text("type", "IdentityObject")
        .Bool("hashed", true)
        .Text("identityHash", hash.data)
        .Text("identityType", "emailAddress")
        .Text("salt", CString(salt.View()))
        .Finish();
}

Jsonb *
AchievementOf(const AwardFacts &facts) {
    constexpr std::string_view types[] = {"Achievement"};
    JsonbObject achievement;
    achievement.Text("id", psprintf("urn:uuid:%s", UuidText(facts.badge)))
        .Texts("type", types, 1)
        .Text("name", facts.badge_name)
        .Text("description", facts.description)
        .Nested("criteria", JsonbObject().Text("narrative", facts.criteria).Finish());
    if (IsAddress(facts.icon))
        achievement.Nested("image", ImageOf(facts.icon));
    return achievement.Finish();
}

Jsonb *
SubjectOf(const Uuid &user, const AwardFacts &facts, Recipient recipient) {
    constexpr std::string_view types[] = {"AchievementSubject"};
    JsonbObject subject;
    subject.Texts("type", types, 1);
    if (const char *id = SubjectId(user, facts, recipient))
        subject.Text("id", id);
    else
        subject.Nested("identifier", ArrayOf(HashedAddress(facts.email)));
    return subject.Nested("achievement", AchievementOf(facts)).Finish();
}

Jsonb *
EvidenceOf(const AwardFacts &facts) {
    constexpr std::string_view types[] = {"Evidence"};
    JsonbObject evidence;
    evidence.Texts("type", types, 1);
    if (!facts.evidence_url.empty())
        evidence.Text("id", facts.evidence_url);
    if (!facts.evidence.empty())
        evidence.Text("narrative", facts.evidence);
    return ArrayOf(evidence.Finish());
}

Jsonb *
StatusOf(const Issuer &issuer, const StatusPlace &place) {
    const char *list = StatusListAddress(issuer, place.list_no);
    return JsonbObject()
        .Text("id", psprintf("%s#%d", list, place.index))
        .Text("type", "BitstringStatusListEntry")
        .Text("statusPurpose", "revocation")
        .Text("statusListIndex", psprintf("%d", place.index))
        .Text("statusListCredential", list)
        .Finish();
}

} // namespace

bool
ReadAward(const Uuid &award, AwardFacts *facts) {
    if (read_award.Run(Access::Write, FromUuid(award)) == 0)
        return false;
    Row row;
    facts->badge = ToUuid(row.Next());
    facts->awarded = DatumGetTimestampTz(row.Next());
    facts->until = DatumGetTimestampTz(row.Next());
    facts->is_erased = DatumGetBool(row.Next());
    for (std::string_view *text : {&facts->badge_name, &facts->description, &facts->criteria, &facts->icon,
                                   &facts->evidence, &facts->evidence_url, &facts->email, &facts->did}) {
        bool is_null;
        const Datum value = row.Next(&is_null);
        *text = is_null ? std::string_view() : PlainText(ToText(value));
    }
    return true;
}

void
RequireCredible(const AwardFacts &facts, const Issuer &issuer) {
    if (facts.is_erased)
        RefuseFacts("the holder of the award was erased",
                    "No credential is issued about who asked to be forgotten.", "credentials",
                    "credentials_holder_check");
    if (facts.criteria.empty())
        RefuseFacts("the badge does not say what earns it",
                    "Write that into badges.criteria_narrative: a credential has to say it.", "badges",
                    "badges_criteria_narrative_check");
    if (facts.until <= GetCurrentTimestamp())
        RefuseFacts("the award has ended",
                    "Its badge_awards.valid_until is past: move it, or award the badge anew.", "badge_awards",
                    "badge_awards_valid_until_check");
    if (issuer.recipient == Recipient::Did && facts.did.empty())
        RefuseFacts("the holder of the award has no DID",
                    "Link one in laurel.user_identities as the subject, or name holders otherwise: "
                    "credential_issuers.recipient.",
                    "credentials", "credentials_holder_check");
}

const char *
SubjectId(const Uuid &user, const AwardFacts &facts, Recipient recipient) {
    switch (recipient) {
    case Recipient::Did:
        return CString(facts.did);
    case Recipient::Urn:
        return psprintf("urn:uuid:%s", UuidText(user));
    default:
        return nullptr;
    }
}

Jsonb *
CredentialDocument(const char *id, const Uuid &user, const AwardFacts &facts, const Issuer &issuer,
                   const StatusPlace &place) {
    constexpr std::string_view contexts[] = {"https://www.w3.org/ns/credentials/v2",
                                             "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"};
    constexpr std::string_view types[] = {"VerifiableCredential", "OpenBadgeCredential"};
    JsonbObject document;
    document.Texts("@context", contexts, 2)
        .Text("id", id)
        .Texts("type", types, 2)
        .Text("name", facts.badge_name)
        .Nested("issuer", ProfileOf(issuer))
        .Text("validFrom", SecondsText(facts.awarded))
        .Nested("credentialSubject", SubjectOf(user, facts, issuer.recipient))
        .Nested("credentialStatus", StatusOf(issuer, place));
    if (!TIMESTAMP_NOT_FINITE(facts.until))
        document.Text("validUntil", SecondsText(facts.until));
    if (!facts.evidence.empty() || !facts.evidence_url.empty())
        document.Nested("evidence", EvidenceOf(facts));
    return document.Finish();
}

} // namespace laurel::credentials
