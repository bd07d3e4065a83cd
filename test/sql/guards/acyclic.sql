-- Rows that lead on and never round in a circle.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

CREATE FUNCTION pg_temp.short(command text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(tests.told(command), '^(.....).* \| (\w+)$', '\1 \2') $$;
CREATE FUNCTION pg_temp.n(i integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT ('e0000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid $$;
-- Edges "1-2 2-3" as an INSERT.
CREATE FUNCTION pg_temp.add(edges text, letter text DEFAULT 'a') RETURNS text LANGUAGE sql AS $$
    SELECT 'INSERT INTO kit.before (organization_id, earlier, later, kind) VALUES ' || string_agg(format('(%L, %s, %s, %L)', tests.org(letter),
        CASE split_part(e, '-', 1) WHEN '' THEN 'NULL' ELSE quote_literal(pg_temp.n(split_part(e, '-', 1)::integer)) END,
        CASE split_part(e, '-', 2) WHEN '' THEN 'NULL' ELSE quote_literal(pg_temp.n(split_part(e, '-', 2)::integer)) END,
        CASE WHEN e < '5' THEN 'few' ELSE 'many' END), ', ') FROM unnest(string_to_array(edges, ' ')) e
$$;

CREATE FUNCTION pg_temp.tried(partitioned boolean) RETURNS SETOF text LANGUAGE plpgsql AS $body$
DECLARE
    kind constant text := CASE WHEN partitioned THEN 'partitioned' ELSE 'plain' END;
BEGIN
    PERFORM tests.make_crews();
    EXECUTE format('CREATE TABLE kit.before (organization_id uuid NOT NULL, earlier uuid, later uuid, kind text, UNIQUE (organization_id, earlier, later, kind)) %s',
        CASE WHEN partitioned THEN 'PARTITION BY LIST (kind)' END);
    IF partitioned THEN
        CREATE TABLE kit.before_few PARTITION OF kit.before FOR VALUES IN ('few');
        ALTER TABLE kit.before_few OWNER TO laurel_owner;
    END IF;
    ALTER TABLE kit.before OWNER TO laurel_owner;
    PERFORM laurel_internal.acyclic('kit.before', 'earlier', 'later');
    IF partitioned THEN
        CREATE TABLE kit.before_many (later uuid, gone text, kind text, earlier uuid, organization_id uuid NOT NULL);
        ALTER TABLE kit.before_many DROP COLUMN gone;
        ALTER TABLE kit.before_many OWNER TO laurel_owner;
        ALTER TABLE kit.before ATTACH PARTITION kit.before_many FOR VALUES IN ('many');
        PERFORM laurel_internal.guard_partition('kit.before_many');
    END IF;
    RETURN NEXT is(tests.told(pg_temp.add('1-2 2-3 1-3 3-4')), 'none', kind || ': ways that meet again');
    RETURN NEXT is(tests.told(pg_temp.add('4-1')), '23514 | rows of "before" would lead round in a circle | By later: ' || pg_temp.n(1) || ', ' || pg_temp.n(3) || ', ' || pg_temp.n(4) || ', ' || pg_temp.n(1)
        || '. | Leave out a row that leads back to where another comes from. | before_acyclic', kind || ': a row that leads back');
    RETURN NEXT is(pg_temp.short($$ COPY kit.before (organization_id, earlier, later, kind) FROM PROGRAM
        'echo a0000000-0000-0000-0000-000000000000,e0000000-0000-0000-0000-000000000004,e0000000-0000-0000-0000-000000000001,few' (FORMAT csv) $$), '23514 before_acyclic', kind || ': by COPY');
    RETURN NEXT is(pg_temp.short(pg_temp.add('5-5')), '23514 before_acyclic', kind || ': or to itself');
    RETURN NEXT is(pg_temp.short(pg_temp.add('10-11 11-12 12-10')), '23514 before_acyclic', kind || ': rows of one statement');
    RETURN NEXT is(pg_temp.short(pg_temp.add('10-1 4-11 11-12')), 'none', kind || ': many that lead on');
    RETURN NEXT is(pg_temp.short(pg_temp.add('12-13 13-10')), '23514 before_acyclic', kind || ': together with what is there');
    -- The way back goes through the start of another new row: it leads on from there by rows that were there.
    RETURN NEXT is(tests.told(pg_temp.add('20-21 22-23 21-24')), 'none', kind || ': two ways');
    RETURN NEXT is(tests.told(pg_temp.add('24-25 25-26 26-27')), 'none', kind || ': one goes on');
    RETURN NEXT is(pg_temp.short(pg_temp.add('27-20 25-30')), '23514 before_acyclic', kind || ': a way back beside another from its middle');
    RETURN NEXT is(tests.told(pg_temp.add('4- -1 -')), 'none', kind || ': null leads nowhere');
    RETURN NEXT is(tests.told(pg_temp.add('4-1', 'b')), 'none', kind || ': each organization for itself');
    RETURN NEXT is(pg_temp.short('UPDATE kit.before SET later = pg_temp.n(1) WHERE earlier = pg_temp.n(3)'), '23514 before_acyclic', kind || ': an update');
    RETURN NEXT is(pg_temp.short('UPDATE kit.before SET later = earlier, earlier = later WHERE organization_id = tests.org(''a'')'), 'none', kind || ': all turned round at once');
    RETURN NEXT is(pg_temp.short('UPDATE kit.before SET later = earlier, earlier = later WHERE earlier = pg_temp.n(3) AND later = pg_temp.n(1)'), '23514 before_acyclic', kind || ': one alone');
    RETURN NEXT is(pg_temp.short('UPDATE kit.before SET kind = kind'), 'none', kind || ': what changes no row''s way');
    RETURN NEXT is(pg_temp.short(pg_temp.add('2-3') || ' ON CONFLICT DO NOTHING'), '23514 before_acyclic', kind || ': ON CONFLICT DO NOTHING does insert here');
    RETURN NEXT is(pg_temp.short(pg_temp.add('2-1') || ' ON CONFLICT (organization_id, earlier, later, kind) DO UPDATE SET later = pg_temp.n(9)'), 'none', kind || ': an upsert');
    RETURN NEXT is(pg_temp.short(pg_temp.add('2-9') || ' ON CONFLICT (organization_id, earlier, later, kind) DO UPDATE SET earlier = pg_temp.n(9), later = pg_temp.n(3)'), 'none', kind || ': that leads elsewhere');
    RETURN NEXT is(pg_temp.short(format('MERGE INTO kit.before b USING (VALUES (pg_temp.n(2), pg_temp.n(50))) v (e, l) ON b.earlier = v.e AND b.later = v.l
        WHEN NOT MATCHED THEN INSERT (organization_id, earlier, later, kind) VALUES (%L, v.e, v.l, ''few'')', tests.org('a'))), 'none', kind || ': MERGE');
    RETURN NEXT is(pg_temp.short(pg_temp.add('3-40')), 'none', kind || ': a way that leads on');
    RETURN NEXT is(pg_temp.short(pg_temp.add('40-3')), '23514 before_acyclic', kind || ': not back');
    DELETE FROM kit.before WHERE later = pg_temp.n(40);
    RETURN NEXT is(pg_temp.short(pg_temp.add('40-3')), 'none', kind || ': unless what led there is gone');
    IF partitioned THEN
        RETURN NEXT is(pg_temp.short(format('INSERT INTO kit.before_many (organization_id, earlier, later, kind) VALUES (%L, pg_temp.n(3), pg_temp.n(40), ''many'')', tests.org('a'))),
            '23514 before_acyclic', kind || ': a partition that came later, written directly');
    END IF;
    RETURN NEXT is_empty('SELECT * FROM laurel.check()', kind || ': nothing is wrong');
    -- Very many, and very long.
    RETURN NEXT is(pg_temp.short('INSERT INTO kit.before (organization_id, earlier, later, kind) SELECT tests.org(''a''), pg_temp.n(100000 + g), pg_temp.n(100001 + g), ''few'' FROM generate_series(1, 20000) g'),
        'none', kind || ': a long way in one statement');
    RETURN NEXT is(pg_temp.short(pg_temp.add('120001-100001')), '23514 before_acyclic', kind || ': leads back at its end');
    RETURN NEXT alike(tests.told(pg_temp.add('120001-100001')), '%, ...%', kind || ': not all of it is shown');
    RETURN NEXT is(pg_temp.short(pg_temp.add('120001-120002')), 'none', kind || ': or goes on');
    SET LOCAL session_replication_role = replica;
    EXECUTE pg_temp.add('120002-119999');
    SET LOCAL session_replication_role = origin;
    RETURN NEXT results_eq('SELECT table_name, guard, organization_id, left(problem, 35) FROM laurel.check()',
        $$ VALUES ('kit.before', 'acyclic', tests.org('a'), 'rows lead round in a circle of 4: e') $$, kind || ': a circle that came past the guard is found');
    RAISE EXCEPTION USING ERRCODE = 'P9999';
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN;
END
$body$;
SELECT * FROM pg_temp.tried(false);
SELECT * FROM pg_temp.tried(true);

-- A table that refers to itself.
SELECT tests.make_crews();
CREATE TABLE kit.parts (id uuid PRIMARY KEY, organization_id uuid NOT NULL, part_of uuid REFERENCES kit.parts ON DELETE CASCADE, level integer);
ALTER TABLE kit.parts OWNER TO laurel_owner;
INSERT INTO kit.parts VALUES (pg_temp.n(1), tests.org('a'), NULL), (pg_temp.n(2), tests.org('a'), pg_temp.n(1));
SELECT laurel_internal.acyclic('kit.parts', 'id', 'part_of');
SELECT is(pg_temp.short('UPDATE kit.parts SET part_of = pg_temp.n(2) WHERE id = pg_temp.n(1)'), '23514 parts_acyclic', 'a whole is no part of its part');
SELECT is(pg_temp.short('UPDATE kit.parts SET part_of = id WHERE id = pg_temp.n(1)'), '23514 parts_acyclic', 'nor of itself');
SELECT is(pg_temp.short('UPDATE kit.parts SET part_of = CASE id WHEN pg_temp.n(1) THEN pg_temp.n(2) END'), 'none', 'whole and part change places');

-- Callers bound by policies: what they do not see counts, and is not shown.
ALTER TABLE kit.parts ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON kit.parts TO authenticated USING (level IS NULL) WITH CHECK (level IS NULL);
GRANT SELECT, INSERT, UPDATE ON kit.parts TO authenticated;
INSERT INTO kit.parts VALUES (pg_temp.n(3), tests.org('a'), pg_temp.n(1), 1);
SELECT tests.act_as(tests.one('a', 1));
SELECT is(tests.told('UPDATE kit.parts SET part_of = pg_temp.n(3) WHERE id = pg_temp.n(2)'),
    '23514 | rows of "parts" would lead round in a circle | It is 3 rows long. | Leave out a row that leads back to where another comes from. | parts_acyclic', 'a circle through a row that the caller does not see');
SELECT tests.act_as_owner();

-- Triggers of the application.
CREATE FUNCTION pg_temp.hook() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.part_of := NEW.id; RETURN NEW; END $$;
CREATE TRIGGER hook BEFORE INSERT ON kit.parts FOR EACH ROW EXECUTE FUNCTION pg_temp.hook();
SELECT is(pg_temp.short('INSERT INTO kit.parts VALUES (pg_temp.n(9), tests.org(''a''), NULL)'), '23514 parts_acyclic', 'rows are seen as they arrive');
DROP TRIGGER hook ON kit.parts;

-- What is refused when it is attached; names that no longer hold.
SELECT is(tests.error_of($$ SELECT laurel_internal.acyclic('kit.parts', 'id', 'nothing') $$), '42703', 'no such column');
SELECT is(tests.error_of($$ SELECT laurel_internal.acyclic('kit.parts', 'id', 'level') $$), '22023', 'a number');
CREATE TABLE kit.rings (organization_id uuid NOT NULL, a uuid, b uuid);
ALTER TABLE kit.rings OWNER TO laurel_owner;
INSERT INTO kit.rings VALUES (tests.org('a'), pg_temp.n(1), pg_temp.n(2)), (tests.org('a'), pg_temp.n(2), pg_temp.n(1));
SELECT is(tests.told($$ SELECT laurel_internal.acyclic('kit.rings', 'a', 'b') $$), '23514 | kit.rings has rows that lead round in a circle | rows lead round in a circle of 2: '
    || concat_ws(', ', pg_temp.n(2), pg_temp.n(1), pg_temp.n(2)), 'a table with a circle');
SELECT is_empty('SELECT * FROM laurel.check()', 'nothing is wrong');
DROP TRIGGER check_circles_updated ON kit.parts;
SELECT results_eq('SELECT table_name, guard FROM laurel.check()', $$ VALUES ('kit.parts', 'triggers') $$, 'a trigger that is gone');
ALTER TABLE kit.parts RENAME part_of TO whole;
SELECT results_eq('SELECT DISTINCT table_name, guard FROM laurel.check()', $$ VALUES ('kit.parts', 'arguments') $$, 'a column that was renamed');
SELECT is(tests.error_of('INSERT INTO kit.parts VALUES (pg_temp.n(8), tests.org(''a''), NULL)'), '39P01', 'is looked for in vain');
SELECT * FROM finish();
ROLLBACK;
