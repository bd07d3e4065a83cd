-- A production database needs nothing that laurel.migrate() does not bring: the roles anon, authenticated and
-- service_role come with the extension; the default organization, the names of roles, tiers and levels come with the
-- migrations, and every organization made later gets its own tiers and levels. This file is here to be run all the
-- same: it refuses a database whose migrations are not all applied.

DO $check$
BEGIN
    IF EXISTS (SELECT FROM laurel.migration_status() WHERE state <> 'applied') THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'the migrations of laurel are not all applied',
            HINT = 'Run SELECT laurel.migrate() first.';
    END IF;
END
$check$;
