// Days of activity. A day is a day in the member's time zone, stored once it is known, so that neither
// daylight saving nor a later move to another zone changes the past.

#include "access/caller.h"
#include "access/organization.h"
#include "points/settings.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"
#include "streaks/freezes.h"

namespace laurel::streaks {

namespace {

constexpr const char *kMembershipConstraint = "daily_activity_membership_fkey";

constexpr TriggerSpec kFill = {"fill_activity_date", TriggerSpec::Before, TriggerSpec::EachRow,
                               TriggerSpec::Insert | TriggerSpec::Update};

Statement zone_of =
    Statement(
        "SELECT time_zone FROM ONLY laurel.user_preferences WHERE user_id = $1 AND time_zone IS NOT NULL",
        UUIDOID)
        .Returns(TEXTOID);

Statement record_day(
    R"(INSERT INTO laurel.daily_activity AS d (organization_id, user_id, last_activity_at) VALUES ($1, $2, $3)
        ON CONFLICT (organization_id, user_id, date) DO UPDATE SET last_activity_at = EXCLUDED.last_activity_at
        WHERE d.last_activity_at < EXCLUDED.last_activity_at)",
    UUIDOID, UUIDOID, TIMESTAMPTZOID);

// When activity may have begun to count, and how the organization says it.
Statement tolerance_of = Statement(R"(SELECT pg_catalog.now() - pg_catalog.make_interval(secs =>
        extract(epoch FROM activity_tolerance)::pg_catalog.float8),
        activity_tolerance::pg_catalog.text FROM ONLY laurel.organizations WHERE id = $1)",
                                   UUIDOID)
                             .Returns(TIMESTAMPTZOID, TEXTOID);

// Whether activity now would continue a streak whose last day is $3, since the member is in zone $4.
Statement continues_now = Statement(Sql<R"(SELECT {1} FROM (SELECT date, first_activity_at, last_activity_at,
        time_zone, freezes_used FROM ONLY laurel.daily_activity WHERE organization_id = $1 AND user_id = $2 AND date = $3
        UNION ALL SELECT 'infinity', pg_catalog.clock_timestamp(), NULL, $4, 0) d
        WINDOW days AS (ORDER BY d.date) ORDER BY d.date DESC LIMIT 1)",
                                        kContinues>,
                                    UUIDOID, UUIDOID, DATEOID, TEXTOID)
                              .Returns(BOOLOID);

// A row of daily_activity.
struct Activity {
    Member member;
    DateADT day;
    TimestampTz moment;
    bool has_member;
    bool has_day;
    bool has_moment;
};

// The member's own time zone, else the organization's.
pg_tz *
ZoneOf(const Member &member) {
    const AsOwner owner(OwnerOf(TableOid("user_preferences")));
    const SpiConnection spi;
    const Datum user = FromUuid(member.user);
    pg_tz *zone = nullptr;
    if (zone_of.Run(Access::Read, user) > 0)
        zone = FindZone(ToText(Field(0, 1)));
    return zone != nullptr ? zone : points::SettingsOf(member.organization).zone;
}

[[noreturn]] void
RefuseDay(const char *detail) {
    Refuse({.message = "activity cannot lie in the future",
            .detail = detail,
            .hint = "Leave date out: it follows from last_activity_at and the member's time zone.",
            .table = "daily_activity",
            .constraint = "daily_activity_date_check"});
}

Activity
ReadActivity(const DraftRow &row) {
    Activity activity = {};
    bool is_null[4];
    const Datum organization = row.Get("organization_id", UUIDOID, &is_null[0]);
    const Datum user = row.Get("user_id", UUIDOID, &is_null[1]);
    activity.day = DatumGetDateADT(row.Get("date", DATEOID, &is_null[2]));
    activity.moment = DatumGetTimestampTz(row.Get("last_activity_at", TIMESTAMPTZOID, &is_null[3]));
    activity.has_member = !is_null[0] && !is_null[1];
    activity.has_day = !is_null[2];
    activity.has_moment = !is_null[3];
    if (activity.has_member)
        activity.member = {ToUuid(organization), ToUuid(user)};
    return activity;
}

