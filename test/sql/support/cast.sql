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
        WHEN 'root' THEN 'a0000000-0000-0000-0000-000000000009'
        WHEN 'bolt_admin' THEN 'b0000000-0000-0000-0000-000000000001'
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

-- Whoever is not one of the eight is a learner of Acme.
CREATE OR REPLACE FUNCTION tests.cast(VARIADIC names text[] DEFAULT '{admin,trainer,learner,other,manager,root,bolt_admin,bolt_learner}')
RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.organizations (id, name, slug) VALUES (tests.acme(), 'Acme', 'acme'), (tests.bolt(), 'Bolt', 'bolt');
    SELECT tests.join(CASE WHEN n LIKE 'bolt\_%' THEN tests.bolt() ELSE tests.acme() END, n) FROM unnest(names) n;
    INSERT INTO laurel.user_roles (user_id, role)
    SELECT tests.person(name), role FROM (VALUES ('admin', 'org_admin'), ('trainer', 'trainer'), ('manager', 'manager'),
        ('root', 'platform_admin'), ('bolt_admin', 'org_admin')) role_of (name, role) WHERE name = ANY (names)
$$;
COMMENT ON FUNCTION tests.cast(text[]) IS 'Makes both organizations and the people named, else all eight of the cast, with their roles.';

CREATE OR REPLACE FUNCTION tests.act_as_admin() RETURNS void LANGUAGE sql AS $$ SELECT tests.act_as(tests.person('admin')) $$;
CREATE OR REPLACE FUNCTION tests.act_as_trainer() RETURNS void LANGUAGE sql AS $$ SELECT tests.act_as(tests.person('trainer')) $$;
CREATE OR REPLACE FUNCTION tests.act_as_manager() RETURNS void LANGUAGE sql AS $$ SELECT tests.act_as(tests.person('manager')) $$;
CREATE OR REPLACE FUNCTION tests.act_as_learner() RETURNS void LANGUAGE sql AS $$ SELECT tests.act_as(tests.person('learner')) $$;
CREATE OR REPLACE FUNCTION tests.act_as_bolt_admin() RETURNS void LANGUAGE sql AS $$ SELECT tests.act_as(tests.person('bolt_admin')) $$;
