-- What somebody may try: to pay nothing, to be paid twice, to keep points held for ever, to read what is not theirs; and triggers of the application.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('admin', 'learner', 'other', 'trainer');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT tests.person(p), 1000, 'bonus', 'start' FROM unnest('{admin, learner, other}'::text[]) p;
CREATE FUNCTION pg_temp.account(name text DEFAULT 'learner') RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT total_points || ' ' || points_held FROM laurel.user_points WHERE user_id = tests.person(name) $$;
CREATE FUNCTION pg_temp.reward(named text) RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$ SELECT id FROM laurel.rewards WHERE name = named $$;
CREATE FUNCTION pg_temp.taken(named text) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT taken FROM laurel.rewards WHERE name = named $$;
CREATE FUNCTION pg_temp.status(redemption uuid) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT status FROM laurel.redemptions WHERE id = redemption $$;
SELECT tests.act_as_admin();
INSERT INTO laurel.rewards (name, price, stock, needs_approval) VALUES ('Trip', 300, 50, true), ('Mug', 100, 30, false);
INSERT INTO laurel.rewards (name, price, fulfilment, needs_approval) VALUES ('Ticket', 20, 'voucher', false), ('Opera', 20, 'voucher', true);
INSERT INTO laurel.rewards (name, price, available_from) VALUES ('Snow', 10, now() + interval '1 day');
INSERT INTO laurel.rewards (name, price, limit_per_member, limit_period) VALUES ('Coffee', 1, 1, 'day');
INSERT INTO laurel.reward_vouchers (reward_id, code) SELECT pg_temp.reward(r), r || n FROM unnest('{Ticket, Opera}'::text[]) r, generate_series(1, 3) n;
SELECT tests.act_as_owner();

-- To pay under a key that was used: entries are keyed by the rows that they pay.
SELECT tests.act_as_learner();
SELECT redemption_id AS trip FROM laurel.redeem(pg_temp.reward('Trip')) \gset
SELECT id AS hold FROM laurel.point_holds \gset
SELECT tests.act_as_admin();
SELECT laurel.approve_redemption(:'trip');
SELECT tests.act_as_learner();
SELECT is(tests.error_of(format('INSERT INTO laurel.redemptions (id, reward_id, user_id) VALUES (%L, %L, %L)', :'hold', pg_temp.reward('Mug'), tests.person('learner'))), '42501', 'members do not say the id of what they ask for');
SELECT tests.act_as_service();
SELECT is(tests.error_of(format('INSERT INTO laurel.redemptions (id, reward_id, user_id) VALUES (%L, %L, %L)', :'hold', pg_temp.reward('Mug'), tests.person('learner'))), 'PT409 points_ledger_idempotency_key', 'and nobody has a reward under a key that has been paid');
SELECT laurel.uuidv7() AS chosen, laurel.uuidv7() AS free \gset
SELECT laurel.record_points_transaction(tests.person('learner'), 1, 'bonus', reason => 'r', idempotency_key => 'reward_redeemed:' || :'chosen' || ':' || tests.person('learner'));
SELECT is(tests.error_of(format('INSERT INTO laurel.redemptions (id, reward_id, user_id) VALUES (%L, %L, %L)', :'chosen', pg_temp.reward('Mug'), tests.person('learner'))), 'PT409 points_ledger_idempotency_key', 'nor under one that somebody has used beforehand');
SELECT is(tests.error_of(format('INSERT INTO laurel.redemptions (id, reward_id, user_id) SELECT unnest(%L::uuid[]), %L, %L', ARRAY[:'chosen', :'free'], pg_temp.reward('Mug'), tests.person('learner'))), 'PT409 points_ledger_idempotency_key', 'nor one of several');
SELECT tests.act_as_learner();
SELECT redemption_id AS second FROM laurel.redeem(pg_temp.reward('Trip')) \gset
SELECT tests.act_as_service();
SELECT laurel.record_points_transaction(tests.person('learner'), 1, 'bonus', reason => 'r', idempotency_key => 'reward_redeemed:' || h.id || ':' || h.user_id) FROM laurel.point_holds h WHERE reference_id = :'second';
SELECT is(tests.error_of(format('SELECT laurel.approve_redemption(%L)', :'second')), 'PT409 points_ledger_idempotency_key', 'nor where it was held first');
SELECT is(pg_temp.account() || ' ' || pg_temp.taken('Mug'), '702 300 0', 'nothing was had for nothing');
SELECT laurel.decline_redemption(:'second');

