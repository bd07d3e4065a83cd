-- Up Migration
-- Reports on the programme: how each beneficiary does, and what is before a trainer. Policies of the tables choose the rows.

CREATE VIEW laurel.beneficiary_report WITH (security_invoker = true) AS
SELECT b.organization_id, b.id AS beneficiary_id, b.user_id, b.trainer_id, b.status, b.enrollment_date, t.attempts, t.open_attempts, t.attempts_to_mark,
    s.assessments, s.passed, s.failed, s.average_percentage, s.last_result_at,
    (SELECT count(*) FROM ONLY laurel.participations p WHERE p.organization_id = b.organization_id AND p.user_id = b.user_id AND p.attendance_status = 'attended') AS events_attended
FROM ONLY laurel.beneficiaries b
CROSS JOIN LATERAL (SELECT count(*) AS attempts, count(*) FILTER (WHERE a.status = 'in_progress') AS open_attempts, count(*) FILTER (WHERE a.status = 'submitted') AS attempts_to_mark
    FROM ONLY laurel.assessment_attempts a WHERE a.organization_id = b.organization_id AND a.beneficiary_id = b.id) t
CROSS JOIN LATERAL (SELECT count(*) AS assessments, count(*) FILTER (WHERE r.passed) AS passed, count(*) FILTER (WHERE NOT r.passed) AS failed, round(avg(r.percentage), 2) AS average_percentage,
        max(r.last_at) AS last_result_at
    FROM (SELECT bool_or(g.passed) AS passed, max(g.percentage) AS percentage, max(g.created_at) AS last_at FROM ONLY laurel.assessment_results g
        WHERE g.organization_id = b.organization_id AND g.beneficiary_id = b.id GROUP BY g.assessment_id) r) s;

CREATE VIEW laurel.trainer_agenda WITH (security_invoker = true) AS
SELECT e.organization_id, e.facilitator_id AS trainer_id, 'event' AS kind, e.scheduled_date AS due_at, e.title, e.id AS item_id, NULL::uuid AS user_id, 1::bigint AS items
FROM ONLY laurel.events e WHERE e.status = 'scheduled' AND e.ends_at > now()
UNION ALL
SELECT a.organization_id, a.trainer_id, d.kind, d.due_at, a.title, a.id, a.user_id, 1
FROM ONLY laurel.assessments a CROSS JOIN LATERAL (VALUES ('assessment_opens', a.scheduled_for), ('assessment_closes', a.closes_at)) d (kind, due_at)
WHERE a.status IN ('published', 'in_progress') AND d.due_at > now()
UNION ALL
SELECT r.organization_id, a.trainer_id, 'to_mark', r.due_at, a.title, r.attempt_id, r.user_id, r.items
FROM (SELECT w.organization_id, w.assessment_id, w.attempt_id, w.user_id, min(w.created_at) AS due_at, count(*) AS items FROM ONLY laurel.responses w WHERE w.needs_marking
    GROUP BY w.organization_id, w.assessment_id, w.attempt_id, w.user_id) r
JOIN ONLY laurel.assessments a ON a.organization_id = r.organization_id AND a.id = r.assessment_id;

SELECT laurel_internal.protect('laurel.beneficiary_report', 'view'), laurel_internal.protect('laurel.trainer_agenda', 'view'),
       laurel_internal.member('laurel.beneficiary_report'), laurel_internal.member('laurel.trainer_agenda');
SELECT laurel_internal.explain('laurel.beneficiary_report', 'How each beneficiary does, of whom the caller may see: administrators everybody, trainers theirs, a beneficiary his or her own. Past enrolments too.', '{
    "beneficiary_id": "The row of beneficiaries.",
    "status": "That of the enrolment: active, inactive or completed.",
    "attempts": "How many attempts were begun.",
    "open_attempts": "How many of them are in progress.",
    "attempts_to_mark": "How many are handed in and wait for people to mark them.",
    "assessments": "How many assessments have a result.",
    "passed": "In how many of them one result or more passes.",
    "failed": "In how many none does, of those that can be passed.",
    "average_percentage": "Mean of the best results, per cent, each assessment counted once; null without any.",
    "last_result_at": "When the last result was made.",
    "events_attended": "How many events of the organization the member has attended."}'),
       laurel_internal.explain('laurel.trainer_agenda', 'What is before trainers: filter by trainer_id, order by due_at, take the day wanted. Everybody sees what he or she sees of events and assessments; what is to be marked, administrators and trainers.', '{
    "trainer_id": "Whose it is: who facilitates the event, or whose the assessment is; null for nobody''s.",
    "kind": "event (not over yet), assessment_opens, assessment_closes (both to come) or to_mark (an attempt with answers that wait for people).",
    "due_at": "When it begins, opens or closes; of what is to be marked, since when it waits.",
    "title": "Of the event or assessment.",
    "item_id": "The row of events or assessments; of what is to be marked, of assessment_attempts.",
    "user_id": "Whom it is about; null where it is for several.",
    "items": "How many answers are to be marked; otherwise 1."}');

-- Down Migration
DROP FUNCTION laurel.member(laurel.beneficiary_report), laurel.member(laurel.trainer_agenda);
DROP VIEW laurel.trainer_agenda, laurel.beneficiary_report;
