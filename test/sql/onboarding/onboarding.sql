-- Onboarding: how it begins, who does what, what comes first, how it ends, who hears of it.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = error;
SELECT no_plan();

SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'manager', 'boss', 'bolt_admin', 'bolt_learner');
SELECT tests.join(tests.acme(), 'buddy', 'techie', 'novice');
UPDATE laurel.users SET manager_id = tests.person('manager') WHERE id IN (tests.person('learner'), tests.person('other'));
-- A Monday.
CREATE FUNCTION pg_temp.day(n integer DEFAULT 0) RETURNS date LANGUAGE sql AS $$ SELECT date_trunc('week', now() AT TIME ZONE 'UTC')::date + n $$;

-- Templates: what administrators may say.
SELECT tests.act_as_admin();
CREATE FUNCTION pg_temp.made(columns jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.onboarding_templates (%s) VALUES (%s)', string_agg(quote_ident(key), ', '), string_agg(quote_nullable(value #>> '{}'), ', ')))
    FROM jsonb_each('{"name": "Made"}' || columns)
$$;
SELECT is(pg_temp.made(columns::jsonb), error, columns) FROM (VALUES
    ('{"name": ""}', '23514 onboarding_templates_name_check'), ('{"duration_days": 0}', '23514 onboarding_templates_duration_days_check'),
    ('{"duration_days": 366}', '23514 onboarding_templates_duration_days_check'), ('{"check_in_days": "{0}"}', '23514 onboarding_templates_check_in_days_check'),
    ('{"check_in_days": "{366}"}', '23514 onboarding_templates_check_in_days_check'), ('{"check_in_days": "{null}"}', '23514 onboarding_templates_check_in_days_check'),
    ('{"check_in_days": "{1,2,3,4,5,6,7,8,9,10,11,12,13}"}', '23514 onboarding_templates_check_in_days_check'),
    ('{"remind_before_working_days": 31}', '23514 onboarding_templates_remind_before_working_days_check'), ('{"escalate_after_working_days": 0}', '23514 onboarding_templates_escalate_after_working_days_check'),
    ('{"points_reward": -1}', '23514 onboarding_templates_points_reward_check'), ('{"department": ""}', '23514 onboarding_templates_department_check'),
    ('{"it_member_id": "b0000000-0000-0000-0000-000000000003"}', '23503 onboarding_templates_it_member_id_fkey'), ('{"status": "archived"}', '42501'),
    ('{"check_in_days": "{}", "escalate_after_working_days": null}', 'none'), ('{}', '23505 onboarding_templates_name_key'),
    ('{"name": "All", "is_automatic": true}', 'none'), ('{"name": "Sales", "is_automatic": true, "department": "Sales"}', 'none'),
    ('{"name": "All too", "is_automatic": true}', '23505 onboarding_templates_automatic_key')) v (columns, error);
UPDATE laurel.onboarding_templates SET is_automatic = false;

INSERT INTO laurel.onboarding_templates (id, name, it_member_id, points_reward) VALUES (tests.person('template'), 'First weeks', tests.person('techie'), 40);
INSERT INTO laurel.onboarding_template_tasks (id, template_id, position, title, owner_role, due_after_working_days, is_required)
SELECT tests.person(t), tests.person('template'), row_number() OVER (), t, r, d, q FROM (VALUES
    ('laptop', 'it', -1, true), ('account', 'it', 0, true), ('log in', 'new_hire', 1, true), ('lunch', 'buddy', 5, false), ('talk', 'manager', 6, true)) v (t, r, d, q);
INSERT INTO laurel.onboarding_task_dependencies (task_id, requires_id) SELECT tests.person(t), tests.person(r)
FROM (VALUES ('account', 'laptop'), ('log in', 'laptop'), ('log in', 'account')) v (t, r);
SELECT is(tests.error_of($$ INSERT INTO laurel.onboarding_task_dependencies (task_id, requires_id) VALUES (tests.person('laptop'), tests.person('log in')) $$),
    '23514 onboarding_task_dependencies_acyclic', 'tasks never wait for each other in a circle');
INSERT INTO laurel.onboarding_template_tasks (id, template_id, position, title) SELECT tests.person('elsewhere'), id, 1, 'elsewhere' FROM laurel.onboarding_templates WHERE name = 'Made';
SELECT is(tests.error_of($$ INSERT INTO laurel.onboarding_task_dependencies (task_id, requires_id) VALUES (tests.person('laptop'), tests.person('elsewhere')) $$),
    '23503 onboarding_task_dependencies_requires_id_fkey', 'nor for a task of another template');
SELECT is(tests.error_of($$ UPDATE laurel.onboarding_template_tasks SET position = 6 - position WHERE template_id = tests.person('template') $$), '23505 onboarding_template_tasks_position_key', 'a place is one task''s');
UPDATE laurel.onboarding_template_tasks SET position = position + 100 WHERE template_id = tests.person('template');
SELECT is(tests.error_of($$ UPDATE laurel.onboarding_template_tasks SET position = 106 - position WHERE template_id = tests.person('template') $$), 'none', 'tasks change places by way of places that are free');
UPDATE laurel.onboarding_template_tasks SET position = position + 100 WHERE template_id = tests.person('template');
UPDATE laurel.onboarding_template_tasks SET position = 106 - position WHERE template_id = tests.person('template');

-- Who starts it.
CREATE FUNCTION pg_temp.start(name text, template text DEFAULT 'template', day integer DEFAULT 0, buddy text DEFAULT NULL, manager text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('SELECT laurel.start_onboarding(%L, %L, %L, %L, %L)', tests.person(name), tests.person(template), pg_temp.day(day), tests.person(buddy), tests.person(manager)))
$$;
SELECT is(pg_temp.start(name, template, 0, buddy, manager), error, concat_ws(' ', name, template, buddy, manager, error)) FROM (VALUES
    ('bolt_learner', 'template', NULL, NULL, '23503 user_onboardings_membership_fkey'), ('learner', 'nothing', NULL, NULL, '42501'),
    ('learner', 'template', 'learner', NULL, '23514 user_onboardings_assigned_buddy_id_check'), ('learner', 'template', 'bolt_learner', NULL, '23503 user_onboardings_assigned_buddy_id_fkey'),
    ('learner', 'template', NULL, 'learner', '23514 user_onboardings_manager_id_check')) v (name, template, buddy, manager, error);
SELECT is(tests.error_of($$ SELECT laurel.start_onboarding(tests.person('learner'), tests.person('template'), '1999-12-31') $$), '23514 user_onboardings_start_date_check', 'not in another century');
SELECT is(tests.error_of($$ SELECT laurel.start_onboarding(NULL, tests.person('template')) $$), '22004', 'somebody must be named');
SELECT is(tests.error_of($$ INSERT INTO laurel.user_onboardings (user_id, template_id) VALUES (tests.person('learner'), tests.person('template')) $$), '42501', 'administrators begin it by the function');
SELECT tests.act_as_manager();
SELECT is(pg_temp.start('learner'), '42501', 'managers do not');
SELECT tests.act_as_bolt_admin();
SELECT is(pg_temp.start('bolt_learner'), '42501', 'nor those of other organizations, with a template that is not theirs');
SELECT tests.act_as_service();
SELECT is(pg_temp.start('learner', 'nothing'), '23503 user_onboardings_template_id_fkey', 'the back end hears that there is none');
SELECT tests.act_as_admin();
SELECT is(pg_temp.start('learner'), 'none', 'administrators do');
SELECT is(pg_temp.start('learner'), 'none', 'a second time is the same');
SELECT is(laurel.start_onboarding(tests.person('learner'), tests.person('template')), (SELECT id FROM laurel.user_onboardings), 'with the same id');
SELECT is(pg_temp.start('learner', day => 1), 'PT409 user_onboardings_user_id_key', 'another start is another');
SELECT is(tests.told(format('SELECT laurel.start_onboarding(%L, %L)', tests.person('learner'), (SELECT id FROM laurel.onboarding_templates WHERE name = 'Made'))),
    'PT409 | the member has an onboarding already | It is active, and has another template, another start, or has ended. | Go on with that one, or cancel it first: a cancelled one makes room. | user_onboardings_user_id_key', 'another template, too');

-- What begins.
CREATE FUNCTION pg_temp.tasks(name text DEFAULT 'learner') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', k.title, split_part(a.email, '@', 1), k.due_on - pg_temp.day(), cardinality(k.requires_ids), nullif(k.status, 'pending')), ', ' ORDER BY k.position)
    FROM laurel.onboarding_tasks k LEFT JOIN laurel.users a ON a.id = k.assignee_id WHERE k.user_id = tests.person(name)
$$;
SELECT tests.act_as_owner();
SELECT is(pg_temp.tasks(), 'laptop techie -3 0, account techie 0 1, log in learner 1 2, lunch 7 0, talk manager 8 0', 'tasks are due in working days; who does them is found');
SELECT is((SELECT string_agg(concat_ws(' ', day, split_part(a.email, '@', 1), scheduled_on - pg_temp.day()), ', ' ORDER BY day) FROM laurel.onboarding_check_ins LEFT JOIN laurel.users a ON a.id = assignee_id),
    '30 manager 30, 60 manager 60, 90 manager 91', 'check-ins are on working days');
SELECT is((SELECT array_agg(DISTINCT r.title ORDER BY r.title) FROM laurel.onboarding_tasks k JOIN laurel.onboarding_tasks r ON r.id = ANY (k.requires_ids) WHERE k.title = 'log in'),
    '{account,laptop}', 'what is waited for are tasks of the same onboarding');
SELECT is((SELECT (tasks_open, tasks_done, progress_percentage, duration_days, manager_id)::text FROM laurel.user_onboardings), (4::bigint, 0::bigint, 0.00, 30, tests.person('manager'))::text, 'what is required counts');
CREATE FUNCTION pg_temp.heard(since timestamptz DEFAULT '-infinity') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', split_part(u.email, '@', 1), n.type, n.title), ', ' ORDER BY n.type, u.email, n.title) FROM laurel.notifications n JOIN laurel.users u ON u.id = n.user_id WHERE n.type LIKE 'onboarding%'
$$;
SELECT is(pg_temp.heard(), 'learner onboarding_started Your onboarding begins: First weeks, manager onboarding_tasks_assigned Tasks for a new colleague: 1, techie onboarding_tasks_assigned Tasks for a new colleague: 2',
    'everybody hears of it once');
DELETE FROM laurel.notifications;

-- A buddy comes; the manager changes; what was given to others stays.
SELECT tests.act_as_admin();
UPDATE laurel.user_onboardings SET assigned_buddy_id = tests.person('buddy');
SELECT is(pg_temp.tasks(), 'laptop techie -3 0, account techie 0 1, log in learner 1 2, lunch buddy 7 0, talk manager 8 0', 'the buddy takes over');
UPDATE laurel.onboarding_tasks SET assignee_id = tests.person('trainer') WHERE title = 'talk';
UPDATE laurel.user_onboardings SET manager_id = tests.person('boss');
SELECT is(pg_temp.tasks(), 'laptop techie -3 0, account techie 0 1, log in learner 1 2, lunch buddy 7 0, talk trainer 8 0', 'what somebody else was given stays there');
SELECT is((SELECT count(*) FROM laurel.onboarding_check_ins WHERE assignee_id = tests.person('boss')), 3::bigint, 'check-ins go along');
UPDATE laurel.onboarding_tasks SET assignee_id = tests.person('boss') WHERE title = 'talk';
UPDATE laurel.user_onboardings SET manager_id = tests.person('manager');
UPDATE laurel.users SET manager_id = tests.person('boss') WHERE id = tests.person('learner');
SELECT is(pg_temp.tasks(), 'laptop techie -3 0, account techie 0 1, log in learner 1 2, lunch buddy 7 0, talk boss 8 0', 'the user''s manager is followed');
UPDATE laurel.user_onboardings SET manager_id = tests.person('manager');
UPDATE laurel.users SET manager_id = tests.person('trainer') WHERE id = tests.person('learner');
SELECT is((SELECT manager_id FROM laurel.user_onboardings), tests.person('manager'), 'unless another was chosen');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(split_part(u.email, '@', 1), ', ' ORDER BY u.email) FROM laurel.notifications n JOIN laurel.users u ON u.id = n.user_id WHERE type = 'onboarding_tasks_assigned'),
    'boss, buddy, manager, trainer', 'who gets a task hears of it, once for each task');
