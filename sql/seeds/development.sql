-- Sample data for development: two organizations, their people, courses, badges and some weeks of points.
-- Plain SQL for a migrated database, all or nothing; a second run ends with organizations_slug_key and changes nothing.

BEGIN;

INSERT INTO laurel.organizations (name, slug, domain, industry, size_category, time_zone) VALUES
    ('Alder Academy', 'alder', 'alder.example', 'education', '11-50', 'Europe/Zurich'),
    ('Birch College', 'birch', 'birch.example', 'education', '1-10', 'UTC');

-- A new user comes with membership, profile, preferences and points account.
INSERT INTO laurel.users (organization_id, email, first_name, last_name, job_title)
SELECT o.id, p.email, p.first_name, p.last_name, p.job_title
FROM (VALUES
    ('olga@alder.example', 'Olga', 'Meier', 'Head of learning'),
    ('tomas@alder.example', 'Tomas', 'Reed', 'Trainer'),
    ('mara@alder.example', 'Mara', 'Voss', 'Team lead'),
    ('ana@alder.example', 'Ana', 'Costa', 'Analyst'),
    ('ben@alder.example', 'Ben', 'Okafor', 'Analyst'),
    ('cleo@alder.example', 'Cleo', 'Lind', 'Analyst'),
    ('dario@alder.example', 'Dario', 'Rossi', 'Clerk'),
    ('ema@alder.example', 'Ema', 'Novak', 'Clerk'),
    ('finn@alder.example', 'Finn', 'Berg', 'Clerk'),
    ('gita@alder.example', 'Gita', 'Rao', 'Nurse'),
    ('hugo@alder.example', 'Hugo', 'Petit', 'Nurse'),
    ('ruth@birch.example', 'Ruth', 'Lang', 'Principal'),
    ('sam@birch.example', 'Sam', 'Ito', 'Student'),
    ('tess@birch.example', 'Tess', 'Moor', 'Student')
) p (email, first_name, last_name, job_title)
JOIN laurel.organizations o ON o.domain = split_part(p.email, '@', 2);

-- One person may belong to several organizations.
INSERT INTO laurel.user_organizations (organization_id, user_id, display_name)
SELECT o.id, u.id, u.full_name FROM laurel.organizations o, laurel.users u
WHERE o.slug = 'birch' AND u.email = 'ana@alder.example';

INSERT INTO laurel.user_roles (organization_id, user_id, role)
SELECT u.organization_id, u.id, r.role
FROM (VALUES
    ('olga@alder.example', 'org_admin'),
    ('tomas@alder.example', 'trainer'),
    ('mara@alder.example', 'manager'),
    ('ruth@birch.example', 'org_admin')
) r (email, role)
JOIN laurel.users u USING (email);

UPDATE laurel.organizations o SET admin_id = r.user_id
FROM laurel.user_roles r WHERE r.organization_id = o.id AND r.role = 'org_admin';

-- Mara's direct reports.
UPDATE laurel.users SET manager_id = (SELECT id FROM laurel.users WHERE email = 'mara@alder.example')
WHERE email IN ('dario@alder.example', 'ema@alder.example');

UPDATE laurel.user_preferences p SET leaderboard_privacy = v.privacy
FROM (VALUES ('gita@alder.example', 'hidden'), ('hugo@alder.example', 'anonymous')) v (email, privacy)
JOIN laurel.users u USING (email)
WHERE p.user_id = u.id;

INSERT INTO laurel.courses (organization_id, name, description, trainer_id)
SELECT o.id, c.name, c.description, (SELECT id FROM laurel.users WHERE email = c.trainer)
FROM (VALUES
    ('alder', 'SQL for analysts', 'From SELECT to window functions.', 'tomas@alder.example'),
    ('alder', 'First aid', 'What to do until help comes.', NULL),
    ('birch', 'Algebra', 'Groups, rings and fields.', NULL)
) c (slug, name, description, trainer)
JOIN laurel.organizations o USING (slug);

INSERT INTO laurel.enrollments (organization_id, user_id, course_id, enrolled_at, completed_at, progress_percent)
SELECT c.organization_id, u.id, c.id, now() - interval '30 days',
    CASE WHEN e.progress = 100 THEN now() - interval '1 day' END, e.progress