-- To lose a row that points are held for.
SELECT redemption_id AS third FROM laurel.redeem(pg_temp.reward('Trip'), user_id => tests.person('learner')) \gset
SELECT is(tests.error_of(format('UPDATE laurel.redemptions SET id = laurel.uuidv7(), status = ''cancelled'' WHERE id = %L', :'third')), '23001 redemptions_id_immutable', 'a redemption keeps its id');
SELECT tests.act_as_owner();
SELECT is(tests.error_of(format('UPDATE laurel.point_holds SET id = laurel.uuidv7() WHERE reference_id = %L', :'third')), '23001 point_holds_id_immutable', 'and so does a hold');
SELECT is(tests.error_of('UPDATE laurel.reward_vouchers SET id = laurel.uuidv7()'), '23001 reward_vouchers_id_immutable', 'and a code');
SELECT laurel.cancel_redemption(:'third');
SELECT is(pg_temp.account(), '702 0', 'and is free then');

-- To be paid back twice, or otherwise than was paid.
SELECT redemption_id AS mug FROM laurel.redeem(pg_temp.reward('Mug'), user_id => tests.person('learner')) \gset
SELECT laurel.record_points_transaction(tests.person('learner'), -100, 'fee', reference_type => 'Redemption', reference_id => :'mug');
SELECT laurel.cancel_redemption(:'mug');
SELECT is((SELECT string_agg(concat_ws(' ', amount, (SELECT o.transaction_type FROM laurel.points_ledger o WHERE o.id = l.reverses_id)), ', ' ORDER BY entry_no) FROM laurel.points_ledger l WHERE reference_id = :'mug'),
    '-100, -100, 100 reward_redeemed', 'what comes back is what was paid, not what else is said of it');
SELECT redemption_id AS mug FROM laurel.redeem(pg_temp.reward('Mug'), user_id => tests.person('learner')) \gset
SELECT laurel.reverse_points_transaction(id, 'By hand') FROM laurel.points_ledger WHERE reference_id = :'mug';
SELECT laurel.cancel_redemption(:'mug');
SELECT is(pg_temp.account(), '602 0', 'and comes back once, whoever takes it back');
SAVEPOINT before_archive;
CREATE TABLE laurel_internal.archived_now PARTITION OF laurel.points_ledger_archive DEFAULT;
SELECT redemption_id AS mug FROM laurel.redeem(pg_temp.reward('Mug'), user_id => tests.person('learner')) \gset
SELECT laurel.reverse_points_transaction(id, 'By hand') FROM laurel.points_ledger WHERE reference_id = :'mug';
SET LOCAL session_replication_role = replica;
WITH moved AS (DELETE FROM laurel.points_ledger l USING laurel.points_ledger e WHERE e.reference_id = :'mug' AND e.transaction_type = 'reward_redeemed' AND l.reverses_id = e.id RETURNING l.*)
INSERT INTO laurel.points_ledger_archive SELECT * FROM moved;
SET LOCAL session_replication_role = origin;
SELECT laurel.cancel_redemption(:'mug');
SELECT is(pg_temp.account(), '602 0', 'also where that is in the archive');
ROLLBACK TO before_archive;
CREATE TABLE laurel_internal.archived_now PARTITION OF laurel.points_ledger_archive DEFAULT;
SELECT redemption_id AS mug FROM laurel.redeem(pg_temp.reward('Mug'), user_id => tests.person('learner')) \gset
SELECT id AS entry FROM laurel.points_ledger WHERE reference_id = :'mug' \gset
SET LOCAL session_replication_role = replica;
WITH moved AS (DELETE FROM laurel.points_ledger l WHERE l.id = :'entry' RETURNING l.*) INSERT INTO laurel.points_ledger_archive SELECT * FROM moved;
SET LOCAL session_replication_role = origin;
SELECT laurel.cancel_redemption(:'mug');
SELECT is((SELECT reverses_id = :'entry' FROM laurel.points_ledger WHERE reference_id = :'mug'), true, 'what is in the archive is taken back from there');
ROLLBACK TO before_archive;

