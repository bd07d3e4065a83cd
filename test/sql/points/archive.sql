-- The ledger's archive: old entries leave the ledger and stay in history, numbered, chained and found as before.
\ir ../support/load.sql
BEGIN;
SELECT plan(64);

CREATE FUNCTION pg_temp.give(org uuid, name text, amount bigint, key text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, metadata, idempotency_key)
    VALUES (org, tests.person(name), amount, 'test', 'a test', '{"b": 1, "a": "é"}', key)
$$;
-- Archives what was recorded before a moment: rows and held.
CREATE FUNCTION pg_temp.archive(cut_off timestamptz DEFAULT clock_timestamp(), rows integer DEFAULT 10000) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    run uuid;
    more boolean;
BEGIN
    UPDATE laurel.retention_policies SET batch_rows = rows WHERE name = 'points_ledger_archive';
    PERFORM laurel_internal.enter_retention();
    SELECT s.run INTO run FROM laurel_internal.start_retention('points_ledger_archive', false) s;
    UPDATE laurel.retention_runs r SET cut_off = archive.cut_off WHERE id = run;
    LOOP
        SELECT b.more INTO more FROM laurel_internal.retention_batch(run) b;
        EXIT WHEN NOT more;
    END LOOP;
    PERFORM laurel_internal.finish_retention(run, 'done');
    RETURN (SELECT format('%s held %s', r.rows, held) FROM laurel.retention_runs r WHERE id = run);
END
$$;
-- How many entries of a member are where: archived + in the ledger.
CREATE FUNCTION pg_temp.split(org uuid, name text) RETURNS text LANGUAGE sql AS $$
    SELECT (SELECT count(*) FROM laurel.points_ledger_archive WHERE organization_id = org AND user_id = tests.person(name))
        || '+' || (SELECT count(*) FROM laurel.points_ledger WHERE organization_id = org AND user_id = tests.person(name))
$$;
CREATE FUNCTION pg_temp.flaws() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws(' ', entry_no, problem), ', '), 'sound') FROM laurel.verify_ledger()
$$;

SELECT tests.cast('ann', 'bob', 'cid', 'admin');
SELECT tests.join(tests.bolt(), 'zed');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('ann'));

SELECT pg_temp.give(tests.acme(), n, 10 * i, n || i) FROM unnest(ARRAY['ann', 'bob']) n, generate_series(1, 5) i;
SELECT pg_temp.give(tests.bolt(), 'ann', 7), pg_temp.give(tests.bolt(), 'zed', 8);
CREATE TEMP TABLE moments AS SELECT clock_timestamp() AS first;
SELECT pg_temp.give(tests.acme(), n, -i, n || 'late' || i) FROM unnest(ARRAY['ann', 'bob', 'cid']) n, generate_series(1, 3) i
    WHERE n <> 'cid';
SELECT pg_temp.give(tests.acme(), 'cid', 5);
CREATE TEMP TABLE history AS SELECT * FROM laurel.points_history;
CREATE TEMP TABLE balances AS
    SELECT organization_id, user_id, at, laurel.balance_at(user_id, at, organization_id) AS balance
    FROM laurel.user_points, LATERAL (SELECT created_at AS at FROM laurel.points_ledger UNION SELECT '-infinity' UNION SELECT 'infinity') a;

-- Nothing is old enough yet; then what lies before a moment goes.
SELECT is(pg_temp.archive(now() - interval '1 year'), '0 held 0', 'nothing young is archived');
SELECT is((SELECT count(*) FROM pg_inherits WHERE inhparent = 'laurel.points_ledger_archive'::regclass), 0::bigint,
    'and no partition is made for nothing');
SELECT is(pg_temp.archive((SELECT first FROM moments), 3), '12 held 0', 'in batches of three');
SELECT is(pg_temp.split(tests.acme(), 'ann') || ' ' || pg_temp.split(tests.acme(), 'cid') || ' ' || pg_temp.split(tests.bolt(), 'zed'),
    '5+3 0+1 1+0', 'an account''s first entries are archived');
SELECT is((SELECT max(entry_no) FROM laurel.points_ledger_archive WHERE user_id = tests.person('bob')), 5::bigint, 'from 1 on');
SELECT is((SELECT min(entry_no) FROM laurel.points_ledger WHERE user_id = tests.person('bob')), 6::bigint, 'without a gap');
SELECT results_eq('SELECT * FROM laurel.points_history ORDER BY id', 'SELECT * FROM history ORDER BY id', 'history is the same to the letter');
SELECT is((SELECT count(*) FROM laurel.points_ledger_archive), 12::bigint, 'entries are in one place only');
SELECT is(pg_temp.flaws(), 'sound', 'the chain holds across both');
SELECT is_empty($$ SELECT * FROM balances WHERE balance <> laurel.balance_at(user_id, at, organization_id) $$,
    'every balance of the past is found as before');
