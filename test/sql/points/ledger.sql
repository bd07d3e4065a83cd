\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(114);

SELECT tests.cast('admin', 'learner', 'other', 'bolt_learner');
INSERT INTO laurel.courses (id, organization_id, name)
VALUES ('ac000000-0000-0000-0000-000000000001', tests.acme(), 'Course of Acme');

-- The learner's account, short.
CREATE FUNCTION pg_temp.account(member uuid DEFAULT tests.person('learner')) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s of %s, entry %s, %s', total_points, lifetime_points, last_entry_no, tier)
    FROM laurel.user_points WHERE user_id = member AND organization_id <> tests.bolt()
$$;
-- Its history since an entry.
CREATE FUNCTION pg_temp.history(since bigint DEFAULT 0) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s: %s = %s', entry_no, amount, balance_after), ', ' ORDER BY entry_no) FROM laurel.points_ledger
    WHERE user_id = tests.person('learner') AND entry_no > since
$$;
CREATE FUNCTION pg_temp.sound(description text) RETURNS text LANGUAGE sql AS $$
    SELECT is_empty('SELECT * FROM laurel.verify_ledger()', description)
$$;

-- What an entry is.
SELECT is(pg_temp.account(), '0 of 0, entry 0, bronze', 'an account opens with the membership, empty');
INSERT INTO laurel.points_ledger (id, user_id, amount, transaction_type, reason)
VALUES ('ae000000-0000-0000-0000-000000000001', tests.person('learner'), 10, 'bonus', 'hello');
SELECT is(pg_temp.account(), '10 of 10, entry 1, bronze', 'an entry counts');
SELECT results_eq($$ SELECT organization_id, entry_no, balance_after, occurred_at = created_at, created_at <= clock_timestamp(),
        created_at >= now(), metadata, created_by, octet_length(entry_hash)
    FROM laurel.points_ledger WHERE id = 'ae000000-0000-0000-0000-000000000001' $$,
    $$ VALUES (tests.acme(), 1::bigint, 10::bigint, true, true, true, '{}'::jsonb, NULL::uuid, 32) $$,
    'the database gives what the row leaves out: organization, number, balance, times, hash');
SELECT results_eq($$ SELECT total_points, reached_at, last_entry_at, last_entry_hash, updated_at >= last_entry_at FROM laurel.user_points
    WHERE user_id = tests.person('learner') $$,
    $$ SELECT balance_after, created_at, created_at, entry_hash, true FROM laurel.points_ledger
    WHERE id = 'ae000000-0000-0000-0000-000000000001' $$, 'and the account stands at that entry');
SELECT lives_ok($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, balance_after, entry_no, entry_hash, created_at)
    VALUES (tests.person('learner'), -4, 'spent', 'r', 6, 2, '\x00', '2000-01-01') $$, 'right numbers are accepted');
SELECT is(pg_temp.account(), '6 of 10, entry 2, bronze', 'spending leaves what was earned');
SELECT results_eq($$ SELECT octet_length(entry_hash), created_at > now() - interval '1 minute' FROM laurel.points_ledger
    WHERE user_id = tests.person('learner') AND entry_no = 2 $$, $$ VALUES (32, true) $$,
    'hash and clock are not taken from the row');
SELECT lives_ok($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
    VALUES (tests.person('learner'), -6, 'spent', 'all') $$, 'the whole balance can be spent');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
VALUES (tests.person('learner'), 6, 'bonus', 'back to six');
SELECT lives_ok($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reference_type, reference_id)
    VALUES (tests.person('learner'), 1, 'course', 'Course', 'ac000000-0000-0000-0000-000000000001') $$,
    'what refers to something needs no reason');
SELECT pg_temp.sound('the ledger is sound so far');

-- Every way in.
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES
    (tests.person('learner'), 1, 't', 'r'), (tests.person('other'), 2, 't', 'r'),
    (tests.person('learner'), 3, 't', 'r'), (tests.person('bolt_learner'), 4, 't', 'r'),
    (tests.person('learner'), -2, 't', 'r');
SELECT is(pg_temp.history(5), '6: 1 = 8, 7: 3 = 11, 8: -2 = 9', 'many rows of one account in one statement');
SELECT is((SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('bolt_learner')), 4::bigint,
    'rows without organization go home, each to its own');
