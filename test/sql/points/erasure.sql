-- A person's words leave the ledger for ever, and the chain of entries is as sound as before.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

CREATE FUNCTION pg_temp.flaws() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(problem, ', '), 'sound') FROM laurel.verify_ledger()
$$;
SELECT tests.cast('ann', 'ben', 'admin');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('ann'));
INSERT INTO laurel.courses (id, organization_id, name) VALUES (tests.person('course'), tests.acme(), 'Course');
INSERT INTO laurel.badges (id, organization_id, slug, badge_name, points_value) VALUES (tests.person('badge'), tests.acme(), 'kind', 'Kind', 5);
CREATE FUNCTION pg_temp.give(name text, amount bigint, key text, organization uuid DEFAULT tests.acme()) RETURNS void LANGUAGE sql AS $$
    SELECT laurel.record_points_transaction(tests.person(name), amount, 'gift', reason => name || ' was secretly ill', metadata => '{"diagnosis": "secret é"}',
        idempotency_key => key, organization_id => organization)
$$;

-- Each entry has its own salt, and only where it has words.
SELECT pg_temp.give('ann', 10, 'secret-1'), pg_temp.give('ann', 20, 'secret-2'), pg_temp.give('ben', 10, 'secret-ben'), pg_temp.give('ann', 7, 'secret-zoo', tests.bolt());
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reference_type, reference_id, word_salt, erased_words)
    VALUES (tests.person('ann'), 1, 'course', 'Course', tests.person('course'), 'mine', ARRAY[sha256('mine')]);
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, word_salt, erased_words)
    VALUES (tests.person('ann'), 2, 'gift', 'secret', 'mine', ARRAY[sha256('mine')]);
SELECT results_eq($$SELECT octet_length(word_salt), erased_words FROM laurel.points_ledger WHERE user_id = tests.person('ann') AND organization_id = tests.acme() ORDER BY entry_no$$,
    $$VALUES (16, NULL::bytea[]), (16, NULL), (NULL, NULL), (16, NULL)$$, 'salts are the database''s own');
SELECT is((SELECT count(*) FROM (SELECT laurel.record_points_transactions(jsonb_agg(jsonb_build_object('user_id', tests.person('ben'), 'amount', 1,
    'transaction_type', 'many', 'reason', 'r'))) FROM generate_series(1, 1000)) b), 1000::bigint, 'many at once');
SELECT is((SELECT count(DISTINCT word_salt) FROM laurel.points_ledger), 1005::bigint, 'no two entries share one');
SELECT laurel.award_badge(tests.person('ann'), tests.person('badge')) IS NOT NULL;

-- Some entries are archived.
SELECT laurel_internal.create_month_partitions('laurel.points_ledger_archive', 0);
SET LOCAL session_replication_role = replica;
INSERT INTO laurel.points_ledger_archive SELECT * FROM laurel.points_ledger WHERE idempotency_key = 'secret-1';
INSERT INTO laurel_internal.archived_keys SELECT organization_id, idempotency_key, user_id, entry_no, created_at FROM laurel.points_ledger_archive;
INSERT INTO laurel_internal.archived_accounts SELECT organization_id, user_id, entry_no FROM laurel.points_ledger_archive;
DELETE FROM laurel.points_ledger WHERE idempotency_key = 'secret-1';
SET LOCAL session_replication_role = origin;
SELECT is(pg_temp.flaws(), 'sound', 'sound before');
CREATE TEMP TABLE before AS SELECT * FROM laurel.points_history;

-- Who may.
SELECT tests.act_as_admin();
SELECT is(tests.error_of(format('SELECT laurel_internal.erase_entry_words(%L, %L)', tests.acme(), tests.person('ann'))), '42501', 'not an administrator');
SELECT tests.act_as_service();
SELECT is(tests.error_of(format('SELECT laurel_internal.erase_entry_words(%L, %L)', tests.acme(), tests.person('ann'))), '42501', 'nor service_role by itself');
SELECT tests.act_as_owner();
SELECT is(tests.error_of('SELECT laurel_internal.erase_entry_words(NULL, NULL)'), '22004', 'nobody''s words');