DELETE FROM laurel.notifications;

-- Who sees what.
SELECT results_eq(format($$ SELECT (SELECT count(*) FROM laurel.user_onboardings), (SELECT count(*) FROM laurel.onboarding_tasks), (SELECT count(*) FROM laurel.onboarding_check_ins),
    (SELECT count(*) FROM laurel.onboarding_plan(%L)), (SELECT count(*) FROM laurel.onboarding_progress(%L)) FROM (SELECT tests.act_as(%L)) s $$, o.id, o.user_id, tests.person(name)),
    format('VALUES (%s::bigint, %s::bigint, %s::bigint, %s::bigint, %s::bigint)', VARIADIC counts), name || ' sees')
FROM (SELECT id, user_id FROM laurel.user_onboardings) o, (VALUES ('learner', '{1,5,3,5,1}'::text[]), ('manager', '{1,1,3,5,1}'), ('buddy', '{1,1,0,5,1}'), ('techie', '{0,2,0,0,0}'),
    ('admin', '{1,5,3,5,1}'), ('other', '{0,0,0,0,0}'), ('bolt_admin', '{0,0,0,0,0}')) v (name, counts);
SELECT tests.act_as_owner();

-- What comes first, and who does it.
CREATE FUNCTION pg_temp.done(title text, note text DEFAULT NULL) RETURNS text LANGUAGE sql SECURITY INVOKER AS $$
    SELECT tests.error_of(format('SELECT laurel.complete_onboarding_task(%L, %L)', current_setting('onboarding.' || replace(title, ' ', '_')), note))
