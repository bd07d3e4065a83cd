-- What the demo puts into the outbox: a badge for the leader of the largest organization, which goes out by e-mail and
-- to a webhook endpoint at :hook. Leaves the endpoint's secret and the leader's address as files in the folder :out.
\set ON_ERROR_STOP 1
\pset footer off
\pset border 0

SELECT o.id AS organization, p.user_id AS leader, u.full_name AS leader_name, u.email AS leader_email
FROM laurel.user_points p
JOIN laurel.organizations o ON o.id = p.organization_id
JOIN laurel.users u ON u.id = p.user_id
ORDER BY count(*) OVER (PARTITION BY o.id) DESC, o.name, p.total_points DESC, p.user_id LIMIT 1 \gset
SELECT :'leader_email' \g (format=unaligned tuples_only=on) :out/recipient

-- Where links in e-mails lead to.
UPDATE laurel.organizations SET settings = settings || jsonb_build_object('notifications', jsonb_build_object(
    'base_url', format('https://%s.example', slug),
    'unsubscribe_url', format('https://%s.example/stop?user={{user_id}}&type={{type}}', slug)))
WHERE id = :'organization';

SELECT secret FROM laurel.create_webhook_endpoint(:'hook', '{badge_earned}', :'organization', allow_insecure => true)
\g (format=unaligned tuples_only=on) :out/secret

INSERT INTO laurel.badges (organization_id, slug, badge_name, description, points_value)
VALUES (:'organization', 'top-of-the-board', 'Top of the Board', 'Lead the all-time leaderboard', 100)
RETURNING id AS badge \gset

\echo '== The outbox after laurel.award_badge(...) to' :leader_name 'and laurel.create_webhook_endpoint(...)'
SELECT laurel.award_badge(:'leader', :'badge', organization_id => :'organization') \g /dev/null
SELECT d.channel, coalesce(e.url, u.email) AS "to", n.title, d.state
FROM laurel.notification_deliveries d
JOIN laurel.notifications n ON n.id = d.notification_id
JOIN laurel.users u ON u.id = d.user_id
LEFT JOIN laurel.webhook_endpoints e ON e.id = d.endpoint_id
ORDER BY d.channel, d.created_at;
