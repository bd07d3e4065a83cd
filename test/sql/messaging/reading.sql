-- Reading: the two alone, what was read, what is deleted on one side, who is gone, search and the back end.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
SELECT tests.act_as_trainer();
SELECT id AS first FROM laurel.send_message(ARRAY[tests.person('learner')], 'The quick brown foxes are jumping', 'Animals') \gset
SELECT id AS other FROM laurel.send_message(ARRAY[tests.person('other')], 'For others') \gset
SELECT id AS many FROM laurel.send_message(ARRAY[tests.person('learner'), tests.person('other')], 'Foxes for all') LIMIT 1 \gset
SELECT tests.act_as_learner();
SELECT id AS answer FROM laurel.send_message(NULL, 'Not today', parent_id => :'first') \gset
-- How many rows somebody sees of the table, and the pages.
CREATE FUNCTION pg_temp.seen() RETURNS text LANGUAGE sql AS $$
    SELECT format('%s %s %s', (SELECT count(*) FROM laurel.messages), (SELECT count(*) FROM laurel.message_threads()), laurel.unread_messages())
$$;

-- The two alone.
SELECT is(pg_temp.seen(), '3 2 2', 'a recipient sees what was sent to him, and what he has sent');
SELECT tests.act_as_trainer();
SELECT is(pg_temp.seen(), '5 3 1', 'so does a sender');
SELECT tests.act_as(tests.person('other'));
SELECT is(pg_temp.seen(), '2 2 2', 'and everybody else his own');
SELECT is((SELECT count(*) FROM laurel.message_thread(:'first')), 0::bigint, 'no thread of others');
SELECT tests.act_as_admin();
SELECT is(pg_temp.seen(), '0 0 0', 'an administrator sees nothing');
SELECT is((SELECT count(*) FROM laurel.message_thread(:'first')), 0::bigint, 'of no thread');
SELECT is((SELECT count(*) FROM laurel.search_messages('foxes')), 0::bigint, 'by no search');
SELECT tests.act_as(tests.person('root'), tests.acme());
SELECT is(pg_temp.seen(), '0 0 0', 'nor does the administrator of the platform');
SELECT tests.act_as(tests.person('manager'));
SELECT is(pg_temp.seen(), '0 0 0', 'nor a manager');
SELECT tests.act_as_bolt_admin();
SELECT is(pg_temp.seen(), '0 0 0', 'nor another organization');
SELECT tests.act_as_anon();
SELECT is(tests.error_of(s), '42501', 'nor who has not signed in: ' || s) FROM unnest(ARRAY['SELECT * FROM laurel.messages', 'SELECT laurel.unread_messages()', 'SELECT * FROM laurel.message_threads()',
    'SELECT * FROM laurel.search_messages(''x'')', 'SELECT laurel.mark_messages_read()', 'SELECT laurel.delete_messages(''{}'')', 'SELECT * FROM laurel.message_blocks']) s;
SELECT tests.act_as_service();
SELECT is(tests.error_of('SELECT content FROM laurel.messages'), '42501', 'the back end reads no text from the table');
SELECT is(tests.error_of('SELECT * FROM laurel.messages'), '42501', 'nor all of a row');
SELECT is((SELECT count(sender_id) FROM laurel.messages), 5::bigint, 'but who has written to whom');
SELECT is(tests.error_of('SELECT * FROM laurel.search_messages(''foxes'')') || tests.error_of('UPDATE laurel.messages SET is_read = true') || tests.error_of('DELETE FROM laurel.messages'), 'none4250142501', 'it searches and changes nothing');
SELECT is((SELECT count(*) FROM laurel.search_messages('foxes')), 0::bigint, 'and is nobody whose messages are found');
SELECT is((SELECT string_agg(content, ', ' ORDER BY created_at) FROM laurel.messages_of(tests.person('learner'), 'case 17')), 'The quick brown foxes are jumping, Foxes for all, Not today', 'it reads by function');
SELECT is((SELECT purpose || ' ' || row_count FROM laurel.processing_log WHERE user_id = tests.person('learner') AND purpose = 'case 17'), 'case 17 3', 'which leaves a line');
SELECT is(tests.error_of(format('SELECT laurel.messages_of(%L, %L)', u, p)), e, 'with a purpose, of somebody') FROM (VALUES (tests.person('learner'), 'x', '22023'), (tests.person('learner'), NULL, '22004'), (NULL, 'case', '22004'), (tests.person('nobody'), 'case 17', '23503 messages_recipient_id_fkey')) v (u, p, e);
SELECT is((SELECT count(*) FROM laurel.messages_of(tests.person('learner'), 'case 17', tests.bolt())), 0::bigint, 'where he is');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ SELECT laurel.messages_of(tests.person('learner'), 'case 17') $$), '42501', 'and nobody else does so');
SELECT is(jsonb_path_exists(laurel.export_user(tests.person('learner')), '$.**.content'), false, 'nor by an export of somebody');
SELECT tests.act_as_learner();
SELECT is(jsonb_array_length(laurel.export_user() -> 'messages received') || ' ' || jsonb_array_length(laurel.export_user() -> 'messages sent'), '2 1', 'but everybody by the own');

