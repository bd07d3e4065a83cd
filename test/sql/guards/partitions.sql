-- Guards on partitions that were made otherwise than their table: other columns were dropped from them before, the others
-- stand in another order. What a guard says of a column means that column wherever a row lies; what a row's columns do not
-- decide alone is refused.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL check_function_bodies = off;
SELECT no_plan();

SELECT tests.make_crews();
DROP TABLE kit.crew_members;
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.places (
    gone_one bigint,
    id uuid NOT NULL DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    crew_id uuid,
    gone_two text,
    user_id uuid NOT NULL,
    role text NOT NULL DEFAULT 'member',
    is_active boolean NOT NULL DEFAULT true,
    weight integer NOT NULL DEFAULT 1,
    status text NOT NULL DEFAULT 'draft',
    started_at timestamptz,
    level integer,
    name text,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT places_pkey PRIMARY KEY (id, role),
    CONSTRAINT places_crew_id_fkey FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id) ON DELETE CASCADE
) PARTITION BY LIST (role);
ALTER TABLE kit.places DROP COLUMN gone_one, DROP COLUMN gone_two;
CREATE TABLE kit.places_members PARTITION OF kit.places FOR VALUES IN ('member');
-- The values of the columns that stand where the table has others would decide otherwise.
CREATE TABLE kit.places_leaders (
    old_a boolean, version bigint NOT NULL DEFAULT 1, name text, old_b integer, weight integer NOT NULL DEFAULT 1, level integer, started_at timestamptz,
    status text NOT NULL DEFAULT 'draft', old_c text, is_active boolean NOT NULL DEFAULT true, user_id uuid NOT NULL, role text NOT NULL DEFAULT 'member',
    crew_id uuid, organization_id uuid NOT NULL, old_d uuid, id uuid NOT NULL DEFAULT laurel.uuidv7()
);
ALTER TABLE kit.places_leaders DROP COLUMN old_a, DROP COLUMN old_b, DROP COLUMN old_c, DROP COLUMN old_d;
CREATE TABLE kit.places_guests (LIKE kit.places_leaders INCLUDING DEFAULTS);
ALTER TABLE kit.places_guests ADD old_e uuid;
ALTER TABLE kit.places_guests DROP COLUMN old_e, DROP COLUMN crew_id;
ALTER TABLE kit.places_guests ADD crew_id uuid;
ALTER TABLE kit.places ATTACH PARTITION kit.places_leaders FOR VALUES IN ('leader');
SELECT laurel_internal.belongs('kit.places', 'crew_id', 'kit.crews', '{level}', 'is_open AND level < 9'),
    laurel_internal.states('kit.places', 'status', '{"draft": ["active"], "active": ["ended"], "ended": []}', stamps => '{"active": "started_at"}'),
    laurel_internal.counts('kit.crews', 'member_count', 'kit.places', 'crew_id', 'is_active AND weight > 5'),
    laurel_internal.counts('kit.crews', 'leader_count', 'kit.places', 'crew_id', $$ places.role <> 'member' AND places.is_active $$),
    laurel_internal.keep('kit.places', 'user_id', 'weight'),
    laurel_internal.versioned('kit.places'),
    laurel_internal.tell('kit.places', $$ SELECT organization_id, user_id, 'placed'::text AS type, jsonb_build_object('role', role, 'weight', weight, 'level', level) AS data FROM new_rows WHERE is_active $$),
    laurel_internal.tell('kit.places', $$ SELECT organization_id, user_id, 'placed again'::text AS type, jsonb_build_object('status', n.status, 'was', o.status) AS data
        FROM new_rows n JOIN old_rows o USING (organization_id, user_id, id) WHERE n.status <> o.status $$, 'UPDATE');
-- One that comes later.
ALTER TABLE kit.places_guests ADD CONSTRAINT places_status_check CHECK (status IN ('active', 'draft', 'ended'));
ALTER TABLE kit.places ATTACH PARTITION kit.places_guests FOR VALUES IN ('guest');
SELECT laurel_internal.guard_partition('kit.places_guests');
RESET ROLE;
SELECT cmp_ok((SELECT count(DISTINCT attnum) FROM pg_attribute WHERE attrelid IN (SELECT laurel_internal.partition_tree('kit.places')) AND attname = 'crew_id'), '>', 2::bigint, 'a column has another number in every partition');

