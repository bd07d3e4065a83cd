-- Shares: where more is due than a claim takes, the organizations that wait get equal parts of it, and portions bound them.
\ir ../support/load.sql
BEGIN;
SELECT plan(81);

SELECT tests.found('a', 'b', 'c'), tests.crowd('a', 1, 30), tests.crowd('b', 1, 30), tests.crowd('c', 1, 1);
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.one('a', 1), 'org_admin');
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '1');
CREATE TEMP TABLE hooks AS SELECT letter, n, e.endpoint_id
    FROM unnest('{a,b,c}'::text[]) letter, generate_series(1, 3) n, laurel.create_webhook_endpoint('https://example.com/' || letter || n, organization_id => tests.org(letter)) e;
UPDATE laurel.organizations SET webhook_concurrency_limit = 1000;
UPDATE laurel.webhook_endpoints SET max_concurrency = 1000;

-- So many deliveries of a member of the organization, webhooks to one of its endpoints.
CREATE FUNCTION pg_temp.wait(letter text, many integer, channel text DEFAULT 'email', urgency integer DEFAULT 5, hook integer DEFAULT 1) RETURNS void LANGUAGE sql AS $$
    WITH said AS (INSERT INTO laurel.notifications (user_id, type, title, channels)
                  SELECT tests.one(letter, 1), 'said', 'Said', '{}' FROM generate_series(1, many) RETURNING *)
    INSERT INTO laurel.notification_deliveries (organization_id, notification_id, user_id, channel, priority, due_at, endpoint_id)
    SELECT s.organization_id, s.id, s.user_id, channel, urgency, clock_timestamp(),
        CASE channel WHEN 'webhook' THEN (SELECT endpoint_id FROM hooks h WHERE h.letter = wait.letter AND h.n = hook) END FROM said s
