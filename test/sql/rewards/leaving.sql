-- Members who leave: what they asked for and have not got is cancelled, and its points are in the account with which they end.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('admin', 'learner', 'other');
INSERT INTO laurel.organizations (id, name) VALUES ('c0000000-0000-0000-0000-000000000000', 'Club') RETURNING id AS club \gset
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (:'club', tests.person('learner')), (:'club', tests.person('other'));
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
SELECT :'club', tests.person(p), 1000, 'bonus', 'start' FROM unnest('{learner, other}'::text[]) p;
INSERT INTO laurel.rewards (organization_id, name, price, stock, needs_approval, limit_per_member, fulfilment) VALUES
    (:'club', 'Trip', 300, 5, true, 1, 'manual'), (:'club', 'Mug', 100, 3, false, NULL, 'manual'), (:'club', 'Ticket', 20, NULL, false, NULL, 'voucher');
INSERT INTO laurel.reward_vouchers (organization_id, reward_id, code) SELECT :'club', id, 'A' FROM laurel.rewards WHERE name = 'Ticket';
CREATE FUNCTION pg_temp.reward(named text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM laurel.rewards WHERE name = named $$;
SELECT laurel.redeem(pg_temp.reward('Mug'), user_id => tests.person('learner'));
SELECT laurel.fulfil_redemption(id, 'Parcel 1') FROM laurel.redemptions;
SELECT laurel.redeem(pg_temp.reward(name), user_id => tests.person('learner')) FROM unnest('{Trip, Mug, Ticket}'::text[]) name;
SELECT laurel.redeem(pg_temp.reward('Trip'), user_id => tests.person('other'));
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES (tests.acme(), tests.person('learner'), 50, 'bonus', 'start');
INSERT INTO laurel.rewards (organization_id, name, price, needs_approval) VALUES (tests.acme(), 'Lunch', 10, true);
SELECT laurel.redeem(pg_temp.reward('Lunch'), user_id => tests.person('learner'));
SELECT tests.act_as(tests.person('learner'));
SELECT is(tests.error_of(format('SELECT laurel.cancel_redemption(%L)', (SELECT id FROM laurel.redemptions WHERE reward_name = 'Trip'))), '22004', 'who acts in one organization does not see what he has asked for in another');
SELECT tests.act_as_owner();
SELECT id AS trip FROM laurel.redemptions WHERE reward_name = 'Trip' AND user_id = tests.person('learner') \gset
SELECT tests.act_as(tests.person('learner'));
SELECT is(tests.error_of(format('SELECT laurel.cancel_redemption(%L)', :'trip')), '42501', 'nor takes it back');
SELECT tests.act_as_owner();
SELECT is((SELECT total_points || ' ' || points_held FROM laurel.user_points WHERE organization_id = :'club' AND user_id = tests.person('learner')), '780 300', 'somebody has asked for some things');

DELETE FROM laurel.user_organizations WHERE organization_id = :'club' AND user_id = tests.person('learner');
SELECT is((SELECT string_agg(concat_ws(' ', reward_name, status, ended_at IS NOT NULL, coalesce(user_id::text, 'nobody')), ', ' ORDER BY reward_name, status) FROM laurel.redemptions WHERE organization_id = :'club' AND user_id IS DISTINCT FROM tests.person('other')),
    'Mug cancelled t nobody, Mug fulfilled f nobody, Ticket fulfilled f nobody, Trip cancelled t nobody', 'who leaves gets nothing that was not handed out, and keeps what was');
SELECT is((SELECT string_agg(name || ' ' || taken, ', ' ORDER BY name) FROM laurel.rewards WHERE organization_id = :'club'), 'Mug 1, Ticket 1, Trip 1', 'others may have it');
SELECT is((SELECT string_agg(amount || ' ' || balance_after, ', ' ORDER BY entry_no) FROM laurel.points_ledger WHERE organization_id = :'club' AND user_id = tests.person('learner')),
    '1000 1000, -100 900, -100 800, -20 780, 100 880', 'what was paid for it is back when the account ends');
SELECT is((SELECT count(*) FROM laurel.audit_log WHERE table_name = 'laurel.redemptions' AND after ->> 'status' = 'cancelled'), 2::bigint, 'it is written down');
SELECT is((SELECT count(*) FROM laurel.point_holds WHERE organization_id = :'club' AND user_id = tests.person('learner')), 0::bigint, 'nothing is held');
SELECT is((SELECT string_agg(status || ' ' || (user_id IS NOT DISTINCT FROM NULL), ', ') FROM laurel.reward_vouchers), 'handed true', 'a code that was handed out is nobody else''s');
SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger too');

SELECT laurel.cancel_redemption(id, 'Sent back') FROM laurel.redemptions WHERE status = 'fulfilled' AND fulfilment = 'manual';
SELECT is((SELECT string_agg(name || ' ' || taken, ', ' ORDER BY name) FROM laurel.rewards WHERE organization_id = :'club'), 'Mug 0, Ticket 1, Trip 1', 'what somebody who has left sends back is there again');
SELECT is((SELECT string_agg(status, ', ') FROM laurel.redemptions WHERE organization_id = tests.acme()), 'requested', 'in other organizations nothing has changed');

INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (:'club', tests.person('learner'));
SELECT is((SELECT total_points || ' ' || points_held FROM laurel.user_points WHERE organization_id = :'club' AND user_id = tests.person('learner')), '880 0', 'who comes back has the points');
SELECT is((SELECT status FROM laurel.redeem(pg_temp.reward('Trip'), user_id => tests.person('learner'))), 'requested', 'and has used up no limit with what was cancelled');

-- Who decided leaves: what was decided stays so.
SELECT laurel.set_context(tests.person('other'), organization_id => :'club');
SELECT is(tests.error_of(format('DELETE FROM laurel.user_organizations WHERE organization_id = %L AND user_id = %L', :'club', tests.person('other'))), 'none', 'several leave');
SELECT is((SELECT count(*) FROM laurel.redemptions WHERE organization_id = :'club' AND status = 'requested'), 1::bigint, 'one is left');

-- The organization goes with all of it.
DELETE FROM laurel.organizations WHERE id = :'club';
SELECT is((SELECT (SELECT count(*) FROM laurel.redemptions WHERE organization_id = :'club') + (SELECT count(*) FROM laurel.rewards WHERE organization_id = :'club') + (SELECT count(*) FROM laurel.reward_vouchers) + (SELECT count(*) FROM laurel.point_holds WHERE organization_id = :'club')), 0::bigint, 'an organization goes with its rewards and what was asked for');
SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound then');
SELECT * FROM finish();
ROLLBACK;
