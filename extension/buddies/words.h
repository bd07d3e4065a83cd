// Skills and languages as buddies and newcomers name them.
#pragma once

#include "postgres/datum.h"

namespace laurel::buddies {

// Words in one form, sorted, each once; or what is wrong with one of them, as a sentence.
struct Words {
    std::string_view *list = nullptr;
    int count = 0;
    const char *fault = nullptr;
};

// What a list of words is of.
struct WordKind {
    const char *column;
    int most;
    const char *example;
    std::string_view (*form)(std::string_view word, const char **fault);
};

extern const WordKind kSkills, kLanguages;

// The words of a text[]. Where `skip` says so, words that have no form are left out, and so are those beyond
// the most.
Words WordsOf(const WordKind &kind, Datum array, bool skip);

} // namespace laurel::buddies
