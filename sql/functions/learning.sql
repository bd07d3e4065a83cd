-- Learning: what completing modules asks for and brings, and how far it leads on a path.

CREATE FUNCTION laurel_internal.grade_completion() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_grade_completion';
COMMENT ON FUNCTION laurel_internal.grade_completion() IS
'BEFORE INSERT or UPDATE row trigger of module_completions: grades answers that have changed, completes who reaches the passing'
' score, and writes attempts, times and points. Refuses what comes before its prerequisites (23514'
' module_completions_prerequisites), beyond the attempts (module_completions_attempts_allowed; PT429'
' module_completions_attempt_cooldown), without having passed (module_completions_passed, module_completions_quiz_required) or after'
' it was completed (module_completions_completed), in an archived module (module_completions_module_id_required, but of those who may'
' grade), for another member (42501) and scores that learners write (42501). Answers that do not pass are an attempt, whatever status is'
' claimed with them: no error says what they came to.';

CREATE FUNCTION laurel_internal.follow_completions() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_follow_completions';
COMMENT ON FUNCTION laurel_internal.follow_completions() IS
'AFTER INSERT or UPDATE statement trigger of module_completions, with transition tables: whoever does something of a module is'
' enrolled in its path and measured anew.';

CREATE FUNCTION laurel_internal.follow_path() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_follow_path';
COMMENT ON FUNCTION laurel_internal.follow_path() IS
'BEFORE INSERT or UPDATE row trigger of learning_path_progress: writes how far the member is. Refuses a milestone that is none of'
' the path (23503 learning_path_progress_milestones_completed_fkey).';

CREATE FUNCTION laurel_internal.follow_contents() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_follow_contents';
COMMENT ON FUNCTION laurel_internal.follow_contents() IS
'AFTER INSERT, UPDATE or DELETE statement trigger of learning_modules and learning_milestones, with transition tables: measures anew'
' who is under way on their paths.';

CREATE TYPE laurel.module_result AS (
    completion_id uuid, status text, quiz_score numeric, passing_score numeric, attempts integer, points_earned bigint,
    progress_percentage numeric, path_status text);
ALTER TYPE laurel.module_result OWNER TO laurel_owner;
COMMENT ON TYPE laurel.module_result IS 'What laurel.complete_module returns: one object; quiz_score is null where nothing was graded.';
COMMENT ON COLUMN laurel.module_result.completion_id IS 'The row of module_completions.';
COMMENT ON COLUMN laurel.module_result.status IS 'in_progress, or completed.';
COMMENT ON COLUMN laurel.module_result.quiz_score IS 'What the answers came to, in per cent; null where nothing was graded.';
COMMENT ON COLUMN laurel.module_result.passing_score IS 'From how many per cent on the module is completed.';
COMMENT ON COLUMN laurel.module_result.attempts IS 'How often was answered.';
COMMENT ON COLUMN laurel.module_result.points_earned IS 'Points that completing it brought, now or before.';
COMMENT ON COLUMN laurel.module_result.progress_percentage IS 'How far the member is on the path.';
COMMENT ON COLUMN laurel.module_result.path_status IS 'in_progress, or completed.';

CREATE FUNCTION laurel.complete_module(
    module_id uuid, user_id uuid DEFAULT laurel.uid(), answers jsonb DEFAULT NULL, score numeric DEFAULT NULL, time_spent integer DEFAULT NULL
) RETURNS laurel.module_result
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_complete_module';
COMMENT ON FUNCTION laurel.complete_module(uuid, uuid, jsonb, numeric, integer) IS
'Completes a module: writes the member''s row of module_completions, from which grading, points, progress on the path, notification and'
' domain event follow, all or nothing. For oneself, administrators and trusted callers. answers: an object by the ids of the questions,'
' graded by the answer keys; one that fails is an attempt. score: 0 to 100, of those who may administer alone. Neither: the module has'
' no quiz. time_spent: seconds, 0 or more, added to what was spent before. A module that is completed already is left as it is. Errors: 42501 not'
' allowed, 22004 no module or user, 23503 no such module, 23514 as module_completions has it, PT429 too soon for another attempt.';

CREATE TYPE laurel.module_start AS (can_start boolean, reason text, missing uuid[], attempts_left integer, next_attempt_at timestamptz);
ALTER TYPE laurel.module_start OWNER TO laurel_owner;
COMMENT ON TYPE laurel.module_start IS 'What laurel.can_start returns: one object that says whether a member may do a module now.';
COMMENT ON COLUMN laurel.module_start.can_start IS 'Whether nothing is in the way.';
COMMENT ON COLUMN laurel.module_start.reason IS
'What is in the way: closed (the module or its path is archived, or the path a draft), completed, prerequisites, attempts (none are left) or cooldown; null where nothing is.';
COMMENT ON COLUMN laurel.module_start.missing IS 'The modules that must be completed before.';
COMMENT ON COLUMN laurel.module_start.attempts_left IS 'How often the member may answer still; null for any number.';
COMMENT ON COLUMN laurel.module_start.next_attempt_at IS 'From when on; null where that is now.';

