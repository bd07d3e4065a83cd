-- What each column takes and what it does not, to the last character, and what refers to what.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(467);

-- Two organizations; Ada has one of everything.
CREATE FUNCTION pg_temp.thing(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT ('c0000000-0000-0000-0000-00000000000' || n)::uuid $$;
SELECT tests.cast('ada', 'boss');
UPDATE laurel.organizations SET domain = 'acme.test' WHERE id = tests.acme();
UPDATE laurel.users SET manager_id = tests.person('boss') WHERE id = tests.person('ada');
INSERT INTO laurel.user_roles (user_id, role, granted_by) VALUES (tests.person('ada'), 'trainer', tests.person('boss'));
INSERT INTO laurel.user_identities (user_id, provider, subject) VALUES (tests.person('ada'), 'google', '1');
SELECT laurel.create_session(tests.person('ada')) IS NOT NULL, laurel.create_one_time_token(tests.person('ada'), 'sign_in') IS NOT NULL;
INSERT INTO laurel.courses (id, organization_id, name, trainer_id) VALUES (pg_temp.thing(2), tests.acme(), 'Course', tests.person('boss'));
INSERT INTO laurel.enrollments (user_id, course_id) VALUES (tests.person('ada'), pg_temp.thing(2));
INSERT INTO laurel.badges (id, organization_id, badge_name) VALUES (pg_temp.thing(3), tests.acme(), 'Badge');
INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (tests.person('ada'), pg_temp.thing(3));
SELECT laurel.record_activity(tests.person('ada')) IS NOT NULL;
INSERT INTO laurel.leaderboard_standings (organization_id, period, period_start, user_id, points, rank, reached_at)
VALUES (tests.acme(), 'weekly', '2026-01-05', tests.person('ada'), 5, 1, now());

-- The rows above, by table.
CREATE FUNCTION pg_temp.fixture(place text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN place IN ('organizations', 'users', 'courses', 'badges')
            THEN format('id = %L', CASE place WHEN 'organizations' THEN tests.acme() WHEN 'users' THEN tests.person('ada')
                WHEN 'courses' THEN pg_temp.thing(2) ELSE pg_temp.thing(3) END)
        WHEN place = 'roles' THEN $q$ name = 'learner' $q$ WHEN place = 'reference_types' THEN $q$ name = 'Course' $q$
        WHEN place = 'tiers' THEN format('organization_id = %L AND tier = %L', tests.acme(), 'silver')
        WHEN place = 'levels' THEN format('organization_id = %L AND level = 50', tests.acme())
        ELSE format('user_id = %L', tests.person('ada')) END
$$;
CREATE FUNCTION pg_temp.set_to(place text, name text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
    rows_set bigint;
BEGIN
    BEGIN
        EXECUTE format('UPDATE laurel.%I SET %I = %s WHERE %s', place, name, value, pg_temp.fixture(place));
        GET DIAGNOSTICS rows_set = ROW_COUNT;
        found := CASE rows_set WHEN 0 THEN 'there is no row' ELSE 'accepted' END;
        RAISE EXCEPTION USING ERRCODE = 'P9999';
    EXCEPTION WHEN SQLSTATE 'P9999' THEN NULL;
        WHEN integrity_constraint_violation THEN GET STACKED DIAGNOSTICS found = CONSTRAINT_NAME; found := SQLSTATE || ' ' || found;
    END;
    RETURN found;
END
$$;

-- Ranges: constraint, column, what is accepted, what is refused. Triggers are left out, so that the columns speak for themselves.
CREATE TEMP TABLE ranges (place text, name text, accepted text[], refused text[], rule text);
INSERT INTO ranges VALUES
    ('organizations', 'name', ARRAY['''x''', 'repeat(''é'', 255)'], ARRAY['''''', 'repeat(''x'', 256)'], 'name_check'),
    ('organizations', 'slug', ARRAY['NULL', '''a-1''', 'repeat(''x'', 100)'], ARRAY['''''', '''A''', '''a_b''', '''-a''', '''a--b''', 'repeat(''x'', 101)'], 'slug_check'),
    ('organizations', 'domain', ARRAY['NULL', '''x''', 'repeat(''x'', 100)'], ARRAY['''''', 'repeat(''x'', 101)'], 'domain_check'),
    ('organizations', 'industry', ARRAY['NULL', 'repeat(''x'', 100)'], ARRAY['repeat(''x'', 101)'], 'industry_check'),
    ('organizations', 'size_category', ARRAY['NULL', 'repeat(''x'', 50)'], ARRAY['repeat(''x'', 51)'], 'size_category_check'),
    ('organizations', 'settings', ARRAY['''{}'''], ARRAY['''[]''', '''null''', '''5'''], 'settings_check'),
    ('organizations', 'activity_tolerance', ARRAY['''0''', '''7 days'''], ARRAY['''-1 second''', '''7 days 1 second''', '''1000 years -359993 days'''], 'activity_tolerance_check'),
    ('organizations', 'invitation_lifetime', ARRAY['''1 hour''', '''30 days'''], ARRAY['''59 minutes''', '''30 days 1 second''', '''1 month''', '''-1 day''', '''1000 years -359993 days'''], 'invitation_lifetime_check'),
    ('organizations', 'daily_invitations', ARRAY['0', '100000'], ARRAY['-1', '100001'], 'daily_invitations_check'),
    ('organizations', 'webhook_endpoints_limit', ARRAY['0', '10000'], ARRAY['-1', '10001'], 'webhook_endpoints_limit_check'),
    ('organizations', 'webhook_concurrency_limit', ARRAY['1', '1000'], ARRAY['0', '1001'], 'webhook_concurrency_limit_check'),
    ('organizations', 'webhook_timeout_limit_ms', ARRAY['100', '60000'], ARRAY['99', '60001'], 'webhook_timeout_limit_ms_check'),
    ('organizations', 'webhooks_under_way_limit', ARRAY['0', '100000'], ARRAY['-1', '100001'], 'webhooks_under_way_limit_check'),
    ('organizations', 'tier_grace_days', ARRAY['0', '366'], ARRAY['-1', '367'], 'tier_grace_days_check'),
    ('organizations', 'tier_basis', ARRAY['''total''', '''lifetime'''], ARRAY['''Total''', ''''''], 'tier_basis_check'),
    ('organizations', 'time_zone', ARRAY['''Europe/Zurich'''], ARRAY['''''', '''Mars'''], 'time_zone_check'),
    ('organizations', 'logo_url', ARRAY['NULL', 'repeat(''é'', 2000)'], ARRAY['repeat(''x'', 2001)'], 'logo_url_check'),
    ('users', 'email', ARRAY['''a@b''', 'concat(repeat(''x'', 64), ''@'', repeat(''y'', 63), ''.'', repeat(''y'', 63), ''.'', repeat(''y'', 61))'], ARRAY['''''', '''a''', '''@b''', '''a@''', '''a b@c''', '''a@b@c''', 'repeat(''x'', 65) || ''@b''', 'concat(repeat(''x'', 64), ''@'', repeat(''y'', 63), ''.'', repeat(''y'', 63), ''.'', repeat(''y'', 62))'], 'email_check'),
    ('users', 'password_hash', ARRAY['NULL', '''$2a$10$'' || repeat(''x'', 53)', '''$2y$12$'' || repeat(''.'', 53)'],
        ARRAY['''''', '''secret''', '''$1$'' || repeat(''x'', 57)', '''$2a$10$'' || repeat(''x'', 52)', '''$2a$10$'' || repeat(''x'', 54)'], 'password_hash_check'),
    ('users', 'full_name', ARRAY['NULL', '''x''', 'repeat(''x'', 255)'], ARRAY['''''', 'repeat(''x'', 256)'], 'full_name_check'),
    ('users', 'first_name', ARRAY['NULL', 'repeat(''x'', 100)'], ARRAY['repeat(''x'', 101)'], 'first_name_check'),
    ('users', 'last_name', ARRAY['NULL', 'repeat(''x'', 100)'], ARRAY['repeat(''x'', 101)'], 'last_name_check'),
    ('users', 'job_title', ARRAY['NULL', 'repeat(''x'', 200)'], ARRAY['repeat(''x'', 201)'], 'job_title_check'),
    ('users', 'department', ARRAY['NULL', 'repeat(''x'', 100)'], ARRAY['repeat(''x'', 101)'], 'department_check'),
    ('users', 'avatar_url', ARRAY['NULL', 'repeat(''é'', 2000)'], ARRAY['repeat(''x'', 2001)'], 'avatar_url_check'),
    ('users', 'permissions', ARRAY['''{}''', 'array_fill(''x''::text, ARRAY[100])'], ARRAY['array_fill(''x''::text, ARRAY[101])', 'ARRAY[repeat(''x'', 8192)]'], 'permissions_check'),
    ('users', 'manager_id', ARRAY['NULL', 'tests.person(''boss'')'], ARRAY['id'], 'manager_id_check'),
    ('roles', 'name', ARRAY['''learner'''], ARRAY['''emperor''', '''Learner'''], 'name_check'),
    ('profiles', 'display_name', ARRAY['NULL', '''x''', 'repeat(''x'', 255)'], ARRAY['''''', 'repeat(''x'', 256)'], 'display_name_check'),
    ('profiles', 'bio', ARRAY['NULL', '''''', 'repeat(''é'', 500)'], ARRAY['repeat(''x'', 501)'], 'bio_check'),
    ('profiles', 'avatar_url', ARRAY['NULL', 'repeat(''é'', 2000)'], ARRAY['repeat(''x'', 2001)'], 'avatar_url_check'),
    ('profiles', 'avatar_thumbnail_url', ARRAY['NULL', 'repeat(''é'', 2000)'], ARRAY['repeat(''x'', 2001)'], 'avatar_thumbnail_url_check'),
    ('profiles', 'city', ARRAY['repeat(''x'', 100)'], ARRAY['repeat(''x'', 101)'], 'city_check'),
    ('profiles', 'state', ARRAY['repeat(''x'', 100)'], ARRAY['repeat(''x'', 101)'], 'state_check'),
    ('profiles', 'country', ARRAY['repeat(''x'', 100)'], ARRAY['repeat(''x'', 101)'], 'country_check'),
    ('profiles', 'postal_code', ARRAY['repeat(''x'', 20)'], ARRAY['repeat(''x'', 21)'], 'postal_code_check'),
    ('profiles', 'skills', ARRAY['''[]''', '''{}'''], ARRAY['''5''', '''null'''], 'skills_check'),
    ('profiles', 'privacy_settings', ARRAY['''{}'''], ARRAY['''[]''', '''null'''], 'privacy_settings_check'),
    ('profiles', 'preferences', ARRAY['''{}'''], ARRAY['''[]''', '''null'''], 'preferences_check'),
    ('profiles', 'metadata', ARRAY['''{}'''], ARRAY['''[]''', '''null'''], 'metadata_check'),
    ('user_preferences', 'leaderboard_privacy', ARRAY['''public''', '''anonymous''', '''hidden'''], ARRAY['''Hidden''', ''''''], 'leaderboard_privacy_check'),
    ('user_preferences', 'predictive_analytics_enabled', ARRAY['''{}'''], ARRAY['''[]''', '''null'''], 'predictive_analytics_enabled_check'),
    ('user_preferences', 'notification_preferences', ARRAY['''{}'''], ARRAY['''[]''', '''null'''], 'notification_preferences_check'),
    ('user_preferences', 'theme', ARRAY['''light''', '''dark''', '''auto'''], ARRAY['''pink''', ''''''], 'theme_check'),
    ('user_preferences', 'language', ARRAY['''en''', '''pt-BR''', '''zh-Hans-CN'''], ARRAY['''''', '''e''', '''english''', '''en-''', '''*''', '''zh_Hans_CN''', '''pt-br'''], 'language_check'),
    ('user_preferences', 'time_zone', ARRAY['NULL', '''Asia/Tokyo'''], ARRAY['''''', '''Mars'''], 'time_zone_check'),
    ('user_preferences', 'widgets', ARRAY['''{}'''], ARRAY['''[]''', '''null'''], 'widgets_check'),
    ('user_preferences', 'dashboard', ARRAY['''{}'''], ARRAY['''[]''', '''null'''], 'dashboard_check'),
    ('user_identities', 'provider', ARRAY['''x''', 'repeat(''x'', 255)'], ARRAY['''''', 'repeat(''x'', 256)'], 'provider_check'),
    ('user_identities', 'subject', ARRAY['''x''', 'repeat(''x'', 255)'], ARRAY['''''', 'repeat(''x'', 256)'], 'subject_check'),
    ('sessions', 'token_hash', ARRAY['sha256(''x'')'], ARRAY['''''', '''\x00''', 'sha256(''x'') || ''x'''], 'token_hash_check'),
    ('sessions', 'user_agent', ARRAY['NULL', 'repeat(''é'', 1000)'], ARRAY['repeat(''x'', 1001)'], 'user_agent_check'),
    ('sessions', 'expires_at', ARRAY['created_at + interval ''1 microsecond''', '''infinity'''], ARRAY['created_at', '''-infinity'''], 'expires_at_check'),
    ('one_time_tokens', 'purpose', ARRAY['''sign_in''', '''invitation''', '''password_reset''', '''email_verification'''], ARRAY['''fun'''], 'purpose_check'),
    ('one_time_tokens', 'token_hash', ARRAY['sha256(''x'')'], ARRAY['''''', '''\x00''', 'sha256(''x'') || ''x'''], 'token_hash_check'),
    ('one_time_tokens', 'expires_at', ARRAY['created_at + interval ''1 microsecond'''], ARRAY['created_at'], 'expires_at_check'),
    ('courses', 'name', ARRAY['''x''', 'repeat(''x'', 255)'], ARRAY['''''', 'repeat(''x'', 256)'], 'name_check'),
    ('courses', 'description', ARRAY['NULL', 'repeat(''é'', 20000)'], ARRAY['repeat(''x'', 20001)'], 'description_check'),
    ('enrollments', 'progress_percent', ARRAY['0', '99.99'], ARRAY['-0.01', '100.01', '''NaN'''], 'progress_percent_check'),
    ('enrollments', 'progress_percent', '{}', ARRAY['100'], 'completed_at_check'),
    ('enrollments', 'completed_at', ARRAY['NULL'], ARRAY['now()'], 'completed_at_check'),
    ('reference_types', 'name', ARRAY['''x''', 'repeat(''x'', 100)'], ARRAY['''''', 'repeat(''x'', 101)', 'repeat(''é'', 51)'], 'name_check'),
    ('tiers', 'tier', '{}', ARRAY['''wood'''], 'tier_check'),
    ('tiers', 'min_points', ARRAY['0', '9223372036854775807'], ARRAY['-1'], 'min_points_check'),
    ('levels', 'level', ARRAY['1000'], ARRAY['0', '-1', '1001'], 'level_check'),
    ('levels', 'min_points', ARRAY['0', '9223372036854775807'], ARRAY['-1'], 'min_points_check'),
    ('user_points', 'total_points', ARRAY['0', '9223372036854775807'], ARRAY['-1'], 'total_points_check'),
    ('user_points', 'lifetime_points', ARRAY['0', '9223372036854775807'], ARRAY['-1'], 'lifetime_points_check'),
    ('user_points', 'tier', ARRAY['''bronze''', '''silver''', '''gold''', '''platinum'''], ARRAY['''wood''', ''''''], 'tier_check'),
    ('user_points', 'current_level', ARRAY['1'], ARRAY['0'], 'current_level_check'),
    ('user_points', 'current_streak', ARRAY['0', '1'], ARRAY['-1'], 'current_streak_check'),
    ('user_points', 'longest_streak', ARRAY['1', '2'], ARRAY['0', '-1'], 'longest_streak_check'),
    ('user_points', 'last_entry_hash', ARRAY['NULL', 'sha256(''x'')'], ARRAY['''''', '''\x00'''], 'last_entry_hash_check'),
    ('domain_events', 'type', ARRAY['''x''', 'repeat(''x'', 100)'], ARRAY['''''', 'repeat(''x'', 101)'], 'type_check'),
    ('domain_events', 'data', ARRAY['''{}'''], ARRAY['''[]''', '''null'''], 'data_check'),
    ('leaderboard_standings', 'period', ARRAY['''weekly''', '''monthly'''], ARRAY['''all_time''', ''''''], 'period_check'),
    ('leaderboard_standings', 'rank', ARRAY['1'], ARRAY['0', '-1'], 'rank_check'),
    ('notifications', 'type', ARRAY['''x''', 'repeat(''x'', 50)'], ARRAY['''''', 'repeat(''x'', 51)'], 'type_check'),
    ('notifications', 'title', ARRAY['''x''', 'repeat(''x'', 200)'], ARRAY['''''', 'repeat(''x'', 201)'], 'title_check'),
    ('notifications', 'message', ARRAY['NULL', 'repeat(''é'', 20000)'], ARRAY['repeat(''x'', 20001)'], 'message_check'),
    ('notifications', 'link', ARRAY['NULL', '''/badges/x''', 'repeat(''x'', 2000)'], ARRAY['repeat(''x'', 2001)', 'chr(10)', ''' JavaScript:x'''], 'link_check'),
    ('notifications', 'created_at', ARRAY['now()'], ARRAY['''infinity''', '''-infinity'''], 'created_at_check'),
    ('notifications', 'data', ARRAY['''{}'''], ARRAY['''[]''', '''null'''], 'data_check'),
    ('notifications', 'priority', ARRAY['0', '1', '5', '9'], ARRAY['-1', '2', '10'], 'priority_check'),
    ('notifications', 'channels', ARRAY['NULL', '''{}''', '''{email,push,webhook}'''], ARRAY['''{sms}''', '''{email,NULL}''', '''{push,push,push,push}'''], 'channels_check'),
    ('notifications', 'dedupe_key', ARRAY['NULL', '''x''', 'repeat(''x'', 200)'], ARRAY['''''', 'repeat(''x'', 201)'], 'dedupe_key_check'),
    ('notifications', 'is_read', ARRAY['false'], ARRAY['true'], 'read_at_check'),
    ('badges', 'slug', ARRAY['''a-1''', 'repeat(''x'', 100)'], ARRAY['''''', '''A''', '''a b''', 'repeat(''x'', 101)'], 'slug_check'),
    ('badges', 'badge_name', ARRAY['''x''', 'repeat(''x'', 200)'], ARRAY['''''', 'repeat(''x'', 201)'], 'badge_name_check'),
    ('badges', 'description', ARRAY['NULL', 'repeat(''é'', 20000)'], ARRAY['repeat(''x'', 20001)'], 'description_check'),
    ('badges', 'icon', ARRAY['NULL', 'repeat(''é'', 2000)'], ARRAY['repeat(''x'', 2001)'], 'icon_check'),
    ('badges', 'category', ARRAY['NULL', '''x''', 'repeat(''x'', 100)'], ARRAY['''''', 'repeat(''x'', 101)'], 'category_check'),
    ('badges', 'tier', ARRAY['''beginner''', '''intermediate''', '''advanced''', '''elite'''], ARRAY['''gold''', ''''''], 'tier_check'),
    ('badges', 'rarity', ARRAY['''common''', '''uncommon''', '''rare''', '''epic''', '''legendary'''], ARRAY['''unique'''], 'rarity_check'),
    ('badges', 'points_value', ARRAY['0', '9223372036854775807'], ARRAY['-1'], 'points_value_check'),
    ('badges', 'criteria', ARRAY['''{"coursesCompleted": 1}'''], ARRAY['''[]''', '''null'''], 'criteria_check'),
    ('badges', 'criteria_narrative', ARRAY['NULL', '''x''', 'repeat(''é'', 20000)'], ARRAY['''''', 'repeat(''x'', 20001)'], 'criteria_narrative_check'),
    ('badges', 'times_awarded', ARRAY['0'], ARRAY['-1'], 'times_awarded_check'),
    ('badge_awards', 'awarded_by', ARRAY['''x''', 'repeat(''x'', 255)'], ARRAY['''''', 'repeat(''x'', 256)'], 'awarded_by_check'),
    ('badge_awards', 'note', ARRAY['NULL', 'repeat(''é'', 2000)'], ARRAY['repeat(''x'', 2001)'], 'note_check'),
    ('badge_awards', 'evidence', ARRAY['NULL', '''x''', 'repeat(''é'', 2000)'], ARRAY['''''', 'repeat(''x'', 2001)'], 'evidence_check'),
    ('badge_awards', 'evidence_url', ARRAY['NULL', '''https://a.test/?b=[c]#d''', '''https://'' || repeat(''x'', 1992)'], ARRAY['''''', '''http://a.test''', '''https://a.test/ b''', '''https://a.test/<b>''', '''https://a.test/é''', '''https://'' || repeat(''x'', 1993)'], 'evidence_url_check'),
    ('badge_awards', 'valid_until', ARRAY['NULL', 'awarded_date + interval ''1 second''', '''9999-12-31'''], ARRAY['awarded_date', '''infinity''', '''-infinity''', '''10000-01-02'''], 'valid_until_check'),
    ('badge_awards', 'awarded_date', ARRAY['created_at', '''2000-01-01'''], ARRAY['created_at + interval ''1 microsecond''', '''infinity''', '''-infinity'''], 'awarded_date_check'),
    ('badge_awards', 'points_awarded', ARRAY['0'], ARRAY['-1'], 'points_awarded_check');
SET LOCAL session_replication_role = replica;
SELECT is(pg_temp.set_to(place, name, value), 'accepted', format('%s.%s = %s', place, name, value)) FROM ranges, unnest(accepted) value;
SELECT is(pg_temp.set_to(place, name, value), format('23514 %s_%s', place, rule), format('not %s.%s = %s', place, name, value))
FROM ranges, unnest(refused) value;
SET LOCAL session_replication_role = origin;
-- Those that other files try, because they hold for more than one column or call a function.
SELECT is_empty($$ SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'c'
    AND conrelid IN (SELECT ('laurel.' || place)::regclass FROM ranges) AND conname NOT IN (SELECT place || '_' || rule FROM ranges)
    AND conname NOT IN ('user_points_ranges_check', 'organizations_settings_notifications_check', 'organizations_tier_window_check', 'organizations_tier_window_days_check', 'organizations_tier_window_months_check', 'users_email_erased_check', 'user_preferences_notification_preferences_shape_check', 'one_time_tokens_email_check')
    AND NOT (conname LIKE 'profiles\_%' AND EXISTS (SELECT FROM laurel_internal.personal_columns p WHERE p.encrypted AND conname IN ('profiles_' || p.column_name || '_check', 'profiles_personal_check'))) $$,
    'every rule of a column is tried');

-- Foreign keys: each is asked for somebody or something that is not there.
DO $$
DECLARE
    place regclass;
BEGIN
    FOR place IN SELECT DISTINCT ('laurel.' || r.place)::regclass FROM ranges r UNION SELECT 'laurel.user_organizations' UNION SELECT 'laurel.user_roles'
        UNION SELECT 'laurel.daily_activity' LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', place);
    END LOOP;
END
$$;
CREATE TEMP VIEW keys AS
    SELECT c.conname, r.relname,
        (SELECT attname FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = c.conkey[cardinality(c.conkey)]) AS name
    FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
    WHERE c.contype = 'f' AND cardinality(c.conkey) < 3 AND r.relnamespace = 'laurel'::regnamespace AND (r.relname IN (SELECT place FROM ranges)
        OR r.relname IN ('user_organizations', 'user_roles', 'daily_activity'));
-- A row that is referred to cannot change its key, so a copy does.
CREATE FUNCTION pg_temp.copied(place text, name text) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.%1$s SELECT (jsonb_populate_record(t, %3$L)).* FROM laurel.%1$s t WHERE %2$s', place, pg_temp.fixture(place),
        jsonb_build_object('id', laurel.uuidv7(), name, laurel.uuidv7())))
$$;
SELECT is(CASE WHEN relname IN ('user_organizations', 'courses', 'badges') THEN pg_temp.copied(relname, name)
        ELSE pg_temp.set_to(relname, name, CASE name WHEN 'role' THEN '''emperor''' ELSE 'laurel.uuidv7()' END) END,
    '23503 ' || conname, format('%s.%s of nothing', relname, name)) FROM keys;
SELECT cmp_ok((SELECT count(*) FROM keys), '>=', 25::bigint, 'every foreign key is asked');

-- Unique keys: each is given the row that is there, under another id.
SELECT is(tests.error_of(format('INSERT INTO laurel.%1$s SELECT (jsonb_populate_record(t, %3$L)).* FROM laurel.%1$s t WHERE %2$s', place, pg_temp.fixture(place), change)),
    '23505 ' || rule, rule)
FROM (VALUES ('organizations', 'organizations_slug_key', '{"domain": null}'), ('organizations', 'organizations_domain_key', '{"slug": null}'),
    ('users', 'users_email_key', '{}'), ('user_roles', 'user_roles_organization_id_user_id_role_key', '{}'),
    ('user_identities', 'user_identities_provider_subject_key', '{}'), ('sessions', 'sessions_token_hash_key', '{}'),
    ('one_time_tokens', 'one_time_tokens_token_hash_key', '{"purpose": "invitation"}'),
    ('one_time_tokens', 'one_time_tokens_open_key', '{"token_hash": "\\x0000000000000000000000000000000000000000000000000000000000000000"}'),
    ('enrollments', 'enrollments_organization_id_user_id_course_id_key', '{}'), ('daily_activity', 'daily_activity_date_key', '{}'),
    ('badges', 'badges_slug_key', '{}'), ('badge_awards', 'badge_awards_user_badge_key', '{}')) AS unique_keys (place, rule, given),
    LATERAL (SELECT given::jsonb || jsonb_build_object('id', laurel.uuidv7())) AS c (change);
SELECT is(tests.error_of(format('INSERT INTO laurel.%1$s SELECT * FROM laurel.%1$s WHERE %2$s', place, pg_temp.fixture(place))), '23505 ' || place || '_pkey', place || ' twice')
FROM unnest('{user_organizations, profiles, user_preferences, user_points, tiers, levels, leaderboard_standings}'::text[]) place;

SELECT * FROM finish();
ROLLBACK;
