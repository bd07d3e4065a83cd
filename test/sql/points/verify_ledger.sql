-- laurel.verify_ledger() finds every column and every row that somebody has changed with the triggers off, one by one.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

CREATE FUNCTION pg_temp.flaws() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(problem, ', '), 'sound') FROM laurel.verify_ledger()
$$;

SELECT tests.cast('ann', 'ben', 'cat', 'dan', 'eve', 'new');
UPDATE laurel.organizations SET time_zone = 'America/New_York' WHERE id = tests.acme();
INSERT INTO laurel.courses (id, organization_id, name) VALUES (tests.person('course'), tests.acme(), 'Course');
CREATE FUNCTION pg_temp.give(name text, amount bigint, n text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, metadata, idempotency_key, reference_type, reference_id, created_by, occurred_at)
    VALUES (tests.person(name), amount, 'test', 'a test', '{"b": 1}', name || n, 'Course', tests.person('course'), tests.person('eve'),
            clock_timestamp() - interval '1 second')
$$;
SELECT pg_temp.give('ann', 300, 'old'), pg_temp.give('cat', 20, 'old'), pg_temp.give('eve', 9, 'old');
SELECT pg_temp.give('ann', 400, 'mid'), pg_temp.give('ben', 40, 'mid'), pg_temp.give('dan', 4, 'mid');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reverses_id)
    SELECT user_id, -400, 'test_reversed', id FROM laurel.points_ledger WHERE idempotency_key = 'annmid';
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('ann'), 600, 'test', 'no key, no metadata');
INSERT INTO laurel.daily_activity (organization_id, user_id, date)
    SELECT tests.acme(), tests.person('ann'), d::date FROM unnest(ARRAY['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-05']) d;
DELETE FROM laurel.users WHERE id IN (tests.person('dan'), tests.person('eve'));

-- Archives an account's first entry as retention does.
SELECT laurel_internal.create_month_partitions('laurel.points_ledger_archive', 0);
SET LOCAL session_replication_role = replica;
INSERT INTO laurel.points_ledger_archive SELECT * FROM laurel.points_ledger WHERE idempotency_key LIKE '%old';
INSERT INTO laurel_internal.archived_keys SELECT organization_id, idempotency_key, user_id, entry_no, created_at FROM laurel.points_ledger_archive;
INSERT INTO laurel_internal.archived_accounts SELECT organization_id, user_id, entry_no FROM laurel.points_ledger_archive;
DELETE FROM laurel.points_ledger WHERE idempotency_key LIKE '%old';

-- The hash of an entry as it is documented, so that an account of past weeks can be made.
CREATE FUNCTION pg_temp.field(bytes bytea) RETURNS bytea LANGUAGE sql AS $$
    SELECT coalesce(int4send(octet_length(bytes)) || bytes, '\xffffffff')
$$;
CREATE FUNCTION pg_temp.hash(previous bytea, l laurel.points_ledger) RETURNS bytea LANGUAGE sql AS $$
    SELECT sha256('\x02'::bytea || previous || uuid_send(l.id) || uuid_send(l.organization_id) || uuid_send(l.user_id)
        || int8send(l.entry_no) || int8send(l.amount) || int8send(l.balance_after) || timestamptz_send(l.occurred_at) || timestamptz_send(l.created_at)
        || pg_temp.field(convert_to(l.transaction_type, 'UTF8')) || pg_temp.field(convert_to(l.reference_type, 'UTF8')) || pg_temp.field(uuid_send(l.reference_id))
        || pg_temp.field(sha256(l.word_salt || convert_to(l.reason, 'UTF8')))
        || pg_temp.field(sha256(l.word_salt || convert_to(nullif(l.metadata, '{}')::text, 'UTF8')))
        || pg_temp.field(sha256(l.word_salt || convert_to(l.idempotency_key, 'UTF8')))
        || pg_temp.field(uuid_send(l.reverses_id)) || pg_temp.field(uuid_send(l.created_by)))
$$;
SELECT is(entry_hash, pg_temp.hash(decode(repeat('00', 32), 'hex'), l), 'the hash is the documented one')
    FROM laurel.points_ledger l WHERE user_id = tests.person('ben');
INSERT INTO laurel.users (id, organization_id, email) VALUES (tests.person('fay'), tests.acme(), 'fay@acme.test');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.acme(), tests.person('fay')) ON CONFLICT DO NOTHING;
CREATE TEMP TABLE past AS SELECT l.* FROM laurel.points_ledger l LIMIT 0;
INSERT INTO past (id, organization_id, user_id, entry_no, amount, balance_after, transaction_type, metadata, reason, word_salt, occurred_at, created_at, entry_hash)
    SELECT gen_random_uuid(), tests.acme(), tests.person('fay'), n, 10, 10 * n, 'test', '{}', 'then', uuid_send(gen_random_uuid()), at, at + interval '1 minute', ''
    -- The last one was made late on a Sunday in New York, which is Monday in UTC.
    FROM unnest(ARRAY['2026-06-29 12:00-04', '2026-07-01 12:00-04', '2026-07-05 23:00-04']::timestamptz[]) WITH ORDINALITY a (at, n);
