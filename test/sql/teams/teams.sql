-- Teams: who is in them, who looks after them, and what goes when one goes.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
-- One expression, asked before and after the role changes.
CREATE FUNCTION pg_temp.make(whose uuid, new_role text) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ UPDATE laurel.team_memberships SET role = new_role WHERE user_id = whose $$;
CREATE FUNCTION pg_temp.roles_in(team uuid, whose uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    roles text := '';
    next text;
BEGIN
    FOREACH next IN ARRAY '{member, leader, moderator, moderator}'::text[] LOOP
        roles := concat(roles, ' ', laurel.team_role(team));
        PERFORM pg_temp.make(whose, next);
    END LOOP;
    RETURN roles;
END $$;
CREATE FUNCTION pg_temp.team(name text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM laurel.teams t WHERE t.name = team.name $$;
CREATE FUNCTION pg_temp.counted() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(name || ' ' || member_count, ', ' ORDER BY name) FROM (
        SELECT name, member_count FROM laurel.teams UNION ALL SELECT '#' || name, member_count FROM laurel.channels) c
$$;
CREATE FUNCTION pg_temp.main_team(name text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(t.name, 'none') FROM laurel.user_points p LEFT JOIN laurel.teams t ON t.id = p.team_id WHERE p.user_id = tests.person(main_team.name)
$$;

-- Administrators make teams; everybody of the organization sees them.
SELECT tests.act_as_admin();
INSERT INTO laurel.teams (name) VALUES ('Red'), ('Blue');
INSERT INTO laurel.team_memberships (team_id, user_id, role) VALUES (pg_temp.team('Red'), tests.person('manager'), 'leader'),
    (pg_temp.team('Red'), tests.person('trainer'), 'moderator'), (pg_temp.team('Blue'), tests.person('other'), 'member');
SELECT is(pg_temp.counted(), 'Blue 1, Red 2', 'members are counted');
SELECT is(tests.error_of($$INSERT INTO laurel.teams (name) VALUES ('Red')$$), '23505 teams_name_key', 'a name is there once');
SELECT is(tests.error_of($$INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (pg_temp.team('Red'), tests.person('manager'))$$),
    '23505 team_memberships_team_id_user_id_key', 'nobody is in a team twice');
SELECT is(tests.error_of($$INSERT INTO laurel.team_memberships (team_id, user_id, role) VALUES (pg_temp.team('Red'), tests.person('learner'), 'boss')$$),
    '23514 team_memberships_role_check', 'roles are three');
SELECT is(tests.error_of($$INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (pg_temp.team('Red'), tests.person('bolt_learner'))$$),
    '23503 team_memberships_membership_fkey', 'members are of the organization');
SELECT is(tests.error_of($$UPDATE laurel.team_memberships SET team_id = pg_temp.team('Blue')$$), '42501', 'a membership does not move');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$UPDATE laurel.team_memberships SET joined_at = now() - interval '1 year'$$), '23001 team_memberships_joined_at_immutable',
    'nor is it dated back, whoever asks');
SELECT is(tests.error_of('UPDATE laurel.teams SET member_count = 9'), '23001 teams_member_count_follows', 'nobody else counts members');
SELECT is(tests.error_of($$INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (NULL, tests.person('learner'))$$), '23502', 'a membership has a team');

-- What another organization sees: nothing.
SELECT set_config('tests.red', pg_temp.team('Red')::text, true);
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT count(*) FROM laurel.teams) + (SELECT count(*) FROM laurel.team_memberships), 0::bigint, 'another organization sees no team');
SELECT is(tests.error_of($$INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (current_setting('tests.red')::uuid, tests.person('bolt_learner'))$$),
    '23503 team_memberships_team_id_fkey', 'and joins none');
SELECT is(laurel.team_role(current_setting('tests.red')::uuid), NULL, 'nor has a role there');

