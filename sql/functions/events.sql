-- Events: places, who waits for one, who came.

CREATE FUNCTION laurel_internal.take_place() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_take_place';
COMMENT ON FUNCTION laurel_internal.take_place() IS
'BEFORE INSERT or UPDATE row trigger of participations: locks the event and lets who asks for a place wait where none is left,'
' or others wait already. Refuses more guests than the event allows (23514 participations_guests_allowed) or has places for'
' (participations_places), an event without waitlist that is full (participations_places), and one that is over or takes no'
' answers any more (participations_event_open).';

CREATE FUNCTION laurel_internal.lock_events() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_lock_events';
COMMENT ON FUNCTION laurel_internal.lock_events() IS
'AFTER DELETE statement trigger of participations, with the old rows: locks their events in one order, before they are counted.';

CREATE FUNCTION laurel_internal.promote_waiting() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_promote_waiting';
COMMENT ON FUNCTION laurel_internal.promote_waiting() IS
'AFTER UPDATE or DELETE statement trigger of participations, with transition tables: gives places that have become free to who'
' has waited longest.';

CREATE FUNCTION laurel_internal.fill_places() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_fill_places';
COMMENT ON FUNCTION laurel_internal.fill_places() IS
'AFTER UPDATE statement trigger of events, with transition tables: gives places that there are more of to who has waited longest.';

CREATE FUNCTION laurel_internal.check_presence() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_check_presence';
COMMENT ON FUNCTION laurel_internal.check_presence() IS
'AFTER INSERT or UPDATE row trigger of participations: who attended was going and came while the event lasted, give or take its'
' grace (23514 participations_check_in_time_allowed); who was a no-show was going to an event that has begun'
' (participations_attendance_status_allowed).';

CREATE FUNCTION laurel_internal.keep_answer() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_answer';
COMMENT ON FUNCTION laurel_internal.keep_answer() IS
'BEFORE DELETE row trigger of participations: members do not take back that they were at an event or missed it (23001'
' participations_attendance_kept), nor an answer to one that is over (23514 participations_event_open). Administrators and trusted callers do.';

CREATE FUNCTION laurel_internal.keep_reward() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_reward';
COMMENT ON FUNCTION laurel_internal.keep_reward() IS
'AFTER UPDATE row trigger of events, where points_reward changes: administrators and trusted callers say what attending is worth,'
' facilitators do not (42501).';

CREATE FUNCTION laurel_internal.end_event() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_end_event';
COMMENT ON FUNCTION laurel_internal.end_event() IS
'AFTER UPDATE statement trigger of events, with transition tables: who was going to an event that is completed now, and was not'
' checked in, is a no-show. What somebody else holds at that moment is left to laurel_internal.note_missing().';

CREATE FUNCTION laurel_internal.note_missing() RETURNS bigint LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_note_missing';
COMMENT ON FUNCTION laurel_internal.note_missing() IS
'Notes as no-shows who missed an event that was completed within a day, where somebody held the row meanwhile, and returns how many. For a scheduler.';

CREATE FUNCTION laurel_internal.raise_sequence() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_raise_sequence';
COMMENT ON FUNCTION laurel_internal.raise_sequence() IS
'BEFORE UPDATE row trigger of events and appointments, where what calendars show changes: sequence is one more than it was.';

CREATE FUNCTION laurel.check_in(event_id uuid, user_id uuid DEFAULT laurel.uid(), at timestamptz DEFAULT now()) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_check_in';
COMMENT ON FUNCTION laurel.check_in(uuid, uuid, timestamptz) IS
'Notes that a member who was going has come to an event: attended, with the event''s points, once. For the facilitator of the event,'
' administrators and trusted callers, afterwards too. at: when, within the time of the event and its check_in_grace, not in the'
' future. A second time changes nothing. Errors: 42501 not allowed, 22004 no event or user, 23503 no such event, 23514 the member was not going,'
' 22023 at lies in the future, 23514 at is outside the event''s time.';

