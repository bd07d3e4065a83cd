-- Up Migration
-- Personal data: which columns hold it. Tables say in their own migrations which of theirs do.

CREATE VIEW laurel_internal.personal_columns WITH (security_invoker = true) AS
SELECT format('%I.%I', p.schema_name, p.table_name)::regclass AS table_name, p.column_name::name AS column_name, p.encrypted
FROM laurel.pii_columns() p;

SELECT laurel_internal.protect('laurel_internal.personal_columns', 'view', commands => '{"authenticated": "", "service_role": ""}');

SELECT laurel_internal.explain('laurel_internal.personal_columns', 'Columns that hold personal data, as laurel_internal.personal() has tagged them.', '{
    "table_name": "The table.",
    "column_name": "The column.",
    "encrypted": "Whether its values are kept encrypted."}');

-- Down Migration
DROP VIEW laurel_internal.personal_columns;
