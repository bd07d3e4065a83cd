#include "buddies/pairs.h"

#include "kernel/matching.h"
#include "postgres/jsonb_object.h"
#include "postgres/list.h"

namespace laurel::buddies {

namespace {

// The language of a tag, which is understood whatever script and region follow.
std::string_view
LanguageOf(std::string_view tag) {
    return tag.substr(0, tag.find('-'));
}

std::string_view
Itself(std::string_view word) {
    return word;
}

// The words, each made by `of`, of both lists, which are sorted and stay so; each once.
Words
Common(const Words &a, const Words &b, std::string_view (*of)(std::string_view)) {
    Words common = {.list = NewList<std::string_view>(std::min(a.count, b.count))};
    for (int i = 0, j = 0; i < a.count && j < b.count;) {
        const std::string_view left = of(a.list[i]), right = of(b.list[j]);
        if (left == right && (common.count == 0 || common.list[common.count - 1] != left))
            common.list[common.count++] = left;
        const bool forward = left <= right;
        i += forward;
        j += !forward;
    }
    return common;
}

const char *
Joined(const Words &words) {
    StringInfoData text;
    initStringInfo(&text);
    for (int i = 0; i < words.count; i++)
        appendStringInfo(&text, "%s%s", i > 0 ? ", " : "", CString(words.list[i]));
    return text.data;
}

const char *
HoursText(int minutes) {
    return minutes % 60 == 0 ? psprintf("%d", minutes / 60) : psprintf("%.2f", minutes / 60.0);
}

// "Shares 2 of 3 skills: go, sql. Both speak de. 1.50 hours apart."
const char *
InWords(const Words &skills, int named, const Words &languages, int minutes) {
    const char *shared = named == 0 ? "Names no skills."
                         : skills.count == 0
                             ? "Shares no skills."
                             : psprintf("Shares %d of %d skills: %s.", skills.count, named, Joined(skills));
    const char *spoken =
        languages.count == 0 ? "No language in common." : psprintf("Both speak %s.", Joined(languages));
    return psprintf("%s %s %s", shared, spoken,
                    minutes == 0 ? "The same time of day." : psprintf("%s hours apart.", HoursText(minutes)));
}

Jsonb *
Part(const Words &shared, int named, int points) {
    JsonbObject part;
    part.Texts("shared", shared.list, shared.count);
    if (named >= 0)
        part.Number("named", static_cast<int64>(named));
    return part.Number("points", static_cast<int64>(points)).Finish();
}

Jsonb *
ZonePart(int minutes, int points) {
    const Datum hours = DirectFunctionCall1(float8_numeric, Float8GetDatum(minutes / 60.0));
    return JsonbObject()
        .Number("hours_apart", DatumGetNumeric(hours))
        .Number("points", static_cast<int64>(points))
        .Finish();
}

} // namespace

// Which buddies have a word: for what newcomers share with them, without looking at every pair.
struct Pairs::Index {
    struct Entry {
        std::string_view word;
        uint32 buddy;

        bool operator<(const Entry &other) const {
            return word != other.word ? word < other.word : buddy < other.buddy;
        }
        bool operator==(const Entry &other) const = default;
    };

    Index(const People &buddies, Words Person::*words, std::string_view (*of)(std::string_view)) : of_(of) {
        uint64 most = 0;
        for (uint32 i = 0; i < buddies.count; i++)
            most += static_cast<uint64>((buddies[i].*words).count);
        entries_ = end_ = NewList<Entry>(most);
        for (uint32 buddy = 0; buddy < buddies.count; buddy++)
            for (int i = 0; i < (buddies[buddy].*words).count; i++)
                *end_++ = {of((buddies[buddy].*words).list[i]), buddy};
        std::sort(entries_, end_);
        end_ = std::unique(entries_, end_);
    }

