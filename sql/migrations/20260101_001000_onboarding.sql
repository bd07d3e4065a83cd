-- Up Migration
-- Onboarding: what new members go through, who does what for them until when, and how it went.

CREATE TABLE laurel.working_calendars (
    organization_id uuid CONSTRAINT working_calendars_pkey PRIMARY KEY CONSTRAINT working_calendars_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    working_days integer[] NOT NULL DEFAULT '{1,2,3,4,5}' CONSTRAINT working_calendars_working_days_check
        CHECK (cardinality(working_days) >= 1 AND cardinality(working_days) <= 7 AND working_days <@ '{1,2,3,4,5,6,7}'::integer[]),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE laurel.holidays (
    id uuid CONSTRAINT holidays_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT holidays_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    date date NOT NULL CONSTRAINT holidays_date_check CHECK (date BETWEEN '2000-01-01' AND '2199-12-31'),
    name text CONSTRAINT holidays_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT holidays_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT holidays_date_key UNIQUE (organization_id, date)
);

CREATE TABLE laurel.onboarding_templates (
    id uuid CONSTRAINT onboarding_templates_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT onboarding_templates_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT onboarding_templates_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    description text CONSTRAINT onboarding_templates_description_check CHECK (char_length(description) <= 20000),
    status text NOT NULL DEFAULT 'active',
    is_automatic boolean NOT NULL DEFAULT false,
    department text CONSTRAINT onboarding_templates_department_check CHECK (char_length(department) BETWEEN 1 AND 100),
    it_member_id uuid,
    duration_days integer NOT NULL DEFAULT 30 CONSTRAINT onboarding_templates_duration_days_check CHECK (duration_days BETWEEN 1 AND 365),
    check_in_days integer[] NOT NULL DEFAULT '{30,60,90}' CONSTRAINT onboarding_templates_check_in_days_check
        CHECK (cardinality(check_in_days) <= 12 AND array_position(check_in_days, NULL) IS NULL AND 1 <= ALL (check_in_days) AND 365 >= ALL (check_in_days)),
    remind_before_working_days integer NOT NULL DEFAULT 1 CONSTRAINT onboarding_templates_remind_before_working_days_check CHECK (remind_before_working_days BETWEEN 0 AND 30),
    escalate_after_working_days integer DEFAULT 3 CONSTRAINT onboarding_templates_escalate_after_working_days_check CHECK (escalate_after_working_days BETWEEN 1 AND 60),
    points_reward bigint NOT NULL DEFAULT 0 CONSTRAINT onboarding_templates_points_reward_check CHECK (points_reward BETWEEN 0 AND 1000000),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT onboarding_templates_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT onboarding_templates_name_key UNIQUE (organization_id, name),
    CONSTRAINT onboarding_templates_it_member_id_fkey FOREIGN KEY (organization_id, it_member_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (it_member_id)
);
-- What begins when somebody joins: one for all, and one for each department.
CREATE UNIQUE INDEX onboarding_templates_automatic_key ON laurel.onboarding_templates (organization_id, coalesce(department, '')) WHERE is_automatic AND status = 'active';
-- What a member does for others.
CREATE INDEX onboarding_templates_it_member_id_idx ON laurel.onboarding_templates (it_member_id, organization_id);

CREATE TABLE laurel.onboarding_template_tasks (
    id uuid CONSTRAINT onboarding_template_tasks_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    template_id uuid NOT NULL,
    position integer NOT NULL CONSTRAINT onboarding_template_tasks_position_check CHECK (position BETWEEN 1 AND 10000),
    title text NOT NULL CONSTRAINT onboarding_template_tasks_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CONSTRAINT onboarding_template_tasks_description_check CHECK (char_length(description) <= 20000),
    owner_role text NOT NULL DEFAULT 'new_hire' CONSTRAINT onboarding_template_tasks_owner_role_check CHECK (owner_role IN ('new_hire', 'manager', 'buddy', 'it')),
    due_after_working_days integer NOT NULL DEFAULT 0 CONSTRAINT onboarding_template_tasks_due_after_working_days_check CHECK (due_after_working_days BETWEEN -60 AND 260),
    is_required boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT onboarding_template_tasks_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT onboarding_template_tasks_template_key UNIQUE (organization_id, template_id, id),
    CONSTRAINT onboarding_template_tasks_position_key UNIQUE (organization_id, template_id, position),
    CONSTRAINT onboarding_template_tasks_template_id_fkey FOREIGN KEY (organization_id, template_id) REFERENCES laurel.onboarding_templates (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE laurel.onboarding_task_dependencies (
    id uuid CONSTRAINT onboarding_task_dependencies_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    template_id uuid NOT NULL DEFAULT laurel_internal.assigned()::uuid,
    task_id uuid NOT NULL,
    requires_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT onboarding_task_dependencies_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT onboarding_task_dependencies_task_id_requires_id_key UNIQUE (organization_id, task_id, requires_id),
    CONSTRAINT onboarding_task_dependencies_task_id_fkey FOREIGN KEY (organization_id, task_id) REFERENCES laurel.onboarding_template_tasks (organization_id, id) ON DELETE CASCADE,
    -- Both are tasks of one template.
    CONSTRAINT onboarding_task_dependencies_requires_id_fkey FOREIGN KEY (organization_id, template_id, requires_id)
        REFERENCES laurel.onboarding_template_tasks (organization_id, template_id, id) ON DELETE CASCADE
);
-- What waits for a task.
CREATE INDEX onboarding_task_dependencies_requires_id_idx ON laurel.onboarding_task_dependencies (organization_id, template_id, requires_id);

CREATE TABLE laurel.user_onboardings (
    id uuid CONSTRAINT user_onboardings_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    template_id uuid NOT NULL,
    assigned_buddy_id uuid CONSTRAINT user_onboardings_assigned_buddy_id_check CHECK (assigned_buddy_id <> user_id),
    manager_id uuid CONSTRAINT user_onboardings_manager_id_check CHECK (manager_id <> user_id),
    status text NOT NULL DEFAULT 'active',
    start_date date NOT NULL DEFAULT laurel_internal.assigned()::date CONSTRAINT user_onboardings_start_date_check CHECK (start_date BETWEEN '2000-01-01' AND '2199-12-31'),
    duration_days integer NOT NULL DEFAULT laurel_internal.assigned()::integer CONSTRAINT user_onboardings_duration_days_check CHECK (duration_days BETWEEN 1 AND 365),
    tasks_open bigint NOT NULL DEFAULT 0 CONSTRAINT user_onboardings_tasks_open_check CHECK (tasks_open >= 0),
    tasks_done bigint NOT NULL DEFAULT 0 CONSTRAINT user_onboardings_tasks_done_check CHECK (tasks_done >= 0),
    progress_percentage numeric(5,2) NOT NULL GENERATED ALWAYS AS (CASE WHEN tasks_done = 0 THEN 0 ELSE trunc(tasks_done * 100.0 / (tasks_done + tasks_open), 2) END) STORED,
    completed_at timestamptz,
    cancelled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_onboardings_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT user_onboardings_user_id_key UNIQUE (organization_id, user_id),
    CONSTRAINT user_onboardings_completed_at_check CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
    CONSTRAINT user_onboardings_cancelled_at_check CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
    CONSTRAINT user_onboardings_completed_check CHECK (status <> 'completed' OR tasks_open = 0),
    CONSTRAINT user_onboardings_template_id_fkey FOREIGN KEY (organization_id, template_id) REFERENCES laurel.onboarding_templates (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT user_onboardings_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT user_onboardings_assigned_buddy_id_fkey FOREIGN KEY (organization_id, assigned_buddy_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (assigned_buddy_id),
    CONSTRAINT user_onboardings_manager_id_fkey FOREIGN KEY (organization_id, manager_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (manager_id)
) WITH (fillfactor = 80);
-- A member's own; whom a buddy or a manager looks after; who goes through a template; where the job has to look.
CREATE INDEX user_onboardings_user_id_idx ON laurel.user_onboardings (user_id, organization_id);
CREATE INDEX user_onboardings_assigned_buddy_id_idx ON laurel.user_onboardings (assigned_buddy_id, organization_id);
CREATE INDEX user_onboardings_manager_id_idx ON laurel.user_onboardings (manager_id, organization_id);
CREATE INDEX user_onboardings_template_id_idx ON laurel.user_onboardings (organization_id, template_id);
CREATE INDEX user_onboardings_active_idx ON laurel.user_onboardings (organization_id) WHERE status = 'active';

CREATE TABLE laurel.onboarding_tasks (
    id uuid CONSTRAINT onboarding_tasks_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    onboarding_id uuid NOT NULL,
    user_id uuid NOT NULL DEFAULT laurel_internal.assigned()::uuid,
    template_task_id uuid,
    position integer NOT NULL DEFAULT 10000 CONSTRAINT onboarding_tasks_position_check CHECK (position BETWEEN 1 AND 10000),
    title text NOT NULL CONSTRAINT onboarding_tasks_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CONSTRAINT onboarding_tasks_description_check CHECK (char_length(description) <= 20000),
    owner_role text NOT NULL DEFAULT 'new_hire' CONSTRAINT onboarding_tasks_owner_role_check CHECK (owner_role IN ('new_hire', 'manager', 'buddy', 'it')),
    assignee_id uuid,
    due_on date NOT NULL CONSTRAINT onboarding_tasks_due_on_check CHECK (due_on BETWEEN '1999-01-01' AND '2210-12-31'),
    is_required boolean NOT NULL DEFAULT true,
    requires_ids uuid[] NOT NULL DEFAULT '{}' CONSTRAINT onboarding_tasks_requires_ids_check CHECK (cardinality(requires_ids) <= 1000 AND array_position(requires_ids, NULL) IS NULL AND id <> ALL (requires_ids)),
    status text NOT NULL DEFAULT 'pending',
    note text CONSTRAINT onboarding_tasks_note_check CHECK (char_length(note) <= 5000),
    completed_by uuid,
    completed_at timestamptz,
    reminded_at timestamptz,
    overdue_at timestamptz,
    escalated_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT onboarding_tasks_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT onboarding_tasks_completed_at_check CHECK ((status = 'pending') = (completed_at IS NULL)),
    CONSTRAINT onboarding_tasks_completed_by_check CHECK (status <> 'pending' OR completed_by IS NULL),
    CONSTRAINT onboarding_tasks_onboarding_id_fkey FOREIGN KEY (organization_id, onboarding_id) REFERENCES laurel.user_onboardings (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT onboarding_tasks_template_task_id_fkey FOREIGN KEY (organization_id, template_task_id)
        REFERENCES laurel.onboarding_template_tasks (organization_id, id) ON DELETE SET NULL (template_task_id),
    CONSTRAINT onboarding_tasks_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT onboarding_tasks_assignee_id_fkey FOREIGN KEY (organization_id, assignee_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (assignee_id),
    CONSTRAINT onboarding_tasks_completed_by_fkey FOREIGN KEY (organization_id, completed_by)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (completed_by)
) WITH (fillfactor = 80);
-- The tasks of an onboarding in order; a new hire's; what is left to do for whom, and what nobody does; what a task of a template has
-- become; what somebody has done.
CREATE INDEX onboarding_tasks_onboarding_id_idx ON laurel.onboarding_tasks (organization_id, onboarding_id, position);
CREATE INDEX onboarding_tasks_user_id_idx ON laurel.onboarding_tasks (user_id, organization_id);
CREATE INDEX onboarding_tasks_assignee_id_idx ON laurel.onboarding_tasks (assignee_id, organization_id, due_on);
CREATE INDEX onboarding_tasks_template_task_id_idx ON laurel.onboarding_tasks (organization_id, template_task_id);
CREATE INDEX onboarding_tasks_completed_by_idx ON laurel.onboarding_tasks (completed_by, organization_id);
-- What is due, for the job.
CREATE INDEX onboarding_tasks_due_on_idx ON laurel.onboarding_tasks (organization_id, due_on) WHERE status = 'pending' AND escalated_at IS NULL;

CREATE TABLE laurel.onboarding_check_ins (
    id uuid CONSTRAINT onboarding_check_ins_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    onboarding_id uuid NOT NULL,
    user_id uuid NOT NULL DEFAULT laurel_internal.assigned()::uuid,
    assignee_id uuid,
    day integer NOT NULL CONSTRAINT onboarding_check_ins_day_check CHECK (day BETWEEN 1 AND 365),
    scheduled_on date NOT NULL CONSTRAINT onboarding_check_ins_scheduled_on_check CHECK (scheduled_on BETWEEN '2000-01-01' AND '2210-12-31'),
    status text NOT NULL DEFAULT 'scheduled',
    held_at timestamptz,
    new_hire_rating smallint CONSTRAINT onboarding_check_ins_new_hire_rating_check CHECK (new_hire_rating BETWEEN 1 AND 5),
    new_hire_notes text CONSTRAINT onboarding_check_ins_new_hire_notes_check CHECK (char_length(new_hire_notes) <= 5000),
    manager_rating smallint CONSTRAINT onboarding_check_ins_manager_rating_check CHECK (manager_rating BETWEEN 1 AND 5),
    manager_notes text CONSTRAINT onboarding_check_ins_manager_notes_check CHECK (char_length(manager_notes) <= 5000),
    told_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT onboarding_check_ins_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT onboarding_check_ins_day_key UNIQUE (organization_id, onboarding_id, day),
    CONSTRAINT onboarding_check_ins_held_at_check CHECK ((status = 'held') = (held_at IS NOT NULL)),
    CONSTRAINT onboarding_check_ins_onboarding_id_fkey FOREIGN KEY (organization_id, onboarding_id) REFERENCES laurel.user_onboardings (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT onboarding_check_ins_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT onboarding_check_ins_assignee_id_fkey FOREIGN KEY (organization_id, assignee_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (assignee_id)
);
-- A new hire's; those somebody holds; what is due, for the job.
CREATE INDEX onboarding_check_ins_user_id_idx ON laurel.onboarding_check_ins (user_id, organization_id);
CREATE INDEX onboarding_check_ins_assignee_id_idx ON laurel.onboarding_check_ins (assignee_id, organization_id, scheduled_on);
CREATE INDEX onboarding_check_ins_scheduled_on_idx ON laurel.onboarding_check_ins (organization_id, scheduled_on) WHERE status = 'scheduled' AND told_at IS NULL;

INSERT INTO laurel.reference_types (name, table_name) VALUES ('Onboarding', 'laurel.user_onboardings');
INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES
    ('onboarding', 'Reminds of onboarding tasks that are due or late, and of check-ins.', '15 * * * *', 'SELECT laurel.remind_onboarding()', '10 minutes');

SELECT laurel_internal.belongs('laurel.onboarding_template_tasks', 'template_id', 'laurel.onboarding_templates'),
       laurel_internal.belongs('laurel.onboarding_task_dependencies', 'task_id', 'laurel.onboarding_template_tasks', copies => '{template_id}'),
       laurel_internal.belongs('laurel.user_onboardings', 'template_id', 'laurel.onboarding_templates', copies => '{duration_days}', required => $$ status = 'active' $$),
       laurel_internal.belongs('laurel.onboarding_tasks', 'onboarding_id', 'laurel.user_onboardings', copies => '{user_id}', required => $$ status = 'active' $$),
       laurel_internal.belongs('laurel.onboarding_check_ins', 'onboarding_id', 'laurel.user_onboardings', copies => '{user_id}', required => $$ status <> 'cancelled' $$),
       laurel_internal.add_tenant_triggers('laurel.working_calendars'), laurel_internal.add_tenant_triggers('laurel.holidays'),
       laurel_internal.add_tenant_triggers('laurel.onboarding_templates'), laurel_internal.add_tenant_triggers('laurel.onboarding_template_tasks'),
       laurel_internal.add_tenant_triggers('laurel.onboarding_task_dependencies'), laurel_internal.add_tenant_triggers('laurel.user_onboardings'),
       laurel_internal.add_tenant_triggers('laurel.onboarding_tasks'), laurel_internal.add_tenant_triggers('laurel.onboarding_check_ins'),
       laurel_internal.keep('laurel.onboarding_template_tasks', 'template_id'), laurel_internal.keep('laurel.onboarding_task_dependencies', 'task_id', 'requires_id', 'template_id'),
       laurel_internal.keep('laurel.user_onboardings', 'user_id', 'template_id', 'start_date', 'duration_days', 'created_at'),
       laurel_internal.keep('laurel.onboarding_tasks', 'onboarding_id', 'user_id', 'owner_role', 'requires_ids', 'created_at'),
       laurel_internal.keep('laurel.onboarding_check_ins', 'onboarding_id', 'user_id', 'day'),
       laurel_internal.acyclic('laurel.onboarding_task_dependencies', 'task_id', 'requires_id'),
       laurel_internal.counts('laurel.user_onboardings', 'tasks_open', 'laurel.onboarding_tasks', 'onboarding_id', $$ is_required AND status = 'pending' $$),
       laurel_internal.counts('laurel.user_onboardings', 'tasks_done', 'laurel.onboarding_tasks', 'onboarding_id', $$ is_required AND status <> 'pending' $$),
       laurel_internal.states('laurel.onboarding_templates', 'status', '{"active": ["archived"], "archived": ["active"]}'),
       laurel_internal.states('laurel.user_onboardings', 'status', '{"active": ["completed", "cancelled"], "completed": [], "cancelled": []}',
           '{"completed": "completed_at", "cancelled": "cancelled_at"}'),
       laurel_internal.states('laurel.onboarding_tasks', 'status', '{"pending": ["done", "skipped"], "done": ["pending"], "skipped": ["pending"]}',
           '{"done": "completed_at", "skipped": "completed_at"}'),
       laurel_internal.states('laurel.onboarding_check_ins', 'status', '{"scheduled": ["held", "skipped"], "held": [], "skipped": ["scheduled"]}', '{"held": "held_at"}'),
       laurel_internal.archive_instead('laurel.onboarding_templates', 'status', 'archived');

-- Who joins begins what begins by itself; what begins is planned; whoever comes to look after somebody takes over what is left.
CREATE TRIGGER start_onboardings AFTER INSERT ON laurel.user_organizations REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.start_onboardings();
CREATE TRIGGER follow_manager AFTER UPDATE ON laurel.users FOR EACH ROW WHEN (OLD.manager_id IS DISTINCT FROM NEW.manager_id)
    EXECUTE FUNCTION laurel_internal.follow_manager();
CREATE TRIGGER c_fill_onboarding BEFORE INSERT ON laurel.user_onboardings FOR EACH ROW EXECUTE FUNCTION laurel_internal.fill_onboarding();
CREATE TRIGGER plan_onboarding AFTER INSERT ON laurel.user_onboardings REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.plan_onboarding();
CREATE TRIGGER reassign_tasks AFTER UPDATE ON laurel.user_onboardings FOR EACH ROW
    WHEN (NEW.status = 'active' AND (OLD.manager_id IS DISTINCT FROM NEW.manager_id OR OLD.assigned_buddy_id IS DISTINCT FROM NEW.assigned_buddy_id))
    EXECUTE FUNCTION laurel_internal.reassign_tasks();
-- The last required task completes an onboarding.
CREATE TRIGGER c_complete_onboarding BEFORE UPDATE ON laurel.user_onboardings FOR EACH ROW
    WHEN (OLD.status = 'active' AND NEW.status = 'active' AND NEW.tasks_open = 0 AND NEW.tasks_done > 0 AND (OLD.tasks_open <> 0 OR OLD.tasks_done <> NEW.tasks_done))
    EXECUTE FUNCTION laurel_internal.complete_onboarding();
-- What comes first is done first.
CREATE TRIGGER c_settle_task BEFORE UPDATE ON laurel.onboarding_tasks FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION laurel_internal.settle_task();
CREATE TRIGGER c_remind_anew BEFORE UPDATE ON laurel.onboarding_tasks FOR EACH ROW
    WHEN (OLD.assignee_id IS DISTINCT FROM NEW.assignee_id OR OLD.due_on IS DISTINCT FROM NEW.due_on) EXECUTE FUNCTION laurel_internal.remind_anew();
CREATE TRIGGER check_task_order AFTER UPDATE ON laurel.onboarding_tasks REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.check_task_order();
CREATE TRIGGER hold_task AFTER UPDATE ON laurel.onboarding_tasks FOR EACH ROW
    WHEN (OLD.assignee_id IS DISTINCT FROM NEW.assignee_id OR OLD.due_on IS DISTINCT FROM NEW.due_on OR OLD.position IS DISTINCT FROM NEW.position
        OR OLD.title IS DISTINCT FROM NEW.title OR OLD.description IS DISTINCT FROM NEW.description OR OLD.is_required IS DISTINCT FROM NEW.is_required)
    EXECUTE FUNCTION laurel_internal.hold_plan();
CREATE TRIGGER hold_check_in AFTER UPDATE ON laurel.onboarding_check_ins FOR EACH ROW
    WHEN (OLD.assignee_id IS DISTINCT FROM NEW.assignee_id OR OLD.scheduled_on IS DISTINCT FROM NEW.scheduled_on)
    EXECUTE FUNCTION laurel_internal.hold_plan();
CREATE TRIGGER hold_new_hire_words AFTER UPDATE ON laurel.onboarding_check_ins FOR EACH ROW
    WHEN (OLD.new_hire_rating IS DISTINCT FROM NEW.new_hire_rating OR OLD.new_hire_notes IS DISTINCT FROM NEW.new_hire_notes)
    EXECUTE FUNCTION laurel_internal.hold_words('user_id');
CREATE TRIGGER hold_manager_words AFTER UPDATE ON laurel.onboarding_check_ins FOR EACH ROW
    WHEN (OLD.manager_rating IS DISTINCT FROM NEW.manager_rating OR OLD.manager_notes IS DISTINCT FROM NEW.manager_notes
        OR OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION laurel_internal.hold_words('assignee_id');

SELECT laurel_internal.tell('laurel.user_onboardings', $$
           SELECT n.organization_id, n.user_id, 'onboarding_started' AS type, n.id, 'Your onboarding begins: ' || t.name AS title, '/onboarding/' || n.id AS link,
                  pg_catalog.jsonb_build_object('onboarding_id', n.id, 'template_id', t.id, 'start_date', n.start_date) AS data
           FROM new_rows n JOIN ONLY laurel.onboarding_templates t ON t.organization_id = n.organization_id AND t.id = n.template_id WHERE n.status = 'active' $$),
       -- Paid once for each member and template, whatever becomes of the row.
       laurel_internal.tell('laurel.user_onboardings', $$
           SELECT n.organization_id, n.user_id, 'onboarding_completed' AS type, 'You completed your onboarding: ' || t.name AS title, '/onboarding/' || n.id AS link,
                  pg_catalog.jsonb_build_object('onboarding_id', n.id, 'template_id', t.id) AS data, t.points_reward AS points, 'Onboarding' AS reference_type, n.id AS reference_id,
                  pg_catalog.left('Completed: ' || t.name, 200) AS reason, pg_catalog.concat_ws(':', 'onboarding_completed', t.id, n.user_id) AS key
           FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN ONLY laurel.onboarding_templates t ON t.organization_id = n.organization_id AND t.id = n.template_id
           WHERE n.status = 'completed' AND o.status <> 'completed'
           UNION ALL
           SELECT n.organization_id, n.manager_id, 'onboarding_completed_by_report', 'An onboarding is completed: ' || t.name, '/onboarding/' || n.id,
                  pg_catalog.jsonb_build_object('onboarding_id', n.id, 'user_id', n.user_id), 0, NULL, NULL, NULL, pg_catalog.concat_ws(':', 'onboarding_completed_by_report', n.id, n.manager_id)
           FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN ONLY laurel.onboarding_templates t ON t.organization_id = n.organization_id AND t.id = n.template_id
           WHERE n.status = 'completed' AND o.status <> 'completed' $$, 'UPDATE'),
       -- New hires hear of their tasks when the onboarding begins.
       laurel_internal.tell('laurel.onboarding_tasks', $$
           SELECT n.organization_id, n.assignee_id AS user_id, 'onboarding_tasks_assigned' AS type, 'Tasks for a new colleague: ' || pg_catalog.count(*) AS title, '/onboarding/' || n.onboarding_id AS link,
                  pg_catalog.jsonb_build_object('onboarding_id', n.onboarding_id, 'user_id', n.user_id, 'tasks', pg_catalog.count(*)) AS data,
                  pg_catalog.concat_ws(':', 'onboarding_tasks_assigned', pg_catalog.min(n.id::text), n.assignee_id) AS key
           FROM new_rows n WHERE n.status = 'pending' AND n.assignee_id <> n.user_id GROUP BY n.organization_id, n.onboarding_id, n.user_id, n.assignee_id $$),
       laurel_internal.tell('laurel.onboarding_tasks', $$
           WITH changed AS MATERIALIZED (
               SELECT n.*, o.assignee_id AS was, n.reminded_at IS NOT NULL AND o.reminded_at IS NULL AS is_due, n.overdue_at IS NOT NULL AND o.overdue_at IS NULL AS is_overdue,
                      n.escalated_at IS NOT NULL AND o.escalated_at IS NULL AS is_escalated
               FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.status = 'pending'
           ), said AS (
               SELECT c.organization_id, c.assignee_id AS user_id, 'onboarding_task_' || CASE WHEN c.is_overdue THEN 'overdue' ELSE 'due' END AS type,
                      CASE WHEN c.is_overdue THEN 'Overdue since ' ELSE 'Due on ' END || c.due_on || ': ' || c.title AS title, c.onboarding_id, c.user_id AS new_hire, c.id, c.due_on
               FROM changed c WHERE c.is_due OR c.is_overdue
               UNION ALL
               SELECT c.organization_id, u.manager_id, 'onboarding_task_escalated', 'Not done since ' || c.due_on || ': ' || c.title, c.onboarding_id, c.user_id, c.id, c.due_on
               FROM changed c JOIN ONLY laurel.user_onboardings u ON u.organization_id = c.organization_id AND u.id = c.onboarding_id
               WHERE c.is_escalated AND u.manager_id IS DISTINCT FROM c.assignee_id
               UNION ALL
               SELECT c.organization_id, c.assignee_id, 'onboarding_tasks_assigned', 'Tasks for a new colleague: ' || pg_catalog.count(*), c.onboarding_id, c.user_id, pg_catalog.min(c.id::text)::uuid, NULL
               FROM changed c WHERE c.assignee_id IS DISTINCT FROM c.was AND c.assignee_id <> c.user_id GROUP BY c.organization_id, c.onboarding_id, c.user_id, c.assignee_id
           ) SELECT s.organization_id, s.user_id, s.type, s.title, '/onboarding/' || s.onboarding_id AS link, pg_catalog.concat_ws(':', s.type, s.id, s.user_id, s.due_on) AS key,
                    pg_catalog.jsonb_build_object('onboarding_id', s.onboarding_id, 'task_id', s.id, 'user_id', s.new_hire, 'due_on', s.due_on) AS data FROM said s $$, 'UPDATE'),
       laurel_internal.tell('laurel.onboarding_check_ins', $$
           SELECT n.organization_id, p.user_id, 'onboarding_check_in' AS type, 'Check-in after ' || n.day || ' days' AS title, '/onboarding/' || n.onboarding_id AS link,
                  pg_catalog.concat_ws(':', 'onboarding_check_in', n.id, p.user_id) AS key,
                  pg_catalog.jsonb_build_object('onboarding_id', n.onboarding_id, 'check_in_id', n.id, 'user_id', n.user_id, 'scheduled_on', n.scheduled_on) AS data
           FROM new_rows n JOIN old_rows o ON o.id = n.id CROSS JOIN LATERAL (SELECT n.user_id UNION SELECT n.assignee_id) p (user_id)
           WHERE n.told_at IS NOT NULL AND o.told_at IS NULL $$, 'UPDATE');

-- Everybody sees what there is to go through and when people work. A new hire sees all of the own onboarding, who looks after it that there is
-- one, and the tasks that are theirs; the rest by laurel.onboarding_plan(). Administrators start, change and
-- cancel. What is said at check-ins is for the two and administrators, not for trainers.
SELECT laurel_internal.protect('laurel.working_calendars', 'catalogue'), laurel_internal.protect('laurel.holidays', 'catalogue'),
       laurel_internal.protect('laurel.onboarding_templates', 'catalogue', writes => '{
               "INSERT": "id, organization_id, name, description, is_automatic, department, it_member_id, duration_days, check_in_days, remind_before_working_days, escalate_after_working_days, points_reward",
               "UPDATE": "name, description, status, is_automatic, department, it_member_id, duration_days, check_in_days, remind_before_working_days, escalate_after_working_days, points_reward"}'),
       laurel_internal.protect('laurel.onboarding_template_tasks', 'catalogue', writes => '{
               "INSERT": "id, organization_id, template_id, position, title, description, owner_role, due_after_working_days, is_required",
               "UPDATE": "position, title, description, owner_role, due_after_working_days, is_required"}'),
       laurel_internal.protect('laurel.onboarding_task_dependencies', 'catalogue', commands => '{"administrators": "INSERT, DELETE"}',
           writes => '{"INSERT": "id, organization_id, task_id, requires_id"}'),
       laurel_internal.protect('laurel.user_onboardings', 'personal', others => '{"companions": "manager_id = laurel_internal.me() OR assigned_buddy_id = laurel_internal.me()"}',
           commands => '{"companions": "SELECT", "administrators": "UPDATE"}', writes => '{"UPDATE": "assigned_buddy_id, manager_id, status"}'),
       laurel_internal.protect('laurel.onboarding_tasks', 'personal', others => '{"assignees": "assignee_id = laurel_internal.me()"}',
           commands => '{"assignees": "SELECT, UPDATE", "administrators": "ALL"}', writes => '{
               "INSERT": "id, organization_id, onboarding_id, position, title, description, owner_role, assignee_id, due_on, is_required",
               "UPDATE": "status, note, assignee_id, due_on, position, title, description, is_required"}'),
       laurel_internal.protect('laurel.onboarding_check_ins', 'private', others => '{"holders": "assignee_id = laurel_internal.me()", "leaders": "laurel.administers(organization_id)"}',
           commands => '{"self": "UPDATE", "holders": "SELECT, UPDATE", "leaders": "SELECT", "administrators": "INSERT, UPDATE, DELETE"}', writes => '{
               "INSERT": "id, organization_id, onboarding_id, assignee_id, day, scheduled_on",
               "UPDATE": "status, scheduled_on, assignee_id, new_hire_rating, new_hire_notes, manager_rating, manager_notes"}'),
       laurel_internal.member('laurel.user_onboardings'), laurel_internal.member('laurel.onboarding_tasks'), laurel_internal.member('laurel.onboarding_check_ins');

SELECT laurel_internal.explain('laurel.working_calendars', 'On which days of the week an organization works; from Monday to Friday where it has no row.', '{
    "working_days": "Days of the week, 1 Monday to 7 Sunday; one at least."}');
SELECT laurel_internal.explain('laurel.holidays', 'Days on which an organization does not work although it would.', '{
    "date": "The day, from 2000 to 2199; once each.",
    "name": "What it is called."}');
SELECT laurel_internal.explain('laurel.onboarding_templates', 'What new members go through. Deleting one archives it: who has begun goes on.', '{
    "name": "What it is called, unique in the organization; 1 to 200 characters.",
    "description": "What it is for.",
    "status": "active, or archived: then nobody begins it any more.",
    "is_automatic": "Whether it begins when somebody joins the organization; one that is active for each department, and one for the others.",
    "department": "Whose members it begins for by itself, as users.department says; null for all who have none of their own.",
    "it_member_id": "Who does the tasks of the role it; null leaves them to administrators.",
    "duration_days": "How many days it lasts, 1 to 365.",
    "check_in_days": "After how many days new hire and manager talk about how it goes: up to 12 numbers from 1 to 365.",
    "remind_before_working_days": "How many working days ahead those who have a task are reminded, 0 to 30.",
    "escalate_after_working_days": "After how many working days of delay the manager hears of it, 1 to 60; null for never.",
    "points_reward": "Points for who completes it, once, 0 to 1,000,000."}');
SELECT laurel_internal.explain('laurel.onboarding_template_tasks', 'The tasks of a template. What has begun keeps those it began with.', '{
    "template_id": "The template; never changed.",
    "position": "Its place in the template, 1 to 10,000, of which it is the only task. Two tasks change places by way of a third one.",
    "title": "What is to be done; 1 to 200 characters.",
    "description": "How it is done.",
    "owner_role": "Who does it: new_hire, manager, buddy or it.",
    "due_after_working_days": "When it is due, in working days of the organization from the start on, -60 to 260; 0 is the first working day.",
    "is_required": "Whether the onboarding is completed only with it."}');
SELECT laurel_internal.explain('laurel.onboarding_task_dependencies', 'Which tasks of a template are done first; never round in a circle.', '{
    "template_id": "The template of both; taken from the task.",
    "task_id": "The task that waits; never changed.",
    "requires_id": "The task that is done first; never changed."}');
SELECT laurel_internal.explain('laurel.user_onboardings', 'What a new member goes through: one for each. The last required task completes it.', '{
    "template_id": "What it is made of; never changed.",
    "assigned_buddy_id": "Who accompanies the new member: sees this row and the plan, and does the tasks of buddies. Null once he or she has left.",
    "manager_id": "Who is responsible: sees this row and the plan, does the tasks of managers, holds the check-ins. Of the user where not said, and follows it then. Null once he or she has left.",
    "status": "active, completed or cancelled; the last two are final.",
    "start_date": "Its first day; by the clock of the organization today, or the day of joining, where not said. Never changed.",
    "duration_days": "How many days it lasts, from the template.",
    "tasks_open": "How many required tasks are left: exactly the rows of onboarding_tasks, which alone write it.",
    "tasks_done": "How many required tasks are done or skipped, in the same way.",
    "progress_percentage": "What part of the required tasks is done, in per cent, cut to two digits; 0 without any.",
    "completed_at": "When it was completed; set then and only then.",
    "cancelled_at": "When it was cancelled; set then and only then."}');
SELECT laurel_internal.explain('laurel.onboarding_tasks', 'The tasks of an onboarding, as they were in its template when it began, and what was added.', '{
    "onboarding_id": "The onboarding, which is active when a task comes to it; never changed.",
    "user_id": "The new member; taken from the onboarding.",
    "template_task_id": "What it was made of; null for one that was added, or whose template has it no more.",
    "position": "Its place in the plan, 1 to 10,000; last where not said.",
    "title": "What is to be done; 1 to 200 characters.",
    "description": "How it is done.",
    "owner_role": "Who does it: new_hire, manager, buddy or it; never changed.",
    "assignee_id": "The member who does it; null leaves it to administrators.",
    "due_on": "The day on which it is due.",
    "is_required": "Whether the onboarding is completed only with it.",
    "requires_ids": "Tasks of the same onboarding that are done or skipped first; one that is deleted is waited for no more.",
    "status": "pending, done or skipped. What is required is skipped by administrators alone.",
    "note": "What was to be said of it, up to 5,000 characters.",
    "completed_by": "Who did or skipped it.",
    "completed_at": "When it was done or skipped; set then and only then.",
    "reminded_at": "When its assignee was reminded that it is due soon.",
    "overdue_at": "When its assignee was told that it is late.",
    "escalated_at": "When the manager was told so."}');
SELECT laurel_internal.explain('laurel.onboarding_check_ins', 'Talks of new hire and manager about how it goes. Both see what both say, and administrators do.', '{
    "onboarding_id": "The onboarding; never changed.",
    "user_id": "The new member; taken from the onboarding.",
    "assignee_id": "Who holds it, the manager; null leaves it to administrators.",
    "day": "After how many days from the start, 1 to 365; once each.",
    "scheduled_on": "When it is to be: the first working day from then on.",
    "status": "scheduled, held or skipped; said by who holds it and administrators.",
    "held_at": "When it was held; set then and only then.",
    "new_hire_rating": "How it goes, said by the new hire: 1 (badly) to 5.",
    "new_hire_notes": "In words, up to 5,000 characters.",
    "manager_rating": "How it goes, said by who holds it: 1 (badly) to 5.",
    "manager_notes": "In words, up to 5,000 characters.",
    "told_at": "When both were told that it is due."}');

-- Personal data.
SELECT laurel_internal.personal('laurel.onboarding_tasks', '{note}', encrypted => false),
       laurel_internal.personal('laurel.onboarding_check_ins', '{new_hire_notes, manager_notes}', encrypted => false);

-- Down Migration

DROP TRIGGER start_onboardings ON laurel.user_organizations;
DROP TRIGGER follow_manager ON laurel.users;
DROP FUNCTION laurel.member(laurel.user_onboardings), laurel.member(laurel.onboarding_tasks), laurel.member(laurel.onboarding_check_ins);
DROP TABLE laurel.onboarding_check_ins, laurel.onboarding_tasks, laurel.user_onboardings, laurel.onboarding_task_dependencies, laurel.onboarding_template_tasks,
    laurel.onboarding_templates, laurel.holidays, laurel.working_calendars;
DELETE FROM ONLY laurel.reference_types WHERE name = 'Onboarding';
DELETE FROM ONLY laurel.jobs WHERE name = 'onboarding';
