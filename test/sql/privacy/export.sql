-- Export: all that is a person's by the catalogue, for the person, the organization and the back end, and nothing of others.
\ir ../support/load.sql
BEGIN;
SELECT plan(46);
SELECT tests.cast() \g /dev/null

INSERT INTO laurel.badges (id, organization_id, badge_name, points_value) VALUES (tests.person('badge'), tests.acme(), 'First', 10);
INSERT INTO laurel.badge_awards (organization_id, user_id, badge_id) VALUES (tests.acme(), tests.person('learner'), tests.person('badge'));
SELECT laurel.record_points_transaction(tests.person('learner'), 40, 'quest', reason => 'because') \g /dev/null
SELECT laurel.record_points_transaction(tests.person('other'), 7, 'quest', reason => 'not hers') \g /dev/null
SELECT tests.teach('trainer', 'learner') \g /dev/null
SELECT laurel.set_password(tests.person('learner'), 'correct horse battery') \g /dev/null
SELECT laurel.create_session(tests.person('learner')), laurel.create_one_time_token(tests.person('learner'), 'password_reset') \g /dev/null
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('learner'));
SELECT laurel.record_points_transaction(tests.person('learner'), 3, 'bonus', reason => 'at Bolt', organization_id => tests.bolt()) \g /dev/null
INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message, status, approved_at) VALUES
    (tests.acme(), tests.person('other'), tests.person('learner'), 'Seen', 'approved', now()), (tests.acme(), tests.person('other'), tests.person('learner'), 'Not yet', 'pending', NULL);
INSERT INTO laurel.legal_holds (user_id, reason) VALUES (tests.person('learner'), 'case 7');

SELECT laurel.make_privacy_request('export', NULL, tests.person('learner')) \g /dev/null
UPDATE laurel.profiles SET phone = '+351 555 0142' WHERE user_id = tests.person('learner');