-- To be told what is not to be known yet.
SELECT tests.act_as_learner();
SELECT is(tests.told($$ SELECT laurel.redeem(pg_temp.reward('Snow'), expected_price => 9) $$), '23514 | the reward is not available now | Read laurel.rewards again: a member sees there what is to be had now. | redemptions_window', 'a price and a date that are to come are not told');
SELECT laurel.redeem(pg_temp.reward('Trip'), note => 'With my doctor');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.notifications WHERE title || coalesce(message, '') LIKE '%doctor%'), 0::bigint, 'what a member says is said to nobody whose rows are not erased with it');
SELECT tests.act_as(tests.person('trainer'));
SELECT is((SELECT count(*) FROM laurel.redemptions) + (SELECT count(*) FROM laurel.reward_vouchers) + (SELECT count(*) FROM laurel.point_holds), 0::bigint, 'trainers see nothing of it');
SELECT is(tests.error_of(format('SELECT laurel.%s(%L)', f, (SELECT id FROM laurel.redemptions LIMIT 1))), '22004', f || ' needs a redemption') FROM unnest('{approve_redemption, decline_redemption, fulfil_redemption, cancel_redemption}'::text[]) f;
SELECT is(tests.error_of(format('SELECT laurel.%s(%L)', f, :'mug')), '42501', 'nor decide: ' || f) FROM unnest('{approve_redemption, decline_redemption, fulfil_redemption, cancel_redemption}'::text[]) f;

-- An administrator who redeems is a member then.
SELECT tests.act_as_admin();
SELECT redemption_id AS own FROM laurel.redeem(pg_temp.reward('Mug')) \gset
SELECT is(tests.error_of(format('SELECT laurel.fulfil_redemption(%L)', :'own')), '42501', 'nobody hands out to himself');
SELECT is(tests.error_of(format('SELECT laurel.cancel_redemption(%L)', :'own')), 'PT409 redemptions_status_steps', 'nor takes back what he paid');
SELECT is(tests.error_of(format('UPDATE laurel.redemptions SET status = ''fulfilled'' WHERE id = %L', :'own')), '42501', 'or writes it');
SELECT tests.act_as_service();
SELECT is(tests.error_of(format('UPDATE laurel.redemptions SET decided_by = user_id WHERE id = %L', :'own')), '23514 redemptions_decided_by_check', 'not even the back end says that he decided');

-- What the back end brings as it was elsewhere.
SELECT is(tests.error_of(format('INSERT INTO laurel.redemptions (reward_id, user_id) VALUES (%L, NULL)', pg_temp.reward(r))), '23502', 'nobody gets no ' || r) FROM unnest('{Mug, Trip}'::text[]) r;
INSERT INTO laurel.redemptions (reward_id, user_id, status) VALUES (pg_temp.reward('Mug'), tests.person('other'), 'fulfilled'), (pg_temp.reward('Mug'), tests.person('other'), 'declined'), (pg_temp.reward('Ticket'), tests.person('other'), 'fulfilled');
SELECT is((SELECT string_agg(concat_ws(' ', reward_name, status, approved_at IS NOT NULL, fulfilled_at IS NOT NULL, ended_at IS NOT NULL), ', ' ORDER BY reward_name, status) FROM laurel.redemptions WHERE user_id = tests.person('other')),
    'Mug declined f f t, Mug fulfilled t t f, Ticket fulfilled t t f', 'what comes in a state has its times');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.reward_vouchers WHERE user_id = tests.person('other')), 1::bigint, 'and its code');
