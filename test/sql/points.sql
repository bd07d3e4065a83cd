BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(100);

INSERT INTO laurel.organizations (id, name, slug, time_zone) VALUES
    ('a0000000-0000-0000-0000-000000000000', 'Acme', 'acme', 'UTC'),
    ('b0000000-0000-0000-0000-000000000000', 'Bolt', 'bolt', 'UTC');
INSERT INTO laurel.users (id, organization_id, email) VALUES
    ('a0000000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-000000000000', 'admin@acme.test'),
    ('a0000000-0000-0000-0000-000000000003', 'a0000000-0000-0000-0000-000000000000', 'learner@acme.test'),
    ('a0000000-0000-0000-0000-000000000004', 'a0000000-0000-0000-0000-000000000000', 'other@acme.test'),
    ('b0000000-0000-0000-0000-000000000003', 'b0000000-0000-0000-0000-000000000000', 'learner@bolt.test');
INSERT INTO laurel.user_roles (user_id, role) VALUES ('a0000000-0000-0000-0000-000000000001', 'org_admin');
INSERT INTO laurel.courses (id, organization_id, name)
VALUES ('ac000000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-000000000000', 'Course of Acme');

-- The learner's account, short.
CREATE FUNCTION pg_temp.account(member uuid DEFAULT 'a0000000-0000-0000-0000-000000000003') RETURNS text LANGUAGE sql AS $$
    SELECT format('%s of %s, entry %s, %s', total_points, lifetime_points, last_entry_no, tier)
    FROM laurel.user_points WHERE user_id = member AND organization_id <> 'b0000000-0000-0000-0000-000000000000'
$$;
-- Its history since an entry.
CREATE FUNCTION pg_temp.history(since bigint DEFAULT 0) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s: %s = %s', entry_no, amount, balance_after), ', ' ORDER BY entry_no) FROM laurel.points_ledger
    WHERE user_id = 'a0000000-0000-0000-0000-000000000003' AND entry_no > since
$$;
CREATE FUNCTION pg_temp.sound(description text) RETURNS text LANGUAGE sql AS $$
    SELECT is_empty('SELECT * FROM laurel.verify_ledger()', description)
$$;

-- What an entry is.
SELECT is(pg_temp.account(), '0 of 0, entry 0, bronze', 'an account opens with the membership, empty');
INSERT INTO laurel.points_ledger (id, user_id, amount, transaction_type, reason)
VALUES ('ae000000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-000000000003', 10, 'bonus', 'hello');
SELECT is(pg_temp.account(), '10 of 10, entry 1, bronze', 'an entry counts');
SELECT results_eq($$ SELECT organization_id, entry_no, balance_after, occurred_at = created_at, created_at <= clock_timestamp(),
        created_at >= now(), metadata, created_by, octet_length(entry_hash)
    FROM laurel.points_ledger WHERE id = 'ae000000-0000-0000-0000-000000000001' $$,
    $$ VALUES ('a0000000-0000-0000-0000-000000000000'::uuid, 1::bigint, 10::bigint, true, true, true, '{}'::jsonb, NULL::uuid, 32) $$,
    'the database gives what the row leaves out: organization, number, balance, times, hash');
SELECT results_eq($$ SELECT total_points, reached_at, last_entry_at, last_entry_hash, updated_at >= last_entry_at FROM laurel.user_points
    WHERE user_id = 'a0000000-0000-0000-0000-000000000003' $$,
    $$ SELECT balance_after, created_at, created_at, entry_hash, true FROM laurel.points_ledger
    WHERE id = 'ae000000-0000-0000-0000-000000000001' $$, 'and the account stands at that entry');
SELECT lives_ok($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, balance_after, entry_no, entry_hash, created_at)
    VALUES ('a0000000-0000-0000-0000-000000000003', -4, 'spent', 'r', 6, 2, '\x00', '2000-01-01') $$, 'right numbers are accepted');
SELECT is(pg_temp.account(), '6 of 10, entry 2, bronze', 'spending leaves what was earned');
SELECT results_eq($$ SELECT octet_length(entry_hash), created_at > now() - interval '1 minute' FROM laurel.points_ledger
    WHERE user_id = 'a0000000-0000-0000-0000-000000000003' AND entry_no = 2 $$, $$ VALUES (32, true) $$,
    'hash and clock are not taken from the row');
