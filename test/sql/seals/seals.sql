-- Seals: what they cover, who may see and make them, and what verify_ledger() finds that is gone or other.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast('ann', 'ben', 'cat', 'dan', 'new');
CREATE FUNCTION pg_temp.email(name text) RETURNS text LANGUAGE sql AS $$ SELECT email FROM laurel.users WHERE id = tests.person(name) $$;
CREATE FUNCTION pg_temp.give(name text, amount bigint DEFAULT 5) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person(name), amount, 'test', 'a test') RETURNING id
$$;
CREATE FUNCTION pg_temp.seals() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s: %s/%s', seal_no, accounts, entries), ', ' ORDER BY seal_no) FROM laurel_internal.ledger_seals WHERE organization_id = tests.acme()
$$;

-- One for each organization that has moved.
SELECT is(laurel.seal_ledger(), 0::bigint, 'nothing moved, nothing sealed');
SELECT is_empty('SELECT FROM laurel.ledger_seal()', 'and no seal to keep');
SELECT pg_temp.give('ann'), pg_temp.give('ann'), pg_temp.give('ben');
SELECT is(laurel.seal_ledger(), 1::bigint, 'the first seal');
SELECT is(pg_temp.seals(), '1: 2/3', 'has every account with entries');
SELECT is(laurel.seal_ledger(), 0::bigint, 'what did not move is not sealed twice');
SELECT is(laurel.seal_ledger(true), 0::bigint, 'not by a thorough look either');
SELECT pg_temp.give('ann'), pg_temp.give('cat'), pg_temp.give('cat'), pg_temp.give('dan');
SELECT is(laurel.seal_ledger(), 1::bigint, 'what moved');
SELECT is(pg_temp.seals(), '1: 2/3, 2: 3/7', 'goes into the next seal');
DELETE FROM laurel.users WHERE id = tests.person('dan');
SELECT pg_temp.give('ben');
SELECT is(laurel.seal_ledger(), 1::bigint, 'and what moved after somebody left');
SELECT is(pg_temp.seals(), '1: 2/3, 2: 3/7, 3: 1/8', 'into the one after it');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'all is sound');

-- As it is documented.
CREATE FUNCTION pg_temp.node(hashes bytea[]) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    half integer := 1;
BEGIN
    IF cardinality(hashes) = 1 THEN RETURN hashes[1]; END IF;
    WHILE half * 2 < cardinality(hashes) LOOP half := half * 2; END LOOP;
    RETURN sha256('\x01'::bytea || pg_temp.node(hashes[:half]) || pg_temp.node(hashes[half + 1:]));
END
$$;
CREATE FUNCTION pg_temp.micros(at timestamptz) RETURNS bytea LANGUAGE sql AS $$ SELECT timestamptz_send(at) $$;
SELECT is(root, (SELECT pg_temp.node(array_agg(sha256('\x00'::bytea || substr(leaves, 56 * n + 1, 56)) ORDER BY n)) FROM generate_series(0, accounts::int - 1) n),
    'the root is the documented one, of ' || accounts) FROM laurel_internal.ledger_seals WHERE organization_id = tests.acme();
SELECT is(s.leaves, (SELECT string_agg(uuid_send(user_id) || int8send(entry_no) || entry_hash, ''::bytea ORDER BY user_id) FROM laurel.points_ledger
    WHERE (user_id, entry_no) IN ((tests.person('ann'), 3), (tests.person('cat'), 2), (tests.person('dan'), 1))), 'the leaves are the documented ones')
    FROM laurel_internal.ledger_seals s WHERE seal_no = 2;
SELECT is(seal_hash, sha256('\x01'::bytea || previous_hash || uuid_send(organization_id) || int8send(seal_no) || pg_temp.micros(sealed_at)
    || pg_temp.micros(open_from) || int8send(accounts) || int8send(entries) || root), 'the hash is the documented one') FROM laurel.ledger_seal();
SELECT results_eq('SELECT organization_id, seal_no, accounts, entries FROM laurel.ledger_seal()', $$ VALUES (tests.acme(), 3::bigint, 1::bigint, 8::bigint) $$,
    'the newest seal of every organization');