SELECT is(pg_temp.account('other'), '880 0', 'and is paid');
SELECT is(tests.error_of(format('INSERT INTO laurel.redemptions (reward_id, user_id, quantity) SELECT %L, %L, 10 FROM generate_series(1, 4)', pg_temp.reward('Mug'), tests.person('admin'))), '23514 rewards_taken_check', 'several rows do not take more than there are');
SELECT is(tests.error_of(format('INSERT INTO laurel.redemptions (reward_id, user_id) SELECT %L, %L FROM generate_series(1, 4)', pg_temp.reward('Trip'), tests.person('admin'))), '23514 user_points_points_held_check', 'nor hold more');
SELECT is(tests.error_of(format('INSERT INTO laurel.redemptions (reward_id, user_id) SELECT %L, %L FROM generate_series(1, 3)', pg_temp.reward('Ticket'), tests.person('admin'))), '23514 redemptions_vouchers', 'nor get more codes');
SELECT is(tests.error_of(format('SELECT laurel.redeem(%L, 4, user_id => %L)', pg_temp.reward('Opera'), tests.person('admin'))), '23514 redemptions_vouchers', 'nor are more asked for than there are');
SELECT is(tests.told(format('SELECT laurel.redeem(%L, %s, user_id => %L)', pg_temp.reward('Coffee'), q, tests.person('learner'))), '23514 | new row for relation "redemptions" violates check constraint "redemptions_quantity_check" | redemptions_quantity_check', 'no such number: ' || q)
FROM unnest('{1001,9223372036854775807,-9223372036854775808}'::bigint[]) q;
SELECT is(tests.error_of(format('INSERT INTO laurel.rewards (name, price, %s) VALUES (''r'', 1, %L)', c, v)), '23514 rewards_' || c || '_check', c || ' is not ' || v)
FROM unnest('{available_from, available_until}'::text[]) c, unnest('{infinity, -infinity}'::text[]) v;
SELECT is(tests.error_of($$ INSERT INTO laurel.rewards (name, price, available_from, available_until) VALUES ('r', 1, now(), now()) $$), '23514 rewards_available_until_check', 'it ends after it has begun');
SELECT is(tests.error_of(format('INSERT INTO laurel.rewards (name, price) VALUES (''r'', %s)', p)), '23514 rewards_price_check', 'no price: ' || p) FROM unnest('{0,-1,1000000001}'::bigint[]) p;
SELECT is(tests.error_of(format('UPDATE laurel.rewards SET fulfilment = ''voucher'' WHERE name = ''Mug''')), '23001 rewards_fulfilment_immutable', 'a mug does not become a code');

INSERT INTO laurel.redemptions (reward_id, user_id, status, approved_at, fulfilled_at) VALUES (pg_temp.reward('Mug'), tests.person('other'), 'fulfilled', '2020-01-01', '2020-01-02');
SELECT is((SELECT count(*) FROM laurel.redemptions WHERE (approved_at, fulfilled_at) = ('2020-01-01', '2020-01-02')), 1::bigint, 'what comes with its times keeps them');
SELECT is(tests.error_of(format('INSERT INTO laurel.redemptions (reward_id, user_id, status, quantity) VALUES (%L, %L, ''declined'', 1000)', pg_temp.reward(r), tests.person('other'))), 'none', 'what was declined takes nothing of ' || r) FROM unnest('{Mug, Snow, Ticket}'::text[]) r;
SELECT is((SELECT count(*) FROM laurel.redemptions WHERE reward_name <> 'Coffee' AND limit_period IS NOT NULL), 0::bigint, 'where there is no limit nothing counts in one');
SELECT is(tests.error_of(format('INSERT INTO laurel.redemptions (reward_id, user_id, status) VALUES (%L, %L, ''lost'')', pg_temp.reward('Mug'), tests.person('other'))), '23514 redemptions_status_check', 'there is no other state');

