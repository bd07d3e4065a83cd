-- Deliveries: the outbox of notifications, its templates and endpoints, and what the worker calls.

CREATE FUNCTION laurel_internal.make_deliveries() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_make_deliveries';
COMMENT ON FUNCTION laurel_internal.make_deliveries() IS
'AFTER INSERT statement trigger of notifications with transition table new_rows: one delivery per channel that preferences and endpoints ask for, digests included, and a wake-up for idle workers. A notification that arrives read or is older than a day is history and makes none.';

CREATE FUNCTION laurel_internal.check_notification_preferences(preferences jsonb, of_organization boolean)
RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_check_notification_preferences';
COMMENT ON FUNCTION laurel_internal.check_notification_preferences(jsonb, boolean) IS
'True for notification preferences of the right shape (null included), else error 23514 that names the place: {"channels": {"email": true, "push": false, "webhook": true, "in_app": true}, "types": {"badge_earned": {"email": false, "digest": false}}, "quiet_hours": {"start": "22:00", "end": "07:00"}, "digest": {"email": {"window": "1 day", "at": "08:00", "day": "monday"}}}. An organization''s defaults may also have verified_only, base_url, unsubscribe_url and suppress_after.';

CREATE FUNCTION laurel_internal.is_wanted(
    channel text, type text, channels text[], preferences jsonb, defaults jsonb
) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_is_wanted';
COMMENT ON FUNCTION laurel_internal.is_wanted(text, text, text[], jsonb, jsonb) IS
'Whether a notification of that type goes to a channel. channels, where not null, decides alone; then the first that says something of: the user''s types, the user''s channels, the organization''s types, the organization''s channels. Else email, webhook and in_app yes, push no.';

CREATE FUNCTION laurel_internal.quiet_until(at timestamptz, preferences jsonb, defaults jsonb, time_zone text)
RETURNS timestamptz
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_quiet_until';
COMMENT ON FUNCTION laurel_internal.quiet_until(timestamptz, jsonb, jsonb, text) IS
'When what is due at that time may be sent: the end of the quiet hours it falls into, else the time itself. Wall clock of the time zone: the end is the first moment at which it shows no quiet hour. An end that the clock skips is there when it is turned; what it goes back into is quiet again.';

CREATE FUNCTION laurel_internal.digest_end(
    channel text, type text, at timestamptz, preferences jsonb, defaults jsonb, time_zone text
) RETURNS timestamptz
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_digest_end';
COMMENT ON FUNCTION laurel_internal.digest_end(text, text, timestamptz, jsonb, jsonb, text) IS
'The end of the digest window that moment falls into, strictly after it; null where such a notification goes out by itself. Wall clock of the time zone. A window below a day is never longer than it says: where the clock goes back, one is shorter; one of a day or a week ends when the clock first shows its hour.';

