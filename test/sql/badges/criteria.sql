-- Criteria of badges: what they may say, what earns a badge by itself, and what was reached before it was there.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
CREATE FUNCTION pg_temp.make(name text, criteria jsonb, points bigint DEFAULT 0) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.badges (organization_id, badge_name, criteria, points_value) VALUES (tests.acme(), name, criteria, points) $$;
CREATE FUNCTION pg_temp.said(criteria text) RETURNS text LANGUAGE sql AS $$
    SELECT tests.told(format('SELECT pg_temp.make(''said'', %L)', criteria)) $$;
CREATE FUNCTION pg_temp.held(name text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(b.slug, ' ' ORDER BY b.slug), 'none') FROM laurel.badge_awards a JOIN laurel.badges b ON b.id = a.badge_id WHERE a.user_id = tests.person(name) $$;
CREATE FUNCTION pg_temp.happen(name text, type text, many int DEFAULT 1) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.domain_events (organization_id, user_id, type) SELECT tests.acme(), tests.person(name), type FROM generate_series(1, many) $$;
CREATE FUNCTION pg_temp.pay(name text, points bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES (tests.acme(), tests.person(name), points, 't', 'r') $$;
CREATE FUNCTION pg_temp.earned(name text) RETURNS bigint LANGUAGE sql AS $$ SELECT laurel.award_earned_badges(id) FROM laurel.badges WHERE slug = name $$;

-- What they may say.
SELECT is(tests.error_of(format('SELECT pg_temp.make(''said'', %L)', criteria)), '23514 badges_criteria_check', 'refused: ' || criteria) FROM unnest(ARRAY[
    '{"x": 1}', '{"coursesCompleted": 0}', '{"coursesCompleted": -1}', '{"coursesCompleted": 1.5}', '{"coursesCompleted": "1"}', '{"coursesCompleted": null}',
    '{"coursesCompleted": true}', '{"coursesCompleted": 1e100}', '{"coursesCompleted": [1]}', '{"coursesCompleted": {"a": 1}}', '{"CoursesCompleted": 1}', '{"onboardingCompleted": false}',
    '{"onboardingCompleted": 1}', '{"tier": "iron"}', '{"tier": 2}', '{"badges": []}', '{"badges": "x"}', '{"badges": [1]}', '{"badges": [["x"]]}', '{"events": {}}', '{"events": []}', '{"events": 1}',
    '{"events": {"a": 0}}', '{"events": {"": 1}}', '{"events": {"a": {"b": 1}}}', '[]', '1', '"x"', 'null']) criteria;
SELECT is(tests.error_of(format('SELECT pg_temp.make(''said'', jsonb_build_object(''events'', jsonb_build_object(repeat(''ä'', %s), 1)))', n)), error, n || ' characters of a type')
FROM (VALUES (100, 'none'), (101, '23514 badges_criteria_check')) v (n, error);
DELETE FROM laurel.badges;
SELECT matches(pg_temp.said('{"courseCompleted": 1}'), 'There is no word "courseCompleted".*Did you mean "coursesCompleted"\?.*badges_criteria_check', 'a misspelt word is told which was meant');
SELECT matches(pg_temp.said('{"reallyEverything": 1}'), 'There are pointsTotal, pointsLifetime.* and events\. Count own events', 'another one which there are');
SELECT matches(pg_temp.said('{"tier": "iron"}'), 'bronze, silver, gold or platinum', 'a tier which there are');
SELECT lives_ok(format('SELECT pg_temp.make(''all'', %L)', '{"pointsTotal": 1, "pointsLifetime": 1, "pointsThisWeek": 1, "pointsThisMonth": 1, "level": 1, "tier": "platinum", "streakDays": 1, "longestStreak": 1,
    "badgesEarned": 1, "badges": ["all"], "coursesCompleted": 1, "modulesCompleted": 1, "pathsCompleted": 1, "eventsAttended": 1, "recognitionsGiven": 1, "recognitionsReceived": 1, "onboardingCompleted": true,
    "teamsJoined": 1, "challengesCompleted": 1, "events": {"a": 1, "b": 1000000000000}}'), 'all words there are');
SELECT lives_ok('SELECT pg_temp.make(''by-hand'', ''{}'')', 'or none');

-- Events of one's own, once each; every event asks for all badges that listen.
SELECT pg_temp.make('mentor', '{"events": {"held": 2}}', 5), pg_temp.make('both', '{"events": {"held": 1, "asked": 1}}');
SELECT pg_temp.happen('learner', 'held'), pg_temp.happen('other', 'asked');
SELECT is(pg_temp.held('learner'), 'none', 'one of two');
SELECT pg_temp.happen('learner', 'held');
SELECT is(pg_temp.held('learner'), 'mentor', 'two of two');
SELECT pg_temp.happen('learner', 'held', 3), pg_temp.happen('learner', 'asked'), pg_temp.happen('other', 'held');
SELECT is(pg_temp.held('learner'), 'both mentor', 'all of it, in whatever order');
SELECT is(pg_temp.held('other'), 'both', 'also by somebody else');
SELECT results_eq($$SELECT awarded_by, points_awarded, (SELECT count(*) FROM laurel.badge_awards w WHERE w.badge_id = a.badge_id) FROM laurel.badge_awards a JOIN laurel.badges b ON b.id = a.badge_id WHERE b.slug = 'mentor'$$,
    $$VALUES ('criteria', 5::bigint, 1::bigint)$$, 'once, with its points');
SELECT is((SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('learner') AND organization_id = tests.acme()), 5::bigint, 'which are paid once');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE user_id = tests.person('learner')), 2::bigint, 'and told');
SELECT is((SELECT count(*) FROM laurel.badge_awards a JOIN laurel.badges b ON b.id = a.badge_id WHERE b.slug = 'by-hand'), 0::bigint, 'a badge without criteria goes to nobody');

