-- Up Migration
-- Rewards: what members get for their points: a catalogue, requests that may need approval, stock, vouchers.

CREATE TABLE laurel.rewards (
    id uuid CONSTRAINT rewards_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT rewards_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT rewards_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    description text CONSTRAINT rewards_description_check CHECK (char_length(description) <= 20000),
    price bigint NOT NULL CONSTRAINT rewards_price_check CHECK (price BETWEEN 1 AND 1000000000),
    stock bigint CONSTRAINT rewards_stock_check CHECK (stock BETWEEN 0 AND 1000000000),
    taken bigint NOT NULL DEFAULT 0,
    vouchers_left bigint NOT NULL DEFAULT 0 CONSTRAINT rewards_vouchers_left_check CHECK (vouchers_left >= 0),
    limit_per_member bigint CONSTRAINT rewards_limit_per_member_check CHECK (limit_per_member BETWEEN 1 AND 1000000000),
    limit_period text NOT NULL DEFAULT 'forever' CONSTRAINT rewards_limit_period_check CHECK (limit_period IN ('day', 'week', 'month', 'year', 'forever')),
    tier_required text CONSTRAINT rewards_tier_required_check CHECK (tier_required IN ('bronze', 'silver', 'gold', 'platinum')),
    available_from timestamptz CONSTRAINT rewards_available_from_check CHECK (isfinite(available_from)),
    available_until timestamptz,
    needs_approval boolean NOT NULL DEFAULT false,
    fulfilment text NOT NULL DEFAULT 'manual' CONSTRAINT rewards_fulfilment_check CHECK (fulfilment IN ('manual', 'voucher')),
    status text NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT rewards_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT rewards_taken_check CHECK (taken >= 0 AND taken <= stock),
    CONSTRAINT rewards_available_until_check CHECK (isfinite(available_until) AND (available_from IS NULL OR available_until > available_from))
) WITH (fillfactor = 70);
-- The catalogue, cheapest first.
CREATE INDEX rewards_catalogue_idx ON laurel.rewards (organization_id, price, id) WHERE status = 'active';

