-- What the demo shows of imported OULAD files; scripts/demo.sh runs it and indents what is no heading.
\set ON_ERROR_STOP 1
\pset footer off
\pset border 0
\pset null '-'

-- The organization with most members, its leader, and somebody who is a member of two.
SELECT organization_id AS largest, (SELECT name FROM laurel.organizations WHERE id = organization_id) AS largest_name
FROM laurel.user_organizations GROUP BY organization_id ORDER BY count(*) DESC, largest_name LIMIT 1 \gset
SELECT user_id AS leader, display_name AS leader_name
FROM laurel.leaderboard('all_time', 1, organization_id => :'largest') \gset
SELECT user_id AS twice FROM laurel.user_points GROUP BY user_id
ORDER BY count(*) FILTER (WHERE last_entry_no > 0) DESC, sum(total_points) DESC, user_id LIMIT 1 \gset

\ir demo-callers.sql

\echo '== Members by tier'
SELECT o.name AS organization, count(*) AS members, sum(p.total_points) AS points,
    count(*) FILTER (WHERE p.tier = 'bronze') AS bronze, count(*) FILTER (WHERE p.tier = 'silver') AS silver,
    count(*) FILTER (WHERE p.tier = 'gold') AS gold, count(*) FILTER (WHERE p.tier = 'platinum') AS platinum
FROM laurel.user_points p JOIN laurel.organizations o ON o.id = p.organization_id
GROUP BY o.id, o.name ORDER BY o.name;

\echo '== Badges'
SELECT badge_name AS badge, points_value AS pays, sum(times_awarded) AS awarded
FROM laurel.badges GROUP BY badge_name, points_value ORDER BY points_value;

\echo '== All-time leaderboard of' :largest_name
SELECT rank, display_name AS learner, points, tier, current_level AS level
FROM laurel.leaderboard('all_time', 10, organization_id => :'largest');

\echo '== History of' :leader_name 'in' :largest_name ', numbered as it was recorded'
SELECT l.entry_no AS no, to_char(l.occurred_at AT TIME ZONE o.time_zone, 'YYYY-MM-DD') AS occurred,
    l.transaction_type AS type, coalesce(l.metadata ->> 'type' || ' ' || (l.metadata ->> 'assessment'), l.reason) AS what,
    l.amount, l.balance_after AS balance
FROM laurel.points_ledger l JOIN laurel.organizations o ON o.id = l.organization_id
WHERE l.organization_id = :'largest' AND l.user_id = :'leader' ORDER BY l.entry_no;

\echo '== One learner in several organizations: what is visible depends on the active one'
SELECT u.full_name AS caller, o.name AS "in", s.people, s.entries, s.points
FROM laurel.user_organizations m
JOIN laurel.users u ON u.id = m.user_id
JOIN laurel.organizations o ON o.id = m.organization_id
CROSS JOIN LATERAL pg_temp.seen_by(m.user_id, m.organization_id) s
WHERE m.user_id = :'twice' ORDER BY o.name;

\echo '== laurel.verify_ledger() recomputes every number and hash'
SELECT clock_timestamp() AS began \gset
SELECT (SELECT count(*) FROM laurel.points_ledger) AS entries, (SELECT count(*) FROM laurel.user_points) AS accounts,
    (SELECT count(*) FROM laurel.verify_ledger()) AS problems,
    round(extract(epoch FROM clock_timestamp() - :'began'::timestamptz), 2) AS seconds;
