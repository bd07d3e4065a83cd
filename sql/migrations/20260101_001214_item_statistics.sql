-- Up Migration
-- How assessments and their questions do, by first attempts: definitions as in Moodle's quiz statistics.

-- Nothing is materialized, so that the assessment that is asked for is the only one that is read.
CREATE VIEW laurel.item_statistics WITH (security_invoker = true) AS
WITH marks AS NOT MATERIALIZED (
    SELECT r.organization_id, r.assessment_id, r.attempt_id, r.question_id, r.version, (r.points_earned - r.points_lost)::double precision AS mark
    FROM ONLY laurel.responses r WHERE r.attempt_number = 1
), totals AS (
    SELECT m.organization_id, m.assessment_id, m.attempt_id, sum(m.mark) AS total FROM marks m GROUP BY 1, 2, 3 HAVING count(*) = count(m.mark)
), items AS (
    SELECT m.organization_id, m.assessment_id, m.question_id, max(m.version) AS version, count(*) AS attempts,
        laurel_internal.item_statistics(array_agg(m.mark), array_agg(t.total - m.mark)) AS numbers
    FROM marks m JOIN totals t ON t.organization_id = m.organization_id AND t.assessment_id = m.assessment_id AND t.attempt_id = m.attempt_id GROUP BY m.organization_id, m.assessment_id, m.question_id
)
SELECT i.organization_id, i.assessment_id, i.question_id, i.attempts, v.points, 100 * (i.numbers).mean / nullif(v.points, 0) AS facility, 100 * (i.numbers).deviation / nullif(v.points, 0) AS deviation,
    100 * (i.numbers).discrimination AS discrimination_index, 100 * (i.numbers).efficiency AS discriminative_efficiency
FROM items i JOIN ONLY laurel.question_versions v ON v.organization_id = i.organization_id AND v.question_id = i.question_id AND v.version = i.version;

CREATE VIEW laurel.assessment_statistics WITH (security_invoker = true) AS
WITH answers AS NOT MATERIALIZED (
    SELECT r.organization_id, r.assessment_id, r.attempt_id, r.question_id, (r.points_earned - r.points_lost)::double precision AS mark
    FROM ONLY laurel.responses r WHERE r.attempt_number = 1
), graded AS (
    SELECT a.organization_id, a.assessment_id, a.attempt_id, sum(a.mark) AS total FROM answers a GROUP BY 1, 2, 3 HAVING count(*) = count(a.mark)
), items AS (
    SELECT m.organization_id, m.assessment_id, count(*) AS items, sum(m.variance) AS variances, sum(m.attempts) AS marks
    FROM (SELECT a.organization_id, a.assessment_id, a.question_id, var_samp(a.mark) AS variance, count(*) AS attempts
        FROM answers a JOIN graded g ON g.organization_id = a.organization_id AND g.assessment_id = a.assessment_id AND g.attempt_id = a.attempt_id GROUP BY 1, 2, 3) m
    GROUP BY m.organization_id, m.assessment_id
), totals AS (
    SELECT t.organization_id, t.assessment_id, count(*) AS attempts, avg(t.total) AS mean, percentile_cont(0.5) WITHIN GROUP (ORDER BY t.total) AS median, var_samp(t.total) AS variance
    FROM graded t
    GROUP BY t.organization_id, t.assessment_id
), tests AS (
    SELECT t.organization_id, t.assessment_id, t.attempts, i.items, t.mean, t.median, sqrt(t.variance) AS deviation,
        -- Where attempts have drawn questions of their own there is no common test.
        CASE WHEN i.items > 1 AND i.marks = i.items * t.attempts THEN i.items / (i.items - 1)::double precision * (1 - i.variances / nullif(t.variance, 0)) END AS alpha
    FROM totals t JOIN items i ON i.organization_id = t.organization_id AND i.assessment_id = t.assessment_id
)
SELECT t.organization_id, t.assessment_id, t.attempts, t.items, t.mean, t.median, t.deviation, t.alpha, 100 * sqrt(greatest(0, 1 - t.alpha)) AS error_ratio,
    t.deviation * sqrt(greatest(0, 1 - t.alpha)) AS standard_error
FROM tests t;

SELECT laurel_internal.protect('laurel.item_statistics', 'view'), laurel_internal.protect('laurel.assessment_statistics', 'view');
SELECT laurel_internal.explain('laurel.item_statistics', 'How each question of an assessment does, by first attempts of whom the caller may see: administrators everybody, trainers their beneficiaries. Filter by assessment_id.', '{
    "assessment_id": "The assessment.",
    "question_id": "The question.",
    "attempts": "How many first attempts have a mark for it.",
    "points": "What it is worth, in its last version that was asked.",
    "facility": "Mean mark, per cent of points: how easy it is.",
    "deviation": "Standard deviation of the marks, per cent of points.",
    "discrimination_index": "Correlation of the marks with the rest of the score, times 100: whether it tells the strong from the weak. Null where nothing differs.",
    "discriminative_efficiency": "Covariance of the marks with the rest of the score, per cent of what it could be at most with these marks."}'),
       laurel_internal.explain('laurel.assessment_statistics', 'How an assessment does as a whole, by first attempts of whom the caller may see. Points, penalties taken away.', '{
    "assessment_id": "The assessment.",
    "attempts": "How many first attempts are graded.",
    "items": "How many questions they had.",
    "mean": "Mean score.",
    "median": "Median score.",
    "deviation": "Standard deviation of the scores.",
    "alpha": "Cronbach''s alpha: how much of the differences is of what the questions have in common, 1 at most. Null with less than two questions, where nothing differs, or where attempts have drawn their own questions.",
    "error_ratio": "Share of the deviation that is chance, per cent.",
    "standard_error": "Points by which a score may be off by chance."}');

-- Down Migration
DROP VIEW laurel.assessment_statistics, laurel.item_statistics;
