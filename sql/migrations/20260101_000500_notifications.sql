-- Up Migration
-- Notifications: what members are told in the application.

CREATE TABLE laurel.notifications (
    id uuid CONSTRAINT notifications_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    type text NOT NULL CONSTRAINT notifications_type_check CHECK (char_length(type) BETWEEN 1 AND 50),
    title text NOT NULL CONSTRAINT notifications_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    message text CONSTRAINT notifications_message_check CHECK (char_length(message) <= 20000),
    link text CONSTRAINT notifications_link_check CHECK (char_length(link) <= 2000 AND laurel_internal.check_link(link)),
    data jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT notifications_data_check CHECK (laurel_internal.check_json(data, 'notifications', 'data')),
    priority smallint NOT NULL DEFAULT 5 CONSTRAINT notifications_priority_check CHECK (priority IN (0, 1, 5, 9)),
    channels text[] CONSTRAINT notifications_channels_check CHECK (channels <@ '{email,push,webhook}' AND cardinality(channels) <= 3),
    dedupe_key text CONSTRAINT notifications_dedupe_key_check CHECK (char_length(dedupe_key) BETWEEN 1 AND 200),
    is_read boolean NOT NULL DEFAULT false,
    read_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
        CONSTRAINT notifications_created_at_check CHECK (isfinite(created_at)),
    CONSTRAINT notifications_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT notifications_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT notifications_read_at_check CHECK (is_read = (read_at IS NOT NULL))
);
-- A member's notifications, newest first; the unread ones, and how many they are.
CREATE INDEX notifications_user_idx ON laurel.notifications (user_id, organization_id, created_at DESC);
CREATE INDEX notifications_unread_idx ON laurel.notifications (user_id, organization_id, created_at DESC)
    WHERE NOT is_read;
-- Each said once.
CREATE UNIQUE INDEX notifications_dedupe_key ON laurel.notifications (organization_id, dedupe_key)
    WHERE dedupe_key IS NOT NULL;
-- All of a kind; those read long enough ago to go.
CREATE INDEX notifications_type_idx ON laurel.notifications (organization_id, type);
CREATE INDEX notifications_read_at_idx ON laurel.notifications (read_at) WHERE read_at IS NOT NULL;

-- A restore makes triggers after the data, so no row is stamped anew.
SELECT laurel_internal.add_tenant_triggers('laurel.notifications');
CREATE TRIGGER stamp_read BEFORE INSERT OR UPDATE ON laurel.notifications FOR EACH ROW
    WHEN (NEW.is_read <> (NEW.read_at IS NOT NULL)) EXECUTE FUNCTION laurel_internal.stamp_read();

-- Private: not even administrators read what somebody else was told.
SELECT laurel_internal.protect('laurel.notifications', 'private', commands => '{"self": "UPDATE, DELETE", "administrators": "INSERT"}',
    writes => '{"UPDATE": "is_read, read_at"}');

SELECT laurel_internal.member('laurel.notifications');

SELECT laurel_internal.explain('laurel.notifications', 'What members are told in the application. Read, marked and dismissed by the member alone; written by administrators and the back end. An administrator who wants the id back calls laurel.notify(): the row is not his to read.', '{
    "organization_id": "The organization; filled in from the user''s home, never changed.",
    "user_id": "Who is told.",
    "type": "The kind of news, such as badge_earned; 1 to 50 characters.",
    "title": "The news in one line; 1 to 200 characters.",
    "message": "More about it; at most 20,000 characters.",
    "link": "Where it leads: a place in the application, which messages join with the organization''s base_url, or an address; at most 2,000 characters, no blanks at its ends, no script.",
    "data": "What an application needs to show it, an object of at most 64 kB and 32 levels; for badge_earned {\"badge_id\", \"slug\", \"points\"}.",
    "priority": "0 critical (goes out first and at once, past quiet hours and digests), 1 high, 5 normal, 9 bulk.",
    "channels": "Where it goes, whatever preferences say: any of email, push and webhook, or none of them; null leaves it to preferences.",
    "dedupe_key": "Says it once: unique in the organization; laurel.notify() answers a repeat with the first one''s id.",
    "is_read": "Whether it was read.",
    "read_at": "When it was read; filled and cleared with is_read.",
    "created_at": "When it was written."}');

-- Down Migration

DROP FUNCTION laurel.member(laurel.notifications);
DROP TABLE laurel.notifications;
