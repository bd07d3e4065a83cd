#include "privacy/merge_plan.h"

#include "postgres/array.h"
#include "postgres/error.h"
#include "postgres/list.h"

namespace laurel::privacy {

namespace {

// The columns whose rows move, of which tables. Alias f is a row of `from`, i one of `into`.
constexpr SqlText kColumns = R"(columns AS MATERIALIZED (
        SELECT r.table_name::pg_catalog.oid AS t, a.attnum AS n, a.attname AS c, k.relowner AS owner, r.kind, r.merge, r.better,
            pg_catalog.format('%I.%I', s.nspname, k.relname) AS name, CASE k.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END
            || pg_catalog.format('%I.%I', s.nspname, k.relname) AS target
        FROM laurel_internal.person_rules r
        JOIN pg_catalog.pg_class k ON k.oid = r.table_name::pg_catalog.oid
        JOIN pg_catalog.pg_namespace s ON s.oid = k.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.oid AND a.attname = r.column_name
        WHERE r.merge IN ('move', 'best', 'drop')))";

// What follows from such a column in a row, and the column itself.
constexpr SqlText kDerived = R"(derived AS MATERIALIZED (
        SELECT c.t, c.n, c.n AS part FROM columns c UNION ALL
        SELECT c.t, c.n, g.attnum FROM columns c JOIN pg_catalog.pg_attribute g ON g.attrelid = c.t AND g.attgenerated <> '' AND NOT g.attisdropped
        JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.t AND d.adnum = g.attnum
        WHERE pg_catalog.pg_get_expr(d.adbin, d.adrelid) ~ ('\m' || c.c || '\M')))";

// Unique keys with such a column in them: of which rows, and that two have the same but for it.
constexpr SqlText kKeys = R"(keys AS MATERIALIZED (
        SELECT c.t, c.n, coalesce(pg_catalog.pg_get_expr(x.indpred, x.indrelid), 'true') AS holds, coalesce((
            SELECT pg_catalog.string_agg(pg_catalog.format('i.%1$I = f.%1$I', a.attname), ' AND ')
            FROM pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY u (n, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = u.n
            WHERE u.place <= x.indnkeyatts AND NOT EXISTS (SELECT FROM derived d WHERE d.t = c.t AND d.n = c.n AND d.part = u.n)), 'true') AS same
        FROM columns c JOIN pg_catalog.pg_index x ON x.indrelid = c.t AND x.indisunique
        WHERE EXISTS (SELECT FROM derived d WHERE d.t = c.t AND d.n = c.n AND d.part = ANY (x.indkey::pg_catalog.int2[]))))";

// That a row of `into` has the key of f.
constexpr SqlText kTaken = R"(taken AS MATERIALIZED (
        SELECT c.t, c.n, pg_catalog.string_agg(pg_catalog.format(
            '((%1$s) AND EXISTS (SELECT FROM (SELECT * FROM %2$s WHERE %1$s) i WHERE i.%3$I = $2 AND %4$s))', k.holds, c.target, c.c, k.same), ' OR ') AS condition
        FROM columns c JOIN keys k USING (t, n) GROUP BY c.t, c.n))";

// That what f hangs from still is a row of `from` under the same name: then it stays there too.
constexpr SqlText kHanging = R"(hanging AS MATERIALIZED (
        SELECT c.t, c.n, pg_catalog.string_agg(pg_catalog.format('EXISTS (SELECT FROM %s h WHERE h.%I = $1 AND %s)', p.target, p.c, (
            SELECT pg_catalog.string_agg(pg_catalog.format('h.%I = f.%I', pa.attname, ca.attname), ' AND ')
            FROM ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) u (child, parent)
            JOIN pg_catalog.pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = u.child
            JOIN pg_catalog.pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = u.parent)), ' OR ') AS condition
        FROM columns c JOIN pg_catalog.pg_constraint k ON k.conrelid = c.t AND k.contype = 'f' AND c.n <> ALL (k.conkey)
        JOIN columns p ON p.t = k.confrelid AND p.c = c.c AND p.n <> ALL (k.confkey) AND p.owner = c.owner GROUP BY c.t, c.n))";

// The statement that moves, without what hangs from it by the person, and one that finds what is still to
// move. $1 is `from`.
constexpr SqlText kMoves = R"(moves AS MATERIALIZED (
        SELECT c.*, CASE c.kind
            WHEN 'ids' THEN pg_catalog.format('UPDATE %1$s AS f SET %2$I = pg_catalog.array_replace(f.%2$I, $1, $2) WHERE f.%2$I @> ARRAY[$1]', c.target, c.c)
            ELSE pg_catalog.format('UPDATE %1$s AS f SET %2$I = $2 WHERE f.%2$I = $1 AND (%3$s) IS NOT TRUE AND (%4$s) IS NOT TRUE',
                c.target, c.c, coalesce(t.condition, 'false'), coalesce(h.condition, 'false')) END AS move,
            CASE c.kind WHEN 'ids' THEN pg_catalog.format('SELECT FROM %1$s AS f WHERE f.%2$I @> ARRAY[$1] LIMIT 1', c.target, c.c)
            ELSE pg_catalog.format('SELECT FROM %1$s AS f WHERE f.%2$I = $1 AND (%3$s) IS NOT TRUE AND (%4$s) IS NOT TRUE LIMIT 1',
                c.target, c.c, coalesce(t.condition, 'false'), coalesce(h.condition, 'false')) END AS still
        FROM columns c LEFT JOIN taken t USING (t, n) LEFT JOIN hanging h USING (t, n) WHERE c.merge IN ('move', 'best')))";

