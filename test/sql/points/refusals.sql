\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(155);

SELECT tests.cast('admin', 'learner', 'other', 'bolt_learner');
INSERT INTO laurel.courses (id, organization_id, name) VALUES
    ('ac000000-0000-0000-0000-000000000001', tests.acme(), 'Course of Acme'),
    ('bc000000-0000-0000-0000-000000000001', tests.bolt(), 'Course of Bolt');
INSERT INTO laurel.points_ledger (id, user_id, amount, transaction_type, reason, idempotency_key) VALUES
    ('ae000000-0000-0000-0000-000000000001', tests.person('learner'), 100, 'bonus', 'start', 'used'),
    ('be000000-0000-0000-0000-000000000001', tests.person('bolt_learner'), 700, 'bonus', 'start', NULL),
    ('ae000000-0000-0000-0000-000000000004', tests.person('other'), 9223372036854775807, 'bonus', 'all', NULL);

-- Everything that an entry may change, as one text.
CREATE FUNCTION pg_temp.state() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT md5(concat((SELECT string_agg(l::text, ',' ORDER BY organization_id, user_id, entry_no) FROM laurel.points_ledger l),
                      (SELECT string_agg(p::text, ',' ORDER BY organization_id, user_id) FROM laurel.user_points p),
                      (SELECT string_agg(e::text, ',' ORDER BY id) FROM laurel.domain_events e)))
$$;

-- A refusal says what is expected, leaves everything as it was, and leaves balances guarded.
CREATE FUNCTION pg_temp.refused(statement text, expected text, description text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before constant text := pg_temp.state();
    found text := tests.error_of(statement);
BEGIN
    IF pg_temp.state() <> before THEN
        found := found || ', but something changed';
    END IF;
    IF tests.error_of('UPDATE laurel.user_points SET total_points = 1') NOT IN ('23001 user_points_follow_ledger', '42501') THEN
        found := found || ', and now balances are open';
    END IF;
    RETURN is(found, expected, description);
END
$$;

-- An INSERT into the ledger: VALUES for (user_id, amount, transaction_type, reason), with further columns if any.
CREATE FUNCTION pg_temp.entry(row_values text, more_columns text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT format('INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason%s) VALUES %s', more_columns,
        replace(replace(replace(row_values, ':lea', '''a0000000-0000-0000-0000-000000000003'''),
                        ':rich', '''a0000000-0000-0000-0000-000000000004'''),
                ':bob', '''b0000000-0000-0000-0000-000000000003'''))
$$;
GRANT EXECUTE ON FUNCTION pg_temp.state(), pg_temp.refused(text, text, text), pg_temp.entry(text, text) TO PUBLIC;

-- Amounts and balances.
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 0, 't', 'r')$$), '23514 points_ledger_amount_check', 'an entry of zero');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, -101, 't', 'r')$$), '23514 user_points_total_points_check', 'more than there is');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, -60, 't', 'r'), (:lea, -60, 't', 'r')$$), '23514 user_points_total_points_check',
    'more than there is, in two rows that each would do');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, -101, 't', 'r'), (:lea, 50, 't', 'r')$$), '23514 user_points_total_points_check',
    'more than there is at that moment, though a later row of the statement makes up for it');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 5, 't', 'r'), (:bob, 5, 't', 'r'), (:lea, -106, 't', 'r')$$),
    '23514 user_points_total_points_check', 'a whole statement for its last row');
SELECT pg_temp.refused(pg_temp.entry($$(:rich, 1, 't', 'r')$$), '22003', 'a balance beyond bigint');
SELECT pg_temp.refused(pg_temp.entry($$(:rich, -9223372036854775808, 't', 'r')$$), '23514 user_points_total_points_check',
    'the smallest bigint as a debit');
