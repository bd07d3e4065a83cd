-- What goes with whom, and what stays.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(15);

CREATE FUNCTION pg_temp.thing(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT ('c0000000-0000-0000-0000-00000000000' || n)::uuid $$;

-- Person 1 has a row in every table that is about people, manages, teaches, grants and is asked for the organization.
SELECT tests.cast('ann', 'ben', 'cat');
UPDATE laurel.organizations SET admin_id = tests.person('ann') WHERE id = tests.acme();
UPDATE laurel.users SET manager_id = tests.person('ann') WHERE id = tests.person('ben');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('ann'));
INSERT INTO laurel.user_roles (user_id, role, granted_by) VALUES (tests.person('ann'), 'trainer', NULL), (tests.person('ben'), 'trainer', tests.person('ann'));
INSERT INTO laurel.user_identities (user_id, provider, subject) VALUES (tests.person('ann'), 'google', '1');
SELECT laurel.create_session(tests.person('ann')) IS NOT NULL, laurel.create_one_time_token(tests.person('ann'), 'sign_in') IS NOT NULL;
INSERT INTO laurel.courses (id, organization_id, name, trainer_id) VALUES (pg_temp.thing(1), tests.acme(), 'Given', tests.person('ann')),
    (pg_temp.thing(2), tests.acme(), 'Taken', NULL), (pg_temp.thing(3), tests.bolt(), 'Elsewhere', tests.person('ann'));
INSERT INTO laurel.enrollments (user_id, course_id) VALUES (tests.person('ann'), pg_temp.thing(2));
INSERT INTO laurel.badges (id, organization_id, badge_name, points_value) VALUES (pg_temp.thing(4), tests.acme(), 'Shared', 600);
INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (tests.person('ann'), pg_temp.thing(4)), (tests.person('ben'), pg_temp.thing(4));
SELECT laurel.record_activity(tests.person('ann')) IS NOT NULL;
INSERT INTO laurel.leaderboard_standings (organization_id, period, period_start, user_id, points, rank, reached_at)
VALUES (tests.acme(), 'weekly', '2026-01-05', tests.person('ann'), 5, 1, now());
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES (tests.bolt(), tests.person('ann'), 5, 't', 'r');

-- The tables that hold rows of a person, or of an organization.
CREATE FUNCTION pg_temp.tables_with(name text, value uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    place text;
    holds boolean;
    found text[] := '{}';
BEGIN
    FOR place IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = name
        WHERE c.relnamespace = 'laurel'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1 LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM laurel.%I WHERE %I = $1)', place, name) INTO holds USING value;
        found := found || CASE WHEN holds THEN place END;
    END LOOP;
    RETURN array_to_string(found, ' ');
END
$$;
SELECT is(pg_temp.tables_with('user_id', tests.person('ann')), 'audit_log badge_awards daily_activity domain_events enrollments leaderboard_standings notification_deliveries'
    ' notifications one_time_tokens points_ledger profiles sessions user_identities user_organizations user_points user_preferences user_roles', 'a person is in all these tables');

-- A badge.
SELECT lives_ok(format('DELETE FROM laurel.badges WHERE id = %L', pg_temp.thing(4)), 'a badge is deleted');
SELECT is((SELECT count(*) FROM laurel.badge_awards WHERE badge_id = pg_temp.thing(4)), 0::bigint, 'with its awards');
SELECT is((SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('ben')), 600::bigint, 'the points it paid stay');

-- A course.
SELECT is(tests.error_of(format('DELETE FROM laurel.courses WHERE id = %L', pg_temp.thing(2))), '23503 enrollments_course_id_fkey', 'a course stays while it is taken');
SELECT lives_ok(format('DELETE FROM laurel.courses WHERE id = %L', pg_temp.thing(1)), 'one that nobody takes goes');

-- A membership.
DELETE FROM laurel.user_organizations WHERE organization_id = tests.bolt();
SELECT results_eq(format('SELECT name, trainer_id FROM laurel.courses WHERE organization_id = %L', tests.bolt()), $$ VALUES ('Elsewhere', NULL::uuid) $$,
    'a course outlives its trainer''s membership');
SELECT is(pg_temp.tables_with('organization_id', tests.bolt()), 'audit_log courses levels points_ledger tiers', 'nothing else of a guest does but history');

-- A person.
UPDATE laurel.courses SET trainer_id = tests.person('ann') WHERE id = pg_temp.thing(2);
SELECT lives_ok(format('DELETE FROM laurel.users WHERE id = %L', tests.person('ann')), 'a person is deleted');
SELECT is(pg_temp.tables_with('user_id', tests.person('ann')), 'audit_log notification_deliveries points_ledger', 'from everywhere but history and
    the outbox, which finds out when it is due');
SELECT results_eq($$ SELECT o.admin_id, u.manager_id, r.granted_by, c.trainer_id FROM laurel.organizations o, laurel.users u, laurel.user_roles r, laurel.courses c
    WHERE o.id = tests.acme() AND u.id = tests.person('ben') AND r.user_id = u.id AND c.id = pg_temp.thing(2) $$,
    'VALUES (NULL::uuid, NULL::uuid, NULL::uuid, NULL::uuid)', 'who was managed, appointed or taught by that person stays');

-- A role, an organization.
SELECT is(tests.error_of($$ DELETE FROM laurel.roles WHERE name = 'trainer' $$), '23503 user_roles_role_fkey', 'a role stays while it is held');
SELECT is(tests.error_of($$ DELETE FROM laurel.organizations WHERE name = 'Acme' $$), '23503 users_organization_id_fkey', 'an organization while it is somebody''s home');
SELECT lives_ok($$ DELETE FROM laurel.organizations WHERE name = 'Bolt' $$, 'one without people goes');
SELECT is(pg_temp.tables_with('organization_id', tests.bolt()), 'audit_log points_ledger', 'with everything but history');

SELECT * FROM finish();
ROLLBACK;
