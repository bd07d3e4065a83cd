-- What every page of a client begins with: the people of the guide, a badge, and the roles that clients log in as.
\ir ../guide/begin.sql

INSERT INTO laurel.badges (organization_id, slug, badge_name, points_value) VALUES (:'alder', 'first-course', 'First Steps', 100);

-- An application, which says in each transaction for whom it acts, and PostgREST, which says it for each request.
SELECT format('CREATE ROLE %I LOGIN NOINHERIT', name) FROM unnest('{laurel_app, authenticator}'::text[]) name
WHERE to_regrole(name) IS NULL \gexec
GRANT authenticated, service_role TO laurel_app;
GRANT anon, authenticated, service_role TO authenticator;