SELECT pg_temp.refused(pg_temp.entry($$(:rich, -9223372036854775807, 't', 'r'), (:rich, 9223372036854775807, 't', 'r')$$), '22003',
    'lifetime points beyond bigint, though the balance is in range');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 9223372036854775808, 't', 'r')$$), '22003', 'an amount beyond bigint');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, NULL, 't', 'r')$$), '23502', 'no amount');

-- Who gets them.
SELECT pg_temp.refused(pg_temp.entry($$(NULL, 1, 't', 'r')$$), '23502', 'nobody');
SELECT pg_temp.refused(pg_temp.entry($$('f0000000-0000-0000-0000-00000000000f', 1, 't', 'r')$$),
    '23503 points_ledger_account_fkey', 'a user who does not exist');
SELECT pg_temp.refused(pg_temp.entry($$('f0000000-0000-0000-0000-00000000000f', 1, 't', 'r', tests.acme())$$,
    ', organization_id'), '23503 points_ledger_account_fkey', 'a user who does not exist, in an organization that does');
SELECT pg_temp.refused(pg_temp.entry($$(:bob, 1, 't', 'r', tests.acme())$$, ', organization_id'),
    '23503 points_ledger_account_fkey', 'a user of another organization');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', 'f0000000-0000-0000-0000-00000000000f')$$, ', organization_id'),
    '23503 points_ledger_account_fkey', 'an organization that does not exist');

-- What for.
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', NULL)$$), '23514 points_ledger_reason_check', 'a manual adjustment without reason');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', '')$$), '23514 points_ledger_reason_check', 'with an empty one');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', E'  \t\n ')$$), '23514 points_ledger_reason_check', 'with blanks for one');
SELECT pg_temp.refused($$SELECT laurel.record_points_transaction(tests.person('learner'), 1, 't')$$,
    '23514 points_ledger_reason_check', 'the same through the function');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', NULL, 'Course', 'f0000000-0000-0000-0000-00000000000f')$$,
    ', reference_type, reference_id'), '23503 points_ledger_reference_id_fkey', 'a course that does not exist');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', NULL, 'Course', 'bc000000-0000-0000-0000-000000000001')$$,
    ', reference_type, reference_id'), '23503 points_ledger_reference_id_fkey', 'a course of another organization');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', NULL, 'Unicorn', 'ac000000-0000-0000-0000-000000000001')$$,
    ', reference_type, reference_id'), '23503 points_ledger_reference_type_fkey', 'a reference type nobody knows');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', NULL, 'course', 'ac000000-0000-0000-0000-000000000001')$$,
    ', reference_type, reference_id'), '23503 points_ledger_reference_type_fkey', 'a reference type in other letters');
INSERT INTO laurel.reference_types (name, table_name) VALUES (repeat('x', 63), 'laurel.courses'), (repeat('y', 90), 'laurel.courses');
SELECT pg_temp.refused(pg_temp.entry(format($$(:lea, 1, 't', NULL, %L, 'ac000000-0000-0000-0000-000000000001')$$, repeat('x', 64)),
    ', reference_type, reference_id'), '23503 points_ledger_reference_type_fkey', 'a reference type that only begins like one');
SELECT lives_ok(pg_temp.entry(format($$(:lea, 1, 't', NULL, %L, 'ac000000-0000-0000-0000-000000000001')$$, repeat('y', 90)),
    ', reference_type, reference_id'), 'a reference type has a long name');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', 'Course', NULL)$$, ', reference_type, reference_id'),
    '23514 points_ledger_reference_check', 'a reference type without its row');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', NULL, 'ac000000-0000-0000-0000-000000000001')$$,
    ', reference_type, reference_id'), '23514 points_ledger_reference_check', 'a row without its reference type');
SELECT throws_ok(pg_temp.entry($$(:lea, 1, 't', 'r', 'Course', NULL)$$, ', reference_type, reference_id'),
    '23514', 'reference_type and reference_id go together', 'which is said in words');
