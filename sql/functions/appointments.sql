-- Appointments: whose time is free, and who has taken it.

CREATE TYPE laurel.booking AS (appointment_id uuid, status text, start_time timestamptz, end_time timestamptz, is_new boolean);
ALTER TYPE laurel.booking OWNER TO laurel_owner;
COMMENT ON TYPE laurel.booking IS 'An appointment as laurel.book_appointment() and its like leave it, as one object none of whose fields is null.';
COMMENT ON COLUMN laurel.booking.appointment_id IS 'The row of appointments.';
COMMENT ON COLUMN laurel.booking.status IS 'Its status: waitlisted where a session has no place left.';
COMMENT ON COLUMN laurel.booking.start_time IS 'When it begins.';
COMMENT ON COLUMN laurel.booking.end_time IS 'When it ends.';
COMMENT ON COLUMN laurel.booking.is_new IS 'False where it was so already: nothing was done again.';

CREATE TYPE laurel.free_slot AS (start_time timestamptz, end_time timestamptz);
ALTER TYPE laurel.free_slot OWNER TO laurel_owner;
COMMENT ON TYPE laurel.free_slot IS 'A time of the list that laurel.free_slots() offers; none of its fields is null.';
COMMENT ON COLUMN laurel.free_slot.start_time IS 'When it begins.';
COMMENT ON COLUMN laurel.free_slot.end_time IS 'When it ends.';

CREATE FUNCTION laurel_internal.book() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_book';
COMMENT ON FUNCTION laurel_internal.book() IS
'BEFORE INSERT or UPDATE row trigger of appointments: fills trainer, buffer, blocked and cancel_until, and those of a session into its places; locks trainer, room and'
' beneficiary, in that order, ends holds that have expired, and refuses what is not free (23P01, constraints appointments_trainer_id_excl, _room_id_excl,'
' _beneficiary_id_excl), what the caller may not (42501), what is too late or too early for that (23514).';

CREATE FUNCTION laurel_internal.keep_of_trainer() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_of_trainer';
COMMENT ON FUNCTION laurel_internal.keep_of_trainer() IS
'AFTER UPDATE row trigger of appointments, where words about it change: the trainer, administrators and trusted callers write them (42501).';

CREATE FUNCTION laurel_internal.follow_session() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_follow_session';
COMMENT ON FUNCTION laurel_internal.follow_session() IS
'AFTER UPDATE statement trigger of appointments, with transition tables: places of a group session move, end and are cancelled with it. 55P03 where somebody'
' changes one of them meanwhile.';

CREATE FUNCTION laurel_internal.take_session_place() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_take_session_place';
COMMENT ON FUNCTION laurel_internal.take_session_place() IS
'BEFORE INSERT or UPDATE row trigger of appointments that are places: locks the session and lets who asks for a place wait where none is left, or others wait'
' already. Refuses one in a session without waitlist that is full (23514 appointments_places), and in one that is over (appointments_session_open).';

CREATE FUNCTION laurel_internal.lock_sessions() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_lock_sessions';
COMMENT ON FUNCTION laurel_internal.lock_sessions() IS
'AFTER DELETE statement trigger of appointments, with the old rows: locks their sessions in one order, before they are counted.';

CREATE FUNCTION laurel_internal.promote_in_sessions() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_promote_in_sessions';
COMMENT ON FUNCTION laurel_internal.promote_in_sessions() IS
'AFTER UPDATE or DELETE statement trigger of appointments, with transition tables: gives places of sessions that have become free to who has waited longest.';

CREATE FUNCTION laurel_internal.fill_sessions() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_fill_sessions';
COMMENT ON FUNCTION laurel_internal.fill_sessions() IS
'AFTER UPDATE statement trigger of appointments, with transition tables: gives places that a session has more of to who has waited longest.';

