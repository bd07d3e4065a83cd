-- Assignments: who is to learn what, when it is settled, told and due again, and who sees how it goes.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
UPDATE laurel.users SET manager_id = tests.person('manager'), full_name = 'Lea' WHERE id = tests.person('learner');
INSERT INTO laurel.teams (id, organization_id, name) SELECT tests.person(n), tests.acme(), n FROM unnest('{team, crew}'::text[]) n;
INSERT INTO laurel.team_memberships (team_id, user_id) SELECT tests.person('team'), tests.person(n) FROM unnest('{learner, other}'::text[]) n;
INSERT INTO laurel.learning_paths (id, organization_id, title, status, is_template) SELECT tests.person(n), tests.acme(), n, 'published', n = 'template' FROM unnest('{path, second, third, template}'::text[]) n;
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title, points_reward) SELECT tests.person(p || m), tests.person(p), m, p || m, 10 FROM unnest('{path, second, third}'::text[]) p, generate_series(1, 2) m;
CREATE FUNCTION pg_temp.told(who text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT coalesce(string_agg(type, ', ' ORDER BY type), '-') FROM laurel.notifications WHERE user_id = tests.person(who) AND type LIKE 'learning%'
$$;
SELECT tests.act_as_admin();

CREATE FUNCTION pg_temp.assign(name text, path text, audience text, who text DEFAULT NULL, more text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE format('INSERT INTO laurel.learning_assignments (id, organization_id, learning_path_id, audience, %s%s) VALUES (%L, %L, %L, %L, %L%s)',
        CASE audience WHEN 'team' THEN 'team_id' ELSE 'user_id' END, (SELECT string_agg(', ' || split_part(m, '=', 1), '') FROM unnest(string_to_array(nullif(more, ''), ';')) m),
        tests.person(name), tests.acme(), tests.person(path), audience, tests.person(who), (SELECT string_agg(', ' || substr(m, strpos(m, '=') + 1), '') FROM unnest(string_to_array(nullif(more, ''), ';')) m));
END $$;
-- Who has which rows of an assignment: name, time, status.
CREATE FUNCTION pg_temp.rows(name text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws(' ', split_part(u.email, '@', 1), g.cycle, g.status), ', ' ORDER BY u.email, g.cycle), '-')
    FROM laurel.assigned_learning g JOIN laurel.users u ON u.id = g.user_id WHERE g.assignment_id = tests.person(name)
$$;
CREATE FUNCTION pg_temp.learn(who text, path text DEFAULT 'path') RETURNS void LANGUAGE sql AS $$
    SELECT laurel.complete_module(tests.person(path || m), tests.person(who)) FROM generate_series(1, 2) m
$$;

-- What an assignment may be.
SELECT is(tests.error_of(format('SELECT pg_temp.assign(%L, %L, %L, %L, %L)', 'x', 'path', a, w, m)), error, concat_ws(' ', a, w, m)) FROM (VALUES
    ('member', NULL, '', '23514 learning_assignments_audience_named_check'), ('everybody', 'learner', '', '23514 learning_assignments_audience_named_check'), ('team', NULL, '', '23514 learning_assignments_audience_named_check'),
    ('all', NULL, '', '23514 learning_assignments_audience_check'), ('joiners', 'learner', '', '23514 learning_assignments_audience_named_check'),
    ('member', 'bolt_learner', '', '23503 learning_assignments_membership_fkey'), ('team', 'none', '', '23503 learning_assignments_team_id_fkey'),
    ('member', 'learner', 'due_after=interval ''-1 day''', '23514 learning_assignments_due_after_check'), ('member', 'learner', 'due_at=timestamptz ''infinity''', '23514 learning_assignments_due_at_check'),
    ('member', 'learner', 'remind_before=''{0}''::interval[]', '23514 learning_assignments_remind_before_check'), ('member', 'learner', 'remind_before=''{2 years}''::interval[]', '23514 learning_assignments_remind_before_check'),
    ('member', 'learner', 'remind_before=''{NULL}''::interval[]', '23514 learning_assignments_remind_before_check'), ('member', 'learner', 'remind_before=array_fill(interval ''1 day'', ARRAY[11])', '23514 learning_assignments_remind_before_check'),
    ('member', 'learner', 'escalate_after=interval ''-1 s''', '23514 learning_assignments_escalate_after_check'), ('member', 'learner', 'recertify_every=interval ''1 hour''', '23514 learning_assignments_recertify_every_check'),
    ('member', 'learner', 'recertify_every=interval ''30 days''', '23514 learning_assignments_renew_before_check'), ('member', 'learner', 'renew_before=interval ''-1 day''', '23514 learning_assignments_renew_before_check')) v (a, w, m, error);
SELECT is(tests.error_of($$ SELECT pg_temp.assign('x', 'template', 'member', 'learner') $$), '23514 learning_assignments_learning_path_id_required', 'nobody takes a template');
SELECT is(tests.error_of($$ SELECT pg_temp.assign('x', 'none', 'member', 'learner') $$), '23503 learning_assignments_learning_path_id_fkey', 'nor what there is not');
SELECT is(tests.error_of(format('INSERT INTO laurel.learning_assignments (learning_path_id, audience, %s) VALUES (%L, ''everybody'', DEFAULT)', c, tests.person('path'))), '42501', c || ' is not written') FROM unnest('{status, assigned_by, created_at}'::text[]) c;

-- To one, to a team, to everybody, to who joins.
SELECT pg_temp.assign('one', 'path', 'member', 'learner', 'due_after=interval ''10 days''');
SELECT is(pg_temp.rows('one'), 'learner 1 assigned', 'to one member');
SELECT is((SELECT concat_ws(' ', due_at = now() + interval '10 days', next_notice_at = now() + interval '3 days') FROM laurel.assigned_learning WHERE assignment_id = tests.person('one')), 't t', 'due some days after, with a reminder before');
SELECT is(pg_temp.told('learner'), 'learning_assigned', 'who is told');
SELECT is(tests.error_of($$ SELECT pg_temp.assign('x', 'path', 'member', 'learner') $$), '23505 learning_assignments_member_key', 'once');
SELECT pg_temp.assign('two', 'second', 'team', 'team');
SELECT is(pg_temp.rows('two'), 'learner 1 assigned, other 1 assigned', 'to a team');
SELECT is(tests.error_of($$ SELECT pg_temp.assign('x', 'second', 'team', 'team') $$), '23505 learning_assignments_team_key', 'once');
SELECT lives_ok($$ SELECT pg_temp.assign('crew''s', 'second', 'team', 'crew') $$, 'to a team of nobody');
SELECT pg_temp.assign('new', 'third', 'joiners');
SELECT is(pg_temp.rows('new'), '-', 'to nobody but who joins');
SELECT pg_temp.assign('all', 'third', 'everybody');
SELECT is(pg_temp.rows('all'), 'admin 1 assigned, learner 1 assigned, manager 1 assigned, other 1 assigned, root 1 assigned, trainer 1 assigned', 'to everybody');
SELECT is(tests.error_of($$ SELECT pg_temp.assign('x', 'third', 'everybody') $$), '23505 learning_assignments_audience_key', 'once');
SELECT is((SELECT count(*) FROM laurel.assigned_learning WHERE organization_id <> tests.acme()), 0::bigint, 'of the organization alone');
SELECT is((SELECT assigned_by FROM laurel.learning_assignments WHERE id = tests.person('all')), laurel.uid(), 'by whom is noted');
SELECT is(tests.error_of(format('UPDATE laurel.learning_assignments SET %s', a)), '42501', a) FROM unnest('{audience = $$joiners$$, user_id = NULL, learning_path_id = NULL, assigned_by = NULL}'::text[]) a;

-- Who comes later, and who goes.
SELECT tests.act_as_owner();
SELECT tests.join(tests.acme(), 'new1', 'new2'), tests.invite('bolt_learner', tests.acme());
SELECT is(pg_temp.rows('new'), 'learner 1 assigned, new1 1 assigned, new2 1 assigned', 'who joins the organization has what is for joiners, at home or as a guest');
SELECT is((SELECT count(*) FROM laurel.assigned_learning WHERE assignment_id = tests.person('all')), 9::bigint, 'and what is for everybody');
INSERT INTO laurel.team_memberships (team_id, user_id) SELECT tests.person(t), tests.person(n) FROM (VALUES ('team', 'new1'), ('team', 'new2'), ('crew', 'trainer')) v (t, n);
SELECT is(pg_temp.rows('two') || ' | ' || pg_temp.rows('crew''s'), 'learner 1 assigned, new1 1 assigned, new2 1 assigned, other 1 assigned | trainer 1 assigned', 'who joins a team has what it has');
DELETE FROM laurel.team_memberships WHERE user_id IN (tests.person('new1'), tests.person('other'));
SELECT is(pg_temp.rows('two'), 'learner 1 assigned, new1 1 withdrawn, new2 1 assigned, other 1 withdrawn', 'who leaves it needs it no more');
SELECT pg_temp.learn('new1', 'second');
UPDATE laurel.assigned_learning SET due_at = now() - interval '1 day' WHERE user_id = tests.person('other') AND assignment_id = tests.person('two');
INSERT INTO laurel.team_memberships (team_id, user_id) SELECT tests.person('team'), tests.person(n) FROM unnest('{new1, other}'::text[]) n;
SELECT is(pg_temp.rows('two'), 'learner 1 assigned, new1 1 completed, new2 1 assigned, other 1 assigned', 'who comes back goes on, or has done it meanwhile');
SELECT is((SELECT due_at FROM laurel.assigned_learning WHERE user_id = tests.person('other') AND assignment_id = tests.person('two')), NULL, 'with as much time as at first');
DELETE FROM laurel.user_organizations WHERE organization_id = tests.acme() AND user_id = tests.person('bolt_learner');
DELETE FROM laurel.users WHERE id = tests.person('new2');
SELECT is(pg_temp.rows('new') || ' | ' || pg_temp.rows('two'), 'new1 1 assigned | learner 1 assigned, new1 1 completed, other 1 assigned', 'who leaves the organization leaves no row');
SELECT tests.invite('bolt_learner', tests.acme());
SELECT is(pg_temp.rows('new'), 'learner 1 assigned, new1 1 assigned', 'and has a new one when he joins again');
DELETE FROM laurel.teams WHERE id = tests.person('crew');
SELECT is((SELECT count(*) FROM laurel.learning_assignments WHERE id = tests.person('crew''s')), 0::bigint, 'what was for a team goes with it');

-- Many at once.
SELECT tests.crowd('c', 1, 0), tests.found('c');
INSERT INTO laurel.learning_paths (id, organization_id, title, status) VALUES (tests.person('cpath'), tests.org('c'), 'Path', 'published');
SELECT tests.crowd('c', 1, 150);
INSERT INTO laurel.learning_assignments (id, learning_path_id, audience) VALUES (tests.person('c'), tests.person('cpath'), 'everybody');
SELECT tests.crowd('c', 151, 300);
SELECT is((SELECT concat_ws(' ', count(*), count(DISTINCT user_id)) FROM laurel.assigned_learning WHERE assignment_id = tests.person('c')), '300 300', 'many at once, each once');

-- A path that is completed settles all that is open of it, and is due again.
SELECT tests.act_as_admin();
SELECT pg_temp.assign('again', 'path', 'team', 'team', 'due_at=now() + interval ''5 days'';recertify_every=interval ''1 year'';renew_before=interval ''60 days''');
SELECT is(pg_temp.rows('again'), 'learner 1 assigned, new1 1 assigned, other 1 assigned', 'a path is assigned twice over');
SELECT tests.act_as_learner();
SELECT is((SELECT string_agg(concat_ws(' ', title, is_required, cycle, is_overdue, is_to_begin_anew, progress_percentage), ', ' ORDER BY due_at, title) FROM laurel.learning_due),
    'path t 1 f f 0, path t 1 f f 0, second t 1 f f 0, third t 1 f f 0', 'a learner sees what is due');
SELECT laurel.complete_module(tests.person('path1'));
SELECT is((SELECT string_agg(DISTINCT progress_percentage::text, ' ') FROM laurel.learning_due WHERE title = 'path'), '50.00', 'and how far it is done');
SELECT is(tests.error_of($$ SELECT laurel.recertify(tests.person('path')) $$), '23514 path_certifications_completed', 'what is not completed is not done again');
SELECT laurel.complete_module(tests.person('path2'));
SELECT is((SELECT string_agg(concat_ws(' ', cycle, due_at = now() + interval '1 year', opens_at = due_at - interval '60 days', is_to_begin_anew, progress_percentage), ', ') FROM laurel.learning_due WHERE title = 'path'), '2 t t t 0', 'what was completed is due again in a year');
SELECT is(pg_temp.rows('one') || ' | ' || pg_temp.rows('again'), 'learner 1 completed | learner 1 completed, learner 2 assigned', 'the completion stays');
SELECT tests.act_as_owner();
DELETE FROM laurel.team_memberships WHERE user_id = tests.person('learner');
INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (tests.person('team'), tests.person('learner'));
SELECT is(pg_temp.rows('again'), 'learner 1 completed, learner 2 assigned, new1 1 assigned, other 1 assigned', 'who leaves the team and comes back has not done it again by that');
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ SELECT laurel.recertify(tests.person('path')) $$), '23514 path_certifications_open', 'nobody begins anew before it opens');
SELECT ok(tests.told($$ SELECT laurel.recertify(tests.person('path')) $$) LIKE '%It may be begun at %', 'and is told when it does');
SELECT lives_ok($$ UPDATE laurel.assigned_learning SET status = 'waived' $$, 'an update by a learner');
SELECT is((SELECT count(*) FROM laurel.assigned_learning WHERE status = 'waived'), 0::bigint, 'reaches no row');
SELECT is(tests.error_of(format('INSERT INTO laurel.assigned_learning (assignment_id, learning_path_id, user_id, cycle) VALUES (%L, %L, %L, 7)', tests.person('one'), tests.person('path'), laurel.uid())), '42501', 'nor is one made');
SELECT is(tests.error_of($$ SELECT laurel.recertify(tests.person('path'), tests.person('other')) $$), '42501', 'nor begun for another');
SELECT is(tests.error_of($$ SELECT laurel.recertify(tests.person('none')) $$), '42501', 'nor what there is not');
SELECT is(tests.error_of($$ SELECT laurel.recertify(NULL) $$), '22004', 'nor nothing');
SELECT is((SELECT count(*) FROM laurel.learning_assignments), 0::bigint, 'assignments are for administrators');

