-- Rewards: what is redeemed, at which price, how many, by whom; what is approved, declined, handed out and taken back.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
SELECT no_plan();

SELECT tests.cast('admin', 'learner', 'other', 'bolt_admin', 'bolt_learner');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES
    (tests.person('learner'), 1000, 'bonus', 'start'), (tests.person('other'), 100, 'bonus', 'start'), (tests.person('admin'), 500, 'bonus', 'start');
CREATE FUNCTION pg_temp.account(name text DEFAULT 'learner') RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT total_points || ' ' || points_held FROM laurel.user_points WHERE user_id = tests.person(name) $$;
CREATE FUNCTION pg_temp.reward(named text) RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$ SELECT id FROM laurel.rewards WHERE name = named $$;
CREATE FUNCTION pg_temp.taken(named text) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT taken FROM laurel.rewards WHERE name = named $$;
CREATE FUNCTION pg_temp.last() RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$ SELECT id FROM laurel.redemptions ORDER BY id DESC LIMIT 1 $$;
CREATE FUNCTION pg_temp.status() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT status FROM laurel.redemptions ORDER BY id DESC LIMIT 1 $$;

CREATE FUNCTION pg_temp.said(kind text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT string_agg(concat_ws(': ', title, message), ', ') FROM laurel.notifications WHERE type = kind $$;

-- The catalogue.
SELECT tests.act_as_admin();
INSERT INTO laurel.rewards (name, price, stock) VALUES ('Mug', 100, 3);
INSERT INTO laurel.rewards (name, price, stock, needs_approval) VALUES ('Trip', 300, 5, true);
INSERT INTO laurel.rewards (name, price, limit_per_member, limit_period) VALUES ('Coffee', 10, 2, 'month'), ('Statue', 10, 1, 'forever');
INSERT INTO laurel.rewards (name, price, tier_required) VALUES ('Throne', 10, 'platinum'), ('Stool', 10, 'silver');
INSERT INTO laurel.rewards (name, price, available_from, available_until) VALUES ('Snow', 10, now() + interval '1 day', now() + interval '2 days'), ('Past', 10, NULL, now() - interval '1 day');
INSERT INTO laurel.rewards (name, price) VALUES ('Yacht', 2000);
INSERT INTO laurel.rewards (name, price, status) VALUES ('Secret', 10, 'draft');
INSERT INTO laurel.rewards (name, price, fulfilment) VALUES ('Ticket', 20, 'voucher');
SELECT is((SELECT count(*) FROM laurel.rewards), 11::bigint, 'who administers sees all rewards');
SELECT tests.act_as_learner();
SELECT is((SELECT string_agg(name, ' ' ORDER BY name) FROM laurel.rewards), 'Coffee Mug Statue Stool Throne Ticket Trip Yacht', 'members see what they may have');
SELECT is(tests.error_of($$ INSERT INTO laurel.rewards (name, price) VALUES ('Mine', 1) $$), '42501', 'and write none');

-- Redeemed at once.
SELECT is((SELECT (status, points, unit_price, is_new)::text FROM laurel.redeem(pg_temp.reward('Mug'), idempotency_key => 'k', expected_price => 100, note => 'Blue, please')), '(approved,100,100,t)', 'a reward is redeemed');
SELECT is((SELECT (status, points, unit_price, is_new)::text FROM laurel.redeem(pg_temp.reward('Mug'), idempotency_key => 'k', expected_price => 100, note => 'Blue, please')), '(approved,100,100,f)', 'once, however often it is asked for');
SELECT is(tests.error_of($$ SELECT laurel.redeem(pg_temp.reward('Mug'), 2, 'k') $$), 'PT409 redemptions_idempotency_key', 'a key says one thing');
SELECT is(pg_temp.account(), '900 0', 'it is paid');
SELECT is((SELECT (amount, transaction_type, reason, reference_type, reference_id = pg_temp.last())::text FROM laurel.points_ledger WHERE amount < 0), '(-100,reward_redeemed,Mug,Redemption,t)', 'by an entry that says what for');
SELECT is((SELECT (type, title, link = '/redemptions/' || pg_temp.last())::text FROM laurel.notifications), '(reward_redeemed,"You redeemed Mug",t)', 'the member is told');
SELECT is((SELECT string_agg(type || ' ' || (data ->> 'quantity'), ', ') FROM laurel.domain_events WHERE type LIKE 'reward%'), 'reward_redeemed 1', 'and rules may hear of it');
SELECT is(pg_temp.taken('Mug'), 1::bigint, 'one is taken');
SELECT is(tests.told($$ SELECT laurel.redeem(pg_temp.reward('Mug'), 3) $$), '23514 | there are not as many left of the reward | There are 3, 1 are taken, 3 were asked for. | Ask for fewer, or later. | redemptions_stock', 'no more than there are');
SELECT is(tests.told($$ SELECT laurel.redeem(pg_temp.reward('Mug'), expected_price => 90) $$),
    'PT409 | the price of the reward has changed | It is 100 points by now, 90 were expected. | Read the reward again, and ask whether it is still wanted. | redemptions_unit_price', 'at no other price than is expected');
SELECT is(tests.error_of($$ SELECT laurel.redeem(pg_temp.reward('Trip'), 4) $$), '23514 user_points_points_held_check', 'not for more points than there are');
SELECT is(tests.error_of($$ SELECT laurel.redeem(pg_temp.reward('Yacht')) $$), '23514 user_points_total_points_check', 'nor where they are paid at once');
SELECT is(tests.told($$ SELECT laurel.redeem(pg_temp.reward('Throne')) $$), '23514 | the reward is for members of a higher tier | It is for platinum and above. | redemptions_tier_required', 'not below its tier');
SELECT lives_ok($$ SELECT laurel.redeem(pg_temp.reward('Stool')) $$, 'but at it');
SELECT laurel.cancel_redemption(pg_temp.last()) FROM (SELECT tests.act_as_service()) s;
SELECT tests.act_as_learner();
SELECT is(tests.error_of(format('SELECT laurel.redeem(%L)', pg_temp.reward(r))), '23514 redemptions_window', r || ' is not available') FROM unnest('{Snow, Past}'::text[]) r;
SELECT is(tests.told($$ SELECT laurel.redeem(pg_temp.reward('Secret')) $$),
    '23514 | the reward is not available now | Read laurel.rewards again: a member sees there what is to be had now. | redemptions_reward_id_required', 'nor what is a draft, of which nothing is said');
SELECT is(tests.error_of(format('SELECT laurel.redeem(pg_temp.reward(''Mug''), %s)', q)), '23514 redemptions_quantity_check', 'nor ' || q) FROM unnest('{0,-1}'::int[]) q;
SELECT is(pg_temp.account(), '900 0', 'what is refused changes nothing');
SELECT is(tests.error_of('SELECT laurel.redeem(NULL)'), '22004', 'nothing');
SELECT is(tests.error_of(format('SELECT laurel.redeem(%L)', laurel.uuidv7())), '23503 redemptions_reward_id_fkey', 'what there is not');
SELECT is(tests.error_of(format('SELECT laurel.redeem(pg_temp.reward(''Mug''), user_id => %L)', tests.person('other'))), '42501', 'for somebody else');

-- Limits of each member.
SELECT laurel.redeem(pg_temp.reward('Coffee'), 2);
SELECT is(tests.error_of($$ SELECT laurel.redeem(pg_temp.reward('Coffee')) $$), 'PT429 redemptions_redemptions_month_quota', 'a limit of a month');
SELECT laurel.redeem(pg_temp.reward('Statue'));
SELECT is(tests.error_of($$ SELECT laurel.redeem(pg_temp.reward('Statue')) $$), '23514 redemptions_redemptions_forever_quota', 'and one for ever');
SELECT is(pg_temp.account(), '870 0', 'leave the points');

-- A plain row meets the same rules.
SELECT is(tests.error_of(format($$ INSERT INTO laurel.redemptions (reward_id, user_id) VALUES (%L, %L) $$, pg_temp.reward('Coffee'), tests.person('learner'))), 'PT429 redemptions_redemptions_month_quota', 'a row, the limit');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.redemptions (reward_id, user_id, quantity) VALUES (%L, %L, 3) $$, pg_temp.reward('Mug'), tests.person('learner'))), '23514 redemptions_stock', 'the stock');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.redemptions (reward_id, user_id, unit_price) VALUES (%L, %L, 1) $$, pg_temp.reward('Mug'), tests.person('learner'))), 'PT409 redemptions_unit_price', 'the price');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.redemptions (reward_id, user_id) VALUES (%L, %L) $$, pg_temp.reward('Mug'), tests.person('other'))), '42501', 'nobody redeems for others');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.redemptions (reward_id, user_id, status) VALUES (%L, %L, 'fulfilled') $$, pg_temp.reward('Mug'), tests.person('learner'))), '42501', 'or says that it is handed out');
INSERT INTO laurel.redemptions (reward_id, user_id) VALUES (pg_temp.reward('Mug'), tests.person('learner'));
SELECT is(pg_temp.account() || ' ' || pg_temp.taken('Mug'), '770 0 2', 'what may be is paid and counted');
SELECT is(tests.error_of($$ UPDATE laurel.redemptions SET quantity = 1 $$), '42501', 'and not written again');

