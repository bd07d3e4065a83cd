-- Gifts that members make each other, with a quota of each kind.

-- Bodies name tables that tests.make_gifts makes.
SET check_function_bodies = off;

-- Gifts of points: 20 a month for a member unless the organization says otherwise, 6 gifts a day, as many in a crew as it has levels, 1,000 bytes of notes in all.
CREATE OR REPLACE FUNCTION tests.make_gifts(partitioned boolean) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
    PERFORM tests.make_crews();
    SET LOCAL ROLE laurel_owner;
    CREATE TABLE kit.allowances (organization_id uuid NOT NULL, monthly bigint);
    EXECUTE format($$ CREATE TABLE kit.gifts (
        id uuid NOT NULL DEFAULT laurel.uuidv7(), organization_id uuid NOT NULL, user_id uuid, crew_id uuid, kind text NOT NULL DEFAULT 'small', points bigint DEFAULT 1,
        note text, is_draft boolean, created_at timestamptz NOT NULL DEFAULT now(), CONSTRAINT gifts_pkey PRIMARY KEY (id, kind),
        CONSTRAINT gifts_crew_id_fkey FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id) ON DELETE CASCADE,
        CONSTRAINT gifts_membership_fkey FOREIGN KEY (organization_id, user_id) REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
    ) %s $$, CASE WHEN partitioned THEN 'PARTITION BY LIST (kind)' END);
    IF partitioned THEN
        CREATE TABLE kit.small_gifts PARTITION OF kit.gifts FOR VALUES IN ('small');
        CREATE TABLE kit.other_gifts PARTITION OF kit.gifts FOR VALUES IN ('great', 'middling');
    END IF;
    CREATE INDEX ON kit.gifts (user_id, organization_id);
    PERFORM laurel_internal.quota('kit.gifts', 'giving', '{user_id}', 'points', 'month', 'SELECT coalesce(min(a.monthly), 20) FROM kit.allowances a WHERE a.organization_id = gifts.organization_id',
            counted => 'is_draft IS NOT TRUE'),
        laurel_internal.quota('kit.gifts', 'gifts', '{user_id}', '1', 'day', '6'),
        laurel_internal.quota('kit.gifts', 'crew_gifts', '{crew_id, user_id}', '1', 'forever', 'SELECT c.level FROM kit.crews c WHERE c.id = crew_id'),
        laurel_internal.quota('kit.gifts', 'notes', '{}', 'octet_length(note)', 'forever', '1000');
    RESET ROLE;
    GRANT SELECT, INSERT, UPDATE, DELETE ON kit.gifts TO authenticated, service_role;
    INSERT INTO kit.crews (id, organization_id, name, level) SELECT tests.crew(l, n), tests.org(l), n, n FROM unnest('{a, b}'::text[]) l, generate_series(1, 5) n;
END
$f$;

-- Counters that are not what their rows come to, and rows without one.
CREATE OR REPLACE FUNCTION tests.wrong_usage() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$
    WITH g AS (SELECT g.*, (g.created_at AT TIME ZONE o.time_zone)::date AS day FROM kit.gifts g JOIN laurel.organizations o ON o.id = g.organization_id
            WHERE g.tableoid IN (SELECT laurel_internal.partition_tree('kit.gifts'))),
        should AS (SELECT organization_id, 'giving' AS kind, ARRAY[user_id] AS owner, date_trunc('month', day::timestamp)::date AS period_start, sum(points) AS used FROM g
                WHERE is_draft IS NOT TRUE AND user_id IS NOT NULL GROUP BY 1, 3, 4
            UNION ALL SELECT organization_id, 'gifts', ARRAY[user_id], day, count(*) FROM g WHERE user_id IS NOT NULL GROUP BY 1, 3, 4
            UNION ALL SELECT organization_id, 'crew_gifts', ARRAY[crew_id, user_id], '-infinity', count(*) FROM g WHERE user_id IS NOT NULL AND crew_id IS NOT NULL GROUP BY 1, 3
            UNION ALL SELECT organization_id, 'notes', '{}', '-infinity', sum(octet_length(note)) FROM g GROUP BY 1)
    SELECT count(*) FROM should s FULL JOIN (SELECT * FROM laurel.quota_usage WHERE kind IN ('giving', 'gifts', 'crew_gifts', 'notes')) u USING (organization_id, kind, owner, period_start) WHERE coalesce(s.used, 0) <> coalesce(u.used, 0) AND (u.used IS NOT NULL OR s.period_start > now() - interval '20 days' OR s.period_start = '-infinity')
$$;
-- Points that members 1 to 9 of Acme have given this month.
CREATE OR REPLACE FUNCTION tests.given() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT coalesce(string_agg(right(user_id::text, 1) || ' ' || used, ', ' ORDER BY user_id, period_start DESC), 'nothing') FROM laurel.quota_usage
    WHERE kind = 'giving' AND organization_id = tests.org('a') AND used > 0
$$;

COMMENT ON FUNCTION tests.make_gifts(boolean) IS 'Makes the crews of tests.make_crews, and gifts with four quotas, partitioned or not.';
COMMENT ON FUNCTION tests.wrong_usage() IS 'How many counters are not what the gifts come to, or missing.';
COMMENT ON FUNCTION tests.given() IS 'Members of Acme and the points that they have given, by month.';
RESET check_function_bodies;