CREATE FUNCTION pg_temp.counts() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s/%s', member_count, leader_count), ' ' ORDER BY name) FROM kit.crews
$$;
CREATE FUNCTION pg_temp.wrong() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM kit.crews c WHERE member_count <> (SELECT count(*) FROM kit.places WHERE crew_id = c.id AND is_active AND weight > 5)
        OR leader_count <> (SELECT count(*) FROM kit.places WHERE crew_id = c.id AND role <> 'member' AND is_active)
$$;
INSERT INTO kit.crews (id, organization_id, name, level, is_open) SELECT tests.crew('a', n), tests.org('a'), n, n, n < 4 FROM generate_series(1, 4) n;

-- Counts and copies: through the table and in the partition itself.
INSERT INTO kit.places (organization_id, crew_id, user_id, role, weight, name)
    SELECT tests.org('a'), tests.crew('a', 1 + n % 3), tests.one('a', n), (ARRAY['member', 'leader', 'guest'])[1 + n / 4], n, 'Place ' || n FROM generate_series(1, 9) n;
SELECT is(pg_temp.counts(), '2/2 1/2 1/2 0/0', 'new rows, through the table');
SELECT is((SELECT string_agg(concat_ws(' ', name, level), ', ' ORDER BY weight) FROM kit.places), 'Place 1 2, Place 2 3, Place 3 1, Place 4 2, Place 5 3, Place 6 1, Place 7 2, Place 8 3, Place 9 1', 'with copies');
SELECT is((SELECT string_agg(concat_ws(' ', data ->> 'role', data ->> 'weight', data ->> 'level'), ', ' ORDER BY (data ->> 'weight')::int) FROM laurel.domain_events WHERE type = 'placed'),
    'member 1 2, member 2 3, member 3 1, leader 4 2, leader 5 3, leader 6 1, leader 7 2, guest 8 3, guest 9 1', 'and told as they are');
INSERT INTO kit.places_leaders (organization_id, crew_id, user_id, role, weight, name, is_active) SELECT tests.org('a'), tests.crew('a', 1), tests.one('a', 1), 'leader', w, 'Direct', w <> 7 FROM unnest('{1, 6, 7}'::integer[]) w;
INSERT INTO kit.places_guests (organization_id, crew_id, user_id, role, weight, is_active) SELECT tests.org('a'), tests.crew('a', 2), tests.one('a', 1), 'guest', w, w <> 7 FROM unnest('{1, 6, 7}'::integer[]) w;
SELECT is(pg_temp.counts(), '3/4 2/4 1/2 0/0', 'and into partitions');
SELECT is((SELECT string_agg(concat_ws(' ', data ->> 'role', data ->> 'weight', data ->> 'level'), ', ' ORDER BY data ->> 'role', (data ->> 'weight')::int) FROM laurel.domain_events WHERE type = 'placed' AND user_id = tests.one('a', 1) AND data ->> 'role' <> 'member'),
    'guest 1 2, guest 6 2, leader 1 1, leader 6 1', 'and told');
