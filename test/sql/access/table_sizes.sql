\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(10);

SELECT laurel.uuidv7() IS NOT NULL AS loaded;
CREATE FUNCTION pg_temp.plan_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines text[];
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || statement LOOP
        lines := lines || line;
    END LOOP;
    RETURN array_to_string(lines, E'\n');
END
$$;
CREATE FUNCTION pg_temp.rows_of(table_name text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) SELECT FROM ' || table_name INTO plan;
    RETURN plan #> '{0,Plan,Plan Rows}';
END
$$;

-- A plan made for a table of a few rows must do for one of many: foreign keys keep theirs.
SELECT tests.found('a'), tests.crowd('a', 2, 6);
CREATE TEMP TABLE small AS SELECT organization_id, id FROM laurel.users;
ALTER TABLE small ADD PRIMARY KEY (id);
ANALYZE laurel.users, laurel.user_organizations, laurel.user_points, small;
SELECT matches(pg_temp.plan_of('SELECT FROM laurel.users WHERE id = laurel.uuidv7()'), 'Seq Scan',
    'what changes with each row reads the table');
SELECT matches(pg_temp.plan_of('SELECT FROM laurel.users WHERE id = laurel.uid()'), 'users_pkey',
    'a user in a small table is found by key');
SELECT matches(pg_temp.plan_of('SELECT FROM laurel.user_organizations WHERE organization_id = laurel.uid() AND user_id = laurel.uid()'),
    'Index (Only )?Scan', 'a membership too');
SELECT matches(pg_temp.plan_of('SELECT FROM small WHERE id = laurel.uid()'), 'Seq Scan', 'in other tables as Postgres likes');

-- What a failed import leaves is counted as pages without rows.
SAVEPOINT failed_import;
SELECT tests.crowd('a', 11, 5010);
DELETE FROM small;
INSERT INTO small SELECT organization_id, id FROM laurel.users;
ROLLBACK TO failed_import;
DELETE FROM laurel.users;
DELETE FROM small;
ANALYZE laurel.users, laurel.user_organizations, laurel.user_points, small;
SELECT results_eq($$ SELECT reltuples, relpages > 50 FROM pg_class WHERE oid = 'laurel.users'::regclass $$, $$ VALUES (0::real, true) $$,
    'statistics say that there are pages and no rows');
SELECT is(pg_temp.rows_of('laurel.users'), pg_relation_size('laurel.users') / 8192::numeric, 'a row is expected on each');
SELECT is(pg_temp.rows_of('small'), 1::numeric, 'in other tables none');
SELECT matches(pg_temp.plan_of('SELECT FROM laurel.users WHERE organization_id = laurel.uid() AND id = laurel.uid()'),
    'users_(pkey|organization_id_id_key)', 'a user is found by a key, not by an index that seems as good');
SET LOCAL statement_timeout = '30s';
SELECT tests.crowd('a', 1, 30001);
SELECT lives_ok($$ UPDATE laurel.users SET manager_id = tests.one('a', 1) WHERE id <> tests.one('a', 1) $$,
    'thirty thousand users are given a manager in good time');
SELECT lives_ok($$ INSERT INTO laurel.daily_activity (user_id) SELECT id FROM laurel.users $$, 'and are active');

SELECT * FROM finish();
ROLLBACK;
