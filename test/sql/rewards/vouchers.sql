-- Codes come from a file, and are read by nobody but who has them.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('admin', 'learner', 'other', 'bolt_admin');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT tests.person(p), 100, 'bonus', 'start' FROM unnest('{learner, other}'::text[]) p;
INSERT INTO laurel.rewards (organization_id, id, name, price, fulfilment) VALUES (tests.acme(), 'c1000000-0000-0000-0000-000000000001', 'Ticket', 20, 'voucher');
CREATE FUNCTION pg_temp.left() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT vouchers_left FROM laurel.rewards $$;

-- COPY, as psql's \copy does it.
SELECT tests.act_as_service();
\set ON_ERROR_ROLLBACK on
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
COPY laurel.reward_vouchers (reward_id, code) FROM STDIN;
c1000000-0000-0000-0000-000000000001	A-1
c1000000-0000-0000-0000-000000000001	A-2
c1000000-0000-0000-0000-000000000001	A-3
\.
SELECT is(pg_temp.left(), 3::bigint, 'a file of codes');
COPY laurel.reward_vouchers (reward_id, code) FROM STDIN;
c1000000-0000-0000-0000-000000000001	B-1
c1000000-0000-0000-0000-000000000001	B-2
c1000000-0000-0000-0000-000000000001	B-1
\.
SELECT is(pg_temp.left(), 3::bigint, 'a file that has one twice brings nothing');
COPY laurel.reward_vouchers (reward_id, code) FROM STDIN;
c1000000-0000-0000-0000-000000000001	B-1
c1000000-0000-0000-0000-000000000001	A-2
\.
SELECT is(pg_temp.left(), 3::bigint, 'nor one that has one of before');
COPY laurel.reward_vouchers (reward_id, code, valid_until) FROM STDIN (FORMAT csv, HEADER);
reward_id,code,valid_until
c1000000-0000-0000-0000-000000000001,"B-1",2999-12-31
c1000000-0000-0000-0000-000000000001,"B-2 and ""more""",
\.
SELECT is(pg_temp.left(), 5::bigint, 'a spreadsheet of codes');
COPY laurel.reward_vouchers (reward_id, code) FROM STDIN;
c1000000-0000-0000-0000-000000000001	C-1\r
\.
SELECT is(pg_temp.left(), 5::bigint, 'a code has no end of a line in it');
COPY laurel.reward_vouchers (reward_id, code) FROM STDIN;
c1000000-0000-0000-0000-000000000001	
\.
SELECT is(pg_temp.left(), 5::bigint, 'nor is it empty');
COPY laurel.reward_vouchers (reward_id, code, valid_until) FROM STDIN;
c1000000-0000-0000-0000-000000000001	C-1	infinity
\.
SELECT is(pg_temp.left(), 5::bigint, 'what is valid for ever says nothing');
COPY laurel.reward_vouchers (reward_id, code, status, redemption_id, handed_at) FROM STDIN;
c1000000-0000-0000-0000-000000000001	C-1	handed	\N	2026-01-01
\.
SELECT is(pg_temp.left(), 5::bigint, 'nobody is handed nothing');
COPY laurel.reward_vouchers (reward_id, code) FROM STDIN;
c1000000-0000-0000-0000-000000000002	C-1
\.
SELECT is(pg_temp.left(), 5::bigint, 'codes are of a reward');
COPY laurel.reward_vouchers (code) TO STDOUT;
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '42501', 'the back end copies none out');
SELECT tests.act_as_admin();
COPY laurel.reward_vouchers (reward_id, code) FROM STDIN;
c1000000-0000-0000-0000-000000000001	D-1
\.
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '0A000', 'who administers does not copy');
INSERT INTO laurel.reward_vouchers (reward_id, code) VALUES ('c1000000-0000-0000-0000-000000000001', 'D-1');
SELECT is(pg_temp.left(), 6::bigint, 'but inserts');
\set ON_ERROR_STOP on
\set ON_ERROR_ROLLBACK off
\set VERBOSITY default

