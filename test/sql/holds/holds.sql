-- Points that are held: kept from every debit, taken once, and free again.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
SELECT no_plan();

SELECT tests.cast('admin', 'learner', 'other', 'bolt_admin', 'bolt_learner');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES
    (tests.person('learner'), 100, 'bonus', 'start'), (tests.person('other'), 50, 'bonus', 'start'), (tests.person('bolt_learner'), 100, 'bonus', 'start');
CREATE FUNCTION pg_temp.account(name text DEFAULT 'learner') RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT total_points || ' ' || points_held FROM laurel.user_points WHERE user_id = tests.person(name)
$$;
-- A hold of the learner's, under a key.
CREATE FUNCTION pg_temp.hold(key text, amount bigint, expires timestamptz DEFAULT NULL) RETURNS laurel.held_points LANGUAGE sql AS $$
    SELECT laurel.hold_points(tests.person('learner'), amount, 'A ' || key, expires_at => expires, idempotency_key => key)
$$;
CREATE FUNCTION pg_temp.id(key text) RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$ SELECT id FROM laurel.point_holds WHERE idempotency_key = key $$;
CREATE FUNCTION pg_temp.status(key text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT status FROM laurel.point_holds WHERE idempotency_key = key $$;

-- Held.
SELECT tests.act_as_admin();
SELECT is((SELECT (amount, balance, points_held, available, is_new)::text FROM pg_temp.hold('lamp', 60)), '(60,100,60,40,t)', 'a hold says what is left');
SELECT is((SELECT (amount, balance, points_held, available, is_new)::text FROM pg_temp.hold('lamp', 60)), '(60,100,60,40,f)', 'repeated, it is the same one');
SELECT is(pg_temp.account(), '100 60', 'points stay in the account');
SELECT is(tests.error_of($$ SELECT pg_temp.hold('lamp', 61) $$), 'PT409 point_holds_idempotency_key', 'a key says one thing');
SELECT is(tests.error_of(format('SELECT laurel.hold_points(%L, 60, ''A lamp'', idempotency_key => ''lamp''%s)', tests.person(p), other)), said, 'the same key and ' || p || other)
FROM (VALUES ('learner', '', 'none'), ('learner', ', expires_at => now() + interval ''1 day''', 'PT409 point_holds_idempotency_key'), ('learner', ', transaction_type => ''other''', 'PT409 point_holds_idempotency_key'),
    ('learner', ', metadata => ''{"a": 1}''', 'PT409 point_holds_idempotency_key'), ('other', '', 'PT409 point_holds_idempotency_key')) v (p, other, said);
SELECT is(tests.error_of(format('SELECT laurel.hold_points(%L, 60, ''Another lamp'', idempotency_key => ''lamp'')', tests.person('learner'))), 'PT409 point_holds_idempotency_key', 'or another reason');
SELECT is(tests.told($$ SELECT pg_temp.hold('sofa', 41) $$),
    '23514 | there are not as many points available | User a0000000-0000-0000-0000-000000000003 has 100 points, of which 60 are held and 40 are available; asked for 41. | Hold at most what is available. | user_points_points_held_check',
    'no more is held than there is');
SELECT is(tests.told(format($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (%L, -41, 'fee', 'r') $$, tests.person('learner'))),
    '23514 | the points are held for something else | User a0000000-0000-0000-0000-000000000003 has 100 points, of which 60 are held and 40 are available; the entry''s amount is -41. | Take at most what is available, or release a hold. | user_points_points_held_check',
    'no entry takes what is held');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (%1$L, -40, 'fee', 'r'), (%1$L, -1, 'fee', 'r') $$, tests.person('learner'))),
    '23514 user_points_points_held_check', 'nor do several of a statement');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (%L, -101, 'fee', 'r') $$, tests.person('learner'))),
    '23514 user_points_total_points_check', 'more than the account has is refused as before');
