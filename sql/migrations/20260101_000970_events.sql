-- Up Migration
-- Events: what there is to take part in, when it takes place, and who comes.

CREATE TABLE laurel.activities (
    id uuid CONSTRAINT activities_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT activities_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT activities_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    description text CONSTRAINT activities_description_check CHECK (char_length(description) <= 20000),
    category text CONSTRAINT activities_category_check CHECK (char_length(category) BETWEEN 1 AND 100),
    status text NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT activities_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT activities_name_key UNIQUE (organization_id, name)
);

CREATE TABLE laurel.event_series (
    id uuid CONSTRAINT event_series_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    activity_id uuid NOT NULL,
    title text NOT NULL CONSTRAINT event_series_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CONSTRAINT event_series_description_check CHECK (char_length(description) <= 20000),
    location text CONSTRAINT event_series_location_check CHECK (char_length(location) BETWEEN 1 AND 500),
    facilitator_id uuid,
    starts_on timestamp NOT NULL CONSTRAINT event_series_starts_on_check CHECK (starts_on >= '1970-01-01' AND starts_on <= '2199-12-31' AND starts_on = date_trunc('second', starts_on)),
    time_zone text NOT NULL CONSTRAINT event_series_time_zone_check CHECK (laurel_internal.is_canonical(time_zone, 'time_zone')),
    duration interval NOT NULL CONSTRAINT event_series_duration_check CHECK (extract(epoch FROM duration) >= 1 AND extract(epoch FROM duration) <= 31 * 86400 AND extract(month FROM duration) = 0 AND extract(year FROM duration) = 0),
    rrule text NOT NULL CONSTRAINT event_series_rrule_length_check CHECK (octet_length(rrule) BETWEEN 1 AND 2000),
    exdates date[] NOT NULL DEFAULT '{}' CONSTRAINT event_series_exdates_check CHECK (CASE WHEN coalesce(array_ndims(exdates), 1) = 1 THEN cardinality(exdates) <= 1000 AND array_position(exdates, NULL) IS NULL ELSE false END),
    horizon_days integer NOT NULL DEFAULT 90 CONSTRAINT event_series_horizon_days_check CHECK (horizon_days BETWEEN 1 AND 366),
    status text NOT NULL DEFAULT 'active',
    max_participants bigint CONSTRAINT event_series_max_participants_check CHECK (max_participants >= 1),
    max_guests integer NOT NULL DEFAULT 0 CONSTRAINT event_series_max_guests_check CHECK (max_guests BETWEEN 0 AND 20),
    has_waitlist boolean NOT NULL DEFAULT true,
    check_in_grace interval NOT NULL DEFAULT '15 minutes' CONSTRAINT event_series_check_in_grace_check CHECK (check_in_grace BETWEEN interval '0' AND interval '1 day'),
    points_reward bigint NOT NULL DEFAULT 0 CONSTRAINT event_series_points_reward_check CHECK (points_reward BETWEEN 0 AND 1000000),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT event_series_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT event_series_activity_id_fkey FOREIGN KEY (organization_id, activity_id) REFERENCES laurel.activities (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT event_series_facilitator_id_fkey FOREIGN KEY (organization_id, facilitator_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (facilitator_id)
);
-- What the job extends; what belongs to an activity; whom somebody leads.
CREATE INDEX event_series_status_idx ON laurel.event_series (organization_id, status);
CREATE INDEX event_series_activity_id_idx ON laurel.event_series (organization_id, activity_id);
CREATE INDEX event_series_facilitator_id_idx ON laurel.event_series (facilitator_id, organization_id);

CREATE TABLE laurel.events (
    id uuid CONSTRAINT events_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    activity_id uuid NOT NULL,
    title text NOT NULL CONSTRAINT events_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CONSTRAINT events_description_check CHECK (char_length(description) <= 20000),
    location text CONSTRAINT events_location_check CHECK (char_length(location) BETWEEN 1 AND 500),
    facilitator_id uuid,
    scheduled_date timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'scheduled',
    max_participants bigint CONSTRAINT events_max_participants_check CHECK (max_participants >= 1),
    max_guests integer NOT NULL DEFAULT 0 CONSTRAINT events_max_guests_check CHECK (max_guests BETWEEN 0 AND 20),
    has_waitlist boolean NOT NULL DEFAULT true,
    places_taken bigint NOT NULL DEFAULT 0 CONSTRAINT events_places_taken_check CHECK (places_taken BETWEEN 0 AND coalesce(max_participants, places_taken)),
    waiting_count bigint NOT NULL DEFAULT 0 CONSTRAINT events_waiting_count_check CHECK (waiting_count >= 0),
    check_in_grace interval NOT NULL DEFAULT '15 minutes' CONSTRAINT events_check_in_grace_check CHECK (check_in_grace BETWEEN interval '0' AND interval '1 day'),
    points_reward bigint NOT NULL DEFAULT 0 CONSTRAINT events_points_reward_check CHECK (points_reward BETWEEN 0 AND 1000000),
    google_calendar_id text CONSTRAINT events_google_calendar_id_check CHECK (octet_length(google_calendar_id) BETWEEN 1 AND 1024),
    sequence integer NOT NULL DEFAULT 0 CONSTRAINT events_sequence_check CHECK (sequence >= 0),
    series_id uuid,
    recurrence_date date CONSTRAINT events_recurrence_date_check CHECK (recurrence_date >= '1970-01-01' AND recurrence_date < '9999-12-01'),
    series_version bigint,
    is_exception boolean NOT NULL DEFAULT false CONSTRAINT events_is_exception_check CHECK (NOT is_exception OR series_id IS NOT NULL),
    completed_at timestamptz,
    cancelled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT events_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT events_series_id_recurrence_date_key UNIQUE (organization_id, series_id, recurrence_date),
    CONSTRAINT events_series_id_check CHECK (num_nonnulls(series_id, recurrence_date, series_version) IN (0, 3)),
    CONSTRAINT events_series_id_fkey FOREIGN KEY (organization_id, series_id) REFERENCES laurel.event_series (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT events_scheduled_date_check CHECK (scheduled_date > created_at AND scheduled_date < '9999-12-01 00:00+00'),
    CONSTRAINT events_ends_at_check CHECK (ends_at > scheduled_date AND ends_at <= scheduled_date + interval '31 days'),
    CONSTRAINT events_completed_at_check CHECK ((status = 'completed') = (completed_at IS NOT NULL) AND completed_at >= scheduled_date),
    CONSTRAINT events_cancelled_at_check CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
    CONSTRAINT events_activity_id_fkey FOREIGN KEY (organization_id, activity_id) REFERENCES laurel.activities (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT events_facilitator_id_fkey FOREIGN KEY (organization_id, facilitator_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (facilitator_id)
) WITH (fillfactor = 80);
-- What comes next; what an activity has become; whom somebody leads; what has just been completed; where somebody still waits for a place.
CREATE INDEX events_status_idx ON laurel.events (organization_id, status, scheduled_date);
CREATE INDEX events_activity_id_idx ON laurel.events (organization_id, activity_id);
CREATE INDEX events_facilitator_id_idx ON laurel.events (facilitator_id, organization_id);
CREATE INDEX events_completed_at_idx ON laurel.events (completed_at) WHERE status = 'completed';
CREATE INDEX events_waiting_idx ON laurel.events (organization_id) WHERE waiting_count > 0;

CREATE TABLE laurel.participations (
    id uuid CONSTRAINT participations_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    event_id uuid NOT NULL,
    user_id uuid NOT NULL,
    rsvp_status text NOT NULL DEFAULT 'going',
    guests integer NOT NULL DEFAULT 0 CONSTRAINT participations_guests_check CHECK (guests BETWEEN 0 AND 20),
    waitlisted_at timestamptz CONSTRAINT participations_waitlisted_at_check CHECK ((waitlisted_at IS NOT NULL) = (rsvp_status = 'waitlisted')),
    attendance_status text NOT NULL DEFAULT 'pending',
    check_in_time timestamptz,
    feedback_rating smallint CONSTRAINT participations_feedback_rating_check CHECK (feedback_rating BETWEEN 1 AND 5),
    feedback text CONSTRAINT participations_feedback_check CHECK (char_length(feedback) <= 5000),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT participations_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT participations_event_id_user_id_key UNIQUE (organization_id, event_id, user_id),
    CONSTRAINT participations_check_in_time_check CHECK ((attendance_status = 'attended') = (check_in_time IS NOT NULL)),
    CONSTRAINT participations_attended_feedback_check CHECK (attendance_status = 'attended' OR (feedback_rating IS NULL AND feedback IS NULL)),
    CONSTRAINT participations_event_id_fkey FOREIGN KEY (organization_id, event_id) REFERENCES laurel.events (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT participations_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- A member's events; who came; who waits, in order.
CREATE INDEX participations_user_id_idx ON laurel.participations (user_id, organization_id, event_id);
CREATE INDEX participations_attendance_idx ON laurel.participations (organization_id, event_id, attendance_status);
CREATE INDEX participations_waiting_idx ON laurel.participations (organization_id, event_id, waitlisted_at, id) WHERE rsvp_status = 'waitlisted';

CREATE TABLE laurel.calendar_feeds (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL CONSTRAINT calendar_feeds_token_hash_check CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT calendar_feeds_pkey PRIMARY KEY (organization_id, user_id),
    CONSTRAINT calendar_feeds_token_hash_key UNIQUE (token_hash),
    CONSTRAINT calendar_feeds_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);

-- A member's calendars.
CREATE INDEX calendar_feeds_user_id_idx ON laurel.calendar_feeds (user_id, organization_id);

INSERT INTO laurel.reference_types (name, table_name) VALUES ('Event', 'laurel.events');
INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES
    ('waitlists', 'Gives places at events that are still free to who waits, and notes who missed one.', '*/5 * * * *', 'SELECT laurel.promote_waiting(), laurel_internal.note_missing()', '4 minutes'),
    ('series', 'Makes the occurrences of series that have come into their windows.', '40 1 * * *', 'SELECT laurel.extend_series()', '30 minutes');

SELECT laurel_internal.belongs('laurel.events', 'activity_id', 'laurel.activities', required => $$ status = 'active' $$),
       laurel_internal.belongs('laurel.event_series', 'activity_id', 'laurel.activities', required => $$ status = 'active' $$),
       laurel_internal.belongs('laurel.participations', 'event_id', 'laurel.events', required => $$ status <> 'cancelled' $$),
       laurel_internal.add_tenant_triggers('laurel.activities'), laurel_internal.add_tenant_triggers('laurel.event_series'), laurel_internal.add_tenant_triggers('laurel.events'),
       laurel_internal.add_tenant_triggers('laurel.participations'), laurel_internal.add_tenant_triggers('laurel.calendar_feeds'),
       laurel_internal.keep('laurel.event_series', 'activity_id', 'created_at'), laurel_internal.keep('laurel.events', 'activity_id', 'created_at', 'series_id'), laurel_internal.keep('laurel.participations', 'event_id', 'user_id', 'created_at'),
       laurel_internal.counts('laurel.events', 'places_taken', 'laurel.participations', 'event_id', $$ rsvp_status = 'going' $$, '1 + guests'),
       laurel_internal.counts('laurel.events', 'waiting_count', 'laurel.participations', 'event_id', $$ rsvp_status = 'waitlisted' $$),
       laurel_internal.states('laurel.activities', 'status', '{"active": ["archived"], "archived": ["active"]}'),
       laurel_internal.states('laurel.event_series', 'status', '{"active": ["ended"], "ended": ["active"]}'),
       laurel_internal.states('laurel.events', 'status', '{"scheduled": ["completed", "cancelled"], "completed": [], "cancelled": []}',
           '{"completed": "completed_at", "cancelled": "cancelled_at"}'),
       laurel_internal.states('laurel.participations', 'rsvp_status', '{"invited": ["going", "maybe", "declined", "waitlisted"], "going": ["maybe", "declined", "waitlisted"],
           "maybe": ["going", "declined", "waitlisted"], "declined": ["going", "maybe", "waitlisted"], "waitlisted": ["going", "maybe", "declined"]}'),
       laurel_internal.states('laurel.participations', 'attendance_status', '{"pending": ["attended", "no_show"], "no_show": ["attended"], "attended": []}',
           '{"attended": "check_in_time"}'),
       laurel_internal.archive_instead('laurel.activities', 'status', 'archived'), laurel_internal.archive_instead('laurel.events', 'status', 'cancelled'),
       laurel_internal.archive_instead('laurel.event_series', 'status', 'ended'),
       laurel_internal.canonical('laurel.event_series', 'time_zone', 'time_zone'), laurel_internal.versioned('laurel.event_series');
SELECT laurel_internal.attaches(type, 'laurel_internal.event_attachment(uuid, uuid, jsonb, text)')
FROM unnest(ARRAY['event_invitation', 'event_place_free', 'event_moved', 'event_cancelled']) type;

-- Places: whoever comes last waits, and who has waited longest comes first.
CREATE TRIGGER c_take_place BEFORE INSERT ON laurel.participations
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.take_place();
CREATE TRIGGER c_take_place_updated BEFORE UPDATE ON laurel.participations
    FOR EACH ROW WHEN (OLD.rsvp_status IS DISTINCT FROM NEW.rsvp_status OR OLD.guests IS DISTINCT FROM NEW.guests) EXECUTE FUNCTION laurel_internal.take_place();
CREATE TRIGGER a_lock_events AFTER DELETE ON laurel.participations REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.lock_events();
CREATE TRIGGER promote_waiting_updated AFTER UPDATE ON laurel.participations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.promote_waiting();
CREATE TRIGGER promote_waiting_deleted AFTER DELETE ON laurel.participations REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.promote_waiting();
CREATE TRIGGER promote_waiting AFTER UPDATE ON laurel.events REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.fill_places();
-- Who came is checked in while the event lasts; who did not was not there.
CREATE TRIGGER check_presence AFTER INSERT OR UPDATE OF check_in_time, rsvp_status, attendance_status ON laurel.participations
    FOR EACH ROW WHEN (NEW.attendance_status <> 'pending') EXECUTE FUNCTION laurel_internal.check_presence();
CREATE TRIGGER keep_answer BEFORE DELETE ON laurel.participations FOR EACH ROW EXECUTE FUNCTION laurel_internal.keep_answer();
CREATE TRIGGER keep_reward AFTER UPDATE ON laurel.events FOR EACH ROW WHEN (OLD.points_reward IS DISTINCT FROM NEW.points_reward)
    EXECUTE FUNCTION laurel_internal.keep_reward();
CREATE TRIGGER end_event AFTER UPDATE ON laurel.events REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.end_event();
-- A series makes its occurrences, which follow it until somebody alters one: what the series writes brings its version.
CREATE TRIGGER make_occurrences AFTER INSERT ON laurel.event_series REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.make_occurrences();
CREATE TRIGGER follow_series AFTER UPDATE ON laurel.event_series REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_series();
CREATE TRIGGER keep_reward AFTER UPDATE ON laurel.event_series FOR EACH ROW WHEN (OLD.points_reward IS DISTINCT FROM NEW.points_reward)
    EXECUTE FUNCTION laurel_internal.keep_reward();
CREATE TRIGGER note_exception BEFORE UPDATE ON laurel.events FOR EACH ROW
    WHEN (NEW.series_id IS NOT NULL AND NOT NEW.is_exception AND OLD.series_version = NEW.series_version
        AND (OLD.scheduled_date IS DISTINCT FROM NEW.scheduled_date OR OLD.ends_at IS DISTINCT FROM NEW.ends_at OR OLD.title IS DISTINCT FROM NEW.title
            OR OLD.description IS DISTINCT FROM NEW.description OR OLD.location IS DISTINCT FROM NEW.location
            OR coalesce(NEW.facilitator_id, OLD.facilitator_id) IS DISTINCT FROM OLD.facilitator_id OR OLD.max_participants IS DISTINCT FROM NEW.max_participants
            OR OLD.max_guests IS DISTINCT FROM NEW.max_guests OR OLD.has_waitlist IS DISTINCT FROM NEW.has_waitlist
            OR OLD.check_in_grace IS DISTINCT FROM NEW.check_in_grace OR OLD.points_reward IS DISTINCT FROM NEW.points_reward))
    EXECUTE FUNCTION laurel_internal.note_exception();
-- Calendars take over what has a higher number.
CREATE TRIGGER raise_sequence BEFORE UPDATE ON laurel.events FOR EACH ROW
    WHEN (OLD.scheduled_date IS DISTINCT FROM NEW.scheduled_date OR OLD.ends_at IS DISTINCT FROM NEW.ends_at OR OLD.location IS DISTINCT FROM NEW.location OR OLD.title IS DISTINCT FROM NEW.title
        OR OLD.description IS DISTINCT FROM NEW.description OR OLD.status IS DISTINCT FROM NEW.status OR OLD.sequence IS DISTINCT FROM NEW.sequence)
    EXECUTE FUNCTION laurel_internal.raise_sequence();

-- Attending is worth its points once for each event and member, whatever becomes of the row.
SELECT laurel_internal.tell('laurel.events', $$
           -- Each answer changes the counters of an event: only what else has changed asks who comes.
           WITH changed AS MATERIALIZED (
               SELECT n.*, CASE WHEN n.status = 'cancelled' THEN 'cancelled' ELSE 'moved' END AS what,
                   CASE WHEN n.series_version IS DISTINCT FROM o.series_version THEN n.series_id END AS by_series
               FROM new_rows n JOIN old_rows o ON o.id = n.id
               WHERE o.ends_at > pg_catalog.now() AND (n.status = 'cancelled' AND o.status <> 'cancelled'
                   OR n.status = 'scheduled' AND (n.scheduled_date, n.ends_at, n.location) IS DISTINCT FROM (o.scheduled_date, o.ends_at, o.location))
           ), concerned AS (
               SELECT c.organization_id, c.id, c.title, c.scheduled_date, c.sequence, c.series_version, c.what, c.by_series, p.user_id
               FROM changed c CROSS JOIN LATERAL (SELECT a.user_id FROM ONLY laurel.participations a
                   WHERE a.organization_id = c.organization_id AND a.event_id = c.id AND a.rsvp_status <> 'declined' OFFSET 0) p
           )
           SELECT organization_id, user_id, 'event_' || what AS type, pg_catalog.jsonb_build_object('event_id', id, 'scheduled_date', scheduled_date) AS data,
                  CASE what WHEN 'cancelled' THEN 'Cancelled: ' ELSE 'New time or place: ' END || title AS title, '/events/' || id AS link,
                  pg_catalog.concat_ws(':', id, sequence, user_id) AS key
           FROM concerned WHERE by_series IS NULL
           UNION ALL
           -- Once for a series that has changed, whatever number of its occurrences one goes to: about the first of them.
           (SELECT DISTINCT ON (by_series, what, user_id) organization_id, user_id, 'event_' || what,
                  pg_catalog.jsonb_build_object('event_id', id, 'scheduled_date', scheduled_date, 'series_id', by_series,
                      'occurrences', count(*) OVER (PARTITION BY by_series, what, user_id)),
                  CASE what WHEN 'cancelled' THEN 'Cancelled: ' ELSE 'New time or place: ' END || title, '/events/' || id,
                  pg_catalog.concat_ws(':', by_series, what, series_version, user_id)
           FROM concerned WHERE by_series IS NOT NULL ORDER BY by_series, what, user_id, scheduled_date) $$, 'UPDATE', changed => '{status, scheduled_date, ends_at, location}'),
       laurel_internal.tell('laurel.participations', $$
           SELECT n.organization_id, n.user_id, 'event_attended' AS type, e.id, pg_catalog.jsonb_build_object('event_id', e.id) AS data, NULL::text AS title, NULL::text AS link,
                  e.points_reward AS points, 'Event' AS reference_type, e.id AS reference_id, pg_catalog.left('Attended: ' || e.title, 200) AS reason, NULL::text AS key
           FROM new_rows n JOIN ONLY laurel.events e ON e.organization_id = n.organization_id AND e.id = n.event_id WHERE n.attendance_status = 'attended'
           UNION ALL
           SELECT n.organization_id, n.user_id, 'event_invitation', NULL, pg_catalog.jsonb_build_object('event_id', e.id, 'scheduled_date', e.scheduled_date), 'Invitation: ' || e.title, '/events/' || e.id,
                  0, NULL, NULL, NULL, pg_catalog.concat_ws(':', e.id, 'invitation', n.user_id)
           FROM new_rows n JOIN ONLY laurel.events e ON e.organization_id = n.organization_id AND e.id = n.event_id WHERE n.rsvp_status = 'invited' $$, telling => $$ attendance_status = 'attended' OR rsvp_status = 'invited' $$),
       laurel_internal.tell('laurel.participations', $$
           SELECT n.organization_id, n.user_id, 'event_attended' AS type, e.id, pg_catalog.jsonb_build_object('event_id', e.id) AS data, NULL::text AS title, NULL::text AS link,
                  e.points_reward AS points, 'Event' AS reference_type, e.id AS reference_id, pg_catalog.left('Attended: ' || e.title, 200) AS reason, NULL::text AS key
           FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN ONLY laurel.events e ON e.organization_id = n.organization_id AND e.id = n.event_id
           WHERE n.attendance_status = 'attended' AND o.attendance_status <> 'attended'
           UNION ALL
           SELECT n.organization_id, n.user_id, 'event_place_free', NULL, pg_catalog.jsonb_build_object('event_id', e.id), 'There is a place for you: ' || e.title, '/events/' || e.id,
                  0, NULL, NULL, NULL, pg_catalog.concat_ws(':', n.id, o.waitlisted_at)
           FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN ONLY laurel.events e ON e.organization_id = n.organization_id AND e.id = n.event_id
           WHERE n.rsvp_status = 'going' AND o.rsvp_status = 'waitlisted' $$, 'UPDATE', changed => '{attendance_status, rsvp_status}');

-- Everybody sees what there is. Facilitators look after their events; who comes is seen by oneself and those entrusted with one,
-- and by the facilitator through laurel.attendees().
SELECT laurel_internal.protect('laurel.activities', 'catalogue'),
       laurel_internal.protect('laurel.event_series', 'catalogue', others => '{"facilitators": "facilitator_id = laurel.uid()"}',
           commands => '{"administrators": "ALL", "facilitators": "UPDATE, DELETE"}', writes => '{
               "INSERT": "id, organization_id, activity_id, title, description, location, facilitator_id, starts_on, time_zone, duration, rrule, exdates, horizon_days, max_participants, max_guests, has_waitlist, check_in_grace, points_reward",
               "UPDATE": "title, description, location, facilitator_id, starts_on, time_zone, duration, rrule, exdates, horizon_days, status, max_participants, max_guests, has_waitlist, check_in_grace, points_reward, version"}'),
       laurel_internal.protect('laurel.events', 'catalogue', others => '{"facilitators": "facilitator_id = laurel.uid()"}',
           commands => '{"administrators": "ALL", "facilitators": "UPDATE, DELETE"}', writes => '{
               "INSERT": "id, organization_id, activity_id, title, description, location, facilitator_id, scheduled_date, ends_at, max_participants, max_guests, has_waitlist, check_in_grace, points_reward, google_calendar_id",
               "UPDATE": "title, description, location, facilitator_id, scheduled_date, ends_at, status, max_participants, max_guests, has_waitlist, check_in_grace, points_reward, google_calendar_id"}'),
       laurel_internal.protect('laurel.participations', 'personal', commands => '{"self": "INSERT, UPDATE, DELETE", "administrators": "INSERT, DELETE"}', writes => '{
               "INSERT": "id, organization_id, event_id, user_id, rsvp_status, guests", "UPDATE": "rsvp_status, guests, feedback_rating, feedback"}'),
       laurel_internal.protect('laurel.calendar_feeds', 'service', commands => '{"service_role": "SELECT, DELETE"}'),
       laurel_internal.member('laurel.participations'), laurel_internal.member('laurel.calendar_feeds');

SELECT laurel_internal.explain('laurel.activities', 'What an organization offers again and again: the template of its events. Deleting one archives it.', '{
    "name": "What it is called, unique in the organization; 1 to 200 characters.",
    "description": "What it is about.",
    "category": "What kind of thing it is, as the organization likes.",
    "status": "active, or archived: then it becomes no new events."}');
SELECT laurel_internal.explain('laurel.event_series', 'Something that takes place again and again by a rule. Its occurrences are events, made for the next horizon_days and then day by day. What is changed here changes those to come that nobody has altered. Deleting one ends it; occurrences that were made take place, but for laurel.end_series(series, cancel => true).', '{
    "activity_id": "What its occurrences are instances of; never changed. Once that is archived no more are made.",
    "title": "What they are called; 1 to 200 characters.",
    "description": "What they are about.",
    "location": "Where they are, or their address in the web.",
    "facilitator_id": "Who looks after them, a member of the organization; changes the series too, but what attending is worth.",
    "starts_on": "When it starts on the clock of its time zone, in whole seconds, and at which time of the day it takes place. The first day is the first that the rule names on or after this one.",
    "time_zone": "The IANA name of the zone whose clock it follows, summer and winter.",
    "duration": "How long each lasts, 1 second to 31 days, without months; a day is 24 hours.",
    "rrule": "The rule of days: RRULE of RFC 5545 without its name, such as FREQ=WEEKLY;BYDAY=MO,WE or FREQ=MONTHLY;BYDAY=-1FR;COUNT=12. FREQ from DAILY on, once a day at most. A date as UNTIL is included.",
    "exdates": "Days on which it does not take place, by the clock of its zone; what was made for them is cancelled, and stays so. Up to 1,000.",
    "horizon_days": "For how many days occurrences are made ahead, 1 to 366.",
    "status": "active, or ended: then no more are made.",
    "max_participants": "How many places each has, 1 or more; null for any number. Never fewer than one that is to come has taken.",
    "max_guests": "How many guests each member may bring, 0 to 20.",
    "has_waitlist": "Whether who finds no place waits for one.",
    "check_in_grace": "How long before it begins and after it ends check-in is open, up to a day.",
    "points_reward": "Points for who attends, once for each occurrence, 0 to 1,000,000; said by administrators.",
    "version": "How often it has changed; whoever updates a version that is not the last is refused (PT409)."}');
SELECT laurel_internal.explain('laurel.events', 'Something that takes place at a time. Deleting one cancels it: who comes is told, and who came is kept.', '{
    "activity_id": "What it is an instance of; never changed.",
    "title": "What it is called; 1 to 200 characters.",
    "description": "What it is about.",
    "location": "Where it is, or its address in the web.",
    "facilitator_id": "Who looks after it, a member of the organization: changes it but what it is worth, checks in, and sees who comes and what was thought of it by laurel.attendees().",
    "scheduled_date": "When it begins; in the future when it is made, and before December 9999, as calendars write years with four digits.",
    "ends_at": "When it ends, 31 days later at most.",
    "status": "scheduled, completed or cancelled; the last two are final. Completed only after it began; who was going and was not checked in is a no-show then.",
    "max_participants": "How many places there are, 1 or more; null for any number. Never fewer than are taken.",
    "max_guests": "How many guests each may bring, 0 to 20; who has said more keeps them.",
    "has_waitlist": "Whether who finds no place waits for one; else he is refused.",
    "places_taken": "Who is going, with guests: exactly the rows of participations, which alone write it.",
    "waiting_count": "How many rows wait: exactly those of participations.",
    "check_in_grace": "How long before it begins and after it ends check-in is open, up to a day.",
    "points_reward": "Points for who attends, once, 0 to 1,000,000; said by administrators.",
    "google_calendar_id": "Its id in another calendar.",
    "sequence": "How often what calendars show has changed; counts itself.",
    "series_id": "The series whose occurrence it is, if any; never changed.",
    "recurrence_date": "The day of the series that it stands for, by the clock of the series; one event for each day.",
    "series_version": "The version of the series that it was last brought to.",
    "is_exception": "Whether it was altered by itself: changes of the series leave it alone from then on.",
    "completed_at": "When it was completed; set then and only then.",
    "cancelled_at": "When it was cancelled; set then and only then."}');
SELECT laurel_internal.explain('laurel.participations', 'Who comes to an event, once each. Where no place is left one waits; a place that becomes free goes to who has waited longest, in the same transaction.', '{
    "event_id": "The event, of the same organization; never changed.",
    "rsvp_status": "invited, then going, maybe, declined or waitlisted, and never invited again. Who is invited takes no place. Who asks for going where no place is left is waitlisted; who waits and asks again goes on waiting.",
    "guests": "How many come along, up to max_guests of the event; each takes a place.",
    "waitlisted_at": "Since when one waits: the place in the queue.",
    "attendance_status": "pending, attended or no_show.",
    "check_in_time": "When one came, within the time of the event and its grace; set exactly for who attended.",
    "feedback_rating": "What one thought of it, 1 to 5; of who attended.",
    "feedback": "In words, up to 5,000 characters; of who attended."}');
SELECT laurel_internal.explain('laurel.calendar_feeds', 'Tokens with which calendar programs fetch a member''s events, one for each organization.', '{
    "token_hash": "The SHA-256 of the token, which nobody but its holder knows."}');

-- Down Migration

DROP FUNCTION laurel.member(laurel.participations), laurel.member(laurel.calendar_feeds);
DROP TABLE laurel.calendar_feeds, laurel.participations, laurel.events, laurel.event_series, laurel.activities;
DELETE FROM ONLY laurel.reference_types WHERE name = 'Event';
DELETE FROM ONLY laurel_internal.mail_attachments WHERE source LIKE 'laurel\_internal.event\_attachment(%';
DELETE FROM ONLY laurel.jobs WHERE name IN ('waitlists', 'series');
