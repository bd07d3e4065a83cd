-- Awards by the thousand: counted and booked exactly, whatever brings and takes them.
\ir ../support/load.sql
BEGIN;
SELECT plan(15);

SELECT tests.found('a'), tests.crowd('a', 1, 1000);
INSERT INTO laurel.badges (id, organization_id, badge_name, points_value)
    SELECT ('c0000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, tests.acme(),
           'Badge ' || n, n
    FROM generate_series(0, 9) n;

CREATE VIEW pg_temp.miscounted AS
    SELECT b.id FROM laurel.badges b
    WHERE b.times_awarded <> (SELECT count(*) FROM laurel.badge_awards a WHERE a.badge_id = b.id);
-- Awards without exactly the points, the notification and the event that belong to them.
CREATE VIEW pg_temp.misbooked AS
    SELECT a.id FROM laurel.badge_awards a JOIN laurel.badges b ON b.id = a.badge_id
    LEFT JOIN laurel.points_ledger l ON l.idempotency_key = 'badge_award:' || a.id
    WHERE a.points_awarded <> b.points_value OR coalesce(l.amount, 0) <> b.points_value
       OR (l.id IS NOT NULL AND (l.user_id, l.occurred_at) <> (a.user_id, a.awarded_date))
       OR (SELECT count(*) FROM laurel.notifications n
           WHERE n.organization_id = a.organization_id AND n.user_id = a.user_id AND n.data ->> 'slug' = b.slug) <> 1
       OR (SELECT count(*) FROM laurel.domain_events e
           WHERE e.organization_id = a.organization_id AND e.user_id = a.user_id AND e.data ->> 'slug' = b.slug) <> 1;

-- Every second badge to everybody in one statement, in any order.
SELECT tests.act_as_service();
INSERT INTO laurel.badge_awards (user_id, badge_id)
    SELECT u.id, b.id FROM laurel.users u JOIN laurel.badges b USING (organization_id)
    WHERE organization_id = tests.acme() AND b.points_value % 2 = 0 ORDER BY random();
SELECT tests.act_as_owner();
SELECT is((SELECT sum(times_awarded) FROM laurel.badges), 5000::numeric, 'awards of many badges in one statement');
SELECT is_empty('SELECT * FROM pg_temp.miscounted', 'are counted exactly');
SELECT is_empty('SELECT * FROM pg_temp.misbooked', 'are paid and told exactly');
SELECT is((SELECT sum(total_points) FROM laurel.user_points), 20000::numeric, 'and add up');

-- By COPY.
COPY laurel.badge_awards (user_id, badge_id, awarded_date) FROM STDIN;
a0000000-0000-0000-0000-000000000001	c0000000-0000-0000-0000-000000000001	2025-01-01
a0000000-0000-0000-0000-000000000002	c0000000-0000-0000-0000-000000000001	2025-01-02
a0000000-0000-0000-0000-000000000001	c0000000-0000-0000-0000-000000000003	2025-01-03
\.
SELECT is((SELECT sum(times_awarded) FROM laurel.badges WHERE points_value IN (1, 3)), 3::numeric, 'copied awards');
SELECT is_empty('SELECT * FROM pg_temp.miscounted', 'are counted too');
SELECT is_empty('SELECT * FROM pg_temp.misbooked', 'and booked');

-- Together with the badge, or in exchange, in one statement.
WITH made AS (
    INSERT INTO laurel.badges (id, organization_id, badge_name, points_value)
    VALUES ('c0000000-0000-0000-0000-0000000000aa', tests.acme(), 'Fresh', 3) RETURNING id)
INSERT INTO laurel.badge_awards (user_id, badge_id)
    SELECT 'a0000000-0000-0000-0000-000000000001', id FROM made;
SELECT is_empty('SELECT * FROM pg_temp.miscounted', 'a badge may be made and awarded in one statement');
SELECT is_empty('SELECT * FROM pg_temp.misbooked', 'and pays');
WITH gone AS (
    DELETE FROM laurel.badge_awards WHERE badge_id = 'c0000000-0000-0000-0000-0000000000aa' RETURNING badge_id)
INSERT INTO laurel.badge_awards (user_id, badge_id)
    SELECT 'a0000000-0000-0000-0000-000000000002', badge_id FROM gone;
SELECT is((SELECT times_awarded FROM laurel.badges WHERE id = 'c0000000-0000-0000-0000-0000000000aa'), 1::bigint,
    'an award may go and another come in one statement');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');

-- Away again.
DELETE FROM laurel.badge_awards a USING laurel.badges b WHERE b.id = a.badge_id AND b.points_value BETWEEN 3 AND 6;
SELECT is_empty('SELECT * FROM pg_temp.miscounted', 'deletions of many are counted');
DELETE FROM laurel.users WHERE email LIKE 'a1%';
SELECT is_empty('SELECT * FROM pg_temp.miscounted', 'and of many users');
DELETE FROM laurel.badges WHERE points_value = 2;
SELECT is_empty('SELECT * FROM pg_temp.miscounted', 'and of badges');
TRUNCATE laurel.badge_awards;
SELECT is((SELECT sum(times_awarded) FROM laurel.badges), 0::numeric, 'and of all');

SELECT * FROM finish();
ROLLBACK;
