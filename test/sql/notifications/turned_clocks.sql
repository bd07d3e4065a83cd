-- Digests and quiet hours wherever and whenever a clock is turned: every zone that the server knows, forward and back.
\ir ../support/load.sql
BEGIN;
SELECT plan(13);

CREATE FUNCTION pg_temp.window_end(span text, at timestamptz, zone text) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT laurel_internal.digest_end('email', 'news', at, jsonb_build_object('digest', jsonb_build_object('email', jsonb_build_object('window', span))), NULL, zone)
$$;
CREATE FUNCTION pg_temp.quiet_until(starts text, ends text, at timestamptz, zone text) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT laurel_internal.quiet_until(at, jsonb_build_object('quiet_hours', jsonb_build_object('start', starts, 'end', ends)), NULL, zone)
$$;

-- The days on which a clock is turned, of zones that do so alike only one: this year and the next, and when days were left
-- out, or clocks turned by half an hour or a quarter.
CREATE FUNCTION pg_temp.ahead(at timestamptz, zone text) RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT at AT TIME ZONE zone - at AT TIME ZONE 'UTC' $$;
CREATE TEMP TABLE turned AS
WITH months AS (SELECT z.name, m.month
    FROM pg_timezone_names z, unnest('{1986,1993,1995,2011,2018,2026,2027}'::int[]) y,
        LATERAL generate_series(make_timestamptz(y - 1, 12, 15, 0, 0, 0, 'UTC'), make_timestamptz(y, 12, 15, 0, 0, 0, 'UTC'), '1 month') m (month)
    WHERE z.name !~ '^posix/' AND pg_temp.ahead(m.month, z.name) <> pg_temp.ahead(m.month + interval '1 month', z.name))
SELECT DISTINCT ON (ahead, later_ahead, at::time) name, at, later_ahead - ahead AS by
FROM (SELECT d.name, h.at, pg_temp.ahead(h.at, d.name) AS ahead, pg_temp.ahead(h.at + interval '30 minutes', d.name) AS later_ahead
      FROM (SELECT m.name, d.day FROM months m, LATERAL generate_series(m.month, m.month + interval '1 month', '1 day') d (day)
            WHERE pg_temp.ahead(d.day, m.name) <> pg_temp.ahead(d.day + interval '1 day', m.name)) d,
          LATERAL generate_series(d.day, d.day + interval '1 day', '30 minutes') h (at)) t
WHERE ahead <> later_ahead ORDER BY ahead, later_ahead, at::time, name, at;
SELECT cmp_ok((SELECT count(*) FROM turned), '>', 50::bigint, 'clocks are turned');
SELECT ok((SELECT count(*) > 0 FROM turned WHERE by = wanted), 'also by ' || wanted)
FROM unnest('{1 hour,-1 hour,30 minutes,-30 minutes,15 minutes,24 hours}'::interval[]) wanted;

-- Every five minutes around it, and coarsely for a day before and after. A day is an hour longer where its clock goes back an hour.
CREATE TEMP TABLE ends AS
SELECT *, lag(ends) OVER (PARTITION BY name, turned, span ORDER BY at) AS before
FROM (SELECT t.name, t.at AS turned, t.by, span, s.at, pg_temp.window_end(span, s.at, t.name) AS ends
      FROM turned t, unnest('{15 minutes,30 minutes,45 minutes,1 hour,2 hours,4 hours,12 hours,1 day,1 week}'::text[]) span,
          LATERAL generate_series(t.at - interval '2 hours', t.at + interval '3 hours', '5 minutes') s (at)
      UNION ALL SELECT t.name, t.at, t.by, span, s.at, pg_temp.window_end(span, s.at, t.name)
      FROM turned t, unnest('{4 hours,12 hours,1 day}'::text[]) span,
          LATERAL generate_series(t.at - interval '26 hours', t.at + interval '26 hours', '40 minutes') s (at)) e;
SELECT is_empty('SELECT * FROM ends WHERE ends <= at', 'a window ends later than what comes into it');
SELECT is_empty($$ SELECT * FROM ends WHERE ends - at > span::interval + CASE WHEN span ~ 'day|week' THEN greatest(-by, '0') ELSE '0' END $$, 'and never later than it is long');
SELECT is_empty('SELECT * FROM ends WHERE ends < before', 'nor earlier than for what came before');

CREATE TEMP TABLE quiet AS
SELECT *, lag(until) OVER (PARTITION BY name, turned, starts ORDER BY at) AS before
FROM (SELECT t.name, t.at AS turned, q.starts, q.ends, s.at, pg_temp.quiet_until(q.starts, q.ends, s.at, t.name) AS until
      FROM turned t, (VALUES ('22:00', '07:00'), ('01:00', '02:30'), ('23:30', '00:15')) q (starts, ends),
          LATERAL generate_series(t.at - interval '9 hours', t.at + interval '25 hours', '10 minutes') s (at)) q;
CREATE FUNCTION pg_temp.is_quiet(starts text, ends text, at timestamptz, zone text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN starts < ends THEN c >= starts AND c < ends ELSE c >= starts OR c < ends END FROM to_char(at AT TIME ZONE zone, 'HH24:MI') c
$$;
SELECT is_empty('SELECT * FROM quiet WHERE pg_temp.is_quiet(starts, ends, until, name)', 'what waited for quiet hours goes when the clock shows none');
SELECT is_empty($$ SELECT * FROM quiet WHERE NOT pg_temp.is_quiet(starts, ends, at, name) AND until <> at
    OR pg_temp.is_quiet(starts, ends, at, name) AND NOT pg_temp.is_quiet(starts, ends, until - interval '1 minute', name) $$, 'and no later');
SELECT is_empty('SELECT * FROM quiet WHERE until < before', 'in the order it came');

SELECT * FROM finish();
ROLLBACK;