CREATE FUNCTION laurel.free_slots(trainer_id uuid, from_time timestamptz, until_time timestamptz, duration interval DEFAULT '1 hour')
RETURNS SETOF laurel.free_slot
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 200 COST 1000 AS 'MODULE_PATHNAME', 'laurel_free_slots';
COMMENT ON FUNCTION laurel.free_slots(uuid, timestamptz, timestamptz, interval) IS
'Times of that duration, 1 minute to 24 hours, at which a trainer can be met: from now on within from_time and until_time, within availability_rules and'
' availability_exceptions, and free of appointments, holds that have not expired and buffers. They stand trainer_calendars.slot_minutes apart, else one after the'
' other, from the start of each stretch of availability. For members of the organization: the active one, of a trusted caller the trainer''s home. Errors: 22004 a null;'
' 22023 no such stretch of time (more than 366 days, or none), or duration; 42501 no member, or none of the trainer''s organization.';

CREATE FUNCTION laurel.book_appointment(
    beneficiary_id uuid, start_time timestamptz, end_time timestamptz, title text DEFAULT 'Appointment', trainer_id uuid DEFAULT NULL,
    room_id uuid DEFAULT NULL, location text DEFAULT NULL, meeting_url text DEFAULT NULL, type text DEFAULT NULL
) RETURNS laurel.booking
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_book_appointment';
COMMENT ON FUNCTION laurel.book_appointment(uuid, timestamptz, timestamptz, text, uuid, uuid, text, text, text) IS
'Books an appointment of a beneficiary with the own trainer, or the one that is named. A retry for the same beneficiary, trainer and times finds the first one. With the'
' caller''s rights: beneficiaries book with their trainer, where laurel.free_slots() has time; trainers with their beneficiaries, administrators any. Errors: 23P01'
' somebody or the room is not free; 42501 not allowed; 23503 no such beneficiary, trainer or room; 23514 as of the table, and appointments_available; 22004 no beneficiary or time.';

CREATE FUNCTION laurel.hold_appointment(
    beneficiary_id uuid, start_time timestamptz, end_time timestamptz, hold_for interval DEFAULT '10 minutes', title text DEFAULT 'Appointment',
    trainer_id uuid DEFAULT NULL, room_id uuid DEFAULT NULL
) RETURNS laurel.booking
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_hold_appointment';
COMMENT ON FUNCTION laurel.hold_appointment(uuid, timestamptz, timestamptz, interval, text, uuid, uuid) IS
'Keeps a time while somebody decides: 1 second to 24 hours. laurel.confirm_appointment() takes it, laurel.cancel_appointment() gives it up; after hold_for it keeps nobody'
' out and cannot be taken any more. A retry for the same beneficiary, trainer and times finds the first hold. Errors: as of laurel.book_appointment; 22023 hold_for.';

CREATE FUNCTION laurel.join_session(session_id uuid, beneficiary_id uuid) RETURNS laurel.booking
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_join_session';
COMMENT ON FUNCTION laurel.join_session(uuid, uuid) IS
'A place in a group session for a beneficiary: scheduled, or waitlisted where none is left. A retry finds the place. With the caller''s rights: beneficiaries for themselves, their'
' trainers and the trainer of the session, administrators. Errors: 23514 appointments_places full and no waitlist, appointments_session_open over; 23P01 the beneficiary has another appointment then; 23503 no such session or beneficiary; 42501 not allowed; 22004 a null.';

CREATE FUNCTION laurel.confirm_appointment(appointment_id uuid) RETURNS laurel.booking
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_confirm_appointment';
COMMENT ON FUNCTION laurel.confirm_appointment(uuid) IS
'Takes a time that is held, or says that an appointment stands: status confirmed. Once it is so nothing is done. Errors: 42501 none that the caller may change, or a hold that has'
' expired; 23514 appointments_status_steps it is over, cancelled or waitlisted, appointments_held_until it has expired; 22004 a null.';

CREATE FUNCTION laurel.reschedule_appointment(appointment_id uuid, start_time timestamptz, end_time timestamptz, room_id uuid DEFAULT NULL) RETURNS laurel.booking
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_reschedule_appointment';
COMMENT ON FUNCTION laurel.reschedule_appointment(uuid, timestamptz, timestamptz, uuid) IS
'Moves an appointment, and all places of a group session with it; both are told, with the event for their calendars. room_id: another room; null keeps it. Where it is at that time already nothing is done.'
' Errors: 23P01 not free; 23514 appointments_cancel_until too late for the beneficiary, appointments_movable it is over, held, or a place, appointments_available, appointments_start_time_check in'
' the past; 42501 none that the caller may change; 55P03 somebody changes a place of the session meanwhile; 22004 a null.';

