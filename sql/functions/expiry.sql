-- Expiry: when points are gone, what an organization owes its members, and what it has awarded of what it planned.

CREATE FUNCTION laurel_internal.points_expire_on(rule text, length integer, earned date) RETURNS date
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_points_expire_on';
COMMENT ON FUNCTION laurel_internal.points_expire_on(text, integer, date) IS
'The day at whose beginning points that were earned on a day have expired by a rule of point_expiry_policies; of inactivity, those of a member who was active on that day last.';

CREATE FUNCTION laurel_internal.points_kept_from(rule text, length integer, day date) RETURNS date
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_points_kept_from';
COMMENT ON FUNCTION laurel_internal.points_kept_from(text, integer, date) IS
'The first day whose points have not expired at the beginning of another: what laurel_internal.points_expire_on says, the other way round.';

CREATE FUNCTION laurel.expiring_points(user_id uuid DEFAULT laurel.uid(), organization_id uuid DEFAULT NULL)
RETURNS TABLE (entry_id uuid, points bigint, earned_at timestamptz, expires_at timestamptz, rule text)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 20 COST 1000 AS 'MODULE_PATHNAME', 'laurel_expiring_points';
COMMENT ON FUNCTION laurel.expiring_points(uuid, uuid) IS
'What a member has that will expire, soonest first: of each credit that is not spent, how many points are left of it, when they were earned and when they expire if nothing happens, and by which rule of point_expiry_policies. Whoever spends spends the oldest; a credit that was reversed was never earned, a debit that was reversed never spent. Points that are held do not expire while they are. What has expired and waits for laurel.expire_points() is listed with the moment at which it did. No rows where nothing expires. For those who may see the user''s points. organization_id: the active one, else the user''s home. Errors: 22004 no user; 42501 not allowed; 23503 unknown user.';

CREATE FUNCTION laurel_internal.organizations_to_expire(organization uuid) RETURNS uuid[]
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_organizations_to_expire';
COMMENT ON FUNCTION laurel_internal.organizations_to_expire(uuid) IS
'The organizations whose points laurel.expire_points() looks through now: that one, or all with a policy that were not looked through today by their clock. Null for none.';

CREATE FUNCTION laurel_internal.expire_some_points(organization uuid, after uuid, began_on date DEFAULT NULL,
    OUT last_user uuid, OUT accounts bigint, OUT begun_on date)
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_expire_some_points';
COMMENT ON FUNCTION laurel_internal.expire_some_points(uuid, uuid, date) IS
'A step of laurel.expire_points(): looks through some accounts of an organization, those of the users after that one, and says which was the last, null after all of them, how many had points that expired, and on which day the first step was, which is to be given to the next ones: after the last one that day is done.';

CREATE PROCEDURE laurel.expire_points(organization_id uuid DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
    organization uuid;
    last_user uuid;
    day date;
BEGIN
    PERFORM laurel_internal.require_no_block();
    COMMIT;
    FOREACH organization IN ARRAY coalesce(laurel_internal.organizations_to_expire(organization_id), '{}') LOOP
        last_user := NULL;
        day := NULL;
        LOOP
            COMMIT;
            SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
            SELECT s.last_user, s.begun_on INTO last_user, day FROM laurel_internal.expire_some_points(organization, last_user, day) s;
            EXIT WHEN last_user IS NULL;
        END LOOP;
        COMMIT;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE laurel.expire_points(uuid) IS
'Books what has expired by the policies of laurel.point_expiry_policies, an entry of type points_expired for each account, and notifies members of what will: in every organization once a day by its own clock, or in one at once. What expires follows from the balance and from the credits that have not expired, so that neither a second call, nor one at the same time, nor a clock that is set back takes anything twice. Some accounts at a time, each time in a transaction of its own, so call it outside a transaction block (2D000). An account that fails is noted in laurel.job_failures and keeps no other. For service_role and a scheduler. Error 42501: not allowed.';

CREATE FUNCTION laurel.points_liability(as_of timestamptz DEFAULT NULL, organization_id uuid DEFAULT NULL, ages integer[] DEFAULT '{90,180,365}')
RETURNS TABLE (tier text, age_from integer, age_until integer, points bigint, accounts bigint)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 16 COST 100000 AS 'MODULE_PATHNAME', 'laurel_points_liability';
COMMENT ON FUNCTION laurel.points_liability(timestamptz, uuid, integer[]) IS
'What an organization owed its members at a moment, computed from the ledger: points that were not spent, by how long ago they were earned, in whole days of 24 hours (age_from to before age_until; null: any older), and by the tier that a member earned at that moment by today''s rules (basis, window, thresholds; graces aside); and how many accounts have such points. All together are the sum of the ledger''s entries up to then, also those of members who have left. As everywhere, the oldest points are spent first. as_of: now where null. ages: up to 100 ages, ascending. organization_id: the active one where null. For administrators and trusted callers. Takes time with the ledger''s length. Errors: 42501 not allowed; 22004 no organization; 22023 a moment in the future, or ages that do not ascend from 1.';
