-- What retention takes of events, thanks and modules changes no count, no progress and no waitlist.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

-- Runs a policy as laurel.run_retention does, in this transaction: how many rows went, and how many are held.
CREATE FUNCTION pg_temp.run(policy text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    started record;
    more boolean;
BEGIN
    PERFORM laurel_internal.enter_retention();
    SELECT * INTO started FROM laurel_internal.start_retention(policy, false);
    LOOP
        SELECT b.more INTO more FROM laurel_internal.retention_batch(started.run, true) b;
        EXIT WHEN NOT more;
    END LOOP;
    PERFORM laurel_internal.finish_retention(started.run, 'done');
    RETURN (SELECT format('%s held %s failed %s', rows, held, failed) FROM laurel.retention_runs r WHERE r.id = started.run);
END
$$;
SELECT tests.cast();

-- Three years ago five answered to an event with three places; another one, to which they answered as long ago, is still to come.
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('yoga'), tests.acme(), 'Yoga');
INSERT INTO laurel.events (id, organization_id, activity_id, title, created_at, scheduled_date, ends_at, max_participants, max_guests)
SELECT tests.person(name), tests.acme(), tests.person('yoga'), name, now() - interval '4 years', at, at + interval '1 hour', 3, 1
FROM (VALUES ('old', now() - interval '3 years'), ('new', now() - interval '10 minutes'), ('far', now() + interval '1 year'), ('off', now() + interval '1 year')) v (name, at);
INSERT INTO laurel.participations (organization_id, event_id, user_id, guests, created_at)
SELECT tests.acme(), tests.person(event), tests.person(who), CASE who WHEN 'admin' THEN 1 ELSE 0 END, now() - CASE event WHEN 'new' THEN interval '1 minute' ELSE interval '3 years' END
FROM unnest('{old, new, far, off}'::text[]) event, unnest('{admin, trainer, learner, other, manager}'::text[]) WITH ORDINALITY w (who, place) ORDER BY place;
UPDATE laurel.events SET status = 'completed', completed_at = ends_at WHERE id = tests.person('old');
UPDATE laurel.events SET status = 'cancelled' WHERE id = tests.person('off');
CREATE FUNCTION pg_temp.places() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s+%s of %s', title, places_taken, waiting_count, (SELECT count(*) FROM laurel.participations p WHERE p.event_id = e.id)), ', ' ORDER BY title) FROM laurel.events e
$$;
SELECT is(pg_temp.places(), 'far 3+3 of 5, new 3+3 of 5, off 3+3 of 5, old 3+3 of 5', 'who goes, with a guest, and who waits') UNION ALL
SELECT is_empty('SELECT * FROM laurel.check()', 'all counters agree');
INSERT INTO laurel.legal_holds (user_id, reason) VALUES (tests.person('learner'), 'Case 1');
DELETE FROM laurel.notifications;
SELECT is(pg_temp.run('participations'), '8 held 2 failed 0', 'answers to what is over go after two years, but what is held');
SELECT is(pg_temp.places(), 'far 3+3 of 5, new 3+3 of 5, off 3+3 of 1, old 3+3 of 1', 'and stay counted');
SELECT is((SELECT count(*) FROM laurel.notifications), 0::bigint, 'nobody gets a place');
SELECT is_empty('SELECT * FROM laurel.check()', 'counters are proven all the same');
UPDATE laurel.legal_holds SET released_at = now();
SELECT is(pg_temp.run('participations'), '2 held 0 failed 0', 'what was held goes later');
SELECT is(pg_temp.places(), 'far 3+3 of 5, new 3+3 of 5, off 3+3 of 0, old 3+3 of 0', 'and is counted on top');
SELECT is(pg_temp.run('participations'), '0 held 0 failed 0', 'there is nothing more');
SELECT laurel_internal.recount('laurel.events', 'places_taken'), laurel_internal.recount('laurel.events', 'waiting_count');
SELECT is(pg_temp.places(), 'far 3+3 of 5, new 3+3 of 5, off 3+3 of 0, old 3+3 of 0', 'also where all is counted anew');
INSERT INTO laurel.participations (event_id, user_id) SELECT tests.person('old'), tests.person('bolt_learner') WHERE false;
SELECT is(tests.error_of($$ INSERT INTO laurel.participations (organization_id, event_id, user_id) VALUES (tests.acme(), tests.person('old'), tests.person('admin')) $$), 'none', 'who answers once more waits');
SELECT is((SELECT places_taken || '+' || waiting_count FROM laurel.events WHERE id = tests.person('old')), '3+4', 'behind those who are gone');
DELETE FROM laurel.participations WHERE event_id = tests.person('old');
SELECT is((SELECT places_taken || '+' || waiting_count FROM laurel.events WHERE id = tests.person('old')), '3+3', 'what anybody else deletes is not counted any more');
SELECT is_empty('SELECT * FROM laurel.check()', 'counters are proven');
SET LOCAL session_replication_role = replica;
UPDATE laurel.events SET places_taken = 0 WHERE id = tests.person('old');
SET LOCAL session_replication_role = origin;
SELECT results_eq('SELECT problem FROM laurel.check()', $$ VALUES ('places_taken is 0, and the rows of laurel.participations come to 3') $$, 'one that forgets what is gone is found');
SELECT laurel_internal.recount('laurel.events', 'places_taken');
SELECT is((SELECT places_taken FROM laurel.events WHERE id = tests.person('old')), 3::bigint, 'and mended');
DELETE FROM laurel.participations WHERE event_id = tests.person('far') AND user_id = tests.person('admin');
SELECT is((SELECT places_taken || '+' || waiting_count FROM laurel.events WHERE id = tests.person('far')), '3+1', 'a place that somebody gives back goes to who waits, as ever');
SELECT tests.act_as_service();
SELECT is(tests.error_of('SELECT FROM laurel_internal.retained_counts'), '42501', 'what is kept of them is nobody''s to read');
SELECT is(tests.error_of('UPDATE laurel.events SET places_taken = 0'), '23001 events_places_taken_follows', 'nor are counters anybody''s to write');
SELECT tests.act_as_owner();

