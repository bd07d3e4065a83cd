-- The demo's story, told on sql/seeds/development.sql; scripts/demo.sh runs it and indents what is no heading.
\set ON_ERROR_STOP 1
\pset footer off
\pset border 0
\pset null '-'

SELECT id AS alder FROM laurel.organizations WHERE slug = 'alder' \gset
SELECT id AS ana FROM laurel.users WHERE email = 'ana@alder.example' \gset
SELECT id AS ben FROM laurel.users WHERE email = 'ben@alder.example' \gset
SELECT id AS dario FROM laurel.users WHERE email = 'dario@alder.example' \gset
SELECT id AS course FROM laurel.courses WHERE name = 'SQL for analysts' \gset

\ir demo-callers.sql

\echo '== Tiers of Alder Academy: they follow from the points'
SELECT t.tier, t.min_points AS "from", count(p.user_id) AS members,
    string_agg(u.first_name || ' ' || p.total_points, ', ' ORDER BY p.total_points DESC)
        FILTER (WHERE p.total_points > 0) AS "with points"
FROM laurel.tiers t
LEFT JOIN laurel.user_points p ON p.organization_id = t.organization_id AND p.tier = t.tier
LEFT JOIN laurel.users u ON u.id = p.user_id
WHERE t.organization_id = :'alder'
GROUP BY t.tier, t.min_points ORDER BY t.min_points DESC;

\echo '== Ana completes her first course, and with it reaches the criteria of a badge'
UPDATE laurel.enrollments SET progress_percent = 100, completed_at = now() WHERE user_id = :'ana' AND course_id = :'course';
SELECT b.badge_name AS badge, b.criteria, a.awarded_by AS "awarded by", a.points_awarded AS "points paid", p.total_points AS "balance"
FROM laurel.badge_awards a
JOIN laurel.badges b ON b.organization_id = a.organization_id AND b.id = a.badge_id
JOIN laurel.user_points p ON p.organization_id = a.organization_id AND p.user_id = a.user_id
WHERE a.user_id = :'ana' AND b.slug = 'first-course';
SELECT type AS "event told", CASE type WHEN 'tier_changed' THEN data ->> 'from' || ' -> ' || (data ->> 'to')
    ELSE data ->> 'slug' END AS "what"
FROM laurel.domain_events
WHERE user_id = :'ana' AND (data ->> 'slug' = 'first-course' OR data ->> 'to' = 'gold') ORDER BY id;

\echo '== A quiz is reported twice under one key: the second call finds the first entry'
SELECT 'first' AS call, * FROM laurel.record_points_transaction(:'dario', 25, 'quiz_passed', 'Course', :'course',
    idempotency_key => 'quiz:7:dario')
UNION ALL
SELECT 'again', * FROM laurel.record_points_transaction(:'dario', 25, 'quiz_passed', 'Course', :'course',
    idempotency_key => 'quiz:7:dario');

\echo '== What the database does not accept, not even from a superuser'
SELECT w.attempt, a.state AS "SQLSTATE", a.rule AS "by the rule"
FROM (VALUES
    (1, 'award the badge again', format('SELECT laurel.award_badge_named(%L, %L)', :'ana', 'first-course')),
    (2, 'spend 9000 points', format('SELECT laurel.record_points_transaction(%L, -9000, %L, reason => %L)',
        :'ana', 'reward_redeemed', 'A car')),
    (3, 'add 10 points without a reason', format('SELECT laurel.record_points_transaction(%L, 10, %L)', :'ana', 'gift')),
    (4, 'use the key for another entry', format('SELECT laurel.record_points_transaction(%L, 99, %L, %L, %L,'
        ' idempotency_key => %L)', :'dario', 'quiz_passed', 'Course', :'course', 'quiz:7:dario')),
    (5, 'rewrite history', 'UPDATE laurel.points_ledger SET amount = 1'),
    (6, 'write a balance', 'UPDATE laurel.user_points SET total_points = 1')
) w (no, attempt, statement)
CROSS JOIN LATERAL pg_temp.answer(w.statement) a ORDER BY w.no;

\echo '== This week, as Ben sees it: Gita is hidden, Hugo anonymous; who got there first stands first'
BEGIN;
SELECT laurel.set_context(:'ben') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT rank, display_name AS name, points, tier, current_level AS level, CASE WHEN is_me THEN '<- me' ELSE '' END AS " "
FROM laurel.leaderboard('weekly');
COMMIT;

\echo '== Ana''s history: the balance runs with it'
SELECT entry_no AS no, to_char(occurred_at, 'YYYY-MM-DD') AS occurred, transaction_type AS type, reason, amount,
    balance_after AS balance
FROM laurel.points_ledger WHERE organization_id = :'alder' AND user_id = :'ana' ORDER BY entry_no;

\echo '== One table, one query, six callers: SELECT ... FROM laurel.points_ledger'
SELECT u.full_name AS caller, c.role, o.name AS "in", s.people, s.entries, s.points
FROM (VALUES
    (1, 'ana@alder.example', 'learner', 'alder'),
    (2, 'tomas@alder.example', 'trainer of four', 'alder'),
    (3, 'mara@alder.example', 'manager of two', 'alder'),
    (4, 'olga@alder.example', 'org_admin', 'alder'),
    (5, 'ruth@birch.example', 'org_admin', 'birch'),
    (6, 'ana@alder.example', 'learner', 'birch')
) c (no, email, role, slug)
JOIN laurel.users u USING (email)
JOIN laurel.organizations o USING (slug)
CROSS JOIN LATERAL pg_temp.seen_by(u.id, o.id) s ORDER BY c.no;

\echo '== Ana''s notifications and streak'
BEGIN;
SELECT laurel.set_context(:'ana') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT title, message, laurel.unread_notifications() AS unread, laurel.streak_of() || ' days' AS streak
FROM laurel.notifications ORDER BY created_at;
COMMIT;

\echo '== Ana shows her badge elsewhere: laurel.verify_credential() tells anybody whether it is genuine'
UPDATE laurel.badges SET criteria_narrative = 'Completed a first course.' WHERE organization_id = :'alder' AND slug = 'first-course';
INSERT INTO laurel.credential_issuers (organization_id, issuer_id, name, base_url)
VALUES (:'alder', 'did:web:alder.example', 'Alder Academy', 'https://badges.alder.example');
SELECT laurel.credential(a.id) AS shown FROM laurel.badge_awards a JOIN laurel.badges b ON b.id = a.badge_id
WHERE a.user_id = :'ana' AND b.organization_id = :'alder' AND b.slug = 'first-course' \gset
SELECT s.shown, v.status, v.badge_name AS badge, v.issuer_name AS issuer, v.reason
FROM (VALUES (1, 'as it was signed', :'shown'::jsonb), (2, 'with another name', :'shown'::jsonb || '{"name": "Doctor of SQL"}')) s (no, shown, document)
CROSS JOIN LATERAL laurel.verify_credential(s.document) v ORDER BY s.no;

\echo '== laurel.verify_ledger() recomputes every number and hash'
SELECT (SELECT count(*) FROM laurel.points_ledger) AS entries, (SELECT count(*) FROM laurel.user_points) AS accounts,
    (SELECT count(*) FROM laurel.verify_ledger()) AS problems;