SELECT throws_ok(pg_temp.entry($$(:lea, 1, 't', NULL)$$), '23514', 'an entry must say what it is for', 'and so is that nothing was said');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, '', 'r')$$), '23514 points_ledger_transaction_type_check', 'an empty type');
SELECT pg_temp.refused(pg_temp.entry(format($$(:lea, 1, %L, 'r')$$, repeat('x', 101))), '23514 points_ledger_transaction_type_check',
    'a type of 101 characters');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, NULL, 'r')$$), '23502', 'no type');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', '[]')$$, ', metadata'), '23514 points_ledger_metadata_check', 'metadata that is an array');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', '1')$$, ', metadata'), '23514 points_ledger_metadata_check', 'metadata that is a number');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', 'null')$$, ', metadata'), '23514 points_ledger_metadata_check', 'metadata that is JSON''s null');

-- When.
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', clock_timestamp() + interval '1 second')$$, ', occurred_at'),
    '23514 points_ledger_occurred_at_check', 'the future');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', 'infinity')$$, ', occurred_at'), '23514 points_ledger_occurred_at_check',
    'the end of time');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', '-infinity')$$, ', occurred_at'), '23514 points_ledger_occurred_at_check',
    'its beginning');

-- Numbers that are the database's to give.
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', 100)$$, ', balance_after'), '23514 points_ledger_balance_after_check',
    'a balance that is not the ledger''s');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', 9)$$, ', entry_no'), '23514 points_ledger_entry_no_check',
    'a number that is not the next');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', 'used')$$, ', idempotency_key'), '23505 points_ledger_idempotency_key',
    'a key twice');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', '')$$, ', idempotency_key'), '23514 points_ledger_idempotency_key_check',
    'an empty key');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', 'ae000000-0000-0000-0000-000000000001')$$, ', id'),
    '23505 points_ledger_pkey', 'an id twice');

-- A key used for something else.
SELECT lives_ok($$SELECT laurel.record_points_transaction(tests.person('learner'), 1, 't', NULL, NULL, 'r', '{"a": 1}', 'key')$$,
    'a key is used once');
SELECT pg_temp.refused(format($$SELECT laurel.record_points_transaction(%s)$$, arguments), 'PT409 points_ledger_idempotency_key', what)
FROM (VALUES
    ($$tests.person('learner'), 2, 't', NULL, NULL, 'r', '{"a": 1}', 'key'$$, 'and then for another amount'),
    ($$tests.person('other'), 1, 't', NULL, NULL, 'r', '{"a": 1}', 'key'$$, 'for another member'),
    ($$tests.person('learner'), 1, 'u', NULL, NULL, 'r', '{"a": 1}', 'key'$$, 'for another type'),
    ($$tests.person('learner'), 1, 't', NULL, NULL, 's', '{"a": 1}', 'key'$$, 'for another reason'),
    ($$tests.person('learner'), 1, 't', NULL, NULL, NULL, '{"a": 1}', 'key'$$, 'for no reason'),
    ($$tests.person('learner'), 1, 't', NULL, NULL, 'r', '{"a": 2}', 'key'$$, 'with other metadata'),
    ($$tests.person('learner'), 1, 't', 'Course', 'ac000000-0000-0000-0000-000000000001', 'r', '{"a": 1}', 'key'$$,
        'for another reference'),
    ($$tests.person('learner'), 1, 't', NULL, NULL, 'r', '{"a": 1}', 'key', '2020-01-01'$$, 'for another time')
) AS changed (arguments, what);
SELECT pg_temp.refused($$SELECT laurel.record_points_transaction(NULL, 1, 't', reason => 'r')$$, '22004', 'no user, to the function');
SELECT pg_temp.refused($$SELECT laurel.record_points_transaction(tests.person('learner'), NULL, 't', reason => 'r')$$,
    '22004', 'no amount, to the function');
SELECT pg_temp.refused($$SELECT laurel.record_points_transaction(tests.person('learner'), 1, NULL, reason => 'r')$$,
    '22004', 'no type, to the function');
