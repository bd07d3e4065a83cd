-- Personal data: which columns hold it, how it is kept, who reads it.

CREATE TYPE laurel.pii_column AS (schema_name text, table_name text, column_name text, data_type text, encrypted boolean);
ALTER TYPE laurel.pii_column OWNER TO laurel_owner;
COMMENT ON TYPE laurel.pii_column IS 'A column that holds personal data, as laurel.pii_columns() tells it in a list.';
COMMENT ON COLUMN laurel.pii_column.schema_name IS 'The table''s schema.';
COMMENT ON COLUMN laurel.pii_column.table_name IS 'The table.';
COMMENT ON COLUMN laurel.pii_column.column_name IS 'The column.';
COMMENT ON COLUMN laurel.pii_column.data_type IS 'The column''s type.';
COMMENT ON COLUMN laurel.pii_column.encrypted IS 'Whether its values are kept encrypted.';

CREATE FUNCTION laurel.pii_columns() RETURNS SETOF laurel.pii_column
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), d.description LIKE '% (personal data, encrypted)'
    FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND c.relkind IN ('r', 'p') JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND a.attnum > 0
    WHERE d.classoid = 'pg_class'::regclass AND d.description ~ ' \(personal data(, encrypted)?\)$'
    ORDER BY 1, 2, a.attnum
$$;
COMMENT ON FUNCTION laurel.pii_columns() IS
'All columns of tables that hold personal data, as laurel_internal.personal() has tagged them at the end of their comments: what an export gives, an erasure clears and a register of processing lists.';

CREATE FUNCTION laurel_internal.tag_personal(table_name regclass, columns name[], encrypted boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tagged record;
BEGIN
    FOR tagged IN SELECT c AS name, coalesce(col_description(table_name, a.attnum), 'A value.') AS words
        FROM unnest(columns) c JOIN pg_attribute a ON a.attrelid = table_name AND a.attname = c
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', table_name, tagged.name,
            regexp_replace(tagged.words, ' \(personal data(, encrypted)?\)$', '') || CASE WHEN encrypted THEN ' (personal data, encrypted)' ELSE ' (personal data)' END);
    END LOOP;
END
$$;
COMMENT ON FUNCTION laurel_internal.tag_personal(regclass, name[], boolean) IS
'Says at the end of the comments of columns that they hold personal data; laurel_internal.explain keeps that.';

CREATE FUNCTION laurel_internal.seal_personal() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_seal_personal';
COMMENT ON FUNCTION laurel_internal.seal_personal() IS
'BEFORE INSERT or UPDATE row trigger of laurel_internal.personal: encrypts what is written into the columns. Arguments: the name of the table that values are bound to, the columns of owner and row, how many columns can be searched, and the columns, those first.';

CREATE FUNCTION laurel_internal.digest_personal() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_digest_personal';
COMMENT ON FUNCTION laurel_internal.digest_personal() IS
'AFTER INSERT, UPDATE or DELETE row trigger of laurel_internal.personal: keeps what values that can be searched are found by. Arguments: those of laurel_internal.seal_personal.';

CREATE FUNCTION laurel_internal.forget_digests() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_forget_digests';
COMMENT ON FUNCTION laurel_internal.forget_digests() IS
'AFTER TRUNCATE trigger of laurel_internal.personal: forgets what values that are gone were found by. Arguments: those of laurel_internal.seal_personal.';

CREATE FUNCTION laurel_internal.personal_digest(bound_name text, column_name text, value text) RETURNS bytea
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_personal_digest';
COMMENT ON FUNCTION laurel_internal.personal_digest(text, text, text) IS
'What a value is found by, by the active key: equal for equal values of a column. Error F0000: there is no key.';

-- What of a table says which row it is.
CREATE FUNCTION laurel_internal.personal_row(table_name regclass) RETURNS name
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.attname FROM pg_attribute a JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisunique AND i.indpred IS NULL
    WHERE a.attrelid = table_name AND a.atttypid = 'uuid'::regtype AND a.attnotnull AND (a.attname = 'id' AND a.attnum = ANY (i.indkey) OR i.indkey::text = a.attnum::text)
    ORDER BY a.attname = 'id' DESC, i.indisprimary DESC LIMIT 1
