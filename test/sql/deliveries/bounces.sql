-- Addresses that bounce: remembered, sent nothing, cleared, forgotten.
\ir ../support/load.sql
BEGIN;
SELECT plan(83);

SELECT tests.cast('admin', 'ada', 'ben', 'bolt_admin');
SELECT tests.invite('ada', tests.bolt());
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '0.1.0');

CREATE FUNCTION pg_temp.told(who text DEFAULT 'ada', organization uuid DEFAULT tests.acme(), priority integer DEFAULT 5) RETURNS void LANGUAGE sql AS $$
    SELECT laurel.notify(tests.person(who), 'news', 'News', organization_id => organization, priority => priority)
$$;
CREATE FUNCTION pg_temp.claim() RETURNS TABLE (delivery_id uuid, lease_token uuid, recipient text) LANGUAGE sql AS $$
    SELECT delivery_id, lease_token, message ->> 'to' FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 10)
$$;
-- Tells somebody, and what a mail server said of it; returns what became of it.
CREATE FUNCTION pg_temp.refused(reply text, who text DEFAULT 'ada', outcome text DEFAULT 'dead', more jsonb DEFAULT '{}', organization uuid DEFAULT tests.acme()) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    fate text;
BEGIN
    DELETE FROM laurel.notification_deliveries;
    PERFORM pg_temp.told(who, organization);
    SELECT coalesce(max(laurel_internal.complete_deliveries(c.lease_token, jsonb_build_array(jsonb_build_object('id', c.delivery_id, 'outcome', outcome,
        'status', left(reply, 3)::integer, 'error', reply) || more))) || ' ended', 'cancelled') INTO fate FROM pg_temp.claim() c;
    RETURN fate;
END
$$;
CREATE FUNCTION pg_temp.suppressed() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', o.slug, s.email, s.code, s.bounces), ', ' ORDER BY o.slug, s.email)
    FROM laurel.suppressed_addresses s JOIN laurel.organizations o ON o.id = s.organization_id WHERE s.suppressed_at IS NOT NULL
$$;
CREATE FUNCTION pg_temp.clean() RETURNS void LANGUAGE sql AS $$ DELETE FROM laurel.suppressed_addresses; DELETE FROM laurel.notification_deliveries; DELETE FROM laurel.delivery_attempts $$;

-- What mail servers say.
SELECT is(pg_temp.refused(reply) || ', ' || coalesce(pg_temp.suppressed(), 'none'), '1 ended, ' || suppressed, reply), pg_temp.clean()
FROM (VALUES ('550 5.1.1 no such user', 'acme ada@acme.test 5.1.1 1'), ('550-5.1.1 no such user', 'acme ada@acme.test 5.1.1 1'),
    ('550 5.1.2 no such domain', 'acme ada@acme.test 5.1.2 1'), ('501 5.1.3 no address', 'acme ada@acme.test 5.1.3 1'), ('551 5.1.6 moved', 'acme ada@acme.test 5.1.6 1'),
    ('556 5.1.10 null MX', 'acme ada@acme.test 5.1.10 1'), ('550 5.2.1 disabled', 'acme ada@acme.test 5.2.1 1'),
    ('550 no such user', 'none'), ('552 5.2.2 full', 'none'), ('554 5.7.1 spam', 'none'), ('550 5.0.0 no', 'none'), ('553 5.1.8 your domain', 'none'), ('550 host 5.1.1', 'none')) v (reply, suppressed);
SELECT is(pg_temp.refused('450 4.2.1 try later', outcome => 'retry') || coalesce(pg_temp.suppressed(), ''), '1 ended', 'what is tried again'), pg_temp.clean();
SELECT is(pg_temp.refused('550 5.1.1 x', outcome => 'retry') || coalesce(pg_temp.suppressed(), ''), '1 ended', 'whatever it says'), pg_temp.clean();
SELECT is(pg_temp.refused('550 5.1.1 no', more => '{"recipient": "ada@acme.test"}') || ', ' || pg_temp.suppressed(), '1 ended, acme ada@acme.test 5.1.1 1', 'of the address that it was about'), pg_temp.clean();
SELECT is(pg_temp.refused('550 5.1.1 no', more => '{"recipient": "before@acme.test"}') || coalesce(pg_temp.suppressed(), ''), '1 ended', 'not of one that the member has no more'), pg_temp.clean();

