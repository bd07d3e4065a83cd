\set n random(1, :members)
SELECT laurel.rank_of(('0190a000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, 'all_time', '0190b000-0000-7000-8000-000000000001');
