-- Who is matched accompanies the onboarding, for as long as the match lasts.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
SELECT tests.join(tests.acme(), 'ann', 'ben', 'cy', 'dan');
INSERT INTO laurel.buddy_profiles (organization_id, user_id, capacity) SELECT tests.acme(), tests.person(n), 5 FROM unnest('{ann,ben}'::text[]) n;
INSERT INTO laurel.onboarding_templates (id, organization_id, name, points_reward) VALUES (tests.person('template'), tests.acme(), 'First weeks', 5);
INSERT INTO laurel.onboarding_template_tasks (organization_id, template_id, position, title, owner_role) VALUES
    (tests.acme(), tests.person('template'), 1, 'lunch', 'buddy'), (tests.acme(), tests.person('template'), 2, 'tour', 'buddy'), (tests.acme(), tests.person('template'), 3, 'read', 'new_hire');
CREATE FUNCTION pg_temp.name(id uuid) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT split_part(email, '@', 1) FROM laurel.users u WHERE u.id = $1 $$;
CREATE FUNCTION pg_temp.matched(newcomer text, buddy text, status text DEFAULT 'proposed') RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id, status, accepted_at) VALUES (tests.acme(), tests.person(newcomer), tests.person(buddy), status, CASE status WHEN 'accepted' THEN now() END) RETURNING id
$$;
CREATE FUNCTION pg_temp.match(newcomer text, buddy text) RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$
    SELECT id FROM laurel.buddy_matches WHERE user_id = tests.person(newcomer) AND buddy_id = tests.person(buddy)
