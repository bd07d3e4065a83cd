#include "zone_names.h"

#include "datum.h"
#include "kernel/nearest.h"
#include "kernel/zone_name.h"
#include "list.h"
#include "local_time.h"

namespace laurel {

namespace {

constexpr std::string_view kAreas[] = {"Africa/",   "America/",   "Antarctica/", "Arctic/", "Asia/",
                                       "Atlantic/", "Australia/", "Europe/",     "Indian/", "Pacific/"};

// The names of places, once the session has asked for them.
struct Places {
    const char **names;
    int count;
    int room;
};
constinit Places places = {};

bool
IsPlace(std::string_view name) {
    return std::any_of(std::begin(kAreas), std::end(kAreas),
                       [name](std::string_view area) { return name.starts_with(area); });
}

void
Add(Places *all, const char *name) {
    if (all->count == all->room) {
        const int room = std::max(1000, 2 * all->room);
        const char **more = NewList<const char *>(room, TopMemoryContext);
        std::copy_n(all->names, all->count, more);
        all->names = more;
        all->room = room;
    }
    all->names[all->count++] = MemoryContextStrdup(TopMemoryContext, name);
}

const Places &
AllPlaces() {
    if (places.count > 0)
        return places;
    Places found = {};
    pg_tzenum *files = pg_tzenumerate_start();
    while (pg_tz *zone = pg_tzenumerate_next(files))
        if (IsPlace(pg_get_timezone_name(zone)))
            Add(&found, pg_get_timezone_name(zone));
    pg_tzenumerate_end(files);
    std::sort(found.names, found.names + found.count,
              [](const char *a, const char *b) { return strcmp(a, b) < 0; });
    places = found;
    return places;
}

// The place whose name, or the end of whose name after a slash, is nearest. Blanks are underscores there.
std::string_view
NearestPlace(std::string_view name) {
    char *wanted = pnstrdup(name.data(), name.size());
    std::replace(wanted, wanted + name.size(), ' ', '_');
    kernel::Nearest nearest({wanted, name.size()});
    const Places &all = AllPlaces();
    for (int i = 0; i < all.count; i++) {
        const std::string_view place = all.names[i];
        size_t begin = 0;
        do {
            nearest.Look(place.substr(begin), place);
            begin = place.find('/', begin) + 1;
        } while (begin > 0);
    }
    return nearest.found();
}

// What was probably meant may be no zone itself, as EST5EDT of posix/EST5EDT: then its own hint says more.
const char *
HintFor(std::string_view name, std::string_view meant) {
    if (meant.empty()) {
        meant = NearestPlace(name);
    } else {
        const ZoneName zone = ToZoneName(meant);
        if (zone.fault != nullptr)
            return zone.hint;
        meant = zone.name;
    }
    if (meant.empty())
        return "Name a place, such as Europe/Zurich; pg_timezone_names lists them.";
    return psprintf("Did you mean %s? pg_timezone_names lists all names.", CString(meant));
}

} // namespace

ZoneName
ToZoneName(std::string_view name) {
    const kernel::ZoneFault fault = kernel::ZoneNameFault(name);
    if (fault.detail != nullptr)
        return {{}, fault.detail, HintFor(name, fault.meant)};
    pg_tz *zone = FindZone(name);
    if (zone == nullptr)
        return {{}, "There is no such zone.", HintFor(name, {})};
    return {pg_get_timezone_name(zone)};
}

} // namespace laurel
