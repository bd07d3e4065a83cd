-- The same tables three times: under Laurel's guards (kit), without any (bare), under the same rules as row or statement
-- triggers in PL/pgSQL (rowwise). All have what every tenant table has, a foreign key and triggers: with them the server locks
-- and reads again each row that it updates, and that is no guard's cost.
CREATE SCHEMA kit AUTHORIZATION laurel_owner;
CREATE SCHEMA bare AUTHORIZATION laurel_owner;
CREATE SCHEMA rowwise AUTHORIZATION laurel_owner;
SET ROLE laurel_owner;

CREATE TABLE kit.crews (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    is_open boolean NOT NULL DEFAULT true,
    member_count bigint NOT NULL DEFAULT 0,
    UNIQUE (organization_id, id)
) WITH (fillfactor = 80);
CREATE TABLE kit.members (
    id uuid PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    crew_id uuid NOT NULL,
    name text NOT NULL DEFAULT 'somebody',
    FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id) ON DELETE CASCADE
);
CREATE TABLE kit.links (LIKE kit.members INCLUDING ALL,
    FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id));
CREATE TABLE kit.tasks (
    id bigint PRIMARY KEY,
    organization_id uuid NOT NULL,
    crew_id uuid NOT NULL,
    title text NOT NULL,
    note text,
    status text NOT NULL DEFAULT 'draft',
    started_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id)
);
CREATE TABLE kit.facts (LIKE kit.tasks INCLUDING ALL,
    FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id));
CREATE TABLE kit.gifts (
    organization_id uuid NOT NULL,
    crew_id uuid NOT NULL,
    points integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

DO $$
DECLARE
    peer text;
BEGIN
    FOREACH peer IN ARRAY '{bare, rowwise}'::text[] LOOP
        EXECUTE format('CREATE TABLE %I.crews (LIKE kit.crews INCLUDING ALL) WITH (fillfactor = 80)', peer);
        EXECUTE format('CREATE TABLE %1$I.members (LIKE kit.members INCLUDING ALL,
            FOREIGN KEY (organization_id, crew_id) REFERENCES %1$I.crews (organization_id, id) ON DELETE CASCADE)', peer);
        EXECUTE format('CREATE TABLE %1$I.links (LIKE kit.links INCLUDING ALL,
            FOREIGN KEY (organization_id, crew_id) REFERENCES %1$I.crews (organization_id, id))', peer);
        EXECUTE format('CREATE TABLE %1$I.tasks (LIKE kit.tasks INCLUDING ALL,
            FOREIGN KEY (organization_id, crew_id) REFERENCES %1$I.crews (organization_id, id))', peer);
        EXECUTE format('CREATE TABLE %1$I.facts (LIKE kit.facts INCLUDING ALL,
            FOREIGN KEY (organization_id, crew_id) REFERENCES %1$I.crews (organization_id, id))', peer);
        EXECUTE format('CREATE TABLE %I.gifts (LIKE kit.gifts INCLUDING ALL)', peer);
    END LOOP;
END
$$;

SELECT laurel_internal.add_tenant_triggers(format('%I.%I', schema, name)::regclass) FROM unnest('{kit, bare, rowwise}'::text[]) schema, unnest('{links, tasks, facts}'::text[]) name;
SELECT laurel_internal.keep('kit.facts', 'organization_id', 'crew_id', 'title'),
    laurel_internal.states('kit.tasks', 'status', '{"draft": ["active"], "active": ["draft", "done"], "done": []}', '{"active": "started_at"}'),
    laurel_internal.belongs('kit.links', 'crew_id', 'kit.crews', '{}', 'is_open'),
    laurel_internal.counts('kit.crews', 'member_count', 'kit.members', 'crew_id'),
    laurel_internal.quota('kit.gifts', 'gifts', '{crew_id}', 'points', 'month', '1000000000');

CREATE FUNCTION rowwise.keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.organization_id IS DISTINCT FROM NEW.organization_id OR OLD.crew_id IS DISTINCT FROM NEW.crew_id OR OLD.title IS DISTINCT FROM NEW.title THEN
        RAISE restrict_violation;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE UPDATE ON rowwise.facts FOR EACH ROW EXECUTE FUNCTION rowwise.keep();

CREATE FUNCTION rowwise.step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT TG_ARGV[0]::jsonb -> OLD.status ? NEW.status THEN
        RAISE check_violation;
    END IF;
    IF NEW.status = 'active' AND NEW.started_at IS NULL THEN
        NEW.started_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER step BEFORE UPDATE ON rowwise.tasks FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION rowwise.step('{"draft": ["active"], "active": ["draft", "done"], "done": []}');

CREATE FUNCTION rowwise.belong() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    is_open boolean;
BEGIN
    SELECT c.organization_id, c.is_open INTO NEW.organization_id, is_open FROM rowwise.crews c WHERE c.id = NEW.crew_id;
    IF NOT is_open THEN
        RAISE check_violation;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER belong BEFORE INSERT ON rowwise.links FOR EACH ROW EXECUTE FUNCTION rowwise.belong();

CREATE FUNCTION rowwise.count_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rowwise.crews c SET member_count = member_count + n.many FROM (SELECT organization_id, crew_id, count(*) AS many FROM new_rows GROUP BY 1, 2) n
    WHERE c.organization_id = n.organization_id AND c.id = n.crew_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_members AFTER INSERT ON rowwise.members REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rowwise.count_members();

CREATE TABLE rowwise.usage (organization_id uuid, crew_id uuid, month date, used bigint NOT NULL, PRIMARY KEY (organization_id, crew_id, month)) WITH (fillfactor = 80);
CREATE FUNCTION rowwise.use() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_used bigint;
BEGIN
    INSERT INTO rowwise.usage AS u
    SELECT o.id, NEW.crew_id, pg_catalog.date_trunc('month', NEW.created_at AT TIME ZONE o.time_zone), NEW.points FROM laurel.organizations o WHERE o.id = NEW.organization_id
    ON CONFLICT (organization_id, crew_id, month) DO UPDATE SET used = u.used + EXCLUDED.used RETURNING u.used INTO now_used;
    IF now_used > 1000000000 THEN
        RAISE check_violation;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER use AFTER INSERT ON rowwise.gifts FOR EACH ROW EXECUTE FUNCTION rowwise.use();

INSERT INTO kit.crews (id, organization_id)
SELECT ('c0000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, :'organization' FROM generate_series(1, :crews) n;
INSERT INTO bare.crews SELECT * FROM kit.crews;
INSERT INTO rowwise.crews SELECT * FROM kit.crews;
INSERT INTO kit.tasks (id, organization_id, crew_id, title)
SELECT n, :'organization', ('c0000000-0000-0000-0000-' || lpad((n % :crews + 1)::text, 12, '0'))::uuid, 'a task of some length, as people write them' FROM generate_series(1, :rows) n;
INSERT INTO bare.tasks SELECT * FROM kit.tasks;
INSERT INTO rowwise.tasks SELECT * FROM kit.tasks;
INSERT INTO kit.facts SELECT * FROM kit.tasks;
INSERT INTO bare.facts SELECT * FROM kit.tasks;
INSERT INTO rowwise.facts SELECT * FROM kit.tasks;
INSERT INTO kit.gifts (organization_id, crew_id, points) SELECT organization_id, id, 1 FROM kit.crews ORDER BY id LIMIT 100;
INSERT INTO rowwise.gifts SELECT * FROM kit.gifts;
RESET ROLE;
VACUUM ANALYZE;
