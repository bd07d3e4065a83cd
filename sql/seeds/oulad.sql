-- Imports files of the Open University Learning Analytics Dataset from the current folder into a migrated database:
--     cd FOLDER && psql -X -q -d DATABASE -f .../sql/seeds/oulad.sql
-- Each presentation of a module becomes an organization with one course, each learner a user, each marked result a
-- ledger entry on its day. A second run adds nothing. Days count from 1 October (J) or 1 February (B) of the year.
\set ON_ERROR_STOP 1
\pset tuples_only on
\pset format unaligned
\set zone Europe/London

SET client_min_messages = warning;
SELECT clock_timestamp() AS began \gset

-- One line of progress: what was done, how many rows, seconds since the beginning.
CREATE FUNCTION pg_temp.progress(what text, row_count bigint, began timestamptz) RETURNS text
LANGUAGE sql AS $$
    SELECT rpad(what, 44) || lpad(to_char(row_count, 'FM999,999,999'), 10)
        || to_char(extract(epoch FROM clock_timestamp() - began), '9990.0') || ' s'
$$;

-- A number of the files; the dataset writes nothing or a question mark where there is none.
CREATE FUNCTION pg_temp.number(value text) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$ SELECT nullif(nullif(value, ''), '?')::numeric $$;

CREATE TEMP TABLE file_courses (code_module text, code_presentation text, module_presentation_length text);
CREATE TEMP TABLE file_assessments (code_module text, code_presentation text, id_assessment text,
    assessment_type text, date text, weight text);
CREATE TEMP TABLE file_info (code_module text, code_presentation text, id_student text, gender text, region text,
    highest_education text, imd_band text, age_band text, num_of_prev_attempts text, studied_credits text,
    disability text, final_result text);
CREATE TEMP TABLE file_registration (code_module text, code_presentation text, id_student text,
    date_registration text, date_unregistration text);
CREATE TEMP TABLE file_results (id_assessment text, id_student text, date_submitted text, is_banked text, score text);
\copy file_courses FROM 'courses.csv' (FORMAT csv, HEADER match)
\copy file_assessments FROM 'assessments.csv' (FORMAT csv, HEADER match)
\copy file_info FROM 'studentInfo.csv' (FORMAT csv, HEADER match)
\copy file_registration FROM 'studentRegistration.csv' (FORMAT csv, HEADER match)
\copy file_results FROM 'studentAssessment.csv' (FORMAT csv, HEADER match)

SELECT pg_temp.progress('rows read from five files', (SELECT count(*) FROM file_courses)
    + (SELECT count(*) FROM file_assessments) + (SELECT count(*) FROM file_info)
    + (SELECT count(*) FROM file_registration) + (SELECT count(*) FROM file_results), :'began');

-- Presentations become organizations with one course each.
CREATE TEMP TABLE presentations AS
SELECT code_module, code_presentation, code_module || ' ' || code_presentation AS name,
    lower(code_module || '-' || code_presentation) AS slug,
    make_date(left(code_presentation, 4)::integer,
        CASE right(code_presentation, 1) WHEN 'J' THEN 10 WHEN 'B' THEN 2 END, 1) AS starts,
    pg_temp.number(module_presentation_length)::integer AS days
FROM file_courses;
ALTER TABLE presentations ADD CONSTRAINT presentation_begins_in_february_or_october CHECK (starts IS NOT NULL);

INSERT INTO laurel.organizations (name, slug, industry, time_zone)
SELECT name, slug, 'education', :'zone' FROM presentations ORDER BY starts, slug
ON CONFLICT (slug) DO NOTHING;

INSERT INTO laurel.courses (organization_id, name, description)
SELECT o.id, p.name, 'Module ' || p.code_module || ', from ' || p.starts || ' for ' || p.days || ' days.'
FROM presentations p JOIN laurel.organizations o USING (slug)
WHERE NOT EXISTS (SELECT FROM laurel.courses c WHERE c.organization_id = o.id);

