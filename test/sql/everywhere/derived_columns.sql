-- What follows from other rows is written by Laurel's own statement and by nothing that fires inside it, and arrives as
-- it was meant whatever triggers, defaults and constraints an application has put on the tables.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('ann', 'ben', 'cat');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES
    (tests.person('ann'), 600, 'bonus', 'start'), (tests.person('ben'), 5, 'bonus', 'start');
INSERT INTO laurel.daily_activity (organization_id, user_id, date) SELECT tests.acme(), tests.person(name), current_date - 1
    FROM unnest('{ann, ben}'::text[]) name;
INSERT INTO laurel.badges (id, organization_id, slug, badge_name) VALUES
    ('ba000000-0000-0000-0000-000000000001', tests.acme(), 'first', 'First'),
    ('ba000000-0000-0000-0000-000000000002', tests.acme(), 'second', 'Second');
INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (tests.person('ann'), 'ba000000-0000-0000-0000-000000000001');

INSERT INTO laurel.teams (id, organization_id, name) VALUES ('7ea00000-0000-0000-0000-000000000001', tests.acme(), 'Team'), ('7ea00000-0000-0000-0000-000000000002', tests.acme(), 'Other');
INSERT INTO laurel.team_memberships (team_id, user_id) SELECT t.id, m.user_id FROM laurel.teams t, laurel.user_organizations m WHERE m.organization_id = tests.acme();

CREATE FUNCTION pg_temp.state() RETURNS text LANGUAGE sql AS $$
    SELECT md5(concat((SELECT string_agg(l::text, ',' ORDER BY organization_id, user_id, entry_no) FROM laurel.points_ledger l),
                      (SELECT string_agg(p::text, ',' ORDER BY organization_id, user_id) FROM laurel.user_points p),
                      (SELECT string_agg(b::text, ',' ORDER BY id) FROM laurel.badges b)))
$$;

