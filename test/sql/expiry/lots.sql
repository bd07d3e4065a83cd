-- What is left of credits, by any history: as a model has it that goes through an account from its oldest credit on.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
SELECT setseed(0.7);
SELECT tests.crowd('a', 100, 124);

-- Members and what befell them: credits of any age, debits, reversals of both.
CREATE FUNCTION pg_temp.live(member uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    entry uuid;
    step integer;
BEGIN
    FOR step IN 1 .. 30 LOOP
        BEGIN
            CASE (random() * 5)::integer
            WHEN 0, 1, 2 THEN
                INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, occurred_at)
                VALUES (member, 1 + (random() * 100)::integer, 't', 'r', CASE WHEN random() < 0.7 THEN now() - random() * interval '1000 days' END);
            WHEN 3, 4 THEN
                INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (member, -1 - (random() * 120)::integer, 't', 'r');
            ELSE
                SELECT id INTO entry FROM laurel.points_ledger l WHERE user_id = member AND reverses_id IS NULL ORDER BY random() LIMIT 1;
                CONTINUE WHEN entry IS NULL;
                PERFORM laurel.reverse_points_transaction(entry);
            END CASE;
        EXCEPTION WHEN check_violation OR unique_violation OR foreign_key_violation THEN
        END;
    END LOOP;
END $$;
SELECT pg_temp.live(tests.one('a', n)) FROM generate_series(100, 124) n \g /dev/null

