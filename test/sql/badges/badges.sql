-- Badges: once each, counted exactly, paid and told in the same statement.
\ir ../support/load.sql
BEGIN;
SELECT plan(118);

SELECT tests.cast('ada', 'ben', 'admin', 'trainer');
SELECT tests.join(tests.bolt(), 'uwe');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES
    (tests.bolt(), tests.person('ada'));
INSERT INTO laurel.courses (id, organization_id, name, trainer_id) VALUES
    ('d0000000-0000-0000-0000-000000000001', tests.acme(), 'Rowing',
     tests.person('trainer'));
INSERT INTO laurel.enrollments (user_id, course_id) VALUES
    (tests.person('ada'), 'd0000000-0000-0000-0000-000000000001');
INSERT INTO laurel.badges (id, organization_id, slug, badge_name, description, points_value, is_active) VALUES
    ('c0000000-0000-0000-0000-000000000001', tests.acme(), 'first-course', 'First Steps',
     'Complete your first course', 50, true),
    ('c0000000-0000-0000-0000-000000000002', tests.acme(), 'kind', 'Kind', NULL, 0, true),
    ('c0000000-0000-0000-0000-000000000003', tests.acme(), 'old', 'Old', NULL, 5, false),
    ('c0000000-0000-0000-0000-000000000004', tests.bolt(), 'first-course', 'Elsewhere', NULL, 7, true);

CREATE FUNCTION pg_temp.badge(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT ('c0000000-0000-0000-0000-00000000000' || n)::uuid $$;
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    name text;
    place text;
BEGIN
    EXECUTE statement;
    RETURN 'nothing was refused';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS name = CONSTRAINT_NAME, place = TABLE_NAME;
    RETURN concat_ws(' ', SQLSTATE, nullif(place, ''), nullif(name, ''));
END
$$;
COMMENT ON FUNCTION pg_temp.try(text) IS 'How a statement fails: SQLSTATE, table and constraint.';
-- Badges of which times_awarded is not the number of their awards.
CREATE VIEW pg_temp.miscounted AS
    SELECT b.id FROM laurel.badges b
    WHERE b.times_awarded <> (SELECT count(*) FROM laurel.badge_awards a WHERE a.badge_id = b.id);

-- The catalogue.
INSERT INTO laurel.badges (id, organization_id, badge_name) VALUES (pg_temp.badge(5), tests.acme(), 'Team Player');
SELECT results_eq(
    $$ SELECT slug, tier, rarity, points_value, criteria, times_awarded, is_active FROM laurel.badges
       WHERE id = pg_temp.badge(5) $$,
    $$ VALUES ('team-player', 'beginner', 'common', 0::bigint, '{}'::jsonb, 0::bigint, true) $$,
    'a badge needs a name; its slug is made of it');
INSERT INTO laurel.badges (id, organization_id, badge_name) VALUES
    ('c0000000-0000-0000-0000-0000abcd1234', tests.acme(), 'Team player!'),
    ('c0000000-0000-0000-0000-0000abcd1235', tests.acme(), '学習'),
    ('c0000000-0000-0000-0000-0000abcd1236', tests.acme(), repeat('x', 200)),
    ('c0000000-0000-0000-0000-0000abcd1237', tests.acme(), repeat('X', 200));
SELECT is((SELECT array_agg(slug ORDER BY id) FROM laurel.badges WHERE id > 'c0000000-0000-0000-0000-0000abcd0000'),
    ARRAY['team-player-abcd1234', 'abcd1235', repeat('x', 100), repeat('x', 91) || '-abcd1237'],
    'names that make the same slug are told apart, in one statement too');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badges (organization_id, slug, badge_name) VALUES (tests.acme(), 'kind', 'x') $$),
    '23505 badges badges_slug_key', 'slug_taken');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badges (organization_id, slug, badge_name) VALUES (tests.acme(), 'Big Words', 'x') $$),
    '23514 badges badges_slug_check', 'slug_no_slug');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badges (organization_id, slug, badge_name) VALUES (tests.acme(), 'a--b', 'x') $$),
    '23514 badges badges_slug_check', 'slug_with_empty_word');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badges (organization_id, badge_name) VALUES (tests.acme(), repeat('x', 201)) $$),
    '23514 badges badges_badge_name_check', 'name_too_long');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badges (organization_id, badge_name) VALUES (tests.acme(), NULL) $$),
    '23502 badges', 'no_name');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badges (organization_id, badge_name, tier) VALUES (tests.acme(), 'x', 'god') $$),
    '23514 badges badges_tier_check', 'unknown_tier');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badges (organization_id, badge_name, rarity) VALUES (tests.acme(), 'x', 'mythic') $$),
    '23514 badges badges_rarity_check', 'unknown_rarity');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badges (organization_id, badge_name, points_value) VALUES (tests.acme(), 'x', -1) $$),
    '23514 badges badges_points_value_check', 'negative_points');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badges (organization_id, badge_name, criteria) VALUES (tests.acme(), 'x', '[]') $$),
    '23514 badges badges_criteria_check', 'criteria_no_object');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badges (organization_id, badge_name, times_awarded) VALUES (tests.acme(), 'x', 3) $$),
    '23001 badges badges_times_awarded_follows', 'new_badge_already_counted');