-- Doing it again.
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ SELECT laurel.recertify(tests.person('none'), tests.person('learner')) $$), '23503 path_certifications_learning_path_id_fkey', 'a path that there is not');
INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('path2'), tests.person('path1')), (tests.person('second1'), tests.person('path1'));
UPDATE laurel.learning_path_progress SET started_date = now() - interval '2 years', completed_date = now() - interval '330 days' WHERE user_id = tests.person('learner') AND learning_path_id = tests.person('path');
UPDATE laurel.assigned_learning SET assigned_at = now() - interval '2 years', due_at = now() + interval '35 days', opens_at = now() - interval '25 days' WHERE cycle = 2;
CREATE TEMP TABLE paid AS SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('learner') AND organization_id = tests.acme();
SELECT tests.act_as_learner();
SELECT is(laurel.recertify(tests.person('path')), 2, 'when it opens it begins anew');
SELECT is(laurel.recertify(tests.person('path')), 2, 'twice is once');
SELECT is((SELECT concat_ws(' ', status, progress_percentage, cardinality(modules_completed)) FROM laurel.learning_path_progress WHERE learning_path_id = tests.person('path')), 'in_progress 0.00 0', 'at nothing');
SELECT is((SELECT string_agg(concat_ws(' ', cycle, completed_at = now() - interval '330 days', (SELECT string_agg(m.title || '=' || (details -> m.id::text ->> 'points_earned'), ' ' ORDER BY m.title) FROM laurel.learning_modules m WHERE m.id = ANY (modules_completed)), cardinality(milestones_completed)), ', ') FROM laurel.path_certifications), '1 t path1=10 path2=10 0', 'what was completed is history');
SELECT is((SELECT concat_ws(' ', can_start, reason) FROM laurel.can_start(tests.person('path2'))), 'f prerequisites', 'in its order');
SELECT is((SELECT concat_ws(' ', can_start, reason) FROM laurel.can_start(tests.person('second1'))), 't', 'while other paths ask for it no more');
SELECT is((SELECT string_agg(concat_ws(' ', points_earned, status), ', ') FROM (SELECT (laurel.complete_module(tests.person('path' || m))).* FROM generate_series(1, 2) m) r), '0 completed, 0 completed', 'its modules pay nothing again');
SELECT is(pg_temp.rows('again'), 'learner 1 completed, learner 2 completed, learner 3 assigned', 'the second time is settled, and the third is due');
SELECT is((SELECT due_at FROM laurel.learning_due WHERE title = 'path'), now() + interval '1 year', 'in a year');
SELECT tests.act_as_owner();
SELECT is((SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('learner') AND organization_id = tests.acme()), (SELECT total_points FROM paid), 'no points for doing it again');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE type = 'path_completed' AND user_id = tests.person('learner')), 2::bigint, 'but it is told');
SELECT tests.act_as_admin();
UPDATE laurel.learning_paths SET pays_again = true WHERE id = tests.person('path');
SELECT is(laurel.recertify(tests.person('path'), tests.person('learner')), 3, 'administrators let begin at any time');
SELECT pg_temp.learn('learner');
SELECT pg_temp.learn('learner');
SELECT tests.act_as_owner();
SELECT is((SELECT total_points - (SELECT total_points FROM paid) FROM laurel.user_points WHERE user_id = tests.person('learner') AND organization_id = tests.acme()), 20::bigint, 'a path that pays again pays each time once');
DELETE FROM laurel.module_completions WHERE user_id = tests.person('learner');
SELECT pg_temp.learn('learner');
SELECT is((SELECT total_points - (SELECT total_points FROM paid) FROM laurel.user_points WHERE user_id = tests.person('learner') AND organization_id = tests.acme()), 20::bigint, 'also where retention has taken the rows');
SELECT is(tests.error_of(format('UPDATE laurel.path_certifications SET %s WHERE cycle = 1', a)), '23001 path_certifications_' || split_part(a, ' ', 1) || '_immutable', a) FROM unnest('{completed_at = now(), cycle = 9, modules_completed = modules_completed[2:], details = jsonb_build_object()}'::text[]) a;
SELECT is((SELECT string_agg(status || ' ' || cycle, ', ' ORDER BY cycle) FROM laurel.assigned_learning WHERE assignment_id = tests.person('again') AND user_id = tests.person('learner')), 'completed 1, completed 2, completed 3, assigned 4', 'all times are kept');

