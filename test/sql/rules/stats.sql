-- What conditions read under stats: only what they name, in windows on the organization's calendar.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
UPDATE laurel.organizations SET time_zone = 'America/New_York' WHERE id = tests.acme();
-- The clock is turned forward on 10 March; weeks begin on Monday.
INSERT INTO laurel.domain_events (organization_id, user_id, type, occurred_at)
SELECT tests.acme(), tests.person('learner'), 'tick', at FROM unnest('{2024-03-04 04:30Z, 2024-03-04 05:30Z, 2024-03-04 20:00Z, 2024-03-11 03:59Z, 2024-04-01 03:30Z, 2024-04-01 04:00Z}'::timestamptz[]) at;
INSERT INTO laurel.domain_events (organization_id, user_id, type, occurred_at) VALUES
    (tests.acme(), tests.person('learner'), 'tock', '2024-03-04 05:30Z'), (tests.acme(), tests.person('other'), 'tick', '2024-03-04 05:30Z'),
    (tests.bolt(), tests.person('bolt_learner'), 'tick', '2024-03-04 05:30Z');
CREATE FUNCTION pg_temp.rule(condition text) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions, status)
    VALUES (tests.acme(), 'Rule', 'tick', condition, '[{"kind": "points", "amount": 1}]', 'draft') RETURNING id $$;
-- How often it holds for the learner's events.
CREATE FUNCTION pg_temp.holds(condition text) RETURNS bigint LANGUAGE sql AS $$
    SELECT coalesce(sum(matched), 0)::bigint FROM laurel.simulate_rule(pg_temp.rule(condition)) WHERE user_id = tests.person('learner') $$;

SELECT is(pg_temp.holds(condition), times::bigint, condition) FROM (VALUES
    ('$.stats.events.tick.day == 1', 5), ('$.stats.events.tick.day == 2', 1),
    ('$.stats.events.tick.week == 1', 4), ('$.stats.events.tick.week == 2', 1), ('$.stats.events.tick.week == 3', 1),
    ('$.stats.events.tick.month == 1', 2), ('$.stats.events.tick.month == 5', 1), ('$.stats.events.tick.month > 5', 0),
    ('$.stats.events.tick.total == 6', 1), ('$.stats.events.tick.total >= 3', 4), ('$.stats.events.tock.total == 0', 1), ('$.stats.events.tock.day == 1', 2),
    ('$.stats.events.tick.day + $.stats.events.tock.day == 3', 1), ('$.stats.events.tick.week > $.stats.events.tick.day', 1),
    ('$.stats.events.never.total == 0', 6), ('$.stats.events."no such type".month > 0', 0)) v (condition, times);
SELECT is(pg_temp.holds(condition), times::bigint, condition) FROM (VALUES
    ('$ ? (@.stats.events.tick.day == 2)', 1), ('$.stats ? (@.events.tick.day == 2)', 1), ('$.stats.events ? (@.tick.week == 3)', 1), ('$.stats.events.tick ? (@.week == 3)', 1),
    ('exists($.stats.events.tick.day ? (@ == 2))', 1), ('!($.stats.events.tick.day == 2)', 5), ('($.stats.events.tick.day == 2) is unknown', 0), ('-$.stats.events.tick.total == -6', 1),
    ('$.stats.tier starts with "br"', 6), ('$.stats.tier like_regex "^B" flag "i"', 6), ('strict $.stats.events.tick.day == 2', 1), ('$.stats[0].events.tick.day[*].double() == 2', 1)) v (condition, times);

-- The rest is as it is now.
SELECT is(pg_temp.holds(condition), 6::bigint, condition) FROM unnest(ARRAY['$.stats.pointsTotal == 0', '$.stats.pointsLifetime == 0', '$.stats.pointsThisWeek == 0', '$.stats.pointsThisMonth == 0', '$.stats.level == 1',
    '$.stats.tier == "bronze"', '$.stats.streakDays == 0', '$.stats.longestStreak == 0', '$.stats.badgesEarned == 0', '$.stats.badges.size() == 0', '$.stats.coursesCompleted == 0', '$.stats.modulesCompleted == 0',
    '$.stats.pathsCompleted == 0', '$.stats.eventsAttended == 0', '$.stats.recognitionsGiven == 0', '$.stats.recognitionsReceived == 0', '$.stats.onboardingCompleted == false', '$.stats.teamsJoined == 0',
    '$.stats.challengesCompleted == 0']) condition;