COPY laurel.points_ledger (user_id, amount, transaction_type, reason, occurred_at) FROM STDIN;
a0000000-0000-0000-0000-000000000003	5	copy	r	2020-01-01
a0000000-0000-0000-0000-000000000004	5	copy	r	\N
a0000000-0000-0000-0000-000000000003	-1	copy	r	\N
\.
SELECT is(pg_temp.history(8), '9: 5 = 14, 10: -1 = 13', 'COPY');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
SELECT user_id, 1, 't', 'r' FROM laurel.user_points, generate_series(1, 1000) WHERE user_id <> tests.person('bolt_learner');
SELECT is(pg_temp.account(), '1013 of 1026, entry 1010, silver', 'INSERT … SELECT with a thousand entries for each');
WITH first AS (
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
    VALUES (tests.person('learner'), 1, 't', 'r'), (tests.person('learner'), 2, 't', 'r') RETURNING user_id
), second AS (
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT user_id, 10, 't', 'r' FROM first RETURNING user_id
) INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT user_id, 100, 't', 'r' FROM second LIMIT 1;
SELECT is(pg_temp.account(), '1136 of 1149, entry 1015, silver', 'several INSERTs in one WITH, each fed by the one before');
SELECT pg_temp.sound('which leaves a sound ledger');
WITH first AS (INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
    VALUES (tests.person('learner'), 1, 't', 'r'))
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('learner'), -1000, 't', 'r');
SELECT is(pg_temp.account(), '137 of 1150, entry 1017, bronze', 'two INSERTs in one WITH that know nothing of each other');
MERGE INTO laurel.points_ledger l USING (VALUES (tests.person('learner'), 'merged')) AS s (user_id, key)
    ON l.organization_id = tests.acme() AND l.idempotency_key = s.key
    WHEN NOT MATCHED THEN INSERT (user_id, amount, transaction_type, reason, idempotency_key) VALUES (s.user_id, 3, 't', 'r', s.key);
MERGE INTO laurel.points_ledger l USING (VALUES (tests.person('learner'), 'merged')) AS s (user_id, key)
    ON l.organization_id = tests.acme() AND l.idempotency_key = s.key
    WHEN NOT MATCHED THEN INSERT (user_id, amount, transaction_type, reason, idempotency_key) VALUES (s.user_id, 3, 't', 'r', s.key);
SELECT is(pg_temp.account(), '140 of 1153, entry 1018, bronze', 'MERGE, once for a key');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT user_id, 1, 't', 'r' FROM laurel.user_points WHERE false;
SELECT is(pg_temp.account(), '140 of 1153, entry 1018, bronze', 'a statement without rows');
DO $$
BEGIN
    FOR i IN 1..10 LOOP
        BEGIN
            INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
            VALUES (tests.person('learner'), 1, 't', 'r'), (tests.person('other'), 1, 't', 'r');
            IF i % 2 = 0 THEN
                RAISE EXCEPTION 'undone';
            END IF;
        EXCEPTION WHEN raise_exception THEN NULL;
        END;
        BEGIN
            INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
            VALUES (tests.person('learner'), 1, 't', 'r'), (tests.person('learner'), -999999, 't', 'r');
        EXCEPTION WHEN check_violation THEN NULL;
        END;
    END LOOP;
END
$$;
SELECT is(pg_temp.account(), '145 of 1158, entry 1023, bronze', 'blocks with EXCEPTION, half of them undone');
SAVEPOINT one;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('learner'), 600, 't', 'r');
SAVEPOINT two;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('learner'), 1, 't', 'r');
ROLLBACK TO two;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('learner'), 2, 't', 'r');
RELEASE two;
SELECT is(pg_temp.account(), '747 of 1760, entry 1025, silver', 'savepoints, the inner one undone');
ROLLBACK TO one;
SELECT is(pg_temp.account(), '145 of 1158, entry 1023, bronze', 'and the outer one too');
SELECT pg_temp.sound('and the ledger is sound');

-- Triggers of the application that add entries while entries are added.
CREATE FUNCTION pg_temp.add_bonus() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
    SELECT NEW.user_id, n, 'bonus', 'for it' FROM generate_series(1, 2) n;
    RETURN NEW;
