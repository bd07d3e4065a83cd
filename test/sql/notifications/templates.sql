-- Templates: checked when they are written, chosen by who reads, filled in.
\ir ../support/load.sql
BEGIN;
SELECT plan(65);

SELECT tests.cast('ada', 'admin');
SELECT tests.join(tests.bolt(), 'uwe');
UPDATE laurel.users SET first_name = 'Ada', last_name = '<L>' WHERE id = tests.person('ada');
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '0.1.0');

CREATE FUNCTION pg_temp.write(subject text, body text DEFAULT 'x', html text DEFAULT NULL, channel text DEFAULT 'email', type text DEFAULT 'news',
    locale text DEFAULT '*') RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.notification_templates (type, channel, locale, subject, body_text, body_html)
        VALUES (%L, %L, %L, %L, %L, %L)', type, channel, locale, subject, body, html))
$$;
CREATE FUNCTION pg_temp.subject(language text, type text DEFAULT 'news', reader uuid DEFAULT tests.person('ada'))
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM laurel.notification_deliveries;
    UPDATE laurel.user_preferences SET language = subject.language WHERE user_id = reader;
    INSERT INTO laurel.notifications (user_id, type, title, message, link, data)
        VALUES (reader, type, 'A <title>', 'A & message', 'https://example.com/?a=1&b=2', '{"course": "C++ <20>", "n": 3, "ok": true, "none": null, "list": [1, 2]}');
    RETURN (SELECT message ->> 'subject' FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 1));
END
$$;

-- Refused.
SELECT is(pg_temp.write(subject, body, html, channel, type, locale), error, name)
FROM (VALUES
    ('unknown_field_in_subject', '{{tittle}}', 'x', NULL, 'email', 'news', '*', '23514 notification_templates_fields_check'),
    ('unknown_field_in_text', 'x', 'Hi {{name}}', NULL, 'email', 'news', '*', '23514 notification_templates_fields_check'),
    ('unknown_field_in_html', 'x', 'x', '<p>{{password_hash}}</p>', 'email', 'news', '*', '23514 notification_templates_fields_check'),
    ('field_not_closed', 'x', 'Hi {{title', NULL, 'email', 'news', '*', '23514 notification_templates_fields_check'),
    ('field_over_two_lines', 'x', E'Hi {{ti\ntle}}', NULL, 'email', 'news', '*', '23514 notification_templates_fields_check'),
    ('empty_field', 'x{{}}', 'x', NULL, 'email', 'news', '*', '23514 notification_templates_fields_check'),
    ('data_without_key', 'x', '{{data.}}', NULL, 'email', 'news', '*', '23514 notification_templates_fields_check'),
    ('field_of_digests', 'x', '{{items}}', NULL, 'email', 'news', '*', '23514 notification_templates_fields_check'),
    ('field_of_single_ones', 'x', '{{title}}', NULL, 'email', 'digest', '*', '23514 notification_templates_fields_check'),
    ('empty_subject', '', 'x', NULL, 'email', 'news', '*', '23514 notification_templates_subject_check'),
    ('subject_of_two_lines', E'a\nBcc: b', 'x', NULL, 'email', 'news', '*', '23514 notification_templates_subject_check'),
    ('empty_text', 'x', '', NULL, 'email', 'news', '*', '23514 notification_templates_body_text_check'),
    ('no_template_for_webhooks', 'x', 'x', NULL, 'webhook', 'news', '*', '23514 notification_templates_channel_check'),
    ('odd_locale', 'x', 'x', NULL, 'email', 'news', 'de-', '23514 notification_templates_locale_check')
) AS v (name, subject, body, html, channel, type, locale, error);
SELECT throws_ok($$ INSERT INTO laurel.notification_templates (type, channel, subject, body_text) VALUES ('news', 'email', 'x', '{{titel}}') $$,
    '23514', 'body_text of the template cannot be filled in', 'the message names the part');

