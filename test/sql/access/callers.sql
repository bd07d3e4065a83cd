\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(107);

-- Acme: a1 administers, a2 is trainer of a3, a5 manages a4, a6 manages a3 without being a manager, a9 is of the platform.
-- Bolt: b1 administers, b2 is trainer of b3 and of a3, who is a member there too, as is a2.
CREATE FUNCTION pg_temp.id(label text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (left(label, 1) || '0000000-0000-0000-0000-00000000000' || right(label, 1))::uuid
$$;
SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'manager', 'boss', 'root', 'bolt_admin', 'bolt_trainer', 'bolt_learner'),
    tests.invite('trainer', tests.bolt()), tests.invite('learner', tests.bolt());
UPDATE laurel.users SET manager_id = pg_temp.id('a5') WHERE id = pg_temp.id('a4');
UPDATE laurel.users SET manager_id = pg_temp.id('a6') WHERE id = pg_temp.id('a3');
INSERT INTO laurel.courses (id, organization_id, name, trainer_id) VALUES
    (pg_temp.id('ac'), pg_temp.id('a0'), 'A', pg_temp.id('a2')), (pg_temp.id('bc'), pg_temp.id('b0'), 'B', pg_temp.id('b2'));
INSERT INTO laurel.enrollments (organization_id, user_id, course_id) VALUES (pg_temp.id('a0'), pg_temp.id('a3'), pg_temp.id('ac')),
    (pg_temp.id('b0'), pg_temp.id('a3'), pg_temp.id('bc')), (pg_temp.id('b0'), pg_temp.id('b3'), pg_temp.id('bc'));
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
SELECT organization_id, user_id, 1, 't', 'r' FROM laurel.user_organizations WHERE organization_id IN (pg_temp.id('a0'), pg_temp.id('b0'));

-- Whose accounts and entries the caller sees, as organization:labels; both tables must agree.
CREATE FUNCTION pg_temp.sees() RETURNS text LANGUAGE sql AS $$
    WITH accounts AS (
        SELECT string_agg(left(organization_id::text, 1) || ':' || left(user_id::text, 1) || right(user_id::text, 1), ' ' ORDER BY organization_id, user_id) AS list
        FROM laurel.user_points WHERE last_entry_no > 0
    ), entries AS (
        SELECT string_agg(left(organization_id::text, 1) || ':' || left(user_id::text, 1) || right(user_id::text, 1), ' ' ORDER BY organization_id, user_id) AS list
        FROM laurel.points_ledger
    ) SELECT CASE WHEN a.list IS NOT DISTINCT FROM e.list THEN coalesce(a.list, 'nothing') ELSE a.list || ' but ' || e.list END FROM accounts a, entries e
