-- Up Migration
-- Courses, the trainers who give them and the learners in them.

CREATE TABLE laurel.courses (
    id uuid CONSTRAINT courses_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL
        CONSTRAINT courses_organization_id_fkey REFERENCES laurel.organizations ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT courses_name_check CHECK (char_length(name) BETWEEN 1 AND 255),
    description text CONSTRAINT courses_description_check CHECK (char_length(description) <= 20000),
    trainer_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT courses_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT courses_trainer_id_fkey FOREIGN KEY (organization_id, trainer_id)
        REFERENCES laurel.user_organizations ON DELETE SET NULL (trainer_id)
);
-- A trainer's courses.
CREATE INDEX courses_organization_id_trainer_id_idx ON laurel.courses (organization_id, trainer_id);

CREATE TABLE laurel.enrollments (
    id uuid CONSTRAINT enrollments_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    course_id uuid NOT NULL,
    enrolled_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    progress_percent numeric(5,2) NOT NULL DEFAULT 0
        CONSTRAINT enrollments_progress_percent_check CHECK (progress_percent BETWEEN 0 AND 100),
    CONSTRAINT enrollments_completed_at_check CHECK ((completed_at IS NOT NULL) = (progress_percent = 100)),
    CONSTRAINT enrollments_organization_id_user_id_course_id_key UNIQUE (organization_id, user_id, course_id),
    CONSTRAINT enrollments_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations ON DELETE CASCADE,
    CONSTRAINT enrollments_course_id_fkey FOREIGN KEY (organization_id, course_id)
        REFERENCES laurel.courses (organization_id, id)
);
-- The learners of a course, and of a trainer's courses.
CREATE INDEX enrollments_organization_id_course_id_user_id_idx
    ON laurel.enrollments (organization_id, course_id, user_id);

SELECT laurel_internal.add_tenant_triggers('laurel.courses'), laurel_internal.add_tenant_triggers('laurel.enrollments');

CREATE TRIGGER signal_following AFTER UPDATE OF trainer_id, organization_id OR DELETE OR TRUNCATE ON laurel.courses
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.signal_change('following_changes');
CREATE TRIGGER signal_following
    AFTER INSERT OR UPDATE OF user_id, course_id, organization_id OR DELETE OR TRUNCATE ON laurel.enrollments
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.signal_change('following_changes');

SELECT laurel_internal.protect('laurel.courses', 'catalogue'),
       laurel_internal.protect('laurel.enrollments', 'personal', writer => 'administrators');

-- Learners enroll and leave by themselves; what they have achieved is not theirs to write.
DROP POLICY "administrators insert" ON laurel.enrollments;
DROP POLICY "administrators delete" ON laurel.enrollments;
SELECT laurel_internal.allow('laurel.enrollments', 'INSERT', 'authenticated', 'self and administrators enroll', NULL,
           'organization_id = laurel.org_id() AND (user_id = laurel_internal.me() OR laurel.administers(organization_id))'),
       laurel_internal.allow('laurel.enrollments', 'DELETE', 'authenticated', 'self and administrators leave',
           'organization_id = laurel.org_id() AND (user_id = laurel_internal.me() OR laurel.administers(organization_id))');
REVOKE INSERT, UPDATE ON laurel.enrollments FROM authenticated;
GRANT INSERT (organization_id, user_id, course_id), UPDATE (progress_percent, completed_at)
    ON laurel.enrollments TO authenticated;

COMMENT ON TABLE laurel.courses IS 'What an organization teaches. A course with learners in it cannot be deleted.';
COMMENT ON COLUMN laurel.courses.id IS 'Time-ordered identifier.';
COMMENT ON COLUMN laurel.courses.organization_id IS 'The organization that gives it; never changed.';
COMMENT ON COLUMN laurel.courses.name IS '1 to 255 characters.';
COMMENT ON COLUMN laurel.courses.description IS 'What it is about.';
COMMENT ON COLUMN laurel.courses.trainer_id IS 'A member of the organization; with the role trainer sees the rows of its learners.';
COMMENT ON COLUMN laurel.courses.created_at IS 'When the row was made.';
COMMENT ON COLUMN laurel.courses.updated_at IS 'When the row was last written.';
COMMENT ON TABLE laurel.enrollments IS 'Who takes which course, and how far they are. Learners enroll and leave themselves; progress is written by administrators and the back end.';
COMMENT ON COLUMN laurel.enrollments.id IS 'Time-ordered identifier.';
COMMENT ON COLUMN laurel.enrollments.organization_id IS 'The organization of the course; filled in from the user''s home, never changed.';
COMMENT ON COLUMN laurel.enrollments.user_id IS 'The learner.';
COMMENT ON COLUMN laurel.enrollments.course_id IS 'The course, of the same organization.';
COMMENT ON COLUMN laurel.enrollments.enrolled_at IS 'Since when.';
COMMENT ON COLUMN laurel.enrollments.completed_at IS 'When it was completed; set exactly when progress_percent is 100.';
COMMENT ON COLUMN laurel.enrollments.progress_percent IS '0 to 100.';

-- Down Migration

DROP TABLE laurel.enrollments, laurel.courses;
