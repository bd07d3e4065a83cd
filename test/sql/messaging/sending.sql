-- Sending: who may write to whom, several at once, answers that stay in their thread, and what a row may say.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
SELECT tests.join(tests.acme(), 'second');

-- Sends as somebody, by function; the first row's id is remembered under a name.
CREATE FUNCTION pg_temp.send(sender text, recipients text[], content text DEFAULT 'Hello', parent uuid DEFAULT NULL) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    first uuid;
BEGIN
    PERFORM tests.act_as(tests.person(sender));
    SELECT m.id INTO first FROM laurel.send_message(ARRAY(SELECT tests.person(r) FROM unnest(recipients) r), content, parent_id => parent) m LIMIT 1;
    PERFORM tests.act_as_owner();
    RETURN first;
END
$$;
-- What sending comes to.
CREATE FUNCTION pg_temp.refused(sender text, recipient text, parent uuid DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    error text;
BEGIN
    PERFORM tests.act_as(tests.person(sender));
    error := tests.error_of(format('SELECT laurel.send_message(%L::uuid[], ''Hello'', parent_id => %L)', ARRAY[tests.person(recipient)], parent));
    PERFORM tests.act_as_owner();
    RETURN error;
END
$$;
-- As service or owner, an INSERT.
CREATE FUNCTION pg_temp.inserted(sender text, recipient text, extra jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.messages (%s) VALUES (%s)', string_agg(quote_ident(key), ', '), string_agg(quote_nullable(value), ', ')))
    FROM jsonb_each_text(jsonb_build_object('organization_id', tests.acme(), 'sender_id', tests.person(sender), 'recipient_id', tests.person(recipient), 'content', 'x') || extra)
$$;

-- Who may write to whom.
SELECT is(pg_temp.refused('trainer', 'learner'), 'none', 'a trainer writes to a learner');
SELECT is(pg_temp.refused('learner', 'trainer'), 'none', 'and a learner to a trainer');
SELECT is(pg_temp.refused('learner', 'admin'), 'none', 'to an administrator');
SELECT is(pg_temp.refused('learner', 'manager'), 'none', 'to a manager');
SELECT is(pg_temp.refused('admin', 'other'), 'none', 'staff writes to anybody');
SELECT is(pg_temp.refused('learner', 'other'), '42501 messages_recipient_id_allowed', 'learners do not write to each other');
INSERT INTO laurel.messaging_settings (organization_id, learners_write_each_other) VALUES (tests.acme(), true);
SELECT is(pg_temp.refused('learner', 'other'), 'none', 'unless their organization wants it');
UPDATE laurel.messaging_settings SET learners_write_each_other = false;
SELECT is(pg_temp.refused('learner', 'other'), '42501 messages_recipient_id_allowed', 'and only as long');
SELECT is(pg_temp.refused('trainer', 'bolt_learner'), '23503 messages_recipient_id_fkey', 'nobody writes to another organization');
SELECT is(pg_temp.refused('bolt_admin', 'learner'), '23503 messages_recipient_id_fkey', 'from none');
SELECT is(pg_temp.refused('learner', 'bolt_admin'), '42501 messages_recipient_id_allowed', 'and a learner is told no more');
SELECT is(pg_temp.refused('trainer', 'trainer'), '23514 messages_recipient_id_check', 'nor to oneself');
SELECT tests.act_as_anon();
SELECT is(tests.error_of($$ SELECT laurel.send_message(ARRAY[tests.person('trainer')], 'x') $$), '42501', 'who has not signed in writes nothing');
SELECT is(pg_temp.inserted('learner', 'trainer'), '42501', 'nor by INSERT');
SELECT tests.act_as_learner();
SELECT is(pg_temp.inserted('learner', 'trainer'), 'none', 'a member may INSERT');
SELECT is(pg_temp.inserted('other', 'trainer'), '42501', 'not in another''s name');
SELECT is(pg_temp.inserted('learner', 'other'), '42501 messages_recipient_id_allowed', 'with the same rules');
SELECT is(pg_temp.inserted('learner', 'bolt_admin', jsonb_build_object('organization_id', tests.bolt())), '42501', 'not for another organization');
SELECT is(pg_temp.inserted('learner', 'trainer', jsonb_build_object(k, v)), '42501', format('%s is not the sender''s to say', k))
FROM (VALUES ('is_read', 'true'), ('read_at', '2020-01-01'), ('created_at', '2020-01-01'), ('thread_id', tests.person('x')::text), ('recipient_deleted_at', '2020-01-01'), ('sender_deleted_at', '2020-01-01')) v (k, v);
SELECT tests.act_as_service();
SELECT is(pg_temp.inserted('learner', 'other'), '42501 messages_recipient_id_allowed', 'the back end writes for members by their rules');
SELECT is(pg_temp.inserted('learner', 'trainer', '{"is_read": "true", "created_at": "2020-01-01"}'), 'none', 'and brings over what was read elsewhere');
SELECT is(pg_temp.inserted('learner', 'trainer', '{"sender_id": null}'), '23502', 'always with a sender');
SELECT is(pg_temp.inserted('learner', 'trainer', '{"recipient_id": null}'), '23502', 'and a recipient');
SELECT tests.act_as_owner();

-- What a row may say.
SELECT is(pg_temp.inserted('learner', 'trainer', '{"subject": ""}'), '23514 messages_subject_check', 'a subject says something');
SELECT is(pg_temp.inserted('learner', 'trainer', jsonb_build_object('subject', repeat('x', 200))), 'none', 'in 200 characters');
SELECT is(pg_temp.inserted('learner', 'trainer', jsonb_build_object('subject', repeat('x', 201))), '23514 messages_subject_check', 'and no more');
SELECT is(pg_temp.inserted('learner', 'trainer', jsonb_build_object('content', c)), e, 'content says something, in bounds') FROM (VALUES ('', '23514 messages_content_check'), (E' \n\t', '23514 messages_content_said_check'), (repeat('x', 20001), '23514 messages_content_check')) v (c, e);
SELECT is(pg_temp.inserted('learner', 'trainer', '{"content": null}'), '23502', 'content is there');
SELECT is(pg_temp.inserted('learner', 'trainer', jsonb_build_object('attachments', a)), want, format('attachments %s', left(a, 60))) FROM (VALUES
    ('[{"name": "a.pdf", "size": 10, "mime_type": "application/pdf"}]', 'none'), ('[{"name": "a.pdf", "size": 0, "mime_type": "image/svg+xml", "path": "x/y"}]', 'none'), ('[]', 'none'),
    ('{}', '23514 messages_attachments_form_check'), ('[1]', '23514 messages_attachments_form_check'), ('[null]', '23514 messages_attachments_form_check'), ('[[]]', '23514 messages_attachments_form_check'),
    ('[{"name": "a"}]', '23514 messages_attachments_form_check'), ('[{"name": "", "size": 1, "mime_type": "a/b"}]', '23514 messages_attachments_form_check'),
    ('[{"name": "../a", "size": 1, "mime_type": "a/b"}]', '23514 messages_attachments_form_check'), ('[{"name": "a", "size": -1, "mime_type": "a/b"}]', '23514 messages_attachments_form_check'),
    ('[{"name": "a", "size": "1", "mime_type": "a/b"}]', '23514 messages_attachments_form_check'), ('[{"name": ["a"], "size": 1, "mime_type": "a/b"}]', '23514 messages_attachments_form_check'),
    ('[{"name": "a", "size": 1, "mime_type": "ab"}]', '23514 messages_attachments_form_check'), ('[{"name": "a", "size": 1, "mime_type": "a/b"}, {}]', '23514 messages_attachments_form_check'),
    ((SELECT jsonb_agg('{"name": "a", "size": 1, "mime_type": "a/b"}'::jsonb) FROM generate_series(1, 20))::text, 'none'),
    ((SELECT jsonb_agg('{"name": "a", "size": 1, "mime_type": "a/b"}'::jsonb) FROM generate_series(1, 21))::text, '23514 messages_attachments_form_check'),
    (jsonb_build_array(jsonb_build_object('name', 'a', 'size', 1, 'mime_type', 'a/b', 'x', repeat('0123456789', 7000)))::text, '23514 messages_attachments_check')) v (a, want);
SELECT is(pg_temp.inserted('learner', 'trainer', '{"is_read": "true"}'), 'none', 'read_at follows is_read');
SELECT is((SELECT count(*) FROM laurel.messages WHERE is_read <> (read_at IS NOT NULL)), 0::bigint, 'always');
SELECT is(pg_temp.inserted('learner', 'trainer', jsonb_build_object('thread_id', tests.person('x'))), '23514 messages_thread_id_copied', 'a thread is called by its first message');

-- Threads.
DELETE FROM laurel.messages;
SELECT pg_temp.send('trainer', '{learner}') AS first \gset
SELECT is((SELECT thread_id FROM laurel.messages), :'first', 'the first message begins the thread');
SELECT pg_temp.send('learner', '{trainer}', 'Answer', :'first') AS answer \gset
SELECT is((SELECT thread_id FROM laurel.messages WHERE id = :'answer'), :'first', 'an answer is in it');
SELECT pg_temp.send('trainer', '{learner}', 'Again', :'answer') AS again \gset
SELECT is((SELECT thread_id FROM laurel.messages WHERE id = :'again'), :'first', 'and so is an answer to that');
SELECT tests.act_as_learner();
SELECT is((SELECT recipient_id FROM laurel.send_message(NULL, 'To whom else', parent_id => :'again')), tests.person('trainer'), 'an answer goes to who has written');
SELECT is((SELECT recipient_id FROM laurel.send_message(NULL, 'One more', parent_id => :'answer')), tests.person('trainer'), 'or on to whom one has written');
SELECT is(tests.error_of(format($$ SELECT laurel.send_message(NULL, 'x', parent_id => %L) $$, tests.person('x'))), '23503 messages_parent_id_fkey', 'to nobody where there is no parent');
SELECT is(tests.error_of($$ SELECT laurel.send_message(NULL, 'x') $$), '22023', 'nor where none is named');
SELECT is(tests.error_of($$ SELECT laurel.send_message('{}', 'x') $$), '22023', 'nor an empty list');
SELECT is(tests.error_of($$ SELECT laurel.send_message(ARRAY[NULL]::uuid[], 'x') $$), '22023', 'nor null');
SELECT is(tests.error_of($$ SELECT laurel.send_message(ARRAY[tests.person('trainer'), tests.person('trainer')], 'x') $$), '22023', 'nor somebody twice');
SELECT is(tests.error_of($$ SELECT laurel.send_message(ARRAY(SELECT laurel.uuidv7() FROM generate_series(1, 51)), 'x') $$), '22023', 'nor more than 50');
SELECT is(tests.error_of($$ SELECT laurel.send_message(ARRAY[tests.person('trainer')]) $$), '23502', 'nor nothing');
SELECT tests.act_as_owner();
SELECT is(pg_temp.refused('other', 'trainer', :'first'), '23503 messages_parent_id_fkey', 'who is not in the thread does not answer, and learns of no parent');
SELECT is(pg_temp.refused('admin', 'learner', :'first'), '23503 messages_parent_id_fkey', 'not even an administrator');
SELECT is(pg_temp.refused('bolt_admin', 'bolt_learner', :'first'), '23503 messages_parent_id_fkey', 'nor another organization');
SELECT is(pg_temp.refused('learner', 'admin', :'first'), '42501 messages_recipient_id_thread', 'an answer brings nobody in');
SELECT tests.act_as_service();
SELECT is(pg_temp.inserted('other', 'trainer', jsonb_build_object('parent_id', :'first')), '42501 messages_sender_id_thread', 'the back end makes nobody answer who is not in the thread');
SELECT is(pg_temp.inserted('learner', 'admin', jsonb_build_object('parent_id', :'first')), '42501 messages_recipient_id_thread', 'nor to others');
SELECT is(pg_temp.inserted('learner', 'trainer', jsonb_build_object('parent_id', :'first')), 'none', 'but answers for who is');
SELECT is(pg_temp.inserted('bolt_learner', 'bolt_admin', jsonb_build_object('organization_id', tests.bolt(), 'parent_id', :'first')), '23503 messages_parent_id_fkey', 'never across organizations');
SELECT tests.act_as_owner();
SELECT is(pg_temp.inserted('learner', 'trainer', jsonb_build_object('id', tests.person('self'), 'parent_id', tests.person('self'))), '23503 messages_parent_id_fkey', 'no message answers itself');
SELECT is(tests.error_of(format('UPDATE laurel.messages SET parent_id = %L WHERE id = %L', :'again', :'first')), '23001 messages_parent_id_immutable', 'so that none leads round in a circle');
SELECT is(tests.error_of(format('UPDATE laurel.messages SET %I = %L WHERE id = %L', c, v, :'answer')), e, format('%s stays', c))
FROM (VALUES ('sender_id', tests.person('other'), '23001 messages_sender_id_immutable'), ('recipient_id', tests.person('other'), '23001 messages_recipient_id_immutable'), ('thread_id', tests.person('other'), '23514 messages_thread_id_copied')) v (c, v, e);
SELECT is(tests.error_of(format('UPDATE laurel.messages SET %I = %L WHERE id = %L', c, v, :'first')), format('23001 messages_%s_immutable', c), format('%s stays', c))
FROM (VALUES ('thread_id', :'answer'), ('created_at', '2020-01-01')) v (c, v);

-- Several at once.
SELECT pg_temp.send('trainer', '{learner, other, manager}', 'To all') AS all3 \gset
SELECT is((SELECT count(*) || ' ' || count(copy_of) || ' ' || count(DISTINCT thread_id) FROM laurel.messages WHERE thread_id = :'all3'), '3 2 1', 'a row for each, in one thread');
SELECT id AS mine FROM laurel.messages WHERE copy_of = :'all3' AND recipient_id = tests.person('manager') \gset
SELECT is(pg_temp.refused('manager', 'learner', :'mine'), 'none', 'an answer goes to any of them');
SELECT is(pg_temp.refused('manager', 'admin', :'mine'), '42501 messages_recipient_id_thread', 'and to nobody else');
SELECT id AS theirs FROM laurel.messages WHERE id = :'all3' \gset
SELECT is(pg_temp.refused('learner', 'other', :'theirs'), '42501 messages_recipient_id_allowed', 'learners meet in no thread either');
SELECT tests.act_as_trainer();
SELECT is(tests.error_of(format($$ INSERT INTO laurel.messages (copy_of, sender_id, recipient_id, content) VALUES (%L, tests.person('trainer'), tests.person('admin'), 'To all') $$, :'all3')), 'none', 'who began it brings others in');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.messages (copy_of, sender_id, recipient_id, content) VALUES (%L, tests.person('trainer'), tests.person('admin'), 'To all') $$, :'all3')), '23505 messages_copy_of_key', 'once each');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.messages (copy_of, sender_id, recipient_id, content) VALUES (%L, tests.person('trainer'), tests.person('second'), 'Another') $$, :'all3')), '23514 messages_copy_of_same', 'with the same words');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.messages (copy_of, sender_id, recipient_id, content) VALUES (%L, tests.person('trainer'), tests.person('learner'), 'To all') $$, :'all3')), '23514 messages_copy_of_same', 'to others');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.messages (copy_of, sender_id, recipient_id, content) VALUES (%L, tests.person('trainer'), tests.person('second'), 'To all') $$, :'mine')), '23514 messages_copy_of_required', 'of the first row');
SELECT tests.act_as(tests.person('manager'));
SELECT is(tests.error_of(format($$ INSERT INTO laurel.messages (copy_of, sender_id, recipient_id, content) VALUES (%L, tests.person('manager'), tests.person('second'), 'To all') $$, :'all3')), '23503 messages_copy_of_fkey', 'and nobody copies what somebody else has begun');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.messages (copy_of, sender_id, recipient_id, content) VALUES (%L, tests.person('manager'), tests.person('second'), 'To all') $$, :'mine')), '23514 messages_copy_of_required', 'nor a copy');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.messages WHERE content = 'x' AND thread_id = :'all3'), 0::bigint, 'nothing of what was refused is there');
SELECT tests.act_as_trainer();
SELECT is(tests.error_of($$ SELECT laurel.send_message(ARRAY[tests.person('learner'), tests.person('bolt_learner')], 'Partly') $$), '23503 messages_recipient_id_fkey', 'all get it');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.messages WHERE content = 'Partly'), 0::bigint, 'or none');

