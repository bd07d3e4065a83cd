-- Up Migration
-- Deliveries: what notifications become outside the application, until it is done.

-- Thin and hot: a row is inserted, leased and deleted. It has no foreign keys, which would cost more than all the rest;
-- one whose notification, member or endpoint is gone is cancelled when it is due.
CREATE TABLE laurel.notification_deliveries (
    id uuid CONSTRAINT notification_deliveries_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    notification_id uuid,
    letter_id uuid,
    user_id uuid,
    endpoint_id uuid,
    lease_token uuid,
    due_at timestamptz NOT NULL CONSTRAINT notification_deliveries_due_at_check CHECK (isfinite(due_at)),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    priority smallint NOT NULL DEFAULT 5
        CONSTRAINT notification_deliveries_priority_check CHECK (priority IN (0, 1, 5, 9)),
    attempts smallint NOT NULL DEFAULT 0,
    max_attempts smallint NOT NULL DEFAULT 20
        CONSTRAINT notification_deliveries_max_attempts_check CHECK (max_attempts BETWEEN 1 AND 100),
    channel text NOT NULL
        CONSTRAINT notification_deliveries_channel_check CHECK (channel IN ('email', 'push', 'webhook')),
    state text NOT NULL DEFAULT 'ready'
        CONSTRAINT notification_deliveries_state_check CHECK (state IN ('ready', 'leased', 'dead')),
    digest_key text,
    last_error text,
    CONSTRAINT notification_deliveries_attempts_check CHECK (attempts BETWEEN 0 AND max_attempts),
    CONSTRAINT notification_deliveries_endpoint_id_check CHECK ((channel = 'webhook') = (endpoint_id IS NOT NULL)),
    CONSTRAINT notification_deliveries_lease_token_check CHECK ((state = 'leased') = (lease_token IS NOT NULL)),
    CONSTRAINT notification_deliveries_digest_key_check CHECK (num_nonnulls(digest_key, notification_id, letter_id) = 1),
    CONSTRAINT notification_deliveries_user_id_check CHECK ((user_id IS NULL) = (letter_id IS NOT NULL))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
-- Claims: the oldest due row of a channel and priority, read from where the last claim ended.
CREATE INDEX notification_deliveries_due_idx ON laurel.notification_deliveries (channel, priority, due_at, id)
    WHERE state = 'ready';
-- Claims when more is due than they take: which organizations wait, and the oldest row of each. It says state otherwise than
-- the index above, so that statements choose by how they say it: to a planner that takes the table for almost empty, as
-- after the queue was drained, both are as good, but the wrong one reads all that others have waiting.
CREATE INDEX notification_deliveries_turn_idx ON laurel.notification_deliveries
    (channel, priority, organization_id, due_at, id) WHERE (state = 'ready') IS TRUE;
-- The rows of a lease: to send, to end, to give back.
CREATE INDEX notification_deliveries_lease_idx ON laurel.notification_deliveries (lease_token) WHERE state = 'leased';
-- Claims of webhooks: which endpoints wait; and what waits for one that is disabled.
CREATE INDEX notification_deliveries_endpoint_idx ON laurel.notification_deliveries (endpoint_id, priority, due_at, id)
    WHERE state = 'ready' AND endpoint_id IS NOT NULL;
-- One digest a window.
CREATE UNIQUE INDEX notification_deliveries_digest_key ON laurel.notification_deliveries (organization_id, digest_key)
    WHERE digest_key IS NOT NULL;
-- The dead: newest first; those of a member who leaves.
CREATE INDEX notification_deliveries_dead_idx ON laurel.notification_deliveries (id) WHERE state = 'dead';
CREATE INDEX notification_deliveries_dead_user_idx ON laurel.notification_deliveries (user_id, organization_id)
    WHERE state = 'dead';

-- What a digest will say. Written once; deleted when its delivery has ended, or by retention where that went another way.
CREATE TABLE laurel.digest_items (
    delivery_id uuid NOT NULL,
    notification_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT digest_items_pkey PRIMARY KEY (organization_id, delivery_id, notification_id)
);
-- The items of a digest that is sent.
CREATE INDEX digest_items_delivery_id_idx ON laurel.digest_items (delivery_id);

-- One row per claim in flight.
CREATE TABLE laurel.delivery_leases (
    token uuid CONSTRAINT delivery_leases_pkey PRIMARY KEY,
    worker_id uuid NOT NULL,
    lease_until timestamptz NOT NULL,
    remaining integer NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
-- A worker's leases; those that have ended.
CREATE INDEX delivery_leases_worker_idx ON laurel.delivery_leases (worker_id);
CREATE INDEX delivery_leases_lease_until_idx ON laurel.delivery_leases (lease_until);

CREATE TABLE laurel.delivery_attempts (
    finished_at timestamptz NOT NULL,
    delivery_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    notification_id uuid NOT NULL,
    user_id uuid NOT NULL,
    duration_ms real,
    latency_ms real,
    status_code integer,
    attempt smallint NOT NULL,
    channel text NOT NULL,
    outcome text NOT NULL CONSTRAINT delivery_attempts_outcome_check
        CHECK (outcome IN ('delivered', 'retry', 'dead', 'cancelled')),
    error text,
    -- Also what became of a notification; by time there are partitions, and delivery_batches for sums.
    CONSTRAINT delivery_attempts_pkey PRIMARY KEY (organization_id, notification_id, delivery_id, attempt, finished_at)
) PARTITION BY RANGE (finished_at);

CREATE TABLE laurel.delivery_batches (
    id uuid CONSTRAINT delivery_batches_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    finished_at timestamptz NOT NULL,
    channel text NOT NULL,
    delivered integer NOT NULL,
    retried integer NOT NULL,
    dead integer NOT NULL,
    cancelled integer NOT NULL,
    latency_buckets smallint[] NOT NULL,
    latency_counts integer[] NOT NULL
);
-- The last hour.
CREATE INDEX delivery_batches_finished_at_idx ON laurel.delivery_batches (finished_at);

-- What an organization has learned of addresses that bounce.
CREATE TABLE laurel.suppressed_addresses (
    organization_id uuid NOT NULL,
    email text NOT NULL,
    user_id uuid,
    bounces integer NOT NULL DEFAULT 0 CONSTRAINT suppressed_addresses_bounces_check CHECK (bounces >= 0),
    code text NOT NULL CONSTRAINT suppressed_addresses_code_check CHECK (laurel_internal.is_hard_bounce(code)),
    reason text CONSTRAINT suppressed_addresses_reason_check CHECK (char_length(reason) <= 500),
    reports text[] NOT NULL DEFAULT '{}' CONSTRAINT suppressed_addresses_reports_check CHECK (cardinality(reports) <= 50),
    bounced_at timestamptz NOT NULL CONSTRAINT suppressed_addresses_bounced_at_check CHECK (isfinite(bounced_at)),
    suppressed_at timestamptz,
    cleared_at timestamptz,
    CONSTRAINT suppressed_addresses_pkey PRIMARY KEY (organization_id, email),
    CONSTRAINT suppressed_addresses_organization_id_fkey FOREIGN KEY (organization_id)
        REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    CONSTRAINT suppressed_addresses_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- A member's, for the foreign key and when the address changes; claims ask by the primary key.
CREATE INDEX suppressed_addresses_user_id_idx ON laurel.suppressed_addresses (user_id, organization_id);
-- How many they are, and the newest.
CREATE INDEX suppressed_addresses_suppressed_at_idx ON laurel.suppressed_addresses (suppressed_at) WHERE suppressed_at IS NOT NULL;
-- Those that went unheard of for long enough to go.
CREATE INDEX suppressed_addresses_bounced_at_idx ON laurel.suppressed_addresses (bounced_at);

-- What signs the links by which readers unsubscribe. One row; where it is replaced the old links are void.
CREATE TABLE laurel_internal.unsubscribe_key (
    key bytea CONSTRAINT unsubscribe_key_pkey PRIMARY KEY
        CONSTRAINT unsubscribe_key_check CHECK (octet_length(key) = 32)
);
INSERT INTO laurel_internal.unsubscribe_key (key) VALUES (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- What e-mails of a type of notification carry; laurel_internal.attaches() writes it.
CREATE TABLE laurel_internal.mail_attachments (
    type text CONSTRAINT mail_attachments_pkey PRIMARY KEY
        CONSTRAINT mail_attachments_type_check CHECK (char_length(type) BETWEEN 1 AND 50),
    source text NOT NULL
);

CREATE TABLE laurel.notification_templates (
    id uuid CONSTRAINT notification_templates_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid DEFAULT laurel.org_id() CONSTRAINT notification_templates_organization_id_fkey
        REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    type text NOT NULL DEFAULT '*'
        CONSTRAINT notification_templates_type_check CHECK (char_length(type) BETWEEN 1 AND 50),
    channel text NOT NULL
        CONSTRAINT notification_templates_channel_check CHECK (channel IN ('email', 'push')),
    locale text NOT NULL DEFAULT '*' CONSTRAINT notification_templates_locale_check
        CHECK (laurel_internal.is_canonical(locale, 'locale')),
    subject text NOT NULL CONSTRAINT notification_templates_subject_check
        CHECK (subject !~ '[[:cntrl:]]' AND char_length(subject) BETWEEN 1 AND 500),
    body_text text NOT NULL CONSTRAINT notification_templates_body_text_check
        CHECK (char_length(body_text) BETWEEN 1 AND 100000),
    body_html text CONSTRAINT notification_templates_body_html_check
        CHECK (char_length(body_html) BETWEEN 1 AND 200000),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notification_templates_fields_check
        CHECK (laurel_internal.check_template(type, channel, subject, body_text, body_html))
);
-- The one that fits best is looked up part by part; each exists once.
CREATE UNIQUE INDEX notification_templates_key ON laurel.notification_templates
    (type, channel, locale, (coalesce(organization_id, '00000000-0000-0000-0000-000000000000')));
CREATE INDEX notification_templates_organization_id_idx ON laurel.notification_templates (organization_id);

CREATE TABLE laurel.webhook_endpoints (
    id uuid CONSTRAINT webhook_endpoints_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL
        CONSTRAINT webhook_endpoints_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    user_id uuid,
    url text NOT NULL,
    description text CONSTRAINT webhook_endpoints_description_check CHECK (char_length(description) <= 500),
    event_types text[] NOT NULL DEFAULT '{}' CONSTRAINT webhook_endpoints_event_types_check
        CHECK (array_position(event_types, NULL) IS NULL AND cardinality(event_types) <= 100
               AND pg_column_size(event_types) <= 8192),
    secret text NOT NULL CONSTRAINT webhook_endpoints_secret_check CHECK (laurel_internal.is_webhook_secret(secret)),
    previous_secret text CONSTRAINT webhook_endpoints_previous_secret_check
        CHECK (laurel_internal.is_webhook_secret(previous_secret)),
    previous_until timestamptz,
    allow_insecure boolean NOT NULL DEFAULT false,
    is_enabled boolean NOT NULL DEFAULT true,
    disabled_at timestamptz,
    disabled_reason text,
    failures integer NOT NULL DEFAULT 0 CONSTRAINT webhook_endpoints_failures_check CHECK (failures >= 0),
    failing_since timestamptz,
    last_success_at timestamptz,
    max_concurrency integer NOT NULL DEFAULT 10
        CONSTRAINT webhook_endpoints_max_concurrency_check CHECK (max_concurrency BETWEEN 1 AND 1000),
    rate_per_second numeric(9, 2)
        CONSTRAINT webhook_endpoints_rate_per_second_check CHECK (rate_per_second BETWEEN 0.01 AND 1000000),
    rate_tokens double precision,
    rate_counted_at timestamptz CONSTRAINT webhook_endpoints_rate_counted_at_check CHECK (isfinite(rate_counted_at)),
    timeout_ms integer NOT NULL DEFAULT 15000
        CONSTRAINT webhook_endpoints_timeout_ms_check CHECK (timeout_ms BETWEEN 100 AND 60000),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhook_endpoints_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT webhook_endpoints_url_check CHECK (laurel_internal.check_webhook_url(url, allow_insecure)),
    CONSTRAINT webhook_endpoints_previous_until_check CHECK ((previous_secret IS NULL) = (previous_until IS NULL)),
    CONSTRAINT webhook_endpoints_disabled_at_check CHECK (is_enabled = (disabled_at IS NULL)),
    CONSTRAINT webhook_endpoints_disabled_reason_check CHECK (is_enabled = (disabled_reason IS NULL)),
    CONSTRAINT webhook_endpoints_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
) WITH (fillfactor = 70);
-- Whom a notification concerns.
CREATE INDEX webhook_endpoints_organization_id_idx ON laurel.webhook_endpoints (organization_id, user_id);

CREATE TABLE laurel.workers (
    worker_id uuid CONSTRAINT workers_pkey PRIMARY KEY,
    host text NOT NULL,
    pid integer NOT NULL,
    version text NOT NULL,
    mail_from text CONSTRAINT workers_mail_from_check CHECK (octet_length(mail_from) BETWEEN 3 AND 254),
    idle boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 100);

ALTER TABLE laurel.user_preferences ADD CONSTRAINT user_preferences_notification_preferences_shape_check
    CHECK (laurel_internal.check_notification_preferences(notification_preferences, false));
ALTER TABLE laurel.organizations ADD CONSTRAINT organizations_settings_notifications_check
    CHECK (laurel_internal.check_notification_preferences(settings -> 'notifications', true));

-- Triggers. A restore makes them after the data, so nothing is sent twice.
SELECT laurel_internal.add_tenant_triggers('laurel.webhook_endpoints'), laurel_internal.set_replica_identity('laurel.notification_templates'),
       laurel_internal.set_replica_identity('laurel.digest_items'), laurel_internal.set_replica_identity('laurel.delivery_attempts'),
       laurel_internal.set_replica_identity('laurel.suppressed_addresses'), laurel_internal.hold_organization('laurel.suppressed_addresses'),
       laurel_internal.hold_organization('laurel.notification_templates'),
       laurel_internal.canonical('laurel.notification_templates', 'locale', 'locale'),
       laurel_internal.canonical('laurel.webhook_endpoints', 'url', 'web_address'),
       laurel_internal.quota('laurel.webhook_endpoints', 'webhook_endpoints', '{}', '1', 'forever',
           'SELECT o.webhook_endpoints_limit FROM ONLY laurel.organizations o WHERE o.id = organization_id');
-- The whole row identifies it: another index would cost every delivery more than replication does where there is any.
ALTER TABLE laurel.notification_deliveries REPLICA IDENTITY FULL;
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON laurel.notification_templates
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.touch_updated_at();
CREATE TRIGGER check_ceilings AFTER UPDATE ON laurel.webhook_endpoints
    FOR EACH ROW WHEN (NEW.max_concurrency > OLD.max_concurrency OR NEW.timeout_ms > OLD.timeout_ms)
    EXECUTE FUNCTION laurel_internal.check_ceilings();
CREATE TRIGGER make_deliveries AFTER INSERT ON laurel.notifications REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.make_deliveries();
CREATE TRIGGER resume_deliveries AFTER UPDATE ON laurel.organizations
    FOR EACH ROW WHEN (NEW.is_active AND NOT OLD.is_active) EXECUTE FUNCTION laurel_internal.resume_deliveries();
CREATE TRIGGER forget_suppressions AFTER UPDATE ON laurel.users
    FOR EACH ROW WHEN (OLD.email <> NEW.email) EXECUTE FUNCTION laurel_internal.forget_suppressions();
CREATE TRIGGER forget_deliveries AFTER DELETE ON laurel.user_organizations REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.forget_deliveries();

SELECT laurel_internal.protect('laurel.notification_deliveries', 'service'),
       laurel_internal.protect('laurel.digest_items', 'service'),
       laurel_internal.protect('laurel.delivery_leases', 'service'),
       laurel_internal.protect('laurel.delivery_attempts', 'administrative', commands => '{}'),
       laurel_internal.protect('laurel.delivery_batches', 'service'),
       laurel_internal.protect('laurel.workers', 'service'),
       laurel_internal.protect('laurel.suppressed_addresses', 'administrative', commands => '{"service_role": "SELECT"}',
           reads => 'organization_id, email, user_id, bounces, code, reason, bounced_at, suppressed_at, cleared_at'),
       laurel_internal.protect('laurel_internal.unsubscribe_key', 'internal'),
       laurel_internal.protect('laurel_internal.mail_attachments', 'internal'),
       laurel_internal.protect('laurel.notification_templates', 'administrative', shared => true),
       -- A secret is told once, by the function that makes it.
       laurel_internal.protect('laurel.webhook_endpoints', 'administrative', commands => '{"administrators": "UPDATE, DELETE"}',
           reads => 'id, organization_id, user_id, url, description, event_types, previous_until, allow_insecure, is_enabled, disabled_at, disabled_reason, failures, failing_since, last_success_at, max_concurrency, rate_per_second, timeout_ms, created_at, updated_at',
           writes => '{"UPDATE": "url, description, event_types, max_concurrency, rate_per_second, timeout_ms"}');

SELECT laurel_internal.explain('laurel.notification_deliveries', 'The outbox: one row per notification and channel (webhooks: and endpoint), or per digest, from the notification until it is delivered or cancelled, then deleted; dead ones stay until they are redriven. Its id is the stable Message-ID and webhook-id. Delivered at least once.', '{
    "organization_id": "The organization the row belongs to.",
    "notification_id": "The notification; null for digests, whose notifications are in digest_items, and for letters.",
    "letter_id": "The invitation or one-time token that a letter is about.",
    "user_id": "Whom it is for; null for letters, which go to addresses that need not be a member''s.",
    "endpoint_id": "Where a webhook goes.",
    "lease_token": "The claim that holds it: only who knows the token may end it.",
    "due_at": "Not before; later for quiet hours, digests and retries.",
    "priority": "0 critical, 1 high, 5 normal, 9 bulk.",
    "attempts": "Claims so far; one that was given back unsent is not counted.",
    "max_attempts": "After so many it is dead.",
    "channel": "email, push or webhook.",
    "state": "ready, leased or dead.",
    "digest_key": "user|channel|window of a digest, unique in the organization.",
    "last_error": "Why the last attempt failed, without addresses."}');
SELECT laurel_internal.explain('laurel.digest_items', 'The notifications of a digest.', '{
    "delivery_id": "The delivery.",
    "notification_id": "A notification it tells.",
    "organization_id": "The organization the row belongs to."}');
SELECT laurel_internal.explain('laurel.delivery_leases', 'Claims in flight: until when their deliveries are a worker''s.', '{
    "token": "Names the claim.",
    "worker_id": "Who holds it.",
    "lease_until": "Until when; later whoever claims takes its deliveries back.",
    "remaining": "How many of its deliveries are not ended."}');
SELECT laurel_internal.explain('laurel.delivery_attempts', 'What became of each attempt, in partitions by month. For a digest one row per notification.', '{
    "finished_at": "When the attempt ended.",
    "delivery_id": "The delivery.",
    "organization_id": "The organization the row belongs to.",
    "notification_id": "The notification; the delivery itself for a digest of which none is left.",
    "user_id": "Whom it is for.",
    "duration_ms": "How long the attempt took.",
    "latency_ms": "From when it was due, at the first attempt, or would be tried again, to the end.",
    "status_code": "The peer''s answer: SMTP or HTTP status.",
    "attempt": "The number of the attempt, from 1; 0 for one cancelled before any.",
    "channel": "email, push or webhook.",
    "outcome": "delivered, retry (failed, comes again), dead (given up) or cancelled (nobody to deliver to).",
    "error": "Why it failed, without addresses."}');
SELECT laurel_internal.explain('laurel.delivery_batches', 'What each completion brought, per channel: laurel.delivery_history() adds it up.', '{
    "finished_at": "When the attempt ended.",
    "channel": "email, push or webhook.",
    "delivered": "How many arrived.",
    "retried": "How many failed and come again.",
    "dead": "How many were given up.",
    "cancelled": "How many had nobody to go to.",
    "latency_buckets": "Buckets of latencies: bucket n goes up to 2^(n/4) / 8 ms.",
    "latency_counts": "How many latencies fell into each of these buckets."}');
SELECT laurel_internal.explain('laurel.suppressed_addresses', 'Addresses to which mail of the organization bounced for good, written by the worker''s completions and laurel.report_bounce(). One that bounced as often as the organization''s settings say (notifications.suppress_after, 1) gets no more mail but what is critical until it is cleared by laurel.clear_suppression(); a member''s line goes when the address changes or the member leaves.', '{
    "organization_id": "The organization whose mail bounced.",
    "email": "The address.",
    "user_id": "The member who has it; null for somebody who was invited.",
    "bounces": "How often it bounced for good since it was cleared.",
    "code": "The enhanced status code (RFC 3463) of the last bounce.",
    "reason": "What the mail server said, without addresses.",
    "reports": "The bounces counted of late, by delivery or as laurel.report_bounce() named them: each counts once.",
    "bounced_at": "When it bounced last.",
    "suppressed_at": "Since when it gets no mail; null while it does.",
    "cleared_at": "When it was last cleared: bounces from before count no more."}');
SELECT laurel_internal.explain('laurel_internal.unsubscribe_key', 'What signs the tokens of laurel.unsubscribe(). Where it is replaced, all links sent before are void.', '{
    "key": "32 random bytes."}');
SELECT laurel_internal.explain('laurel_internal.mail_attachments', 'Types of notification whose e-mails carry something, and the functions that say what.', '{
    "type": "The type of notification.",
    "source": "The function, as laurel_internal.attaches() has checked it; called when the mail is claimed."}');
SELECT laurel_internal.explain('laurel.notification_templates', 'How notifications read in e-mails and pushes. The best fit wins: the organization''s before the shared one, its type before *, its locale (zh-Hant-TW, then zh-Hant, then zh) before *. Without any, title, message and link are sent. {{fields}}: title, message, link (joined with the organization''s base_url), type, created_at (on the reader''s clock), user_name, first_name (that of full_name where there is none), email, organization, unsubscribe, and data.x for x of the notification''s data; type digest has count and items instead of title, message, link and data. No part of a message is longer than 256 kB; a subject is cut after 1,000 bytes.', '{
    "organization_id": "Whose it is; null for all organizations, written by service_role only.",
    "type": "The type of notification; * for any, digest for digests.",
    "channel": "email or push.",
    "locale": "The language it is in, a tag (BCP 47) such as pt-BR or zh-Hant, kept in its usual case; * for any.",
    "subject": "Subject, or title of a push; one line.",
    "body_text": "Plain text.",
    "body_html": "HTML, where fields are escaped; null for text alone."}');
SELECT laurel_internal.explain('laurel.webhook_endpoints', 'Addresses that are told of notifications, signed per Standard Webhooks. Made by laurel.create_webhook_endpoint(), which tells the secret once; administrators cannot read it again.', '{
    "organization_id": "The organization the row belongs to.",
    "user_id": "Told of this member''s notifications only, as far as he or she wants; null: of everybody''s.",
    "url": "Where messages go: https. Scheme and host are kept as DNS has them: in lower case, with xn-- for other scripts.",
    "description": "What it is for; at most 500 characters.",
    "event_types": "Types of notification it is told of; all where empty.",
    "secret": "Signs messages: whsec_ and the base64 of 24 to 64 bytes.",
    "previous_secret": "Signs too, until previous_until.",
    "previous_until": "Until when messages are signed with previous_secret too.",
    "allow_insecure": "Whether http will do; set by service_role only.",
    "is_enabled": "Whether messages are made for it: laurel.enable_webhook_endpoint(), laurel.disable_webhook_endpoint().",
    "disabled_at": "When it was disabled.",
    "disabled_reason": "Why it is disabled, such as an answer 410.",
    "failures": "Attempts that failed since the last that did not.",
    "failing_since": "When those began.",
    "last_success_at": "When a message last arrived, to the minute.",
    "max_concurrency": "How many messages may be under way at once, up to the organization''s webhook_concurrency_limit.",
    "rate_per_second": "How many all workers together may send in a second, of which a second''s worth may go at once; null for any number.",
    "rate_tokens": "How many the rate let through when that was last counted.",
    "rate_counted_at": "When that was.",
    "timeout_ms": "How long it may take to answer, up to the organization''s webhook_timeout_limit_ms."}');
SELECT laurel_internal.explain('laurel.workers', 'Workers that run, each start by a name of its own.', '{
    "worker_id": "New at every start.",
    "host": "Where it runs.",
    "pid": "Its process there.",
    "version": "Its version.",
    "mail_from": "The address its mail comes from; null where it sends none.",
    "idle": "Whether it waits for a NOTIFY.",
    "started_at": "Since when.",
    "seen_at": "When it last said that it lives."}');
SELECT laurel_internal.explain('laurel.user_preferences', NULL, jsonb_build_object('notification_preferences', 'Which notifications go where, when: {"channels": {"email": true, "push": false, "webhook": true, "in_app": true}, "types": {"badge_earned": {"email": false, "digest": false}}, "quiet_hours": {"start": "22:00", "end": "07:00"}, "digest": {"email": {"window": "1 day", "at": "08:00"}}}. Every part may be left out; types come before channels, and the organization''s settings -> notifications, of the same shape, after both. A window is 15 or more minutes or hours that divide a day, 1 day or 1 week (then with "day": "monday").'));

SELECT laurel_internal.create_month_partitions('laurel.delivery_attempts');

SELECT laurel_internal.member('laurel.notification_deliveries'),
       laurel_internal.member('laurel.delivery_attempts'),
       laurel_internal.member('laurel.suppressed_addresses'),
       laurel_internal.member('laurel.webhook_endpoints');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.webhook_endpoints', '{user_id, event_types, allow_insecure, is_enabled, max_concurrency, rate_per_second, timeout_ms}', '{url, secret}');

-- Personal data.
SELECT laurel_internal.personal('laurel.suppressed_addresses', '{email, reports}', encrypted => false);

-- Down Migration

DROP FUNCTION laurel.member(laurel.notification_deliveries), laurel.member(laurel.delivery_attempts),
    laurel.member(laurel.suppressed_addresses), laurel.member(laurel.webhook_endpoints);
DROP TRIGGER forget_suppressions ON laurel.users;
DROP TRIGGER forget_deliveries ON laurel.user_organizations;
DROP TRIGGER resume_deliveries ON laurel.organizations;
DROP TRIGGER make_deliveries ON laurel.notifications;
ALTER TABLE laurel.organizations DROP CONSTRAINT organizations_settings_notifications_check;
ALTER TABLE laurel.user_preferences DROP CONSTRAINT user_preferences_notification_preferences_shape_check;
SELECT laurel_internal.explain('laurel.user_preferences', NULL, jsonb_build_object('notification_preferences', 'Which notifications go where, as an object.'));
DROP TABLE laurel_internal.unsubscribe_key, laurel_internal.mail_attachments;
DROP TABLE laurel.workers, laurel.webhook_endpoints, laurel.notification_templates, laurel.suppressed_addresses, laurel.delivery_batches,
    laurel.delivery_attempts, laurel.delivery_leases, laurel.digest_items, laurel.notification_deliveries;
