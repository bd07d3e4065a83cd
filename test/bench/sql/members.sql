-- One organization with :members members, each with an empty account; member n has an id that a script can compute.
CREATE SCHEMA bench;
GRANT USAGE ON SCHEMA bench TO authenticated, service_role;

CREATE FUNCTION bench.member(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT ('0190a000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;

INSERT INTO laurel.organizations (id, name, slug)
VALUES ('0190b000-0000-7000-8000-000000000001', 'Bench', 'bench');

INSERT INTO laurel.users (id, organization_id, email, full_name)
SELECT bench.member(n), '0190b000-0000-7000-8000-000000000001', format('member-%s@bench.example', n), 'Member ' || n
FROM generate_series(1, :members) n;
