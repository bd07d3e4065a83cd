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
