-- A member with many entries, and an export of the seed's five parts as one would write it by hand.
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE bench.exported AS SELECT organization_id, id AS user_id FROM laurel.users ORDER BY id LIMIT 1;
INSERT INTO laurel.courses (organization_id, name) SELECT organization_id, 'Course' FROM bench.exported;
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reference_type, reference_id, reason, metadata)
SELECT e.organization_id, e.user_id, 1 + n % 7, 'quest', 'Course', (SELECT max(id::text)::uuid FROM laurel.courses WHERE name = 'Course'), 'because of ' || n, jsonb_build_object('n', n) FROM bench.exported e, generate_series(1, :entries) n;
CREATE FUNCTION bench.export_by_hand(who uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'profile', (SELECT jsonb_agg(to_jsonb(p)) FROM laurel.profiles p WHERE p.user_id = who),
        'points', (SELECT jsonb_agg(to_jsonb(p)) FROM laurel.user_points p WHERE p.user_id = who),
        'ledger', (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.entry_no) FROM laurel.points_history l WHERE l.user_id = who),
        'badges', (SELECT jsonb_agg(to_jsonb(b)) FROM laurel.badge_awards b WHERE b.user_id = who),
        'learning', (SELECT jsonb_agg(to_jsonb(l)) FROM laurel.learning_path_progress l WHERE l.user_id = who))
$$;
VACUUM ANALYZE laurel.points_ledger;
