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

INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES
    ('assessments', 'Submits attempts whose time is over, with what was saved.', '* * * * *', 'SELECT laurel.submit_overdue_attempts()', '10 minutes');

SELECT laurel_internal.add_tenant_triggers('laurel.assessment_attempts'), laurel_internal.add_tenant_triggers('laurel.responses'),
       laurel_internal.add_tenant_triggers('laurel.assessment_results'),
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

-- Beneficiaries read what they have answered while they answer, and again when the review is open: marks would tell what is right.
SELECT laurel_internal.protect('laurel.assessment_attempts', 'personal', commands => '{"service_role": "SELECT, INSERT"}'),
       laurel_internal.protect('laurel.responses', 'administrative', commands => '{"takers": "SELECT", "entrusted": "SELECT", "service_role": "SELECT, INSERT, UPDATE"}', others => $${
               "takers": "user_id = laurel_internal.me() AND laurel_internal.may_review(organization_id, attempt_id)",
               "entrusted": "user_id <> laurel_internal.me() AND laurel_internal.can_see(user_id)"}$$),
       laurel_internal.protect('laurel.assessment_results', 'personal', commands => '{"service_role": "SELECT"}'),
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

SELECT laurel_internal.person('laurel.assessment_attempts', 'user_id', '', 'delete', 'drop', harmless => '{status}', secret => '{session_hash, seed, questions, versions}'),
       laurel_internal.person('laurel.responses', 'user_id', '', 'delete', 'drop', secret => '{is_correct, points_earned, points_lost}'),
       laurel_internal.person('laurel.assessment_results', 'user_id', '', 'delete', 'drop');

-- Down Migration
DROP FUNCTION laurel.member(laurel.assessment_attempts), laurel.member(laurel.responses), laurel.member(laurel.assessment_results);
DROP TABLE laurel.assessment_results, laurel.responses, laurel.assessment_attempts;
DELETE FROM ONLY laurel.quota_usage WHERE kind = 'assessments';
DELETE FROM ONLY laurel.jobs WHERE name = 'assessments';