CREATE FUNCTION laurel.invite_to_event(event_id uuid, user_ids uuid[]) RETURNS integer
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_invite_to_event';
COMMENT ON FUNCTION laurel.invite_to_event(uuid, uuid[]) IS
'Invites members of the organization to an event: each is told once, by an e-mail that carries the event for the calendar, and answers by'
' rsvp_status. An invitation takes no place. Who has answered or is invited already is passed over; returns how many are new. All or none. For the'
' facilitator of the event, administrators and trusted callers. Errors: 42501 not allowed, 22004 no event or users, 23503 no such event or a'
' user who is no member, 23514 participations_event_open the event takes no answers any more, 22023 more than 1,000 users.';

CREATE FUNCTION laurel.attendees(event_id uuid)
RETURNS TABLE (user_id uuid, name text, rsvp_status text, guests integer, waitlisted_at timestamptz, attendance_status text,
               check_in_time timestamptz, feedback_rating smallint, feedback text)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 50 COST 500 AS 'MODULE_PATHNAME', 'laurel_attendees';
COMMENT ON FUNCTION laurel.attendees(uuid) IS
'Who answered to an event or is invited, and what they thought of it: those who are going, then those who wait, in order, then the others. For its'
' facilitator, administrators and trusted callers. Errors: 42501 not allowed, 22004 no event, 23503 no such event.';

CREATE FUNCTION laurel.promote_waiting() RETURNS bigint LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_promote_all_waiting';
COMMENT ON FUNCTION laurel.promote_waiting() IS
'Gives places that are free to who has waited longest, in every organization, but at events that somebody holds, and returns how many; an organization that fails is noted in laurel.job_failures, and the others go on. Places are given when they become'
' free; this finds what was left because somebody held the row of who was next. For a scheduler.';

CREATE FUNCTION laurel.event_ics(event_id uuid) RETURNS text
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_event_ics';
COMMENT ON FUNCTION laurel.event_ics(uuid) IS
'An event as iCalendar (RFC 5545), for an attachment or a download: text/calendar in UTF-8, with an alarm 15 minutes ahead. UID stays the'
' same and SEQUENCE grows with each change, so that a calendar takes it over; METHOD is PUBLISH, or CANCEL once it is cancelled. Null for'
' an event that the caller''s policies do not show.';

CREATE FUNCTION laurel_internal.invitation_ics(organization_id uuid, user_id uuid, event_id uuid, mail_from text) RETURNS text
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_invitation_ics';
COMMENT ON FUNCTION laurel_internal.invitation_ics(uuid, uuid, uuid, text) IS
'An event of the organization as iCalendar for one who was asked: METHOD is REQUEST, or CANCEL once it is cancelled; ATTENDEE is that member alone, with the'
' own answer as PARTSTAT, ORGANIZER whoever looks after the event, else the organization, at the address mail comes from. Null for who is not asked.';

CREATE FUNCTION laurel_internal.invitation_file(ics text) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_array(jsonb_build_object('filename', 'invite.ics', 'content_type', 'application/ics', 'text', ics,
        'alternative', 'text/calendar; method=' || substring(ics FROM 'METHOD:([A-Z]+)')))
$$;
COMMENT ON FUNCTION laurel_internal.invitation_file(text) IS
'iCalendar text as what an e-mail carries: invite.ics, shown by mail programs as the invitation that it is. Null for null.';

