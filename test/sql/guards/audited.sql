-- What changes of rows leave in the audit log: every kind of change and value, whatever else fires there.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast();

CREATE SCHEMA kit AUTHORIZATION laurel_owner;
GRANT USAGE ON SCHEMA kit TO authenticated;
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.things (
    id uuid PRIMARY KEY DEFAULT laurel.uuidv7(), organization_id uuid, user_id uuid, name text, kind varchar(10), amount numeric, count int, big bigint, small smallint,
    is_good boolean, at timestamptz, day date, local_at timestamp, data jsonb, raw json, tags text[], span interval, bytes bytea, secret text, counter int NOT NULL DEFAULT 0);
CREATE TABLE kit.nameless (a int, b int);
SELECT laurel_internal.audited('kit.things', '{name, kind, amount, count, big, small, is_good, at, day, local_at, data, raw, tags, span, bytes}', '{secret}'),
       laurel_internal.audited('kit.nameless', '{a}', '{}', 'INSERT, UPDATE', 'NEW.b > 0');
RESET ROLE;
GRANT ALL ON kit.things, kit.nameless TO authenticated;

-- What the log tells since it was last asked.
CREATE TEMP TABLE told_until (id uuid);
GRANT ALL ON told_until TO PUBLIC;
CREATE FUNCTION pg_temp.lines() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    lines text;
BEGIN
    SELECT string_agg(concat_ws(' ', operation, before, after, hidden), '; ' ORDER BY created_at, id) INTO lines
    FROM laurel.audit_log WHERE table_name LIKE 'kit.%' AND id NOT IN (SELECT id FROM told_until);
    DELETE FROM told_until;
    INSERT INTO told_until SELECT id FROM laurel.audit_log;
    RETURN lines;
END
$$;

SELECT tests.act_as_learner();
SET LOCAL TimeZone = 'Asia/Tokyo';
SET LOCAL DateStyle = 'German';
INSERT INTO kit.things (id, organization_id, user_id, name, kind, amount, count, big, small, is_good, at, day, local_at, data, raw, tags, span, bytes, secret)
VALUES (tests.person('admin'), tests.acme(), laurel.uid(), 'Größe "1"', 'k', 1.50, 2, 9007199254740993, 3, true, '2026-03-01 12:00:00.25+00', '2026-03-02', '2026-03-03 04:05', '{"a": [1]}', '{"b":2}',
    '{x,y}', '1 day', '\x00ff', 'hush');
SELECT is(pg_temp.lines(), 'INSERT {"at": "2026-03-01T12:00:00.25+00:00", "big": 9007199254740993, "day": "2026-03-02", "raw": "{\"b\":2}", "data": {"a": [1]}, "kind": "k", "name": "Größe \"1\"", "span": "1 day", "tags": "{x,y}", "bytes": "\\x00ff", "count": 2, "small": 3, "amount": "1.50", "is_good": true, "local_at": "2026-03-03T04:05:00"} ["secret"]',
    'a new row with values of every type, in whatever zone and style the session is');
UPDATE kit.things SET name = 'other', secret = 'more', counter = 1;
SELECT is(pg_temp.lines(), 'UPDATE {"name": "Größe \"1\""} {"name": "other"} ["secret"]', 'of a change what differs, and of what is hidden the name');
UPDATE kit.things SET counter = 2, name = 'other';
SELECT is(pg_temp.lines(), NULL, 'what differs in nothing that is audited leaves no line');
UPDATE kit.things SET secret = 'most';
SELECT is(pg_temp.lines(), 'UPDATE {} {} ["secret"]', 'a secret alone');
UPDATE kit.things SET name = NULL, data = NULL;
SELECT is(pg_temp.lines(), 'UPDATE {"data": {"a": [1]}, "name": "other"} {"data": null, "name": null}', 'values that become null');
UPDATE kit.things SET name = repeat('ä', 5000), data = jsonb_build_object('a', repeat('x', 9000)), raw = NULL;
SELECT is((SELECT concat_ws(' ', after -> 'name' ->> 'bytes', after -> 'name' ->> 'sha256' = encode(sha256(convert_to(repeat('ä', 5000), 'UTF8')), 'hex'), length(after -> 'data' ->> 'sha256'))
    FROM laurel.audit_log WHERE false), NULL, 'members do not read it');
SELECT tests.act_as_owner();
SELECT is((SELECT concat_ws(' ', after -> 'name' ->> 'bytes', after -> 'name' ->> 'sha256' = encode(sha256(convert_to(repeat('ä', 5000), 'UTF8')), 'hex'), length(after -> 'data' ->> 'sha256'))
    FROM laurel.audit_log WHERE table_name = 'kit.things' ORDER BY created_at DESC, id DESC LIMIT 1), '10000 t 64', 'what is very long, as its length and digest');
