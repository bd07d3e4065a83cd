-- Accounts are written without a statement where nothing else happens at an UPDATE of user_points, and by one where
-- something does: balances, and what happens, are the same.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(23);

SELECT tests.cast('ben', 'cat');

-- Ben's total and number of entries, once he got 5 points more.
CREATE FUNCTION pg_temp.award(points bigint DEFAULT 5) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('ben'), points, 't', 'r');
    RETURN (SELECT total_points || ' in ' || last_entry_no FROM laurel.user_points WHERE user_id = tests.person('ben'));
END
$$;
CREATE TABLE pg_temp.seen (what text);
GRANT ALL ON seen TO PUBLIC;

SELECT is(pg_temp.award(), '5 in 1', 'an account without anything else');
SELECT is((SELECT ARRAY[reached_at = last_entry_at, week_reached_at = last_entry_at, month_reached_at = last_entry_at]
    FROM laurel.user_points WHERE user_id = tests.person('ben')), '{t,t,t}', 'says when');

-- A rule beside the update.
CREATE RULE also AS ON UPDATE TO laurel.user_points DO ALSO INSERT INTO seen VALUES ('rule');
SELECT is(pg_temp.award(), '10 in 2', 'a rule');
DROP RULE also ON laurel.user_points;
SELECT is((SELECT array_agg(what) FROM seen), '{rule}', 'is followed');
DELETE FROM seen;

-- Triggers with transition tables, each row and each statement.
CREATE FUNCTION pg_temp.see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seen SELECT format('%s: %s to %s', TG_LEVEL, o.total_points, n.total_points) FROM old_rows o JOIN new_rows n USING (user_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER see AFTER UPDATE ON laurel.user_points REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.see();
SELECT is(pg_temp.award(), '15 in 3', 'a trigger with transition tables');
SELECT is((SELECT array_agg(what) FROM seen), '{STATEMENT: 10 to 15}', 'sees old and new');
DROP TRIGGER see ON laurel.user_points;
DELETE FROM seen;

CREATE FUNCTION pg_temp.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seen VALUES (format('%s %s %s', TG_WHEN, TG_LEVEL, NEW.total_points - OLD.total_points));
    RETURN NEW;
END
$$;
CREATE TRIGGER note_before BEFORE UPDATE OF total_points ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.note();
CREATE TRIGGER note_after AFTER UPDATE OF total_points ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.note();
CREATE TRIGGER note_other AFTER UPDATE OF current_streak ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.note();
SELECT is(pg_temp.award(), '20 in 4', 'triggers of columns');
SELECT is((SELECT array_agg(what) FROM seen), '{BEFORE ROW 5,AFTER ROW 5}', 'fire where an entry changes them');
DROP TRIGGER note_before ON laurel.user_points;
DROP TRIGGER note_after ON laurel.user_points;
DROP TRIGGER note_other ON laurel.user_points;

-- Columns of the application's own.
ALTER TABLE laurel.user_points ADD COLUMN half bigint GENERATED ALWAYS AS (total_points / 2) STORED, ADD COLUMN nickname text DEFAULT 'Benny';
SELECT is(pg_temp.award(), '25 in 5', 'a generated column');
SELECT is((SELECT half || ' ' || nickname FROM laurel.user_points WHERE user_id = tests.person('ben')), '12 Benny', 'follows, and another one stays');
ALTER TABLE laurel.user_points DROP COLUMN half;
SELECT is(pg_temp.award(), '30 in 6', 'a dropped column');
SELECT is((SELECT nickname FROM laurel.user_points WHERE user_id = tests.person('ben')), 'Benny', 'takes nothing with it');
UPDATE laurel.user_points SET nickname = repeat('Benny', 2000) WHERE user_id = tests.person('ben');
SELECT is(pg_temp.award(), '35 in 7', 'a column that is stored elsewhere');
SELECT is((SELECT length(nickname) FROM laurel.user_points WHERE user_id = tests.person('ben')), 10000, 'comes along');

-- Checks and indexes of the application's own have their say.
ALTER TABLE laurel.user_points ADD CONSTRAINT modest CHECK (total_points < 50);
SELECT throws_ok('SELECT pg_temp.award(15)', '23514', 'new row for relation "user_points" violates check constraint "modest"', 'a check refuses');
ALTER TABLE laurel.user_points DROP CONSTRAINT modest;
CREATE UNIQUE INDEX app_unique ON laurel.user_points ((total_points % 1000)) WHERE total_points > 0;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('cat'), 40, 't', 'r');
SELECT throws_ok('SELECT pg_temp.award()', '23505', NULL, 'a unique index refuses');
DROP INDEX laurel.app_unique;

-- Foreign keys follow, and what they have reached is in nobody's hands afterwards.
CREATE UNIQUE INDEX app_total ON laurel.user_points (organization_id, user_id, total_points);
CREATE TABLE public.app_totals (organization_id uuid, user_id uuid, total bigint, FOREIGN KEY (organization_id, user_id, total)
    REFERENCES laurel.user_points (organization_id, user_id, total_points) ON UPDATE CASCADE);
INSERT INTO public.app_totals SELECT organization_id, user_id, total_points FROM laurel.user_points WHERE user_id = tests.person('ben');
CREATE FUNCTION pg_temp.award_and_drop() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    followed bigint;
BEGIN
    PERFORM pg_temp.award();
    followed := (SELECT total FROM public.app_totals);
    DROP TABLE public.app_totals;
    RETURN followed;
END
$$;
SELECT is(pg_temp.award_and_drop(), 40::bigint, 'a foreign key follows');
SELECT hasnt_table('public', 'app_totals', 'and its table is let go');
DROP INDEX laurel.app_total;

-- The row moves in between: the entry's own trigger writes the member's streak.
CREATE FUNCTION pg_temp.be_active() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO laurel.daily_activity (organization_id, user_id) VALUES (tests.acme(), NEW.user_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER be_active AFTER INSERT ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION pg_temp.be_active();
SELECT is(pg_temp.award(), '45 in 9', 'an account whose row was written meanwhile');
SELECT is((SELECT current_streak FROM laurel.user_points WHERE user_id = tests.person('ben')), 1, 'keeps what was written');

SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');

-- Columns are looked for once a session, and anew where one has another's name.
SELECT is(pg_temp.award(-5), '40 in 10', 'what was taken counts for the total alone');
ALTER TABLE laurel.user_points RENAME total_points TO lifetime;
ALTER TABLE laurel.user_points RENAME lifetime_points TO total_points;
ALTER TABLE laurel.user_points RENAME lifetime TO lifetime_points;
SELECT is(pg_temp.award(-5), '40 in 11', 'columns that exchange their names are found by them');
SELECT * FROM finish();
ROLLBACK;
