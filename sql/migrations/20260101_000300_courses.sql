-- Up Migration
-- Courses, the trainers who give them and the learners in them.

CREATE TABLE laurel.courses (
    id uuid CONSTRAINT courses_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL
        CONSTRAINT courses_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT courses_name_check CHECK (char_length(name) BETWEEN 1 AND 255),
    description text CONSTRAINT courses_description_check CHECK (char_length(description) <= 20000),
    trainer_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT courses_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT courses_trainer_id_fkey FOREIGN KEY (organization_id, trainer_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (trainer_id)
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
    CONSTRAINT enrollments_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT enrollments_organization_id_user_id_course_id_key UNIQUE (organization_id, user_id, course_id),
    CONSTRAINT enrollments_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT enrollments_course_id_fkey FOREIGN KEY (organization_id, course_id)
        REFERENCES laurel.courses (organization_id, id)
);
-- A learner's courses; the learners of a course, and of a trainer's courses.
CREATE INDEX enrollments_user_id_idx ON laurel.enrollments (user_id, organization_id);
CREATE INDEX enrollments_organization_id_course_id_user_id_idx
    ON laurel.enrollments (organization_id, course_id, user_id);

SELECT laurel_internal.belongs('laurel.enrollments', 'course_id', 'laurel.courses'),
       laurel_internal.add_tenant_triggers('laurel.courses'), laurel_internal.add_tenant_triggers('laurel.enrollments');

SELECT laurel_internal.add_signal('laurel.courses', 'following_changes', 'UPDATE OF trainer_id, organization_id', 'DELETE', 'TRUNCATE'),
       laurel_internal.add_signal('laurel.enrollments', 'following_changes',
           'INSERT', 'UPDATE OF user_id, course_id, organization_id', 'DELETE', 'TRUNCATE');

-- Learners enroll and leave by themselves; what they have achieved is not theirs to write.
SELECT laurel_internal.protect('laurel.courses', 'catalogue'),
       laurel_internal.protect('laurel.enrollments', 'personal', commands => '{"self": "INSERT, DELETE", "administrators": "ALL"}',
           writes => '{"INSERT": "organization_id, user_id, course_id", "UPDATE": "progress_percent, completed_at"}');

SELECT laurel_internal.member('laurel.enrollments');

SELECT laurel_internal.explain('laurel.courses', 'What an organization teaches. A course with learners in it cannot be deleted.', '{
    "organization_id": "The organization that gives it; never changed.",
    "name": "1 to 255 characters.",
    "description": "What it is about.",
    "trainer_id": "A member of the organization; with the role trainer sees the rows of its learners."}');
SELECT laurel_internal.explain('laurel.enrollments', 'Who takes which course, and how far they are. Learners enroll and leave themselves; progress is written by administrators and the back end.', '{
    "organization_id": "The organization of the course, filled in where it is left out; never changed.",
    "user_id": "The learner.",
    "course_id": "The course, of the same organization.",
    "enrolled_at": "Since when.",
    "completed_at": "When it was completed; set exactly when progress_percent is 100.",
    "progress_percent": "0 to 100."}');

-- Down Migration

DROP FUNCTION laurel.member(laurel.enrollments);
DROP TABLE laurel.enrollments, laurel.courses;
