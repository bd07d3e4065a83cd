-- Rows that are archived where others are deleted.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

CREATE FUNCTION pg_temp.told(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    m text; d text; h text; c text; gone bigint;
BEGIN
    EXECUTE command;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN format('%s: %s', gone, (SELECT string_agg(format('%s %s', n, coalesce(status, '-')), ', ' ORDER BY n) FROM kit.plans));
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT, c = CONSTRAINT_NAME;
    RETURN concat_ws(' | ', SQLSTATE, m, nullif(d, ''), nullif(h, ''), nullif(c, ''));
END
$$;
CREATE FUNCTION pg_temp.plant() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO kit.plans (n, organization_id, crew_id, status) SELECT g, tests.org('a'), tests.crew('a', 1 + g % 2), 'active' FROM generate_series(1, 4) g;
END $$;

-- On a plain table and on a partitioned one.
CREATE FUNCTION pg_temp.tried(partitioned boolean) RETURNS SETOF text LANGUAGE plpgsql AS $body$
DECLARE
    kind constant text := CASE WHEN partitioned THEN 'partitioned' ELSE 'plain' END;
BEGIN
    PERFORM tests.make_crews();
    INSERT INTO kit.crews (id, organization_id, name) SELECT tests.crew('a', g), tests.org('a'), 'x' FROM generate_series(1, 2) g;
    SET LOCAL ROLE laurel_owner;
    ALTER TABLE kit.crews ADD COLUMN plan_count bigint NOT NULL DEFAULT 0;
    EXECUTE format('CREATE TABLE kit.plans (n integer, organization_id uuid NOT NULL, crew_id uuid NOT NULL, status text NOT NULL, closed_at timestamptz,
        FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id) ON DELETE CASCADE) %s', CASE WHEN partitioned THEN 'PARTITION BY RANGE (n)' END);
    IF partitioned THEN
        CREATE TABLE kit.plans_few PARTITION OF kit.plans FOR VALUES FROM (0) TO (3);
    END IF;
    PERFORM laurel_internal.states('kit.plans', 'status', '{"draft": ["active"], "active": ["archived"], "archived": [], "done": []}', '{"archived": "closed_at"}'),
        laurel_internal.counts('kit.crews', 'plan_count', 'kit.plans', 'crew_id', $$status <> 'archived'$$),
        laurel_internal.archive_instead('kit.plans', 'status', 'archived');
    IF partitioned THEN
        CREATE TABLE kit.plans_many (status text NOT NULL CONSTRAINT plans_status_check CHECK (status IN ('active', 'archived', 'done', 'draft')), gone text, closed_at timestamptz, crew_id uuid NOT NULL, organization_id uuid NOT NULL, n integer);
        ALTER TABLE kit.plans_many DROP COLUMN gone;
        ALTER TABLE kit.plans ATTACH PARTITION kit.plans_many FOR VALUES FROM (3) TO (100);
        PERFORM laurel_internal.guard_partition('kit.plans_many');
    END IF;
    RESET ROLE;
    PERFORM pg_temp.plant();
    RETURN NEXT is((SELECT string_agg(plan_count::text, ' ' ORDER BY id) FROM kit.crews), '2 2', kind || ': rows are counted');
    RETURN NEXT is(pg_temp.told('DELETE FROM kit.plans WHERE n IN (1, 3)'), '0: 1 archived, 2 active, 3 archived, 4 active', kind || ': a delete archives');
    RETURN NEXT is((SELECT string_agg(plan_count::text, ' ' ORDER BY id) FROM kit.crews), '2 0', kind || ': what is archived is counted no more');
    RETURN NEXT is((SELECT count(closed_at) FROM kit.plans), 2::bigint, kind || ': and says since when');
    RETURN NEXT is(pg_temp.told('DELETE FROM kit.plans WHERE n = 1'), '0: 1 archived, 2 active, 3 archived, 4 active', kind || ': once');
    RETURN NEXT is(pg_temp.told($$ WITH gone AS (DELETE FROM kit.plans WHERE n = 2 RETURNING n) SELECT * FROM gone $$), '0: 1 archived, 2 archived, 3 archived, 4 active', kind || ': and returns nothing');
    RETURN NEXT is(pg_temp.told($$ MERGE INTO kit.plans p USING (VALUES (4)) v (n) ON p.n = v.n WHEN MATCHED THEN DELETE $$),
        '0: 1 archived, 2 archived, 3 archived, 4 archived', kind || ': by MERGE too');
    INSERT INTO kit.plans (n, organization_id, crew_id, status) VALUES (5, tests.org('a'), tests.crew('a', 1), 'done'), (6, tests.org('a'), tests.crew('a', 2), 'active');
    RETURN NEXT alike(pg_temp.told('DELETE FROM kit.plans WHERE n = 5'), '23514 | status of a row of "plans" cannot become archived after done | After done: nothing. | plans_status_steps',
        kind || ': a state from which there is no way');
    RETURN NEXT is(pg_temp.told('TRUNCATE kit.plans'), '23001 | rows of "plans" are archived, not deleted | DELETE sets status to ''archived''. | plans_archived', kind || ': nor is it truncated');
    RETURN NEXT alike(pg_temp.told('TRUNCATE kit.crews CASCADE'), '23001 |%plans_archived', kind || ': with others');
    IF partitioned THEN
        RETURN NEXT alike(pg_temp.told('TRUNCATE kit.plans_few'), '23001 |%plans_archived', kind || ': a partition');
        RETURN NEXT alike(pg_temp.told('TRUNCATE kit.plans_many'), '23001 |%plans_archived', kind || ': one that came later');
        RETURN NEXT is(pg_temp.told('DELETE FROM kit.plans_many WHERE n = 6'), '0: 1 archived, 2 archived, 3 archived, 4 archived, 5 done, 6 archived', kind || ': written directly');
    END IF;
    RETURN NEXT is_empty('SELECT * FROM laurel.check()', kind || ': nothing is wrong');
    RETURN NEXT alike(pg_temp.told('DELETE FROM kit.crews WHERE id = tests.crew(''a'', 2)'), '1: 2 archived, 4 archived%', kind || ': what goes with its parent goes');
    DELETE FROM laurel.users WHERE organization_id = tests.org('a');
    DELETE FROM laurel.organizations WHERE id = tests.org('a');
    RETURN NEXT is((SELECT count(*) FROM kit.plans), 0::bigint, kind || ': and with its organization');
    RAISE EXCEPTION USING ERRCODE = 'P9999';
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN;
END
$body$;
SELECT * FROM pg_temp.tried(false);
SELECT * FROM pg_temp.tried(true);

