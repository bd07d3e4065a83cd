// Answer keys and answers as jsonb.
#pragma once

#include "kernel/grading/grade.h"
#include "kernel/grading/short_text.h"
#include "postgres/pg.h"

namespace laurel::grading {

// What is wrong with answer keys, an object of a key for each question's id, as a sentence; null where
// nothing is. A key is an object:
//   {"kind": "single", "right": "b"}
//   {"kind": "multiple", "right": ["a", "c"], "partial": true}
//   {"kind": "true_false", "right": true}
//   {"kind": "numeric", "right": 9.81, "tolerance": 0.01, "units": {"m/s2": 1, "cm/s2": 0.01}}
//   {"kind": "text", "right": ["Paris"], "pattern": "par[iy]s"}
//   {"kind": "order", "right": ["a", "b"], "partial": true}
//   {"kind": "match", "right": {"a": "1", "b": "2"}, "partial": true}
// each with "points" (1 where there are none). Only numeric needs no tolerance, text one of right and
// pattern.
const char *WrongKeys(Jsonb *keys);

// What is wrong with questions as learners see them, an array of objects with id, kind and text, and whatever
// the application adds but what is right; null where nothing is.
const char *WrongQuestions(Jsonb *questions);

// What the answers, an object of an answer for each question's id, come to by these keys: hundredths of a per
// cent. An answer that is missing, or of another form, earns nothing.
int Grade(Jsonb *keys, Jsonb *answers);

// What is wrong with one key; null where nothing is.
const char *WrongKey(Jsonb *key);

// The part of its points, 0 to 1, that one answer earns by its key.
double CreditOf(Jsonb *key, const JsonbValue &answer);

} // namespace laurel::grading
