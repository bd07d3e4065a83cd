-- Up Migration
-- The programme: beneficiaries, the trainer who looks after each, and what is noted about them.

CREATE TABLE laurel.beneficiaries (
    id uuid CONSTRAINT beneficiaries_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT beneficiaries_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL,
    trainer_id uuid,
    enrollment_date date NOT NULL DEFAULT CURRENT_DATE CONSTRAINT beneficiaries_enrollment_date_check CHECK (enrollment_date >= date '1900-01-01' AND isfinite(enrollment_date)),
    status text NOT NULL DEFAULT 'active',
    inactive_at timestamptz,
    completed_at timestamptz,
    metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT beneficiaries_metadata_check CHECK (laurel_internal.check_json(metadata, 'beneficiaries', 'metadata')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT beneficiaries_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT beneficiaries_trainer_id_check CHECK (trainer_id <> user_id),
    CONSTRAINT beneficiaries_completed_at_check CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
    CONSTRAINT beneficiaries_user_id_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT beneficiaries_trainer_id_fkey FOREIGN KEY (organization_id, trainer_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (trainer_id)
);
-- A member is enrolled once at a time; a member's enrolments; whom a trainer looks after now; who is enrolled, by status.
CREATE UNIQUE INDEX beneficiaries_live_key ON laurel.beneficiaries (organization_id, user_id) WHERE status <> 'completed';
CREATE INDEX beneficiaries_user_id_idx ON laurel.beneficiaries (user_id, organization_id);
CREATE INDEX beneficiaries_trainer_id_idx ON laurel.beneficiaries (trainer_id, organization_id, status);
CREATE INDEX beneficiaries_status_idx ON laurel.beneficiaries (organization_id, status, enrollment_date);

-- What is noted about a beneficiary lies apart: a row that its member may read must not hold it.
CREATE TABLE laurel.beneficiary_notes (
    organization_id uuid NOT NULL,
    beneficiary_id uuid NOT NULL,
    user_id uuid NOT NULL DEFAULT laurel_internal.assigned()::uuid,
    notes text NOT NULL CONSTRAINT beneficiary_notes_notes_check CHECK (char_length(notes) BETWEEN 1 AND 20000),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT beneficiary_notes_pkey PRIMARY KEY (organization_id, beneficiary_id),
    CONSTRAINT beneficiary_notes_beneficiary_id_fkey FOREIGN KEY (organization_id, beneficiary_id)
        REFERENCES laurel.beneficiaries (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT beneficiary_notes_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- What is noted about a member.
CREATE INDEX beneficiary_notes_user_id_idx ON laurel.beneficiary_notes (user_id, organization_id);

SELECT laurel_internal.add_signal('laurel.beneficiaries', 'following_changes', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE');

SELECT laurel_internal.requires_role('laurel.beneficiaries', 'trainer_id', 'trainer'),
       laurel_internal.belongs('laurel.beneficiary_notes', 'beneficiary_id', 'laurel.beneficiaries', copies => '{user_id}'),
       laurel_internal.add_tenant_triggers('laurel.beneficiaries'), laurel_internal.add_tenant_triggers('laurel.beneficiary_notes'),
       laurel_internal.keep('laurel.beneficiaries', 'user_id', 'created_at'),
       laurel_internal.keep('laurel.beneficiary_notes', 'beneficiary_id', 'user_id', 'created_at'),
       laurel_internal.states('laurel.beneficiaries', 'status', '{"active": ["inactive", "completed"], "inactive": ["active", "completed"], "completed": []}',
           '{"inactive": "inactive_at", "completed": "completed_at"}');

-- Administrators enrol, and say who looks after whom; a trainer sees the rows of his or her beneficiaries, past ones too. Nobody reads what is noted about oneself.
SELECT laurel_internal.protect('laurel.beneficiaries', 'personal', commands => '{"administrators": "ALL", "trainer": "SELECT"}',
           others => $${"trainer": "trainer_id = laurel_internal.me() AND laurel.has_role('trainer')"}$$,
           writes => '{"INSERT": "organization_id, user_id, trainer_id, enrollment_date, status, metadata", "UPDATE": "trainer_id, enrollment_date, status, metadata"}'),
       laurel_internal.protect('laurel.beneficiary_notes', 'service'),
       laurel_internal.allow('laurel.beneficiary_notes', 'SELECT', 'authenticated', 'administrators and trainers read',
           'organization_id = laurel.org_id() AND user_id <> laurel_internal.me() AND (laurel.administers(organization_id) OR laurel_internal.trains(user_id))'),
       laurel_internal.allow_writers('laurel.beneficiary_notes', '{"always": "organization_id = laurel.org_id() AND user_id <> laurel_internal.me() AND ",
               "administrators": "laurel.administers(organization_id)", "trainer": "laurel_internal.trains(user_id)"}', '{administrators, trainer}',
           '{"administrators": "INSERT, UPDATE, DELETE", "trainer": "INSERT, UPDATE"}', '{"INSERT": "organization_id, beneficiary_id, notes", "UPDATE": "notes"}'),
       laurel_internal.member('laurel.beneficiaries'), laurel_internal.member('laurel.beneficiary_notes');

SELECT laurel_internal.explain('laurel.beneficiaries', 'Members who are accompanied by a trainer, each enrolled once at a time. The trainer of an active one sees all that is the member''s, as the trainer of a course does.', '{
    "trainer_id": "Who looks after the beneficiary: a member with the role trainer when named; who loses the role sees nothing by it, until the role is back.",
    "enrollment_date": "Since which day.",
    "status": "active; inactive and back; completed, once and for all. A completed beneficiary may be enrolled anew, in another row.",
    "inactive_at": "When the status became inactive last.",
    "completed_at": "When it became completed.",
    "metadata": "Open data, an object of at most 64 kB. The member reads it."}'),
       laurel_internal.explain('laurel.beneficiary_notes', 'What is noted about a beneficiary, for trainers and administrators. The beneficiary never reads it, not as an administrator either, and laurel.export_user() leaves it out.', '{
    "organization_id": "That of the beneficiary, filled in.",
    "beneficiary_id": "About whom.",
    "user_id": "The member of that row of beneficiaries, filled in.",
    "notes": "1 to 20000 characters."}');

-- Who is erased is nobody's beneficiary, and nobody's trainer. What is noted about somebody is not for that person to see.
SELECT laurel_internal.person('laurel.beneficiaries', 'user_id', '', 'delete', 'move', harmless => '{status}'),
       laurel_internal.person('laurel.beneficiaries', 'trainer_id', NULL, 'null', 'move'),
       laurel_internal.person('laurel.beneficiaries', 'metadata', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.beneficiary_notes', 'user_id', '', 'delete', 'move', secret => '{notes}'),
       laurel_internal.person('laurel.beneficiary_notes', 'notes', NULL, 'redact', 'keep');

SELECT laurel_internal.audited('laurel.beneficiaries', '{user_id, trainer_id, enrollment_date, status}'),
       laurel_internal.audited('laurel.beneficiary_notes', '{user_id}', '{notes}');

-- Down Migration
DROP FUNCTION laurel.member(laurel.beneficiaries), laurel.member(laurel.beneficiary_notes);
DROP TABLE laurel.beneficiary_notes, laurel.beneficiaries;
