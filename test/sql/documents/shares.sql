-- Documents and shares: who reads what, why, until when, and that nobody shares more than he or she has.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(69);
SELECT tests.cast('admin', 'trainer', 'second', 'learner', 'other', 'third', 'fourth', 'manager', 'root', 'bolt_admin', 'bolt_learner') \g /dev/null
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('second'), 'trainer');
UPDATE laurel.users SET manager_id = tests.person('manager') WHERE id = tests.person('learner');
SELECT tests.teach('second', 'learner') \g /dev/null
INSERT INTO laurel.beneficiaries (id, organization_id, user_id, trainer_id) VALUES (tests.person('beneficiary'), tests.acme(), tests.person('learner'), tests.person('trainer'));
CREATE FUNCTION pg_temp.d() RETURNS uuid LANGUAGE sql AS $$ SELECT tests.person('document') $$;
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
CREATE FUNCTION pg_temp.share(by text, with_whom text, permission text DEFAULT 'view', until timestamptz DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.does(by, format('INSERT INTO laurel.document_shares (document_id, shared_with, permission, expires_at) VALUES (%L, %L, %L, %L)', pg_temp.d(), tests.person(with_whom), permission, until))
$$;
CREATE FUNCTION pg_temp.reads() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(n, ' ' ORDER BY n COLLATE "C"), 'nobody') FROM unnest('{admin, trainer, second, learner, other, third, fourth, manager, bolt_admin, bolt_learner}'::text[]) n WHERE pg_temp.does(n, 'SELECT FROM laurel.documents') = '1'
$$;
-- Whom the function names, by reason.
CREATE FUNCTION pg_temp.named(reasons text DEFAULT '%') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(DISTINCT n, ' ' ORDER BY n), 'nobody') FROM laurel.who_can_see(pg_temp.d()) w JOIN unnest('{admin, trainer, second, learner, other, third, fourth, manager, root}'::text[]) n ON tests.person(n) = w.user_id WHERE w.reason LIKE reasons
$$;

-- Owners.
SELECT is(pg_temp.does('other', $$ INSERT INTO laurel.documents (filename, file_path, file_size, sha256) VALUES ('a.pdf', 's3://a', 5, sha256('a')) $$), '1', 'a member puts a document there');
UPDATE laurel.documents SET id = pg_temp.d(), version = 1;
SELECT is(pg_temp.reads(), 'admin other', 'which the owner and administrators read');
SELECT is(pg_temp.does(who, statement), expected, who || ': ' || statement) FROM (VALUES
    ('other', $$ INSERT INTO laurel.documents (filename, uploaded_by) VALUES ('x', tests.person('third')) $$, '42501'),
    ('other', $$ INSERT INTO laurel.documents (filename, organization_id) VALUES ('x', tests.bolt()) $$, '42501'),
    ('other', $$ INSERT INTO laurel.documents (filename) VALUES ('') $$, '23514 documents_filename_check'),
    ('other', $$ INSERT INTO laurel.documents (filename, file_size) VALUES ('x', -1) $$, '23514 documents_file_size_check'),
    ('other', $$ INSERT INTO laurel.documents (filename, file_size) VALUES ('x', 5000000000) $$, '1'),
    ('other', $$ DELETE FROM laurel.documents WHERE file_size > 5 $$, '1'),
    ('other', $$ INSERT INTO laurel.documents (filename, sha256) VALUES ('x', 'short') $$, '23514 documents_sha256_check'),
    ('other', $$ INSERT INTO laurel.documents (filename, beneficiary_id) VALUES ('x', tests.person('beneficiary')) $$, '23503 documents_beneficiary_id_fkey'),
    ('other', $$ UPDATE laurel.documents SET uploaded_by = tests.person('third') $$, '42501'),
    ('other', $$ UPDATE laurel.documents SET description = 'x' $$, '1'),
    ('other', $$ UPDATE laurel.documents SET version = 7 $$, 'PT409 documents_version'),
    ('third', $$ UPDATE laurel.documents SET description = 'x' $$, '0'),
    ('third', $$ DELETE FROM laurel.documents $$, '0'),
    ('bolt_admin', $$ DELETE FROM laurel.documents $$, '0'),
    ('third', $$ SELECT FROM laurel.who_can_see(tests.person('document')) $$, '42501'),
    ('bolt_admin', $$ SELECT FROM laurel.who_can_see(tests.person('document')) $$, '42501'),
    ('other', $$ SELECT FROM laurel.who_can_see(tests.person('nothing')) $$, '42501')) v (who, statement, expected);
