-- What bounds a message, a claim and a peer: nobody's text, template or settings stop the outbox for others.
\ir ../support/load.sql
BEGIN;
SELECT plan(43);

SELECT tests.cast('ada', 'admin');
SELECT tests.join(tests.bolt(), 'uwe');
UPDATE laurel.users SET first_name = 'Ada' WHERE id = tests.person('ada');
UPDATE laurel.user_preferences SET time_zone = 'UTC';
SELECT laurel_internal.register_worker(format('f0000000-0000-0000-0000-00000000000%s', n)::uuid, 'here', n, '0.1.0') FROM generate_series(1, 2) n;

CREATE FUNCTION pg_temp.claim(most integer DEFAULT 100, worker integer DEFAULT 1) RETURNS TABLE (delivery_id uuid, lease_token uuid, endpoint_id uuid, message jsonb)
LANGUAGE sql AS $$
    SELECT delivery_id, lease_token, endpoint_id, message
    FROM laurel_internal.claim_deliveries(format('f0000000-0000-0000-0000-00000000000%s', worker)::uuid, most)
$$;
CREATE FUNCTION pg_temp.told(type text, reader text DEFAULT 'ada', urgency smallint DEFAULT 5, message text DEFAULT 'Text') RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.notifications (user_id, type, title, message, priority, channels)
    VALUES (tests.person(reader), type, 'Title', message, urgency, '{email}')
$$;
CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE sql AS $$
    DELETE FROM laurel.notification_deliveries; DELETE FROM laurel.delivery_leases; DELETE FROM laurel.digest_items;
