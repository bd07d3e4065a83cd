-- Deliveries: made with their notifications, leased, ended, retried, given up, redriven.
\ir ../support/load.sql
BEGIN;
SELECT plan(105);

-- Six of Acme, of whom the third is not active, the fourth has a verified address and the sixth administers.
SELECT tests.found('a', 'b'), tests.crowd('a', 1, 6);
UPDATE laurel.organizations SET settings =
    '{"notifications": {"base_url": "https://learn.example.com/", "unsubscribe_url": "https://learn.example.com/stop?u={{user_id}}&t={{type}}"}}' WHERE id = tests.acme();
UPDATE laurel.users SET first_name = 'Ada', last_name = n, is_active = n <> 3, email_verified = n = 4 FROM generate_series(1, 6) n WHERE id = tests.one('a', n);
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.one('a', 6), 'org_admin');

CREATE FUNCTION pg_temp.made() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(right(user_id::text, 1) || ' ' || channel, ', ' ORDER BY user_id, channel)
    FROM laurel.notification_deliveries
$$;
CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE sql AS $$
    DELETE FROM laurel.notification_deliveries; DELETE FROM laurel.delivery_leases; DELETE FROM laurel.digest_items;
$$;
CREATE FUNCTION pg_temp.prefer(n integer, preferences jsonb) RETURNS void LANGUAGE sql AS $$
    UPDATE laurel.user_preferences SET notification_preferences = preferences WHERE user_id = tests.one('a', n)
$$;
CREATE FUNCTION pg_temp.ready(n integer, channel text, urgency integer DEFAULT 5, due interval DEFAULT '0')
RETURNS uuid LANGUAGE sql AS $$
    WITH said AS (INSERT INTO laurel.notifications (user_id, type, title, channels)
                  VALUES (tests.one('a', n), 'ready', 'Ready', '{}') RETURNING *)
    INSERT INTO laurel.notification_deliveries (organization_id, notification_id, user_id, channel, priority, due_at)
    SELECT s.organization_id, s.id, s.user_id, channel, urgency, clock_timestamp() + due FROM said s RETURNING id
$$;

-- Made by what was said.
INSERT INTO laurel.notifications (user_id, type, title) SELECT tests.one('a', n), 'news', 'News' FROM generate_series(1, 6) n;
SELECT is(pg_temp.made(), '1 email, 2 email, 4 email, 5 email, 6 email', 'an e-mail to everybody who is active');
SELECT ok((SELECT bool_and(state = 'ready' AND attempts = 0 AND priority = 5 AND due_at BETWEEN now() AND clock_timestamp()
           AND organization_id = tests.acme()) FROM laurel.notification_deliveries),
          'due at once');
SELECT pg_temp.empty();
INSERT INTO laurel.notifications (user_id, type, title, is_read) VALUES (tests.one('a', 1), 'news', 'x', true);
INSERT INTO laurel.notifications (user_id, type, title, created_at) VALUES (tests.one('a', 1), 'news', 'x', now() - interval '2 days');
SELECT is(pg_temp.made(), NULL, 'what arrives read or old is history');
SELECT pg_temp.prefer(1, '{"channels": {"push": true}, "types": {"news": {"email": false}}}'), pg_temp.prefer(2, '{"channels": {"email": false}}');
INSERT INTO laurel.notifications (user_id, type, title) SELECT tests.one('a', n), t, 'x' FROM generate_series(1, 2) n, unnest('{news,other}'::text[]) t;
SELECT is(pg_temp.made(), '1 email, 1 push, 1 push', 'preferences decide');
SELECT pg_temp.empty();
INSERT INTO laurel.notifications (user_id, type, title, channels) VALUES (tests.one('a', 2), 'news', 'x', '{email,push}'), (tests.one('a', 1), 'news', 'x', '{}');
SELECT is(pg_temp.made(), '2 email, 2 push', 'unless channels are named');
SELECT pg_temp.empty();
UPDATE laurel.organizations SET settings = settings || '{"notifications": {"verified_only": true, "base_url": "https://learn.example.com/", "unsubscribe_url": "https://learn.example.com/stop?u={{user_id}}&t={{type}}"}}'
    WHERE id = tests.acme();