SELECT is(tests.error_of(format($$ SELECT laurel.reverse_points_transaction(%L, 'back') $$, (SELECT id FROM laurel.points_ledger WHERE user_id = tests.person('learner')))),
    '23514 user_points_points_held_check', 'nor does a reversal');
SELECT lives_ok(format($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (%L, -40, 'fee', 'r') $$, tests.person('learner')), 'what is available may be taken');
SELECT is(pg_temp.account(), '60 60', 'to the last');
SELECT lives_ok(format($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (%1$L, 50, 'bonus', 'r'), (%1$L, -10, 'fee', 'r') $$, tests.person('learner')), 'earning goes on');

-- Taken, in part: the rest is free.
SELECT is((SELECT (entry_no, balance_after, is_new)::text FROM laurel.capture_hold(pg_temp.id('lamp'), 45)), '(5,55,t)', 'points are taken');
SELECT is((SELECT (entry_no, balance_after, is_new)::text FROM laurel.capture_hold(pg_temp.id('lamp'), 45)), '(5,55,f)', 'once, however often');
SELECT is(pg_temp.account(), '55 0', 'what is left of the hold is free');
SELECT is((SELECT (amount, transaction_type, reason, reference_type, reference_id = pg_temp.id('lamp'), created_by = tests.person('admin'))::text FROM laurel.points_ledger WHERE entry_no = 5),
    '(-45,hold_captured,"A lamp",Hold,t,t)', 'the entry says why');
SELECT is((SELECT string_agg(type || ' ' || (data - 'hold_id'), ', ') FROM laurel.domain_events WHERE type LIKE 'hold%'), 'hold_captured {"points": 45}', 'and an event');
SELECT is(tests.told(format('SELECT laurel.capture_hold(%L)', pg_temp.id('lamp'))),
    'PT409 | the hold was captured already | 45 points were taken. | A hold is captured, released or expired once; hold the points again. | point_holds_status_steps', 'another amount is not taken');
SELECT is(tests.error_of(format('SELECT laurel.release_hold(%L)', pg_temp.id('lamp'))), 'PT409 point_holds_status_steps', 'nor is it released');

-- Released.
SELECT pg_temp.hold('chair', 30);
SELECT is(tests.told(format('SELECT laurel.capture_hold(%L, 31)', pg_temp.id('chair'))),
    '23514 | a capture takes at least one point, and at most what is held | 30 points are held, 31 were asked for. | What goes beyond the hold is an entry of its own. | point_holds_captured_amount_check', 'more than is held is not captured');
SELECT is(tests.error_of(format('SELECT laurel.capture_hold(%L, %s)', pg_temp.id('chair'), amount)), '23514 point_holds_captured_amount_check', 'nor is ' || amount) FROM unnest('{0,-1}'::int[]) amount;
SELECT ok(laurel.release_hold(pg_temp.id('chair')), 'a hold is released');
SELECT ok(NOT laurel.release_hold(pg_temp.id('chair')), 'once');
SELECT is(pg_temp.account(), '55 0', 'its points are free');
SELECT is(tests.error_of(format('SELECT laurel.capture_hold(%L)', pg_temp.id('chair'))), 'PT409 point_holds_status_steps', 'and are not taken any more');

