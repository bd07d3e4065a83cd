// What becomes of a match: an administrator shows it, the two accept or decline it, and it ends.

#include "access/caller.h"
#include "access/organization.h"
#include "identity/shown_name.h"
#include "postgres/arguments.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::buddies {

namespace {

Statement find_match = Statement(R"(SELECT organization_id, user_id, buddy_id, status
        FROM ONLY laurel.buddy_matches WHERE id = $1)",
                                 UUIDOID)
                           .Returns(UUIDOID, UUIDOID, UUIDOID, TEXTOID);

// Whoever leaves takes the membership before the match, as the foreign keys go.
Statement lock_both(R"(SELECT FROM ONLY laurel.user_organizations m WHERE m.organization_id = $1
        AND m.user_id IN ($2, $3) ORDER BY m.user_id FOR KEY SHARE)",
                    UUIDOID, UUIDOID, UUIDOID);

// Of two who accept at once the second sees what the first has said.
Statement accept = Statement(R"(UPDATE ONLY laurel.buddy_matches SET
        user_accepted_at = CASE user_id WHEN $2 THEN coalesce(user_accepted_at, pg_catalog.now()) ELSE user_accepted_at END,
        buddy_accepted_at = CASE buddy_id WHEN $2 THEN coalesce(buddy_accepted_at, pg_catalog.now()) ELSE buddy_accepted_at END,
        status = CASE WHEN CASE user_id WHEN $2 THEN buddy_accepted_at ELSE user_accepted_at END IS NULL THEN status ELSE 'accepted' END
        WHERE id = $1 AND status = 'proposed' AND $2 IN (user_id, buddy_id)
        RETURNING status, CASE user_id WHEN $2 THEN user_accepted_at ELSE buddy_accepted_at END IS NOT NULL
            AND (status = 'accepted') = (user_accepted_at IS NOT NULL AND buddy_accepted_at IS NOT NULL))",
                             UUIDOID, UUIDOID)
                       .Returns(TEXTOID, BOOLOID);

// Brings a match from one of the states $3 to $2. Who had accepted what was declined would say who did not.
Statement step = Statement(R"(UPDATE ONLY laurel.buddy_matches SET status = $2,
        user_accepted_at = CASE $2 WHEN 'declined' THEN NULL ELSE user_accepted_at END,
        buddy_accepted_at = CASE $2 WHEN 'declined' THEN NULL ELSE buddy_accepted_at END
        WHERE id = $1 AND status = ANY ($3) RETURNING status = $2)",
                           UUIDOID, TEXTOID, TEXTARRAYOID)
                     .Returns(BOOLOID);

Statement approve =
    Statement(R"(UPDATE ONLY laurel.buddy_matches SET status = 'proposed', proposed_at = pg_catalog.now()
        WHERE organization_id = $1 AND status = 'suggested' AND ($2 IS NULL OR id = ANY ($2)) RETURNING status = 'proposed')",
              UUIDOID, UUIDARRAYOID)
        .Returns(BOOLOID);

Statement open_matches =
    Statement(
        Sql<R"(SELECT b.id, CASE b.user_id WHEN $2 THEN 'newcomer' ELSE 'buddy' END, u.id, coalesce({1}, 'Anonymous'), b.status,
        CASE b.user_id WHEN $2 THEN b.user_accepted_at ELSE b.buddy_accepted_at END IS NOT NULL, b.score, b.explanation, b.proposed_at
        FROM ONLY laurel.buddy_matches b
        JOIN ONLY laurel.users u ON u.id = CASE b.user_id WHEN $2 THEN b.buddy_id ELSE b.user_id END
        LEFT JOIN ONLY laurel.profiles f ON f.user_id = u.id
        LEFT JOIN ONLY laurel.user_organizations m ON m.organization_id = b.organization_id AND m.user_id = u.id
        WHERE b.organization_id = $1 AND (b.user_id = $2 OR b.buddy_id = $2) AND b.status IN ('proposed', 'accepted')
        ORDER BY b.proposed_at DESC, b.id DESC)",
            Sql<identity::kShownName, "b">>,
        UUIDOID, UUIDOID)
        .Returns(UUIDOID, TEXTOID, UUIDOID, TEXTOID, TEXTOID, BOOLOID, INT4OID, JSONBOID, TIMESTAMPTZOID);

// Who asks for something to become of a match.
struct Asking {
    Uuid match;
    bool is_one_of_both;
    bool administers; // or is trusted
};

[[noreturn]] void
RefuseAnswer() {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to answer for this match",
            .hint = access::HintOr("Newcomer and buddy answer, in the organization where they are matched; "
                                   "org_admins decline and end.")});
}

[[noreturn]] void
RefuseState(const char *what) {
    Refuse({.sqlstate = kConflict,
            .message = psprintf("the match is not one that can be %s now", what),
            .hint = "Read it again: it was accepted, declined or has ended meanwhile.",
            .table = "buddy_matches",
            .constraint = "buddy_matches_status_steps"});
}

