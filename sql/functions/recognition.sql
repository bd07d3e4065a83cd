-- Recognition: who approves, who sees, and the feed.

CREATE FUNCTION laurel_internal.decide_recognition() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_decide_recognition';
COMMENT ON FUNCTION laurel_internal.decide_recognition() IS
'BEFORE INSERT row trigger of recognitions: it needs a sender and a recipient (23502), is public where nothing else is said, and where status is left'
' out it is approved, or waits for approval as recognition_settings say.';

CREATE FUNCTION laurel_internal.approves(sender_id uuid) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'laurel_approves';
COMMENT ON FUNCTION laurel_internal.approves(uuid) IS
'Whether the caller is the manager of a sender of recognitions in the active organization, where managers approve.';

CREATE FUNCTION laurel_internal.recognition_approvers(organization_id uuid, sender_id uuid, recipient_id uuid) RETURNS SETOF uuid
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED ROWS 2 COST 100 AS 'MODULE_PATHNAME', 'laurel_recognition_approvers';
COMMENT ON FUNCTION laurel_internal.recognition_approvers(uuid, uuid, uuid) IS
'Whom to tell that a recognition waits: the sender''s manager where managers approve and there is one, else the administrators of the'
' organization; neither of the two.';

CREATE FUNCTION laurel.recognition_allowance(user_id uuid DEFAULT laurel.uid(), organization_id uuid DEFAULT NULL)
RETURNS TABLE (month date, allowed bigint, used bigint, remaining bigint, ends_at timestamptz)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 6 COST 500 AS 'MODULE_PATHNAME', 'laurel_recognition_allowance';
COMMENT ON FUNCTION laurel.recognition_allowance(uuid, uuid) IS
'What a member may give in recognitions: this month, and the months of a year back in which something was given, newest first. allowed:'
' points of the month by the roles held and the settings, of a month that is over as they were when something was last given; remaining: what is left, or'
' was lost; ends_at: when the next month begins by the organization''s clock, and the allowance is whole again. For the member,'
' administrators and trusted callers. organization_id: the active one where null; no rows where there is none. Errors: 22004 no user,'
' 42501 not allowed.';

CREATE FUNCTION laurel_internal.sees_recognition(recognition_id uuid) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'laurel_sees_recognition';
COMMENT ON FUNCTION laurel_internal.sees_recognition(uuid) IS 'Whether the caller''s policies show a recognition. For policies of what hangs on it.';

CREATE FUNCTION laurel.recognize(
    recipients uuid[], message text, points bigint DEFAULT 0, split boolean DEFAULT false, visibility text DEFAULT 'public',
    company_value_id uuid DEFAULT NULL, team_id uuid DEFAULT NULL
)
RETURNS TABLE (id uuid, recipient_id uuid, points_awarded bigint, status text)
LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1 AS 'MODULE_PATHNAME', 'laurel_recognize';
COMMENT ON FUNCTION laurel.recognize(uuid[], text, bigint, boolean, text, uuid, uuid) IS
'Thanks several members at once, all or none, as the caller: one recognition each, with the points for each, or split among them (those'
' named first get what is left over). visibility: public, team (the one of team_id) or private. Returns a row for each; one that must be approved is pending.'
' Errors: 22004 visibility is null, 22023 nobody is named, or somebody twice; as of INSERT: 23502 nobody calls, 23514 oneself or what the checks say, 23503 not a member, PT429 more than one may give.';

CREATE FUNCTION laurel.approve_recognition(recognition_id uuid, note text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_approve_recognition';
COMMENT ON FUNCTION laurel.approve_recognition(uuid, text) IS
'Approves a recognition that waits: its points go to the recipient, who is told. For administrators, and the sender''s manager where'
' recognition_settings.approval is manager; never for sender or recipient. Errors: 42501 not allowed, or no such recognition; PT409 it'
' does not wait any more, or its recipient has left.';

CREATE FUNCTION laurel.reject_recognition(recognition_id uuid, note text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_reject_recognition';
COMMENT ON FUNCTION laurel.reject_recognition(uuid, text) IS
'Rejects a recognition that waits: its sender is told, and may give its points to somebody else. For those who may approve it. Errors:'
' as of laurel.approve_recognition.';

CREATE FUNCTION laurel.withdraw_recognition(recognition_id uuid) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_withdraw_recognition';
COMMENT ON FUNCTION laurel.withdraw_recognition(uuid) IS
'Takes back a recognition that waits, for its sender, who may give its points to somebody else. Errors: 42501 it is somebody else''s, or'
' there is none; PT409 it does not wait any more.';

CREATE FUNCTION laurel.recognition_feed(max_rows integer DEFAULT 20, before uuid DEFAULT NULL)
RETURNS TABLE (id uuid, created_at timestamptz, sender_id uuid, sender_name text, recipient_id uuid, recipient_name text, message text,
               points_awarded bigint, company_value text, visibility text, comments_count bigint, reactions_count bigint, adds_to uuid)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 20 COST 500 AS 'MODULE_PATHNAME', 'laurel_recognition_feed';
COMMENT ON FUNCTION laurel.recognition_feed(integer, uuid) IS
'Approved recognitions of the active organization that the caller may see, newest first, with names: as each chose for the organization,'
' [Deleted User] for who is gone. max_rows: 1 to 100. before: the last row of the page before. Cost: an index scan of what is shown.'
' Errors: 22023 max_rows is out of range.';
