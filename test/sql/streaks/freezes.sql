-- Freezes: earned by streaks, held up to a number, and used for days that were missed.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
CREATE FUNCTION pg_temp.be_active(VARIADIC ago integer[]) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO laurel.daily_activity (organization_id, user_id, date) SELECT tests.acme(), tests.person('learner'), CURRENT_DATE - a FROM unnest(ago) WITH ORDINALITY u (a, n) ORDER BY n;
    RETURN (SELECT current_streak || ' ' || longest_streak FROM laurel.user_points WHERE user_id = tests.person('learner'));
END $$;
CREATE FUNCTION pg_temp.freezes() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(coalesce((CURRENT_DATE - used_for)::text, 'held'), ' ' ORDER BY earned_on, used_for), 'none') FROM laurel.streak_freezes WHERE user_id = tests.person('learner')
$$;

-- Off where nothing is set.
SELECT is(pg_temp.be_active(60, 59, 58, 57, 55), '1 4', 'without settings a missed day ends a streak');
SELECT is(pg_temp.freezes(), 'none', 'and no streak brings freezes');

INSERT INTO laurel.streak_settings (organization_id, days_per_freeze, most_held) VALUES (tests.acme(), 3, 2);
SELECT is(pg_temp.be_active(54), '2 4', 'two days');
SELECT is(pg_temp.freezes(), 'none', 'bring none');
SELECT is(pg_temp.be_active(53), '3 4', 'the third one') UNION ALL SELECT is(pg_temp.freezes(), 'held', 'brings one');
SELECT is(pg_temp.be_active(52), '4 4', 'the fourth') UNION ALL SELECT is(pg_temp.freezes(), 'held', 'no other');
SELECT is(pg_temp.be_active(50), '5 5', 'the streak lives through a missed day') UNION ALL SELECT is(pg_temp.freezes(), '51', 'for which the freeze is used');
SELECT is((SELECT freezes_used FROM laurel.daily_activity WHERE date = CURRENT_DATE - 50), 1, 'as the day says');
SELECT is(pg_temp.be_active(50 - 1, 48, 47, 46), '9 9', 'on it goes');
SELECT is(pg_temp.freezes(), '51 held', 'after as many days again there is one more; a statement brings one at most');
SELECT is(pg_temp.be_active(45) || pg_temp.be_active(44) || pg_temp.be_active(43), '10 1011 1112 12', 'and on') UNION ALL SELECT is(pg_temp.freezes(), '51 held held', 'two are held');
SELECT is(pg_temp.be_active(42) || pg_temp.be_active(41) || pg_temp.be_active(40), '13 1314 1415 15', 'and on') UNION ALL SELECT is(pg_temp.freezes(), '51 held held', 'never more');
SELECT is(pg_temp.be_active(36), '1 15', 'three missed days are too many for two') UNION ALL SELECT is(pg_temp.freezes(), '51 held held', 'which stay');
SELECT is(pg_temp.be_active(33), '2 15', 'two are not') UNION ALL SELECT is(pg_temp.freezes(), '51 35 34', 'the oldest goes first');
SELECT is(pg_temp.be_active(31), '1 15', 'then there is none');
SELECT is_empty($$ SELECT * FROM laurel.verify_ledger() $$, 'verify_ledger counts as the account does');

-- Counted anew, a streak is the same; a missed day that comes late is a day.
SELECT is(tests.error_of($$ UPDATE laurel.daily_activity SET freezes_used = 5 $$), '23001 daily_activity_freezes_used_immutable', 'nobody writes how many were used');
INSERT INTO laurel.daily_activity (organization_id, user_id, date) VALUES (tests.acme(), tests.person('learner'), CURRENT_DATE - 51);
SELECT is((SELECT longest_streak FROM laurel.user_points WHERE user_id = tests.person('learner')), 16, 'the day counts beside its freeze');
SELECT is(pg_temp.freezes(), '51 35 34', 'which is not used twice');
SELECT is_empty($$ SELECT * FROM laurel.verify_ledger() $$, 'and all is sound');

-- Several days in one statement.
INSERT INTO laurel.streak_freezes (organization_id, user_id, earned_on) SELECT tests.acme(), tests.person('learner'), CURRENT_DATE - 100 - n FROM generate_series(1, 2) n;
SELECT is(pg_temp.be_active(30, 28, 26), '4 16', 'each missed day of a statement has its own freeze');
SELECT is(pg_temp.freezes(), '29 27 51 35 34 held', 'in their order, and four days bring one');

