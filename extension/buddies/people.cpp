#include "buddies/people.h"

#include "postgres/list.h"
#include "postgres/spi.h"

namespace laurel::buddies {

namespace {

Statement read_settings =
    Statement(R"(SELECT s.newcomer_days, coalesce(s.review, false), coalesce(s.max_hours_apart * 60, 1440),
        coalesce(s.skills_weight, 50), coalesce(s.languages_weight, 30), coalesce(s.zone_weight, 20)
        FROM (SELECT) one LEFT JOIN ONLY laurel.buddy_settings s ON s.organization_id = $1)",
              UUIDOID)
        .Returns(INT4OID, BOOLOID, INT4OID, INT4OID, INT4OID, INT4OID);

// Whether member m of organization $1 offers to be a buddy, by row b, and whether he wants one, by row r:
// who has asked, and who has joined in the last $2 days and was never looked after.
constexpr SqlText kOffers = R"(b.status = 'active' AND (b.paused_until > pg_catalog.now()) IS NOT TRUE)";
constexpr SqlText kWants = R"((CASE WHEN r.user_id IS NOT NULL THEN r.wanted
            ELSE m.joined_at > pg_catalog.now() - pg_catalog.make_interval(days => $2) AND NOT EXISTS (
                SELECT FROM ONLY laurel.buddy_matches h WHERE h.organization_id = $1 AND h.user_id = m.user_id
                AND h.accepted_at IS NOT NULL) END AND NOT EXISTS (
            SELECT FROM ONLY laurel.buddy_matches h WHERE h.organization_id = $1 AND h.user_id = m.user_id
            AND h.status IN ('suggested', 'proposed', 'accepted'))))";
constexpr SqlText kMembers =
    R"(ONLY laurel.user_organizations m JOIN ONLY laurel.users u ON u.id = m.user_id AND u.is_active)";
constexpr SqlText kRequests =
    R"(LEFT JOIN ONLY laurel.buddy_requests r ON r.organization_id = $1 AND r.user_id = m.user_id)";

Statement lock_members = Statement(Sql<R"(SELECT m.user_id FROM {1} {2}
        WHERE m.organization_id = $1 AND (EXISTS (SELECT FROM ONLY laurel.buddy_profiles b
            WHERE b.organization_id = $1 AND b.user_id = m.user_id AND {3}) OR {4})
        ORDER BY m.user_id FOR KEY SHARE OF m SKIP LOCKED)",
                                       kMembers, kRequests, kOffers, kWants>,
                                   UUIDOID, INT4OID)
                             .Returns(UUIDOID)
                             .Custom();

Statement lock_offers(Sql<R"(SELECT FROM ONLY laurel.buddy_profiles b
        WHERE b.organization_id = $1 AND b.user_id = ANY ($2) AND {1} ORDER BY b.user_id FOR NO KEY UPDATE)",
                          kOffers>,
                      UUIDOID, UUIDARRAYOID);

// What is known of members m: by row {1}, at home else by profile and preferences. Clocks are those of now.
constexpr SqlText kAbout = R"(coalesce({1}.skills, (SELECT pg_catalog.array_agg(e #>> '{}')
            FROM pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof(f.skills) WHEN 'array' THEN f.skills ELSE '[]' END) e
            WHERE pg_catalog.jsonb_typeof(e) = 'string'), '{}'),
        coalesce({1}.languages, pg_catalog.array_remove(ARRAY[p.language], NULL)),
        (pg_catalog.date_part('epoch', pg_catalog.timezone(coalesce(p.time_zone, o.time_zone), pg_catalog.now())
            - pg_catalog.timezone('UTC', pg_catalog.now())) / 60)::pg_catalog.int4)";
constexpr SqlText kKnown = R"(JOIN ONLY laurel.organizations o ON o.id = m.organization_id
        LEFT JOIN ONLY laurel.profiles f ON f.user_id = m.user_id AND f.organization_id = m.organization_id
        LEFT JOIN ONLY laurel.user_preferences p ON p.user_id = m.user_id AND p.organization_id = m.organization_id)";