-- Triggers of an application do not keep words, nor change what stays.
CREATE FUNCTION pg_temp.error_with(trigger text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    BEGIN
        EXECUTE trigger;
        found := tests.error_of(format('SELECT laurel_internal.erase_entry_words(%L, %L)', tests.acme(), tests.person('ann')));
        RAISE assert_failure;
    EXCEPTION WHEN assert_failure THEN NULL;
    END;
    RETURN found;
END
$$;
CREATE FUNCTION pg_temp.keep_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE TG_OP WHEN 'DELETE' THEN NULL ELSE OLD END; END $$;
CREATE FUNCTION pg_temp.more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.amount := NEW.amount + 1; RETURN NEW; END $$;
CREATE FUNCTION pg_temp.forge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE laurel.points_ledger SET amount = 9 WHERE user_id = tests.person('ben');
    RETURN NEW;
END $$;
SELECT is(pg_temp.error_with('CREATE TRIGGER z ' || how), '23001 points_ledger_append_only', how) FROM unnest(ARRAY[
    'BEFORE UPDATE ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION pg_temp.keep_words()',
    'BEFORE UPDATE ON laurel.points_ledger_archive FOR EACH ROW EXECUTE FUNCTION pg_temp.keep_words()',
    'BEFORE DELETE ON laurel_internal.archived_keys FOR EACH ROW EXECUTE FUNCTION pg_temp.keep_words()',
    'BEFORE UPDATE ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION pg_temp.more()',
    'BEFORE UPDATE ON laurel.points_ledger_archive FOR EACH ROW EXECUTE FUNCTION pg_temp.more()',
    'BEFORE UPDATE ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION pg_temp.forge()',
    'AFTER UPDATE ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION pg_temp.forge()',
    'AFTER UPDATE ON laurel.points_ledger_archive FOR EACH ROW EXECUTE FUNCTION pg_temp.forge()']) how;

SELECT is(laurel_internal.erase_entry_words(tests.acme(), tests.person('ann')), 4::bigint, 'an account''s words are erased');
SELECT is(pg_temp.flaws(), 'sound', 'the chain is sound without them');
SELECT is(laurel_internal.erase_entry_words(tests.acme(), tests.person('ann')), 0::bigint, 'there are none left');
SELECT is_empty($$SELECT FROM laurel.points_ledger l WHERE l.user_id = tests.person('ann') AND organization_id = tests.acme() AND (l::text ~ 'secret|salt' OR word_salt IS NOT NULL)$$,
    'not in the ledger');
SELECT is_empty($$SELECT FROM laurel.points_ledger_archive l WHERE l.user_id = tests.person('ann') AND (l::text ~ 'secret' OR word_salt IS NOT NULL)$$, 'not in its archive');
SELECT is_empty($$SELECT FROM laurel_internal.archived_keys WHERE user_id = tests.person('ann')$$, 'nor among its keys');
SELECT results_eq($$SELECT id, amount, balance_after, occurred_at, created_at, entry_hash, reference_id FROM laurel.points_history ORDER BY id$$,
    $$SELECT id, amount, balance_after, occurred_at, created_at, entry_hash, reference_id FROM before ORDER BY id$$, 'all else is as it was');
SELECT results_eq($$SELECT erased_words IS NOT NULL FROM laurel.points_history WHERE user_id = tests.person('ann') AND organization_id = tests.acme() ORDER BY entry_no$$,
    $$VALUES (true), (true), (false), (true), (true)$$, 'a column says so');
SELECT results_eq($$SELECT reason FROM laurel.points_ledger WHERE idempotency_key IN ('secret-ben', 'secret-zoo') ORDER BY reason$$,
    $$VALUES ('ann was secretly ill'), ('ben was secretly ill')$$, 'others'' words stay, and those in another organization');

-- What goes on.
SELECT lives_ok(format('SELECT laurel.reverse_points_transaction(%L)', id), 'an erased entry is reversed') FROM before WHERE idempotency_key = 'secret-2';
SELECT lives_ok(format('SELECT laurel.reverse_points_transaction(%L)', id), 'an archived one too') FROM before WHERE idempotency_key = 'secret-1';
SELECT is((SELECT is_new FROM laurel.record_points_transaction(tests.person('ann'), 20, 'gift', reason => 'again', idempotency_key => 'secret-2')), true,
    'an erased key is free');
SELECT is((SELECT r.points FROM laurel.revoke_badge(tests.person('ann'), tests.person('badge'), 'a mistake') r), 5::bigint, 'what a badge has paid is found without its key');
SELECT is(pg_temp.flaws(), 'sound', 'sound after all');
DELETE FROM laurel.users WHERE id = tests.person('ann');
SELECT is(laurel_internal.erase_entry_words(tests.acme(), tests.person('ann')) > 0, true, 'words of who has left are erased too');
SELECT is(pg_temp.flaws(), 'sound', 'and sound');

-- Another edit is found, by whomever.
SELECT is(tests.error_of(format('UPDATE laurel.points_ledger SET %s', change)), '23001 points_ledger_append_only', 'refused: ' || change)
    FROM unnest(ARRAY['reason = NULL', 'erased_words = NULL', 'word_salt = NULL', 'amount = 1']) change;
SET LOCAL session_replication_role = replica;
CREATE FUNCTION pg_temp.after(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    BEGIN
        EXECUTE format('UPDATE laurel.points_ledger SET %s WHERE user_id = tests.person(''ann'') AND erased_words IS NOT NULL', change);
        found := pg_temp.flaws();
        RAISE assert_failure;
    EXCEPTION WHEN assert_failure THEN NULL;
    END;
    RETURN found;
END
$$;
SELECT is(pg_temp.after(change), 'entry_hash does not match the entry and the one before it', 'found: ' || change) FROM unnest(ARRAY[
    $$reason = 'invented'$$, $$metadata = '{"invented": true}'$$, $$idempotency_key = 'invented' || id$$, $$erased_words[1] = sha256('x')$$,
    $$erased_words = ARRAY[sha256('x')]$$, $$erased_words[1] = 'short'$$, $$word_salt = substr(sha256('x'), 1, 16)$$]) change;

SELECT * FROM finish();
ROLLBACK;
