-- One delivery that cannot be sent, or whose outcome cannot be kept, stops nobody else's.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = error;
SELECT plan(43);

-- One of Acme and one of Bolt.
SELECT tests.cast('learner', 'bolt_learner');
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '1');
CREATE FUNCTION pg_temp.person(n integer) RETURNS uuid LANGUAGE sql AS $$ SELECT tests.person(CASE n WHEN 1 THEN 'learner' ELSE 'bolt_learner' END) $$;
CREATE TEMP TABLE c (delivery_id uuid, lease_token uuid, message jsonb, notification_id uuid, attempt integer);
CREATE FUNCTION pg_temp.claim(max_rows integer DEFAULT 100, channels text[] DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
    WITH claimed AS (SELECT * FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', max_rows, channels => channels)),
    kept AS (INSERT INTO c SELECT delivery_id, lease_token, message, notification_id, attempt FROM claimed RETURNING 1)
    SELECT count(*) FROM kept
$$;
-- What became of the notifications of a type: state, attempts and why.
CREATE FUNCTION pg_temp.fate(kind text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', d.state, d.attempts, d.last_error), ', ' ORDER BY d.id)
    FROM laurel.notification_deliveries d JOIN laurel.notifications n ON n.id = d.notification_id WHERE n.type = kind
$$;

-- What the door keeps out is here already: JSON so deep that no message can be made of it.
ALTER TABLE laurel.notifications DROP CONSTRAINT notifications_data_check;
INSERT INTO laurel.notifications (user_id, type, title, channels, data) VALUES
    (pg_temp.person(1), 'deep', 'Deep', '{push}', ('{"a":' || repeat('[', 6000) || repeat(']', 6000) || '}')::jsonb);
INSERT INTO laurel.notifications (user_id, type, title, channels) SELECT pg_temp.person(n), 'plain', 'Plain', '{push}' FROM generate_series(1, 2) n, generate_series(1, 40);
SET LOCAL max_stack_depth = '150kB';
SELECT is(pg_temp.claim(), 80::bigint, 'everybody else''s messages go out');
RESET max_stack_depth;
SELECT is(pg_temp.fate('deep'), 'dead 1 no message: stack depth limit exceeded (54001)', 'the one that cannot be made is dead, with the reason');
SELECT results_eq($$ SELECT a.outcome, a.attempt, a.error FROM laurel.delivery_attempts a JOIN laurel.notifications n ON n.id = a.notification_id WHERE n.type = 'deep' $$,
    $$ VALUES ('dead', 1::smallint, 'no message: stack depth limit exceeded (54001)') $$, 'and in the log');
SELECT is((SELECT remaining FROM laurel.delivery_leases), 80, 'the lease holds what was handed out');
SELECT is((SELECT count(DISTINCT delivery_id) FROM c WHERE message ->> 'user_id' = pg_temp.person(2)::text), 40::bigint, 'each message once');
SELECT is((SELECT sum(dead)::bigint FROM laurel.delivery_batches), 1::bigint, 'it is counted');
SELECT is(laurel.redrive_deliveries(), 1::bigint, 'it may be tried again');
SELECT is(pg_temp.claim(), 1::bigint, 'and goes out where it can be made');
SELECT is(laurel_internal.complete_deliveries(lease_token, jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', 'delivered'))), count(*), 'all end')
FROM c GROUP BY lease_token;

-- All that a claim takes, and one in the middle of it.
DELETE FROM c;
INSERT INTO laurel.notifications (user_id, type, title, channels, data) SELECT pg_temp.person(1), 'bad', 'Bad', '{push}',
    ('{"a":' || repeat('[', 6000) || repeat(']', 6000) || '}')::jsonb FROM generate_series(1, 100);
INSERT INTO laurel.notifications (user_id, type, title, channels) VALUES (pg_temp.person(1), 'good', 'Good', '{push}');
SET LOCAL max_stack_depth = '150kB';
SELECT is(pg_temp.claim(10), 1::bigint, 'a hundred that cannot be made keep none back that can');
RESET max_stack_depth;
SELECT is((SELECT count(*) FROM laurel.notification_deliveries WHERE state = 'dead'), 100::bigint, 'and are dead');
DELETE FROM laurel.notification_deliveries;
DELETE FROM laurel.delivery_leases;

-- A trouble that is nobody's own kills nothing: the claim fails, and all is as it was.
DELETE FROM c;
INSERT INTO laurel.notification_templates (organization_id, channel, subject, body_text) VALUES (NULL, 'email', '{{title}}', '{{title}}');
INSERT INTO laurel.notifications (user_id, type, title, channels) SELECT pg_temp.person(n), 'mail', 'Mail', '{email}' FROM generate_series(1, 2) n;
SAVEPOINT before;
ALTER TABLE laurel.notification_templates RENAME TO elsewhere;
SELECT throws_ok('SELECT pg_temp.claim()', '42P01', NULL, 'a table that is away fails the claim');
ROLLBACK TO before;
SELECT is(pg_temp.fate('mail'), 'ready 0, ready 0', 'not its deliveries');
SELECT is(pg_temp.claim(), 2::bigint, 'which go out when it is back');
SELECT ok(laurel_internal.complete_deliveries((SELECT min(lease_token::text)::uuid FROM c), (SELECT jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', 'delivered')) FROM c)) = 2, 'and end');

-- Attempts that were used up by hand are no obstacle.
INSERT INTO laurel.notifications (user_id, type, title, channels) VALUES (pg_temp.person(1), 'spent', 'Spent', '{email}'), (pg_temp.person(2), 'fresh', 'Fresh', '{email}');
UPDATE laurel.notification_deliveries d SET attempts = max_attempts FROM laurel.notifications n WHERE n.id = d.notification_id AND n.type = 'spent';
DELETE FROM c;
SELECT is(pg_temp.claim(), 2::bigint, 'a delivery without an attempt left is claimed with the others');
SELECT is((SELECT array_agg(attempt ORDER BY attempt) FROM c), '{1,20}', 'for the last time');
SELECT is(laurel_internal.complete_deliveries((SELECT min(lease_token::text)::uuid FROM c), (SELECT jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', 'retry', 'error', 'no')) FROM c)), 2::bigint, 'its outcome is kept');
SELECT is(pg_temp.fate('spent'), 'dead 20 no', 'and it is dead');
DELETE FROM laurel.notification_deliveries;

-- Results: what is no result is passed over, what is one counts.
CREATE FUNCTION pg_temp.completed(results jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    ended bigint;
BEGIN
    DELETE FROM c;
    DELETE FROM laurel.notification_deliveries;
    DELETE FROM laurel.delivery_leases;
    INSERT INTO laurel.notifications (user_id, type, title, channels) SELECT pg_temp.person(n), 'r', 'R', '{email}' FROM generate_series(1, 2) n;
    PERFORM pg_temp.claim();
    ended := laurel_internal.complete_deliveries((SELECT lease_token FROM c LIMIT 1),
        (SELECT jsonb_agg(CASE WHEN value ->> 'id' = 'mine' THEN value || jsonb_build_object('id', (SELECT delivery_id FROM c ORDER BY 1 LIMIT 1)) ELSE value END)
         FROM jsonb_array_elements(results)) || (SELECT jsonb_build_array(jsonb_build_object('id', delivery_id, 'outcome', 'delivered')) FROM c ORDER BY 1 DESC LIMIT 1));
    RETURN ended || ' ended, ' || (SELECT count(*) FROM laurel.notification_deliveries WHERE state = 'leased') || ' leased';
END
$$;
SELECT is(pg_temp.completed(results), '1 ended, 1 leased', name) FROM (VALUES
    ('result_no_object', '[1]'::jsonb), ('result_without_id', '[{"outcome": "dead"}]'), ('result_without_outcome', '[{"id": "mine"}]'),
    ('result_with_unknown_outcome', '[{"id": "mine", "outcome": "lost"}]'), ('result_with_odd_id', '[{"id": "x", "outcome": "dead"}]'),
    ('result_with_odd_ids', '[{"ids": ["00000000-0000-0000-0000-000000000000", "x"], "outcome": "dead"}]'),
    ('result_with_odd_status', '[{"id": "mine", "outcome": "dead", "status": "250"}]'), ('result_with_odd_error', '[{"id": "mine", "outcome": "dead", "error": {}}]')) AS v (name, results);
SELECT is(pg_temp.completed('[{"id": "mine", "outcome": "delivered", "status": 1e400, "duration_ms": -1e400}]'), '2 ended, 0 leased', 'numbers out of range are no obstacle');

-- An outcome that a rule of the application refuses.
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not in this house' USING ERRCODE = coalesce(nullif(current_setting('test.state', true), ''), 'P0001'); END $$;
CREATE TRIGGER refuse BEFORE INSERT ON laurel.delivery_attempts FOR EACH ROW
    WHEN (NEW.organization_id = 'a0000000-0000-0000-0000-000000000000') EXECUTE FUNCTION pg_temp.refuse();
DELETE FROM c;
DELETE FROM laurel.notification_deliveries;
DELETE FROM laurel.delivery_leases;
DELETE FROM laurel.delivery_attempts;
DELETE FROM laurel.delivery_batches;
INSERT INTO laurel.notifications (user_id, type, title, channels) SELECT pg_temp.person(1 + (n = 7)::integer), 'ruled', 'Ruled', '{email}' FROM generate_series(1, 40) n;
UPDATE laurel.notification_deliveries SET organization_id = tests.bolt(), user_id = pg_temp.person(2)
WHERE id NOT IN (SELECT id FROM laurel.notification_deliveries ORDER BY id LIMIT 1 OFFSET 20);
SELECT is(pg_temp.claim(), 40::bigint, 'forty are claimed');
SAVEPOINT claimed;
SELECT is(laurel_internal.complete_deliveries((SELECT min(lease_token::text)::uuid FROM c), (SELECT jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', 'delivered')) FROM c)),
    39::bigint, 'one outcome is refused, the others are kept');
SELECT is((SELECT count(*) FROM laurel.delivery_attempts), 39::bigint, 'each in the log once');
SELECT is((SELECT sum(delivered)::bigint FROM laurel.delivery_batches), 39::bigint, 'and counted once');
SELECT is((SELECT remaining FROM laurel.delivery_leases), 1, 'the one that is left stays leased');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries WHERE state = 'leased'), 1::bigint, 'until its lease ends');
ROLLBACK TO claimed;
CREATE FUNCTION pg_temp.ended_under(state text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    ended bigint;
BEGIN
    PERFORM set_config('test.state', state, true);
    BEGIN
        ended := laurel_internal.complete_deliveries((SELECT min(lease_token::text)::uuid FROM c), (SELECT jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', 'delivered')) FROM c));
        RAISE assert_failure;
    EXCEPTION WHEN assert_failure THEN NULL;
    END;
    RETURN ended;
END
$$;
SELECT is(pg_temp.ended_under(state), 39::bigint, 'one refused with ' || state) FROM unnest('{22023, 23514, 42501, 54001, P0099, PT403, XX000}'::text[]) state;
DROP TRIGGER refuse ON laurel.delivery_attempts;
CREATE TRIGGER refuse BEFORE INSERT ON laurel.delivery_attempts FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
SELECT is(tests.error_of($$ SELECT pg_temp.ended_under('42501') $$), '42501', 'where all are refused with what is not about them, the worker hears of it');

SELECT * FROM finish();
ROLLBACK;
