-- Errors of the application: whatever comes is written, within bounds, without personal values, and not too much of it.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
CREATE FUNCTION pg_temp.last() RETURNS laurel.error_logs LANGUAGE sql SECURITY DEFINER AS $$ SELECT e FROM laurel.error_logs e ORDER BY id DESC LIMIT 1 $$;

SELECT tests.act_as_anon();
SELECT isnt(laurel.log_error('TypeError', 'x is undefined'), NULL, 'who has not signed in logs an error');
SELECT is((l.organization_id, l.user_id, l.error_type, l.error_message, l.severity, l.traceback, l.context, l.request_id)::text, '(,,TypeError,"x is undefined",error,,{},)', 'as it is') FROM pg_temp.last() l;
SELECT tests.act_as_learner();
SELECT isnt(laurel.log_error('E', 'm', 'critical', 'at line 1', '{"page": "/home"}', 'req-17'), NULL, 'and a member');
SELECT is((l.organization_id, l.user_id, l.severity, l.traceback, l.context, l.request_id)::text, format('(%s,%s,critical,"at line 1","{""page"": ""/home""}",req-17)', tests.acme(), tests.person('learner')), 'in the name of both') FROM pg_temp.last() l;
SELECT set_config('request.headers', '{"x-request-id": "abc-123"}', true);
SELECT isnt(laurel.log_error('E', 'm'), NULL, 'of a request');
SELECT is(l.request_id, 'abc-123', 'that a header names') FROM pg_temp.last() l;

-- Nothing that it is given makes it fail.
SELECT is(tests.error_of(format('SELECT laurel.log_error(%L, %L, %L, %L, %L, %L)', a[1], a[2], a[3], a[4], a[5], a[6])), 'none', left(array_to_string(a, ' '), 50)) FROM (VALUES
    (ARRAY[NULL, NULL, NULL, NULL, NULL, NULL]), (ARRAY['', '', '', '', '[]', '']), (ARRAY['E', 'm', 'fatal', NULL, '1', repeat('x1', 30)]), (ARRAY[repeat('ä', 101), repeat('ä', 5000), 'error', repeat('ä', 50000), '{}', 'a b']),
    (ARRAY['E', 'm', 'info', NULL, jsonb_build_object('a', repeat('x', 20000))::text, 'r1']), (ARRAY['E', 'm', 'info', NULL, repeat('{"a":', 20) || '1' || repeat('}', 20), NULL])) v (a);
SELECT is((SELECT count(*) FROM pg_temp.last() l WHERE l.context ->> 'dropped' IS NOT NULL), 1::bigint, 'what is too deep is dropped');
SELECT tests.act_as_owner();
SELECT is((SELECT max(char_length(error_type)) || ' ' || max(char_length(error_message)) || ' ' || max(char_length(traceback)) FROM laurel.error_logs), '100 2000 20000', 'what is too long is cut');
SELECT is((SELECT count(*) FROM laurel.error_logs WHERE error_type = 'unknown' AND error_message = 'no message' AND severity = 'error' AND context = '{}'), 1::bigint, 'what is left out is said to be');
SELECT is((SELECT count(*) FROM laurel.error_logs WHERE request_id ~ ' ' OR char_length(request_id) > 36), 0::bigint, 'a request is named or not');

-- Without personal values.
SELECT tests.act_as_learner();
SELECT isnt(laurel.log_error('Mail to ana.costa@alder.example failed', 'password=hunter2secret ana.costa@alder.example', 'error', 'postgresql://u:hunter2secret@db/x ana.costa@alder.example',
    '{"mail": "ana.costa@alder.example", "url": "https://x.example/reset?token=hunter2secret", "ana.costa@alder.example": [1, "say \"hi\" to ana.costa@alder.example"]}'), NULL, 'what names people');
SELECT is(pg_temp.last()::text ~ 'ana.costa|hunter2', false, 'does not');
SELECT is(jsonb_typeof((pg_temp.last()).context), 'object', 'and stays readable');

