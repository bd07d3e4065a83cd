-- What waited is looked at again when it goes: read, switched off, left, moved.
\ir ../support/load.sql
BEGIN;
SELECT plan(46);

SELECT tests.found('a', 'b'), tests.crowd('a', 1, 1);
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '0.1.0');
UPDATE laurel.user_preferences SET notification_preferences = '{"channels": {"push": true}}' WHERE user_id = tests.one('a', 1);

CREATE FUNCTION pg_temp.prefer(preferences jsonb) RETURNS void LANGUAGE sql AS $$
    UPDATE laurel.user_preferences SET notification_preferences = preferences WHERE user_id = tests.one('a', 1)
$$;
-- Says something, lets that happen meanwhile, and returns what became of it: sent, or why not.
CREATE FUNCTION pg_temp.fate(meanwhile text, of text DEFAULT 'email', priority integer DEFAULT 5, named text[] DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said uuid;
    fate text;
BEGIN
    BEGIN
        said := laurel.notify(tests.one('a', 1), 'news', 'News', priority => priority, channels => named);
        EXECUTE meanwhile;
        UPDATE laurel.notification_deliveries SET due_at = clock_timestamp();
        SELECT 'sent' INTO fate FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10) c WHERE c.channel = of;
        fate := coalesce(fate, (SELECT a.outcome || ': ' || a.error FROM laurel.delivery_attempts a WHERE a.channel = of AND a.notification_id = said));
        RAISE EXCEPTION USING ERRCODE = 'TST00', MESSAGE = coalesce(fate, 'nothing');
    EXCEPTION WHEN SQLSTATE 'TST00' THEN
        RETURN sqlerrm;
    END;
END
$$;
CREATE TEMP TABLE did (what text, statement text);
INSERT INTO did VALUES
    ('nothing', 'SELECT'),
    ('read', 'UPDATE laurel.notifications SET is_read = true'),
    ('marked', format('SELECT laurel.set_context(%L), laurel.mark_notifications_read()', tests.one('a', 1))),
    ('unread', 'UPDATE laurel.notifications SET is_read = true; UPDATE laurel.notifications SET is_read = false'),
    ('channels off', 'SELECT pg_temp.prefer(''{"channels": {"email": false, "push": false}}'')'),
    ('type off', 'SELECT pg_temp.prefer(''{"types": {"news": {"email": false, "push": false}}}'')'),
    ('other type off', 'SELECT pg_temp.prefer(''{"channels": {"push": true}, "types": {"other": {"email": false, "push": false}}}'')'),
    ('organization off', 'SELECT pg_temp.prefer(''{}''); UPDATE laurel.organizations SET settings = ''{"notifications": {"channels": {"email": false}}}'''),
    ('deactivated', 'UPDATE laurel.users SET is_active = false'),
    ('moved', 'UPDATE laurel.users SET email = ''elsewhere@kit.test'' WHERE id = tests.one(''a'', 1)'),
    ('deleted', 'DELETE FROM laurel.notifications');