-- Leaders and moderators
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.team_memberships), 3::bigint, 'members see who is where');
SELECT is(tests.error_of($$INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (pg_temp.team('Red'), tests.person('learner'))$$), '42501', 'but do not add themselves');
SELECT is(tests.error_of($$INSERT INTO laurel.team_challenges (team_id, title, goal, starts_at, ends_at) VALUES (pg_temp.team('Red'), 'x', 1, now(), now() + '1 day')$$),
    '42501', 'nor do they set challenges');
SELECT tests.act_as_trainer();
SELECT is(laurel.team_role(pg_temp.team('Red')), 'moderator', 'who moderates');
SELECT is(pg_temp.roles_in(pg_temp.team('Red'), tests.person('trainer')), ' moderator member leader moderator', 'each time as it is by then');
SELECT is(tests.error_of($$INSERT INTO laurel.team_memberships (team_id, user_id, role) VALUES (pg_temp.team('Red'), tests.person('other'), 'leader')$$), '42501', 'makes no leaders');
UPDATE laurel.team_memberships SET role = 'leader' WHERE user_id = tests.person('trainer');
SELECT is(laurel.team_role(pg_temp.team('Red')), 'moderator', 'is not one for having asked');
SELECT is(tests.error_of($$INSERT INTO laurel.team_memberships (team_id, user_id, joined_at) VALUES (pg_temp.team('Red'), tests.person('learner'), now() - interval '1 year')$$),
    '42501', 'dates no member back');
SELECT lives_ok($$INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (pg_temp.team('Red'), tests.person('learner'))$$, 'adds members');
SELECT is(tests.error_of($$INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (pg_temp.team('Blue'), tests.person('learner'))$$), '42501', 'of no other team');
DELETE FROM laurel.team_memberships WHERE user_id = tests.person('manager');
SELECT is(pg_temp.counted(), 'Blue 1, Red 3', 'and removes no leader');
SELECT tests.act_as_manager();
UPDATE laurel.team_memberships SET role = 'moderator' WHERE user_id = tests.person('learner');
SELECT is((SELECT role FROM laurel.team_memberships WHERE user_id = tests.person('learner')), 'moderator', 'leaders say who is what');
UPDATE laurel.team_memberships SET role = 'leader' WHERE user_id = tests.person('other');
SELECT is((SELECT role FROM laurel.team_memberships WHERE user_id = tests.person('other')), 'member', 'in their own team');
SELECT lives_ok($$INSERT INTO laurel.team_challenges (team_id, title, goal, starts_at, ends_at) VALUES (pg_temp.team('Red'), 'Spring', 500, now(), now() + '30 days')$$,
    'and set it challenges');
SELECT lives_ok($$INSERT INTO laurel.channels (team_id, name) VALUES (pg_temp.team('Red'), 'red')$$, 'and channels');
SELECT is(tests.error_of($$INSERT INTO laurel.channels (name) VALUES ('all')$$), '42501', 'not the organization');
SELECT is(tests.error_of($$DELETE FROM laurel.teams$$), 'none', 'a team');
SELECT is(pg_temp.counted(), '#red 0, Blue 1, Red 3', 'is not theirs to delete');

