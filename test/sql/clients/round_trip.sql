-- A tool that compares schemas reads definitions from the catalogue, makes tables of them and reads them again: each must read the
-- same, or it finds a difference for ever. And some tools send every column, null where they have no value.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(8);

CREATE TEMP VIEW tables AS SELECT c.oid, c.relname::text AS name FROM pg_class c WHERE c.relnamespace = 'laurel'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition;
CREATE TEMP VIEW defaults AS SELECT c.relnamespace AS place, c.relname::text AS relation, a.attname::text AS name, a.attgenerated, pg_get_expr(d.adbin, d.adrelid) AS given
    FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum;
CREATE TEMP VIEW checks AS SELECT c.relnamespace AS place, c.relname::text AS relation, k.conname::text AS name, pg_get_constraintdef(k.oid) AS given
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype = 'c';
CREATE TEMP VIEW policies AS SELECT c.relnamespace AS place, c.relname::text AS relation, p.polname::text AS name, concat_ws(' / ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) AS given
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid;
CREATE TEMP VIEW views AS SELECT c.relnamespace AS place, c.relname::text AS relation, ''::text AS name, pg_get_viewdef(c.oid) AS given FROM pg_class c WHERE c.relkind = 'v';

CREATE SCHEMA copy;
SELECT format('CREATE TABLE copy.%I (%s)', t.name, string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attgenerated <> '' THEN format(' GENERATED ALWAYS AS (%s) STORED', d.given) ELSE ' DEFAULT ' || d.given END), ', ' ORDER BY a.attnum))
FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN defaults d ON d.place = 'laurel'::regnamespace AND d.relation = t.name AND d.name = a.attname GROUP BY t.oid, t.name
UNION ALL SELECT format('ALTER TABLE copy.%I ADD CONSTRAINT %I %s', c.relation, c.name, c.given) FROM checks c JOIN tables t ON t.name = c.relation WHERE c.place = 'laurel'::regnamespace
UNION ALL SELECT format('CREATE POLICY %I ON copy.%I%s%s', p.polname, t.name, CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE' WHEN 'd' THEN ' FOR DELETE' ELSE '' END,
        concat(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'))
    FROM pg_policy p JOIN tables t ON t.oid = p.polrelid
UNION ALL SELECT format('CREATE VIEW copy.%I AS %s', v.relation, v.given) FROM views v WHERE v.place = 'laurel'::regnamespace
UNION ALL SELECT format('ALTER VIEW copy.%I ALTER COLUMN %I SET DEFAULT %s', d.relation, d.name, d.given) FROM defaults d JOIN views v USING (place, relation) WHERE d.place = 'laurel'::regnamespace
\gexec

CREATE FUNCTION pg_temp.differ(kind text) RETURNS TABLE (relation text, name text, once text, again text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT a.relation, a.name, a.given, b.given FROM %1$s a LEFT JOIN %1$s b ON b.place = %2$L::regnamespace AND (b.relation, b.name) = (a.relation, a.name)
        WHERE a.place = %3$L::regnamespace AND a.relation IN (SELECT relname FROM pg_class WHERE relnamespace = %3$L::regnamespace AND NOT relispartition) AND a.given IS DISTINCT FROM b.given', kind, 'copy', 'laurel');
END
$$;
SELECT is_empty($$ SELECT * FROM pg_temp.differ('defaults') $$, 'defaults read the same again');
SELECT is_empty($$ SELECT * FROM pg_temp.differ('checks') $$, 'and checks');
SELECT is_empty($$ SELECT * FROM pg_temp.differ('policies') $$, 'and policies');
SELECT is_empty($$ SELECT * FROM pg_temp.differ('views') $$, 'and views');
SELECT cmp_ok((SELECT count(*) FROM defaults WHERE place = 'copy'::regnamespace), '>', 100::bigint, 'which are many');

SELECT tests.cast('learner');
SELECT results_eq($$ INSERT INTO laurel.points_ledger (id, organization_id, user_id, entry_no, amount, balance_after, transaction_type, reference_type, reference_id, reason, metadata, idempotency_key, reverses_id, created_by,
        occurred_at, created_at, entry_hash) VALUES (NULL, NULL, tests.person('learner'), NULL, 5, NULL, 't', NULL, NULL, 'r', '{}', NULL, NULL, NULL, NULL, NULL, NULL)
    RETURNING id IS NOT NULL, entry_no, balance_after $$, $$ VALUES (true, 1::bigint, 5::bigint) $$, 'an entry whose every column is sent, null where the database fills it');
SELECT is(tests.error_of($$ INSERT INTO laurel.point_transactions (user_id, points, activity_type, reason) VALUES (tests.person('learner'), 5, 't', NULL) $$), '23514 points_ledger_reason_check',
    'a reason that is sent as null is none');
SELECT is(tests.error_of($$ INSERT INTO laurel.users (id, email) VALUES (NULL, 'x@x.test') $$), '23502', 'another key that is sent as null is missed, not filled');

SELECT * FROM finish();
ROLLBACK;
