-- Buddies: who is matched with whom and why, who answers, what becomes of it.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
SELECT tests.join(tests.acme(), 'ann', 'ben', 'cy', 'dan');
UPDATE laurel.users SET manager_id = tests.person('manager') WHERE id IN (tests.person('learner'), tests.person('other'));
CREATE FUNCTION pg_temp.name(id uuid) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT split_part(email, '@', 1) FROM laurel.users u WHERE u.id = $1 $$;
CREATE FUNCTION pg_temp.matched() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', pg_temp.name(user_id), coalesce(pg_temp.name(buddy_id), reason), status, score), ', ' ORDER BY pg_temp.name(user_id)) FROM laurel.match_buddies(tests.acme())
$$;
CREATE FUNCTION pg_temp.match(newcomer text) RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$
    SELECT id FROM laurel.buddy_matches WHERE user_id = tests.person(newcomer) ORDER BY status IN ('suggested', 'proposed', 'accepted') DESC, proposed_at DESC LIMIT 1
$$;
CREATE FUNCTION pg_temp.try(call text, newcomer text) RETURNS text LANGUAGE sql AS $$ SELECT tests.error_of(format('SELECT laurel.%s(%L)', call, pg_temp.match(newcomer))) $$;
CREATE FUNCTION pg_temp.status(newcomer text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT status FROM laurel.buddy_matches WHERE id = pg_temp.match(newcomer) $$;

-- Who offers and who asks.
SELECT tests.act_as(tests.person('ann'));
SELECT lives_ok($$ INSERT INTO laurel.buddy_profiles (user_id, capacity, skills, languages) VALUES (laurel.uid(), 1, '{ SQL,go,"Go "}', '{de_ch,EN}') $$, 'one offers for oneself');
SELECT is((SELECT skills::text || languages::text FROM laurel.buddy_profiles), '{go,sql}{de-CH,en}', 'words have one form, each once');
SELECT is(tests.error_of($$ INSERT INTO laurel.buddy_profiles (user_id) VALUES (tests.person('ben')) $$), '42501', 'not for another');
SELECT is(tests.error_of($$ UPDATE laurel.buddy_profiles SET languages = '{english}' $$), '23514 buddy_profiles_languages_check', 'a language is a tag');
SELECT is(tests.error_of($$ UPDATE laurel.buddy_profiles SET skills = '{x, null}' $$), '23514 buddy_profiles_skills_check', 'a skill is a word');
SELECT is(tests.error_of($$ UPDATE laurel.buddy_profiles SET skills = ARRAY[repeat('x', 101)] $$), '23514 buddy_profiles_skills_check', 'of a hundred characters at most');
SELECT is(tests.error_of($$ UPDATE laurel.buddy_profiles SET skills = ARRAY['  '] $$), '23514 buddy_profiles_skills_check', 'and one at least');
SELECT is(tests.error_of($$ UPDATE laurel.buddy_profiles SET skills = (SELECT array_agg(n::text) FROM generate_series(1, 51) n) $$), '23514 buddy_profiles_skills_check', 'fifty at most');
SELECT is(tests.error_of($$ UPDATE laurel.buddy_profiles SET capacity = 0 $$), '23514 buddy_profiles_capacity_check', 'for one at least');
SELECT is(tests.error_of($$ UPDATE laurel.buddy_profiles SET open_matches = 0 $$), '42501', 'how many there are is counted');
SELECT tests.act_as_learner();
SELECT lives_ok($$ INSERT INTO laurel.buddy_requests (user_id, skills, languages) VALUES (laurel.uid(), '{go,rust}', '{en-GB}') $$, 'one asks for oneself');
SELECT is(tests.error_of($$ INSERT INTO laurel.buddy_requests (user_id) VALUES (tests.person('other')) $$), '42501', 'not for another');
SELECT is((SELECT count(*) FROM laurel.buddy_profiles), 0::bigint, 'who offers is not shown around');
SELECT is(tests.error_of($$ SELECT * FROM laurel.match_buddies() $$), '42501', 'members match nobody');
SELECT is(tests.error_of($$ INSERT INTO laurel.buddy_matches (user_id, buddy_id) VALUES (laurel.uid(), tests.person('ann')) $$), '42501', 'nor themselves');
SELECT tests.act_as_bolt_admin();
SELECT is(tests.error_of($$ SELECT * FROM laurel.match_buddies(tests.acme()) $$), '42501', 'nor does another organization');
SELECT is((SELECT count(*) FROM laurel.match_buddies()), 0::bigint, 'which has nobody to match');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ SELECT * FROM laurel.match_buddies() $$), '22004', 'who acts for nobody names the organization');