$$;
SELECT set_config('onboarding.' || replace(title, ' ', '_'), id::text, true) FROM laurel.onboarding_tasks;
SELECT tests.act_as_learner();
SELECT is(pg_temp.done('laptop'), '42501', 'nobody does the tasks of others, whoever sees them');
SELECT is(tests.told($$ UPDATE laurel.onboarding_tasks SET status = 'done' WHERE title = 'log in' $$),
    '23514 | other tasks come first | "log in": still open are laptop, account. | Do or skip those first. | onboarding_tasks_order', 'what comes first is done first');
SELECT is(pg_temp.done('log in'), '23514 onboarding_tasks_order', 'by the function, too');
SELECT is(tests.error_of($$ UPDATE laurel.onboarding_tasks SET status = 'skipped' WHERE title = 'log in' $$), '42501', 'what is required is not skipped');
SELECT is(tests.error_of($$ UPDATE laurel.onboarding_tasks SET due_on = due_on + 9 WHERE title = 'log in' $$), '42501', 'nor put off');
SELECT is(tests.error_of($$ UPDATE laurel.onboarding_tasks SET assignee_id = tests.person('other') WHERE title = 'log in' $$), '42501', 'nor given away');
SELECT is(tests.error_of($$ UPDATE laurel.onboarding_tasks SET completed_by = tests.person('other') $$), '42501', 'nor said to be done by others');
SELECT is(tests.error_of($$ DELETE FROM laurel.onboarding_tasks $$), 'none', 'nor deleted');
SELECT is((SELECT count(*) FROM laurel.onboarding_tasks), 5::bigint, 'all are there');
SELECT tests.act_as(tests.person('techie'));
SELECT is(pg_temp.done('account'), '23514 onboarding_tasks_order', 'the laptop comes first');
SELECT is(tests.error_of($$ UPDATE laurel.onboarding_tasks SET status = 'done' $$), 'none', 'both in one statement are in order');
SELECT is(tests.told($$ UPDATE laurel.onboarding_tasks SET status = 'pending' WHERE title = 'laptop' $$),
    '23514 | other tasks that come later are done | "laptop": done are account. | Open those first. | onboarding_tasks_order', 'what was required is not opened again');
