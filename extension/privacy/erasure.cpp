#include "privacy/erasure.h"

#include "guards/derived_write.h"
#include "postgres/array.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"
#include "privacy/accounts.h"
#include "retention/legal_holds.h"

extern "C" {
#include "utils/datum.h"
}

namespace laurel::privacy {

namespace {

// Whoever writes about the person meanwhile holds one of these rows, and is waited for.
Statement lock_person("SELECT FROM ONLY laurel.users WHERE id = $1 FOR UPDATE", UUIDOID);
Statement lock_memberships(R"(SELECT FROM ONLY laurel.user_organizations
        WHERE user_id = $1 AND ($2 IS NULL OR organization_id = $2) ORDER BY organization_id FOR UPDATE)",
                           UUIDOID, UUIDOID);

Statement belongs_elsewhere(R"(SELECT FROM ONLY laurel.user_organizations
        WHERE user_id = $1 AND organization_id <> $2 LIMIT 1)",
                            UUIDOID, UUIDOID);

// Where the person belongs, or belonged.
Statement places_of_person = Statement(R"(SELECT organization_id FROM ONLY laurel.user_organizations
        WHERE user_id = $1 AND ($2 IS NULL OR organization_id = $2)
        UNION SELECT organization_id FROM ONLY laurel_internal.departed_accounts
        WHERE user_id = $1 AND ($2 IS NULL OR organization_id = $2) ORDER BY 1)",
                                       UUIDOID, UUIDOID)
                                 .Returns(UUIDOID);

Statement names_of_person =
    Statement("SELECT addresses, anywhere, words, glance FROM laurel_internal.names_of($1)", UUIDOID)
        .Returns(TEXTARRAYOID, TEXTOID, TEXTOID, TEXTOID);

Statement steps_to_take = Statement(R"(SELECT table_name::pg_catalog.oid, step, left_over
        FROM laurel_internal.erasure_steps() WITH ORDINALITY s (table_name, everywhere, looking, step, left_over, place)
        WHERE ($1 OR NOT everywhere) AND looking = $2 ORDER BY place)",
                                    BOOLOID, BOOLOID)
                              .Returns(OIDOID, TEXTOID, TEXTOID);

Statement erase_words("SELECT FROM laurel_internal.erase_entry_words($1, $2)", UUIDOID, UUIDOID);

Statement
    end_membership("DELETE FROM ONLY laurel.user_organizations WHERE organization_id = $1 AND user_id = $2",
                   UUIDOID, UUIDOID);

Statement home_of_person =
    Statement("SELECT organization_id FROM ONLY laurel.users WHERE id = $1", UUIDOID).Returns(UUIDOID);

Statement
    register_erasure("INSERT INTO laurel.erasures (organization_id, user_id, everywhere) VALUES ($1, $2, $3)",
                     UUIDOID, UUIDOID, BOOLOID);

Statement is_registered(R"(SELECT FROM ONLY laurel.erasures
        WHERE organization_id = $1 AND user_id = $2 AND everywhere = $3 AND erased_at >= pg_catalog.now())",
                        UUIDOID, UUIDOID, BOOLOID);

Statement note_processing(R"(SELECT FROM laurel_internal.log_processing('erasure',
        CASE WHEN $3 THEN 'all data were erased' ELSE 'what the organization had was erased' END, $1, $2, NULL, NULL, NULL))",
                          UUIDOID, UUIDOID, BOOLOID);

// A statement of one rule, and what finds what it has left.
struct Step {
    Oid table;
    const char *sql;
    const char *left_over;
};

// Who is erased, and how the person is found.
struct Erased {
    Uuid user;
    const Uuid *organization; // null: everywhere
    Uuid home;                // where it is registered
    bool is_there;
    Uuid *places;
    uint64 place_count;
    Datum addresses, anywhere, words;
    Nullable glance; // null: there is no name to look for

    bool Knows(const Uuid &place) const {
        return !glance.is_null && std::find(places, places + place_count, place) != places + place_count;
    }
};

void
RequireLastingSnapshot() {
    if (IsolationUsesXactSnapshot())
        Refuse({.sqlstate = kConflict,
                .message = "people are erased in READ COMMITTED only",
                .detail = "A snapshot older than its locks could overlook a legal hold, or a row.",
                .hint = "SET default_transaction_isolation = 'read committed' and call again."});
}

