-- Blocks: who is blocked writes on and learns nothing.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
CREATE FUNCTION pg_temp.write(sender text, content text, recipient text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tests.act_as(tests.person(sender));
    RETURN tests.error_of(format('SELECT laurel.send_message(ARRAY[%L]::uuid[], %L)', tests.person(recipient), content));
END
$$;
CREATE FUNCTION pg_temp.inbox() RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' / ', (SELECT string_agg(content, ', ' ORDER BY created_at) FROM laurel.messages WHERE recipient_id = laurel.uid()), laurel.unread_messages(), (SELECT count(*) FROM laurel.message_threads()),
        (SELECT count(*) FROM laurel.notifications WHERE type = 'message_received'), (SELECT count(*) FROM laurel.search_messages('before or meanwhile or after')))
$$;

SELECT is(pg_temp.write('trainer', 'before', 'learner'), 'none', 'a trainer writes');
SELECT tests.act_as_learner();
SELECT is(laurel.block_member(tests.person('trainer')), true, 'and is blocked');
SELECT is(laurel.block_member(tests.person('trainer')), false, 'once');
SELECT is(pg_temp.write('trainer', 'meanwhile', 'learner'), 'none', 'who is blocked writes on');
SELECT is((SELECT string_agg(content || ' ' || is_read, ', ' ORDER BY created_at) FROM laurel.messages), 'before false, meanwhile false', 'and sees what he has sent, as ever');
SELECT is((SELECT count(*) FROM laurel.message_blocks), 0::bigint, 'but no block');
SELECT is((SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.oid = 'laurel.messages'::regclass AND a.attname ~ 'block|withheld'), 0::bigint, 'and nothing in a message tells of one');
SELECT tests.act_as_learner();
SELECT is(pg_temp.inbox(), 'before / 1 / 1 / 1 / 1', 'what came before stays, what is sent meanwhile is not seen, counted, told or found');
SELECT tests.act_as_owner();
SELECT id AS hidden FROM laurel.messages WHERE content = 'meanwhile' \gset
SELECT tests.act_as_learner();
SELECT is(laurel.mark_messages_read(ids => ARRAY[:'hidden'::uuid]) || ' ' || laurel.delete_messages(ARRAY[:'hidden'::uuid]), '0 0', 'nor read or deleted, which its sender would see');
UPDATE laurel.messages SET is_read = true WHERE id = :'hidden';
SELECT is(tests.error_of(format($$ SELECT laurel.send_message(ARRAY[tests.person('trainer')], 'x', parent_id => %L) $$, :'hidden')), '23503 messages_parent_id_fkey', 'nor answered');
SELECT is(tests.error_of($$ SELECT laurel.send_message(ARRAY[tests.person('trainer')], 'x') $$), '42501 messages_recipient_id_blocked', 'who blocks does not write either');
SELECT is(jsonb_array_length(laurel.export_user() -> 'messages received') || ' ' || jsonb_array_length(laurel.export_user() -> 'message_blocks'), '1 1', 'nor exported, other than the block');
SELECT is((SELECT count(*) FROM laurel.message_blocks), 1::bigint, 'who blocks sees the block');
SELECT tests.act_as_admin();
SELECT is((SELECT count(*) FROM laurel.message_blocks), 0::bigint, 'an administrator does not');
SELECT tests.act_as_trainer();
SELECT is(jsonb_path_exists(laurel.export_user(), '$."message_blocks"[*]'), false, 'nor does who is blocked by an export');
SELECT is((SELECT count(*) FROM laurel.messages WHERE is_read), 0::bigint, 'and nothing of it is read');
SELECT is(pg_temp.write('manager', 'from another', 'learner'), 'none', 'others write on');
SELECT tests.act_as_learner();
SELECT is(laurel.unread_messages(), 2::bigint, 'and are seen');
SELECT is(laurel.unblock_member(tests.person('trainer')), true, 'a block ends');
SELECT is(laurel.unblock_member(tests.person('trainer')), false, 'once');
SELECT is(pg_temp.write('trainer', 'after', 'learner'), 'none', 'then');
SELECT tests.act_as_learner();
SELECT is(pg_temp.inbox(), 'before, from another, after / 3 / 3 / 3 / 2', 'what comes is seen, and what was sent meanwhile never');
SELECT is(laurel.block_member(tests.person('trainer')), true, 'and he may be blocked again');
SELECT is((SELECT count(*) FROM laurel.message_blocks), 2::bigint, 'which is another block');

-- Each rule, as who would break it.
SELECT is(tests.error_of(s), e, s) FROM (VALUES
    ($$ SELECT laurel.block_member(tests.person('admin')) $$, '23514 message_blocks_blocked_id_allowed'), ($$ SELECT laurel.block_member(tests.person('learner')) $$, '23514 message_blocks_blocked_id_check'),
    ($$ SELECT laurel.block_member(tests.person('bolt_admin')) $$, '23503 message_blocks_blocked_id_fkey'), ($$ SELECT laurel.block_member(NULL) $$, '22004'), ($$ SELECT laurel.unblock_member(NULL) $$, '22004'),
    ($$ INSERT INTO laurel.message_blocks (user_id, blocked_id) VALUES (tests.person('other'), tests.person('trainer')) $$, '42501'),
    ($$ INSERT INTO laurel.message_blocks (user_id, blocked_id) VALUES (tests.person('learner'), tests.person('trainer')) $$, '23505 message_blocks_open_key'),
    ($$ INSERT INTO laurel.message_blocks (user_id, blocked_id, created_at) VALUES (tests.person('learner'), tests.person('trainer'), '2020-01-01') $$, '42501'),
    ($$ UPDATE laurel.message_blocks SET ended_at = NULL $$, '42501'), ($$ DELETE FROM laurel.message_blocks $$, '42501')) v (s, e);
SELECT tests.act_as_anon();
SELECT is(tests.error_of($$ SELECT laurel.block_member(tests.person('trainer')) $$) || tests.error_of($$ SELECT laurel.unblock_member(tests.person('trainer')) $$), '4250142501', 'who has not signed in blocks nobody');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ SELECT laurel.block_member(tests.person('trainer')) $$), '42501', 'nor does nobody in particular');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ UPDATE laurel.message_blocks SET blocked_id = tests.person('manager') $$), '23001 message_blocks_blocked_id_immutable', 'a block stays what it is');
SELECT is(tests.error_of($$ UPDATE laurel.message_blocks SET ended_at = created_at - interval '1 second' $$), '23514 message_blocks_ended_at_check', 'and ends after it began');
SELECT is_empty('SELECT * FROM laurel.check()', 'all is proven');

SELECT * FROM finish();
ROLLBACK;