-- Whatever counts: an organization thins its awards.
INSERT INTO laurel.badges (id, organization_id, slug, badge_name) VALUES (tests.person('first'), tests.acme(), 'first', 'First');
INSERT INTO laurel.badge_awards (user_id, badge_id, awarded_date, created_at) SELECT tests.person(who), tests.person('first'), at, at
FROM (VALUES ('learner', now() - interval '9 years'), ('other', now() - interval '9 years'), ('manager', now())) v (who, at);
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, source) VALUES ('awards', 'badge_awards', '8 years', 'delete', 'awarded_date', 'As the organization likes.');
SELECT is(pg_temp.run('awards'), '2 held 0 failed 0', 'awards of long ago go');
SELECT is((SELECT times_awarded FROM laurel.badges), 3::bigint, 'the badge was awarded three times');
DELETE FROM laurel.users WHERE id = tests.person('manager');
SELECT is((SELECT times_awarded FROM laurel.badges), 2::bigint, 'less those of who has left since');
SELECT is_empty('SELECT * FROM laurel.check()', 'counters are proven');

-- Old thanks, with what was said to them; others have added to two of them, to one of them lately.
INSERT INTO laurel.recognitions (id, organization_id, sender_id, recipient_id, message, points_awarded, created_at)
SELECT tests.person(name), tests.acme(), tests.person('learner'), tests.person('other'), name, 5, at
FROM (VALUES ('long ago', now() - interval '3 years'), ('added to', now() - interval '3 years'), ('added lately', now() - interval '3 years'), ('lately', now())) v (name, at);
INSERT INTO laurel.recognitions (organization_id, sender_id, message, points_awarded, adds_to, created_at)
VALUES (tests.acme(), tests.person('trainer'), 'plus long ago', 1, tests.person('added to'), now() - interval '3 years'), (tests.acme(), tests.person('trainer'), 'plus', 1, tests.person('added lately'), now());
INSERT INTO laurel.recognition_comments (organization_id, recognition_id, user_id, comment) SELECT tests.acme(), tests.person(name), tests.person('trainer'), 'Indeed' FROM unnest('{long ago, added to, added lately, lately}'::text[]) name;
CREATE FUNCTION pg_temp.thanks() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(message || ' ' || comments_count, ', ' ORDER BY message) FROM laurel.recognitions $$;
CREATE TEMP TABLE used AS SELECT * FROM laurel.quota_usage;
SELECT is(pg_temp.run('recognitions'), '2 held 0 failed 0', 'thanks go after two years');
SELECT is(pg_temp.thanks(), 'added lately 1, added to 1, lately 1, plus 0', 'but none to which others have added, whose thanks would go along');
SELECT is(pg_temp.run('recognitions'), '1 held 0 failed 0', 'until those have gone');
SELECT is(pg_temp.thanks(), 'added lately 1, lately 1, plus 0', 'what was said to others is counted as before');
SELECT set_eq('SELECT * FROM laurel.quota_usage', 'SELECT * FROM used', 'nobody may give more this month');
SELECT is((SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('other')), 22::bigint, 'and points that were given stay');
SELECT is_empty('SELECT * FROM laurel.check()', 'counters and quotas are proven');

