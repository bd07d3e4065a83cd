-- Challenges: what counts, what is taken back, when one is completed, and that it is once.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
INSERT INTO laurel.teams (organization_id, name) VALUES (tests.acme(), 'Red'), (tests.acme(), 'Blue');
CREATE FUNCTION pg_temp.team(name text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM laurel.teams t WHERE t.name = team.name $$;
INSERT INTO laurel.team_memberships (team_id, user_id, joined_at)
SELECT pg_temp.team(team), tests.person(name), '2024-01-01' FROM (VALUES ('Red', 'learner'), ('Red', 'trainer'), ('Blue', 'trainer'), ('Blue', 'manager')) v (team, name);
CREATE FUNCTION pg_temp.pay(name text, points bigint, at timestamptz DEFAULT clock_timestamp()) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, occurred_at) VALUES (tests.acme(), tests.person(name), points, 't', 'r', at) RETURNING id $$;
CREATE FUNCTION pg_temp.happen(name text, type text, at timestamptz DEFAULT clock_timestamp()) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.domain_events (organization_id, user_id, type, occurred_at) VALUES (tests.acme(), tests.person(name), type, at) $$;
CREATE FUNCTION pg_temp.own(title text, goal bigint, kind text DEFAULT 'points', event_type text DEFAULT NULL, starts_at timestamptz DEFAULT clock_timestamp(), ends_at timestamptz DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$ INSERT INTO laurel.personal_challenges (organization_id, user_id, title, goal, kind, event_type, starts_at, ends_at)
    VALUES (tests.acme(), tests.person('learner'), title, goal, kind, event_type, starts_at, ends_at) $$;
CREATE FUNCTION pg_temp.ours(title text, team text, goal bigint, kind text DEFAULT 'points', event_type text DEFAULT NULL, status text DEFAULT 'active')
RETURNS void LANGUAGE sql AS $$ INSERT INTO laurel.team_challenges (team_id, title, goal, kind, event_type, status, starts_at, ends_at)
    VALUES (pg_temp.team(team), title, goal, kind, event_type, status, '2024-02-01', now() + interval '30 days') $$;
CREATE FUNCTION pg_temp.of(name text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', status, progress) FROM (SELECT title, status, progress FROM laurel.personal_challenges UNION ALL SELECT title, status, progress FROM laurel.team_challenges) c WHERE title = name $$;
CREATE FUNCTION pg_temp.told(name text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(DISTINCT format('%s %s %s', e.type, e.data ->> 'kind', e.data ->> 'goal'), ', '), 'nothing') || ' ' || count(*) FROM laurel.domain_events e
    WHERE e.type IN ('challenge_completed', 'team_challenge_completed') AND e.user_id = tests.person(name) $$;

-- What one may say.
SELECT is(tests.error_of(statement), error, statement) FROM (VALUES
    ($$SELECT pg_temp.own('x', 0)$$, '23514 personal_challenges_goal_check'),
    ($$SELECT pg_temp.own('x', 1, 'steps')$$, '23514 personal_challenges_kind_check'),
    ($$SELECT pg_temp.own('x', 1, 'events')$$, '23514 personal_challenges_counted_check'),
    ($$SELECT pg_temp.own('x', 1, 'points', 'held')$$, '23514 personal_challenges_counted_check'),
    ($$SELECT pg_temp.own('x', 1, 'events', '')$$, '23514 personal_challenges_event_type_check'),
    ($$SELECT pg_temp.own('x', 1, 'events', 'challenge_completed')$$, '23514 personal_challenges_event_type_check'),
    ($$SELECT pg_temp.ours('x', 'Red', 0)$$, '23514 team_challenges_goal_check'),
    ($$SELECT pg_temp.ours('x', 'Red', 1, 'steps')$$, '23514 team_challenges_kind_check'),
    ($$SELECT pg_temp.ours('x', 'Red', 1, 'events')$$, '23514 team_challenges_counted_check'),
    ($$SELECT pg_temp.ours('x', 'Red', 1, 'events', 'team_challenge_completed')$$, '23514 team_challenges_event_type_check')) v (statement, error);

-- Points: what is earned in time counts, what is spent does not, what is reversed is taken back.
SELECT pg_temp.pay('learner', 40, '2024-03-01'), pg_temp.pay('learner', 7, '2024-01-15');
SELECT pg_temp.own('Spring', 100, starts_at => '2024-02-01');
SELECT is(pg_temp.of('Spring'), 'active 40', 'begins with what was earned since it starts');
SELECT pg_temp.pay('learner', 30) AS thirty \gset
SELECT is(pg_temp.of('Spring'), 'active 70', 'a credit counts');
SELECT pg_temp.pay('learner', -50);
SELECT is(pg_temp.of('Spring'), 'active 70', 'spending does not');
SELECT pg_temp.pay('learner', 10, '2024-01-20'), pg_temp.pay('other', 1000);
SELECT is(pg_temp.of('Spring'), 'active 70', 'nor what was earned before, or by others');
SELECT FROM laurel.reverse_points_transaction(:'thirty');
SELECT is(pg_temp.of('Spring'), 'active 40', 'a reversal is taken back');
SELECT FROM laurel.reverse_points_transaction((SELECT id FROM laurel.points_ledger WHERE amount = -50));
SELECT is(pg_temp.of('Spring'), 'active 40', 'that of a debit is no credit');
SELECT is(tests.error_of('UPDATE laurel.personal_challenges SET progress = 99'), '23001 personal_challenges_progress_follows', 'nobody else writes it');
SELECT pg_temp.pay('learner', 60) AS sixty \gset
SELECT is(pg_temp.of('Spring'), 'completed 100', 'what is reached is completed');
SELECT is(pg_temp.told('learner'), 'challenge_completed points 100 1', 'told once');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE type = 'challenge_completed'), 1::bigint, 'also to the member');
SELECT FROM laurel.reverse_points_transaction(:'sixty');
SELECT pg_temp.pay('learner', 500);
SELECT is(pg_temp.of('Spring') || ' ' || pg_temp.told('learner'), 'completed 100 challenge_completed points 100 1', 'and over');

