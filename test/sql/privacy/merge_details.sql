-- What of a merge hangs from both accounts at once: since when, the team, an offer to be a buddy, and that points which are handed over are
-- earned by nobody.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast();
SELECT tests.join(tests.acme(), 'one', 'two', 'three', 'four', 'five', 'six');
CREATE FUNCTION pg_temp.merged(a text, b text) RETURNS text LANGUAGE sql AS $$ SELECT tests.error_of(format('SELECT laurel.merge_users(%L, %L)', tests.person(a), tests.person(b))) $$;

SET LOCAL session_replication_role = replica;
UPDATE laurel.user_organizations SET joined_at = '2020-01-01' WHERE user_id = tests.person('one');
UPDATE laurel.user_points SET longest_streak = 5 WHERE user_id = tests.person('one');
SET LOCAL session_replication_role = origin;
INSERT INTO laurel.buddy_profiles (organization_id, user_id, capacity, skills) VALUES (tests.acme(), tests.person('one'), 3, '{go}');
INSERT INTO laurel.teams (id, organization_id, name) VALUES (tests.person('team'), tests.acme(), 'Team');
INSERT INTO laurel.team_memberships (organization_id, team_id, user_id) VALUES (tests.acme(), tests.person('team'), tests.person('one'));
SELECT laurel.choose_team(tests.person('team'), tests.person('one'), tests.acme());
SELECT laurel.record_points_transaction(tests.person('one'), 40, 'quest', reason => 'r', organization_id => tests.acme());
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions) VALUES (tests.acme(), 'Rich', 'points_earned', '[{"kind": "notification", "title": "Rich"}]');
INSERT INTO laurel.personal_challenges (organization_id, user_id, title, kind, goal) VALUES (tests.acme(), tests.person('two'), 'Earns', 'points', 30);
SELECT count(*) AS told FROM laurel.domain_events WHERE type = 'points_earned' \gset
SELECT is(pg_temp.merged('one', 'two'), 'none', 'two become one');
SELECT is((SELECT joined_at FROM laurel.user_organizations WHERE user_id = tests.person('two')), '2020-01-01', 'who is a member since the first of both was');
SELECT is((SELECT capacity || status FROM laurel.buddy_profiles WHERE user_id = tests.person('two')), '3active', 'offers what the other one did');
SELECT is((SELECT team_id FROM laurel.user_points WHERE user_id = tests.person('two')), tests.person('team'), 'counts for the other one''s team');
SELECT is((SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('two')), 40::bigint, 'has the points');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type = 'points_earned'), :told::bigint, 'which nobody has earned again');
SELECT is((SELECT status || progress FROM laurel.personal_challenges WHERE user_id = tests.person('two')), 'active0', 'nor gained for a challenge');

SELECT is((SELECT longest_streak FROM laurel.user_points WHERE user_id = tests.person('two')), 5, 'and the longest streak of both');
SELECT tests.act_as(tests.person('bolt_admin'));
SELECT is(pg_temp.merged('one', 'two'), '42501', 'who is nobody''s administrator does not learn that they are one');
SELECT tests.act_as_owner();

-- An offer that rests is taken up by one that does not.
INSERT INTO laurel.buddy_profiles (organization_id, user_id, status) VALUES (tests.acme(), tests.person('three'), 'active'), (tests.acme(), tests.person('four'), 'active');
UPDATE laurel.buddy_profiles SET status = 'archived' WHERE user_id = tests.person('four');
-- Whom somebody manages he does not look after.
INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id) VALUES (tests.acme(), tests.person('other'), tests.person('three'));
UPDATE laurel.users SET manager_id = tests.person('four') WHERE id = tests.person('other');
SELECT is(pg_temp.merged('three', 'four'), 'none', 'two more');
SELECT is((SELECT status FROM laurel.buddy_profiles WHERE user_id = tests.person('four')), 'active', 'who offers again what rested');
SELECT is((SELECT status FROM laurel.buddy_matches WHERE user_id = tests.person('other')), 'ended', 'and is no buddy of whom he manages');

-- A trigger of the application that pays for points: the ledger is sound, and the merge won some all the same.
SELECT laurel.record_points_transaction(tests.person('five'), 12, 'quest', reason => 'r', organization_id => tests.acme());
-- Earned long ago, taken back now.
SELECT laurel.reverse_points_transaction((laurel.record_points_transaction(tests.person('five'), 50, 'quest', reason => 'r', organization_id => tests.acme(), occurred_at => now() - interval '1 year')).entry_id, 'a mistake');
SELECT lifetime_points AS lifetime FROM laurel.user_points WHERE user_id = tests.person('five') \gset
CREATE FUNCTION pg_temp.bonus() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES (NEW.organization_id, NEW.user_id, 1, 'bonus', 'r'); RETURN NULL; END $$;
CREATE TRIGGER zz_bonus AFTER INSERT ON laurel.points_ledger FOR EACH ROW WHEN (NEW.transaction_type = 'account_merged' AND NEW.amount > 0) EXECUTE FUNCTION pg_temp.bonus();
SELECT is(pg_temp.merged('five', 'six'), '23001 user_points_follow_ledger', 'points that are won on the way are no merge');
DROP TRIGGER zz_bonus ON laurel.points_ledger;
SELECT is(pg_temp.merged('five', 'six'), 'none', 'without, it is');
SELECT is((SELECT format('%s %s', total_points, lifetime_points) FROM laurel.user_points WHERE user_id = tests.person('six')), '12 ' || :lifetime, 'what was taken back counts for no lifetime');

SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'and the ledger');
SELECT * FROM finish();
ROLLBACK;
