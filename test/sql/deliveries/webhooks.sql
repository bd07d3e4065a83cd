-- Webhooks: endpoints, their secrets, what they are told, how much at once.
\ir ../support/load.sql
BEGIN;
SELECT plan(64);

SELECT tests.cast('ada', 'admin');
SELECT tests.join(tests.bolt(), 'uwe');
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '0.1.0');
CREATE FUNCTION pg_temp.tell(type text DEFAULT 'news', who uuid DEFAULT tests.person('ada'), data jsonb DEFAULT '{}', message text DEFAULT NULL)
RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO laurel.notifications (user_id, type, title, message, data) VALUES (who, type, 'Title', message, data) RETURNING id
$$;
CREATE FUNCTION pg_temp.claim(max_rows integer DEFAULT 100) RETURNS TABLE (delivery_id uuid, lease_token uuid, endpoint_id uuid, message jsonb) LANGUAGE sql AS $$
    SELECT delivery_id, lease_token, endpoint_id, message
    FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', max_rows, '30 seconds', '{webhook}')
$$;
CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE sql AS $$
    DELETE FROM laurel.notification_deliveries; DELETE FROM laurel.delivery_leases;
$$;
CREATE TEMP TABLE made (name text, endpoint_id uuid, secret text);
GRANT ALL ON made TO authenticated, service_role;

-- Addresses and secrets.
SELECT is(tests.error_of(format('SELECT laurel.create_webhook_endpoint(%L)', url)), '23514 webhook_endpoints_url_check', name)
FROM (VALUES ('http', 'http://example.com'), ('other_scheme', 'ftp://example.com'), ('script', 'javascript:alert(1)'), ('no_host', 'https://'), ('credentials', 'https://a:b@example.com'),
    ('fragment', 'https://example.com/#x'), ('blank', 'https://example.com/a b'), ('relative', '/hook'), ('empty', ''), ('port', 'https://example.com:99999')) AS v (name, url);
SELECT throws_ok($$ SELECT laurel.create_webhook_endpoint('http://example.com') $$, '23514', 'this is no address for a webhook', 'the message says what it is about');
SELECT throws_ok('SELECT laurel.create_webhook_endpoint(NULL)', '22004', NULL, 'no_url');
SELECT is(laurel_internal.is_webhook_secret(secret), ok, name)
FROM (VALUES ('a secret of 24 bytes', 'whsec_' || encode(decode(repeat('00', 24), 'hex'), 'base64'), true), ('one of 23', 'whsec_' || encode(decode(repeat('00', 23), 'hex'), 'base64'), false),
    ('one of 64', 'whsec_' || replace(encode(decode(repeat('00', 64), 'hex'), 'base64'), E'\n', ''), true), ('one of 65', 'whsec_' || replace(encode(decode(repeat('00', 65), 'hex'), 'base64'), E'\n', ''), false),
    ('one without prefix', encode(decode(repeat('00', 24), 'hex'), 'base64'), false), ('a password', 'whsec_hunter2', false)) AS v (name, secret, ok);
SELECT throws_ok($$ INSERT INTO laurel.webhook_endpoints (organization_id, url, secret) VALUES (tests.acme(), 'https://example.com', 'whsec_short') $$,
    '23514', NULL, 'secret_too_short');

-- Who makes and reads them.
SELECT tests.act_as(tests.person('ada'));
SELECT throws_ok($$ SELECT laurel.create_webhook_endpoint('https://example.com') $$, '42501', NULL, 'made_by_a_member');
SELECT is((SELECT count(*) FROM laurel.webhook_endpoints), 0::bigint, 'a member sees none');
SELECT tests.act_as_anon();
SELECT throws_ok($$ SELECT laurel.create_webhook_endpoint('https://example.com') $$, '42501', NULL, 'made_without_signing_in');
SELECT tests.act_as_admin();
INSERT INTO made SELECT 'all', * FROM laurel.create_webhook_endpoint('https://example.com/all', description => 'Everything');
SELECT ok(laurel_internal.is_webhook_secret(secret), 'an administrator makes one and gets its secret') FROM made;
SELECT results_eq('SELECT organization_id, url, event_types, is_enabled FROM laurel.webhook_endpoints',
    $$ VALUES (tests.acme(), 'https://example.com/all', '{}'::text[], true) $$, 'and reads it');
