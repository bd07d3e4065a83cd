-- Rules as they are saved: who may, what is refused, and that what a rule says has a number and is kept.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
INSERT INTO laurel.badges (id, organization_id, badge_name) VALUES (tests.person('star'), tests.acme(), 'Star'), (tests.person('moon'), tests.bolt(), 'Moon');
CREATE FUNCTION pg_temp.saved(actions text, condition text DEFAULT NULL, event_type text DEFAULT 'rated') RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions) VALUES (%L, %L, %L, %L, %L)', tests.acme(), 'Rule', event_type, condition, actions))
$$;
CREATE FUNCTION pg_temp.told(actions text, condition text DEFAULT NULL, event_type text DEFAULT 'rated') RETURNS text LANGUAGE sql AS $$
    SELECT tests.told(format('INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions) VALUES (%L, %L, %L, %L, %L)', tests.acme(), 'Rule', event_type, condition, actions))
$$;
CREATE FUNCTION pg_temp.points(amount text DEFAULT '5') RETURNS text LANGUAGE sql AS $$ SELECT format('[{"kind": "points", "amount": %s}]', amount) $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_temp TO PUBLIC;

-- Who writes and who reads.
SELECT tests.act_as_learner();
SELECT is(pg_temp.saved(pg_temp.points()), '42501', 'members make no rules');
SELECT is((SELECT count(*) FROM laurel.gamification_rules), 0::bigint, 'and see none');
SELECT tests.act_as_admin();
INSERT INTO laurel.gamification_rules (name, event_type, actions) VALUES ('First', 'rated', '[{"kind": "points", "amount": 5}, {"kind": "badge", "badge_id": "00000000-0000-0000-0000-000000000000"}]'::jsonb #- '{1}');
SELECT results_eq('SELECT name, version, status, runs FROM laurel.gamification_rules', $$ VALUES ('First', 1, 'active', 'at_once') $$, 'administrators make them');
SELECT is((SELECT string_agg(concat_ws(' ', version, name, created_by = laurel.uid()), ', ') FROM laurel.rule_versions), '1 First t', 'what it says is kept');
SELECT is(tests.error_of('INSERT INTO laurel.gamification_rules (name, event_type, actions, version) VALUES (''x'', ''y'', ''[]'', 7)'), '42501', 'nobody numbers by hand');
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT count(*) FROM laurel.gamification_rules) + (SELECT count(*) FROM laurel.rule_versions), 0::bigint, 'another organization sees nothing of it');
SELECT is(pg_temp.saved(pg_temp.points()), '42501', 'and makes no rules there');

-- Versions.
SELECT tests.act_as_admin();
UPDATE laurel.gamification_rules SET actions = '[{"kind": "points", "amount": 6}]', description = 'More';
SELECT is((SELECT version FROM laurel.gamification_rules), 2, 'another version where it does something else');
UPDATE laurel.gamification_rules SET description = 'Even more', status = 'paused';
UPDATE laurel.gamification_rules SET name = 'First', status = 'active';
SELECT is((SELECT version FROM laurel.gamification_rules), 2, 'the same where it does not');
SELECT is((SELECT string_agg(actions -> 0 ->> 'amount', ', ' ORDER BY version) FROM laurel.rule_versions), '5, 6', 'both are kept');
SELECT is(tests.error_of('UPDATE laurel.rule_versions SET name = ''x'''), '42501', 'by clients unchanged');
SELECT is(tests.error_of('DELETE FROM laurel.rule_versions'), '42501', 'and undeleted');
SELECT tests.act_as_owner();
SELECT is(tests.error_of('UPDATE laurel.rule_versions SET name = ''x'''), '23001 rule_versions_name_immutable', 'nor does the owner change what was said');
UPDATE laurel.gamification_rules SET version = 99;
SELECT is((SELECT version FROM laurel.gamification_rules), 2, 'a number that comes with the row does not count');
SELECT tests.act_as_admin();
DELETE FROM laurel.gamification_rules;
SELECT results_eq('SELECT status, version FROM laurel.gamification_rules', $$ VALUES ('archived', 2) $$, 'deleting archives');
SELECT is(tests.error_of('UPDATE laurel.gamification_rules SET status = ''active'''), '23514 gamification_rules_status_steps', 'what is archived does not fire at once again');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.audit_log WHERE table_name = 'laurel.gamification_rules'), 5::bigint, 'changes of what it does or is are in the audit log');

