-- Messaging: who writes to whom, pages, and what somebody does not want to see.

CREATE FUNCTION laurel_internal.admit_message() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_admit_message';
COMMENT ON FUNCTION laurel_internal.admit_message() IS
'BEFORE INSERT row trigger of messages: begins a thread or stays in one, and refuses (42501) learners who write to learners where messaging_settings do'
' not let them, whoever is blocked by the sender, and answers of or to others than those of the thread; 23514 a copy that says something else.';

CREATE FUNCTION laurel_internal.keep_read() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_read';
COMMENT ON FUNCTION laurel_internal.keep_read() IS 'BEFORE UPDATE row trigger of messages, where one that was read would be unread, or read at another time: refuses that (23001).';

CREATE FUNCTION laurel_internal.admit_block() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_admit_block';
COMMENT ON FUNCTION laurel_internal.admit_block() IS 'BEFORE INSERT row trigger of message_blocks: nobody blocks an org_admin (23514).';

CREATE FUNCTION laurel_internal.withholds(sender_id uuid, at timestamptz) RETURNS boolean
LANGUAGE c STABLE PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'laurel_withholds';
COMMENT ON FUNCTION laurel_internal.withholds(uuid, timestamptz) IS
'Whether the caller blocked the sender in the active organization at that moment, so that what was sent then stays unseen; false where there is no sender. For policies: asks no table while nobody blocks or unblocks. Never raises.';

CREATE FUNCTION laurel.send_message(
    recipients uuid[] DEFAULT NULL, content text DEFAULT NULL, subject text DEFAULT NULL, parent_id uuid DEFAULT NULL, attachments jsonb DEFAULT '[]'
)
RETURNS TABLE (id uuid, thread_id uuid, recipient_id uuid)
LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1 AS 'MODULE_PATHNAME', 'laurel_send_message';
COMMENT ON FUNCTION laurel.send_message(uuid[], text, text, uuid, jsonb) IS
'Writes to up to 50 members at once, as the caller, in the active organization: all get it or none. parent_id: the message that is answered, one that the'
' caller has sent or received; where recipients is null the answer goes to the other of its two. attachments: as in laurel.messages. Returns a row for'
' each recipient; to several, the first has what the others are copies of. Errors: 22023 nobody is named, somebody twice, or too many; 42501 nobody calls, or the'
' recipient may not be written to (constraint messages_recipient_id_allowed, _blocked, _thread, messages_sender_id_thread); 23503 no member, or no such'
' parent; 23502 no content; 23514 what the checks say; PT429 more than one may send in a day.';

CREATE FUNCTION laurel.unread_messages(at_most integer DEFAULT 1000) RETURNS bigint
LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_unread_messages';
COMMENT ON FUNCTION laurel.unread_messages(integer) IS
'How many unread messages the caller has in the active organization. Counts no further than at_most, in an index that has unread messages only; null counts them all. Error 22023: at_most is less than 1.';

CREATE FUNCTION laurel.message_thread(thread_id uuid, max_rows integer DEFAULT 50, before uuid DEFAULT NULL)
RETURNS TABLE (id uuid, parent_id uuid, created_at timestamptz, sender_id uuid, sender_name text, recipient_ids uuid[], recipient_names text[],
               subject text, content text, attachments jsonb, is_read boolean, read_at timestamptz)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 50 COST 500 AS 'MODULE_PATHNAME', 'laurel_message_thread';
COMMENT ON FUNCTION laurel.message_thread(uuid, integer, uuid) IS
'What the caller has sent and received in a thread, newest first, with names: as each chose for the organization, [Deleted User] for who is gone. What went to'
' several is one row for its sender, with all recipients; is_read and read_at are of the first. max_rows: 1 to 100. before: the last row of the page'
' before. No rows where the caller has no part in it. Cost: an index scan of what is shown. Errors: 22004 no thread_id, 22023 max_rows is out of range.';

