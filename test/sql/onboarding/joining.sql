-- Working days, onboardings that begin by themselves, and reminders.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = error;
SELECT no_plan();
SELECT tests.cast('admin', 'learner', 'manager', 'bolt_admin');

-- Working days. 2024-01-01 is a Monday.
CREATE FUNCTION pg_temp.added(day date, n integer, organization uuid DEFAULT tests.acme()) RETURNS text LANGUAGE sql AS $$
    SELECT to_char(laurel.add_working_days(organization, day, n), 'Dy YYYY-MM-DD')
$$;
SELECT is(pg_temp.added(day::date, n), expected, concat_ws(' ', day, n)) FROM (VALUES
    ('2024-01-01', 0, 'Mon 2024-01-01'), ('2024-01-01', 4, 'Fri 2024-01-05'), ('2024-01-01', 5, 'Mon 2024-01-08'), ('2024-01-06', 0, 'Mon 2024-01-08'), ('2024-01-06', 1, 'Tue 2024-01-09'),
    ('2024-01-07', -1, 'Fri 2024-01-05'), ('2024-01-01', -1, 'Fri 2023-12-29'), ('2024-01-01', 1000, 'Mon 2027-11-01'), ('2024-01-01', -1000, 'Mon 2020-03-02')) v (day, n, expected);
SELECT tests.act_as_admin();
INSERT INTO laurel.holidays (date, name) VALUES ('2024-01-01', 'New Year'), ('2024-01-02', NULL);
SELECT is(tests.error_of($$ INSERT INTO laurel.holidays (date) VALUES ('2024-01-01') $$), '23505 holidays_date_key', 'a holiday is there once');
SELECT is(tests.error_of($$ INSERT INTO laurel.holidays (date) VALUES ('infinity') $$), '23514 holidays_date_check', 'and within two centuries');
SELECT is(pg_temp.added('2024-01-01', 0), 'Wed 2024-01-03', 'nobody works on holidays');
SELECT is(pg_temp.added('2024-01-05', -3), 'Fri 2023-12-29', 'backwards neither');
INSERT INTO laurel.working_calendars (working_days) VALUES ('{7,1,2,3,4}');
SELECT is(pg_temp.added('2024-01-05', 0), 'Sun 2024-01-07', 'and as the organization says');
SELECT is(tests.error_of(format('UPDATE laurel.working_calendars SET working_days = %L', days)), '23514 working_calendars_working_days_check', days) FROM unnest('{"{}","{0}","{8}","{1,1,2,3,4,5,6,7}"}'::text[]) days;
SELECT is(tests.error_of($$ UPDATE laurel.working_calendars SET working_days = '{1,null}' $$), '23514 working_calendars_working_days_check', 'a day is one');
SELECT is(tests.error_of(format('SELECT laurel.add_working_days(%L, %L, %L)', organization, day, n)), error, concat_ws(' ', day, n, error)) FROM (VALUES
    (tests.acme(), '2024-01-01', 1001, '22023'), (tests.acme(), '2024-01-01', -1001, '22023'), (tests.acme(), 'infinity', 0, '22023'), (tests.acme(), '2201-01-01', 0, '22023'), (tests.acme(), '1899-12-31', 0, '22023'), (tests.acme(), '2200-12-31', 0, 'none'), (tests.acme(), '1900-01-01', 0, 'none'), (tests.acme(), NULL, 0, '22004'),
    (tests.acme(), '2024-01-01', NULL, '22004'), (NULL, '2024-01-01', 0, '22004'), (tests.bolt(), '2024-01-01', 0, '42501')) v (organization, day, n, error);
