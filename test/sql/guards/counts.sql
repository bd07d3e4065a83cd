-- Counters that follow from rows: exact after every kind of write, on plain and on partitioned tables, and written by nobody else.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

-- Parents whose counters are not what their rows say.
SET LOCAL check_function_bodies = off;
CREATE FUNCTION pg_temp.wrong() RETURNS bigint LANGUAGE sql AS $$
    WITH members AS (SELECT * FROM kit.crew_members WHERE tableoid IN (SELECT laurel_internal.partition_tree('kit.crew_members')))
    SELECT count(*) FROM kit.crews c WHERE member_count <> (SELECT count(*) FROM members WHERE crew_id = c.id)
        OR leader_count <> (SELECT count(*) FROM members WHERE crew_id = c.id AND role = 'leader')
$$;
CREATE FUNCTION pg_temp.counts() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s/%s', name, member_count, leader_count), ', ' ORDER BY organization_id, name) FROM kit.crews
$$;

-- Each write, and what the counters say then: n.members/leaders of crews 1 to 3 of Acme.
CREATE TEMP TABLE writes (no integer GENERATED ALWAYS AS IDENTITY, what text, command text, counters text);
INSERT INTO writes (what, command, counters) VALUES
('one row', $$ INSERT INTO kit.crew_members (organization_id, crew_id, user_id) VALUES (tests.org('a'), tests.crew('a', 1), tests.one('a', 1)) $$, '1 1/0, 2 0/0, 3 0/0'),
('many rows of many parents, one of none', $$ INSERT INTO kit.crew_members (organization_id, crew_id, user_id, role)
    SELECT tests.org('a'), CASE WHEN g < 9 THEN tests.crew('a', 1 + g % 3) END, tests.one('a', g), CASE WHEN g < 4 THEN 'leader' ELSE 'member' END FROM generate_series(2, 9) g $$,
    '1 3/1, 2 2/0, 3 3/1'),
('an upsert that inserts one and updates one', $$ INSERT INTO kit.crew_members (organization_id, crew_id, user_id, role, motto)
    VALUES (tests.org('a'), tests.crew('a', 1), tests.one('a', 1), 'member', 'x'), (tests.org('a'), tests.crew('a', 2), tests.one('a', 1), 'leader', 'x')
    ON CONFLICT (organization_id, crew_id, user_id, role) DO UPDATE SET motto = EXCLUDED.motto $$, '1 3/1, 2 3/1, 3 3/1'),
('an upsert that moves a row', $$ INSERT INTO kit.crew_members (organization_id, crew_id, user_id, role) VALUES (tests.org('a'), tests.crew('a', 2), tests.one('a', 1), 'leader')
    ON CONFLICT (organization_id, crew_id, user_id, role) DO UPDATE SET crew_id = tests.crew('a', 3) $$, '1 3/1, 2 2/0, 3 4/2'),
('ON CONFLICT DO NOTHING', $$ INSERT INTO kit.crew_members (organization_id, crew_id, user_id) SELECT tests.org('a'), tests.crew('a', 1), tests.one('a', g)
    FROM generate_series(1, 2) g ON CONFLICT DO NOTHING $$, '1 4/1, 2 2/0, 3 4/2'),
('MERGE', $$ MERGE INTO kit.crew_members m USING (SELECT tests.one('a', g) AS user_id, g FROM generate_series(1, 4) g) n
    ON m.user_id = n.user_id AND m.crew_id = tests.crew('a', 1)
    WHEN MATCHED AND g = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET crew_id = tests.crew('a', 2)
    WHEN NOT MATCHED THEN INSERT (organization_id, crew_id, user_id) VALUES (tests.org('a'), tests.crew('a', 3), n.user_id) $$, '1 1/0, 2 4/1, 3 5/2'),