SELECT throws_ok('SELECT secret FROM laurel.webhook_endpoints', '42501', NULL, 'secret_read_by_an_administrator');
SELECT throws_ok('SELECT previous_secret FROM laurel.webhook_endpoints', '42501', NULL, 'previous_secret_read_by_an_administrator');
SELECT throws_ok($$ UPDATE laurel.webhook_endpoints SET allow_insecure = true $$, '42501', NULL, 'encryption_waived_by_an_administrator');
SELECT throws_ok($$ UPDATE laurel.webhook_endpoints SET secret = 'x' $$, '42501', NULL, 'secret_written_by_an_administrator');
SELECT throws_ok($$ UPDATE laurel.webhook_endpoints SET url = 'http://example.com' $$, '23514', NULL, 'encryption_dropped_later');
SELECT throws_ok($$ INSERT INTO laurel.webhook_endpoints (organization_id, url, secret) VALUES (tests.acme(), 'https://example.com', 'x') $$, '42501', NULL, 'inserted_by_an_administrator');
SELECT throws_ok($$ SELECT laurel.create_webhook_endpoint('http://127.0.0.1', allow_insecure => true) $$, '42501', NULL, 'insecure_one_made_by_an_administrator');
SELECT throws_ok($$ SELECT laurel.create_webhook_endpoint('https://example.com', organization_id => tests.bolt()) $$, '42501', NULL, 'made_elsewhere');
SELECT throws_ok($$ SELECT laurel.create_webhook_endpoint('https://example.com', user_id => tests.person('uwe')) $$, '23503', NULL, 'made_for_a_stranger');
INSERT INTO made SELECT 'personal', * FROM laurel.create_webhook_endpoint('https://example.com/ada', user_id => tests.person('ada'));
INSERT INTO made SELECT 'news', * FROM laurel.create_webhook_endpoint('https://example.com/news', '{news,alarm}');
SELECT tests.act_as_service();
INSERT INTO made SELECT 'bolt', * FROM laurel.create_webhook_endpoint('http://127.0.0.1:8080/', organization_id => tests.bolt(), allow_insecure => true);
SELECT is((SELECT count(*) FROM made), 4::bigint, 'the back end allows http');
SELECT tests.act_as_admin();
SELECT throws_ok(format('SELECT laurel.rotate_webhook_secret(%L)', endpoint_id), '42501', NULL, 'rotated_elsewhere') FROM made WHERE name = 'bolt';
SELECT throws_ok(format('SELECT laurel.enable_webhook_endpoint(%L)', endpoint_id), '42501', NULL, 'enabled_elsewhere') FROM made WHERE name = 'bolt';
SELECT throws_ok(format('SELECT laurel.disable_webhook_endpoint(%L)', endpoint_id), '42501', NULL, 'disabled_elsewhere') FROM made WHERE name = 'bolt';