-- Said twice.
SELECT redemption_id AS parcel FROM laurel.redeem(pg_temp.reward('Mug'), user_id => tests.person('other')) \gset
SELECT laurel.fulfil_redemption(:'parcel', 'P 1');
SELECT tests.act_as_admin();
SELECT redemption_id AS asked FROM laurel.redeem(pg_temp.reward('Trip')) \gset
SELECT tests.act_as_service();
SELECT laurel.cancel_redemption(:'asked');
SELECT redemption_id AS asked FROM laurel.redeem(pg_temp.reward('Trip'), user_id => tests.person('other')) \gset
SELECT tests.act_as_admin();
SELECT laurel.approve_redemption(:'asked');
SELECT tests.act_as_service();
SELECT laurel.fulfil_redemption(:'asked', 'P 9');
SELECT laurel.cancel_redemption(:'asked');
SELECT is((SELECT (decided_by = tests.person('admin')) || ' ' || fulfilment_reference FROM laurel.redemptions WHERE id = :'asked'), 'true P 9', 'what the back end does forgets neither who decided nor which parcel');
SELECT tests.act_as(tests.person('other'));
SELECT is(tests.error_of(format('SELECT laurel.cancel_redemption(%L)', id)), 'PT409 redemptions_status_steps', 'a member takes back no code either') FROM laurel.redemptions WHERE reward_name = 'Ticket' AND status = 'fulfilled';
SELECT tests.act_as_owner();
SELECT lives_ok(format('SELECT laurel.fulfil_redemption(%L, %L)', :'parcel', 'P 1'), 'who hands out says so as often as need be');
SELECT is(tests.told(format('SELECT laurel.fulfil_redemption(%L, %L)', :'parcel', 'P 2')), 'PT409 | the redemption cannot be fulfilled any more | It is fulfilled. | Read it again: somebody has decided meanwhile. | redemptions_status_steps', 'but no other parcel');
SELECT is(tests.told(format('SELECT laurel.cancel_redemption(%L)', id)), '23514 | who has a code has it | Where it is worth nothing, give the points back with laurel.record_points_transaction(). | redemptions_voucher_check', 'a code is not taken back') FROM laurel.redemptions WHERE reward_name = 'Ticket' AND status = 'fulfilled';
SELECT is(tests.error_of($$ UPDATE laurel.redemptions SET status = 'cancelled' WHERE reward_name = 'Ticket' $$), '23514 redemptions_voucher_check', 'by a row neither');

-- Accounts that become one: who decided on the other''s, limits that both used, keys that both had.
SAVEPOINT apart;
SELECT redemption_id AS decided FROM laurel.redeem(pg_temp.reward('Trip'), user_id => tests.person('other')) \gset
SELECT tests.act_as_admin();
SELECT laurel.approve_redemption(:'decided');
SELECT tests.act_as_owner();
SELECT laurel.redeem(pg_temp.reward('Coffee'), user_id => tests.person(p), idempotency_key => 'morning') FROM unnest('{other, admin}'::text[]) p;
SELECT is(tests.error_of(format('SELECT laurel.merge_users(%L, %L)', tests.person('other'), tests.person('admin'))), 'none', 'who decided on the other becomes him');
SELECT is((SELECT count(*) FROM laurel.redemptions WHERE reward_name = 'Coffee' AND user_id = tests.person('admin')), 2::bigint, 'with all that both had');
SELECT laurel.cancel_redemption(:'decided');
SELECT is_empty('SELECT * FROM laurel.check()', 'and all is sound');
ROLLBACK TO apart;