UPDATE past p SET entry_hash = pg_temp.hash(decode(repeat('00', 32), 'hex'), ROW(p.*)::laurel.points_ledger) WHERE entry_no = 1;
UPDATE past p SET entry_hash = pg_temp.hash((SELECT entry_hash FROM past WHERE entry_no = 1), ROW(p.*)::laurel.points_ledger) WHERE entry_no = 2;
UPDATE past p SET entry_hash = pg_temp.hash((SELECT entry_hash FROM past WHERE entry_no = 2), ROW(p.*)::laurel.points_ledger) WHERE entry_no = 3;
INSERT INTO laurel.points_ledger SELECT * FROM past;
INSERT INTO laurel.user_points (organization_id, user_id, total_points, lifetime_points, points_this_week, week_start, week_reached_at, points_this_month, month_start,
        month_reached_at, reached_at, last_entry_at, last_entry_no, last_entry_hash)
    SELECT organization_id, user_id, 30, 30, 30, '2026-06-29', created_at, 20, '2026-07-01', created_at, created_at, created_at, 3, entry_hash FROM past WHERE entry_no = 3;
SET LOCAL session_replication_role = origin;
SELECT is(pg_temp.flaws(), 'sound', 'nothing is wrong with members of every kind, nor with an account of past weeks');