SELECT is(tests.error_of($$ UPDATE laurel.onboarding_tasks SET status = 'pending' $$), 'none', 'but all of it is');
SELECT is((SELECT count(*) FROM laurel.onboarding_tasks WHERE completed_at IS NULL AND completed_by IS NULL), 2::bigint, 'and nothing is left of it');
SELECT is(pg_temp.done('laptop', 'In the cupboard') || pg_temp.done('laptop') || pg_temp.done('account'), 'nonenonenone', 'a second time changes nothing');
SELECT is((SELECT note FROM laurel.onboarding_tasks WHERE title = 'laptop' AND completed_by = tests.person('techie') AND completed_at IS NOT NULL), 'In the cupboard', 'it is said who did it');
SELECT tests.act_as(tests.person('buddy'));
SELECT is(tests.error_of($$ UPDATE laurel.onboarding_tasks SET status = 'skipped' $$), 'none', 'what is not required is skipped');
SELECT is(pg_temp.done('lunch'), 'PT409 onboarding_tasks_status_steps', 'and not done then');
SELECT tests.act_as_learner();
SELECT is((SELECT (status, tasks_done, tasks_open, progress_percentage, is_on_track, next_check_in_on)::text FROM laurel.onboarding_progress()),
    ('active', 2::bigint, 2::bigint, 50.00, (SELECT count(*) = 0 FROM laurel.onboarding_tasks WHERE status = 'pending' AND is_required AND due_on < (now() AT TIME ZONE 'UTC')::date), pg_temp.day(30))::text, 'half is done');