('rows that change parents', $$ UPDATE kit.crew_members SET crew_id = tests.crew('a', 1) WHERE crew_id = tests.crew('a', 3) AND role = 'member' $$, '1 4/0, 2 4/1, 3 2/2'),
('a condition that begins to hold', $$ UPDATE kit.crew_members SET role = 'leader' WHERE crew_id = tests.crew('a', 1) AND role = 'member' $$, '1 4/4, 2 4/1, 3 2/2'),
('and one that ends', $$ UPDATE kit.crew_members SET role = 'member' WHERE crew_id = tests.crew('a', 2) $$, '1 4/4, 2 4/0, 3 2/2'),
('what counts nothing', $$ UPDATE kit.crew_members SET motto = 'y' $$, '1 4/4, 2 4/0, 3 2/2'),
('a row that leaves its parent', $$ UPDATE kit.crew_members SET crew_id = NULL WHERE crew_id = tests.crew('a', 3) $$, '1 4/4, 2 4/0, 3 0/0'),
('and comes back', $$ UPDATE kit.crew_members SET crew_id = tests.crew('a', 3) WHERE crew_id IS NULL $$, '1 4/4, 2 4/0, 3 3/2'),
('several statements in one', $$ WITH gone AS (DELETE FROM kit.crew_members WHERE crew_id = tests.crew('a', 3) RETURNING user_id),
    made AS (INSERT INTO kit.crew_members (organization_id, crew_id, user_id, role) SELECT DISTINCT tests.org('a'), tests.crew('a', 2), user_id, 'leader' FROM gone RETURNING 1)
    SELECT count(*) FROM made $$, '1 4/4, 2 7/3, 3 0/0'),
('a deleted row', $$ DELETE FROM kit.crew_members WHERE crew_id = tests.crew('a', 2) AND role = 'leader' AND user_id = (SELECT min(user_id::text)::uuid FROM kit.crew_members
    WHERE crew_id = tests.crew('a', 2) AND role = 'leader') $$, '1 4/4, 2 6/2, 3 0/0'),
('users that are gone', $$ DELETE FROM laurel.users WHERE id IN (SELECT user_id FROM kit.crew_members WHERE crew_id = tests.crew('a', 1) ORDER BY 1 LIMIT 2) $$, NULL),
('a parent that is gone', $$ DELETE FROM kit.crews WHERE id = tests.crew('a', 2) $$, NULL),
('COPY', $$ COPY kit.crew_members (organization_id, crew_id, user_id, role) FROM PROGRAM
    'for r in member leader; do echo "a0000000-0000-0000-0000-000000000000 ac000000-0000-0000-0000-000000000003 a0000000-0000-0000-0000-000000000009 $r"; done' (DELIMITER ' ') $$, NULL),
('no row at all', $$ DELETE FROM kit.crew_members WHERE false $$, NULL);

-- counted and amount: those of leader_count.
CREATE FUNCTION pg_temp.play(kind text, partitioned boolean, counted text DEFAULT $$role = 'leader'$$, amount text DEFAULT '1') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    w record;
BEGIN
    PERFORM tests.make_crews(partitioned);
    SET LOCAL ROLE laurel_owner;
    PERFORM laurel_internal.counts('kit.crews', 'member_count', 'kit.crew_members', 'crew_id'),
        laurel_internal.counts('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', counted, amount);
    RESET ROLE;
    INSERT INTO kit.crews (id, organization_id, name) SELECT tests.crew('a', n), tests.org('a'), n FROM generate_series(1, 3) n;
    FOR w IN SELECT * FROM writes ORDER BY no LOOP
        EXECUTE w.command;
        RETURN NEXT is(pg_temp.wrong(), 0::bigint, format('%s: %s', kind, w.what));
        IF w.counters IS NOT NULL THEN
            RETURN NEXT is(pg_temp.counts(), w.counters, format('%s: %s, in numbers', kind, w.what));
        END IF;
    END LOOP;
    RETURN NEXT is((SELECT count(*) FROM kit.crews WHERE member_count > 0), 2::bigint, format('%s: something is counted', kind));
    -- What is undone counts no more.
    BEGIN
        INSERT INTO kit.crew_members (organization_id, crew_id, user_id) SELECT tests.org('a'), tests.crew('a', 1), id FROM laurel.users WHERE email LIKE 'a%@kit.test'
            ON CONFLICT DO NOTHING;
        RAISE EXCEPTION 'undone';
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
    RETURN NEXT is(pg_temp.wrong(), 0::bigint, format('%s: an inner transaction that was undone', kind));
    INSERT INTO kit.crew_members (organization_id, crew_id, user_id) SELECT tests.org('a'), tests.crew('a', 1), id FROM laurel.users WHERE email LIKE 'a%@kit.test'
        ON CONFLICT DO NOTHING;
    RETURN NEXT is(pg_temp.wrong(), 0::bigint, format('%s: what came after it', kind));
