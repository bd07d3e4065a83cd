-- Notifications: written for members, read and dismissed by nobody else.
\ir ../support/load.sql
BEGIN;
SELECT plan(69);

SELECT tests.cast('ada', 'manager', 'admin');
SELECT tests.join(tests.bolt(), 'uwe');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES
    (tests.bolt(), tests.person('ada'));
UPDATE laurel.users SET manager_id = tests.person('manager')
    WHERE id = tests.person('ada');

-- Columns and their ranges.
INSERT INTO laurel.notifications (id, user_id, type, title) VALUES
    ('c0000000-0000-0000-0000-000000000001', tests.person('ada'), 'welcome', 'Hello Ada');
SELECT results_eq(
    $$ SELECT organization_id, message, link, data, is_read, read_at FROM laurel.notifications
       WHERE id = 'c0000000-0000-0000-0000-000000000001' $$,
    $$ VALUES (tests.acme(), NULL::text, NULL::text, '{}'::jsonb, false,
               NULL::timestamptz) $$,
    'a notification needs a user, a type and a title; the rest is filled in');
SELECT throws_ok(
    $$ INSERT INTO laurel.notifications (user_id, title) VALUES (tests.person('ada'), 'x') $$,
    '23502', NULL, 'no_type');
SELECT throws_ok(
    $$ INSERT INTO laurel.notifications (user_id, type) VALUES (tests.person('ada'), 'x') $$,
    '23502', NULL, 'no_title');
SELECT throws_ok(
    $$ INSERT INTO laurel.notifications (user_id, type, title)
       VALUES (tests.person('ada'), repeat('x', 51), 'x') $$,
    '23514', NULL, 'type_too_long');
SELECT throws_ok(
    $$ INSERT INTO laurel.notifications (user_id, type, title)
       VALUES (tests.person('ada'), '', 'x') $$,
    '23514', NULL, 'type_empty');
SELECT throws_ok(
    $$ INSERT INTO laurel.notifications (user_id, type, title)
       VALUES (tests.person('ada'), 'x', repeat('x', 201)) $$,
    '23514', NULL, 'title_too_long');
SELECT throws_ok(
    $$ INSERT INTO laurel.notifications (user_id, type, title, data)
       VALUES (tests.person('ada'), 'x', 'x', '[1]') $$,
    '23514', NULL, 'data_no_object');
SELECT throws_ok(
    $$ INSERT INTO laurel.notifications (organization_id, user_id, type, title)
       VALUES (tests.bolt(), tests.person('manager'), 'x', 'x') $$,
    '23503', NULL, 'no_member');
SELECT throws_ok(
    $$ UPDATE laurel.notifications SET organization_id = tests.bolt()
       WHERE id = 'c0000000-0000-0000-0000-000000000001' $$,
    '23001', NULL, 'moved_to_another_organization');

-- is_read and read_at follow each other.
UPDATE laurel.notifications SET is_read = true WHERE id = 'c0000000-0000-0000-0000-000000000001';
SELECT ok((SELECT read_at BETWEEN now() AND clock_timestamp() FROM laurel.notifications
           WHERE id = 'c0000000-0000-0000-0000-000000000001'), 'marking as read notes the time');
UPDATE laurel.notifications SET read_at = '2025-01-01' WHERE id = 'c0000000-0000-0000-0000-000000000001';
UPDATE laurel.notifications SET is_read = true WHERE id = 'c0000000-0000-0000-0000-000000000001';
SELECT is((SELECT read_at FROM laurel.notifications WHERE id = 'c0000000-0000-0000-0000-000000000001'),
          '2025-01-01'::timestamptz, 'marking twice keeps the first time');
UPDATE laurel.notifications SET is_read = false WHERE id = 'c0000000-0000-0000-0000-000000000001';
SELECT is((SELECT read_at FROM laurel.notifications WHERE id = 'c0000000-0000-0000-0000-000000000001'), NULL,
          'marking as unread forgets the time');
UPDATE laurel.notifications SET read_at = '2025-01-02' WHERE id = 'c0000000-0000-0000-0000-000000000001';
SELECT ok((SELECT is_read FROM laurel.notifications WHERE id = 'c0000000-0000-0000-0000-000000000001'),
          'a time alone marks as read');
