-- Streaks of members who travel: a day that the date line swallowed was not missed.
\ir ../support/load.sql
BEGIN;
SELECT plan(17);
SELECT tests.cast('ann', 'bob');

-- The streak of a member who was active at one moment here and at another there.
CREATE FUNCTION pg_temp.travelled(here text, first text, there text, second text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM laurel.daily_activity WHERE user_id = tests.person('ann');
    UPDATE laurel.user_preferences SET time_zone = here WHERE user_id = tests.person('ann');
    PERFORM laurel.record_activity(tests.person('ann'), (first || ' ' || here)::timestamptz);
    UPDATE laurel.user_preferences SET time_zone = there WHERE user_id = tests.person('ann');
    RETURN (laurel.record_activity(tests.person('ann'), (second || ' ' || there)::timestamptz)).current_streak;
END
$$;
SELECT is(pg_temp.travelled(here, first, there, second), streak, what)
FROM (VALUES
    ('Pacific/Honolulu', '2024-06-03 20:00', 'Pacific/Auckland', '2024-06-05 08:00', 2, 'west over the date line: Monday, then Wednesday 14 hours later'),
    ('Pacific/Honolulu', '2024-06-03 20:00', 'Pacific/Auckland', '2024-06-06 06:00', 2, 'exactly 36 hours later'),
    ('Pacific/Honolulu', '2024-06-03 20:00', 'Pacific/Auckland', '2024-06-06 06:01', 1, 'a minute more'),
    ('Pacific/Pago_Pago', '2024-06-03 23:59', 'Pacific/Kiritimati', '2024-06-06 12:59', 2, 'three days on, as far as clocks are apart'),
    ('Europe/Berlin', '2024-06-03 20:00', 'Asia/Tokyo', '2024-06-05 07:00', 2, 'not over the date line, but within 36 hours'),
    ('Europe/Berlin', '2024-06-03 20:00', 'Asia/Tokyo', '2024-06-04 23:00', 2, 'the next day anyway'),
    ('Pacific/Auckland', '2024-06-05 08:00', 'Pacific/Honolulu', '2024-06-04 11:00', 2, 'east over the date line: the day that comes twice'),
    ('Europe/Berlin', '2024-06-03 00:10', 'Europe/Berlin', '2024-06-05 00:05', 1, 'who stays missed the day between'),
    ('Europe/Berlin', '2024-03-30 23:50', 'Europe/Berlin', '2024-04-01 00:10', 1, 'also where that day had 23 hours'),
    ('America/New_York', '2024-11-02 23:50', 'America/Los_Angeles', '2024-11-04 00:10', 2, 'who went west as clocks went back did not')
) AS t (here, first, there, second, streak, what);

-- What follows from the days does so however it is counted.
SELECT pg_temp.travelled('Pacific/Honolulu', '2024-06-03 20:00', 'Pacific/Auckland', '2024-06-05 08:00');
SELECT laurel.record_activity(tests.person('ann'), '2024-06-05 23:00 Pacific/Auckland'),
    laurel.record_activity(tests.person('ann'), '2024-06-06 12:00 Pacific/Auckland');
INSERT INTO laurel.daily_activity (user_id, date) VALUES (tests.person('ann'), '2024-06-02');
SELECT is((SELECT current_streak FROM laurel.user_points WHERE user_id = tests.person('ann')), 4,
    'a day before joins, and a later hour of the day of arrival does not part');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'accounts agree with the days');
SELECT results_eq($$ SELECT date, first_activity_at AT TIME ZONE 'UTC', last_activity_at AT TIME ZONE 'UTC', time_zone
        FROM laurel.daily_activity WHERE user_id = tests.person('ann') AND date IN ('2024-06-03', '2024-06-05') ORDER BY 1 $$,
    $$ VALUES ('2024-06-03'::date, '2024-06-04 06:00'::timestamp, '2024-06-04 06:00'::timestamp, 'Pacific/Honolulu'),
        ('2024-06-05', '2024-06-04 20:00', '2024-06-05 11:00', 'Pacific/Auckland') $$, 'each day says where and when it was');
SELECT is((SELECT count(*) FROM laurel.daily_activity WHERE user_id = tests.person('ann') AND time_zone IS NULL), 1::bigint,
    'but not a day that was given without a time');
INSERT INTO laurel.daily_activity (user_id, date) SELECT tests.person('ann'), d::date FROM unnest('{2024-07-01, 2024-07-03}'::date[]) d;
SELECT is((SELECT current_streak FROM laurel.user_points WHERE user_id = tests.person('ann')), 1, 'which bridges nothing');

-- The streak is alive while activity now would add to it.
CREATE FUNCTION pg_temp.alive_after(hours integer, here text, there text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM laurel.daily_activity WHERE user_id = tests.person('bob');
    INSERT INTO laurel.daily_activity (user_id, date, first_activity_at, last_activity_at, time_zone)
        SELECT tests.person('bob'), (at AT TIME ZONE there)::date - 2, at, at, here FROM (SELECT now() - make_interval(hours => hours)) t (at);
    UPDATE laurel.user_preferences SET time_zone = there WHERE user_id = tests.person('bob');
    RETURN laurel.streak_of(tests.person('bob'));
END
$$;
SELECT is(pg_temp.alive_after(0, 'Pacific/Honolulu', 'Pacific/Auckland'), 1, 'a streak waits for who is on the way');
SELECT is(pg_temp.alive_after(0, 'Pacific/Auckland', 'Pacific/Auckland'), 0, 'not for who stayed');

SELECT * FROM finish();
ROLLBACK;