SELECT is(pg_temp.try($$ UPDATE laurel.badges SET times_awarded = 3 WHERE id = pg_temp.badge(1) $$),
    '23001 badges badges_times_awarded_follows', 'count_written_by_hand');
SELECT lives_ok($$ UPDATE laurel.badges SET times_awarded = 0, description = description WHERE id = pg_temp.badge(1) $$,
    'writing the same count is no change');
SELECT is(pg_temp.try($$ UPDATE laurel.badges SET organization_id = tests.bolt()
                         WHERE id = pg_temp.badge(1) $$),
    '23001 badges badges_organization_id_immutable', 'badge_moved_to_another_organization');

-- One award: counted, paid, told.
SELECT tests.act_as_service();
CREATE TEMP TABLE outcome AS SELECT * FROM laurel.award_badge(tests.person('ada'), pg_temp.badge(1), note => 'well done');
SELECT results_eq('SELECT points, balance_after FROM outcome', 'VALUES (50::bigint, 50::bigint)',
    'an award returns what it paid and the balance');
SELECT results_eq(
    $$ SELECT a.organization_id, a.user_id, a.badge_id, a.awarded_by, a.points_awarded, a.note,
              a.awarded_date <= a.created_at
       FROM laurel.badge_awards a JOIN outcome o ON o.award_id = a.id $$,
    $$ VALUES (tests.acme(), tests.person('ada'), pg_temp.badge(1), 'system', 50::bigint, 'well done', true) $$,
    'the award is there');
SELECT results_eq(
    $$ SELECT l.amount, l.balance_after, l.transaction_type, reference_type, reference_id, reason, occurred_at, created_by
       FROM laurel.points_ledger l JOIN outcome o ON l.idempotency_key = 'badge_award:' || o.award_id $$,
    $$ VALUES (50::bigint, 50::bigint, 'badge_earned', 'Badge', pg_temp.badge(1), 'First Steps', now(), NULL::uuid) $$,
    'its points are in the ledger');
SELECT results_eq(
    $$ SELECT organization_id, type, title, message, link, data, is_read FROM laurel.notifications
       WHERE user_id = tests.person('ada') $$,
    $$ VALUES (tests.acme(), 'badge_earned', 'You earned: First Steps!', 'Complete your first course',
               '/badges/first-course', '{"badge_id": "c0000000-0000-0000-0000-000000000001",
               "slug": "first-course", "points": 50}'::jsonb, false) $$,
    'the member is notified');
SELECT results_eq(
    $$ SELECT organization_id, data, occurred_at FROM laurel.domain_events
       WHERE user_id = tests.person('ada') AND type = 'badge_earned' $$,
    $$ VALUES (tests.acme(), '{"badge_id": "c0000000-0000-0000-0000-000000000001",
               "slug": "first-course", "points": 50}'::jsonb, now()) $$,
    'the rules are told');
SELECT is((SELECT times_awarded FROM laurel.badges WHERE id = pg_temp.badge(1)), 1::bigint, 'the badge counts it');

