-- What rows tell members: events, notifications and points, once, whatever writes the rows and whatever else fires there.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL check_function_bodies = off;
SELECT no_plan();

-- Deeds tell when they are done and when they are praised, codes whoever uses them first.
CREATE FUNCTION pg_temp.make_deeds(partitioned boolean) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
    PERFORM tests.make_crews();
    SET LOCAL ROLE laurel_owner;
    EXECUTE format($$ CREATE TABLE kit.deeds (
        id uuid NOT NULL DEFAULT laurel.uuidv7(), organization_id uuid NOT NULL, user_id uuid, kind text NOT NULL DEFAULT 'small', title text, points bigint,
        crew_id uuid, is_praised boolean NOT NULL DEFAULT false, done_at timestamptz, CONSTRAINT deeds_pkey PRIMARY KEY (id, kind),
        CONSTRAINT deeds_crew_id_fkey FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id) ON DELETE SET NULL (crew_id),
        CONSTRAINT deeds_membership_fkey FOREIGN KEY (organization_id, user_id) REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
    ) %s $$, CASE WHEN partitioned THEN 'PARTITION BY LIST (kind)' END);
    IF partitioned THEN
        CREATE TABLE kit.small_deeds PARTITION OF kit.deeds FOR VALUES IN ('small');
        CREATE TABLE kit.other_deeds PARTITION OF kit.deeds FOR VALUES IN ('great', 'middling');
    END IF;
    CREATE TABLE kit.codes (organization_id uuid NOT NULL, user_id uuid NOT NULL, code text, points bigint, title text, done_at timestamptz);
    PERFORM laurel_internal.tell('kit.deeds', $$ SELECT n.organization_id, n.user_id, 'deed_done' AS type, jsonb_build_object('kind', n.kind) AS data, n.title, n.points, n.id,
            n.done_at AS occurred_at, '/deeds/' || n.id AS link, 1 AS priority FROM new_rows n $$),
        laurel_internal.tell('kit.deeds', $$ SELECT n.organization_id, n.user_id, 'deed_praised' AS type, 'Praise for ' || n.title AS title, 10 AS points, n.id
            FROM new_rows n JOIN old_rows o USING (id) WHERE n.is_praised AND NOT o.is_praised $$, 'UPDATE'),
        laurel_internal.tell('kit.deeds', $$ SELECT n.organization_id, n.user_id, 'crew_lost' AS type FROM new_rows n JOIN old_rows o USING (id)
            WHERE n.crew_id IS NULL AND o.crew_id IS NOT NULL $$, 'UPDATE'),
        laurel_internal.tell('kit.codes', $$ SELECT n.organization_id, n.user_id, 'code_used' AS type, n.title, n.points, n.code AS key, n.done_at AS occurred_at FROM new_rows n $$);
    RESET ROLE;
    GRANT SELECT, INSERT, UPDATE, DELETE ON kit.deeds, kit.codes TO authenticated, service_role;
    INSERT INTO kit.crews (id, organization_id, name) VALUES (tests.crew('a', 1), tests.org('a'), 'crew');
END
$f$;

-- What was told since it was last asked: events, notifications and points of each member, and of what.
CREATE TEMP TABLE heard (id uuid PRIMARY KEY);
GRANT ALL ON heard TO PUBLIC;
CREATE FUNCTION pg_temp.news() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    WITH e AS (SELECT id, user_id, type FROM laurel.domain_events WHERE type ~ '^(deed|code|crew)_'), n AS (SELECT id, user_id, type FROM laurel.notifications),
        p AS (SELECT id, user_id, transaction_type AS type, amount FROM laurel.points_ledger WHERE transaction_type ~ '^(deed|code)_'),
        said AS (SELECT id, user_id, type, 1 AS events, 0 AS notes, 0 AS points FROM e UNION ALL SELECT id, user_id, type, 0, 1, 0 FROM n
            UNION ALL SELECT id, user_id, type, 0, 0, amount FROM p),
        new AS (SELECT * FROM said WHERE id NOT IN (SELECT id FROM heard)), kept AS (INSERT INTO heard SELECT id FROM new)
    SELECT coalesce(string_agg(format('%s %s %s/%s/%s', who, type, events, notes, points), ', ' ORDER BY who, type COLLATE "C"), 'nothing')
    FROM (SELECT right(user_id::text, 1) AS who, type, sum(events) AS events, sum(notes) AS notes, sum(points) AS points FROM new GROUP BY 1, 2) g
