-- What laurel_internal.protect grants beyond its classes, which access/policies tries: commands, columns, expiry, shared rows, views.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(59);

-- Acme: 1 administers, 2 is trainer of nobody, 3 and 4 are learners. Bolt: 5.
SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'bolt_learner');

CREATE TABLE laurel.notes (n integer PRIMARY KEY, organization_id uuid, user_id uuid, note text, "to" text, secret text, expires_at timestamptz);
INSERT INTO laurel.notes SELECT n, CASE n WHEN 5 THEN tests.bolt() ELSE tests.acme() END, tests.nth(n), 'x', 'y', 's' FROM generate_series(1, 5) n;
INSERT INTO laurel.notes VALUES (6, NULL, NULL, 'shared', 'y', 's');
CREATE FUNCTION pg_temp.act(client text) RETURNS void LANGUAGE sql AS $$
    SELECT CASE WHEN client IN ('anon', 'service_role') THEN tests.act(client, '') ELSE tests.act_as(tests.nth(client::integer)) END
$$;
-- Which rows a client meets with a statement; else its error.
CREATE FUNCTION pg_temp.try(client text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    PERFORM pg_temp.act(client);
    EXECUTE format('WITH got AS (%s) SELECT coalesce(string_agg(n::text, '','' ORDER BY n), ''-'') FROM got', statement) INTO found;
    RAISE EXCEPTION USING ERRCODE = 'P9999';
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN found;
    WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
CREATE FUNCTION pg_temp.protect(arguments text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    undone text := (SELECT string_agg(format('DROP POLICY %I ON laurel.notes', polname), '; ') FROM pg_policy WHERE polrelid = 'laurel.notes'::regclass);
BEGIN
    PERFORM tests.act_as_owner();
    IF undone IS NOT NULL THEN
        EXECUTE undone;
    END IF;
    EXECUTE format('SELECT laurel_internal.protect(''laurel.notes'', %s)', arguments);
END
$$;
CREATE FUNCTION pg_temp.policies() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(policyname, ', ' ORDER BY policyname COLLATE "C") FROM pg_policies WHERE tablename = 'notes'
$$;
CREATE FUNCTION pg_temp.granted(client text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('; ', (SELECT string_agg(privilege_type, ', ' ORDER BY privilege_type) FROM pg_class, aclexplode(relacl) WHERE oid = 'laurel.notes'::regclass AND grantee = client::regrole),
        (SELECT string_agg(privilege_type || ' ' || attname, ', ' ORDER BY privilege_type, attnum) FROM pg_attribute, aclexplode(attacl)
         WHERE attrelid = 'laurel.notes'::regclass AND grantee = client::regrole))
$$;

-- Commands by who has them.
SELECT pg_temp.protect($$ 'personal', commands => '{"self": "INSERT, DELETE", "administrators": "ALL"}' $$);
SELECT is(pg_temp.policies(), 'administrators update, read own and entrusted rows, self and administrators delete, self and administrators insert', 'one policy for a command');
SELECT is(pg_temp.try('3', 'DELETE FROM laurel.notes RETURNING n'), '3', 'oneself deletes');
SELECT is(pg_temp.try('1', 'DELETE FROM laurel.notes RETURNING n'), '1,2,3,4', 'and so does an administrator');
SELECT is(pg_temp.try('3', $$ UPDATE laurel.notes SET note = 'z' RETURNING n $$), '-', 'oneself does not change');
SELECT is(pg_temp.try('1', $$ UPDATE laurel.notes SET note = 'z' RETURNING n $$), '1,2,3,4', 'an administrator does');
SELECT is(pg_temp.try('3', format('INSERT INTO laurel.notes VALUES (7, %L, %L) RETURNING n', tests.acme(), tests.nth(4))), '42501', 'nobody writes for others');
SELECT is(pg_temp.try('1', format('INSERT INTO laurel.notes VALUES (7, %L, %L) RETURNING n', tests.acme(), tests.nth(4))), '7', 'but administrators');
SELECT pg_temp.protect($$ 'own', commands => '{"self": "UPDATE", "administrators": "UPDATE"}' $$);
SELECT is(pg_temp.try('1', $$ UPDATE laurel.notes SET note = 'z' RETURNING n $$) || ' ' || pg_temp.try('5', $$ UPDATE laurel.notes SET note = 'z' RETURNING n $$), '1,2,3,4 5', 'in class own too');
SELECT pg_temp.protect($$ 'private' $$);
SELECT is(pg_temp.try('1', 'SELECT n FROM laurel.notes') || ' ' || pg_temp.try('3', 'DELETE FROM laurel.notes RETURNING n'), '1 3', 'what is private is not even read by administrators');
SELECT pg_temp.protect($$ 'catalogue', commands => '{"self": "UPDATE"}' $$);
SELECT is(pg_temp.try('3', 'SELECT n FROM laurel.notes') || ' ' || pg_temp.try('3', $$ UPDATE laurel.notes SET note = 'z' RETURNING n $$), '1,2,3,4 3', 'members read and write their own');
SELECT pg_temp.protect($$ 'common' $$);
SELECT is(pg_temp.try('3', 'SELECT n FROM laurel.notes') || ' ' || pg_temp.try('anon', 'SELECT n FROM laurel.notes'), '1,2,3,4,5,6 42501', 'common is for who is signed in');
SELECT pg_temp.protect($$ 'public' $$);
SELECT is(pg_temp.try('3', 'SELECT n FROM laurel.notes') || ' ' || pg_temp.try('anon', 'SELECT n FROM laurel.notes'), '1,2,3,4,5,6 1,2,3,4,5,6', 'public for everybody');
SELECT pg_temp.protect($$ 'personal', commands => '{"service_role": "SELECT, UPDATE"}' $$);
SELECT is(pg_temp.granted('service_role'), 'SELECT, UPDATE', 'the back end may have less');
SELECT is(pg_temp.granted('authenticated'), 'SELECT', 'and nobody else writes then');
SELECT pg_temp.protect($$ 'service', commands => '{"service_role": "SELECT, INSERT, UPDATE"}', writes => '{"UPDATE": "note, to"}' $$);
SELECT is(pg_temp.granted('service_role'), 'INSERT, SELECT; UPDATE note, UPDATE to', 'or some columns');
SELECT pg_temp.protect($$ 'internal' $$);
SELECT is(concat(pg_temp.granted('service_role'), pg_temp.granted('authenticated'), pg_temp.granted('anon'), pg_temp.policies()), '', 'or nothing');
SELECT ok((SELECT relrowsecurity FROM pg_class WHERE oid = 'laurel.notes'::regclass), 'under row security all the same');
SELECT ok(NOT has_table_privilege('authenticated', 'laurel.notes', 'SELECT'), 'what was granted before is gone');

-- Columns.
SELECT pg_temp.protect($$ 'personal', reads => 'n, organization_id, user_id, note, to', writes => '{"INSERT": "n, organization_id, user_id", "UPDATE": "note, to"}' $$);
SELECT is(pg_temp.granted('authenticated'), 'DELETE; INSERT n, INSERT organization_id, INSERT user_id, SELECT n, SELECT organization_id, SELECT user_id, SELECT note, SELECT to, UPDATE note, UPDATE to',
    'columns that are read, inserted and updated');
SELECT is(pg_temp.granted('service_role'), 'DELETE, INSERT, SELECT, UPDATE', 'for the back end all');
SELECT is(pg_temp.try('3', 'SELECT secret AS n FROM laurel.notes'), '42501', 'a secret column stays one');
SELECT is(pg_temp.try('3', $$ UPDATE laurel.notes SET "to" = 'z' RETURNING n $$) || ' ' || pg_temp.try('3', $$ UPDATE laurel.notes SET secret = 'z' RETURNING n $$), '3 42501', 'and is not written');
SELECT pg_temp.protect($$ 'personal' $$);
SELECT is(pg_temp.granted('authenticated'), 'DELETE, INSERT, SELECT; UPDATE n, UPDATE organization_id, UPDATE user_id, UPDATE note, UPDATE to, UPDATE secret, UPDATE expires_at',
    'UPDATE always goes by columns');

-- Expiry.
UPDATE laurel.notes SET expires_at = clock_timestamp() WHERE n = 1;
UPDATE laurel.notes SET expires_at = clock_timestamp() + interval '1 hour' WHERE n = 2;
SELECT pg_temp.protect($$ 'catalogue', until => 'expires_at' $$);
SELECT is(pg_temp.try('1', 'SELECT n FROM laurel.notes'), '2,3,4', 'what has expired is not read');
SELECT is(pg_temp.try('service_role', 'SELECT n FROM laurel.notes'), '1,2,3,4,5,6', 'but by the back end');
SELECT pg_temp.protect($$ 'own', until => 'expires_at' $$);
SELECT is(pg_temp.try('1', 'SELECT n FROM laurel.notes'), '2,3,4', 'nor by whose it is');
SELECT pg_temp.protect($$ 'public', until => 'expires_at' $$);
SELECT is(pg_temp.try('anon', 'SELECT n FROM laurel.notes'), '2,3,4,5,6', 'nor by everybody');

-- Shared rows.
SELECT pg_temp.protect($$ 'catalogue', shared => true $$);
SELECT is(pg_temp.try('3', 'SELECT n FROM laurel.notes') || ' ' || pg_temp.try('1', $$ UPDATE laurel.notes SET note = 'z' RETURNING n $$), '1,2,3,4,6 1,2,3,4', 'rows of no organization are read in each, and written in none');
SELECT pg_temp.protect($$ 'administrative', shared => true $$);
SELECT is(pg_temp.try('3', 'SELECT n FROM laurel.notes') || ' ' || pg_temp.try('1', 'SELECT n FROM laurel.notes'), '- 1,2,3,4,6', 'by administrators where only they read');

-- Others than oneself and administrators.
SELECT pg_temp.protect($$ 'catalogue', others => '{"readers of it": "note = ''x'' OR note = ''z''"}', commands => '{"self": "UPDATE", "administrators": "DELETE", "readers of it": "UPDATE, DELETE"}' $$);
SELECT is(pg_temp.policies(), 'administrators and readers of it delete, members read, self and readers of it update', 'a domain names others');
SELECT is(pg_temp.try('3', $$ UPDATE laurel.notes SET note = 'z' RETURNING n $$) || ' ' || pg_temp.try('3', $$ UPDATE laurel.notes SET note = 'y' RETURNING n $$), '1,2,3,4 42501', 'who write what meets their condition');
SELECT is(pg_temp.try('5', $$ UPDATE laurel.notes SET note = 'z' RETURNING n $$), '5', 'in their organization');

-- Views.
CREATE VIEW laurel.notices WITH (security_invoker = true) AS SELECT n, note, user_id FROM laurel.notes;
SELECT pg_temp.protect($$ 'personal' $$);
SELECT laurel_internal.protect('laurel.notices', 'view');
SELECT is(pg_temp.try('3', 'SELECT n FROM laurel.notices') || ' ' || pg_temp.try('3', 'DELETE FROM laurel.notices RETURNING n') || ' ' || pg_temp.try('service_role', 'DELETE FROM laurel.notices RETURNING n')
    || ' ' || pg_temp.try('anon', 'SELECT n FROM laurel.notices'), '3 42501 42501 42501', 'a view is read');
SELECT laurel_internal.protect('laurel.notices', 'view', commands => '{"authenticated": "SELECT, UPDATE"}', writes => '{"UPDATE": "note"}');
SELECT is(pg_temp.try('3', $$ UPDATE laurel.notices SET note = 'z' RETURNING n $$) || ' ' || pg_temp.try('3', $$ UPDATE laurel.notices SET user_id = user_id RETURNING n $$)
    || ' ' || pg_temp.try('service_role', $$ UPDATE laurel.notices SET user_id = user_id RETURNING n $$), '3 42501 1,2,3,4,5,6', 'and written as is said');
SELECT ok(NOT has_table_privilege('authenticated', 'laurel.notices', 'UPDATE') AND has_any_column_privilege('authenticated', 'laurel.notices', 'UPDATE'), 'by columns');

-- What cannot be meant.
CREATE FUNCTION pg_temp.refusal(arguments text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.protect(arguments);
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ': ' || SQLERRM;
END
$$;
SELECT is(pg_temp.refusal($$ 'secret' $$), '22023: there is no policy class "secret"', 'another class');
SELECT is(pg_temp.refusal($$ NULL $$), '22023: there is no policy class ""', 'none');
SELECT is(pg_temp.refusal($$ 'personal', commands => '{"everybody": "ALL"}' $$), '22023: commands of the policy class "personal" are for self, administrators and service_role', 'commands for somebody else');
SELECT is(pg_temp.refusal($$ 'personal', commands => '{"both": "UPDATE"}' $$), '22023: commands of the policy class "personal" are for self, administrators and service_role', 'both where there is one');
SELECT is(pg_temp.refusal($$ 'personal', others => '{"self": "true"}' $$), '22023: others have names of their own', 'others who are none');
SELECT is(pg_temp.refusal($$ 'own', others => '{"friends": "true"}' $$), '22023: the policy class "own" knows no others', 'or where one''s own is all');
SELECT is(pg_temp.refusal($$ 'view', commands => '{"self": "UPDATE"}' $$), '22023: commands of the policy class "view" are for anon, authenticated and service_role', 'a policy on a view');
SELECT is(pg_temp.refusal($$ 'personal', commands => '{"self": "INSERT, TRUNCATE"}' $$), '22023: "INSERT, TRUNCATE" is no list of commands', 'a command that is none');
SELECT is(pg_temp.refusal($$ 'personal', writes => '{"DELETE": "note"}' $$), '22023: columns are written by INSERT and UPDATE', 'columns that are deleted');
SELECT is(pg_temp.refusal($$ 'personal', writes => '{"UPDATE": "note, nothing"}' $$), '22023: laurel.notes has not all columns that are named', 'columns that are not there');
SELECT is(pg_temp.refusal($$ 'personal', reads => 'nothing' $$), '22023: laurel.notes has not all columns that are named', 'nor to read');
SELECT is(pg_temp.refusal($$ 'service', reads => 'note' $$), '22023: the policy class "service" has no readers', 'readers where there are none');
SELECT is(pg_temp.refusal($$ 'internal', until => 'expires_at' $$), '22023: the policy class "internal" has no readers', 'nor do they see until when');

-- Once: two classes would let in whom either lets in.
SELECT pg_temp.protect($$ 'catalogue' $$);
SELECT throws_ok($$ SELECT laurel_internal.protect('laurel.notes', 'personal') $$, '42710', 'laurel.notes has policies already', 'protected twice');
SELECT is(pg_temp.policies(), 'administrators delete, administrators insert, administrators update, members read', 'it stays as it was');
SELECT laurel_internal.detach('laurel.notes', 'protect');
SELECT is(concat(pg_temp.policies(), pg_temp.granted('service_role'), pg_temp.granted('authenticated')), '', 'detached, nobody is let in');
SELECT ok((SELECT relrowsecurity FROM pg_class WHERE oid = 'laurel.notes'::regclass), 'under row security');
SELECT throws_ok($$ SELECT laurel_internal.detach('laurel.notes', 'protect') $$, '42704', 'laurel.notes is not protected', 'once');
SELECT laurel_internal.detach('laurel.notices', 'protect');
SELECT ok(NOT has_any_column_privilege('authenticated', 'laurel.notices', 'SELECT'), 'nor by a view');
SELECT pg_temp.protect($$ 'personal' $$);
SELECT is(pg_temp.try('3', 'SELECT n FROM laurel.notes'), '3', 'and protected anew');

-- Foreign keys reach a table as its owner: what they follow has the library loaded first.
CREATE TABLE laurel.shelves (n integer PRIMARY KEY, code text UNIQUE, label text UNIQUE);
CREATE TABLE laurel.halls (n integer PRIMARY KEY);
CREATE TABLE laurel.boxes (n integer PRIMARY KEY REFERENCES laurel.halls, shelf integer REFERENCES laurel.shelves ON DELETE SET NULL,
    code text REFERENCES laurel.shelves (code) ON UPDATE CASCADE, note_n integer REFERENCES laurel.notes ON DELETE CASCADE, label text REFERENCES laurel.shelves (label));
SELECT laurel_internal.protect('laurel.boxes', 'internal'), laurel_internal.protect('laurel.shelves', 'internal');
CREATE FUNCTION pg_temp.loaded_before() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT regexp_replace(pg_get_triggerdef(oid), '.*(BEFORE .* ON \S+).*', '\1') FROM pg_trigger
    WHERE tgname = 'before_cascade' AND tgrelid IN ('laurel.shelves'::regclass, 'laurel.halls'::regclass, 'laurel.notes'::regclass) ORDER BY 1
$$;
SELECT results_eq('SELECT pg_temp.loaded_before()', $$ VALUES ('BEFORE DELETE ON laurel.notes'), ('BEFORE DELETE OR UPDATE ON laurel.shelves') $$,
    'where a row that is deleted or gets another key takes others along');
CREATE TABLE laurel.lids (box integer REFERENCES laurel.boxes ON DELETE CASCADE, shelf integer REFERENCES laurel.shelves ON DELETE CASCADE);
SELECT lives_ok($$ SELECT laurel_internal.protect('laurel.lids', 'internal') $$, 'a second table of the same parent finds it there');
CREATE ROLE developer;
CREATE SCHEMA app AUTHORIZATION developer;
CREATE TABLE app.folders (n integer PRIMARY KEY);
ALTER TABLE app.folders OWNER TO developer;
CREATE TABLE laurel.sheets (folder integer REFERENCES app.folders ON DELETE CASCADE);
SELECT laurel_internal.protect('laurel.sheets', 'internal');
SELECT is_empty($$ SELECT FROM pg_trigger WHERE tgrelid = 'app.folders'::regclass AND NOT tgisinternal $$, 'somebody else''s tables are left alone');

-- Migrations say it in one call.
SELECT is_empty($$ SELECT name, line FROM laurel_internal.embedded_migrations(), regexp_split_to_table(script, '\n') line
    WHERE line ~* '^\s*(GRANT|REVOKE|(CREATE|ALTER|DROP) POLICY)\M|ROW LEVEL SECURITY' $$, 'no migration grants or takes back by hand');

SELECT * FROM finish();
ROLLBACK;