SELECT tests.act_as_learner();
SELECT is(pg_temp.added('2024-01-05', 0), 'Sun 2024-01-07', 'members know when they work');
SELECT is(tests.error_of('INSERT INTO laurel.holidays (date) VALUES (current_date)'), '42501', 'but do not say it');
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT count(*) FROM laurel.holidays) + (SELECT count(*) FROM laurel.working_calendars), 0::bigint, 'others do not see it');
SELECT is(pg_temp.added('2024-01-01', 0, tests.bolt()), 'Mon 2024-01-01', 'nor have it');
SELECT tests.act_as_owner();
INSERT INTO laurel.holidays (organization_id, date) SELECT tests.bolt(), '2024-01-01'::date + n FROM generate_series(0, 3660) n;
SELECT is(tests.error_of($$ SELECT laurel.add_working_days(tests.bolt(), '2024-01-01', 0) $$), '22023', 'who never works has no working day');
DELETE FROM laurel.holidays;
DELETE FROM laurel.working_calendars;

-- Joining.
INSERT INTO laurel.onboarding_templates (id, organization_id, name, is_automatic, department, duration_days, check_in_days) VALUES
    (tests.person('all'), tests.acme(), 'All', true, NULL, 30, '{30,30,1}'), (tests.person('sales'), tests.acme(), 'Sales', true, 'Sales', 30, '{}'), (tests.person('none'), tests.acme(), 'None', false, 'Sales', 30, '{}');
INSERT INTO laurel.onboarding_template_tasks (template_id, position, title, owner_role) VALUES (tests.person('all'), 1, 'Come', 'new_hire'), (tests.person('all'), 2, 'Meet', 'manager'), (tests.person('sales'), 1, 'Sell', 'new_hire');
INSERT INTO laurel.users (id, organization_id, email, department, manager_id) SELECT tests.person(n), tests.acme(), n || '@acme.test', d, tests.person('manager') FROM (VALUES ('ann', NULL), ('ben', 'Sales'), ('cem', 'Legal')) v (n, d);
CREATE FUNCTION pg_temp.begun() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', split_part(u.email, '@', 1), t.name, o.start_date - (now() AT TIME ZONE 'UTC')::date, o.manager_id = tests.person('manager'), o.tasks_open, (SELECT count(*) FROM laurel.onboarding_check_ins c WHERE c.onboarding_id = o.id)), ', ' ORDER BY u.email)
    FROM laurel.user_onboardings o JOIN laurel.users u ON u.id = o.user_id JOIN laurel.onboarding_templates t ON t.id = o.template_id
$$;
SELECT is(pg_temp.begun(), 'ann All 0 t 2 2, ben Sales 0 t 1 0, cem All 0 t 2 2', 'who joins begins what is meant for the department, many at once, too');
DELETE FROM laurel.user_onboardings;
INSERT INTO laurel.users (id, organization_id, email, department) VALUES (tests.person('dan'), tests.bolt(), 'dan@bolt.test', 'Sales');
SELECT is(pg_temp.begun(), NULL, 'elsewhere nothing begins');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.acme(), tests.person('dan'));
SELECT is(pg_temp.begun(), 'dan All 0 2 2', 'a guest''s department is one of the home organization');
DELETE FROM laurel.user_organizations WHERE user_id = tests.person('dan') AND organization_id = tests.acme();
SELECT is(pg_temp.begun(), NULL, 'who leaves has no onboarding');
INSERT INTO laurel.user_organizations (organization_id, user_id, joined_at) VALUES (tests.acme(), tests.person('dan'), now() - interval '31 days');
SELECT is(pg_temp.begun(), NULL, 'who has been there for longer than it lasts is nobody new');
DELETE FROM laurel.user_organizations WHERE user_id = tests.person('dan') AND organization_id = tests.acme();
INSERT INTO laurel.user_organizations (organization_id, user_id, joined_at) VALUES (tests.acme(), tests.person('dan'), now() - interval '29 days');
SELECT is(pg_temp.begun(), 'dan All -29 2 2', 'else it begins on the day of joining');