-- Twice: nothing more.
SELECT is(pg_temp.try($$ SELECT laurel.award_badge(tests.person('ada'), pg_temp.badge(1)) $$),
    '23505 badge_awards badge_awards_user_badge_key', 'awarded_twice');
SELECT results_eq(
    $$ SELECT (SELECT times_awarded FROM laurel.badges WHERE id = pg_temp.badge(1)),
              (SELECT total_points FROM laurel.user_points WHERE organization_id = tests.acme() AND user_id = tests.person('ada')),
              (SELECT count(*) FROM laurel.notifications WHERE user_id = tests.person('ada')) $$,
    'VALUES (1::bigint, 50::bigint, 1::bigint)', 'awarded_twice changes nothing');
INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES
    (tests.person('ada'), pg_temp.badge(1)), (tests.person('ben'), pg_temp.badge(1)) ON CONFLICT DO NOTHING;
SELECT is((SELECT times_awarded FROM laurel.badges WHERE id = pg_temp.badge(1)), 2::bigint,
    'a row that gives way to a conflict is neither counted');
SELECT is((SELECT total_points FROM laurel.user_points WHERE organization_id = tests.acme() AND user_id = tests.person('ada')),
    50::bigint, 'nor paid');
SELECT is((SELECT total_points FROM laurel.user_points WHERE organization_id = tests.acme() AND user_id = tests.person('ben')),
    50::bigint, 'the others are');
INSERT INTO laurel.badge_awards (user_id, badge_id, note) VALUES (tests.person('ada'), pg_temp.badge(1), 'again')
    ON CONFLICT ON CONSTRAINT badge_awards_user_badge_key DO UPDATE SET note = excluded.note;
SELECT results_eq(
    $$ SELECT b.times_awarded, a.note FROM laurel.badges b JOIN laurel.badge_awards a ON a.badge_id = b.id
       WHERE b.id = pg_temp.badge(1) AND a.user_id = tests.person('ada') $$,
    $$ VALUES (2::bigint, 'again') $$, 'an upsert of an award that is there writes its note only');

-- A badge without points; points of the week and month of the award.
SELECT results_eq($$ SELECT points, balance_after FROM laurel.award_badge(tests.person('ada'), pg_temp.badge(2), 'Ben') $$,
    'VALUES (0::bigint, 50::bigint)', 'a badge without points pays none');
SELECT is((SELECT count(*) FROM laurel.points_ledger WHERE reference_id = pg_temp.badge(2)), 0::bigint,
    'and makes no entry');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE data ->> 'slug' = 'kind'), 1::bigint, 'but a notification');
INSERT INTO laurel.badge_awards (user_id, badge_id, awarded_date) VALUES
    (tests.person('trainer'), pg_temp.badge(1), '2024-05-06 07:08:09+00');
SELECT results_eq(
    $$ SELECT l.occurred_at, p.total_points, p.points_this_week, e.occurred_at
       FROM laurel.points_ledger l JOIN laurel.user_points p USING (organization_id, user_id)
       JOIN laurel.domain_events e USING (organization_id, user_id)
       WHERE l.user_id = tests.person('trainer') AND e.type = 'badge_earned' $$,
    $$ VALUES ('2024-05-06 07:08:09+00'::timestamptz, 50::bigint, 0::bigint, '2024-05-06 07:08:09+00'::timestamptz) $$,
    'an award of the past counts for its own week');
SELECT results_eq(
    $$ SELECT n.created_at, (SELECT count(*) FROM laurel.notification_deliveries d WHERE d.notification_id = n.id)
       FROM laurel.notifications n WHERE n.user_id = tests.person('trainer') $$,
    $$ VALUES ('2024-05-06 07:08:09+00'::timestamptz, 0::bigint) $$, 'and is history that nobody is sent a mail about');

UPDATE laurel.badges SET description = repeat('x', 20000) WHERE id = 'c0000000-0000-0000-0000-0000abcd1236';
SELECT laurel.award_badge(tests.person('ada'), 'c0000000-0000-0000-0000-0000abcd1236');
SELECT is((SELECT title FROM laurel.notifications WHERE data ->> 'slug' = repeat('x', 100)),
    'You earned: ' || repeat('x', 184) || '...!', 'a long name is cut to fit the title');