SELECT is(laurel.balance_at(NULL, now()), NULL, 'the balance of nobody');
SELECT is(laurel.balance_at(tests.person('learner'), NULL), NULL, 'the balance at no time');

-- History, for its owner as for everybody.
SELECT pg_temp.refused(statement, '23001 points_ledger_append_only', statement) FROM unnest(ARRAY[
    'UPDATE laurel.points_ledger SET amount = 5', 'UPDATE laurel.points_ledger SET reason = reason WHERE false',
    'DELETE FROM laurel.points_ledger', 'TRUNCATE laurel.points_ledger',
    'UPDATE laurel.point_transactions SET points = 5', 'DELETE FROM laurel.point_transactions']) statement;
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', 'used')$$, ', idempotency_key')
    || ' ON CONFLICT (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO UPDATE SET amount = 5',
    '23001 points_ledger_append_only', 'an upsert of history');
SELECT pg_temp.refused('TRUNCATE laurel.user_organizations CASCADE', '23001 user_points_follow_ledger', 'a truncation that reaches the accounts');

-- Rows that were numbered and did not arrive.
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', 'used')$$, ', idempotency_key') || ' ON CONFLICT DO NOTHING',
    '23001 points_ledger_entry_no_key', 'a numbered row that ON CONFLICT drops');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r', NULL), (:lea, 1, 't', 'r', 'used'), (:bob, 1, 't', 'r', NULL)$$,
    ', idempotency_key') || ' ON CONFLICT DO NOTHING', '23001 points_ledger_entry_no_key', 'one among others');
CREATE FUNCTION pg_temp.drop_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER zz_drop BEFORE INSERT ON laurel.points_ledger FOR EACH ROW WHEN (NEW.transaction_type = 'dropped')
    EXECUTE FUNCTION pg_temp.drop_row();
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 'dropped', 'r')$$), '23001 points_ledger_entry_no_key',
    'a numbered row that a trigger drops');
CREATE FUNCTION pg_temp.add_bonus() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (NEW.user_id, 1, 'bonus', 'for it');
    RETURN NULL;
END
$$;
CREATE TRIGGER add_bonus AFTER INSERT ON laurel.points_ledger FOR EACH ROW WHEN (NEW.transaction_type = 'rewarded')
    EXECUTE FUNCTION pg_temp.add_bonus();
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 'rewarded', 'r'), (:lea, 1, 'dropped', 'r')$$), '23001 points_ledger_entry_no_key',
    'a dropped row, though a trigger of one that arrived adds an entry in its stead');
CREATE TRIGGER a_drop_early BEFORE INSERT ON laurel.points_ledger FOR EACH ROW WHEN (NEW.transaction_type = 'early')
    EXECUTE FUNCTION pg_temp.drop_row();
SELECT is(tests.error_of(pg_temp.entry($$(:lea, 1, 'early', 'r'), (:lea, 1, 't', 'r')$$)), 'none',
    'a row that a trigger drops before it is numbered is no harm');

-- Balances are written by the ledger alone.
SELECT pg_temp.refused(format('UPDATE laurel.user_points SET %I = %s', name, value), '23001 user_points_follow_ledger', name || ' set by hand')
FROM (VALUES ('total_points', '1'), ('lifetime_points', '1'), ('points_this_week', '1'), ('points_this_month', '1'),
    ('last_entry_no', '1'), ('current_level', '2'), ('current_streak', '1'), ('longest_streak', '1'), ('tier', $$'gold'$$),
    ('week_start', 'now()'), ('month_start', 'now()'), ('last_activity_date', 'now()'), ('reached_at', 'now()'),
    ('last_entry_at', 'now()'), ('last_entry_hash', $$sha256('')$$)) AS columns (name, value);
SELECT is(tests.error_of('UPDATE laurel.user_points SET team_id = NULL'), 'none', 'what is no balance can be written');