-- What was imported by mistake is withdrawn.
SELECT tests.act_as_admin();
INSERT INTO laurel.reward_vouchers (reward_id, code) SELECT 'c1000000-0000-0000-0000-000000000001', c FROM unnest('{W-1,W-2,W-3}'::text[]) c;
SELECT is(laurel.withdraw_vouchers('c1000000-0000-0000-0000-000000000001', '{W-1,W-1,nothing}'), 1::bigint, 'who administers withdraws codes, each once');
SELECT is(pg_temp.left(), 8::bigint, 'and no others');
SELECT tests.act_as_learner();
SELECT is(tests.told($$ SELECT laurel.withdraw_vouchers('c1000000-0000-0000-0000-000000000001', '{W-2}') $$), '42501 | not allowed to withdraw codes of this reward, or there is none | Ask an org_admin of the organization, or call as service_role.', 'a member does not');
SELECT tests.act_as(tests.person('bolt_admin'));
SELECT is(tests.error_of($$ SELECT laurel.withdraw_vouchers('c1000000-0000-0000-0000-000000000001', '{W-2}') $$), '42501', 'nor who administers another organization');
SELECT tests.act_as_service();
SELECT is(laurel.withdraw_vouchers('c1000000-0000-0000-0000-000000000001', '{W-2,W-3}'), 2::bigint, 'the back end does');
SELECT is(tests.error_of($$ SELECT laurel.withdraw_vouchers('c1000000-0000-0000-0000-000000000002', '{W-2}') $$), '42501', 'of a reward that there is');
SELECT is(tests.error_of('SELECT laurel.withdraw_vouchers' || a), '22004', 'and says what: ' || a) FROM unnest(ARRAY['(NULL, ''{}'')', '(''c1000000-0000-0000-0000-000000000001'', NULL)']) a;
SELECT is(pg_temp.left(), 6::bigint, 'as many are left as before');

-- Who reads them.
SELECT tests.act_as_learner();
SELECT redemption_id AS mine FROM laurel.redeem('c1000000-0000-0000-0000-000000000001', 2) \gset
SELECT is((SELECT string_agg(code, ' ' ORDER BY code) FROM laurel.reward_vouchers), 'A-1 B-1', 'what ends first goes first; its member reads it');
SELECT tests.act_as_admin();
SELECT is(laurel.withdraw_vouchers('c1000000-0000-0000-0000-000000000001', '{A-1,B-1}'), 0::bigint, 'what was handed out is not withdrawn');
SELECT tests.act_as_learner();
SELECT is((SELECT string_agg(v.code, ' ' ORDER BY v.code) FROM laurel.rewards r JOIN laurel.reward_vouchers v ON v.reward_id = r.id), 'A-1 B-1', 'embedded in its reward');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT count(*) FROM laurel.rewards r LEFT JOIN laurel.reward_vouchers v ON v.reward_id = r.id WHERE v.id IS NOT NULL), 0::bigint, 'nobody else does');
SELECT is(tests.error_of(format('SELECT * FROM laurel.voucher_codes(%L)', :'mine')), '42501', 'nor by the function');
SELECT tests.act_as_admin();
SELECT is((SELECT count(*) FROM laurel.redemptions d JOIN laurel.reward_vouchers v ON v.redemption_id = d.id), 0::bigint, 'nor does who administers, embedded in the redemption');
SELECT is(tests.told($$ INSERT INTO laurel.reward_vouchers (reward_id, code) SELECT 'c1000000-0000-0000-0000-000000000001', code FROM (VALUES ('A-9'), ('A-9')) v (code) $$), '23505 | duplicate key value violates unique constraint "reward_vouchers_code_key" | reward_vouchers_code_key', 'an error tells no code');
SELECT is(laurel.export_user(tests.person('learner'))::text LIKE '%A-1%', false, 'nor does what is exported of the member');
SELECT ok(laurel.export_user(tests.person('learner'))::text LIKE '%reward_vouchers%', 'which says that there is one');
SELECT is(tests.error_of($$ DELETE FROM laurel.reward_vouchers $$), '42501', 'nobody deletes one');
SELECT is(tests.error_of($$ UPDATE laurel.reward_vouchers SET code = 'X' $$), '42501', 'or writes another');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ SELECT code FROM laurel.reward_vouchers $$), '42501', 'the back end reads none but by the function');
SELECT is(tests.error_of($$ UPDATE laurel.reward_vouchers SET status = 'free' $$), '42501', 'and makes none free');
SELECT is((SELECT string_agg(code, ' ' ORDER BY code) FROM laurel.voucher_codes(:'mine')), 'A-1 B-1', 'which gives it those of a redemption');
SELECT is((SELECT count(*) FROM laurel.voucher_codes(laurel.uuidv7())), 0::bigint, 'none where there is none');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.audit_log a WHERE a::text LIKE '%A-1%') + (SELECT count(*) FROM laurel.domain_events e WHERE e::text LIKE '%A-1%') + (SELECT count(*) FROM laurel.notifications n WHERE n::text LIKE '%A-1%') + (SELECT count(*) FROM laurel.notification_deliveries d WHERE d::text LIKE '%A-1%') + (SELECT count(*) FROM laurel.points_ledger l WHERE l::text LIKE '%A-1%'),
    0::bigint, 'nor is one written anywhere else');
SELECT is((SELECT count(*) FROM pg_stats WHERE tablename = 'reward_vouchers' AND attname = 'code'), 0::bigint, 'nor estimated for members');
SELECT * FROM finish();
ROLLBACK;