CREATE TABLE laurel.redemptions (
    id uuid CONSTRAINT redemptions_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    reward_id uuid NOT NULL,
    user_id uuid,
    quantity bigint NOT NULL DEFAULT 1 CONSTRAINT redemptions_quantity_check CHECK (quantity BETWEEN 1 AND 1000),
    unit_price bigint NOT NULL DEFAULT laurel_internal.assigned()::bigint CONSTRAINT redemptions_unit_price_check CHECK (unit_price BETWEEN 1 AND 1000000000),
    reward_name text NOT NULL DEFAULT laurel_internal.assigned()::text,
    fulfilment text NOT NULL DEFAULT laurel_internal.assigned()::text,
    limit_period text,
    status text NOT NULL DEFAULT laurel_internal.assigned()::text,
    note text CONSTRAINT redemptions_note_check CHECK (char_length(note) <= 2000),
    decided_by uuid,
    decision_note text CONSTRAINT redemptions_decision_note_check CHECK (char_length(decision_note) <= 2000),
    fulfilment_reference text CONSTRAINT redemptions_fulfilment_reference_check CHECK (char_length(fulfilment_reference) <= 500),
    idempotency_key text CONSTRAINT redemptions_idempotency_key_check CHECK (char_length(idempotency_key) BETWEEN 1 AND 255),
    approved_at timestamptz,
    fulfilled_at timestamptz,
    ended_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT redemptions_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT redemptions_decided_by_check CHECK (decided_by <> user_id),
    -- Who has a voucher has it.
    CONSTRAINT redemptions_voucher_check CHECK (fulfilment <> 'voucher' OR status <> 'cancelled' OR fulfilled_at IS NULL),
    CONSTRAINT redemptions_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    CONSTRAINT redemptions_reward_id_fkey FOREIGN KEY (organization_id, reward_id) REFERENCES laurel.rewards (organization_id, id),
    CONSTRAINT redemptions_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (user_id),
    CONSTRAINT redemptions_decided_by_fkey FOREIGN KEY (organization_id, decided_by)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (decided_by)
) WITH (fillfactor = 90);
-- A member's redemptions, newest first; a retry finds the one it made; what waits or is to be handed out, oldest first; who had a reward.
CREATE INDEX redemptions_user_id_idx ON laurel.redemptions (user_id, organization_id, created_at DESC);
CREATE UNIQUE INDEX redemptions_idempotency_key ON laurel.redemptions (organization_id, user_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX redemptions_open_idx ON laurel.redemptions (organization_id, status, created_at) WHERE status IN ('requested', 'approved');
CREATE INDEX redemptions_reward_id_idx ON laurel.redemptions (organization_id, reward_id, created_at DESC);
CREATE INDEX redemptions_decided_by_idx ON laurel.redemptions (organization_id, decided_by) WHERE decided_by IS NOT NULL;

CREATE TABLE laurel.reward_vouchers (
    id uuid CONSTRAINT reward_vouchers_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    reward_id uuid NOT NULL,
    code text NOT NULL CONSTRAINT reward_vouchers_code_check CHECK (char_length(code) >= 1 AND char_length(code) <= 200 AND code !~ '^[[:space:]]|[[:space:]]$|[[:cntrl:]]'),
    valid_until timestamptz CONSTRAINT reward_vouchers_valid_until_check CHECK (isfinite(valid_until)),
    status text NOT NULL DEFAULT 'free',
    redemption_id uuid,
    user_id uuid,
    handed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT reward_vouchers_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT reward_vouchers_code_key UNIQUE (organization_id, reward_id, code),
    CONSTRAINT reward_vouchers_handed_check CHECK ((status = 'handed') = (redemption_id IS NOT NULL) AND (status = 'handed') = (handed_at IS NOT NULL)
        AND (user_id IS NULL OR status = 'handed')),
    CONSTRAINT reward_vouchers_reward_id_fkey FOREIGN KEY (organization_id, reward_id) REFERENCES laurel.rewards (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT reward_vouchers_redemption_id_fkey FOREIGN KEY (organization_id, redemption_id) REFERENCES laurel.redemptions (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT reward_vouchers_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (user_id)
);
-- The next one; those of a redemption; those of a member.
CREATE INDEX reward_vouchers_free_idx ON laurel.reward_vouchers (organization_id, reward_id, valid_until, id) WHERE status = 'free';
CREATE INDEX reward_vouchers_redemption_id_idx ON laurel.reward_vouchers (organization_id, redemption_id) WHERE redemption_id IS NOT NULL;
CREATE INDEX reward_vouchers_user_id_idx ON laurel.reward_vouchers (user_id, organization_id);

INSERT INTO laurel.reference_types (name, table_name) VALUES ('Redemption', 'laurel.redemptions');

SELECT laurel_internal.belongs('laurel.redemptions', 'reward_id', 'laurel.rewards'),
       laurel_internal.belongs('laurel.reward_vouchers', 'reward_id', 'laurel.rewards', required => $$ fulfilment = 'voucher' $$),
       laurel_internal.add_tenant_triggers('laurel.rewards'), laurel_internal.add_tenant_triggers('laurel.redemptions'), laurel_internal.add_tenant_triggers('laurel.reward_vouchers'),
       laurel_internal.keep('laurel.rewards', 'fulfilment', 'created_at'),
       laurel_internal.keep('laurel.redemptions', 'id', 'reward_id', 'user_id', 'quantity', 'unit_price', 'reward_name', 'fulfilment', 'limit_period', 'created_at'),
       laurel_internal.keep('laurel.reward_vouchers', 'id', 'reward_id', 'code', 'created_at'),
       laurel_internal.states('laurel.rewards', 'status', '{"draft": ["active", "archived"], "active": ["draft", "archived"], "archived": ["draft", "active"]}'),
       laurel_internal.archive_instead('laurel.rewards', 'status', 'archived'),
       laurel_internal.states('laurel.redemptions', 'status',
           '{"requested": ["approved", "declined", "cancelled"], "approved": ["fulfilled", "cancelled"], "fulfilled": ["cancelled"], "declined": [], "cancelled": []}',
           '{"approved": "approved_at", "fulfilled": "fulfilled_at", "declined": "ended_at", "cancelled": "ended_at"}'),
       laurel_internal.states('laurel.reward_vouchers', 'status', '{"free": ["handed"], "handed": []}', '{"handed": "handed_at"}'),
       laurel_internal.counts('laurel.rewards', 'taken', 'laurel.redemptions', 'reward_id', $$ status IN ('requested', 'approved', 'fulfilled') $$, 'quantity'),
       laurel_internal.counts('laurel.rewards', 'vouchers_left', 'laurel.reward_vouchers', 'reward_id', $$ status = 'free' $$);
-- A redemption counts in the period that its reward had then.
SELECT laurel_internal.quota('laurel.redemptions', 'redemptions_' || period, owner => '{user_id, reward_id}', amount => 'quantity', period => period,
           counted => format($$ limit_period = %L AND status IN ('requested', 'approved', 'fulfilled') $$, period),
           allowed => $$ (SELECT r.limit_per_member FROM ONLY laurel.rewards r WHERE r.organization_id = redemptions.organization_id AND r.id = redemptions.reward_id) $$)
FROM unnest('{day, week, month, year, forever}'::text[]) period;

CREATE TRIGGER c_require_stock BEFORE UPDATE ON laurel.rewards
    FOR EACH ROW WHEN (OLD.stock IS DISTINCT FROM NEW.stock AND NEW.stock < NEW.taken) EXECUTE FUNCTION laurel_internal.require_stock();
CREATE TRIGGER c_price_redemption BEFORE INSERT ON laurel.redemptions
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.price_redemption();
-- While the account is there, so that what was paid is in it if the member comes back.
CREATE TRIGGER leave_redemptions BEFORE DELETE ON laurel.user_organizations
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.leave_redemptions();
-- After what is told: who gets a voucher has been told that it was paid.
CREATE TRIGGER z_settle_redemptions_inserted AFTER INSERT ON laurel.redemptions
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.settle_redemptions();
CREATE TRIGGER z_settle_redemptions_updated AFTER UPDATE ON laurel.redemptions
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.settle_redemptions();

SELECT laurel_internal.tell('laurel.redemptions', $$
           SELECT n.organization_id, n.user_id, 'reward_redeemed' AS type, n.id, pg_catalog.jsonb_build_object('redemption_id', n.id, 'reward_id', n.reward_id, 'quantity', n.quantity, 'fulfilment', n.fulfilment) AS data,
                  'You redeemed ' || n.reward_name AS title, '/redemptions/' || n.id AS link,
                  -n.quantity * n.unit_price AS points, n.reward_name AS reason, 'Redemption' AS reference_type, n.id AS reference_id
           FROM new_rows n WHERE n.status IN ('approved', 'fulfilled')
           UNION ALL
           SELECT n.organization_id, n.user_id, 'reward_requested', n.id, pg_catalog.jsonb_build_object('redemption_id', n.id, 'reward_id', n.reward_id, 'quantity', n.quantity, 'fulfilment', n.fulfilment), NULL, NULL, 0, NULL, NULL, NULL
           FROM new_rows n WHERE n.status = 'requested' $$),
       laurel_internal.tell('laurel.redemptions', $$
           SELECT n.organization_id, a.user_id, 'redemption_waiting' AS type, n.id, pg_catalog.jsonb_build_object('redemption_id', n.id, 'reward_id', n.reward_id, 'quantity', n.quantity, 'fulfilment', n.fulfilment) AS data,
                  n.reward_name || ' waits for your approval' AS title, '/redemptions/' || n.id AS link
           FROM new_rows n JOIN ONLY laurel.user_roles a ON a.organization_id = n.organization_id AND a.role = 'org_admin' AND a.user_id <> n.user_id
           WHERE n.status = 'requested' $$, telling => $$ status = 'requested' $$),
       -- What was held is paid when it is captured.
       laurel_internal.tell('laurel.redemptions', $$
           SELECT n.organization_id, n.user_id, 'reward_' || n.status AS type, n.id, pg_catalog.jsonb_build_object('redemption_id', n.id, 'reward_id', n.reward_id, 'quantity', n.quantity, 'fulfilment', n.fulfilment) AS data,
                  CASE n.status WHEN 'approved' THEN n.reward_name || ' was approved' WHEN 'fulfilled' THEN n.reward_name || ' is yours'
                      WHEN 'declined' THEN n.reward_name || ' was declined' WHEN 'cancelled' THEN n.reward_name || ' was cancelled' END AS title,
                  n.decision_note AS message, '/redemptions/' || n.id AS link
           FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.status <> o.status $$, 'UPDATE', changed => '{status}');

-- Members see what they may have; those who administer see all, and who has asked for it. A code is read by who has it.
SELECT laurel_internal.protect('laurel.rewards', 'administrative', commands => '{"administrators": "ALL", "members": "SELECT"}', others => '{
               "members": "status = ''active'' AND (available_from IS NULL OR available_from <= statement_timestamp()) AND (available_until IS NULL OR available_until > statement_timestamp())"}', writes => '{
               "INSERT": "id, organization_id, name, description, price, stock, limit_per_member, limit_period, tier_required, available_from, available_until, needs_approval, fulfilment, status",
               "UPDATE": "name, description, price, stock, limit_per_member, limit_period, tier_required, available_from, available_until, needs_approval, status"}'),
       laurel_internal.protect('laurel.redemptions', 'private', others => '{"approvers": "laurel.administers(organization_id)"}',
           commands => '{"self": "INSERT", "approvers": "SELECT", "service_role": "SELECT, INSERT, UPDATE"}', writes => '{
               "INSERT": "organization_id, reward_id, user_id, quantity, unit_price, note, idempotency_key"}'),
       laurel_internal.protect('laurel.reward_vouchers', 'private', commands => '{"administrators": "INSERT", "service_role": "INSERT"}', writes => '{
               "INSERT": "id, organization_id, reward_id, code, valid_until"}'),
       laurel_internal.member('laurel.redemptions'), laurel_internal.member('laurel.reward_vouchers');

SELECT laurel_internal.explain('laurel.rewards', 'What members get for points. Deleting one archives it: what was asked for goes on.', '{
    "name": "What it is called; 1 to 200 characters.",
    "description": "What one gets, up to 20,000 characters.",
    "price": "Points for one, 1 to 1,000,000,000; who has asked pays what it was then.",
    "stock": "How many there are in all, those that are taken included; null for any number. stock - taken are left.",
    "taken": "How many are asked for or given: exactly those of redemptions that are requested, approved or fulfilled.",
    "vouchers_left": "Codes in reward_vouchers that nobody has.",
    "limit_per_member": "How many a member may have in limit_period; null for any number.",
    "limit_period": "day, week, month, year (by the clock of the organization), or forever.",
    "tier_required": "The lowest tier that may have it; null for everybody.",
    "available_from": "From when; null: always.",
    "available_until": "Until when; null: for ever.",
    "needs_approval": "Whether somebody who administers has to approve it; until then its points are held.",
    "fulfilment": "manual: somebody hands it out and says so; voucher: a code of reward_vouchers, at once.",
    "status": "draft, active or archived; members see what is active."}'),
       laurel_internal.explain('laurel.redemptions', 'Rewards that members have asked for and got. Price, stock, limits and points are right whoever writes the row, or it is refused.', '{
    "reward_id": "The reward.",
    "user_id": "Who gets it; null once that person has left.",
    "quantity": "How many; 1 to 1,000.",
    "unit_price": "Points for one, as the reward said; a client that gives it means that price and no other (PT409).",
    "reward_name": "The name of the reward then.",
    "fulfilment": "manual or voucher, as the reward said.",
    "limit_period": "In which of the member''s limits it counts; null where the reward had none.",
    "status": "requested (points are held), approved (points are paid), fulfilled, declined or cancelled (points are back). Decided by the reward when the row is made.",
    "note": "What the member says, up to 2,000 characters.",
    "decided_by": "Who has decided last; never the member.",
    "decision_note": "Why, up to 2,000 characters.",
    "fulfilment_reference": "Such as the number of a parcel, up to 500 characters.",
    "idempotency_key": "The member''s own key: a retry with the same key asks for nothing again.",
    "approved_at": "When it was approved, or asked for where nobody has to approve.",
    "fulfilled_at": "When it was handed out.",
    "ended_at": "When it was declined or cancelled."}'),
       laurel_internal.explain('laurel.reward_vouchers', 'Codes that are handed out once each. Only who got one reads it; the back end by laurel.voucher_codes().', '{
    "reward_id": "The reward, whose fulfilment is voucher.",
    "code": "The code; unique for its reward, 1 to 200 characters without blanks at its ends.",
    "valid_until": "Until when it is handed out; null: for ever. What is valid for the shortest time goes first.",
    "status": "free or handed.",
    "redemption_id": "What it was handed out for.",
    "user_id": "Who has it; null while nobody has, or once that person has left.",
    "handed_at": "When it was handed out."}');

-- What of it is audited, and personal.
SELECT laurel_internal.audited('laurel.rewards', '{name, price, stock, status, needs_approval, limit_per_member, limit_period, tier_required, available_from, available_until}', commands => 'UPDATE',
           condition => $$ OLD.name IS DISTINCT FROM NEW.name OR OLD.price IS DISTINCT FROM NEW.price OR OLD.stock IS DISTINCT FROM NEW.stock OR OLD.status IS DISTINCT FROM NEW.status
               OR OLD.needs_approval IS DISTINCT FROM NEW.needs_approval OR OLD.limit_per_member IS DISTINCT FROM NEW.limit_per_member OR OLD.limit_period IS DISTINCT FROM NEW.limit_period
               OR OLD.tier_required IS DISTINCT FROM NEW.tier_required OR OLD.available_from IS DISTINCT FROM NEW.available_from OR OLD.available_until IS DISTINCT FROM NEW.available_until $$),
       laurel_internal.audited('laurel.redemptions', '{status, quantity, unit_price, decided_by}', commands => 'UPDATE', condition => $$ OLD.status IS DISTINCT FROM NEW.status $$),
       laurel_internal.personal('laurel.redemptions', '{note, decision_note}', encrypted => false),
       -- Who is erased has asked for nothing any more, and has his points back.
       laurel_internal.person('laurel.redemptions', 'user_id', '', 'keep', 'move', harmless => '{reward_name, fulfilment, limit_period}', clears => '{
           "note": "NULL", "decision_note": "NULL", "fulfilment_reference": "NULL", "idempotency_key": "NULL",
           "status": "CASE WHEN t.status IN (''requested'', ''approved'') THEN ''cancelled'' ELSE t.status END"}'),
       laurel_internal.person('laurel.redemptions', 'decided_by', NULL, 'keep', 'move'),
       laurel_internal.person('laurel.redemptions', 'note', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.redemptions', 'decision_note', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.redemptions', 'fulfilment_reference', NULL, 'redact', 'keep'),
       -- Others export people, too.
       laurel_internal.person('laurel.reward_vouchers', 'user_id', '', 'keep', 'move', harmless => '{status}', secret => '{code}');

-- Down Migration
DROP TRIGGER leave_redemptions ON laurel.user_organizations;
DROP FUNCTION laurel.member(laurel.redemptions), laurel.member(laurel.reward_vouchers);
DROP TABLE laurel.reward_vouchers, laurel.redemptions, laurel.rewards;
DELETE FROM ONLY laurel.quota_usage WHERE kind LIKE 'redemptions\_%';
DELETE FROM ONLY laurel.reference_types WHERE name = 'Redemption';
