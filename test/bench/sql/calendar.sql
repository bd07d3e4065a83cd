-- A member who goes to :events events, and a calendar of them whose token this prints.
\set ON_ERROR_STOP on
INSERT INTO laurel.activities (organization_id, name) VALUES (:'organization', 'Course');
INSERT INTO laurel.events (organization_id, activity_id, title, description, location, scheduled_date, ends_at)
SELECT organization_id, id, 'Lesson ' || n, 'What the lesson ' || n || ' is about, in a line or two of text.', 'Room ' || n, now() + n * interval '1 hour', now() + (n + 1) * interval '1 hour'
FROM laurel.activities, generate_series(1, :events) n WHERE name = 'Course';
INSERT INTO laurel.participations (organization_id, event_id, user_id, rsvp_status)
SELECT e.organization_id, e.id, bench.member(1), 'going' FROM laurel.events e JOIN laurel.activities a ON a.id = e.activity_id WHERE a.name = 'Course';
SELECT set_config('request.jwt.claims', jsonb_build_object('sub', bench.member(1), 'role', 'authenticated')::text, false) \g /dev/null
SET ROLE authenticated;
SELECT laurel.create_calendar_feed();