CREATE FUNCTION laurel_internal.claim_deliveries(
    worker uuid, max_rows integer, lease interval DEFAULT '30 seconds', channels text[] DEFAULT NULL,
    portion_channels text[] DEFAULT NULL, portion_organizations uuid[] DEFAULT NULL, portion_rows integer[] DEFAULT NULL
) RETURNS TABLE (
    delivery_id uuid, lease_token uuid, channel text, attempt integer, organization_id uuid, notification_id uuid,
    endpoint_id uuid, enqueued_at timestamptz, message jsonb
)
LANGUAGE c VOLATILE PARALLEL UNSAFE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'laurel_claim_deliveries';
COMMENT ON FUNCTION laurel_internal.claim_deliveries(uuid, integer, interval, text[], text[], uuid[], integer[]) IS
'Leases up to max_rows (1 to 10,000) due deliveries to the worker and returns them with what to send; one lease_token for the call, none where nothing is due. Critical ones first; then high, normal and bulk share the room 6:3:1, channels equally, and what one leaves unused goes to the others. Within each, all that is due goes out oldest first where it fits; where it does not, the organizations that wait get equal shares, each its oldest first. The portions bound them: so many rows of the channel for that organization in this claim, or for each other one where the organization is null; what comes to no message does not count. An endpoint never has more than max_concurrency leased, and no more in a second than rate_per_second. Takes back leases that have ended. Cancels what nobody can get any more, and what its reader has read, switched off or moved away from meanwhile, or whose address is suppressed, unless it is critical or sent to its channels by name (a suppressed address gets what is critical alone); lets what falls into quiet hours wait for their end, unless it is critical, and what an organization that is not active would send for a week; gives up a message of which a part or whose attachments would be longer than 256 kB, or that cannot be made: that one is dead, with the reason and its SQLSTATE, and the others go out. Beyond 8 MB of messages the rest stays due, as it does after 5,000 deliveries of which none was one: fewer than max_rows may mean that there are more. message: email {to, to_name, subject, text, html, unsubscribe, attachments}, where attachments (null for none) are what laurel_internal.attaches() names, as it is now; webhook {url, secrets, body, timeout_ms, max_concurrency, rate_per_second}; push {user_id, title, body, link, data}; digests as one message. Errors: 22023 max_rows, lease, channel or a portion out of range, PT409 the worker is not registered.';

CREATE FUNCTION laurel_internal.complete_deliveries(lease_token uuid, results jsonb) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'laurel_complete_deliveries';
COMMENT ON FUNCTION laurel_internal.complete_deliveries(uuid, jsonb) IS
'Ends deliveries leased under that token and returns how many; those whose lease was taken back are passed over, and so, with one warning, are results that are none or cannot be kept: their deliveries are sent again when the lease ends. results: an array of {"id" or "ids": [...], "outcome": "delivered" | "retry" | "dead", "status", "error", "recipient" (of an e-mail that is dead), "retry_after" (seconds), "duration_ms", "disable_endpoint"}. An e-mail that is dead by an enhanced status code of laurel_internal.is_hard_bounce() counts against its address. A retry waits 5 seconds, doubled with each attempt up to an hour, of which half is chance, or retry_after up to 6 hours if that is longer; the last attempt''s retry is dead. Errors: 22023 no array, more than 10,000 deliveries, 4 levels or 16 MB.';

CREATE FUNCTION laurel_internal.extend_leases(worker uuid, lease interval DEFAULT '30 seconds') RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_extend_leases';
COMMENT ON FUNCTION laurel_internal.extend_leases(uuid, interval) IS
'Lets the worker''s leases end that long from now and returns how many deliveries they hold. One that was taken back is gone: 0 says stop. Errors: 22023 the lease is shorter than a second or longer than an hour.';

CREATE FUNCTION laurel_internal.release_deliveries(worker uuid, ids uuid[] DEFAULT NULL) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_release_deliveries';
COMMENT ON FUNCTION laurel_internal.release_deliveries(uuid, uuid[]) IS
'Gives back what the worker has leased, all of it or those named, unsent: due at once, the attempt not counted. Returns how many.';

CREATE FUNCTION laurel_internal.register_worker(worker uuid, host text, pid integer, version text, mail_from text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_register_worker';
COMMENT ON FUNCTION laurel_internal.register_worker(uuid, text, integer, text, text) IS
'Makes a worker known, busy at first; worker is new at every start. mail_from: the address its mail comes from; what it claims carries attachments only where it has one. Forgets workers not seen for a day.';

CREATE FUNCTION laurel_internal.attaches(type text, source regprocedure) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_proc WHERE oid = source AND prokind = 'f' AND NOT proretset AND prorettype = 'jsonb'::regtype
            AND proargtypes::text = format('%s %s %s %s', 'uuid'::regtype::oid, 'uuid'::regtype::oid, 'jsonb'::regtype::oid, 'text'::regtype::oid)) THEN
        RAISE invalid_parameter_value USING MESSAGE = format('%s cannot say what an e-mail carries', source),
            HINT = 'Give a function of (organization_id uuid, user_id uuid, data jsonb, mail_from text) that returns jsonb.';
    END IF;
    INSERT INTO laurel_internal.mail_attachments AS m (type, source) VALUES ($1, $2::text)
    ON CONFLICT ON CONSTRAINT mail_attachments_pkey DO UPDATE SET source = EXCLUDED.source;