DELETE FROM laurel.user_organizations WHERE user_id = tests.person('dan') AND organization_id = tests.acme();
INSERT INTO laurel.user_organizations (organization_id, user_id, joined_at) VALUES (tests.acme(), tests.person('dan'), 'infinity');
SELECT is(pg_temp.begun(), NULL, 'who joins at no time begins nothing');
SELECT is((SELECT count(*) FROM laurel.job_failures), 0::bigint, 'and keeps nobody else from it');
DELETE FROM laurel.user_organizations WHERE user_id = tests.person('dan') AND organization_id = tests.acme();
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.acme(), tests.person('dan'));

-- Nobody is kept from joining.
CREATE FUNCTION pg_temp.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'P0099'; END $$;
CREATE TRIGGER no BEFORE INSERT ON laurel.onboarding_tasks FOR EACH ROW EXECUTE FUNCTION pg_temp.no();
DELETE FROM laurel.user_onboardings;
SELECT tests.join(tests.acme(), 'eve');
SELECT is((SELECT count(*) FROM laurel.user_organizations WHERE user_id = tests.person('eve')), 1::bigint, 'an onboarding that fails does not keep anybody from joining');
SELECT is(pg_temp.begun(), NULL, 'nothing is left of it');
SELECT is((SELECT string_agg(job || ' ' || error, ', ') FROM laurel.job_failures), 'onboarding on joining P0099 no', 'but a note');
SELECT is(laurel.remind_onboarding(), 0::bigint, 'the job goes on');
SELECT is((SELECT string_agg(job || ' ' || times, ', ') FROM laurel.job_failures), 'onboarding on joining 2', 'and notes it again');
DROP TRIGGER no ON laurel.onboarding_tasks;
UPDATE laurel.user_organizations SET joined_at = now() - interval '2 days' WHERE user_id <> tests.person('eve');
UPDATE laurel.job_failures SET failed_at = now() - interval '1 hour';
SELECT laurel.remind_onboarding();
SELECT is(pg_temp.begun(), 'eve All 0 2 2', 'or makes up for it');
SELECT is((SELECT count(*) FROM laurel.job_failures), 0::bigint, 'which is forgotten then');
DELETE FROM laurel.user_onboardings;

-- Reminders, on working days only. The calendar says that today is one, or none.
DELETE FROM laurel.notifications;
INSERT INTO laurel.working_calendars (organization_id, working_days) VALUES (tests.acme(), '{1,2,3,4,5,6,7}');
INSERT INTO laurel.onboarding_templates (id, organization_id, name, check_in_days, remind_before_working_days, escalate_after_working_days) VALUES (tests.person('plan'), tests.acme(), 'Plan', '{10}', 2, 3);
INSERT INTO laurel.onboarding_template_tasks (id, organization_id, template_id, position, title, owner_role, due_after_working_days)
    SELECT tests.person(t), tests.acme(), tests.person('plan'), row_number() OVER (), t, r, d FROM (VALUES ('long ago', 'new_hire', 6), ('late', 'new_hire', 9), ('soon', 'new_hire', 12), ('waits', 'new_hire', 12), ('later', 'new_hire', 13), ('mine', 'manager', 0), ('nobody''s', 'it', 0)) v (t, r, d);