-- Who writes and reads.
SELECT is(pg_temp.write('shared {{title}}', '{{message}}'), 'none', 'the owner writes for all');
SELECT is(pg_temp.write('shared {{title}}', '{{message}}'), '23505 notification_templates_key', 'once');
SELECT tests.act_as_admin();
SELECT lives_ok($$ INSERT INTO laurel.notification_templates (type, channel, subject, body_text) VALUES ('other', 'email', 'Acme {{title}}', 'x') $$, 'an administrator writes');
SELECT is((SELECT organization_id FROM laurel.notification_templates WHERE type = 'other'), tests.acme(), 'for the own organization');
SELECT throws_ok($$ INSERT INTO laurel.notification_templates (organization_id, type, channel, subject, body_text) VALUES (NULL, 'x', 'email', 'x', 'x') $$, '42501', NULL, 'administrator_writes_for_all');
SELECT throws_ok($$ INSERT INTO laurel.notification_templates (organization_id, type, channel, subject, body_text)
    VALUES (tests.bolt(), 'x', 'email', 'x', 'x') $$, '42501', NULL, 'administrator_writes_elsewhere');
SELECT is((SELECT count(*) FROM laurel.notification_templates), 2::bigint, 'an administrator reads the shared ones too');
WITH changed AS (UPDATE laurel.notification_templates SET subject = 'mine' WHERE organization_id IS NULL RETURNING id)
SELECT is(count(*), 0::bigint, 'but does not change them') FROM changed;
SELECT tests.act_as(tests.person('ada'));
SELECT is((SELECT count(*) FROM laurel.notification_templates), 0::bigint, 'a member reads none');
SELECT throws_ok($$ INSERT INTO laurel.notification_templates (type, channel, subject, body_text) VALUES ('y', 'email', 'x', 'x') $$, '42501', NULL, 'member_writes');
SELECT tests.act_as_anon();
SELECT throws_ok('SELECT FROM laurel.notification_templates', '42501', NULL, 'read_without_signing_in');
SELECT tests.act_as_owner();
SELECT throws_ok($$ UPDATE laurel.notification_templates SET organization_id = tests.bolt() WHERE type = 'other' $$,
    '23001', NULL, 'moved_to_another_organization');

-- Chosen.
INSERT INTO laurel.notification_templates (organization_id, type, channel, locale, subject, body_text) VALUES
    (NULL, 'news', 'email', 'de', 'shared de', 'x'), (NULL, '*', 'email', '*', 'shared any', 'x'), (NULL, 'news', 'push', '*', 'push', 'x'),
    (tests.acme(), 'mine', 'email', 'pt', 'acme pt', 'x'), (tests.acme(), 'mine', 'email', 'pt-br', 'acme pt-br', 'x'),
    (tests.acme(), 'mine', 'email', '*', 'acme any', 'x');