-- Challenges
SELECT is(tests.error_of($$UPDATE laurel.team_challenges SET status = 'completed'$$), '23514 team_challenges_status_steps', 'a draft is not completed');
UPDATE laurel.team_challenges SET status = 'active';
UPDATE laurel.team_challenges SET status = 'completed';
SELECT ok((SELECT completed_at IS NOT NULL FROM laurel.team_challenges), 'completing stamps the time');
SELECT is(tests.error_of($$UPDATE laurel.team_challenges SET status = 'active'$$), '23514 team_challenges_status_steps', 'what is completed stays so');
SELECT is(tests.error_of($$UPDATE laurel.team_challenges SET completed_at = NULL$$), '23514 team_challenges_completed_at_check', 'and keeps its time');
SELECT is(tests.error_of($$UPDATE laurel.team_challenges SET ends_at = starts_at$$), '23514 team_challenges_ends_at_check', 'a challenge takes time');
SELECT tests.act_as_learner();
INSERT INTO laurel.personal_challenges (user_id, title, goal) VALUES (laurel.uid(), 'Mine', 100);
SELECT is((SELECT status FROM laurel.personal_challenges), 'active', 'a member sets one for himself');
SELECT is(tests.error_of($$UPDATE laurel.personal_challenges SET status = 'completed'$$), '42501', 'and does not complete it');
SELECT is(tests.error_of($$INSERT INTO laurel.personal_challenges (user_id, title, goal, status) VALUES (laurel.uid(), 'Won', 1, 'completed')$$), '42501', 'nor begins with the end');
SELECT is(tests.error_of($$INSERT INTO laurel.personal_challenges (user_id, title, goal) VALUES (tests.person('other'), 'Theirs', 1)$$), '42501', 'nor sets one for others');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT count(*) FROM laurel.personal_challenges), 0::bigint, 'others do not see it');
SELECT tests.act_as_service();
UPDATE laurel.personal_challenges SET status = 'completed';
SELECT ok((SELECT completed_at IS NOT NULL FROM laurel.personal_challenges), 'the back end completes it');
SELECT is((laurel.record_points_transaction(tests.person('learner'), 10, 'challenge_won', reference_type => 'Challenge',
    reference_id => (SELECT id FROM laurel.personal_challenges))).balance_after, 10::bigint, 'points refer to it');

SELECT is(tests.error_of($$UPDATE laurel.personal_challenges SET status = 'active', completed_at = NULL$$), '23514 personal_challenges_status_steps', 'once');
SELECT tests.act_as_owner();
INSERT INTO laurel.personal_challenges (user_id, title, goal, status) VALUES (tests.person('learner'), 'Given up', 1, 'cancelled');
SELECT is(tests.error_of($$UPDATE laurel.personal_challenges SET status = 'active' WHERE title = 'Given up'$$), '23514 personal_challenges_status_steps', 'what is given up stays so');
SELECT is(tests.error_of($$UPDATE laurel.personal_challenges SET user_id = tests.person('other')$$), '23001 personal_challenges_user_id_immutable', 'nobody passes one on');
SELECT is(tests.error_of($$UPDATE laurel.team_challenges SET team_id = pg_temp.team('Blue')$$), '23001 team_challenges_team_id_immutable', 'no team does');
SELECT is(tests.error_of($$UPDATE laurel.channels SET team_id = pg_temp.team('Blue') WHERE name = 'red'$$), '23001 channels_team_id_immutable', 'nor its channel');
INSERT INTO laurel.teams (organization_id, name) VALUES (tests.bolt(), 'Nuts');
INSERT INTO laurel.team_challenges (team_id, title, goal, starts_at, ends_at) VALUES (pg_temp.team('Nuts'), 'Autumn', 5, now(), now() + '1 day');
INSERT INTO laurel.channels (team_id, name) VALUES (pg_temp.team('Nuts'), 'nuts');
SELECT results_eq($$SELECT organization_id FROM laurel.team_challenges WHERE title = 'Autumn' UNION SELECT organization_id FROM laurel.channels WHERE name = 'nuts'$$, 'SELECT tests.bolt()',
    'challenges and channels are of their team''s organization');
DELETE FROM laurel.teams WHERE name = 'Nuts';

-- Who is told of a new team: not who joins by himself.
SELECT tests.act_as_admin();
INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (pg_temp.team('Blue'), laurel.uid());
SELECT tests.act_as_owner();
SELECT results_eq($$SELECT user_id, count(n.id) FROM laurel.domain_events e LEFT JOIN laurel.notifications n USING (user_id, type)
    WHERE type = 'team_joined' AND user_id IN (tests.person('admin'), tests.person('manager')) GROUP BY 1 ORDER BY 1$$,
    $$VALUES (tests.person('admin'), 0::bigint), (tests.person('manager'), 1)$$, 'members hear of a team that others have put them into');