SELECT is((SELECT string_agg(relname, ' ') FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
           WHERE inhparent = 'laurel.points_ledger_archive'::regclass),
    'points_ledger_archive_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM'), 'one partition for the month');
SELECT is((SELECT entries FROM laurel_internal.archived_accounts WHERE organization_id = tests.acme() AND user_id = tests.person('ann')),
    5::bigint, 'the account knows how many');

-- Entries go on where they were.
SELECT lives_ok($$ SELECT pg_temp.give(tests.acme(), 'ann', 1), pg_temp.give(tests.bolt(), 'zed', 1) $$, 'new entries follow');
SELECT is((SELECT entry_no || ' ' || balance_after FROM laurel.points_ledger WHERE organization_id = tests.bolt()
           AND user_id = tests.person('zed')), '2 9', 'numbered after what is archived');
SELECT is(pg_temp.flaws(), 'sound', 'and chained to it');

-- Idempotency keys of archived entries.
SELECT results_eq($$ SELECT entry_no, balance_after, is_new FROM laurel.record_points_transaction(tests.person('ann'), 10, 'test',
        reason => 'a test', metadata => '{"a": "é", "b": 1}', idempotency_key => 'ann1', organization_id => tests.acme()) $$,
    $$ VALUES (1::bigint, 10::bigint, false) $$, 'a retry finds its archived entry');
SELECT is(tests.error_of($$ SELECT laurel.record_points_transaction(tests.person('ann'), 11, 'test', reason => 'a test',
        idempotency_key => 'ann1', organization_id => tests.acme()) $$), 'PT409 points_ledger_idempotency_key',
    'another body under an archived key is refused');
SELECT is(tests.error_of($$ SELECT pg_temp.give(tests.acme(), 'bob', 1, 'ann1') $$), '23505 points_ledger_idempotency_key',
    'so is a row inserted directly');
SELECT is(tests.error_of($$ INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, idempotency_key)
        VALUES (tests.acme(), tests.person('bob'), 1, 't', 'x', 'n1'), (tests.acme(), tests.person('cid'), 1, 't', 'x', 'bob5'),
               (tests.acme(), tests.person('bob'), 1, 't', 'x', NULL) $$), '23505 points_ledger_idempotency_key', 'among others, too');
SELECT is(tests.error_of($$ SELECT pg_temp.give(tests.bolt(), 'zed', 1, 'ann1') $$), 'none', 'another organization has its own keys');
SELECT results_eq($$ SELECT position, entry_no, is_new FROM laurel.record_points_transactions(jsonb_build_array(
        jsonb_build_object('user_id', tests.person('bob'), 'amount', 20, 'transaction_type', 'test', 'reason', 'a test',
            'metadata', '{"b": 1, "a": "é"}'::jsonb, 'idempotency_key', 'bob2', 'organization_id', tests.acme()),
        jsonb_build_object('user_id', tests.person('bob'), 'amount', 20, 'transaction_type', 'test', 'reason', 'a test',
            'idempotency_key', 'new', 'organization_id', tests.acme()))) $$,
    $$ VALUES (1::bigint, 2::bigint, false), (2, 9, true) $$, 'many at once find theirs');

-- Reversals.
SELECT results_eq($$ SELECT entry_no, balance_after, is_new FROM laurel.reverse_points_transaction(
        (SELECT id FROM laurel.points_ledger_archive WHERE idempotency_key = 'ann2')) $$,
    $$ VALUES (10::bigint, 125::bigint, true) $$, 'an archived entry is taken back');
SELECT is((SELECT l.occurred_at = a.occurred_at FROM laurel.points_ledger l JOIN laurel.points_ledger_archive a ON a.id = l.reverses_id),
    true, 'in its own time');
SELECT is(tests.error_of($$ SELECT laurel.reverse_points_transaction((SELECT id FROM laurel.points_ledger_archive WHERE idempotency_key = 'ann2')) $$),
    '23505 points_ledger_reverses_key', 'once');