END
$$;

-- What a command says while a trigger of the application is there, and how many counters are wrong then.
CREATE FUNCTION public.app_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] = 'change' THEN NEW.member_count := 77; END IF;
    IF TG_ARGV[0] = 'touch' THEN NEW.motto := 'touched'; END IF;
    IF TG_ARGV[0] = 'drop' THEN RETURN NULL; END IF;
    IF TG_ARGV[0] = 'elsewhere' THEN NEW.crew_id := tests.crew('a', 3); END IF;
    IF TG_ARGV[0] = 'update' THEN UPDATE kit.crews SET member_count = member_count + 1 WHERE name = '3'; END IF;
    IF TG_ARGV[0] = 'more' AND pg_trigger_depth() = 1 THEN
        INSERT INTO kit.crew_members (organization_id, crew_id, user_id, role) VALUES (NEW.organization_id, tests.crew('a', 3), NEW.user_id, NEW.role || '+') ON CONFLICT DO NOTHING;
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION pg_temp.under(definition text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE 'CREATE TRIGGER app ' || definition;
    answer := concat_ws(', ', tests.error_of(command), nullif(pg_temp.wrong(), 0) || ' wrong');
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = answer;
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN SQLERRM;
END $$;

SAVEPOINT plain;
SAVEPOINT sums;
SELECT pg_temp.play('a sum', false, 'true', $$CASE role WHEN 'leader' THEN 1 END$$);
ROLLBACK TO sums;
SELECT pg_temp.play('plain', false);

-- Two organizations in one statement, and rows of one that has no such parent.
INSERT INTO kit.crews (id, organization_id, name) SELECT tests.crew('b', n), tests.org('b'), n FROM generate_series(1, 2) n;
INSERT INTO kit.crew_members (organization_id, crew_id, user_id)
SELECT tests.org(l), tests.crew(l, 1), (SELECT min(id::text)::uuid FROM laurel.users WHERE email LIKE l || '%@kit.test') FROM unnest('{b, a}'::text[]) l ON CONFLICT DO NOTHING;
SELECT is(pg_temp.wrong(), 0::bigint, 'two organizations at once');

-- Nobody else writes the counter.
SELECT is(tests.error_of($$ UPDATE kit.crews SET member_count = 5 $$), '23001 crews_member_count_follows', 'an UPDATE of the counter');
SELECT is(tests.error_of($$ UPDATE kit.crews SET member_count = member_count $$), 'none', 'unless it says what is there');
SELECT is(tests.error_of($$ INSERT INTO kit.crews (organization_id, name, leader_count) VALUES (tests.org('a'), 'x', 1) $$), '23001 crews_leader_count_follows', 'a new row that begins with a count');
SELECT is(tests.error_of($$ INSERT INTO kit.crews (id, organization_id, name) VALUES (tests.crew('a', 1), tests.org('a'), 'x') ON CONFLICT (id) DO UPDATE SET member_count = 0 $$),
    '23001 crews_member_count_follows', 'an upsert');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ UPDATE kit.crews SET member_count = 5 $$), '42501', 'a client has no right to at all');
SELECT tests.act_as_owner();
GRANT SELECT, INSERT, UPDATE, DELETE ON kit.crews, kit.crew_members TO service_role;
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ UPDATE kit.crews SET member_count = 5 $$), '23001 crews_member_count_follows', 'or is refused');
SELECT is(tests.error_of($$ INSERT INTO kit.crew_members (organization_id, crew_id, user_id, role) SELECT tests.org('a'), tests.crew('a', 3), tests.one('a', 9), 'owner' $$), 'none', 'but its rows count');
SELECT tests.act_as_owner();
SELECT is(pg_temp.wrong(), 0::bigint, 'exactly');

