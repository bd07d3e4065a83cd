-- Onboarding: working days, how an onboarding begins and is planned, what its tasks wait for, who is reminded.

CREATE FUNCTION laurel.add_working_days(organization_id uuid, from_date date, days integer) RETURNS date
LANGUAGE c STABLE PARALLEL RESTRICTED COST 500 AS 'MODULE_PATHNAME', 'laurel_add_working_days';
COMMENT ON FUNCTION laurel.add_working_days(uuid, date, integer) IS
'The day that many working days of an organization after a date: the first working day from the date on is the 0th, and a negative'
' number counts back from it. Working days are what laurel.working_calendars says, Monday to Friday where it says nothing, but those in'
' laurel.holidays. days: -1,000 to 1,000; from_date: 1900 to 2200. For members of the organization and trusted callers. Errors: 42501'
' not a member, 22004 an argument is null, 22023 out of range, or no such day within ten years more than it would take.';

CREATE FUNCTION laurel_internal.fill_onboarding() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_fill_onboarding';
COMMENT ON FUNCTION laurel_internal.fill_onboarding() IS
'BEFORE INSERT row trigger of user_onboardings: without start_date it begins today, by the clock of the organization; without'
' manager_id the user''s manager is responsible, where that is a member.';

CREATE FUNCTION laurel_internal.plan_onboarding() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_plan_onboarding';
COMMENT ON FUNCTION laurel_internal.plan_onboarding() IS
'AFTER INSERT statement trigger of user_onboardings, with the new rows: makes the tasks and check-ins of those that are active, as'
' their templates are now.';

CREATE FUNCTION laurel_internal.reassign_tasks() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_reassign_tasks';
COMMENT ON FUNCTION laurel_internal.reassign_tasks() IS
'AFTER UPDATE row trigger of user_onboardings, where manager or buddy change: tasks that are pending, and check-ins that are scheduled,'
' go from the one to the other; what was given to somebody else stays there.';

CREATE FUNCTION laurel_internal.follow_manager() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_follow_manager';
COMMENT ON FUNCTION laurel_internal.follow_manager() IS
'AFTER UPDATE row trigger of users, where the manager changes: so does that of an active onboarding at home, unless another was chosen for it.';

CREATE FUNCTION laurel_internal.start_onboardings() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_start_onboardings';
COMMENT ON FUNCTION laurel_internal.start_onboardings() IS
'AFTER INSERT statement trigger of user_organizations, with the new rows: begins the automatic onboarding of the department, else of the'
' organization, for who has joined no longer ago than it lasts, on the day of joining. Where that fails the members join all the same:'
' a warning, a line in laurel.job_failures (job "onboarding on joining"), and laurel.remind_onboarding() tries again.';

CREATE FUNCTION laurel_internal.complete_onboarding() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_complete_onboarding';
COMMENT ON FUNCTION laurel_internal.complete_onboarding() IS
'BEFORE UPDATE row trigger of user_onboardings, where no required task is left: the onboarding is completed.';

CREATE FUNCTION laurel_internal.settle_task() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_settle_task';
COMMENT ON FUNCTION laurel_internal.settle_task() IS
'BEFORE UPDATE row trigger of onboarding_tasks, where the state changes: says who did it, lets only administrators and trusted callers skip what is required (42501), and refuses any once the onboarding has ended (23514 onboarding_tasks_onboarding_active).';

CREATE FUNCTION laurel_internal.remind_anew() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_remind_anew';
COMMENT ON FUNCTION laurel_internal.remind_anew() IS
'BEFORE UPDATE row trigger of onboarding_tasks, where assignee or due date change: lets reminders begin anew.';

CREATE FUNCTION laurel_internal.check_task_order() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_check_task_order';
COMMENT ON FUNCTION laurel_internal.check_task_order() IS
'AFTER UPDATE statement trigger of onboarding_tasks, with transition tables: locks the onboardings whose tasks change their state, and'
' refuses to do a task before those it requires, or to open one again that others required (23514 onboarding_tasks_order, the detail'
' says which), or any change where the onboarding was cancelled meanwhile (23514 onboarding_tasks_onboarding_active).';