SELECT lives_ok($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
    VALUES ('a0000000-0000-0000-0000-000000000003', -6, 'spent', 'all') $$, 'the whole balance can be spent');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
VALUES ('a0000000-0000-0000-0000-000000000003', 6, 'bonus', 'back to six');
SELECT lives_ok($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reference_type, reference_id)
    VALUES ('a0000000-0000-0000-0000-000000000003', 1, 'course', 'Course', 'ac000000-0000-0000-0000-000000000001') $$,
    'what refers to something needs no reason');
SELECT pg_temp.sound('the ledger is sound so far');

-- Every way in.
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES
    ('a0000000-0000-0000-0000-000000000003', 1, 't', 'r'), ('a0000000-0000-0000-0000-000000000004', 2, 't', 'r'),
    ('a0000000-0000-0000-0000-000000000003', 3, 't', 'r'), ('b0000000-0000-0000-0000-000000000003', 4, 't', 'r'),
    ('a0000000-0000-0000-0000-000000000003', -2, 't', 'r');
SELECT is(pg_temp.history(5), '6: 1 = 8, 7: 3 = 11, 8: -2 = 9', 'many rows of one account in one statement');
SELECT is((SELECT total_points FROM laurel.user_points WHERE user_id = 'b0000000-0000-0000-0000-000000000003'), 4::bigint,
    'rows without organization go home, each to its own');
COPY laurel.points_ledger (user_id, amount, transaction_type, reason, occurred_at) FROM STDIN;
a0000000-0000-0000-0000-000000000003	5	copy	r	2020-01-01
a0000000-0000-0000-0000-000000000004	5	copy	r	\N
a0000000-0000-0000-0000-000000000003	-1	copy	r	\N
\.
SELECT is(pg_temp.history(8), '9: 5 = 14, 10: -1 = 13', 'COPY');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
SELECT user_id, 1, 't', 'r' FROM laurel.user_points, generate_series(1, 1000) WHERE user_id <> 'b0000000-0000-0000-0000-000000000003';
SELECT is(pg_temp.account(), '1013 of 1016, entry 1010, silver', 'INSERT … SELECT with a thousand entries for each');
WITH first AS (
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
    VALUES ('a0000000-0000-0000-0000-000000000003', 1, 't', 'r'), ('a0000000-0000-0000-0000-000000000003', 2, 't', 'r') RETURNING user_id
), second AS (
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT user_id, 10, 't', 'r' FROM first RETURNING user_id
) INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT user_id, 100, 't', 'r' FROM second LIMIT 1;
SELECT is(pg_temp.account(), '1136 of 1139, entry 1015, silver', 'several INSERTs in one WITH, each fed by the one before');
SELECT pg_temp.sound('which leaves a sound ledger');
WITH first AS (INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
    VALUES ('a0000000-0000-0000-0000-000000000003', 1, 't', 'r'))
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('a0000000-0000-0000-0000-000000000003', -1000, 't', 'r');
SELECT is(pg_temp.account(), '137 of 1140, entry 1017, bronze', 'two INSERTs in one WITH that know nothing of each other');
MERGE INTO laurel.points_ledger l USING (VALUES ('a0000000-0000-0000-0000-000000000003'::uuid, 'merged')) AS s (user_id, key)
    ON l.organization_id = 'a0000000-0000-0000-0000-000000000000' AND l.idempotency_key = s.key
    WHEN NOT MATCHED THEN INSERT (user_id, amount, transaction_type, reason, idempotency_key) VALUES (s.user_id, 3, 't', 'r', s.key);
MERGE INTO laurel.points_ledger l USING (VALUES ('a0000000-0000-0000-0000-000000000003'::uuid, 'merged')) AS s (user_id, key)
    ON l.organization_id = 'a0000000-0000-0000-0000-000000000000' AND l.idempotency_key = s.key
    WHEN NOT MATCHED THEN INSERT (user_id, amount, transaction_type, reason, idempotency_key) VALUES (s.user_id, 3, 't', 'r', s.key);
