-- Who sets a member's challenge: what members set themselves earns no badge, fires no rule of challenges, and begins now.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast(), tests.teach('trainer', 'learner');
INSERT INTO laurel.badges (organization_id, badge_name, criteria) VALUES (tests.acme(), 'Challenger', '{"challengesCompleted": 1}');
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions) VALUES
    (tests.acme(), 'Challenge', 'challenge_completed', NULL, '[{"kind": "points", "amount": 5}]'),
    (tests.acme(), 'Two challenges', 'held', '$.stats.challengesCompleted >= 1', '[{"kind": "points", "amount": 7}]');
CREATE FUNCTION pg_temp.happen(type text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.domain_events (organization_id, user_id, type) VALUES (tests.acme(), tests.person('learner'), type) $$;
CREATE FUNCTION pg_temp.seen() RETURNS text LANGUAGE sql AS $$
    SELECT format('%s points, %s badges', (SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('learner')),
        (SELECT count(*) FROM laurel.badge_awards WHERE user_id = tests.person('learner'))) $$;

-- By the member.
SELECT tests.act_as_learner();
INSERT INTO laurel.personal_challenges (user_id, title, kind, event_type, goal) VALUES (laurel.uid(), 'Mine', 'events', 'held', 1);
SELECT is((SELECT set_by FROM laurel.personal_challenges), laurel.uid(), 'the member has set it');
SELECT is(tests.error_of($$INSERT INTO laurel.personal_challenges (user_id, title, goal, set_by) VALUES (laurel.uid(), 'Given', 1, NULL)$$), '42501', 'and says of nobody else that he has');
SELECT is(tests.error_of($$INSERT INTO laurel.personal_challenges (user_id, title, goal, starts_at) VALUES (laurel.uid(), 'Past', 1, now() - interval '1 second')$$),
    '23514 personal_challenges_starts_at_check', 'it does not begin in the past');
SELECT is(tests.error_of($$UPDATE laurel.personal_challenges SET starts_at = '2020-01-01'$$), '23514 personal_challenges_starts_at_check', 'nor is it moved there');
SELECT lives_ok($$INSERT INTO laurel.personal_challenges (user_id, title, goal, starts_at) VALUES (laurel.uid(), 'Tomorrow', 1, now() + interval '1 day')$$, 'but later');
SELECT tests.act_as_owner();
SELECT pg_temp.happen('held');
SELECT is((SELECT string_agg(type, ',') FROM laurel.domain_events WHERE type LIKE '%challenge%'), 'own_challenge_completed', 'completed, it tells so');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE title = 'You completed the challenge Mine'), 1::bigint, 'the member too');
SELECT pg_temp.happen('held');
SELECT is(pg_temp.seen(), '0 points, 0 badges', 'and earns nothing');
SELECT is(tests.error_of($$INSERT INTO laurel.personal_challenges (organization_id, user_id, title, goal, kind, event_type) VALUES (tests.acme(), tests.person('learner'), 'x', 1, 'events', 'own_challenge_completed')$$),
    '23514 personal_challenges_event_type_check', 'no challenge counts challenges');

-- By who looks after a member.
SELECT tests.act_as_trainer();
SELECT lives_ok($$INSERT INTO laurel.personal_challenges (user_id, title, kind, event_type, goal, starts_at) VALUES (tests.person('learner'), 'Hers', 'events', 'helped', 1, '2024-01-01')$$, 'a trainer sets one, also from a day of the past');
SELECT is(tests.error_of($$INSERT INTO laurel.personal_challenges (user_id, title, goal) VALUES (tests.person('other'), 'Theirs', 1)$$), '42501', 'for the own learners');
SELECT tests.act_as_learner();
SELECT is_empty($$UPDATE laurel.personal_challenges SET goal = 2 WHERE title = 'Hers' RETURNING id$$, 'the member does not change it');
SELECT is_empty($$DELETE FROM laurel.personal_challenges WHERE title = 'Hers' RETURNING id$$, 'nor delete it');
SELECT is(tests.error_of($$UPDATE laurel.personal_challenges SET set_by = NULL WHERE title = 'Tomorrow'$$), '42501', 'nor make an own one of it');
SELECT tests.act_as_trainer();
UPDATE laurel.personal_challenges SET title = 'Help' WHERE title = 'Hers';
SELECT is((SELECT count(*) FROM laurel.personal_challenges WHERE title = 'Help'), 1::bigint, 'the trainer does');
SELECT tests.act_as_admin();
SELECT isnt_empty($$UPDATE laurel.personal_challenges SET description = 'd' WHERE title IN ('Help', 'Tomorrow') RETURNING id$$, 'an administrator changes all');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$UPDATE laurel.personal_challenges SET set_by = NULL WHERE title = 'Tomorrow'$$), '23001 personal_challenges_set_by_immutable', 'who has set it stays');
SELECT pg_temp.happen('helped');
SELECT is(pg_temp.seen(), '5 points, 1 badges', 'one that others have set earns');
SELECT pg_temp.happen('held');
SELECT is(pg_temp.seen(), '12 points, 1 badges', 'and counts in conditions');

-- By the back end, for the organization or for a member.
INSERT INTO laurel.personal_challenges (organization_id, user_id, title, kind, event_type, goal, set_by) VALUES
    (tests.acme(), tests.person('learner'), 'Ours', 'events', 'wrote', 1, NULL), (tests.acme(), tests.person('learner'), 'His', 'events', 'wrote', 1, tests.person('learner'));
SELECT pg_temp.happen('wrote');
SELECT is(pg_temp.seen(), '17 points, 1 badges', 'each as it says');

SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT * FROM finish();
ROLLBACK;
