-- Merging two accounts: who may, what is refused, and what becomes of points, of two rows of one key and of sign-in.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(59);
SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'manager', 'root', 'bolt_admin', 'bolt_learner') \g /dev/null
SELECT tests.join(tests.acme(), 'twin', 'third', 'fourth') \g /dev/null
CREATE FUNCTION pg_temp.merge(a text, b text) RETURNS text LANGUAGE sql AS $$ SELECT format('SELECT laurel.merge_users(%L, %L)', tests.person(a), tests.person(b)) $$;

-- Who may.
SELECT tests.act_as(tests.person('learner')) \g /dev/null
SELECT throws_ok(pg_temp.merge('twin', 'learner'), '42501', 'not allowed to merge these users', 'a member does not merge');
SELECT tests.act_as(tests.person('bolt_admin')) \g /dev/null
SELECT throws_ok(pg_temp.merge('twin', 'learner'), '42501', 'not allowed to merge these users', 'another organization''s administrator does not');
SELECT throws_ok(pg_temp.merge('bolt_learner', 'learner'), '42501', 'not allowed to merge these users', 'nor with one of them at home elsewhere');
SELECT tests.act_as(tests.person('admin')) \g /dev/null
SELECT throws_ok(pg_temp.merge('bolt_learner', 'learner'), '42501', 'not allowed to merge these users', 'whose administrator does not either');
SELECT throws_ok(pg_temp.merge('nobody', 'learner'), '42501', 'not allowed to merge these users', 'who is not there is not told from who is elsewhere');
SELECT throws_ok(pg_temp.merge('learner', 'nobody'), '42501', 'not allowed to merge these users', 'on either side');
SELECT throws_ok(pg_temp.merge('root', 'learner'), '42501', 'not allowed to merge these users', 'a platform administrator is not an org_admin''s to merge');
SELECT throws_ok(pg_temp.merge('learner', 'root'), '42501', 'not allowed to merge these users', 'or to merge with');
SELECT tests.act_as_owner() \g /dev/null
SELECT tests.invite('third', tests.bolt()) \g /dev/null
SELECT tests.act_as(tests.person('admin')) \g /dev/null
SELECT throws_ok(pg_temp.merge('third', 'learner'), '42501', 'not allowed to merge these users', 'who belongs to another organization too is not either');
SELECT throws_ok('INSERT INTO laurel.user_merges (organization_id, from_id, into_id, points, moved) VALUES (laurel.org_id(), laurel.uuidv7(), laurel.uuidv7(), 0, ''{}'')', '42501', NULL, 'nobody writes down what was not done');
SELECT tests.act_as_anon() \g /dev/null
SELECT throws_ok(pg_temp.merge('twin', 'learner'), '42501', NULL, 'who has not signed in does not merge');

-- What is refused to all.
SELECT tests.act_as_service() \g /dev/null
SELECT throws_ok(pg_temp.merge('learner', 'learner'), '22023', 'a user is not merged with himself', 'nobody is two');
SELECT throws_ok(format('SELECT laurel.merge_users(NULL, %L)', tests.person('learner')), '22004', 'from must not be null', 'both are named');
SELECT throws_ok(format('SELECT laurel.merge_users(%L, NULL)', tests.person('learner')), '22004', 'into must not be null', 'the second too');
SELECT is(tests.error_of(pg_temp.merge('nobody', 'learner')), '23503 user_merges_from_id_fkey', 'the first is there');
SELECT is(tests.error_of(pg_temp.merge('learner', 'nobody')), '23503 user_merges_into_id_fkey', 'and the second');
SELECT is(tests.error_of(pg_temp.merge('bolt_learner', 'learner')), '23514 user_merges_organization_check', 'in one organization');
SELECT is(tests.error_of(format('SELECT laurel.merge_users(%L, %L, repeat(''x'', 2001))', tests.person('twin'), tests.person('learner'))), '23514 user_merges_reason_check', 'a reason is short');

-- Holds.
SELECT tests.act_as_owner() \g /dev/null
INSERT INTO laurel.legal_holds (user_id, reason) VALUES (tests.person('twin'), 'case 7');
SELECT is(tests.error_of(pg_temp.merge('twin', 'learner')), '23001 legal_holds_keep', 'who is under a hold stays');
SELECT is(tests.error_of(pg_temp.merge('learner', 'twin')), '23001 legal_holds_keep', 'and so does what the other has');
UPDATE laurel.legal_holds SET released_at = now();
INSERT INTO laurel.legal_holds (organization_id, reason) VALUES (tests.acme(), 'case 8');
SELECT is(tests.error_of(pg_temp.merge('twin', 'learner')), '23001 legal_holds_keep', 'a hold of the organization holds both');
UPDATE laurel.legal_holds SET released_at = now() WHERE released_at IS NULL;
INSERT INTO laurel.legal_holds (organization_id, reason) VALUES (tests.bolt(), 'case 9');
SELECT is(tests.error_of(pg_temp.merge('third', 'learner')), '23001 legal_holds_keep', 'one of where a guest goes along, too');
UPDATE laurel.legal_holds SET released_at = now() WHERE released_at IS NULL;