SELECT is(pg_temp.archive(), '12 held 0', 'then everything is archived, the reversal too');
SELECT is((SELECT count(*) FROM laurel.points_ledger), 0::bigint, 'the ledger may be empty');
SELECT is(tests.error_of($$ SELECT laurel.reverse_points_transaction((SELECT id FROM laurel.points_ledger_archive WHERE idempotency_key = 'ann2')) $$),
    '23505 points_ledger_reverses_key', 'an archived reversal counts');
SELECT is(tests.error_of($$ SELECT laurel.reverse_points_transaction((SELECT id FROM laurel.points_ledger_archive WHERE reverses_id IS NOT NULL)) $$),
    '23503 points_ledger_reverses_id_fkey', 'and is not reversed itself');
SELECT is(tests.error_of($$ SELECT laurel.reverse_points_transaction(gen_random_uuid()) $$), '23503 points_ledger_reverses_id_fkey',
    'what is nowhere is not there');
SELECT is(pg_temp.flaws(), 'sound', 'all is sound with an empty ledger');
SELECT is_empty($$ SELECT * FROM balances WHERE at < 'infinity' AND balance <> laurel.balance_at(user_id, at, organization_id) $$,
    'and every balance is found');
SELECT is(laurel.balance_at(tests.person('ann'), 'infinity', tests.acme()), 125::bigint, 'the last one, too');

-- The archive is written by nobody else.
SELECT is(tests.error_of('INSERT INTO laurel.points_ledger_archive SELECT * FROM laurel.points_ledger_archive LIMIT 1'),
    '23001 points_ledger_archive_append_only', 'the owner adds nothing');