SELECT is(pg_temp.fate(d.statement, v.channel, v.priority, v.named), v.fate, format('%s, %s, priority %s%s', d.what, v.channel, v.priority, ', named ' || v.named::text))
FROM (VALUES
    ('nothing', 'email', 5, NULL::text[], 'sent'), ('nothing', 'push', 5, NULL, 'sent'),
    ('read', 'email', 5, NULL, 'cancelled: read meanwhile'), ('read', 'push', 5, NULL, 'cancelled: read meanwhile'), ('read', 'email', 1, NULL, 'cancelled: read meanwhile'),
    ('marked', 'email', 5, NULL, 'cancelled: read meanwhile'), ('unread', 'email', 5, NULL, 'sent'),
    ('read', 'email', 0, NULL, 'sent'), ('read', 'email', 5, '{email}', 'sent'), ('read', 'push', 5, '{push}', 'sent'),
    ('channels off', 'email', 5, NULL, 'cancelled: switched off in the preferences'), ('channels off', 'push', 9, NULL, 'cancelled: switched off in the preferences'),
    ('channels off', 'email', 0, NULL, 'sent'), ('channels off', 'email', 5, '{email}', 'sent'),
    ('type off', 'email', 5, NULL, 'cancelled: switched off in the preferences'), ('type off', 'push', 5, NULL, 'cancelled: switched off in the preferences'),
    ('other type off', 'email', 5, NULL, 'sent'), ('organization off', 'email', 5, NULL, 'cancelled: switched off in the preferences'),
    ('deactivated', 'email', 5, NULL, 'cancelled: the user is not active'), ('deactivated', 'email', 0, '{email}', 'cancelled: the user is not active'),
    ('moved', 'email', 5, NULL, 'cancelled: the address has changed meanwhile'), ('moved', 'push', 5, NULL, 'sent'),
    ('moved', 'email', 0, NULL, 'sent'), ('moved', 'email', 5, '{email}', 'sent'),
    ('deleted', 'email', 5, NULL, 'cancelled: the notification is gone')) v (what, channel, priority, named, fate) JOIN did d ON d.what = v.what;
SELECT is(pg_temp.fate('UPDATE laurel.organizations SET settings = ''{"notifications": {"verified_only": true}}''; UPDATE laurel.users SET email = ''x@kit.test''', 'email', 0, '{email}'),
    'cancelled: the address is not verified', 'what is critical goes to no address that is not verified where an organization wants only such');

-- Kept out of the application it was never read there.
SELECT pg_temp.prefer('{"channels": {"in_app": false}}');
SELECT is(pg_temp.fate('SELECT'), 'sent', 'what is kept out of the application is not read');
SELECT pg_temp.prefer('{}');

-- Who left.
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.org('b'), tests.one('a', 1));
SELECT laurel.notify(tests.one('a', 1), 'news', 'News', organization_id => tests.org('b'));
DELETE FROM laurel.user_organizations WHERE organization_id = tests.org('b') AND user_id = tests.one('a', 1);
SELECT is((SELECT count(*) FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10)), 0::bigint, 'nothing goes to who left');
SELECT results_eq('SELECT organization_id, outcome, error FROM laurel.delivery_attempts', $$ VALUES (tests.org('b'), 'cancelled', 'the member has left the organization') $$, 'and the log says so');

-- What is redriven goes to the address that its reader has then.
SELECT laurel.notify(tests.one('a', 1), 'news', 'Dead');
UPDATE laurel.notification_deliveries SET state = 'dead', created_at = created_at - interval '1 hour';
UPDATE laurel.users SET email = 'known@kit.test' WHERE id = tests.one('a', 1);
SELECT is(laurel.redrive_deliveries(), 1::bigint, 'redriven');
SELECT is((SELECT message ->> 'to' FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10)), 'known@kit.test', 'to the new address');

-- A member's own endpoint follows what the member wants; an organization's is told all.
DELETE FROM laurel.notification_deliveries;
DELETE FROM laurel.delivery_attempts;
SELECT laurel.create_webhook_endpoint('https://own.kit.test', '{}', tests.org('a'), tests.one('a', 1)), laurel.create_webhook_endpoint('https://all.kit.test', '{}', tests.org('a'));
SELECT laurel.notify(tests.one('a', 1), 'news', 'News');
SELECT pg_temp.prefer('{"channels": {"webhook": false, "email": false}}');
UPDATE laurel.notifications SET is_read = true;
SELECT results_eq($$ SELECT message ->> 'url' FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10) $$, $$ VALUES ('https://all.kit.test') $$, 'webhooks');
SELECT results_eq('SELECT channel, error FROM laurel.delivery_attempts ORDER BY 1', $$ VALUES ('email', 'read meanwhile'), ('webhook', 'switched off in the preferences') $$, 'with their reasons');