-- A client who may write members and not the crews, and sees none of them.
CREATE ROLE kit_client;
GRANT USAGE ON SCHEMA kit TO kit_client;
GRANT SELECT, INSERT, UPDATE, DELETE ON kit.crew_members TO kit_client;
ALTER TABLE kit.crews ENABLE ROW LEVEL SECURITY;
ALTER TABLE kit.crews FORCE ROW LEVEL SECURITY;
SET LOCAL ROLE kit_client;
SET LOCAL search_path = pg_temp, public;
CREATE TEMP TABLE crews (id uuid, organization_id uuid, member_count bigint);
DELETE FROM kit.crew_members WHERE role = 'owner';
RESET search_path;
RESET ROLE;
SELECT is(pg_temp.wrong(), 0::bigint, 'a client who may not write the parents counts all the same, under any path');
ALTER TABLE kit.crews NO FORCE ROW LEVEL SECURITY;

-- An application's own triggers.
\set add 'INSERT INTO kit.crew_members (organization_id, crew_id, user_id, role) VALUES (tests.org(''a''), tests.crew(''a'', 1), tests.one(''a'', 9), ''new''), (tests.org(''a''), tests.crew(''a'', 1), tests.one(''a'', 8), ''new'')'
SELECT is(pg_temp.under($$BEFORE UPDATE ON kit.crews FOR EACH ROW EXECUTE FUNCTION public.app_write('touch')$$, :'add'), 'none', 'one on the parent that leaves the counter alone');
SELECT is(pg_temp.under($$BEFORE UPDATE ON kit.crews FOR EACH ROW EXECUTE FUNCTION public.app_write('change')$$, :'add'), '23001 crews_member_count_follows', 'one that changes it');
SELECT is(pg_temp.under($$BEFORE UPDATE ON kit.crews FOR EACH ROW EXECUTE FUNCTION public.app_write('drop')$$, :'add'), '23001 crews_member_count_follows', 'one that drops the update');
SELECT is(pg_temp.under($$BEFORE UPDATE ON kit.crews FOR EACH ROW EXECUTE FUNCTION public.app_write('change')$$, 'UPDATE kit.crews SET name = name'), '23001 crews_member_count_follows',
    'one that changes it in another update');
SELECT is(pg_temp.under($$AFTER UPDATE ON kit.crews FOR EACH ROW WHEN (pg_trigger_depth() < 2) EXECUTE FUNCTION public.app_write('update')$$, :'add'), '23001 crews_member_count_follows',
    'one that writes it by itself: the permission is for one statement');
SELECT is(pg_temp.under($$BEFORE INSERT ON kit.crews FOR EACH ROW EXECUTE FUNCTION public.app_write('change')$$, $$INSERT INTO kit.crews (organization_id, name) VALUES (tests.org('a'), 'x')$$),
    '23001 crews_member_count_follows', 'one that makes a new parent begin elsewhere');
SELECT is(pg_temp.under($$BEFORE INSERT ON kit.crew_members FOR EACH ROW EXECUTE FUNCTION public.app_write('elsewhere')$$, :'add'), 'none', 'one that sends rows to another parent');
SELECT is(pg_temp.under($$BEFORE INSERT ON kit.crew_members FOR EACH ROW EXECUTE FUNCTION public.app_write('drop')$$, :'add'), 'none', 'one that drops rows');
SELECT is(pg_temp.under($$AFTER INSERT ON kit.crew_members FOR EACH ROW EXECUTE FUNCTION public.app_write('more')$$, :'add'), 'none', 'one that adds rows after');
SELECT is(pg_temp.under($$BEFORE INSERT ON kit.crew_members FOR EACH ROW EXECUTE FUNCTION public.app_write('more')$$, :'add'), 'none', 'or before');

-- Tables that inherit from a child are none of its rows.
CREATE SCHEMA heirs;
CREATE TABLE heirs.crew_members () INHERITS (kit.crew_members);
INSERT INTO heirs.crew_members SELECT * FROM ONLY kit.crew_members LIMIT 3;
SELECT is(pg_temp.wrong(), 0::bigint, 'rows of a table that inherits do not count');
UPDATE kit.crew_members SET crew_id = tests.crew('a', 3), role = left(id::text || random()::text, 50) WHERE user_id = (SELECT user_id FROM heirs.crew_members LIMIT 1) AND crew_id IS NOT NULL;
DELETE FROM kit.crew_members WHERE user_id IN (SELECT user_id FROM heirs.crew_members);
SELECT is(pg_temp.wrong(), 0::bigint, 'nor does writing them through the child');
DROP TABLE heirs.crew_members;