UPDATE laurel.notifications SET read_at = NULL WHERE id = 'c0000000-0000-0000-0000-000000000001';
SELECT ok((SELECT NOT is_read FROM laurel.notifications WHERE id = 'c0000000-0000-0000-0000-000000000001'),
          'no time alone marks as unread');
INSERT INTO laurel.notifications (id, user_id, type, title, is_read, read_at) VALUES
    ('c0000000-0000-0000-0000-000000000002', tests.person('ada'), 'old', 'Read', true, NULL),
    ('c0000000-0000-0000-0000-000000000003', tests.person('ada'), 'old', 'Timed', false, '2025-01-03'),
    ('c0000000-0000-0000-0000-000000000004', tests.person('ada'), 'old', 'Both', true, '2025-01-04');
SELECT results_eq(
    $$ SELECT title, is_read, read_at = '2025-01-03', read_at = '2025-01-04' FROM laurel.notifications
       WHERE type = 'old' ORDER BY id $$,
    $$ VALUES ('Read', true, false, false), ('Timed', true, true, false), ('Both', true, false, true) $$,
    'rows that arrive read are stamped, and keep a time they bring');

-- Others.
INSERT INTO laurel.notifications (id, organization_id, user_id, type, title) VALUES
    ('c0000000-0000-0000-0000-000000000005', tests.acme(), tests.person('manager'), 'new', 'For Ben'),
    ('c0000000-0000-0000-0000-000000000006', tests.bolt(), tests.person('ada'), 'new', 'For Ada, elsewhere'),
    ('c0000000-0000-0000-0000-000000000007', tests.acme(), tests.person('ada'), 'new', 'For Ada'),
    ('c0000000-0000-0000-0000-000000000008', tests.acme(), tests.person('admin'), 'new', 'For the administrator');

-- Who reads.
SELECT tests.act_as(tests.person('ada'));
SELECT is((SELECT array_agg(title ORDER BY id) FROM laurel.notifications WHERE type <> 'old'),
          '{Hello Ada,For Ada}', 'a member reads the own ones of the active organization');
SELECT is(laurel.unread_notifications(), 2::bigint, 'and counts those unread');
SELECT is(laurel.unread_notifications(1), 1::bigint, 'no further than asked');
SELECT is(laurel.unread_notifications(NULL), 2::bigint, 'or all of them');
SELECT is(tests.error_of('SELECT laurel.unread_notifications(0)'), '22023', 'but not none');
SELECT tests.act_as(tests.person('ada'), tests.bolt());
SELECT is((SELECT array_agg(title) FROM laurel.notifications), '{"For Ada, elsewhere"}',
          'each organization has its own');
SELECT is(laurel.unread_notifications(), 1::bigint, 'and its own count');
SELECT tests.act_as_manager();
SELECT is((SELECT array_agg(title) FROM laurel.notifications), '{"For Ben"}', 'a manager does not read a report''s');
SELECT tests.act_as_admin();
SELECT is((SELECT array_agg(title) FROM laurel.notifications), '{"For the administrator"}',
          'an administrator does not read a member''s');
SELECT tests.act_as_anon();
SELECT throws_ok('SELECT FROM laurel.notifications', '42501', NULL, 'read_without_signing_in');
SELECT throws_ok('SELECT laurel.unread_notifications()', '42501', NULL, 'counted_without_signing_in');
SELECT throws_ok('SELECT laurel.mark_notifications_read()', '42501', NULL, 'marked_without_signing_in');
SELECT throws_ok($$ SELECT laurel.notify(tests.person('ada'), 'x', 'x') $$, '42501', NULL,
                 'notified_without_signing_in');

-- Who writes.
SELECT tests.act_as(tests.person('ada'));
SELECT throws_ok(
    $$ INSERT INTO laurel.notifications (user_id, type, title) VALUES (tests.person('ada'), 'x', 'x') $$,
    '42501', NULL, 'member_inserts_for_oneself');
SELECT throws_ok(
    $$ SELECT laurel.notify(tests.person('manager'), 'x', 'x') $$, '42501', NULL, 'member_notifies');
SELECT throws_ok(
    $$ UPDATE laurel.notifications SET title = 'Prize!' WHERE id = 'c0000000-0000-0000-0000-000000000007' $$,
    '42501', NULL, 'member_rewrites');
