-- Up Migration
-- Expiry: when points that nobody has spent are gone.

CREATE TABLE laurel.point_expiry_policies (
    id uuid CONSTRAINT point_expiry_policies_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT point_expiry_policies_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    rule text NOT NULL CONSTRAINT point_expiry_policies_rule_check CHECK (rule IN ('after_months', 'end_of_year', 'inactivity')),
    length integer NOT NULL,
    warn_days integer DEFAULT 30 CONSTRAINT point_expiry_policies_warn_days_check CHECK (warn_days BETWEEN 1 AND 366),
    applies_from date NOT NULL DEFAULT (CURRENT_DATE + 30) CONSTRAINT point_expiry_policies_applies_from_check CHECK (applies_from >= '0001-01-01' AND applies_from <= '9999-12-31'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT point_expiry_policies_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT point_expiry_policies_rule_key UNIQUE (organization_id, rule),
    CONSTRAINT point_expiry_policies_length_check CHECK (length BETWEEN CASE rule WHEN 'end_of_year' THEN 0 ELSE 1 END AND CASE rule WHEN 'end_of_year' THEN 100 ELSE 1200 END)
);

CREATE TABLE laurel_internal.point_expiry_runs (
    organization_id uuid CONSTRAINT point_expiry_runs_pkey PRIMARY KEY CONSTRAINT point_expiry_runs_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    done_for date NOT NULL,
    done_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO laurel.reference_types (name, table_name) VALUES ('PointExpiry', 'laurel.point_expiry_policies');

SELECT laurel_internal.add_tenant_triggers('laurel.point_expiry_policies'), laurel_internal.add_tenant_triggers('laurel_internal.point_expiry_runs'),
       laurel_internal.keep('laurel.point_expiry_policies', 'rule', 'length', 'created_at');

SELECT laurel_internal.protect('laurel.point_expiry_policies', 'catalogue'), laurel_internal.protect('laurel_internal.point_expiry_runs', 'internal');

SELECT laurel_internal.explain('laurel.point_expiry_policies', 'When points expire in an organization: without a row never, with several as soon as one says so. Days are the organization''s. A rule is not changed but replaced, so that what it takes is said before: a new row applies in 30 days, where it does not say otherwise, and what has expired stays so.', '{
    "rule": "after_months: when the same day so many months later is over. end_of_year: with the year of earning, or so many years later. inactivity: all of a member''s points, when nothing was booked but expiry and no day was active for so many months. Never changed.",
    "length": "Months, 1 to 1200; for end_of_year years, 0 to 100. Never changed.",
    "warn_days": "Members are notified of what expires in a month, once, at least so many days before that month; null: never. 1 to 366.",
    "applies_from": "The first day on which anything expires by this rule; 30 days from now where none is given."}'),
       laurel_internal.explain('laurel_internal.point_expiry_runs', 'For which day an organization''s points were looked through last.', '{
    "done_for": "The day, by the organization''s clock.",
    "done_at": "When."}');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.point_expiry_policies', '{rule, length, warn_days, applies_from}');

INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES
    ('point_expiry', 'Expires points and tells members of what will expire, once a day by each organization''s clock.', '25 * * * *', 'CALL laurel.expire_points()', '6 hours');

-- Down Migration
DELETE FROM ONLY laurel.jobs WHERE name = 'point_expiry';
DROP TABLE laurel_internal.point_expiry_runs, laurel.point_expiry_policies;
DELETE FROM ONLY laurel.reference_types WHERE name = 'PointExpiry';
