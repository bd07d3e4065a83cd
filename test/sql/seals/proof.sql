-- What prove_entry() returns, checked as an outsider would, and to whom.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast('ann', 'ben', 'admin', 'bolt_admin', 'bolt_learner');

CREATE FUNCTION pg_temp.give(name text, n integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, metadata, idempotency_key)
    SELECT tests.person(name), 5, 'test', 'a test', '{"a": 1}', name || n || i FROM generate_series(1, n) i
$$;
CREATE FUNCTION pg_temp.entry(name text, no bigint) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT id FROM laurel.points_history WHERE user_id = tests.person(name) AND entry_no = no
$$;
-- The hash of the last link of a chain whose links name the one before; null where it is broken.
CREATE FUNCTION pg_temp.chain(links jsonb) RETURNS bytea LANGUAGE sql AS $$
    WITH link AS (SELECT decode(value, 'hex') AS bytes, lag(decode(value, 'hex')) OVER (ORDER BY n) AS before, n FROM jsonb_array_elements_text(links) WITH ORDINALITY l (value, n))
    SELECT CASE WHEN bool_and(before IS NULL OR substr(bytes, 2, 32) = sha256(before)) THEN sha256((array_agg(bytes ORDER BY n DESC))[1]) END FROM link
$$;
-- The seal's hash to which a proof leads; an error says where it breaks.
CREATE FUNCTION pg_temp.proven(proof jsonb) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    node bytea := sha256('\x00'::bytea || decode(proof ->> 'leaf', 'hex'));
    step jsonb;
BEGIN
    IF substr(decode(proof ->> 'leaf', 'hex'), 25) IS DISTINCT FROM pg_temp.chain(proof -> 'entries') THEN RAISE 'the entries do not lead to the leaf'; END IF;
    FOR step IN SELECT * FROM jsonb_array_elements(proof -> 'path') LOOP
        node := sha256('\x01'::bytea || CASE step ->> 0 WHEN 'left' THEN decode(step ->> 1, 'hex') || node ELSE node || decode(step ->> 1, 'hex') END);
    END LOOP;
    IF right(proof -> 'seals' ->> 0, 64) <> encode(node, 'hex') THEN RAISE 'the path does not lead to the seal'; END IF;
    RETURN pg_temp.chain(proof -> 'seals');
END
$$;
CREATE FUNCTION pg_temp.seal(no bigint) RETURNS bytea LANGUAGE sql AS $$ SELECT seal_hash FROM laurel_internal.ledger_seals WHERE organization_id = tests.acme() AND seal_no = no $$;

INSERT INTO laurel.users (id, organization_id, email) SELECT md5('p' || n)::uuid, tests.acme(), n || '@proof.test' FROM generate_series(1, 40) n;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT md5('p' || n)::uuid, n, 'test', 'a test' FROM generate_series(1, 40) n;
SELECT pg_temp.give('ann', 3), pg_temp.give('ben', 1), pg_temp.give('bolt_learner', 1);
SELECT is(tests.error_of($$SELECT laurel.prove_entry(pg_temp.entry('ann', 1))$$), 'PT409', 'nothing is proven before it is sealed');
SELECT laurel.seal_ledger();
SELECT pg_temp.give('ann', 2);
SELECT laurel.seal_ledger();
SELECT pg_temp.give('ben', 2);
SELECT laurel.seal_ledger();

SELECT is(pg_temp.proven(laurel.prove_entry(id)), pg_temp.seal(CASE WHEN user_id = tests.person('ann') AND entry_no > 3 THEN 2 WHEN user_id = tests.person('ben') AND entry_no > 1 THEN 3 ELSE 1 END),
    format('entry %s of %s leads to the first seal that covers it', entry_no, user_id)) FROM laurel.points_ledger WHERE organization_id = tests.acme();
SELECT is(pg_temp.proven(laurel.prove_entry(pg_temp.entry('ann', 1), no)), pg_temp.seal(no), 'and on to seal ' || no) FROM generate_series(1, 3) no;
SELECT is(pg_temp.proven(laurel.prove_entry(id)), (SELECT seal_hash FROM laurel.ledger_seal(tests.bolt())), 'another organization has seals of its own')
    FROM laurel.points_ledger WHERE organization_id = tests.bolt();