SELECT pg_temp.lines();
UPDATE kit.things SET data = '3', raw = NULL;
SELECT is(pg_temp.lines() LIKE '%"data": "3"%', true, 'a number that is all the JSON there is');
SELECT is((SELECT concat_ws(' ', organization_id = tests.acme(), row_id = tests.person('admin'), user_id = tests.person('learner'), actor_id = tests.person('learner'), role, login = session_user)
    FROM laurel.audit_log WHERE table_name = 'kit.things' AND operation = 'INSERT'), 't t t t authenticated t', 'whose row it is, and who was at work');
DELETE FROM kit.things;
SELECT is(pg_temp.lines() LIKE 'DELETE {%"kind": "k"%} ["secret"]', true, 'a row that goes');

-- Many rows, upserts, and what is undone.
INSERT INTO kit.things (name) SELECT 'n' || n FROM generate_series(1, 2500) n;
SELECT is((SELECT concat_ws(' ', count(*), count(DISTINCT transaction_id), count(DISTINCT after ->> 'name')) FROM laurel.audit_log WHERE table_name = 'kit.things' AND id NOT IN (SELECT id FROM told_until)),
    '2500 1 2500', 'a line for each of many rows of one statement');
SELECT pg_temp.lines();
INSERT INTO kit.things (id, name) VALUES (tests.person('admin'), 'up');
INSERT INTO kit.things (id, name) VALUES (tests.person('admin'), 'down'), (tests.person('learner'), 'new') ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
SELECT is((SELECT string_agg(operation || ' ' || (after ->> 'name'), ', ' ORDER BY created_at, id) FROM laurel.audit_log WHERE row_id IN (tests.person('admin'), tests.person('learner'))
    AND table_name = 'kit.things' AND id NOT IN (SELECT id FROM told_until)), 'INSERT up, UPDATE down, INSERT new', 'an upsert does both');
SELECT pg_temp.lines();
SELECT tests.error_of($$ DO $d$ BEGIN UPDATE kit.things SET name = 'gone'; PERFORM 1 / 0; END $d$ $$);
SELECT is(pg_temp.lines(), NULL, 'what is undone leaves no line');
DELETE FROM kit.things;
SELECT pg_temp.lines();

-- Some commands, under a condition; no id.
INSERT INTO kit.nameless VALUES (1, 0), (2, 1);
UPDATE kit.nameless SET a = a + 10;
UPDATE kit.nameless SET b = 5;
DELETE FROM kit.nameless;
SELECT is(pg_temp.lines(), 'INSERT {"a": 2}; UPDATE {"a": 2} {"a": 12}', 'only what the condition holds of, and only the commands that are named');
SELECT is((SELECT bool_and(row_id IS NULL AND organization_id IS NULL AND user_id IS NULL) FROM laurel.audit_log WHERE table_name = 'kit.nameless'), true, 'a row that has no id');
TRUNCATE kit.nameless;
SELECT is(pg_temp.lines(), 'TRUNCATE', 'a table that is emptied');

-- Nested statements: what a trigger of the application writes while the statement runs.
CREATE FUNCTION kit.app_writes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.b = 1 THEN INSERT INTO kit.nameless VALUES (NEW.a + 100, 2); END IF; RETURN NEW; END $$;
CREATE TRIGGER app_writes AFTER INSERT ON kit.nameless FOR EACH ROW EXECUTE FUNCTION kit.app_writes();
INSERT INTO kit.nameless VALUES (1, 1), (2, 1);
SELECT is((SELECT string_agg(after ->> 'a', ' ' ORDER BY (after ->> 'a')::int) FROM laurel.audit_log WHERE table_name = 'kit.nameless' AND id NOT IN (SELECT id FROM told_until)), '1 2 101 102', 'all of them, once');
SELECT pg_temp.lines();
DROP TRIGGER app_writes ON kit.nameless;

-- An application that takes lines away, or changes the table.
CREATE FUNCTION kit.app_drops() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER app_drops BEFORE INSERT ON laurel.audit_log FOR EACH ROW EXECUTE FUNCTION kit.app_drops();
SELECT is(tests.error_of('INSERT INTO kit.nameless VALUES (7, 7)'), '39P01', 'a line that does not arrive fails the statement');
DROP TRIGGER app_drops ON laurel.audit_log;
ALTER TABLE laurel.audit_log ADD COLUMN app_column text NOT NULL DEFAULT 'theirs';
INSERT INTO kit.nameless VALUES (9, 9);
SELECT is((SELECT string_agg(app_column, ' ') FROM laurel.audit_log WHERE table_name = 'kit.nameless' AND after ->> 'a' = '9'), 'theirs', 'a column of the application''s has its default');
ALTER TABLE laurel.audit_log DROP COLUMN app_column;
SELECT is(pg_temp.lines(), 'INSERT {"a": 9}', 'and is gone again');
CREATE FUNCTION kit.app_looks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW := jsonb_populate_record(NEW, current_setting('kit.forged')::jsonb); RETURN NEW; END $$;
CREATE TRIGGER app_looks BEFORE INSERT ON laurel.audit_log FOR EACH ROW EXECUTE FUNCTION kit.app_looks();
SELECT set_config('kit.forged', '{}', true);
SELECT lives_ok('INSERT INTO kit.nameless VALUES (7, 7), (7, 7), (8, 8)', 'one that an application looks at does');
SELECT is(pg_temp.lines(), 'INSERT {"a": 7}; INSERT {"a": 7}; INSERT {"a": 8}', 'each');
SELECT is(tests.error_of(format('SELECT set_config(%L, %L, true); INSERT INTO kit.nameless VALUES (7, 7), (8, 8)', 'kit.forged', forged)), '39P01', 'one that it changes fails the statement: ' || forged)
FROM unnest(ARRAY['{"operation": "DELETE"}', '{"actor_id": "a0000000-0000-0000-0000-000000000000"}', '{"after": {"a": 7}}', '{"after": null}', '{"role": "x"}', '{"request_id": "x"}', '{"transaction_id": "3"}',
    format('{"created_at": "%s"}', date_trunc('month', now(), 'UTC'))]) forged;