ALTER TABLE presentations ADD organization_id uuid, ADD course_id uuid;
UPDATE presentations p SET organization_id = c.organization_id, course_id = c.id
FROM laurel.organizations o JOIN laurel.courses c ON c.organization_id = o.id
WHERE o.slug = p.slug;
SELECT pg_temp.progress('organizations with a course', count(*), :'began') FROM presentations;

-- Learners: at home in their first presentation, members of all theirs.
CREATE TEMP TABLE learners AS
SELECT p.organization_id, p.course_id, p.starts, p.days, r.id_student,
    'student' || r.id_student || '@oulad.invalid' AS email,
    pg_temp.number(r.date_registration)::integer AS registered, i.final_result
FROM file_registration r
JOIN presentations p USING (code_module, code_presentation)
LEFT JOIN file_info i USING (code_module, code_presentation, id_student);

INSERT INTO laurel.users (organization_id, email, full_name)
SELECT DISTINCT ON (email) organization_id, email, 'Student ' || id_student
FROM learners ORDER BY email, starts, organization_id
ON CONFLICT (email) DO NOTHING;

ALTER TABLE learners ADD user_id uuid;
UPDATE learners l SET user_id = u.id FROM laurel.users u WHERE u.email = l.email;
SELECT pg_temp.progress('users', count(DISTINCT user_id), :'began') FROM learners;

INSERT INTO laurel.user_organizations (organization_id, user_id, display_name)
SELECT organization_id, user_id, 'Student ' || id_student FROM learners ON CONFLICT DO NOTHING;
SELECT pg_temp.progress('memberships', count(*), :'began') FROM learners;

INSERT INTO laurel.enrollments (organization_id, user_id, course_id, enrolled_at, completed_at, progress_percent)
SELECT organization_id, user_id, course_id, (starts + coalesce(registered, 0))::timestamp AT TIME ZONE :'zone',
    CASE WHEN final_result IN ('Pass', 'Distinction') THEN (starts + days)::timestamp AT TIME ZONE :'zone' END,
    CASE WHEN final_result IN ('Pass', 'Distinction') THEN 100 ELSE 0 END
FROM learners
ON CONFLICT ON CONSTRAINT enrollments_organization_id_user_id_course_id_key DO NOTHING;
SELECT pg_temp.progress('enrollments', count(*), :'began') FROM learners;

-- Results become ledger entries, their score the points.
CREATE INDEX ON learners (organization_id, id_student);
ANALYZE learners;
CREATE TEMP TABLE results AS
SELECT p.organization_id, p.course_id, l.user_id, r.id_assessment, round(pg_temp.number(r.score))::bigint AS score,
    (p.starts + pg_temp.number(r.date_submitted)::integer)::timestamp AT TIME ZONE :'zone' AS occurred_at,
    'oulad:' || r.id_assessment || ':' || r.id_student AS idempotency_key,
    jsonb_build_object('assessment', r.id_assessment::bigint, 'type', a.assessment_type,
        'weight', pg_temp.number(a.weight), 'is_banked', r.is_banked = '1') AS metadata
FROM file_results r
JOIN file_assessments a USING (id_assessment)
JOIN presentations p USING (code_module, code_presentation)
LEFT JOIN learners l ON l.organization_id = p.organization_id AND l.id_student = r.id_student;
CREATE INDEX ON results (organization_id);
ANALYZE results;

SELECT count(*) AS entries_before, clock_timestamp() AS posting_began FROM laurel.points_ledger \gset

-- Presentation by presentation, so that there is progress to see.
SELECT format($insert$
        INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reference_type,
            reference_id, metadata, idempotency_key, occurred_at)
        SELECT r.organization_id, r.user_id, r.score, 'assessment_submitted', 'Course', r.course_id, r.metadata,
            r.idempotency_key, r.occurred_at
        FROM results r
        WHERE r.organization_id = %L AND r.score > 0 AND r.user_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM laurel.points_ledger l
                WHERE l.organization_id = r.organization_id AND l.idempotency_key = r.idempotency_key)
        ORDER BY r.user_id, r.occurred_at, r.id_assessment $insert$, organization_id),
    format('SELECT pg_temp.progress(%L, count(*), %L) FROM results WHERE score > 0 AND user_id IS NOT NULL'
        ' AND organization_id IN (SELECT organization_id FROM presentations WHERE (starts, slug) <= (%L, %L))',
        'ledger entries up to ' || name, :'began', starts, slug)
