-- One click in an e-mail: the link is signed, and does what its reader asks for.
\ir ../support/load.sql
BEGIN;
SELECT plan(41);

SELECT tests.cast('ada', 'ben', 'admin');
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '0.1.0');
UPDATE laurel.organizations SET settings = '{"notifications": {"unsubscribe_url": "https://learn.example.com/stop/{{token}}"}}' WHERE id = tests.acme();

CREATE FUNCTION pg_temp.link(type text, who text DEFAULT 'ada') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM laurel.notification_deliveries;
    PERFORM laurel.notify(tests.person(who), type, 'News');
    UPDATE laurel.notification_deliveries SET due_at = clock_timestamp();
    RETURN (SELECT message ->> 'unsubscribe' FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 1));
END
$$;
CREATE FUNCTION pg_temp.token(type text, who text DEFAULT 'ada') RETURNS text LANGUAGE sql AS $$ SELECT substr(pg_temp.link(type, who), length('https://learn.example.com/stop/') + 1) $$;
CREATE FUNCTION pg_temp.preferences(who text DEFAULT 'ada') RETURNS jsonb LANGUAGE sql AS $$ SELECT notification_preferences FROM laurel.user_preferences WHERE user_id = tests.person(who) $$;
CREATE FUNCTION pg_temp.prefer(preferences jsonb, who text DEFAULT 'ada') RETURNS void LANGUAGE sql AS $$ UPDATE laurel.user_preferences SET notification_preferences = preferences WHERE user_id = tests.person(who) $$;

SELECT matches(pg_temp.link('news'), '^https://learn\.example\.com/stop/[A-Za-z0-9_-]{48,}$', 'the link has a token');
SELECT is(pg_temp.link('news'), pg_temp.link('news'), 'the same each time');
CREATE TEMP TABLE t AS SELECT pg_temp.token('news') AS token;
GRANT SELECT ON t TO service_role, authenticated;
SELECT isnt(pg_temp.token('other'), token, 'another for another type') FROM t;
SELECT isnt(pg_temp.token('news', 'ben'), token, 'and for another member') FROM t;
SELECT ok(length(pg_temp.link(repeat('ä', 50))) < 900, 'of a length that fits into a line');

-- What it does.
SELECT tests.act_as_service();
SELECT is(laurel.unsubscribe(token), true, 'one click') FROM t;
SELECT is(laurel.unsubscribe(token), true, 'and another') FROM t;
SELECT tests.act_as_owner();
SELECT is(pg_temp.preferences(), '{"types": {"news": {"email": false}}}', 'stops that type');
SELECT is(pg_temp.preferences('ben'), '{}', 'of that member');
SELECT is(pg_temp.link('news'), NULL, 'no more e-mail of it');
SELECT isnt(pg_temp.link('other'), NULL, 'others come');
SELECT pg_temp.prefer('{"channels": {"push": true}, "types": {"news": {"push": true, "email": true}, "other": {"email": true}}, "quiet_hours": {"start": "22:00", "end": "07:00"}}');
SELECT laurel.unsubscribe(token) FROM t;
SELECT is(pg_temp.preferences(), '{"channels": {"push": true}, "types": {"news": {"push": true, "email": false}, "other": {"email": true}}, "quiet_hours": {"start": "22:00", "end": "07:00"}}', 'nothing else changes');

-- A digest's link ends them all.
SELECT pg_temp.prefer('{"digest": {"email": {"window": "1 day"}}, "channels": {"push": true}, "types": {"news": {"push": true, "email": true}}}');
CREATE TEMP TABLE d AS SELECT pg_temp.token('news') AS token;
SELECT isnt(d.token, t.token, 'a digest has another') FROM d, t;
SELECT is(laurel.unsubscribe(token), true, 'one click in a digest') FROM d;
SELECT is(pg_temp.preferences(), '{"digest": {"email": {"window": "1 day"}}, "channels": {"push": true, "email": false}, "types": {"news": {"push": true}}}', 'stops all e-mail');
SELECT is(pg_temp.link('news'), NULL, 'none comes');

-- Where there is no room for another type.
SELECT pg_temp.prefer((SELECT jsonb_build_object('types', jsonb_object_agg('type ' || n, '{"push": true}'::jsonb)) FROM generate_series(1, 200) n));
SELECT is(laurel.unsubscribe(token), true, 'one click too many') FROM t;
SELECT is(pg_temp.preferences() -> 'channels', '{"email": false}', 'stops all e-mail too');
SELECT pg_temp.prefer('{}');

-- A token is written in one way.
CREATE TEMP TABLE s AS SELECT pg_temp.token('????') AS token;
GRANT SELECT ON s TO service_role;
SELECT is(laurel.unsubscribe(token), true, 'as it was written') FROM s;
SELECT is(laurel.unsubscribe(translate(token, '-_', '+/')), false, 'not in another alphabet') FROM s WHERE token ~ '_';
SELECT pg_temp.prefer('{}');

-- What is none.
SELECT is(laurel.unsubscribe(wrong), false, 'none: ' || left(wrong, 10)) FROM t, unnest(ARRAY['', 'x', 'ab=d', left(token, -1), token || 'A', 'A' || substr(token, 2), token || '=', repeat('A', 100), repeat('A', 5000)]) wrong
    WHERE wrong <> token;
SELECT is(pg_temp.preferences(), '{}', 'does nothing');
SELECT is(tests.error_of('SELECT laurel.unsubscribe(NULL)'), '22004', 'nor does null');
SELECT tests.act_as_admin();
SELECT is(tests.error_of('SELECT laurel.unsubscribe(token) FROM t'), '42501', 'it is called by the back end');
SELECT is(tests.error_of('SELECT FROM laurel_internal.unsubscribe_key'), '42501', 'and the key is nobody''s');
SELECT tests.act_as_service();
SELECT is(tests.error_of('SELECT FROM laurel_internal.unsubscribe_key'), '42501', 'not the back end''s either');
SELECT tests.act_as_owner();
UPDATE laurel_internal.unsubscribe_key SET key = uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
SELECT is(laurel.unsubscribe(token), false, 'another key voids all') FROM t;
SELECT is(laurel.unsubscribe(pg_temp.token('news')), true, 'and signs new ones');
CREATE TEMP TABLE b AS SELECT pg_temp.token('news', 'ben') AS token;
DELETE FROM laurel.users WHERE id = tests.person('ben');
SELECT is(laurel.unsubscribe(token), false, 'somebody who is gone') FROM b;

SELECT is(tests.error_of(format('UPDATE laurel.organizations SET settings = jsonb_build_object(''notifications'', jsonb_build_object(''unsubscribe_url'', %L)) WHERE id = tests.acme()', url)), error, url)
FROM (VALUES ('http://learn.example.com/{{token}}', '23514 organizations_settings_notifications_check'), ('mailto:stop@example.com?subject={{token}}', '23514 organizations_settings_notifications_check'),
    ('https://learn.example.com/{{token}}/{{type}}', '23514 organizations_settings_notifications_check'), ('https://learn.example.com/{{user_id}}/{{type}}', 'none')) v (url, error);

SELECT * FROM finish();
ROLLBACK;