-- What they are told.
SELECT tests.act_as_owner();
SELECT pg_temp.tell('news'), pg_temp.tell('other'), pg_temp.tell('other', tests.person('admin')), pg_temp.tell('news', tests.person('uwe'));
SELECT results_eq($$ SELECT m.name, count(*) FROM laurel.notification_deliveries d JOIN made m USING (endpoint_id) GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('all', 3::bigint), ('bolt', 1::bigint), ('news', 1::bigint), ('personal', 2::bigint) $$, 'each endpoint is told of its types, its member, its organization');
SELECT pg_temp.empty();
UPDATE laurel.users SET is_active = false WHERE id = tests.person('ada');
SELECT pg_temp.tell('other');
SELECT results_eq($$ SELECT m.name FROM laurel.notification_deliveries d JOIN made m USING (endpoint_id) $$, $$ VALUES ('all') $$, 'one who is not active is not told');
SELECT pg_temp.empty();
UPDATE laurel.users SET is_active = true WHERE id = tests.person('ada');
UPDATE laurel.user_preferences SET notification_preferences = '{"channels": {"webhook": false}}' WHERE user_id = tests.person('ada');
SELECT pg_temp.tell('other');
SELECT results_eq($$ SELECT m.name FROM laurel.notification_deliveries d JOIN made m USING (endpoint_id) $$, $$ VALUES ('all') $$, 'a member''s no is for the own endpoint');
SELECT pg_temp.empty();
INSERT INTO laurel.notifications (user_id, type, title, channels) VALUES (tests.person('ada'), 'other', 'x', '{email}');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries WHERE channel = 'webhook'), 0::bigint, 'named channels leave webhooks out');
SELECT pg_temp.empty();
SELECT pg_temp.tell('other', data => '{"n": 1}', message => 'Text');
CREATE TEMP TABLE c AS SELECT * FROM pg_temp.claim();
SELECT is(message - 'body' - 'secrets', '{"url": "https://example.com/all", "timeout_ms": 15000, "max_concurrency": 10, "rate_per_second": null}', 'a message') FROM c;
SELECT is(message -> 'secrets', jsonb_build_array(m.secret), 'its secret') FROM c JOIN made m USING (endpoint_id);
SELECT is((message ->> 'body')::jsonb #- '{data,notification_id}' #- '{timestamp}', jsonb_build_object('type', 'other', 'data', jsonb_build_object('organization_id', tests.acme(),
    'user_id', tests.person('ada'), 'title', 'Title', 'message', 'Text', 'link', NULL, 'data', jsonb_build_object('n', 1))), 'its body') FROM c;