-- Expired.
SELECT pg_temp.hold('desk', 30, clock_timestamp() + interval '1 hour'), pg_temp.hold('shelf', 20, clock_timestamp() + interval '2 hours');
SELECT is(tests.error_of($$ SELECT pg_temp.hold('past', 1, now()) $$), '23514 point_holds_expires_at_check', 'nothing is held until yesterday');
SELECT is(tests.error_of($$ SELECT pg_temp.hold('past', 1, 'infinity') $$), '23514 point_holds_expires_at_check', 'nor until never: that is null');
SELECT tests.act_as_owner();
SET LOCAL session_replication_role = replica;
UPDATE laurel.point_holds SET created_at = created_at - interval '1 day', expires_at = now() - interval '1 minute' WHERE idempotency_key = 'desk';
SET LOCAL session_replication_role = origin;
SELECT is(pg_temp.account(), '55 50', 'what has expired counts until somebody looks');
SELECT tests.act_as_admin();
SELECT is(tests.error_of(format('SELECT laurel.capture_hold(%L)', pg_temp.id('desk'))), 'PT409 point_holds_status_steps', 'and is not taken');
SELECT is((SELECT available FROM pg_temp.hold('bed', 35)), 0::bigint, 'whoever holds more has it free at once');
SELECT is(pg_temp.status('desk'), 'expired', 'it has expired');
SELECT laurel.release_hold(pg_temp.id('bed'));
SELECT tests.act_as_owner();
SET LOCAL session_replication_role = replica;
UPDATE laurel.point_holds SET created_at = created_at - interval '1 day', expires_at = now() - interval '1 minute' WHERE idempotency_key = 'shelf';
SET LOCAL session_replication_role = origin;
SELECT tests.act_as_service();
SELECT is(laurel.expire_holds(), 1::bigint, 'the job makes it free');
SELECT is(laurel.expire_holds(), 0::bigint, 'once');
SELECT is(pg_temp.account(), '55 0', 'all is available');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type = 'hold_expired'), 2::bigint, 'each has its event');
-- A clock that is set back: what has expired stays so.
SELECT tests.act_as_owner();
SET LOCAL session_replication_role = replica;
UPDATE laurel.point_holds SET expires_at = now() + interval '1 day' WHERE idempotency_key IN ('desk', 'shelf');
SET LOCAL session_replication_role = origin;
SELECT is(tests.error_of(format('SELECT laurel.capture_hold(%L)', pg_temp.id('shelf'))), 'PT409 point_holds_status_steps', 'a clock that is set back brings no hold back');
SELECT is(laurel.expire_holds(), 0::bigint, 'nor is it freed again');

-- One organization that fails does not keep the others waiting.
SELECT laurel.hold_points(tests.person(p), 10, 'r', expires_at => clock_timestamp() + interval '1 hour', organization_id => o) FROM (VALUES ('learner', tests.acme()), ('bolt_learner', tests.bolt())) v (p, o);
SET LOCAL session_replication_role = replica;
UPDATE laurel.point_holds SET created_at = created_at - interval '1 day', expires_at = now() - interval '1 minute' WHERE status = 'held';
SET LOCAL session_replication_role = origin;
CREATE FUNCTION pg_temp.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.organization_id = tests.acme() THEN RAISE 'no' USING ERRCODE = 'P0099'; END IF; RETURN NEW; END $$;
CREATE TRIGGER no BEFORE UPDATE ON laurel.point_holds FOR EACH ROW EXECUTE FUNCTION pg_temp.no();
SELECT is(laurel.expire_holds(), 1::bigint, 'one organization that fails is left');
SELECT is((SELECT string_agg(organization_id || ' ' || error, ', ') FROM laurel.job_failures WHERE job = 'holds'), tests.acme() || ' P0099 no', 'and noted');
DROP TRIGGER no ON laurel.point_holds;
UPDATE laurel.job_failures SET failed_at = now() - interval '1 hour';
SELECT is(laurel.expire_holds(), 1::bigint, 'until it can be done');
SELECT is((SELECT count(*) FROM laurel.job_failures WHERE job = 'holds'), 0::bigint, 'then nothing is noted');