SELECT is(pg_temp.done('log in'), 'none', 'now it is one''s turn');
SELECT is((SELECT string_agg(title || ' ' || cardinality(waits_for), ', ') FROM laurel.onboarding_plan((SELECT id FROM laurel.user_onboardings)) WHERE status = 'pending'), 'talk 0', 'one task is left');

-- Check-ins: each side says its own.
CREATE FUNCTION pg_temp.said(columns text) RETURNS text LANGUAGE sql AS $$ SELECT tests.error_of(format('UPDATE laurel.onboarding_check_ins SET %s WHERE day = 30', columns)) $$;
SELECT is(pg_temp.said($$ new_hire_rating = 4, new_hire_notes = 'Fine' $$), 'none', 'the new hire');
SELECT is(pg_temp.said($$ manager_rating = 5 $$), '42501', 'who does not speak for the manager');
SELECT is(pg_temp.said($$ status = 'held' $$), '42501', 'nor says that it was held');
SELECT is(pg_temp.said($$ scheduled_on = scheduled_on + 1 $$), '42501', 'nor when');
SELECT is(pg_temp.said($$ new_hire_rating = 6 $$), '23514 onboarding_check_ins_new_hire_rating_check', 'up to 5');
SELECT tests.act_as_manager();
SELECT is(pg_temp.said($$ new_hire_rating = 5 $$), '42501', 'the manager does not speak for the new hire');
SELECT is(pg_temp.said($$ manager_rating = 3, manager_notes = 'Good', status = 'held' $$), 'none', 'but for the own side');
SELECT tests.act_as_admin();
SELECT is(pg_temp.said($$ new_hire_notes = 'Bad' $$), '42501', 'administrators do not speak for the new hire either');
SELECT is(pg_temp.said($$ manager_notes = 'Better' $$), 'none', 'but for who holds it');
SELECT is((SELECT (new_hire_rating, manager_rating, status, held_at IS NOT NULL)::text FROM laurel.onboarding_check_ins WHERE day = 30), '(4,3,held,t)', 'and that is what it says');

SELECT tests.act_as_owner();
SELECT tests.teach('trainer', 'learner');
SELECT tests.act_as_trainer();
SELECT results_eq('SELECT (SELECT count(*) FROM laurel.onboarding_tasks), (SELECT count(*) FROM laurel.onboarding_check_ins)', 'VALUES (5::bigint, 0::bigint)', 'a trainer sees what a learner has to do, and not what is said of it');
SELECT tests.act_as(tests.person('buddy'));
SELECT is((SELECT count(*) FROM laurel.onboarding_check_ins), 0::bigint, 'nor does the buddy');
SELECT tests.act_as_admin();

-- The end.
SELECT is(tests.error_of($$ UPDATE laurel.user_onboardings SET status = 'completed' $$), '23514 user_onboardings_completed_check', 'nothing is completed while something is left');
SELECT tests.act_as_manager();
SELECT is(pg_temp.done('talk'), 'none', 'the manager does the last one');
SELECT tests.act_as_owner();
SELECT is((SELECT (status, progress_percentage, completed_at IS NOT NULL)::text FROM laurel.user_onboardings), '(completed,100.00,t)', 'which completes it');
SELECT is(pg_temp.heard(), 'learner onboarding_completed You completed your onboarding: First weeks, manager onboarding_completed_by_report An onboarding is completed: First weeks', 'as both hear');
SELECT is((SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('learner')), 40::bigint, 'with its points');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type = 'onboarding_completed'), 1::bigint, 'and an event');
SELECT is((SELECT string_agg(reference_type || ' ' || (reference_id = o.id), ', ') FROM laurel.points_ledger l, laurel.user_onboardings o), 'Onboarding true', 'that says what for');
SELECT tests.act_as(tests.person('techie'));
SELECT is(tests.error_of($$ UPDATE laurel.onboarding_tasks SET status = 'pending' $$), '23514 onboarding_tasks_onboarding_active', 'then nothing changes any more');
SELECT tests.act_as_admin();
SELECT is(tests.error_of(format($$ INSERT INTO laurel.onboarding_tasks (onboarding_id, title, due_on) VALUES (%L, 'More', '2030-01-01') $$, (SELECT id FROM laurel.user_onboardings))), '23514 onboarding_tasks_onboarding_id_required', 'nor comes anything');
SELECT is(pg_temp.start('learner'), 'PT409 user_onboardings_user_id_key', 'and it does not begin again');
SELECT is(tests.error_of($$ UPDATE laurel.user_onboardings SET status = 'cancelled' $$), '23514 user_onboardings_status_steps', 'nor is it cancelled');