// The rest of a row of that day. The zone is known where the moment lies on the day; where it was given it
// stays.
void
FillMoments(DraftRow *row, const Activity &activity, DateADT day, pg_tz *zone) {
    if (!activity.has_moment)
        return;
    bool is_null;
    const Datum first = row->Get("first_activity_at", TIMESTAMPTZOID, &is_null);
    if (is_null || DatumGetTimestampTz(first) > activity.moment)
        row->Set("first_activity_at", TIMESTAMPTZOID, TimestampTzGetDatum(activity.moment));
    if (zone != nullptr && row->IsNull("time_zone") && !TIMESTAMP_NOT_FINITE(activity.moment) &&
        LocalDay(activity.moment, zone) == day)
        row->Set("time_zone", TEXTOID, FromText(pg_get_timezone_name(zone)));
}

// A day that has been accepted stays good when its member moves west.
bool
SameDay(const Activity &updated, const Activity &before) {
    return updated.has_day && before.has_day && updated.day == before.day;
}

// True for a day that is over wherever the member may be: nobody is more than a day behind UTC.
bool
IsOverEverywhere(const Activity &activity) {
    return activity.has_day && !DATE_NOT_FINITE(activity.day) &&
           activity.day < GetCurrentTimestamp() / USECS_PER_DAY;
}

// The day of an activity, not later than today in that time zone.
DateADT
DayOf(const Activity &activity, pg_tz *zone) {
    if (!activity.has_day && TIMESTAMP_NOT_FINITE(activity.moment))
        RefuseDay("last_activity_at is infinite.");
    const DateADT day = activity.has_day ? activity.day : LocalDay(activity.moment, zone);
    if (DATE_NOT_FINITE(day))
        RefuseDay("The day is infinite.");
    const DateADT today = LocalDay(GetCurrentTimestamp(), zone);
    if (day > today)
        RefuseDay(psprintf("It is %s where the member is, the row says %s.",
                           DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(today))),
                           DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(day)))));
    return day;
}

// Clients record what has happened lately: nobody makes up a streak afterwards. A day counts as a whole, so
// that its hours do not matter.
void
RefuseLongAgo(const Member &member, DateADT day) {
    pg_tz *zone = ZoneOf(member);
    if (day >= LocalDay(GetCurrentTransactionStartTimestamp(), zone))
        return;
    const AsOwner owner(OwnerOf(TableOid("organizations")));
    const SpiConnection spi;
    const Datum organization = FromUuid(member.organization);
    if (tolerance_of.Run(Access::Write, organization) == 0)
        return;
    const DateADT first = LocalDay(DatumGetTimestampTz(Field(0, 1)), zone);
    if (day >= first)
        return;
    Refuse({.message = "activity of that day can no longer be recorded",
            .detail = psprintf("The day is %s, the organization accepts activity from %s on (%s).",
                               DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(day))),
                               DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(first))),
                               CString(ToText(Field(0, 2)))),
            .hint = "Let the back end record it as service_role, or change organizations.activity_tolerance.",
            .table = "daily_activity",
            .constraint = "daily_activity_tolerance_check"});
}

// Whoever records a day locks the account before the row: a session that has just given points and one that
// records the same day would otherwise wait for each other.
void
LockAccount(const Member &member) {
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    kernel::Streak streak;
    LockStreak(member, &streak);
}

bool
MayRecord(const Member &member) {
    const access::Caller &caller = access::CurrentCaller();
    const bool own =
        caller.known && caller.user == member.user && access::BelongsTo(caller, member.organization);
    return own || access::Administers(caller, member.organization) || IsTrusted(TableOid("daily_activity"));
}

// As the policies of user_points have it, also for other organizations of the caller.
bool
MaySee(const Member &member) {
    const access::Caller &caller = access::CurrentCaller();
    const bool active = caller.has_organization && caller.organization == member.organization;
    return MayRecord(member) || (active && access::CanSee(caller, member.user));
}

void
CheckMoment(TimestampTz at) {
    if (!TIMESTAMP_NOT_FINITE(at) && at <= GetCurrentTimestamp())
        return;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "activity cannot lie in the future",
            .detail = psprintf("\"at\" is %s.", timestamptz_to_str(at))});
}

// Records the day and reads what it made of the streak.
kernel::Streak
RecordActivity(const Member &member, TimestampTz at) {
    const AsOwner owner(OwnerOf(TableOid("daily_activity")));
    const SpiConnection spi;
    const Datum values[] = {FromUuid(member.organization), FromUuid(member.user), TimestampTzGetDatum(at)};
    record_day.Run(Access::Write, values);
    kernel::Streak streak;
    ReadStreak(Access::Write, member, &streak);
    return streak;
}

