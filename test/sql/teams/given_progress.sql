-- Rules that add to a challenge: of the organization, of whom it is, in its time, and completed once; and that laurel.check() counts again.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
INSERT INTO laurel.teams (id, organization_id, name) VALUES (tests.person('team'), tests.acme(), 'Red');
INSERT INTO laurel.team_memberships (organization_id, team_id, user_id) SELECT tests.acme(), tests.person('team'), tests.person(n) FROM unnest('{learner, trainer}'::text[]) n;
INSERT INTO laurel.team_challenges (id, team_id, title, goal, status, starts_at, ends_at, kind, event_type) VALUES
    (tests.person('ours'), tests.person('team'), 'Ours', 10, 'active', now() - interval '1 day', now() + interval '1 day', 'events', 'held'),
    (tests.person('draft'), tests.person('team'), 'Draft', 10, 'draft', now() - interval '1 day', now() + interval '1 day', 'points', NULL);
INSERT INTO laurel.personal_challenges (id, organization_id, user_id, title, goal, starts_at) VALUES
    (tests.person('mine'), tests.acme(), tests.person('learner'), 'Mine', 10, now() - interval '1 day'), (tests.person('theirs'), tests.bolt(), tests.person('bolt_learner'), 'Theirs', 10, now());
CREATE FUNCTION pg_temp.rule(event_type text, challenge text, progress bigint, extra jsonb DEFAULT '[]') RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions) VALUES (%L, %L, %L, %L)', tests.acme(), event_type, event_type,
        jsonb_build_array(jsonb_build_object('kind', 'challenge', 'challenge_id', tests.person(challenge), 'progress', progress)) || extra)) $$;
CREATE FUNCTION pg_temp.happen(name text, type text, at timestamptz DEFAULT clock_timestamp()) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.domain_events (organization_id, user_id, type, occurred_at) VALUES (tests.acme(), tests.person(name), type, at) $$;
CREATE FUNCTION pg_temp.of(name text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', status, progress, given) FROM (SELECT title, status, progress, given FROM laurel.personal_challenges UNION ALL SELECT title, status, progress, given FROM laurel.team_challenges) c WHERE title = name $$;

SELECT is(pg_temp.rule('a', 'theirs', 3), '23503 gamification_rules_challenge_fkey', 'no challenge of another organization');
SELECT is(pg_temp.rule('a', 'none', 3), '23503 gamification_rules_challenge_fkey', 'nor one that is none');
SELECT is(pg_temp.rule('a', 'mine', 1000001), '23514 gamification_rules_actions_check', 'nor too much');
SELECT is(pg_temp.rule('own', 'mine', 3, '[{"kind": "points", "amount": 2}]'), 'none', 'one that is');
SELECT is(pg_temp.rule('team', 'ours', 4) || pg_temp.rule('draft', 'draft', 4), 'nonenone', 'of a team too');

SELECT pg_temp.happen('learner', 'own');
SELECT is(pg_temp.of('Mine'), 'active 5 3', 'it progresses, beside what points make of it');
SELECT pg_temp.happen('other', 'own'), pg_temp.happen('learner', 'own', now() - interval '2 days');
SELECT is(pg_temp.of('Mine'), 'active 5 3', 'not by others, nor by what was before');
SELECT is((SELECT string_agg(status, ',') FROM laurel.rule_executions), 'fired,fired,fired', 'though the rule fires');
SELECT pg_temp.happen('trainer', 'team'), pg_temp.happen('manager', 'team'), pg_temp.happen('learner', 'held'), pg_temp.happen('learner', 'draft');
SELECT is(pg_temp.of('Ours') || ', ' || pg_temp.of('Draft'), 'active 5 4, draft 0 0', 'of a team by its members, while it is under way');
UPDATE laurel.personal_challenges SET goal = 11 WHERE title = 'Mine';
SELECT is(pg_temp.of('Mine'), 'active 5 3', 'what is given stays where it is counted anew');
SELECT is(tests.error_of('UPDATE laurel.personal_challenges SET given = 7'), '23001 personal_challenges_progress_follows', 'nobody else gives');
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$INSERT INTO laurel.personal_challenges (user_id, title, goal, given) VALUES (laurel.uid(), 'x', 5, 4)$$), '42501', 'least of all oneself');
SELECT tests.act_as_owner();

-- What is given in one statement counts together, and completes once.
SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
INSERT INTO laurel.domain_events (organization_id, user_id, type) SELECT tests.acme(), tests.person('learner'), type FROM unnest('{own, own, own, own, team, team, team}'::text[]) type;
SELECT is(pg_temp.of('Mine') || ', ' || pg_temp.of('Ours'), 'completed 13 3, completed 17 16', 'completed');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type LIKE '%challenge_completed'), 3::bigint, 'and told once');
SELECT pg_temp.happen('learner', 'own'), pg_temp.happen('learner', 'team');
SELECT is(pg_temp.of('Mine') || ', ' || pg_temp.of('Ours'), 'completed 13 3, completed 17 16', 'and over');

-- check() counts again: what no event, entry or rule explains is found.
INSERT INTO laurel.personal_challenges (organization_id, user_id, title, kind, event_type, goal) VALUES (tests.acme(), tests.person('other'), 'Events', 'events', 'seen', 100);
INSERT INTO laurel.personal_challenges (organization_id, user_id, title, goal) VALUES (tests.acme(), tests.person('other'), 'Points', 100);
INSERT INTO laurel.team_challenges (team_id, title, goal, status, starts_at, ends_at) VALUES (tests.person('team'), 'Team', 100000, 'active', now() - interval '1 day', now() + interval '1 day');
SELECT pg_temp.happen('other', 'seen') FROM generate_series(1, 3);
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) SELECT tests.acme(), tests.person(n), 7, 't', 'r' FROM unnest('{other, learner, trainer}'::text[]) n;
SELECT FROM laurel.points_ledger e, laurel.reverse_points_transaction(e.id) WHERE e.user_id = tests.person('other') AND e.amount = 7;
DELETE FROM laurel.team_memberships WHERE user_id = tests.person('learner');
SELECT is_empty('SELECT * FROM laurel.check()', 'sound, also where something was taken back, or somebody has left');
SET LOCAL session_replication_role = replica;
UPDATE laurel.personal_challenges SET progress = progress + CASE title WHEN 'Points' THEN 8 ELSE 1 END WHERE title IN ('Events', 'Points');
UPDATE laurel.team_challenges SET progress = 1 WHERE title = 'Team';
SET LOCAL session_replication_role = origin;
SELECT results_eq($$SELECT c.title, f.table_name, f.guard, f.problem FROM laurel.check() f JOIN (SELECT id, title FROM laurel.personal_challenges UNION ALL SELECT id, title FROM laurel.team_challenges) c ON c.id = f.row_id ORDER BY 1$$,
    $$VALUES ('Events', 'laurel.personal_challenges', 'progress', 'progress is 4, and 3 by what has happened'), ('Points', 'laurel.personal_challenges', 'progress', 'progress is 10, and 2 to 9 by what has happened'),
        ('Team', 'laurel.team_challenges', 'progress', 'progress is 1, and 7 at least by what has happened')$$, 'what is not so is found');
SELECT * FROM finish();
ROLLBACK;