-- A trigger of the application that sorts last writes no other number, nor the rule behind the number's back.
CREATE FUNCTION pg_temp.meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_ARGV[0] = 'number' THEN NEW.version := CASE TG_OP WHEN 'INSERT' THEN 7 ELSE OLD.version END; ELSE NEW.name := NEW.name || '!'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER zzz_number BEFORE INSERT OR UPDATE ON laurel.gamification_rules FOR EACH ROW EXECUTE FUNCTION pg_temp.meddle('number');
SELECT is(pg_temp.saved(pg_temp.points()), '39P01', 'a new rule is the first version');
ALTER TABLE laurel.gamification_rules DISABLE TRIGGER zzz_number;
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions) VALUES (tests.acme(), 'Meddled', 'rated', pg_temp.points()::jsonb);
ALTER TABLE laurel.gamification_rules ENABLE TRIGGER zzz_number;
SELECT is(tests.error_of($$ UPDATE laurel.gamification_rules SET actions = '[{"kind": "points", "amount": 9}]' WHERE name = 'Meddled' $$), '39P01', 'a changed one is the next');
SELECT is(tests.error_of($$ UPDATE laurel.gamification_rules SET description = 'd' WHERE name = 'Meddled' $$), 'none', 'what changes nothing of it stays');
DROP TRIGGER zzz_number ON laurel.gamification_rules;
CREATE TRIGGER zzz_name BEFORE UPDATE ON laurel.gamification_rules FOR EACH ROW EXECUTE FUNCTION pg_temp.meddle('name');
SELECT is(tests.error_of($$ UPDATE laurel.gamification_rules SET description = 'e' WHERE name = 'Meddled' $$), '39P01', 'what a trigger changes after it was numbered is refused');
DROP TRIGGER zzz_name ON laurel.gamification_rules;
CREATE TRIGGER a_name BEFORE UPDATE ON laurel.gamification_rules FOR EACH ROW EXECUTE FUNCTION pg_temp.meddle('name');
UPDATE laurel.gamification_rules SET description = 'e' WHERE name = 'Meddled';
DROP TRIGGER a_name ON laurel.gamification_rules;
SELECT is((SELECT string_agg(format('%s %s', version, name), ', ' ORDER BY version) FROM laurel.rule_versions v WHERE name LIKE 'Meddled%'), '1 Meddled, 2 Meddled!', 'before, it is another version');
-- Written past the triggers, it is found.
SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SET LOCAL session_replication_role = replica;
UPDATE laurel.gamification_rules SET event_type = 'other' WHERE name = 'Meddled!';
SET LOCAL session_replication_role = origin;
SELECT results_eq('SELECT guard, problem FROM laurel.check() ', $$ VALUES ('versions', 'the rule is not what version 2 of it says') $$, 'check() sees a rule that is not what its version says');
SET LOCAL session_replication_role = replica;
UPDATE laurel.gamification_rules SET event_type = 'rated', version = 9 WHERE name = 'Meddled!';
SET LOCAL session_replication_role = origin;
SELECT results_eq('SELECT guard, problem FROM laurel.check() ', $$ VALUES ('versions', 'the rule is not what version 9 of it says') $$, 'nor has a version that is kept');
SET LOCAL session_replication_role = replica;
UPDATE laurel.gamification_rules SET version = 2 WHERE name = 'Meddled!';
SET LOCAL session_replication_role = origin;

-- Conditions.
SELECT is(pg_temp.told(pg_temp.points(), '$.event.data.score >='),
    '23514 | the condition is no SQL/JSON path over event, user and stats | syntax error at end of jsonpath input. | Write one such as $.event.data.score >= 90 && $.user.tier == "gold". | gamification_rules_condition_check', 'a condition is a path');
SELECT is(pg_temp.saved(pg_temp.points(), condition), coalesce(expected, 'none'), condition) FROM (VALUES
    ('$.event.data.score >= 90', NULL), ('$.event ? (@.data.stars > 3)', NULL), ('strict $.event.data.score == 1', NULL), ('$.user.tier == "gold" && $.stats.pointsTotal > 5', NULL),
    ('exists($.user.roles[*] ? (@ == "trainer"))', NULL), ('$.event.data.name like_regex "^a"', NULL), ('$.stats.events.rated.week >= 3', NULL), ('$', NULL),
    ('$.event.data.when.datetime() < "2026-01-01".datetime()', NULL), ('$.event.data.list[last] > 1', NULL),
    ('$.event.data.**.a == 1 && $.event.data.b[*] > 1', NULL), ('$.event.data.**.**.a == 1', '23514 gamification_rules_condition_check'), ('$.event.data.a[*][*][*][*][*] == 1', '23514 gamification_rules_condition_check'),
    ('', '23514 gamification_rules_condition_check'), ('score > 1', '23514 gamification_rules_condition_check'), ('$x > 1', '23514 gamification_rules_condition_check'),
    ('$.event.data.name like_regex "("', '23514 gamification_rules_condition_check'), ('$.stats.pontsTotal > 1', '23514 gamification_rules_condition_check'),
    ('$.stats.events.rated > 1', '23514 gamification_rules_condition_check'), ('$.stats.* > 1', '23514 gamification_rules_condition_check'),
    (repeat('(', 20000), '23514 gamification_rules_condition_check'), ('$.event.data.a == ' || repeat('1 + ', 500) || '1', NULL)) AS v (condition, expected);