$$;
-- What a claim brings each organization, as a10 b5.
CREATE FUNCTION pg_temp.claim(most integer, portion_channels text[] DEFAULT NULL, portion_organizations uuid[] DEFAULT NULL, portion_rows integer[] DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(letter || many, ' ' ORDER BY letter) FROM (
        SELECT left(organization_id::text, 1) AS letter, count(*) AS many
        FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', most, '30 s', NULL, portion_channels, portion_organizations, portion_rows) GROUP BY 1) x
$$;
CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE sql AS $$
    DELETE FROM laurel.notification_deliveries; DELETE FROM laurel.delivery_leases; DELETE FROM laurel.digest_items;
$$;
-- Who waits is looked for again at once, as after something was given back.
CREATE FUNCTION pg_temp.later() RETURNS void LANGUAGE sql AS 'SELECT laurel.redrive_deliveries()';

-- Every channel, at every urgency.
CREATE FUNCTION pg_temp.flood(channel text, urgency integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    told text;
BEGIN
    PERFORM pg_temp.wait('a', 60, channel, urgency), pg_temp.wait('b', 12, channel, urgency), pg_temp.later();
    told := concat_ws(', ', pg_temp.claim(10), pg_temp.claim(10), pg_temp.claim(10), pg_temp.claim(100), pg_temp.claim(10));
    PERFORM pg_temp.empty();
    RETURN told;
END
$$;
SELECT is(pg_temp.flood(channel, urgency), 'a5 b5, a5 b5, a8 b2, a42', format('%s at %s: who came later gets as much, and what one leaves the other has', channel, urgency))
FROM unnest('{email,push,webhook}'::text[]) channel, unnest('{0,1,5,9}'::integer[]) urgency;

-- Three, and what does not divide.
SELECT pg_temp.wait('a', 100), pg_temp.wait('b', 100), pg_temp.wait('c', 100), pg_temp.later();
CREATE TEMP TABLE rounds AS SELECT n, pg_temp.claim(10) AS told FROM generate_series(1, 3) n;
SELECT is((SELECT count(*) FROM rounds WHERE told LIKE '%4%' AND told ~ '3.*3'), 3::bigint, 'three share ten');
SELECT is((SELECT count(DISTINCT told) FROM rounds), 3::bigint, 'and take turns with the tenth');
SELECT is((SELECT string_agg(told, ', ' ORDER BY told) FROM (SELECT pg_temp.claim(1) AS told FROM generate_series(1, 3)) x), 'a1, b1, c1', 'one at a time, too');
SELECT is(pg_temp.claim(2), 'a1 b1', 'or two');
SELECT is(pg_temp.claim(2), 'a1 c1', 'of three');
SELECT pg_temp.empty();

-- More organizations than are looked at together.
INSERT INTO laurel.notification_deliveries (organization_id, notification_id, user_id, channel, due_at)
SELECT ('d0000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, laurel.uuidv7(), tests.one('a', 1), 'email', clock_timestamp() FROM generate_series(1, 400) n, generate_series(1, 3);
SELECT pg_temp.wait('a', 500), pg_temp.wait('b', 3), pg_temp.later();
CREATE FUNCTION pg_temp.turns_until(letter text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    FOR turn IN 1 .. 100 LOOP
        IF pg_temp.claim(50) LIKE '%' || letter || '%' THEN
            RETURN turn;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
SELECT cmp_ok(pg_temp.turns_until('b'), '<=', 8, 'four hundred others who wait are passed in a few claims');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries WHERE state = 'ready' AND organization_id::text LIKE 'd%' AND due_at <= clock_timestamp()) < 1200, true, 'and had their turns');
DO $$ BEGIN WHILE pg_temp.claim(1000) IS NOT NULL LOOP NULL; END LOOP; END $$;
SELECT is((SELECT count(*) FROM laurel.notification_deliveries WHERE state = 'ready'), 0::bigint, 'until nothing is left');
SELECT pg_temp.wait('c', 1);
SELECT is(pg_temp.claim(1), 'c1', 'then what comes is found at once');
SELECT pg_temp.empty(), pg_temp.claim(1);

-- Critical ones of anybody go first.
SELECT pg_temp.wait('a', 50, 'email', 1), pg_temp.wait('b', 50, 'email', 1), pg_temp.wait('c', 8, 'email', 0), pg_temp.later();
SELECT is(pg_temp.claim(10), 'a1 b1 c8', 'critical ones stay ahead of all');
SELECT is(pg_temp.claim(10), 'a5 b5', 'then the others share');
SELECT pg_temp.empty();

-- Digests.
UPDATE laurel.user_preferences SET notification_preferences = '{"digest": {"email": {"window": "1 day"}}}';
INSERT INTO laurel.notifications (user_id, type, title) SELECT tests.one('a', n), 'news', 'News' FROM generate_series(1, 30) n, generate_series(1, 3);
INSERT INTO laurel.notifications (user_id, type, title) SELECT tests.one('b', n), 'news', 'News' FROM generate_series(1, 3) n;
UPDATE laurel.notification_deliveries SET due_at = clock_timestamp();
SELECT is((SELECT count(*) FROM laurel.notification_deliveries WHERE digest_key IS NOT NULL), 33::bigint, 'digests wait');
SELECT pg_temp.later();
SELECT is(pg_temp.claim(4), 'a2 b2', 'and share as well');
SELECT pg_temp.empty();

-- One more organization is found while another floods.
SELECT pg_temp.wait('a', 100), pg_temp.later();
SELECT is(pg_temp.claim(10), 'a10', 'alone it has everything');
SELECT pg_temp.wait('b', 5), pg_sleep(0.5);
SELECT is(pg_temp.claim(10), 'a5 b5', 'until another waits');
SELECT pg_temp.empty();

-- What was given back and lies behind is found again.
SELECT pg_temp.wait('a', 40), pg_temp.wait('b', 40), pg_temp.later();
SELECT is(pg_temp.claim(60), 'a30 b30', 'most is leased');
SELECT is(laurel_internal.release_deliveries('f0000000-0000-0000-0000-000000000001'), 60::bigint, 'and given back');
SELECT is(pg_temp.claim(50), 'a25 b25', 'it is shared again');
SELECT is(pg_temp.claim(100), 'a15 b15', 'to the end');
SELECT pg_temp.empty();

-- Webhooks of an organization whose endpoints are busy.
UPDATE laurel.webhook_endpoints SET max_concurrency = 2 WHERE organization_id = tests.org('a');
SELECT pg_temp.wait('a', 100, 'webhook', hook => n) FROM generate_series(1, 3) n;
SELECT pg_temp.wait('b', 30, 'webhook'), pg_temp.later();
SELECT is(pg_temp.claim(20), 'a6 b14', 'a busy endpoint leaves its room to the others of its organization, then to others');
SELECT is(pg_temp.claim(20), 'b16', 'to whom all goes while all are busy');
SELECT is(pg_temp.claim(20), NULL, 'which have no more room than they say');
SELECT pg_temp.empty();

-- Portions.
SELECT pg_temp.wait('a', 50), pg_temp.wait('b', 3), pg_temp.later();
SELECT is(pg_temp.claim(20, '{email}', ARRAY[NULL]::uuid[], '{5}'), 'a5 b3', 'no organization gets more than each may have');
SELECT is(pg_temp.claim(20, '{email,email}', ARRAY[NULL, tests.org('a')], '{5,2}'), 'a2', 'or than is its own portion');
SELECT is(pg_temp.claim(20, '{email}', ARRAY[tests.org('a')], '{0}'), NULL, 'which may be nothing');
SELECT pg_temp.wait('c', 2), pg_temp.later();
SELECT is(pg_temp.claim(20, '{email}', ARRAY[tests.org('a')], '{0}'), 'c2', 'while others are served');
SELECT is(pg_temp.claim(20, '{push}', ARRAY[tests.org('a')], '{0}'), 'a20', 'and other channels are bounded by their own');
SELECT pg_temp.empty();
SELECT pg_temp.wait('a', 50, 'webhook', hook => 2), pg_temp.wait('b', 3, 'webhook'), pg_temp.later();
UPDATE laurel.webhook_endpoints SET max_concurrency = 1000;
SELECT is(pg_temp.claim(20, '{webhook}', ARRAY[NULL]::uuid[], '{5}'), 'a5 b3', 'webhooks as well');
SELECT is(tests.error_of(format('SELECT pg_temp.claim(1, %s)', portions)), '22023', name)
FROM (VALUES ('portion_without_rows', $$ '{email}', ARRAY[NULL]::uuid[], '{}' $$), ('portion_below_nothing', $$ '{email}', ARRAY[NULL]::uuid[], '{-1}' $$),
    ('portion_of_no_channel', $$ '{sms}', ARRAY[NULL]::uuid[], '{1}' $$), ('portion_unknown', $$ '{email}', ARRAY[NULL]::uuid[], '{NULL}' $$)) AS v (name, portions);

-- Who calls everything critical has no more for it than the portion.
SELECT pg_temp.empty(), pg_temp.wait('a', 500, 'email', 0), pg_temp.wait('b', 20, 'email', 9), pg_temp.later();
SELECT is(pg_temp.claim(200, '{email}', ARRAY[NULL]::uuid[], '{100}'), 'a100 b20', 'a flood of critical ones leaves room for anything else of others');
SELECT is(pg_temp.claim(200, '{email,email}', ARRAY[NULL, tests.org('a')], '{140,20}'), 'a20', 'and stays in its bounds while it is alone');
SELECT pg_temp.empty();

-- What comes to no message is nobody's share.
SELECT pg_temp.empty(), pg_temp.wait('a', 300);
DELETE FROM laurel.notifications WHERE type = 'said';
SELECT pg_temp.wait('a', 1);
SELECT is(pg_temp.claim(20, '{email}', ARRAY[NULL]::uuid[], '{5}'), 'a1', 'behind many that nobody can get any more');
SELECT pg_temp.empty(), pg_temp.wait('a', 6000);
DELETE FROM laurel.notifications WHERE type = 'said';
SELECT is(pg_temp.claim(20), NULL, 'of very many');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries), 1000::bigint, 'a claim leaves some to the next, which sees who has come since');
SELECT pg_temp.empty();

-- Ceilings of the organization, which its administrators cannot raise, nor get round by another endpoint.
SELECT tests.act_as_service();
UPDATE laurel.webhook_endpoints SET max_concurrency = 10;
UPDATE laurel.organizations SET webhook_concurrency_limit = 50, webhooks_under_way_limit = 12;
SELECT tests.act_as(tests.one('a', 1));
SELECT is(tests.error_of($$ UPDATE laurel.webhook_endpoints SET max_concurrency = 51 $$), '23514 webhook_endpoints_max_concurrency_ceiling', 'concurrency_raised_by_an_administrator');
SELECT is(tests.error_of($$ UPDATE laurel.webhook_endpoints SET timeout_ms = 30001 $$), '23514 webhook_endpoints_timeout_ms_ceiling', 'timeout_raised_by_an_administrator');
SELECT is(tests.error_of(format('UPDATE laurel.organizations SET %I = 100', column_name)), '42501', column_name || '_raised_by_an_administrator')
FROM unnest('{webhook_endpoints_limit,webhook_concurrency_limit,webhook_timeout_limit_ms,webhooks_under_way_limit}'::text[]) column_name;
SELECT lives_ok($$ UPDATE laurel.webhook_endpoints SET max_concurrency = 50, timeout_ms = 30000 $$, 'up to there he may');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ UPDATE laurel.webhook_endpoints SET max_concurrency = 51 $$), '23514 webhook_endpoints_max_concurrency_ceiling', 'concurrency_above_the_ceiling_by_the_back_end');
SELECT throws_like($$ UPDATE laurel.webhook_endpoints SET max_concurrency = 51 $$, '%max_concurrency is more than the organization may have%', 'in words');
SELECT tests.act_as_owner();