-- The proposal, and why.
SELECT tests.act_as_admin();
SELECT results_eq($$ SELECT pg_temp.name(user_id), pg_temp.name(buddy_id), status, score, reason FROM laurel.match_buddies() $$, $$ VALUES ('learner', 'ann', 'proposed', 750, NULL) $$, 'the two are matched');
SELECT is((SELECT explanation FROM laurel.buddy_matches), '{"skills": {"shared": ["go"], "named": 2, "points": 250}, "languages": {"shared": ["en"], "points": 300},
    "zone": {"hours_apart": 0, "points": 200}, "words": "Shares 1 of 2 skills: go. Both speak en. The same time of day."}'::jsonb, 'for these reasons');
SELECT is(pg_temp.matched(), NULL, 'once');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(pg_temp.name(user_id) || ': ' || title, ', ' ORDER BY title) FROM laurel.notifications), 'ann: A newcomer would be glad of you as a buddy, learner: There is a buddy for you', 'both are told');
SELECT is((SELECT open_matches FROM laurel.buddy_profiles), 1::bigint, 'the place is taken');
SELECT is(tests.error_of($$ INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id) VALUES (tests.acme(), tests.person('other'), tests.person('ann')) $$), '23514 buddy_profiles_open_matches_check', 'whoever wants it');
INSERT INTO laurel.buddy_requests (organization_id, user_id) VALUES (tests.acme(), tests.person('other'));
SELECT is(pg_temp.matched(), 'other no_places', 'others find none');

-- Answers.
SELECT tests.act_as(tests.person('ben'));
SELECT is(pg_temp.try('accept_buddy', 'learner'), '42501', 'others do not answer');
SELECT is(pg_temp.try('decline_buddy', 'learner'), '42501', 'in either way');
SELECT is(tests.error_of($$ SELECT laurel.accept_buddy(gen_random_uuid()) $$), '42501', 'as little as where there is nothing');
SELECT is((SELECT count(*) FROM laurel.buddy_matches), 0::bigint, 'nor do they see it');
SELECT tests.act_as_admin();
SELECT is(pg_temp.try('accept_buddy', 'learner'), '42501', 'administrators accept for nobody');
SELECT tests.act_as_learner();
SELECT is((SELECT i_am || ' ' || other_name || ' ' || i_accepted FROM laurel.my_buddies()), 'newcomer Anonymous false', 'the newcomer sees it');
SELECT is(laurel.accept_buddy(pg_temp.match('learner')), 'proposed', 'and accepts');
SELECT is(laurel.accept_buddy(pg_temp.match('learner')), 'proposed', 'which twice is once');
SELECT is(pg_temp.try('end_buddy', 'learner'), 'PT409 buddy_matches_status_steps', 'what has not begun does not end');
SELECT is((SELECT user_accepted_at IS NOT NULL AND buddy_accepted_at IS NULL FROM laurel.buddy_matches), true, 'one has');
SELECT tests.act_as(tests.person('ann'));
SELECT is((SELECT i_am || ' ' || i_accepted FROM laurel.my_buddies()), 'buddy false', 'the other has not');
SELECT is(laurel.accept_buddy(pg_temp.match('learner')), 'accepted', 'until both have');
SELECT is(laurel.accept_buddy(pg_temp.match('learner')), 'accepted', 'for good');
SELECT is(pg_temp.try('decline_buddy', 'learner'), 'PT409 buddy_matches_status_steps', 'what is accepted is not declined');
SELECT is(tests.error_of($$ UPDATE laurel.buddy_profiles SET capacity = 3 $$), 'none', 'who has more time says so');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(type || ' ' || pg_temp.name(user_id), ', ' ORDER BY type) FROM laurel.domain_events WHERE type IN ('buddy_accepted', 'buddy_assigned')), 'buddy_accepted learner, buddy_assigned ann', 'events tell');
SELECT is((SELECT data FROM laurel.domain_events WHERE type = 'buddy_accepted'), jsonb_build_object('match_id', pg_temp.match('learner'), 'user_id', tests.person('learner'), 'buddy_id', tests.person('ann')), 'of whom');
SELECT is((SELECT string_agg(pg_temp.name(user_id) || ': ' || title, ', ') FROM laurel.notifications WHERE type IN ('buddy_accepted', 'buddy_assigned')), 'learner: You have a buddy', 'and who was waiting');
SELECT is(pg_temp.matched(), 'other ann proposed 500', 'a place that was added is given');
SELECT is(tests.error_of($$ UPDATE laurel.buddy_profiles SET capacity = 1 $$), '23514 buddy_profiles_open_matches_check', 'and not taken away');
SELECT is(tests.error_of($$ UPDATE laurel.buddy_profiles SET capacity = 2 $$), 'none', 'those that are left may be');

