-- Names in addresses, made of names for people.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.make_crews();

SET LOCAL ROLE laurel_owner;
ALTER TABLE kit.crews ADD COLUMN "short name" text NOT NULL DEFAULT laurel_internal.assigned() CONSTRAINT crews_short_check CHECK ("short name" <> '');
SELECT throws_ok($$ SELECT laurel_internal.slugs('kit.crews', 'short name', of => 'name') $$, '22023', '"short name" of kit.crews is not unique in an organization'::text, 'a slug is unique in its organization');
ALTER TABLE kit.crews ADD CONSTRAINT crews_short_key UNIQUE (organization_id, "short name");
SELECT throws_ok($$ SELECT laurel_internal.slugs('kit.crews', 'short name', of => 'nothing') $$, '42703', NULL, 'made of a column that is there');
SELECT throws_ok($$ SELECT laurel_internal.slugs('kit.crews', 'level', of => 'name') $$, '22023', NULL, 'a text');
SELECT throws_ok($$ SELECT laurel_internal.slugs('kit.crews', 'motto', of => 'name') $$, '22023', NULL, 'that is never null');
SELECT laurel_internal.slugs('kit.crews', 'short name', of => 'name');
RESET ROLE;
GRANT INSERT, SELECT, UPDATE ON kit.crews TO service_role, authenticated;

CREATE FUNCTION pg_temp.slugs(letter text DEFAULT 'a') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg("short name", ' ' ORDER BY id) FROM kit.crews WHERE organization_id = tests.org(letter)
$$;
INSERT INTO kit.crews (id, organization_id, name) VALUES (tests.crew('a', 1), tests.org('a'), 'Ünder the Häuser!'), (tests.crew('a', 2), tests.org('a'), 'under THE hauser'),
    (tests.crew('a', 3), tests.org('a'), '学習'), (tests.crew('b', 1), tests.org('b'), 'Under the Hauser');
SELECT is(pg_temp.slugs(), 'under-the-hauser under-the-hauser-00000002 00000003', 'words joined by hyphens; those that are taken and those without letters end with the id');
SELECT is(pg_temp.slugs('b'), 'under-the-hauser', 'in each organization');
INSERT INTO kit.crews (id, organization_id, name, "short name") VALUES (tests.crew('a', 4), tests.org('a'), 'Named', 'Its own');
SELECT is(pg_temp.slugs(), 'under-the-hauser under-the-hauser-00000002 00000003 Its own', 'one that is given stays');
SELECT is(tests.error_of(format('INSERT INTO kit.crews (organization_id, name, "short name") VALUES (%L, ''x'', ''Its own'')', tests.org('a'))), '23505 crews_short_key', 'or is refused');
UPDATE kit.crews SET name = 'Another' WHERE id = tests.crew('a', 1);
SELECT is(pg_temp.slugs(), 'under-the-hauser under-the-hauser-00000002 00000003 Its own', 'a new name makes no new slug');
SELECT is(tests.error_of(format('UPDATE kit.crews SET "short name" = NULL WHERE id = %L', tests.crew('a', 1))), '23502', 'and none is taken away');
INSERT INTO kit.crews (id, organization_id, name) SELECT tests.crew('a', g), tests.org('a'), CASE WHEN g = 20 THEN repeat('long ', 40) ELSE 'Same' END FROM generate_series(11, 20) g
    ON CONFLICT DO NOTHING;
SELECT is((SELECT count(DISTINCT "short name") FROM kit.crews WHERE name = 'Same'), 9::bigint, 'rows of one statement are told apart');
SELECT is((SELECT "short name" FROM kit.crews WHERE id = tests.crew('a', 20)), left(repeat('long-', 20), 99), 'none is longer than 100');
INSERT INTO kit.crews (id, organization_id, name) SELECT tests.crew('a', g), tests.org('a'), repeat('a', 90) || ' ends here' FROM generate_series(31, 32) g;
SELECT is((SELECT "short name" FROM kit.crews WHERE id = tests.crew('a', 32)), repeat('a', 90) || '-00000032', 'one that is cut between two words has one hyphen');