END
$$;
CREATE FUNCTION pg_temp.try_bonus() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (NEW.user_id, 1000, 'bonus', 'undone');
        RAISE EXCEPTION 'undone';
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
    RETURN NEW;
END
$$;
CREATE FUNCTION pg_temp.entries(kinds text[], member uuid DEFAULT tests.person('learner')) RETURNS bigint LANGUAGE sql AS $$
    WITH made AS (INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
        SELECT CASE WHEN kind = 'plain' THEN tests.person('other') ELSE member END, 10, kind, 'r' FROM unnest(kinds) kind
        RETURNING 1) SELECT count(*) FROM made
$$;
CREATE TRIGGER bonus_before BEFORE INSERT ON laurel.points_ledger FOR EACH ROW WHEN (NEW.transaction_type = 'before')
    EXECUTE FUNCTION pg_temp.add_bonus();
CREATE TRIGGER zz_bonus_before BEFORE INSERT ON laurel.points_ledger FOR EACH ROW WHEN (NEW.transaction_type = 'late')
    EXECUTE FUNCTION pg_temp.add_bonus();
CREATE TRIGGER bonus_after AFTER INSERT ON laurel.points_ledger FOR EACH ROW WHEN (NEW.transaction_type = 'after')
    EXECUTE FUNCTION pg_temp.add_bonus();
CREATE CONSTRAINT TRIGGER bonus_deferred AFTER INSERT ON laurel.points_ledger DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.transaction_type = 'deferred') EXECUTE FUNCTION pg_temp.add_bonus();
CREATE TRIGGER undone_before BEFORE INSERT ON laurel.points_ledger FOR EACH ROW WHEN (NEW.transaction_type = 'undone before')
    EXECUTE FUNCTION pg_temp.try_bonus();
CREATE TRIGGER zz_undone_before BEFORE INSERT ON laurel.points_ledger FOR EACH ROW WHEN (NEW.transaction_type = 'undone late')
    EXECUTE FUNCTION pg_temp.try_bonus();
CREATE TRIGGER undone_after AFTER INSERT ON laurel.points_ledger FOR EACH ROW WHEN (NEW.transaction_type = 'undone after')
    EXECUTE FUNCTION pg_temp.try_bonus();
SELECT pg_temp.entries('{before}');
SELECT is(pg_temp.history(1023), '1024: 1 = 146, 1025: 2 = 148, 1026: 10 = 158', 'entries added before the row is numbered come first');
SELECT pg_temp.entries('{late}');
SELECT is(pg_temp.account(), '171 of 1184, entry 1029, bronze', 'entries added between number and row');
SELECT pg_temp.entries('{after}');
SELECT is(pg_temp.history(1029), '1030: 10 = 181, 1031: 1 = 182, 1032: 2 = 184', 'entries added after the row come last');
SELECT pg_temp.entries('{deferred, deferred}');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is(pg_temp.account(), '210 of 1223, entry 1038, bronze', 'entries added when constraints are checked');
SELECT pg_temp.sound('and all are sound');
SELECT pg_temp.entries('{undone before}'), pg_temp.entries('{undone late}'), pg_temp.entries('{undone after}');
SELECT is(pg_temp.account(), '240 of 1253, entry 1041, bronze', 'entries added and undone count for nothing');
SELECT pg_temp.entries('{after, undone after, before, t, late, undone before, plain, after, undone late, plain, after}');
SELECT is(pg_temp.account(), '345 of 1358, entry 1060, bronze', 'all of it in one statement');
SELECT pg_temp.sound('and still sound');
SELECT is((SELECT count(*) FROM laurel.points_ledger WHERE reason = 'undone'), 0::bigint, 'nothing undone is left');
DELETE FROM laurel.domain_events;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
VALUES (tests.person('learner'), 200, 'undone after', 'r');
SELECT results_eq('SELECT type, data FROM laurel.domain_events', $$ VALUES ('tier_changed', '{"from": "bronze", "to": "silver"}'::jsonb) $$,
    'a tier that is reached while an inner statement is undone is told once');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
