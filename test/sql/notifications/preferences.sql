-- What users and organizations may say about deliveries, and what follows from it.
\ir ../support/load.sql
BEGIN;
SELECT plan(87);

SELECT tests.cast('ada');

CREATE FUNCTION pg_temp.prefers(preferences jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('UPDATE laurel.user_preferences SET notification_preferences = %L
        WHERE user_id = tests.person(''ada'')', preferences))
$$;
CREATE FUNCTION pg_temp.organizes(settings jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('UPDATE laurel.organizations SET settings = %L
        WHERE id = tests.acme()', settings))
$$;
GRANT EXECUTE ON FUNCTION pg_temp.prefers(jsonb), pg_temp.organizes(jsonb) TO authenticated;

-- The user, whose row it is, writes it.
SELECT tests.act_as(tests.person('ada'));
SELECT is(pg_temp.prefers('{"channels": {"email": true, "push": false, "webhook": true, "in_app": true},
    "types": {"badge_earned": {"email": false, "digest": false}, "x y": {}},
    "quiet_hours": {"start": "22:00", "end": "07:00"},
    "digest": {"email": {"window": "1 day", "at": "08:00"}, "push": {"window": "1 week", "day": "monday"}}}'),
    'none', 'everything that can be said');
SELECT is(pg_temp.prefers('{}'), 'none', 'nothing');
SELECT is(pg_temp.prefers('{"quiet_hours": false, "digest": {"email": false}}'), 'none',
          'no to what the organization says');
SELECT is(pg_temp.prefers(said), '23514 user_preferences_notification_preferences_shape_check', name)
FROM (VALUES
    ('unknown_setting', '{"emails": true}'::jsonb),
    ('unknown_channel', '{"channels": {"sms": true}}'),
    ('channels_no_object', '{"channels": ["email"]}'),
    ('channel_no_flag', '{"channels": {"email": "yes"}}'),
    ('unknown_channel_of_a_type', '{"types": {"news": {"mail": false}}}'),
    ('type_no_object', '{"types": {"news": false}}'),
    ('quiet_hours_without_end', '{"quiet_hours": {"start": "22:00"}}'),
    ('quiet_hours_of_no_length', '{"quiet_hours": {"start": "22:00", "end": "22:00"}}'),
    ('quiet_hours_no_time', '{"quiet_hours": {"start": "22:00", "end": "7"}}'),
    ('quiet_hours_no_such_time', '{"quiet_hours": {"start": "24:00", "end": "07:00"}}'),
    ('quiet_hours_unknown_key', '{"quiet_hours": {"start": "22:00", "end": "07:00", "zone": "UTC"}}'),
    ('quiet_hours_true', '{"quiet_hours": true}'),
    ('digest_of_webhooks', '{"digest": {"webhook": {"window": "1 day"}}}'),
    ('digest_without_window', '{"digest": {"email": {"at": "08:00"}}}'),
    ('digest_window_that_divides_nothing', '{"digest": {"email": {"window": "7 hours"}}}'),
    ('digest_window_no_text', '{"digest": {"email": {"window": 60}}}'),
    ('digest_at_no_time', '{"digest": {"email": {"window": "1 day", "at": 8}}}'),
    ('digest_on_no_day', '{"digest": {"email": {"window": "1 week", "day": "Monday"}}}'),
    ('verified_only_of_a_user', '{"verified_only": true}')
) AS v (name, said);
SELECT tests.act_as_owner();
SELECT throws_ok(
    $$ UPDATE laurel.user_preferences SET notification_preferences = '{"digest": {"email": {"window": "7 hours"}}}'
       WHERE user_id = tests.person('ada') $$,
    '23514', 'these are no notification preferences', 'the message says what it is about');
SELECT is(tests.told(format('UPDATE laurel.user_preferences SET notification_preferences = %L WHERE user_id = tests.person(''ada'')', said)),
    '23514 | these are no notification preferences | notification_preferences.' || told || ' | user_preferences_notification_preferences_shape_check', said) FROM (VALUES
    ('{"chanels": {}}', 'chanels: there is no such setting. | There are channels, types, quiet_hours and digest. Did you mean "channels"?'),
    ('{"chan\u200bnels": {}}', 'chan<U+200B>nels: there is no such setting. | There are channels, types, quiet_hours and digest. Did you mean "channels"?'),
    ('{"' || repeat('k', 500) || '": {}}', repeat('k', 60) || '...: there is no such setting. | There are channels, types, quiet_hours and digest.'),
    ('{"Types": {}}', 'Types: there is no such setting. | There are channels, types, quiet_hours and digest. Did you mean "types"?'),
    ('{"channels": {"emial": true}}', 'channels.emial: there is no such setting. | Channels are email, push, webhook and in_app. Did you mean "email"?'),
    ('{"channels": {"fax": true}}', 'channels.fax: there is no such setting. | Channels are email, push, webhook and in_app.'),
    ('{"types": {"news": {"degist": true}}}', 'types.news.degist: there is no such setting. | A type has email, push, webhook, in_app and digest. Did you mean "digest"?'),
    ('{"quiet_hours": {"strat": "22:00", "end": "07:00"}}', 'quiet_hours.strat: there is no such setting. | Quiet hours have start and end. Did you mean "start"?'),
    ('{"channels": {"email": "yes"}}', 'channels.email: must be true or false, not "yes".'), ('{"channels": ["email"]}', 'channels: must be an object, not ["email"].'),
    ('{"quiet_hours": {"start": 22, "end": "07:00"}}', 'quiet_hours.start: must be a text, not 22.'), ('{"quiet_hours": {"start": "22", "end": "07:00"}}', 'quiet_hours.start: must be a time of day such as 07:30, not "22".'),
    ('{"digest": {"email": {"window": "1 week", "day": "Monday"}}}', 'digest.email.day: must be the name of a day in lower case, such as monday, not "Monday".')) v (said, told);
SELECT is(pg_temp.organizes('{"notifications": {"channels": {"push": true}, "verified_only": true,
    "base_url": "https://learn.example.com", "unsubscribe_url": "https://learn.example.com/u?u={{user_id}}"}}'),
    'none', 'an organization says more');
SELECT is(pg_temp.organizes('{"theme": "dark"}'), 'none', 'or nothing about notifications');
SELECT is(pg_temp.organizes(said), '23514 organizations_settings_notifications_check', name)
FROM (VALUES
    ('organization_no_object', '{"notifications": true}'::jsonb),
    ('organization_unknown_setting', '{"notifications": {"mail": true}}'),
    ('organization_relative_link', '{"notifications": {"base_url": "/x"}}'),
    ('organization_script', '{"notifications": {"unsubscribe_url": "javascript:alert(1)"}}'),
    ('organization_token_twice', '{"notifications": {"unsubscribe_url": "https://x/{{token}}?again={{token}}"}}'),
    ('organization_user_twice', '{"notifications": {"unsubscribe_url": "https://x/{{user_id}}?again={{user_id}}"}}'),
    ('organization_type_twice', '{"notifications": {"unsubscribe_url": "https://x/{{type}}?again={{type}}"}}'),
    ('organization_link_with_blank', '{"notifications": {"base_url": "https://a b"}}'),
    ('organization_verified_only_no_flag', '{"notifications": {"verified_only": "yes"}}')
) AS v (name, said);
SELECT tests.act_as(tests.person('ada'));
SELECT throws_ok($$ SELECT laurel_internal.is_wanted('email', 'x', NULL, '{}', NULL) $$, '42501', NULL,
                 'helpers_called_by_a_user');
SELECT tests.act_as_owner();

-- Who is told where: the more specific wins.
SELECT is(laurel_internal.is_wanted(channel, 'news', channels::text[], preferences::jsonb, defaults::jsonb), wanted, name)
FROM (VALUES
    ('e-mail by default', 'email', NULL, NULL, NULL, true),
    ('no push by default', 'push', NULL, NULL, NULL, false),
    ('the application by default', 'in_app', NULL, NULL, NULL, true),
    ('webhooks by default', 'webhook', NULL, '{}', '{}', true),
    ('the organization''s channels', 'push', NULL, '{}', '{"channels": {"push": true}}', true),
    ('the organization''s types first', 'push', NULL, '{}',
        '{"channels": {"push": true}, "types": {"news": {"push": false}}}', false),
    ('the user''s channels before the organization''s types', 'push', NULL, '{"channels": {"push": true}}',
        '{"types": {"news": {"push": false}}}', true),
    ('the user''s types before the user''s channels', 'push', NULL,
        '{"channels": {"push": false}, "types": {"news": {"push": true}}}', NULL, true),
    ('other types say nothing', 'push', NULL, '{"types": {"other": {"push": true}}}', NULL, false),
    ('other channels say nothing', 'email', NULL, '{"channels": {"push": false}}', NULL, true),
    ('named channels decide alone', 'email', '{push}', '{"channels": {"email": true}}', NULL, false),
    ('also against a no', 'push', '{push}', '{"channels": {"push": false}}', NULL, true),
    ('no channel at all', 'email', '{}', NULL, NULL, false),
    ('named channels leave the application alone', 'in_app', '{}', NULL, NULL, true)
) AS v (name, channel, channels, preferences, defaults, wanted);

-- Quiet hours on the reader's clock.
SELECT is(laurel_internal.quiet_until(at::timestamptz, '{"quiet_hours": {"start": "22:00", "end": "07:00"}}', NULL, zone),
          until::timestamptz, name)
FROM (VALUES
    ('before they begin', '2026-06-01 19:59:59+00', 'Europe/Berlin', '2026-06-01 19:59:59+00'),
    ('in the evening', '2026-06-01 20:00+00', 'Europe/Berlin', '2026-06-02 05:00+00'),
    ('after midnight', '2026-06-02 00:30+00', 'Europe/Berlin', '2026-06-02 05:00+00'),
    ('when they end', '2026-06-02 05:00+00', 'Europe/Berlin', '2026-06-02 05:00+00'),
    ('where the day is another', '2026-06-01 20:00+00', 'Pacific/Auckland', '2026-06-01 20:00+00'),
    ('the night the clock goes forward', '2026-03-28 22:00+00', 'Europe/Berlin', '2026-03-29 05:00+00'),
    ('the night the clock goes back', '2026-10-24 21:00+00', 'Europe/Berlin', '2026-10-25 06:00+00')
) AS v (name, at, zone, until);
SELECT is(laurel_internal.quiet_until('2026-03-29 00:30+00', '{"quiet_hours": {"start": "01:00", "end": "02:30"}}', NULL,
          'Europe/Berlin'), '2026-03-29 01:00+00', 'an end that the clock skips is there when it is turned');
SELECT is(laurel_internal.quiet_until(at::timestamptz, '{"quiet_hours": {"start": "01:00", "end": "02:30"}}', NULL, 'Europe/Berlin'), until::timestamptz, name)
FROM (VALUES
    ('an end that comes twice is there the first time', '2026-10-25 00:10+00', '2026-10-25 00:30+00'),
    ('nothing is quiet between the two', '2026-10-25 00:40+00', '2026-10-25 00:40+00'),
    ('what comes after it was turned waits again', '2026-10-25 01:10+00', '2026-10-25 01:30+00')
) AS v (name, at, until);
SELECT is(laurel_internal.quiet_until('2026-06-01 23:00+00', '{"quiet_hours": false}',
          '{"quiet_hours": {"start": "22:00", "end": "07:00"}}', 'UTC'), '2026-06-01 23:00+00', 'a user says no to them');
SELECT is(laurel_internal.quiet_until('2026-06-01 23:00+00', '{}',
          '{"quiet_hours": {"start": "22:00", "end": "07:00"}}', 'UTC'), '2026-06-02 07:00+00', 'the organization''s hold');

-- Ends of windows.
SELECT is(laurel_internal.digest_end('email', 'news', at::timestamptz,
          jsonb_build_object('digest', jsonb_build_object('email', digest::jsonb)), NULL, 'Europe/Berlin'),
          ends::timestamptz, name)
FROM (VALUES
    ('a day ends at its hour', '2026-06-01 05:59+00', '{"window": "1 day", "at": "08:00"}', '2026-06-01 06:00+00'),
    ('and then the next', '2026-06-01 06:00+00', '{"window": "1 day", "at": "08:00"}', '2026-06-02 06:00+00'),
    ('an hour', '2026-06-01 06:00+00', '{"window": "1 hour"}', '2026-06-01 07:00+00'),
    ('a day with 23 hours', '2026-03-28 12:00+00', '{"window": "1 day", "at": "12:00"}', '2026-03-29 10:00+00'),
    ('a week', '2026-06-01 12:00+00', '{"window": "1 week", "at": "08:00", "day": "monday"}', '2026-06-08 06:00+00'),
    ('quarters of an hour that comes twice', '2026-10-25 00:50+00', '{"window": "15 minutes"}', '2026-10-25 01:00+00'),
    ('the second time too', '2026-10-25 01:50+00', '{"window": "15 minutes"}', '2026-10-25 02:00+00'),
    ('four hours in which one comes twice', '2026-10-24 22:30+00', '{"window": "4 hours"}', '2026-10-25 02:00+00'),
    ('and what is left until the clock shows four', '2026-10-25 02:00+00', '{"window": "4 hours"}', '2026-10-25 03:00+00')
) AS v (name, at, digest, ends);
SELECT is(laurel_internal.digest_end('push', 'news', now(), '{"digest": {"email": {"window": "1 day"}}}', NULL, 'UTC'),
          NULL, 'a digest is of its channel');
SELECT is(laurel_internal.digest_end('email', 'news', now(),
          '{"digest": {"email": {"window": "1 day"}}, "types": {"news": {"digest": false}}}', NULL, 'UTC'), NULL,
          'a type can stay out');
SELECT is(laurel_internal.digest_end('email', 'news', now(), '{"digest": {"email": false}}',
          '{"digest": {"email": {"window": "1 day"}}}', 'UTC'), NULL, 'a user says no to the organization''s digest');

SELECT * FROM finish();
ROLLBACK;