// Who calls, for a match that he knows of, of which neither can leave meanwhile; with SPI open.
Asking
AskFor(const Uuid &match, const access::Caller &caller, bool trusted) {
    if (find_match.Run(Access::Write, FromUuid(match)) == 0)
        RefuseAnswer();
    Row row;
    const Uuid organization = ToUuid(row.Next()), user = ToUuid(row.Next()), buddy = ToUuid(row.Next());
    const bool here = caller.known && caller.has_organization && caller.organization == organization;
    Asking asking = {match, here && (caller.user == user || caller.user == buddy),
                     trusted || (here && access::Administers(caller, organization))};
    // Before an administrator has looked at it, the two do not know.
    if (ToText(row.Next()) == "suggested")
        asking.is_one_of_both = false;
    if (!asking.is_one_of_both && !asking.administers)
        RefuseAnswer();
    lock_both.Run(Access::Write, {FromUuid(organization), FromUuid(user), FromUuid(buddy)});
    return asking;
}

// Brings a match from one of the states to another, for the two; from the first of them on for
// administrators.
template <size_t N>
void
Step(FunctionCallInfo fcinfo, const char *status, const char *const (&from)[N], size_t from_of_both) {
    const Uuid match = ToUuid(Required(fcinfo, 0, "match_id"));
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const Oid table = TableOid("buddy_matches");
    const bool trusted = IsTrusted(table);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Asking asking = AskFor(match, caller, trusted);
    Datum states[N];
    int count = 0;
    for (size_t i = asking.administers ? 0 : from_of_both; i < N; i++)
        states[count++] = CStringGetTextDatum(from[i]);
    const Datum values[] = {FromUuid(match), CStringGetTextDatum(status), ArrayOf(states, count, TEXTOID)};
    if (step.Run(Access::Write, values) == 0)
        RefuseState(status);
    if (!DatumGetBool(Field(0, 1)))
        RefuseDropped(table, "a trigger changed the answer");
}

// As the tables' owner, with SPI open. Whether both have accepted.
bool
Accept(Oid table, const Asking &asking, const Uuid &user) {
    if (accept.Run(Access::Write, {FromUuid(asking.match), FromUuid(user)}) > 0) {
        Row row;
        const bool is_accepted = ToText(row.Next()) == "accepted";
        if (!DatumGetBool(row.Next()))
            RefuseDropped(table, "a trigger changed the answer");
        return is_accepted;
    }
    const bool is_accepted =
        find_match.Run(Access::Write, FromUuid(asking.match)) > 0 && ToText(Field(0, 4)) == "accepted";
    if (!is_accepted)
        RefuseState("accepted");
    return true;
}

} // namespace

// laurel.approve_buddies(matches, organization)
LAUREL_FUNCTION(laurel_approve_buddies) {
    const Oid table = TableOid("buddy_matches");
    const Uuid organization = access::ActiveOrganization(fcinfo, 1);
    access::RequireAdministrator(table, organization, "approve matches in this organization");
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const uint64 count = approve.Run(Access::Write, {FromUuid(organization), Argument(fcinfo, 0)});
    for (uint64 i = 0; i < count; i++)
        if (!DatumGetBool(Field(i, 1)))
            RefuseDropped(table, "a trigger changed the approval");
    PG_RETURN_INT64(static_cast<int64>(count));
}

// laurel.accept_buddy(match)
LAUREL_FUNCTION(laurel_accept_buddy) {
    const Uuid match = ToUuid(Required(fcinfo, 0, "match_id"));
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const Oid table = TableOid("buddy_matches");
    bool is_accepted;
    {
        const AsOwner owner(OwnerOf(table));
        const SpiConnection spi;
        const Asking asking = AskFor(match, caller, false);
        if (!asking.is_one_of_both)
            RefuseAnswer();
        is_accepted = Accept(table, asking, caller.user);
    }
    return CStringGetTextDatum(is_accepted ? "accepted" : "proposed");
}

// laurel.decline_buddy(match)
LAUREL_FUNCTION(laurel_decline_buddy) {
    Step(fcinfo, "declined", {"suggested", "proposed"}, 1);
    PG_RETURN_VOID();
}

// laurel.end_buddy(match)
LAUREL_FUNCTION(laurel_end_buddy) {
    Step(fcinfo, "ended", {"accepted"}, 0);
    PG_RETURN_VOID();
}

// laurel.my_buddies()
LAUREL_FUNCTION(laurel_my_buddies) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (!caller.known || !caller.has_organization)
        PG_RETURN_NULL();
    const AsOwner owner(OwnerOf(TableOid("buddy_matches")));
    const SpiConnection spi;
    ReturnRows(fcinfo,
               open_matches.Run(Access::Read, {FromUuid(caller.organization), FromUuid(caller.user)}));
    PG_RETURN_NULL();
}

} // namespace laurel::buddies