END
$$;
COMMENT ON FUNCTION laurel_internal.attaches(text, regprocedure) IS
'Lets e-mails of notifications of that type carry what the function says: source(organization_id uuid, user_id uuid, data jsonb,'
' mail_from text) returns an array of {"filename", "content_type", "text", "alternative"}, or null for nothing; alternative, which may be left out,'
' is a content type under which the text is shown in place of the message too. It is called as Laurel''s owner when the mail is claimed, with the recipient, the data'
' of the notification and the worker''s sender: what it returns goes to that recipient as it is then. Not for digests. Texts of more than 256 kB together, or'
' anything else that is not of that shape, make the delivery dead, with the reason. Errors: 22023 another kind of function. For migrations.';

CREATE FUNCTION laurel_internal.worker_beat(worker uuid, idle boolean) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_worker_beat';
COMMENT ON FUNCTION laurel_internal.worker_beat(uuid, boolean) IS
'Notes that the worker lives and whether it waits. While one waits (and was seen within a minute), each transaction that makes a delivery sends one NOTIFY laurel_deliveries. False: the worker is not registered.';

CREATE FUNCTION laurel_internal.unregister_worker(worker uuid) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_unregister_worker';
COMMENT ON FUNCTION laurel_internal.unregister_worker(uuid) IS
'Forgets a worker that stops, after giving back what it has leased; returns how many deliveries that were.';

CREATE FUNCTION laurel.redrive_deliveries(
    channel text DEFAULT NULL, organization_id uuid DEFAULT NULL, ids uuid[] DEFAULT NULL
) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_redrive_deliveries';
COMMENT ON FUNCTION laurel.redrive_deliveries(text, uuid, uuid[]) IS
'Makes dead deliveries due now with all attempts before them: all, or those of a channel, an organization, these ids. Those of endpoints that are disabled stay dead. Returns how many. For service_role.';