-- Spends all debits that were not reversed on the credits that were not, from the oldest on.
CREATE FUNCTION pg_temp.model(member uuid, as_of timestamptz DEFAULT 'infinity') RETURNS TABLE (entry_id uuid, points bigint, earned_at timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    entry record;
    spent bigint := (SELECT coalesce(-sum(l.amount), 0) FROM laurel.points_history l WHERE l.user_id = member AND l.created_at <= as_of AND l.amount < 0 AND l.reverses_id IS NULL
        AND NOT EXISTS (SELECT FROM laurel.points_history r WHERE r.reverses_id = l.id AND r.created_at <= as_of));
BEGIN
    FOR entry IN SELECT * FROM laurel.points_history l WHERE l.user_id = member AND l.created_at <= as_of AND l.amount > 0 AND l.reverses_id IS NULL
        AND NOT EXISTS (SELECT FROM laurel.points_history r WHERE r.reverses_id = l.id AND r.created_at <= as_of) ORDER BY l.occurred_at, l.entry_no
    LOOP
        points := greatest(0, entry.amount - spent);
        spent := spent - least(spent, entry.amount);
        entry_id := entry.id;
        earned_at := entry.occurred_at;
        IF points > 0 THEN RETURN NEXT; END IF;
    END LOOP;
END $$;
CREATE TEMP VIEW members AS SELECT tests.one('a', n) AS id FROM generate_series(100, 124) n;
CREATE TEMP VIEW modelled AS SELECT m.id AS user_id, l.* FROM members m, pg_temp.model(m.id) l;

INSERT INTO laurel.point_expiry_policies (organization_id, rule, length, applies_from) VALUES (tests.acme(), 'after_months', 12, '2000-01-01');
SELECT cmp_ok((SELECT count(*) FROM modelled), '>', 50::bigint, 'there is something left');
CREATE TEMP VIEW listed AS SELECT m.id AS user_id, l.entry_id, l.points, l.earned_at FROM members m, laurel.expiring_points(m.id) l;
SELECT is((SELECT sum(points) FROM modelled), (SELECT sum(total_points) FROM laurel.user_points p JOIN members m ON m.id = p.user_id), 'the model adds up');
SELECT set_eq('TABLE listed', 'TABLE modelled', 'expiring_points lists what the model says');
SELECT ok(bool_and(expires_at = ((earned_at AT TIME ZONE 'UTC')::date + interval '12 months')::date + 1), 'each a year later') FROM members m, laurel.expiring_points(m.id) l;

-- What an organization owes, by age, now and at moments that have passed.
CREATE FUNCTION pg_temp.owed(at timestamptz) RETURNS SETOF record LANGUAGE sql AS $$
    SELECT age_from, sum(points)::bigint AS points FROM laurel.points_liability(at, tests.acme(), '{30, 100, 400}') GROUP BY 1
$$;
CREATE FUNCTION pg_temp.should(at timestamptz) RETURNS SETOF record LANGUAGE sql AS $$
    SELECT (SELECT max(a) FROM unnest('{0, 30, 100, 400}'::integer[]) a WHERE at - l.earned_at >= make_interval(days => a)) AS age_from, sum(l.points)::bigint
    FROM members m, pg_temp.model(m.id, at) l GROUP BY 1
$$;
SELECT set_eq(format('SELECT * FROM pg_temp.owed(%L) AS o (age integer, points bigint)', at), format('SELECT * FROM pg_temp.should(%L) AS o (age integer, points bigint)', at), 'what is owed at ' || n)
FROM (SELECT n, (SELECT created_at FROM laurel.points_ledger ORDER BY id LIMIT 1 OFFSET n) AS at FROM generate_series(0, 600, 150) n) moments WHERE at IS NOT NULL;
SELECT is((SELECT sum(points) FROM laurel.points_liability(organization_id => tests.acme())), (SELECT sum(amount) FROM laurel.points_ledger), 'all together is what the ledger says');
SELECT results_eq($$ SELECT tier, sum(points) FROM laurel.points_liability(organization_id => tests.acme()) GROUP BY tier ORDER BY tier $$,
    $$ SELECT tier, sum(total_points) FROM laurel.user_points WHERE total_points > 0 GROUP BY tier ORDER BY tier $$, 'by tier too');
UPDATE laurel.organizations SET tier_basis = 'lifetime' WHERE id = tests.acme();
SELECT results_eq($$ SELECT tier, sum(points) FROM laurel.points_liability(organization_id => tests.acme()) GROUP BY tier ORDER BY tier $$,
    $$ SELECT tier, sum(total_points) FROM laurel.user_points WHERE total_points > 0 GROUP BY tier ORDER BY tier $$, 'whatever the tier follows from');
UPDATE laurel.organizations SET tier_basis = 'rolling', tier_window_days = 45 WHERE id = tests.acme();
SELECT results_eq($$ SELECT tier, sum(points) FROM laurel.points_liability(organization_id => tests.acme()) GROUP BY tier ORDER BY tier $$,
    $$ SELECT tier, sum(total_points) FROM laurel.user_points WHERE total_points > 0 GROUP BY tier ORDER BY tier $$, 'from a window too');
SELECT cmp_ok((SELECT count(DISTINCT tier) FROM laurel.user_points WHERE total_points > 0 AND rolling_points <> total_points), '>', 1::bigint, 'which has not everything');
SELECT is((SELECT count(DISTINCT age_until) FROM laurel.points_liability(organization_id => tests.acme(), ages => '{}')), 0::bigint, 'without ages there is one');

-- What has expired is what the model says, to the point; the archive holds as much as the ledger.
CREATE TEMP TABLE before AS TABLE modelled;
CREATE FUNCTION pg_temp.expire() RETURNS bigint LANGUAGE sql AS $$ SELECT accounts FROM laurel_internal.expire_some_points(tests.acme(), NULL) $$;
SELECT cmp_ok(pg_temp.expire(), '>', 0::bigint, 'something has expired');
SELECT set_eq('TABLE listed', $$ SELECT * FROM before WHERE ((earned_at AT TIME ZONE 'UTC')::date + interval '12 months')::date >= (now() AT TIME ZONE 'UTC')::date $$, 'what is left is what had not');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SET LOCAL session_replication_role = replica;
UPDATE laurel.points_ledger SET created_at = created_at - interval '14 months', occurred_at = least(occurred_at, created_at - interval '14 months') WHERE entry_no <= 20;
SET LOCAL session_replication_role = origin;
CREATE TEMP TABLE then_left AS TABLE listed;
SELECT format('CREATE TABLE laurel_internal.old_entries PARTITION OF laurel.points_ledger_archive FOR VALUES FROM (%L) TO (%L)', now() - interval '20 months', now() - interval '13 months') \gexec
SET LOCAL session_replication_role = replica;
WITH moved AS (DELETE FROM laurel.points_ledger WHERE created_at < now() - interval '1 year' RETURNING *)
INSERT INTO laurel.points_ledger_archive SELECT id, organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at, transaction_type, entry_hash, metadata,
    reference_type, reference_id, reverses_id, created_by, reason, idempotency_key, word_salt, erased_words FROM moved;
SET LOCAL session_replication_role = origin;
SELECT cmp_ok((SELECT count(*) FROM laurel.points_ledger_archive), '>', 100::bigint, 'entries are archived');
SELECT set_eq('TABLE listed', 'TABLE then_left', 'and count');
SELECT cmp_ok(pg_temp.expire(), '>', 10::bigint, 'for the job too');
SELECT set_eq('TABLE listed', $$ SELECT * FROM then_left WHERE ((earned_at AT TIME ZONE 'UTC')::date + interval '12 months')::date >= (now() AT TIME ZONE 'UTC')::date $$, 'which takes what had expired');
SELECT is((SELECT sum(points) FROM laurel.points_liability(organization_id => tests.acme())), (SELECT sum(amount) FROM laurel.points_history), 'and for what is owed');

-- Archived credits that have not expired, some of which were reversed before they were archived, others after.
DELETE FROM laurel.point_expiry_policies;
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length, applies_from) VALUES (tests.acme(), 'after_months', 20, '2000-01-01');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, occurred_at) SELECT id, 900, 't', 'r', now() - interval '22 months' FROM members;
SELECT count(laurel.reverse_points_transaction(c.id)) AS reversed FROM (
    SELECT DISTINCT ON (user_id) id FROM laurel.points_ledger_archive a WHERE amount > 0 AND reverses_id IS NULL AND occurred_at > now() - interval '18 months'
        AND NOT EXISTS (SELECT FROM laurel.points_history r WHERE r.reverses_id = a.id) ORDER BY user_id, entry_no) c \gset
