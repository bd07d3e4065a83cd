-- Turns: of more organizations than are looked at together each has its turn, whoever else waits and whatever is busy.
\ir ../support/load.sql
BEGIN;
SELECT plan(20);

SELECT tests.found('a'), tests.crowd('a', 1, 1);
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '1');
CREATE FUNCTION pg_temp.org(n integer) RETURNS uuid LANGUAGE sql AS $$ SELECT ('d0000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid $$;
INSERT INTO laurel.organizations (id, name, webhook_endpoints_limit, webhook_concurrency_limit) SELECT pg_temp.org(n), 'Org ' || n, 1000, 1000 FROM generate_series(1, 300) n;
CREATE FUNCTION pg_temp.hook(n integer) RETURNS uuid LANGUAGE sql AS $$ SELECT ('e0000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.add_hooks(organization uuid, first integer, last integer, room integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.webhook_endpoints (id, organization_id, url, secret, max_concurrency)
    SELECT pg_temp.hook(n), organization, 'https://example.com/' || n, 'whsec_' || encode(sha256('x'), 'base64'), room FROM generate_series(first, last) n
$$;

-- So many deliveries of an organization; webhooks to an endpoint.
CREATE FUNCTION pg_temp.wait(organization uuid, many integer, hook uuid DEFAULT NULL, urgency integer DEFAULT 5) RETURNS void LANGUAGE sql AS $$
    WITH said AS (INSERT INTO laurel.notifications (user_id, type, title, channels) SELECT tests.one('a', 1), 'said', 'Said', '{}' FROM generate_series(1, many) RETURNING *)
    INSERT INTO laurel.notification_deliveries (organization_id, notification_id, user_id, channel, priority, due_at, endpoint_id)
    SELECT organization, s.id, s.user_id, CASE WHEN hook IS NULL THEN 'email' ELSE 'webhook' END, urgency, clock_timestamp(), hook FROM said s
$$;
CREATE TEMP TABLE taken (organization uuid, endpoint uuid);
-- So many claims; how many organizations they reach, and the least and the most that one of them gets.
CREATE FUNCTION pg_temp.claims(times integer, most integer, is_looking_back boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE taken;
    FOR turn IN 1 .. times LOOP
        INSERT INTO taken SELECT organization_id, endpoint_id FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', most);
        PERFORM laurel.redrive_deliveries() WHERE is_looking_back;
    END LOOP;
    RETURN (SELECT concat_ws(' ', count(*), min(many), max(many)) FROM (SELECT count(*) AS many FROM taken GROUP BY organization) x);
END
$$;
CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE sql AS $$
    DELETE FROM laurel.notification_deliveries; DELETE FROM laurel.delivery_leases; SELECT laurel.redrive_deliveries();
$$;
-- Who waits is looked for again at once, as after something was given back.
CREATE FUNCTION pg_temp.later() RETURNS void LANGUAGE sql AS 'SELECT laurel.redrive_deliveries()';

-- What others have waiting is not read, whatever statistics say.
CREATE FUNCTION pg_temp.fetched() RETURNS bigint LANGUAGE sql AS $$
    SELECT sum(pg_stat_get_xact_tuples_fetched(indexrelid)) FROM pg_index WHERE indrelid = 'laurel.notification_deliveries'::regclass
$$;
CREATE FUNCTION pg_temp.reads(hook uuid, other uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before bigint;
BEGIN
    PERFORM pg_temp.wait(pg_temp.org(1), 20000, hook), pg_temp.wait(pg_temp.org(2), 1, other);
    before := pg_temp.fetched();
    PERFORM pg_temp.claims(1, 10), pg_temp.later(), pg_temp.claims(1, 10);
    before := pg_temp.fetched() - before;
    PERFORM pg_temp.empty();
    RETURN before;
END
$$;
SELECT cmp_ok(pg_temp.reads(NULL, NULL), '<', 500::bigint, 'a claim in turns reads little of a flood');
SELECT pg_temp.add_hooks(pg_temp.org(n), n, n, 1) FROM generate_series(1, 2) n;
SELECT cmp_ok(pg_temp.reads(pg_temp.hook(1), pg_temp.hook(2)), '<', 500::bigint, 'nor of a flood of webhooks');

-- Nor can statistics say otherwise: what asks for an organization has one index, what asks for the oldest of all the other.
CREATE FUNCTION pg_temp.plan(condition text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('EXPLAIN (COSTS off) SELECT FROM laurel.notification_deliveries WHERE %s AND channel = $q$email$q$ AND priority = 5 AND organization_id = tests.org($q$a$q$)'
        ' AND due_at <= now() ORDER BY due_at, id LIMIT 1', condition);
END
$$;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SAVEPOINT indexes;
DROP INDEX laurel.notification_deliveries_turn_idx;
SELECT ok(NOT EXISTS (SELECT FROM pg_temp.plan('(state = $q$ready$q$) IS TRUE') line WHERE line ~ 'due_idx'), 'turns never read the queue of all');
ROLLBACK TO indexes;
DROP INDEX laurel.notification_deliveries_due_idx;
SELECT ok(NOT EXISTS (SELECT FROM pg_temp.plan('state = $q$ready$q$') line WHERE line ~ 'turn_idx'), 'and the oldest of all are not looked for by turns');
ROLLBACK TO indexes;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- Small claims: nobody waits until those before have nothing left.
SELECT pg_temp.wait(pg_temp.org(n), 6) FROM generate_series(1, 300) n;
SELECT is(pg_temp.claims(60, 10), '300 2 2', 'small claims reach all, each as often as the others');
SELECT is(pg_temp.claims(60, 10, true), '300 2 2', 'also while they look at the start of the queue again and again');
SELECT is(pg_temp.claims(1, 450), '300 1 2', 'a large one goes round');
SELECT is(pg_temp.claims(2, 1000), '150 1 1', 'to the end');
SELECT pg_temp.empty();

-- Those in the last window are as good as others.
SELECT pg_temp.wait(pg_temp.org(n), 20) FROM generate_series(1, 130) n;
SELECT is(pg_temp.claims(13, 100), '130 10 10', 'two beyond a window have no window of their own');
SELECT pg_temp.wait(pg_temp.org(200), 1), pg_temp.later();
SELECT pg_temp.claims(2, 100);
SELECT ok(EXISTS (SELECT FROM taken WHERE organization = pg_temp.org(200)), 'who comes later is served in the next round');
SELECT is((SELECT max(many) - min(many) FROM (SELECT count(*) AS many FROM taken WHERE organization <> pg_temp.org(200) GROUP BY organization) x) <= 1, true, 'with the others');
SELECT pg_temp.empty();

-- What is not due yet is in nobody's way.
SELECT pg_temp.wait(pg_temp.org(n), 1) FROM generate_series(1, 299) n;
UPDATE laurel.notification_deliveries SET due_at = clock_timestamp() + interval '1 hour';
SELECT pg_temp.wait(pg_temp.org(300), 50), pg_temp.later();
SELECT is(pg_temp.claims(2, 20), '1 40 40', 'one who is due among many who are not');
SELECT pg_temp.empty();

-- Webhooks.
SELECT pg_temp.add_hooks(pg_temp.org(n), n, n, 1) FROM generate_series(3, 300) n;
SELECT pg_temp.wait(pg_temp.org(n), 3, pg_temp.hook(n)) FROM generate_series(1, 300) n;
SELECT is(pg_temp.claims(30, 10), '300 1 1', 'small claims of webhooks reach all');
SELECT is(pg_temp.claims(1, 10), '0', 'while an endpoint is busy it gets no more');
UPDATE laurel.webhook_endpoints SET max_concurrency = 2 WHERE id IN (pg_temp.hook(150), pg_temp.hook(299));
SELECT pg_temp.later();
SELECT is(pg_temp.claims(1, 10), '2 1 1', 'of which the others are not behind it');
SELECT pg_temp.empty();

-- An organization whose oldest are for an endpoint that hangs, while others fill every claim.
SELECT pg_temp.add_hooks(pg_temp.org(1), 1001, 1100, 1);
UPDATE laurel.webhook_endpoints SET max_concurrency = 1000 WHERE organization_id IN (pg_temp.org(2), pg_temp.org(3), pg_temp.org(4));
SELECT pg_temp.wait(pg_temp.org(1), 300, pg_temp.hook(1)), pg_temp.wait(pg_temp.org(1), 300, pg_temp.hook(1), 9), pg_temp.later();
SELECT is(pg_temp.claims(1, 100), '1 1 1', 'it hangs');
SELECT pg_temp.wait(pg_temp.org(n), 100, pg_temp.hook(n)) FROM generate_series(2, 4) n;
SELECT pg_temp.wait(pg_temp.org(1), 1, pg_temp.hook(1100)), pg_temp.later();
SELECT pg_temp.claims(1, 20);
SELECT is((SELECT count(*) FROM taken), 20::bigint, 'a claim is full');
SELECT ok(EXISTS (SELECT FROM taken WHERE endpoint = pg_temp.hook(1100)), 'and has what its other endpoints can take');
DELETE FROM laurel.notification_deliveries WHERE organization_id <> pg_temp.org(1);
SELECT pg_temp.wait(pg_temp.org(1), 1, pg_temp.hook(n)) FROM generate_series(1001, 1099) n;
SELECT pg_temp.later();
SELECT is(pg_temp.claims(10, 10), '1 99 99', 'however many endpoints there are');
UPDATE laurel.webhook_endpoints SET rate_per_second = 0.01, max_concurrency = 50 WHERE id = pg_temp.hook(1001);
SELECT pg_temp.wait(pg_temp.org(1), 10, pg_temp.hook(1001)), pg_temp.later();
SELECT is(pg_temp.claims(2, 10), '1 1 1', 'and no more than the rate of each lets through');
SELECT pg_temp.empty();

SELECT * FROM finish();
ROLLBACK;
