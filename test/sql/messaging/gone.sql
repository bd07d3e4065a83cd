-- Who is gone: the other side keeps what was said, and what nobody keeps goes by retention.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
UPDATE laurel.users SET full_name = 'Zyxwvut Qanaryson' WHERE id = tests.person('learner');
SELECT tests.act_as_learner();
SELECT id AS said FROM laurel.send_message(ARRAY[tests.person('trainer')], 'I am Zyxwvut Qanaryson') \gset
SELECT id AS kept FROM laurel.send_message(ARRAY[tests.person('trainer')], 'To be deleted') \gset
SELECT tests.act_as_trainer();
SELECT id AS got FROM laurel.send_message(NULL, 'Dear Zyxwvut', parent_id => :'said') \gset
SELECT laurel.delete_messages(ARRAY[:'kept']::uuid[]);
SELECT tests.act_as_owner();
SELECT laurel.erase_user(tests.person('learner')) IS NOT NULL AS erased \gset
SELECT tests.act_as_trainer();
SELECT is((SELECT count(*) FROM laurel.messages), 2::bigint, 'the other side keeps what it has not deleted');

-- Membership that ends.
SELECT tests.act_as_owner();
SELECT tests.act_as(tests.person('other'));
SELECT id AS left FROM laurel.send_message(ARRAY[tests.person('trainer')], 'Bye') \gset
SELECT tests.act_as_owner();
DELETE FROM laurel.users WHERE id = tests.person('other');
SELECT tests.act_as_trainer();
SELECT is((SELECT sender_name || ' ' || content FROM laurel.message_thread(:'left')), '[Deleted User] Bye', 'who is gone is [Deleted User]');
SELECT is((SELECT last_sender_name FROM laurel.message_threads() WHERE thread_id = :'left'), '[Deleted User]', 'in lists too');
SELECT is((SELECT sender_id FROM laurel.messages WHERE id = :'left'), NULL, 'and nobody');
SELECT is(laurel.unread_messages(), (SELECT count(*) FROM laurel.messages WHERE NOT is_read AND recipient_id = laurel.uid()), 'and counted');
SELECT is(tests.error_of(format($$ SELECT laurel.send_message(NULL, 'x', parent_id => %L) $$, :'left')), '22023', 'nobody is answered who is gone');
SELECT laurel.delete_messages(ARRAY[:'left']::uuid[]);
SELECT tests.act_as_owner();
SELECT is((SELECT deleted_at IS NOT NULL FROM laurel.messages WHERE id = :'left'), true, 'what the one who is there deletes, nobody keeps');
SELECT is((SELECT keep || ' ' || action || ' ' || time_column FROM laurel.retention_policies WHERE table_name = 'messages'), '30 days delete deleted_at', 'it goes 30 days later');
DELETE FROM laurel.users WHERE id = tests.person('trainer');
SELECT is((SELECT count(*) FROM laurel.messages WHERE deleted_at IS NULL AND sender_id IS NULL AND recipient_id IS NULL), 0::bigint, 'as goes what both are gone from');

-- A thread goes on without its first message.
SELECT tests.act_as_admin();
SELECT id AS first FROM laurel.send_message(ARRAY[tests.person('manager')], 'First') \gset
SELECT id AS second FROM laurel.send_message(NULL, 'Second', parent_id => :'first') \gset
SELECT tests.act_as_owner();
DELETE FROM laurel.messages WHERE id = :'first';
SELECT is((SELECT parent_id IS NULL AND thread_id = :'first' FROM laurel.messages WHERE id = :'second'), true, 'an answer outlives what it answers, in its thread');
SELECT tests.act_as(tests.person('manager'));
SELECT is((SELECT thread_id FROM laurel.send_message(NULL, 'Third', parent_id => :'second')), :'first', 'which goes on');
SELECT tests.act_as_owner();
SELECT is_empty('SELECT * FROM laurel.check()', 'all is proven');

SELECT * FROM finish();
ROLLBACK;