// Which column refers to another by the person, so that both move in one statement.
constexpr SqlText kFollowers = R"(followers AS MATERIALIZED (
        SELECT DISTINCT p.t, p.n, c.t AS follower, c.n AS follower_column, c.move FROM moves p JOIN pg_catalog.pg_constraint k ON k.confrelid = p.t AND k.contype = 'f'
        CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) u (child, parent)
        JOIN moves c ON c.t = k.conrelid AND c.n = u.child WHERE u.parent = p.n AND c.t <> p.t))";

// Rows that a check does not let name one person twice: the id goes that may, and with which no row goes,
// else the row.
constexpr SqlText kParts = R"(parts AS MATERIALIZED (
        SELECT m.t, m.n, pg_catalog.array_agg(CASE
            WHEN NOT r.required THEN pg_catalog.format('UPDATE %s AS f SET %I = NULL WHERE f.%I = $1 AND f.%I = $2', m.target, m.c, m.c, o.attname)
            WHEN NOT o.attnotnull THEN pg_catalog.format('UPDATE %s AS f SET %I = NULL WHERE f.%I = $1 AND f.%I = $2', m.target, o.attname, m.c, o.attname)
            ELSE pg_catalog.format('DELETE FROM %s AS f WHERE f.%I = $1 AND f.%I = $2', m.target, m.c, o.attname) END) AS statements
        FROM moves m JOIN pg_catalog.pg_constraint k ON k.conrelid = m.t AND k.contype = 'c' AND m.n = ANY (k.conkey)
        JOIN pg_catalog.pg_attribute o ON o.attrelid = m.t AND o.attnum = ANY (k.conkey) AND o.attnum <> m.n AND o.atttypid = 'uuid'::pg_catalog.regtype
            AND pg_catalog.pg_get_constraintdef(k.oid) IN (pg_catalog.format('CHECK ((%I <> %I))', m.c, o.attname), pg_catalog.format('CHECK ((%I <> %I))', o.attname, m.c))
        CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = m.t AND a.attnum = m.n AND a.attnotnull)
            OR EXISTS (SELECT FROM pg_catalog.pg_constraint g WHERE g.conrelid = m.t AND g.contype = 'f' AND g.confdeltype = 'c' AND m.n = ANY (g.conkey))) r (required)
        GROUP BY m.t, m.n))";

// The better of two rows of one key: the worse one of `into` goes, or where others hang from it by the
// person, it becomes what the better one is.
constexpr SqlText kYields = R"(yields AS MATERIALIZED (
        SELECT m.t, m.n, pg_catalog.array_agg(CASE WHEN EXISTS (SELECT FROM followers w WHERE w.t = m.t AND w.n = m.n) THEN pg_catalog.format(
                'UPDATE %1$s AS i SET (%2$s) = ROW (%3$s) FROM (SELECT * FROM %1$s WHERE %4$s) f WHERE i.%5$I = $2 AND f.%5$I = $1 AND %6$s AND $1 = %7$s',
                m.target, own.names, own.values, k.holds, m.c, k.same, b.best)
            ELSE pg_catalog.format('DELETE FROM %1$s AS i WHERE i.%2$I = $2 AND (%3$s) AND EXISTS (SELECT FROM (SELECT * FROM %1$s WHERE %3$s) f WHERE f.%2$I = $1 AND %4$s) AND $1 = %5$s',
                m.target, m.c, k.holds, k.same, b.best) END) AS statements
        FROM moves m JOIN keys k USING (t, n)
        CROSS JOIN LATERAL (SELECT pg_catalog.format('(SELECT t.%1$I FROM (SELECT * FROM %2$s WHERE %3$s) t WHERE t.%1$I IN ($1, $2) AND %4$s ORDER BY %5$s, t.%1$I = $2 DESC LIMIT 1)',
            m.c, m.target, k.holds, pg_catalog.replace(k.same, 'f.', 't.'), m.better)) b (best)
        CROSS JOIN LATERAL (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', '), pg_catalog.string_agg(pg_catalog.format('f.%I', a.attname), ', ')
            FROM pg_catalog.pg_attribute a WHERE a.attrelid = m.t AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attname NOT IN ('id', 'updated_at')
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_index x WHERE x.indrelid = m.t AND x.indisunique AND a.attnum = ANY (x.indkey::pg_catalog.int2[]))) own (names, values)
        WHERE m.merge = 'best' AND m.kind <> 'ids' GROUP BY m.t, m.n))";