CREATE FUNCTION pg_temp.parts(document jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(part || ' ' || jsonb_array_length(document -> part), ', ' ORDER BY o)
    FROM unnest('{profile, points, ledger, badges, learning, user}'::text[]) WITH ORDINALITY p (part, o) $$;

-- The person.
SELECT tests.act_as(tests.person('learner')) \g /dev/null
SELECT is(pg_temp.parts(laurel.export_user()), 'profile 1, points 2, ledger 3, badges 1, learning 0, user 1', 'a person gets what all organizations have');
SELECT is((SELECT status FROM laurel.privacy_requests WHERE kind = 'export' AND user_id = laurel.uid()), 'done', 'which answers who has asked for it');
SELECT is(laurel.export_user() #>> '{user,0,email}', 'learner@acme.test', 'with the columns as the tables have them');
SELECT is(laurel.export_user() #>> '{ledger,0,amount}', '10', 'entries from the first on');
SELECT is((laurel.export_user() -> 'format') - 'exported_at', jsonb_build_object('name', 'laurel.export', 'version', 1, 'user_id', tests.person('learner')), 'the document says what it is');
SELECT is(laurel.export_user() #>> '{format,exported_at}' ~ '^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$', true, 'and of when, in UTC');
SELECT is(laurel.export_user(tests.person('learner')) #>> '{user,0,id}', tests.person('learner')::text, 'named or not');
SELECT is(jsonb_path_query_array(laurel.export_user(), '$."recognitions received"[*].message'), '["Seen"]', 'praise is there once its receiver sees it');
SELECT is(laurel.export_user() #>> '{profile,0,phone}', '+351 555 0142', 'what is encrypted is in clear for whose it is');
SELECT is((SELECT count(*) FROM laurel.processing_log WHERE activity = 'export'), 0::bigint, 'who reads what is his leaves no line about others');
SELECT is(laurel.export_user() ? 'legal_holds', false, 'nobody learns of a hold');
SELECT is(laurel.export_user()::text LIKE '%not hers%', false, 'nothing of others');
SELECT is(jsonb_array_length(laurel.export_user() -> 'sessions'), 1, 'what is the back end''s but about a person is there');
SELECT results_eq('SELECT DISTINCT key FROM laurel.export_user_rows(), jsonb_object_keys("row") key WHERE key ~ ''hash|secret|salt|token'' ORDER BY 1',
    'VALUES (''entry_hash''), (''last_entry_hash'')', 'no hash but the ledger''s, no key, no token');
SELECT results_eq('SELECT DISTINCT part FROM laurel.export_user_rows() WHERE "row" ->> ''user_id'' IS NOT NULL AND "row" ->> ''user_id'' <> laurel.uid()::text', ARRAY[]::text[],
    'rows that are somebody else''s by user_id are in no part');
SELECT is((SELECT string_agg(part, ' ' ORDER BY n) FROM (SELECT part, min(n) AS n FROM laurel.export_user_rows() WITH ORDINALITY x (part, r, n) GROUP BY 1 ORDER BY 2 LIMIT 5) p),
    'profile points ledger badges audit_log', 'rows come part by part, the seeds'' parts first');
SELECT is((SELECT jsonb_object_agg(part, "rows") FROM (SELECT part, jsonb_agg("row") AS "rows" FROM laurel.export_user_rows() WHERE part <> 'user_exports' AND part <> 'audit_log' GROUP BY 1) p),
    (SELECT jsonb_object_agg(key, value) FROM jsonb_each(laurel.export_user() - 'format' - 'user_exports' - 'audit_log') WHERE value <> '[]'), 'and are those of the document');
SELECT is(d, d::text::jsonb, 'what was put together is as if it had been read from text') FROM (SELECT laurel.export_user() AS d) e;
SELECT throws_ok(format('SELECT laurel.export_user(%L)', tests.person('other')), '42501', 'not allowed to export this user''s data', 'nobody gets another''s');
SELECT throws_ok(format('SELECT * FROM laurel.export_user_rows(%L)', tests.person('other')), '42501', 'not allowed to export this user''s data', 'nor row by row');
SELECT is((SELECT count(*) > 5 AND bool_and(exported_by = user_id AND is_whole) FROM laurel.user_exports), true, 'a person sees what was exported');
SELECT throws_ok('DELETE FROM laurel.user_exports', '42501', NULL, 'and cannot take it away');

-- Administrators.
SELECT tests.act_as(tests.person('admin')) \g /dev/null
SELECT is(pg_temp.parts(laurel.export_user(tests.person('learner'))), 'profile 1, points 1, ledger 2, badges 1, learning 0, user 1', 'an administrator gets what the organization has');
SELECT is(laurel.export_user(tests.person('learner')) #>> '{format,organization_id}', tests.acme()::text, 'and the document says so');
SELECT is((SELECT count(*) FROM laurel.user_exports WHERE exported_by = tests.person('admin') AND NOT is_whole AND way = 'document'), 2::bigint, 'it is written down who asked');
SELECT is((SELECT count(*) FROM laurel.audit_log WHERE table_name = 'laurel.user_exports' AND actor_id = tests.person('admin') AND user_id = tests.person('learner')), 2::bigint, 'in the audit log too');
SELECT throws_ok(format('SELECT laurel.export_user(%L)', tests.person('bolt_learner')), '42501', 'not allowed to export this user''s data', 'nothing of who belongs to others');
SELECT throws_ok(format('SELECT laurel.export_user(%L)', gen_random_uuid()), '42501', 'not allowed to export this user''s data', 'nor is it said who is there');
SELECT tests.act_as(tests.person('bolt_admin')) \g /dev/null
SELECT is(pg_temp.parts(laurel.export_user(tests.person('learner'))), 'profile 0, points 1, ledger 1, badges 0, learning 0, user 0', 'where a person is a guest, what is there');
SELECT is(laurel.export_user(tests.person('learner'))::text LIKE '%acme%', false, 'and nothing of the home');
SELECT tests.act_as(tests.person('trainer')) \g /dev/null
SELECT throws_ok(format('SELECT laurel.export_user(%L)', tests.person('learner')), '42501', 'not allowed to export this user''s data', 'a trainer is no administrator');

-- The back end.
SELECT tests.act_as(tests.person('admin')) \g /dev/null
SELECT is(laurel.export_user(tests.person('learner')) #> '{profile,0,phone}', 'null', 'an administrator who has not said what for gets nothing that is encrypted');
SELECT is((SELECT format('%s %s %s', user_id = tests.person('learner'), actor_id = laurel.uid(), row_count > 0) FROM laurel.processing_log WHERE activity = 'export' ORDER BY created_at DESC LIMIT 1), 't t t', 'and has exported for all to see');
SELECT tests.act_as_service() \g /dev/null
SELECT is(laurel.export_user(tests.person('learner')) #>> '{profile,0,phone}', '+351 555 0142', 'the back end gets it');
SELECT is((SELECT count(*) FROM laurel.processing_log WHERE activity = 'export' AND actor_id IS NULL), 1::bigint, 'which is written down');
SELECT is(pg_temp.parts(laurel.export_user(tests.person('learner'))), 'profile 1, points 2, ledger 3, badges 1, learning 0, user 1', 'the back end gets all');
SELECT throws_ok('SELECT laurel.export_user()', '22004', 'user_id must not be null', 'and must name somebody');
SELECT throws_ok(format('SELECT laurel.export_user(%L)', gen_random_uuid()), '23503', 'there is no such user', 'who is there');
INSERT INTO laurel.users (id, organization_id, email) VALUES (tests.person('gone'), tests.acme(), 'gone@acme.test');
SELECT laurel.merge_users(tests.person('gone'), tests.person('other'));
SELECT is(tests.told(format('SELECT laurel.export_user(%L)', tests.person('gone'))), format('23503 | the user was merged with another one | User %s is part of user %s. | Export that user: what the first one had goes along. | users_pkey',
    tests.person('gone'), tests.person('other')), 'who became part of another one');
SET LOCAL TimeZone = 'Asia/Tokyo';
SET LOCAL DateStyle = 'German';
SELECT is(laurel.export_user(tests.person('learner')) #>> '{ledger,0,created_at}' ~ 'T.*\+00:00$', true, 'moments are in UTC however the session shows them');
SELECT tests.act_as_owner() \g /dev/null

-- Nothing that a member must not read is shown by accident: columns of exported tables that members may not read are the back end's, about the person.
SELECT results_eq($$ SELECT DISTINCT r.table_name::text FROM laurel_internal.person_rules r JOIN pg_attribute a ON a.attrelid = r.table_name AND a.attnum > 0 AND NOT a.attisdropped
    WHERE r.export IS NOT NULL AND NOT has_column_privilege('authenticated', r.table_name, a.attnum, 'SELECT')
    AND NOT EXISTS (SELECT FROM laurel_internal.person_rules s WHERE s.table_name = r.table_name AND a.attname = ANY (s.secret)) ORDER BY 1 $$,
    ARRAY['laurel.calendar_feeds', 'laurel.invitations', 'laurel.one_time_tokens', 'laurel.sessions', 'laurel.suppressed_addresses', 'laurel.webhook_endpoints'], 'tables of the back end that are exported are known');
-- Nobody exports without end, but the back end.
CREATE FUNCTION pg_temp.exported(who text, of text, times bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.user_exports (organization_id, user_id, exported_by, is_whole, way, row_count)
    SELECT tests.acme(), tests.person(of), tests.person(who), false, 'rows', 1 FROM generate_series(1, times -
        (SELECT count(*) FROM laurel.user_exports WHERE exported_by = tests.person(who) AND (user_id = exported_by) = (who = of))) $$;
SELECT tests.act_as_owner() \g /dev/null
SELECT pg_temp.exported('learner', 'learner', 49), pg_temp.exported('admin', 'learner', 199) \g /dev/null
SELECT tests.act_as(tests.person('learner')) \g /dev/null
SELECT is(tests.error_of('SELECT laurel.export_user()'), 'none', 'the last of a day');
SELECT is(tests.error_of('SELECT laurel.export_user()'), 'PT429 user_exports_exports_of_oneself_quota', 'and one more');
SELECT tests.act_as(tests.person('admin')) \g /dev/null
SELECT is(tests.error_of(format('SELECT laurel.export_user(%1$L); SELECT laurel.export_user(%1$L)', tests.person('learner'))), 'PT429 user_exports_exports_of_others_quota', 'nor of others');
SELECT tests.act_as_service() \g /dev/null
SELECT is(tests.error_of(format('SELECT laurel.export_user(%L)', tests.person('learner'))), 'none', 'the back end has no quota');

SELECT tests.act_as_owner() \g /dev/null
INSERT INTO laurel.notifications (organization_id, user_id, type, title, data)
SELECT tests.acme(), tests.person('other'), 'x', 'x', jsonb_build_object('x', repeat('y', 65000)) FROM generate_series(1, 3200);
SELECT throws_ok(format('SELECT laurel.export_user(%L)', tests.person('other')), '54000', 'the export is too large for one document', 'too large for one document');

SELECT * FROM finish();
ROLLBACK;