CREATE TEMP TABLE ways AS SELECT unnest('{kit.places, kit.places_members, kit.places_leaders, kit.places_guests}'::text[]) AS place;
CREATE FUNCTION pg_temp.done(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text := tests.error_of(command);
BEGIN
    RETURN concat_ws(', ', said, nullif(pg_temp.wrong(), 0) || ' wrong');
END $$;
SELECT is(pg_temp.done(format('UPDATE %s SET is_active = NOT is_active', place)), 'none', place || ': a condition that turns') FROM ways;
SELECT is(pg_temp.done(format('UPDATE %s SET crew_id = CASE WHEN crew_id = tests.crew(''a'', 1) THEN tests.crew(''a'', 2) ELSE tests.crew(''a'', 1) END', place)), 'none', place || ': other parents') FROM ways;
SELECT is((SELECT count(*) FROM kit.places WHERE level <> (SELECT level FROM kit.crews WHERE id = crew_id)), 0::bigint, 'copies follow the other parent');
SELECT is(pg_temp.done(format('UPDATE %s SET role = CASE role WHEN ''member'' THEN ''leader'' WHEN ''leader'' THEN ''guest'' ELSE ''member'' END', 'kit.places')), 'none', 'rows that go to other partitions');
SELECT is(pg_temp.done(format('UPDATE %s SET crew_id = NULL WHERE weight = 6', place)), 'none', place || ': no parent') FROM ways;

-- What is refused is so everywhere, in the table's name.
SELECT is(pg_temp.done(format('UPDATE %s SET crew_id = tests.crew(''a'', 4) WHERE id IN (SELECT id FROM %1$s LIMIT 1)', place)), '23514 places_crew_id_required', place || ': a parent that takes none') FROM ways;
SELECT is(pg_temp.done(format('INSERT INTO %s (organization_id, crew_id, user_id, role, level) VALUES (tests.org(''a''), tests.crew(''a'', 1), tests.one(''a'', 1), %L, 7)', place,
    CASE WHEN place ~ '_' THEN rtrim(split_part(place, '_', 2), 's') ELSE 'guest' END)), '23514 places_level_copied', place || ': a wrong copy') FROM ways;
SELECT is(pg_temp.done(format('UPDATE %s SET weight = weight + 1', place)), '23001 places_weight_immutable', place || ': a weight that is kept') FROM ways;
SELECT is(pg_temp.done(format('UPDATE %s SET user_id = tests.one(''a'', 9) WHERE user_id <> tests.one(''a'', 9)', place)), '23001 places_user_id_immutable', place || ': a user who is kept') FROM ways;
SELECT is(pg_temp.done(format('UPDATE %s SET status = ''ended''', place)), '23514 places_status_steps', place || ': a step that there is not') FROM ways;
SELECT is(pg_temp.done(format('UPDATE %s SET version = 0', place)), 'PT409 places_version', place || ': a version that is past') FROM ways;
SELECT is(pg_temp.done(format('UPDATE %s SET status = ''active'' WHERE status = ''draft''', place)), 'none', place || ': a step') FROM ways ORDER BY place DESC;
SELECT is((SELECT count(*) FROM kit.places WHERE started_at IS NULL), 0::bigint, 'is stamped');
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', data ->> 'was', data ->> 'status'), ', ') FROM laurel.domain_events WHERE type = 'placed again'), 'draft active', 'and told');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type = 'placed again'), (SELECT count(*) FROM kit.places), 'once each');
SELECT is_empty('SELECT * FROM laurel.check()', 'everything adds up');
SELECT is(pg_temp.done('TRUNCATE kit.places_guests'), 'none', 'TRUNCATE of one partition');
SELECT is(pg_temp.done('DELETE FROM kit.places_leaders WHERE weight < 5'), 'none', 'rows deleted from one');
SELECT is(pg_temp.done('DELETE FROM kit.crews WHERE name = ''1'''), 'none', 'rows that go with their parent');

-- Conditions that a row's columns do not decide alone.
SET LOCAL ROLE laurel_owner;
ALTER TABLE kit.crews ADD other_count bigint NOT NULL DEFAULT 0;
SELECT throws_ok(format('SELECT laurel_internal.counts(''kit.crews'', ''other_count'', ''kit.places'', ''crew_id'', %L)', condition), '39P01', NULL, 'counted: ' || condition)
FROM unnest(ARRAY['tableoid = ''kit.places_leaders''::regclass', 'ctid IS NOT NULL', 'xmin IS NOT NULL', 'cmin IS NOT NULL', 'places IS NOT NULL', 'places.* IS NOT NULL',
    'row_to_json(places) IS NOT NULL', 'gone_one IS NULL', 'kit.places.tableoid > 0', '(SELECT true)', 'random() > 0.5']) condition;
SELECT throws_ok(format('SELECT laurel_internal.belongs(''kit.places'', ''user_id'', ''kit.crews'', ''{}'', %L)', condition), NULL, NULL, 'required: ' || condition)
FROM unnest(ARRAY['tableoid > 0', 'ctid IS NOT NULL', 'crews IS NOT NULL', 'crews.xmax IS NULL']) condition;
SELECT throws_ok(format('SELECT laurel_internal.tell(''kit.places'', %L)', query), '22023', NULL, 'told: ' || query)
FROM unnest(ARRAY[$$ SELECT organization_id, user_id, 'x'::text AS type FROM new_rows WHERE tableoid > 0 $$, $$ SELECT organization_id, user_id, 'x'::text AS type FROM new_rows WHERE gone_one IS NULL $$,
    $$ SELECT organization_id, user_id, 'x'::text AS type FROM new_rows WHERE ctid IS NOT NULL $$]) query;
SELECT throws_ok(format('SELECT laurel_internal.keep(''kit.places'', %L)', name), NULL, NULL, 'kept: ' || name) FROM unnest('{tableoid, ctid, gone_one}'::text[]) name;
SELECT throws_ok(format('SELECT laurel_internal.states(''kit.places'', %L, ''{"a": []}'')', name), NULL, NULL, 'states of ' || name) FROM unnest('{tableoid, xmin, gone_one}'::text[]) name;
RESET ROLE;

-- A table and its partition after more columns have gone and come.
SET LOCAL ROLE laurel_owner;
ALTER TABLE kit.places DROP COLUMN started_at CASCADE, ADD COLUMN more text;
RESET ROLE;
SELECT matches(pg_temp.done(format('UPDATE %s SET status = ''ended'' WHERE status = ''active''', place)), '^39P01', place || ': a stamp that has gone') FROM ways WHERE place ~ 'members|places$';
SELECT is(pg_temp.done(format('INSERT INTO %s (organization_id, crew_id, user_id, role, weight, more) VALUES (tests.org(''a''), tests.crew(''a'', 2), tests.one(''a'', 1), %L, 8, ''x'')', place,
    CASE WHEN place ~ '_' THEN rtrim(split_part(place, '_', 2), 's') ELSE 'guest' END)), 'none', place || ': counts go on') FROM ways;

-- Parents in partitions that were made otherwise too.
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.bases (gone text, id uuid NOT NULL, organization_id uuid NOT NULL, is_open boolean NOT NULL DEFAULT true, level integer NOT NULL DEFAULT 3, place_count bigint NOT NULL DEFAULT 0,
    CONSTRAINT bases_pkey PRIMARY KEY (id), CONSTRAINT bases_organization_id_id_key UNIQUE (organization_id, id)) PARTITION BY HASH (id);
ALTER TABLE kit.bases DROP COLUMN gone;
CREATE TABLE kit.bases_0 (place_count bigint NOT NULL DEFAULT 0, level integer NOT NULL DEFAULT 3, old integer, is_open boolean NOT NULL DEFAULT true, organization_id uuid NOT NULL, id uuid NOT NULL);
ALTER TABLE kit.bases_0 DROP COLUMN old;
ALTER TABLE kit.bases ATTACH PARTITION kit.bases_0 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE kit.stays (organization_id uuid NOT NULL, base_id uuid NOT NULL, level integer,
    FOREIGN KEY (organization_id, base_id) REFERENCES kit.bases (organization_id, id) ON DELETE CASCADE);
RESET ROLE;
INSERT INTO kit.bases (id, organization_id, is_open) SELECT tests.crew('a', n), tests.org('a'), n = 1 FROM generate_series(1, 2) n;
SET LOCAL ROLE laurel_owner;
SELECT laurel_internal.counts('kit.bases', 'place_count', 'kit.stays', 'base_id', 'level = 3 AND stays.level < 9');
SELECT throws_ok($$ SELECT laurel_internal.belongs('kit.stays', 'base_id', 'kit.bases', '{level}', 'is_open') $$, '39P01',
    'trigger "a_belongs_base_id" of table "stays" names kit.bases, whose rows lie in partitions', 'rows cannot belong to such a parent');
RESET ROLE;
SELECT is(tests.error_of($$ INSERT INTO kit.stays (organization_id, base_id, level) SELECT tests.org('a'), tests.crew('a', n), level FROM generate_series(1, 2) n, generate_series(1, 3) level $$), 'none', 'but count there');
SELECT is((SELECT string_agg(place_count::text, ' ') FROM kit.bases), '1 1', 'by what they say');
SELECT is(tests.error_of($$ UPDATE kit.bases_0 SET place_count = 7 $$), '23001 bases_place_count_follows', 'its counter is nobody else''s');

SELECT * FROM finish();
ROLLBACK;