$$;
CREATE FUNCTION pg_temp.as_with(claims text, headers text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tests.act('authenticated', claims), set_config('request.headers', headers, true);
    RETURN pg_temp.sees();
END
$$;
CREATE FUNCTION pg_temp.as_label(label text, org text DEFAULT NULL, header text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.as_with(json_strip_nulls(json_build_object('sub', pg_temp.id(label), 'org_id', pg_temp.id(org)))::text,
        CASE WHEN header IS NULL THEN '' ELSE json_build_object('x-organization-id', pg_temp.id(header), 'accept', '*/*')::text END)
$$;

-- Everybody at home, by role.
SELECT is(pg_temp.as_label(label), expected, what) FROM (VALUES
    ('a3', 'a:a3', 'a learner sees the own rows'), ('a2', 'a:a2 a:a3', 'a trainer also those of learners in the own courses'),
    ('a5', 'a:a4 a:a5', 'a manager also those of direct reports'), ('a6', 'a:a6', 'whoever manages without that role sees the own rows'),
    ('a1', 'a:a1 a:a2 a:a3 a:a4 a:a5 a:a6 a:a9', 'an administrator everybody in the organization'),
    ('a9', 'a:a1 a:a2 a:a3 a:a4 a:a5 a:a6 a:a9', 'a platform administrator too'),
    ('b1', 'b:a2 b:a3 b:b1 b:b2 b:b3', 'the administrator of another everybody there, guests included'),
    ('b2', 'b:a3 b:b2 b:b3', 'a trainer there the learners there'), ('f1', 'nothing', 'a stranger nothing')) AS callers (label, expected, what);

-- In another organization.
SELECT is(pg_temp.as_label(label, org, header), expected, what) FROM (VALUES
    ('a3', 'b0', NULL, 'b:a3', 'a claim names the organization'), ('a3', NULL, 'b0', 'b:a3', 'a header does'),
    ('a3', 'a0', 'b0', 'b:a3', 'the header comes first'), ('a3', 'b0', 'a0', 'a:a3', 'whatever it says'),
    ('a2', 'b0', NULL, 'b:a2', 'roles stay at home'),
    ('a4', 'b0', NULL, 'nothing', 'a claim of an organization one does not belong to leads nowhere'), ('a4', NULL, 'b0', 'nothing', 'a header too'),
    ('a1', NULL, 'b0', 'nothing', 'also for an administrator'),
    ('a3', 'b0', 'f0', 'nothing', 'a header of nowhere leads nowhere, not to the claim'),
    ('a9', NULL, 'b0', 'b:a2 b:a3 b:b1 b:b2 b:b3', 'a platform administrator may go anywhere'),
    ('a9', 'b0', NULL, 'b:a2 b:a3 b:b1 b:b2 b:b3', 'by claim too'), ('a9', 'f0', NULL, 'nothing', 'where nothing is, nothing is seen')
) AS callers (label, org, header, expected, what);
SELECT is(pg_temp.as_with(format('{"sub": "%s"}', pg_temp.id('a3')), headers), 'nothing', 'headers name what is no organization: ' || headers)
FROM unnest(ARRAY['{"x-organization-id": 5}', '{"x-organization-id": "b0"}', '{"x-organization-id": " "}', '{"x-organization-id": "' || repeat('b', 100) || '"}', '{"x-organization-id": ']) headers;
SELECT is(pg_temp.as_with(format('{"sub": "%s", "org_id": %s}', pg_temp.id('a3'), claim)), expected, 'a claim org_id that is ' || claim)
FROM (VALUES ('null', 'a:a3'), ('""', 'a:a3'), ('5', 'nothing'), ('"b0"', 'nothing'), ('{}', 'nothing')) v (claim, expected);
SELECT is(pg_temp.as_with(format('{"sub": "%s"}', pg_temp.id('a3')), headers), 'a:a3', 'headers name none: ' || headers)
FROM unnest(ARRAY['no JSON', '[]', '{"x-organization-id": ""}', '{"X-Organization-Id": "b0000000-0000-0000-0000-000000000000"}',
    '{"x-organization-id": null}', '{"a": {"x-organization-id": "b0000000-0000-0000-0000-000000000000"}}']) headers;
SELECT is(pg_temp.as_with(upper(format('{"SUB": 1, "X": "%s"}', pg_temp.id('a3')))), 'nothing', 'claims have lower-case names');
SELECT is(pg_temp.as_with(format('{"sub": "%s"}', upper(pg_temp.id('a3')::text))), 'a:a3', 'and uuids any letters');
SELECT is(pg_temp.as_with(format('{"sub": "%s", "role": "org_admin", "user_metadata": {"role": "org_admin"}}', pg_temp.id('a3'))), 'a:a3',
    'roles come from tables, not from claims');

-- What the functions say.
CREATE FUNCTION pg_temp.says(label text, org text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.as_label(label, org);
    SELECT concat_ws(' ', left(laurel.org_id()::text, 1), CASE WHEN laurel.uid() = pg_temp.id(label) THEN 'me' END,
        (SELECT string_agg(r, ',' ORDER BY n) FROM unnest('{learner, trainer, manager, org_admin, platform_admin}'::text[]) WITH ORDINALITY AS roles (r, n)
         WHERE laurel.has_role(r)),
        CASE WHEN laurel.member_of(pg_temp.id('a0')) THEN 'in a' END, CASE WHEN laurel.member_of(pg_temp.id('b0')) THEN 'in b' END,
        CASE WHEN laurel.administers(pg_temp.id('a0')) THEN 'over a' END, CASE WHEN laurel.administers(pg_temp.id('b0')) THEN 'over b' END)
$$;
SELECT is(pg_temp.says(label, org), expected, concat_ws(' in ', label, org)) FROM (VALUES ('a3', NULL, 'a me learner in a in b'),
    ('a3', 'b0', 'b me learner in a in b'), ('a2', NULL, 'a me learner,trainer in a in b'), ('a2', 'b0', 'b me learner in a in b'),
    ('a5', NULL, 'a me learner,manager in a'), ('a1', NULL, 'a me learner,org_admin in a over a'), ('b1', 'a0', 'me'),
    ('a9', NULL, 'a me learner,platform_admin in a in b over a over b'), ('a9', 'b0', 'b me platform_admin in a in b over a over b'),
    ('f1', NULL, 'me')) AS callers (label, org, expected);
SELECT pg_temp.as_label('a2');
SELECT ok(laurel.has_role('student') AND laurel.has_role('user'), 'other names of learner are understood');
SELECT ok(NOT laurel.has_role('admin') AND NOT laurel.has_role('super_admin') AND NOT laurel.has_role('Trainer') AND NOT laurel.has_role(''),
    'and what is not held is not');
SELECT ok(laurel.has_role(NULL) IS NULL AND laurel.member_of(NULL) IS NULL AND laurel.administers(NULL) IS NULL, 'null is asked in vain');
SELECT ok(laurel_internal.can_see(pg_temp.id('a3')) AND NOT laurel_internal.can_see(pg_temp.id('a4')) AND NOT laurel_internal.can_see(NULL),
    'a trainer sees a learner, not somebody else, and not nobody');
SELECT set_eq('SELECT unnest(laurel_internal.visible_users())', ARRAY[pg_temp.id('a2'), pg_temp.id('a3')], 'the list for the index is the same');

-- Claims that are none never raise in a policy, wherever it stands.
CREATE FUNCTION pg_temp.raised() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(relname || ': ' || tests.error_of('SELECT count(*) FROM ' || c.oid::regclass), ', ')
    FROM pg_class c WHERE relnamespace = 'laurel'::regnamespace AND relkind IN ('r', 'v') AND has_any_column_privilege('authenticated', c.oid, 'SELECT')
      AND tests.error_of('SELECT count(*) FROM ' || c.oid::regclass) <> 'none'
$$;
SELECT is(pg_temp.as_with(claims), 'nothing', 'nothing is seen with the claims ' || left(claims, 60)) FROM unnest(ARRAY['', 'no JSON', '[]', '[{"sub": 1}]',
    '{"sub": 5}', '{"sub": null}', '{}', '"x"', '{"sub": "auth0|42"}', '{"sub": ""}', '{"sub": ["a0000000-0000-0000-0000-000000000001"]}',
    '{"sub": "a0000000-0000-0000-0000-000000000001"', '{"user": {"sub": "a0000000-0000-0000-0000-000000000001"}}', '{"sub": "' || repeat('x', 100) || '"}']) claims;
SELECT pg_temp.as_with('{"sub": "auth0|42"}');
SELECT is(pg_temp.raised(), NULL, 'no table raises for a subject that is no uuid');
SELECT is(tests.error_of('UPDATE laurel.profiles SET bio = NULL'), 'none', 'nor does writing');
SELECT is(tests.error_of('SELECT laurel.org_id()') || tests.error_of('SELECT laurel.member_of(laurel.uuidv7())')
    || tests.error_of($$ SELECT laurel.has_role('org_admin') $$) || tests.error_of('SELECT laurel_internal.visible_users()'), 'nonenonenonenone',
    'nor do the functions of the policies');
SELECT is(laurel.uid(), NULL, 'nor laurel.uid(): it is nobody');
SELECT pg_temp.as_with(format('{"sub": "%s"}', repeat('x', 100)));
SELECT is(laurel.uid(), NULL, 'also for a long one');
SELECT pg_temp.as_with('no JSON');
SELECT is(pg_temp.raised(), NULL, 'no table raises for claims that are no JSON');
SELECT tests.act('authenticated', '');
SELECT is(laurel.uid(), NULL, 'without claims there is nobody');
SELECT is(laurel.org_id(), NULL, 'and nowhere');

-- Supabase's functions, where it is not there itself.
SELECT pg_temp.as_with(format('{"sub": "%s", "role": "authenticated", "x": {"y": 1}}', pg_temp.id('a3')));
SELECT ok(auth.uid() = pg_temp.id('a3') AND auth.role() = 'authenticated' AND auth.jwt() #>> '{x,y}' = '1', 'they read the claims');
SELECT set_config('request.jwt.claim.sub', pg_temp.id('a2')::text, true), set_config('request.jwt.claim.role', 'other', true);
SELECT ok(auth.uid() = pg_temp.id('a2') AND auth.role() = 'other', 'the older settings first');
SELECT set_config('request.jwt.claim.sub', '', true), set_config('request.jwt.claim.role', '', true), tests.act('authenticated', '');
SELECT ok(auth.uid() IS NULL AND auth.role() IS NULL AND auth.jwt() IS NULL, 'without claims they know nothing');
SELECT tests.act('anon', '{"sub": "auth0|42", "role": "anon"}');
SELECT is(auth.role(), 'anon', 'anon asks too');
SELECT is(tests.error_of('SELECT auth.uid()'), '22P02', 'a subject that is no uuid is an error');

-- Roles beyond row security, and none.
SELECT tests.act_as_service();
SELECT is(pg_temp.sees(), 'a:a1 a:a2 a:a3 a:a4 a:a5 a:a6 a:a9 b:a2 b:a3 b:b1 b:b2 b:b3', 'the back end sees everything');
SELECT tests.act_as_anon();
SELECT is(tests.error_of('SELECT FROM laurel.user_points'), '42501', 'anon no accounts');
SELECT is(tests.error_of('SELECT FROM laurel.users'), '42501', 'and nobody');
SELECT tests.act('anon', format('{"sub": "%s"}', pg_temp.id('a1')));
SELECT is(tests.error_of('SELECT FROM laurel.user_points'), '42501', 'not with the claims of an administrator either');

-- What changes is seen by the next statement, also before it is committed, and unseen when it is undone.
CREATE FUNCTION pg_temp.after(change text, label text, org text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text;
    during text;
BEGIN
    before := pg_temp.as_label(label, org);
    BEGIN
        PERFORM tests.act_as_owner();
        EXECUTE change;
        during := pg_temp.as_label(label, org);
        RAISE EXCEPTION USING ERRCODE = 'P9999';
    EXCEPTION WHEN SQLSTATE 'P9999' THEN NULL;
    END;
    IF pg_temp.as_label(label, org) <> before THEN
        RETURN during || ', and not undone';
    END IF;
    PERFORM tests.act_as_owner();
    RETURN during;
END
$$;
SELECT is(pg_temp.after(change, label), expected, what) FROM (VALUES
    ($$ INSERT INTO laurel.user_roles (user_id, role) VALUES (pg_temp.id('a6'), 'manager') $$, 'a6', 'a:a3 a:a6', 'a granted role'),
    ($$ DELETE FROM laurel.user_roles WHERE user_id = pg_temp.id('a1') $$, 'a1', 'a:a1', 'a revoked one'),
    ($$ UPDATE laurel.user_roles SET role = 'org_admin' WHERE user_id = pg_temp.id('a2') $$, 'a2', 'a:a1 a:a2 a:a3 a:a4 a:a5 a:a6 a:a9', 'a changed one'),
    ($$ INSERT INTO laurel.user_roles (user_id, role) VALUES (pg_temp.id('a2'), 'manager') $$, 'a2', 'a:a2 a:a3', 'one more'),
    ($$ DELETE FROM laurel.user_roles WHERE user_id = pg_temp.id('a2') $$, 'a2', 'a:a2', 'the end of a trainer'),
    ($$ DELETE FROM laurel.enrollments WHERE organization_id = pg_temp.id('a0') $$, 'a2', 'a:a2', 'the end of an enrollment'),
    ($$ INSERT INTO laurel.enrollments (user_id, course_id) VALUES (pg_temp.id('a4'), pg_temp.id('ac')) $$, 'a2', 'a:a2 a:a3 a:a4', 'an enrollment'),
    ($$ UPDATE laurel.courses SET trainer_id = NULL WHERE id = pg_temp.id('ac') $$, 'a2', 'a:a2', 'a course given away'),
    ($$ UPDATE laurel.courses SET trainer_id = pg_temp.id('a2') WHERE id = pg_temp.id('bc') $$, 'a2', 'a:a2 a:a3', 'a course elsewhere'),
    ($$ UPDATE laurel.users SET manager_id = pg_temp.id('a5') WHERE id IN (pg_temp.id('a3'), pg_temp.id('a6')) $$, 'a5', 'a:a3 a:a4 a:a5 a:a6', 'new reports'),
    ($$ UPDATE laurel.users SET manager_id = NULL $$, 'a5', 'a:a5', 'no reports'),
    ($$ UPDATE laurel.users SET is_active = false WHERE id = pg_temp.id('a1') $$, 'a1', 'nothing', 'an inactive administrator'),
    ($$ UPDATE laurel.users SET is_active = false WHERE id = pg_temp.id('a3') $$, 'a2', 'a:a2 a:a3', 'an inactive learner is still the trainer''s'),
    ($$ DELETE FROM laurel.users WHERE id = pg_temp.id('a3') $$, 'a2', 'a:a2', 'a deleted learner is not'),
    ($$ DELETE FROM laurel.users WHERE id = pg_temp.id('a5') $$, 'a5', 'nothing', 'a deleted manager sees nothing')
) AS changes (change, label, expected, what);
SELECT is(pg_temp.after(change, label, 'b0'), expected, what) FROM (VALUES
    ($$ DELETE FROM laurel.user_organizations WHERE organization_id = pg_temp.id('b0') AND user_id = pg_temp.id('a3') $$, 'a3', 'nothing', 'who leaves an organization that is still named is nowhere'),
    ($$ INSERT INTO laurel.user_organizations VALUES (pg_temp.id('b0'), pg_temp.id('a4'));
        INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES (pg_temp.id('b0'), pg_temp.id('a4'), 1, 't', 'r') $$,
        'a4', 'b:a4', 'who joins one is there'),
    ($$ INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES (pg_temp.id('b0'), pg_temp.id('a3'), 'org_admin') $$, 'a3',
        'b:a2 b:a3 b:b1 b:b2 b:b3', 'a guest may administer')
) AS changes (change, label, expected, what);
DELETE FROM laurel.users WHERE id = pg_temp.id('a3');
SELECT is(pg_temp.as_label('a1'), 'a:a1 a:a2 a:a4 a:a5 a:a6 a:a9 but a:a1 a:a2 a:a3 a:a4 a:a5 a:a6 a:a9', 'an administrator sees the history of the deleted');
SELECT tests.act_as_owner();

-- A thousand different claims in one session.
SELECT is((SELECT count(*) FROM generate_series(1, 1000) n WHERE pg_temp.as_with(format('{"sub": "%s", "jti": %s}',
    pg_temp.id(CASE n % 3 WHEN 0 THEN 'a1' WHEN 1 THEN 'a2' ELSE 'b3' END), n)) <> CASE n % 3 WHEN 1 THEN 'a:a2' WHEN 2 THEN 'b:b3'
        ELSE 'a:a1 a:a2 a:a4 a:a5 a:a6 a:a9 but a:a1 a:a2 a:a3 a:a4 a:a5 a:a6 a:a9' END), 0::bigint, 'every caller is told apart');
SELECT tests.act_as_owner();

-- Somebody with several roles in an organization has each of them.
SELECT tests.act_as_owner();
INSERT INTO laurel.organizations (id, name) VALUES (tests.person('Roles Inc.'), 'Roles Inc.');
SELECT tests.join(tests.person('Roles Inc.'), 'versatile');
INSERT INTO laurel.user_roles (user_id, role) SELECT tests.person('versatile'), unnest('{manager, org_admin, trainer}'::text[]);
SELECT tests.act_as(tests.person('versatile'));
SELECT is(ARRAY[laurel.has_role('manager'), laurel.has_role('org_admin'), laurel.has_role('trainer'), laurel.has_role('learner')], '{t,t,t,t}', 'all roles of one member');
SELECT tests.act_as_owner();

SELECT * FROM finish();
ROLLBACK;