-- All at once.
TRUNCATE kit.crew_members;
SELECT is((SELECT sum(member_count) + sum(leader_count) FROM kit.crews), 0::numeric, 'TRUNCATE counts nothing');
INSERT INTO kit.crew_members (organization_id, crew_id, user_id) SELECT tests.org('a'), tests.crew('a', 3), tests.one('a', 9);
TRUNCATE kit.crews CASCADE;
SELECT is_empty('SELECT FROM kit.crew_members', 'nor does TRUNCATE of the parents');

ROLLBACK TO plain;
SAVEPOINT sums;
SELECT pg_temp.play('a partitioned sum', true, $$role <> 'nobody'$$, $$3 * CASE role WHEN 'leader' THEN 1 ELSE 0 END - 2 * (role = 'leader')::integer$$);
ROLLBACK TO sums;
SELECT pg_temp.play('partitioned', true);

-- Partitions, old and new, written directly.
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.crew_members_guests PARTITION OF kit.crew_members FOR VALUES IN ('guest', 'visitor');
CREATE TABLE kit.other_members (LIKE kit.crew_members INCLUDING ALL EXCLUDING INDEXES);
ALTER TABLE kit.other_members DROP COLUMN motto, ADD COLUMN extra text, ADD COLUMN motto text;
ALTER TABLE kit.other_members DROP COLUMN extra;
ALTER TABLE kit.crew_members ATTACH PARTITION kit.other_members DEFAULT;
RESET ROLE;
DELETE FROM kit.crew_members;
INSERT INTO kit.crew_members_leaders (organization_id, crew_id, user_id, role) VALUES (tests.org('a'), tests.crew('a', 1), tests.one('a', 9), 'leader'), (tests.org('a'), tests.crew('a', 3), tests.one('a', 9), 'leader');
SELECT is(pg_temp.counts(), '1 1/1, 3 1/1', 'a partition that was there');
INSERT INTO kit.crew_members_guests (organization_id, crew_id, user_id, role) SELECT tests.org('a'), tests.crew('a', n), tests.one('a', 9), r FROM unnest('{1, 3}'::int[]) n, unnest('{guest, visitor}'::text[]) r;
SELECT is(pg_temp.counts(), '1 3/1, 3 3/1', 'one that was made later');
INSERT INTO kit.other_members (organization_id, crew_id, user_id, role) VALUES (tests.org('a'), tests.crew('a', 1), tests.one('a', 9), 'chief');
SELECT is(pg_temp.counts(), '1 4/1, 3 3/1', 'one that was attached, with other columns');
UPDATE kit.other_members SET crew_id = tests.crew('a', 3);
UPDATE kit.crew_members_guests SET crew_id = tests.crew('a', 1) WHERE role = 'guest' AND crew_id = tests.crew('a', 3) AND false;
DELETE FROM kit.crew_members_guests WHERE role = 'visitor';
SELECT is(pg_temp.counts(), '1 2/1, 3 3/1', 'updated and deleted from');
COPY kit.crew_members_guests (organization_id, crew_id, user_id, role) FROM stdin (DELIMITER ' ');
a0000000-0000-0000-0000-000000000000 ac000000-0000-0000-0000-000000000001 a0000000-0000-0000-0000-000000000009 visitor
a0000000-0000-0000-0000-000000000000 ac000000-0000-0000-0000-000000000003 a0000000-0000-0000-0000-000000000009 visitor
\.
SELECT is(pg_temp.counts(), '1 3/1, 3 4/1', 'copied into');
UPDATE kit.crew_members SET role = 'leader' WHERE role IN ('visitor', 'chief') AND false;
UPDATE kit.crew_members SET role = 'chief' WHERE role = 'visitor' AND crew_id = tests.crew('a', 1);
UPDATE kit.crew_members SET role = 'visitor', crew_id = tests.crew('a', 1) WHERE role = 'leader' AND crew_id = tests.crew('a', 3);
SELECT is(pg_temp.wrong(), 0::bigint, 'rows that move to other partitions');
DO $$
BEGIN
    BEGIN
        INSERT INTO kit.crew_members_guests (organization_id, crew_id, user_id, role) VALUES (tests.org('a'), tests.crew('a', 1), tests.one('a', 8), 'guest');
        RAISE EXCEPTION 'undone';
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
    BEGIN
        INSERT INTO kit.crew_members_guests (organization_id, crew_id, user_id, role) VALUES (tests.org('a'), tests.crew('a', 1), tests.one('a', 8), 'guest'), (tests.org('a'), gen_random_uuid(), tests.one('a', 8), 'guest');
    EXCEPTION WHEN foreign_key_violation THEN NULL;
    END;
    INSERT INTO kit.crew_members_guests (organization_id, crew_id, user_id, role) VALUES (tests.org('a'), tests.crew('a', 1), tests.one('a', 8), 'guest');
