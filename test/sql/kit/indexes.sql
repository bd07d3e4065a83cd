-- Personal rows are found by an index that begins with the user: by a back end that asks by user alone, and under the
-- policies, which add the organization.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(46);

CREATE TEMP TABLE asked_otherwise AS SELECT * FROM (VALUES
    ('laurel.notification_deliveries', 'in flight: claimed by channel, the dead by their user'),
    ('laurel.delivery_attempts', 'a log, asked by notification')) AS v (name, reason);
CREATE TEMP TABLE personal AS SELECT c.oid, c.oid::regclass::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id' AND a.attnotnull
    WHERE c.relnamespace = 'laurel'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.oid::regclass::text NOT IN (SELECT name FROM asked_otherwise);

-- Every table, as if it were large.
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
    RETURN plan -> 0 -> 'Plan';
END
$$;
-- The indexes in a plan, and each table that is read as a whole.
CREATE FUNCTION pg_temp.read_by(plan jsonb) RETURNS text[] LANGUAGE sql AS $$
    SELECT coalesce(array_agg(DISTINCT coalesce(node ->> 'Index Name', 'all of ' || (node ->> 'Relation Name'))), '{}')
    FROM jsonb_path_query(plan, '$.** ? (exists(@."Index Name") || @."Node Type" == "Seq Scan")') node
$$;
CREATE FUNCTION pg_temp.first_column(index_name text) RETURNS text LANGUAGE sql AS $$
    SELECT a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE c.relname = index_name