-- Approval.
SELECT is((SELECT (status, points)::text FROM laurel.redeem(pg_temp.reward('Trip'), 2, note => 'In May')), '(requested,600)', 'a request waits');
SELECT pg_temp.last() AS trip \gset
SELECT is(pg_temp.account(), '770 600', 'its points are held');
SELECT is(tests.error_of($$ SELECT laurel.redeem(pg_temp.reward('Trip')) $$), '23514 user_points_points_held_check', 'and are not there twice');
SELECT is(tests.error_of(format('SELECT laurel.approve_redemption(%L)', :'trip')), '42501', 'members approve nothing');
SELECT tests.act_as_admin();
SELECT is((SELECT string_agg(concat_ws(': ', title, message), ', ') FROM laurel.notifications WHERE user_id = tests.person('admin') AND type = 'redemption_waiting'), 'Trip waits for your approval', 'who administers is told, not what the member says');
SELECT is(tests.error_of((SELECT format('SELECT laurel.capture_hold(%L)', id) FROM laurel.point_holds WHERE reference_id = :'trip')), '23514 point_holds_of_redemption', 'its hold is not taken by itself');
SELECT is(tests.error_of((SELECT format('SELECT laurel.release_hold(%L)', id) FROM laurel.point_holds WHERE reference_id = :'trip')), '23514 point_holds_of_redemption', 'nor released');
UPDATE laurel.rewards SET price = 1 WHERE name = 'Trip';
SELECT laurel.approve_redemption(:'trip', 'Enjoy');
SELECT is(pg_temp.account(), '170 0', 'approved, it is paid at the price of then');
SELECT is((SELECT (type, data - 'hold_id' - 'redemption_id' - 'reward_id')::text FROM laurel.domain_events WHERE data ? 'hold_id'), '(reward_redeemed,"{""points"": 600, ""quantity"": 2, ""fulfilment"": ""manual""}")', 'with the event of the others');
SELECT is(tests.error_of(format('SELECT laurel.approve_redemption(%L)', :'trip')), 'PT409 redemptions_status_steps', 'once');
SELECT is(tests.error_of(format('SELECT laurel.decline_redemption(%L)', :'trip')), 'PT409 redemptions_status_steps', 'and is not declined any more');
SELECT laurel.fulfil_redemption(:'trip', 'Parcel 7');
SELECT is((SELECT (status, fulfilment_reference, decided_by = tests.person('admin'), fulfilled_at IS NOT NULL)::text FROM laurel.redemptions WHERE id = :'trip'), '(fulfilled,"Parcel 7",t,t)', 'it is handed out');
SELECT tests.act_as_learner();
SELECT is((SELECT string_agg(title || coalesce(': ' || message, ''), ', ' ORDER BY created_at, id) FROM laurel.notifications WHERE data ->> 'redemption_id' = :'trip'), 'Trip was approved: Enjoy, Trip is yours: Enjoy', 'the member is told of both');
SELECT is(tests.error_of(format('SELECT laurel.cancel_redemption(%L)', :'trip')), 'PT409 redemptions_status_steps', 'and does not take it back any more');
SELECT tests.act_as_admin();
SELECT laurel.cancel_redemption(:'trip', 'Sent back');
SELECT is(pg_temp.account() || ' ' || pg_temp.taken('Trip'), '770 0 0', 'who administers does: points and stock are back');
SELECT is((SELECT lifetime_points FROM laurel.user_points WHERE user_id = tests.person('learner')), 1000::bigint, 'and nobody has earned them');
SELECT is(tests.error_of(format('SELECT laurel.cancel_redemption(%L)', :'trip')), 'PT409 redemptions_status_steps', 'a refund of a refund is refused');
SELECT is(tests.error_of((SELECT format('SELECT laurel.reverse_points_transaction(%L)', id) FROM laurel.points_ledger WHERE transaction_type = 'reward_refunded' AND reason = 'Trip')), '23503 points_ledger_reverses_id_fkey', 'in the ledger too');

