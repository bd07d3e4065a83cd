-- What a condition or query of a guard says does not depend on how the session that asks first reads literals.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(9);
SELECT tests.make_crews();

SET LOCAL ROLE laurel_owner;
ALTER TABLE kit.crews ADD COLUMN opens timestamptz;
SELECT laurel_internal.counts('kit.crews', 'member_count', 'kit.crew_members', 'crew_id', $$motto = 'a\'$$);
SELECT laurel_internal.counts('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', $$ARRAY[motto] = '{NULL}' OR (motto = NULL) IS NOT NULL$$);
SELECT laurel_internal.belongs('kit.crew_members', 'crew_id', 'kit.crews', required => $$opens = '2026-02-03 00:00' AND opens::text = '2026-02-03 00:00:00+00' AND opens::date - date '1/2/2026' = 32$$);
SELECT laurel_internal.tell('kit.crew_members', $$SELECT organization_id, user_id, 'joined'::text AS type,
    jsonb_build_object('back', 'a\', 'at', timestamptz '2026-02-03 00:00', 'for', interval '-1 day 2 hours', 'row', row('\x01'::bytea, 0.1::float8 + 0.2::float8)::text) AS data FROM new_rows$$);
RESET ROLE;
INSERT INTO kit.crews (id, organization_id, name, opens) VALUES (tests.crew('a', 1), tests.org('a'), 'One', '2026-02-03 00:00Z');

CREATE FUNCTION pg_temp.join_crew(n integer) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    -- Rules are read anew.
    ALTER TABLE kit.crews SET (fillfactor = 100);
    ALTER TABLE kit.crew_members SET (fillfactor = 100);
    INSERT INTO kit.crew_members (organization_id, crew_id, user_id, motto) VALUES (tests.org('a'), tests.crew('a', 1), tests.one('a', n), E'a\\');
    RETURN format('%s %s', (SELECT concat_ws('/', member_count, leader_count) FROM kit.crews), (SELECT data FROM laurel.domain_events WHERE user_id = tests.one('a', n) AND type = 'joined'));
END
$$;
SELECT is(pg_temp.join_crew(1), '1/0 {"at": "2026-02-03T00:00:00+00:00", "for": "-1 days +02:00:00", "row": "(\"\\\\x01\",0.30000000000000004)", "back": "a\\"}', 'as the author wrote it');
CREATE TEMP TABLE said AS SELECT data FROM laurel.domain_events WHERE type = 'joined';

CREATE FUNCTION pg_temp.under(setting text, value text, n integer) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config(under.setting, value, true);
    PERFORM pg_temp.join_crew(n);
    PERFORM set_config(s.name, s.boot_val, true) FROM pg_settings s WHERE s.name = under.setting AND s.name <> 'TimeZone';
    RETURN format('%s/%s %s', member_count, leader_count, (SELECT count(DISTINCT data) FROM laurel.domain_events WHERE type = 'joined')) FROM kit.crews;
END
$$;
SELECT is(pg_temp.under('standard_conforming_strings', 'off', 2), '2/0 1', 'with backslashes that escape');
SELECT is(pg_temp.under('transform_null_equals', 'on', 3), '3/0 1', 'with = NULL for IS NULL');
SELECT is(pg_temp.under('array_nulls', 'off', 4), '4/0 1', 'with NULL as a word in arrays');
SELECT is(pg_temp.under('DateStyle', 'SQL, DMY', 5), '5/0 1', 'with days before months');
SELECT is(pg_temp.under('IntervalStyle', 'sql_standard', 6), '6/0 1', 'with signs that hold for all that follows');
SELECT is(pg_temp.under('bytea_output', 'escape', 7), '7/0 1', 'with bytes written otherwise');
SELECT is(pg_temp.under('extra_float_digits', '-10', 8), '8/0 1', 'with rounded numbers');
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SELECT is(pg_temp.under('TimeZone', 'America/Adak', 9), '9/0 1', 'in another time zone');

SELECT * FROM finish();
ROLLBACK;
