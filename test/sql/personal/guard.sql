-- The guard on tables of an application: what it takes, what it refuses, rows that move, and rows that were there before.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.make_crews();
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.cards (id uuid PRIMARY KEY DEFAULT laurel.uuidv7(), organization_id uuid NOT NULL, user_id uuid NOT NULL, holder_id uuid, number varchar(20), pin text NOT NULL DEFAULT '0', due date,
    secret text CHECK (secret <> number), amount integer, code text UNIQUE);
SELECT is(tests.error_of(format('SELECT laurel_internal.personal(''kit.cards'', %s)', arguments)), error, arguments) FROM (VALUES
    ($$'{pin}'$$, '22023'), ($$'{amount}'$$, '22023'), ($$'{code}'$$, '22023'), ($$'{number}', owner => 'holder_id'$$, '22023'), ($$'{number}', owner => 'amount'$$, '22023'),
    ($$'{number}', owner => NULL$$, '22023'), ($$'{number}', searchable => '{due}'$$, '22023'), ($$'{number}', false, searchable => '{number}'$$, '22023'), ($$'{nothing}'$$, '42703')) v (arguments, error);
SELECT is(tests.error_of($$ SELECT laurel_internal.personal('kit.crews', '{motto}') $$), '42703', 'rows must say whose they are');

INSERT INTO kit.cards (id, organization_id, user_id, number, due, secret) VALUES (tests.crew('a', 1), tests.org('a'), tests.one('a', 1), '4711', '2030-01-01', 'hush');
SELECT laurel_internal.personal('kit.cards', '{due, secret, number}', searchable => '{number}');
SELECT is(tests.error_of($$ SELECT laurel_internal.personal('kit.cards', '{number, due, secret}', searchable => '{number}') $$), '42710', 'once');
CREATE VIEW kit.shown AS SELECT id, laurel_internal.reveal(number_sealed, 'kit.cards', 'number', organization_id, user_id, id) AS number,
    laurel_internal.reveal(due_sealed, 'kit.cards', 'due', organization_id, user_id, id) AS due, laurel_internal.reveal(secret_sealed, 'kit.cards', 'secret', organization_id, user_id, id) AS secret FROM kit.cards;
SELECT results_eq('SELECT number, due, secret FROM kit.shown', $$ VALUES ('4711', '2030-01-01', 'hush') $$, 'rows that were there are encrypted');
SELECT is((SELECT laurel.find_personal('kit.cards', 'number', '4711')), tests.crew('a', 1), 'and found');
SELECT is((SELECT num_nonnulls(number, due, secret) FROM kit.cards), 0, 'and empty');
SELECT results_eq($$ SELECT column_name, encrypted FROM laurel.pii_columns() WHERE schema_name = 'kit' ORDER BY 1 $$, $$ VALUES ('due', true), ('number', true), ('secret', true) $$, 'they are listed');
SELECT is(tests.error_of($$ UPDATE kit.cards SET secret = 'x', number = 'x' $$), '23514 cards_check', 'a check over two columns sees both');
SELECT is(tests.error_of($$ UPDATE kit.cards SET number = repeat('1', 21) $$), '22001', 'a type has its length');

-- Rows that change hands are encrypted anew.
UPDATE kit.cards SET user_id = tests.one('a', 2);
SELECT is((SELECT number FROM kit.shown), '4711', 'another owner');
UPDATE kit.cards SET id = tests.crew('a', 2), organization_id = tests.org('b'), user_id = tests.one('b', 1), due = '2031-01-01';
SELECT results_eq('SELECT number, due, secret FROM kit.shown', $$ VALUES ('4711', '2031-01-01', 'hush') $$, 'another row, another organization');
ALTER TABLE kit.cards RENAME TO papers;
UPDATE kit.papers SET secret = 'new';
SELECT is((SELECT secret || number FROM kit.shown), 'new4711', 'a table by another name keeps the one that its values know');
SELECT is((SELECT count(*) FROM kit.papers WHERE id IN (SELECT laurel.find_personal('kit.papers', 'number', '4711'))), 1::bigint, 'and is found');
CREATE TABLE kit.passes (id uuid PRIMARY KEY, organization_id uuid NOT NULL, user_id uuid NOT NULL, number text, code text);
SELECT laurel_internal.personal('kit.passes', '{number, code}', searchable => '{number, code}');
INSERT INTO kit.passes VALUES (tests.crew('a', 3), tests.org('a'), tests.one('a', 1), '4711', '4711');
SELECT is((SELECT count(DISTINCT digest) FROM laurel_internal.personal_digests WHERE table_name LIKE 'kit.%'), 3::bigint, 'equal values of other columns and tables have other digests');
DELETE FROM kit.passes;
DROP TABLE kit.passes;
ALTER TABLE kit.papers RENAME COLUMN due TO until;
SELECT is(tests.error_of($$ UPDATE kit.papers SET secret = 'x' $$), '39P01', 'a column by another name is refused');
ALTER TABLE kit.papers RENAME COLUMN until TO due;
SELECT is(tests.error_of($$ UPDATE kit.papers SET secret = 'x' $$), 'none', 'until it is back');