-- Accounts open empty.
DELETE FROM laurel.user_points WHERE user_id = tests.person('admin');
SELECT pg_temp.refused(format($$INSERT INTO laurel.user_points (organization_id, user_id, %I) VALUES
    (tests.acme(), tests.person('admin'), %s)$$, name, value),
    '23001 user_points_follow_ledger', name || ' brought along')
FROM (VALUES ('total_points', '1'), ('lifetime_points', '1'), ('points_this_week', '1'), ('points_this_month', '1'),
    ('last_entry_no', '1'), ('current_level', '2'), ('longest_streak', '1'), ('tier', $$'gold'$$), ('week_start', 'now()'),
    ('month_start', 'now()'), ('last_activity_date', 'now()'), ('reached_at', 'now()'), ('last_entry_at', $$'2100-01-01'$$),
    ('last_entry_hash', $$sha256('')$$)) AS columns (name, value);
SELECT pg_temp.refused($$INSERT INTO laurel.user_points (organization_id, user_id)
    VALUES (tests.acme(), tests.person('learner'))
    ON CONFLICT (organization_id, user_id) DO UPDATE SET total_points = 5$$, '23001 user_points_follow_ledger', 'an upsert of a balance');
INSERT INTO laurel.user_points (organization_id, user_id)
VALUES (tests.acme(), tests.person('admin')) ON CONFLICT DO NOTHING;

-- An error while balances are being written closes them again. The detailed log makes deep calls, which overwrite what
-- the error has left on the stack.
CREATE FUNCTION pg_temp.object() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a rule of the application'; END $$;
CREATE TRIGGER object AFTER UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.object();
SET LOCAL log_min_messages = debug5;
DO $$
BEGIN
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
    VALUES (tests.person('learner'), 1, 't', 'r');
EXCEPTION WHEN raise_exception THEN NULL;
END
$$;
SET LOCAL log_min_messages = warning;
DROP TRIGGER object ON laurel.user_points;
SELECT is(tests.error_of('UPDATE laurel.user_points SET total_points = 5'), '23001 user_points_follow_ledger',
    'balances stay closed after an error while they were written');
CREATE FUNCTION pg_temp.keep_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER keep_row BEFORE UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.keep_row();
SELECT is(tests.error_of(pg_temp.entry($$(:lea, 1, 't', 'r')$$)), '23001 user_points_follow_ledger', 'an account that a trigger keeps from following');
DROP TRIGGER keep_row ON laurel.user_points;

-- Triggers of the application that would make something else of entries and balances.
CREATE FUNCTION pg_temp.change_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.amount := CASE NEW.transaction_type WHEN 'more' THEN 999 ELSE NEW.amount END;
    NEW.reason := CASE NEW.transaction_type WHEN 'reworded' THEN 'another' ELSE NEW.reason END;
    NEW.user_id := CASE NEW.transaction_type WHEN 'moved' THEN tests.person('other') ELSE NEW.user_id END;
    RETURN NEW;
END
$$;
CREATE TRIGGER zz_change BEFORE INSERT ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION pg_temp.change_entry();
SELECT pg_temp.refused(pg_temp.entry(format('(:lea, 1, %L, $$r$$)', kind)), '23001 points_ledger_append_only',
    'an entry that a trigger changes after it was numbered: ' || kind) FROM unnest('{more, reworded, moved}'::text[]) kind;
SELECT is(tests.error_of(pg_temp.entry($$(:lea, 2, 't', 'r'), (:lea, -2, 't', 'r')$$)), 'none', 'one that it leaves alone is no harm');
DROP TRIGGER zz_change ON laurel.points_ledger;
CREATE TRIGGER m_change BEFORE INSERT ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION pg_temp.change_entry();
SELECT is(tests.error_of(pg_temp.entry($$(:lea, 1, 'more', 'r'), (:lea, -999, 't', 'r')$$)), 'none', 'nor what it changes before');
DROP TRIGGER m_change ON laurel.points_ledger;
CREATE FUNCTION pg_temp.change_balance() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.total_points := 5; RETURN NEW; END $$;
CREATE FUNCTION pg_temp.write_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE laurel.user_points SET total_points = 5 WHERE user_id = NEW.user_id AND total_points <> 5;
    RETURN NEW;
