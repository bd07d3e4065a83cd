// Recognition: what has to be approved, by whom, and the feed. Allowances are quotas, points are told by the
// table.

#include "access/caller.h"
#include "guards/quota.h"
#include "identity/shown_name.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::recognition {

namespace {

constexpr TriggerSpec kDecide = {"decide_recognition", TriggerSpec::Before, TriggerSpec::EachRow,
                                 TriggerSpec::Insert};

Statement needs_approval = Statement(R"(SELECT FROM ONLY laurel.recognition_settings
        WHERE organization_id = $1 AND approval <> 'none' AND approval_from <= $2)",
                                     UUIDOID, INT8OID);

// Who approves what {2} sends in organization {1}, where managers do.
constexpr SqlText kManager =
    R"((SELECT u.manager_id FROM ONLY laurel.users u JOIN ONLY laurel.recognition_settings s
        ON s.organization_id = {1} AND s.approval = 'manager' WHERE u.id = {2}))";

Statement is_manager =
    Statement(Sql<"SELECT WHERE {1} = $3", Sql<kManager, "$1", "$2">>, UUIDOID, UUIDOID, UUIDOID);

// Whom to tell that something from $2 to $3 waits: the manager, who must be there, else the administrators;
// neither of the two.
Statement find_approvers = Statement(Sql<R"(WITH manager AS (
            SELECT m.user_id FROM ONLY laurel.user_organizations m WHERE m.organization_id = $1 AND m.user_id = {1} AND m.user_id <> $3)
        SELECT user_id FROM manager
        UNION ALL SELECT r.user_id FROM ONLY laurel.user_roles r WHERE r.organization_id = $1 AND r.role = 'org_admin'
            AND r.user_id <> $2 AND r.user_id <> $3 AND NOT EXISTS (SELECT FROM manager))",
                                         Sql<kManager, "$1", "$2">>,
                                     UUIDOID, UUIDOID, UUIDOID)
                               .Returns(UUIDOID);

Statement is_visible = Statement("SELECT FROM ONLY laurel.recognitions WHERE id = $1", UUIDOID);

Statement find = Statement(Sql<R"(SELECT r.organization_id, r.sender_id, r.recipient_id, {1}
        FROM ONLY laurel.recognitions r WHERE r.id = $1)",
                               Sql<kManager, "r.organization_id", "r.sender_id">>,
                           UUIDOID)
                     .Returns(UUIDOID, UUIDOID, UUIDOID, UUIDOID);

// The months in which member $2 of organization $1 has given something, and this one, in which $3 is allowed.
Statement allowances = Statement(R"(WITH this AS (
            SELECT o.id AS organization_id, o.time_zone, laurel_internal.period_start(pg_catalog.now(), o.time_zone, 'month') AS month
            FROM ONLY laurel.organizations o JOIN ONLY laurel.user_organizations m ON m.organization_id = o.id AND m.user_id = $2
            WHERE o.id = $1)
        SELECT t.month, $3, coalesce(u.used, 0), GREATEST($3 - coalesce(u.used, 0), 0), laurel_internal.period_end(t.month, t.time_zone, 'month')
        FROM this t LEFT JOIN ONLY laurel.quota_usage u ON u.organization_id = t.organization_id AND u.kind = 'recognition_allowance'
            AND u.owner = ARRAY[$2] AND u.period_start = t.month
        UNION ALL SELECT u.period_start, u.allowed, u.used, GREATEST(u.allowed - u.used, 0), u.ends_at
        FROM this t JOIN ONLY laurel.quota_usage u ON u.organization_id = t.organization_id AND u.kind = 'recognition_allowance'
            AND u.owner = ARRAY[$2] AND u.period_start < t.month
        ORDER BY 1 DESC)",
                                 UUIDOID, UUIDOID, INT8OID)
                           .Returns(DATEOID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID);

Statement decide =
    Statement(R"(UPDATE ONLY laurel.recognitions SET status = $2, decided_by = $3, decision_note = $4
        WHERE id = $1 AND status = 'pending' AND ($2 <> 'approved' OR recipient_id IS NOT NULL) RETURNING status = $2)",
              UUIDOID, TEXTOID, UUIDOID, TEXTOID)
        .Returns(BOOLOID);