-- Callers bound by policies: who may delete, archives, though he may not update.
SELECT tests.make_crews();
INSERT INTO kit.crews (id, organization_id, name) SELECT tests.crew('a', g), tests.org('a'), 'x' FROM generate_series(1, 2) g;
CREATE TABLE kit.plans (n integer PRIMARY KEY, organization_id uuid NOT NULL, crew_id uuid, status text DEFAULT 'active', made timestamptz DEFAULT now() - interval '9 days');
ALTER TABLE kit.plans OWNER TO laurel_owner;
SELECT laurel_internal.archive_instead('kit.plans', 'status', 'archived');
SELECT pg_temp.plant();
ALTER TABLE kit.plans ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON kit.plans FOR SELECT TO authenticated USING (true);
CREATE POLICY remove ON kit.plans FOR DELETE TO authenticated USING (n < 3);
GRANT SELECT, DELETE ON kit.plans TO authenticated;
SELECT tests.act_as(tests.one('a', 1));
SELECT is(pg_temp.told('DELETE FROM kit.plans WHERE n > 1'), '0: 1 active, 2 archived, 3 active, 4 active', 'rows that one may delete are archived');
SELECT is(pg_temp.told('UPDATE kit.plans SET status = ''x'''), '42501 | permission denied for table plans', 'by nothing else');
SELECT tests.act_as_owner();

-- Triggers of the application.
CREATE FUNCTION pg_temp.hook() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_ARGV[0] = 'drop' THEN RETURN NULL; END IF;
    NEW.status := TG_ARGV[0]; RETURN NEW;
END $$;
CREATE TRIGGER hook BEFORE UPDATE ON kit.plans FOR EACH ROW EXECUTE FUNCTION pg_temp.hook('drop');
SELECT alike(pg_temp.told('DELETE FROM kit.plans WHERE n = 1'), '39P01 | a trigger dropped the row of kit.plans that was to be archived |%', 'one that drops the update');
DROP TRIGGER hook ON kit.plans;
CREATE TRIGGER hook BEFORE UPDATE ON kit.plans FOR EACH ROW EXECUTE FUNCTION pg_temp.hook('kept');
SELECT alike(pg_temp.told('DELETE FROM kit.plans WHERE n = 1'), '39P01 | a trigger changed the row of kit.plans that was to be archived |%', 'one that sets another value');
DROP TRIGGER hook ON kit.plans;
CREATE TRIGGER hook BEFORE DELETE ON kit.plans FOR EACH ROW EXECUTE FUNCTION pg_temp.hook('drop');
SELECT is(pg_temp.told('DELETE FROM kit.plans WHERE n = 1'), '0: 1 active, 2 archived, 3 active, 4 active', 'one that keeps the row');
DROP TRIGGER hook ON kit.plans;
SAVEPOINT before;
SELECT is(pg_temp.told('DELETE FROM kit.plans WHERE n = 1'), '0: 1 archived, 2 archived, 3 active, 4 active', 'a delete');
ROLLBACK TO before;
SELECT is(pg_temp.told('DELETE FROM kit.plans WHERE n = 1'), '0: 1 archived, 2 archived, 3 active, 4 active', 'that is rolled back was none');