-- Points: earned, spent, taken back, in periods.
SELECT laurel.record_points_transaction(tests.person('twin'), 600, 'quest', reason => 'long ago', occurred_at => now() - interval '1 year') \g /dev/null
SELECT laurel.record_points_transaction(tests.person('twin'), 50, 'quest', reason => 'now') \g /dev/null
SELECT laurel.reverse_points_transaction(id, 'a mistake') FROM laurel.points_ledger WHERE user_id = tests.person('twin') AND amount = 50 \g /dev/null
SELECT laurel.record_points_transaction(tests.person('twin'), -70, 'spent', reason => 'coffee') \g /dev/null
SELECT laurel.record_points_transaction(tests.person('learner'), 30, 'quest', reason => 'now') \g /dev/null
SELECT laurel.record_points_transaction(tests.person('third'), 9, 'quest', reason => 'as a guest', organization_id => tests.bolt()) \g /dev/null
INSERT INTO laurel.user_identities (organization_id, user_id, provider, subject) VALUES (tests.acme(), tests.person('twin'), 'https://id.test', 'twin');
SELECT laurel.create_session(tests.person('twin')) \g /dev/null
INSERT INTO laurel.badges (id, organization_id, badge_name) VALUES (tests.person('badge'), tests.acme(), 'First');
INSERT INTO laurel.badge_awards (organization_id, user_id, badge_id, awarded_date) VALUES (tests.acme(), tests.person('twin'), tests.person('badge'), now() - interval '9 days'), (tests.acme(), tests.person('learner'), tests.person('badge'), now());
INSERT INTO laurel.courses (id, organization_id, name) VALUES (tests.person('course'), tests.acme(), 'SQL');
INSERT INTO laurel.enrollments (organization_id, user_id, course_id, progress_percent) VALUES (tests.acme(), tests.person('twin'), tests.person('course'), 80), (tests.acme(), tests.person('learner'), tests.person('course'), 20);
-- An event of one place: who has it, and who waits.
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('activity'), tests.acme(), 'Yoga');
INSERT INTO laurel.events (id, activity_id, title, scheduled_date, ends_at, max_participants) VALUES (tests.person('event'), tests.person('activity'), 'Yoga', now() + interval '1 day', now() + interval '25 hours', 2);
INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('event'), tests.person('learner'));
INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('event'), tests.person('twin'));
INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('event'), tests.person('other'));

SELECT tests.act_as(tests.person('admin')) \g /dev/null
SELECT is((points, is_new), (530::bigint, true), 'an administrator merges two of the organization') FROM laurel.merge_users(tests.person('twin'), tests.person('learner'), 'One and the same');
SELECT is((points, is_new), (530::bigint, false), 'once, however often it is asked for') FROM laurel.merge_users(tests.person('twin'), tests.person('learner'), 'One and the same');
SELECT is((SELECT count(*) FROM laurel.user_merges WHERE merged_by = tests.person('admin') AND reason = 'One and the same'), 1::bigint, 'it is written down');
SELECT is((SELECT count(*) FROM laurel.audit_log WHERE table_name = 'laurel.user_merges' AND actor_id = tests.person('admin') AND after ->> 'from_id' = tests.person('twin')::text), 1::bigint, 'in the audit log too');
SELECT throws_ok(pg_temp.merge('twin', 'other'), 'PT409', 'the user was merged with another one already', 'who is part of one is not of another');
SELECT throws_ok(pg_temp.merge('learner', 'twin'), '42501', 'not allowed to merge these users', 'nor the other way round');
SELECT tests.act_as_owner() \g /dev/null
SELECT is((total_points, lifetime_points, points_this_week, points_this_month, tier), (560::bigint, 630::bigint, -40::bigint, -40::bigint, 'silver'::text), 'points are the sums of both, in every period')
    FROM laurel.user_points WHERE user_id = tests.person('learner');