SELECT lives_ok(
    $$ UPDATE laurel.notifications SET is_read = true WHERE id = 'c0000000-0000-0000-0000-000000000007' $$,
    'a member marks the own one');
WITH marked AS (
    UPDATE laurel.notifications SET is_read = true WHERE id = 'c0000000-0000-0000-0000-000000000005' RETURNING id)
SELECT is(count(*), 0::bigint, 'and nobody else''s') FROM marked;
WITH gone AS (
    DELETE FROM laurel.notifications WHERE id IN
        ('c0000000-0000-0000-0000-000000000005', 'c0000000-0000-0000-0000-000000000007') RETURNING id)
SELECT is(array_agg(id), '{c0000000-0000-0000-0000-000000000007}', 'a member dismisses the own ones only') FROM gone;
SELECT tests.act_as_admin();
SELECT lives_ok(
    $$ INSERT INTO laurel.notifications (organization_id, user_id, type, title)
       VALUES (tests.acme(), tests.person('manager'), 'news', 'Direct') $$,
    'an administrator inserts');
SELECT throws_ok(
    $$ INSERT INTO laurel.notifications (organization_id, user_id, type, title)
       VALUES (tests.bolt(), tests.person('uwe'), 'x', 'x') $$,
    '42501', NULL, 'administrator_inserts_elsewhere');
SELECT throws_ok(
    $$ SELECT laurel.notify(tests.person('uwe'), 'x', 'x',
                            organization_id => tests.bolt()) $$,
    '42501', NULL, 'administrator_notifies_elsewhere');
SELECT throws_ok(
    $$ SELECT laurel.notify(tests.person('uwe'), 'x', 'x') $$,
    '23503', NULL, 'administrator_notifies_a_stranger');

-- laurel.notify
SELECT isnt(laurel.notify(tests.person('manager'), 'news', 'News', 'All of it', '/news/1', '{"n": 1}'),
            NULL, 'an administrator notifies and gets the id');
SELECT tests.act_as_manager();
SELECT results_eq(
    $$ SELECT organization_id, type, title, message, link, data, is_read FROM laurel.notifications
       WHERE title = 'News' $$,
    $$ VALUES (tests.acme(), 'news', 'News', 'All of it', '/news/1',
               '{"n": 1}'::jsonb, false) $$,
    'the member reads what was sent');
SELECT tests.act_as_service();
SELECT isnt(laurel.notify(tests.person('uwe'), 'system', 'Maintenance', data => NULL), NULL,
            'the back end notifies in the user''s home');
SELECT throws_ok($$ SELECT laurel.notify('b0000000-0000-0000-0000-00000000dead', 'x', 'x') $$, '23503',
                 'there is no such user', 'unknown_user');
SELECT throws_ok($$ SELECT laurel.notify(NULL, 'x', 'x') $$, '22004', NULL, 'no_user');
SELECT throws_ok($$ SELECT laurel.notify(tests.person('uwe'), 'x', NULL) $$, '23502', NULL,
                 'notified_without_title');
SELECT throws_ok($$ SELECT laurel.notify(tests.person('uwe'), 'x', repeat('x', 201)) $$, '23514',
                 NULL, 'notified_with_too_long_a_title');

-- Said once, how urgently, and where.
SELECT tests.act_as_admin();
CREATE TEMP TABLE said AS SELECT laurel.notify(tests.person('manager'), 'due', 'Due', dedupe_key => 'due 1') AS id;
GRANT ALL ON said TO service_role;
SELECT is(laurel.notify(tests.person('manager'), 'due', 'Due again', dedupe_key => 'due 1'), id,
          'a repeat gets the first one''s id') FROM said;
SELECT isnt(laurel.notify(tests.person('manager'), 'due', 'Due', dedupe_key => 'due 2'), id,
            'another key is another notification') FROM said;
SELECT throws_ok($$ SELECT laurel.notify(tests.person('admin'), 'due', 'Due', dedupe_key => 'due 1') $$,
    'PT409', 'dedupe_key was used for another notification', 'key_used_for_another_user');
SELECT throws_ok($$ SELECT laurel.notify(tests.person('manager'), 'over', 'Due', dedupe_key => 'due 1') $$,
    'PT409', NULL, 'key_used_for_another_type');