CREATE FUNCTION laurel_internal.event_attachment(organization_id uuid, user_id uuid, data jsonb, mail_from text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT laurel_internal.invitation_file(laurel_internal.invitation_ics($1, $2,
        CASE WHEN $3 ->> 'event_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN ($3 ->> 'event_id')::uuid END, $4))
$$;
COMMENT ON FUNCTION laurel_internal.event_attachment(uuid, uuid, jsonb, text) IS
'What laurel_internal.attaches() sends with e-mails about the event of data: invite.ics.';

CREATE FUNCTION laurel.create_calendar_feed(organization_id uuid DEFAULT NULL) RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_create_calendar_feed';
COMMENT ON FUNCTION laurel.create_calendar_feed(uuid) IS
'A token with which a calendar program fetches the caller''s events and appointments in an organization, by laurel.calendar_feed; it replaces the one before.'
' The database keeps a hash of it. organization_id: the active one where null. Errors: 22004 nobody calls; 42501 not a member.';

CREATE FUNCTION laurel.revoke_calendar_feed(organization_id uuid DEFAULT NULL) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_revoke_calendar_feed';
COMMENT ON FUNCTION laurel.revoke_calendar_feed(uuid) IS
'Makes the caller''s token of an organization worthless; false where there was none. Errors: as of laurel.create_calendar_feed.';

CREATE FUNCTION laurel.calendar_feed(token text) RETURNS text
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_calendar_feed';
COMMENT ON FUNCTION laurel.calendar_feed(text) IS
'The events of whose token it is, as iCalendar (RFC 5545): those answered with going, maybe or waitlisted that are to come or ended in the'
' last 30 days, and the appointments of the same time that stand, also as their trainer; 500 of each. For whoever holds the token, without signing in. Null for a token that is none, or of somebody who has left'
' or may not sign in.';

CREATE FUNCTION laurel_internal.make_occurrences() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_make_occurrences';
COMMENT ON FUNCTION laurel_internal.make_occurrences() IS
'AFTER INSERT statement trigger of event_series, with the new rows: refuses a rule that is not in order, names no day or takes too many'
' steps (23514 event_series_rrule_check), and makes the occurrences of the window.';

CREATE FUNCTION laurel_internal.follow_series() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_follow_series';
COMMENT ON FUNCTION laurel_internal.follow_series() IS
'AFTER UPDATE statement trigger of event_series, with transition tables: checks the rule as laurel_internal.make_occurrences does, and brings'
' occurrences that are to come and that nobody has altered to what the series says: moves, cancels and makes them.';

CREATE FUNCTION laurel_internal.note_exception() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_note_exception';
COMMENT ON FUNCTION laurel_internal.note_exception() IS
'BEFORE UPDATE row trigger of events, where an occurrence is altered by itself: it is an exception from then on, which its series leaves alone.';

CREATE FUNCTION laurel.end_series(series_id uuid, cancel boolean DEFAULT false) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_end_series';
COMMENT ON FUNCTION laurel.end_series(uuid, boolean) IS
'Ends a series: no more occurrences are made. Those that were made take place, as people have answered to them; with cancel those to come that'
' nobody has altered are cancelled, and who goes is told once. Returns how many were cancelled. For the facilitator of the series,'
' administrators and trusted callers. Errors: 22004 a null, 42501 not allowed or no such series.';

CREATE FUNCTION laurel.extend_series() RETURNS bigint LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_extend_series';
COMMENT ON FUNCTION laurel.extend_series() IS
'Makes the occurrences of series that have come into their windows, in every organization, and returns how many; an organization that fails is noted in'
' laurel.job_failures, and the others go on. For a scheduler; as often as it is called, an occurrence is made once.';

CREATE FUNCTION laurel.preview_series(rrule text, starts_on timestamp, time_zone text, count integer DEFAULT 10)
RETURNS TABLE (day date, starts_at timestamptz)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 10 COST 500 AS 'MODULE_PATHNAME', 'laurel_preview_series';
COMMENT ON FUNCTION laurel.preview_series(text, timestamp, text, integer) IS
'When a series would take place: the first days of a rule (RRULE of RFC 5545), and when it starts on each. rrule, starts_on, time_zone: as of'
' laurel.event_series. count: how many at most, 1 to 1000; fewer where the rule ends, or names no more in 10,000 of its periods.'
' A time that the clock skips is taken as if it had not been turned yet, one that it shows twice is the first.'
' Errors: 22004 a null, 22023 a rule or zone that there is not, starts_on not in whole seconds from 1970-01-01 to 2199-12-31, a rrule of more than 2,000 bytes, count out of range.';
