-- How much the rows of an owner may come to, exactly, after every kind of write, on a plain table and on a partitioned one.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

\set give 'INSERT INTO kit.gifts (organization_id, user_id, points) SELECT tests.org(''a''), tests.one(''a'', u), p FROM (VALUES '
\set as ') v (u, p)'

-- Each write, and what members have given then.
CREATE TEMP TABLE writes (no integer GENERATED ALWAYS AS IDENTITY, what text, command text, given text, error text DEFAULT 'none');
INSERT INTO writes (what, command, given) VALUES
('one row', :'give' || '(1, 5)' || :'as', '1 5'),
('many rows of many members', :'give' || '(1, 5), (2, 7), (3, 1), (2, 1), (3, 0)' || :'as', '1 10, 2 8, 3 1'),
('no row', :'give' || '(1, 5)' || :'as' || ' WHERE false', '1 10, 2 8, 3 1'),
('all that is allowed', :'give' || '(1, 10), (3, 19)' || :'as', '1 20, 2 8, 3 20'),
('what counts nothing', $$ UPDATE kit.gifts SET note = 'y' $$, '1 20, 2 8, 3 20'),
('a row that comes to less', $$ UPDATE kit.gifts SET points = 4 WHERE points = 10 $$, '1 14, 2 8, 3 20'),
('and to more', $$ UPDATE kit.gifts SET points = 9 WHERE points = 4 $$, '1 19, 2 8, 3 20'),
('a condition that ends', $$ UPDATE kit.gifts SET is_draft = true WHERE user_id = tests.one('a', 3) $$, '1 19, 2 8'),
('and begins to hold', $$ UPDATE kit.gifts SET is_draft = points > 5 $$, '1 10, 2 1, 3 1'),
('rows that change owners', $$ UPDATE kit.gifts SET user_id = tests.one('a', 4) WHERE user_id = tests.one('a', 1) $$, '2 1, 3 1, 4 10'),
('a row that has no owner', $$ UPDATE kit.gifts SET user_id = NULL WHERE user_id = tests.one('a', 3) $$, '2 1, 4 10'),
('and finds one', $$ UPDATE kit.gifts SET user_id = tests.one('a', 5), is_draft = NULL WHERE user_id IS NULL $$, '2 1, 4 10, 5 20'),
('one that gives back while another takes', $$ UPDATE kit.gifts SET points = CASE points WHEN 19 THEN 1 ELSE 19 END WHERE user_id = tests.one('a', 5) AND points IN (1, 19) $$, '2 1, 4 10, 5 20'),
('another month', $$ UPDATE kit.gifts SET created_at = created_at + interval '70 days' WHERE user_id = tests.one('a', 4) AND points = 5 $$, '2 1, 4 10, 5 20'),
('that leaves room in this one', :'give' || '(4, 20)' || :'as', '2 1, 4 10, 4 20, 5 20'),
('an upsert that inserts and updates', $$ INSERT INTO kit.gifts (id, organization_id, user_id, points) VALUES (tests.crew('a', 77), tests.org('a'), tests.one('a', 6), 6);
    INSERT INTO kit.gifts (id, organization_id, user_id, points) VALUES (tests.crew('a', 77), tests.org('a'), tests.one('a', 6), 9), (tests.crew('a', 78), tests.org('a'), tests.one('a', 6), 5)
    ON CONFLICT (id, kind) DO UPDATE SET points = EXCLUDED.points $$, '2 1, 4 10, 4 20, 5 20, 6 14'),
('one that moves a row', $$ INSERT INTO kit.gifts (id, organization_id, user_id, points) VALUES (tests.crew('a', 77), tests.org('a'), tests.one('a', 6), 9)
    ON CONFLICT (id, kind) DO UPDATE SET user_id = tests.one('a', 7) $$, '2 1, 4 10, 4 20, 5 20, 6 5, 7 9'),
('ON CONFLICT DO NOTHING', $$ INSERT INTO kit.gifts (id, organization_id, user_id, points) SELECT tests.crew('a', n), tests.org('a'), tests.one('a', 6), 15 FROM generate_series(77, 79) n
    ON CONFLICT DO NOTHING $$, '2 1, 4 10, 4 20, 5 20, 6 20, 7 9'),
('MERGE', $$ MERGE INTO kit.gifts g USING generate_series(77, 80) n ON g.id = tests.crew('a', n)
    WHEN MATCHED AND n = 79 THEN DELETE WHEN MATCHED THEN UPDATE SET points = points + 1
    WHEN NOT MATCHED THEN INSERT (id, organization_id, user_id, points) VALUES (tests.crew('a', n), tests.org('a'), tests.one('a', 6), 3) $$, '2 1, 4 10, 4 20, 5 20, 6 9, 7 10'),
('several statements in one', $$ WITH gone AS (DELETE FROM kit.gifts WHERE user_id = tests.one('a', 7) RETURNING *), made AS (INSERT INTO kit.gifts (organization_id, user_id, points)
    SELECT organization_id, tests.one('a', 8), points FROM gone RETURNING 1) SELECT count(*) FROM made $$, '2 1, 4 10, 4 20, 5 20, 6 9, 8 10'),
