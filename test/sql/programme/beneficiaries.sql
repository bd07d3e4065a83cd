-- Beneficiaries, whom their trainer sees, and what is noted about them.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(85);
SELECT tests.cast('admin', 'trainer', 'second', 'learner', 'other', 'manager', 'root', 'bolt_admin', 'bolt_trainer', 'bolt_learner') \g /dev/null
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('second'), 'trainer');
UPDATE laurel.users SET manager_id = tests.person('manager') WHERE id = tests.person('learner');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT id, 1, 't', 'r' FROM laurel.users;

CREATE FUNCTION pg_temp.b() RETURNS uuid LANGUAGE sql AS $$ SELECT tests.person('beneficiary') $$;
-- Whom somebody sees, by the rows of points.
CREATE FUNCTION pg_temp.sees(name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tests.act_as(tests.person(name));
    RETURN (SELECT coalesce(string_agg(p.name, ' ' ORDER BY p.name COLLATE "C"), 'nobody') FROM laurel.points_ledger l
        JOIN unnest('{admin, trainer, second, learner, other, manager, bolt_learner}'::text[]) p (name) ON l.user_id = tests.person(p.name));
END
$$;
-- The same after a change by the owner, and once it is undone.
CREATE FUNCTION pg_temp.after(name text, change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := pg_temp.sees(name);
    during text;
BEGIN
    BEGIN
        PERFORM tests.act_as_owner();
        EXECUTE change;
        during := pg_temp.sees(name);
        RAISE EXCEPTION USING ERRCODE = 'P9999';
    EXCEPTION WHEN SQLSTATE 'P9999' THEN NULL;
    END;
    RETURN during || CASE WHEN pg_temp.sees(name) = before THEN '' ELSE ', and not undone' END;
END
$$;
-- What a statement does as somebody: the error, or how many rows.
CREATE FUNCTION pg_temp.does(name text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    refused text;
    rows bigint;
BEGIN
    PERFORM tests.act_as(tests.person(name));
    BEGIN
        EXECUTE statement;
        GET DIAGNOSTICS rows = ROW_COUNT;
        PERFORM tests.act_as_owner();
        RETURN rows;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS refused = CONSTRAINT_NAME;
        PERFORM tests.act_as_owner();
        RETURN trim(SQLSTATE || ' ' || refused);
    END;
END
$$;

-- Administrators enrol.
SELECT is(pg_temp.does(who, $$ INSERT INTO laurel.beneficiaries (organization_id, user_id, trainer_id) VALUES (tests.acme(), tests.person('other'), tests.person('trainer')) $$),
    '42501', who || ' enrols nobody') FROM unnest('{other, trainer, second, manager, bolt_admin, bolt_trainer}'::text[]) who;
SELECT is(pg_temp.does('admin', $$ INSERT INTO laurel.beneficiaries (user_id, trainer_id) VALUES (tests.person('learner'), tests.person('trainer')) $$), '1', 'an administrator does');
SELECT results_eq('SELECT organization_id, status, enrollment_date, inactive_at, completed_at FROM laurel.beneficiaries', $$ SELECT tests.acme(), 'active', CURRENT_DATE, NULL::timestamptz, NULL::timestamptz $$, 'into the organization, from today, active');
SELECT is(pg_temp.does('admin', statement), expected, what) FROM (VALUES
    ($$ INSERT INTO laurel.beneficiaries (user_id) VALUES (tests.person('learner')) $$, '23505 beneficiaries_live_key', 'nobody is enrolled twice at a time'),
    ($$ INSERT INTO laurel.beneficiaries (user_id, trainer_id) VALUES (tests.person('trainer'), tests.person('trainer')) $$, '23514 beneficiaries_trainer_id_check', 'nobody is the own trainer'),
    ($$ INSERT INTO laurel.beneficiaries (user_id, trainer_id) VALUES (tests.person('other'), tests.person('manager')) $$, '23514 beneficiaries_trainer_id_role', 'a trainer has the role'),
    ($$ INSERT INTO laurel.beneficiaries (user_id, trainer_id) VALUES (tests.person('other'), tests.person('admin')) $$, '23514 beneficiaries_trainer_id_role', 'an administrator has it not by that'),
    ($$ INSERT INTO laurel.beneficiaries (user_id, trainer_id) VALUES (tests.person('other'), tests.person('bolt_trainer')) $$, '23503 beneficiaries_trainer_id_fkey', 'nor is a trainer of another organization one here'),
    ($$ UPDATE laurel.beneficiaries SET trainer_id = tests.person('manager') $$, '23514 beneficiaries_trainer_id_role', 'not later either'),
    ($$ INSERT INTO laurel.beneficiaries (user_id) VALUES (tests.person('bolt_learner')) $$, '23503 beneficiaries_user_id_fkey', 'members are enrolled only'),
    ($$ INSERT INTO laurel.beneficiaries (organization_id, user_id) VALUES (tests.bolt(), tests.person('bolt_learner')) $$, '42501', 'and not elsewhere'),
    ($$ INSERT INTO laurel.beneficiaries (user_id, status) VALUES (tests.person('other'), 'paused') $$, '23514 beneficiaries_status_check', 'there are three states'),
    ($$ INSERT INTO laurel.beneficiaries (user_id, enrollment_date) VALUES (tests.person('other'), '1899-12-31') $$, '23514 beneficiaries_enrollment_date_check', 'a day long ago'),
    ($$ INSERT INTO laurel.beneficiaries (user_id, enrollment_date) VALUES (tests.person('other'), 'infinity') $$, '23514 beneficiaries_enrollment_date_check', 'or never'),
    ($$ INSERT INTO laurel.beneficiaries (user_id, metadata) VALUES (tests.person('other'), '[]') $$, '23514 beneficiaries_metadata_check', 'metadata is an object'),
    ($$ INSERT INTO laurel.beneficiaries (user_id, status) VALUES (tests.person('other'), 'completed') $$, '23514 beneficiaries_completed_at_check', 'what is completed has a time'),
    ($$ UPDATE laurel.beneficiaries SET user_id = tests.person('other') $$, '42501', 'the member stays')) v (statement, expected, what);
SELECT is(tests.error_of($$ UPDATE laurel.beneficiaries SET user_id = tests.person('other') $$), '23001 beneficiaries_user_id_immutable', 'whoever writes');

-- Who reads the row, and who writes it.
SELECT is(pg_temp.does(who, 'SELECT FROM laurel.beneficiaries'), expected, who || ' reads ' || expected)
FROM (VALUES ('learner', '1'), ('trainer', '1'), ('admin', '1'), ('manager', '1'), ('root', '1'), ('second', '0'), ('other', '0'), ('bolt_admin', '0'), ('bolt_trainer', '0')) v (who, expected);
SELECT is(pg_temp.does(who, $$ UPDATE laurel.beneficiaries SET trainer_id = tests.person('second') $$), '0', who || ' appoints nobody') FROM unnest('{learner, trainer, second, manager, bolt_admin}'::text[]) who;
SELECT is(pg_temp.does(who, 'DELETE FROM laurel.beneficiaries'), '0', who || ' deletes none') FROM unnest('{learner, trainer, second}'::text[]) who;
SELECT tests.act_as_anon();
SELECT is(tests.error_of('SELECT FROM laurel.beneficiaries') || tests.error_of('SELECT FROM laurel.beneficiary_notes'), '4250142501', 'who is not signed in reads nothing');
SELECT tests.act_as_owner();

-- A trainer sees what is the beneficiaries', and only as long as that lasts.
UPDATE laurel.beneficiaries SET id = pg_temp.b();
SELECT is(pg_temp.sees('trainer'), 'learner trainer', 'a trainer sees what is the beneficiary''s');
SELECT is(pg_temp.sees('learner'), 'learner', 'not the other way round');
SELECT is(pg_temp.sees('second'), 'second', 'another trainer does not');
SELECT is(pg_temp.after(who, change), expected, what) FROM (VALUES
    ('trainer', $$ UPDATE laurel.beneficiaries SET trainer_id = tests.person('second') $$, 'trainer', 'who is no trainer of somebody any more'),
    ('second', $$ UPDATE laurel.beneficiaries SET trainer_id = tests.person('second') $$, 'learner second', 'who becomes it'),
    ('trainer', $$ UPDATE laurel.beneficiaries SET status = 'inactive' $$, 'trainer', 'an inactive beneficiary'),
    ('trainer', $$ UPDATE laurel.beneficiaries SET status = 'inactive'; UPDATE laurel.beneficiaries SET status = 'active' $$, 'learner trainer', 'one who is back'),
    ('trainer', $$ UPDATE laurel.beneficiaries SET status = 'completed' $$, 'trainer', 'a completed one'),
    ('trainer', $$ DELETE FROM laurel.beneficiaries $$, 'trainer', 'a deleted row'),
    ('trainer', $$ DELETE FROM laurel.user_roles WHERE user_id = tests.person('trainer') $$, 'trainer', 'a trainer who loses the role'),
    ('trainer', $$ INSERT INTO laurel.beneficiaries (user_id, trainer_id) VALUES (tests.person('other'), tests.person('trainer')) $$, 'learner other trainer', 'one more'),
    ('trainer', $$ SELECT tests.teach('trainer', 'other', 'learner') $$, 'learner other trainer', 'with learners of a course'),
    ('trainer', $$ SELECT tests.teach('trainer', 'learner'); UPDATE laurel.beneficiaries SET status = 'completed' $$, 'learner trainer', 'who learns in a course stays'),
    ('manager', $$ UPDATE laurel.beneficiaries SET status = 'completed' $$, 'learner manager', 'a manager needs no beneficiary'),
    ('trainer', $$ DELETE FROM laurel.users WHERE id = tests.person('learner') $$, 'trainer', 'a beneficiary who leaves'),
    ('trainer', $$ UPDATE laurel.organizations SET is_active = false WHERE id = tests.acme() $$, 'nobody', 'an organization that is closed')) v (who, change, expected, what);
SELECT tests.act_as_owner();

-- A plan that was made before.
PREPARE mine AS SELECT count(*)::integer FROM laurel.points_ledger;
CREATE FUNCTION pg_temp.run() RETURNS integer LANGUAGE plpgsql AS $$ DECLARE n integer; BEGIN EXECUTE 'EXECUTE mine' INTO n; RETURN n; END $$;
SELECT tests.act_as_trainer();
SELECT is((SELECT max(pg_temp.run()) FROM generate_series(1, 8)), 2, 'a prepared statement sees the beneficiary');
SELECT tests.act_as_owner();
UPDATE laurel.beneficiaries SET trainer_id = tests.person('second');
SELECT tests.act_as_trainer();
SELECT is(pg_temp.run(), 1, 'and no longer when there is another trainer');
SELECT tests.act_as_owner();
UPDATE laurel.beneficiaries SET trainer_id = tests.person('trainer');
SELECT tests.act_as_trainer();
SELECT is(pg_temp.run(), 2, 'and again');
SELECT tests.act_as_owner();

-- What is noted.
INSERT INTO laurel.courses (id, organization_id, name, trainer_id) VALUES (tests.person('course'), tests.acme(), 'Course', tests.person('second'));
INSERT INTO laurel.enrollments (organization_id, user_id, course_id) VALUES (tests.acme(), tests.person('learner'), tests.person('course'));
SELECT is(pg_temp.does(who, $$ INSERT INTO laurel.beneficiary_notes (beneficiary_id, notes) VALUES (pg_temp.b(), 'Shy') $$), expected, who || ' notes ' || expected)
FROM (VALUES ('learner', '42501'), ('manager', '42501'), ('second', '42501'), ('other', '23503 beneficiary_notes_beneficiary_id_fkey'), ('bolt_admin', '23503 beneficiary_notes_beneficiary_id_fkey'), ('trainer', '1')) v (who, expected);
SELECT results_eq('SELECT organization_id, user_id FROM laurel.beneficiary_notes', $$ SELECT tests.acme(), tests.person('learner') $$, 'about the member of the row');
SELECT is(pg_temp.does(who, 'SELECT FROM laurel.beneficiary_notes'), expected, who || ' reads ' || expected || ' notes')
FROM (VALUES ('trainer', '1'), ('admin', '1'), ('root', '1'), ('learner', '0'), ('manager', '0'), ('second', '0'), ('bolt_admin', '0')) v (who, expected);
SELECT is(pg_temp.does('trainer', $$ UPDATE laurel.beneficiary_notes SET notes = 'Less shy' $$), '1', 'a trainer goes on noting');
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('learner'), 'org_admin');
SELECT is(pg_temp.does('learner', 'SELECT FROM laurel.beneficiary_notes'), '0', 'a beneficiary who administers reads nothing about himself');
SELECT is(pg_temp.does('learner', $$ INSERT INTO laurel.beneficiary_notes (beneficiary_id, notes) VALUES (pg_temp.b(), 'Bold') ON CONFLICT ON CONSTRAINT beneficiary_notes_pkey DO UPDATE SET notes = 'Bold' $$), '42501', 'and writes nothing');
SELECT is(pg_temp.does('learner', $$ UPDATE laurel.beneficiary_notes SET notes = 'Bold' $$), '0', 'by no command');
SELECT tests.act_as_learner();
SELECT ok(laurel.export_user(tests.person('learner'))::text !~ 'shy', 'nor has it in an export');
SELECT ok(NOT EXISTS (SELECT FROM laurel.audit_log a WHERE a::text ~* 'shy'), 'nor finds it in the audit log');
SELECT tests.act_as_owner();
DELETE FROM laurel.user_roles WHERE user_id = tests.person('learner');
UPDATE laurel.beneficiaries SET status = 'inactive';
SELECT is(pg_temp.does('trainer', 'SELECT FROM laurel.beneficiaries') || pg_temp.does('trainer', 'SELECT FROM laurel.beneficiary_notes'), '10', 'of an inactive beneficiary a trainer reads the row, and not what is noted');
SELECT ok((SELECT inactive_at IS NOT NULL FROM laurel.beneficiaries), 'there is a time of it');
UPDATE laurel.beneficiaries SET status = 'completed';
SELECT is(tests.error_of($$ UPDATE laurel.beneficiaries SET status = 'active' $$), '23514 beneficiaries_status_steps', 'what is completed stays so');
SELECT is(tests.error_of($$ INSERT INTO laurel.beneficiaries (user_id, trainer_id) VALUES (tests.person('learner'), tests.person('second')) $$), 'none', 'but a member may be enrolled anew');
SELECT is(pg_temp.does('second', 'SELECT FROM laurel.beneficiary_notes'), '1', 'and the new trainer reads what was noted before');

SELECT * FROM finish();
ROLLBACK;