-- One statement for many members.
INSERT INTO laurel.domain_events (organization_id, user_id, type, occurred_at)
SELECT tests.acme(), tests.person(name), 'held', '2024-05-06' FROM unnest('{trainer, manager, trainer, manager, admin}'::text[]) name;
SELECT is(pg_temp.held('trainer') || ' ' || pg_temp.held('manager') || ' ' || pg_temp.held('admin'), 'mentor mentor none', 'many at once');
SELECT is((SELECT DISTINCT awarded_date FROM laurel.badge_awards WHERE user_id = tests.person('trainer')), '2024-05-06'::timestamptz, 'since the event that earned it');

-- Another organization's badges, and its members.
INSERT INTO laurel.badges (organization_id, badge_name, criteria) VALUES (tests.bolt(), 'Mentor', '{"events": {"held": 1}}');
SELECT pg_temp.happen('admin', 'held');
SELECT is((SELECT count(*) FROM laurel.badge_awards WHERE organization_id = tests.bolt()), 0::bigint, 'badges of another organization do not listen');

-- Courses, which tell when they are completed, by an update or at once.
SELECT pg_temp.make('first-course', '{"coursesCompleted": 1}'), pg_temp.make('second-course', '{"coursesCompleted": 2}');
INSERT INTO laurel.courses (organization_id, name) SELECT tests.acme(), 'Course ' || n FROM generate_series(1, 2) n;
INSERT INTO laurel.enrollments (user_id, course_id) SELECT tests.person('learner'), id FROM laurel.courses WHERE name LIKE 'Course%';
UPDATE laurel.enrollments SET progress_percent = 99;
SELECT is(pg_temp.held('learner'), 'both mentor', 'a course that is not completed earns nothing');
UPDATE laurel.enrollments e SET progress_percent = 100, completed_at = now() FROM laurel.courses c WHERE c.id = e.course_id AND c.name = 'Course 1';
SELECT is(pg_temp.held('learner'), 'both first-course mentor', 'one that is does');
UPDATE laurel.enrollments SET progress_percent = 100, completed_at = now();
SELECT is(pg_temp.held('learner'), 'both first-course mentor second-course', 'the second');
UPDATE laurel.enrollments SET progress_percent = 50, completed_at = NULL;
SELECT is(pg_temp.held('learner'), 'both first-course mentor second-course', 'what was earned stays');
INSERT INTO laurel.enrollments (user_id, course_id, progress_percent, completed_at) SELECT tests.person('other'), id, 100, now() FROM laurel.courses WHERE name LIKE 'Course%';
SELECT is(pg_temp.held('other'), 'both first-course second-course', 'or as they come');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type = 'course_completed'), 4::bigint, 'each told once');
SELECT ok((SELECT bool_and(data ? 'course_id') FROM laurel.domain_events WHERE type = 'course_completed'), 'with its course');

-- Points, tiers and levels, without an event for each award.
SELECT pg_temp.make('rich', '{"pointsTotal": 100}'), pg_temp.make('silver', '{"tier": "silver"}', 1000), pg_temp.make('gold', '{"tier": "gold"}'), pg_temp.make('ever', '{"pointsLifetime": 2000}');
SELECT pg_temp.pay('manager', 94);
SELECT is(pg_temp.held('manager'), 'mentor', 'not enough');
SELECT pg_temp.pay('manager', 1);
SELECT is(pg_temp.held('manager'), 'mentor rich', 'enough');
SELECT pg_temp.pay('manager', 400);
SELECT is(pg_temp.held('manager'), 'gold mentor rich silver', 'a badge pays for the next');
SELECT pg_temp.pay('manager', -1000), pg_temp.pay('manager', 600);
SELECT is(pg_temp.held('manager'), 'ever gold mentor rich silver', 'what is spent was earned');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');