-- An upsert whose conflict is by another key than the row's id; parts of one statement that do not know of each other.
ALTER TABLE kit.papers ADD UNIQUE (organization_id, amount);
UPDATE kit.papers SET amount = 1;
INSERT INTO kit.papers (organization_id, user_id, amount, number, secret) VALUES (tests.org('b'), tests.one('b', 1), 1, '12', 'so') ON CONFLICT (organization_id, amount) DO UPDATE SET number = EXCLUDED.number, secret = EXCLUDED.secret;
SELECT is((SELECT number || secret FROM kit.shown), '12so', 'by another key');
WITH n AS (INSERT INTO kit.papers (organization_id, user_id, amount, number) VALUES (tests.org('b'), tests.one('b', 2), 2, '99') RETURNING id)
UPDATE kit.papers SET number = NULL WHERE amount = 1;
SELECT results_eq('SELECT coalesce(s.number, ''none'') FROM kit.shown s JOIN kit.papers p USING (id) ORDER BY amount', $$ VALUES ('none'), ('99') $$, 'beside another INSERT');
MERGE INTO kit.papers p USING (VALUES (3, '33'), (2, NULL)) v (amount, number) ON p.amount = v.amount AND p.organization_id = tests.org('b')
WHEN MATCHED THEN UPDATE SET number = v.number WHEN NOT MATCHED THEN INSERT (organization_id, user_id, amount, number) VALUES (tests.org('b'), tests.one('b', 3), v.amount, v.number);
SELECT results_eq('SELECT coalesce(s.number, ''none'') FROM kit.shown s JOIN kit.papers p USING (id) ORDER BY amount', $$ VALUES ('none'), ('none'), ('33') $$, 'and in MERGE');
SELECT is_empty('SELECT * FROM laurel.check() WHERE table_name::text LIKE ''kit.%''', 'laurel.check() finds it in order');
UPDATE kit.papers SET due = '2032-02-29', secret = 'back' WHERE amount = 3;
SELECT is(tests.error_of($$ SELECT laurel_internal.detach('kit.papers', 'personal') $$), 'none', 'it is taken off');
SELECT is_empty($$ SELECT FROM laurel_internal.personal_digests WHERE table_name = 'kit.cards' $$, 'with what values were found by');
SELECT results_eq('SELECT amount, number::text, due, secret, num_nonnulls(number_sealed, due_sealed, secret_sealed) FROM kit.papers ORDER BY 1',
    $$ VALUES (1, NULL, '2031-01-01'::date, 'so', 0), (2, NULL, NULL, NULL, 0), (3, '33', '2032-02-29', 'back', 0) $$, 'values are in clear again');
SELECT is_empty('SELECT * FROM laurel.pii_columns() WHERE table_name = ''papers'' AND encrypted', 'as is said of the columns');
SELECT is(tests.error_of($$ UPDATE kit.papers SET number = '5' WHERE amount = 1 $$), 'none', 'with its check');
SELECT laurel_internal.personal('kit.papers', '{due, secret, number}', searchable => '{number}');
SELECT results_eq('SELECT num_nonnulls(number, due, secret), laurel_internal.reveal(number_sealed, ''kit.papers'', ''number'', organization_id, user_id, id) FROM kit.papers WHERE amount <> 2 ORDER BY amount',
    $$ VALUES (0, '5'), (0, '33') $$, 'and encrypted anew');
INSERT INTO kit.papers (id, organization_id, user_id, number) VALUES (tests.crew('a', 9), tests.org('a'), tests.one('a', 1), '77');
SELECT is((SELECT laurel.find_personal('kit.papers', 'number', '77')), tests.crew('a', 9), 'a row that is there');
DELETE FROM kit.papers WHERE id = tests.crew('a', 9);
SELECT is((SELECT count(*) FROM laurel.find_personal('kit.papers', 'number', '77')), 0::bigint, 'is not found when it is gone');
-- What values are found by is proven by laurel.check(), with older keys too.
INSERT INTO kit.papers (id, organization_id, user_id, number) VALUES (tests.crew('a', 8), tests.org('a'), tests.one('a', 1), '78');
SELECT is_empty($$ SELECT * FROM laurel.check('kit.papers') $$, 'what is found by is right');
RESET ROLE;
CREATE FUNCTION pg_temp.found_wrong(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE found text;
BEGIN
    BEGIN
        SET LOCAL session_replication_role = replica;
        EXECUTE change;
        SET LOCAL session_replication_role = origin;
        SELECT string_agg(concat_ws(' ', guard, row_id = tests.crew('a', 8), problem), '; ') INTO found FROM laurel.check('kit.papers');
        RAISE 'undone';
    EXCEPTION WHEN raise_exception THEN
        SET LOCAL session_replication_role = origin;
    END;
    RETURN found;
END $$;
SELECT is(pg_temp.found_wrong(change), 'personal t number ' || problem, problem) FROM (VALUES
    ($$DELETE FROM laurel_internal.personal_digests WHERE row_id = tests.crew('a', 8)$$, 'has a value that laurel.find_personal() does not find'),
    ($$UPDATE laurel_internal.personal_digests SET digest = sha256(digest) WHERE row_id = tests.crew('a', 8)$$, 'is found by another value than it has'),
    ($$DELETE FROM kit.papers WHERE id = tests.crew('a', 8)$$, 'is found by a value, and has none'),
    ($$UPDATE kit.papers SET number_sealed = NULL WHERE id = tests.crew('a', 8)$$, 'is found by a value, and has none'),
    ($$UPDATE kit.papers SET number_sealed = (SELECT number_sealed FROM kit.papers WHERE amount = 1) WHERE id = tests.crew('a', 8)$$, 'has a value that is not of its row')) v (change, problem);
SET LOCAL ROLE laurel_owner;
INSERT INTO kit.papers (id, organization_id, user_id, number) VALUES (tests.crew('a', 9), tests.org('a'), tests.one('a', 1), '77');
TRUNCATE kit.papers;
SELECT is_empty($$ SELECT FROM laurel_internal.personal_digests WHERE table_name = 'kit.papers' $$, 'nor when all are');
SELECT * FROM finish();
ROLLBACK;
