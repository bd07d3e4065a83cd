-- Notifications: written for members, read and dismissed by them.

CREATE FUNCTION laurel_internal.check_link(link text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_check_link';
COMMENT ON FUNCTION laurel_internal.check_link(text) IS
'The CHECK of links of notifications: true for a place in the application or an address of at most 2,000 characters, without control characters,'
' blanks at its ends, or a script.';

CREATE FUNCTION laurel_internal.stamp_read() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_stamp_read';
COMMENT ON FUNCTION laurel_internal.stamp_read() IS
'BEFORE INSERT OR UPDATE row trigger where is_read and read_at disagree: marking as read fills read_at, marking as unread clears it, a time given alone marks as read.';

CREATE FUNCTION laurel.mark_notifications_read(ids uuid[] DEFAULT NULL) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_mark_notifications_read';
COMMENT ON FUNCTION laurel.mark_notifications_read(uuid[]) IS
'Marks the caller''s unread notifications in the active organization as read, all of them or those named, and returns how many that were. Other people''s are passed over.';

CREATE FUNCTION laurel.unread_notifications(at_most integer DEFAULT 1000) RETURNS bigint
LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_unread_notifications';
COMMENT ON FUNCTION laurel.unread_notifications(integer) IS
'How many unread notifications the caller has in the active organization. Counts no further than at_most, so that who has very many does not wait; null counts them all. Error 22023: at_most is less than 1.';

CREATE FUNCTION laurel.notify(
    user_id uuid, type text, title text, message text DEFAULT NULL, link text DEFAULT NULL, data jsonb DEFAULT '{}',
    organization_id uuid DEFAULT NULL, priority integer DEFAULT 5, dedupe_key text DEFAULT NULL,
    channels text[] DEFAULT NULL
) RETURNS uuid
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_notify';
COMMENT ON FUNCTION laurel.notify(uuid, text, text, text, text, jsonb, uuid, integer, text, text[]) IS
'Notifies a member and returns the notification''s id. type: 1 to 50 characters; title: 1 to 200. Without organization_id: the caller''s active organization; for service_role without claims the user''s home. priority: 0 critical (past quiet hours and digests), 1 high, 5 normal, 9 bulk. dedupe_key: a repeat in the organization changes nothing and returns the first one''s id. channels: exactly these (email, push, webhook), whatever preferences say. Errors: 42501 the caller is no administrator of the organization, 23503 no such user or member, 23502 and 23514 type, title, data, priority or channels out of range, 22004 no user_id, PT409 the dedupe_key was used for another user or type.';