SELECT pg_temp.prefer('{}');
SELECT laurel.notify(tests.one('a', 1), 'news', 'News', channels => '{webhook}');
UPDATE laurel.users SET is_active = false WHERE id = tests.one('a', 1);
SELECT results_eq($$ SELECT message ->> 'url' FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10) $$, $$ VALUES ('https://all.kit.test') $$, 'nothing goes to the endpoint of who is not active');
UPDATE laurel.users SET is_active = true WHERE id = tests.one('a', 1);

-- Digests item by item.
DELETE FROM laurel.notification_deliveries;
DELETE FROM laurel.webhook_endpoints;
SELECT pg_temp.prefer('{"digest": {"email": {"window": "1 day"}}}');
CREATE FUNCTION pg_temp.digest() RETURNS TABLE (subject text, body text) LANGUAGE sql AS $$
    UPDATE laurel.notification_deliveries SET due_at = clock_timestamp() WHERE state = 'ready';
    SELECT message ->> 'subject', split_part(message ->> 'text', E'\n\n', 1) FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10, '30 s', '{email}')
$$;
CREATE FUNCTION pg_temp.told(VARIADIC titles text[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM laurel.notification_deliveries; DELETE FROM laurel.delivery_attempts; DELETE FROM laurel.digest_items; DELETE FROM laurel.notifications;
    INSERT INTO laurel.notifications (user_id, type, title) SELECT tests.one('a', 1), split_part(t, ' ', 1), t FROM unnest(titles) t
$$;
SELECT pg_temp.told('news one', 'news two', 'alert three', 'news four');
UPDATE laurel.notifications SET is_read = true WHERE title = 'news two';
SELECT pg_temp.prefer('{"digest": {"email": {"window": "1 day"}}, "types": {"alert": {"email": false}}}');
SELECT results_eq('SELECT * FROM pg_temp.digest()', $$ VALUES ('2 new: Acme', E'* news one\n* news four') $$, 'a digest tells what is neither read nor switched off');
SELECT is((SELECT count(*) FROM laurel.digest_items), 2::bigint, 'what it leaves out leaves it');
UPDATE laurel.notifications SET is_read = true WHERE title = 'news four';
SELECT laurel_internal.release_deliveries('f0000000-0000-0000-0000-000000000001');
SELECT results_eq('SELECT body FROM pg_temp.digest()', $$ VALUES ('* news one') $$, 'also when it is tried again');
SELECT pg_temp.told('news one', 'news two');
UPDATE laurel.notifications SET is_read = true;
SELECT is((SELECT count(*) FROM pg_temp.digest()), 0::bigint, 'a digest of which all was read is not sent');
SELECT results_eq('SELECT outcome, error FROM laurel.delivery_attempts', $$ VALUES ('cancelled', 'read meanwhile') $$, 'and says why');
SELECT is((SELECT count(*) FROM laurel.notification_deliveries) + (SELECT count(*) FROM laurel.digest_items), 0::bigint, 'nothing of it is left');
SELECT pg_temp.told('news one');
SELECT pg_temp.prefer('{"channels": {"email": false}}');
SELECT is((SELECT count(*) FROM pg_temp.digest()), 0::bigint, 'nor one that was switched off');
SELECT is((SELECT error FROM laurel.delivery_attempts), 'switched off in the preferences', 'with its reason');
SELECT pg_temp.prefer('{"digest": {"email": {"window": "1 day"}}}'), pg_temp.told('news one');
UPDATE laurel.digest_items SET created_at = created_at - interval '1 hour';
UPDATE laurel.users SET email = 'another@kit.test' WHERE id = tests.one('a', 1);
SELECT is((SELECT count(*) FROM pg_temp.digest()), 0::bigint, 'what was to go to another address does not go');
SELECT is((SELECT error FROM laurel.delivery_attempts), 'the address has changed meanwhile', 'with its reason');
SELECT pg_temp.told('news one');
UPDATE laurel.users SET is_active = false WHERE id = tests.one('a', 1);
SELECT is((SELECT count(*) FROM pg_temp.digest()), 0::bigint, 'nor to who is not active');
SELECT is((SELECT error FROM laurel.delivery_attempts), 'the user is not active', 'with its reason');

SELECT * FROM finish();
ROLLBACK;