-- Declined and withdrawn.
SELECT tests.act_as_learner();
SELECT laurel.redeem(pg_temp.reward('Trip'), 5);
SELECT is(pg_temp.account() || ' ' || pg_temp.taken('Trip'), '770 5 5', 'a request takes stock');
SELECT laurel.cancel_redemption(pg_temp.last());
SELECT is(pg_temp.account() || ' ' || pg_temp.taken('Trip') || ' ' || pg_temp.status(), '770 0 0 cancelled', 'who has asked takes it back');
SELECT laurel.redeem(pg_temp.reward('Trip'));
SELECT tests.act_as_admin();
SELECT laurel.decline_redemption(pg_temp.last(), 'Not this year');
SELECT is(pg_temp.account() || ' ' || pg_temp.taken('Trip') || ' ' || pg_temp.status(), '770 0 0 declined', 'declined, all is as before');
SELECT is((SELECT string_agg(status, ' ' ORDER BY status) FROM laurel.point_holds), 'captured released released', 'holds are what became of them');
SELECT is(pg_temp.said('reward_declined'), 'Trip was declined: Not this year', 'the member is told why');
SELECT laurel.redeem(pg_temp.reward('Trip'), user_id => tests.person('admin'));
SELECT is(tests.error_of(format('SELECT laurel.approve_redemption(%L)', pg_temp.last())), '42501', 'nobody approves his own');
SELECT laurel.cancel_redemption(pg_temp.last());