SELECT throws_ok($$ SELECT laurel.notify(tests.person('manager'), 'x', 'x', dedupe_key => '') $$,
    '23514', NULL, 'empty_key');
SELECT throws_ok($$ SELECT laurel.notify(tests.person('manager'), 'x', 'x', priority => 3) $$,
    '23514', NULL, 'odd_priority');
SELECT throws_ok($$ SELECT laurel.notify(tests.person('manager'), 'x', 'x', channels => '{sms}') $$,
    '23514', NULL, 'unknown_channel');
SELECT throws_ok($$ SELECT laurel.notify(tests.person('manager'), 'x', 'x', channels => '{NULL}') $$,
    '23514', NULL, 'null_channel');
SELECT lives_ok($$ SELECT laurel.notify(tests.person('manager'), 'x', 'x', priority => NULL, dedupe_key => NULL) $$,
    'nulls are as good as nothing');
SELECT isnt(laurel.notify(tests.person('manager'), 'alarm', 'Alarm', priority => 0, channels => '{push}'),
            NULL, 'critical, by push');
SELECT tests.act_as_service();
SELECT isnt(laurel.notify(tests.person('uwe'), 'due', 'Due', dedupe_key => 'due 1'), id,
            'each organization has its own keys') FROM said;
SELECT results_eq($$ SELECT title, count(*) FROM laurel.notifications WHERE dedupe_key = 'due 1' GROUP BY 1 $$,
                  $$ VALUES ('Due', 2::bigint) $$, 'what was said first stays');
SELECT results_eq($$ SELECT d.channel, d.priority FROM laurel.notification_deliveries d
                     JOIN laurel.notifications n ON n.id = d.notification_id WHERE n.type = 'alarm' $$,
                  $$ VALUES ('push', 0::smallint) $$, 'the delivery is as urgent as the notification');
DELETE FROM laurel.notifications WHERE type IN ('due', 'x', 'alarm');
SELECT throws_ok($$ INSERT INTO laurel.notifications (user_id, type, title, priority)
                    VALUES (tests.person('uwe'), 'x', 'x', 2) $$, '23514', NULL, 'inserted_with_odd_priority');
SELECT throws_ok($$ INSERT INTO laurel.notifications (user_id, type, title, dedupe_key)
                    SELECT tests.person('uwe'), 'x', 'x', 'k' FROM generate_series(1, 2) $$,
                 '23505', NULL, 'inserted_twice_with_a_key');

-- laurel.mark_notifications_read
SELECT tests.act_as_service();
SELECT is(laurel.mark_notifications_read(), 0::bigint, 'a caller who is no user has nothing to mark');
SELECT tests.act_as_manager();
SELECT is(laurel.mark_notifications_read('{c0000000-0000-0000-0000-000000000005,
    c0000000-0000-0000-0000-000000000001, c0000000-0000-0000-0000-000000000008}'), 1::bigint,
    'marking by id passes over other people''s');
SELECT is(laurel.mark_notifications_read('{c0000000-0000-0000-0000-000000000005}'), 0::bigint,
          'what is read is not marked again');
SELECT is(laurel.mark_notifications_read(), 2::bigint, 'without ids all unread ones are marked');
SELECT is(laurel.unread_notifications(), 0::bigint, 'and none is unread');
SELECT tests.act_as(tests.person('ada'), tests.bolt());
SELECT is(laurel.unread_notifications(), 1::bigint, 'other people''s stay unread');

-- Statements that read nothing are bound by their own policies alone.
UPDATE laurel.notifications SET is_read = true;
DELETE FROM laurel.notifications;
SELECT tests.act_as_owner();
SELECT results_eq(
    $$ SELECT is_read, count(*) FROM laurel.notifications
       WHERE organization_id = tests.acme() GROUP BY is_read ORDER BY is_read $$,
    'VALUES (false, 2::bigint), (true, 6::bigint)', 'marking everything marks the own ones only');
SELECT is((SELECT count(*) FROM laurel.notifications
           WHERE organization_id = tests.bolt()), 1::bigint,
          'deleting everything deletes the own ones only');

-- With its user.
DELETE FROM laurel.users WHERE id = tests.person('ada');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE user_id = tests.person('ada')),
          0::bigint, 'a deleted user''s notifications go too');

SELECT * FROM finish();
ROLLBACK;
