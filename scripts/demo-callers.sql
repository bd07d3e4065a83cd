-- Helpers of the demo, for one session.

-- What the database answers to a statement, and by which rule.
CREATE FUNCTION pg_temp.answer(statement text, OUT state text, OUT rule text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    state := 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, rule = CONSTRAINT_NAME;
END
$$;

-- What a caller sees of the ledger, with the rights of that caller.
CREATE FUNCTION pg_temp.seen_by(caller uuid, organization uuid, OUT people bigint, OUT entries bigint, OUT points bigint)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM laurel.set_context(caller, organization);
    SET LOCAL ROLE authenticated;
    SELECT count(DISTINCT user_id), count(*), coalesce(sum(amount), 0) INTO people, entries, points
    FROM laurel.points_ledger;
    RESET ROLE;
END
$$;