-- What verify_ledger says after a statement with the triggers off.
CREATE FUNCTION pg_temp.after(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
    touched bigint;
BEGIN
    BEGIN
        SET LOCAL session_replication_role = replica;
        EXECUTE statement;
        GET DIAGNOSTICS touched = ROW_COUNT;
        SET LOCAL session_replication_role = origin;
        found := CASE touched WHEN 0 THEN 'no row touched' ELSE pg_temp.flaws() END;
        RAISE assert_failure;
    EXCEPTION
        WHEN assert_failure THEN NULL;
        WHEN check_violation OR not_null_violation THEN found := 'refused by ' || SQLERRM;
    END;
    RETURN found;
END
$$;
SELECT is(pg_temp.after('SELECT 1'), 'sound', 'and the test itself spoils nothing');

-- Every column of every row, also of accounts with a window. A column that follows from nothing stands here with the reason why.
SET LOCAL session_replication_role = origin;
UPDATE laurel.organizations SET tier_basis = 'rolling', tier_window_months = 12 WHERE id = tests.acme();
SELECT is(pg_temp.flaws(), 'sound', 'accounts with a window are sound');
SAVEPOINT kept;
UPDATE laurel.organizations SET tier_grace_days = 5 WHERE id = tests.acme();
UPDATE laurel.tiers SET min_points = CASE tier WHEN 'silver' THEN 2000 WHEN 'gold' THEN 3000 ELSE 4000 END WHERE organization_id = tests.acme() AND tier <> 'bronze';
SELECT is(pg_temp.flaws(), 'sound', 'so are those that keep a tier');
SELECT is(pg_temp.after(format('UPDATE laurel.user_points SET %s WHERE tier_kept_until IS NOT NULL', change)), 'tier does not follow from the points', change)
FROM unnest('{tier_kept_until = NULL, "tier = ''bronze''"}'::text[]) change;
ROLLBACK TO kept;
CREATE TEMP TABLE free_columns (table_name text, name text, why text);
INSERT INTO free_columns VALUES
    ('laurel.user_points', 'created_at', 'a fact of its own'), ('laurel.user_points', 'updated_at', 'an application may touch it'),
    ('laurel.user_points', 'team_id', 'the application''s own');
CREATE TEMP TABLE columns AS
SELECT a.attrelid::regclass::text AS table_name, attname AS name, attnotnull AS required, CASE
        WHEN attname = 'entry_no' THEN 'entry_no + 1000'
        WHEN attname = 'rolling_from' THEN $$coalesce(rolling_from, '2026-02-01') - 400$$
        WHEN attname = 'longest_streak' THEN 'longest_streak - 1'
        WHEN attname = 'tier' THEN $$CASE tier WHEN 'gold' THEN 'silver' ELSE 'gold' END$$
        WHEN attname = 'word_salt' THEN $$substr(sha256('x'), 1, 16)$$
        WHEN atttypid = 'bytea'::regtype THEN $$sha256('another')$$
        WHEN atttypid = 'bytea[]'::regtype THEN $$ARRAY[sha256('1'), sha256('2'), sha256('3')]$$
        WHEN atttypid IN ('bigint'::regtype, 'integer'::regtype) THEN format('coalesce(%I, 0) + 1', attname)
        WHEN atttypid = 'date'::regtype THEN format($$coalesce(%I, '2026-02-01') - 7$$, attname)
        WHEN atttypid = 'timestamptz'::regtype THEN format($$coalesce(%I, '2026-02-01') + interval '1 microsecond'$$, attname)
        WHEN atttypid = 'uuid'::regtype THEN $$md5('somebody else')::uuid$$
        WHEN atttypid = 'jsonb'::regtype THEN $$'{"another": "word"}'$$
        ELSE format($$coalesce(%I, '') || 'x'$$, attname) END AS value
FROM pg_attribute a WHERE attrelid = ANY ('{laurel.user_points, laurel.points_ledger, laurel.points_ledger_archive, laurel_internal.archived_keys,
    laurel_internal.archived_accounts, laurel_internal.departed_accounts}'::regclass[]) AND attnum > 0 AND NOT attisdropped
    AND NOT EXISTS (SELECT FROM free_columns f WHERE f.table_name = attrelid::regclass::text AND f.name = attname);
CREATE TEMP TABLE rows AS
    SELECT 'laurel.user_points' AS table_name, format('user_id = %L', user_id) AS condition, u.email AS what FROM laurel.user_points JOIN laurel.users u ON u.id = user_id
    UNION ALL SELECT 'laurel.points_ledger', format('id = %L', id), coalesce(idempotency_key, 'entry ' || entry_no) FROM laurel.points_ledger
    UNION ALL SELECT 'laurel.points_ledger_archive', format('id = %L', id), idempotency_key FROM laurel.points_ledger_archive
    UNION ALL SELECT 'laurel_internal.archived_keys', format('idempotency_key = %L', idempotency_key), idempotency_key FROM laurel_internal.archived_keys
    UNION ALL SELECT 'laurel_internal.archived_accounts', format('user_id = %L', user_id), user_id::text FROM laurel_internal.archived_accounts
    UNION ALL SELECT 'laurel_internal.departed_accounts', format('user_id = %L', user_id), user_id::text FROM laurel_internal.departed_accounts;
SELECT is((SELECT count(DISTINCT table_name) FROM rows), 6::bigint, 'every table has rows to corrupt');
SELECT isnt(pg_temp.after(format('UPDATE %s SET %I = %s WHERE %s', c.table_name, c.name, c.value, r.condition)), 'sound',
    format('%s, %s: another %s', c.table_name, r.what, c.name)) FROM columns c JOIN rows r USING (table_name);
SELECT isnt(pg_temp.after(format('UPDATE %s SET %I = NULL WHERE %s AND %I IS NOT NULL', c.table_name, c.name, r.condition, c.name)), 'sound',
    format('%s, %s: no %s', c.table_name, r.what, c.name)) FROM columns c JOIN rows r USING (table_name) WHERE NOT c.required;
SELECT isnt(pg_temp.after(format('DELETE FROM %s WHERE %s', table_name, condition)), 'sound', format('%s: %s gone', table_name, what)) FROM rows;

-- What goes together, so that a single look would not find it.
SELECT isnt(pg_temp.after(statement), 'sound', statement) FROM unnest(ARRAY[
    $$UPDATE laurel.user_points SET points_this_week = 0, week_start = NULL, week_reached_at = NULL WHERE total_points > 0$$,
    $$UPDATE laurel.user_points SET points_this_week = 0, week_start = NULL, week_reached_at = NULL, points_this_month = 0, month_start = NULL,
        month_reached_at = NULL WHERE total_points > 0$$,
    $$UPDATE laurel.user_points SET points_this_week = 0, week_start = week_start + 7, week_reached_at = NULL WHERE total_points > 500$$,
    $$UPDATE laurel.user_points SET points_this_week = 0, week_start = week_start - 7, week_reached_at = NULL WHERE total_points > 500$$,
    $$UPDATE laurel.user_points SET points_this_week = 99, week_start = '2026-01-05', week_reached_at = now() WHERE total_points = 0$$,
    $$UPDATE laurel.user_points SET current_streak = 9, longest_streak = 9 WHERE total_points > 500$$,
    $$UPDATE laurel.user_points SET tier = 'platinum', current_level = 50 WHERE total_points = 0$$,
    $$DELETE FROM laurel.daily_activity WHERE date = '2026-01-05'$$,
    $$INSERT INTO laurel.daily_activity (organization_id, user_id, date) SELECT organization_id, user_id, '2026-01-06' FROM laurel.user_points$$,
    $$INSERT INTO laurel.points_ledger SELECT * FROM laurel.points_ledger_archive$$,
    $$INSERT INTO laurel_internal.archived_keys VALUES (tests.acme(), 'unheard of', tests.person('ann'), 1, now())$$,
    $$INSERT INTO laurel_internal.archived_accounts VALUES (tests.acme(), tests.person('ben'), 1)$$,
    $$INSERT INTO laurel_internal.departed_accounts SELECT organization_id, user_id, last_entry_no, total_points, last_entry_hash FROM laurel.user_points
        WHERE last_entry_no > 0$$,
    $$WITH gone AS (DELETE FROM laurel.points_ledger WHERE user_id = tests.person('dan')) DELETE FROM laurel_internal.departed_accounts
        WHERE user_id = tests.person('eve')$$]) statement;

-- What nothing else finds: an archived entry behind one that is not, with the count of both.
SELECT is(pg_temp.after($$WITH gone AS (DELETE FROM laurel.points_ledger WHERE user_id = tests.person('ann') AND entry_no = 3 RETURNING *),
        moved AS (INSERT INTO laurel.points_ledger_archive SELECT * FROM gone)
    UPDATE laurel_internal.archived_accounts SET entries = 2 WHERE user_id = tests.person('ann')$$),
    'an archived entry follows one that is not', 'an entry that was archived out of turn');
-- A chain made anew in which an entry was made before the one before it.
SELECT is(pg_temp.after($$WITH last AS (UPDATE laurel.points_ledger l SET occurred_at = b.created_at - interval '1 day', created_at = b.created_at - interval '1 day', entry_hash = pg_temp.hash(b.entry_hash,
            jsonb_populate_record(l, jsonb_build_object('occurred_at', b.created_at - interval '1 day', 'created_at', b.created_at - interval '1 day'))) FROM laurel.points_ledger b
        WHERE l.user_id = tests.person('fay') AND l.entry_no = 3 AND b.user_id = l.user_id AND b.entry_no = 2 RETURNING l.*)
    UPDATE laurel.user_points p SET last_entry_at = l.created_at, last_entry_hash = l.entry_hash, reached_at = l.created_at, week_reached_at = l.created_at,
        month_reached_at = l.created_at FROM last l WHERE p.user_id = l.user_id$$),
    'created_at lies before the entry before it', 'an entry that was dated back, with all that follows from it');
-- And a key that an archived entry has used and another one uses again.
SAVEPOINT before_key;
CREATE TEMP TABLE used AS SELECT * FROM laurel_internal.archived_keys WHERE idempotency_key = 'annold';
SET LOCAL session_replication_role = replica;
DELETE FROM laurel_internal.archived_keys WHERE idempotency_key = 'annold';
SET LOCAL session_replication_role = origin;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, idempotency_key) VALUES (tests.person('ben'), 1, 'test', 'again', 'annold');
SET LOCAL session_replication_role = replica;
INSERT INTO laurel_internal.archived_keys SELECT * FROM used;
SET LOCAL session_replication_role = origin;
SELECT is(pg_temp.flaws(), 'idempotency_key is an archived entry''s too', 'a key that was used twice');
ROLLBACK TO before_key;

