-- Each rule of recognitions, broken by INSERT, by UPDATE and by the functions: by who is signed in, where rights do not already
-- refuse it, and by a back end, which nothing refuses but the rule.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
INSERT INTO laurel.recognition_settings (organization_id, approval, approval_from) VALUES (tests.acme(), 'admin', 10);
INSERT INTO laurel.recognitions (id, organization_id, sender_id, recipient_id, message, points_awarded)
SELECT tests.person(name), tests.acme(), tests.person('learner'), tests.person('other'), name, points FROM (VALUES ('approved', 5), ('waiting', 20), ('taken back', 20)) v (name, points);
UPDATE laurel.recognitions SET status = 'withdrawn' WHERE message = 'taken back';

CREATE TEMP TABLE broken (place integer GENERATED ALWAYS AS IDENTITY, rule text, caller text, statement text, error text);
INSERT INTO broken (rule, caller, statement, error) VALUES
    ('nobody thanks himself', 'learner', $$ INSERT INTO laurel.recognitions (sender_id, recipient_id, message) VALUES (laurel.uid(), laurel.uid(), 'x') $$, '23514 recognitions_recipient_id_check'),
    ('nobody thanks himself', 'learner', $$ SELECT laurel.recognize(ARRAY[tests.person('other'), laurel.uid()], 'x') $$, '23514 recognitions_recipient_id_check'),
    ('nobody thanks himself', 'learner', $$ UPDATE laurel.recognitions SET recipient_id = sender_id $$, '42501'),
    ('nobody thanks himself', 'service', $$ INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message) VALUES (tests.acme(), tests.person('other'), tests.person('other'), 'x') $$, '23514 recognitions_recipient_id_check'),
        ('nobody thanks himself', 'service', $$ UPDATE laurel.recognitions SET recipient_id = sender_id $$, '23514 recognitions_recipient_id_check'),
    ('points are not taken', 'learner', $$ INSERT INTO laurel.recognitions (sender_id, recipient_id, message, points_awarded) VALUES (laurel.uid(), tests.person('other'), 'x', -1) $$, '23514 recognitions_points_awarded_check'),
    ('points are not taken', 'learner', $$ SELECT laurel.recognize(ARRAY[tests.person('other')], 'x', -1) $$, '23514 recognitions_points_awarded_check'),
    ('points are not taken', 'learner', $$ UPDATE laurel.recognitions SET points_awarded = -1 $$, '42501'),
    ('points are not taken', 'service', $$ INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message, points_awarded) VALUES (tests.acme(), tests.person('learner'), tests.person('other'), 'x', -1) $$, '23514 recognitions_points_awarded_check'),
    ('points are not taken', 'service', $$ UPDATE laurel.recognitions SET points_awarded = -1 WHERE message = 'waiting' $$, '23514 recognitions_points_awarded_check'),
    ('nor are others given later', 'service', $$ UPDATE laurel.recognitions SET points_awarded = 1 WHERE message = 'waiting' $$, '23001 recognitions_points_awarded_immutable'),
    ('nobody approves his own', 'learner', $$ INSERT INTO laurel.recognitions (sender_id, recipient_id, message, points_awarded, status) VALUES (laurel.uid(), tests.person('other'), 'x', 20, 'approved') $$, '42501'),
    ('nobody approves his own', 'learner', $$ UPDATE laurel.recognitions SET status = 'approved' $$, '42501'),
    ('nobody approves his own', 'learner', $$ SELECT laurel.approve_recognition(tests.person('waiting')) $$, '42501'),
    ('what was taken back is not approved', 'admin', $$ SELECT laurel.approve_recognition(tests.person('taken back')) $$, 'PT409 recognitions_status_steps'),
    ('what was approved has a time', 'service', $$ UPDATE laurel.recognitions SET approved_at = NULL WHERE message = 'approved' $$, '23514 recognitions_approved_at_check'),
    ('what was not approved has none', 'service', $$ UPDATE laurel.recognitions SET approved_at = now() WHERE message = 'waiting' $$, '23514 recognitions_approved_at_check'),
    ('what was not approved has none', 'service', $$ INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message, status, approved_at) VALUES (tests.acme(), tests.person('learner'), tests.person('other'), 'x', 'rejected', now()) $$, '23514 recognitions_approved_at_check'),
    ('nobody comments on what waits', 'learner', $$ INSERT INTO laurel.recognition_comments (recognition_id, user_id, comment) VALUES (tests.person('waiting'), laurel.uid(), 'x') $$, '23514 recognition_comments_recognition_id_required'),
    ('nor adds to it', 'learner', $$ INSERT INTO laurel.recognitions (sender_id, message, adds_to) VALUES (laurel.uid(), 'x', tests.person('waiting')) $$, '23514 recognitions_adds_to_required');
CREATE FUNCTION pg_temp.error_of(caller text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    error text;
BEGIN
    PERFORM CASE caller WHEN 'service' THEN tests.act_as_service() ELSE tests.act_as(tests.person(caller)) END;
    error := tests.error_of(statement);
    PERFORM tests.act_as_owner();
    RETURN error;
END
$$;
SELECT is(pg_temp.error_of(caller, statement), error, format('%s (%s):%s', rule, caller, left(statement, 60))) FROM broken ORDER BY place;

-- Only what is approved is seen.
CREATE FUNCTION pg_temp.seen(caller text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text;
BEGIN
    PERFORM tests.act_as(tests.person(caller));
    seen := (SELECT coalesce(string_agg(message, ', ' ORDER BY message), '-') FROM laurel.recognitions) || ' / ' || (SELECT coalesce(string_agg(message, ', ' ORDER BY message), '-') FROM laurel.recognition_feed());
    PERFORM tests.act_as_owner();
    RETURN seen;
END
$$;
SELECT is(pg_temp.seen(caller), seen, format('what is seen by %s', caller)) FROM (VALUES ('learner', 'approved, taken back, waiting / approved'), ('other', 'approved / approved'), ('manager', 'approved / approved'),
    ('admin', 'approved, taken back, waiting / approved'), ('bolt_admin', '- / -')) v (caller, seen);
SELECT is_empty('SELECT * FROM laurel.check()', 'counters and quotas agree');

SELECT * FROM finish();
ROLLBACK;