-- What the client's roles may write.
SELECT is((SELECT string_agg(concat_ws(' ', r, t, p, columns), '; ' ORDER BY r, t, p) FROM (
    SELECT r, c.relname AS t, p, string_agg(a.attname, ',' ORDER BY a.attnum) AS columns FROM unnest('{authenticated, service_role}'::text[]) r, unnest('{INSERT, UPDATE}'::text[]) p,
        pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.oid IN ('laurel.redemptions'::regclass, 'laurel.reward_vouchers'::regclass, 'laurel.point_holds'::regclass) AND has_column_privilege(r, c.oid, a.attname, p) AND NOT has_table_privilege(r, c.oid, p) GROUP BY r, c.relname, p
    UNION ALL SELECT r, c.relname, p, '*' FROM unnest('{authenticated, service_role, anon}'::text[]) r, unnest('{INSERT, UPDATE, DELETE, TRUNCATE}'::text[]) p, pg_class c
    WHERE c.oid IN ('laurel.redemptions'::regclass, 'laurel.reward_vouchers'::regclass, 'laurel.point_holds'::regclass) AND has_table_privilege(r, c.oid, p)) granted),
    'authenticated redemptions INSERT organization_id,reward_id,user_id,quantity,unit_price,note,idempotency_key; authenticated reward_vouchers INSERT id,organization_id,reward_id,code,valid_until; '
    'service_role redemptions INSERT *; service_role redemptions UPDATE *; service_role reward_vouchers INSERT *', 'nothing else is written by clients');
SELECT ok(NOT has_column_privilege('authenticated', 'laurel.rewards', 'taken', 'UPDATE') AND NOT has_column_privilege('authenticated', 'laurel.rewards', 'fulfilment', 'UPDATE'), 'nor what is counted');