-- A path that is completed, and one that is half done: what is over two years old is all that there is of both.
INSERT INTO laurel.learning_paths (id, organization_id, title, status) VALUES (tests.person('whole'), tests.acme(), 'Whole', 'published'), (tests.person('half'), tests.acme(), 'Half', 'published');
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title, points_reward) SELECT tests.person(path || n), tests.person(path), n, path || n, 10 FROM unnest('{whole, half}'::text[]) path, generate_series(1, 2) n;
INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('half2'), tests.person('half1'));
INSERT INTO laurel.learning_milestones (learning_path_id, title, module_id) SELECT tests.person('half'), n::text, tests.person('half' || n) FROM generate_series(1, 2) n;
INSERT INTO laurel.module_completions (user_id, module_id, status, completed_date, created_at) SELECT tests.person('learner'), tests.person(name), 'completed', now() - interval '3 years', now() - interval '3 years' FROM unnest('{whole1, whole2, half1}'::text[]) name;
CREATE FUNCTION pg_temp.progress() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', l.title, p.status, p.progress_percentage, cardinality(p.modules_completed), cardinality(p.milestones_completed)), ', ' ORDER BY l.title)
    FROM laurel.learning_path_progress p JOIN laurel.learning_paths l ON l.id = p.learning_path_id
$$;
SELECT is(pg_temp.progress(), 'Half in_progress 50.00 1 1, Whole completed 100.00 2 0', 'how far one was');
CREATE TEMP TABLE told AS SELECT (SELECT count(*) FROM laurel.domain_events) + (SELECT count(*) FROM laurel.points_ledger) AS facts;
SELECT is(pg_temp.run('module_completions'), '3 held 0 failed 0', 'completions go after two years');
SELECT is(pg_temp.progress(), 'Half in_progress 50.00 1 1, Whole completed 100.00 2 0', 'nobody is set back');
UPDATE laurel.learning_path_progress SET milestones_completed = milestones_completed;
INSERT INTO laurel.learning_modules (learning_path_id, position, title) VALUES (tests.person('whole'), 3, 'whole3');
SELECT is(pg_temp.progress(), 'Half in_progress 50.00 1 1, Whole completed 100.00 2 0', 'nor measured by what is left, nor is a path opened again');
SELECT is((SELECT facts FROM told), (SELECT count(*) FROM laurel.domain_events) + (SELECT count(*) FROM laurel.points_ledger), 'nothing is told or paid');
SELECT tests.act_as_learner();
SELECT is((SELECT can_start FROM laurel.can_start(tests.person('half2'))), true, 'what was needed first is met as before');
SELECT is((SELECT path_status || progress_percentage FROM laurel.complete_module(tests.person('half2'))), 'completed100.00', 'and the path goes on to its end');
SELECT is((SELECT status FROM laurel.complete_module(tests.person('whole1'))), 'completed', 'a module may be done again');
SELECT is((SELECT count(*) FROM laurel.points_ledger WHERE reference_id = tests.person('whole1')), 1::bigint, 'and is paid once');
SELECT tests.act_as_owner();
SELECT is_empty('SELECT * FROM laurel.check()', 'counters are proven');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');

-- A partitioned table that is counted.
SELECT tests.make_crews(true);
ALTER TABLE kit.crew_members ADD COLUMN created_at timestamptz NOT NULL DEFAULT now() - interval '1 day';
ALTER TABLE kit.crew_members SET SCHEMA laurel;
SET LOCAL ROLE laurel_owner;
SELECT laurel_internal.counts('kit.crews', 'member_count', 'laurel.crew_members', 'crew_id');
RESET ROLE;
INSERT INTO kit.crews (id, organization_id, name) VALUES (tests.crew('a', 1), tests.org('a'), '1');
INSERT INTO laurel.crew_members (organization_id, crew_id, user_id, role) SELECT tests.org('a'), tests.crew('a', 1), tests.one('a', g), CASE WHEN g < 4 THEN 'leader' ELSE 'member' END FROM generate_series(1, 5) g;
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, condition, source) VALUES ('crews', 'crew_members', '0', 'delete', 'created_at', 'role = ''leader''', 'As the organization likes.');
SELECT is(pg_temp.run('crews'), '3 held 0 failed 0', 'rows of partitions go');
SELECT is((SELECT member_count FROM kit.crews WHERE id = tests.crew('a', 1)), 5::bigint, 'and stay counted');
DELETE FROM laurel.crew_members WHERE user_id = tests.one('a', 5);
SELECT is((SELECT member_count FROM kit.crews WHERE id = tests.crew('a', 1)), 4::bigint, 'as long as others do not delete them');
SELECT is_empty('SELECT * FROM laurel.check()', 'counters are proven');

SELECT * FROM finish();
ROLLBACK;
