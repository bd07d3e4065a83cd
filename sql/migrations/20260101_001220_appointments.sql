-- Up Migration
-- Appointments: when trainers have time, and who meets whom, when and where.

CREATE TABLE laurel.rooms (
    id uuid CONSTRAINT rooms_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT rooms_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT rooms_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    description text CONSTRAINT rooms_description_check CHECK (char_length(description) <= 2000),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT rooms_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT rooms_name_key UNIQUE (organization_id, name)
);

CREATE TABLE laurel.trainer_calendars (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    buffer_minutes integer NOT NULL DEFAULT 0 CONSTRAINT trainer_calendars_buffer_minutes_check CHECK (buffer_minutes BETWEEN 0 AND 1440),
    slot_minutes integer CONSTRAINT trainer_calendars_slot_minutes_check CHECK (slot_minutes BETWEEN 5 AND 1440),
    cancel_notice_minutes integer NOT NULL DEFAULT 1440 CONSTRAINT trainer_calendars_cancel_notice_minutes_check CHECK (cancel_notice_minutes BETWEEN 0 AND 43200),
    reminder_minutes integer[] NOT NULL DEFAULT '{1440}' CONSTRAINT trainer_calendars_reminder_minutes_check CHECK (
        CASE WHEN coalesce(array_ndims(reminder_minutes), 1) = 1
            THEN cardinality(reminder_minutes) <= 10 AND array_position(reminder_minutes, NULL) IS NULL AND 1 <= ALL (reminder_minutes) AND 43200 >= ALL (reminder_minutes)
            ELSE false END),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT trainer_calendars_pkey PRIMARY KEY (organization_id, user_id),
    CONSTRAINT trainer_calendars_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- What belongs to a member.
CREATE INDEX trainer_calendars_user_id_idx ON laurel.trainer_calendars (user_id, organization_id);

CREATE TABLE laurel.availability_rules (
    id uuid CONSTRAINT availability_rules_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    weekday smallint NOT NULL CONSTRAINT availability_rules_weekday_check CHECK (weekday BETWEEN 1 AND 7),
    starts_at time NOT NULL CONSTRAINT availability_rules_starts_at_check CHECK (starts_at = date_trunc('minute', starts_at)),
    ends_at time NOT NULL,
    time_zone text CONSTRAINT availability_rules_time_zone_check CHECK (laurel_internal.is_canonical(time_zone, 'time_zone')),
    valid_from date CONSTRAINT availability_rules_valid_from_check CHECK (isfinite(valid_from)),
    valid_until date CONSTRAINT availability_rules_valid_until_check CHECK (isfinite(valid_until) AND (valid_from IS NULL OR valid_until >= valid_from)),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT availability_rules_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT availability_rules_ends_at_check CHECK (ends_at > starts_at AND ends_at = date_trunc('minute', ends_at)),
    CONSTRAINT availability_rules_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- When somebody has time, week by week.
CREATE INDEX availability_rules_user_id_idx ON laurel.availability_rules (user_id, organization_id);

CREATE TABLE laurel.availability_exceptions (
    id uuid CONSTRAINT availability_exceptions_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL DEFAULT 'away' CONSTRAINT availability_exceptions_kind_check CHECK (kind IN ('away', 'available')),
    starts_at timestamptz NOT NULL CONSTRAINT availability_exceptions_starts_at_check CHECK (starts_at >= '1970-01-01 00:00+00' AND starts_at < '9999-12-01 00:00+00'),
    ends_at timestamptz NOT NULL,
    reason text CONSTRAINT availability_exceptions_reason_check CHECK (char_length(reason) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT availability_exceptions_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT availability_exceptions_ends_at_check CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '8784 hours'),
    CONSTRAINT availability_exceptions_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- What differs from the week of somebody in a stretch of time.
CREATE INDEX availability_exceptions_user_id_idx ON laurel.availability_exceptions (user_id, organization_id, ends_at);

CREATE TABLE laurel.appointments (
    id uuid CONSTRAINT appointments_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT appointments_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    title text NOT NULL CONSTRAINT appointments_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CONSTRAINT appointments_description_check CHECK (char_length(description) <= 20000),
    beneficiary_id uuid,
    user_id uuid,
    trainer_id uuid,
    session_id uuid,
    room_id uuid,
    start_time timestamptz NOT NULL,
    end_time timestamptz NOT NULL,
    buffer_minutes integer NOT NULL DEFAULT laurel_internal.assigned()::integer CONSTRAINT appointments_buffer_minutes_check CHECK (buffer_minutes BETWEEN 0 AND 1440),
    blocked tstzrange NOT NULL DEFAULT laurel_internal.assigned()::tstzrange,
    location text CONSTRAINT appointments_location_check CHECK (char_length(location) BETWEEN 1 AND 200),
    meeting_url text CONSTRAINT appointments_meeting_url_check CHECK (char_length(meeting_url) <= 2000 AND laurel_internal.check_link(meeting_url) AND meeting_url ~ '^https?://[^/]'),
    type text CONSTRAINT appointments_type_check CHECK (char_length(type) BETWEEN 1 AND 50),
    status text NOT NULL DEFAULT 'scheduled',
    held_until timestamptz,
    waitlisted_at timestamptz CONSTRAINT appointments_waitlisted_at_check CHECK ((waitlisted_at IS NOT NULL) = (status = 'waitlisted')),
    cancel_until timestamptz NOT NULL DEFAULT laurel_internal.assigned()::timestamptz,
    cancellation_reason text CONSTRAINT appointments_cancellation_reason_check CHECK (char_length(cancellation_reason) BETWEEN 1 AND 2000),
    notes text CONSTRAINT appointments_notes_check CHECK (char_length(notes) <= 20000),
    max_participants bigint CONSTRAINT appointments_max_participants_check CHECK (max_participants >= 1),
    has_waitlist boolean NOT NULL DEFAULT true,
    places_taken bigint NOT NULL DEFAULT 0 CONSTRAINT appointments_places_taken_check CHECK (places_taken BETWEEN 0 AND coalesce(max_participants, 0)),
    waiting_count bigint NOT NULL DEFAULT 0 CONSTRAINT appointments_waiting_count_check CHECK (waiting_count >= 0),
    reminder_sent boolean NOT NULL DEFAULT false,
    google_event_id text CONSTRAINT appointments_google_event_id_check CHECK (char_length(google_event_id) BETWEEN 1 AND 100),
    sequence integer NOT NULL DEFAULT 0 CONSTRAINT appointments_sequence_check CHECK (sequence >= 0),
    times_moved integer NOT NULL DEFAULT 0 CONSTRAINT appointments_times_moved_check CHECK (times_moved >= 0),
    confirmed_at timestamptz,
    completed_at timestamptz,
    cancelled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT appointments_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT appointments_parties_check CHECK ((beneficiary_id IS NULL) = (max_participants IS NOT NULL) AND (session_id IS NULL OR max_participants IS NULL)),
    CONSTRAINT appointments_trainer_id_check CHECK (trainer_id <> user_id),
    CONSTRAINT appointments_status_form_check CHECK ((status <> 'waitlisted' OR session_id IS NOT NULL) AND (session_id IS NULL OR status NOT IN ('held', 'expired'))
        AND (max_participants IS NULL OR status IN ('scheduled', 'completed', 'cancelled'))),
    CONSTRAINT appointments_start_time_check CHECK (start_time > created_at AND start_time < '9999-12-01 00:00+00'),
    CONSTRAINT appointments_end_time_check CHECK (end_time > start_time AND end_time <= start_time + interval '24 hours'),
    CONSTRAINT appointments_times_blocked_check CHECK (isempty(blocked) OR blocked = tstzrange(start_time, end_time + buffer_minutes * interval '1 minute')),
    CONSTRAINT appointments_held_until_check CHECK ((status IN ('held', 'expired')) = (held_until IS NOT NULL)
        AND (held_until IS NULL OR held_until > created_at AND held_until <= created_at + interval '24 hours')),
    CONSTRAINT appointments_completed_at_check CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
    CONSTRAINT appointments_cancelled_at_check CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
    -- Nobody is in two places, and no room holds two: places of a session have the trainer and the room of the session.
    CONSTRAINT appointments_trainer_id_excl EXCLUDE USING gist (organization_id WITH =, trainer_id WITH =, blocked WITH &&)
        WHERE (status IN ('held', 'scheduled', 'confirmed') AND session_id IS NULL),
    CONSTRAINT appointments_room_id_excl EXCLUDE USING gist (organization_id WITH =, room_id WITH =, blocked WITH &&)
        WHERE (status IN ('held', 'scheduled', 'confirmed') AND session_id IS NULL AND room_id IS NOT NULL),
    -- Who waits for a place keeps the time free.
    CONSTRAINT appointments_beneficiary_id_excl EXCLUDE USING gist (organization_id WITH =, beneficiary_id WITH =, blocked WITH &&)
        WHERE (status IN ('held', 'scheduled', 'confirmed', 'waitlisted') AND beneficiary_id IS NOT NULL),
    CONSTRAINT appointments_beneficiary_id_fkey FOREIGN KEY (organization_id, beneficiary_id)
        REFERENCES laurel.beneficiaries (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT appointments_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT appointments_trainer_id_fkey FOREIGN KEY (organization_id, trainer_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (trainer_id),
    CONSTRAINT appointments_session_id_fkey FOREIGN KEY (organization_id, session_id)
        REFERENCES laurel.appointments (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT appointments_room_id_fkey FOREIGN KEY (organization_id, room_id)
        REFERENCES laurel.rooms (organization_id, id) ON DELETE SET NULL (room_id)
) WITH (fillfactor = 80);
-- A member's appointments; those of a beneficiary; those of a trainer; what comes next; what is in a state; who has a place in a session;
-- who waits for one, in order; what is in a room; which holds end; where somebody waits.
CREATE INDEX appointments_user_id_idx ON laurel.appointments (user_id, organization_id, start_time);
CREATE INDEX appointments_beneficiary_id_idx ON laurel.appointments (organization_id, beneficiary_id, start_time);
CREATE INDEX appointments_trainer_id_idx ON laurel.appointments (trainer_id, organization_id, start_time);
CREATE INDEX appointments_start_time_idx ON laurel.appointments (organization_id, start_time);
CREATE INDEX appointments_status_idx ON laurel.appointments (organization_id, status, start_time);
CREATE INDEX appointments_session_id_idx ON laurel.appointments (organization_id, session_id) WHERE session_id IS NOT NULL;
CREATE INDEX appointments_waiting_idx ON laurel.appointments (organization_id, session_id, waitlisted_at, id) WHERE status = 'waitlisted';
CREATE INDEX appointments_room_id_idx ON laurel.appointments (organization_id, room_id) WHERE room_id IS NOT NULL;
CREATE INDEX appointments_somebody_waits_idx ON laurel.appointments (organization_id) WHERE waiting_count > 0;
CREATE INDEX appointments_held_until_idx ON laurel.appointments (organization_id, held_until) WHERE status = 'held';

CREATE TABLE laurel.appointment_reminders (
    id uuid CONSTRAINT appointment_reminders_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    appointment_id uuid NOT NULL,
    minutes_before integer NOT NULL CONSTRAINT appointment_reminders_minutes_before_check CHECK (minutes_before BETWEEN 1 AND 43200),
    times_moved integer NOT NULL CONSTRAINT appointment_reminders_times_moved_check CHECK (times_moved >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT appointment_reminders_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT appointment_reminders_once_key UNIQUE (organization_id, appointment_id, minutes_before, times_moved),
    CONSTRAINT appointment_reminders_appointment_id_fkey FOREIGN KEY (organization_id, appointment_id)
        REFERENCES laurel.appointments (organization_id, id) ON DELETE CASCADE
);

INSERT INTO laurel.reference_types (name, table_name) VALUES ('Appointment', 'laurel.appointments');
INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES
    ('reminders', 'Reminds of appointments of the coming day.', '*/5 * * * *', 'SELECT laurel.send_reminders()', '4 minutes'),
    ('appointments', 'Ends holds of times that nobody has taken, and gives places of group sessions that are free to who waits.', '* * * * *', 'SELECT laurel.expire_appointments()', '10 minutes');

SELECT laurel_internal.add_tenant_triggers('laurel.rooms'), laurel_internal.add_tenant_triggers('laurel.trainer_calendars'),
       laurel_internal.add_tenant_triggers('laurel.availability_rules'), laurel_internal.add_tenant_triggers('laurel.availability_exceptions'),
       laurel_internal.add_tenant_triggers('laurel.appointments'), laurel_internal.set_replica_identity('laurel.appointment_reminders'),
       laurel_internal.keep('laurel.trainer_calendars', 'user_id'), laurel_internal.keep('laurel.availability_rules', 'user_id', 'created_at'),
       laurel_internal.keep('laurel.availability_exceptions', 'user_id', 'created_at'),
       laurel_internal.keep('laurel.appointments', 'beneficiary_id', 'user_id', 'session_id', 'created_at'),
       laurel_internal.canonical('laurel.availability_rules', 'time_zone', 'time_zone'),
       laurel_internal.belongs('laurel.appointments', 'beneficiary_id', 'laurel.beneficiaries', '{user_id}', $$ status = 'active' $$),
       laurel_internal.counts('laurel.appointments', 'places_taken', 'laurel.appointments', 'session_id', $$ status IN ('scheduled', 'confirmed', 'completed', 'no_show') $$),
       laurel_internal.counts('laurel.appointments', 'waiting_count', 'laurel.appointments', 'session_id', $$ status = 'waitlisted' $$),
       laurel_internal.states('laurel.appointments', 'status', '{"held": ["scheduled", "confirmed", "cancelled", "expired"],
           "scheduled": ["confirmed", "completed", "no_show", "cancelled"], "confirmed": ["completed", "no_show", "cancelled"],
           "waitlisted": ["scheduled", "cancelled"], "no_show": ["completed"], "completed": [], "cancelled": [], "expired": []}',
           '{"confirmed": "confirmed_at", "completed": "completed_at", "cancelled": "cancelled_at"}'),
       laurel_internal.archive_instead('laurel.appointments', 'status', 'cancelled');
SELECT laurel_internal.attaches(prefix || 'appointment_' || what, 'laurel_internal.appointment_attachment(uuid, uuid, jsonb, text)')
FROM unnest(ARRAY['', 'trainer_']) prefix, unnest(ARRAY['scheduled', 'moved', 'cancelled']) what;

-- Places of a session: whoever comes last waits, and who has waited longest comes first.
CREATE TRIGGER b_take_place BEFORE INSERT ON laurel.appointments
    FOR EACH ROW WHEN (NEW.session_id IS NOT NULL) EXECUTE FUNCTION laurel_internal.take_session_place();
CREATE TRIGGER b_take_place_updated BEFORE UPDATE ON laurel.appointments
    FOR EACH ROW WHEN (NEW.session_id IS NOT NULL AND OLD.status = 'waitlisted' AND NEW.status <> 'waitlisted') EXECUTE FUNCTION laurel_internal.take_session_place();
CREATE TRIGGER a_lock_sessions AFTER DELETE ON laurel.appointments REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.lock_sessions();
CREATE TRIGGER promote_waiting_updated AFTER UPDATE ON laurel.appointments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.promote_in_sessions();
CREATE TRIGGER promote_waiting_deleted AFTER DELETE ON laurel.appointments REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.promote_in_sessions();
CREATE TRIGGER promote_waiting_enlarged AFTER UPDATE ON laurel.appointments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.fill_sessions();
-- Whose time it is, and that it is free.
CREATE TRIGGER c_book BEFORE INSERT ON laurel.appointments FOR EACH ROW EXECUTE FUNCTION laurel_internal.book();
CREATE TRIGGER c_book_updated BEFORE UPDATE ON laurel.appointments FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.start_time IS DISTINCT FROM NEW.start_time OR OLD.end_time IS DISTINCT FROM NEW.end_time
        OR OLD.buffer_minutes IS DISTINCT FROM NEW.buffer_minutes OR OLD.trainer_id IS DISTINCT FROM NEW.trainer_id OR OLD.room_id IS DISTINCT FROM NEW.room_id
        OR OLD.blocked IS DISTINCT FROM NEW.blocked OR OLD.cancel_until IS DISTINCT FROM NEW.cancel_until OR OLD.max_participants IS DISTINCT FROM NEW.max_participants)
    EXECUTE FUNCTION laurel_internal.book();
-- What only those say who look after an appointment.
CREATE TRIGGER keep_words AFTER UPDATE ON laurel.appointments FOR EACH ROW
    WHEN (OLD.title IS DISTINCT FROM NEW.title OR OLD.description IS DISTINCT FROM NEW.description OR OLD.buffer_minutes IS DISTINCT FROM NEW.buffer_minutes
        OR OLD.location IS DISTINCT FROM NEW.location OR OLD.meeting_url IS DISTINCT FROM NEW.meeting_url OR OLD.type IS DISTINCT FROM NEW.type
        OR OLD.notes IS DISTINCT FROM NEW.notes OR OLD.google_event_id IS DISTINCT FROM NEW.google_event_id OR OLD.has_waitlist IS DISTINCT FROM NEW.has_waitlist
        OR OLD.max_participants IS DISTINCT FROM NEW.max_participants)
    EXECUTE FUNCTION laurel_internal.keep_of_trainer();
-- What becomes of a session becomes of its places.
CREATE TRIGGER b_follow_session AFTER UPDATE ON laurel.appointments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_session();
-- Calendars take over what has a higher number.
CREATE TRIGGER raise_sequence BEFORE UPDATE ON laurel.appointments FOR EACH ROW
    WHEN (OLD.start_time IS DISTINCT FROM NEW.start_time OR OLD.end_time IS DISTINCT FROM NEW.end_time OR OLD.location IS DISTINCT FROM NEW.location
        OR OLD.meeting_url IS DISTINCT FROM NEW.meeting_url OR OLD.room_id IS DISTINCT FROM NEW.room_id OR OLD.title IS DISTINCT FROM NEW.title
        OR OLD.description IS DISTINCT FROM NEW.description OR OLD.status IS DISTINCT FROM NEW.status OR OLD.sequence IS DISTINCT FROM NEW.sequence)
    EXECUTE FUNCTION laurel_internal.raise_sequence();

-- Beneficiary and trainer are told, in words of types of their own: a rule for who meets a trainer is none for the trainer.
SELECT laurel_internal.tell('laurel.appointments', $$
           SELECT n.organization_id, w.user_id, w.prefix || 'appointment_scheduled' AS type,
                  pg_catalog.jsonb_build_object('appointment_id', n.id, 'start_time', n.start_time, 'session_id', n.session_id) AS data,
                  'Appointment: ' || n.title AS title, '/appointments/' || n.id AS link, pg_catalog.concat_ws(':', n.id, 'scheduled', w.user_id) AS key
           FROM new_rows n CROSS JOIN LATERAL (VALUES (n.user_id, ''), (CASE WHEN n.session_id IS NULL THEN n.trainer_id END, 'trainer_')) w (user_id, prefix)
           WHERE n.status IN ('scheduled', 'confirmed') AND n.end_time > pg_catalog.now() AND w.user_id IS NOT NULL $$,
           telling => $$ status IN ('scheduled', 'confirmed') $$),
       laurel_internal.tell('laurel.appointments', $$
           WITH changed AS MATERIALIZED (
               SELECT n.*, CASE
                   WHEN o.status IN ('held', 'waitlisted') AND n.status IN ('scheduled', 'confirmed') THEN 'scheduled'
                   WHEN o.status <> n.status AND NOT (o.status = 'held' AND n.status = 'cancelled') THEN n.status
                   WHEN o.status = n.status AND n.status IN ('scheduled', 'confirmed', 'waitlisted') AND (n.start_time, n.end_time, n.location, n.meeting_url, n.room_id)
                       IS DISTINCT FROM (o.start_time, o.end_time, o.location, o.meeting_url, o.room_id) THEN 'moved' END AS what
               FROM new_rows n JOIN old_rows o ON o.id = n.id
           )
           SELECT c.organization_id, w.user_id, w.prefix || 'appointment_' || c.what AS type,
                  pg_catalog.jsonb_build_object('appointment_id', c.id, 'start_time', c.start_time, 'session_id', c.session_id) AS data,
                  CASE WHEN c.end_time > pg_catalog.now() THEN CASE c.what WHEN 'scheduled' THEN 'Appointment: ' WHEN 'confirmed' THEN 'Confirmed: '
                      WHEN 'moved' THEN 'New time or place: ' WHEN 'cancelled' THEN 'Cancelled: ' END || c.title END AS title,
                  '/appointments/' || c.id AS link,
                  pg_catalog.concat_ws(':', c.id, c.what, CASE c.what WHEN 'moved' THEN c.sequence END, w.user_id) AS key
           FROM changed c CROSS JOIN LATERAL (VALUES (c.user_id, ''), (CASE WHEN c.session_id IS NULL THEN c.trainer_id END, 'trainer_')) w (user_id, prefix)
           WHERE c.what IN ('scheduled', 'confirmed', 'moved', 'cancelled', 'completed', 'no_show') AND w.user_id IS NOT NULL $$, 'UPDATE',
           changed => '{status, start_time, end_time, location, meeting_url, room_id}'),
       laurel_internal.tell('laurel.appointment_reminders', $$
           SELECT n.organization_id, w.user_id, w.prefix || 'appointment_reminder' AS type,
                  pg_catalog.jsonb_build_object('appointment_id', a.id, 'start_time', a.start_time, 'minutes_before', n.minutes_before) AS data,
                  'Reminder: ' || a.title AS title, '/appointments/' || a.id AS link, pg_catalog.concat_ws(':', n.id, w.user_id) AS key
           FROM new_rows n JOIN ONLY laurel.appointments a ON a.organization_id = n.organization_id AND a.id = n.appointment_id
               CROSS JOIN LATERAL (VALUES (a.user_id, ''), (CASE WHEN a.session_id IS NULL THEN a.trainer_id END, 'trainer_')) w (user_id, prefix)
           WHERE w.user_id IS NOT NULL $$);

-- The beneficiary and the trainer read an appointment, and those entrusted with one of them; every member sees which sessions there are.
SELECT laurel_internal.protect('laurel.rooms', 'catalogue'),
       laurel_internal.protect('laurel.trainer_calendars', 'personal', commands => '{"self": "INSERT, UPDATE, DELETE", "administrators": "INSERT, UPDATE, DELETE"}'),
       laurel_internal.protect('laurel.availability_rules', 'personal', commands => '{"self": "INSERT, UPDATE, DELETE", "administrators": "INSERT, UPDATE, DELETE"}'),
       laurel_internal.protect('laurel.availability_exceptions', 'personal', commands => '{"self": "INSERT, UPDATE, DELETE", "administrators": "INSERT, UPDATE, DELETE"}'),
       laurel_internal.protect('laurel.appointments', 'personal', until => 'held_until',
           others => '{"trainers": "trainer_id = laurel.uid()", "members": "max_participants IS NOT NULL"}',
           commands => '{"self": "INSERT, UPDATE", "trainers": "SELECT, INSERT, UPDATE, DELETE", "administrators": "INSERT, UPDATE, DELETE", "members": "SELECT"}',
           writes => '{
               "INSERT": "id, organization_id, title, description, beneficiary_id, trainer_id, session_id, room_id, start_time, end_time, buffer_minutes, location, meeting_url, type, status, held_until, notes, max_participants, has_waitlist, google_event_id",
               "UPDATE": "title, description, trainer_id, room_id, start_time, end_time, buffer_minutes, location, meeting_url, type, status, cancellation_reason, notes, max_participants, has_waitlist, google_event_id"}'),
       laurel_internal.protect('laurel.appointment_reminders', 'service', commands => '{"service_role": "SELECT, DELETE"}'),
       laurel_internal.member('laurel.trainer_calendars'), laurel_internal.member('laurel.availability_rules'),
       laurel_internal.member('laurel.availability_exceptions'), laurel_internal.member('laurel.appointments');

SELECT laurel_internal.explain('laurel.rooms', 'Places where appointments are. A room holds one at a time.', '{
    "name": "What it is called, unique in the organization; 1 to 200 characters.",
    "description": "Where it is, what there is in it."}');
SELECT laurel_internal.explain('laurel.trainer_calendars', 'How a trainer likes appointments; without a row what the columns have as default holds.', '{
    "buffer_minutes": "How long the trainer is not free after each appointment, 0 to 1,440 minutes; of those that are booked from now on.",
    "slot_minutes": "How far apart times are offered, 5 to 1,440 minutes; null: one after the other.",
    "cancel_notice_minutes": "Until how long before it begins a beneficiary may cancel or move an appointment, 0 to 43,200 minutes; of those that are booked or moved from now on.",
    "reminder_minutes": "How long before an appointment both are reminded, up to ten times of 1 to 43,200 minutes; empty: never."}');
SELECT laurel_internal.explain('laurel.availability_rules', 'When somebody has time, week by week, on the clock of a zone, summer and winter. Rules add up.', '{
    "weekday": "1 Monday to 7 Sunday.",
    "starts_at": "From when on, in whole minutes. What the clock skips is that much later; of what it shows twice, the second time is meant.",
    "ends_at": "Until when, on the same day; 24:00 is its end.",
    "time_zone": "The IANA name of the zone whose clock it follows; null: the zone of the person, else of the organization.",
    "valid_from": "The first day; null: ever since.",
    "valid_until": "The last day; null: for ever."}');
SELECT laurel_internal.explain('laurel.availability_exceptions', 'What differs from somebody''s week for a while.', '{
    "kind": "away: no time then, whatever rules say; or available: time that no rule names.",
    "starts_at": "From when on.",
    "ends_at": "Until when, up to 366 days later.",
    "reason": "Why, up to 500 characters."}');
SELECT laurel_internal.explain('laurel.appointments', 'Who meets whom, when and where: a beneficiary and a trainer, or a group session (with max_participants), in which each place is an appointment of its own. Neither is in two places at once, and no room holds two. Deleting one cancels it.', '{
    "title": "What it is called, 1 to 200 characters; of a place in a session as the session.",
    "description": "What it is about.",
    "beneficiary_id": "Who comes; null for a group session. Never changed.",
    "user_id": "The member whom the beneficiary is; filled by itself.",
    "trainer_id": "Whom the beneficiary meets; where it is left out, the trainer of the beneficiary. Null once the trainer has left.",
    "session_id": "The group session in which this is a place: times, trainer and room are those of the session. Never changed.",
    "room_id": "The room, if it is one that others use too.",
    "start_time": "When it begins; in the future when it is made, and before December 9999.",
    "end_time": "When it ends, 24 hours later at most.",
    "buffer_minutes": "How long everybody is not free after it, 0 to 1,440 minutes; where it is left out, as trainer_calendars says.",
    "blocked": "From start_time until the end of the buffer, without that moment: what may not overlap. Filled by itself.",
    "location": "Where it is.",
    "meeting_url": "Where it is in the web: an http or https address.",
    "type": "What kind of appointment, as the organization likes; up to 50 characters.",
    "status": "held (a time that is kept while somebody decides), scheduled, confirmed, waitlisted (of a place in a session); then completed, no_show, cancelled or expired.",
    "held_until": "Until when a hold keeps the time, up to a day; from then on it keeps nobody out.",
    "waitlisted_at": "Since when one waits for a place: the place in the queue.",
    "cancel_until": "Until when the beneficiary may cancel or move it; later the trainer does. Filled by itself, as trainer_calendars says.",
    "cancellation_reason": "Why it was cancelled.",
    "notes": "Notes, which both read; the trainer writes them.",
    "max_participants": "How many places a group session has, 1 or more; null for an appointment of two. Never fewer than are taken.",
    "has_waitlist": "Whether who finds no place in the session waits for one; else he is refused.",
    "places_taken": "How many places of the session are taken: exactly the rows that refer to it.",
    "waiting_count": "How many wait for one.",
    "reminder_sent": "Whether a reminder of its time has gone; false again once it is moved.",
    "google_event_id": "Its id in another calendar.",
    "sequence": "How often what calendars show has changed; counts itself.",
    "times_moved": "How often its time has changed; counts itself.",
    "confirmed_at": "When it was confirmed.",
    "completed_at": "When it was completed; set then and only then.",
    "cancelled_at": "When it was cancelled; set then and only then."}');
SELECT laurel_internal.explain('laurel.appointment_reminders', 'Which reminders have gone: once for each appointment, time before it and time that it was moved to.', '{
    "appointment_id": "The appointment.",
    "minutes_before": "Which one of the times before it.",
    "times_moved": "How often the appointment had been moved then."}');

-- Who is erased has no appointments, and trains nobody. Of two calendars of one person the later one stays.
SELECT laurel_internal.person('laurel.appointments', 'user_id', '', 'delete', 'move'), laurel_internal.person('laurel.appointments', 'trainer_id', NULL, 'null', 'move', harmless => '{status, type}'),
       laurel_internal.person('laurel.trainer_calendars', 'user_id', '', 'delete', 'best', better => 'updated_at DESC');
SELECT laurel_internal.person('laurel.appointments', c, NULL, 'redact', 'keep') FROM unnest('{title, description, location, meeting_url, notes, cancellation_reason, google_event_id}'::name[]) c;

-- Down Migration

DROP FUNCTION laurel.member(laurel.trainer_calendars), laurel.member(laurel.availability_rules), laurel.member(laurel.availability_exceptions), laurel.member(laurel.appointments);
DROP TABLE laurel.appointment_reminders, laurel.appointments, laurel.availability_exceptions, laurel.availability_rules, laurel.trainer_calendars, laurel.rooms;
DELETE FROM ONLY laurel.reference_types WHERE name = 'Appointment';
DELETE FROM ONLY laurel_internal.mail_attachments WHERE source LIKE 'laurel\_internal.appointment\_attachment(%';
DELETE FROM ONLY laurel.jobs WHERE name IN ('appointments', 'reminders');