$$;
CREATE FUNCTION pg_temp.ends(outcome text, more jsonb DEFAULT '{}') RETURNS bigint LANGUAGE sql AS $$
    SELECT sum(laurel_internal.complete_deliveries(t, r)) FROM (
        SELECT lease_token AS t, jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', outcome) || more) AS r FROM pg_temp.claim() GROUP BY 1) x
$$;
-- Quiet hours from an hour ago to an hour ahead, on the clock of UTC.
CREATE FUNCTION pg_temp.hush() RETURNS void LANGUAGE sql AS $$
    UPDATE laurel.user_preferences SET notification_preferences = jsonb_build_object('quiet_hours', jsonb_build_object(
        'start', to_char(now() AT TIME ZONE 'UTC' - interval '1 hour', 'HH24:MI'), 'end', to_char(now() AT TIME ZONE 'UTC' + interval '1 hour', 'HH24:MI')))
    WHERE user_id = tests.person('ada')
$$;

-- A template that swells.
SELECT tests.act_as_admin();
INSERT INTO laurel.notification_templates (type, channel, subject, body_text, body_html) VALUES
    ('swelling', 'email', repeat('{{message}}', 45), repeat('{{message}}', 9000), NULL), ('wide', 'email', 'x', 'x', repeat('{{message}}', 17)),
    ('long', 'email', repeat('{{message}}', 45), 'x', NULL);
SELECT tests.act_as_owner();
SELECT pg_temp.told('swelling', message => repeat('ä', 20000)), pg_temp.told('wide', message => repeat('"', 20000)), pg_temp.told('innocent', 'uwe');
SELECT results_eq($$ SELECT message ->> 'to' FROM pg_temp.claim() $$, $$ VALUES ('uwe@bolt.test') $$, 'a message that is too long keeps nobody else waiting');
SELECT results_eq($$ SELECT state, attempts, lease_token, last_error FROM laurel.notification_deliveries WHERE state <> 'leased' $$,
    $$ SELECT 'dead', 1::smallint, NULL::uuid, 'a part of the message would be longer than 256 kB: shorten its template or its text' FROM generate_series(1, 2) $$,
    'it is dead, with a reason, in text and in HTML');
SELECT is((SELECT count(*) FROM laurel.delivery_attempts WHERE outcome = 'dead' AND error LIKE 'a part of%'), 2::bigint, 'that is logged');
SELECT is((SELECT dead_last_hour FROM laurel.delivery_status() WHERE channel = 'email'), 2::bigint, 'and counted');
SELECT is((SELECT remaining FROM laurel.delivery_leases), 1, 'the lease holds what was handed out');
UPDATE laurel.notification_templates SET body_text = 'mended' WHERE type = 'swelling';
SELECT is(laurel.redrive_deliveries(), 2::bigint, 'redriven');
SELECT results_eq($$ SELECT message ->> 'text' FROM pg_temp.claim() $$, $$ VALUES ('mended') $$, 'a template that was mended goes out');
SELECT pg_temp.empty(), pg_temp.told('long', message => repeat('ä', 20000));
SELECT results_eq($$ SELECT octet_length(message ->> 'subject') FROM pg_temp.claim() $$, 'VALUES (1000)', 'a subject is cut');

-- A claim is handed out up to a size; the rest stays in the queue.
SELECT pg_temp.empty();
INSERT INTO laurel.notification_templates (type, channel, subject, body_text) VALUES ('large', 'email', 'x', repeat('{{message}}', 12));
SELECT pg_temp.told('large', message => repeat('x', 20000)) FROM generate_series(1, 50);
CREATE TEMP TABLE handed AS SELECT delivery_id, length(message ->> 'text') AS size FROM pg_temp.claim();
SELECT is((SELECT min(size) FROM handed), 240000, 'fifty messages of 240 kB');
SELECT cmp_ok((SELECT count(*) FROM handed), '<', 40::bigint, 'are not handed out at once');
SELECT results_eq('SELECT state, min(attempts), max(attempts), count(*), bool_and(due_at <= clock_timestamp()) FROM laurel.notification_deliveries GROUP BY 1 ORDER BY 1',
    $$ SELECT 'leased', 1::smallint, 1::smallint, count(*), true FROM handed UNION ALL SELECT 'ready', 0::smallint, 0::smallint, 50 - count(*), true FROM handed $$, 'the rest is as it was');
INSERT INTO handed SELECT delivery_id, length(message ->> 'text') FROM pg_temp.claim(worker => 2);
SELECT results_eq('SELECT count(*), count(DISTINCT delivery_id) FROM handed', 'VALUES (50::bigint, 50::bigint)', 'and comes with the next claim');

-- Digests stay short, however much there is to tell.
SELECT pg_temp.empty();
UPDATE laurel.user_preferences SET notification_preferences = '{"digest": {"email": {"window": "1 day"}}}' WHERE user_id = tests.person('ada');
INSERT INTO laurel.notifications (user_id, type, title, message, link) SELECT tests.person('ada'), 'x', repeat('ä', 200), repeat('"ö', 10000),
    'https://example.com/' || repeat('&', 1900) FROM generate_series(1, 120);
UPDATE laurel.notification_deliveries SET due_at = clock_timestamp();
CREATE TEMP TABLE digest AS SELECT message FROM pg_temp.claim();
SELECT ok(octet_length(message ->> 'html') < 256 * 1024, 'a digest of long messages is sent') FROM digest;
SELECT matches(message ->> 'text', '\.\.\. and \d+ more', 'and says how many more there are') FROM digest;
SELECT is((SELECT count(*) FROM digest), 1::bigint, 'as one');

-- Quiet hours hold when it is sent, too.
SELECT pg_temp.empty();
UPDATE laurel.user_preferences SET notification_preferences = '{}' WHERE user_id = tests.person('ada');
SELECT pg_temp.told('quiet'), pg_temp.told('alarm', urgency => 0::smallint), pg_temp.told('loud', 'uwe');
SELECT pg_temp.hush();
SELECT is((SELECT count(*) FROM pg_temp.claim()), 2::bigint, 'what was due before quiet hours waits for their end, unless it is critical');
SELECT results_eq($$ SELECT d.attempts, due_at > now() + interval '58 minutes', due_at <= now() + interval '1 hour', d.last_error FROM laurel.notification_deliveries d
    JOIN laurel.notifications n ON n.id = d.notification_id WHERE n.type = 'quiet' $$, $$ VALUES (0::smallint, true, true, NULL::text) $$, 'without burning an attempt');
SELECT pg_temp.empty();
UPDATE laurel.user_preferences SET notification_preferences = '{}' WHERE user_id = tests.person('ada');
SELECT pg_temp.told('failing');
SELECT is(pg_temp.ends('retry'), 1::bigint, 'a failure');
UPDATE laurel.notification_deliveries SET due_at = clock_timestamp();
SELECT pg_temp.hush();
SELECT is((SELECT count(*) FROM pg_temp.claim()), 0::bigint, 'is not tried again in quiet hours');
SELECT results_eq('SELECT state, attempts, lease_token, due_at > now() FROM laurel.notification_deliveries', $$ VALUES ('ready', 1::smallint, NULL::uuid, true) $$, 'but after them');
SELECT is((SELECT count(*) FROM laurel.delivery_leases), 0::bigint, 'no lease is left');

SELECT pg_temp.empty();
UPDATE laurel.user_preferences SET time_zone = NULL WHERE user_id = tests.person('ada');
UPDATE laurel.organizations SET time_zone = 'Asia/Kathmandu' WHERE slug = 'acme';
SELECT pg_temp.told('elsewhere');
UPDATE laurel.notification_deliveries SET due_at = clock_timestamp();
SELECT is((SELECT count(*) FROM pg_temp.claim()), 1::bigint, 'quiet hours are on the clock of the organization where the member has none');
SELECT pg_temp.empty(), pg_temp.told('here');
UPDATE laurel.organizations SET time_zone = 'UTC' WHERE slug = 'acme';
SELECT is((SELECT count(*) FROM pg_temp.claim()), 0::bigint, 'whichever that is');

-- The rate of an endpoint holds for all workers together.
SELECT pg_temp.empty();
CREATE TEMP TABLE made AS SELECT * FROM laurel.create_webhook_endpoint('https://example.com/slow', organization_id => tests.acme());
UPDATE laurel.webhook_endpoints SET rate_per_second = 3;
INSERT INTO laurel.notifications (user_id, type, title) SELECT tests.person('ada'), 'x', 'Title' FROM generate_series(1, 20);
DELETE FROM laurel.notification_deliveries WHERE channel <> 'webhook';
SELECT is((SELECT count(*) FROM pg_temp.claim()), 3::bigint, 'a second''s worth at once');
SELECT is((SELECT count(*) FROM pg_temp.claim(worker => 2)), 0::bigint, 'then nothing, not for another worker either');
UPDATE laurel.webhook_endpoints SET rate_counted_at = rate_counted_at - interval '0.7 s';
SELECT is((SELECT count(*) FROM pg_temp.claim(1, 2)) + (SELECT count(*) FROM pg_temp.claim()), 2::bigint, 'until time has passed');
UPDATE laurel.webhook_endpoints SET rate_counted_at = rate_counted_at - interval '1 hour';
SELECT is((SELECT count(*) FROM pg_temp.claim()), 3::bigint, 'which does not add up');
UPDATE laurel.webhook_endpoints SET rate_per_second = 0.1, rate_counted_at = rate_counted_at - interval '9 s', rate_tokens = 0;
SELECT is((SELECT count(*) FROM pg_temp.claim()), 0::bigint, 'a rate of less than one a second');
UPDATE laurel.webhook_endpoints SET rate_counted_at = rate_counted_at - interval '1 s';
SELECT is((SELECT count(*) FROM pg_temp.claim()), 1::bigint, 'waits for one');
UPDATE laurel.webhook_endpoints SET rate_per_second = NULL;
SELECT is((SELECT count(*) FROM pg_temp.claim()), 1::bigint, 'without a rate it is the concurrency that counts');

-- What members and administrators may write.
SELECT tests.act_as_admin();
SELECT is(tests.error_of(format('INSERT INTO laurel.notifications (organization_id, user_id, type, title, %I)
    VALUES (tests.acme(), tests.person(''ada''), ''x'', ''x'', %L)', place, said)), '23514 notifications_' || place || '_check', name)
FROM (VALUES ('message_too_long', 'message', repeat('x', 20001)), ('data_too_large', 'data', format('{"x": "%s"}', repeat('x', 65536))), ('link_too_long', 'link', '/' || repeat('x', 2000)),
    ('link_of_two_lines', 'link', E'/a\n/b'), ('link_is_a_script', 'link', 'JavaScript:alert(1)'), ('link_is_data', 'link', ' data:text/html,x'), ('told_at_no_time', 'created_at', 'infinity')) AS v (name, place, said);
SELECT is(tests.error_of('UPDATE laurel.webhook_endpoints SET event_types = ARRAY[(SELECT string_agg(md5(n::text), '''') FROM generate_series(1, 1000) n)]'),
    '23514 webhook_endpoints_event_types_check', 'types_too_long');
SELECT is(tests.error_of('UPDATE laurel.webhook_endpoints SET rate_tokens = 1000000'), '42501', 'rate_counter_written_by_an_administrator');
SELECT tests.act_as(tests.person('ada'));
SELECT is(tests.error_of($$ UPDATE laurel.user_preferences SET notification_preferences = jsonb_build_object('types', jsonb_build_object(repeat('x', 51), '{}'::jsonb)) $$),
    '23514 user_preferences_notification_preferences_shape_check', 'type_name_too_long');
SELECT is(tests.error_of($$ UPDATE laurel.user_preferences SET notification_preferences = jsonb_build_object('types', jsonb_build_object('', '{}'::jsonb)) $$),
    '23514 user_preferences_notification_preferences_shape_check', 'type_without_name');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ UPDATE laurel.organizations SET settings = jsonb_build_object('notifications', jsonb_build_object('unsubscribe_url', 'https://x/' || repeat('x', 241))) $$),
    '23514 organizations_settings_notifications_check', 'unsubscribe_link_too_long');

SELECT is(tests.error_of($$ UPDATE laurel.organizations SET settings = jsonb_build_object('x', repeat('x', 100000)) $$), '23514 organizations_settings_check', 'settings_too_large');

SELECT * FROM finish();
ROLLBACK;