-- A limit is given back.
SELECT tests.act_as_service();
SELECT laurel.cancel_redemption(id) FROM laurel.redemptions WHERE reward_name = 'Statue';
SELECT tests.act_as_learner();
SELECT lives_ok($$ SELECT laurel.redeem(pg_temp.reward('Statue')) $$, 'what was cancelled counts in no limit');

-- Archived with open requests.
SELECT laurel.redeem(pg_temp.reward('Trip'));
SELECT pg_temp.last() AS open \gset
SELECT tests.act_as_admin();
DELETE FROM laurel.rewards WHERE name = 'Trip';
SELECT is((SELECT status FROM laurel.rewards WHERE name = 'Trip'), 'archived', 'a reward that is deleted is archived');
SELECT laurel.approve_redemption(:'open');
SELECT is(pg_temp.status(), 'approved', 'what was asked for goes on');
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ SELECT laurel.redeem(pg_temp.reward('Trip')) $$), '23514 redemptions_reward_id_required', 'and nothing more');
SELECT tests.act_as_owner();
SELECT pg_temp.taken('Mug') AS taken \gset
SELECT tests.act_as_admin();
SELECT is(tests.told(format($$ UPDATE laurel.rewards SET stock = %s WHERE name = 'Mug' $$, :taken - 1)), format('23514 | the stock of a reward is no less than what is taken of it | %s are taken, stock would be %s. | Set stock to what is taken, and nobody gets more; cancelled redemptions give theirs back. | rewards_taken_check', :taken, :taken - 1), 'there are no fewer than are taken');
UPDATE laurel.rewards SET stock = NULL WHERE name = 'Mug';
SELECT is(tests.error_of(format($$ UPDATE laurel.rewards SET stock = %s WHERE name = 'Mug' $$, :taken - 1)), '23514 rewards_taken_check', 'also where there was no stock');
UPDATE laurel.rewards SET stock = taken WHERE name = 'Mug';
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ SELECT laurel.redeem(pg_temp.reward('Mug')) $$), '23514 redemptions_stock', 'as many as are taken are enough');
SELECT tests.act_as_owner();
UPDATE laurel.rewards SET stock = stock + 10 WHERE name = 'Mug';
SELECT is(tests.error_of($$ UPDATE laurel.rewards SET taken = 0 WHERE name = 'Mug' $$), '23001 rewards_taken_follows', 'which nobody writes');

