\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(88);

SELECT tests.cast('admin', 'learner', 'other', 'bolt_learner');
INSERT INTO laurel.courses (id, organization_id, name)
VALUES ('ac000000-0000-0000-0000-000000000001', tests.acme(), 'Course of Acme');

-- An array of transactions; each is a member's first letter, an amount, and more keys if any.
CREATE FUNCTION pg_temp.batch(VARIADIC elements text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('user_id', CASE split_part(element, ' ', 1)
            WHEN 'lea' THEN tests.person('learner') WHEN 'otto' THEN tests.person('other')
            WHEN 'bob' THEN tests.person('bolt_learner') WHEN 'nobody' THEN 'f0000000-0000-0000-0000-00000000000f' END,
        'amount', split_part(element, ' ', 2), 'transaction_type', 't', 'reason', 'r'))
        || coalesce(substring(element FROM '\{.*\}')::jsonb, '{}') ORDER BY n), '[]')
    FROM unnest(elements) WITH ORDINALITY AS e (element, n)
$$;
CREATE FUNCTION pg_temp.results(transactions jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s:%s=%s%s', position, entry_no, balance_after, CASE WHEN is_new THEN '' ELSE ' again' END), ', ')
    FROM laurel.record_points_transactions(transactions)
$$;
CREATE FUNCTION pg_temp.state() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT md5(concat((SELECT string_agg(l::text, ',' ORDER BY organization_id, user_id, entry_no) FROM laurel.points_ledger l),
                      (SELECT string_agg(p::text, ',' ORDER BY organization_id, user_id) FROM laurel.user_points p)))
$$;
-- SQLSTATE, constraint and, from the context, which element, as a pattern; nothing may be left of the batch. What is checked
-- at the end need not say which element it was in.
CREATE FUNCTION pg_temp.refused(transactions jsonb, expected text, description text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before constant text := pg_temp.state();
    state text;
    constraint_name text;
    context text;
BEGIN
    PERFORM laurel.record_points_transactions(transactions);
    RETURN is('none', expected, description);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constraint_name = CONSTRAINT_NAME, context = PG_EXCEPTION_CONTEXT;
    RETURN matches(concat_ws(' ', state, nullif(constraint_name, ''), substring(context FROM 'element [0-9]+'),
                             CASE WHEN pg_temp.state() <> before THEN 'and something changed' END), '^' || expected || '$', description);
END
$$;

-- What comes back.
SELECT is(pg_temp.results(pg_temp.batch('otto 5', 'lea 10', 'bob 1', 'lea -3', 'otto 1', 'lea 2')),
    '1:1=5, 2:1=10, 3:1=1, 4:2=7, 5:2=6, 6:3=9', 'a result for each element, in their order, whatever the order of the accounts');
SELECT is((SELECT array_agg(amount ORDER BY entry_no) FROM laurel.points_ledger
    WHERE user_id = tests.person('learner')), '{10,-3,2}', 'elements of one account are booked in their order');
SELECT is((SELECT count(DISTINCT l.id) FROM laurel.record_points_transactions(pg_temp.batch('lea 1', 'otto 1')) r
    JOIN laurel.points_ledger l ON l.id = r.entry_id AND l.entry_no = r.entry_no AND l.balance_after = r.balance_after), 0::bigint,
    'entries are not visible to the statement that makes them');
SELECT results_eq('SELECT amount, balance_after, entry_no FROM laurel.points_ledger WHERE amount = 1 AND entry_no > 2 ORDER BY entry_no',
    'VALUES (1::bigint, 7::bigint, 3::bigint), (1, 10, 4)', 'and are to the next');
SELECT is_empty($$ SELECT * FROM laurel.record_points_transactions('[]') $$, 'nothing in, nothing out');
SELECT is_empty('SELECT * FROM laurel.record_points_transactions(NULL)', 'null likewise');
SELECT is(pg_temp.results(pg_temp.batch('lea 1 {"reason": null, "reference_type": "Course", "reference_id": "ac000000-0000-0000-0000-000000000001"}')),
    '1:5=11', 'an element refers to something');
SELECT is(pg_temp.results(pg_temp.batch('lea 1 {"metadata": {"a": [1]}, "occurred_at": "2020-02-02T02:02:02Z"}')),
    '1:6=12', 'an element carries metadata and a time');
SELECT results_eq($$ SELECT metadata, occurred_at FROM laurel.points_ledger WHERE entry_no = 6 $$,
    $$ VALUES ('{"a": [1]}'::jsonb, timestamptz '2020-02-02 02:02:02+00') $$, 'which arrive');
SELECT is(pg_temp.results(pg_temp.batch('lea 1 {"metadata": null}')), '1:7=13', 'metadata that is null is the empty object');

-- Retries, of a whole batch and inside of one.
CREATE FUNCTION pg_temp.keyed() RETURNS jsonb LANGUAGE sql AS $$
    SELECT pg_temp.batch('otto 5 {"idempotency_key": "k1"}', 'lea 7 {"idempotency_key": "k2"}', 'otto 5 {"idempotency_key": "k1"}',
        'bob 9 {"idempotency_key": "k1"}')
$$;
SELECT is(pg_temp.results(pg_temp.keyed()), '1:4=12, 2:8=20, 3:4=12 again, 4:2=10', 'a repeat inside a batch is its first');
SELECT is(pg_temp.results(pg_temp.keyed()), '1:4=12 again, 2:8=20 again, 3:4=12 again, 4:2=10 again', 'a whole batch is retried');
SELECT is(pg_temp.results(pg_temp.keyed() || pg_temp.batch('lea 1', 'lea 7 {"idempotency_key": "k2"}')),
    '1:4=12 again, 2:8=20 again, 3:4=12 again, 4:2=10 again, 5:9=21, 6:8=20 again', 'with something new in it');
SELECT is((laurel.record_points_transaction(tests.person('learner'), 7, 't', reason => 'r', idempotency_key => 'k2')).is_new,
    false, 'keys of batches and of single transactions are the same');
SELECT is((SELECT count(*) FROM laurel.points_ledger WHERE idempotency_key IS NOT NULL), 3::bigint, 'a key makes one entry in each organization');

-- What is wrong with one element undoes all and is named.
SELECT pg_temp.refused(pg_temp.batch('lea 1', elements), expected, description) FROM (VALUES
    ('lea 0', '23514 points_ledger_amount_check element 2', 'zero'),
    ('lea -99', '23514 user_points_total_points_check element 2', 'more than there is'),
    ('lea 9223372036854775807', '22003 element 2', 'more than bigint holds'),
    ('lea 1 {"amount": "ten"}', '22P02 element 2', 'an amount in words'),
    ('lea 1 {"amount": 1.5}', '22P02 element 2', 'half a point'),
    ('lea 1 {"amount": true}', '22P02 element 2', 'a truth for an amount'),
    ('lea 1 {"amount": {"a": [1]}}', '22P02 element 2', 'an object'),
    ('lea 1 {"amount": 9223372036854775808}', '22003 element 2', 'one more than bigint holds'),
    ('lea 1 {"organization_id": 5}', '22P02 element 2', 'a number for an organization'),
    ('lea 1 {"reference_id": "x"}', '22P02 element 2', 'a reference that is no uuid'),
    ('lea 1 {"amount": null}', '22004 element 2', 'no amount'),
    ('lea 1 {"user_id": null}', '22004 element 2', 'nobody'),
    ('lea 1 {"user_id": "lea"}', '22P02 element 2', 'a member who is no uuid'),
    ('lea 1 {"transaction_type": null}', '22004 element 2', 'no type'),
    ('lea 1 {"transaction_type": ""}', '23514 points_ledger_transaction_type_check element 2', 'an empty type'),
    ('lea 1 {"reason": null}', '23514 points_ledger_reason_check element 2', 'no reason'),
    ('lea 1 {"reason": " "}', '23514 points_ledger_reason_check element 2', 'a blank for a reason'),
    ('lea 1 {"metadata": [1]}', '23514 points_ledger_metadata_check element 2', 'metadata that is an array'),
    ('lea 1 {"occurred_at": "2999-01-01"}', '23514 points_ledger_occurred_at_check element 2', 'the future'),
    ('lea 1 {"occurred_at": "soon"}', '22007 element 2', 'no time at all'),
    ('lea 1 {"reference_type": "Course"}', '23514 points_ledger_reference_check element 2', 'a reference to nothing'),
    ('lea 1 {"reference_type": "Course", "reference_id": "bc000000-0000-0000-0000-000000000001"}', '23503 points_ledger_reference_id_fkey element 2',
        'a course that does not exist'),
    ('lea 1 {"reference_type": "Unicorn", "reference_id": "bc000000-0000-0000-0000-000000000001"}', '23503 points_ledger_reference_type_fkey element 2',
        'a type of reference that does not exist'),
    ('lea 1 {"idempotency_kye": "k9"}', '22023 element 2', 'a misspelt key'),
    ('nobody 1', '23503 points_ledger_account_fkey element 2', 'a member who does not exist'),
    ('bob 1 {"organization_id": "a0000000-0000-0000-0000-000000000000"}', '23503 points_ledger_account_fkey element 2', 'a member of another organization'),
    ('lea 8 {"idempotency_key": "k2"}', 'PT409 points_ledger_idempotency_key element 2', 'a used key'),
    ('otto 7 {"idempotency_key": "k2"}', 'PT409 points_ledger_idempotency_key element 2', 'a key used for another member')
) AS wrong (elements, expected, description);
SELECT pg_temp.refused(pg_temp.batch('lea 1 {"idempotency_key": "new"}', 'lea 2 {"idempotency_key": "new"}'),
    'PT409 points_ledger_idempotency_key element 2', 'two elements that share a key and nothing else');
SELECT pg_temp.refused(transactions::jsonb, '22023', transactions || ' is no array')
FROM unnest(ARRAY['{}', '{"user_id": 1}', '1', '"x"', 'null', 'true']) transactions;
CREATE FUNCTION pg_temp.hint(transactions jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    PERFORM laurel.record_points_transactions(transactions);
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN hint;
END
$$;
SELECT is(pg_temp.hint('[{"amuont": 1}]'), 'There are user_id, amount, transaction_type, reference_type, reference_id, reason, '
    'metadata, idempotency_key, occurred_at and organization_id. Did you mean "amount"?', 'who misspells a key is told all keys');
-- Clients that are shown no context read it in message and detail: element, key, value, and nothing of how it is done.
SELECT is(regexp_replace(tests.told(format('SELECT laurel.record_points_transactions(%L)', pg_temp.batch('lea 1', 'otto 1', 'lea 1 ' || element))), ' \| There are .* and organization_id\.( Did you mean )?', ' | meant: '), said, element) FROM (VALUES
    ('{"idempotencyKey": "k"}', '22023 | element 3 of transactions has a key that is not known: "idempotencyKey" | meant: "idempotency_key"?'),
    ('{"userid": "x"}', '22023 | element 3 of transactions has a key that is not known: "userid" | meant: "user_id"?'),
    ('{"AMOUNT": 1}', '22023 | element 3 of transactions has a key that is not known: "AMOUNT" | meant: "amount"?'),
    ('{"occured_at": "2026-01-01"}', '22023 | element 3 of transactions has a key that is not known: "occured_at" | meant: "occurred_at"?'),
    ('{"colour": "red"}', '22023 | element 3 of transactions has a key that is not known: "colour" | meant: '),
    ('{"amount": "many"}', '22P02 | element 3 of transactions: "amount" must be a whole number | It is "many".'),
    ('{"amount": 2.5}', '22P02 | element 3 of transactions: "amount" must be a whole number | It is 2.5.'),
    ('{"amount": false}', '22P02 | element 3 of transactions: "amount" must be a whole number | It is false.'),
    ('{"amount": [1, 2]}', '22P02 | element 3 of transactions: "amount" must be a whole number | It is [1, 2].'),
    ('{"amount": 99999999999999999999}', '22003 | element 3 of transactions: "amount" is out of range | It is 99999999999999999999.'),
    ('{"user_id": "lea"}', '22P02 | element 3 of transactions: "user_id" must be an id (uuid) | It is "lea".'),
    ('{"reference_id": 7}', '22P02 | element 3 of transactions: "reference_id" must be an id (uuid) | It is 7.'),
    ('{"occurred_at": "some day"}', '22007 | element 3 of transactions: "occurred_at" must be a time such as 2026-03-01T12:00:00Z | It is "some day".'),
    ('{"occurred_at": "2026-02-30"}', '22008 | element 3 of transactions: "occurred_at" is out of range | It is "2026-02-30".'),
    ('{"reason": {"de": "Quiz"}}', '22P02 | element 3 of transactions: "reason" must be a text | It is {"de": "Quiz"}.'),
    ('{"transaction_type": true}', '22P02 | element 3 of transactions: "transaction_type" must be a text | It is true.'),
    ('{"idempotency_key": ["k"]}', '22P02 | element 3 of transactions: "idempotency_key" must be a text | It is ["k"].'),
    ('{"amount": "a number that somebody has written out in words, which is far too long to be shown"}', '22P02 | element 3 of transactions: "amount" must be a whole number | It is "a number that somebody has written out in words, which is fa...".'),
    ('{"amount": 0}', '23514 | an entry must add or take points | Element 3: The amount is 0. | points_ledger_amount_check'),
    ('{"am\u200bount": 1}', '22023 | element 3 of transactions has a key that is not known: "am<U+200B>ount" | meant: "amount"?'),
    ('{"amount\u00a0": 1}', '22023 | element 3 of transactions has a key that is not known: "amount<U+00A0>" | meant: "amount"?'),
    ('{"amount": "7\u001b[2J\nERROR"}', '22P02 | element 3 of transactions: "amount" must be a whole number | It is "7<U+001B>[2J<U+000A>ERROR".'),
    ('{"reference_type": "Unicorn", "reference_id": "bc000000-0000-0000-0000-000000000001"}', '23503 | reference type "Unicorn" is not known | It is element 3 of the array. | laurel.reference_types lists them; null is a manual adjustment. | points_ledger_reference_type_fkey'),
    ('{"amount": null}', '22004 | amount must be given | It is element 3 of the array.')) v (element, said);
SELECT is(tests.told($$ SELECT laurel.record_points_transactions('[{}, 5]') $$), '22023 | element 2 of transactions must be a JSON object | There are user_id, amount, transaction_type, reference_type, reference_id, reason, metadata, idempotency_key, occurred_at and organization_id.', 'an element that is no object');
SELECT pg_temp.refused(transactions::jsonb, '22023 element 1', transactions || ' does not hold objects') FROM unnest(ARRAY['[1]', '[null]', '[[]]']) transactions;

-- Who may.
SELECT tests.act_as_admin();
SELECT is(pg_temp.results(pg_temp.batch('otto 1', 'lea 1')), '1:5=13, 2:10=22', 'an administrator records a batch');
SELECT pg_temp.refused(pg_temp.batch('lea 1', 'bob 1 {"organization_id": "b0000000-0000-0000-0000-000000000000"}'), '42501',
    'not one that reaches into another organization');
SELECT is((SELECT count(*) FROM laurel.points_ledger WHERE created_by = tests.person('admin')), 2::bigint, 'and is noted as its maker');
SELECT tests.act_as_learner();
SELECT pg_temp.refused(pg_temp.batch('lea 1'), '42501', 'a learner records none');
SELECT tests.act_as_anon();
SELECT pg_temp.refused(pg_temp.batch('lea 1'), '42501', 'anon neither');
SELECT tests.act_as_service();
SELECT is(pg_temp.results(pg_temp.batch('bob 1', 'otto 1')), '1:3=11, 2:6=14', 'the back end records for every organization');

-- Many.
SELECT tests.act_as_owner();
INSERT INTO laurel.users (organization_id, email)
SELECT tests.acme(), format('m%s@acme.test', n) FROM generate_series(1, 500) n;
SELECT is((SELECT count(*) FILTER (WHERE is_new) FROM laurel.record_points_transactions((
    SELECT jsonb_agg(jsonb_build_object('user_id', id, 'amount', n, 'transaction_type', 't', 'reason', 'r', 'idempotency_key', email || n)
                     ORDER BY md5(email || n))
    FROM laurel.users, generate_series(1, 10) n WHERE email LIKE 'm%@acme.test'))), 5000::bigint, 'five thousand elements, ten for each of 500 members');
SELECT is((SELECT array_agg(DISTINCT total_points) FROM laurel.user_points p JOIN laurel.users u ON u.id = p.user_id WHERE email LIKE 'm%@acme.test'),
    '{55}', 'all of which arrive');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'in a sound ledger');

SELECT * FROM finish();
ROLLBACK;