// A streak that is interrupted lives on where its member has freezes.
void
FillFreezes(DraftRow *row, const Member &member, DateADT day) {
    const AsOwner owner(OwnerOf(TableOid("streak_freezes")));
    int used;
    {
        const SpiConnection spi;
        used = UseFreezes(
            {member, day, row->Get("first_activity_at", TIMESTAMPTZOID), row->Get("time_zone", TEXTOID)});
    }
    row->Set("freezes_used", INT4OID, Int32GetDatum(used));
}

// What is left to fill in, once a row names its member and some time. Returns its day.
DateADT
FillDay(DraftRow *row, const Activity &activity, bool trusted) {
    if (trusted && IsOverEverywhere(activity)) {
        FillMoments(row, activity, activity.day, nullptr);
        return activity.day;
    }
    pg_tz *zone = ZoneOf(activity.member);
    const DateADT day = DayOf(activity, zone);
    if (!trusted)
        RefuseLongAgo(activity.member, day);
    if (!activity.has_day)
        row->Set("date", DATEOID, DateADTGetDatum(day));
    FillMoments(row, activity, day, zone);
    return day;
}

void
FillRow(DraftRow *row, const Activity &activity, const TriggerData *trigger) {
    const bool trusted = IsTrusted(RelationGetRelid(trigger->tg_relation));
    if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event)) {
        LockAccount(activity.member);
        return FillFreezes(row, activity.member, FillDay(row, activity, trusted));
    }
    if (SameDay(activity, ReadActivity({trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation)})))
        return FillMoments(row, activity, activity.day, nullptr);
    FillDay(row, activity, trusted);
}

// True where the streak has not ended: activity now would add to it, or has.
bool
IsAlive(const Member &member, const kernel::Streak &streak) {
    if (!streak.started)
        return false;
    pg_tz *zone = ZoneOf(member);
    const int64 leap = LocalDay(GetCurrentTimestamp(), zone) - static_cast<int64>(streak.last_day);
    if (leap <= 1 || HasFreezes(member, leap - 1))
        return true;
    if (leap > kLongestLeap)
        return false;
    const Datum values[] = {FromUuid(member.organization), FromUuid(member.user),
                            DateADTGetDatum(streak.last_day), FromText(pg_get_timezone_name(zone))};
    return continues_now.Run(Access::Read, values) > 0 && DatumGetBool(Field(0, 1));
}

} // namespace

// Fills in the day of an activity and refuses one that has not come yet where the member is.
LAUREL_FUNCTION(laurel_fill_activity_date) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kFill);
    DraftRow row(trigger);
    const Activity activity = ReadActivity(row);
    if (!activity.has_member || (!activity.has_day && !activity.has_moment))
        return row.Done();
    FillRow(&row, activity, trigger);
    return row.Done();
}

// laurel.record_activity(user, at, organization)
LAUREL_FUNCTION(laurel_record_activity) {
    const Uuid user = ToUuid(Required(fcinfo, 0, "user_id", kNameTheMember));
    const TimestampTz at = DatumGetTimestampTz(Required(fcinfo, 1, "at"));
    const Member member = {
        access::OrganizationArgument(fcinfo, 2, TableOid("daily_activity"), user, kMembershipConstraint),
        user};
    access::NoticeChanges();
    if (!MayRecord(member))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to record the activity of this member",
                .hint = access::HintOr("Record your own, ask an org_admin, or call as service_role.")});
    CheckMoment(at);
    if (!IsTrusted(TableOid("daily_activity")))
        RefuseLongAgo(member, LocalDay(at, ZoneOf(member)));
    const kernel::Streak streak = RecordActivity(member, at);
    return ResultRow(fcinfo, {Int32GetDatum(streak.current), Int32GetDatum(streak.longest)});
}

// laurel.streak_of(user, organization): a run that ended before yesterday is over,
// unless the member has crossed the date line.
LAUREL_FUNCTION(laurel_streak_of) {
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    const Uuid user = ToUuid(PG_GETARG_DATUM(0));
    const Member member = {
        access::OrganizationArgument(fcinfo, 1, TableOid("daily_activity"), user, kMembershipConstraint),
        user};
    access::NoticeChanges();
    if (!MaySee(member))
        PG_RETURN_NULL();
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    kernel::Streak streak;
    if (!ReadStreak(Access::Read, member, &streak))
        PG_RETURN_NULL();
    PG_RETURN_INT32(IsAlive(member, streak) ? streak.current : 0);
}

} // namespace laurel::streaks