INSERT INTO laurel.notifications (user_id, type, title) SELECT tests.one('a', n), 'other', 'x' FROM generate_series(4, 5) n;
SELECT is(pg_temp.made(), '4 email', 'an organization that wants proven addresses only');
SELECT pg_temp.empty();
SELECT pg_temp.prefer(4, '{"channels": {"in_app": false}}');
INSERT INTO laurel.notifications (id, user_id, type, title) VALUES ('c0000000-0000-0000-0000-000000000001', tests.one('a', 4), 'other', 'x');
SELECT ok((SELECT is_read AND read_at IS NOT NULL FROM laurel.notifications WHERE id = 'c0000000-0000-0000-0000-000000000001'),
          'kept out of the application it arrives read');
SELECT is(pg_temp.made(), '4 email', 'and goes elsewhere all the same');
SELECT pg_temp.empty();
UPDATE laurel.user_preferences SET time_zone = 'UTC', notification_preferences = jsonb_build_object('quiet_hours', jsonb_build_object(
    'start', to_char(now() AT TIME ZONE 'UTC' - interval '1 hour', 'HH24:MI'), 'end', to_char(now() AT TIME ZONE 'UTC' + interval '1 hour', 'HH24:MI')))
    WHERE user_id = tests.one('a', 4);
INSERT INTO laurel.notifications (user_id, type, title, priority) VALUES (tests.one('a', 4), 'x', 'x', 5), (tests.one('a', 4), 'x', 'x', 0), (tests.one('a', 4), 'x', 'x', 1);
SELECT results_eq('SELECT priority, due_at <= clock_timestamp(), due_at <= now() + interval ''61 minutes'' FROM laurel.notification_deliveries ORDER BY priority',
    'VALUES (0::smallint, true, true), (1::smallint, false, true), (5::smallint, false, true)', 'quiet hours hold back all but what is critical');
SELECT pg_temp.empty(), pg_temp.prefer(4, '{}');
SELECT tests.act_as('a0000000-0000-0000-0000-000000000006');
SELECT isnt(laurel.notify(tests.one('a', 4), 'x', 'x', priority => 1), NULL, 'an administrator notifies');
INSERT INTO laurel.notifications (organization_id, user_id, type, title) VALUES (tests.acme(), tests.one('a', 4), 'x', 'x');
SELECT throws_ok('SELECT FROM laurel.notification_deliveries', '42501', NULL, 'outbox_read_by_an_administrator');
SELECT throws_ok('SELECT FROM laurel.digest_items', '42501', NULL, 'digests_read_by_an_administrator');
SELECT throws_ok('SELECT FROM laurel.delivery_leases', '42501', NULL, 'leases_read_by_an_administrator');
SELECT throws_ok('SELECT FROM laurel.workers', '42501', NULL, 'workers_read_by_an_administrator');
SELECT throws_ok($$ SELECT laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 1) $$, '42501', NULL, 'claimed_by_an_administrator');
SELECT throws_ok($$ SELECT laurel_internal.complete_deliveries('f0000000-0000-0000-0000-000000000001', '[]') $$, '42501', NULL, 'completed_by_an_administrator');
SELECT throws_ok('SELECT laurel.redrive_deliveries()', '42501', NULL, 'redriven_by_an_administrator');
SELECT throws_ok('SELECT laurel.delivery_status()', '42501', NULL, 'status_read_by_an_administrator');
SELECT tests.act_as_owner();
SELECT is(pg_temp.made(), '4 email, 4 email', 'deliveries are made of what an administrator writes');