CREATE FUNCTION laurel_internal.hold_plan() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_hold_plan';
COMMENT ON FUNCTION laurel_internal.hold_plan() IS
'AFTER UPDATE row trigger of onboarding_tasks and onboarding_check_ins: who does it, when it is due and what it is are changed by'
' administrators and trusted callers (42501).';

CREATE FUNCTION laurel_internal.hold_words() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_hold_words';
COMMENT ON FUNCTION laurel_internal.hold_words() IS
'AFTER UPDATE row trigger of onboarding_check_ins, where what one side says changes: nobody else says it, but trusted callers, and administrators for who holds it (42501). Argument: the column with who says it.';

CREATE FUNCTION laurel.start_onboarding(user_id uuid, template_id uuid, start_date date DEFAULT NULL, assigned_buddy_id uuid DEFAULT NULL, manager_id uuid DEFAULT NULL) RETURNS uuid
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_start_onboarding';
COMMENT ON FUNCTION laurel.start_onboarding(uuid, uuid, date, uuid, uuid) IS
'Begins the onboarding of a member by a template, with its tasks and check-ins, and returns its id; for administrators and trusted'
' callers. start_date: its first day, today by the clock of the organization where null. assigned_buddy_id: who accompanies; manager_id:'
' who is responsible, the user''s manager where null. A second time with the same template and start changes nothing and returns the same'
' id. One that was cancelled makes room. Errors: 42501 not allowed, 22004 no user or template, 23503 no such template, member, buddy or'
' manager, 23514 the template is archived, buddy or manager is the user, or start_date lies outside 2000 to 2199; PT409 the member has'
' another onboarding, or has completed one.';

CREATE FUNCTION laurel.complete_onboarding_task(task_id uuid, note text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_complete_onboarding_task';
COMMENT ON FUNCTION laurel.complete_onboarding_task(uuid, text) IS
'Notes that a task is done, with what is to be said of it; for its assignee, administrators and trusted callers. The last required task'
' completes the onboarding. A second time changes nothing. note: up to 5,000 characters; null keeps what was said. Errors: 42501 there is'
' no such task that the caller does, 22004 no task, 23514 other tasks come first (the detail says which) or the onboarding has ended, PT409 it was skipped.';

CREATE FUNCTION laurel.onboarding_progress(user_id uuid DEFAULT NULL)
RETURNS TABLE (onboarding_id uuid, organization_id uuid, template_id uuid, status text, start_date date, duration_days integer, day integer, progress_percentage numeric,
               tasks_done bigint, tasks_open bigint, tasks_overdue bigint, next_due_on date, next_check_in_on date, is_on_track boolean)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1 COST 500 AS 'MODULE_PATHNAME', 'laurel_onboarding_progress';
COMMENT ON FUNCTION laurel.onboarding_progress(uuid) IS
'How far a member is: the day that is reached of those it lasts (0 before the first, the last one once it is over), the part of the required tasks that is'
' done in per cent, how many tasks are overdue, when the next one and the next check-in are due, and whether no required task is late. A'
' row for an onboarding that the caller may see, none for others. user_id: the caller where null. Error: 22004 nobody calls.';

CREATE FUNCTION laurel.onboarding_plan(onboarding_id uuid)
RETURNS TABLE (task_id uuid, "position" integer, title text, description text, owner_role text, assignee_id uuid, due_on date, is_required boolean, status text,
               is_overdue boolean, waits_for uuid[], note text, completed_by uuid, completed_at timestamptz)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 20 COST 500 AS 'MODULE_PATHNAME', 'laurel_onboarding_plan';
COMMENT ON FUNCTION laurel.onboarding_plan(uuid) IS
'All tasks of an onboarding in order, whoever does them, for those who may see the onboarding: the new hire, manager and buddy, those'
' entrusted with the new hire, administrators and trusted callers. waits_for: tasks that are open and come first. No rows for others. Error: 22004 no onboarding.';

CREATE FUNCTION laurel.remind_onboarding() RETURNS bigint LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_remind_onboarding';
COMMENT ON FUNCTION laurel.remind_onboarding() IS
'Reminds assignees of tasks that are due soon, tells them what is late and, some working days after, the manager; tells both sides of'
' check-ins that are due; each once, on working days, up to 5,000 of each in an organization at a time. Begins what failed to begin on'
' joining. Returns how many tasks and check-ins were told. An organization that fails is noted in laurel.job_failures, and the others go on. For a scheduler.';