SELECT is((SELECT char_length(message) FROM laurel.notifications WHERE data ->> 'slug' = repeat('x', 100)), 20000, 'a long description fits as it is');
UPDATE laurel.users SET is_active = false WHERE id = tests.person('ada');
SELECT is((SELECT points FROM laurel.award_badge(tests.person('ada'), pg_temp.badge(5))), 0::bigint,
    'a member who is not active may be awarded');
SELECT is((SELECT points FROM laurel.revoke_badge(tests.person('ada'), pg_temp.badge(5), NULL)), 0::bigint, 'and revoked');
UPDATE laurel.users SET is_active = true WHERE id = tests.person('ada');

-- The organization comes from the badge.
SELECT is((SELECT points FROM laurel.award_badge(tests.person('ada'), pg_temp.badge(4))), 7::bigint,
    'a member of two organizations gets the other one''s badge');
SELECT is((SELECT organization_id FROM laurel.badge_awards WHERE badge_id = pg_temp.badge(4)),
    tests.bolt(), 'there');
SELECT is((SELECT total_points FROM laurel.user_points WHERE organization_id = tests.bolt()
           AND user_id = tests.person('ada')), 7::bigint, 'and its points there');

-- What cannot be awarded.
SELECT is(pg_temp.try($$ SELECT laurel.award_badge(tests.person('ada'), pg_temp.badge(3)) $$),
    '23514 badge_awards badge_awards_badge_id_required', 'inactive_badge');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badge_awards (user_id, badge_id)
    VALUES (tests.person('ben'), pg_temp.badge(2)), (tests.person('ben'), pg_temp.badge(3)) $$),
    '23514 badge_awards badge_awards_badge_id_required', 'inactive_badge_among_others');
SELECT is(pg_temp.try($$ SELECT laurel.award_badge(tests.person('ada'), 'c0000000-0000-0000-0000-00000000dead') $$),
    '23503 badge_awards badge_awards_badge_id_fkey', 'unknown_badge');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badge_awards (user_id, badge_id)
    VALUES (tests.person('ada'), 'c0000000-0000-0000-0000-00000000dead') $$),
    '23503 badge_awards badge_awards_badge_id_fkey', 'unknown_badge_inserted');
SELECT is(pg_temp.try($$ SELECT laurel.award_badge('b0000000-0000-0000-0000-00000000dead', pg_temp.badge(1)) $$),
    '23503 badge_awards badge_awards_membership_fkey', 'unknown_user');
SELECT is(pg_temp.try($$ SELECT laurel.award_badge(tests.person('uwe'), pg_temp.badge(1)) $$),
    '23503 badge_awards badge_awards_membership_fkey', 'no_member');
SELECT is(pg_temp.try($$ SELECT laurel.award_badge(tests.person('uwe'), pg_temp.badge(1),
    organization_id => tests.bolt()) $$),
    '23503 badge_awards badge_awards_badge_id_fkey', 'badge_of_another_organization');
SELECT is(pg_temp.try($$ SELECT laurel.award_badge(NULL, pg_temp.badge(1)) $$), '22004', 'no_user');
SELECT is(pg_temp.try($$ SELECT laurel.award_badge(tests.person('ada'), NULL) $$), '22004', 'no_badge');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badge_awards (user_id) VALUES (tests.person('ada')) $$),
    '23502 badge_awards', 'no_badge_inserted');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badge_awards (user_id, badge_id, awarded_date)
    VALUES (tests.person('ben'), pg_temp.badge(2), clock_timestamp() + interval '1 minute') $$),
    '23514 badge_awards badge_awards_awarded_date_check', 'awarded_in_the_future');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badge_awards (user_id, badge_id, awarded_date, created_at)
    VALUES (tests.person('ben'), pg_temp.badge(2), '2999-01-01', '2999-01-02') $$),
    '23514 badge_awards badge_awards_awarded_date_check', 'awarded_in_a_future_that_was_made_up');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badge_awards (user_id, badge_id, points_awarded)
    VALUES (tests.person('ben'), pg_temp.badge(2), 1000000) $$),
    '23514 badge_awards badge_awards_points_awarded_copied', 'points_made_up');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badge_awards (user_id, badge_id, awarded_by)
    VALUES (tests.person('ben'), pg_temp.badge(2), '') $$),
    '23514 badge_awards badge_awards_awarded_by_check', 'awarded_by_nobody');