END
$$;
CREATE TRIGGER change_balance BEFORE UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.change_balance();
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r')$$), '23001 user_points_follow_ledger', 'a balance that a trigger changes on its way');
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r'), (:bob, 1, 't', 'r')$$), '23001 user_points_follow_ledger', 'among others');
DROP TRIGGER change_balance ON laurel.user_points;
CREATE TRIGGER write_balance AFTER UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.write_balance();
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 1, 't', 'r')$$), '23001 user_points_follow_ledger', 'a balance that a trigger writes after the ledger');
DROP TRIGGER write_balance ON laurel.user_points;
CREATE TRIGGER write_balance AFTER INSERT ON laurel.domain_events FOR EACH ROW EXECUTE FUNCTION pg_temp.write_balance();
SELECT pg_temp.refused(pg_temp.entry($$(:lea, 600, 't', 'r')$$), '23001 user_points_follow_ledger', 'a balance that a trigger writes on reaching a tier');
DROP TRIGGER write_balance ON laurel.domain_events;

-- The back end is bound too.
SELECT tests.act_as_service();
SELECT pg_temp.refused(statement, '23001 points_ledger_append_only', 'service_role: ' || statement) FROM unnest(ARRAY[
    'UPDATE laurel.points_ledger SET amount = 5', 'DELETE FROM laurel.points_ledger']) statement;
SELECT is(tests.error_of('TRUNCATE laurel.points_ledger'), '42501', 'service_role: TRUNCATE laurel.points_ledger');
SELECT pg_temp.refused('UPDATE laurel.user_points SET tier = DEFAULT', '23001 user_points_follow_ledger', 'service_role: a balance');

-- Learners record nothing, and learn nothing by trying: neither who has an account nor what is in it.
SELECT tests.act_as_learner();
SELECT pg_temp.refused(pg_temp.entry(row_values, columns), '42501', 'a learner: ' || what)
FROM (VALUES ($$(:lea, 1, 't', 'r')$$, '', 'points for oneself'), ($$(:rich, -1, 't', 'r')$$, '', 'points of another'),
    ($$(:bob, -700, 't', 'r')$$, '', 'what a stranger has'), ($$(:bob, -701, 't', 'r')$$, '', 'what a stranger has not'),
    ($$(:bob, 1, 't', 'r', 701)$$, ', balance_after', 'the balance of a stranger'),
    ($$(:bob, 1, 't', 'r', 999)$$, ', balance_after', 'not the balance of a stranger'),
    ($$('f0000000-0000-0000-0000-00000000000f', 1, 't', 'r')$$, '', 'nobody'),
    ($$(:bob, -700, 't', 'r', 'be000000-0000-0000-0000-000000000001')$$, ', reverses_id', 'an entry of a stranger'),
    ($$(:bob, -1, 't', 'r', 'be000000-0000-0000-0000-000000000001')$$, ', reverses_id', 'the amount of a stranger''s entry')
) AS tried (row_values, columns, what);
SELECT pg_temp.refused(statement, '42501', 'a learner: ' || statement) FROM unnest(ARRAY[
    $$SELECT laurel.record_points_transaction(tests.person('learner'), 5, 't', reason => 'r')$$,
    $$SELECT laurel.record_points_transaction(tests.person('bolt_learner'), -999, 't', reason => 'r')$$,
    $$SELECT laurel.record_points_transactions('[{"user_id": "b0000000-0000-0000-0000-000000000003", "amount": 5, "transaction_type": "t"}]')$$,
    $$SELECT laurel.balance_at(tests.person('bolt_learner'), now())$$,
    $$SELECT laurel.balance_at(tests.person('other'), now())$$,
    $$SELECT laurel.balance_at(tests.person('bolt_learner'), now(), tests.bolt())$$,
    'SELECT laurel.verify_ledger()', 'UPDATE laurel.points_ledger SET amount = 1', 'DELETE FROM laurel.points_ledger',
    'UPDATE laurel.user_points SET updated_at = now()', 'DELETE FROM laurel.user_points',
    $$UPDATE laurel.reference_types SET name = 'x'$$, $$INSERT INTO laurel.domain_events (user_id, type) VALUES (laurel.uid(), 't')$$,
    $$INSERT INTO laurel.point_transactions (user_id, points, activity_type) VALUES (laurel.uid(), 5, 't')$$]) statement;
