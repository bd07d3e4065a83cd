-- What somebody is told to do who attaches a guard wrongly, breaks one, or asks for what is not there.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

CREATE FUNCTION pg_temp.told(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    d text; h text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, nullif(d, ''), nullif(h, ''));
END
$$;

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO laurel_owner;
CREATE TABLE app.lists (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    status text NOT NULL,
    note text,
    item_count integer,
    UNIQUE (organization_id, id)
);
CREATE TABLE app.items (
    organization_id uuid NOT NULL,
    list_id uuid,
    FOREIGN KEY (organization_id, list_id) REFERENCES app.lists (organization_id, id)
);

-- Columns.
SELECT is(pg_temp.told($$ SELECT laurel_internal.keep('app.items', 'list') $$), '42703 | It has organization_id, list_id.', 'no such column');
SELECT is(pg_temp.told($$ SELECT laurel_internal.counts('app.lists', 'item_count', 'app.items', 'list_id') $$),
    '22023 | ALTER TABLE app.lists ALTER COLUMN item_count TYPE bigint.', 'one of another type');
SELECT is(pg_temp.told($$ SELECT laurel_internal.states('app.lists', 'note', '{"a": []}') $$),
    '22023 | ALTER TABLE app.lists ALTER COLUMN note SET NOT NULL.', 'one that may be null');
SELECT is(pg_temp.told($$ SELECT laurel_internal.explain('app.items', 'Items.', '{"lsit_id": "The list."}') $$),
    '22023 | Without words: list_id. Not there: lsit_id. | Say of every column what it means: {"column": "..."}.', 'one that is misspelt');
SELECT is(pg_temp.told($$ SELECT laurel_internal.keep(NULL, 'list_id') $$), '22004 | Name a table with its schema.', 'no table');

-- What every tenant table has.
CREATE TABLE app.things (id uuid PRIMARY KEY);
SELECT is(pg_temp.told($$ SELECT laurel_internal.add_tenant_triggers('app.things') $$), '42703 | It has id.', 'a table of no organization');
SELECT is(pg_temp.told($$ SELECT laurel_internal.protect('app.things', 'catalogue') $$), '42703 | It has id.', 'has nobody who reads it');
SELECT is(pg_temp.told($$ SELECT laurel_internal.protect('app.lists', 'personal') $$),
    '42703 | It has id, organization_id, status, note, item_count.', 'nor has one of no user a user who does');
SELECT is(pg_temp.told($$ SELECT laurel_internal.protect('app.lists', 'pair', 'id', 'reader') $$),
    '42703 | It has id, organization_id, status, note, item_count.', 'or of one user two');
ALTER TABLE app.things ADD organization_id text;
SELECT is(pg_temp.told($$ SELECT laurel_internal.add_tenant_triggers('app.things') $$),
    '22023 | ALTER TABLE app.things ALTER COLUMN organization_id TYPE uuid.', 'an organization is a uuid');
ALTER TABLE app.things ALTER organization_id TYPE uuid USING NULL;
SELECT laurel_internal.add_tenant_triggers('app.things');
SELECT is(pg_temp.told($$ SELECT laurel_internal.add_tenant_triggers('app.things') $$),
    '42710 | To change it, first SELECT laurel_internal.detach(''app.things'', ''add_tenant_triggers'').', 'one that has them already');

-- Owners.
ALTER TABLE app.items OWNER TO laurel_owner;
SELECT is(pg_temp.told($$ SELECT laurel_internal.belongs('app.items', 'list_id', 'app.lists') $$),
    format('39P01 | app.items belongs to laurel_owner, app.lists to %s. | Give both one owner, such as ALTER TABLE app.lists OWNER TO laurel_owner.', current_user), 'another owner''s parent');
ALTER TABLE app.lists OWNER TO laurel_owner;
REVOKE USAGE ON SCHEMA app FROM laurel_owner;
SELECT is(pg_temp.told($$ SELECT laurel_internal.belongs('app.items', 'list_id', 'app.lists') $$),
    '42501 | GRANT USAGE ON SCHEMA app TO laurel_owner.', 'an owner who cannot reach the table');
GRANT USAGE ON SCHEMA app TO laurel_owner;

-- What a guard is told.
SELECT alike(pg_temp.told($$ SELECT laurel_internal.belongs('app.items', 'list_id', 'app.lists', required => 'stauts = 1') $$),
    '39P01 | Attach the guard with names that hold, %', 'a condition that is misspelt');
SELECT is(pg_temp.told($$ SELECT laurel_internal.tell('app.items', 'x', 'DELETE') $$), '22023 | For rows that go, tell of the UPDATE that archives them.', 'what is told of rows that go');
SELECT laurel_internal.states('app.lists', 'status', '{"draft": ["open"], "open": []}');
SELECT is(pg_temp.told($$ SELECT laurel_internal.archive_instead('app.lists', 'status', 'archived') $$),
    '22023 | Archive to one of the states that laurel_internal.states was given.', 'an archive that is no state');
SELECT is(pg_temp.told($$ SELECT laurel_internal.archive_instead('app.lists', 'status', 'open') $$), 'none', 'or one that is');
SELECT alike(pg_temp.told($$ SELECT laurel_internal.archive_instead('app.lists', 'status', 'open') $$), '42710 | To change a guard, take it off first: %', 'a guard that is there');
SELECT alike(pg_temp.told($$ SELECT laurel_internal.quota('app.items', 'x', '{}', '1', 'daily', '1') $$), '22023 | %; a period is day, week, month, year or forever. %', 'a period that is none');
SELECT alike(pg_temp.told($$ SELECT laurel_internal.protect('app.items', 'catalogue', commands => '{"self": "insert"}') $$), '22023 | Name SELECT, INSERT, UPDATE and DELETE, in capitals %', 'small letters');

-- What breaks one, and what is not there.
SELECT laurel_internal.belongs('app.items', 'list_id', 'app.lists', required => $$status = 'open'$$);
SELECT tests.found('a');
INSERT INTO app.lists VALUES (tests.org('b'), tests.org('a'), 'draft');
SELECT is(pg_temp.told($$ INSERT INTO app.items (list_id) VALUES (tests.org('b')) $$),
    format('23514 | Row %s would need (status = ''open''). | Update the row of "lists" first, or refer to another.', tests.org('b')), 'a parent that takes no rows');
SELECT is(pg_temp.told(format('SELECT * FROM laurel.verify_ledger(%L)', tests.org('b'))),
    format('23503 | No account has user_id %s. | Leave member out to verify all accounts.', tests.org('b')), 'the ledger of nobody');
SELECT is(pg_temp.told(format('SELECT laurel.award_badge_named(%L, ''nothing'', organization_id => %1$L)', tests.org('a'))),
    format('23503 | Key (organization_id, slug)=(%s, nothing) is not present in table "badges". | laurel.badges has each organization''s badges, with id and slug.', tests.org('a')), 'a badge of no such name');

SELECT * FROM finish();
ROLLBACK;
