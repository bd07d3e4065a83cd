#include "privacy/export_parts.h"

#include "postgres/list.h"

namespace laurel::privacy {

namespace {

// The columns by which rows are a person's, and those of the table that may be shown. Values that are
// encrypted, beside their column, are shown in clear under its name, to whom they may be.
constexpr SqlText kExportedColumns = R"(columns AS MATERIALIZED (
        SELECT r.table_name::pg_catalog.oid AS t, a.attnum AS n, pg_catalog.regexp_replace(r.export, '^laurel\.', '') AS part,
            CASE k.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || pg_catalog.format('%I.%I', s.nspname, k.relname) AS target, k.relname AS name,
            pg_catalog.format(CASE r.kind WHEN 'ids' THEN '$1 && f.%I' WHEN 'address' THEN 'f.%I = $3' ELSE 'f.%I = ANY ($1)' END, a.attname)
                || coalesce(' AND (' || p.exported_where || ')', '') AS condition
        FROM laurel_internal.person_rules r
        JOIN pg_catalog.pg_class k ON k.oid = r.table_name::pg_catalog.oid
        JOIN pg_catalog.pg_namespace s ON s.oid = k.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.oid AND a.attname = r.column_name
        LEFT JOIN ONLY laurel_internal.person_columns p ON p.table_name = s.nspname || '.' || k.relname AND p.column_name = r.column_name
        WHERE r.export IS NOT NULL AND r.kind <> 'mention'),
    shown AS MATERIALIZED (
        SELECT c.t, pg_catalog.string_agg(CASE WHEN a.attname = ANY (v.columns) THEN pg_catalog.format('CASE WHEN $4 THEN laurel_internal.reveal(f.%I, %L, %L, f.organization_id, f.%I, f.%I) END AS %I',
                a.attname || '_sealed', v.bound_name, a.attname, v.owner, v.row_column, a.attname) ELSE pg_catalog.format('f.%I', a.attname) END, ', ' ORDER BY a.attnum) AS list,
            pg_catalog.bool_or(a.attname = 'organization_id') AS is_tenants
        FROM (SELECT DISTINCT t FROM columns) c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.t AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN laurel_internal.personal_places() v ON v.place = c.t
        WHERE NOT EXISTS (SELECT FROM laurel_internal.person_rules r WHERE r.table_name::pg_catalog.oid = c.t AND a.attname = ANY (r.secret))
            AND NOT EXISTS (SELECT FROM pg_catalog.unnest(v.columns) o WHERE a.attname = o || '_sealed')
        GROUP BY c.t),
    sorted AS MATERIALIZED (
        SELECT x.indrelid AS t, pg_catalog.string_agg(pg_catalog.format('f.%I', a.attname), ', ' ORDER BY u.place) AS list
        FROM pg_catalog.pg_index x CROSS JOIN LATERAL pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY u (n, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = u.n
        WHERE x.indisprimary AND x.indrelid IN (SELECT t FROM columns) GROUP BY x.indrelid))";

// A row that is a person's by several columns of a part stands there once. What is archived is older.
Statement plan_export = Statement(Sql<R"(WITH {1}
        SELECT c.part, pg_catalog.format('SELECT pg_catalog.to_jsonb(r) FROM (SELECT %s FROM %s f WHERE %s AND %s%s) r', s.list, c.target,
            pg_catalog.concat_ws(' AND ', c.condition, (SELECT pg_catalog.string_agg(pg_catalog.format('(%s) IS NOT TRUE', o.condition), ' AND ')
                FROM columns o WHERE o.t = c.t AND o.part = c.part AND o.n < c.n)),
            CASE WHEN s.is_tenants THEN '($2 IS NULL OR f.organization_id = $2)' ELSE '$2 IS NULL' END, ' ORDER BY ' || o.list), c.t
        FROM columns c JOIN shown s USING (t) LEFT JOIN sorted o USING (t)
        ORDER BY coalesce(pg_catalog.array_position('{profile,points,ledger,badges,learning}', c.part), 6), c.part, c.name NOT LIKE '%\_archive', c.t, c.n)",
                                      kExportedColumns>)
                            .Returns(TEXTOID, TEXTOID, OIDOID);

} // namespace

ExportPlan
PlanExport() {
    const uint64 count = plan_export.Run(Access::Read);
    ExportPlan plan = {NewList<ExportStep>(count), static_cast<int>(count)};
    for (uint64 i = 0; i < count; i++)
        plan.steps[i] = {TextField(i, 1), TextField(i, 2), DatumGetObjectId(Field(i, 3))};
    return plan;
}

} // namespace laurel::privacy
