-- Up Migration
-- Errors of the application, by month.

CREATE TABLE laurel.error_logs (
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    id uuid NOT NULL DEFAULT laurel.uuidv7(),
    organization_id uuid,
    user_id uuid,
    error_type text NOT NULL CONSTRAINT error_logs_error_type_check CHECK (char_length(error_type) BETWEEN 1 AND 100),
    error_message text NOT NULL CONSTRAINT error_logs_error_message_check CHECK (char_length(error_message) BETWEEN 1 AND 2000),
    severity text NOT NULL DEFAULT 'error' CONSTRAINT error_logs_severity_check CHECK (severity IN ('debug', 'info', 'warning', 'error', 'critical')),
    traceback text CONSTRAINT error_logs_traceback_check CHECK (char_length(traceback) <= 20000),
    context jsonb NOT NULL DEFAULT '{}' CONSTRAINT error_logs_context_check CHECK (laurel_internal.check_json(context, 'error_logs', 'context')),
    request_id text CONSTRAINT error_logs_request_id_check CHECK (char_length(request_id) <= 36),
    CONSTRAINT error_logs_pkey PRIMARY KEY (id, created_at),
    CONSTRAINT error_logs_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    CONSTRAINT error_logs_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
) PARTITION BY RANGE (created_at);
-- An organization's latest, all of them, of a type, of a severity; a member's; what one request has met.
CREATE INDEX error_logs_created_at_idx ON laurel.error_logs (organization_id, created_at DESC);
CREATE INDEX error_logs_error_type_idx ON laurel.error_logs (organization_id, error_type, created_at DESC);
CREATE INDEX error_logs_severity_idx ON laurel.error_logs (organization_id, severity, created_at DESC);
CREATE INDEX error_logs_user_id_idx ON laurel.error_logs (user_id, organization_id, created_at DESC);
CREATE INDEX error_logs_request_id_idx ON laurel.error_logs (request_id) WHERE request_id IS NOT NULL;

CREATE TABLE laurel_internal.error_rates (
    minute timestamptz NOT NULL,
    source uuid NOT NULL,
    is_anonymous boolean NOT NULL,
    logged integer NOT NULL,
    CONSTRAINT error_rates_pkey PRIMARY KEY (minute, source)
);

SELECT laurel_internal.create_month_partitions('laurel.error_logs'),
       laurel_internal.protect('laurel.error_logs', 'service', commands => '{"service_role": "SELECT"}'),
       laurel_internal.allow('laurel.error_logs', 'SELECT', 'authenticated', 'administrators read',
           'organization_id = laurel.org_id() AND laurel.administers(organization_id) OR laurel.has_role(''platform_admin'')'),
       laurel_internal.protect('laurel_internal.error_rates', 'internal'),
       laurel_internal.member('laurel.error_logs');

SELECT laurel_internal.explain('laurel.error_logs', 'What went wrong in the application, written by laurel.log_error() alone, without personal values; read by administrators of the organization, and of the platform. By month; whole months go by retention.', '{
    "created_at": "When.",
    "organization_id": "Where who met it was acting; null for nowhere.",
    "user_id": "Who met it; null for who is not signed in, or no member.",
    "error_type": "What kind of error, 1 to 100 characters.",
    "error_message": "What it says, 1 to 2,000 characters.",
    "severity": "debug, info, warning, error or critical.",
    "traceback": "Where it came from, up to 20,000 characters.",
    "context": "What else was known, an object.",
    "request_id": "The request, up to 36 characters."}'),
       laurel_internal.explain('laurel_internal.error_rates', 'How many errors were logged from where in the last minutes.', '{
    "minute": "The minute, in UTC.",
    "source": "The member, or a hash of the address.",
    "is_anonymous": "Whether nobody was signed in.",
    "logged": "How many."}');

-- Personal data: what is written there without names goes with its member.
SELECT laurel_internal.personal('laurel.error_logs', '{error_message, traceback, context}', encrypted => false);

-- Down Migration

DROP FUNCTION laurel.member(laurel.error_logs);
DROP TABLE laurel.error_logs, laurel_internal.error_rates;
