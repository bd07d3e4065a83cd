-- A row stays in its organization, whatever an application's trigger makes of it.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast('admin', 'bolt_learner');

CREATE FUNCTION public.app_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.organization_id := tests.bolt(); RETURN NEW; END $$;
INSERT INTO laurel.courses (organization_id, name) VALUES (tests.acme(), 'Soldering');
INSERT INTO laurel.badges (organization_id, badge_name) VALUES (tests.acme(), 'x');
INSERT INTO laurel.notification_templates (organization_id, channel, subject, body_text) VALUES (tests.acme(), 'email', 'x', 'x');
SELECT lives_ok($$ UPDATE laurel.courses SET name = 'Welding', organization_id = tests.acme() $$, 'where it is, it may be written');
SELECT is(tests.error_of($$ UPDATE laurel.courses SET organization_id = tests.bolt() $$), '23001 courses_organization_id_immutable', 'it does not move');

CREATE TRIGGER zz_move BEFORE UPDATE ON laurel.courses FOR EACH ROW EXECUTE FUNCTION public.app_move();
CREATE TRIGGER zz_move BEFORE UPDATE ON laurel.notification_templates FOR EACH ROW EXECUTE FUNCTION public.app_move();
CREATE TRIGGER zz_move BEFORE UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION public.app_move();
CREATE TRIGGER zz_move BEFORE UPDATE ON laurel.badges FOR EACH ROW EXECUTE FUNCTION public.app_move();
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ UPDATE laurel.courses SET name = 'Brazing' $$), '23001 courses_organization_id_immutable', 'nor is it moved');
SELECT is(tests.error_of($$ UPDATE laurel.notification_templates SET subject = 'y' WHERE organization_id = tests.acme() $$),
    '23001 notification_templates_organization_id_immutable', 'where rows may be everybody''s');
SELECT is(tests.error_of($$ UPDATE laurel.badges SET badge_name = 'y' $$), '23001 badges_organization_id_immutable', 'or counts others');
SELECT is(tests.error_of($$ UPDATE laurel.user_points SET updated_at = now() WHERE organization_id = tests.acme() $$), '23503 user_points_membership_fkey', 'or a balance');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.courses WHERE organization_id = tests.bolt()), 0::bigint, 'and nothing has');

-- An update that moves a row to another partition.
CREATE SCHEMA kit;
CREATE TABLE kit.notes (organization_id uuid NOT NULL, kind text) PARTITION BY LIST (kind);
CREATE TABLE kit.short_notes PARTITION OF kit.notes FOR VALUES IN ('short');
CREATE TABLE kit.long_notes PARTITION OF kit.notes FOR VALUES IN ('long');
SELECT laurel_internal.hold_organization('kit.notes');
INSERT INTO kit.notes VALUES (tests.acme(), 'short');
CREATE TRIGGER move BEFORE UPDATE ON kit.notes FOR EACH ROW EXECUTE FUNCTION public.app_move();
SELECT is(tests.error_of($$ UPDATE kit.notes SET kind = 'short' $$), '23001 short_notes_organization_id_immutable', 'nor in its partition');
SELECT is(tests.error_of($$ UPDATE kit.notes SET kind = 'long' $$), '23001 short_notes_organization_id_immutable', 'or on its way to another');
CREATE FUNCTION pg_temp.place_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    place text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS place = SCHEMA_NAME;
    RETURN place;
END
$$;
SELECT is(pg_temp.place_of($$ UPDATE kit.notes SET kind = 'short' $$), 'kit', 'the refusal names the table''s own schema');
DROP TRIGGER move ON kit.notes;
SELECT lives_ok($$ UPDATE kit.notes SET kind = 'long' $$, 'where nothing moves it, it may go there');

-- A row that names no organization is where its request acts, also for a guest; a back end's is at its user's home.
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.acme(), tests.person('bolt_learner'));
CREATE FUNCTION pg_temp.place_of_challenge() RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO laurel.personal_challenges (user_id, title, goal, starts_at, ends_at)
    VALUES (laurel.uid(), 'Read', 10, now(), now() + interval '1 day') RETURNING organization_id
$$;
SELECT tests.act_as(tests.person('bolt_learner'), tests.acme());
SELECT is(pg_temp.place_of_challenge(), tests.acme(), 'a guest writes where the request acts');
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is(pg_temp.place_of_challenge(), tests.bolt(), 'and at home where it names nothing');
SELECT tests.act('service_role', json_build_object('sub', tests.person('bolt_learner'), 'org_id', tests.acme())::text);
SELECT is(pg_temp.place_of_challenge(), tests.bolt(), 'the back end at the user''s home');
SELECT tests.act_as_owner();
SELECT * FROM finish();
ROLLBACK;
