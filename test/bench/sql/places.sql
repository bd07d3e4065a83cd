-- Events to answer to, for each round one: under Laurel, and beside a counter that is locked by hand.
\set ON_ERROR_STOP on
INSERT INTO laurel.activities (organization_id, name) VALUES (:'organization', 'Meeting');
INSERT INTO laurel.events (id, organization_id, activity_id, title, scheduled_date, ends_at, max_participants)
SELECT bench.member(n), organization_id, id, 'Meeting ' || n, now() + interval '1 day', now() + interval '2 days', CASE n WHEN 1 THEN 100 ELSE :members END
FROM laurel.activities, generate_series(1, :events) n;

CREATE SCHEMA counted;
GRANT USAGE ON SCHEMA counted TO service_role;
CREATE TABLE counted.events (LIKE laurel.events INCLUDING ALL) WITH (fillfactor = 80);
CREATE TABLE counted.participations (LIKE laurel.participations INCLUDING ALL);
INSERT INTO counted.events SELECT * FROM laurel.events;
GRANT ALL ON counted.events, counted.participations TO service_role;
VACUUM ANALYZE;