SELECT is(tests.error_of('UPDATE laurel.points_ledger_archive SET amount = 1'), '23001 points_ledger_archive_append_only', 'changes nothing');
SELECT is(tests.error_of('DELETE FROM laurel.points_ledger_archive'), '23001 points_ledger_archive_append_only', 'deletes nothing');
SELECT is(tests.error_of('TRUNCATE laurel.points_ledger_archive'), '23001 points_ledger_archive_append_only', 'empties nothing');
SELECT is(tests.error_of(format('DELETE FROM laurel_internal.points_ledger_archive_%s', to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM'))),
    '23001 points_ledger_archive_append_only', 'not behind its back either');
SELECT is(tests.error_of('DELETE FROM laurel_internal.archived_keys'), '23001 points_ledger_archive_append_only', 'nor its keys');
SELECT is(tests.error_of('DELETE FROM laurel_internal.archived_accounts'), '23001 points_ledger_archive_append_only', 'nor its accounts');
SELECT is(tests.error_of('DELETE FROM laurel.points_ledger'), '23001 points_ledger_append_only', 'the ledger''s own guard is as before');
SELECT tests.act_as_service();
SELECT is(tests.error_of('INSERT INTO laurel.points_ledger_archive SELECT * FROM laurel.points_ledger_archive LIMIT 1'), '42501',
    'the service role may not even try');

-- Who sees it.
SELECT is((SELECT count(*) FROM laurel.points_history), 24::bigint, 'the service role sees all of history');
SELECT tests.act_as(tests.person('ann'));
SELECT is((SELECT count(*) FROM laurel.points_history), 10::bigint, 'a member her own, in the active organization');
SELECT is((SELECT count(*) FROM laurel.points_ledger_archive WHERE user_id <> tests.person('ann')), 0::bigint, 'nobody else''s');
SELECT is(tests.error_of(format('SELECT FROM laurel_internal.points_ledger_archive_%s', to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM'))), '42501',
    'and no partition');
SELECT is(laurel.balance_at(tests.person('ann'), 'infinity'), 125::bigint, 'her balance');
SELECT tests.act_as_admin();
SELECT is((SELECT count(*) FROM laurel.points_history), 20::bigint, 'an administrator the organization''s');
SELECT tests.act_as_anon();
SELECT is(tests.error_of('SELECT FROM laurel.points_history'), '42501', 'nobody without signing in');
SELECT tests.act_as_owner();

-- Members who come back, calendars that move.
DELETE FROM laurel.user_organizations WHERE organization_id = tests.bolt() AND user_id = tests.person('ann');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('ann'));
SELECT is((SELECT format('%s %s %s', total_points, lifetime_points, last_entry_no) FROM laurel.user_points
           WHERE organization_id = tests.bolt() AND user_id = tests.person('ann')), '7 7 1', 'who comes back finds the archived points');
SELECT pg_temp.give(tests.bolt(), 'ann', 3);
DELETE FROM laurel.user_organizations WHERE organization_id = tests.bolt() AND user_id = tests.person('ann');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('ann'));
SELECT is((SELECT format('%s %s %s', total_points, lifetime_points, last_entry_no) FROM laurel.user_points
           WHERE organization_id = tests.bolt() AND user_id = tests.person('ann')), '10 10 2', 'and what came after');
UPDATE laurel.organizations SET time_zone = 'Pacific/Auckland';
SELECT is(pg_temp.flaws(), 'sound', 'a new time zone counts archived entries too');
DELETE FROM laurel.users WHERE id = tests.person('bob');
SELECT is(pg_temp.flaws(), 'sound', 'a deleted member''s entries stay sound');
SELECT is(pg_temp.split(tests.acme(), 'bob'), '9+0', 'and stay');

-- Holds.
SELECT pg_temp.give(tests.acme(), 'ann', 1), pg_temp.give(tests.acme(), 'cid', 1);
CREATE TEMP TABLE held AS SELECT clock_timestamp() AS since;
SELECT pg_temp.give(tests.acme(), 'cid', 2), pg_temp.give(tests.acme(), 'cid', 3);
INSERT INTO laurel.legal_holds (user_id, table_name, reason) VALUES (tests.person('ann'), 'points_ledger', 'case 1');
INSERT INTO laurel.legal_holds (organization_id, held_from, held_until, reason) SELECT tests.acme(), since, since + interval '1 hour', 'case 2' FROM held;
SELECT is(pg_temp.archive(), '1 held 4', 'what is held stays in the ledger, the year before it goes');
SELECT is(pg_temp.split(tests.acme(), 'ann') || ' ' || pg_temp.split(tests.acme(), 'cid'), '10+1 2+2', 'always without a gap');
SELECT is(pg_temp.flaws(), 'sound', 'and sound');

-- Triggers of an application that spoil entries on their way stop them; what they do inside stays refused.
SELECT pg_temp.give(tests.bolt(), 'zed', 4, 'zed-key'), pg_temp.give(tests.bolt(), 'zed', 5);
CREATE TEMP TABLE unspoiled AS SELECT pg_temp.split(tests.bolt(), 'zed') AS split;
CREATE FUNCTION pg_temp.drop_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE FUNCTION pg_temp.add_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.entry_no := NEW.entry_no + 1; RETURN NEW; END $$;
CREATE FUNCTION pg_temp.skip_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN OLD.amount <> 4 THEN OLD END; END $$;
CREATE FUNCTION pg_temp.forge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE laurel.points_ledger SET amount = 9 WHERE user_id = tests.person('cid');
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
-- Where entries are and what is wrong, once they should have gone while the trigger was there.
CREATE FUNCTION pg_temp.archive_with(trigger text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    BEGIN
        EXECUTE 'CREATE TRIGGER z ' || trigger;
        PERFORM tests.error_of('SELECT pg_temp.archive()');
        found := pg_temp.split(tests.bolt(), 'zed') || ' ' || pg_temp.flaws();
        RAISE assert_failure;
    EXCEPTION WHEN assert_failure THEN NULL;
    END;
    RETURN found;
END
$$;
SELECT is(pg_temp.archive_with(how), (SELECT split || ' sound' FROM unspoiled), how) FROM unnest(ARRAY[
    'BEFORE DELETE ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION pg_temp.skip_first()',
    'BEFORE DELETE ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION pg_temp.forge()',
    'BEFORE INSERT ON laurel.points_ledger_archive FOR EACH ROW EXECUTE FUNCTION pg_temp.add_one()',
    'BEFORE INSERT ON laurel.points_ledger_archive FOR EACH ROW EXECUTE FUNCTION pg_temp.drop_row()',
    'BEFORE INSERT ON laurel_internal.archived_keys FOR EACH ROW EXECUTE FUNCTION pg_temp.drop_row()',
    'BEFORE INSERT ON laurel_internal.archived_keys FOR EACH ROW EXECUTE FUNCTION pg_temp.add_one()',
    'AFTER INSERT ON laurel.points_ledger_archive FOR EACH ROW EXECUTE FUNCTION pg_temp.forge()']) how;
SELECT is(pg_temp.archive_with('AFTER DELETE ON laurel.points_ledger FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.drop_row()'),
    (SELECT split_part(split, '+', 1)::int + split_part(split, '+', 2)::int || '+0 sound' FROM unspoiled), 'a harmless one stops nothing');

SELECT * FROM finish();
ROLLBACK;