constexpr SqlText kRowName = Sql<identity::kShownName, "r">;
constexpr SqlText kName = R"(CASE WHEN r.{1} IS NULL THEN '[Deleted User]' ELSE (SELECT
        coalesce({2}, 'Anonymous') FROM ONLY laurel.users u
        LEFT JOIN ONLY laurel.profiles f ON f.user_id = u.id
        LEFT JOIN ONLY laurel.user_organizations m ON m.organization_id = r.organization_id AND m.user_id = u.id
        WHERE u.id = r.{1}) END)";

constexpr Oid kFeedTypes[] = {UUIDOID, TIMESTAMPTZOID, UUIDOID, TEXTOID, UUIDOID, TEXTOID, TEXTOID,
                              INT8OID, TEXTOID,        TEXTOID, INT8OID, INT8OID, UUIDOID};

// The first $4 of those that member $2 of organization $1 sees, or anybody who sees all ($3). {1} and {2} are
// the names of the two, {3} says which come into question. Planned for a page, however many rows are asked
// for.
constexpr SqlText kFeed = R"(SELECT r.id, r.created_at, r.sender_id, {1}, r.recipient_id, {2}, r.message,
        r.points_awarded, v.name, r.visibility, r.comments_count, r.reactions_count, r.adds_to
        FROM (SELECT * FROM ONLY laurel.recognitions n WHERE n.organization_id = $1 AND n.status = 'approved' AND {3}
            AND ($3 OR n.visibility = 'public' OR n.sender_id = $2 OR n.recipient_id = $2
                OR n.visibility = 'team' AND EXISTS (SELECT FROM ONLY laurel.team_memberships t
                    WHERE t.organization_id = $1 AND t.team_id = n.team_id AND t.user_id = $2))
            ORDER BY n.created_at DESC, n.id DESC LIMIT 100) r
        LEFT JOIN ONLY laurel.company_values v ON v.organization_id = r.organization_id AND v.id = r.company_value_id
        ORDER BY r.created_at DESC, r.id DESC LIMIT $4)";

Statement feed =
    Statement(Sql<kFeed, Sql<kName, "sender_id", kRowName>, Sql<kName, "recipient_id", kRowName>, "true">,
              UUIDOID, UUIDOID, BOOLOID, INT8OID)
        .Returns(kFeedTypes)
        .Generic();

// The same of those before $5.
Statement feed_before =
    Statement(Sql<kFeed, Sql<kName, "sender_id", kRowName>, Sql<kName, "recipient_id", kRowName>,
                  R"((n.created_at, n.id) < ((SELECT b.created_at FROM ONLY laurel.recognitions b
                      WHERE b.organization_id = $1 AND b.id = $5), $5))">,
              UUIDOID, UUIDOID, BOOLOID, INT8OID, UUIDOID)
        .Returns(kFeedTypes)
        .Generic();

constexpr int kMaxRows = 100; // as the statements say

// As the caller, whom policies bind.
Statement recognize =
    Statement(R"(INSERT INTO laurel.recognitions (sender_id, recipient_id, message, points_awarded,
        visibility, company_value_id, team_id)
        SELECT laurel.uid(), r.recipient, $2, CASE WHEN $4 AND $3 > 0 THEN $3 / pg_catalog.cardinality($1)
            + (r.place <= $3 % pg_catalog.cardinality($1))::pg_catalog.int4 ELSE $3 END, $5, $6, $7
        FROM pg_catalog.unnest($1) WITH ORDINALITY r (recipient, place)
        RETURNING id, recipient_id, points_awarded, status)",
              UUIDARRAYOID, TEXTOID, INT8OID, BOOLOID, TEXTOID, UUIDOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, INT8OID, TEXTOID);

Statement count_recipients =
    Statement("SELECT pg_catalog.count(r), pg_catalog.count(DISTINCT r), pg_catalog.count(*)"
              " FROM pg_catalog.unnest($1) r",
              UUIDARRAYOID)
        .Returns(INT8OID, INT8OID, INT8OID);

// A recognition as those who decide on it see it.
struct Waiting {
    Uuid organization;
    Nullable sender;
    Nullable recipient;
    Nullable manager;
};

bool
Is(const Nullable &person, const Uuid &user) {
    return !person.is_null && ToUuid(person.value) == user;
}

bool
Find(const Uuid &recognition, Waiting *waiting) {
    if (find.Run(Access::Read, FromUuid(recognition)) == 0)
        return false;
    Row row;
    waiting->organization = ToUuid(row.Next());
    for (Nullable *person : {&waiting->sender, &waiting->recipient, &waiting->manager})
        person->value = row.Next(&person->is_null);
    return true;
}

