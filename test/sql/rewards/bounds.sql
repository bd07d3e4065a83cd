-- What values may be, of rewards, redemptions, codes and holds: each constraint refuses what is beyond it.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('admin', 'learner', 'bolt_admin');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('learner'), 1000, 'bonus', 'start');
SELECT tests.act_as_admin();
INSERT INTO laurel.rewards (name, price, needs_approval) VALUES ('Trip', 10, true);
INSERT INTO laurel.rewards (name, price, fulfilment) VALUES ('Ticket', 10, 'voucher');
INSERT INTO laurel.reward_vouchers (reward_id, code) SELECT id, 'A' FROM laurel.rewards WHERE name = 'Ticket';
SELECT tests.act_as_owner();
SELECT laurel.redeem(id, user_id => tests.person('learner')) FROM laurel.rewards WHERE name = 'Trip';
SELECT laurel.hold_points(tests.person('learner'), 10, 'A lamp', idempotency_key => 'lamp');

SELECT is(tests.error_of(format('INSERT INTO laurel.rewards (organization_id, name, price, %s) VALUES (%L, ''r'', 1, %s)', c, tests.acme(), v)), '23514 rewards_' || c || '_check', format('a reward has no %s %s', c, left(v, 20)))
FROM (VALUES ('description', $$repeat('x', 20001)$$), ('stock', '-1'), ('stock', '1000000001'), ('limit_per_member', '0'), ('limit_per_member', '1000000001'), ('limit_period', $$'hour'$$),
    ('tier_required', $$'wood'$$), ('fulfilment', $$'mail'$$), ('status', $$'sold'$$)) v (c, v);
SELECT is(tests.error_of(format('INSERT INTO laurel.rewards (organization_id, name, price) VALUES (%L, %s, 1)', tests.acme(), v)), '23514 rewards_name_check', 'nor the name ' || left(v, 20)) FROM unnest(ARRAY[$$''$$, $$repeat('x', 201)$$]) v;
SELECT is(tests.error_of(format('UPDATE laurel.redemptions SET %s = repeat(''x'', %s)', c, many)), '23514 redemptions_' || c || '_check', format('a redemption has no %s of %s', c, many))
FROM (VALUES ('note', 2001), ('decision_note', 2001), ('fulfilment_reference', 501), ('idempotency_key', 256), ('idempotency_key', 0)) v (c, many);
SET LOCAL session_replication_role = replica;
SELECT is(tests.error_of(format('UPDATE laurel.redemptions SET unit_price = %s', p)), '23514 redemptions_unit_price_check', 'nor the price ' || p) FROM unnest('{0,1000000001}'::bigint[]) p;
SELECT is(tests.error_of(format('UPDATE laurel.rewards SET %s = -1', c)), '23514 rewards_' || c || '_check', 'nor is there less than nothing: ' || c) FROM unnest('{taken, vouchers_left}'::text[]) c;
SET LOCAL session_replication_role = origin;
SELECT is(tests.error_of(format('UPDATE laurel.point_holds SET %s WHERE idempotency_key = ''lamp''', what)), '23514 point_holds_' || c || '_check', 'a hold is not ' || what)
FROM (VALUES ($$status = 'captured', captured_amount = 11$$, 'captured_amount'), ($$status = 'captured', captured_amount = 0$$, 'captured_amount'), ($$status = 'captured'$$, 'captured_amount'),
    ($$status = 'released', captured_amount = 1$$, 'captured_amount'), ('settled_at = now()', 'settled_at'), ($$idempotency_key = ''$$, 'idempotency_key'),
    ($$idempotency_key = repeat('x', 256)$$, 'idempotency_key'), ($$reason = ''$$, 'reason'), ($$reason = repeat('x', 2001)$$, 'reason')) v (what, c);
SELECT is(tests.error_of(format('SELECT laurel.hold_points(%L, 1, ''r'', %s)', tests.person('learner'), what)), said, 'nor is one made with ' || left(what, 30))
FROM (VALUES ($$transaction_type => ''$$, '23514 point_holds_transaction_type_check'), ($$transaction_type => repeat('x', 101)$$, '23514 point_holds_transaction_type_check'),
    ($$reference_type => 'User'$$, '23514 point_holds_reference_check'), ($$reference_id => laurel.uuidv7()$$, '23514 point_holds_reference_check'),
    ($$expires_at => '-infinity'$$, '23514 point_holds_expires_at_check')) v (what, said);
SELECT is(split_part(tests.error_of(format('SELECT laurel.hold_points(%L, 1, ''r'', metadata => %L)', tests.person('learner'), v)), ' ', 1), '23514', 'nor with the data ' || left(v, 10)) FROM unnest(ARRAY['[]', '"x"', 'null', jsonb_build_object('a', repeat('x', 65537))::text]) v;
SELECT is(tests.error_of('UPDATE laurel.reward_vouchers SET ' || what), '23514 reward_vouchers_handed_check', 'a code is not ' || left(what, 20))
FROM unnest(ARRAY['redemption_id = (SELECT id FROM laurel.redemptions)', 'handed_at = now()', format('user_id = %L', tests.person('learner'))]) what;

-- Rows are of one organization.
SELECT is(tests.error_of(format('UPDATE laurel.%s SET organization_id = %L', t, tests.bolt())), '23001 ' || t || '_organization_id_immutable', t || ' stay in their organization') FROM unnest('{rewards, redemptions, reward_vouchers, point_holds}'::text[]) t;
SELECT * FROM finish();
ROLLBACK;