SELECT is(substr(decode(laurel.prove_entry(id) -> 'entries' ->> 0, 'hex'), 34, 80), uuid_send(id) || uuid_send(organization_id) || uuid_send(user_id) || int8send(entry_no)
    || int8send(amount) || int8send(balance_after) || timestamptz_send(occurred_at), 'what is proven is the entry') FROM laurel.points_ledger WHERE id = pg_temp.entry('ann', 2);
SELECT throws_ok($$SELECT pg_temp.proven(jsonb_set(laurel.prove_entry(pg_temp.entry('ann', 1)), '{entries,0}', to_jsonb(overlay(laurel.prove_entry(pg_temp.entry('ann', 1))
    -> 'entries' ->> 0 PLACING '06' FROM 193))))$$, 'P0001', 'the entries do not lead to the leaf', 'another amount is not');

-- As it was, whatever becomes of the entry: its words erased, archived, its member gone.
CREATE TEMP TABLE proofs AS SELECT id, laurel.prove_entry(id) AS proof FROM laurel.points_ledger WHERE user_id = tests.person('ann');
SELECT laurel_internal.erase_entry_words(tests.acme(), tests.person('ann'));
SELECT is(laurel.prove_entry(id), proof, 'erased words change no proof') FROM proofs;
SELECT laurel_internal.create_month_partitions('laurel.points_ledger_archive', 0);
SET LOCAL session_replication_role = replica;
INSERT INTO laurel.points_ledger_archive SELECT * FROM laurel.points_ledger WHERE user_id = tests.person('ann') AND entry_no <= 3;
INSERT INTO laurel_internal.archived_accounts VALUES (tests.acme(), tests.person('ann'), 3);
DELETE FROM laurel.points_ledger WHERE user_id = tests.person('ann') AND entry_no <= 3;
SET LOCAL session_replication_role = origin;
SELECT is(laurel.prove_entry(id), proof, 'nor does the archive') FROM proofs;
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'seals are sound over both');
SELECT is_empty(format('SELECT * FROM laurel.verify_ledger(since => %L)', pg_temp.seal(1)), 'young entries follow archived ones');
DELETE FROM laurel.users WHERE id = tests.person('ann');
SELECT is(laurel.prove_entry(id), proof, 'nor that the member left') FROM proofs;
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'which seals outlive');
SELECT laurel_internal.erase_entry_words(tests.acme(), tests.person('ann'));
SET LOCAL session_replication_role = replica;
INSERT INTO laurel.points_ledger_archive SELECT * FROM laurel.points_ledger WHERE user_id = tests.person('ann');
UPDATE laurel_internal.archived_accounts SET entries = 5;
DELETE FROM laurel.points_ledger WHERE user_id = tests.person('ann');
SET LOCAL session_replication_role = origin;
SELECT is(laurel.prove_entry(id), proof, 'nor that all of it is archived') FROM proofs;
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'sealed heads are found in the archive');
SELECT is_empty(format('SELECT * FROM laurel.verify_ledger(since => %L)', pg_temp.seal(1)), 'since a seal, too');
SET LOCAL session_replication_role = replica;
UPDATE laurel.points_ledger_archive SET created_at = date_trunc('month', created_at, 'UTC') WHERE user_id = tests.person('ann') AND entry_no = 5;
SET LOCAL session_replication_role = origin;
SELECT is_empty(format('SELECT * FROM laurel.verify_ledger(since => %L)', pg_temp.seal(1)), 'by a clock that was set back as well');
SELECT is(laurel.seal_ledger(true), 0::bigint, 'and not sealed twice');
SET LOCAL session_replication_role = replica;
DELETE FROM laurel.points_ledger_archive WHERE entry_no = 5;
SET LOCAL session_replication_role = origin;
SELECT results_eq('SELECT user_id, entry_no, problem FROM laurel.verify_ledger() WHERE entry_no IS NOT NULL', $$ VALUES (tests.person('ann'), 5::bigint, 'a sealed entry is not there') $$, 'one that is not is told');
SELECT results_eq(format('SELECT user_id, entry_no, problem FROM laurel.verify_ledger(since => %L)', pg_temp.seal(1)), $$ VALUES (tests.person('ann'), 5::bigint, 'a sealed entry is not there') $$, 'since a seal, too');