[[noreturn]] void
RefuseDecision(const char *hint) {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to decide on this recognition",
            .hint = access::HintOr(hint)});
}

// Neither of the two decides, and nobody in whose organization it is not.
void
RequireApprover(const access::Caller &caller, const Waiting &waiting) {
    const bool here = caller.known && caller.has_organization && caller.organization == waiting.organization;
    const bool involved = here && (Is(waiting.sender, caller.user) || Is(waiting.recipient, caller.user));
    const bool may =
        here && (access::Administers(caller, waiting.organization) || Is(waiting.manager, caller.user));
    if (!may || involved)
        RefuseDecision("Ask an org_admin who is neither sender nor recipient, or the sender's manager where "
                       "recognition_settings.approval is manager.");
}

void
RequireSender(const access::Caller &caller, const Waiting &waiting) {
    if (!caller.known || !caller.has_organization || !(caller.organization == waiting.organization) ||
        !Is(waiting.sender, caller.user))
        RefuseDecision("Only its sender takes it back.");
}

// Brings a recognition from pending to another state, for whom `require` lets.
void
Decide(const Uuid &recognition, const char *status, const Nullable &note,
       void (*require)(const access::Caller &, const Waiting &)) {
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const Oid table = TableOid("recognitions");
    const bool trusted = IsTrusted(table);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    Waiting waiting = {};
    if (!Find(recognition, &waiting))
        RefuseDecision("There is none with that id in the organization where you act.");
    if (!trusted)
        require(caller, waiting);
    const Nullable by = caller.known ? Nullable(FromUuid(caller.user)) : Nullable();
    if (decide.Run(Access::Write, {FromUuid(recognition), CStringGetTextDatum(status), by, note}) == 0)
        Refuse(
            {.sqlstate = kConflict,
             .message = "the recognition does not wait any more",
             .hint =
                 "Read it again: it was approved, rejected or withdrawn meanwhile, or its recipient has left:"
                 " then reject it.",
             .table = "recognitions",
             .constraint = "recognitions_status_steps"});
    if (!DatumGetBool(Field(0, 1)))
        RefuseDropped(table, "a trigger changed the decision");
}

void
RequireRecipients(const Nullable &recipients) {
    count_recipients.Run(Access::Read, {recipients});
    Row row;
    const int64 named = DatumGetInt64(row.Next()), different = DatumGetInt64(row.Next());
    if (named > 0 && named == different && named == DatumGetInt64(row.Next()))
        return;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "recipients must name members, each once",
            .detail = psprintf("It names %lld, %lld of them different.", static_cast<long long>(named),
                               static_cast<long long>(different)),
            .hint = "Give an array of ids, such as ARRAY[id1, id2]::uuid[]."});
}

// Later a team may be deleted; what it saw is then seen by the two.
void
RequireTeam(const DraftRow &row) {
    if (row.IsNull("adds_to") && row.IsNull("team_id") && row.Text("visibility") == "team")
        Refuse({.message = "a recognition for a team must name it",
                .hint = "Give team_id, or another visibility.",
                .table = "recognitions",
                .constraint = "recognitions_team_named"});
}

} // namespace

LAUREL_FUNCTION(laurel_decide_recognition) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kDecide);
    DraftRow row(trigger);
    row.Id("sender_id");
    row.Id("recipient_id");
    if (row.IsNull("visibility"))
        row.Set("visibility", TEXTOID, FromText("public"));
    RequireTeam(row);
    if (!row.IsNull("status"))
        return row.Done();
    const Uuid organization = row.Id("organization_id");
    const Nullable points = row.Get("points_awarded", INT8OID);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    const bool waits = needs_approval.Run(Access::Write, {FromUuid(organization), points}) > 0;
    row.Set("status", TEXTOID, CStringGetTextDatum(waits ? "pending" : "approved"));
    if (!waits && row.IsNull("approved_at"))
        row.Set("approved_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
    return row.Done();
}

// laurel_internal.approves(sender)
LAUREL_FUNCTION(laurel_approves) {
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (!caller.known || !caller.has_organization)
        PG_RETURN_BOOL(false);
    const AsOwner owner(OwnerOf(TableOid("recognitions")));
    const SpiConnection spi;
    PG_RETURN_BOOL(is_manager.Run(Access::Read, {FromUuid(caller.organization), PG_GETARG_DATUM(0),
                                                 FromUuid(caller.user)}) > 0);
}

