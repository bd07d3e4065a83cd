-- Privacy: which columns are a person's, what becomes of them, and who has asked for it.

CREATE FUNCTION laurel_internal.is_named_after_a_person(column_name name) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT column_name ~ '_by$|^owners?$|^(users?|members?)$|(^|_)(user|member|person|people|actor|sender|recipient|author|owner|manager|trainer|learner|buddy|mentor|admin|approver|assignee|facilitator|beneficiary|reviewer|reviewee|rater|subject|employee|holder|bearer|giver|receiver|candidate|instructor|student|teacher|coach|requester)_ids?$'
$$;
COMMENT ON FUNCTION laurel_internal.is_named_after_a_person(name) IS
'Whether a column of ids is called as one that refers to people: user_id, sender_id, decided_by and their like.';

CREATE FUNCTION laurel_internal.person(
    table_name regclass, column_name name, export text DEFAULT '', erase text DEFAULT 'delete', merge text DEFAULT 'move',
    clears jsonb DEFAULT '{}', harmless name[] DEFAULT '{}', secret name[] DEFAULT '{}', better text DEFAULT NULL, gone text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named constant text := laurel_internal.qualified_name(table_name);
    type constant text := (SELECT format_type(a.atttypid, NULL) FROM pg_attribute a
        WHERE a.attrelid = table_name AND a.attname = column_name AND a.attnum > 0 AND NOT a.attisdropped);
    cleared text;
BEGIN
    PERFORM laurel_internal.require_column(table_name, c) FROM unnest(column_name || array_remove(harmless, '*') || secret) c;
    IF (SELECT relkind NOT IN ('r', 'p') OR relispartition FROM pg_class WHERE oid = table_name) THEN
        RAISE wrong_object_type USING MESSAGE = format('%s is no table of its own', named), HINT = 'Name the table itself, not a view or partition of it.';
    END IF;
    IF type NOT IN ('uuid', 'uuid[]', 'text', 'jsonb') OR (type IN ('text', 'jsonb')) AND erase = 'null'
        OR (type = 'jsonb' OR erase = 'redact') AND NOT (type IN ('text', 'jsonb') AND erase = 'redact')
        OR (type = 'uuid[]' AND erase NOT IN ('delete', 'keep')) THEN
        RAISE invalid_parameter_value USING MESSAGE = format('%s of %s cannot be erased by %s', column_name, named, erase),
            DETAIL = format('It is of type %s.', type),
            HINT = 'An id is a uuid, an address a text; text and jsonb of whomever may be redacted, ids of several people delete or keep their row.';
    END IF;
    -- What an expression says is found out now.
    FOR cleared IN SELECT key FROM jsonb_each_text(clears) LOOP
        PERFORM laurel_internal.require_column(table_name, cleared::name);
        IF clears ->> cleared <> 'redact' THEN
            EXECUTE format('SELECT t.%I IS NULL OR (%s) IS NULL FROM %s t LIMIT 0', cleared, clears ->> cleared, named);
        END IF;
    END LOOP;
    IF gone IS NOT NULL THEN
        EXECUTE format('SELECT FROM %s t WHERE (%s) LIMIT 0', named, gone);
    END IF;
    INSERT INTO laurel_internal.person_columns AS p (table_name, column_name, export, erase, merge, clears, harmless, secret, better, gone)
    VALUES (named, column_name, CASE export WHEN '' THEN named ELSE export END, erase, merge, clears, harmless, secret, better, gone)
    ON CONFLICT ON CONSTRAINT person_columns_pkey DO UPDATE SET export = EXCLUDED.export, erase = EXCLUDED.erase, merge = EXCLUDED.merge,
        clears = EXCLUDED.clears, harmless = EXCLUDED.harmless, secret = EXCLUDED.secret, better = EXCLUDED.better, gone = EXCLUDED.gone;
END
$$;
COMMENT ON FUNCTION laurel_internal.person(regclass, name, text, text, text, jsonb, name[], name[], text, text) IS
'Says of a column that refers to people what becomes of its rows when one of them is exported, erased or merged with another; for'
' migrations. A foreign key to users or user_organizations needs it only where its rule is another than laurel_internal.person_rules'
' has for it. export: the part of the document; where '''' the table''s name; null: the column exports nothing. erase: delete (rows go), keep (they'
' stay, and so does the id, which is nobody''s then), null (the id is taken out), own (a function of the domain does it), redact (of a text'
' or jsonb that may name anybody: the person''s name and addresses are replaced). merge: move, best (as move, of two rows of one key the better one stays), keep,'
' drop, own. clears: an object, column to SQL over t that it becomes in rows that stay, or to redact. harmless: other columns of text that hold'
' nothing of a person, * for all. secret: columns that no export shows. better: for best, ORDER BY over t, the better row first. gone: of a'
' column that keeps its rows, those that are deleted all the same. Errors: 42703 no such column; 42809 no table; 22023 a rule that'
' the column''s type cannot have; whatever is wrong with an expression.';

CREATE FUNCTION laurel_internal.missing_person_rules() RETURNS TABLE (table_name regclass, column_name name, problem text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH columns AS (
        SELECT c.oid AS relid, a.attname AS name, a.attnum, format_type(a.atttypid, NULL) AS type
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.oid <> 'laurel_internal.person_columns'::regclass
    ), rules AS (
        SELECT * FROM laurel_internal.person_rules
    ), said AS (
        SELECT p.table_name AS relid, p.harmless || p.secret || array(SELECT jsonb_object_keys(p.clears))::name[] || p.column_name AS names
        FROM laurel_internal.person_columns s JOIN rules p ON p.declared AND laurel_internal.qualified_name(p.table_name) = s.table_name AND p.column_name = s.column_name
    )
    SELECT c.relid::regclass, c.name, 'refers to people, but no rule says what becomes of it'
    FROM columns c WHERE c.type IN ('uuid', 'uuid[]') AND laurel_internal.is_named_after_a_person(c.name)
      AND NOT EXISTS (SELECT FROM rules r WHERE r.table_name = c.relid AND r.column_name = c.name)
      AND NOT EXISTS (SELECT FROM said s WHERE s.relid = c.relid AND c.name = ANY (s.names))
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.relid AND k.contype = 'f' AND c.attnum = ANY (k.conkey)
          AND k.confrelid NOT IN ('laurel.users'::regclass, 'laurel.user_organizations'::regclass))
    UNION ALL
    SELECT c.relid::regclass, c.name, 'could hold something of a person whose row stays, but nothing is said of it'
    FROM columns c
    WHERE c.type IN ('text', 'text[]', 'json', 'jsonb', 'bytea', 'bytea[]', 'inet', 'name', 'character varying', 'xml')
      AND EXISTS (SELECT FROM rules r WHERE r.table_name = c.relid AND r.erase <> 'delete')
      AND NOT EXISTS (SELECT FROM said s WHERE s.relid = c.relid AND (c.name = ANY (s.names) OR '*' = ANY (s.names)))
    UNION ALL
    SELECT c.relid::regclass, c.name, 'looks like an address, but no rule says what becomes of it'
    FROM columns c WHERE c.type = 'text' AND c.name ~ '(^|_)(e?mail|phone)(_address)?$'
      AND NOT EXISTS (SELECT FROM rules r WHERE r.table_name = c.relid AND r.erase = 'delete')
      AND NOT EXISTS (SELECT FROM said s WHERE s.relid = c.relid AND (c.name = ANY (s.names) OR '*' = ANY (s.names)))
    UNION ALL
    SELECT to_regclass(p.table_name), p.column_name, 'has a rule, but there is no such column of a table'
    FROM laurel_internal.person_columns p
    WHERE NOT EXISTS (SELECT FROM columns c WHERE c.relid = to_regclass(p.table_name) AND c.name = p.column_name)
    ORDER BY 1, 2
$$;
COMMENT ON FUNCTION laurel_internal.missing_person_rules() IS
'Columns of Laurel''s tables that are a person''s, or may be, and of which nobody has said what becomes of them (laurel_internal.person):'
' ids called as those of people, text in rows that stay when somebody is erased, addresses; and rules of columns that are not there any more.'
' No row where all is said.';
