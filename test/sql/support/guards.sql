-- Tables that guards are attached to: crews of an organization and who is in them.

CREATE OR REPLACE FUNCTION tests.make_crews(partitioned boolean DEFAULT false) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tests.found('a', 'b'), tests.crowd('a', 1, 9), tests.crowd('b', 1, 9);
    CREATE SCHEMA kit AUTHORIZATION laurel_owner;
    GRANT USAGE ON SCHEMA kit TO authenticated, service_role;
    SET LOCAL ROLE laurel_owner;
    CREATE TABLE kit.crews (
        id uuid CONSTRAINT crews_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
        organization_id uuid NOT NULL REFERENCES laurel.organizations ON DELETE CASCADE,
        name text NOT NULL,
        is_open boolean NOT NULL DEFAULT true,
        level integer NOT NULL DEFAULT 1,
        motto text,
        member_count bigint NOT NULL DEFAULT 0,
        leader_count bigint NOT NULL DEFAULT 0,
        CONSTRAINT crews_organization_id_id_key UNIQUE (organization_id, id)
    );
    EXECUTE format($ddl$
        CREATE TABLE kit.crew_members (
            id uuid NOT NULL DEFAULT laurel.uuidv7(),
            organization_id uuid NOT NULL,
            crew_id uuid,
            user_id uuid NOT NULL,
            role text NOT NULL DEFAULT 'member',
            level integer,
            motto text,
            CONSTRAINT crew_members_pkey PRIMARY KEY (id, role),
            CONSTRAINT crew_members_user_key UNIQUE (organization_id, crew_id, user_id, role),
            CONSTRAINT crew_members_crew_id_fkey FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id) ON DELETE CASCADE,
            CONSTRAINT crew_members_membership_fkey FOREIGN KEY (organization_id, user_id)
                REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
        ) %s $ddl$, CASE WHEN partitioned THEN 'PARTITION BY LIST (role)' END);
    IF partitioned THEN
        CREATE TABLE kit.crew_members_leaders PARTITION OF kit.crew_members FOR VALUES IN ('leader');
        CREATE TABLE kit.crew_members_members PARTITION OF kit.crew_members FOR VALUES IN ('member');
    END IF;
    RESET ROLE;
END
$$;
COMMENT ON FUNCTION tests.make_crews(boolean) IS 'Makes schema kit as a migration would: two organizations with nine users each, crews, and their members, partitioned by role or not.';

CREATE OR REPLACE FUNCTION tests.crew(letter text, n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT (letter || 'c000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid $$;
COMMENT ON FUNCTION tests.crew(text, integer) IS 'A crew of organization a or b.';

GRANT EXECUTE ON FUNCTION tests.org(text), tests.one(text, integer), tests.crew(text, integer) TO anon, authenticated, service_role;
GRANT USAGE ON SCHEMA tests TO laurel_owner;