DELETE FROM laurel.team_memberships WHERE user_id = tests.person('admin');

-- Channels
SELECT tests.act_as_admin();
INSERT INTO laurel.channels (name) VALUES ('all');
SELECT is(tests.error_of($$INSERT INTO laurel.channels (name) VALUES ('all')$$), '23505 channels_name_key', 'a channel''s name is there once');
SELECT is(tests.error_of($$INSERT INTO laurel.channels (team_id, name) VALUES (pg_temp.team('Red'), 'red')$$), '23505 channels_team_id_name_key', 'and once in a team');
SELECT lives_ok($$INSERT INTO laurel.channels (team_id, name) VALUES (pg_temp.team('Blue'), 'red')$$, 'another team may have it too');
DELETE FROM laurel.channels WHERE team_id = pg_temp.team('Blue');
CREATE FUNCTION pg_temp.enter(channel text) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.channel_members (channel_id, user_id) VALUES (%L, laurel.uid())', (SELECT id FROM laurel.channels WHERE name = channel)))
$$;
SELECT tests.act_as(tests.person('other'));
SELECT is(pg_temp.enter('all'), 'none', 'members enter a channel of the organization');
SELECT is(pg_temp.enter('red'), '23503 channel_members_team_membership_fkey', 'but none of a team that they are not in');
SELECT tests.act_as_learner();
SELECT is(pg_temp.enter('red') || pg_temp.enter('all'), 'nonenone', 'those who are in it do');
SELECT is(pg_temp.counted(), '#all 2, #red 1, Blue 1, Red 3', 'and are counted');
SELECT is(tests.error_of($$INSERT INTO laurel.channel_members (channel_id, user_id) SELECT id, tests.person('trainer') FROM laurel.channels WHERE name = 'all'$$), '42501', 'nobody enters for others');
SELECT tests.act_as_owner();
UPDATE laurel.channel_members SET team_id = NULL;
SELECT is((SELECT count(*) FROM laurel.channel_members WHERE team_id = pg_temp.team('Red')), 1::bigint, 'a channel''s team is filled in again');
SELECT is(tests.error_of($$UPDATE laurel.channel_members SET team_id = pg_temp.team('Blue')$$), '23514 channel_members_team_id_copied', 'and is no other');
SELECT is(tests.error_of($$UPDATE laurel.channel_members SET joined_at = now() - interval '1 year'$$), '23001 channel_members_joined_at_immutable', 'nobody was there earlier');
SAVEPOINT leaving;
SELECT tests.act_as_learner();
DELETE FROM laurel.channel_members;
SELECT is(pg_temp.counted(), '#all 1, #red 0, Blue 1, Red 3', 'a member leaves channels by himself, and nobody else does');
ROLLBACK TO leaving;
SELECT is(tests.error_of('UPDATE laurel.channels SET member_count = 0'), '23001 channels_member_count_follows', 'nobody else counts here either');