SELECT tests.act_as_anon();
SELECT is(tests.error_of('SELECT FROM laurel.documents') || tests.error_of('SELECT FROM laurel.document_shares') || tests.error_of($$ SELECT laurel.who_can_see(laurel.uuidv7()) $$), '425014250142501', 'who is not signed in sees nothing');
SELECT tests.act_as_owner();

-- About a beneficiary.
SELECT is(tests.error_of($$ UPDATE laurel.documents SET beneficiary_id = tests.person('beneficiary') $$), 'none', 'the back end says whom it is about');
SELECT is(pg_temp.reads(), 'admin learner other trainer', 'the beneficiary and the trainer read it, no trainer of a course, no manager');
SELECT is(pg_temp.named(), 'admin learner other root trainer', 'and are named');
SELECT is(pg_temp.named('trainer'), 'trainer', 'with the reason');
UPDATE laurel.beneficiaries SET status = 'completed';
SELECT is(pg_temp.reads(), 'admin learner other', 'a trainer of a completed beneficiary does not');
SELECT is(pg_temp.named(), 'admin learner other root', 'and is not named');
SELECT is(pg_temp.does(who, $$ UPDATE laurel.documents SET description = 'x' $$), '0', who || ' only reads') FROM unnest('{learner, trainer}'::text[]) who;
SELECT is(pg_temp.share('learner', 'fourth'), '42501 document_shares_shared_by_within', 'a beneficiary shares nothing');
SELECT is(pg_temp.share(who, 'fourth'), '23503 document_shares_document_id_fkey', who || ' does not see it and learns nothing') FROM unnest('{manager, third}'::text[]) who;
UPDATE laurel.documents SET beneficiary_id = NULL, user_id = NULL;

-- Public.
SELECT is(pg_temp.does('other', 'UPDATE laurel.documents SET is_public = true'), '1', 'an owner shows it to everybody');
SELECT is(pg_temp.reads(), 'admin fourth learner manager other second third trainer', 'which are the members');
SELECT is(pg_temp.named('public'), 'admin fourth learner manager other root second third trainer', 'and are named');
SELECT is(pg_temp.share('third', 'fourth'), '42501 document_shares_shared_by_within', 'whoever reads it so shares nothing');
SELECT is(pg_temp.does('other', 'UPDATE laurel.documents SET is_public = false'), '1', 'and no longer');

-- Shares.
SELECT is(pg_temp.share('other', 'third', 'edit', now() + interval '1 day'), '1', 'an owner shares');
SELECT is(pg_temp.reads(), 'admin other third', 'which shows it');
SELECT is(pg_temp.share('other', 'third'), '23505 document_shares_shared_with_key', 'once for each member');
SELECT is(pg_temp.share('other', 'other'), '23514 document_shares_shared_with_check', 'not with oneself');
SELECT is(pg_temp.share('other', 'bolt_learner'), '23503 document_shares_shared_with_fkey', 'not beyond the organization');
SELECT is(pg_temp.share('other', 'fourth', 'own'), '23514 document_shares_permission_check', 'to view or to edit');
SELECT is(pg_temp.does('third', $$ UPDATE laurel.documents SET description = 'y' $$), '1', 'whoever may edit changes it');
SELECT is(pg_temp.does('third', $$ UPDATE laurel.documents SET is_public = true $$), '42501 documents_is_public_owner', 'but does not show it to everybody');
SELECT is(pg_temp.does('third', $$ DELETE FROM laurel.documents $$), '0', 'nor deletes it');
SELECT is(pg_temp.does('third', $$ UPDATE laurel.document_shares SET expires_at = NULL $$), '0', 'nor makes the own share longer');
SELECT is(pg_temp.does('third', format($$ INSERT INTO laurel.document_shares (document_id, shared_with, shared_by) VALUES (%L, %L, %L) $$, pg_temp.d(), tests.person('fourth'), tests.person('other'))), '42501', 'nor shares in the owner''s name');
SELECT is(pg_temp.does('third', format($$ INSERT INTO laurel.document_shares (document_id, shared_with, shared_by) VALUES (%L, %L, NULL) $$, pg_temp.d(), tests.person('fourth'))), '42501 document_shares_shared_by_check', 'nor in nobody''s');

