-- laurel.verify_ledger() reads the ledger as it lies on disk, in slices, with parallel workers: it finds the same whatever the order,
-- however little memory there is, and whoever helps.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast('ann');

INSERT INTO laurel.users (id, organization_id, email)
SELECT md5('slice ' || n)::uuid, tests.acme(), format('slice-%s@acme.test', n) FROM generate_series(1, 500) n;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, metadata)
SELECT md5('slice ' || 1 + n % 500)::uuid, 1 + n % 7, 'test', 'a slice', jsonb_build_object('n', n) FROM generate_series(1, 100000) n;
ANALYZE laurel.points_ledger, laurel.user_points;

-- What is found, alone and with helpers, with much memory and with little.
CREATE FUNCTION pg_temp.found(helpers integer, memory text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    PERFORM set_config('max_parallel_workers_per_gather', helpers::text, true), set_config('maintenance_work_mem', memory, true);
    SELECT coalesce(string_agg(format('%s %s: %s', u.email, v.entry_no, CASE email WHEN 'slice-11@acme.test' THEN 'twice' ELSE v.problem END), ', ' ORDER BY u.email), 'sound') INTO found
        FROM laurel.verify_ledger() v LEFT JOIN laurel.users u ON u.id = v.user_id;
    RETURN found;
END
$$;
CREATE FUNCTION pg_temp.is_found(expected text, name text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT is(pg_temp.found(helpers, memory), expected, format('%s, %s helpers, %s', name, helpers, memory))
    FROM (VALUES (0, '64MB'), (2, '64MB'), (0, '1MB'), (2, '1MB')) v (helpers, memory)
$$;
SELECT pg_temp.is_found('sound', 'in order');
SELECT is(current_setting('work_mem'), '4MB', 'memory is given back');
SET LOCAL max_parallel_workers = 0;
SELECT is(pg_temp.found(2, '64MB'), 'sound', 'helpers that do not come leave their slices to the caller');
RESET max_parallel_workers;

-- What seals hold is looked for by whoever reads the account, and every seal is looked at, whoever helps.
CREATE FUNCTION pg_temp.found_of_seals(helpers integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    flaws bigint;
    found text;
BEGIN
    PERFORM set_config('max_parallel_workers_per_gather', helpers::text, true), set_config('maintenance_work_mem', '64MB', true);
    FOR n IN 1..20 LOOP
        INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('ann'), n, 'test', 'sealed');
        PERFORM laurel.seal_ledger();
    END LOOP;
    SELECT count(*) INTO flaws FROM laurel.verify_ledger();
    SET LOCAL session_replication_role = replica;
    UPDATE laurel_internal.ledger_seals SET leaves = set_byte(leaves, 55, 255 - get_byte(leaves, 55));
    SELECT string_agg(substring(problem, '^seal (\d+) does not hold what it was made of$'), ' ' ORDER BY length(problem), problem) INTO found
        FROM laurel.verify_ledger() WHERE user_id IS NULL;
    RAISE assert_failure;
EXCEPTION WHEN assert_failure THEN
    RETURN flaws || ': ' || found;
END
$$;
SELECT is(pg_temp.found_of_seals(helpers), (SELECT '0: ' || string_agg(n::text, ' ' ORDER BY n) FROM generate_series(1, 20) n), format('every seal, %s helpers', helpers)) FROM (VALUES (0), (2)) v (helpers);

SET LOCAL session_replication_role = replica;
CREATE TEMP TABLE kept AS SELECT * FROM laurel.points_ledger;
CREATE FUNCTION pg_temp.lay(statement text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    DELETE FROM laurel.points_ledger;
    EXECUTE 'INSERT INTO laurel.points_ledger SELECT * FROM kept ' || statement;
    PERFORM set_config('session_replication_role', 'origin', true);
END
$$;
SELECT pg_temp.lay('ORDER BY entry_no DESC');
SELECT pg_temp.is_found('sound', 'the last entries first');
SELECT pg_temp.lay('ORDER BY md5(id::text)');
SELECT pg_temp.is_found('sound', 'in no order');

UPDATE kept SET amount = amount + 1 WHERE user_id = md5('slice 7')::uuid AND entry_no = 60;
UPDATE kept SET entry_hash = sha256('x') WHERE user_id = md5('slice 8')::uuid AND entry_no = 61;
DELETE FROM kept WHERE user_id = md5('slice 9')::uuid AND entry_no = 62;
DELETE FROM kept WHERE user_id = md5('slice 10')::uuid AND entry_no = 200;
INSERT INTO kept SELECT (jsonb_populate_record(k, jsonb_build_object('id', laurel.uuidv7()))).* FROM kept k WHERE user_id = md5('slice 11')::uuid AND entry_no = 100;
ALTER TABLE laurel.points_ledger DROP CONSTRAINT points_ledger_entry_no_key;
SELECT set_config('tests.problems', concat_ws(', ', 'slice-10@acme.test : user_points does not stand at its last entry', 'slice-11@acme.test 100: twice',
    'slice-7@acme.test 60: balance_after is not the sum of the entries', 'slice-8@acme.test 61: entry_hash does not match the entry and the one before it',
    'slice-9@acme.test 63: entry_no does not follow the entry before it'), true);
SELECT pg_temp.lay('ORDER BY created_at, entry_no');
SELECT pg_temp.is_found(current_setting('tests.problems'), 'flaws in order');
SELECT pg_temp.lay('ORDER BY entry_no DESC');
SELECT pg_temp.is_found(current_setting('tests.problems'), 'flaws, the last entries first');

SET LOCAL max_parallel_workers = 0;
SELECT is(pg_temp.found(2, '64MB'), current_setting('tests.problems'), 'helpers that do not come leave no flaw unseen');
RESET max_parallel_workers;

-- Whoever may call it gets the same with helpers.
SET LOCAL ROLE service_role;
SELECT set_config('max_parallel_workers_per_gather', '2', true), set_config('maintenance_work_mem', '64MB', true);
SELECT is((SELECT count(*) FROM laurel.verify_ledger()), 5::bigint, 'as service_role');
RESET ROLE;

SELECT finish();
ROLLBACK;
