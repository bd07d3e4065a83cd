-- What somebody could try with encrypted columns: conditions that are passed by, values that come from another row.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.make_crews();
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.cards (id uuid PRIMARY KEY DEFAULT laurel.uuidv7(), organization_id uuid NOT NULL, user_id uuid NOT NULL, number varchar(20), due date,
    secret text, amount integer, label text, CONSTRAINT cards_own_personal_check CHECK (number <> '666'),
    CONSTRAINT cards_secret_check CHECK (secret <> number), CONSTRAINT cards_amount_check CHECK (amount < 10 OR number LIKE '4%'));
SELECT laurel_internal.personal('kit.cards', '{number, due, secret}');
CREATE FUNCTION pg_temp.shown(of uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('|', laurel_internal.reveal(number_sealed, 'kit.cards', 'number', organization_id, user_id, id), laurel_internal.reveal(due_sealed, 'kit.cards', 'due', organization_id, user_id, id),
        laurel_internal.reveal(secret_sealed, 'kit.cards', 'secret', organization_id, user_id, id)) FROM kit.cards WHERE id = of $$;

-- A CHECK holds by whatever name, and whichever of its columns are written.
INSERT INTO kit.cards (id, organization_id, user_id, number, amount) VALUES (tests.crew('a', 1), tests.org('a'), tests.one('a', 1), '4711', 1);
SELECT is(tests.error_of(format('UPDATE kit.cards SET %s', change)), error, change) FROM (VALUES
    ($$number = '666'$$, '23514 cards_own_personal_check'), ($$secret = '4711'$$, '23514 cards_secret_check'), ($$secret = '4712'$$, 'none'), ($$number = '4712'$$, '23514 cards_secret_check'),
    ($$amount = 11$$, 'none'), ($$number = '5'$$, '23514 cards_amount_check'), ($$amount = 1, number = '5'$$, 'none'), ($$amount = 11$$, '23514 cards_amount_check'),
    ($$number = NULL, amount = 11$$, 'none')) v (change, error);
SELECT is(pg_temp.shown(tests.crew('a', 1)), '4712', 'and writes nothing by itself');

-- An upsert finds its row by any unique index: over an expression, of some rows, by an equality that is not one of bytes.
CREATE UNIQUE INDEX ON kit.cards (organization_id, lower(label));
INSERT INTO kit.cards (id, organization_id, user_id, label) VALUES (tests.crew('a', 2), tests.org('a'), tests.one('a', 1), 'Red');
INSERT INTO kit.cards (organization_id, user_id, label, number) VALUES (tests.org('a'), tests.one('a', 1), 'RED', '12') ON CONFLICT (organization_id, lower(label)) DO UPDATE SET number = EXCLUDED.number;
SELECT is(pg_temp.shown(tests.crew('a', 2)), '12', 'over an expression');
ALTER TABLE kit.cards ADD COLUMN price numeric UNIQUE;
UPDATE kit.cards SET price = 1.0 WHERE id = tests.crew('a', 2);
INSERT INTO kit.cards (organization_id, user_id, price, number) VALUES (tests.org('a'), tests.one('a', 1), 1.00, '13') ON CONFLICT (price) DO UPDATE SET number = EXCLUDED.number;
SELECT is(pg_temp.shown(tests.crew('a', 2)), '13', 'by an equality of its own');
ALTER TABLE kit.cards ADD COLUMN place integer, ADD COLUMN is_open boolean NOT NULL DEFAULT true;
CREATE UNIQUE INDEX ON kit.cards (place) WHERE is_open;
UPDATE kit.cards SET place = 7 WHERE id = tests.crew('a', 2);
INSERT INTO kit.cards (organization_id, user_id, place, number) VALUES (tests.org('a'), tests.one('a', 1), 7, '14') ON CONFLICT (place) WHERE is_open DO UPDATE SET number = EXCLUDED.number;
SELECT is(pg_temp.shown(tests.crew('a', 2)), '14', 'of some rows');
-- What an index of some rows does not hold apart are two rows, of two people.
MERGE INTO kit.cards p USING (VALUES (1, 7, '99', tests.crew('a', 3)), (2, 7, NULL, tests.crew('a', 2))) v (n, place, number, id) ON p.id = v.id
WHEN MATCHED THEN UPDATE SET number = v.number
WHEN NOT MATCHED THEN INSERT (id, organization_id, user_id, place, number, is_open) VALUES (v.id, tests.org('a'), tests.one('a', 2), v.place, v.number, false);
SELECT is(pg_temp.shown(tests.crew('a', 2)) || '/' || pg_temp.shown(tests.crew('a', 3)), '/99', 'nobody gets what another row was to have');

-- Names as long as names can be.
CREATE TABLE kit.cards_with_a_name_that_is_as_long_as_the_server_lets_names_be_x (id uuid PRIMARY KEY DEFAULT laurel.uuidv7(), organization_id uuid NOT NULL, user_id uuid NOT NULL, number text);
SELECT laurel_internal.personal('kit.cards_with_a_name_that_is_as_long_as_the_server_lets_names_be_x', '{number}', searchable => '{number}');
SELECT is(tests.error_of(format('INSERT INTO kit.cards_with_a_name_that_is_as_long_as_the_server_lets_names_be_x (organization_id, user_id, number) VALUES (%L, %L, ''1'')', tests.org('a'), tests.one('a', 1))), 'none', 'a long name');
SELECT is((SELECT count(number) FROM kit.cards_with_a_name_that_is_as_long_as_the_server_lets_names_be_x), 0::bigint, 'encrypted likewise');

-- Who sees rows of others writes guesses into his own: nothing of the two rows agrees when he has guessed.
RESET ROLE;
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES (tests.org('a'), tests.one('a', 1), 'manager') ON CONFLICT DO NOTHING;
UPDATE laurel.users SET manager_id = tests.one('a', 1) WHERE id = tests.one('a', 2);
UPDATE laurel.profiles SET phone = '+41 44 1' WHERE user_id = tests.one('a', 2);
SELECT tests.act_as(tests.one('a', 1));
UPDATE laurel.profiles SET phone = '+41 44 1' WHERE user_id = laurel.uid();
SELECT is((SELECT count(*) FROM laurel.profiles WHERE phone_sealed IS NOT NULL), 2::bigint, 'a manager sees both rows');
SELECT is((SELECT string_agg(mine.key, ' ') FROM laurel.profiles m, laurel.profiles o, jsonb_each_text(to_jsonb(m)) mine, jsonb_each_text(to_jsonb(o)) other
    WHERE m.user_id = laurel.uid() AND o.user_id <> laurel.uid() AND mine.key = other.key AND mine.value = other.value AND mine.key LIKE '%phone%'), NULL, 'and not that they have the same telephone');
SELECT tests.act_as_owner();
SET LOCAL ROLE laurel_owner;

-- Sizes, and what is no text.
SELECT is(tests.error_of(format('UPDATE kit.cards SET number = NULL, amount = 1, secret = %s WHERE id = %L', value, tests.crew('a', 1))), error, value) FROM (VALUES
    ($$repeat('x', 1000000)$$, 'none'), ($$''$$, 'none'), ($$convert_from('\xff', 'UTF8')$$, '22021'), ($$repeat('𝄞', 10000)$$, 'none')) v (value, error);
SELECT is(pg_temp.shown(tests.crew('a', 1)), repeat('𝄞', 10000), 'a long value');

-- An export opens what the guard has encrypted, whoever the owner is and whatever the table is called, and nothing else. Tables of others
-- may have columns of such names, and are not in anybody's way.
CREATE TABLE kit.passes (id uuid PRIMARY KEY DEFAULT laurel.uuidv7(), organization_id uuid NOT NULL, holder_id uuid NOT NULL REFERENCES laurel.users (id) ON DELETE CASCADE, number text);
SELECT laurel_internal.personal('kit.passes', '{number}', owner => 'holder_id', searchable => '{number}');
ALTER TABLE kit.passes RENAME TO tickets;
INSERT INTO kit.tickets (organization_id, holder_id, number) VALUES (tests.org('a'), tests.one('a', 1), '8128');
RESET ROLE;
CREATE ROLE stranger;
CREATE SCHEMA strange AUTHORIZATION stranger;
GRANT USAGE ON SCHEMA laurel TO stranger;
GRANT REFERENCES ON laurel.users TO stranger;
SET LOCAL ROLE stranger;
CREATE TABLE strange.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES laurel.users (id) ON DELETE CASCADE, note text, note_sealed bytea);
RESET ROLE;
INSERT INTO strange.notes (user_id, note, note_sealed) VALUES (tests.one('a', 1), 'mine', '\x00');
SELECT tests.act_as_service();
SELECT is((SELECT "row" - '{id,organization_id,holder_id}'::text[] FROM laurel.export_user_rows(tests.one('a', 1)) WHERE part = 'kit.tickets'), '{"number": "8128"}', 'an owner by another name');
SELECT is((SELECT "row" - '{id,user_id}'::text[] FROM laurel.export_user_rows(tests.one('a', 1)) WHERE part = 'strange.notes'), '{"note": "mine", "note_sealed": "\\x00"}', 'a stranger''s table');
RESET ROLE;
SET LOCAL ROLE laurel_owner;