-- Triggers of the application.
CREATE FUNCTION pg_temp.nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE FUNCTION pg_temp.less() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.amount := 1; RETURN NEW; END $$;
CREATE FUNCTION pg_temp.end_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE laurel.redemptions SET status = 'cancelled' WHERE id = NEW.id AND status <> 'cancelled'; RETURN NULL; END $$;
CREATE FUNCTION pg_temp.twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.quantity := 2; NEW.unit_price := 1; RETURN NEW; END $$;
SAVEPOINT without;
CREATE TRIGGER zz BEFORE INSERT ON laurel.point_holds FOR EACH ROW EXECUTE FUNCTION pg_temp.nothing();
SELECT is(tests.error_of(format('SELECT laurel.redeem(%L, user_id => %L)', pg_temp.reward('Trip'), tests.person('admin'))), '39P01', 'there is no request without its hold');
ROLLBACK TO without;
CREATE TRIGGER zz BEFORE INSERT ON laurel.point_holds FOR EACH ROW EXECUTE FUNCTION pg_temp.less();
SELECT redemption_id AS less FROM laurel.redeem(pg_temp.reward('Trip'), user_id => tests.person('admin')) \gset
SELECT is(tests.error_of(format('SELECT laurel.approve_redemption(%L)', :'less')), 'PT409 redemptions_held', 'nor is it paid with a smaller one');
SELECT laurel.decline_redemption(:'less');
SELECT is(pg_temp.account('admin'), '900 0', 'which is free again');
ROLLBACK TO without;
CREATE TRIGGER a_end AFTER INSERT ON laurel.redemptions FOR EACH ROW EXECUTE FUNCTION pg_temp.end_it();
SELECT is(tests.error_of(format('SELECT laurel.redeem(%L, user_id => %L)', pg_temp.reward(r), tests.person('admin'))), '39P01', 'what is cancelled before it is settled: ' || r) FROM unnest('{Trip, Ticket}'::text[]) r;
SELECT tests.error_of(format('SELECT laurel.redeem(%L, user_id => %L)', pg_temp.reward('Mug'), tests.person('admin')));
SELECT is(pg_temp.account('admin'), '900 0', 'costs nothing');
ROLLBACK TO without;
CREATE TRIGGER zz_end AFTER INSERT ON laurel.redemptions FOR EACH ROW EXECUTE FUNCTION pg_temp.end_it();
SELECT tests.error_of(format('SELECT laurel.redeem(%L, user_id => %L)', pg_temp.reward(r), tests.person('admin'))) FROM unnest('{Mug, Trip}'::text[]) r;
SELECT is(pg_temp.account('admin'), '900 0', 'nor afterwards');
ROLLBACK TO without;
CREATE TRIGGER zz_twice BEFORE INSERT ON laurel.redemptions FOR EACH ROW EXECUTE FUNCTION pg_temp.twice();
SELECT laurel.redeem(pg_temp.reward('Mug'), user_id => tests.person('admin'));
SELECT is(pg_temp.account('admin') || ' ' || pg_temp.taken('Mug'), '898 0 6', 'what a trigger changes is what is paid and counted');
ROLLBACK TO without;
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON laurel.redemptions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.end_it();
SELECT laurel.redeem(pg_temp.reward(r), user_id => tests.person('admin')) FROM unnest('{Mug, Trip}'::text[]) r;
SELECT is(pg_temp.account('admin'), '800 300', 'what is taken back when the transaction ends');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is(pg_temp.account('admin'), '900 0', 'is back then');
ROLLBACK TO without;
CREATE FUNCTION pg_temp.undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.status := OLD.status; RETURN NEW; END $$;
CREATE TRIGGER zz BEFORE UPDATE ON laurel.redemptions FOR EACH ROW EXECUTE FUNCTION pg_temp.undo();
SELECT is(tests.error_of(format('SELECT laurel.fulfil_redemption(%L)', :'own')), '39P01', 'a decision that a trigger undoes is none');
ROLLBACK TO without;
CREATE TRIGGER zz BEFORE INSERT ON laurel.redemptions FOR EACH ROW EXECUTE FUNCTION pg_temp.nothing();
SELECT is(tests.error_of(format('SELECT laurel.redeem(%L, user_id => %L)', pg_temp.reward('Mug'), tests.person('admin'))), '39P01', 'nor is a redemption that one drops');
ROLLBACK TO without;
CREATE FUNCTION pg_temp.annotate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE laurel.redemptions SET note = 'seen' WHERE id = NEW.id; RETURN NULL; END $$;
CREATE TRIGGER a_note AFTER INSERT ON laurel.redemptions FOR EACH ROW EXECUTE FUNCTION pg_temp.annotate();
SELECT redemption_id AS noted FROM laurel.redeem(pg_temp.reward('Ticket'), user_id => tests.person('admin')) \gset
SELECT is((SELECT count(*) FROM laurel.voucher_codes(:'noted')), 1::bigint, 'what is written meanwhile brings no second code');
ROLLBACK TO without;
SELECT redemption_id AS freed FROM laurel.redeem(pg_temp.reward('Trip'), user_id => tests.person('admin')) \gset
UPDATE laurel.point_holds SET status = 'released' WHERE reference_id = :'freed';
SELECT is(tests.error_of(format('SELECT laurel.approve_redemption(%L)', :'freed')), 'PT409 redemptions_held', 'what is held no more is not paid');
SELECT lives_ok(format('SELECT laurel.decline_redemption(%L)', :'freed'), 'but declined');
ROLLBACK TO without;
SELECT redemption_id AS old FROM laurel.redeem(pg_temp.reward('Mug'), user_id => tests.person('admin')) \gset
SET LOCAL session_replication_role = replica;
UPDATE laurel.points_ledger SET reference_id = laurel.uuidv7() WHERE reference_id = :'old';
SET LOCAL session_replication_role = origin;
SELECT laurel.cancel_redemption(:'old');
SELECT is(pg_temp.account('admin'), '900 0', 'points come back where the entry is not kept any more');
ROLLBACK TO without;
CREATE TRIGGER zz BEFORE UPDATE ON laurel.reward_vouchers FOR EACH ROW EXECUTE FUNCTION pg_temp.nothing();
SELECT is(tests.error_of(format('SELECT laurel.redeem(%L, user_id => %L)', pg_temp.reward('Ticket'), tests.person('admin'))), '23514 redemptions_vouchers', 'no code, no points');
ROLLBACK TO without;
CREATE TRIGGER zz BEFORE UPDATE ON laurel.redemptions FOR EACH ROW EXECUTE FUNCTION pg_temp.nothing();
SELECT is(tests.error_of(format('SELECT laurel.fulfil_redemption(%L)', :'own')), 'PT409 redemptions_status_steps', 'nothing is decided where nothing is written');
ROLLBACK TO without;
SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger too');
SELECT * FROM finish();
ROLLBACK;