FROM presentations ORDER BY starts, slug
\gexec

SELECT format('  %s new ledger entries in %s s: %s a second', entries, round(seconds, 2), round(entries / seconds))
FROM (SELECT count(*) - :entries_before AS entries,
    extract(epoch FROM clock_timestamp() - :'posting_began'::timestamptz) AS seconds FROM laurel.points_ledger) posted;
SELECT pg_temp.progress('  left out: no mark', count(*), :'began') FROM results WHERE score IS NULL
UNION ALL
SELECT pg_temp.progress('  left out: mark 0, which adds no points', count(*), :'began') FROM results WHERE score = 0
UNION ALL
SELECT pg_temp.progress('  left out: learner is not registered', count(*), :'began') FROM results WHERE user_id IS NULL
UNION ALL
SELECT pg_temp.progress('  among them banked from an earlier attempt', count(*), :'began')
FROM results WHERE score > 0 AND user_id IS NOT NULL AND metadata @> '{"is_banked": true}';

-- Badges, and who earned them when.
INSERT INTO laurel.badges (organization_id, slug, badge_name, description, tier, category, points_value, criteria)
SELECT p.organization_id, b.slug, b.badge_name, b.description, b.tier, 'assessments', b.points_value, b.criteria
FROM presentations p CROSS JOIN (VALUES
    ('first-pass', 'First Pass', 'Score 40 or more in an assessment', 'beginner', 10, jsonb '{"events": {"assessment_passed": 1}}'),
    ('full-set', 'Full Set', 'Submit every assessment', 'intermediate', 50, jsonb '{}'),
    ('distinction', 'Distinction', 'Finish with distinction', 'elite', 100, jsonb '{"events": {"distinction": 1}}')
) b (slug, badge_name, description, tier, points_value, criteria)
ON CONFLICT ON CONSTRAINT badges_slug_key DO NOTHING;

CREATE TEMP TABLE earned AS
SELECT organization_id, user_id, 'first-pass' AS slug, min(occurred_at) AS earned_at
FROM results WHERE score >= 40 AND user_id IS NOT NULL GROUP BY 1, 2
UNION ALL
SELECT organization_id, user_id, 'full-set', max(occurred_at)
FROM results JOIN (SELECT organization_id, count(DISTINCT id_assessment) AS assessments FROM results GROUP BY 1) whole
    USING (organization_id)
WHERE user_id IS NOT NULL GROUP BY 1, 2, assessments HAVING count(DISTINCT id_assessment) = assessments
UNION ALL
SELECT organization_id, user_id, 'distinction', (starts + days)::timestamp AT TIME ZONE :'zone'
FROM learners WHERE final_result = 'Distinction';

INSERT INTO laurel.badge_awards (user_id, badge_id, awarded_by, awarded_date)
SELECT e.user_id, b.id, 'oulad', e.earned_at
FROM earned e JOIN laurel.badges b USING (organization_id, slug)
WHERE NOT EXISTS (SELECT FROM laurel.badge_awards a
    WHERE a.organization_id = e.organization_id AND a.user_id = e.user_id AND a.badge_id = b.id)
ORDER BY e.organization_id, e.user_id, e.earned_at, b.points_value;
SELECT pg_temp.progress('badges awarded: ' || slug, count(*), :'began') FROM earned GROUP BY slug ORDER BY slug;

ANALYZE laurel.users, laurel.user_organizations, laurel.enrollments, laurel.user_points, laurel.points_ledger,
    laurel.badge_awards;