-- History.
SELECT is(pg_temp.try($$ UPDATE laurel.badge_awards SET user_id = tests.person('admin') WHERE badge_id = pg_temp.badge(2) $$),
    '23001 badge_awards badge_awards_user_id_immutable', 'award_handed_on');
SELECT is(pg_temp.try($$ UPDATE laurel.badge_awards SET badge_id = pg_temp.badge(5) WHERE badge_id = pg_temp.badge(2) $$),
    '23001 badge_awards badge_awards_badge_id_immutable', 'award_exchanged');
SELECT is(pg_temp.try($$ UPDATE laurel.badge_awards SET id = laurel.uuidv7() WHERE badge_id = pg_temp.badge(2) $$),
    '23001 badge_awards badge_awards_id_immutable', 'award_renamed');
SELECT is(pg_temp.try($$ UPDATE laurel.badge_awards SET awarded_date = '2020-01-01' WHERE badge_id = pg_temp.badge(2) $$),
    '23001 badge_awards badge_awards_awarded_date_immutable', 'award_backdated');
SELECT is(pg_temp.try($$ UPDATE laurel.badge_awards SET points_awarded = 9 WHERE badge_id = pg_temp.badge(2) $$),
    '23514 badge_awards badge_awards_points_awarded_copied', 'award_made_dearer');
SELECT lives_ok($$ UPDATE laurel.badge_awards SET note = 'thanks', awarded_by = 'Ben' WHERE badge_id = pg_temp.badge(2) $$,
    'note and awarded_by may be written');

-- All or nothing: the last thing an award does is refused.
SELECT tests.act_as_owner();
SELECT is_empty('SELECT * FROM pg_temp.miscounted', 'up to here every badge counts its awards');
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'P0099';
END
$$;
CREATE TRIGGER zz_refuse BEFORE INSERT ON laurel.points_ledger FOR EACH ROW
    WHEN (NEW.reference_id = 'c0000000-0000-0000-0000-000000000005') EXECUTE FUNCTION pg_temp.refuse();
UPDATE laurel.badges SET points_value = 10 WHERE id = pg_temp.badge(5);
CREATE VIEW pg_temp.everything AS
    SELECT (SELECT count(*) FROM laurel.badge_awards) AS awards, (SELECT sum(times_awarded) FROM laurel.badges) AS counted,
           (SELECT count(*) FROM laurel.points_ledger) AS entries, (SELECT sum(total_points) FROM laurel.user_points) AS points,
           (SELECT count(*) FROM laurel.notifications) AS notifications, (SELECT count(*) FROM laurel.domain_events) AS events;
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.everything;
SELECT is(pg_temp.try($$ INSERT INTO laurel.badge_awards (user_id, badge_id)
    VALUES (tests.person('ben'), pg_temp.badge(2)), (tests.person('ben'), pg_temp.badge(5)) $$), 'P0099', 'points_refused');
SELECT results_eq('SELECT * FROM pg_temp.everything', 'SELECT * FROM before', 'points_refused leaves nothing behind');
SELECT is(pg_temp.try($$ UPDATE laurel.badges SET times_awarded = 99 WHERE id = pg_temp.badge(1) $$),
    '23001 badges badges_times_awarded_follows', 'nor the right to write counts');
DROP TRIGGER zz_refuse ON laurel.points_ledger;
CREATE TRIGGER zz_refuse BEFORE INSERT ON laurel.notifications FOR EACH ROW
    WHEN (NEW.type = 'badge_earned') EXECUTE FUNCTION pg_temp.refuse();
SELECT is(pg_temp.try($$ SELECT laurel.award_badge(tests.person('ben'), pg_temp.badge(5)) $$), 'P0099', 'notification_refused');
SELECT results_eq('SELECT * FROM pg_temp.everything', 'SELECT * FROM before', 'notification_refused leaves nothing behind');
DROP TRIGGER zz_refuse ON laurel.notifications;