-- Cancelled ones make room; archived templates begin no more; tasks are added.
SELECT is(pg_temp.start('other', buddy => 'buddy'), 'none', 'somebody else begins');
INSERT INTO laurel.onboarding_tasks (onboarding_id, title, owner_role, assignee_id, due_on) SELECT id, 'Party', 'buddy', tests.person('buddy'), pg_temp.day(3) FROM laurel.user_onboardings WHERE user_id = tests.person('other');
SELECT is((SELECT (tasks_open, progress_percentage)::text FROM laurel.user_onboardings WHERE user_id = tests.person('other')), '(5,0.00)', 'what is added counts');
UPDATE laurel.user_onboardings SET status = 'cancelled' WHERE user_id = tests.person('other');
SELECT is(pg_temp.start('other', day => 1), 'none', 'a cancelled one makes room');
DELETE FROM laurel.onboarding_templates WHERE name = 'First weeks';
SELECT is((SELECT status FROM laurel.onboarding_templates WHERE name = 'First weeks'), 'archived', 'a template that is deleted is archived');
SELECT is(pg_temp.start('trainer'), '23514 user_onboardings_template_id_required', 'and begins no more');
SELECT is((SELECT count(*) FROM laurel.onboarding_tasks WHERE user_id = tests.person('other')), 5::bigint, 'who has begun goes on');
UPDATE laurel.onboarding_templates SET status = 'active' WHERE name = 'First weeks';
DELETE FROM laurel.onboarding_template_tasks WHERE title = 'laptop';
SELECT is((SELECT count(*) FROM laurel.onboarding_tasks WHERE title = 'laptop' AND template_task_id IS NULL), 2::bigint, 'a task that a template has no more is still to be done');

-- Who leaves.
SELECT tests.act_as_owner();
UPDATE laurel.user_onboardings SET assigned_buddy_id = tests.person('buddy') WHERE user_id = tests.person('other');
DELETE FROM laurel.users WHERE id IN (tests.person('manager'), tests.person('buddy'));
SELECT is((SELECT (manager_id, assigned_buddy_id)::text FROM laurel.user_onboardings WHERE user_id = tests.person('other')), '(,)', 'manager and buddy who have left are gone');
SELECT is((SELECT count(*) FROM laurel.onboarding_tasks WHERE user_id = tests.person('other') AND owner_role IN ('manager', 'buddy') AND assignee_id IS NULL), 2::bigint, 'their tasks fall to administrators');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ UPDATE laurel.onboarding_tasks SET status = 'skipped' WHERE user_id = tests.person('other') AND assignee_id IS NULL $$), 'none', 'who may skip them');
SELECT tests.act_as_owner();
DELETE FROM laurel.users WHERE id IN (tests.person('other'), tests.person('learner'));
SELECT is((SELECT count(*) FROM laurel.user_onboardings), 0::bigint, 'an onboarding goes with its member');
SELECT is((SELECT count(*) FROM laurel.onboarding_tasks) + (SELECT count(*) FROM laurel.onboarding_check_ins), 0::bigint, 'and all that belongs to it');
SELECT is(tests.error_of($$ SELECT laurel.start_onboarding(tests.person('trainer'), tests.person('template'), '2199-12-31') $$), 'none', 'it begins on the last day of a century, too');
DELETE FROM laurel.user_onboardings;

-- The points are paid once.
CREATE FUNCTION pg_temp.again() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM laurel.start_onboarding(tests.person('trainer'), tests.person('template'));
    UPDATE laurel.onboarding_tasks SET status = 'done';
    DELETE FROM laurel.user_onboardings WHERE status = 'completed';
    RETURN (SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('trainer'));
END
$$;
SELECT is(pg_temp.again(), 40::bigint, 'who completes it has its points');
SELECT is(pg_temp.again(), 40::bigint, 'and not again, whatever becomes of the row');
SELECT is((SELECT count(*) FROM laurel.user_onboardings), 0::bigint, 'which is gone');
SELECT is_empty('SELECT * FROM laurel.check()', 'all guards hold');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'and the ledger');

SELECT * FROM finish();
ROLLBACK;