void
FindPlaces(Erased *erased) {
    erased->place_count =
        places_of_person.Run(Access::Write, {FromUuid(erased->user), UuidOrNull(erased->organization)});
    erased->places = NewList<Uuid>(erased->place_count);
    for (uint64 i = 0; i < erased->place_count; i++)
        erased->places[i] = ToUuid(Field(i, 1));
}

void
RequireNoHold(const Erased &erased) {
    const Datum user = FromUuid(erased.user);
    if (erased.organization == nullptr)
        retention::RequireNotHeld({.what = "user", .table = "users", .organization = {}, .user = user});
    for (uint64 i = 0; i < erased.place_count; i++)
        retention::RequireNotHeld({.what = "member",
                                   .table = "user_organizations",
                                   .organization = FromUuid(erased.places[i]),
                                   .user = user});
}

void
FindNames(Erased *erased) {
    names_of_person.Run(Access::Write, FromUuid(erased->user));
    const auto copy = [](int column) { return datumCopy(Field(0, column), false, -1); };
    erased->addresses = copy(1);
    erased->anywhere = copy(2);
    erased->words = copy(3);
    bool nameless;
    (void)Field(0, 4, &nameless);
    if (!nameless)
        erased->glance = copy(4);
}

Statement
WithParameters(const char *sql) {
    return Statement(sql, UUIDOID, UUIDOID, TEXTARRAYOID, TEXTOID, TEXTOID, UUIDARRAYOID, TEXTOID);
}

// Refuses what triggers of the application have kept.
void
RequireNothingLeft(const Step &step, const Parameters &values) {
    const char *schema = get_namespace_name(get_rel_namespace(step.table));
    const char *name = get_rel_name(step.table);
    if (!RowsMayChange(name, TriggerSpec::Update, schema) &&
        !RowsMayChange(name, TriggerSpec::Delete, schema))
        return;
    if (WithParameters(step.left_over).RunOnce(Access::Write, values) > 0)
        RefuseDropped(step.table,
                      psprintf("a trigger kept what was to be erased of %s", QualifiedName(step.table)));
}

// Takes the steps for one person, or those that look through texts.
void
TakeSteps(bool everywhere, bool looking, const Parameters &values) {
    const uint64 count = steps_to_take.Run(Access::Write, {BoolGetDatum(everywhere), BoolGetDatum(looking)});
    auto *steps = NewList<Step>(count);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        const Oid table = DatumGetObjectId(row.Next());
        const char *sql = CString(ToText(row.Next()));
        steps[i] = {table, sql, CString(ToText(row.Next()))};
    }
    for (uint64 i = 0; i < count; i++) {
        // An application's table may be another's, whose rows go as they would go along with the member.
        const AsOwner owner(OwnerOf(steps[i].table));
        const CatalogPath path(CatalogPath::Force);
        {
            const guards::DerivedWrite writing({steps[i].table});
            WithParameters(steps[i].sql).RunOnce(Access::Write, values);
        }
        RequireNothingLeft(steps[i], values);
    }
}

// Names of several people as one pattern.
class Pattern {
public:
    Pattern() { initStringInfo(&text_); }
    void Add(Datum pattern) {
        const std::string_view one = ToText(pattern);
        appendStringInfo(&text_, "%s%.*s", text_.len == 0 ? "" : "|", static_cast<int>(one.size()),
                         one.data());
    }
    bool IsEmpty() const { return text_.len == 0; }
    Datum Text() const { return FromText({text_.data, static_cast<size_t>(text_.len)}); }

private:
    StringInfoData text_;
};

// Takes the names of all who belong or belonged to an organization out of its texts, which are read once.
void
LookThrough(const Uuid &place, const Erased *people, uint64 count) {
    Pattern anywhere, words, glance;
    for (const Erased *person = people; person < people + count; person++) {
        if (!person->Knows(place))
            continue;
        anywhere.Add(person->anywhere);
        words.Add(person->words);
        glance.Add(person->glance.value);
    }
    if (glance.IsEmpty())
        return;
    Datum only = FromUuid(place);
    TakeSteps(true, true,
              {FromUuid(people->user),
               {},
               people->addresses,
               anywhere.Text(),
               words.Text(),
               ArrayOf(&only, 1, UUIDOID),
               glance.Text()});
}