-- Who may.
SELECT tests.act_as(tests.person('ada'));
SELECT is(pg_temp.try($$ SELECT laurel.award_badge(tests.person('ada'), pg_temp.badge(5)) $$), '42501', 'member_awards');
SELECT is(pg_temp.try($$ SELECT laurel.award_badge_named(tests.person('ada'), 'team-player') $$), '42501', 'member_awards_by_name');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (tests.person('ada'), pg_temp.badge(5)) $$),
    '42501', 'member_inserts_award');
SELECT is((SELECT count(DISTINCT pg_temp.try(format($$ INSERT INTO laurel.badge_awards (user_id, badge_id, points_awarded)
    VALUES (tests.person('ada'), %L, %s) $$, badge, points))) FROM unnest(ARRAY[pg_temp.badge(4), pg_temp.badge(9)]) badge,
    unnest('{6, 7}'::integer[]) points), 1::bigint, 'what a badge of another organization pays cannot be guessed, nor whether it is there');
SELECT is(pg_temp.try($$ SELECT laurel.revoke_badge(tests.person('ada'), pg_temp.badge(1), 'x') $$), '42501', 'member_revokes');
SELECT is(pg_temp.try($$ SELECT laurel.revoke_badge_named(tests.person('ada'), 'team-player', 'x') $$), '42501', 'member_revokes_by_name');
SELECT is(pg_temp.try($$ INSERT INTO laurel.badges (badge_name) VALUES ('Mine') $$), '42501', 'member_makes_badge');
SELECT is((SELECT count(*) FROM laurel.badges WHERE organization_id <> tests.acme()), 0::bigint,
    'a member reads the active organization''s badges only');
SELECT is((SELECT count(*) FROM laurel.badges), 8::bigint, 'all of them');
SELECT is((SELECT array_agg(DISTINCT user_id) FROM laurel.badge_awards), ARRAY[tests.person('ada')],
    'a member reads the own awards');
WITH gone AS (DELETE FROM laurel.badge_awards RETURNING id) SELECT is(count(*), 0::bigint, 'and deletes none') FROM gone;
SELECT tests.act_as_trainer();
SELECT is((SELECT array_agg(DISTINCT user_id ORDER BY user_id) FROM laurel.badge_awards),
    ARRAY[tests.person('ada'), tests.person('trainer')], 'a trainer reads the learners'' awards too');
SELECT tests.act_as_anon();
SELECT is(pg_temp.try('SELECT FROM laurel.badges'), '42501', 'badges_read_without_signing_in');
SELECT is(pg_temp.try('SELECT FROM laurel.achievements'), '42501', 'achievements_read_without_signing_in');
SELECT is(pg_temp.try($$ SELECT laurel.award_badge(tests.person('ada'), pg_temp.badge(5)) $$), '42501', 'awarded_without_signing_in');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('laurel', 'laurel_internal') AND p.proname ~ 'badge|award|achievement|slug'
    AND has_function_privilege('anon', p.oid, 'EXECUTE') $$, 'nor may it call anything here');
SELECT tests.act_as_admin();
SELECT is(pg_temp.try($$ UPDATE laurel.badge_awards SET awarded_by = 'me' $$), '42501', 'administrator_rewrites_award');
SELECT is(pg_temp.try($$ UPDATE laurel.badges SET times_awarded = 7 $$),
    '23001 badges badges_times_awarded_follows', 'administrator_writes_count');
SELECT is(pg_temp.try($$ SELECT laurel.award_badge(tests.person('uwe'), pg_temp.badge(4),
    organization_id => tests.bolt()) $$), '42501', 'administrator_awards_elsewhere');
SELECT is(pg_temp.try($$ SELECT laurel.award_badge(tests.person('ada'), pg_temp.badge(4)) $$),
    '23503 badge_awards badge_awards_badge_id_fkey', 'administrator_awards_badge_of_another_organization');
