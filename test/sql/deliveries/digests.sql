-- Digests: one message for what a user is told on a channel in a window; nothing lost, nothing twice.
\ir ../support/load.sql
BEGIN;
SELECT plan(24);

SELECT tests.cast('ada', 'ben');
UPDATE laurel.users SET first_name = 'Ada' WHERE id = tests.person('ada');
UPDATE laurel.user_preferences SET notification_preferences =
    '{"digest": {"email": {"window": "1 day", "at": "08:00"}}, "types": {"urgent": {"digest": false}}}'
    WHERE user_id = tests.person('ada');
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '0.1.0');

CREATE FUNCTION pg_temp.told(title text, type text DEFAULT 'news', priority smallint DEFAULT 5) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.notifications (user_id, type, title, message, link, priority)
    VALUES (tests.person('ada'), type, title, 'About ' || title, 'https://example.com/' || title, priority)
$$;
CREATE FUNCTION pg_temp.claim() RETURNS TABLE (delivery_id uuid, lease_token uuid, attempt integer, message jsonb) LANGUAGE sql AS $$
    SELECT delivery_id, lease_token, attempt, message
    FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 100)
$$;
CREATE FUNCTION pg_temp.end_window() RETURNS void LANGUAGE sql AS $$
    UPDATE laurel.notification_deliveries SET due_at = clock_timestamp() WHERE digest_key IS NOT NULL AND state = 'ready'
$$;

SELECT pg_temp.told('one'), pg_temp.told('two'), pg_temp.told('now', 'urgent'), pg_temp.told('alarm', 'news', 0::smallint);
SELECT results_eq($$ SELECT digest_key IS NOT NULL, count(*), bool_and(due_at > clock_timestamp()) FROM laurel.notification_deliveries GROUP BY 1 ORDER BY 1 $$,
    'VALUES (false, 2::bigint, false), (true, 1::bigint, true)', 'one delivery a window; urgent types and critical news by themselves');
SELECT ok((SELECT digest_key ~ ('^' || tests.person('ada') || '\|email\|[0-9]+$') AND split_part(digest_key, '|', 3)::bigint = extract(epoch FROM due_at)
           FROM laurel.notification_deliveries WHERE digest_key IS NOT NULL), 'its key is user, channel and window');
SELECT is((SELECT to_char(due_at AT TIME ZONE 'UTC', 'HH24:MI') FROM laurel.notification_deliveries WHERE digest_key IS NOT NULL), '08:00', 'it is due when the window ends');
SELECT is((SELECT count(*) FROM laurel.digest_items), 2::bigint, 'it notes what it will tell');
SELECT is((SELECT count(*) FROM pg_temp.claim()), 2::bigint, 'it waits');
INSERT INTO laurel.notifications (user_id, type, title) SELECT u, 'news', 'bulk ' || n
FROM unnest(ARRAY[tests.person('ada'), tests.person('ben')]) u, generate_series(1, 150) n;
SELECT is((SELECT count(*) FROM laurel.digest_items), 152::bigint, 'many at once join it');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries WHERE digest_key IS NOT NULL), 1::bigint, 'and make no second one');
DELETE FROM laurel.notification_deliveries WHERE digest_key IS NULL;
DELETE FROM laurel.digest_items i USING laurel.notifications n WHERE n.id = i.notification_id AND n.title LIKE 'bulk 1%';
DELETE FROM laurel.notifications WHERE title LIKE 'bulk %';

-- Sent.
SELECT pg_temp.end_window();
CREATE TEMP TABLE sent AS SELECT * FROM pg_temp.claim();
SELECT is(count(*), 1::bigint, 'the digest is one message') FROM sent;
SELECT is((SELECT message - 'html' FROM sent), '{"to": "ada@acme.test", "to_name": "Ada", "subject": "2 new: Acme", "unsubscribe": null,
    "text": "* one\n  About one\n  https://example.com/one\n* two\n  About two\n  https://example.com/two\n\n\n-- \nAcme"}', 'it tells everything, in order');
SELECT matches((SELECT message ->> 'html' FROM sent), '<ul>\s*<li><a href="https://example.com/one">one</a><br>About one</li>', 'also in HTML');
SELECT is((SELECT to_name FROM (SELECT message ->> 'to_name' AS to_name FROM sent) s), 'Ada', 'to its reader');

-- What comes while it is on its way, or comes back, is not put into it.
SELECT pg_temp.told('three');
SELECT is((SELECT count(*) FROM laurel.digest_items i JOIN sent ON sent.delivery_id = i.delivery_id JOIN laurel.notifications n ON n.id = i.notification_id), 2::bigint, 'what comes while it is under way joins another');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries WHERE digest_key IS NOT NULL), 2::bigint, 'that of the next window');
SELECT is(laurel_internal.complete_deliveries(lease_token, jsonb_build_array(jsonb_build_object('id', delivery_id, 'outcome', 'retry'))), 1::bigint, 'it fails') FROM sent;
SELECT pg_temp.told('four');
SELECT is((SELECT count(*) FROM laurel.digest_items i JOIN sent ON sent.delivery_id = i.delivery_id JOIN laurel.notifications n ON n.id = i.notification_id), 2::bigint, 'and takes nothing more while it waits');
UPDATE laurel.notification_deliveries d SET due_at = clock_timestamp() FROM sent WHERE d.id = sent.delivery_id;
CREATE TEMP TABLE again AS SELECT * FROM pg_temp.claim();
SELECT results_eq('SELECT a.delivery_id = s.delivery_id, a.message = s.message, a.attempt FROM again a, sent s', 'VALUES (true, true, 2)', 'the same message is sent again');
SELECT is(laurel_internal.complete_deliveries(lease_token, jsonb_build_array(jsonb_build_object('id', delivery_id, 'outcome', 'delivered'))), 1::bigint, 'it arrives') FROM again;
SELECT is((SELECT count(*) FROM laurel.digest_items i JOIN sent ON sent.delivery_id = i.delivery_id), 0::bigint, 'its notes are gone');
SELECT results_eq($$ SELECT outcome, count(*), count(DISTINCT notification_id), count(DISTINCT a.delivery_id) FROM laurel.delivery_attempts a
    JOIN sent ON sent.delivery_id = a.delivery_id GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('delivered', 2::bigint, 2::bigint, 1::bigint), ('retry', 2::bigint, 2::bigint, 1::bigint) $$, 'each notification has its line in the log');

-- The next window.
SELECT is((SELECT count(*) FROM laurel.digest_items), 2::bigint, 'nothing is lost');
SELECT pg_temp.end_window();
SELECT matches((SELECT message ->> 'text' FROM pg_temp.claim()), '^\* three\n.*\* four\n', 'the next digest tells the rest');

-- A digest of nothing.
DELETE FROM laurel.notification_deliveries; DELETE FROM laurel.delivery_leases; DELETE FROM laurel.digest_items;
SELECT pg_temp.told('gone');
DELETE FROM laurel.notifications WHERE title = 'gone';
SELECT pg_temp.end_window();
SELECT is((SELECT count(*) FROM pg_temp.claim()), 0::bigint, 'a digest whose notifications are gone is not sent');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries), 0::bigint, 'it is cancelled');
SELECT is((SELECT count(*) FROM laurel.digest_items), 0::bigint, 'with its notes');

SELECT * FROM finish();
ROLLBACK;