-- Who has completed a path before.
SELECT tests.act_as_admin();
INSERT INTO laurel.learning_paths (id, title, status) SELECT tests.person(n), n, 'published' FROM unnest('{fire, water}'::text[]) n;
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title) SELECT tests.person(p || m), tests.person(p), m, p || m FROM unnest('{fire, water}'::text[]) p, generate_series(1, 2) m;
SELECT pg_temp.learn('learner', 'fire'), pg_temp.learn('other', 'fire');
SELECT tests.act_as_owner();
UPDATE laurel.learning_path_progress SET started_date = now() - interval '3 years', completed_date = now() - interval '2 years' WHERE user_id = tests.person('other') AND learning_path_id = tests.person('fire');
SELECT tests.act_as_admin();
SELECT pg_temp.assign('before', 'fire', 'team', 'team', 'recertify_every=interval ''1 year'''), pg_temp.assign('alike', 'fire', 'everybody'), pg_temp.assign('anew', 'fire', 'member', 'learner', 'counts_before=false');
SELECT is(pg_temp.rows('before'), 'learner 1 completed, learner 2 assigned, new1 1 assigned, other 1 assigned', 'who has completed it within the period is done');
SELECT is((SELECT string_agg(status, ' ' ORDER BY user_id) FROM laurel.assigned_learning WHERE assignment_id = tests.person('alike') AND user_id IN (tests.person('learner'), tests.person('other'))), 'completed completed', 'or ever, where there is none');
SELECT is(pg_temp.rows('anew'), 'learner 1 assigned', 'unless it does not count');
SELECT tests.act_as_learner();
SELECT is(laurel.recertify(tests.person('fire')), 2, 'then it is begun anew at once');
SELECT tests.act_as_admin();
SELECT pg_temp.assign('between', 'fire', 'joiners');
SELECT tests.act_as_owner();
INSERT INTO laurel.learning_assignments (id, organization_id, learning_path_id, audience, user_id, status) VALUES (tests.person('gone'), tests.acme(), tests.person('fire'), 'member', tests.person('trainer'), 'withdrawn');
SELECT is(pg_temp.rows('gone'), '-', 'what is withdrawn is nobody''s');