SELECT results_eq($$ SELECT points, balance_after FROM laurel.award_badge(tests.person('ben'), pg_temp.badge(5), 'Admin') $$,
    'VALUES (10::bigint, 60::bigint)', 'an administrator awards');
SELECT is((SELECT created_by FROM laurel.points_ledger WHERE reference_id = pg_temp.badge(5)), tests.person('admin'),
    'and is on record');
INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (tests.person('ben'), pg_temp.badge(2));
SELECT is((SELECT times_awarded FROM laurel.badges WHERE id = pg_temp.badge(2)), 2::bigint, 'by INSERT as well');
SELECT is((SELECT points FROM laurel.award_badge_named(tests.person('ada'), 'team-player')), 10::bigint, 'or by slug');
SELECT is(pg_temp.try($$ SELECT laurel.award_badge_named(tests.person('ada'), 'nothing') $$),
    '23503 badge_awards badge_awards_badge_id_fkey', 'unknown_slug');

-- Revoking.
SELECT results_eq($$ SELECT points, balance_after FROM laurel.revoke_badge(tests.person('ada'), pg_temp.badge(5), 'mistake') $$,
    'VALUES (10::bigint, 50::bigint)', 'revoking takes the points back');
SELECT is((SELECT count(*) FROM laurel.points_ledger r JOIN laurel.points_ledger e ON e.id = r.reverses_id
           WHERE e.reference_id = pg_temp.badge(5) AND r.amount = -10 AND r.reason = 'mistake'), 1::bigint,
    'by a reversal with the reason');
SELECT is(pg_temp.try($$ SELECT laurel.revoke_badge(tests.person('ada'), pg_temp.badge(5), 'again') $$), 'PT409 badge_awards',
    'revoked_twice');
SELECT is((SELECT balance_after FROM laurel.award_badge(tests.person('ada'), pg_temp.badge(5))), 60::bigint,
    'a revoked badge may be earned again');
SELECT is((SELECT points FROM laurel.revoke_badge(tests.person('ada'), pg_temp.badge(2), NULL)), 0::bigint,
    'revoking a badge without points takes none');
SELECT results_eq($$ SELECT points, balance_after FROM laurel.revoke_badge_named(tests.person('ada'), 'team-player', 'mistake') $$,
    'VALUES (10::bigint, 50::bigint)', 'or by slug');
SELECT is(pg_temp.try($$ SELECT laurel.revoke_badge_named(tests.person('ada'), 'team-player', 'again') $$), 'PT409 badge_awards',
    'revoked_twice_by_name');
SELECT is(pg_temp.try($$ SELECT laurel.revoke_badge_named(tests.person('ada'), 'nothing', 'x') $$),
    '23503 badge_awards badge_awards_badge_id_fkey', 'unknown_slug_revoked');
SELECT is(pg_temp.try($$ SELECT laurel.revoke_badge_named(tests.person('ada'), NULL, 'x') $$), '22004', 'no_slug');
SELECT is((SELECT balance_after FROM laurel.award_badge_named(tests.person('ada'), 'team-player')), 60::bigint, 'and earned again');
SELECT tests.act_as_service();
SELECT laurel.record_points_transaction(tests.person('ben'), -55, 'redeemed', reason => 'a mug');
SELECT is(pg_temp.try($$ SELECT laurel.revoke_badge(tests.person('ben'), pg_temp.badge(5), 'late') $$),
    '23514 user_points user_points_total_points_check', 'revoked_after_the_points_are_spent');
SELECT is((SELECT count(*) FROM laurel.badge_awards WHERE user_id = tests.person('ben') AND badge_id = pg_temp.badge(5)),
    1::bigint, 'and the badge stays');

-- The catalogue and the awards under their other names.
SELECT tests.act_as_admin();
INSERT INTO laurel.achievements (id, name, description, icon, tier, criteria) VALUES
    ('skill-master', 'Skill Master', 'Master a skill', '*', 'elite', '{"events": {"skill_mastered": 1}}');
SELECT results_eq(
    $$ SELECT organization_id, slug, badge_name, tier, criteria, points_value FROM laurel.badges WHERE slug = 'skill-master' $$,
    $$ VALUES (tests.acme(), 'skill-master', 'Skill Master', 'elite', '{"events": {"skill_mastered": 1}}'::jsonb, 0::bigint) $$,
    'an achievement is a badge');