-- A day that goes and comes again has its freezes still, and needs no others.
DELETE FROM laurel.daily_activity WHERE user_id = tests.person('learner') AND date = CURRENT_DATE - 26;
SELECT is(pg_temp.freezes(), '29 27 51 35 34 held', 'a day that goes gives no freeze back');
SELECT is(pg_temp.be_active(26), '4 16', 'when it comes again') UNION ALL SELECT is(pg_temp.freezes(), '29 27 51 35 34 held', 'its freezes are there');
SELECT is((SELECT freezes_used FROM laurel.daily_activity WHERE user_id = tests.person('learner') AND date = CURRENT_DATE - 26), 1, 'as it says');
DELETE FROM laurel.daily_activity WHERE user_id = tests.person('learner') AND date >= CURRENT_DATE - 28;
SELECT is(pg_temp.be_active(25), '1 16', 'four missed days, one of them frozen, are too many for one freeze');
DELETE FROM laurel.daily_activity WHERE user_id = tests.person('learner') AND date = CURRENT_DATE - 25;
INSERT INTO laurel.streak_freezes (organization_id, user_id, earned_on) SELECT tests.acme(), tests.person('learner'), CURRENT_DATE - 110;
SELECT is(pg_temp.be_active(26), '3 16', 'three are not, with two') UNION ALL SELECT is(pg_temp.freezes(), '28 29 27 51 35 34 held', 'of which the days without one get theirs');
SELECT is_empty($$ SELECT * FROM laurel.check() $$, 'laurel.check() finds days and freezes in accord');
SELECT is_empty($$ SELECT * FROM laurel.verify_ledger() $$, 'and the ledger sound');
SAVEPOINT corrupted;
SET LOCAL session_replication_role = replica;
UPDATE laurel.daily_activity SET freezes_used = freezes_used + 1 WHERE date = CURRENT_DATE - 50;
UPDATE laurel.streak_freezes SET used_for = NULL, used_at = NULL WHERE used_for = CURRENT_DATE - 34;
SET LOCAL session_replication_role = origin;
SELECT results_eq($$ SELECT table_name, guard, problem FROM laurel.check('laurel.daily_activity') ORDER BY problem $$, $$ VALUES
    ('laurel.daily_activity', 'freezes', 'freezes_used is 2, and freezes were used for 1 of these days'), ('laurel.daily_activity', 'freezes', 'freezes_used is 2, and freezes were used for 1 of these days') $$,
    'or says which are not');
ROLLBACK TO corrupted;

-- What members see.
INSERT INTO laurel.streak_freezes (organization_id, user_id, earned_on) SELECT tests.acme(), tests.person('learner'), CURRENT_DATE - 200;
SELECT is(pg_temp.be_active(2), '1 16', 'a day before yesterday');
SELECT tests.act_as_learner();
SELECT is(laurel.streak_of(tests.person('learner')), 1, 'is alive while there is a freeze');
SELECT is((SELECT count(*) FROM laurel.streak_freezes WHERE used_for IS NULL), 2::bigint, 'which its member sees');
SELECT is((SELECT count(*) FROM laurel.streak_settings), 1::bigint, 'and how they are earned');
SELECT is(tests.error_of($$ INSERT INTO laurel.streak_freezes (user_id) VALUES (laurel.uid()) $$), '42501', 'members give themselves none');
SELECT is(tests.error_of($$ UPDATE laurel.streak_freezes SET used_for = NULL, used_at = NULL $$), '42501', 'nor take one back');
SELECT is(tests.error_of($$ UPDATE laurel.streak_settings SET most_held = 9 $$), 'none', 'nor change what is set');
SELECT is((SELECT current_streak FROM laurel.record_activity()), 2, 'activity uses it');
SELECT is((SELECT used_for FROM laurel.streak_freezes ORDER BY used_at DESC NULLS LAST LIMIT 1), CURRENT_DATE - 1, 'for yesterday');
SELECT is((SELECT current_streak FROM laurel.record_activity()), 2, 'once');
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT count(*) FROM laurel.streak_freezes), 0::bigint, 'other organizations see none');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ UPDATE laurel.streak_settings SET most_held = 5 $$), 'none', 'administrators set how many');
SELECT is((SELECT most_held FROM laurel.streak_settings), 5, 'and they alone');
SELECT is(tests.error_of(format('UPDATE laurel.streak_settings SET %s', change)), error, change)
FROM (VALUES ('most_held = 0', '23514 streak_settings_most_held_check'), ('most_held = 31', '23514 streak_settings_most_held_check'), ('days_per_freeze = 0', '23514 streak_settings_days_per_freeze_check'),
    ('days_per_freeze = 1001', '23514 streak_settings_days_per_freeze_check')) AS known (change, error);
SELECT tests.act_as_service();
SELECT is(tests.error_of(format('INSERT INTO laurel.streak_freezes (organization_id, user_id) VALUES (%L, %L)', tests.acme(), tests.person('learner'))), 'none', 'the back end gives one');
SELECT is(tests.error_of(format('INSERT INTO laurel.streak_freezes (organization_id, user_id) VALUES (%L, %L)', tests.acme(), tests.person('learner'))), '23505 streak_freezes_earned_on_key', 'a day');
SELECT is(tests.error_of(format('INSERT INTO laurel.streak_freezes (organization_id, user_id) VALUES (%L, %L)', tests.bolt(), tests.person('learner'))), '23503 streak_freezes_membership_fkey', 'to members');
SELECT tests.act_as_owner();
DELETE FROM laurel.streak_settings;
SELECT is(laurel.streak_of(tests.person('learner'), tests.acme()), 2, 'without settings the streak stays what it was');

SELECT * FROM finish();
ROLLBACK;
