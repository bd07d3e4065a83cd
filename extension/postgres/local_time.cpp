#include "local_time.h"

#include "error.h"
#include "kernel/zone_name.h"
#include "zone_names.h"

#ifdef LAUREL_ICU
#include <unicode/udat.h>
#include <unicode/ustring.h>
#endif

namespace laurel {

namespace {

[[noreturn]] void
RaiseOutOfRange() {
    ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
    pg_unreachable();
}

#ifdef LAUREL_ICU

// Opening one costs more than a message; readers that come one after the other mostly have one language.
UDateFormat *
FormatOf(std::string_view language) {
    static constinit UDateFormat *format = nullptr;
    static char of[ULOC_FULLNAME_CAPACITY];
    char locale[ULOC_FULLNAME_CAPACITY];
    UErrorCode status = U_ZERO_ERROR;
    uloc_forLanguageTag(CString(language), locale, sizeof(locale), nullptr, &status);
    if (U_FAILURE(status))
        return nullptr;
    if (format != nullptr && strcmp(of, locale) == 0)
        return format;
    if (format != nullptr)
        udat_close(format);
    format = udat_open(UDAT_SHORT, UDAT_LONG, locale, u"UTC", -1, nullptr, 0, &status);
    if (U_FAILURE(status))
        format = nullptr;
    strlcpy(of, locale, sizeof(of));
    return format;
}

// What the clock shows, as if it were UTC, as people write it who speak the language; empty where ICU does
// not say.
std::string_view
InWords(TimestampTz shown, std::string_view language) {
    constexpr int room = 200;
    constexpr double milliseconds = 1000.0, to_2000 = 946684800000.0;
    UDateFormat *format = FormatOf(language);
    if (format == nullptr)
        return {};
    UChar text[room];
    UErrorCode status = U_ZERO_ERROR;
    const int32 length = udat_format(format, static_cast<double>(shown) / milliseconds + to_2000, text, room,
                                     nullptr, &status);
    std::replace(text, text + std::clamp(length, 0, room), UChar{0x202F}, UChar{' '});
    auto *utf8 = static_cast<char *>(palloc(4 * room));
    int32 bytes = 0;
    u_strToUTF8(utf8, 4 * room, &bytes, text, length, &status);
    return U_FAILURE(status) ? std::string_view() : std::string_view(utf8, static_cast<size_t>(bytes));
}

#else

std::string_view
InWords(TimestampTz, std::string_view) {
    return {};
}

#endif

} // namespace

pg_tz *
FindZone(std::string_view name) {
    if (kernel::ZoneNameFault(name).detail != nullptr)
        return nullptr;
    pg_tz *zone = pg_tzset(CString(name));
    return zone != nullptr && pg_tz_acceptable(zone) ? zone : nullptr;
}

pg_tz *
ZoneNamed(std::string_view name) {
    const ZoneName known = ToZoneName(name);
    if (known.fault != nullptr)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = psprintf("there is no time zone \"%s\"", CString(name)),
                .detail = known.fault,
                .hint = known.hint});
    return FindZone(name);
}

LocalTime
LocalTimeOf(TimestampTz moment, pg_tz *zone) {
    pg_tm parts;
    fsec_t fraction;
    int offset;
    if (timestamp2tm(moment, &offset, &parts, &fraction, nullptr, zone) != 0)
        RaiseOutOfRange();
    return {date2j(parts.tm_year, parts.tm_mon, parts.tm_mday) - POSTGRES_EPOCH_JDATE,
            parts.tm_hour * MINS_PER_HOUR + parts.tm_min};
}

int32
LocalDay(TimestampTz moment, pg_tz *zone) {
    return LocalTimeOf(moment, zone).day;
}

TimestampTz
MomentOf(const LocalTime &time, pg_tz *zone) {
    pg_tm parts = {};
    j2date(time.day + POSTGRES_EPOCH_JDATE, &parts.tm_year, &parts.tm_mon, &parts.tm_mday);
    parts.tm_hour = time.minute / MINS_PER_HOUR;
    parts.tm_min = time.minute % MINS_PER_HOUR;
    int offset = DetermineTimeZoneOffset(&parts, zone);
    TimestampTz moment;
    if (tm2timestamp(&parts, 0, &offset, &moment) != 0)
        RaiseOutOfRange();
    return moment;
}

kernel::ClockStretch
Clock::operator()(int64 moment) const {
    const pg_time_t from = moment;
    pg_time_t until;
    long before, after;
    int is_dst_before, is_dst_after;
    const int found =
        pg_next_dst_boundary(&from, &before, &is_dst_before, &until, &after, &is_dst_after, zone_);
    if (found < 0)
        RaiseOutOfRange();
    return {before, found > 0 ? until : kernel::ClockStretch::kForEver};
}

std::string_view
LocalText(TimestampTz at, std::string_view zone, std::string_view language) {
    if (TIMESTAMP_NOT_FINITE(at))
        return {};
    pg_tz *const found = zone.empty() ? nullptr : FindZone(zone);
    pg_tm parts;
    fsec_t fraction;
    int offset;
    if (timestamp2tm(at, &offset, &parts, &fraction, nullptr, found == nullptr ? ZoneNamed("UTC") : found) !=
        0)
        return {};
    const std::string_view words = InWords(at - offset * USECS_PER_SEC, language.empty() ? "en" : language);
    if (!words.empty())
        return words;
    return psprintf("%04d-%02d-%02d %02d:%02d", parts.tm_year, parts.tm_mon, parts.tm_mday, parts.tm_hour,
                    parts.tm_min);
}

std::string_view
IsoTime(TimestampTz at) {
    pg_tm parts;
    fsec_t fraction;
    if (timestamp2tm(at, nullptr, &parts, &fraction, nullptr, nullptr) != 0)
        return {};
    return psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year, parts.tm_mon, parts.tm_mday,
                    parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(fraction / 1000));
}

} // namespace laurel
