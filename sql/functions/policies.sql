-- Policies: what protect makes of a table's class, and what it makes it with.

-- The words of a list such as "INSERT, UPDATE", or ALL.
CREATE FUNCTION laurel_internal.commands_of(listed text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    every constant text[] := '{SELECT, INSERT, UPDATE, DELETE}';
    named constant text[] := CASE listed WHEN 'ALL' THEN every ELSE regexp_split_to_array(nullif(listed, ''), ', *') END;
BEGIN
    IF NOT named <@ every THEN
        RAISE invalid_parameter_value USING MESSAGE = format('"%s" is no list of commands', listed),
            HINT = 'Name SELECT, INSERT, UPDATE and DELETE, in capitals and separated by commas, or ALL.';
    END IF;
    RETURN named;
END
$$;
COMMENT ON FUNCTION laurel_internal.commands_of(text) IS
'The commands in a list separated by commas; ALL stands for SELECT, INSERT, UPDATE and DELETE. Null for an empty list. Error 22023: another word.';

-- Every column where none is listed.
CREATE FUNCTION laurel_internal.columns_of(table_name regclass, listed text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    there constant text[] := (SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = table_name AND a.attnum > 0 AND NOT a.attisdropped);
    named constant text[] := coalesce(regexp_split_to_array(listed, ',\s*'), there);
BEGIN
    IF NOT named <@ there THEN
        RAISE invalid_parameter_value USING MESSAGE = format('%s has not all columns that are named', table_name),
            DETAIL = format('Named: %s.', listed);
    END IF;
    RETURN (SELECT string_agg(quote_ident(name), ', ') FROM unnest(named) name);
END
$$;
COMMENT ON FUNCTION laurel_internal.columns_of(regclass, text) IS
'The columns in a list separated by commas, quoted where they must be; all of the table for null. Error 22023: a column that is not there.';

-- Who may update, delete from or truncate a table as a whole may lock it for everybody; who may update columns may not.
CREATE FUNCTION laurel_internal.grant_command(table_name regclass, command text, clients text, columns text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('GRANT %s%s ON %s TO %s', command,
        CASE WHEN columns IS NOT NULL OR command = 'UPDATE' AND clients <> 'service_role'
            THEN format(' (%s)', laurel_internal.columns_of(table_name, columns)) END, table_name, clients);
END
$$;
COMMENT ON FUNCTION laurel_internal.grant_command(regclass, text, text, text) IS
'Grants clients (a list of roles) a command on a table, or on the columns listed. UPDATE names columns, of all there are where none is listed, so that nobody but service_role may lock the table; a later column needs a grant of its own.';

-- One permissive policy for a command, named after what it allows.
CREATE FUNCTION laurel_internal.allow(
    table_name regclass, command text, clients text, name text, condition text, columns text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE POLICY %I ON %s FOR %s TO %s%s%s', name, table_name, command, clients,
        CASE WHEN command <> 'INSERT' THEN format(' USING (%s)', condition) END,
        CASE WHEN command IN ('INSERT', 'UPDATE') THEN format(' WITH CHECK (%s)', condition) END);
    PERFORM laurel_internal.grant_command(table_name, command, clients, columns);
END
$$;
COMMENT ON FUNCTION laurel_internal.allow(regclass, text, text, text, text, text) IS
'Creates the policy of a command for clients (a list of roles), with the condition that the rows they read, change or write must meet, and grants the command, on the columns listed alone where there is a list.';

-- What each class means: who reads, who writes unless protect is told, and under which conditions.
CREATE FUNCTION laurel_internal.policy_class(class text, user_column name, other_column name, shared boolean)
RETURNS TABLE (readers text, reading text, visible text, usual jsonb, always text, self text, "both" text, administrators text)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here constant text := 'organization_id = laurel.org_id()';
    here_or_shared constant text := CASE WHEN shared THEN format('(%s OR organization_id IS NULL)', here) ELSE here END;
    mine constant text := format('%I = laurel_internal.me()', user_column);
    either constant text := format('(%s OR %I = laurel_internal.me())', mine, coalesce(other_column, user_column));
    entrusted constant text := format('%s AND laurel_internal.can_see(%I)', here, user_column);
    administered constant text := 'laurel.administers(organization_id)';
    administers constant text := CASE WHEN shared THEN 'laurel.administers(laurel.org_id())' ELSE administered END;
BEGIN
    RETURN QUERY SELECT v.readers, v.reading || CASE WHEN shared THEN ', shared rows too' ELSE '' END, v.visible, v.usual::jsonb,
        CASE WHEN class IN ('own', 'organization') THEN '' ELSE here || ' AND ' END, mine, either,
        CASE class WHEN 'own' THEN here || ' AND ' || administered WHEN 'organization' THEN 'laurel.administers(id)' ELSE administered END
    FROM (VALUES
        ('personal', 'authenticated', 'read own and entrusted rows', entrusted, '{"self": "ALL"}'),
        ('own', 'authenticated', 'read own and entrusted rows', format('(%s OR %s)', mine, entrusted), '{"self": "ALL"}'),
        ('private', 'authenticated', 'self read', here || ' AND ' || mine, '{"self": "ALL"}'),
        ('pair', 'authenticated', 'both read', here || ' AND ' || either, '{"self": "INSERT, DELETE", "both": "UPDATE"}'),
        ('catalogue', 'authenticated', 'members read', here_or_shared, '{"administrators": "ALL"}'),
        ('administrative', 'authenticated', 'administrators read', here_or_shared || ' AND ' || administers, '{"administrators": "ALL"}'),
        ('organization', 'authenticated', 'members read', 'laurel.member_of(id)', '{"administrators": "ALL"}'),
        ('common', 'authenticated', 'everybody signed in reads', 'true', '{}'),
        ('public', 'anon, authenticated', 'everybody reads', 'true', '{}'),
        ('service', NULL, NULL, NULL, '{}'),
        ('internal', NULL, NULL, NULL, '{"service_role": ""}'),
        ('view', NULL, NULL, NULL, '{"authenticated": "SELECT"}')
    ) AS v (name, readers, reading, visible, usual) WHERE v.name = class;
END
$$;
COMMENT ON FUNCTION laurel_internal.policy_class(text, name, name, boolean) IS
'What a class of laurel_internal.protect is made of: who reads, the name and the condition of that policy, who writes unless protect is told, and the conditions for it: always, then those of oneself, of both people and of administrators. No row for a class that is none.';

-- The policies of those who write: one for a command, whoever has it.
CREATE FUNCTION laurel_internal.allow_writers(table_name regclass, rule jsonb, writers text[], commands jsonb, columns jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    written record;
BEGIN
    FOR written IN
        SELECT c.command, string_agg(w.who, ' and ' ORDER BY w.place) || ' ' || lower(c.command COLLATE "C") AS name,
            CASE count(*) WHEN 1 THEN min(rule ->> w.who) ELSE format('(%s)', string_agg(rule ->> w.who, ' OR ' ORDER BY w.place)) END AS condition
        FROM unnest(writers) WITH ORDINALITY AS w (who, place),
            unnest(laurel_internal.commands_of(commands ->> w.who)) AS c (command)
        WHERE c.command <> 'SELECT' AND rule ? w.who GROUP BY 1
    LOOP
        PERFORM laurel_internal.allow(table_name, written.command, 'authenticated', written.name,
            (rule ->> 'always') || written.condition, columns ->> written.command);
        IF written.command = 'INSERT' THEN
            EXECUTE format('CREATE OR REPLACE TRIGGER a_require_organization BEFORE INSERT ON %s FOR EACH STATEMENT'
                ' EXECUTE FUNCTION laurel_internal.require_organization()', table_name);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION laurel_internal.allow_writers(regclass, jsonb, text[], jsonb, jsonb) IS
'Creates the policies and grants to insert, update and delete, and lets whoever inserts for an organization of others hear why that is refused. rule: as laurel_internal.policy_class gives it, with the condition of each of writers; commands and columns: as laurel_internal.protect takes commands and writes.';

-- What foreign keys do to the table runs as its owner, and the library that looks after that must be loaded first.
CREATE FUNCTION laurel_internal.load_before_cascades(table_name regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parent record;
BEGIN
    FOR parent IN
        SELECT confrelid::regclass AS name, concat_ws(' OR ', CASE WHEN bool_or(confupdtype IN ('c', 'n', 'd')) THEN 'UPDATE' END,
            CASE WHEN bool_or(confdeltype IN ('c', 'n', 'd')) THEN 'DELETE' END) AS events
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_class own ON own.oid = table_name
        WHERE k.contype = 'f' AND k.conrelid = table_name AND c.relowner = own.relowner
            AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = k.confrelid AND t.tgname = 'before_cascade')
        GROUP BY 1 ORDER BY 1
    LOOP
        IF parent.events <> '' THEN
            EXECUTE format('CREATE TRIGGER before_cascade BEFORE %s ON %s FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.before_cascade()',
                parent.events, parent.name);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION laurel_internal.load_before_cascades(regclass) IS
'Attaches laurel_internal.before_cascade to the tables of the same owner whose rows a foreign key of this one follows when they are deleted or get another key.';

CREATE FUNCTION laurel_internal.protect(
    table_name regclass, class text, user_column name DEFAULT 'user_id', other_column name DEFAULT NULL,
    commands jsonb DEFAULT NULL, reads text DEFAULT NULL, writes jsonb DEFAULT '{}', until name DEFAULT NULL,
    shared boolean DEFAULT false, others jsonb DEFAULT '{}'
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rule constant jsonb := (SELECT to_jsonb(c) FROM laurel_internal.policy_class(class, user_column, other_column, shared) c);
    wanted constant jsonb := coalesce(commands, rule -> 'usual');
    allowed constant jsonb := jsonb_build_object('service_role', CASE class WHEN 'view' THEN wanted ->> 'authenticated' ELSE 'ALL' END) || wanted;
    writers constant text[] := CASE class WHEN 'view' THEN '{anon, authenticated}' WHEN 'pair' THEN '{self, both, administrators}' ELSE '{self, administrators}' END::text[]
        || ARRAY(SELECT jsonb_object_keys(others));
    -- Who wrote to whom stays: the recipient could else put another name under it.
    columns constant jsonb := CASE class WHEN 'pair' THEN jsonb_build_object('UPDATE', (SELECT string_agg(a.attname, ', ') FROM pg_attribute a
        WHERE a.attrelid = table_name AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            AND a.attname <> ALL (ARRAY['organization_id', user_column, other_column]))) ELSE '{}' END || writes;
    -- Who else reads: where every member does, nobody has to be asked.
    reading constant text := (SELECT string_agg(format('(%s)', o.condition), ' OR ' ORDER BY o.who) FROM jsonb_each_text(others) o (who, condition)
        WHERE class <> 'catalogue' AND 'SELECT' = ANY (laurel_internal.commands_of(wanted ->> o.who)));
    problem constant text := CASE
        WHEN rule IS NULL THEN format('there is no policy class "%s"', class)
        WHEN (class = 'pair') <> (other_column IS NOT NULL) THEN 'other_column belongs to the policy class "pair"'
        WHEN wanted - 'service_role' - writers <> '{}' THEN format('commands of the policy class "%s" are for %s and service_role', class, array_to_string(writers, ', '))
        WHEN others ?| '{self, both, administrators, service_role}' THEN 'others have names of their own'
        WHEN others <> '{}' AND (class = 'view' OR rule ->> 'always' = '') THEN format('the policy class "%s" knows no others', class)
        WHEN columns - '{INSERT, UPDATE}'::text[] <> '{}' THEN 'columns are written by INSERT and UPDATE'
        WHEN rule ->> 'readers' IS NULL AND num_nonnulls(reads, until) > 0 THEN format('the policy class "%s" has no readers', class)
        END;
BEGIN
    IF problem IS NOT NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = problem, HINT = 'SELECT obj_description(''laurel_internal.protect''::regproc) says what there is.';
    END IF;
    PERFORM laurel_internal.require_column(table_name, named) FROM unnest(ARRAY['organization_id', user_column, other_column]) named
    WHERE rule ->> 'visible' LIKE '%' || quote_ident(named) || '%';
    IF EXISTS (SELECT FROM pg_policy WHERE polrelid = table_name) THEN
        RAISE duplicate_object USING MESSAGE = format('%s has policies already', table_name),
            HINT = format('To protect it otherwise, first SELECT laurel_internal.detach(%L, ''protect'').', table_name);
    END IF;
    IF class <> 'view' THEN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', table_name);
        PERFORM laurel_internal.load_before_cascades(table_name);
    END IF;
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated, service_role', table_name);
    IF class = 'service' THEN
        EXECUTE format('CREATE POLICY "service only" ON %s TO service_role USING (true) WITH CHECK (true)', table_name);
    END IF;
    PERFORM laurel_internal.grant_command(table_name, command, client, CASE WHEN client <> 'service_role' OR class = 'service' THEN columns ->> command END)
    FROM unnest('{anon, authenticated, service_role}'::text[]) client, unnest(laurel_internal.commands_of(allowed ->> client)) command;
    IF rule ->> 'readers' IS NOT NULL THEN
        PERFORM laurel_internal.allow(table_name, 'SELECT', rule ->> 'readers', rule ->> 'reading',
            concat_ws(' AND ', CASE WHEN reading IS NULL THEN rule ->> 'visible' ELSE format('(%s OR %s(%s))', rule ->> 'visible', rule ->> 'always', reading) END, '(' || quote_ident(until) || ' > statement_timestamp()) IS NOT FALSE'), reads);
    END IF;
    PERFORM laurel_internal.allow_writers(table_name,
        rule || (SELECT coalesce(jsonb_object_agg(who, '(' || condition || ')'), '{}') FROM jsonb_each_text(others) o (who, condition)),
        writers, allowed, columns);
END
$$;
COMMENT ON FUNCTION laurel_internal.protect(regclass, text, name, name, jsonb, text, jsonb, name, boolean, jsonb) IS
'Puts a table under row security, with its policies and grants, and has foreign keys reach it under Laurel''s eyes; called once, before any policy (42710); laurel_internal.detach takes it back. class, which says who reads: personal (own rows of the active organization, and those entrusted to trainer, manager, administrators), own (the same, but own rows whatever organization is active), private (oneself alone), pair (user_column, the sender, and other_column, the recipient), catalogue (members), administrative (administrators), organization (the table of organizations: members), common (who is signed in), public (everybody), service (service_role), internal (the owner), view (a view that shows what its caller may see: it has grants only). user_column: whose row it is. commands: who writes, an object of lists such as {"self": "INSERT, DELETE", "administrators": "ALL"}, for a pair "both" too, for a view {"authenticated": "SELECT, INSERT"}; "service_role" may be among them and else has all, on a view what authenticated has. Where null: oneself in personal, own and private; in a pair the sender inserts and deletes, both update all but who they are; administrators in catalogue, administrative and organization; else nobody. reads: the columns that readers see, all where null. writes: the columns that may be inserted and updated, such as {"UPDATE": "name, note"}; of service_role in class service, else of the others. until: a column with the time from which on readers do not see the row. shared: rows without organization are read in every one. others: who else writes in the organization, or reads there where commands give SELECT to a name and not every member reads, an object of names and the condition a row must meet. Errors: 22023 what is none of this, 42703 no column by which the class says who reads.';

CREATE FUNCTION laurel_internal.unprotect(table_name regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    clients constant regrole[] := '{anon, authenticated, service_role}';
    policy name;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = table_name)
        AND NOT EXISTS (SELECT FROM pg_class c, aclexplode(c.relacl) g WHERE c.oid = table_name AND g.grantee = ANY (clients))
        AND NOT EXISTS (SELECT FROM pg_attribute a, aclexplode(a.attacl) g WHERE a.attrelid = table_name AND g.grantee = ANY (clients)) THEN
        RAISE undefined_object USING MESSAGE = format('%s is not protected', table_name),
            HINT = 'It has no policies, and clients have no rights on it.';
    END IF;
    FOR policy IN SELECT polname FROM pg_policy WHERE polrelid = table_name LOOP
        EXECUTE format('DROP POLICY %I ON %s', policy, table_name);
    END LOOP;
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = table_name AND tgname = 'a_require_organization') THEN
        EXECUTE format('DROP TRIGGER a_require_organization ON %s', table_name);
    END IF;
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated, service_role', table_name);
END
$$;
COMMENT ON FUNCTION laurel_internal.unprotect(regclass) IS
'What laurel_internal.detach does for protect: drops the policies of a table with the trigger that explains them, and takes back what clients were granted. Row'
' security stays as it is. Error 42704 where there is neither.';
