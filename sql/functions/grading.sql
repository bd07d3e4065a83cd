-- Grading: what answers come to by their keys; for modules and assessments alike.

CREATE FUNCTION laurel_internal.check_questions(value jsonb, place text, name text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_check_questions';
COMMENT ON FUNCTION laurel_internal.check_questions(jsonb, text, text) IS
'True for an array of at most 200 questions, each an object with an id of its own (1 to 100 bytes), a kind (single, multiple,'
' true_false, numeric, text, order, match) and a text, and for null; else error 23514 of constraint <place>_<name>_check. The'
' application adds what it shows, such as options, but nothing that tells what is right: members answer, answers, key, pattern, right,'
' tolerance and variants are refused, and correct, solution and their like (is_correct, correctAnswer) wherever they stand, in whatever'
' case. For checks of jsonb columns.';

CREATE FUNCTION laurel_internal.check_answer_keys(value jsonb, place text, name text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_check_answer_keys';
COMMENT ON FUNCTION laurel_internal.check_answer_keys(jsonb, text, text) IS
'True for an object of 1 to 200 keys by the questions'' ids, and for null; else error 23514 of constraint <place>_<name>_check.'
' A key has a kind, what is right, and points (1): {"kind": "single", "right": "b"}, {"kind": "multiple", "right": ["a", "c"],'
' "partial": true}, {"kind": "true_false", "right": true}, {"kind": "numeric", "right": 9.81, "tolerance": 0.01, "units":'
' {"m/s2": 1, "cm/s2": 0.01}}, {"kind": "text", "right": ["Paris"], "pattern": "par[iy]s"}, {"kind": "order", "right": ["a",'
' "b"], "partial": true}, {"kind": "match", "right": {"a": "1"}, "partial": true}. A pattern has at most 200 bytes of letters,'
' . [classes] (groups) | ? * + {m,n} \d \w \s and escaped signs, and no back-references. For checks of jsonb columns.';

CREATE FUNCTION laurel_internal.grade(keys jsonb, answers jsonb) RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_grade';
COMMENT ON FUNCTION laurel_internal.grade(jsonb, jsonb) IS
'The per cent of all points that the answers, an object by the questions'' ids, earn by these keys, to hundredths and rounded'
' down. An answer is a text (single, text, numeric with its unit), a boolean, a number, a list of texts (multiple, order) or an'
' object of texts (match); one that is missing, or of another form, earns nothing. In words, case, blanks and compatible'
' characters (NFKC) count for nothing. Partial credit: of multiple (right - wrong) / all right, of order and match those in'
' place / all.';

CREATE FUNCTION laurel_internal.check_options(options jsonb, place text, name text, type text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_check_options';
COMMENT ON FUNCTION laurel_internal.check_options(jsonb, text, text, text) IS
'True for the options of a question of that type: an array of at most 100 texts, or objects with an id of their own and a text, two at least'
' where something is chosen, and nothing that tells what is right; else error 23514 of constraint <place>_<name>_check. For checks.';

CREATE FUNCTION laurel_internal.answer_key(type text, options jsonb, correct_answer text, grading jsonb) RETURNS jsonb
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_answer_key';
COMMENT ON FUNCTION laurel_internal.answer_key(text, jsonb, text, jsonb) IS
'The answer key, as laurel_internal.check_answer_keys has it, of a question whose right answer is written as text; null where people mark. Errors: 23514'
' questions_correct_answer_check, 22P02 what is right is of no such form, or no option; 23514 questions_grading_check.';

CREATE FUNCTION laurel_internal.credit(answer_key jsonb, answer text) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_credit';
COMMENT ON FUNCTION laurel_internal.credit(jsonb, text) IS
'The part of its points, 0 to 1, that an answer written as text earns by a key: true or false, words, a number with its unit, the id of an option, a JSON array'
' (multiple, order) or object (match) of ids.';
