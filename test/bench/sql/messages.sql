-- :messages messages in threads of 20 between two of :members members, a fifth of them unread; the same without row security.
\set ON_ERROR_STOP on

INSERT INTO laurel.user_roles (organization_id, user_id, role)
SELECT :'organization'::uuid, bench.member(n), 'trainer' FROM generate_series(1, 100) n;

SET session_replication_role = replica;
INSERT INTO laurel.messages (id, organization_id, thread_id, parent_id, sender_id, recipient_id, content, is_read, read_at, created_at)
SELECT md5('message ' || n)::uuid, :'organization', md5('message ' || n / 20 * 20)::uuid, CASE WHEN n % 20 > 0 THEN md5('message ' || n - 1)::uuid END,
    bench.member(CASE WHEN n % 2 = 0 THEN a ELSE b END), bench.member(CASE WHEN n % 2 = 0 THEN b ELSE a END), 'Message ' || n || repeat(' of some words', 10),
    n % 5 > 0, CASE WHEN n % 5 > 0 THEN now() - interval '1 hour' END, now() - interval '90 days' + n * interval '5 seconds'
FROM (SELECT n, 1 + (n / 20)::bigint * 7919 % :members AS a, 1 + ((n / 20)::bigint * 7919 + 1 + n / 20 % 97) % :members AS b FROM generate_series(0, :messages - 1) n) m;
SET session_replication_role = origin;

-- Somebody blocks a few others, as people do.
INSERT INTO laurel.message_blocks (organization_id, user_id, blocked_id)
SELECT :'organization'::uuid, bench.member(:reader), bench.member(:reader + 500 + n) FROM generate_series(1, 3) n;

CREATE SCHEMA plain;
GRANT USAGE ON SCHEMA plain TO authenticated;
CREATE TABLE plain.messages (LIKE laurel.messages INCLUDING ALL);
INSERT INTO plain.messages (id, organization_id, thread_id, parent_id, sender_id, recipient_id, content, is_read, read_at, created_at)
SELECT id, organization_id, thread_id, parent_id, sender_id, recipient_id, content, is_read, read_at, created_at FROM laurel.messages;
GRANT SELECT ON plain.messages TO authenticated;
VACUUM ANALYZE laurel.messages, plain.messages, laurel.message_blocks;