MERGE INTO kit.crews c USING (SELECT tests.crew('a', 41) AS id, tests.org('a') AS organization_id) n ON c.id = n.id
    WHEN NOT MATCHED THEN INSERT (id, organization_id, name) VALUES (n.id, n.organization_id, 'Merged in');
COPY kit.crews (id, organization_id, name) FROM PROGRAM 'echo ac000000-0000-0000-0000-000000000042,a0000000-0000-0000-0000-000000000000,Copied in' (FORMAT csv);
SELECT is((SELECT string_agg("short name", ' ' ORDER BY id) FROM kit.crews WHERE id IN (tests.crew('a', 41), tests.crew('a', 42))), 'merged-in copied-in', 'MERGE and COPY too');

-- Callers bound by policies see rows of their own only; the slugs of others are taken all the same.
ALTER TABLE kit.crews ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON kit.crews TO authenticated USING (level = 7) WITH CHECK (level = 7);
SELECT tests.act_as(tests.one('a', 1));
SELECT lives_ok(format('INSERT INTO kit.crews (id, organization_id, name, level) VALUES (%L, %L, ''Same'', 7)', tests.crew('a', 21), tests.org('a')), 'a slug that is taken by a row one does not see');
SELECT tests.act_as_owner();
SELECT is((SELECT "short name" FROM kit.crews WHERE id = tests.crew('a', 21)), 'same-00000021', 'is not given twice');
ALTER TABLE kit.crews DISABLE ROW LEVEL SECURITY;

-- An application's own triggers, and tables.
CREATE FUNCTION pg_temp.hook() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := NULL; RETURN NEW; END $$;
CREATE TRIGGER a_hook BEFORE INSERT ON kit.crews FOR EACH ROW EXECUTE FUNCTION pg_temp.hook();
ALTER TABLE kit.crews ALTER COLUMN name DROP NOT NULL;
SELECT is(tests.error_of(format('INSERT INTO kit.crews (organization_id, name) VALUES (%L, ''x'')', tests.org('a'))), '23502', 'a row without a name has no slug');
DROP TRIGGER a_hook ON kit.crews;
SELECT is(tests.error_of($$INSERT INTO kit.crews (name) VALUES ('x')$$), '23502', 'nor has one without organization');
CREATE TRIGGER misplaced BEFORE INSERT ON kit.crews FOR EACH ROW EXECUTE FUNCTION laurel_internal.fill_slug('motto');
SELECT is(tests.error_of(format('INSERT INTO kit.crews (organization_id, name) VALUES (%L, ''x'')', tests.org('a'))), '39P01', 'a trigger with one argument');
DROP TRIGGER misplaced ON kit.crews;
CREATE TRIGGER misplaced AFTER INSERT ON kit.crews FOR EACH ROW EXECUTE FUNCTION laurel_internal.fill_slug('motto', 'name');
SELECT is(tests.error_of(format('INSERT INTO kit.crews (organization_id, name) VALUES (%L, ''x'')', tests.org('a'))), '39P01', 'or one that comes too late');
DROP TRIGGER misplaced ON kit.crews;

-- Names that are gone are found.
SELECT is_empty('SELECT * FROM laurel.check()', 'nothing is wrong');
ALTER TABLE kit.crews RENAME COLUMN name TO title;
SELECT results_eq('SELECT table_name, guard FROM laurel.check()', $$ VALUES ('kit.crews', 'arguments') $$, 'a column that was renamed');
SELECT is(tests.error_of(format('INSERT INTO kit.crews (organization_id, title) VALUES (%L, ''x'')', tests.org('a'))), '39P01', 'is no column any more');
ALTER TABLE kit.crews RENAME COLUMN title TO name;
ALTER TABLE kit.crews RENAME TO bands;
SELECT lives_ok(format('INSERT INTO kit.bands (organization_id, name) VALUES (%L, ''Renamed'')', tests.org('a')), 'a table that was renamed keeps its slugs');
SELECT * FROM finish();
ROLLBACK;