-- Who reads.
SELECT is((SELECT count(*) FROM laurel.error_logs), 0::bigint, 'a member reads none, not even the own');
SELECT is(tests.error_of(s), '42501', s) FROM unnest(ARRAY[$$ INSERT INTO laurel.error_logs (error_type, error_message) VALUES ('x', 'y') $$, $$ UPDATE laurel.error_logs SET error_type = 'x' $$, $$ DELETE FROM laurel.error_logs $$]) s;
SELECT tests.act_as_anon();
SELECT is(tests.error_of('SELECT * FROM laurel.error_logs'), '42501', 'nor does who has not signed in');
SELECT tests.act_as_admin();
SELECT is((SELECT count(*) > 5 AND bool_and(organization_id = tests.acme()) FROM laurel.error_logs), true, 'an administrator reads those of the organization');
SELECT is(tests.error_of($$ DELETE FROM laurel.error_logs $$), '42501', 'and deletes none');
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT count(*) FROM laurel.error_logs), 0::bigint, 'and none of another');
SELECT tests.act_as(tests.person('root'));
SELECT is((SELECT count(*) > 5 AND bool_or(organization_id IS NULL) FROM laurel.error_logs), true, 'the administrator of the platform all');
SELECT tests.act_as_service();
SELECT is((SELECT count(*) > 5 FROM laurel.error_logs), true, 'and the back end');
SELECT is(tests.error_of($$ INSERT INTO laurel.error_logs (error_type, error_message) VALUES ('x', 'ana.costa@alder.example') $$), '42501', 'which writes by the function, too');

-- How much.
SELECT is(tests.error_of($$ SELECT laurel.log_error('E', 'm') FROM generate_series(1, 200) $$), 'none', 'the back end writes as much as it wants');
SELECT tests.act_as(tests.person('trainer'));
SELECT is(tests.error_of($$ SELECT laurel.log_error('E', 'm') FROM generate_series(1, 60) $$), 'none', 'somebody writes 60 a minute');
SELECT is(tests.error_of($$ SELECT laurel.log_error('E', 'm') $$), 'PT429 error_logs_rate', 'and no more');
SELECT tests.act_as(tests.person('manager'));
SELECT is(tests.error_of($$ SELECT laurel.log_error('E', 'm') $$), 'none', 'each');
SELECT tests.act_as_anon();
SELECT set_config('request.headers', '{"x-forwarded-for": "192.0.2.1, 10.0.0.1"}', true);
SELECT is(tests.error_of($$ SELECT laurel.log_error('E', 'm') FROM generate_series(1, 61) $$), 'PT429 error_logs_rate', 'so does an address');
SELECT is(tests.error_of($$ SELECT laurel.log_error('E', 'm') FROM generate_series(1, 60) $$), 'none', 'the same');
SELECT set_config('request.headers', '{"x-forwarded-for": "192.0.2.1"}', true);
SELECT is(tests.error_of($$ SELECT laurel.log_error('E', 'm') $$), 'PT429 error_logs_rate', 'by which proxies it ever comes');
SELECT set_config('request.headers', '{"x-forwarded-for": "192.0.2.2"}', true);
SELECT is(tests.error_of($$ SELECT laurel.log_error('E', 'm') $$), 'none', 'each');
CREATE FUNCTION pg_temp.flood() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN 1..1100 LOOP
        PERFORM set_config('request.headers', format('{"x-forwarded-for": "198.51.100.%s"}', n), true);
        PERFORM laurel.log_error('E', 'm');
    END LOOP;
    RETURN 'none';
EXCEPTION WHEN SQLSTATE 'PT429' THEN RETURN 'too many';
END
$$;
SELECT is(pg_temp.flood(), 'too many', 'and all addresses together have an end');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel_internal.error_rates WHERE source::text ~ '192'), 0::bigint, 'no address is kept');

-- What the table itself holds.
SELECT is(tests.error_of(format('INSERT INTO laurel.error_logs (error_type, error_message, %I) VALUES (''x'', ''y'', %L)', c, v)), e, c) FROM (VALUES ('severity', 'no such', '23514 error_logs_severity_check'), ('request_id', repeat('x', 37), '23514 error_logs_request_id_check'),
    ('context', '[]', '23514 error_logs_context_check'), ('traceback', repeat('x', 20001), '23514 error_logs_traceback_check'), ('organization_id', tests.person('x')::text, '23503 error_logs_organization_id_fkey')) v (c, v, e);
SELECT is(tests.error_of(format('INSERT INTO laurel.error_logs (error_type, error_message) VALUES (%L, %L)', t, m)), e, left(e, 40)) FROM (VALUES (repeat('x', 101), 'm', '23514 error_logs_error_type_check'), ('x', repeat('x', 2001), '23514 error_logs_error_message_check'), (NULL, 'm', '23502'), ('x', NULL, '23502')) v (t, m, e);
SELECT is((SELECT relkind::text FROM pg_class WHERE oid = 'laurel.error_logs'::regclass), 'p', 'it is in months');
SELECT is((SELECT action || ' ' || keep FROM laurel.retention_policies WHERE table_name = 'error_logs'), 'drop_partition 90 days', 'which go as wholes');
DELETE FROM laurel.users WHERE id = tests.person('learner');
SELECT is((SELECT count(*) FROM laurel.error_logs WHERE user_id = tests.person('learner')), 0::bigint, 'errors go with their member');

SELECT * FROM finish();
ROLLBACK;