-- All endpoints together.
SELECT pg_temp.wait('a', 20, 'webhook', hook => n) FROM generate_series(1, 2) n;
SELECT pg_temp.wait('b', 3, 'webhook'), pg_temp.later();
SELECT is(pg_temp.claim(10), 'a7 b3', 'what is under way');
SELECT is(pg_temp.claim(100), 'a5', 'together has a ceiling');
SELECT is(pg_temp.claim(100), NULL, 'and nobody gets more');
SELECT pg_temp.wait('a', 20, 'webhook', 0, hook => 3);
SELECT is(pg_temp.claim(100), NULL, 'by another endpoint or more urgently');
DELETE FROM laurel.webhook_endpoints WHERE id IN (SELECT endpoint_id FROM hooks WHERE letter = 'a' AND n = 1);
SELECT is(pg_temp.claim(10), NULL, 'what is under way to one that is gone counts');
UPDATE laurel.notification_deliveries SET state = 'ready', lease_token = NULL WHERE state = 'leased' AND id IN (
    SELECT id FROM laurel.notification_deliveries WHERE state = 'leased' AND organization_id = tests.org('a') LIMIT 4);
SELECT pg_temp.later();
SELECT is(pg_temp.claim(100), 'a4', 'as many more as come back');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries WHERE organization_id = tests.org('a') AND state = 'leased'), 12::bigint, 'within the ceiling');
SELECT pg_temp.empty();