SELECT is((SELECT previous_hash FROM laurel.ledger_seal()), (SELECT seal_hash FROM laurel_internal.ledger_seals WHERE seal_no = 2), 'it follows the one before');

-- Who may.
SELECT tests.act_as_service();
SELECT is(tests.error_of('INSERT INTO laurel_internal.ledger_seals SELECT * FROM laurel_internal.ledger_seals'), '42501', 'the service role adds no seal');
SELECT is(tests.error_of('UPDATE laurel_internal.ledger_seals SET entries = 0'), '42501', 'nor changes any');
SELECT is(tests.error_of('DELETE FROM laurel_internal.ledger_seals'), '42501', 'nor removes any');
SELECT is(tests.error_of('TRUNCATE laurel_internal.ledger_seals'), '42501', 'nor all');
SELECT is((SELECT count(*) FROM laurel.ledger_seal(tests.acme())), 1::bigint, 'it keeps the newest');
SELECT is(laurel.seal_ledger(), 0::bigint, 'and makes seals');
SELECT tests.act_as(tests.person('ann'));
SELECT is(tests.error_of('SELECT laurel.ledger_seal()'), '42501', 'a member sees none');
SELECT is(tests.error_of('SELECT laurel.seal_ledger()'), '42501', 'nor makes any');
SELECT tests.act_as_owner();
SELECT is(tests.error_of('INSERT INTO laurel_internal.ledger_seals SELECT * FROM laurel_internal.ledger_seals'), '23001 ledger_seals_append_only', 'not even the owner adds one');
SELECT is(tests.error_of('UPDATE laurel_internal.ledger_seals SET entries = 0'), '23001 ledger_seals_append_only', 'or changes one');
SELECT is(tests.error_of('DELETE FROM laurel_internal.ledger_seals'), '23001 ledger_seals_append_only', 'or removes one');
SELECT is(tests.error_of('TRUNCATE laurel_internal.ledger_seals'), '23001 ledger_seals_append_only', 'or all');

-- What somebody does with the triggers off, and what verify_ledger() says then: alone, and since the first seal.
CREATE FUNCTION pg_temp.flaws(since bytea DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws(' ', u.email, entry_no, problem), ', ' ORDER BY u.email, entry_no, problem), 'sound')
    FROM laurel.verify_ledger(since => since) v LEFT JOIN laurel.users u ON u.id = v.user_id