-- A value that was put elsewhere past the guard stands in the way of no other when a new key takes over.
UPDATE kit.tickets SET number = '496';
INSERT INTO kit.tickets (id, organization_id, holder_id) VALUES (tests.crew('a', 1), tests.org('a'), tests.one('a', 1));
RESET ROLE;
SET LOCAL session_replication_role = replica;
UPDATE kit.tickets t SET number_sealed = o.number_sealed FROM kit.tickets o WHERE t.id = tests.crew('a', 1) AND o.id <> t.id;
SET LOCAL session_replication_role = origin;
SELECT number_sealed AS before FROM kit.tickets WHERE id <> tests.crew('a', 1) \gset
SELECT is((SELECT laurel_internal.rotate_place(p, laurel_internal.personal_keys(), 10) FROM laurel_internal.personal_places() p WHERE p.place = 'kit.tickets'::regclass), 1::bigint, 'others are encrypted anew');
SELECT isnt((SELECT number_sealed::text FROM kit.tickets WHERE id <> tests.crew('a', 1)), :'before', 'really');
SET LOCAL ROLE laurel_owner;

-- Taken off, the guard takes its own check along and no other.
SELECT laurel_internal.detach('kit.cards', 'personal'), laurel_internal.detach('kit.cards_with_a_name_that_is_as_long_as_the_server_lets_names_be_x', 'personal');
SELECT is((SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint WHERE contype = 'c' AND conrelid::regclass::text LIKE 'kit.cards%'),
    'cards_amount_check cards_own_personal_check cards_secret_check', 'checks that are left');

SELECT * FROM finish();
ROLLBACK;
