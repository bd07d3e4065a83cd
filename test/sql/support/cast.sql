-- The people of the tests. Their names say what they are, and their ids are always the same.

CREATE OR REPLACE FUNCTION tests.acme() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT 'a0000000-0000-0000-0000-000000000000'::uuid
$$;
COMMENT ON FUNCTION tests.acme() IS 'The organization that a test is about.';

CREATE OR REPLACE FUNCTION tests.bolt() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT 'b0000000-0000-0000-0000-000000000000'::uuid
$$;
COMMENT ON FUNCTION tests.bolt() IS 'The other organization, whose rows must stay out of sight.';

CREATE OR REPLACE FUNCTION tests.person(name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE name
        WHEN 'admin' THEN 'a0000000-0000-0000-0000-000000000001'
        WHEN 'trainer' THEN 'a0000000-0000-0000-0000-000000000002'
        WHEN 'learner' THEN 'a0000000-0000-0000-0000-000000000003'
        WHEN 'other' THEN 'a0000000-0000-0000-0000-000000000004'
        WHEN 'manager' THEN 'a0000000-0000-0000-0000-000000000005'
        WHEN 'boss' THEN 'a0000000-0000-0000-0000-000000000006'
        WHEN 'root' THEN 'a0000000-0000-0000-0000-000000000009'
        WHEN 'bolt_admin' THEN 'b0000000-0000-0000-0000-000000000001'
        WHEN 'bolt_trainer' THEN 'b0000000-0000-0000-0000-000000000002'
        WHEN 'bolt_learner' THEN 'b0000000-0000-0000-0000-000000000003'
        ELSE md5(name) END::uuid
$$;
COMMENT ON FUNCTION tests.person(text) IS 'The id of a person of the cast; of anybody and anything else one made of the name.';

CREATE OR REPLACE FUNCTION tests.join(organization uuid, VARIADIC names text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.users (id, organization_id, email)
    SELECT tests.person(n), organization, regexp_replace(n, '^bolt_', '') || CASE organization WHEN tests.bolt() THEN '@bolt.test' ELSE '@acme.test' END
    FROM unnest(names) n
$$;
COMMENT ON FUNCTION tests.join(uuid, text[]) IS 'Makes people who are at home in an organization and have no role.';

-- Whoever is not one of the cast is a learner, of Bolt where the name begins with bolt_.
CREATE OR REPLACE FUNCTION tests.cast(VARIADIC names text[] DEFAULT '{admin,trainer,learner,other,manager,root,bolt_admin,bolt_learner}')
RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.organizations (id, name, slug) VALUES (tests.acme(), 'Acme', 'acme'), (tests.bolt(), 'Bolt', 'bolt');
    SELECT tests.join(CASE WHEN n LIKE 'bolt\_%' THEN tests.bolt() ELSE tests.acme() END, n) FROM unnest(names) n;
    INSERT INTO laurel.user_roles (user_id, role)
    SELECT tests.person(name), role FROM (VALUES ('admin', 'org_admin'), ('trainer', 'trainer'), ('manager', 'manager'),
        ('root', 'platform_admin'), ('bolt_admin', 'org_admin'), ('bolt_trainer', 'trainer')) role_of (name, role) WHERE name = ANY (names)
$$;
COMMENT ON FUNCTION tests.cast(text[]) IS 'Makes both organizations and the people named, else all eight of the cast, with their roles.';

CREATE OR REPLACE FUNCTION tests.nth(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT tests.person(('{admin, trainer, learner, other, bolt_learner}'::text[])[n])
$$;
COMMENT ON FUNCTION tests.nth(integer) IS 'Administrator, trainer, learner, somebody else and one of Bolt by number, for tables of who may do what.';

CREATE OR REPLACE FUNCTION tests.invite(name text, organization uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (organization, tests.person(name))
$$;
COMMENT ON FUNCTION tests.invite(text, uuid) IS 'Makes a person a guest of another organization.';

CREATE OR REPLACE FUNCTION tests.teach(trainer text, VARIADIC learners text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.courses (id, organization_id, name, trainer_id)
    SELECT tests.person('course of ' || trainer), u.organization_id, 'Course of ' || trainer, u.id FROM laurel.users u WHERE u.id = tests.person(trainer);
    INSERT INTO laurel.enrollments (organization_id, user_id, course_id)
    SELECT c.organization_id, tests.person(l), c.id FROM laurel.courses c, unnest(learners) l WHERE c.id = tests.person('course of ' || trainer)
$$;
COMMENT ON FUNCTION tests.teach(text, text[]) IS 'Makes a course of a trainer in which learners are enrolled.';

-- Organizations and people by letter and number: a is Acme, b is Bolt, and the cast has the numbers up to 9.

CREATE OR REPLACE FUNCTION tests.org(letter text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT (letter || '0000000-0000-0000-0000-000000000000')::uuid $$;
COMMENT ON FUNCTION tests.org(text) IS 'The organization of a letter, or digit.';

CREATE OR REPLACE FUNCTION tests.one(letter text, n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT (letter || '0000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid $$;
COMMENT ON FUNCTION tests.one(text, integer) IS 'Member n of the organization of a letter.';

CREATE OR REPLACE FUNCTION tests.found(VARIADIC letters text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.organizations (id, name)
    SELECT tests.org(l), CASE l WHEN 'a' THEN 'Acme' WHEN 'b' THEN 'Bolt' ELSE 'Organization ' || l END FROM unnest(letters) l ON CONFLICT (id) DO NOTHING
$$;
COMMENT ON FUNCTION tests.found(text[]) IS 'Makes the organizations of these letters, where they are not there.';

CREATE OR REPLACE FUNCTION tests.crowd(letter text, first integer, last integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.users (id, organization_id, email)
    SELECT tests.one(letter, n), tests.org(letter), letter || n || '@kit.test' FROM generate_series(first, last) n ON CONFLICT (id) DO NOTHING
$$;
COMMENT ON FUNCTION tests.crowd(text, integer, integer) IS 'Makes members of an organization by number, in one statement, where they are not there.';

CREATE OR REPLACE FUNCTION tests.act_as_admin() RETURNS void LANGUAGE sql AS $$ SELECT tests.act_as(tests.person('admin')) $$;
CREATE OR REPLACE FUNCTION tests.act_as_trainer() RETURNS void LANGUAGE sql AS $$ SELECT tests.act_as(tests.person('trainer')) $$;
CREATE OR REPLACE FUNCTION tests.act_as_manager() RETURNS void LANGUAGE sql AS $$ SELECT tests.act_as(tests.person('manager')) $$;
CREATE OR REPLACE FUNCTION tests.act_as_learner() RETURNS void LANGUAGE sql AS $$ SELECT tests.act_as(tests.person('learner')) $$;
CREATE OR REPLACE FUNCTION tests.act_as_bolt_admin() RETURNS void LANGUAGE sql AS $$ SELECT tests.act_as(tests.person('bolt_admin')) $$;