constexpr Oid kPersonTypes[] = {UUIDOID, UUIDOID, INT4OID, TEXTARRAYOID, TEXTARRAYOID, INT4OID};

// Of those locked, $3.
Statement read_newcomers = Statement(Sql<R"(SELECT m.user_id, u.manager_id, 0, {1} FROM {2} {3} {4}
        WHERE m.organization_id = $1 AND m.user_id = ANY ($3) AND {5} ORDER BY m.user_id)",
                                         Sql<kAbout, "r">, kMembers, kRequests, kKnown, kWants>,
                                     UUIDOID, INT4OID, UUIDARRAYOID)
                               .Returns(kPersonTypes)
                               .Custom();

Statement read_buddies =
    Statement(
        Sql<R"(SELECT m.user_id, NULL::pg_catalog.uuid, (b.capacity - b.open_matches)::pg_catalog.int4, {1}
        FROM {2} JOIN ONLY laurel.buddy_profiles b ON b.organization_id = $1 AND b.user_id = m.user_id {3}
        WHERE m.organization_id = $1 AND m.user_id = ANY ($2) AND {4} ORDER BY m.user_id)",
            Sql<kAbout, "b">, kMembers, kKnown, kOffers>,
        UUIDOID, UUIDARRAYOID)
        .Returns(kPersonTypes)
        .Custom();

Person
ReadPerson(uint64 number) {
    Row row(number);
    Person person = {};
    person.id = ToUuid(row.Next());
    bool is_null;
    const Datum manager = row.Next(&is_null);
    person.has_manager = !is_null;
    if (!is_null)
        person.manager = ToUuid(manager);
    person.places = DatumGetInt32(row.Next());
    person.skills = WordsOf(kSkills, row.Next(), true);
    person.languages = WordsOf(kLanguages, row.Next(), true);
    person.ahead = DatumGetInt32(row.Next());
    return person;
}

People
TakePeople(uint64 count) {
    People people = {NewList<Person>(count), static_cast<uint32>(count)};
    for (uint32 i = 0; i < people.count; i++)
        people.list[i] = ReadPerson(i);
    return people;
}

} // namespace

uint32
People::Find(const Uuid &id) const {
    const Person *end = list + count;
    const Person *found =
        std::lower_bound(static_cast<const Person *>(list), end, id,
                         [](const Person &person, const Uuid &wanted) { return person.id < wanted; });
    return found < end && found->id == id ? static_cast<uint32>(found - list) : count;
}

Settings
ReadSettings(const Uuid &organization) {
    read_settings.Run(Access::Write, FromUuid(organization));
    Row row;
    Settings settings = {};
    settings.newcomer_days.value = row.Next(&settings.newcomer_days.is_null);
    settings.review = DatumGetBool(row.Next());
    settings.max_minutes_apart = DatumGetInt32(row.Next());
    for (int *weight : {&settings.weights.skills, &settings.weights.languages, &settings.weights.zone})
        *weight = DatumGetInt32(row.Next());
    return settings;
}

void
ReadPeople(const Uuid &organization, const Settings &settings, People *newcomers, People *buddies) {
    const Datum here = FromUuid(organization);
    const uint64 count = lock_members.Run(Access::Write, {here, settings.newcomer_days});
    auto *members = NewList<Datum>(count);
    for (uint64 i = 0; i < count; i++)
        members[i] = CopyUuid(ToUuid(Field(i, 1)));
    const Datum locked = ArrayOf(members, static_cast<int>(count), UUIDOID);
    lock_offers.Run(Access::Write, {here, locked});
    *buddies = TakePeople(read_buddies.Run(Access::Write, {here, locked}));
    *newcomers = TakePeople(read_newcomers.Run(Access::Write, {here, settings.newcomer_days, locked}));
}

} // namespace laurel::buddies