-- How much one may send.
UPDATE laurel.messaging_settings SET daily_limit = 2;
DELETE FROM laurel.messages;
SELECT is(pg_temp.refused('trainer', 'learner'), 'none', 'one');
SELECT is(pg_temp.refused('trainer', 'other'), 'none', 'and another');
SELECT is(pg_temp.refused('trainer', 'manager'), 'PT429 messages_messages_daily_quota', 'and no more than may be sent in a day');
SELECT is(pg_temp.refused('admin', 'manager'), 'none', 'each');
UPDATE laurel.messaging_settings SET daily_limit = 0;
SELECT is(pg_temp.refused('manager', 'learner'), '23514 messages_messages_daily_quota', 'or nothing');
SELECT is(tests.error_of($$ UPDATE laurel.messaging_settings SET daily_limit = -1 $$), '23514 messaging_settings_daily_limit_check', 'a limit is one');
SELECT is(tests.error_of($$ UPDATE laurel.messaging_settings SET search_language = 'klingon' $$), '23514 messaging_settings_search_language_check', 'a language is one');
SELECT is((SELECT count(*) FROM unnest((SELECT regexp_split_to_array(pg_get_constraintdef(oid), '''') FROM pg_constraint WHERE conname = 'messaging_settings_search_language_check')) w
    WHERE w ~ '^[a-z]+$' AND w <> 'text' AND NOT EXISTS (SELECT FROM pg_ts_config c WHERE c.cfgname = w AND c.cfgnamespace = 'pg_catalog'::regnamespace)), 0::bigint, 'that the server has');
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.messaging_settings), 1::bigint, 'members read how they may write');
UPDATE laurel.messaging_settings SET learners_write_each_other = true;
SELECT is((SELECT learners_write_each_other FROM laurel.messaging_settings), false, 'and do not change it');
SELECT tests.act_as_admin();
UPDATE laurel.messaging_settings SET learners_write_each_other = true;
SELECT is((SELECT learners_write_each_other FROM laurel.messaging_settings), true, 'administrators do');
SELECT tests.act_as_owner();

SELECT is_empty('SELECT * FROM laurel.check()', 'all is proven');
SELECT * FROM finish();
ROLLBACK;