$$;
COMMENT ON FUNCTION laurel_internal.personal_row(regclass) IS
'The column that says which row of a table it is: id, or another uuid that is unique; null where there is none.';

CREATE FUNCTION laurel_internal.require_personal(table_name regclass, columns name[], owner name, searchable name[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    place constant text := laurel_internal.qualified_name(table_name);
    wrong text;
BEGIN
    PERFORM laurel_internal.require_column(table_name, 'organization_id', 'uuid'), laurel_internal.require_column(table_name, owner, 'uuid');
    SELECT string_agg(a.attname, ', ') INTO wrong FROM pg_attribute a
    WHERE a.attrelid = table_name AND a.attname IN ('organization_id', owner) AND NOT a.attnotnull;
    IF wrong IS NOT NULL OR laurel_internal.personal_row(table_name) IS NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = format('rows of %s do not say whose they are', place),
            DETAIL = coalesce(format('May be null: %s.', wrong), 'There is no column of type uuid that is NOT NULL and unique.'),
            HINT = 'An encrypted value is bound to organization, owner and row.';
    END IF;
    SELECT string_agg(a.attname, ', ') INTO wrong FROM pg_attribute a WHERE a.attrelid = table_name AND a.attname = ANY (columns)
        AND (a.atttypid <> ALL ('{text, varchar, date}'::regtype[]) OR a.attnotnull OR a.atthasdef OR a.attgenerated <> ''
            OR EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = table_name AND d.refobjsubid = a.attnum
                AND (d.classid = 'pg_class'::regclass AND (SELECT relkind IN ('i', 'I') FROM pg_class WHERE oid = d.objid)
                    OR d.classid = 'pg_constraint'::regclass AND (SELECT contype <> 'c' FROM pg_constraint WHERE oid = d.objid))));
    IF wrong IS NOT NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = format('columns of %s cannot be encrypted: %s', place, wrong),
            HINT = 'A column must be text, varchar or date, may be null, and has no default, index or key: what is stored in it is nothing.';
    END IF;
    IF NOT searchable <@ columns THEN
        RAISE invalid_parameter_value USING MESSAGE = 'what can be searched is one of the columns that are encrypted';
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.require_personal(regclass, name[], name, name[]) IS
'Refuses what laurel_internal.personal cannot encrypt (22023, 42703).';

CREATE FUNCTION laurel_internal.add_sealed_column(table_name regclass, door text, sealed text, words text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = table_name AND attname = sealed AND NOT attisdropped) THEN
        EXECUTE format('ALTER TABLE %s ADD COLUMN %I bytea', table_name, sealed);
    END IF;
    -- For clients that write all columns of a row as they have read them.
    IF has_column_privilege('authenticated', table_name, door, 'UPDATE') THEN
        EXECUTE format('GRANT UPDATE (%I) ON %s TO authenticated', sealed, table_name);
    END IF;
    EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', table_name, sealed, words);
END
$$;
COMMENT ON FUNCTION laurel_internal.add_sealed_column(regclass, text, text, text) IS
'Adds a column for what is encrypted of another, where it is not there from before.';

CREATE FUNCTION laurel_internal.encrypt_columns(table_name regclass, columns name[], owner name, searchable name[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    place constant text := laurel_internal.qualified_name(table_name);
    short constant name := (SELECT relname FROM pg_class WHERE oid = table_name);
    ordered constant text[] := searchable::text[] || ARRAY(SELECT c::text FROM unnest(columns) WITH ORDINALITY u (c, n) WHERE c <> ALL (searchable) ORDER BY n);
    arguments constant text[] := ARRAY[place, owner, laurel_internal.personal_row(table_name), cardinality(searchable)::text] || ordered;
    listed constant text := (SELECT string_agg(quote_ident(c), ', ' ORDER BY n) FROM unnest(ordered) WITH ORDINALITY u (c, n));
    one text;
BEGIN
    PERFORM laurel_internal.require_personal(table_name, columns, owner, searchable),
        laurel_internal.require_unguarded(table_name, 'personal', VARIADIC ordered);
    FOREACH one IN ARRAY ordered LOOP
        PERFORM laurel_internal.add_sealed_column(table_name, one, one || '_sealed', format('What was written into %s, encrypted and bound to this row; null for nothing.', one));
    END LOOP;
    PERFORM laurel_internal.attach_guard(table_name, 'zz_seal_personal', 'BEFORE INSERT OR UPDATE', 'FOR EACH ROW', 'seal_personal',
        VARIADIC arguments);
    EXECUTE format('UPDATE %s SET (%s) = ROW (%s) WHERE num_nonnulls(%s) > 0', table_name, listed, listed, listed);
    IF searchable <> '{}' THEN
        PERFORM laurel_internal.attach_guard(table_name, 'zz_digest_personal', 'AFTER INSERT OR UPDATE OR DELETE', 'FOR EACH ROW', 'digest_personal', VARIADIC arguments),
            laurel_internal.attach_guard(table_name, 'zz_forget_digests', 'AFTER TRUNCATE', 'FOR EACH STATEMENT', 'forget_digests', VARIADIC arguments);
    END IF;
    FOREACH one IN ARRAY searchable::text[] LOOP
        EXECUTE format('INSERT INTO laurel_internal.personal_digests (organization_id, table_name, column_name, row_id, digest)'
            ' SELECT organization_id, %2$L, %3$L, %4$I, laurel_internal.personal_digest(%2$L, %3$L, laurel_internal.reveal(%5$I, %2$L, %3$L, organization_id, %6$I, %4$I))'
            ' FROM %1$s WHERE %5$I IS NOT NULL', table_name, place, one, arguments[3], one || '_sealed', owner);
    END LOOP;
    -- Nothing of a trigger that is fired later, or of one who writes without triggers, stays in clear.
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I CHECK (num_nonnulls(%s) = 0 AND %I IS NOT NULL)', table_name, (short || '_personal_check')::name, listed, owner);
END
$$;
COMMENT ON FUNCTION laurel_internal.encrypt_columns(regclass, name[], name, name[]) IS
'What laurel_internal.personal does for columns that are encrypted: columns for envelopes, the triggers, the rows that are there, what those are found by, and a check.';

CREATE FUNCTION laurel_internal.decrypt_columns(table_name regclass, arguments text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    columns constant text[] := arguments[5:];
BEGIN
    EXECUTE (SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', laurel_internal.qualified_name(table_name), conname) FROM pg_constraint
        WHERE conrelid = table_name AND contype = 'c' AND pg_get_constraintdef(oid) LIKE 'CHECK (((num\_nonnulls(%' ORDER BY conname LIMIT 1);
    -- Whoever takes keys out of the file looks at what laurel.pii_keys() counts, and that are tables with the guard.
    EXECUTE (SELECT format('UPDATE %s t SET %s WHERE num_nonnulls(%s) > 0', laurel_internal.qualified_name(table_name),
            string_agg(format('%1$I = laurel_internal.reveal(t.%2$I, %3$L, %1$L, t.organization_id, t.%4$I, t.%5$I)::%6$s, %2$I = NULL', c, c || '_sealed',
                arguments[1], arguments[2], arguments[3], format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY n),
            string_agg(format('t.%I', c || '_sealed'), ', '))
        FROM unnest(columns) WITH ORDINALITY u (c, n) JOIN pg_attribute a ON a.attrelid = table_name AND a.attname = c);
    PERFORM laurel_internal.tag_personal(table_name, columns::name[], false);
END
$$;
COMMENT ON FUNCTION laurel_internal.decrypt_columns(regclass, text[]) IS
'Undoes laurel_internal.encrypt_columns, once its trigger is gone: writes into the columns in clear what was encrypted, and empties those beside them. arguments: those of the trigger. Error F0000: the key is not there.';

CREATE FUNCTION laurel_internal.personal(
    table_name regclass, columns name[], encrypted boolean DEFAULT true, owner name DEFAULT 'user_id', searchable name[] DEFAULT '{}'
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF table_name IS NULL OR encrypted IS NULL OR coalesce(cardinality(columns), 0) = 0 OR owner IS NULL OR searchable IS NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = 'personal needs a table and a column at least';
    END IF;
    IF (SELECT relkind NOT IN ('r', 'p') OR relispartition FROM pg_class WHERE oid = table_name) THEN
        RAISE wrong_object_type USING MESSAGE = format('%s is no table of its own', laurel_internal.qualified_name(table_name)),
            HINT = 'Name an ordinary table, or the partitioned one of a partition.';
    END IF;
    PERFORM laurel_internal.require_column(table_name, c) FROM unnest(columns) c;
    IF encrypted THEN
        PERFORM laurel_internal.encrypt_columns(table_name, columns, owner, searchable);
    ELSIF searchable <> '{}' THEN
        RAISE invalid_parameter_value USING MESSAGE = 'what is not encrypted is searched as it is';
    END IF;
    PERFORM laurel_internal.tag_personal(table_name, columns, encrypted);
END
$$;
COMMENT ON FUNCTION laurel_internal.personal(regclass, name[], boolean, name, name[]) IS
'Columns that hold personal data: laurel.pii_columns() lists them. encrypted: what is written into them goes, encrypted and bound'
' to table, column, organization, owner and row, into a column <column>_sealed beside each, and they themselves stay empty;'
' their CHECKs hold as before, but for one that asks for a value, and upserts work. Rows that are there are encrypted in the same transaction; laurel_internal.detach() writes'
' them in clear again, and takes the key for it. false: the columns are listed alone. Views show the values by laurel_internal.personal_text() and personal_date(). owner: the column that'
' says whose values they are, who reads them himself; user_id unless said. searchable: those by which laurel.find_personal() finds rows.'
' At most one such guard a table. Errors: 22023 no column is named, or cannot be encrypted; 42703 no such column; 42809 no table, or a partition;'
' 42710 it is attached already; F0000 there are rows to encrypt and no key.';

CREATE FUNCTION laurel_internal.personal_text(sealed bytea, table_name text, column_name text, organization_id uuid, owner_id uuid, row_id uuid) RETURNS text
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'laurel_personal_text';
COMMENT ON FUNCTION laurel_internal.personal_text(bytea, text, text, uuid, uuid, uuid) IS
'A personal value for a view to show, and a line of it in laurel.processing_log: to its owner; to administrators of the organization'
' who have called laurel.reading_for() before; to the back end. Null for others. Of who has left or was erased nobody but the back end opens'
' a value, even if he has kept the envelope. What is read and rolled back, or prepared, leaves a line in the server''s log; an owner in a'
' read-only transaction leaves none. Errors: 42501 an administrator has said no purpose; 25006'
' the back end reads in a read-only transaction and has said none; F0000 the key is not there; XX001 the value is not of this place.';

CREATE FUNCTION laurel_internal.personal_date(sealed bytea, table_name text, column_name text, organization_id uuid, owner_id uuid, row_id uuid) RETURNS date
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'laurel_personal_date';
COMMENT ON FUNCTION laurel_internal.personal_date(bytea, text, text, uuid, uuid, uuid) IS 'The same of a date.';

CREATE FUNCTION laurel_internal.reveal(sealed bytea, table_name text, column_name text, organization_id uuid, owner_id uuid, row_id uuid) RETURNS text
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_reveal';
COMMENT ON FUNCTION laurel_internal.reveal(bytea, text, text, uuid, uuid, uuid) IS
'A personal value as text, for functions of the owner that ask themselves who may read it, and write that down. Errors: F0000 the key is not there; XX001 the value is not of this place.';

CREATE FUNCTION laurel_internal.seal_again(sealed bytea, table_name text, column_name text, organization_id uuid, owner_id uuid, row_id uuid) RETURNS bytea
LANGUAGE c VOLATILE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_seal_again';
COMMENT ON FUNCTION laurel_internal.seal_again(bytea, text, text, uuid, uuid, uuid) IS 'The same value, encrypted by the active key.';

CREATE FUNCTION laurel_internal.is_personal(sealed bytea, table_name text, column_name text, organization_id uuid, owner_id uuid, row_id uuid, keys text[]) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_is_personal';
COMMENT ON FUNCTION laurel_internal.is_personal(bytea, text, text, uuid, uuid, uuid, text[]) IS 'Whether a value is one of that place, encrypted by one of those keys. Error F0000: its key is not there.';

CREATE FUNCTION laurel_internal.personal_key_of(sealed bytea) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_personal_key_of';
COMMENT ON FUNCTION laurel_internal.personal_key_of(bytea) IS 'The name of the key that a value is encrypted with; null where it is none.';

CREATE FUNCTION laurel_internal.personal_keys() RETURNS text[]
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_personal_keys';
COMMENT ON FUNCTION laurel_internal.personal_keys() IS 'The names of the keys in the file that laurel.personal_key_file names, the active one first.';

CREATE FUNCTION laurel_internal.log_processing(activity text, purpose text, organization_id uuid, user_id uuid, table_name text, columns text[], row_count bigint) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_log_processing';
COMMENT ON FUNCTION laurel_internal.log_processing(text, text, uuid, uuid, text, text[], bigint) IS
'Writes a line of laurel.processing_log; who does it and when it finds itself. Errors: 22004 no activity; 23514 another activity.';

CREATE FUNCTION laurel.reading_for(purpose text, user_id uuid DEFAULT NULL, valid_for interval DEFAULT '15 minutes', organization_id uuid DEFAULT NULL) RETURNS timestamptz
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_reading_for';
COMMENT ON FUNCTION laurel.reading_for(text, uuid, interval, uuid) IS
'Says what for an administrator, or the back end, is going to read personal values, of one member or of all: a line in laurel.processing_log that'
' must be committed before the first value is read. Returns until when it holds; read-only transactions read by it too. valid_for: at most an hour. organization_id: the active one where it is null; all for'
' the back end. Errors: 22023 a purpose of less than 3 or more than 500 characters, or another time; 22004 none; 42501 not an administrator there; 23503 the person is no member.';

CREATE TYPE laurel_internal.personal_place AS (place regclass, bound_name text, owner text, row_column text, searchable integer, columns text[]);
CREATE FUNCTION laurel_internal.personal_places() RETURNS SETOF laurel_internal.personal_place
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.tgrelid::regclass, a[1], a[2], a[3], a[4]::integer, a[5:] FROM pg_trigger t, laurel_internal.guard_arguments(t.tgargs) a
    WHERE t.tgfoid = 'laurel_internal.seal_personal'::regproc AND t.tgparentid = 0 ORDER BY 1
$$;
ALTER TYPE laurel_internal.personal_place OWNER TO laurel_owner;
COMMENT ON TYPE laurel_internal.personal_place IS 'A table with encrypted columns, as laurel_internal.personal_places() lists them.';
COMMENT ON FUNCTION laurel_internal.personal_places() IS 'Where encrypted values are: what the triggers of laurel_internal.personal() say.';

CREATE FUNCTION laurel.find_personal(table_name regclass, column_name name, value text) RETURNS SETOF uuid
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1 AS 'MODULE_PATHNAME', 'laurel_find_personal';
COMMENT ON FUNCTION laurel.find_personal(regclass, name, text) IS
'The rows that have a value in an encrypted column: WHERE user_id IN (SELECT laurel.find_personal(''laurel.profiles'', ''phone'', ''+41 44 123 45 67'')). Whichever key has made it, and as it was written, to the'
' letter. For the back end alone: who could call it would find out values by trying, and so would who could read laurel_internal.personal_digests, which nobody does. A line in laurel.processing_log tells table, column and how many rows were found in the transaction, without the value. Errors: 42704 the column cannot be searched; 22004 something is null; F0000 there is no key.';

CREATE FUNCTION laurel_internal.rotate_place(place laurel_internal.personal_place, keys text[], most integer) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    columns constant text[] := (place).columns;
    value constant text := format('%%1$s.%%2$I, %L, %%3$L, %%1$s.organization_id, %%1$s.%I, %%1$s.%I', (place).bound_name, (place).owner, (place).row_column);
    done bigint;
BEGIN
    EXECUTE (SELECT format('UPDATE %1$s t SET %2$s FROM (SELECT o.%4$I FROM %1$s o WHERE %3$s ORDER BY o.%4$I LIMIT $2 FOR UPDATE SKIP LOCKED) d WHERE t.%4$I = d.%4$I',
        CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || laurel_internal.qualified_name(c.oid),
        (SELECT string_agg(format('%1$I = CASE WHEN laurel_internal.is_personal(%2$s, $1) THEN laurel_internal.seal_again(%2$s) ELSE t.%1$I END', n || '_sealed', format(value, 't', n || '_sealed', n)), ', ') FROM unnest(columns) n),
        (SELECT string_agg(format('laurel_internal.is_personal(%s, $1)', format(value, 'o', n || '_sealed', n)), ' OR ') FROM unnest(columns) n),
        (place).row_column) FROM pg_class c WHERE c.oid = (place).place) USING keys, most;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;
COMMENT ON FUNCTION laurel_internal.rotate_place(laurel_internal.personal_place, text[], integer) IS
'Encrypts rows of a table anew whose values are by one of those keys, as many as said; rows that others hold wait for the next call, and a value that is not of its place stays as it is.';

CREATE FUNCTION laurel_internal.rotate_places(most_rows integer) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    older constant text[] := (laurel_internal.personal_keys())[2:];
    place laurel_internal.personal_place;
    done bigint := 0;
BEGIN
    IF coalesce(older, '{}') = '{}' THEN
        RETURN 0;
    END IF;
    FOR place IN SELECT * FROM laurel_internal.personal_places() LOOP
        EXIT WHEN done >= most_rows;
        done := done + laurel_internal.rotate_place(place, older, (most_rows - done)::integer);
    END LOOP;
    RETURN done;
END
$$;
COMMENT ON FUNCTION laurel_internal.rotate_places(integer) IS 'What laurel.rotate_pii_key() does, as the owner of the tables.';

CREATE FUNCTION laurel.rotate_pii_key(most_rows integer DEFAULT 10000) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_rotate_pii_key';
COMMENT ON FUNCTION laurel.rotate_pii_key(integer) IS
'Encrypts personal values anew that an older key of the key file has made, by the first one: rows of at most that number, and returns how many; 0: nothing is left to do.'
' For a scheduler; the job personal_keys calls it. A row that somebody holds waits for the next call; a value that is not of its place cannot be opened and stays, and laurel.pii_keys() goes on counting it. Errors: 22023 a number below 1; 22004 none.';

CREATE FUNCTION laurel_internal.count_personal_values() RETURNS TABLE (key text, is_active boolean, is_there boolean, value_count bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    there constant text[] := laurel_internal.personal_keys();
    used jsonb := '{}';
    counted record;
    query text;
BEGIN
    FOR query IN SELECT format('SELECT laurel_internal.personal_key_of(%1$I) AS name, count(*) AS number FROM %2$s WHERE %1$I IS NOT NULL GROUP BY 1', c || '_sealed', laurel_internal.qualified_name(p.place))
        FROM laurel_internal.personal_places() p, unnest(p.columns) c LOOP
        FOR counted IN EXECUTE query LOOP
            used := used || jsonb_build_object(counted.name, coalesce((used ->> counted.name)::bigint, 0) + counted.number);
        END LOOP;
    END LOOP;
    RETURN QUERY SELECT coalesce(t.name, u.key), t.n IS NOT DISTINCT FROM 1, t.n IS NOT NULL, coalesce(u.value::bigint, 0)
        FROM unnest(there) WITH ORDINALITY t (name, n) FULL JOIN jsonb_each_text(used) u ON u.key = t.name ORDER BY t.n, 1;
END
$$;
COMMENT ON FUNCTION laurel_internal.count_personal_values() IS 'What laurel.pii_keys() tells, as the owner of the tables.';

CREATE FUNCTION laurel.pii_keys() RETURNS TABLE (key text, is_active boolean, is_there boolean, value_count bigint)
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_pii_keys';
COMMENT ON FUNCTION laurel.pii_keys() IS
'The keys of personal values: those in the key file, the active one first, and those that values need and the file has not; and how many values each has encrypted. Reads all rows that have such values. A key with none can be taken out of the file.';
