// Questions whose options stand in one column and what is right, as people write it, in another.
#pragma once

#include "postgres/datum.h"

namespace laurel::grading {

// What is wrong with the options of a question of that type, an array of texts or of objects with id and
// text, as a sentence; null where nothing is.
const char *WrongOptions(std::string_view type, Jsonb *options);

// The answer key of a question: what is right, as text, and how it is graded, an object. Null where there is
// no key, as of an essay; `problem` says where it is in no order.
Jsonb *KeyOf(std::string_view type, Jsonb *options, const std::string_view *right, Jsonb *grading,
             const char **problem);

// What is wrong with an answer as text to a question of that type; null where nothing is. Error 22P02 where
// it should be JSON and is not.
const char *WrongAnswer(std::string_view type, std::string_view answer);

// The part of its points that an answer as text earns by a key.
double CreditOfText(Jsonb *key, std::string_view answer);

} // namespace laurel::grading
