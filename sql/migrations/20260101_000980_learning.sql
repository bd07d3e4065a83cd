-- Up Migration
-- Learning paths: modules in order, what comes before what, how far everybody is, and what answers were worth.

CREATE TABLE laurel.learning_paths (
    id uuid CONSTRAINT learning_paths_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT learning_paths_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    title text NOT NULL CONSTRAINT learning_paths_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CONSTRAINT learning_paths_description_check CHECK (char_length(description) <= 20000),
    difficulty_level text NOT NULL DEFAULT 'beginner' CONSTRAINT learning_paths_difficulty_level_check CHECK (difficulty_level IN ('beginner', 'intermediate', 'advanced')),
    is_template boolean NOT NULL DEFAULT false,
    template_id uuid CONSTRAINT learning_paths_template_id_check CHECK (template_id IS NULL OR NOT is_template),
    pays_again boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'draft',
    total_modules bigint NOT NULL DEFAULT 0 CONSTRAINT learning_paths_total_modules_check CHECK (total_modules >= 0),
    total_milestones bigint NOT NULL DEFAULT 0 CONSTRAINT learning_paths_total_milestones_check CHECK (total_milestones >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT learning_paths_organization_id_id_key UNIQUE (organization_id, id),
    -- A template is copied once.
    CONSTRAINT learning_paths_template_id_key UNIQUE (organization_id, template_id),
    CONSTRAINT learning_paths_template_id_fkey FOREIGN KEY (organization_id, template_id) REFERENCES laurel.learning_paths (organization_id, id) ON DELETE SET NULL (template_id)
) WITH (fillfactor = 80);
-- Templates to start from; paths by difficulty.
CREATE INDEX learning_paths_is_template_idx ON laurel.learning_paths (organization_id, is_template) WHERE is_template;
CREATE INDEX learning_paths_difficulty_level_idx ON laurel.learning_paths (organization_id, difficulty_level);

CREATE TABLE laurel.learning_modules (
    id uuid CONSTRAINT learning_modules_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    learning_path_id uuid NOT NULL,
    position integer NOT NULL CONSTRAINT learning_modules_position_check CHECK (position BETWEEN 1 AND 10000),
    title text NOT NULL CONSTRAINT learning_modules_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CONSTRAINT learning_modules_description_check CHECK (char_length(description) <= 20000),
    content jsonb NOT NULL DEFAULT '{}' CONSTRAINT learning_modules_content_check CHECK (laurel_internal.check_json(content, 'learning_modules', 'content')),
    quiz_questions jsonb NOT NULL DEFAULT '[]' CONSTRAINT learning_modules_quiz_questions_check
        CHECK (laurel_internal.check_questions(quiz_questions, 'learning_modules', 'quiz_questions')),
    passing_score numeric(5,2) NOT NULL DEFAULT 70 CONSTRAINT learning_modules_passing_score_check CHECK (passing_score BETWEEN 0 AND 100),
    max_attempts integer CONSTRAINT learning_modules_max_attempts_check CHECK (max_attempts BETWEEN 1 AND 1000),
    attempt_cooldown interval NOT NULL DEFAULT '0' CONSTRAINT learning_modules_attempt_cooldown_check CHECK (attempt_cooldown BETWEEN interval '0' AND interval '30 days'),
    points_reward bigint NOT NULL DEFAULT 0 CONSTRAINT learning_modules_points_reward_check CHECK (points_reward BETWEEN 0 AND 1000000),
    status text NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT learning_modules_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT learning_modules_path_key UNIQUE (organization_id, learning_path_id, id),
    CONSTRAINT learning_modules_learning_path_id_fkey FOREIGN KEY (organization_id, learning_path_id) REFERENCES laurel.learning_paths (organization_id, id) ON DELETE CASCADE
);
-- The modules of a path in order, each at a place of its own; what is archived has none.
CREATE UNIQUE INDEX learning_modules_position_key ON laurel.learning_modules (organization_id, learning_path_id, position) WHERE status = 'active';

CREATE TABLE laurel.answer_keys (
    id uuid CONSTRAINT answer_keys_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    module_id uuid NOT NULL,
    keys jsonb NOT NULL CONSTRAINT answer_keys_keys_check CHECK (laurel_internal.check_answer_keys(keys, 'answer_keys', 'keys')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT answer_keys_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT answer_keys_module_id_key UNIQUE (organization_id, module_id),
    CONSTRAINT answer_keys_module_id_fkey FOREIGN KEY (organization_id, module_id) REFERENCES laurel.learning_modules (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE laurel.module_prerequisites (
    id uuid CONSTRAINT module_prerequisites_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    module_id uuid NOT NULL,
    requires_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT module_prerequisites_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT module_prerequisites_module_id_requires_id_key UNIQUE (organization_id, module_id, requires_id),
    CONSTRAINT module_prerequisites_module_id_fkey FOREIGN KEY (organization_id, module_id) REFERENCES laurel.learning_modules (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT module_prerequisites_requires_id_fkey FOREIGN KEY (organization_id, requires_id) REFERENCES laurel.learning_modules (organization_id, id) ON DELETE CASCADE
);
-- What a module opens.
CREATE INDEX module_prerequisites_requires_id_idx ON laurel.module_prerequisites (organization_id, requires_id);

CREATE TABLE laurel.learning_milestones (
    id uuid CONSTRAINT learning_milestones_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    learning_path_id uuid NOT NULL,
    title text NOT NULL CONSTRAINT learning_milestones_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CONSTRAINT learning_milestones_description_check CHECK (char_length(description) <= 20000),
    module_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT learning_milestones_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT learning_milestones_title_key UNIQUE (organization_id, learning_path_id, title),
    CONSTRAINT learning_milestones_learning_path_id_fkey FOREIGN KEY (organization_id, learning_path_id) REFERENCES laurel.learning_paths (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT learning_milestones_module_id_fkey FOREIGN KEY (organization_id, learning_path_id, module_id)
        REFERENCES laurel.learning_modules (organization_id, learning_path_id, id) ON DELETE SET NULL (module_id)
);
-- The milestones that a module reaches.
CREATE INDEX learning_milestones_module_id_idx ON laurel.learning_milestones (organization_id, learning_path_id, module_id);

CREATE TABLE laurel.learning_path_progress (
    id uuid CONSTRAINT learning_path_progress_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    learning_path_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'in_progress' CONSTRAINT learning_path_progress_status_check CHECK (status IN ('in_progress', 'completed')),
    progress_percentage numeric(5,2) NOT NULL DEFAULT 0 CONSTRAINT learning_path_progress_progress_percentage_check CHECK (progress_percentage BETWEEN 0 AND 100),
    modules_completed uuid[] NOT NULL DEFAULT '{}',
    milestones_completed uuid[] NOT NULL DEFAULT '{}',
    started_date timestamptz NOT NULL DEFAULT now() CONSTRAINT learning_path_progress_started_date_check CHECK (isfinite(started_date)),
    last_activity_date timestamptz NOT NULL DEFAULT now(),
    completed_date timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT learning_path_progress_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT learning_path_progress_user_path_key UNIQUE (organization_id, user_id, learning_path_id),
    CONSTRAINT learning_path_progress_completed_check CHECK ((status = 'completed') = (progress_percentage = 100)),
    CONSTRAINT learning_path_progress_completed_date_check CHECK ((status = 'completed') = (completed_date IS NOT NULL)),
    CONSTRAINT learning_path_progress_dates_check CHECK (completed_date >= started_date),
    CONSTRAINT learning_path_progress_learning_path_id_fkey FOREIGN KEY (organization_id, learning_path_id) REFERENCES laurel.learning_paths (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT learning_path_progress_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
) WITH (fillfactor = 80);
-- A member's paths that are under way; who takes a path.
CREATE INDEX learning_path_progress_status_idx ON laurel.learning_path_progress (user_id, organization_id, status, created_at DESC);
CREATE INDEX learning_path_progress_learning_path_id_idx ON laurel.learning_path_progress (organization_id, learning_path_id, status);

CREATE TABLE laurel.module_completions (
    id uuid CONSTRAINT module_completions_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    module_id uuid NOT NULL,
    learning_path_id uuid NOT NULL DEFAULT laurel_internal.assigned()::uuid,
    status text NOT NULL DEFAULT 'in_progress',
    answers jsonb CONSTRAINT module_completions_answers_check CHECK (laurel_internal.check_json(answers, 'module_completions', 'answers')),
    quiz_score numeric(5,2) CONSTRAINT module_completions_quiz_score_check CHECK (quiz_score BETWEEN 0 AND 100),
    attempts integer NOT NULL DEFAULT 0 CONSTRAINT module_completions_attempts_check CHECK (attempts >= 0),
    last_attempt_at timestamptz,
    time_spent integer NOT NULL DEFAULT 0 CONSTRAINT module_completions_time_spent_check CHECK (time_spent BETWEEN 0 AND 100000000),
    points_earned bigint NOT NULL DEFAULT 0 CONSTRAINT module_completions_points_earned_check CHECK (points_earned >= 0),
    completed_date timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT module_completions_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT module_completions_user_module_key UNIQUE (organization_id, user_id, module_id),
    CONSTRAINT module_completions_completed_date_check CHECK ((status = 'completed') = (completed_date IS NOT NULL) AND isfinite(completed_date)),
    CONSTRAINT module_completions_points_earned_completed_check CHECK (status = 'completed' OR points_earned = 0),
    CONSTRAINT module_completions_module_id_fkey FOREIGN KEY (organization_id, module_id) REFERENCES laurel.learning_modules (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT module_completions_learning_path_id_fkey FOREIGN KEY (organization_id, learning_path_id) REFERENCES laurel.learning_paths (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT module_completions_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
) WITH (fillfactor = 80);
-- What a member has done of a path; who has completed a module, or taken part in a path.
CREATE INDEX module_completions_learning_path_id_idx ON laurel.module_completions (user_id, organization_id, learning_path_id, status);
CREATE INDEX module_completions_module_id_idx ON laurel.module_completions (organization_id, module_id, status);
CREATE INDEX module_completions_path_idx ON laurel.module_completions (organization_id, learning_path_id);
-- What is old enough to go.
CREATE INDEX module_completions_created_at_idx ON laurel.module_completions (created_at);

CREATE TABLE laurel.path_certifications (
    id uuid CONSTRAINT path_certifications_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    learning_path_id uuid NOT NULL,
    cycle integer NOT NULL CONSTRAINT path_certifications_cycle_check CHECK (cycle >= 1),
    started_at timestamptz NOT NULL,
    completed_at timestamptz NOT NULL,
    modules_completed uuid[] NOT NULL DEFAULT '{}',
    milestones_completed uuid[] NOT NULL DEFAULT '{}',
    details jsonb NOT NULL DEFAULT '{}' CONSTRAINT path_certifications_details_check CHECK (laurel_internal.check_json(details, 'path_certifications', 'details')),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT path_certifications_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT path_certifications_cycle_key UNIQUE (organization_id, user_id, learning_path_id, cycle),
    CONSTRAINT path_certifications_completed_at_check CHECK (completed_at >= started_at),
    CONSTRAINT path_certifications_learning_path_id_fkey FOREIGN KEY (organization_id, learning_path_id) REFERENCES laurel.learning_paths (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT path_certifications_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- What a member has completed before; who has completed a path.
CREATE INDEX path_certifications_user_id_idx ON laurel.path_certifications (user_id, organization_id, completed_at DESC);
CREATE INDEX path_certifications_learning_path_id_idx ON laurel.path_certifications (organization_id, learning_path_id);

CREATE TABLE laurel.learning_assignments (
    id uuid CONSTRAINT learning_assignments_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    learning_path_id uuid NOT NULL,
    audience text NOT NULL CONSTRAINT learning_assignments_audience_check CHECK (audience IN ('member', 'team', 'everybody', 'joiners')),
    user_id uuid,
    team_id uuid,
    is_required boolean NOT NULL DEFAULT true,
    counts_before boolean NOT NULL DEFAULT true,
    due_at timestamptz CONSTRAINT learning_assignments_due_at_check CHECK (isfinite(due_at)),
    due_after interval CONSTRAINT learning_assignments_due_after_check CHECK (due_after BETWEEN interval '0' AND interval '10 years'),
    remind_before interval[] NOT NULL DEFAULT '{7 days,1 day}' CONSTRAINT learning_assignments_remind_before_check CHECK (
        cardinality(remind_before) <= 10 AND array_position(remind_before, NULL) IS NULL
        AND interval '0' < ALL (remind_before) AND interval '1 year' >= ALL (remind_before)),
    escalate_after interval CONSTRAINT learning_assignments_escalate_after_check CHECK (escalate_after BETWEEN interval '0' AND interval '1 year'),
    recertify_every interval CONSTRAINT learning_assignments_recertify_every_check CHECK (recertify_every BETWEEN interval '1 day' AND interval '100 years'),
    renew_before interval NOT NULL DEFAULT '30 days',
    status text NOT NULL DEFAULT 'active',
    assigned_by uuid DEFAULT laurel.uid() CONSTRAINT learning_assignments_assigned_by_fkey REFERENCES laurel.users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT learning_assignments_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT learning_assignments_audience_named_check CHECK (CASE audience WHEN 'member' THEN user_id IS NOT NULL AND team_id IS NULL
        WHEN 'team' THEN team_id IS NOT NULL AND user_id IS NULL ELSE num_nonnulls(user_id, team_id) = 0 END),
    CONSTRAINT learning_assignments_renew_before_check CHECK (renew_before >= interval '0' AND (recertify_every IS NULL OR renew_before < recertify_every)),
    CONSTRAINT learning_assignments_learning_path_id_fkey FOREIGN KEY (organization_id, learning_path_id) REFERENCES laurel.learning_paths (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT learning_assignments_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT learning_assignments_team_id_fkey FOREIGN KEY (organization_id, team_id) REFERENCES laurel.teams (organization_id, id) ON DELETE CASCADE
);
-- A path is assigned once to the same people.
CREATE UNIQUE INDEX learning_assignments_member_key ON laurel.learning_assignments (organization_id, learning_path_id, user_id) WHERE status = 'active' AND audience = 'member';
CREATE UNIQUE INDEX learning_assignments_team_key ON laurel.learning_assignments (organization_id, learning_path_id, team_id) WHERE status = 'active' AND audience = 'team';
CREATE UNIQUE INDEX learning_assignments_audience_key ON laurel.learning_assignments (organization_id, learning_path_id, audience)
    WHERE status = 'active' AND audience IN ('everybody', 'joiners');
-- What a path is assigned by; what goes with a member; what a team's members are to learn; what who joins is to learn; what somebody has assigned.
CREATE INDEX learning_assignments_learning_path_id_idx ON laurel.learning_assignments (organization_id, learning_path_id);
CREATE INDEX learning_assignments_user_id_idx ON laurel.learning_assignments (user_id, organization_id);
CREATE INDEX learning_assignments_team_id_idx ON laurel.learning_assignments (organization_id, team_id);
CREATE INDEX learning_assignments_joiners_idx ON laurel.learning_assignments (organization_id) WHERE status = 'active' AND audience IN ('everybody', 'joiners');
CREATE INDEX learning_assignments_assigned_by_idx ON laurel.learning_assignments (assigned_by);

CREATE TABLE laurel.assigned_learning (
    id uuid CONSTRAINT assigned_learning_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    learning_path_id uuid NOT NULL,
    user_id uuid NOT NULL,
    cycle integer NOT NULL DEFAULT 1 CONSTRAINT assigned_learning_cycle_check CHECK (cycle >= 1),
    is_required boolean NOT NULL DEFAULT true,
    status text NOT NULL DEFAULT 'assigned',
    assigned_at timestamptz NOT NULL DEFAULT now(),
    opens_at timestamptz,
    due_at timestamptz CONSTRAINT assigned_learning_due_at_check CHECK (isfinite(due_at)),
    completed_at timestamptz,
    reminded_at timestamptz,
    overdue_told_at timestamptz,
    escalated_at timestamptz,
    next_notice_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT assigned_learning_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT assigned_learning_cycle_key UNIQUE (organization_id, assignment_id, user_id, cycle),
    CONSTRAINT assigned_learning_completed_at_check CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
    CONSTRAINT assigned_learning_next_notice_at_check CHECK (next_notice_at IS NULL OR status = 'assigned'),
    CONSTRAINT assigned_learning_assignment_id_fkey FOREIGN KEY (organization_id, assignment_id) REFERENCES laurel.learning_assignments (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT assigned_learning_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
) WITH (fillfactor = 80);
-- What a member is to learn, and what completing a path settles; who has something to be told.
CREATE INDEX assigned_learning_user_id_idx ON laurel.assigned_learning (user_id, organization_id, learning_path_id, status);
CREATE INDEX assigned_learning_next_notice_at_idx ON laurel.assigned_learning (organization_id, next_notice_at) WHERE next_notice_at IS NOT NULL;

INSERT INTO laurel.reference_types (name, table_name) VALUES ('Module', 'laurel.learning_modules'), ('LearningPath', 'laurel.learning_paths');
INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES
    ('learning', 'Reminds of learning that is due, and tells managers of what is overdue.', '*/15 * * * *', 'SELECT laurel.remind_learners()', '14 minutes');

SELECT laurel_internal.belongs('laurel.learning_modules', 'learning_path_id', 'laurel.learning_paths'),
       laurel_internal.belongs('laurel.learning_milestones', 'learning_path_id', 'laurel.learning_paths'),
       laurel_internal.belongs('laurel.answer_keys', 'module_id', 'laurel.learning_modules'),
       laurel_internal.belongs('laurel.module_prerequisites', 'module_id', 'laurel.learning_modules'),
       laurel_internal.belongs('laurel.learning_path_progress', 'learning_path_id', 'laurel.learning_paths', required => $$ status = 'published' AND NOT is_template $$),
       laurel_internal.belongs('laurel.module_completions', 'module_id', 'laurel.learning_modules', copies => '{learning_path_id}', required => $$ status = 'active' $$),
       laurel_internal.add_tenant_triggers('laurel.learning_paths'), laurel_internal.add_tenant_triggers('laurel.learning_modules'),
       laurel_internal.add_tenant_triggers('laurel.answer_keys'), laurel_internal.add_tenant_triggers('laurel.module_prerequisites'),
       laurel_internal.add_tenant_triggers('laurel.learning_milestones'), laurel_internal.add_tenant_triggers('laurel.learning_path_progress'),
       laurel_internal.add_tenant_triggers('laurel.module_completions'),
       laurel_internal.keep('laurel.learning_paths', 'is_template', 'template_id', 'created_at'), laurel_internal.keep('laurel.learning_modules', 'learning_path_id', 'created_at'),
       laurel_internal.keep('laurel.answer_keys', 'module_id'), laurel_internal.keep('laurel.module_prerequisites', 'module_id', 'requires_id'),
       laurel_internal.keep('laurel.learning_milestones', 'learning_path_id'), laurel_internal.keep('laurel.learning_path_progress', 'user_id', 'learning_path_id', 'created_at'),
       laurel_internal.keep('laurel.module_completions', 'user_id', 'module_id', 'learning_path_id', 'created_at'),
       laurel_internal.counts('laurel.learning_paths', 'total_modules', 'laurel.learning_modules', 'learning_path_id', $$ status = 'active' $$),
       laurel_internal.counts('laurel.learning_paths', 'total_milestones', 'laurel.learning_milestones', 'learning_path_id'),
       laurel_internal.acyclic('laurel.module_prerequisites', 'module_id', 'requires_id'),
       laurel_internal.states('laurel.learning_paths', 'status', '{"draft": ["published", "archived"], "published": ["archived"], "archived": ["published"]}'),
       laurel_internal.states('laurel.learning_modules', 'status', '{"active": ["archived"], "archived": ["active"]}'),
       laurel_internal.states('laurel.module_completions', 'status', '{"in_progress": ["completed"], "completed": []}'),
       laurel_internal.archive_instead('laurel.learning_paths', 'status', 'archived'), laurel_internal.archive_instead('laurel.learning_modules', 'status', 'archived');
SELECT laurel_internal.belongs('laurel.path_certifications', 'learning_path_id', 'laurel.learning_paths'),
       laurel_internal.belongs('laurel.learning_assignments', 'learning_path_id', 'laurel.learning_paths', required => $$ status = 'published' AND NOT is_template $$),
       laurel_internal.add_tenant_triggers('laurel.path_certifications'), laurel_internal.add_tenant_triggers('laurel.learning_assignments'),
       laurel_internal.add_tenant_triggers('laurel.assigned_learning'),
       laurel_internal.keep('laurel.path_certifications', 'user_id', 'learning_path_id', 'cycle', 'completed_at', 'modules_completed', 'milestones_completed', 'details'),
       laurel_internal.keep('laurel.learning_assignments', 'learning_path_id', 'audience', 'user_id', 'team_id', 'created_at'),
       laurel_internal.keep('laurel.assigned_learning', 'assignment_id', 'learning_path_id', 'user_id', 'cycle'),
       laurel_internal.states('laurel.learning_assignments', 'status', '{"active": ["withdrawn"], "withdrawn": []}'),
       laurel_internal.states('laurel.assigned_learning', 'status', '{"assigned": ["completed", "waived", "withdrawn"], "completed": [], "waived": ["assigned"], "withdrawn": ["assigned", "completed"]}',
           '{"completed": "completed_at"}'),
       laurel_internal.archive_instead('laurel.learning_assignments', 'status', 'withdrawn');

-- What was done, graded and stamped; how far it brings.
CREATE TRIGGER c_grade_completion BEFORE INSERT OR UPDATE ON laurel.module_completions FOR EACH ROW EXECUTE FUNCTION laurel_internal.grade_completion();
CREATE TRIGGER b_follow_completions_inserted AFTER INSERT ON laurel.module_completions REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_completions();
CREATE TRIGGER b_follow_completions_updated AFTER UPDATE ON laurel.module_completions REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_completions();
CREATE TRIGGER z_follow_path BEFORE INSERT OR UPDATE ON laurel.learning_path_progress FOR EACH ROW EXECUTE FUNCTION laurel_internal.follow_path();
-- A path that has other modules or milestones: everybody who is under way is elsewhere on it.
CREATE TRIGGER follow_modules_inserted AFTER INSERT ON laurel.learning_modules REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_contents();
CREATE TRIGGER follow_modules_updated AFTER UPDATE ON laurel.learning_modules REFERENCING OLD TABLE AS old_rows NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_contents();
CREATE TRIGGER follow_modules_deleted AFTER DELETE ON laurel.learning_modules REFERENCING OLD TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_contents();
CREATE TRIGGER follow_milestones_inserted AFTER INSERT ON laurel.learning_milestones REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_contents();
CREATE TRIGGER follow_milestones_updated AFTER UPDATE ON laurel.learning_milestones REFERENCING OLD TABLE AS old_rows NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_contents();
CREATE TRIGGER follow_milestones_deleted AFTER DELETE ON laurel.learning_milestones REFERENCING OLD TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_contents();

-- Assignments: everybody whom one is for has its row, who joins later too; a path that is completed settles it, and is due again.
CREATE TRIGGER a_assign_path BEFORE INSERT ON laurel.learning_assignments FOR EACH ROW EXECUTE FUNCTION laurel_internal.take_path();
CREATE TRIGGER b_assign_paths AFTER INSERT ON laurel.learning_assignments REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.assign_paths();
CREATE TRIGGER b_follow_assignments AFTER UPDATE ON laurel.learning_assignments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_assignments();
CREATE TRIGGER b_assign_joiners AFTER INSERT ON laurel.user_organizations REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.assign_joiners();
CREATE TRIGGER b_assign_teammates AFTER INSERT ON laurel.team_memberships REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.assign_teammates();
CREATE TRIGGER b_release_teammates AFTER DELETE ON laurel.team_memberships REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.release_teammates();
CREATE TRIGGER withdraw_archived AFTER UPDATE ON laurel.learning_paths FOR EACH ROW WHEN (NEW.status = 'archived' AND OLD.status <> 'archived')
    EXECUTE FUNCTION laurel_internal.withdraw_archived();
CREATE TRIGGER b_settle_assigned_inserted AFTER INSERT ON laurel.learning_path_progress REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.settle_assigned();
CREATE TRIGGER b_settle_assigned_updated AFTER UPDATE ON laurel.learning_path_progress REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.settle_assigned();
CREATE TRIGGER b_renew_assigned_inserted AFTER INSERT ON laurel.assigned_learning REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.renew_assigned();
CREATE TRIGGER b_renew_assigned_updated AFTER UPDATE ON laurel.assigned_learning REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.renew_assigned();
CREATE TRIGGER z_plan_notice BEFORE INSERT OR UPDATE ON laurel.assigned_learning FOR EACH ROW EXECUTE FUNCTION laurel_internal.plan_notice();

-- Told and paid once for each member, module and time that the path is done, also where retention has taken the row in between.
SELECT laurel_internal.tell('laurel.module_completions', $$
           SELECT n.organization_id, n.user_id, 'module_completed' AS type, n.completed_date AS occurred_at, 'You completed: ' || m.title AS title, '/learning/' || n.learning_path_id AS link,
                  pg_catalog.jsonb_build_object('module_id', m.id, 'learning_path_id', n.learning_path_id, 'quiz_score', n.quiz_score) AS data,
                  n.points_earned AS points, 'Module' AS reference_type, m.id AS reference_id, pg_catalog.left('Completed: ' || m.title, 200) AS reason,
                  pg_catalog.concat_ws(':', 'module_completed', m.id, n.user_id, (SELECT pg_catalog.max(f.cycle) FROM ONLY laurel.path_certifications f
                      WHERE f.organization_id = n.organization_id AND f.user_id = n.user_id AND f.learning_path_id = n.learning_path_id)) AS key
           FROM new_rows n JOIN ONLY laurel.learning_modules m ON m.organization_id = n.organization_id AND m.id = n.module_id WHERE n.status = 'completed' $$, telling => $$ status = 'completed' $$),
       laurel_internal.tell('laurel.module_completions', $$
           SELECT n.organization_id, n.user_id, 'module_completed' AS type, n.completed_date AS occurred_at, 'You completed: ' || m.title AS title, '/learning/' || n.learning_path_id AS link,
                  pg_catalog.jsonb_build_object('module_id', m.id, 'learning_path_id', n.learning_path_id, 'quiz_score', n.quiz_score) AS data,
                  n.points_earned AS points, 'Module' AS reference_type, m.id AS reference_id, pg_catalog.left('Completed: ' || m.title, 200) AS reason,
                  pg_catalog.concat_ws(':', 'module_completed', m.id, n.user_id, (SELECT pg_catalog.max(f.cycle) FROM ONLY laurel.path_certifications f
                      WHERE f.organization_id = n.organization_id AND f.user_id = n.user_id AND f.learning_path_id = n.learning_path_id)) AS key
           FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN ONLY laurel.learning_modules m ON m.organization_id = n.organization_id AND m.id = n.module_id
           WHERE n.status = 'completed' AND o.status <> 'completed' $$, 'UPDATE', $$ status = 'completed' $$, '{status}'),
       laurel_internal.tell('laurel.learning_path_progress', $$
           SELECT n.organization_id, n.user_id, 'path_completed' AS type, n.completed_date AS occurred_at, 'You completed the path ' || p.title AS title, '/learning/' || p.id AS link,
                  pg_catalog.jsonb_build_object('learning_path_id', p.id) AS data, pg_catalog.concat_ws(':', 'path_completed', p.id, n.user_id, (SELECT pg_catalog.max(f.cycle) FROM ONLY laurel.path_certifications f
                      WHERE f.organization_id = n.organization_id AND f.user_id = n.user_id AND f.learning_path_id = n.learning_path_id)) AS key
           FROM new_rows n JOIN ONLY laurel.learning_paths p ON p.organization_id = n.organization_id AND p.id = n.learning_path_id WHERE n.status = 'completed' $$, telling => $$ status = 'completed' $$),
       laurel_internal.tell('laurel.learning_path_progress', $$
           SELECT n.organization_id, n.user_id, 'path_completed' AS type, n.completed_date AS occurred_at, 'You completed the path ' || p.title AS title, '/learning/' || p.id AS link,
                  pg_catalog.jsonb_build_object('learning_path_id', p.id) AS data, pg_catalog.concat_ws(':', 'path_completed', p.id, n.user_id, (SELECT pg_catalog.max(f.cycle) FROM ONLY laurel.path_certifications f
                      WHERE f.organization_id = n.organization_id AND f.user_id = n.user_id AND f.learning_path_id = n.learning_path_id)) AS key
           FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN ONLY laurel.learning_paths p ON p.organization_id = n.organization_id AND p.id = n.learning_path_id
           WHERE n.status = 'completed' AND o.status <> 'completed' $$, 'UPDATE', $$ status = 'completed' $$, '{status}');

-- What is assigned is said at once; what is due, when its row is stamped for it, once for each stamp.
SELECT laurel_internal.tell('laurel.assigned_learning', $$
           SELECT n.organization_id, n.user_id, 'learning_assigned' AS type, 'To learn: ' || p.title AS title, '/learning/' || p.id AS link,
                  pg_catalog.jsonb_build_object('assigned_learning_id', n.id, 'learning_path_id', p.id, 'due_at', n.due_at, 'is_required', n.is_required) AS data,
                  pg_catalog.concat_ws(':', 'learning_assigned', n.id) AS key
           FROM new_rows n JOIN ONLY laurel.learning_paths p ON p.organization_id = n.organization_id AND p.id = n.learning_path_id
           WHERE n.status = 'assigned' AND n.cycle = 1 $$),
       laurel_internal.tell('laurel.assigned_learning', $$
           WITH said AS MATERIALIZED (
               SELECT n.*, o.next_notice_at AS planned, n.reminded_at IS NOT NULL AND n.reminded_at IS DISTINCT FROM o.reminded_at AS reminds,
                   n.overdue_told_at IS NOT NULL AND n.overdue_told_at IS DISTINCT FROM o.overdue_told_at AS is_overdue,
                   n.escalated_at IS NOT NULL AND n.escalated_at IS DISTINCT FROM o.escalated_at AS escalates
               FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.status = 'assigned'
           ), facts AS (
               SELECT s.*, s.user_id AS told, 'learning_due' AS type, 'Due soon: ' AS words FROM said s WHERE s.reminds
               UNION ALL SELECT s.*, s.user_id, 'learning_overdue', 'Overdue: ' FROM said s WHERE s.is_overdue
               UNION ALL SELECT s.*, m.user_id, 'learning_escalated', coalesce(pg_catalog.left(u.full_name, 100), u.email) || ' has not completed: '
               FROM said s JOIN ONLY laurel.users u ON u.id = s.user_id
                   JOIN ONLY laurel.user_organizations m ON m.organization_id = s.organization_id AND m.user_id = u.manager_id WHERE s.escalates
           )
           SELECT f.organization_id, f.told AS user_id, f.type, f.words || p.title AS title, '/learning/' || p.id AS link,
                  pg_catalog.jsonb_build_object('assigned_learning_id', f.id, 'learning_path_id', p.id, 'user_id', f.user_id, 'due_at', f.due_at, 'is_required', f.is_required) AS data,
                  pg_catalog.concat_ws(':', f.type, f.id, pg_catalog.date_part('epoch', f.planned)) AS key
           FROM facts f JOIN ONLY laurel.learning_paths p ON p.organization_id = f.organization_id AND p.id = f.learning_path_id $$, 'UPDATE');

-- What is open of what is assigned, and how assignments go: of whom the caller may see.
CREATE VIEW laurel.learning_due WITH (security_invoker = true) AS
SELECT g.id, g.organization_id, g.user_id, g.assignment_id, g.learning_path_id, p.title, g.is_required, g.cycle, g.due_at, coalesce(g.due_at <= now(), false) AS is_overdue,
    coalesce(r.status = 'completed', false) AS is_to_begin_anew, g.opens_at, CASE r.status WHEN 'in_progress' THEN r.progress_percentage ELSE 0 END AS progress_percentage
FROM ONLY laurel.assigned_learning g
JOIN ONLY laurel.learning_paths p ON p.organization_id = g.organization_id AND p.id = g.learning_path_id
LEFT JOIN ONLY laurel.learning_path_progress r ON r.organization_id = g.organization_id AND r.user_id = g.user_id AND r.learning_path_id = g.learning_path_id
WHERE g.status = 'assigned';

CREATE VIEW laurel.assignment_report WITH (security_invoker = true) AS
SELECT g.organization_id, g.assignment_id, g.learning_path_id, count(*) AS people,
    count(*) FILTER (WHERE g.status = 'completed' OR g.status = 'assigned' AND g.cycle > 1 AND (g.due_at <= now()) IS NOT TRUE) AS completed,
    count(*) FILTER (WHERE g.status = 'assigned' AND g.cycle = 1 AND (g.due_at <= now()) IS NOT TRUE) AS open,
    count(*) FILTER (WHERE g.status = 'assigned' AND g.due_at <= now()) AS overdue,
    count(*) FILTER (WHERE g.status = 'waived') AS waived
FROM ONLY laurel.assigned_learning g
WHERE g.status <> 'withdrawn' AND NOT EXISTS (SELECT FROM ONLY laurel.assigned_learning later WHERE later.organization_id = g.organization_id
    AND later.assignment_id = g.assignment_id AND later.user_id = g.user_id AND later.cycle = g.cycle + 1)
GROUP BY g.organization_id, g.assignment_id, g.learning_path_id;

-- Everybody sees what there is to learn; what is right is seen by who may change it. Learners enroll, answer and leave again what they
-- have not completed. Nobody chooses the id of a completion: ON CONFLICT (id) would show how answers to another module are graded.
SELECT laurel_internal.protect('laurel.learning_paths', 'catalogue', writes => '{
               "INSERT": "id, organization_id, title, description, difficulty_level, is_template, pays_again, status",
               "UPDATE": "title, description, difficulty_level, pays_again, status"}'),
       laurel_internal.protect('laurel.learning_modules', 'catalogue', writes => '{
               "INSERT": "id, organization_id, learning_path_id, position, title, description, content, quiz_questions, passing_score, max_attempts, attempt_cooldown, points_reward",
               "UPDATE": "position, title, description, content, quiz_questions, passing_score, max_attempts, attempt_cooldown, points_reward, status"}'),
       laurel_internal.protect('laurel.answer_keys', 'administrative', writes => '{"INSERT": "id, organization_id, module_id, keys", "UPDATE": "keys"}'),
       laurel_internal.protect('laurel.module_prerequisites', 'catalogue', commands => '{"administrators": "INSERT, DELETE"}',
           writes => '{"INSERT": "id, organization_id, module_id, requires_id"}'),
       laurel_internal.protect('laurel.learning_milestones', 'catalogue', writes => '{
               "INSERT": "id, organization_id, learning_path_id, title, description, module_id", "UPDATE": "title, description, module_id"}'),
       laurel_internal.protect('laurel.learning_path_progress', 'personal', others => $${"leavers": "user_id = laurel_internal.me() AND status <> 'completed'"}$$,
           commands => '{"self": "INSERT", "leavers": "DELETE", "administrators": "ALL"}', writes => '{
               "INSERT": "id, organization_id, user_id, learning_path_id", "UPDATE": "milestones_completed"}'),
       laurel_internal.protect('laurel.module_completions', 'personal', commands => '{"self": "INSERT, UPDATE", "administrators": "ALL"}', writes => '{
               "INSERT": "organization_id, user_id, module_id, status, answers, quiz_score, time_spent", "UPDATE": "status, answers, quiz_score, time_spent"}'),
       laurel_internal.member('laurel.learning_path_progress'), laurel_internal.member('laurel.module_completions');
SELECT laurel_internal.protect('laurel.path_certifications', 'personal', commands => '{}'),
       laurel_internal.protect('laurel.learning_assignments', 'administrative', writes => '{
               "INSERT": "id, organization_id, learning_path_id, audience, user_id, team_id, is_required, counts_before, due_at, due_after, remind_before, escalate_after, recertify_every, renew_before",
               "UPDATE": "is_required, due_at, due_after, remind_before, escalate_after, recertify_every, renew_before, status"}'),
       laurel_internal.protect('laurel.assigned_learning', 'personal', commands => '{"administrators": "UPDATE", "service_role": "SELECT, UPDATE, DELETE"}', writes => '{"UPDATE": "status, due_at"}'),
       laurel_internal.protect('laurel.learning_due', 'view'), laurel_internal.protect('laurel.assignment_report', 'view'),
       laurel_internal.member('laurel.path_certifications'), laurel_internal.member('laurel.learning_assignments'), laurel_internal.member('laurel.assigned_learning'),
       laurel_internal.member('laurel.learning_due');

SELECT laurel_internal.explain('laurel.learning_paths', 'What an organization teaches, module by module. Deleting one archives it: progress and completions are kept.', '{
    "title": "What it is called; 1 to 200 characters.",
    "description": "What it is about.",
    "difficulty_level": "beginner, intermediate or advanced.",
    "is_template": "Whether it is there to be copied: nobody takes a template, laurel.enroll makes a path of it. Never changed.",
    "template_id": "The template that it was made of; one path for each.",
    "pays_again": "Whether its modules pay their points again where it is done again after laurel.recertify(); false unless said.",
    "status": "draft, published (takes members) or archived (takes none; who is in it goes on).",
    "total_modules": "How many modules it has that are not archived; they alone write it.",
    "total_milestones": "How many milestones it has; they alone write it."}');
SELECT laurel_internal.explain('laurel.learning_modules', 'The modules of a path, in order. Deleting one archives it: who has completed it keeps that, and nobody needs it any more.', '{
    "learning_path_id": "The path; never changed.",
    "position": "Its place in the path, 1 to 10,000, of which it is the only module that is not archived. Two modules change places by way of a third.",
    "title": "What it is called; 1 to 200 characters.",
    "description": "What it is about.",
    "content": "What is to be learned, as the application shows it; an object.",
    "quiz_questions": "The questions, as learners see them: an array of objects with id, kind (single, multiple, true_false, numeric, text, order, match), text and what the application adds. What is right stands in answer_keys.",
    "passing_score": "From how many per cent on it is completed, 0 to 100.",
    "max_attempts": "How often a member may answer, 1 to 1,000; null for any number.",
    "attempt_cooldown": "How long to wait between two attempts, up to 30 days.",
    "points_reward": "Points for who completes it, 0 to 1,000,000.",
    "status": "active or archived."}');
SELECT laurel_internal.explain('laurel.answer_keys', 'What is right, where learners cannot read it. Answers to a module that has no keys are graded by administrators.', '{
    "module_id": "The module, one row each; never changed.",
    "keys": "An object with a key for each question''s id, such as {\"kind\": \"single\", \"right\": \"b\", \"points\": 2}; SELECT obj_description(''laurel_internal.check_answer_keys''::regproc) says all."}');
SELECT laurel_internal.explain('laurel.module_prerequisites', 'What must be completed before what, never round in a circle. A prerequisite that is archived counts as met.', '{
    "module_id": "The module that opens when the other is completed.",
    "requires_id": "The module that must be completed, of whatever path of the organization."}');
SELECT laurel_internal.explain('laurel.learning_milestones', 'Milestones of a path, which are half of its progress where it has modules too. One whose module is archived counts for those alone who have reached it.', '{
    "learning_path_id": "The path; never changed.",
    "title": "What it is called, unique in the path; 1 to 200 characters.",
    "description": "What it is about.",
    "module_id": "The module with which it is reached; null where administrators note it in learning_path_progress."}');
SELECT laurel_internal.explain('laurel.learning_path_progress', 'Who takes a path and how far he is: follows from what is completed, whatever writes. What is completed stays so when modules come, or when retention removes completions.', '{
    "learning_path_id": "The path; never changed.",
    "status": "in_progress, or completed: exactly at 100 per cent.",
    "progress_percentage": "Half for milestones and half for modules where the path has both, all of it where it has one, 0 where it has none. Stays 100.",
    "modules_completed": "The modules of the path that were completed ever. total_modules of the path minus those that are active is what is new to who has completed it.",
    "milestones_completed": "The milestones that were reached; administrators write those that no module reaches.",
    "started_date": "Since when.",
    "last_activity_date": "When a module was last begun, answered or completed.",
    "completed_date": "When it was completed; set then and only then."}');
SELECT laurel_internal.explain('laurel.module_completions', 'What a member does of a module, once each: begun, answered, completed. Answers are graded when they are written; who reaches passing_score has completed it, whatever writes, and gets the points once. Whoever completes a module takes its path. Deleted after two years; progress stays.', '{
    "user_id": "The member; never changed.",
    "module_id": "The module; never changed.",
    "learning_path_id": "The module''s path, from which it is filled in.",
    "status": "in_progress or completed, which is final. Modules with a quiz are completed by their score.",
    "answers": "The last answers: an object by the questions'' ids. Other answers than before are an attempt.",
    "quiz_score": "What they came to, 0 to 100 per cent; written by administrators where the module has no answer keys, and where they say so.",
    "attempts": "How often was answered.",
    "last_attempt_at": "When last.",
    "time_spent": "Seconds.",
    "points_earned": "points_reward of the module when it was completed; else 0.",
    "completed_date": "When it was completed; set then and only then."}');

SELECT laurel_internal.explain('laurel.path_certifications', 'What members had completed of a path before they began it anew by laurel.recertify(), one row each time. What is valid now stands in learning_path_progress.', '{
    "learning_path_id": "The path; never changed.",
    "cycle": "Which time it was, 1 for the first.",
    "started_at": "When it was begun.",
    "completed_at": "When it was completed.",
    "modules_completed": "The modules that were completed.",
    "milestones_completed": "The milestones that were reached.",
    "details": "How: an object by the modules'' ids with quiz_score, attempts, points_earned and completed_date, of the first 200 modules, where retention had left the completion."}');
SELECT laurel_internal.explain('laurel.learning_assignments', 'Paths that people are to complete. Everybody whom one is for has a row of assigned_learning, who joins later too. Deleting one withdraws it; so does archiving its path, or deleting its team.', '{
    "learning_path_id": "The path, which is published; never changed.",
    "audience": "Whom it is for: member (user_id), team (team_id: its members, and who joins it), everybody (all members, and who joins) or joiners (who joins from now on); never changed. One that is active for each path and audience.",
    "user_id": "The member; never changed.",
    "team_id": "The team; never changed.",
    "is_required": "Whether it must be done; else it is recommended.",
    "counts_before": "Whether who has completed the path before is done, where that is not longer ago than recertify_every.",
    "due_at": "By when; the later where there is due_after too, null in both for no time. A change moves what is open.",
    "due_after": "How long after it was assigned to the member, up to 10 years.",
    "remind_before": "How long before it is due members are reminded, up to 10 times, each up to a year; what lies before the assignment is left out.",
    "escalate_after": "How long after it was due the manager is told, up to a year; null for never. Who has no manager in the organization has nobody told.",
    "recertify_every": "After what time the path is to be completed again, 1 day to 100 years; null for never. Holds for what is completed from then on.",
    "renew_before": "How long before that the member may begin anew, shorter than recertify_every.",
    "status": "active or withdrawn, which is final.",
    "assigned_by": "By whom; null for the back end."}');
SELECT laurel_internal.explain('laurel.assigned_learning', 'What a member is to complete, one row for each assignment and time. Follows from assignments, memberships and progress, whatever writes them; administrators waive it, say that it was done elsewhere, or give more time. Goes with the membership.', '{
    "assignment_id": "The assignment; never changed.",
    "learning_path_id": "Its path.",
    "cycle": "Which time, 1 for the first.",
    "is_required": "As the assignment says.",
    "status": "assigned, completed (final: the next time is a row of its own), waived, or withdrawn: with its assignment, or because the member has left the team; who comes back has it again. Overdue is what is assigned and due_at gone by.",
    "assigned_at": "Since when.",
    "opens_at": "From when on the path may be begun anew for it; null for the first time: at once.",
    "due_at": "By when; null for no time.",
    "completed_at": "When the path was completed; set then and only then.",
    "reminded_at": "When the member was reminded last.",
    "overdue_told_at": "When the member was told that it is overdue.",
    "escalated_at": "When the manager was told.",
    "next_notice_at": "When there is something to be told next; written with the row."}');
SELECT laurel_internal.explain('laurel.learning_due', 'What is assigned and not completed, of oneself and those entrusted to the caller: filter it by user_id, and order it by due_at.', '{
    "id": "The row of assigned_learning.",
    "assignment_id": "The assignment.",
    "learning_path_id": "The path.",
    "title": "What it is called.",
    "is_required": "Whether it must be done; else it is recommended.",
    "cycle": "Which time, 1 for the first.",
    "due_at": "By when; null for no time.",
    "is_overdue": "Whether due_at has gone by.",
    "is_to_begin_anew": "Whether the path was completed before, so that laurel.recertify() begins it anew, from opens_at on.",
    "opens_at": "From when on; null for at once.",
    "progress_percentage": "How far the member is this time, 0 to 100."}');
SELECT laurel_internal.explain('laurel.assignment_report', 'How each assignment goes, counted over those whom the caller may see: managers count their direct reports, administrators everybody. What is withdrawn is not counted.', '{
    "assignment_id": "The assignment.",
    "learning_path_id": "Its path.",
    "people": "Whom it is for: the sum of the others.",
    "completed": "Who has completed the path, also where it is due again later.",
    "open": "Who has not, and has time.",
    "overdue": "Who has not, or not again, and has no time left.",
    "waived": "Who need not."}');

-- Down Migration

DROP TRIGGER b_assign_joiners ON laurel.user_organizations;
DROP TRIGGER b_assign_teammates ON laurel.team_memberships;
DROP TRIGGER b_release_teammates ON laurel.team_memberships;
DROP FUNCTION laurel.member(laurel.path_certifications), laurel.member(laurel.learning_assignments), laurel.member(laurel.assigned_learning), laurel.member(laurel.learning_due);
DROP VIEW laurel.learning_due, laurel.assignment_report;
DROP TABLE laurel.assigned_learning, laurel.learning_assignments;
DROP FUNCTION laurel.member(laurel.learning_path_progress), laurel.member(laurel.module_completions);
DROP TABLE laurel.path_certifications, laurel.module_completions, laurel.learning_path_progress, laurel.learning_milestones, laurel.module_prerequisites, laurel.answer_keys, laurel.learning_modules,
    laurel.learning_paths;
DELETE FROM ONLY laurel.reference_types WHERE name IN ('Module', 'LearningPath');
DELETE FROM ONLY laurel.jobs WHERE name = 'learning';