-- Codes.
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ SELECT laurel.redeem(pg_temp.reward('Ticket')) $$), '23514 redemptions_vouchers', 'without codes there is nothing');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ INSERT INTO laurel.reward_vouchers (reward_id, code) VALUES (pg_temp.reward('Ticket'), 'A'), (pg_temp.reward('Ticket'), 'A') $$), '23505 reward_vouchers_code_key', 'a file with one code twice');
SELECT is((SELECT vouchers_left FROM laurel.rewards WHERE name = 'Ticket'), 0::bigint, 'brings nothing');
SELECT is(tests.error_of($$ INSERT INTO laurel.reward_vouchers (reward_id, code) VALUES (pg_temp.reward('Mug'), 'A') $$), '23514 reward_vouchers_reward_id_required', 'a mug has no codes');
SELECT is(tests.error_of($$ INSERT INTO laurel.reward_vouchers (reward_id, code) VALUES (pg_temp.reward('Ticket'), ' A') $$), '23514 reward_vouchers_code_check', 'a code has no blanks around it');
INSERT INTO laurel.reward_vouchers (reward_id, code, valid_until) VALUES (pg_temp.reward('Ticket'), 'OLD', now() - interval '1 day'), (pg_temp.reward('Ticket'), 'B', NULL), (pg_temp.reward('Ticket'), 'A', now() + interval '1 day'), (pg_temp.reward('Ticket'), 'C', NULL);
SELECT tests.act_as_learner();
SELECT is((SELECT status FROM laurel.redeem(pg_temp.reward('Ticket'), 2)), 'fulfilled', 'a code is handed out at once');
SELECT is((SELECT string_agg(code, ' ' ORDER BY code) FROM laurel.reward_vouchers), 'A B', 'what is valid for the shortest time first; its member reads it');
SELECT is(tests.error_of($$ SELECT laurel.redeem(pg_temp.reward('Ticket'), 2) $$), '23514 redemptions_vouchers', 'what is not valid any more is not handed out');
SELECT is(tests.error_of(format('SELECT laurel.voucher_codes(%L)', pg_temp.last())), '42501', 'the function is for the back end');
SELECT tests.act_as_admin();
SELECT is((SELECT count(*) FROM laurel.reward_vouchers), 0::bigint, 'who administers reads no code');
SELECT is(tests.error_of(format('SELECT laurel.cancel_redemption(%L)', pg_temp.last())), '23514 redemptions_voucher_check', 'and takes none back');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT count(*) FROM laurel.reward_vouchers) + (SELECT count(*) FROM laurel.redemptions), 0::bigint, 'nor do others see what somebody has');
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is(tests.error_of(format('SELECT laurel.redeem(%L)', pg_temp.reward('Mug'))), '23503 redemptions_reward_id_fkey', 'nor are rewards those of other organizations');
SELECT tests.act_as(tests.person('bolt_admin'));
SELECT is(tests.error_of(format('SELECT laurel.cancel_redemption(%L)', pg_temp.last())), '42501', 'whose administrators decide nothing');
SELECT tests.act_as_service();
SELECT is((SELECT string_agg(code, ' ' ORDER BY code) FROM laurel.voucher_codes(pg_temp.last())), 'A B', 'the back end reads codes by a function');
SELECT is(tests.error_of('SELECT code FROM laurel.reward_vouchers'), '42501', 'and no other way');

