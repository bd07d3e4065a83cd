\set n random(1, :members)
SELECT count(*) + 1 FROM laurel.user_points p, laurel.user_points me WHERE me.organization_id = '0190b000-0000-7000-8000-000000000001' AND me.user_id = ('0190a000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid AND p.organization_id = me.organization_id AND p.total_points > me.total_points;