// laurel_internal.recognition_approvers(organization, sender, recipient)
LAUREL_FUNCTION(laurel_recognition_approvers) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const AsOwner owner(OwnerOf(TableOid("recognitions")));
    const SpiConnection spi;
    ReturnRows(fcinfo, find_approvers.Run(Access::Write,
                                          {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)}));
    PG_RETURN_NULL();
}

// laurel.recognition_allowance(user, organization)
LAUREL_FUNCTION(laurel_recognition_allowance) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Uuid user = ToUuid(Required(fcinfo, 0, "user_id"));
    const Oid table = TableOid("recognitions");
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const Nullable named = Argument(fcinfo, 1);
    if (named.is_null && !caller.has_organization)
        PG_RETURN_NULL();
    const Uuid organization = named.is_null ? caller.organization : ToUuid(named.value);
    const bool own = caller.known && caller.user == user && access::BelongsTo(caller, organization);
    if (!own)
        access::RequireAdministrator(table, organization, "see what others may give");
    const Nullable allowed = guards::AllowedNow(table, "recognition_allowance", organization, user);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    ReturnRows(fcinfo, allowances.Run(Access::Read, {FromUuid(organization), FromUuid(user), allowed}));
    PG_RETURN_NULL();
}

// laurel_internal.sees_recognition(recognition): as the caller, whom policies bind.
LAUREL_FUNCTION(laurel_sees_recognition) {
    const SpiConnection spi;
    PG_RETURN_BOOL(is_visible.Run(Access::Read, PG_GETARG_DATUM(0)) > 0);
}

// laurel.recognize(recipients, message, points, split, visibility, company_value, team)
LAUREL_FUNCTION(laurel_recognize) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    Required(fcinfo, 4, "visibility");
    const SpiConnection spi;
    RequireRecipients(Argument(fcinfo, 0));
    ReturnRows(fcinfo,
               recognize.Run(Access::Write, {Argument(fcinfo, 0), Argument(fcinfo, 1), Argument(fcinfo, 2),
                                             Argument(fcinfo, 3), Argument(fcinfo, 4), Argument(fcinfo, 5),
                                             Argument(fcinfo, 6)}));
    PG_RETURN_NULL();
}

// laurel.approve_recognition(recognition, note)
LAUREL_FUNCTION(laurel_approve_recognition) {
    Decide(ToUuid(Required(fcinfo, 0, "recognition_id")), "approved", Argument(fcinfo, 1), RequireApprover);
    PG_RETURN_VOID();
}

// laurel.reject_recognition(recognition, note)
LAUREL_FUNCTION(laurel_reject_recognition) {
    Decide(ToUuid(Required(fcinfo, 0, "recognition_id")), "rejected", Argument(fcinfo, 1), RequireApprover);
    PG_RETURN_VOID();
}

// laurel.withdraw_recognition(recognition)
LAUREL_FUNCTION(laurel_withdraw_recognition) {
    Decide(ToUuid(Required(fcinfo, 0, "recognition_id")), "withdrawn", Nullable(), RequireSender);
    PG_RETURN_VOID();
}

// laurel.recognition_feed(max_rows, before)
LAUREL_FUNCTION(laurel_recognition_feed) {
    const int32 rows = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT32(0);
    if (rows < 1 || rows > kMaxRows)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "max_rows is out of range",
                .detail = psprintf("It must be from 1 to %d.", kMaxRows)});
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (!caller.has_organization)
        PG_RETURN_NULL();
    const Oid table = TableOid("recognitions");
    const bool sees_all =
        IsTrusted(table) || access::Administers(access::CurrentCaller(), caller.organization);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Nullable self = caller.known ? Nullable(FromUuid(caller.user)) : Nullable();
    const Datum organization = FromUuid(caller.organization), all = BoolGetDatum(sees_all);
    const Nullable before = Argument(fcinfo, 1);
    ReturnRows(fcinfo, before.is_null ? feed.Run(Access::Read, {organization, self, all, Int64GetDatum(rows)})
                                      : feed_before.Run(Access::Read, {organization, self, all,
                                                                       Int64GetDatum(rows), before}));
    PG_RETURN_NULL();
}

} // namespace laurel::recognition
