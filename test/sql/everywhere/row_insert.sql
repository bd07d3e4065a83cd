-- Rows that are inserted without a statement are what an INSERT would have made of them, in a partition of another shape too.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast();
SELECT tests.act_as_owner();
SELECT inhrelid::regclass AS current FROM pg_inherits WHERE inhparent = 'laurel.audit_log'::regclass AND inhrelid::regclass::text LIKE '%' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') \gset
ALTER TABLE laurel.audit_log DETACH PARTITION :current;
CREATE TABLE tests.month (LIKE laurel.audit_log INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE tests.month DROP COLUMN application_name;
ALTER TABLE tests.month ADD COLUMN application_name text GENERATED ALWAYS AS ('of the partition'::text) STORED;
ALTER TABLE tests.month ADD CONSTRAINT month_check CHECK (role <> 'nobody' AND application_name IS NOT NULL);
ALTER TABLE tests.month OWNER TO laurel_owner;
GRANT USAGE ON SCHEMA tests TO laurel_owner;
SELECT tests.error_of(format('ALTER TABLE laurel.audit_log ATTACH PARTITION tests.month FOR VALUES FROM (%L) TO (%L)', date_trunc('month', now()), date_trunc('month', now()) + interval '1 month')) AS attached \gset
-- Later servers do not take such a partition.
SELECT CASE WHEN :'attached' = 'none' THEN 'UPDATE laurel.organizations SET name = name || ''!'' WHERE id = tests.acme()' ELSE 'SELECT' END AS change \gset
:change;
SELECT is((SELECT min(application_name) FROM tests.month), CASE WHEN :'attached' = 'none' THEN 'of the partition' END, 'a column that the partition generates');
SELECT * FROM finish();
ROLLBACK;