-- What administrators do with rows.
SELECT tests.act_as_admin();
SELECT lives_ok($$ UPDATE laurel.assigned_learning SET status = 'waived' WHERE assignment_id = tests.person('before') AND user_id = tests.person('new1') $$, 'they waive');
SELECT lives_ok($$ UPDATE laurel.assigned_learning SET status = 'completed' WHERE assignment_id = tests.person('before') AND user_id = tests.person('other') $$, 'they say that it was done elsewhere');
SELECT is(pg_temp.rows('before'), 'learner 1 completed, learner 2 assigned, new1 1 waived, other 1 completed, other 2 assigned', 'which is due again too');
SELECT is(tests.error_of($$ UPDATE laurel.assigned_learning SET status = 'assigned' WHERE status = 'completed' $$), '23514 assigned_learning_status_steps', 'what is completed stays so');
SELECT is(tests.error_of(format('UPDATE laurel.assigned_learning SET %s', a)), '42501', a) FROM unnest('{cycle = 2, completed_at = now(), next_notice_at = NULL, reminded_at = now(), user_id = NULL}'::text[]) a;
SELECT is(tests.error_of($$ DELETE FROM laurel.assigned_learning $$), '42501', 'nothing is deleted');
SELECT pg_temp.learn('new1', 'fire');
SELECT is((SELECT status FROM laurel.assigned_learning WHERE assignment_id = tests.person('before') AND user_id = tests.person('new1')), 'waived', 'what is waived stays so');