UPDATE laurel.achievements SET description = 'Master any skill' WHERE id = 'skill-master';
SELECT is((SELECT description FROM laurel.achievements WHERE id = 'skill-master'), 'Master any skill',
    'and is changed as one');
INSERT INTO laurel.user_achievements (user_id, achievement_id) VALUES (tests.person('ada'), 'skill-master');
SELECT results_eq(
    $$ SELECT organization_id, earned_at FROM laurel.user_achievements
       WHERE user_id = tests.person('ada') AND achievement_id = 'skill-master' $$,
    $$ VALUES (tests.acme(), now()) $$, 'an achievement earned is an award');
SELECT is(pg_temp.try($$ INSERT INTO laurel.user_achievements (user_id, achievement_id)
    VALUES (tests.person('ada'), 'skill-master') $$), '23505 badge_awards badge_awards_user_badge_key', 'earned_twice');
SELECT is(pg_temp.try($$ INSERT INTO laurel.user_achievements (user_id, achievement_id)
    VALUES (tests.person('ada'), 'nothing') $$), '23503 badge_awards badge_awards_badge_id_fkey', 'unknown_achievement');
SELECT is(pg_temp.try($$ INSERT INTO laurel.user_achievements (user_id) VALUES (tests.person('ada')) $$),
    '23502 badge_awards', 'no_achievement');
SELECT is(pg_temp.try($$ INSERT INTO laurel.user_achievements (user_id, achievement_id, organization_id)
    VALUES (tests.person('uwe'), 'first-course', tests.bolt()) $$),
    '23503 badge_awards badge_awards_badge_id_fkey', 'earned_in_another_organization');
SELECT tests.act_as(tests.person('ben'));
SELECT is(pg_temp.try($$ INSERT INTO laurel.user_achievements (user_id, achievement_id)
    VALUES (tests.person('ben'), 'skill-master') $$), '42501', 'member_takes_achievement');
SELECT is(pg_temp.try($$ INSERT INTO laurel.achievements (id, name) VALUES ('mine', 'Mine') $$), '42501',
    'member_makes_achievement');
SELECT is((SELECT array_agg(DISTINCT user_id) FROM laurel.user_achievements), ARRAY[tests.person('ben')],
    'a member reads the own achievements');
SELECT tests.act_as_service();
WITH row AS (
    INSERT INTO laurel.user_achievements (id, user_id, achievement_id, earned_at)
    VALUES ('e0000000-0000-0000-0000-000000000001', tests.person('uwe'), 'first-course', '2025-02-03') RETURNING *)
SELECT results_eq(
    $$ SELECT id, organization_id, points_awarded FROM laurel.badge_awards WHERE user_id = tests.person('uwe') $$,
    $$ VALUES ('e0000000-0000-0000-0000-000000000001'::uuid, tests.bolt(), 7::bigint) $$,
    'the back end awards at the user''s home, and gets ' || row.organization_id) FROM row;

-- Awards that go.
SELECT tests.act_as_owner();
DELETE FROM laurel.users WHERE id = tests.person('ben');
SELECT is((SELECT times_awarded FROM laurel.badges WHERE id = pg_temp.badge(1)), 2::bigint,
    'a deleted user holds nothing any more');
SELECT is_empty('SELECT * FROM pg_temp.miscounted', 'and every badge counts that');
SELECT is((SELECT sum(amount) FROM laurel.points_ledger WHERE user_id = tests.person('ben')), 5::numeric,
    'the ledger keeps what was');
DELETE FROM laurel.badges WHERE id = pg_temp.badge(1);
SELECT is((SELECT count(*) FROM laurel.badge_awards WHERE badge_id = pg_temp.badge(1)), 0::bigint,
    'a deleted badge takes its awards along');
SELECT is((SELECT total_points FROM laurel.user_points WHERE organization_id = tests.acme() AND user_id = tests.person('ada')),
    60::bigint, 'and leaves the points');

SELECT * FROM finish();
ROLLBACK;