-- Declining, and who hears of it.
DELETE FROM laurel.notifications;
SELECT tests.act_as(tests.person('ann'));
SELECT tests.act_as(tests.person('other'));
SELECT is(laurel.accept_buddy(pg_temp.match('other')), 'proposed', 'the newcomer accepts');
SELECT tests.act_as(tests.person('ann'));
SELECT is(pg_temp.try('decline_buddy', 'other'), 'none', 'the buddy declines');
SELECT is((SELECT count(*) FROM laurel.buddy_matches), 1::bigint, 'which is seen by neither');
SELECT is(pg_temp.try('accept_buddy', 'other'), 'PT409 buddy_matches_status_steps', 'nor taken back');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT count(*) FROM laurel.buddy_matches), 0::bigint, 'of the two');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(pg_temp.name(user_id) || ': ' || title, ', ') FROM laurel.notifications), 'other: Your match with a buddy did not come about', 'the other hears, and not by whom');
SELECT is((SELECT count(*) FROM laurel.buddy_matches WHERE status = 'declined' AND num_nonnulls(user_accepted_at, buddy_accepted_at) > 0), 0::bigint, 'nor does what was accepted say it');
SELECT is((SELECT array_agg(column_name::text) FROM information_schema.columns WHERE table_schema = 'laurel' AND table_name = 'buddy_matches' AND column_name LIKE '%by'), NULL, 'which is nowhere');
SELECT is((SELECT open_matches FROM laurel.buddy_profiles), 1::bigint, 'the place is free');

-- No pair again until all others were met.
INSERT INTO laurel.buddy_profiles (organization_id, user_id, languages) VALUES (tests.acme(), tests.person('ben'), '{fr}');
INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id) VALUES (tests.acme(), tests.person('dan'), tests.person('ben'));
SELECT is(pg_temp.matched(), 'other met', 'another who offers was not met, and has no place');
UPDATE laurel.buddy_matches SET status = 'ended' WHERE user_id = tests.person('dan');
SELECT is(pg_temp.matched(), 'other ben proposed 200', 'who has one is next, be the other better');
UPDATE laurel.buddy_matches SET status = 'declined' WHERE user_id = tests.person('other') AND status = 'proposed';
SELECT is(pg_temp.matched(), 'other ann proposed 500', 'then all over again');
SELECT is((SELECT times || ' ' || status || coalesce(declined_at::text, '') FROM laurel.buddy_matches WHERE user_id = tests.person('other') AND buddy_id = tests.person('ann')), '2 proposed', 'in the same row');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE user_id = tests.person('other') AND type = 'buddy_proposed'), 2::bigint, 'of which both are told again');
UPDATE laurel.buddy_profiles SET status = 'archived' WHERE user_id = tests.person('ben');