-- Claims are for workers.
SELECT tests.act_as_service();
SELECT throws_ok($$ SELECT laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 1) $$, 'PT409', 'the worker is not registered', 'claimed_without_registering');
SELECT lives_ok($$ SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '0.1.0') $$, 'a worker registers');
SELECT throws_ok($$ SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '0.1.0') $$, '23505', NULL, 'registered_twice');
SELECT throws_ok($$ SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000002', NULL, 1, '') $$, '22004', NULL, 'registered_without_host');
SELECT throws_ok(format('SELECT laurel_internal.claim_deliveries(''f0000000-0000-0000-0000-000000000001'', %s)', arguments), state, NULL, name)
FROM (VALUES ('claimed_nothing', '0', '22023'), ('claimed_too_much', '10001', '22023'), ('claimed_without_number', 'NULL', '22004'),
    ('lease_too_short', '1, ''0 s''', '22023'), ('lease_too_long', '1, ''2 hours''', '22023'), ('lease_backwards', '1, ''-1 s''', '22023'),
    ('unknown_channel', '1, ''30 s'', ''{sms}''', '22023'), ('null_channel', '1, ''30 s'', ''{NULL}''', '22023')) AS v (name, arguments, state);

-- A message.
SELECT tests.act_as_owner();
SELECT pg_temp.empty();
SELECT laurel.notify(tests.one('a', 4), 'badge earned', 'You <won>', 'Well & done', '/badges/1', '{"n": 1}');
SELECT tests.act_as_service();
CREATE TEMP TABLE c AS SELECT * FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10);
SELECT is((SELECT message FROM c), jsonb_build_object('to', 'a4@kit.test', 'to_name', 'Ada 4', 'subject', 'You <won>',
    'text', E'You <won>\n\nWell & done\n\nhttps://learn.example.com/badges/1\n\n-- \nAcme\nhttps://learn.example.com/stop?u=a0000000-0000-0000-0000-000000000004&t=badge%20earned',
    'html', '<h1 style="font-size:1.2em">You &lt;won&gt;</h1>' || E'\n\n' || '<p style="white-space:pre-line">Well &amp; done</p>' || E'\n\n' ||
        '<p><a href="https://learn.example.com/badges/1">https://learn.example.com/badges/1</a></p>' || E'\n\n' ||
        '<p style="color:#666;font-size:.9em">Acme<br><a href="https://learn.example.com/stop?u=a0000000-0000-0000-0000-000000000004&amp;t=badge%20earned">' ||
        'https://learn.example.com/stop?u=a0000000-0000-0000-0000-000000000004&amp;t=badge%20earned</a></p>',
    'unsubscribe', 'https://learn.example.com/stop?u=a0000000-0000-0000-0000-000000000004&t=badge%20earned'), 'an e-mail, where there is no template');
SELECT results_eq('SELECT channel, attempt, organization_id, notification_id IS NOT NULL, endpoint_id, enqueued_at <= clock_timestamp() FROM c',
    $$ VALUES ('email', 1, tests.acme(), true, NULL::uuid, true) $$, 'and what belongs to it');
SELECT is((SELECT count(*) FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10)), 0::bigint, 'what is leased is not leased again');
SELECT results_eq('SELECT worker_id, remaining, lease_until > clock_timestamp() + interval ''25 s'' FROM laurel.delivery_leases',
    $$ VALUES ('f0000000-0000-0000-0000-000000000001'::uuid, 1, true) $$, 'the lease is known');

