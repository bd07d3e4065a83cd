// Working days of an organization.

#include "access/caller.h"
#include "kernel/working_days.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::onboarding {

namespace {

constexpr int kMostDays = 1000;
constexpr int32 kMostFree = 3660;     // days on end without work, and with holidays among them
constexpr DateADT kFirstDay = -36524; // 1900-01-01
constexpr DateADT kLastDay = 73413;   // 2200-12-31, on which a check-in of the last onboarding may be

// From Monday to Friday where nothing is said.
Statement find_weekdays = Statement(R"(SELECT coalesce((SELECT pg_catalog.bit_or(1 << (d - 1))
        FROM ONLY laurel.working_calendars c, pg_catalog.unnest(c.working_days) d WHERE c.organization_id = $1), 31))",
                                    UUIDOID)
                              .Returns(INT4OID);

Statement find_holidays = Statement(R"(SELECT date - '2000-01-01'::pg_catalog.date FROM ONLY laurel.holidays
        WHERE organization_id = $1 AND date BETWEEN '2000-01-01'::pg_catalog.date + $2
            AND '2000-01-01'::pg_catalog.date + $3 ORDER BY 1)",
                                    UUIDOID, INT4OID, INT4OID)
                              .Returns(INT4OID);

void
RequireMember(Oid table, const Uuid &organization) {
    if (IsTrusted(table) || access::BelongsTo(access::CurrentCaller(), organization) ||
        access::Administers(access::CurrentCaller(), organization))
        return;
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to see when this organization works",
            .hint = access::HintOr("Name an organization that you are a member of.")});
}

int
Days(FunctionCallInfo fcinfo) {
    const int32 days = DatumGetInt32(Required(fcinfo, 2, "days"));
    if (days < -kMostDays || days > kMostDays)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "days must lie between -1000 and 1000",
                .detail = psprintf("It is %d.", days)});
    return days;
}

DateADT
Day(FunctionCallInfo fcinfo) {
    const DateADT day = DatumGetDateADT(Required(fcinfo, 1, "from_date"));
    if (DATE_NOT_FINITE(day) || day < kFirstDay || day > kLastDay)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "from_date must lie between 1900 and 2200"});
    return day;
}

// The holidays between two days, in the current memory.
std::span<const int32_t>
HolidaysOf(const Uuid &organization, int32 first, int32 last) {
    const uint64 count =
        find_holidays.Run(Access::Read, {FromUuid(organization), Int32GetDatum(first), Int32GetDatum(last)});
    auto *days = NewList<int32_t>(count);
    for (uint64 i = 0; i < count; i++)
        days[i] = DatumGetInt32(Field(i, 1));
    return {days, count};
}

} // namespace

// laurel.add_working_days(organization, from, days)
LAUREL_FUNCTION(laurel_add_working_days) {
    const Uuid organization = ToUuid(Required(fcinfo, 0, "organization_id"));
    const DateADT from = Day(fcinfo);
    const int days = Days(fcinfo);
    access::NoticeChanges();
    const Oid table = TableOid("holidays");
    RequireMember(table, organization);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const int32 reach = std::abs(days) * 7 + kMostFree;
    find_weekdays.Run(Access::Read, FromUuid(organization));
    const auto weekdays = static_cast<unsigned>(DatumGetInt32(Field(0, 1)));
    const kernel::WorkingCalendar calendar = {weekdays, HolidaysOf(organization, from - reach, from + reach)};
    const std::optional<int32_t> day =
        kernel::AddWorkingDays(calendar, from, days, from - reach, from + reach);
    if (!day)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "there is no such working day",
                .detail = psprintf("The organization works on too few of the next %d days.", reach),
                .hint = "Look into laurel.holidays and laurel.working_calendars."});
    PG_RETURN_DATEADT(*day);
}

} // namespace laurel::onboarding