-- Merged, erased, gone.
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.audit_log WHERE table_name = 'laurel.redemptions' AND after ->> 'status' = 'declined' AND actor_id = tests.person('admin')), 1::bigint, 'what is decided is written down');
SELECT is((SELECT string_agg(concat_ws(' ', before ->> 'price', after ->> 'price'), ', ') FROM laurel.audit_log WHERE table_name = 'laurel.rewards' AND after ? 'price'), '300 1', 'and so are prices, not what is taken');
UPDATE laurel.rewards SET needs_approval = true, price = 40 WHERE name = 'Mug';
SELECT laurel.redeem(pg_temp.reward('Mug'), user_id => tests.person('other'));
SELECT pg_temp.last() AS moved \gset
SELECT is(pg_temp.account('other') || ' ' || pg_temp.taken('Mug'), '100 40 3', 'somebody has asked');
SELECT is((SELECT points FROM laurel.merge_users(tests.person('other'), tests.person('learner'))), 100::bigint, 'and becomes somebody else');
SELECT is(tests.error_of(format('SELECT laurel.approve_redemption(%L)', :'moved')), 'none', 'who gets it');
SELECT is((SELECT user_id FROM laurel.redemptions WHERE id = :'moved'), tests.person('learner'), 'and has it');
UPDATE laurel.rewards SET stock = 9 WHERE name = 'Mug';
SELECT laurel.redeem(pg_temp.reward('Mug'), user_id => tests.person('learner'));
INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days) VALUES (tests.acme(), 0);
SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound before');
SELECT ok(laurel_internal.erase_request(laurel.erase_user(tests.person('learner'))), 'who is erased');
SELECT is((SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM laurel.redemptions WHERE user_id = tests.person('learner')), 'cancelled declined fulfilled', 'has asked for nothing any more');
SELECT is((SELECT points_held FROM laurel.user_points WHERE user_id = tests.person('learner')), 0::bigint, 'and has nothing held');
SELECT is(pg_temp.taken('Mug'), 0::bigint, 'stock is back');
SELECT is((SELECT count(*) FROM laurel.redemptions WHERE note IS NOT NULL), 0::bigint, 'words are gone');
SELECT laurel.redeem(pg_temp.reward('Mug'), user_id => tests.person('admin'));
DELETE FROM laurel.users WHERE id = tests.person('admin');
SELECT is((SELECT string_agg(status || ' ' || coalesce(user_id::text, 'nobody'), ', ') FROM laurel.redemptions WHERE id = pg_temp.last()), 'cancelled nobody', 'who has left gets nothing');
SELECT is(pg_temp.taken('Mug'), 0::bigint, 'and others may have it');
SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger too');

-- A redemption that lost its member past the triggers.
INSERT INTO laurel.users (organization_id, email) VALUES (tests.acme(), 'late@acme.test') RETURNING id AS late \gset
SELECT laurel.record_points_transaction(:'late', 100, 'gift', reason => 'r') IS NOT NULL;
UPDATE laurel.rewards SET needs_approval = true, limit_per_member = NULL WHERE name = 'Ticket';
INSERT INTO laurel.reward_vouchers (reward_id, code) VALUES (pg_temp.reward('Ticket'), 'Z');
SELECT laurel.redeem(pg_temp.reward('Ticket'), user_id => :'late');
SELECT pg_temp.last() AS lost \gset
SET LOCAL session_replication_role = replica;
UPDATE laurel.redemptions SET user_id = NULL WHERE id = :'lost';
SET LOCAL session_replication_role = origin;
SELECT is(tests.error_of(format('SELECT laurel.approve_redemption(%L)', :'lost')), '23502', 'nobody gets no code');
SELECT * FROM finish();
ROLLBACK;