    // Adds one to the count of each buddy for each word that he has.
    void Count(const Words &words, int32 *counts) const {
        std::string_view last;
        for (int i = 0; i < words.count; i++) {
            const std::string_view word = of_(words.list[i]);
            if (word != last)
                for (const Entry *entry = std::lower_bound(entries_, end_, Entry{word, 0});
                     entry < end_ && entry->word == word; entry++)
                    counts[entry->buddy]++;
            last = word;
        }
    }

private:
    std::string_view (*of_)(std::string_view);
    Entry *entries_, *end_;
};

const char *
ReasonName(Reason reason) {
    constexpr const char *names[] = {nullptr, "no_buddy", "too_far", "no_places", "met", "outnumbered"};
    return names[static_cast<int>(reason)];
}

Pairs::Pairs(const Settings &settings, const People &newcomers, const People &buddies)
    : settings_(settings), newcomers_(newcomers), buddies_(buddies),
      skills_(new (palloc(sizeof(Index))) Index(buddies, &Person::skills, Itself)),
      languages_(new (palloc(sizeof(Index))) Index(buddies, &Person::languages, LanguageOf)),
      shared_(NewList<int32>(buddies.count)), spoken_(NewList<int32>(buddies.count)),
      times_(NewList<int32>(buddies.count)) {}

int
Pairs::MinutesApart(uint32 newcomer, uint32 buddy) const {
    return kernel::MinutesApart(newcomers_[newcomer].ahead, buddies_[buddy].ahead);
}

bool
Pairs::MayBe(uint32 newcomer, uint32 buddy) const {
    const Person &person = newcomers_[newcomer];
    const Uuid &other = buddies_[buddy].id;
    return !(person.id == other) && !(person.has_manager && person.manager == other);
}

kernel::Affinity
Pairs::AffinityOf(uint32 newcomer, uint32 buddy, int shared, bool same_language) const {
    return kernel::AffinityOf({.shared_skills = shared,
                               .named_skills = newcomers_[newcomer].skills.count,
                               .same_language = same_language,
                               .minutes_apart = MinutesApart(newcomer, buddy)},
                              settings_.weights);
}

Reason
Pairs::Score(uint32 newcomer, const Meeting *met, uint32 met_count, int16 *scores) {
    for (int32 *counts : {shared_, spoken_, times_})
        std::fill_n(counts, buddies_.count, 0);
    skills_->Count(newcomers_[newcomer].skills, shared_);
    languages_->Count(newcomers_[newcomer].languages, spoken_);
    for (uint32 i = 0; i < met_count; i++)
        times_[met[i].buddy] = met[i].times;
    std::fill_n(scores, buddies_.count, kernel::kNoMatch);
    // Whoever was met least, be it by who has no place now, comes first.
    int32 least = PG_INT32_MAX;
    bool has_other = false, has_place = false;
    for (uint32 buddy = 0; buddy < buddies_.count; buddy++) {
        if (!MayBe(newcomer, buddy))
            continue;
        has_other = true;
        if (MinutesApart(newcomer, buddy) > settings_.max_minutes_apart)
            continue;
        least = std::min(least, times_[buddy]);
        if (buddies_[buddy].places <= 0)
            continue;
        has_place = true;
        scores[buddy] =
            static_cast<int16>(AffinityOf(newcomer, buddy, shared_[buddy], spoken_[buddy] > 0).total());
    }
    bool has_match = false;
    for (uint32 buddy = 0; buddy < buddies_.count; buddy++) {
        if (times_[buddy] > least)
            scores[buddy] = kernel::kNoMatch;
        has_match |= scores[buddy] != kernel::kNoMatch;
    }
    return has_match              ? Reason::None
           : has_place            ? Reason::Met
           : least < PG_INT32_MAX ? Reason::NoPlaces
           : has_other            ? Reason::TooFar
                                  : Reason::NoBuddy;
}

Jsonb *
Pairs::Explain(uint32 newcomer, uint32 buddy) const {
    const Person &one = newcomers_[newcomer], &other = buddies_[buddy];
    const Words skills = Common(one.skills, other.skills, Itself);
    const Words languages = Common(one.languages, other.languages, LanguageOf);
    const int minutes = MinutesApart(newcomer, buddy);
    const kernel::Affinity affinity = AffinityOf(newcomer, buddy, skills.count, languages.count > 0);
    return JsonbObject()
        .Nested("skills", Part(skills, one.skills.count, affinity.skills))
        .Nested("languages", Part(languages, -1, affinity.languages))
        .Nested("zone", ZonePart(minutes, affinity.zone))
        .Text("words", InWords(skills, one.skills.count, languages, minutes))
        .Finish();
}

} // namespace laurel::buddies