-- Streaks.
SELECT pg_temp.make('two-days', '{"streakDays": 2}');
SELECT laurel.record_activity(tests.person('trainer'), now() - interval '1 day');
SELECT is(pg_temp.held('trainer'), 'mentor', 'one day');
SELECT laurel.record_activity(tests.person('trainer'));
SELECT is(pg_temp.held('trainer'), 'mentor two-days', 'two');

-- Events that are written where somebody looks at them.
SELECT pg_temp.pay('trainer', 1);
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type IN ('points_earned', 'streak_extended')), 0::bigint, 'nobody asks for a row for each award and day');
SELECT pg_temp.make('paid-twice', '{"events": {"points_earned": 2}}'), pg_temp.make('steady', '{"events": {"streak_extended": 1}}');
SELECT pg_temp.pay('trainer', 10), pg_temp.pay('trainer', -1);
SELECT is(pg_temp.held('trainer'), 'mentor two-days', 'one');
SELECT pg_temp.pay('trainer', 20);
SELECT is(pg_temp.held('trainer'), 'mentor paid-twice two-days', 'two awards');
SELECT results_eq($$SELECT data ->> 'amount', data ->> 'transaction_type' FROM laurel.domain_events WHERE type = 'points_earned' ORDER BY id$$, $$VALUES ('10', 't'), ('20', 't')$$, 'told with what they are');
SELECT laurel.record_activity(tests.person('manager'), now() - interval '1 day'), laurel.record_activity(tests.person('manager')), laurel.record_activity(tests.person('manager'));
SELECT results_eq($$SELECT user_id, data FROM laurel.domain_events WHERE type = 'streak_extended' ORDER BY id$$,
    $$VALUES (tests.person('manager'), '{"days": 1, "longest": 1}'::jsonb), (tests.person('manager'), '{"days": 2, "longest": 2}')$$, 'days that continue a streak');
SELECT laurel.record_activity(tests.person('manager'), now() - interval '9 days');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type = 'streak_extended'), 2::bigint, 'not one that does not');
SELECT is(pg_temp.held('manager'), 'ever gold mentor rich silver steady two-days', 'a streak');

-- Chains end, however long.
INSERT INTO laurel.badges (organization_id, slug, badge_name, criteria) SELECT tests.bolt(), 'link-' || n, 'Link', jsonb_build_object('badgesEarned', n) FROM generate_series(1, 300) n;
INSERT INTO laurel.domain_events (organization_id, user_id, type) VALUES (tests.bolt(), tests.person('bolt_learner'), 'held');
SELECT is((SELECT count(*) FROM laurel.badge_awards WHERE user_id = tests.person('bolt_learner')), 301::bigint, 'a badge for each badge');
SELECT is((SELECT count(*) FROM laurel.badges WHERE organization_id = tests.bolt() AND times_awarded <> 1), 0::bigint, 'counted');
SELECT is(pg_temp.held('learner'), 'both first-course mentor second-course', 'nobody else');

-- What is retired, edited or deleted listens no more.
SELECT pg_temp.make('late', '{"events": {"late": 1}}');
UPDATE laurel.badges SET is_active = false WHERE slug = 'late';
SELECT pg_temp.happen('admin', 'late');
SELECT is(pg_temp.held('admin'), 'mentor', 'a retired badge goes to nobody');
UPDATE laurel.badges SET is_active = true, criteria = '{"events": {"later": 1}}' WHERE slug = 'late';
SELECT pg_temp.happen('admin', 'late');
SELECT is(pg_temp.held('admin'), 'mentor', 'nor for what it asked before');
SELECT pg_temp.happen('admin', 'later');
SELECT is(pg_temp.held('admin'), 'late mentor', 'but for what it asks now');
DELETE FROM laurel.badges WHERE slug = 'late';
SELECT pg_temp.happen('trainer', 'later');
SELECT is(pg_temp.held('trainer'), 'mentor paid-twice two-days', 'what is gone is gone');