('COPY', $$ COPY kit.gifts (organization_id, user_id, points, kind) FROM PROGRAM
    'for k in small great; do echo a0000000-0000-0000-0000-000000000000 a0000000-0000-0000-0000-000000000008 4 $k; done' (DELIMITER ' ') $$, '2 1, 4 10, 4 20, 5 20, 6 9, 8 18'),
('a row that goes to another partition', $$ UPDATE kit.gifts SET kind = 'great', points = points + 1 WHERE id = tests.crew('a', 80) $$, '2 1, 4 10, 4 20, 5 20, 6 10, 8 18'),
('a deleted row', $$ DELETE FROM kit.gifts WHERE id = tests.crew('a', 80) $$, '2 1, 4 10, 4 20, 5 20, 6 6, 8 18'),
('and what it gives back', $$ INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 6), 14) $$, '2 1, 4 10, 4 20, 5 20, 6 20, 8 18'),
('a member who is gone', $$ DELETE FROM laurel.users WHERE id IN (tests.one('a', 5), tests.one('a', 8)) $$, '2 1, 4 10, 4 20, 6 20'),
('rows of crews', $$ INSERT INTO kit.gifts (organization_id, user_id, crew_id) SELECT tests.org('a'), tests.one('a', 9), tests.crew('a', n) FROM generate_series(1, 3) n $$, '2 1, 4 10, 4 20, 6 20, 9 3'),
('a crew that is gone', $$ DELETE FROM kit.crews WHERE id = tests.crew('a', 3) $$, '2 1, 4 10, 4 20, 6 20, 9 2'),
('nulls come to nothing', $$ INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 9), NULL), (tests.org('a'), NULL, 99) $$, '2 1, 4 10, 4 20, 6 20, 9 2');
INSERT INTO writes (what, command, given, error) VALUES
('too much', :'give' || '(6, 1)' || :'as', '2 1, 4 10, 4 20, 6 20, 9 2', 'PT429 gifts_giving_quota'),
('beside what is not', :'give' || '(1, 1), (2, 20)' || :'as', '2 1, 4 10, 4 20, 6 20, 9 2', 'PT429 gifts_giving_quota'),
('more than a month has', :'give' || '(1, 21)' || :'as', '2 1, 4 10, 4 20, 6 20, 9 2', '23514 gifts_giving_quota'),
('too much by an update', $$ UPDATE kit.gifts SET points = points + 1 WHERE user_id = tests.one('a', 6) $$, '2 1, 4 10, 4 20, 6 20, 9 2', 'PT429 gifts_giving_quota'),
('by another owner', $$ UPDATE kit.gifts SET user_id = tests.one('a', 2) WHERE user_id = tests.one('a', 6) AND points = 14 $$, '2 15, 4 10, 4 20, 6 6, 9 2', 'none'),
('of whom that is too much', $$ UPDATE kit.gifts SET user_id = tests.one('a', 2) WHERE user_id = tests.one('a', 6) $$, '2 15, 4 10, 4 20, 6 6, 9 2', 'PT429 gifts_giving_quota'),
('by another month', $$ UPDATE kit.gifts SET created_at = created_at + interval '70 days' WHERE user_id = tests.one('a', 4) AND points = 20 $$, '2 15, 4 10, 4 20, 6 6, 9 2', 'PT429 gifts_giving_quota'),
('less than nothing', :'give' || '(1, -1)' || :'as', '2 15, 4 10, 4 20, 6 6, 9 2', '23514 gifts_giving_amount'),
('a sum beyond all', $$ UPDATE kit.gifts SET points = 9223372036854775807 WHERE user_id = tests.one('a', 4) $$, '2 15, 4 10, 4 20, 6 6, 9 2', '22003'),
('the most there is', :'give' || '(1, 9223372036854775807)' || :'as', '2 15, 4 10, 4 20, 6 6, 9 2', '23514 gifts_giving_quota'),
('rows for ever', $$ INSERT INTO kit.gifts (organization_id, user_id, crew_id) VALUES (tests.org('a'), tests.one('a', 9), tests.crew('a', 1)) $$, '2 15, 4 10, 4 20, 6 6, 9 2', '23514 gifts_crew_gifts_quota'),
('of the organization', $$ INSERT INTO kit.gifts (organization_id, note) SELECT tests.org('a'), repeat('x', 500) FROM generate_series(1, 2) $$, '2 15, 4 10, 4 20, 6 6, 9 2', '23514 gifts_notes_quota'),
('COPY', $$ COPY kit.gifts (organization_id, user_id, points) FROM PROGRAM 'echo a0000000-0000-0000-0000-000000000000 a0000000-0000-0000-0000-000000000002 6' (DELIMITER ' ') $$,
    '2 15, 4 10, 4 20, 6 6, 9 2', 'PT429 gifts_giving_quota'),
