-- A revocation stands: neither criteria, nor rules, nor looking back give the badge again, until somebody awards it or lets it be earned.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
INSERT INTO laurel.badges (organization_id, slug, badge_name, criteria, points_value) VALUES
    (tests.acme(), 'mentor', 'Mentor', '{"events": {"held": 1}}', 10), (tests.acme(), 'rich', 'Rich', '{"pointsLifetime": 5}', 0), (tests.acme(), 'ruled', 'Ruled', '{}', 0);
CREATE FUNCTION pg_temp.badge(name text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM laurel.badges WHERE slug = name $$;
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions)
VALUES (tests.acme(), 'Rule', 'held', jsonb_build_array(jsonb_build_object('kind', 'badge', 'badge_id', pg_temp.badge('ruled'))));
CREATE FUNCTION pg_temp.happen(name text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.domain_events (organization_id, user_id, type) VALUES (tests.acme(), tests.person(name), 'held') $$;
CREATE FUNCTION pg_temp.held(name text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(b.slug, ', ' ORDER BY b.slug), 'none') FROM laurel.badge_awards a JOIN laurel.badges b ON b.id = a.badge_id WHERE a.user_id = tests.person(name) $$;

SELECT pg_temp.happen('learner'), pg_temp.happen('other');
SELECT is(pg_temp.held('learner'), 'mentor, rich, ruled', 'earned');
SELECT tests.act_as_admin();
SELECT FROM laurel.badges b, laurel.revoke_badge(tests.person('learner'), b.id, 'nothing was held') r;
SELECT results_eq($$SELECT b.slug, r.user_id, r.revoked_by, r.reason FROM laurel.badge_revocations r JOIN laurel.badges b ON b.id = r.badge_id ORDER BY 1$$,
    $$SELECT slug, tests.person('learner'), tests.person('admin'), 'nothing was held' FROM laurel.badges ORDER BY 1$$, 'it is written down');
SELECT tests.act_as_learner();
SELECT is_empty('SELECT FROM laurel.badge_revocations', 'for administrators');
SELECT tests.act_as_owner();
SELECT pg_temp.happen('learner'), pg_temp.happen('trainer');
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES (tests.acme(), tests.person('learner'), 50, 't', 'r');
SELECT is(pg_temp.held('learner'), 'none', 'neither criteria nor rules award it again');
SELECT is((SELECT string_agg(status, ',') FROM laurel.rule_executions WHERE user_id = tests.person('learner')), 'fired,fired', 'though the rule fires');
SELECT is((SELECT sum(laurel.award_earned_badges(id))::bigint FROM laurel.badges WHERE criteria <> '{}'), 0::bigint, 'nor looking back');
SELECT is(pg_temp.held('trainer'), 'mentor, rich, ruled', 'others earn it');

-- By hand.
SELECT FROM laurel.award_badge_named(tests.person('learner'), 'mentor');
SELECT is(pg_temp.held('learner') || ', ' || (SELECT count(*) FROM laurel.badge_revocations), 'mentor, 2', 'by hand it is awarded, which ends the revocation');
INSERT INTO laurel.badge_awards (organization_id, user_id, badge_id) VALUES (tests.acme(), tests.person('learner'), pg_temp.badge('ruled'));
SELECT FROM laurel.revoke_badge_named(tests.person('learner'), 'ruled', 'again');
SELECT is((SELECT reason FROM laurel.badge_revocations WHERE badge_id = pg_temp.badge('ruled')), 'again', 'the last revocation counts');

-- Allowed again.
SELECT tests.act_as_learner();
SELECT is_empty('DELETE FROM laurel.badge_revocations RETURNING 1', 'a member does not allow it');
SELECT tests.act_as_admin();
DELETE FROM laurel.badge_revocations WHERE badge_id = pg_temp.badge('ruled');
SELECT is(tests.error_of($$INSERT INTO laurel.badge_revocations (organization_id, user_id, badge_id) VALUES (tests.acme(), tests.person('other'), pg_temp.badge('mentor'))$$), '42501', 'nobody revokes past the function');
SELECT tests.act_as_owner();
SELECT pg_temp.happen('learner');
SELECT is(pg_temp.held('learner'), 'mentor, ruled', 'an administrator lets it be earned again');
DELETE FROM laurel.badge_awards WHERE user_id = tests.person('learner') AND badge_id = pg_temp.badge('mentor');
SELECT pg_temp.happen('learner');
SELECT is(pg_temp.held('learner'), 'mentor, ruled', 'what is only deleted is earned again');
DELETE FROM laurel.users WHERE id = tests.person('learner');
SELECT is_empty('SELECT FROM laurel.badge_revocations', 'it goes with the member');

SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT * FROM finish();
ROLLBACK;
