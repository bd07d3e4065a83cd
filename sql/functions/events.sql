-- Events: places, who waits for one, who came.

CREATE FUNCTION laurel_internal.take_place() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_take_place';
COMMENT ON FUNCTION laurel_internal.take_place() IS
'BEFORE INSERT or UPDATE row trigger of participations: locks the event and lets who asks for a place wait where none is left,'
' or others wait already. Refuses more guests than the event allows (23514 participations_guests_allowed) or has places for'
' (participations_places), an event without waitlist that is full (participations_places), and one that is over or takes no'
' answers any more (participations_event_open).';

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

CREATE FUNCTION laurel_internal.end_event() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_end_event';
COMMENT ON FUNCTION laurel_internal.end_event() IS
'AFTER UPDATE statement trigger of events, with transition tables: who was going to an event that is completed now, and was not'
' checked in, is a no-show.';

CREATE FUNCTION laurel_internal.raise_sequence() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_raise_sequence';
COMMENT ON FUNCTION laurel_internal.raise_sequence() IS
'BEFORE UPDATE row trigger of events, where what calendars show changes: sequence is one more than it was.';

CREATE FUNCTION laurel.check_in(event_id uuid, user_id uuid DEFAULT laurel.uid(), at timestamptz DEFAULT now()) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_check_in';
COMMENT ON FUNCTION laurel.check_in(uuid, uuid, timestamptz) IS
'Notes that a member who was going has come to an event: attended, with the event''s points, once. For the facilitator of the event,'
' administrators and trusted callers, afterwards too. at: when, within the time of the event and its check_in_grace, not in the'
' future. A second time changes nothing. Errors: 42501 not allowed, 22004 no event or user, 23503 no such event, 23514 the member was not going,'
' 22023 at lies in the future, 23514 at is outside the event''s time.';

CREATE FUNCTION laurel.promote_waiting() RETURNS bigint LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_promote_all_waiting';
COMMENT ON FUNCTION laurel.promote_waiting() IS
'Gives places that are free to who has waited longest, in every organization, and returns how many. Places are given when they become'
' free; this finds what was left because somebody held the row of who was next. For a scheduler.';