-- What is begun and not done does not count.
INSERT INTO laurel.courses (id, organization_id, name) VALUES (tests.person('begun'), tests.acme(), 'Begun');
INSERT INTO laurel.enrollments (user_id, course_id, progress_percent) VALUES (tests.person('learner'), tests.person('begun'), 50);
INSERT INTO laurel.learning_paths (id, organization_id, title, status) VALUES (tests.person('path'), tests.acme(), 'Path', 'published');
INSERT INTO laurel.learning_modules (id, organization_id, learning_path_id, position, title) SELECT tests.person('module ' || n), tests.acme(), tests.person('path'), n, 'Module' FROM generate_series(1, 2) n;
INSERT INTO laurel.module_completions (organization_id, user_id, module_id, status) VALUES (tests.acme(), tests.person('learner'), tests.person('module 1'), 'in_progress');
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('activity'), tests.acme(), 'Activity');
INSERT INTO laurel.events (id, organization_id, activity_id, title, scheduled_date, ends_at) VALUES (tests.person('event'), tests.acme(), tests.person('activity'), 'Event', now() + interval '1 day', now() + interval '2 days');
INSERT INTO laurel.participations (organization_id, event_id, user_id) VALUES (tests.acme(), tests.person('event'), tests.person('learner'));
INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message, status) VALUES
    (tests.acme(), tests.person('learner'), tests.person('other'), 'Waits', 'pending'), (tests.acme(), tests.person('other'), tests.person('learner'), 'Waits', 'pending');
INSERT INTO laurel.onboarding_templates (id, organization_id, name) VALUES (tests.person('plan'), tests.acme(), 'Plan');
INSERT INTO laurel.onboarding_template_tasks (organization_id, template_id, position, title, owner_role) VALUES (tests.acme(), tests.person('plan'), 1, 'Read', 'new_hire');
INSERT INTO laurel.user_onboardings (organization_id, user_id, template_id) VALUES (tests.acme(), tests.person('learner'), tests.person('plan'));
INSERT INTO laurel.personal_challenges (organization_id, user_id, title, goal) VALUES (tests.acme(), tests.person('learner'), 'Runs', 5000);
SELECT is((SELECT count(*) FROM laurel.learning_path_progress WHERE user_id = tests.person('learner')), 1::bigint, 'a path is begun');
SELECT is(pg_temp.holds(condition), 6::bigint, 'begun: ' || condition) FROM unnest(ARRAY['$.stats.coursesCompleted == 0', '$.stats.modulesCompleted == 0', '$.stats.pathsCompleted == 0', '$.stats.eventsAttended == 0',
    '$.stats.recognitionsGiven == 0', '$.stats.recognitionsReceived == 0', '$.stats.onboardingCompleted == false', '$.stats.challengesCompleted == 0']) condition;
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES (tests.acme(), tests.person('learner'), 600, 't', 'r'), (tests.acme(), tests.person('learner'), -10, 't', 'r');
INSERT INTO laurel.badges (organization_id, badge_name) VALUES (tests.acme(), 'One'), (tests.acme(), 'Two');
INSERT INTO laurel.badge_awards (user_id, badge_id) SELECT tests.person('learner'), id FROM laurel.badges;
SELECT laurel.record_activity(tests.person('learner'));
INSERT INTO laurel.teams (organization_id, name) VALUES (tests.acme(), 'Red');
INSERT INTO laurel.team_memberships (team_id, user_id) SELECT id, tests.person('learner') FROM laurel.teams;
INSERT INTO laurel.courses (organization_id, name) VALUES (tests.acme(), 'Course');
INSERT INTO laurel.enrollments (user_id, course_id, progress_percent, completed_at) SELECT tests.person('learner'), id, 100, now() FROM laurel.courses WHERE name = 'Course';
INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message) VALUES (tests.acme(), tests.person('learner'), tests.person('other'), 'Thanks');
SELECT is(pg_temp.holds(condition), 6::bigint, condition) FROM unnest(ARRAY['$.stats.pointsTotal == 590', '$.stats.pointsLifetime == 600', '$.stats.tier == "silver"', '$.stats.streakDays == 1', '$.stats.badgesEarned == 2',
    '$.stats.badges[*] == "two"', '$.stats.badges[0] == "one"', '$.stats.coursesCompleted == 1', '$.stats.recognitionsGiven == 1', '$.stats.teamsJoined == 1', '$.stats.level > 1']) condition;

-- Of a week and a month that are not those of the account it has no points.
SELECT is(pg_temp.holds('$.stats.pointsThisWeek == 0 && $.stats.pointsThisMonth == 0'), 6::bigint, 'in other weeks and months there are none');
INSERT INTO laurel.domain_events (organization_id, user_id, type) VALUES (tests.acme(), tests.person('learner'), 'tick');
SELECT is(pg_temp.holds('$.stats.pointsThisWeek == 590 && $.stats.pointsThisMonth == 590'), 1::bigint, 'in this one there are');

-- Only what a condition names is read.
CREATE FUNCTION pg_temp.scans() RETURNS TABLE (relname name, scans bigint) LANGUAGE sql AS $$
    SELECT relname, seq_scan + coalesce(idx_scan, 0) FROM pg_stat_xact_all_tables WHERE schemaname = 'laurel' AND relname IN ('user_points', 'badge_awards', 'enrollments', 'module_completions', 'learning_path_progress',
        'participations', 'recognitions', 'user_onboardings', 'team_memberships', 'personal_challenges') $$;