-- What is passed on.
SELECT is(pg_temp.share('third', 'fourth', 'edit'), '42501 document_shares_expires_at_within', 'not for ever');
SELECT is(pg_temp.share('third', 'fourth', 'edit', now() + interval '1 day 1 second'), '42501 document_shares_expires_at_within', 'not a second longer');
SELECT is(pg_temp.share('third', 'fourth', 'edit', now() + interval '1 day'), '1', 'as long');
SELECT is(pg_temp.share('fourth', 'second', 'view', now() + interval '1 hour'), '1', 'and on');
SELECT is(pg_temp.reads(), 'admin fourth other second third', 'all of whom read it');
SELECT is(pg_temp.share('second', 'learner', 'edit', now() + interval '1 minute'), '42501 document_shares_permission_within', 'not more than to view');
SELECT is(pg_temp.does('third', $$ UPDATE laurel.document_shares SET expires_at = now() + interval '2 days' WHERE shared_by = laurel.uid() $$), '42501 document_shares_expires_at_within', 'nor later on');
SELECT is(pg_temp.does('other', $$ UPDATE laurel.document_shares SET permission = 'view', expires_at = now() + interval '30 minutes' $$), '1', 'who takes back a part');
SELECT results_eq('SELECT permission, expires_at FROM laurel.document_shares GROUP BY 1, 2', $$ SELECT 'view', now() + interval '30 minutes' $$, 'takes it back from all');
SELECT is(pg_temp.does('third', $$ UPDATE laurel.documents SET description = 'z' $$) || pg_temp.does('fourth', $$ UPDATE laurel.documents SET description = 'z' $$), '00', 'at once');
SELECT is((SELECT shared_by FROM laurel.who_can_see(pg_temp.d()) WHERE user_id = tests.person('second')), tests.person('fourth'), 'and it is told by whom');

-- The end of a share.
CREATE FUNCTION pg_temp.expire() RETURNS void LANGUAGE sql AS $$ UPDATE laurel.document_shares SET expires_at = statement_timestamp() WHERE shared_with = tests.person('third') $$;
SAVEPOINT before;
SELECT pg_temp.expire();
SELECT is(pg_temp.reads(), 'admin other', 'from that moment nobody reads it');
SELECT is(pg_temp.named('share'), 'nobody', 'nor is named, to the back end either');
SELECT is(pg_temp.share('third', 'learner', 'view', now() - interval '1 day'), '23503 document_shares_document_id_fkey', 'nor shares it');
ROLLBACK TO before;
SELECT is(pg_temp.does('fourth', 'DELETE FROM laurel.document_shares'), '1', 'what one has passed on one takes back');
SELECT is(pg_temp.does('third', 'DELETE FROM laurel.document_shares WHERE shared_with = laurel.uid()'), '0', 'who reads by a share does not delete it');
SELECT is(pg_temp.does('other', 'DELETE FROM laurel.document_shares'), '1', 'the owner does');
SELECT is((SELECT count(*)::integer FROM laurel.document_shares), 0, 'and what came of it is gone');
SELECT is(pg_temp.reads(), 'admin other', 'nobody else reads it');
SELECT is(pg_temp.share('admin', 'third'), '1', 'administrators share too');
DELETE FROM laurel.documents;
SELECT is((SELECT count(*)::integer FROM laurel.document_shares), 0, 'shares go with the document');
SELECT * FROM finish();
ROLLBACK;