SELECT is(pg_temp.subject(language, type), subject, name)
FROM (VALUES
    ('the type in any language', 'en', 'news', 'shared A <title>'), ('its language first', 'de', 'news', 'shared de'), ('the region''s language', 'de-CH', 'news', 'shared de'),
    ('any type', 'en', 'unknown', 'shared any'), ('the organization first', 'en', 'mine', 'acme any'), ('the region first', 'pt_BR', 'mine', 'acme pt-br'),
    ('the language of another region', 'pt-PT', 'mine', 'acme pt'), ('the own type', 'en', 'other', 'Acme A <title>')
) AS v (name, language, type, subject);
-- The language of a reader is looked up part by part (RFC 4647, 3.4).
INSERT INTO laurel.notification_templates (organization_id, type, channel, locale, subject, body_text)
SELECT tests.acme(), 'spoken', 'email', l, f, 'x' FROM unnest('{zh_hant, zh, SR-latn, sr, en-gb, de-CH-1901, es-419, *}'::text[], '{zh-Hant, zh, sr-Latn, sr, en-GB, de-CH-1901, es-419, *}'::text[]) v (l, f);
SELECT is_empty($$ SELECT FROM laurel.notification_templates WHERE type = 'spoken' AND locale <> subject $$, 'each is kept in its usual case');
SELECT is(pg_temp.subject(language, 'spoken'), subject, language || ' reads ' || subject) FROM (VALUES
    ('zh-Hant-TW', 'zh-Hant'), ('zh_hant_hk', 'zh-Hant'), ('zh-Hans-CN', 'zh'), ('zh-TW', 'zh'), ('zh', 'zh'), ('sr-Latn-RS', 'sr-Latn'), ('sr-Cyrl', 'sr'), ('SR-RS', 'sr'), ('en-GB-oxendict', 'en-GB'), ('en-US', '*'),
    ('en', '*'), ('de-CH-1901', 'de-CH-1901'), ('de-CH-1901-x-acme', 'de-CH-1901'), ('de-CH', '*'), ('es-MX', '*'), ('es-419-u-nu-latn', 'es-419'), ('fr', '*'), ('zh-Hant-TW-u-ca-roc-x-a-b', 'zh-Hant'), ('x-private', '*')
) v (language, subject);
SELECT is(tests.error_of($$ INSERT INTO laurel.notification_templates (organization_id, type, channel, locale, subject, body_text) VALUES (tests.acme(), 'spoken', 'email', 'ZH_hant', 'x', 'x') $$),
    '23505 notification_templates_key', 'one locale in two spellings is one');
SELECT is(tests.told($$ UPDATE laurel.user_preferences SET language = 'deutsch' $$),
    '23514 | language of user_preferences must be a language tag | It is not made as BCP 47 says. | Write the language, then script and region where they matter: en, pt-BR, zh-Hant-TW. | user_preferences_language_check', 'who gets it wrong is told how');
SELECT is(tests.error_of($$ UPDATE laurel.user_preferences SET language = '*' $$), '23514 user_preferences_language_check', 'nobody reads any language');
SELECT is(pg_temp.subject('en', 'mine', tests.person('uwe')), 'shared any', 'another organization''s are not used');

-- Filled in.
DELETE FROM laurel.notification_templates;
INSERT INTO laurel.notification_templates (type, channel, subject, body_text, body_html) VALUES ('all', 'email', '{{ title }} {{data.course}}',
    E'{{type}} {{message}} {{link}} {{user_name}} {{first_name}} {{email}} {{organization}} {{data.n}} {{data.ok}} [{{data.none}}] [{{data.missing}}] {{data.list}} [{{unsubscribe}}]',
    '<a href="{{link}}">{{title}}</a> {{user_name}} {{data.course}}');
SELECT is(pg_temp.subject('en', 'all'), 'A <title> C++ <20>', 'the subject');
UPDATE laurel.notification_deliveries SET state = 'ready', lease_token = NULL, due_at = clock_timestamp();
CREATE TEMP TABLE m AS SELECT message FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 1);
SELECT is(message ->> 'text', 'all A & message https://example.com/?a=1&b=2 Ada <L> Ada ada@acme.test Acme 3 true [] [] [1, 2] []', 'the text') FROM m;
SELECT is(message ->> 'html', '<a href="https://example.com/?a=1&amp;b=2">A &lt;title&gt;</a> Ada &lt;L&gt; C++ &lt;20&gt;', 'HTML is escaped') FROM m;
SELECT is(message -> 'unsubscribe', 'null', 'no way to stop where the organization gives none') FROM m;
UPDATE laurel.users SET first_name = E'Eve\r\nBcc: x', full_name = E'Eve\r\nBcc: x' WHERE id = tests.person('ada');
UPDATE laurel.notification_templates SET subject = 'Hi {{first_name}}';
SELECT is(pg_temp.subject('en', 'all'), 'Hi Eve  Bcc: x', 'what is filled in makes no second line');
DELETE FROM laurel.notification_deliveries;
SELECT laurel.notify(tests.person('ada'), 'all', 'News');
SELECT is((SELECT message ->> 'to_name' FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 1)), 'Eve  Bcc: x', 'nor does the name');

SELECT * FROM finish();
ROLLBACK;
