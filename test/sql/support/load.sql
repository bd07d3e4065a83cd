-- What a test stands on, unless the database has it; every test begins with it, so that pg_prove needs nothing else.
-- After a change: DROP SCHEMA tests CASCADE.
\o /dev/null
SELECT pg_advisory_lock(hashtext('tests'));
SELECT to_regproc('tests.make_gifts') IS NULL AS wanted \gset
\if :wanted
\ir callers.sql
\ir cast.sql
\ir guards.sql
\ir gifts.sql
RESET check_function_bodies;
\endif
SELECT pg_advisory_unlock(hashtext('tests'));
\o