SELECT matches((message ->> 'body')::jsonb ->> 'timestamp', '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$', 'its time') FROM c;
SELECT pg_temp.empty();
SELECT pg_temp.tell('other', data => jsonb_build_object('long', repeat('x', 30000)), message => repeat('ä', 20000));
SELECT ok(octet_length(message ->> 'body') < 20000 AND (message ->> 'body')::jsonb #> '{data,truncated}' = 'true', 'a body that is too long is shortened') FROM pg_temp.claim();

-- Secrets are replaced without a gap.
SELECT tests.act_as_admin();
CREATE TEMP TABLE rotated AS SELECT laurel.rotate_webhook_secret(endpoint_id) AS secret FROM made WHERE name = 'all';
SELECT throws_ok(format('SELECT laurel.rotate_webhook_secret(%L, ''-1 s'')', endpoint_id), '22023', NULL, 'rotated_into_the_past') FROM made WHERE name = 'all';
SELECT tests.act_as_owner();
SELECT pg_temp.empty(), pg_temp.tell('other');
SELECT is((SELECT message -> 'secrets' FROM pg_temp.claim()), (SELECT jsonb_build_array(r.secret, m.secret) FROM rotated r, made m WHERE m.name = 'all'), 'for a day both sign');
UPDATE laurel.webhook_endpoints SET previous_until = now() WHERE previous_until IS NOT NULL;
SELECT pg_temp.empty(), pg_temp.tell('other');
SELECT is((SELECT message -> 'secrets' FROM pg_temp.claim()), (SELECT jsonb_build_array(r.secret) FROM rotated r), 'then only the new one');

-- How much at once.
SELECT pg_temp.empty();
UPDATE laurel.webhook_endpoints SET max_concurrency = 2 WHERE id = (SELECT endpoint_id FROM made WHERE name = 'all');
SELECT pg_temp.tell('other') FROM generate_series(1, 10);
SELECT pg_temp.tell('news', tests.person('uwe')) FROM generate_series(1, 3);
SELECT results_eq('SELECT m.name, count(*) FROM pg_temp.claim(5) JOIN made m USING (endpoint_id) GROUP BY 1 ORDER BY 1', $$ VALUES ('all', 2::bigint), ('bolt', 3::bigint) $$,
    'an endpoint that is busy keeps nobody waiting');
SELECT is((SELECT count(*) FROM pg_temp.claim()), 0::bigint, 'and gets no more');
UPDATE laurel.webhook_endpoints SET max_concurrency = 3 WHERE id = (SELECT endpoint_id FROM made WHERE name = 'all');
SELECT is((SELECT count(*) FROM pg_temp.claim()), 1::bigint, 'than it allows');

-- Gone.
SELECT pg_temp.empty(), pg_temp.tell('other'), pg_temp.tell('other');
CREATE TEMP TABLE gone AS SELECT * FROM pg_temp.claim(1);
SELECT is(laurel_internal.complete_deliveries(lease_token, jsonb_build_array(jsonb_build_object('id', delivery_id, 'outcome', 'dead', 'status', 410, 'error', '410 Gone', 'disable_endpoint', true))),
    1::bigint, 'an endpoint says that it is gone') FROM gone;
SELECT results_eq($$ SELECT is_enabled, disabled_reason, failures, disabled_at IS NOT NULL, failing_since IS NOT NULL FROM laurel.webhook_endpoints e JOIN made m ON m.endpoint_id = e.id WHERE m.name = 'all' $$,
    $$ VALUES (false, '410 Gone', 1, true, true) $$, 'and is disabled');
SELECT results_eq('SELECT state, last_error FROM laurel.notification_deliveries WHERE endpoint_id IS NOT NULL ORDER BY 2',
    $$ VALUES ('dead', '410 Gone'), ('dead', 'the endpoint is disabled: 410 Gone') $$, 'what waits for it is dead');
SELECT pg_temp.tell('other');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries WHERE channel = 'webhook'), 2::bigint, 'and nothing more is made');
SELECT is(laurel.redrive_deliveries('webhook'), 0::bigint, 'redriven_while_disabled');
SELECT tests.act_as_admin();
SELECT laurel.enable_webhook_endpoint(endpoint_id) FROM made WHERE name = 'all';
SELECT is((SELECT count(*) FROM laurel.webhook_endpoints WHERE is_enabled AND disabled_reason IS NULL AND failures = 0), 3::bigint, 'an administrator enables it again');
SELECT tests.act_as_service();
SELECT is(laurel.redrive_deliveries('webhook'), 2::bigint, 'then the dead are redriven');
SELECT throws_ok($$ SELECT laurel.enable_webhook_endpoint('00000000-0000-0000-0000-000000000000') $$, '23503', 'there is no such webhook endpoint', 'unknown_endpoint');
SELECT is(laurel.disable_webhook_endpoint(endpoint_id, 'moving house'), 2::bigint, 'disabled by hand, what waits is dead') FROM made WHERE name = 'all';
SELECT tests.act_as_owner();
UPDATE laurel.notification_deliveries SET state = 'ready', due_at = clock_timestamp();
DELETE FROM laurel.webhook_endpoints WHERE id = (SELECT endpoint_id FROM made WHERE name = 'news');
SELECT is((SELECT count(*) FROM pg_temp.claim()), 0::bigint, 'what is left of a disabled endpoint');
SELECT results_eq($$ SELECT error, count(*) FROM laurel.delivery_attempts WHERE outcome = 'cancelled' GROUP BY 1 $$, $$ VALUES ('the endpoint is disabled', 2::bigint) $$, 'is cancelled');

SELECT is(tests.error_of($$ UPDATE laurel.webhook_endpoints SET rate_counted_at = '-infinity' $$), '23514 webhook_endpoints_rate_counted_at_check',
    'a rate is counted from a moment in time');

SELECT * FROM finish();
ROLLBACK;
