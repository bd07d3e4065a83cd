-- Tiers: the job that ends them.

CREATE FUNCTION laurel_internal.organizations_to_tier(organization uuid) RETURNS uuid[]
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_organizations_to_tier';
COMMENT ON FUNCTION laurel_internal.organizations_to_tier(uuid) IS
'The organizations whose accounts laurel.end_tiers() looks through now: that one, or all with a rolling basis or a grace, that were not looked through today by their clock. Null for none.';

CREATE FUNCTION laurel_internal.tier_some_accounts(organization uuid, run_day date, after uuid, OUT day date, OUT last_user uuid, OUT accounts bigint)
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_tier_some_accounts';
COMMENT ON FUNCTION laurel_internal.tier_some_accounts(uuid, date, uuid) IS
'A step of laurel.end_tiers(): looks through some accounts of an organization, those of the users after that one, and says on which day of the organization the run began, which user was the last, null after all of them, and how many accounts have changed.';

CREATE PROCEDURE laurel.end_tiers(organization_id uuid DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
    organization uuid;
    run_day date;
    last_user uuid;
BEGIN
    PERFORM laurel_internal.require_no_block();
    COMMIT;
    FOREACH organization IN ARRAY coalesce(laurel_internal.organizations_to_tier(organization_id), '{}') LOOP
        run_day := NULL;
        last_user := NULL;
        LOOP
            COMMIT;
            SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
            SELECT s.day, s.last_user INTO run_day, last_user FROM laurel_internal.tier_some_accounts(organization, run_day, last_user) s;
            EXIT WHEN last_user IS NULL;
        END LOOP;
        COMMIT;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE laurel.end_tiers(uuid) IS
'Lets tiers end: where a tier follows from points of a window (organizations.tier_basis rolling), what was earned before it counts no more, and tiers that were kept for a grace go when that is over. In every organization once a day by its own clock, soon after midnight, or in one at once. A member is notified when a grace begins; a tier that changes is a domain event, once. What a tier is follows from the ledger and from the day, so that neither a second call, nor one at the same time changes anything twice. Some accounts at a time, each time in a transaction of its own, so call it outside a transaction block (2D000). An account that fails is noted in laurel.job_failures and keeps no other. For service_role and a scheduler. Error 42501: not allowed.';
