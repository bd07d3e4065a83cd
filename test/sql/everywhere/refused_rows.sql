-- A row that a table refuses is told to nobody where Laurel writes it with the owner's rights: it may hold a secret, a
-- hash, or what others have written.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast();

CREATE FUNCTION pg_temp.detail(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    d text; c text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL, c = CONSTRAINT_NAME;
    RETURN concat_ws(' ', SQLSTATE, c, '(' || coalesce(d, '') || ')');
END
$$;
SELECT laurel.create_invitation_token(laurel.invite_member('new@new.test', organization_id => tests.acme())) AS by_address,
    laurel.create_invitation_token(laurel.invite_member('learner@bolt.test', organization_id => tests.acme())) AS of_learner \gset

-- What a client gives too much of.
SELECT tests.act_as_admin();
SELECT is(pg_temp.detail(statement), said, statement) FROM (VALUES
    ($$ SELECT laurel.create_webhook_endpoint('https://example.com/', description => repeat('x', 501)) $$, '23514 webhook_endpoints_description_check ()'),
    ($$ SELECT laurel.create_webhook_endpoint('https://example.com/', array_fill('x'::text, ARRAY[101])) $$, '23514 webhook_endpoints_event_types_check ()'),
    ($$ SELECT laurel.notify(tests.person('learner'), repeat('x', 51), 'title') $$, '23514 notifications_type_check ()')) v (statement, said);
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is(pg_temp.detail(format('SELECT laurel.accept_invitation(%L, display_name => repeat(''x'', 1000))', :'of_learner')), '23514 user_organizations_display_name_check ()', 'a name that is too long');
SELECT tests.act('service_role', '{}');
SELECT is(pg_temp.detail(format('SELECT laurel.accept_invitation(%L, display_name => repeat(''x'', 1000))', :'by_address')), '23514 users_full_name_check ()', 'and of a new account');

-- What triggers of the application have made of an address after it was in order.
SELECT tests.act_as_owner();
CREATE FUNCTION pg_temp.shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.email := upper(NEW.email); RETURN NEW; END $$;
CREATE TRIGGER zzz_shout BEFORE INSERT OR UPDATE ON laurel.invitations FOR EACH ROW EXECUTE FUNCTION pg_temp.shout();
CREATE TRIGGER zzz_shout BEFORE INSERT OR UPDATE ON laurel.one_time_tokens FOR EACH ROW EXECUTE FUNCTION pg_temp.shout();
CREATE TRIGGER zzz_shout BEFORE INSERT OR UPDATE ON laurel.users FOR EACH ROW EXECUTE FUNCTION pg_temp.shout();
SELECT is(pg_temp.detail($$ SELECT laurel.set_password(tests.person('learner'), 'correct horse') $$), '23514 users_email_check ()', 'no hash of a password');
SELECT matches(pg_temp.detail($$ UPDATE laurel.users SET full_name = 'Somebody' WHERE id = tests.person('learner') $$), '^23514 users_email_check \(.*LEARNER@ACME.TEST', 'who may read the table and writes it is told, as ever');
SELECT tests.act_as_admin();
SELECT is(pg_temp.detail($$ SELECT laurel.invite_member('zoe@new.test') $$), '23514 invitations_email_check ()', 'no hash of an invitation''s token');
SELECT tests.act_as_learner();
SELECT is(pg_temp.detail($$ SELECT laurel.change_email('zoe@new.test') $$), '23514 one_time_tokens_email_check ()', 'nor of a code');

SELECT * FROM finish();
ROLLBACK;
