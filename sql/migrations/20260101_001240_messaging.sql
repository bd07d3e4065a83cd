-- Up Migration
-- Messaging: members write to each other, and nobody else reads it.

CREATE TABLE laurel.messaging_settings (
    organization_id uuid CONSTRAINT messaging_settings_pkey PRIMARY KEY CONSTRAINT messaging_settings_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    learners_write_each_other boolean NOT NULL DEFAULT false,
    text_in_notifications boolean NOT NULL DEFAULT false,
    daily_limit bigint NOT NULL DEFAULT 500 CONSTRAINT messaging_settings_daily_limit_check CHECK (daily_limit BETWEEN 0 AND 1000000),
    search_language text NOT NULL DEFAULT 'simple' CONSTRAINT messaging_settings_search_language_check CHECK (search_language IN (
        'simple', 'arabic', 'armenian', 'basque', 'catalan', 'danish', 'dutch', 'english', 'finnish', 'french', 'german', 'greek', 'hindi', 'hungarian', 'indonesian',
        'irish', 'italian', 'lithuanian', 'nepali', 'norwegian', 'portuguese', 'romanian', 'russian', 'serbian', 'spanish', 'swedish', 'tamil', 'turkish', 'yiddish')),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE laurel.messages (
    id uuid CONSTRAINT messages_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    thread_id uuid NOT NULL DEFAULT laurel_internal.assigned()::uuid,
    parent_id uuid,
    copy_of uuid,
    sender_id uuid,
    recipient_id uuid,
    subject text CONSTRAINT messages_subject_check CHECK (char_length(subject) BETWEEN 1 AND 200),
    content text NOT NULL CONSTRAINT messages_content_check CHECK (char_length(content) BETWEEN 1 AND 20000)
        CONSTRAINT messages_content_said_check CHECK (btrim(content, E' \t\n\r') <> ''),
    attachments jsonb NOT NULL DEFAULT '[]' CONSTRAINT messages_attachments_check CHECK (laurel_internal.check_json(attachments, 'messages', 'attachments', true)),
    is_read boolean NOT NULL DEFAULT false,
    read_at timestamptz,
    sender_deleted_at timestamptz,
    recipient_deleted_at timestamptz,
    deleted_at timestamptz GENERATED ALWAYS AS (CASE WHEN (sender_id IS NULL OR sender_deleted_at IS NOT NULL) AND (recipient_id IS NULL OR recipient_deleted_at IS NOT NULL)
        THEN coalesce(greatest(sender_deleted_at, recipient_deleted_at), created_at) END) STORED,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT messages_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT messages_recipient_id_check CHECK (recipient_id <> sender_id),
    CONSTRAINT messages_parent_id_check CHECK (parent_id <> id),
    CONSTRAINT messages_read_at_check CHECK (is_read = (read_at IS NOT NULL)),
    -- Each has a name, a size in bytes and a type; the file itself is where path or document_id say.
    CONSTRAINT messages_attachments_form_check CHECK (jsonb_typeof(attachments) = 'array' AND jsonb_array_length(attachments) <= 20
        AND jsonb_array_length(jsonb_path_query_array(attachments, 'strict $[*] ? (@.type() == "object" && @.name like_regex "^[^/]{1,255}$" && @.size >= 0
            && @.size <= 1000000000000 && @.mime_type like_regex "^[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,90}$")')) = jsonb_array_length(attachments)),
    CONSTRAINT messages_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    CONSTRAINT messages_sender_id_fkey FOREIGN KEY (organization_id, sender_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (sender_id),
    CONSTRAINT messages_recipient_id_fkey FOREIGN KEY (organization_id, recipient_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (recipient_id),
    CONSTRAINT messages_parent_id_fkey FOREIGN KEY (organization_id, parent_id) REFERENCES laurel.messages (organization_id, id) ON DELETE SET NULL (parent_id),
    CONSTRAINT messages_copy_of_fkey FOREIGN KEY (organization_id, copy_of) REFERENCES laurel.messages (organization_id, id) ON DELETE SET NULL (copy_of)
) WITH (fillfactor = 90);
-- A thread, newest first; what somebody was written and has written; what is unread of a member, counted in the index alone.
CREATE INDEX messages_thread_id_idx ON laurel.messages (organization_id, thread_id, created_at DESC, id DESC);
CREATE INDEX messages_recipient_id_idx ON laurel.messages (recipient_id, organization_id, created_at DESC, id DESC);
CREATE INDEX messages_sender_id_idx ON laurel.messages (sender_id, organization_id, created_at DESC, id DESC);
CREATE INDEX messages_unread_idx ON laurel.messages (recipient_id, organization_id, thread_id) INCLUDE (sender_id, created_at) WHERE NOT is_read AND recipient_deleted_at IS NULL;
-- Answers to a message; to whom else it went, each once.
CREATE INDEX messages_parent_id_idx ON laurel.messages (organization_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE UNIQUE INDEX messages_copy_of_key ON laurel.messages (organization_id, copy_of, recipient_id) WHERE copy_of IS NOT NULL;

CREATE TABLE laurel.message_blocks (
    id uuid CONSTRAINT message_blocks_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    blocked_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    CONSTRAINT message_blocks_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT message_blocks_blocked_id_check CHECK (blocked_id <> user_id),
    CONSTRAINT message_blocks_ended_at_check CHECK (ended_at >= created_at),
    CONSTRAINT message_blocks_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT message_blocks_blocked_id_fkey FOREIGN KEY (organization_id, blocked_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- Whom a member blocks, and has blocked; whom nobody needs to block any more.
CREATE INDEX message_blocks_user_id_idx ON laurel.message_blocks (user_id, organization_id);
CREATE INDEX message_blocks_blocked_id_idx ON laurel.message_blocks (blocked_id, organization_id);
-- One is blocked once at a time.
CREATE UNIQUE INDEX message_blocks_open_key ON laurel.message_blocks (organization_id, user_id, blocked_id) WHERE ended_at IS NULL;

CREATE TABLE laurel_internal.blocking_changes (nothing boolean);

SELECT laurel_internal.belongs('laurel.messages', 'parent_id', 'laurel.messages', copies => '{thread_id}'),
       laurel_internal.belongs('laurel.messages', 'copy_of', 'laurel.messages', copies => '{sender_id, parent_id, thread_id}', required => $$ copy_of IS NULL $$),
       laurel_internal.add_tenant_triggers('laurel.messaging_settings'), laurel_internal.add_tenant_triggers('laurel.messages'),
       laurel_internal.add_tenant_triggers('laurel.message_blocks'),
       laurel_internal.keep('laurel.messages', 'thread_id', 'parent_id', 'copy_of', 'sender_id', 'recipient_id', 'created_at'),
       laurel_internal.keep('laurel.message_blocks', 'user_id', 'blocked_id', 'created_at'),
       laurel_internal.quota('laurel.messages', 'messages_daily', owner => '{sender_id}', amount => '1', period => 'day', member => 'sender_id', allowed => $$
           coalesce((SELECT s.daily_limit FROM ONLY laurel.messaging_settings s WHERE s.organization_id = messages.organization_id), 500) $$),
       laurel_internal.quota('laurel.message_blocks', 'message_blocks_daily', owner => '{user_id}', amount => '1', period => 'day', allowed => '100'),
       laurel_internal.add_signal('laurel.message_blocks', 'blocking_changes', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE');

CREATE TRIGGER c_admit_message BEFORE INSERT ON laurel.messages
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.admit_message();
CREATE TRIGGER keep_read BEFORE UPDATE ON laurel.messages
    FOR EACH ROW WHEN (OLD.is_read AND (NOT NEW.is_read OR OLD.read_at IS DISTINCT FROM NEW.read_at)) EXECUTE FUNCTION laurel_internal.keep_read();
CREATE TRIGGER stamp_read BEFORE INSERT OR UPDATE ON laurel.messages
    FOR EACH ROW WHEN (NEW.is_read <> (NEW.read_at IS NOT NULL)) EXECUTE FUNCTION laurel_internal.stamp_read();
CREATE TRIGGER c_admit_block BEFORE INSERT ON laurel.message_blocks
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.admit_block();

-- Whoever blocks the sender hears nothing. Of who writes to whom an event tells nothing, since others read it; the text is in no mail unless the organization wants it there.
SELECT laurel_internal.tell('laurel.messages', $$
           SELECT n.organization_id, n.recipient_id AS user_id, 'message_received' AS type, n.id, 'New message' AS title,
                  CASE WHEN s.text_in_notifications THEN pg_catalog.left(n.content, 500) END AS message, '/messages/' || n.thread_id AS link,
                  pg_catalog.jsonb_build_object('message_id', n.id) AS data
           FROM new_rows n LEFT JOIN ONLY laurel.messaging_settings s ON s.organization_id = n.organization_id
           WHERE NOT n.is_read AND n.recipient_id IS NOT NULL AND n.recipient_deleted_at IS NULL AND NOT EXISTS (
               SELECT FROM ONLY laurel.message_blocks b WHERE b.organization_id = n.organization_id AND b.user_id = n.recipient_id AND b.blocked_id = n.sender_id AND b.ended_at IS NULL) $$);

-- Sender and recipient read what they have not deleted, and administrators nothing. The back end sees who has written to whom; what was
-- written, by laurel.messages_of() alone, which leaves a line.
SELECT laurel_internal.protect('laurel.messaging_settings', 'catalogue'),
       laurel_internal.protect('laurel.messages', 'service', commands => '{"service_role": "INSERT"}',
           writes => '{"INSERT": "id, organization_id, parent_id, copy_of, sender_id, recipient_id, subject, content, attachments, is_read, read_at, created_at"}'),
       laurel_internal.grant_command('laurel.messages', 'SELECT', 'service_role', 'id, organization_id, thread_id, parent_id, copy_of, sender_id, recipient_id, is_read, read_at, sender_deleted_at, recipient_deleted_at, deleted_at, created_at'),
       laurel_internal.allow('laurel.messages', 'SELECT', 'authenticated', 'both read', 'organization_id = laurel.org_id() AND (sender_id = laurel_internal.me() AND sender_deleted_at IS NULL'
           ' OR recipient_id = laurel_internal.me() AND recipient_deleted_at IS NULL AND NOT laurel_internal.withholds(sender_id, created_at))'),
       laurel_internal.allow_writers('laurel.messages', '{"always": "organization_id = laurel.org_id() AND ", "sender": "sender_id = laurel_internal.me()",
               "recipient": "recipient_id = laurel_internal.me() AND recipient_deleted_at IS NULL AND NOT laurel_internal.withholds(sender_id, created_at)"}', '{sender, recipient}',
           '{"sender": "INSERT", "recipient": "UPDATE"}', '{"INSERT": "id, organization_id, parent_id, copy_of, sender_id, recipient_id, subject, content, attachments", "UPDATE": "is_read"}'),
       laurel_internal.protect('laurel.message_blocks', 'private', commands => '{"self": "INSERT"}', writes => '{"INSERT": "id, organization_id, user_id, blocked_id"}'),
       laurel_internal.protect('laurel_internal.blocking_changes', 'internal'),
       laurel_internal.member('laurel.message_blocks');

SELECT laurel_internal.explain('laurel.messaging_settings', 'How members of an organization write to each other: without a row by the defaults.', '{
    "learners_write_each_other": "Whether members who are learners only write to each other too. Trainers, managers and administrators write to everybody, and everybody to them.",
    "text_in_notifications": "Whether notifications, and so mails, carry the first 500 characters of a message; otherwise they say only that there is one.",
    "daily_limit": "How many messages each member may send in a day, 0 to 1,000,000; a message to several counts once for each. 500 without a row.",
    "search_language": "The language by which laurel.search_messages() takes words for the same: simple for none, or one that Postgres has."}'),
       laurel_internal.explain('laurel.messages', 'What members write to each other, a row for each recipient. Nobody but the two reads it; who is gone is [Deleted User]. What is deleted on both sides goes by retention.', '{
    "thread_id": "The message that began the thread, itself there; taken from the parent.",
    "parent_id": "The message that this one answers, one that its sender has sent or received; null once that is gone. Never changed.",
    "copy_of": "The first row of a message that went to several: the same sender, parent and text, another recipient. Whoever has begun a thread brings others in with it.",
    "sender_id": "Who writes; null once he or she is gone.",
    "recipient_id": "Who is written to, never the sender, and in an answer somebody of the thread; null once he or she is gone.",
    "subject": "What it is about, 1 to 200 characters.",
    "content": "The message, 1 to 20,000 characters.",
    "attachments": "What comes with it, an array of up to 20 objects: name (up to 255 characters, without /), size (bytes), mime_type; and path, document_id or what else the application keeps. The files are the application''s.",
    "is_read": "Whether the recipient has read it: set by the recipient alone, never taken back. The sender sees it.",
    "read_at": "When; set then and only then.",
    "sender_deleted_at": "When its sender deleted it: he or she sees it no more.",
    "recipient_deleted_at": "When its recipient did.",
    "deleted_at": "When the last of the two deleted it, or was gone: retention counts from there."}'),
       laurel_internal.explain('laurel.message_blocks', 'Who wants to read nothing of whom. Messages sent meanwhile stay unseen for ever, and their sender does not learn of it. Seen by nobody but who blocks.', '{
    "user_id": "Who blocks.",
    "blocked_id": "Who is blocked, no org_admin; never changed.",
    "created_at": "From when on.",
    "ended_at": "Until when; null while it lasts. laurel.unblock_member() sets it."}'),
       laurel_internal.explain('laurel_internal.blocking_changes', 'Stores nothing: its relation-cache invalidation tells every session that somebody blocks somebody, or does so no more.', '{
    "nothing": "Never filled."}');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.messaging_settings', '{learners_write_each_other, text_in_notifications, daily_limit, search_language}');

-- Personal data: the other side keeps what was said, without the name.
SELECT laurel_internal.personal('laurel.messages', '{subject, content, attachments}', encrypted => false);
SELECT laurel_internal.person('laurel.messages', 'sender_id', 'laurel.messages sent', 'keep', 'move', clears => '{"sender_deleted_at": "coalesce(t.sender_deleted_at, pg_catalog.clock_timestamp())"}'),
       laurel_internal.person('laurel.messages', 'recipient_id', 'laurel.messages received', 'keep', 'move', clears => '{"recipient_deleted_at": "coalesce(t.recipient_deleted_at, pg_catalog.clock_timestamp())"}'),
       laurel_internal.person('laurel.messages', 'subject', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.messages', 'content', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.messages', 'attachments', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.message_blocks', 'blocked_id', NULL, 'delete', 'move');
-- Nobody gets them by exporting somebody else; nor does who is exported get what he or she blocks.
UPDATE ONLY laurel_internal.person_columns c SET exported_where = w.condition
FROM (VALUES ('sender_id', '(laurel.uid() IS NULL OR f.sender_id = laurel.uid())'),
    ('recipient_id', '(laurel.uid() IS NULL OR f.recipient_id = laurel.uid()) AND NOT EXISTS (SELECT FROM ONLY laurel.message_blocks b WHERE b.organization_id = f.organization_id'
        ' AND b.user_id = f.recipient_id AND b.blocked_id = f.sender_id AND b.created_at <= f.created_at AND (b.ended_at > f.created_at) IS NOT FALSE)')) w (column_name, condition)
WHERE c.table_name = 'laurel.messages' AND c.column_name = w.column_name;

INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, user_columns, source) VALUES
    ('messages_deleted', 'messages', '30 days', 'delete', 'deleted_at', '{sender_id,recipient_id}', 'Messages that both sides have deleted, or are gone from: 30 days.');

-- Down Migration

DROP FUNCTION laurel.member(laurel.message_blocks);
DROP TABLE laurel.message_blocks, laurel.messages, laurel.messaging_settings, laurel_internal.blocking_changes;
DELETE FROM ONLY laurel.quota_usage WHERE kind IN ('messages_daily', 'message_blocks_daily');
DELETE FROM ONLY laurel.retention_policies WHERE name = 'messages_deleted';
DELETE FROM ONLY laurel_internal.person_columns WHERE table_name IN ('laurel.messages', 'laurel.message_blocks');