SELECT cmp_ok(:reversed, '>', 10, 'archived credits are reversed');
DROP TABLE before;
CREATE TEMP TABLE before AS TABLE modelled;
SELECT set_eq('TABLE listed', 'TABLE before', 'what is left of archived ones is listed');
SELECT cmp_ok(pg_temp.expire(), '>', 10::bigint, 'what is older has expired');
SELECT set_eq('TABLE listed', $$ SELECT * FROM before WHERE ((earned_at AT TIME ZONE 'UTC')::date + interval '20 months')::date >= (now() AT TIME ZONE 'UTC')::date $$, 'and they have not');
DELETE FROM laurel.point_expiry_policies;
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length, applies_from) VALUES (tests.acme(), 'after_months', 12, '2000-01-01');

-- Time passes, and life goes on between one run and the next.
CREATE FUNCTION pg_temp.live_on(n integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    UPDATE laurel.points_ledger SET created_at = created_at - interval '70 days', occurred_at = occurred_at - interval '70 days';
    PERFORM set_config('session_replication_role', 'origin', true);
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, occurred_at)
    SELECT id, 400, 't', 'r', now() - (200 + random() * 300) * interval '1 day' FROM members;
    PERFORM pg_temp.live(id) FROM members;
    DROP TABLE before;
    CREATE TEMP TABLE before AS TABLE modelled;
    RETURN NEXT set_eq('TABLE listed', 'TABLE before', 'what the model says is listed, time ' || n);
    RETURN NEXT cmp_ok(pg_temp.expire(), '>', 0::bigint, 'something has expired, time ' || n);
    RETURN NEXT set_eq('TABLE listed', $q$ SELECT * FROM before WHERE ((earned_at AT TIME ZONE 'UTC')::date + interval '12 months')::date >= (now() AT TIME ZONE 'UTC')::date $q$, 'and nothing else, time ' || n);
    RETURN NEXT is((SELECT sum(points) FROM laurel.points_liability(organization_id => tests.acme())), (SELECT sum(amount) FROM laurel.points_history), 'the ledger is owed, time ' || n);
END $$;
SELECT pg_temp.live_on(n) FROM generate_series(1, 5) n;

-- What is refused.
SELECT is(tests.error_of(format('SELECT laurel.points_liability(%s, tests.acme(), %L)', at, ages)), error, concat_ws(' ', at, ages))
FROM (VALUES ('now() + interval ''1 hour''', '{1}', '22023'), ('''infinity''', '{1}', '22023'), ('NULL', '{0}', '22023'), ('NULL', '{5, 5}', '22023'), ('NULL', '{9, 5}', '22023'),
    ('NULL', '{NULL}', '22023'), ('NULL', '{36501}', '22023'), ('NULL', '{{1, 2}}', '22023'), ('NULL', NULL, '22004'), ('''2000-01-01''', '{7}', 'none')) AS known (at, ages, error);
SELECT is(tests.error_of('SELECT laurel.points_liability()'), '22004', 'nobody''s organization');
SELECT tests.act_as_admin();
SELECT cmp_ok((SELECT sum(points) FROM laurel.points_liability()), '>', 0::numeric, 'administrators see what theirs owes');
SELECT is(tests.error_of('SELECT laurel.points_liability(organization_id => tests.bolt())'), '42501', 'and no other');

SELECT * FROM finish();
ROLLBACK;
