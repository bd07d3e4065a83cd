-- Up Migration
-- Attempts: what beneficiaries answer, in time; what it is worth; results.

CREATE TABLE laurel.assessment_attempts (
    id uuid CONSTRAINT assessment_attempts_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    assessment_id uuid NOT NULL,
    beneficiary_id uuid NOT NULL DEFAULT laurel_internal.assigned()::uuid,
    user_id uuid NOT NULL,
    attempt_number integer NOT NULL DEFAULT laurel_internal.assigned()::integer CONSTRAINT assessment_attempts_attempt_number_check CHECK (attempt_number >= 1),
    status text NOT NULL DEFAULT 'in_progress',
    started_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz,
    submitted_at timestamptz,
    graded_at timestamptz,
    seed bigint NOT NULL DEFAULT laurel_internal.assigned()::bigint,
    questions uuid[] NOT NULL DEFAULT laurel_internal.assigned()::uuid[],
    versions bigint[] NOT NULL DEFAULT laurel_internal.assigned()::bigint[],
    max_score integer NOT NULL DEFAULT laurel_internal.assigned()::integer CONSTRAINT assessment_attempts_max_score_check CHECK (max_score >= 0),
    session_hash bytea,
    sessions integer NOT NULL DEFAULT 0 CONSTRAINT assessment_attempts_sessions_check CHECK (sessions >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT assessment_attempts_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT assessment_attempts_attempt_number_key UNIQUE (organization_id, assessment_id, beneficiary_id, attempt_number),
    CONSTRAINT assessment_attempts_questions_check CHECK (cardinality(questions) = cardinality(versions)),
    CONSTRAINT assessment_attempts_due_at_check CHECK (due_at > started_at),
    CONSTRAINT assessment_attempts_submitted_at_check CHECK ((status = 'in_progress') = (submitted_at IS NULL)),
    CONSTRAINT assessment_attempts_graded_at_check CHECK ((status = 'graded') = (graded_at IS NOT NULL)),
    CONSTRAINT assessment_attempts_assessment_id_fkey FOREIGN KEY (organization_id, assessment_id)
        REFERENCES laurel.assessments (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT assessment_attempts_beneficiary_id_fkey FOREIGN KEY (organization_id, beneficiary_id)
        REFERENCES laurel.beneficiaries (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT assessment_attempts_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
) WITH (fillfactor = 70);
-- One that is open; a member's, newest first; a beneficiary's; what is over its time.
CREATE UNIQUE INDEX assessment_attempts_open_key ON laurel.assessment_attempts (organization_id, assessment_id, beneficiary_id) WHERE status = 'in_progress';
CREATE INDEX assessment_attempts_user_id_idx ON laurel.assessment_attempts (user_id, organization_id, created_at DESC);
CREATE INDEX assessment_attempts_beneficiary_id_idx ON laurel.assessment_attempts (organization_id, beneficiary_id);
CREATE INDEX assessment_attempts_due_at_idx ON laurel.assessment_attempts (organization_id, due_at) WHERE status = 'in_progress' AND due_at IS NOT NULL;

CREATE TABLE laurel.responses (
    id uuid CONSTRAINT responses_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    assessment_id uuid NOT NULL DEFAULT laurel_internal.assigned()::uuid,
    beneficiary_id uuid NOT NULL DEFAULT laurel_internal.assigned()::uuid,
    user_id uuid NOT NULL DEFAULT laurel_internal.assigned()::uuid,
    attempt_id uuid NOT NULL,
    question_id uuid NOT NULL,
    version bigint NOT NULL DEFAULT laurel_internal.assigned()::bigint,
    answer text CONSTRAINT responses_answer_check CHECK (char_length(answer) <= 20000),
    is_correct boolean,
    points_earned numeric CONSTRAINT responses_points_earned_check CHECK (points_earned >= 0),
    points_lost numeric NOT NULL DEFAULT 0 CONSTRAINT responses_points_lost_check CHECK (points_lost >= 0),
    needs_marking boolean NOT NULL DEFAULT false,
    time_spent integer NOT NULL DEFAULT 0 CONSTRAINT responses_time_spent_check CHECK (time_spent BETWEEN 0 AND 100000000),
    attempt_number integer NOT NULL DEFAULT 1 CONSTRAINT responses_attempt_number_check CHECK (attempt_number >= 1),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT responses_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT responses_question_id_key UNIQUE (organization_id, attempt_id, question_id),
    CONSTRAINT responses_marked_check CHECK (NOT needs_marking OR points_earned IS NULL),
    CONSTRAINT responses_attempt_id_fkey FOREIGN KEY (organization_id, attempt_id)
        REFERENCES laurel.assessment_attempts (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT responses_assessment_id_fkey FOREIGN KEY (organization_id, assessment_id)
        REFERENCES laurel.assessments (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT responses_beneficiary_id_fkey FOREIGN KEY (organization_id, beneficiary_id)
        REFERENCES laurel.beneficiaries (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT responses_question_id_fkey FOREIGN KEY (organization_id, question_id)
        REFERENCES laurel.questions (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 60);
-- A member's; what one has answered to an assessment; a beneficiary's; answers to a question; what waits for people to mark it, oldest first.
CREATE INDEX responses_user_id_idx ON laurel.responses (user_id, organization_id);
CREATE INDEX responses_assessment_id_idx ON laurel.responses (organization_id, assessment_id, beneficiary_id);
CREATE INDEX responses_beneficiary_id_idx ON laurel.responses (organization_id, beneficiary_id);
CREATE INDEX responses_question_id_idx ON laurel.responses (organization_id, question_id);
CREATE INDEX responses_needs_marking_idx ON laurel.responses (organization_id, created_at) WHERE needs_marking;

CREATE TABLE laurel.assessment_results (
    id uuid CONSTRAINT assessment_results_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    assessment_id uuid NOT NULL,
    beneficiary_id uuid NOT NULL,
    user_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    score numeric NOT NULL CONSTRAINT assessment_results_score_check CHECK (score >= 0 AND score <= max_score),
    max_score integer NOT NULL CONSTRAINT assessment_results_max_score_check CHECK (max_score >= 0),
    percentage numeric(5,2) NOT NULL CONSTRAINT assessment_results_percentage_check CHECK (percentage BETWEEN 0 AND 100),
    passed boolean,
    time_taken integer NOT NULL CONSTRAINT assessment_results_time_taken_check CHECK (time_taken >= 0),
    analysis_id uuid,
    analysed_at timestamptz,
    ai_analysis jsonb CONSTRAINT assessment_results_ai_analysis_check CHECK (laurel_internal.check_json(ai_analysis, 'assessment_results', 'ai_analysis')),
    recommendations jsonb CONSTRAINT assessment_results_recommendations_check CHECK (laurel_internal.check_json(recommendations, 'assessment_results', 'recommendations')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT assessment_results_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT assessment_results_attempt_id_key UNIQUE (organization_id, attempt_id),
    CONSTRAINT assessment_results_analysed_at_check CHECK (analysed_at IS NOT NULL OR ai_analysis IS NULL AND recommendations IS NULL),
    CONSTRAINT assessment_results_attempt_id_fkey FOREIGN KEY (organization_id, attempt_id)
        REFERENCES laurel.assessment_attempts (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT assessment_results_assessment_id_fkey FOREIGN KEY (organization_id, assessment_id)
        REFERENCES laurel.assessments (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT assessment_results_beneficiary_id_fkey FOREIGN KEY (organization_id, beneficiary_id)
        REFERENCES laurel.beneficiaries (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT assessment_results_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
) WITH (fillfactor = 80);
-- A member's results, newest first; those of an assessment, the best first; a beneficiary's.
CREATE INDEX assessment_results_user_id_idx ON laurel.assessment_results (user_id, organization_id, created_at DESC);
CREATE INDEX assessment_results_assessment_id_idx ON laurel.assessment_results (organization_id, assessment_id, beneficiary_id, percentage DESC);
CREATE INDEX assessment_results_beneficiary_id_idx ON laurel.assessment_results (organization_id, beneficiary_id);

-- Every mark that people gave, and what a regrading changed: history.
CREATE TABLE laurel.response_marks (
    id uuid CONSTRAINT response_marks_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    response_id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT response_marks_kind_check CHECK (kind IN ('mark', 'final', 'regrade')),
    points numeric CONSTRAINT response_marks_points_check CHECK (points >= 0),
    points_before numeric,
    rubric jsonb CONSTRAINT response_marks_rubric_check CHECK (laurel_internal.check_json(rubric, 'response_marks', 'rubric')),
    feedback text CONSTRAINT response_marks_feedback_check CHECK (char_length(feedback) <= 20000),
    marked_by uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT response_marks_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT response_marks_response_id_fkey FOREIGN KEY (organization_id, response_id)
        REFERENCES laurel.responses (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT response_marks_marked_by_fkey FOREIGN KEY (organization_id, marked_by)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (marked_by)
);
-- Each marks an answer once; the marks of an answer; those of a member's answers; those that somebody gave.
CREATE UNIQUE INDEX response_marks_marker_key ON laurel.response_marks (organization_id, response_id, marked_by) WHERE kind = 'mark';
CREATE INDEX response_marks_response_id_idx ON laurel.response_marks (organization_id, response_id);
CREATE INDEX response_marks_user_id_idx ON laurel.response_marks (user_id, organization_id);
CREATE INDEX response_marks_marked_by_idx ON laurel.response_marks (organization_id, marked_by) WHERE marked_by IS NOT NULL;

INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES
    ('assessments', 'Submits attempts whose time is over, with what was saved.', '* * * * *', 'SELECT laurel.submit_overdue_attempts()', '10 minutes');

SELECT laurel_internal.add_tenant_triggers('laurel.assessment_attempts'), laurel_internal.add_tenant_triggers('laurel.responses'),
       laurel_internal.add_tenant_triggers('laurel.assessment_results'), laurel_internal.add_tenant_triggers('laurel.response_marks'),
       laurel_internal.keep('laurel.response_marks', 'user_id', 'response_id', 'kind', 'points', 'points_before', 'rubric', 'created_at'),
       laurel_internal.keep('laurel.assessment_attempts', 'assessment_id', 'beneficiary_id', 'user_id', 'attempt_number', 'started_at', 'seed', 'questions', 'versions', 'created_at'),
       laurel_internal.keep('laurel.responses', 'assessment_id', 'beneficiary_id', 'user_id', 'attempt_id', 'attempt_number', 'question_id', 'version', 'created_at'),
       laurel_internal.keep('laurel.assessment_results', 'assessment_id', 'beneficiary_id', 'user_id', 'attempt_id', 'time_taken', 'created_at'),
       laurel_internal.states('laurel.assessment_attempts', 'status', '{"in_progress": ["submitted", "graded"], "submitted": ["graded"], "graded": []}',
           '{"submitted": "submitted_at", "graded": "graded_at"}'),
       laurel_internal.quota('laurel.assessment_attempts', 'assessments', owner => '{user_id, assessment_id}', amount => '1', period => 'forever',
           allowed => $$ (SELECT a.attempts_allowed + coalesce((SELECT c.extra_attempts FROM ONLY laurel.assessment_accommodations c
               WHERE c.organization_id = assessment_attempts.organization_id AND c.user_id = assessment_attempts.user_id AND (c.assessment_id = a.id OR c.assessment_id IS NULL)
               ORDER BY c.assessment_id IS NULL LIMIT 1), 0)
               FROM ONLY laurel.assessments a WHERE a.organization_id = assessment_attempts.organization_id AND a.id = assessment_attempts.assessment_id) $$);

-- An attempt is what its assessment makes of it; answers come in time; what they are worth is written by who grades.
CREATE TRIGGER a_begin_attempt BEFORE INSERT ON laurel.assessment_attempts FOR EACH ROW EXECUTE FUNCTION laurel_internal.begin_attempt();
CREATE TRIGGER c_keep_attempt BEFORE UPDATE ON laurel.assessment_attempts FOR EACH ROW EXECUTE FUNCTION laurel_internal.keep_graded();
CREATE TRIGGER a_answer BEFORE INSERT ON laurel.responses FOR EACH ROW EXECUTE FUNCTION laurel_internal.take_answer();
CREATE TRIGGER a_answer_changed BEFORE UPDATE ON laurel.responses FOR EACH ROW EXECUTE FUNCTION laurel_internal.take_answer();
CREATE TRIGGER c_keep_result BEFORE INSERT OR UPDATE ON laurel.assessment_results FOR EACH ROW EXECUTE FUNCTION laurel_internal.keep_graded();

-- What an assessment for one beneficiary has come to.
CREATE TRIGGER b_follow_attempts_inserted AFTER INSERT ON laurel.assessment_attempts REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_attempts();
CREATE TRIGGER b_follow_results_inserted AFTER INSERT ON laurel.assessment_results REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_attempts();

-- Told when the result is there; who passes is paid once for the assessment, also where a regrading brings it. Of what waits for people its trainer hears.
SELECT laurel_internal.tell('laurel.assessment_results', $$
           SELECT n.organization_id, n.user_id, v.type, n.created_at AS occurred_at, CASE v.type WHEN 'assessment_passed' THEN 'You passed: ' || a.title WHEN 'assessment_graded' THEN 'Your result: ' || a.title END AS title,
                  '/assessments/' || a.id AS link, pg_catalog.jsonb_build_object('assessment_id', a.id, 'result_id', n.id, 'attempt_id', n.attempt_id) || CASE v.type
                      WHEN 'assessment_analysis_requested' THEN pg_catalog.jsonb_build_object('analysis_id', n.analysis_id) ELSE pg_catalog.jsonb_build_object('type', a.type, 'percentage', n.percentage, 'passed', n.passed) END AS data,
                  CASE v.type WHEN 'assessment_passed' THEN a.points_reward ELSE 0 END AS points, 'Assessment' AS reference_type, a.id AS reference_id, pg_catalog.left('Passed: ' || a.title, 200) AS reason,
                  pg_catalog.concat_ws(':', v.type, CASE v.type WHEN 'assessment_passed' THEN a.id WHEN 'assessment_graded' THEN n.id ELSE n.analysis_id END, n.user_id) AS key
           FROM new_rows n JOIN ONLY laurel.assessments a ON a.organization_id = n.organization_id AND a.id = n.assessment_id,
               LATERAL (VALUES (CASE WHEN n.passed THEN 'assessment_passed' ELSE 'assessment_graded' END), (CASE WHEN n.analysis_id IS NOT NULL THEN 'assessment_analysis_requested' END)) v (type)
           WHERE v.type IS NOT NULL $$),
       laurel_internal.tell('laurel.assessment_results', $$
           SELECT n.organization_id, n.user_id, v.type, pg_catalog.now() AS occurred_at, CASE v.type WHEN 'assessment_passed' THEN 'You passed: ' || a.title WHEN 'assessment_regraded' THEN 'Your result was corrected: ' || a.title END AS title,
                  '/assessments/' || a.id AS link, pg_catalog.jsonb_build_object('assessment_id', a.id, 'result_id', n.id, 'attempt_id', n.attempt_id) || CASE v.type
                      WHEN 'assessment_analysis_requested' THEN pg_catalog.jsonb_build_object('analysis_id', n.analysis_id) ELSE pg_catalog.jsonb_build_object('type', a.type, 'percentage', n.percentage, 'passed', n.passed) END AS data,
                  CASE v.type WHEN 'assessment_passed' THEN a.points_reward ELSE 0 END AS points, 'Assessment' AS reference_type, a.id AS reference_id, pg_catalog.left('Passed: ' || a.title, 200) AS reason,
                  pg_catalog.concat_ws(':', v.type, CASE v.type WHEN 'assessment_passed' THEN a.id WHEN 'assessment_regraded' THEN laurel.uuidv7() ELSE n.analysis_id END, n.user_id) AS key
           FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN ONLY laurel.assessments a ON a.organization_id = n.organization_id AND a.id = n.assessment_id,
               LATERAL (VALUES (CASE WHEN n.passed AND o.passed IS NOT TRUE THEN 'assessment_passed' END), (CASE WHEN n.percentage <> o.percentage THEN 'assessment_regraded' END),
                   (CASE WHEN n.analysis_id IS DISTINCT FROM o.analysis_id AND n.analysis_id IS NOT NULL THEN 'assessment_analysis_requested' END)) v (type)
           WHERE v.type IS NOT NULL $$, 'UPDATE', changed => '{percentage, passed, analysis_id}'),
       laurel_internal.tell('laurel.assessment_attempts', $$
           SELECT n.organization_id, a.trainer_id AS user_id, 'assessment_to_mark' AS type, 'To mark: ' || a.title AS title, '/assessments/' || a.id AS link,
                  pg_catalog.jsonb_build_object('assessment_id', a.id, 'attempt_id', n.id) AS data, pg_catalog.concat_ws(':', 'assessment_to_mark', n.id) AS key
           FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN ONLY laurel.assessments a ON a.organization_id = n.organization_id AND a.id = n.assessment_id
           WHERE n.status = 'submitted' AND o.status = 'in_progress' AND a.trainer_id IS NOT NULL $$, 'UPDATE', telling => $$ status = 'submitted' $$, changed => '{status}');

-- The best result of each; and what waits for people, oldest first. Of whom the caller may see.
CREATE VIEW laurel.best_results WITH (security_invoker = true) AS
SELECT DISTINCT ON (s.organization_id, s.assessment_id, s.beneficiary_id) s.organization_id, s.assessment_id, s.beneficiary_id, s.user_id, s.attempt_id, s.id AS result_id, s.score, s.max_score,
    s.percentage, s.passed, s.time_taken, s.created_at
FROM ONLY laurel.assessment_results s ORDER BY s.organization_id, s.assessment_id, s.beneficiary_id, s.percentage DESC, s.created_at, s.id;

CREATE VIEW laurel.marking_queue WITH (security_invoker = true) AS
SELECT r.id AS response_id, r.organization_id, r.assessment_id, r.attempt_id, r.user_id, r.question_id, v.text, r.answer, v.points, v.rubric,
    (SELECT count(*) FROM ONLY laurel.response_marks m WHERE m.organization_id = r.organization_id AND m.response_id = r.id) AS marks,
    r.created_at
FROM ONLY laurel.responses r JOIN ONLY laurel.question_versions v ON v.organization_id = r.organization_id AND v.question_id = r.question_id AND v.version = r.version
WHERE r.needs_marking;

-- Beneficiaries read what they have answered while they answer, and again when the review is open: marks would tell what is right.
SELECT laurel_internal.protect('laurel.assessment_attempts', 'personal', commands => '{"service_role": "SELECT, INSERT"}'),
       laurel_internal.protect('laurel.responses', 'administrative', commands => '{"takers": "SELECT", "entrusted": "SELECT", "service_role": "SELECT, INSERT, UPDATE"}', others => $${
               "takers": "user_id = laurel_internal.me() AND laurel_internal.may_review(organization_id, attempt_id)",
               "entrusted": "user_id <> laurel_internal.me() AND laurel_internal.can_see(user_id)"}$$),
       laurel_internal.protect('laurel.assessment_results', 'personal', commands => '{"service_role": "SELECT"}'),
       laurel_internal.protect('laurel.response_marks', 'administrative', commands => '{"entrusted": "SELECT", "service_role": "SELECT"}', others => $${"entrusted": "user_id <> laurel_internal.me() AND laurel_internal.can_see(user_id)"}$$),
       laurel_internal.protect('laurel.best_results', 'view'), laurel_internal.protect('laurel.marking_queue', 'view'),
       laurel_internal.member('laurel.best_results'), laurel_internal.member('laurel.marking_queue'), laurel_internal.member('laurel.response_marks'),
       laurel_internal.member('laurel.assessment_attempts'), laurel_internal.member('laurel.responses'), laurel_internal.member('laurel.assessment_results');

SELECT laurel_internal.explain('laurel.assessment_attempts', 'What a beneficiary takes of an assessment, once or as often as it allows. Made by laurel.start_attempt(), handed in by laurel.submit_attempt(), or by a job when the time is over.', '{
    "assessment_id": "The assessment; never changed.",
    "beneficiary_id": "Whose attempt, filled in; never changed.",
    "user_id": "The member of that row of beneficiaries.",
    "attempt_number": "Which one of the beneficiary''s, 1 for the first, filled in.",
    "status": "in_progress; submitted, while people mark; graded, when it has its result. One that is in progress for each beneficiary and assessment.",
    "started_at": "When it began, by the server''s clock.",
    "due_at": "When its time is over; null for no limit.",
    "submitted_at": "When it was handed in; due_at where the time ran out.",
    "graded_at": "When it had its result first.",
    "seed": "What its questions were drawn and shuffled by.",
    "questions": "Its questions in order.",
    "versions": "The version of each, as it stays for the attempt.",
    "max_score": "Points that may be earned.",
    "session_hash": "SHA-256 of the key of the session that may answer; the last one that was opened.",
    "sessions": "How many sessions were opened."}'),
       laurel_internal.explain('laurel.responses', 'Answers, one for each question and attempt: saved by laurel.save_answers() until the attempt is handed in, graded then. Beneficiaries do not see theirs between handing in and the review.', '{
    "assessment_id": "The assessment, filled in.",
    "beneficiary_id": "Who answers, filled in.",
    "user_id": "The member of that row of beneficiaries, filled in.",
    "attempt_id": "The attempt; filled in where assessment_id, beneficiary_id and attempt_number say which.",
    "question_id": "The question, one of the attempt''s.",
    "version": "Its version, filled in.",
    "answer": "As questions.correct_answer has it; null for none. Up to 20,000 characters.",
    "is_correct": "Whether it earns all points; null until it is graded.",
    "points_earned": "0 to the points of the question; a part of them where partial credit is given. Null until it is graded.",
    "points_lost": "Points that a wrong answer takes away.",
    "needs_marking": "Whether it waits for people.",
    "time_spent": "Seconds, as the client says.",
    "attempt_number": "The attempt''s."}'),
       laurel_internal.explain('laurel.assessment_results', 'What attempts came to, one for each that is graded: written by who grades, and again by a regrading.', '{
    "assessment_id": "The assessment.",
    "beneficiary_id": "Whose result.",
    "user_id": "The member of that row of beneficiaries.",
    "attempt_id": "The attempt.",
    "score": "Points earned less points lost, 0 at least.",
    "max_score": "Points that could be earned.",
    "percentage": "score of max_score, 0 to 100, cut to hundredths so that nobody passes by rounding.",
    "passed": "Whether percentage reaches passing_score; null where there is nothing to pass.",
    "time_taken": "Seconds from the beginning to handing in.",
    "analysis_id": "What an external service was asked under; null where it was not.",
    "analysed_at": "When it answered, by laurel.store_analysis().",
    "ai_analysis": "What it said, an object of at most 64 kB.",
    "recommendations": "What it recommends, an object of at most 64 kB."}');

SELECT laurel_internal.explain('laurel.response_marks', 'Marks that people gave to answers, by laurel.mark_response(), and what regradings changed. Never changed. The beneficiary reads none of it but what laurel.review_attempt() shows.', '{
    "user_id": "Who has answered.",
    "response_id": "The answer.",
    "kind": "mark (one of those that are wanted), final (which decides, or corrects) or regrade (by the question as it is now).",
    "points": "Points given, 0 to those of the question.",
    "points_before": "Points that the answer had before; null for none.",
    "rubric": "Points by the ids of the rubric; null where it was not used.",
    "feedback": "What the marker says, or why was regraded; up to 20,000 characters.",
    "marked_by": "Who; null for a service, or once that person has left."}'),
       laurel_internal.explain('laurel.best_results', 'The best result of each beneficiary and assessment, of whom the caller may see; of equal ones the first.', '{
    "result_id": "The row of assessment_results.", "created_at": "When that result was made."}'),
       laurel_internal.explain('laurel.marking_queue', 'Answers that wait for people to mark them, for administrators and trainers: order by created_at, give marks by laurel.mark_response().', '{
    "response_id": "The row of responses.", "question_id": "The question.", "text": "What was asked.", "points": "What it is worth.", "marks": "How many marks it has, of two that are wanted where second_marking is set.", "created_at": "When it was answered."}');

SELECT laurel_internal.audited('laurel.assessment_results', '{score, percentage, passed}', commands => 'UPDATE', condition => $$ OLD.score IS DISTINCT FROM NEW.score OR OLD.passed IS DISTINCT FROM NEW.passed $$);
SELECT laurel_internal.person('laurel.response_marks', 'user_id', NULL, 'delete', 'move', harmless => '{kind}'),
       laurel_internal.person('laurel.response_marks', 'marked_by', NULL, 'null', 'move'),
       laurel_internal.person('laurel.response_marks', 'feedback', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.response_marks', 'rubric', NULL, 'redact', 'keep');
SELECT laurel_internal.person('laurel.assessment_attempts', 'user_id', '', 'delete', 'move', harmless => '{status}', secret => '{session_hash, seed, questions, versions}'),
       laurel_internal.person('laurel.responses', 'user_id', '', 'delete', 'move', secret => '{is_correct, points_earned, points_lost}'),
       laurel_internal.person('laurel.assessment_results', 'user_id', '', 'delete', 'move');

-- Down Migration
DROP FUNCTION laurel.member(laurel.assessment_attempts), laurel.member(laurel.responses), laurel.member(laurel.assessment_results);
DROP FUNCTION laurel.member(laurel.best_results), laurel.member(laurel.marking_queue), laurel.member(laurel.response_marks);
DROP VIEW laurel.best_results, laurel.marking_queue;
DROP TABLE laurel.response_marks, laurel.assessment_results, laurel.responses, laurel.assessment_attempts;
DELETE FROM ONLY laurel.quota_usage WHERE kind = 'assessments';
DELETE FROM ONLY laurel.jobs WHERE name = 'assessments';