-- The same where organizations take turns.
SELECT pg_temp.wait('a', 300, 'webhook', hook => 2), pg_temp.wait('b', 300, 'webhook'), pg_temp.later();
SELECT is(pg_temp.claim(16), 'a8 b8', 'in turns');
SELECT is(pg_temp.claim(16), 'a4 b2', 'up to the ceiling, or what the endpoint takes');
SELECT is(pg_temp.claim(16), NULL, 'and no further');
UPDATE laurel.organizations SET webhooks_under_way_limit = 0 WHERE id = tests.org('a');
UPDATE laurel.organizations SET webhooks_under_way_limit = 500 WHERE id = tests.org('b');
UPDATE laurel.webhook_endpoints SET max_concurrency = 50 WHERE organization_id = tests.org('b');
SELECT is(pg_temp.claim(16), 'b16', 'who may have none gets none, and nobody waits for him');
UPDATE laurel.organizations SET webhooks_under_way_limit = 500;
SELECT pg_temp.empty();

-- A lowered ceiling holds at once, and for every endpoint made later.
SELECT pg_temp.wait('a', 60, 'webhook', hook => 2), pg_temp.later();
UPDATE laurel.organizations SET webhook_concurrency_limit = 4, webhook_timeout_limit_ms = 2000, webhook_endpoints_limit = 3 WHERE id = tests.org('a');
SELECT results_eq($$ SELECT DISTINCT (message ->> 'max_concurrency')::integer, (message ->> 'timeout_ms')::integer, count(*) OVER ()
    FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 100, '30 s') $$, $$ VALUES (4, 2000, 4::bigint) $$, 'a lowered ceiling holds for the next claim');