FROM (VALUES
    ('SQL for analysts', 'ana@alder.example', 95),
    ('SQL for analysts', 'ben@alder.example', 60),
    ('SQL for analysts', 'cleo@alder.example', 45),
    ('SQL for analysts', 'dario@alder.example', 10),
    ('First aid', 'ema@alder.example', 80),
    ('First aid', 'finn@alder.example', 25),
    ('First aid', 'gita@alder.example', 50),
    ('First aid', 'hugo@alder.example', 50),
    ('Algebra', 'sam@birch.example', 30),
    ('Algebra', 'tess@birch.example', 20)
) e (course, email, progress)
JOIN laurel.courses c ON c.name = e.course
JOIN laurel.users u USING (email);

INSERT INTO laurel.badges (organization_id, slug, badge_name, description, icon, tier, category, rarity, points_value,
    criteria)
SELECT o.id, b.slug, b.badge_name, b.description, b.icon, b.tier, b.category, b.rarity, b.points_value, b.criteria
FROM (VALUES
    ('first-course', 'First Steps', 'Complete your first course', '🎓', 'beginner', 'courses', 'common', 50,
        jsonb '{"coursesCompleted": 1}'),
    ('seven-days', 'Seven Days', 'Be active on seven days in a row', '🔥', 'intermediate', 'streaks', 'uncommon', 0,
        jsonb '{"streakDays": 7}'),
    ('mentor', 'Mentor', 'Help somebody through a course', '🤝', 'advanced', 'people', 'rare', 0,
        jsonb '{"events": {"learner_helped": 1}}')
) b (slug, badge_name, description, icon, tier, category, rarity, points_value, criteria)
CROSS JOIN laurel.organizations o
WHERE o.slug IN ('alder', 'birch');

-- Points of the last weeks: earned in a course, or spent; what is spent refers to nothing and so needs a reason.
-- The ledger numbers, balances and hashes the entries.
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reference_type, reference_id,
    reason, occurred_at)
SELECT e.organization_id, u.id, p.amount,
    CASE WHEN p.amount > 0 THEN 'module_completed' ELSE 'reward_redeemed' END,
    CASE WHEN p.amount > 0 THEN 'Course' END, CASE WHEN p.amount > 0 THEN c.id END,
    CASE WHEN p.amount > 0 THEN c.name ELSE 'Coffee voucher' END,
    now() - p.weeks_ago * interval '7 days'
FROM (VALUES
    ('ana@alder.example', 4, 420), ('ana@alder.example', 3, 430), ('ana@alder.example', 2, 310),
    ('ana@alder.example', 1, 250), ('ana@alder.example', 1, -50), ('ana@alder.example', 0, 120),
    ('ben@alder.example', 3, 300), ('ben@alder.example', 2, 260), ('ben@alder.example', 0, 180),
    ('cleo@alder.example', 2, 220), ('cleo@alder.example', 1, 200), ('cleo@alder.example', 0, 180),
    ('dario@alder.example', 1, 90), ('dario@alder.example', 0, 60),
    ('ema@alder.example', 4, 900), ('ema@alder.example', 3, 900), ('ema@alder.example', 2, 800),
    ('ema@alder.example', 1, 600), ('ema@alder.example', 0, 40),
    ('finn@alder.example', 2, 120),
    ('gita@alder.example', 0, 95),
    ('hugo@alder.example', 0, 150),
    ('sam@birch.example', 1, 320), ('sam@birch.example', 0, 55),
    ('tess@birch.example', 0, 210)
) p (email, weeks_ago, amount)
JOIN laurel.users u USING (email)
JOIN laurel.enrollments e ON e.organization_id = u.organization_id AND e.user_id = u.id
JOIN laurel.courses c ON c.id = e.course_id
ORDER BY p.weeks_ago DESC, p.email, p.amount DESC;

-- Active days up to today, yesterday, and up to some days ago.
INSERT INTO laurel.daily_activity (organization_id, user_id, date)
SELECT u.organization_id, u.id, (now() AT TIME ZONE o.time_zone)::date - day
FROM (VALUES
    ('ana@alder.example', 0, 11),
    ('ben@alder.example', 1, 3),
    ('cleo@alder.example', 4, 8)
) a (email, newest, oldest)
JOIN laurel.users u USING (email)
JOIN laurel.organizations o ON o.id = u.organization_id
CROSS JOIN LATERAL generate_series(a.newest, a.oldest) day;

COMMIT;
