-- Nobody makes up a streak: clients record activity of the days of the organization's tolerance, the back end of any day.
\ir ../support/load.sql
BEGIN;
SELECT no_plan();

-- The first moment, where the member is, of the day of so long ago.
CREATE FUNCTION pg_temp.dawn(zone text, ago interval) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT date_trunc('day', (now() - ago) AT TIME ZONE zone) AT TIME ZONE zone
$$;
SELECT tests.cast('ann', 'kim', 'admin');
UPDATE laurel.organizations SET time_zone = 'America/New_York' WHERE id = tests.acme();
UPDATE laurel.user_preferences SET time_zone = 'Pacific/Kiritimati' WHERE user_id = tests.person('kim');

SELECT tests.act_as(tests.person('ann'));
SELECT is((SELECT max(longest_streak) FROM generate_series(0, 2) g, laurel.record_activity(at => now() - g * interval '24 hours')), 3,
    'a device that was offline for two days tells them all');
SELECT is(tests.error_of($$SELECT laurel.record_activity(at => now() - interval '100 hours')$$), '23514 daily_activity_tolerance_check', 'ten years in one call');
SELECT is(tests.error_of(format('SELECT laurel.record_activity(at => %L)', pg_temp.dawn('America/New_York', '48 hours'))), 'none', 'the first day counts from its first moment');
SELECT is(tests.error_of(format('SELECT laurel.record_activity(at => %L)', pg_temp.dawn('America/New_York', '48 hours') - interval '1 microsecond')),
    '23514 daily_activity_tolerance_check', 'and what lies a moment before it does not');
SELECT tests.act_as(tests.person('kim'));
SELECT is(tests.error_of(format('SELECT laurel.record_activity(at => %L)', pg_temp.dawn('Pacific/Kiritimati', '48 hours'))), 'none', 'a day is one of the member''s own zone');
SELECT is(tests.error_of(format('SELECT laurel.record_activity(at => %L)', pg_temp.dawn('Pacific/Kiritimati', '48 hours') - interval '1 microsecond')),
    '23514 daily_activity_tolerance_check', 'at its end too');
SET LOCAL TimeZone = 'Pacific/Pago_Pago';
SELECT is(tests.error_of(format('SELECT laurel.record_activity(at => %L)', pg_temp.dawn('Pacific/Kiritimati', '48 hours') - interval '1 microsecond')),
    '23514 daily_activity_tolerance_check', 'whatever zone the session claims');
SET LOCAL TimeZone = 'UTC';
SELECT tests.act_as_admin();
SELECT is(tests.error_of(format('SELECT laurel.record_activity(%L, now() - interval %L)', tests.person('ann'), '100 hours')), '23514 daily_activity_tolerance_check',
    'administrators are clients as well');
SELECT lives_ok($$UPDATE laurel.organizations SET activity_tolerance = '0'$$, 'they say how long');
SELECT is((SELECT activity_tolerance FROM laurel.organizations), '0'::interval, 'none at all');
SELECT is(tests.error_of(format('UPDATE laurel.organizations SET activity_tolerance = %L', t)), '23514 organizations_activity_tolerance_check', 'not ' || t)
    FROM unnest(ARRAY['7 days 1 second', '1 month', '-1 second']) t;
SELECT tests.act_as(tests.person('ann'));
SELECT is(tests.error_of('SELECT laurel.record_activity()'), 'none', 'without tolerance, today');
SELECT is(tests.error_of(format('SELECT laurel.record_activity(at => %L)', pg_temp.dawn('America/New_York', '0') - interval '1 microsecond')),
    '23514 daily_activity_tolerance_check', 'and not yesterday');

-- Rows that an application lets its clients write directly.
SELECT tests.act_as_owner();
UPDATE laurel.organizations SET activity_tolerance = '7 days';
GRANT INSERT, UPDATE ON laurel.daily_activity TO authenticated;
CREATE POLICY own ON laurel.daily_activity TO authenticated USING (user_id = laurel.uid()) WITH CHECK (user_id = laurel.uid());
SELECT tests.act_as(tests.person('ann'));
SELECT is(tests.error_of(format('INSERT INTO laurel.daily_activity (organization_id, user_id, date) VALUES (%L, %L, %L)', tests.acme(), tests.person('ann'), d)),
    expected, format('the day of %s', d))
FROM (VALUES (((now() - interval '7 days') AT TIME ZONE 'America/New_York')::date, 'none'),
             (((now() - interval '8 days') AT TIME ZONE 'America/New_York')::date, '23514 daily_activity_tolerance_check')) v (d, expected);
SELECT is(tests.error_of($$UPDATE laurel.daily_activity SET date = '2020-01-01'$$), '23514 daily_activity_tolerance_check', 'a day moved into the past');

-- The back end may date back.
SELECT tests.act_as_service();
SELECT lives_ok(format('SELECT laurel.record_activity(%L, now() - interval %L)', tests.person('kim'), '10 years'), 'the back end records what it knows');
SELECT lives_ok(format('INSERT INTO laurel.daily_activity (organization_id, user_id, date) VALUES (%L, %L, %L)', tests.acme(), tests.person('kim'), '2020-01-01'), 'also directly');

SELECT * FROM finish();
ROLLBACK;
