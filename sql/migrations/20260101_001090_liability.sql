-- Up Migration
-- Budgets: how many points an organization means to award, and how many it has.

CREATE TABLE laurel.award_budgets (
    id uuid CONSTRAINT award_budgets_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT award_budgets_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT award_budgets_name_check CHECK (char_length(name) BETWEEN 1 AND 100),
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    transaction_type text CONSTRAINT award_budgets_transaction_type_check CHECK (char_length(transaction_type) BETWEEN 1 AND 100),
    planned_points bigint NOT NULL CONSTRAINT award_budgets_planned_points_check CHECK (planned_points >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT award_budgets_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT award_budgets_name_key UNIQUE (organization_id, name, starts_on),
    CONSTRAINT award_budgets_ends_on_check CHECK (starts_on >= '0001-01-01' AND ends_on >= starts_on AND ends_on <= '9999-12-31')
);

SELECT laurel_internal.add_tenant_triggers('laurel.award_budgets');
SELECT laurel_internal.protect('laurel.award_budgets', 'administrative');
SELECT laurel_internal.explain('laurel.award_budgets', 'How many points an organization means to award in a time. A plan, no limit: nothing is refused. award_budget_status says what was awarded.', '{
    "name": "What it is for, 1 to 100 characters.",
    "starts_on": "The first day, by the organization''s clock.",
    "ends_on": "The last day.",
    "transaction_type": "Awards of this kind only; null: of every kind.",
    "planned_points": "Points, from 0."}');

-- What was taken back counts for the time of what it takes back. Points that come from another account were awarded before.
CREATE VIEW laurel.award_budget_status WITH (security_invoker = true) AS
    SELECT b.id, b.organization_id, b.name, b.starts_on, b.ends_on, b.transaction_type, b.planned_points, s.awarded AS awarded_points,
           b.planned_points - s.awarded AS remaining_points
    FROM ONLY laurel.award_budgets b
    JOIN ONLY laurel.organizations o ON o.id = b.organization_id
    CROSS JOIN LATERAL (
        SELECT timezone(o.time_zone, b.starts_on::timestamp) AS begins, timezone(o.time_zone, (b.ends_on + 1)::timestamp) AS ends
    ) t
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(h.amount), 0)::bigint AS awarded FROM laurel.points_history h
        WHERE h.organization_id = b.organization_id AND h.created_at >= t.begins AND h.occurred_at >= t.begins AND h.occurred_at < t.ends
          AND (h.amount > 0) = (h.reverses_id IS NULL) AND h.transaction_type <> 'account_merged'
          AND (b.transaction_type IS NULL OR h.transaction_type IN (b.transaction_type, left(b.transaction_type || '_reversed', 100)))
    ) s;
SELECT laurel_internal.protect('laurel.award_budget_status', 'view');
SELECT laurel_internal.explain('laurel.award_budget_status', 'Budgets with what was awarded: credits that occurred in their time, less those that were reversed. For administrators, who see all awards of their organization.', '{
    "name": "What the budget is for.",
    "starts_on": "Its first day.",
    "ends_on": "Its last day.",
    "transaction_type": "The awards that count; null: all.",
    "planned_points": "What was planned.",
    "awarded_points": "What was awarded.",
    "remaining_points": "What is left of the plan; negative where more was awarded."}');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.award_budgets', '{name, starts_on, ends_on, transaction_type, planned_points}');

-- Down Migration
DROP VIEW laurel.award_budget_status;
DROP TABLE laurel.award_budgets;