// The organizations of all of them, each once.
uint64
PlacesOf(const Erased *people, uint64 count, Uuid **places) {
    uint64 all = 0;
    for (uint64 i = 0; i < count; i++)
        all += people[i].place_count;
    *places = NewList<Uuid>(all);
    Uuid *end = *places;
    for (uint64 i = 0; i < count; i++)
        end = std::copy(people[i].places, people[i].places + people[i].place_count, end);
    std::sort(*places, end);
    return static_cast<uint64>(std::unique(*places, end) - *places);
}

void
Register(const Erased &erased) {
    const Parameters line = {FromUuid(erased.home), FromUuid(erased.user),
                             BoolGetDatum(erased.organization == nullptr)};
    register_erasure.Run(Access::Write, line);
    if (is_registered.Run(Access::Write, line) == 0)
        RefuseDropped(TableOid("erasures"), "a trigger kept out of the register who was erased");
    note_processing.Run(Access::Write, line);
}

// Locks who is erased, and finds where the person is and how.
void
Begin(const Person &person, bool late, Erased *erased) {
    *erased = {person.user, person.organization, {}, false, nullptr, 0, 0, 0, 0, {}};
    const Datum user = FromUuid(person.user);
    lock_person.Run(Access::Write, user);
    lock_memberships.Run(Access::Write, {user, UuidOrNull(person.organization)});
    // What one organization has is everything once there is no other.
    if (!late && person.organization != nullptr &&
        belongs_elsewhere.Run(Access::Write, {user, FromUuid(*person.organization)}) == 0)
        erased->organization = nullptr;
    FindPlaces(erased);
    RequireNoHold(*erased);
    FindNames(erased);
    erased->is_there = home_of_person.Run(Access::Write, user) > 0;
    if (erased->is_there)
        erased->home = erased->organization != nullptr ? *erased->organization : ToUuid(Field(0, 1));
}

// Takes rows and words that are one account's.
void
EraseAccount(const Erased &erased) {
    for (uint64 i = 0; i < erased.place_count; i++)
        erase_words.Run(Access::Write, {FromUuid(erased.places[i]), FromUuid(erased.user)});
    TakeSteps(erased.organization == nullptr, false,
              {FromUuid(erased.user),
               UuidOrNull(erased.organization),
               erased.addresses,
               erased.anywhere,
               erased.words,
               PointerGetDatum(construct_empty_array(UUIDOID)),
               {}});
}

// Takes what is the person's, also of accounts that became part of this one.
void
EraseRows(const Erased &erased) {
    const Accounts accounts = AccountsOf(erased.user, Access::Write);
    EraseAccount(erased);
    for (uint64 i = 1; i < accounts.count; i++) {
        Erased merged = erased;
        merged.user = accounts.ids[i];
        FindPlaces(&merged);
        EraseAccount(merged);
    }
}

// A backup may bring back an account that was merged since: it is the same person.
void
RegisterMerged(const Erased &erased) {
    const Accounts accounts = AccountsOf(erased.user, Access::Write);
    for (uint64 i = 1; i < accounts.count; i++)
        register_erasure.Run(Access::Write, {FromUuid(erased.home), FromUuid(accounts.ids[i]),
                                             BoolGetDatum(erased.organization == nullptr)});
}

// Ends what is over, and notes who is gone.
void
Finish(const Erased &erased) {
    if (erased.organization != nullptr &&
        end_membership.Run(Access::Write, {FromUuid(*erased.organization), FromUuid(erased.user)}) == 0)
        RefuseDropped(TableOid("user_organizations"), "a trigger kept a membership that was to end");
    if (!erased.is_there)
        return;
    Register(erased);
    RegisterMerged(erased);
}

} // namespace

void
Erase(const Person *people, uint64 count, bool late) {
    RequireLastingSnapshot();
    auto *erased = NewList<Erased>(count);
    for (uint64 i = 0; i < count; i++)
        Begin(people[i], late, &erased[i]);
    for (uint64 i = 0; i < count; i++)
        EraseRows(erased[i]);
    Uuid *places;
    const uint64 place_count = PlacesOf(erased, count, &places);
    for (uint64 i = 0; i < place_count; i++)
        LookThrough(places[i], erased, count);
    for (uint64 i = 0; i < count && !late; i++)
        Finish(erased[i]);
}

} // namespace laurel::privacy