SELECT is((SELECT count(DISTINCT idempotency_key) = count(*) AND bool_and(idempotency_key LIKE 'user_merge:' || tests.person('twin') || ':%') FROM laurel.points_ledger WHERE transaction_type = 'account_merged'), true, 'under one key');
SELECT is((SELECT sum(amount) FROM laurel.points_ledger WHERE user_id = tests.person('twin')), 0::numeric, 'nothing is left');
SELECT is((SELECT sum(amount) FROM laurel.points_ledger WHERE transaction_type = 'account_merged'), 0::numeric, 'and nothing was won');
SELECT results_eq('SELECT * FROM laurel.verify_ledger()', 'SELECT * FROM laurel.verify_ledger() LIMIT 0', 'the ledger is sound');
SELECT is((SELECT count(*) FROM laurel.check()), 0::bigint, 'all that is counted is right');
SELECT is((SELECT count(*) FROM laurel.users WHERE id = tests.person('twin')), 0::bigint, 'the account is gone');
SELECT is((SELECT times_awarded FROM laurel.badges WHERE id = tests.person('badge')), 1::bigint, 'a badge of both is one');
SELECT is((SELECT awarded_date < now() - interval '8 days' FROM laurel.badge_awards WHERE user_id = tests.person('learner')), true, 'the one that was earned first');
SELECT is((SELECT progress_percent FROM laurel.enrollments WHERE user_id = tests.person('learner')), 80::numeric, 'the better progress stays');
SELECT is((SELECT string_agg(email || ' ' || rsvp_status, ', ' ORDER BY email) FROM laurel.participations JOIN laurel.users u ON u.id = user_id), 'learner@acme.test going, other@acme.test going', 'who held two places holds one, and who waited has the other');
SELECT is((SELECT (places_taken, waiting_count) FROM laurel.events WHERE id = tests.person('event')), (2::bigint, 0::bigint), 'places are right');
SELECT is((SELECT user_id FROM laurel.user_identities WHERE subject = 'twin'), tests.person('learner'), 'who signs in elsewhere arrives where all is');
SELECT is((SELECT count(*) FROM laurel.sessions WHERE user_id IN (tests.person('twin'), tests.person('learner'))), 0::bigint, 'sessions have ended');
SELECT is((SELECT email FROM laurel.users WHERE id = tests.person('learner')), 'learner@acme.test', 'the address stays');
SELECT lives_ok($$ INSERT INTO laurel.users (organization_id, email) VALUES (tests.acme(), 'twin@acme.test') $$, 'and the other one is free');

-- A guest takes along where he is a guest.
SELECT tests.act_as_service() \g /dev/null
SELECT is((points, is_new), (9::bigint, true), 'the back end merges a guest of others') FROM laurel.merge_users(tests.person('third'), tests.person('fourth'));
SELECT tests.act_as_owner() \g /dev/null
SELECT is((SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('fourth') AND organization_id = tests.bolt()), 9::bigint, 'with the points there');
-- One after the other.
SELECT lives_ok(pg_temp.merge('learner', 'other'), 'an account that others are part of becomes part of another one');
SELECT is((SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('other')), 560::bigint, 'with all points');
SELECT is((SELECT count(*) FROM laurel.verify_ledger()), 0::bigint, 'and a sound ledger');

-- Triggers of an application, names that were squatted and a search_path of others.
SELECT tests.join(tests.acme(), 'fifth', 'sixth') \g /dev/null
SELECT laurel.record_points_transaction(tests.person('fifth'), 12, 'quest', reason => 'now') \g /dev/null
SELECT laurel.record_activity(tests.person('fifth'), now(), tests.acme()) \g /dev/null
CREATE FUNCTION pg_temp.drop_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION pg_temp.as_it_was() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
CREATE FUNCTION pg_temp.more() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.amount := NEW.amount + 1; RETURN NEW; END';
CREATE FUNCTION pg_temp.other_words() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.reason := ''other words''; RETURN NEW; END';
CREATE FUNCTION pg_temp.with_trigger(target text, event text, function text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE said text;
BEGIN
    EXECUTE format('CREATE TRIGGER zz_app BEFORE %s ON %s FOR EACH ROW EXECUTE FUNCTION pg_temp.%s()', event, target, function);
    said := tests.error_of(pg_temp.merge('fifth', 'sixth'));
    EXECUTE format('DROP TRIGGER zz_app ON %s', target);
    RETURN split_part(said, ' ', 1);
END
$$;
SELECT is(pg_temp.with_trigger('laurel.users', 'DELETE', 'drop_row'), '39P01', 'an account that does not go is no merge');
SELECT is(pg_temp.with_trigger('laurel.user_merges', 'INSERT', 'drop_row'), '39P01', 'nor one that is not written down');
SELECT isnt(pg_temp.with_trigger('laurel.points_ledger', 'INSERT', 'drop_row'), 'none', 'nor one whose points do not arrive');
SELECT isnt(pg_temp.with_trigger('laurel.points_ledger', 'INSERT', 'more'), 'none', 'or arrive as others');
SELECT is(pg_temp.with_trigger('laurel.points_ledger', 'INSERT', 'other_words'), '23001', 'or with other words, which no hash covers');
SELECT is((SELECT count(*) FROM laurel.users WHERE id = tests.person('fifth')), 1::bigint, 'then nothing has happened');
SELECT is(pg_temp.with_trigger('laurel.daily_activity', 'UPDATE', 'as_it_was'), '39P01', 'a trigger that puts rows back does not keep a merge going for ever, and loses none');
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.eq(uuid, uuid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile'; END $$;
CREATE OPERATOR hostile.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = hostile.eq);
CREATE TABLE hostile.person_rules (table_name regclass);
SET LOCAL search_path = hostile, pg_catalog, laurel, laurel_internal, public;
SELECT public.lives_ok(pg_temp.merge('fifth', 'sixth'), 'a hostile path means nothing');
RESET search_path;
SELECT is((SELECT count(*) FROM laurel.daily_activity WHERE user_id = tests.person('fifth')), 0::bigint, 'what moved is there no more');
SELECT is((SELECT count(*) FROM laurel.verify_ledger()), 0::bigint, 'the ledger is sound after all that');

SELECT * FROM finish();
ROLLBACK;