VALUES (tests.person('learner'), 955, 'after', 'r');
SELECT is((SELECT array_agg(data ->> 'to') FROM laurel.domain_events), '{silver,gold}', 'one that is reached by an inner statement too');
DROP TRIGGER bonus_before ON laurel.points_ledger;
DROP TRIGGER bonus_after ON laurel.points_ledger;

-- A statement that reads while it writes, and one that changes a member's account while entries are under way.
CREATE FUNCTION pg_temp.recorded(member uuid, points bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT balance_after FROM laurel.record_points_transaction(member, points, 'inner', reason => 'r')
$$;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
SELECT tests.person('learner'), pg_temp.recorded(tests.person('learner'), 1) * 0 + 5, 't', 'r'
FROM generate_series(1, 3);
SELECT is(pg_temp.account(), '1521 of 2534, entry 1070, gold', 'rows that come from a function that records points itself');
SELECT pg_temp.sound('are sound');

-- Retries.
CREATE TEMP TABLE answers AS
SELECT * FROM laurel.record_points_transaction(tests.person('other'), 7, 't', reason => 'r', idempotency_key => 'retried');
INSERT INTO answers
SELECT * FROM laurel.record_points_transaction(tests.person('other'), 7, 't', reason => 'r', idempotency_key => 'retried');
SELECT results_eq('SELECT count(DISTINCT entry_id), count(DISTINCT balance_after), bool_or(is_new), bool_and(is_new) FROM answers',
    $$ VALUES (1::bigint, 1::bigint, true, false) $$, 'a retry returns the first entry and says so');
SELECT is((SELECT count(*) FROM laurel.points_ledger WHERE idempotency_key = 'retried'), 1::bigint, 'and adds none');
SELECT is((SELECT is_new FROM laurel.record_points_transaction(tests.person('other'), 7, 't', reason => 'r',
    metadata => NULL, idempotency_key => 'retried')), false, 'metadata that is left out is the empty object');
SELECT is((SELECT is_new FROM laurel.record_points_transaction(tests.person('bolt_learner'), 7, 't', reason => 'r',
    idempotency_key => 'retried')), true, 'every organization has its own keys');
SELECT is((SELECT array_agg((laurel.record_points_transaction(tests.person('other'), 7, 't', reason => 'r',
    idempotency_key => 'dated', occurred_at => '2020-01-01')).is_new) FROM generate_series(1, 2)), '{t,f}',
    'a retry with its business time is the same');
SELECT is((SELECT is_new FROM laurel.record_points_transaction(tests.person('other'), 7, 't', reason => 'r',
    idempotency_key => 'dated')), false, 'and one without it too');

-- Reversals.
CREATE FUNCTION pg_temp.book(entry uuid, points bigint, at timestamptz DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (id, user_id, amount, transaction_type, reason, occurred_at)
    VALUES (entry, tests.person('learner'), points, 'quest', 'r', at);
    SELECT pg_temp.account()
$$;
SELECT is(pg_temp.book('ae000000-0000-0000-0000-000000000010', 50), '1571 of 2584, entry 1071, gold', 'a credit');
SELECT results_eq($$ SELECT entry_no, balance_after, is_new FROM laurel.reverse_points_transaction('ae000000-0000-0000-0000-000000000010') $$,
    $$ VALUES (1072::bigint, 1521::bigint, true) $$, 'is reversed');
SELECT is(pg_temp.account(), '1521 of 2534, entry 1072, gold', 'as if it had never been earned');
SELECT results_eq($$ SELECT amount, transaction_type, reverses_id, reason FROM laurel.points_ledger WHERE entry_no = 1072 $$,
    $$ VALUES (-50::bigint, 'quest_reversed', 'ae000000-0000-0000-0000-000000000010'::uuid, NULL) $$, 'by an entry of its own');
SELECT is(tests.error_of($$ SELECT laurel.reverse_points_transaction('ae000000-0000-0000-0000-000000000010') $$),
    '23505 points_ledger_reverses_key', 'not twice');
SELECT is(tests.error_of($$ SELECT laurel.reverse_points_transaction(id) FROM laurel.points_ledger WHERE entry_no = 1072 $$),
    '23503 points_ledger_reverses_id_fkey', 'and a reversal is not reversed');
SELECT is(pg_temp.book('ae000000-0000-0000-0000-000000000011', -21), '1500 of 2534, entry 1073, gold', 'a debit');
SELECT laurel.reverse_points_transaction('ae000000-0000-0000-0000-000000000011', 'sorry');
SELECT is(pg_temp.account(), '1521 of 2534, entry 1074, gold', 'is given back, and was never earned twice');
SELECT is((SELECT reason FROM laurel.points_ledger WHERE entry_no = 1074), 'sorry', 'a reversal may say why');
SELECT is(pg_temp.book('ae000000-0000-0000-0000-000000000012', 30), '1551 of 2564, entry 1075, gold', 'points come');
SELECT is(pg_temp.book('ae000000-0000-0000-0000-000000000013', -1551), '0 of 2564, entry 1076, bronze', 'and are spent');
SELECT is(tests.error_of($$ SELECT laurel.reverse_points_transaction('ae000000-0000-0000-0000-000000000012') $$),
    '23514 user_points_total_points_check', 'what is spent cannot be taken back');
SELECT laurel.reverse_points_transaction('ae000000-0000-0000-0000-000000000013');
INSERT INTO laurel.points_ledger (id, user_id, amount, transaction_type, reason)
VALUES ('ae000000-0000-0000-0000-000000000014', tests.person('learner'), 1, repeat('€', 95), 'r');
SELECT lives_ok($$ SELECT laurel.reverse_points_transaction('ae000000-0000-0000-0000-000000000014') $$,
    'an entry with a long type in letters of three bytes is reversed');
SELECT is(pg_temp.book('ae000000-0000-0000-0000-000000000015', 40, now() - interval '400 days'), '1591 of 2604, entry 1080, gold',
    'a credit of long ago');
CREATE TEMP TABLE before AS SELECT points_this_week, points_this_month FROM laurel.user_points WHERE user_id = tests.person('learner');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reverses_id)
VALUES (tests.person('learner'), -40, 'undo', 'ae000000-0000-0000-0000-000000000015');
SELECT results_eq($$ SELECT points_this_week, points_this_month FROM laurel.user_points
    WHERE user_id = tests.person('learner') $$, 'SELECT * FROM before',
    'is taken from the week it counted for, though it is reversed by a plain INSERT');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reverses_id)
    VALUES (%L, %s, 't', %L) $$, member, points, entry)), '23503 points_ledger_reverses_id_fkey', what)