-- What nobody answers.
SELECT is(tests.error_of($$ UPDATE laurel.buddy_matches SET proposed_at = now() - interval '15 days' WHERE user_id = tests.person('other') AND status = 'proposed' $$), 'none', 'two weeks ago');
SELECT is(pg_temp.matched(), 'other ann proposed 500', 'is ended, and of one who is alone there is no other');
SELECT is((SELECT times FROM laurel.buddy_matches WHERE user_id = tests.person('other') AND buddy_id = tests.person('ann')), 3, 'it counts');
UPDATE laurel.buddy_matches SET status = 'ended' WHERE user_id = tests.person('other') AND status = 'proposed';

-- Never the manager, whoever writes it.
UPDATE laurel.buddy_profiles SET paused_until = now() + interval '1 day' WHERE user_id = tests.person('ann');
INSERT INTO laurel.buddy_profiles (organization_id, user_id) VALUES (tests.acme(), tests.person('manager'));
SELECT is(pg_temp.matched(), 'other no_buddy', 'the manager is nobody''s buddy, and who pauses is not there');
SELECT is(tests.error_of($$ INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id) VALUES (tests.acme(), tests.person('other'), tests.person('manager')) $$), '23514 buddy_matches_buddy_id_no_manager', 'not by hand either');
SELECT is(tests.error_of($$ INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id) VALUES (tests.acme(), tests.person('manager'), tests.person('manager')) $$), '23514 buddy_matches_buddy_id_check', 'nor is one one''s own');
SELECT is(tests.error_of($$ INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id) VALUES (tests.acme(), tests.person('cy'), tests.person('dan')) $$), '23503 buddy_matches_offer_fkey', 'nor who does not offer');
SELECT is(tests.error_of($$ INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id) VALUES (tests.acme(), tests.person('cy'), tests.person('ben')) $$), '23514 buddy_matches_buddy_id_active', 'or not any more');
SELECT is(tests.error_of($$ INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id) VALUES (tests.acme(), tests.person('learner'), tests.person('manager')) $$), '23505 buddy_matches_open_key', 'nor is there a second at a time');
SELECT is(tests.error_of($$ INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id, status, ended_at) VALUES (tests.acme(), tests.person('other'), tests.person('ann'), 'ended', now()) $$), '23505 buddy_matches_user_id_buddy_id_key', 'nor the pair twice');
UPDATE laurel.buddy_requests SET wanted = false WHERE user_id = tests.person('other');
INSERT INTO laurel.buddy_requests (organization_id, user_id) VALUES (tests.acme(), tests.person('cy'));
SELECT is(pg_temp.matched(), 'cy manager proposed 500', 'somebody else''s manager may be');
UPDATE laurel.users SET manager_id = tests.person('manager') WHERE id = tests.person('cy');
SELECT tests.act_as(tests.person('cy'));
SELECT is(laurel.accept_buddy(pg_temp.match('cy')), 'proposed', 'who became the manager meanwhile');
SELECT tests.act_as_manager();
SELECT is(pg_temp.try('accept_buddy', 'cy'), '23514 buddy_matches_buddy_id_no_manager', 'does not accept');
SELECT is(pg_temp.try('decline_buddy', 'cy'), 'none', 'but decline');

-- Offers are archived, and what is open goes on.
SELECT tests.act_as(tests.person('ann'));
SELECT is(tests.error_of($$ DELETE FROM laurel.buddy_profiles $$), 'none', 'an offer is taken back');
SELECT is((SELECT status || open_matches::text FROM laurel.buddy_profiles), 'archived1', 'and kept for the match that goes on');
SELECT is(pg_temp.try('end_buddy', 'learner'), 'none', 'which one ends');
SELECT is(pg_temp.status('learner'), 'ended', 'for both');
SELECT tests.act_as_learner();
SELECT is((SELECT status FROM laurel.buddy_matches), 'ended', 'who see that it was');
SELECT is(pg_temp.try('end_buddy', 'learner'), 'PT409 buddy_matches_status_steps', 'once');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.buddy_profiles WHERE open_matches > 0), 0::bigint, 'no place is taken now');

