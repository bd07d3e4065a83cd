-- laurel.create_api(schema): ordinary functions for tools that leave out an extension's.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(58);

SELECT tests.cast('admin', 'learner', 'other');
SELECT isnt_empty('SELECT laurel.create_api()', 'it says what it writes');
SELECT is_empty('SELECT laurel.create_api()', 'and nothing the next time');

CREATE FUNCTION pg_temp.written(schema text) RETURNS TABLE (name text, arguments text, result text, facts text, words text, callers text) LANGUAGE sql AS $$
    SELECT p.proname, pg_get_function_arguments(p.oid), replace(pg_get_function_result(p.oid), schema || '.', ''),
        concat_ws(' ', p.provolatile, p.proparallel, p.proisstrict, p.procost, p.prorows, p.proretset, p.prosecdef), obj_description(p.oid, 'pg_proc'),
        (SELECT string_agg(r, ' ' ORDER BY r) FROM unnest('{anon, authenticated, service_role}'::text[]) r WHERE has_function_privilege(r, p.oid, 'EXECUTE'))
    FROM pg_proc p WHERE p.pronamespace = schema::regnamespace AND p.prokind = 'f'
$$;
SELECT bag_eq($$ SELECT * FROM pg_temp.written('laurel_api') $$,
    $$ SELECT * FROM pg_temp.written('laurel') WHERE callers <> '' AND name <> ALL ('{member, schedule, unschedule, set_context}') $$,
    'every function that a client may call is there, as it is: arguments, defaults, result, words, callers');
SELECT is_empty($$ SELECT name FROM pg_temp.written('laurel_api') WHERE name ~ '^(migrate|create_api|set_context|schedule|unschedule|member)$' $$, 'none of those that are no client''s business');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'laurel_api'::regnamespace AND EXISTS (
    SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0 OR a.is_grantable) $$, 'nor for everybody');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    WHERE p.pronamespace = 'laurel_api'::regnamespace $$, 'none is of the extension, which tools leave out');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p, unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]) || p.prorettype) type JOIN pg_type t ON t.oid = type
    WHERE p.pronamespace = 'laurel_api'::regnamespace AND t.typnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) $$, 'nor is a type');
SELECT results_eq($$ SELECT t.typname, a.attname, format_type(a.atttypid, a.atttypmod), obj_description(t.oid, 'pg_type'), col_description(t.typrelid, a.attnum)
        FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' JOIN pg_attribute a ON a.attrelid = c.oid WHERE t.typnamespace = 'laurel_api'::regnamespace ORDER BY 1, a.attnum $$,
    $$ SELECT t.typname, a.attname, format_type(a.atttypid, a.atttypmod), obj_description(t.oid, 'pg_type'), col_description(t.typrelid, a.attnum)
        FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' JOIN pg_attribute a ON a.attrelid = c.oid WHERE t.typnamespace = 'laurel'::regnamespace ORDER BY 1, a.attnum $$,
    'which has the same fields and words');

-- What calls do.
SELECT tests.act_as_admin();
SELECT is((SELECT concat_ws(' ', e.entry_no, e.balance_after, e.is_new) FROM laurel_api.record_points_transaction(tests.person('learner'), 7, 't', reason => 'r') e), '1 7 t', 'one object');
SELECT is((SELECT count(*) FROM laurel_api.record_points_transactions(jsonb_build_array(
    jsonb_build_object('user_id', tests.person('learner'), 'amount', 1, 'transaction_type', 't', 'reason', 'r'),
    jsonb_build_object('user_id', tests.person('other'), 'amount', 2, 'transaction_type', 't', 'reason', 'r')))), 2::bigint, 'a list');
SELECT is(tests.told($$ SELECT laurel_api.record_points_transaction(tests.person('learner'), -700, 't', reason => 'r') $$),
    tests.told($$ SELECT laurel.record_points_transaction(tests.person('learner'), -700, 't', reason => 'r') $$), 'errors come as they are');
SELECT tests.act_as_learner();
SELECT is((SELECT laurel_api.uid()), tests.person('learner'), 'the caller is who calls');
SELECT is((SELECT string_agg(concat(l.points, l.is_me), ' ' ORDER BY l.rank) FROM laurel_api.leaderboard() l), '8t 2f', 'and sees what the caller may');
SELECT is(tests.error_of($$ SELECT laurel_api.record_points_transaction(tests.person('learner'), 7, 't', reason => 'r') $$), '42501', 'and no more than the caller may');
SELECT is(tests.error_of($$ SELECT laurel_api.create_session(tests.person('learner')) $$), '42501', 'what the back end does, it does alone');
SELECT is(tests.error_of($$ SELECT laurel.create_api() $$), '42501', 'members make no API');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ SELECT laurel.create_api() $$), '42501', 'nor does the back end');
SELECT tests.act_as_anon();
SELECT is((SELECT laurel_api.uid()), NULL, 'who has not signed in is nobody');
SELECT is(tests.error_of('SELECT laurel_api.leaderboard()'), '42501', 'and asks nothing else');
SELECT tests.act_as_owner();

