-- The two roles of Laurel's own: what each domain does not say itself.

-- Checks, defaults, policies and index expressions of the tables run as their owner.
GRANT USAGE, CREATE ON SCHEMA laurel, laurel_internal TO laurel_owner;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA laurel, laurel_internal TO laurel_owner;

-- May execute the commands of laurel.jobs, and what those call that runs as their caller; nothing else, no table.
GRANT USAGE ON SCHEMA laurel, laurel_internal TO laurel_jobs;
