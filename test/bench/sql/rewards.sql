-- Rewards, for each round one, and members who can pay: under Laurel, and beside a counter that is locked by hand.
\set ON_ERROR_STOP on
INSERT INTO laurel.rewards (id, organization_id, name, price, stock)
SELECT bench.member(n), :'organization', 'Reward ' || n, 1, CASE n WHEN 12 THEN 1000 ELSE 1000000 END FROM generate_series(1, 17) n;
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
SELECT organization_id, user_id, 100000, 'bonus', 'to spend' FROM laurel.user_points WHERE user_id <= bench.member(20000);

CREATE FUNCTION bench.try_redeem(reward uuid, member uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM laurel.redeem(reward, user_id => member);
    RETURN true;
EXCEPTION WHEN check_violation THEN
    RETURN false;
END $$;
CREATE SCHEMA counted;
GRANT USAGE ON SCHEMA counted TO service_role;
CREATE TABLE counted.rewards (LIKE laurel.rewards INCLUDING ALL) WITH (fillfactor = 70);
CREATE TABLE counted.redemptions (LIKE laurel.redemptions INCLUDING ALL) WITH (fillfactor = 90);
INSERT INTO counted.rewards SELECT * FROM laurel.rewards;
GRANT ALL ON counted.rewards, counted.redemptions TO service_role;
GRANT USAGE ON SCHEMA bench TO service_role;
VACUUM ANALYZE;