-- What says so elsewhere, or of somebody who has left meanwhile.
SELECT laurel.create_webhook_endpoint('https://hooks.test', organization_id => tests.acme()) AS endpoint \gset
SELECT laurel.notify(tests.person('ada'), 'news', 'News', channels => '{webhook}');
SELECT is((SELECT laurel_internal.complete_deliveries(lease_token, jsonb_build_array(jsonb_build_object('id', delivery_id, 'outcome', 'dead', 'error', '550 5.1.1 no'))) FROM pg_temp.claim()) || coalesce(pg_temp.suppressed(), ''), '1', 'of an endpoint'), pg_temp.clean();
DELETE FROM laurel.webhook_endpoints;
SELECT pg_temp.told(organization => tests.bolt());
CREATE TEMP TABLE left_meanwhile AS SELECT * FROM pg_temp.claim();
DELETE FROM laurel.user_organizations WHERE organization_id = tests.bolt() AND user_id = tests.person('ada');
SELECT is((SELECT laurel_internal.complete_deliveries(lease_token, jsonb_build_array(jsonb_build_object('id', delivery_id, 'outcome', 'dead', 'error', '550 5.1.1 no', 'recipient', recipient))) FROM left_meanwhile) || coalesce(pg_temp.suppressed(), ''), '1', 'of who has left'), pg_temp.clean();
SELECT tests.invite('ada', tests.bolt());

-- A suppressed address.
SELECT pg_temp.refused('550 5.1.1 <ada@acme.test>: no such user');
SELECT results_eq('SELECT user_id, reason, bounced_at = suppressed_at, cleared_at FROM laurel.suppressed_addresses', $$ VALUES (tests.person('ada'), '550 5.1.1 <[address]>: no such user', true, NULL::timestamptz) $$, 'is known with its reason');
SELECT pg_temp.told(), pg_temp.told('ben');
SELECT results_eq('SELECT recipient FROM pg_temp.claim()', $$ VALUES ('ben@acme.test') $$, 'gets no more mail');
SELECT is((SELECT max(error) FROM laurel.delivery_attempts WHERE outcome = 'cancelled'), 'the address is suppressed: mail to it bounced for good', 'for that reason');
SELECT pg_temp.told(priority => 0);
SELECT results_eq('SELECT recipient FROM pg_temp.claim()', $$ VALUES ('ada@acme.test') $$, 'but what is critical');
SELECT laurel.notify(tests.person('ada'), 'news', 'Named', organization_id => tests.acme(), channels => '{email}');
SELECT is_empty('SELECT recipient FROM pg_temp.claim()', 'also where it was named: nobody reads it');
SELECT pg_temp.told(organization => tests.bolt());
SELECT results_eq('SELECT recipient FROM pg_temp.claim()', $$ VALUES ('ada@acme.test') $$, 'another organization''s mail is its own');
UPDATE laurel.users SET email = 'new@acme.test' WHERE id = tests.person('ada');
SELECT is_empty('SELECT FROM laurel.suppressed_addresses', 'until the address changes');
SELECT pg_temp.told();
SELECT results_eq('SELECT recipient FROM pg_temp.claim()', $$ VALUES ('new@acme.test') $$, 'the new one gets mail');
UPDATE laurel.users SET email = 'ada@acme.test' WHERE id = tests.person('ada');
SELECT pg_temp.clean();