-- Whoever writes.
SELECT is(tests.error_of(format($$ UPDATE laurel.user_points SET points_held = 1 WHERE user_id = %L $$, tests.person('learner'))), '23001 user_points_points_held_follows', 'nobody writes what is held');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.point_holds (organization_id, user_id, amount, reason) VALUES (%L, %L, 56, 'r') $$, tests.acme(), tests.person('learner'))), '23514 user_points_points_held_check', 'a row meets the same rule');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.point_holds (organization_id, user_id, amount) VALUES (%L, %L, 5) $$, tests.acme(), tests.person('learner'))), '23514 point_holds_purpose_check', 'it says what for');
INSERT INTO laurel.point_holds (organization_id, user_id, amount, reason, idempotency_key) VALUES (tests.acme(), tests.person('learner'), 25, 'r', 'row');
SELECT is(pg_temp.account(), '55 25', 'and counts');
SELECT is(tests.error_of($$ UPDATE laurel.point_holds SET amount = 1 WHERE idempotency_key = 'row' $$), '23001 point_holds_amount_immutable', 'it is not changed');
UPDATE laurel.point_holds SET status = 'captured', captured_amount = 5 WHERE idempotency_key = 'row';
SELECT is(pg_temp.account(), '50 0', 'taken by its row, it is booked too');
SELECT is(tests.error_of($$ UPDATE laurel.point_holds SET status = 'held', captured_amount = NULL, settled_at = NULL WHERE idempotency_key = 'row' $$), '23514 point_holds_status_steps', 'and stays so');
SELECT is_empty('SELECT * FROM laurel.check(''laurel.point_holds'')', 'what is held is what holds say');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SET LOCAL session_replication_role = replica;
UPDATE laurel.user_points SET points_held = 7 WHERE user_id = tests.person('learner');
SET LOCAL session_replication_role = origin;
SELECT is((SELECT string_agg(guard || ' ' || row_id || ' ' || problem, '; ') FROM laurel.check('laurel.user_points')), 'counts ' || tests.person('learner') || ' points_held is 7, and the rows of laurel.point_holds come to 0', 'else laurel.check() says so');
SET LOCAL session_replication_role = replica;
UPDATE laurel.user_points SET points_held = 0 WHERE user_id = tests.person('learner');
SET LOCAL session_replication_role = origin;
-- A trigger of the application that holds points while an entry is being written.
CREATE FUNCTION pg_temp.hold_meanwhile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO laurel.point_holds (organization_id, user_id, amount, reason) VALUES (NEW.organization_id, NEW.user_id, 45, 'meanwhile');
    RETURN NEW;
END $$;
CREATE TRIGGER zz_hold BEFORE INSERT ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION pg_temp.hold_meanwhile();
SELECT is(tests.error_of(format($$ INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES (%L, %L, -40, 'fee', 'r') $$, tests.acme(), tests.person('learner'))),
    '23514 user_points_points_held_check', 'what a trigger holds meanwhile is not taken either');
DROP TRIGGER zz_hold ON laurel.points_ledger;
CREATE FUNCTION pg_temp.take_less() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.captured_amount := 1; RETURN NEW; END $$;
CREATE TRIGGER zz_less BEFORE UPDATE ON laurel.point_holds FOR EACH ROW EXECUTE FUNCTION pg_temp.take_less();
SELECT laurel.hold_points(tests.person('learner'), 5, 'r', idempotency_key => 'less');
SELECT is(tests.error_of(format('SELECT laurel.capture_hold(%L)', pg_temp.id('less'))), '39P01', 'nor is less taken than was asked for');
DROP TRIGGER zz_less ON laurel.point_holds;
SELECT laurel.release_hold(pg_temp.id('less'));