$$;
CREATE FUNCTION pg_temp.accepted(newcomer text, buddy text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tests.act_as(tests.person(newcomer)), laurel.accept_buddy(pg_temp.match(newcomer, buddy));
    PERFORM tests.act_as(tests.person(buddy));
    RETURN tests.error_of(format('SELECT laurel.accept_buddy(%L)', pg_temp.match(newcomer, buddy)));
END
$$;
-- By whom an onboarding is accompanied, and who does the tasks of buddies.
CREATE FUNCTION pg_temp.buddy(newcomer text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT concat_ws(' ', o.status, coalesce(pg_temp.name(o.assigned_buddy_id), 'nobody')) || ': ' || string_agg(concat_ws(' ', k.title, pg_temp.name(k.assignee_id), nullif(k.status, 'pending')), ', ' ORDER BY k.position)
    FROM laurel.user_onboardings o JOIN laurel.onboarding_tasks k ON k.onboarding_id = o.id AND k.owner_role = 'buddy' WHERE o.user_id = tests.person(newcomer) GROUP BY o.id
$$;

-- A match after the onboarding has begun.
SELECT laurel.start_onboarding(tests.person('learner'), tests.person('template')), pg_temp.matched('learner', 'ann');
SELECT is(pg_temp.buddy('learner'), 'active nobody: lunch, tour', 'who is proposed does not accompany yet');
SELECT tests.act_as_learner();
SELECT laurel.accept_buddy(pg_temp.match('learner', 'ann'));
SELECT is(pg_temp.buddy('learner'), 'active nobody: lunch, tour', 'nor while one of the two has accepted');
SELECT tests.act_as(tests.person('ann'));
SELECT is(tests.error_of($$ UPDATE laurel.user_onboardings SET assigned_buddy_id = laurel.uid() $$), 'none', 'nobody makes himself the buddy');
SELECT is((SELECT count(*) FROM laurel.user_onboardings), 0::bigint, 'of an onboarding that he does not see');
SELECT is(laurel.accept_buddy(pg_temp.match('learner', 'ann')), 'accepted', 'both have accepted');
SELECT is(pg_temp.buddy('learner'), 'active ann: lunch ann, tour ann', 'the buddy of the match accompanies');
SELECT is((SELECT count(*) FROM laurel.user_onboardings), 1::bigint, 'sees the onboarding');
SELECT is((SELECT string_agg(type, ', ' ORDER BY type) FROM laurel.notifications WHERE type LIKE 'onboarding%'), 'onboarding_tasks_assigned', 'hears of the tasks');
SELECT laurel.complete_onboarding_task(id) FROM laurel.onboarding_tasks WHERE title = 'lunch';
SELECT is(pg_temp.buddy('learner'), 'active ann: lunch ann done, tour ann', 'and does them');
SELECT laurel.end_buddy(pg_temp.match('learner', 'ann'));
SELECT is(pg_temp.buddy('learner'), 'active nobody: lunch ann done, tour', 'when the match ends so does that, and what is done stays');
SELECT is((SELECT count(*) FROM laurel.user_onboardings), 0::bigint, 'whose onboarding the buddy sees no more');

-- Another one was chosen.
SELECT tests.act_as_owner();
UPDATE laurel.user_onboardings SET assigned_buddy_id = tests.person('dan');
SELECT pg_temp.matched('learner', 'ben');
SELECT is(pg_temp.accepted('learner', 'ben'), 'none', 'another match');
SELECT is(pg_temp.buddy('learner'), 'active dan: lunch ann done, tour dan', 'changes nothing where a buddy was chosen');
SELECT laurel.end_buddy(pg_temp.match('learner', 'ben'));
SELECT is(pg_temp.buddy('learner'), 'active dan: lunch ann done, tour dan', 'nor does its end');
SELECT tests.act_as_owner();
UPDATE laurel.user_onboardings SET assigned_buddy_id = NULL;

-- An onboarding begins after the match, and ends before it.
SELECT pg_temp.matched('other', 'ben');
SELECT is(pg_temp.accepted('other', 'ben'), 'none', 'a match without an onboarding');
SELECT tests.act_as_admin();
SELECT laurel.start_onboarding(tests.person('other'), tests.person('template'));
SELECT is(pg_temp.buddy('other'), 'active ben: lunch ben, tour ben', 'accompanies the one that begins');
UPDATE laurel.user_onboardings SET status = 'cancelled' WHERE user_id = tests.person('other');
SELECT laurel.start_onboarding(tests.person('other'), tests.person('template'), assigned_buddy_id => tests.person('ann'));
SELECT is(pg_temp.buddy('other'), 'active ann: lunch ann, tour ann', 'unless another is named');
UPDATE laurel.user_onboardings SET assigned_buddy_id = tests.person('ben') WHERE user_id = tests.person('other');
UPDATE laurel.onboarding_tasks SET status = 'done' WHERE user_id = tests.person('other');
SELECT is(pg_temp.buddy('other'), 'completed ben: lunch ben done, tour ben done', 'it is completed');
SELECT laurel.end_buddy(pg_temp.match('other', 'ben'));
SELECT is(pg_temp.buddy('other'), 'completed nobody: lunch ben done, tour ben done', 'and seen by the buddy as long as the match lasts');
SELECT tests.act_as_owner();
SELECT pg_temp.matched('cy', 'ben');
SELECT laurel.start_onboarding(tests.person('cy'), tests.person('template'));
SELECT is(pg_temp.buddy('cy'), 'active nobody: lunch, tour', 'a proposed match is none yet');
UPDATE laurel.user_onboardings SET status = 'cancelled' WHERE user_id = tests.person('cy');
SELECT is(pg_temp.accepted('cy', 'ben'), 'none', 'a match after the onboarding has ended');
SELECT is(pg_temp.buddy('cy'), 'cancelled nobody: lunch, tour', 'does not concern it');

-- Whoever writes it.
SELECT tests.act_as_owner();
DELETE FROM laurel.buddy_matches WHERE user_id = tests.person('learner');
SELECT tests.act_as_service();
SELECT isnt(pg_temp.matched('learner', 'ann', 'accepted'), NULL, 'the back end matches two by itself');
SELECT tests.act_as_owner();
SELECT is(pg_temp.buddy('learner'), 'active ann: lunch ann done, tour ann', 'which is a match');
DELETE FROM laurel.buddy_matches WHERE user_id = tests.person('learner');
SELECT is(pg_temp.buddy('learner'), 'active nobody: lunch ann done, tour', 'until it is taken away');
SELECT pg_temp.matched('learner', 'ann', 'accepted'), pg_temp.matched('dan', 'ben', 'accepted');
SELECT laurel.start_onboarding(tests.person('dan'), tests.person('template'));
DELETE FROM laurel.users WHERE id IN (tests.person('ann'), tests.person('ben'), tests.person('dan'));
SELECT is(pg_temp.buddy('learner'), 'active nobody: lunch done, tour', 'or the buddy leaves');
SELECT is((SELECT count(*) FROM laurel.user_onboardings WHERE user_id = tests.person('dan')), 0::bigint, 'or both at once');
SELECT is_empty('SELECT * FROM laurel.check()', 'all guards hold');

SELECT * FROM finish();
ROLLBACK;
