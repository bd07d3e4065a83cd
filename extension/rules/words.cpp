#include "rules/words.h"

#include "postgres/json_elements.h"

namespace laurel::rules {

bool
FindWord(std::string_view name, Word *word) {
    for (int i = 0; i < kWordCount; i++)
        if (kWords[i].name == name) {
            *word = static_cast<Word>(i);
            return true;
        }
    return false;
}

const char *
MeantWord(std::string_view name) {
    kernel::Nearest nearest(name);
    for (const WordInfo &word : kWords)
        nearest.Look(word.name);
    return MeantName(nearest);
}

} // namespace laurel::rules