// What is dropped and goes with no membership.
constexpr SqlText kDrops = R"(drops AS MATERIALIZED (
        SELECT c.t, c.n, pg_catalog.format('DELETE FROM %s AS f WHERE f.%I = $1', c.target, c.c) AS statement FROM columns c
        WHERE c.merge = 'drop' AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.t AND k.contype = 'f' AND k.confdeltype = 'c'
            AND c.n = ANY (k.conkey) AND k.confrelid IN ('laurel.users'::pg_catalog.regclass, 'laurel.user_organizations'::pg_catalog.regclass))))";

Statement plan =
    Statement(
        Sql<R"(WITH {1}, {2}, {3}, {4}
        SELECT c.name, c.kind = 'address', p.statements || y.statements || ARRAY(SELECT d.statement WHERE d.statement IS NOT NULL), CASE WHEN m.move IS NOT NULL
                THEN coalesce((SELECT 'WITH ' || pg_catalog.string_agg(pg_catalog.format('led_%s_%s AS (%s)', w.follower, w.follower_column, w.move), ', ') || ' '
                    FROM followers w WHERE w.t = c.t AND w.n = c.n), '') || m.move END,
            pg_catalog.format(CASE c.kind WHEN 'ids' THEN 'SELECT pg_catalog.count(*) FROM %s f WHERE f.%I @> ARRAY[$1]' ELSE 'SELECT pg_catalog.count(*) FROM %s f WHERE f.%I = $1' END, c.target, c.c),
            c.t || ARRAY(SELECT DISTINCT w.follower FROM followers w WHERE w.t = c.t AND w.n = c.n), m.still
        FROM columns c LEFT JOIN moves m USING (t, n) LEFT JOIN parts p USING (t, n) LEFT JOIN yields y USING (t, n) LEFT JOIN drops d USING (t, n)
        WHERE (m.move IS NOT NULL OR d.statement IS NOT NULL) AND NOT EXISTS (SELECT FROM followers w WHERE w.follower = c.t AND w.follower_column = c.n)
        ORDER BY c.t, c.n)",
            Sql<"{1}, {2}, {3}, {4}", kColumns, kDerived, kKeys, kTaken>,
            Sql<"{1}, {2}, {3}", kHanging, kMoves, kFollowers>, Sql<"{1}, {2}", kParts, kYields>, kDrops>)
        .Returns(TEXTOID, BOOLOID, TEXTARRAYOID, TEXTOID, TEXTOID, OIDARRAYOID, TEXTOID);

// An array's elements, and how many they are; none of null.
Datum *
Elements(Datum array, bool is_null, Oid type, int *count) {
    Datum *elements = nullptr;
    *count = 0;
    if (is_null)
        return elements;
    int16 length;
    bool by_value;
    char alignment;
    get_typlenbyvalalign(type, &length, &by_value, &alignment);
    deconstruct_array(DatumGetArrayTypeP(array), type, length, by_value, alignment, &elements, nullptr,
                      count);
    return elements;
}

void
ReadFirst(MoveStep *step, Datum array, bool is_null) {
    const Datum *texts = Elements(array, is_null, TEXTOID, &step->first_count);
    step->first = NewList<const char *>(step->first_count);
    for (int i = 0; i < step->first_count; i++)
        step->first[i] = CString(ToText(texts[i]));
}

void
ReadTables(MoveStep *step, Datum array) {
    int count;
    const Datum *oids = Elements(array, false, OIDOID, &count);
    if (count > MoveStep::kMostTables)
        Refuse({.sqlstate = ERRCODE_PROGRAM_LIMIT_EXCEEDED,
                .message =
                    psprintf("more than %d tables refer to each other by a person", MoveStep::kMostTables),
                .hint = "Tables of the application that refer to each other by (organization_id, user_id) "
                        "are moved at "
                        "once: let some refer to laurel.user_organizations instead."});
    for (int i = 0; i < count; i++)
        step->tables[i] = DatumGetObjectId(oids[i]);
}

} // namespace

MovePlan
PlanMoves() {
    const uint64 count = plan.Run(Access::Write);
    MovePlan moves = {NewList<MoveStep>(count), static_cast<int>(count)};
    for (uint64 i = 0; i < count; i++) {
        MoveStep *step = &moves.steps[i];
        *step = {};
        step->table = TextField(i, 1);
        step->by_address = DatumGetBool(Field(i, 2));
        bool is_null;
        const Datum first = Field(i, 3, &is_null);
        ReadFirst(step, first, is_null);
        step->move = TextField(i, 4);
        step->count = TextField(i, 5);
        ReadTables(step, Field(i, 6));
        step->still = TextField(i, 7);
    }
    return moves;
}

} // namespace laurel::privacy