CREATE FUNCTION laurel.delivery_status() RETURNS TABLE (
    channel text, due bigint, waiting bigint, leased bigint, dead bigint, oldest_due_at timestamptz,
    delivered_last_hour bigint, retried_last_hour bigint, dead_last_hour bigint, cancelled_last_hour bigint,
    latency_p50_ms double precision, latency_p99_ms double precision
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    seen_now constant timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
    SELECT c.channel,
        (SELECT count(*) FROM (SELECT FROM ONLY laurel.notification_deliveries d, unnest(ARRAY[0, 1, 5, 9]) p (priority)
            WHERE d.state = 'ready' AND d.channel = c.channel AND d.priority = p.priority AND d.due_at <= seen_now
            LIMIT 100000) seen),
        (SELECT count(*) FROM (SELECT FROM ONLY laurel.notification_deliveries d, unnest(ARRAY[0, 1, 5, 9]) p (priority)
            WHERE d.state = 'ready' AND d.channel = c.channel AND d.priority = p.priority AND d.due_at > seen_now
            LIMIT 100000) seen),
        (SELECT count(*) FROM (SELECT FROM ONLY laurel.notification_deliveries d
            WHERE d.state = 'leased' AND d.channel = c.channel LIMIT 100000) seen),
        (SELECT count(*) FROM (SELECT FROM ONLY laurel.notification_deliveries d
            WHERE d.state = 'dead' AND d.channel = c.channel LIMIT 100000) seen),
        (SELECT min(o.due_at) FROM unnest(ARRAY[0, 1, 5, 9]) p (priority), LATERAL (
            SELECT d.due_at FROM ONLY laurel.notification_deliveries d
            WHERE d.state = 'ready' AND d.channel = c.channel AND d.priority = p.priority AND d.due_at <= seen_now
            ORDER BY d.due_at LIMIT 1) o),
        coalesce(h.delivered, 0), coalesce(h.retried, 0), coalesce(h.dead, 0), coalesce(h.cancelled, 0),
        h.latency_p50_ms, h.latency_p99_ms
    FROM unnest(ARRAY['email', 'push', 'webhook']) c (channel)
    LEFT JOIN laurel.delivery_history('1 hour', '1 hour') h ON h.channel = c.channel;
END
$$;
COMMENT ON FUNCTION laurel.delivery_status() IS
'One row per channel: deliveries due, waiting for their time, leased and dead (each counted up to 100,000), since when the oldest one is due, and what the last hour brought; latency from due to delivered in milliseconds, as in laurel.delivery_history. For service_role.';

CREATE FUNCTION laurel.delivery_history(span interval DEFAULT '1 hour', step interval DEFAULT '1 minute')
RETURNS TABLE (
    at timestamptz, channel text, delivered bigint, retried bigint, dead bigint, cancelled bigint,
    latency_p50_ms double precision, latency_p99_ms double precision
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    began constant timestamptz := clock_timestamp() - span;
BEGIN
    RETURN QUERY
    WITH batches AS (
        SELECT date_bin(step, b.finished_at, began) AS at, b.channel, b.delivered, b.retried, b.dead, b.cancelled,
            b.latency_buckets, b.latency_counts
        FROM ONLY laurel.delivery_batches b WHERE b.finished_at > began
    ), sums AS (
        SELECT b.at, b.channel, sum(b.delivered) AS delivered, sum(b.retried) AS retried, sum(b.dead) AS dead,
            sum(b.cancelled) AS cancelled
        FROM batches b GROUP BY 1, 2
    ), buckets AS (
        SELECT b.at, b.channel, l.bucket, sum(sum(l.n)) OVER (PARTITION BY b.at, b.channel ORDER BY l.bucket) AS upto,
            sum(sum(l.n)) OVER (PARTITION BY b.at, b.channel) AS total
        FROM batches b, unnest(b.latency_buckets, b.latency_counts) l (bucket, n) GROUP BY 1, 2, 3
    )
    SELECT s.at, s.channel, s.delivered::bigint, s.retried::bigint, s.dead::bigint, s.cancelled::bigint,
        power(2::float8, min(k.bucket) FILTER (WHERE k.upto * 2 >= k.total) / 4.0) / 8,
        power(2::float8, min(k.bucket) FILTER (WHERE k.upto * 100 >= k.total * 99) / 4.0) / 8
    FROM sums s LEFT JOIN buckets k ON k.at = s.at AND k.channel = s.channel
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2;
END
$$;
COMMENT ON FUNCTION laurel.delivery_history(interval, interval) IS
'What was delivered, retried, given up and cancelled, step by step, per channel that had any, oldest first. Latencies, from due to delivered in milliseconds, come from a histogram: they are at most a fifth above the true ones. For service_role.';

CREATE FUNCTION laurel.dead_deliveries(max_rows integer DEFAULT 50) RETURNS TABLE (
    id uuid, organization_id uuid, user_id uuid, notification_id uuid, channel text, endpoint_id uuid, attempts integer,
    reason text, created_at timestamptz
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT d.id, d.organization_id, d.user_id, d.notification_id, d.channel, d.endpoint_id,
            d.attempts::integer, d.last_error, d.created_at
        FROM ONLY laurel.notification_deliveries d WHERE d.state = 'dead' ORDER BY d.id DESC LIMIT max_rows;
END
$$;
COMMENT ON FUNCTION laurel.dead_deliveries(integer) IS
'Dead deliveries, newest first, with the reason of the last attempt. For service_role.';

-- Addresses that bounce.

CREATE FUNCTION laurel_internal.is_hard_bounce(code text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_is_hard_bounce';
COMMENT ON FUNCTION laurel_internal.is_hard_bounce(text) IS
'Whether an enhanced status code (RFC 3463, RFC 7505) says that an address gets no mail, whatever is sent and however often: 5.1.1, 5.1.2, 5.1.3, 5.1.6, 5.1.10, 5.2.1.';

CREATE FUNCTION laurel.report_bounce(
    address text, code text, reason text DEFAULT NULL, organization_id uuid DEFAULT NULL, report text DEFAULT NULL,
    bounced_at timestamptz DEFAULT NULL
) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_report_bounce';
COMMENT ON FUNCTION laurel.report_bounce(text, text, text, uuid, text, timestamptz) IS
'Counts a bounce of which a mail provider tells after it has taken the message, and returns whether mail to the address is suppressed now. code: its enhanced status code (RFC 3463); only hard ones (5.1.1, 5.1.2, 5.1.3, 5.1.6, 5.1.10, 5.2.1) count. organization_id: whose mail bounced; null: every organization that has a member, or an invitation that waits, of that address. report: the provider''s id of the event: one that comes again counts once. bounced_at: when, else now; what bounced before the address was cleared, or before its member had it, does not count. An address that is nobody''s is passed over. Errors: 22004 no address or code; 23514 suppressed_addresses_email_check: no address; 22023 code is none, report longer than 1000 bytes, bounced_at infinite. For service_role.';

CREATE FUNCTION laurel.clear_suppression(address text, organization_id uuid DEFAULT NULL) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_clear_suppression';
COMMENT ON FUNCTION laurel.clear_suppression(text, uuid) IS
'Lets mail go to an address again that bounced, and forgets its bounces; returns in how many organizations. Without organization_id: the active organization; for service_role all. What was cancelled meanwhile stays so. Errors: 22004 no address; 23514 suppressed_addresses_email_check: what is none; 42501 the caller is no administrator of the organization.';

CREATE FUNCTION laurel_internal.forget_suppressions() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_forget_suppressions';
COMMENT ON FUNCTION laurel_internal.forget_suppressions() IS
'AFTER UPDATE row trigger of users, when the address changes: the suppressions of the old one go.';

CREATE FUNCTION laurel.unsubscribe(token text) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_unsubscribe';
COMMENT ON FUNCTION laurel.unsubscribe(text) IS
'Does what the reader of an e-mail asks for by its List-Unsubscribe link (RFC 8058): the member gets no more e-mail of that type; of a digest''s link no e-mail at all but types that are critical or sent by name. token: what {{token}} in the organization''s unsubscribe_url became; it is signed, and holds for ever. True: it is so now, also the second time. False: the token is none, or its member is gone. Call it where the link is POSTed to, never for a GET: programs that look into mails follow links. For service_role.';

-- Templates and endpoints.

CREATE FUNCTION laurel_internal.check_template(
    type text, channel text, subject text, body_text text, body_html text
) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_check_template';
COMMENT ON FUNCTION laurel_internal.check_template(text, text, text, text, text) IS
'True for a template whose {{fields}} exist and are closed, else error 23514 that names the part and the field.';

CREATE FUNCTION laurel_internal.check_webhook_url(url text, allow_insecure boolean) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_check_webhook_url';
COMMENT ON FUNCTION laurel_internal.check_webhook_url(text, boolean) IS
'True for an address a webhook may have, else error 23514 that says why not: https (http only where insecure ones are allowed), a host, no user or password, no fragment, at most 2000 characters of ASCII.';

CREATE FUNCTION laurel_internal.is_webhook_secret(secret text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_is_webhook_secret';
COMMENT ON FUNCTION laurel_internal.is_webhook_secret(text) IS
'True for whsec_ and the base64 of 24 to 64 bytes.';

CREATE TYPE laurel.created_webhook_endpoint AS (endpoint_id uuid, secret text);
ALTER TYPE laurel.created_webhook_endpoint OWNER TO laurel_owner;
COMMENT ON TYPE laurel.created_webhook_endpoint IS 'What laurel.create_webhook_endpoint returns: one object, none of whose fields is null.';
COMMENT ON COLUMN laurel.created_webhook_endpoint.endpoint_id IS 'The endpoint, of webhook_endpoints.';
COMMENT ON COLUMN laurel.created_webhook_endpoint.secret IS 'What signs its messages, whsec_ and base64; it cannot be read again.';

CREATE FUNCTION laurel.create_webhook_endpoint(
    url text, event_types text[] DEFAULT '{}', organization_id uuid DEFAULT NULL, user_id uuid DEFAULT NULL,
    description text DEFAULT NULL, allow_insecure boolean DEFAULT false
) RETURNS laurel.created_webhook_endpoint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_create_webhook_endpoint';
COMMENT ON FUNCTION laurel.create_webhook_endpoint(text, text[], uuid, uuid, text, boolean) IS
'Makes an endpoint that is told of notifications of those types (all, where empty) to members of the organization, or to user_id alone, and returns its id and its secret, which cannot be read again. Without organization_id: the caller''s active organization; for service_role the home of user_id, else the default one. Errors: 42501 the caller is no administrator of the organization, or no service_role and wants allow_insecure; 23514 the address, or the organization has as many endpoints as it may (organizations.webhook_endpoints_limit); 23503 no such member.';

CREATE FUNCTION laurel.rotate_webhook_secret(endpoint uuid, grace interval DEFAULT '24 hours') RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_rotate_webhook_secret';
COMMENT ON FUNCTION laurel.rotate_webhook_secret(uuid, interval) IS
'Gives an endpoint a new secret and returns it. For the grace period messages are signed with the old one too. Errors: 42501 the caller is no administrator of its organization, 23503 no such endpoint, 22023 grace is negative or over 30 days.';

CREATE FUNCTION laurel.enable_webhook_endpoint(endpoint uuid) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_enable_webhook_endpoint';
COMMENT ON FUNCTION laurel.enable_webhook_endpoint(uuid) IS
'Enables an endpoint and forgets its failures. What died with it stays dead: laurel.redrive_deliveries. Errors: 42501 the caller is no administrator of its organization, 23503 no such endpoint.';

CREATE FUNCTION laurel.disable_webhook_endpoint(endpoint uuid, reason text DEFAULT 'disabled by an administrator')
RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_disable_webhook_endpoint';
COMMENT ON FUNCTION laurel.disable_webhook_endpoint(uuid, text) IS
'Disables an endpoint; deliveries that wait for it become dead. Returns how many. Errors: 42501 the caller is no administrator of its organization, 23503 no such endpoint.';

CREATE FUNCTION laurel_internal.check_ceilings() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_check_ceilings';
COMMENT ON FUNCTION laurel_internal.check_ceilings() IS
'AFTER UPDATE row trigger of webhook_endpoints, when one asks for more: error 23514 for more concurrency or a longer time-out than organizations.webhook_concurrency_limit and webhook_timeout_limit_ms allow. What lies above a ceiling that was lowered later stays and claims heed the ceiling.';

CREATE FUNCTION laurel_internal.forget_deliveries() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_forget_deliveries';
COMMENT ON FUNCTION laurel_internal.forget_deliveries() IS
'AFTER DELETE statement trigger of user_organizations with transition table old_rows: dead deliveries of those members go; living ones are cancelled when they are due.';

CREATE FUNCTION laurel_internal.resume_deliveries() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_resume_deliveries';
COMMENT ON FUNCTION laurel_internal.resume_deliveries() IS
'AFTER UPDATE row trigger of organizations, when one becomes active again: what waited for that is due now.';