-- How it goes, as far as one may see.
SELECT is((SELECT concat_ws(' ', people, completed, open, overdue, waived) FROM laurel.assignment_report WHERE assignment_id = tests.person('before')), '3 2 0 0 1', 'administrators count everybody');
UPDATE laurel.assigned_learning SET due_at = now() - interval '1 day' WHERE assignment_id IN (tests.person('before'), tests.person('two')) AND user_id IN (tests.person('other'), tests.person('learner')) AND status = 'assigned';
SELECT is((SELECT string_agg(concat_ws(' ', people, completed, open, overdue, waived), ', ' ORDER BY assignment_id = tests.person('two')) FROM laurel.assignment_report WHERE assignment_id IN (tests.person('before'), tests.person('two'))), '3 0 0 2 1, 3 1 0 2 0', 'what is overdue is not completed');
SELECT tests.act_as(tests.person('manager'));
SELECT is((SELECT concat_ws(' ', people, completed, overdue) FROM laurel.assignment_report WHERE assignment_id = tests.person('before')), '1 0 1', 'managers count their direct reports');
SELECT is((SELECT count(*) FROM laurel.learning_due WHERE user_id NOT IN (tests.person('manager'), tests.person('learner'))), 0::bigint, 'and see what is due of those alone');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT string_agg(DISTINCT people::text, ' ') FROM laurel.assignment_report), '1', 'learners count themselves');
SELECT is((SELECT count(*) FROM laurel.path_certifications), 0::bigint, 'and see nobody else''s history');
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT count(*) FROM laurel.assigned_learning) + (SELECT count(*) FROM laurel.learning_due) + (SELECT count(*) FROM laurel.assignment_report) + (SELECT count(*) FROM laurel.learning_assignments), 0::bigint, 'other organizations see nothing');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.learning_assignments (learning_path_id, audience) VALUES (%L, 'everybody') $$, tests.person('path'))), '23503 learning_assignments_learning_path_id_fkey', 'nor assign anything');
SELECT tests.act_as_anon();
SELECT is(tests.error_of('SELECT FROM laurel.' || t), '42501', t || ' is for who is signed in') FROM unnest('{learning_due, assignment_report, assigned_learning, learning_assignments, path_certifications}'::text[]) t;