END $$;
SELECT is(pg_temp.wrong(), 0::bigint, 'errors leave nothing waiting');
SELECT is(pg_temp.under($$AFTER INSERT ON kit.crew_members FOR EACH ROW EXECUTE FUNCTION public.app_write('more')$$,
    $$INSERT INTO kit.crew_members (organization_id, crew_id, user_id, role) SELECT tests.org('a'), tests.crew('a', 1), tests.one('a', n), 'novice' FROM generate_series(7, 9) n$$),
    'none', 'statements within a statement');
SELECT is(pg_temp.under($$BEFORE UPDATE ON kit.crews FOR EACH ROW EXECUTE FUNCTION public.app_write('change')$$,
    $$INSERT INTO kit.crew_members_guests (organization_id, crew_id, user_id, role) VALUES (tests.org('a'), tests.crew('a', 1), tests.one('a', 7), 'visitor')$$),
    '23001 crews_member_count_follows', 'the parent is looked at then too');

-- TRUNCATE of a partition; of a new one once it is guarded.
TRUNCATE kit.crew_members_leaders;
SELECT is(pg_temp.wrong(), 0::bigint, 'TRUNCATE of a partition');
SET LOCAL ROLE laurel_owner;
SELECT laurel_internal.guard_partition('kit.crew_members_guests');
SELECT laurel_internal.guard_partition('kit.crew_members_guests');
RESET ROLE;
TRUNCATE kit.crew_members_guests;
SELECT is(pg_temp.wrong(), 0::bigint, 'and of a guarded one');
SELECT cmp_ok((SELECT sum(member_count) FROM kit.crews), '>', 0::numeric, 'which leaves the others');

-- A partition that goes with its rows.
SET LOCAL ROLE laurel_owner;
ALTER TABLE kit.crew_members DETACH PARTITION kit.other_members;
SELECT laurel_internal.recount('kit.crews', 'member_count');
RESET ROLE;
SELECT is((SELECT sum(member_count) FROM kit.crews), (SELECT count(*)::numeric FROM kit.crew_members), 'is counted out by recount');
SELECT is(tests.error_of($$ SELECT laurel_internal.recount('kit.crews', 'level') $$), '42704', 'which knows its counters');
ROLLBACK TO plain;

-- Partitioned parents.
SELECT tests.make_crews();
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.squads (id uuid NOT NULL, organization_id uuid NOT NULL, member_count bigint NOT NULL DEFAULT 0, PRIMARY KEY (organization_id, id)) PARTITION BY HASH (organization_id);
CREATE TABLE kit.squads_0 PARTITION OF kit.squads FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE kit.squads_1 PARTITION OF kit.squads FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE kit.squad_members (organization_id uuid NOT NULL, squad_id uuid NOT NULL,
    FOREIGN KEY (organization_id, squad_id) REFERENCES kit.squads (organization_id, id) ON DELETE CASCADE);
INSERT INTO kit.squads SELECT tests.crew(l, n), tests.org(l) FROM unnest('{a, b}'::text[]) l, generate_series(1, 3) n;
INSERT INTO kit.squad_members SELECT organization_id, id FROM kit.squads;
SELECT laurel_internal.counts('kit.squads', 'member_count', 'kit.squad_members', 'squad_id');
RESET ROLE;
SELECT is((SELECT sum(member_count) FROM kit.squads), 6::numeric, 'rows that are there already are counted');
INSERT INTO kit.squad_members SELECT organization_id, id FROM kit.squads, generate_series(1, 2);
SELECT is((SELECT array_agg(DISTINCT member_count) FROM kit.squads), '{3}', 'partitioned parents');
SELECT is(tests.error_of('UPDATE kit.squads_0 SET member_count = 1'), '23001 squads_member_count_follows', 'are guarded when a partition is written directly');