-- Actions.
SELECT is(pg_temp.told('[{"kind": "points"}]'),
    '23514 | the actions of the rule cannot be done | Element 1 has no amount. | Give one to ten objects such as {"kind": "points", "amount": 10}, {"kind": "badge", "badge_id": "..."}, {"kind": "notification", "title": "..."}, {"kind": "event", "type": "..."} or {"kind": "challenge", "challenge_id": "...", "progress": 1}. | gamification_rules_actions_check', 'points have an amount');
SELECT matches(pg_temp.told('[{"kind": "points", "amount": 5, "title": "Hello"}]'), 'Element 1: points takes no title\.', 'what another kind takes is not lost in silence');
SELECT matches(pg_temp.told('[{"kind": "badge", "badge_id": "star"}]'), 'Element 1: badge_id must be an id \(uuid\)\.', 'a slug is no id');
SELECT is(pg_temp.saved(actions), coalesce(expected, 'none'), left(actions, 60)) FROM (VALUES
    ('[{"kind": "points", "amount": 1000000}, {"kind": "notification", "title": "Hello", "priority": 1}, {"kind": "event", "type": "other", "data": {"a": [1]}}]', NULL),
    ('[{"kind": "badge", "badge_id": "' || tests.person('star') || '"}]', NULL),
    ('[]', '23514 gamification_rules_actions_check'), ('{}', '23514 gamification_rules_actions_check'), ('5', '23514 gamification_rules_actions_check'), ('null', '23514 gamification_rules_actions_check'),
    ('[5]', '22023'), ('[[]]', '22023'), ('[{}]', '23514 gamification_rules_actions_check'), ('[{"kind": null}]', '23514 gamification_rules_actions_check'),
    ('[{"kind": "gold"}]', '23514 gamification_rules_actions_check'), ('[{"kind": "points", "amonut": 5}]', '22023'),
    ('[{"kind": "points", "amount": 0}]', '23514 gamification_rules_actions_check'), ('[{"kind": "points", "amount": -5}]', '23514 gamification_rules_actions_check'),
    ('[{"kind": "points", "amount": 1000001}]', '23514 gamification_rules_actions_check'), ('[{"kind": "points", "amount": 1.5}]', '23514 gamification_rules_actions_check'),
    ('[{"kind": "points", "amount": 1e300}]', '23514 gamification_rules_actions_check'), ('[{"kind": "points", "amount": "5"}]', '23514 gamification_rules_actions_check'),
    ('[{"kind": "points", "amount": 5}, {"kind": "points", "amount": 5}]', '23514 gamification_rules_actions_check'),
    ('[{"kind": "badge"}]', '23514 gamification_rules_actions_check'), ('[{"kind": "badge", "badge_id": "star"}]', '23514 gamification_rules_actions_check'),
    ('[{"kind": "points", "amount": 5, "title": "Hello"}]', '23514 gamification_rules_actions_check'), ('[{"kind": "notification", "title": "Hello", "reason": "x"}]', '23514 gamification_rules_actions_check'),
    ('[{"kind": "event", "type": "other", "link": "/x"}]', '23514 gamification_rules_actions_check'), ('[{"kind": "badge", "badge_id": "' || tests.person('star') || '", "amount": 5}]', '23514 gamification_rules_actions_check'),
    ('[{"kind": "points", "amount": 5, "title": null}]', NULL),
    ('[{"kind": "badge", "badge_id": "' || tests.person('star') || '"}, {"kind": "badge", "badge_id": "' || tests.person('star') || '"}]', '23514 gamification_rules_actions_check'),
    ('[{"kind": "badge", "badge_id": "' || tests.person('moon') || '"}]', '23503 gamification_rules_badge_fkey'),
    ('[{"kind": "badge", "badge_id": "00000000-0000-0000-0000-000000000000"}]', '23503 gamification_rules_badge_fkey'),
    ('[{"kind": "notification"}]', '23514 gamification_rules_actions_check'), ('[{"kind": "notification", "title": ""}]', '23514 gamification_rules_actions_check'),
    ('[{"kind": "notification", "title": "' || repeat('x', 201) || '"}]', '23514 gamification_rules_actions_check'),
    ('[{"kind": "notification", "title": "x", "priority": 3}]', '23514 gamification_rules_actions_check'),
    ('[{"kind": "event", "type": "other", "data": [1]}]', '23514 gamification_rules_actions_check'),
    ((SELECT jsonb_agg('{"kind": "points", "amount": 1}'::jsonb)::text FROM generate_series(1, 11)), '23514 gamification_rules_actions_check')) AS v (actions, expected);
