#include "deliveries/letters.h"

#include "deliveries/bounces.h"
#include "deliveries/email.h"
#include "deliveries/links.h"
#include "deliveries/wake.h"
#include "notifications/channels.h"
#include "postgres/jsonb_object.h"
#include "postgres/local_time.h"
#include "postgres/spi.h"
#include "postgres/token.h"

namespace laurel::deliveries {

using notifications::kChannelNames;
using notifications::kEmail;
using notifications::TemplateFields;

namespace {

// So many letters go to one address in a day, whoever sends them; more wait.
constexpr int kMostLetters = 10;
constexpr TimestampTz kTryAgain = USECS_PER_HOUR;
constexpr TimestampTz kTryAgainSoon = USECS_PER_MINUTE;

Statement insert_letter(R"(INSERT INTO laurel.notification_deliveries
        (organization_id, letter_id, channel, priority, due_at) VALUES ($1, $2, 'email', 1, pg_catalog.clock_timestamp()))",
                        UUIDOID, UUIDOID);

// An invitation, or a one-time token for a new address, that still wants an answer. Null: nobody has the id
// that was invited. An invitation is in no language of its reader: which link was followed would tell.
Statement read_letter =
    Statement(
        R"(SELECT 'invitation', coalesce(i.email, u.email), NULL, i.expires_at, pg_catalog.array_to_string(i.roles, ', '),
        i.status = 'pending' AND i.expires_at > $2 AND (i.user_id IS NULL OR u.is_active)
        FROM ONLY laurel.invitations i LEFT JOIN ONLY laurel.users u ON u.id = i.user_id WHERE i.id = $1
        UNION ALL SELECT t.purpose, t.email, p.language, t.expires_at, NULL, t.used_at IS NULL AND t.expires_at > $2
        FROM ONLY laurel.one_time_tokens t LEFT JOIN ONLY laurel.user_preferences p ON p.user_id = t.user_id
        WHERE t.id = $1 AND t.purpose = 'email_change')",
        UUIDOID, TIMESTAMPTZOID)
        .Returns(TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID, BOOLOID);

Statement count_letters = Statement("SELECT pg_catalog.count(*) FROM ONLY laurel_internal.letters_sent WHERE "
                                    "mailbox = $1 AND sent_at > $2 - interval '1 day'",
                                    BYTEAOID, TIMESTAMPTZOID)
                              .Returns(INT8OID);

Statement note_letter("INSERT INTO laurel_internal.letters_sent (mailbox, sent_at) VALUES ($1, $2)", BYTEAOID,
                      TIMESTAMPTZOID);

Statement
    forget_letters("DELETE FROM ONLY laurel_internal.letters_sent WHERE sent_at < $1 - interval '1 day'",
                   TIMESTAMPTZOID);

Statement lock_invitation("SELECT FROM ONLY laurel.invitations WHERE id = $1 FOR UPDATE SKIP LOCKED",
                          UUIDOID);

Statement lock_code("SELECT FROM ONLY laurel.one_time_tokens WHERE id = $1 FOR UPDATE SKIP LOCKED", UUIDOID);

Statement keep_invitation("UPDATE ONLY laurel.invitations SET token_hash = $2 WHERE id = $1", UUIDOID,
                          BYTEAOID);

Statement keep_code("UPDATE ONLY laurel.one_time_tokens SET token_hash = $2 WHERE id = $1", UUIDOID,
                    BYTEAOID);

struct Letter {
    bool is_invitation;
    std::string_view type, address, language, roles;
    TimestampTz expires_at;
};

std::string_view
NextText(Row *row) {
    bool is_null;
    const Datum text = row->Next(&is_null);
    return is_null ? std::string_view() : ToText(text);
}

// False where nobody waits for it any more.
bool
Read(const Uuid &id, TimestampTz now, Letter *letter) {
    const Datum values[] = {FromUuid(id), TimestampTzGetDatum(now)};
    if (read_letter.Run(Access::Write, values) == 0)
        return false;
    Row row;
    letter->type = NextText(&row);
    letter->is_invitation = letter->type == "invitation";
    letter->address = NextText(&row);
    letter->language = NextText(&row);
    letter->expires_at = DatumGetTimestampTz(row.Next());
    letter->roles = NextText(&row);
    bool unknown;
    const bool is_open = DatumGetBool(row.Next(&unknown));
    return !unknown && is_open && !letter->address.empty();
}

bool
HasEnough(Datum mailbox, TimestampTz now) {
    const Datum values[] = {mailbox, TimestampTzGetDatum(now)};
    count_letters.Run(Access::Write, values);
    return DatumGetInt64(Field(0, 1)) >= kMostLetters;
}