('a day full', $$ INSERT INTO kit.gifts (organization_id, user_id, points) SELECT tests.org('a'), tests.one('a', 1), 0 FROM generate_series(1, 6) $$, '2 15, 4 10, 4 20, 6 6, 9 2', 'none'),
('and one more', :'give' || '(1, 0)' || :'as', '2 15, 4 10, 4 20, 6 6, 9 2', 'PT429 gifts_gifts_quota');

CREATE FUNCTION pg_temp.play(kind text, partitioned boolean) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    w record;
BEGIN
    PERFORM tests.make_gifts(partitioned);
    FOR w IN SELECT * FROM writes ORDER BY no LOOP
        RETURN NEXT is(tests.error_of(w.command), w.error, format('%s: %s', kind, w.what));
        RETURN NEXT is(tests.wrong_usage(), 0::bigint, format('%s: %s, in numbers', kind, w.what));
        RETURN NEXT is(tests.given(), w.given, format('%s: %s, as it is used', kind, w.what));
    END LOOP;
    RETURN NEXT is_empty('SELECT * FROM laurel.check()', format('%s: check finds nothing', kind));
    BEGIN
        INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 2), 5);
        RAISE EXCEPTION 'undone';
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
    RETURN NEXT is(tests.wrong_usage(), 0::bigint, format('%s: an inner transaction that was undone', kind));
    RETURN NEXT is(tests.error_of($i$ INSERT INTO kit.gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 2), 5) $i$), 'none', format('%s: leaves what it had', kind));
END
$$;

SAVEPOINT fresh;
SELECT pg_temp.play('plain', false);
ROLLBACK TO fresh;
SELECT pg_temp.play('partitioned', true);

-- Partitions, old and new, written directly.
DELETE FROM kit.gifts;
SELECT is(tests.error_of($$ INSERT INTO kit.small_gifts (organization_id, user_id, points) VALUES (tests.org('a'), tests.one('a', 1), 15) $$), 'none', 'a partition that is written directly');
SELECT is(tests.error_of($$ INSERT INTO kit.other_gifts (organization_id, user_id, points, kind) VALUES (tests.org('a'), tests.one('a', 1), 6, 'great') $$), 'PT429 gifts_giving_quota', 'is counted with the others');
UPDATE kit.small_gifts SET points = 16;
SELECT is(tests.given() || tests.wrong_usage(), '1 160', 'updated');
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.fine_gifts PARTITION OF kit.gifts FOR VALUES IN ('fine');
CREATE TABLE kit.odd_gifts (extra text, LIKE kit.gifts INCLUDING ALL);
ALTER TABLE kit.odd_gifts DROP COLUMN extra;
ALTER TABLE kit.gifts ATTACH PARTITION kit.odd_gifts DEFAULT;
RESET ROLE;
INSERT INTO kit.gifts (organization_id, user_id, points, kind) VALUES (tests.org('a'), tests.one('a', 2), 3, 'fine'), (tests.org('a'), tests.one('a', 2), 4, 'odd');
SELECT is(tests.given() || tests.wrong_usage(), '1 16, 2 70', 'new ones through the table');
SELECT is((SELECT count(*) FROM laurel.check() WHERE problem LIKE '% is missing: SELECT laurel_internal.guard_partition(%'), 32::bigint, 'check says what they lack');
SET LOCAL ROLE laurel_owner;
SELECT laurel_internal.guard_partition('kit.fine_gifts'), laurel_internal.guard_partition('kit.odd_gifts');
RESET ROLE;
SELECT is_empty('SELECT * FROM laurel.check()', 'which is mended');
SELECT is(tests.error_of($$ INSERT INTO kit.odd_gifts (organization_id, user_id, points, kind) VALUES (tests.org('a'), tests.one('a', 2), 13, 'odd') $$), 'none', 'one with other columns');
SELECT is(tests.error_of($$ INSERT INTO kit.fine_gifts (organization_id, user_id, points, kind) VALUES (tests.org('a'), tests.one('a', 2), 1, 'fine') $$), 'PT429 gifts_giving_quota', 'written directly');
UPDATE kit.gifts SET kind = 'fine' WHERE kind = 'odd';
SELECT is(tests.given() || tests.wrong_usage(), '1 16, 2 200', 'rows that move to another');
DELETE FROM kit.fine_gifts WHERE points = 13;
TRUNCATE kit.small_gifts;
SELECT is(tests.given() || tests.wrong_usage(), '2 70', 'deleted from and truncated');
SET LOCAL ROLE laurel_owner;
ALTER TABLE kit.gifts DETACH PARTITION kit.fine_gifts;
SELECT laurel_internal.recount_quota('kit.gifts', k) FROM unnest('{giving, gifts, crew_gifts, notes}'::text[]) k;
DROP TABLE kit.fine_gifts;
RESET ROLE;
SELECT is(tests.given() || tests.wrong_usage(), 'nothing0', 'one that goes with its rows is counted out by recount_quota');


SELECT * FROM finish();
ROLLBACK;