-- A table that counts itself.
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.posts (id uuid PRIMARY KEY, organization_id uuid NOT NULL, thread_id uuid, replies bigint NOT NULL DEFAULT 0, hidden boolean NOT NULL DEFAULT false,
    UNIQUE (organization_id, id), FOREIGN KEY (organization_id, thread_id) REFERENCES kit.posts (organization_id, id) ON DELETE CASCADE);
SELECT laurel_internal.counts('kit.posts', 'replies', 'kit.posts', 'thread_id', 'NOT hidden');
RESET ROLE;
INSERT INTO kit.posts (id, organization_id, thread_id) VALUES (tests.crew('a', 1), tests.org('a'), NULL), (tests.crew('a', 2), tests.org('a'), tests.crew('a', 1)),
    (tests.crew('a', 3), tests.org('a'), tests.crew('a', 1)), (tests.crew('a', 4), tests.org('a'), tests.crew('a', 2));
SELECT results_eq('SELECT replies FROM kit.posts ORDER BY id', '{2, 1, 0, 0}'::bigint[], 'a table whose rows count one another');
UPDATE kit.posts SET hidden = true WHERE id = tests.crew('a', 3);
DELETE FROM kit.posts WHERE id = tests.crew('a', 2);
SELECT results_eq('SELECT replies FROM kit.posts ORDER BY id', '{0, 0}'::bigint[], 'through cascades');