-- As often as an organization says.
SELECT is(tests.error_of(format('UPDATE laurel.organizations SET settings = ''{"notifications": {"suppress_after": %s}}'' WHERE id = tests.acme()', n)),
    '23514 organizations_settings_notifications_check', 'suppressed after ' || n) FROM unnest('{0,11,1.5,true,[1]}'::text[]) n;
UPDATE laurel.organizations SET settings = '{"notifications": {"suppress_after": 3}}' WHERE id = tests.acme();
SELECT pg_temp.refused('550 5.1.1 no'), pg_temp.refused('550 5.2.1 no');
SELECT is(pg_temp.suppressed(), NULL, 'two of three');
SELECT pg_temp.refused('550 5.1.1 no');
SELECT is(pg_temp.suppressed(), 'acme ada@acme.test 5.1.1 3', 'the third');
SELECT pg_temp.clean();

-- What a provider tells.
SELECT tests.act_as_service();
SELECT is(laurel.report_bounce('Ada@acme.test ', '5.1.1', 'no such user', report => 'a'), true, 'one is enough for Bolt');
SELECT is(laurel.report_bounce('ada@acme.test', '5.1.1', report => 'a'), true, 'which comes again');
SELECT is(laurel.report_bounce('ada@acme.test', '5.2.2', report => 'soft', organization_id => tests.acme()), false, 'what is soft does not count');
SELECT is(laurel.report_bounce('ada@acme.test', '5.1.1', report => 'b', organization_id => tests.acme()), false, 'the second');
SELECT is(laurel.report_bounce('ada@acme.test', '5.1.1', organization_id => tests.acme()), true, 'the third, without a name');
SELECT is(laurel.report_bounce('ada@acme.test', '4.2.2', organization_id => tests.acme()), true, 'it says how it is');
SELECT tests.act_as_owner();
SELECT is(pg_temp.suppressed(), 'acme ada@acme.test 5.1.1 3, bolt ada@acme.test 5.1.1 1', 'each organization by its own number');
SELECT tests.act_as_service();
SELECT is(laurel.report_bounce('nobody@acme.test', '5.1.1'), false, 'an address that is nobody''s');
SELECT is(laurel.report_bounce('ben@acme.test', '5.1.1', organization_id => tests.bolt()), false, 'or another organization''s');
SELECT is(tests.error_of(format('SELECT laurel.report_bounce(%s)', arguments)), error, arguments)
FROM (VALUES ('NULL, ''5.1.1''', '22004'), ('''a@b'', NULL', '22004'), ('''a@b'', ''550''', '22023'), ('''a@b'', ''hard''', '22023'), ('''a@b'', ''5.1.1'', bounced_at => ''infinity''', '22023'), ('''a@b'', ''5.1.001''', '22023'), ('''a@b'', ''5.1.1'', report => repeat(''x'', 1001)', '22023')) v (arguments, error);
SELECT is(tests.error_of($$ INSERT INTO laurel.suppressed_addresses (organization_id, email, code, bounced_at) VALUES (tests.acme(), 'x', '5.1.1', now()) $$), '42501', 'nothing else writes');

SELECT tests.act_as_owner(), pg_temp.clean();
SELECT laurel.report_bounce('ben@acme.test', '5.1.1', bounced_at => now() + interval '1 year'), laurel.report_bounce('ben@acme.test', '5.1.1', bounced_at => now() - interval '1 year');
SELECT results_eq('SELECT bounced_at BETWEEN now() AND clock_timestamp() FROM laurel.suppressed_addresses', 'VALUES (true)', 'what lies ahead is now, and the last counts, in whatever order they come');
SELECT laurel.report_bounce('ben@acme.test', '5.1.1', report => 'event ' || n / 3) FROM generate_series(3, 182) n \g /dev/null
SELECT results_eq('SELECT bounces, reports[1], cardinality(reports) FROM laurel.suppressed_addresses', $$ VALUES (62, 'event 11', 50) $$, 'the last fifty reports are known');

-- What is suppressed stays so from then on, whatever number the organization says later.
SELECT pg_temp.clean();
UPDATE laurel.organizations SET settings = '{}' WHERE id = tests.acme();
SELECT laurel.report_bounce('ben@acme.test', '5.1.1', bounced_at => now() - interval '1 hour');
UPDATE laurel.organizations SET settings = '{"notifications": {"suppress_after": 3}}' WHERE id = tests.acme();
SELECT is(laurel.report_bounce('ben@acme.test', '5.1.1'), true, 'another bounce');
SELECT results_eq('SELECT suppressed_at = now() - interval ''1 hour'', bounces FROM laurel.suppressed_addresses', 'VALUES (true, 2)', 'changes no more than their number');

UPDATE laurel.organizations SET settings = '{"notifications": {"suppress_after": 2}}' WHERE id = tests.acme();
SELECT is(laurel.report_bounce('ada@acme.test', '5.1.1', organization_id => tests.acme()), false, 'one of two');

-- Somebody who was invited.
SELECT tests.act_as_owner(), pg_temp.clean();
SELECT laurel.invite_member('guest@else.test', organization_id => tests.bolt());
SELECT is(laurel.report_bounce('guest@else.test', '5.1.1', 'no'), true, 'of an invitation');
SELECT is_empty('SELECT FROM pg_temp.claim()', 'no letter goes there');
SELECT pg_temp.clean();
UPDATE laurel.invitations SET status = 'withdrawn';
SELECT is(laurel.report_bounce('guest@else.test', '5.1.1'), false, 'nor of one that was taken back');

-- Many at once, letters among them, are noted in the order of their addresses: two workers cannot wait for each other.
SELECT count(laurel.invite_member(format('%s@else.test', md5(n::text)), organization_id => tests.acme())) FROM generate_series(1, 60) n;
INSERT INTO laurel.users (id, organization_id, email) SELECT laurel.uuidv7(), tests.acme(), md5(n || 'm') || '@else.test' FROM generate_series(1, 60) n;
SELECT laurel.notify(u.id, 'news', 'News', organization_id => tests.acme()) FROM laurel.users u WHERE u.email LIKE '%@else.test' \g /dev/null
CREATE TEMP TABLE bounced AS SELECT delivery_id, lease_token, message ->> 'to' AS recipient FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 1000);
SELECT is((SELECT laurel_internal.complete_deliveries(lease_token, jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', 'dead', 'status', 550, 'error', '550 5.1.1 no', 'recipient', recipient)))
    FROM bounced GROUP BY lease_token), 120::bigint, 'members and invited alike');
SELECT results_eq('SELECT email FROM laurel.suppressed_addresses ORDER BY cmin::text::integer', 'SELECT recipient FROM bounced ORDER BY recipient COLLATE "C"', 'in one order');
SELECT pg_temp.clean();

-- Cleared.
UPDATE laurel.users SET email_changed_at = NULL WHERE id = tests.person('ada');
SELECT laurel.report_bounce('ada@acme.test', '5.1.1', report => 'x', organization_id => tests.bolt(), bounced_at => now() - interval '1 hour');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ SELECT laurel.clear_suppression('ada@acme.test', tests.bolt()) $$), '42501', 'not by another organization''s administrator');
SELECT is(laurel.clear_suppression('ada@acme.test'), 0::bigint, 'whose own has none');
SELECT is(tests.error_of($$ SELECT laurel.report_bounce('ada@acme.test', '5.1.1') $$), '42501', 'nor does one report');
SELECT is((SELECT count(*) FROM laurel.suppressed_addresses), 0::bigint, 'or read it');
SELECT tests.act_as_bolt_admin();
SELECT results_eq('SELECT email, code, bounces FROM laurel.suppressed_addresses', $$ VALUES ('ada@acme.test', '5.1.1', 1) $$, 'its administrator reads it');
SELECT is(tests.error_of('SELECT reports FROM laurel.suppressed_addresses'), '42501', 'but for what providers call it');
SELECT is(tests.error_of('DELETE FROM laurel.suppressed_addresses'), '42501', 'and deletes nothing');
SELECT is(laurel.clear_suppression(' ADA@acme.test'), 1::bigint, 'cleared');
SELECT is(laurel.clear_suppression('ada@acme.test'), 0::bigint, 'once');
SELECT tests.act_as(tests.person('ada'));
SELECT is(tests.error_of($$ SELECT laurel.clear_suppression('ada@acme.test') $$), '42501', 'not by the member');
SELECT tests.act_as_owner();
SELECT is(pg_temp.suppressed(), NULL, 'it gets mail');
SELECT is(laurel.report_bounce('ada@acme.test', '5.1.1', report => 'late', organization_id => tests.bolt(), bounced_at => now() - interval '1 minute'), false, 'what bounced before that does not count');
SELECT is(laurel.report_bounce('ada@acme.test', '5.1.1', report => 'x', organization_id => tests.bolt()), false, 'nor what was counted then');
SELECT is(laurel.report_bounce('ada@acme.test', '5.1.1', report => 'y', organization_id => tests.bolt()), true, 'but what bounces after it');