-- Windows: to before the end, also for what is recorded late.
SELECT pg_temp.own('May', 10, starts_at => '2024-05-01', ends_at => '2024-06-01');
SELECT pg_temp.pay('learner', 4, '2024-05-01'), pg_temp.pay('learner', 4, '2024-06-01'), pg_temp.pay('learner', 4, '2024-04-30 23:59:59+00');
SELECT is(pg_temp.of('May'), 'active 4', 'the start counts, the end does not');
UPDATE laurel.personal_challenges SET ends_at = '2024-06-02' WHERE title = 'May';
SELECT is(pg_temp.of('May'), 'active 8', 'a window that is changed is counted anew');
UPDATE laurel.personal_challenges SET goal = 8 WHERE title = 'May';
SELECT is(pg_temp.of('May'), 'completed 8', 'as is a goal');
SELECT pg_temp.own('Never', 10, starts_at => '2999-01-01');
SELECT pg_temp.pay('learner', 40);
SELECT is(pg_temp.of('Never'), 'active 0', 'what has not begun counts nothing');
UPDATE laurel.personal_challenges SET status = 'cancelled' WHERE title = 'Never';
SELECT pg_temp.own('Gone', 10);
UPDATE laurel.personal_challenges SET status = 'cancelled' WHERE title = 'Gone';
SELECT pg_temp.pay('learner', 40);
SELECT is(pg_temp.of('Gone'), 'cancelled 0', 'nor what is given up');

-- Events.
SELECT pg_temp.own('Mentor', 3, 'events', 'held'), pg_temp.own('Other type', 3, 'events', 'asked');
INSERT INTO laurel.domain_events (organization_id, user_id, type) SELECT tests.acme(), tests.person(name), type FROM (VALUES
    ('learner', 'held'), ('learner', 'held'), ('other', 'held'), ('learner', 'kept')) v (name, type);
SELECT is(pg_temp.of('Mentor') || ', ' || pg_temp.of('Other type'), 'active 2, active 0', 'events of the type count, and of the member');
SELECT pg_temp.happen('learner', 'held', '2024-01-01');
SELECT is(pg_temp.of('Mentor'), 'active 2', 'in time');
SELECT pg_temp.happen('learner', 'held');
SELECT is(pg_temp.of('Mentor'), 'completed 3', 'completed');
SELECT pg_temp.own('Again', 2, 'events', 'held', '2024-01-01');
SELECT is(pg_temp.of('Again'), 'completed 4', 'what was reached before is completed at once');