-- The main team
SELECT tests.act_as_learner();
SELECT laurel.choose_team(pg_temp.team('Red'));
SELECT is(pg_temp.main_team('learner'), 'Red', 'a member chooses a main team');
SELECT is(tests.error_of($$SELECT laurel.choose_team(pg_temp.team('Blue'))$$), '23503 user_points_team_membership_fkey', 'of those he is in');
SELECT is(tests.error_of($$SELECT laurel.choose_team(pg_temp.team('Red'), tests.person('trainer'))$$), '42501', 'for himself');
SELECT is(tests.error_of('UPDATE laurel.user_points SET team_id = NULL'), '42501', 'by the function');
SELECT laurel.choose_team(NULL);
SELECT is(pg_temp.main_team('learner'), 'none', 'null takes it away');
SELECT tests.act_as_bolt_admin();
SELECT is(tests.error_of($$SELECT laurel.choose_team(current_setting('tests.red')::uuid, tests.person('learner'), tests.acme())$$), '42501', 'another organization''s administrator chooses for nobody');
SELECT tests.act_as_anon();
SELECT is(tests.error_of('SELECT laurel.choose_team(NULL)'), '42501', 'nor does who is not signed in');
SELECT tests.act_as_service();
SELECT is(tests.error_of('SELECT laurel.choose_team(NULL)'), '22004', 'the back end says for whom');
SELECT is(tests.error_of($$SELECT laurel.choose_team(NULL, gen_random_uuid(), tests.acme())$$), '23503 user_points_membership_fkey', 'a member');
SELECT laurel.choose_team(pg_temp.team('Red'), tests.person('learner'));
SELECT laurel.choose_team(pg_temp.team('Blue'), tests.person('other'));

-- The last leader stays while others are in the team.
SELECT tests.act_as_manager();
SELECT is(tests.told('DELETE FROM laurel.team_memberships WHERE user_id = laurel.uid()'), format('23514 | the team would be left without a leader | Team %s still has members.'
    ' | Make one of them leader first; or delete the team. | team_memberships_leader_kept', pg_temp.team('Red')), 'the last leader does not leave');
SELECT is(tests.error_of($$UPDATE laurel.team_memberships SET role = 'member' WHERE user_id = laurel.uid()$$), '23514 team_memberships_leader_kept', 'nor become something else');
SELECT is(tests.error_of($$UPDATE laurel.team_memberships SET role = role$$), 'none', 'what stays as it is may be written');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$DELETE FROM laurel.team_memberships WHERE user_id = tests.person('manager')$$), '23514 team_memberships_leader_kept', 'by nobody''s hand');
SELECT is(tests.error_of($$MERGE INTO laurel.team_memberships m USING (VALUES (tests.person('manager'))) v (who) ON m.user_id = v.who WHEN MATCHED THEN DELETE$$),
    '23514 team_memberships_leader_kept', 'in no other way');
SAVEPOINT leaders;
UPDATE laurel.team_memberships SET role = CASE user_id WHEN tests.person('trainer') THEN 'leader' ELSE 'member' END WHERE team_id = pg_temp.team('Red');
SELECT is((SELECT string_agg(role, ' ' ORDER BY role) FROM laurel.team_memberships WHERE team_id = pg_temp.team('Red')), 'leader member member', 'one statement makes another leader');
SELECT is(tests.error_of($$DELETE FROM laurel.team_memberships WHERE user_id = tests.person('manager')$$), 'none', 'who was one leaves then');
SELECT is(tests.error_of($$WITH gone AS (DELETE FROM laurel.team_memberships WHERE user_id = tests.person('trainer'))
    UPDATE laurel.team_memberships SET role = 'leader' WHERE user_id = tests.person('learner')$$), 'none', 'or with the statement that makes another');