-- What was reached before.
SELECT pg_temp.happen('other', 'early', 2), pg_temp.happen('learner', 'early', 3), pg_temp.happen('admin', 'early', 1);
SELECT pg_temp.make('pioneer', '{"events": {"early": 2}}', 7);
SELECT is(pg_temp.held('other'), 'both first-course second-course', 'a new badge does not look back by itself');
SELECT tests.act_as_learner();
SELECT is(tests.error_of('SELECT pg_temp.earned(''pioneer'')'), '42501', 'nor do members award it');
SELECT tests.act_as_bolt_admin();
SELECT is(tests.error_of(format('SELECT laurel.award_earned_badges(%L)', (SELECT id FROM laurel.badges WHERE slug = 'pioneer'))), '22004', 'what others do not see');
SELECT tests.act_as_owner();
SELECT id AS pioneer FROM laurel.badges WHERE slug = 'pioneer' \gset
SELECT tests.act_as_bolt_admin();
SELECT is(tests.error_of(format('SELECT laurel.award_earned_badges(%L)', :'pioneer')), '23503 badge_awards_badge_id_fkey', 'is not there for them');
SELECT tests.act_as_admin();
SELECT is(pg_temp.earned('pioneer'), 2::bigint, 'but administrators, to all who have earned it');
SELECT is(pg_temp.earned('pioneer'), 0::bigint, 'once');
SELECT is(pg_temp.held('other') || ', ' || pg_temp.held('admin'), 'both first-course pioneer second-course, mentor', 'and to nobody else');
SELECT pg_temp.make('decorated', '{"badges": ["mentor", "first-course"]}'), pg_temp.make('paid', '{"pointsThisWeek": 5, "level": 1}');
SELECT is(pg_temp.earned('decorated'), 1::bigint, 'badges for badges');
SELECT is(pg_temp.earned('paid'), (SELECT count(*) FROM laurel.user_points WHERE organization_id = tests.acme() AND points_this_week >= 5), 'points of this week');
SELECT tests.act_as_owner();
SELECT is(tests.error_of('SELECT laurel.award_earned_badges(NULL)'), '22004', 'none');
SELECT is(tests.error_of('SELECT laurel.award_earned_badges(laurel.uuidv7())'), '23503 badge_awards_badge_id_fkey', 'no such badge');
SELECT is(tests.error_of('SELECT pg_temp.earned(''by-hand'')'), '22023', 'one that nobody earns by itself');
UPDATE laurel.badges SET is_active = false WHERE slug = 'pioneer';
SELECT is(tests.error_of('SELECT pg_temp.earned(''pioneer'')'), '23514 badge_awards_badge_id_fkey', 'one that is retired');

-- What cannot be awarded breaks no write, and is made up for.
CREATE FUNCTION public.refuse_award() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.badge_id = (SELECT id FROM laurel.badges WHERE slug = 'broken') THEN RAISE 'not this one'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_award BEFORE INSERT ON laurel.badge_awards FOR EACH ROW EXECUTE FUNCTION public.refuse_award();
SELECT pg_temp.make('broken', '{"events": {"broke": 1}}', 3), pg_temp.make('whole', '{"events": {"broke": 1}}', 4);
SET LOCAL client_min_messages = error;
INSERT INTO laurel.domain_events (organization_id, user_id, type) SELECT organization_id, user_id, 'broke' FROM laurel.user_organizations WHERE organization_id = tests.acme();
SELECT results_eq($$SELECT slug, times_awarded FROM laurel.badges WHERE criteria ? 'events' AND slug IN ('broken', 'whole') ORDER BY slug$$,
    $$SELECT 'broken', 0::bigint UNION ALL SELECT 'whole', count(*) FROM laurel.user_organizations WHERE organization_id = tests.acme()$$, 'others are awarded');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type = 'broke'), (SELECT count(*) FROM laurel.user_organizations WHERE organization_id = tests.acme()), 'events are written');
SELECT is(tests.error_of('SELECT pg_temp.earned(''broken'')'), 'P0001', 'who asks for it hears why');
DROP TRIGGER refuse_award ON laurel.badge_awards;
SELECT is(pg_temp.earned('broken'), (SELECT count(*) FROM laurel.user_organizations WHERE organization_id = tests.acme()), 'and makes up for it');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');

-- Names that anybody may take, and literals read another way, change nothing.
CREATE TEMP TABLE badges (organization_id uuid, id uuid, criteria jsonb, is_active boolean);
CREATE TEMP TABLE domain_events (user_id uuid);
SET LOCAL search_path = pg_temp, public;
SET LOCAL TimeZone = 'Asia/Tokyo';
SELECT pg_temp.happen('admin', 'held', 2);
SELECT laurel_internal.check_criteria('{"coursesCompleted": 1}');
RESET search_path;
SELECT is_empty('SELECT * FROM laurel.check()', 'all counts are right');

SELECT * FROM finish();
ROLLBACK;
