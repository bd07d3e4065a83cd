-- The first :offers members offer places, the others want a buddy: six skills of forty, languages and zones of several kinds, always the same.
\set ON_ERROR_STOP on
SELECT setseed(0.5);
INSERT INTO laurel.buddy_profiles (organization_id, user_id, capacity, skills, languages)
SELECT :'organization', bench.member(n), 3 + n % 3, ARRAY(SELECT 'skill ' || (random() * 39 + n * 0)::int FROM generate_series(1, 6)),
    (ARRAY['{en}', '{de,en}', '{fr}'])[1 + n % 3]::text[] FROM generate_series(1, :offers) n;
INSERT INTO laurel.buddy_requests (organization_id, user_id, skills, languages)
SELECT :'organization', bench.member(n), ARRAY(SELECT 'skill ' || (random() * 39 + n * 0)::int FROM generate_series(1, 5)),
    (ARRAY['{en}', '{de}', '{en,fr}'])[1 + n % 3]::text[] FROM generate_series(:offers + 1, (SELECT count(*) FROM laurel.users)) n;
UPDATE laurel.user_preferences SET time_zone = (ARRAY['Europe/Zurich', 'Asia/Kolkata', 'America/New_York', 'UTC'])[1 + (random() * 3)::int];
ANALYZE;

CREATE TABLE bench.matches (user_id uuid PRIMARY KEY, buddy_id uuid NOT NULL, score integer NOT NULL);
CREATE FUNCTION bench.match_greedily(OUT score bigint, OUT matched bigint) LANGUAGE plpgsql AS $$
DECLARE
    pair record;
BEGIN
    CREATE TEMP TABLE places ON COMMIT DROP AS SELECT user_id AS id, capacity AS free FROM laurel.buddy_profiles;
    ALTER TABLE places ADD PRIMARY KEY (id);
    CREATE TEMP TABLE ahead ON COMMIT DROP AS SELECT user_id AS id, (extract(epoch FROM timezone(time_zone, now()) - timezone('UTC', now())) / 60)::int AS minutes FROM laurel.user_preferences;
    FOR pair IN
        WITH shared AS (
            SELECT r.user_id, b.user_id AS buddy_id, count(*) AS skills
            FROM (SELECT user_id, unnest(skills) AS skill FROM laurel.buddy_requests) r JOIN (SELECT user_id, unnest(skills) AS skill FROM laurel.buddy_profiles) b USING (skill) GROUP BY 1, 2
        )
        SELECT r.user_id, b.user_id AS buddy_id, (500 * coalesce(s.skills, 0) / cardinality(r.skills) + CASE WHEN r.languages && b.languages THEN 300 ELSE 0 END
            + 200 * (720 - least(abs(x.minutes - y.minutes), 1440 - abs(x.minutes - y.minutes))) / 720)::int AS score
        FROM laurel.buddy_requests r CROSS JOIN laurel.buddy_profiles b LEFT JOIN shared s ON s.user_id = r.user_id AND s.buddy_id = b.user_id
        JOIN ahead x ON x.id = r.user_id JOIN ahead y ON y.id = b.user_id ORDER BY 3 DESC, 1, 2
    LOOP
        CONTINUE WHEN EXISTS (SELECT FROM bench.matches m WHERE m.user_id = pair.user_id);
        UPDATE places SET free = free - 1 WHERE id = pair.buddy_id AND free > 0;
        IF FOUND THEN
            INSERT INTO bench.matches VALUES (pair.user_id, pair.buddy_id, pair.score);
        END IF;
    END LOOP;
    SELECT sum(m.score), count(*) INTO score, matched FROM bench.matches m;
END
$$;