SELECT pg_temp.refused($$SELECT laurel.reverse_points_transaction('be000000-0000-0000-0000-000000000001')$$,
    '23503 points_ledger_reverses_id_fkey', 'a learner: an entry that exists elsewhere');
SELECT pg_temp.refused($$SELECT laurel.reverse_points_transaction('fe000000-0000-0000-0000-000000000001')$$,
    '23503 points_ledger_reverses_id_fkey', 'a learner: an entry that does not');

-- An administrator records in the own organization only, and learns nothing of others.
SELECT tests.act_as_admin();
SELECT lives_ok(pg_temp.entry($$(:lea, 1, 't', 'r')$$), 'an administrator records points');
SELECT pg_temp.refused(pg_temp.entry(row_values, columns), '23503 points_ledger_account_fkey', 'an administrator: ' || what)
FROM (VALUES ($$(:bob, 1, 't', 'r')$$, '', 'points for a stranger'), ($$(:bob, -701, 't', 'r')$$, '', 'what a stranger has not'),
    ($$(:bob, -700, 't', 'r', 'be000000-0000-0000-0000-000000000001')$$, ', reverses_id', 'a stranger''s entry'),
    ($$('f0000000-0000-0000-0000-00000000000f', 1, 't', 'r')$$, '', 'nobody, who is no more and no less')
) AS tried (row_values, columns, what);
SELECT pg_temp.refused(pg_temp.entry($$(:bob, 1, 't', 'r', tests.bolt())$$, ', organization_id'), '42501', 'an administrator: another organization');
SELECT pg_temp.refused($$SELECT laurel.record_points_transaction(tests.person('bolt_learner'), -999, 't', reason => 'r',
    organization_id => tests.bolt())$$, '42501', 'an administrator: another organization, by function');
SELECT is(tests.error_of('UPDATE laurel.points_ledger SET amount = 1'), '42501', 'an administrator: history');
INSERT INTO laurel.points_ledger (id, user_id, amount, transaction_type, reason, created_by)
VALUES ('ae000000-0000-0000-0000-000000000009', tests.person('learner'), 1, 't', 'r', tests.person('bolt_learner'));
SELECT is((SELECT created_by FROM laurel.points_ledger WHERE id = 'ae000000-0000-0000-0000-000000000009'),
    tests.person('admin'), 'who records cannot be somebody else');

SELECT tests.act_as_anon();
SELECT is(tests.error_of('SELECT count(*) FROM laurel.points_ledger'), '42501', 'anon reads no history');
SELECT is(tests.error_of('SELECT count(*) FROM laurel.user_points'), '42501', 'and no balances');
SELECT is(tests.error_of(pg_temp.entry($$(:lea, 1, 't', 'r')$$)), '42501', 'and records nothing');
SELECT is(tests.error_of($$SELECT laurel.record_points_transaction(tests.person('learner'), 5, 't', reason => 'r')$$),
    '42501', 'by no function');

SELECT tests.act_as_owner();
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'after all this the ledger is sound');
SELECT * FROM finish();
ROLLBACK;