-- After an upgrade.
CREATE FUNCTION laurel_api.greeting() RETURNS text LANGUAGE sql AS $$ SELECT 'Hello' $$;
CREATE FUNCTION laurel_api.laurels() RETURNS uuid LANGUAGE sql AS $$ SELECT laurel.uid() $$;
ALTER FUNCTION laurel_api.laurels() DEPENDS ON EXTENSION laurel;
ALTER FUNCTION laurel.team_role(uuid) RENAME TO role_in_team;
ALTER TYPE laurel.awarded_badge ADD ATTRIBUTE slug text;
REVOKE EXECUTE ON FUNCTION laurel.rank_of(uuid, text, uuid) FROM authenticated;
GRANT EXECUTE ON FUNCTION laurel_api.tier_for(bigint, uuid) TO anon, laurel_jobs;
ALTER EXTENSION laurel DROP FUNCTION laurel.streak_of(uuid, uuid);
DROP FUNCTION laurel.streak_of(uuid, uuid);
CREATE FUNCTION laurel.streak_of(user_id uuid DEFAULT laurel.uid(), organization_id uuid DEFAULT NULL, at date DEFAULT '2025-01-01') RETURNS bigint LANGUAGE sql AS 'SELECT 3::bigint';
GRANT EXECUTE ON FUNCTION laurel.streak_of(uuid, uuid, date) TO authenticated;
COMMENT ON FUNCTION laurel.uid() IS 'Said otherwise.';
SELECT bag_eq('SELECT laurel.create_api()', $$ VALUES ('dropped laurel_api.team_role'), ('dropped laurel_api.streak_of'), ('wrote laurel_api.role_in_team'), ('wrote laurel_api.streak_of'),
    ('wrote laurel_api.award_badge'), ('wrote laurel_api.award_badge_named') $$, 'what is gone is dropped, what has changed is written anew');
SELECT is_empty('SELECT laurel.create_api()', 'and then it is as it should be');
SELECT hasnt_function('laurel_api', 'team_role', ARRAY['uuid'], 'what Laurel has no longer, the API has not');
SELECT col_type_is('laurel_api', 'awarded_badge', 'slug', 'text', 'a new field comes');
SELECT ok(NOT has_function_privilege('authenticated', 'laurel_api.rank_of(uuid, text, uuid)', 'EXECUTE'), 'a right that was taken away is taken here');
SELECT ok(NOT has_function_privilege('anon', 'laurel_api.tier_for(bigint, uuid)', 'EXECUTE') AND NOT has_function_privilege('laurel_jobs', 'laurel_api.tier_for(bigint, uuid)', 'EXECUTE'), 'and one that Laurel does not give');
SELECT ok(has_function_privilege('authenticated', 'laurel_api.streak_of(uuid, uuid, date)', 'EXECUTE'), 'a new one is given');
SELECT is(obj_description('laurel_api.uid()'::regprocedure, 'pg_proc'), 'Said otherwise.', 'words come along');
SELECT is(laurel_api.greeting(), 'Hello', 'what somebody else has written stays');
SELECT has_function('laurel_api', 'laurels', 'also what looks like it');
CREATE VIEW public.levels AS SELECT laurel_api.level_for(100, tests.acme()) AS level;
ALTER FUNCTION laurel.level_for(bigint, uuid) RENAME TO level_of;
SELECT is(tests.error_of('SELECT laurel.create_api()'), '2BP01', 'nothing goes that something depends on');
ALTER FUNCTION laurel.level_of(bigint, uuid) RENAME TO level_for;

