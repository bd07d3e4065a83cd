#include "leaderboards/marks.h"

#include "postgres/bridge.h"
#include "postgres/fresh.h"
#include "postgres/relation_changes.h"

namespace laurel::leaderboards {

namespace {

// Organizations that a session remembers; beyond that it begins anew.
constexpr long kMostOrganizations = 4096;

Statement read_marks =
    Statement(R"(SELECT m.period, m.period_start, pg_catalog.array_agg(m.points ORDER BY m.points)
        FROM ONLY laurel_internal.rank_marks m WHERE m.organization_id = $1 GROUP BY 1, 2)",
              UUIDOID)
        .Returns(TEXTOID, DATEOID, INT8ARRAYOID)
        .Generic();

// What is remembered of one organization: most have no marks.
struct Remembered {
    Uuid organization;
    uint64 epoch; // of the marks when they were read
    MarkedBoards marks;
};

constinit uint64 marks_epoch = 1;
constinit Oid marks_signal = InvalidOid;
constinit HTAB *remembered = nullptr;
constinit MemoryContext marks_memory = nullptr;

void
Forget() {
    if (marks_memory == nullptr)
        marks_memory = AllocSetContextCreate(TopMemoryContext, "laurel rank marks", ALLOCSET_DEFAULT_SIZES);
    MemoryContextReset(marks_memory);
    HASHCTL control = {};
    control.keysize = sizeof(Uuid);
    control.entrysize = sizeof(Remembered);
    control.hcxt = marks_memory;
    remembered = hash_create("laurel rank marks", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

const int64 *
KeepPoints(Datum array, int *count) {
    Datum *values;
    deconstruct_array(DatumGetArrayTypeP(array), INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
                      &values, nullptr, count);
    auto *points =
        static_cast<int64 *>(MemoryContextAlloc(marks_memory, sizeof(int64) * static_cast<Size>(*count)));
    for (int i = 0; i < *count; i++)
        points[i] = DatumGetInt64(values[i]);
    return points;
}

MarkedBoards
ReadMarks(const Uuid &organization) {
    const FreshRead fresh(OwnerOf(TableOid("rank_marks", "laurel_internal")));
    const uint64 count = read_marks.Run(Access::Read, {FromUuid(organization)});
    if (count == 0)
        return {};
    auto *boards = static_cast<BoardMarks *>(MemoryContextAlloc(marks_memory, sizeof(BoardMarks) * count));
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        boards[i].period = PeriodNamed(ToText(row.Next()));
        boards[i].start = DatumGetDateADT(row.Next());
        boards[i].points = KeepPoints(row.Next(), &boards[i].count);
    }
    return {static_cast<int>(count), boards};
}

} // namespace

// What was read before stays in memory until all is forgotten: marks come and go a few times an hour.
MarkedBoards
MarksOf(const Uuid &organization) {
    static constexpr Size kMostBytes = Size{4} * 1024 * 1024;
    if (remembered == nullptr || hash_get_num_entries(remembered) >= kMostOrganizations ||
        MemoryContextMemAllocated(marks_memory, true) > kMostBytes)
        Forget();
    bool found;
    auto *known = static_cast<Remembered *>(hash_search(remembered, &organization, HASH_ENTER, &found));
    if (found && known->epoch == marks_epoch)
        return known->marks;
    known->epoch = 0;
    marks_signal = TableOid("rank_mark_changes", "laurel_internal");
    const uint64 reading = marks_epoch;
    const MarkedBoards marks = ReadMarks(organization);
    known->marks = marks;
    known->epoch = reading;
    return marks;
}

void
InitMarks() {
    WhenRelationChanges([](Oid relation) {
        if (relation == InvalidOid || relation == marks_signal)
            marks_epoch++;
    });
}

} // namespace laurel::leaderboards
