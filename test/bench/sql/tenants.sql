-- One large organization and 100 small ones, :members members in all, nine in ten of them in the large one; ten entries
-- each. Trainer :trainer has 200 learners spread over the large organization, who take other courses too, as everybody.
INSERT INTO laurel.organizations (id, name, slug)
SELECT ('0190b000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Tenant ' || n, 'tenant-' || n
FROM generate_series(2, 101) n;

INSERT INTO laurel.users (id, organization_id, email, full_name)
SELECT bench.member(n), ('0190b000-0000-7000-8000-' || lpad((2 + n % 100)::text, 12, '0'))::uuid,
    format('member-%s@bench.example', n), 'Member ' || n
FROM generate_series(:large + 1, :members) n;

INSERT INTO laurel.user_roles (organization_id, user_id, role)
SELECT :'organization'::uuid, bench.member(n), 'trainer' FROM generate_series(1, 100) n
UNION ALL SELECT :'organization', bench.member(:trainer), 'trainer'
UNION ALL SELECT :'organization', bench.member(:admin), 'org_admin';

INSERT INTO laurel.courses (id, organization_id, name, trainer_id)
SELECT ('0190c000-0000-7000-8000-' || lpad(c::text, 12, '0'))::uuid, :'organization', 'Course ' || c,
    bench.member(CASE WHEN c <= 496 THEN 1 + c % 100 ELSE :trainer END)
FROM generate_series(1, 500) c;

INSERT INTO laurel.enrollments (organization_id, user_id, course_id)
SELECT :'organization'::uuid, bench.member(n), ('0190c000-0000-7000-8000-' || lpad(c::text, 12, '0'))::uuid
FROM generate_series(1, :large) n, LATERAL (VALUES (1 + n % 248), (249 + n % 248)) took (c)
UNION ALL
SELECT :'organization'::uuid, bench.member(k * (:large / 200)), ('0190c000-0000-7000-8000-' || lpad((497 + k % 4)::text, 12, '0'))::uuid
FROM generate_series(1, 200) k;

INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
SELECT organization_id, id, amount, transaction_type, 'finished a module'
FROM (
    SELECT u.organization_id, u.id, 1 + i * 3 AS amount,
        (ARRAY['module_completed', 'badge_earned', 'quiz_passed', 'event_attended', 'daily_login'])[1 + i % 5] AS transaction_type
    FROM laurel.users u CROSS JOIN generate_series(1, 10) i
    ORDER BY random()
) e;