INSERT INTO laurel.onboarding_task_dependencies (organization_id, task_id, requires_id) VALUES (tests.acme(), tests.person('waits'), tests.person('later'));
SELECT laurel.start_onboarding(tests.person('learner'), tests.person('plan'), (now() AT TIME ZONE 'UTC')::date - 10, NULL, tests.person('manager'));
CREATE FUNCTION pg_temp.heard() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', split_part(u.email, '@', 1), replace(n.type, 'onboarding_', ''), substring(n.title FROM ': (.*)$')), ', ' ORDER BY n.type, u.email, substring(n.title FROM ': (.*)$')) FROM laurel.notifications n JOIN laurel.users u ON u.id = n.user_id
$$;
DELETE FROM laurel.notifications;
INSERT INTO laurel.holidays (organization_id, date) VALUES (tests.acme(), (now() AT TIME ZONE 'UTC')::date);
INSERT INTO laurel.onboarding_templates (organization_id, name, escalate_after_working_days) VALUES (tests.acme(), 'Never', NULL);
SELECT is(laurel.remind_onboarding(), 0::bigint, 'nobody is reminded on a holiday');
DELETE FROM laurel.holidays;
SELECT is(laurel.remind_onboarding(), 6::bigint, 'but on a working day');
SELECT is(pg_temp.heard(), 'learner check_in, manager check_in, learner task_due soon, manager task_escalated long ago, manager task_escalated nobody''s, learner task_overdue late, learner task_overdue long ago, manager task_overdue mine', 'everybody hears what concerns them, and nobody of what waits for others');
SELECT is(laurel.remind_onboarding(), 0::bigint, 'once');
SELECT is((SELECT count(*) FROM laurel.notifications), 8::bigint, 'and no more');
UPDATE laurel.onboarding_tasks SET due_on = due_on + 1 WHERE title = 'late';
UPDATE laurel.onboarding_tasks SET assignee_id = tests.person('admin') WHERE title = 'soon';
DELETE FROM laurel.notifications;
SELECT is(laurel.remind_onboarding(), 2::bigint, 'what changes is said anew');
SELECT is(pg_temp.heard(), 'admin task_due soon, learner task_due late', 'to whom it concerns now');
UPDATE laurel.onboarding_templates SET escalate_after_working_days = NULL WHERE name = 'Plan';
UPDATE laurel.onboarding_tasks SET due_on = due_on - 1 WHERE title = 'long ago';
DELETE FROM laurel.notifications;
SELECT is(laurel.remind_onboarding(), 1::bigint, 'who never tells the manager');
SELECT is(pg_temp.heard(), 'learner task_overdue long ago', 'tells those who have it');
SELECT is(laurel.remind_onboarding(), 0::bigint, 'once, too');
SELECT is((SELECT count(*) FROM laurel.job_failures), 0::bigint, 'and nothing fails');
UPDATE laurel.user_onboardings SET status = 'cancelled';
UPDATE laurel.onboarding_tasks SET reminded_at = NULL;
SELECT is(laurel.remind_onboarding(), 0::bigint, 'what is cancelled concerns nobody');

-- One organization fails, the others go on.
INSERT INTO laurel.onboarding_templates (id, organization_id, name, check_in_days) VALUES (tests.person('bolt plan'), tests.bolt(), 'Plan', '{}');
INSERT INTO laurel.onboarding_template_tasks (organization_id, template_id, position, title, due_after_working_days) VALUES (tests.bolt(), tests.person('bolt plan'), 1, 'late', -20);
INSERT INTO laurel.working_calendars (organization_id, working_days) VALUES (tests.bolt(), '{1,2,3,4,5,6,7}');
SELECT laurel.start_onboarding(tests.person('bolt_admin'), tests.person('bolt plan')), laurel.start_onboarding(tests.person('manager'), tests.person('plan'), (now() AT TIME ZONE 'UTC')::date - 10);
CREATE FUNCTION pg_temp.not_acme() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.organization_id = tests.acme() THEN RAISE EXCEPTION 'no' USING ERRCODE = 'P0099'; END IF; RETURN NEW; END $$;
CREATE TRIGGER no BEFORE UPDATE ON laurel.onboarding_tasks FOR EACH ROW EXECUTE FUNCTION pg_temp.not_acme();
SELECT is(laurel.remind_onboarding(), 1::bigint, 'one organization that fails keeps no other from being reminded');
SELECT is((SELECT string_agg(job || ' ' || error, ', ') FROM laurel.job_failures), 'onboarding P0099 no', 'and is noted');
DROP TRIGGER no ON laurel.onboarding_tasks;
UPDATE laurel.job_failures SET failed_at = now() - interval '1 hour';
SELECT cmp_ok(laurel.remind_onboarding(), '>', 0::bigint, 'until it works');
SELECT is((SELECT count(*) FROM laurel.job_failures), 0::bigint, 'then no more');

SELECT * FROM finish();
ROLLBACK;