-- For whom.
SELECT laurel.hold_points(tests.person('learner'), 5, 'r', idempotency_key => 'seen');
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.point_holds WHERE idempotency_key = 'seen'), 1::bigint, 'a member sees his holds');
SELECT is(tests.error_of($$ SELECT pg_temp.hold('mine', 1) $$), '42501', 'and makes none');
SELECT is(tests.error_of(format('SELECT laurel.capture_hold(%L)', pg_temp.id('seen'))), '23503 point_holds_pkey', 'nor takes one');
SELECT is(tests.error_of(format('SELECT laurel.release_hold(%L)', pg_temp.id('seen'))), '23503 point_holds_pkey', 'nor frees one');
SELECT is(tests.error_of($$ UPDATE laurel.point_holds SET status = 'released' $$), '42501', 'nor writes rows');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT count(*) FROM laurel.point_holds), 0::bigint, 'others see none');
SELECT tests.act_as(tests.person('bolt_admin'));
SELECT is(tests.error_of(format('SELECT laurel.release_hold(%L)', pg_temp.id('seen'))), '23503 point_holds_pkey', 'nor do other organizations');
SELECT is(tests.error_of($$ SELECT pg_temp.hold('theirs', 1) $$), '23503 point_holds_account_fkey', 'which hold nothing of a stranger');
SELECT tests.act_as_service();
SELECT is(tests.error_of('SELECT laurel.capture_hold(NULL)'), '22004', 'of no hold');
SELECT is(tests.error_of('SELECT laurel.release_hold(NULL)'), '22004', 'nothing is done');
SELECT is(tests.error_of('SELECT laurel.hold_points(NULL, 1)'), '22004', 'nor of nobody');
SELECT is(tests.error_of(format('SELECT laurel.hold_points(%L, NULL)', tests.person('learner'))), '22004', 'nor of no points');
SELECT is(tests.error_of(format('SELECT laurel.hold_points(%L, 1, transaction_type => NULL)', tests.person('learner'))), '22004', 'nor of no type');
SELECT is(tests.error_of(format($$ SELECT laurel.hold_points(%L, %s, 'r') $$, tests.person('learner'), amount)), '23514 point_holds_amount_check', 'nor ' || amount) FROM unnest('{0,-5}'::int[]) amount;
SELECT is(tests.error_of(format($$ SELECT laurel.hold_points(%L, 1, reference_type => 'Nothing', reference_id => %L) $$, tests.person('learner'), laurel.uuidv7())), '23503 point_holds_reference_type_fkey', 'nor for what there is not');
SELECT is(tests.error_of(format($$ SELECT laurel.hold_points(%L, 1, reference_type => 'Redemption', reference_id => %L) $$, tests.person('learner'), laurel.uuidv7())), '23514 point_holds_of_redemption', 'nor for a redemption, which does it itself');
SELECT is(tests.error_of(format($$ SELECT laurel.capture_hold(%L) $$, laurel.uuidv7())), '23503 point_holds_pkey', 'nor is taken what there is not');

-- Who is erased, merged or gone.
SELECT tests.act_as_owner();
SELECT laurel.hold_points(tests.person('other'), 20, 'r', idempotency_key => 'others');
SELECT is((SELECT points FROM laurel.merge_users(tests.person('other'), tests.person('learner'))), 50::bigint, 'accounts are merged');
SELECT is(pg_temp.account(), '100 25', 'with what is held');
SELECT is((SELECT balance_after FROM laurel.capture_hold(pg_temp.id('others'))), 80::bigint, 'and can be taken');
SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'and so is the ledger');
INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days) VALUES (tests.acme(), 0);
SELECT ok(laurel_internal.erase_request(laurel.erase_user(tests.person('learner'))), 'a member is erased');
SELECT is((SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM laurel.point_holds WHERE user_id = tests.person('learner')), 'captured expired released', 'who is erased has nothing held');
SELECT is(pg_temp.account(), '80 0', 'in an account that stays');
SELECT is_empty('SELECT * FROM laurel.check()', 'which is sound');
SELECT laurel.hold_points(tests.person('bolt_learner'), 20, 'r', organization_id => tests.bolt());
DELETE FROM laurel.users WHERE id = tests.person('bolt_learner');
SELECT is((SELECT count(*) FROM laurel.point_holds WHERE user_id = tests.person('bolt_learner')), 0::bigint, 'holds go with the account');
SELECT * FROM finish();
ROLLBACK;