-- An address begins anew with whoever takes it.
SELECT pg_temp.clean();
UPDATE laurel.organizations SET settings = '{}';
UPDATE laurel.users SET email_changed_at = now() - interval '1 minute' WHERE id = tests.person('ada');
SELECT is(laurel.report_bounce('ada@acme.test', '5.1.1', bounced_at => now() - interval '61 seconds'), false, 'what bounced before its member had it does not count');
SELECT is(laurel.report_bounce('ada@acme.test', '5.1.1', bounced_at => now() - interval '59 seconds'), true, 'what did after that counts');
SELECT pg_temp.clean();
SELECT laurel.report_bounce('ben@acme.test', '5.1.1');
SELECT laurel.invite_member('guest@acme.test', organization_id => o) FROM unnest(ARRAY[tests.acme(), tests.bolt()]) o;
SELECT is(laurel.report_bounce('guest@acme.test', '5.1.1'), true, 'nor what an invitation''s did');
UPDATE laurel.users SET email = 'guest@acme.test' WHERE id = tests.person('admin');
SELECT is(pg_temp.suppressed(), 'acme ben@acme.test 5.1.1 1, bolt guest@acme.test 5.1.1 1', 'where its member is');
CREATE FUNCTION pg_temp.move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.email := 'moved@acme.test'; RETURN NEW; END $$;
CREATE TRIGGER a_move BEFORE UPDATE ON laurel.users FOR EACH ROW EXECUTE FUNCTION pg_temp.move();
UPDATE laurel.users SET full_name = 'Ben' WHERE id = tests.person('ben');
DROP TRIGGER a_move ON laurel.users;
SELECT is(pg_temp.suppressed(), 'bolt guest@acme.test 5.1.1 1', 'also where a trigger of the application changes the address');
UPDATE laurel.users SET email = 'ben@acme.test' WHERE id = tests.person('ben');
SELECT pg_temp.clean();

-- Forgotten with its member, and in time.
DELETE FROM laurel.user_organizations WHERE organization_id = tests.bolt() AND user_id = tests.person('ada');
SELECT is_empty('SELECT FROM laurel.suppressed_addresses', 'who leaves leaves none behind');
SELECT laurel.report_bounce('ben@acme.test', '5.1.1', bounced_at => now() - interval '13 months');
SELECT results_eq($$ SELECT keep, time_column FROM laurel.retention_policies WHERE name = 'suppressed_addresses' $$, $$ VALUES (interval '1 year', 'bounced_at') $$, 'kept for a year');
DELETE FROM laurel.users WHERE id = tests.person('ben');
SELECT is_empty('SELECT FROM laurel.suppressed_addresses', 'nor who is deleted');

SELECT * FROM finish();
ROLLBACK;