SELECT is(pg_temp.told('[{"kind": "badge", "badge_id": "' || tests.person('moon') || '"}]'),
    '23503 | the rule awards a badge that its organization does not have | laurel.badges has the organization''s badges. | gamification_rules_badge_fkey', 'what is another''s is refused like what is nobody''s');

-- A value of another type than its key's is refused as what it is.
SELECT is(pg_temp.saved(actions), '23514 gamification_rules_actions_check', actions) FROM unnest(ARRAY[
    '[{"kind": 5}]', '[{"kind": true}]', '[{"kind": ["points"]}]', '[{"kind": "points", "amount": true}]', '[{"kind": "points", "amount": [5]}]', '[{"kind": "points", "amount": {}}]',
    '[{"kind": "points", "amount": 5, "reason": 7}]', '[{"kind": "points", "amount": 5, "reason": {}}]', '[{"kind": "badge", "badge_id": 7}]', '[{"kind": "badge", "badge_id": {"id": 1}}]',
    '[{"kind": "badge", "badge_id": false}]', '[{"kind": "notification", "title": 7}]', '[{"kind": "notification", "title": {}}]', '[{"kind": "notification", "title": "x", "message": true}]',
    '[{"kind": "notification", "title": "x", "link": []}]', '[{"kind": "notification", "title": "x", "priority": "1"}]', '[{"kind": "event", "type": []}]', '[{"kind": "event", "type": "x", "data": "y"}]',
    '[{"kind": "challenge", "challenge_id": 1, "progress": 1}]', '[{"kind": "challenge", "challenge_id": "x", "progress": 1}]', '[{"kind": "challenge", "progress": 1}]',
    format('[{"kind": "challenge", "challenge_id": "%s"}]', tests.person('x')), format('[{"kind": "challenge", "challenge_id": "%s", "progress": "2"}]', tests.person('x')),
    format('[{"kind": "challenge", "challenge_id": "%s", "progress": 0}]', tests.person('x'))]) actions;
SELECT matches(pg_temp.told('[{"kind": "points", "amount": 5}, {"kind": "badge", "badge_id": "star"}]'), 'Element 2: badge_id must be an id \(uuid\)\.', 'which names element and key');

-- Links are refused when the rule is made, not when it fires.
SELECT is(pg_temp.saved(format('[{"kind": "notification", "title": "x", "link": %s}]', to_jsonb(link))), '23514 gamification_rules_actions_check', 'no link: ' || link)
FROM unnest(ARRAY['javascript:alert(1)', 'DATA:text/html,x', ' /x', '/x ', E'/x\n', E'/x\u00a0', repeat('x', 2001), '']) link;
SELECT is(pg_temp.saved('[{"kind": "notification", "title": "x", "link": "/badges/größe?a=b c"}]'), 'none', 'another one is');

-- A rule that fires itself.
SELECT is(pg_temp.told('[{"kind": "event", "type": "rated"}]'),
    '23514 | the rule would fire itself | It makes an event of the type that it listens to. | Let it listen to another type of event, or do something else. | gamification_rules_actions_loop', 'no rule makes the event that it listens to');
SELECT is(pg_temp.saved('[{"kind": "badge", "badge_id": "' || tests.person('star') || '"}]', NULL, 'badge_earned'), '23514 gamification_rules_actions_loop', 'nor awards a badge for a badge');
SELECT is(pg_temp.saved(pg_temp.points(), NULL, 'points_earned'), '23514 gamification_rules_actions_loop', 'nor pays points for points');
SELECT is(pg_temp.saved(pg_temp.points(), NULL, 'badge_earned'), 'none', 'points for a badge are no circle');
SELECT is(tests.error_of($$ UPDATE laurel.gamification_rules SET event_type = 'points_earned' WHERE event_type = 'badge_earned' $$), '23514 gamification_rules_actions_loop', 'nor is one made later');

