-- Legal holds as history: signed and timed by the database, released once, never changed.
\ir ../support/load.sql
BEGIN;
SELECT plan(31);

CREATE FUNCTION pg_temp.hold(reason text) RETURNS laurel.legal_holds LANGUAGE sql AS $$
    SELECT h FROM laurel.legal_holds h WHERE h.reason = hold.reason
$$;
SELECT tests.cast('ann', 'bob');
GRANT EXECUTE ON FUNCTION pg_temp.hold(text) TO service_role;

-- Who and when.
SELECT tests.act_as_service();
INSERT INTO laurel.legal_holds (user_id, reason) VALUES (tests.person('ann'), 'case 1');
SELECT is((pg_temp.hold('case 1')).placed_by, 'service_role through ' || session_user, 'a hold says as which role it was placed, and through which login');
INSERT INTO laurel.legal_holds (user_id, reason, placed_by, placed_at, released_by, released_at)
    VALUES (tests.person('bob'), 'forged', 'the judge', '2001-01-01', 'the judge', '2001-01-02');
SELECT is((pg_temp.hold('forged')).placed_by, 'service_role through ' || session_user, 'whatever the statement says');
SELECT cmp_ok((pg_temp.hold('forged')).placed_at, '>', now() - interval '1 hour', 'and when it was placed');
SELECT is((pg_temp.hold('forged')).released_at, NULL, 'it is in force');
SELECT is((pg_temp.hold('forged')).released_by, NULL, 'released by nobody');
SELECT tests.act('service_role', json_build_object('sub', tests.person('ann'), 'role', 'service_role')::text);
INSERT INTO laurel.legal_holds (table_name, reason) VALUES ('sessions', 'case 2');
SELECT is((pg_temp.hold('case 2')).placed_by, tests.person('ann') || ' as service_role through ' || session_user, 'it names the user of the request too');
SELECT tests.act('service_role', '{"sub": "no uuid", "role": "service_role"}');
SELECT is(tests.error_of($$ INSERT INTO laurel.legal_holds (table_name, reason) VALUES ('sessions', 'case 3') $$), 'none', 'claims that name nobody place it all the same');
SELECT tests.act_as_service();

-- Released once.
SELECT is(tests.error_of($$ UPDATE laurel.legal_holds SET released_at = NULL WHERE reason = 'case 1' $$), '23001 legal_holds_history', 'not to release is no change');
UPDATE laurel.legal_holds SET released_at = '2001-01-01' WHERE reason = 'case 1';
SELECT cmp_ok((pg_temp.hold('case 1')).released_at, '>=', (pg_temp.hold('case 1')).placed_at, 'released when it was released');
SELECT is((pg_temp.hold('case 1')).released_by, 'service_role through ' || session_user, 'by whoever did');
SELECT is(tests.error_of($$ UPDATE laurel.legal_holds SET released_at = NULL WHERE reason = 'case 1' $$), '23001 legal_holds_history', 'never in force again');
SELECT is(tests.error_of($$ UPDATE laurel.legal_holds SET released_at = now() WHERE reason = 'case 1' $$), '23001 legal_holds_history', 'nor released again');
SELECT is(tests.error_of($$ UPDATE laurel.legal_holds SET released_by = 'the judge' WHERE reason = 'case 2' $$), '42501', 'nobody writes who released it');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ UPDATE laurel.legal_holds SET released_by = 'the judge' WHERE reason = 'case 2' $$), '23001 legal_holds_history', 'not even the owner');
SELECT is(tests.error_of(format('UPDATE laurel.legal_holds SET %s WHERE reason = %L', change, 'case 2')), '23001 legal_holds_history', 'nor is changed: ' || change)
    FROM unnest(ARRAY['organization_id = tests.acme()', 'user_id = tests.person(''bob'')', 'table_name = ''users''', 'table_name = NULL', 'held_from = now()',
                      'held_until = now()', 'placed_by = ''x''', 'placed_at = now()', 'reason = ''x'', released_at = now()']) change;
SELECT is(tests.error_of($$ DELETE FROM laurel.legal_holds WHERE reason = 'case 2' $$), '23001 legal_holds_history', 'nor deleted');

-- What is signed is what is stored.
CREATE FUNCTION pg_temp.forge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.placed_by := 'the judge'; NEW.released_by := 'the judge'; RETURN NEW; END $$;
CREATE TRIGGER z_forge BEFORE INSERT OR UPDATE ON laurel.legal_holds FOR EACH ROW EXECUTE FUNCTION pg_temp.forge();
SELECT is(tests.error_of($$ INSERT INTO laurel.legal_holds (table_name, reason) VALUES ('sessions', 'case 4') $$), '39P01 legal_holds_history', 'a trigger that could sign otherwise');
SELECT is(tests.error_of($$ UPDATE laurel.legal_holds SET released_at = now() WHERE reason = 'case 2' $$), '39P01 legal_holds_history', 'or release');
DROP TRIGGER z_forge ON laurel.legal_holds;

-- On something.
SELECT is(tests.error_of($$ INSERT INTO laurel.legal_holds (table_name, reason) VALUES ('points_history', 'x') $$), '23514 legal_holds_table_name_check', 'a view holds no rows');
SELECT is(tests.error_of($$ INSERT INTO laurel.legal_holds (user_id, reason) VALUES (gen_random_uuid(), 'x') $$), '23503 legal_holds_user_id_fkey',
    'a hold on whoever is not there is told so');
SELECT is(tests.error_of($$ INSERT INTO laurel.legal_holds (organization_id, reason) VALUES (gen_random_uuid(), 'x') $$), '23503 legal_holds_organization_id_fkey', 'an organization likewise');
SELECT is(tests.error_of($$ INSERT INTO laurel.legal_holds (user_id, table_name, reason) VALUES (gen_random_uuid(), 'points_ledger', 'x') $$), 'none',
    'what is left of who is gone is held by its table');
SELECT is(tests.error_of(format('DELETE FROM laurel.users WHERE id = %L', tests.person('bob'))), '23001 legal_holds_keep', 'a hold with a forged end still holds');

SELECT * FROM finish();
ROLLBACK;
