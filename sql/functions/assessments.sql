-- Assessments: what is asked, answered and graded.

CREATE FUNCTION laurel_internal.are_tags(tags text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT cardinality(tags) <= 20 AND coalesce(array_ndims(tags), 1) = 1 AND NOT EXISTS (SELECT FROM unnest(tags) t WHERE t IS NULL OR char_length(btrim(t)) NOT BETWEEN 1 AND 50)
$$;
COMMENT ON FUNCTION laurel_internal.are_tags(text[]) IS 'Whether words are as questions.tags has them: at most 20 of 1 to 50 characters each. For checks.';

CREATE FUNCTION laurel_internal.check_rubric(rubric jsonb, place text, name text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN jsonb_typeof(rubric) <> 'array' OR pg_column_size(rubric) > 65536 THEN false
        ELSE jsonb_array_length(rubric) BETWEEN 1 AND 20 AND NOT EXISTS (SELECT FROM jsonb_array_elements(rubric) c WHERE CASE
            WHEN jsonb_typeof(c) <> 'object' OR jsonb_typeof(c -> 'id') IS DISTINCT FROM 'string' OR jsonb_typeof(c -> 'text') IS DISTINCT FROM 'string'
                OR jsonb_typeof(c -> 'points') IS DISTINCT FROM 'number' THEN true
            ELSE (c ->> 'points')::numeric NOT BETWEEN 0 AND 1000 END)
            AND (SELECT count(DISTINCT c ->> 'id') = count(*) FROM jsonb_array_elements(rubric) c) END
$$;
COMMENT ON FUNCTION laurel_internal.check_rubric(jsonb, text, text) IS
'Whether a rubric is as questions.rubric has it: an array of 1 to 20 objects, each with an id of its own, a text and points of 0 to 1,000. For checks.';

CREATE FUNCTION laurel_internal.rank_by_seed(seed bigint, item text) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_rank_by_seed';
COMMENT ON FUNCTION laurel_internal.rank_by_seed(bigint, text) IS
'The place of an item in the order that a seed makes: ORDER BY it shuffles, LIMIT draws. The same for the same seed; FNV-1a, spread as by SplitMix64.';

CREATE FUNCTION laurel_internal.authors(organization_id uuid, assessment_id uuid) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'laurel_authors';
COMMENT ON FUNCTION laurel_internal.authors(uuid, uuid) IS 'Whether an assessment is the caller''s. For policies of what hangs on it.';

CREATE FUNCTION laurel_internal.may_review(organization_id uuid, attempt_id uuid) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'laurel_may_review';
COMMENT ON FUNCTION laurel_internal.may_review(uuid, uuid) IS
'Whether who takes an attempt may read its answers with their marks: while it is in progress, when there are none, and when assessments.review says so,'
' unless another one of the same person is in progress. For policies.';

CREATE FUNCTION laurel_internal.begin_attempt() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_begin_attempt';
COMMENT ON FUNCTION laurel_internal.begin_attempt() IS
'BEFORE INSERT row trigger of assessment_attempts: makes it the next attempt of its beneficiary, from now until its time is over, with questions in the version they have now.'
' Refuses one of an assessment that cannot be taken, too soon after another, or beside one that is open.';
CREATE FUNCTION laurel_internal.keep_graded() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_graded';
COMMENT ON FUNCTION laurel_internal.keep_graded() IS
'BEFORE row trigger of attempts and results: refuses what another than Laurel writes (23001, constraint <table>_follows).';
CREATE FUNCTION laurel_internal.take_answer() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_take_answer';
COMMENT ON FUNCTION laurel_internal.take_answer() IS
'BEFORE INSERT or UPDATE row trigger of responses: takes answers to questions of an attempt that is open, in time and in the form of their type, fills in the rest, and refuses marks.';
CREATE FUNCTION laurel_internal.follow_attempts() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_follow_attempts';
COMMENT ON FUNCTION laurel_internal.follow_attempts() IS
'AFTER INSERT statement trigger of attempts and results, with their transition table: the state of an assessment for one beneficiary follows.';
CREATE FUNCTION laurel_internal.publish_assessment() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_publish_assessment';
COMMENT ON FUNCTION laurel_internal.publish_assessment() IS
'BEFORE UPDATE row trigger of assessments: refuses to publish one that cannot be taken, and to draft one that was begun.';

CREATE TYPE laurel.started_attempt AS (attempt_id uuid, attempt_number integer, session_key text, is_new boolean, started_at timestamptz, due_at timestamptz,
    seconds_left integer, questions integer, max_score integer);
ALTER TYPE laurel.started_attempt OWNER TO laurel_owner;
COMMENT ON TYPE laurel.started_attempt IS 'An attempt that laurel.start_attempt() has begun or opened again, as one object.';
COMMENT ON COLUMN laurel.started_attempt.attempt_id IS 'The row of assessment_attempts.';
COMMENT ON COLUMN laurel.started_attempt.attempt_number IS 'Which one it is of the beneficiary''s.';
COMMENT ON COLUMN laurel.started_attempt.session_key IS 'What this session answers with; shown here alone. The session before cannot answer any more.';
COMMENT ON COLUMN laurel.started_attempt.is_new IS 'Whether it began now.';
COMMENT ON COLUMN laurel.started_attempt.started_at IS 'When it began.';
COMMENT ON COLUMN laurel.started_attempt.due_at IS 'When its time is over; null for no limit.';
COMMENT ON COLUMN laurel.started_attempt.seconds_left IS 'How long that is from now, by the server''s clock; null for no limit.';
COMMENT ON COLUMN laurel.started_attempt.questions IS 'How many questions it has.';
COMMENT ON COLUMN laurel.started_attempt.max_score IS 'Points that may be earned.';

CREATE FUNCTION laurel.start_attempt(assessment_id uuid, user_id uuid DEFAULT laurel.uid()) RETURNS laurel.started_attempt
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_start_attempt';
COMMENT ON FUNCTION laurel.start_attempt(uuid, uuid) IS
'Begins an attempt, or opens the one that is in progress in this session: who had it open elsewhere cannot answer there any more. Questions are drawn, shuffled and kept as they are now.'
' For beneficiaries themselves, and service_role for anybody. Errors: 23503 assessment_attempts_assessment_id_fkey no such assessment for the member; 23514 assessment_attempts_assessment_id_required it is'
' neither published nor in_progress, _window not open now, _beneficiary_id_required the beneficiary is inactive, _assessments_quota no attempt is left, _draws, _questions_check nothing to ask; PT429'
' assessment_attempts_attempt_delay too soon, the detail says when; 42501 for somebody else; 22004 no assessment or member.';

CREATE TYPE laurel.attempt_question AS ("position" integer, question_id uuid, type text, text text, options jsonb, points integer, penalty numeric, required boolean, answer text);
ALTER TYPE laurel.attempt_question OWNER TO laurel_owner;
COMMENT ON TYPE laurel.attempt_question IS 'A question as an attempt asks it, of laurel.attempt_questions(), as a list.';
COMMENT ON COLUMN laurel.attempt_question."position" IS 'Its place in the attempt, 1 for the first.';
COMMENT ON COLUMN laurel.attempt_question.question_id IS 'The question.';
COMMENT ON COLUMN laurel.attempt_question.type IS 'As in questions.';
COMMENT ON COLUMN laurel.attempt_question.text IS 'What is asked.';
COMMENT ON COLUMN laurel.attempt_question.options IS 'What there is to choose from, in the attempt''s own order where it is shuffled.';
COMMENT ON COLUMN laurel.attempt_question.points IS 'What it is worth.';
COMMENT ON COLUMN laurel.attempt_question.penalty IS 'Points that a wrong answer takes away.';
COMMENT ON COLUMN laurel.attempt_question.required IS 'Whether it is to be answered.';
COMMENT ON COLUMN laurel.attempt_question.answer IS 'What was saved; null for none.';

CREATE FUNCTION laurel.attempt_questions(attempt_id uuid) RETURNS SETOF laurel.attempt_question
LANGUAGE c STABLE PARALLEL UNSAFE ROWS 50 AS 'MODULE_PATHNAME', 'laurel_attempt_questions';
COMMENT ON FUNCTION laurel.attempt_questions(uuid) IS
'The questions of an attempt in order, with what was saved; to who takes it while it is in progress and when its review is open, and to those to whom that person is entrusted.'
' Errors: 23503 assessment_attempts_pkey no attempt that the caller may read; 42501 it was handed in, and the review is not open; 22004 none.';

CREATE FUNCTION laurel.save_answers(attempt_id uuid, answers jsonb, session_key text DEFAULT NULL, time_spent jsonb DEFAULT '{}') RETURNS integer
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_save_answers';
COMMENT ON FUNCTION laurel.save_answers(uuid, jsonb, text, jsonb) IS
'Saves answers of an attempt that is in progress: an object by the questions'' ids, of texts, or of JSON as it is (["a", "c"]); null takes one back. time_spent: seconds by the questions'' ids, in all.'
' Returns how many rows that has changed. All are saved, or none. For who takes it, with the key of laurel.start_attempt(), and service_role. Errors: PT409 responses_in_time the time is over, responses_attempt_open'
' it was handed in, assessment_attempts_session it is open in another session; 23514 responses_question_id_asked no question of the attempt, responses_answer_check an answer of another form; 23503'
' assessment_attempts_pkey no attempt of the caller''s; 22023 answers are no object; 22004 no attempt or answers.';

CREATE TYPE laurel.submitted_attempt AS (attempt_id uuid, status text, score numeric, max_score integer, percentage numeric, passed boolean, time_taken integer, to_mark integer);
ALTER TYPE laurel.submitted_attempt OWNER TO laurel_owner;
COMMENT ON TYPE laurel.submitted_attempt IS 'An attempt that laurel.submit_attempt() has handed in, as one object; what is not graded yet is null.';
COMMENT ON COLUMN laurel.submitted_attempt.attempt_id IS 'The attempt.';
COMMENT ON COLUMN laurel.submitted_attempt.status IS 'graded, or submitted while people mark.';
COMMENT ON COLUMN laurel.submitted_attempt.score IS 'As in assessment_results.';
COMMENT ON COLUMN laurel.submitted_attempt.max_score IS 'Points that could be earned.';
COMMENT ON COLUMN laurel.submitted_attempt.percentage IS 'As in assessment_results.';
COMMENT ON COLUMN laurel.submitted_attempt.passed IS 'As in assessment_results.';
COMMENT ON COLUMN laurel.submitted_attempt.time_taken IS 'Seconds.';
COMMENT ON COLUMN laurel.submitted_attempt.to_mark IS 'How many answers wait for people.';

CREATE FUNCTION laurel.submit_attempt(attempt_id uuid, session_key text DEFAULT NULL, answers jsonb DEFAULT NULL) RETURNS laurel.submitted_attempt
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_submit_attempt';
COMMENT ON FUNCTION laurel.submit_attempt(uuid, text, jsonb) IS
'Saves answers where some are given, hands the attempt in and grades what keys can grade. Repeated without answers it returns what there is; after its time without answers, it hands in what was saved.'
' For who takes it and service_role. Errors as of laurel.save_answers.';

CREATE FUNCTION laurel.submit_overdue_attempts() RETURNS bigint LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_submit_overdue_attempts';
COMMENT ON FUNCTION laurel.submit_overdue_attempts() IS
'Hands in attempts whose time is over with what was saved; returns how many. A job, once a minute, up to 1,000 of each organization. One organization that fails is noted in job_failures, and the others go on.';

CREATE TYPE laurel.reviewed_answer AS ("position" integer, question_id uuid, type text, text text, options jsonb, answer text, is_correct boolean, points_earned numeric, points_lost numeric,
    points integer, correct_answer text, explanation text);
ALTER TYPE laurel.reviewed_answer OWNER TO laurel_owner;
COMMENT ON TYPE laurel.reviewed_answer IS 'An answer with what was right, of laurel.review_attempt(), as a list.';
COMMENT ON COLUMN laurel.reviewed_answer."position" IS 'Its place in the attempt.';
COMMENT ON COLUMN laurel.reviewed_answer.question_id IS 'The question.';
COMMENT ON COLUMN laurel.reviewed_answer.type IS 'As in questions.';
COMMENT ON COLUMN laurel.reviewed_answer.text IS 'What was asked.';
COMMENT ON COLUMN laurel.reviewed_answer.options IS 'What there was to choose from.';
COMMENT ON COLUMN laurel.reviewed_answer.answer IS 'What was answered.';
COMMENT ON COLUMN laurel.reviewed_answer.is_correct IS 'Whether it earns all points; null until it is marked.';
COMMENT ON COLUMN laurel.reviewed_answer.points_earned IS 'Points that it earns.';
COMMENT ON COLUMN laurel.reviewed_answer.points_lost IS 'Points that it takes away.';
COMMENT ON COLUMN laurel.reviewed_answer.points IS 'What the question is worth.';
COMMENT ON COLUMN laurel.reviewed_answer.correct_answer IS 'What is right.';
COMMENT ON COLUMN laurel.reviewed_answer.explanation IS 'Why.';

CREATE FUNCTION laurel.review_attempt(attempt_id uuid) RETURNS SETOF laurel.reviewed_answer
LANGUAGE c STABLE PARALLEL UNSAFE ROWS 50 AS 'MODULE_PATHNAME', 'laurel_review_attempt';
COMMENT ON FUNCTION laurel.review_attempt(uuid) IS
'The answers of an attempt with what was right: to who took it when assessments.review says so, to its trainer, administrators and service_role. Errors: 42501 not yet, or not to the caller; 23503 assessment_attempts_pkey'
' no attempt that the caller may read; 22004 none.';

CREATE TYPE laurel.marked_response AS (response_id uuid, points_earned numeric, marks integer, waits boolean, attempt_status text);
ALTER TYPE laurel.marked_response OWNER TO laurel_owner;
COMMENT ON TYPE laurel.marked_response IS 'An answer that laurel.mark_response() has marked, as one object.';
COMMENT ON COLUMN laurel.marked_response.response_id IS 'The answer.';
COMMENT ON COLUMN laurel.marked_response.points_earned IS 'What it earns; null while it waits.';
COMMENT ON COLUMN laurel.marked_response.marks IS 'How many marks it has.';
COMMENT ON COLUMN laurel.marked_response.waits IS 'Whether it waits for another mark.';
COMMENT ON COLUMN laurel.marked_response.attempt_status IS 'submitted while an answer of the attempt waits; graded then.';

CREATE FUNCTION laurel.mark_response(response_id uuid, points numeric DEFAULT NULL, feedback text DEFAULT NULL, rubric jsonb DEFAULT NULL, is_final boolean DEFAULT false) RETURNS laurel.marked_response
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_mark_response';
COMMENT ON FUNCTION laurel.mark_response(uuid, numeric, text, jsonb, boolean) IS
'Marks an answer that no key grades. points, or a rubric, an object of points by the ids of the question''s rubric, which adds up to them. With second_marking two people mark, and their mean counts where they'
' differ by marking_tolerance at most; else it waits for a mark with is_final, which decides at once and corrects what was graded too. When nothing of an attempt waits any more it has its result; a correction'
' changes that. For administrators, trainers of the beneficiary and service_role, never for oneself. Errors: 23514 response_marks_points_check not what the question is worth, or not what the rubric adds up to,'
' response_marks_rubric_check no such rubric; 23505 response_marks_marker_key the caller has marked it; PT409 response_marks_marked it waits for no mark, response_marks_attempt_open it is not handed in; 23503'
' response_marks_response_id_fkey no answer that the caller may mark; 22004 no answer or points.';

CREATE FUNCTION laurel.regrade_assessment(assessment_id uuid, reason text, question_id uuid DEFAULT NULL) RETURNS integer
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_regrade_assessment';
COMMENT ON FUNCTION laurel.regrade_assessment(uuid, text, uuid) IS
'Grades what was handed in of an assessment anew, by its questions, or the one named, as they are now, and corrects results; returns how many are others. response_marks keeps what each answer had before, with the reason,'
' audit_log what each result was. Marks of people stay. For its trainer, administrators and service_role. Errors: 23503 assessments_pkey no assessment that the caller may regrade; 22004 no assessment or reason;'
' 23514 response_marks_feedback_check too long a reason.';

CREATE FUNCTION laurel.store_analysis(result_id uuid, analysis_id uuid, ai_analysis jsonb, recommendations jsonb DEFAULT NULL) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_store_analysis';
COMMENT ON FUNCTION laurel.store_analysis(uuid, uuid, jsonb, jsonb) IS
'Takes the answer of an external service to the event assessment_analysis_requested, whose data has result_id and analysis_id; true where it is new, false where a retry says the same. Objects of at most 64 kB each.'
' For service_role. Errors: PT409 assessment_results_analysis_id it was not asked for, or the result was regraded since, assessment_results_analysed_at it was answered otherwise; 23514'
' assessment_results_ai_analysis_check, _recommendations_check; 23503 assessment_results_pkey no such result; 22004.';

CREATE TYPE laurel_internal.item_numbers AS (mean double precision, deviation double precision, discrimination double precision, efficiency double precision);
ALTER TYPE laurel_internal.item_numbers OWNER TO laurel_owner;
COMMENT ON TYPE laurel_internal.item_numbers IS 'What laurel_internal.item_statistics() finds, as one object.';
COMMENT ON COLUMN laurel_internal.item_numbers.mean IS 'Mean of the marks.';
COMMENT ON COLUMN laurel_internal.item_numbers.deviation IS 'Their standard deviation, of a sample.';
COMMENT ON COLUMN laurel_internal.item_numbers.discrimination IS 'Their correlation with the rest of the score.';
COMMENT ON COLUMN laurel_internal.item_numbers.efficiency IS 'Their covariance with the rest, of what it could be at most.';

CREATE FUNCTION laurel_internal.item_statistics(marks double precision[], rests double precision[]) RETURNS laurel_internal.item_numbers
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'laurel_item_statistics';
COMMENT ON FUNCTION laurel_internal.item_statistics(double precision[], double precision[]) IS
'Numbers of an item: of its marks and, for each, the rest of the score; as Moodle''s quiz statistics define them. Null where there are too few, or all are equal. Errors: 22023 as many of both; 22004 one is null.';
