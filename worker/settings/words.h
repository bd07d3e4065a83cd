#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace laurel::worker {

// The words of a text, separated by commas and blanks.
std::vector<std::string> Split(std::string_view text);

// The words in one text, with the separator between them.
std::string Join(const std::vector<std::string> &words, std::string_view separator);

// Of the candidates, the one that the fewest insertions, deletions and replacements turn `word` into.
std::string Nearest(std::string_view word, const std::vector<std::string> &candidates);

// The text without secrets in URLs and without e-mail addresses: whatever is printed goes through here.
std::string Redacted(std::string_view text);

} // namespace laurel::worker