DROP TRIGGER app_looks ON laurel.audit_log;
ALTER TABLE kit.nameless DROP COLUMN a;
SELECT is(tests.error_of('INSERT INTO kit.nameless VALUES (7)'), '39P01', 'a column that is gone is named');

-- The claims and headers of a request.
SELECT tests.act_as(tests.person('learner'));
SELECT set_config('request.headers', '{"x-request-id": "r-1"}', true), set_config('application_name', 'app', true);
INSERT INTO kit.things (name) VALUES ('asked');
SELECT set_config('request.headers', json_build_object('x-request-id', repeat('7', 201))::text, true), set_config('application_name', '', true);
INSERT INTO kit.things (name) VALUES ('asked at length');
SELECT set_config('request.headers', '{"x-request-id": "ana.costa7@acme.test"}', true), set_config('application_name', 'psql of ana.costa@acme.test', true);
INSERT INTO kit.things (name) VALUES ('asked by name');
SELECT set_config('request.headers', json_build_object('x-request-id', repeat('7', 200))::text, true), set_config('application_name', repeat('x', 80), true);
INSERT INTO kit.things (name) VALUES ('asked in many bytes');
SELECT set_config('application_name', 'app', true);
SELECT set_config('request.headers', 'no json', true);
INSERT INTO kit.things (name) VALUES ('asked badly');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(concat_ws(' ', after ->> 'name', regexp_replace(request_id, '7{200}', '200 times 7'), regexp_replace(application_name, 'x{63}', '63 times x')), ', ' ORDER BY created_at, id) FROM laurel.audit_log WHERE table_name = 'kit.things' AND id NOT IN (SELECT id FROM told_until)),
    'asked r-1 app, asked at length, asked by name psql of [address], asked in many bytes 200 times 7 63 times x, asked badly app', 'the request''s id, where it looks like one, and the application, without what is personal');

-- What cannot be audited.
CREATE TABLE kit.parts (a int) PARTITION BY RANGE (a);
ALTER TABLE kit.parts OWNER TO laurel_owner;
CREATE TABLE kit.foreigners (a int);
SELECT is(tests.error_of($$ SELECT laurel_internal.audited('kit.things', '{name}') $$), '42710', 'twice');
SELECT is(tests.error_of($$ SELECT laurel_internal.audited('kit.nameless', '{nothing}') $$), '42703', 'a column that is not there');
SELECT is(tests.error_of($$ SELECT laurel_internal.audited('kit.nameless', '{}') $$), '22023', 'no column');
SELECT is(tests.error_of($$ SELECT laurel_internal.audited(NULL, '{a}') $$), '22023', 'no table');
SELECT is(tests.error_of($$ SELECT laurel_internal.audited('kit.parts', '{a}') $$), '42809', 'a partitioned table');
SELECT is(tests.error_of($$ SELECT laurel_internal.audited('kit.foreigners', '{a}') $$), '39P01', 'a table of another owner');
SELECT is(tests.error_of($$ SELECT laurel_internal.audited('kit.things', '{name}', commands => 'SELECT') $$), '22023', 'another command');

-- What laurel.check() finds, and taking it off.
SELECT is((SELECT count(*) FROM laurel.check('kit.things')), 0::bigint, 'all is sound');
ALTER TABLE kit.things DISABLE TRIGGER z_audit_written;
SELECT isnt_empty($$ SELECT FROM laurel.check('kit.things') WHERE guard = 'triggers' $$, 'without the trigger that writes');
ALTER TABLE kit.things ENABLE TRIGGER z_audit_written;
DROP TRIGGER z_audit_written ON kit.things;
SELECT isnt_empty($$ SELECT FROM laurel.check('kit.things') WHERE guard = 'triggers' $$, 'or where it is gone');
SELECT laurel_internal.detach('kit.things', 'audited');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'kit.things'::regclass AND NOT tgisinternal), 0::bigint, 'taken off');

SELECT * FROM finish();
ROLLBACK;