FROM (VALUES (tests.person('learner'), -29, 'ae000000-0000-0000-0000-000000000012', 'a reversal takes the whole amount'),
    (tests.person('learner'), 30, 'ae000000-0000-0000-0000-000000000012', 'with the other sign'),
    (tests.person('other'), -30, 'ae000000-0000-0000-0000-000000000012', 'from the same account'),
    (tests.person('learner'), -30, 'fe000000-0000-0000-0000-000000000000', 'of an entry that exists')
) AS tried (member, points, entry, what);
SELECT pg_temp.sound('reversals are sound');

SELECT tests.act_as_learner();
SELECT is(laurel.balance_at(tests.person('learner'), clock_timestamp()), 1551::bigint, 'a learner asks for the own balance');
SELECT tests.act_as_owner();

-- Balances in the past.
SELECT results_eq($$ SELECT laurel.balance_at(user_id, created_at), laurel.balance_at(user_id, created_at - interval '1 microsecond')
        < balance_after OR amount < 0 FROM laurel.points_ledger WHERE entry_no IN (1, 2, 3, 500, 1080)
        AND user_id = tests.person('learner') ORDER BY entry_no $$,
    $$ SELECT max(balance_after) FILTER (WHERE entry_no = n), true FROM laurel.points_ledger, unnest(ARRAY[1, 2, 3, 500, 1080]) n
        WHERE user_id = tests.person('learner') GROUP BY n ORDER BY n $$, 'a balance at the moment of an entry is that entry''s');