-- What is told, once each.
SELECT tests.act_as_owner();
SELECT laurel.remind_learners() > 0;
UPDATE laurel.assigned_learning SET status = 'withdrawn' WHERE status = 'assigned';
DELETE FROM laurel.notifications;
SELECT pg_temp.assign('soon', 'water', 'member', 'learner', 'due_after=interval ''10 days'';escalate_after=interval ''3 days'''), pg_temp.assign('bolt', 'water', 'member', 'other', 'due_after=interval ''10 days'';remind_before=''{}''::interval[]');
-- Lets time pass.
CREATE FUNCTION pg_temp.pass(days integer) RETURNS bigint LANGUAGE sql AS $$
    SET LOCAL session_replication_role = replica;
    UPDATE laurel.assigned_learning SET assigned_at = assigned_at - days * interval '1 day', due_at = due_at - days * interval '1 day', next_notice_at = next_notice_at - days * interval '1 day',
        reminded_at = reminded_at - days * interval '1 day', overdue_told_at = overdue_told_at - days * interval '1 day', escalated_at = escalated_at - days * interval '1 day';
    SET LOCAL session_replication_role = origin;
    SELECT laurel.remind_learners();
$$;
SELECT is(laurel.remind_learners(), 0::bigint, 'nothing is said before it is time');
SELECT is(pg_temp.pass(4), 1::bigint, 'a week before');
SELECT is(laurel.remind_learners(), 0::bigint, 'once');
SELECT is(pg_temp.told('learner'), 'learning_assigned, learning_due', 'members are reminded');
SELECT is(pg_temp.pass(5), 1::bigint, 'a day before');
SELECT is(pg_temp.told('learner'), 'learning_assigned, learning_due, learning_due', 'again');
SELECT is(pg_temp.pass(1), 2::bigint, 'when it is due');
SELECT is(pg_temp.told('learner') || ' | ' || pg_temp.told('manager'), 'learning_assigned, learning_due, learning_due, learning_overdue | -', 'members are told that it is');
SELECT is(pg_temp.pass(2), 0::bigint, 'once');
SELECT is(pg_temp.pass(1), 1::bigint, 'some days later');
SELECT is(pg_temp.told('learner') || ' | ' || pg_temp.told('manager') || ' | ' || pg_temp.told('other'), 'learning_assigned, learning_due, learning_due, learning_overdue | learning_escalated | learning_assigned, learning_overdue', 'their managers are');
SELECT is((SELECT title || ' ' || (data ->> 'user_id' = tests.person('learner')::text) FROM laurel.notifications WHERE type = 'learning_escalated'), 'Lea has not completed: water true', 'who it is about');
SELECT is((SELECT concat_ws(' ', overdue_told_at IS NOT NULL, escalated_at IS NOT NULL, next_notice_at) FROM laurel.assigned_learning WHERE assignment_id = tests.person('soon')), 't t', 'there is nothing more to say');
SELECT tests.act_as_admin();
UPDATE laurel.assigned_learning SET due_at = now() + interval '20 days' WHERE assignment_id = tests.person('soon');
SELECT is((SELECT concat_ws(' ', overdue_told_at IS NULL, escalated_at IS NULL, next_notice_at = now() + interval '13 days') FROM laurel.assigned_learning WHERE assignment_id = tests.person('soon')), 't t t', 'what has more time is said again');
UPDATE laurel.learning_assignments SET due_at = now() + interval '40 days', due_after = NULL, remind_before = '{2 days}', is_required = false WHERE id = tests.person('soon');
SELECT is((SELECT concat_ws(' ', due_at = now() + interval '40 days', next_notice_at = now() + interval '38 days', is_required) FROM laurel.assigned_learning WHERE assignment_id = tests.person('soon')), 't t f', 'what is open follows its assignment');
SELECT tests.act_as_owner();
SELECT is(pg_temp.pass(100), 1::bigint, 'after a long time');
SELECT is((SELECT string_agg(type, ', ' ORDER BY type) FROM laurel.notifications WHERE type LIKE 'learning%' AND data ->> 'assigned_learning_id' = (SELECT id::text FROM laurel.assigned_learning WHERE assignment_id = tests.person('soon'))
    AND (data ->> 'due_at')::timestamptz = now() - interval '60 days'), 'learning_escalated, learning_overdue', 'all is said at once, without reminders');
