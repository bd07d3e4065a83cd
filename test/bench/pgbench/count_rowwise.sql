\set n random(1, :crews)
INSERT INTO rowwise.members (organization_id, crew_id) VALUES ('0190b000-0000-7000-8000-000000000001', ('c0000000-0000-0000-0000-' || lpad((:n)::text, 12, '0'))::uuid);
