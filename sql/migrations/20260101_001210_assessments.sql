-- Up Migration
-- Assessments: what is asked, of whom, when and how often; the bank from which questions are drawn; questions as attempts have met them.

CREATE TABLE laurel.assessments (
    id uuid CONSTRAINT assessments_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT assessments_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    title text NOT NULL CONSTRAINT assessments_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CONSTRAINT assessments_description_check CHECK (char_length(description) <= 20000),
    type text NOT NULL CONSTRAINT assessments_type_check CHECK (char_length(type) BETWEEN 1 AND 50),
    beneficiary_id uuid,
    user_id uuid,
    trainer_id uuid,
    status text NOT NULL DEFAULT 'draft',
    scheduled_for timestamptz CONSTRAINT assessments_scheduled_for_check CHECK (isfinite(scheduled_for)),
    closes_at timestamptz CONSTRAINT assessments_closes_at_check CHECK (isfinite(closes_at)),
    completed_at timestamptz,
    time_limit integer CONSTRAINT assessments_time_limit_check CHECK (time_limit BETWEEN 1 AND 43200),
    passing_score integer CONSTRAINT assessments_passing_score_check CHECK (passing_score BETWEEN 0 AND 100),
    attempts_allowed integer DEFAULT 1 CONSTRAINT assessments_attempts_allowed_check CHECK (attempts_allowed BETWEEN 1 AND 1000),
    attempt_delay interval NOT NULL DEFAULT '0' CONSTRAINT assessments_attempt_delay_check CHECK (attempt_delay BETWEEN interval '0' AND interval '365 days'),
    shuffle_questions boolean NOT NULL DEFAULT false,
    shuffle_options boolean NOT NULL DEFAULT false,
    review text NOT NULL DEFAULT 'closed' CONSTRAINT assessments_review_check CHECK (review IN ('never', 'closed', 'finished', 'graded')),
    second_marking boolean NOT NULL DEFAULT false,
    marking_tolerance numeric(6,2) NOT NULL DEFAULT 0 CONSTRAINT assessments_marking_tolerance_check CHECK (marking_tolerance BETWEEN 0 AND 1000),
    points_reward bigint NOT NULL DEFAULT 0 CONSTRAINT assessments_points_reward_check CHECK (points_reward BETWEEN 0 AND 1000000),
    wants_analysis boolean NOT NULL DEFAULT false,
    settings jsonb NOT NULL DEFAULT '{}' CONSTRAINT assessments_settings_check CHECK (laurel_internal.check_json(settings, 'assessments', 'settings')),
    archived_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT assessments_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT assessments_window_check CHECK (closes_at > scheduled_for),
    CONSTRAINT assessments_completed_at_check CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
    CONSTRAINT assessments_archived_at_check CHECK (archived_at IS NULL OR status = 'completed'),
    CONSTRAINT assessments_user_id_check CHECK ((user_id IS NULL) = (beneficiary_id IS NULL)),
    CONSTRAINT assessments_beneficiary_id_fkey FOREIGN KEY (organization_id, beneficiary_id)
        REFERENCES laurel.beneficiaries (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT assessments_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT assessments_trainer_id_fkey FOREIGN KEY (organization_id, trainer_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (trainer_id)
);
-- What is for a beneficiary; what is for a member; whose a trainer's are; what is open, or of a type; what is old enough to be archived.
CREATE INDEX assessments_beneficiary_id_idx ON laurel.assessments (organization_id, beneficiary_id);
CREATE INDEX assessments_user_id_idx ON laurel.assessments (user_id, organization_id);
CREATE INDEX assessments_trainer_id_idx ON laurel.assessments (trainer_id, organization_id);
CREATE INDEX assessments_status_idx ON laurel.assessments (organization_id, status, scheduled_for);
CREATE INDEX assessments_type_idx ON laurel.assessments (organization_id, type);
CREATE INDEX assessments_completed_at_idx ON laurel.assessments (completed_at) WHERE completed_at IS NOT NULL;

CREATE TABLE laurel.questions (
    id uuid CONSTRAINT questions_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT questions_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    assessment_id uuid,
    text text NOT NULL CONSTRAINT questions_text_check CHECK (char_length(text) BETWEEN 1 AND 20000),
    type text NOT NULL CONSTRAINT questions_type_check
        CHECK (type IN ('multiple_choice', 'true_false', 'short_answer', 'essay', 'multiple_answers', 'numeric', 'order', 'match')),
    options jsonb NOT NULL DEFAULT '[]' CONSTRAINT questions_options_check CHECK (laurel_internal.check_options(options, 'questions', 'options', type)),
    correct_answer text CONSTRAINT questions_correct_answer_length_check CHECK (char_length(correct_answer) <= 20000),
    grading jsonb NOT NULL DEFAULT '{}' CONSTRAINT questions_grading_check CHECK (laurel_internal.check_json(grading, 'questions', 'grading')),
    answer_key jsonb GENERATED ALWAYS AS (laurel_internal.answer_key(type, options, correct_answer, grading)) STORED,
    points integer NOT NULL DEFAULT 1 CONSTRAINT questions_points_check CHECK (points BETWEEN 0 AND 1000),
    penalty numeric(6,2) NOT NULL DEFAULT 0,
    "order" integer CONSTRAINT questions_order_check CHECK ("order" BETWEEN 0 AND 100000),
    required boolean NOT NULL DEFAULT true,
    rubric jsonb CONSTRAINT questions_rubric_check CHECK (laurel_internal.check_rubric(rubric, 'questions', 'rubric')),
    explanation text CONSTRAINT questions_explanation_check CHECK (char_length(explanation) <= 20000),
    tags text[] NOT NULL DEFAULT '{}' CONSTRAINT questions_tags_check CHECK (laurel_internal.are_tags(tags)),
    status text NOT NULL DEFAULT 'active',
    version bigint NOT NULL DEFAULT 1 CONSTRAINT questions_version_check CHECK (version >= 1),
    metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT questions_metadata_check CHECK (laurel_internal.check_json(metadata, 'questions', 'metadata')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT questions_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT questions_penalty_check CHECK (penalty >= 0 AND penalty <= points),
    CONSTRAINT questions_assessment_id_fkey FOREIGN KEY (organization_id, assessment_id)
        REFERENCES laurel.assessments (organization_id, id) ON DELETE CASCADE
);
-- The questions of an assessment, by themselves and in order; the bank by tags.
CREATE INDEX questions_assessment_id_idx ON laurel.questions (organization_id, assessment_id, "order");
CREATE INDEX questions_tags_idx ON laurel.questions USING gin (tags) WHERE assessment_id IS NULL;

CREATE TABLE laurel.question_versions (
    id uuid CONSTRAINT question_versions_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    question_id uuid NOT NULL,
    version bigint NOT NULL,
    text text NOT NULL,
    type text NOT NULL,
    options jsonb NOT NULL,
    correct_answer text,
    answer_key jsonb,
    points integer NOT NULL,
    penalty numeric(6,2) NOT NULL,
    required boolean NOT NULL,
    rubric jsonb,
    explanation text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT question_versions_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT question_versions_version_key UNIQUE (organization_id, question_id, version),
    CONSTRAINT question_versions_question_id_fkey FOREIGN KEY (organization_id, question_id)
        REFERENCES laurel.questions (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE laurel.assessment_draws (
    id uuid CONSTRAINT assessment_draws_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    assessment_id uuid NOT NULL,
    tags text[] NOT NULL CONSTRAINT assessment_draws_tags_check CHECK (laurel_internal.are_tags(tags) AND cardinality(tags) >= 1),
    count integer NOT NULL CONSTRAINT assessment_draws_count_check CHECK (count BETWEEN 1 AND 200),
    "order" integer CONSTRAINT assessment_draws_order_check CHECK ("order" BETWEEN 0 AND 100000),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT assessment_draws_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT assessment_draws_assessment_id_fkey FOREIGN KEY (organization_id, assessment_id)
        REFERENCES laurel.assessments (organization_id, id) ON DELETE CASCADE
);
-- What is drawn for an assessment.
CREATE INDEX assessment_draws_assessment_id_idx ON laurel.assessment_draws (organization_id, assessment_id);

CREATE TABLE laurel.assessment_accommodations (
    id uuid CONSTRAINT assessment_accommodations_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    beneficiary_id uuid NOT NULL,
    user_id uuid NOT NULL DEFAULT laurel_internal.assigned()::uuid,
    assessment_id uuid,
    extra_time integer NOT NULL DEFAULT 0 CONSTRAINT assessment_accommodations_extra_time_check CHECK (extra_time BETWEEN 0 AND 400),
    extra_attempts integer NOT NULL DEFAULT 0 CONSTRAINT assessment_accommodations_extra_attempts_check CHECK (extra_attempts BETWEEN 0 AND 100),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT assessment_accommodations_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT assessment_accommodations_beneficiary_id_fkey FOREIGN KEY (organization_id, beneficiary_id)
        REFERENCES laurel.beneficiaries (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT assessment_accommodations_assessment_id_fkey FOREIGN KEY (organization_id, assessment_id)
        REFERENCES laurel.assessments (organization_id, id) ON DELETE CASCADE
);
-- One for each assessment, and one for all others; a beneficiary's, and a member's; whose an assessment has.
CREATE UNIQUE INDEX assessment_accommodations_assessment_key ON laurel.assessment_accommodations (organization_id, beneficiary_id, assessment_id) WHERE assessment_id IS NOT NULL;
CREATE UNIQUE INDEX assessment_accommodations_general_key ON laurel.assessment_accommodations (organization_id, beneficiary_id) WHERE assessment_id IS NULL;
CREATE INDEX assessment_accommodations_beneficiary_id_idx ON laurel.assessment_accommodations (organization_id, beneficiary_id);
CREATE INDEX assessment_accommodations_user_id_idx ON laurel.assessment_accommodations (user_id, organization_id);
CREATE INDEX assessment_accommodations_assessment_id_idx ON laurel.assessment_accommodations (organization_id, assessment_id);

INSERT INTO laurel.reference_types (name, table_name) VALUES ('Assessment', 'laurel.assessments');

SELECT laurel_internal.belongs('laurel.assessments', 'beneficiary_id', 'laurel.beneficiaries', copies => '{user_id}'),
       laurel_internal.belongs('laurel.questions', 'assessment_id', 'laurel.assessments', required => $$ status <> 'completed' $$),
       laurel_internal.belongs('laurel.question_versions', 'question_id', 'laurel.questions'),
       laurel_internal.belongs('laurel.assessment_draws', 'assessment_id', 'laurel.assessments', required => $$ status <> 'completed' $$),
       laurel_internal.belongs('laurel.assessment_accommodations', 'beneficiary_id', 'laurel.beneficiaries', copies => '{user_id}'),
       laurel_internal.add_tenant_triggers('laurel.assessments'), laurel_internal.add_tenant_triggers('laurel.questions'),
       laurel_internal.add_tenant_triggers('laurel.question_versions'), laurel_internal.add_tenant_triggers('laurel.assessment_draws'),
       laurel_internal.add_tenant_triggers('laurel.assessment_accommodations'),
       laurel_internal.keep('laurel.assessments', 'beneficiary_id', 'user_id', 'created_at'),
       laurel_internal.keep('laurel.questions', 'assessment_id', 'created_at'),
       laurel_internal.keep('laurel.question_versions', 'question_id', 'version', 'text', 'type', 'options', 'correct_answer', 'answer_key', 'points', 'penalty', 'required', 'rubric', 'explanation', 'created_at'),
       laurel_internal.keep('laurel.assessment_draws', 'assessment_id', 'created_at'),
       laurel_internal.keep('laurel.assessment_accommodations', 'beneficiary_id', 'user_id', 'assessment_id', 'created_at'),
       laurel_internal.states('laurel.assessments', 'status', '{"draft": ["published"], "published": ["draft", "in_progress", "completed"], "in_progress": ["completed"], "completed": []}',
           '{"completed": "completed_at"}'),
       laurel_internal.states('laurel.questions', 'status', '{"active": ["archived"], "archived": ["active"]}'),
       laurel_internal.archive_instead('laurel.questions', 'status', 'archived'),
       -- The number by which an attempt knows a question as it was.
       laurel_internal.versioned('laurel.questions');

-- What is published can be taken.
CREATE TRIGGER y_publish_assessment BEFORE UPDATE ON laurel.assessments FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.status IN ('published', 'draft')) EXECUTE FUNCTION laurel_internal.publish_assessment();

-- Beneficiaries see what is for them, and no question outside an attempt; what is right is read by trainers and administrators.
SELECT laurel_internal.protect('laurel.assessments', 'administrative', commands => '{"administrators": "INSERT, UPDATE", "trainers": "SELECT, INSERT, UPDATE",
               "colleagues": "SELECT", "takers": "SELECT", "droppers": "DELETE"}', others => $${
               "trainers": "laurel.has_role('trainer') AND trainer_id = laurel_internal.me() AND (user_id IS NULL OR laurel_internal.can_see(user_id))",
               "colleagues": "laurel.has_role('trainer') AND (user_id IS NULL OR laurel_internal.can_see(user_id))",
               "takers": "status <> 'draft' AND archived_at IS NULL AND (user_id IS NULL OR user_id = laurel_internal.me())",
               "droppers": "status = 'draft' AND (laurel.administers(organization_id) OR laurel.has_role('trainer') AND trainer_id = laurel_internal.me())"}$$, writes => '{
               "INSERT": "id, organization_id, title, description, type, beneficiary_id, trainer_id, status, scheduled_for, closes_at, time_limit, passing_score, attempts_allowed, attempt_delay, shuffle_questions, shuffle_options, review, second_marking, marking_tolerance, points_reward, wants_analysis, settings",
               "UPDATE": "title, description, type, trainer_id, status, scheduled_for, closes_at, time_limit, passing_score, attempts_allowed, attempt_delay, shuffle_questions, shuffle_options, review, second_marking, marking_tolerance, points_reward, wants_analysis, settings"}'),
       laurel_internal.protect('laurel.questions', 'administrative', commands => '{"administrators": "ALL", "trainers": "SELECT", "authors": "INSERT, UPDATE, DELETE"}', others => $${
               "trainers": "laurel.has_role('trainer')", "authors": "laurel.has_role('trainer') AND (assessment_id IS NULL OR laurel_internal.authors(organization_id, assessment_id))"}$$, writes => '{
               "INSERT": "id, organization_id, assessment_id, text, type, options, correct_answer, grading, points, penalty, order, required, rubric, explanation, tags, metadata",
               "UPDATE": "text, type, options, correct_answer, grading, points, penalty, order, required, rubric, explanation, tags, status, version, metadata"}'),
       laurel_internal.protect('laurel.question_versions', 'administrative', commands => '{"trainers": "SELECT", "service_role": "SELECT"}', others => $${"trainers": "laurel.has_role('trainer')"}$$),
       laurel_internal.protect('laurel.assessment_draws', 'administrative', commands => '{"administrators": "ALL", "trainers": "SELECT", "authors": "INSERT, UPDATE, DELETE"}', others => $${
               "trainers": "laurel.has_role('trainer')", "authors": "laurel.has_role('trainer') AND laurel_internal.authors(organization_id, assessment_id)"}$$, writes => '{
               "INSERT": "id, organization_id, assessment_id, tags, count, order", "UPDATE": "tags, count, order"}'),
       laurel_internal.protect('laurel.assessment_accommodations', 'administrative', commands => '{"administrators": "ALL", "trainers": "ALL", "takers": "SELECT"}', others => $${
               "trainers": "laurel.has_role('trainer') AND user_id <> laurel_internal.me() AND laurel_internal.can_see(user_id)", "takers": "user_id = laurel_internal.me()"}$$, writes => '{
               "INSERT": "id, organization_id, beneficiary_id, assessment_id, extra_time, extra_attempts", "UPDATE": "extra_time, extra_attempts"}'),
       laurel_internal.member('laurel.assessments'), laurel_internal.member('laurel.assessment_accommodations');

SELECT laurel_internal.explain('laurel.assessments', 'What beneficiaries are asked: one of them, or everybody enrolled. Attempts are begun by laurel.start_attempt().', '{
    "title": "What it is called; 1 to 200 characters.",
    "description": "What it is about, up to 20,000 characters.",
    "type": "Of which kind, in the application''s own word; 1 to 50 characters.",
    "beneficiary_id": "For whom; null for everybody enrolled. Never changed.",
    "user_id": "The member of that row of beneficiaries, filled in; null for everybody.",
    "trainer_id": "Whose it is: who writes it and its questions besides administrators.",
    "status": "draft, published (may be taken), in_progress (may be taken too), completed (may not any more, once and for all). Of one for a beneficiary the last two follow the attempts: completed when one was passed, or none is left.",
    "scheduled_for": "From when on it may be begun; null: from when it is published.",
    "closes_at": "Until when it may be begun and answered; null: until it is completed.",
    "completed_at": "When it was completed; set then and only then.",
    "time_limit": "Minutes for an attempt, 1 to 43,200, by the server''s clock; null for none.",
    "passing_score": "From how many per cent on it is passed, 0 to 100; null where there is nothing to pass.",
    "attempts_allowed": "How often each may take it, 1 to 1,000; null for any number.",
    "attempt_delay": "How long to wait after an attempt, up to 365 days.",
    "shuffle_questions": "Whether each attempt has its questions in an order of its own.",
    "shuffle_options": "Whether each attempt has the options in an order of its own, as those of order and match always are.",
    "review": "From when on who took it reads what was right: never; closed (after closes_at, or when it is completed); finished (also when none of the own attempts is left); graded (also when the own attempt is graded).",
    "second_marking": "Whether two people mark what cannot be graded by a key.",
    "marking_tolerance": "By how many points two marks may differ, so that their mean counts; beyond, a final one decides.",
    "points_reward": "Points for who passes it, once, 0 to 1,000,000.",
    "wants_analysis": "Whether an external service is asked for an analysis of each result.",
    "settings": "Open data, an object of at most 64 kB. Beneficiaries read it.",
    "archived_at": "Since when it is archived, two years after it was completed; beneficiaries do not see it any more. Results stay."}'),
       laurel_internal.explain('laurel.questions', 'Questions of assessments, and those of the bank, which have none. Deleting one archives it. Beneficiaries meet them by laurel.attempt_questions() alone.', '{
    "assessment_id": "Whose question; null: of the bank, from which assessment_draws draw. Never changed.",
    "text": "What is asked; 1 to 20,000 characters.",
    "type": "multiple_choice (one option), true_false, short_answer (words), essay (marked by people), multiple_answers, numeric, order, match.",
    "options": "What there is to choose from: an array of at most 100 objects with id and text, 2 at least where something is chosen; of match those of both sides.",
    "correct_answer": "What is right: of multiple_choice the id of an option, true or false, words, a number; of multiple_answers and order a JSON array of ids, of match a JSON object of ids. Null where people mark. Read by trainers and administrators alone.",
    "grading": "How: an object with partial (multiple_answers, order, match: part of the points for part of what is right), tolerance and units (numeric), variants and pattern (short_answer), as in answer_keys.",
    "answer_key": "What grades it, made of the above; null where people mark.",
    "points": "What it is worth, its weight; 0 to 1,000.",
    "penalty": "Points that a wrong answer takes away, at most points; no answer takes none.",
    "order": "Its place among those of the assessment; null comes last.",
    "required": "Whether an attempt is handed in with an answer to it; the application reminds, nobody is refused.",
    "rubric": "What an answer is marked by: an array of objects with id, text and points; null for none.",
    "explanation": "Why that is right, for the review; up to 20,000 characters.",
    "tags": "Words by which it is drawn, at most 20 of 1 to 50 characters.",
    "status": "active or archived.",
    "version": "Raised by each change; attempts keep the questions as they were when they began. Who edits sends the one that was read.",
    "metadata": "Open data, an object of at most 64 kB. Beneficiaries do not read it."}'),
       laurel_internal.explain('laurel.question_versions', 'Questions as attempts have met them. Written when the first attempt meets a version; never changed.', '{
    "question_id": "The question.",
    "version": "Which version of it.",
    "text": "As in questions.", "type": "As in questions.", "options": "As in questions.", "correct_answer": "As in questions.", "answer_key": "As in questions.",
    "points": "As in questions.", "penalty": "As in questions.", "required": "As in questions.", "rubric": "As in questions.", "explanation": "As in questions."}'),
       laurel_internal.explain('laurel.assessment_draws', 'Questions that each attempt draws from the bank at random, none twice. Those of more tags draw first.', '{
    "assessment_id": "For which assessment; never changed.",
    "tags": "The tags that a question has, all of them.",
    "count": "How many, 1 to 200.",
    "order": "The place of its questions among those of the assessment; null comes last."}'),
       laurel_internal.explain('laurel.assessment_accommodations', 'More time and attempts for one beneficiary: for an assessment, or for all that have none of their own.', '{
    "beneficiary_id": "For whom; never changed.",
    "user_id": "The member of that row of beneficiaries, filled in.",
    "assessment_id": "For which assessment; null for all others. Never changed.",
    "extra_time": "Per cent of time_limit that are added, 0 to 400; holds for attempts that begin later.",
    "extra_attempts": "Attempts that are added, 0 to 100."}');

SELECT laurel_internal.audited('laurel.assessments', '{title, status, time_limit, passing_score, attempts_allowed, review, trainer_id}', commands => 'UPDATE, DELETE'),
       laurel_internal.audited('laurel.assessment_accommodations', '{extra_time, extra_attempts}'),
       laurel_internal.person('laurel.assessments', 'user_id', '', 'delete', 'move', harmless => '{*}'),
       laurel_internal.person('laurel.assessments', 'trainer_id', NULL, 'null', 'move'),
       laurel_internal.person('laurel.assessment_accommodations', 'user_id', '', 'delete', 'move');

INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, condition, assignments, user_columns, source) VALUES
    ('assessments_completed', 'assessments', '2 years', 'anonymise', 'completed_at', 'archived_at IS NULL', 'archived_at = pg_catalog.now()', '{user_id}',
     'Completed assessments are archived after two years: out of the lists of beneficiaries, results stay.');

-- Down Migration
DROP FUNCTION laurel.member(laurel.assessments), laurel.member(laurel.assessment_accommodations);
DROP TABLE laurel.assessment_accommodations, laurel.assessment_draws, laurel.question_versions, laurel.questions, laurel.assessments;
DELETE FROM ONLY laurel.retention_policies WHERE name = 'assessments_completed';
DELETE FROM ONLY laurel.reference_types WHERE name = 'Assessment';