SELECT is(laurel.remind_learners(), 0::bigint, 'and then there is nothing more');

-- What is withdrawn is quiet.
SELECT pg_temp.assign('quiet', 'water', 'member', 'trainer', 'due_after=interval ''8 days''');
DELETE FROM laurel.learning_assignments WHERE id = tests.person('quiet');
SELECT is((SELECT status FROM laurel.learning_assignments WHERE id = tests.person('quiet')), 'withdrawn', 'who deletes an assignment withdraws it');
SELECT is(pg_temp.rows('quiet'), 'trainer 1 withdrawn', 'with what is open of it');
SELECT is(pg_temp.pass(30), 0::bigint, 'and nobody is told any more');
SELECT is(tests.error_of($$ UPDATE laurel.learning_assignments SET status = 'active' $$), '23514 learning_assignments_status_steps', 'for good');
SELECT lives_ok($$ SELECT pg_temp.assign('louder', 'water', 'member', 'trainer') $$, 'it may be assigned again');
UPDATE laurel.learning_paths SET status = 'archived' WHERE id = tests.person('water');
SELECT is((SELECT string_agg(DISTINCT status, ' ') FROM laurel.learning_assignments WHERE learning_path_id = tests.person('water')) || ' ' || pg_temp.rows('louder'), 'withdrawn trainer 1 withdrawn', 'archiving the path withdraws all');