SELECT is(laurel.balance_at(tests.person('learner'), '2000-01-01'), 0::bigint, 'before the first it was nothing');
SELECT is(laurel.balance_at(tests.person('learner'), 'infinity'), 1551::bigint, 'at the end it is what it is');
SELECT is(laurel.balance_at(tests.person('learner'), '-infinity'), 0::bigint, 'at the beginning nothing');
SELECT is(laurel.balance_at(tests.person('admin'), now()), 0::bigint, 'an account without entries has nothing');
SELECT results_eq($$ SELECT count(*) FROM (SELECT created_at < lag(created_at) OVER (ORDER BY entry_no) AS fell FROM laurel.points_ledger
    WHERE user_id = tests.person('learner')) e WHERE fell $$, $$ VALUES (0::bigint) $$, 'the clock of an account never falls back');

-- Members who leave, come back, or are deleted.
INSERT INTO laurel.user_organizations (organization_id, user_id)
VALUES (tests.bolt(), tests.person('learner'));
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES
    (tests.bolt(), tests.person('learner'), 700, 't', 'r'),
    (tests.bolt(), tests.person('learner'), -100, 't', 'r');
CREATE TEMP TABLE left_with AS SELECT * FROM laurel.user_points WHERE organization_id = tests.bolt() AND user_id = tests.person('learner');
SELECT is(pg_temp.account(), '1551 of 2564, entry 1081, gold', 'two organizations, two accounts');
DELETE FROM laurel.user_organizations WHERE organization_id = tests.bolt() AND user_id = tests.person('learner');
SELECT is((SELECT count(*) FROM laurel.points_ledger WHERE organization_id = tests.bolt()
    AND user_id = tests.person('learner')), 2::bigint, 'history stays when a member leaves');
SELECT is(tests.error_of($$ INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES
    (tests.bolt(), tests.person('learner'), 1, 't', 'r') $$), '23503 points_ledger_account_fkey',
    'who has left gets nothing');
SELECT lives_ok($$ INSERT INTO laurel.user_organizations (organization_id, user_id)
    VALUES (tests.bolt(), tests.person('learner')) $$, 'a member comes back');
SELECT results_eq($$ SELECT total_points, lifetime_points, points_this_week, points_this_month, last_entry_no, tier, current_level, reached_at,
        last_entry_at, last_entry_hash FROM laurel.user_points WHERE organization_id = tests.bolt()
        AND user_id = tests.person('learner') $$,
    $$ SELECT total_points, lifetime_points, points_this_week, points_this_month, last_entry_no, tier, current_level, reached_at,
        last_entry_at, last_entry_hash FROM left_with $$, 'and goes on where the history ends');
SELECT lives_ok($$ INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES
    (tests.bolt(), tests.person('learner'), 1, 't', 'r') $$, 'getting points again');
SELECT pg_temp.sound('in a sound ledger');
DELETE FROM laurel.users WHERE id = tests.person('other');
SELECT cmp_ok((SELECT count(*) FROM laurel.points_ledger WHERE user_id = tests.person('other')), '>', 1000::bigint,
    'history outlives its user');
SELECT is((SELECT is_new FROM laurel.record_points_transaction(tests.person('other'), 7, 't', reason => 'r',
    idempotency_key => 'retried', organization_id => tests.acme())), false, 'a late retry still finds its entry');
SELECT is(tests.error_of($$ SELECT laurel.reverse_points_transaction(id) FROM laurel.points_ledger
    WHERE user_id = tests.person('other') AND entry_no = 1 $$), '23503 points_ledger_account_fkey', 'nothing is taken from the deleted');
SELECT pg_temp.sound('and the ledger of the deleted is sound');
DELETE FROM laurel.user_points WHERE user_id = tests.person('learner') AND organization_id = tests.acme();
INSERT INTO laurel.user_points (organization_id, user_id) VALUES (tests.acme(), tests.person('learner'));
SELECT is(pg_temp.account(), '1551 of 2564, entry 1081, gold', 'an account that is opened again is what its history says');

