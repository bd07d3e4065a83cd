#include "privacy/erasure.h"

#include "guards/derived_write.h"
#include "postgres/array.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"
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
        WHERE ($1 OR NOT everywhere) AND ($2 OR NOT looking) ORDER BY place)",
                                    BOOLOID, BOOLOID)
                              .Returns(OIDOID, TEXTOID, TEXTOID);

Statement erase_words("SELECT FROM laurel_internal.erase_entry_words($1, $2)", UUIDOID, UUIDOID);

Statement
    end_membership("DELETE FROM ONLY laurel.user_organizations WHERE organization_id = $1 AND user_id = $2",
                   UUIDOID, UUIDOID);

Statement home_of_person =
    Statement("SELECT organization_id FROM ONLY laurel.users WHERE id = $1", UUIDOID).Returns(UUIDOID);

Statement
    register_erasure(R"(INSERT INTO laurel.erasures (organization_id, user_id, everywhere) VALUES ($1, $2, $3)
        ON CONFLICT (organization_id, user_id, everywhere) DO NOTHING)",
                     UUIDOID, UUIDOID, BOOLOID);

Statement is_registered(R"(SELECT FROM ONLY laurel.erasures
        WHERE organization_id = $1 AND user_id = $2 AND everywhere = $3)",
                        UUIDOID, UUIDOID, BOOLOID);

// A statement of one rule, and what finds what it has left.
struct Step {
    Oid table;
    const char *sql;
    const char *left_over;
};

// Who is erased, and how the person is found: the parameters of laurel_internal.erasure_steps().
struct Erased {
    Uuid user;
    const Uuid *organization; // null: everywhere
    Uuid *places;
    uint64 place_count;
    Datum addresses, anywhere, words;
    Nullable glance; // null: there is no name to look for

    Parameters Values() const {
        auto *values = NewList<Datum>(place_count);
        for (uint64 i = 0; i < place_count; i++)
            values[i] = FromUuid(places[i]);
        return {FromUuid(user), UuidOrNull(organization),
                addresses,      anywhere,
                words,          ArrayOf(values, static_cast<int>(place_count), UUIDOID),
                glance};
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

void
TakeSteps(const Erased &erased) {
    const uint64 count = steps_to_take.Run(
        Access::Write, {BoolGetDatum(erased.organization == nullptr), BoolGetDatum(!erased.glance.is_null)});
    auto *steps = NewList<Step>(count);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        const Oid table = DatumGetObjectId(row.Next());
        const char *sql = CString(ToText(row.Next()));
        steps[i] = {table, sql, CString(ToText(row.Next()))};
    }
    const Parameters values = erased.Values();
    for (uint64 i = 0; i < count; i++) {
        const CatalogPath path(CatalogPath::Force);
        {
            const guards::DerivedWrite writing({steps[i].table});
            WithParameters(steps[i].sql).RunOnce(Access::Write, values);
        }
        RequireNothingLeft(steps[i], values);
    }
}

void
Register(const Erased &erased, const Uuid &home) {
    const Parameters line = {FromUuid(home), FromUuid(erased.user),
                             BoolGetDatum(erased.organization == nullptr)};
    register_erasure.Run(Access::Write, line);
    if (is_registered.Run(Access::Write, line) == 0)
        RefuseDropped(TableOid("erasures"), "a trigger kept out of the register who was erased");
}

} // namespace

void
Erase(const Uuid &user, const Uuid *organization, bool late) {
    RequireLastingSnapshot();
    Erased erased = {user, organization, nullptr, 0, 0, 0, 0, {}};
    lock_person.Run(Access::Write, FromUuid(user));
    lock_memberships.Run(Access::Write, {FromUuid(user), UuidOrNull(organization)});
    // What one organization has is everything once there is no other.
    if (!late && organization != nullptr &&
        belongs_elsewhere.Run(Access::Write, {FromUuid(user), FromUuid(*organization)}) == 0)
        erased.organization = nullptr;
    FindPlaces(&erased);
    RequireNoHold(erased);
    FindNames(&erased);
    const bool is_there = home_of_person.Run(Access::Write, FromUuid(user)) > 0;
    const Uuid home = is_there && erased.organization == nullptr ? ToUuid(Field(0, 1))
                      : organization != nullptr                  ? *organization
                                                                 : Uuid{};
    for (uint64 i = 0; i < erased.place_count; i++)
        erase_words.Run(Access::Write, {FromUuid(erased.places[i]), FromUuid(user)});
    TakeSteps(erased);
    if (late)
        return;
    if (erased.organization != nullptr &&
        end_membership.Run(Access::Write, {FromUuid(*organization), FromUuid(user)}) == 0)
        RefuseDropped(TableOid("user_organizations"), "a trigger kept a membership that was to end");
    if (is_there)
        Register(erased, home);
}

} // namespace laurel::privacy