CREATE FUNCTION laurel.cancel_appointment(appointment_id uuid, reason text DEFAULT NULL) RETURNS laurel.booking
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_cancel_appointment';
COMMENT ON FUNCTION laurel.cancel_appointment(uuid, text) IS
'Cancels an appointment, gives up a hold or a place; a place goes to who waits for one. Both are told. Once it is cancelled nothing is done. Errors: 23514 appointments_cancel_until too late'
' for the beneficiary, appointments_status_steps it is over; 42501 none that the caller may change; 22004 no appointment.';

CREATE FUNCTION laurel.complete_appointment(appointment_id uuid) RETURNS laurel.booking
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_complete_appointment';
COMMENT ON FUNCTION laurel.complete_appointment(uuid) IS
'Says that an appointment took place, once it has begun; of a session that everybody came of whom nothing else was said. For its trainer, administrators and trusted callers. Once it is so nothing is done. Errors: 23514 appointments_status_early it has not begun, appointments_status_steps; 42501 not allowed; 22004 a null.';

CREATE FUNCTION laurel.mark_no_show(appointment_id uuid) RETURNS laurel.booking
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_mark_no_show';
COMMENT ON FUNCTION laurel.mark_no_show(uuid) IS
'Says that the beneficiary did not come; as laurel.complete_appointment otherwise.';

CREATE FUNCTION laurel.appointment_ics(appointment_id uuid) RETURNS text
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_appointment_ics';
COMMENT ON FUNCTION laurel.appointment_ics(uuid) IS
'An appointment as iCalendar (RFC 5545), as laurel.event_ics() has an event. Null for one that the caller''s policies do not show.';

CREATE FUNCTION laurel_internal.appointment_invitation_ics(organization_id uuid, user_id uuid, appointment_id uuid, mail_from text) RETURNS text
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_appointment_invitation_ics';
COMMENT ON FUNCTION laurel_internal.appointment_invitation_ics(uuid, uuid, uuid, text) IS
'An appointment as iCalendar for its beneficiary or trainer: METHOD is REQUEST, or CANCEL once it is cancelled; ATTENDEE is that member alone, ORGANIZER the trainer, else the'
' organization, at the address mail comes from. Null for anybody else.';

CREATE FUNCTION laurel_internal.appointment_attachment(organization_id uuid, user_id uuid, data jsonb, mail_from text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT laurel_internal.invitation_file(laurel_internal.appointment_invitation_ics($1, $2,
        CASE WHEN $3 ->> 'appointment_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN ($3 ->> 'appointment_id')::uuid END, $4))
$$;
COMMENT ON FUNCTION laurel_internal.appointment_attachment(uuid, uuid, jsonb, text) IS
'What laurel_internal.attaches() sends with e-mails about the appointment of data: invite.ics.';

CREATE FUNCTION laurel.send_reminders() RETURNS bigint LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_send_reminders';
COMMENT ON FUNCTION laurel.send_reminders() IS
'Reminds beneficiaries and trainers of appointments, trainer_calendars.reminder_minutes before each: once for each of these times, and again after it was moved; of several that are'
' due the one nearest to it. Returns how many appointments; an organization that fails is noted in laurel.job_failures, and the others go on. An appointment that somebody holds is left to the next call. For a scheduler.';

CREATE FUNCTION laurel.expire_appointments() RETURNS bigint LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_expire_appointments';
COMMENT ON FUNCTION laurel.expire_appointments() IS
'Marks holds as expired whose time is over (they keep nobody out by then), gives places of sessions that are free to who has waited longest, and returns how many rows; an organization that fails is noted in laurel.job_failures,'
' and the others go on. What somebody holds is left to the next call. For a scheduler.';
