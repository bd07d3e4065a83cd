-- Retention: month partitions, batches of rows that are due, the archive of the ledger, and the procedure that runs it all.

CREATE FUNCTION laurel_internal.create_month_partitions(
    parent regclass, months_ahead integer DEFAULT 3, first date DEFAULT NULL
) RETURNS integer
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_create_month_partitions';
COMMENT ON FUNCTION laurel_internal.create_month_partitions(regclass, integer, date) IS
'Makes the partitions parent_YYYY_MM that are missing, from the month of first (this month where null) to months_ahead months from now, in UTC, and returns how many. For tables partitioned by range of one timestamptz or date. Each has row security, no grants and the parent''s statement triggers, so create those first. Readers and writers of the table do not wait. Errors: 42809 not partitioned by a time; 22023 months_ahead not from 0 to 120.';
REVOKE ALL ON FUNCTION laurel_internal.create_month_partitions(regclass, integer, date) FROM PUBLIC;