-- A member who comes back goes on where the account was closed, or not at all.
SELECT is(tests.error_of(format('INSERT INTO laurel.users (id, organization_id, email) VALUES (%L, %L, %L)', tests.person('dan'), tests.acme(), 'dan@acme.test')),
    'none', 'a member comes back');
SELECT is(pg_temp.flaws(), 'sound', 'to an account that goes on');
SELECT is((SELECT string_agg(u.n, ',') FROM laurel_internal.departed_accounts d JOIN unnest(ARRAY['dan', 'eve']) u (n) ON d.user_id = tests.person(u.n)), 'eve',
    'and is not a departed one any more');
DELETE FROM laurel.users WHERE id = tests.person('ann');
SET LOCAL session_replication_role = replica;
DELETE FROM laurel.points_ledger WHERE user_id = tests.person('ann') AND entry_no = 4;
SET LOCAL session_replication_role = origin;
SELECT is(tests.error_of(format('INSERT INTO laurel.users (id, organization_id, email) VALUES (%L, %L, %L)', tests.person('ann'), tests.acme(), 'ann@acme.test')),
    'XX001', 'nobody comes back to a history whose end is missing');

-- Where accounts ended is not for clients.
SELECT is(tests.error_of(statement), '23001 departed_accounts_follow_ledger', statement) FROM unnest(ARRAY[
    'DELETE FROM laurel_internal.departed_accounts', 'UPDATE laurel_internal.departed_accounts SET total_points = 0', 'TRUNCATE laurel_internal.departed_accounts',
    'INSERT INTO laurel_internal.departed_accounts SELECT * FROM laurel_internal.departed_accounts']) statement;
SELECT tests.act_as_service();
SELECT is(tests.error_of('SELECT * FROM laurel_internal.departed_accounts'), '42501', 'nor are they read by service_role');

SELECT * FROM finish();
ROLLBACK;