-- Pages.
SELECT is((SELECT string_agg(content || ' by ' || sender_name || ' to ' || array_to_string(recipient_names, '+'), '; ') FROM laurel.message_thread(:'first')),
    'Not today by ' || (SELECT n FROM (SELECT sender_name AS n FROM laurel.message_thread(:'first') LIMIT 1) s) || ' to ' || (SELECT sender_name FROM laurel.message_thread(:'first') OFFSET 1) || '; The quick brown foxes are jumping by '
    || (SELECT sender_name FROM laurel.message_thread(:'first') OFFSET 1) || ' to ' || (SELECT sender_name FROM laurel.message_thread(:'first') LIMIT 1), 'a thread, newest first, with names');
SELECT is((SELECT string_agg(content, ', ') FROM laurel.message_thread(:'first', 1)), 'Not today', 'a page');
SELECT is((SELECT string_agg(content, ', ') FROM laurel.message_thread(:'first', 1, :'answer')), 'The quick brown foxes are jumping', 'and the next');
SELECT is((SELECT cardinality(recipient_ids) FROM laurel.message_thread(:'many')), 2, 'who gets what went to several sees to whom');
SELECT is((SELECT string_agg(format('%s/%s %s', unread_count, message_count, excerpt), ', ') FROM laurel.message_threads()), '1/2 Not today, 1/1 Foxes for all', 'threads, the newest message first');
SELECT is((SELECT string_agg(excerpt, ', ') FROM laurel.message_threads(1, (SELECT last_at FROM laurel.message_threads(1)))), 'Foxes for all', 'and the next page');
SELECT is(tests.error_of(s), '22023', s) FROM unnest(ARRAY['SELECT laurel.message_thread(laurel.uuidv7(), 0)', 'SELECT laurel.message_thread(laurel.uuidv7(), 101)', 'SELECT laurel.message_threads(NULL)', 'SELECT laurel.unread_messages(0)',
    'SELECT laurel.search_messages(''x'', 0)', 'SELECT laurel.search_messages(repeat(''x'', 501))']) s;
SELECT is(tests.error_of(s), '22004', s) FROM unnest(ARRAY['SELECT laurel.message_thread(NULL)', 'SELECT laurel.delete_messages(NULL)', 'SELECT laurel.search_messages(NULL)']) s;
SELECT tests.act_as_trainer();
SELECT is((SELECT count(*) FROM laurel.message_thread(:'many')), 1::bigint, 'who has sent it sees it once');

-- What was read.
SELECT tests.act_as_trainer();
UPDATE laurel.messages SET is_read = true WHERE id = :'first';
SELECT is((SELECT is_read FROM laurel.messages WHERE id = :'first'), false, 'a sender marks nothing as read');
SELECT is(laurel.mark_messages_read(ids => ARRAY[:'first'::uuid]), 0::bigint, 'by no function');
SELECT tests.act_as_learner();
SELECT is(laurel.unread_messages(1) || ' ' || laurel.unread_messages(NULL), '1 2', 'unread messages are counted, as far as one wants');
SELECT is(laurel.mark_messages_read(:'first'), 1::bigint, 'a thread is read');
SELECT is(laurel.mark_messages_read(:'first'), 0::bigint, 'once');
SELECT is(laurel.unread_messages(), 1::bigint, 'which leaves the other');
SELECT is((SELECT unread_count FROM laurel.message_threads() WHERE thread_id = :'first'), 0::bigint, 'in its thread');
UPDATE laurel.messages SET is_read = true WHERE thread_id = :'many';
SELECT is(laurel.unread_messages(), 0::bigint, 'or by UPDATE');
SELECT is(tests.error_of(format('UPDATE laurel.messages SET is_read = false WHERE id = %L', :'first')), '23001 messages_read_at_kept', 'what was read stays read');
SELECT is(tests.error_of(format('UPDATE laurel.messages SET %I = %L WHERE id = %L', c, v, :'first')), '42501', format('%s is not for clients', c))
FROM (VALUES ('read_at', '2020-01-01'), ('content', 'x'), ('sender_id', tests.person('other')::text), ('recipient_deleted_at', '2020-01-01'), ('sender_deleted_at', '2020-01-01'), ('thread_id', tests.person('x')::text)) v (c, v);
SELECT is(tests.error_of('DELETE FROM laurel.messages'), '42501', 'nor DELETE');
SELECT tests.act_as_owner();
SELECT is(tests.error_of(format('UPDATE laurel.messages SET read_at = %L WHERE id = %L', v, :'first')), '23001 messages_read_at_kept', 'not even the owner says otherwise') FROM (VALUES ('2020-01-01'), (NULL)) v (v);
SELECT tests.act_as_trainer();
SELECT is((SELECT is_read AND read_at <= clock_timestamp() FROM laurel.messages WHERE id = :'first'), true, 'its sender sees when');

