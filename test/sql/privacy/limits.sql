-- How many corrections may be open, whose requests administrators take back, and that two busy people can become one.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
CREATE FUNCTION pg_temp.cancelled(whom text) RETURNS text LANGUAGE sql AS $$ SELECT tests.error_of(format('SELECT laurel.cancel_erasure(%L)', tests.person(whom))) $$;
CREATE FUNCTION pg_temp.corrected() RETURNS text LANGUAGE sql AS $$ SELECT tests.error_of($q$SELECT laurel.make_privacy_request('correction', 'x')$q$) $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_temp TO PUBLIC;

-- Corrections.
SELECT tests.act_as_learner();
SELECT is((SELECT string_agg(DISTINCT pg_temp.corrected(), ',') FROM generate_series(1, 10)), 'none', 'ten corrections may be open');
SELECT is(pg_temp.corrected(), '23514 privacy_requests_open_corrections_quota', 'and no more');
SELECT lives_ok($$SELECT laurel.make_privacy_request('export')$$, 'another kind is not counted');
SELECT tests.act_as(tests.person('other'));
SELECT is(pg_temp.corrected(), 'none', 'each person for itself');
SELECT tests.act_as_admin();
SELECT laurel.answer_request((SELECT id FROM laurel.privacy_requests WHERE user_id = tests.person('learner') AND kind = 'correction' ORDER BY id LIMIT 1), 'put right');
SELECT tests.act_as_learner();
SELECT is(pg_temp.corrected(), 'none', 'what is answered makes room');

-- Who takes back what the platform, or the back end, has asked for.
SELECT tests.act_as_service();
SELECT laurel.erase_user(tests.person('learner'), organization_id => tests.acme()) AS by_service \gset
SELECT tests.act_as(tests.person('root'));
SELECT laurel.erase_user(tests.person('other')) AS by_platform \gset
SELECT tests.act_as_admin();
SELECT is(pg_temp.cancelled('learner') || ', ' || pg_temp.cancelled('other'), '42501, 42501', 'an org_admin does not take back what is above him');
SELECT is(tests.error_of(format('SELECT laurel.answer_request(%L, %L, true)', :'by_service', 'no')) || ', ' || tests.error_of(format('SELECT laurel.answer_request(%L, %L, true)', :'by_platform', 'no')), '42501, 42501', 'nor refuses it');
SELECT laurel.erase_user(tests.person('trainer')) AS by_admin \gset
SELECT tests.act_as_owner();
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES (tests.acme(), tests.person('manager'), 'org_admin');
SELECT tests.act_as_manager();
SELECT is(pg_temp.cancelled('trainer'), 'none', 'what an org_admin has asked for another one does');
SELECT tests.act_as(tests.person('root'));
SELECT is(pg_temp.cancelled('learner') || ', ' || pg_temp.cancelled('other'), 'none, none', 'the platform takes back its own, and what the back end has asked for');

-- Two who have given as much as they may are one in the end.
SELECT tests.act_as_owner();
SELECT tests.join(tests.acme(), 'busy', 'busier');
INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message, points_awarded) SELECT tests.acme(), tests.person(n), tests.person('manager'), 'Thanks', 90 FROM unnest('{busy, busier}'::text[]) n;
-- Each set the other a challenge, from a day of the past.
INSERT INTO laurel.personal_challenges (organization_id, user_id, title, goal, set_by, starts_at) VALUES
    (tests.acme(), tests.person('busier'), 'Past', 5, tests.person('busy'), '2024-01-01'), (tests.acme(), tests.person('busier'), 'Now', 5, tests.person('busy'), now()),
    (tests.acme(), tests.person('busy'), 'Own', 5, tests.person('busy'), now());
SELECT lives_ok($$SELECT laurel.merge_users(tests.person('busy'), tests.person('busier'), 'the same')$$, 'two busy senders are merged');
SELECT is((SELECT sum(used)::bigint FROM laurel.quota_usage WHERE kind = 'recognition_allowance' AND user_id = tests.person('busier')), 180::bigint, 'what both have used is used');
SELECT is(tests.error_of($$INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message, points_awarded) VALUES (tests.acme(), tests.person('busier'), tests.person('manager'), 'Thanks', 1)$$),
    'PT429 recognitions_recognition_allowance_quota', 'and no more');
SELECT results_eq($$SELECT title, set_by = user_id FROM laurel.personal_challenges WHERE user_id = tests.person('busier') ORDER BY 1$$, $$VALUES ('Now', true), ('Own', true), ('Past', false)$$, 'what they set each other is own now, where it can be');
SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT * FROM finish();
ROLLBACK;