-- What somebody changes behind the triggers' back is found, and where.
CREATE FUNCTION pg_temp.found(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    flaws text;
BEGIN
    BEGIN
        SET LOCAL session_replication_role = replica;
        EXECUTE statement;
        SET LOCAL session_replication_role = origin;
        SELECT string_agg(concat_ws(' ', entry_no, problem), '; ') INTO flaws FROM laurel.verify_ledger(tests.person('learner'));
        RAISE EXCEPTION USING ERRCODE = 'P9999';
    EXCEPTION WHEN SQLSTATE 'P9999' THEN
        RETURN flaws;
    END;
END
$$;
CREATE TEMP VIEW entries AS SELECT * FROM laurel.points_ledger
    WHERE user_id = tests.person('learner') AND organization_id = tests.acme();
CREATE TEMP VIEW accounts AS SELECT * FROM laurel.user_points
    WHERE user_id = tests.person('learner') AND organization_id = tests.acme();
SELECT is(pg_temp.found(statement), flaw, statement) FROM (VALUES
    ('UPDATE entries SET reason = reason', NULL),
    ('UPDATE entries SET amount = amount + 1 WHERE entry_no = 7', '7 balance_after is not the sum of the entries'),
    ('UPDATE entries SET amount = 11, balance_after = 11 WHERE entry_no = 1', '1 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET balance_after = balance_after + 1 WHERE entry_no = 7', '7 balance_after is not the sum of the entries'),
    ('DELETE FROM entries WHERE entry_no = 1081', 'user_points does not stand at its last entry'),
    ('DELETE FROM entries WHERE entry_no = 7', '8 entry_no does not follow the entry before it'),
    ('DELETE FROM entries WHERE entry_no = 1', '2 entry_no does not follow the entry before it'),
    ('DELETE FROM entries', 'user_points has points but the ledger has no entry'),
    ('UPDATE entries e SET entry_hash = (SELECT entry_hash FROM laurel.points_ledger o WHERE o.organization_id = e.organization_id'
        ' AND o.user_id = e.user_id AND o.entry_no = CASE e.entry_no WHEN 7 THEN 8 ELSE 7 END) WHERE entry_no IN (7, 8)',
        '7 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET entry_hash = sha256(entry_hash) WHERE entry_no = 1081', '1081 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET entry_hash = sha256(''x'') WHERE entry_no = 7', '7 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET reason = ''another'' WHERE entry_no = 7', '7 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET transaction_type = ''u'' WHERE entry_no = 7', '7 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET metadata = ''{"a": 1}'' WHERE entry_no = 7', '7 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET occurred_at = occurred_at - interval ''1 day'' WHERE entry_no = 7', '7 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET created_at = ''2024-01-01'', occurred_at = ''2023-01-01'' WHERE entry_no = 7', '7 created_at lies before the entry before it'),
    ('UPDATE entries SET created_at = created_at + interval ''1 microsecond'' WHERE entry_no = 1081',
        '1081 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET created_by = user_id WHERE entry_no = 7', '7 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET idempotency_key = ''x'' WHERE entry_no = 7', '7 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET reference_type = ''Course'', reference_id = id WHERE entry_no = 7', '7 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET reverses_id = id WHERE entry_no = 8', '8 entry_hash does not match the entry and the one before it'),
    ('UPDATE entries SET id = laurel.uuidv7() WHERE entry_no = 7', '7 entry_hash does not match the entry and the one before it'),
    ('UPDATE accounts SET total_points = total_points + 1', 'total_points is not the balance of the last entry'),
    ('UPDATE accounts SET lifetime_points = lifetime_points + 1', 'lifetime_points is not the sum of what was earned'),
    ('UPDATE accounts SET tier = ''platinum''', 'tier does not follow from the points'),
    ('UPDATE accounts SET current_level = 50', 'current_level does not follow from the points'),
    ('UPDATE accounts SET points_this_week = points_this_week + 1', 'points_this_week is not the sum of the week''s entries'),
    ('UPDATE accounts SET points_this_month = points_this_month + 1', 'points_this_month is not the sum of the month''s entries'),
    ('UPDATE accounts SET last_entry_no = 9', 'user_points does not stand at its last entry'),
    ('UPDATE accounts SET last_entry_hash = sha256(''x'')', 'user_points does not stand at its last entry'),
    ('UPDATE accounts SET last_entry_hash = NULL', 'user_points does not stand at its last entry')
) AS tampered (statement, flaw);
SELECT pg_temp.sound('untouched, it is sound');
SELECT tests.act_as_admin();
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'an administrator may ask');
SELECT tests.act_as_owner();

SELECT * FROM finish();
ROLLBACK;