$$;
CREATE FUNCTION pg_temp.after(statement text, since bytea DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
    touched bigint;
BEGIN
    BEGIN
        SET LOCAL session_replication_role = replica;
        EXECUTE statement;
        GET DIAGNOSTICS touched = ROW_COUNT;
        SET LOCAL session_replication_role = origin;
        found := CASE touched WHEN 0 THEN 'no row touched' ELSE pg_temp.flaws(since) END;
        RAISE assert_failure;
    EXCEPTION
        WHEN assert_failure THEN NULL;
        WHEN foreign_key_violation THEN found := SQLSTATE || ' ' || SQLERRM;
    END;
    RETURN found;
END
$$;
CREATE TEMP TABLE kept AS SELECT seal_no, seal_hash FROM laurel_internal.ledger_seals WHERE organization_id = tests.acme();
CREATE FUNCTION pg_temp.kept(seal_no bigint) RETURNS bytea LANGUAGE sql AS $$ SELECT seal_hash FROM kept k WHERE k.seal_no = $1 $$;
SELECT is(pg_temp.after('SELECT 1'), 'sound', 'the test itself spoils nothing');

-- A tail, with the account set back to where it stood: nothing but a seal knows.
SELECT set_config('tests.tail', format($q$
    WITH gone AS (DELETE FROM laurel.points_ledger WHERE user_id = %1$L AND entry_no = 3)
    UPDATE laurel.user_points p SET total_points = 10, lifetime_points = 10, points_this_week = 10, points_this_month = 10, last_entry_no = 2, last_entry_hash = l.entry_hash,
        last_entry_at = l.created_at, reached_at = l.created_at, week_reached_at = l.created_at, month_reached_at = l.created_at
    FROM laurel.points_ledger l WHERE p.user_id = %1$L AND l.user_id = p.user_id AND l.entry_no = 2$q$, tests.person('ann')), true);
SELECT is(pg_temp.after(current_setting('tests.tail')), pg_temp.email('ann') || ' 3 a sealed entry is not there', 'a tail that was removed');
SELECT is(pg_temp.after(current_setting('tests.tail'), pg_temp.kept(1)), pg_temp.email('ann') || ' 3 a sealed entry is not there', 'is found since the seal before, too');
SELECT is(pg_temp.after(current_setting('tests.tail'), pg_temp.kept(2)), 'sound', 'and not since the seal that had it: what lies before is taken as it is');

-- A whole account, and the history of somebody who left.
SELECT is(pg_temp.after(format($q$WITH gone AS (DELETE FROM laurel.points_ledger WHERE user_id = %1$L), account AS (DELETE FROM laurel.user_points WHERE user_id = %1$L),
        member AS (DELETE FROM laurel.user_organizations WHERE user_id = %1$L), profile AS (DELETE FROM laurel.user_preferences WHERE user_id = %1$L)
    DELETE FROM laurel.users WHERE id = %1$L$q$, tests.person('cat'))), '2 a sealed entry is not there', 'an account that was removed with its member');
SELECT is(pg_temp.after(format($q$WITH gone AS (DELETE FROM laurel.points_ledger WHERE user_id = %1$L)
    DELETE FROM laurel_internal.departed_accounts WHERE user_id = %1$L$q$, tests.person('dan'))), '1 a sealed entry is not there', 'the history of somebody who left');

-- Seals.
SELECT is(pg_temp.after(statement), expected, statement) FROM (VALUES
    ('UPDATE laurel_internal.ledger_seals SET entries = 6 WHERE seal_no = 2', 'seal 2 is not as it was made behind the seal before it'),
    ('UPDATE laurel_internal.ledger_seals SET accounts = 2, leaves = substr(leaves, 1, 112) WHERE seal_no = 2',
        'seal 2 does not hold what it was made of, seal 2 is not as it was made behind the seal before it'),
    ('UPDATE laurel_internal.ledger_seals SET leaves = overlay(leaves PLACING ''\x01'' FROM 16) WHERE seal_no = 2', '3 a sealed entry is not there, seal 2 does not hold what it was made of'),
    ('UPDATE laurel_internal.ledger_seals SET sealed_at = sealed_at - interval ''1 day'' WHERE seal_no = 3', 'seal 3 is not as it was made behind the seal before it'),
    ('UPDATE laurel_internal.ledger_seals SET open_from = open_from - interval ''1 day'' WHERE seal_no = 3', 'seal 3 is not as it was made behind the seal before it'),
    ('UPDATE laurel_internal.ledger_seals SET root = sha256(''x'') WHERE seal_no = 3', 'seal 3 does not hold what it was made of, seal 3 is not as it was made behind the seal before it'),
    ('UPDATE laurel_internal.ledger_seals SET seal_hash = sha256(''x'') WHERE seal_no = 2',
        'seal 2 is not as it was made behind the seal before it, seal 3 is not as it was made behind the seal before it'),
    ('DELETE FROM laurel_internal.ledger_seals WHERE seal_no = 2', 'seal 2 is missing'),
    ('DELETE FROM laurel_internal.ledger_seals WHERE seal_no = 1', 'seal 1 is missing'),
    ('DELETE FROM laurel_internal.ledger_seals WHERE seal_no = 1; UPDATE laurel_internal.ledger_seals SET seal_no = seal_no - 1 WHERE seal_no > 1',
        'seal 1 is not as it was made behind the seal before it, seal 2 is not as it was made behind the seal before it')) v (statement, expected);
SELECT is(pg_temp.after(statement), 'seal 2 is not as it was made behind the seal before it, seal 3 is not as it was made behind the seal before it', 'seals in another order')
    FROM (VALUES ('UPDATE laurel_internal.ledger_seals SET seal_no = 9 WHERE seal_no = 2; UPDATE laurel_internal.ledger_seals SET seal_no = 2 WHERE seal_no = 3;
        UPDATE laurel_internal.ledger_seals SET seal_no = 3 WHERE seal_no = 9')) v (statement);
SELECT is(pg_temp.after('UPDATE laurel_internal.ledger_seals SET leaves = substr(leaves, 57) || substr(leaves, 1, 56) WHERE seal_no = 2', pg_temp.kept(1)),
    'seal 2 does not hold what it was made of', 'what a seal holds is checked since the one before, too');
-- Seals whose hashes a forger made anew, from the second one on.
CREATE FUNCTION pg_temp.forge() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    s laurel_internal.ledger_seals;
BEGIN
    FOR s IN SELECT * FROM laurel_internal.ledger_seals WHERE seal_no > 1 ORDER BY seal_no LOOP
        UPDATE laurel_internal.ledger_seals f SET seal_hash = sha256('\x01'::bytea || b.seal_hash || uuid_send(s.organization_id) || int8send(s.seal_no) || pg_temp.micros(s.sealed_at)
            || pg_temp.micros(s.open_from) || int8send(s.accounts) || int8send(s.entries) || s.root)
        FROM laurel_internal.ledger_seals b WHERE f.seal_no = s.seal_no AND b.seal_no = s.seal_no - 1;
    END LOOP;
    RETURN 1;
END
$$;
CREATE FUNCTION pg_temp.tree(leaves bytea) RETURNS bytea LANGUAGE sql AS $$
    SELECT pg_temp.node(array_agg(sha256('\x00'::bytea || substr(leaves, 56 * n + 1, 56)) ORDER BY n)) FROM generate_series(0, octet_length(leaves) / 56 - 1) n
$$;
SELECT is(pg_temp.after(statement || '; SELECT pg_temp.forge()'), expected, 'hashed anew: ' || statement) FROM (VALUES
    ('SELECT 1', 'sound'),
    ('UPDATE laurel_internal.ledger_seals SET entries = 6 WHERE seal_no = 3', 'seal 3 is older than the seal before it'),
    ('UPDATE laurel_internal.ledger_seals SET sealed_at = sealed_at - interval ''1 day'' WHERE seal_no = 3', 'seal 3 is older than the seal before it'),
    ('UPDATE laurel_internal.ledger_seals s SET leaves = l, root = pg_temp.tree(l) FROM (SELECT substr(leaves, 57) || substr(leaves, 1, 56) FROM laurel_internal.ledger_seals
        WHERE seal_no = 2) o (l) WHERE seal_no = 2', 'seal 2 does not hold what it was made of')) v (statement, expected);
SELECT is(pg_temp.after('UPDATE laurel_internal.ledger_seals SET entries = 9 WHERE seal_no = 3; SELECT pg_temp.forge()', pg_temp.kept(3)), '23503 there is no seal of this hash',
    'who has kept a seal misses it');
SELECT is(pg_temp.after('UPDATE laurel_internal.ledger_seals SET entries = 9 WHERE seal_no = 3', pg_temp.kept(3)), 'seal 3 is not as it was made behind the seal before it',
    'and sees that it is not what it was under the hash that was kept');
-- Seals taken away from the end: only who has kept one knows.
SELECT is(pg_temp.after('DELETE FROM laurel_internal.ledger_seals WHERE seal_no = 3', pg_temp.kept(3)), '23503 there is no seal of this hash', 'a kept seal that is not there any more');
SELECT is(pg_temp.after('DELETE FROM laurel_internal.ledger_seals WHERE seal_no = 3'), 'sound', 'without it nothing is missed');

-- Sealed anew by a forger, behind an altered ledger: the entries do not match older seals.
SELECT is(pg_temp.after(format($q$UPDATE laurel.points_ledger SET entry_hash = sha256('forged') WHERE user_id = %L AND entry_no = 1$q$, tests.person('ann')), pg_temp.kept(3)), 'sound',
    'what lies before is taken as it is');
-- A history made anew from a word of its last entry on, hashes and all.
CREATE FUNCTION pg_temp.field(bytes bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT coalesce(int4send(octet_length(bytes)) || bytes, '\xffffffff') $$;
SELECT set_config('tests.forged', format($q$
    WITH forged AS (UPDATE laurel.points_ledger l SET transaction_type = 'forged', entry_hash = sha256('\x02'::bytea || b.entry_hash || uuid_send(l.id)
        || uuid_send(l.organization_id) || uuid_send(l.user_id) || int8send(l.entry_no) || int8send(l.amount) || int8send(l.balance_after)
        || timestamptz_send(l.occurred_at) || timestamptz_send(l.created_at) || pg_temp.field('forged') || '\xffffffffffffffff'
        || pg_temp.field(sha256(l.word_salt || convert_to(l.reason, 'UTF8'))) || '\xffffffffffffffffffffffffffffffff')
        FROM laurel.points_ledger b WHERE l.user_id = %1$L AND l.entry_no = 3 AND b.user_id = l.user_id AND b.entry_no = 2 RETURNING l.entry_hash)
    UPDATE laurel.user_points p SET last_entry_hash = f.entry_hash FROM forged f WHERE p.user_id = %1$L$q$, tests.person('ann')), true);
SELECT is(pg_temp.after(current_setting('tests.forged')), pg_temp.email('ann') || ' 3 a sealed entry is not as it was sealed', 'a sound chain that was made anew is not what was sealed');
SELECT is(pg_temp.after(current_setting('tests.forged'), pg_temp.kept(1)), pg_temp.email('ann') || ' 3 a sealed entry is not as it was sealed', 'nor since the seal before');

-- Incremental: what is young and wrong.
SELECT pg_temp.give('ann', 7), pg_temp.give('new', 9);
SELECT is(pg_temp.flaws(pg_temp.kept(3)), 'sound', 'young entries are sound');
SELECT is(pg_temp.after(statement, pg_temp.kept(3)), expected, statement) FROM (VALUES
    ('UPDATE laurel.points_ledger SET amount = 8 WHERE amount = 7', pg_temp.email('ann') || ' 4 balance_after is not the sum of the entries'),
    ('UPDATE laurel.points_ledger SET transaction_type = ''other'' WHERE amount = 7', pg_temp.email('ann') || ' 4 entry_hash does not match the entry and the one before it'),
    ('UPDATE laurel.user_points SET total_points = 23 WHERE total_points = 22', pg_temp.email('ann') || ' total_points is not the balance of the last entry'),
    ('UPDATE laurel.user_points SET last_entry_at = last_entry_at + interval ''1 second'' WHERE total_points = 22', pg_temp.email('ann') || ' last_entry_at is not when the last entry was made'),
    ('UPDATE laurel.user_points SET last_entry_hash = sha256(''x'') WHERE total_points = 22', pg_temp.email('ann') || ' user_points does not stand at its last entry'),
    ('UPDATE laurel.user_points SET tier = ''gold'' WHERE total_points = 22', pg_temp.email('ann') || ' tier does not follow from the points'),
    ('DELETE FROM laurel.user_points WHERE total_points = 9', pg_temp.email('new') || ' there are entries but no account, and none that was closed')) v (statement, expected);
SELECT tests.act_as(tests.person('ann'));
SELECT is(tests.error_of('SELECT laurel.verify_ledger(since => sha256(''any''))'), '42501', 'a member verifies nothing');
SELECT tests.act_as_owner();
SELECT is(tests.error_of(format('SELECT laurel.verify_ledger(%L, %L)', tests.person('ann'), pg_temp.kept(3))), '22023', 'one member, or all since');
SELECT is(tests.error_of($$ SELECT laurel.verify_ledger(since => sha256('none')) $$), '23503 ledger_seals_hash_key', 'a seal that never was');
SELECT laurel.seal_ledger();

-- A clock that was set back: an entry dated before the newest seal looked is sealed by the next thorough look, and by the hour's count of entries.
SELECT pg_temp.give('cat');
CREATE TEMP TABLE dated AS SELECT * FROM laurel.points_ledger WHERE user_id = tests.person('cat') AND entry_no = 3;
SET LOCAL session_replication_role = replica;
UPDATE laurel.points_ledger SET created_at = created_at - interval '1 hour', occurred_at = occurred_at - interval '1 hour' WHERE id = (SELECT id FROM dated);
SET LOCAL session_replication_role = origin;
SELECT is(laurel.seal_ledger(), (date_part('minute', clock_timestamp()) < 5)::int::bigint, 'an entry out of its time is missed, but where entries are counted');
SELECT laurel.seal_ledger(true);
SELECT is((SELECT string_agg(accounts || '/' || entries, ' ' ORDER BY seal_no DESC) FROM (SELECT * FROM laurel_internal.ledger_seals ORDER BY seal_no DESC LIMIT 1) s), '1/11', 'every account is looked at');
SELECT is(laurel.seal_ledger(true), 0::bigint, 'once');
SET LOCAL session_replication_role = replica;
UPDATE laurel.points_ledger l SET created_at = d.created_at, occurred_at = d.occurred_at FROM dated d WHERE l.id = d.id;
SET LOCAL session_replication_role = origin;
-- The newest seal is of the future.
SET LOCAL session_replication_role = replica;
UPDATE laurel_internal.ledger_seals SET sealed_at = now() + interval '1 day', open_from = now() + interval '1 day' WHERE seal_no = (SELECT max(seal_no) FROM laurel_internal.ledger_seals);
SET LOCAL session_replication_role = origin;
SELECT pg_temp.give('cat');
SELECT is(laurel.seal_ledger(), 1::bigint, 'behind a seal of the future all accounts are looked at');
SELECT ok(sealed_at > now() + interval '23 hours' AND open_from < now() + interval '1 hour', 'the next seal is not dated before it, and looks from now on') FROM laurel.ledger_seal();
SELECT is(laurel.seal_ledger(), 0::bigint, 'and nothing is sealed twice');

-- One organization that fails stops no other, is noted, and is sealed once it can be.
SELECT tests.join(tests.bolt(), 'bolt_learner');
SELECT pg_temp.give('bolt_learner'), pg_temp.give('ben');
CREATE FUNCTION laurel_internal.test_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no seal of Bolt' USING ERRCODE = 'P0099'; END $$;
ALTER FUNCTION laurel_internal.test_refuse() OWNER TO laurel_owner;
DO $$
BEGIN
    EXECUTE format('CREATE TRIGGER app BEFORE INSERT ON laurel_internal.ledger_seals FOR EACH ROW WHEN (NEW.organization_id = %L) EXECUTE FUNCTION laurel_internal.test_refuse()', tests.bolt());
END
$$;
SET LOCAL client_min_messages = error;
SELECT is(laurel.seal_ledger(), 1::bigint, 'one organization fails, the other is sealed');
SELECT results_eq($$ SELECT job, organization_id, error FROM laurel.job_failures $$, $$ VALUES ('seals', tests.bolt(), 'P0099 no seal of Bolt') $$, 'which is noted');
DROP TRIGGER app ON laurel_internal.ledger_seals;
SELECT is(laurel.seal_ledger(), 1::bigint, 'later it is sealed');
SELECT is_empty('SELECT FROM laurel.job_failures', 'and nothing is noted any more');
-- What a trigger changes on the way is no seal.
CREATE FUNCTION laurel_internal.test_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.entries := NEW.entries + 1; RETURN NEW; END $$;
ALTER FUNCTION laurel_internal.test_change() OWNER TO laurel_owner;
CREATE TRIGGER app BEFORE INSERT ON laurel_internal.ledger_seals FOR EACH ROW EXECUTE FUNCTION laurel_internal.test_change();
SELECT pg_temp.give('ben');
SELECT is(laurel.seal_ledger(), 0::bigint, 'a changed seal is none');
SELECT matches(error, '^39P01 a seal was changed on its way', 'as is noted') FROM laurel.job_failures;
DROP TRIGGER app ON laurel_internal.ledger_seals;

SELECT finish();
ROLLBACK;