-- Names that no longer hold.
SET LOCAL ROLE laurel_owner;
SELECT laurel_internal.counts('kit.crews', 'member_count', 'kit.crew_members', 'crew_id', 'role <> ''guest''');
RESET ROLE;
INSERT INTO kit.crews (id, organization_id, name) VALUES (tests.crew('a', 1), tests.org('a'), 'x');
CREATE FUNCTION pg_temp.after(change text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    EXECUTE change;
    EXECUTE command;
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = 'none';
EXCEPTION WHEN OTHERS THEN RETURN concat_ws(' ', nullif(SQLSTATE, 'P9999'), SQLERRM);
END $$;
\set join 'INSERT INTO kit.crew_members (organization_id, crew_id, user_id) VALUES (tests.org(''a''), tests.crew(''a'', 1), tests.one(''a'', 1))'
SELECT is(pg_temp.after('SELECT 1', :'join'), 'none', 'as long as all is there');
SELECT is(pg_temp.after('ALTER TABLE kit.crews RENAME TO gangs', :'join'), '39P01 trigger "A_count_crews_member_count_inserted" of table "crew_members" names table "kit.crews", which does not exist', 'a parent renamed');
SELECT is(pg_temp.after('ALTER TABLE kit.crews RENAME TO gangs; CREATE VIEW kit.crews AS SELECT * FROM kit.gangs; ALTER VIEW kit.crews OWNER TO laurel_owner', :'join'),
    '39P01 trigger "A_count_crews_member_count_inserted" of table "crew_members" names "kit.crews", which is no table', 'and a view put in its place');
SELECT is(pg_temp.after('ALTER TABLE kit.crews RENAME member_count TO members', :'join'), '39P01 trigger "A_count_crews_member_count_inserted" of table "crew_members" names column "member_count" of kit.crews, which does not exist', 'a counter renamed');
SELECT is(pg_temp.after('ALTER TABLE kit.crew_members RENAME crew_id TO team', replace(:'join', 'crew_id', 'team')), '39P01 trigger "A_count_crews_member_count_inserted" of table "crew_members" names column "crew_id" of kit.crew_members, which does not exist', 'a link renamed');
SELECT is(pg_temp.after('ALTER TABLE kit.crew_members RENAME role TO rank', :'join'), '39P01 trigger "A_count_crews_member_count_inserted" of table "crew_members" cannot be understood: column "role" does not exist', 'a column of the condition renamed');
SELECT is(pg_temp.after('ALTER TABLE kit.crew_members RENAME TO members', replace(:'join', 'crew_members', 'members')), '39P01 trigger "A_count_crews_member_count_inserted" of table "members" names table "kit.crew_members", which does not exist', 'the child renamed');
SELECT is(pg_temp.after('ALTER TABLE kit.crews ALTER member_count TYPE integer', :'join'), '0A000 cannot alter type of a column used in a trigger definition', 'the type is held by the triggers');
SELECT alike(pg_temp.after('ALTER TABLE kit.crews OWNER TO postgres', :'join'), '39P01 %names table "kit.crews", which has another owner', 'a parent that goes to another owner');
SELECT is(pg_temp.after('ALTER SCHEMA kit RENAME TO caboodle', replace(:'join', 'kit.', 'caboodle.')), '39P01 trigger "A_count_crews_member_count_inserted" of table "crew_members" names table "kit.crews", which does not exist', 'the schema renamed');
SELECT is(pg_temp.after(:'join' || '; ALTER SCHEMA kit RENAME TO caboodle', replace(replace(:'join', 'kit.', 'caboodle.'), 'one(''a'', 1)', 'one(''a'', 2)')),
    '39P01 trigger "A_count_crews_member_count_inserted" of table "crew_members" names table "kit.crews", which does not exist', 'also where it was in use a moment ago');
SELECT is(pg_temp.after('SELECT 1', :'join'), 'none', 'and all is as before');

SELECT is(pg_temp.after($$ DROP TRIGGER "A_count_crews_member_count_inserted" ON kit.crew_members; CREATE TRIGGER blind AFTER INSERT ON kit.crew_members FOR EACH ROW
    EXECUTE FUNCTION laurel_internal.count_rows('kit.crews', 'member_count', 'id', 'kit.crew_members', 'crew_id', 'true', '1') $$, :'join'),
    '39P01 trigger "blind" of table "crew_members" needs REFERENCING NEW TABLE and OLD TABLE', 'a trigger that does not see what it counts');

-- What is refused when it is attached.
CREATE TABLE public.foreign_crews (id uuid, organization_id uuid, member_count bigint NOT NULL DEFAULT 0, UNIQUE (organization_id, id));
CREATE TABLE public.foreign_members (crew_id uuid, organization_id uuid, FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id));
CREATE FUNCTION pg_temp.refused(VARIADIC a text[]) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('SELECT laurel_internal.counts(%s)', (SELECT string_agg(quote_nullable(x), ', ' ORDER BY n) FROM unnest(a) WITH ORDINALITY u (x, n))))
$$;
SELECT is(pg_temp.refused('kit.crews', 'nothing', 'kit.crew_members', 'crew_id'), '42703', 'no such counter');
SELECT is(pg_temp.refused('kit.crews', 'level', 'kit.crew_members', 'crew_id'), '22023', 'one that is no bigint');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'kit.crew_members', 'nothing'), '42703', 'no such link');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'kit.crew_members', 'user_id'), '22023', 'one that refers to another table');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'public.foreign_members', 'crew_id'), '39P01', 'a child of another owner');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', 'nothing = 1'), '39P01', 'a condition on no column');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', '*'), '39P01', 'a condition that is a list of columns');
SELECT is(pg_temp.after('CREATE TRIGGER a_bad AFTER DELETE ON kit.crews FOR EACH ROW EXECUTE FUNCTION laurel_internal.guard_count()',
    $$SELECT laurel_internal.recount('kit.crews', 'member_count')$$), 'none', 'a trigger that somebody attached without arguments is passed over');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', 'EXISTS (SELECT FROM kit.crews)'), '39P01', 'on other rows');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', 'id > laurel.uuidv7()'), '39P01', 'on what changes by itself');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', 'tableoid > 1'), '39P01', 'on where the row lies');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', 'true) OR (false'), '39P01', 'or on nothing that is one');
SELECT is(pg_temp.refused('kit.crews', 'member_count', 'kit.crew_members', 'crew_id'), '42710', 'a counter that is kept already');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', 'true', 'role'), '39P01', 'an amount that is no number');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', 'true', '1.5'), '39P01', 'or no whole one');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', 'true', NULL), '39P01', 'or none');
SELECT is(pg_temp.refused('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', 'char_length(role) > 3'), 'none', 'a function of the server is in order');

SELECT * FROM finish();
ROLLBACK;
