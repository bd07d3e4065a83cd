-- What the demo lets retention find: notifications read 91 days ago and sessions that have ended, of up to ten members
-- of the largest organization, one of whom is under a legal hold.
\set ON_ERROR_STOP 1

CREATE TEMP TABLE affected AS
SELECT m.organization_id, m.user_id
FROM laurel.user_organizations m
WHERE m.organization_id = (SELECT organization_id FROM laurel.user_organizations
    GROUP BY organization_id ORDER BY count(*) DESC, organization_id LIMIT 1)
ORDER BY m.user_id LIMIT 10;

INSERT INTO laurel.notifications (organization_id, user_id, type, title, created_at, read_at)
SELECT organization_id, user_id, 'reminder', 'A course begins tomorrow',
    now() - interval '92 days', now() - interval '91 days'
FROM affected, generate_series(1, 4);

INSERT INTO laurel.sessions (organization_id, user_id, token_hash, created_at, expires_at)
SELECT organization_id, user_id, sha256(convert_to(user_id::text, 'UTF8')),
    now() - interval '121 days', now() - interval '91 days'
FROM affected;

INSERT INTO laurel.legal_holds (user_id, table_name, reason)
SELECT user_id, 'notifications', 'Case 2026-17' FROM affected LIMIT 1;