-- Whichever of the two is attached first: the value is one of the states, and archiving is a step.
CREATE TABLE kit.drafts (n integer, organization_id uuid NOT NULL, status text NOT NULL);
ALTER TABLE kit.drafts OWNER TO laurel_owner;
SELECT laurel_internal.archive_instead('kit.drafts', 'status', 'archived');
SELECT is(pg_temp.told($$ SELECT laurel_internal.states('kit.drafts', 'status', '{"new": ["old"], "old": []}') $$),
    '22023 | no state of kit.drafts: archived | Rows are archived to it, as laurel_internal.archive_instead was told.', 'states without the one that rows are archived to');
SELECT laurel_internal.states('kit.drafts', 'status', '{"new": ["archived"], "done": [], "archived": []}');
INSERT INTO kit.drafts VALUES (1, tests.org('a'), 'new'), (2, tests.org('a'), 'done');
DELETE FROM kit.drafts WHERE n = 1;
SELECT results_eq('SELECT n, status FROM kit.drafts ORDER BY n', $$ VALUES (1, 'archived'), (2, 'done') $$, 'states after archive_instead');
SELECT is(tests.error_of('DELETE FROM kit.drafts WHERE n = 2'), '23514 drafts_status_steps', 'say what may be archived');
SELECT is_empty('SELECT * FROM laurel.check()', 'and nothing is wrong');
SELECT laurel_internal.detach('kit.drafts', 'archive_instead');
SELECT is(pg_temp.told($$ SELECT laurel_internal.archive_instead('kit.drafts', 'status', 'gone') $$),
    '22023 | no state of kit.drafts: gone | Archive to one of the states that laurel_internal.states was given.', 'or archive_instead after states');

-- Retention removes what is due, archived or not.
CREATE TABLE laurel.test_plans (n integer, organization_id uuid, created_at timestamptz, status text);
ALTER TABLE laurel.test_plans OWNER TO laurel_owner;
SELECT laurel_internal.archive_instead('laurel.test_plans', 'status', 'archived');
INSERT INTO laurel.test_plans SELECT g, tests.org('a'), now() - g * interval '1 day', 'active' FROM generate_series(1, 9) g;
DELETE FROM laurel.test_plans WHERE n > 7;
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, source) VALUES ('test_plans', 'test_plans', '5 days 12 hours', 'delete', 'created_at', 'a test');
DO $$
DECLARE
    this uuid;
    further boolean := true;
BEGIN
    PERFORM laurel_internal.enter_retention();
    SELECT s.run INTO this FROM laurel_internal.start_retention('test_plans', false) s;
    WHILE further LOOP
        SELECT b.more INTO further FROM laurel_internal.retention_batch(this, true) b;
    END LOOP;
    PERFORM laurel_internal.finish_retention(this, 'done'), laurel_internal.leave_retention();
END $$;
SELECT results_eq('SELECT n, status FROM laurel.test_plans ORDER BY n', $$ SELECT g, 'active' FROM generate_series(1, 5) g $$, 'what retention removes is gone');

-- Misplaced, renamed, missing.
SELECT is(tests.error_of($$ SELECT laurel_internal.archive_instead('kit.plans', 'status', NULL) $$), '22023', 'no value');
SELECT is(tests.error_of($$ SELECT laurel_internal.archive_instead('kit.plans', 'nothing', 'x') $$), '42703', 'no such column');
SELECT is(tests.error_of($$ SELECT laurel_internal.archive_instead('kit.plans', 'n', 'x') $$), '22023', 'a number');
CREATE TABLE kit.parts (n integer, status text, stage text) PARTITION BY LIST (status);
CREATE TABLE kit.parts_a PARTITION OF kit.parts FOR VALUES IN ('a') PARTITION BY LIST (lower(stage));
SELECT alike(pg_temp.told($$ SELECT laurel_internal.archive_instead('kit.parts', 'status', 'x') $$), '22023 | rows of kit.parts move to another partition when status changes |%', 'a partition key');
SELECT alike(pg_temp.told($$ SELECT laurel_internal.archive_instead('kit.parts', 'stage', 'x') $$), '22023 | rows of kit.parts move to another partition when stage changes |%', 'of a partition, in an expression');
DROP TABLE kit.parts;
SELECT is_empty('SELECT * FROM laurel.check()', 'nothing is wrong');
DROP TRIGGER archive_table ON kit.plans;
SELECT results_eq('SELECT table_name, guard FROM laurel.check()', $$ VALUES ('kit.plans', 'triggers') $$, 'a trigger that is gone');
ALTER TABLE kit.plans RENAME status TO stage;
SELECT results_eq('SELECT DISTINCT table_name, guard FROM laurel.check()', $$ VALUES ('kit.plans', 'arguments') $$, 'a column that was renamed');
SELECT is(tests.error_of('DELETE FROM kit.plans'), '39P01', 'archives nothing');
SELECT * FROM finish();
ROLLBACK;