-- One organization that fails leaves the others alone.
INSERT INTO laurel.learning_assignments (id, learning_path_id, audience, user_id, due_at) VALUES (tests.person('late'), tests.person('cpath'), 'member', tests.one('c', 1), now() - interval '1 day');
SELECT pg_temp.assign('late too', 'path', 'member', 'trainer', 'due_at=now() - interval ''1 day''');
CREATE FUNCTION public.app_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.organization_id = tests.acme() THEN RAISE EXCEPTION 'no' USING ERRCODE = 'P0099'; END IF; RETURN NEW; END $$;
CREATE TRIGGER app_refuses BEFORE UPDATE ON laurel.assigned_learning FOR EACH ROW EXECUTE FUNCTION public.app_refuses();
SELECT is(laurel.remind_learners(), 1::bigint, 'one is told where it can be');
SELECT is((SELECT string_agg(organization_id || ' ' || error, ', ') FROM laurel.job_failures WHERE job = 'learning'), tests.acme() || ' P0099 no', 'the other is noted');
DROP TRIGGER app_refuses ON laurel.assigned_learning;
UPDATE laurel.job_failures SET failed_at = now() - interval '5 minutes';
SELECT is(laurel.remind_learners(), 1::bigint, 'and done when it can be');
SELECT is((SELECT count(*) FROM laurel.job_failures WHERE job = 'learning'), 0::bigint, 'what works again is not noted any more');
SET LOCAL enable_seqscan = off;
PREPARE due AS SELECT FROM laurel.assigned_learning g WHERE g.organization_id = tests.acme() AND g.next_notice_at <= now();
CREATE FUNCTION pg_temp.plan_of(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN ' || statement; END $$;
SELECT ok(string_agg(p, ' ') LIKE '%assigned_learning_next_notice_at_idx%', 'what is due is found by its index') FROM pg_temp.plan_of('EXECUTE due') p;

-- A path that was made of a template is not made again, and what is completed stays when a path has more.
SELECT tests.act_as_owner();
INSERT INTO laurel.learning_modules (learning_path_id, position, title) SELECT tests.person('template'), n, 'Made ' || n FROM generate_series(1, 2) n;
CREATE TEMP TABLE made AS SELECT laurel.enroll(tests.person('template'), tests.person(n)) AS id FROM unnest('{learner, other, learner, trainer}'::text[]) n;
SELECT is((SELECT concat_ws(' ', count(DISTINCT id), (SELECT count(*) FROM laurel.learning_modules m WHERE m.learning_path_id IN (SELECT id FROM made)), (SELECT count(*) FROM laurel.learning_path_progress p WHERE p.learning_path_id IN (SELECT id FROM made))) FROM made), '1 2 3', 'nothing is copied twice');
INSERT INTO laurel.learning_modules (learning_path_id, position, title) VALUES (tests.person('template'), 3, 'Made 3');
SELECT is(laurel.enroll(tests.person('template'), tests.person('new1')), (SELECT min(id::text)::uuid FROM made), 'nor made anew when the template has more');
INSERT INTO laurel.learning_assignments (id, learning_path_id, audience, user_id) SELECT tests.person('templated'), min(id::text)::uuid, 'member', tests.person('other') FROM made;
SELECT laurel.complete_module(m.id, tests.person('other')) FROM laurel.learning_modules m WHERE m.learning_path_id IN (SELECT id FROM made);
CREATE TEMP TABLE completed AS SELECT status, progress_percentage, completed_date FROM laurel.learning_path_progress WHERE user_id = tests.person('other') AND learning_path_id IN (SELECT id FROM made);
UPDATE laurel.learning_paths SET status = 'archived' WHERE id IN (SELECT id FROM made);
INSERT INTO laurel.learning_modules (learning_path_id, position, title) SELECT DISTINCT id, 3, 'More' FROM made;
UPDATE laurel.learning_paths SET status = 'published' WHERE id IN (SELECT id FROM made);
SELECT is((SELECT concat_ws(' ', g.status, g.progress_percentage, g.completed_date = c.completed_date, p.total_modules - cardinality(g.modules_completed)) FROM completed c, laurel.learning_path_progress g JOIN laurel.learning_paths p ON p.id = g.learning_path_id
    WHERE g.user_id = tests.person('other') AND g.learning_path_id IN (SELECT id FROM made)), 'completed 100.00 t 1', 'a path that is published again with one module more stays completed, 1 new');
SELECT is((SELECT string_agg(status, ' ') FROM laurel.assigned_learning WHERE assignment_id = tests.person('templated')), 'completed', 'so does what was assigned');

SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT is_empty('SELECT * FROM laurel.check()', 'all counters agree');
SELECT * FROM finish();
ROLLBACK;
