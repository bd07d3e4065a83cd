-- A row that a trigger of an application dropped and a column of another type are named as such.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('ann');
INSERT INTO laurel.badges (id, organization_id, slug, badge_name, points_value) VALUES
    ('ba000000-0000-0000-0000-000000000001', tests.acme(), 'first', 'First', 5);
CREATE FUNCTION public.mute() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;

-- A trigger that drops rows
SAVEPOINT before_triggers;
CREATE TRIGGER mute BEFORE INSERT ON laurel.badge_awards FOR EACH ROW EXECUTE FUNCTION public.mute();
SELECT throws_ok($$SELECT laurel.award_badge_named(tests.person('ann'), 'first')$$, '39P01',
                 'a trigger dropped the row that was to be written to laurel.badge_awards', 'an award that is dropped');
SELECT throws_ok($$INSERT INTO laurel.user_achievements (user_id, achievement_id, organization_id)
                   VALUES (tests.person('ann'), 'first', tests.acme())$$, '39P01',
                 'a trigger dropped the row that was to be written to laurel.badge_awards', 'an achievement that is dropped');
CREATE TRIGGER mute BEFORE INSERT ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION public.mute();
SELECT throws_ok($$SELECT laurel.notify(tests.person('ann'), 'reminder', 'Hello')$$, '39P01', NULL,
                 'a notification that is dropped');
CREATE TRIGGER mute BEFORE INSERT ON laurel.sessions FOR EACH ROW EXECUTE FUNCTION public.mute();
SELECT throws_ok($$SELECT laurel.create_session(tests.person('ann'))$$, '39P01',
                 'a trigger dropped the row that was to be written to laurel.sessions', 'a session that is dropped');
CREATE TRIGGER a_mute BEFORE INSERT ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION public.mute();
SELECT throws_ok($$SELECT laurel.record_points_transaction(tests.person('ann'), 5, 'x', reason => 'r')$$, '39P01', NULL,
                 'an entry that is dropped');
ROLLBACK TO before_triggers;

-- Columns of other types
ALTER TABLE laurel.badges ALTER COLUMN points_value DROP DEFAULT, ALTER COLUMN points_value TYPE numeric(12,2);
SELECT throws_ok($$INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES
                   (tests.person('ann'), 'ba000000-0000-0000-0000-000000000001')$$, '39P01',
                 'trigger "a_belongs_badge_id" of table "badge_awards" names column "points_value" of laurel.badges, which has type numeric, not bigint',
                 'a column that Laurel reads');
CREATE TABLE public.notes (id int, organization_id text, user_id uuid);
CREATE TRIGGER fill BEFORE INSERT ON public.notes FOR EACH ROW EXECUTE FUNCTION laurel_internal.fill_organization();
SELECT throws_ok($$INSERT INTO public.notes (id, user_id) VALUES (1, tests.person('ann'))$$, '42804',
                 'column "organization_id" of public.notes has type text, not uuid', 'a column that a trigger of Laurel fills in');
CREATE TABLE public.jottings (id int, organization_id uuid, user_id int);
SELECT laurel_internal.add_tenant_triggers('public.jottings');
SELECT throws_ok('INSERT INTO public.jottings (id, user_id) VALUES (1, 7)', '42804',
                 'column "user_id" of public.jottings has type integer, not uuid', 'a column that a trigger of Laurel reads');
CREATE TABLE public.msg (id int, is_read text, read_at date);
INSERT INTO public.msg VALUES (1, 'no', NULL);
CREATE TRIGGER s BEFORE UPDATE ON public.msg FOR EACH ROW EXECUTE FUNCTION laurel_internal.stamp_read();
SELECT throws_ok('UPDATE public.msg SET id = 2', '42804', NULL, 'a flag that is a text');
ROLLBACK TO before_triggers;

-- Results that are read through a cursor
SET LOCAL session_replication_role = replica;
INSERT INTO laurel_internal.departed_accounts (organization_id, user_id, last_entry_no, total_points, last_entry_hash) SELECT tests.acme(), tests.person('gone'), 1, 5, sha256('x');
SET LOCAL session_replication_role = origin;
ALTER TABLE laurel_internal.departed_accounts ALTER COLUMN total_points TYPE numeric;
SELECT throws_ok('SELECT * FROM laurel.verify_ledger()', '42804', NULL, 'a column that verify_ledger reads row by row');
ROLLBACK TO before_triggers;

-- A hash that is none
ALTER TABLE laurel.user_points DROP CONSTRAINT user_points_ranges_check;
SET LOCAL session_replication_role = replica;
UPDATE laurel.user_points SET last_entry_hash = '\x00';
SET LOCAL session_replication_role = origin;
SELECT throws_ok($$SELECT laurel.record_points_transaction(tests.person('ann'), 5, 'x', reason => 'r')$$, '23001',
                 'last_entry_hash of a points account is not what Laurel has written', 'a hash that is too short');
ROLLBACK TO before_triggers;

-- Another primary key
ALTER TABLE laurel.point_holds DROP CONSTRAINT point_holds_account_fkey;
ALTER TABLE laurel.user_points DROP CONSTRAINT user_points_pkey, ADD COLUMN id bigserial PRIMARY KEY, ADD UNIQUE (organization_id, user_id);
SELECT is((laurel.record_points_transaction(tests.person('ann'), 5, 'x', reason => 'r')).balance_after, 5::bigint,
          'an account is found under another primary key');
ALTER TABLE laurel.user_points DROP CONSTRAINT user_points_pkey;
SELECT is((laurel.record_points_transaction(tests.person('ann'), 5, 'x', reason => 'r')).balance_after, 10::bigint,
          'an account is found without a primary key');
SELECT * FROM finish();
ROLLBACK;