-- Who may, and what is refused.
SELECT set_config('tests.' || name, pg_temp.entry(name, 1)::text, true) FROM unnest('{ben,bolt_learner}'::text[]) name;
SELECT tests.act_as(tests.person('ben'));
SELECT lives_ok(format('SELECT laurel.prove_entry(%L)', current_setting('tests.ben')), 'a member proves his own');
SELECT is(tests.error_of(format('SELECT laurel.prove_entry(%L)', current_setting('tests.bolt_learner'))), '23503 points_ledger_pkey', 'not another''s');
SELECT is(tests.error_of('SELECT laurel.prove_entry(gen_random_uuid())'), '23503 points_ledger_pkey', 'which is as if it were not there');
SELECT tests.act_as(tests.person('admin'));
SELECT lives_ok(format('SELECT laurel.prove_entry(%L)', current_setting('tests.ben')), 'an administrator proves any of his organization');
SELECT is(tests.error_of(format('SELECT laurel.prove_entry(%L)', current_setting('tests.bolt_learner'))), '23503 points_ledger_pkey', 'not of another');
SELECT is((SELECT count(*) FROM laurel.ledger_seal()), 1::bigint, 'and sees the newest seal of his organization');
SELECT is((SELECT organization_id FROM laurel.ledger_seal()), tests.acme(), 'his own');
SELECT is(tests.error_of(format('SELECT laurel.ledger_seal(%L)', tests.bolt())), '42501', 'not of another');
SELECT is(tests.error_of(format('SELECT laurel.verify_ledger(since => (SELECT %L::bytea))', sha256('x'))), '23503 ledger_seals_hash_key', 'a hash that is none');
SELECT tests.act_as_owner();
SELECT set_config('tests.bolt_seal', (SELECT seal_hash FROM laurel.ledger_seal(tests.bolt()))::text, true);
SELECT tests.act_as(tests.person('admin'));
SELECT is(tests.error_of(format('SELECT laurel.verify_ledger(since => %L)', current_setting('tests.bolt_seal'))), '23503 ledger_seals_hash_key', 'another organization''s seal is none either');
SELECT tests.act_as_service();
SELECT is(tests.error_of('SELECT laurel.prove_entry(NULL)'), '22004', 'an entry must be named');
SELECT is(tests.error_of(format('SELECT laurel.prove_entry(%L, 99)', current_setting('tests.ben'))), '23503 ledger_seals_pkey', 'a seal that is not there');
SELECT is(tests.error_of(format('SELECT laurel.prove_entry(%L, 0)', current_setting('tests.ben'))), '23503 ledger_seals_pkey', 'nor can be');
SELECT tests.act_as_owner();
SELECT is(tests.error_of(format('SELECT laurel.prove_entry(%L, 2)', pg_temp.entry('ben', 2))), 'PT409', 'a seal from before the entry');

-- A clock that was ahead: a seal is not dated before what it covers, so that the proof finds it.
SELECT pg_temp.give('ben', 3);
SET LOCAL session_replication_role = replica;
UPDATE laurel.points_ledger SET created_at = created_at + interval '1 day' WHERE id = pg_temp.entry('ben', 6);
SET LOCAL session_replication_role = origin;
SELECT laurel.seal_ledger();
SELECT is((SELECT sealed_at FROM laurel.ledger_seal(tests.acme())), (SELECT created_at FROM laurel.points_ledger WHERE id = pg_temp.entry('ben', 6)), 'sealed at the time of an entry of the future');
SELECT lives_ok($$SELECT laurel.prove_entry(pg_temp.entry('ben', 6))$$, 'which is proven');

SELECT finish();
ROLLBACK;