-- Review, zones, and who is new without asking.
DELETE FROM laurel.buddy_requests;
UPDATE laurel.buddy_profiles SET status = 'archived' WHERE user_id <> tests.person('ben');
UPDATE laurel.buddy_profiles SET status = 'active' WHERE user_id = tests.person('ben');
UPDATE laurel.user_organizations SET joined_at = now() - interval '40 days' WHERE user_id <> tests.person('dan');
INSERT INTO laurel.buddy_requests (organization_id, user_id, wanted) VALUES (tests.acme(), tests.person('dan'), false);
SELECT is(tests.error_of($$ INSERT INTO laurel.buddy_settings (organization_id, skills_weight) VALUES (tests.acme(), 51) $$), '23514 buddy_settings_weights_check', 'weights are a hundred together');
INSERT INTO laurel.buddy_settings (organization_id, newcomer_days, review, max_hours_apart) VALUES (tests.acme(), 30, true, 3);
SELECT is(pg_temp.matched(), NULL, 'who wants none gets none');
DELETE FROM laurel.buddy_requests;
UPDATE laurel.user_preferences SET time_zone = 'Asia/Kolkata' WHERE user_id = tests.person('dan');
SELECT is(pg_temp.matched(), 'dan too_far', 'who is new is matched, but not too far away');
UPDATE laurel.user_preferences SET time_zone = 'Etc/GMT-3' WHERE user_id = tests.person('dan');
SELECT tests.act_as_admin();
SELECT is(pg_temp.matched(), 'dan ben suggested 150', 'an administrator looks at it first');
SELECT is((SELECT explanation #>> '{zone, hours_apart}' FROM laurel.buddy_matches WHERE id = pg_temp.match('dan')), '3', 'as near as allowed');
SELECT tests.act_as(tests.person('dan'));
SELECT is((SELECT count(*) FROM laurel.buddy_matches WHERE status = 'suggested'), 0::bigint, 'the two do not see it');
SELECT is(pg_temp.try('accept_buddy', 'dan'), '42501', 'nor answer');
SELECT is(tests.error_of($$ SELECT laurel.approve_buddies() $$), '42501', 'nor approve');
SELECT tests.act_as_admin();
SELECT is(laurel.approve_buddies(ARRAY[gen_random_uuid()]), 0::bigint, 'what is not there is not approved');
SELECT is(laurel.approve_buddies(), 1::bigint, 'what waits is');
SELECT is(laurel.approve_buddies(), 0::bigint, 'once');
SELECT is(pg_temp.try('decline_buddy', 'dan'), 'none', 'an administrator declines, too');
SELECT tests.act_as_owner();
SELECT is(pg_temp.matched(), 'dan ben suggested 150', 'who has met all begins anew');
SELECT tests.act_as_admin();
SELECT is(pg_temp.try('decline_buddy', 'dan'), 'none', 'before anybody sees it');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.notifications WHERE user_id = tests.person('dan') AND type = 'buddy_closed'), 2::bigint, 'of which nobody hears');