CREATE FUNCTION pg_temp.read_for(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    rule constant uuid := pg_temp.rule(condition);
    earlier constant jsonb := (SELECT jsonb_object_agg(relname, scans) FROM pg_temp.scans());
BEGIN
    PERFORM FROM laurel.simulate_rule(rule);
    RETURN (SELECT coalesce(string_agg(relname, ', ' ORDER BY relname), 'nothing') FROM pg_temp.scans() WHERE scans > (earlier ->> relname)::bigint);
END $$;
SELECT is(pg_temp.read_for(condition), read, 'reads ' || read || ' for ' || condition) FROM (VALUES
    ('$.event.data.a == 1', 'nothing'), ('$.stats.events.tick.day == 1', 'nothing'), ('$.stats.streakDays == 1', 'user_points'), ('$.stats.badgesEarned == 1', 'badge_awards'), ('$.stats.badges[*] == "one"', 'badge_awards'),
    ('$.stats.coursesCompleted == 1', 'enrollments'), ('$.stats.teamsJoined == 1 || $.stats.level == 1', 'team_memberships, user_points')) v (condition, read);

-- What reads all of them, or none.
SELECT is(tests.error_of(format('SELECT pg_temp.rule(%L)', condition)), '23514 gamification_rules_condition_check', 'refused: ' || condition) FROM unnest(ARRAY[
    '$.stats.nothing == 1', '$.stats.StreakDays == 1', '$.stats.* > 1', '$.* == 1', '$.** == 1', '$.stats.** == 1', '$.stats.keyvalue().value == 1', '$.stats.events.* == 1', '$.stats.events.*.day == 1',
    '$.stats.events.tick == 1', '$.stats.events.tick.year == 1', '$.stats.events.tick.* == 1', '$.stats.events.tick.size() == 1', '$ ? (@.stats.nothing == 1)', '$.stats ? (@.events.tick == 1)']) condition;
SELECT matches(tests.told($$SELECT pg_temp.rule('$.stats.streakDay == 1')$$), 'There is no \$\.stats\.streakDay\..*Did you mean "streakDays"\?', 'which was meant');
SELECT matches(tests.told($$SELECT pg_temp.rule('$.stats.events.tick == 1')$$), 'Write \$\.stats\.events\.tick\.week; there are day, week, month, total, last7Days and last30Days', 'which windows there are');
SELECT is(tests.error_of(format('SELECT pg_temp.rule(%L)', condition)), 'none', 'taken: ' || condition) FROM unnest(ARRAY['$.event.data.stats.nothing == 1', '$.event.data.* == 1', '$.event.* == 1', '$.event ? (@.data.a == 1)', '$ ? (@.event.type == "tick" && @.user.level == 1)', 'strict $[0].user.roles[*] == "trainer"', '$.stats.type() == "object"', '$.user.* == 1']) condition;

-- What nobody would ever find.
SELECT matches(tests.told(format('SELECT pg_temp.rule(%L)', condition)), told, condition) FROM (VALUES
    ('$.evnt.data.a == 1', 'There is no \$\.evnt\. \| There are \$\.event, \$\.user and \$\.stats'), ('$.data.a == 1', 'There is no \$\.data\. \|.*what an event says itself is in \$\.event\.data\.'),
    ('$ ? (@.dta.a == 1)', 'There is no \$\.dta\.'), ('$.event.score >= 1', 'There is no \$\.event\.score\. \| There are id, user_id, type, occurred_at and data'),
    ('$.event.date.score >= 1', 'Did you mean "data"\?'), ('$.event ? (@.score > 1)', 'There is no \$\.event\.score\.'), ('$.user.tiers == "gold"', 'There is no \$\.user\.tiers\..*Did you mean "tier"\?'),
    ('$.event.data.a == 1 || $.user."full name" == "x"', 'There is no \$\.user\."full name"\.'), ('$.stats.events.week >= 3', 'It does not say events of which type it counts\. \| Write \$\.stats\.events\.module_completed\.week\.'),
    ('$.stats.events."quiz-taken" >= 3', 'Write \$\.stats\.events\."quiz-taken"\.week;')) v (condition, told);

-- So many times 24 hours, whatever the calendar says.
INSERT INTO laurel.domain_events (organization_id, user_id, type, occurred_at)
SELECT tests.acme(), tests.person('other'), 'tock', at FROM unnest('{4713-01-02 BC, 2025-02-01 12:00Z, 2025-02-24 12:00Z, 2025-03-03 12:00Z, 2025-03-03 13:00Z, 2025-03-10 12:00Z}'::timestamptz[]) at;
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions, status)
SELECT tests.acme(), format('%s of %s', n, w), 'tock', format('$.stats.events.tock.%s == %s', w, n), '[{"kind": "points", "amount": 1}]', 'draft' FROM unnest('{last7Days, last30Days}'::text[]) w, generate_series(1, 5) n;
SELECT results_eq($$ SELECT r.name, s.matched FROM laurel.gamification_rules r, laurel.simulate_rule(r.id, until => '2026-01-01') s WHERE r.event_type = 'tock' AND s.user_id = tests.person('other') ORDER BY 1 $$,
    $$ VALUES ('1 of last30Days', 2::bigint), ('1 of last7Days', 4), ('2 of last30Days', 2), ('2 of last7Days', 2), ('3 of last30Days', 1), ('4 of last30Days', 1) $$, 'the last seven and thirty days');

SELECT * FROM finish();
ROLLBACK;