SELECT is((SELECT max_concurrency FROM laurel.webhook_endpoints e JOIN hooks h ON h.endpoint_id = e.id WHERE letter = 'a' AND n = 2), 50, 'whatever the endpoint says');
SELECT tests.act_as(tests.one('a', 1));
SELECT lives_ok($$ UPDATE laurel.webhook_endpoints SET max_concurrency = 40 $$, 'who asks for less than before is not refused');
SELECT is(tests.error_of($$ UPDATE laurel.webhook_endpoints SET max_concurrency = 41 $$), '23514 webhook_endpoints_max_concurrency_ceiling', 'raised_above_a_lowered_ceiling');
SELECT lives_ok($$ DELETE FROM laurel.webhook_endpoints WHERE url = 'https://example.com/a2'; SELECT laurel.create_webhook_endpoint('https://example.com/a2') $$, 'another endpoint in its place');
SELECT lives_ok($$ SELECT laurel.create_webhook_endpoint('https://example.com/a4') $$, 'as many as it may have');
SELECT is(tests.error_of($$ SELECT laurel.create_webhook_endpoint('https://example.com/a5') $$), '23514 webhook_endpoints_webhook_endpoints_quota', 'one_endpoint_too_many');
SELECT tests.act_as_owner();
UPDATE hooks SET endpoint_id = (SELECT id FROM laurel.webhook_endpoints WHERE url = 'https://example.com/a2') WHERE letter = 'a' AND n = 2;
SELECT pg_temp.empty(), pg_temp.wait('a', 60, 'webhook', hook => 2), pg_temp.later();
SELECT is(pg_temp.claim(100), 'a4', 'an endpoint that was made anew has the same ceiling');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ INSERT INTO laurel.webhook_endpoints (organization_id, url, secret) VALUES (tests.org('a'), 'https://example.com/a5', 'whsec_' || encode(sha256('x'), 'base64')) $$),
    '23514 webhook_endpoints_webhook_endpoints_quota', 'one_endpoint_too_many_by_the_back_end');
UPDATE laurel.organizations SET webhook_endpoints_limit = 1 WHERE id = tests.org('a');
SELECT lives_ok($$ UPDATE laurel.webhook_endpoints SET description = 'mine' $$, 'endpoints above a limit that was lowered stay');
SELECT is((SELECT used FROM laurel.quota_usage WHERE kind = 'webhook_endpoints' AND organization_id = tests.org('a')), 3::bigint, 'and are counted');
SELECT is_empty($$ SELECT * FROM laurel.check() $$, 'all of which is sound');

SELECT * FROM finish();
ROLLBACK;