$$;
CREATE FUNCTION pg_temp.found_by(relation text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    names text[];
BEGIN
    PERFORM tests.act_as_service(), set_config('enable_seqscan', 'off', true);
    names := pg_temp.read_by(pg_temp.plan_of(format('SELECT * FROM %s WHERE user_id = %L', relation, 'a0000000-0000-0000-0000-000000000011')));
    PERFORM tests.act_as_owner(), set_config('enable_seqscan', 'on', true);
    RETURN (SELECT string_agg(DISTINCT coalesce(pg_temp.first_column(name), name), ', ') FROM unnest(names) name);
END
$$;
SELECT laurel_internal.create_month_partitions('laurel.points_ledger_archive', 0);
SELECT is_empty('SELECT name, pg_temp.found_by(name) FROM personal WHERE pg_temp.found_by(name) <> ''user_id''', 'a back end finds rows by the user alone, in every table');
SELECT cmp_ok((SELECT count(*) FROM personal), '>', 15::bigint, 'of which there are many');

-- Some tables, with rows: Acme has 600 members, of whom a1 administers and a2 is trainer of ten.
CREATE FUNCTION pg_temp.id(label text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT tests.one(left(label, 1), substr(label, 2)::integer)
$$;
SELECT tests.cast('admin', 'trainer'), tests.crowd('a', 3, 600);
INSERT INTO laurel.courses (id, organization_id, name, trainer_id)
    SELECT pg_temp.id('c' || n), pg_temp.id('a0'), 'C' || n, CASE n WHEN 1 THEN pg_temp.id('a2') END FROM generate_series(1, 5) n;
INSERT INTO laurel.enrollments (organization_id, user_id, course_id)
    SELECT pg_temp.id('a0'), pg_temp.id('a' || u), pg_temp.id('c' || n) FROM generate_series(3, 600) u, generate_series(1, 5) n WHERE n > 1 OR u BETWEEN 11 AND 20;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT pg_temp.id('a' || u), 1, 't', 'r' FROM generate_series(1, 600) u, generate_series(1, 10);
INSERT INTO laurel.badges (id, organization_id, badge_name) SELECT pg_temp.id('b' || n), pg_temp.id('a0'), 'B' || n FROM generate_series(1, 15) n;
INSERT INTO laurel.badge_awards (user_id, badge_id) SELECT pg_temp.id('a' || u), pg_temp.id('b' || n) FROM generate_series(1, 600) u, generate_series(1, 15) n;
INSERT INTO laurel.daily_activity (user_id, last_activity_at) SELECT pg_temp.id('a' || u), now() - n * interval '1 day' FROM generate_series(1, 600) u, generate_series(1, 15) n;
INSERT INTO laurel.leaderboard_standings (organization_id, user_id, period, period_start, points, rank, reached_at)
    SELECT pg_temp.id('a0'), pg_temp.id('a' || u), 'weekly', date '2026-01-05' + 7 * n, 1, 1, now() FROM generate_series(1, 600) u, generate_series(1, 5) n;
UPDATE laurel.notifications SET is_read = true WHERE title <> (SELECT min(title) FROM laurel.notifications);
ANALYZE laurel.users, laurel.user_points, laurel.points_ledger, laurel.badge_awards, laurel.daily_activity, laurel.domain_events, laurel.notifications, laurel.enrollments,
    laurel.leaderboard_standings;

CREATE TEMP TABLE expected (name text, by text, whole text);
INSERT INTO expected VALUES
    ('points_ledger', 'points_ledger_entry_no_key', NULL), ('user_points', 'user_points_pkey', NULL), ('badge_awards', 'badge_awards_user_idx', NULL),
    ('daily_activity', 'daily_activity_user_id_idx', NULL), ('domain_events', 'domain_events_user_idx domain_events_counted_idx', NULL), ('notifications', 'notifications_user_idx', NULL),
    ('enrollments', 'enrollments_user_id_idx', NULL), ('leaderboard_standings', 'leaderboard_standings_user_idx', NULL);
CREATE FUNCTION pg_temp.read_as(caller text, query text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    names text[];
BEGIN
    PERFORM CASE caller WHEN 'service' THEN tests.act_as_service() ELSE tests.act_as(pg_temp.id(caller)) END;
    names := pg_temp.read_by(pg_temp.plan_of(query));
    PERFORM tests.act_as_owner();
    RETURN names;
END
$$;
SELECT ok(pg_temp.read_as('service', format('SELECT * FROM laurel.%I WHERE user_id = %L', name, pg_temp.id('a11'))) IN (SELECT ARRAY[i] FROM unnest(string_to_array(by, ' ')) i), 'a back end asks ' || name || ' by user alone') FROM expected ORDER BY name;
-- A learner, his trainer and the administrator ask for one member; under the policies the organization comes along.
SELECT ok(pg_temp.read_as(caller, format('SELECT * FROM laurel.%I WHERE user_id = %L', name, pg_temp.id('a11'))) && (
        SELECT array_agg(c.relname::text) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = ('laurel.' || name)::regclass
        AND (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:1]) AND a.attname IN ('user_id', 'organization_id')) = 2)
    AND NOT pg_temp.read_as(caller, format('SELECT * FROM laurel.%I WHERE user_id = %L', name, pg_temp.id('a11'))) && ARRAY['all of ' || name],
    format('%s asks %s for a member', caller, name))
FROM expected, unnest('{a11, a2, a1}'::text[]) caller WHERE name <> 'leaderboard_standings' AND (name <> 'notifications' OR caller = 'a11') ORDER BY name, caller;
-- What a learner and a trainer see of all, without naming anybody.
SELECT is(pg_temp.read_as(caller, format('SELECT * FROM laurel.%I', name)) && ARRAY['all of ' || name], false, format('%s asks for all that is to be seen of %s', caller, name))
FROM expected, unnest('{a11, a2}'::text[]) caller WHERE name IN ('points_ledger', 'badge_awards', 'domain_events', 'daily_activity', 'user_points') ORDER BY name, caller;
SELECT is(pg_temp.read_as('a1', 'SELECT * FROM laurel.points_ledger ORDER BY created_at DESC LIMIT 20'), '{points_ledger_created_idx}', 'the administrator asks for the newest');
SELECT is(pg_temp.read_as('a11', 'SELECT * FROM laurel.notifications WHERE NOT is_read ORDER BY created_at DESC LIMIT 20'), '{notifications_unread_idx}', 'a member for what is unread');

SELECT is(pg_temp.read_as('service', format($$ SELECT user_id FROM laurel.user_points WHERE organization_id = %L AND tier = 'gold' $$, pg_temp.id('a0'))), '{user_points_tier_idx}',
    'a back end asks for the members of a tier');

-- The person comes along by the key of users.
SELECT is(pg_temp.read_as(caller, format('SELECT l.amount, m.full_name FROM laurel.points_ledger l LEFT JOIN LATERAL laurel.member(l) m ON true WHERE l.id = %L', pg_temp.id('a1')))
    @> '{users_pkey}', true, format('%s asks for the person', caller)) FROM unnest('{service, a1, a2, a11}'::text[]) caller;

SELECT * FROM finish();
ROLLBACK;