SELECT is(pg_temp.account(), '140 of 1143, entry 1018, bronze', 'MERGE, once for a key');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT user_id, 1, 't', 'r' FROM laurel.user_points WHERE false;
SELECT is(pg_temp.account(), '140 of 1143, entry 1018, bronze', 'a statement without rows');
DO $$
BEGIN
    FOR i IN 1..10 LOOP
        BEGIN
            INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
            VALUES ('a0000000-0000-0000-0000-000000000003', 1, 't', 'r'), ('a0000000-0000-0000-0000-000000000004', 1, 't', 'r');
            IF i % 2 = 0 THEN
                RAISE EXCEPTION 'undone';
            END IF;
        EXCEPTION WHEN raise_exception THEN NULL;
        END;
        BEGIN
            INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
            VALUES ('a0000000-0000-0000-0000-000000000003', 1, 't', 'r'), ('a0000000-0000-0000-0000-000000000003', -999999, 't', 'r');
        EXCEPTION WHEN check_violation THEN NULL;
        END;
    END LOOP;
END
$$;
SELECT is(pg_temp.account(), '145 of 1148, entry 1023, bronze', 'blocks with EXCEPTION, half of them undone');
SAVEPOINT one;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('a0000000-0000-0000-0000-000000000003', 600, 't', 'r');
SAVEPOINT two;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('a0000000-0000-0000-0000-000000000003', 1, 't', 'r');
ROLLBACK TO two;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('a0000000-0000-0000-0000-000000000003', 2, 't', 'r');
RELEASE two;
SELECT is(pg_temp.account(), '747 of 1750, entry 1025, silver', 'savepoints, the inner one undone');
ROLLBACK TO one;
SELECT is(pg_temp.account(), '145 of 1148, entry 1023, bronze', 'and the outer one too');
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
CREATE FUNCTION pg_temp.entries(kinds text[], member uuid DEFAULT 'a0000000-0000-0000-0000-000000000003') RETURNS bigint LANGUAGE sql AS $$
    WITH made AS (INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
        SELECT CASE WHEN kind = 'plain' THEN 'a0000000-0000-0000-0000-000000000004' ELSE member END, 10, kind, 'r' FROM unnest(kinds) kind
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
SELECT is(pg_temp.account(), '171 of 1174, entry 1029, bronze', 'entries added between number and row');
SELECT pg_temp.entries('{after}');
SELECT is(pg_temp.history(1029), '1030: 10 = 181, 1031: 1 = 182, 1032: 2 = 184', 'entries added after the row come last');
SELECT pg_temp.entries('{deferred, deferred}');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is(pg_temp.account(), '210 of 1213, entry 1038, bronze', 'entries added when constraints are checked');
SELECT pg_temp.sound('and all are sound');
SELECT pg_temp.entries('{undone before}'), pg_temp.entries('{undone late}'), pg_temp.entries('{undone after}');
SELECT is(pg_temp.account(), '240 of 1243, entry 1041, bronze', 'entries added and undone count for nothing');
SELECT pg_temp.entries('{after, undone after, before, t, late, undone before, plain, after, undone late, plain, after}');
SELECT is(pg_temp.account(), '345 of 1348, entry 1060, bronze', 'all of it in one statement');
SELECT pg_temp.sound('and still sound');
SELECT is((SELECT count(*) FROM laurel.points_ledger WHERE reason = 'undone'), 0::bigint, 'nothing undone is left');
DELETE FROM laurel.domain_events;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
VALUES ('a0000000-0000-0000-0000-000000000003', 200, 'undone after', 'r');
SELECT results_eq('SELECT type, data FROM laurel.domain_events', $$ VALUES ('tier_changed', '{"from": "bronze", "to": "silver"}'::jsonb) $$,
    'a tier that is reached while an inner statement is undone is told once');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
VALUES ('a0000000-0000-0000-0000-000000000003', 955, 'after', 'r');
SELECT is((SELECT array_agg(data ->> 'to') FROM laurel.domain_events), '{silver,gold}', 'one that is reached by an inner statement too');
DROP TRIGGER bonus_before ON laurel.points_ledger;
DROP TRIGGER bonus_after ON laurel.points_ledger;

-- A statement that reads while it writes, and one that changes a member's account while entries are under way.
CREATE FUNCTION pg_temp.recorded(member uuid, points bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT balance_after FROM laurel.record_points_transaction(member, points, 'inner', reason => 'r')
$$;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
SELECT 'a0000000-0000-0000-0000-000000000003', pg_temp.recorded('a0000000-0000-0000-0000-000000000003', 1) * 0 + 5, 't', 'r'
FROM generate_series(1, 3);
SELECT is(pg_temp.account(), '1521 of 2524, entry 1069, gold', 'rows that come from a function that records points itself');
SELECT pg_temp.sound('are sound');