$$;
CREATE FUNCTION pg_temp.after(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer constant text := tests.error_of(command);
BEGIN
    RETURN CASE answer WHEN 'none' THEN pg_temp.news() ELSE answer END;
END $$;
CREATE FUNCTION pg_temp.deed(n integer) RETURNS uuid LANGUAGE sql AS $$ SELECT ('de000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.user(n integer) RETURNS uuid LANGUAGE sql AS $$ SELECT tests.one('a', n) $$;
-- Writes each deed: n, user, title, points.
\set deed 'INSERT INTO kit.deeds (id, organization_id, user_id, title, points) SELECT pg_temp.deed(n), tests.org(''a''), tests.one(''a'', u), t, p FROM (VALUES '
\set as ') v (n, u, t, p)'

-- Each write, and what it tells.
CREATE TEMP TABLE writes (no integer GENERATED ALWAYS AS IDENTITY, what text, command text, told text);
INSERT INTO writes (what, command, told) VALUES
('one row', :'deed' || $$ (1, 1, 'One', 5) $$ || :'as', '1 deed_done 1/1/5'),
('many rows of many members', :'deed' || $$ (2, 1, 'Two', 5), (3, 2, 'Three', 7), (4, 1, NULL, 1), (5, 3, 'Five', NULL), (6, 3, NULL, 0) $$ || :'as',
    '1 deed_done 2/1/6, 2 deed_done 1/1/7, 3 deed_done 2/1/0'),
('no row', :'deed' || $$ (7, 1, 'x', 1) $$ || :'as' || ' WHERE false', 'nothing'),
('an update that tells nothing', $$ UPDATE kit.deeds SET title = title || '!' $$, 'nothing'),
('an update that does', $$ UPDATE kit.deeds SET is_praised = true WHERE id IN (pg_temp.deed(1), pg_temp.deed(3), pg_temp.deed(4)) $$, '1 deed_praised 2/1/20, 2 deed_praised 1/1/10'),
('the same row once more', $$ UPDATE kit.deeds SET is_praised = false; UPDATE kit.deeds SET is_praised = true WHERE id <> pg_temp.deed(3) $$,
    '1 deed_praised 1/1/10, 3 deed_praised 2/1/20'),
('an upsert that inserts and updates', :'deed' || $$ (1, 1, 'Again', 5), (8, 4, 'Eight', 2), (3, 2, 'Again', 2) $$ || :'as' ||
    $$ ON CONFLICT (id, kind) DO UPDATE SET is_praised = true, title = EXCLUDED.title $$, '4 deed_done 1/1/2'),
('one that updates alone', :'deed' || $$ (8, 4, 'Again', 2) $$ || :'as' || ' ON CONFLICT (id, kind) DO UPDATE SET is_praised = true', '4 deed_praised 1/1/10'),
('ON CONFLICT DO NOTHING', :'deed' || $$ (1, 1, 'Again', 5), (9, 5, 'Nine', 3), (9, 5, 'Nine', 3) $$ || :'as' || ' ON CONFLICT DO NOTHING', '5 deed_done 1/1/3'),
('MERGE', $$ MERGE INTO kit.deeds d USING generate_series(9, 11) n ON d.id = pg_temp.deed(n) WHEN MATCHED THEN UPDATE SET is_praised = true
    WHEN NOT MATCHED THEN INSERT (id, organization_id, user_id, title, points) VALUES (pg_temp.deed(n), tests.org('a'), tests.one('a', 6), n, n) $$,
    '5 deed_praised 1/1/10, 6 deed_done 2/2/21'),
('COPY', $$ COPY kit.deeds (id, organization_id, user_id, title, points, kind) FROM PROGRAM
    'for k in small middling; do echo "de000000-0000-0000-0000-0000000000$(expr 40 + $(printf $k | wc -c)) a0000000-0000-0000-0000-000000000000 a0000000-0000-0000-0000-000000000007 x 4 $k"; done' (DELIMITER ' ') $$,
    '7 deed_done 2/2/8'),
('a row that goes to another partition', $$ UPDATE kit.deeds SET kind = 'great', is_praised = true WHERE id = pg_temp.deed(10) $$, '6 deed_praised 1/1/10'),
('several statements in one', 'WITH a AS (' || :'deed' || $$ (20, 1, 'x', 1) $$ || :'as' || '), b AS (UPDATE kit.deeds SET is_praised = true WHERE id = pg_temp.deed(11)) ' ||
    $$ INSERT INTO kit.codes VALUES (tests.org('a'), tests.one('a', 2), 'c', 3, 'Code') $$, '1 deed_done 1/1/1, 2 code_used 1/1/3, 6 deed_praised 1/1/10'),
('a row of nobody', $$ INSERT INTO kit.deeds (organization_id, title, points) VALUES (tests.org('a'), 'x', 1) $$, 'nothing'),
('a parent that is gone', $$ UPDATE kit.deeds SET crew_id = tests.crew('a', 1) WHERE id IN (pg_temp.deed(1), pg_temp.deed(3)); DELETE FROM kit.crews $$, '1 crew_lost 1/0/0, 2 crew_lost 1/0/0'),
('rows that are deleted', $$ DELETE FROM kit.deeds WHERE id IN (pg_temp.deed(1), pg_temp.deed(5)) $$, 'nothing'),
('and come back: they are not paid twice', :'deed' || $$ (1, 1, 'One', 5) $$ || :'as', 'nothing'),
('but told, where nothing was paid', :'deed' || $$ (5, 3, 'Five', NULL::bigint) $$ || :'as', '3 deed_done 1/1/0'),
('a member who goes', $$ DELETE FROM laurel.users WHERE id = tests.one('a', 7) $$, 'nothing');

CREATE FUNCTION pg_temp.play(kind text, partitioned boolean) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    w record;
BEGIN
    PERFORM pg_temp.make_deeds(partitioned);
    FOR w IN SELECT * FROM writes ORDER BY no LOOP
        RETURN NEXT is(pg_temp.after(w.command), w.told, format('%s: %s', kind, w.what));
    END LOOP;
    RETURN NEXT is_empty('SELECT * FROM laurel.verify_ledger()', format('%s: the ledger is sound', kind));
    BEGIN
        EXECUTE $i$ INSERT INTO kit.deeds (id, organization_id, user_id, title, points) VALUES (pg_temp.deed(30), tests.org('a'), tests.one('a', 1), 'x', 1) $i$;
        RAISE EXCEPTION 'undone';
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
    RETURN NEXT is(pg_temp.news(), 'nothing', format('%s: what was undone was not told', kind));
    RETURN NEXT is(pg_temp.after($i$ INSERT INTO kit.deeds (id, organization_id, user_id, title, points) VALUES (pg_temp.deed(30), tests.org('a'), tests.one('a', 1), 'x', 1) $i$),
        '1 deed_done 1/1/1', format('%s: and is told when it comes again', kind));
END
$$;

SAVEPOINT fresh;
SELECT pg_temp.play('plain', false);

-- What a fact may say.
\set code 'INSERT INTO kit.codes SELECT tests.org(''a''), tests.one(''a'', u), c, p, t FROM (VALUES '
\set as_code ') v (u, c, p, t)'
SELECT is(pg_temp.after(:'code' || $$ (1, 'k1', 5, 'Key'), (2, 'k1', 5, 'Key'), (1, 'k1', 5, 'Key') $$ || :'as_code'), '1 code_used 1/1/5', 'a key is told once a statement');
SELECT is(pg_temp.after(:'code' || $$ (3, 'k1', 7, 'Key'), (3, 'k2', 7, 'Key') $$ || :'as_code'), '3 code_used 1/1/7', 'and once in all');
SELECT is(pg_temp.after(:'code' || $$ (3, 'k3', 0, 'Key'), (1, 'k4', 4, NULL) $$ || :'as_code'), '1 code_used 1/0/4, 3 code_used 1/1/0', 'by what was said, or by what was paid');
SELECT is(pg_temp.after(:'code' || $$ (3, 'k4', 4, NULL), (1, 'k3', 0, 'Key') $$ || :'as_code'), 'nothing', 'whichever');
SELECT is(pg_temp.after(:'code' || $$ (1, NULL, 4, 'x'), (1, NULL, 4, 'x') $$ || :'as_code'), '1 code_used 2/2/8', 'what has no key is told each time');
SELECT is(pg_temp.after(:'code' || $$ (1, 'k5', NULL::bigint, NULL) $$ || :'as_code' || $$; $$ || :'code' || $$ (1, 'k5', NULL::bigint, NULL) $$ || :'as_code'), '1 code_used 2/0/0',
    'a key keeps neither events apart nor what says and pays nothing');
SELECT is(pg_temp.after($$ INSERT INTO kit.codes VALUES (tests.org('b'), tests.one('b', 1), 'k1', 5, 'Key') $$), '1 code_used 1/1/5', 'a key is of one organization');
SELECT is(pg_temp.after($$ INSERT INTO kit.codes VALUES (tests.org('b'), tests.one('a', 1), 'k9', 5, 'Key') $$), '23503 notifications_membership_fkey', 'members are told of their own organization');
SELECT is(pg_temp.after($$ INSERT INTO kit.codes VALUES (tests.org('b'), tests.one('a', 1), NULL, NULL, 'Key') $$), '23503 notifications_membership_fkey', 'whatever they are told');
SELECT is(pg_temp.after(:'code' || $$ (1, 'k6', -2, 'Back') $$ || :'as_code'), '1 code_used 1/1/-2', 'points may be taken');
SELECT is(pg_temp.after(:'code' || $$ (9, 'k7', -2, 'Back') $$ || :'as_code'), '23514 user_points_total_points_check', 'but no more than there are');
SELECT is(pg_temp.after(:'code' || $$ (1, 'k8', 9223372036854775807, 'Most') $$ || :'as_code'), '22003', 'nor beyond what a number holds');
SELECT is(pg_temp.after(:'code' || $$ (1, repeat('k', 200), 1, 'Long') $$ || :'as_code'), '1 code_used 1/1/1', 'a key of 200 characters');
SELECT is(pg_temp.after(:'code' || $$ (1, repeat('k', 201), 1, 'Long') $$ || :'as_code'), '23514 notifications_dedupe_key_check', 'and no more');
SELECT is(pg_temp.after(:'code' || $$ (1, 'long', 1, repeat('ü', 200)), (2, 'longer', 1, repeat('ü', 201)) $$ || :'as_code'), '1 code_used 1/1/1, 2 code_used 1/1/1', 'titles of 200 characters and more');
SELECT results_eq($$ SELECT title, char_length(title) FROM laurel.notifications WHERE dedupe_key IN ('long', 'longer') ORDER BY user_id $$,
    $$ VALUES (repeat('ü', 200), 200), (repeat('ü', 197) || '...', 200) $$, 'are said as they are, or cut');
SELECT results_eq($$ SELECT reason FROM laurel.points_ledger WHERE idempotency_key IN ('long', 'k4') ORDER BY user_id, idempotency_key $$, $$ VALUES ('code_used'), (repeat('ü', 200)) $$,
    'the reason of points is the title, else the type');
SELECT is(pg_temp.after(:'code' || $$ (1, 'empty', 1, '') $$ || :'as_code'), '23514 notifications_title_check', 'an empty title is none that can be said');
SELECT is(pg_temp.after($$ INSERT INTO kit.deeds (organization_id, user_id, kind) VALUES (NULL, tests.one('a', 1), 'small') $$), '23502', 'an organization is never made up');
SELECT results_eq($$ SELECT n.type, n.link = '/deeds/' || pg_temp.deed(8), n.priority, n.created_at = e.occurred_at, e.data FROM laurel.notifications n JOIN laurel.domain_events e USING (user_id, type)
    WHERE n.user_id = tests.one('a', 4) AND type = 'deed_done' $$, $$ VALUES ('deed_done', true, 1::smallint, true, '{"kind": "small"}'::jsonb) $$, 'all of it comes where it belongs');

-- What happened long ago sends nothing, and what will happen is not told yet.
SELECT is_empty('SELECT FROM laurel.notification_deliveries WHERE user_id = tests.one(''b'', 2)', 'nobody was told before');
SELECT is(pg_temp.after($$ INSERT INTO kit.codes SELECT tests.org('b'), tests.one('b', n), 'old' || n, 5, 'x', now() - interval '25 hours' * (n - 1) FROM generate_series(2, 3) n $$),
    '2 code_used 1/1/5, 3 code_used 1/1/5', 'history is told');
SELECT is((SELECT array_agg(right(d.user_id::text, 1) ORDER BY d.user_id) FROM laurel.notification_deliveries d WHERE d.user_id IN (tests.one('b', 2), tests.one('b', 3))), NULL, 'and not sent');
SELECT is(pg_temp.after($$ INSERT INTO kit.codes VALUES (tests.org('b'), tests.one('b', 2), 'new', 5, 'x', now() - interval '1 hour') $$), '2 code_used 1/1/5', 'what has just happened');
SELECT is((SELECT array_agg(right(d.user_id::text, 1) ORDER BY d.user_id) FROM laurel.notification_deliveries d WHERE d.user_id IN (tests.one('b', 2), tests.one('b', 3))), '{2}', 'is');
SELECT results_eq($$ SELECT DISTINCT now() - occurred_at FROM laurel.points_ledger WHERE idempotency_key = 'old3' UNION ALL SELECT now() - occurred_at FROM laurel.domain_events WHERE user_id = tests.one('b', 3) AND type = 'code_used' $$,
    $$ VALUES (interval '50 hours'), (interval '50 hours') $$, 'events and points are of their time');
SELECT is(pg_temp.after($$ INSERT INTO kit.codes VALUES (tests.org('b'), tests.one('b', 2), 'future', 5, 'x', now() + interval '1 day') $$), '23514 points_ledger_occurred_at_check', 'points of the future are refused');
SELECT is(pg_temp.after($$ INSERT INTO kit.codes VALUES (tests.org('b'), tests.one('b', 2), 'never', NULL, 'x', 'infinity') $$), '23514 notifications_created_at_check', 'and so is what never happens');

-- In bulk.
SELECT is(pg_temp.after($$ INSERT INTO kit.deeds (organization_id, user_id, title, points) SELECT tests.org('a'), tests.one('a', 1 + n % 3), 'Bulk ' || n, n % 5 FROM generate_series(1, 3000) n $$),
    '1 deed_done 1000/1000/2000, 2 deed_done 1000/1000/2000, 3 deed_done 1000/1000/2000', 'thousands in one statement');
SELECT is(pg_temp.after($$ UPDATE kit.deeds SET is_praised = true WHERE title LIKE 'Bulk %' $$), '1 deed_praised 1000/1000/10000, 2 deed_praised 1000/1000/10000, 3 deed_praised 1000/1000/10000', 'updated');
SELECT is(pg_temp.after($$ UPDATE kit.deeds SET is_praised = false WHERE title LIKE 'Bulk %'; UPDATE kit.deeds SET is_praised = true WHERE title LIKE 'Bulk %' $$), 'nothing', 'and told once');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');

-- Callers whom row security binds: they may write rows, and nothing that follows.
ALTER TABLE kit.codes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON kit.codes TO authenticated USING (user_id = laurel.uid()) WITH CHECK (user_id = laurel.uid());
SELECT tests.act_as(tests.one('a', 1));
SELECT is(pg_temp.after($$ INSERT INTO kit.codes VALUES (tests.org('a'), tests.one('a', 1), 'mine', 5, 'Mine') $$), '1 code_used 1/1/5', 'a member''s own row tells him');
SELECT is(pg_temp.after($$ INSERT INTO kit.codes VALUES (tests.org('a'), tests.one('a', 2), 'yours', 5, 'x') $$), '42501', 'one that he may not write tells nobody');
SELECT is(tests.error_of($$ INSERT INTO laurel.domain_events (organization_id, user_id, type) VALUES (tests.org('a'), tests.one('a', 1), 'code_used') $$), '42501', 'nor does he write an event by himself');
SELECT is(pg_temp.after($$ INSERT INTO kit.codes VALUES (tests.org('a'), tests.one('a', 1), 'k2', 5, 'x') $$), 'nothing', 'what somebody else was told is known to him by nothing');
SET LOCAL search_path = pg_temp, public;
CREATE TEMP TABLE domain_events (organization_id uuid, user_id uuid, type text, data jsonb, occurred_at timestamptz);
CREATE TEMP TABLE new_rows (organization_id uuid, user_id uuid, code text, points bigint, title text, done_at timestamptz);
SELECT public.is(pg_temp.after($$ INSERT INTO kit.codes VALUES (tests.org('a'), tests.one('a', 1), 'path', 5, 'Path') $$), '1 code_used 1/1/5', 'under any path');
RESET search_path;
DROP TABLE pg_temp.new_rows, pg_temp.domain_events;
SELECT tests.act_as_service();
SELECT is(pg_temp.after($$ INSERT INTO kit.codes VALUES (tests.org('a'), tests.one('a', 2), 'service', 5, 'x') $$), '2 code_used 1/1/5', 'the back end tells whom it will');
SELECT tests.act_as_owner();

-- An application's own triggers.
CREATE FUNCTION public.app_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_ARGV[0] WHEN 'drop' THEN RETURN NULL; WHEN 'whom' THEN NEW.user_id := tests.one('a', 2); WHEN 'title' THEN NEW.title := 'changed'; WHEN 'points' THEN NEW.points := 50;
        WHEN 'amount' THEN NEW.amount := 50; WHEN 'type' THEN NEW.type := 'deed_other';
        WHEN 'more' THEN IF pg_trigger_depth() < TG_ARGV[1]::integer THEN
            NEW.id := laurel.uuidv7(); EXECUTE format('INSERT INTO %I.%I SELECT ($1).*', TG_TABLE_SCHEMA, TG_TABLE_NAME) USING NEW; NEW.id := laurel.uuidv7(); END IF; END CASE;
    RETURN NEW;
END $$;
GRANT USAGE ON SCHEMA tests TO laurel_owner;
CREATE FUNCTION pg_temp.under(definition text, command text, name text DEFAULT 'app') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE format('CREATE TRIGGER %I %s', name, definition);
    answer := concat_ws(' ', pg_temp.after(command), CASE WHEN EXISTS (SELECT FROM laurel.verify_ledger()) THEN 'unsound' END);
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = answer;
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN SQLERRM;
END $$;
\set add :deed ' (1001, 1, ''x'', 1), (1002, 3, ''x'', 1) ' :as
SELECT is(pg_temp.under($$ BEFORE INSERT ON kit.deeds FOR EACH ROW EXECUTE FUNCTION public.app_row('drop') $$, :'add'), 'nothing', 'one that drops the rows');
SELECT is(pg_temp.under($$ BEFORE INSERT ON kit.deeds FOR EACH ROW EXECUTE FUNCTION public.app_row('whom') $$, :'add'), '2 deed_done 2/2/2', 'one that changes whose they are');
SELECT is(pg_temp.under($$ BEFORE INSERT ON kit.deeds FOR EACH ROW EXECUTE FUNCTION public.app_row('points') $$, :'add'), '1 deed_done 1/1/50, 3 deed_done 1/1/50', 'or what they pay');
SELECT is(pg_temp.under($$ BEFORE INSERT ON kit.deeds FOR EACH ROW EXECUTE FUNCTION public.app_row('more', 2) $$, :'add'), '1 deed_done 2/2/2, 3 deed_done 2/2/2', 'one that adds rows before');
SELECT is(pg_temp.under($$ AFTER INSERT ON kit.deeds FOR EACH ROW EXECUTE FUNCTION public.app_row('more', 2) $$, :'add'), '1 deed_done 2/2/2, 3 deed_done 2/2/2', 'or after');
SELECT is(pg_temp.under($$ BEFORE UPDATE ON kit.deeds FOR EACH ROW EXECUTE FUNCTION public.app_row('drop') $$, 'UPDATE kit.deeds SET is_praised = true WHERE id = pg_temp.deed(20)'), 'nothing', 'one that drops an update');
SELECT is(pg_temp.under($$ BEFORE INSERT ON laurel.domain_events FOR EACH ROW EXECUTE FUNCTION public.app_row('drop') $$, :'add'), '1 deed_done 0/1/1, 3 deed_done 0/1/1', 'one that drops events drops no more');
SELECT is(pg_temp.under($$ BEFORE INSERT ON laurel.domain_events FOR EACH ROW EXECUTE FUNCTION public.app_row('type') $$, :'add'), '1 deed_done 0/1/1, 1 deed_other 1/0/0, 3 deed_done 0/1/1, 3 deed_other 1/0/0', 'one that changes them');
SELECT is(pg_temp.under($$ AFTER INSERT ON laurel.domain_events FOR EACH ROW EXECUTE FUNCTION public.app_row('more', 3) $$, :'add'), '1 deed_done 2/1/1, 3 deed_done 2/1/1', 'one that adds some');
SELECT is(pg_temp.under($$ BEFORE INSERT ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION public.app_row('drop') $$, :'add'), '1 deed_done 1/0/1, 3 deed_done 1/0/1', 'one that drops notifications');
SELECT is(pg_temp.under($$ BEFORE INSERT ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION public.app_row('whom') $$, :'add'), '1 deed_done 1/0/1, 2 deed_done 0/2/0, 3 deed_done 1/0/1', 'one that tells another');
SELECT is(pg_temp.under($$ AFTER INSERT ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION public.app_row('more', 3) $$, :'add'), '1 deed_done 1/2/1, 3 deed_done 1/2/1', 'one that says it twice');
SELECT is(pg_temp.under($$ BEFORE INSERT ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION public.app_row('drop') $$, :'add'), '1 deed_done 1/1/0, 3 deed_done 1/1/0', 'one that drops entries before they are numbered');
SELECT is(pg_temp.under($$ BEFORE INSERT ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION public.app_row('drop') $$, :'add', 'zz'), '23001 points_ledger_entry_no_key', 'afterwards none is dropped');
SELECT is(pg_temp.under($$ BEFORE INSERT ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION public.app_row('amount') $$, :'add', 'zz'), '23001 points_ledger_append_only', 'nor changed');
SELECT is(pg_temp.under($$ BEFORE INSERT ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION public.app_row('amount') $$, :'add'), '1 deed_done 1/1/50, 3 deed_done 1/1/50', 'one that is changed before it is numbered is booked as it is then');
SELECT is(pg_temp.under($$ AFTER INSERT ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION public.app_row('more', 3) $$, :'add'), '23514 points_ledger_entry_no_check', 'one that books twice says a number that is taken');
\set codes :code ' (1, ''k8'', 1, ''x''), (3, ''k9'', 1, ''x'') ' :as_code
SELECT is(pg_temp.under($$ BEFORE INSERT ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION public.app_row('drop') $$, :'codes'), '1 code_used 1/0/1, 3 code_used 1/0/1', 'where a key is anybody''s too');

-- Tables that inherit from the table are none of it.
CREATE SCHEMA heirs;
CREATE TABLE heirs.codes () INHERITS (kit.codes);
SELECT is(pg_temp.after($$ INSERT INTO heirs.codes VALUES (tests.org('a'), tests.one('a', 1), 'heir', 5, 'x') $$), 'nothing', 'rows of a table that inherits tell nothing');
DROP SCHEMA heirs CASCADE;
SELECT is(pg_temp.after('TRUNCATE kit.deeds, kit.codes'), 'nothing', 'nor does TRUNCATE');

-- Names that no longer hold.
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.labels (code text, label text);
CREATE FUNCTION kit.shout(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT pg_catalog.upper(t) $$;
CREATE TABLE kit.labelled (organization_id uuid, user_id uuid, code text);
SELECT laurel_internal.tell('kit.labelled', $$ SELECT n.organization_id, n.user_id, 'code_used' AS type, kit.shout(l.label) AS title FROM new_rows n JOIN kit.labels l USING (code) $$);
RESET ROLE;
INSERT INTO kit.labels VALUES ('c', 'see');
CREATE FUNCTION pg_temp.changed(change text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
    found text;
BEGIN
    EXECUTE change;
    found := (SELECT string_agg(guard || ': ' || problem, ', ') FROM laurel.check());
    BEGIN
        EXECUTE command;
        said := 'none';
    EXCEPTION WHEN OTHERS THEN said := SQLSTATE || ' ' || SQLERRM;
    END;
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = CASE WHEN found IS NOT DISTINCT FROM nullif(regexp_replace(said, '^39P01', 'arguments:'), 'none') THEN '' ELSE coalesce(found, 'sound') || ' | ' END || said;
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN SQLERRM;
END $$;
\set label 'INSERT INTO kit.labelled VALUES (tests.org(''a''), tests.one(''a'', 1), ''c'')'
\set misread '39P01 trigger "tell_insert" of table "labelled" cannot be understood: '
SELECT is(pg_temp.changed('SELECT 1', :'label'), 'none', 'as long as all is there');
SELECT is(pg_temp.changed('ALTER TABLE kit.labels RENAME TO words', :'label'), :'misread' || 'relation "kit.labels" does not exist', 'a table renamed is found by check and refused');
SELECT is(pg_temp.changed('ALTER TABLE kit.labels RENAME label TO word', :'label'), :'misread' || 'column l.label does not exist', 'a column');
SELECT is(pg_temp.changed('ALTER TABLE kit.labels ALTER label TYPE jsonb USING NULL', :'label'), :'misread' || 'function kit.shout(jsonb) does not exist', 'or of another type');
SELECT is(pg_temp.changed('DROP TABLE kit.labels', :'label'), :'misread' || 'relation "kit.labels" does not exist', 'one dropped');
SELECT is(pg_temp.changed('ALTER TABLE kit.labelled RENAME user_id TO member_id', :'label'), :'misread' || 'column n.user_id does not exist', 'a column of the table itself');
SELECT is(pg_temp.changed('ALTER TABLE kit.labelled RENAME TO marked', replace(:'label', 'labelled', 'marked')), 'none', 'whose own name means nothing');
SELECT is(pg_temp.changed(:'label' || '; ALTER FUNCTION kit.shout(text) RENAME TO cry', :'label'), :'misread' || 'function kit.shout(text) does not exist', 'a function renamed');
SELECT is(pg_temp.changed(:'label' || '; DROP FUNCTION kit.shout(text)', :'label'), :'misread' || 'function kit.shout(text) does not exist', 'or dropped');
SELECT is(pg_temp.changed(:'label' || $$; DROP FUNCTION kit.shout(text); CREATE FUNCTION kit.shout(text) RETURNS integer LANGUAGE sql AS 'SELECT 1' $$, :'label'), '39P01 trigger "tell_insert" of table "labelled" has a query that gives title as integer, not text', 'or of another type');
SELECT alike(pg_temp.changed('ALTER TABLE kit.labelled OWNER TO postgres', :'label'), '39P01 trigger "tell_insert" of table "labelled" is on a table of another owner than Laurel''s', 'a table that goes to another owner');
SELECT is(pg_temp.changed('ALTER SCHEMA kit RENAME TO caboodle', replace(:'label', 'kit.', 'caboodle.')), :'misread' || 'relation "kit.labels" does not exist', 'the schema renamed');
SELECT is(pg_temp.changed('SELECT 1', :'label'), 'none', 'and all is as before');
SELECT is(pg_temp.changed('ALTER TABLE kit.labelled DISABLE TRIGGER tell_insert', :'label'), 'triggers: trigger "tell_insert" is disabled | none', 'check sees one disabled');

-- What is refused when it is attached.
CREATE TABLE public.foreign_codes (organization_id uuid, user_id uuid);
CREATE FUNCTION pg_temp.refused(facts text, operation text DEFAULT 'INSERT', table_name text DEFAULT 'kit.labelled') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    d text;
BEGIN
    EXECUTE format('SELECT laurel_internal.tell(%L, %L, %L)', table_name, facts, operation);
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', CASE SQLSTATE WHEN 'P9999' THEN 'none' ELSE SQLSTATE || ' ' || replace(SQLERRM, 'trigger "tell_insert_2" of table "labelled" ', '') END, nullif(nullif(d, ''), 'The query: ' || facts));
END $$;
\set ids 'SELECT organization_id, user_id, ''t'' AS type'
SELECT is(pg_temp.refused(:'ids' || ' FROM new_rows'), 'none', 'what is in order');
SELECT is(pg_temp.refused(:'ids' || ', 1::smallint AS points, 2::bigint AS priority, ''x''::varchar AS key FROM new_rows'), 'none', 'integers of any size, and what is as good as text');
SELECT is(pg_temp.refused(NULL), '22023 tell needs a query, and INSERT or UPDATE', 'no query');
SELECT is(pg_temp.refused('  '), '22023 tell needs a query, and INSERT or UPDATE', 'an empty one');
SELECT is(pg_temp.refused(:'ids' || ' FROM new_rows', 'DELETE'), '22023 tell needs a query, and INSERT or UPDATE', 'another operation');
SELECT is(pg_temp.refused(:'ids' || ' FROM new_rows', NULL), '22023 tell needs a query, and INSERT or UPDATE', 'none');
SELECT is(pg_temp.refused(:'ids' || ' FROM old_rows'), '22023 cannot be understood: relation "old_rows" does not exist', 'rows that an INSERT has not');
SELECT is(pg_temp.refused(:'ids' || ' FROM old_rows', 'UPDATE'), 'none', 'and an UPDATE has');
SELECT is(pg_temp.refused('SELECT organization_id, user_id FROM new_rows'), '22023 has a query without type', 'no type');
SELECT is(pg_temp.refused('SELECT user_id, ''t'' AS type FROM new_rows'), '22023 has a query without organization_id', 'no organization');
SELECT is(pg_temp.refused('SELECT organization_id, ''t'' AS type FROM new_rows'), '22023 has a query without user_id', 'no user');
SELECT is(pg_temp.refused(:'ids' || ', 1 AS points FROM new_rows'), '22023 has a query that pays points without saying what for | Give the row''s id, so that it pays once, or a key.', 'points for nothing');
SELECT is(pg_temp.refused(:'ids' || ', 1 AS score FROM new_rows'), '22023 has a query with a column "score", which says nothing | It may have organization_id, user_id, type, data, title, message, link, priority, points, reason, key, id, reference_type, reference_id, occurred_at.', 'a column that there is not');
SELECT is(pg_temp.refused(:'ids' || ', 1 AS title FROM new_rows'), '22023 has a query that gives title as integer, not text', 'one of another type');
SELECT is(pg_temp.refused(:'ids' || ', 1.5 AS points, organization_id AS id FROM new_rows'), '22023 has a query that gives points as numeric, not bigint', 'points that are no integers');
SELECT is(pg_temp.refused(:'ids' || ', now()::date AS occurred_at FROM new_rows'), '22023 has a query that gives occurred_at as date, not timestamp with time zone', 'a day for a time');
SELECT is(pg_temp.refused(:'ids' || ' FROM nothing'), '22023 cannot be understood: relation "nothing" does not exist', 'a table that is not there');
SELECT is(pg_temp.refused(:'ids' || ' FROM labels'), '22023 cannot be understood: relation "labels" does not exist', 'or is not qualified');
SELECT is(pg_temp.refused(:'ids' || ' FROM new_rows; SELECT 1'), '22023 cannot be understood: syntax error at or near ";"', 'more than one query');
SELECT is(pg_temp.refused(:'ids' || ' FROM new_rows) q; DELETE FROM kit.labels; SELECT * FROM (SELECT 1'), '22023 has more than one query', 'whatever way it is written');
SELECT is(pg_temp.refused('DELETE FROM kit.labels RETURNING 1'), '22023 cannot be understood: syntax error at or near "FROM"', 'one that writes');
SELECT is(pg_temp.refused('SELECT'), '22023 has a query without organization_id', 'one that gives nothing');
SELECT is(pg_temp.refused(:'ids' || ' FROM new_rows -- said'), 'none', 'a comment at the end is none of it');
SELECT is(pg_temp.refused(:'ids' || ', $1 AS title FROM new_rows'), '22023 cannot be understood: there is no parameter $1', 'a parameter');
SELECT is(pg_temp.refused(:'ids' || ' FROM new_rows', 'INSERT', 'public.foreign_codes'),
    '39P01 trigger "tell_insert" of table "foreign_codes" is on a table of another owner than Laurel''s | public.foreign_codes belongs to postgres, Laurel''s tables to laurel_owner.', 'a table of another owner');

ROLLBACK TO fresh;
SELECT pg_temp.play('partitioned', true);

-- Partitions, old and new, written directly.
SELECT is(pg_temp.after(replace(:'deed' || $$ (101, 1, 'x', 1) $$ || :'as', 'kit.deeds', 'kit.small_deeds')), '1 deed_done 1/1/1', 'a partition that is written directly');
SELECT is(pg_temp.after($$ UPDATE kit.small_deeds SET is_praised = true WHERE id = pg_temp.deed(101) $$), '1 deed_praised 1/1/10', 'and updated');
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.fine_deeds PARTITION OF kit.deeds FOR VALUES IN ('fine');
CREATE TABLE kit.odd_deeds (extra text, LIKE kit.deeds INCLUDING ALL);
ALTER TABLE kit.odd_deeds DROP COLUMN extra;
ALTER TABLE kit.deeds ATTACH PARTITION kit.odd_deeds DEFAULT;
RESET ROLE;
SELECT is(pg_temp.after($$ INSERT INTO kit.deeds (organization_id, user_id, kind, points) VALUES (tests.org('a'), tests.one('a', 1), 'fine', 1), (tests.org('a'), tests.one('a', 2), 'odd', 1) $$),
    '1 deed_done 1/0/1, 2 deed_done 1/0/1', 'new ones tell through the table');
SELECT set_eq($$ SELECT table_name, problem FROM laurel.check() $$, $$ SELECT format('kit.%s_deeds', p) AS table_name, format('trigger "%s" is missing: SELECT laurel_internal.guard_partition(''kit.%s_deeds'')', t, p) AS problem
    FROM unnest('{fine, odd}'::text[]) p, unnest('{tell_insert, tell_update, tell_update_2}'::text[]) t $$, 'check says that they have no triggers of their own');
SET LOCAL ROLE laurel_owner;
SELECT laurel_internal.guard_partition('kit.fine_deeds'), laurel_internal.guard_partition('kit.odd_deeds');
RESET ROLE;
SELECT is_empty('SELECT * FROM laurel.check()', 'which is mended');
SELECT is(pg_temp.after($$ INSERT INTO kit.odd_deeds (id, organization_id, user_id, kind, points) VALUES (pg_temp.deed(102), tests.org('a'), tests.one('a', 2), 'odd', 1) $$), '2 deed_done 1/0/1', 'then they tell by themselves');
SELECT is(pg_temp.after($$ INSERT INTO kit.deeds (organization_id, user_id, kind, points) VALUES (tests.org('a'), tests.one('a', 1), 'fine', 1), (tests.org('a'), tests.one('a', 2), 'odd', 1) $$),
    '1 deed_done 1/0/1, 2 deed_done 1/0/1', 'and no more than before through the table');
SELECT is(pg_temp.after($$ UPDATE kit.deeds SET kind = 'fine', is_praised = true WHERE id = pg_temp.deed(102) $$), '2 deed_praised 1/0/10', 'a row that moves into one tells once');
SELECT is(pg_temp.after($$ COPY kit.odd_deeds (organization_id, user_id, kind, points) FROM PROGRAM 'echo a0000000-0000-0000-0000-000000000000 a0000000-0000-0000-0000-000000000003 odd 4' (DELIMITER ' ') $$),
    '3 deed_done 1/0/4', 'COPY into one');
SET LOCAL ROLE laurel_owner;
ALTER TABLE kit.deeds DETACH PARTITION kit.odd_deeds;
RESET ROLE;
SELECT is(pg_temp.after($$ INSERT INTO kit.odd_deeds (organization_id, user_id, kind, points) VALUES (tests.org('a'), tests.one('a', 2), 'odd', 1) $$), '2 deed_done 1/0/1', 'one that is detached goes on telling');

-- Months that are made ahead.
SET LOCAL ROLE laurel_owner;
CREATE TABLE laurel.deeds_by_month (organization_id uuid, user_id uuid, created_at timestamptz NOT NULL) PARTITION BY RANGE (created_at);
SELECT laurel_internal.tell('laurel.deeds_by_month', $$ SELECT n.organization_id, n.user_id, 'deed_done' AS type FROM new_rows n $$);
SELECT laurel_internal.create_month_partitions('laurel.deeds_by_month', 0);
RESET ROLE;
SELECT is_empty('SELECT * FROM laurel.check()', 'partitions by month have their triggers');
SELECT is(pg_temp.after(format($$ INSERT INTO laurel_internal.deeds_by_month_%s SELECT tests.org('a'), tests.one('a', 2), now() $$, to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM'))), '2 deed_done 1/0/0', 'and tell');

-- A message that is too long is cut.
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.letters (organization_id uuid NOT NULL, user_id uuid NOT NULL, body text);
SELECT laurel_internal.tell('kit.letters', $$ SELECT organization_id, user_id, 'letter' AS type, 'A letter' AS title, body AS message FROM new_rows $$);
RESET ROLE;
SELECT is(tests.error_of($$ INSERT INTO kit.letters VALUES (tests.org('a'), tests.one('a', 1), repeat('ü', 20001)) $$), 'none', 'a long letter is told');
SELECT is((SELECT char_length(message) FROM laurel.notifications WHERE type = 'letter'), 20000, 'as far as a notification goes');

-- The query is asked where a row may have something to tell. This one would always tell.
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.parcels (id uuid PRIMARY KEY DEFAULT laurel.uuidv7(), organization_id uuid NOT NULL, user_id uuid NOT NULL, weight integer NOT NULL DEFAULT 1, place text, note text);
SELECT laurel_internal.tell('kit.parcels', $$ SELECT organization_id, user_id, 'crew_parcel' AS type FROM new_rows $$, telling => $$ parcels.weight > 5 $$),
    laurel_internal.tell('kit.parcels', $$ SELECT organization_id, user_id, 'crew_moved' AS type FROM new_rows $$, 'UPDATE', $$ weight > 5 $$, '{place, note}');
RESET ROLE;
SELECT pg_temp.news();
SELECT is(pg_temp.after($$ INSERT INTO kit.parcels (organization_id, user_id, weight) SELECT tests.org('a'), tests.one('a', 1), unnest('{1, 5}'::int[]) $$), 'nothing', 'no row meets the condition');
SELECT is(pg_temp.after($$ INSERT INTO kit.parcels (organization_id, user_id, weight) SELECT tests.org('a'), tests.one('a', 1), unnest('{1, 6}'::int[]) $$), '1 crew_parcel 2/0/0', 'one of two does');
SELECT is(pg_temp.after($$ UPDATE kit.parcels SET weight = weight + 2 $$), 'nothing', 'another column has changed');
SELECT is(pg_temp.after($$ UPDATE kit.parcels SET place = 'there' WHERE weight < 5 $$), 'nothing', 'one of the columns, in rows that do not meet the condition');
SELECT is(pg_temp.after($$ UPDATE kit.parcels SET place = NULL, note = NULL WHERE weight > 6 $$), 'nothing', 'null as before');
SELECT is(pg_temp.after($$ UPDATE kit.parcels SET place = CASE weight WHEN 3 THEN 'there' WHEN 7 THEN 'here' END $$), '1 crew_moved 4/0/0', 'null to a value, in one row of four');
SELECT is(pg_temp.after($$ UPDATE kit.parcels SET place = repeat('there ', 1000) WHERE weight = 7 $$), '1 crew_moved 1/0/0', 'to a long value');
SELECT is(pg_temp.after($$ UPDATE kit.parcels SET place = repeat('there ', 1000) WHERE weight = 7 $$), 'nothing', 'and to the same');
SELECT is(pg_temp.after($$ UPDATE kit.parcels SET note = 'x' WHERE weight = 8 $$), '1 crew_moved 1/0/0', 'the other column');
SELECT is(pg_temp.after($$ UPDATE kit.parcels SET id = laurel.uuidv7() WHERE weight = 8 $$), '1 crew_moved 1/0/0', 'a row with another id counts as changed');
SELECT is_empty('SELECT * FROM laurel.check()', 'the triggers are as they should be');
\set tell 'SELECT laurel_internal.tell(''kit.parcels'', ''SELECT organization_id, user_id, type FROM new_rows n, (VALUES (''''a''''::text)) v (type)'', '
SELECT is(tests.told(:'tell' || $$ changed => '{note}') $$), '22023 | columns change by UPDATE | Leave changed out: each row of an INSERT is new.', 'columns of an INSERT');
SELECT throws_ok(:'tell' || $$ 'UPDATE', changed => '{nowhere}') $$, '42703', NULL, 'a column that is none');
SELECT throws_ok(:'tell' || $$ 'UPDATE', 'nowhere > 1') $$, '22023', NULL, 'a condition that is none');
SELECT throws_ok(:'tell' || $$ 'UPDATE', 'now() > ''2000-01-01''') $$, '22023', NULL, 'and one that changes by itself');

SELECT * FROM finish();
ROLLBACK;