-- Teams: what members earn while they are in it.
SELECT pg_temp.ours('Draft', 'Red', 100, status => 'draft'), pg_temp.ours('Blue', 'Blue', 50, 'events', 'held');
SELECT pg_temp.pay('trainer', 20, '2024-02-02');
SELECT is(pg_temp.of('Draft'), 'draft 0', 'a draft counts nothing');
UPDATE laurel.team_challenges SET goal = 1000000, starts_at = '2024-06-01' WHERE title = 'Draft';
UPDATE laurel.team_challenges SET status = 'active' WHERE title = 'Draft';
SELECT is((SELECT progress FROM laurel.team_challenges WHERE title = 'Draft'), (SELECT sum(amount)::bigint FROM laurel.points_ledger e WHERE user_id IN (tests.person('learner'), tests.person('trainer'))
    AND occurred_at >= '2024-06-01' AND (amount > 0) = (reverses_id IS NULL)), 'one that begins counts from then');
SELECT pg_temp.ours('Red', 'Red', 10000);
SELECT progress AS before FROM laurel.team_challenges WHERE title = 'Red' \gset
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
SELECT tests.acme(), tests.person(name), 10, 't', 'r' FROM unnest('{learner, trainer, manager, learner}'::text[]) name;
SELECT is((SELECT progress FROM laurel.team_challenges WHERE title = 'Red') - :before, 30::bigint, 'all members together, nobody else');
INSERT INTO laurel.team_memberships (team_id, user_id, joined_at) VALUES (pg_temp.team('Red'), tests.person('manager'), now());
SELECT pg_temp.pay('manager', 5, now() - interval '1 day'), pg_temp.pay('manager', 6);
SELECT is((SELECT progress FROM laurel.team_challenges WHERE title = 'Red') - :before, 36::bigint, 'from when they joined');
DELETE FROM laurel.team_memberships WHERE user_id = tests.person('manager') AND team_id = pg_temp.team('Red');
SELECT pg_temp.pay('manager', 50);
SELECT is((SELECT progress FROM laurel.team_challenges WHERE title = 'Red') - :before, 36::bigint, 'until they leave: what they have earned stays');
DELETE FROM laurel.users WHERE id = tests.person('trainer');
SELECT is((SELECT progress FROM laurel.team_challenges WHERE title = 'Red') - :before, 36::bigint, 'also of who is deleted');
SELECT pg_temp.happen('manager', 'held');
SELECT is(pg_temp.of('Blue'), 'active 1', 'events too');
UPDATE laurel.team_challenges SET goal = 1 WHERE title <> 'Draft';
SELECT is(pg_temp.of('Blue'), 'completed 1', 'and completed');
SELECT is(pg_temp.told('manager'), 'team_challenge_completed events 1 1', 'each member is told');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE type = 'team_challenge_completed'), 2::bigint, 'of both teams');

-- A member sets himself what he likes, and writes no progress.
SELECT tests.act_as_learner();
SELECT lives_ok($$INSERT INTO laurel.personal_challenges (user_id, title, kind, event_type, goal) VALUES (laurel.uid(), 'Mine', 'events', 'held', 5)$$, 'a member counts events too');
SELECT is(tests.error_of($$INSERT INTO laurel.personal_challenges (user_id, title, goal, progress) VALUES (laurel.uid(), 'Mine', 1, 1)$$), '42501', 'and does not begin in the middle');
SELECT is(tests.error_of($$UPDATE laurel.personal_challenges SET progress = 5$$), '42501', 'nor say how far it is');
SELECT tests.act_as_owner();
INSERT INTO laurel.personal_challenges (organization_id, user_id, title, goal, progress, starts_at) VALUES (tests.acme(), tests.person('learner'), 'Given', 5, 4, clock_timestamp());
SELECT is(pg_temp.of('Given'), 'active 0', 'a progress that comes along is counted anew');

-- A badge for challenges.
INSERT INTO laurel.badges (organization_id, badge_name, criteria) VALUES (tests.acme(), 'Challenger', '{"challengesCompleted": 5}');
SELECT pg_temp.pay('learner', 5);
SELECT is(pg_temp.of('Given'), 'completed 5', 'the fifth');
SELECT is((SELECT count(*) FROM laurel.badge_awards WHERE user_id = tests.person('learner')), 1::bigint, 'earns it');

SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT is_empty('SELECT * FROM laurel.check()', 'all counts are right');
SELECT * FROM finish();
ROLLBACK;