-- The error of a statement while the application's object is there; says so when anything has changed.
CREATE FUNCTION pg_temp.error_with(object text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before constant text := pg_temp.state();
    found text;
BEGIN
    BEGIN
        EXECUTE object;
        found := tests.error_of(statement);
        IF pg_temp.state() <> before THEN
            found := found || ', but something changed';
        END IF;
        RAISE assert_failure;
    EXCEPTION WHEN assert_failure THEN NULL;
    END;
    RETURN found;
END
$$;

-- Writes the column given as first argument in flight, by the expression given as second.
CREATE FUNCTION pg_temp.in_flight() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    value text;
BEGIN
    EXECUTE format('SELECT (%s)::text FROM (SELECT ($1).*) n', TG_ARGV[1]) INTO value USING NEW;
    NEW := jsonb_populate_record(NEW, jsonb_build_object(TG_ARGV[0], value));
    RETURN NEW;
END
$$;
CREATE FUNCTION pg_temp.run() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF pg_trigger_depth() < 20 THEN EXECUTE TG_ARGV[0]; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION pg_temp.suppress() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;

-- Every column that is not the application's own to write.
CREATE TEMP TABLE derived AS
SELECT attname AS name, CASE
        WHEN attname = 'current_streak' THEN 'CASE WHEN longest_streak = 0 THEN 0 WHEN current_streak = 0 THEN 1 ELSE current_streak - 1 END'
        WHEN attname = 'points_held' THEN 'least(points_held + 1, total_points)'
        WHEN attname = 'tier' THEN $$CASE tier WHEN 'gold' THEN 'silver' ELSE 'gold' END$$
        WHEN attname = 'last_entry_hash' THEN $$sha256('another')$$
        WHEN atttypid IN ('bigint'::regtype, 'integer'::regtype) THEN format('coalesce(n.%s, 0) + 1', attname)
        WHEN atttypid = 'date'::regtype THEN $$coalesce(n.$$ || attname || $$, '2001-01-01') - 7$$
        ELSE $$coalesce(n.$$ || attname || $$, '2001-01-01') - interval '1 day'$$ END AS value,
    '23001 user_points_follow_ledger'::text AS refusal,
    CASE attname WHEN 'points_held' THEN '23514 user_points_points_held_check' ELSE '23001 user_points_follow_ledger' END AS opening
FROM pg_attribute WHERE attrelid = 'laurel.user_points'::regclass AND attnum > 0 AND NOT attisdropped
    AND attname NOT IN ('organization_id', 'user_id', 'created_at', 'updated_at', 'team_id');
SELECT is((SELECT count(*) FROM derived), 21::bigint, 'every derived column of user_points is looked at');

CREATE TEMP TABLE writers (name text, statement text);
INSERT INTO writers VALUES
    ('award', $$SELECT laurel.record_points_transaction(tests.person('ann'), 10, 't', reason => 'r')$$),
    ('award of many', $$INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES
        (tests.person('ann'), 10, 't', 'r'), (tests.person('ben'), 10, 't', 'r')$$),
    ('day of activity', $$SELECT laurel.record_activity(tests.person('ann'))$$),
    ('days of many', $$INSERT INTO laurel.daily_activity (organization_id, user_id, date) SELECT organization_id, user_id, current_date FROM laurel.user_points
        WHERE last_entry_no > 0$$),
    ('end of all streaks', $$TRUNCATE laurel.daily_activity$$),
    ('re-tiering', $$UPDATE laurel.tiers SET min_points = 601 WHERE tier = 'silver'$$),
    ('another calendar', $$UPDATE laurel.organizations SET time_zone = 'Asia/Tokyo'$$),
    ('team', $$UPDATE laurel.user_points SET team_id = '7ea00000-0000-0000-0000-000000000001' WHERE organization_id = tests.acme()$$);
SELECT is(pg_temp.error_with('SELECT', statement), 'none, but something changed', name || ' works') FROM writers;
SELECT is(pg_temp.error_with(format('CREATE TRIGGER z BEFORE UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.in_flight(%L, %L)',
        d.name, d.value), w.statement), d.refusal, format('%s: %s changed in flight', w.name, d.name))
FROM writers w, derived d;
SELECT is(pg_temp.error_with('CREATE TRIGGER z BEFORE UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.suppress()', statement),
    '23001 user_points_follow_ledger', name || ' suppressed') FROM writers WHERE name <> 'team';
SELECT is(pg_temp.error_with($$CREATE TRIGGER z BEFORE UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.in_flight('team_id', '''7ea00000-0000-0000-0000-000000000002''::uuid')$$,
    statement), 'none, but something changed', name || ': an application may fill its own column') FROM writers;

-- Code that is fired inside a statement that may write, and writes too.
CREATE TEMP TABLE inner_writes (name text, statement text);
INSERT INTO inner_writes VALUES
    ('own balance', $$UPDATE laurel.user_points SET total_points = total_points + 1000 WHERE user_id = tests.person('ann')$$),
    ('balance of another', $$UPDATE laurel.user_points SET total_points = total_points + 1000 WHERE user_id = tests.person('cat')$$),
    ('streak of another', $$UPDATE laurel.user_points SET longest_streak = 99 WHERE user_id = tests.person('cat')$$);
SELECT is(pg_temp.error_with(format('CREATE TRIGGER %s EXECUTE FUNCTION pg_temp.run(%L)', place, i.statement), w.statement),
    '23001 user_points_follow_ledger', format('%s, %s: %s', w.name, place, i.name))
FROM writers w, inner_writes i, unnest(ARRAY[
    'a BEFORE UPDATE ON laurel.user_points FOR EACH STATEMENT', 'z BEFORE UPDATE ON laurel.user_points FOR EACH STATEMENT',
    'a BEFORE UPDATE ON laurel.user_points FOR EACH ROW', 'z AFTER UPDATE ON laurel.user_points FOR EACH ROW',
    'z AFTER UPDATE ON laurel.user_points FOR EACH STATEMENT']) place;
SELECT is(pg_temp.error_with(format('CREATE TRIGGER z %s EXECUTE FUNCTION pg_temp.run(%L)', place, i.statement),
    $$INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (tests.person('ben'), 'ba000000-0000-0000-0000-000000000001')$$),
    '23001 user_points_follow_ledger', format('award of a badge, %s: %s', place, i.name))
FROM inner_writes i, unnest(ARRAY['AFTER UPDATE ON laurel.badges FOR EACH ROW', 'BEFORE UPDATE ON laurel.badges FOR EACH ROW',
    'AFTER INSERT ON laurel.badge_awards FOR EACH ROW', 'AFTER INSERT ON laurel.domain_events FOR EACH ROW']) place;
CREATE FUNCTION pg_temp.steal(u uuid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    IF u = tests.person('ann') THEN
        UPDATE laurel.user_points SET total_points = total_points + 1000 WHERE user_id = tests.person('cat');
    END IF;
    RETURN true;
END $$;
SELECT is(pg_temp.error_with('ALTER TABLE laurel.user_points ADD CONSTRAINT z CHECK (pg_temp.steal(user_id)) NOT VALID', statement),
    '23001 user_points_follow_ledger', name || ': a constraint that writes') FROM writers;
SELECT is(pg_temp.error_with(format($f$CREATE TRIGGER z BEFORE UPDATE ON laurel.user_points FOR EACH ROW WHEN (NEW.user_id = tests.person('ann'))
    EXECUTE FUNCTION pg_temp.run(%L);
    CREATE TRIGGER zz BEFORE UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.in_flight('total_points', 'total_points + 1')$f$,
    $$INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('cat'), 1, 't', 'r')$$), statement),
    '23001 user_points_follow_ledger', name || ': changed in flight while another entry is made') FROM writers WHERE name <> 'end of all streaks' AND name <> 'days of many';

-- Accounts open empty.
SELECT is(pg_temp.error_with(format('CREATE TRIGGER z BEFORE INSERT ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.in_flight(%L, %L)',
        d.name, CASE d.name WHEN 'current_streak' THEN '0' WHEN 'longest_streak' THEN '4' WHEN 'points_held' THEN '1' ELSE d.value END),
    $$INSERT INTO laurel.users (organization_id, email) VALUES (tests.acme(), 'new@acme.test')$$),
    d.opening, 'new account: ' || d.name || ' changed in flight') FROM derived d WHERE d.name <> 'current_streak';
SELECT is(pg_temp.error_with(format('ALTER TABLE laurel.user_points ALTER COLUMN %I SET DEFAULT %s', name, CASE
        WHEN name = 'tier' THEN $$'gold'$$ WHEN name = 'last_entry_hash' THEN $$sha256('x')$$ WHEN name ~ '_at$|_start$|_date$|_from$|_until$' THEN $$'2026-01-05'$$ ELSE '7' END),
    $$INSERT INTO laurel.users (organization_id, email) VALUES (tests.acme(), 'new@acme.test')$$),
    opening, 'new account: default of ' || name) FROM derived WHERE name <> 'current_streak';
SELECT is(pg_temp.error_with('CREATE TRIGGER z BEFORE INSERT ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.suppress()',
    $$INSERT INTO laurel.users (organization_id, email) VALUES (tests.acme(), 'new@acme.test')$$),
    '23001 user_points_follow_ledger', 'new account suppressed');

-- Counts of badges.
CREATE TEMP TABLE counters (name text, statement text);
INSERT INTO counters VALUES
    ('award', $$INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (tests.person('ben'), 'ba000000-0000-0000-0000-000000000001')$$),
    ('awards', $$INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (tests.person('ben'), 'ba000000-0000-0000-0000-000000000001'),
        (tests.person('ben'), 'ba000000-0000-0000-0000-000000000002')$$),
    ('revocation', $$DELETE FROM laurel.badge_awards$$),
    ('revocation of all', $$TRUNCATE laurel.badge_awards$$),
    ('another name', $$UPDATE laurel.badges SET badge_name = 'Another'$$);
SELECT is(pg_temp.error_with('SELECT', statement), 'none, but something changed', name || ' works') FROM counters;
SELECT is(pg_temp.error_with(format('CREATE TRIGGER z %s', body), statement), '23001 badges_times_awarded_follows', format('%s: %s', name, body))
FROM counters, unnest(ARRAY[
    $$BEFORE UPDATE ON laurel.badges FOR EACH ROW EXECUTE FUNCTION pg_temp.in_flight('times_awarded', 'times_awarded + 1')$$,
    $$BEFORE UPDATE ON laurel.badges FOR EACH ROW EXECUTE FUNCTION pg_temp.run('UPDATE laurel.badges SET times_awarded = 9')$$,
    $$BEFORE UPDATE ON laurel.badges FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.run('UPDATE laurel.badges SET times_awarded = 9')$$,
    $$AFTER UPDATE ON laurel.badges FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.run('UPDATE laurel.badges SET times_awarded = 9')$$]) body;
SELECT is(pg_temp.error_with('CREATE TRIGGER z BEFORE UPDATE ON laurel.badges FOR EACH ROW EXECUTE FUNCTION pg_temp.suppress()', statement),
    '23001 badges_times_awarded_follows', name || ' suppressed') FROM counters WHERE name <> 'another name';
SELECT is(pg_temp.error_with(object, $$INSERT INTO laurel.badges (organization_id, slug, badge_name) VALUES (tests.acme(), 'new', 'New')$$),
    '23001 badges_times_awarded_follows', 'new badge: ' || object)
FROM unnest(ARRAY['ALTER TABLE laurel.badges ALTER COLUMN times_awarded SET DEFAULT 7',
    $$CREATE TRIGGER z BEFORE INSERT ON laurel.badges FOR EACH ROW EXECUTE FUNCTION pg_temp.in_flight('times_awarded', '3')$$]) object;

-- What is refused says which account and what it found.
CREATE TRIGGER z BEFORE UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION pg_temp.in_flight('total_points', 'total_points + 1000');
CREATE FUNCTION pg_temp.detail_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS found = PG_EXCEPTION_DETAIL;
    RETURN found;
END $$;
SELECT is(pg_temp.detail_of(statement), format('Account of user %s: total_points is 1610, the ledger says 610.', tests.person('ann')), 'detail of ' || name)
    FROM writers WHERE name = 'award';
SELECT is(pg_temp.detail_of($$UPDATE laurel.user_points SET team_id = NULL WHERE user_id = tests.person('ann')$$),
    'total_points was 600 and would become 1600.', 'detail of another column');

SELECT * FROM finish();
ROLLBACK;
