-- Names that are words too are taken out of the texts of others as whole names alone; and what is in JSON, however wide it is.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
CREATE FUNCTION pg_temp.called(full_name text, first_name text DEFAULT NULL, last_name text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    UPDATE laurel.users u SET full_name = called.full_name, first_name = called.first_name, last_name = called.last_name WHERE id = tests.person('other') $$;
CREATE FUNCTION pg_temp.without(said text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN said ~* n.glance THEN regexp_replace(regexp_replace(said, n.anywhere, '#', 'gi'), n.words, '#', 'g') ELSE said END FROM laurel_internal.names_of(tests.person('other')) n $$;

SELECT pg_temp.called('Will John Smithson', 'Will', 'Smithson');
SELECT is(pg_temp.without(said), expected, said) FROM (VALUES
    ('Will you come? I will. Will she?', 'Will you come? I will. Will she?'), ('Will John Smithson came, and Will Smithson', '# came, and #'), ('Smithson, Will: present', '#: present'),
    ('will smithson', '#'), ('Thanks to Smithson and John', 'Thanks to # and #'), ('Ask Will', 'Ask Will')) v (said, expected);
SELECT pg_temp.called('Mark Rose', 'Mark', 'Rose');
SELECT is(pg_temp.without(said), expected, said) FROM (VALUES
    ('Mark this. Rose is a colour, a rose.', 'Mark this. Rose is a colour, a rose.'), ('Mark Rose, mark rose, Rose Mark', '#, #, #'), ('other@acme.test', '#')) v (said, expected);
SELECT pg_temp.called('Rose');
SELECT is(pg_temp.without('Rose and Ann'), '# and Ann', 'who has no other name is found by that one');
SELECT pg_temp.called('Marko Rosen');
SELECT is(pg_temp.without('Marko, Rosen, Mark'), '#, #, Mark', 'what is no word stays a name');
SELECT ok(laurel_internal.is_ordinary_word('Grace') AND NOT laurel_internal.is_ordinary_word('Graciela'), 'which is known by a list');

-- JSON: strings and keys, however they are escaped, and nothing else.
SELECT is(laurel_internal.redact_json(json::jsonb, 'ann bell|bell, ann', '(?<!\w)Annabel(?!\w)'), expected::jsonb, json) FROM (VALUES
    ('{"by": "Ann Bell", "ann bell": 1, "Annabel": "Annabel, Annabelle", "n": 5, "b": true, "z": null}', '{"by": "[Deleted User]", "[Deleted User]": 1, "Annabel": "[Deleted User], Annabelle", "n": 5, "b": true, "z": null}'),
    ('["x", ["Annabel", {"a": ["bell, ann", 1.50]}]]', '["x", ["[Deleted User]", {"a": ["[Deleted User]", 1.50]}]]'),
    ('"Annabel"', '"[Deleted User]"'), ('5', '5'), ('null', 'null'), ('{}', '{}'), ('[]', '[]'),
    ('{"said": "Hello\nAnnabel\t\"Annabel\"", "é": "ANN BELL"}', '{"said": "Hello\n[Deleted User]\t\"[Deleted User]\"", "é": "[Deleted User]"}')) v (json, expected);

-- Whole: a name after a line break in JSON of somebody else's row, and a wide one.
SELECT pg_temp.called('Annabel Bellamy');
INSERT INTO laurel.domain_events (organization_id, user_id, type, data) VALUES (tests.acme(), tests.person('learner'), 'said', '{"text": "Thanks\nAnnabel"}'),
    (tests.acme(), tests.person('learner'), 'wide', (SELECT jsonb_object_agg('key ' || n, 'some words of text ' || n || CASE n WHEN 300 THEN ' by Annabel Bellamy' ELSE '' END) FROM generate_series(1, 300) n));
INSERT INTO laurel.domain_events (organization_id, user_id, type, data) SELECT organization_id, user_id, type, data FROM laurel.domain_events, generate_series(1, 199) WHERE type = 'wide';
UPDATE laurel.privacy_settings SET erasure_grace_days = 0;
INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days) VALUES (tests.acme(), 0) ON CONFLICT (organization_id) DO UPDATE SET erasure_grace_days = 0;
SELECT laurel.erase_user(tests.person('other')) AS request \gset
SELECT clock_timestamp() AS before \gset
SELECT ok(laurel_internal.erase_request(:'request'), 'erased');
SELECT cmp_ok(clock_timestamp() - :'before', '<', interval '4 seconds', 'in a short time');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE data::text LIKE '%Annabel%' OR data::text LIKE '%Bellamy%'), 0::bigint, 'nothing is left');
SELECT is((SELECT data ->> 'text' FROM laurel.domain_events WHERE type = 'said'), E'Thanks\n[Deleted User]', 'also after a line break');
SELECT * FROM finish();
ROLLBACK;