-- Completions are fenced by the token.
SELECT is(laurel_internal.complete_deliveries('00000000-0000-0000-0000-000000000000', (SELECT jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', 'delivered')) FROM c)), 0::bigint, 'completed_under_another_token');
SELECT is(laurel_internal.complete_deliveries((SELECT lease_token FROM c), '[{"id": "00000000-0000-0000-0000-000000000000", "outcome": "delivered"}]'), 0::bigint, 'completed_what_was_not_leased');
SELECT throws_ok(format('SELECT laurel_internal.complete_deliveries(%L, %L)', gen_random_uuid(), results), '22023', NULL, name)
FROM (VALUES ('results_no_array', '{}'), ('results_scalar', '1'), ('results_too_deep', '[[[[[1]]]]]'),
    ('results_of_too_many', (SELECT jsonb_build_array(jsonb_build_object('outcome', 'dead', 'ids', jsonb_agg(gen_random_uuid())))::text FROM generate_series(1, 10001)))) AS v (name, results);
SELECT is(laurel_internal.complete_deliveries((SELECT lease_token FROM c), (SELECT jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', 'delivered') || more) FROM c)), 0::bigint, 'result_with ' || more::text)
FROM unnest('{"{\"retry_atfer\": 5}", "{\"Status\": 250}", "{\"status\": \"250\"}", "{\"error\": 5}", "{\"outcome\": \"done\"}", "{\"id\": 5}", "{\"disable_endpoint\": \"yes\"}"}'::jsonb[]) more;
SELECT is(laurel_internal.complete_deliveries((SELECT lease_token FROM c), (SELECT jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', 'delivered', 'status', 250, 'duration_ms', 1.5, 'error', NULL)) FROM c)), 1::bigint, 'completed');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries) + (SELECT count(*) FROM laurel.delivery_leases), 0::bigint, 'a delivery that arrived is gone, and its lease');
SELECT results_eq('SELECT delivery_id, organization_id, user_id, channel, attempt, outcome, status_code, error, duration_ms, latency_ms > 0 FROM laurel.delivery_attempts',
    $$ SELECT delivery_id, organization_id, tests.one('a', 4), 'email', 1::smallint, 'delivered', 250, NULL, 1.5::real, true FROM c $$, 'and logged');
SELECT is(laurel_internal.complete_deliveries((SELECT lease_token FROM c), (SELECT jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', 'delivered')) FROM c)), 0::bigint, 'completed_twice');

-- Failures wait longer and longer.
SELECT tests.act_as_owner();
CREATE FUNCTION pg_temp.fail(outcome text, more jsonb DEFAULT '{}') RETURNS bigint LANGUAGE sql AS $$
    SELECT sum(laurel_internal.complete_deliveries(t, r)) FROM (
        SELECT lease_token AS t, jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', outcome) || more) AS r
        FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 100) GROUP BY lease_token) x
$$;
SELECT pg_temp.ready(4, 'email');
SELECT is(pg_temp.fail('retry', '{"status": 450, "error": "450 <a4@kit.test> is busy"}'), 1::bigint, 'a failure');
SELECT results_eq('SELECT state, attempts, lease_token, last_error, due_at > clock_timestamp() + interval ''2 s'', due_at < clock_timestamp() + interval ''5 s'' FROM laurel.notification_deliveries',
    $$ VALUES ('ready', 1::smallint, NULL::uuid, '450 <[address]> is busy', true, true) $$, 'waits for five seconds, half of it by chance, and tells no address');
UPDATE laurel.notification_deliveries SET due_at = clock_timestamp(), attempts = 4;
SELECT is(pg_temp.fail('retry'), 1::bigint, 'the fifth failure');
SELECT ok(due_at > clock_timestamp() + interval '39 s' AND due_at < clock_timestamp() + interval '81 s', 'waits for 40 to 80 seconds') FROM laurel.notification_deliveries;
UPDATE laurel.notification_deliveries SET due_at = clock_timestamp(), attempts = 0;
SELECT is(pg_temp.fail('retry', '{"retry_after": 120}'), 1::bigint, 'a peer that says when');
SELECT ok(due_at > clock_timestamp() + interval '119 s' AND due_at < clock_timestamp() + interval '121 s', 'is asked again then') FROM laurel.notification_deliveries;
UPDATE laurel.notification_deliveries SET due_at = clock_timestamp();
SELECT is(pg_temp.fail('retry', '{"retry_after": 1e9}'), 1::bigint, 'a peer that says never');
SELECT ok(due_at BETWEEN clock_timestamp() + interval '5.99 hours' AND clock_timestamp() + interval '6.01 hours', 'is asked in six hours') FROM laurel.notification_deliveries;
UPDATE laurel.notification_deliveries SET due_at = clock_timestamp(), attempts = max_attempts - 1;
SELECT is(pg_temp.fail('retry', '{"error": "still busy"}'), 1::bigint, 'the last failure');
SELECT results_eq('SELECT state, attempts, last_error FROM laurel.notification_deliveries', $$ VALUES ('dead', 20::smallint, 'still busy') $$, 'is the end');
SELECT results_eq('SELECT outcome, count(*) FROM laurel.delivery_attempts GROUP BY 1 ORDER BY 1', $$ VALUES ('dead', 1::bigint), ('delivered', 1::bigint), ('retry', 4::bigint) $$, 'every attempt is logged');
SELECT tests.act_as('a0000000-0000-0000-0000-000000000006');
SELECT is((SELECT count(*) FROM laurel.delivery_attempts), 6::bigint, 'an administrator reads the log of the organization');
SELECT throws_ok('DELETE FROM laurel.delivery_attempts', '42501', NULL, 'log_deleted_by_an_administrator');
SELECT tests.act_as('a0000000-0000-0000-0000-000000000004');
SELECT is((SELECT count(*) FROM laurel.delivery_attempts), 0::bigint, 'a member does not');

-- The dead.
SELECT tests.act_as_service();
SELECT results_eq('SELECT channel, attempts, reason FROM laurel.dead_deliveries()', $$ VALUES ('email', 20, 'still busy') $$, 'the dead are listed with their reason');
SELECT is(laurel.redrive_deliveries('push'), 0::bigint, 'redriven_of_another_channel');
SELECT is(laurel.redrive_deliveries(organization_id => tests.bolt()), 0::bigint, 'redriven_of_another_organization');
SELECT is(laurel.redrive_deliveries(ids => '{00000000-0000-0000-0000-000000000000}'), 0::bigint, 'redriven_with_another_id');
SELECT is(laurel.redrive_deliveries('email', tests.acme(), ARRAY(SELECT id FROM laurel.dead_deliveries())), 1::bigint, 'redriven');
SELECT results_eq('SELECT state, attempts, due_at <= clock_timestamp() FROM laurel.notification_deliveries', $$ VALUES ('ready', 0::smallint, true) $$, 'a redriven one starts anew');
SELECT tests.act_as_owner();
SELECT is(pg_temp.fail('dead', '{"error": "no such mailbox"}'), 1::bigint, 'what cannot succeed');
SELECT is((SELECT state FROM laurel.notification_deliveries), 'dead', 'dies at once');

-- Leases end, are extended, are given back.
SELECT pg_temp.empty(), pg_temp.ready(4, 'email');
CREATE TEMP TABLE first AS SELECT * FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10);
SELECT is(laurel_internal.extend_leases('f0000000-0000-0000-0000-000000000001', '10 minutes'), 1::bigint, 'a lease is extended');
SELECT ok(lease_until > clock_timestamp() + interval '9 minutes', 'and ends later') FROM laurel.delivery_leases;
SELECT is(laurel_internal.extend_leases('f0000000-0000-0000-0000-000000000009'), 0::bigint, 'not somebody else''s');
SELECT is(tests.error_of(format($$ SELECT laurel_internal.extend_leases('f0000000-0000-0000-0000-000000000001', %L) $$, length)), '22023', 'a lease lasts no ' || length)
FROM unnest('{0 s,-1 day,61 minutes}'::interval[]) length;
SELECT is(tests.error_of($$ UPDATE laurel.notification_deliveries SET due_at = '-infinity' $$), '23514 notification_deliveries_due_at_check', 'nothing is due before all time');
UPDATE laurel.delivery_leases SET lease_until = clock_timestamp();
SELECT pg_sleep(1.1);
CREATE TEMP TABLE second AS SELECT * FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10);
SELECT results_eq('SELECT s.delivery_id = f.delivery_id, s.lease_token = f.lease_token, s.attempt FROM first f, second s', 'VALUES (true, false, 2)', 'what a lease held when it ended is leased again');
SELECT is(laurel_internal.complete_deliveries((SELECT lease_token FROM first), (SELECT jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', 'delivered')) FROM first)), 0::bigint, 'completed_after_the_lease_had_ended');
SELECT is(laurel_internal.release_deliveries('f0000000-0000-0000-0000-000000000001', '{00000000-0000-0000-0000-000000000000}'), 0::bigint, 'released_what_was_not_leased');
SELECT is(laurel_internal.release_deliveries('f0000000-0000-0000-0000-000000000001', ARRAY(SELECT delivery_id FROM second)), 1::bigint, 'one is given back');
SELECT results_eq('SELECT state, attempts, lease_token FROM laurel.notification_deliveries', $$ VALUES ('ready', 1::smallint, NULL::uuid) $$, 'without burning an attempt');
SELECT is((SELECT count(*) FROM laurel.delivery_leases), 0::bigint, 'an empty lease is gone');
SELECT is((SELECT count(*) FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10)), 1::bigint, 'and leased anew');
UPDATE laurel.notification_deliveries SET attempts = max_attempts;
UPDATE laurel.delivery_leases SET lease_until = clock_timestamp();
SELECT pg_sleep(1.1);
SELECT is((SELECT count(*) FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10)), 0::bigint, 'a lease that ends with the last attempt');
SELECT results_eq('SELECT state, last_error FROM laurel.notification_deliveries', $$ VALUES ('dead', 'the lease ended before the worker answered') $$, 'leaves a dead delivery');

-- Nobody to deliver to.
SELECT pg_temp.empty(), pg_temp.ready(4, 'email'), pg_temp.ready(5, 'email');
DELETE FROM laurel.notifications WHERE user_id = tests.one('a', 4);
UPDATE laurel.users SET is_active = false WHERE id = tests.one('a', 5);
SELECT is((SELECT count(*) FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10)), 0::bigint, 'a notification that is gone, a user who is not active');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries) + (SELECT count(*) FROM laurel.delivery_leases), 0::bigint, 'are cancelled');
SELECT results_eq($$ SELECT error, attempt FROM laurel.delivery_attempts WHERE outcome = 'cancelled' ORDER BY error $$,
    $$ VALUES ('the notification is gone', 0::smallint), ('the user is not active', 0::smallint) $$, 'and logged');
UPDATE laurel.users SET is_active = true WHERE id = tests.one('a', 5);
SELECT pg_temp.ready(5, 'email');
SELECT pg_temp.fail('dead');
DELETE FROM laurel.users WHERE id = tests.one('a', 5);
SELECT is((SELECT count(*) FROM laurel.notification_deliveries), 0::bigint, 'the dead go with their user');

-- Priorities.
SELECT pg_temp.ready(4, 'email', priority) FROM unnest('{9,5,1,0}'::integer[]) priority, generate_series(1, 20);
SELECT results_eq($$ SELECT d.priority, count(*) FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 30) c
    JOIN laurel.notification_deliveries d ON d.id = c.delivery_id GROUP BY 1 ORDER BY 1 $$,
    'VALUES (0::smallint, 20::bigint), (1::smallint, 6::bigint), (5::smallint, 3::bigint), (9::smallint, 1::bigint)', 'critical ones first, the others by shares');
SELECT results_eq($$ SELECT d.priority, count(*) FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 40) c
    JOIN laurel.notification_deliveries d ON d.id = c.delivery_id GROUP BY 1 ORDER BY 1 $$,
    'VALUES (1::smallint, 14::bigint), (5::smallint, 17::bigint), (9::smallint, 9::bigint)', 'and what one leaves goes to the others');
SELECT pg_temp.empty();
SELECT pg_temp.ready(4, channel) FROM unnest('{email,push}'::text[]) channel, generate_series(1, 20);
SELECT results_eq($$ SELECT channel, count(*) FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10) GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('email', 5::bigint), ('push', 5::bigint) $$, 'channels share equally');
SELECT results_eq($$ SELECT channel, count(*) FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 100, '30 s', '{push}') GROUP BY 1 $$,
    $$ VALUES ('push', 15::bigint) $$, 'a worker gets the channels it asks for');

-- Status.
SELECT is((SELECT count(*) FROM pg_listening_channels()), 0::bigint, 'nobody listens here');
SELECT results_eq($$ SELECT channel, due, waiting, leased, dead, oldest_due_at IS NOT NULL, delivered_last_hour, retried_last_hour, dead_last_hour, cancelled_last_hour,
    latency_p50_ms > 0 FROM laurel.delivery_status() ORDER BY 1 $$,
    $$ VALUES ('email', 15::bigint, 0::bigint, 5::bigint, 0::bigint, true, 1::bigint, 4::bigint, 3::bigint, 2::bigint, true),
              ('push', 0, 0, 20, 0, false, 0, 0, 0, 0, NULL), ('webhook', 0, 0, 0, 0, false, 0, 0, 0, 0, NULL) $$, 'the state of the queue and the last hour');
SELECT results_eq($$ SELECT sum(delivered), sum(retried), sum(dead), sum(cancelled) FROM laurel.delivery_history() $$,
    'VALUES (1::numeric, 4::numeric, 3::numeric, 2::numeric)', 'step by step');

-- Workers.
SELECT is(laurel_internal.worker_beat('f0000000-0000-0000-0000-000000000001', true), true, 'a worker lives');
SELECT is(laurel_internal.worker_beat('f0000000-0000-0000-0000-000000000009', true), false, 'a worker that nobody knows');
SELECT is(laurel_internal.unregister_worker('f0000000-0000-0000-0000-000000000001'), 25::bigint, 'a worker stops and gives back');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries WHERE state = 'ready' AND attempts = 0), 40::bigint, 'everything is ready again');

SELECT * FROM finish();
ROLLBACK;