CREATE FUNCTION laurel.can_start(module_id uuid, user_id uuid DEFAULT laurel.uid()) RETURNS laurel.module_start
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_can_start';
COMMENT ON FUNCTION laurel.can_start(uuid, uuid) IS
'Whether a member may do a module now, and what is missing. For oneself, those entrusted with the member and trusted callers. Errors:'
' 42501 not allowed, 22004 no module or user, 23503 no such module.';

CREATE FUNCTION laurel.enroll(learning_path_id uuid, user_id uuid DEFAULT laurel.uid()) RETURNS uuid
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_enroll';
COMMENT ON FUNCTION laurel.enroll(uuid, uuid) IS
'Enrolls a member in a path that is published, and returns the path: the same, or that which is made of a template, which the first'
' member makes and others find there. Twice is once. For oneself, administrators and trusted callers. Errors: 42501 not allowed, 22004 no'
' path or user, 23503 no such path, 23514 it takes nobody now.';

-- Assignments.

CREATE FUNCTION laurel_internal.take_path() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_take_path';
COMMENT ON FUNCTION laurel_internal.take_path() IS
'BEFORE INSERT row trigger of learning_assignments, before all others: locks the path, so that two who assign it at once wait in line.';

CREATE FUNCTION laurel_internal.assign_paths() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_assign_paths';
COMMENT ON FUNCTION laurel_internal.assign_paths() IS
'AFTER INSERT statement trigger of learning_assignments, with the new rows: gives everybody whom they are for a row of assigned_learning,'
' completed where the path was.';

CREATE FUNCTION laurel_internal.follow_assignments() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_follow_assignments';
COMMENT ON FUNCTION laurel_internal.follow_assignments() IS
'AFTER UPDATE statement trigger of learning_assignments, with transition tables: what is open of them is withdrawn, due or reminded of as they are.';

CREATE FUNCTION laurel_internal.assign_joiners() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_assign_joiners';
COMMENT ON FUNCTION laurel_internal.assign_joiners() IS
'AFTER INSERT statement trigger of user_organizations, with the new rows: gives who joins what is assigned to everybody and to joiners.';

CREATE FUNCTION laurel_internal.assign_teammates() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_assign_teammates';
COMMENT ON FUNCTION laurel_internal.assign_teammates() IS
'AFTER INSERT statement trigger of team_memberships, with the new rows: gives who joins what is assigned to the team, or again what was'
' withdrawn when he left.';

CREATE FUNCTION laurel_internal.release_teammates() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_release_teammates';
COMMENT ON FUNCTION laurel_internal.release_teammates() IS
'AFTER DELETE statement trigger of team_memberships, with the old rows: withdraws what is open of what is assigned to the team.';

CREATE FUNCTION laurel_internal.withdraw_archived() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_withdraw_archived';
COMMENT ON FUNCTION laurel_internal.withdraw_archived() IS 'AFTER UPDATE row trigger of learning_paths, for one that is archived: withdraws its assignments.';

CREATE FUNCTION laurel_internal.settle_assigned() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_settle_assigned';
COMMENT ON FUNCTION laurel_internal.settle_assigned() IS
'AFTER INSERT or UPDATE statement trigger of learning_path_progress, with transition tables: a path that is completed completes what is open of it in assigned_learning.';

CREATE FUNCTION laurel_internal.renew_assigned() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_renew_assigned';
COMMENT ON FUNCTION laurel_internal.renew_assigned() IS
'AFTER INSERT or UPDATE statement trigger of assigned_learning, with transition tables: what is completed is due again after recertify_every of its assignment.';

CREATE FUNCTION laurel_internal.plan_notice() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_plan_notice';
COMMENT ON FUNCTION laurel_internal.plan_notice() IS
'BEFORE INSERT or UPDATE row trigger of assigned_learning: writes when there is something to be told next. What becomes due at a later time is told again then.';

CREATE FUNCTION laurel.remind_learners() RETURNS bigint LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_remind_learners';
COMMENT ON FUNCTION laurel.remind_learners() IS
'Tells members what is due soon and what is overdue, and their managers what still is, once each, and returns how many rows had something'
' to be told: 5,000 of each organization at most, the others at the next call. An organization that fails is noted in laurel.job_failures,'
' and the others go on. For a scheduler.';

CREATE FUNCTION laurel.recertify(learning_path_id uuid, user_id uuid DEFAULT laurel.uid()) RETURNS integer
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_recertify';
COMMENT ON FUNCTION laurel.recertify(uuid, uuid) IS
'Begins a path anew that a member has completed, and returns which time it is, 2 for the second: what was completed goes to'
' path_certifications, and progress begins at 0. Twice is once. For oneself when the path is assigned and opens_at has come; at any time for'
' administrators and trusted callers. Errors: 42501 not allowed, 22004 no path or user, 23503 no such path, 23514 path_certifications_completed'
' it was not completed, path_certifications_open it is not to be done again now.';
