\set n random(1, :accounts)
\set amount random(1, 20)
SELECT * FROM laurel.record_points_transaction(('0190a000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, :amount, 'module_completed', reason => 'finished a module', organization_id => '0190b000-0000-7000-8000-000000000001');
