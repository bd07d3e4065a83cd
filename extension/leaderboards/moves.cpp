// Members that pass a mark of a leaderboard: told by the triggers of their accounts, whoever writes those.

#include "guards/net.h"
#include "guards/of_statement.h"
#include "leaderboards/marks.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/trigger.h"
#include "uuidv7.h"

extern "C" {
#include "catalog/indexing.h"
}

namespace laurel::leaderboards {

namespace {

constexpr TriggerSpec kNoteRank = {"note_rank", TriggerSpec::After, TriggerSpec::EachRow,
                                   TriggerSpec::Update | TriggerSpec::Delete};
constexpr TriggerSpec kWriteMoves = {"write_rank_moves", TriggerSpec::After, TriggerSpec::EachStatement,
                                     TriggerSpec::Update | TriggerSpec::Delete};

// A mark that members pass.
struct Mark {
    Uuid organization;
    int32 period;
    int32 start;
    int64 points;
};

static_assert(sizeof(Mark) == sizeof(Uuid) + 2 * sizeof(int32) + sizeof(int64), "compared byte by byte");

using Moves = guards::NetOf<Mark>;
constinit guards::OfStatement<Moves> moves_of_statement;

// Where an account stands on the leaderboard of a period.
struct Stand {
    bool is_on = false;
    int32 start = 0;
    int64 points = 0;
};

constexpr struct {
    const char *points, *reached_at, *start;
} kColumnsOf[] = {{"points_this_week", "week_reached_at", "week_start"},
                  {"points_this_month", "month_reached_at", "month_start"},
                  {"total_points", "reached_at", nullptr}};

Stand
StandOf(HeapTuple account, TupleDesc tuple_desc, Period period) {
    const auto &columns = kColumnsOf[static_cast<int>(period)];
    if (account == nullptr ||
        heap_attisnull(account, Attribute(tuple_desc, columns.reached_at, TIMESTAMPTZOID), tuple_desc))
        return {};
    bool is_null = false;
    const Datum start = columns.start == nullptr
                            ? DateADTGetDatum(0)
                            : AttributeValue(account, tuple_desc, columns.start, DATEOID, &is_null);
    if (is_null)
        return {};
    return {true, DatumGetDateADT(start),
            DatumGetInt64(AttributeValue(account, tuple_desc, columns.points, INT8OID, &is_null))};
}

// How many of the marks the account has reached.
int
Reached(const BoardMarks &marks, const Stand &stand) {
    if (!stand.is_on || stand.start != marks.start)
        return 0;
    return static_cast<int>(std::upper_bound(marks.points, marks.points + marks.count, stand.points) -
                            marks.points);
}

void
NoteMoves(const TriggerData *trigger, const Uuid &organization, const BoardMarks &marks, Moves *moves) {
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    HeapTuple after = TRIGGER_FIRED_BY_DELETE(trigger->tg_event) ? nullptr : trigger->tg_newtuple;
    const int before = Reached(marks, StandOf(trigger->tg_trigtuple, tuple_desc, marks.period));
    const int now = Reached(marks, StandOf(after, tuple_desc, marks.period));
    for (int i = std::min(before, now); i < std::max(before, now); i++)
        moves->Add({organization, static_cast<int32>(marks.period), marks.start, marks.points[i]},
                   now > before ? 1 : -1);
}

// Adds a row of rank_moves. Not by SQL: awards do it now and then, and a statement would take as long as a
// twentieth of one.
class MoveWriter {
public:
    MoveWriter()
        : table_(table_open(TableOid("rank_moves", "laurel_internal"), RowExclusiveLock)),
          indexes_(CatalogOpenIndexes(table_)) {
        for (int i = 0; i < indexes_->ri_NumIndices; i++)
            RequirePlain(*indexes_->ri_IndexRelationInfo[i]);
    }
    MoveWriter(const MoveWriter &) = delete;
    MoveWriter &operator=(const MoveWriter &) = delete;
    ~MoveWriter() {
        CatalogCloseIndexes(indexes_);
        table_close(table_, NoLock);
    }

    void Write(const guards::DifferenceOf<Mark> &move) {
        Set("id", UUIDOID, NewUuid7());
        Set("organization_id", UUIDOID, FromUuid(move.row.organization));
        Set("period", TEXTOID, FromText(NameOf(static_cast<Period>(move.row.period))));
        Set("period_start", DATEOID, DateADTGetDatum(move.row.start));
        Set("points", INT8OID, Int64GetDatum(move.row.points));
        Set("by", INT8OID, Int64GetDatum(move.by));
        CatalogTupleInsertWithInfo(table_, heap_form_tuple(RelationGetDescr(table_), values_, nulls_),
                                   indexes_);
    }

private:
    // What is written without the executor evaluates no expressions.
    void RequirePlain(const IndexInfo &index) const {
        if (index.ii_Expressions != NIL || index.ii_Predicate != NIL || index.ii_ExclusionOps != nullptr)
            RefuseDropped(RelationGetRelid(table_), "rank_moves has an index that is not Laurel's");
    }

    void Set(const char *column, Oid type, Datum value) {
        const int number = Attribute(RelationGetDescr(table_), column, type);
        if (number > kMostColumns || RelationGetDescr(table_)->natts > kMostColumns)
            RefuseDropped(RelationGetRelid(table_), "rank_moves has columns that are not Laurel's");
        values_[number - 1] = value;
        nulls_[number - 1] = false;
    }

    static constexpr int kMostColumns = 8;
    Relation table_;
    CatalogIndexState indexes_;
    Datum values_[kMostColumns] = {};
    bool nulls_[kMostColumns] = {true, true, true, true, true, true, true, true};
};

} // namespace

LAUREL_FUNCTION(laurel_note_rank) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kNoteRank);
    bool is_null;
    const Uuid organization = ToUuid(AttributeValue(
        trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation), "organization_id", UUIDOID, &is_null));
    const MarkedBoards marked = MarksOf(organization);
    for (int i = 0; i < marked.count; i++)
        NoteMoves(trigger, organization, marked.boards[i], moves_of_statement.Get(fcinfo));
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_write_rank_moves) {
    CheckTrigger(fcinfo, kWriteMoves);
    Moves *moves = moves_of_statement.Take(fcinfo);
    if (moves == nullptr)
        return PointerGetDatum(nullptr);
    moves->Settle();
    if (moves->begin() == moves->end())
        return PointerGetDatum(nullptr);
    MoveWriter writer;
    for (const auto &move : *moves)
        writer.Write(move);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::leaderboards
