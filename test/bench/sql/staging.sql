-- :entries entries over :accounts accounts in random order, with the numbers that a ledger would give them.
CREATE TABLE bench.:staging AS
SELECT user_id, amount,
    row_number() OVER w AS entry_no,
    (sum(amount) OVER w)::bigint AS balance_after
FROM (
    SELECT bench.member(1 + i % :accounts) AS user_id, 1 + (random() * 19)::bigint AS amount, random() AS place
    FROM generate_series(1, :entries) i
) e
WINDOW w AS (PARTITION BY user_id ORDER BY place)
ORDER BY place;
GRANT SELECT ON bench.:staging TO service_role;
VACUUM ANALYZE bench.:staging;
