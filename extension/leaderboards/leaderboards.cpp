#include "leaderboards/leaderboards.h"

#include "access/caller.h"
#include "access/organization.h"
#include "kernel/period.h"
#include "postgres/error.h"
#include "postgres/owner.h"

namespace laurel::leaderboards {

namespace {

constexpr struct {
    const char *name;
    Period period;
} kPeriods[] = {{"weekly", Period::Weekly}, {"monthly", Period::Monthly}, {"all_time", Period::AllTime}};

constexpr const char *kAnonymous = "Anonymous";

// The organization of a trusted caller who names none: the home of whom it asks about, else the default one.
Uuid
OrganizationAbout(const Uuid *subject) {
    Uuid organization;
    if (subject != nullptr && access::HomeOrganization(*subject, &organization))
        return organization;
    return access::DefaultOrganization();
}

} // namespace

const char *
NameOf(Period period) {
    return kPeriods[static_cast<int>(period)].name;
}

Period
PeriodNamed(std::string_view name) {
    for (const auto &known : kPeriods)
        if (name == known.name)
            return known.period;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = psprintf("there is no leaderboard period \"%s\"", CString(name)),
            .hint = "Use weekly, monthly or all_time."});
}

Period
PeriodArgument(FunctionCallInfo fcinfo, int index) {
    return PeriodNamed(PG_ARGISNULL(index) ? "" : ToText(PG_GETARG_DATUM(index)));
}

int32
StartOf(Period period, int32 day) {
    if (period == Period::AllTime)
        return 0;
    return period == Period::Weekly ? kernel::WeekStart(day) : kernel::MonthStart(day);
}

int
RowsArgument(FunctionCallInfo fcinfo, int index) {
    const int rows = PG_ARGISNULL(index) ? 0 : PG_GETARG_INT32(index);
    if (rows >= 1 && rows <= kMaxRows)
        return rows;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "max_rows is out of range",
            .detail = psprintf("It must be from 1 to %d.", kMaxRows)});
}

const Uuid *
UuidArgument(FunctionCallInfo fcinfo, int index) {
    return PG_ARGISNULL(index) ? nullptr : reinterpret_cast<const Uuid *>(PG_GETARG_UUID_P(index));
}

Viewer
ViewerOf(const Uuid *organization) {
    access::NoticeChanges();
    Viewer viewer;
    viewer.trusted = IsTrusted(TableOid("user_points"));
    const access::Caller &caller = access::CurrentCaller();
    if (organization != nullptr && !viewer.trusted && !access::BelongsTo(caller, *organization))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to see the leaderboards of that organization",
                .hint =
                    access::HintOr("Name an organization you are a member of, or none for the active one.")});
    if (caller.known)
        viewer.self = caller.user;
    viewer.has_organization = organization != nullptr || caller.has_organization;
    viewer.organization = organization != nullptr ? *organization : caller.organization;
    viewer.sees_everyone =
        viewer.trusted || (viewer.has_organization && access::Administers(caller, viewer.organization));
    return viewer;
}

Viewer
ViewerOf(const Uuid *organization, const Uuid *subject) {
    Viewer viewer = ViewerOf(organization);
    if (viewer.trusted && !viewer.has_organization) {
        viewer.organization = OrganizationAbout(subject);
        viewer.has_organization = true;
    }
    return viewer;
}

void
ReadStanding(Row *row, Standing *standing) {
    bool is_null;
    standing->user = ToUuid(row->Next());
    standing->points = DatumGetInt64(row->Next());
    standing->shown = DatumGetBool(row->Next());
    standing->name = row->Next(&is_null);
    standing->has_name = !is_null;
    standing->avatar = row->Next(&is_null);
    standing->has_avatar = !is_null;
}

void
ShowStanding(const Standing &standing, Datum *values, bool *nulls) {
    values[0] = Int64GetDatum(standing.rank);
    values[1] = FromUuid(standing.user);
    nulls[1] = !standing.shown;
    values[2] = standing.shown ? standing.name : CStringGetTextDatum(kAnonymous);
    nulls[2] = standing.shown && !standing.has_name;
    values[3] = standing.avatar;
    nulls[3] = !standing.shown || !standing.has_avatar;
    values[4] = Int64GetDatum(standing.points);
}

} // namespace laurel::leaderboards
