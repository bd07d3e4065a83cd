-- laurel_internal.explain: words for every column and no word for none.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(26);

CREATE TABLE laurel.trees (id uuid, organization_id uuid, user_id uuid, kind text, "Height" integer, created_at timestamptz, updated_at timestamptz);
CREATE FUNCTION pg_temp.said(place regclass) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' | ', obj_description(place, 'pg_class'), string_agg(concat(attname, ': ', col_description(place, attnum)), ' | ' ORDER BY attnum))
    FROM pg_attribute WHERE attrelid = place AND attnum > 0 AND NOT attisdropped
$$;
CREATE FUNCTION pg_temp.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws('. ', state, message, nullif(detail, ''));
END
$$;

-- What is refused, and says nothing.
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', 'Trees.') $$),
    '22023. columns of laurel.trees are not explained, or not there. Without words: kind, Height.', 'columns without words');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', 'Trees.', '{"kind": "Oak."}') $$),
    '22023. columns of laurel.trees are not explained, or not there. Without words: Height.', 'one of them');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', 'Trees.', '{"kind": "Oak.", "Height": "Metres.", "leaves": "Many."}') $$),
    '22023. columns of laurel.trees are not explained, or not there. Not there: leaves.', 'a word for a column that is not there');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', 'Trees.', '{"kind": "Oak.", "Height": "Metres.", "ctid": "Place."}') $$),
    '22023. columns of laurel.trees are not explained, or not there. Not there: ctid.', 'or is the system''s');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', 'Trees.', '{"kind": "Oak.", "height": "Metres."}') $$),
    '22023. columns of laurel.trees are not explained, or not there. Without words: Height. Not there: height.', 'letters count');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', 'Trees.', '{"kind": "", "Height": "Metres."}') $$),
    '22023. columns of laurel.trees are not explained, or not there. Without words: kind.', 'an empty word is none');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', 'Trees.', '{"kind": null, "Height": "Metres."}') $$),
    '22023. columns of laurel.trees are not explained, or not there. Without words: kind.', 'nor is null');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', NULL, '{"kind": "Oak.", "Height": "Metres."}') $$),
    '22023. laurel.trees is not explained', 'a table without words');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', '', '{"kind": "Oak.", "Height": "Metres."}') $$), '22023. laurel.trees is not explained', 'or empty ones');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.users_pkey', 'A key.') $$), '22023. "laurel.users_pkey" is no table or view', 'an index');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain(0, 'Nothing.') $$), '22023. "-" is no table or view', 'what is not there');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain(NULL, 'Nothing.') $$), '22023. "" is no table or view', 'nothing at all');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', 'Trees.', '["kind"]') $$), '22023. cannot call jsonb_object_keys on an array', 'a list');
SELECT is(pg_temp.said('laurel.trees'), 'id:  | organization_id:  | user_id:  | kind:  | Height:  | created_at:  | updated_at: ', 'all of which leaves it as it was');

-- What is said.
SELECT laurel_internal.explain('laurel.trees', 'It''s trees.', '{"kind": "Oak, it''s \"one\".", "Height": "Metres."}');
SELECT is(pg_temp.said('laurel.trees'), 'It''s trees. | id: Time-ordered identifier. | organization_id: The organization. | user_id: The member. | kind: Oak, it''s "one". | '
    'Height: Metres. | created_at: When the row was made. | updated_at: When the row was last written.', 'what is known needs no words');
SELECT laurel_internal.explain('laurel.trees', NULL, '{"user_id": "Who planted it."}');
SELECT is(pg_temp.said('laurel.trees'), 'It''s trees. | id: Time-ordered identifier. | organization_id: The organization. | user_id: Who planted it. | kind: Oak, it''s "one". | '
    'Height: Metres. | created_at: When the row was made. | updated_at: When the row was last written.', 'a table may say it otherwise, and what was said stays');
ALTER TABLE laurel.trees ADD COLUMN age integer, DROP COLUMN "Height";
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', NULL) $$), '22023. columns of laurel.trees are not explained, or not there. Without words: age.', 'a later column has to be explained');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', NULL, '{"age": "Years.", "Height": "Metres."}') $$),
    '22023. columns of laurel.trees are not explained, or not there. Not there: Height.', 'one that is dropped is not there');
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.trees', NULL, '{"age": "Years."}') $$), 'none', 'that is all');

-- Views and partitioned tables.
CREATE VIEW laurel.woods AS SELECT id, kind AS species, kind, age FROM laurel.trees;
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.woods', 'Woods.') $$), '22023. columns of laurel.woods are not explained, or not there. Without words: species.',
    'a view is asked for columns of other names');
SELECT laurel_internal.explain('laurel.woods', 'Woods.', '{"species": "The kind."}');
SELECT is(pg_temp.said('laurel.woods'), 'Woods. | id: Time-ordered identifier. | species: The kind. | kind: Oak, it''s "one". | age: Years.', 'and has its table''s words for the others');
CREATE TABLE laurel.leaves (kind text, at timestamptz) PARTITION BY RANGE (at);
SELECT laurel_internal.explain('laurel.leaves', 'Leaves.', '{"kind": "Whose leaf.", "at": "When it fell."}');
SELECT laurel_internal.create_month_partitions('laurel.leaves', 0);
SELECT is(pg_temp.said('laurel.leaves'), 'Leaves. | kind: Whose leaf. | at: When it fell.', 'partitioned tables too');
SELECT matches(pg_temp.said((SELECT inhrelid FROM pg_inherits WHERE inhparent = 'laurel.leaves'::regclass)), '^Rows of leaves of .* \| kind: Whose leaf\. \| at: When it fell\.$',
    'whose partitions say the same');
CREATE VIEW laurel.mixed AS SELECT t.kind FROM laurel.trees t, laurel.leaves l WHERE l.kind = t.kind;
SELECT is(pg_temp.refusal($$ SELECT laurel_internal.explain('laurel.mixed', 'Both.') $$), '22023. columns of laurel.mixed are not explained, or not there. Without words: kind.',
    'where its tables disagree, a view says which it means');
CREATE MATERIALIZED VIEW laurel.counted AS SELECT kind, count(*) AS many FROM laurel.trees GROUP BY 1;
SELECT laurel_internal.explain('laurel.counted', 'How many.', '{"many": "That many."}');
SELECT is(pg_temp.said('laurel.counted'), 'How many. | kind: Oak, it''s "one". | many: That many.', 'and materialized ones');

-- One idiom for words.
SELECT is_empty($$ SELECT name, line FROM laurel_internal.embedded_migrations(), regexp_split_to_table(script, '\n') line
    WHERE line ~* '^\s*COMMENT ON (TABLE|VIEW|MATERIALIZED VIEW|COLUMN)\M' $$, 'no migration comments tables by hand');

SELECT * FROM finish();
ROLLBACK;