SELECT is(tests.error_of($$UPDATE laurel.team_memberships SET role = 'member' WHERE user_id = tests.person('learner')$$), '23514 team_memberships_leader_kept', 'who is alone leads');
SELECT is(tests.error_of($$DELETE FROM laurel.team_memberships WHERE user_id = tests.person('learner')$$), 'none', 'who is alone leaves an empty team');
ROLLBACK TO leaders;
SELECT is(tests.error_of($$DELETE FROM laurel.team_memberships WHERE team_id = pg_temp.team('Red')$$), 'none', 'all may leave together');
ROLLBACK TO leaders;
SELECT is(tests.error_of($$DELETE FROM laurel.teams WHERE name = 'Red'$$), 'none', 'with the team');
ROLLBACK TO leaders;
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$DELETE FROM laurel.users WHERE id = tests.person('manager')$$), 'none', 'a leader is deleted');
SELECT is((SELECT count(*) FROM laurel.team_memberships WHERE team_id = pg_temp.team('Red')), 2::bigint, 'whom the others outstay');
SELECT is(tests.error_of($$UPDATE laurel.team_memberships SET role = 'leader' WHERE user_id = tests.person('trainer')$$), 'none', 'one of them leads then');
SELECT is(tests.error_of($$DELETE FROM laurel.team_memberships WHERE user_id = tests.person('trainer')$$), '23514 team_memberships_leader_kept', 'and stays');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.acme(), tests.person('bolt_learner'));
INSERT INTO laurel.teams (organization_id, name) VALUES (tests.acme(), 'Guests');
INSERT INTO laurel.team_memberships (team_id, user_id, role) VALUES (pg_temp.team('Guests'), tests.person('bolt_learner'), 'leader'), (pg_temp.team('Guests'), tests.person('admin'), 'member');
SELECT is(tests.error_of($$DELETE FROM laurel.user_organizations WHERE organization_id = tests.acme() AND user_id = tests.person('bolt_learner')$$), 'none', 'a guest leaves the organization');
SELECT is((SELECT member_count FROM laurel.teams WHERE name = 'Guests'), 1::bigint, 'with the team that he led');
ROLLBACK TO leaders;
SELECT tests.act_as_owner();
CREATE FUNCTION pg_temp.demote() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.role := 'member'; RETURN NEW; END $$;
CREATE TRIGGER zz_demote BEFORE UPDATE ON laurel.team_memberships FOR EACH ROW EXECUTE FUNCTION pg_temp.demote();
SELECT is(tests.error_of('UPDATE laurel.team_memberships SET role = role'), '23514 team_memberships_leader_kept', 'whatever an application''s trigger makes of it');
ROLLBACK TO leaders;

-- Who leaves a team leaves its channels, and has it no longer as main team.
SELECT tests.act_as_learner();
DELETE FROM laurel.team_memberships WHERE user_id = tests.person('learner');
SELECT is(pg_temp.counted(), '#all 2, #red 0, Blue 1, Red 2', 'a member leaves by himself, with its channels');
SELECT is(pg_temp.main_team('learner'), 'none', 'and has no main team');
DELETE FROM laurel.team_memberships WHERE user_id = tests.person('manager');
SELECT is(pg_temp.counted(), '#all 2, #red 0, Blue 1, Red 2', 'nobody else does');
SELECT tests.act_as_owner();
SELECT is(pg_temp.main_team('other'), 'Blue', 'another has his');
DELETE FROM laurel.users WHERE id = tests.person('other');
SELECT is(pg_temp.counted(), '#all 1, #red 0, Blue 0, Red 2', 'who is deleted is in no team');
INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (pg_temp.team('Blue'), tests.person('learner'));
SELECT laurel.choose_team(pg_temp.team('Blue'), tests.person('learner'));
INSERT INTO laurel.channels (team_id, name) VALUES (pg_temp.team('Blue'), 'blue');
INSERT INTO laurel.channel_members (channel_id, user_id) SELECT id, tests.person('learner') FROM laurel.channels WHERE name = 'blue';
DELETE FROM laurel.teams;
SELECT is((SELECT count(*) FROM laurel.team_memberships) + (SELECT count(*) FROM laurel.team_challenges)
    + (SELECT count(*) FROM laurel.channel_members WHERE team_id IS NOT NULL), 0::bigint, 'a team takes along what is its own');
SELECT is(pg_temp.counted(), '#all 1', 'its channels too');
SELECT is((SELECT count(*) FROM laurel.users WHERE organization_id = tests.acme()) || pg_temp.main_team('learner'), '5none', 'its members stay');
SELECT is_empty('SELECT * FROM laurel.check()', 'all counts hold');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'so does the ledger');

SELECT * FROM finish();
ROLLBACK;