-- Which schema it may be.
SELECT is(tests.error_of(format('SELECT laurel.create_api(%L)', name)), '22023', name || ' is not for it')
FROM unnest('{laurel, laurel_internal, public, pg_catalog, pg_temp, information_schema, pg_mine}'::text[]) name;
SELECT is(tests.error_of('SELECT laurel.create_api(NULL)'), '22004', 'nor is none');
SELECT isnt_empty($$ SELECT laurel.create_api('My "API"; DROP SCHEMA laurel') $$, 'a name is a name');
SELECT has_function('My "API"; DROP SCHEMA laurel', 'leaderboard', 'whatever it is');
SELECT is_empty($$ SELECT laurel.create_api('My "API"; DROP SCHEMA laurel') $$, 'again and again');
CREATE SCHEMA taken;
CREATE FUNCTION taken.leaderboard(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TABLE taken.posted_entry (id integer);
SELECT is(tests.told($$ SELECT laurel.create_api('taken') $$), '42710 | schema "taken" has other things by the names of an API | These are function taken.leaderboard(integer), type taken.posted_entry.'
    ' | Take another schema, or rename them.', 'things by these names are not touched');
SELECT has_function('taken', 'leaderboard', ARRAY['integer'], 'they stay');
SELECT is((SELECT count(*) FROM pg_proc WHERE pronamespace = 'taken'::regnamespace), 1::bigint, 'alone');
CREATE ROLE stranger;
CREATE SCHEMA theirs AUTHORIZATION stranger;
SELECT is(tests.told($$ SELECT laurel.create_api('theirs') $$), '42501 | schema "theirs" belongs to somebody else | Its owner is stranger, who could put other functions in the place of Laurel''s.'
    ' | Take another name, or call as its owner.', 'a schema of somebody else could change under the API');
CREATE SCHEMA shared;
GRANT CREATE ON SCHEMA shared TO stranger;
SELECT is(tests.told($$ SELECT laurel.create_api('shared') $$), '42501 | others may create functions in schema "shared" | These are stranger. | REVOKE CREATE ON SCHEMA shared FROM stranger.',
    'so could one in which others create');
CREATE FUNCTION shared.uid() RETURNS uuid LANGUAGE sql AS 'SELECT laurel.uid()';
ALTER FUNCTION shared.uid() DEPENDS ON EXTENSION laurel;
ALTER FUNCTION shared.uid() OWNER TO stranger;
REVOKE CREATE ON SCHEMA shared FROM stranger;
SELECT is(tests.error_of($$ SELECT laurel.create_api('shared') $$), '42710', 'what they have made before is no part of it');

CREATE SCHEMA numbered;
CREATE SEQUENCE numbered.posted_entry;
CREATE TABLE numbered.things (id integer);
CREATE INDEX awarded_badge ON numbered.things (id);
SELECT is(tests.told($$ SELECT laurel.create_api('numbered') $$), '42710 | schema "numbered" has other things by the names of an API'
    ' | These are index numbered.awarded_badge, sequence numbered.posted_entry. | Take another schema, or rename them.', 'nor is what has the name of a row type');

-- Rights that others hand on, and such as come by themselves.
CREATE ROLE friend;
GRANT USAGE ON SCHEMA laurel_api TO stranger;
GRANT EXECUTE ON FUNCTION laurel_api.uid() TO stranger WITH GRANT OPTION;
SET LOCAL ROLE stranger;
GRANT EXECUTE ON FUNCTION laurel_api.uid() TO friend;
RESET ROLE;
SELECT lives_ok('SELECT laurel.create_api()', 'what somebody was given and gave on is taken back');
SELECT is((SELECT string_agg(a.grantee::regrole::text, ' ') FROM pg_proc p, aclexplode(p.proacl) a WHERE p.oid = 'laurel_api.uid()'::regprocedure AND a.grantee IN ('stranger'::regrole, 'friend'::regrole)), NULL, 'from both');
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO stranger WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO stranger;
SELECT laurel.create_api('by_default');
SELECT ok(NOT has_schema_privilege('stranger', 'by_default', 'CREATE'), 'in a new schema nobody else makes anything');
SELECT ok(NOT has_function_privilege('stranger', 'by_default.uid()', 'EXECUTE'), 'or calls');
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SCHEMAS FROM stranger;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM stranger;

-- Superusers are as one.
CREATE ROLE colleague SUPERUSER;
SET LOCAL ROLE colleague;
CREATE SCHEMA of_colleague;
RESET ROLE;
SELECT laurel.create_api('of_colleague');
SET LOCAL ROLE colleague;
SELECT is_empty($$ SELECT laurel.create_api('of_colleague') $$, 'what one has written another writes again');
CREATE ROLE third SUPERUSER;
SET LOCAL ROLE third;
SELECT is_empty($$ SELECT laurel.create_api('laurel_api') $$, 'wherever it is');
RESET ROLE;

-- Who is no superuser.
SELECT format('GRANT CREATE ON DATABASE %I TO laurel_owner', current_database()) \gexec
SET LOCAL ROLE laurel_owner;
SELECT isnt_empty($$ SELECT laurel.create_api('of_owner') $$, 'the owner of Laurel''s tables makes one');
SELECT is_empty($$ SELECT laurel.create_api('of_owner') $$, 'and again');
SELECT is(tests.error_of($$ SELECT laurel.create_api('laurel_api') $$), '42501', 'not in a schema of a superuser');
RESET ROLE;

-- It goes with the extension; types stay, and serve the next.
DROP VIEW public.levels;
DROP EXTENSION laurel CASCADE;
SELECT is((SELECT string_agg(proname, ' ') FROM pg_proc WHERE pronamespace = 'laurel_api'::regnamespace), 'greeting', 'without Laurel there is no API');

SELECT * FROM finish();
ROLLBACK;
