-- What messages are made of: names, times and links as their reader can use them.
\ir ../support/load.sql
BEGIN;
SELECT plan(52);

SELECT tests.found('a'), tests.crowd('a', 1, 1);
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '0.1.0');
INSERT INTO laurel.notification_templates (type, channel, subject, body_text, body_html)
VALUES ('greeting', 'email', '{{title}}', '{{first_name}}|{{user_name}}', NULL), ('link', 'email', '{{title}}', '{{link}}', '<a href="{{link}}">'), ('time', 'email', '{{title}}', '{{created_at}}', NULL);
CREATE FUNCTION pg_temp.message(type text, link text DEFAULT NULL) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM laurel.notification_deliveries;
    PERFORM laurel.notify(tests.one('a', 1), type, 'Title', link => link);
    RETURN (SELECT message FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 1));
END
$$;

-- Names.
CREATE FUNCTION pg_temp.greeted(full_name text, first_name text, last_name text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    UPDATE laurel.users u SET full_name = greeted.full_name, first_name = greeted.first_name, last_name = greeted.last_name WHERE id = tests.one('a', 1);
    SELECT pg_temp.message('greeting') ->> 'text'
$$;
SELECT is(pg_temp.greeted(full_name, first_name, last_name), greeting, concat_ws(', ', 'full: ' || full_name, 'first: ' || first_name))
FROM (VALUES ('Mira Lund', NULL, NULL, 'Mira|Mira Lund'), ('Mira Lund', 'Mi', NULL, 'Mi|Mira Lund'), ('Mira Lund', '', NULL, 'Mira|Mira Lund'), ('Mira Lund', ' ', NULL, 'Mira|Mira Lund'),
    (NULL, 'Mira Johanna', 'Lund', 'Mira Johanna|Mira Johanna Lund'), ('Lund, Mira', NULL, NULL, 'Mira|Lund, Mira'), ('Dr. Mira Lund', NULL, NULL, 'Dr. Mira Lund|Dr. Mira Lund'),
    (NULL, NULL, NULL, 'a1|a1'), (NULL, NULL, 'Lund', 'Lund|Lund')) v (full_name, first_name, last_name, greeting);
SELECT is((SELECT pg_temp.message('greeting') ->> 'to_name'), 'Lund', 'the mail is addressed to the name');
UPDATE laurel.users SET full_name = NULL, last_name = NULL;
SELECT is((SELECT pg_temp.message('greeting') ->> 'to_name'), '', 'to none where there is none');

-- Links, joined with the address of the application.
CREATE FUNCTION pg_temp.base(url text) RETURNS void LANGUAGE sql AS $$
    UPDATE laurel.organizations SET settings = CASE WHEN url IS NULL THEN '{}' ELSE jsonb_build_object('notifications', jsonb_build_object('base_url', url)) END WHERE id = tests.org('a')
$$;
SELECT pg_temp.base('https://learn.example.com/app/');
SELECT is(pg_temp.message('link', link) ->> 'text', joined, link)
FROM (VALUES ('/badges/1', 'https://learn.example.com/app/badges/1'), ('badges/1', 'https://learn.example.com/app/badges/1'), ('?tab=2', 'https://learn.example.com/app?tab=2'),
    ('#top', 'https://learn.example.com/app#top'), ('../x', 'https://learn.example.com/app/../x'), ('//cdn.example.com/x', 'https://cdn.example.com/x'),
    ('https://example.com/?a=1&b=2', 'https://example.com/?a=1&b=2'), ('HTTPS://Example.com/x', 'HTTPS://Example.com/x'), ('mailto:ana@example.com', 'mailto:ana@example.com'),
    ('tel:+4144', 'tel:+4144'), ('learn-app://course/1', 'learn-app://course/1'), ('/kurse/größe', 'https://learn.example.com/app/kurse/gr%C3%B6%C3%9Fe'),
    ('/a b', 'https://learn.example.com/app/a%20b'), ('/a%20b', 'https://learn.example.com/app/a%20b'), ('https://bücher.example/größe', 'https://bücher.example/gr%C3%B6%C3%9Fe'),
    ('/x"><script>', 'https://learn.example.com/app/x%22%3E%3Cscript%3E'), ('a/b:c', 'https://learn.example.com/app/a/b:c')) v (link, joined);
SELECT pg_temp.base(NULL);
SELECT is(pg_temp.message('link', '/badges/1') ->> 'text', '/badges/1', 'where nobody knows that address, as it was written');
SELECT unalike((SELECT pg_temp.message('plain', '/badges/1') ->> 'html'), '%<a%', 'and not to be followed');
SELECT alike((SELECT pg_temp.message('plain', '/badges/1') ->> 'html'), '%/badges/1%', 'but told');
SELECT is(tests.error_of(format('SELECT laurel.notify(tests.one(''a'', 1), ''x'', ''x'', link => %L)', link)), '23514 notifications_link_check', 'refused: ' || link)
FROM unnest(ARRAY['javascript:alert(1)', ' JavaScript:alert(1)', 'data:text/html,x', ' /x', '/x ', E'/x\n']) link;
SELECT is(tests.error_of(format('SELECT pg_temp.base(%L)', url)), '23514 organizations_settings_notifications_check', 'no address of an application: ' || url)
FROM unnest('{mailto:a@b,https://x/?y=1,https://x/#y}'::text[]) url;

-- A digest whose links lead nowhere tells them.
UPDATE laurel.user_preferences SET notification_preferences = '{"digest": {"email": {"window": "1 day"}}}' WHERE user_id = tests.one('a', 1);
CREATE FUNCTION pg_temp.digest(link text, said text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM laurel.notification_deliveries;
    PERFORM laurel.notify(tests.one('a', 1), 'news', 'Title', said, link => link);
    UPDATE laurel.notification_deliveries SET due_at = clock_timestamp();
    RETURN (SELECT substring(message ->> 'html' FROM '<li>.*</li>') FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 1));
END
$$;
SELECT is(pg_temp.digest('/badges/1'), '<li>Title<br>/badges/1</li>', 'as it was written');
SELECT is(pg_temp.digest('https://example.com/1'), '<li><a href="https://example.com/1">Title</a></li>', 'and follows those that lead somewhere');
SELECT is(pg_temp.digest(NULL, 'x' || repeat('ü', 600)), '<li>Title<br>x' || repeat('ü', 499) || '...</li>', 'long messages are cut between characters');
UPDATE laurel.user_preferences SET notification_preferences = '{}' WHERE user_id = tests.one('a', 1);

-- A subject is cut after 1,000 bytes, between what is read as one character.
INSERT INTO laurel.notification_templates (type, channel, subject, body_text) VALUES ('long', 'email', repeat('{{title}}', 20) || '{{data.x}}', 'x');
CREATE FUNCTION pg_temp.subject(x text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM laurel.notification_deliveries;
    PERFORM laurel.notify(tests.one('a', 1), 'long', '.', data => jsonb_build_object('x', x));
    RETURN (SELECT message ->> 'subject' FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 1));
END
$$;
SELECT is(pg_temp.subject(repeat('x', 2000)), repeat('.', 20) || repeat('x', 980), 'a long subject');
SELECT is(pg_temp.subject(repeat(x, 2000 / octet_length(x))), repeat('.', 20) || repeat(x, 980 / octet_length(x)), 'of ' || x)
FROM unnest(ARRAY['ü', U&'\+01F468\200D\+01F469\200D\+01F467', U&'e\0301', U&'\+01F1E8\+01F1ED']) x;

-- Times, on the reader's clock.
UPDATE laurel.user_preferences SET time_zone = 'America/Los_Angeles' WHERE user_id = tests.one('a', 1);
CREATE FUNCTION pg_temp.time_in(tag text) RETURNS text LANGUAGE sql AS $$
    UPDATE laurel.user_preferences SET language = tag WHERE user_id = tests.one('a', 1);
    SELECT pg_temp.message('time') ->> 'text'
$$;
SELECT alike(pg_temp.time_in('de'), to_char(now() AT TIME ZONE 'America/Los_Angeles', '%YYYY%HH24:MI'), 'the time where the reader is');
SELECT matches(pg_temp.time_in('en'), '^([A-Z][a-z]+ [0-9]+, [0-9]{4} at [0-9]+:[0-9]{2} [AP]M|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2})$', 'in the language, where the server has ICU');
SELECT alike(pg_temp.time_in('zh-Hant-TW'), to_char(now() AT TIME ZONE 'America/Los_Angeles', 'YYYY%'), 'whatever it is');
SELECT alike(pg_temp.time_in('tlh'), to_char(now() AT TIME ZONE 'America/Los_Angeles', '%YYYY%'), 'known or not');

SELECT * FROM finish();
ROLLBACK;
