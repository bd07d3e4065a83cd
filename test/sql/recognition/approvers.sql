-- Who is told that recognitions wait: once a day, and nobody who may not approve them.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
SELECT tests.join(tests.acme(), 'second');
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('second'), 'org_admin');
UPDATE laurel.users SET manager_id = tests.person('manager') WHERE id IN (tests.person('learner'), tests.person('admin'));
INSERT INTO laurel.recognition_settings (organization_id, approval, approval_from, monthly_allowance) VALUES (tests.acme(), 'manager', 5, 1000);
-- Thanks from one to another, and who has been told of something that waits since.
CREATE FUNCTION pg_temp.thank(sender text, recipient text, points bigint DEFAULT 5) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM laurel.notifications;
    PERFORM tests.act_as(tests.person(sender));
    PERFORM laurel.recognize(ARRAY[tests.person(recipient)], 'Thanks', points);
    PERFORM tests.act_as_owner();
    RETURN (SELECT string_agg(n.name, ', ' ORDER BY n.name) FROM laurel.notifications t JOIN unnest('{admin, second, trainer, learner, other, manager, root, bolt_admin}'::text[]) n (name) ON t.user_id = tests.person(n.name)
            WHERE t.type = 'recognition_waiting');
END
$$;

SELECT is(pg_temp.thank('learner', 'other', 4), NULL, 'of what needs no approval nobody is told');
SELECT is(pg_temp.thank('learner', 'other'), 'manager', 'the sender''s manager is told, where managers approve');
SELECT is((SELECT title || ' ' || link || ' ' || (data ? 'recognition_id') FROM laurel.notifications WHERE type = 'recognition_waiting'), 'Recognitions wait for your approval /recognitions?status=pending true', 'where to look');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type = 'recognition_waiting'), 1::bigint, 'as an event too');
SELECT tests.act_as_learner();
SELECT count(*) FROM generate_series(1, 5), LATERAL laurel.recognize(ARRAY[tests.person('other'), tests.person('trainer')], 'Thanks ' || generate_series, 5);
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.notifications WHERE type = 'recognition_waiting'), 1::bigint, 'once a day, however many wait');
SELECT is(pg_temp.thank('learner', 'manager'), 'admin, second', 'who is thanked approves nothing: administrators are told instead');
SELECT is(pg_temp.thank('other', 'learner'), 'admin, second', 'so they are where there is no manager');
SELECT is(pg_temp.thank('admin', 'second'), 'manager', 'an administrator has a manager, too');
UPDATE laurel.recognition_settings SET approval = 'admin';
SELECT is(pg_temp.thank('learner', 'other'), 'admin, second', 'where administrators approve, managers are not told');
SELECT is(pg_temp.thank('admin', 'learner'), 'second', 'nor the sender');
SELECT is(pg_temp.thank('learner', 'second'), 'admin', 'nor the recipient');
SELECT is(pg_temp.thank('bolt_admin', 'bolt_learner'), NULL, 'nor anybody of another organization');
-- Whoever is told may approve, and nobody else hears of it.
SELECT tests.act_as(tests.person('second'));
SELECT is(tests.error_of(format('SELECT laurel.approve_recognition(%L)', id)), 'none', 'who is told may approve') FROM laurel.recognitions WHERE status = 'pending' AND sender_id = tests.person('admin') AND recipient_id = tests.person('learner');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.recognitions r WHERE EXISTS (SELECT FROM laurel_internal.recognition_approvers(r.organization_id, r.sender_id, r.recipient_id) a WHERE a IN (r.sender_id, r.recipient_id))), 0::bigint, 'neither of the two is ever told');
SELECT is_empty('SELECT * FROM laurel.check()', 'counters and quotas agree');

SELECT * FROM finish();
ROLLBACK;