// Keeps what the letter is about as it is read from now on, so that a token goes to the address for which it
// holds. False where it is gone, or somebody is changing it, who keeps no claim waiting.
bool
Lock(const Uuid &id) {
    return lock_invitation.Run(Access::Write, {FromUuid(id)}) > 0 ||
           lock_code.Run(Access::Write, {FromUuid(id)}) > 0;
}

// Lets the token hold; those of earlier letters are void.
void
Keep(const Uuid &id, const Letter &letter, const Token &token, Datum mailbox, TimestampTz now) {
    (letter.is_invitation ? keep_invitation : keep_code).Write({FromUuid(id), TokenHash(token.View())});
    forget_letters.Run(Access::Write, {TimestampTzGetDatum(now)});
    note_letter.Write({mailbox, TimestampTzGetDatum(now)});
}

const char *
TitleOf(const Letter &letter, std::string_view organization) {
    return letter.is_invitation ? psprintf("Invitation to %s", CString(organization))
                                : "Confirm your e-mail address";
}

// Until when it holds, with the zone whose clock says so: the reader need not live there.
const char *
Until(const Letter &letter, std::string_view zone) {
    const std::string_view name = zone.empty() ? "UTC" : zone;
    return psprintf("%s (%s)", CString(LocalText(letter.expires_at, name, letter.language)), CString(name));
}

const char *
TextOf(const Letter &letter, const char *until, std::string_view token, bool has_link) {
    if (!letter.is_invitation)
        return psprintf(
            "With this code your account gets this address, until %s:\n\n%s\n\nIf you did not ask for it, "
            "leave this mail alone.",
            until, CString(token));
    if (has_link)
        return psprintf("You can accept or decline until %s.", until);
    return psprintf("You can accept or decline until %s with this code:\n\n%s", until, CString(token));
}

// Where the answer is given; empty where nobody knows the application's address: the token alone is told
// then.
std::string_view
InvitationLink(std::string_view token, const Jsonb *settings) {
    const std::string_view link = OutsideLink(psprintf("/invitations/%s", CString(token)), settings);
    return IsAbsolute(link) ? link : std::string_view();
}

// What templates may use of it. A code for an address is shown by shared templates only, so that nobody has
// it sent elsewhere.
TemplateFields
FieldsOf(const Leased &delivery, const Letter &letter, std::string_view token) {
    TemplateFields fields;
    fields.type = letter.type;
    fields.organization = delivery.Text(Leased::OrganizationName);
    if (letter.is_invitation)
        fields.link = InvitationLink(token, delivery.Object(Leased::Settings));
    fields.title = TitleOf(letter, fields.organization);
    const char *until = Until(letter, delivery.Text(Leased::TimeZone));
    fields.message = TextOf(letter, until, token, !fields.link.empty());
    JsonbObject data;
    data.Text("token", token).Text("expires_at", until);
    if (letter.is_invitation)
        data.Text("roles", letter.roles);
    fields.data = data.Finish();
    return fields;
}

} // namespace

void
SendLetter(const Uuid &organization, const Uuid &letter) {
    const Datum values[] = {FromUuid(organization), FromUuid(letter)};
    insert_letter.Write(values);
    WakeWorkers();
}

Message
LetterMessage(const Leased &delivery, TimestampTz now, notifications::Templates *templates) {
    const Uuid id = ToUuid(delivery.values[Leased::Letter]);
    const bool is_locked = Lock(id);
    Letter letter = {};
    if (!Read(id, now, &letter))
        return {.cancelled = "nobody waits for the letter"};
    if (!is_locked)
        return {.waits_until = now + kTryAgainSoon, .waits = "what the letter is about is being changed"};
    if (IsSuppressed(ToUuid(delivery.values[Leased::Organization]), letter.address))
        return {.cancelled = kSuppressed};
    const Datum mailbox = TokenHash(letter.address);
    if (HasEnough(mailbox, now))
        return {.waits_until = now + kTryAgain, .waits = "the address has got many letters today"};
    const Token token = MakeToken();
    const TemplateFields fields = FieldsOf(delivery, letter, token.View());
    const Uuid of = letter.is_invitation ? ToUuid(delivery.values[Leased::Organization]) : Uuid{};
    const Message message = EmailFor({of, kChannelNames[kEmail], letter.type, letter.language},
                                     letter.address, fields, EmailKind::Letter, templates);
    if (message.json != nullptr)
        Keep(id, letter, token, mailbox, now);
    return message;
}

} // namespace laurel::deliveries
