-- Windows, graces, and what happens at their ends.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('admin', 'ann', 'ben', 'cat');
UPDATE laurel.organizations SET time_zone = 'America/St_Johns' WHERE id = tests.acme();
UPDATE laurel.tiers SET min_points = CASE tier WHEN 'silver' THEN 100 WHEN 'gold' THEN 200 ELSE 300 END WHERE tier <> 'bronze' AND organization_id = tests.acme();
CREATE FUNCTION pg_temp.today() RETURNS date LANGUAGE sql AS $$ SELECT (now() AT TIME ZONE 'America/St_Johns')::date $$;
-- Books points for noon of a day ago, or for now.
CREATE FUNCTION pg_temp.earn(name text, points bigint, days integer DEFAULT 0) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, occurred_at) VALUES (tests.acme(), tests.person(name), points, 't', 'r',
        CASE days WHEN 0 THEN clock_timestamp() ELSE (pg_temp.today() - days + time '12:00') AT TIME ZONE 'America/St_Johns' END) RETURNING id
$$;
CREATE FUNCTION pg_temp.tier(name text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT tier || ' ' || coalesce(rolling_points::text, '-') || CASE WHEN tier_kept_until IS NULL THEN '' ELSE ' until ' || tier_kept_until - pg_temp.today() END
    FROM laurel.user_points WHERE user_id = tests.person(name) AND organization_id = tests.acme()
$$;
-- Runs the job, and says how many accounts it has changed.
CREATE FUNCTION pg_temp.run(organization uuid DEFAULT tests.acme()) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE step record; day date; after uuid; total bigint := 0;
BEGIN
    LOOP
        SELECT * INTO step FROM laurel_internal.tier_some_accounts(organization, day, after);
        total := total + step.accounts; day := step.day; after := step.last_user;
        IF after IS NULL THEN RETURN total; END IF;
    END LOOP;
END $$;
-- What an account has earned since a day, asked of the ledger.
CREATE FUNCTION pg_temp.earned(user_id uuid, since date) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$
    SELECT coalesce(sum(amount), 0) FROM (SELECT * FROM laurel.points_ledger UNION ALL SELECT * FROM laurel.points_ledger_archive) l
    WHERE l.user_id = $1 AND l.organization_id = tests.acme() AND (amount > 0 AND reverses_id IS NULL OR amount < 0 AND reverses_id IS NOT NULL)
        AND (occurred_at AT TIME ZONE 'America/St_Johns')::date >= since
$$;
-- Lets accounts look as if nobody had come by for some days.
CREATE FUNCTION pg_temp.sleep(days integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    SET LOCAL session_replication_role = replica;
    UPDATE laurel.user_points SET rolling_from = rolling_from - days, rolling_points = CASE WHEN rolling_from IS NOT NULL THEN pg_temp.earned(user_id, rolling_from - days) END,
        tier = CASE WHEN tier_kept_until IS NULL AND rolling_from IS NOT NULL THEN laurel.tier_for(pg_temp.earned(user_id, rolling_from - days), organization_id) ELSE tier END,
        tier_kept_until = tier_kept_until - days
    WHERE organization_id = tests.acme();
    DELETE FROM laurel_internal.tier_runs;
    SET LOCAL session_replication_role = origin;
END $$;
CREATE FUNCTION pg_temp.events(name text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg((data ->> 'from') || '-' || (data ->> 'to'), ' ' ORDER BY id) FROM laurel.domain_events WHERE type = 'tier_changed' AND user_id = tests.person(name)
$$;
CREATE FUNCTION pg_temp.warnings(name text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM laurel.notifications WHERE type = 'tier_ending' AND user_id = tests.person(name)
$$;

-- What cannot be set.
SELECT is(tests.error_of('UPDATE laurel.organizations SET ' || change || ' WHERE id = tests.acme()'), error, change) FROM (VALUES
    ('tier_basis = ''luck''', '23514 organizations_tier_basis_check'), ('tier_basis = NULL', '23502'),
    ('tier_basis = ''rolling''', '23514 organizations_tier_window_check'),
    ('tier_window_days = 30', '23514 organizations_tier_window_check'), ('tier_basis = ''lifetime'', tier_window_months = 12', '23514 organizations_tier_window_check'),
    ('tier_basis = ''rolling'', tier_window_days = 30, tier_window_months = 1', '23514 organizations_tier_window_check'),
    ('tier_basis = ''rolling'', tier_window_days = 0', '23514 organizations_tier_window_days_check'), ('tier_basis = ''rolling'', tier_window_days = -1', '23514 organizations_tier_window_days_check'),
    ('tier_basis = ''rolling'', tier_window_days = 3661', '23514 organizations_tier_window_days_check'),
    ('tier_basis = ''rolling'', tier_window_months = 0', '23514 organizations_tier_window_months_check'), ('tier_basis = ''rolling'', tier_window_months = 121', '23514 organizations_tier_window_months_check'),
    ('tier_grace_days = -1', '23514 organizations_tier_grace_days_check'), ('tier_grace_days = 367', '23514 organizations_tier_grace_days_check'), ('tier_grace_days = NULL', '23502'),
    ('tier_basis = ''rolling'', tier_window_days = 3660, tier_grace_days = 366', 'none'), ('tier_window_days = NULL, tier_window_months = 120', 'none'),
    ('tier_basis = ''total'', tier_window_months = NULL, tier_grace_days = 0', 'none')) tried (change, error);

-- A window of days.
SELECT pg_temp.earn('ann', 100, 40), pg_temp.earn('ann', 120, 29), pg_temp.earn('ann', 50, 30), pg_temp.earn('ann', -150), pg_temp.earn('ben', 250, 29);
SELECT is(pg_temp.tier('ann'), 'silver -', 'the balance decides');
UPDATE laurel.organizations SET tier_basis = 'rolling', tier_window_days = 30 WHERE id = tests.acme();
SELECT is(pg_temp.tier('ann'), 'silver 120', 'what was earned in thirty days decides, though it is spent') UNION ALL SELECT is(pg_temp.tier('ben'), 'gold 250', 'for everybody');
SELECT is((SELECT rolling_from FROM laurel.user_points WHERE user_id = tests.person('ann')), pg_temp.today() - 29, 'today is one of the thirty days');
SELECT is(pg_temp.tier('cat'), 'bronze -', 'who has no entry has no window');
SELECT pg_temp.earn('ann', 79), pg_temp.earn('cat', 100);
SELECT is(pg_temp.tier('ann'), 'silver 199', 'an award counts') UNION ALL SELECT is(pg_temp.tier('cat'), 'silver 100', 'also the first one');
SELECT pg_temp.earn('ann', 1, 30);
SELECT is(pg_temp.tier('ann'), 'silver 199', 'what comes late for an earlier day does not');
SELECT pg_temp.earn('ann', 1, 29) AS late \gset
SELECT is(pg_temp.tier('ann'), 'gold 200', 'but for a day of the window');
SELECT laurel.reverse_points_transaction(:'late');
SELECT is(pg_temp.tier('ann'), 'silver 199', 'until it is taken back');
SELECT laurel.reverse_points_transaction(id) FROM laurel.points_ledger WHERE amount = -150;
SELECT is(pg_temp.tier('ann'), 'silver 199', 'what was spent and given back was not earned again');
SELECT is(pg_temp.earned(tests.person('ann'), pg_temp.today() - 29), 199::bigint, 'as the ledger says');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'and the ledger is sound');
UPDATE laurel.organizations SET tier_window_days = 31 WHERE id = tests.acme();
SELECT is(pg_temp.tier('ann'), 'gold 250', 'a longer window counts more');
UPDATE laurel.organizations SET tier_window_days = NULL, tier_window_months = 1 WHERE id = tests.acme();
SELECT is((SELECT DISTINCT rolling_from FROM laurel.user_points WHERE rolling_from IS NOT NULL), (pg_temp.today() - interval '1 month')::date + 1, 'a month begins after the same day of the last one');
UPDATE laurel.organizations SET tier_window_days = 30, tier_window_months = NULL WHERE id = tests.acme();
SELECT is(pg_temp.events('ann'), 'bronze-silver silver-gold gold-silver silver-gold gold-silver silver-gold gold-silver', 'each change is an event, once')
UNION ALL SELECT is(pg_temp.tier('ann'), 'silver 199', 'back in thirty days');

-- Days pass. What leaves the window counts no more, be it noticed by the job or by an award.
SELECT pg_temp.sleep(20);
SELECT is(pg_temp.tier('ann'), 'platinum 350', 'twenty days ago it was platinum');
SELECT is(laurel_internal.organizations_to_tier(NULL), ARRAY[tests.acme()], 'the job looks through organizations with a window');
SELECT is(pg_temp.run(), 3::bigint, 'all accounts that have one') UNION ALL SELECT is(pg_temp.tier('ann'), 'silver 199', 'and it is silver again')
UNION ALL SELECT is(pg_temp.run(), 0::bigint, 'a second run finds nothing') UNION ALL SELECT is(laurel_internal.organizations_to_tier(NULL), NULL, 'nor is it due')
UNION ALL SELECT is(laurel_internal.organizations_to_tier(tests.acme()), ARRAY[tests.acme()], 'but where it is asked for');
SELECT ok(pg_temp.events('ann') LIKE '% platinum-silver', 'which is an event');
SELECT pg_temp.sleep(20);
SELECT pg_temp.earn('ann', 1);
SELECT is(pg_temp.tier('ann'), 'gold 200', 'an award counts in the window of its day, not of the one before');
SELECT is(pg_temp.run(), 2::bigint, 'and the job finds it done');
SELECT pg_temp.sleep(1);
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) SELECT tests.acme(), tests.person(name), points, 't', 'r'
FROM (VALUES ('ann', 5), ('ben', 5), ('ann', 6), ('ben', -1)) e (name, points);
SELECT is(pg_temp.tier('ann'), 'gold 211', 'many entries at once move a window once') UNION ALL SELECT is(pg_temp.tier('ben'), 'gold 255', 'of each account');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT pg_temp.sleep(-1), pg_temp.earn('ann', 1);
SELECT is((SELECT rolling_from FROM laurel.user_points WHERE user_id = tests.person('ann')), pg_temp.today() - 28, 'a clock that is set back takes no window back');
SELECT pg_temp.sleep(1);

-- A grace: what is lost is kept for a while, told once, and given back in silence.
UPDATE laurel.organizations SET tier_grace_days = 7 WHERE id = tests.acme();
DELETE FROM laurel.domain_events;
SELECT pg_temp.earn('ben', -1);
SELECT is(pg_temp.tier('ben'), 'gold 255', 'a grace changes nothing for who has the points');
SELECT laurel.reverse_points_transaction(id) FROM laurel.points_ledger WHERE user_id = tests.person('ben') AND amount = 250;
SELECT is(pg_temp.tier('ben'), 'gold 5 until 7', 'who loses them keeps the tier for today and seven days');
SELECT is((SELECT message FROM laurel.notifications WHERE type = 'tier_ending'), format('You keep gold until %s; with 195 more points by then it stays yours.', pg_temp.today() + 7), 'and is told');
SELECT results_eq($$ SELECT tier, counted_points, kept_until - pg_temp.today(), points_to_keep, next_tier, points_to_next FROM laurel.tier_status WHERE user_id = tests.person('ben') $$,
    $$ VALUES ('gold', 5::bigint, 7, 195::bigint, 'platinum', 295::bigint) $$, 'as the status says');
SELECT pg_temp.earn('ben', 100), pg_temp.earn('ben', 95);
SELECT is(pg_temp.tier('ben'), 'gold 200', 'with the points it is theirs again') UNION ALL SELECT is(pg_temp.warnings('ben'), 1::bigint, 'in silence') UNION ALL SELECT is(pg_temp.events('ben'), NULL, 'nothing has changed');
SELECT laurel.reverse_points_transaction(id) FROM laurel.points_ledger WHERE user_id = tests.person('ben') AND amount = 95;
SELECT is(pg_temp.tier('ben'), 'gold 105 until 7', 'to lose it again on the same day') UNION ALL SELECT is(pg_temp.warnings('ben'), 1::bigint, 'is not told again');
SELECT pg_temp.sleep(3);
SELECT laurel.reverse_points_transaction(id) FROM laurel.points_ledger WHERE user_id = tests.person('ben') AND amount = 100;
SELECT is(pg_temp.tier('ben'), 'gold 5 until 4', 'to lose more begins nothing anew');
SELECT pg_temp.sleep(4), pg_temp.run();
SELECT is(pg_temp.tier('ben'), 'gold 5 until 0', 'the last day counts');
SELECT pg_temp.sleep(1);
SELECT is(pg_temp.run(), 3::bigint, 'then the job') UNION ALL SELECT is(pg_temp.tier('ben'), 'bronze 5', 'takes it, two tiers at once') UNION ALL SELECT is(pg_temp.events('ben'), 'gold-bronze', 'as one event')
UNION ALL SELECT is(pg_temp.run(), 0::bigint, 'once') UNION ALL SELECT is(pg_temp.events('ben'), 'gold-bronze', 'only');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT pg_temp.earn('ben', 94), pg_temp.earn('ben', 1) AS one \gset
SELECT laurel.reverse_points_transaction(id) FROM laurel.points_ledger WHERE user_id = tests.person('ben') AND amount = 94;
SELECT is(pg_temp.tier('ben'), 'silver 6 until 7', 'what is lost next has a grace of its own');
SELECT pg_temp.sleep(8);
SELECT laurel.reverse_points_transaction(:'one');
SELECT is(pg_temp.tier('ben'), 'bronze 5', 'an entry that comes before the job ends it') UNION ALL SELECT pg_temp.earn('ben', 300)::text;
SELECT is(pg_temp.events('ben'), 'gold-bronze bronze-silver silver-bronze bronze-platinum', 'no event is lost, none told twice') UNION ALL SELECT is(pg_temp.run(), 2::bigint, 'and the job')
UNION ALL SELECT is(pg_temp.tier('ben'), 'platinum 305', 'has nothing to take');

-- Rules that change reach everybody, and take what was kept along.
UPDATE laurel.tiers SET min_points = 1000 WHERE tier = 'platinum' AND organization_id = tests.acme();
SELECT is(pg_temp.tier('ben'), 'platinum 305 until 7', 'a threshold that rises leaves a grace') UNION ALL SELECT is(pg_temp.warnings('ben'), 3::bigint, 'and is told');
UPDATE laurel.organizations SET tier_grace_days = 20 WHERE id = tests.acme();
SELECT is(pg_temp.tier('ben'), 'platinum 305 until 7', 'a longer grace is for who loses a tier next');
SAVEPOINT ended;
UPDATE laurel.organizations SET tier_grace_days = 0 WHERE id = tests.acme();
SELECT is(pg_temp.tier('ben'), 'gold 305', 'none ends those that run');
ROLLBACK TO ended;
UPDATE laurel.organizations SET tier_basis = 'total', tier_window_days = NULL WHERE id = tests.acme();
SELECT is(pg_temp.tier('ben'), 'platinum - until 7', 'another basis keeps them') UNION ALL SELECT is((SELECT count(*) FROM laurel.user_points WHERE rolling_from IS NOT NULL OR rolling_points IS NOT NULL), 0::bigint, 'without a window');
SELECT pg_temp.sleep(7);
SELECT is(pg_temp.run(), 0::bigint, 'the job looks after graces without a window');
SELECT pg_temp.sleep(1);
SELECT is(pg_temp.run(), 1::bigint, 'and ends them') UNION ALL SELECT is(pg_temp.tier('ben'), 'gold -', 'when they are over');
UPDATE laurel.tiers SET min_points = 300 WHERE tier = 'platinum' AND organization_id = tests.acme();
SELECT is(pg_temp.tier('ben'), 'platinum -', 'a threshold that falls raises at once');
SELECT pg_temp.earn('ben', -200);
SELECT is(pg_temp.tier('ben'), 'platinum - until 20', 'who spends keeps a tier, too');
UPDATE laurel.organizations SET tier_basis = 'lifetime' WHERE id = tests.acme();
SELECT ok(pg_temp.tier('ben') = 'platinum -', 'by lifetime points spending is no loss');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT is(pg_temp.run(tests.bolt()), 0::bigint, 'nothing happens where nothing is set');

-- A member who comes back has what the points say, without a grace or an event.
UPDATE laurel.organizations SET tier_basis = 'rolling', tier_window_days = 30 WHERE id = tests.acme();
INSERT INTO laurel.user_organizations VALUES (tests.bolt(), tests.person('cat'));
DELETE FROM laurel.user_organizations WHERE user_id = tests.person('cat') AND organization_id = tests.acme();
INSERT INTO laurel.user_organizations VALUES (tests.acme(), tests.person('cat'));
SELECT is(pg_temp.tier('cat'), 'silver 100', 'who comes back has a window') UNION ALL SELECT is(pg_temp.events('cat'), NULL, 'and no event');
UPDATE laurel.organizations SET time_zone = 'Pacific/Kiritimati' WHERE id = tests.acme();
UPDATE laurel.organizations SET time_zone = 'America/St_Johns' WHERE id = tests.acme();
SELECT is(pg_temp.tier('cat'), 'silver 100', 'also where the calendar moves');

-- Benefits.
INSERT INTO laurel.tier_benefits (organization_id, name, tier, locked_in_grace) VALUES
    (tests.acme(), 'Library', 'bronze', false), (tests.acme(), 'Coach', 'silver', true), (tests.acme(), 'Lounge', 'silver', false), (tests.acme(), 'Retreat', 'gold', false);
CREATE FUNCTION pg_temp.unlocked(name text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(b.name, ' ' ORDER BY b.name) FILTER (WHERE NOT is_locked) || ' of ' || count(*) FROM laurel.member_benefits b WHERE user_id = tests.person($1)
$$;
SELECT is(pg_temp.unlocked('cat'), 'Coach Library Lounge of 4', 'a tier has its benefits and those below');
SELECT laurel.reverse_points_transaction(id) FROM laurel.points_ledger WHERE user_id = tests.person('cat') AND amount = 100;
SELECT is(pg_temp.unlocked('cat'), 'Library Lounge of 4', 'in a grace some are locked');
SELECT results_eq($$ SELECT name, points_missing FROM laurel.member_benefits WHERE user_id = tests.person('cat') ORDER BY name $$,
    $$ VALUES ('Coach', 100::bigint), ('Library', 0), ('Lounge', 100), ('Retreat', 200) $$, 'and what is missing is said');
SELECT pg_temp.sleep(21), pg_temp.run();
SELECT is(pg_temp.unlocked('cat'), 'Library of 4', 'after it all are');
SELECT is(tests.error_of(statement), error, statement) FROM (VALUES
    ($$ INSERT INTO laurel.tier_benefits (organization_id, name, tier) VALUES (tests.acme(), 'Library', 'gold') $$, '23505 tier_benefits_name_key'),
    ($$ INSERT INTO laurel.tier_benefits (organization_id, name, tier) VALUES (tests.acme(), '', 'gold') $$, '23514 tier_benefits_name_check'),
    ($$ INSERT INTO laurel.tier_benefits (organization_id, name, tier) VALUES (tests.acme(), 'Wood', 'wood') $$, '23514 tier_benefits_tier_check')) tried (statement, error);

-- Who may see and set what.
SELECT tests.act_as(tests.person('ann'));
SELECT is((SELECT count(*) FROM laurel.tier_status), 1::bigint, 'members see their own status') UNION ALL SELECT is((SELECT count(*) FROM laurel.member_benefits), 4::bigint, 'and benefits');
SELECT is(tests.error_of($$ UPDATE laurel.user_points SET tier_kept_until = 'infinity' $$), '42501', 'nobody writes what follows');
SELECT is(tests.error_of($$ INSERT INTO laurel.tier_benefits (organization_id, name, tier) VALUES (tests.acme(), 'Mine', 'bronze') $$), '42501', 'nor gives himself benefits');
SELECT is(tests.error_of('SELECT laurel_internal.tier_some_accounts(tests.acme(), NULL, NULL)'), '42501', 'nor runs steps of the job');
SELECT tests.act_as(tests.person('admin'));
SELECT is(tests.error_of($$ UPDATE laurel.organizations SET tier_grace_days = 3 $$), 'none', 'administrators set the rules');
SELECT is((SELECT tier_grace_days FROM laurel.organizations WHERE id = tests.acme()), 3, 'of their organization');
SELECT tests.act_as_service();
SELECT is(tests.error_of(format('UPDATE laurel.user_points SET %s', change)), '23001 user_points_follow_ledger', change)
FROM unnest(ARRAY['rolling_points = 1', 'rolling_from = ''2026-01-01''', 'tier_kept_until = ''2099-01-01''']) change;
SELECT tests.act_as_owner();
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');

-- Property: whatever happens in whatever order, windows are what plain SQL counts, and tiers what they say.
SELECT setseed(0.42);
SELECT tests.crowd('a', 700, 707);
CREATE FUNCTION pg_temp.wrong() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM laurel.user_points p JOIN laurel.organizations o ON o.id = p.organization_id
    CROSS JOIN LATERAL (SELECT CASE WHEN o.tier_window_days IS NOT NULL THEN pg_temp.today() - o.tier_window_days + 1
        ELSE (pg_temp.today() - make_interval(months => o.tier_window_months))::date + 1 END AS since) w
    CROSS JOIN LATERAL (SELECT pg_temp.earned(p.user_id, since) AS points) e
    WHERE p.organization_id = tests.acme() AND p.last_entry_no > 0
        AND (p.rolling_from <> since OR p.rolling_points <> points OR laurel.tier_for(points, p.organization_id) <> p.tier AND (p.tier_kept_until IS NULL OR p.tier_kept_until < pg_temp.today()))
$$;
CREATE FUNCTION pg_temp.something() RETURNS void LANGUAGE plpgsql AS $$
DECLARE kind integer := floor(random() * 8);
BEGIN
    IF kind <= 3 THEN
        INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, occurred_at)
        SELECT organization_id, user_id, 1 + floor(random() * 150)::int, 't', 'r', now() - random() * interval '70 days' FROM laurel.user_points WHERE organization_id = tests.acme() AND random() < 0.5;
    ELSIF kind = 4 THEN
        PERFORM laurel.reverse_points_transaction(id) FROM laurel.points_ledger l JOIN laurel.user_points p USING (organization_id, user_id)
        WHERE organization_id = tests.acme() AND amount > 0 AND amount < total_points / 4 AND reverses_id IS NULL AND random() < 0.05
            AND NOT EXISTS (SELECT FROM laurel.points_ledger r WHERE r.reverses_id = l.id);
    ELSIF kind = 5 THEN
        INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
        SELECT organization_id, user_id, -total_points / 3, 't', 'r' FROM laurel.user_points WHERE organization_id = tests.acme() AND total_points >= 3;
    ELSIF kind = 6 THEN
        UPDATE laurel.organizations SET tier_window_days = CASE WHEN r < 0.7 THEN 1 + floor(r * 90)::int END, tier_window_months = CASE WHEN r >= 0.7 THEN 1 + floor(r * 2)::int END,
            tier_grace_days = CASE WHEN r < 0.4 THEN 0 ELSE floor(r * 10)::int END FROM (SELECT random() AS r) x WHERE id = tests.acme();
    ELSE
        PERFORM pg_temp.sleep(floor(random() * 12)::int);
        IF random() < 0.5 THEN PERFORM pg_temp.earn('ben', 5), pg_temp.earn('ann', 3, 20); END IF;
        PERFORM pg_temp.run();
    END IF;
END $$;
CREATE FUNCTION pg_temp.rounds(n integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE total bigint := 0;
BEGIN
    FOR i IN 1 .. n LOOP
        PERFORM pg_temp.something();
        total := total + pg_temp.wrong();
    END LOOP;
    RETURN total;
END $$;
SELECT is(pg_temp.rounds(150), 0::bigint, 'windows and tiers are what the ledger says after each of 150 steps');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'and the ledger is sound');

SELECT * FROM finish();
ROLLBACK;