-- Caps, cooldown, schedule.
CREATE FUNCTION pg_temp.with_column(name text, value text) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions, %I) VALUES (%L, %L, %L, %L, %L)', name, tests.acme(), 'Rule', 'rated', pg_temp.points(), value))
$$;
SELECT is(pg_temp.with_column(name, value), coalesce(expected, 'none'), format('%s %s', name, value)) FROM (VALUES
    ('user_cap', '1', NULL), ('user_cap', '0', '23514 gamification_rules_user_cap_check'), ('user_cap', '-1', '23514 gamification_rules_user_cap_check'),
    ('organization_cap', '9223372036854775807', NULL), ('organization_cap', '0', '23514 gamification_rules_organization_cap_check'),
    ('user_cap_period', 'week', NULL), ('user_cap_period', 'hour', '23514 gamification_rules_user_cap_period_check'), ('organization_cap_period', 'x', '23514 gamification_rules_organization_cap_period_check'),
    ('cooldown', '1 day', NULL), ('cooldown', '0', '23514 gamification_rules_cooldown_check'), ('cooldown', '1 month', '23514 gamification_rules_cooldown_check'), ('cooldown', '-1 day', '23514 gamification_rules_cooldown_check'),
    ('cooldown', '3651 days', '23514 gamification_rules_cooldown_check'),
    ('active_from', '-infinity', NULL), ('active_until', 'infinity', NULL), ('runs', 'after_commit', NULL), ('runs', 'never', '23514 gamification_rules_runs_check'),
    ('status', 'draft', NULL), ('status', 'gone', '23514 gamification_rules_status_check')) AS v (name, value, expected);
SELECT is(tests.told($$ UPDATE laurel.gamification_rules SET user_cap = 0 $$),
    '23514 | user_cap must be more than 0 | It is 0. | To stop a rule, set its status to paused; leave the cap null for any number. | gamification_rules_user_cap_check', 'what a cap of 0 should be is said');
SELECT is(tests.error_of($$ UPDATE laurel.gamification_rules SET active_from = now(), active_until = now() $$), '23514 gamification_rules_active_until_check', 'what begins ends later');

-- Every column that says what a rule does makes a version, which says it too.
INSERT INTO laurel.gamification_rules (id, organization_id, name, event_type, actions) VALUES (tests.person('versioned'), tests.acme(), 'Versioned', 'versioned', pg_temp.points()::jsonb);
CREATE FUNCTION pg_temp.version_after(changed text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before constant integer := (SELECT version FROM laurel.gamification_rules WHERE id = tests.person('versioned'));
BEGIN
    EXECUTE format('UPDATE laurel.gamification_rules SET %I = %L WHERE id = tests.person(''versioned'')', changed, value);
    RETURN (SELECT format('%s more, %s', r.version - before, CASE WHEN to_jsonb(v) -> changed = to_jsonb(r) -> changed AND to_jsonb(r) ->> changed IS NOT NULL THEN 'kept' ELSE 'lost' END)
        FROM laurel.gamification_rules r JOIN laurel.rule_versions v ON v.rule_id = r.id AND v.version = r.version WHERE r.id = tests.person('versioned'));
END $$;
SELECT is(pg_temp.version_after(name, value), '1 more, kept', 'another version: ' || name) FROM (VALUES
    ('name', 'Another'), ('event_type', 'another'), ('condition', '$.event.data.a == 1'), ('actions', pg_temp.points('9')), ('runs', 'after_commit'), ('user_cap', '3'), ('user_cap_period', 'week'),
    ('organization_cap', '4'), ('organization_cap_period', 'month'), ('cooldown', '1 hour'), ('active_from', '2026-01-01'), ('active_until', '2027-01-01')) v (name, value);
SELECT is(pg_temp.version_after('description', 'Another'), '0 more, lost', 'what it is for makes none');

-- It goes with its organization.
DELETE FROM laurel.users WHERE organization_id = tests.acme();
SELECT is(tests.error_of('DELETE FROM laurel.organizations WHERE id = tests.acme()'), 'none', 'an organization can go');
SELECT is((SELECT count(*) FROM laurel.gamification_rules) + (SELECT count(*) FROM laurel.rule_versions), 0::bigint, 'with its rules and their versions');

SELECT * FROM finish();
ROLLBACK;
