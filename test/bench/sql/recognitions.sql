-- :recognitions recognitions among the first :members members, as a restore brings them, and the same without row security. Each is in
-- one of :teams teams; one in ten is for a team, one in ten is private, one in a hundred waits.
\set ON_ERROR_STOP on
SET session_replication_role = replica;
INSERT INTO laurel.teams (id, organization_id, name) SELECT bench.member(n), :'organization', 'Team ' || n FROM generate_series(1, :teams) n;
INSERT INTO laurel.team_memberships (organization_id, team_id, user_id) SELECT :'organization', bench.member(1 + n % :teams), bench.member(n) FROM generate_series(1, :members) n;
INSERT INTO laurel.company_values (organization_id, name) VALUES (:'organization', 'Courage');
INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message, points_awarded, company_value_id, visibility, team_id, status, approved_at, created_at)
SELECT :'organization', bench.member(s), bench.member(1 + (s + n % (:members - 1)) % :members), 'Thank you for what you have done: ' || n, n % 5,
    v.id, x, CASE x WHEN 'team' THEN bench.member(1 + s % :teams) END, t, CASE t WHEN 'approved' THEN at END, at
FROM generate_series(1, :recognitions) n, LATERAL (SELECT 1 + (n * 7919::bigint) % (:members - 1), CASE n % 10 WHEN 3 THEN 'team' WHEN 7 THEN 'private' ELSE 'public' END,
    CASE n % 100 WHEN 1 THEN 'pending' ELSE 'approved' END, now() - (:recognitions - n) * interval '30 seconds') r (s, x, t, at), laurel.company_values v;
UPDATE laurel.users SET manager_id = bench.member(2) WHERE id IN (SELECT bench.member(n) FROM generate_series(3, 12) n);
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES (:'organization', bench.member(1), 'org_admin'), (:'organization', bench.member(2), 'manager');
INSERT INTO laurel.recognition_settings (organization_id, approval, approval_from) VALUES (:'organization', 'manager', 1000000);
SET session_replication_role = origin;

CREATE SCHEMA open;
GRANT USAGE ON SCHEMA open TO authenticated;
SELECT format('CREATE TABLE open.%I (LIKE laurel.%1$I INCLUDING ALL)', name), format('INSERT INTO open.%I SELECT * FROM laurel.%1$I', name), format('GRANT SELECT ON open.%I TO authenticated', name)
FROM unnest('{recognitions, company_values, users, profiles, user_organizations}'::text[]) name \gexec
VACUUM ANALYZE;
CHECKPOINT;
