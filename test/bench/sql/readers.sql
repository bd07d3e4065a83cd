-- The same ledger twice more: without row security, and under the policies of an application that wrote its own.
\set ON_ERROR_STOP on

CREATE SCHEMA plain;
CREATE SCHEMA written;
GRANT USAGE ON SCHEMA plain, written TO authenticated;

CREATE TABLE plain.points_ledger (LIKE laurel.points_ledger INCLUDING ALL);
INSERT INTO plain.points_ledger SELECT * FROM laurel.points_ledger;

SELECT format('CREATE TABLE written.%I (LIKE laurel.%1$I INCLUDING ALL)', name),
       format('INSERT INTO written.%I SELECT * FROM laurel.%1$I', name)
FROM unnest(ARRAY['points_ledger', 'users', 'user_roles', 'courses', 'enrollments']) name \gexec
GRANT SELECT ON ALL TABLES IN SCHEMA plain, written TO authenticated;

-- auth.uid() in Supabase's own words, which Postgres can inline.
CREATE FUNCTION written.uid() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
    )::uuid
$$;

ALTER TABLE written.points_ledger ENABLE ROW LEVEL SECURITY;
SET search_path = written, public;

CREATE POLICY user_own_analytics ON points_ledger
  FOR SELECT
  USING (user_id = written.uid());

CREATE POLICY trainer_student_analytics ON points_ledger
  FOR SELECT
  USING (
    user_id IN (
      SELECT e.user_id
      FROM enrollments e
      JOIN courses c ON e.course_id = c.id
      WHERE c.trainer_id = written.uid()
    )
  );

CREATE POLICY org_admin_analytics ON points_ledger
  FOR SELECT
  USING (
    user_id IN (
      SELECT id FROM users
      WHERE organization_id = (
        SELECT organization_id FROM users WHERE id = written.uid()
      )
    )
    AND
    EXISTS (
      SELECT 1 FROM user_roles
      WHERE user_id = written.uid() AND role = 'org_admin'
    )
  );

RESET search_path;
VACUUM ANALYZE;
CHECKPOINT;