-- Search.
SELECT is((SELECT string_agg(excerpt, '; ') FROM laurel.search_messages('foxes')), '**Foxes** for all; The quick brown **foxes** are jumping', 'words are found, newest first, what went to several once');
SELECT is((SELECT count(*) FROM laurel.search_messages('fox')), 0::bigint, 'as they are');
SELECT is((SELECT count(*) FROM laurel.search_messages('animals')), 1::bigint, 'in subjects too');
SELECT is((SELECT count(*) FROM laurel.search_messages('foxes -all')) || ' ' || (SELECT count(*) FROM laurel.search_messages('"brown foxes"')) || ' ' || (SELECT count(*) FROM laurel.search_messages('today or all')), '1 1 2', 'with signs');
SELECT is(tests.error_of(format('SELECT laurel.search_messages(%L)', q)), 'none', 'nothing is an error that somebody types') FROM unnest(ARRAY['', '"', '((', ':* & !', 'the & ', E'\\']) q;
SELECT tests.act_as_owner();
INSERT INTO laurel.messaging_settings (organization_id, search_language) VALUES (tests.acme(), 'english');
SELECT tests.act_as_trainer();
SELECT is((SELECT string_agg(excerpt, '; ') FROM laurel.search_messages('fox jump')), 'The quick brown **foxes** are **jumping**', 'in the language of the organization');
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.search_messages('foxes')) || ' ' || (SELECT count(*) FROM laurel.search_messages('others')), '2 0', 'nobody finds what others wrote to others');
-- A function of the caller's own sees no row that the policies hide.
SELECT tests.act_as_owner();
CREATE TEMP TABLE leaked (content text);
GRANT INSERT ON leaked TO authenticated;
CREATE FUNCTION pg_temp.leak(content text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN INSERT INTO pg_temp.leaked VALUES (content); RETURN true; END $$;
SELECT tests.act_as(tests.person('manager'));
SELECT count(*) FROM laurel.messages WHERE pg_temp.leak(content);
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM leaked), 0::bigint, 'what leaks is asked after the policies');

-- Told, without the text.
SELECT is((SELECT string_agg(concat_ws(' | ', title, message, link = '/messages/' || :'first'::text, data), '') FROM laurel.notifications WHERE user_id = tests.person('learner') AND type = 'message_received' AND data ->> 'message_id' = :'first'),
    'New message | t | ' || jsonb_build_object('message_id', :'first')::text, 'a notification says that there is a message, not what');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type = 'message_received' AND (data ? 'sender_id' OR data ? 'thread_id')), 0::bigint, 'an event tells others nothing of who writes to whom');
UPDATE laurel.messaging_settings SET text_in_notifications = true;
SELECT tests.act_as_trainer();
SELECT id AS told FROM laurel.send_message(ARRAY[tests.person('learner')], repeat('x', 600)) \gset
SELECT tests.act_as_owner();
SELECT is((SELECT length(message) FROM laurel.notifications WHERE data ->> 'message_id' = :'told'), 500, 'unless the organization wants it');
UPDATE laurel.messaging_settings SET text_in_notifications = false;

-- Deleted on one side.
SELECT tests.act_as(tests.person('other'));
SELECT is(laurel.delete_messages(ARRAY[:'first', :'answer']::uuid[]), 0::bigint, 'nobody deletes what is others''');
SELECT tests.act_as_learner();
SELECT is(laurel.delete_messages(ARRAY[:'first', :'told']::uuid[]), 2::bigint, 'a recipient deletes');
SELECT is((SELECT count(*) FROM laurel.messages WHERE id IN (:'first', :'told')) || ' ' || laurel.unread_messages() || ' ' || (SELECT count(*) FROM laurel.message_thread(:'first')) || ' ' || (SELECT count(*) FROM laurel.search_messages('quick')), '0 0 1 0', 'and sees it no more');
SELECT is(laurel.delete_messages(ARRAY[:'first']::uuid[]), 0::bigint, 'once');
SELECT is(tests.error_of(format($$ SELECT laurel.send_message(NULL, 'x', parent_id => %L) $$, :'first')) || ' ' || tests.error_of(format($$ SELECT laurel.send_message(ARRAY[tests.person('trainer')], 'x', parent_id => %L) $$, :'first')), '23503 messages_parent_id_fkey 23503 messages_parent_id_fkey', 'nor answers it');
SELECT tests.act_as_trainer();
SELECT is((SELECT count(*) FROM laurel.messages WHERE id = :'first'), 1::bigint, 'the other side keeps it');
SELECT is(laurel.delete_messages(ARRAY[:'first', :'many']::uuid[]), 3::bigint, 'and deletes it, of what went to several every row');
SELECT is((SELECT count(*) FROM laurel.messages WHERE thread_id = :'many'), 0::bigint, 'sees none');
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.messages WHERE thread_id = :'many'), 1::bigint, 'while those who got it keep it');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(id::text, ' ') FROM laurel.messages WHERE deleted_at IS NOT NULL), :'first', 'what both have deleted is known');

SELECT * FROM finish();
ROLLBACK;