CREATE FUNCTION laurel.message_threads(max_rows integer DEFAULT 20, before timestamptz DEFAULT NULL)
RETURNS TABLE (thread_id uuid, last_at timestamptz, message_count bigint, unread_count bigint, last_message_id uuid, last_sender_id uuid, last_sender_name text, subject text, excerpt text)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 20 COST 1000 AS 'MODULE_PATHNAME', 'laurel_message_threads';
COMMENT ON FUNCTION laurel.message_threads(integer, timestamptz) IS
'The caller''s threads in the active organization, with the newest message first: how many messages the caller sees in each, how many are unread, and the'
' newest one with 200 characters of it. max_rows: 1 to 100. before: last_at of the last row of the page before. Cost: all messages of the caller are counted. Error 22023: max_rows is out of range.';

CREATE FUNCTION laurel.mark_messages_read(thread_id uuid DEFAULT NULL, ids uuid[] DEFAULT NULL) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_mark_messages_read';
COMMENT ON FUNCTION laurel.mark_messages_read(uuid, uuid[]) IS
'Marks what the caller has received in the active organization as read, all of it, of a thread, or what is named, and returns how many messages that were. Their senders see when. Other people''s are passed over.';

CREATE FUNCTION laurel.delete_messages(ids uuid[]) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_delete_messages';
COMMENT ON FUNCTION laurel.delete_messages(uuid[]) IS
'Deletes messages on the caller''s side, and returns how many rows that were: the other side keeps them. What both have deleted goes by retention. What the caller has sent to several is deleted as a whole. Other people''s are passed over. Error 22004: ids is null.';

CREATE FUNCTION laurel.block_member(user_id uuid) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_block_member';
COMMENT ON FUNCTION laurel.block_member(uuid) IS
'Lets the caller see nothing that a member sends from now on, who does not learn of it; what came before stays. Returns whether that is new. Errors: 22004 no user_id;'
' 42501 nobody calls; 23503 no member; 23514 oneself (message_blocks_blocked_id_check), or somebody who administers the organization (message_blocks_blocked_id_allowed); PT429 more than 100 in a day.';

CREATE FUNCTION laurel.unblock_member(user_id uuid) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_unblock_member';
COMMENT ON FUNCTION laurel.unblock_member(uuid) IS
'Lets the caller see what a member sends from now on; what was sent meanwhile stays unseen. Returns whether the member was blocked. Errors: 22004 no user_id, 42501 nobody calls.';

CREATE FUNCTION laurel.search_messages(query text, max_rows integer DEFAULT 20)
RETURNS TABLE (id uuid, thread_id uuid, created_at timestamptz, sender_id uuid, recipient_id uuid, subject text, excerpt text)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 20 COST 10000 AS 'MODULE_PATHNAME', 'laurel_search_messages';
COMMENT ON FUNCTION laurel.search_messages(text, integer) IS
'Messages of the caller in the active organization with those words, newest first, as the caller''s policies show them; words are marked ** in the excerpt. query: as for'
' websearch_to_tsquery (words, "phrases", or, -not), up to 500 characters, in the language that messaging_settings.search_language names. max_rows: 1 to 100. Cost: all messages of the'
' caller are read, and nobody else''s. Errors: 22004 no query; 22023 it is too long, or max_rows is out of range; 42501 the back end asks, who reads by laurel.messages_of().';

CREATE FUNCTION laurel.messages_of(user_id uuid, purpose text, organization_id uuid DEFAULT NULL)
RETURNS TABLE (id uuid, thread_id uuid, created_at timestamptz, sender_id uuid, recipient_id uuid, subject text, content text, attachments jsonb)
LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 100 COST 1000 AS 'MODULE_PATHNAME', 'laurel_messages_of';
COMMENT ON FUNCTION laurel.messages_of(uuid, text, uuid) IS
'All that a member has sent and received in an organization (the home where it is null), newest first, also what is deleted or not seen: for the back end, in a matter that is worth'
' it. Leaves a line in laurel.processing_log, which the member sees. purpose: what for, 3 to 500 bytes. Errors: 22004 no user_id or purpose; 22023 no purpose of that length; 23503 no such user; 25006 a read-only transaction.';