-- Together better than one after the other, and more before better.
UPDATE laurel.buddy_settings SET review = false, newcomer_days = NULL, max_hours_apart = NULL, skills_weight = 100, languages_weight = 0, zone_weight = 0;
DELETE FROM laurel.buddy_matches;
DELETE FROM laurel.users WHERE id = tests.person('ann');
SELECT is((SELECT count(*) FROM laurel.buddy_profiles WHERE user_id = tests.person('ann')), 0::bigint, 'who leaves offers nothing');
UPDATE laurel.buddy_profiles SET status = 'active', capacity = 1, skills = '{a,b}' WHERE user_id = tests.person('ben');
UPDATE laurel.buddy_profiles SET status = 'active', capacity = 1, skills = '{a}' WHERE user_id = tests.person('manager');
UPDATE laurel.users SET manager_id = NULL;
INSERT INTO laurel.buddy_requests (organization_id, user_id, skills) VALUES (tests.acme(), tests.person('cy'), '{a}'), (tests.acme(), tests.person('dan'), '{b}');
SELECT is(pg_temp.matched(), 'cy manager proposed 1000, dan ben proposed 1000', 'the best for both together');
DELETE FROM laurel.buddy_matches;
INSERT INTO laurel.buddy_requests (organization_id, user_id, skills) VALUES (tests.acme(), tests.person('other'), '{a,c}');
SELECT is(pg_temp.matched(), 'cy manager proposed 1000, dan ben proposed 1000, other outnumbered', 'who finds no place hears why');
SELECT is((SELECT string_agg(problem, '; ') FROM laurel.check()), NULL, 'all is counted');

-- Skills and language of the profile, where nothing else is said.
DELETE FROM laurel.buddy_matches;
DELETE FROM laurel.buddy_requests WHERE user_id <> tests.person('cy');
UPDATE laurel.buddy_settings SET skills_weight = 50, languages_weight = 50;
UPDATE laurel.profiles SET skills = '["Welding", 7, {"x": 1}, "welding "]' WHERE user_id IN (tests.person('cy'), tests.person('ben'));
UPDATE laurel.buddy_requests SET skills = NULL;
UPDATE laurel.buddy_profiles SET skills = NULL, languages = NULL WHERE user_id = tests.person('ben');
SELECT is(pg_temp.matched(), 'cy ben proposed 1000', 'the profile says it');
SELECT is((SELECT explanation ->> 'words' FROM laurel.buddy_matches), 'Shares 1 of 1 skills: welding. Both speak en. The same time of day.', 'in words');

-- Of whom nothing is known.
DELETE FROM laurel.buddy_matches;
DELETE FROM laurel.user_preferences WHERE user_id = tests.person('cy');
DELETE FROM laurel.profiles WHERE user_id = tests.person('cy');
SELECT is(pg_temp.matched(), 'cy ben proposed 0', 'anybody will do, the first by id');
SELECT is((SELECT explanation ->> 'words' FROM laurel.buddy_matches), 'Names no skills. No language in common. The same time of day.', 'for nothing in particular');

-- The two go with either.
DELETE FROM laurel.users WHERE id = tests.person('cy');
SELECT is((SELECT count(*) FROM laurel.buddy_matches), 0::bigint, 'with the newcomer');
INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id) VALUES (tests.acme(), tests.person('dan'), tests.person('ben'));
DELETE FROM laurel.users WHERE id = tests.person('ben');
SELECT is((SELECT count(*) FROM laurel.buddy_matches), 0::bigint, 'with the buddy');

-- Not more than a run has room for.
SET LOCAL session_replication_role = replica;
INSERT INTO laurel.users (id, organization_id, email) SELECT tests.person('many ' || n), tests.bolt(), n || '@bolt.test' FROM generate_series(1, 4500) n;
INSERT INTO laurel.user_organizations (organization_id, user_id) SELECT tests.bolt(), tests.person('many ' || n) FROM generate_series(1, 4500) n;
INSERT INTO laurel.buddy_profiles (organization_id, user_id) SELECT tests.bolt(), tests.person('many ' || n) FROM generate_series(1, 4500) n;
INSERT INTO laurel.buddy_requests (organization_id, user_id) SELECT tests.bolt(), tests.person('many ' || n) FROM generate_series(1, 4500) n;
SET LOCAL session_replication_role = origin;
SELECT is(tests.told($$ SELECT laurel.match_buddies(tests.bolt()) $$), '22023 | too many people to be matched at once | 4500 want a buddy, 4500 offer to be one.'
    ' | Up to 100000 on each side and 20000000 pairs are matched at once: lower newcomer_days.', 'pairs are bounded');

SELECT finish();
ROLLBACK;
