-- What applications ask again and again, over 100,000 members of one organization: which index finds it, for a back end and
-- for who is signed in. No table is read as a whole, and no more is sorted than one member has.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

-- Acme has the cast and 100,000 members more. Rows are written as a restore writes them, without triggers; the catalogues have
-- 2,000 rows.
CREATE FUNCTION pg_temp.a(letter text, n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT (letter || 'a000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid $$;
SELECT tests.cast('admin', 'learner', 'bolt_admin');
SET LOCAL session_replication_role = replica;
CREATE TEMP TABLE member AS SELECT n, md5(n::text)::uuid AS id, n % 2000 AS m FROM generate_series(1, 100000) n;
INSERT INTO laurel.users (id, organization_id, email) SELECT id, tests.acme(), 'm' || n || '@many.test' FROM member;
INSERT INTO laurel.user_organizations (organization_id, user_id) SELECT tests.acme(), id FROM member;
INSERT INTO member SELECT 0, tests.person('learner'), 0;
-- The learner has many rows of each kind, in m from 0 on; each of the others one.
CREATE TEMP TABLE row_of AS SELECT n, id, m FROM member WHERE n > 0 UNION ALL SELECT 0, tests.person('learner'), g FROM generate_series(0, 999) g;
INSERT INTO laurel.teams (id, organization_id, name) SELECT pg_temp.a('1', n), tests.acme(), 'Team ' || n FROM generate_series(0, 1999) n;
INSERT INTO laurel.team_memberships (organization_id, team_id, user_id) SELECT tests.acme(), pg_temp.a('1', m), id FROM member;
INSERT INTO laurel.badges (id, organization_id, slug, badge_name, category, rarity)
    SELECT pg_temp.a('2', n), tests.acme(), 'badge-' || n, 'Badge ' || n, 'category ' || n % 50, (ARRAY['common', 'rare', 'epic'])[n % 3 + 1] FROM generate_series(0, 1999) n;
INSERT INTO laurel.badge_awards (organization_id, user_id, badge_id, points_awarded, awarded_date)
    SELECT tests.acme(), id, pg_temp.a('2', m), 0, now() - (n + m) * interval '1 minute' FROM row_of;
INSERT INTO laurel.learning_paths (id, organization_id, title, status, is_template, difficulty_level)
    SELECT pg_temp.a('3', n), tests.acme(), 'Path ' || n, 'published', n % 20 = 0, (ARRAY['beginner', 'beginner', 'intermediate', 'advanced'])[n % 4 + 1] FROM generate_series(0, 1999) n;
INSERT INTO laurel.learning_modules (id, organization_id, learning_path_id, position, title)
    SELECT pg_temp.a('4', n), tests.acme(), pg_temp.a('3', n), 1, 'Module ' || n FROM generate_series(0, 1999) n;
INSERT INTO laurel.learning_path_progress (organization_id, user_id, learning_path_id, status, progress_percentage, completed_date)
    SELECT tests.acme(), id, pg_temp.a('3', m), CASE WHEN m % 20 = 0 THEN 'in_progress' ELSE 'completed' END, CASE WHEN m % 20 = 0 THEN 50 ELSE 100 END, CASE WHEN m % 20 > 0 THEN now() END FROM row_of;
INSERT INTO laurel.module_completions (organization_id, user_id, module_id, learning_path_id, status, completed_date)
    SELECT tests.acme(), id, pg_temp.a('4', m), pg_temp.a('3', m), 'completed', now() FROM row_of;
INSERT INTO laurel.activities (id, organization_id, name) VALUES (pg_temp.a('5', 1), tests.acme(), 'Yoga');
INSERT INTO laurel.events (id, organization_id, activity_id, title, facilitator_id, created_at, scheduled_date, ends_at, status, completed_at)
    SELECT pg_temp.a('6', n), tests.acme(), pg_temp.a('5', 1), 'Event ' || n, pg_temp.a('0', n % 100), now() - interval '2 years', at, at + interval '1 hour',
        CASE WHEN at < now() THEN 'completed' ELSE 'scheduled' END, CASE WHEN at < now() THEN at END
    FROM generate_series(0, 1999) n, LATERAL (SELECT now() + (n - 1800) * interval '8 hours' AS at) t;
INSERT INTO laurel.participations (organization_id, event_id, user_id, attendance_status, check_in_time)
    SELECT tests.acme(), pg_temp.a('6', m), id, CASE n % 7 WHEN 0 THEN 'pending' ELSE 'attended' END, CASE WHEN n % 7 > 0 THEN now() END FROM row_of;
INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message, visibility, status, approved_at, created_at)
    SELECT tests.acme(), md5((r.m + r.n * 7 + 1)::text)::uuid, id, 'Thanks', (ARRAY['public', 'private'])[r.m % 2 + 1], CASE r.m % 500 WHEN 3 THEN 'pending' ELSE 'approved' END,
        CASE WHEN r.m % 500 <> 3 THEN now() END, now() - (r.n + r.m) * interval '1 minute' FROM row_of r;
INSERT INTO laurel.points_ledger (organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at, transaction_type, entry_hash, reference_type, reference_id)
    SELECT tests.acme(), id, e, 1, e, at, at, 'event_attended', sha256('x'), 'Event', pg_temp.a('6', m) FROM (
        SELECT *, CASE n WHEN 0 THEN 1 + m ELSE 1 END AS e, now() - interval '1 year' + (CASE n WHEN 0 THEN m ELSE n END) * interval '1 minute' AS at FROM row_of) r;
DELETE FROM laurel.user_points;
INSERT INTO laurel.user_points (organization_id, user_id, total_points, lifetime_points, tier, reached_at, team_id)
    SELECT tests.acme(), id, n / 25, n / 25, CASE WHEN n > 75000 THEN 'platinum' WHEN n > 72000 THEN 'gold' ELSE 'bronze' END, now(), pg_temp.a('1', m) FROM member;
INSERT INTO laurel.quota_usage (organization_id, kind, owner, user_id, period_start, ends_at, used, allowed)
    SELECT tests.acme(), 'recognition_allowance', ARRAY[id], id, date_trunc('month', now())::date, date_trunc('month', now()) + interval '1 month', 5, 100 FROM member;
SET LOCAL session_replication_role = origin;
ANALYZE laurel.quota_usage, laurel.users, laurel.user_organizations, laurel.teams, laurel.team_memberships, laurel.badges, laurel.badge_awards, laurel.learning_paths, laurel.learning_path_progress,
    laurel.module_completions, laurel.events, laurel.participations, laurel.recognitions, laurel.points_ledger, laurel.user_points;


-- The indexes of a plan, each table that is read as a whole, and whether much is sorted.
CREATE FUNCTION pg_temp.read_by(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
    RETURN (SELECT string_agg(DISTINCT coalesce(node ->> 'Index Name', CASE node ->> 'Node Type' WHEN 'Seq Scan' THEN 'all of ' || (node ->> 'Relation Name') ELSE 'a sort of much' END), ', ')
        FROM jsonb_path_query(plan, '$.** ? (exists(@."Index Name") || @."Node Type" == "Seq Scan" || @."Node Type" like_regex "Sort" && @.Plans[*]."Plan Rows" > 2000)') node);
END
$$;
CREATE FUNCTION pg_temp.read_as(caller text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    names text;
BEGIN
    PERFORM CASE caller WHEN 'service' THEN tests.act_as_service() ELSE tests.act_as(tests.person(caller)) END;
    names := pg_temp.read_by(query);
    PERFORM tests.act_as_owner();
    RETURN names;
END
$$;

-- What is asked, by whom, and what finds it. A back end (service) names the organization where it asks for no member; who is
-- signed in names neither. Where a member's rows are few enough either of two indexes that begin with the member serves.
CREATE TEMP TABLE pattern (place integer GENERATED ALWAYS AS IDENTITY, name text, callers text[], query text, found text);
INSERT INTO pattern (name, callers, query, found) VALUES
    -- What one asks of a member.
    ('active paths of a member', '{service, learner, admin}', $$ FROM laurel.learning_path_progress WHERE user_id = tests.person('learner') AND status = 'in_progress' ORDER BY last_activity_date DESC $$,
        'learning_path_progress_status_idx|learning_path_progress_user_path_key'),
    ('a member''s ledger, newest first', '{service, learner}', $$ FROM laurel.points_ledger WHERE user_id = tests.person('learner') ORDER BY created_at DESC LIMIT 20 $$, 'points_ledger_entry_no_key'),
    ('the same by number', '{service, learner, admin}', $$ FROM laurel.points_ledger WHERE user_id = tests.person('learner') ORDER BY entry_no DESC LIMIT 20 $$, 'points_ledger_entry_no_key'),
    ('badges of a member, newest first', '{service, learner, admin}', $$ FROM laurel.badge_awards WHERE user_id = tests.person('learner') ORDER BY awarded_date DESC LIMIT 20 $$, 'badge_awards_user_idx|badge_awards_user_badge_key'),
    ('a member''s modules of a path', '{service, learner, admin}', $$ FROM laurel.module_completions WHERE user_id = tests.person('learner') AND learning_path_id = pg_temp.a('3', 0) AND status = 'completed' $$,
        'module_completions_learning_path_id_idx|module_completions_user_module_key'),
    ('a member''s answer to an event', '{service, learner, admin}', $$ FROM laurel.participations WHERE user_id = tests.person('learner') AND event_id = pg_temp.a('6', 7) $$, 'participations_user_id_idx|participations_event_id_user_id_key'),
    ('thanks to a member, newest first', '{service, learner, admin}', $$ FROM laurel.recognitions WHERE recipient_id = tests.person('learner') ORDER BY created_at DESC LIMIT 20 $$, 'recognitions_recipient_id_idx'),
    ('thanks of a member, newest first', '{service, learner, admin}', $$ FROM laurel.recognitions WHERE sender_id = md5('8')::uuid ORDER BY created_at DESC LIMIT 20 $$, 'recognitions_sender_id_idx'),
    ('a member by address', '{service}', $$ FROM laurel.users WHERE email = 'm77@many.test' $$, 'users_email_key'),
    ('an account', '{service, learner, admin}', $$ FROM laurel.user_points WHERE user_id = tests.person('learner') $$, 'user_points_pkey'),
    ('events that one leads', '{service, learner}', $$ FROM laurel.events WHERE facilitator_id = pg_temp.a('0', 7) $$, 'events_facilitator_id_idx'),
    -- What one asks of an organization.
    ('the leaderboard', '{service, admin}', $$ FROM laurel.user_points WHERE {here} ORDER BY total_points DESC LIMIT 10 $$, 'user_points_total_idx'),
    ('members of a tier', '{service, admin}', $$ FROM laurel.user_points WHERE {here} AND tier = 'gold' $$, 'user_points_tier_idx'),
    ('accounts of a team', '{service, admin}', $$ FROM laurel.user_points WHERE {here} AND team_id = pg_temp.a('1', 7) $$, 'user_points_team_idx'),
    ('members of a team', '{service, learner, admin}', $$ FROM laurel.team_memberships WHERE {here} AND team_id = pg_temp.a('1', 7) $$, 'team_memberships_team_id_user_id_key'),
    ('all entries of an event', '{service, learner, admin}', $$ FROM laurel.points_ledger WHERE {here} AND reference_type = 'Event' AND reference_id = pg_temp.a('6', 7) $$, 'points_ledger_reference_idx'),
    ('the newest entries', '{service, admin}', $$ FROM laurel.points_ledger WHERE {here} ORDER BY created_at DESC LIMIT 20 $$, 'points_ledger_created_idx'),
    ('what comes next', '{service, learner, admin}', $$ FROM laurel.events WHERE {here} AND status = 'scheduled' AND scheduled_date >= now() ORDER BY scheduled_date LIMIT 20 $$, 'events_status_idx'),
    ('events of a week', '{service, learner}', $$ FROM laurel.events WHERE {here} AND status = 'scheduled' AND scheduled_date BETWEEN now() AND now() + interval '7 days' $$, 'events_status_idx'),
    ('who came to an event', '{service, admin}', $$ FROM laurel.participations WHERE {here} AND event_id = pg_temp.a('6', 1007) AND attendance_status = 'attended' $$, 'participations_attendance_idx'),
    ('thanks by status and who sees them', '{service, learner, admin}', $$ FROM laurel.recognitions WHERE {here} AND status = 'approved' AND visibility = 'public' ORDER BY created_at DESC LIMIT 20 $$, 'recognitions_status_idx'),
    ('what waits for approval', '{service, admin}', $$ FROM laurel.recognitions WHERE {here} AND status = 'pending' ORDER BY created_at DESC LIMIT 20 $$, 'recognitions_waiting_idx'),
    ('badges of a category and rarity', '{service, learner}', $$ FROM laurel.badges WHERE {here} AND category = 'category 7' AND rarity = 'rare' $$, 'badges_category_idx'),
    ('templates of a difficulty', '{service, learner}', $$ FROM laurel.learning_paths WHERE {here} AND is_template AND difficulty_level = 'beginner' $$, 'learning_paths_is_template_idx'),
    ('paths of a difficulty', '{service, learner}', $$ FROM laurel.learning_paths WHERE {here} AND NOT is_template AND difficulty_level = 'advanced' $$, 'learning_paths_difficulty_level_idx'),
    -- Both.
    ('what comes next for a member', '{service}', $$ FROM laurel.participations p JOIN laurel.events e ON e.organization_id = p.organization_id AND e.id = p.event_id
        WHERE p.user_id = md5('77')::uuid AND e.status = 'scheduled' AND e.scheduled_date >= now() ORDER BY e.scheduled_date LIMIT 20 $$, 'events_organization_id_id_key, participations_user_id_idx');
SELECT matches(pg_temp.read_as(caller, 'SELECT *' || replace(query, '{here}', CASE caller WHEN 'service' THEN 'organization_id = tests.acme()' ELSE 'true' END)), format('^(%s)$', found), format('%s asks: %s', caller, name))
FROM pattern, unnest(callers) caller ORDER BY place;

-- What functions ask: how often they have read the table as a whole, and whether by an index.
CREATE FUNCTION pg_temp.scans_by(caller text, call text, relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    whole constant bigint := pg_stat_get_xact_numscans(relation);
    indexed constant bigint := (SELECT sum(pg_stat_get_xact_numscans(indexrelid)) FROM pg_index WHERE indrelid = relation);
BEGIN
    PERFORM tests.act_as(tests.person(caller));
    EXECUTE call;
    PERFORM tests.act_as_owner();
    RETURN format('%s times as a whole, %s', pg_stat_get_xact_numscans(relation) - whole, CASE WHEN (SELECT sum(pg_stat_get_xact_numscans(indexrelid)) FROM pg_index WHERE indrelid = relation) > indexed THEN 'by index' ELSE 'not by index' END);
END
$$;
SELECT is(pg_temp.scans_by(caller, call, relation::regclass), '0 times as a whole, by index', format('%s calls %s', caller, call)) FROM (VALUES
    ('learner', $$ SELECT laurel.leaderboard('all_time', 10) $$, 'laurel.user_points'),
    ('learner', 'SELECT laurel.recognition_feed()', 'laurel.recognitions'),
    ('learner', 'SELECT laurel.recognition_allowance()', 'laurel.quota_usage'),
    ('admin', $$ SELECT laurel.attendees(pg_temp.a('6', 1007)) $$, 'laurel.participations')) v (caller, call, relation);

SELECT * FROM finish();
ROLLBACK;
